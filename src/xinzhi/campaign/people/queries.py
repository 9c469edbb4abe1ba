"""Reads of people: who holds a role in a campaign, who was invited, which bodies wait for the office."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.models import Invitation, Membership
from xinzhi.campaign.places.models import BODY, Unit


def members_visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Membership]:
    """Return the roles held in a campaign, for whoever invites to it; nothing for others."""
    if not actor.may("invite", campaign):
        return Membership.objects.none()
    return (
        Membership.objects.filter(Q(campaign=campaign) | Q(campaign=None), until=None)
        .select_related("user", "unit", "campaign")
        .order_by("role", "unit__code", "user__email")
    )


def invitations_visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Invitation]:
    """Return the invitations to a campaign that can still be taken up."""
    if not actor.may("invite", campaign):
        return Invitation.objects.none()
    return (
        Invitation.objects.filter(campaign=campaign, used_at=None, revoked_at=None, expires_at__gt=actor.now)
        .select_related("unit", "campaign", "mail")
        .order_by("role", "unit__code", "pk")
    )


def bodies_waiting(actor: Actor, campaign: Campaign) -> QuerySet[Unit]:
    """Return the bodies that take part in a campaign and that the office has not approved yet."""
    if not actor.may("accept", campaign):
        return Unit.objects.none()
    return (
        Unit.objects.filter(level=BODY, approved_at=None)
        .filter(Q(memberships__campaign=campaign) | Q(returns__campaign=campaign))
        .select_related("parent__parent")
        .distinct()
        .order_by("code")
    )
