"""Reads of opinion: lists, reports with their questions, counts. The media unit, the office and the auditor see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.opinion.models import ApprovedCount, Counting, Mention, Proposal, Report, ReportList
from xinzhi.campaign.opinion.rule import REPRINT_TITLES, rule
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import Unit

READERS: tuple[Permission, ...] = ("count_opinion", "approve_opinion", "audit")
"""One of these permissions opens the pages of this part."""

QUESTIONS = ("unit", "sphere", "nobody", "repeat")
"""What reports can be filtered by: a name with several units, no sphere, no unit at all, a repetition."""

Counts = Mapping[tuple[int, str, int], int]
"""Number by unit id, field and year."""


def visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Report]:
    """Return the reports that an actor may see, those of withdrawn lists left out."""
    reports = Report.objects.filter(of__campaign=campaign, of__withdrawn_at=None)
    return reports if any(actor.may(p, campaign) for p in READERS) else reports.none()


def lists_of(actor: Actor, campaign: Campaign) -> QuerySet[ReportList]:
    """Return the lists in force, each with its number of reports."""
    lists = ReportList.objects.filter(campaign=campaign, withdrawn_at=None).select_related("by")
    lists = lists.annotate(count=Count("reports"))
    return lists if any(actor.may(p, campaign) for p in READERS) else lists.none()


def asked(reports: QuerySet[Report], question: str) -> QuerySet[Report]:
    """Return the reports of which a person has to say something, or that repeat others."""
    of_report = Mention.objects.filter(report=OuterRef("pk"))
    match question:
        case "unit":
            return reports.filter(Exists(of_report.filter(settled=False)))
        case "sphere":
            return reports.filter(sphere="")
        case "nobody":
            return reports.filter(~Exists(of_report))
        case "repeat":
            return reports.exclude(relation="")
        case _all:
            return reports


def questions_of(actor: Actor, campaign: Campaign) -> dict[str, int]:
    """Return how many reports each question is about."""
    reports = visible_to(actor, campaign)
    return {question: asked(reports, question).count() for question in QUESTIONS}


def reprints_of(campaign: Campaign) -> str:
    """Return how a campaign counts reprints: as its office chose, else as the rule of the library says."""
    chosen = Counting.objects.filter(campaign=campaign).values_list("reprints", flat=True).first()
    return chosen if chosen and chosen in REPRINT_TITLES else rule().reprints


def counted_reports(campaign: Campaign) -> QuerySet[Mention]:
    """Return what counts: settled mentions in reports of a known sphere, in the years of the form.

    Each has `group` (the first report), `year` (of the first where reprints count once) and `sphere`.
    """
    mentions = Mention.objects.filter(
        settled=True, report__of__campaign=campaign, report__of__withdrawn_at=None
    ).exclude(report__sphere="")
    if reprints_of(campaign) == "each":
        mentions = mentions.exclude(report__relation="duplicate").annotate(
            group=Coalesce("report__pk", "report__pk"), year=ExtractYear("report__day")
        )
    else:
        mentions = mentions.annotate(
            group=Coalesce("report__first", "report__pk"),
            year=ExtractYear(Coalesce("report__first__day", "report__day")),
        )
    return mentions.filter(year__in=campaign.indicators.years)


def counts_of(campaign: Campaign) -> Counts:
    """Return the counts as they stand now; a unit, field and year without a report is not there."""
    fields = rule().fields
    rows = (
        counted_reports(campaign)
        .values_list("unit_id", "report__sphere", "year")  # type: ignore[misc]  # annotated above
        .annotate(number=Count("group", distinct=True))
        .order_by("unit_id", "report__sphere", "year")
    )
    return {(unit, fields[sphere], year): number for unit, sphere, year, number in rows}


@dataclass(frozen=True)
class UnitCounts:
    """A line of the table: a unit with its numbers by field and year, in the order of the heads."""

    unit: Unit
    numbers: tuple[int | None, ...]


def heads_of(campaign: Campaign) -> tuple[tuple[str, int], ...]:
    """Return the fields and years that are counted, in the order of the form."""
    return tuple((field, year) for field in rule().fields.values() for year in campaign.indicators.years)


def table_of(campaign: Campaign, counts: Counts) -> list[UnitCounts]:
    """Return counts as lines by unit."""
    heads = heads_of(campaign)
    units = Unit.objects.in_bulk({unit for unit, _field, _year in counts})
    return [
        UnitCounts(unit, tuple(counts.get((unit.pk, field, year)) for field, year in heads))
        for unit in sorted(units.values(), key=lambda unit: unit.code)
    ]


def filtered(
    reports: QuerySet[Report], *, unit: str = "", sphere: str = "", year: str = "", text: str = ""
) -> QuerySet[Report]:
    """Return the reports that name a unit (by code), of a sphere, of a year, with a text in title or outlet."""
    wanted = Q()
    if unit:
        wanted &= Q(Exists(Mention.objects.filter(report=OuterRef("pk"), unit__code=unit, settled=True)))
    if sphere in rule().fields:
        wanted &= Q(sphere=sphere)
    if year.isdecimal() and len(year) == 4:
        wanted &= Q(day__year=int(year))
    if text:
        wanted &= Q(title__icontains=text) | Q(outlet__icontains=text)
    return reports.filter(wanted)


def latest_proposal(campaign: Campaign) -> Proposal | None:
    """Return the last proposal."""
    return Proposal.objects.filter(campaign=campaign).select_related("by", "decided_by").first()


def counts_in(proposal: Proposal) -> Counts:
    """Return the numbers of a proposal."""
    return {(unit, field, year): number for unit, field, year, number in proposal.counts}


def approved_counts(campaign: Campaign) -> dict[tuple[int, str, int], Decimal]:
    """Return the approved numbers by unit id, field and year; what nobody counted is not there."""
    rows = ApprovedCount.objects.filter(campaign=campaign).values_list("unit_id", "field", "year", "number")
    return {(unit, field, year): Decimal(number) for unit, field, year, number in rows}


def outlets_said(campaign: Campaign) -> dict[str, str]:
    """Return the sphere that a person has said of an outlet, in lower case."""
    said: defaultdict[str, str] = defaultdict(str)
    reports = Report.objects.filter(of__campaign=campaign, sphere_said=True).order_by("pk")
    for outlet, sphere in reports.values_list("outlet", "sphere"):
        said[outlet.casefold()] = sphere
    return dict(said)
