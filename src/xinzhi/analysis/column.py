"""A column of any CSV table: read, checked and handed to the regional analyses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from xinzhi.analysis.catalogue import Report, analyse_table
from xinzhi.analysis.neighbours import SpatialWeights, adjacency_weights, read_weights
from xinzhi.errors import CallError, PanelError
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
    what: Iterable[str] = (),
) -> Report:
    """Run the regional analyses on one column of a table.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX, Parquet or JSON; one row a unit.
    value, group, name : str
        Headings of the figures, of the groups, and of the names of the units (the first column by default).
    matrix : str or Path, optional
        Spatial weights as CSV. Without it, provinces are neighbours where their borders touch.
    what : iterable of str, optional
        Which analyses; all that apply by default.

    Raises
    ------
    CallError
        If a column does not exist.
    PanelError
        If a cell is no number, with file, row and unit.
    """
    table = read_table(path)
    names = _column(table, name) if name else _column(table, table.headings[0])
    values = _figures(table, value, names)
    groups = _column(table, group) if group else None
    weights = read_weights(matrix, names) if matrix else _neighbours(names)
    return analyse_table(f"{table.name}: {value}", values, names, groups, weights, what)


def _column(table: Table, heading: str) -> list[str]:
    if heading not in table.headings:
        raise CallError(
            _("表里没有 {heading} 这一列").format(heading=heading),
            where=table.name,
            remedy=_("现有各列: {headings}").format(headings=", ".join(table.headings)),
        )
    column = table.columns[table.headings.index(heading)]
    return [text or "" for text in column.to_list()]


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


def _neighbours(names: Sequence[str]) -> SpatialWeights | None:
    """Return the adjacency of provinces where all names are provinces, else None."""
    try:
        codes = [find(name, "province").code for name in names]
    except UnitError:
        return None
    return adjacency_weights(codes)
