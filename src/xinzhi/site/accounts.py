"""How accounts behave: who may sign up, where a sign-in leads, what the audit hears of it."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Anybody may sign up, since the call is open to enterprises; roles come by invitation or registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say that an account may be made; alone it may do nothing."""
        return True

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the address in lower case."""
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            user.save()
        return user
