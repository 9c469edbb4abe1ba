"""Normalisation: from treated figures to the display scale, direction included.

Every function works on an array of shape (R, T, N, J): replicates, years, units, indicators that share one
rule, and returns the same shape. A missing figure stays missing.

Defined answers
---------------
* **Constant** indicator (one unit counts as constant): it tells the units nothing, so min-max, rank, z-score
  and AMPI put everybody in the middle: half the scale, or the stated mean. The middle is the only value that
  a change of direction leaves where it is. Percentile gives everybody the whole scale: all are at or below.
* **All missing**: all missing.
* **Base** or reference of zero or below: the ratio says nothing, so it is missing and the result notes it.
  The same holds for a figure of zero or below of which less is better, where the ratio is turned over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xinzhi.index.ranking import Ties, rank_exactly
from xinzhi.methodology.methods import (
    Ampi,
    AsIs,
    Base,
    Goalposts,
    MinMax,
    Normalisation,
    Percentile,
    RankScore,
    Reference,
    Scope,
    ZScore,
)
from xinzhi.panel.panel import Floats

_AMPI_HALF_RANGE = 30.0  # Mazziotta & Pareto (2016): goalposts at 70 and 130 about 100


def normalise(
    values: Floats, rule: Normalisation, negative: Sequence[bool], years: Sequence[int], scale: float
) -> Floats:
    """Normalise indicators that share one rule.

    Parameters
    ----------
    values : ndarray of float, shape (R, T, N, J)
        Treated figures.
    rule : normalisation record
    negative : sequence of bool, length J
        Indicators of which less is better.
    years : sequence of int, length T
    scale : float
        What one stands for on the display scale: 100 in the paper.

    Returns
    -------
    ndarray of float, shape (R, T, N, J)
    """
    down = np.array(negative)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        match rule:
            case MinMax(scope=scope, lowest=lowest, log=log):
                x = _logarithm(values) if log else values
                low, high = bounds(x, scope)
                share = _between(x, low, high)
                return lowest + (scale - lowest) * np.where(down, 1 - share, share)
            case Goalposts(lower=lower, upper=upper, cap=cap, log=log):
                x, a, b = values, np.float64(lower), np.float64(upper)
                if log:
                    x, a, b = _logarithm(values), np.log(a), np.log(b)
                share = (x - a) / (b - a)
                share = np.clip(share, 0, 1) if cap else share
                return scale * np.where(down, 1 - share, share)
            case Base(year=year):
                return scale * _ratio_to_base(values, year, years, down)
            case ZScore(scope=scope, mean=mean, sd=sd):
                centre = _mean(values, scope)
                spread = np.sqrt(_mean((values - centre) ** 2, scope))
                flat = ~(spread > _noise(centre))
                standard = np.where(
                    flat, np.where(np.isfinite(values), 0.0, np.nan), (values - centre) / spread
                )
                return mean + sd * np.where(down, -standard, standard)
            case RankScore(scope=scope):
                places, count = _places(values, scope, down)
                share = (count - places) / (count - 1)
                return scale * np.where((count == 1) & np.isfinite(places), 0.5, share)
            case Percentile(scope=scope):
                places, count = _places(values, scope, down, ties="min")
                return scale * (count - places + 1) / count
            case Reference(scope=scope, to=to):
                reference = _reference(values, scope, to, down)
                return scale * _ratio(values, reference, down)
            case Ampi(year=year):
                low, high = bounds(values, "panel")
                base = _mean(values[:, [list(years).index(year)]], "year")
                step = (values - base) / (high - low) * 2 * _AMPI_HALF_RANGE
                step = np.where((high == low) & np.isfinite(values), 0.0, step)
                return 100 + np.where(down, -step, step)
            case AsIs():
                return np.where(down, -values, values)


def bounds(values: Floats, scope: Scope) -> tuple[Floats, Floats]:
    """Return minimum and maximum within each year or over the panel, ready to broadcast against `values`."""
    axes = _axes(scope)
    # Unlike nanmin, fmin says nothing about a slice without figures: it stays missing.
    return np.fmin.reduce(values, axis=axes, keepdims=True), np.fmax.reduce(values, axis=axes, keepdims=True)


def _axes(scope: Scope) -> tuple[int, ...]:
    return (2,) if scope == "year" else (1, 2)


def _mean(values: Floats, scope: Scope) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=_axes(scope), keepdims=True)
    mean: Floats = np.where(known, values, 0.0).sum(axis=_axes(scope), keepdims=True) / count
    return mean


def _median(values: Floats, scope: Scope) -> Floats:
    """Return the median; each year's or, over the panel, one."""
    replicates, years, units, indicators = values.shape
    rows = values if scope == "year" else values.reshape(replicates, 1, years * units, indicators)
    ordered = np.sort(rows, axis=2)  # NaN sorts last
    count = np.isfinite(rows).sum(axis=2, keepdims=True)
    lower, upper = (
        np.take_along_axis(ordered, at, axis=2) for at in (np.maximum(count - 1, 0) // 2, count // 2)
    )
    median: Floats = np.where(count > 0, (lower + upper) / 2, np.nan)
    return median


def _between(x: Floats, low: Floats, high: Floats) -> Floats:
    share = (x - low) / (high - low)
    return np.where((high == low) & np.isfinite(x), 0.5, share)


def _noise(centre: Floats) -> Floats:
    # The standard deviation of equal floats need not be exactly zero.
    return np.abs(centre) * 1e-14


def _logarithm(values: Floats) -> Floats:
    logs = np.log(values)
    return np.where(np.isfinite(logs), logs, np.nan)


def _ratio_to_base(values: Floats, year: int | str, years: Sequence[int], down: Any) -> Floats:
    if year == "first-positive":
        positive = values > 0
        first = positive.argmax(axis=1, keepdims=True)
        base = np.take_along_axis(values, first, axis=1)
        before = np.arange(len(years))[None, :, None, None] < first
        values = np.where(before & np.isfinite(values), base, values)
    else:
        position = list(years).index(int(year))
        base = values[:, position : position + 1]
    return _ratio(values, base, down)


def _ratio(values: Floats, base: Floats, down: Any) -> Floats:
    """Return values / base, or base / values where less is better; missing where it is undefined."""
    ratio = np.where(down, np.where(values > 0, base / values, np.nan), values / base)
    return np.where((base > 0) & np.isfinite(ratio), ratio, np.nan)


def _places(values: Floats, scope: Scope, down: Any, ties: Ties = "average") -> tuple[Floats, Floats]:
    """Rank each indicator within its scope; return the ranks and the number of figures ranked."""
    signed = np.where(down, -values, values)
    replicates, years, units, indicators = values.shape
    stacked = signed.transpose(0, 3, 1, 2)
    if scope == "panel":
        stacked = stacked.reshape(replicates, indicators, years * units)
    places = rank_exactly(stacked, ties).reshape(replicates, indicators, years, units).transpose(0, 2, 3, 1)
    count = np.isfinite(values).sum(axis=_axes(scope), keepdims=True).astype(float)
    return places, count


def _reference(values: Floats, scope: Scope, to: Any, down: Any) -> Floats:
    if to == "best":
        low, high = bounds(values, scope)
        return np.where(down, low, high)
    if to == "mean":
        return _mean(values, scope)
    if to == "median":
        return _median(values, scope)
    return np.full((1, 1, 1, 1), float(to))
