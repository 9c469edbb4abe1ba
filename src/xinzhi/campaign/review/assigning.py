"""Who may judge which case, and a proposal: by field, then by load, conflicts kept out, always the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Conflict = Literal["own_unit", "own_region", "recommender", "declared"]

_DEPTH = {"province": 1, "city": 2, "county": 3}


@dataclass(frozen=True)
class Judge:
    """An expert: account, name, domains of the call (none: all), and the paths of the units it belongs to."""

    id: int
    name: str
    domains: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judged:
    """A case: id, domains of the call it falls into, paths of its filer and recommender, who declared a conflict."""

    id: int
    domains: frozenset[str]
    path: str
    recommender: str = ""
    declared: frozenset[int] = frozenset()
    holders: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Proposed:
    """An expert proposed for a case; `fits` whether the case lies in the expert's domains."""

    case: int
    expert: int
    fits: bool


@dataclass(frozen=True)
class Plan:
    """A proposal, and how many experts each case still lacks."""

    proposed: tuple[Proposed, ...]
    lacking: Mapping[int, int] = field(default_factory=dict)


def conflict_of(judge: Judge, case: Judged, region: str) -> Conflict | None:
    """Return what keeps an expert from a case: declared, own unit, recommender, own region; None for nothing."""
    if judge.id in case.declared:
        return "declared"
    if case.path in judge.paths:
        return "own_unit"
    if case.recommender and case.recommender in judge.paths:
        return "recommender"
    area = _area(case.path, region)
    above = any(area.startswith(path) for path in judge.paths)
    return "own_region" if above or any(_area(path, region) == area for path in judge.paths) else None


def _area(path: str, region: str) -> str:
    return "".join(f"{code}/" for code in path.split("/")[: _DEPTH[region]] if code)


def fits(judge: Judge, case: Judged) -> bool:
    """Tell whether a case lies in an expert's field."""
    return not judge.domains or bool(judge.domains & case.domains)


def plan(
    judges: Sequence[Judge],
    cases: Sequence[Judged],
    *,
    experts: int,
    most_cases: int,
    region: str,
    loads: Mapping[int, int],
) -> Plan:
    """Propose experts for cases until each has `experts` of them.

    The cases with the fewest experts to choose from come first; of the experts those in the field, then the least
    loaded, then the first by account. Nothing is drawn, so the same input gives the same proposal.
    """
    load = {judge.id: loads.get(judge.id, 0) for judge in judges}
    able = {case.id: _able(judges, case, region) for case in cases}
    proposed: list[Proposed] = []
    lacking: dict[int, int] = {}
    for case in sorted(cases, key=lambda case: (len(able[case.id]), case.id)):
        wanted = max(0, experts - len(case.holders))
        chosen: list[Judge] = []
        while len(chosen) < wanted:
            free = [j for j in able[case.id] if j not in chosen and load[j.id] < most_cases]
            if not free:
                break
            best = min(free, key=lambda judge: (not fits(judge, case), load[judge.id], judge.id))
            chosen.append(best)
            load[best.id] += 1
        proposed += [Proposed(case.id, judge.id, fits(judge, case)) for judge in chosen]
        if len(chosen) < wanted:
            lacking[case.id] = wanted - len(chosen)
    return Plan(tuple(sorted(proposed, key=lambda one: (one.case, one.expert))), lacking)


def _able(judges: Collection[Judge], case: Judged, region: str) -> list[Judge]:
    return [j for j in judges if j.id not in case.holders and conflict_of(j, case, region) is None]
