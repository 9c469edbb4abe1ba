"""From a file or a frame to a table of text.

The kind of a file is told from its content. No exception of a library gets past this door.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.errors import CallError, PanelError, reason
from xinzhi.language import gettext as _
from xinzhi.panel.table import Table, as_text, from_rows, text_series, with_rows

if TYPE_CHECKING:
    import polars as pl

LARGEST_FILE = (
    200_000_000  # bytes; a county panel of fifty years and a hundred indicators takes a third of it
)


def read_table(data: Any, *, sheet: str | None = None, name: str = "") -> Table:
    """Read a file (CSV, TSV, XLSX, Parquet, JSON) or a frame (pandas, polars, pyarrow) as text.

    Parameters
    ----------
    data : str, Path, frame or Table
        What to read; a table that was read already is given back.
    sheet : str, optional
        Worksheet of an XLSX file; 数据 or the first one by default.
    name : str, optional
        What to call the table; the name of the file by default.

    Raises
    ------
    CallError
        If there is no such file, or it may not be read.
    PanelError
        If the file is too large, damaged, in another encoding or of another kind, or has no rows.
    """
    if isinstance(data, Table):
        return data
    if not isinstance(data, str | Path):
        return _from_frame(data, name or _("数据框"))
    path = Path(data)
    name = name or path.name
    table = table_in(_content(path, name), sheet=sheet, name=name)
    companion = path.with_name(f"{path.stem}.sources.csv")
    if table.sources is None and companion.is_file():
        text, _encoding = _decoded(_content(companion, companion.name), companion.name)
        return replace(table, sources=from_csv(text, companion.name))
    return table


def table_in(content: bytes, *, sheet: str | None = None, name: str) -> Table:
    """Read the bytes of a file; see :func:`read_table`."""
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        from xinzhi.panel.workbooks import read_workbook

        return read_workbook(content, sheet=sheet, name=name)
    if sheet is not None:
        raise PanelError(
            _("只有 XLSX 工作簿才有工作表"), where=name, remedy=_("请去掉 sheet, 或给出 XLSX 文件")
        )
    if content.startswith(b"PAR1"):
        return _from_parquet(content, name)
    text, encoding = _decoded(content, name)
    name += encoding
    return _from_json(text, name) if text.lstrip()[:1] in ("[", "{") else from_csv(text, name)


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


# --- files -----------------------------------------------------------------------------------------------


def _content(path: Path, name: str) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise CallError(_("不是文件"), where=str(path), remedy=_("请给出数据文件的路径"))
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
        raise CallError(
            _("读不出来: {reason}").format(reason=reason(error)),
            where=str(path),
            remedy=_("请检查路径和读取权限"),
        ) from error


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """Return the text and what to add to the name: other legacy encodings decode as GB18030 too, so it is said."""
    remedy = _("请另存为 UTF-8 编码的 CSV, 或直接给出 XLSX 文件")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PanelError(_("编码是 UTF-16"), where=name, remedy=remedy)
    if b"\0" in content:
        raise PanelError(_("不是文本, 也不是认得的数据文件"), where=name, remedy=remedy)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text, "" if encoding == "utf-8-sig" else " [GB18030]"
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
    columns = tuple(text_series([as_text(record.get(key)) for record in content]) for key in headings)
    return with_rows(Table(name, headings, columns, _positions(len(content)), headings))


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
                text_series([as_text(v) for v in column.to_list()]) for column in frame.iter_columns()
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
    return with_rows(Table(name, headings, columns, _positions(len(columns[0]) if columns else 0), headings))


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
        return text_series([as_text(value) for value in column.to_list()])
    return column.cast(pl.String)


def _positions(count: int) -> npt.NDArray[np.int32]:
    return np.arange(1, count + 1, dtype=np.int32)
