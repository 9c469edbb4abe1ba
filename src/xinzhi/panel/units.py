"""Which unit and which year each row of a table is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xinzhi.errors import PanelError
from xinzhi.geography import LEVELS, Unit, UnitError, demonstration_unit, find, units
from xinzhi.language import gettext as _
from xinzhi.language import half_width
from xinzhi.methodology import Methodology
from xinzhi.panel.findings import SHOWN, Findings
from xinzhi.panel.headings import Layout
from xinzhi.panel.table import Table

_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?\s*年?")
_WHOLE = re.compile(r"([0-9]+)\.0+")

Key = tuple[str, str, str]
"""Code, name and parent as they are written."""


class RowUnits:
    """The units of a table, in the order in which they first appear.

    Attributes
    ----------
    codes, names : list of str
        N units.
    index : ndarray of int64, shape (R,)
        Position of the unit of each row; -1 where it is not known.
    labels : list of str
        R names for findings.
    """

    def __init__(self, table: Table, layout: Layout, level: str, findings: Findings) -> None:
        self.codes: list[str] = []
        self.names: list[str] = []
        self._positions: dict[str, int] = {}
        self._failed = 0
        known: dict[Key, int] = {}
        keys = _unit_keys(table, layout, level)
        index = np.empty(len(keys), dtype=np.int64)
        coded = {name for code, name, _parent in keys if code and name}
        for i, key in enumerate(keys):
            position = known.get(key)
            if position is None:
                position = known[key] = self._place(key, int(table.rows[i]), level, coded, findings)
            index[i] = position
        self.index: npt.NDArray[np.int64] = index
        self.labels = [name or code for code, name, _parent in keys]
        fictitious = [
            name for code, name in zip(self.codes, self.names, strict=True) if demonstration_unit(code)
        ]
        if level == "county" and 0 < len(fictitious) < len(self.codes):
            findings.add(
                _("{name} 是示例省的单位, 与真实的单位混在一张表里").format(name=fictitious[0]),
                remedy=_("演示数据请单独成表"),
            )

    def _place(self, key: Key, row: int, level: str, coded: set[str], findings: Findings) -> int:
        if self._failed >= SHOWN:
            # Each unknown name is compared with thousands; after twenty the reader has seen enough.
            findings.unchecked += 1
            return -1
        try:
            code, name = _geographic(key, level) if level in LEVELS else self._free(key, coded)
        except PanelError as error:
            self._failed += 1
            findings.add(error.what, remedy=error.remedy, row=row, subject=key[1] or key[0])
            return -1
        if code not in self._positions:
            self._positions[code] = len(self.codes)
            self.codes.append(code)
            self.names.append(name)
        return self._positions[code]

    def _free(self, key: Key, coded: set[str]) -> tuple[str, str]:
        code, name, _parent = key
        if not code and not name:
            raise _nameless()
        if not code and name in coded:
            raise PanelError(
                _("“{name}”在别的行有代码, 这一行没有").format(name=name), remedy=_("请每行都写代码")
            )
        code, name = code or name, name or code
        if code in self._positions and (first := self.names[self._positions[code]]) != name:
            raise PanelError(
                _("代码 {code} 有两个名称: “{first}”和“{name}”").format(code=code, first=first, name=name),
                remedy=_("同一代码请用同一名称"),
            )
        return code, name


def row_years(
    table: Table, layout: Layout, methodology: Methodology | None, year: int | None, findings: Findings
) -> npt.NDArray[np.int64]:
    """Return the year of each row, -1 where it is not known; shape (R,).

    Raises
    ------
    PanelError
        If the table has no years and none is known otherwise, or has years and `year` is given too.
    """
    position = layout.keys.get("year")
    if position is None:
        if year is None and methodology is not None and len(methodology.years) == 1:
            year = methodology.years[0]
        if year is None:
            raise PanelError(
                _("没有年份列"), where=table.name, remedy=_("请加一列“年份”, 或用 year= 说明是哪一年的数据")
            )
        return np.full(table.rows.size, year, dtype=np.int64)
    if year is not None:
        raise PanelError(
            _("表里有年份列, 又另外给了年份 {year}").format(year=year),
            where=table.name,
            remedy=_("请去掉 year=, 或删去年份列"),
        )
    known: dict[str | None, int] = {}
    years = np.empty(table.rows.size, dtype=np.int64)
    for i, text in enumerate(table.columns[position].to_list()):
        found = known.get(text)
        if found is None:
            match = _YEAR.fullmatch(half_width(text or ""))
            found = known[text] = int(match[1]) if match else -1
        if found < 0:
            findings.add(
                _("“{text}”不是年份").format(text=text) if text else _("没有年份"),
                row=int(table.rows[i]),
                column=table.labels[position],
                remedy=_("年份请写四位数字, 如 2022"),
            )
        years[i] = found
    return years


def _unit_keys(table: Table, layout: Layout, level: str) -> list[Key]:
    positions = [layout.keys.get(key) for key in ("code", "name", "parent")]
    if positions[0] is None and positions[1] is None:
        if level == "nation":
            nation = units("nation")[0]
            return [(nation.code, nation.name, "")] * table.rows.size
        raise PanelError(
            _("没有代码列, 也没有名称列"),
            where=table.name,
            remedy=_("请加一列“代码”或“名称”, 现有表头: {headings}").format(
                headings=", ".join(table.headings)
            ),
        )
    blank: Sequence[str] = [""] * table.rows.size
    codes, names, parents = (
        blank if position is None else table.columns[position].fill_null("").str.strip_chars().to_list()
        for position in positions
    )
    return list(zip(codes, names, parents, strict=True))


def _geographic(key: Key, level: str) -> tuple[str, str]:
    code, name, parent = key
    try:
        if not code:
            if not name:
                raise _nameless()
            unit = find(name, level, parent)
        else:
            whole = _WHOLE.fullmatch(half_width(code))
            digits = whole[1] if whole else code
            fictitious = demonstration_unit(half_width(digits)) if level == "county" else None
            unit = fictitious or find(digits, level)
            if name and name not in (unit.name, unit.full_name) and _named(name, unit) != unit:
                raise PanelError(
                    _("代码 {code} 是“{right}”, 名称却写“{name}”").format(
                        code=code, right=unit.full_name, name=name
                    ),
                    remedy=_("请核对代码和名称"),
                )
    except UnitError as error:
        raise PanelError(error.what, remedy=error.remedy) from error
    return unit.code, unit.name


def _named(name: str, unit: Unit) -> Unit | None:
    try:
        return find(name, unit.level, unit.parent if unit.level == "county" else "")
    except UnitError:
        return None


def _nameless() -> PanelError:
    return PanelError(_("没有单位: 代码和名称都是空的"), remedy=_("请写明代码或名称, 或删去这一行"))
