"""What a person has to do in a campaign: each task with its state, its date and its next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.queries import open_count
from xinzhi.campaign.pages import address_of
from xinzhi.campaign.people.queries import bodies_waiting, invitations_visible_to
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.publications.queries import gone_cases
from xinzhi.campaign.publications.steps import STATES as EDITION_STATES
from xinzhi.campaign.returns.models import CASE, INDICATORS, Return
from xinzhi.campaign.returns.queries import visible_to
from xinzhi.campaign.returns.states import STATES
from xinzhi.forms import may_file
from xinzhi.language import gettext as _

_TONES = {"returned": "mend", "accepted": "done", "draft": "explain", "confirming": "explain"}


@dataclass(frozen=True)
class Task:
    """Something to do, or to wait for.

    Attributes
    ----------
    what : str
        What it is about.
    state : str
        Where it stands, in words.
    tone : {"mend", "explain", "note", "done"}
        How its state is marked.
    due : datetime or None
        Until when.
    days : int or None
        Days that are left of that, today not counted; negative once it is over.
    step : str
        The next step; blank where there is nothing to do.
    address : str
        Where it is done.
    next : bool
        Whether it is the first that can be done now: the one filled button.
    """

    what: str
    state: str
    tone: str = "note"
    due: datetime | None = None
    days: int | None = None
    step: str = ""
    address: str = ""
    next: bool = False


def tasks_of(actor: Actor, campaign: Campaign) -> list[Task]:
    """Return what an actor has to do in a campaign, what is pressing first."""
    tasks = [task for of_role in _ROLES for task in of_role(actor, campaign)]
    for place, task in enumerate(tasks):
        if task.step and task.address:
            tasks[place] = replace(task, next=True)
            break
    return tasks


def days_left(due: datetime, now: datetime, campaign: Campaign) -> int:
    """Return the days between two moments by the calendar of the campaign; an end at midnight ends the day before."""
    zone = campaign.call.zone
    last = (due - timedelta(microseconds=1)).astimezone(zone).date()
    return (last - now.astimezone(zone).date()).days if now < due else -1


def _filing(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Tell a reporter of the returns of each unit, those not begun included."""
    units = _units(actor, campaign, "file")
    if not units:
        return
    address = address_of("filing_home", campaign)
    returns = [filed for filed in visible_to(actor).filter(campaign=campaign) if filed.unit in units]
    admitted = set(campaign.admissions.values_list("unit__code", flat=True))
    for unit in units:
        due = campaign.closes_for(unit)
        open_now = campaign.is_open_for(unit, actor.now)
        begun = Counter(filed.sort for filed in returns if filed.unit_id == unit.pk)
        for filed in returns:
            if filed.unit_id == unit.pk:
                yield _of_return(actor, campaign, filed, due)
        for sort in (INDICATORS, CASE):
            if (
                sort in campaign.forms
                and not begun[sort]
                and may_file(campaign.call, unit.administrative, sort, admitted=admitted)
            ):
                yield Task(
                    f"{unit.name} · {campaign.form(sort).title}",
                    _("尚未开始") if actor.now >= campaign.opens_at else _("尚未开放"),
                    "explain" if open_now else "note",
                    due,
                    days_left(due, actor.now, campaign),
                    _("开始填报") if open_now else "",
                    address,
                )


def _of_return(actor: Actor, campaign: Campaign, filed: Return, closes: datetime) -> Task:
    steps = {"draft": _("继续填报"), "returned": _("修改后再提交")}
    waits = filed.state in steps
    due = (filed.due_at or closes) if filed.state == "returned" else closes if waits else None
    return Task(
        str(filed),
        str(STATES[filed.state]),
        _TONES.get(filed.state, "note"),
        due,
        days_left(due, actor.now, campaign) if due else None,
        steps.get(filed.state, _("查看")),
        address_of("return", campaign, filed.pk) or address_of("filing_home", campaign),
    )


def _confirming(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Tell the second person of what waits for them."""
    units = _units(actor, campaign, "confirm")
    if not units:
        return
    waiting = visible_to(actor).filter(campaign=campaign, state="confirming", unit__in=units)
    for filed in waiting:
        due = campaign.closes_for(filed.unit)
        yield Task(
            str(filed),
            str(STATES["confirming"]),
            "explain",
            due,
            days_left(due, actor.now, campaign),
            _("复核"),
            address_of("return", campaign, filed.pk) or address_of("filing_home", campaign),
        )
    if not waiting:
        yield Task(_("复核"), _("没有待复核的填报"))


def _reviewing(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Tell a city or a province how much waits for it."""
    if _holds(actor, campaign, "reviewer"):
        n = visible_to(actor).filter(campaign=campaign, state="reviewing").count()
        yield _counted(_("待市级、省级审核"), n, _("审核"), address_of("checking_queue", campaign))
        yield Task(_("本级进度"), "", "note", step=_("查看"), address=address_of("board", campaign))


def _office(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Tell the office what waits for it."""
    if not actor.may("accept", campaign):
        return
    states = Counter(visible_to(actor).filter(campaign=campaign).values_list("state", flat=True))
    queue = address_of("checking_queue", campaign)
    yield _counted(_("待审核的填报"), states["submitted"], _("审核"), queue and f"{queue}?stage=submitted")
    yield _counted(
        _("待核实的单位"), bodies_waiting(actor, campaign).count(), _("核实"), address_of("bodies", campaign)
    )
    people = f"{address_of('people', campaign)}?show=invited"
    yield _counted(_("还没有使用的邀请"), invitations_visible_to(actor, campaign).count(), _("查看"), people)
    done = _("审核通过 {n} 份, 已退回 {m} 份").format(n=states["accepted"], m=states["returned"])
    yield Task(_("进度"), done, "note", step=_("查看"), address=address_of("board", campaign))
    inbox = f"{address_of('inbox', campaign)}?handled=no"
    yield _counted(_("待处理的来件"), open_count(actor, campaign), _("打开收件"), inbox)


def _publishing(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Tell whoever publishes of the edition that waits for them, and of published cases that have to go."""
    if not actor.may("publish", campaign):
        return
    editions = list(campaign.publications.prefetch_related("approvals"))
    home = address_of("publications", campaign)
    for edition in editions:
        address = address_of("publication", campaign, edition.number)
        name = _("发布: 第 {n} 版").format(n=edition.number)
        own = actor.user is not None and actor.user.pk in {given.by_id for given in edition.approved_by}
        if edition.standing == EDITION_STATES["failed"]:
            yield Task(name, str(edition.standing.title), "mend", step=_("查看"), address=address)
        elif edition.state == "built" and edition.approved:
            yield Task(name, _("两人已批准, 可以公开"), "explain", step=_("去发布"), address=address)
        elif edition.state == "built" and own:
            yield Task(name, _("等另一位批准"), "note", address=address)
        elif edition.state == "built":
            yield Task(name, _("等你批准"), "explain", step=_("看预览"), address=address)
    for pk, titles in gone_cases(editions).items():
        number = next(edition.number for edition in editions if edition.pk == pk)
        state = _("{n} 个案例的同意已撤回: 请发布新的一版").format(n=len(titles))
        yield Task(_("发布: 第 {n} 版").format(n=number), state, "mend", step=_("去更正"), address=home)


def _others(actor: Actor, campaign: Campaign) -> Iterator[Task]:
    """Lead those who have one place to work to it."""
    places = (
        ("expert", _("评审分给你的案例"), "review_home", _("去评审")),
        ("media", _("统计媒体报道"), "opinion", _("去统计")),
        ("analyst", _("快照和计算结果"), "results", _("打开结果")),
        ("auditor", _("审计记录"), "audit", _("查看")),
    )
    for role, what, view, step in places:
        if _holds(actor, campaign, role):
            yield Task(what, "", step=step, address=address_of(view, campaign))


_ROLES: tuple[Callable[[Actor, Campaign], Iterable[Task]], ...] = (
    _confirming,
    _filing,
    _reviewing,
    _office,
    _publishing,
    _others,
)


def _units(actor: Actor, campaign: Campaign, permission: str) -> list[Unit]:
    """Return the units for which a permission is held in a campaign."""
    units = {
        membership.unit.pk: membership.unit
        for membership in actor.memberships
        if membership.unit is not None
        and permission in membership.declared.permissions
        and membership.campaign_id in (None, campaign.pk)
    }
    return list(units.values())


def _holds(actor: Actor, campaign: Campaign, role: str) -> bool:
    return any(m.role == role and m.campaign_id in (None, campaign.pk) for m in actor.memberships)


def _counted(what: str, n: int, step: str, address: str) -> Task:
    return Task(what, str(n), "explain" if n else "done", step=step if n else "", address=address)
