"""Weights from the spread of each indicator: entropy, coefficient of variation, CRITIC.

Every function takes normalised figures of shape (R, T, N, J), pools the years and units of a replicate, and
returns weights of shape (R, J) that add up to 1. A missing cell is left out of its own indicator only
(pairwise, where two indicators are compared); a constant indicator has weight 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

#: What is smaller than this, beside the figures it comes from, is rounding.
ROUNDING = 1e-12
#: Two rows always lie on a line: a correlation needs a third.
FEWEST = 3


def entropy(normalised: Floats, shift: float = 0.0, names: Sequence[str] = ()) -> Floats:
    """Return entropy weights.

    With shares ``p_i = z_i / sum(z)`` over the n observed cells of an indicator,
    ``e = -sum(p ln p) / ln n`` and the weight is proportional to ``1 - e``. ``0 ln 0`` is 0, so that
    ``0 <= e <= 1`` always holds. (Scripts that divide by ``ln T`` of a panel get ``e > 1``.)

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)
        Non-negative; all years and units of a replicate are pooled.
    shift : float
        Added to every cell first, as many papers do; it changes the weights.
    names : sequence of str, optional
        Named in errors.

    Returns
    -------
    ndarray of float, shape (R, J)
        Rows add up to 1. A constant indicator has weight 0.

    Raises
    ------
    ComputeError
        If a cell is negative, fewer than two cells are observed, or every indicator is constant.
    """
    rows = normalised.reshape(len(normalised), -1, normalised.shape[-1])
    known = np.isfinite(rows)
    z = np.where(known, rows + shift, 0.0)
    if (z < 0).any():
        worst = int(np.argwhere(z < 0)[0][2])
        raise ComputeError(
            _("熵权法要求标准化值不为负"),
            where=names[worst] if names else "",
            remedy=_("请改用 minmax 等不产生负值的标准化方法"),
        )
    count = known.sum(axis=1)
    if not (count >= 2).any():
        raise ComputeError(_("熵权法至少需要两个观测"), remedy=_("请增加单位或年份, 或改用其他赋权方法"))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = z / z.sum(axis=1, keepdims=True)
        information = np.where(p > 0, p * np.log(p), 0.0).sum(axis=1)
        e = -information / np.log(count)
    informative = (count >= 2) & np.isfinite(e) & (z.sum(axis=1) > 0)
    spread = np.where(informative, np.clip(1 - e, 0, 1), 0.0)
    spread = np.where(spread < 1e-12, 0.0, spread)  # a constant indicator, up to rounding
    total = spread.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ComputeError(_("所有指标都没有差异, 熵权法没有定义"), remedy=_("请改用 given 或 equal 赋权"))
    weights: Floats = spread / total
    return weights


def variation(normalised: Floats, names: Sequence[str] = ()) -> Floats:
    """Return weights proportional to the coefficient of variation, ``sd / mean`` (population).

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)
        Non-negative.
    names : sequence of str, optional
        Named in errors.

    Returns
    -------
    ndarray of float, shape (R, J)

    Raises
    ------
    ComputeError
        If a figure is negative, or no indicator varies.
    """
    rows = pooled(normalised)
    if (below := rows < 0).any():
        raise ComputeError(
            _("{method} 要求标准化值不为负").format(method="variation"),
            where=names[int(np.argwhere(below)[0][2])] if names else "",
            remedy=_("请改用 minmax 等不产生负值的标准化方法"),
        )
    mean, sd = moments(rows)
    return shares(np.divide(sd, mean, out=np.zeros_like(sd), where=sd > 0), "variation")


def critic(
    normalised: Floats, conflict: Literal["1-r", "1-|r|"] = "1-r", names: Sequence[str] = ()
) -> Floats:
    """Return CRITIC weights: the standard deviation of an indicator times its conflict with the others.

    The weight is proportional to ``sd_j sum_k (1 - r_jk)``, Diakoulaki, Mavrotas & Papayannakis (1995), with
    Pearson correlations of the normalised figures; many later papers write ``1 - |r|``.

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)
    conflict : {"1-r", "1-|r|"}
    names : sequence of str, optional
        Named in errors.

    Returns
    -------
    ndarray of float, shape (R, J)

    Raises
    ------
    CallError
        If `conflict` is neither.
    ComputeError
        If no indicator varies, or one has no correlation with any other for want of common rows.

    Notes
    -----
    Correlations are pairwise, and the conflict is their mean over the indicators that vary, so that neither a
    gap nor a constant indicator counts as conflict or as the lack of it. Where nothing conflicts (all are
    perfectly collinear, or a single one varies) the standard deviations alone decide.
    """
    if conflict not in ("1-r", "1-|r|"):
        raise CallError(
            _("没有这个选项: {option}").format(option=conflict),
            remedy=_("可选: {options}").format(options="1-r, 1-|r|"),
        )
    rows = pooled(normalised)
    _mean, sd = moments(rows)
    r = correlations(rows)
    apart = 1 - (np.abs(r) if conflict == "1-|r|" else r)
    apart = np.where(apart < ROUNDING, 0.0, apart)  # NaN stays
    others = (sd > 0)[:, None, :] & ~np.eye(sd.shape[1], dtype=bool)
    told = others & np.isfinite(apart)
    alone = (sd > 0) & others.any(axis=2) & ~told.any(axis=2)
    if alone.any():
        raise ComputeError(
            _("与其他指标共有的数据不到 {count} 行, 相关系数没有定义").format(count=FEWEST),
            where=names[int(np.argwhere(alone)[0][1])] if names else "",
            remedy=_("请补齐缺失, 增加单位或年份, 或改用其他赋权方法"),
        )
    mean = np.where(told, apart, 0.0).sum(axis=2) / np.maximum(told.sum(axis=2), 1)
    information = sd * mean
    nothing = ~(information > 0).any(axis=1, keepdims=True)
    return shares(np.where(nothing, sd, information), "critic")


# --- what the methods have in common -------------------------------------------------------------------------


def pooled(normalised: Floats) -> Floats:
    """Return the figures with years and units in one axis, shape (R, T N, J)."""
    return normalised.reshape(len(normalised), -1, normalised.shape[-1])


def moments(rows: Floats) -> tuple[Floats, Floats]:
    """Return mean and population standard deviation of what is there, shape (R, J); 0 for a constant."""
    known = np.isfinite(rows)
    count = np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, rows, 0.0)
    mean = filled.sum(axis=1) / count
    sd = np.sqrt(np.where(known, (rows - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    # The standard deviation of equal floats need not be exactly zero.
    return mean, np.where(sd > ROUNDING * np.abs(filled).max(axis=1, initial=0.0), sd, 0.0)


def correlations(rows: Floats) -> Floats:
    """Return pairwise correlations, shape (R, J, J); NaN where fewer than three rows or no spread are shared."""
    mean, _sd = moments(rows)
    known = np.isfinite(rows)
    x = np.where(known, rows - mean[:, None], 0.0)
    there = known.astype(float)
    count, total, square = (a.transpose(0, 2, 1) @ there for a in (there, x, x**2))
    # total[j, k] is the sum of j over the rows that j and k share.
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = square - total**2 / count
        spread = np.where(spread > ROUNDING * square, spread, np.nan)
        product = x.transpose(0, 2, 1) @ x - total * total.transpose(0, 2, 1) / count
        r = product / np.sqrt(spread * spread.transpose(0, 2, 1))
    return np.where(count >= FEWEST, np.clip(r, -1, 1), np.nan)


def shares(merit: Floats, method: str) -> Floats:
    """Return what each of `merit`, shape (R, J), is of its row.

    Raises
    ------
    ComputeError
        If a row is all 0.
    """
    total = merit.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ComputeError(
            _("所有指标都没有差异, {method} 没有定义").format(method=method),
            remedy=_("请改用 given 或 equal 赋权"),
        )
    weights: Floats = merit / total
    return weights
