"""The only writes to ways in: devices signed out, tokens made and revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from xinzhi.campaign.access.devices import standing
from xinzhi.campaign.access.models import SCOPES, ApiToken
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.people.models import User
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.language import gettext as _

MOST_DAYS = 366
MOST_TOKENS = 20
_PREFIX = "xinzhi_"  # so that a leaked one is recognised


@transaction.atomic
def make_token(actor: Actor, name: str, scopes: Collection[str], days: int) -> tuple[ApiToken, str]:
    """Make a token of the person who is signed in.

    Returns
    -------
    (ApiToken, str)
        With its text, which is told now and never again.

    Raises
    ------
    Refused
        If the name or scopes are missing, or it would last longer than a year.
    """
    if actor.user is None or actor.channel != "page":
        raise Forbidden(_("请先登录"))
    name = " ".join(name.split())[:60]
    if not name:
        raise Refused(_("请给令牌起个名字"), where=_("名字"))
    chosen = [scope for scope in SCOPES if scope in scopes]
    if not chosen or len(chosen) != len(set(scopes)):
        raise Refused(_("请选择令牌可以做什么"), where=_("用途"))
    if not 1 <= days <= MOST_DAYS:
        raise Refused(_("有效期应当在 1 到 {most} 天之间").format(most=MOST_DAYS), where=_("有效期"))
    standing = ApiToken.objects.filter(user=actor.user, revoked_at=None, expires_at__gt=actor.now)
    if standing.count() >= MOST_TOKENS:
        raise Refused(_("已有 {n} 个有效的令牌").format(n=MOST_TOKENS), remedy=_("请先作废不用的"))
    text = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=actor.user,
        hash=hash_of(text),
        name=name,
        scopes=chosen,
        made_at=actor.now,
        expires_at=actor.now + timedelta(days=days),
    )
    record(actor, "token.made", f"token:{token.pk}", scopes=chosen, expires=token.expires_at.isoformat())
    return token, text


@transaction.atomic
def revoke_token(actor: Actor, token: ApiToken) -> None:
    """Revoke a token of one's own."""
    if actor.user is None or token.user_id != actor.user.pk:
        raise Forbidden(_("只能作废自己的令牌"))
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=actor.now):
        record(actor, "token.revoked", f"token:{token.pk}")


@transaction.atomic
def end_tokens(actor: Actor, user: User, why: str) -> None:
    """Revoke all tokens of a person: what was trusted to programs ends with what it was trusted on.

    Parameters
    ----------
    why : str
        A word for the audit: ``password``, ``role``, ``handed over``, ``closed``.
    """
    ended = ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=actor.now)
    if tokens := sorted(ended.values_list("pk", flat=True)):
        ended.update(revoked_at=actor.now)
        record(actor, "tokens.revoked", f"user:{user.pk}", tokens=tokens, why=why)


@transaction.atomic
def end_device(actor: Actor, device: UserSession) -> None:
    """Sign one of one's own devices out; its next request is a visitor's."""
    if actor.user is None or device.user_id != actor.user.pk:
        raise Forbidden(_("只能退出自己的设备"))
    _end(actor, UserSession.objects.filter(pk=device.pk), "asked")


@transaction.atomic
def end_other_devices(actor: Actor, key: str | None, why: str = "asked") -> int:
    """Sign out all of one's own devices but the one whose session has this key; return how many there were."""
    return _end(actor, standing(actor).exclude(session_key=key), why)


def _end(actor: Actor, devices: QuerySet[UserSession], why: str) -> int:
    assert actor.user is not None
    ended = dict(devices.values_list("pk", "session_key"))
    Session.objects.filter(session_key__in=ended.values()).delete()
    UserSession.objects.filter(pk__in=ended).delete()
    if ended:
        record(actor, "sessions.ended", f"user:{actor.user.pk}", sessions=sorted(ended), why=why)
    return len(ended)


def hash_of(text: str) -> str:
    """Hash a token; 256 bits of chance need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
