"""The analyses by name, and how each is fed from a result or from a table of one value a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
        Node whose figures are the horizontal axis of the quadrants; none by default.
    """

    seed: int = 0
    replications: int = 10_000
    against: str = ""


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
        If a name is unknown.
    """
    chosen = _chosen(what, ANALYSES)
    settings = settings or Settings()
    runs = {name: partial(ANALYSES[name], result, settings) for name in chosen}
    report = _run(result.title, result.notes, runs, progress)
    mixed = any(isinstance(factor, NormalisationChoice) for factor in usual_factors(result.methodology))
    if "robustness" in report.outcomes and mixed:
        remark = _("稳健性的得分区间混有不同标准化的得分, 尺度不同; 请看名次区间和档次")
        return replace(report, notes=(remark, *report.notes))
    return report


def analyse_table(
    title: str,
    values: Floats,
    names: Sequence[str],
    groups: Sequence[str] | None = None,
    weights: SpatialWeights | None = None,
    what: Iterable[str] = (),
) -> Report:
    """Run the regional analyses on one value a unit: a column of any table.

    Parameters
    ----------
    title : str
    values : ndarray of float, shape (N,)
    names : sequence of str, length N
    groups : sequence of str, length N, optional
        For the decompositions.
    weights : SpatialWeights, optional
        For Moran's I.
    what : iterable of str, optional
        Of dagum, theil, atkinson, variation, density, moran; all that apply by default.
    """
    runs: dict[str, Callable[[], Outcome]] = {
        "dagum": lambda: dagum(values, _given(groups, _("没有分组列")), names),
        "theil": lambda: theil(values, groups, names),
        "atkinson": lambda: atkinson(values, names=names),
        "variation": lambda: variation(values, names=names),
        "density": lambda: kernel_density([values], [title], names),
        "moran": lambda: moran(values, _given(weights, _("没有空间权重矩阵")), names),
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
            skipped[name] = f"{error.where}: {error.what}" if error.where else error.what
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
    """Return totals, names and positions of the scored units of the last scored year."""
    units = _scored(result)
    if len(units) < _FEWEST:
        raise ComputeError(_("只有一个单位有得分"))
    totals = result.scores[result.methodology.tree.root][result.find_year(None)]
    names = result.names
    return totals[units], [names[n] for n in units], units


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
    return totals[:, units], [result.names[n] for n in units], units


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
    return kernel_density(list(rows), years, names)


def _sigma(result: Result, _settings: Settings) -> Outcome:
    totals, names, units = _balanced(result)
    groups = _regions(result, units) if result.methodology.regions else None
    return sigma_convergence(totals, result.years, names, groups)


def _beta(result: Result, _settings: Settings) -> Outcome:
    totals, names, _units = _balanced(result)
    return beta_convergence(totals, result.years, names)


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
    return obstacles(
        1 - scores / methodology.scale,
        result.weights.of_leaves()[0],
        names=names,
        indicators=[methodology.node_title(leaf) for leaf in leaves],
        dimensions=[methodology.node_title(node) for node in first],
    )


def _branch(parent: Mapping[str, str], leaf: str, root: str) -> str:
    """Return the child of the root under which a leaf lies."""
    while parent[leaf] != root:
        leaf = parent[leaf]
    return leaf


def _quadrants(result: Result, settings: Settings) -> Outcome:
    if not settings.against:
        raise ComputeError(_("没有指定横轴 (--against 指标)"))
    node = result.find_node(settings.against)
    t, methodology = result.find_year(None), result.methodology
    values = (
        result.figures.values[t, :, methodology.tree.leaves.index(node)]
        if node in methodology.indicators
        else result.scores[node][t]
    )
    totals, names, units = _totals(result)
    return quadrants(
        values[units],
        totals,
        names,
        x_name=methodology.node_title(node),
        y_name=methodology.node_title(methodology.tree.root),
    )


def _robustness(result: Result, settings: Settings) -> Outcome:
    _totals(result)
    return robustness(
        result.methodology,
        result.panel,
        replications=settings.replications,
        seed=settings.seed,
        factors=usual_factors(result.methodology),
    )


def _sensitivity(result: Result, settings: Settings) -> Outcome:
    _totals(result)
    return sensitivity(
        result.methodology, result.panel, seed=settings.seed, factors=usual_factors(result.methodology)
    )


def usual_factors(methodology: Methodology) -> list[Factor]:
    """Return the choices that a report tries by default, as far as the methodology has them.

    Weights within a quarter of their value; for min-max indices the whole panel or ranks in the place of the
    year; for arithmetic ones a power mean of 1/2, which compensates less and, unlike the geometric mean, does
    not turn one zero into a score of zero; every indicator left out in turn.
    """
    factors: list[Factor] = [WeightBand(share=0.25)]
    if isinstance(methodology.normalisation, MinMax) and methodology.normalisation.scope == "year":
        others: list[Normalisation] = [RankScore(method="rank")]
        if len(methodology.years) > 1:
            others.append(MinMax(method="minmax", scope="panel"))
        factors.append(NormalisationChoice(alternatives=tuple(others)))
    if isinstance(methodology.aggregation, Arithmetic):
        factors.append(AggregationChoice(alternatives=(Power(method="power", exponent=0.5),)))
    if len(methodology.indicators) > _FEWEST:
        factors.append(LeaveOneOut())
    return factors


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
}
