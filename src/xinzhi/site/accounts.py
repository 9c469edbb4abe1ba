"""How accounts behave: who may sign up, where a sign-in leads, what the audit hears of it."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import ConfirmEmailView
from allauth.core import context as allauth_context
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse

from xinzhi.language import gettext as _

_log = logging.getLogger("xinzhi.accounts")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Anybody may sign up, since the call is open to enterprises; roles come by invitation or registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say that an account may be made; alone it may do nothing."""
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; a server that is away fails no page, and says nothing about who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            _log.warning("mail not sent", extra={"mail": template_prefix})
            messages.error(allauth_context.request, _("邮件现在发不出去, 请过一会儿再试"))

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Name in our words by what somebody may show once more who it is."""
        said = {
            "reauthenticate": _("用密码"),
            "mfa_reauthenticate": _("用验证器或恢复码"),
            "mfa_reauthenticate:webauthn": _("用通行密钥"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": said[method["id"]]} for method in methods]

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Keep the address in lower case."""
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            user.save()
        return user


class ConfirmedAddress(ConfirmEmailView):  # type: ignore[misc]
    """Confirms an address; a link that is used twice or came too late leads to a page that says so."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Confirm, or say why not."""
        try:
            answer: HttpResponse = super().post(*args, **kwargs)
        except Http404:
            answer = self.get(*args, **kwargs)
        return answer
