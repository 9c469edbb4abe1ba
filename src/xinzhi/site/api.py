"""The interface for programs: campaigns, returns and snapshots to read, returns to file. OpenAPI 3.1.

The same doors (`visible_to`) and the same operations as the pages; a token never opens more than its user may, and
contacts never leave here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Body, NinjaAPI, Path, Query, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field

from xinzhi.campaign.access.models import ApiToken
from xinzhi.campaign.access.operations import hash_of
from xinzhi.campaign.acting import Actor, acting_as
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import visible_to as campaigns_visible_to
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.campaign.results.operations import note_export
from xinzhi.campaign.results.queries import snapshots_visible_to
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.keys import is_private
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.returns.queries import may_read_at_work
from xinzhi.campaign.returns.queries import visible_to as returns_visible_to
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _

PER_PAGE = 100
_Slug = Path(..., pattern="^[-a-zA-Z0-9_]+$", max_length=40)  # type: ignore[type-arg]
_Cells = Body(...)  # type: ignore[type-arg]
_Number = Path(..., ge=1, le=10**6)  # type: ignore[type-arg]
_State = Query("", max_length=12, pattern="^[a-z]*$")  # type: ignore[type-arg]
_Page = Query(1, ge=1, le=10**6)  # type: ignore[type-arg]


class Token(HttpBearer):
    """Lets a token in that has a scope; what it may do then is decided by who its user is."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return who acts."""
        known = ApiToken.objects.select_related("user").filter(hash=hash_of(token)).first()
        now = timezone.now()
        if known is None or not known.stands_at(now) or not known.user.is_active:
            raise AuthenticationError
        if self.scope not in known.scopes:
            raise Forbidden(_("这个令牌不能做这件事"), where=self.scope)
        actor = acting_as(known.user, now, channel="api")
        if actor.needs_second_factor and not is_mfa_enabled(known.user):
            raise Forbidden(_("这个角色要先设置身份验证器"), remedy=_("请登录网页后设置"))
        return actor


class Refusal(Schema):
    """Why nothing was done: what, where, what to do."""

    what: str
    where: str = ""
    remedy: str = ""


class CampaignOut(Schema):
    """A campaign."""

    slug: str
    title: str
    year: int
    state: str
    forms: dict[str, str]
    opens_at: datetime
    closes_at: datetime
    demonstration: bool


class ReturnOut(Schema):
    """A return, without what is about persons."""

    id: UUID
    unit: str
    unit_name: str
    form: str
    sort: str
    title: str
    state: str
    version: int
    revision: int
    due_at: datetime | None
    changed_at: datetime


class CellOut(Schema):
    """What stands in a cell, and in which revision."""

    text: str
    revision: int


class ReturnWithCells(ReturnOut):
    """A return with the cells that are about no person."""

    cells: dict[str, CellOut]


class SavedOut(Schema):
    """What became of a cell: saved, conflict (somebody else was faster; `text` stands) or locked."""

    outcome: str
    revision: int
    text: str


class SnapshotOut(Schema):
    """A snapshot."""

    number: int
    made_at: datetime
    content: str
    digest: str


class CellIn(Schema):
    """A text for a cell and the revision on which it builds; 0 for a cell that was empty."""

    text: str = Field(max_length=returns.LONGEST)
    seen: int = Field(0, ge=0, le=2**31 - 1)


class StartIn(Schema):
    """Whose return is begun, and which."""

    unit: str = Field(max_length=18)
    sort: str = Field(pattern="^(indicators|case)$")


class SendIn(Schema):
    """The revision of the return that was looked at, and whether its filer states that nothing in it is secret."""

    revision: int = Field(ge=1, le=2**31 - 1)
    not_secret: bool


api = NinjaAPI(
    title="Xinzhi",
    version="1",
    description="新质: 征集、填报、快照 · campaigns, returns, snapshots",
    urls_namespace="api",
    docs_url=None,
)

REFUSALS: dict[Any, Any] = {
    400: Refusal,
    401: Refusal,
    403: Refusal,
    404: Refusal,
    409: Refusal,
    422: Refusal,
}


@api.exception_handler(XinzhiError)
def _refused(request: HttpRequest, error: XinzhiError) -> HttpResponse:
    status = error.status if isinstance(error, Refused) else 422
    return _answer(request, status, error.what, error.where, error.remedy)


@api.exception_handler(Http404)
def _absent(request: HttpRequest, _error: Http404) -> HttpResponse:
    return _answer(request, 404, _("没有这一页"))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return _answer(request, 401, _("令牌不对, 或已失效"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = "; ".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors[:20]
    )
    return _answer(request, 422, _("请求的内容不对"), places)


def _answer(request: HttpRequest, status: int, what: str, where: str = "", remedy: str = "") -> HttpResponse:
    return api.create_response(request, {"what": what, "where": where, "remedy": remedy}, status=status)


# --- campaigns and snapshots -----------------------------------------------------------------------------


@api.get("/campaigns", response={200: list[CampaignOut]} | REFUSALS, auth=Token("read"))
def list_campaigns(request: HttpRequest) -> Any:
    """List the campaigns in which the token's user has a role."""
    return list(campaigns_visible_to(_actor(request)))


@api.get("/campaigns/{slug}/snapshots", response={200: list[SnapshotOut]} | REFUSALS, auth=Token("snapshots"))
def list_snapshots(request: HttpRequest, slug: str = _Slug) -> Any:
    """List the snapshots of a campaign, last first."""
    return list(_snapshots(request, slug))


@api.get(
    "/campaigns/{slug}/snapshots/{number}",
    response={200: dict[str, Any]} | REFUSALS,
    auth=Token("snapshots"),
)
def read_snapshot(request: HttpRequest, slug: str = _Slug, number: int = _Number) -> Any:
    """Read what a snapshot says of itself and all its figures; the reading is noted in the audit."""
    snapshot = get_object_or_404(_snapshots(request, slug).defer(None), number=number)
    note_export(_actor(request), snapshot.campaign, f"snapshot:{snapshot.pk}", "api")
    return snapshot.about | {"digest": snapshot.digest, "figures": snapshot.figures.to_dicts()}


# --- returns ---------------------------------------------------------------------------------------------


@api.get("/campaigns/{slug}/returns", response={200: list[ReturnOut]} | REFUSALS, auth=Token("read"))
def list_returns(
    request: HttpRequest,
    slug: str = _Slug,
    state: str = _State,
    page: int = _Page,
) -> Any:
    """List returns, the last changed first, a hundred to a page."""
    found = returns_visible_to(_actor(request)).filter(campaign=_campaign(request, slug))
    if state:
        found = found.filter(state=state)
    first = (page - 1) * PER_PAGE
    return [_return(filed) for filed in found.order_by("-changed_at", "pk")[first : first + PER_PAGE]]


@api.get("/returns/{id}", response={200: ReturnWithCells} | REFUSALS, auth=Token("read"))
def read_return(request: HttpRequest, id: UUID) -> Any:
    """Read a return with its cells; those about persons are left out."""
    filed = _filed(request, id)
    if not may_read_at_work(_actor(request), filed):
        raise Http404
    return _return(filed) | {
        "cells": {
            key: {"text": cell.text, "revision": cell.revision}
            for key, cell in texts_of(filed, private=False).items()
        }
    }


@api.post("/campaigns/{slug}/returns", response={200: ReturnOut} | REFUSALS, auth=Token("file"))
def start_return(request: HttpRequest, told: StartIn, slug: str = _Slug) -> Any:
    """Begin a return of a unit; figures are begun once, and asking again gives the same."""
    actor, campaign = _actor(request), _campaign(request, slug)
    if "\0" in told.unit:
        raise Http404
    unit = get_object_or_404(Unit, code=told.unit)
    if not actor.may("file", campaign, unit):
        raise Http404
    return _return(returns.start(actor, campaign, unit, told.sort))


@api.put("/returns/{id}/cells", response={200: dict[str, SavedOut]} | REFUSALS, auth=Token("file"))
def save_cells(request: HttpRequest, id: UUID, told: dict[str, CellIn] = _Cells) -> Any:
    """Save cells by key (``gdp@2024``). All of them, or none where one has no such cell."""
    filed = _filers_return(request, id)
    saved = returns.save_cells(
        _actor(request),
        filed,
        {key: cell.text for key, cell in told.items()},
        {key: cell.seen for key, cell in told.items()},
    )
    form = filed.declared
    return {
        key: {
            "outcome": done.outcome,
            "revision": done.revision,
            "text": "" if is_private(form, key) else done.text,
        }
        for key, done in saved.items()
    }


@api.post("/returns/{id}/send", response={200: ReturnOut} | REFUSALS, auth=Token("file"))
def send_return(request: HttpRequest, id: UUID, told: SendIn) -> Any:
    """Send a return on; what stands in the way is said, all of it at once (422)."""
    actor, filed = _actor(request), _filers_return(request, id)
    with transaction.atomic():
        returns.state_not_secret(actor, filed, told.not_secret)
        return _return(returns.send(actor, filed, told.revision))


# --- what they share -------------------------------------------------------------------------------------


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _campaign(request: HttpRequest, slug: str) -> Campaign:
    return get_object_or_404(campaigns_visible_to(_actor(request)), slug=slug)


def _snapshots(request: HttpRequest, slug: str) -> Any:
    actor, campaign = _actor(request), _campaign(request, slug)
    if not actor.may("see_snapshots", campaign):
        raise Http404
    return snapshots_visible_to(actor).filter(campaign=campaign)


def _filed(request: HttpRequest, id: UUID) -> Return:
    return get_object_or_404(returns_visible_to(_actor(request)), pk=id)


def _filers_return(request: HttpRequest, id: UUID) -> Return:
    filed = _filed(request, id)
    if not _actor(request).may("file", filed.campaign, filed.unit):
        raise Http404
    return filed


def _return(filed: Return) -> dict[str, Any]:
    return {
        "id": filed.pk,
        "unit": filed.unit.code,
        "unit_name": filed.unit.name,
        "form": filed.form,
        "sort": filed.sort,
        "title": filed.title,
        "state": filed.state,
        "version": filed.version,
        "revision": filed.revision,
        "due_at": filed.due_at,
        "changed_at": filed.changed_at,
    }
