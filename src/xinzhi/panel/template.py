"""The blank data sheet of a methodology: what a person fills in, and what reads back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from xinzhi.errors import CallError
from xinzhi.geography import LEVELS, Unit, units
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.methodology import Indicator, Methodology, Variable
from xinzhi.methodology.methods import OtherYearGap
from xinzhi.output import whole_file
from xinzhi.panel.cells import LARGEST

_KEYS = 3  # columns before the first variable: code, name, year
_BLANK_ROWS = 200  # for further years, and for units that no list names
_CREATED = datetime(2026, 1, 1)  # fixed, so that the same methodology gives the same bytes


def write_template(methodology: Methodology, path: str | Path) -> None:
    """Write the blank XLSX data sheet of a methodology.

    The sheet 数据 has a row for every unit and year and a column for every variable that a person fills in,
    来源 a row for the source of each, 说明 what the marks and variables mean. The years are those of the
    methodology and those its gap rules name; more may be added below. The file reads back with
    :func:`xinzhi.read_panel`.

    Parameters
    ----------
    methodology : Methodology
        Indicators that are always computed by their formula have no column.
    path : str or Path
        Where to write, ending in ``.xlsx``; the file appears whole or not at all.

    Raises
    ------
    CallError
        If the ending is another one, or the file cannot be written.
    """
    import xlsxwriter

    if Path(path).suffix.lower() != ".xlsx":
        raise CallError(_("空表只能写成 XLSX 工作簿"), where=str(path), remedy=_("请用 .xlsx 结尾的文件名"))
    with whole_file(path) as draft, xlsxwriter.Workbook(str(draft)) as book:
        book.set_properties({"title": str(methodology.title), "created": _CREATED})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
        headed = _headings(methodology)
        _write_data(book, book.add_worksheet(_("数据")), methodology, headed, bold)
        _write_sources(book.add_worksheet(_("来源")), headed, bold)
        _write_notes(book, book.add_worksheet(_("说明")), methodology, headed, bold)


def _headings(methodology: Methodology) -> dict[str, Variable]:
    """Return the variables to fill in by heading: the title, or the id where two share a title."""
    filled = [
        (id, variable)
        for id, variable in methodology.variables()
        if not (isinstance(variable, Indicator) and variable.formula_use == "always")
    ]
    titles = [str(variable.title) for _id, variable in methodology.variables()]
    headings = {}
    for id, variable in filled:
        title = str(variable.title)
        title = title if titles.count(title) == 1 else id
        headings[title + _bracketed(unit_name(variable.unit))] = variable
    return headings


def _bracketed(unit: str) -> str:
    if not unit:
        return ""
    return f" ({unit})" if current_language() == "en" else f"（{unit}）"


def _years(methodology: Methodology) -> list[int]:
    """Return the years of the methodology and those whose figures stand in for one of them."""
    return sorted({*methodology.years, *_lent(methodology)})


def _lent(methodology: Methodology) -> dict[int, list[str]]:
    """Return, by year outside the methodology, the ids of the variables whose gap rules use it."""
    lent: dict[int, list[str]] = {}
    for id, variable in methodology.variables():
        for rule in variable.gap:
            if isinstance(rule, OtherYearGap) and rule.year in methodology.years:
                lent.setdefault(rule.use, []).append(id)
    return {year: ids for year, ids in lent.items() if year not in methodology.years}


def _rows(methodology: Methodology) -> Iterator[tuple[str, str, int]]:
    if methodology.level not in LEVELS:
        return
    without = methodology.ranking.without_kinds
    for year in _years(methodology):
        for unit in units(methodology.level, year):
            if unit.kind not in without:
                yield unit.code, _name(unit), year


def _name(unit: Unit) -> str:
    return unit.english if current_language() == "en" and unit.english else unit.name


def _write_data(
    book: Any, sheet: Any, methodology: Methodology, headed: dict[str, Variable], bold: Any
) -> None:
    rows = list(_rows(methodology))
    last = len(rows) + _BLANK_ROWS
    # The keys of the rows that are there stay as they are; below them a person may add years and units.
    keys, open_keys = book.add_format({"locked": True}), book.add_format({"locked": False})
    for column, width in enumerate((10, 18, 8)):
        sheet.set_column(column, column, width, open_keys)
    sheet.set_row(0, 45)
    sheet.write_row(0, 0, [_("代码"), _("名称"), _("年份"), *headed], bold)
    for place, row in enumerate(rows, start=1):
        sheet.write_row(place, 0, row, keys)
    for column, variable in enumerate(headed.values(), start=_KEYS):
        digits = "0." + "0" * variable.decimals if variable.decimals else "0"
        open_cell = book.add_format({"num_format": f"#,##{digits}", "locked": False})
        sheet.set_column(column, column, 16, open_cell)
        sheet.data_validation(1, column, last, column, _validation(variable))
    sheet.freeze_panes(1, _KEYS)
    sheet.protect(options={"format_columns": True, "insert_rows": True, "sort": True, "autofilter": True})


def _titles(methodology: Methodology, ids: list[str]) -> str:
    return "; ".join(str(methodology.variable(id).title) for id in ids)


def _validation(variable: Variable) -> dict[str, Any]:
    low, high = variable.limits
    low, high = -LARGEST if low is None else low, LARGEST if high is None else high
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": low,
        "maximum": high,
        "error_title": _("请核对"),
        "error_message": _("应当是 {low:g} 到 {high:g} 之间的数; 不适用请写“不适用”").format(
            low=low, high=high
        ),
        "error_type": "warning",  # a mark such as 不适用 must pass
    }


def _write_sources(sheet: Any, headed: dict[str, Variable], bold: Any) -> None:
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 4, 30)
    sheet.write_row(0, 0, [_("列"), _("单位"), _("出版物"), _("口径"), _("备注")], bold)
    for row, (heading, variable) in enumerate(headed.items(), start=1):
        sheet.write_row(row, 0, [heading, unit_name(variable.unit)])
    sheet.freeze_panes(1, 0)


def _write_notes(
    book: Any, sheet: Any, methodology: Methodology, headed: dict[str, Variable], bold: Any
) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 36, wrapped)
    sheet.set_column(1, 1, 80, wrapped)
    lines = [
        (_("方法"), methodology.id),
        (_("名称"), str(methodology.title)),
        (_("出处"), str(methodology.source.citation)),
        (_("空白"), _("没有数据")),
        ("0", _("数值为零")),
        (_("不适用"), _("这个单位没有这一项")),
        (_("未要求"), _("没有向这个单位要这一项")),
        (_("来源表"), _("请在“来源”表写明每一列的出版物和口径; 一列只能用一种口径")),
        (_("其他年份"), _("补齐需要的其他年份请写在“数据”表已有各行的下面, 代码、名称和年份都要写")),
    ]
    lines += [
        (_("{year} 年").format(year=year), _("只用于补齐: {titles}").format(titles=_titles(methodology, ids)))
        for year, ids in _lent(methodology).items()
    ]
    lines += [
        (heading, "; ".join(str(text) for text in (variable.source, variable.note) if text is not None))
        for heading, variable in headed.items()
    ]
    for row, (name, text) in enumerate(lines):
        sheet.write_string(row, 0, name, bold if row == 0 else wrapped)
        sheet.write_string(row, 1, text, wrapped)
