"""The summary card: who, what, and the three figures that say most, in both languages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.forms.readings import CASE, case
from xinzhi.forms import Place
from xinzhi.forms.checks.claims import claims
from xinzhi.intake.card import card
from xinzhi.language import speaking

PLAIN = dict.fromkeys(CASE.sections, "没有数字的一节。")
FILED = PLAIN | {
    "background": "行业平均占比62%，项目投入1800万元。",
    "summary": "工期由12天缩短到7天；产品合格率82%→98.7%。",
    "results": "产品合格率82%→98.7%，居全省前10名。产值同比增长32%。",
}


def test_a_card_names_the_case_and_its_three_strongest_figures():
    """Order by weight: an old and a new value (5), a change (4), a rank (3); the repeated one once."""
    made = card(CASE, case(**FILED), beside=2)
    assert (made.title, str(made.domain), made.unit) == (
        "样例县智能制造示范",
        "高科技",
        "示例省样例科技有限公司",
    )
    assert [(f.claim, f.words, str(f.section), f.kind) for f in made.figures] == [
        ("由12天缩短到7天", "工期由12天缩短到7天", "案例简介", "comparison"),
        ("82%→98.7%", "产品合格率82%→98.7%", "案例简介", "comparison"),
        ("同比增长32%", "产值同比增长32%", "具体成效", "change"),
    ]
    assert (made.characters, made.pictures) == (0, 2)


def test_a_card_is_written_in_both_languages():
    reading = case(**FILED)
    values = [
        value.model_copy(update={"place": Place(table=1, row=9, column=2)})
        if value.field == "results"
        else value
        for value in reading.values
    ]
    made = card(CASE, reading.model_copy(update={"values": tuple(values), "characters": 1234}))
    assert str(made).splitlines() == [
        "案例: 样例县智能制造示范",
        "领域: 高科技",
        "单位: 示例省样例科技有限公司",
        "字数: 1,234; 图片: 0 张",
        "数字:",
        "  1. 工期由12天缩短到7天 — 案例简介",
        "  2. 产品合格率82%→98.7% — 案例简介",
        "  3. 产值同比增长32% — 具体成效 (第 1 个表 第 9 行第 2 列)",
    ]
    with speaking("en"):
        assert str(made).splitlines()[:4] == [
            "Case: 样例县智能制造示范",
            "Domain: High technology",
            "Unit: 示例省样例科技有限公司",
            "Characters: 1,234; pictures: 0",
        ]


def test_what_was_not_filed_is_said_to_be_missing():
    made = card(CASE, case(title=None, unit=None, **PLAIN))
    assert (made.title, made.unit, made.figures) == ("", "", ())
    assert str(made).splitlines() == [
        "案例: 未填写",
        "领域: 高科技",
        "单位: 未填写",
        "字数: 0; 图片: 0 张",
        "没有找到量化的数字",
    ]


@given(st.text(alphabet="由从降至到增长同比较0123456789.%→万元项前名，。 \n样例", max_size=200))
def test_the_words_hold_the_claim_and_stand_in_the_text(text):
    made = card(CASE, case(**(PLAIN | {"results": text})))
    assert len(made.figures) == min(3, len({claim.text for claim in claims(text)}))
    for figure in made.figures:
        assert " ".join(figure.claim.split()) in figure.words
        assert figure.words.removeprefix("…") in " ".join(text.split())
