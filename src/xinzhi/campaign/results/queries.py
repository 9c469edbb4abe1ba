"""Reads of snapshots and results: the doors to them, and how two snapshots differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.results.models import Computed, Snapshot

_Row = TypeVar("_Row", bound=Model)


def snapshots_visible_to(actor: Actor) -> QuerySet[Snapshot]:
    """Return the snapshots that an actor may see, without their figures until these are asked for."""
    snapshots = Snapshot.objects.defer("panel", "about").select_related("campaign", "made_by")
    return seen_by(actor, snapshots)


def computed_visible_to(actor: Actor) -> QuerySet[Computed]:
    """Return the results that an actor may see, without their scores until these are asked for."""
    results = Computed.objects.defer("scores", "methodology_text", "snapshot__panel", "snapshot__about")
    results = results.select_related("campaign", "snapshot", "job", "made_by")
    return seen_by(actor, results)


def seen_by(actor: Actor, rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Narrow rows of campaigns to those campaigns whose snapshots an actor may see."""
    held = [m.campaign_id for m in actor.memberships if "see_snapshots" in m.declared.permissions]
    if actor.system or None in held:
        return rows
    return rows.filter(campaign__in=held)


@dataclass(frozen=True)
class Difference:
    """A figure that two snapshots state differently; None where one has none."""

    code: str
    name: str
    indicator: str
    year: int
    before: float | None
    after: float | None
    source_before: str
    source_after: str


@dataclass(frozen=True)
class Differences:
    """How two snapshots differ: units (code, name) that came and went, and figures of the units in both."""

    added: list[tuple[str, str]]
    removed: list[tuple[str, str]]
    figures: list[Difference]


def differences(before: Snapshot, after: Snapshot) -> Differences:
    """Return how a snapshot differs from an earlier one."""
    old, new = (_by_place(snapshot) for snapshot in (before, after))
    names = [{code: name for (code, _i, _y), (_v, name, _s) in side.items()} for side in (old, new)]
    both = names[0].keys() & names[1].keys()
    blank = (None, "", "")
    found = [
        Difference(code, names[1][code], indicator, year, one[0], other[0], one[2], other[2])
        for code, indicator, year in sorted(old.keys() | new.keys())
        if code in both
        and (one := old.get((code, indicator, year), blank))[0]
        != (other := new.get((code, indicator, year), blank))[0]
    ]
    added, removed = (
        sorted((code, side[code]) for code in side.keys() - both) for side in (names[1], names[0])
    )
    return Differences(added, removed, found)


def _by_place(snapshot: Snapshot) -> dict[tuple[str, str, int], tuple[float | None, str, str]]:
    columns = ("code", "indicator", "year", "value", "name", "source")
    rows = snapshot.figures.select(columns).iter_rows()
    return {
        (code, indicator, year): (value, name, source) for code, indicator, year, value, name, source in rows
    }
