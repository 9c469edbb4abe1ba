"""Signing in at the server of one's own house (OpenID Connect): whom it lets in, and what is kept of it.

Its word is taken for an address that it has verified. An address that is verified here too leads to that account; one to
which an invitation stands makes an account; any other makes none. A second factor is asked for as after a password.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect.views import login
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET
from requests import RequestException

from xinzhi.campaign.people.models import Invitation, User
from xinzhi.language import gettext as _


@require_GET
def begin_elsewhere(request: HttpRequest) -> HttpResponse:
    """Lead to the server, for signing in and for nothing else; say so when it is away."""
    if settings.ENVIRONMENT.sign_in_server is None or set(request.GET) - {"next"}:
        raise Http404
    try:
        answer: HttpResponse = login(request, "office")
    except (RequestException, ValueError, KeyError):  # away, or it says nothing that can be used
        messages.error(request, _("{name}现在连不上, 请过一会儿再试, 或者用密码登录").format(name=_called()))
        return redirect("account_login")
    return answer


class ElsewhereAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Whom the server lets in."""

    def on_authentication_error(self, request: HttpRequest, *_given: Any, **_facts: Any) -> None:
        """Lead back to the page for signing in with a word for it; what went wrong is the server's to show."""
        self._back(request, _("没有从{name}登录成功, 请再试一次, 或者用密码登录").format(name=_called()))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let nobody be added to an account, or swapped for another, by a link that somebody else made."""
        told = sociallogin.account.extra_data
        subjects = {part["sub"] for part in (told.get("userinfo"), told.get("id_token")) if part}
        strange = request.user.is_authenticated and request.user != sociallogin.user
        if sociallogin.state.get("process") != "login" or len(subjects) != 1 or strange:
            self._back(request, _("没有从{name}登录成功, 请再试一次, 或者用密码登录").format(name=_called()))

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """Return the account whose address is verified both there and here."""
        for address in _verified(sociallogin):
            known = EmailAddress.objects.filter(email__iexact=address, verified=True).first()
            if known is not None:
                return known.user, known.email
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Make an account for somebody who was invited under this address; send others back."""
        now = timezone.now()
        for address in _verified(sociallogin)[:1]:
            known = User.objects.filter(email__iexact=address).exists()
            invitations = Invitation.objects.filter(email__iexact=address)
            if not known and any(invitation.stands_at(now) for invitation in invitations):
                return True
        self._back(
            request,
            _(
                "这里没有这个邮箱的账号, 也没有给它的邀请。收到过邀请信的请打开信上的链接; 企业和其他单位请先注册"
            ),
        )
        return False

    def _back(self, request: HttpRequest, why: str) -> None:
        messages.error(request, why)
        raise ImmediateHttpResponse(redirect("account_login"))


def _verified(sociallogin: Any) -> list[str]:
    return [address.email.lower() for address in sociallogin.email_addresses if address.verified]


def _called() -> str:
    server = settings.ENVIRONMENT.sign_in_server
    return server.name if server else ""
