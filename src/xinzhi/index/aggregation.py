"""Aggregation of the children of one node into its score.

Every function works on ``children`` of shape (R, T, N, C) and ``weights`` of shape (R, C), either of which
may have a leading axis of 1 shared by all replicates, and returns (R, T, N). A missing child is left out and
the weights of the others are rescaled, unless the methodology propagates.

Defined answers
---------------
* **Zero** in a geometric or harmonic mean, or a power mean with a negative exponent: the score is 0, the
  limit of the formula.
* **Negative** child there (z-scores): no score; the result notes the units.
* **Weight 0**: such a child does not count, whatever its score.
* **Nothing observed** in a node, or only children of weight 0: no score.
* **TOPSIS** where best and worst are one point (all units equal, or a single one): half the scale.
* **MPI** with a mean of 0 or below, where the penalty would change its sign: no score unless the spread is 0.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import (
    Aggregation,
    Arithmetic,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Power,
    Topsis,
)
from xinzhi.panel.panel import Floats

Bools = npt.NDArray[np.bool_]

_NOISE = 1e-12  # a spread or a mean that is this share of the figures comes from rounding


def node_aggregation(methodology: Methodology, node: str) -> Aggregation:
    """Return the aggregation in force at an inner node: its own, or that of the methodology."""
    own = methodology.dimensions[node].aggregation if node in methodology.dimensions else None
    return own or methodology.aggregation


def aggregate(
    children: Floats,
    weights: Floats,
    rule: Aggregation,
    scale: float,
    missing: Literal["reweight", "propagate"] = "reweight",
) -> Floats:
    """Return the score of a node from its children.

    Parameters
    ----------
    children : ndarray of float, shape (R, T, N, C)
        Scores of the children on the display scale; NaN where missing.
    weights : ndarray of float, shape (R, C)
        Shares, adding up to 1.
    rule : aggregation record
    scale : float
        Display scale; TOPSIS closeness 1 becomes this.
    missing : {"reweight", "propagate"}

    Returns
    -------
    ndarray of float, shape (R, T, N)

    Notes
    -----
    Weighted means of ``z`` with shares ``w``: arithmetic ``sum(w z)``, geometric ``exp(sum(w ln z))``,
    harmonic ``1 / sum(w / z)``, power ``sum(w z^p)^(1/p)``. TOPSIS: ``d- / (d+ + d-)`` with distances to the
    best and worst child values of the year, ``sqrt(sum((w d)^2))`` with the weight inside the square (Hwang &
    Yoon 1981) or ``sqrt(sum(w d^2))`` outside. MPI (Mazziotta & Pareto 2016): ``M -+ S^2 / M`` with weighted
    mean M and (population) standard deviation S.
    """
    match rule:
        case Arithmetic():
            score = _mean(children, weights)
        case Geometric():
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.log(children)
            score = _from_transformed(children, logs, weights, np.exp, zero_is_zero=True)
        case Harmonic():
            score = _power_mean(children, weights, -1.0)
        case Power(exponent=exponent):
            score = _power_mean(children, weights, exponent)
        case Topsis(weight=weight):
            score = scale * _closeness(children, weights, inside=weight == "inside")
        case MazziottaPareto(penalty=penalty):
            score = _mazziotta_pareto(children, weights, -1.0 if penalty == "down" else 1.0)
    if missing == "propagate":
        score = np.where(np.isnan(children).any(axis=-1), np.nan, score)
    return score


def _mean(values: Floats, weights: Floats) -> Floats:
    known = np.isfinite(values)
    if known.all():
        return weighted_sum(values, weights)
    total = weighted_sum(known.astype(float), weights)
    score = weighted_sum(np.where(known, values, 0.0), weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, score / total, np.nan)


def weighted_sum(values: Floats, weights: Floats) -> Floats:
    """Return ``sum(w z)`` over the last axis.

    Terms are added one after the other: a matrix product is faster, but its last digits depend on how many
    replicates go into it.
    """
    shape = (max(len(values), len(weights)), *values.shape[1:3])
    total, term = np.zeros(shape), np.empty(shape)
    for child, weight in zip(np.ascontiguousarray(np.moveaxis(values, -1, 0)), weights.T, strict=True):
        np.multiply(child, weight[:, None, None], out=term)
        total += term
    return total


def _from_transformed(
    children: Floats, transformed: Floats, weights: Floats, back: np.ufunc, *, zero_is_zero: bool
) -> Floats:
    """Average transformed values and transform back; a zero child of positive weight makes the score 0."""
    usable = np.isfinite(transformed)
    score = back(_mean(np.where(usable, transformed, np.nan), weights))
    if zero_is_zero:
        score = _where_any(children == 0, weights, 0.0, score)
    return _where_any(np.isfinite(children) & ~usable & (children != 0), weights, np.nan, score)


def _where_any(chosen: Bools, weights: Floats, value: float, score: Floats) -> Floats:
    """Return `value` where a chosen child has weight, `score` elsewhere."""
    if not chosen.any():
        return score
    return np.where(weighted_sum(chosen.astype(float), weights) > 0, value, score)


def _power_mean(children: Floats, weights: Floats, exponent: float) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        raised = np.where(children >= 0, np.abs(children) ** exponent, np.nan)
        mean = _from_transformed(children, raised, weights, np.positive, zero_is_zero=False)
        score = mean ** (1 / exponent)
    if exponent < 0:
        score = _where_any(children == 0, weights, 0.0, score)
    return _where_any(children < 0, weights, np.nan, score)


def _closeness(children: Floats, weights: Floats, *, inside: bool) -> Floats:
    known = np.isfinite(children)
    best = np.max(children, axis=2, keepdims=True, where=known, initial=-np.inf)
    worst = np.min(children, axis=2, keepdims=True, where=known, initial=np.inf)
    shares = weights**2 if inside else weights
    with np.errstate(invalid="ignore", divide="ignore"):
        away, near = (
            np.sqrt(weighted_sum(np.where(known, (children - ideal) ** 2, 0.0), shares))
            for ideal in (best, worst)
        )
        closeness = np.where(away + near > 0, near / (away + near), 0.5)
    observed = weighted_sum(known.astype(float), weights) > 0
    return np.where(observed, closeness, np.nan)


def _mazziotta_pareto(children: Floats, weights: Floats, sign: float) -> Floats:
    mean = _mean(children, weights)
    variance = _mean((children - mean[..., None]) ** 2, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        corrected = mean + sign * variance / mean
    # The mean of equal children, or of a single one, need not be exactly their value; and children that
    # cancel out have a mean of 0 up to rounding, by which the variance must not be divided.
    even = variance <= (mean * _NOISE) ** 2
    positive = mean > _mean(np.abs(children), weights) * _NOISE
    return np.where(even, mean, np.where(positive, corrected, np.nan))
