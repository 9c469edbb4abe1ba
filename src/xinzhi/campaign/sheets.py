"""Lists that people upload: CSV or XLSX, columns known by their headings in either language."""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from xinzhi.errors import XinzhiError
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.language import gettext as _
from xinzhi.language import half_width
from xinzhi.panel.foreign import read_foreign, tables_workshop
from xinzhi.panel.table import Table

LARGEST = 5_000_000  # bytes; a list of 5,000 people has 300,000
_KINDS = (".csv", ".xlsx")
_SHOWN = 100


class SheetFaults(XinzhiError):  # noqa: N818  # read as what it holds
    """Everything that is wrong in a list, each fault with its row; nothing was taken from it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults[:_SHOWN])
        if more := len(faults) - _SHOWN:
            self.faults += (_("还有 {n} 处").format(n=more),) if more > 0 else ()
        super().__init__("\n".join(self.faults))


class Row(dict[str, str]):
    """The texts of a row by column, and the cell of each: ``row.cell("unit")`` is A3."""

    def __init__(self, texts: Mapping[str, str], number: int, positions: Mapping[str, int]) -> None:
        super().__init__(texts)
        self._number, self._positions = number, positions

    def cell(self, column: str) -> str:
        """Return where the text of a column stands; the row alone where the list has no such column."""
        if column not in self._positions:
            return str(self._number)
        letters, rest = "", self._positions[column] + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self._number}"


def table_of(data: bytes, name: str) -> Table:
    """Read a table that somebody uploaded, in the limited child.

    Raises
    ------
    XinzhiError
        If it is none, is too large or was made to harm.
    """
    return read_foreign(data, name, _workshop())


@cache
def _workshop() -> Workshop:
    """Return the workshop of this process; its child is begun when first needed and ends with the process."""
    made = tables_workshop()
    atexit.register(made.close)
    return made


def rows_of(
    upload: UploadedFile[bytes], columns: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> list[tuple[int, Row]]:
    """Read the rows of an uploaded list.

    Parameters
    ----------
    columns : mapping
        The headings by which each column is known.
    needed : sequence of str
        Columns that have to be there; others are blank where they are not.

    Returns
    -------
    list of (int, Row)
        Number of each row in the file, and its texts by column.

    Raises
    ------
    XinzhiError
        If it is no such file, too large, or lacks a column.
    """
    name = Path(upload.name or "").name
    kind = Path(name).suffix.lower()
    if kind not in _KINDS:
        raise XinzhiError(_("应当是 CSV 或 XLSX 文件"), where=name)
    if (upload.size or 0) > LARGEST:
        raise XinzhiError(_("文件超过 {limit} MB").format(limit=LARGEST // 1_000_000), where=name)
    table = table_of(upload.read(), name)
    known = {heading.casefold(): id for id, headings in columns.items() for heading in headings}
    found = {known.get(half_width(heading).casefold(), ""): i for i, heading in enumerate(table.headings)}
    if missing := [columns[id][0] for id in needed if id not in found]:
        raise XinzhiError(
            _("缺少这些列: {columns}").format(columns=", ".join(missing)),
            where=name,
            remedy=_("第一行应当是表头"),
        )
    texts = {
        id: table.columns[found[id]].to_list() if id in found else [None] * len(table.rows) for id in columns
    }
    return [
        (int(row), Row({id: half_width(texts[id][i] or "") for id in columns}, int(row), found))
        for i, row in enumerate(table.rows)
        if any(texts[id][i] for id in columns)
    ]
