"""Normalisation against plain formulas (methods.md, 1-3), against pymcdm and scikit-criteria, and its corners."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
import skcriteria
from hypothesis import assume, given
from hypothesis import strategies as st
from pymcdm.normalizations import minmax_normalization
from scipy.stats import percentileofscore, zscore
from skcriteria.preprocessing.scalers import StandarScaler

from tests.index.building import few, minmax
from xinzhi.index.normalisation import bounds, normalise
from xinzhi.methodology.methods import (
    Ampi,
    AsIs,
    Base,
    Goalposts,
    MinMax,
    Percentile,
    RankScore,
    Reference,
    ZScore,
)

NAN = math.nan
PANEL = np.array([[3.0, 1.0, 2.0, 2.0], [7.0, 5.0, NAN, 9.0]])  # two years, four units
figures = st.lists(st.integers(-500, 500).map(lambda k: k / 4), min_size=2, max_size=12)

SYMMETRIC = [
    MinMax(method="minmax"),
    MinMax(method="minmax", scope="panel"),
    Goalposts(method="goalposts", lower=-10.0, upper=40.0),
    Goalposts(method="goalposts", lower=-10.0, upper=40.0, cap=False),
    ZScore(method="zscore", mean=50.0, sd=10.0),
    RankScore(method="rank"),
    RankScore(method="rank", scope="panel"),
    Ampi(method="ampi", year=2021),
]


def scores(rule, values, negative=False, scale=100.0, years=(2021, 2022)):
    """Normalise one indicator given as years x units."""
    values = np.array(values, dtype=float)
    return normalise(values[None, ..., None], rule, [negative], years[: len(values)], scale)[0, ..., 0]


def same(found, expected):
    return np.allclose(found, expected, rtol=1e-12, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("negative", [False, True])
def test_minmax_within_the_year_is_the_formula(negative):
    expected = [minmax(row, negative=negative) for row in PANEL.tolist()]
    assert same(scores(MinMax(method="minmax"), PANEL, negative), expected)


def test_minmax_over_the_panel_is_another_index():
    pooled = minmax(PANEL.reshape(-1).tolist())
    assert same(scores(MinMax(method="minmax", scope="panel"), PANEL).reshape(-1), pooled)


def test_minmax_may_start_above_zero():
    assert same(scores(MinMax(method="minmax", lowest=40.0), [[0.0, 1.0, 2.0]]), [[40, 70, 100]])


def test_minmax_of_logarithms():
    assert same(scores(MinMax(method="minmax", log=True), [[1.0, 10.0, 100.0]]), [[0, 50, 100]])


@given(figures)
def test_minmax_is_that_of_pymcdm(column):
    assume(len(set(column)) > 1)
    expected = [minmax_normalization(np.array(column), cost=cost) for cost in (False, True)]
    found = [scores(MinMax(method="minmax"), [column], negative, scale=1.0)[0] for negative in (False, True)]
    assert same(found, expected)


@given(figures)
def test_zscore_is_that_of_scipy_and_scikit_criteria(column):
    assume(len(set(column)) > 1)
    found = scores(ZScore(method="zscore"), [column])[0]
    assert np.allclose(found, zscore(column), atol=1e-9)
    problem = skcriteria.mkdm([[x] for x in column], [max])
    peer = StandarScaler(target="matrix").transform(problem).matrix.to_numpy()[:, 0]
    assert np.allclose(found, peer, atol=1e-9)


def test_zscore_has_the_stated_mean_and_deviation():
    found = scores(ZScore(method="zscore", mean=100.0, sd=10.0, scope="panel"), PANEL)
    known = found[np.isfinite(found)].tolist()
    assert same([statistics.fmean(known), statistics.pstdev(known)], [100, 10])


@pytest.mark.parametrize(("cap", "expected"), [(True, [0, 50, 100]), (False, [-50, 50, 150])])
def test_goalposts_cap_unless_told_otherwise(cap, expected):
    rule = Goalposts(method="goalposts", lower=10.0, upper=20.0, cap=cap)
    assert same(scores(rule, [[5.0, 15.0, 25.0]]), [expected])


def test_goalposts_of_logarithms_as_in_the_human_development_index():
    # UNDP: ln(x) - ln(100) over ln(75000) - ln(100).
    rule = Goalposts(method="goalposts", lower=100.0, upper=75000.0, log=True)
    expected = (math.log(20000) - math.log(100)) / (math.log(75000) - math.log(100))
    assert same(scores(rule, [[20000.0]], scale=1.0), [[expected]])


def test_base_year_is_the_scale():
    assert same(scores(Base(method="base", year=2021), PANEL), [[100] * 4, [700 / 3, 500, NAN, 450]])


def test_base_of_a_negative_indicator_turns_the_ratio_over():
    assert same(scores(Base(method="base", year=2021), [[4.0], [2.0]], negative=True), [[100], [200]])


@pytest.mark.parametrize("base", [0.0, -4.0, NAN])
def test_a_base_of_zero_or_below_or_missing_says_nothing(base):
    found = scores(Base(method="base", year=2021), [[base, 4.0], [2.0, 2.0]])
    assert same(found, [[NAN, 100], [NAN, 50]])


@pytest.mark.parametrize("figure", [0.0, -2.0])
def test_the_turned_ratio_needs_positive_figures(figure):
    found = scores(Base(method="base", year=2021), [[4.0], [figure]], negative=True)
    assert same(found, [[100], [NAN]])


def test_first_positive_base_counts_earlier_years_as_one():
    values = [[0.0, NAN, 0.0], [0.0, 2.0, 0.0], [5.0, 3.0, -1.0], [10.0, 0.0, 0.0]]
    found = scores(Base(method="base", year="first-positive"), values, years=(2019, 2020, 2021, 2022))
    assert same(found, [[100, NAN, NAN], [100, 100, NAN], [100, 150, NAN], [200, 0, NAN]])


@given(figures)
def test_rank_is_the_share_of_the_others_behind(column):
    found = scores(RankScore(method="rank"), [column])[0]
    expected = []
    for x in column:
        behind = sum(1.0 if y < x else 0.5 if y == x else 0.0 for y in column) - 0.5
        expected.append(100 * behind / (len(column) - 1))
    assert same(found, expected)


@given(figures)
def test_percentile_is_that_of_scipy(column):
    found = scores(Percentile(method="percentile"), [column])[0]
    assert same(found, [percentileofscore(column, x, kind="weak") for x in column])


@pytest.mark.parametrize(("to", "reference"), [("best", 8.0), ("mean", 14 / 3), ("median", 4.0), (5.0, 5.0)])
def test_reference_is_a_ratio(to, reference):
    found = scores(Reference(method="reference", to=to), [[2.0, 8.0, 4.0, NAN]])
    assert same(found, [[100 * x / reference for x in (2.0, 8.0, 4.0, NAN)]])


@pytest.mark.parametrize(("scope", "expected"), [("year", [[2.0], [5.0]]), ("panel", [[3.0], [3.0]])])
def test_the_median_of_an_even_number_is_between_the_two(scope, expected):
    values = np.array([[1.0, 3.0, NAN, 2.0], [4.0, 6.0, NAN, NAN]])
    values = values if scope == "year" else np.array([[1.0, 2.0, NAN, NAN], [4.0, 6.0, NAN, NAN]])
    found = scores(Reference(method="reference", to="median", scope=scope), values, scale=1.0)
    assert same(values / found, np.where(np.isnan(values), NAN, np.array(expected)))


def test_reference_of_a_negative_indicator_is_the_smallest():
    assert same(scores(Reference(method="reference"), [[2.0, 8.0]], negative=True), [[100, 25]])


def test_ampi_puts_the_mean_of_the_reference_year_at_100_and_the_range_at_60():
    # Mazziotta & Pareto (2016): goalposts ref -+ (sup - inf) / 2, from 70 to 130.
    reference, half = (3 + 1 + 2 + 2) / 4, (9 - 1) / 2
    low, high = reference - half, reference + half
    assert same(scores(Ampi(method="ampi", year=2021), PANEL), (PANEL - low) / (high - low) * 60 + 70)


def test_as_is_changes_the_sign_of_what_is_better_when_less():
    assert same(scores(AsIs(method="none"), [[1.0, NAN]], negative=True), [[-1, NAN]])


@pytest.mark.parametrize("rule", SYMMETRIC, ids=lambda rule: f"{rule.method}-{getattr(rule, 'scope', '')}")
@few
@given(values=st.lists(st.tuples(*[st.integers(-90, 90).map(float)] * 3), min_size=2, max_size=2))
def test_a_change_of_direction_mirrors(rule, values):
    middle = 100.0 if rule.method == "ampi" else 50.0
    up, down = scores(rule, values), scores(rule, values, negative=True)
    assert np.allclose(up + down, 2 * middle, atol=1e-9)


@pytest.mark.parametrize(
    "rule",
    [
        MinMax(method="minmax"),
        RankScore(method="rank"),
        Percentile(method="percentile"),
        ZScore(method="zscore"),
        Base(method="base", year=2021),
        Reference(method="reference"),
        Ampi(method="ampi", year=2021),
    ],
    ids=lambda rule: rule.method,
)
@few
@given(
    values=st.lists(st.tuples(*[st.integers(1, 90).map(float)] * 3), min_size=2, max_size=2),
    k=st.integers(1, 9),
)
def test_a_positive_factor_on_the_raw_column_changes_nothing(rule, values, k):
    assert np.allclose(scores(rule, np.array(values) * k / 1e3), scores(rule, values), atol=1e-9)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize(
    ("rule", "middle"),
    [
        (MinMax(method="minmax"), 50),
        (MinMax(method="minmax", lowest=40.0), 70),
        (RankScore(method="rank"), 50),
        (ZScore(method="zscore", mean=7.0), 7),
        (Ampi(method="ampi", year=2021), 100),
        (Percentile(method="percentile"), 100),
    ],
    ids=lambda value: getattr(value, "method", value),
)
def test_a_constant_indicator_puts_everybody_in_the_middle(rule, middle, units, negative):
    assert scores(rule, [[0.1] * units], negative).tolist() == [[middle] * units]


@pytest.mark.parametrize(
    "rule",
    [
        *SYMMETRIC,
        Percentile(method="percentile"),
        Reference(method="reference", to="median"),
        Reference(method="reference", to="mean"),
        Base(method="base", year=2021),
        AsIs(method="none"),
    ],
    ids=lambda rule: rule.method,
)
def test_what_is_missing_throughout_stays_missing(rule):
    assert np.isnan(scores(rule, [[NAN, NAN], [NAN, NAN]])).all()


def test_bounds_of_one_year_do_not_see_the_other():
    low, high = bounds(PANEL[None, ..., None], "year")
    assert [low[0, :, 0, 0].tolist(), high[0, :, 0, 0].tolist()] == [[1, 5], [3, 9]]
    low, high = bounds(PANEL[None, ..., None], "panel")
    assert [low.item(), high.item()] == [1, 9]


@given(figures, st.data())
def test_a_unit_within_the_bounds_leaves_the_others_alone(column, data):
    new = data.draw(st.floats(min(column), max(column)))
    before = scores(MinMax(method="minmax"), [column])[0]
    assert np.array_equal(scores(MinMax(method="minmax"), [[*column, new]])[0, :-1], before)
