"""Spatial dependence: Moran's I, global and local, with normal and permutation inference."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import at_least, vector, whole
from xinzhi.analysis.neighbours import SpatialWeights, given_weights
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import LEVEL, TIE, alike, frame, listed, p_text, plain, say
from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

Counts = npt.NDArray[np.int64]

PLACES = ("HH", "LH", "LL", "HL")
"""Quadrants of the Moran scatter: the unit itself high or low, then its neighbours."""

_CHUNK = 250
"""Permutations drawn from one stream: fixed, so that the number of workers changes nothing; not a power of two,
at which the columns of an array collide in the cache."""

_DENSE = 0.1
"""Share of non-zero weights from which a dense product is faster than a sparse one."""


@dataclass(frozen=True)
class Moran(Outcome):
    """Moran's I of N units.

    Attributes
    ----------
    weights : SpatialWeights
        As used; its names are those of the units.
    standardised : ndarray of float, shape (N,)
        ``(y - mean) / sd``, with the population standard deviation.
    lag : ndarray of float, shape (N,)
        ``sum_j w_ij z_j``; 0 for a unit without neighbours.
    index, expected, deviation : float
        I, its expectation and standard deviation under normality.
    p_normal : float
        Two-sided, by the normal approximation.
    permutations : int
    p_permutation : float or None
        Two-sided, ``2 min(1 + #{I* >= I}, 1 + #{I* <= I}) / (permutations + 1)``, at most 1; None without
        permutations.
    local : ndarray of float, shape (N,)
        I_i; NaN for a unit without neighbours.
    p_local : ndarray of float, shape (N,)
        Two-sided pseudo p values of I_i; NaN for a unit without neighbours, or without permutations.
    """

    weights: SpatialWeights
    standardised: Floats
    lag: Floats
    index: float
    expected: float
    deviation: float
    p_normal: float
    permutations: int
    p_permutation: float | None
    local: Floats
    p_local: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """The N units."""
        return self.weights.names

    @property
    def z_score(self) -> float:
        """``(I - expected) / deviation``."""
        return (self.index - self.expected) / self.deviation

    @property
    def quadrants(self) -> tuple[str, ...]:
        """HH, LH, LL or HL of each unit; blank on an axis of the scatter or without neighbours."""
        places = {(1, 1): "HH", (-1, 1): "LH", (-1, -1): "LL", (1, -1): "HL"}
        own, around = (_signs(values) for values in (self.standardised, self.lag))
        return tuple(
            places.get((int(a), int(b)), "") if np.isfinite(known) else ""
            for a, b, known in zip(own, around, self.local, strict=True)
        )

    @property
    def clusters(self) -> dict[str, tuple[str, ...]]:
        """Units whose local I is significant at the 5 % level, by quadrant; not corrected for many tests."""
        told = zip(self.names, self.quadrants, self.p_local.tolist(), strict=True)
        found = [(name, place) for name, place, p in told if p < LEVEL]
        return {place: tuple(name for name, own in found if own == place) for place in PLACES}

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("莫兰指数 ({weights})").format(weights=self.weights.description)

    def table(self) -> pl.DataFrame:
        """One row a unit: standardised figure, lag, local I, quadrant, pseudo p, and why one is missing."""
        islands = set(self.weights.islands)
        places = self.quadrants
        notes = [
            _("没有邻居") if name in islands else "" if place else _("在轴上")
            for name, place in zip(self.names, places, strict=True)
        ]
        return frame({
            "name": self.names, "z": self.standardised, "lag": self.lag, "local": self.local,
            "quadrant": [place or None for place in places], "p_value": self.p_local, "note": notes,
        })  # fmt: skip

    def sentence(self) -> str:
        """Say whether like is beside like, how sure that is, where, and what the weights leave alone."""
        clauses = [
            _("全局莫兰指数 I = {index:.4f} (期望 {expected:.4f}), 正态近似 z = {z:.2f}, {p}").format(
                index=self.index, expected=self.expected, z=self.z_score, p=p_text(self.p_normal)
            )
        ]
        if self.p_permutation is not None:
            clauses.append(
                _("置换 {count} 次, {p}").format(count=self.permutations, p=p_text(self.p_permutation))
            )
        deciding = self.p_normal if self.p_permutation is None else self.p_permutation
        if deciding >= LEVEL:
            clauses.append(_("在 5% 水平上不显著, 看不出空间相关"))
        elif self.index > self.expected:
            clauses.append(_("存在正的空间相关, 相近的聚在一起"))
        else:
            clauses.append(_("存在负的空间相关, 高低相间"))
        if (deciding < LEVEL) != (self.p_normal < LEVEL):
            clauses.append(_("两种检验不一致, 以置换检验为准"))
        if self.permutations:
            found = [f"{place}: {listed(units)}" for place, units in self.clusters.items() if units]
            clauses.append(
                _("局部显著 (未校正多重检验) {clusters}").format(clusters=", ".join(found))
                if found
                else _("没有局部显著的单位")
            )
        if self.weights.islands:
            clauses.append(_("没有邻居, 滞后按 0 计: {units}").format(units=listed(self.weights.islands)))
        parts = self.weights.components
        if len(parts) > 1:
            clauses.append(
                _("权重矩阵分成 {count} 个互不相连的部分: {parts}").format(
                    count=len(parts), parts=" | ".join(listed(part) for part in parts)
                )
            )
        return say(*clauses)

    def figure(self) -> dict[str, Any]:
        """Return the global figures and the points of the Moran scatter, whose slope is I for row weights."""
        return {
            "index": self.index,
            "expected": self.expected,
            "deviation": self.deviation,
            "z": self.z_score,
            "p_normal": self.p_normal,
            "p_permutation": self.p_permutation,
            "permutations": self.permutations,
            "names": list(self.names),
            "standardised": plain(self.standardised),
            "lag": plain(self.lag),
            "quadrants": list(self.quadrants),
            "p_local": plain(self.p_local),
        }


def moran(
    values: npt.ArrayLike,
    weights: SpatialWeights | npt.ArrayLike,
    names: Sequence[object] | None = None,
    permutations: int = 9999,
    seed: int = 0,
) -> Moran:
    """Return Moran's I, global and local.

    With ``z = (y - mean) / sd`` (population) and ``S0 = sum w_ij``: ``I = sum_ij w_ij z_i z_j / S0`` and
    ``I_i = z_i sum_j w_ij z_j``, so that ``sum I_i = S0 I``. Under normality ``E I = -1 / (n - 1)`` and
    ``Var I = (n^2 S1 - n S2 + 3 S0^2) / ((n^2 - 1) S0^2) - (E I)^2``.

    Parameters
    ----------
    values : array_like of float, shape (N,)
    weights : SpatialWeights or array_like, shape (N, N)
        A matrix is taken as it is; :class:`SpatialWeights` are row-standardised by default.
    names : sequence, length N, optional
        Taken from the weights when they have them.
    permutations : int
        0 for none.
    seed : int
        The same seed gives the same answer, whatever the number of workers.

    Returns
    -------
    Moran
        A unit without neighbours stays in the mean, the deviation and n; its lag is 0; it has no local I.

    Raises
    ------
    ComputeError
        For fewer than three units, equal or missing figures, or weights that are all 0 or of other units.

    Notes
    -----
    All local tests come from the permutations of the global one. A permutation puts the figure of unit i in
    some place q; exchanging places i and q gives one that leaves i alone, each of these equally often, and
    changes the lag of i by ``w_iq (z' - z_i)`` where z' is the figure that stood in place i. p values are
    twice the one-sided ones of GeoDa and esda. Two figures that differ by rounding are counted as equal.

    References
    ----------
    A. D. Cliff and J. K. Ord (1981), Spatial Processes; L. Anselin (1995), Local indicators of spatial
    association, Geographical Analysis 27, 93-115.
    """
    if names is None and isinstance(weights, SpatialWeights):
        names = weights.names
    array, units = vector(values, names)
    if isinstance(weights, SpatialWeights):
        if units != weights.names:
            raise ComputeError(
                _("空间权重的单位与数值的单位不同"), remedy=_("两者须是同样的单位, 次序相同, 名称相同")
            )
        used = weights
    else:
        used = given_weights(weights, names, style="raw")
        if len(used.names) != len(array):
            raise ComputeError(
                _("空间权重有 {weights} 个单位, 数值有 {values} 个").format(
                    weights=len(used.names), values=len(array)
                ),
                remedy=_("每个单位一行一列, 次序相同"),
            )
    at_least(len(array), 3, _("莫兰指数"))
    if alike(array):
        raise ComputeError(_("各单位数值相同, 莫兰指数没有定义"), remedy=_("请换用有差异的变量"))
    permutations, seed = whole(permutations, "permutations", 0), whole(seed, "seed", 0)
    w, n = used.matrix, len(array)
    total = float(w.sum())
    if total == 0:
        raise ComputeError(_("所有单位都没有邻居"), remedy=_("请换用别的空间权重"))
    z = (array - array.mean()) / array.std()
    lag = w @ z
    index = float(z @ lag) / total
    expected = -1 / (n - 1)
    s1 = float(((w + w.T) ** 2).sum()) / 2
    s2 = float(((w.sum(axis=0) + w.sum(axis=1)) ** 2).sum())
    variance = (n**2 * s1 - n * s2 + 3 * total**2) / ((n**2 - 1) * total**2) - expected**2
    if variance <= TIE * expected**2:
        raise ComputeError(
            _("所有单位互为等权的邻居, 莫兰指数总是 {expected:.4f}").format(expected=expected),
            remedy=_("请换用别的空间权重"),
        )
    deviation = math.sqrt(variance)
    alone = ~w.any(axis=1)
    p_permutation, p_local = None, np.full(n, np.nan)
    if permutations:
        more, fewer, more_local, fewer_local = _count(z, w, lag, permutations, seed)
        p_permutation = float(_doubled(np.array(more), np.array(fewer), permutations))
        p_local = np.where(alone, np.nan, _doubled(more_local, fewer_local, permutations))
    return Moran(
        weights=used,
        standardised=z,
        lag=lag,
        index=index,
        expected=expected,
        deviation=deviation,
        p_normal=math.erfc(abs(index - expected) / deviation / math.sqrt(2)),
        permutations=permutations,
        p_permutation=p_permutation,
        local=np.where(alone, np.nan, z * lag),
        p_local=p_local,
    )


def _signs(values: Floats) -> Floats:
    return np.sign(np.where(np.abs(values) <= TIE * np.abs(values).max(), 0.0, values))


def _doubled(more: Counts, fewer: Counts, permutations: int) -> Floats:
    return np.minimum(1.0, 2 * (1 + np.minimum(more, fewer)) / (permutations + 1))


def _count(
    z: Floats, w: Floats, lag: Floats, permutations: int, seed: int
) -> tuple[int, int, Counts, Counts]:
    """Count the permutations with a statistic at least, and at most, as large: global, then of each unit."""
    from scipy.sparse import csr_array

    n = len(z)
    links = w != 0
    sparse = links.mean() < _DENSE
    product = csr_array(w) if sparse else w
    observed = float(z @ lag)
    slack = TIE * float(w.sum(axis=1).max())
    starts = np.arange(n) * n

    def chunk(number: int) -> tuple[int, int, Counts, Counts]:
        count = min(_CHUNK, permutations - number * _CHUNK)
        stream = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(number,))))
        # place[r, i]: where permutation r puts the figure of unit i.
        place = stream.permuted(np.tile(np.arange(n), (count, 1)), axis=1)
        figures = np.empty((count, n))
        np.put_along_axis(figures, place, np.broadcast_to(z, place.shape), axis=1)
        columns = np.ascontiguousarray(figures.T)
        lags = product @ columns
        statistic = np.einsum("ir,ir->r", columns, lags)
        cell = place + starts
        if sparse:  # most units do not fall on a neighbour of theirs: nothing to correct
            row, unit = np.nonzero(links.ravel().take(cell))
            lags[unit, row] += w.ravel()[cell[row, unit]] * (figures[row, unit] - z[unit])
        else:
            lags += (w.ravel().take(cell) * (figures - z)).T
        return (
            int((statistic >= observed - slack).sum()),
            int((statistic <= observed + slack).sum()),
            np.count_nonzero(lags >= lag[:, None] - slack, axis=1),
            np.count_nonzero(lags <= lag[:, None] + slack, axis=1),
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = list(pool.map(chunk, range(math.ceil(permutations / _CHUNK))))
    more, fewer, more_local, fewer_local = zip(*counted, strict=True)
    return sum(more), sum(fewer), np.sum(more_local, axis=0), np.sum(fewer_local, axis=0)
