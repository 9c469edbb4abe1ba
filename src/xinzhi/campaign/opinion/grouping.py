"""The same report listed twice, and reprints: which reports belong to which first one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from xinzhi.campaign.opinion.rule import Rule

Relation = Literal["", "duplicate", "reprint"]
_SHORTEST = 8  # letters of a title that may be like another; shorter ones have to be equal
_BLOCK = 500


@dataclass(frozen=True)
class Told:
    """A report as far as it matters here; `apart` where a person said that it repeats no other."""

    id: int
    title: str
    outlet: str
    day: date
    link: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Grouped:
    """What a report is: the first of its kind (its own id), or what it is to which first one."""

    first: int
    relation: Relation = ""


def plain_title(text: str) -> str:
    """Return the letters and digits of a title, in half width and lower case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def plain_link(link: str) -> str:
    """Return a link without what changes nothing: scheme, www, a closing slash, the part after #.

    Blank where it leads to the front page of a site, which is no report.
    """
    host, _slash, path = link.partition("#")[0].partition("://")[2].partition("/")
    path = path.rstrip("/")
    return f"{host.lower().removeprefix('www.')}/{path}" if path else ""


def grouped(reports: Sequence[Told], rule: Rule) -> dict[int, Grouped]:
    """Group reports.

    A duplicate has the link of an earlier report, or its title, outlet and day. A reprint has an equal or nearly
    equal title in another outlet within ``rule.days`` days of the first. The order of `reports` makes no
    difference: the earliest is the first, of one day the one listed first.
    """
    ordered = sorted(reports, key=lambda report: (report.day, report.id))
    found = {report.id: Grouped(report.id) for report in ordered}
    _find_duplicates(ordered, found)
    originals = [report for report in ordered if not found[report.id].relation]
    _find_reprints(originals, rule, found)
    for id, told in found.items():  # what repeats a reprint belongs to the reprint's first one
        if told.relation == "duplicate":
            found[id] = Grouped(found[told.first].first, "duplicate")
    return found


def _find_duplicates(ordered: Sequence[Told], found: dict[int, Grouped]) -> None:
    known: dict[object, int] = {}
    for report in ordered:
        marks: list[object] = [(plain_title(report.title), plain_title(report.outlet), report.day)]
        if link := plain_link(report.link):
            marks.append(link)
        first = next((known[mark] for mark in marks if mark in known), None)
        if first is not None and not report.apart:
            found[report.id] = Grouped(first, "duplicate")
        for mark in marks:
            known.setdefault(mark, first if first is not None else report.id)


def _find_reprints(ordered: Sequence[Told], rule: Rule, found: dict[int, Grouped]) -> None:
    within = timedelta(days=rule.days)
    for earlier, later in _alike(ordered, rule):
        one, other = ordered[earlier], ordered[later]
        first = found[one.id]
        if other.apart or found[other.id].relation or first.relation:
            continue
        if other.day - one.day <= within and plain_title(one.outlet) != plain_title(other.outlet):
            found[other.id] = Grouped(one.id, "reprint")


def _alike(ordered: Sequence[Told], rule: Rule) -> Iterator[tuple[int, int]]:
    """Yield pairs of places, the earlier first, whose titles are alike and whose days are near; by the earlier."""
    titles = [plain_title(report.title) for report in ordered]
    days = np.array([report.day.toordinal() for report in ordered], dtype=np.int64)
    for start in range(0, len(titles), _BLOCK):
        stop = min(start + _BLOCK, len(titles))
        end = int(np.searchsorted(days, days[stop - 1] + rule.days, side="right"))
        likeness = cdist(
            titles[start:stop], titles[start:end], scorer=Indel.normalized_similarity,
            score_cutoff=rule.alike / 100, dtype=np.float32,
        )  # fmt: skip
        for row, column in np.argwhere(likeness > 0).tolist():
            short = min(len(titles[start + row]), len(titles[start + column])) < _SHORTEST
            if column > row and (likeness[row, column] == 1 or not short):
                yield start + row, start + column
