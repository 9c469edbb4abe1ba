"""Comma, semicolon or tab separated text, in the encodings that Chinese software writes."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from xinzhi.forms.document import Document
from xinzhi.forms.files.sheets.grid import LARGEST_TEXT, MOST_CELLS, SheetCell, table_of
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile

_BYTE_ORDERS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = (",", ";", "\t")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_delimited(data: bytes) -> Document:
    """Read delimited text.

    Parameters
    ----------
    data : bytes
        In UTF-8, GB18030 (which GBK and GB2312 are parts of) or UTF-16.

    Raises
    ------
    UnreadableFile
        If it is in none of these encodings or too large.
    """
    if len(data) > LARGEST_TEXT:
        raise UnreadableFile(Finding(rule="sheets.too_large", facts={"cells": MOST_CELLS}))
    records = _records(_decoded(data))
    cells = [
        SheetCell(row, column, text)
        for row, record in enumerate(records, start=1)
        for column, text in enumerate(record, start=1)
        if text.strip()
    ]
    if len(cells) > MOST_CELLS:
        raise UnreadableFile(Finding(rule="sheets.too_large", facts={"cells": MOST_CELLS}))
    document = Document(format="csv")
    if cells:
        table = table_of(cells, Place(table=1))
        table.lengths = tuple(map(len, records))
        document.blocks.append(table)
    return document


def _decoded(data: bytes) -> str:
    """Decode by the byte order mark, else strictly as UTF-8, else as GB18030; UTF-16 shows by its zeros."""
    for mark, encoding in _BYTE_ORDERS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    if b"\0" in data:
        little = data[1::2].count(0) >= data[::2].count(0)
        return _strictly(data, "utf-16-le" if little else "utf-16-be")
    try:
        return _strictly(data, "utf-8")
    except UnreadableFile:
        return _strictly(data, "gb18030")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(Finding(rule="sheets.encoding")) from error
    if _CONTROLS.search(text):
        raise UnreadableFile(Finding(rule="sheets.encoding"))
    return text


def _records(text: str) -> list[list[str]]:
    """Split by the delimiter that gives most lines the same number of cells, more than one."""
    try:
        readings = [
            list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) for delimiter in _DELIMITERS
        ]
    except csv.Error as error:
        raise UnreadableFile(Finding(rule="sheets.encoding")) from error
    return max(readings, key=_evenness)


def _evenness(records: list[list[str]]) -> int:
    widths = Counter(len(record) for record in records if len(record) > 1)
    return max(widths.values(), default=0)
