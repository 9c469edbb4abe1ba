"""Comparable units against distances computed one by one."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from xinzhi.analysis.comparable import comparable

NAN = float("nan")
FIGURES = st.one_of(st.just(NAN), st.integers(0, 100).map(float))


def one_by_one(scores: np.ndarray, weights: np.ndarray, count: int) -> list[list[int]]:
    found = []
    for i in range(len(scores)):
        others = []
        for j in range(len(scores)):
            both = [k for k in range(len(weights)) if not math.isnan(scores[i, k] + scores[j, k])]
            shared = math.fsum(weights[k] for k in both)
            if j != i and shared >= 0.5 * math.fsum(weights) and shared:
                square = math.fsum(weights[k] * (scores[i, k] - scores[j, k]) ** 2 for k in both) / shared
                others.append((round(math.sqrt(square), 6), j))
        found.append([j for _d, j in sorted(others)][:count])
    return found


@given(arrays(float, st.tuples(st.integers(1, 9), st.just(4)), elements=FIGURES))
def test_the_nearest_are_those_found_one_by_one(scores):
    weights = np.array([0.25, 0.25, 0.25, 0.25])
    assert comparable(scores, weights, 3) == one_by_one(scores, weights, 3)


def test_weights_decide_what_is_alike():
    scores = np.array([[50.0, 0.0], [50.0, 100.0], [60.0, 0.0]])
    assert comparable(scores, np.array([0.9, 0.1]), 1)[0] == [2]
    assert comparable(scores, np.array([1.0, 0.0]), 1)[0] == [1]


def test_units_that_share_less_than_half_of_the_weight_are_not_compared():
    scores = np.array([[1.0, NAN], [1.0, 2.0], [NAN, 2.0]])
    assert comparable(scores, np.array([0.4, 0.6])) == [[], [2], [1]]
