"""How complete a campaign is, by province and city: one source for the board, its map, its export and the mails."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

import xlsxwriter
from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Substr

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import asked_units
from xinzhi.campaign.checking.queries import LOOKING, within_reach
from xinzhi.campaign.checking.stages import SENT_STAGES, STAGES, stage_of
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import CASE, INDICATORS, Return
from xinzhi.campaign.returns.states import SENT
from xinzhi.geography import demonstration_boundaries
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Standing(TypedDict):
        state: str
        version: int
        filed: UUID | None
        due_at: datetime | None

    AskedUnit = WithAnnotations[Unit, _Standing]

_PROVINCE, _CITY = 7, 14  # characters of a path down to province and city: six digits and a stroke each


@dataclass
class Row:
    """A place and the units in it: how many are asked, how many stand at each stage, and the cases.

    `unit` is None for the whole, and for bodies that did not say where they lie.
    """

    unit: Unit | None
    asked: int = 0
    stages: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    cases: int = 0
    cases_accepted: int = 0

    @property
    def sent(self) -> int:
        """Units whose figures have come in."""
        return sum(self.stages[stage] for stage in SENT_STAGES)

    @property
    def share(self) -> float | None:
        """Share of the units asked whose figures have come in, in per cent."""
        return 100 * self.sent / self.asked if self.asked else None

    @property
    def step(self) -> int:
        """The share as one of five steps of the ramp, 0 for none."""
        return 0 if not self.sent else 1 + min(int(self.sent * 4 / self.asked), 3) if self.asked else 0

    def add(self, other: Row) -> None:
        """Add another place."""
        self.asked += other.asked
        self.cases += other.cases
        self.cases_accepted += other.cases_accepted
        for stage, count in other.stages.items():
            self.stages[stage] += count


@dataclass
class Board:
    """The whole, the provinces, each with its cities, and the bodies of no known place."""

    total: Row
    provinces: list[tuple[Row, list[Row]]]
    elsewhere: Row | None


def asked(
    actor: Actor, campaign: Campaign, branch: str = "", permissions: tuple[Permission, ...] = LOOKING
) -> QuerySet[AskedUnit]:
    """Return the units asked for figures that an actor reaches, with the state and id of what they file.

    All that is said of completeness derives from here.
    """
    units = asked_units(campaign, INDICATORS).filter(within_reach(actor, campaign, permissions))
    if branch:
        units = units.filter(Q(path__startswith=f"{branch}/") | Q(path__contains=f"/{branch}/"))
    figures = Q(returns__campaign=campaign, returns__sort=INDICATORS)
    return units.annotate(
        figures=FilteredRelation("returns", condition=figures),
        state=Coalesce(F("figures__state"), Value("")),
        version=Coalesce(F("figures__version"), 0),
        filed=F("figures__pk"),
        due_at=F("figures__due_at"),
    )


def board(actor: Actor, campaign: Campaign, branch: str = "") -> Board:
    """Return the board, counted in the database."""
    cities: dict[str, Row] = defaultdict(lambda: Row(None))
    counted = (
        asked(actor, campaign, branch)
        .annotate(place=Substr("path", 1, _CITY))
        .order_by()
        .values_list("place", "state")
        .annotate(n=Count("pk"))
    )
    for place, state, n in counted:
        cities[place].asked += n
        cities[place].stages[stage_of(state)] += n
    for place, n, accepted in _cases(actor, campaign, branch):
        cities[place].cases += n
        cities[place].cases_accepted += accepted
    known = {
        unit.path: unit
        for unit in Unit.objects.filter(
            level__in=("province", "city", "county"),
            path__in={*cities, *(place[:_PROVINCE] for place in cities)},
        )
    }
    return _folded(cities, known)


def _cases(actor: Actor, campaign: Campaign, branch: str) -> Iterable[tuple[str, int, int]]:
    cases = Return.objects.filter(
        within_reach(actor, campaign, LOOKING, "unit__"), campaign=campaign, sort=CASE, state__in=SENT
    )
    if branch:
        cases = cases.filter(Q(unit__path__startswith=f"{branch}/") | Q(unit__path__contains=f"/{branch}/"))
    return (
        cases.annotate(place=Substr("unit__path", 1, _CITY))
        .order_by()
        .values_list("place")
        .annotate(n=Count("pk"), accepted=Count("pk", filter=Q(state="accepted")))
    )


def _folded(cities: dict[str, Row], known: dict[str, Unit]) -> Board:
    total, elsewhere = Row(None), Row(None)
    provinces: dict[str, tuple[Row, list[Row]]] = {}
    for place, row in sorted(cities.items()):
        total.add(row)
        province = known.get(place[:_PROVINCE])
        if province is None:
            elsewhere.add(row)
            continue
        whole, below = provinces.setdefault(province.path, (Row(province), []))
        whole.add(row)
        row.unit = known.get(place)
        if row.unit is not None and row.unit != province:
            below.append(row)
    return Board(total, list(provinces.values()), elsewhere if elsewhere.cases else None)


# --- the map ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    """A unit on the map: its name, stage, return if there is one, and outline where boundaries are known."""

    name: str
    stage: str
    filed: str
    outline: str = ""

    @property
    def title(self) -> str:
        """What it says: 甲样县 · 待审核."""
        return f"{self.name} · {STAGES[self.stage].title}"


@dataclass(frozen=True)
class District:
    """The tiles of a city."""

    name: str
    tiles: tuple[Tile, ...]


def tiles(actor: Actor, campaign: Campaign, branch: str) -> tuple[District, ...]:
    """Return the units of a branch as tiles, city by city; with outlines in the province of the demonstration."""
    outlines = demonstration_boundaries() if campaign.demonstration else {}
    by_city: dict[str, list[Tile]] = defaultdict(list)
    units = asked(actor, campaign, branch).order_by("path")
    for code, name, city, state, filed in units.values_list("code", "name", "parent__name", "state", "filed"):
        outline = " ".join(f"{1000 * x:.1f},{1000 * (1 - y):.1f}" for x, y in outlines.get(code, ()))
        by_city[city or ""].append(Tile(name, stage_of(state), str(filed or ""), outline))
    return tuple(District(name, tuple(found)) for name, found in by_city.items())


# --- the export ------------------------------------------------------------------------------------------


def heads() -> Sequence[str]:
    """Return the headings of the export."""
    return (_("代码"), _("省"), _("市"), _("单位"), _("进度"), _("版本"), _("退回件截止"))


def lines(actor: Actor, campaign: Campaign, branch: str = "") -> Iterator[Sequence[str]]:
    """Yield a line for each unit asked."""
    zone = campaign.call.zone
    for unit in asked(actor, campaign, branch).select_related("parent__parent").order_by("path"):
        city = unit.parent
        province = city.parent if city else None
        due = unit.due_at.astimezone(zone) if unit.due_at and unit.state == "returned" else None
        yield (
            unit.code,
            province.name if province else "",
            city.name if city else "",
            unit.name,
            str(STAGES[stage_of(unit.state)].title),
            str(unit.version or ""),
            f"{due:%Y-%m-%d %H:%M}" if due else "",
        )


def as_csv(actor: Actor, campaign: Campaign, branch: str = "") -> bytes:
    """Return the export as CSV that spreadsheets open as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads())
    writer.writerows(lines(actor, campaign, branch))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(actor: Actor, campaign: Campaign, branch: str = "") -> bytes:
    """Return the export as a workbook; every cell is text, so that nothing in it is computed."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    notice = [(_("演示数据"),)] if campaign.demonstration else []
    for number, line in enumerate([*notice, heads(), *lines(actor, campaign, branch)]):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text, bold if number <= len(notice) else None)
    sheet.set_column(0, 6, 16)
    sheet.freeze_panes(len(notice) + 1, 0)
    book.close()
    return file.getvalue()
