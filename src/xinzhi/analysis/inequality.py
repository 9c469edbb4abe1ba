"""Inequality between units: Dagum's Gini by groups, Theil, Atkinson and the coefficient of variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import at_least, membership, refuse, shares, vector
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import alike, frame, leaders, listed, plain, say
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

Denominator = Literal["n2", "n(n-1)"]


# --- Dagum --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dagum(Outcome):
    """Dagum's decomposition of the Gini coefficient among K groups.

    Attributes
    ----------
    groups : tuple of str
        The K groups, in the order of their first unit.
    sizes : ndarray of int, shape (K,)
        Units in each group.
    means, population_shares, value_shares : ndarray of float, shape (K,)
        Mean mu_j, share of the population p_j and share of the total value s_j.
    gini, within, between, transvariation : float
        G, and its parts G_w, G_nb and G_t, which add up to it.
    coefficients : ndarray of float, shape (K, K)
        G_jj on the diagonal and G_jh beside it.
    distances : ndarray of float, shape (K, K)
        D_jh, the relative affluence of two groups, between 0 and 1; 0 on the diagonal.
    """

    groups: tuple[str, ...]
    sizes: npt.NDArray[np.intp]
    means: Floats
    population_shares: Floats
    value_shares: Floats
    gini: float
    within: float
    between: float
    transvariation: float
    coefficients: Floats
    distances: Floats

    @property
    def parts(self) -> dict[str, float]:
        """G_w, G_nb and G_t by name; they add up to G."""
        return {
            "within": self.within,
            "between": self.between,
            "transvariation": self.transvariation,
        }

    @property
    def shares(self) -> dict[str, float | None]:
        """Share of each part in G; None when all units are equal, as there is nothing to share."""
        return {name: part / self.gini if self.gini > 0 else None for name, part in self.parts.items()}

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Positions of the pairs of groups, each once."""
        return [(j, h) for j in range(len(self.groups)) for h in range(j + 1, len(self.groups))]

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("Dagum 基尼系数及其分解")

    def table(self) -> pl.DataFrame:
        """One row for the total, for each part, for each group (G_jj) and for each pair of groups (G_jh)."""
        rows: list[tuple[Any, ...]] = [("total", None, None, self.gini, 1.0 if self.gini > 0 else None, None)]
        rows += [(name, None, None, part, self.shares[name], None) for name, part in self.parts.items()]
        rows += [
            ("group", group, None, float(self.coefficients[j, j]), None, None)
            for j, group in enumerate(self.groups)
        ]
        rows += [
            ("pair", self.groups[j], self.groups[h], float(self.coefficients[j, h]), None,
             float(self.distances[j, h]))
            for j, h in self.pairs
        ]  # fmt: skip
        columns = ("part", "group", "other", "gini", "share", "distance")
        return frame(dict(zip(columns, zip(*rows, strict=True), strict=True)))

    def sentence(self) -> str:
        """Say how large inequality is, where it comes from, and between and within which groups it is largest."""
        if self.gini == 0:
            return say(_("各单位没有差异, 基尼系数为 0, 没有可分解的"))
        clauses = [
            _(
                "Dagum 基尼系数 {gini:.4f}: 组内 {within:.4f} ({within_share:.1%}), "
                "组间净值 {between:.4f} ({between_share:.1%}), "
                "超变密度 {transvariation:.4f} ({transvariation_share:.1%})"
            ).format(
                gini=self.gini,
                **self.parts,
                **{f"{name}_share": share for name, share in self.shares.items()},
            )
        ]
        words = {
            "within": _("组内差异"),
            "between": _("组间净差异"),
            "transvariation": _("组间交叠 (超变密度)"),
        }
        clauses.append(_("差异的最大来源: {sources}").format(
            sources=listed([words[name] for name in leaders(self.parts)])
        ))  # fmt: skip
        inside = {group: float(self.coefficients[j, j]) for j, group in enumerate(self.groups)}
        if max(inside.values()) > 0:
            clauses.append(_("组内差异最大: {groups} ({gini:.4f})").format(
                groups=listed(leaders(inside)), gini=max(inside.values())
            ))  # fmt: skip
        if self.pairs:
            beside = {
                f"{self.groups[j]}-{self.groups[h]}": float(self.coefficients[j, h]) for j, h in self.pairs
            }
            clauses.append(_("组间差异最大: {groups} ({gini:.4f})").format(
                groups=listed(leaders(beside)), gini=max(beside.values())
            ))  # fmt: skip
        single = [group for group, size in zip(self.groups, self.sizes, strict=True) if size == 1]
        if single:
            clauses.append(_("只有一个单位的组, 组内系数按定义为 0: {groups}").format(groups=listed(single)))
        return say(*clauses)

    def figure(self) -> dict[str, Any]:
        """Return the parts for a stacked bar and the coefficients for a heat map."""
        return {
            "parts": self.parts,
            "groups": list(self.groups),
            "coefficients": plain(self.coefficients),
            "distances": plain(self.distances),
        }


def dagum(
    values: npt.ArrayLike,
    groups: Sequence[object],
    names: Sequence[object] | None = None,
    weights: npt.ArrayLike | None = None,
    denominator: Denominator = "n2",
) -> Dagum:
    """Decompose the Gini coefficient among groups after Dagum.

    With mean differences ``E_jh = E|y_j - y_h|`` between a unit of group j and one of group h,
    ``G = E|y - y'| / (2 mu)``, ``G_jj = E_jj / (2 mu_j)``, ``G_jh = E_jh / (mu_j + mu_h)``,
    ``D_jh = (d - p) / (d + p) = |mu_j - mu_h| / E_jh``, and

    * ``G_w = sum_j G_jj p_j s_j``,
    * ``G_nb = sum_{j<h} G_jh D_jh (p_j s_h + p_h s_j)``,
    * ``G_t = sum_{j<h} G_jh (1 - D_jh) (p_j s_h + p_h s_j)``,

    so that ``G_w + G_nb + G_t = G`` to rounding.

    Parameters
    ----------
    values : array_like of float, shape (N,)
        Not negative, with a positive mean.
    groups : sequence, length N
        The group of each unit.
    names : sequence, length N, optional
        Names of the units, for errors.
    weights : array_like of float, shape (N,), optional
        Positive weights of the units, such as population; equal by default.
    denominator : {"n2", "n(n-1)"}
        Pairs of units that are counted: all (the default) or only those of two different units. The latter
        multiplies G and its parts by n / (n - 1) and G_jj by n_j / (n_j - 1); it has no meaning with weights.

    Returns
    -------
    Dagum
        A group of one unit has G_jj = 0 (there is nobody to differ from); D_jh = 0 for two groups in which
        everybody has the same.

    Raises
    ------
    ComputeError
        For negative or missing figures, units without a group, or figures that are all 0.

    Notes
    -----
    ``E max(y_h - y_j, 0)`` is the integral of ``F_j (1 - F_h)`` over the sorted figures, so all pairs of
    groups come from one product of two (N, K) matrices of cumulative shares: O(N log N + N K^2), no table of
    pairs of units, and no cancellation. Disjoint groups give G_t = 0 and identical ones G_nb = 0 exactly.

    References
    ----------
    C. Dagum (1997), A new approach to the decomposition of the Gini income inequality ratio, Empirical
    Economics 22, 515-531.
    """
    if denominator not in ("n2", "n(n-1)"):
        raise CallError(
            _("没有这个选项: {option}").format(option=denominator),
            remedy=_("可选: {options}").format(options="n2, n(n-1)"),
        )
    array, names = vector(values, names)
    _positive_mean(array, names)
    own = denominator == "n(n-1)"
    if own:
        at_least(len(array), 2, "n(n-1)")
        if weights is not None:
            raise ComputeError(
                _("分母 n(n-1) 只用于不加权的单位"), remedy=_("加权时请用 denominator=\"n2\"")
            )  # fmt: skip
    if alike(array):  # rounding has no parts
        array = np.full_like(array, array.mean())
    share = shares(weights, names)
    group_names, group = membership(groups, names)
    sizes = np.bincount(group)
    p = _sums(group, share)
    means = _sums(group, share * array) / p
    mean = float(share @ array)

    order = np.argsort(array, kind="stable")
    steps = np.diff(array[order])
    mass = np.zeros((len(array), len(group_names)))
    mass[np.arange(len(array)), group[order]] = share[order]
    below = np.cumsum(mass, axis=0)
    below = below[:-1] / below[-1]  # F_j to the left of every step; exactly 1 once the group is exhausted
    excess = (below * steps[:, None]).T @ (1 - below)  # [j, h]: E max(y_h - y_j, 0)
    difference = excess + excess.T

    weight = np.outer(p, p) / mean
    off = ~np.eye(len(group_names), dtype=np.bool_)
    # d and p of Dagum differ by the difference of the means and add up to the mean difference of two groups.
    net = np.abs(excess - excess.T)
    correction = len(array) / (len(array) - 1) if own else 1.0
    everyone = np.cumsum(share[order])
    everyone = everyone[:-1] / everyone[-1]
    coefficients = _ratio(difference, means[:, None] + means[None, :])
    if own:
        diagonal = np.diag(coefficients) * sizes / np.maximum(sizes - 1, 1)
        np.fill_diagonal(coefficients, diagonal)
    return Dagum(
        groups=group_names,
        sizes=sizes,
        means=means,
        population_shares=p,
        value_shares=p * means / mean,
        gini=correction * float(steps @ (everyone * (1 - everyone))) / mean,
        within=correction * float((weight * difference)[~off].sum()) / 2,
        between=correction * float((weight * net)[off].sum()) / 2,
        transvariation=correction * float((weight * np.minimum(excess, excess.T))[off].sum()),
        coefficients=coefficients,
        distances=_ratio(net, difference),
    )


# --- Theil --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decomposition:
    """A Theil index and its parts: ``total = within + between``; `of_groups` has shape (K,)."""

    total: float
    within: float
    between: float
    of_groups: Floats


@dataclass(frozen=True)
class Theil(Outcome):
    """Theil's T and L, decomposed into within and between groups.

    Attributes
    ----------
    groups : tuple of str
        The K groups.
    population_shares, value_shares : ndarray of float, shape (K,)
        The weights of the groups in the within part of L and of T.
    t : Decomposition
        Theil's T (GE(1)).
    l : Decomposition or None
        Theil's L (GE(0), the mean logarithmic deviation); None where a figure is 0.
    zeros : tuple of str
        The units whose figure is 0, the reason why there is no L.
    """

    groups: tuple[str, ...]
    population_shares: Floats
    value_shares: Floats
    t: Decomposition
    l: Decomposition | None  # noqa: E741 - the name of the index
    zeros: tuple[str, ...]

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("泰尔指数及其分解")

    def table(self) -> pl.DataFrame:
        """One row for each index and part: total, within, between and each group; L says why it is missing."""
        rows: list[tuple[Any, ...]] = []
        for name, found in (("T", self.t), ("L", self.l)):
            if found is None:
                rows.append((name, "total", None, None, None, self._no_l()))
                continue
            for part in ("total", "within", "between"):
                value = getattr(found, part)
                rows.append((name, part, None, value, value / found.total if found.total > 0 else None, ""))
            rows += [
                (name, "group", group, float(value), None, "")
                for group, value in zip(self.groups, found.of_groups, strict=True)
            ]
        columns = ("index", "part", "group", "value", "share", "note")
        return frame(dict(zip(columns, zip(*rows, strict=True), strict=True)))

    def _no_l(self) -> str:
        return _("有零值 ({units}), L 指数无定义").format(units=listed(self.zeros))

    def sentence(self) -> str:
        """Say both indices and which of the two parts is larger."""
        if self.t.total == 0:
            return say(_("各单位没有差异, 泰尔指数为 0"))
        clauses = []
        for name, found in (("T", self.t), ("L", self.l)):
            if found is None:
                clauses.append(self._no_l())
            elif len(self.groups) == 1:
                clauses.append(_("泰尔 {name} 指数 {total:.4f}").format(name=name, total=found.total))
            else:
                sources = leaders({_("组内"): found.within, _("组间"): found.between})
                clauses.append(
                    _(
                        "泰尔 {name} 指数 {total:.4f}: 组内 {within:.4f} ({within_share:.1%}), "
                        "组间 {between:.4f} ({between_share:.1%}), 主要来自{source}"
                    ).format(
                        name=name,
                        total=found.total,
                        within=found.within,
                        within_share=found.within / found.total,
                        between=found.between,
                        between_share=found.between / found.total,
                        source=sources[0] if len(sources) == 1 else _("组内与组间各半"),
                    )
                )
        return say(*clauses)


def theil(
    values: npt.ArrayLike,
    groups: Sequence[object] | None = None,
    names: Sequence[object] | None = None,
    weights: npt.ArrayLike | None = None,
) -> Theil:
    """Return Theil's T and L, within and between groups.

    With shares of the population w_i, p_j, of the value s_j, and means mu, mu_j:
    ``T = sum w_i (y_i / mu) ln(y_i / mu) = sum_j s_j T_j + sum_j s_j ln(mu_j / mu)`` and
    ``L = sum w_i ln(mu / y_i) = sum_j p_j L_j + sum_j p_j ln(mu / mu_j)``.

    Parameters
    ----------
    values : array_like of float, shape (N,)
        Not negative, with a positive mean.
    groups : sequence, length N, optional
        The group of each unit; without, all units are one group.
    names, weights : optional
        As for :func:`dagum`.

    Returns
    -------
    Theil
        ``0 ln 0`` is 0 in T. L needs the logarithm of every figure: it is None where one is 0, and the result
        names the units.

    References
    ----------
    H. Theil (1967), Economics and Information Theory; A. F. Shorrocks (1980), The class of additively
    decomposable inequality measures, Econometrica 48, 613-625.
    """
    array, names = vector(values, names)
    _positive_mean(array, names)
    share = shares(weights, names)
    group_names, group = membership([_("全部")] * len(array) if groups is None else groups, names)
    p = _sums(group, share)
    means = _sums(group, share * array) / p
    mean = float(share @ array)
    s = p * means / mean

    def entropies(ratio: Floats, weight: Floats) -> Floats:
        """``weight * ratio * ln(ratio)``, 0 at 0."""
        logarithm = np.zeros_like(ratio)
        np.log(ratio, out=logarithm, where=ratio > 0)
        return np.asarray(weight * ratio * logarithm)

    inner = _sums(group, entropies(_ratio(array, means[group]), share)) / p
    t = _decomposition(inner, s, float(entropies(means / mean, p).sum()))
    zeros = tuple(name for name, value in zip(names, array, strict=True) if value == 0)
    deviation = None
    if not zeros:
        inner = _sums(group, share * np.log(means[group] / array)) / p
        deviation = _decomposition(inner, p, float(p @ np.log(mean / means)))
    return Theil(group_names, p, s, t, deviation, zeros)


def _decomposition(of_groups: Floats, weights: Floats, between: float) -> Decomposition:
    # Theil's indices are never negative; what is below 0 is rounding among equal figures.
    of_groups = np.where(of_groups > _ROUNDING, of_groups, 0.0)
    between = between if between > _ROUNDING else 0.0
    within = float(weights @ of_groups)
    return Decomposition(within + between, within, between, of_groups)


_ROUNDING = 1e-14


# --- single figures -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Atkinson(Outcome):
    """Atkinson's index at one aversion to inequality, and the equally distributed equivalent.

    Attributes
    ----------
    epsilon : float
    index : float
        ``1 - equivalent / mean``.
    mean, equivalent : float
    zeros : tuple of str
        Units whose figure is 0; from epsilon = 1 on they alone make the index 1.
    """

    epsilon: float
    index: float
    mean: float
    equivalent: float
    zeros: tuple[str, ...]

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("阿特金森指数")

    def table(self) -> pl.DataFrame:
        """One row."""
        return frame({
            "epsilon": [self.epsilon], "index": [self.index], "mean": [self.mean],
            "equivalent": [self.equivalent],
        })  # fmt: skip

    def sentence(self) -> str:
        """Say the index and what it means."""
        clause = _(
            "阿特金森指数 (ε = {epsilon:g}) 为 {index:.4f}: 平均分配时, 现有均值的 {share:.1%} 就够"
        ).format(epsilon=self.epsilon, index=self.index, share=1 - self.index)
        if self.zeros and self.epsilon >= 1:
            return say(clause, _("ε 不小于 1 时有零值即为 1: {units}").format(units=listed(self.zeros)))
        return say(clause)


def atkinson(
    values: npt.ArrayLike,
    epsilon: float = 0.5,
    names: Sequence[object] | None = None,
    weights: npt.ArrayLike | None = None,
) -> Atkinson:
    """Return Atkinson's index ``A = 1 - (sum w_i (y_i / mu)^(1 - e))^(1 / (1 - e))``.

    At ``e = 1`` it is ``1 - (geometric mean) / mu``.

    Parameters
    ----------
    values : array_like of float, shape (N,)
        Not negative, with a positive mean.
    epsilon : float
        Aversion to inequality, 0 or above; 0 gives 0.
    names, weights : optional
        As for :func:`dagum`.

    Returns
    -------
    Atkinson
        With ``epsilon >= 1`` a figure of 0 makes the index 1, its limit, and the sentence names the unit.

    References
    ----------
    A. B. Atkinson (1970), On the measurement of inequality, Journal of Economic Theory 2, 244-263.
    """
    array, names = vector(values, names)
    _positive_mean(array, names)
    share = shares(weights, names)
    if not (np.isfinite(epsilon) and epsilon >= 0):
        raise ComputeError(
            _("ε 应为不小于 0 的有限数, 现为 {epsilon}").format(epsilon=epsilon), remedy=_("常用 0.5、1、2")
        )
    mean = float(share @ array)
    zeros = tuple(name for name, value in zip(names, array, strict=True) if value == 0)
    if alike(array):
        ratio = 1.0
    elif zeros and epsilon >= 1:
        ratio = 0.0
    else:
        kept = array > 0
        logarithm, share = np.log(array[kept] / mean), share[kept]
        if epsilon == 1:
            ratio = float(np.exp(share @ logarithm))
        else:
            # The largest exponent is taken out first, so that a large epsilon does not overflow.
            exponents = (1 - epsilon) * logarithm
            top = exponents.max()
            ratio = float(np.exp((top + np.log(share @ np.exp(exponents - top))) / (1 - epsilon)))
    return Atkinson(float(epsilon), max(0.0, 1 - ratio), mean, mean * ratio, zeros)


@dataclass(frozen=True)
class Variation(Outcome):
    """The coefficient of variation, ``deviation / mean``.

    Attributes
    ----------
    coefficient, mean, deviation : float
    sample : bool
        True when the deviation divides by n - 1.
    """

    coefficient: float
    mean: float
    deviation: float
    sample: bool

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("变异系数")

    def table(self) -> pl.DataFrame:
        """One row."""
        return frame({
            "coefficient": [self.coefficient], "mean": [self.mean], "deviation": [self.deviation],
            "sample": [self.sample],
        })  # fmt: skip

    def sentence(self) -> str:
        """Say the coefficient and which standard deviation it is."""
        if self.deviation == 0:
            return say(_("各单位没有差异, 变异系数为 0"))
        kind = _("样本标准差") if self.sample else _("总体标准差")
        return say(_("变异系数 {cv:.4f} ({kind} {deviation:.4g}, 均值 {mean:.4g})").format(
            cv=self.coefficient, kind=kind, deviation=self.deviation, mean=self.mean
        ))  # fmt: skip


def variation(
    values: npt.ArrayLike,
    sample: bool = False,
    names: Sequence[object] | None = None,
    weights: npt.ArrayLike | None = None,
) -> Variation:
    """Return the coefficient of variation: standard deviation over mean.

    Parameters
    ----------
    values : array_like of float, shape (N,)
        With a positive mean; single figures may be negative. A mean below 1e-12 of that of the absolute
        figures is what rounding left of 0, and no mean to divide by.
    sample : bool
        Divide by n - 1 in place of n; it has no meaning with weights.
    names, weights : optional
        As for :func:`dagum`.
    """
    array, names = vector(values, names)
    share = shares(weights, names)
    mean = float(share @ array)
    if not mean > _CANCELLED * float(share @ np.abs(array)):
        raise ComputeError(
            _("均值为 {mean:.4g}, 变异系数要求均值为正").format(mean=mean),
            remedy=_("请换用标准差, 或不产生负值的标准化方法"),
        )
    deviation = 0.0 if alike(array) else float(np.sqrt(share @ (array - mean) ** 2))
    if sample:
        at_least(len(array), 2, _("样本标准差"))
        if weights is not None:
            raise ComputeError(_("样本标准差只用于不加权的单位"), remedy=_("加权时请用 sample=False"))
        deviation *= float(np.sqrt(len(array) / (len(array) - 1)))
    return Variation(deviation / mean, mean, deviation, sample)


_CANCELLED = 1e-12  # of the mean absolute figure


def _positive_mean(array: Floats, names: Sequence[str]) -> None:
    refuse(
        array < 0,
        names,
        _("不平等指数要求数值不为负"),
        _("请用 minmax 等不产生负值的标准化方法, 或换用标准差"),
    )
    if not array.any():
        raise ComputeError(_("数值全为零, 不平等指数没有定义"), remedy=_("请检查数据"))


def _sums(group: npt.NDArray[np.intp], parts: Floats) -> Floats:
    """Add up the parts of each group."""
    return np.bincount(group, weights=parts).astype(np.float64)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide; 0 over 0 is 0: where there is nothing, nothing differs."""
    out = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.divide(numerator, denominator, out=out, where=denominator > 0)
