"""Reads of campaigns."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import BODY, Unit


def visible_to(actor: Actor) -> QuerySet[Campaign]:
    """Return the campaigns in which an actor holds a role; all of them where the role is held in all."""
    campaigns = Campaign.objects.all()
    if actor.system or any(m.campaign_id is None for m in actor.memberships):
        return campaigns
    return campaigns.filter(pk__in=[m.campaign_id for m in actor.memberships])


def open_for_registration(actor: Actor) -> QuerySet[Campaign]:
    """Return the campaigns in which an enterprise or another body may register itself now."""
    return Campaign.objects.filter(state="open", opens_at__lte=actor.now, closes_at__gt=actor.now)


def asked_units(campaign: Campaign, form: str) -> QuerySet[Unit]:
    """Return the administrative units that a campaign asks for a form: by kind, and those admitted by name."""
    asked = Q(pk__in=[])
    for filers in campaign.call.filers:
        if form in filers.forms and filers.kinds:
            asked |= Q(level="county", kind__in=filers.kinds)
    year = campaign.call.units_year
    stands = (Q(valid_from=None) | Q(valid_from__lte=year)) & (Q(valid_to=None) | Q(valid_to__gte=year))
    admitted = Q(pk__in=campaign.admissions.values("unit"))
    return Unit.objects.filter((asked & stands) | admitted, demonstration=campaign.demonstration).exclude(
        level=BODY
    )
