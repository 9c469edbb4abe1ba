"""Obstacle degree: which indicators hold each unit back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import labels, matrix, membership, refuse, refuse_cells, vector, whole
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import TIE, frame, leaders, listed, plain, say
from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Obstacles(Outcome):
    """Obstacle degrees of J indicators for N units.

    Attributes
    ----------
    names, indicators : tuple of str
    dimensions : tuple of str
        Titles of the D dimensions; empty when none were given.
    degrees : ndarray of float, shape (N, J)
        Shares of the weighted shortfall; each row adds up to 1, or is NaN where there is no shortfall.
    of_dimensions : ndarray of float, shape (N, D)
        Sums over the indicators of each dimension.
    dimension_of : tuple of str
        Dimension of each indicator; blank when none were given.
    top : int
        Obstacles that the table lists for each unit.
    """

    names: tuple[str, ...]
    indicators: tuple[str, ...]
    dimensions: tuple[str, ...]
    degrees: Floats
    of_dimensions: Floats
    dimension_of: tuple[str, ...]
    top: int

    @property
    def unhindered(self) -> tuple[str, ...]:
        """Units that are at the top in everything that has weight."""
        return tuple(name for name, row in zip(self.names, self.degrees, strict=True) if np.isnan(row).any())

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("障碍度")

    def of(self, unit: str) -> dict[str, float]:
        """Return the obstacle degrees of one unit, largest first; empty where there is no shortfall."""
        row = self.degrees[self.names.index(unit)]
        if np.isnan(row).any():
            return {}
        return {self.indicators[j]: float(row[j]) for j in np.argsort(-row, kind="stable")}

    def table(self) -> pl.DataFrame:
        """The largest obstacles of each unit with their rank; ties share it and are all listed."""
        rows: list[tuple[Any, ...]] = []
        for name in self.names:
            degrees = self.of(name)
            if not degrees:
                rows.append((name, None, None, None, None, _("没有短板, 障碍度没有定义")))
            for indicator, degree in degrees.items():
                rank = 1 + sum(other > degree * (1 + TIE) for other in degrees.values())
                if rank > self.top or degree == 0:
                    break
                dimension = self.dimension_of[self.indicators.index(indicator)]
                rows.append((name, rank, indicator, dimension, degree, ""))
        columns = ("name", "rank", "indicator", "dimension", "degree", "note")
        return frame(dict(zip(columns, zip(*rows, strict=True), strict=True)))

    def shown(self) -> pl.DataFrame:
        """One row a unit, its obstacles side by side; those that share a rank stand in one cell."""
        columns: dict[str, list[Any]] = {"name": list(self.names)}
        table, notes = self.table(), dict.fromkeys(self.names, "")
        cells: dict[tuple[str, int], list[str]] = {}
        for name, rank, indicator, _dimension, degree, note in table.iter_rows():
            notes[name] = note
            if indicator is not None:
                cells.setdefault((name, rank), []).append(f"{indicator} ({degree:.1%})")
        for rank in range(1, self.top + 1):
            found = [cells.get((name, rank), []) for name in self.names]
            columns[_("第 {rank} 障碍").format(rank=rank)] = [_("、").join(cell) for cell in found]
        return frame(columns | {"note": list(notes.values())})

    def sentence(self) -> str:
        """Say which indicator and dimension hold back most on average, and how often one is the first."""
        hindered = ~np.isnan(self.degrees).any(axis=1)
        if not hindered.any():
            return say(_("各单位都没有短板, 障碍度没有定义"))
        means = dict(zip(self.indicators, self.degrees[hindered].mean(axis=0).tolist(), strict=True))
        clauses = [_("平均障碍度最大的指标: {indicators} ({degree:.1%})").format(
            indicators=listed(leaders(means)), degree=max(means.values())
        )]  # fmt: skip
        firsts = Counter(
            first
            for row in self.degrees[hindered].tolist()
            for first in leaders(dict(zip(self.indicators, row, strict=True)))
        )
        often = leaders(dict(firsts))
        clauses.append(_("最常为首要障碍: {indicators} ({count}/{units} 个单位)").format(
            indicators=listed(often), count=firsts[often[0]], units=int(hindered.sum())
        ))  # fmt: skip
        if self.dimensions:
            sums = dict(zip(self.dimensions, self.of_dimensions[hindered].mean(axis=0).tolist(), strict=True))
            clauses.append(_("平均障碍度最大的维度: {dimensions} ({degree:.1%})").format(
                dimensions=listed(leaders(sums)), degree=max(sums.values())
            ))  # fmt: skip
        if self.unhindered:
            clauses.append(_("没有短板的单位: {units}").format(units=listed(self.unhindered)))
        return say(*clauses)

    def figure(self) -> dict[str, Any]:
        """Return all degrees, for a heat map of units and indicators."""
        return {
            "names": list(self.names),
            "indicators": list(self.indicators),
            "degrees": plain(self.degrees),
            "dimensions": list(self.dimensions),
            "of_dimensions": plain(self.of_dimensions),
        }


def obstacles(
    shortfalls: npt.ArrayLike,
    weights: npt.ArrayLike,
    names: Sequence[object] | None = None,
    indicators: Sequence[object] | None = None,
    dimensions: Sequence[object] | None = None,
    top: int = 3,
) -> Obstacles:
    """Return obstacle degrees ``O_ij = w_j (1 - z_ij) / sum_k w_k (1 - z_ik)``.

    Parameters
    ----------
    shortfalls : array_like of float, shape (N, J)
        ``1 - z``: how far each unit is from the top of each indicator, between 0 and 1.
    weights : array_like of float, shape (J,)
        Not negative, with a positive sum; only their proportions matter.
    names, indicators : sequence, optional
    dimensions : sequence, length J, optional
        The dimension of each indicator.
    top : int
        Obstacles listed for each unit.

    Returns
    -------
    Obstacles
        A unit without shortfall has no obstacles (0 / 0): NaN in the array, a note in the table.

    Raises
    ------
    ComputeError
        For shortfalls outside 0 to 1 or missing, or weights that are negative or all 0.
    """
    array, names, titles = matrix(shortfalls, names, indicators)
    beyond = (array < -TIE) | (array > 1 + TIE)
    refuse_cells(beyond, names, titles, _("短板 1 - z 不在 0 与 1 之间"), _("请先把指标标准化到 0 与 1 之间"))
    array = array.clip(0, 1)
    weight, _titles = vector(weights, titles)
    refuse(weight < 0, titles, _("权重不能为负"), _("请改正权重"))
    if not weight.any():
        raise ComputeError(_("权重全为零"), remedy=_("请改正权重"))
    top = whole(top, "top", 1)
    parts = array * weight
    total = parts.sum(axis=1, keepdims=True)
    degrees = np.divide(parts, total, out=np.full_like(parts, np.nan), where=total > 0)
    titles_of, position = ((), None) if dimensions is None else membership(dimensions, titles)
    of_dimensions = np.zeros((len(names), len(titles_of)))
    if position is not None:
        np.add.at(of_dimensions.T, position, degrees.T)
    dimension_of = (
        ("",) * len(titles) if dimensions is None else labels(dimensions, len(titles), distinct=False)
    )
    return Obstacles(names, titles, titles_of, degrees, of_dimensions, dimension_of, top)
