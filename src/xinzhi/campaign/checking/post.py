"""The job that sends a letter to whoever reports for its unit when it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.core.mail import EmailMessage

from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.queries import recipients_of
from xinzhi.campaign.people.models import User
from xinzhi.campaign.posting import post
from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext as _


def post_letter(payload: Mapping[str, object], _report: Callable[[float], None], /) -> object:
    """Send a letter that is queued."""
    letter = Letter.objects.select_related("unit", "campaign").get(pk=str(payload["id"]))
    receivers = recipients_of(letter)
    return post(letter, lambda: _mail(letter, receivers), recipients=[user.pk for user in receivers])


def _mail(letter: Letter, receivers: Sequence[User]) -> EmailMessage:
    if not receivers:
        raise Refused(_("这个单位还没有人注册"))
    return EmailMessage(
        letter.subject if not letter.campaign.demonstration else f"【演示数据】{letter.subject}",
        letter.body,
        to=[user.email for user in receivers],
        # The same however often it is sent: mail programs show it once.
        headers={"Message-ID": f"<letter-{letter.pk}@xinzhi.invalid>"},
    )
