"""What experts weigh: the indicators of a methodology, the children of one of its nodes, or any names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology, Text, given_weight
from xinzhi.panel.findings import Findings


@dataclass(frozen=True)
class Items:
    """What is weighed.

    Parameters
    ----------
    texts : mapping of str to Text
        Title by id, in the order of the weights.
    equal : mapping of str to float
        Equal weights by id, adding up to 1.
    complete : bool
        Whether a sheet has to name every one of them.
    """

    texts: Mapping[str, Text]
    equal: Mapping[str, float]
    complete: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in their order."""
        return tuple(self.texts)

    @cached_property
    def names(self) -> dict[str, set[str]]:
        """The items that each name stands for, in lower case; an id stands for its own only."""
        names: dict[str, set[str]] = {}
        for id, text in self.texts.items():
            for title in filter(None, (text.zh, text.en)):
                names.setdefault(title.casefold(), set()).add(id)
        return names | {id.casefold(): {id} for id in self.texts}

    def title(self, id: str) -> str:
        """Return the title of an item in the current language."""
        return str(self.texts[id])

    def find(self, name: str, findings: Findings, *, row: int, column: str = "") -> str | None:
        """Return the item of a name in a sheet; None, with a finding, where there is none or several."""
        ids = self.names.get(name.casefold(), set())
        if len(ids) == 1:
            return next(iter(ids))
        what = _("有几个指标或维度叫 {name}, 请写标识") if ids else _("没有指标或维度 {name}")
        findings.add(
            what.format(name=name or _("(空)")),
            row=row,
            column=column,
            remedy=_("可用: {known}").format(known=", ".join(sorted(ids) or self.ids)),
        )
        return None


def indicators_of(methodology: Methodology) -> Items:
    """Return all indicators; equal weights are those among the children of every node."""
    tree = methodology.tree
    equal = {node: dict.fromkeys(tree.children[node], 1.0) for node in tree.inner}
    return Items({leaf: methodology.node_text(leaf) for leaf in tree.leaves}, _of_leaves(methodology, equal))


def inner_node(methodology: Methodology, name: str) -> str:
    """Return the node with children that an id or a title names.

    Raises
    ------
    CallError
        If there is none, or a title is that of several.
    """
    inner = {node: methodology.node_text(node) for node in methodology.tree.inner}
    found = [name] if name in inner else [id for id, text in inner.items() if name in (text.zh, text.en)]
    if len(found) != 1:
        what = _("有几个节点叫 {name}, 请写标识") if found else _("没有节点 {name}, 或它没有下级")
        raise CallError(
            what.format(name=name),
            where=methodology.id,
            remedy=_("可用: {known}").format(known=", ".join(found or inner)),
        )
    return found[0]


def children_of(methodology: Methodology, node: str) -> Items:
    """Return the children of a node, named by its id or title; :func:`inner_node` says what it refuses."""
    children = methodology.tree.children[inner_node(methodology, node)]
    texts = {child: methodology.node_text(child) for child in children}
    return Items(texts, dict.fromkeys(children, 1 / len(children)))


def nodes_of(methodology: Methodology) -> Items:
    """Return all indicators and dimensions, of which a sheet may compare any."""
    nodes = [*methodology.indicators, *methodology.dimensions]
    texts = {node: methodology.node_text(node) for node in nodes}
    return Items(texts, dict.fromkeys(nodes, 1 / len(nodes)), complete=False)


def items_named(names: Iterable[str]) -> Items:
    """Return items that only have names, each once."""
    texts = {name: Text(zh=name) for name in filter(None, map(str.strip, names))}
    return Items(texts, dict.fromkeys(texts, 1 / max(len(texts), 1)))


def with_children_weighed(
    methodology: Methodology, node: str, weights: Mapping[str, float]
) -> dict[str, float]:
    """Return the share of every indicator once the children of a node have these weights.

    The rest of the tree keeps its proportions.

    Parameters
    ----------
    methodology : Methodology
        With the weighting ``given`` or ``equal``.
    node : str
        Id of the node.
    weights : mapping of str to float
        By child.

    Raises
    ------
    CallError
        If the other weights come from the data, so that they are not known before it.
    """
    tree, method = methodology.tree, methodology.weighting.method
    if method not in ("given", "equal") and set(weights) != set(tree.leaves):
        raise CallError(
            _("这个方法的其余权重由 {method} 法从数据算出, 不能只改一个节点").format(method=method),
            where=methodology.id,
            remedy=_("请让专家给全部指标打分, 或先把 weighting 改为 given 或 equal"),
        )
    local = {
        inner: {
            child: given_weight(methodology, child) if method == "given" else 1.0
            for child in tree.children[inner]
        }
        for inner in tree.inner
    }
    return _of_leaves(methodology, local | {node: dict(weights)})


def _of_leaves(methodology: Methodology, local: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return shares of the indicators from weights among the children of every node."""
    tree = methodology.tree
    share = {tree.root: 1.0}
    for node in tree.inner:  # parents before children
        total = math.fsum(local[node].values())
        for child in tree.children[node]:
            part = local[node][child] / total if total else 1 / len(tree.children[node])
            share[child] = share[node] * part
    return {leaf: share[leaf] for leaf in tree.leaves}
