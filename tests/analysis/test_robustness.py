"""Robustness: closed forms, single runs as oracle, invariances, and bad input."""

from __future__ import annotations

import importlib
import json
import math
import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.building import panel, system
from xinzhi.analysis.factors import read_factors
from xinzhi.analysis.replication import CancelledError, Design
from xinzhi.analysis.robustness import robustness
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import compute
from xinzhi.language import speaking

module = importlib.import_module("xinzhi.analysis.robustness")  # not the function of that name
NAN = math.nan
YEARS = (2021, 2022)
NESTED = {"a": {"parent": "d"}, "b": {"parent": "d"}, "c": {"parent": "e"}, "f": {"parent": "e"}}
FOUR = np.random.default_rng(3).lognormal(size=(2, 7, 4))
POSITIVE = {"method": "zscore", "mean": 100.0, "sd": 10.0}
ALL = [
    {"factor": "weight-band"},
    {"factor": "weight-dirichlet", "level": 1},
    {"factor": "normalisation", "alternatives": [POSITIVE, {"method": "rank"}]},
    {"factor": "aggregation", "alternatives": [{"method": "power", "exponent": 0.5}], "level": 0},
    {"factor": "treatment", "alternatives": [[{"method": "log"}]]},
    {"factor": "leave-one-out"},
    {"factor": "noise", "cells": "all", "sd": 0.1},
]


def nested(**changes):
    return system(NESTED, {"d": {}, "e": {}}, years=list(YEARS), **changes)


def nested_panel(values=FOUR, codes=None):
    return panel(values, list(NESTED), YEARS, codes)


def same(one, other, exactly=True):
    assert np.allclose(one.shifts, other.shifts, equal_nan=True, rtol=0, atol=0 if exactly else 1e-9)
    for key, values in one.rank.items():
        assert np.array_equal(values, other.rank[key], equal_nan=True)
    for key, values in one.score.items():
        assert np.allclose(values, other.score[key], equal_nan=True, rtol=0, atol=0 if exactly else 1e-12)
    for a, b in zip(one.rank_counts, other.rank_counts, strict=True):
        assert all(np.array_equal(*pair) for pair in zip(vars(a).values(), vars(b).values(), strict=True))
    assert one.tiers == other.tiers


# --- closed forms and single runs ------------------------------------------------------------------------


def test_two_units_the_area_of_a_triangle():
    # x is ahead where its weight is: w1 in [.45, .75], w2 in [.3, .5]; behind only in a triangle of side .05.
    methodology = system({"a": {"weight": 60}, "b": {"weight": 40}}, weighting={"method": "given"})
    result = robustness(methodology, panel([[[1, 0], [0, 1]]], "ab", codes="xy"), replications=20_000, seed=5)
    behind = (0.05**2 / 2) / (0.3 * 0.2)
    assert abs(result.ahead("x", "y") - (1 - behind)) < 4 * math.sqrt(behind / 20_000)
    assert result.ahead("x", "y") + result.ahead("y", "x") == 1
    assert result.rank_probability("x", 1) == result.ahead("x", "y")
    assert np.isclose(result.shifts.mean(), 1 - result.ahead("x", "y"))
    assert result.tiers[0].borders == (True,)


def test_dirichlet_weights_have_the_moments_of_a_dirichlet():
    weights = {"a": 50, "b": 30, "c": 20, "f": 0}
    methodology = system({n: {"weight": w} for n, w in weights.items()}, weighting={"method": "given"})
    nominal = compute(methodology, panel(FOUR[:1], "abcf"))
    design = Design(nominal, read_factors([{"factor": "weight-dirichlet", "concentration": 30}]), 1)
    drawn = design.multipliers(design.random(20_000).uniforms) * nominal.weights.of_leaves()
    drawn /= drawn.sum(axis=1, keepdims=True)
    share = np.array(list(weights.values())) / 100
    assert np.allclose(drawn.mean(axis=0), share, atol=0.003)
    assert np.allclose(drawn.var(axis=0), share * (1 - share) / 31, rtol=0.06)
    assert not drawn[:, 3].any()


def test_bands_keep_their_bounds_and_a_level_moves_its_nodes_as_one():
    nominal = compute(nested(), nested_panel())
    design = Design(nominal, read_factors([{"factor": "weight-band", "share": 0.1, "level": 1}]), 1)
    moved = design.multipliers(design.random(5000).uniforms)
    assert moved.min() >= 0.9 and moved.max() <= 1.1 and np.ptp(moved) > 0.19
    assert np.array_equal(moved[:, 0], moved[:, 1]) and np.array_equal(moved[:, 2], moved[:, 3])
    assert not np.array_equal(moved[:, 0], moved[:, 2])


@pytest.mark.parametrize("ties", ["min", "average", "dense"])
def test_every_figure_is_that_of_single_runs(ties):
    methodology, figures = nested(ranking={"ties": ties}), nested_panel(np.round(FOUR, 1))
    count = 41
    result = robustness(methodology, figures, replications=count, seed=3)
    design = Design(compute(methodology, figures), read_factors(None), 3)
    weights = design.multipliers(design.random(count).uniforms) * design.nominal.weights.of_leaves()
    runs = [
        compute(
            methodology, figures, weights=dict(zip(design.nominal.methodology.tree.leaves, w, strict=True))
        )
        for w in weights.tolist()
    ]
    scores, ranks = (np.stack([getattr(run, what)["total"] for run in runs]) for what in ("scores", "ranks"))
    for key, q in (("median", 0.5), ("low", 0.05), ("high", 0.95)):
        assert np.allclose(result.score[key], np.quantile(scores, q, axis=0), rtol=0, atol=1e-9)
        assert np.array_equal(result.rank[key], np.quantile(ranks, q, axis=0, method="inverted_cdf"))
    moved = np.abs(ranks - design.nominal.ranks["total"])
    assert np.allclose(result.rank["shift"], moved.mean(axis=0))
    assert np.allclose(result.shifts, moved.mean(axis=2).T)
    for t, year in enumerate(YEARS):
        for n, unit in enumerate(result.nominal.codes):
            for rank in (1, 1.5, 2, 3, 7):
                assert result.rank_probability(unit, rank, year) == (ranks[:, t, n] == rank).mean()
            for m, other in enumerate(result.nominal.codes[:n]):
                won = (ranks[:, t, n] < ranks[:, t, m]) + 0.5 * (ranks[:, t, n] == ranks[:, t, m])
                assert np.isclose(result.ahead(unit, other, year), won.mean())


# --- invariances -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("factors", [None, ALL], ids=["weights", "all"])
def test_neither_batches_nor_workers_nor_year_groups_change_the_answer(factors, monkeypatch):
    options = {"replications": 300, "seed": 9, "factors": factors}
    whole = robustness(nested(), nested_panel(), **options)
    same(whole, robustness(nested(), nested_panel(), workers=2, **options))
    same(whole, robustness(nested(), nested_panel(), batch=7, workers=2, **options), exactly=False)
    monkeypatch.setattr(module, "_HELD", 7 * 300)
    same(whole, robustness(nested(), nested_panel(), **options), exactly=False)


def test_the_same_seed_the_same_answer_another_seed_another():
    one, again = (robustness(nested(), nested_panel(), replications=50, seed=1) for _k in range(2))
    same(one, again)
    other = robustness(nested(), nested_panel(), replications=50, seed=2)
    assert not np.array_equal(one.score["median"], other.score["median"])


def test_more_replications_begin_with_the_same_ones():
    design = Design(compute(nested(), nested_panel()), read_factors(ALL), 4)
    few, many = design.random(100), design.random(2000)
    assert np.array_equal(few.uniforms, many.uniforms[:100])
    short = robustness(nested(), nested_panel(), replications=30, seed=4, factors=ALL)
    long = robustness(nested(), nested_panel(), replications=60, seed=4, factors=ALL)
    assert np.allclose(short.shifts, long.shifts[:, :30])


@settings(max_examples=15, deadline=None)
@given(units=st.permutations(range(7)))
def test_the_order_of_units_does_not_matter(units):
    codes = [f"u{n}" for n in range(7)]
    before = robustness(nested(), nested_panel(codes=codes), replications=60, factors=ALL[:6])
    shuffled = nested_panel(FOUR[:, units], [codes[n] for n in units])
    after = robustness(nested(), shuffled, replications=60, factors=ALL[:6])
    for key, values in before.rank.items():
        assert np.allclose(after.rank[key], values[:, units])
    by_code = [
        [tuple(r.nominal.codes[n] for n in tier) for tier in r.tiers[1].members] for r in (before, after)
    ]
    assert by_code[0] == by_code[1]


# --- noise -----------------------------------------------------------------------------------------------


def test_noise_falls_on_filled_cells_only():
    values = np.array([[[1.0], [4.0], [9.0]], [[2.0], [NAN], [9.0]]])
    methodology = system(
        {"a": {"gap": [{"rule": "carried"}], "normalisation": {"method": "none"}}}, years=list(YEARS)
    )
    result = robustness(
        methodology,
        panel(values, "a", YEARS),
        replications=4000,
        factors=[{"factor": "noise", "sd": 0.1}],
    )
    width = result.score["high"] - result.score["low"]
    assert (width > 0).tolist() == [[False, False, False], [False, True, False]]
    assert abs(width[1, 1] - 2 * 1.645 * 0.1 * 4) < 0.06
    assert abs(result.score["median"][1, 1] - 4) < 0.03


# --- subsets, neighbours, memory -------------------------------------------------------------------------


def test_pairs_are_all_or_chosen_or_neighbours(monkeypatch):
    values = np.random.default_rng(1).normal(size=(1, 80, 3))
    methodology, figures = system(["a", "b", "c"]), panel(values, "abc")
    every = robustness(methodology, figures, replications=100)
    chosen = robustness(methodology, figures, replications=100, pairs=["u3", "u70", "u5"])
    assert len(every.ahead_table()) == 80 * 79 / 2 and len(chosen.ahead_table()) == 3
    assert chosen.ahead("u3", "u70") == every.ahead("u3", "u70")
    assert np.isnan(chosen.ahead("u3", "u4"))
    monkeypatch.setattr(module, "EVERY_PAIR", 79)
    near = robustness(methodology, figures, replications=100)
    assert near.tiers == every.tiers and near.aheads[0].probability.shape == (80, 25)
    order = near.aheads[0].order
    codes = [near.nominal.codes[n] for n in order]
    assert near.ahead(codes[0], codes[25]) == every.ahead(codes[0], codes[25])
    assert np.isnan(near.ahead(codes[0], codes[26]))


def test_memory_is_bounded_by_what_is_held(monkeypatch):
    values = np.random.default_rng(1).lognormal(size=(8, 300, 4))
    methodology = system(["a", "b", "c", "d"], years=list(range(2015, 2023)))
    figures = panel(values, "abcd", range(2015, 2023))
    monkeypatch.setattr(module, "_HELD", 300 * 2000)
    tracemalloc.start()
    try:
        robustness(methodology, figures, replications=2000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40e6  # all scores at once are 38 MB, before their ranks


# --- progress and stopping -------------------------------------------------------------------------------


def test_progress_rises_to_the_end_and_a_caller_can_stop(monkeypatch):
    seen = []
    robustness(nested(), nested_panel(), replications=500, batch=50, progress=lambda *x: seen.append(x))
    assert seen[-1] == (500, 500) and seen == sorted(seen) and len(seen) == 10
    monkeypatch.setattr(module, "_HELD", 7 * 500)
    seen.clear()
    robustness(nested(), nested_panel(), replications=500, batch=250, progress=lambda *x: seen.append(x))
    assert seen == [(125, 500), (250, 500), (375, 500), (500, 500)]
    answers = iter([False, True])
    with pytest.raises(CancelledError, match="已按要求停止"):
        robustness(nested(), nested_panel(), replications=500, batch=50, cancelled=lambda: next(answers))


# --- bad input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"replications": 19},
            ComputeError,
            "replications=19 太少, 得不出 5-95% 区间\n至少 20 次, 通常 1000 次以上",
        ),
        *(
            ({name: value}, CallError, f"{name} 应为不小于 {least} 的整数, 现为 {value!r}")
            for name, least, values in (
                ("workers", 1, (0, 1.7, "2")),
                ("seed", 0, (-1, 1.5)),
                ("batch", 1, (-1, 0, 2.5)),
                ("replications", 1, (20.5, "100", True)),
            )
            for value in values
        ),
        (
            {"replications": 10_000_000},
            ComputeError,
            "7 个单位、10000000 次重复超出内存上限\n请把 replications 减到 8571429 以下",
        ),
    ],
    ids=str,
)
def test_a_wrong_call_says_what_and_what_to_do(options, kind, message):
    with pytest.raises(kind) as caught:
        robustness(nested(), nested_panel(), **options)
    assert str(caught.value) == message


def test_memory_stays_bounded_by_what_occurs():
    """6,000 units in 30 replicates: a table of all ranks would take 288 MB, thirty ranks a unit 1 MB."""
    generator = np.random.default_rng(1)
    values = generator.lognormal(size=(1, 6_000, 3))
    codes = [f"u{n:04}" for n in range(6_000)]
    methodology, data = system(["a", "b", "c"]), panel(values, "abc", codes=codes)
    robustness(methodology, data, replications=20)
    tracemalloc.start()
    try:
        found = robustness(methodology, data, replications=30)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6
    counts = found.rank_counts[0]
    assert len(counts.places) <= 6_000 * 30
    assert counts.counts.sum() == 6_000 * 30
    assert found.rank_table()["probability"].sum() == pytest.approx(6_000)


def test_ranks_that_do_not_fit_are_refused(monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 10)
    with pytest.raises(ComputeError) as caught:
        robustness(nested(), nested_panel(), replications=100)
    assert caught.value.what == "2 年的名次概率超出内存上限"


def test_one_unit_is_first_in_a_tier_of_its_own():
    result = robustness(system(["a", "b"]), panel([[[1.0, 2.0]]], "ab"), replications=20)
    assert result.tiers[0].members == ((0,),) and result.rank["high"].tolist() == [[1]]
    assert result.sentence() == (
        "2022 年: 名次平均变动 0 位 (5-95% 区间 0-0); 1 个单位分为 1 档, 同档之内分不出先后; "
        "u0居首, 在 100.0% 的重复中仍是第 1 位"
    )


def test_units_all_alike_share_the_first_rank_and_one_tier():
    result = robustness(system(["a", "b"]), panel(np.ones((1, 4, 2)), "ab"), replications=20)
    assert result.tiers[0].members == ((0, 1, 2, 3),) and result.ahead("u0", "u3") == 0.5
    assert result.sentence().endswith("4 个单位并列居首")


def test_nothing_observed_says_so():
    result = robustness(system(["a", "b"]), panel(np.full((1, 3, 2), NAN), "ab"), replications=20)
    assert result.sentence() == "没有一个单位有得分, 无从比较"
    assert result.table()["note"].to_list() == ["原方法下没有得分"] * 3
    assert result.table()["rank_median"].to_list() == [None] * 3
    assert len(result.ahead_table()) == 0


def test_a_unit_without_a_score_in_some_replications_says_in_how_many():
    values = [[[1.0, NAN, NAN], [2, 5, 1], [3, 1, 7]]]
    result = robustness(
        system(["a", "b", "c"]),
        panel(values, "abc"),
        replications=400,
        factors=[{"factor": "leave-one-out", "indicators": ["a"]}],
    )
    row = result.table().row(0, named=True)
    assert 0.4 < row["scored_share"] < 0.6 and row["rank_median"] == 3
    assert row["note"] == f"{1 - row['scored_share']:.1%} 的重复没有得分, 未计入"
    assert result.sentence().endswith("1 个单位在部分重复中没有得分")
    assert result.ahead("u1", "u0") == 1  # in those in which both have a score


# --- what it says ----------------------------------------------------------------------------------------


def test_table_sentence_and_figure_in_both_languages():
    result = robustness(nested(), nested_panel(), replications=200, factors=ALL)
    frame = result.table()
    assert len(frame) == 14 and frame["note"].to_list() == [""] * 14
    assert (frame["rank_low"] <= frame["rank_median"]).all() and (
        frame["rank_median"] <= frame["rank_high"]
    ).all()
    assert frame.null_count().drop("told_apart_from_next_tier").sum_horizontal().item() == 0
    assert result.title == "稳健性: 小例, 200 次重复"
    assert "2022 年: 名次平均变动" in result.sentence()
    with speaking("en"):
        assert result.title == "Robustness: Small, 200 replications"
        assert result.sentence().startswith("2022: ranks shift by ")
        assert not any("一" <= x <= "鿿" for x in result.sentence())
    json.dumps(result.to_dict())
    figure = result.figure()
    assert figure["median"] == sorted(figure["median"]) and figure["tier"] == sorted(figure["tier"])
    probability = result.rank_table().group_by("code").agg(total=pl.col("probability").sum())
    assert np.allclose(probability["total"], 1)
