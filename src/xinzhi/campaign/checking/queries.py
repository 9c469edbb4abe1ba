"""Reads of checking: who may look, the queue with its filters, and what a page of a return shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.stages import NOT_BEGUN, STAGES
from xinzhi.campaign.people.models import User
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import Attachment, Return
from xinzhi.campaign.returns.queries import visible_to

LOOKING: tuple[Permission, ...] = ("check", "review", "audit")
"""Who may look at the pages of checking: the office, a reviewer in the own branch, the auditor."""

GRADES = ("mend", "explain", "note", "clean")


def may_look(actor: Actor, campaign: Campaign, unit: Unit | None = None) -> bool:
    """Tell whether somebody checks, reviews or audits in a campaign, over a unit where one is given."""
    return any(actor.may(permission, campaign, unit) for permission in LOOKING)


def within_reach(
    actor: Actor, campaign: Campaign, permissions: tuple[Permission, ...], prefix: str = ""
) -> Q:
    """Return the condition on units (behind `prefix`, such as ``"unit__"``) over which one of the permissions is held."""
    if actor.system:
        return Q()
    reached = Q(pk__in=[])
    for membership in actor.memberships:
        if not membership.declared.permissions.intersection(permissions):
            continue
        if membership.campaign_id not in (None, campaign.pk):
            continue
        if membership.declared.reach == "campaign":
            return Q()
        if membership.unit is not None:
            whole = membership.declared.reach == "branch"
            reached |= Q(**{f"{prefix}path{'__startswith' if whole else ''}": membership.unit.path})
    return reached


# --- the queue -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """What a queue shows, as its address says; blank is everything.

    Attributes
    ----------
    stage : str
        One of :data:`~xinzhi.campaign.checking.stages.STAGES`.
    sort : str
        "indicators" or "case".
    grade : str
        Gravest finding of the last version: "mend", "explain", "note" or "clean".
    branch : str
        Code of a province, city or county.
    words : str
        In the name of the unit or the title of the case.
    """

    stage: str = ""
    sort: str = ""
    grade: str = ""
    branch: str = ""
    words: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Filters:
        """Read an address; what is no value of a filter counts as blank."""
        known = {"stage": {*STAGES} - {NOT_BEGUN}, "sort": {"indicators", "case"}, "grade": {*GRADES}}
        chosen = {name: told.get(name, "").strip() for name in asdict(cls())}
        return cls(**{n: v for n, v in chosen.items() if v and (n not in known or v in known[n])})

    def address(self, **changes: str) -> str:
        """Return the query of an address with some filters changed."""
        return urlencode({k: v for k, v in asdict(replace(self, **changes)).items() if v})


def queue(actor: Actor, campaign: Campaign, filters: Filters) -> QuerySet[Return]:
    """Return the returns of a queue, those that have waited longest first, with the counts of their last version."""
    found = _chosen(actor, campaign, filters)
    if filters.stage:
        found = found.filter(state__in=STAGES[filters.stage].states)
    return found.select_related("unit__parent__parent").order_by("changed_at", "pk")


def stage_counts(actor: Actor, campaign: Campaign, filters: Filters) -> dict[str, int]:
    """Return how many returns each stage holds under the other filters, and all together as ""."""
    counted = _chosen(actor, campaign, filters).order_by().values_list("state").annotate(n=Count("pk"))
    by_state = dict(counted)
    stages = {name: sum(by_state.get(s, 0) for s in stage.states) for name, stage in STAGES.items()}
    del stages[NOT_BEGUN]
    return {"": sum(stages.values())} | stages


def _chosen(actor: Actor, campaign: Campaign, filters: Filters) -> QuerySet[Return]:
    found = (
        visible_to(actor)
        .filter(within_reach(actor, campaign, LOOKING, "unit__"), campaign=campaign)
        .annotate(
            last=FilteredRelation("versions", condition=Q(versions__number=F("version"))),
            mend=Coalesce("last__counted__mend", 0),
            explain=Coalesce("last__counted__explain", 0),
            note=Coalesce("last__counted__note", 0),
            sent_at=F("last__at"),
        )
    )
    if filters.sort:
        found = found.filter(sort=filters.sort)
    if filters.branch:
        found = found.filter(
            Q(unit__path__startswith=f"{filters.branch}/") | Q(unit__path__contains=f"/{filters.branch}/")
        )
    if filters.words:
        found = found.filter(Q(unit__name__icontains=filters.words) | Q(title__icontains=filters.words))
    match filters.grade:
        case "mend":
            found = found.filter(mend__gt=0)
        case "explain":
            found = found.filter(mend=0, explain__gt=0)
        case "note":
            found = found.filter(mend=0, explain=0, note__gt=0)
        case "clean":
            found = found.filter(version__gt=0, mend=0, explain=0, note=0)
    return found


def branches(actor: Actor, campaign: Campaign) -> list[Unit]:
    """Return the provinces and cities that a filter offers, in the order of their paths."""
    return list(
        Unit.objects.filter(
            within_reach(actor, campaign, LOOKING),
            level__in=("province", "city"),
            demonstration=campaign.demonstration,
        ).order_by("path")
    )


# --- one return ------------------------------------------------------------------------------------------


def returns_seen_by(actor: Actor, campaign: Campaign) -> QuerySet[Return]:
    """Return the returns whose page of checking an actor may open."""
    return visible_to(actor).filter(within_reach(actor, campaign, LOOKING, "unit__"), campaign=campaign)


def files_of(filed: Return, listed: list[dict[str, Any]] | None = None) -> list[Attachment]:
    """Return the files of a return as it stands, or those that a version lists, which keeps what was removed since."""
    if listed is None:
        return list(filed.attachments.filter(removed_at=None))
    return list(filed.attachments.filter(pk__in=[each["id"] for each in listed]))


def all_files_of(filed: Return) -> QuerySet[Attachment]:
    """Return every file that stands or that some version lists."""
    sent = [each["id"] for listed in filed.versions.values_list("files", flat=True) for each in listed]
    return filed.attachments.filter(Q(removed_at=None) | Q(pk__in=sent))


# --- letters ---------------------------------------------------------------------------------------------


def letters_seen_by(actor: Actor, campaign: Campaign) -> QuerySet[Letter]:
    """Return the letters to the units that an actor reminds or audits."""
    reach = within_reach(actor, campaign, ("remind", "audit"), "unit__")
    return Letter.objects.filter(reach, campaign=campaign).select_related("unit__parent", "campaign", "of")


def recipients_of(letter: Letter) -> list[User]:
    """Return who reports or confirms for the unit of a letter now."""
    held = Q(memberships__campaign=letter.campaign_id) | Q(memberships__campaign=None)
    return list(
        User.objects.filter(
            held,
            is_active=True,
            memberships__unit=letter.unit_id,
            memberships__role__in=("reporter", "confirmer"),
            memberships__until=None,
        )
        .distinct()
        .order_by("pk")
    )
