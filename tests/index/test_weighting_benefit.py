"""Benefit of the doubt: the plain linear program of every unit, closed forms, invariances, speed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from xinzhi import speaking
from xinzhi.errors import ComputeError
from xinzhi.index.weights import benefit_of_the_doubt

RNG = np.random.default_rng(8)


def by_linprog(z, low, high):
    """max sum_j w_j z_ij, one program per unit with all N constraints and the bounds of shares written out."""
    units, indicators = z.shape
    low, high = np.broadcast_to(low, indicators), np.broadcast_to(high, indicators)
    scores = []
    for own in z:
        lower = [low[j] * own - own[j] * np.eye(indicators)[j] for j in range(indicators)]
        upper = [own[j] * np.eye(indicators)[j] - high[j] * own for j in range(indicators)]
        limits = np.concatenate([np.ones(units), np.zeros(2 * indicators)])
        found = linprog(-own, A_ub=np.vstack([z, lower, upper]), b_ub=limits)
        assert found.status == 0
        scores.append(-found.fun)
    return np.array(scores)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.05, 0.5), (0.2, 0.3), (0.25, 0.25)])
@pytest.mark.parametrize("zeros", [False, True])
def test_scores_are_those_of_the_plain_programs(low, high, zeros):
    z = RNG.uniform(0.01, 1, size=(25, 4))
    if zeros:
        z[RNG.uniform(size=z.shape) < 0.2] = 0
    found = benefit_of_the_doubt(z, low=low, high=high)
    assert np.allclose(found.scores, by_linprog(z, low, high), atol=1e-7)


@pytest.mark.parametrize("bounds", [(0, 1), (0.02, 0.2)])
def test_200_units_and_what_their_weights_promise(bounds):
    z = RNG.lognormal(size=(200, 8))
    low, high = bounds
    found = benefit_of_the_doubt(z, low=low, high=high, scale=100)
    assert np.allclose(found.scores, 100 * by_linprog(z, low, high), atol=1e-6)
    assert np.allclose((found.weights * z).sum(axis=1), found.scores)
    assert (found.weights @ z.T).max() <= 100 + 1e-7
    assert np.allclose(found.shares, found.weights * z / found.scores[:, None])
    assert np.allclose(found.shares.sum(axis=1), 1)
    assert found.shares.min() >= low - 1e-9
    assert found.shares.max() <= high + 1e-9
    for i, peers in enumerate(found.peers):
        assert np.allclose(z[list(peers)] @ found.weights[i], 100)


def test_bounds_of_each_indicator():
    z = RNG.uniform(0.1, 1, size=(15, 3))
    low, high = [0.1, 0.0, 0.3], [0.5, 0.2, 1.0]
    found = benefit_of_the_doubt(z, low=low, high=high)
    assert np.allclose(found.scores, by_linprog(z, np.array(low), np.array(high)), atol=1e-8)


def test_closed_forms():
    # One indicator: the ratio to the best. The best in one of two: 1. A mixture of both ends: on the frontier.
    one = benefit_of_the_doubt([[2.0], [1.0], [0.0]])
    assert one.scores.tolist() == [1, 0.5, 0]
    assert one.peers == ((0,), (0,), ())
    two = benefit_of_the_doubt([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.25, 0.25]])
    assert np.allclose(two.scores, [1, 1, 1, 0.5])
    assert np.allclose(two.weights[3], [1, 1])


def test_fixed_shares_make_a_weighted_harmonic_mean_of_ratios():
    # With shares s the score of i is 1 / max_k sum_j s_j z_kj / z_ij.
    z = RNG.uniform(0.1, 1, size=(10, 4))
    ratios = (z[None] / z[:, None]).mean(axis=2)
    found = benefit_of_the_doubt(z, low=0.25, high=0.25)
    assert np.allclose(found.scores, 1 / ratios.max(axis=1))


def test_order_of_units_and_scale_of_columns_mean_nothing():
    z = RNG.lognormal(size=(40, 5))
    scores = benefit_of_the_doubt(z, low=0.05).scores
    assert np.allclose(benefit_of_the_doubt(z[::-1], low=0.05).scores[::-1], scores)
    assert np.allclose(benefit_of_the_doubt(z * [1, 1e6, 1e-6, 7, 3], low=0.05).scores, scores)


def test_a_missing_figure_has_no_share_and_a_unit_without_figures_no_score():
    z = RNG.uniform(0.1, 1, size=(12, 3))
    z[0, 1] = np.nan
    z[1] = np.nan
    found = benefit_of_the_doubt(z, low=0.1)
    assert found.shares[0, 1] == 0
    assert np.isnan(found.scores[1])
    assert found.peers[1] == ()
    others = benefit_of_the_doubt(np.delete(z, 1, axis=0), low=0.1)
    assert np.allclose(others.scores, np.delete(found.scores, 1))


FAILING = [
    ([[1.0, 2.0]], {"low": 0.6},
     "份额的上下限自相矛盾: 下限合计 1.2, 上限合计 2\n"
     "应当 0 <= low <= high <= 1, low 合计不超过 1, high 合计不少于 1",
     "The bounds of the shares contradict each other: the lower ones add up to 1.2, the upper ones to 2\n"
     "0 <= low <= high <= 1 must hold, low add up to at most 1 and high to at least 1"),
    ([[1.0, 2.0]], {"high": 0.4},
     "份额的上下限自相矛盾: 下限合计 0, 上限合计 0.8\n"
     "应当 0 <= low <= high <= 1, low 合计不超过 1, high 合计不少于 1",
     "The bounds of the shares contradict each other: the lower ones add up to 0, the upper ones to 0.8\n"
     "0 <= low <= high <= 1 must hold, low add up to at most 1 and high to at least 1"),
    ([[1.0, 2.0], [3.0, -1.0]], {},
     "乙: BoD 要求标准化值不为负\n请改用 minmax 等不产生负值的标准化方法",
     "乙: BoD needs normalised figures of zero or above\n"
     "Normalise by minmax or another method that gives no negative figures"),
    ([[1.0, 2.0], [3.0, np.nan]], {"high": 0.6},
     "乙: 缺失 1 项, 其余各项的份额在上下限之内加不到 1\n请补齐缺失, 或放宽 low 和 high",
     "乙: Figures are missing (1), and the shares of the others cannot add up to 1 within their bounds\n"
     "Fill the gaps, or widen low and high"),
]  # fmt: skip


@pytest.mark.parametrize(("z", "options", "chinese", "english"), FAILING)
def test_what_is_not_defined_is_refused(z, options, chinese, english):
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(ComputeError) as error:
            benefit_of_the_doubt(z, units=["甲", "乙"], **options)
        assert str(error.value) == message


def test_as_many_units_as_there_are_counties():
    common = RNG.uniform(size=(2850, 1))
    z = 0.5 * common + 0.5 * RNG.beta(1, 6, size=(2850, 14))
    found = benefit_of_the_doubt(z, low=0.02, high=0.3)
    assert (z @ found.weights.T).max() <= 1 + 1e-9
