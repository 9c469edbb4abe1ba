"""What a return is held against: official and earlier figures, the range of its peers, the count of its cases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from django.core.cache import caches

from xinzhi.campaign.campaigns.models import KnownFigure
from xinzhi.campaign.returns.drafts import figures_of
from xinzhi.campaign.returns.models import INDICATORS, Return, Version
from xinzhi.campaign.returns.queries import cases_counted
from xinzhi.forms import IndicatorForm
from xinzhi.forms.checks import Circumstances

FEWEST_PEERS = 8
"""Fewer units of one kind in a province than this have no usual range."""


def circumstances_of(filed: Return) -> Circumstances:
    """Return what is known beside a return; of a case nothing is needed."""
    if filed.sort != INDICATORS:
        return Circumstances(unit=filed.unit.administrative)
    held = _held_against(filed)
    return replace(
        held,
        earlier={**held.earlier, **earlier_figures(filed)},
        cases=cases_counted(filed.campaign, [filed.unit_id])[filed.unit_id],
    )


def _held_against(filed: Return) -> Circumstances:
    """Return what the office holds against a unit's figures; each process keeps it for a while.

    A process sees at its next request that figures were imported, by the revision of the campaign; what else could
    change it (the list of units) is seen when the time is over.
    """
    key = f"known:{filed.campaign_id}:{filed.campaign.revision}:{filed.unit_id}"
    kept: Circumstances | None = caches["memory"].get(key)
    if kept is None:
        kept = _looked_up(filed)
        caches["memory"].set(key, kept)
    return kept


def _looked_up(filed: Return) -> Circumstances:
    known: dict[str, dict[tuple[str, int], Decimal]] = defaultdict(dict)
    for figure in KnownFigure.objects.filter(campaign=filed.campaign_id, unit=filed.unit_id):
        known[figure.sort][figure.field, figure.year] = figure.number.normalize()
    census = max(known["census"].items(), key=lambda item: item[0][1], default=None)
    return Circumstances(
        unit=filed.unit.administrative,
        earlier=known["earlier"],
        official=known["official"],
        peers=usual_ranges(filed),
        census=census[1] if census else None,
        census_year=census[0][1] if census else 2020,
    )


def earlier_figures(filed: Return) -> dict[tuple[str, int], Decimal]:
    """Return what the unit filed in the campaign before and the office accepted, for years not asked again."""
    if filed.campaign.previous_id is None:
        return {}
    before = (
        Version.objects.filter(
            of__campaign=filed.campaign.previous_id,
            of__unit=filed.unit_id,
            of__sort=INDICATORS,
            of__state="accepted",
        )
        .order_by("-number")
        .values_list("pk", flat=True)
        .first()
    )
    form = filed.declared
    if before is None or not isinstance(form, IndicatorForm):
        return {}
    # A version never changes once it is made, so what was read from it holds.
    kept: dict[tuple[str, int], Decimal] | None = caches["memory"].get(f"figures:{before}")
    if kept is None:
        kept = _figures_in(before)
        caches["memory"].set(f"figures:{before}", kept)
    return {key: number for key, number in kept.items() if key[1] not in form.years}


def _figures_in(version: int) -> dict[tuple[str, int], Decimal]:
    sent = Version.objects.select_related("of").get(pk=version)
    form = sent.of.declared
    assert isinstance(form, IndicatorForm)
    return figures_of(form, sent.values)


def usual_ranges(filed: Return) -> dict[str, tuple[Decimal, Decimal]]:
    """Return, by row, the range of the middle four fifths of official figures of units like this one.

    Like this one: of its kind, in its province. Widened by half its width on either side, so that only what is
    out of the common is asked about; no range from fewer than :data:`FEWEST_PEERS` units.
    """
    figures = KnownFigure.objects.filter(
        campaign=filed.campaign_id,
        sort="official",
        unit__kind=filed.unit.kind,
        unit__path__startswith=filed.unit.path.split("/")[0] + "/",
    ).exclude(unit=filed.unit_id)
    latest: dict[str, dict[int, tuple[int, Decimal]]] = defaultdict(dict)
    for field, unit, year, number in figures.values_list("field", "unit_id", "year", "number"):
        if year >= latest[field].get(unit, (0, Decimal(0)))[0]:
            latest[field][unit] = year, number
    ranges = {}
    for field, by_unit in latest.items():
        numbers = sorted(number for _year, number in by_unit.values())
        if len(numbers) >= FEWEST_PEERS:
            tenth = len(numbers) // 10
            low, high = numbers[tenth], numbers[-1 - tenth]
            slack = (high - low) / 2
            ranges[field] = (max(low - slack, Decimal(0)), high + slack)
    return ranges
