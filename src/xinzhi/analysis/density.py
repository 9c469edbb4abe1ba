"""The shape of a distribution and how it moves: kernel densities, one curve a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import ascending, at_least, labels, vector
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import alike, frame, plain, say, span
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

_REACH = 4
"""The grid goes on for this many bandwidths beyond the smallest and the largest figure."""

_POINTS, _MOST_POINTS = 512, 4096

_HALVINGS = 60
"""Of two steps of the grid: to the last digit."""

_FLAT = 1e-12
"""Steps smaller than this share of the highest point are rounding, neither up nor down."""


@dataclass(frozen=True)
class KernelDensity(Outcome):
    """Kernel densities of T years on a common grid of P points.

    Attributes
    ----------
    years : tuple of str
        Blank for a single sample of no year.
    grid : ndarray of float, shape (P,)
    densities : ndarray of float, shape (T, P)
    bandwidths : ndarray of float, shape (T,)
    sizes : tuple of int
        Units in each year.
    modes, heights : ndarray of float, shape (T,)
        Where the curve of each year is highest, and how high; the leftmost such place when several are.
    value_name : str
        What people call the figures; blank when it was not said.
    """

    years: tuple[str, ...]
    grid: Floats
    densities: Floats
    bandwidths: Floats
    sizes: tuple[int, ...]
    modes: Floats
    heights: Floats
    value_name: str

    @property
    def peaks(self) -> tuple[int, ...]:
        """Number of local maxima of each curve; a plateau counts once."""
        counts = []
        for curve in self.densities:
            steps = np.diff(curve)
            signs = np.sign(steps[np.abs(steps) > _FLAT * curve.max()])
            counts.append(int(((signs[:-1] > 0) & (signs[1:] < 0)).sum()))
        return tuple(counts)

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("核密度")

    def table(self) -> pl.DataFrame:
        """One row a year: units, bandwidth, number of peaks, place and height of the highest."""
        return frame({
            "year": self.years, "units": self.sizes, "bandwidth": self.bandwidths, "peaks": self.peaks,
            "mode": self.modes, "height": self.heights,
        })  # fmt: skip

    def sentence(self) -> str:
        """Say how the main peak moved between the first and the last year, its height and the peaks."""
        modes, heights, peaks = self.modes, self.heights, self.peaks
        if len(self.years) == 1:
            reading = _("主峰在 {mode:.4g}, 共 {peaks} 个峰").format(mode=modes[0], peaks=peaks[0])
            about = ", ".join(filter(None, (self.years[0], self.value_name)))
            return say(_("{about}: {reading}").format(about=about, reading=reading) if about else reading)
        if f"{modes[0]:.4g}" == f"{modes[-1]:.4g}":
            moved = _("主峰没有移动 ({first:.4g})").format(first=modes[0])
        elif modes[-1] > modes[0]:
            moved = _("主峰右移 ({first:.4g} 到 {last:.4g})").format(first=modes[0], last=modes[-1])
        else:
            moved = _("主峰左移 ({first:.4g} 到 {last:.4g})").format(first=modes[0], last=modes[-1])
        ratio = heights[-1] / heights[0]
        if abs(ratio - 1) < 0.005:
            shape = _("峰高不变")
        elif ratio > 1:
            shape = _("峰高上升 {change:.1%}, 分布更集中").format(change=ratio - 1)
        else:
            shape = _("峰高下降 {change:.1%}, 分布更分散").format(change=1 - ratio)
        if peaks[0] == peaks[-1]:
            count = _("峰数不变 ({count})").format(count=peaks[0])
        else:
            count = _("峰数由 {first} 变为 {last}").format(first=peaks[0], last=peaks[-1])
        return say(f"{span(self.years, self.value_name)}: {moved}", shape, count)

    def figure(self) -> dict[str, Any]:
        """Return the grid and one curve a year."""
        return {"years": list(self.years), "grid": plain(self.grid), "densities": plain(self.densities)}


def kernel_density(
    values: Sequence[npt.ArrayLike],
    years: Sequence[object] | None = None,
    names: Sequence[object] | None = None,
    bandwidth: Literal["silverman", "normal"] | float = "silverman",
    points: int | None = None,
    value_name: str = "",
) -> KernelDensity:
    """Return the Gaussian kernel density of every year on one grid.

    ``f(x) = sum_i phi((x - y_i) / h) / (n h)`` with the normal density phi.

    Parameters
    ----------
    values : sequence of array_like, T times (N_t,)
        The figures of each year; an array of shape (T, N) will do.
    years : sequence, length T, optional
        All different, in ascending order where they are numbers.
    names : sequence, length N, optional
        Names of the units when all years have the same, for errors.
    bandwidth : {"silverman", "normal"} or float
        ``"silverman"``: ``0.9 min(sd, IQR / 1.34) n^(-1/5)``, with sd alone where the IQR is 0 (R's
        ``bw.nrd0``); ``"normal"``: ``1.06 sd n^(-1/5)``; sd divides by n - 1. Or a number for all years.
        What scipy calls “silverman” is ``(4 / (3 n))^(1/5) sd``, close to our ``"normal"``.
    points : int, optional
        Points of the grid, from four bandwidths below the smallest figure to four above the largest. By
        default 512, or up to 4,096 where the smallest bandwidth needs them: two points a bandwidth. The
        highest point of a curve is not read off the grid: it is where the slope is 0, by bisection.
    value_name : str, optional
        What people call the figures, for the sentence.

    Raises
    ------
    ComputeError
        For a year with fewer than two units or without any difference (a bandwidth from the data would be 0),
        years that come twice or not in order, or a grid too coarse for the bandwidth.

    References
    ----------
    B. W. Silverman (1986), Density Estimation for Statistics and Data Analysis, section 3.4.
    """
    year_names = ("",) if years is None and len(values) == 1 else labels(years, len(values))
    if years is not None and all(isinstance(year, Real) for year in years):
        ascending(years)
    if not year_names:
        raise ComputeError(_("没有任何年份的数值"), remedy=_("请给出至少一年的数值"))
    samples = [vector(sample, names)[0] for sample in values]
    bandwidths = np.array(
        [_bandwidth(sample, bandwidth, year) for sample, year in zip(samples, year_names, strict=True)]
    )
    reach = _REACH * bandwidths.max()
    low, high = min(s.min() for s in samples) - reach, max(s.max() for s in samples) + reach
    needed = int(np.ceil((high - low) / bandwidths.min() * 2)) + 1
    if points is None:
        points = min(max(_POINTS, needed), _MOST_POINTS)
    if points < needed:
        raise ComputeError(
            _("带宽 {bandwidth:.4g} 太小, {points} 个点的网格看不清").format(
                bandwidth=bandwidths.min(), points=points
            ),
            remedy=_("请用更大的带宽, 或 points={needed}").format(needed=needed),
        )
    grid = np.linspace(low, high, points)
    densities = np.stack([_density(grid, s, h) for s, h in zip(samples, bandwidths, strict=True)])
    tops = [_top(grid, *curve) for curve in zip(densities, samples, bandwidths.tolist(), strict=True)]
    modes, heights = map(np.array, zip(*tops, strict=True))
    sizes = tuple(map(len, samples))
    return KernelDensity(year_names, grid, densities, bandwidths, sizes, modes, heights, value_name)


def _top(grid: Floats, curve: Floats, sample: Floats, bandwidth: float) -> tuple[float, float]:
    """Return place and height of the highest point of a curve, the leftmost of equal ones."""
    # With two points a bandwidth, a peak is at most 3 % above the highest point of the grid beside it.
    near = np.flatnonzero(curve[1:-1] >= 0.9 * curve.max()) + 1
    near = near[(curve[near] >= curve[near - 1]) & (curve[near] >= curve[near + 1])]
    places = np.array([_summit(sample, bandwidth, grid[k - 1], grid[k + 1]) for k in near])
    heights = _density(places, sample, bandwidth)
    best = int(np.argmax(heights >= heights.max() * (1 - _FLAT)))
    return float(places[best]), float(heights[best])


def _summit(sample: Floats, bandwidth: float, low: float, high: float) -> float:
    """Return where the slope of a curve turns from up to down between two places, by bisection."""
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        away = (sample - middle) / bandwidth
        if float(away @ np.exp(-0.5 * away**2)) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _bandwidth(sample: Floats, rule: str | float, year: str) -> float:
    if not isinstance(rule, str):
        if not (np.isfinite(rule) and rule > 0):
            raise ComputeError(_("带宽须为正数, 现为 {value}").format(value=rule), remedy=_("请给出正数"))
        return float(rule)
    if rule not in ("silverman", "normal"):
        raise CallError(
            _("没有这个选项: {option}").format(option=rule),
            remedy=_("可选: {options}").format(options="silverman, normal"),
        )
    at_least(len(sample), 2, _("带宽"))
    if alike(sample):
        raise ComputeError(
            _("各单位没有差异, 带宽会是零"), where=year, remedy=_("请去掉这一年, 或给出一个数作带宽")
        )
    deviation = float(sample.std(ddof=1))
    if rule == "normal":
        return float(1.06 * deviation * len(sample) ** -0.2)
    spread = float(np.subtract(*np.percentile(sample, [75, 25]))) / 1.34
    return float(0.9 * (min(deviation, spread) or deviation) * len(sample) ** -0.2)


def _density(grid: Floats, sample: Floats, bandwidth: float) -> Floats:
    kernels = np.exp(-0.5 * ((grid[:, None] - sample) / bandwidth) ** 2)
    return np.asarray(kernels.sum(axis=1) / (len(sample) * bandwidth * np.sqrt(2 * np.pi)))
