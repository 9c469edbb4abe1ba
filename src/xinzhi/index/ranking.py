"""Ranks along the last axis: the largest score is first, a missing score has no rank."""

from __future__ import annotations

from typing import Literal

import numpy as np

from xinzhi.panel.panel import Floats

#: Scores are compared after rounding to this many decimals, so that equal scores tie whatever the order in
#: which their parts were added up.
TIE_DECIMALS = 9


def rank(scores: Floats, ties: Literal["min", "dense", "average"] = "min") -> Floats:
    """Rank scores along the last axis, largest first.

    Parameters
    ----------
    scores : ndarray of float, shape (..., N)
        NaN where a unit has no score.
    ties : {"min", "dense", "average"}
        Tied units share the smallest of their ranks (1, 2, 2, 4), consecutive ranks (1, 2, 2, 3), or the
        mean of their ranks (1, 2.5, 2.5, 4).

    Returns
    -------
    ndarray of float, shape (..., N)
        NaN where the score is.
    """
    count = scores.shape[-1]
    rounded = np.round(scores, TIE_DECIMALS)
    order = np.argsort(-rounded, axis=-1, kind="stable")  # NaN sorts last
    ordered = np.take_along_axis(rounded, order, axis=-1)
    new = np.ones(ordered.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    position = np.arange(count)
    first = np.maximum.accumulate(np.where(new, position, 0), axis=-1)
    if ties == "min":
        places = first + 1.0
    elif ties == "dense":
        places = np.cumsum(new, axis=-1).astype(float)
    else:
        starts_after = np.where(np.roll(new, -1, axis=-1), position + 1, count)
        starts_after[..., -1] = count
        end = np.minimum.accumulate(starts_after[..., ::-1], axis=-1)[..., ::-1]
        places = (first + 1 + end) / 2.0
    ranks = np.empty_like(rounded)
    np.put_along_axis(ranks, order, places, axis=-1)
    ranks[np.isnan(scores)] = np.nan
    return ranks
