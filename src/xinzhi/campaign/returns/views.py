"""The pages of whoever files: task list, form, check your answers, send, confirm, receipt, history."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.pages import actor_in, campaign_of, number_in, page, require, signed_in
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns import operations
from xinzhi.campaign.returns.deadlines import deadline_of
from xinzhi.campaign.returns.doors import filers_return, may_fill, own_return, return_of
from xinzhi.campaign.returns.drafts import opened, texts_of
from xinzhi.campaign.returns.inside import holders_of
from xinzhi.campaign.returns.keys import is_private, keys_of
from xinzhi.campaign.returns.material import SORTS
from xinzhi.campaign.returns.models import CASE, Return, Version
from xinzhi.campaign.returns.points import STATEMENT
from xinzhi.campaign.returns.queries import conflicts_of, may_read_at_work
from xinzhi.campaign.returns.sheets import Sheet, said_in, sees_private, sheet_of, title_of
from xinzhi.campaign.returns.states import EDITABLE, STATES, STEPS
from xinzhi.campaign.returns.tasks import tasks_of
from xinzhi.declarations import Text
from xinzhi.forms import CaseForm
from xinzhi.language import gettext as _


@require_GET
@signed_in
def filing_home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is asked of the units for which the actor files or confirms, and the next step."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    if not actor.may("confirm", campaign):
        require(actor, "file", campaign)
    return page(
        request,
        "returns/home.html",
        campaign=campaign,
        here="filing_home",
        title=_("填报任务"),
        places=tasks_of(actor, campaign),
        levels=campaign.levels,
    )


@require_POST
@signed_in
def filing_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a return and go to its form."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    unit = get_object_or_404(
        Unit.objects.select_related("parent__parent"), code=request.POST.get("unit", "")[:18]
    )
    require(actor, "file", campaign, unit)
    filed = operations.start(actor, campaign, unit, request.POST.get("sort", "")[:12])
    return redirect("return", slug, filed.pk)


# --- filling in ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def form(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Show the form to be filled in; sent as a whole it saves every cell, and shows what could not be saved."""
    filed = own_return(request, slug, id)
    if not may_fill(request, filed):
        if request.method == "POST":
            raise Http404
        return redirect("return_answers", slug, id)
    if request.method == "GET":
        return _form_page(request, filed)
    faults = _save_all(request, filed)
    sheet = sheet_of(actor_in(request), filed, everything=True)
    if faults or any(box.beside for box in sheet.boxes.values()):
        return _form_page(request, filed, faults, status=409)
    if request.POST.get("then") == "check":
        return redirect("return_answers", slug, id)
    messages.success(request, _("已保存"))
    return redirect("return", slug, id)


def _save_all(request: HttpRequest, filed: Return) -> dict[str, str]:
    """Save what was typed into a whole form; return by key why something was not taken.

    A cell that the person did not touch is left alone even where somebody else changed it since.
    """
    actor = actor_in(request)
    stands = {key: (cell.text, cell.revision) for key, cell in texts_of(filed).items()}
    faults: dict[str, str] = {}
    for key in keys_of(filed.declared):
        if (typed := request.POST.get(f"cell:{key}")) is None:
            continue
        typed = typed.replace("\r\n", "\n")
        text, revision = stands.get(key, ("", 0))
        seen, choice = (
            number_in(request.POST.get(f"seen:{key}"), otherwise=0),
            request.POST.get(f"choice:{key}"),
        )
        try:
            if choice == "theirs":
                operations.settle(actor, filed, key)
            elif choice == "mine":
                operations.save_cell(
                    actor, filed, key, typed, number_in(request.POST.get(f"now:{key}"), otherwise=0)
                )
            elif typed != text and not (seen != revision and _as_seen(filed, key, seen) == typed):
                saved = operations.save_cell(actor, filed, key, typed, seen)
                if saved.outcome == "locked":
                    faults[key] = _("现在不能改; 你填的内容保留在修改记录里")
        except Refused as refusal:
            faults[key] = refusal.what
    for name in request.POST:
        if name.startswith("explain:"):
            _explain(request, filed, name, request.POST.get(name, ""), faults)
    stated = "stated" in request.POST
    if "statement" in request.POST and stated != filed.stated_not_secret and filed.state in EDITABLE:
        operations.state_not_secret(actor, filed, stated)
    filed.refresh_from_db()
    return faults


def _explain(request: HttpRequest, filed: Return, name: str, text: str, faults: dict[str, str]) -> None:
    rule, key = (name + "::").split(":")[1:3]
    text = text.replace("\r\n", "\n").strip()
    kept = filed.explanations.filter(rule=rule, key=key).values_list("text", flat=True).first() or ""
    if text == kept:
        return
    try:
        operations.explain(actor_in(request), filed, rule[:60], key[:60], text)
    except Refused as refusal:
        faults[name] = refusal.what


def _as_seen(filed: Return, key: str, seen: int) -> str | None:
    """Return what stood in a cell at a revision."""
    if not seen:
        return ""
    entry = filed.entries.filter(key=key, revision=seen, stood=True).last()
    return opened(filed, entry) if entry else None


def _form_page(
    request: HttpRequest, filed: Return, faults: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    everything = "all" in request.GET or request.method == "POST"
    sheet = sheet_of(actor_in(request), filed, everything=everything)
    for name, fault in (faults or {}).items():
        if box := sheet.boxes.get(name):
            box.text, box.fault = request.POST.get(f"cell:{name}", ""), fault
    unsaved = {
        name: (request.POST.get(name, ""), fault)
        for name, fault in (faults or {}).items()
        if name not in sheet.boxes
    }
    editable = filed.state in EDITABLE
    return page(
        request,
        "returns/case.html" if filed.sort == CASE else "returns/indicators.html",
        campaign=filed.campaign,
        here="filing_home",
        status=status,
        title=filed.title or str(sheet.form.title),
        filed=filed,
        sheet=sheet,
        state=STATES[filed.state],
        editable=editable,
        everything=everything,
        unsaved=unsaved,
        troubled=[box for box in sheet.boxes.values() if box.beside or box.fault],
        deadline=deadline_of(filed.campaign, filed.unit, actor_in(request).now, filed),
        general_remarks=filed.remarks.filter(version=filed.version, key="")
        if filed.state == "returned"
        else (),
        sorts=sorts_of(filed, sheet),
        holders=holders_of(sheet.form, sheet.attachments),
        attaches_scan=filed.state not in operations.SCANS_REFUSED,
    )


def sorts_of(filed: Return, sheet: Sheet) -> list[dict[str, object]]:
    """Return the sorts of files that a return takes, each with what is attached of it."""
    return [
        {
            "id": id,
            "declared": sort,
            "megabytes": sort.most_bytes // 1_000_000,
            "least_megabytes": f"{sheet.form.pictures.least_bytes / 1e6:g}"
            if isinstance(sheet.form, CaseForm)
            else "",
            "attached": [a for a in sheet.attachments if a.sort == id],
        }
        for id, sort in SORTS.items()
        if not sort.forms or filed.sort in sort.forms
    ]


# --- sending ---------------------------------------------------------------------------------------------


@require_GET
@signed_in
def answers(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Show all answers to be checked before sending, or as they stand; with what is open."""
    filed = return_of(request, slug, id)
    if not may_read_at_work(actor_in(request), filed):
        raise Http404
    return _answers_page(request, filed)


@require_POST
@signed_in
def send(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Send the return on; where something is open, show all of it with links to the cells."""
    filed = filers_return(request, slug, id)
    actor = actor_in(request)
    if request.POST.get("stated") == "yes" and not filed.stated_not_secret and filed.state in EDITABLE:
        operations.state_not_secret(actor, filed, True)
        filed.refresh_from_db()
    try:
        filed = operations.send(actor, filed, number_in(request.POST.get("revision"), otherwise=0))
    except Refused as refusal:
        filed.refresh_from_db()
        if type(refusal) is Refused and any(p.is_open for p in sheet_of(actor, filed).points):
            return _answers_page(request, filed, summary=True, status=422)
        raise
    return _gone_on(request, filed)


@require_POST
@signed_in
def confirm(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Confirm as the second person and send."""
    filed = own_return(request, slug, id)
    require(actor_in(request), "confirm", filed.campaign, filed.unit)
    return _gone_on(
        request,
        operations.confirm(actor_in(request), filed, number_in(request.POST.get("revision"), otherwise=0)),
    )


@require_POST
@signed_in
def step(request: HttpRequest, slug: str, id: UUID, verb: str) -> HttpResponse:
    """Hand back, withdraw or resume; the reason that was typed is shown again where it does not do."""
    if verb not in ("hand_back", "withdraw", "resume"):
        raise Http404
    filed = own_return(request, slug, id)
    require(actor_in(request), STEPS[verb].permission, filed.campaign, filed.unit)
    reason = request.POST.get("reason", "")
    try:
        filed = operations.take_step(
            actor_in(request), filed, verb, number_in(request.POST.get("revision"), otherwise=0), reason
        )
    except Refused as refusal:
        filed.refresh_from_db()
        return _answers_page(request, filed, refusal=refusal, reason=reason, status=409)
    messages.success(request, _("“{title}”现在是“{state}”").format(title=filed, state=STATES[filed.state]))
    return redirect(
        "return" if filed.state in EDITABLE and may_fill(request, filed) else "return_answers", slug, id
    )


def _gone_on(request: HttpRequest, filed: Return) -> HttpResponse:
    if filed.state == "confirming":
        messages.success(request, _("已交本单位复核人; 复核后提交给征集办公室"))
        return redirect("return_answers", filed.campaign.slug, filed.pk)
    return redirect("return_receipt", filed.campaign.slug, filed.pk, filed.version)


def _answers_page(
    request: HttpRequest,
    filed: Return,
    *,
    summary: bool = False,
    refusal: Refused | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = actor_in(request)
    sheet = sheet_of(actor, filed)
    fills = may_fill(request, filed)
    confirms = filed.state == "confirming" and actor.may("confirm", filed.campaign, filed.unit)
    return page(
        request,
        "returns/answers.html",
        campaign=filed.campaign,
        here="filing_home" if sees_private(actor, filed) else "",
        status=status,
        title=_("检查填报内容")
        if fills and filed.state in EDITABLE
        else filed.title or str(sheet.form.title),
        filed=filed,
        sheet=sheet,
        said=[(box, said_in(sheet.form, box.key, box.text)) for box in sheet.boxes.values()],
        state=STATES[filed.state],
        fills=fills,
        confirms=confirms,
        sends=fills and filed.state in EDITABLE,
        withdraws=fills and filed.state in STEPS["withdraw"].before,
        resumes=fills and filed.state == "withdrawn",
        summary=summary,
        refusal=refusal,
        reason=reason,
        first_is_confirm="confirm" in filed.campaign.levels,
        deadline=deadline_of(filed.campaign, filed.unit, actor.now, filed),
        links={point.key: _where(filed, sheet, point.key) for point in sheet.points} if fills else {},
        titles={box.key: box.title for box in sheet.boxes.values()},
        statement=filed.campaign.call.statement,
        versions=list(filed.versions.all()),
        decisions=list(filed.decisions.select_related("by")),
        remarks=[(r, title_of(sheet.form, r.key) if r.key else "") for r in filed.remarks.all()],
        sorts=sorts_of(filed, sheet),
        states=STATES,
        own=sees_private(actor, filed),
    )


def _where(filed: Return, sheet: Sheet, key: str) -> str:
    """Return the address at which a point can be mended."""
    if key == STATEMENT:
        return "#stated"
    address = reverse("return", args=[filed.campaign.slug, filed.pk])
    return f"{address}?all=1#{sheet.boxes[key].id if key in sheet.boxes else 'general'}"


# --- afterwards ------------------------------------------------------------------------------------------


@require_GET
@signed_in
def receipt(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    """Show the receipt of a version that was sent, to be printed."""
    filed = own_return(request, slug, id)
    version = get_object_or_404(
        Version.objects.select_related("sent_by", "filled_by"), of=filed, number=number
    )
    form = filed.declared
    return page(
        request,
        "returns/receipt.html",
        campaign=filed.campaign,
        here="filing_home",
        title=_("回执"),
        filed=filed,
        version=version,
        form=form,
        said=[
            (title_of(form, key), said_in(form, key, version.values[key]))
            for key in keys_of(form)
            if version.values.get(key)
        ],
        has_private=any(is_private(form, key) for key in keys_of(form)),
        last=version.number == filed.version,
        state=STATES[filed.state],
    )


@require_GET
@signed_in
def history(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Show all that was ever typed, of one cell (``?key=``) or of all, and what still waits for a choice."""
    filed = own_return(request, slug, id)
    form = filed.declared
    key = request.GET.get("key", "")
    if key and key not in set(keys_of(form)):
        raise Http404
    entries = filed.entries.select_related("by")
    waiting = {entry.pk for entry in conflicts_of(filed)}
    if "open" in request.GET:
        entries = entries.filter(pk__in=waiting)
    if key:
        entries = entries.filter(key=key)
    shown = entries.order_by("-pk")[:MOST_ENTRIES]
    return page(
        request,
        "returns/history.html",
        campaign=filed.campaign,
        here="filing_home",
        title=_("修改记录"),
        filed=filed,
        cell=title_of(form, key) if key else "",
        waiting=len(waiting),
        channels=CHANNELS_SAID,
        only_open="open" in request.GET,
        most=MOST_ENTRIES,
        entries=[
            {
                "entry": entry,
                "title": title_of(form, entry.key),
                "text": said_in(form, entry.key, opened(filed, entry)),
                "waits": entry.pk in waiting,
            }
            for entry in shown
        ],
    )


CHANNELS_SAID: Mapping[str, Text] = {
    "page": Text(zh="网页", en="page"),
    "word": Text(zh="Word 文件", en="Word file"),
    "excel": Text(zh="Excel 文件", en="Excel file"),
    "mail": Text(zh="邮件", en="mail"),
    "api": Text(zh="接口", en="API"),
}
"""How an entry came, in words."""

MOST_ENTRIES = 500
"""Entries that the history shows at once, the latest first."""
