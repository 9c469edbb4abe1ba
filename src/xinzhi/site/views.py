"""The pages of no campaign in particular: home, language, health, rehearsal, and what went wrong."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.acting import REHEARSAL_KEY
from xinzhi.campaign.campaigns.queries import open_for_registration, visible_to
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.pages import actor_in, refused, signed_in, typed_in
from xinzhi.campaign.people.views import KEPT_INVITATION
from xinzhi.campaign.publications.queries import published
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.tasks import tasks_of
from xinzhi.language import gettext as _
from xinzhi.site.forms import RehearsalForm
from xinzhi.site.metrics import exposition
from xinzhi.site.middleware import LANGUAGE_COOKIE


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what a person has to do in each campaign; to a visitor, what this is and how to begin."""
    actor = actor_in(request)
    context: dict[str, object] = {"title": _("首页"), "published": published()}
    if actor.user:
        campaigns = list(visible_to(actor).prefetch_related("extensions"))
        context |= {
            "work": [(campaign, tasks_of(actor, campaign)) for campaign in campaigns],
            "registrable": open_for_registration(actor).exclude(pk__in=[c.pk for c in campaigns]),
            "may_make": actor.may("manage"),
            "invited": KEPT_INVITATION in request.session,
        }
    return render(request, "site/home.html", context)


@require_GET
@signed_in
def devices(_request: HttpRequest) -> HttpResponse:
    """Lead to the account page, where devices are listed and signed out, each with its event in the audit."""
    return redirect(f"{reverse('account')}#devices")


@require_POST
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Speak Chinese or English from here on, and go back to the page."""
    onward = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts=None):
        onward = "/"
    response = redirect(onward)
    response.set_cookie(
        LANGUAGE_COOKIE, "en" if code == "en" else "zh", max_age=31_536_000, httponly=True, samesite="Lax"
    )
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def rehearsal(request: HttpRequest) -> HttpResponse:
    """Let the office see the platform as it will be at another time, or go back to now."""
    actor = actor_in(request)
    if not actor.may("manage"):
        raise Http404
    if request.POST.get("end"):
        request.session.pop(REHEARSAL_KEY, None)
        messages.success(request, _("演练已结束"))
        return redirect("home")
    form = RehearsalForm(request.POST or None, initial={"moment": actor.now})
    if form.is_valid():
        moment: datetime = form.cleaned_data["moment"]
        request.session[REHEARSAL_KEY] = moment.isoformat()
        return redirect("home")
    return render(
        request,
        "site/rehearsal.html",
        {"title": _("演练"), "form": form, "submit": _("开始演练")},
        status=422 if form.errors else 200,
    )


@require_GET
def health(_request: HttpRequest) -> HttpResponse:
    """Tell a monitor whether the database answers and whether jobs are being done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    failed = Job.objects.filter(state="failed").count()
    return JsonResponse({"database": "ok", "failed_jobs": failed})


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell a monitor on this machine, or one that has the token, how the platform is doing."""
    token = settings.ENVIRONMENT.metrics_token
    shown = request.headers.get("Authorization", "")
    known = bool(token) and constant_time_compare(shown, f"Bearer {token}")
    address = get_client_ip(request)
    if not known and not (address and ip_address(address).is_loopback):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that a request is too large or not understood."""
    what = Refused(_("发来的内容太多, 或者写法不对"), remedy=_("请返回上一页刷新后再试; 长文请分几次保存"))
    return refused(request, what, 400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that nothing is here, the same for what does not exist and what is not yours."""
    return render(request, "site/not_found.html", {"title": _("没有这一页")}, status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Say that somebody tries too often."""
    return render(request, "site/too_many.html", {"title": _("尝试次数太多")}, status=429)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that we failed, that nothing was lost, and what to do; nothing of the fault is shown."""
    return render(request, "site/failed.html", {"title": _("出错了")}, status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form was sent twice or too late, with a way back that keeps what was typed."""
    # What another site has sent is not shown as if somebody had typed it here.
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    context = {"title": _("页面已过期"), "typed": typed_in(request) if ours else ""}
    return render(request, "site/form_expired.html", context, status=403)
