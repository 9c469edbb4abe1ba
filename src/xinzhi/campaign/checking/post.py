"""Sending letters: a job takes a letter in hand before it speaks to the mail server, so that none leaves twice."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping

from django.core.mail import EmailMessage
from django.db import transaction

from xinzhi.campaign.acting import the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.queries import recipients_of
from xinzhi.language import gettext as _


def post_letter(payload: Mapping[str, object], report: Callable[[float], None], /) -> dict[str, object]:
    """Send a letter that is queued; one that has left or was dropped is left alone.

    A mail server that is away leaves the letter queued and fails the job, which comes again. A letter found half
    sent, because the platform was killed meanwhile, is put before a person: nobody knows whether it has left.
    """
    letter = Letter.objects.select_related("unit", "campaign").get(pk=str(payload["letter"]))
    if letter.state == "sending":
        _settle(letter, "unsure", _("发送时程序中断, 请向对方核实后再决定是否重发"))
        return {"state": "unsure"}
    if not Letter.objects.filter(pk=letter.pk, state="queued").update(state="sending"):
        return {"state": letter.state}
    receivers = recipients_of(letter)
    if not receivers:
        _settle(letter, "refused", _("这个单位还没有人注册"))
        return {"state": "refused"}
    mail = EmailMessage(
        letter.subject if not letter.campaign.demonstration else f"【演示数据】{letter.subject}",
        letter.body,
        to=[user.email for user in receivers],
        # The same however often it is sent: mail programs show it once.
        headers={"Message-ID": f"<letter-{letter.pk}@xinzhi.invalid>"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        _settle(letter, "refused", _("邮件服务器不接收这些地址"))
        return {"state": "refused"}
    except (OSError, smtplib.SMTPException):
        Letter.objects.filter(pk=letter.pk, state="sending").update(
            state="queued", said=_("邮件服务器连不上, 稍后再试")
        )
        raise
    _settle(letter, "sent", "", recipients=[user.pk for user in receivers])
    report(1.0)
    return {"state": "sent"}


@transaction.atomic
def _settle(letter: Letter, state: str, said: str, **changes: object) -> None:
    actor = the_system()
    sent = {"sent_at": actor.now} if state == "sent" else {}
    Letter.objects.filter(pk=letter.pk, state="sending").update(
        state=state, said=said, revision=letter.revision + 1, **sent, **changes
    )
    record(actor, f"letter.{state}", f"letter:{letter.pk}", campaign=letter.campaign_id, **changes)
