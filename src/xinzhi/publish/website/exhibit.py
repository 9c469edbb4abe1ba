"""One index as its pages show it: where every unit lies, what is said of it, what the scripts are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from markupsafe import Markup

from xinzhi.analysis.comparable import comparable
from xinzhi.analysis.obstacle import Obstacles
from xinzhi.geography import UnitError, demonstration_unit, find, province_of
from xinzhi.index.trace import Cell
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.methodology.methods import Arithmetic
from xinzhi.panel.panel import Floats
from xinzhi.publish.blocks import Name, Span, Spans
from xinzhi.publish.edition import Assessment, Edition
from xinzhi.publish.outline import load_outline
from xinzhi.publish.paper.parts.data import MOST_DECIMALS
from xinzhi.publish.paper.parts.portraits import table as portrait_table
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.text.findings import Writer
from xinzhi.publish.text.standing import Standing
from xinzhi.publish.website.drawings import LinkedMap, linked_map, sparkline, whisker

COMPARABLE = 5
_OBSTACLES = 3
_VISITS_UP = 3


@dataclass(frozen=True)
class Visit:
    """A unit that experts should visit, and why (L22)."""

    code: str
    name: str
    area: str
    score: str
    rank: str
    reason: str


class Exhibit:
    """What the pages of one index are made from, in the language in force.

    Parameters
    ----------
    edition : Edition
    assessment : Assessment
    """

    def __init__(self, edition: Edition, assessment: Assessment) -> None:
        self.edition, self.assessment = edition, assessment
        self.id = assessment.id
        self.standing: Standing = assessment.standing
        self.writer = Writer(self.standing)
        self.year = self.standing.year
        self.root = self.standing.root
        self.subject = Subject(edition, assessment, load_outline(), assessment.id)

    # --- the whole ---------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The title of the index."""
        return self.assessment.title

    @property
    def single(self) -> bool:
        """Whether there is one unit only, which has no rank."""
        return self.subject.single

    @cached_property
    def level(self) -> str:
        """The level of the units; a printed table does not say it, but its codes do."""
        provinces = all(code.endswith("0000") for code in self.standing.codes)
        return self.standing.level or ("province" if provinces else "county")

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The nodes just below the root, dimensions or indicators."""
        return self.subject.children

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The nodes whose scores the ranking shows: the index and its dimensions; indicators are on the portraits."""
        return (self.root, *self.subject.dimensions)

    @cached_property
    def area_title(self) -> str:
        """What the areas are called by which the ranking is filtered."""
        return _("区域") if self.level == "province" else _("省、市")

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """Names of the area of each unit: its region, province or, within one province, its prefecture."""
        s = self.standing
        if self.level == "province":
            return tuple(s.region_names.get(region, "") for region in s.regions)
        several = len({province_of(code) for code in s.codes}) > 1
        return tuple(_province(code) if several else _prefecture(code) for code in s.codes)

    @cached_property
    def order(self) -> list[int]:
        """Positions of the units, best first, those without a score last."""
        return self.standing.listed(self.root, self.year)

    @cached_property
    def headline(self) -> Spans:
        """The first finding."""
        w = self.writer
        said = list(w.level(0, self.root) if self.single else w.leaders(self.root, self.year))
        return said[0] if said else ()

    @cached_property
    def comparable(self) -> list[list[int]]:
        """For each unit those most like it."""
        result = self.assessment.result
        nodes = result.methodology.tree.leaves if result else self.parts
        scores = np.column_stack([self.standing.row(node, self.year) for node in nodes])
        weights = result.weights.of_leaves()[0] if result else np.ones(len(nodes))
        return comparable(scores, weights, COMPARABLE)

    @cached_property
    def obstacles(self) -> Obstacles | None:
        """What holds the units back, where it was analysed."""
        if self.assessment.result is None:
            return None
        found = self.assessment.report.outcomes.get("obstacles")
        return found if isinstance(found, Obstacles) else None

    @cached_property
    def map(self) -> LinkedMap | None:
        """The map whose areas lead to the portraits; None where there is no map of the units."""
        if self.single:
            return None
        values = self.standing.row(self.root, self.year)
        texts = [self.writer.score(n, self.root, self.year).text for n in range(len(values))]
        about = _("分级地图: {title}, {year} 年").format(title=self.title, year=self.year)
        scale = self.assessment.result.methodology.scale if self.assessment.result else 100.0
        return linked_map(
            self.level,
            self.standing.codes,
            self.standing.labels,
            values,
            texts,
            scale,
            "units/{}.html".format,
            about,
        )

    # --- rows of the ranking -----------------------------------------------------------------------------

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the ranking, best first."""
        w, s = self.writer, self.standing
        count = int(np.isfinite(s.ranks[self.root][s.years.index(self.year)]).sum())
        for n in self.order:
            code = s.codes[n]
            low, high, tier = (w.number(m, "0", code, self.root, self.year) for m in ("low", "high", "tier"))
            at = s.years.index(self.year)
            ends = (
                (float(s.robustness.rank["low"][at, n]), float(s.robustness.rank["high"][at, n]))
                if s.robustness
                else (float("nan"), float("nan"))
            )
            yield {
                "code": code,
                "name": s.labels[n],
                "area": self.areas[n],
                "rank": w.rank(n, self.root, self.year),
                "low": low,
                "high": high,
                "tier": tier,
                "whisker": whisker(float(s.ranks[self.root][at, n]), *ends, count),
                "scores": [(node, w.score(n, node, self.year)) for node in self.columns],
            }

    # --- one unit ----------------------------------------------------------------------------------------

    def unit(self, n: int) -> dict[str, Any]:
        """Return what the portrait of a unit shows."""
        s, w, code = self.standing, self.writer, self.standing.codes[n]
        result = self.assessment.result
        scored = bool(np.isfinite(s.row(self.root, self.year)[n]))
        told = _("{unit} {since}-{year} 年得分").format(unit=s.labels[n], since=s.years[0], year=s.years[-1])
        return {
            "code": code,
            "name": s.labels[n],
            "area": self.areas[n],
            "sentences": list(w.portrait(n, self.year)),
            "table": portrait_table(self.subject, n, every=True),
            "line": Markup("") if s.relative else sparkline(s.years, s.scores[self.root][:, n], told),
            "years": [(w.year(y), w.score(n, self.root, y), w.rank(n, self.root, y)) for y in s.years],
            "obstacles": self._obstacles_of(n) if scored else [],
            "comparable": [
                (s.codes[m], s.labels[m], w.score(m, self.root, self.year)) for m in self.comparable[n]
            ],
            "cases": list(self.edition.cases_of(code)),
            "trace": result.trace(code, year=self.year) if result else None,
        }

    def cell(self, code: str, cell: Cell) -> Span:
        """Return a figure of the data as its explanation shows it, with its key where a key has its way of writing."""
        assert cell.value is not None and self.assessment.result is not None
        shown = number(cell.value)
        whole, _dot, decimals = shown.partition(".")
        if (
            not whole.lstrip("-").replace(",", "").isdigit()
            or len(decimals) > MOST_DECIMALS
            or "e" in decimals
        ):
            return Name(shown)
        place = self.assessment.result.figures.panel.variables.index(cell.variable)
        return self.writer.number("cell", str(len(decimals)), code, "", cell.year, str(place))

    def _obstacles_of(self, n: int) -> list[str]:
        result, found = self.assessment.result, self.obstacles
        if found is None or result is None:
            return []
        return [title for title, degree in list(found.of(found.names[n]).items())[:_OBSTACLES] if degree > 0]

    # --- what the scripts are told -----------------------------------------------------------------------

    @cached_property
    def recomputable(self) -> bool:
        """Whether the published ranks come out again of the weighted mean of the parts, so that weights can be moved."""
        result = self.assessment.result
        if result is None or self.single or len(self.parts) < 2:
            return False
        if not isinstance(result.methodology.aggregation, Arithmetic):
            return False
        again = self.part_scores @ self.part_weights / self.part_weights.sum()
        published = self.standing.row(self.root, self.year)
        return bool(
            np.array_equal(np.isfinite(again), np.isfinite(published))
            and np.allclose(again, published, rtol=0, atol=1e-9 * result.methodology.scale, equal_nan=True)
        )

    @cached_property
    def part_scores(self) -> Floats:
        """Scores of the parts, shape (N, parts)."""
        return np.column_stack([self.standing.row(node, self.year) for node in self.parts])

    @cached_property
    def part_weights(self) -> Floats:
        """Weights of the parts within the whole, shape (parts,)."""
        assert self.assessment.result is not None
        return np.asarray(self.assessment.result.weights.local[self.root][0], dtype=float)

    def data(self) -> dict[str, Any]:
        """Return what the scripts of the pages compute with: full scores, and how they are shown."""
        s = self.standing
        nodes = list(s.nodes)
        return {
            "decimals": s.decimals,
            "codes": list(s.codes),
            "names": list(s.labels),
            "nodes": nodes,
            "titles": [str(s.titles[node]) for node in nodes],
            "scores": [_plain(s.row(node, self.year)) for node in nodes],
            "ranks": [_plain(s.ranks[node][s.years.index(self.year)]) for node in nodes],
            "parts": list(self.parts),
            "weights": [round(float(x), 12) for x in self.part_weights] if self.recomputable else [],
        }

    def visits(self) -> list[Visit]:
        """Return whom experts should visit: the first of each area, who rose most, who has an outstanding case."""
        s, w = self.standing, self.writer
        reasons: dict[int, list[str]] = {}
        seen: set[str] = set()
        for n in s.order(self.root, self.year):
            if self.areas[n] not in seen:
                seen.add(self.areas[n])
                reasons.setdefault(n, []).append(_("{area}得分最高").format(area=self.areas[n]))
        if len(s.years) > 1:
            ranks = s.ranks[self.root]
            gained = ranks[0] - ranks[s.years.index(self.year)]
            best = [
                n for n in np.argsort(-np.nan_to_num(gained), kind="stable")[:_VISITS_UP] if gained[n] > 0
            ]
            for n in best:
                reasons.setdefault(int(n), []).append(_("名次上升最多"))
        for n, code in enumerate(s.codes):
            if any(case.outstanding for case in self.edition.cases_of(code)):
                reasons.setdefault(n, []).append(_("有精品案例"))
        return [
            Visit(
                s.codes[n],
                s.names[n],
                self.areas[n],
                w.score(n, self.root, self.year).text,
                w.rank(n, self.root, self.year).text,
                "; ".join(reasons[n]),
            )
            for n in self.order
            if n in reasons
        ]


def _plain(values: Floats) -> list[float | None]:
    return [round(float(v), 9) if np.isfinite(v) else None for v in values]


def _province(code: str) -> str:
    """Return what the province of a unit is called; blank where the code is of none."""
    if demonstration_unit(code):
        return _("示例省")
    try:
        return find(province_of(code), "province").label
    except UnitError:
        return ""


def _prefecture(code: str) -> str:
    """Return the full name of the prefecture of a county; blank where there is none."""
    try:
        return (demonstration_unit(code) or find(code, "county")).prefecture
    except UnitError:
        return ""
