"""Lists of reports as they are uploaded: columns by their headings, all faults at once, each with its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from xinzhi.campaign.opinion.rule import rule
from xinzhi.language import gettext as _

REQUIRED = ("title", "outlet", "day")
LONGEST_TITLE, LONGEST_LINK, LONGEST_WORD = 300, 1000, 100
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?|(\d{4})(\d{2})(\d{2})"
)


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line; line 0 is the list as a whole."""

    line: int
    what: str


@dataclass(frozen=True)
class Listed:
    """A report as the list has it."""

    line: int
    title: str
    outlet: str
    day: date
    language: str = ""
    link: str = ""
    place: str = ""
    sphere: str = ""


def read_list(lines: Sequence[Sequence[str]], today: date) -> tuple[list[Listed], list[Fault]]:
    """Return the reports of a list and all its faults.

    Parameters
    ----------
    lines : sequence of sequences of str
        As the file has them; those above the headings are passed over.
    today : date
        No report is of a later day.
    """
    for number, line in enumerate(lines[:20]):  # noqa: B007  # the line of the headings
        columns = _columns(line)
        if len({"title", "outlet", "day"} & columns.keys()) >= 2:
            break
    else:
        names = "、".join(rule().columns[name][0] for name in REQUIRED)
        return [], [Fault(0, _("没有找到表头; 至少要有这些列: {names}").format(names=names))]
    faults = [
        Fault(number + 1, _("表头缺少“{name}”一列").format(name=rule().columns[name][0]))
        for name in REQUIRED
        if name not in columns
    ]
    if faults:
        return [], faults
    reports = []
    for at, cells in enumerate(lines[number + 1 :], start=number + 2):
        given = {name: _neat(cells[place]) for name, place in columns.items() if place < len(cells)}
        if any(given.values()):
            wrong = [Fault(at, what) for what in _faults(given, today)]
            faults += wrong
            if not wrong:
                reports.append(_listed(at, given))
    if not reports and not faults:
        faults.append(Fault(0, _("表头下面没有报道")))
    return reports, faults


def _columns(line: Sequence[str]) -> dict[str, int]:
    headings = ["".join(unicodedata.normalize("NFKC", cell).split()).casefold() for cell in line]
    return {
        name: headings.index(heading)
        for name, known in rule().columns.items()
        for heading in known[::-1]
        if heading in headings
    }


def _faults(given: Mapping[str, str], today: date) -> list[str]:
    faults = [
        _("缺少{name}").format(name=rule().columns[name][0]) for name in REQUIRED if not given.get(name)
    ]
    if len(given.get("title", "")) > LONGEST_TITLE:
        faults.append(_("标题超过 {limit} 个字").format(limit=LONGEST_TITLE))
    if any(len(given.get(name, "")) > LONGEST_WORD for name in ("outlet", "language", "place")):
        faults.append(_("媒体、语言或地区超过 {limit} 个字").format(limit=LONGEST_WORD))
    if text := given.get("day"):
        day = day_of(text)
        if day is None:
            faults.append(_("日期“{text}”读不懂, 请写成 2024-03-05").format(text=text[:40]))
        elif day > today or day.year < 1990:
            faults.append(_("日期 {day} 不对").format(day=day.isoformat()))
    if (link := given.get("link", "")) and not _is_link(link):
        faults.append(_("链接应当以 http:// 或 https:// 开头"))
    if (said := given.get("sphere", "")) and not any(
        said.casefold() in known for known in rule().spheres.values()
    ):
        faults.append(_("“国内外”只能写国内或国外, 写的是“{text}”").format(text=said[:40]))
    return faults


def _listed(line: int, given: Mapping[str, str]) -> Listed:
    day = day_of(given["day"])
    assert day
    return Listed(line, day=day, **{name: text for name, text in given.items() if name != "day"})


def _is_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(link) <= LONGEST_LINK


def day_of(text: str) -> date | None:
    """Return the day that a text says; None where it says none."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _neat(text: str) -> str:
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs", "Cf")
    )
    return " ".join("".join(kept).split())
