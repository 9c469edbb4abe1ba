"""Treatment: skewness and kurtosis and Box-Cox against scipy, winsorising against COINr's rule in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from xinzhi import speaking
from xinzhi.index.treatment import box_cox, skewness_and_kurtosis, treat, winsorise
from xinzhi.methodology.methods import BoxCox, Log, ReplaceZero, Root, Untreated, Winsorise

NAN = math.nan
columns = st.lists(st.integers(-50, 50).map(float), min_size=4, max_size=25)


def treated(values, *rules):
    found, changes = treat(np.array([[values]], dtype=float), rules, "a")
    return found[0, 0].tolist(), [change.text for change in changes]


@given(columns)
def test_skewness_and_kurtosis_are_those_of_scipy(column):
    assume(len(set(column)) > 1)
    skew, kurt = skewness_and_kurtosis(np.array([[*column, NAN]]))
    assert np.allclose(skew, stats.skew(column, bias=False))
    assert np.allclose(kurt, stats.kurtosis(column, bias=False))


@pytest.mark.parametrize("row", [[1.0, 2, 9, NAN], [0.1] * 7, [NAN] * 4])
def test_few_or_equal_figures_have_no_skewness(row):
    skew, kurt = skewness_and_kurtosis(np.array([row]))
    assert np.isnan([skew, kurt]).all()


def test_huge_figures_have_a_skewness():
    row = np.array([[1.0, 2, 3, 50]])
    assert np.allclose(skewness_and_kurtosis(row * 1e90), skewness_and_kurtosis(row))


def by_the_rule(column, maximum=5):
    """COINr: while |skewness| > 2 and kurtosis > 3.5, the furthest values take the next one."""
    column = list(column)
    order = sorted(range(len(column)), key=lambda i: column[i])
    for step in range(1, maximum + 1):
        skew = stats.skew(column, bias=False)
        if not (abs(skew) > 2 and stats.kurtosis(column, bias=False) > 3.5):
            break
        pulled, to = (order[-step:], order[-step - 1]) if skew > 0 else (order[:step], order[step])
        for i in pulled:
            column[i] = column[to]
    return column


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("outliers", [[90], [90, 200], [90, 200, 4000], [10] * 3])
def test_winsorising_pulls_in_the_furthest_until_the_shape_is_ordinary(outliers, sign):
    column = [sign * x for x in [*range(20), *outliers]]
    found, texts = treated([*column, NAN], Winsorise(method="winsorise"))
    expected = by_the_rule(column)
    changed = sum(a != b for a, b in zip(expected, column, strict=True))
    assert found[:-1] == expected
    assert math.isnan(found[-1])
    assert texts == ([f"缩尾处理 {changed} 个极端值"] if changed else [])


def test_winsorising_stops_at_the_maximum():
    column = [*range(40), 1e3, 1e4, 1e5]
    rule = Winsorise(method="winsorise", maximum=1)
    assert winsorise(np.array([[column]], dtype=float), rule)[0, 0].tolist() == [*range(40), 1e3, 1e4, 1e4]


def test_winsorising_each_replicate_by_itself():
    rng = np.random.default_rng(0)
    batch = rng.lognormal(0, 2, size=(3, 2, 15))
    alone = np.concatenate([winsorise(one[None], Winsorise(method="winsorise")) for one in batch])
    assert np.array_equal(winsorise(batch, Winsorise(method="winsorise")), alone)


@given(st.lists(st.integers(1, 400).map(float), min_size=5, max_size=30))
def test_box_cox_is_that_of_scipy(column):
    assume(len(set(column)) > 3)
    found, power = box_cox(np.array([[column]]), BoxCox(method="box-cox"))
    expected, expected_power = stats.boxcox(column)
    assume(abs(expected_power) < 20)
    assert np.allclose(power, expected_power, atol=1e-6)
    assert np.allclose(found[0, 0], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("power", "expected"), [(0.0, [math.log(4), NAN, NAN]), (0.5, [2.0, NAN, NAN]), (2.0, [7.5, NAN, NAN])]
)
def test_box_cox_of_a_given_power(power, expected):
    found, texts = treated([4.0, 0.0, NAN], BoxCox(method="box-cox", power=power))
    assert np.allclose(found, expected, equal_nan=True)
    assert texts == [f"Box-Cox 变换, 幂 {power:g}; 1 个值无定义, 视为缺失"]


def test_box_cox_of_equal_figures_has_the_power_one():
    assert box_cox(np.array([[[3.0, 3.0]]]), BoxCox(method="box-cox"))[0].tolist() == [[[2, 2]]]


def test_logarithm_and_root_lose_what_they_do_not_define():
    found, texts = treated([math.e, 0.0, -1.0], Log(method="log"))
    assert np.allclose(found, [1, NAN, NAN], equal_nan=True)
    assert texts == ["取自然对数; 2 个值无定义, 视为缺失"]
    found, texts = treated([8.0, 0.0, -1.0], Root(method="root", order=3.0))
    assert np.allclose(found, [2, 0, NAN], equal_nan=True)
    assert texts == ["开 3 次方; 1 个值无定义, 视为缺失"]


def test_logarithm_after_a_shift():
    found, texts = treated([0.0, NAN], Log(method="log", shift=1.5))
    assert np.allclose(found, [math.log(1.5), NAN], equal_nan=True)
    assert texts == ["取自然对数, 先加 1.5"]


def test_treatments_go_in_their_order_and_those_without_effect_are_not_listed():
    steps = (ReplaceZero(method="replace-zero"), Untreated(method="none"), Root(method="root"))
    assert treated([0.0, 16.0], *steps) == ([1, 4], ["1 个零值以 1 代替", "开 2 次方"])
    assert treated([1.0, 16.0], *steps) == ([1, 4], ["开 2 次方"])


def test_the_report_speaks_the_language_of_its_reader():
    _values, changes = treat(
        np.array([[[0.0, 16.0, -1.0]]]), [ReplaceZero(method="replace-zero"), Root(method="root")]
    )
    assert [change.text for change in changes] == ["1 个零值以 1 代替", "开 2 次方; 1 个值无定义, 视为缺失"]
    with speaking("en"):
        assert [change.text for change in changes] == [
            "1 zeros replaced by 1",
            "root of order 2; 1 figures undefined, taken as missing",
        ]
