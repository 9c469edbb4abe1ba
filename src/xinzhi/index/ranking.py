"""Ranks along the last axis: the largest score is first, a missing score has no rank."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from xinzhi.panel.panel import Floats

Ties = Literal["min", "dense", "average"]

#: Scores are compared after rounding to this many decimals, so that equal scores tie whatever the order in
#: which their parts were added up.
TIE_DECIMALS = 9
_BITS = 42  # Of the largest score: what is left of 53 after the rounding errors of a long sum.
_MOST = 2 ** (61 - _BITS)  # Units whose position fits beside that in 63 bits.
_BLOCK = 2**17  # Cells ranked at a time, so that the working arrays stay in the cache of one core.


def rank(scores: Floats, ties: Ties = "min") -> Floats:
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

    Notes
    -----
    Scores tie when they agree to :data:`TIE_DECIMALS` decimals. Where the largest score of a row is above
    some 4,000, a float does not hold nine decimals of a sum; there they tie when they agree to 2**-42 of it.

    A rounded score fits beside the position of its unit in one 64-bit integer. Sorting these integers sorts
    values and positions at once, several times faster than ``argsort``.
    """
    count = scores.shape[-1]
    if count > _MOST:
        return rank_exactly(np.round(scores, TIE_DECIMALS), ties)
    rows = scores.reshape(-1, count)
    ranks = np.empty(rows.shape)
    step = max(1, _BLOCK // max(count, 1))
    for start in range(0, len(rows), step):
        _rank_rows(rows[start : start + step], ties, ranks[start : start + step])
    return ranks.reshape(scores.shape)


def rank_exactly(values: Floats, ties: Ties = "average") -> Floats:
    """Rank as :func:`rank` does, but only equal floats tie: for figures, which are not sums of ours."""
    order = np.argsort(-values, axis=-1, kind="stable")  # NaN sorts last
    ordered = np.take_along_axis(values, order, axis=-1)
    places = _places(ordered[..., 1:] != ordered[..., :-1], ties)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, places, axis=-1)
    ranks[np.isnan(values)] = np.nan
    return ranks


def _rank_rows(rows: Floats, ties: Ties, ranks: Floats) -> None:
    """Write the ranks of a block of rows, shape (B, N), into `ranks`."""
    count = rows.shape[1]
    bits = max(count - 1, 1).bit_length()
    missing = np.isnan(rows)
    some_missing = bool(missing.any())
    keys = _quantised(rows, missing if some_missing else None)
    keys <<= bits
    keys |= np.arange(count)
    keys.sort(axis=-1)
    position = keys & ((1 << bits) - 1)
    keys >>= bits
    new = keys[:, 1:] != keys[:, :-1]
    position += np.arange(len(rows))[:, None] * count
    flat = ranks.reshape(-1)
    flat[position] = np.arange(1.0, count + 1)
    tied = np.flatnonzero(~new.all(axis=-1))
    if len(tied):
        flat[position[tied]] = _places(new[tied], ties)
    if some_missing:
        ranks[missing] = np.nan


def _quantised(rows: Floats, missing: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.int64]:
    """Return integers in the order of the ranks, equal where scores tie; missing scores come last."""
    known = rows if missing is None else np.where(missing, 0.0, rows)
    largest = np.maximum(known.max(axis=-1, keepdims=True), -known.min(axis=-1, keepdims=True))
    decimals = 10.0**TIE_DECIMALS  # Multiplying by exactly this rounds as np.round does.
    per_unit = np.where(largest * decimals > 2.0**_BITS, 2.0**_BITS / np.maximum(largest, 1.0), decimals)
    scaled = known * -per_unit
    np.rint(scaled, out=scaled)
    keys: npt.NDArray[np.int64] = scaled.astype(np.int64)
    if missing is not None:
        keys[missing] = 2 ** (_BITS + 1)
    return keys


def _places(new: npt.NDArray[np.bool_], ties: Ties) -> Floats:
    """Return the ranks of sorted scores; `new` tells which, from the second on, differ from the last one."""
    count = new.shape[-1] + 1
    starts = np.concatenate([np.ones((*new.shape[:-1], 1), dtype=bool), new], axis=-1)
    if ties == "dense":
        return np.cumsum(starts, axis=-1).astype(float)
    position = np.arange(count)
    first = np.maximum.accumulate(np.where(starts, position, 0), axis=-1)
    if ties == "min":
        return first + 1.0
    ends = np.concatenate([new, np.ones((*new.shape[:-1], 1), dtype=bool)], axis=-1)
    last = np.minimum.accumulate(np.where(ends, position, count)[..., ::-1], axis=-1)[..., ::-1]
    mean: Floats = (first + last) / 2.0 + 1.0
    return mean
