"""From a panel to the figures of a methodology: gaps filled, formulas computed, years and units selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xinzhi.errors import ComputeError
from xinzhi.geography import Unit, load_region_scheme, units_with
from xinzhi.geography.units import FIRST_YEAR, LEVELS
from xinzhi.language import gettext as _
from xinzhi.methodology import Indicator, Methodology
from xinzhi.panel import FILLED, Panel, Status
from xinzhi.panel.gaps import Fill, fill_gaps
from xinzhi.panel.panel import Floats

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Figures:
    """What the index is computed from.

    Parameters
    ----------
    years : tuple of int
        The T years of the methodology that the panel has.
    values : ndarray of float, shape (T, N, J)
        Indicators in the order of ``methodology.tree.leaves``, in their own units of measure.
    status : ndarray of uint8, shape (T, N, J)
    rests_on_filled : ndarray of bool, shape (T, N, J)
        Cells that were filled, or derived from a filled cell.
    panel : Panel
        All variables and all years of the data, gaps filled; where a trace ends.
    fills : tuple of Fill
        Positions refer to `panel`.
    regions : tuple of str
        Region id of each unit; empty strings without a region scheme.
    absent : tuple of Unit
        Units of the level that have no row at all (levels with an official list only).
    excluded : tuple of str
        Names of units left out because of their kind.
    """

    years: tuple[int, ...]
    values: Floats
    status: npt.NDArray[np.uint8]
    rests_on_filled: Bools
    panel: Panel
    fills: tuple[Fill, ...]
    regions: tuple[str, ...]
    absent: tuple[Unit, ...]
    excluded: tuple[str, ...]

    @cached_property
    def filled_cells(self) -> Mapping[tuple[int, int, int], Fill]:
        """The fills by year, unit and variable."""
        return {(fill.year, fill.unit, fill.variable): fill for fill in self.fills}


def assemble(methodology: Methodology, panel: Panel) -> Figures:
    """Fill gaps, compute formulas, and select what the methodology scores.

    Raises
    ------
    ComputeError
        If the panel shares no year, no unit or no variable with the methodology.
    """
    panel, excluded = _eligible(methodology, panel)
    wanted = [name for name, _variable in methodology.variables()]
    if not set(wanted) & set(panel.variables):
        raise ComputeError(
            _("数据里没有这个方法的任何指标"),
            where=panel.origin,
            remedy=_("可用 xinzhi template {id} -o FILE.xlsx 得到空表").format(id=methodology.id),
        )
    years = tuple(year for year in methodology.years if year in panel.years)
    if not years:
        raise ComputeError(
            _("数据的年份是 {have}, 方法要的是 {want}, 没有交集").format(
                have=_span(panel.years), want=_span(methodology.years)
            ),
            where=panel.origin,
            remedy=_("请补充数据, 或用 years 参数 (命令行 --year) 指定年份"),
        )
    _require_base_years(methodology, years, panel.origin)
    regions = _regions(methodology, panel)
    panel = _arranged(panel, wanted)
    panel, fills = _derived_and_filled(methodology, panel, regions)
    rows = [panel.years.index(year) for year in years]
    leaves = methodology.tree.leaves
    columns = [panel.variables.index(leaf) for leaf in leaves]
    values = np.ascontiguousarray(panel.values[rows][:, :, columns])
    status = np.ascontiguousarray(panel.status[rows][:, :, columns])
    return Figures(
        years,
        values,
        status,
        _rests_on_filled(methodology, panel, rows, columns),
        panel,
        fills,
        regions,
        _absent(methodology, panel),
        excluded,
    )


def _span(years: tuple[int, ...]) -> str:
    listed = sorted(years)
    whole = listed == list(range(listed[0], listed[-1] + 1)) and len(listed) > 2
    return f"{listed[0]}-{listed[-1]}" if whole else ", ".join(map(str, listed))


def _require_base_years(methodology: Methodology, years: tuple[int, ...], origin: str) -> None:
    for indicator in methodology.indicators.values():
        year = getattr(indicator.normalisation or methodology.normalisation, "year", None)
        if isinstance(year, int) and year not in years:
            raise ComputeError(
                _("缺少基期 {year} 年的数据, {name} 无法标准化").format(year=year, name=indicator.title),
                where=origin,
                remedy=_("请补充基期数据"),
            )


def _eligible(methodology: Methodology, panel: Panel) -> tuple[Panel, tuple[str, ...]]:
    """Leave out units whose kind takes no part."""
    kinds = set(methodology.ranking.without_kinds)
    if not kinds:
        return panel, ()
    out = {unit.code for unit in units_with(methodology.level, panel.codes) if unit.kind in kinds}
    stay = [i for i, code in enumerate(panel.codes) if code not in out]
    excluded = tuple(name for code, name in zip(panel.codes, panel.names, strict=True) if code in out)
    if not stay:
        raise ComputeError(
            _("数据里只有不参加排名的单位 ({kinds})").format(kinds=", ".join(sorted(kinds))),
            where=panel.origin,
        )
    return _selected(panel, stay) if excluded else panel, excluded


def _selected(panel: Panel, stay: list[int]) -> Panel:
    return panel.with_values(
        panel.values[:, stay],
        panel.status[:, stay],
        source=panel.source[:, stay],
        place=panel.place[:, stay],
        codes=tuple(panel.codes[i] for i in stay),
        names=tuple(panel.names[i] for i in stay),
    )


def _absent(methodology: Methodology, panel: Panel) -> tuple[Unit, ...]:
    if methodology.level not in LEVELS:
        return ()
    present = set(panel.codes)
    kinds = set(methodology.ranking.without_kinds)
    listed = units_with(methodology.level, panel.codes, max(*methodology.years, FIRST_YEAR))
    return tuple(unit for unit in listed if unit.code not in present and unit.kind not in kinds)


def _regions(methodology: Methodology, panel: Panel) -> tuple[str, ...]:
    if not methodology.regions:
        return ("",) * len(panel.codes)
    scheme = load_region_scheme(methodology.regions)
    groups = (scheme.group_of(code) for code in panel.codes)
    return tuple(group.id if group else "" for group in groups)


def _arranged(panel: Panel, wanted: list[str]) -> Panel:
    """Return the panel with exactly the wanted variables; those without data are missing throughout."""
    years, count, _known = panel.shape
    shape = (years, count, len(wanted))
    values, status = np.full(shape, np.nan), np.full(shape, Status.MISSING, dtype=np.uint8)
    source, place = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    to = [i for i, name in enumerate(wanted) if name in panel.variables]
    at = [panel.variables.index(wanted[i]) for i in to]
    for target, origin in (
        (values, panel.values),
        (status, panel.status),
        (source, panel.source),
        (place, panel.place),
    ):
        target[:, :, to] = origin[:, :, at]
    return panel.with_values(values, status, source=source, place=place, variables=tuple(wanted))


def _derived_and_filled(
    methodology: Methodology, panel: Panel, regions: tuple[str, ...]
) -> tuple[Panel, tuple[Fill, ...]]:
    """Fill the variables that are filed, compute the formulas, then fill what formulas could not give."""
    derived = {name: i for name, i in methodology.indicators.items() if i.formula}
    filed = {name: v.gap for name, v in methodology.variables() if name not in derived}
    panel, fills = fill_gaps(panel, filed, regions)
    if not derived:
        return panel, fills
    values, status = panel.values.copy(), panel.status.copy()
    source, place = panel.source.copy(), panel.place.copy()
    operands: Mapping[str, Floats] = {
        name: panel.values[:, :, j] for j, name in enumerate(panel.variables) if name not in derived
    }
    for name, indicator in derived.items():
        j = panel.variables.index(name)
        computed = _computed(indicator, operands, panel)
        if indicator.formula_use == "always":
            values[:, :, j], status[:, :, j] = np.nan, Status.MISSING
            source[:, :, j], place[:, :, j] = -1, 0
        # A figure that was said not to apply is not computed behind the unit's back.
        open_cells = (status[:, :, j] == Status.MISSING) | (status[:, :, j] == Status.NOT_ASKED)
        hit = open_cells & np.isfinite(computed)
        values[:, :, j][hit], status[:, :, j][hit] = computed[hit], Status.DERIVED
    panel = panel.with_values(values, status, source=source, place=place)
    panel, more = fill_gaps(panel, {name: indicator.gap for name, indicator in derived.items()}, regions)
    return panel, fills + more


def _computed(indicator: Indicator, operands: Mapping[str, Floats], panel: Panel) -> Floats:
    formula = indicator.parsed_formula
    assert formula is not None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = np.broadcast_to(np.asarray(formula.evaluate(operands), dtype=float), panel.values.shape[:2])
    return np.where(np.isfinite(result), result, np.nan)


def _rests_on_filled(methodology: Methodology, panel: Panel, rows: list[int], columns: list[int]) -> Bools:
    filled = np.isin(panel.status, FILLED)
    for name, indicator in methodology.indicators.items():
        if indicator.parsed_formula:
            j = panel.variables.index(name)
            inputs = [panel.variables.index(n) for n in indicator.parsed_formula.names]
            used = panel.status[:, :, j] == Status.DERIVED
            filled[:, :, j] |= used & filled[:, :, inputs].any(axis=2)
    selected: Bools = filled[rows][:, :, columns]
    return selected
