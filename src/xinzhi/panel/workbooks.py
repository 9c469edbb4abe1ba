"""XLSX as text, from files that may be damaged or made to harm.

What is checked comes before openpyxl: that it is a workbook, that it unpacks to a reasonable size (streamed,
so that a size field that lies does no harm), and while it is read, how far its cells reach.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _
from xinzhi.panel.cells import FORMULA
from xinzhi.panel.table import Table, as_text, from_rows

LARGEST_UNPACKED = 300_000_000  # bytes
LARGEST_RATIO = 500  # of unpacked to packed bytes; worksheets of repeated figures come to 50
ROWS, COLUMNS, CELLS = 1_000_000, 2_000, 5_000_000
DATA_SHEETS = ("数据", "data")
SOURCE_SHEETS = ("来源", "sources", "source")

_CHUNK = 1 << 20
_DECLARATIONS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
_OVERLAP = max(map(len, _DECLARATIONS))


def read_workbook(content: bytes, *, sheet: str | None = None, name: str) -> Table:
    """Read one sheet of a workbook, and its sheet 来源 (Sources) where it has one.

    Parameters
    ----------
    content : bytes
        The file.
    sheet : str, optional
        Which sheet; 数据 (Data) or else the first one by default.
    name : str
        What errors call the file.

    Returns
    -------
    Table
        With the letters of the columns. A figure shown as a percentage is read as it is shown: ``35.2%``.

    Raises
    ------
    PanelError
        If the file is locked by a password, damaged, of another kind or larger than the limits above, or
        has no such sheet.
    """
    formulas = _inspected(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that hold no figures
            return _read(content, sheet, name, formulas)
    except (PanelError, MemoryError):
        raise
    except Exception as error:  # openpyxl lets through whatever a damaged part provokes
        raise _damaged(name) from error


def _read(content: bytes, sheet: str | None, name: str, formulas: bool) -> Table:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheets = {worksheet.title: worksheet for worksheet in book.worksheets}
    if not sheets:
        raise PanelError(_("工作簿里没有工作表"), where=name, remedy=_("请给出有数据的工作簿"))
    chosen = sheet if sheet is not None else _named(sheets, DATA_SHEETS) or next(iter(sheets))
    if chosen not in sheets:
        raise PanelError(
            _("没有工作表“{sheet}”").format(sheet=chosen),
            where=name,
            remedy=_("现有工作表: {sheets}").format(sheets=", ".join(sheets)),
        )
    listed = _named(sheets, SOURCE_SHEETS)
    source = (
        openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False) if formulas else None
    )

    def table(title: str) -> Table:
        place = f"{name}[{title}]" if len(sheets) > 1 else name
        written = _formulas(source[title]) if source is not None else set()
        return from_rows(place, _rows(sheets[title], place, written), lettered=True)

    figures = table(chosen)
    return replace(figures, sources=table(listed)) if listed and listed != chosen else figures


def _formulas(worksheet: Any) -> set[tuple[int, int]]:
    return {(cell.row, cell.column) for row in worksheet.iter_rows() for cell in row if cell.data_type == "f"}


def _rows(
    worksheet: Any, place: str, formulas: set[tuple[int, int]]
) -> Iterator[tuple[int, list[str | None]]]:
    """Yield the rows that hold something, all as long as the row of headings or the longest content."""
    worksheet.reset_dimensions()
    percent: dict[int, bool] = {}
    width = cells = 0
    for number, row in enumerate(worksheet.iter_rows(), start=1):
        cells += len(row)
        if number > ROWS or cells > CELLS:
            raise PanelError(
                _("工作表太大: 超过 {rows} 行或 {cells} 格").format(rows=f"{ROWS:,}", cells=f"{CELLS:,}"),
                where=place,
                remedy=_("请删去远处的空白格式 (按 Ctrl+End 查看), 或改用 CSV、Parquet"),
            )
        texts = [_text(cell, percent) for cell in row]
        if formulas:
            for column, text in enumerate(texts, start=1):
                if text is None and (number, column) in formulas:
                    texts[column - 1] = FORMULA
        while texts and (texts[-1] is None or not texts[-1].strip()):
            texts.pop()
        if not texts:
            continue
        if len(texts) > COLUMNS:
            raise PanelError(
                _("第 {row} 行超过 {columns} 列").format(row=number, columns=COLUMNS),
                where=place,
                remedy=_("请删去远处的内容, 每个变量一列, 每个单位每年一行"),
            )
        width = width or len(texts)
        yield number, texts + [None] * (width - len(texts))


def _text(cell: Any, percent: dict[int, bool]) -> str | None:
    value = cell.value
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        style = cell._style_id
        if style not in percent:
            percent[style] = "%" in cell.number_format
        if percent[style]:
            return _shown_percentage(value)
    return as_text(value)


def _shown_percentage(value: float) -> str:
    from decimal import Decimal

    return f"{(Decimal(repr(value)) * 100).normalize():f}%"


def _named(sheets: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((title for title in sheets if title.strip().casefold() in names), None)


def _inspected(content: bytes, name: str) -> bool:
    """Refuse what is not a workbook of reasonable size; tell whether any sheet holds formulas."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise PanelError(_("工作簿设了密码"), where=name, remedy=_("请去掉密码后另存"))
        raise PanelError(_("是旧版 Excel 文件 (.xls)"), where=name, remedy=_("请另存为 .xlsx"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _inspected_parts(archive, len(content), name)
    except PanelError:
        raise
    except Exception as error:  # zipfile and zlib have no base in common
        raise _damaged(name) from error


def _inspected_parts(archive: zipfile.ZipFile, packed: int, name: str) -> bool:
    parts = archive.infolist()
    titles = [part.filename for part in parts]
    if "[Content_Types].xml" not in titles or not any(title.startswith("xl/") for title in titles):
        raise PanelError(
            _("是压缩文件, 不是 XLSX 工作簿"), where=name, remedy=_("请解压后给出里面的数据文件")
        )
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * max(packed, _CHUNK // LARGEST_RATIO):
        raise PanelError(
            _("工作簿解压后有 {size} MB, 不正常").format(size=f"{unpacked / 1e6:,.0f}"),
            where=name,
            remedy=_("请把数据复制到新的工作簿, 或改用 CSV"),
        )
    if len(set(titles)) < len(titles):
        raise _damaged(name)
    formulas = False
    for part in parts:
        with archive.open(part) as stream:
            tail = b""
            while chunk := stream.read(_CHUNK):
                window = tail + chunk
                # openpyxl lets another parser work where one is installed, and not each refuses entities.
                if any(mark in window for mark in _DECLARATIONS):
                    raise _damaged(name)
                if part.filename.startswith("xl/worksheets/"):
                    formulas = formulas or b"<f>" in window or b"<f " in window
                tail = chunk[-_OVERLAP:]
    return formulas


def _damaged(name: str) -> PanelError:
    return PanelError(
        _("工作簿损坏, 读不出来"), where=name, remedy=_("请在 Excel 或 WPS 中打开并另存为 .xlsx")
    )
