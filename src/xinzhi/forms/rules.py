"""The rules by which returns are judged, as data: grade, who must act, and what is said in both languages.

``rulebook/`` holds them, a file for each subject: rule ``grouped`` of ``numbers.toml`` is ``numbers.grouped``.
A :class:`~xinzhi.forms.reading.Finding` names a rule and brings the facts; the words are looked up when they are
shown. What a rule tests is computed in the readers and in :mod:`xinzhi.forms.checks`.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from xinzhi.declarations import Record, Text, VariableName, parse_declaration, read_declaration, validated
from xinzhi.forms.loading import FormError
from xinzhi.forms.reading import Finding

Grade = Literal["mend", "explain", "note"]
GRADES: tuple[Grade, ...] = ("mend", "explain", "note")

_BOOK = Path(__file__).with_name("rulebook")
_CONTENTS = "contents.toml"


_Table = TypeVar("_Table", bound=Record)


class BothTexts(Text):
    """A text in both languages, neither of which may be left out."""

    en: str = Field(min_length=1)


class Rule(Record):
    """One rule.

    Attributes
    ----------
    grade : {"mend", "explain", "note"}
        审核 grades as the national reporting system has them: must mend, must explain, note.
    person : bool
        Whether a person of the office has to look, because the machine cannot settle it.
    hostile : bool
        Whether the file goes to quarantine.
    what, why, mend : BothTexts
        What is wrong (with the facts in braces), why it matters, how to mend it.
    clause : str
        Clause of the call behind it (L5), blank for our own.
    """

    grade: Grade
    person: bool = False
    hostile: bool = False
    what: BothTexts
    why: BothTexts
    mend: BothTexts
    clause: str = ""


class _Subject(Record):
    rules: Mapping[VariableName, Rule]


class _Contents(Record):
    subjects: Mapping[VariableName, BothTexts]


@cache
def subjects() -> Mapping[str, BothTexts]:
    """Return the subjects of the rules with their titles, in the order in which people meet them."""
    return _read(_CONTENTS, _Contents).subjects


@cache
def rules() -> Mapping[str, Rule]:
    """Return all rules by id, subject by subject in the order of their files."""
    return {
        f"{subject}.{name}": rule
        for subject in subjects()
        for name, rule in _read(f"{subject}.toml", _Subject).rules.items()
    }


def grade_of(finding: Finding) -> Grade:
    """Return the grade of a finding."""
    return rules()[finding.rule].grade


def message(finding: Finding) -> str:
    """Return what is wrong, with the facts, in the current language."""
    return _filled(rules()[finding.rule].what, finding)


def remedy(finding: Finding) -> str:
    """Return how to mend it, with the facts, in the current language."""
    return _filled(rules()[finding.rule].mend, finding)


def facts_of(rule: Rule) -> frozenset[str]:
    """Return the names of the facts that the sentences of a rule need."""
    texts = (text for both in (rule.what, rule.why, rule.mend) for text in (both.zh, both.en))
    return frozenset(
        name for text in texts for _before, name, _spec, _conv in string.Formatter().parse(text) if name
    )


def _filled(text: Text, finding: Finding) -> str:
    return str(text).format_map(dict(finding.facts))


def _read(file: str, model: type[_Table]) -> _Table:
    document = parse_declaration(read_declaration(_BOOK / file, FormError), file, FormError)
    return validated(model, document, file, FormError)
