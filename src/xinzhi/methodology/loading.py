"""From TOML to a checked methodology, and from one methodology to a changed one."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xinzhi.errors import CallError, MethodologyError, XinzhiError
from xinzhi.geography import load_region_scheme
from xinzhi.language import gettext as _
from xinzhi.methodology.model import Methodology

LIBRARY = Path(str(resources.files("xinzhi.methodology") / "library"))
_LARGEST = 5_000_000  # bytes; the largest indicator systems in print take some 100 kB
_TOLERANCE = 1e-9  # of the weight of the root, for sums of weights written as decimals


def methodologies() -> tuple[str, ...]:
    """Return the ids of the built-in methodologies."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def load_methodology(
    id_or_path: str | Path | Methodology,
    *,
    readings: Mapping[str, str] | None = None,
    without: Iterable[str] = (),
    weights: str | Mapping[str, float] | None = None,
    years: Iterable[int] | None = None,
) -> Methodology:
    """Load a methodology by the id of a built-in one or the path of a TOML file, and change it as asked.

    Parameters
    ----------
    id_or_path : str, Path or Methodology
        For instance ``"province-2022"`` or ``"mine.toml"``. A methodology is taken as it is.
    readings : mapping of str to str, optional
        Reading id to option id, in place of the default options.
    without : iterable of str, optional
        Ids or tags of indicators to leave out. The weight they leave is shared among their siblings in
        proportion; a dimension left empty goes too.
    weights : str or mapping of str to float, optional
        ``"given"``, ``"equal"`` or ``"entropy"``; or a weight for every indicator (any total above 0).
    years : iterable of int, optional
        The years to compute.

    Returns
    -------
    Methodology

    Raises
    ------
    CallError
        If there is no such methodology, or a change names what it does not have.
    MethodologyError
        If the file cannot be read or is not such a methodology. The error names file, table and key.
    """
    if isinstance(id_or_path, Methodology):
        methodology = id_or_path
    else:
        path = _find(id_or_path)
        text = _read(path)
        methodology = parse_methodology(text, name=path.name)
        methodology._folder = path.parent
    if readings:
        methodology = _with_readings(methodology, readings)
    if without:
        methodology = _without(methodology, without)
    if weights is not None:
        methodology = _with_weights(methodology, weights)
    if years is not None:
        listed = list(years)
        methodology = _changed(methodology, lambda document: document.update(years=listed))
    return methodology


def parse_methodology(text: str, *, name: str) -> Methodology:
    """Check a TOML text and build the methodology it describes.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What errors call the text, usually a file name.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        where = _("第 {line} 行第 {column} 列").format(line=place[1], column=place[2]) if place else _("文件末尾")
        raise MethodologyError(
            _("不是合法的 TOML"),
            where=f"{name} {where}",
            remedy=_("请检查该处的引号、括号和等号"),
        ) from error
    methodology = _build(document, name)
    methodology._text = text
    return methodology


def methodology_hash(methodology: Methodology) -> str:
    """Return the SHA-256 of the methodology as it stands, independent of comments and order of tables."""
    canonical = json.dumps(methodology.document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def methodology_toml(methodology: Methodology) -> str:
    """Return the methodology as TOML: the text it came from, or its tables where it was changed."""
    return methodology.text or tomli_w.dumps(methodology.document, multiline_strings=True)


def copied_text(id_or_path: str, new_id: str) -> str:
    """Return the TOML text of a methodology under a new id, with ``based_on`` naming the old one."""
    methodology = load_methodology(id_or_path)
    line = f'id = "{new_id}"\nbased_on = "{methodology.id}"'
    text, found = re.subn(r'(?m)^id = "[^"\n]*"$(\nbased_on = "[^"\n]*"$)?', line, methodology.text, count=1)
    if not found:
        raise MethodologyError(_("找不到 id 一行"), where=id_or_path)
    parse_methodology(text, name=new_id)
    return text


def figures_path(methodology: Methodology) -> Path | None:
    """Return the table of figures that comes with the methodology, if there is one.

    It lies beside the methodology's own file or, for a copy of a built-in one, in the library.
    """
    if not methodology.figures:
        return None
    for folder in (methodology.folder, LIBRARY):
        if folder is not None and (folder / methodology.figures).is_file():
            return folder / methodology.figures
    raise MethodologyError(
        _("找不到随附的数据表"), where=f"{methodology.id}: figures = {methodology.figures}",
        remedy=_("请把数据表放在方法文件旁边, 或删去 figures 一行"),
    )


def check_readings(methodology: Methodology) -> None:
    """Check that every option of every reading gives a valid methodology.

    Raises
    ------
    MethodologyError
        Naming the reading and option at fault.
    """
    for reading, content in methodology.readings.items():
        for option in content.options:
            _with_readings(methodology, {reading: option})


# --- finding and reading ---------------------------------------------------------------------------------


def _find(id_or_path: str | Path) -> Path:
    built_in = LIBRARY / f"{id_or_path}.toml"
    if str(id_or_path) in methodologies():
        return built_in
    path = Path(id_or_path)
    if path.is_file():
        return path
    raise CallError(
        _("没有这个方法, 也没有这个文件"),
        where=str(id_or_path),
        remedy=_("内置方法: {ids}").format(ids=", ".join(methodologies())),
    )


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise MethodologyError(
                _("文件超过 {limit} MB, 不会是方法文件").format(limit=_LARGEST // 1_000_000), where=str(path),
                remedy=_("请给出方法的 TOML 文件"),
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise MethodologyError(
            _("不是 UTF-8 文本"), where=str(path), remedy=_("请另存为 UTF-8 编码")
        ) from error
    except OSError as error:
        raise MethodologyError(
            _("读不出来: {reason}").format(reason=error.strerror or error), where=str(path)
        ) from error


# --- checking --------------------------------------------------------------------------------------------


def _build(document: dict[str, Any], name: str) -> Methodology:
    """Check `document`; the default option of every reading is laid over its tables before that."""
    patched = copy.deepcopy(document)
    for reading, content in document.get("readings", {}).items() if _well_formed(document) else ():
        option = content.get("default")
        patch = content.get("options", {}).get(option)
        if patch is None:
            raise MethodologyError(
                _("没有这个选项: {option}").format(option=option),
                where=f"{name} [readings.{reading}]",
                remedy=_("可选: {options}").format(options=", ".join(content.get("options", {}))),
            )
        _merge(patched, patch.get("set", {}))
    try:
        methodology = Methodology.model_validate(patched)
    except ValidationError as error:
        raise MethodologyError("\n".join(_explain(e, name) for e in error.errors())) from error
    methodology._document = document
    for rule in _CHECKS:
        rule(methodology, name)
    return methodology


def _well_formed(document: dict[str, Any]) -> bool:
    readings = document.get("readings", {})
    return isinstance(readings, dict) and all(
        isinstance(r, dict) and isinstance(r.get("options", {}), dict)
        and all(isinstance(o, dict) and isinstance(o.get("set", {}), dict) for o in r.get("options", {}).values())
        for r in readings.values()
    )


def _merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if isinstance(value, Mapping) and isinstance(target.get(key), dict) and "method" not in value:
            _merge(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


def _explain(error: ErrorDetails, name: str) -> str:
    """Turn a pydantic error into one line that names file, table and key."""
    location = [str(part) for part in error["loc"] if part != "[key]"]
    kind, context = error["type"], error.get("ctx", {})
    key = location[-1] if location else ""
    table = ".".join(location[:-1])
    where = f"{name} [{table}] {key}" if table else f"{name} {key}"
    match kind:
        case "missing":
            what = _("缺少这一项")
        case "extra_forbidden":
            what = _("没有这一项, 请检查拼写")
        case "union_tag_invalid":
            what = _("未知的方法 {tag}; 可用: {known}").format(
                tag=context["tag"], known=str(context["expected_tags"]).replace("'", "")
            )
        case "union_tag_not_found":
            what = _("缺少 {tag} 一项").format(tag=str(context["discriminator"]).strip("'"))
        case "literal_error":
            what = _("只能是 {expected}").format(expected=context["expected"])
        case "string_pattern_mismatch":
            what = _("标识只能用小写英文字母、数字和下划线, 并以字母开头")
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            sign = {"greater_than": ">", "greater_than_equal": ">=", "less_than": "<", "less_than_equal": "<="}[kind]
            limit = next(v for k, v in context.items() if k in ("gt", "ge", "lt", "le"))
            what = _("应当 {sign} {limit}").format(sign=sign, limit=limit)
        case "too_short" | "string_too_short":
            what = _("不能为空")
        case "finite_number":
            what = _("必须是有限的数")
        case _ if kind.endswith(("_type", "_parsing")):
            what = _("类型不对, 写的是 {value}").format(value=repr(error["input"])[:60])
        case _:
            what = error["msg"]
    return f"{where}: {what}"


def _check_tree(methodology: Methodology, name: str) -> None:
    dimensions, indicators = methodology.dimensions, methodology.indicators
    taken: set[str] = {methodology.root.id}
    for kind, members in (("dimensions", dimensions), ("indicators", indicators), ("inputs", methodology.inputs)):
        for id in members:
            if id in taken:
                raise MethodologyError(
                    _("标识重复"), where=f"{name} [{kind}.{id}]", remedy=_("每个节点和变量的标识只能用一次")
                )
            taken.add(id)
    for kind, nodes in (("dimensions", dimensions), ("indicators", indicators)):
        for id, node in nodes.items():
            if node.parent not in {None, methodology.root.id, *dimensions}:
                raise MethodologyError(
                    _("上级 {parent} 不存在").format(parent=node.parent),
                    where=f"{name} [{kind}.{id}] parent",
                    remedy=_("可用: {known}").format(known=", ".join([methodology.root.id, *dimensions])),
                )
    for id in dimensions:
        path, step = [id], dimensions[id].parent
        while step in dimensions:
            if step in path:
                raise MethodologyError(
                    _("上级关系成环: {path}").format(path=" → ".join([*path[path.index(step):], step])),
                    where=f"{name} [dimensions.{id}] parent",
                    remedy=_("请让每个维度最终归到总指数"),
                )
            path.append(step)
            step = dimensions[step].parent
    empty = [id for id in dimensions if not methodology.tree.children[id]]
    if empty:
        raise MethodologyError(
            _("这个维度下没有指标"), where=f"{name} [dimensions.{empty[0]}]", remedy=_("请补充指标或删去该维度")
        )


def _check_weights(methodology: Methodology, name: str) -> None:
    if methodology.weighting.method != "given":
        return
    tolerance = _TOLERANCE * methodology.root.weight
    for id, indicator in methodology.indicators.items():
        if indicator.weight is None:
            raise MethodologyError(
                _("缺少权重"), where=f"{name} [indicators.{id}] weight",
                remedy=_("请给出权重, 或把 weighting 改为 equal 或 entropy"),
            )
    for node in methodology.tree.inner:
        stated = methodology.root.weight if node == methodology.root.id else methodology.dimensions[node].weight
        total = math.fsum(given_weight(methodology, child) for child in methodology.tree.children[node])
        table = "root" if node == methodology.root.id else f"dimensions.{node}"
        if stated is not None and abs(total - stated) > tolerance:
            raise MethodologyError(
                _("下级权重合计 {total:g}, 与本级权重 {stated:g} 不符").format(total=total, stated=stated),
                where=f"{name} [{table}] weight",
                remedy=_("请修改 {children} 的权重").format(children=", ".join(methodology.tree.children[node])),
            )
        if total <= 0 and node == methodology.root.id:
            raise MethodologyError(_("权重合计必须大于 0"), where=f"{name} [{table}] weight")


def given_weight(methodology: Methodology, node: str) -> float:
    """Return the weight written for `node`, or the sum of what is written below it."""
    if node in methodology.indicators:
        return methodology.indicators[node].weight or 0.0
    written = methodology.root.weight if node == methodology.root.id else methodology.dimensions[node].weight
    if written is not None:
        return written
    return math.fsum(given_weight(methodology, child) for child in methodology.tree.children[node])


def _check_formulas(methodology: Methodology, name: str) -> None:
    known = {id for id, _variable in methodology.variables()}
    for id, indicator in methodology.indicators.items():
        where = f"{name} [indicators.{id}] formula"
        try:
            formula = indicator.parsed_formula
        except MethodologyError as error:
            raise MethodologyError(error.what, where=where, remedy=error.remedy) from error
        if formula is None:
            continue
        unknown = sorted(formula.names - known)
        if unknown:
            raise MethodologyError(
                _("公式里的 {names} 不是指标也不是 inputs").format(names=", ".join(unknown)), where=where,
                remedy=_("请在 [inputs] 中声明, 或改正拼写"),
            )
        derived = sorted(n for n in formula.names if n in methodology.indicators and methodology.indicators[n].formula)
        if derived:
            raise MethodologyError(
                _("公式引用了另一个公式指标 {names}").format(names=", ".join(derived)), where=where,
                remedy=_("公式只能引用直接填报的变量"),
            )


def _check_references(methodology: Methodology, name: str) -> None:
    if methodology.regions:
        try:
            load_region_scheme(methodology.regions)
        except XinzhiError as error:
            raise MethodologyError(error.what, where=f"{name} regions", remedy=error.remedy) from error
    for id, reading in methodology.readings.items():
        if reading.default not in reading.options:
            raise MethodologyError(
                _("没有这个选项: {option}").format(option=reading.default), where=f"{name} [readings.{id}] default",
                remedy=_("可选: {options}").format(options=", ".join(reading.options)),
            )
    if len(set(methodology.years)) != len(methodology.years) or list(methodology.years) != sorted(methodology.years):
        raise MethodologyError(_("年份应当从小到大, 不重复"), where=f"{name} years")
    for id, indicator in methodology.indicators.items():
        rule = indicator.normalisation or methodology.normalisation
        if rule.method == "goalposts" and rule.upper <= rule.lower:
            raise MethodologyError(_("upper 应当大于 lower"), where=f"{name} [indicators.{id}.normalisation]")
        if rule.method == "minmax" and rule.lowest >= methodology.scale:
            raise MethodologyError(_("lowest 应当小于 scale"), where=f"{name} [indicators.{id}.normalisation]")
        if rule.method in ("base", "ampi") and isinstance(year := getattr(rule, "year", None), int) and (
            year not in methodology.years
        ):
            raise MethodologyError(
                _("基期 {year} 不在 years 之内").format(year=year), where=f"{name} [indicators.{id}.normalisation] year",
                remedy=_("请把基期列入 years"),
            )


_CHECKS = (_check_tree, _check_weights, _check_formulas, _check_references)


# --- changing --------------------------------------------------------------------------------------------


def _changed(methodology: Methodology, change: Callable[[dict[str, Any]], None]) -> Methodology:
    document = copy.deepcopy(methodology.document)
    change(document)
    changed = _build(document, methodology.id)
    changed._folder = methodology.folder
    return changed


def _with_readings(methodology: Methodology, readings: Mapping[str, str]) -> Methodology:
    unknown = sorted(set(readings) - set(methodology.readings))
    if unknown:
        raise CallError(
            _("没有这个读法: {names}").format(names=", ".join(unknown)), where=methodology.id,
            remedy=_("可用: {known}").format(known=", ".join(methodology.readings) or _("无")),
        )

    def change(document: dict[str, Any]) -> None:
        for reading, option in readings.items():
            document["readings"][reading]["default"] = option

    return _changed(methodology, change)


def _without(methodology: Methodology, names: Iterable[str]) -> Methodology:
    dropped: set[str] = set()
    for name in names:
        hits = {id for id, indicator in methodology.indicators.items() if name == id or name in indicator.tags}
        if not hits:
            tags = sorted({tag for indicator in methodology.indicators.values() for tag in indicator.tags})
            raise CallError(
                _("没有叫 {name} 的指标或标签").format(name=name), where=methodology.id,
                remedy=_("指标: {ids}; 标签: {tags}").format(
                    ids=", ".join(methodology.indicators), tags=", ".join(tags) or _("无")
                ),
            )
        dropped |= hits
    if dropped == set(methodology.indicators):
        raise CallError(_("不能去掉全部指标"), where=methodology.id)
    tree = methodology.tree
    gone = dropped | {node for node in tree.inner if set(tree.leaves_under(node)) <= dropped}

    def change(document: dict[str, Any]) -> None:
        for node in gone & set(methodology.indicators):
            del document["indicators"][node]
        for node in gone & set(methodology.dimensions):
            del document["dimensions"][node]
        for reading in document.get("readings", {}).values():
            for option in reading["options"].values():
                for kind in ("indicators", "dimensions"):
                    for node in gone:
                        option.get("set", {}).get(kind, {}).pop(node, None)
        if methodology.weighting.method == "given":
            _share_out(methodology, document, gone, tree.root, methodology.root.weight)

    return _changed(methodology, change)


def _share_out(
    methodology: Methodology, document: dict[str, Any], gone: set[str], node: str, weight: float
) -> None:
    """Write weights under `node` that keep the proportions among what remains and add up to `weight`."""
    remaining = [child for child in methodology.tree.children[node] if child not in gone]
    total = math.fsum(given_weight(methodology, child) for child in remaining)
    for child in remaining:
        share = weight * given_weight(methodology, child) / total if total else 0.0
        kind = "indicators" if child in methodology.indicators else "dimensions"
        document[kind][child]["weight"] = share
        if kind == "dimensions":
            _share_out(methodology, document, gone, child, share)


def _with_weights(methodology: Methodology, weights: str | Mapping[str, float]) -> Methodology:
    if isinstance(weights, str):
        if weights not in ("given", "equal", "entropy"):
            raise CallError(
                _("未知的赋权方法 {name}").format(name=weights), where=methodology.id,
                remedy=_("可用: {known}").format(known="given, equal, entropy"),
            )
        return _changed(methodology, lambda document: document.update(weighting={"method": weights}))
    missing, unknown = set(methodology.indicators) - set(weights), set(weights) - set(methodology.indicators)
    if missing or unknown:
        raise CallError(
            _("权重表与指标不一致: 缺 {missing}; 多 {unknown}").format(
                missing=", ".join(sorted(missing)) or _("无"), unknown=", ".join(sorted(unknown)) or _("无")
            ),
            where=methodology.id,
        )
    total = math.fsum(weights.values())
    if not math.isfinite(total) or total <= 0 or min(weights.values()) < 0:
        raise CallError(_("权重必须非负且合计大于 0"), where=methodology.id)

    def change(document: dict[str, Any]) -> None:
        document["weighting"] = {"method": "given"}
        for dimension in document.get("dimensions", {}).values():
            dimension.pop("weight", None)
        for id, indicator in document["indicators"].items():
            indicator["weight"] = methodology.root.weight * weights[id] / total

    return _changed(methodology, change)
