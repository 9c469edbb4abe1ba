"""The numbers: dense arrays of years x units x variables, each cell with a status and a source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.language import gettext as _

if TYPE_CHECKING:
    import polars as pl

Floats = npt.NDArray[np.float64]


class Status(IntEnum):
    """What a cell is. Blank, zero, not applicable and not asked are four different things."""

    MISSING = 0
    REPORTED = 1
    OFFICIAL = 2
    DERIVED = 3
    SUBSTITUTED = 4
    INTERPOLATED = 5
    EXTRAPOLATED = 6
    CARRIED = 7
    GROUP = 8
    NOT_APPLICABLE = 9
    NOT_ASKED = 10

    @property
    def label(self) -> str:
        """The status in the current language."""
        return {
            Status.MISSING: _("缺失"),
            Status.REPORTED: _("填报"),
            Status.OFFICIAL: _("官方数据"),
            Status.DERIVED: _("按公式计算"),
            Status.SUBSTITUTED: _("以其他年份代替"),
            Status.INTERPOLATED: _("内插补齐"),
            Status.EXTRAPOLATED: _("外推补齐"),
            Status.CARRIED: _("沿用相邻年份"),
            Status.GROUP: _("以组内数值代替"),
            Status.NOT_APPLICABLE: _("不适用"),
            Status.NOT_ASKED: _("未要求填报"),
        }[self]


#: Statuses of a cell whose figure was made by a gap rule.
FILLED = (Status.SUBSTITUTED, Status.INTERPOLATED, Status.EXTRAPOLATED, Status.CARRIED, Status.GROUP)
#: Statuses of a cell without a figure.
EMPTY = (Status.MISSING, Status.NOT_APPLICABLE, Status.NOT_ASKED)


@dataclass(frozen=True)
class Panel:
    """Figures of units over years.

    Parameters
    ----------
    years : tuple of int
        T years, ascending.
    codes, names : tuple of str
        N units: code (the key) and name (for people).
    variables : tuple of str
        J variable ids.
    values : ndarray of float64, shape (T, N, J)
        Figures in the units of measure of the methodology; NaN where there is none.
    status : ndarray of uint8, shape (T, N, J)
        A :class:`Status` for every cell.
    source : ndarray of int32, shape (T, N, J)
        Index into `sources`; -1 where there is no figure.
    sources : tuple of str
        Publications, vintages, files: whatever a figure was taken from.
    place : ndarray of int32, shape (T, N, J)
        Row of the data file the figure stands in (1 is the first line); 0 where unknown.
    columns : dict of str to str
        Heading of the column that held each variable.
    remarks : dict of str to str
        What the table of sources notes about a variable: breaks, doubtful figures.
    origin : str
        Name of the data file or frame.
    """

    years: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    variables: tuple[str, ...]
    values: Floats
    status: npt.NDArray[np.uint8]
    source: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    place: npt.NDArray[np.int32]
    columns: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Years, units, variables."""
        return len(self.years), len(self.codes), len(self.variables)

    def source_of(self, year: int, unit: int, variable: int) -> str:
        """Return the source of a cell, given by position; empty where it has none."""
        index = int(self.source[year, unit, variable])
        return self.sources[index] if index >= 0 else ""

    def place_of(self, year: int, unit: int, variable: int) -> str:
        """Return file, row and column of a cell, given by position; empty where it has none."""
        row = int(self.place[year, unit, variable])
        if not row:
            return ""
        column = self.columns.get(self.variables[variable], self.variables[variable])
        return _("{file} 第 {row} 行 {column} 列").format(file=self.origin, row=row, column=column)

    def with_values(self, values: Floats, status: npt.NDArray[np.uint8], **changes: Any) -> Panel:
        """Return a panel with other figures and statuses."""
        return replace(self, values=values, status=status, **changes)

    def only(self, variables: Iterable[str]) -> Panel:
        """Return the panel with those of its variables that are named, in its own order."""
        wanted = set(variables)
        keep = [j for j, name in enumerate(self.variables) if name in wanted]
        return self.with_values(
            self.values[:, :, keep],
            self.status[:, :, keep],
            source=self.source[:, :, keep],
            place=self.place[:, :, keep],
            variables=tuple(self.variables[j] for j in keep),
        )

    def to_polars(self) -> pl.DataFrame:
        """Return one row per cell: code, name, year, indicator, value, status, source, file, row, column, remark."""
        import polars as pl

        years, units, variables = self.shape
        cells = years * units * variables
        t, n, j = np.unravel_index(np.arange(cells), self.shape)
        flat = self.values.reshape(-1)
        headings = [self.columns.get(name, name) for name in self.variables]
        return pl.DataFrame(
            {
                "code": np.array(self.codes, dtype=object)[n],
                "name": np.array(self.names, dtype=object)[n],
                "year": np.array(self.years, dtype=np.int64)[t],
                "indicator": np.array(self.variables, dtype=object)[j],
                "value": pl.Series(flat).fill_nan(None),
                "status": np.array([s.name.lower() for s in Status], dtype=object)[self.status.reshape(-1)],
                "source": np.array([*self.sources, None], dtype=object)[self.source.reshape(-1)].tolist(),
                "file": np.full(cells, self.origin, dtype=object),
                "row": self.place.reshape(-1),
                "column": np.array(headings, dtype=object)[j],
                "remark": np.array([self.remarks.get(name) for name in self.variables], dtype=object)[
                    j
                ].tolist(),
            },
            schema_overrides={
                "code": pl.String,
                "name": pl.String,
                "indicator": pl.String,
                "status": pl.String,
                "source": pl.String,
                "file": pl.String,
                "column": pl.String,
                "remark": pl.String,
            },
        )

    def __repr__(self) -> str:
        years, units, variables = self.shape
        known = int(np.isfinite(self.values).sum())
        return _(
            "数据表 {origin}: {years} 年 × {units} 个单位 × {variables} 项, 有数 {known} 格, 缺 {gaps} 格"
        ).format(
            origin=self.origin,
            years=years,
            units=units,
            variables=variables,
            known=known,
            gaps=years * units * variables - known,
        )
