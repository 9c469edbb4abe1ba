"""The grammar of the templates: every rule refuses what breaks it, and names the place."""

from __future__ import annotations

import pytest

from xinzhi.publish.text.templates import Place, TemplateError, grammar, pieces, read_grammar

WORDS = """
[vocabularies.direction]
by = "sign"
up = { zh = "上升", en = "rose" }
same = { zh = "持平", en = "held" }
down = { zh = "下降", en = "fell" }

[findings.level]
facts = ["score", "change"]
magnitudes = ["change"]
"""


@pytest.mark.parametrize(
    ("zh", "en", "message"),
    [
        ("得分{score}。", "Scored.", "中英文的占位不同"),
        ("第1名{score}。", "First {score}.", "zh: 文字里有数字或花括号"),
        ("得分{score}{。", "Score {score}.", "zh: 文字里有数字或花括号"),
        ("上升到{score}。", "Up to {score}.", "zh: “上升”要由数值决定"),
        ("为{score}。", "It rose to {score}.", "en: “rose”要由数值决定"),
        ("{rank}", "{rank}", "没有声明的事实 rank"),
        ("{score|mood}", "{score|mood}", "没有词表 mood"),
        ("变动{change}。", "By {change}.", "change 不带正负号, 同一句里要有方向词"),
    ],
)
def test_what_the_grammar_refuses(tmp_path, zh, en, message):
    file = tmp_path / "own.toml"
    file.write_text(f'{WORDS}\n[findings.level.cases.plain]\nzh = "{zh}"\nen = "{en}"\n', encoding="utf-8")
    with pytest.raises(TemplateError, match=r"own.toml, findings.level.cases.plain") as refusal:
        read_grammar(file)
    assert message in refusal.value.what


def test_what_it_accepts(tmp_path):
    file = tmp_path / "own.toml"
    case = '[findings.level.cases.plain]\nzh = "{change|direction}{change}"\nen = "prose {change|direction} by {change}"\n'
    file.write_text(WORDS + case, encoding="utf-8")
    assert read_grammar(file).findings["level"].magnitudes == ("change",)


def test_pieces_of_a_template():
    assert list(pieces("为{score}，{change|direction}。")) == [
        "为", Place("score"), "，", Place("change", "direction"), "。",
    ]  # fmt: skip


def test_the_library_keeps_its_own_grammar():
    assert {"leaders", "gradient", "quadrant", "level", "portrait"} <= set(grammar().findings)
