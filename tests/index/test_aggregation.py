"""Aggregation against plain loops (building.py), against pymcdm and scikit-criteria, and its defined answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import skcriteria
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymcdm.methods import TOPSIS, WPM, WSM
from pymcdm.normalizations import minmax_normalization
from skcriteria.agg.simple import WeightedProductModel, WeightedSumModel

from tests.index.building import AGGREGATIONS, closeness, computed, few, mean, system
from xinzhi.index.aggregation import aggregate
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import (
    Aggregation,
    Arithmetic,
    Geometric,
    Harmonic,
    MazziottaPareto,
    Power,
    Topsis,
)

NAN = math.nan
RULES: list[Aggregation] = [system(["a"], aggregation=rule).aggregation for rule in AGGREGATIONS]
NAMES = ["-".join(map(str, rule.values())) for rule in AGGREGATIONS]
WEIGHTS = [0.5, 0.3, 0.2]
MATRIX = np.random.default_rng(7).uniform(1, 100, size=(8, 3))

matrices = hnp.arrays(float, (4, 3), elements=st.sampled_from([NAN, *map(float, range(1, 101, 3))]))


def nodes(rule, rows, weights=WEIGHTS, missing="reweight", scale=100.0):
    """Aggregate units x children into one score a unit."""
    children = np.array(rows, dtype=float)[None, None]
    return aggregate(children, np.array([weights]), rule, scale, missing)[0, 0]


def same(found, expected):
    return np.allclose(found, expected, rtol=1e-10, atol=1e-10, equal_nan=True)


def loops(rule, rows):
    """The same by plain loops."""
    if isinstance(rule, Topsis):
        close = closeness(rows, WEIGHTS, rule.weight == "inside")
        return [NAN if all(map(math.isnan, row)) else 100 * c for row, c in zip(rows, close, strict=True)]
    if isinstance(rule, MazziottaPareto):
        means = [mean(row, WEIGHTS, "arithmetic") for row in rows]
        downs = [mean(row, WEIGHTS, "mpi") for row in rows]
        return downs if rule.penalty == "down" else [2 * m - d for m, d in zip(means, downs, strict=True)]
    return [mean(row, WEIGHTS, rule.method, getattr(rule, "exponent", 1.0)) for row in rows]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@few
@given(rows=matrices)
def test_every_aggregation_is_its_formula_also_with_missing_children(rule, rows):
    assert same(nodes(rule, rows), loops(rule, rows.tolist()))


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@few
@given(rows=matrices)
def test_propagating_gives_no_score_where_a_child_is_missing(rule, rows):
    expected = np.where(np.isnan(rows).any(axis=1), NAN, loops(rule, rows.tolist()))
    assert same(nodes(rule, rows, missing="propagate"), expected)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@few
@given(rows=matrices, order=st.permutations(range(3)))
def test_the_order_of_children_does_not_matter(rule, rows, order):
    assert same(nodes(rule, rows[:, order], [WEIGHTS[i] for i in order]), nodes(rule, rows))


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@few
@given(rows=matrices, order=st.permutations(range(4)))
def test_the_order_of_units_does_not_matter(rule, rows, order):
    assert same(nodes(rule, rows[order]), nodes(rule, rows)[order])


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
@few
@given(rows=matrices)
def test_a_batch_is_its_single_runs(rule, rows):
    rng = np.random.default_rng(3)
    weights = rng.dirichlet(np.ones(3), 5)
    shared = aggregate(rows[None, None], weights, rule, 100.0)
    own = aggregate(np.repeat(rows[None, None], 5, axis=0), weights, rule, 100.0)
    single = np.stack([nodes(rule, rows, w) for w in weights])[:, None]
    assert same(shared, single)
    assert same(own, single)


@given(rows=matrices)
def test_power_means_run_from_harmonic_to_arithmetic(rows):
    power = [nodes(Power(method="power", exponent=p), rows) for p in (-1.0, 1.0)]
    assert same(power[0], nodes(Harmonic(method="harmonic"), rows))
    assert same(power[1], nodes(Arithmetic(method="arithmetic"), rows))


# --- peers -----------------------------------------------------------------------------------------------


def test_weighted_sum_is_that_of_scikit_criteria():
    found = nodes(Arithmetic(method="arithmetic"), MATRIX)
    problem = skcriteria.mkdm(MATRIX, [max] * 3, weights=WEIGHTS)
    assert same(found, WeightedSumModel().evaluate(problem).e_.score)


def test_weighted_sum_of_minmax_is_that_of_pymcdm():
    scaled = np.apply_along_axis(minmax_normalization, 0, MATRIX)
    peer = WSM(minmax_normalization)(MATRIX, np.array(WEIGHTS), np.ones(3))
    assert same(nodes(Arithmetic(method="arithmetic"), scaled), peer)


def test_geometric_mean_is_the_weighted_product_of_the_peers():
    found = nodes(Geometric(method="geometric"), MATRIX)
    problem = skcriteria.mkdm(MATRIX, [max] * 3, weights=WEIGHTS)
    # scikit-criteria gives the decimal logarithm of the product.
    assert same(found, 10 ** WeightedProductModel().evaluate(problem).e_.score)
    largest = MATRIX.max(axis=0)
    peer = WPM(lambda x, cost=False: x / x.max())(MATRIX, np.array(WEIGHTS), np.ones(3))
    assert same(found, peer * np.prod(largest ** np.array(WEIGHTS)))


def test_topsis_with_the_weight_inside_the_square_is_the_classical_one():
    scaled = np.apply_along_axis(minmax_normalization, 0, MATRIX)
    peer = TOPSIS(minmax_normalization)(MATRIX, np.array(WEIGHTS), np.ones(3))
    assert same(nodes(Topsis(method="topsis"), scaled, scale=1.0), peer)


def test_the_place_of_the_weight_changes_ranks():
    rows = [[0, 0, 0], [100, 100, 100], [75, 0, 0], [0, 80, 80]]
    inside = nodes(Topsis(method="topsis", weight="inside"), rows)
    outside = nodes(Topsis(method="topsis", weight="outside"), rows)
    assert [inside[2] > inside[3], outside[2] > outside[3]] == [True, False]


# --- defined answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [Geometric(method="geometric"), Harmonic(method="harmonic"), Power(method="power", exponent=-0.5)],
    ids=lambda rule: rule.method,
)
class TestMeansThatNeedPositiveChildren:
    def test_zero_makes_the_score_zero(self, rule):
        assert nodes(rule, [[0, 50, 60], [0, 0, 0]]).tolist() == [0, 0]

    def test_zero_of_weight_zero_does_not_count(self, rule):
        assert same(nodes(rule, [[0, 50, 50]], [0, 0.5, 0.5]), [50])

    def test_zero_beside_a_missing_child_is_still_zero(self, rule):
        assert nodes(rule, [[0, NAN, 60]]).tolist() == [0]

    def test_a_negative_child_gives_no_score(self, rule):
        assert np.isnan(nodes(rule, [[-1, 50, 60], [-1, 0, 60], [-1, NAN, 0]])).all()

    def test_a_negative_child_of_weight_zero_does_not_count(self, rule):
        assert same(nodes(rule, [[-1, 50, 50]], [0, 0.5, 0.5]), [50])


def test_a_positive_power_takes_zero_as_it_is_and_refuses_negatives():
    rule = Power(method="power", exponent=2.0)
    assert same(nodes(rule, [[0, 50, 60], [-1, 50, 60]]), [math.sqrt(0.3 * 2500 + 0.2 * 3600), NAN])


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_nothing_observed_or_only_weight_zero_gives_no_score(rule):
    assert np.isnan(nodes(rule, [[NAN, NAN, NAN]])).all()
    assert np.isnan(nodes(rule, [[5, NAN, NAN], [7, NAN, NAN]], [0, 0.5, 0.5])).all()


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_equal_children_give_their_common_value_and_topsis_the_middle(rule):
    expected = [50] if isinstance(rule, Topsis) else [20]
    assert same(nodes(rule, [[20, 20, 20]]), expected)


@pytest.mark.parametrize(("row", "expected"), [([-1, 1], NAN), ([0, 0], 0), ([-3, -1], NAN), ([-2, -2], -2)])
def test_mpi_needs_a_positive_mean_unless_there_is_no_spread(row, expected):
    assert same(nodes(MazziottaPareto(method="mpi"), [row], [0.5, 0.5]), [expected])


def test_mpi_of_a_single_negative_child_survives_the_rounding_of_its_mean():
    rule, weights = MazziottaPareto(method="mpi"), [0.1, 0.2, 0.7]
    # 0.1 * z / 0.1 is not exactly z for all of these.
    rows = np.array([[-z, NAN, NAN] for z in (0.3, 1.1, 17.3, 41.7)])
    assert same(nodes(rule, rows, weights), rows[:, 0])
    assert same(nodes(rule, [[-0.3] * 3, [-1.1] * 3], weights), [-0.3, -1.1])


def test_mpi_is_mean_minus_spread_times_coefficient_of_variation():
    # Mazziotta & Pareto (2016): M - S * cv with M = 100, S = 10, cv = 0.1.
    assert same(nodes(MazziottaPareto(method="mpi"), [[90, 110]], [0.5, 0.5]), [99])
    assert same(nodes(MazziottaPareto(method="mpi", penalty="up"), [[90, 110]], [0.5, 0.5]), [101])


def test_a_node_may_have_an_aggregation_of_its_own():
    methodology: Methodology = system(
        {"a": {"parent": "d"}, "b": {"parent": "d"}, "c": {}}, {"d": {"aggregation": {"method": "geometric"}}}
    )
    values = [[[0.0, 0, 0], [4.0, 9, 2], [16.0, 36, 8]]]
    result = computed(methodology, values)
    a, b, c = 25.0, 25.0, 25.0
    assert same(result.scores["d"][0], [0, math.sqrt(a * b), 100])
    assert same(result.scores["total"][0], [0, (math.sqrt(a * b) + c) / 2, 100])


def test_mpi_of_children_that_cancel_out_has_no_score():
    # 0.75 x -0.577 + 0.25 x 1.732 is 0 but for the last bit, by which the variance must not be divided.
    third = 1 / math.sqrt(3)
    children = np.array([[[[-third, 3 * third], [third, 3 * third]]]])
    scores = aggregate(children, np.array([[0.75, 0.25]]), MazziottaPareto(method="mpi"), 100.0)
    assert np.isnan(scores[0, 0, 0])
    assert np.isfinite(scores[0, 0, 1])
