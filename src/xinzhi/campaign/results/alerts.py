"""Figures and ranks that changed more than expected since the last campaign, by thresholds that are data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.results.models import Computed, Snapshot
from xinzhi.declarations import Record, parse_declaration, read_declaration, validated
from xinzhi.errors import CallError
from xinzhi.forms import IndicatorForm

_DATA = Path(__file__).with_name("thresholds.toml")


class FigureThresholds(Record):
    """What a figure may do: be revised for the same year, grow from one campaign's last year to the next one's."""

    revised: float
    grown: tuple[float, float]


class RankThresholds(Record):
    """How far a rank may move: share of the common units, and the fewest ranks that count."""

    moved: float
    fewest: int


class Thresholds(Record):
    """See ``thresholds.toml``."""

    figures: FigureThresholds
    ranks: RankThresholds


@dataclass(frozen=True)
class Alert:
    """Something that changed more than expected.

    `title` names the indicator; blank for a rank. `years` are those of the two values.
    """

    sort: Literal["revised", "grown", "rank"]
    code: str
    name: str
    title: str
    years: tuple[int, int]
    before: float
    after: float


@cache
def thresholds() -> Thresholds:
    """Return the thresholds."""
    document = parse_declaration(read_declaration(_DATA, CallError), _DATA.name, CallError)
    return validated(Thresholds, document, _DATA.name, CallError)


def alerts_of(snapshot: Snapshot) -> list[Alert]:
    """Return the figures of a snapshot that an office should look at again."""
    campaign = snapshot.campaign
    before = campaign.previous.snapshots.first() if campaign.previous else None
    return list(_figures(campaign, before, snapshot)) if before else []


def alerts_of_ranks(made: Computed) -> list[Alert]:
    """Return the units whose rank moved far against the last campaign's result by the same methodology."""
    before = _counterpart(made)
    return list(_ranks(before, made)) if before and made.done else []


def _figures(campaign: Campaign, before: Snapshot, after: Snapshot) -> Iterator[Alert]:
    form = campaign.indicators
    old = {(c, i, y): v for c, i, y, v in _rows(before)}
    last = max((year for _c, _i, year in old), default=0)
    newest = max(form.years)
    names = dict(after.figures.select("code", "name").iter_rows())
    titles = {id: str(row.title) for id, row in form.figures()}
    for code, indicator, year, value in _rows(after):
        same = old.get((code, indicator, year))
        limit = thresholds().figures.revised
        if same is not None and abs(value - same) > limit * max(abs(same), abs(value)):
            yield Alert("revised", code, names[code], titles[indicator], (year, year), same, value)
        then = old.get((code, indicator, last))
        if year == newest > last and then:
            low, high = _expected(form, indicator)
            if not low <= value / then - 1 <= high:
                yield Alert("grown", code, names[code], titles[indicator], (last, year), then, value)


def _expected(form: IndicatorForm, indicator: str) -> tuple[float, float]:
    """Return the change that a row's form expects of a year, or the one for rows that state none."""
    row = form.rows.get(indicator)
    stated = row.change if row else None
    return (float(stated[0]), float(stated[1])) if stated else thresholds().figures.grown


def _ranks(before: Computed, after: Computed) -> Iterator[Alert]:
    old, new = _last_ranks(before), _last_ranks(after)
    common = old.keys() & new.keys()
    places = [_placed({code: side[code][1] for code in common}) for side in (old, new)]
    limit = max(thresholds().ranks.fewest, thresholds().ranks.moved * len(common))
    years = (before.summary["years"][-1], after.summary["years"][-1])
    for code in sorted(common):
        was, now = places[0][code], places[1][code]
        if abs(now - was) >= limit:
            yield Alert("rank", code, new[code][0], "", years, was, now)


def _last_ranks(made: Computed) -> dict[str, tuple[str, float]]:
    column = f"{made.summary['root']}_rank"
    last = made.table.filter(year=made.summary["years"][-1]).drop_nulls(column)
    return {code: (name, rank) for code, name, rank in last.select("code", "name", column).iter_rows()}


def _placed(ranks: dict[str, float]) -> dict[str, int]:
    """Return ranks among the common units alone, ties sharing the first place."""
    order = sorted(ranks.values())
    return {code: order.index(rank) + 1 for code, rank in ranks.items()}


def _counterpart(made: Computed) -> Computed | None:
    if made.campaign.previous_id is None:
        return None
    earlier = Computed.objects.filter(
        campaign=made.campaign.previous_id, methodology=made.methodology, state__in=("computed", "proposed")
    )
    return earlier.filter(state="proposed").first() or earlier.first()


def _rows(snapshot: Snapshot) -> Iterator[tuple[str, str, int, float]]:
    frame = snapshot.figures.drop_nulls("value")
    yield from frame.select("code", "indicator", "year", "value").iter_rows()
