"""Structure: what the indicators of an index have in common, and what each really weighs.

Formulas
--------
Over the units of one year, on the normalised scores of the indicators (direction included):

* **correlation**: Pearson's r, pairwise over the units that have both;
* **importance** of an indicator: the squared correlation of its score with the index, and the correlation
  ratio ``var(E[index | indicator]) / var(index)``, the mean estimated within groups of equally many units and
  corrected for their number (epsilon squared, Kelley 1935); the *effective weight* is its share of the sum of
  squared correlations (Paruolo, Saisana & Saltelli 2013, Journal of the Royal Statistical Society A 176,
  609-634). Nominal weights are no measure of importance;
* **principal components** of the correlation matrix of the units that have all indicators;
* **Cronbach's alpha** ``k/(k-1) (1 - sum(var_j) / var(sum))`` (Cronbach 1951) of the scores, and of the
  standardised scores;
* **contributions**: mean share of each indicator in the index;
* **leave-one-out**: the mean and the largest shift of rank when the indicator is left out.

Defined answers
---------------
A constant indicator has no correlation and no part in components and alpha: null, with a note. Two perfectly
collinear indicators correlate by 1, and one eigenvalue is 0. Groups need ten units; with fewer there is no
correlation ratio. Fewer than three units, or an index without variation, is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.factors import LeaveOneOut
from xinzhi.analysis.inputs import require_result
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.replication import Design
from xinzhi.errors import ComputeError, XinzhiError
from xinzhi.index import Result
from xinzhi.index.pipeline import aggregate_tree
from xinzhi.index.ranking import rank
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

_FEWEST = 3
_FEWEST_FOR_RATIO = 10
_NOISE = 1e-12  # of a variance, against the square of the mean
_COLLINEAR = 1 - 1e-9


@dataclass(frozen=True)
class Structure(Outcome):
    """What the J indicators of an index have in common in one year.

    Parameters
    ----------
    result : Result
    year : int
    correlations : ndarray of float, shape (J, J)
        NaN with a constant indicator, or fewer than three units in common.
    with_index : ndarray of float, shape (J,)
    ratio : ndarray of float, shape (J,)
        Correlation ratio; NaN with fewer than ten units.
    weights, effective : ndarray of float, shape (J,)
        Nominal and effective weights, each adding up to 1.
    eigenvalues : ndarray of float, shape (k,)
        Of the k indicators that vary, largest first; empty where they are not defined.
    loadings : ndarray of float, shape (k, k)
        Correlation of each varying indicator (row) with each component (column).
    alpha, alpha_standardised : float
        NaN where not defined.
    contributions : ndarray of float, shape (J,)
        Mean share of the index.
    shift, largest_shift : ndarray of float, shape (J,)
        Of the ranks when the indicator is left out; NaN when it cannot be.
    most_shifted : tuple of int
        Position of the unit of the largest shift; -1 where there is none.
    complete : int
        Units with all varying indicators.
    """

    result: Result
    year: int
    correlations: Floats
    with_index: Floats
    ratio: Floats
    weights: Floats
    effective: Floats
    eigenvalues: Floats
    loadings: Floats
    alpha: float
    alpha_standardised: float
    contributions: Floats
    shift: Floats
    largest_shift: Floats
    most_shifted: tuple[int, ...]
    complete: int

    @property
    def title(self) -> str:
        """The index and the year."""
        return _("指标结构: {index}, {year} 年").format(index=self.result.methodology.title, year=self.year)

    @property
    def _leaves(self) -> tuple[str, ...]:
        return self.result.methodology.tree.leaves

    @property
    def explained(self) -> Floats:
        """Share of the variance of each principal component."""
        shares: Floats = self.eigenvalues / self.eigenvalues.sum()
        return shares

    def table(self) -> pl.DataFrame:
        """Return one row per indicator: correlation, importance, weights, contribution, leave-one-out."""
        import polars as pl

        methodology = self.result.methodology
        return pl.DataFrame(
            {
                "indicator": self._leaves,
                "title": [methodology.node_title(leaf) for leaf in self._leaves],
                "weight": self.weights,
                "effective_weight": self.effective,
                "correlation_with_index": self.with_index,
                "squared_correlation": self.with_index**2,
                "correlation_ratio": self.ratio,
                "contribution_share": self.contributions,
                "left_out_mean_shift": self.shift,
                "left_out_largest_shift": self.largest_shift,
                "left_out_unit": [self.result.names[n] if n >= 0 else None for n in self.most_shifted],
                "note": [self._note(j) for j in range(len(self._leaves))],
            }
        ).fill_nan(None)

    def _note(self, j: int) -> str:
        if np.isnan(self.with_index[j]):
            return _("各单位相同或缺失, 没有相关系数")
        pairs = self.collinear_pairs()
        others = [b if a == j else a for a, b in pairs if j in (a, b)]
        notes = []
        if others:
            names = ", ".join(self.result.methodology.node_title(self._leaves[k]) for k in others)
            notes.append(_("与 {names} 完全共线").format(names=names))
        if np.isnan(self.ratio[j]):
            notes.append(_("不足 {count} 个单位, 不算相关比").format(count=_FEWEST_FOR_RATIO))
        if np.isnan(self.shift[j]):
            notes.append(_("不能去掉这个指标"))
        return "; ".join(notes)

    def collinear_pairs(self) -> tuple[tuple[int, int], ...]:
        """Return the positions of indicators of which one is a straight line of the other."""
        with np.errstate(invalid="ignore"):
            hit = np.triu(np.abs(self.correlations) >= _COLLINEAR, 1)
        return tuple((int(a), int(b)) for a, b in np.argwhere(hit))

    def correlation_table(self) -> pl.DataFrame:
        """Return one row per pair of indicators and its correlation; null where it is not defined."""
        import polars as pl

        a, b = np.triu_indices(len(self._leaves), 1)
        return pl.DataFrame(
            {
                "indicator": [self._leaves[i] for i in a.tolist()],
                "other": [self._leaves[i] for i in b.tolist()],
                "correlation": self.correlations[a, b],
            }
        ).fill_nan(None)

    def component_table(self) -> pl.DataFrame:
        """Return one row per principal component: eigenvalue, share explained, cumulated share."""
        import polars as pl

        return pl.DataFrame(
            {
                "component": np.arange(1, len(self.eigenvalues) + 1),
                "eigenvalue": self.eigenvalues,
                "explained": self.explained,
                "cumulated": np.cumsum(self.explained),
            }
        )

    def sentence(self) -> str:
        """Say what weighs most in effect, how much the first component explains, alpha, and the doubts."""
        methodology = self.result.methodology
        top = int(np.nanargmax(self.effective))
        parts = [
            _(
                "{year} 年: 实际影响最大的指标是{name}, 有效权重 {effective:.1%}, 名义权重 {weight:.1%}"
            ).format(
                year=self.year,
                name=methodology.node_title(self._leaves[top]),
                effective=self.effective[top],
                weight=self.weights[top],
            )
        ]
        if len(self.eigenvalues):
            parts.append(_("第一主成分解释 {share:.1%} 的方差").format(share=float(self.explained[0])))
        else:
            parts.append(_("指标齐全的单位只有 {count} 个, 不做主成分").format(count=self.complete))
        if np.isfinite(self.alpha):
            parts.append(_("克朗巴哈系数 {alpha}").format(alpha=number(round(self.alpha, 3))))
        opposed = [j for j in range(len(self._leaves)) if self.with_index[j] < 0]
        if opposed:
            names = ", ".join(methodology.node_title(self._leaves[j]) for j in opposed)
            parts.append(_("与总指数负相关的指标: {names}").format(names=names))
        if pairs := self.collinear_pairs():
            parts.append(_("{count} 对指标完全共线").format(count=len(pairs)))
        if flat := int(np.isnan(self.with_index).sum()):
            parts.append(_("{count} 个指标没有差异").format(count=flat))
        return "; ".join(parts)

    def figure(self) -> dict[str, Any]:
        """Return the correlation matrix and the eigenvalues."""
        return {
            "indicator": list(self._leaves),
            "correlations": [[None if np.isnan(r) else float(r) for r in row] for row in self.correlations],
            "eigenvalues": self.eigenvalues.tolist(),
        }


def structure(result: Result, *, year: int | None = None) -> Structure:
    """Return what the indicators of an index have in common.

    Parameters
    ----------
    result : Result
    year : int, optional
        The last scored year by default.

    Raises
    ------
    CallError
        If it is no result.
    ComputeError
        If fewer than three units have a score, or all have the same.
    """
    require_result(result)
    t = result.find_year(year)
    root = result.methodology.tree.root
    index = result.scores[root][t]
    scored = np.isfinite(index)
    if scored.sum() < _FEWEST:
        raise ComputeError(
            _("{year} 年只有 {count} 个单位有得分, 看不出指标结构").format(
                year=result.years[t], count=int(scored.sum())
            ),
            remedy=_("至少需要 {least} 个单位").format(least=_FEWEST),
        )
    if not _varies(index[scored]):
        raise ComputeError(
            _("{year} 年各单位的总指数相同, 看不出指标结构").format(year=result.years[t]),
            remedy=_("请换一个年份, 或检查数据"),
        )
    scores = result.batch.normalised[0, t]
    columns = scores.T
    correlations = np.array([[_correlation(a, b) for b in columns] for a in columns])
    np.fill_diagonal(correlations, np.where(np.isnan(np.diag(correlations)), np.nan, 1.0))
    with_index = np.array([_correlation(column, index) for column in columns])
    ratio = np.array([correlation_ratio(column, index) for column in columns])
    squared = np.nan_to_num(with_index**2)
    varying = np.array([_varies(column[np.isfinite(column)]) for column in columns])
    complete = scores[np.isfinite(scores[:, varying]).all(axis=1)][:, varying]
    eigenvalues, loadings = _components(complete)
    contributions = result.contributions()[t][scored]
    sums = np.abs(contributions).sum(axis=1, keepdims=True)
    shares = np.divide(np.abs(contributions), sums, out=np.zeros_like(contributions), where=sums > 0)
    shift, largest, who = _left_out(result, t)
    return Structure(
        result,
        result.years[t],
        correlations,
        with_index,
        ratio,
        result.weights.of_leaves()[0],
        squared / squared.sum() if squared.sum() > 0 else squared,
        eigenvalues,
        loadings,
        cronbach_alpha(complete),
        cronbach_alpha(_standardised(complete)),
        shares.mean(axis=0),
        shift,
        largest,
        who,
        len(complete),
    )


def _varies(values: Floats) -> bool:
    return len(values) > 1 and float(values.var()) > _NOISE * float(np.mean(values)) ** 2


def _correlation(a: Floats, b: Floats) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if known.sum() < _FEWEST or not _varies(a) or not _varies(b):
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))


def correlation_ratio(indicator: Floats, index: Floats) -> float:
    """Return the share of the variance of an index that an indicator explains, in whatever shape.

    ``1 - (1 - eta^2) (n - 1) / (n - k)`` with ``eta^2`` the share between k groups of neighbours in the
    indicator (Kelley's correction), 0 where that is below 0; about the square root of n groups, at most 10.
    Equal figures stay in one group. NaN with fewer than ten units, or without variation.
    """
    known = np.isfinite(indicator) & np.isfinite(index)
    x, y = indicator[known], index[known]
    n = len(x)
    if n < _FEWEST_FOR_RATIO or not _varies(x) or not _varies(y):
        return float("nan")
    wanted = min(10, int(np.sqrt(n)))
    first = np.searchsorted(np.sort(x), x)  # the same for equal figures
    _values, group = np.unique(first * wanted // n, return_inverse=True)
    sizes = np.bincount(group)
    means = np.bincount(group, y) / sizes
    between = float(sizes @ (means - y.mean()) ** 2)
    eta = between / float(((y - y.mean()) ** 2).sum())
    return max(0.0, 1 - (1 - eta) * (n - 1) / (n - len(sizes)))


def cronbach_alpha(scores: Floats) -> float:
    """Return Cronbach's alpha of scores of shape (n, k); NaN with fewer than two columns or three rows.

    ``k/(k-1) (1 - sum(var_j) / var(sum))``; NaN also where the sum does not vary.
    """
    n, k = scores.shape
    if k < 2 or n < _FEWEST:
        return float("nan")
    total = scores.sum(axis=1)
    if not _varies(total - total.mean() + 1):
        return float("nan")
    return float(k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / total.var(ddof=1)))


def _standardised(scores: Floats) -> Floats:
    if not len(scores):
        return scores
    spread = scores.std(axis=0)
    standard: Floats = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return standard


def _components(scores: Floats) -> tuple[Floats, Floats]:
    """Return eigenvalues and loadings of the correlation matrix; empty where it is not defined."""
    n, k = scores.shape
    if n < _FEWEST or not k or not all(_varies(column) for column in scores.T):
        return np.empty(0), np.empty((0, 0))
    standard = _standardised(scores)
    values, vectors = np.linalg.eigh(standard.T @ standard / n)
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1]
    # The sign of a vector is free: let the largest part of each be positive.
    size = np.abs(vectors)
    largest = (size >= size.max(axis=0) * (1 - 1e-9)).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, np.arange(k)])
    return values, vectors * np.sqrt(values)


def _left_out(result: Result, t: int) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Return mean and largest shift of the ranks without each indicator, and whose is the largest."""
    leaves, root = result.methodology.tree.leaves, result.methodology.tree.root
    nominal = result.ranks[root][t]
    mean, largest, who = np.full(len(leaves), np.nan), np.full(len(leaves), np.nan), [-1] * len(leaves)
    for j, ranks in enumerate(_ranks_without(result, t)):
        shift = np.abs(ranks - nominal)
        if np.isfinite(shift).any():
            mean[j], largest[j], who[j] = np.nanmean(shift), np.nanmax(shift), int(np.nanargmax(shift))
    return mean, largest, tuple(who)


def _ranks_without(result: Result, t: int) -> list[npt.NDArray[np.float64]]:
    tree, none = result.methodology.tree, np.full(len(result.codes), np.nan)
    if len(tree.leaves) < 2:
        return [none]
    design = Design(result, (LeaveOneOut(),), 0)
    found = []
    for option in range(1, len(tree.leaves) + 1):
        try:
            variant = design.variant((option,))
        except XinzhiError:  # the only one with figures, or with a weight
            found.append(none)
            continue
        some = variant.normalised[:, t : t + 1]
        scores = aggregate_tree(variant.methodology, some, variant.weights, [tree.root])[tree.root][0, 0]
        found.append(rank(scores, variant.methodology.ranking.ties))
    return found
