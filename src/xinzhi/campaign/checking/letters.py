"""The only writes to letters: written once by rule, unit and day; edited, sent, dropped by a person."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from xinzhi.campaign import posting
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.moments import said
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.queries import recipients_of
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import changed, plain
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.campaign.returns.models import Return
from xinzhi.language import gettext as _
from xinzhi.language import speaking

LONGEST = 10_000


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return subject and body of each kind of letter, read once."""
    return tomllib.loads(Path(__file__).with_name("letters.toml").read_text(encoding="utf-8"))


@transaction.atomic
def write(
    actor: Actor,
    campaign: Campaign,
    unit: Unit,
    sort: str,
    rule: str,
    day: date,
    facts: Mapping[str, object],
    of: Return | None = None,
) -> Letter | None:
    """Write the letter of a rule to a unit, once a day.

    Returns
    -------
    Letter or None
        None where the letter of this rule, unit and day was written before.
    """
    with speaking("zh"):
        filled = {"unit": unit.name, "campaign": campaign.title, "form": _form_named(campaign, of)} | dict(
            facts
        )
        text = {part: words.format_map(filled).strip() for part, words in texts()[sort].items()}
    return _kept(actor, campaign, unit, sort, rule, day, text["subject"], text["body"], of)


@transaction.atomic
def write_message(actor: Actor, campaign: Campaign, units: Iterable[Unit], subject: str, body: str) -> int:
    """Write one message to several units, a draft for each; return how many.

    Raises
    ------
    Refused
        Without units, subject or text.
    """
    units = list(units)
    if not units:
        raise Refused(_("没有选中单位"))
    if not subject.strip() or not body.strip():
        raise Refused(_("请写明标题和内容"))
    for unit in units:
        require_reminder(actor, campaign, unit)
    rule, day = f"message:{uuid4()}", local_day(campaign, actor.now)
    made = [_kept(actor, campaign, unit, "message", rule, day, subject, body, None) for unit in units]
    return sum(letter is not None for letter in made)


def _kept(
    actor: Actor, campaign: Campaign, unit: Unit, sort: str, rule: str, day: date, subject: str, body: str,
    of: Return | None,
) -> Letter | None:  # fmt: skip
    letter, new = Letter.objects.get_or_create(
        campaign=campaign,
        unit=unit,
        rule=rule,
        day=day,
        defaults={
            "of": of,
            "sort": sort,
            "subject": plain(subject, 200),
            "body": plain(body, LONGEST, lines=True),
            "made_by": actor.user,
            "made_at": actor.now,
        },
    )
    if not new:
        return None
    record(actor, "letter.written", letter.called, campaign=campaign.pk, unit=unit.code, rule=rule)
    if campaign.posts_automatically and sort != "message":
        posting.queue(actor, letter, letter.revision, "letters.post")
    return letter


@transaction.atomic
def edit(actor: Actor, letter: Letter, seen: int, subject: str, body: str) -> None:
    """Change a draft.

    Raises
    ------
    Conflict
        If it was changed or has left since it was looked at.
    """
    require_reminder(actor, letter.campaign, letter.unit)
    if not subject.strip() or not body.strip():
        raise Refused(_("请写明标题和内容"))
    changed(letter, seen, ("draft",), subject=plain(subject, 200), body=plain(body, LONGEST, lines=True))
    record(actor, "letter.edited", letter.called, campaign=letter.campaign_id)


@transaction.atomic
def send(actor: Actor, letter: Letter, seen: int) -> None:
    """Let a letter leave: a job sends it and tries again while the mail server is away.

    Raises
    ------
    Refused
        If nobody of the unit has an account yet.
    Conflict
        If it was changed or has left since it was looked at.
    """
    require_reminder(actor, letter.campaign, letter.unit)
    if not recipients_of(letter):
        raise Refused(
            _("这个单位还没有人注册"), where=letter.unit.name, remedy=_("请先邀请填报人, 或改用电话联系")
        )
    posting.queue(actor, letter, seen, "letters.post")


@transaction.atomic
def drop(actor: Actor, letter: Letter, seen: int) -> None:
    """Keep a letter from leaving; that it was written stays."""
    require_reminder(actor, letter.campaign, letter.unit)
    posting.drop(actor, letter, seen)


def require_reminder(actor: Actor, campaign: Campaign, unit: Unit) -> None:
    """Refuse who may not remind a unit.

    Raises
    ------
    Forbidden, Refused
        If the role does not reach the unit, or the date is only rehearsed.
    """
    if not actor.may("remind", campaign, unit):
        raise Forbidden(_("你没有提醒这个单位的权限"), where=unit.name)
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))


def facts_of(
    campaign: Campaign, unit: Unit, state: str, due: datetime | None = None, days: int = 0
) -> dict[str, object]:
    """Return what the texts of reminders say in their braces."""
    from xinzhi.campaign.checking.stages import STAGES, stage_of

    return {
        "state": STAGES[stage_of(state)].title.zh,
        "closes": said(campaign, campaign.closes_for(unit)),
        "due": said(campaign, due) if due else "",
        "days": days,
    }


def local_day(campaign: Campaign, moment: datetime) -> date:
    """Return the day of a moment in the time zone of the call."""
    return moment.astimezone(campaign.call.zone).date()


def _form_named(campaign: Campaign, of: Return | None) -> str:
    if of is None:
        return campaign.indicators.title.zh
    return of.title or of.declared.title.zh
