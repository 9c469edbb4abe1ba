"""What follows from signing in and out and from a new password, and what the audit hears of it.

Of a failed sign-in it keeps a keyed hash of the address that was tried.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import Signal, receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from xinzhi.campaign.access.operations import end_other_devices, end_tokens
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.people.models import User


@receiver(user_logged_in)
@transaction.atomic
def signed_in(user: User, **_given: Any) -> None:
    """Record a sign-in, after the second factor where there is one."""
    record(Actor(user, timezone.now()), "user.signed_in", f"user:{user.pk}")


@receiver(user_logged_out)
@transaction.atomic
def signed_out(user: User | None, **_given: Any) -> None:
    """Record a sign-out."""
    if user is not None:
        record(Actor(user, timezone.now()), "user.signed_out", f"user:{user.pk}")


@receiver(user_login_failed)
@transaction.atomic
def refused(credentials: dict[str, Any], **_given: Any) -> None:
    """Record a failed sign-in; equal addresses have equal hashes, which nobody can turn back without the key."""
    address = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    tried = salted_hmac("xinzhi.signin", address, algorithm="sha256").hexdigest()
    record(Actor(None, timezone.now()), "user.sign_in_failed", f"address:{tried[:32]}")


@receiver([password_changed, password_reset, password_set])
@transaction.atomic
def new_password(request: HttpRequest, user: User, **_given: Any) -> None:
    """End whatever else was let in by the old password: other devices and all tokens."""
    actor = Actor(user, timezone.now())
    record(actor, "user.password_changed", f"user:{user.pk}")
    end_other_devices(actor, request.session.session_key, "password")
    end_tokens(actor, user, "password")


_DONE = {
    authenticator_added: "authenticator.added",
    authenticator_removed: "authenticator.removed",
    authenticator_reset: "authenticator.renewed",
    authentication_failed: "authenticator.refused",
}


@receiver(list(_DONE))
@transaction.atomic
def second_factor(signal: Signal, user: User, authenticator: Authenticator, **_given: Any) -> None:
    """Record what became of an authenticator, a passkey or the recovery codes, and a code that was wrong."""
    record(Actor(user, timezone.now()), _DONE[signal], f"user:{user.pk}", sort=authenticator.type)
