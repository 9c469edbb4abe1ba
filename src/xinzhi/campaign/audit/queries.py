"""Reads of the audit, for those who may."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import Campaign

_BEIJING = ZoneInfo("Asia/Shanghai")
_UTC = ZoneInfo("UTC")


def visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Event]:
    """Return the events of a campaign, last first, if the actor may read the audit; nothing otherwise."""
    events = Event.objects.filter(campaign=campaign.pk).order_by("-sequence")
    return events if actor.may("audit", campaign) else events.none()


def on_day(events: QuerySet[Event], day: date) -> QuerySet[Event]:
    """Return the events of a day in Beijing; moments are kept as text in UTC, which sorts as time does."""
    begins = datetime(day.year, day.month, day.day, tzinfo=_BEIJING)
    first, last = (
        moment.astimezone(_UTC).isoformat(timespec="microseconds")
        for moment in (begins, begins + timedelta(days=1))
    )
    return events.filter(at__gte=first, at__lt=last)
