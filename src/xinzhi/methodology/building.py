"""From TOML tables to a checked methodology; every error names file, table and key."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from xinzhi.declarations import Identifier, validated
from xinzhi.errors import MethodologyError
from xinzhi.language import gettext as _
from xinzhi.methodology.checking import CHECKS, names_method
from xinzhi.methodology.model import Methodology, Reading

_DEEPEST = 30  # tables inside tables; an indicator system needs six


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
    for id, reading in validated(_Readings, document, name, MethodologyError).readings.items():
        if reading.default not in reading.options:
            raise MethodologyError(
                _("没有这个选项: {option}").format(option=reading.default),
                where=f"{name} [readings.{id}] default",
                remedy=_("可选: {options}").format(options=", ".join(reading.options)),
            )
        merge(patched, reading.options[reading.default].set)
    methodology = validated(Methodology, patched, name, MethodologyError)
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
