"""A column of any CSV table: read, checked and handed to the regional analyses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from xinzhi.analysis.catalogue import Axis, Report, analyse_table
from xinzhi.analysis.neighbours import SpatialWeights, adjacency_weights, read_weights
from xinzhi.analysis.outputs import listed
from xinzhi.errors import CallError, ComputeError, PanelError
from xinzhi.geography import UnitError, find
from xinzhi.language import gettext as _
from xinzhi.panel import Status
from xinzhi.panel.cells import read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.table import Table


def analyse_file(
    path: str | Path,
    value: str,
    *,
    group: str | None = None,
    name: str | None = None,
    matrix: str | Path | None = None,
    against: str | None = None,
    origin_weights: str | None = None,
    what: Iterable[str] = (),
    seed: int = 0,
) -> Report:
    """Run the regional analyses on one column of a table.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX, Parquet or JSON; one row a unit, each with a name of its own. Blanks around names and
        groups do not count.
    value, group, name : str
        Headings of the figures, of the groups, and of the names of the units (the first column by default).
    matrix : str or Path, optional
        Spatial weights as CSV. Without it, provinces are neighbours where their borders touch.
    against : str, optional
        Heading of the horizontal axis of the quadrants.
    origin_weights : str, optional
        Heading of what weighs the units in the second origin of the quadrants, such as population.
    what : iterable of str, optional
        Which analyses; all that apply by default.
    seed : int
        Of the permutations of Moran's I.

    Raises
    ------
    CallError
        If a column does not exist, or stands there twice.
    PanelError
        If a cell is no number, a unit has no name or one that another has, or no group, with file, row and
        unit.
    """
    table = read_table(path)
    name = name or table.headings[0]
    names = _labels(table, name, distinct=True)
    values = _figures(table, value, names)
    groups = _labels(table, group, names) if group else None
    weights = read_weights(matrix, names) if matrix else partial(_neighbours, names, table.name)
    return analyse_table(
        f"{table.name}: {value}",
        values,
        names,
        groups,
        weights,
        what,
        against=Axis(against, _figures(table, against, names)) if against else None,
        origin_weights=_figures(table, origin_weights, names) if origin_weights else None,
        value_name=value,
        seed=seed,
    )


def _column(table: Table, heading: str) -> list[str]:
    if heading not in table.headings:
        raise CallError(
            _("表里没有 {heading} 这一列").format(heading=heading),
            where=table.name,
            remedy=_("现有各列: {headings}").format(headings=", ".join(table.headings)),
        )
    if table.headings.count(heading) > 1:
        raise CallError(
            _("表里有几列叫 {heading}").format(heading=heading),
            where=table.name,
            remedy=_("请给每列不同的表头"),
        )
    column = table.columns[table.headings.index(heading)]
    return [(text or "").strip() for text in column.to_list()]


def _labels(
    table: Table, heading: str, names: Sequence[str] | None = None, *, distinct: bool = False
) -> list[str]:
    """Return a column of names or groups, none of them blank, and no name twice; `names` are for errors."""
    found, findings = _column(table, heading), Findings(table.name)
    seen: dict[str, int] = {}
    for text, row, unit in zip(found, table.rows.tolist(), names or found, strict=True):
        if not text:
            findings.add(_("空白"), remedy=_("请补上, 或删去这一行"), row=row, column=heading, subject=unit)
        elif distinct and text in seen:
            findings.add(
                _("与第 {row} 行重复").format(row=seen[text]),
                remedy=_("一个单位只能有一行; 几年的表请只留一年"),
                row=row,
                column=heading,
                subject=text,
            )
        seen.setdefault(text, row)
    findings.tell()
    return found


def _figures(table: Table, heading: str, names: Sequence[str]) -> np.ndarray:
    findings = Findings(table.name)
    values = []
    for text, row, unit in zip(_column(table, heading), table.rows.tolist(), names, strict=True):
        try:
            found = read_cell(text)
            if isinstance(found, Status):
                raise PanelError(_("没有数"), remedy=_("请补上数字, 或删去这一行"))
            values.append(found)
        except PanelError as error:
            findings.add(error.what, remedy=error.remedy, row=row, column=heading, subject=unit)
    findings.tell()
    return np.array(values, dtype=float)


def _neighbours(names: Sequence[str], file: str) -> SpatialWeights:
    """Return the adjacency of provinces, given by name or code; refuse other units, by name if they are few."""
    codes, others = [], []
    for name in names:
        try:
            codes.append(find(name, "province").code)
        except UnitError:
            others.append(name)
    if others and not codes:
        raise ComputeError(_("没有空间权重矩阵"), where=file, remedy=_("请用 --weights-matrix 给出"))
    if others:
        raise ComputeError(
            _("{names} 不是省级单位, 没有邻接关系").format(names=listed(others)),
            where=file,
            remedy=_("请改正名称, 去掉这些单位, 或用 --weights-matrix 给出空间权重矩阵"),
        )
    return replace(adjacency_weights(codes), names=tuple(names))  # as the table calls them
