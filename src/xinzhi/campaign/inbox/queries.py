"""Reads of the inbox: the office of a campaign sees what came to it, nobody else."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.models import STATUSES, Arrival, ArrivedFile
from xinzhi.campaign.returns.models import Return
from xinzhi.forms import load_form


def visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Arrival]:
    """Return the deliveries of a campaign that an actor may see."""
    arrivals = Arrival.objects.select_related("campaign", "unit", "original")
    return arrivals.filter(campaign=campaign) if actor.may("check", campaign) else arrivals.none()


def status_counts(actor: Actor, campaign: Campaign) -> dict[str, int]:
    """Return how many deliveries have each status."""
    counted = dict(visible_to(actor, campaign).order_by().values_list("status").annotate(n=Count("pk")))
    return {"": sum(counted.values())} | {status: counted.get(status, 0) for status in STATUSES}


def online_copies(item: ArrivedFile) -> list[Return]:
    """Return what the unit has online of the same form: its figures, or its cases, the one of the same title first."""
    arrival = item.arrival
    if arrival.unit_id is None or not item.form:
        return []
    sort = load_form(item.form).kind
    found = Return.objects.filter(
        campaign=arrival.campaign_id, unit=arrival.unit_id, sort=sort
    ).select_related("unit", "campaign")
    title = "".join(item.title.split())
    return sorted(found, key=lambda filed: "".join(filed.title.split()) != title)
