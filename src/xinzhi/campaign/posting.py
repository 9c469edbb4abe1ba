"""Mails that leave once: taken in hand before the mail server is spoken to; what nobody can know, a person decides."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.db.models import F, QuerySet

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.jobs.queue import Again, enqueue
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.declarations import Text
from xinzhi.language import gettext as _

STATES: Mapping[str, Text] = {
    "draft": Text(zh="草稿", en="Draft"),
    "queued": Text(zh="待发送", en="To be sent"),
    "sending": Text(zh="发送中", en="Being sent"),
    "sent": Text(zh="已发送", en="Sent"),
    "unsure": Text(zh="可能已发出", en="Perhaps sent"),
    "refused": Text(zh="对方拒收", en="Refused"),
    "failed": Text(zh="没有发出", en="Not sent"),
    "dropped": Text(zh="不发", en="Not to be sent"),
}

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180, 360, 720))
"""Before each new try while the mail server is away: most of a day in all, then a person has to see to it."""

LEAVING = ("draft", "queued", "unsure", "refused", "failed")
"""States in which a person may let it leave, or keep it from leaving."""


class Outgoing(models.Model):
    """A mail that waits, leaves or has left.

    Attributes
    ----------
    state : str
        ``unsure`` where the platform was killed or the connection broke while it was leaving: a person decides, it
        never leaves twice by itself.
    said : str
        Why it has not left, for people; never an address.
    tries : int
        How often the mail server could not be reached since it was queued.
    """

    state = models.CharField(max_length=10, default="draft")
    revision = models.PositiveIntegerField(default=1)
    said = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def called(self) -> str:
        """What the audit calls it."""
        raise NotImplementedError

    @property
    def of_campaign(self) -> int:
        """The campaign that it belongs to, by id."""
        raise NotImplementedError

    @property
    def may_leave(self) -> bool:
        """Whether a person may let it leave."""
        return self.state in LEAVING

    @property
    def state_said(self) -> Text:
        """Its state in words."""
        return STATES[self.state]


def changed(item: Outgoing, seen: int, states: tuple[str, ...], **changes: object) -> None:
    """Change a mail that is in one of some states and as it was seen.

    Raises
    ------
    Conflict
        If it was changed or has left since it was looked at.
    """
    moved = _row(item).filter(revision=seen, state__in=states).update(**changes, revision=seen + 1)
    if not moved:
        raise Conflict(_("这封信刚刚有了变化"), where=str(item), remedy=_("请刷新后再决定"))
    item.refresh_from_db()


def queue(actor: Actor, item: Outgoing, seen: int, kind: str, **changes: object) -> None:
    """Let a mail leave, in the transaction of whoever decides it: a job of this kind sends it.

    Raises
    ------
    Conflict
        If it was changed or has left since it was looked at.
    """
    changed(item, seen, LEAVING, state="queued", said="", tries=0, **changes)
    record(actor, f"{_name(item)}.queued", item.called, campaign=item.of_campaign)
    # Of a key of its own each time: the job of an earlier decision may just be ending.
    enqueue(actor, kind, {"id": str(item.pk)}, key=f"{item.pk}:{item.revision}")


def drop(actor: Actor, item: Outgoing, seen: int) -> None:
    """Keep a mail from leaving; that it was written stays."""
    changed(item, seen, LEAVING, state="dropped", said="")
    record(actor, f"{_name(item)}.dropped", item.called, campaign=item.of_campaign)


def post(item: Outgoing, written: Callable[[], EmailMessage], **kept: object) -> object:
    """Do the job of sending: a mail that has left or was dropped is left alone.

    While the mail server is away the job comes again. What is found half sent is put before a person.

    Parameters
    ----------
    written : callable
        Writes the mail; raises Refused where there is nobody to send it to.
    **kept
        Fields that are kept with a mail that was sent, and told to the audit.
    """
    if item.state == "sending":
        return _settle(item, "unsure", _("发送时程序中断, 请向对方核实后再决定是否重发"))
    if not _row(item).filter(state="queued").update(state="sending"):
        return {"state": item.state}
    try:
        mail = written()
    except Refused as refusal:
        return _settle(item, "refused", refusal.what)
    connection = mail.connection = get_connection()
    try:
        return _sent(item, mail, connection, kept)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            connection.close()


def plain(text: str, longest: int, *, lines: bool = False) -> str:
    """Return a text without what no keyboard types; of a heading without line breaks, which a mail forbids.

    Raises
    ------
    Refused
        If it is too long.
    """
    if len(text) > longest:
        raise Refused(
            _("内容有 {n} 个字, 超过 {limit}").format(n=len(text), limit=longest), remedy=_("请精简")
        )
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or (lines and c == "\n"))
    return kept.strip()


def _sent(
    item: Outgoing, mail: EmailMessage, connection: BaseEmailBackend, kept: Mapping[str, object]
) -> object:
    """Send a mail and settle it by how far that came."""
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return _later(item, _unreached(error))
    try:
        mail.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        return _answered(item, error)
    except (OSError, smtplib.SMTPException):
        return _settle(item, "unsure", _("发送时连接中断, 不知道是否已经发出; 请向对方核实后再决定是否重发"))
    return _settle(item, "sent", "", **kept)


def _unreached(error: Exception) -> str:
    """Say why there is no connection, without what the server said: it may repeat what it was told."""
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        return _("邮件服务器不接受登录, 请管理员核对 XINZHI_MAIL")
    return _("邮件服务器没有应答") if isinstance(error, TimeoutError) else _("邮件服务器连不上")


def _answered(item: Outgoing, error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> object:
    """Settle what the server answered: an answer of 4xx may be another one later, 5xx stays."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min(code for code, _said in error.recipients.values())
        what = _("对方不接收这个地址的邮件 ({code})")
    else:
        code, what = error.smtp_code, _("邮件服务器不接受这封邮件 ({code})")
    if 400 <= code < 500:
        return _later(item, what.format(code=code))
    if isinstance(error, smtplib.SMTPSenderRefused):
        what = _("邮件服务器不接受我方的发信地址 ({code}), 请管理员核对 XINZHI_SENDER")
        return _settle(item, "failed", what.format(code=code))
    return _settle(item, "refused", what.format(code=code))


def _later(item: Outgoing, why: str) -> object:
    if item.tries >= len(WAITS):
        return _settle(item, "failed", _("{why}; 试过 {n} 次").format(why=why, n=item.tries + 1))
    _row(item).filter(state="sending").update(
        state="queued", said=_("{why}, 稍后再试").format(why=why), tries=item.tries + 1
    )
    return Again(the_system().now + WAITS[item.tries], {"state": "queued"})


@transaction.atomic
def _settle(item: Outgoing, state: str, said: str, **kept: object) -> object:
    actor = the_system()
    # Whoever sent it knows better than another worker who found it half sent.
    before, sent = (("sending", "unsure"), {"sent_at": actor.now}) if state == "sent" else (("sending",), {})
    settled = (
        _row(item)
        .filter(state__in=before)
        .update(state=state, said=said, revision=F("revision") + 1, **sent, **kept)
    )
    if settled:
        record(actor, f"{_name(item)}.{state}", item.called, campaign=item.of_campaign, **kept)
    return {"state": state}


def _row(item: Outgoing) -> QuerySet[Outgoing]:
    return type(item)._default_manager.filter(pk=item.pk)


def _name(item: Outgoing) -> str:
    return str(item._meta.model_name)
