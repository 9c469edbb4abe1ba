"""A computed index: figures, weights, scores and ranks, and how a unit, a node or a year is found in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from xinzhi.errors import CallError
from xinzhi.geography import UnitError, find, load_region_scheme, units
from xinzhi.geography.units import LEVELS
from xinzhi.index import contributions as _contributions
from xinzhi.index.figures import Figures
from xinzhi.index.pipeline import ROUNDING, Batch
from xinzhi.index.ranking import rank
from xinzhi.index.weighting import Weights
from xinzhi.language import Language, current_language
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import DataWeighting
from xinzhi.methodology.model import Changed
from xinzhi.panel import EMPTY, Panel, Status
from xinzhi.panel.gaps import Fill
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Computation:
    """Scores of units over years, with everything they rest on.

    Parameters
    ----------
    methodology : Methodology
        As computed, changes included.
    panel : Panel
        The figures as given.
    figures : Figures
        The figures after gap filling and formulas; T years, N units, J indicators.
    batch : Batch
        The nominal replicate of the pipeline.
    """

    methodology: Methodology
    panel: Panel
    figures: Figures
    batch: Batch

    @cached_property
    def told(self) -> dict[Language, tuple[str, ...]]:
        """What :func:`xinzhi.index.notes.notes` has said of it, by language."""
        return {}

    # --- axes --------------------------------------------------------------------------------------------

    @property
    def years(self) -> tuple[int, ...]:
        """The T years that were computed."""
        return self.figures.years

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the N units."""
        return self.figures.panel.codes

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the N units, in the language in force where the list of their level has them in it."""
        names = self.figures.panel.names
        english = _english_names(self.methodology.level) if current_language() == "en" else {}
        if not english:
            return names
        return tuple(english.get(code, name) for code, name in zip(self.codes, names, strict=True))

    @property
    def nodes(self) -> tuple[str, ...]:
        """Ids of the K nodes, root first."""
        return self.methodology.tree.nodes

    # --- arrays ------------------------------------------------------------------------------------------

    @cached_property
    def scores(self) -> dict[str, Floats]:
        """Scores by node, each of shape (T, N), on the display scale; NaN where there is none."""
        return {node: values[0] for node, values in self.batch.scores.items()}

    @cached_property
    def ranks(self) -> dict[str, Floats]:
        """Ranks within each year by node, each of shape (T, N); NaN where there is no score."""
        nodes = list(self.scores)
        table = rank(np.stack([self.scores[node] for node in nodes]), self.methodology.ranking.ties)
        return dict(zip(nodes, table, strict=True))

    @property
    def weights(self) -> Weights:
        """Shares of the nodes."""
        return self.batch.weights

    @cached_property
    def missing_share(self) -> Floats:
        """Share of the weight whose figure is missing, shape (T, N)."""
        share: Floats = (~np.isfinite(self.batch.normalised[0])) @ self.weights.of_leaves()[0]
        return share

    @cached_property
    def filled_share(self) -> Floats:
        """Share of the weight that rests on filled figures, shape (T, N)."""
        share: Floats = self.figures.rests_on_filled @ self.weights.of_leaves()[0]
        return share

    def contributions(self, node: str | None = None) -> Floats:
        """Return what each indicator brings to the scores of `node` (default: the root), shape (T, N, J).

        They add up to the score: exactly weight times score for arithmetic nodes, Shapley values elsewhere
        (see :func:`xinzhi.index.contributions.contributions`).
        """
        node = self.find_node(node)
        return _contributions.contributions(self.methodology, self.batch.scores, self.weights, node)

    # --- single figures ----------------------------------------------------------------------------------

    def score(self, unit: str, node: str | None = None, year: int | None = None) -> float:
        """Return one score."""
        return float(self.scores[self.find_node(node)][self.find_year(year), self.find_unit(unit)])

    def rank(self, unit: str, node: str | None = None, year: int | None = None) -> float:
        """Return one rank; NaN where there is no score."""
        return float(self.ranks[self.find_node(node)][self.find_year(year), self.find_unit(unit)])

    def change(self, unit: str, since: int, until: int, node: str | None = None) -> dict[str, float]:
        """Decompose the change of a score between two years into indicators.

        Each part is the difference of the indicator's contributions in the two years, so the parts add up to
        the change of the score. With a scale that moves from year to year (min-max within the year) a part
        holds the movement of the scale as well as that of the unit.

        Returns
        -------
        dict of str to float
            By indicator id.
        """
        position = self.find_unit(unit)
        table = self.contributions(node)
        parts = table[self.find_year(until), position] - table[self.find_year(since), position]
        return dict(zip(self.methodology.tree.leaves, parts.tolist(), strict=True))

    # --- finding -----------------------------------------------------------------------------------------

    def find_unit(self, text: str) -> int:
        """Return the position of a unit given by code or name."""
        text = str(text)  # a data frame may hold codes as integers
        hits = [i for i, code in enumerate(self.codes) if text == code] or [
            i for i, name in enumerate(self.figures.panel.names) if text == name
        ]
        if not hits and self.methodology.level in LEVELS:
            try:
                code = find(text, self.methodology.level).code
            except UnitError:
                code = ""
            hits = [i for i, known in enumerate(self.codes) if known == code]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise CallError(
                _("有 {count} 个单位叫 {name}").format(count=len(hits), name=text),
                remedy=_("请用代码: {codes}").format(codes=", ".join(self.codes[i] for i in hits)),
            )
        raise _unknown(_("结果里没有单位 {name}").format(name=text), text, (*self.names, *self.codes))

    def find_node(self, text: str | None) -> str:
        """Return the id of a node given by id or title; the root for None."""
        if text is None:
            return self.methodology.tree.root
        if text in self.nodes:
            return text
        titles = {node: self.methodology.node_text(node) for node in self.nodes}
        hits = [node for node, title in titles.items() if text in (title.zh, title.en)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise CallError(
                _("有 {count} 个指标或维度叫 {name}").format(count=len(hits), name=text),
                remedy=_("请用标识: {ids}").format(ids=", ".join(hits)),
            )
        raise _unknown(
            _("没有指标或维度 {name}").format(name=text), text, (*self.nodes, *map(str, titles.values()))
        )

    def find_year(self, year: int | None) -> int:
        """Return the position of a year; for None that of the last year in which a unit has a total."""
        if year is None:
            scored = np.isfinite(self.scores[self.methodology.tree.root]).any(axis=1)
            return int(np.flatnonzero(scored)[-1]) if scored.any() else len(self.years) - 1
        if year in self.years:
            return self.years.index(year)
        raise CallError(
            _("没有 {year} 年的结果").format(year=year),
            remedy=_("可用: {known}").format(known=", ".join(map(str, self.years))),
        )

    # --- what must be said -------------------------------------------------------------------------------

    @cached_property
    def empty_indicators(self) -> tuple[str, ...]:
        """The indicators that have no usable figure at all."""
        known = np.isfinite(self.batch.normalised[0]).any(axis=(0, 1))
        return tuple(leaf for leaf, some in zip(self.methodology.tree.leaves, known, strict=True) if not some)

    @cached_property
    def missing_weight(self) -> float:
        """Share of the weight whose indicators have no figure at all."""
        leaves = self.methodology.tree.leaves
        return float(sum(self.weights.of_leaves()[0][leaves.index(leaf)] for leaf in self.empty_indicators))

    @property
    def lacks_indicators(self) -> bool:
        """True when indicators that ought to count have no figure at all.

        Weights from the data are 0 for them, which says nothing about what they ought to weigh.
        """
        by_data = isinstance(self.methodology.weighting, DataWeighting)
        return self.missing_weight > 0 or (by_data and bool(self.empty_indicators))

    @property
    def fills(self) -> tuple[Fill, ...]:
        """The filled cells of the years that were computed."""
        panel = self.figures.panel
        return tuple(fill for fill in self.figures.fills if panel.years[fill.year] in self.years)

    @property
    def is_scored(self) -> bool:
        """True when some unit has a total in some year."""
        return bool(np.isfinite(self.scores[self.methodology.tree.root]).any())

    @property
    def is_whole(self) -> bool:
        """True when every indicator that counts has figures and every listed unit is present."""
        return not self.lacks_indicators and not self.figures.absent

    @property
    def title(self) -> str:
        """Title of the index; one that lacks indicators is not called by the bare title."""
        title = str(self.methodology.title)
        if self.methodology.changed != Changed():
            title = _("{title} (有改动)").format(title=title)
        if self.missing_weight > 0:
            return _("{title} (部分指标: 权重的 {share:.1%} 没有数据, 不是该指数本身)").format(
                title=title, share=self.missing_weight
            )
        if self.lacks_indicators:
            return _("{title} (部分指标: {count} 项没有数据, 不是该指数本身)").format(
                title=title, count=len(self.empty_indicators)
            )
        return title

    @cached_property
    def undefined(self) -> tuple[tuple[int, int, str], ...]:
        """Year position, unit position and node of every score that a formula does not define.

        A score that is missing because figures are missing is not among them.
        """
        found: list[tuple[int, int, str]] = []
        for j, leaf in enumerate(self.methodology.tree.leaves):
            lost = np.isfinite(self.figures.values[..., j]) & ~np.isfinite(self.scores[leaf])
            found += [(int(t), int(n), leaf) for t, n in np.argwhere(lost)]
        for node in self.methodology.tree.inner:
            known = np.stack(
                [np.isfinite(self.scores[c]) for c in self.methodology.tree.children[node]], axis=-1
            )
            some = known @ self.weights.local[node][0] > 0
            expected = known.all(axis=-1) if self.methodology.missing.policy == "propagate" else some
            if node == self.methodology.tree.root:
                expected &= ~self.below_threshold
            lost = expected & ~np.isfinite(self.scores[node])
            found += [(int(t), int(n), node) for t, n in np.argwhere(lost)]
        return tuple(found)

    @cached_property
    def below_threshold(self) -> npt.NDArray[np.bool_]:
        """Units with less of the weight observed than ``missing.at_least`` asks for, shape (T, N)."""
        below: npt.NDArray[np.bool_] = 1 - self.missing_share < self.methodology.missing.at_least - ROUNDING
        return below

    @cached_property
    def missing_cells(self) -> tuple[tuple[int, int, int, Status], ...]:
        """Year, unit and indicator position of every cell without a figure, with its status."""
        return tuple(
            (int(t), int(n), int(j), Status(int(self.figures.status[t, n, j])))
            for t, n, j in np.argwhere(np.isin(self.figures.status, EMPTY))
        )

    def region_name(self, unit: int) -> str:
        """Return the region of a unit, given by position, in the current language."""
        region = self.figures.regions[unit]
        if not region:
            return ""
        groups = load_region_scheme(self.methodology.regions).groups
        return next(group.name for group in groups if group.id == region)


@cache
def _english_names(level: str) -> dict[str, str]:
    listed = units(level) if level in LEVELS else ()
    return {unit.code: unit.english for unit in listed if unit.english}


def _unknown(what: str, text: str, known: Iterable[str]) -> CallError:
    close = difflib.get_close_matches(text, list(known), n=3, cutoff=0.6)
    return CallError(what, remedy=_("是否指: {close}").format(close=", ".join(close)) if close else "")
