"""The only writes to people: roles given and ended, invitations made and taken up, bodies registered."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q, QuerySet

from xinzhi.campaign.access.operations import end_other_devices, end_tokens
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.mails import signed_number
from xinzhi.campaign.people.models import Invitation, Membership, User
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.people.roster import Guest
from xinzhi.campaign.places.models import BODY, Unit
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.language import gettext as _

VALID = timedelta(days=60)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for another when read from paper
_CREDIT_CODE = re.compile(r"[0-9ABCDEFGHJKLMNPQRTUWXY]{18}")
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@transaction.atomic
def give_role(
    actor: Actor,
    user: User,
    role: str,
    campaign: Campaign | None = None,
    unit: Unit | None = None,
    domains: Sequence[str] = (),
) -> Membership:
    """Give a role to an account; one it holds already is left as it is."""
    if not _may_staff(actor, campaign):
        raise Forbidden(_("你没有邀请的权限"))
    _require_place(role, unit)
    made, new = Membership.objects.get_or_create(
        user=user,
        role=role,
        campaign=campaign,
        unit=unit,
        until=None,
        defaults={"since": actor.now, "domains": list(domains)},
    )
    if new:
        record(
            actor, "role.given", f"user:{user.pk}", campaign=campaign.pk if campaign else None,
            role=role, unit=unit.code if unit else "",
        )  # fmt: skip
    return made


@transaction.atomic
def end_role(actor: Actor, membership: Membership) -> None:
    """End a role from now on; what was done in it stays."""
    if not _may_staff(actor, membership.campaign):
        raise Forbidden(_("你没有收回角色的权限"))
    if membership.role == "office" and not _others_of_office(actor, membership).exists():
        raise Refused(_("至少要有一名征集办公室成员"), remedy=_("请先邀请接手的人"))
    Membership.objects.filter(pk=membership.pk, until=None).update(until=actor.now)
    record(
        actor,
        "role.ended",
        f"user:{membership.user_id}",
        campaign=membership.campaign_id,
        role=membership.role,
    )
    end_tokens(actor, membership.user, "role")


@transaction.atomic
def hand_over(actor: Actor, membership: Membership, email: str, name: str) -> tuple[Invitation, str]:
    """Hand one's own role over to a successor: it ends here when the invitation is taken up."""
    if actor.user is None or membership.user_id != actor.user.pk or membership.campaign is None:
        raise Forbidden(_("只能移交自己的角色"))
    # The last code counts: one that went to the wrong person is worth nothing as soon as another is made.
    Invitation.objects.filter(hands_over=membership, used_at=None, revoked_at=None).update(
        revoked_at=actor.now
    )
    guest = Guest(membership.role, membership.unit, name, email)
    invitation, code = _drafted(actor, membership.campaign, guest)
    invitation.hands_over = membership
    _kept(actor, invitation)
    record(
        actor, "role.handed_over", f"user:{membership.user_id}", campaign=membership.campaign_id,
        membership=membership.pk, invitation=invitation.pk,
    )  # fmt: skip
    return invitation, code


@transaction.atomic
def invite(
    actor: Actor,
    role: str,
    campaign: Campaign,
    unit: Unit | None = None,
    *,
    email: str = "",
    name: str = "",
    domains: Sequence[str] = (),
    renew: bool = False,
) -> tuple[Invitation, str]:
    """Invite to a role.

    Parameters
    ----------
    renew : bool
        Whether one that stands for the same guest is taken back; otherwise it is refused, as a form sent twice is.

    Returns
    -------
    (Invitation, str)
        With its code, which is told now and never again; only its hash is kept.
    """
    if not actor.may("invite", campaign):
        raise Forbidden(_("你没有邀请的权限"))
    _require_place(role, unit)
    invitation, code = _drafted(actor, campaign, Guest(role, unit, name, email))
    standing = _standing(actor, campaign, [invitation])
    if standing and not renew:
        raise Refused(_("已有一份同样的邀请还没有使用"), remedy=_("请写明姓名, 或选择作废旧码重新发放"))
    _take_back(actor, standing)
    invitation.domains = list(domains)
    return _kept(actor, invitation), code


def draft_many(actor: Actor, campaign: Campaign, guests: Sequence[Guest]) -> list[tuple[Invitation, str]]:
    """Make the invitations of many, each with its code, and keep none: their letters are written first.

    Setting thousands of letters takes longer than others should wait for the database.
    """
    return [_drafted(actor, campaign, guest) for guest in guests]


@transaction.atomic
def invite_many(
    actor: Actor, campaign: Campaign, drafted: Sequence[Invitation], *, renew: bool = False
) -> None:
    """Invite many at once: all or none.

    Parameters
    ----------
    drafted : sequence of Invitation
        As :func:`draft_many` made them.
    renew : bool
        Whether invitations that stand for the same guests are taken back; otherwise they are refused.
    """
    if not actor.may("invite", campaign):
        raise Forbidden(_("你没有邀请的权限"))
    standing = _standing(actor, campaign, drafted)
    if standing and not renew:
        raise Refused(
            _("名单里有 {n} 人的邀请还没有使用: {whom}").format(
                n=len(standing), whom=", ".join(str(invitation) for invitation in standing[:10])
            ),
            remedy=_("删去这些行, 或选择作废旧码重新发放"),
        )
    _take_back(actor, standing)
    made = Invitation.objects.bulk_create(drafted, batch_size=500)
    record(
        actor, "invitations.made", f"campaign:{campaign.pk}", campaign=campaign.pk,
        invitations=[invitation.pk for invitation in made],
        revoked=[invitation.pk for invitation in standing],
    )  # fmt: skip


def _take_back(actor: Actor, standing: Sequence[Invitation]) -> None:
    Invitation.objects.filter(pk__in=[invitation.pk for invitation in standing]).update(revoked_at=actor.now)


def _standing(actor: Actor, campaign: Campaign, drafted: Sequence[Invitation]) -> list[Invitation]:
    """Return the invitations of the same guests that can still be taken up."""
    wanted = {(i.role, i.unit_id, i.email, i.name) for i in drafted}
    open_ones = Invitation.objects.select_related("unit", "campaign").filter(
        campaign=campaign, used_at=None, revoked_at=None, expires_at__gt=actor.now, hands_over=None
    )
    return [i for i in open_ones if (i.role, i.unit_id, i.email, i.name) in wanted]


def find_invitation(code: str) -> Invitation | None:
    """Return the invitation of a code as somebody typed it or of a mailed link, whether it still stands or not."""
    known = Invitation.objects.select_related("campaign", "unit")
    number = signed_number(code)
    return known.filter(code_hash=_hash(code)).first() if number is None else known.filter(pk=number).first()


@transaction.atomic
def take_up(actor: Actor, invitation: Invitation) -> Membership:
    """Take an invitation up with the account that is signed in; it can be done once.

    Raises
    ------
    Refused
        If it is used, revoked or expired.
    """
    if actor.user is None:
        raise Forbidden(_("请先登录"))
    predecessor = invitation.hands_over
    if predecessor and predecessor.user_id == actor.user.pk:
        raise Refused(_("不能把角色移交给自己"), remedy=_("请退出后由接手人用自己的账号登录"))
    if predecessor and not predecessor.stands_at(actor.now):
        raise Refused(_("移交的角色已经结束"), remedy=_("请联系征集办公室重新邀请"))
    taken = Invitation.objects.filter(
        pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=actor.now
    ).update(used_at=actor.now, used_by=actor.user)
    if not taken:
        raise Refused(_("邀请已经使用、收回或过期"), remedy=_("请联系征集办公室重新邀请"))
    membership, _new = Membership.objects.get_or_create(
        user=actor.user,
        role=invitation.role,
        campaign=invitation.campaign,
        unit=invitation.unit,
        until=None,
        defaults={"since": actor.now, "domains": invitation.domains},
    )
    if predecessor:
        Membership.objects.filter(pk=predecessor.pk, until=None).update(until=actor.now)
        end_tokens(actor, predecessor.user, "handed over")
    User.objects.filter(pk=actor.user.pk, name="").update(name=invitation.name)  # receipts name people
    record(
        actor, "invitation.taken_up", f"user:{actor.user.pk}", campaign=invitation.campaign_id,
        invitation=invitation.pk, role=invitation.role,
    )  # fmt: skip
    return membership


@transaction.atomic
def revoke(actor: Actor, invitation: Invitation) -> None:
    """Take an invitation back."""
    if not actor.may("invite", invitation.campaign):
        raise Forbidden(_("你没有收回邀请的权限"))
    Invitation.objects.filter(pk=invitation.pk, used_at=None).update(revoked_at=actor.now)
    record(actor, "invitation.revoked", f"invitation:{invitation.pk}", campaign=invitation.campaign_id)


@transaction.atomic
def describe_account(actor: Actor, name: str, phone: str) -> None:
    """Change how one is called, and where one is reached."""
    if actor.user is None:
        raise Forbidden(_("请先登录"))
    User.objects.filter(pk=actor.user.pk).update(name=name.strip()[:60], phone=phone.strip()[:40])
    record(actor, "user.described", f"user:{actor.user.pk}")


@transaction.atomic
def close_account(actor: Actor) -> None:
    """Close one's own account for good: it opens nothing any more, and address and telephone are forgotten.

    The name stays with what was filed and sent under it, for receipts and the audit.

    Raises
    ------
    Refused
        If a campaign would be left without an office.
    """
    if actor.user is None:
        raise Forbidden(_("请先登录"))
    user = actor.user
    for membership in user.memberships.filter(until=None):
        if membership.role == "office" and not _others_of_office(actor, membership).exists():
            raise Refused(
                _("你是“{campaign}”唯一的征集办公室成员").format(
                    campaign=membership.campaign or _("全部征集")
                ),
                remedy=_("请先邀请接手的人"),
            )
    user.memberships.filter(until=None).update(until=actor.now)
    end_tokens(actor, user, "closed")
    end_other_devices(actor, None, "closed")
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.email, user.phone, user.is_active = f"closed-{user.pk}@closed.invalid", "", False
    user.set_unusable_password()
    user.save()
    record(actor, "user.closed", f"user:{user.pk}")


@transaction.atomic
def register_body(actor: Actor, campaign: Campaign, name: str, credit_code: str, place: Unit | None) -> Unit:
    """Register an enterprise or another body that files for itself, with the account signed in as its reporter.

    Raises
    ------
    Refused
        If the name is blank, the credit code is none, or the body has a reporter already.
    """
    if actor.user is None:
        raise Forbidden(_("请先登录"))
    code = require_credit_code(credit_code)
    name = " ".join(name.split())
    if not 4 <= len(name) <= 80:
        raise Refused(_("请填写单位全称"), where=_("单位名称"))
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        above = place.path if place else ""
        unit = Unit.objects.create(
            code=code,
            name=name,
            level=BODY,
            kind=BODY,
            parent=place,
            path=f"{above}{code}/",
            demonstration=campaign.demonstration,
        )
        record(actor, "body.registered", f"unit:{unit.pk}", campaign=campaign.pk, code=code)
    elif not unit.memberships.filter(user=actor.user).exists():
        # The code is public: whoever knows it must not come to see what others filed, or inherit their approval.
        if (
            unit.memberships.filter(until=None, campaign=campaign).exists()
            or unit.returns.filter(campaign=campaign).exists()
        ):
            raise Refused(
                _("这个统一社会信用代码已有人填报"),
                where=code,
                remedy=_("请联系本单位的填报人, 或联系征集办公室"),
            )
        Unit.objects.filter(pk=unit.pk).update(approved_at=None)
    Membership.objects.get_or_create(
        user=actor.user,
        role="reporter",
        campaign=campaign,
        unit=unit,
        until=None,
        defaults={"since": actor.now},
    )
    record(actor, "role.given", f"user:{actor.user.pk}", campaign=campaign.pk, role="reporter", unit=code)
    return unit


@transaction.atomic
def approve_body(actor: Actor, unit: Unit, campaign: Campaign) -> None:
    """Approve a body whose name and code the office has checked."""
    if not actor.may("accept", campaign):
        raise Forbidden(_("你没有核实单位的权限"))
    Unit.objects.filter(pk=unit.pk, level=BODY, approved_at=None).update(approved_at=actor.now)
    record(actor, "body.approved", f"unit:{unit.pk}", campaign=campaign.pk)


def require_credit_code(text: str) -> str:
    """Return a unified social credit code in its normal form (GB 32100-2015).

    Raises
    ------
    Refused
        If it has not 18 characters of its alphabet or its check character is wrong.
    """
    code = re.sub(r"[\s-]", "", text).upper()
    if not _CREDIT_CODE.fullmatch(code):
        raise Refused(
            _("统一社会信用代码应当是 18 位数字和大写字母 (没有 I、O、S、V、Z)"), where=_("统一社会信用代码")
        )
    if check_character(code[:17]) != code[17]:
        raise Refused(_("统一社会信用代码的校验位不对"), where=code, remedy=_("请对照营业执照逐位核对"))
    return code


def check_character(code: str) -> str:
    """Return the last character of a credit code that begins with these 17.

    Each weighs 3^i mod 31 (GB 32100-2015); the last one makes the sum a multiple of 31.
    """
    total = sum(_CREDIT_LETTERS.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return _CREDIT_LETTERS[-total % 31]


def _drafted(actor: Actor, campaign: Campaign, guest: Guest) -> tuple[Invitation, str]:
    code = _new_code()
    made = Invitation(
        code_hash=_hash(code),
        role=guest.role,
        campaign=campaign,
        unit=guest.unit,
        email=guest.email.strip().lower(),
        name=guest.name.strip()[:60],
        made_at=actor.now,
        made_by=actor.user,
        expires_at=actor.now + VALID,
    )
    return made, code


def _kept(actor: Actor, invitation: Invitation) -> Invitation:
    invitation.save(force_insert=True)
    record(
        actor, "invitation.made", f"invitation:{invitation.pk}", campaign=invitation.campaign_id,
        role=invitation.role, unit=invitation.unit.code if invitation.unit else "",
    )  # fmt: skip
    return invitation


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _m in range(4))


def _may_staff(actor: Actor, campaign: Campaign | None) -> bool:
    """Tell whether an actor may give and end roles in a campaign; those held in all take one held in all."""
    everywhere = actor.system or any(m.campaign is None for m in actor.memberships)
    return actor.may("invite", campaign) and (campaign is not None or everywhere)


def _others_of_office(actor: Actor, membership: Membership) -> QuerySet[Membership]:
    """Return the other offices' memberships that reach wherever this one does."""
    others = Membership.objects.filter(role="office", until=None, since__lte=actor.now).exclude(
        pk=membership.pk
    )
    return others.filter(Q(campaign=membership.campaign_id) | Q(campaign=None))


def _require_place(role: str, unit: Unit | None) -> None:
    if role not in ROLES:
        raise Refused(_("没有“{role}”这个角色").format(role=role))
    if ROLES[role].reach != "campaign" and unit is None:
        raise Refused(_("“{role}”要指定单位").format(role=ROLES[role].title))


def _hash(code: str) -> str:
    """Hash a code; 80 bits of chance need no slow hash."""
    kept = "".join(c for c in code.upper() if c in _LETTERS)
    return hashlib.sha256(kept.encode()).hexdigest()
