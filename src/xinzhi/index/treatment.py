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
    """What a treatment did to an indicator of the nominal replicate.

    Parameters
    ----------
    indicator : str
    treatment : treatment record
    count : int
        Figures that it changed.
    lost : int
        Figures for which it is undefined, missing from here on.
    power : float, optional
        Of Box-Cox: the power used.
    """

    indicator: str
    treatment: Treatment
    count: int
    lost: int = 0
    power: float = 1.0

    @property
    def text(self) -> str:
        """A line for the report, in the current language."""
        text = self._done()
        return text + _("; {count} 个值无定义, 视为缺失").format(count=self.lost) if self.lost else text

    def _done(self) -> str:
        match self.treatment:
            case Winsorise():
                return _("缩尾处理 {count} 个极端值").format(count=self.count)
            case Log(shift=shift) if shift:
                return _("取自然对数, 先加 {shift:g}").format(shift=shift)
            case Log():
                return _("取自然对数")
            case BoxCox():
                return _("Box-Cox 变换, 幂 {power:.4g}").format(power=self.power)
            case ReplaceZero(value=value):
                return _("{count} 个零值以 {value:g} 代替").format(count=self.count, value=value)
            case Root(order=order):
                return _("开 {order:g} 次方").format(order=order)
            case Untreated():
                return ""


def treat(
    values: Floats, treatments: Sequence[Treatment], indicator: str = ""
) -> tuple[Floats, list[Change]]:
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
        What was done in the first replicate; a treatment that found nothing to do is not listed.
    """
    changes: list[Change] = []
    for treatment in treatments:
        before, power = values, 1.0
        match treatment:
            case Winsorise():
                values = winsorise(values, treatment)
            case Log(shift=shift):
                with np.errstate(invalid="ignore", divide="ignore"):
                    values = np.log(values + shift)
                values = np.where(np.isfinite(values), values, np.nan)
            case BoxCox():
                values, power = box_cox(values, treatment)
            case ReplaceZero(value=value):
                values = np.where(values == 0, value, values)
            case Root(order=order):
                with np.errstate(invalid="ignore"):
                    values = np.where(values >= 0, np.abs(values) ** (1 / order), np.nan)
        known, still = np.isfinite(before[0]), np.isfinite(values[0])
        lost = int(np.sum(known & ~still))
        count = int(np.sum(known & still & (values[0] != before[0])))
        if count or lost:
            changes.append(Change(indicator, treatment, count, lost, power))
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
        sd = np.sqrt((deviation**2).sum(axis=1) / n)
        # Standardised first, so that no power of a large figure overflows.
        g1, g2 = (((deviation / sd[:, None]) ** k).sum(axis=1) / n for k in (3, 4))
        skew = g1 * np.sqrt(n * (n - 1)) / (n - 2)
        kurt = ((n + 1) * (g2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
        usable = (n >= 4) & (sd > np.abs(mean) * 1e-14)  # equal floats need not have a spread of exactly 0
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
