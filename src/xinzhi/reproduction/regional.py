"""The regional analyses of a printed index, with what the publication says of them and whether that holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xinzhi.analysis.catalogue import Axis, Report, analyse_table
from xinzhi.analysis.neighbours import SpatialWeights, adjacency_weights
from xinzhi.geography import UnitError, load_region_scheme
from xinzhi.language import gettext as _
from xinzhi.reproduction.case import CaseError, Text, Titled, load_case, path_of
from xinzhi.reproduction.column import Column
from xinzhi.reproduction.figures import Figures
from xinzhi.reproduction.report import Reproduction, reproduce

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RegionalTable:
    """The figures of N units that the regional analyses of a case are run on.

    Attributes
    ----------
    title : str
    codes, names, regions : tuple of str
    value, against, origin_weights : Axis
        Each figure as it is printed.
    sources : tuple of str
        Publication and vintage of the figures that are not the publication's own.
    places : tuple of Text
        Passages of the publication that speak of them.
    """

    title: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    value: Axis
    against: Axis
    origin_weights: Axis
    sources: tuple[str, ...]
    places: tuple[Text, ...]

    def table(self) -> pl.DataFrame:
        """Return one row a unit, headings in the language in force: what ``xinzhi analyse --table`` reads."""
        import polars as pl

        axes = (self.value, self.against, self.origin_weights)
        words = {_("名称"): self.names, _("代码"): self.codes, _("地区"): self.regions}
        return pl.DataFrame(words | {axis.title: axis.values for axis in axes})


def regional(case: str | Path = "ye-xu-2024", reproduction: Reproduction | None = None) -> Report:
    """Run the regional analyses on the column that a case names.

    Parameters
    ----------
    case : str or Path
        A reproduction case that has a table ``[regional]``.
    reproduction : Reproduction, optional
        Of the same case, where it is at hand.

    Returns
    -------
    Report
        Its notes are the sources of the figures, and the verdict on each statement of the places that the case
        names.

    Raises
    ------
    CaseError
        If the case names no such column.
    """
    table = regional_table(case)
    rows = (reproduction or reproduce(case)).rows
    report = analyse_table(
        table.title,
        table.value.values,
        table.names,
        table.regions,
        _neighbours(table),
        against=table.against,
        origin_weights=table.origin_weights.values,
        value_name=table.value.title,
    )
    sources = _("数据来源: {sources}").format(sources="; ".join(table.sources))
    return replace(report, notes=(sources, *(row.line() for row in rows if row.where in table.places)))


def regional_table(case: str | Path = "ye-xu-2024") -> RegionalTable:
    """Return the figures that :func:`regional` analyses."""
    path = path_of(case)
    record = load_case(path)
    chosen = record.regional
    if chosen is None:
        raise CaseError(
            _("这个案例没有写明区域分析用哪些列"),
            where=str(path),
            remedy=_("请在案例里加 [regional] 表, 见 docs/reproduction.md"),
        )
    figures = Figures(record, path, exact=True)
    wanted = (chosen.value, chosen.against, chosen.origin_weights)
    columns = [_column(figures, titled) for titled in wanted]
    for column in columns[1:]:
        columns[0].require_units_of(column)
    codes = tuple(columns[0].cells)
    groups = [load_region_scheme(chosen.regions).group_of(code) for code in codes]
    value, against, weights = (
        Axis(str(titled.title), np.array([float(column.cells[code].middle) for code in codes]))
        for titled, column in zip(wanted, columns, strict=True)
    )
    return RegionalTable(
        title=str(chosen.title),
        codes=codes,
        names=tuple(str(figures.label(columns[0], code)) for code in codes),
        regions=tuple(group.name if group else "" for group in groups),
        value=value,
        against=against,
        origin_weights=weights,
        sources=tuple(map(str, figures.sources(" + ".join(titled.figure for titled in wanted)))),
        places=tuple(record.places[place] for place in chosen.where),
    )


def _column(figures: Figures, titled: Titled) -> Column:
    where = f"{figures.path}, regional, {titled.figure}"
    found = figures.value(titled.figure, where=where)
    if not isinstance(found, Column):
        raise CaseError(_("这是一个数, 不是一列"), where=where)
    return found


def _neighbours(table: RegionalTable) -> SpatialWeights | None:
    try:
        return replace(adjacency_weights(table.codes), names=table.names)
    except UnitError:
        return None
