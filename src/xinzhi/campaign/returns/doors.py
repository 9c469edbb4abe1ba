"""How the pages of filing are reached: a return by its address for whoever may see it, answers to scripts as JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from xinzhi.campaign.pages import actor_in, campaign_of
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.returns.queries import visible_to
from xinzhi.campaign.returns.sheets import sees_private

View = Callable[..., HttpResponse]


def return_of(request: HttpRequest, slug: str, id: UUID) -> Return:
    """Return the return of an address if the actor may see it, in this campaign; otherwise nothing is here (404)."""
    campaign = campaign_of(request, slug)
    returns = visible_to(actor_in(request)).filter(campaign=campaign)
    filed: Return = get_object_or_404(
        returns.select_related(None).select_related("unit__parent__parent", "recommender"), pk=id
    )
    filed.campaign = campaign
    return filed


def own_return(request: HttpRequest, slug: str, id: UUID) -> Return:
    """Return a return of the actor's own unit, to be filled in or confirmed; 404 for anybody else."""
    filed = return_of(request, slug, id)
    if not sees_private(actor_in(request), filed):
        raise Http404
    return filed


def filers_return(request: HttpRequest, slug: str, id: UUID) -> Return:
    """Return a return that the actor fills in; 404 for anybody else."""
    filed = return_of(request, slug, id)
    if not may_fill(request, filed):
        raise Http404
    return filed


def may_fill(request: HttpRequest, filed: Return) -> bool:
    """Tell whether who makes the request fills in this return."""
    return actor_in(request).may("file", filed.campaign, filed.unit)


def told_as_json(view: View) -> View:
    """Answer a script: a refusal as JSON with its words, 401 to whoever is no longer signed in."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actor_in(request).user is None:
            return JsonResponse({"refusal": "", "signed_in": False}, status=401)
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            said = {"refusal": refusal.what, "remedy": refusal.remedy, "where": refusal.where}
            return JsonResponse(said, status=refusal.status)

    return told
