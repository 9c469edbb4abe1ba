"""The invented map: no gap, no overlap, nobody's real shape."""

from __future__ import annotations

import pytest

from xinzhi.geography import demonstration_boundaries, demonstration_units
from xinzhi.geography.boundaries import area


def test_every_unit_has_its_place_and_together_they_fill_the_province():
    rings = demonstration_boundaries()
    assert list(rings) == [unit.code for unit in demonstration_units()]
    assert all(0 <= x <= 1 and 0 <= y <= 1 for ring in rings.values() for x, y in ring)
    sizes = [area(ring) for ring in rings.values()]
    assert min(sizes) > 0.002
    # Convex pieces of a convex whole: their areas add up to it exactly when they neither overlap nor leave a gap.
    corners = {corner for ring in rings.values() for corner in ring}
    assert sum(sizes) == pytest.approx(area(hull(sorted(corners))), rel=1e-9)


def hull(points):
    """Return the convex hull, counter-clockwise (Andrew's monotone chain)."""

    def half(points):
        chain = []
        for p in points:
            while len(chain) > 1 and cross(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    def cross(o, a, b):
        return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])

    return tuple(half(points) + half(points[::-1]))


def test_a_prefecture_lies_in_one_piece():
    rings = demonstration_boundaries()
    by_prefecture = {}
    for unit in demonstration_units():
        by_prefecture.setdefault(unit.parent, []).append(unit.code)
    apart = []
    for code, members in by_prefecture.items():
        reached, ahead = {members[0]}, [members[0]]
        while ahead:
            here = {(round(x, 7), round(y, 7)) for x, y in rings[ahead.pop()]}
            for other in set(members) - reached:
                if len(here & {(round(x, 7), round(y, 7)) for x, y in rings[other]}) > 1:
                    reached.add(other)
                    ahead.append(other)
        if reached != set(members):
            apart.append(code)
    assert apart == []
