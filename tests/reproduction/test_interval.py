"""Interval arithmetic against brute force: what operands can give lies in the result."""

from __future__ import annotations

import math
from fractions import Fraction
from operator import add, mul, sub

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.errors import ComputeError
from xinzhi.language import speaking
from xinzhi.reproduction import Interval

numbers = st.decimals(-1000, 1000, places=3).map(Fraction)
positive = st.decimals("0.001", 1000, places=3).map(Fraction)
shares = st.fractions(0, 1, max_denominator=50)


@st.composite
def interval_and_member(draw, ends=numbers):
    low, high = sorted((draw(ends), draw(ends)))
    return Interval(low, high), low + draw(shares) * (high - low)


@given(interval_and_member(), interval_and_member(), st.sampled_from([add, sub, mul]))
def test_sum_difference_product_hold_every_sample(a, b, operation):
    assert operation(a[1], b[1]) in operation(a[0], b[0])


@given(interval_and_member(), interval_and_member(positive))
def test_quotient_holds_every_sample(a, b):
    assert a[1] / b[1] in a[0] / b[0]
    assert a[1] / -b[1] in a[0] / -b[0]


@given(interval_and_member(), st.integers(0, 5))
def test_whole_power_holds_every_sample(a, exponent):
    assert a[1] ** exponent in a[0] ** exponent


@given(interval_and_member(positive), st.integers(1, 4))
def test_negative_power_holds_every_sample(a, exponent):
    assert a[1] ** -exponent in a[0] ** -exponent


@given(interval_and_member(positive), interval_and_member(st.decimals(-3, 3, places=2).map(Fraction)))
def test_real_power_holds_every_sample(a, b):
    assert math.pow(a[1], b[1]) in a[0] ** b[0]


@given(interval_and_member(), numbers)
def test_plain_numbers_stand_on_either_side(a, number):
    interval, member = a
    assert number + member in number + interval
    assert number - member in number - interval
    assert number * member in number * interval


@given(interval_and_member(), interval_and_member())
def test_four_operations_are_no_wider_than_their_corners(a, b):
    (x, _), (y, _) = a, b
    corners = [p * q for p in (x.lo, x.hi) for q in (y.lo, y.hi)]
    assert (x * y).lo == min(corners)
    assert (x * y).hi == max(corners)


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("24.9", "24.85", "24.95"),
        ("5.0", "4.95", "5.05"),
        ("5", "4.5", "5.5"),
        ("06", "5.5", "6.5"),
        ("17 528", "17527.5", "17528.5"),
        ("17\u2009528", "17527.5", "17528.5"),
        ("-0.03", "-0.035", "-0.025"),
        ("−0.03", "-0.035", "-0.025"),
    ],
)
def test_printed_figure_stands_for_its_rounding(text, lo, hi):
    assert Interval.printed(text) == Interval(Fraction(lo), Fraction(hi))
    assert Interval.printed(text).text == text


def test_exact_figure_stands_for_itself():
    assert Interval.exact("3 883") == Interval.exact(3883) == Interval(3883, 3883)
    assert Interval.exact(0.1).lo == Fraction(1, 10)


@pytest.mark.parametrize("text", ["", "abc", "1.", "1e5", "1,000", "5 %", "nan"])
def test_other_texts_are_no_figures(text):
    with pytest.raises(ComputeError, match="不是数"):
        Interval.printed(text)


def test_divisor_that_may_be_zero_is_an_error():
    with pytest.raises(ComputeError, match="除数可能为零"):
        Interval.exact(1) / Interval(-1, 1)
    with speaking("en"), pytest.raises(ComputeError, match=r"The divisor may be zero: -1\.0 – 1\.0"):
        1 / Interval(-1, 1)


def test_root_of_what_may_be_negative_is_an_error():
    with pytest.raises(ComputeError, match="负数或零没有这样的幂"):
        Interval(-1, 1) ** 0.5


def test_ends_in_the_wrong_order_are_an_error():
    with pytest.raises(ComputeError, match="区间的下端大于上端"):
        Interval(2, 1)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(Fraction(100), Fraction(100)), "100"),
        (Interval(Fraction(204, 316) * 100, Fraction(204, 316) * 100), "64.557"),
        (Interval(Fraction("8.6861"), Fraction("8.9099")), "8.68 – 8.91"),
        (Interval(5440, 5471), "5,440 – 5,471"),
    ],
)
def test_text_is_rounded_outward(interval, text):
    assert str(interval) == text
