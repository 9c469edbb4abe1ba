"""A methodology as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology, given_weight
from xinzhi.methodology.measures import unit_name


def methodology_lines(methodology: Methodology) -> Iterator[str]:
    """Yield title, source, tree with weights and units, statements and readings."""
    source = methodology.source
    yield f"{methodology.id} · {methodology.title}"
    yield _("出处: {source}").format(
        source=" ".join(
            filter(None, (str(source.citation), source.doi and f"DOI {source.doi}", source.number))
        )
    )
    yield _("标准化 {normalisation}; 赋权 {weighting}; 合成 {aggregation}; 缺失 {missing}").format(
        normalisation=methodology.normalisation.method,
        weighting=methodology.weighting.method,
        aggregation=methodology.aggregation.method,
        missing=methodology.missing.policy,
    )
    for node in methodology.tree.nodes:
        yield "  " * methodology.tree.depth(node) + _node(methodology, node)
    yield from (f"※ {statement}" for statement in methodology.statements)
    for id, reading in methodology.readings.items():
        yield _("读法 {id}: {title}; 原文: {passage}").format(
            id=id, title=reading.title, passage=reading.passage
        )
        for name, option in reading.options.items():
            mark = "*" if name == reading.default else " "
            yield f"  {mark} {name}: {option.title}" + (f" ({option.note})" if option.note else "")


def _node(methodology: Methodology, node: str) -> str:
    weight = f" {given_weight(methodology, node):g}" if methodology.weighting.method == "given" else ""
    line = f"{methodology.node_title(node)} [{node}]{weight}"
    indicator = methodology.indicators.get(node)
    if indicator is None:
        return line
    details = [unit_name(indicator.unit), "+" if indicator.direction == "positive" else "−"]
    if indicator.stands_for:
        details.append(_("代替 {what}").format(what=indicator.stands_for))
    if indicator.formula:
        details.append(f"= {indicator.formula}")
    if indicator.note:
        details.append(str(indicator.note))
    return f"{line}  ({'; '.join(filter(None, details))})"
