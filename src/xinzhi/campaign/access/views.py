"""The page on which a person makes and revokes tokens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.campaign.access.models import SCOPES, ApiToken
from xinzhi.campaign.access.operations import MOST_DAYS, make_token, revoke_token
from xinzhi.campaign.pages import actor_in, page, signed_in
from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext as _


@signed_in
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens; make one, whose text is shown once."""
    actor = actor_in(request)
    made, fault = "", None
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            _token, made = make_token(
                actor,
                request.POST.get("name", ""),
                request.POST.getlist("scopes"),
                int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0,
            )
        except Refused as refusal:
            fault = refusal
    return page(
        request,
        "access/tokens.html",
        title=_("程序接口的令牌"),
        status=422 if fault else 200,
        made=made,
        fault=fault,
        chosen=request.POST if fault else {},
        scopes=SCOPES,
        tokens=[(t, t.stands_at(actor.now)) for t in ApiToken.objects.filter(user=actor.user)],
        most=MOST_DAYS,
    )


@signed_in
@require_POST
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    """Revoke a token."""
    actor = actor_in(request)
    revoke_token(actor, get_object_or_404(ApiToken, pk=id, user=actor.user))
    return redirect("tokens")
