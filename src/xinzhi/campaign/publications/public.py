"""What anybody may see: the newest edition of a campaign, the earlier ones, and why one was withdrawn."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from xinzhi.campaign.pages import answered
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.queries import public
from xinzhi.campaign.publications.serving import POLICY, SHORT, given, line_above


@require_safe
def newest(request: HttpRequest, slug: str, name: str = "") -> HttpResponseBase:
    """Show a file of the newest edition."""
    editions = _editions(slug)
    return _shown(request, editions, editions[0], name)


@require_safe
def edition(request: HttpRequest, slug: str, number: int, name: str = "") -> HttpResponseBase:
    """Show a file of an edition; an earlier one says on every page that there is a newer one."""
    editions = _editions(slug)
    asked = next((edition for edition in editions if edition.number == number), None)
    if asked is None:
        raise Http404
    return _shown(request, editions, asked, name)


@require_safe
def all_editions(request: HttpRequest, slug: str) -> HttpResponse:
    """List all editions, with what each corrects and why one was withdrawn."""
    return _listed(request, _editions(slug))


@require_safe
def slashed(request: HttpRequest, **_place: object) -> HttpResponse:
    """Lead an address without its last slash to the one with it, so that the links of the page lead on."""
    return redirect(f"{request.path}/", permanent=True)


def _editions(slug: str) -> list[Publication]:
    if editions := public(slug):
        return editions
    raise Http404


def _shown(
    request: HttpRequest, editions: list[Publication], asked: Publication, name: str
) -> HttpResponseBase:
    latest = editions[0]
    if asked.state == "withdrawn":
        return _listed(request, editions, asked)
    slug, line = asked.campaign.slug, ""
    if asked != latest:
        where = "published" if latest.state == "published" else "published_editions"
        line = line_above(
            reverse(where, args=[slug]),
            ("zh-Hans", f"这是第 {asked.number} 版, 已有更新的第 {latest.number} 版"),
            ("en", f"This is edition {asked.number}; there is a newer one, edition {latest.number}"),
        )
    response = answered(request, given, asked, name, line=line, changed=asked.published_at)
    if asked != latest:
        response.headers["Link"] = f'<{reverse("published", args=[slug])}>; rel="latest-version"'
    return response


def _listed(
    request: HttpRequest, editions: list[Publication], asked: Publication | None = None
) -> HttpResponse:
    """Return the list of editions, in both languages on one page without a form, so that it may be kept and packed."""
    known = {"editions": editions, "asked": asked, "campaign_title": editions[0].chosen.title}
    known["latest"] = editions[0] if editions[0].state == "published" else None
    response = render(request, "publications/editions.html", known, status=410 if asked else 200)
    response.headers["Cache-Control"] = SHORT
    response.headers["Content-Security-Policy"] = POLICY
    return response
