"""Reads of returns: the one door to them. A foreign return answers exactly like a missing one."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.returns.models import Attachment, Entry, Return
from xinzhi.campaign.returns.states import SENT


def visible_to(actor: Actor) -> QuerySet[Return]:
    """Return the returns that an actor may see.

    The office and the auditor see those of their campaigns; a reviewer those of the branch that were sent; a unit
    its own, and the cases that it recommends.
    """
    returns = Return.objects.select_related("campaign", "unit__parent__parent", "recommender")
    if actor.system:
        return returns
    allowed = Q(pk__in=[])
    for membership in actor.memberships:
        if "see_returns" not in membership.declared.permissions:
            continue
        one = Q() if membership.campaign_id is None else Q(campaign_id=membership.campaign_id)
        match membership.declared.reach:
            case "branch":
                sent = Q(state__in=SENT) | Q(version__gt=0)
                path = membership.unit.path if membership.unit else "-"
                one &= Q(unit__path__startswith=path) & sent
            case "unit":
                one &= Q(unit_id=membership.unit_id) | (
                    Q(recommender_id=membership.unit_id, recommender__isnull=False)
                    & (Q(state__in=SENT) | Q(version__gt=0))
                )
            case _campaign:
                pass
        allowed |= one
    return returns.filter(allowed)


def may_read_at_work(actor: Actor, filed: Return) -> bool:
    """Tell whether an actor may read a return as it stands: while it is worked on only its unit, office and auditor.

    A branch and a recommender read what was sent, in its versions.
    """
    own: tuple[Permission, ...] = ("file", "confirm", "check", "audit")
    return filed.state in SENT or any(actor.may(permission, filed.campaign, filed.unit) for permission in own)


def attachments_visible_to(actor: Actor) -> QuerySet[Attachment]:
    """Return the attachments of the returns that an actor may see."""
    return Attachment.objects.filter(of__in=visible_to(actor), removed_at=None)


def conflicts_of(filed: Return, key: str = "") -> QuerySet[Entry]:
    """Return what was typed and does not stand, as long as nobody has chosen since (by a key, or all)."""
    chosen = Entry.objects.filter(of=OuterRef("of"), key=OuterRef("key"), stood=True, pk__gt=OuterRef("pk"))
    open = Entry.objects.filter(~Exists(chosen), of=filed, stood=False, settled_at=None)
    return open.filter(key=key) if key else open


def cases_counted(campaign: Campaign, unit_ids: list[int]) -> dict[int, int]:
    """Return how many cases each unit filed or recommended: 案例(个) is counted, never typed.

    At filing those sent and not declined or withdrawn count; :func:`xinzhi.campaign.freeze` counts the accepted.
    """
    counts = dict.fromkeys(unit_ids, 0)
    sent = Return.objects.filter(
        Q(unit_id__in=unit_ids) | Q(recommender_id__in=unit_ids),
        campaign=campaign,
        sort="case",
        version__gt=0,
    ).exclude(state__in=("declined", "withdrawn"))
    for unit_id, recommender_id in sent.values_list("unit_id", "recommender_id"):
        for id in {unit_id, recommender_id} & counts.keys():
            counts[id] += 1
    return counts
