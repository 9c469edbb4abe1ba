"""Normalisation: from treated figures to the display scale, direction included.

Every function works on an array of shape (R, T, N, J): replicates, years, units, indicators that share one
rule, and returns the same shape. A missing figure stays missing.

Defined answers
---------------
* **Constant** indicator (one unit counts as constant): it tells the units nothing, so min-max, goalpost-free
  ranks and z-scores put everybody in the middle: half the scale, or the stated mean. The middle is the only
  value that a change of direction leaves where it is.
* **All missing**: all missing.
* **Base** of zero or below: the ratio says nothing, so it is missing and the result notes it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from xinzhi.index.ranking import rank
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
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # an all-missing slice stays all missing
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
                axes = _axes(scope)
                centre = np.nanmean(values, axis=axes, keepdims=True)
                spread = np.nanstd(values, axis=axes, keepdims=True)
                flat = ~(spread > _noise(centre))
                standard = np.where(flat, np.where(np.isfinite(values), 0.0, np.nan), (values - centre) / spread)
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
                ratio = np.where(down, reference / values, values / reference)
                return scale * np.where(np.isfinite(ratio), ratio, np.nan)
            case Ampi(year=year):
                low, high = bounds(values, "panel")
                base = np.nanmean(values[:, [list(years).index(year)]], axis=2, keepdims=True)
                step = (values - base) / (high - low) * 2 * _AMPI_HALF_RANGE
                step = np.where((high == low) & np.isfinite(values), 0.0, step)
                return 100 + np.where(down, -step, step)
            case AsIs():
                return np.where(down, -values, values)


def bounds(values: Floats, scope: Scope) -> tuple[Floats, Floats]:
    """Return minimum and maximum within each year or over the panel, ready to broadcast against `values`."""
    axes = _axes(scope)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmin(values, axis=axes, keepdims=True), np.nanmax(values, axis=axes, keepdims=True)


def _axes(scope: Scope) -> tuple[int, ...]:
    return (2,) if scope == "year" else (1, 2)


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
    base = np.where(base > 0, base, np.nan)
    ratio = np.where(down, base / values, values / base)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _places(values: Floats, scope: Scope, down: Any, ties: Any = "average") -> tuple[Floats, Floats]:
    """Rank each indicator within its scope; return the ranks and the number of figures ranked."""
    signed = np.where(down, -values, values)
    replicates, years, units, indicators = values.shape
    stacked = signed.transpose(0, 3, 1, 2)
    if scope == "panel":
        stacked = stacked.reshape(replicates, indicators, years * units)
    places = rank(stacked, ties).reshape(replicates, indicators, years, units).transpose(0, 2, 3, 1)
    count = np.isfinite(values).sum(axis=_axes(scope), keepdims=True).astype(float)
    return places, count


def _reference(values: Floats, scope: Scope, to: Any, down: Any) -> Floats:
    axes = _axes(scope)
    if to == "best":
        low, high = bounds(values, scope)
        reference = np.where(down, low, high)
    elif to == "mean":
        reference = np.nanmean(values, axis=axes, keepdims=True)
    elif to == "median":
        reference = np.nanmedian(values, axis=axes, keepdims=True)
    else:
        reference = np.full((1, 1, 1, 1), float(to))
    return np.where(reference > 0, reference, np.nan)
