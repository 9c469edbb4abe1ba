"""Exactly one unambiguous mark is an answer; none, several or mixed go to a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.documents import CASE
from xinzhi.forms import Finding, message, rules
from xinzhi.forms.rules import facts_of
from xinzhi.forms.understanding.marks import read_choice

OPTIONS = CASE.fields["domain"].options


def outcome(text, **settings):
    pieces = [(text, None)] if isinstance(text, str) else text
    understood = read_choice(pieces, OPTIONS, **settings)
    return understood.status, understood.option, understood.rule.removeprefix("choices.")


HIGH_TECHNOLOGY = [
    *(f"□文化旅游\n\n{sign}高科技\n\n□绿色经济" for sign in "☑■√✓✔●◉☑"),
    *(f"{empty}文化旅游\n√高科技\n{empty}绿色经济" for empty in "□☐▢◻○〇"),
    "□文化旅游 √高科技 □绿色经济",
    "□文化旅游 □√高科技 □绿色经济",
    "□文化旅游 √□高科技 □绿色经济",
    "□文化旅游 □高科技√ □绿色经济",
    "□文化旅游\n□高科技 √\n□绿色经济",
    "文化旅游□\n高科技☑\n绿色经济□",
    "文化旅游□高科技√绿色经济□",
    "□文化旅游√高科技□绿色经济",
    "（ ）文化旅游（√）高科技",
    "（ ）文化旅游（√）高科技（ ）绿色经济",
    "( )文化旅游 (√)高科技 ( )绿色经济",
    "文化旅游（ ）、高科技（√）、绿色经济（ ）",
    "【】文化旅游【√】高科技【】绿色经济",
    "[v]高科技 [ ]文化旅游",
    "☑️高科技",
    "√高科技",
    "高科技√",
    "√\n高科技",
    "□\n文化旅游\n☑\n高科技\n□\n绿色经济",
    "● 高科技 ○ 文化旅游 ○ 绿色经济",
    "☑高 科 技 □文化旅游",
    "文化旅游 √高科技 绿色经济",
    "☑高科技 □其他",
]


@pytest.mark.parametrize("text", HIGH_TECHNOLOGY)
def test_one_mark_is_an_answer(text):
    assert outcome(text) == ("choice", "high_technology", "")


NOTED = {
    "only_left": ["高科技", "高 科 技", " 高科技。"],
    "crossed_box": [
        "☒高科技 □文化旅游 □绿色经济",
        "[x]高科技 [ ]文化旅游 [ ]绿色经济",
        "[ X ] 高科技\n[ ] 文化旅游\n[ ] 绿色经济",
    ],
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in NOTED.items() for text in texts])
def test_an_answer_of_another_making_is_said(rule, text):
    assert outcome(text) == ("choice", "high_technology", rule)


QUESTIONS = {
    "none": [
        "□文化旅游\n□高科技\n□绿色经济",
        "□高科技",
        "文化旅游 高科技 绿色经济",
        "（ ）文化旅游（ ）高科技",
    ],
    "several": [
        "☑文化旅游\n☑高科技\n□绿色经济",
        "●文化旅游 ●高科技 ●绿色经济",
        "☒文化旅游 ☒高科技 □绿色经济",
    ],
    "mixed": ["☑高科技 ☒绿色经济 □文化旅游"],
    "cross": [
        "☒高科技",
        "×高科技 □文化旅游 □绿色经济",
        "（×）高科技（ ）文化旅游",
        "(x)高科技 ( )文化旅游",
        "√文化旅游\n×高科技",
    ],
    "other": ["数字经济", "☑高科技产业", "□高科技 ☑其他：数字经济", "见附件", "高科技产业"],
    "unclear": [
        "√",
        "□文化旅游√□高科技□绿色经济",
        "□文化旅游\n√\n□高科技\n□绿色经济",
        "□文化旅游√ 高科技 □绿色经济",
        "文化旅游√高科技 绿色经济",
        "☑高科技 □文化旅游 请核对",
        "☑文化旅游、高科技",
        "√文化旅游 高科技",
        "文化旅游 √高科技、绿色经济",
        "（√）高科技，绿色经济\n□文化旅游",
    ],
}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in QUESTIONS.items() for text in texts]
)
def test_all_else_goes_to_a_person(rule, text):
    assert outcome(text) == ("question", "", rule)


def test_a_blank_cell_is_missing():
    assert outcome(" \n ") == ("missing", "", "")


@pytest.mark.parametrize("shown", ["☒", "☑", "■", "\uf0fe", "√"])
def test_a_check_box_of_the_file_tells_its_state_whatever_it_shows(shown):
    pieces = [
        ("□", False),
        ("文化旅游\n", None),
        (shown, True),
        ("高科技\n", None),
        ("☐", False),
        ("绿色经济", None),
    ]
    assert outcome(pieces) == ("choice", "high_technology", "")
    assert outcome([(text, mark and False) for text, mark in pieces]) == ("question", "", "none")


def test_where_a_list_is_offered_the_bare_option_is_the_regular_answer():
    assert outcome("高科技", boxes=False) == ("choice", "high_technology", "")


def test_every_outcome_has_its_words():
    for texts in (NOTED | QUESTIONS).values():
        for text in texts:
            understood = read_choice([(text, None)], OPTIONS)
            facts = {**understood.facts, "field": "案例领域"}
            assert facts_of(rules()[understood.rule]) <= set(facts)
            assert "{" not in message(Finding(rule=understood.rule, facts=facts))
            assert rules()[understood.rule].person == (understood.status == "question")


SIGNS = st.sampled_from(
    [
        "□",
        "√",
        "☑",
        "☒",
        "×",
        "（ ）",
        "（√）",
        "[x]",
        "高科技",
        "文化旅游",
        "绿色经济",
        " ",
        "\n",
        "其他",
        "、",
    ]
)


@given(st.lists(SIGNS, max_size=10))
def test_no_answer_without_exactly_one_mark_or_option(parts):
    status, option, _rule = outcome("".join(parts))
    if status == "choice":
        ticks = [part for part in parts if part in ("√", "☑", "（√）", "☒", "[x]")]
        names = {part for part in parts if part in ("高科技", "文化旅游", "绿色经济")}
        assert ticks or names == {OPTIONS[option].zh}
        assert OPTIONS[option].zh in names and "×" not in parts
