"""From one methodology to a changed one: always by changing its tables and checking them anew."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from xinzhi.errors import CallError
from xinzhi.formula import Formula
from xinzhi.language import gettext as _
from xinzhi.methodology.building import build
from xinzhi.methodology.checking import given_weight
from xinzhi.methodology.methods import Weighting, method_names
from xinzhi.methodology.model import Methodology, Variable

Document = dict[str, Any]


def with_readings(methodology: Methodology, readings: Mapping[str, str]) -> Methodology:
    """Return the methodology with other options of its readings in force."""
    for reading, option in readings.items():
        if reading not in methodology.readings:
            raise CallError(
                _("没有这个读法: {names}").format(names=reading),
                where=methodology.id,
                remedy=_("可用: {known}").format(known=", ".join(methodology.readings) or _("无")),
            )
        if option not in methodology.readings[reading].options:
            raise CallError(
                _("没有这个选项: {option}").format(option=option),
                where=f"{methodology.id} [readings.{reading}]",
                remedy=_("可选: {options}").format(options=", ".join(methodology.readings[reading].options)),
            )

    def change(document: Document) -> None:
        for reading, option in readings.items():
            document["readings"][reading]["default"] = option

    return _changed(methodology, change)


def with_years(methodology: Methodology, years: Iterable[int]) -> Methodology:
    """Return the methodology for other years."""
    wanted = sorted({int(year) for year in years})

    def change(document: Document) -> None:
        document["years"] = wanted
        _forget(document, "years")

    return _changed(methodology, change)


def with_weights(methodology: Methodology, weights: str | Mapping[str, float]) -> Methodology:
    """Return the methodology weighed by another method, or by a weight for every indicator."""
    if isinstance(weights, str):
        return _with_weighting(methodology, weights)
    shares = _shares(methodology, weights)

    def change(document: Document) -> None:
        document["weighting"] = {"method": "given"}
        document.setdefault("changed", {})["weights"] = True
        for dimension in document.get("dimensions", {}).values():
            dimension.pop("weight", None)
        for id, share in shares.items():
            document.setdefault("indicators", {}).setdefault(id, {})["weight"] = (
                methodology.root.weight * share
            )
        _forget(document, "weighting")
        _forget_weights(document)

    return _changed(methodology, change)


def without(methodology: Methodology, names: Iterable[str]) -> Methodology:
    """Return the methodology without the indicators of these ids or tags.

    The weight they leave is shared among what remains beside them, in proportion. An indicator that the
    formula of another one needs stays as an input.
    """
    dropped = _named(methodology, names)
    tree = methodology.tree
    empty = {node for node in tree.inner if dropped.issuperset(tree.leaves_under(node))}
    inputs = dropped & _needed(methodology, set(methodology.indicators) - dropped)

    def change(document: Document) -> None:
        changed = document.setdefault("changed", {})
        titles = [i.title.model_dump() for id, i in methodology.indicators.items() if id in dropped]
        changed["without"] = [*changed.get("without", []), *titles]
        for tables in (document, *_patches(document)):
            for id in dropped:
                table = tables.get("indicators", {}).pop(id, None)
                if table is not None and id in inputs:
                    tables.setdefault("inputs", {})[id] = _as_input(table)
            for id in empty:
                tables.get("dimensions", {}).pop(id, None)
        if methodology.weighting.method == "given":
            _share_out(methodology, document, dropped, tree.root, methodology.root.weight)
            _forget_weights(document)

    return _changed(methodology, change)


def _changed(methodology: Methodology, change: Callable[[Document], None]) -> Methodology:
    document = copy.deepcopy(methodology.document)
    change(document)
    changed = build(document, methodology._name)
    changed._folder = methodology.folder
    return changed


# --- readings that set what was changed ------------------------------------------------------------------


def _patches(document: Document) -> list[Document]:
    """Return the tables that readings lay over the others."""
    return [
        option["set"]
        for reading in document.get("readings", {}).values()
        for option in reading["options"].values()
        if "set" in option
    ]


def _forget(document: Document, key: str) -> None:
    """Take a key out of every reading: what the caller asks for prevails."""
    for patch in _patches(document):
        patch.pop(key, None)


def _forget_weights(document: Document) -> None:
    for patch in _patches(document):
        for kind in ("indicators", "dimensions"):
            for node in patch.get(kind, {}).values():
                node.pop("weight", None)


# --- weights ---------------------------------------------------------------------------------------------


def _with_weighting(methodology: Methodology, method: str) -> Methodology:
    known = method_names(Weighting)
    if method not in known:
        raise CallError(
            _("未知的赋权方法 {name}").format(name=method),
            where=methodology.id,
            remedy=_("可用: {known}").format(known=", ".join(known)),
        )
    if method == methodology.weighting.method:
        return methodology
    bare = [id for id, indicator in methodology.indicators.items() if indicator.weight is None]
    if method == "given" and bare:
        raise CallError(
            _("这个方法没有写权重, 不能用 given"),
            where=methodology.id,
            remedy=_("请给出一个 CSV 权重表, 或用 equal"),
        )

    def change(document: Document) -> None:
        document["weighting"] = {"method": method}
        document.setdefault("changed", {})["weights"] = True
        _forget(document, "weighting")

    return _changed(methodology, change)


def _shares(methodology: Methodology, weights: Mapping[str, float]) -> dict[str, float]:
    missing, unknown = set(methodology.indicators) - set(weights), set(weights) - set(methodology.indicators)
    if missing or unknown:
        raise CallError(
            _("权重表与指标不一致: 缺 {missing}; 多 {unknown}").format(
                missing=", ".join(sorted(missing)) or _("无"), unknown=", ".join(sorted(unknown)) or _("无")
            ),
            where=methodology.id,
        )
    largest = max(weights.values())
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights.values()) or largest <= 0:
        raise CallError(_("权重必须非负且合计大于 0"), where=methodology.id)
    scaled = {id: float(weights[id] / largest) for id in methodology.indicators}
    total = math.fsum(scaled.values())
    return {id: weight / total for id, weight in scaled.items()}


def _share_out(
    methodology: Methodology, document: Document, dropped: set[str], node: str, weight: float
) -> None:
    """Write weights under `node` that keep the proportions among what remains and add up to `weight`."""
    leaves = methodology.tree.leaves_under
    remaining = [child for child in methodology.tree.children[node] if not dropped.issuperset(leaves(child))]
    total = math.fsum(given_weight(methodology, child) for child in remaining)
    if total == 0 < weight:
        raise CallError(
            _("去掉这些指标以后, {node} 下只剩权重为 0 的指标").format(node=node), where=methodology.id
        )
    for child in remaining:
        share = weight * given_weight(methodology, child) / total if total else 0.0
        kind = "indicators" if child in methodology.indicators else "dimensions"
        document.setdefault(kind, {}).setdefault(child, {})["weight"] = share
        if kind == "dimensions":
            _share_out(methodology, document, dropped, child, share)


# --- indicators ------------------------------------------------------------------------------------------


def _named(methodology: Methodology, names: Iterable[str]) -> set[str]:
    """Return the indicators that ids and tags name."""
    dropped: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        hits = {id for id, indicator in methodology.indicators.items() if name in (id, *indicator.tags)}
        if not hits:
            tags = sorted({tag for indicator in methodology.indicators.values() for tag in indicator.tags})
            raise CallError(
                _("没有叫 {name} 的指标或标签").format(name=name),
                where=methodology.id,
                remedy=_("指标: {ids}; 标签: {tags}").format(
                    ids=", ".join(methodology.indicators), tags=", ".join(tags) or _("无")
                ),
            )
        dropped |= hits
    if dropped == set(methodology.indicators):
        raise CallError(_("不能去掉全部指标"), where=methodology.id)
    return dropped


def _needed(methodology: Methodology, indicators: set[str]) -> set[str]:
    """Return what the formulas of `indicators` name, under any option of any reading."""
    formulas = [methodology.indicators[id].formula for id in indicators]
    for patch in _patches(methodology.document):
        changes = patch.get("indicators", {})
        formulas += [changes[id]["formula"] for id in indicators & set(changes) if "formula" in changes[id]]
    return {name for formula in formulas if formula for name in Formula(formula).names}


def _as_input(table: Document) -> Document:
    return {key: value for key, value in table.items() if key in Variable.model_fields}
