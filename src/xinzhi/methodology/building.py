"""From TOML tables to a checked methodology; every error names file, table and key."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from xinzhi.errors import MethodologyError
from xinzhi.language import gettext as _
from xinzhi.methodology.checking import CHECKS, names_method
from xinzhi.methodology.model import IDENTIFIER, VARIABLE_NAME, Identifier, Methodology, Reading

_DEEPEST = 30  # tables inside tables; an indicator system needs six
_MOST_ERRORS = 20  # shown at once
_SIGNS = {"greater_than": ">", "greater_than_equal": ">=", "less_than": "<", "less_than_equal": "<="}

_Model = TypeVar("_Model", bound=BaseModel)


class _Readings(BaseModel):
    """The readings of a document; they are needed before the rest of it can be judged."""

    model_config = ConfigDict(extra="ignore")

    readings: Mapping[Identifier, Reading] = Field(default_factory=dict)


def build(document: dict[str, Any], name: str) -> Methodology:
    """Check TOML tables and build the methodology they describe.

    The default option of every reading is laid over the other tables before these are checked.

    Parameters
    ----------
    document : dict
        As ``tomllib`` gives it.
    name : str
        What errors call it, usually a file name.
    """
    _check_plain(document, name)
    patched = copy.deepcopy(document)
    for id, reading in _validated(_Readings, document, name).readings.items():
        if reading.default not in reading.options:
            raise MethodologyError(
                _("没有这个选项: {option}").format(option=reading.default),
                where=f"{name} [readings.{id}] default",
                remedy=_("可选: {options}").format(options=", ".join(reading.options)),
            )
        merge(patched, reading.options[reading.default].set)
    methodology = _validated(Methodology, patched, name)
    methodology._document = document
    methodology._name = name
    for check in CHECKS:
        check(methodology, name)
    return methodology


def merge(target: dict[str, Any], patch: Mapping[str, Any]) -> None:
    """Lay `patch` over `target`, table by table.

    A table that names its ``method`` replaces the one it meets, since the options of one method mean nothing
    to another; so does anything that is no table.
    """
    for key, value in patch.items():
        if isinstance(value, Mapping) and isinstance(target.get(key), dict) and not names_method(value):
            merge(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


def _check_plain(document: dict[str, Any], name: str) -> None:
    """Refuse dates and nesting without end, neither of which a methodology needs; without recursion."""
    level: list[tuple[str, Any]] = list(document.items())
    for _depth in range(_DEEPEST):
        for path, value in level:
            if not isinstance(value, dict | list | str | int | float):
                raise MethodologyError(
                    _("类型不对, 写的是 {value}").format(value=value), where=f"{name} {path}"
                )
        level = [pair for path, value in level for pair in _members(path, value)]
        if not level:
            return
    raise MethodologyError(
        _("表的嵌套超过 {limit} 层").format(limit=_DEEPEST), where=f"{name} {level[0][0][:80]}"
    )


def _members(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"{path}.{key}", member) for key, member in value.items())
    elif isinstance(value, list):
        yield from ((f"{path}[{position}]", member) for position, member in enumerate(value))


# --- explaining ------------------------------------------------------------------------------------------


def _validated(model: type[_Model], document: dict[str, Any], name: str) -> _Model:
    # As JSON, since only there strictness (no "10" for 10, no true for 1) lets a list be a tuple.
    try:
        return model.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise _explained(error.errors(), document, name) from error


def _explained(errors: list[ErrorDetails], document: dict[str, Any], name: str) -> MethodologyError:
    """Turn pydantic's errors into one of ours, one line a place."""
    by_place: dict[str, list[str]] = {}
    for error in errors:
        what = _what(error)
        found = by_place.setdefault(f"{name} {_place(error, document)}", [])
        if what not in found:
            found.append(what)
    lines = [f"{place}: {'; '.join(found)}" for place, found in by_place.items()]
    if len(lines) > _MOST_ERRORS:
        left = len(lines) - _MOST_ERRORS
        lines = [*lines[:_MOST_ERRORS], _("另有 {count} 处").format(count=left)]
    if len(by_place) == 1:
        ((place, found),) = by_place.items()
        return MethodologyError("; ".join(found), where=place)
    return MethodologyError("\n".join(lines))


def _place(error: ErrorDetails, document: dict[str, Any]) -> str:
    """Say where an error lies as the file is written: ``[table] key``, and which member of a list."""
    path = _written_path(error, document)
    split = next((i for i, part in enumerate(path) if isinstance(part, int)), len(path))
    table, key = path[: max(split - 1, 0)], path[max(split - 1, 0) :]
    parts = [part if isinstance(part, str) else _("第 {n} 项").format(n=part + 1) for part in key]
    return " ".join([f"[{'.'.join(map(str, table))}]", *parts] if table else parts)


def _written_path(error: ErrorDetails, document: dict[str, Any]) -> list[str | int]:
    """Follow pydantic's location through the tables; leave out what names its own branches of a union."""
    path: list[str | int] = []
    here: Any = document
    for part in error["loc"]:
        inside = part in here if isinstance(here, dict) else isinstance(here, list) and isinstance(part, int)
        if inside:
            here = here[part] if isinstance(here, dict) or int(part) < len(here) else None
            path.append(part)
    if error["type"] in ("missing", "extra_forbidden") and path[-1:] != [error["loc"][-1]]:
        path.append(error["loc"][-1])
    return path


def _what(error: ErrorDetails) -> str:
    """Say what is wrong in the reader's language."""
    kind, context = error["type"], error.get("ctx", {})
    match kind:
        case "missing":
            return _("缺少这一项")
        case "extra_forbidden":
            return _("没有这一项, 请检查拼写")
        case "union_tag_invalid":
            known = str(context["expected_tags"]).replace("'", "")
            return _("未知的方法 {tag}; 可用: {known}").format(tag=context["tag"], known=known)
        case "union_tag_not_found":
            return _("缺少 {tag} 一项").format(tag=str(context["discriminator"]).strip("'"))
        case "literal_error":
            expected = str(context["expected"]).replace("'", "").replace(" or ", ", ")
            return _("只能是 {expected}").format(expected=expected)
        case "string_pattern_mismatch":
            return _pattern(str(context["pattern"]))
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            limit = next(context[key] for key in ("gt", "ge", "lt", "le") if key in context)
            return _("应当 {sign} {limit}").format(sign=_SIGNS[kind], limit=limit)
        case "too_short" | "string_too_short":
            return _("不能为空")
        case "too_long":
            return _("最多 {limit} 项").format(limit=context["max_length"])
        case "string_too_long":
            return _("最长 {limit} 个字符").format(limit=context["max_length"])
        case "finite_number":
            return _("必须是有限的数")
        case _:  # what is left are types; nothing of pydantic's own English gets through
            return _("类型不对, 写的是 {value}").format(value=str(error["input"])[:60])


def _pattern(pattern: str) -> str:
    if pattern == VARIABLE_NAME:
        return _("标识只能用小写英文字母、数字和下划线, 并以小写字母开头")
    if pattern == IDENTIFIER:
        return _("标识只能用英文字母、数字、下划线和连字符, 并以字母开头")
    return _("只能写文件名, 不能带文件夹")
