"""What the script of a page asks for: save a cell, an explanation, the statement; each answers with JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from xinzhi.campaign.pages import actor_in
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns import operations
from xinzhi.campaign.returns.doors import filers_return, told_as_json
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.keys import keys_of
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.returns.points import STATEMENT, Point, findings_of, points_of
from xinzhi.campaign.returns.sheets import points_at
from xinzhi.forms import CaseForm, count_characters, message
from xinzhi.language import gettext as _


@require_POST
@told_as_json
def cell_save(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Save one cell: ``{key, text, seen}``; with ``keep`` what stands is kept and the conflict is over."""
    filed = filers_return(request, slug, id)
    said = _said(request, {"key": str, "text": str, "seen": int})
    actor = actor_in(request)
    saved = operations.save_cell(actor, filed, said["key"], said["text"], said["seen"])
    if said.get("keep") is True and saved.outcome == "saved":
        operations.settle(actor, filed, said["key"])
    return JsonResponse(
        {"outcome": saved.outcome, "revision": saved.revision, "text": saved.text, "by": saved.by}
        | _found(request, filed)
    )


@require_POST
@told_as_json
def explanation_save(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Save what is said to a finding: ``{rule, key, text}``."""
    filed = filers_return(request, slug, id)
    said = _said(request, {"rule": str, "key": str, "text": str})
    refusal = operations.explain(actor_in(request), filed, said["rule"], said["key"], said["text"])
    return JsonResponse(
        {"outcome": "saved", "refusal_of": message(refusal) if refusal else ""} | _found(request, filed)
    )


@require_POST
@told_as_json
def statement_save(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Save the statement that nothing is secret: ``{stated}``."""
    filed = filers_return(request, slug, id)
    operations.state_not_secret(actor_in(request), filed, _said(request, {"stated": bool})["stated"])
    filed.refresh_from_db(fields=["stated_not_secret"])
    return JsonResponse({"outcome": "saved"} | _found(request, filed))


def _found(request: HttpRequest, filed: Return) -> dict[str, Any]:
    """Return what is found now, as the page shows it: by key of the cell, and how much is still open."""
    form, texts = filed.declared, texts_of(filed)
    points = points_of(filed, findings_of(filed, texts=texts))
    keys, everything = list(keys_of(form)), "all" in request.GET
    found = {
        key: findings_html(points_at(points, key, untouched=not everything and key not in texts))
        for key in keys
    }
    general = [point for point in points if point.key not in (*keys, STATEMENT)]
    said: dict[str, Any] = {
        "findings": found | {"": findings_html(general)},
        "open": sum(point.is_open for point in points),
    }
    if isinstance(form, CaseForm):
        counted = {key: count_characters(texts[key].text) if key in texts else 0 for key in keys}
        said["characters"] = counted | {"": sum(counted[id] for id in form.sections)}
        filed.refresh_from_db(fields=["recommender"])
        said["recommender"] = filed.recommender.full_name if filed.recommender else ""
    return said


def findings_html(points: Sequence[Point]) -> str:
    """Return findings as the page writes them; most cells have none, and cost nothing."""
    if not points:
        return ""
    return render_to_string("returns/findings.html", {"points": points, "editable": True}).strip()


def _said(request: HttpRequest, wanted: dict[str, type]) -> dict[str, Any]:
    """Return what a script said, if it is what was to be said.

    Raises
    ------
    Refused
        Otherwise.
    """
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError, RawPostDataException):
        said = None
    if not isinstance(said, dict) or any(type(said.get(name)) is not kind for name, kind in wanted.items()):
        raise Refused(_("保存的请求写法不对"), remedy=_("请刷新页面再填"))
    return said
