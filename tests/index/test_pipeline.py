"""The pipeline as a whole: batches, orders, adding a unit, and memory for ten thousand weight vectors."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.index.building import AGGREGATIONS, computed, few, mean, minmax, system
from xinzhi.index import pipeline
from xinzhi.index.pipeline import replicate, run
from xinzhi.index.ranking import rank

NAN = math.nan
YEARS = (2021, 2022)
NAMES = ["-".join(map(str, rule.values())) for rule in AGGREGATIONS]
INDICATORS = {
    "a": {"parent": "d"},
    "b": {"parent": "d", "direction": "negative"},
    "c": {"normalisation": {"method": "rank"}},
    "e": {},
}
panels = hnp.arrays(float, (2, 5, 4), elements=st.sampled_from([NAN, 0.0, 1.0, 2.5, 7.0, 30.0]))


def nested(rule, **changes):
    return system(INDICATORS, {"d": {}}, aggregation=rule, years=list(YEARS), **changes)


@given(values=panels)
def test_an_index_is_its_formulas_one_number_at_a_time(values):
    methodology = system({"a": {}, "b": {"direction": "negative"}, "c": {}, "e": {}}, years=list(YEARS))
    batch = run(methodology, values[None], YEARS)
    for t in range(2):
        columns = [minmax(values[t, :, j].tolist(), negative=j == 1) for j in range(4)]
        expected = [mean(row, [0.25] * 4, "arithmetic") for row in zip(*columns, strict=True)]
        assert np.allclose(batch.scores["total"][0, t], expected, equal_nan=True)


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
@few
@given(values=panels, units=st.permutations(range(5)), indicators=st.permutations(list(INDICATORS)))
def test_the_order_of_units_and_indicators_does_not_matter(rule, values, units, indicators):
    before = run(nested(rule), values[None], YEARS)
    shuffled = system(
        {name: INDICATORS[name] for name in indicators}, {"d": {}}, aggregation=rule, years=list(YEARS)
    )
    old, new = nested(rule).tree.leaves, shuffled.tree.leaves
    columns = [old.index(leaf) for leaf in new]
    after = run(shuffled, values[None][:, :, units][..., columns], YEARS)
    for node, scores in before.scores.items():
        assert np.allclose(after.scores[node], scores[:, :, units], atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
@few
@given(values=panels)
def test_many_weight_vectors_are_as_many_single_runs(rule, values):
    weights = np.random.default_rng(1).dirichlet(np.ones(4), 6)
    weights[0, 1] = 0
    methodology = nested(rule, missing={"at_least": 0.4})
    batch = run(methodology, values[None], YEARS, weights=weights)
    singles = [run(methodology, values[None], YEARS, weights=row[None]) for row in weights]
    chunks = list(replicate(methodology, values, YEARS, weights))
    for node, scores in batch.scores.items():
        expected = np.concatenate([np.broadcast_to(one.scores[node], (1, 2, 5)) for one in singles])
        assert np.allclose(np.broadcast_to(scores, expected.shape), expected, atol=1e-9, equal_nan=True)
    assert np.allclose(np.concatenate([s for s, _r in chunks]), batch.scores["total"], equal_nan=True)
    assert np.array_equal(
        np.concatenate([r for _s, r in chunks]), rank(batch.scores["total"]), equal_nan=True
    )


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
@few
@given(values=panels)
def test_many_panels_are_as_many_single_runs(rule, values):
    other = np.where(values == 7, 3.0, values)[:, ::-1]
    methodology = nested(rule)
    batch = run(methodology, np.stack([values, other]), YEARS)
    for r, one in enumerate((values, other)):
        single = run(methodology, one[None], YEARS)
        for node in methodology.tree.nodes:
            assert np.allclose(batch.scores[node][r], single.scores[node][0], atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
@few
@given(values=panels)
def test_a_batch_of_one_with_the_nominal_weights_is_the_nominal(rule, values):
    methodology = nested(rule)
    nominal = run(methodology, values[None], YEARS)
    again = run(methodology, values[None], YEARS, weights=nominal.weights.of_leaves())
    for node in methodology.tree.nodes:
        assert np.allclose(again.scores[node], nominal.scores[node], atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("node", ["total", "d", "a"])
def test_replicates_come_in_chunks_of_any_node(node, monkeypatch):
    values = np.random.default_rng(2).uniform(1, 9, size=(2, 5, 4))
    weights = np.random.default_rng(3).dirichlet(np.ones(4), 23)
    whole = run(nested(AGGREGATIONS[0]), values[None], YEARS, weights=weights).scores[node]
    monkeypatch.setattr(pipeline, "_CHUNK", 50)
    chunks = list(replicate(nested(AGGREGATIONS[0]), values, YEARS, weights, node))
    assert [len(scores) for scores, _ranks in chunks] == [5, 5, 5, 5, 3]
    assert np.allclose(np.concatenate([s for s, _r in chunks]), np.broadcast_to(whole, (23, 2, 5)))


def test_replicates_rank_as_the_methodology_says():
    values = np.array([[[1.0], [1.0], [0.0]]])
    methodology = system(["a"], ranking={"ties": "average"})
    ((_scores, ranks),) = replicate(methodology, values, (2022,), np.ones((2, 1)))
    assert ranks.tolist() == [[[1.5, 1.5, 3]]] * 2


def test_only_the_nodes_asked_for_are_kept():
    values = np.ones((1, 2, 5, 4))
    assert list(run(nested(AGGREGATIONS[0]), values, YEARS, nodes=["d", "total"]).scores) == ["total", "d"]


@pytest.mark.parametrize("rule", AGGREGATIONS, ids=NAMES)
def test_memory_stays_bounded_for_ten_thousand_weight_vectors(rule):
    # 300 units x 2 years x 14 indicators: all scores at once are 48 MB, the figures repeated 670 MB.
    names = [f"i{n}" for n in range(14)]
    methodology = system(names, years=list(YEARS), aggregation=rule)
    values = np.random.default_rng(1).uniform(1, 9, size=(2, 300, 14))
    weights = np.random.default_rng(2).dirichlet(np.ones(14), 2000 if rule["method"] == "mpi" else 4000)
    tracemalloc.start()
    try:
        count = sum(len(scores) for scores, _ranks in replicate(methodology, values, YEARS, weights))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == len(weights)
    assert peak < (120e6 if rule["method"] == "mpi" else 40e6)


def test_a_new_unit_within_the_bounds_changes_no_score():
    values = np.random.default_rng(6).uniform(0, 9, size=(1, 6, 3))
    new = values.min(axis=1) * 0.3 + values.max(axis=1) * 0.7
    methodology = system(["a", "b", "c"])
    before = run(methodology, values[None], (2022,)).scores["total"]
    after = run(methodology, np.concatenate([values, new[:, None]], axis=1)[None], (2022,)).scores["total"]
    assert np.array_equal(after[..., :-1], before)


def test_a_new_unit_below_a_minimum_can_reverse_ranks():
    # Known of every relative scale: x is ahead of y until z stretches the scale of a, on which x lives.
    values = [[[1.0, 0.0], [0.0, 0.9], [0.5, 1.0]]]
    methodology = system(["a", "b"])
    before = computed(methodology, values, codes=["x", "y", "w"])
    assert [before.score("x"), before.score("y")] == [50, 45]
    after = computed(methodology, [[*values[0], [-9.0, 0.5]]], codes=["x", "y", "w", "z"])
    assert np.allclose([after.score("x"), after.score("y")], [50, 90])
    assert [before.rank("x") < before.rank("y"), after.rank("x") < after.rank("y")] == [True, False]


@pytest.mark.parametrize(
    ("policy", "first"),
    [
        ({"policy": "reweight"}, 100),
        ({"policy": "propagate"}, NAN),
        ({"at_least": 0.5}, 100),
        ({"at_least": 0.51}, NAN),
        ({"at_least": 1.0}, NAN),
    ],
    ids=str,
)
def test_missing_figures_reweight_propagate_or_fall_below_the_threshold(policy, first):
    result = computed(system(["a", "b"], missing=policy), [[[4.0, NAN], [2.0, 3], [0.0, 1], [NAN, NAN]]])
    assert np.allclose(result.scores["total"][0], [first, (50 + 100) / 2, 0, NAN], equal_nan=True)


def test_a_single_unit_is_in_the_middle():
    result = computed(system(["a", "b"]), [[[3.0, 0.0]]])
    assert [result.scores["total"].tolist(), result.ranks["total"].tolist()] == [[[50]], [[1]]]


def test_nothing_observed_gives_no_score_and_no_rank():
    result = computed(system(["a", "b"]), [[[NAN, NAN], [NAN, NAN]]])
    assert np.isnan([result.scores["total"], result.ranks["total"]]).all()
