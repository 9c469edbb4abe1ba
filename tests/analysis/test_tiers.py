"""Tiers: fewest of all cuts by brute force, and duels counted one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.analysis.tiers import Duels, fewest_tiers, is_apart

pairs = st.integers(1, 8).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.sampled_from([*combinations(range(n), 2), (-1, -1)])))
)


def cuts(n):
    for size in range(n):
        for inner in combinations(range(1, n), size):
            yield (0, *inner)


def is_fine(start, stop, apart):
    return not any(pair in apart for pair in combinations(range(start, stop), 2))


@given(pairs)
def test_no_cut_has_fewer_tiers(case):
    n, apart = case
    starts = fewest_tiers(n, lambda start, k: any((i, k) in apart for i in range(start, k)))
    valid = [
        cut for cut in cuts(n) if all(is_fine(a, b, apart) for a, b in zip(cut, (*cut[1:], n), strict=True))
    ]
    assert starts in valid
    assert len(starts) == min(map(len, valid))


def test_nobody_has_no_tier():
    assert fewest_tiers(0, lambda _a, _b: True) == ()


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 150), st.booleans())
def test_duels_are_counted_one_by_one(seed, units, replications, gaps):
    generator = np.random.default_rng(seed)
    places = generator.integers(0 if gaps else 1, 6, size=(units, replications)).astype(np.int16)
    ahead = Duels(places).banded(tuple(range(units)), units)
    for i, j in combinations(range(units), 2):
        both = [(a, b) for a, b in zip(places[i], places[j], strict=True) if a and b]
        won = sum(1.0 if a < b else 0.5 if a == b else 0.0 for a, b in both)
        if both:
            assert ahead.of(i, j) == won / len(both)
            assert ahead.of(j, i) == 1 - won / len(both)
        else:
            assert np.isnan(ahead.of(i, j))
    assert ahead.of(0, 0) == 0.5 and np.isnan(ahead.of(0, 99))


def test_without_ties_the_short_way_gives_the_same():
    generator = np.random.default_rng(1)
    places = (2 * generator.permuted(np.tile(np.arange(1, 101), (300, 1)), axis=1).T).astype(np.int16)
    short, long = Duels(places, may_tie=False), Duels(places)
    order = tuple(range(100))
    assert np.array_equal(
        short.banded(order, 25).probability, long.banded(order, 25).probability, equal_nan=True
    )
    assert short.tiers(order) == long.tiers(order)


def test_told_apart_from_95_percent_on_either_way():
    assert is_apart(np.array([0.95, 0.05, 0.949, 0.051, 0.5, np.nan])).tolist() == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_borders_say_whether_the_two_beside_are_told_apart():
    # b is a toss-up with both a and c, but a is always ahead of c: a b | c, and the border is open.
    a, b, c = [2] * 20, [1] * 10 + [6] * 10, [4] * 20
    tiers = Duels(np.array([a, b, c], dtype=np.int16)).tiers((7, 8, 9))
    assert (tiers.starts, tiers.borders, tiers.members) == ((0, 2), (False,), ((7, 8), (9,)))
    tiers = Duels(np.array([a, c], dtype=np.int16)).tiers((0, 1))
    assert (tiers.starts, tiers.borders) == ((0, 1), (True,))
