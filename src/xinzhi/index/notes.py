"""What a reader has to be told beside the numbers, generated from the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from xinzhi.geography import demonstration_unit
from xinzhi.index.aggregation import node_aggregation
from xinzhi.index.contributions import EXACT_CHILDREN
from xinzhi.index.normalisation import bounds
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.methodology.methods import Arithmetic, DataWeighting, Entropy

if TYPE_CHECKING:
    from xinzhi.index.computation import Computation
    from xinzhi.methodology.model import Statement

_LISTED = 12  # names in a sentence; the tables list them all


def notes(result: Computation) -> tuple[str, ...]:
    """Return the sentences, most general first; they are made once in each language."""
    language = current_language()
    if language not in result.told:
        result.told[language] = tuple(_sentences(result))
    return result.told[language]


def _sentences(result: Computation) -> Iterator[str]:
    methodology, figures = result.methodology, result.figures
    if methodology.level == "county" and any(demonstration_unit(code) for code in result.codes):
        yield _("演示数据: 示例省并不存在, 数字都是虚构的")
    yield from (str(statement) for statement in methodology.statements if _holds(result, statement))
    yield from _about_changes(result)
    for id, option in methodology.chosen_readings.items():
        reading = methodology.readings[id]
        yield _("读法 {reading}: {option}").format(
            reading=reading.title, option=reading.options[option].title
        )
    if result.weights.constrained:
        yield _("特征向量有负分量, 权重按非负约束求解: {nodes}").format(
            nodes=_few([methodology.node_title(node) for node in result.weights.constrained])
        )
    if result.lacks_indicators:
        empty = [methodology.node_title(leaf) for leaf in result.empty_indicators]
        yield (
            _("没有任何数据的指标占权重 {share:.1%}: {names}; 因此这不是完整的指数").format(
                share=result.missing_weight, names=_few(empty)
            )
            if result.missing_weight > 0
            else _("没有任何数据的指标: {names}; 因此这不是完整的指数").format(names=_few(empty))
        )
    if figures.absent:
        yield _("数据里没有的单位 {count} 个: {names}").format(
            count=len(figures.absent), names=_few([unit.label for unit in figures.absent])
        )
    if figures.excluded:
        yield _("不参加排名的单位 {count} 个 ({kinds})").format(
            count=len(figures.excluded), kinds=", ".join(methodology.ranking.without_kinds)
        )
    years = [year for year in methodology.years if year not in figures.years]
    if years:
        yield _("数据里没有的年份: {years}").format(years=", ".join(map(str, years)))
    if result.fills:
        yield _("按规则补齐 {count} 格, 见补齐表").format(count=len(result.fills))
    yield from _about_missing(result)
    for change in result.batch.changes:
        yield f"{methodology.node_title(change.indicator)}: {change.text}"
    if result.undefined:
        listed = [
            f"{result.names[n]} {result.years[t]} {methodology.node_title(node)}"
            for t, n, node in result.undefined
        ]
        yield _("公式对这些值没有定义 (零或负的基期, 负数的对数、根或几何平均), 不给得分: {cells}").format(
            cells=_few(listed)
        )
    constant = [
        methodology.node_title(leaf) for j, leaf in enumerate(methodology.tree.leaves) if _constant(result, j)
    ]
    if constant and len(result.codes) > 1:
        yield _("这些指标各单位完全相同, 不区分高低: {names}").format(names=_few(constant))
    sampled = [
        methodology.node_title(node)
        for node in methodology.tree.inner
        if len(methodology.tree.children[node]) > EXACT_CHILDREN
        and not isinstance(node_aggregation(methodology, node), Arithmetic)
    ]
    if sampled:
        yield _("下级超过 {count} 项, 贡献由抽样的排列估计, 合计仍等于得分: {names}").format(
            count=EXACT_CHILDREN, names=_few(sampled)
        )


def _holds(result: Computation, statement: Statement) -> bool:
    """Tell whether what a statement depends on is as the methodology was written."""
    changed = result.methodology.changed
    holds = {
        "weights": not changed.weights,
        "indicators": not changed.without,
        "figures": result.panel.origin == result.methodology.figures,
    }
    return all(holds[subject] for subject in statement.about)


def _about_changes(result: Computation) -> Iterator[str]:
    changed, method = result.methodology.changed, result.methodology.weighting.method
    if changed.without:
        yield _("与原方法不同: 去掉 {count} 个指标: {names}").format(
            count=len(changed.without), names=_few([str(title) for title in changed.without])
        )
        if method == "given" and not changed.weights:
            yield _("去掉的指标的权重按比例分给同级的其他指标")
    if changed.weights and method == "given":
        yield _("与原方法不同: 权重由使用者给定")
    elif changed.weights:
        yield _("与原方法不同: 赋权方法改为 {method}").format(method=method)
    if method == "equal" and len(result.methodology.tree.inner) > 1:
        yield _("每个节点的下级等权")
    elif isinstance(result.methodology.weighting, Entropy):
        yield _("权重由熵权法从数据算出")
    elif isinstance(result.methodology.weighting, DataWeighting):
        yield _("权重由 {method} 法从数据算出").format(method=method)


def _about_missing(result: Computation) -> Iterator[str]:
    leaves, policy = result.methodology.tree.leaves, result.methodology.missing
    # Cells of an indicator without any figure have had their own sentence.
    empty = {leaves.index(leaf) for leaf in result.empty_indicators}
    count = sum(cell[2] not in empty for cell in result.missing_cells)
    if count:
        text = (
            _("仍缺 {count} 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出")
            if policy.policy == "reweight"
            else _("仍缺 {count} 格, 见缺失表; 有缺失的单位不给得分")
        )
        yield text.format(count=count)
    below = int(result.below_threshold.sum())
    if below:
        yield _("有数据的权重不到 {share:.0%} 而不给总分的单位和年份: {count} 个").format(
            share=policy.at_least, count=below
        )


def _constant(result: Computation, indicator: int) -> bool:
    """Tell whether the units are equal in every year."""
    low, high = bounds(result.figures.values[None, :, :, [indicator]], "year")
    known = np.isfinite(low)
    return bool(known.any() and (low[known] == high[known]).all())


def _few(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_LISTED])
    return (
        listed
        if len(names) <= _LISTED
        else _("{listed} 等 {count} 项").format(listed=listed, count=len(names))
    )
