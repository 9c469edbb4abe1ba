"""The page of the audit."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from xinzhi.campaign.audit.queries import on_day, visible_to
from xinzhi.campaign.pages import actor_in, campaign_of, page, paged, require, signed_in
from xinzhi.campaign.people.models import User
from xinzhi.language import gettext as _

PER_PAGE = 100


@signed_in
@require_GET
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what was done in a campaign: filtered by verb, subject and day, last first."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    require(actor, "audit", campaign)
    everything = found = visible_to(actor, campaign)
    chosen = {key: request.GET.get(key, "").strip()[:80] for key in ("verb", "subject", "day")}
    fault = ""
    if chosen["verb"]:
        found = found.filter(verb=chosen["verb"])
    if chosen["subject"]:
        found = found.filter(subject=chosen["subject"])
    if chosen["day"]:
        try:
            found = on_day(found, date.fromisoformat(chosen["day"]))
        except (ValueError, OverflowError):
            fault = _("“{text}”不是日期, 请写成 2025-08-31").format(text=chosen["day"])
    shown = paged(request, found, PER_PAGE)
    names = dict(User.objects.filter(pk__in={e.actor for e in shown if e.actor}).values_list("pk", "name"))
    rows = [(event, datetime.fromisoformat(event.at), names.get(event.actor or 0, "")) for event in shown]
    return page(
        request,
        "audit/events.html",
        campaign=campaign,
        here="audit",
        status=422 if fault else 200,
        title=_("审计"),
        rows=rows,
        events=shown,
        verbs=everything.order_by("verb").values_list("verb", flat=True).distinct(),
        chosen=chosen,
        fault=fault,
        kept=urlencode({key: text for key, text in chosen.items() if text}),
    )
