"""Where labels go: beside their points, none dropped, none over another label or over a point.

Every label is tried at places around its point, near ones first and in a fixed order of directions, the most
crowded label first. Where all places within reach are taken, the picture is too small, and the caller is told
so (it draws a higher one): a label is never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from xinzhi.panel.panel import Floats

Bools = npt.NDArray[np.bool_]

#: Distance from the edge of a point to its label.
_GAP = 3.0
_DIRECTIONS = 24
_RINGS = (0.0, 5.0, 11.0, 18.0, 27.0, 38.0, 51.0, 66.0, 84.0, 105.0, 130.0, 160.0, *range(185, 2000, 25))
REACH = 160.0
"""How far from its point a label may stand."""
_NEAR = 8.0  # from here on a line leads from the label to its point


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Label:
    """A placed label: its middle, and whether a line should lead to its point."""

    x: float
    y: float
    led: bool


def place(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    frame: Box,
    radius: float = 4.0,
    obstacles: Sequence[Box] = (),
    reach: float = REACH,
) -> list[Label] | None:
    """Return a place for every label, or None where the frame has no room for all of them.

    Parameters
    ----------
    points : sequence of (x, y)
        What the labels name, in pixels.
    sizes : sequence of (width, height)
        Of the labels, one for each point.
    frame : Box
        Within which the labels stay.
    radius : float
        Of the points, which no label covers; 0 where labels may lie on them.
    obstacles : sequence of Box
        What no label covers either.
    reach : float
        How far from its point a label may stand.
    """
    if not points:
        return []
    where, extent = np.asarray(points, dtype=float), np.asarray(sizes, dtype=float)
    blocked = np.array([[b.left, b.top, b.right, b.bottom] for b in obstacles]).reshape(-1, 4)
    dots = np.hstack([where - radius, where + radius]) if radius else np.empty((0, 4))
    fixed = np.vstack([blocked, dots])
    placed: dict[int, Label] = {}
    boxes, leads = np.empty((0, 4)), np.empty((0, 4))
    for n in _crowded_first(where, extent):
        middles, away = _candidates(where[n], extent[n], radius, reach)
        around = np.hstack([middles - extent[n] / 2, middles + extent[n] / 2])
        free = _inside(around, frame) & ~_overlap(around, np.vstack([fixed, boxes])).any(axis=1)
        if not free.any():
            return None
        cost = away + 30.0 * _crossings(where[n], middles, boxes, leads)
        best = int(np.argmin(np.where(free, cost, np.inf)))
        boxes = np.vstack([boxes, around[best]])
        leads = np.vstack([leads, [*where[n], *middles[best]]])
        placed[n] = Label(float(middles[best, 0]), float(middles[best, 1]), bool(away[best] >= _NEAR))
    return [placed[n] for n in range(len(where))]


def spread(places: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Return places on a line, in the same order, at least `step` apart and within `low` and `high`.

    Ties and near neighbours share the room around their middle. Where the room is too small for all, they
    are spread evenly.
    """
    order = sorted(range(len(places)), key=lambda n: places[n])
    step = min(step, (high - low) / max(len(places) - 1, 1))
    blocks: list[tuple[float, int]] = []  # middle and number of places that stand together
    for n in order:
        middle, count = places[n], 1
        while True:
            half = step * (count - 1) / 2
            middle = min(max(middle, low + half), high - half)
            if not blocks or middle - half - (blocks[-1][0] + step * (blocks[-1][1] - 1) / 2) >= step - 1e-9:
                break
            other, number = blocks.pop()
            middle = (middle * count + other * number) / (count + number)
            count += number
        blocks.append((middle, count))
    found = [middle + step * (k - (count - 1) / 2) for middle, count in blocks for k in range(count)]
    return [found[order.index(n)] for n in range(len(places))]


def _crowded_first(points: Floats, sizes: Floats) -> list[int]:
    """Return positions, those with the most neighbours within reach of their label first."""
    across = np.abs(points[:, None] - points[None])
    near = (across < (sizes[:, None] + sizes[None]) / 2 + 2 * _GAP + 8).all(axis=2).sum(axis=1)
    return sorted(range(len(points)), key=lambda n: (-int(near[n]), n))


def _candidates(point: Floats, size: Floats, radius: float, farthest: float) -> tuple[Floats, Floats]:
    """Return the middles that a label may have, and how far its edge is from the point."""
    rings = np.array([ring for ring in _RINGS if ring <= farthest])
    # The nearest edge or corner of the label lies `away` from the point in this direction.
    away = (radius + _GAP + rings)[:, None, None] * _TOWARDS
    middles = (point + away + _SIDES * size / 2).reshape(-1, 2)
    reach = (rings[:, None] + 0.1 * np.arange(_DIRECTIONS)).reshape(-1)
    if not radius:
        # A name without a point to keep clear of stands best on its place.
        middles, reach = np.vstack([point, middles]), np.concatenate([[-1.0], reach])
    return middles, reach


def _directions() -> tuple[Floats, Floats]:
    """Return unit vectors and the part of half a label's size that goes with each, to the sides first.

    Names are read along the line, so a place at the right or left is taken before one above or below.
    """
    turns = sorted(
        (2 * pi * k / _DIRECTIONS for k in range(_DIRECTIONS)),
        key=lambda turn: (round(abs(sin(turn)), 9), -cos(turn)),
    )
    towards = np.array([(cos(turn), sin(turn)) for turn in turns]).round(12)
    sides = np.sign(towards)
    sides[:, 1] *= np.abs(towards[:, 1])
    return towards, sides


_TOWARDS, _SIDES = _directions()


def _inside(boxes: Floats, frame: Box) -> Bools:
    low, high = np.array([frame.left, frame.top]), np.array([frame.right, frame.bottom])
    return np.asarray(((boxes[:, :2] >= low) & (boxes[:, 2:] <= high)).all(axis=1))


def _overlap(boxes: Floats, others: Floats) -> Bools:
    """Tell of each box and each other whether they share an area, shape (boxes, others)."""
    before = boxes[:, None, :2] < others[None, :, 2:]
    return np.asarray((before & (boxes[:, None, 2:] > others[None, :, :2])).all(axis=2))


def _crossings(point: Floats, middles: Floats, boxes: Floats, leads: Floats) -> Floats:
    """Count what the line from a point to each middle would cross: labels placed before, and their lines."""
    count = np.zeros(len(middles))
    for share in (0.25, 0.5, 0.75):
        on = point + share * (middles - point)
        count += _overlap(np.hstack([on, on]), boxes).sum(axis=1)
    if len(leads):
        a, b = leads[:, :2], leads[:, 2:]
        side = _side(point[None], middles[:, None], a[None]) * _side(point[None], middles[:, None], b[None])
        other = _side(a[None], b[None], point[None, None]) * _side(a[None], b[None], middles[:, None])
        count += ((side < 0) & (other < 0)).sum(axis=1)
    return count


def _side(a: Floats, b: Floats, c: Floats) -> Floats:
    side: Floats = np.sign(
        (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    )
    return side
