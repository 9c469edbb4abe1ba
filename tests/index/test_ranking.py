"""Ranks: scipy.stats.rankdata is the oracle; the packed integers and the plain sort agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata

from tests.index.building import few
from xinzhi.index.ranking import TIE_DECIMALS, rank, rank_exactly

TIES = ("min", "dense", "average")


@pytest.mark.parametrize(
    ("ties", "expected"), [("min", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3]), ("average", [1, 2.5, 2.5, 4])]
)
@pytest.mark.parametrize("ranking", [rank, rank_exactly])
def test_ties_share_the_smallest_the_next_or_the_mean_rank(ranking, ties, expected):
    assert ranking(np.array([9.0, 5.0, 5.0, 1.0]), ties).tolist() == expected


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("ranking", [rank, rank_exactly])
@few
@given(
    scores=hnp.arrays(
        float,
        st.tuples(st.integers(1, 4), st.integers(1, 40)),
        elements=st.integers(-6, 6).map(lambda k: k / 3),
    )
)
def test_ranks_are_those_of_scipy(ranking, ties, scores):
    assert np.array_equal(ranking(scores, ties), rankdata(-scores, method=ties, axis=-1))


@pytest.mark.parametrize("ties", TIES)
@few
@given(
    scores=hnp.arrays(
        float,
        st.tuples(st.integers(1, 3), st.integers(1, 30)),
        elements=st.sampled_from([np.nan, 0.0, 1.0, 50.5]),
    )
)
def test_a_missing_score_has_no_rank_and_takes_none(ties, scores):
    expected = np.full(scores.shape, np.nan)
    for row, out in zip(scores, expected, strict=True):
        known = ~np.isnan(row)
        out[known] = rankdata(-row[known], method=ties)
    assert np.array_equal(rank(scores, ties), expected, equal_nan=True)
    assert np.array_equal(rank_exactly(scores, ties), expected, equal_nan=True)


@given(scores=hnp.arrays(float, (3, 50), elements=st.floats(-1000, 1000)))
def test_scores_tie_when_they_agree_to_nine_decimals(scores):
    assert np.array_equal(rank(scores), rankdata(-np.round(scores, TIE_DECIMALS), method="min", axis=-1))


def test_the_order_in_which_parts_were_added_breaks_no_tie():
    one, other = (0.1 + 0.2) + 0.3, 0.1 + (0.2 + 0.3)
    assert one != other
    assert rank(np.array([one, other])).tolist() == [1, 1]
    assert rank_exactly(np.array([one, other]), "min").tolist() == [1, 2]


def test_scores_too_large_for_nine_decimals_tie_to_the_precision_of_a_sum():
    largest = 3e12
    scores = np.array([largest, largest * (1 + 2**-50), largest * (1 - 2**-30), 1.0, np.nan])
    assert rank(scores).tolist()[:4] == [1, 1, 3, 4]


def test_figures_are_ranked_however_small_they_are():
    figures = np.array([1e-12, 3e-12, 2e-12])
    assert rank_exactly(figures).tolist() == [3, 1, 2]


@pytest.mark.parametrize("count", [1, 2, 3, 64, 65, 4096, 4097])
def test_positions_fit_beside_the_scores_for_any_number_of_units(count):
    scores = np.random.default_rng(count).permutation(count).astype(float)
    assert np.array_equal(rank(scores), count - scores)


def test_more_units_than_fit_beside_a_score_are_ranked_all_the_same():
    scores = np.arange(2**19 + 1, dtype=float)
    scores[[0, 1]] = [5.0, np.nan]
    ranks = rank(scores)
    assert [ranks[-1], ranks[5], ranks[0], ranks[2]] == [1, 2**19 - 4, 2**19 - 4, 2**19]
    assert np.isnan(ranks[1])


def test_blocks_do_not_show():
    scores = np.random.default_rng(5).integers(0, 900, size=(300, 2, 700)) / 7
    assert np.array_equal(rank(scores, "average"), rankdata(-scores, method="average", axis=-1))
