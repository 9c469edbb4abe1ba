"""Columns of intervals, one per unit, and the functions that a formula of a case may call on them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.reproduction.interval import Interval, root


@dataclass(frozen=True)
class Column:
    """One interval for each unit of a table; arithmetic goes unit by unit.

    A mark (units of a group, units for which a condition holds) is a column of zeros and ones; ``[0, 1]``
    says that the rounding leaves it open.
    """

    cells: Mapping[str, Interval]

    @property
    def values(self) -> tuple[Interval, ...]:
        """The intervals in the order of the units."""
        return tuple(self.cells.values())

    def paired(self, other: Any, combine: Callable[[Any, Any], Any]) -> Column:
        """Combine each unit with the same unit of `other`, or with `other` itself if it is one figure."""
        if not isinstance(other, Column):
            return Column({unit: combine(cell, other) for unit, cell in self.cells.items()})
        self.require_units_of(other)
        return Column({unit: combine(cell, other.cells[unit]) for unit, cell in self.cells.items()})

    def require_units_of(self, other: Column) -> None:
        """Refuse another column that has not the same units."""
        if differing := sorted(self.cells.keys() ^ other.cells.keys()):
            raise ComputeError(
                _("两列的单位不同: {unit} 只在其中一列").format(unit=differing[0]),
                remedy=_("放在一起算或比较的各列须有相同的单位"),
            )

    def __neg__(self) -> Column:
        return Column({unit: -cell for unit, cell in self.cells.items()})

    def __add__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: b + a)

    def __sub__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: b * a)

    def __truediv__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: b / a)

    def __pow__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: a**b)

    def __rpow__(self, other: Any) -> Column:
        return self.paired(other, lambda a, b: b**a)


def _each_end(statistic: Callable[[list[Fraction]], Fraction], column: Column) -> Interval:
    """Apply a statistic that never falls when a value rises: its range lies between those of the ends."""
    return Interval(
        statistic([cell.lo for cell in column.values]), statistic([cell.hi for cell in column.values])
    )


def total(column: Column) -> Interval:
    """Return the sum over the units."""
    return _each_end(lambda values: sum(values, Fraction()), column)


def count(column: Column) -> Interval:
    """Return the number of units."""
    return Interval.exact(len(column.cells))


def mean(column: Column) -> Interval:
    """Return the simple mean of the units."""
    return total(column) / len(column.cells)


def median(column: Column) -> Interval:
    """Return the median of the units."""
    return _each_end(statistics.median, column)


def minimum(column: Column) -> Interval:
    """Return the smallest value."""
    return _each_end(min, column)


def maximum(column: Column) -> Interval:
    """Return the largest value."""
    return _each_end(max, column)


def largest(column: Column, place: int) -> Interval:
    """Return the value in `place` from the top; 1 is the maximum."""
    if not 1 <= place <= len(column.cells):
        raise ComputeError(_("没有第 {place} 大的值, 共 {n} 个").format(place=place, n=len(column.cells)))
    return _each_end(lambda values: sorted(values, reverse=True)[place - 1], column)


def sd(column: Column) -> Interval:
    r"""Return the population standard deviation.

    .. math:: s = \sqrt{\tfrac1n \sum_i (x_i - \bar x)^2}

    It is a seminorm, so moving each value by at most its radius r moves it by at most the root mean square
    of the radii. The interval is therefore an outer one.
    """
    middles = [cell.middle for cell in column.values]
    centre = sum(middles, Fraction()) / len(middles)
    spread = root(sum(((x - centre) ** 2 for x in middles), Fraction()) / len(middles))
    slack = root(sum((cell.radius**2 for cell in column.values), Fraction()) / len(middles))
    return Interval(max(Fraction(0), spread.lo - slack.hi), spread.hi + slack.hi)


def at(column: Column, mark: Column) -> Interval:
    """Return the value of the one unit that is marked, as it was printed."""
    marked = [unit for unit, cell in mark.cells.items() if cell.lo > 0]
    if len(marked) != 1 or marked[0] not in column.cells:
        raise ComputeError(_("at(列, 标记) 须恰好标出该列的一个单位, 现标出 {n} 个").format(n=len(marked)))
    return column.cells[marked[0]]


def minmax(column: Column) -> Column:
    r"""Return the values normalised between the smallest and the largest.

    .. math:: z_i = \frac{x_i - \min x}{\max x - \min x}

    z_i rises with x_i and falls with every other value, so each range is exact.
    """

    def scaled(own: Fraction, others: list[Fraction]) -> Fraction:
        low, high = min(own, *others), max(own, *others)
        return (own - low) / (high - low)

    def range_of(unit: str) -> Interval:
        own, others = column.cells[unit], [cell for key, cell in column.cells.items() if key != unit]
        return Interval(
            scaled(own.lo, [cell.hi for cell in others]), scaled(own.hi, [cell.lo for cell in others])
        )

    if len(column.cells) < 2:
        raise ComputeError(_("只有一个单位, 无法作极差标准化"))
    if max(cell.lo for cell in column.values) <= min(cell.hi for cell in column.values):
        raise ComputeError(_("各单位的值可能全部相同, 无法作极差标准化"))
    return Column({unit: range_of(unit) for unit in column.cells})


def rank(column: Column) -> Column:
    """Return the best and the worst rank, the largest value first, that each unit can have."""

    def range_of(unit: str) -> Interval:
        own, others = column.cells[unit], [cell for key, cell in column.cells.items() if key != unit]
        ahead = sum(cell.lo > own.hi for cell in others)
        perhaps_ahead = sum(cell.hi >= own.lo for cell in others)
        return Interval.hull([1 + ahead, 1 + perhaps_ahead])

    return Column({unit: range_of(unit) for unit in column.cells})


def inversions(column: Column, ranks: Column) -> Interval:
    """Return the number of pairs of units that no values inside the rounding put in the order of `ranks`.

    With none the whole ranking is possible at once: x_i = max of the lower ends of i and all after it.
    """
    order = sorted(column.cells, key=lambda unit: ranks.cells[unit].middle)
    return Interval.exact(
        sum(
            column.cells[earlier].hi < column.cells[later].lo
            for place, earlier in enumerate(order)
            for later in order[place + 1 :]
        )
    )


def _mark(certain: bool, possible: bool) -> Interval:
    return Interval.hull([int(certain), int(possible)])


def above(column: Column, level: Interval | Column | int | float) -> Column:
    """Mark the units whose value is above `level`."""
    return (column - level).paired(0, lambda gap, zero: _mark(gap.lo > 0, gap.hi > 0))


def below(column: Column, level: Interval | Column | int | float) -> Column:
    """Mark the units whose value is below `level`."""
    return above(-column, -level)


def top(column: Column, places: int) -> Column:
    """Mark the units that rank among the first `places`."""
    return rank(column).paired(0, lambda rank, zero: _mark(rank.hi <= places, rank.lo <= places))


def between(low: int | float, high: int | float) -> Interval:
    """Return a figure of which only two limits are told."""
    return Interval.hull([low, high])


_NAMED: tuple[Callable[..., Any], ...] = (
    count, mean, median, minimum, maximum, largest, sd, at,
    minmax, rank, inversions, above, below, top, between,
)  # fmt: skip
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"sum": total} | {f.__name__: f for f in _NAMED}
