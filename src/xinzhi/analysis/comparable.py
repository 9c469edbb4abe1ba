"""Comparable units: those whose indicators are most alike."""

from __future__ import annotations

import numpy as np

from xinzhi.panel.panel import Floats

_SHARED = 0.5
_BLOCK = 512


def comparable(scores: Floats, weights: Floats, count: int = 5) -> list[list[int]]:
    r"""Return for each unit the positions of the units whose scores are most alike, the nearest first.

    The distance is :math:`d_{ij} = \sqrt{\sum_k w_k (z_{ik} - z_{jk})^2 / \sum_k w_k}` over the indicators that
    both units have. Two that share less than half of the weight are not compared.

    Parameters
    ----------
    scores : ndarray, shape (N, J)
        Scores of N units in J indicators on one scale; NaN where there is none.
    weights : ndarray, shape (J,)
        Shares of the indicators in the total.
    count : int
        How many to name; fewer where there are not so many.

    Returns
    -------
    list of list of int
        Length N. Of two at the same distance the one that stands first in `scores`.
    """
    known = np.isfinite(scores)
    # About the means, so that no digits are lost in the differences of squares.
    middle = np.where(known, scores, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    z = np.where(known, scores - middle, 0.0)
    m = known.astype(float)
    w = np.asarray(weights, dtype=float)
    found: list[list[int]] = []
    for start in range(0, len(z), _BLOCK):
        part = slice(start, start + _BLOCK)
        shared = (w * m[part]) @ m.T
        squares = (w * z[part] ** 2) @ m.T + (w * m[part]) @ (z**2).T - 2 * (w * z[part]) @ z.T
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = np.sqrt(np.maximum(squares, 0.0) / shared)
        distance[shared < _SHARED * w.sum()] = np.inf
        rows = np.arange(len(distance))
        distance[rows, rows + start] = np.inf
        distance = np.round(distance, 9)
        for row in distance:
            nearest = np.argsort(row, kind="stable")[:count]
            found.append([int(n) for n in nearest if np.isfinite(row[n])])
    return found
