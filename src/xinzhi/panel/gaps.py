"""Filling gaps by the rules a methodology states, each filled cell recorded with its rule and inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.methodology.methods import CarriedGap, GapRule, GroupGap, GrowthGap, LinearGap, OtherYearGap
from xinzhi.panel.panel import Floats, Panel, Status

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]
Years = npt.NDArray[np.int_]

#: How many of the figures that a rule summarised are listed in a line.
LISTED = 6


@dataclass(frozen=True)
class Fill:
    """One filled cell: which, by what rule, from what.

    `inputs` are year positions of the same unit's observations, in time order. A group rule has none of
    them: `units` are the positions of the units whose figures of that year were summarised, and `group` is
    their region, empty for all units.
    """

    year: int
    unit: int
    variable: int
    rule: GapRule
    inputs: tuple[int, ...] = ()
    group: str = ""
    units: tuple[int, ...] = ()

    @property
    def cells(self) -> tuple[tuple[int, int], ...]:
        """Year and unit position of every figure the rule used."""
        return tuple((t, self.unit) for t in self.inputs) + tuple((self.year, n) for n in self.units)

    def describe(self, panel: Panel, group: str = "", names: Sequence[str] = ()) -> str:
        """Say in a line how the cell was filled, with the figures used.

        Parameters
        ----------
        panel : Panel
            The panel the positions refer to.
        group : str, optional
            Name of the unit's region for people; its id by default.
        names : sequence of str, optional
            Names of the units for people; those of the panel by default.
        """
        known = "; ".join(
            f"{panel.years[t]}: {number(panel.values[t, self.unit, self.variable])}" for t in self.inputs
        )
        match self.rule:
            case GrowthGap():
                return _("年均增速法, 依据 {known}").format(known=known)
            case LinearGap():
                return _("线性内插, 依据 {known}").format(known=known)
            case CarriedGap():
                return _("沿用 {known}").format(known=known)
            case OtherYearGap(use=use):
                return _("以 {use} 年代替, {known}").format(use=use, known=known)
            case GroupGap(statistic=statistic):
                return self._describe_group(panel, statistic, group or self.group, names or panel.names)

    def _describe_group(self, panel: Panel, statistic: str, group: str, names: Sequence[str]) -> str:
        figures = ", ".join(
            f"{names[n]} {number(panel.values[self.year, n, self.variable])}" for n in self.units[:LISTED]
        )
        count = len(self.units)
        more = _(", … 等 {count} 个").format(count=count) if count > LISTED else ""
        text = (
            _("取 {group} {count} 个单位的{statistic}: {figures}")
            if self.group
            else _("取有数的 {count} 个单位的{statistic}: {figures}")
        )
        name = _("均值") if statistic == "mean" else _("中位数")
        return text.format(group=group, count=count, statistic=name, figures=figures + more)


def fill_gaps(
    panel: Panel, rules: Mapping[str, Sequence[GapRule]], groups: Sequence[str] = ()
) -> tuple[Panel, tuple[Fill, ...]]:
    """Fill missing cells variable by variable; the rules of a variable are tried in their order.

    A rule sees only observed figures, never ones that an earlier rule made. Cells marked not applicable or
    not asked are left alone.

    Parameters
    ----------
    panel : Panel
        T years x N units x J variables.
    rules : mapping of str to sequence of gap rule
        By variable id.
    groups : sequence of str, length N, optional
        Region of each unit, for the group rule; empty for a unit in none, which that rule does not fill.
        Without any region the rule takes all units.

    Returns
    -------
    panel : Panel
        The same cells, some of them filled.
    fills : tuple of Fill
        Every filled cell; ``inputs`` refer to the positions of the given panel.

    Notes
    -----
    Growth (年均增速, paper, 数据说明): between observations ``y_a`` and ``y_b`` at years ``a < t < b``,
    ``y_a (y_b / y_a)^((t - a) / (b - a))``; beyond the observed years, the mean annual growth between the
    first and the last observation goes on. Both figures must be positive, else the cell stays missing.
    """
    values, status = panel.values.copy(), panel.status.copy()
    fills: list[Fill] = []
    years = np.array(panel.years)
    for j, name in enumerate(panel.variables):
        observed = np.isfinite(panel.values[:, :, j])
        for rule in rules.get(name, ()):
            gap = (status[:, :, j] == Status.MISSING) & ~np.isfinite(values[:, :, j])
            if not gap.any():
                break
            filler = _FILLERS[type(rule)]
            filled, kind, inputs = filler(rule, panel.values[:, :, j], observed, years, list(groups))
            hit = gap & np.isfinite(filled)
            values[:, :, j][hit] = filled[hit]
            status[:, :, j][hit] = kind[hit]
            t, n = np.nonzero(hit)
            used: list[tuple[int, ...]] = list(zip(*(i[t, n].tolist() for i in inputs), strict=True))
            for year, unit, cells in zip(t.tolist(), n.tolist(), used or [()] * len(t), strict=True):
                group, units = (
                    _summarised(rule, observed[year], unit, groups)
                    if isinstance(rule, GroupGap)
                    else ("", ())
                )
                fills.append(Fill(year, unit, j, rule, tuple(dict.fromkeys(cells)), group, units))
    return panel.with_values(values, status), tuple(fills)


def _neighbours(observed: Bools) -> tuple[Positions, Positions]:
    """Return the positions of the last observation up to each cell and the first from it; -1, T if none."""
    count = observed.shape[0]
    index = np.arange(count)[:, None]
    before = np.maximum.accumulate(np.where(observed, index, -1), axis=0)
    after = np.minimum.accumulate(np.where(observed, index, count)[::-1], axis=0)[::-1]
    return before, after


def _at(values: Floats, position: Positions) -> Floats:
    inside = (position >= 0) & (position < len(values))
    taken: Floats = np.take_along_axis(values, np.where(inside, position, 0), axis=0)
    return np.where(inside, taken, np.nan)


_Filled = tuple[Floats, npt.NDArray[np.uint8], tuple[Positions, ...]]


def _kinds(observed: Bools, kind: Status) -> npt.NDArray[np.uint8]:
    return np.full(observed.shape, kind, dtype=np.uint8)


def _growth(rule: GrowthGap, values: Floats, observed: Bools, years: Years, _groups: object) -> _Filled:
    before, after = _neighbours(observed)
    count = len(years)
    first = np.broadcast_to(np.where(observed.any(axis=0), observed.argmax(axis=0), -1), observed.shape)
    last = np.broadcast_to(
        np.where(observed.any(axis=0), count - 1 - observed[::-1].argmax(axis=0), -1), observed.shape
    )
    inside = (before >= 0) & (after < count)
    a, b = np.where(inside, before, first), np.where(inside, after, last)
    low, high = _at(values, a), _at(values, b)
    usable = (low > 0) & (high > 0) & (a != b) & (inside | rule.beyond)
    start, end = years[np.clip(a, 0, count - 1)], years[np.clip(b, 0, count - 1)]
    span = np.where(a != b, end - start, 1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        filled = low * (high / low) ** ((years[:, None] - start) / span)
    kind = np.where(inside, Status.INTERPOLATED, Status.EXTRAPOLATED).astype(np.uint8)
    return np.where(usable & np.isfinite(filled), filled, np.nan), kind, (a, b)


def _linear(_rule: LinearGap, values: Floats, observed: Bools, years: Years, _groups: object) -> _Filled:
    before, after = _neighbours(observed)
    low, high = _at(values, before), _at(values, after)
    start, end = years[np.clip(before, 0, None)], years[np.clip(after, None, len(years) - 1)]
    span = np.where(end > start, end - start, 1)
    filled = low + (high - low) * (years[:, None] - start) / span
    return filled, _kinds(observed, Status.INTERPOLATED), (before, after)


def _carried(rule: CarriedGap, values: Floats, observed: Bools, _years: object, _groups: object) -> _Filled:
    before, after = _neighbours(observed)
    position = before if rule.source == "previous" else after
    return _at(values, position), _kinds(observed, Status.CARRIED), (position,)


def _other_year(
    rule: OtherYearGap, values: Floats, observed: Bools, years: Years, _groups: object
) -> _Filled:
    filled = np.full(values.shape, np.nan)
    position = np.zeros(observed.shape, dtype=np.intp)
    if rule.use in years and rule.year in years:
        target, use = (int(np.flatnonzero(years == y)[0]) for y in (rule.year, rule.use))
        filled[target] = values[use]
        position[target] = use
    return filled, _kinds(observed, Status.SUBSTITUTED), (position,)


def _group(rule: GroupGap, values: Floats, observed: Bools, _years: object, groups: list[str]) -> _Filled:
    labels = np.array(_labels(rule, groups, values.shape[1]))
    statistic = np.mean if rule.statistic == "mean" else np.median
    filled = np.full(values.shape, np.nan)
    for label in filter(None, np.unique(labels).tolist()):
        members = labels == label
        for year, known in enumerate(observed & members):
            if known.any():
                filled[year, members] = statistic(values[year, known])
    return filled, _kinds(observed, Status.GROUP), ()


def _labels(rule: GroupGap, groups: Sequence[str], count: int) -> list[str]:
    """Return the group of each unit; one for all where regions are not asked for or not known."""
    return ["all"] * count if rule.by == "all" or not any(groups) else list(groups)


def _summarised(
    rule: GroupGap, observed: Bools, unit: int, groups: Sequence[str]
) -> tuple[str, tuple[int, ...]]:
    """Return the region of a unit, empty where all units are one group, and the units that were observed."""
    labels = _labels(rule, groups, len(observed))
    members = np.array(labels) == labels[unit]
    region = labels[unit] if rule.by == "region" and any(groups) else ""
    return region, tuple(np.flatnonzero(observed & members).tolist())


_FILLERS: dict[type, Callable[..., _Filled]] = {
    GrowthGap: _growth,
    LinearGap: _linear,
    CarriedGap: _carried,
    OtherYearGap: _other_year,
    GroupGap: _group,
}
