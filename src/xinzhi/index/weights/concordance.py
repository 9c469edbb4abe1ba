"""Whether experts agree: Kendall's coefficient of concordance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xinzhi.errors import ComputeError
from xinzhi.index.ranking import rank_exactly
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats


@dataclass(frozen=True)
class Concordance:
    """Kendall's W, from 0 (no agreement) to 1 (all rank alike), and its test against chance.

    Parameters
    ----------
    w, chi_square, p : float
    experts, items : int
        Chi-square has ``items - 1`` degrees of freedom; with fewer than 8 items p is rough.
    """

    w: float
    chi_square: float
    p: float
    experts: int
    items: int


def concordance(scores: Floats) -> Concordance:
    """Return Kendall's W, corrected for ties (Kendall & Babington Smith 1939; Siegel 1956).

    With R_i the sum of the ranks of item i over m experts, ``S = sum (R_i - mean R)^2`` and
    ``T_e = sum (t^3 - t)`` over the groups of t tied items of expert e:
    ``W = 12 S / (m^2 (n^3 - n) - m sum_e T_e)``, ``chi2 = m (n - 1) W``.

    Parameters
    ----------
    scores : ndarray of float, shape (n, m)
        One row per item, one column per expert.

    Raises
    ------
    ComputeError
        If there are fewer than two experts or items, a score is missing, or every expert scores all items
        alike.
    """
    from scipy.stats import chi2

    items, experts = scores.shape
    if min(items, experts) < 2:
        raise ComputeError(
            _("Kendall 协调系数至少需要两位专家和两个指标, 这里是 {experts} 位和 {items} 个").format(
                experts=experts, items=items
            )
        )
    if not (known := np.isfinite(scores)).all():
        item, expert = np.argwhere(~known)[0].tolist()
        raise ComputeError(
            _("第 {expert} 位专家没有给第 {item} 项打分, Kendall 协调系数没有定义").format(
                expert=expert + 1, item=item + 1
            ),
            remedy=_("请补上分数, 或去掉这位专家或这一项"),
        )
    ranks = rank_exactly(scores.T, "average")
    ties = sum(float((t**3 - t).sum()) for t in (np.unique(r, return_counts=True)[1] for r in ranks))
    sums = ranks.sum(axis=0)
    greatest = experts**2 * (items**3 - items) - experts * ties
    if greatest <= 0:
        raise ComputeError(_("每位专家给所有指标的分都相同, Kendall 协调系数没有定义"))
    w = float(12 * ((sums - sums.mean()) ** 2).sum() / greatest)
    chi_square = experts * (items - 1) * w
    return Concordance(w, chi_square, float(chi2.sf(chi_square, items - 1)), experts, items)
