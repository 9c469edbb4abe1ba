"""What is measured and how, as the methodology and the call declare it; nothing is added to what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xinzhi.forms import load_call
from xinzhi.index import Result
from xinzhi.index.aggregation import node_aggregation
from xinzhi.index.formulas import indicator_formula
from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import Arithmetic
from xinzhi.publish.blocks import Block, Column, Formula, Name, Number, Paragraph, Span, Spans, Table, Words
from xinzhi.publish.notation import AGGREGATION, NORMALISATION, WEIGHTING
from xinzhi.publish.paper.subject import Subject, quote, quoted
from xinzhi.publish.text.findings import paragraph

_SOURCES = 8
_MOST_TERMS = 8  # of an aggregation that is worked through


def background(subject: Subject) -> Iterator[Block]:
    """Say what the index rests on and what it is made of, in the words of its sources."""
    w, standing = subject.writer, subject.standing
    if subject.result is None:
        return
    methodology = subject.result.methodology
    if methodology.source.number:  # a call letter that is held as data
        call = load_call()
        if call.number == methodology.source.number:
            yield quote(
                _("征集: {society}《{title}》({number})").format(
                    society=call.society, title=call.title, number=call.number
                )
            )
            yield from quoted([f"{domain.title}: {domain.about}" for domain in call.domains])
    yield quote(_("依据: {source}").format(source=methodology.source.citation))
    for node in subject.dimensions:
        leaves = [w.title(leaf) for leaf in methodology.tree.leaves_under(node)]
        yield paragraph(
            w.say(
                "composition",
                "plain",
                node=w.title(node),
                count=w.number("indicators", node=node),
                names=leaves,
                weight=w.number("weight", "1", node=node),
            )
        )
        if note := methodology.dimensions[node].note:
            yield quote(str(note))
    if not subject.dimensions and len(standing.nodes) > 1:
        yield paragraph(
            w.say(
                "composition",
                "flat",
                node=w.title(standing.root),
                count=w.number("indicators"),
                names=[w.title(leaf) for leaf in methodology.tree.leaves],
            )
        )


def system(subject: Subject) -> Iterator[Block]:
    """Say what the index is made of; tabulate indicators, weights and units of measure."""
    w, standing, result = subject.writer, subject.standing, subject.result
    if result is None:
        yield from quoted(subject.assessment.notes)
        return
    methodology = result.methodology
    case = ("years" if len(standing.years) > 1 else "year") + ("" if subject.dimensions else "_flat")
    yield paragraph(
        w.say(
            "system",
            case,
            title=Name(str(methodology.title)),
            names=[w.title(node) for node in subject.dimensions],
            dimensions=w.number("dimensions"),
            indicators=w.number("indicators"),
            count=w.number("units", year=subject.year),
            since=w.year(standing.years[0]),
            year=w.year(standing.years[-1]),
        )
    )
    substitutes = any(i.stands_for for i in methodology.indicators.values())
    columns = (
        Column(_("指标"), width=3.4),
        Column(_("权重") + " (%)", "right", 1),
        Column(_("方向"), "center", 0.8),
        Column(_("计量单位"), "left", 1.2),
        *([Column(_("代替的指标"), "left", 2.6)] if substitutes else []),
    )
    rows = [_system_row(subject, result, node)[: len(columns)] for node in methodology.tree.nodes[1:]]
    yield Table((Words(_("指标、权重与计量单位")),), columns, tuple(rows))
    yield quote(_("出处: {source}").format(source=methodology.source.citation))


def _system_row(subject: Subject, result: Result, node: str) -> tuple[Spans, ...]:
    methodology = result.methodology
    indicator = methodology.indicators.get(node)
    indent = "　" * (methodology.tree.depth(node) - 1)
    weight = subject.writer.number("weight", "2", node=node)
    if indicator is None:
        return (Words(indent), Words(methodology.node_title(node), strong=True)), (weight,), (), (), ()
    return (
        (Words(indent), Name(str(indicator.title))),
        (weight,),
        (Words("+" if indicator.direction == "positive" else "−"),),
        (Name(unit_name(indicator.unit)),),
        (Name(str(indicator.stands_for or "")),),
    )


def formulas(subject: Subject) -> Iterator[Block]:
    """Set the formulas of the index and work one unit through with its own figures."""
    result = subject.result
    if result is None:
        return
    w, methodology = subject.writer, result.methodology
    yield paragraph(w.say("scale", "plain", scale=w.number("scale")))
    yield from _normalising(methodology)
    weighting = methodology.weighting.method
    yield from map(Formula, WEIGHTING.get(weighting, ()))
    yield Paragraph((Words(_weightings()[weighting]),))
    rules = [node_aggregation(methodology, node).method for node in methodology.tree.inner]
    for rule in dict.fromkeys(rules):
        yield Formula(AGGREGATION[rule])
        yield Paragraph((Words(_aggregations()[rule]),))
    yield from _worked(subject, result)


def _normalising(methodology: Methodology) -> Iterator[Block]:
    """Give every way in which a figure becomes a score, for each direction that occurs."""
    ways: dict[str, set[bool]] = {}
    for indicator in methodology.indicators.values():
        rule = indicator.normalisation or methodology.normalisation
        ways.setdefault(rule.method, set()).add(indicator.direction == "positive")
    for method, directions in ways.items():
        told = NORMALISATION[method]
        apart = len(directions) > 1 and told[True] != told[False]
        for up in sorted(directions, reverse=True) if apart else [max(directions)]:
            if apart:
                yield Paragraph((Words(_("越大越好的指标：") if up else _("越小越好的指标：")),))
            yield Formula(told[up])
        yield Paragraph((Words(_normalisations()[method]),))


def _worked(subject: Subject, result: Result) -> Iterator[Block]:
    """Work the leading unit through: one indicator from its figure, and the total from its parts."""
    order = subject.standing.order(subject.standing.root, subject.year)
    if not order:
        return
    n, t = order[0], result.years.index(subject.year)
    tree, w, root = result.methodology.tree, subject.writer, subject.standing.root
    shares = result.weights.of_leaves()[0]
    known = [leaf for leaf in tree.leaves if np.isfinite(result.scores[leaf][t, n])]
    leaf = max(known, key=lambda leaf: (shares[tree.leaves.index(leaf)], -tree.leaves.index(leaf)))
    told = indicator_formula(result, n, leaf, t)
    heading = _("算例: {unit}, {year} 年, {indicator}").format(
        unit=w.name(n).text, year=subject.year, indicator=w.title(leaf).text
    )
    yield quote(f"{heading}: {told} = {w.score(n, leaf, subject.year).text}")
    children = tree.children[root]
    whole = all(np.isfinite(result.scores[child][t, n]) for child in children)
    if not whole or len(children) > _MOST_TERMS:
        return
    if not isinstance(result.methodology.aggregation, Arithmetic):
        return
    terms: list[Span] = []
    for place, child in enumerate(children):
        terms += [Words(" + " if place else ""), w.number("weight", "2", node=child), Words("% × ")]
        terms.append(w.score(n, child, subject.year))
    total: Number = w.score(n, root, subject.year)
    yield Paragraph(
        (
            w.title(root),
            Words("："),
            *terms,
            Words(" = "),
            total,
            Words(_("（各数按所示小数，相加有舍入之差）")),
        )
    )


def sources(subject: Subject) -> Iterator[Block]:
    """Name the publications that the figures come from."""
    if subject.result is None:
        return
    named = [source for source in subject.result.panel.sources if source]
    if named:
        yield Paragraph((Words(_("数据来源：")),))
        yield from (Paragraph((Name(source),), marker="•") for source in named[:_SOURCES])
    if len(named) > _SOURCES:  # of a campaign every return is one
        yield quote(_("等 {count} 种; 每个数的来源见数据包的 panel.csv").format(count=len(named)))


def readings(subject: Subject) -> Iterator[Block]:
    """Say which way each open passage of the source is read."""
    if subject.result is None:
        return
    methodology = subject.result.methodology
    for id, option in methodology.chosen_readings.items():
        reading = methodology.readings[id]
        yield quote(
            _("读法 {reading}: {option}").format(reading=reading.title, option=reading.options[option].title)
        )


# --- what the letters of the formulas stand for ------------------------------------------------------------


def _normalisations() -> Mapping[str, str]:
    return {
        "minmax": _("式中 x 为某单位的数值，min x 和 max x 为各单位中最小和最大的数值，S 为满分，z 为得分。"),
        "goalposts": _("式中 x 为某单位的数值，a 和 b 为规定的下限和上限，S 为满分，z 为得分。"),
        "base": _("式中分数线上为当期的数值，线下为基期的数值，反向指标相反；S 为满分，z 为得分。"),
        "zscore": _("式中 μ 和 σ 为各单位的平均数和标准差，m 和 s 为规定的平均分和分差，z 为得分。"),
        "rank": _("式中 n 为单位数，r 为名次，S 为满分，z 为得分。"),
        "percentile": _("式中 n 为单位数，r 为名次，S 为满分，z 为得分。"),
        "reference": _("式中带下标零的为参照的数值，S 为满分，z 为得分。"),
        "ampi": _("式中 μ 为基准年的平均数，min x 和 max x 为各年各单位中最小和最大的数值，z 为得分。"),
        "none": _("数值本身即为得分。"),
    }


def _weightings() -> Mapping[str, str]:
    return {
        "given": _("权重由方法规定，列在上表。"),
        "equal": _("同一层的各项权重相等，m 为项数。"),
        "entropy": _(
            "权重用熵值法求出：p 为某单位在该指标总和中的份额，n 为数的个数，e 为熵；结果列在上表。"
        ),
        "critic": _("权重用 CRITIC 法求出：σ 为标准差，r 为两个指标的相关系数；结果列在上表。"),
        "variation": _("权重按变异系数求出：σ 为标准差，μ 为平均数；结果列在上表。"),
        "pca": _("权重用主成分分析求出，列在上表。"),
        "factor": _("权重用因子分析求出，列在上表。"),
        "scatter": _("权重用纵横向拉开档次法求出，列在上表。"),
    }


def _aggregations() -> Mapping[str, str]:
    return {
        "arithmetic": _("上级的得分 Z 是下级各项得分 z 按权重 w 的加权平均，同一上级之下权重之和为一。"),
        "geometric": _("上级的得分 Z 是下级各项得分 z 按权重 w 的加权几何平均，同一上级之下权重之和为一。"),
        "harmonic": _("上级的得分 Z 是下级各项得分 z 按权重 w 的加权调和平均，同一上级之下权重之和为一。"),
        "power": _("上级的得分 Z 是下级各项得分 z 按权重 w 的加权幂平均，p 为幂，同一上级之下权重之和为一。"),
        "topsis": _("式中分子为与最差者的距离，分母为与最差者和最好者的距离之和，S 为满分。"),
        "mpi": _("式中 M 为下级各项得分的加权平均，σ 为它们的标准差。"),
    }
