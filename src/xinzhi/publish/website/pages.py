"""Which pages a site has, and what each is given; how they look is in ``templates``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xinzhi.geography import province_of
from xinzhi.language import gettext as _
from xinzhi.publish.cases import PublishedCase
from xinzhi.publish.edition import Edition
from xinzhi.publish.figures import Figure
from xinzhi.publish.paper.parts import PARTS
from xinzhi.publish.text.keys import Key
from xinzhi.publish.website.data import FORMATS, tables_of
from xinzhi.publish.website.shelf import Shelf

#: Figures that stand on the pages of an index.
FIGURES = (
    "ranking",
    "map",
    "tiles",
    "trend",
    "contributions",
    "quadrant",
    "slope",
    "density",
    "dagum",
    "heat",
)

_ON_PARTS = ("contributions", "heat", "trend", "slope", "quadrant")
_ON_WHOLE = ("density", "dagum")
_EXPLAINED = ("score", "rank", "figure", "contribution")


@dataclass(frozen=True)
class Page:
    """A page: its address within its language, its template, its title and what it shows.

    Attributes
    ----------
    shelf : Shelf or None
        The index that the page is about.
    """

    path: str
    template: str
    title: str
    shelf: Shelf | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


class Pages:
    """The pages of a site in the language in force.

    Parameters
    ----------
    edition : Edition
    papers : tuple of str
        Names of the files of the white paper.
    portraits : bool
        Whether there are portraits as PDF.
    """

    def __init__(self, edition: Edition, papers: tuple[str, ...] = (), portraits: bool = False) -> None:
        self.edition, self.papers, self.portraits = edition, papers, portraits
        self.shelves = {a.id: Shelf(edition, a) for a in edition.assessments}
        self.main = self.shelves[edition.main.id]
        self.title = str(edition.title)

    def pages(self) -> Iterator[Page]:
        """Yield every page."""
        yield Page("index.html", "home.html", self.title)
        for shelf in self.shelves.values():
            yield from self._of_index(shelf)
        if self.edition.cases:
            yield Page("cases/index.html", "cases.html", _("案例"), None, {"fields": self.fields})
            for case in self.edition.cases:
                yield Page(f"cases/{case.id}.html", "case.html", case.title, None, {"case": case})
        tables = {id: list(tables_of(shelf)) for id, shelf in self.shelves.items()}
        yield Page(
            "downloads.html", "downloads.html", _("下载"), None, {"tables": tables, "formats": FORMATS}
        )

    def _of_index(self, shelf: Shelf) -> Iterator[Page]:
        id = shelf.id
        yield Page(
            f"{id}/index.html",
            "ranking.html",
            shelf.title,
            shelf,
            {"figures": self._drawn(shelf, ("trend",))},
        )
        if self.has_map(shelf):
            yield Page(f"{id}/map.html", "map.html", _("地图"), shelf, {"map": shelf.map("")})
        if not shelf.single:
            yield Page(f"{id}/compare.html", "compare.html", _("比较"), shelf)
        blocks = [
            b for name in ("overall", "regions", "dimensions", "movers") for b in PARTS[name](shelf.subject)
        ]
        figures = self._drawn(shelf, _ON_PARTS + _ON_WHOLE)
        yield Page(
            f"{id}/parts.html", "parts.html", _("分项与分布"), shelf, {"blocks": blocks, "figures": figures}
        )
        blocks = [
            b
            for name in ("background", "system", "formulas", "readings", "sources")
            for b in PARTS[name](shelf.subject)
        ]
        yield Page(f"{id}/method.html", "method.html", _("方法"), shelf, {"blocks": blocks})
        blocks = [b for name in ("robustness", "reproduction", "filled") for b in PARTS[name](shelf.subject)]
        figures = self._drawn(shelf, ("ranking",))
        yield Page(
            f"{id}/trust.html", "trust.html", _("可信程度"), shelf, {"blocks": blocks, "figures": figures}
        )
        for n, code in enumerate(shelf.standing.codes):
            unit = shelf.unit(n) | {"pdf": "" if shelf.single else self.portrait_pdf(shelf, n)}
            yield Page(f"{id}/units/{code}.html", "unit.html", unit["name"], shelf, {"unit": unit})

    def has_map(self, shelf: Shelf) -> bool:
        """Whether there is a map of the units."""
        return not shelf.single and shelf.id in self._mapped

    @cached_property
    def _mapped(self) -> frozenset[str]:
        return frozenset(
            id for id, shelf in self.shelves.items() if not shelf.single and shelf.map("") is not None
        )

    def _drawn(self, shelf: Shelf, names: tuple[str, ...]) -> list[tuple[str, Figure]]:
        drawn = ((name, shelf.assessment.figure(name)) for name in names)
        return [(name, found[0]) for name, found in drawn if found]

    @cached_property
    def fields(self) -> list[str]:
        """The fields that the cases are of."""
        return list(dict.fromkeys(str(case.field) for case in self.edition.cases))

    def place_of(self, case: PublishedCase) -> str:
        """Return the address of the portrait of the place a case lies in; blank where there is none."""
        return next(
            (
                f"{id}/units/{case.code}.html"
                for id, s in self.shelves.items()
                if case.code in s.standing.positions
            ),
            "",
        )

    def explanation(self, up: str, key: Key) -> str:
        """Return the address at which a number is explained down to its sources; blank where it is not."""
        for id, shelf in self.shelves.items():
            standing = shelf.standing
            if not standing.fingerprint.startswith(key.result) or shelf.assessment.result is None:
                continue
            if key.unit in standing.positions and key.year == shelf.year and key.measure in _EXPLAINED:
                node = standing.nodes[int(key.node[1:])] if key.node.startswith("~") else key.node
                return f"{up}{id}/units/{key.unit}.html#x-{node or standing.root}"
        return ""

    def portrait_pdf(self, shelf: Shelf, n: int) -> str:
        """Return the address of the portrait as PDF from the page of a unit; blank where there is none."""
        if not self.portraits:
            return ""
        province = province_of(shelf.standing.codes[n])
        before = sum(province_of(code) == province for code in shelf.standing.codes[:n])
        return f"../portraits/{province}.pdf#page={before + 1}"

    def home_figure(self, shelf: Shelf) -> tuple[str, Figure] | None:
        """Return the figure that shows the result: the map, or what stands for it."""
        drawn = self._drawn(shelf, ("trend",) if shelf.single else ("ranking", "map"))
        return drawn[0] if drawn else None
