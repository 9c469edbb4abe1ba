"""A table of text: what stands where, before anyone asks what it means.

A table keeps the row and the column of everything, so that a finding, and later a trace, leads to the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _
from xinzhi.panel.findings import Findings

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Table:
    """Columns of text.

    Parameters
    ----------
    name : str
        File name, with the sheet where there are several; what errors and traces call the table.
    headings : tuple of str
        M headings as they are written.
    columns : tuple of polars.Series
        M columns of R texts, null where there is nothing.
    rows : ndarray of int32, shape (R,)
        Row of each entry in the file, 1 being its first line; in a frame, position from 1.
    labels : tuple of str
        M names by which a person finds the columns: headings, or the letters of a worksheet.
    sources : Table, optional
        The table that names publication and vintage of each column.
    """

    name: str
    headings: tuple[str, ...]
    columns: tuple[pl.Series, ...]
    rows: npt.NDArray[np.int32]
    labels: tuple[str, ...]
    sources: Table | None = None


def from_rows(
    name: str, rows: Iterable[tuple[int, Sequence[str | None]]], *, lettered: bool = False
) -> Table:
    """Build a table from numbered rows, the first of which holds the headings.

    Raises
    ------
    PanelError
        If there is no row under the headings, or a row is longer or shorter than they are.
    """
    numbered = iter(rows)
    header = next(numbered, None)
    if header is None:
        raise PanelError(_("空文件"), where=name, remedy=_("请给出有表头和数据的表"))
    headings = tuple((heading or "").strip() for heading in header[1])
    findings = Findings(name)
    places, records = [], []
    for place, record in numbered:
        if len(record) != len(headings):
            findings.add(
                _("有 {found} 格, 表头有 {expected} 格").format(found=len(record), expected=len(headings)),
                row=place,
                remedy=_("请检查这一行的分隔符和引号"),
            )
        places.append(place)
        records.append(record)
    findings.tell()
    columns = tuple(text_series(column) for column in zip(*records, strict=True))
    labels = tuple(_letters(i) for i in range(len(headings))) if lettered else headings
    return with_rows(Table(name, headings, columns, np.array(places, dtype=np.int32), labels))


def as_text(value: Any) -> str | None:
    """Return a value of a typed cell as text, None where it is missing (None, NaN, NA, NaT).

    A float is written so that it reads back as the same number.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return None if value != value else repr(float(value)).removesuffix(".0")
    return value if isinstance(value, str) else str(value)


def text_series(values: Sequence[str | None]) -> pl.Series:
    """Return a column of texts."""
    import polars as pl

    return pl.Series(values, dtype=pl.String)


def with_rows(table: Table) -> Table:
    """Return `table`, refusing one without rows."""
    if not table.rows.size:
        raise PanelError(_("没有数据行"), where=table.name, remedy=_("请在表头下面填写数据"))
    return table


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
