"""Browsers of the people of a campaign, signed in, at the time at which each of them acts."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from xinzhi.campaign.acting import REHEARSAL_KEY, Actor


def client_of(actor: Actor, *, enforce_csrf_checks: bool = False) -> Client:
    """Return a client signed in as an actor, with address confirmed and second factor set up.

    Where the actor's time is not now, requests are made at it, as a rehearsal: the 2025 window is long over by the
    real clock.
    """
    assert actor.user is not None
    EmailAddress.objects.get_or_create(
        user=actor.user, email=actor.user.email, defaults={"verified": True, "primary": True}
    )
    owes = any(membership.declared.second_factor for membership in actor.memberships)
    if owes and not Authenticator.objects.filter(user=actor.user).exists():
        TOTP.activate(actor.user, generate_totp_secret())
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(actor.user)
    if abs(timezone.now() - actor.now) > timedelta(hours=1):
        session = client.session
        session[REHEARSAL_KEY] = actor.now.isoformat()
        session.save()
    return client
