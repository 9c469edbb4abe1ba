"""The pages of opinion: counts and their reports; lists uploaded, questions answered, counts proposed and approved."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.opinion import operations
from xinzhi.campaign.opinion.models import Proposal, Report
from xinzhi.campaign.opinion.queries import (
    QUESTIONS,
    READERS,
    Counts,
    approved_counts,
    asked,
    counts_in,
    counts_of,
    filtered,
    heads_of,
    latest_proposal,
    lists_of,
    questions_of,
    reprints_of,
    table_of,
    visible_to,
)
from xinzhi.campaign.opinion.rule import REPRINT_TITLES, SPHERE_TITLES, rule
from xinzhi.campaign.pages import actor_in, campaign_of, page, paged, require, signed_in
from xinzhi.campaign.places.models import BODY, Unit
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns.operations import unit_named
from xinzhi.language import gettext as _

MOST_FAULTS = 200  # shown at once
HERE = "opinion"


@signed_in
@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the counts per unit and year, the lists they come from, and what is to be done next."""
    actor, campaign = _opened(request, slug)
    return _home(request, actor, campaign)


def _home(
    request: HttpRequest,
    actor: Actor,
    campaign: Campaign,
    faulty: operations.FaultyList | None = None,
) -> HttpResponse:
    lines = table_of(campaign, counts_of(campaign))
    if text := request.GET.get("q", "").strip():
        lines = [line for line in lines if text in line.unit.full_name or text == line.unit.code]
    proposal = latest_proposal(campaign)
    return page(
        request,
        "opinion/home.html",
        campaign=campaign,
        here=HERE,
        status=422 if faulty else 200,
        title=_("舆情"),
        heads=_heads(campaign),
        lines=paged(request, lines),
        text=text,
        lists=lists_of(actor, campaign),
        questions=questions_of(actor, campaign),
        reprints=reprints_of(campaign),
        reprint_titles=REPRINT_TITLES,
        days=rule().days,
        proposal=proposal,
        approved=len(approved_counts(campaign)),
        changed=bool(proposal and proposal.state != "declined" and _moved_on(campaign, proposal)),
        may_count=actor.may("count_opinion", campaign),
        may_approve=actor.may("approve_opinion", campaign),
        faulty=faulty,
        faults=faulty.faults[:MOST_FAULTS] if faulty else (),
        more_faults=max(0, len(faulty.faults) - MOST_FAULTS) if faulty else 0,
    )


@signed_in
@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a list in; one with faults shows them all and takes in nothing."""
    actor, campaign = _opened(request, slug)
    require(actor, "count_opinion", campaign)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused(_("请选择要上传的清单"))
    if (file.size or 0) > operations.LARGEST_LIST:
        raise Refused(_("文件超过 {limit} MB").format(limit=operations.LARGEST_LIST // 1_000_000))
    try:
        made = operations.take_in(actor, campaign, file.name or "", file.read())
    except operations.FaultyList as faulty:
        return _home(request, actor, campaign, faulty)
    messages.success(request, _("已收下 {n} 条报道").format(n=made.reports.count()))
    return redirect("opinion", slug)


@signed_in
@require_POST
def withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a list back."""
    actor, campaign = _opened(request, slug)
    require(actor, "count_opinion", campaign)
    operations.withdraw(actor, get_object_or_404(lists_of(actor, campaign), pk=pk))
    messages.success(request, _("清单已撤下, 其中的报道不再计数"))
    return redirect("opinion", slug)


@signed_in
@require_GET
def reports(request: HttpRequest, slug: str) -> HttpResponse:
    """List reports: of a unit, sphere and year, or those about which there is a question."""
    actor, campaign = _opened(request, slug)
    wanted = {
        name: request.GET.get(name, "").strip() for name in ("unit", "sphere", "year", "text", "question")
    }
    question = wanted.pop("question")
    found = filtered(asked(visible_to(actor, campaign), question), **wanted)
    found = found.select_related("first").prefetch_related("mentions__unit__parent")
    kept = {name: value for name, value in (wanted | {"question": question}).items() if value}
    return page(
        request,
        "opinion/reports.html",
        campaign=campaign,
        here=HERE,
        title=_("报道"),
        reports=paged(request, found),
        wanted=wanted | {"question": question},
        kept=urlencode(kept),
        questions=QUESTIONS,
        spheres=SPHERE_TITLES,
        unit=Unit.objects.filter(code=wanted["unit"]).first() if wanted["unit"] else None,
    )


@signed_in
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show one report with what it repeats and names; take the answers to its questions."""
    actor, campaign = _opened(request, slug)
    shown = get_object_or_404(visible_to(actor, campaign).select_related("of__campaign", "first"), pk=pk)
    if request.method == "POST":
        require(actor, "count_opinion", campaign)
        return _answered(request, actor, campaign, shown)
    mentions = list(shown.mentions.select_related("unit__parent__parent"))
    return page(
        request,
        "opinion/report.html",
        campaign=campaign,
        here=HERE,
        title=shown.title,
        report=shown,
        mentions=mentions,
        open_units=any(not mention.settled for mention in mentions),
        repeats=shown.repeats.all(),
        spheres=SPHERE_TITLES,
        may_count=actor.may("count_opinion", campaign),
    )


def _answered(request: HttpRequest, actor: Actor, campaign: Campaign, shown: Report) -> HttpResponse:
    match request.POST.get("question"):
        case "sphere":
            count = operations.say_sphere(actor, shown, request.POST.get("sphere", ""))
            messages.success(request, _("“{outlet}”的 {n} 条报道已确认").format(outlet=shown.outlet, n=count))
        case "units":
            operations.say_units(actor, shown, _units_said(request, campaign))
            messages.success(request, _("已确认这条报道涉及的单位"))
        case "apart":
            operations.set_apart(actor, shown, request.POST.get("apart") == "yes")
            messages.success(request, _("已重新归并"))
        case _other:
            raise Refused(_("没有这样的问题"))
    return redirect("opinion_report", campaign.slug, shown.pk)


def _units_said(request: HttpRequest, campaign: Campaign) -> list[Unit]:
    known = Unit.objects.exclude(level=BODY).filter(demonstration=campaign.demonstration)
    units = list(known.filter(code__in=request.POST.getlist("unit")))
    if text := request.POST.get("other", "").strip():
        if (unit := unit_named(text, campaign)) is None:
            raise Refused(
                _("没有认出单位“{text}”").format(text=text[:60]),
                remedy=_("请写六位代码, 或从省写起的全称"),
            )
        units.append(unit)
    return units


@signed_in
@require_POST
def counting(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose how reprints count."""
    actor, campaign = _opened(request, slug)
    require(actor, "approve_opinion", campaign)
    operations.choose_counting(actor, campaign, request.POST.get("reprints", ""))
    messages.success(request, _("计数规则已改, 各单位的计数已按新规则重算"))
    return redirect("opinion", slug)


@signed_in
@require_POST
def propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Propose the counts."""
    actor, campaign = _opened(request, slug)
    require(actor, "count_opinion", campaign)
    made = operations.propose(actor, campaign, complete=request.POST.get("complete") == "yes")
    messages.success(request, _("已提出第 {n} 次计数, 等待办公室批准").format(n=made.number))
    return redirect("opinion", slug)


@signed_in
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a proposal beside what is approved now; take the office's decision."""
    actor, campaign = _opened(request, slug)
    shown = get_object_or_404(
        Proposal.objects.select_related("by", "decided_by", "campaign"), campaign=campaign, number=number
    )
    if request.method == "POST":
        require(actor, "approve_opinion", campaign)
        approve = request.POST.get("decision") == "approve"
        operations.decide(actor, shown, approve=approve, reason=request.POST.get("reason", ""))
        messages.success(request, _("计数已批准, 填入舆论情况两行") if approve else _("已退回媒体单位"))
        return redirect("opinion_proposal", slug, number)
    return page(
        request,
        "opinion/proposal.html",
        campaign=campaign,
        here=HERE,
        title=_("第 {n} 次提出的计数").format(n=number),
        proposal=shown,
        heads=_heads(campaign),
        lines=paged(request, table_of(campaign, counts_in(shown))),
        reprints=REPRINT_TITLES[shown.reprints],
        may_decide=shown.state == "proposed" and actor.may("approve_opinion", campaign),
    )


def _opened(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if not any(actor.may(permission, campaign) for permission in READERS):
        raise Http404
    return actor, campaign


def _heads(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Return sphere, title and year of each column."""
    spheres = {field: sphere for sphere, field in rule().fields.items()}
    return [(spheres[field], str(SPHERE_TITLES[spheres[field]]), year) for field, year in heads_of(campaign)]


def _moved_on(campaign: Campaign, shown: Proposal) -> bool:
    """Tell whether the counts are others now than those proposed."""
    now: Counts = counts_of(campaign)
    return {key: n for key, n in counts_in(shown).items() if n} != dict(now)
