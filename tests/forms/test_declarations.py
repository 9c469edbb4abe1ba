"""Forms and the call as data: what the letter says, versions, and what a wrong declaration is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from xinzhi.errors import CallError
from xinzhi.forms import FormError, difference, forms, load_call, load_form, parse_form
from xinzhi.forms.loading import LIBRARY, fingerprint
from xinzhi.forms.opening.front_door import read
from xinzhi.forms.writing.word import write_word
from xinzhi.formula import Formula
from xinzhi.language import speaking
from xinzhi.methodology import load_methodology

INDICATORS = (LIBRARY / "letter-2025" / "indicators.v1.toml").read_text(encoding="utf-8")
CASE = (LIBRARY / "letter-2025" / "case.v1.toml").read_text(encoding="utf-8")

# Annex 1 of the call, row by row: label, and the printed note.
PRINTED = [
    ("地区生产总值（亿元）", ""),
    ("常住人口（万人）", ""),
    ("金融机构本外币各项贷款余额（亿元）", ""),
    ("非税收入占一般公共预算收入的比重", ""),
    ("技术合同成交额（万元）", ""),
    ("发明专利授权数量（件）", ""),
    ("省级专精特新企业数量（个）", ""),
    ("国家级专精特新企业数量（个)", ""),
    ("每万人单位面积长途光缆线路长度", "计算公式为：长途光缆线路长度/常住人口*区域面积"),
    ("规模以上高新技术产业产值占规模以上工业产值比重", ""),
    ("单位地区生产总值二氧化碳排放量", "计算公式为：二氧化碳排放量/地区生产总值"),
    ("舆论情况（国内）（条）", "无需填写，由媒体单位采集"),
    ("舆论情况（国外）（条）", "无需填写，由媒体单位采集"),
    ("案例（个）", "请填写附件2"),
]


def test_the_forms_that_come_with_the_library():
    assert forms() == ("letter-2025/case@1", "letter-2025/indicators@1")


def test_annex_1_has_the_rows_of_the_letter():
    form = load_form("indicators")
    assert [(row.label, row.note) for row in form.rows.values()] == PRINTED
    assert form.years == (2023, 2024)
    assert {row.decimals for row in form.rows.values()} == {2}
    assert (form.style.font, form.style.points) == ("宋体", 10.5)
    assert {id: row.filled_by for id, row in form.rows.items() if row.filled_by != "unit"} == {
        "domestic_reports": "media",
        "foreign_reports": "media",
        "cases": "cases",
    }


def test_annex_2_has_seven_sections_in_three_parts():
    form = load_form("case")
    assert [
        (part.title.zh, [section.title.zh for section in part.sections]) for part in form.content.parts
    ] == [
        ("一、案例概况", ["背景摘要", "案例简介"]),
        ("二、案例具体做法", ["案例详情", "具体成效"]),
        ("三、案例创新点", ["案例实施的创新点", "推广价值", "体会感受"]),
    ]
    assert form.content.most_characters == 3000
    assert (form.pictures.fewest, form.pictures.most) == (3, 4)
    assert [option.zh for option in form.fields["domain"].options.values()] == [
        "文化旅游",
        "高科技",
        "绿色经济",
    ]
    assert len(list(form.hints())) == 12 + 3 * 7 + 3 + 3


def test_the_call_names_five_domains_and_five_bodies_and_no_mailbox():
    call = load_call()
    assert [domain.title.zh for domain in call.domains] == [
        "新兴产业和未来产业",
        "传统产业转型",
        "绿色产业",
        "数字经济",
        "综合创新发展",
    ]
    assert len(call.partners) == 5
    assert "@" not in call.model_dump_json() + load_form("case").model_dump_json()


def test_form_and_methodology_agree_on_ids_units_and_limits():
    """The form owns wording and unit, county-2025 direction and weight: one id, one unit, one range."""
    form, methodology = load_form("indicators"), load_methodology("county-2025")
    assert list(form.rows) == list(methodology.indicators)
    assert list(form.working) == list(methodology.inputs)
    for id, figure in form.figures():
        variable = methodology.variable(id)
        assert (id, figure.unit, figure.title.zh) == (id, variable.unit, variable.title.zh)
        assert tuple(map(float, figure.limits)) == variable.limits
        assert figure.decimals == variable.decimals
    assert form.years == methodology.years


def test_formulas_are_those_of_the_methodology():
    form, methodology = load_form("indicators"), load_methodology("county-2025")
    by_name = load_methodology("county-2025", readings={"cable": "by_name"})
    cable = form.rows["cable_density"].formula
    assert cable["literal"].parsed == Formula(methodology.indicators["cable_density"].formula)
    assert cable["by_name"].parsed == Formula(by_name.indicators["cable_density"].formula)
    carbon = form.rows["carbon_intensity"].formula["literal"].parsed
    assert carbon == Formula(methodology.indicators["carbon_intensity"].formula)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("case", "letter-2025/case@1"),
        ("letter-2025/case", "letter-2025/case@1"),
        ("letter-2025/case@1", "letter-2025/case@1"),
        ("indicators@1", "letter-2025/indicators@1"),
    ],
)
def test_a_form_is_found_by_name(name, found):
    assert load_form(name).name == found


@pytest.mark.parametrize("name", ["case@2", "letter-2026/case", "nothing", "", "../case"])
def test_an_unknown_form_is_told_what_there_is(name):
    with pytest.raises(CallError) as raised:
        load_form(name)
    assert str(raised.value) == "\n".join(
        [
            f"{name}: 没有这份表" if name else "没有这份表",
            "可用的表: letter-2025/case@1, letter-2025/indicators@1",
        ]
    )


def test_an_unknown_call_is_told_what_there_is():
    with pytest.raises(CallError) as raised:
        load_call("letter-1999")
    assert str(raised.value) == "letter-1999: 没有这份征集函\n可用: letter-2025"


def test_a_form_is_read_from_a_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(INDICATORS.replace("version = 1", "version = 2"), encoding="utf-8")
    assert load_form(file).name == "letter-2025/indicators@2"


def test_comments_do_not_change_a_published_version_but_words_do():
    assert fingerprint("# new\n" + INDICATORS) == fingerprint(INDICATORS)
    assert fingerprint(INDICATORS.replace("常住人口（万人）", "常住人口（人）")) != fingerprint(INDICATORS)


def test_versions_show_their_difference():
    before = load_form("indicators")
    text = INDICATORS.replace("version = 1", "version = 2").replace("[2023, 2024]", "[2024, 2025]")
    after = parse_form(text.replace('label = "案例（个）"', 'label = "案例数（个）"'), name="new")
    assert [(change.key, change.before, change.after) for change in difference(before, after)] == [
        ("years[1]", "2023", "2024"),
        ("years[2]", "2024", "2025"),
        ("rows.cases.label", "案例（个）", "案例数（个）"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "indicators"', 'kind = "other"', "new.toml: kind 只能是 indicators 或 case"),
        (
            'within = "provincial_specialised_firms"',
            'within = "firms"',
            "new.toml: rows.national_specialised_firms 的 within 没有指向任何一行: firms",
        ),
        (
            'text = "carbon_dioxide / gdp"',
            'text = "carbon / gdp"',
            "new.toml: rows.carbon_intensity 的公式用到没有的标识: carbon",
        ),
        ("[working.area]", "[working.gdp]", "new.toml: rows 与 working 有相同的标识: gdp"),
        ("whole = true", "hole = true", "没有这一项, 请检查拼写"),
    ],
)
def test_a_wrong_indicator_form_is_told_where(old, new, told):
    assert old in INDICATORS
    with pytest.raises(FormError) as raised:
        parse_form(INDICATORS.replace(old, new, 1), name="new.toml")
    assert str(raised.value).split("\n")[0].endswith(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('fields = ["unit"]', "fields = []", "new.toml head 第 2 项 fields: 不能为空"),
        ('fields = ["unit"]', 'fields = ["firm"]', "new.toml: head 与 fields 不一致: firm, unit"),
        ('under = "unit"', 'under = "firm"', "new.toml: fields.contact 指向没有的栏目: firm"),
    ],
)
def test_a_wrong_case_form_is_told_where(old, new, told):
    assert old in CASE
    with pytest.raises(FormError) as raised:
        parse_form(CASE.replace(old, new, 1), name="new.toml")
    assert str(raised.value) == told


def test_titles_speak_both_languages():
    with speaking("en"):
        assert str(load_form("case").title) == "Case form of the assessment of new quality productive forces"


def test_next_year_asks_the_same_form_for_other_years(tmp_path):
    form, later = load_form("letter-2025/indicators@1"), load_form("letter-2025/indicators@1+1")
    assert (later.name, later.years) == ("letter-2025/indicators@1+1", (2024, 2025))
    assert [change.key for change in difference(form, later)] == ["later", "years[1]", "years[2]"]
    write_word(later, {("gdp", 2024): Decimal("5.00"), ("gdp", 2025): Decimal("6.00")}, tmp_path / "a.docx")
    reading = read(tmp_path / "a.docx", forms=[later.name])
    assert reading.form == later.name
    assert [reading.value("gdp", year).number for year in later.years] == [5, 6]
    with pytest.raises(CallError):
        load_form("letter-2025/case@1+1")
