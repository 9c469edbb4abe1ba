"""What a methodology must keep beyond the types of its keys: tree, weights, formulas, years, readings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xinzhi.errors import MethodologyError, XinzhiError
from xinzhi.geography import load_region_scheme
from xinzhi.language import gettext as _
from xinzhi.methodology.methods import (
    Ampi,
    Base,
    Goalposts,
    MinMax,
    Normalisation,
    OtherYearGap,
    Power,
    Reference,
)
from xinzhi.methodology.model import Dimension, Indicator, Methodology

_TOLERANCE = 1e-9  # of the weight of the root, for sums of weights written as decimals
_DEEPEST = 20  # levels of dimensions
_NOT_FOR_READINGS = ("id", "based_on", "readings")


def given_weight(methodology: Methodology, node: str) -> float:
    """Return the weight written for `node`, or the sum of what is written below it."""
    if node in methodology.indicators:
        return methodology.indicators[node].weight or 0.0
    written = _stated_weight(methodology, node)
    if written is not None:
        return written
    return _weight_below(methodology, node)


def _stated_weight(methodology: Methodology, node: str) -> float | None:
    if node == methodology.root.id:
        return methodology.root.weight
    return methodology.dimensions[node].weight


def _weight_below(methodology: Methodology, node: str) -> float:
    return math.fsum(given_weight(methodology, child) for child in methodology.tree.children[node])


# --- the tree --------------------------------------------------------------------------------------------


def _check_ids(methodology: Methodology, name: str) -> None:
    taken = {methodology.root.id}
    for kind in ("dimensions", "indicators", "inputs"):
        for id in getattr(methodology, kind):
            if id in taken:
                raise MethodologyError(
                    _("标识重复"), where=f"{name} [{kind}.{id}]", remedy=_("每个节点和变量的标识只能用一次")
                )
            taken.add(id)


def _check_parents(methodology: Methodology, name: str) -> None:
    known = [methodology.root.id, *methodology.dimensions]
    kinds: dict[str, Mapping[str, Dimension] | Mapping[str, Indicator]] = {
        "dimensions": methodology.dimensions,
        "indicators": methodology.indicators,
    }
    for kind, nodes in kinds.items():
        for id, node in nodes.items():
            if node.parent not in (None, methodology.root.id) and node.parent not in methodology.dimensions:
                raise MethodologyError(
                    _("上级 {parent} 不存在").format(parent=node.parent),
                    where=f"{name} [{kind}.{id}] parent",
                    remedy=_("可用: {known}").format(known=", ".join(known)),
                )


def _check_no_cycle(methodology: Methodology, name: str) -> None:
    for id in methodology.dimensions:
        path = [id]
        while (step := methodology.dimensions[path[-1]].parent) in methodology.dimensions:
            assert step is not None
            if step in path:
                raise MethodologyError(
                    _("上级关系成环: {path}").format(path=" → ".join([*path[path.index(step) :], step])),
                    where=f"{name} [dimensions.{id}] parent",
                    remedy=_("请让每个维度最终归到总指数"),
                )
            if len(path) == _DEEPEST:
                raise MethodologyError(
                    _("维度超过 {limit} 级").format(limit=_DEEPEST), where=f"{name} [dimensions.{id}] parent"
                )
            path.append(step)


def _check_no_empty_dimension(methodology: Methodology, name: str) -> None:
    for id in methodology.dimensions:
        if not methodology.tree.children[id]:
            raise MethodologyError(
                _("这个维度下没有指标"),
                where=f"{name} [dimensions.{id}]",
                remedy=_("请补充指标或删去该维度"),
            )


# --- weights ---------------------------------------------------------------------------------------------


def _check_weights(methodology: Methodology, name: str) -> None:
    if methodology.weighting.method != "given":
        return
    for id, indicator in methodology.indicators.items():
        if indicator.weight is None:
            raise MethodologyError(
                _("缺少权重"),
                where=f"{name} [indicators.{id}] weight",
                remedy=_("请给出权重, 或把 weighting 改为 equal 或 entropy"),
            )
    for node in methodology.tree.inner:
        stated, total = _stated_weight(methodology, node), _weight_below(methodology, node)
        if stated is not None and abs(total - stated) > _TOLERANCE * methodology.root.weight:
            table = "root" if node == methodology.root.id else f"dimensions.{node}"
            raise MethodologyError(
                _("下级权重合计 {total:.12g}, 与本级权重 {stated:.12g} 不符").format(
                    total=total, stated=stated
                ),
                where=f"{name} [{table}] weight",
                remedy=_("请修改 {children} 的权重").format(
                    children=", ".join(methodology.tree.children[node])
                ),
            )


# --- formulas --------------------------------------------------------------------------------------------


def _check_formulas(methodology: Methodology, name: str) -> None:
    known = {id for id, _variable in methodology.variables()}
    derived = {id for id, indicator in methodology.indicators.items() if indicator.formula}
    for id in derived:
        where = f"{name} [indicators.{id}] formula"
        try:
            formula = methodology.indicators[id].parsed_formula
        except MethodologyError as error:
            raise MethodologyError(error.what, where=where, remedy=error.remedy) from error
        assert formula is not None
        if unknown := sorted(formula.names - known):
            raise MethodologyError(
                _("公式里的 {names} 不是指标也不是 inputs").format(names=", ".join(unknown)),
                where=where,
                remedy=_("请在 [inputs] 中声明, 或改正拼写"),
            )
        if chained := sorted(formula.names & derived):
            raise MethodologyError(
                _("公式引用了另一个公式指标 {names}").format(names=", ".join(chained)),
                where=where,
                remedy=_("公式只能引用直接填报的变量"),
            )


# --- years, regions, rules -------------------------------------------------------------------------------


def _check_years(methodology: Methodology, name: str) -> None:
    if list(methodology.years) != sorted(set(methodology.years)):
        raise MethodologyError(_("年份应当从小到大, 不重复"), where=f"{name} years")


def _check_regions(methodology: Methodology, name: str) -> None:
    if methodology.regions:
        try:
            load_region_scheme(methodology.regions)
        except XinzhiError as error:
            raise MethodologyError(error.what, where=f"{name} regions", remedy=error.remedy) from error


def _check_variables(methodology: Methodology, name: str) -> None:
    for id, variable in methodology.variables():
        table = f"{'indicators' if id in methodology.indicators else 'inputs'}.{id}"
        low, high = variable.limits
        if low is not None and high is not None and low >= high:
            raise MethodologyError(_("下限应当小于上限"), where=f"{name} [{table}] limits")
        for position, rule in enumerate(variable.gap, start=1):
            if isinstance(rule, OtherYearGap) and rule.year == rule.use:
                place = _("第 {n} 项").format(n=position)
                raise MethodologyError(_("use 应当是另一个年份"), where=f"{name} [{table}] gap {place} use")


def _check_normalisation(methodology: Methodology, name: str) -> None:
    for table, rule in _normalisations(methodology):
        if problem := _problem(rule, methodology):
            key, what, remedy = problem
            raise MethodologyError(what, where=f"{name} [{table}] {key}", remedy=remedy)


def _normalisations(methodology: Methodology) -> Iterator[tuple[str, Normalisation]]:
    if any(indicator.normalisation is None for indicator in methodology.indicators.values()):
        yield "normalisation", methodology.normalisation
    for id, indicator in methodology.indicators.items():
        if indicator.normalisation is not None:
            yield f"indicators.{id}.normalisation", indicator.normalisation


def _problem(rule: Normalisation, methodology: Methodology) -> tuple[str, str, str] | None:
    """Return key, what is wrong and the remedy."""
    match rule:
        case Goalposts(lower=lower, upper=upper) if upper <= lower:
            return "upper", _("upper 应当大于 lower"), ""
        case Goalposts(lower=lower, log=True) if lower <= 0:
            return "lower", _("取对数时 lower 应当大于 0"), ""
        case MinMax(lowest=lowest) if lowest >= methodology.scale:
            return "lowest", _("lowest 应当小于 scale"), ""
        case Reference(to=float(to)) if to <= 0:
            return "to", _("应当 {sign} {limit}").format(sign=">", limit=0), ""
        case Base(year=int(year)) | Ampi(year=year) if year not in methodology.years:
            return "year", _("基期 {year} 不在 years 之内").format(year=year), _("请把基期列入 years")
    return None


def _check_aggregation(methodology: Methodology, name: str) -> None:
    rules: dict[str, Any] = {"aggregation": methodology.aggregation}
    rules |= {f"dimensions.{id}.aggregation": node.aggregation for id, node in methodology.dimensions.items()}
    for table, rule in rules.items():
        if isinstance(rule, Power) and rule.exponent == 0:
            raise MethodologyError(
                _("exponent 不能为 0"),
                where=f"{name} [{table}] exponent",
                remedy=_("指数为 0 的幂平均就是几何平均, 请写 geometric"),
            )


# --- readings --------------------------------------------------------------------------------------------


def _check_patches(methodology: Methodology, name: str) -> None:
    """Refuse patches of what identifies a methodology, and two readings that set the same key."""
    taken: tuple[tuple[str, ...], str] = ((), "")
    for path, id in sorted(_patched_paths(methodology)):
        where = f"{name} [readings.{id}.options]"
        if path[0] in _NOT_FOR_READINGS:
            raise MethodologyError(_("读法不能改 {key}").format(key=".".join(path)), where=where)
        above, owner = taken
        if not above or path[: len(above)] != above:
            taken = (path, id)
        elif owner != id:
            raise MethodologyError(
                _("读法 {other} 也改 {key}").format(other=owner, key=".".join(above)),
                where=where,
                remedy=_("结果会取决于先后; 请让一项只由一个读法决定"),
            )


def _patched_paths(methodology: Methodology) -> set[tuple[tuple[str, ...], str]]:
    return {
        (path, id)
        for id, reading in methodology.readings.items()
        for option in reading.options.values()
        for path in set_paths(option.set)
    }


def names_method(table: Mapping[str, Any]) -> bool:
    """Tell whether a table is a method with its options, and not one that holds a node of that name."""
    return isinstance(table.get("method"), str)


def set_paths(patch: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of everything a patch replaces."""
    for key, value in patch.items():
        path = (*above, key)
        if isinstance(value, Mapping) and not names_method(value):
            yield from set_paths(value, path)
        else:
            yield path


CHECKS: tuple[Callable[[Methodology, str], None], ...] = (
    _check_ids,
    _check_parents,
    _check_no_cycle,
    _check_no_empty_dimension,
    _check_weights,
    _check_formulas,
    _check_years,
    _check_regions,
    _check_variables,
    _check_normalisation,
    _check_aggregation,
    _check_patches,
)
