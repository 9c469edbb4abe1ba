"""The rules as data: complete in both languages, their facts alike."""

from __future__ import annotations

import re

import pytest

from xinzhi.forms import Finding, grade_of, message, remedy, rules
from xinzhi.forms.rules import facts_of, subjects
from xinzhi.language import speaking

ALL = rules()


def test_subjects_are_the_files_of_the_rulebook():
    assert {id.split(".")[0] for id in ALL} == set(subjects())


@pytest.mark.parametrize("id", ALL)
def test_a_rule_needs_the_same_facts_in_both_languages(id):
    rule = ALL[id]
    for text in (rule.what, rule.why, rule.mend):
        assert sorted(re.findall(r"\{(\w+)\}", text.zh)) == sorted(re.findall(r"\{(\w+)\}", text.en))
    assert not re.findall(r"\{\W*\}", rule.what.zh + rule.mend.zh), "facts have names"


@pytest.mark.parametrize("id", ALL)
def test_a_rule_speaks_calmly(id):
    rule = ALL[id]
    assert not re.search(r"[!！]|请注意", rule.what.zh + rule.why.zh + rule.mend.zh)
    assert not re.search("[一-鿿]", re.sub("[“《（(].*?[”》）)]", "", rule.why.en)), "English is English"


def test_a_finding_is_told_in_the_language_in_force():
    finding = Finding(rule="numbers.grouped", facts={"raw": "1,234.50", "number": "1234.50"})
    assert grade_of(finding) == "note"
    assert message(finding) == "“1,234.50”按千位分隔读作 1234.50"
    assert remedy(finding) == "读法正确就不必改动"
    with speaking("en"):
        assert message(finding) == "“1,234.50” was read with thousands separators as 1234.50"


def test_facts_are_known_by_name():
    assert facts_of(ALL["numbers.grouped"]) == {"raw", "number"}
