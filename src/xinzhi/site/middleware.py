"""What every request passes: headers that bind the browser, the reader's language, who is acting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

from xinzhi.campaign.acting import Actor, actor_of
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.pages import refused
from xinzhi.campaign.refusals import Refused
from xinzhi.language import Language, speaking
from xinzhi.language import gettext as _

_Answer = Callable[[HttpRequest], HttpResponse]

_READING = ("GET", "HEAD", "OPTIONS")
LARGEST_SENT = 110_000_000  # bytes; the office uploads mails of 100 MB
LARGEST_SENT_BY_A_VISITOR = 5_000_000
_NO_CAMPAIGN = ("/accounts/", "/language/", "/rehearsal/")
LANGUAGE_COOKIE = "xinzhi_language"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the square code of an authenticator comes as data
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    )
)


class SecurityHeaders:
    """Only our own scripts, styles and pictures; nothing inline, nothing from elsewhere."""

    def __init__(self, get_response: _Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self._answer(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SpokenLanguage:
    """Chinese, unless the reader chose English by the link at the head of the page."""

    def __init__(self, get_response: _Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        language: Language = "en" if request.COOKIES.get(LANGUAGE_COOKIE) == "en" else "zh"
        with speaking(language), translation.override("en" if language == "en" else "zh-hans"):
            response = self._answer(request)
            response.headers.setdefault("Content-Language", "en" if language == "en" else "zh-Hans")
            return response


class SeenDevices:
    """Note with which device somebody is signed in, and when it was seen: for the list of one's own devices.

    Written at most once in ten minutes by each process; a write with every request would make readers wait in line.
    """

    def __init__(self, get_response: _Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        key = request.session.session_key
        if key and request.user.is_authenticated and caches["memory"].add(f"seen:{key}", True):
            UserSession.objects.create_from_request(request)
        return self._answer(request)


class ActingUser:
    """Give each request its actor, and lead the office to its second factor before anything else."""

    def __init__(self, get_response: _Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        actor = request.actor = actor_of(request)  # type: ignore[attr-defined]
        if self._owes_second_factor(request, actor):
            return redirect("mfa_activate_totp")
        return self._answer(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., HttpResponse], _args: Any, given: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse changes while another time is rehearsed, except in campaigns that are made for trying."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if not actor.rehearsing or request.method in _READING or request.path.startswith(_NO_CAMPAIGN):
            return None
        if Campaign.objects.filter(slug=given.get("slug", ""), demonstration=True).exists():
            return None
        refusal = Refused(_("正在演练, 真实的征集只能看, 不能改"), remedy=_("请先结束演练"))
        return refused(request, refusal)

    @staticmethod
    def _owes_second_factor(request: HttpRequest, actor: Actor) -> bool:
        return actor.needs_second_factor and not request.path.startswith(
            ("/accounts/", "/static/", "/language/", "/healthz")
        )


class Bounds:
    """Turn away what is too large before a byte of it is read, and signs that no database keeps.

    Files are not counted by Django's own bounds: whoever sends a form could fill the disk with them.
    """

    def __init__(self, get_response: _Answer) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        most = LARGEST_SENT if actor.user else LARGEST_SENT_BY_A_VISITOR
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isascii() and said.isdigit() and (len(said) > 12 or int(said) > most):
            what = _("发来的内容超过 {limit} MB").format(limit=most // 1_000_000)
            return refused(request, Refused(what, remedy=_("请把文件分成几个, 分次上传")), 413)
        return self._answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _given: Any
    ) -> HttpResponse | None:
        """Refuse a form or address with a NUL in it: nobody types one, and PostgreSQL keeps none."""
        # Where no token of a form is asked for, programs send what is no form, and it must not be read here.
        for told in (request.GET,) if getattr(view, "csrf_exempt", False) else (request.GET, request.POST):
            if any("\0" in text for name, texts in told.lists() for text in (name, *texts)):
                return refused(request, Refused(_("内容里有不能保存的字符")), 400)
        return None
