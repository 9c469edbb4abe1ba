"""The only writes to campaigns: open from a template, change, extend, admit, close, reopen, clone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.dispatch import Signal

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import LEVELS, Admission, Campaign, Extension, KnownFigure
from xinzhi.campaign.people.models import Membership
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.forms import IndicatorForm, forms, load_call, load_form
from xinzhi.language import gettext as _

opened = Signal()
"""A campaign was opened or reopened: for those who begin something then, in the same transaction."""

REMINDERS = {"days_before": [30, 14, 7, 3, 1], "automatic": False, "receipts": False}
"""Drafts of reminders are made on these days before the closing; they, and replies to mails, leave only when the office
says so."""


@transaction.atomic
def open_from_template(
    actor: Actor,
    template: str,
    slug: str,
    *,
    year: int,
    title: str = "",
    levels: Iterable[str] = ("confirm",),
    demonstration: bool = False,
    previous: Campaign | None = None,
    window: tuple[datetime, datetime] | None = None,
) -> Campaign:
    """Make a campaign from a call of the library; the office still has to open it.

    Raises
    ------
    Forbidden, Refused
        If the actor may not, the slug is taken, or a level is unknown.
    """
    if not actor.may("manage"):
        raise Forbidden(_("你没有管理征集的权限"))
    chosen = list(levels)
    if unknown := set(chosen) - set(LEVELS):
        raise Refused(_("没有这样的审核级别: {levels}").format(levels=", ".join(sorted(unknown))))
    call = load_call(template)
    zone = call.zone
    opens, closes = window or (
        call.window.opens.replace(tzinfo=zone),
        call.window.closes.replace(tzinfo=zone),
    )
    known = sorted(
        (form for form in map(load_form, forms()) if form.template == template), key=lambda f: f.version
    )
    later = year - call.date.year
    if later < 0:
        raise Refused(
            _("“{title}”是 {year} 年的函, 不能用于更早的年度").format(title=call.title, year=call.date.year)
        )
    # Next year's campaign asks the same forms, of figures for the years after.
    latest = {
        f.id: (f.asked_later(later) if isinstance(f, IndicatorForm) and later else f).name for f in known
    }
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                slug=slug,
                title=title or call.title.zh,
                title_en=call.title.en,
                template=template,
                forms={id: latest[id] for id in call.forms},
                year=year,
                opens_at=opens,
                closes_at=closes,
                levels=chosen,
                reminders=dict(REMINDERS),
                demonstration=demonstration,
                previous=previous,
            )
    except IntegrityError as error:
        raise Refused(_("已有标识为 {slug} 的征集, 或时间窗不对").format(slug=slug)) from error
    record(actor, "campaign.made", f"campaign:{campaign.pk}", campaign=campaign.pk, template=template)
    if actor.user is not None and not actor.may("manage", campaign):
        # Whoever makes a campaign manages it, or nobody could.
        Membership.objects.create(user=actor.user, role="office", campaign=campaign, since=actor.now)
        record(actor, "role.given", f"user:{actor.user.pk}", campaign=campaign.pk, role="office", unit="")
    return campaign


@transaction.atomic
def change(actor: Actor, campaign: Campaign, seen: int, changes: Mapping[str, object]) -> Campaign:
    """Change title, window, levels, contacts, reminders, rubric or due days.

    Raises
    ------
    Conflict
        If somebody changed it since it was looked at.
    """
    allowed = {
        "title",
        "title_en",
        "opens_at",
        "closes_at",
        "levels",
        "contacts",
        "reminders",
        "rubric",
        "return_days",
    }
    if unknown := set(changes) - allowed:
        raise ValueError(f"not to be changed: {sorted(unknown)}")
    _require_manager(actor, campaign)
    opens, closes = changes.get("opens_at", campaign.opens_at), changes.get("closes_at", campaign.closes_at)
    if not opens < closes:  # type: ignore[operator]
        raise Refused(_("截止时间应当在开始时间之后"))
    _update(campaign, seen, dict(changes))
    record(actor, "campaign.changed", _subject(campaign), campaign=campaign.pk, fields=sorted(changes))
    return campaign


_MOVES: Mapping[str, tuple[frozenset[str], str]] = {
    "open": (frozenset({"preparing"}), "open"),
    "close": (frozenset({"open"}), "closed"),
    "reopen": (frozenset({"closed", "frozen"}), "open"),
    "freeze": (frozenset({"open", "closed"}), "frozen"),
}


@transaction.atomic
def move(actor: Actor, campaign: Campaign, verb: str, seen: int, reason: str = "") -> Campaign:
    """Open, close, reopen (with a reason) or freeze a campaign.

    Raises
    ------
    Refused
        If it is not in a state for that, or reopened without a reason.
    """
    before, after = _MOVES[verb]
    _require_manager(actor, campaign)
    if campaign.state not in before:
        raise Conflict(_("这次征集现在不能这样做"), where=campaign.title)
    if verb == "reopen" and not reason.strip():
        raise Refused(_("重新开放要写明理由"))
    _update(campaign, seen, {"state": after, "state_reason": reason.strip()[:500]})
    record(actor, f"campaign.{verb}", _subject(campaign), campaign=campaign.pk)
    if after == "open":
        opened.send(Campaign, actor=actor, campaign=campaign)
    return campaign


@transaction.atomic
def extend(actor: Actor, campaign: Campaign, unit: Unit, until: datetime, reason: str) -> Extension:
    """Give one unit more time."""
    _require_manager(actor, campaign)
    if until <= campaign.closes_for(unit):
        raise Refused(_("延期后的时间应当晚于现在的截止时间"), where=unit.name)
    if not reason.strip():
        raise Refused(_("请写明延期的理由"), where=unit.name)
    made = Extension.objects.create(
        campaign=campaign, unit=unit, until=until, reason=reason.strip()[:200], by=actor.user, at=actor.now
    )
    record(
        actor, "campaign.extended", _subject(campaign), campaign=campaign.pk,
        unit=unit.code, until=until.isoformat(),
    )  # fmt: skip
    return made


@transaction.atomic
def admit(actor: Actor, campaign: Campaign, unit: Unit, reason: str) -> Admission:
    """Admit a unit by name."""
    _require_manager(actor, campaign)
    if not reason.strip():
        raise Refused(_("请写明准许的理由"), where=unit.name)
    made, _new = Admission.objects.get_or_create(
        campaign=campaign,
        unit=unit,
        defaults={"reason": reason.strip()[:200], "by": actor.user, "at": actor.now},
    )
    record(actor, "campaign.admitted", _subject(campaign), campaign=campaign.pk, unit=unit.code)
    return made


@transaction.atomic
def clone(
    actor: Actor, campaign: Campaign, slug: str, year: int, window: tuple[datetime, datetime]
) -> Campaign:
    """Make next year's campaign from this one: same template, levels, reminders, rubric; no data."""
    made = open_from_template(
        actor,
        campaign.template,
        slug,
        year=year,
        title=campaign.title.replace(str(campaign.year), str(year)),
        levels=campaign.levels,
        demonstration=campaign.demonstration,
        previous=campaign,
        window=window,
    )
    Campaign.objects.filter(pk=made.pk).update(
        contacts=campaign.contacts,
        reminders=campaign.reminders,
        rubric=campaign.rubric,
        return_days=campaign.return_days,
    )
    made.refresh_from_db()
    return made


@transaction.atomic
def import_known_figures(
    actor: Actor,
    campaign: Campaign,
    sort: str,
    figures: Mapping[tuple[str, str, int], Decimal],
    source: str,
) -> int:
    """Import official or census figures by (code of unit, field, year); what is known already is replaced.

    The campaign gets a new revision, by which those who keep its figures in memory tell that theirs are old.

    Raises
    ------
    Refused
        If a code or field is unknown; nothing is imported.
    """
    _require_manager(actor, campaign)
    fields = {id for id, _figure in campaign.indicators.figures()}
    units = {u.code: u.pk for u in Unit.objects.filter(code__in={code for code, _f, _y in figures})}
    unknown = sorted({code for code, _f, _y in figures} - units.keys()) + sorted(
        {f for _c, f, _y in figures} - fields
    )
    if unknown:
        raise Refused(_("没有这样的单位或指标: {names}").format(names=", ".join(unknown[:10])))
    KnownFigure.objects.bulk_create(
        [
            KnownFigure(
                campaign=campaign,
                unit_id=units[code],
                sort=sort,
                field=field,
                year=year,
                number=number,
                source=source,
            )
            for (code, field, year), number in figures.items()
        ],
        update_conflicts=True,
        unique_fields=["campaign", "unit", "sort", "field", "year"],
        update_fields=["number", "source"],
        batch_size=500,
    )
    Campaign.objects.filter(pk=campaign.pk).update(revision=F("revision") + 1)
    campaign.refresh_from_db(fields=["revision"])
    record(actor, "figures.imported", _subject(campaign), campaign=campaign.pk, sort=sort, count=len(figures))
    return len(figures)


def _require_manager(actor: Actor, campaign: Campaign) -> None:
    if not actor.may("manage", campaign):
        raise Forbidden(_("你没有管理征集的权限"), where=campaign.title)


def _update(campaign: Campaign, seen: int, changes: dict[str, object]) -> None:
    changed = Campaign.objects.filter(pk=campaign.pk, revision=seen).update(**changes, revision=seen + 1)
    if not changed:
        raise Conflict(_("这次征集刚刚被别人改过"), where=campaign.title, remedy=_("请刷新后再改"))
    campaign.refresh_from_db()


def _subject(campaign: Campaign) -> str:
    return f"campaign:{campaign.pk}"
