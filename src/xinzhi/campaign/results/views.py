"""The pages of results: freeze, compute, look, compare, propose."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from xinzhi.analysis.comparison import compare
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.pages import actor_in, campaign_of, number_in, page, paged, refused, require, signed_in
from xinzhi.campaign.results import operations
from xinzhi.campaign.results.alerts import alerts_of, alerts_of_ranks
from xinzhi.campaign.results.choosing import WEIGHTS, methodologies_for, methodology_of, weights_of
from xinzhi.campaign.results.models import Computed, Snapshot
from xinzhi.campaign.results.queries import computed_visible_to, differences, snapshots_visible_to
from xinzhi.campaign.storage.files import take
from xinzhi.errors import XinzhiError
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.methodology import load_methodology

HERE = "results"
COUNTY = "county-2025"  # of the library; what the first campaigns are computed by
PER_PAGE = 100
SHOWN = 200  # differences and alerts on one page; the files hold them all


def _opened(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    require(actor, "see_snapshots", campaign)
    return actor, campaign


@signed_in
@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show snapshots and results, and how to make the next one."""
    actor, campaign = _opened(request, slug)
    return _home(request, actor, campaign)


def _home(
    request: HttpRequest, actor: Actor, campaign: Campaign, fault: XinzhiError | None = None
) -> HttpResponse:
    snapshots = list(snapshots_visible_to(actor).filter(campaign=campaign))
    shown = paged(request, computed_visible_to(actor).filter(campaign=campaign), PER_PAGE)
    return page(
        request,
        "results/home.html",
        campaign=campaign,
        here=HERE,
        status=422 if fault else 200,
        title=_("结果"),
        fault=fault,
        chosen=request.POST,
        snapshots=snapshots,
        results=shown,
        weights=WEIGHTS,
        methodologies=methodologies_for("county"),
        may_freeze=actor.may("freeze", campaign),
        may_compute=actor.may("compute", campaign),
        running=any(made.state == "waiting" and not made.stuck for made in shown),
    )


@signed_in
@require_POST
def freeze(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze."""
    actor, campaign = _opened(request, slug)
    require(actor, "freeze", campaign)
    made = operations.freeze(actor, campaign)
    return redirect("snapshot", slug, made.number)


@signed_in
@require_POST
def order(request: HttpRequest, slug: str) -> HttpResponse:
    """Order an index; what is wrong with a file is said on the page, and nothing is ordered."""
    actor, campaign = _opened(request, slug)
    require(actor, "compute", campaign)
    told = request.POST
    snapshot = get_object_or_404(
        snapshots_visible_to(actor), campaign=campaign, number=number_in(told.get("snapshot", ""))
    )
    try:
        methodology = methodology_of(told.get("methodology", ""), request.FILES.get("methodology_file"))
        weights = weights_of(told.get("weights", ""), request.FILES.get("sheet"), methodology)
        without = [name for name in told.get("without", "").replace(",", " ").split() if name]
        operations.order(actor, snapshot, methodology, weights, without)
    except XinzhiError as fault:
        return _home(request, actor, campaign, fault)
    return redirect("results", slug)


@signed_in
@require_GET
def snapshot(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what a snapshot holds, how it differs from the one before, and what changed more than expected."""
    actor, campaign = _opened(request, slug)
    shown = _snapshot(actor, campaign, number)
    before = snapshots_visible_to(actor).filter(campaign=campaign, number=number - 1).first()
    found = differences(before, shown) if before else None
    alerts = alerts_of(shown)
    titles = {id: str(row.title) for id, row in campaign.indicators.figures()}
    return page(
        request,
        "results/snapshot.html",
        campaign=campaign,
        here=HERE,
        title=_("第 {n} 号快照").format(n=number),
        snapshot=shown,
        rows=shown.figures.height,
        units=sum(1 for unit in shown.about["units"] if unit["state"] == "accepted"),
        asked=len(shown.about["units"]),
        cases=len(shown.about["cases"]),
        before=before,
        found=found,
        figures=found.figures[:SHOWN] if found else (),
        titles=titles,
        command=_command(shown),
        alerts=alerts[:SHOWN],
        alert_count=len(alerts),
        most=SHOWN,
    )


@signed_in
@require_GET
def snapshot_panel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give the figures as the file that ``xinzhi compute`` takes."""
    actor, campaign = _opened(request, slug)
    shown = _snapshot(actor, campaign, number)
    name = f"{shown.name}.parquet"
    operations.note_export(actor, campaign, f"snapshot:{shown.pk}", "panel.parquet")
    return _attachment(bytes(shown.panel), name, "application/vnd.apache.parquet")


@signed_in
@require_GET
def snapshot_about(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give what a snapshot says of itself."""
    actor, campaign = _opened(request, slug)
    shown = _snapshot(actor, campaign, number)
    operations.note_export(actor, campaign, f"snapshot:{shown.pk}", "about.json")
    text = json.dumps(shown.about | {"digest": shown.digest}, ensure_ascii=False, indent=1) + "\n"
    return _attachment(text.encode(), f"{shown.name}.json", "application/json")


@signed_in
@require_GET
def result(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the ranking of a year, what has to be said with it, and whose rank moved far."""
    actor, campaign = _opened(request, slug)
    made = _computed(actor, campaign, number)
    context: dict[str, Any] = {}
    if made.done:
        year = number_in(request.GET.get("year"), otherwise=0) or made.summary["years"][-1]
        root = made.summary["root"]
        nodes = made.summary["said"][current_language()]["nodes"]
        inner = made.summary["dimensions"]
        rank = f"{root}_rank"
        columns = ["code", "name", root, rank, "missing_share", *inner]
        rows = made.table.filter(year=year).sort(rank, "code", nulls_last=True).select(columns)
        text = request.GET.get("q", "").strip()
        if text:
            rows = rows.filter((rows["name"].str.contains(text, literal=True)) | (rows["code"] == text))
        others = computed_visible_to(actor).filter(campaign__in=_and_last(campaign)).exclude(pk=made.pk)
        context = {
            "said": made.summary["said"][current_language()],
            "year": year,
            "years": made.summary["years"],
            "text": text,
            "kept": urlencode({"year": year, "q": text}),
            "rows": paged(request, rows.rows()),
            "heads": [nodes[node] for node in inner],
            "alerts": alerts_of_ranks(made)[:SHOWN],
            "others": others.filter(state__in=("computed", "proposed"))[:50],
        }
    return page(
        request,
        "results/result.html",
        campaign=campaign,
        here=HERE,
        title=_("第 {n} 号结果").format(n=number),
        made=made,
        may_propose=made.state == "computed" and actor.may("propose", campaign),
        running=made.state == "waiting" and not made.stuck,
        **context,
    )


@signed_in
@require_GET
def result_folder(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Give the result folder, zipped."""
    actor, campaign = _opened(request, slug)
    made = _computed(actor, campaign, number)
    if made.folder is None:
        return redirect("result", slug, number)
    operations.note_export(actor, campaign, made.subject, "folder.zip")
    return _attachment(take(made.folder), f"{slug}-result-{number}.zip", "application/zip")


@signed_in
@require_POST
def propose(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Propose a result for publication."""
    actor, campaign = _opened(request, slug)
    require(actor, "propose", campaign)
    operations.propose(actor, _computed(actor, campaign, number))
    return redirect("result", slug, number)


@signed_in
@require_GET
def comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """Compare two results: which ranks moved, how far, and what moved them."""
    actor, campaign = _opened(request, slug)
    both = [
        get_object_or_404(
            computed_visible_to(actor).filter(campaign__in=_and_last(campaign), scores__isnull=False),
            pk=number_in(request.GET.get(side, "")),
        )
        for side in ("before", "after")
    ]
    try:
        found = compare(*(operations.computed_anew(made) for made in both))
    except XinzhiError as fault:
        return refused(request, operations.as_refusal(fault))
    table = found.table().sort("rank_after", nulls_last=True)
    rows = paged(request, table.rows(named=True))
    return page(
        request,
        "results/comparison.html",
        campaign=campaign,
        here=HERE,
        title=_("比较两个结果"),
        before=both[0],
        after=both[1],
        sentence=found.sentence(),
        rows=rows,
        kept=f"before={both[0].pk}&after={both[1].pk}",
    )


def _command(shown: Snapshot) -> str:
    """Return how the command computes a snapshot; other years than the methodology's have to be named."""
    years = shown.about["years"]
    own = list(load_methodology(COUNTY).years)
    named = "" if years == own else "".join(f" --year {year}" for year in years)
    return f"xinzhi compute {COUNTY} {shown.name}.parquet{named}"


def _snapshot(actor: Actor, campaign: Campaign, number: int) -> Snapshot:
    snapshots = snapshots_visible_to(actor).defer(None)
    return get_object_or_404(snapshots, campaign=campaign, number=number)


def _computed(actor: Actor, campaign: Campaign, number: int) -> Computed:
    return get_object_or_404(computed_visible_to(actor), campaign=campaign, number=number)


def _and_last(campaign: Campaign) -> list[int]:
    """Return a campaign and the one before it, whose results may be compared where the actor sees both."""
    return [pk for pk in (campaign.pk, campaign.previous_id) if pk is not None]


def _attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
