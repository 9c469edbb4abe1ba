"""Sobol' indices: exact answers, SALib, enumeration; sensitivity of an index."""

from __future__ import annotations

import json
import warnings
from itertools import product

import numpy as np
import pytest
from SALib.analyze import sobol as peer_analysis
from SALib.sample import sobol as peer_sample

from tests.index.building import panel, system
from xinzhi.analysis.factors import read_factors
from xinzhi.analysis.replication import CancelledError, Design
from xinzhi.analysis.sensitivity import sensitivity, sobol_estimates, sobol_indices, sobol_points
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import compute
from xinzhi.language import speaking


def ishigami(u, shift=0.0):
    x = np.pi * (2 * u - 1)
    return shift + np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


# Ishigami & Homma (1990), a = 7, b = 0.1.
V1, V2, V13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
ISHIGAMI_V = V1 + V2 + V13
ISHIGAMI_FIRST = np.array([V1, V2, 0]) / ISHIGAMI_V
ISHIGAMI_TOTAL = np.array([V1 + V13, V2, V13]) / ISHIGAMI_V

# Sobol' G (Saltelli & Sobol' 1995).
A = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
PARTS = 1 / (3 * (1 + A) ** 2)
G_V = np.prod(1 + PARTS) - 1
G_FIRST = PARTS / G_V
G_TOTAL = np.array([PARTS[i] * np.prod(np.delete(1 + PARTS, i)) for i in range(5)]) / G_V


def sobol_g(u):
    return np.prod((np.abs(4 * u - 2) + A) / (1 + A), axis=1)


@pytest.mark.parametrize(
    ("function", "d", "first", "total", "variance"),
    [(ishigami, 3, ISHIGAMI_FIRST, ISHIGAMI_TOTAL, ISHIGAMI_V), (sobol_g, 5, G_FIRST, G_TOTAL, G_V)],
)
def test_exact_answers(function, d, first, total, variance):
    found = sobol_indices(function, d, 2**14, seed=1, bootstrap=50)
    assert np.allclose(found.first[:, 0], first, atol=0.005)
    assert np.allclose(found.total[:, 0], total, atol=0.005)
    assert np.isclose(found.variance[0], variance, rtol=0.005)


def test_a_large_mean_costs_no_precision():
    plain = sobol_indices(ishigami, 3, 1024, seed=2)
    shifted = sobol_indices(lambda u: ishigami(u, 1e6), 3, 1024, seed=2)
    assert np.allclose(plain.first, shifted.first, atol=1e-6)
    assert np.allclose(plain.total, shifted.total, atol=1e-6)


PROBLEM = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}


def peer(n, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = peer_sample.sample(PROBLEM, n, calc_second_order=False, seed=seed)
        outputs = ishigami(points)
        return outputs, peer_analysis.analyze(PROBLEM, outputs, calc_second_order=False, num_resamples=2)


def test_the_error_of_first_order_indices_is_no_larger_than_that_of_salib():
    for n in (256, 1024, 4096):
        ours, theirs = [], []
        for seed in range(60):
            ours.append(sobol_indices(ishigami, 3, n, seed, bootstrap=2).first[:, 0] - ISHIGAMI_FIRST)
            theirs.append(peer(n, seed)[1]["S1"] - ISHIGAMI_FIRST)
        # Over 60 seeds chance leaves half a dozen percent open.
        assert np.abs(ours).mean() < 1.06 * np.abs(theirs).mean()


def test_totals_from_the_same_outputs_are_those_of_salib():
    outputs, expected = peer(512, 3)
    table = outputs.reshape(512, 5)
    a, b, mixed = table[:, [0]], table[:, [4]], table[:, 1:4].T[..., None]
    found = sobol_estimates(a, b, mixed)
    assert np.allclose(found.total[:, 0], expected["ST"])


def test_an_idle_factor_has_exactly_nothing_and_no_variation_has_no_indices():
    found = sobol_indices(lambda u: np.stack([u[:, 0], np.full(len(u), 3.3)], axis=1), 2, 64, seed=1)
    assert found.first[1, 0] == found.total[1, 0] == 0
    assert np.isnan(found.first[:, 1]).all() and found.variance[1] == 0


def test_intervals_hold_the_exact_answer_about_as_often_as_they_say():
    held = []
    for seed in range(40):
        found = sobol_indices(ishigami, 3, 256, seed, bootstrap=300)
        for interval, exact in (
            (found.first_interval, ISHIGAMI_FIRST),
            (found.total_interval, ISHIGAMI_TOTAL),
        ):
            held.append((interval[0, :, 0] <= exact) & (exact <= interval[1, :, 0]))
    assert np.mean(held) > 0.85


@pytest.mark.parametrize(("n", "near"), [(1000, 1024), (8, 16), (0, 16), (17, 32)])
def test_points_come_in_powers_of_two(n, near):
    with pytest.raises(CallError) as caught:
        sobol_points(n, 2, 0)
    assert str(caught.value) == f"n={n} 不是 2 的幂, 或小于 16\n请用 {near}"


def test_too_many_coordinates():
    with pytest.raises(CallError, match="坐标 22000 个"):
        sobol_points(16, 11_000, 0)


# --- an index --------------------------------------------------------------------------------------------

VALUES = np.random.default_rng(5).lognormal(size=(1, 12, 3))
DISCRETE = [
    {"factor": "normalisation", "alternatives": [{"method": "rank"}]},
    {"factor": "aggregation", "alternatives": [{"method": "power", "exponent": 0.5}]},
]
MANY = [{"factor": "weight-band"}, *DISCRETE, {"factor": "noise", "cells": "all", "sd": 0.1}]


def index(values=VALUES, **options):
    return sensitivity(system(["a", "b", "c"]), panel(values, "abc"), **{"n": 64} | options)


def test_two_discrete_factors_by_enumeration():
    nominal = compute(system(["a", "b", "c"]), panel(VALUES, "abc"))
    design = Design(nominal, read_factors(DISCRETE), 0)
    ranks = np.empty((2, 2, 12))
    for options in product((0, 1), repeat=2):
        methodology = design.variant(options).methodology
        ranks[options] = compute(methodology, panel(VALUES, "abc")).ranks["total"][0]
    outputs = np.abs(ranks - ranks[0, 0]).mean(axis=2)
    found = index(factors=DISCRETE, n=1024)
    for i in range(2):
        first = outputs.mean(axis=1 - i).var() / outputs.var()
        total = outputs.var(axis=i).mean() / outputs.var()
        assert abs(found.shift.first[i, 0] - first) < 0.02
        assert abs(found.shift.total[i, 0] - total) < 0.02
        moving = ranks.reshape(4, 12).var(axis=0) > 0
        expected = ranks.var(axis=i).mean(axis=0)[moving] / ranks.reshape(4, 12).var(axis=0)[moving]
        assert np.allclose(found.ranks.total[i, moving], expected, atol=0.03)
    assert np.allclose(found.rank_sd, ranks.reshape(4, 12).std(axis=0), atol=0.02)


def test_a_single_factor_explains_everything():
    found = index(factors=[{"factor": "weight-band"}], n=256)
    assert np.isclose(found.shift.total[0, 0], 1, atol=0.1)
    assert np.isclose(found.shift.first[0, 0], 1, atol=0.1)


def test_neither_batches_nor_workers_change_the_answer():
    one = index(factors=MANY)
    for options in ({"workers": 2}, {"batch": 5}, {"batch": 9, "workers": 2}):
        other = index(factors=MANY, **options)
        assert np.array_equal(one.ranks.total, other.ranks.total, equal_nan=True)
        assert np.array_equal(one.shift.first, other.shift.first)


def test_tables_and_sentences_in_both_languages():
    found = index(factors=MANY)
    assert found.title == "敏感性: 小例, 2022 年"
    assert found.table()["factor"].to_list() == ["weight-band", "normalisation", "aggregation", "noise"]
    units = found.units()
    assert len(units) == 48 and units.filter(units["leads"])["code"].n_unique() <= 12
    assert int(found.table()["units_led"].sum()) == int(units["leads"].sum())
    assert found.sentence().startswith("2022 年: 对名次影响最大的是")
    with speaking("en"):
        assert found.sentence().startswith("2022: what moves the ranks most is ")
        assert not any("一" <= x <= "鿿" for x in found.sentence())
    json.dumps(found.to_dict(), allow_nan=False)


def test_ranks_that_do_not_move_have_no_indices_and_say_why():
    found = index(np.array([[[1.0, 1, 1], [2, 2, 2], [3, 3, 3]]]))
    assert found.table()["first"].to_list() == [None]
    assert found.table()["note"].to_list() == ["名次没有变动, 指数没有定义"]
    assert set(found.units()["note"]) == {"名次没有变动, 指数没有定义"}
    assert found.sentence() == "2022 年: 没有一个因素改变名次"


def test_a_unit_without_a_score_at_some_points_has_no_indices_and_says_why():
    values = VALUES.copy()
    values[0, 0, 1:] = np.nan
    found = index(
        values, factors=[{"factor": "leave-one-out", "indicators": ["a"]}, {"factor": "weight-band"}]
    )
    notes = found.units().filter(found.units()["code"] == "u0")
    assert set(notes["note"]) == {"部分抽样点没有得分, 指数没有定义"} and notes["total"].null_count() == 2


def test_nobody_scored_is_an_error():
    with pytest.raises(ComputeError, match="没有一个单位在所有抽样点都有得分"):
        index(np.full((1, 3, 3), np.nan))


def test_it_can_be_stopped():
    with pytest.raises(CancelledError):
        index(cancelled=lambda: True)


# --- functions without indices ---------------------------------------------------------------------------


def test_a_constant_function_has_no_indices_and_says_why():
    found = sobol_indices(lambda u: np.stack([u[:, 0], np.full(len(u), 3.0)], axis=1), 2, 16)
    assert found.notes == ("", "输出没有变化, 指数没有定义")
    assert np.isnan(found.first[:, 1]).all() and not np.isnan(found.first[:, 0]).any()


def test_outputs_that_are_no_numbers_are_refused():
    with pytest.raises(ComputeError, match="16 个点的输出不是有限的数") as caught:
        sobol_indices(lambda u: np.full(len(u), np.nan), 2, 16)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"d": 0}, "d 应为不小于 1 的整数, 现为 0"),
        ({"n": 16.0}, "n 应为不小于 1 的整数, 现为 16.0"),
        ({"seed": -1}, "seed 应为不小于 0 的整数, 现为 -1"),
        ({"bootstrap": 0}, "bootstrap 应为不小于 1 的整数, 现为 0"),
    ],
)
def test_numbers_of_sobol_indices(options, told):
    with pytest.raises(CallError) as caught:
        sobol_indices(**{"function": lambda u: u[:, 0], "d": 1, "n": 16} | options)
    assert str(caught.value) == told
