"""A methodology, and the list of the analyses, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.methodology import Methodology, given_weight


def level_name(level: str) -> str:
    """Return the name of a level in the current language; a level of the user's own stays as it is."""
    return {"nation": _("全国"), "province": _("省级"), "county": _("县级")}.get(level, level)


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


def analysis_lines() -> Iterator[str]:
    """Yield the analyses and the factors: the name to type, and what it is called."""
    from xinzhi.analysis.catalogue import analysis_titles, factor_titles

    for title, names in ((_("分析 (--what):"), analysis_titles()), (_("因素 (--factors):"), factor_titles())):
        yield title
        yield from (f"  {name:<20} {called}" for name, called in names.items())


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
    if indicator.gap:
        details.append(_("补缺 {rules}").format(rules=", ".join(rule.rule for rule in indicator.gap)))
    if indicator.treatment:
        steps = (step.method for step in indicator.treatment.values())
        details.append(_("处理 {steps}").format(steps=", ".join(steps)))
    if indicator.normalisation:
        details.append(_("标准化 {method}").format(method=indicator.normalisation.method))
    if indicator.tags:
        details.append(_("标签 {tags}").format(tags=", ".join(indicator.tags)))
    if indicator.note:
        details.append(str(indicator.note))
    return f"{line}  ({'; '.join(filter(None, details))})"
