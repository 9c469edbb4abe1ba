"""The summary card of a case: title, domain, unit and the three strongest figures found, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xinzhi.declarations import Text
from xinzhi.forms.checks.claims import ClaimKind, claims
from xinzhi.forms.model import CaseForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Reading
from xinzhi.language import gettext as _

FIGURES = 3
"""Figures on a card."""

_LONGEST = 60  # characters of the words around a figure
_CLAUSE_ENDS = re.compile(r"[，。；！？,;!?\n]")


@dataclass(frozen=True, slots=True)
class CardFigure:
    """A quantified claim of a case: the claim, the clause it stands in, its section and its place."""

    claim: str
    words: str
    kind: ClaimKind
    section: Text
    place: Place


@dataclass(frozen=True, slots=True)
class Card:
    """A case at a glance; what was not filed, or not clearly, is blank or None."""

    title: str
    domain: Text | None
    unit: str
    figures: tuple[CardFigure, ...]
    characters: int
    pictures: int

    def __str__(self) -> str:
        lines = [
            _("案例: {title}").format(title=self.title or _("未填写")),
            _("领域: {domain}").format(domain=self.domain or _("未填写")),
            _("单位: {unit}").format(unit=self.unit or _("未填写")),
            _("字数: {characters}; 图片: {pictures} 张").format(
                characters=f"{self.characters:,}", pictures=self.pictures
            ),
        ]
        if not self.figures:
            return "\n".join([*lines, _("没有找到量化的数字")])
        lines.append(_("数字:"))
        for number, figure in enumerate(self.figures, start=1):
            where = f" ({figure.place})" if str(figure.place) else ""
            lines.append(f"  {number}. {figure.words} — {figure.section}{where}")
        return "\n".join(lines)


def card(form: CaseForm, reading: Reading, *, beside: int = 0) -> Card:
    """Return the summary card of a case.

    Parameters
    ----------
    form : CaseForm
        The form it was filed on.
    reading : Reading
        As it was understood.
    beside : int
        Pictures that came beside the file and not in it.

    Returns
    -------
    Card
        The same claim in two sections counts once, where it stands first.
    """
    written = {value.field: value for value in reading.values if value.status in ("text", "choice")}

    def text(field: str) -> str:
        return " ".join(written[field].text.split()) if field in written else ""

    return Card(
        title=text("title"),
        domain=form.fields["domain"].options.get(text("domain")),
        unit=text("unit"),
        figures=_strongest(form, reading),
        characters=reading.characters,
        pictures=len(reading.pictures) + beside,
    )


def _strongest(form: CaseForm, reading: Reading) -> tuple[CardFigure, ...]:
    found = []
    for value in reading.values:
        if value.field in form.sections and value.status == "text":
            section = form.sections[value.field]
            found += [(claim, section.title, value) for claim in claims(value.text)]
    # Sorting is stable: among equals the order of the sections and of the text stands.
    found.sort(key=lambda each: -each[0].weight)
    figures: dict[str, CardFigure] = {}
    for claim, title, value in found:
        words = _clause(value.text, claim.start, claim.text)
        figures.setdefault(claim.text, CardFigure(claim.text, words, claim.kind, title, value.place))
    return tuple(figures.values())[:FIGURES]


def _clause(text: str, start: int, claim: str) -> str:
    """Return the clause that a claim stands in, the claim itself never cut."""
    start += len(text[start:]) - len(text[start:].lstrip())
    end = start + len(claim)
    before = max((match.end() for match in _CLAUSE_ENDS.finditer(text, 0, start)), default=0)
    after = _CLAUSE_ENDS.search(text, end)
    stop = after.start() if after else len(text)
    room = max(0, _LONGEST - len(claim))
    begin, stop = max(before, start - room), min(stop, end + max(0, room - (start - before)))
    return ("…" if begin > before else "") + " ".join(text[begin:stop].split())
