"""Which pages a site has, and what each is given; how they look is in ``templates``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xinzhi.language import gettext as _
from xinzhi.publish.cases import PublishedCase
from xinzhi.publish.edition import Edition
from xinzhi.publish.figures import Figure
from xinzhi.publish.paper.parts import PARTS
from xinzhi.publish.paper.portraits import by_province
from xinzhi.publish.text.keys import Key
from xinzhi.publish.website.data import FORMATS, Table, tables_of
from xinzhi.publish.website.exhibit import Exhibit

_ON_PARTS = ("contributions", "heat", "trend", "slope", "quadrant", "density", "dagum")
#: Figures that stand on the pages of an index.
FIGURES = ("ranking", "tiles", *_ON_PARTS)
_EXPLAINED = ("score", "rank", "figure", "contribution")


@dataclass(frozen=True)
class Page:
    """A page: its address within its language, its template, its title and what it shows.

    Attributes
    ----------
    exhibit : Exhibit or None
        The index that the page is about.
    """

    path: str
    template: str
    title: str
    exhibit: Exhibit | None = None
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
        self.exhibits = {a.id: Exhibit(edition, a) for a in edition.assessments}
        self.main = self.exhibits[edition.main.id]
        self.title = str(edition.title)

    def pages(self) -> Iterator[Page]:
        """Yield every page."""
        yield Page("index.html", "home.html", self.title)
        for exhibit in self.exhibits.values():
            yield from self._of_index(exhibit)
        if self.edition.cases:
            yield Page("cases/index.html", "cases.html", _("案例库"), None, {"fields": self.fields})
            for case in self.edition.cases:
                yield Page(f"cases/{case.id}.html", "case.html", case.title, None, {"case": case})
        yield Page("downloads.html", "downloads.html", _("下载"), None, {"formats": FORMATS})

    def _of_index(self, exhibit: Exhibit) -> Iterator[Page]:
        id = exhibit.id
        yield Page(
            f"{id}/index.html",
            "ranking.html",
            exhibit.title,
            exhibit,
            {"figures": self._drawn(exhibit, ("trend",))},
        )
        if exhibit.map:
            yield Page(
                f"{id}/map.html",
                "map.html",
                _("地图"),
                exhibit,
                {"figures": self._drawn(exhibit, ("tiles",))},
            )
        if not exhibit.single:
            yield Page(f"{id}/compare.html", "compare.html", _("比较"), exhibit)
        blocks = [
            b for name in ("overall", "regions", "dimensions", "movers") for b in PARTS[name](exhibit.subject)
        ]
        figures = self._drawn(exhibit, _ON_PARTS)
        yield Page(
            f"{id}/parts.html", "parts.html", _("分项与分布"), exhibit, {"blocks": blocks, "figures": figures}
        )
        blocks = [
            b
            for name in ("background", "system", "formulas", "readings", "sources")
            for b in PARTS[name](exhibit.subject)
        ]
        yield Page(f"{id}/method.html", "method.html", _("方法"), exhibit, {"blocks": blocks})
        blocks = [
            b for name in ("robustness", "reproduction", "filled") for b in PARTS[name](exhibit.subject)
        ]
        figures = self._drawn(exhibit, ("ranking",))
        yield Page(
            f"{id}/trust.html", "trust.html", _("可信程度"), exhibit, {"blocks": blocks, "figures": figures}
        )
        pdfs = self.portrait_pdfs(exhibit)
        for n, code in enumerate(exhibit.standing.codes):
            unit = exhibit.unit(n) | {"pdf": pdfs.get(code, "")}
            yield Page(f"{id}/units/{code}.html", "unit.html", unit["name"], exhibit, {"unit": unit})

    def _drawn(self, exhibit: Exhibit, names: tuple[str, ...]) -> list[tuple[str, Figure]]:
        drawn = ((name, exhibit.assessment.figure(name)) for name in names)
        return [(name, found[0]) for name, found in drawn if found]

    @cached_property
    def tables(self) -> Mapping[str, list[Table]]:
        """The tables of each index, by its id."""
        return {id: list(tables_of(exhibit)) for id, exhibit in self.exhibits.items()}

    @cached_property
    def fields(self) -> list[str]:
        """The fields that the cases are of."""
        return list(dict.fromkeys(str(case.field) for case in self.edition.cases))

    def place_of(self, case: PublishedCase) -> str:
        """Return the address of the portrait of the place a case lies in; blank where there is none."""
        return next(
            (
                f"{id}/units/{case.code}.html"
                for id, s in self.exhibits.items()
                if case.code in s.standing.positions
            ),
            "",
        )

    def explanation(self, up: str, key: Key) -> str:
        """Return the address at which a number is explained down to its sources; blank where it is not."""
        for id, exhibit in self.exhibits.items():
            standing = exhibit.standing
            if not standing.fingerprint.startswith(key.result) or exhibit.assessment.result is None:
                continue
            if key.unit in standing.positions and key.year == exhibit.year and key.measure in _EXPLAINED:
                node = standing.nodes[int(key.node[1:])] if key.node.startswith("~") else key.node
                return f"{up}{id}/units/{key.unit}.html#x-{node or standing.root}"
        return ""

    def portrait_pdfs(self, exhibit: Exhibit) -> Mapping[str, str]:
        """Return the addresses of the portraits as PDF from the pages of the units, by code; empty where there are none."""
        if not self.portraits or exhibit.single:
            return {}
        codes = exhibit.standing.codes
        return {
            codes[n]: f"../portraits/{province}.pdf#page={page}"
            for province, positions in by_province(exhibit.assessment).items()
            for page, n in enumerate(positions, start=1)
        }

    def home_figure(self, exhibit: Exhibit) -> tuple[str, Figure] | None:
        """Return the figure that shows the result."""
        drawn = self._drawn(exhibit, ("trend" if exhibit.single else "ranking",))
        return drawn[0] if drawn else None
