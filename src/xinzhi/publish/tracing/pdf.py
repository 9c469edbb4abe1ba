"""The numbers of a PDF: each link annotation of our scheme, with the signs that stand in its rectangle."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.publish.text.keys import SCHEME
from xinzhi.publish.tracing.shown import Shown

_LONGEST_LINK = 2000


def in_pdf(data: bytes) -> Iterator[Shown]:
    """Yield the numbers of a PDF in the order of its pages."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as pdf:
            for number in range(len(pdf)):
                yield from _on_page(pdf, number)
    except pypdfium2.PdfiumError as error:
        raise CallError(_("PDF 读不出来, 可能已损坏")) from error


def _on_page(pdf: Any, number: int) -> Iterator[Shown]:
    """Yield the numbers of one page: each link of our scheme with the signs that stand in its rectangle."""
    links = list(_links(pdf, pdf[number]))
    if not links:
        return
    signs, x, y = _signs(pdf[number])
    for uri, (left, bottom, right, top) in links:
        inside = np.flatnonzero((left <= x) & (x <= right) & (bottom <= y) & (y <= top))
        text = "".join(signs[i] for i in inside).strip()
        yield Shown(_("第 {page} 页").format(page=number + 1), uri, text)


def _links(pdf: Any, page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    from pypdfium2 import raw

    position, link, rectangle = ctypes.c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
    while raw.FPDFLink_Enumerate(page, position, link):
        buffer = ctypes.create_string_buffer(_LONGEST_LINK)
        raw.FPDFAction_GetURIPath(pdf, raw.FPDFLink_GetAction(link), buffer, _LONGEST_LINK)
        uri = buffer.value.decode("utf-8", "replace")
        if uri.startswith(SCHEME) and raw.FPDFLink_GetAnnotRect(link, rectangle):
            yield uri, (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _signs(page: Any) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the signs of a page in the order of its text, and where their middles are."""
    from pypdfium2 import raw

    text = page.get_textpage()
    count = text.count_chars()
    signs, middles = [], np.full((2, count), np.nan)
    left, right, bottom, top = (ctypes.c_double() for _side in range(4))
    for i in range(count):
        signs.append(chr(raw.FPDFText_GetUnicode(text, i)))
        if raw.FPDFText_GetCharBox(text, i, left, right, bottom, top):
            middles[:, i] = (left.value + right.value) / 2, (bottom.value + top.value) / 2
    return signs, middles[0], middles[1]
