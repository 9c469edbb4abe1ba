"""The formula of a score with its numbers, written so that a reader can recompute it by hand.

One small function a method: what it shows is worked out afresh from the treated figures, not asked of
:mod:`xinzhi.index.normalisation` or :mod:`xinzhi.index.aggregation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.index.aggregation import node_aggregation
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.methodology.methods import (
    Ampi,
    Arithmetic,
    AsIs,
    Base,
    Geometric,
    Goalposts,
    Harmonic,
    MazziottaPareto,
    MinMax,
    Percentile,
    Power,
    RankScore,
    Reference,
    Scope,
    Topsis,
    ZScore,
)
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    from xinzhi.index.computation import Computation

# --- indicators ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Figure:
    """A treated figure and those it is compared with: `treated` has shape (T, N)."""

    result: Computation
    treated: Floats
    year: int
    unit: int
    down: bool

    @property
    def x(self) -> float:
        return float(self.treated[self.year, self.unit])

    @property
    def scale(self) -> str:
        return number(self.result.methodology.scale)

    @property
    def sign(self) -> str:
        return "−" if self.down else "+"

    def peers(self, scope: Scope) -> Floats:
        """Return the known figures of the year, or of all years."""
        values = self.treated[self.year] if scope == "year" else self.treated.ravel()
        return values[np.isfinite(values)]

    def ratio(self, base: float) -> str:
        above, below = (base, self.x) if self.down else (self.x, base)
        return f"{number(above)} / {number(below)} × {self.scale}"

    def between(self, low: float, high: float, log: bool) -> str:
        top = _difference(high, self.x, log) if self.down else _difference(self.x, low, log)
        return f"({top}) / ({_difference(high, low, log)})"

    def extremes(self, scope: Scope, log: bool = False) -> tuple[float, float, str]:
        """Return the smallest and the largest figure, and a text that says whose they are."""
        peers = self.peers(scope)
        peers = peers[peers > 0] if log else peers
        low, high = float(peers.min()), float(peers.max())
        text = _("最小 {low}, 最大 {high}").format(low=self.held(low, scope), high=self.held(high, scope))
        return low, high, text

    def held(self, value: float, scope: Scope) -> str:
        """Return a figure with the name of the unit that has it."""
        rows = [self.year] if scope == "year" else range(len(self.result.years))
        names = [self.result.names[n] for t in rows for n in np.flatnonzero(self.treated[t] == value)]
        several = _("{name} 等 {count} 个").format(name=names[0], count=len(names))
        return f"{names[0] if len(names) == 1 else several} {number(value)}"


def indicator_formula(result: Computation, unit: int, leaf: str, year: int) -> str:
    """Return the normalisation of one figure with its numbers; unit and year are positions."""
    methodology = result.methodology
    indicator = methodology.indicators[leaf]
    treated = result.batch.treated[0, :, :, methodology.tree.leaves.index(leaf)]
    figure = _Figure(result, treated, year, unit, indicator.direction == "negative")
    if not np.isfinite(figure.x):
        return _("没有数据")
    prefix = _("处理后 {value}; ").format(value=number(figure.x)) if indicator.treatment else ""
    if not np.isfinite(result.scores[leaf][year, unit]):
        return prefix + _("公式没有定义")
    rule = indicator.normalisation or methodology.normalisation
    return prefix + _INDICATORS[type(rule)](figure, rule)


def _minmax(figure: _Figure, rule: MinMax) -> str:
    low, high, ends = figure.extremes(rule.scope, rule.log)
    if low == high:
        return _("各单位相同 ({value}), 取中点").format(value=number(low))
    share = figure.between(low, high, rule.log)
    if rule.lowest == 0:
        return f"{share} × {figure.scale}; {ends}"
    lowest = number(rule.lowest)
    return f"{lowest} + {share} × ({figure.scale} − {_term(rule.lowest)}); {ends}"


def _goalposts(figure: _Figure, rule: Goalposts) -> str:
    beyond = rule.cap and not rule.lower <= figure.x <= rule.upper
    capped = _("; 超出目标值, 按端点计") if beyond else ""
    return f"{figure.between(rule.lower, rule.upper, rule.log)} × {figure.scale}{capped}"


def _base(figure: _Figure, rule: Base) -> str:
    years, own = figure.result.years, figure.treated[:, figure.unit]
    first = rule.year == "first-positive"
    t = int(np.argmax(own > 0)) if first else years.index(int(rule.year))
    if first and figure.year < t:
        return _("{year} 年为首个正值, 此前都得 {scale}").format(year=years[t], scale=figure.scale)
    return f"{figure.ratio(float(own[t]))} " + _("({year} 年为基期)").format(year=years[t])


def _zscore(figure: _Figure, rule: ZScore) -> str:
    peers = figure.peers(rule.scope)
    mean, sd = float(peers.mean()), float(peers.std())
    if sd <= abs(mean) * 1e-14:  # that of equal floats need not be exactly zero
        return _all_equal(mean, rule.mean)
    standard = f"({_difference(figure.x, mean)}) / {number(sd)}"
    about = _("平均 {mean}, 标准差 {sd}").format(mean=number(mean), sd=number(sd))
    return f"{number(rule.mean)} {figure.sign} {number(rule.sd)} × {standard}; {about}"


def _rank(figure: _Figure, rule: RankScore) -> str:
    count, ahead, same = _standing(figure, rule.scope)
    if count == 1:
        return _("只有一个数, 取中点")
    place = ahead + (same + 1) / 2
    return f"({number(count)} − {number(place)}) / ({number(count)} − 1) × {figure.scale}; " + _place(
        place, count
    )


def _percentile(figure: _Figure, rule: Percentile) -> str:
    count, ahead, _same = _standing(figure, rule.scope)
    share = f"({number(count)} − {number(ahead + 1)} + 1) / {number(count)}"
    return f"{share} × {figure.scale}; {_place(ahead + 1, count)}"


def _standing(figure: _Figure, scope: Scope) -> tuple[int, int, int]:
    """Return how many figures there are, how many are better, and how many the same."""
    peers = figure.peers(scope)
    better = peers < figure.x if figure.down else peers > figure.x
    return len(peers), int(better.sum()), int((peers == figure.x).sum())


def _place(place: float, count: int) -> str:
    return _("{count} 个数中第 {place}").format(count=number(count), place=number(place))


def _reference(figure: _Figure, rule: Reference) -> str:
    peers = figure.peers(rule.scope)
    match rule.to:
        case "best":
            base = float(peers.min() if figure.down else peers.max())
            about = _("参照最好的 {holder}").format(holder=figure.held(base, rule.scope))
        case "mean":
            base = float(peers.mean())
            about = _("参照平均数 {value}").format(value=number(base))
        case "median":
            base = float(np.median(peers))
            about = _("参照中位数 {value}").format(value=number(base))
        case stated:
            base = float(stated)
            about = _("参照规定的 {value}").format(value=number(base))
    return f"{figure.ratio(base)}; {about}"


def _ampi(figure: _Figure, rule: Ampi) -> str:
    low, high, ends = figure.extremes("panel")
    if low == high:
        return _all_equal(low, 100)
    of_year = figure.treated[figure.result.years.index(rule.year)]
    mean = float(of_year[np.isfinite(of_year)].mean())
    step = f"({_difference(figure.x, mean)}) / ({_difference(high, low)}) × 60"
    about = _("{year} 年平均 {mean}").format(year=rule.year, mean=number(mean))
    return f"100 {figure.sign} {step}; {about}, {ends}"


def _as_is(figure: _Figure, _rule: AsIs) -> str:
    return f"−{_term(figure.x)}" if figure.down else number(figure.x)


_INDICATORS: dict[type, Callable[[_Figure, Any], str]] = {
    MinMax: _minmax,
    Goalposts: _goalposts,
    Base: _base,
    ZScore: _zscore,
    RankScore: _rank,
    Percentile: _percentile,
    Reference: _reference,
    Ampi: _ampi,
    AsIs: _as_is,
}


def _all_equal(value: float, score: float) -> str:
    return _("各单位相同 ({value}), 得 {score}").format(value=number(value), score=number(score))


def _difference(a: float, b: float, log: bool = False) -> str:
    return f"ln {number(a)} − ln {number(b)}" if log else f"{number(a)} − {_term(b)}"


def _term(value: float) -> str:
    """Write a figure that follows a sign: a negative one in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


# --- nodes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Node:
    """The children of a node that count for one unit; `shares` add up to 1."""

    result: Computation
    unit: int
    year: int
    children: tuple[str, ...]
    weights: Floats
    scores: Floats

    @property
    def shares(self) -> Floats:
        shares: Floats = self.weights / self.weights.sum()
        return shares

    def terms(self, pattern: str, joint: str) -> str:
        """Write every child by a pattern with its share `w` and its score `z`."""
        pairs = zip(self.shares, self.scores, strict=True)
        return joint.join(pattern.format(w=f"{w:.4g}", z=_score(z)) for w, z in pairs)


def node_formula(result: Computation, unit: int, node: str, year: int) -> str:
    """Return the aggregation of one node with its numbers; unit and year are positions."""
    children = result.methodology.tree.children[node]
    scores = np.array([result.scores[child][year, unit] for child in children])
    known = np.isfinite(scores)
    if not known.any():
        return _("下级都没有得分")
    left_out = int((~known).sum())
    if not np.isfinite(result.scores[node][year, unit]):
        return _without_score(result, left_out)
    weights = result.weights.local[node][0]
    counted = tuple(child for child, there in zip(children, known, strict=True) if there)
    rule = node_aggregation(result.methodology, node)
    text = _NODES[type(rule)](_Node(result, unit, year, counted, weights[known], scores[known]), rule)
    if left_out and isinstance(rule, Topsis):
        return text + _("  (缺 {count} 项, 不计入距离)").format(count=left_out)
    if left_out:
        return text + _("  (缺 {count} 项, 权重按其余各项重新分配)").format(count=left_out)
    return text


def _without_score(result: Computation, left_out: int) -> str:
    policy = result.methodology.missing
    if left_out and (policy.policy == "propagate" or policy.at_least > 0):
        return _("缺 {count} 项, 按规定不给得分").format(count=left_out)
    return _("公式没有定义")


def _arithmetic(node: _Node, _rule: Arithmetic) -> str:
    return node.terms("{w} × {z}", " + ")


def _geometric(node: _Node, _rule: Geometric) -> str:
    return _("加权几何平均") + ": " + node.terms("{z}^{w}", " × ")


def _harmonic(node: _Node, _rule: Harmonic) -> str:
    formula = f"1 / ({node.terms('{w} / {z}', ' + ')})"
    return _("加权调和平均") + ": " + formula + _zero(node)


def _power(node: _Node, rule: Power) -> str:
    p = _term(rule.exponent)
    formula = f"({node.terms(f'{{w}} × {{z}}^{p}', ' + ')})^(1 / {p})"
    return _("加权幂平均") + ": " + formula + (_zero(node) if rule.exponent < 0 else "")


def _zero(node: _Node) -> str:
    return _("; 有下级为 0, 得 0") if ((node.scores == 0) & (node.weights > 0)).any() else ""


def _topsis(node: _Node, rule: Topsis) -> str:
    table = np.stack([node.result.scores[child][node.year] for child in node.children])
    best, worst = np.nanmax(table, axis=1), np.nanmin(table, axis=1)
    shares = node.weights**2 if rule.weight == "inside" else node.weights
    away, near = (float(np.sqrt(shares @ (node.scores - ideal) ** 2)) for ideal in (best, worst))
    if away + near == 0:
        return _("TOPSIS 贴近度") + ": " + _("最好与最差相同, 取中点")
    closeness = f"{number(near)} / ({number(away)} + {number(near)}) × "
    about = _("距最好 ({best}) {away}, 距最差 ({worst}) {near}; 距离 = {formula}").format(
        best=_scores(best),
        away=number(away),
        worst=_scores(worst),
        near=number(near),
        formula=_("√Σ(权重 × 差)²") if rule.weight == "inside" else _("√Σ权重 × 差²"),
    )
    return _("TOPSIS 贴近度") + f": {closeness}{number(node.result.methodology.scale)}; {about}"


def _mpi(node: _Node, rule: MazziottaPareto) -> str:
    name, terms = _("Mazziotta-Pareto 指数"), node.terms("{w} × {z}", " + ")
    mean = float(node.shares @ node.scores)
    sd = float(np.sqrt(node.shares @ (node.scores - mean) ** 2))
    if sd <= abs(mean) * 1e-12:  # no penalty; the mean itself, which may be zero
        return f"{name}: {terms}; S = 0"
    sign = "−" if rule.penalty == "down" else "+"
    m, s = _score(mean), _score(sd)
    return f"{name}: {m} {sign} {s}² / {m}; M = {terms} = {m}, S = {s}"


def _score(value: float) -> str:
    shown = round(float(value), 2) + 0.0  # no negative zero
    return f"({shown:.2f})" if shown < 0 else f"{shown:.2f}"


def _scores(values: Sequence[float] | Floats) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


_NODES: dict[type, Callable[[_Node, Any], str]] = {
    Arithmetic: _arithmetic,
    Geometric: _geometric,
    Harmonic: _harmonic,
    Power: _power,
    Topsis: _topsis,
    MazziottaPareto: _mpi,
}
