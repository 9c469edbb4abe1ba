"""Benefit of the doubt: every unit is weighed as suits it best, within bounds, by linear programming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

_EXCESS = 1e-9  # by which a unit may seem to surpass the frontier
_AT_ONCE = 8  # units put on the frontier after one solution
_LONGEST = 100  # units on the frontier, beyond which beginning anew is faster than carrying all along


@dataclass(frozen=True)
class BenefitOfTheDoubt:
    """What each unit scores under its own best weights.

    Parameters
    ----------
    scores : ndarray of float, shape (N,)
        From 0 to `scale`; NaN where a unit has no figures.
    weights : ndarray of float, shape (N, J)
        With ``scores = sum(weights * figures)``; under them no unit surpasses the scale.
    shares : ndarray of float, shape (N, J)
        Of each indicator in the score; rows add up to 1, or to 0 where the score is 0 or missing.
    peers : tuple of tuple of int
        For each unit the positions of the units at its frontier, that is those that keep its score from
        being higher; an efficient unit is its own peer.
    """

    scores: Floats
    weights: Floats
    shares: Floats
    peers: tuple[tuple[int, ...], ...]


def benefit_of_the_doubt(
    normalised: npt.ArrayLike,
    *,
    low: npt.ArrayLike = 0.0,
    high: npt.ArrayLike = 1.0,
    scale: float = 1.0,
    units: Sequence[str] = (),
) -> BenefitOfTheDoubt:
    """Score every unit under the weights that suit it best (Melyn & Moesen 1991; Cherchye et al. 2007).

    Unit i chooses ``w >= 0`` to maximise ``sum_j w_j z_ij`` such that no unit k scores more than 1,
    ``sum_j w_j z_kj <= 1``, and every share lies within its bounds,
    ``low_j <= w_j z_ij / sum_l w_l z_il <= high_j``.

    Parameters
    ----------
    normalised : array_like of float, shape (N, J)
        Figures of 0 or more, of which more is better.
    low, high : float or array_like of shape (J,)
        Bounds of each indicator's share in the score.
    scale : float
        What the best unit scores.
    units : sequence of str, optional
        Named in errors.

    Returns
    -------
    BenefitOfTheDoubt

    Raises
    ------
    ComputeError
        If the bounds contradict each other, for all units or for the figures that one has; or a figure is
        negative or infinite.

    Notes
    -----
    With ``u = w / score`` this is ``min v`` such that ``sum_j u_j z_ij = 1``, ``low_j <= u_j z_ij <= high_j``
    and ``sum_j u_j z_kj <= v`` for all k; the score is 1 / v. Only few units k matter: they are put into the
    program when a solution violates their constraint, and stay there for the units that follow, up to a limit.

    A missing figure takes no part: it has no share, and as a peer the unit counts as 0 there (Kuosmanen
    2009). A figure of 0 can have no share either: if the bounds ask for one, the score is 0. The score is
    unique; the weights and peers that give it need not be.
    """
    z = np.array(normalised, dtype=float)
    lowest, highest = (np.broadcast_to(np.asarray(b, dtype=float), z.shape[1]) for b in (low, high))
    _check(z, lowest, highest, units)
    known = np.isfinite(z)
    top = np.max(z, axis=0, where=known, initial=0.0)
    z = np.divide(np.where(known, z, 0.0), top, out=np.zeros_like(z), where=known & (top > 0))
    frontier = _Frontier(z)
    relative, shares = np.zeros_like(z), np.zeros_like(z)
    scores = np.where(known.any(axis=1), 0.0, np.nan)
    peers: list[tuple[int, ...]] = []
    for i in range(len(z)):
        below, above = np.where(known[i], lowest, 0.0), np.where(known[i], highest, 0.0)
        if known[i].any() and (below.sum() > 1 + _EXCESS or above.sum() < 1 - _EXCESS):
            raise ComputeError(
                _("缺失 {count} 项, 其余各项的份额在上下限之内加不到 1").format(count=int((~known[i]).sum())),
                where=units[i] if units else "",
                remedy=_("请补齐缺失, 或放宽 low 和 high"),
            )
        usable = z[i] > 0
        if (below[~usable] > 0).any() or above[usable].sum() < 1 - _EXCESS:
            peers.append(())
            continue
        if len(frontier.members) > _LONGEST:
            frontier = _Frontier(z)
        u, at_frontier = frontier.nearest(i, np.where(usable, below, 0.0), np.where(usable, above, 0.0))
        relative[i] = u / (z @ u).max()  # Exactly feasible, whatever the tolerance of the solver.
        scores[i] = relative[i] @ z[i]
        shares[i] = relative[i] * z[i] / scores[i]
        peers.append(at_frontier)
    weights = np.divide(relative, top, out=np.zeros_like(z), where=top > 0)
    return BenefitOfTheDoubt(scale * np.minimum(scores, 1.0), scale * weights, shares, tuple(peers))


class _Frontier:
    """One linear program for all units: only its bounds and one row change from unit to unit."""

    def __init__(self, z: Floats) -> None:
        import highspy

        self.z = z
        indicators = z.shape[1]
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("presolve", "off"), ("solver", "simplex")):
            self.solver.setOptionValue(option, value)
        self.optimal = highspy.HighsModelStatus.kOptimal
        infinity = highspy.kHighsInf
        self.columns = np.arange(indicators + 1, dtype=np.int32)
        # The last variable is v, and the first row says that the unit's shares add up to 1.
        self.solver.addVars(indicators + 1, np.zeros(indicators + 1), np.full(indicators + 1, infinity))
        self.solver.changeColCost(indicators, 1.0)
        self.solver.addRow(1.0, 1.0, indicators, self.columns[:-1], np.ones(indicators))
        self.infinity = infinity
        self.members: list[int] = []
        self.put({int(k) for k in [*z.argmax(axis=0), z.sum(axis=1).argmax()]})

    def put(self, units: set[int]) -> None:
        """Put units on the frontier: no weights may give them more than v."""
        for k in sorted(units - set(self.members)):
            row = np.append(self.z[k], -1.0)
            self.solver.addRow(-self.infinity, 0.0, len(row), self.columns, row)
            self.members.append(k)

    def nearest(self, i: int, low: Floats, high: Floats) -> tuple[Floats, tuple[int, ...]]:
        """Return the weights u of unit i and the units that bind them."""
        own = self.z[i]
        lowest, highest = (
            np.divide(bound, own, out=np.zeros_like(own), where=own > 0) for bound in (low, high)
        )
        indicators = len(own)
        self.solver.changeColsBounds(indicators, self.columns[:-1], lowest, highest)
        for j in range(indicators):
            self.solver.changeCoeff(0, j, own[j])
        while True:
            self.solver.run()
            if self.solver.getModelStatus() != self.optimal:
                self.solver.clearSolver()  # The basis of the unit before may be a bad start.
                self.solver.run()
                assert self.solver.getModelStatus() == self.optimal
            solution = self.solver.getSolution()
            u = np.clip(np.array(solution.col_value[:-1]), lowest, highest)
            scored = self.z @ u
            excess = scored - solution.col_value[-1]
            missing = set(np.argsort(-excess)[:_AT_ONCE].tolist()) - set(self.members)
            beyond = {k for k in missing if excess[k] > _EXCESS * scored.max()}
            if not beyond:
                dual = np.abs(np.array(solution.row_dual[1:]))
                return u, tuple(sorted(k for k, d in zip(self.members, dual, strict=True) if d > _EXCESS))
            self.put(beyond)


def _check(z: Floats, low: Floats, high: Floats, units: Sequence[str]) -> None:
    wrong = (z < 0) | np.isinf(z)
    if wrong.any():
        raise ComputeError(
            _("{method} 要求标准化值不为负").format(method="BoD"),
            where=units[int(np.argwhere(wrong)[0][0])] if units else "",
            remedy=_("请改用 minmax 等不产生负值的标准化方法"),
        )
    within = (low >= 0) & (low <= high) & (high <= 1)
    if not (within.all() and low.sum() <= 1 + _EXCESS and high.sum() >= 1 - _EXCESS):
        raise ComputeError(
            _("份额的上下限自相矛盾: 下限合计 {low:.4g}, 上限合计 {high:.4g}").format(
                low=float(low.sum()), high=float(high.sum())
            ),
            remedy=_("应当 0 <= low <= high <= 1, low 合计不超过 1, high 合计不少于 1"),
        )
