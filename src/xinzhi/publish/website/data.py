"""The data of a site: every table as CSV, XLSX, JSON and Parquet, told apart by the ending of the address."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from xinzhi.index.saving import guarded
from xinzhi.index.tables import TABLES, table_title
from xinzhi.language import gettext as _
from xinzhi.publish.bundle.parts import csv_bytes
from xinzhi.publish.bundle.printed import printed_table
from xinzhi.publish.website.exhibit import Exhibit

if TYPE_CHECKING:
    import polars as pl

FORMATS = ("csv", "xlsx", "json", "parquet")


@dataclass(frozen=True)
class Table:
    """A table that can be downloaded: its name in addresses, its title, and what is in it."""

    name: str
    title: str
    frame: pl.DataFrame


def tables_of(exhibit: Exhibit) -> Iterator[Table]:
    """Yield the tables of an index: those of its result or the printed one, and the list of visits."""
    import polars as pl

    assessment = exhibit.assessment
    if assessment.printed is not None:
        yield Table("printed", _("印出的表"), printed_table(assessment.printed))
    if assessment.result is not None:
        for name in TABLES:
            yield Table(name, table_title(name), assessment.result.table(name))
    if not exhibit.single:
        visits = [asdict(visit) for visit in exhibit.visits()]
        yield Table("visits", _("专家调研建议名单"), pl.DataFrame(visits))


def encoded(frame: pl.DataFrame, format: str) -> bytes:
    """Return a table as the bytes of a file; no spreadsheet finds a formula in its texts."""
    buffer = io.BytesIO()
    if format == "csv":
        return csv_bytes(frame)
    if format == "json":
        return (
            json.dumps(frame.to_dicts(), ensure_ascii=False, default=str, allow_nan=False) + "\n"
        ).encode()
    if format == "parquet":
        frame.write_parquet(buffer)
        return buffer.getvalue()
    return _workbook(frame)


def _workbook(frame: pl.DataFrame) -> bytes:
    import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "constant_memory": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": datetime.datetime(2000, 1, 1)})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, frame.columns, book.add_format({"bold": True}))
    for place, row in enumerate(guarded(frame).iter_rows(), start=1):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(place, column, value if isinstance(value, int | float | str) else str(value))
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
