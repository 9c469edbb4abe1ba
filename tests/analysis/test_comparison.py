"""Comparison: parts add up, reasons by hand, and units that only one result has."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xinzhi
from tests.index.building import AGGREGATIONS, panel, system
from xinzhi.analysis.comparison import compare
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import compute
from xinzhi.language import speaking

NAN = math.nan
VALUES = np.random.default_rng(4).lognormal(size=(1, 9, 3))


def of(values, names="abc", codes=None, years=(2022,), **changes):
    return compute(
        system(list(names), years=list(years), **changes), panel(values, list(names), years, codes)
    )


@given(st.sampled_from(AGGREGATIONS[:6]), st.integers(0, 99))
def test_differences_add_up_and_relative_ones_have_mean_zero(rule, seed):
    other = np.random.default_rng(seed).lognormal(size=(1, 9, 3))
    found = compare(of(VALUES), of(other, aggregation=rule))
    assert np.allclose(found.differences.sum(axis=1), found.scores[1] - found.scores[0], atol=1e-6)
    assert np.allclose(found.relative.mean(axis=0), 0)
    assert np.allclose(found.moved.sum(), 0) or len(set(found.scores[1])) < 9 or len(set(found.scores[0])) < 9


def test_a_result_does_not_differ_from_itself():
    found = compare(of(VALUES), of(VALUES))
    assert not found.moved.any() and found.sentence() == "9 个共同单位的名次全部相同"
    assert found.table()["main_reason"].to_list() == [None] * 9


def test_who_rose_and_why():
    # y overtakes x by b alone.
    before = of([[[10.0, 0, 5], [8, 0, 5], [0, 10, 5]]], codes=["x", "y", "z"])
    after = of([[[10.0, 0, 5], [8, 9, 5], [0, 10, 5]]], codes=["x", "y", "z"])
    found = compare(before, after)
    row = found.table().row(1, named=True)
    assert (row["rank_before"], row["rank_after"], row["main_reason"]) == (3, 1, "指标b")
    assert np.isclose(row["reason_relative_change"], 30 - 10)
    assert found.sentence() == (
        "3 个共同单位中 3 个名次变动, 平均 1.33 位; 变动最大的是y, 上升 2 位, 主要因为指标b"
    )
    back = compare(after, before)
    assert back.sentence().endswith("变动最大的是y, 下降 2 位, 主要因为指标b")
    reasons = found.reasons()
    assert len(reasons) == 9 and np.isclose(reasons["difference"].sum(), 30)


def test_units_in_only_one_are_named_and_ranks_are_among_the_others():
    values = VALUES.copy()
    values[0, 3] = NAN
    found = compare(of(VALUES[:, :8]), of(values[:, 1:], codes=[f"u{n}" for n in range(1, 9)]))
    assert found.only_before == ("u0", "u3") and found.only_after == ("u8",)
    assert sorted(found.ranks[1]) == [1, 2, 3, 4, 5, 6]
    frame = found.table()
    assert frame["note"].to_list() == [""] * 6 + ["只在前一个结果中有得分"] * 2 + ["只在后一个结果中有得分"]
    assert found.sentence().endswith("只在一个结果中有得分的单位: 3 个")


def test_indicators_and_scales_may_differ():
    found = compare(of(VALUES[..., :2], "ab"), of(VALUES, scale=1.0))
    assert found.indicators == ("a", "b", "c") and found.scores.max() > 2
    assert np.allclose(found.differences.sum(axis=1), found.scores[1] - found.scores[0])


def test_years_of_a_panel():
    values = np.random.default_rng(8).lognormal(size=(2, 5, 3))
    result = of(values, years=(2021, 2022))
    assert compare(result, result, year=2021).years == (2021, 2021)
    with pytest.raises(CallError, match="没有 2020 年的结果"):
        compare(result, result, year=2020)


def test_nobody_in_common_is_an_error():
    with pytest.raises(ComputeError) as caught:
        compare(of(VALUES[:, :2]), of(VALUES[:, :2], codes=["p", "q"]))
    assert str(caught.value) == "两个结果没有共同的有得分的单位\n请比较同一级别、单位代码一致的结果"


def test_ties_for_the_furthest_and_both_languages():
    before = of([[[2.0], [1.0], [0.0]]], "a")
    after = of([[[0.0], [1.0], [2.0]]], "a")
    found = compare(before, after)
    assert found.sentence() == "3 个共同单位中 2 个名次变动, 平均 1.33 位; 2 个单位变动最大, 都是 2 位"
    assert found.title == "比较: 小例 (2022) 与 小例 (2022)"
    with speaking("en"):
        assert found.sentence() == (
            "of 3 units in common 2 change their rank, by 1.33 on average over all; "
            "2 units move furthest, each by 2"
        )
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.figure() == {"name": ["u0", "u1", "u2"], "before": [1, 2, 3], "after": [3, 2, 1]}


def test_what_is_no_result_is_a_wrong_call():
    result = xinzhi.compute("province-open")
    for pair in ((result, "x"), ("x", result)):
        with pytest.raises(CallError, match="不是结果: str"):
            compare(*pair)
