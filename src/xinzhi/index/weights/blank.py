"""The blank sheet that experts fill in, and that reads back."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.index.weights.items import Items
from xinzhi.language import gettext as _
from xinzhi.output import whole_file

_CREATED = datetime(2026, 1, 1)  # fixed, so that the same items give the same bytes
_WIDTHS = (36, 12)  # of a column of items and one of an expert, in characters


def write_blank_sheet(items: Items, path: str | Path, *, experts: int, pairs: bool = False) -> None:
    """Write a sheet with a row for every item, or every pair of items, and a column for every expert.

    Parameters
    ----------
    items : Items
    path : str or Path
        Ending in ``.csv`` or ``.xlsx``; the file appears whole or not at all.
    experts : int
        How many columns; their headings are to be replaced by names or codes.
    pairs : bool
        Whether items are compared in pairs.

    Raises
    ------
    CallError
        If the ending is another one, or the file cannot be written.
    """
    file = Path(path)
    write = {".csv": _write_csv, ".xlsx": _write_workbook}.get(file.suffix.lower())
    if write is None:
        raise CallError(
            _("空白表只能写成 CSV 或 XLSX"),
            where=str(path),
            remedy=_("请用 .csv 或 .xlsx 结尾的文件名"),
        )
    names = [items.title(id) for id in items.ids]
    # Where two share a title, or one has the id of another as its title, a title says too little.
    names = [
        name if items.names[name.casefold()] == {id} else id
        for id, name in zip(items.ids, names, strict=True)
    ]
    rows: list[tuple[str, ...]] = list(combinations(names, 2)) if pairs else [(name,) for name in names]
    heads = [_("前项"), _("后项")] if pairs else [_("指标")]
    with whole_file(file) as draft:
        write(draft, heads, [_("专家{n}").format(n=n + 1) for n in range(experts)], rows)


def _write_csv(path: Path, heads: list[str], experts: list[str], rows: list[tuple[str, ...]]) -> None:
    import polars as pl

    columns = dict(zip(heads, zip(*rows, strict=True), strict=True))
    frame = pl.DataFrame(columns | {expert: [None] * len(rows) for expert in experts})
    frame.write_csv(path, include_bom=True)


def _write_workbook(path: Path, heads: list[str], experts: list[str], rows: list[tuple[str, ...]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": _CREATED})
        bold = book.add_format({"bold": True, "bottom": 1})
        # As text, or else a spreadsheet makes a date of 1/3.
        as_typed = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(_("数据"))
        sheet.write_row(0, 0, [*heads, *experts], bold)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, row)
        sheet.set_column(0, len(heads) - 1, _WIDTHS[0])
        sheet.set_column(len(heads), len(heads) + len(experts) - 1, _WIDTHS[1], as_typed)
        sheet.freeze_panes(1, len(heads))
