"""Factors of uncertainty: the choices behind an index that could have been made otherwise, as data.

Each is a small frozen record told apart by its ``factor`` key. A discrete factor stands for a list of
choices, the methodology's own always being the first of them; a continuous one moves weights or figures.
A factor that finds nothing to move in a methodology is an error that names it, never silently skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from xinzhi.declarations import Record, explained
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import Result
from xinzhi.index.aggregation import node_aggregation
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology, load_methodology
from xinzhi.methodology.methods import (
    Aggregation,
    BoxCox,
    GapRule,
    Log,
    Normalisation,
    Treatment,
    Winsorise,
)

_OUTLIERS = (Winsorise, Log, BoxCox)  # the steps that tame outliers; the others keep their place


class WeightBand(Record):
    """Weights within ``1 -+ share`` of their own, evenly, then scaled to add up to 1 again.

    `level` is the depth of the nodes whose weights move (1 is right below the root); the indicators' own
    by default.
    """

    factor: Literal["weight-band"] = "weight-band"
    share: float = Field(0.25, gt=0, le=1)
    level: int | None = Field(None, ge=1)


class WeightDirichlet(Record):
    """Weights from a Dirichlet distribution about their own: the larger `concentration`, the closer."""

    factor: Literal["weight-dirichlet"] = "weight-dirichlet"
    concentration: float = Field(100.0, gt=0)
    level: int | None = Field(None, ge=1)


class NormalisationChoice(Record):
    """Other normalisations, for the indicators that do not name one of their own."""

    factor: Literal["normalisation"] = "normalisation"
    alternatives: tuple[Normalisation, ...] = Field(min_length=1)


class AggregationChoice(Record):
    """Other aggregations, at the nodes of one `level` (0 is the root) or, by default, at all of them."""

    factor: Literal["aggregation"] = "aggregation"
    alternatives: tuple[Aggregation, ...] = Field(min_length=1)
    level: int | None = Field(None, ge=0)


class GapChoice(Record):
    """Other gap rules, for the variables of which a figure was filled; ``()`` leaves the gaps open."""

    factor: Literal["gaps"] = "gaps"
    alternatives: tuple[tuple[GapRule, ...], ...] = Field(min_length=1)


class TreatmentChoice(Record):
    """Other outlier treatments, for the named `indicators` or all; ``()`` leaves the outliers alone.

    An alternative takes the place of winsorising, logarithm and Box-Cox and comes after the other steps.
    """

    factor: Literal["treatment"] = "treatment"
    alternatives: tuple[tuple[Treatment, ...], ...] = Field(min_length=1)
    indicators: tuple[str, ...] = ()


class LeaveOneOut(Record):
    """All indicators, or all but one: each of the named `indicators`, or of all, in its turn."""

    factor: Literal["leave-one-out"] = "leave-one-out"
    indicators: tuple[str, ...] = ()


class ReadingChoice(Record):
    """The options of one of the methodology's readings, all of them by default."""

    factor: Literal["reading"] = "reading"
    reading: str
    options: tuple[str, ...] = ()


class Noise(Record):
    """Figures times ``1 + sd e`` with standard normal ``e``: those that rest on filled cells, or all.

    A figure that is missing here but filled by another gap rule counts as filled.
    """

    factor: Literal["noise"] = "noise"
    sd: float = Field(0.05, gt=0)
    cells: Literal["filled", "all"] = "filled"
    indicators: tuple[str, ...] = ()


Factor = Annotated[
    WeightBand
    | WeightDirichlet
    | NormalisationChoice
    | AggregationChoice
    | GapChoice
    | TreatmentChoice
    | LeaveOneOut
    | ReadingChoice
    | Noise,
    Field(discriminator="factor"),
]
_FACTORS: TypeAdapter[tuple[Factor, ...]] = TypeAdapter(tuple[Factor, ...])

#: What is varied when nothing is asked for: every methodology has weights.
DEFAULT: tuple[Factor, ...] = (WeightBand(),)


@dataclass(frozen=True)
class Choice:
    """One of the choices of a discrete factor.

    Parameters
    ----------
    label : str
        What the choice is called, in the language in force when it was made.
    change : callable
        Makes the methodology that goes with it.
    """

    label: str
    change: Callable[[Methodology], Methodology]


def read_factors(factors: Iterable[Any] | None) -> tuple[Factor, ...]:
    """Return factors given as records or as plain tables; the default ones for None.

    Raises
    ------
    CallError
        If a table is not a factor, or there is none.
    """
    if factors is None:
        return DEFAULT
    given = [factors] if isinstance(factors, str | Mapping | Record) else list(factors)
    if not given:
        raise CallError(_("没有任何因素"), remedy=_("请至少给出一个因素, 例如权重"))
    plain = [f.model_dump() if isinstance(f, Record) else f for f in given]
    try:
        return _FACTORS.validate_python(plain)
    except ValidationError as error:
        remedy = _("因素写法见 docs/analysis-robustness.md")
        raise explained(error.errors(), plain, _("因素"), CallError, remedy) from error


def keys(factors: Sequence[Factor]) -> tuple[str, ...]:
    """Return a stable name for each factor: its kind, its reading or level, a number when it comes again."""
    found: list[str] = []
    for factor in factors:
        key = factor.reading if isinstance(factor, ReadingChoice) else _level_of(factor)
        name = f"{factor.factor}:{key}" if key else factor.factor
        again = sum(1 for other in found if other.split("#")[0] == name)
        found.append(f"{name}#{again + 1}" if again else name)
    return tuple(found)


def _level_of(factor: Factor) -> str:
    level = getattr(factor, "level", None)
    return "" if level is None else str(level)


def title(factor: Factor) -> str:
    """Return what a factor is called, in the language in force."""
    match factor:
        case WeightBand(share=share):
            name = _("权重 (上下 {share:g}%)").format(share=100 * share)
        case WeightDirichlet(concentration=concentration):
            name = _("权重 (狄利克雷分布, 集中度 {concentration:g})").format(concentration=concentration)
        case NormalisationChoice():
            name = _("标准化方法")
        case AggregationChoice():
            name = _("合成方法")
        case GapChoice():
            name = _("缺口规则")
        case TreatmentChoice():
            name = _("异常值处理")
        case LeaveOneOut():
            name = _("去掉一个指标")
        case ReadingChoice(reading=reading):
            name = _("读法 {reading}").format(reading=reading)
        case Noise(sd=sd, cells=cells):
            what = _("补齐的数据") if cells == "filled" else _("全部数据")
            name = _("{what}的误差 (相对标准差 {sd:g})").format(what=what, sd=sd)
    level = getattr(factor, "level", None)
    return name if level is None else _("{name}, 第 {level} 层").format(name=name, level=level)


def described(factor: Factor, nominal: Result) -> str:
    """Say what a factor varies: its title and, of a discrete one, the own way and the alternatives."""
    found = choices(factor, nominal)
    if not found:
        return title(factor)
    own, *others = (choice.label for choice in found)
    if isinstance(factor, LeaveOneOut):
        return _("{factor}: {own}, 或去掉 {count} 个中的任一个").format(
            factor=title(factor), own=own, count=len(others)
        )
    return _("{factor}: 本来是 {own}, 也试 {others}").format(
        factor=title(factor), own=own, others=_("、").join(others)
    )


def varied_told(factors: Sequence[Factor], nominal: Result) -> tuple[str, ...]:
    """Say what each factor varies."""
    return tuple(_("变动的因素: {factor}").format(factor=described(factor, nominal)) for factor in factors)


def untouched_told(factors: Sequence[Factor], nominal: Result, t: int) -> list[str]:
    """Say which factors move filled figures only, where none is of the year at position `t`."""
    figures = nominal.figures
    filled = figures.rests_on_filled
    # A gap that is open here may be filled by another rule.
    open_to_rules = np.isnan(figures.values) & filled.any(axis=(0, 1))
    if (filled | open_to_rules)[t].any():
        return []
    return [
        _("{year} 年没有补齐的数据, “{factor}”不涉及这一年的任何一格").format(
            year=nominal.years[t], factor=title(factor)
        )
        for factor in factors
        if isinstance(factor, GapChoice) or (isinstance(factor, Noise) and factor.cells == "filled")
    ]


def nothing_to_move(factor: Factor, why: str) -> ComputeError:
    """Return the error of a factor that targets what the methodology or the data do not have."""
    return ComputeError(why, where=title(factor), remedy=_("请去掉这个因素, 或改用有这一环节的方法和数据"))


# --- weights and noise -----------------------------------------------------------------------------------


def weighted_nodes(factor: WeightBand | WeightDirichlet, methodology: Methodology) -> dict[str, list[int]]:
    """Return the nodes whose weights move, each with the positions of the indicators under it."""
    tree, level = methodology.tree, factor.level
    nodes: dict[str, list[int]] = {}
    for position, leaf in enumerate(tree.leaves):
        node = leaf
        while level is not None and tree.depth(node) > level:
            node = tree.parent[node]
        nodes.setdefault(node, []).append(position)
    if level is not None and all(tree.depth(node) < level for node in nodes):
        raise nothing_to_move(factor, _("方法没有第 {level} 层").format(level=level))
    if len(nodes) < 2:
        raise nothing_to_move(factor, _("只有一个权重, 归一以后总是 1"))
    return nodes


def noisy_indicators(factor: Noise, methodology: Methodology) -> list[int]:
    """Return the positions of the indicators that noise falls on."""
    _require_indicators(factor, factor.indicators, methodology)
    leaves = methodology.tree.leaves
    return [j for j, leaf in enumerate(leaves) if not factor.indicators or leaf in factor.indicators]


def _require_indicators(factor: Factor, names: Iterable[str], methodology: Methodology) -> None:
    if unknown := [name for name in names if name not in methodology.indicators]:
        raise nothing_to_move(factor, _("方法没有指标 {names}").format(names=", ".join(unknown)))


# --- choices ---------------------------------------------------------------------------------------------


def choices(factor: Factor, nominal: Result) -> tuple[Choice, ...]:
    """Return the choices of a discrete factor, the methodology's own first; none for a continuous one.

    Raises
    ------
    ComputeError
        If the factor targets a stage, level, reading or indicator that is not there.
    """
    methodology = nominal.methodology
    match factor:
        case NormalisationChoice(alternatives=alternatives):
            if all(i.normalisation for i in methodology.indicators.values()):
                raise nothing_to_move(factor, _("每个指标都写明了自己的标准化方法"))
            return _whole(factor, methodology.normalisation, alternatives, "normalisation")
        case AggregationChoice():
            return _aggregations(factor, methodology)
        case GapChoice():
            return _gap_rules(factor, nominal)
        case TreatmentChoice():
            return _treatments(factor, methodology)
        case LeaveOneOut(indicators=names):
            _require_indicators(factor, names, methodology)
            if len(methodology.indicators) < 2:
                raise nothing_to_move(factor, _("方法只有一个指标"))
            leaves = [leaf for leaf in methodology.tree.leaves if not names or leaf in names]
            return (
                Choice(_("全部指标"), _same),
                *(Choice(methodology.node_title(leaf), _without(leaf)) for leaf in leaves),
            )
        case ReadingChoice():
            return _reading_options(factor, methodology)
    return ()


def _same(methodology: Methodology) -> Methodology:
    return methodology


def _without(leaf: str) -> Callable[[Methodology], Methodology]:
    return lambda methodology: load_methodology(methodology, without=[leaf])


def _described(rule: Any) -> str:
    """Write a rule, or several, by its name and the options that differ from their defaults."""
    if isinstance(rule, tuple):
        return " + ".join(map(_described, rule)) or _("无")
    table: dict[str, Any] = rule.model_dump(exclude_defaults=True)
    name = table.pop("method", None) or table.pop("rule")
    options = ", ".join(f"{key}={value}" for key, value in table.items())
    return f"{name} ({options})" if options else str(name)


def _distinct(factor: Factor, own: Choice, others: Mapping[str, Choice]) -> tuple[Choice, ...]:
    if not others:
        raise nothing_to_move(factor, _("备选与方法本来的做法相同"))
    return own, *others.values()


def _whole(factor: Factor, own: Record, alternatives: Sequence[Record], key: str) -> tuple[Choice, ...]:
    def setting(rule: Record) -> Callable[[Methodology], Methodology]:
        return lambda methodology: methodology.model_copy(update={key: rule})

    others = {_described(r): Choice(_described(r), setting(r)) for r in alternatives if r != own}
    return _distinct(factor, Choice(_described(own), _same), others)


def _aggregations(factor: AggregationChoice, methodology: Methodology) -> tuple[Choice, ...]:
    def targets(of: Methodology) -> list[str]:
        tree = of.tree
        return [node for node in tree.inner if factor.level is None or tree.depth(node) == factor.level]

    def setting(rule: Aggregation) -> Callable[[Methodology], Methodology]:
        def change(of: Methodology) -> Methodology:
            chosen = set(targets(of))
            # What the root aggregates by is the default of the others, so each is told its own.
            dimensions = {
                id: node.model_copy(
                    update={"aggregation": rule if id in chosen else node_aggregation(of, id)}
                )
                for id, node in of.dimensions.items()
            }
            top = rule if of.tree.root in chosen else of.aggregation
            return of.model_copy(update={"dimensions": dimensions, "aggregation": top})

        return change

    if not targets(methodology):
        raise nothing_to_move(factor, _("方法没有第 {level} 层").format(level=factor.level))
    own = {node_aggregation(methodology, node) for node in targets(methodology)}
    others = {
        _described(rule): Choice(_described(rule), setting(rule))
        for rule in factor.alternatives
        if own != {rule}
    }
    return _distinct(factor, Choice(" / ".join(sorted(map(_described, own))), _same), others)


def _gap_rules(factor: GapChoice, nominal: Result) -> tuple[Choice, ...]:
    filled = {nominal.figures.panel.variables[fill.variable] for fill in nominal.figures.fills}
    if not filled:
        raise nothing_to_move(factor, _("没有一格数据是补齐的"))

    def setting(rules: tuple[GapRule, ...]) -> Callable[[Methodology], Methodology]:
        def change(of: Methodology) -> Methodology:
            return of.model_copy(
                update={
                    kind: {
                        id: v.model_copy(update={"gap": rules}) if id in filled else v
                        for id, v in getattr(of, kind).items()
                    }
                    for kind in ("indicators", "inputs")
                }
            )

        return change

    own = {variable.gap for id, variable in nominal.methodology.variables() if id in filled}
    others = {
        _described(rules): Choice(_described(rules), setting(rules))
        for rules in factor.alternatives
        if own != {rules}
    }
    return _distinct(factor, Choice(" / ".join(sorted(map(_described, own))), _same), others)


def _treatments(factor: TreatmentChoice, methodology: Methodology) -> tuple[Choice, ...]:
    _require_indicators(factor, factor.indicators, methodology)

    def changed(of: Methodology, rules: tuple[Treatment, ...]) -> Methodology:
        indicators = {}
        for id, indicator in of.indicators.items():
            if not factor.indicators or id in factor.indicators:
                kept = {k: rule for k, rule in indicator.treatment.items() if not isinstance(rule, _OUTLIERS)}
                steps = kept | {f"alternative-{n}": rule for n, rule in enumerate(rules)}
                indicator = indicator.model_copy(update={"treatment": steps})
            indicators[id] = indicator
        return of.model_copy(update={"indicators": indicators})

    def steps(of: Methodology) -> list[tuple[Treatment, ...]]:
        return [tuple(indicator.treatment.values()) for indicator in of.indicators.values()]

    def setting(rules: tuple[Treatment, ...]) -> Callable[[Methodology], Methodology]:
        return lambda of: changed(of, rules)

    others = {
        _described(rules): Choice(_described(rules), setting(rules))
        for rules in factor.alternatives
        if steps(changed(methodology, rules)) != steps(methodology)
    }
    return _distinct(factor, Choice(_("方法本来的处理"), _same), others)


def _reading_options(factor: ReadingChoice, methodology: Methodology) -> tuple[Choice, ...]:
    reading = methodology.readings.get(factor.reading)
    if reading is None:
        known = ", ".join(methodology.readings) or _("无")
        raise nothing_to_move(factor, _("方法没有这个读法; 有的是: {known}").format(known=known))
    if unknown := [option for option in factor.options if option not in reading.options]:
        raise nothing_to_move(factor, _("这个读法没有选项 {names}").format(names=", ".join(unknown)))

    def setting(option: str) -> Callable[[Methodology], Methodology]:
        return lambda of: load_methodology(of, readings={factor.reading: option})

    others = {
        option: Choice(str(reading.options[option].title), setting(option))
        for option in (factor.options or tuple(reading.options))
        if option != reading.default
    }
    return _distinct(factor, Choice(str(reading.options[reading.default].title), _same), others)
