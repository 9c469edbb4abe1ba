"""Weights from what indicators have in common: principal components, rotated factors, 纵横向拉开档次法.

Every function takes normalised figures of shape (R, T, N, J) and gives weights of shape (R, J) that add up to
1. A row (a unit in a year) with a missing cell is left out (listwise), so that the matrices stay positive
semi-definite; an indicator that is constant or has no figures does not count as missing and has weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from xinzhi.errors import ComputeError
from xinzhi.index.weights.dispersion import FEWEST, ROUNDING, moments, pooled, shares
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

_KEPT = 1 - 1e-9  # eigenvalue 1, up to rounding (Kaiser's criterion)
_SAME = 1e-9  # relative difference between eigenvalues that are one
_SWEEPS = 500


@dataclass(frozen=True)
class Scattering:
    """Weights of the scatter method.

    Parameters
    ----------
    weights : ndarray of float, shape (R, J)
    constrained : ndarray of bool, shape (R,)
        Where the eigenvector had a negative component, so that the constrained problem was solved.
    """

    weights: Floats
    constrained: npt.NDArray[np.bool_]


def pca(normalised: Floats) -> Floats:
    """Return each indicator's share in the variance that the principal components explain.

    Of the correlation matrix, the components with eigenvalue ``l_k >= 1`` and eigenvector ``v_k`` are kept.
    Squared loadings ``l_k v_jk^2``, scaled to unity within each component, are weighted by its share of the
    explained variance: ``w_j = sum_k l_k v_jk^2 / sum_k l_k``, the communality of j over the sum of all.

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)

    Returns
    -------
    ndarray of float, shape (R, J)

    Raises
    ------
    ComputeError
        If fewer than three rows are complete, or no indicator varies.

    Notes
    -----
    A rotation leaves communalities, and so these weights, unchanged: see :func:`factor`.
    """
    return shares((_loadings(normalised, "pca") ** 2).sum(axis=2), "pca")


def factor(normalised: Floats) -> Floats:
    """Return factor weights after Nicoletti, Scarpetta & Boylaud (2000) and the OECD/JRC Handbook (2008).

    Principal-component factors (eigenvalue 1 or more) are rotated by :func:`varimax`. An indicator belongs to
    the factor on which it loads highest; its squared loading, scaled to unity within the factor, is weighted
    by the factor's share of the explained variance: :func:`from_loadings`.

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)

    Returns
    -------
    ndarray of float, shape (R, J)

    Raises
    ------
    ComputeError
        If fewer than three rows are complete, or no indicator varies.
    """
    return shares(
        np.array([from_loadings(_some(loadings)) for loadings in _loadings(normalised, "factor")]), "factor"
    )


def from_loadings(loadings: Floats) -> Floats:
    """Return weights from loadings, rotated first: ``w_j`` is proportional to ``max_k l_jk^2``.

    That is ``(l_jk^2 / s_k) (s_k / sum(s))`` with ``s_k = sum_j l_jk^2`` and k the factor of j, rescaled to
    add up to 1 (all 0 where all loadings are).

    Parameters
    ----------
    loadings : ndarray of float, shape (J, K)

    Returns
    -------
    ndarray of float, shape (J,)
    """
    highest = (varimax(loadings) ** 2).max(axis=1, initial=0.0)
    total = highest.sum()
    weights: Floats = highest / total if total > 0 else highest
    return weights


def varimax(loadings: Floats) -> Floats:
    """Return loadings rotated to simple structure: Kaiser's (1958) normal varimax.

    Rows are scaled to length 1; pairs of factors are turned by the angle that maximises the variance of
    squared loadings, ``sum_k [mean_j(l_jk^4) - mean_j(l_jk^2)^2]``, until no pair turns; rows are scaled back.

    Parameters
    ----------
    loadings : ndarray of float, shape (J, K)

    Returns
    -------
    ndarray of float, shape (J, K)
        With the same row lengths (communalities).
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    counts = length[:, 0] > ROUNDING  # A row of zeros has no direction, and no say.
    turned = loadings[counts] / length[counts]
    rows, factors = turned.shape
    if not rows:
        return np.zeros_like(loadings)
    for _sweep in range(_SWEEPS):
        widest = 0.0
        for a in range(factors):
            for b in range(a + 1, factors):
                x, y = turned[:, a], turned[:, b]
                u, v = x**2 - y**2, 2 * x * y
                across = 2 * (u @ v - u.sum() * v.sum() / rows)
                along = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / rows
                if np.hypot(across, along) < ROUNDING:  # Every angle is as good.
                    continue
                angle = np.arctan2(across, along) / 4
                cosine, sine = np.cos(angle), np.sin(angle)
                turned[:, [a, b]] = np.column_stack([cosine * x + sine * y, cosine * y - sine * x])
                widest = max(widest, abs(angle))
        if widest < 1e-10:
            break
    rotated = np.zeros_like(loadings)
    rotated[counts] = turned * length[counts]
    return rotated


def scatter(normalised: Floats, standardise: Literal["year", "panel", "none"] = "year") -> Scattering:
    """Return the weights that scatter the units of all years most (纵横向拉开档次法, Guo Yajun 2002).

    They maximise ``w'Hw`` with ``w'w = 1``, where ``H = sum_t A_t'A_t`` and A_t holds the standardised
    figures of year t: the eigenvector of the largest eigenvalue, divided by its sum.

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)
    standardise : {"year", "panel", "none"}
        Mean 0 and standard deviation 1 within each year (the author's way), over the panel, or the figures
        as they are.

    Returns
    -------
    Scattering

    Raises
    ------
    ComputeError
        If fewer than three rows are complete, or no indicator varies.

    Notes
    -----
    A weight may not be negative. Where a component of the eigenvector is, ``w'Hw`` is maximised under
    ``w >= 0`` by power iterations projected onto that cone, started from every indicator alone and from the
    eigenvector without its negative part; the best end point is taken, of equal ones the first. Where several
    eigenvectors share the largest eigenvalue, the one nearest to equal weights is taken.
    """
    figures = np.where(_complete(normalised, "scatter")[..., None], normalised, np.nan)
    replicates, _years, units, indicators = figures.shape
    flat = moments(pooled(normalised))[1] == 0
    if standardise == "year":
        spans = figures.reshape(-1, units, indicators)
        a = _standard(spans).reshape(replicates, -1, indicators)
    elif standardise == "panel":
        a = _standard(pooled(figures))
    else:
        a = np.where(np.isfinite(pooled(figures)), pooled(figures), 0.0)
    a = np.where(flat[:, None], 0.0, a)
    h = a.transpose(0, 2, 1) @ a
    values, vectors = np.linalg.eigh(h)
    largest = values >= (1 - _SAME) * values[:, -1:]
    # Projecting (1, ..., 1) on the eigenvectors of the largest value settles the sign, too.
    weights = ((vectors.sum(axis=1) * largest)[:, None] * vectors).sum(axis=2)
    small = ROUNDING * np.abs(weights).max(axis=1, keepdims=True)
    vanished = np.abs(weights).max(axis=1) < _SAME
    varies = values[:, -1] > 0
    constrained = ((weights < -1e3 * small).any(axis=1) | vanished) & varies
    weights = np.where((weights > small) & varies[:, None], weights, 0.0)
    for r in np.flatnonzero(constrained):
        weights[r] = _non_negative(h[r], vectors[r, :, -1])
    return Scattering(shares(weights, "scatter"), constrained)


def _non_negative(h: Floats, vector: Floats) -> Floats:
    """Return the w >= 0 of length 1 that maximises ``w'Hw``: the best that power iterations find.

    ``max(Hw, 0)`` maximises the linearised (convex) objective over the cone, so that no step goes down.
    """
    starts = [np.eye(len(h))[np.diag(h) > 0].T]
    starts += [part[:, None] for part in (np.maximum(vector, 0), np.maximum(-vector, 0)) if part.any()]
    w = np.concatenate(starts, axis=1)
    w /= np.linalg.norm(w, axis=0)
    for _step in range(10_000):
        onward = np.maximum(h @ w, 0)
        onward /= np.linalg.norm(onward, axis=0)
        moved = np.abs(onward - w).max()
        w = onward
        if moved < 1e-13:
            break
    reached = np.einsum("jk,ji,ik->k", w, h, w)
    best: Floats = w[:, int(np.argmax(reached >= reached.max() * (1 - _SAME)))]
    return np.where(best > _SAME, best, 0.0)


# --- what the methods have in common -------------------------------------------------------------------------


def _complete(normalised: Floats, method: str) -> npt.NDArray[np.bool_]:
    """Return which rows, shape (R, T, N), lack no figure of an indicator that varies."""
    varies = moments(pooled(normalised))[1] > 0
    complete = np.asarray((np.isfinite(normalised) | ~varies[:, None, None]).all(axis=-1))
    found = int(complete.sum(axis=(1, 2)).min())
    if found < FEWEST:
        raise ComputeError(
            _("{method} 至少需要 {count} 行没有缺失的数据 (一个单位一年为一行), 只有 {found} 行").format(
                method=method, count=FEWEST, found=found
            ),
            remedy=_("请补齐缺失, 增加单位或年份, 或改用其他赋权方法"),
        )
    return complete


def _standard(rows: Floats) -> Floats:
    """Return standard scores, shape (S, n, J); 0 where missing and where an indicator is constant."""
    mean, sd = moments(rows)
    scores = np.zeros_like(rows)
    there = np.isfinite(rows) & (sd > 0)[:, None]
    return np.divide(rows - mean[:, None], np.broadcast_to(sd[:, None], rows.shape), out=scores, where=there)


def _loadings(normalised: Floats, method: str) -> Floats:
    """Return loadings ``sqrt(l_k) v_jk``, shape (R, J, J); 0 on components with eigenvalue below 1."""
    complete = _complete(normalised, method)
    z = _standard(pooled(np.where(complete[..., None], normalised, np.nan)))
    values, vectors = np.linalg.eigh(z.transpose(0, 2, 1) @ z / complete.sum(axis=(1, 2))[:, None, None])
    kept = values >= _KEPT
    # A constant indicator loads on no component; rounding would give it 1e-17.
    varies = (z != 0).any(axis=1)
    loadings: Floats = (
        np.where(varies[..., None], vectors, 0.0) * np.sqrt(np.where(kept, values, 0.0))[:, None]
    )
    return loadings


def _some(loadings: Floats) -> Floats:
    """Return the loadings on the components that were kept."""
    return loadings[:, (loadings != 0).any(axis=0)]
