"""Treatment of raw figures before normalisation: outliers, logarithm, power, zero start, root.

Every function works on an array of shape (R, T, N): replicates, years, units of one indicator. What is
estimated from the data (skewness, the Box-Cox power) is estimated over all years and units of a replicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xinzhi.language import gettext as _
from xinzhi.methodology.methods import BoxCox, Log, ReplaceZero, Root, Treatment, Untreated, Winsorise
from xinzhi.panel.panel import Floats


@dataclass(frozen=True)
class Change:
    """What a treatment did to an indicator of the nominal replicate: a line for the report."""

    indicator: str
    text: str


def treat(values: Floats, treatments: Sequence[Treatment], indicator: str = "") -> tuple[Floats, list[Change]]:
    """Apply `treatments` in their order.

    Parameters
    ----------
    values : ndarray of float, shape (R, T, N)
        NaN where missing.
    treatments : sequence of treatment records
    indicator : str, optional
        Named in the report.

    Returns
    -------
    values : ndarray of float, shape (R, T, N)
        NaN also where a treatment is undefined (logarithm or root of a negative number).
    changes : list of Change
        What was done in the first replicate.
    """
    changes: list[Change] = []
    for treatment in treatments:
        before = values
        match treatment:
            case Untreated():
                continue
            case Winsorise():
                values = winsorise(values, treatment)
                count = int(np.sum(np.nan_to_num(values[0]) != np.nan_to_num(before[0])))
                text = _("缩尾处理 {count} 个极端值").format(count=count)
            case Log(shift=shift):
                with np.errstate(invalid="ignore", divide="ignore"):
                    values = np.log(values + shift)
                values = np.where(np.isfinite(values), values, np.nan)
                text = _("取自然对数, 先加 {shift:g}").format(shift=shift) if shift else _("取自然对数")
            case BoxCox():
                values, power = box_cox(values, treatment)
                text = _("Box-Cox 变换, 幂 {power:.4g}").format(power=power)
            case ReplaceZero(value=value):
                count = int(np.sum(values[0] == 0))
                values = np.where(values == 0, value, values)
                text = _("{count} 个零值以 {value:g} 代替").format(count=count, value=value)
            case Root(order=order):
                with np.errstate(invalid="ignore"):
                    values = np.where(values >= 0, np.abs(values) ** (1 / order), np.nan)
                text = _("开 {order:g} 次方").format(order=order)
        lost = int(np.sum(np.isfinite(before[0]) & ~np.isfinite(values[0])))
        if lost:
            text += _("; {count} 个值无定义, 视为缺失").format(count=lost)
        changes.append(Change(indicator, text))
    return values, changes


def skewness_and_kurtosis(values: Floats) -> tuple[Floats, Floats]:
    """Return the sample skewness G1 and excess kurtosis G2 of each row, bias-corrected (Joanes & Gill 1998).

    Parameters
    ----------
    values : ndarray of float, shape (R, n)

    Returns
    -------
    skewness, kurtosis : ndarray of float, shape (R,)
        NaN with fewer than four figures or without spread.
    """
    known = np.isfinite(values)
    n = known.sum(axis=1).astype(float)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=1) / n
        deviation = np.where(known, values - mean[:, None], 0.0)
        m2, m3, m4 = ((deviation**k).sum(axis=1) / n for k in (2, 3, 4))
        g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3
        skew = g1 * np.sqrt(n * (n - 1)) / (n - 2)
        kurt = ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
    usable = (n >= 4) & (m2 > 0)
    return np.where(usable, skew, np.nan), np.where(usable, kurt, np.nan)


def winsorise(values: Floats, rule: Winsorise) -> Floats:
    """Pull the most extreme value in to the next one while skewness and kurtosis both exceed their bounds.

    The rule of the European Commission's Joint Research Centre as COINr applies it: an indicator is outlying
    when ``|skewness| > 2`` and ``kurtosis > 3.5``; the value furthest out on the skewed side (and what was
    pulled in already) takes the value next to it, at most `maximum` times.
    """
    rows = values.reshape(len(values), -1).copy()
    for row in rows:
        known = np.flatnonzero(np.isfinite(row))
        order = known[np.argsort(row[known], kind="stable")]
        for step in range(1, min(rule.maximum, len(order) - 1) + 1):
            skew, kurt = (float(x[0]) for x in skewness_and_kurtosis(row[None]))
            if not (abs(skew) > rule.skewness and kurt > rule.kurtosis):
                break
            if skew > 0:
                row[order[-step:]] = row[order[-step - 1]]
            else:
                row[order[:step]] = row[order[step]]
    return rows.reshape(values.shape)


def box_cox(values: Floats, rule: BoxCox) -> tuple[Floats, float]:
    """Apply ``(x^p - 1) / p`` (``ln x`` for p = 0), p given or by maximum likelihood for each replicate.

    Figures of zero or below have no transform and become NaN. Without spread the power is 1.
    """
    treated = np.full(values.shape, np.nan)
    powers = []
    for source, target in zip(values, treated, strict=True):
        known = np.isfinite(source) & (source > 0)
        figures = source[known]
        power = rule.power
        if power is None:
            if len(figures) < 2 or np.ptp(figures) == 0:
                power = 1.0
            else:
                from scipy.stats import boxcox_normmax

                power = float(boxcox_normmax(figures, method="mle"))
        powers.append(power)
        target[known] = np.log(figures) if power == 0 else (figures**power - 1) / power
    return treated, powers[0]
