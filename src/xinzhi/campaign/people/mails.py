"""Invitations by mail: a draft with each, which an office member sends; the code is never part of it.

A mail carries a link that is signed with the secret of the installation, and made when it leaves, so that neither the
database nor its backups hold anything by which an invitation could be taken up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import transaction

from xinzhi.campaign import posting
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.moments import said
from xinzhi.campaign.people.letters import contact_of
from xinzhi.campaign.people.models import Invitation, InvitationMail
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.language import gettext as _
from xinzhi.language import speaking

KIND = "invitations.post"
MOST_AT_ONCE = 500
_SIGNER = "xinzhi.invitation"


@transaction.atomic
def write(actor: Actor, invitations: Iterable[Invitation], address: str, *, leaves: bool) -> int:
    """Draft the mails of invitations that have an address; return how many.

    Parameters
    ----------
    address : str
        Of the page that takes a code.
    leaves : bool
        Whether they leave at once; otherwise each waits for an office member.
    """
    drafts = InvitationMail.objects.bulk_create(
        [InvitationMail(invitation=i, address=address) for i in invitations if i.email], batch_size=500
    )
    if drafts:
        record(
            actor, "invitation_mails.written", f"campaign:{drafts[0].of_campaign}",
            campaign=drafts[0].of_campaign, mails=[mail.pk for mail in drafts],
        )  # fmt: skip
    for mail in drafts if leaves else ():
        posting.queue(actor, mail, mail.revision, KIND)
    return len(drafts)


@transaction.atomic
def send(actor: Actor, mail: InvitationMail, seen: int) -> None:
    """Let the mail of an invitation leave.

    Raises
    ------
    Forbidden, Refused
        If the actor does not invite, or the invitation cannot be taken up any more.
    Conflict
        If it has left or was changed since it was looked at.
    """
    if not actor.may("invite", mail.invitation.campaign):
        raise Forbidden(_("你没有邀请的权限"))
    if not mail.invitation.stands_at(actor.now):
        raise Refused(_("邀请已经使用、收回或过期"))
    posting.queue(actor, mail, seen, KIND)


def post_mail(payload: Mapping[str, object], _report: Callable[[float], None], /) -> object:
    """Send a mail that is queued."""
    mail = InvitationMail.objects.select_related("invitation__campaign", "invitation__unit").get(
        pk=str(payload["id"])
    )
    return posting.post(mail, lambda: _written(mail))


def link_of(invitation: Invitation, address: str) -> str:
    """Return the link that a mail carries."""
    return f"{address}{Signer(salt=_SIGNER, sep='.').sign(str(invitation.pk))}/"


def signed_number(text: str) -> int | None:
    """Return the invitation that a signed link names, None where the signature is not ours."""
    try:
        return int(Signer(salt=_SIGNER, sep=".").unsign(text))
    except (BadSignature, ValueError):
        return None


def _written(mail: InvitationMail) -> EmailMessage:
    from xinzhi.campaign.acting import the_system

    invitation = mail.invitation
    campaign = invitation.campaign
    if not invitation.stands_at(the_system().now):
        raise Refused(_("邀请已经使用、收回或过期"))
    with speaking("zh"):
        lines = [
            _("{unit} {name}:").format(unit=invitation.unit or "", name=invitation.name).strip(),
            _("邀请你作为“{role}”参加“{campaign}”。").format(
                role=invitation.declared.title.zh, campaign=campaign.title
            ),
            _("填报时间: {opens} 至 {closes}").format(
                opens=said(campaign, campaign.opens_at), closes=said(campaign, campaign.closes_at)
            ),
            _("请打开链接, 注册或登录后接受邀请:\n{link}").format(link=link_of(invitation, mail.address)),
            _("链接只能使用一次, {until} 前有效, 请勿转给他人。").format(
                until=said(campaign, invitation.expires_at)
            ),
            contact_of(campaign),
            campaign.call.society.zh,
        ]
        subject = _("邀请: {campaign}").format(campaign=campaign.title)
    body = "\n\n".join(line for line in lines if line)
    return EmailMessage(
        f"【演示数据】{subject}" if campaign.demonstration else subject,
        f"演示数据\n\n{body}" if campaign.demonstration else body,
        to=[invitation.email],
        headers={"Message-ID": f"<invitation-{mail.pk}@xinzhi.invalid>"},
    )
