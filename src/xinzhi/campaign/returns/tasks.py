"""What is asked of the units for which somebody files or confirms, and the next step of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, prefetch_related_objects

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.deadlines import Deadline, deadline_of
from xinzhi.campaign.returns.keys import keys_of
from xinzhi.campaign.returns.models import CASE, INDICATORS, Return
from xinzhi.campaign.returns.operations import is_eligible
from xinzhi.campaign.returns.states import EDITABLE, STATES
from xinzhi.language import gettext as _


@dataclass
class Task:
    """A return, or a form not begun yet (None), with its next step; `first` is the most urgent of the page."""

    title: str
    filed: Return | None
    state: str
    tag: str
    step: str
    deadline: Deadline
    filled: int = 0
    cells: int = 0
    first: bool = False


@dataclass
class Place:
    """A unit with what is asked of it."""

    unit: Unit
    files: bool
    tasks: list[Task]
    may_start_case: bool
    is_open: bool
    deadline: Deadline


_TAGS = {
    "returned": "explain",
    "accepted": "done",
    "declined": "mend",
    "submitted": "note",
    "reviewing": "note",
}
_URGENCY = {"returned": 0, "confirming": 1, "draft": 2}


def tasks_of(actor: Actor, campaign: Campaign) -> list[Place]:
    """Return, by unit, what the actor has to do in a campaign: their returns, and the forms still to be begun."""
    permissions = {
        m.unit_id: set(m.declared.permissions)
        for m in actor.memberships
        if m.campaign_id in (None, campaign.pk) and {"file", "confirm"} & m.declared.permissions
    }
    for m in actor.memberships:
        if m.unit_id in permissions and m.campaign_id in (None, campaign.pk):
            permissions[m.unit_id] |= m.declared.permissions
    prefetch_related_objects([campaign], "extensions", "admissions__unit")
    units = Unit.objects.filter(pk__in=[id for id in permissions if id]).select_related("parent__parent")
    typed = Count("cells", filter=~Q(cells__text="") | Q(cells__sealed__isnull=False))
    by_unit: dict[int, list[Return]] = {unit.pk: [] for unit in units}
    for filed in (
        Return.objects.filter(campaign=campaign, unit__in=units).annotate(typed=typed).order_by("made_at")
    ):
        filed.campaign = campaign
        by_unit[filed.unit_id].append(filed)
    places = [_place(actor, campaign, unit, permissions[unit.pk], by_unit[unit.pk]) for unit in units]
    _mark_first(places)
    return places


def _place(
    actor: Actor, campaign: Campaign, unit: Unit, may: set[Permission], returns: list[Return]
) -> Place:
    files, confirms = "file" in may, "confirm" in may
    tasks = [
        _task(actor, campaign, unit, filed, files=files, confirms=confirms)
        for filed in sorted(returns, key=lambda filed: filed.sort != INDICATORS)
    ]
    window = deadline_of(campaign, unit, actor.now)
    is_open = campaign.is_open_for(unit, actor.now)
    asked = is_eligible(campaign, unit, INDICATORS)
    if asked and not any(filed.sort == INDICATORS for filed in returns):
        begins = _("开始填报") if files and is_open else ""
        tasks.insert(0, Task(str(campaign.indicators.title), None, _("未开始"), "", begins, window))
    return Place(unit, files, tasks, files and is_eligible(campaign, unit, CASE), is_open, window)


def _task(
    actor: Actor, campaign: Campaign, unit: Unit, filed: Return, *, files: bool, confirms: bool
) -> Task:
    form = filed.declared
    if filed.state in EDITABLE and files:
        step = _("按意见修改") if filed.state == "returned" else _("继续填报")
    elif filed.state == "confirming" and confirms:
        step = _("复核")
    else:
        step = ""
    return Task(
        title=filed.title or (_("未命名的案例") if filed.sort == CASE else str(form.title)),
        filed=filed,
        state=str(STATES[filed.state]),
        tag=_TAGS.get(filed.state, ""),
        step=step,
        deadline=deadline_of(campaign, unit, actor.now, filed if filed.state == "returned" else None),
        filled=filed.typed,  # type: ignore[attr-defined]
        cells=sum(1 for _key in keys_of(form)),
    )


def _mark_first(places: list[Place]) -> None:
    """Mark the one next step that the page fills: what was sent back, then what waits, then what is begun."""
    waiting = [task for place in places for task in place.tasks if task.step]
    if waiting:
        first = min(
            waiting, key=lambda t: (_URGENCY.get(t.filed.state, 3) if t.filed else 3, t.deadline.until)
        )
        first.first = True
