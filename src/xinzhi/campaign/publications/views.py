"""The pages of publications: what is prepared, looked at before it is public, approved, published, withdrawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.pages import actor_in, campaign_of, number_in, page, paged, require, signed_in
from xinzhi.campaign.publications import operations
from xinzhi.campaign.publications.choosing import both_texts, chosen_in, publishable_results
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.queries import gone_cases, not_publishable, prepared, visible_to
from xinzhi.campaign.publications.serving import given, line_above
from xinzhi.campaign.publications.steps import PUBLIC, STEPS
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.campaign.review.publishable import publishable_cases
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _
from xinzhi.publish.edition import LICENCES, Imprint

HERE = "publications"


def _opened(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    require(actor, "see_snapshots", campaign)
    return actor, campaign


def _edition(actor: Actor, campaign: Campaign, number: int) -> Publication:
    return get_object_or_404(visible_to(actor), campaign=campaign, number=number)


@signed_in
@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the editions, what is prepared, and how to prepare the next one."""
    actor, campaign = _opened(request, slug)
    editions = list(visible_to(actor).filter(campaign=campaign))
    return page(
        request,
        "publications/home.html",
        campaign=campaign,
        here=HERE,
        title=_("发布"),
        editions=paged(request, editions),
        may_publish=actor.may("publish", campaign),
        proposed=bool(publishable_results(campaign)),
        prepared=any(edition.state not in PUBLIC for edition in editions),
        out=any(edition.state in PUBLIC for edition in editions),
        gone=gone_cases(editions),
        approvals=STEPS["publish"].approvals,
    )


@signed_in
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, slug: str) -> HttpResponse:
    """Prepare the next edition, or change the one that is prepared; what was typed stays where it cannot be taken."""
    actor, campaign = _opened(request, slug)
    require(actor, "publish", campaign)
    results, cases = publishable_results(campaign), publishable_cases(campaign)
    known = prepared(campaign)
    last = campaign.publications.filter(state__in=PUBLIC).first()
    fault: XinzhiError | None = None
    if request.method == "POST":
        try:
            chosen = chosen_in(request.POST, results, cases, correcting=last is not None)
            made = operations.prepare(actor, campaign, chosen, number_in(request.POST.get("seen"), 0))
            return redirect("publication", slug, made.number)
        except Refused as refusal:
            fault = refusal
    return page(
        request,
        "publications/prepare.html",
        campaign=campaign,
        here=HERE,
        status=fault.status if isinstance(fault, Refused) else 200,
        title=_("准备发布"),
        fault=fault,
        stale=isinstance(fault, Conflict),
        results=results,
        cases=cases,
        licences=LICENCES,
        known=known,
        correcting=last is not None,
        told=_told(request, campaign, known or last, [str(case.id) for case in cases]),
        seen=number_in(request.POST.get("seen"), 0) if fault else known.revision if known else 0,
    )


def _told(
    request: HttpRequest, campaign: Campaign, before: Publication | None, cases: list[str]
) -> dict[str, Any]:
    """Return what stands in the form: what was sent; else what was chosen before; else what is usual."""
    names = ("title_zh", "title_en", "licence", "publisher", "day", "notice_zh", "notice_en")
    if request.method == "POST":
        sent = request.POST
        return {name: sent.get(name, "") for name in names} | {
            "result": sent.getlist("result"), "case": sent.getlist("case"), "printed": "printed" in sent,
        }  # fmt: skip
    today = actor_in(request).now.astimezone(campaign.call.zone).date()
    if before is None:
        usual = Imprint()
        return {
            "title_zh": campaign.title, "licence": usual.licence, "publisher": usual.publisher,
            "day": today.isoformat(), "result": [str(made.number) for made in publishable_results(campaign)[:1]],
            "case": cases,
        }  # fmt: skip
    chosen, changing = before.chosen, before.state not in PUBLIC
    notice = chosen.notice if changing else None
    return {
        "title_zh": chosen.title.zh, "title_en": chosen.title.en, "licence": chosen.licence,
        "publisher": chosen.publisher, "day": (chosen.day if changing else today).isoformat(),
        "result": [str(number) for number in chosen.results], "case": [str(case.id) for case in chosen.cases],
        "printed": chosen.printed, "notice_zh": notice.zh if notice else "", "notice_en": notice.en if notice else "",
    }  # fmt: skip


@signed_in
@require_GET
def publication(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an edition: what is in it, how far it is, who approved it, and the next step."""
    actor, campaign = _opened(request, slug)
    return _publication(request, actor, campaign, _edition(actor, campaign, number))


def _publication(
    request: HttpRequest, actor: Actor, campaign: Campaign, edition: Publication, fault: Refused | None = None
) -> HttpResponse:
    may = actor.may("publish", campaign)
    approvals = edition.approved_by
    return page(
        request,
        "publications/publication.html",
        campaign=campaign,
        here=HERE,
        status=fault.status if fault else 200,
        title=_("第 {n} 版").format(n=edition.number),
        fault=fault,
        told=request.POST,
        edition=edition,
        approvals=approvals,
        needed=STEPS["publish"].approvals,
        missing=not_publishable(edition) if edition.state == "built" else [],
        gone=gone_cases([edition]).get(edition.pk, []),
        public=request.build_absolute_uri(reverse("published_edition", args=[campaign.slug, edition.number])),
        may_prepare=may and edition.state in STEPS["prepare"].before,
        may_approve=may
        and edition.state in STEPS["approve"].before
        and all(approval.by != actor.user for approval in approvals),
        may_publish=may and edition.state in STEPS["publish"].before and edition.approved,
        may_withdraw=may and edition.state in STEPS["withdraw"].before,
        running=edition.state == "building" and not edition.stuck,
    )


@signed_in
@require_POST
def approve(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve what was seen."""
    actor, campaign = _opened(request, slug)
    require(actor, "publish", campaign)
    operations.approve(actor, _edition(actor, campaign, number), request.POST.get("seen", ""))
    return redirect("publication", slug, number)


@signed_in
@require_POST
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Publish what two people have approved."""
    actor, campaign = _opened(request, slug)
    require(actor, "publish", campaign)
    operations.publish(actor, _edition(actor, campaign, number), request.POST.get("seen", ""))
    return redirect("publication", slug, number)


@signed_in
@require_POST
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take an edition down, with the reason; without one nothing is done."""
    actor, campaign = _opened(request, slug)
    require(actor, "publish", campaign)
    edition = _edition(actor, campaign, number)
    try:
        reason = both_texts(request.POST, "reason", _("撤下的原因"))
    except Refused as refusal:
        return _publication(request, actor, campaign, edition, refusal)
    operations.withdraw(actor, edition, reason)
    return redirect("publication", slug, number)


@signed_in
@require_safe
def preview(request: HttpRequest, slug: str, number: int, name: str = "") -> HttpResponseBase:
    """Show a file of what was built, before anybody else sees it."""
    actor, campaign = _opened(request, slug)
    edition = get_object_or_404(
        visible_to(actor).select_related("archive"), campaign=campaign, number=number, archive__isnull=False
    )
    back = reverse("publication", args=[slug, number])
    line = line_above(
        back, ("zh-Hans", "预览, 只有办公室、分析和审计人员看得到; 回到平台"), ("en", "Preview: not public")
    )
    return given(request, edition, name, line=line, cache="private, no-store")
