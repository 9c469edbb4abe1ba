"""Figures and dates as a sheet stores them, and as its formats show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache

# The formats that a file names by number alone (ECMA-376 part 1, 18.8.30); those of dates differ by country.
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    48: "##0.0E+0",
    49: "@",
}
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_DATE = "yyyy-mm-dd"

_FIFTEEN = Context(prec=15)
_STORED = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST = 40  # characters of a stored figure; a binary fraction has 17 digits
_LARGEST_EXPONENT = 308
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hHmMsS]+)\]'
    r"|\[[^\]]*\]|(?P<digits>General|G/通用格式|[0#?](?:[0#?.,/ ]*[0#?,])?(?:[eE][+-][0#?]+)?|@)|(?P<bare>.)"
)
_DECIMALS = re.compile(r"\.(0+)")
_SHOWN = ("quoted", "escaped", "currency", "bare")
_DAYS = 2_958_466  # of 9999-12-31, the last that Excel knows
_FROM_1904 = 1462  # days between the two beginnings of time


def stored_figure(text: str) -> Decimal | None:
    """Return a figure as a sheet stores it, to the 15 digits that Excel keeps; None where it is none.

    0.1 + 0.2 is stored as 0.30000000000000004 and shown as 0.3: that is what was filed.
    """
    text = text.strip()
    if len(text) > _LONGEST or not _STORED.fullmatch(text):
        return None
    figure = _FIFTEEN.create_decimal(text)
    if abs(figure.adjusted()) > _LARGEST_EXPONENT:
        return None
    return Decimal(f"{figure.normalize():f}") if figure else Decimal(0)


def format_code(number: int, own: Mapping[int, str]) -> str:
    """Return the format of that number: the file's own, or a built-in one."""
    return own.get(number) or (_DATE if number in _BUILT_IN_DATES else _BUILT_IN.get(number, "General"))


@lru_cache(maxsize=500)
def is_date(code: str) -> bool:
    """Tell whether a format shows a date or a time."""
    first = next(_sections(code))
    return any(token["elapsed"] or (token["bare"] or "\0") in "dDmMyYhHsS" for token in first)


def date_text(serial: Decimal, *, from_1904: bool = False) -> str:
    """Write the date of a serial number as ISO 8601, without the time at midnight; "" where there is none."""
    days = serial + _FROM_1904 if from_1904 else serial
    if not 0 <= days < _DAYS:
        return ""
    if days < 60:
        days += 1  # Excel takes 1900 for a leap year
    moment = datetime(1899, 12, 30) + timedelta(seconds=round(float(days) * 86400))
    return moment.isoformat(" ").removesuffix(" 00:00:00")


def shown(figure: Decimal, code: str) -> str:
    """Write a figure with all its digits and what its format shows beside it: ``35.20%``, ``207.46万元``."""
    sections = list(_sections(code))
    section = sections[1] if figure < 0 and len(sections) > 1 else sections[0]
    literals = [next((token[kind] for kind in _SHOWN if token[kind]), "") for token in section]
    place = next((at for at, token in enumerate(section) if token["digits"]), len(section))
    before, after = "".join(literals[:place]).strip(), "".join(literals[place:]).strip()
    if any(token["bare"] == "%" for token in section):  # a quoted one is mere text
        figure = figure * 100
    text = f"{abs(figure) if before.startswith('-') else figure:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{before}{_filled(text, section[place]['digits'] if place < len(section) else '')}{after}"


def _filled(text: str, digits: str) -> str:
    """Fill a figure up to the decimals that its format always shows: 43 is 43.00 under ``0.00``."""
    wanted = _DECIMALS.search(digits)
    whole, _point, fraction = text.partition(".")
    return f"{whole}.{fraction:0<{len(wanted[1])}}" if wanted else text


def _sections(code: str) -> Iterator[list[re.Match[str]]]:
    """Yield the parts of a format, one each for positive and negative figures, zero and text."""
    section: list[re.Match[str]] = []
    for token in _TOKEN.finditer(code):
        if token["bare"] == ";":
            yield section
            section = []
        else:
            section.append(token)
    yield section
