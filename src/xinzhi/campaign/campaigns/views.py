"""The pages of a campaign: the call letter as data, and what the office sets, moves and imports."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.campaigns import operations
from xinzhi.campaign.campaigns.figure_sheet import COLUMNS, read_figures
from xinzhi.campaign.campaigns.forms import (
    LEVEL_TITLES,
    AdmissionForm,
    CloneForm,
    ExtensionForm,
    FiguresForm,
    NewForm,
    ReasonForm,
    SettingsForm,
)
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.pages import actor_in, campaign_of, page, require, signed_in
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.sheets import SheetFaults
from xinzhi.campaign.tasks import tasks_of
from xinzhi.errors import XinzhiError
from xinzhi.forms.writing.excel import write_excel
from xinzhi.forms.writing.word import write_word
from xinzhi.language import gettext as _

_KINDS = {
    "docx": (write_word, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (write_excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@require_GET
@signed_in
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the call: what is asked of whom until when, who does what, the forms to download."""
    shown, actor = campaign_of(request, slug), actor_in(request)
    call = shown.call
    return page(
        request,
        "campaigns/campaign.html",
        campaign=shown,
        here="campaign",
        title=shown.title,
        call=call,
        state=state_said(shown),
        filers=[(f, [shown.form(id).title for id in f.forms]) for f in call.filers],
        forms=[(id, shown.form(id)) for id in call.forms],
        levels=[LEVEL_TITLES[level] for level in shown.levels],
        tasks=tasks_of(actor, shown),
        manages=actor.may("manage", shown),
    )


@require_GET
@signed_in
def blank_form(request: HttpRequest, slug: str, form: str, kind: str) -> HttpResponse:
    """Give a blank form as Word or Excel."""
    shown = campaign_of(request, slug)
    if form not in shown.forms or kind not in _KINDS:
        raise Http404
    write, content_type = _KINDS[kind]
    target = io.BytesIO()
    mailbox = str(shown.contacts.get("mailbox", ""))
    write(shown.form(form), {}, target, mailbox=mailbox, demonstration=shown.demonstration)
    response = HttpResponse(target.getvalue(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{shown.slug}-{form}.{kind}"'
    return response


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the settings; the page also leads to all that the office does with a campaign."""
    shown = _managed(request, slug)
    form = SettingsForm(shown, request.POST or None)
    if form.is_valid() and _done(
        form, lambda: operations.change(actor_in(request), shown, form.cleaned_data["seen"], form.changes())
    ):
        messages.success(request, _("已保存"))
        return redirect("campaign_settings", slug)
    return page(
        request,
        "campaigns/settings.html",
        campaign=shown,
        here="campaign",
        status=422 if form.errors else 200,
        title=_("设置"),
        form=form,
        submit=_("保存"),
        state=state_said(shown),
        back=reverse("campaign", args=[slug]),
        extensions=shown.extensions.select_related("unit"),
        admissions=shown.admissions.select_related("unit"),
    )


@require_POST
@signed_in
def campaign_move(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Open or close a campaign."""
    shown = _managed(request, slug)
    if verb not in ("open", "close"):
        raise Http404
    seen = request.POST.get("seen", "")
    operations.move(actor_in(request), shown, verb, int(seen) if re.fullmatch("[0-9]{1,9}", seen) else 0)
    messages.success(request, _("现在的状态: {state}").format(state=state_said(shown)))
    return redirect("campaign_settings", slug)


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_reopen(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a closed or frozen campaign again, with the reason."""
    shown = _managed(request, slug)
    form = ReasonForm(request.POST or None, initial={"seen": shown.revision})
    if form.is_valid():
        given = form.cleaned_data
        if _done(
            form,
            lambda: operations.move(actor_in(request), shown, "reopen", given["seen"], given["reason"]),
        ):
            messages.success(request, _("现在的状态: {state}").format(state=state_said(shown)))
            return redirect("campaign_settings", slug)
    return _asked(request, shown, form, _("重新开放"), _("重新开放"))


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Give one unit more time."""
    shown = _managed(request, slug)
    form = ExtensionForm(shown, request.POST or None)
    if form.is_valid() and _done(
        form, lambda: operations.extend(actor_in(request), shown, **form.cleaned_data)
    ):
        messages.success(request, _("已延期: {unit}").format(unit=form.cleaned_data["unit"]))
        return redirect("campaign_settings", slug)
    return _asked(request, shown, form, _("为一个单位延期"), _("延期"))


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_admit(request: HttpRequest, slug: str) -> HttpResponse:
    """Admit a unit by name."""
    shown = _managed(request, slug)
    form = AdmissionForm(shown, request.POST or None)
    if form.is_valid() and _done(
        form, lambda: operations.admit(actor_in(request), shown, **form.cleaned_data)
    ):
        messages.success(request, _("已准许: {unit}").format(unit=form.cleaned_data["unit"]))
        return redirect("campaign_settings", slug)
    lead = _("函里没有列入、经征集办公室同意填报的单位, 如不设县级政区的地级市。")
    return _asked(request, shown, form, _("按名准许一个单位"), _("准许"), lead=lead)


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_clone(request: HttpRequest, slug: str) -> HttpResponse:
    """Make next year's campaign from this one."""
    shown = _managed(request, slug)
    form = CloneForm(
        request.POST or None,
        initial={
            "slug": shown.slug.replace(str(shown.year), str(shown.year + 1)),
            "year": shown.year + 1,
            "opens_at": _a_year_on(shown.opens_at),
            "closes_at": _a_year_on(shown.closes_at),
        },
    )
    if form.is_valid():
        given = form.cleaned_data
        if _done(
            form,
            lambda: operations.clone(actor_in(request), shown, given["slug"], given["year"], form.window),
        ):
            messages.success(request, _("已建立 {year} 年度的征集, 尚未开放").format(year=given["year"]))
            return redirect("campaign_settings", given["slug"])
    lead = _("沿用模板、审核级别、提醒、评分表和联系方式; 人员和填报不带过去。")
    return _asked(request, shown, form, _("建立下一年度的征集"), _("建立"), lead=lead)


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_new(request: HttpRequest) -> HttpResponse:
    """Make a campaign from a template."""
    actor = actor_in(request)
    if not actor.may("manage"):
        raise Http404
    form = NewForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        if _done(
            form,
            lambda: operations.open_from_template(
                actor,
                given["template"],
                given["slug"],
                year=given["year"],
                demonstration=given["demonstration"],
                window=form.window,
            ),
        ):
            messages.success(request, _("已建立 {year} 年度的征集, 尚未开放").format(year=given["year"]))
            return redirect("campaign_settings", given["slug"])
    return _asked(request, None, form, _("新建征集"), _("建立"))


@require_http_methods(["GET", "POST"])
@signed_in
def campaign_figures(request: HttpRequest, slug: str) -> HttpResponse:
    """Import official, census or earlier figures; with a fault anywhere nothing is imported."""
    shown = _managed(request, slug)
    form = FiguresForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                count = sum(
                    operations.import_known_figures(
                        actor_in(request), shown, form.cleaned_data["sort"], figures, source
                    )
                    for source, figures in read_figures(form.cleaned_data["file"], shown).items()
                )
        except XinzhiError as error:
            form.add_error("file", list(error.faults) if isinstance(error, SheetFaults) else str(error))
        else:
            messages.success(request, _("已导入 {n} 个数").format(n=count))
            return redirect("campaign_figures", slug)
    counts = {
        sort: shown.known_figures.filter(sort=sort).count() for sort in ("official", "census", "earlier")
    }
    return page(
        request,
        "campaigns/figures.html",
        campaign=shown,
        here="campaign",
        status=422 if form.errors else 200,
        title=_("导入官方数据"),
        form=form,
        submit=_("导入"),
        back=reverse("campaign_settings", args=[slug]),
        columns=[headings[0] for headings in COLUMNS.values()],
        fields=[(id, figure) for id, figure in shown.indicators.figures()],
        counts=counts,
    )


def state_said(campaign: Campaign) -> str:
    """Return the state of a campaign in the reader's words."""
    match campaign.state:
        case "preparing":
            return _("准备中")
        case "open":
            return _("接收填报")
        case "closed":
            return _("已截止")
        case _frozen:
            return _("已冻结")


def _managed(request: HttpRequest, slug: str) -> Campaign:
    found = campaign_of(request, slug)
    require(actor_in(request), "manage", found)
    return found


def _done(form: forms.Form, change: Callable[[], object]) -> bool:
    """Do a change; a refusal is shown at the form, which keeps what was typed."""
    try:
        with transaction.atomic():
            change()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _a_year_on(moment: Any) -> Any:
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year + 1, day=28)


def _asked(
    request: HttpRequest, campaign: Campaign | None, form: forms.Form, title: str, submit: str, **context: Any
) -> HttpResponse:
    back = reverse("campaign_settings", args=[campaign.slug]) if campaign else reverse("home")
    return page(
        request,
        "site/form.html",
        campaign=campaign,
        here="campaign",
        status=422 if form.errors else 200,
        title=title,
        form=form,
        submit=submit,
        back=back,
        **context,
    )
