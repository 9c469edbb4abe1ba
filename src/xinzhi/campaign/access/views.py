"""What a person does about ways in: sign a device out, make and revoke tokens."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.campaign.access.devices import standing
from xinzhi.campaign.access.models import SCOPES, ApiToken
from xinzhi.campaign.access.operations import (
    MOST_DAYS,
    end_device,
    end_other_devices,
    make_token,
    revoke_token,
)
from xinzhi.campaign.pages import actor_in, page, signed_in
from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext as _


@signed_in
@reauthentication_required(enabled=lambda request: request.method == "POST")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's own tokens; make one, whose text is shown once, after the password was asked for once more.

    A token outlives the session in which it is made, so a session alone must not be enough.
    """
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


@signed_in
@require_POST
def sign_device_out(request: HttpRequest, id: int) -> HttpResponse:
    """Sign one of one's own devices out."""
    actor = actor_in(request)
    end_device(
        actor, get_object_or_404(standing(actor).exclude(session_key=request.session.session_key), pk=id)
    )
    messages.success(request, _("这台设备已退出"))
    return redirect(f"{reverse('account')}#devices")


@signed_in
@require_POST
def sign_others_out(request: HttpRequest) -> HttpResponse:
    """Sign all other devices of one's own out."""
    ended = end_other_devices(actor_in(request), request.session.session_key)
    messages.success(request, _("已退出 {n} 台其他设备").format(n=ended))
    return redirect(f"{reverse('account')}#devices")
