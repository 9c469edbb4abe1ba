"""Headings of a case, recognised when they are renumbered, retyped or run into the text behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from rapidfuzz import fuzz

from xinzhi.declarations import Record, VariableName, parse_declaration, read_declaration, validated
from xinzhi.forms.loading import FormError
from xinzhi.forms.model import CaseForm
from xinzhi.forms.spelling import NUMBERING, letters, spaced, without_number

_FURTHER = Path(__file__).with_name("headings.toml")
_ALIKE = 75.0  # likeness in %: one letter of four
_APART = 8.0  # likeness in % by which the next heading has to be less alike
_REACH = 120  # characters of a line in which a heading ends
_ENDS = "。.；;：:！!？?”』」）)"
_LONGEST = 12  # letters of a heading that is recognised by likeness
_TAIL = (
    r"(?P<remark>\s*[（(][^（()）]{1,14}[)）])?"
    r"(?:\s*[—-]*\s*$|\s*(?P<colon>[:：])\s*|(?P<space>\s+|[。.]\s*|\s*[—-]+\s*)(?=[^\s—-]))"
)
_NUMBER = rf"(?:第\s*[一二三四五六七八九十]{{1,3}}[、.．，,:：]\s*|{NUMBERING})"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at the beginning of a line: `end` is where it ends; `id` is blank for that of a part."""

    kind: Literal["section", "part"]
    id: str
    end: int
    retyped: bool = False
    alias: bool = False


class _Vocabulary(Record):
    sections: Mapping[VariableName, tuple[str, ...]]


class Headings:
    """The headings of a form, ready to be found."""

    def __init__(self, form: CaseForm) -> None:
        sections = form.sections.values()
        self._names: list[tuple[str, Heading]] = [
            *((_bare(section.label), Heading("section", section.id, 0)) for section in sections),
            *((section.title.zh, Heading("section", section.id, 0)) for section in sections),
            *((_bare(part.title.zh), Heading("part", "", 0)) for part in form.content.parts),
            *(
                (name, Heading("section", section.id, 0, alias=True))
                for section in sections
                for name in (*section.aliases, *_further_headings().get(section.id, ()))
            ),
        ]
        self._patterns = [
            (re.compile(rf"\s*(?P<number>{_NUMBER})?[【\[]?\s*{spaced(name)}\s*[】\]]?{_TAIL}"), heading)
            for name, heading in dict(reversed(self._names)).items()
        ]
        own = sorted({name for name, heading in self._names if not heading.alias}, key=len, reverse=True)
        self._printed = re.compile(rf"(?:{_NUMBER})(?:{'|'.join(map(spaced, own))})")

    def beginnings(self, text: str) -> Iterator[int]:
        """Yield where, behind its beginning, a line of several sections has the numbered heading of a next one."""
        begun = 0
        for found in self._printed.finditer(text):
            at = found.start()
            behind = text[max(begun, at - _REACH) : at].rstrip()
            heading = self.match(behind)
            ended = heading is not None and heading.end == len(behind)
            heads = self._printed.match(text, found.end()) or self.match(text[at : at + _REACH])
            if behind and heads and (ended or behind[-1] in _ENDS):
                begun = at
                yield at

    def match(self, text: str, *, numbered: bool = False) -> Heading | None:
        """Return the heading with which a line begins; None where it begins with none.

        Parameters
        ----------
        numbered : bool
            Whether the paragraph has an automatic number, which is not in its text.
        """
        before = len(text) - len(text.lstrip())
        beginning = text[before : before + _REACH]
        for pattern, heading in self._patterns:
            found = pattern.match(beginning)
            if found is None:
                continue
            counted, end = numbered or bool(found["number"]), before + found.end()
            if (heading.alias or found["space"]) and not counted and end < len(text):
                continue  # a sentence that begins with the words
            return Heading(heading.kind, heading.id, end, alias=heading.alias)
        return self._alike(text, numbered)

    def _alike(self, text: str, numbered: bool) -> Heading | None:
        """A numbered line of its own that differs from one heading in a letter."""
        if len(text) > 3 * _LONGEST:
            return None
        bare = without_number(text)
        if bare == text and not numbered:
            return None
        spelled = letters(bare)[0]
        if not 3 <= len(spelled) <= _LONGEST:
            return None
        names = [(name, heading) for name, heading in self._names if not heading.alias]
        scores = sorted(
            ((fuzz.ratio(spelled, name), heading.kind, heading.id) for name, heading in names), reverse=True
        )
        best, kind, id = scores[0]
        rivals = [score for score, other, name in scores if (other, name) != (kind, id)]
        if best < _ALIKE or best - max(rivals, default=0.0) < _APART:
            return None
        return Heading("section" if kind == "section" else "part", id, len(text), retyped=True)


@cache
def _further_headings() -> Mapping[str, tuple[str, ...]]:
    """Return the headings that people write, by section; no part of any published form."""
    document = parse_declaration(read_declaration(_FURTHER, FormError), _FURTHER.name, FormError)
    return validated(_Vocabulary, document, _FURTHER.name, FormError).sections


def _bare(label: str) -> str:
    return without_number(label).strip()
