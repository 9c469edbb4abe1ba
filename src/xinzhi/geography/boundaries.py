"""Invented boundaries of the demonstration province, so that its maps look like maps and like no real place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import cos, pi, sin
from random import Random

from xinzhi.geography.units import demonstration_units

Point = tuple[float, float]
Ring = tuple[Point, ...]

_SEED = 99
_OUTLINE = 48  # corners of the province
_ROUNDS = 40  # of moving each seat to the middle of its unit


@cache
def demonstration_boundaries() -> Mapping[str, Ring]:
    """Return the boundary of each unit of the demonstration province, by code.

    Returns
    -------
    mapping of str to ring
        Corners (x, y) counter-clockwise, x to the east and y to the north, both from 0 to 1; first and last
        differ. Neighbours share their corners; together they fill the province without a gap.

    Notes
    -----
    Voronoi cells of one seat a unit inside a round outline. Seats of a prefecture begin close together and are
    moved to the middles of their cells (Lloyd), which keeps a prefecture in one piece.
    """
    counties = demonstration_units()
    random = Random(_SEED)
    prefectures = sorted({unit.parent for unit in counties})
    turn = 2 * pi / max(len(prefectures) - 1, 1)
    centres = {
        code: (0.5, 0.5) if n == 0 else (0.5 + 0.3 * cos(turn * n), 0.5 + 0.3 * sin(turn * n))
        for n, code in enumerate(prefectures)
    }
    seats = [
        (centres[unit.parent][0] + random.gauss(0, 0.03), centres[unit.parent][1] + random.gauss(0, 0.03))
        for unit in counties
    ]
    outline = _outline(random)
    for _round in range(_ROUNDS):
        seats = [_middle(_cell(seats, n, outline)) for n in range(len(seats))]
    return {unit.code: _cell(seats, n, outline) for n, unit in enumerate(counties)}


def _outline(random: Random) -> Ring:
    """Return a convex ring around the middle, a little uneven."""
    corners = sorted(random.uniform(0, 2 * pi) for _n in range(_OUTLINE))
    return tuple((0.5 + 0.48 * cos(angle), 0.5 + 0.46 * sin(angle)) for angle in corners)


def _cell(seats: Sequence[Point], n: int, outline: Ring) -> Ring:
    """Return what of the outline lies nearer to seat `n` than to any other."""
    ring = outline
    x, y = seats[n]
    for other, (u, v) in enumerate(seats):
        if other != n:
            # Nearer to (x, y): a * p + b * q <= c with the normal pointing to the other seat.
            ring = _clipped(ring, u - x, v - y, (u * u + v * v - x * x - y * y) / 2)
    return ring


def _clipped(ring: Ring, a: float, b: float, c: float) -> Ring:
    """Return the part of a convex ring where ``a x + b y <= c`` (Sutherland and Hodgman)."""
    kept: list[Point] = []
    for k, here in enumerate(ring):
        before = ring[k - 1]
        beyond, beyond_before = a * here[0] + b * here[1] - c, a * before[0] + b * before[1] - c
        if beyond * beyond_before < 0:
            share = beyond_before / (beyond_before - beyond)
            kept.append(
                (before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1]))
            )
        if beyond <= 0:
            kept.append(here)
    return tuple(kept)


def area(ring: Ring) -> float:
    """Return the area of a ring, positive when it runs counter-clockwise."""
    return sum(ring[k - 1][0] * y - x * ring[k - 1][1] for k, (x, y) in enumerate(ring)) / 2


def _middle(ring: Ring) -> Point:
    """Return the centroid of a ring."""
    x = y = 0.0
    for k, (u, v) in enumerate(ring):
        p, q = ring[k - 1]
        cross = p * v - u * q
        x += (p + u) * cross
        y += (q + v) * cross
    return x / (6 * area(ring)), y / (6 * area(ring))
