"""A printed index as a table in a bundle, its cells as they are printed, and read back from there."""

from __future__ import annotations

import csv
import io
import math
import re
from typing import TYPE_CHECKING

from xinzhi.declarations import Text
from xinzhi.language import gettext as _
from xinzhi.publish.bundle.manifest import IndexRecord, PrintedRecord
from xinzhi.publish.bundle.refusing import BundleError
from xinzhi.reproduction import PrintedIndex

if TYPE_CHECKING:
    import polars as pl

PRINTED = "printed.csv"
_NAMES = ("code", "name_zh", "name_en")
_GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")


def printed_table(printed: PrintedIndex) -> pl.DataFrame:
    """Return a printed index as a table of texts, one row a unit."""
    import polars as pl

    names = [[name.zh for name in printed.names], [name.en for name in printed.names]]
    columns = dict(zip(_NAMES, (list(printed.codes), *names), strict=True))
    return pl.DataFrame(columns | {node: list(cells) for node, cells in printed.cells.items()})


def read_printed(data: bytes, record: IndexRecord, facts: PrintedRecord, where: str) -> PrintedIndex:
    """Read a printed index from its table and what the manifest says about it.

    Raises
    ------
    BundleError
        If the table has other columns, a cell is no number, or a unit stands in it twice.
    """
    heads = [*_NAMES, *facts.nodes]
    try:
        found, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as error:
        raise BundleError(_("读不出来"), where=where) from error
    if found != heads or any(len(row) != len(heads) for row in rows):
        raise BundleError(_("各列应为 {columns}").format(columns=", ".join(heads)), where=where)
    rows = [[_GUARDED.sub("", cell) for cell in row] for row in rows]
    codes = tuple(row[0] for row in rows)
    if not codes or len(set(codes)) < len(codes) or not all(row[1] for row in rows):
        raise BundleError(_("单位的代码重复, 或没有名称"), where=where)
    cells = {node: tuple(row[k] for row in rows) for k, node in enumerate(facts.nodes, start=len(_NAMES))}
    for node, column in cells.items():
        for code, cell in zip(codes, column, strict=True):
            if not _is_number(cell):
                raise BundleError(
                    _("不是数: {text}").format(text=cell[:40]), where=f"{where}, {node}, {code}"
                )
    return PrintedIndex(
        id=record.id,
        title=facts.title,
        citation=facts.citation,
        year=facts.year,
        regions=facts.regions,
        codes=codes,
        names=tuple(Text(zh=row[1], en=row[2]) for row in rows),
        nodes=facts.nodes,
        cells=cells,
    )


def _is_number(cell: str) -> bool:
    try:
        return not cell or math.isfinite(float(cell))
    except ValueError:
        return False
