"""Contributions add up to the score at every node; exactly share x score where nodes are arithmetic."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.index.building import AGGREGATIONS, computed, few, mean, system
from xinzhi.index import contributions as module
from xinzhi.index.aggregation import aggregate

NAN = math.nan
NAMES = ["-".join(map(str, rule.values())) for rule in AGGREGATIONS]
TREE = {
    "a": {"parent": "d", "weight": 3.0},
    "b": {"parent": "d", "weight": 1.0},
    "c": {"parent": "e", "weight": 2.0, "direction": "negative"},
    "f": {"parent": "e", "weight": 2.0},
    "g": {"weight": 2.0},
}
DIMENSIONS = {"d": {}, "e": {"parent": "d"}}
ROOT = {"id": "total", "title": {"zh": "总"}, "weight": 10}
figures = hnp.arrays(float, (1, 4, 5), elements=st.sampled_from([NAN, 0.0, 1.0, 2.0, 5.0, 6.5]))
lowest = {"method": "minmax", "lowest": 20.0}


def tree(rules, **changes):
    """A tree of three levels; `rules` are the aggregations of root, d and e."""
    root, *own = rules
    dimensions = {
        name: dimension | {"aggregation": rule}
        for (name, dimension), rule in zip(DIMENSIONS.items(), own, strict=True)
    }
    return system(TREE, dimensions, aggregation=root, root=ROOT, weighting={"method": "given"}, **changes)


@pytest.mark.parametrize(
    "normalisation", [{"method": "minmax"}, lowest, {"method": "zscore"}], ids=lambda r: str(r)
)
@few
@example(  # two children of d cancel out, and their coalition has no mean to divide by
    values=np.diag([5.0, 1, 0, 0, 0])[None, :4],
    rules=({"method": "arithmetic"}, {"method": "mpi"}, {"method": "topsis", "weight": "inside"}),
)
@given(values=figures, rules=st.tuples(*[st.sampled_from(AGGREGATIONS)] * 3))
def test_contributions_add_up_at_every_node_of_every_tree(normalisation, values, rules):
    result = computed(tree(rules, normalisation=normalisation), values)
    for node in result.nodes:
        parts = result.contributions(node)
        outside = [
            j
            for j, leaf in enumerate(result.methodology.tree.leaves)
            if leaf not in result.methodology.tree.leaves_under(node)
        ]
        assert np.allclose(parts.sum(axis=-1), result.scores[node], atol=1e-7, equal_nan=True)
        known = np.isfinite(result.scores[node])
        assert not parts[known][:, outside].any()
        assert not parts[np.isnan(result.figures.values) & known[..., None]].any()


@given(values=figures, zscore=st.booleans())
def test_in_an_arithmetic_tree_they_are_share_times_score(values, zscore):
    rules = [{"method": "arithmetic"}] * 3
    result = computed(tree(rules, normalisation={"method": "zscore" if zscore else "minmax"}), values)

    def share(leaf, unit):
        # From the leaf up: its weight among the siblings that have a score.
        node, product = leaf, 1.0
        while node != "total":
            parent = result.methodology.tree.parent[node]
            siblings = result.methodology.tree.children[parent]
            weights = dict(zip(siblings, result.weights.local[parent][0], strict=True))
            product *= weights[node] / sum(
                w for s, w in weights.items() if np.isfinite(result.scores[s][0, unit])
            )
            node = parent
        return product

    parts = result.contributions()[0]
    for unit in range(4):
        for j, leaf in enumerate(result.methodology.tree.leaves):
            score = result.scores[leaf][0, unit]
            if np.isfinite(result.scores["total"][0, unit]):
                expected = share(leaf, unit) * score if np.isfinite(score) else 0.0
                assert math.isclose(parts[unit, j], expected, abs_tol=1e-9)


def test_parts_that_cancel_out_are_still_shown():
    result = computed(system(["a", "b"], normalisation={"method": "zscore"}), [[[1.0, 2], [2.0, 1]]])
    assert result.scores["total"].tolist() == [[0, 0]]
    assert result.contributions().tolist() == [[[-0.5, 0.5], [0.5, -0.5]]]


@pytest.mark.parametrize("method", ["geometric", "harmonic", "power", "mpi"])
def test_elsewhere_they_are_shapley_values(method):
    # Shapley (1953): the mean over all orders of what a child adds when it joins.
    children, weights = [20.0, 50.0, 90.0], [0.5, 0.3, 0.2]

    def worth(members):
        if not members:
            return 0.0
        total = sum(weights[i] for i in members)
        return total * mean([children[i] for i in members], [weights[i] for i in members], method, 3.0)

    expected = [0.0] * 3
    for order in permutations(range(3)):
        for place, child in enumerate(order):
            expected[child] += (worth(order[: place + 1]) - worth(order[:place])) / 6
    rule = system(
        ["a"], aggregation={"method": method} | ({"exponent": 3.0} if method == "power" else {})
    ).aggregation
    found = module._shapley(np.array([[children]]), np.array(weights), rule, 100.0)
    assert np.allclose(found, [[expected]])


def test_with_a_power_of_one_the_shapley_values_are_share_times_score():
    rule = system(["a"], aggregation={"method": "power", "exponent": 1.0}).aggregation
    found = module._shapley(np.array([[[20.0, 50.0, NAN]]]), np.array([0.5, 0.3, 0.2]), rule, 100.0)
    assert np.allclose(found, [[[12.5, 18.75, 0]]])


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
def test_sampled_orders_add_up_too_and_come_near_the_exact_values(rule, monkeypatch):
    children = np.random.default_rng(4).uniform(20, 100, size=(1, 6, 5))
    weights, record = np.full(5, 0.2), system(["a"], aggregation=rule).aggregation
    exact = module._shapley(children, weights, record, 100.0)
    monkeypatch.setattr(module, "EXACT_CHILDREN", 2)
    sampled = module._shapley(children, weights, record, 100.0)
    score = aggregate(children[None], weights[None], record, 100.0)[0]
    assert np.allclose(sampled.sum(axis=-1), score)
    assert np.abs(sampled - exact).max() < 2


def test_below_a_child_of_zero_they_go_by_the_weights_of_what_is_observed():
    methodology = system(
        {"a": {"parent": "d"}, "b": {"parent": "d"}, "h": {"parent": "d"}, "c": {}},
        {"d": {"aggregation": {"method": "arithmetic"}}},
        aggregation={"method": "topsis"},
    )
    result = computed(methodology, [[[0.0, 0, NAN, 9], [4.0, 4, 4, 5], [9.0, 9, 5, 0]]])
    assert result.scores["d"][0, 0] == 0
    parts = result.contributions()[0, 0]
    assert math.isclose(parts[0], parts[1], abs_tol=1e-12)
    assert parts[2] == 0
    assert math.isclose(parts.sum(), result.scores["total"][0, 0])


def test_the_parts_of_a_change_are_differences_of_contributions():
    values = [[[1.0, 9], [2.0, 3], [4.0, 4]], [[2.0, 2], [2.0, 3], [9.0, 4]]]
    result = computed(system(["a", "b"], years=[2021, 2022]), values, codes=["x", "y", "z"])
    # z: indicator a stays at 100 of 100, b goes from 100/6 to 100; each weighs a half.
    change = result.change("z", 2021, 2022)
    assert np.allclose([change["a"], change["b"]], [0, 50 - 100 / 12])
    assert math.isclose(sum(change.values()), result.score("z", year=2022) - result.score("z", year=2021))
    assert result.change("z", 2021, 2022, node="a") == {"a": 0, "b": 0}
