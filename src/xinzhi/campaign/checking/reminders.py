"""Reminders by rule: so many days before the closing, or before the due date of what was returned; each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.board import asked
from xinzhi.campaign.checking.letters import facts_of, local_day, write
from xinzhi.campaign.checking.queries import within_reach
from xinzhi.campaign.checking.stages import STAGES, UNFINISHED
from xinzhi.campaign.jobs.queue import Again, enqueue
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Forbidden
from xinzhi.campaign.returns.models import CASE, Return
from xinzhi.language import gettext as _

DAYS = (30, 14, 7, 3, 1)
"""Days before an end on which units are reminded where the campaign says nothing else."""

_MORNING = time(8)
_OWING = frozenset({"", *(state for stage in UNFINISHED for state in STAGES[stage].states)}) - {"withdrawn"}
"""States of a return of which the unit is reminded; who withdrew it is left in peace."""


def draft_reminders(actor: Actor, campaign: Campaign) -> int:
    """Write today's reminders to the units that an actor reaches; return how many are new.

    Asking again on the same day changes nothing.

    Raises
    ------
    Forbidden
        If the actor reminds nobody in this campaign.
    """
    if not actor.may("remind", campaign):
        raise Forbidden(_("你没有提醒的权限"))
    if campaign.state != "open" or actor.now < campaign.opens_at:
        return 0
    prefetch_related_objects([campaign], "extensions")
    written = 0
    for unit, filed, state in _owing(actor, campaign):
        returned = filed is not None and state == "returned" and filed.due_at is not None
        end = filed.due_at if filed is not None and returned else campaign.closes_for(unit)
        assert end is not None
        days = (local_day(campaign, end - timedelta(seconds=1)) - local_day(campaign, actor.now)).days
        if actor.now >= end or days not in _days(campaign):
            continue
        sort = "due" if returned else "closing"
        rule = f"{sort}:{days}" + (f":{filed.pk}" if filed is not None and filed.sort == CASE else "")
        facts = facts_of(campaign, unit, state, end, days)
        day = local_day(campaign, actor.now)
        written += write(actor, campaign, unit, sort, rule, day, facts, filed) is not None
    return written


def ensure_daily(actor: Actor, campaign: Campaign) -> None:
    """Let a job write the reminders of each morning from now on; there is one for a campaign at most."""
    enqueue(
        actor, "letters.daily", {"campaign": campaign.pk}, key=f"campaign:{campaign.pk}",
        run_at=_next_morning(campaign, timezone.now()),
    )  # fmt: skip


def begin(actor: Actor, campaign: Campaign, **_signal: object) -> None:
    """Begin the daily reminders of a campaign that was opened."""
    ensure_daily(actor, campaign)


def draft_daily(payload: Mapping[str, object], report: Callable[[float], None], /) -> object:
    """Write this morning's reminders; the job comes again the next morning while the campaign is open."""
    campaign = Campaign.objects.get(pk=str(payload["campaign"]))
    actor = the_system()
    outcome = {"written": draft_reminders(actor, campaign)}
    report(1.0)
    return Again(_next_morning(campaign, actor.now), outcome) if campaign.state == "open" else outcome


def _owing(actor: Actor, campaign: Campaign) -> list[tuple[Unit, Return | None, str]]:
    """Return who still has to do something: units asked for figures, and units and bodies with a case under way."""
    units = asked(actor, campaign, permissions=("remind",)).filter(state__in=_OWING).order_by("code")
    filed = Return.objects.in_bulk([unit.filed for unit in units if unit.filed])
    owing = [(unit, filed.get(unit.filed), unit.state) for unit in units]
    return owing + [(case.unit, case, case.state) for case in _cases(actor, campaign)]


def _cases(actor: Actor, campaign: Campaign) -> QuerySet[Return]:
    reach = within_reach(actor, campaign, ("remind",), "unit__")
    return (
        Return.objects.filter(reach, campaign=campaign, sort=CASE, state__in=_OWING - {""})
        .select_related("unit")
        .order_by("unit__code", "pk")
    )


def _days(campaign: Campaign) -> tuple[int, ...]:
    return tuple(campaign.reminders.get("days_before", DAYS))


def _next_morning(campaign: Campaign, now: datetime) -> datetime:
    zone = campaign.call.zone
    today = datetime.combine(now.astimezone(zone).date(), _MORNING, zone)
    return today if now < today else today + timedelta(days=1)
