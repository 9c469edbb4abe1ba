"""The functions on columns: small cases by hand, and sampled values inside the intervals."""

from __future__ import annotations

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.errors import ComputeError
from xinzhi.reproduction.column import (
    FUNCTIONS,
    Column,
    above,
    at,
    below,
    inversions,
    largest,
    minmax,
    rank,
    sd,
    top,
    total,
)
from xinzhi.reproduction.interval import Interval


def printed(*figures: str) -> Column:
    return Column({chr(ord("a") + i): Interval.printed(text) for i, text in enumerate(figures)})


def exact(*figures: int) -> Column:
    return Column({chr(ord("a") + i): Interval.exact(number) for i, number in enumerate(figures)})


def ends(column: Column) -> list[tuple[Fraction, Fraction]]:
    return [(cell.lo, cell.hi) for cell in column.values]


@st.composite
def column_and_sample(draw):
    """Columns as a table prints them, and one set of values that would be printed so."""
    middles = draw(st.lists(st.integers(-200, 200), min_size=2, max_size=8))
    moves = [Fraction(draw(st.integers(-50, 50)), 1000) for _ in middles]
    column = printed(*(f"{middle / 10:.1f}" for middle in middles))
    return column, [Fraction(middle, 10) + move for middle, move in zip(middles, moves, strict=True)]


@given(column_and_sample())
def test_statistics_hold_every_sample(case):
    column, sample = case
    for name, statistic in {
        "sum": sum,
        "mean": statistics.mean,
        "median": statistics.median,
        "minimum": min,
        "maximum": max,
    }.items():
        assert statistic(sample) in FUNCTIONS[name](column)
    assert statistics.pstdev([float(x) for x in sample]) in sd(column) + Interval(-1e-9, 1e-9)


@given(column_and_sample())
def test_ranks_hold_every_sample(case):
    column, sample = case
    for own, cell in zip(sample, rank(column).values, strict=True):
        assert 1 + sum(other > own for other in sample) in cell


@given(column_and_sample())
def test_true_order_is_never_called_impossible(case):
    column, sample = case
    order = sorted(range(len(sample)), key=lambda i: -sample[i])
    places = exact(*(order.index(i) + 1 for i in range(len(sample))))
    assert inversions(column, places) == Interval.exact(0)


@given(column_and_sample())
def test_minmax_holds_every_sample(case):
    column, sample = case
    try:
        scaled = minmax(column)
    except ComputeError:  # the rounding lets all values be equal
        return
    low, high = min(sample), max(sample)
    for own, cell in zip(sample, scaled.values, strict=True):
        assert (own - low) / (high - low) in cell


@given(column_and_sample(), st.integers(-200, 200))
def test_counts_hold_every_sample(case, level):
    column, sample = case
    assert sum(x > level for x in sample) in total(above(column, level))
    assert sum(x < level for x in sample) in total(below(column, level))


def test_equal_printed_scores_leave_the_rank_open():
    assert ends(rank(printed("6.6", "6.0", "6.0", "4.9"))) == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_neighbouring_scores_may_touch_but_not_cross():
    # 13.2 may be 13.25 and 13.3 may be 13.25: equal, so either may be put first
    assert ends(rank(printed("13.3", "13.2"))) == [(1, 2), (1, 2)]
    assert ends(rank(printed("13.3", "13.1"))) == [(1, 1), (2, 2)]


def test_inversions_count_pairs_that_no_rounding_allows():
    scores = printed("6.6", "6.0", "6.0", "4.9")
    assert inversions(scores, exact(1, 2, 3, 4)) == Interval.exact(0)
    assert inversions(scores, exact(1, 3, 2, 4)) == Interval.exact(0)
    assert inversions(scores, exact(2, 1, 3, 4)) == Interval.exact(1)
    assert inversions(scores, exact(4, 3, 2, 1)) == Interval.exact(5)


def test_minmax_is_exact_at_the_ends():
    assert ends(minmax(exact(0, 1, 4))) == [(0, 0), (Fraction(1, 4), Fraction(1, 4)), (1, 1)]


def test_minmax_of_equal_values_is_an_error():
    with pytest.raises(ComputeError, match="各单位的值可能全部相同"):
        minmax(exact(3, 3))
    with pytest.raises(ComputeError, match="只有一个单位"):
        minmax(exact(3))


def test_marks_tell_what_is_open():
    assert ends(above(printed("2.0", "1.0", "0.9"), 1)) == [(1, 1), (0, 1), (0, 0)]
    assert ends(top(printed("3.0", "2.0", "2.0"), 2)) == [(1, 1), (0, 1), (0, 1)]


def test_population_deviation():
    assert sd(exact(1, 3)).meets(Interval.exact(1))
    assert sd(exact(1, 3)).radius < Fraction(1, 10**9)


def test_single_values():
    scores = printed("3.0", "2.0", "2.5")
    assert largest(scores, 2) == Interval.printed("2.5")
    assert at(scores, exact(0, 1, 0)).text == "2.0"
    with pytest.raises(ComputeError, match="须恰好标出该列的一个单位, 现标出 2 个"):
        at(scores, exact(1, 1, 0))
    with pytest.raises(ComputeError, match="没有第 4 大的值, 共 3 个"):
        largest(scores, 4)


def test_columns_of_different_units_do_not_mix():
    with pytest.raises(ComputeError, match="两列的单位不同: c"):
        exact(1, 2) + exact(1, 2, 3)
