"""Coefficient of variation and CRITIC: plain loops, pymcdm and scikit-criteria, the answers at the corners."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
import skcriteria
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymcdm.weights import critic_weights, standard_deviation_weights
from skcriteria.preprocessing.weighters import CRITIC

from xinzhi import speaking
from xinzhi.errors import CallError, ComputeError
from xinzhi.index.weights import critic, variation

MATRIX = np.random.default_rng(5).uniform(1, 50, size=(12, 4))
UNIT = (MATRIX - MATRIX.min(axis=0)) / np.ptp(MATRIX, axis=0)
GAPS = [math.nan, 0.0, 1.0, 2.5, 40.0, 100.0]


def one(method, matrix, *options):
    return method(np.array(matrix, dtype=float)[None, None], *options)[0]


def variation_by_loops(matrix):
    merits = []
    for column in np.array(matrix).T.tolist():
        cells = [x for x in column if not math.isnan(x)]
        merits.append(statistics.pstdev(cells) / statistics.mean(cells) if any(cells) else 0.0)
    return [m / sum(merits) for m in merits]


def critic_by_loops(matrix, absolute=False):
    """sd_j times the mean of 1 - r_jk over the other indicators, pairwise."""
    columns = np.array(matrix).T.tolist()
    merits = []
    for j, x in enumerate(columns):
        conflicts = []
        for k, y in enumerate(columns):
            pairs = [(a, b) for a, b in zip(x, y, strict=True) if not math.isnan(a + b)]
            if j != k and len(pairs) > 2 and all(len(set(c)) > 1 for c in zip(*pairs, strict=True)):
                r = statistics.correlation(*map(list, zip(*pairs, strict=True)))
                conflicts.append(1 - (abs(r) if absolute else r))
        merits.append(statistics.pstdev([a for a in x if not math.isnan(a)]) * statistics.mean(conflicts))
    return [m / sum(merits) for m in merits]


@given(
    hnp.arrays(float, (7, 3), elements=st.sampled_from(GAPS)).filter(
        lambda m: np.isfinite(m).any(axis=0).all() and (np.nanmax(m, axis=0) > np.nanmin(m, axis=0)).any()
    )
)
def test_variation_is_the_formula_with_zeros_and_gaps(matrix):
    assert np.allclose(one(variation, matrix), variation_by_loops(matrix), atol=1e-12)


def test_variation_is_the_standard_deviation_of_figures_over_their_mean():
    # pymcdm has no coefficient of variation; its standard deviation (sample) of x / mean is the same.
    assert np.allclose(one(variation, MATRIX), standard_deviation_weights(MATRIX / MATRIX.mean(axis=0)))
    assert np.allclose(one(variation, MATRIX), one(variation, MATRIX * [1, 10, 0.1, 7]))


@pytest.mark.parametrize("conflict", ["1-r", "1-|r|"])
@pytest.mark.parametrize("gaps", [0, 3])
def test_critic_is_the_formula(conflict, gaps):
    matrix = UNIT.copy()
    matrix[range(gaps), range(gaps)] = math.nan
    expected = critic_by_loops(matrix, absolute=conflict == "1-|r|")
    assert np.allclose(one(critic, matrix, conflict), expected, atol=1e-12)


def test_critic_is_that_of_the_peers():
    assert np.allclose(one(critic, UNIT), critic_weights(MATRIX))
    problem = skcriteria.mkdm(MATRIX, [max] * 4)
    assert np.allclose(one(critic, UNIT), CRITIC().transform(problem).weights.to_numpy())


def test_replicates_are_weighed_each_by_itself():
    batch = np.stack([UNIT, UNIT[:, ::-1] ** 2]).reshape(2, 3, 4, 4)
    for method in (variation, critic):
        both = method(batch)
        assert np.allclose(both, [one(method, batch[r].reshape(12, 4)) for r in range(2)])


def test_a_constant_indicator_has_weight_zero_and_no_influence():
    # pymcdm and scikit-criteria 1.x give NaN for all indicators here.
    padded = np.column_stack([UNIT, np.full(12, 0.1), np.full(12, math.nan)])
    for method in (variation, critic):
        assert np.allclose(one(method, padded), [*one(method, UNIT), 0, 0])


def test_indicators_that_never_conflict_share_by_their_standard_deviations():
    line = np.array([0.0, 0.2, 1.0, 0.4])
    assert np.allclose(one(critic, np.column_stack([line, line / 2 + 0.1, line / 2])), [0.5, 0.25, 0.25])
    assert one(critic, np.column_stack([line, np.zeros(4)])).tolist() == [1, 0]
    assert np.allclose(one(critic, np.column_stack([line, 1 - line]), "1-|r|"), [0.5, 0.5])


@pytest.mark.parametrize("method", [variation, critic])
def test_the_order_of_units_means_nothing(method):
    assert np.allclose(one(method, UNIT), one(method, UNIT[::-1]))


FLAT = ("所有指标都没有差异, {} 没有定义\n请改用 given 或 equal 赋权",
        "No indicator tells the units apart, so {} is not defined\nUse given or equal weights")  # fmt: skip
FAILING = [
    (variation, [[1.0, 2.0], [1.0, 2.0]], *(text.format("variation") for text in FLAT)),
    (critic, [[1.0, 2.0], [1.0, 2.0]], *(text.format("critic") for text in FLAT)),
    (variation, [[1.0, 2.0], [2.0, -3.0]],
     "乙: variation 要求标准化值不为负\n请改用 minmax 等不产生负值的标准化方法",
     "乙: variation needs normalised figures of zero or above\n"
     "Normalise by minmax or another method that gives no negative figures"),
    (critic, [[1.0, 2.0], [2.0, 3.0]],
     "甲: 与其他指标共有的数据不到 3 行, 相关系数没有定义\n请补齐缺失, 增加单位或年份, 或改用其他赋权方法",
     "甲: Fewer than 3 rows are shared with any other indicator, so no correlation is defined\n"
     "Fill the gaps, add units or years, or weigh in another way"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "matrix", "chinese", "english"), FAILING)
def test_what_is_not_defined_is_refused(method, matrix, chinese, english):
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(ComputeError) as error:
            method(np.array(matrix)[None, None], names=["甲", "乙"])
        assert str(error.value) == message


@pytest.mark.parametrize("conflict", ["foo", "|r|", None])
def test_an_unknown_conflict_is_a_wrong_call(conflict):
    with pytest.raises(CallError) as caught:
        critic(np.random.default_rng(1).uniform(size=(1, 1, 9, 3)), conflict)
    assert str(caught.value) == f"没有这个选项: {conflict}\n可选: 1-r, 1-|r|"
