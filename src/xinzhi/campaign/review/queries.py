"""Reads of the review: cases for the office, own assignments for an expert, and what all scores come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.models import Membership
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.returns.models import CASE, Return
from xinzhi.campaign.review.agreement import Calibrated, alpha, calibrate, spread
from xinzhi.campaign.review.assigning import Judge, Judged
from xinzhi.campaign.review.models import Assignment, BlindView, Case, LikePair, Score
from xinzhi.campaign.review.rubric import Rubric

READERS: tuple[Permission, ...] = ("manage_review", "audit")
"""One of these permissions opens the office's pages of this part."""


def reads(actor: Actor, campaign: Campaign) -> bool:
    """Tell whether an actor sees the office's side."""
    return any(actor.may(permission, campaign) for permission in READERS)


def accepted_cases(actor: Actor, campaign: Campaign) -> QuerySet[Return]:
    """Return the accepted cases of a campaign with what the review knows of them."""
    found = Return.objects.filter(campaign=campaign, sort=CASE, state="accepted")
    found = found.select_related("unit", "recommender", "review_case").order_by("review_case__number", "pk")
    return found if reads(actor, campaign) else found.none()


def cases_visible_to(actor: Actor, campaign: Campaign) -> QuerySet[Case]:
    """Return the cases that the office has begun to review."""
    cases = Case.objects.filter(campaign=campaign).select_related(
        "campaign", "filed__unit__parent__parent", "filed__recommender__parent__parent", "consent_by"
    )
    return cases if reads(actor, campaign) else cases.none()


def own_assignments(actor: Actor, campaign: Campaign) -> QuerySet[Assignment]:
    """Return an expert's own assignments, those ended by a conflict left out: the one door of experts."""
    found = (
        Assignment.objects.filter(case__campaign=campaign)
        .exclude(state="ended")
        .select_related("case__campaign")
    )
    if actor.user is None or not actor.may("score", campaign):
        return found.none()
    return found.filter(expert=actor.user)


def own_unit_cases(actor: Actor, campaign: Campaign) -> QuerySet[Case]:
    """Return the cases of the actor's units whose consent to publication was asked."""
    units = [m.unit_id for m in actor.memberships if m.unit is not None and m.gives("file", campaign, m.unit)]
    return (
        Case.objects.filter(campaign=campaign, filed__unit__in=units)
        .exclude(consent="")
        .select_related("filed__unit")
    )


def current_view(case: Case) -> BlindView | None:
    """Return the blind view of the version that was accepted, confirmed or not."""
    return BlindView.objects.filter(case=case, version=case.filed.version).select_related("case").first()


def confirmed_view(case: Case) -> BlindView | None:
    """Return what experts may see of a case now; None until the office has confirmed it."""
    view = current_view(case)
    return view if view and view.confirmed_at else None


# --- experts -------------------------------------------------------------------------------------------------


def experts_of(campaign: Campaign, actor: Actor) -> dict[int, Judge]:
    """Return the experts of a campaign in force by account, with every unit that they hold a role in."""
    held = Membership.objects.filter(Q(until=None) | Q(until__gt=actor.now)).select_related("user", "unit")
    experts = held.filter(Q(campaign=campaign) | Q(campaign=None), role="expert")
    domains: defaultdict[int, set[str]] = defaultdict(set)
    names: dict[int, str] = {}
    for membership in experts:
        names[membership.user_id] = str(membership.user)
        domains[membership.user_id] |= set(membership.domains)
    paths: defaultdict[int, set[str]] = defaultdict(set)
    for user, path in held.filter(user__in=names, unit__isnull=False).values_list("user_id", "unit__path"):
        paths[user].add(path)
    return {id: Judge(id, names[id], frozenset(domains[id]), frozenset(paths[id])) for id in sorted(names)}


def judged(case: Case, rubric: Rubric, assignments: list[Assignment]) -> Judged:
    """Return a case as the assignment looks at it."""
    filed = case.filed
    return Judged(
        case.pk,
        frozenset({filed.domain, *rubric.domains.get(domain_id(case.campaign, filed.domain), ())}),
        filed.unit.path,
        filed.recommender.path if filed.recommender else "",
        declared=frozenset(a.expert_id for a in assignments if a.conflict == "declared"),
        holders=frozenset(a.expert_id for a in assignments if a.state != "ended"),
    )


def domain_id(campaign: Campaign, text: str) -> str:
    """Return the id of a domain of the case form, written as its id or in either language."""
    options = campaign.case.fields["domain"].options
    return next((id for id, name in options.items() if text in (id, name.zh, name.en)), text)


def domain_title(campaign: Campaign, text: str) -> str:
    """Return a domain of the case form in the reader's language."""
    options = campaign.case.fields["domain"].options
    id = domain_id(campaign, text)
    return str(options[id]) if id in options else text


# --- what the scores come to ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What the scores of a campaign come to.

    `totals` are points of 100 by case and expert, of the last round that an expert submitted; `means` and
    `calibrated.cases` by case, side by side; `spreads` the greatest difference within a case.
    """

    totals: Mapping[tuple[str, str], float]
    means: Mapping[str, float]
    spreads: Mapping[str, float]
    calibrated: Calibrated
    alpha: float | None
    by_section: Mapping[str, float | None]


def standing(campaign: Campaign, rubric: Rubric) -> Standing:
    """Compute what the submitted scores come to."""
    points: dict[tuple[str, str], dict[str, float]] = {}
    rounds: dict[tuple[str, str], int] = {}
    scores = Score.objects.filter(assignment__case__campaign=campaign, assignment__state="submitted")
    rows = scores.values_list(
        "assignment__case_id", "assignment__expert_id", "assignment__round", "section", "points"
    )
    for case, expert, round_, section, given in rows.order_by("assignment__round", "pk"):
        key = str(case), str(expert)
        if rounds.get(key) != round_:
            rounds[key], points[key] = round_, {}
        points[key][section] = float(given or 0)
    totals = {key: rubric.total(given) for key, given in points.items()}
    by_case: defaultdict[str, list[float]] = defaultdict(list)
    for (case_key, _expert), total in totals.items():
        by_case[case_key].append(total)
    return Standing(
        totals,
        {case_key: sum(found) / len(found) for case_key, found in by_case.items()},
        {case_key: spread(found) for case_key, found in by_case.items()},
        calibrate(totals),
        alpha(totals),
        {s.id: alpha({key: given[s.id] for key, given in points.items()}) for s in rubric.sections},
    )


def likeness_of(actor: Actor, campaign: Campaign) -> QuerySet[LikePair]:
    """Return the pairs of cases that share text or pictures."""
    pairs = LikePair.objects.filter(one__campaign=campaign).select_related(
        "one__filed__unit", "other__filed__unit"
    )
    return pairs if reads(actor, campaign) else pairs.none()
