"""Weights of a methodology, and entropy: against pymcdm and scikit-criteria; the answers at the corners."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import skcriteria
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymcdm.weights import entropy_weights
from skcriteria.preprocessing.weighters import EntropyWeighter

from tests.index.building import computed, system
from xinzhi import speaking
from xinzhi.cli import main
from xinzhi.errors import ComputeError
from xinzhi.index.pipeline import run
from xinzhi.index.weighting import from_leaves
from xinzhi.index.weights import critic, entropy, factor, pca, scatter, variation

MATRIX = np.random.default_rng(2).uniform(1, 50, size=(9, 4))
TREE = {"a": {"parent": "d", "weight": 3.0}, "b": {"parent": "d", "weight": 1.0}, "c": {"weight": 6.0}}


def weights(matrix, **options):
    return entropy(np.array(matrix, dtype=float)[None, None], **options)[0]


def by_loops(matrix, shift=0.0):
    """e = -sum(p ln p) / ln n over the n observed cells, w = (1 - e) / sum(1 - e) (methods.md, 6)."""
    spreads = []
    for column in np.array(matrix, dtype=float).T.tolist():
        cells = [z + shift for z in column if not math.isnan(z)]
        shares = [z / sum(cells) for z in cells] if sum(cells) else []
        e = -sum(p * math.log(p) for p in shares if p > 0) / math.log(len(cells)) if shares else 1.0
        assert -1e-12 <= e <= 1 + 1e-12
        spreads.append(1 - e)
    return [s / sum(spreads) for s in spreads]


@given(
    hnp.arrays(float, (6, 3), elements=st.sampled_from([math.nan, 0.0, 1.0, 2.5, 40.0, 100.0])).filter(
        lambda m: (
            (np.isfinite(m).sum(axis=0) > 1).all() and (np.nanmax(m, axis=0) > np.nanmin(m, axis=0)).all()
        )
    ),
    st.sampled_from([0.0, 0.01]),
)
def test_entropy_weights_are_the_formula_with_zeros_and_gaps(matrix, shift):
    assert np.allclose(weights(matrix, shift=shift), by_loops(matrix, shift), atol=1e-12)


def test_entropy_weights_are_those_of_the_peers_where_there_is_no_zero():
    # With a zero, pymcdm 1.4 sets the entropy of the whole column to 0; 0 ln 0 = 0 is the limit.
    assert np.allclose(weights(MATRIX), entropy_weights(MATRIX))
    problem = skcriteria.mkdm(MATRIX, [max] * 4)
    assert np.allclose(weights(MATRIX), EntropyWeighter().transform(problem).weights.to_numpy())


def test_years_and_units_are_pooled_so_that_entropy_never_exceeds_one():
    panel = MATRIX[:8].reshape(1, 2, 4, 4)
    assert np.allclose(entropy(panel)[0], by_loops(MATRIX[:8]))


def test_a_constant_indicator_has_weight_zero():
    constant = np.column_stack([MATRIX[:, 0], np.full(9, 0.1), np.zeros(9)])
    assert weights(constant).tolist() == [1, 0, 0]


FAILING = [
    ([[1.0, 2.0], [1.0, 2.0]], "所有指标都没有差异, 熵权法没有定义\n请改用 given 或 equal 赋权",
     "No indicator tells the units apart, so entropy weights are not defined\nUse given or equal weights"),
    ([[1.0, 2.0]], "熵权法至少需要两个观测\n请增加单位或年份, 或改用其他赋权方法",
     "Entropy weights need at least two observations\nAdd units or years, or weigh in another way"),
    ([[1.0, -2.0], [2.0, 3.0]], "乙: 熵权法要求标准化值不为负\n请改用 minmax 等不产生负值的标准化方法",
     "乙: Entropy weights need normalised figures of zero or above\n"
     "Normalise by minmax or another method that gives no negative figures"),
]  # fmt: skip


@pytest.mark.parametrize(("matrix", "chinese", "english"), FAILING, ids=["constant", "single", "negative"])
def test_entropy_is_refused_where_it_is_not_defined(matrix, chinese, english):
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(ComputeError) as error:
            weights(matrix, names=["甲", "乙"])
        assert str(error.value) == message


def test_given_weights_are_shares_at_every_node():
    result = computed(
        system(
            TREE,
            {"d": {}},
            weighting={"method": "given"},
            root={"id": "total", "title": {"zh": "总"}, "weight": 10},
        ),
        [[[1.0, 2, 3], [2.0, 1, 5]]],
    )
    shares = {node: local.tolist() for node, local in result.weights.local.items()}
    assert shares == {"total": [[0.4, 0.6]], "d": [[0.75, 0.25]]}
    assert np.allclose(result.weights.of_leaves(), [[0.3, 0.1, 0.6]])
    assert np.allclose(result.weights.of_leaves("d"), [[0.75, 0.25, 0]])


def test_equal_weights_are_equal_at_every_node():
    result = computed(system(TREE, {"d": {}}), [[[1.0, 2, 3], [2.0, 1, 5]]])
    assert result.weights.of_leaves().tolist() == [[0.25, 0.25, 0.5]]


def test_weights_of_indicators_add_up_to_those_of_nodes():
    methodology = system(TREE, {"d": {}})
    found = from_leaves(methodology, np.array([[1.0, 3, 4], [0, 0, 2], [1, 1, 0]]))
    assert found.local["total"].tolist() == [[0.5, 0.5], [0, 1], [1, 0]]
    assert found.local["d"].tolist() == [[0.25, 0.75], [0.5, 0.5], [0.5, 0.5]]


def test_children_that_all_weigh_nothing_share_their_node_evenly_and_count_for_nothing():
    methodology = system(TREE, {"d": {}})
    chosen = computed(methodology, [[[1.0, 2, 3], [2.0, 1, 5]]], names=["甲", "乙"])
    batch = run(methodology, chosen.figures.values[None], (2022,), weights=np.array([[0.0, 0, 1]]))
    assert batch.scores["d"].tolist() == [[[50, 50]]]
    assert batch.scores["total"].tolist() == [[[0, 100]]]


ENTROPY = {"method": "entropy"}
FIGURES = [[[1.0, 9, 3], [2.0, 1, 5], [7.0, 3, 5], [4.0, 3, 1]]]


def test_entropy_weights_come_from_the_normalised_figures():
    result = computed(system(TREE, {"d": {}}, weighting=ENTROPY), FIGURES)
    expected = by_loops(result.batch.normalised[0, 0])
    assert np.allclose(result.weights.of_leaves()[0], expected)


def test_the_shift_is_added_to_figures_between_zero_and_one():
    result = computed(system(TREE, {"d": {}}, weighting=ENTROPY | {"shift": 0.01}), FIGURES)
    expected = by_loops(result.batch.normalised[0, 0] / 100, shift=0.01)
    assert np.allclose(result.weights.of_leaves()[0], expected)


def test_entropy_among_siblings_leaves_the_weights_of_dimensions():
    rule = ENTROPY | {"among": "siblings"}
    result = computed(
        system(TREE, {"d": {}}, weighting=rule, root={"id": "total", "title": {"zh": "总"}, "weight": 10}),
        FIGURES,
    )
    assert result.weights.local["total"].tolist() == [[0.4, 0.6]]
    assert np.allclose(result.weights.local["d"][0], by_loops(result.batch.normalised[0, 0][:, :2]))


def test_an_only_child_needs_no_entropy():
    rule = ENTROPY | {"among": "siblings"}
    result = computed(system({"a": {"parent": "d"}}, {"d": {}}, weighting=rule), [[[1.0], [1.0]]])
    assert result.weights.of_leaves().tolist() == [[1]]


# --- the other methods, as a methodology names them ------------------------------------------------------------

FIVE = [
    [[1.0, 9, 3], [2.0, 1, 5], [7.0, 3, 5], [4.0, 3, 1], [9.0, 8, 2]],
    [[2.0, 7, 3], [3.0, 2, 6], [6.0, 4, 5], [4.0, 5, 1], [8.0, 9, 3]],
]
METHODS = {
    "critic": ({"conflict": "1-|r|"}, lambda z: critic(z, "1-|r|")),
    "variation": ({}, variation),
    "pca": ({}, pca),
    "factor": ({}, factor),
    "scatter": ({"standardise": "panel"}, lambda z: scatter(z, "panel").weights),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_methodology_may_name_it_among_all_indicators(method):
    options, function = METHODS[method]
    rule = {"method": method} | options
    result = computed(system(TREE, {"d": {}}, weighting=rule, years=[2021, 2022]), FIVE)
    assert np.allclose(result.weights.of_leaves(), function(result.batch.normalised))
    assert f"权重由 {method} 法从数据算出" in result.notes
    with speaking("en"):
        english = computed(system(TREE, {"d": {}}, weighting=rule, years=[2021, 2022]), FIVE)
        assert f"The weights are computed from the data by the method {method}" in english.notes


@pytest.mark.parametrize("method", METHODS)
def test_a_methodology_may_name_it_among_siblings(method):
    options, function = METHODS[method]
    rule = {"method": method, "among": "siblings"} | options
    root = {"id": "total", "title": {"zh": "总"}, "weight": 10}
    result = computed(system(TREE, {"d": {}}, weighting=rule, root=root, years=[2021, 2022]), FIVE)
    assert result.weights.local["total"].tolist() == [[0.4, 0.6]]
    assert np.allclose(result.weights.local["d"], function(result.batch.normalised[..., :2]))


def test_a_result_says_where_negative_weights_were_ruled_out():
    opposed = [[[1.0, 9, 3], [2.0, 8, 5], [7.0, 3, 1], [4.0, 6, 6]]]
    rule = {"method": "scatter", "among": "siblings"}
    result = computed(system(TREE, {"d": {}}, weighting=rule), opposed)
    assert result.weights.constrained == ("d",)
    assert "特征向量有负分量, 权重按非负约束求解: D" in result.notes
    assert computed(system(TREE, {"d": {}}, weighting={"method": "pca"}), opposed).weights.constrained == ()


def test_an_indicator_without_figures_is_told_by_every_method():
    empty = [[[a, b, math.nan] for a, b, _c in year] for year in FIVE]
    for method in METHODS:
        result = computed(system(TREE, {"d": {}}, weighting={"method": method}, years=[2021, 2022]), empty)
        assert result.weights.of_leaves()[0, 2] == 0
        assert result.lacks_indicators


@pytest.mark.parametrize("method", METHODS)
def test_the_command_line_takes_it_by_name(method, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--lang", "zh", "compute", "province-open", "--weights", method, "--year", "2022", "--json"])
    assert leaving.value.code == 0
    assert f"权重由 {method} 法从数据算出" in json.loads(capsys.readouterr().out)["notes"]
