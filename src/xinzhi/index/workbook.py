"""A result as a workbook: a cover, what must be said, and one table a sheet; prints on A4."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xinzhi.index.notes import notes
from xinzhi.index.tables import (
    TABLES,
    display_width,
    heading,
    headline_nodes,
    ranking_heads,
    ranking_order,
    sparkline,
    table,
    table_title,
)
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from xinzhi.index.computation import Computation

_POINTS = 10  # a scale from which one decimal is enough
_A4 = 9  # Excel's number of the paper size
_DATE = datetime.datetime(2025, 6, 3)  # a fixed one, so that the same result gives the same file
_OPTIONS = {  # figures and texts stay what they are
    "nan_inf_to_errors": False,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
_KEYS = {"scores": 4, "contributions": 4, "figures": 4}  # columns that stay in view: code, name, region, year
_SHARES = ("missing_share", "filled_share", "share_of_total", "share_in_parent")
_PAGE_WIDTH = 215  # characters on a landscape page that are still readable
_NOTE_WIDTH, _LINE, _SLACK = 98, 15, 1.1  # characters, points a line, and what a font may need more
_COVER_WIDTH = 84
_WIDTH = 11
_WIDE = {
    "code": 8,
    "name": 15,
    "unit": 20,
    "region": 8,
    "year": 6,
    "title": 46,
    "rule": 48,
    "node": 26,
    "indicator": 26,
    "variable": 26,
    "parent": 16,
}


def write_workbook(result: Computation, path: Path, about: list[tuple[str, str]]) -> None:
    """Write the workbook of `result`; `about` are the lines of the cover."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    book.set_properties({"title": result.title, "created": _DATE})
    _cover(book, result, about)
    _notes(book, result)
    _ranking(book, result)
    for name in TABLES:
        _table(book, result, name)
    book.close()


def _sheet(book: Workbook, name: str) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.set_paper(_A4)
    sheet.set_footer("&C&A  &P / &N")
    return sheet


def _cover(book: Workbook, result: Computation, about: list[tuple[str, str]]) -> None:
    sheet = _sheet(book, _("封面"))
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 2 + max(display_width(label) for label, _text in about))
    sheet.set_column(1, 1, _COVER_WIDTH)
    sheet.merge_range(
        0, 0, 0, 1, result.title, book.add_format({"bold": True, "font_size": 16, "text_wrap": True})
    )
    sheet.set_row(0, 44)
    top, wrapped = book.add_format({"valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    for row, (label, text) in enumerate(about, start=2):
        sheet.set_row(row, _height(text, _COVER_WIDTH))
        sheet.write_string(row, 0, label, top)
        sheet.write_string(row, 1, text, wrapped)


def _notes(book: Workbook, result: Computation) -> None:
    sheet = _sheet(book, _("结果说明"))
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, _NOTE_WIDTH)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, note in enumerate(notes(result)):
        sheet.set_row(row, _height(note, _NOTE_WIDTH))
        sheet.write_string(row, 0, note, wrapped)


def _height(text: str, width: float) -> int:
    """Return the height in points of a wrapped text: Excel finds it on opening, LibreOffice does not."""
    return _LINE * (1 + int(display_width(text) * _SLACK // width))


def _head(sheet: Worksheet, texts: list[str], widths: list[int], style: Format) -> None:
    """Write the headings of a sheet in a row high enough for the longest of them."""
    for column, text in enumerate(texts):
        sheet.write_string(0, column, text, style)
    # A word that does not fit goes to the next line whole, which may leave half a line blank.
    sheet.set_row(0, max(_height(text, width * 0.75) for text, width in zip(texts, widths, strict=True)))


def _ranking(book: Workbook, result: Computation) -> None:
    """Write the ranking of the last scored year, as the terminal shows it."""
    t = result.find_year(None)
    sheet = _sheet(book, _("{year} 年榜单").format(year=result.years[t]))
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 2)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "0.0" if result.methodology.scale >= _POINTS else "0.000"})
    heads = ranking_heads(result)
    widths = [8] + [16] * (len(heads) - 1)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    _head(sheet, heads, widths, head)
    nodes = headline_nodes(result)
    for row, n in enumerate(ranking_order(result), start=1):
        place = result.ranks[nodes[0]][t, n]
        if np.isfinite(place):
            sheet.write_number(row, 0, place)
        sheet.write_string(row, 1, result.names[n])
        for column, node in enumerate(nodes, start=2):
            score = result.scores[node][t, n]
            if np.isfinite(score):
                sheet.write_number(row, column, score, number)
        if len(result.years) > 1:
            sheet.write_string(row, 2 + len(nodes), sparkline(result.scores[nodes[0]][:, n]))


def _table(book: Workbook, result: Computation, name: str) -> None:
    frame = table(result, name)
    sheet = _sheet(book, table_title(name))
    sheet.set_landscape()
    sheet.freeze_panes(1, _KEYS.get(name, 0))
    sheet.repeat_rows(0)
    if name in _KEYS:
        sheet.repeat_columns(0, _KEYS[name] - 1)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    widths = [_WIDE.get(id, _WIDTH) for id in frame.columns]
    sheet.fit_to_pages(_pages(widths, _KEYS.get(name, 0)), 0)
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number, share = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "0.0%"})
    for column, (id, width) in enumerate(zip(frame.columns, widths, strict=True)):
        plain = id.endswith("_rank") or not frame.schema[id].is_float()
        sheet.set_column(column, column, width, None if plain else share if id in _SHARES else number)
    _head(sheet, [heading(result, id) for id in frame.columns], widths, head)
    for row, record in enumerate(frame.iter_rows(), start=1):
        for column, value in enumerate(record):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write_number(row, column, value)


def _pages(widths: list[int], keys: int) -> int:
    """Return how many pages wide a sheet prints so that it stays readable; each page repeats the keys."""
    if not keys:
        return 1
    repeated = sum(widths[:keys])
    return max(1, math.ceil(sum(widths[keys:]) / (_PAGE_WIDTH - repeated)))
