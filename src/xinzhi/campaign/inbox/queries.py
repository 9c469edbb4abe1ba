"""Reads of the inbox: the office of a campaign sees what came to it, nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.models import STATUSES, Arrival, ArrivedFile
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.storage.vault import vault
from xinzhi.declarations import Text
from xinzhi.forms import load_form
from xinzhi.intake import records

REPLIES: Mapping[str, tuple[Text, frozenset[str]]] = {
    "draft": (Text(zh="草稿", en="Draft"), frozenset({"draft"})),
    "leaving": (Text(zh="待发送", en="To be sent"), frozenset({"queued", "sending"})),
    "sent": (Text(zh="已发送", en="Sent"), frozenset({"sent"})),
    "failed": (
        Text(zh="没有发出或不能确定", en="Not sent, or not known"),
        frozenset({"failed", "refused", "unsure"}),
    ),
    "dropped": (Text(zh="不发", en="Not to be sent"), frozenset({"dropped"})),
}
"""How replies are told apart in the list: a word, and the states that it takes together."""

HANDLED: Mapping[str, Text] = {
    "no": Text(zh="待处理", en="To be handled"),
    "yes": Text(zh="已处理", en="Handled"),
}


@dataclass(frozen=True)
class Filters:
    """What the list shows, as its address says; blank is everything.

    Attributes
    ----------
    status : str
        One of :data:`~xinzhi.campaign.inbox.models.STATUSES`.
    handled : str
        One of :data:`HANDLED`.
    reply : str
        One of :data:`REPLIES`.
    words : str
        In the number, the name of the unit, the body or the file, the title of a case; or the code of the unit.
    """

    status: str = ""
    handled: str = ""
    reply: str = ""
    words: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Filters:
        """Read an address; what is no value of a filter counts as blank."""
        known = {"status": {*STATUSES}, "handled": {*HANDLED}, "reply": {*REPLIES}}
        chosen = {name: told.get(name, "").strip() for name in asdict(cls())}
        return cls(**{n: v for n, v in chosen.items() if v and (n not in known or v in known[n])})

    def address(self, **changes: str) -> str:
        """Return the query of an address with some filters changed."""
        return urlencode({k: v for k, v in asdict(replace(self, **changes)).items() if v})


def visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Arrival]:
    """Return the deliveries of a campaign that an actor may see."""
    arrivals = Arrival.objects.select_related(
        "campaign", "unit__parent__parent", "original", "handled_by", "reply__asked_by"
    )
    return arrivals.filter(campaign=campaign) if actor.may("check", campaign) else arrivals.none()


def listed(actor: Actor, campaign: Campaign, filters: Filters) -> QuerySet[Arrival]:
    """Return the deliveries of the list, the newest first, with their files."""
    found = _chosen(actor, campaign, filters)
    if filters.status:
        found = found.filter(status=filters.status)
    return found.prefetch_related("items")


def status_counts(actor: Actor, campaign: Campaign, filters: Filters) -> dict[str, int]:
    """Return how many deliveries have each status under the other filters."""
    found = _chosen(actor, campaign, filters)
    counted = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    return {"": sum(counted.values())} | {status: counted.get(status, 0) for status in STATUSES}


def next_of(actor: Actor, arrival: Arrival, filters: Filters) -> Arrival | None:
    """Return the delivery below one in the list; that one need not be in it any more."""
    below = Q(kept_at__lt=arrival.kept_at) | Q(kept_at=arrival.kept_at, pk__lt=arrival.pk)
    return listed(actor, arrival.campaign, filters).filter(below).first()


def open_count(actor: Actor, campaign: Campaign) -> int:
    """Return how many deliveries are still to be handled."""
    return visible_to(actor, campaign).filter(handled_at=None).count()


def _chosen(actor: Actor, campaign: Campaign, filters: Filters) -> QuerySet[Arrival]:
    found = visible_to(actor, campaign)
    if filters.handled:
        found = found.filter(handled_at__isnull=filters.handled == "no")
    if filters.reply:
        found = found.filter(reply__state__in=REPLIES[filters.reply][1])
    if words := filters.words:
        titled = ArrivedFile.objects.filter(arrival=OuterRef("pk"), title__icontains=words)
        found = found.filter(
            Q(number__istartswith=words)
            | Q(name__icontains=words)
            | Q(body__icontains=words)
            | Q(unit__name__icontains=words)
            | Q(unit__code__istartswith=words)
            | Exists(titled)
        )
    return found


def record_of(arrival: Arrival) -> records.Return | None:
    """Return what intake understood, opened; None before it was read."""
    if arrival.sealed is None:
        return None
    return records.Return.model_validate_json(vault().open(arrival.owner, bytes(arrival.sealed)))


def online_copies(item: ArrivedFile) -> list[Return]:
    """Return what the unit has online of the same form: its figures, or its cases, the one of the same title first."""
    arrival = item.arrival
    if arrival.unit_id is None or not item.form:
        return []
    sort = load_form(item.form).kind
    found = Return.objects.filter(
        campaign=arrival.campaign_id, unit=arrival.unit_id, sort=sort
    ).select_related("unit", "campaign")
    title = "".join(item.title.split())
    return sorted(found, key=lambda filed: "".join(filed.title.split()) != title)
