"""Web pages, and tables in web style, as they are before a conversion that loses how their digits look.

What is raised, struck out or hidden becomes plain text; of a cell of Excel's XML with a bold digit a part is lost,
and a page of LibreOffice may store another figure than it shows.
"""

from __future__ import annotations

import codecs
import re
from decimal import Decimal, InvalidOperation
from html import unescape

_MARKS = re.compile(
    r"<(?:sup|sub|del|s|strike|ins|bdo|template|script)\b|\shidden(?:[\s=/>])"
    r"|\b(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0"
    r"|font-size\s*:\s*(?=[0-9.])(?:0*(?:\.0[0-9]*)?[a-z%]*|[01]?(?:\.[0-9]*)?(?:pt|px)?|[0-9]%)\s*(?:[;\"'}!]|$)"
    r"|font\s*:[^;}]{0,99}\b[01](?:\.[0-9]*)?(?:pt|px)|line-through"
    r"|vertical-align\s*:\s*(?:super|sub|[-+]?[0-9.])|mso-text-raise|unicode-bidi|direction\s*:\s*rtl|content\s*:"
    r"|color\s*:\s*(?:transparent|(?:rgb|hsl)a\([^)]*[,/]\s*0?\.?0*%?\s*\))|transform\s*:|clip(?:-path)?\s*:"
    r"|(?:left|top|right|bottom|text-indent)\s*:\s*-\s*[0-9]{3}|(?<![-\w])(?:max-)?(?:width|height)\s*:\s*0(?![0-9.]))",
    re.IGNORECASE,
)
_REMARK = re.compile(r"/\*.{0,99}?\*/", re.DOTALL)  # a style may hold one between any two words
_SPACING = re.compile(r"<tr\b[^<>]*>(?:\s|</?td\b[^<>]*>|<!\[[^<>]*>)*</tr>", re.IGNORECASE)
_DRESSED = re.compile(r"<(?:\w+:)?Data\b[^<>]*>(?:[^<]|<!)*<[^/!]")  # a tag in the text of a cell
_STORED = re.compile(
    r"<td\b[^<>]*\ssdval\s*=\s*[\"']?(?P<stored>[^\s\"'<>]*)[^<>]*>(?P<inside>.*?)</td", re.I | re.S
)
_TAG = re.compile(r"<[^<>]*>")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def has_lost_looks(data: bytes, kind: str) -> bool:
    """Tell whether a file has looks that its conversion loses, so that a raised 1 would become a digit.

    Parameters
    ----------
    data : bytes
        The file.
    kind : {"html", "mht", "excel2003xml"}
        A page, one packed with what belongs to it, or a workbook as Excel 2003 writes it in XML.
    """
    if kind == "excel2003xml":
        return bool(_DRESSED.search(_decoded(data)))
    pages = _unpacked(data) if kind == "mht" else [_decoded(data)]
    return any(_is_marked(unescape(page)) for page in pages)


def _is_marked(page: str) -> bool:
    page = _SPACING.sub("", page)  # Excel ends its tables with a hidden row of widths
    shown_otherwise = any(_differs(cell["stored"], cell["inside"]) for cell in _STORED.finditer(page))
    return bool(shown_otherwise or _MARKS.search(page) or _MARKS.search(_REMARK.sub("", page)))


def _differs(stored: str, inside: str) -> bool:
    """Tell whether a cell shows anything but the figure that it stores, rounded at most."""
    shown = "".join(_TAG.sub("", inside).split()).replace(",", "")
    try:
        figure, seen = Decimal(stored), Decimal(shown.removesuffix("%")) / (100 if shown.endswith("%") else 1)
        return round(figure, -int(seen.as_tuple().exponent)) != seen
    except (InvalidOperation, TypeError, ValueError):
        return True


def _unpacked(data: bytes) -> list[str]:
    """Return the texts in a packed page."""
    from email import message_from_bytes, policy  # of no use for any other file

    parts = message_from_bytes(data, policy=policy.compat32).walk()
    contents = (part.get_payload(decode=True) for part in parts if part.get_content_maintype() != "image")
    return [_decoded(content) for content in contents if isinstance(content, bytes)]


def _decoded(data: bytes) -> str:
    """Decode as far as its tags need it, which are ASCII in every encoding but UTF-16."""
    return data.decode("utf-16" if data.startswith(_UTF16) else "latin-1", errors="replace")
