"""The pages of checking: queue, return, board, letters. Each reads through a door and writes by an operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking import board as boards
from xinzhi.campaign.checking import letters as post
from xinzhi.campaign.checking import operations
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.operations import Decision, Outcome, Pick
from xinzhi.campaign.checking.queries import (
    Filters,
    all_files_of,
    branches,
    files_of,
    letters_seen_by,
    may_look,
    recipients_of,
    returns_seen_by,
    stage_counts,
)
from xinzhi.campaign.checking.queries import queue as queued
from xinzhi.campaign.checking.reminders import draft_reminders, ensure_daily
from xinzhi.campaign.checking.showing import cell_title, page_of
from xinzhi.campaign.checking.stages import STAGES, UNFINISHED, stage_of
from xinzhi.campaign.pages import actor_in, campaign_of, download, number_in, page, paged, require, signed_in
from xinzhi.campaign.people.models import Membership
from xinzhi.campaign.people.operations import approve_body
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.posting import LEAVING, STATES
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Return, Version
from xinzhi.campaign.returns.states import STEPS
from xinzhi.campaign.storage.vault import vault
from xinzhi.language import gettext as _

_VERBS = ("accept", "return", "decline", "reconsider", "forward", "send_back")
_REASON = "reason:"


# --- the queue -------------------------------------------------------------------------------------------


@require_GET
@signed_in
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the returns of a stage, with filters in the address."""
    actor, campaign = _looking(request, slug)
    filters = Filters.of(request.GET.dict())
    shown = paged(request, queued(actor, campaign, filters))
    counts = stage_counts(actor, campaign, filters)
    tabs = [
        (name, STAGES[name].title if name else _("全部"), count, filters.address(stage=name))
        for name, count in counts.items()
    ]
    rows = [(filed, STAGES[stage_of(filed.state)]) for filed in shown]
    return page(
        request,
        "checking/queue.html",
        campaign=campaign,
        here="checking_queue",
        title=_("审核"),
        filters=filters,
        address=filters.address(),
        tabs=tabs,
        shown=shown,
        rows=rows,
        branches=branches(actor, campaign),
        accepting=actor.may("accept", campaign),
        reminding=actor.may("remind", campaign),
    )


@require_POST
@signed_in
def selected(request: HttpRequest, slug: str) -> HttpResponse:
    """Accept or remind the returns that were ticked, and tell what was done and what was not."""
    actor, campaign = _looking(request, slug)
    _require_one_of(actor, campaign, "accept", "remind")
    picks = [pick for text in request.POST.getlist("pick") if (pick := _pick(text))]
    match request.POST.get("do"):
        case "accept":
            seal_seen = request.POST.get("seal") == "on"
            outcomes = operations.accept_selected(actor, campaign, picks, seal_seen=seal_seen)
        case "remind":
            outcomes = operations.remind_selected(actor, campaign, picks)
        case _unknown:
            raise Refused(_("没有这样的决定"))
    if not picks:
        raise Refused(_("没有选中填报"), remedy=_("请先在表中勾选"))
    return reported(request, outcomes, _to("checking_queue", slug, request.POST.get("address", "")))


def _pick(text: str) -> Pick | None:
    """Read what a box of the queue says; nothing where it was tampered with."""
    id, _at, rest = text.partition(":")
    seen, _at, version = rest.partition(":")
    try:
        return Pick(UUID(id), int(seen), int(version))
    except ValueError:
        return None


def reported(request: HttpRequest, outcomes: Iterable[Outcome], onward: str) -> HttpResponse:
    """Go on, and tell there what was done of several things and what was not."""
    outcomes = list(outcomes)
    done = sum(outcome.done for outcome in outcomes)
    if done:
        messages.success(request, _("已完成 {n} 份").format(n=done))
    for outcome in outcomes:
        if not outcome.done:
            messages.error(request, _("{what}: 没有完成, {why}").format(what=outcome.what, why=outcome.why))
    return HttpResponseRedirect(onward)


# --- a return --------------------------------------------------------------------------------------------


@require_GET
@signed_in
def checked_return(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show a return to whoever decides on it."""
    actor, campaign = _looking(request, slug)
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    return _return_page(request, actor, filed, {})


def _return_page(
    request: HttpRequest,
    actor: Actor,
    filed: Return,
    reasons: Mapping[str, str],
    refusal: Refused | None = None,
) -> HttpResponse:
    versions = list(filed.versions.select_related("sent_by", "filled_by"))
    version, before = _chosen(versions, request.GET.get("version", ""), request.GET.get("against", ""))
    steps = [
        (verb, STEPS[verb].title)
        for verb in _VERBS
        if filed.state in STEPS[verb].before and actor.may(STEPS[verb].permission, filed.campaign, filed.unit)
    ]
    latest = version is not None and version.number == filed.version
    office = actor.may("check", filed.campaign) or actor.may("audit", filed.campaign)
    return page(
        request,
        "checking/return.html",
        campaign=filed.campaign,
        here="checking_queue",
        status=refusal.status if refusal else 200,
        title=str(filed),
        filed=filed,
        stage=STAGES[stage_of(filed.state)],
        versions=versions,
        version=version,
        before=before,
        latest=latest,
        content=page_of(filed, version, before, reasons) if version else None,
        steps=dict(steps) if latest else {},
        sending_back=next((verb for verb, _title in steps if verb in ("return", "send_back")), ""),
        whole_reason=reasons.get("", ""),
        refusal=refusal,
        files=files_of(filed, version.files if version else None),
        decisions=[(d, STEPS[d.verb].title) for d in filed.decisions.select_related("by")],
        remarks=[
            (r, cell_title(filed.declared, r.key) if r.key else _("总的意见"))
            for r in filed.remarks.select_related("by")
        ],
        notes=filed.notes.select_related("by") if office else [],
        noting=actor.may("check", filed.campaign),
        contacts=actor.may("see_contacts", filed.campaign, filed.unit),
        approving=filed.unit.is_body
        and filed.unit.approved_at is None
        and actor.may("accept", filed.campaign),
    )


def _chosen(versions: list[Version], number: str, against: str) -> tuple[Version | None, Version | None]:
    """Return the version that is looked at, the last by default, and the one it is held against."""
    by_number = {str(version.number): version for version in versions}
    version = by_number.get(number, versions[-1] if versions else None)
    if version is None:
        return None, None
    return version, by_number.get(against or str(version.number - 1))


@require_POST
@signed_in
def decide(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Take a decision; where it is refused the page comes again with all that was typed."""
    actor, campaign = _looking(request, slug)
    _require_one_of(actor, campaign, "check", "review")
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    told = request.POST
    reasons = {
        name.removeprefix(_REASON): text for name, text in told.dict().items() if name.startswith(_REASON)
    }
    seen, version = number_in(told.get("seen", "")), number_in(told.get("version", ""))
    decision = Decision(told.get("verb", ""), seen, version, reasons, told.get("seal") == "on")
    try:
        filed = operations.decide(actor, filed, decision)
    except Refused as refusal:
        filed = returns_seen_by(actor, campaign).get(pk=pk)
        return _return_page(request, actor, filed, reasons, refusal)
    messages.success(
        request, _("{what}: {state}").format(what=filed, state=STAGES[stage_of(filed.state)].title)
    )
    if not returns_seen_by(actor, campaign).filter(pk=pk).exists():
        return redirect("checking_queue", slug)
    return redirect("checking_return", slug, pk)


@require_POST
@signed_in
def note(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Keep a note of the office."""
    actor, campaign = _looking(request, slug)
    require(actor, "check", campaign)
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    text = request.POST.get("text", "")
    if not text.strip():
        raise Refused(_("备注是空的"), where=str(filed))
    returns.note(actor, filed, text)
    return redirect(reverse("checking_return", args=[slug, pk]) + "#notes")


@require_POST
@signed_in
def contacts(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show the contacts of a return; the look is entered in the audit first."""
    actor, campaign = _looking(request, slug)
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    require(actor, "see_contacts", campaign, filed.unit)
    operations.look_at_contacts(actor, filed)
    version = filed.versions.filter(number=filed.version).first()
    private: dict[str, str] = {}
    if version is not None:
        private = json.loads(vault().open(filed.owner, bytes(version.sealed)))
    people = Membership.objects.filter(
        unit=filed.unit, campaign__in=[campaign.pk], role__in=("reporter", "confirmer"), until=None
    ).select_related("user")
    return page(
        request,
        "checking/contacts.html",
        campaign=campaign,
        here="checking_queue",
        title=_("联系方式"),
        filed=filed,
        written=[(cell_title(filed.declared, key), text) for key, text in private.items() if text],
        people=people,
    )


@require_POST
@signed_in
def approve(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Approve the body that files, whose name and credit code have been checked."""
    actor, campaign = _looking(request, slug)
    require(actor, "accept", campaign)
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    approve_body(actor, filed.unit, campaign)
    messages.success(request, _("{unit}已通过单位核实").format(unit=filed.unit.name))
    return redirect("checking_return", slug, pk)


@require_GET
@signed_in
def file(request: HttpRequest, slug: str, pk: UUID, file: UUID) -> HttpResponse:
    """Give a file as a download and nothing that a browser would open."""
    actor, campaign = _looking(request, slug)
    filed = get_object_or_404(returns_seen_by(actor, campaign), pk=pk)
    attachment = get_object_or_404(
        all_files_of(filed).select_related("blob", "of__campaign", "of__unit"), pk=file
    )
    return download(operations.fetch(actor, attachment), attachment.name)


# --- the board -------------------------------------------------------------------------------------------


@require_GET
@signed_in
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how complete the campaign is, as a table and as a map."""
    actor, campaign = _looking(request, slug)
    branch = request.GET.get("branch", "").strip()
    found = boards.board(actor, campaign, branch)
    mapped = branch or len(found.provinces) == 1
    return page(
        request,
        "checking/board.html",
        campaign=campaign,
        here="board",
        title=_("进度"),
        board=found,
        stages=STAGES,
        branch=branch,
        branches=branches(actor, campaign),
        districts=boards.tiles(actor, campaign, branch) if mapped else (),
        reminding=actor.may("remind", campaign),
    )


@require_GET
@signed_in
def board_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Give the board as a file, a line for each unit."""
    actor, campaign = _looking(request, slug)
    written = {"csv": boards.as_csv, "xlsx": boards.as_xlsx}.get(kind)
    if written is None:
        raise Http404
    branch = request.GET.get("branch", "").strip()
    return download(written(actor, campaign, branch), f"{campaign.slug}-{_('进度')}.{kind}")


# --- letters ---------------------------------------------------------------------------------------------


@require_GET
@signed_in
def letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the letters, drafts first to see."""
    actor, campaign = _reminding(request, slug)
    state = request.GET.get("state", "")
    found = letters_seen_by(actor, campaign)
    if state in STATES:
        found = found.filter(state=state)
    return page(
        request,
        "checking/letters.html",
        campaign=campaign,
        here="board",
        title=_("提醒和通知"),
        shown=paged(request, found),
        states=STATES,
        state=state,
        automatic=campaign.posts_automatically,
        sending=actor.may("remind", campaign),
    )


@require_POST
@signed_in
def letters_today(request: HttpRequest, slug: str) -> HttpResponse:
    """Write today's reminders, and let a job write those of the mornings to come."""
    actor, campaign = _reminding(request, slug)
    require(actor, "remind", campaign)
    written = draft_reminders(actor, campaign)
    ensure_daily(actor, campaign)
    messages.success(request, _("今天新起草 {n} 封提醒").format(n=written))
    return redirect("letters", slug)


@require_POST
@signed_in
def letters_selected(request: HttpRequest, slug: str) -> HttpResponse:
    """Send or drop the letters that were ticked, each by itself."""
    actor, campaign = _reminding(request, slug)
    require(actor, "remind", campaign)
    act = {"send": post.send, "drop": post.drop}.get(request.POST.get("do", ""))
    if act is None:
        raise Refused(_("没有这样的决定"))
    outcomes = []
    for text in request.POST.getlist("pick"):
        pk, _at, seen = text.partition(":")
        found = letters_seen_by(actor, campaign).filter(pk=number_in(pk)).first()
        if found is None:
            continue
        try:
            act(actor, found, number_in(seen))
            outcomes.append(Outcome(str(found), True))
        except Refused as refusal:
            outcomes.append(Outcome(f"{found.unit} · {found}", False, refusal.what))
    if not outcomes:
        raise Refused(_("没有选中信件"), remedy=_("请先在表中勾选"))
    return reported(request, outcomes, reverse("letters", args=[slug]))


@require_http_methods(["GET", "POST"])
@signed_in
def letter(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show a letter; change it while it is a draft."""
    actor, campaign = _reminding(request, slug)
    found = get_object_or_404(letters_seen_by(actor, campaign), pk=pk)
    if request.method == "POST":
        require(actor, "remind", campaign)
        subject, body = request.POST.get("subject", ""), request.POST.get("body", "")
        try:
            post.edit(actor, found, number_in(request.POST.get("seen", "")), subject, body)
        except Refused as refusal:
            found = letters_seen_by(actor, campaign).get(pk=pk)
            found.subject, found.body = subject, body
            return _letter_page(request, actor, found, refusal)
        messages.success(request, _("已保存"))
        return redirect("letter", slug, pk)
    return _letter_page(request, actor, found)


def _letter_page(
    request: HttpRequest, actor: Actor, found: Letter, refusal: Refused | None = None
) -> HttpResponse:
    reminding = actor.may("remind", found.campaign, found.unit)
    return page(
        request,
        "checking/letter.html",
        campaign=found.campaign,
        here="board",
        status=refusal.status if refusal else 200,
        title=found.subject,
        letter=found,
        receivers=len(recipients_of(found)),
        editable=found.state == "draft" and reminding,
        leaving=found.state in LEAVING and reminding,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def message(request: HttpRequest, slug: str) -> HttpResponse:
    """Write one message to the units of a branch that stand at some stages."""
    actor, campaign = _reminding(request, slug)
    require(actor, "remind", campaign)
    told = request.POST if request.method == "POST" else request.GET
    branch, stage = told.get("branch", ""), told.get("stage", "")
    units = boards.asked(actor, campaign, branch, ("remind",)).order_by("code")
    chosen = UNFINISHED if stage == "unfinished" else (stage,) if stage in STAGES else tuple(STAGES)
    selected = [unit for unit in units if stage_of(unit.state) in chosen]
    refusal = None
    if request.method == "POST" and told.get("do") == "write":
        try:
            n = post.write_message(actor, campaign, selected, told.get("subject", ""), told.get("body", ""))
            messages.success(request, _("已起草 {n} 封").format(n=n))
            return redirect("letters", slug)
        except Refused as fault:
            refusal = fault
    return page(
        request,
        "checking/message.html",
        campaign=campaign,
        here="board",
        status=422 if refusal else 200,
        title=_("写给单位"),
        branches=branches(actor, campaign),
        branch=branch,
        stages=STAGES,
        stage=stage,
        units=selected,
        subject=told.get("subject", ""),
        body=told.get("body", ""),
        refusal=refusal,
    )


# --- what they share -------------------------------------------------------------------------------------


def _looking(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if not may_look(actor, campaign):
        raise Http404
    return actor, campaign


def _require_one_of(actor: Actor, campaign: Campaign, *permissions: Permission) -> None:
    """Answer 404 to whoever looks here and decides nothing: the auditor."""
    if not any(actor.may(permission, campaign) for permission in permissions):
        raise Http404


def _reminding(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    """Let in who reminds, and the auditor, who sends nothing."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if not (actor.may("remind", campaign) or actor.may("audit", campaign)):
        raise Http404
    return actor, campaign


def _to(view: str, slug: str, address: str) -> str:
    """Return where a list was left, with its filters; only such as a list has."""
    query = Filters.of(dict(parse_qsl(address))).address()
    return reverse(view, args=[slug]) + (f"?{query}" if query else "")
