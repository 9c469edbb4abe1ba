"""The only writes to replies: drafted as a delivery is read; edited, sent, dropped by a person; sent once by a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email import policy as policies
from email.message import EmailMessage as Draft

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from xinzhi.campaign import posting
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.models import Arrival, Reply
from xinzhi.campaign.inbox.queries import record_of
from xinzhi.campaign.posting import changed, plain, post
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.campaign.storage.vault import vault
from xinzhi.intake import records
from xinzhi.intake.replies import is_answered, reply_texts
from xinzhi.language import gettext as _

LONGEST = 50_000
"""Characters of a reply; one that lists all that is wrong with a form is long."""

FRESH = timedelta(days=3)
"""A receipt leaves by itself for what came since; whoever wrote longer ago would wonder."""

_KIND = "replies.post"
_HEAD = ("Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress")


def is_automatic(campaign: Campaign) -> bool:
    """Tell whether receipts leave by themselves where nothing needs a person."""
    return bool(campaign.reminders.get("receipts"))


@dataclass(frozen=True)
class Written:
    """What a reply says: to whom, subject, text, and the files that go with it."""

    to: str
    subject: str
    body: str
    files: tuple[tuple[str, bytes], ...]


def written(reply: Reply) -> Written:
    """Return what a reply says, opened; names and addresses are in it.

    Raises
    ------
    Erased
        If the key of the delivery was destroyed.
    """
    draft = _draft(reply)
    part = draft.get_body(("plain",))
    body = plain(part.get_content(), LONGEST, lines=True) if part else ""
    files = tuple((each.get_filename() or "", each.get_content()) for each in draft.iter_attachments())
    return Written(str(draft["To"]), str(draft["Subject"]), body, files)


def keep_draft(actor: Actor, arrival: Arrival, made: records.Return, mail: bytes) -> None:
    """Keep the reply that was drafted, in the transaction of the reading; let it leave where nothing needs a person."""
    reply = Reply.objects.create(arrival=arrival, sealed=vault().seal(arrival.owner, mail))
    if not (is_automatic(arrival.campaign) and arrival.status == "understood" and arrival.unit):
        return
    if made.received is None or made.received < actor.now - FRESH:
        _say(reply, _("来件已超过 {n} 天, 没有自动回复").format(n=FRESH.days))
        return
    try:
        send(actor, reply, reply.revision)
    except Refused as refusal:
        _say(reply, refusal.what)


@transaction.atomic
def edit(actor: Actor, reply: Reply, seen: int, subject: str, body: str) -> int:
    """Change a reply that has not left, unless it stays as it was; return its revision.

    Raises
    ------
    Conflict
        If it was changed or has left since it was looked at.
    """
    _require_office(actor, reply)
    if not actor.may("see_contacts", reply.arrival.campaign):
        raise Forbidden(_("你没有查看联系方式的权限"), where=str(reply))
    subject, body = plain(subject, 200), plain(body, LONGEST, lines=True)
    if not subject or not body:
        raise Refused(_("请写明标题和内容"))
    before = written(reply)
    if (before.subject, before.body) == (subject, body):
        return seen
    draft = _draft(reply)
    draft.replace_header("Subject", subject)
    part = draft.get_body(("plain",))
    assert part is not None  # every draft has its text
    part.set_content(f"{body}\n", charset="utf-8", cte="base64")
    sealed = vault().seal(reply.arrival.owner, draft.as_bytes())
    changed(reply, seen, posting.LEAVING, sealed=sealed)
    record(actor, "reply.edited", reply.called, campaign=reply.of_campaign)
    return reply.revision


@transaction.atomic
def send(actor: Actor, reply: Reply, seen: int) -> None:
    """Let a reply leave: a job sends it and tries again while the mail server is away.

    Raises
    ------
    Refused
        If nobody is to be answered, or the address was answered too often today.
    Conflict
        If it was changed or has left since it was looked at.
    """
    _require_office(actor, reply)
    campaign, sender = reply.arrival.campaign, _addressee(reply)
    addressee = vault().digest(f"campaign-{campaign.pk}", sender.encode())
    limit = reply_texts().limits.per_address_per_day
    midnight = datetime.combine(
        actor.now.astimezone(campaign.call.zone).date(), datetime.min.time(), campaign.call.zone
    )
    today = Reply.objects.filter(
        arrival__campaign=campaign, addressee=addressee, asked_at__gte=midnight,
        state__in=("queued", "sending", "sent", "unsure"),
    )  # fmt: skip
    if today.exclude(pk=reply.pk).count() >= limit:
        raise Refused(
            _("今天已经给这个地址发了 {n} 封回复").format(n=limit),
            where=str(reply),
            remedy=_("请明天再发, 或用邮箱回复"),
        )
    posting.queue(actor, reply, seen, _KIND, addressee=addressee, asked_by=actor.user, asked_at=actor.now)


@transaction.atomic
def drop(actor: Actor, reply: Reply, seen: int) -> None:
    """Keep a reply from leaving; that it was drafted stays."""
    _require_office(actor, reply)
    posting.drop(actor, reply, seen)


# --- sending ---------------------------------------------------------------------------------------------


def post_reply(payload: Mapping[str, object], _report: Callable[[float], None], /) -> object:
    """Send a reply that is queued."""
    reply = Reply.objects.select_related("arrival__campaign").get(pk=str(payload["id"]))
    return post(reply, lambda: _mail(reply))


def _mail(reply: Reply) -> EmailMessage:
    """Write the mail; whoever answers it reaches the mailbox of the campaign."""
    said, draft, campaign = written(reply), _draft(reply), reply.arrival.campaign
    mail = EmailMessage(
        f"【演示数据】{said.subject}" if campaign.demonstration else said.subject,
        said.body,
        to=[_addressee(reply)],
        reply_to=[address for address in [_mailbox(campaign)] if address],
        headers={name: str(draft[name]) for name in _HEAD if name in draft},
    )
    for name, data in said.files:
        mail.attach(name, data, "application/octet-stream")
    return mail


def _mailbox(campaign: Campaign) -> str:
    attached = settings.ENVIRONMENT.mailboxes.get(campaign.slug)
    read = attached.server.user if attached and "@" in attached.server.user else ""
    return str(campaign.contacts.get("mailbox", "")) or read


def _addressee(reply: Reply) -> str:
    """Return the address to be answered, from the sealed record of the delivery.

    Raises
    ------
    Refused
        If nobody is to be answered.
    """
    made = record_of(reply.arrival)
    if made is None or not is_answered(made):
        raise Refused(_("这件来件不回复"), where=str(reply))
    return made.sender


def _draft(reply: Reply) -> Draft:
    sealed = vault().open(reply.arrival.owner, bytes(reply.sealed))
    return message_from_bytes(sealed, policy=policies.SMTP)


def _say(reply: Reply, what: str) -> None:
    """Keep why a receipt did not leave by itself."""
    Reply.objects.filter(pk=reply.pk).update(said=what)


def _require_office(actor: Actor, reply: Reply) -> None:
    campaign = reply.arrival.campaign
    if not actor.may("check", campaign):
        raise Forbidden(_("你没有处理来件的权限"))
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))
