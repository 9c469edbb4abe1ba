"""The pages of the inbox: what came, what was understood, into a draft, side by side, sent on for the unit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.views import reported
from xinzhi.campaign.inbox import operations, replies
from xinzhi.campaign.inbox.beside import pairs
from xinzhi.campaign.inbox.fetching import fetch_now, standing
from xinzhi.campaign.inbox.models import STATUSES, Arrival, ArrivedFile
from xinzhi.campaign.inbox.queries import (
    HANDLED,
    REPLIES,
    Filters,
    listed,
    next_of,
    online_copies,
    record_of,
    status_counts,
    visible_to,
)
from xinzhi.campaign.inbox.several import DEEDS, Pick, each
from xinzhi.campaign.inbox.showing import TONES, contents_of, reply_of, sort_of
from xinzhi.campaign.pages import actor_in, campaign_of, download, number_in, page, paged, require, signed_in
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import LEAVING
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns import inside
from xinzhi.campaign.returns.file_views import as_picture
from xinzhi.campaign.returns.inside import holders_of
from xinzhi.campaign.returns.models import Attachment, Return
from xinzhi.campaign.returns.operations import finding_key, findings_of, unit_named
from xinzhi.campaign.returns.states import EDITABLE, STATES
from xinzhi.forms import grade_of, load_form, message, remedy
from xinzhi.language import gettext as _


@require_GET
@signed_in
def inbox(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what came, with filters in the address."""
    actor, campaign = _office(request, slug)
    filters = Filters.of(request.GET.dict())
    tabs = [
        (STATUSES[name] if name else _("全部"), count, filters.address(status=name), name == filters.status)
        for name, count in status_counts(actor, campaign, filters).items()
    ]
    shown = paged(request, listed(actor, campaign, filters))
    return page(
        request,
        "inbox/inbox.html",
        campaign=campaign,
        here="inbox",
        title=_("收件"),
        shown=shown,
        rows=[(arrival, contents_of(arrival), reply_of(arrival)) for arrival in shown],
        tabs=tabs,
        filters=filters,
        address=filters.address(),
        replies=REPLIES,
        handled=HANDLED,
        tones=TONES,
        leaving=LEAVING,
        automatic=replies.is_automatic(campaign),
        fetching=standing(campaign),
    )


@require_POST
@signed_in
def selected(request: HttpRequest, slug: str) -> HttpResponse:
    """Send or drop the replies to the deliveries that were ticked, or say that these are handled."""
    actor, campaign = _office(request, slug)
    deed = request.POST.get("do", "")
    if deed not in DEEDS:
        raise Refused(_("没有这样的决定"))
    picks = [pick for text in request.POST.getlist("pick") if (pick := _pick(text))]
    if not picks:
        raise Refused(_("没有选中来件"), remedy=_("请先在表中勾选"))
    return reported(request, each(actor, campaign, picks, deed), _onward("inbox", request, slug))


def _pick(text: str) -> Pick | None:
    """Read what a box of the list says; nothing where it was tampered with."""
    try:
        id, seen, reply = text.split(":")
        return Pick(UUID(id), number_in(seen), number_in(reply))
    except ValueError:
        return None


def _onward(view: str, request: HttpRequest, slug: str, *more: object) -> str:
    """Return where to go on, with the filters under which the list was left."""
    query = Filters.of(request.GET.dict()).address()
    return reverse(view, args=[slug, *more]) + (f"?{query}" if query else "")


@require_POST
@signed_in
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the files that the office uploads; a job reads them."""
    actor, campaign = _office(request, slug)
    files = request.FILES.getlist("files")
    if not files:
        raise Refused(_("没有选择文件"))
    new = old = 0
    for file in files:
        if (file.size or 0) > operations.LARGEST:  # before it is read into memory
            limit = operations.LARGEST // 1_000_000
            raise Refused(_("文件超过 {limit} MB").format(limit=limit), where=file.name or "")
        for _arrival, made in operations.keep_upload(actor, campaign, file.name or "", file.read()):
            new, old = new + made, old + (not made)
    if new:
        messages.success(request, _("收下 {n} 件, 正在读取").format(n=new))
    if old:
        messages.warning(request, _("{n} 件以前收过, 没有改动").format(n=old))
    return redirect("inbox", slug)


@require_POST
@signed_in
def fetch(request: HttpRequest, slug: str) -> HttpResponse:
    """Let jobs look into the mailbox and the folder at once."""
    actor, campaign = _office(request, slug)
    fetch_now(actor, campaign)
    messages.success(request, _("正在收取, 请稍后刷新"))
    return redirect("inbox", slug)


@require_GET
@signed_in
def arrival(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show a delivery: files, findings, who filed."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    return _arrival_page(request, actor, found)


def _arrival_page(
    request: HttpRequest, actor: Actor, found: Arrival, refusal: Refused | None = None
) -> HttpResponse:
    made, filters = record_of(found), Filters.of(request.GET.dict())
    items = list(found.items.select_related("of"))
    usable = found.sealed is not None and found.status not in ("quarantine", "duplicate")
    findings = [(grade_of(f), message(f), remedy(f)) for f in made.all_findings()] if made else []
    named = (
        {unit.code: unit for unit in Unit.objects.filter(code__in=[c.code for c in made.match.candidates])}
        if made
        else {}
    )
    return page(
        request,
        "inbox/arrival.html",
        campaign=found.campaign,
        here="inbox",
        status=refusal.status if refusal else 200,
        title=str(found),
        arrival=found,
        findings=sorted(findings, key=lambda f: ("mend", "explain", "note").index(f[0])),
        candidates=list(named.values()),
        items=[(item, load_form(item.form).title if item.form else sort_of(item.sort)) for item in items],
        untaken=next((item for item in items if item.form and item.of is None), None) if usable else None,
        reply=reply_of(found),
        tones=TONES,
        leaving=LEAVING,
        address=filters.address(),
        next=next_of(actor, found, filters),
        matchable=usable,
        contacts=actor.may("see_contacts", found.campaign),
        typed=request.POST,
        refusal=refusal,
    )


@require_POST
@signed_in
def match(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Say who filed: a unit by code or name, or a body that is made a unit."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    told = request.POST
    try:
        if told.get("credit_code", "").strip():
            place = _unit_asked(told.get("place", ""), campaign) if told.get("place", "").strip() else None
            operations.register_body(
                actor,
                found,
                number_in(told.get("seen", "")),
                told.get("name", ""),
                told["credit_code"],
                place,
            )
        else:
            unit = _unit_asked(told.get("unit", ""), campaign)
            operations.match(actor, found, number_in(told.get("seen", "")), unit)
    except Refused as refusal:
        found = visible_to(actor, campaign).get(pk=pk)
        return _arrival_page(request, actor, found, refusal)
    return HttpResponseRedirect(_onward("inbox_arrival", request, slug, pk))


@require_POST
@signed_in
def contacts(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show who sent it and the drafted reply; the look is entered in the audit first."""
    actor, campaign = _office(request, slug)
    return _contacts_page(request, actor, get_object_or_404(visible_to(actor, campaign), pk=pk))


def _contacts_page(
    request: HttpRequest, actor: Actor, found: Arrival, refusal: Refused | None = None
) -> HttpResponse:
    operations.look_at_contacts(actor, found)
    answer = reply_of(found)
    told = request.POST
    said = replies.written(answer) if answer else None
    return page(
        request,
        "inbox/contacts.html",
        campaign=found.campaign,
        here="inbox",
        status=refusal.status if refusal else 200,
        title=_("发件人和回复"),
        arrival=found,
        made=record_of(found),
        reply=answer,
        said=said,
        subject=told.get("subject", said.subject if said else ""),
        body=told.get("body", said.body if said else ""),
        files=[name for name, _data in said.files] if said else [],
        editable=answer is not None and answer.state in LEAVING,
        refusal=refusal,
        address=Filters.of(request.GET.dict()).address(),
    )


@require_POST
@signed_in
def reply(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Change, send or drop the reply to a delivery; where that is refused the page comes again with what was typed."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    told, answer, seen = request.POST, reply_of(found), number_in(request.POST.get("seen", ""))
    if answer is None:
        raise Refused(_("这件来件不回复"), where=str(found))
    try:
        with transaction.atomic():
            if "body" in told and told.get("do") != "drop":
                seen = replies.edit(actor, answer, seen, told.get("subject", ""), told["body"])
            match told.get("do"):
                case "save":
                    done = _("已保存")
                case "send":
                    replies.send(actor, answer, seen)
                    done = _("回复正在发送, 结果见来件页面")
                case "drop":
                    replies.drop(actor, answer, seen)
                    done = _("这封回复不发")
                case _unknown:
                    raise Refused(_("没有这样的决定"))
    except Refused as refusal:
        found = visible_to(actor, campaign).get(pk=pk)
        again = _contacts_page if "body" in told else _arrival_page
        return again(request, actor, found, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(_onward("inbox_arrival", request, slug, pk))


@require_POST
@signed_in
def handle(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Say that a delivery is handled, or that it is not after all; go on to the next one of the list."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    done, seen = request.POST.get("do") != "reopen", number_in(request.POST.get("seen", ""))
    try:
        operations.handle(actor, found, seen, done=done)
    except Refused as refusal:
        return _arrival_page(request, actor, visible_to(actor, campaign).get(pk=pk), refusal)
    messages.success(request, _("已标为已处理: {what}").format(what=found) if done else _("已改为待处理"))
    onward = next_of(actor, found, Filters.of(request.GET.dict())) if done else found
    where = ("inbox_arrival", request, slug, onward.pk) if onward else ("inbox", request, slug)
    return HttpResponseRedirect(_onward(*where))


@require_GET
@signed_in
def original(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Give the original as a download."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    return download(operations.fetch_original(actor, found), found.name)


@require_http_methods(["GET", "POST"])
@signed_in
def item(request: HttpRequest, slug: str, pk: UUID, item: int) -> HttpResponse:
    """Show a form that came, beside the online copy where there is one; take it over by a person's choice."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    chosen = get_object_or_404(
        found.items.select_related("arrival__campaign", "of__unit", "of__campaign"), pk=item
    )
    if not chosen.form:
        raise Http404
    if request.method == "GET":
        return _item_page(request, chosen)
    try:
        if request.POST.get("do") == "draft":
            filed = operations.make_draft(actor, chosen)
        else:
            filed = next((f for f in online_copies(chosen) if str(f.pk) == request.POST.get("into")), None)  # type: ignore[assignment]
            if filed is None:
                raise Refused(_("没有这份填报"))
            choices = {n[5:]: v for n, v in request.POST.dict().items() if n.startswith("cell:")}
            seen = {n[5:]: number_in(v) for n, v in request.POST.dict().items() if n.startswith("seen:")}
            filed = operations.merge(actor, chosen, filed, choices, seen)
    except Refused as refusal:
        chosen.refresh_from_db()
        return _item_page(request, chosen, refusal)
    messages.success(request, _("来件已经采用: {what}").format(what=filed))
    return redirect("inbox_item", slug, pk, item)


def _item_page(request: HttpRequest, chosen: ArrivedFile, refusal: Refused | None = None) -> HttpResponse:
    copies = online_copies(chosen) if chosen.of_id is None else []
    wanted = request.GET.get("into", "") or request.POST.get("into", "")
    against = next((f for f in copies if str(f.pk) == wanted), copies[0] if copies else None)
    form = load_form(chosen.form)
    context: dict[str, Any] = {
        "item": chosen,
        "arrival": chosen.arrival,
        "form": form,
        "copies": copies,
        "against": against,
        # What stands online is kept unless somebody says otherwise; where nothing stands, the mail fills it in.
        "pairs": [
            (pair, request.POST.get(f"cell:{pair.key}", "online" if pair.online else "mail"))
            for pair in (pairs(chosen, against) if against else ())
        ],
        "editable": against is not None and against.state in EDITABLE,
        "state": STATES[against.state] if against else "",
        "refusal": refusal,
        "usable": chosen.arrival.status not in ("quarantine", "duplicate", "waiting"),
    }
    if chosen.of is not None:
        context |= _sending(request, chosen.of)
    return page(
        request,
        "inbox/item.html",
        campaign=chosen.arrival.campaign,
        here="inbox",
        status=refusal.status if refusal else 200,
        title=f"{form.title} · {chosen.arrival.number}",
        **context,
    )


def _sending(request: HttpRequest, filed: Return) -> dict[str, object]:
    """Return what stands between a mailed draft and its sending, with what was typed to it so far."""
    explained = {(e.rule, e.key): e.text for e in filed.explanations.all()}
    found = findings_of(filed) if filed.state in EDITABLE else ()
    return {
        "filed": filed,
        "filed_state": STATES[filed.state],
        "sendable": filed.state in EDITABLE,
        "holders": holders_of(filed.declared, list(filed.attachments.filter(removed_at=None))),
        "points": [
            (
                grade_of(f),
                message(f),
                remedy(f),
                f"say:{f.rule}:{finding_key(f)}",
                request.POST.get(
                    f"say:{f.rule}:{finding_key(f)}", explained.get((f.rule, finding_key(f)), "")
                ),
            )
            for f in found
        ],
        "stated": request.POST.get("stated") == "on" or filed.stated_not_secret,
        "statement": filed.campaign.call.statement,
    }


@require_POST
@signed_in
def take_pictures(request: HttpRequest, slug: str, pk: UUID, item: int, attachment: UUID) -> HttpResponse:
    """Attach the pictures inside a mailed Word form that were ticked, for the unit."""
    chosen, held = _original(request, slug, pk, item, attachment)
    assert chosen.of is not None
    made = operations.take_pictures(actor_in(request), chosen.of, held, request.POST.getlist("picture"))
    if not made:
        raise Refused(_("没有选中图片"), where=held.name, remedy=_("请先勾选要取用的图片"))
    messages.success(request, _("取用了 {n} 张图片").format(n=len(made)))
    return redirect("inbox_item", slug, pk, item)


@require_GET
@signed_in
def picture(
    request: HttpRequest, slug: str, pk: UUID, item: int, attachment: UUID, digest: str
) -> HttpResponse:
    """Show a picture that lies in a mailed Word form, made anew like every picture."""
    _chosen, held = _original(request, slug, pk, item, attachment)
    return as_picture(inside.shown(held, digest))


def _original(
    request: HttpRequest, slug: str, pk: UUID, item: int, attachment: UUID
) -> tuple[ArrivedFile, Attachment]:
    """Return a form of a delivery that was taken over, and a Word file kept with what it became."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    chosen = get_object_or_404(
        found.items.select_related("of__unit", "of__campaign").exclude(of=None), pk=item
    )
    held = Attachment.objects.select_related("blob").filter(of=chosen.of_id, sort="original", removed_at=None)
    return chosen, get_object_or_404(held, pk=attachment)


@require_POST
@signed_in
def send(request: HttpRequest, slug: str, pk: UUID, item: int) -> HttpResponse:
    """Send a return that came by mail on to checking, for the unit."""
    actor, campaign = _office(request, slug)
    found = get_object_or_404(visible_to(actor, campaign), pk=pk)
    chosen = get_object_or_404(
        found.items.select_related("arrival__campaign", "of__unit", "of__campaign").exclude(of=None), pk=item
    )
    assert chosen.of is not None
    said = {}
    for name, text in request.POST.dict().items():
        if name.startswith("say:"):
            rule, _at, key = name[4:].partition(":")
            said[rule, key] = text
    stated = request.POST.get("stated") == "on"
    try:
        filed = operations.send_for_unit(
            actor, chosen.of, number_in(request.POST.get("seen", "")), said, stated=stated
        )
    except Refused as refusal:
        chosen.of.refresh_from_db()
        return _item_page(request, chosen, refusal)
    messages.success(request, _("已代单位提交, 可以审核"))
    return redirect("checking_return", slug, filed.pk)


def _office(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    require(actor, "check", campaign)
    return actor, campaign


def _unit_asked(text: str, campaign: Campaign) -> Unit:
    """Return the unit of a code or name as somebody typed it.

    Raises
    ------
    Refused
        If there is none or more than one.
    """
    unit = unit_named(text, campaign)
    if unit is None:
        bodies = Unit.objects.filter(level="body", demonstration=campaign.demonstration)
        unit = bodies.filter(code=text.strip().upper()).first()
    if unit is None:
        raise Refused(
            _("找不到这个单位, 或不止一个"), where=text, remedy=_("请写六位代码、全称或统一社会信用代码")
        )
    return unit
