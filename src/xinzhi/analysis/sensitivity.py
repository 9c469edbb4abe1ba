"""Sensitivity: which of the choices behind an index matter, and which of them moves which unit.

Formulas
--------
With A and B two samples of N points and ``AB_i`` the points of A whose coordinates of factor i are those of
B, outputs centred at their common mean, and V their variance over A and B:

* first order ``S_i``, a mean of ``mean(f(B) (f(AB_i) - f(A))) / V``, precise for a factor that matters little,
  and ``1 - mean((f(B) - f(AB_i))^2) / (2 V)``, precise for one that matters much: formulas (b) and (c) of
  table 2 in Saltelli et al. (2010), Computer Physics Communications 181, 259-270. The share of the second is
  ``T_i / (T_i + (1 - T_i)^2)``, roughly inverse to their variances; a factor that never changes the output
  has exactly 0;
* total ``T_i = mean((f(A) - f(AB_i))^2) / (2 V)``: Jansen (1999), Computer Physics Communications 117, 35-43.

Not centred, the error of the first grows with the mean of the output. Points are scrambled Sobol' points
(Owen 1998). A factor of several coordinates, such as all weights, moves as one. Intervals are 5-95 %
percentile intervals of a bootstrap over the N points; for low-discrepancy points they are wide rather than
narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.analysis.factors import Factor, keys, read_factors, title, untouched_told, varied_told
from xinzhi.analysis.inputs import whole
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.replication import Cancelled, Design, Draws, Progress, doubled
from xinzhi.analysis.robustness import INTERVAL
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import Result, compute
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

_OUTPUTS = 64  # Outputs whose bootstrap is computed at a time.
_MOST_COORDINATES = 21_201  # of scipy's Sobol' points
_FLAT = 1e-12  # Variance below this share of the mean square is rounding.
_FEWEST_POINTS = 16
_RESAMPLES = 200  # at most, for the rank of each unit


@dataclass(frozen=True)
class SobolIndices:
    """First-order and total indices of d factors for k outputs, with bootstrap intervals.

    Parameters
    ----------
    first, total : ndarray of float, shape (d, k)
        NaN where the output does not vary.
    first_interval, total_interval : ndarray of float, shape (2, d, k)
        Low and high ends.
    variance : ndarray of float, shape (k,)
    """

    first: Floats
    total: Floats
    first_interval: Floats
    total_interval: Floats
    variance: Floats

    @property
    def notes(self) -> tuple[str, ...]:
        """Why an output has no indices, for each of the k; blank where it has."""
        constant = _("输出没有变化, 指数没有定义")
        return tuple("" if variance > 0 else constant for variance in self.variance.tolist())


def sobol_points(n: int, d: int, seed: int) -> tuple[Floats, Floats]:
    """Return the samples A and B: two halves of the coordinates of `n` scrambled Sobol' points.

    Raises
    ------
    CallError
        If `n` is no power of 2, or there are too many coordinates.
    """
    if n < _FEWEST_POINTS or n & (n - 1):
        near = max(_FEWEST_POINTS, 2 ** max(n - 1, 1).bit_length())
        raise CallError(
            _("n={n} 不是 2 的幂, 或小于 {least}").format(n=n, least=_FEWEST_POINTS),
            remedy=_("请用 {near}").format(near=near),
        )
    if 2 * d > _MOST_COORDINATES:
        raise CallError(
            _("坐标 {count} 个, 超过 Sobol' 点的上限 {most}").format(count=2 * d, most=_MOST_COORDINATES),
            remedy=_("请让权重在较高的层次变动 (level)"),
        )
    if d == 0:
        return np.empty((n, 0)), np.empty((n, 0))
    from scipy.stats import qmc

    points = qmc.Sobol(2 * d, seed=np.random.default_rng(seed)).random(n)
    return points[:, :d], points[:, d:]


def sobol_indices(
    function: Callable[[Floats], Floats], d: int, n: int = 1024, seed: int = 0, bootstrap: int = 500
) -> SobolIndices:
    """Return the Sobol' indices of a function on the unit cube.

    Parameters
    ----------
    function : callable
        Takes points of shape (m, d), returns outputs of shape (m,) or (m, k).
    d : int
        Coordinates, each a factor.
    n : int
        Points, a power of 2; the function is called on ``n (d + 2)`` of them.
    seed : int
    bootstrap : int
        Resamples behind the intervals.

    Raises
    ------
    CallError
        If there is no coordinate, or `n` is no power of 2.
    ComputeError
        If an output is no finite number; the first such point is named.
    """
    d, n, bootstrap = whole(d, "d", 1), whole(n, "n", 1), whole(bootstrap, "bootstrap", 1)
    a, b = sobol_points(n, d, whole(seed, "seed", 0))
    outputs = [_outputs(function, points) for points in (a, b)]
    mixed = []
    for i in range(d):
        points = a.copy()
        points[:, i] = b[:, i]
        mixed.append(_outputs(function, points))
    return sobol_estimates(outputs[0], outputs[1], np.stack(mixed), seed=seed, bootstrap=bootstrap)


def _outputs(function: Callable[[Floats], Floats], points: Floats) -> Floats:
    """Return the outputs at some points, shape (m, k)."""
    found = np.asarray(function(points), dtype=np.float64).reshape(len(points), -1)
    if not (finite := np.isfinite(found).all(axis=1)).all():
        raise ComputeError(
            _("{count} 个点的输出不是有限的数").format(count=int((~finite).sum())),
            where=str(points[int(finite.argmin())].tolist()),
            remedy=_("请改正函数, 或避开这些点"),
        )
    return found


def sobol_estimates(
    a: Floats, b: Floats, mixed: Floats, *, seed: int = 0, bootstrap: int = 500
) -> SobolIndices:
    """Return the Sobol' indices from outputs that are there already.

    Parameters
    ----------
    a, b : ndarray of float, shape (n, k)
        Outputs at the points of A and of B.
    mixed : ndarray of float, shape (d, n, k)
        Outputs at the points of ``AB_i``.
    seed, bootstrap : int
    """
    n, outputs = a.shape
    resamples = np.random.default_rng([seed, 1]).multinomial(n, np.full(n, 1 / n), bootstrap) / n
    parts = [
        _estimates(a[:, k], b[:, k], mixed[:, :, k], resamples)
        for k in (slice(at, at + _OUTPUTS) for at in range(0, outputs, _OUTPUTS))
    ]
    first, total, first_interval, total_interval, variance = (
        np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)
    )
    return SobolIndices(first, total, first_interval, total_interval, variance)


def _estimates(
    a: Floats, b: Floats, mixed: Floats, resamples: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b, mixed = a - centre, b - centre, mixed - centre
    # Means over points of these are all that the estimators need, of the sample as of a resample.
    differences = (a - mixed) ** 2 / 2
    squares, means = (a**2 + b**2) / 2, (a + b) / 2
    variance = squares.mean(axis=0)
    flat = ~(variance > _FLAT * centre**2)
    t = np.clip(differences.mean(axis=1) / np.where(flat, 1.0, variance), 0.0, 1.0)
    share = t / (t + (1 - t) ** 2)
    products = (1 - share)[:, None] * b * (mixed - a) - share[:, None] * (b - mixed) ** 2 / 2

    def indices(products: Floats, differences: Floats, variance: Floats) -> tuple[Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            first = share + products / variance
            return np.where(flat, np.nan, first), np.where(flat, np.nan, differences / variance)

    first, total = indices(products.mean(axis=1), differences.mean(axis=1), variance)
    spread = (resamples @ squares - (resamples @ means) ** 2)[:, None]
    firsts, totals = indices(_resampled(resamples, products), _resampled(resamples, differences), spread)
    first_interval, total_interval = (_quantiles(some, np.array(INTERVAL)) for some in (firsts, totals))
    return first, total, first_interval, total_interval, np.where(flat, 0.0, variance)


def _resampled(resamples: Floats, terms: Floats) -> Floats:
    """Return the means of terms of shape (d, n, k) over each resample, shape (B, d, k)."""
    return np.stack([resamples @ some for some in terms], axis=1)


def _quantiles(table: Floats, ends: Floats) -> Floats:
    """Return quantiles over the first axis, shape (2, d, k)."""
    ordered = np.sort(table, axis=0)
    at = ends * (len(ordered) - 1)
    floor = at.astype(int)
    above = np.minimum(floor + 1, len(ordered) - 1)
    share = (at - floor)[:, None, None]
    found: Floats = ordered[floor] * (1 - share) + ordered[above] * share
    return found


@dataclass(frozen=True)
class Sensitivity(Outcome):
    """Which choices matter in one year.

    Parameters
    ----------
    nominal : Result
    factors : tuple of factor records
    year : int
    points, seed : int
    shift : SobolIndices
        Of the mean over the units of |rank - nominal rank|; one output.
    ranks : SobolIndices
        Of the rank of each unit; N outputs.
    rank_sd : ndarray of float, shape (N,)
        Standard deviation of each rank over A and B; NaN for a unit without a rank in some of the points.
    """

    nominal: Result
    factors: tuple[Factor, ...]
    year: int
    points: int
    seed: int
    shift: SobolIndices
    ranks: SobolIndices
    rank_sd: Floats

    @property
    def title(self) -> str:
        """The index and the year."""
        return _("敏感性: {index}, {year} 年").format(index=self.nominal.methodology.title, year=self.year)

    @property
    def titles(self) -> tuple[str, ...]:
        """What the factors are called."""
        return tuple(map(title, self.factors))

    def table(self) -> pl.DataFrame:
        """Return one row per factor: indices of the mean rank shift, and how many ranks it leads in."""
        import polars as pl

        leading = self._leading()
        columns: dict[str, Any] = {"factor": keys(self.factors), "title": self.titles}
        for name, value, interval in (
            ("first", self.shift.first, self.shift.first_interval),
            ("total", self.shift.total, self.shift.total_interval),
        ):
            columns |= {
                name: value[:, 0],
                f"{name}_low": interval[0, :, 0],
                f"{name}_high": interval[1, :, 0],
            }
        columns["units_led"] = [int((leading == i).sum()) for i in range(len(self.factors))]
        note = "" if self.shift.variance[0] > 0 else _("名次没有变动, 指数没有定义")
        columns["note"] = [note] * len(self.factors)
        return pl.DataFrame(columns).fill_nan(None)

    def units(self) -> pl.DataFrame:
        """Return one row per unit and factor: first-order and total index of its rank, and what leads."""
        import polars as pl

        d, n = self.ranks.first.shape
        leading = self._leading()
        notes = [self._note(unit) for unit in range(n)]
        return pl.DataFrame(
            {
                "code": np.repeat(self.nominal.codes, d),
                "name": np.repeat(self.nominal.names, d),
                "rank": np.repeat(self._nominal_rank, d),
                "rank_sd": np.repeat(self.rank_sd, d),
                "factor": list(keys(self.factors)) * n,
                "first": self.ranks.first.T.reshape(-1),
                "first_low": self.ranks.first_interval[0].T.reshape(-1),
                "first_high": self.ranks.first_interval[1].T.reshape(-1),
                "total": self.ranks.total.T.reshape(-1),
                "total_low": self.ranks.total_interval[0].T.reshape(-1),
                "total_high": self.ranks.total_interval[1].T.reshape(-1),
                "leads": (leading[:, None] == np.arange(d)).reshape(-1),
                "note": [note for note in notes for _i in range(d)],
            }
        ).fill_nan(None)

    @property
    def _nominal_rank(self) -> Floats:
        methodology = self.nominal.methodology
        ranks: Floats = self.nominal.ranks[methodology.tree.root][self.nominal.find_year(self.year)]
        return ranks

    def _leading(self) -> Any:
        """Return the factor of the largest total index of each unit; -1 where there is none."""
        total = np.where(np.isnan(self.ranks.total), -1.0, self.ranks.total)
        return np.where((total >= 0).any(axis=0), total.argmax(axis=0), -1)

    def _note(self, unit: int) -> str:
        if np.isnan(self.rank_sd[unit]):
            return _("部分抽样点没有得分, 指数没有定义")
        if self.ranks.variance[unit] == 0:
            return _("名次没有变动, 指数没有定义")
        return ""

    def sentence(self) -> str:
        """Say which factor matters most, how much the factors act together, and whom each moves most."""
        untouched = untouched_told(self.factors, self.nominal, self.nominal.find_year(self.year))
        if not self.shift.variance[0] > 0:
            return "; ".join([_("{year} 年: 没有一个因素改变名次").format(year=self.year), *untouched])
        total, first = self.shift.total[:, 0], self.shift.first[:, 0]
        order = np.argsort(-total, kind="stable")
        top = int(order[0])
        low, high = self.shift.total_interval[:, top, 0]
        parts = [
            _("{year} 年: 对名次影响最大的是{factor}, 总效应指数 {total} (5-95% 区间 {low}-{high})").format(
                year=self.year,
                factor=self.titles[top],
                total=number(round(float(total[top]), 3)),
                low=number(round(float(low), 3)),
                high=number(round(float(high), 3)),
            )
        ]
        if len(order) > 1 and self.shift.total_interval[1, int(order[1]), 0] >= low:
            parts.append(_("与{factor}的区间重叠, 分不出主次").format(factor=self.titles[int(order[1])]))
        together = max(0.0, 1 - float(first.sum()))
        parts.append(_("因素之间的交互占方差的 {share:.0%}").format(share=min(together, 1.0)))
        sd = np.where(np.isnan(self.rank_sd), -1.0, self.rank_sd)
        unit, leading = int(sd.argmax()), self._leading()
        if leading[unit] >= 0:
            parts.append(
                _("名次最不稳的是{name} (标准差 {sd} 位), 主要来自{factor}").format(
                    name=self.nominal.names[unit],
                    sd=number(round(float(sd[unit]), 2)),
                    factor=self.titles[int(leading[unit])],
                )
            )
        return "; ".join([*parts, *untouched])

    def remarks(self) -> tuple[str, ...]:
        """Say what was varied."""
        return varied_told(self.factors, self.nominal)


def sensitivity(
    methodology: Any,
    panel: Any = None,
    *,
    n: int = 1024,
    seed: int = 0,
    factors: Iterable[Any] | None = None,
    year: int | None = None,
    bootstrap: int = 500,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    workers: int = 1,
    batch: int | None = None,
) -> Sensitivity:
    """Return how much of the movement of the ranks each factor explains, alone and in all.

    Parameters
    ----------
    methodology, panel : optional
        As for :func:`xinzhi.compute`.
    n : int
        Sobol' points, a power of 2; the index is computed ``n (d + 2)`` times for d factors.
    year : int, optional
        The last scored year by default.
    bootstrap : int
        Resamples behind the intervals; at most 200 for those of each unit.
    seed, factors, progress, cancelled, workers, batch : optional
        As for :func:`xinzhi.analysis.robustness.robustness`.

    Raises
    ------
    CallError
        If `n` is no power of 2.
    ComputeError
        As for robustness; also when no unit has a rank in all points.
    """
    n, bootstrap = whole(n, "n", 1), whole(bootstrap, "bootstrap", 1)
    workers, batch = whole(workers, "workers", 1), None if batch is None else whole(batch, "batch", 1)
    nominal = compute(methodology, panel)
    design = Design(nominal, read_factors(factors), seed)
    d = len(design.factors)
    draws = _draws(design, n, seed)
    t = nominal.find_year(year)
    outputs = np.empty((n * (d + 2), len(nominal.codes)), dtype=np.float32)

    order, _variants = design.order(draws)

    def write(start: int, _scores: Floats, ranks: Floats) -> None:
        outputs[order[start : start + len(ranks)]] = doubled(ranks)[:, 0]

    design.evaluate(
        draws,
        write,
        years=slice(t, t + 1),
        workers=workers,
        batch=batch,
        progress=progress,
        cancelled=cancelled,
    )
    places = outputs.reshape(d + 2, n, -1)
    always = (outputs > 0).all(axis=0)
    nominal_places = doubled(nominal.ranks[nominal.methodology.tree.root][t])
    judged = always & (nominal_places > 0)
    if not judged.any():
        raise ComputeError(
            _("没有一个单位在所有抽样点都有得分, 敏感性没有定义"), remedy=_("请去掉使得分缺失的选择")
        )
    shift = np.abs(outputs[:, judged] - nominal_places[judged].astype(np.float32)).mean(axis=1, dtype=float)
    shifts = (shift / 2).reshape(d + 2, n, 1)
    ranks = _with_gaps(places, always, seed, min(bootstrap, _RESAMPLES))
    return Sensitivity(
        nominal,
        design.factors,
        nominal.years[t],
        n,
        seed,
        sobol_estimates(shifts[0], shifts[1], shifts[2:], seed=seed, bootstrap=bootstrap),
        ranks,
        np.where(always, np.sqrt(ranks.variance), np.nan),
    )


def _with_gaps(places: Any, always: Any, seed: int, bootstrap: int) -> SobolIndices:
    """Return the indices of the ranks; NaN for units that lack one somewhere."""
    a, b, mixed = places[0], places[1], places[2:]
    parts = []
    for at in range(0, places.shape[2], _OUTPUTS):
        some = slice(at, at + _OUTPUTS)
        three = [np.where(always[some], x[..., some] / 2.0, 0.0).astype(float) for x in (a, b, mixed)]
        parts.append(sobol_estimates(three[0], three[1], three[2], seed=seed, bootstrap=bootstrap))
    return SobolIndices(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=-1)
            for name in ("first", "total", "first_interval", "total_interval", "variance")
        )
    )


def _draws(design: Design, n: int, seed: int) -> Draws:
    """Return the points of A, of B, and of A with one factor after the other from B."""
    a, b = sobol_points(n, design.dimension, seed)
    d = len(design.factors)
    own = np.repeat(np.arange(n)[:, None], d, axis=1)
    other = own + n
    uniforms, noise = [a, b], [own, other]
    for f, columns in enumerate(design.columns):
        points, numbers = a.copy(), own.copy()
        points[:, columns] = b[:, columns]
        numbers[:, f] = other[:, f]
        uniforms.append(points)
        noise.append(numbers)
    return Draws(np.concatenate(uniforms), np.concatenate(noise))
