"""The pages of people: who takes part, invitations, bodies that register, one's own account and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import has_verified_email
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.access.devices import devices_of
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import open_for_registration
from xinzhi.campaign.limits import count_try
from xinzhi.campaign.pages import (
    actor_in,
    answered,
    campaign_of,
    download,
    number_in,
    page,
    paged,
    require,
    signed_in,
)
from xinzhi.campaign.people import mails, operations
from xinzhi.campaign.people.forms import (
    AccountForm,
    BodyForm,
    ClosingForm,
    CodeForm,
    InvitationForm,
    RosterForm,
    SuccessorForm,
)
from xinzhi.campaign.people.letters import as_pdf, as_word, contact_of, letters_of
from xinzhi.campaign.people.models import Invitation, Membership
from xinzhi.campaign.people.queries import bodies_waiting, invitations_visible_to, members_visible_to
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.people.roster import read_roster
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.sheets import SheetFaults
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _

CODES_AN_HOUR = 20
BODIES_AN_HOUR = 5
KEPT_INVITATION = "invitation"  # of the session, by number, while somebody signs up to take it up
LETTERS = {"pdf": as_pdf, "docx": as_word}


# --- the office --------------------------------------------------------------------------------------------


@require_GET
@signed_in
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """List who holds which role, who was invited and did not come yet, and what waits."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    require(actor, "invite", campaign)
    shown = {name: request.GET.get(name, "").strip() for name in ("role", "who", "show")}
    invited = shown["show"] == "invited"
    rows = (invitations_visible_to if invited else members_visible_to)(actor, campaign)
    if shown["role"] in ROLES:
        rows = rows.filter(role=shown["role"])
    if who := shown["who"]:
        account = Q(name__icontains=who) | Q(email__icontains=who)
        account = account if invited else Q(user__name__icontains=who) | Q(user__email__icontains=who)
        rows = rows.filter(account | Q(unit__name__icontains=who) | Q(unit__code__startswith=who))
    listed = paged(request, rows)
    return page(
        request,
        "people/people.html",
        campaign=campaign,
        here="people",
        title=_("人员和单位"),
        listed=listed,
        invited=invited,
        shown=shown,
        roles=ROLES,
        waiting=bodies_waiting(actor, campaign).count(),
        drafts=invitations_visible_to(actor, campaign).filter(mail__state="draft").count() if invited else 0,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite one; the code is shown once, on the answer to the form."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    require(actor, "invite", campaign)
    form = InvitationForm(campaign, request.POST or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                invitation, code = operations.invite(actor, campaign=campaign, **form.cleaned_data)
                mails.write(actor, [invitation], _join_address(request), leaves=True)
        except Refused as refusal:
            form.add_error("renew", str(refusal))
        else:
            return _code_told(request, invitation, code)
    return _asked(
        request, form, _("邀请一人"), _("生成邀请码"), campaign=campaign, back=reverse("people", args=[slug])
    )


@require_http_methods(["GET", "POST"])
@signed_in
def invite_many(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite everybody on a list; the answer is the file with their letters, which exists nowhere else."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    require(actor, "invite", campaign)
    form = RosterForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        address, kind = _join_address(request), form.cleaned_data["kind"]
        try:
            guests = read_roster(form.cleaned_data["file"], campaign)
            made = operations.draft_many(actor, campaign, guests)
            written = LETTERS[kind](campaign, letters_of(campaign, made, address))
            with transaction.atomic():
                invited = [invitation for invitation, _code in made]
                operations.invite_many(actor, campaign, invited, renew=form.cleaned_data["renew"])
                mails.write(actor, invited, address, leaves=campaign.posts_automatically)
        except XinzhiError as error:
            form.add_error("file", list(error.faults) if isinstance(error, SheetFaults) else str(error))
        else:
            return download(written, f"{campaign.slug}-{_('邀请信')}.{kind}")
    return page(
        request,
        "people/invite_many.html",
        campaign=campaign,
        here="people",
        status=422 if form.errors else 200,
        title=_("按名单邀请"),
        form=form,
        submit=_("生成邀请信"),
        back=reverse("people", args=[slug]),
        roles=ROLES,
        automatic=campaign.posts_automatically,
    )


@require_POST
@signed_in
def revoke(request: HttpRequest, slug: str, id: int) -> HttpResponse:
    """Take an invitation back."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    invitation = get_object_or_404(invitations_visible_to(actor, campaign), pk=id)
    operations.revoke(actor, invitation)
    messages.success(request, _("邀请已收回"))
    return redirect(f"{reverse('people', args=[slug])}?show=invited")


@require_POST
@signed_in
def send_mails(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the mails of invitations leave that were ticked, or as many drafts as leave at once."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    require(actor, "invite", campaign)
    invited = invitations_visible_to(actor, campaign)
    seen: dict[int, int] = {}
    if "all" in request.POST:
        drafts = invited.filter(mail__state="draft").values_list("pk", "mail__revision")
        seen = dict(drafts[: mails.MOST_AT_ONCE])
    for text in request.POST.getlist("pick"):
        pk, _at, revision = text.partition(":")
        seen[number_in(pk)] = number_in(revision)
    sent = 0
    for invitation in invited.filter(pk__in=seen, mail__isnull=False):
        try:
            mails.send(actor, invitation.mail, seen[invitation.pk])
            sent += 1
        except Refused as refusal:
            messages.error(request, _("{what}: 没有完成, {why}").format(what=invitation, why=refusal.what))
    messages.success(request, _("{n} 封邀请邮件即将发出").format(n=sent))
    return redirect(f"{reverse('people', args=[slug])}?show=invited")


@require_POST
@signed_in
def end_role(request: HttpRequest, slug: str, id: int) -> HttpResponse:
    """End a role."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    membership = get_object_or_404(members_visible_to(actor, campaign), pk=id)
    operations.end_role(actor, membership)
    messages.success(request, _("角色已收回"))
    return redirect("people", slug)


@require_GET
@signed_in
def bodies(request: HttpRequest, slug: str) -> HttpResponse:
    """List the bodies that wait for approval."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    require(actor, "accept", campaign)
    listed = paged(request, bodies_waiting(actor, campaign))
    return page(
        request,
        "people/bodies.html",
        campaign=campaign,
        here="people",
        title=_("待核实的单位"),
        listed=listed,
    )


@require_POST
@signed_in
def approve_body(request: HttpRequest, slug: str, id: int) -> HttpResponse:
    """Approve a body."""
    campaign, actor = campaign_of(request, slug), actor_in(request)
    unit = get_object_or_404(bodies_waiting(actor, campaign), pk=id)
    operations.approve_body(actor, unit, campaign)
    messages.success(request, _("已核实: {unit}").format(unit=unit.name))
    return redirect("bodies", slug)


# --- coming in ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, code: str = "") -> HttpResponseBase:
    """Take a code, from a form or a link; who is not signed in does that first and comes back."""
    return answered(request, _join, code)


def _join(request: HttpRequest, code: str) -> HttpResponse:
    typed = {"code": code} if code else request.POST if "code" in request.POST else None
    form = CodeForm(typed)
    if typed is None:
        invitation = Invitation.objects.filter(pk=request.session.get(KEPT_INVITATION, 0)).first()
    elif form.is_valid():
        count_try(request, "join", CODES_AN_HOUR)
        invitation = operations.find_invitation(form.cleaned_data["code"])
        if invitation is None or not invitation.stands_at(actor_in(request).now):
            form.add_error("code", _("没有这个邀请码, 或者它已经使用、收回、过期"))
    else:
        invitation = None
    actor = actor_in(request)
    if invitation is None or not invitation.stands_at(actor.now):
        request.session.pop(KEPT_INVITATION, None)
        lead = _("邀请码在邀请信上, 只能使用一次。")
        return _asked(request, form, _("填入邀请码"), _("继续"), lead=lead)
    request.session[KEPT_INVITATION] = invitation.pk
    if actor.user is not None and request.POST.get("agreed"):
        membership = operations.take_up(actor, invitation)
        del request.session[KEPT_INVITATION]
        messages.success(request, _("已成为“{role}”").format(role=membership.declared.title))
        return redirect("home")
    return page(
        request,
        "people/join.html",
        title=_("接受邀请"),
        invitation=invitation,
        role=invitation.declared.title,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register an enterprise or another body, which then files cases."""
    actor = actor_in(request)
    campaign = get_object_or_404(open_for_registration(actor), slug=slug)
    if not has_verified_email(actor.user):
        raise Refused(_("请先确认电子邮箱"), remedy=_("确认邮件里有链接; 没有收到的可在账号页面重发"))
    form = BodyForm(campaign, request.POST or None)
    if form.is_valid():
        count_try(request, "register", BODIES_AN_HOUR)
        given = form.cleaned_data
        try:
            unit = operations.register_body(actor, campaign, given["name"], given["code"], given["place"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("{unit}已登记, 可以开始填报; 征集办公室核实后案例才能审核通过").format(unit=unit.name),
            )
            return redirect("campaign", slug)
    lead = _("企业和其他单位登记后填报案例。县(市)人民政府请用邀请码, 不在这里登记。")
    return _asked(request, form, _("登记单位"), _("登记"), lead=lead, back=reverse("home"))


# --- one's own ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Show one's name, roles, and where address, password, authenticator and sessions are changed."""
    actor = actor_in(request)
    assert actor.user is not None
    form = AccountForm(request.POST or None, initial={"name": actor.user.name, "phone": actor.user.phone})
    if form.is_valid():
        operations.describe_account(actor, **form.cleaned_data)
        messages.success(request, _("已保存"))
        return redirect("account")
    return page(
        request,
        "people/account.html",
        title=_("我的账号"),
        form=form,
        submit=_("保存"),
        devices=devices_of(actor, request.session.session_key),
    )


@require_http_methods(["GET", "POST"])
@signed_in
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def close_account(request: HttpRequest) -> HttpResponse:
    """Close one's account, after the password was asked for once more."""
    form = ClosingForm(request.POST or None)
    if form.is_valid():
        operations.close_account(actor_in(request))
        logout(request)
        messages.success(request, _("账号已注销"))
        return redirect("home")
    lead = _("注销后不能恢复: 角色和令牌随即结束, 邮箱和电话删去; 以你的名义提交的内容和姓名留在单位名下。")
    return _asked(request, form, _("注销账号"), _("注销"), lead=lead, back=reverse("account"))


@require_http_methods(["GET", "POST"])
@signed_in
def hand_over(request: HttpRequest, id: int) -> HttpResponse:
    """Hand a role of one's own over; it ends when the successor takes it up."""
    held = Membership.objects.filter(user=actor_in(request).user, until=None, campaign__isnull=False)
    answer: HttpResponse = _handed_over(request, get_object_or_404(held, pk=id))
    return answer


@reauthentication_required(enabled=lambda request: request.method == "POST")  # type: ignore[untyped-decorator]
def _handed_over(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Hand a role over that is one's own; not by a session alone, which may be stolen."""
    actor, form = actor_in(request), SuccessorForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            invitation, code = operations.hand_over(actor, membership, **form.cleaned_data)
            mails.write(actor, [invitation], _join_address(request), leaves=True)
        return _code_told(request, invitation, code)
    lead = _("接手人用邀请码接受后, 你的这个角色随即结束; 已填的内容都留在单位名下。")
    return _asked(
        request,
        form,
        _("移交: {role}").format(role=membership.declared.title),
        _("生成邀请码"),
        lead=lead,
        back=reverse("account"),
    )


def _asked(
    request: HttpRequest,
    form: forms.Form,
    title: str,
    submit: str,
    *,
    campaign: Campaign | None = None,
    **context: Any,
) -> HttpResponse:
    status = 422 if form.errors else 200
    given: Mapping[str, Any] = {"form": form, "title": title, "submit": submit, **context}
    return page(request, "site/form.html", campaign=campaign, here="people", status=status, **given)


def _code_told(request: HttpRequest, invitation: Invitation, code: str) -> HttpResponse:
    """Show link and code once, to be copied or printed."""
    address = _join_address(request)
    return page(
        request,
        "people/invited.html",
        campaign=invitation.campaign,
        here="people",
        title=_("邀请码"),
        invitation=invitation,
        code=code,
        address=address,
        link=f"{address}{code}/",
        contact=contact_of(invitation.campaign),
    )


def _join_address(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("join"))
