"""The analyses by name, and how each is fed from a result or from a table of one value a unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from os import cpu_count
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from xinzhi.analysis.convergence import beta_convergence, sigma_convergence
from xinzhi.analysis.coupling import coupling
from xinzhi.analysis.density import kernel_density
from xinzhi.analysis.factors import (
    AggregationChoice,
    Factor,
    LeaveOneOut,
    NormalisationChoice,
    WeightBand,
)
from xinzhi.analysis.inequality import atkinson, dagum, theil, variation
from xinzhi.analysis.inputs import require_result
from xinzhi.analysis.neighbours import SpatialWeights, adjacency_weights
from xinzhi.analysis.obstacle import obstacles
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.quadrant import quadrants
from xinzhi.analysis.robustness import robustness
from xinzhi.analysis.sensitivity import sensitivity
from xinzhi.analysis.spatial import moran
from xinzhi.analysis.structure import structure
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import Arithmetic, MinMax, Normalisation, Power, RankScore
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    from xinzhi.index import Result

_FEWEST = 2  # units to compare; indicators, of which leaving one out must leave an index
_WORKERS = cpu_count() or 1  # the answer is the same with any number
Progress = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What a reader may choose for all analyses of a run.

    Attributes
    ----------
    seed : int
        Of every random draw.
    replications : int
        Of the robustness analysis.
    against : str
        Node or variable whose figures are the horizontal axis of the quadrants; none by default.
    origin_weights : str
        Node or variable that weighs the units in the second origin of the quadrants; none by default.
    factors : tuple of str
        Names of :data:`USUAL_FACTORS` for robustness and sensitivity; all that the methodology has by default.
    progress : callable, optional
        Called within robustness and sensitivity with the replicates done and in all.
    """

    seed: int = 0
    replications: int = 10_000
    against: str = ""
    origin_weights: str = ""
    factors: tuple[str, ...] = ()
    progress: Callable[[int, int], object] | None = None


@dataclass(frozen=True)
class Axis:
    """Figures of N units, and what people call them.

    Attributes
    ----------
    title : str
    values : ndarray of float, shape (N,)
    """

    title: str
    values: Floats


@dataclass(frozen=True)
class Report:
    """The outcomes of a run, and why an analysis does not apply.

    Attributes
    ----------
    title : str
    notes : tuple of str
        What must be said beside the result.
    outcomes : dict of str to Outcome
        By name, in the order of the catalogue.
    skipped : dict of str to str
        Name to reason.
    """

    title: str
    notes: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    skipped: Mapping[str, str]


def analyse(
    result: Result,
    what: Iterable[str] = (),
    settings: Settings | None = None,
    progress: Progress = lambda _name: None,
) -> Report:
    """Run analyses on a result.

    Parameters
    ----------
    result : Result
    what : iterable of str, optional
        Names of :data:`ANALYSES`; all that apply by default.
    settings : Settings, optional
    progress : callable, optional
        Called with the name of each analysis before it runs.

    Returns
    -------
    Report
        An analysis that does not apply (one year, no regions, a zero where a logarithm is taken) is skipped
        with its reason.

    Raises
    ------
    CallError
        If the name of an analysis, a factor, a node or a variable is unknown.
    """
    require_result(result)
    chosen = _chosen(what, ANALYSES)
    settings = settings or Settings()
    usual_factors(result.methodology, settings.factors)  # an unknown name is told at once
    runs = {name: partial(ANALYSES[name], result, settings) for name in chosen}
    return _run(result.title, result.notes, runs, progress)


def analyse_table(
    title: str,
    values: Floats,
    names: Sequence[str],
    groups: Sequence[str] | None = None,
    weights: SpatialWeights | Callable[[], SpatialWeights] | None = None,
    what: Iterable[str] = (),
    *,
    against: Axis | None = None,
    origin_weights: Floats | None = None,
    value_name: str = "",
    seed: int = 0,
) -> Report:
    """Run the regional analyses on one value a unit: a column of any table.

    Parameters
    ----------
    title : str
    values : ndarray of float, shape (N,)
    names : sequence of str, length N
    groups : sequence of str, length N, optional
        For the decompositions.
    weights : SpatialWeights or callable, optional
        For Moran's I; or what makes them, once they are needed.
    what : iterable of str, optional
        Of dagum, theil, atkinson, variation, density, moran, quadrants, quadrants-weighted; all that apply by
        default.
    against : Axis, optional
        The horizontal axis of the quadrants.
    origin_weights : ndarray of float, shape (N,), optional
        Weights of the units in the second origin of the quadrants, such as population.
    value_name : str
        What people call the values; the title by default.
    seed : int
        Of the permutations.
    """
    value_name = value_name or title

    def sorted_about(weights: Floats | None) -> Outcome:
        axis = _given(against, _("没有指定横轴 (--against)"))
        return _about(axis, Axis(value_name, values), names, weights)

    def neighbours() -> SpatialWeights:
        if weights is None:
            raise ComputeError(_("没有空间权重矩阵"))
        return weights() if callable(weights) else weights

    runs: dict[str, Callable[[], Outcome]] = {
        "dagum": lambda: dagum(values, _given(groups, _("没有分组列")), names),
        "theil": lambda: theil(values, groups, names),
        "atkinson": lambda: atkinson(values, names=names),
        "variation": lambda: variation(values, names=names),
        "density": lambda: kernel_density([values], names=names, value_name=value_name),
        "moran": lambda: moran(values, neighbours(), names, seed=seed),
        "quadrants": lambda: sorted_about(None),
        "quadrants-weighted": lambda: sorted_about(_given(origin_weights, _no_origin_weights())),
    }
    return _run(title, (), {name: runs[name] for name in _chosen(what, runs)}, lambda _name: None)


def _run(
    title: str, notes: tuple[str, ...], runs: Mapping[str, Callable[[], Outcome]], progress: Progress
) -> Report:
    outcomes: dict[str, Outcome] = {}
    skipped: dict[str, str] = {}
    for name, run in runs.items():
        progress(name)
        try:
            outcomes[name] = run()
        except ComputeError as error:
            skipped[name] = "; ".join(str(error).splitlines())
    return Report(title, notes, outcomes, skipped)


def _chosen(what: Iterable[str], known: Iterable[str]) -> list[str]:
    names, asked = list(known), list(what)
    for name in asked:
        if name not in names:
            raise CallError(
                _("没有叫 {name} 的分析").format(name=name),
                remedy=_("可用: {known}").format(known=", ".join(names)),
            )
    return [name for name in names if name in asked] if asked else names


# --- from a result to arrays -----------------------------------------------------------------------------


def _given(value: T | None, reason: str) -> T:
    if value is None:
        raise ComputeError(reason)
    return value


def _scored(result: Result, year: int | None = None) -> list[int]:
    """Return the positions of the units that have a total in a year (by default the last scored one)."""
    totals = result.scores[result.methodology.tree.root][result.find_year(year)]
    return np.flatnonzero(np.isfinite(totals)).tolist()


def _totals(result: Result) -> tuple[Floats, list[str], list[int]]:
    """Return totals, different names and positions of the scored units of the last scored year."""
    units = _scored(result)
    if len(units) < _FEWEST:
        raise ComputeError(_("只有一个单位有得分"))
    totals = result.scores[result.methodology.tree.root][result.find_year(None)]
    names = _labels(result)
    return totals[units], [names[n] for n in units], units


def _labels(result: Result) -> list[str]:
    """Return the names of all units; one that several have (counties do) with the code in brackets."""
    times = Counter(result.names)
    pairs = zip(result.names, result.codes, strict=True)
    return [name if times[name] == 1 else f"{name} [{code}]" for name, code in pairs]


def _value_name(result: Result) -> str:
    """Say so where scores are relative, being normalised within each year; blank elsewhere."""
    methodology = result.methodology
    rules = [i.normalisation or methodology.normalisation for i in methodology.indicators.values()]
    within = any(getattr(rule, "scope", "") == "year" for rule in rules)
    return _("相对得分 (各年之内标准化)") if within else ""


def _regions(result: Result, units: Sequence[int]) -> list[str]:
    regions = [result.region_name(n) for n in units]
    if not all(regions):
        raise ComputeError(_("方法没有区域划分, 或有单位不属于任何区域"))
    return regions


def _balanced(result: Result) -> tuple[Floats, list[str], list[int]]:
    """Return totals (T, n), names and positions of the units that are scored in every year."""
    totals = result.scores[result.methodology.tree.root]
    units = np.flatnonzero(np.isfinite(totals).all(axis=0)).tolist()
    if len(result.years) < 2 or not units:
        raise ComputeError(_("只有一年, 或没有一个单位年年有得分"))
    names = _labels(result)
    return totals[:, units], [names[n] for n in units], units


def _shares(result: Result) -> None:
    """Refuse scores that are no shares of the scale."""
    scores = result.batch.normalised[0]
    known = scores[np.isfinite(scores)]
    if known.min() < 0 or known.max() > result.methodology.scale * (1 + 1e-9):
        raise ComputeError(_("标准化值不在 0 与满分之间, 不能用于这项分析"))


def _dagum(result: Result, _settings: Settings) -> Outcome:
    totals, names, units = _totals(result)
    return dagum(totals, _regions(result, units), names)


def _theil(result: Result, _settings: Settings) -> Outcome:
    totals, names, units = _totals(result)
    return theil(totals, _regions(result, units), names)


def _atkinson(result: Result, _settings: Settings) -> Outcome:
    totals, names, _units = _totals(result)
    return atkinson(totals, names=names)


def _variation(result: Result, _settings: Settings) -> Outcome:
    totals, names, _units = _totals(result)
    return variation(totals, names=names)


def _density(result: Result, _settings: Settings) -> Outcome:
    totals, names, _units = _balanced(result) if len(result.years) > 1 else (*_totals(result)[:2], [])
    rows = np.atleast_2d(totals)
    years = result.years if len(rows) > 1 else (result.years[result.find_year(None)],)
    return kernel_density(list(rows), years, names, value_name=_value_name(result))


def _sigma(result: Result, _settings: Settings) -> Outcome:
    totals, names, units = _balanced(result)
    groups = _regions(result, units) if result.methodology.regions else None
    return sigma_convergence(totals, result.years, names, groups, value_name=_value_name(result))


def _beta(result: Result, _settings: Settings) -> Outcome:
    totals, names, _units = _balanced(result)
    return beta_convergence(totals, result.years, names, value_name=_value_name(result))


def _moran(result: Result, settings: Settings) -> Outcome:
    if result.methodology.level != "province":
        raise ComputeError(_("只有省级有邻接表; 其他层级请用表格和权重矩阵"))
    totals, _names, units = _totals(result)
    weights = adjacency_weights([result.codes[n] for n in units])
    return moran(totals, weights, seed=settings.seed)


def _coupling(result: Result, _settings: Settings) -> Outcome:
    _shares(result)
    methodology = result.methodology
    nodes = [n for n in methodology.tree.children[methodology.tree.root] if n in methodology.dimensions]
    if len(nodes) < 2:
        raise ComputeError(_("方法没有两个以上的维度"))
    t, (_values, names, units) = result.find_year(None), _totals(result)
    systems = np.stack([result.scores[node][t, units] for node in nodes], axis=1) / methodology.scale
    titles = [methodology.node_title(node) for node in nodes]
    return coupling(systems, names=names, system_names=titles)


def _obstacles(result: Result, _settings: Settings) -> Outcome:
    _shares(result)
    methodology, t = result.methodology, result.find_year(None)
    _values, names, units = _totals(result)
    scores = result.batch.normalised[0, t][units]
    if not np.isfinite(scores).all():
        raise ComputeError(_("有指标缺失, 障碍度没有定义"))
    leaves, tree = methodology.tree.leaves, methodology.tree
    first = [_branch(tree.parent, leaf, tree.root) for leaf in leaves]
    grouped = all(node in methodology.dimensions for node in first)
    return obstacles(
        1 - scores / methodology.scale,
        result.weights.of_leaves()[0],
        names=names,
        indicators=[methodology.node_title(leaf) for leaf in leaves],
        dimensions=[methodology.node_title(node) for node in first] if grouped else None,
    )


def _branch(parent: Mapping[str, str], leaf: str, root: str) -> str:
    """Return the child of the root under which a leaf lies."""
    while parent[leaf] != root:
        leaf = parent[leaf]
    return leaf


def _quadrants(result: Result, settings: Settings) -> Outcome:
    return _of_result(result, settings, None)


def _quadrants_weighted(result: Result, settings: Settings) -> Outcome:
    _given(settings.origin_weights or None, _no_origin_weights())
    return _of_result(result, settings, _figures(result, settings.origin_weights).values)


def _of_result(result: Result, settings: Settings, weights: Floats | None) -> Outcome:
    """Return the quadrants of the scored units."""
    across = _figures(result, _given(settings.against or None, _("没有指定横轴 (--against)")))
    totals, names, units = _totals(result)
    title = result.methodology.node_title(result.methodology.tree.root)
    return _about(
        replace(across, values=across.values[units]),
        Axis(title, totals),
        names,
        None if weights is None else weights[units],
    )


def _about(across: Axis, up: Axis, names: Sequence[str], weights: Floats | None) -> Outcome:
    return quadrants(
        across.values,
        up.values,
        names,
        origin="mean" if weights is None else "weighted",
        weights=weights,
        x_name=across.title,
        y_name=up.title,
    )


def _figures(result: Result, name: str) -> Axis:
    """Return the figures of an indicator, the scores of a dimension, or a variable, of the last scored year."""
    t, methodology, panel = result.find_year(None), result.methodology, result.figures.panel
    if name in methodology.inputs and name in panel.variables:
        row, column = panel.years.index(result.years[t]), panel.variables.index(name)
        return Axis(str(methodology.inputs[name].title), panel.values[row, :, column])
    node = result.find_node(name)
    values = (
        result.figures.values[t, :, methodology.tree.leaves.index(node)]
        if node in methodology.indicators
        else result.scores[node][t]
    )
    return Axis(methodology.node_title(node), values)


def _no_origin_weights() -> str:
    return _("没有指定加权原点的权重 (--origin-weights)")


def _robustness(result: Result, settings: Settings) -> Outcome:
    _totals(result)
    return robustness(
        result.methodology,
        result.panel,
        replications=settings.replications,
        seed=settings.seed,
        factors=usual_factors(result.methodology, settings.factors),
        progress=settings.progress,
        workers=_WORKERS,
    )


def _sensitivity(result: Result, settings: Settings) -> Outcome:
    _totals(result)
    return sensitivity(
        result.methodology,
        result.panel,
        seed=settings.seed,
        factors=usual_factors(result.methodology, settings.factors),
        progress=settings.progress,
        workers=_WORKERS,
    )


# --- factors ---------------------------------------------------------------------------------------------


def usual_factors(methodology: Methodology, names: Iterable[str] = ()) -> list[Factor]:
    """Return the choices that a report tries, as far as the methodology has them.

    Weights within a quarter of their value; for min-max indices the whole panel or ranks in the place of the
    year; for arithmetic ones a power mean of 1/2, which compensates less and, unlike the geometric mean, does
    not turn one zero into a score of zero; every indicator left out in turn.

    Parameters
    ----------
    methodology : Methodology
    names : iterable of str, optional
        Of :data:`USUAL_FACTORS`; all by default.

    Raises
    ------
    CallError
        If a name is unknown, or names a choice that the methodology does not have.
    """
    asked = list(names)
    found = {name: make(methodology) for name, make in USUAL_FACTORS.items()}
    known = [name for name, factor in found.items() if factor]
    for name in asked:
        if name not in known:
            what = _("这个方法没有可变的 {name}") if name in found else _("没有叫 {name} 的因素")
            raise CallError(what.format(name=name), remedy=_("可用: {known}").format(known=", ".join(known)))
    return [factor for name, factor in found.items() if factor and (name in asked or not asked)]


def _normalisation_choice(methodology: Methodology) -> Factor | None:
    if not isinstance(methodology.normalisation, MinMax) or methodology.normalisation.scope != "year":
        return None
    others: list[Normalisation] = [RankScore(method="rank")]
    if len(methodology.years) > 1:
        others.append(MinMax(method="minmax", scope="panel"))
    return NormalisationChoice(alternatives=tuple(others))


def _aggregation_choice(methodology: Methodology) -> Factor | None:
    if not isinstance(methodology.aggregation, Arithmetic):
        return None
    return AggregationChoice(alternatives=(Power(method="power", exponent=0.5),))


#: The choices that a report tries, by name; None where the methodology does not have one.
USUAL_FACTORS: dict[str, Callable[[Methodology], Factor | None]] = {
    "weight-band": lambda _methodology: WeightBand(share=0.25),
    "normalisation": _normalisation_choice,
    "aggregation": _aggregation_choice,
    "leave-one-out": lambda methodology: LeaveOneOut() if len(methodology.indicators) > _FEWEST else None,
}


def factor_titles() -> dict[str, str]:
    """Return what the factors of :data:`USUAL_FACTORS` are called, in the language in force."""
    return {
        "weight-band": _("权重"),
        "normalisation": _("标准化方法"),
        "aggregation": _("合成方法"),
        "leave-one-out": _("去掉一个指标"),
    }


# --- analyses --------------------------------------------------------------------------------------------

#: Every analysis of a result, by name, in the order of a report.
ANALYSES: dict[str, Callable[[Result, Settings], Outcome]] = {
    "robustness": _robustness,
    "sensitivity": _sensitivity,
    "structure": lambda result, _settings: structure(result),
    "dagum": _dagum,
    "theil": _theil,
    "atkinson": _atkinson,
    "variation": _variation,
    "density": _density,
    "sigma": _sigma,
    "beta": _beta,
    "moran": _moran,
    "coupling": _coupling,
    "obstacles": _obstacles,
    "quadrants": _quadrants,
    "quadrants-weighted": _quadrants_weighted,
}


def analysis_titles() -> dict[str, str]:
    """Return what the analyses are called, in the language in force."""
    return {
        "robustness": _("稳健性"),
        "sensitivity": _("敏感性"),
        "structure": _("指标结构"),
        "dagum": _("基尼系数"),
        "theil": _("泰尔指数"),
        "atkinson": _("阿特金森指数"),
        "variation": _("变异系数"),
        "density": _("核密度"),
        "sigma": _("σ 收敛"),
        "beta": _("β 收敛"),
        "moran": _("莫兰指数"),
        "coupling": _("耦合协调度"),
        "obstacles": _("障碍度"),
        "quadrants": _("四象限"),
        "quadrants-weighted": _("四象限, 加权原点"),
    }


def called(name: str) -> str:
    """Return what an analysis is called, with the name to type in brackets."""
    title = analysis_titles()[name]
    return title if title.casefold() == name else f"{title} ({name})"
