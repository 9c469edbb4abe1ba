"""A return as a page shows it: lines and boxes, each with what stands there, what it is held against, what is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.returns.circumstances import circumstances_of
from xinzhi.campaign.returns.drafts import CellState, opened, texts_of
from xinzhi.campaign.returns.keys import field_of, is_private, key_of, keys_of
from xinzhi.campaign.returns.models import Attachment, Entry, Remark, Return
from xinzhi.campaign.returns.points import STATEMENT, Point, findings_of, points_of
from xinzhi.campaign.returns.queries import conflicts_of
from xinzhi.declarations import Text
from xinzhi.forms import AnyForm, CaseForm, IndicatorForm, count_characters
from xinzhi.forms.checks import Circumstances
from xinzhi.forms.model import CaseField, Section
from xinzhi.language import gettext as _


@dataclass
class Box:
    """A cell to be filled in.

    Attributes
    ----------
    text, revision : str, int
        What is in the box, and the revision of the cell on which it builds.
    hints : list of (str, str)
        What it is held against, each with its name: last year, official figure.
    beside : Beside or None
        What stands in the cell where the box holds something else that was not taken.
    """

    key: str
    title: str
    text: str = ""
    revision: int = 0
    year: int | None = None
    hints: list[tuple[str, str]] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    beside: Beside | None = None
    fault: str = ""

    @property
    def id(self) -> str:
        """Of the element on the page."""
        return anchor_of(self.key)

    @property
    def characters(self) -> int:
        """Length as the call counts it."""
        return count_characters(self.text)


@dataclass(frozen=True)
class Beside:
    """What stands in a cell, and by whom, where the box holds another text."""

    text: str
    revision: int
    by: str
    locked: bool = False


@dataclass
class Line:
    """A row of the indicator form, or a working field, with a box for each year."""

    id: str
    title: str
    unit: str
    note: str
    whole: bool
    decimals: int
    range: str
    boxes: list[Box]
    counted: str = ""
    filled_by: str = "unit"


@dataclass
class HeadBox:
    """A field of a case's head with its box."""

    declared: CaseField
    box: Box


@dataclass
class SectionBox:
    """A section of a case with its box."""

    declared: Section
    box: Box


@dataclass
class Part:
    """A part of a case with its sections."""

    title: Text
    sections: list[SectionBox]


@dataclass
class Sheet:
    """All boxes of a return, and what is found about the whole of it."""

    filed: Return
    form: AnyForm
    boxes: Mapping[str, Box]
    points: Sequence[Point]
    attachments: Sequence[Attachment]
    known: Circumstances

    @property
    def general(self) -> list[Point]:
        """What is found about no single cell."""
        return [p for p in self.points if p.key not in self.boxes and p.key != STATEMENT]

    @property
    def open(self) -> list[Point]:
        """What stands in the way of sending."""
        return [point for point in self.points if point.is_open]

    @property
    def lines(self) -> Iterator[Line]:
        """The rows of the indicator form."""
        assert isinstance(self.form, IndicatorForm)
        return (self._line(id) for id in self.form.rows)

    @property
    def working(self) -> Iterator[Line]:
        """The working fields from which the formula rows recompute."""
        assert isinstance(self.form, IndicatorForm)
        return (self._line(id) for id in self.form.working)

    @property
    def head(self) -> list[HeadBox]:
        """The head of a case."""
        assert isinstance(self.form, CaseForm)
        return [HeadBox(declared, self.boxes[id]) for id, declared in self.form.fields.items()]

    @property
    def parts(self) -> list[Part]:
        """The sections of a case, part by part."""
        assert isinstance(self.form, CaseForm)
        return [
            Part(part.title, [SectionBox(section, self.boxes[section.id]) for section in part.sections])
            for part in self.form.content.parts
        ]

    @property
    def characters(self) -> int:
        """Length of a case as the call counts it."""
        assert isinstance(self.form, CaseForm)
        return sum(self.boxes[id].characters for id in self.form.sections)

    @property
    def seal_date(self) -> Box:
        """The date beside the seal of a case."""
        return self.boxes["seal_date"]

    @property
    def evidence(self) -> Box:
        """The list of what is attached to a case."""
        return self.boxes["evidence"]

    def _line(self, id: str) -> Line:
        assert isinstance(self.form, IndicatorForm)
        figure, row = self.form.figure(id), self.form.rows.get(id)
        low_high = self.known.peers.get(id)
        return Line(
            id=id,
            title=(row.label if row and _chinese(figure.title) else str(figure.title)),
            unit=figure.unit,
            note=row.note if row else "",
            whole=figure.whole,
            decimals=figure.decimals,
            range=" – ".join(map(shown, low_high)) if low_high else "",
            boxes=[self.boxes[k] for year in self.form.years if (k := key_of(id, year)) in self.boxes],
            counted=shown(Decimal(self.known.cases)) if self.known.cases is not None else "",
            filled_by=row.filled_by if row else "unit",
        )


def sheet_of(actor: Actor, filed: Return, *, everything: bool = True) -> Sheet:
    """Return a return as its page shows it to an actor.

    Parameters
    ----------
    everything : bool
        Whether to say of cells that nobody has touched yet that they are empty.
    """
    form = filed.declared
    private = sees_private(actor, filed)
    texts = texts_of(filed)
    known = circumstances_of(filed)
    attachments = list(filed.attachments.filter(removed_at=None))
    points = points_of(filed, findings_of(filed, known, texts, attachments))
    remarks = list(filed.remarks.filter(version=filed.version)) if filed.state == "returned" else []
    boxes = {}
    for key in keys_of(form):
        if not private and is_private(form, key):
            continue
        id, year = field_of(key)
        held = texts.get(key, CellState("", 0))
        boxes[key] = Box(
            key=key,
            title=title_of(form, key),
            text=held.text,
            revision=held.revision,
            year=year,
            hints=list(_hints(form, id, year, known)) if year else [],
            points=points_at(points, key, untouched=not (everything or held.revision)),
            remarks=[r for r in remarks if r.key == key],
        )
    _put_conflicts_beside(actor, filed, boxes)
    return Sheet(filed, form, boxes, points, attachments, known)


def points_at(points: Sequence[Point], key: str, *, untouched: bool) -> list[Point]:
    """Return what is found about a cell; of one that nobody has touched yet it is not said that it is empty."""
    return [point for point in points if point.key == key and not (untouched and point.only_missing)]


def _put_conflicts_beside(actor: Actor, filed: Return, boxes: Mapping[str, Box]) -> None:
    """Put what an actor typed in vain back into its box, and what stands beside it."""
    latest: dict[str, Entry] = {}
    for entry in conflicts_of(filed).filter(by=actor.user):
        latest[entry.key] = entry
    standing = {cell.key: cell.by for cell in filed.cells.select_related("by")} if latest else {}
    for key, entry in latest.items():
        box, text = boxes.get(key), opened(filed, entry)
        if box is not None and text != box.text:
            by = standing.get(key)
            box.beside = Beside(box.text, box.revision, by.name if by else "")
            box.text, box.revision = text, entry.revision - 1


def sees_private(actor: Actor, filed: Return) -> bool:
    """Tell whether an actor may see what is about persons: the unit's own people, on these pages."""
    return actor.may("file", filed.campaign, filed.unit) or actor.may("confirm", filed.campaign, filed.unit)


def title_of(form: AnyForm, key: str) -> str:
    """Return what people call a cell: indicator with year, field, section."""
    id, year = field_of(key)
    if isinstance(form, IndicatorForm):
        return f"{form.figure(id).title} · {_('{year}年').format(year=year)}"
    if id in form.fields:
        return str(form.fields[id].title)
    if id in form.sections:
        return str(form.sections[id].title)
    return {"seal_date": _("盖章日期"), "evidence": _("附件目录")}.get(id, id)


def said_in(form: AnyForm, key: str, text: str) -> str:
    """Return the text of a cell as people read it: of a choice the name of the option."""
    if isinstance(form, CaseForm) and key in form.fields and text in form.fields[key].options:
        return str(form.fields[key].options[text])
    return text


def anchor_of(key: str) -> str:
    """Return the id of the element of a cell."""
    return "cell-" + key.replace("@", "-")


def shown(number: Decimal) -> str:
    """Write a known figure for people, no digit lost and never in powers of ten."""
    return f"{number.normalize():,f}" if number else "0"


def _hints(form: AnyForm, id: str, year: int, known: Circumstances) -> Iterator[tuple[str, str]]:
    assert isinstance(form, IndicatorForm)
    if id not in form.rows or form.rows[id].filled_by != "unit":
        return
    before = known.earlier.get((id, year - 1))
    if before is not None:
        yield _("上年 ({year}年)").format(year=year - 1), shown(before)
    official = known.official.get((id, year))
    yield _("官方数据"), _("无官方数据") if official is None else shown(official)


def _chinese(title: Text) -> bool:
    return str(title) == title.zh
