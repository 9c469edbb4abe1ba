"""What every page shows around its own: where one can go, which campaign, whose clock, 演示数据."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import visible_to
from xinzhi.campaign.navigation import PLACES
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Refused
from xinzhi.language import current_language
from xinzhi.language import gettext as _

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Link:
    """A link of the navigation."""

    title: str
    address: str
    here: bool = False


def actor_in(request: HttpRequest) -> Actor:
    """Return who makes the request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def shared_by_all(request: HttpRequest) -> dict[str, Any]:
    """Give every template the actor, the language and the navigation of the campaign it shows."""
    actor = getattr(request, "actor", None)
    return {"actor": actor, "language": current_language(), "path": request.get_full_path()}


def signed_in(view: View) -> View:
    """Let a view be reached only by somebody who is signed in; others go to the sign-in page first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor_in(request).user is None:
            if (typed := typed_in(request)) and "text/html" in request.headers.get("Accept", ""):
                context = {"title": _("登录已失效"), "typed": typed, "again": True}
                return render(request, "site/form_expired.html", context, status=401)
            return redirect(f"{reverse('account_login')}?next={request.get_full_path()}")
        return answered(request, view, *args, **kwargs)

    return guarded


def typed_in(request: HttpRequest) -> str:
    """Return what somebody has typed into a form that is not taken, line by line, to be given back to them."""
    kept = (
        f"{name}: {text.strip()}"
        for name, texts in request.POST.lists()
        for text in texts
        if isinstance(text, str) and text.strip() and name not in _UNTYPED and "password" not in name
    )
    return "\n".join(kept)


_UNTYPED = frozenset({"csrfmiddlewaretoken", "act", "seen", "revision", "version", "next"})


def answered(request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Turn a refusal into a page that says what, where and what to do."""
    try:
        return view(request, *args, **kwargs)
    except Refused as refusal:
        return refused(request, refusal)


def refused(request: HttpRequest, refusal: Refused, status: int | None = None) -> HttpResponse:
    """Return the page of a refusal; `status` where its own is not the answer."""
    context = {"refusal": refusal, "title": _("没有完成")}
    return render(request, "site/refused.html", context, status=status or refusal.status)


def campaign_of(request: HttpRequest, slug: str) -> Campaign:
    """Return the campaign of an address if the actor has a role in it; otherwise nothing is here (404)."""
    actor = actor_in(request)
    for membership in actor.memberships:
        if membership.campaign is not None and membership.campaign.slug == slug:
            return membership.campaign
    return get_object_or_404(visible_to(actor), slug=slug)


def require(actor: Actor, permission: Permission, campaign: Campaign, unit: Unit | None = None) -> None:
    """Answer 404 to whoever has no business on a page at all; refusals with a reason are the operations' own."""
    if not actor.may(permission, campaign, unit):
        raise Http404


def page(
    request: HttpRequest,
    template: str,
    *,
    campaign: Campaign | None = None,
    here: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Return a page with the navigation of its campaign; `here` is the name of the place it belongs to."""
    context |= {"campaign": campaign}
    if campaign is not None:
        context["navigation"] = navigation(actor_in(request), campaign, here)
    return render(request, template, context, status=status)


def navigation(actor: Actor, campaign: Campaign, here: str) -> list[Link]:
    """Return where an actor can go within a campaign."""
    return [
        Link(str(place.title), address_of(place.view, campaign), place.view == here)
        for place in PLACES
        if any(actor.may(permission, campaign) for permission in place.permissions)
    ]


def address_of(view: str, campaign: Campaign, *more: object) -> str:
    """Return the address of a page of a campaign."""
    return reverse(view, args=[campaign.slug, *more])


def paged(request: HttpRequest, items: Any, size: int = 50) -> Page[Any]:
    """Return the page of a list that the address asks for; the nearest there is where it asks for none."""
    return Paginator(items, size).get_page(request.GET.get("page"))


def number_in(text: object, otherwise: int = -1) -> int:
    """Return the number that a form or an address carried; where it is none, one that fits nothing."""
    said = str(text)
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else otherwise


def download(data: bytes, name: str) -> HttpResponse:
    """Return bytes as a file to keep."""
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
