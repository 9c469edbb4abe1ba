"""Declarations: TOML files that become frozen, checked records; every error names file, table and key."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from xinzhi.errors import XinzhiError, reason
from xinzhi.language import current_language
from xinzhi.language import gettext as _

IDENTIFIER = r"^[A-Za-z][A-Za-z0-9_-]*$"
VARIABLE_NAME = r"^[a-z][a-z0-9_]*$"

Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=60)]
VariableName = Annotated[str, Field(pattern=VARIABLE_NAME, max_length=60)]

_LARGEST = 5_000_000  # bytes; the largest indicator systems in print take some 100 kB
_MOST_ERRORS = 20  # shown at once
_SIGNS = {"greater_than": ">", "greater_than_equal": ">=", "less_than": "<", "less_than_equal": "<="}

_Model = TypeVar("_Model", bound=BaseModel)


class Record(BaseModel):
    """A frozen piece of a declaration; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Text(Record):
    """A text in Chinese and English; the English one falls back to the Chinese."""

    zh: str = Field(min_length=1)
    en: str = ""

    def __str__(self) -> str:
        return self.en if self.en and current_language() == "en" else self.zh


# --- reading ----------------------------------------------------------------------------------------------


def read_declaration(path: Path, error_type: type[XinzhiError]) -> str:
    """Return the text of a TOML file.

    Raises
    ------
    error_type
        If the file cannot be read, is no UTF-8 text or far too large.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise error_type(
                _("文件超过 {limit} MB, 不会是声明文件").format(limit=_LARGEST // 1_000_000),
                where=str(path),
                remedy=_("请给出 TOML 文件"),
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise error_type(_("不是 UTF-8 文本"), where=str(path), remedy=_("请另存为 UTF-8 编码")) from error
    except OSError as error:
        raise error_type(_("读不出来: {reason}").format(reason=reason(error)), where=str(path)) from error


def parse_declaration(text: str, name: str, error_type: type[XinzhiError]) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises
    ------
    error_type
        If it is no TOML; the error names line and column.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise error_type(_("括号套括号, 层数太多"), where=name) from error
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        twice = re.search(r"Cannot (declare|overwrite|mutate|define)|Duplicate", str(error))
        raise error_type(
            _("同一项或同一个表写了两次") if twice else _("不是合法的 TOML"),
            where=f"{name}{_position(str(error))}",
            remedy=_("请删去其中一个") if twice else _("请检查该处的引号、括号和等号"),
        ) from error


def _position(message: str) -> str:
    if place := re.search(r"at line (\d+), column (\d+)", message):
        return " " + _("第 {line} 行第 {column} 列").format(line=place[1], column=place[2])
    return " " + _("文件末尾") if "end of document" in message else ""


# --- explaining ------------------------------------------------------------------------------------------


def validated(
    model: type[_Model], document: dict[str, Any], name: str, error_type: type[XinzhiError]
) -> _Model:
    """Build a record from tables, strictly.

    Raises
    ------
    error_type
        Naming every place that is wrong, as the file writes it, and what should stand there.
    """
    # As JSON, since only there strictness (no "10" for 10, no true for 1) lets a list be a tuple.
    try:
        return model.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        raise explained(error.errors(), document, name, error_type) from error


def explained(
    errors: list[ErrorDetails], document: Any, name: str, error_type: type[XinzhiError], remedy: str = ""
) -> XinzhiError:
    """Turn pydantic's errors about tables, or a list of them, into one of ours, one line a place."""
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
        return error_type("; ".join(found), where=place, remedy=remedy)
    return error_type("\n".join(lines), remedy=remedy)


def _place(error: ErrorDetails, document: Any) -> str:
    """Say where an error lies as the file is written: ``[table] key``, and which member of a list."""
    path = _written_path(error, document)
    split = next((i for i, part in enumerate(path) if isinstance(part, int)), len(path))
    table, key = path[: max(split - 1, 0)], path[max(split - 1, 0) :]
    parts = [part if isinstance(part, str) else _("第 {n} 项").format(n=part + 1) for part in key]
    return " ".join([f"[{'.'.join(map(str, table))}]", *parts] if table else parts)


def _written_path(error: ErrorDetails, document: Any) -> list[str | int]:
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
