"""Factors: read from tables, named, and refused by name where they have nothing to move."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.index.building import computed, panel, system
from xinzhi.analysis.factors import DEFAULT, WeightBand, choices, keys, read_factors, title
from xinzhi.analysis.replication import Design
from xinzhi.analysis.robustness import robustness
from xinzhi.analysis.sensitivity import sensitivity
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import compute
from xinzhi.language import speaking

REMEDY = "请去掉这个因素, 或改用有这一环节的方法和数据"
VALUES = np.random.default_rng(1).uniform(1, 9, size=(1, 6, 3))
LINE = {"method": "minmax"}


def flat(**changes):
    return system(["a", "b", "c"], **changes)


def refused(factor, methodology=None, values=VALUES):
    methodology = methodology or flat()
    names = [name for name, _v in methodology.variables()]
    with pytest.raises(ComputeError) as caught:
        robustness(methodology, panel(values, names), factors=[factor], replications=20)
    return str(caught.value).split("\n")


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        ({"factor": "weight-band", "level": 2}, "权重 (上下 25%), 第 2 层: 方法没有第 2 层"),
        (
            {"factor": "aggregation", "alternatives": [{"method": "geometric"}], "level": 1},
            "合成方法, 第 1 层: 方法没有第 1 层",
        ),
        (
            {"factor": "aggregation", "alternatives": [{"method": "arithmetic"}]},
            "合成方法: 备选与方法本来的做法相同",
        ),
        ({"factor": "gaps", "alternatives": [[{"rule": "carried"}]]}, "缺口规则: 没有一格数据是补齐的"),
        ({"factor": "noise"}, "补齐的数据的误差 (相对标准差 0.05): 没有一格数据是补齐的"),
        ({"factor": "reading", "reading": "r1"}, "读法 r1: 方法没有这个读法; 有的是: 无"),
        ({"factor": "leave-one-out", "indicators": ["x"]}, "去掉一个指标: 方法没有指标 x"),
        ({"factor": "treatment", "alternatives": [[]]}, "异常值处理: 备选与方法本来的做法相同"),
        ({"factor": "normalisation", "alternatives": [LINE]}, "标准化方法: 备选与方法本来的做法相同"),
    ],
    ids=lambda x: x["factor"] if isinstance(x, dict) else "",
)
def test_a_factor_without_its_stage_is_an_error_that_names_it(factor, message):
    assert refused(factor) == [message, REMEDY]
    with speaking("en"):
        english = refused(factor)
    assert english[1].startswith("Take the factor away") and not any("一" <= x <= "鿿" for x in english[0])


def test_one_indicator_has_neither_weights_nor_one_to_leave_out():
    one = system(["a"])
    assert refused({"factor": "weight-band"}, one, VALUES[..., :1])[0].endswith(
        "只有一个权重, 归一以后总是 1"
    )
    assert refused({"factor": "leave-one-out"}, one, VALUES[..., :1])[0].endswith("方法只有一个指标")


def test_normalisation_of_indicators_that_all_have_their_own():
    own = system({n: {"normalisation": {"method": "rank"}} for n in "abc"})
    factor = {"factor": "normalisation", "alternatives": [{"method": "zscore"}]}
    assert refused(factor, own)[0] == "标准化方法: 每个指标都写明了自己的标准化方法"


def test_a_variant_that_scores_nobody_is_an_error_that_names_its_choices():
    # All z-scores of the worst are negative: a geometric mean of negative numbers is not defined.
    factors = [
        {"factor": "normalisation", "alternatives": [{"method": "none"}]},
        {"factor": "aggregation", "alternatives": [{"method": "geometric"}]},
    ]
    with pytest.raises(ComputeError) as caught:
        robustness(flat(), panel(-VALUES, "abc"), factors=factors, replications=50)
    what, remedy = str(caught.value).split("\n")
    assert what == "标准化方法: none; 合成方法: geometric: 这一组选择下没有一个单位有得分 (2022 年)"
    assert remedy.startswith("几何平均等要求标准化值为正")


NAMES = "weight-band, weight-dirichlet, normalisation, aggregation, gaps, treatment, leave-one-out, reading, noise"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([{"factor": "wieght"}], f"因素 第 1 项: 未知的方法 wieght; 可用: {NAMES}"),
        ([WeightBand(), {"factor": "weight-band", "share": 2}], "因素 第 2 项 share: 应当 <= 1.0"),
        ([{"factor": "aggregation", "alternatives": []}], "因素 第 1 项 alternatives: 不能为空"),
        ([{"share": 0.1}], "因素 第 1 项: 缺少 factor 一项"),
        ([3], "因素 第 1 项: 类型不对, 写的是 3"),
        ("weight-band", "因素 第 1 项: 类型不对, 写的是 weight-band"),
    ],
)
def test_what_is_no_factor_is_a_wrong_call(given, told):
    with pytest.raises(CallError) as caught:
        read_factors(given)
    assert str(caught.value) == f"{told}\n因素写法见 docs/analysis-robustness.md"
    with speaking("en"), pytest.raises(CallError) as caught:
        read_factors(given)
    assert "Input should" not in str(caught.value)


def test_a_single_factor_needs_no_list():
    assert read_factors(WeightBand()) == read_factors({"factor": "weight-band"}) == (WeightBand(),)


def test_a_factor_of_filled_figures_says_where_there_are_none():
    """The blanks of province-open are filled in 2017 only; 2022 was printed in full."""
    for factor, called in (
        ({"factor": "noise", "cells": "filled"}, "补齐的数据的误差 (相对标准差 0.05)"),
        ({"factor": "gaps", "alternatives": [[{"rule": "carried"}]]}, "缺口规则"),
    ):
        found = robustness("province-open", factors=[factor], replications=20)
        told = f"2022 年没有补齐的数据, “{called}”不涉及这一年的任何一格"
        assert found.sentence().endswith(told)
        assert found.shifts[found.nominal.years.index(2022)].max() == 0
        assert found.shifts[found.nominal.years.index(2017)].max() > 0
        sobol = sensitivity("province-open", factors=[factor], n=16)
        assert sobol.sentence() == f"2022 年: 没有一个因素改变名次; {told}"
        moved = sensitivity("province-open", factors=[factor], n=16, year=2017)
        assert "补齐的数据, “" not in moved.sentence()
    both = robustness("province-open", factors=[{"factor": "noise", "cells": "all"}], replications=20)
    assert "不涉及" not in both.sentence()


def test_no_factor_is_a_wrong_call_and_none_is_the_default():
    with pytest.raises(CallError, match="没有任何因素"):
        read_factors([])
    assert read_factors(None) == DEFAULT
    assert read_factors(DEFAULT) == DEFAULT


def test_keys_tell_factors_apart():
    factors = read_factors(
        [
            {"factor": "weight-band"},
            {"factor": "weight-band", "level": 1},
            {"factor": "noise", "sd": 0.1, "cells": "all"},
            {"factor": "noise"},
            {"factor": "reading", "reading": "r"},
        ]
    )
    assert keys(factors) == ("weight-band", "weight-band:1", "noise", "noise#2", "reading:r")
    assert len(set(map(title, factors))) == 5


def test_choices_begin_with_the_nominal_one_and_drop_what_is_the_same():
    nominal = computed(flat(), VALUES)
    (factor,) = read_factors(
        [{"factor": "normalisation", "alternatives": [LINE, {"method": "rank"}, {"method": "rank"}]}]
    )
    assert [c.label for c in choices(factor, nominal)] == ["minmax", "rank"]
    (factor,) = read_factors([{"factor": "leave-one-out"}])
    assert [c.label for c in choices(factor, nominal)] == ["全部指标", "指标a", "指标b", "指标c"]


NESTED = {"a": {"parent": "d"}, "b": {"parent": "d"}, "c": {"parent": "e"}, "f": {"parent": "e"}}
FOUR = np.random.default_rng(3).uniform(1, 9, size=(2, 7, 4))
YEARS = (2021, 2022)


def nested(dimensions=None, **changes):
    dimensions = dimensions or {"d": {}, "e": {}}
    return system(changes.pop("indicators", NESTED), dimensions, years=list(YEARS), **changes)


def variant_scores(methodology, values, factor, option=1):
    nominal = compute(methodology, panel(values, [n for n, _v in methodology.variables()], YEARS))
    design = Design(nominal, read_factors([factor]), 0)
    variant = design.variant((option,))
    draws = design.random(1)
    return design.scores(variant, draws, np.array([0]), slice(None))[0], design


@pytest.mark.parametrize(
    ("factor", "changes", "values"),
    [
        (
            {"factor": "normalisation", "alternatives": [{"method": "rank"}]},
            {"normalisation": {"method": "rank"}},
            FOUR,
        ),
        (
            {"factor": "aggregation", "alternatives": [{"method": "geometric"}]},
            {"aggregation": {"method": "geometric"}},
            FOUR,
        ),
        (
            {"factor": "aggregation", "alternatives": [{"method": "geometric"}], "level": 0},
            {
                "aggregation": {"method": "geometric"},
                "dimensions": {n: {"aggregation": {"method": "arithmetic"}} for n in "de"},
            },
            FOUR,
        ),
        (
            {"factor": "aggregation", "alternatives": [{"method": "harmonic"}], "level": 1},
            {"dimensions": {n: {"aggregation": {"method": "harmonic"}} for n in "de"}},
            FOUR,
        ),
        (
            {"factor": "treatment", "alternatives": [[{"method": "log"}]], "indicators": ["a"]},
            {"indicators": NESTED | {"a": {"parent": "d", "treatment": {"log": {"method": "log"}}}}},
            FOUR,
        ),
    ],
    ids=["normalisation", "aggregation", "aggregation-root", "aggregation-level-1", "treatment"],
)
def test_a_choice_is_the_methodology_written_so(factor, changes, values):
    found, _design = variant_scores(nested(), values, factor)
    written = compute(nested(**changes), panel(values, list(NESTED), YEARS))
    assert np.array_equal(found, written.scores["total"])


def test_a_left_out_indicator_is_the_methodology_without_it():
    for option, leaf in enumerate(NESTED, start=1):
        found, _design = variant_scores(nested(), FOUR, {"factor": "leave-one-out"}, option)
        written = compute(nested(), panel(FOUR, list(NESTED), YEARS), without=[leaf])
        assert np.allclose(found, written.scores["total"], rtol=0, atol=1e-12)


def test_another_gap_rule_fills_what_the_own_one_filled():
    values = FOUR.copy()
    values[0, 2, 0] = math.nan
    indicators = {n: i | {"gap": [{"rule": "group", "by": "all"}]} for n, i in NESTED.items()}
    factor = {"factor": "gaps", "alternatives": [[{"rule": "carried", "source": "next"}], []]}
    own = nested(indicators=indicators)
    for option, gap in ((1, [{"rule": "carried", "source": "next"}]), (2, [])):
        found, _design = variant_scores(own, values, factor, option)
        written = nested(indicators=indicators | {"a": {"parent": "d", "gap": gap}})
        assert np.array_equal(
            found, compute(written, panel(values, list(NESTED), YEARS)).scores["total"], equal_nan=True
        )


def test_a_reading_is_the_methodology_read_so():
    readings = {
        "r": {
            "title": {"zh": "读法"},
            "passage": {"zh": "原文"},
            "default": "x",
            "options": {
                "x": {"title": {"zh": "甲"}},
                "y": {"title": {"zh": "乙"}, "set": {"aggregation": {"method": "harmonic"}}},
            },
        }
    }
    found, design = variant_scores(nested(readings=readings), FOUR, {"factor": "reading", "reading": "r"})
    written = compute(nested(readings=readings), panel(FOUR, list(NESTED), YEARS), readings={"r": "y"})
    assert np.array_equal(found, written.scores["total"])
    assert [c.label for c in design.choices[0]] == ["甲", "乙"]
