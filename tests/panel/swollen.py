"""A small workbook whose texts unpack to very much, with every size as it says and a ratio below what is refused."""

from __future__ import annotations

import io
import random
import zipfile

from openpyxl import Workbook

_CHUNK = 1_000_000
_SHEET = "xl/worksheets/sheet1.xml"
_BEFORE = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
)
_AFTER = b"</t></is></c></row></sheetData></worksheet>"


def swollen_workbook(megabytes: int) -> bytes:
    """Return a workbook with one text of so many megabytes, packed some 300-fold."""
    plain, made = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    noise = random.Random(1)
    chunk = noise.randbytes(1500).hex() + "A" * (_CHUNK - 3000)
    with zipfile.ZipFile(plain) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as swollen:
        for name in book.namelist():
            if name != _SHEET:
                swollen.writestr(name, book.read(name))
        with swollen.open(_SHEET, "w") as part:
            part.write(_BEFORE)
            for _n in range(megabytes):
                part.write(chunk.encode())
            part.write(_AFTER)
    return made.getvalue()
