"""What the audit hears of signing in and out: who, or of a failure a keyed hash of the address that was tried."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

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
