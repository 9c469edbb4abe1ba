"""How far experts agree, and how strict each one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

Scores = Mapping[tuple[str, str], float]
"""Score by (case, expert)."""


def alpha(scores: Scores) -> float | None:
    """Return Krippendorff's alpha for interval data.

    ``alpha = 1 - D_o / D_e``: D_o is the mean squared difference of the pairs of scores within a case, each case
    weighted by its number of scores over one less; D_e that of all pairs of scores that stand beside another in
    their case. 1 is perfect agreement, 0 what chance gives (Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011, with missing data).

    Returns
    -------
    float or None
        None with fewer than two scores beside each other, or where all of them are equal.
    """
    by_case: dict[str, list[float]] = {}
    for (case, _expert), score in sorted(scores.items()):
        by_case.setdefault(case, []).append(score)
    paired = [np.array(found) for found in by_case.values() if len(found) > 1]
    if not paired:
        return None
    every = np.concatenate(paired)
    n = len(every)
    # The squared differences of all ordered pairs of m numbers sum to 2 m^2 times their variance.
    expected = 2 * n**2 * every.var() / (n * (n - 1))
    observed = sum(2 * len(found) ** 2 * found.var() / (len(found) - 1) for found in paired) / n
    return None if expected < 1e-12 else float(1 - observed / expected)


@dataclass(frozen=True)
class Calibrated:
    """Scores with the strictness of their experts taken out.

    `cases` are calibrated scores by case, `leniency` how many points an expert gives above the common level, and
    `groups` how many sets of cases no expert connects: scores of two sets cannot be compared.
    """

    cases: Mapping[str, float]
    leniency: Mapping[str, float]
    groups: int


def calibrate(scores: Scores) -> Calibrated:
    """Fit ``score = case + expert`` by least squares, the experts of a connected set summing to zero.

    The additive model for readers of essays (Braun, Understanding scoring reliability: experiments in calibrating
    essay readers, Journal of Educational Statistics 13, 1988). A case seen by strict experts alone is raised, one
    seen by lenient ones lowered; an expert without a case in common with others has leniency 0.
    """
    cases: dict[str, float] = {}
    leniency: dict[str, float] = {}
    groups = _connected(scores)
    for group in groups:
        own = {key: score for key, score in sorted(scores.items()) if key[0] in group}
        names, experts = sorted({c for c, _e in own}), sorted({e for _c, e in own})
        rows = np.zeros((len(own) + 1, len(names) + len(experts)))
        wanted = np.zeros(len(own) + 1)
        for row, ((case, expert), score) in enumerate(own.items()):
            rows[row, names.index(case)] = rows[row, len(names) + experts.index(expert)] = 1
            wanted[row] = score
        rows[-1, len(names) :] = 1  # the experts sum to zero
        found = np.linalg.lstsq(rows, wanted, rcond=None)[0].tolist()
        cases |= dict(zip(names, found[: len(names)], strict=True))
        leniency |= dict(zip(experts, found[len(names) :], strict=True))
    return Calibrated(cases, leniency, len(groups))


def _connected(scores: Scores) -> list[set[str]]:
    """Return the sets of cases that experts connect."""
    cases: dict[str, set[str]] = {}
    for case, expert in scores:
        cases.setdefault(expert, set()).add(case)
    groups: list[set[str]] = []
    for own in cases.values():
        joined = [group for group in groups if group & own]
        groups = [group for group in groups if not group & own] + [own.union(*joined)]
    return groups


def spread(totals: list[float]) -> float:
    """Return the greatest difference between two totals."""
    return max((abs(one - other) for one, other in combinations(totals, 2)), default=0.0)
