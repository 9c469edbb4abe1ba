"""What figures are drawn from: a result, what its analyses found, and what the reader chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from xinzhi.analysis.catalogue import Settings, analyse
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import listed
from xinzhi.errors import CallError, ComputeError
from xinzhi.geography import load_region_scheme
from xinzhi.index import Result
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats
from xinzhi.publish.figures.drawing import figure_text
from xinzhi.publish.figures.palette import palette

#: So many units at most are drawn as rows, lines or labels where the reader does not say how many.
ROWS = 40


@dataclass(frozen=True)
class Choices:
    """What a reader may choose; each kind says which of it applies.

    Attributes
    ----------
    year : int, optional
        The last scored one by default.
    since : int, optional
        The year to compare with, the first by default.
    node : str, optional
        Id or title of what is drawn, the total by default.
    units : tuple of str
        Codes or names; the leading ones by default.
    top : int, optional
        How many units, from the first rank; all by default, or :data:`ROWS` where there are more.
    against : str
        Indicator, dimension or variable on the horizontal axis.
    replications : int
        Behind the intervals.
    map_number : str
        审图号 of a map; without it the map says that it is a sketch.
    """

    year: int | None = None
    since: int | None = None
    node: str | None = None
    units: tuple[str, ...] = ()
    top: int | None = None
    against: str = ""
    replications: int = 1000
    map_number: str = ""


@dataclass(frozen=True)
class Material:
    """A result with the choices of one figure.

    Parameters
    ----------
    result : Result
    choices : Choices
    outcomes : mutable mapping of str to Outcome
        What analyses found already; what else is needed is computed and kept there.
    """

    result: Result
    choices: Choices = Choices()
    outcomes: MutableMapping[str, Outcome] = field(default_factory=dict)

    @cached_property
    def t(self) -> int:
        """Position of the year."""
        return self.result.find_year(self.choices.year)

    @cached_property
    def year(self) -> int:
        """The year."""
        return self.result.years[self.t]

    @cached_property
    def node(self) -> str:
        """Id of what is drawn."""
        return self.result.find_node(self.choices.node)

    @cached_property
    def node_title(self) -> str:
        """Title of what is drawn."""
        return self.title_of(self.node)

    def title_of(self, node: str) -> str:
        """Return the title of a node."""
        return self.result.methodology.node_title(node)

    @cached_property
    def values(self) -> Floats:
        """Scores of the node in the year, shape (N,)."""
        values: Floats = self.result.scores[self.node][self.t]
        return values

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of all units, homonyms with their code; the language in force is that of the drawing."""
        times = Counter(self.result.names)
        pairs = zip(self.result.names, self.result.codes, strict=True)
        return tuple(name if times[name] == 1 else f"{name} [{code}]" for name, code in pairs)

    @cached_property
    def scored(self) -> list[int]:
        """Positions of the units with a score, best first."""
        return self.scored_in(self.t)

    def scored_in(self, t: int) -> list[int]:
        """Return the positions of the units with a score in a year, best first; of equal ones by code."""
        values = self.result.scores[self.node][t]
        known = np.flatnonzero(np.isfinite(values)).tolist()
        if not known:
            raise ComputeError(
                _("没有一个单位有得分"), where=f"{self.node_title} {self.result.years[t]}",
                remedy=_("请换一个年份或指标, 或补上缺失的数据"),
            )  # fmt: skip
        return sorted(known, key=lambda n: (-values[n], self.result.codes[n]))

    @cached_property
    def unscored(self) -> list[int]:
        """Positions of the units without a score."""
        return np.flatnonzero(~np.isfinite(self.values)).tolist()

    @cached_property
    def shown(self) -> list[int]:
        """Positions of the units to draw one by one, best first."""
        return self.few(ROWS)

    def few(self, most: int) -> list[int]:
        """Return the chosen units, or the leading ones, no more than `most` unless the reader said so."""
        if self.choices.units:
            chosen = {self.result.find_unit(unit) for unit in self.choices.units}
            for n in sorted(chosen & set(self.unscored)):
                raise ComputeError(
                    _("{unit} 没有得分, 画不出").format(unit=self.labels[n]), where=f"{self.node_title} {self.year}",
                    remedy=_("请去掉这个单位, 或补上它的数据"),
                )  # fmt: skip
            return [n for n in self.scored if n in chosen]
        top = self.choices.top
        if top is not None and top < 1:
            raise CallError(_("单位个数至少是 1"), remedy=_("例如 top=20"))
        return self.scored[: most if top is None else top]

    def two_years(self) -> tuple[int, int]:
        """Return the positions of the year to compare with and of the year."""
        if len(self.result.years) < 2:
            raise ComputeError(
                _("只有 {year} 一年, 画不出变化").format(year=self.year), remedy=_("请给出两年以上的数据")
            )
        since = 0 if self.choices.since is None else self.result.find_year(self.choices.since)
        if since >= self.t:
            raise CallError(
                _("比较的年份 {since} 不早于 {year}").format(since=self.result.years[since], year=self.year),
                remedy=_("请用 since 给出更早的年份"),
            )
        return since, self.t

    def outcome(self, name: str) -> Outcome:
        """Return what an analysis of the last scored year found.

        Raises
        ------
        ComputeError
            If it does not apply, with the reason; or another year was chosen.
        """
        if self.t != self.result.find_year(None):
            raise ComputeError(_("这种图只有最后一年的"), remedy=_("请不选年份, 或只计算到那一年"))
        if name not in self.outcomes:
            settings = Settings(replications=self.choices.replications, against=self.choices.against)
            report = analyse(self.result, [name], settings)
            if name in report.skipped:
                raise ComputeError(report.skipped[name])
            self.outcomes[name] = report.outcomes[name]
        return self.outcomes[name]

    # --- words and colours -------------------------------------------------------------------------------

    def text(self, value: float) -> str:
        """Return a score for people."""
        return figure_text(value, self.result.methodology.scale)

    @cached_property
    def region_colours(self) -> Mapping[str, str]:
        """Colours of the regions by name, the same in every figure of a scheme; empty without regions."""
        scheme = self.result.methodology.regions
        groups = load_region_scheme(scheme).groups if scheme else ()
        present = {self.result.region_name(n) for n in self.scored}
        colours = {group.name: palette().category(k) for k, group in enumerate(groups)}
        return {name: colour for name, colour in colours.items() if name in present}

    def colour(self, unit: int) -> str:
        """Return the colour of a unit: that of its region."""
        return self.region_colours.get(self.result.region_name(unit), palette().accent)

    @cached_property
    def unscored_told(self) -> tuple[str, ...]:
        """Say which units have no score and so are not drawn."""
        names = [self.labels[n] for n in self.unscored]
        return (_("没有得分, 未画: {units}").format(units=listed(names)),) if names else ()

    def left_out_told(self, drawn: int) -> tuple[str, ...]:
        """Say that fewer units are drawn than there are."""
        whole = len(self.scored)
        if drawn >= whole:
            return ()
        return (_("画出 {drawn} 个, 共 {count} 个有得分").format(drawn=drawn, count=whole),)

    def extremes(self, values: Mapping[int, float]) -> str:
        """Say which units are highest and lowest; ties are named together."""
        high, low = max(values.values()), min(values.values())
        if self.text(high) == self.text(low):
            return _("各单位都是 {value}").format(value=self.text(high))
        return _("{high}最高 ({top}), {low}最低 ({bottom})").format(
            high=listed([self.labels[n] for n, v in values.items() if v == high], 3), top=self.text(high),
            low=listed([self.labels[n] for n, v in values.items() if v == low], 3), bottom=self.text(low),
        )  # fmt: skip

    def row(
        self, unit: int, value: float, node: str | None = None, year: int | None = None
    ) -> dict[str, Any]:
        """Return a row of the table of a figure."""
        return {
            "unit": self.result.codes[unit], "name": self.labels[unit],
            "node": node or self.node, "year": year or self.year, "value": value,
        }  # fmt: skip


def joiner() -> str:
    """Return what stands between the sentences of a text in the language in force."""
    return "" if current_language() == "zh" else " "
