"""From a file or a frame to a table of text: what stands where, before anyone asks what it means.

A table keeps the row and the column of everything, so that a finding, and later a trace, leads to the cell.
The kind of a file is told from its content. No exception of a library gets past this door.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.errors import PanelError, reason
from xinzhi.language import gettext as _
from xinzhi.panel.findings import Findings

if TYPE_CHECKING:
    import polars as pl

LARGEST_FILE = (
    200_000_000  # bytes; a county panel of fifty years and a hundred indicators takes a third of it
)


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


def read_table(data: Any, *, sheet: str | None = None, name: str = "") -> Table:
    """Read a file (CSV, TSV, XLSX, Parquet, JSON) or a frame (pandas, polars, pyarrow) as text.

    Parameters
    ----------
    data : str, Path or frame
        What to read.
    sheet : str, optional
        Worksheet of an XLSX file; 数据 or the first one by default.
    name : str, optional
        What to call the table; the name of the file by default.

    Raises
    ------
    PanelError
        If the file is absent, too large, damaged, in another encoding or of another kind, or has no rows.
    """
    if not isinstance(data, str | Path):
        return _from_frame(data, name or _("数据框"))
    path = Path(data)
    name = name or path.name
    content = _content(path, name)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        from xinzhi.panel.workbooks import read_workbook

        table = read_workbook(content, sheet=sheet, name=name)
    elif sheet is not None:
        raise PanelError(
            _("只有 XLSX 工作簿才有工作表"), where=name, remedy=_("请去掉 sheet, 或给出 XLSX 文件")
        )
    elif content.startswith(b"PAR1"):
        table = _from_parquet(content, name)
    else:
        text = _decoded(content, name)
        table = _from_json(text, name) if text.lstrip()[:1] in ("[", "{") else from_csv(text, name)
    companion = path.with_name(f"{path.stem}.sources.csv")
    if table.sources is None and companion.is_file():
        text = _decoded(_content(companion, companion.name), companion.name)
        return replace(table, sources=from_csv(text, companion.name))
    return table


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
    columns = tuple(_text_series(column) for column in zip(*records, strict=True))
    labels = tuple(_letters(i) for i in range(len(headings))) if lettered else headings
    return _checked(Table(name, headings, columns, np.array(places, dtype=np.int32), labels))


def from_csv(text: str, name: str) -> Table:
    """Read delimited text; the delimiter (comma, semicolon or tab) is the one most used in the header.

    Raises
    ------
    PanelError
        If quotes do not close, or as :func:`from_rows` does.
    """
    header = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    delimiter = max(",;\t", key=header.count)
    return from_rows(name, _csv_rows(text, delimiter, name))


def as_text(value: Any) -> str | None:
    """Return a value of a typed cell as text, None where it is missing (None, NaN, NA, NaT).

    A float is written so that it reads back as the same number.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        return None if value != value else repr(float(value)).removesuffix(".0")
    return value if isinstance(value, str) else str(value)


# --- files -----------------------------------------------------------------------------------------------


def _content(path: Path, name: str) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise PanelError(_("不是文件"), where=str(path), remedy=_("请给出数据文件的路径"))
        if size > LARGEST_FILE:
            raise PanelError(
                _("文件有 {size} MB, 超过 {limit} MB").format(
                    size=f"{size / 1e6:,.0f}", limit=LARGEST_FILE // 1_000_000
                ),
                where=name,
                remedy=_("请只保留需要的年份和指标, 或拆成几个文件"),
            )
        return path.read_bytes()
    except OSError as error:
        raise PanelError(
            _("读不出来: {reason}").format(reason=reason(error)),
            where=str(path),
            remedy=_("请检查路径和读取权限"),
        ) from error


def _decoded(content: bytes, name: str) -> str:
    remedy = _("请另存为 UTF-8 编码的 CSV, 或直接给出 XLSX 文件")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PanelError(_("编码是 UTF-16"), where=name, remedy=remedy)
    if b"\0" in content:
        raise PanelError(_("不是文本, 也不是认得的数据文件"), where=name, remedy=remedy)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PanelError(_("编码既不是 UTF-8 也不是 GB18030"), where=name, remedy=remedy)


def _csv_rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    last = 0
    try:
        for record in reader:
            if any(map(str.strip, record)):
                yield last + 1, record
            last = reader.line_num
    except csv.Error as error:
        raise PanelError(
            _("引号没有成对, 或一格过长"),
            where=_("{file} 第 {row} 行").format(file=name, row=last + 1),
            remedy=_("请检查这一行起的引号; 格内的引号要写两遍"),
        ) from error


def _from_json(text: str, name: str) -> Table:
    try:
        content = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError) as error:
        place = f" ({error.lineno}:{error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise PanelError(
            _("不是合法的 JSON{place}").format(place=place),
            where=name,
            remedy=_('请给出记录的列表: [{"code": ..., "year": ...}, ...]'),
        ) from error
    if isinstance(content, dict) and all(isinstance(column, list) for column in content.values()):
        lengths = {len(column) for column in content.values()}
        content = (
            [dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)]
            if (len(lengths) == 1)
            else None
        )
    flat = isinstance(content, list) and all(
        isinstance(record, dict) and not any(isinstance(v, list | dict) for v in record.values())
        for record in content
    )
    if not flat:
        raise PanelError(
            _("不是记录的列表"),
            where=name,
            remedy=_('请给出记录的列表: [{"code": ..., "year": ...}, ...]'),
        )
    headings = tuple(dict.fromkeys(key for record in content for key in record))
    columns = tuple(_text_series([as_text(record.get(key)) for record in content]) for key in headings)
    return _checked(Table(name, headings, columns, _positions(len(content)), headings))


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _from_parquet(content: bytes, name: str) -> Table:
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (Exception, pl.exceptions.PanicException) as error:  # a damaged page makes the Rust side panic
        raise PanelError(_("Parquet 文件损坏"), where=name, remedy=_("请重新导出这个文件")) from error
    return _from_frame(frame, name)


# --- frames ----------------------------------------------------------------------------------------------


def _from_frame(data: Any, name: str) -> Table:
    import narwhals as nw
    import polars as pl

    try:
        frame = nw.from_native(data)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        headings = tuple(str(column) for column in frame.columns)
        native = frame.to_native()
        if isinstance(native, pl.DataFrame):
            columns = tuple(_polars_text(column, name) for column in native.get_columns())
        else:
            columns = tuple(
                _text_series([as_text(v) for v in column.to_list()]) for column in frame.iter_columns()
            )
    except PanelError:
        raise
    except (
        Exception,
        pl.exceptions.PanicException,
    ) as error:  # each kind of frame has errors of its own, and a lazy one reads files
        raise PanelError(
            _("不是能读的文件路径或数据框: {kind}").format(kind=type(data).__name__),
            where=name,
            remedy=_("请给出路径, 或 pandas、polars、pyarrow 的数据框, 列名不重复"),
        ) from error
    return _checked(Table(name, headings, columns, _positions(len(columns[0]) if columns else 0), headings))


def _polars_text(column: pl.Series, name: str) -> pl.Series:
    import polars as pl

    if column.dtype.is_float():
        # Through 64 bits, so that a 32-bit figure keeps its exact value.
        return column.cast(pl.Float64).fill_nan(None).cast(pl.String).str.strip_suffix(".0")
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        raise PanelError(
            _("“{heading}”一列不是单个的值").format(heading=column.name),
            where=name,
            remedy=_("请每格只放一个数或一段文字"),
        )
    if column.dtype == pl.Object:
        return _text_series([as_text(value) for value in column.to_list()])
    return column.cast(pl.String)


def _text_series(values: Sequence[str | None]) -> pl.Series:
    import polars as pl

    return pl.Series(values, dtype=pl.String)


def _positions(count: int) -> npt.NDArray[np.int32]:
    return np.arange(1, count + 1, dtype=np.int32)


def _checked(table: Table) -> Table:
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
