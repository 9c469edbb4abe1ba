"""A version as its checker reads it: each cell with what was found, said and filed before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from xinzhi.campaign.campaigns.models import KnownFigure
from xinzhi.campaign.returns.keys import field_of, is_private, key_of, keys_of
from xinzhi.campaign.returns.models import Return, Version
from xinzhi.forms import AnyForm, CaseForm, Finding, IndicatorForm, grade_of, message, remedy
from xinzhi.forms.rules import GRADES
from xinzhi.forms.writing.remarks import field_title

_SENTENCE = re.compile(r"[^。;；!！?？\n]*[。;；!！?？\n]?")
_MOST_SENTENCES = 2_000


@dataclass(frozen=True)
class Told:
    """A finding in words, with what the filer said to it."""

    grade: str
    message: str
    remedy: str
    explanation: str
    key: str


@dataclass(frozen=True)
class Shown:
    """A cell: what was filed, how it differs from before, what is known beside it, and what was found.

    Attributes
    ----------
    pieces : sequence of (str, str)
        The text as ("same" | "gone" | "new", piece); one piece where nothing changed.
    """

    key: str
    title: str
    text: str
    pieces: Sequence[tuple[str, str]]
    year: int | None = None
    official: Decimal | None = None
    findings: Sequence[Told] = ()
    reason: str = ""

    @property
    def changed(self) -> bool:
        """Whether it differs from the version before."""
        return any(kind != "same" for kind, _text in self.pieces)


@dataclass(frozen=True)
class Line:
    """A row of the indicator form, or a field or section of a case, with its cells."""

    title: str
    unit: str
    cells: Sequence[Shown]


@dataclass(frozen=True)
class Page:
    """What a page of a return shows of a version."""

    lines: Sequence[Line]
    whole: Sequence[Told]
    all_findings: Sequence[Told]


def page_of(filed: Return, version: Version, before: Version | None, reasons: Mapping[str, str]) -> Page:
    """Return a version as it is read, held against the one before; `reasons` are what was typed so far."""
    form = filed.declared
    told = findings_told(version)
    by_key: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        by_key[each.key].append(each)
    official = {
        key_of(figure.field, figure.year): figure.number.normalize()
        for figure in KnownFigure.objects.filter(
            campaign=filed.campaign_id, unit=filed.unit_id, sort="official"
        )
    }
    cells: dict[str, list[Shown]] = defaultdict(list)
    for key in keys_of(form):
        if is_private(form, key):
            continue
        field, year = field_of(key)
        text = said(form, field, version.values.get(key, ""))
        earlier = said(form, field, before.values.get(key, "")) if before else text
        cells[field].append(
            Shown(
                key,
                cell_title(form, key),
                text,
                differences(earlier, text),
                year,
                official.get(key),
                by_key.pop(key, ()),
                reasons.get(key, ""),
            )
        )
    lines = [Line(field_title(form, field), _unit(form, field), shown) for field, shown in cells.items()]
    rest = [each for key, found in by_key.items() for each in found]
    return Page(lines, rest, told)


def findings_told(version: Version) -> list[Told]:
    """Return the findings of a version in words, gravest first."""
    explained = {(e["rule"], e["key"]): e["text"] for e in version.explanations}
    told = []
    for finding in map(Finding.model_validate, version.findings):
        key = key_of(finding.field, finding.year)
        text = explained.get((finding.rule, key), "")
        told.append(Told(grade_of(finding), message(finding), remedy(finding), text, key))
    return sorted(told, key=lambda each: GRADES.index(each.grade))


def said(form: AnyForm, field: str, text: str) -> str:
    """Return a text as people read it: of a choice the title of the option."""
    if isinstance(form, CaseForm) and field in form.fields and text in form.fields[field].options:
        return str(form.fields[field].options[text])
    return text


def cell_title(form: AnyForm, key: str) -> str:
    """Return what people call a cell: 地区生产总值 2024."""
    field, year = field_of(key)
    title = field_title(form, field) or field
    return f"{title} {year}" if year else title


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Return a text in pieces that stayed, went or came, sentence by sentence."""
    if before == after:
        return [("same", after)]
    old, new = _sentences(before), _sentences(after)
    if len(old) + len(new) > _MOST_SENTENCES:
        return [(kind, text) for kind, text in (("gone", before), ("new", after)) if text]
    pieces = []
    for how, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(("same", "".join(new[c:d])))
            continue
        if a < b:
            pieces.append(("gone", "".join(old[a:b])))
        if c < d:
            pieces.append(("new", "".join(new[c:d])))
    return pieces


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def _unit(form: AnyForm, field: str) -> str:
    return form.figure(field).unit if isinstance(form, IndicatorForm) else ""
