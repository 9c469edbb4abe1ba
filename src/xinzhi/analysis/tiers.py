"""Who is ahead of whom, how surely, and the fewest groups of units that cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xinzhi.panel.panel import Floats

#: A unit is told apart from another when the probability of one being ahead reaches this.
TOLD_APART = 0.95
_SLACK = 1e-9  # of a sum of halves
_ROWS = 64  # Units compared with another at a time, within a core's cache.
_WORD = 64  # Replicates are padded to whole words of bits.


@dataclass(frozen=True)
class Tiers:
    """Consecutive groups of units in the order of their median rank.

    Parameters
    ----------
    order : tuple of int
        Positions of the units, best first.
    starts : tuple of int
        Place in `order` at which each tier begins.
    borders : tuple of bool
        For every tier but the last: whether its last unit is told apart from the first of the next one.
    """

    order: tuple[int, ...]
    starts: tuple[int, ...]
    borders: tuple[bool, ...]

    @property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Positions of the units of each tier."""
        stops = (*self.starts[1:], len(self.order))[: len(self.starts)]
        return tuple(self.order[a:b] for a, b in zip(self.starts, stops, strict=True))


@dataclass(frozen=True)
class Ahead:
    """How surely a unit is ahead of those that follow it.

    Parameters
    ----------
    order : tuple of int
        Positions of the units by median rank, best first.
    probability : ndarray of float, shape (n, reach)
        ``[k, d]``: that the unit at place k is ahead of the one at place ``k + 1 + d``, ties counting half;
        NaN beyond the last place, and where the two never had a score together.
    """

    order: tuple[int, ...]
    probability: Floats

    def of(self, unit: int, other: int) -> float:
        """Return the probability that a unit is ahead of another one; NaN where it was not computed."""
        if unit not in self.order or other not in self.order:
            return float("nan")
        a, b = self.order.index(unit), self.order.index(other)
        if a == b:
            return 0.5
        near, far = min(a, b), max(a, b)
        if far - near > self.probability.shape[1]:
            return float("nan")
        p = float(self.probability[near, far - near - 1])
        return p if a < b else 1 - p


class Duels:
    """Ranks of units over replicates, made ready to compare pairs.

    Parameters
    ----------
    places : ndarray of int, shape (N, R)
        Doubled ranks; 0 where a unit has none.
    order : sequence of int, length n, optional
        Positions of the units to compare, best first; by default all in their order.

    Notes
    -----
    The outcomes of a pair over all replicates are bits, counted a word at a time.
    """

    def __init__(
        self, places: npt.NDArray[Any], order: Sequence[int] | None = None, *, may_tie: bool = True
    ) -> None:
        order = range(len(places)) if order is None else order
        replicates = places.shape[1]
        self._places = np.zeros((len(order), -(-replicates // _WORD) * _WORD), dtype=places.dtype)
        for row, n in zip(self._places, order, strict=True):
            row[:replicates] = places[n]
        self._simple = not may_tie and bool((self._places[:, :replicates] > 0).all())
        self._replicates = replicates

    def ahead(self, start: int, stop: int, other: int) -> Floats:
        """Return the probability that each unit of places `start` to `stop` is ahead of that at `other`."""
        found = [
            self._some_ahead(self._places[at : min(at + _ROWS, stop)], self._places[other])
            for at in range(start, stop, _ROWS)
        ]
        return np.concatenate(found) if found else np.empty(0)

    def _some_ahead(self, rows: npt.NDArray[Any], other: npt.NDArray[Any]) -> Floats:
        wins = rows < other
        if self._simple:
            share: Floats = _count(wins) / self._replicates
            return share
        known = (rows > 0) & (other > 0)
        both = _count(known)
        won, lost = _count(wins & known), _count((other < rows) & known)
        out = np.full(len(rows), np.nan)
        np.divide(won + 0.5 * (both - won - lost), both, out=out, where=both > 0)
        return out

    def apart(self, start: int, other: int) -> bool:
        """Tell whether the unit at place `other` is told apart from any of those from `start` up to it."""
        blocks = range(start, other, _ROWS)
        return any(is_apart(self.ahead(at, min(at + _ROWS, other), other)).any() for at in blocks)

    def banded(self, order: tuple[int, ...], reach: int) -> Ahead:
        """Return for every unit the probability of being ahead of the `reach` that follow it."""
        count = len(self._places)
        reach = min(reach, max(count - 1, 0))
        table = np.full((count, reach), np.nan)
        for other in range(1, count):
            start = max(0, other - reach)
            table[np.arange(start, other), other - 1 - np.arange(start, other)] = self.ahead(
                start, other, other
            )
        return Ahead(order, table)

    def tiers(self, order: tuple[int, ...]) -> Tiers:
        """Return the fewest tiers of the units."""
        starts = fewest_tiers(len(order), self.apart)
        borders = tuple(self.apart(at - 1, at) for at in starts[1:])
        return Tiers(order, starts, borders)


def _count(outcomes: npt.NDArray[np.bool_]) -> Floats:
    words = np.packbits(outcomes, axis=1).view(np.uint64)
    counts: Floats = np.bitwise_count(words).sum(axis=1, dtype=float)
    return counts


def is_apart(probability: Floats) -> npt.NDArray[np.bool_]:
    """Tell whether a probability of being ahead tells two units apart, either way; NaN does not."""
    return np.abs(probability - 0.5) >= TOLD_APART - 0.5 - _SLACK


def fewest_tiers(count: int, apart: Callable[[int, int], bool]) -> tuple[int, ...]:
    """Cut a sequence into the fewest consecutive tiers such that no two members of a tier are told apart.

    Parameters
    ----------
    count : int
        Units, in their order.
    apart : callable
        ``apart(start, k)``: whether unit k is told apart from any of the units start, ..., k - 1.

    Returns
    -------
    tuple of int
        Where each tier begins.

    Notes
    -----
    Greedy: a tier takes the next unit as long as that is told apart from none of its members. No cut into
    consecutive tiers has fewer. Call an interval of units *fine* when no two of them are told apart; every
    part of a fine interval is fine. Let the greedy tiers end at ``g_1 < g_2 < ...`` and those of any other
    valid cut at ``h_1 < h_2 < ...``. Then ``g_k >= h_k`` for all k. For k = 1, the first greedy tier is the
    longest fine interval from the first unit. If ``g_k >= h_k``, then the units from ``g_k + 1`` to
    ``h_{k+1}`` are part of the other cut's tier ``h_k + 1 .. h_{k+1}``, so they are fine, and greedy, which
    takes the longest fine interval from ``g_k + 1``, reaches at least ``h_{k+1}``. Hence greedy has reached
    the last unit when the other cut has, with no more tiers. (Two cuts may have equally few; greedy's has the
    longest tiers at the top.)
    """
    starts: list[int] = []
    for unit in range(count):
        if not starts or apart(starts[-1], unit):
            starts.append(unit)
    return tuple(starts)
