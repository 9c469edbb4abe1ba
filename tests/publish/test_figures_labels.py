"""Labels: none dropped, none over another label or a point, all in the frame; tested on the geometry."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinzhi.publish.figures.labels import Box, place, spread

FRAME = Box(0, 0, 700, 480)
RADIUS = 4.0


def box(label, size) -> Box:
    return Box(label.x - size[0] / 2, label.y - size[1] / 2, label.x + size[0] / 2, label.y + size[1] / 2)


def overlap(a: Box, b: Box) -> bool:
    # A hair of tolerance: boxes that touch do not overlap.
    return (
        min(a.right, b.right) - max(a.left, b.left) > 1e-6
        and min(a.bottom, b.bottom) - max(a.top, b.top) > 1e-6
    )


def require_clear(points, sizes, labels):
    boxes = [box(label, size) for label, size in zip(labels, sizes, strict=True)]
    dots = [Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in points]
    assert len(labels) == len(points)
    assert [(i, j) for i in range(len(boxes)) for j in range(i) if overlap(boxes[i], boxes[j])] == []
    assert [(i, j) for i, one in enumerate(boxes) for j, dot in enumerate(dots) if overlap(one, dot)] == []
    assert [
        b for b in boxes if b.left < -1e-6 or b.top < -1e-6 or b.right > 700 + 1e-6 or b.bottom > 480 + 1e-6
    ] == []


points_in_frame = st.lists(
    st.tuples(st.floats(5, 695), st.floats(5, 475), st.floats(20, 70)), min_size=1, max_size=20
)  # fmt: skip


@settings(max_examples=40)
@given(points_in_frame)
def test_labels_of_any_points_are_clear_of_each_other(found):
    points, sizes = [(x, y) for x, y, _w in found], [(w, 14.0) for _x, _y, w in found]
    labels = place(points, sizes, FRAME, RADIUS)
    assert labels is not None
    require_clear(points, sizes, labels)


def test_a_heap_of_points_is_named_in_full():
    draw = random.Random(7)
    points = [(200 + draw.gauss(0, 25), 300 + draw.gauss(0, 20)) for _n in range(31)]
    sizes = [(30.0, 14.0)] * 31
    labels = place(points, sizes, FRAME, RADIUS)
    assert labels is not None
    require_clear(points, sizes, labels)
    assert any(label.led for label in labels)


def test_obstacles_stay_clear():
    obstacle = Box(55, 30, 200, 70)
    labels = place([(50.0, 50.0)], [(40.0, 14.0)], FRAME, RADIUS, [obstacle])
    assert labels is not None
    assert not overlap(box(labels[0], (40, 14)), obstacle)


def test_no_room_is_said_and_no_label_dropped():
    assert place([(10.0, 10.0)] * 3, [(30.0, 14.0)] * 3, Box(0, 0, 40, 20), RADIUS) is None


def test_nothing_to_name():
    assert place([], [], FRAME) == []


def test_the_same_points_give_the_same_places():
    points, sizes = [(100.0, 100.0), (104.0, 101.0), (300.0, 50.0)], [(36.0, 14.0)] * 3
    assert place(points, sizes, FRAME) == place(points, sizes, FRAME)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([1.0, 5.0, 9.0], [1.0, 5.0, 9.0]),  # far enough apart: as they are
        ([4.0, 4.0], [3.5, 4.5]),  # a tie shares the room around its middle
        ([0.0, 0.0, 0.0], [0.0, 1.0, 2.0]),  # at the end there is room on one side only
        ([9.0, 1.0], [9.0, 1.0]),  # the order of the input is kept
    ],
)
def test_spread(places, expected):
    assert spread(places, 1.0, 0.0, 10.0) == pytest.approx(expected)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_spread_keeps_order_and_distance(places):
    step = min(0.8, 10 / max(len(places) - 1, 1))
    found = sorted(spread(places, 0.8, 0.0, 10.0))
    assert all(b - a >= step - 1e-6 for a, b in pairwise(found))
    assert found[0] >= -1e-6
    assert found[-1] <= 10 + 1e-6
