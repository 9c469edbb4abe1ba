"""Reads of publications: the doors to them, and which of their cases may no longer be shown."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.steps import PUBLIC, UNPUBLISHED
from xinzhi.campaign.results.queries import seen_by
from xinzhi.campaign.review.models import Case
from xinzhi.campaign.review.publishable import obstacle

GONE = ("withdrawn", "refused", "erased")
"""What stands against a case that was published: the unit does not want it any more. That a later version waits for
its consent takes nothing from the one that was given."""


def visible_to(actor: Actor) -> QuerySet[Publication]:
    """Return the publications that an actor may see, published or not."""
    found = Publication.objects.select_related("campaign", "job", "made_by")
    return seen_by(actor, found.prefetch_related("approvals__by"))


def public(slug: str) -> list[Publication]:
    """Return the editions of a campaign that anybody may know of, the newest first; those withdrawn too."""
    found = Publication.objects.filter(campaign__slug=slug, state__in=PUBLIC)
    return list(found.select_related("campaign", "archive"))


def published() -> list[Publication]:
    """Return the newest edition of each campaign that has one, the latest campaign first."""
    newest: dict[int, Publication] = {}
    for edition in Publication.objects.filter(state__in=PUBLIC).select_related("campaign"):
        newest.setdefault(edition.campaign_id, edition)
    shown = [edition for edition in newest.values() if edition.state == "published"]
    return sorted(shown, key=lambda edition: edition.campaign.year, reverse=True)


def prepared(campaign: Campaign) -> Publication | None:
    """Return the edition that is not published yet, if there is one."""
    found = campaign.publications.filter(state__in=UNPUBLISHED)
    return found.select_related("campaign").prefetch_related("approvals").first()


def not_publishable(edition: Publication) -> list[str]:
    """Return the titles of the cases of an edition that may not be published as they were chosen."""
    chosen = {case.id: case.version for case in edition.chosen.cases}
    if not chosen:
        return []
    cases = list(_cases(chosen))
    titles = {case.filed_id: case.filed.title for case in cases}
    able = {case.filed_id: case.filed.version for case in cases if obstacle(case) is None}
    return [titles.get(id, str(id)) for id, version in chosen.items() if able.get(id) != version]


def gone_cases(editions: Iterable[Publication]) -> dict[int, list[str]]:
    """Return, by edition that is out, the titles of the cases whose unit does not want them shown any more."""
    out = [edition for edition in editions if edition.state == "published"]
    wanted = {case.id for edition in out for case in edition.chosen.cases}
    if not wanted:
        return {}
    gone = {case.filed_id: case.filed.title for case in _cases(wanted) if obstacle(case) in GONE}
    found = {
        edition.pk: [gone[case.id] for case in edition.chosen.cases if case.id in gone] for edition in out
    }
    return {pk: titles for pk, titles in found.items() if titles}


def _cases(ids: Iterable[object]) -> QuerySet[Case]:
    return Case.objects.filter(filed__in=list(ids)).select_related("filed__unit")
