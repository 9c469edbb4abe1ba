"""The trace of a score: drawn in full for a small case, and each formula with its numbers."""

from __future__ import annotations

import math

import pytest

from tests.index.building import computed, panel, system
from xinzhi import compute, speaking
from xinzhi.index import Result

NAN = math.nan


def traced() -> Result:
    methodology = system(
        {
            "a": {"parent": "d", "unit": "亿元", "gap": [{"rule": "linear"}]},
            "b": {"direction": "negative", "formula": "p / q"},
        },
        {"d": {"title": {"zh": "维度"}}},
        years=[2020, 2021, 2022],
        inputs={"p": {"title": {"zh": "能耗"}}, "q": {"title": {"zh": "产值"}}},
    )
    values = [[[4.0, 6, 2], [1, 8, 4]], [[NAN, 6, 2], [2, 8, 4]], [[8.0, 6, 3], [2, 8, 4]]]
    return compute(methodology, panel(values, ["a", "p", "q"], (2020, 2021, 2022), names=["甲", "乙"]))


def test_a_trace_goes_from_the_score_to_the_cells():
    assert str(traced().trace("甲", year=2021)) == (
        "甲 · 2021\n"
        "总指数 50.00 (第 1 / 2)\n"
        "│  = 0.5 × 100.00 + 0.5 × 0.00\n"
        "├─ 维度 100.00 (第 1 / 2, 权重 0.5, 贡献 50.00)\n"
        "│  │  = 1 × 100.00\n"
        "│  └─ 指标a 100.00 (第 1 / 2)\n"
        "│     │  = (6 − 2) / (6 − 2) × 100; 最小 乙 2, 最大 甲 6\n"
        "│     └─ 指标a: 6 亿元 [内插补齐] 线性内插, 依据 2020: 4; 2022: 8\n"
        "│           年报; data.csv 第 1 行 a 列; data.csv 第 1 行 a 列\n"
        "└─ 指标b 0.00 (第 2 / 2, 权重 0.5, 贡献 0.00)\n"
        "   │  = (3 − 3) / (3 − 2) × 100; 最小 乙 2, 最大 甲 3\n"
        "   ├─ 指标b: 3 [按公式计算] 按公式 p / q\n"
        "   ├─ 能耗: 6 [填报]\n"
        "   │     年报; data.csv 第 1 行 p 列\n"
        "   └─ 产值: 2 [填报]\n"
        "         年报; data.csv 第 1 行 q 列\n"
        "※ 每个节点的下级等权\n"
        "※ 按规则补齐 1 格, 见补齐表"
    )


def test_a_trace_may_start_at_any_node():
    trace = traced().trace("乙", "b", 2022)
    assert [trace.title, trace.score, trace.rank, trace.share, trace.contribution] == ["指标b", 50, 1, 1, 50]
    assert [cell.variable for cell in trace.cells] == ["b", "p", "q"]
    assert trace.how == "各单位相同 (2), 取中点"


def test_a_trace_as_dicts_and_in_a_notebook():
    trace = traced().trace("乙", "d", 2020)
    content = trace.to_dict()
    assert [content["node"], content["children"][0]["cells"][0]["value"]] == ["d", 1]
    assert trace._repr_html_().startswith("<pre>乙 · 2020\n维度 0.00")


MINMAX, GOALPOSTS = {"method": "minmax"}, {"method": "goalposts", "upper": 10}
FORMULAS = [
    (
        MINMAX,
        "positive",
        "(2 − 1) / (4 − 1) × 100; 最小 u0 1, 最大 u2 4",
        "(2 − 1) / (4 − 1) × 100; minimum u0 1, maximum u2 4",
    ),
    (
        MINMAX,
        "negative",
        "(4 − 2) / (4 − 1) × 100; 最小 u0 1, 最大 u2 4",
        "(4 − 2) / (4 − 1) × 100; minimum u0 1, maximum u2 4",
    ),
    (GOALPOSTS | {"lower": 0}, "positive", "(2 − 0) / (10 − 0) × 100", "(2 − 0) / (10 − 0) × 100"),
    (
        GOALPOSTS | {"lower": 3},
        "negative",
        "(10 − 2) / (10 − 3) × 100; 超出目标值, 按端点计",
        "(10 − 2) / (10 − 3) × 100; beyond the goalposts, counted as the end",
    ),
    (
        {"method": "base", "year": 2022},
        "positive",
        "2 / 2 × 100 (2022 年为基期)",
        "2 / 2 × 100 (base year 2022)",
    ),
    ({"method": "zscore", "mean": 50, "sd": 10}, "positive", "50 + 10 × z(2)", "50 + 10 × z(2)"),
    ({"method": "rank"}, "positive", "rank(2)", "rank(2)"),
]


@pytest.mark.parametrize(("rule", "direction", "chinese", "english"), FORMULAS)
def test_each_normalisation_is_written_with_its_numbers(rule, direction, chinese, english):
    result = computed(system({"a": {"direction": direction}}, normalisation=rule), [[[1.0], [2], [4]]])
    assert result.trace("u1", "a").how == chinese
    with speaking("en"):
        assert result.trace("u1", "a").how == english


def test_a_treated_figure_is_shown_as_treated():
    methodology = system({"a": {"treatment": {"r": {"method": "root"}}}})
    result = computed(methodology, [[[1.0], [9.0], [-4.0]]])
    assert result.trace("u1", "a").how == "处理后 3; (3 − 1) / (3 − 1) × 100; 最小 u0 1, 最大 u1 3"
    assert result.trace("u2", "a").how == "没有数据"


MEANS = [
    ("geometric", "加权几何平均 (0.5: 50.00, 0.5: 100.00)"),
    ("harmonic", "加权调和平均 (0.5: 50.00, 0.5: 100.00)"),
    ("topsis", "TOPSIS 贴近度 (0.5: 50.00, 0.5: 100.00)"),
    ("mpi", "Mazziotta-Pareto 指数 (0.5: 50.00, 0.5: 100.00)"),
]


@pytest.mark.parametrize(("method", "expected"), MEANS)
def test_each_aggregation_is_named_with_its_children(method, expected):
    result = computed(system(["a", "b"], aggregation={"method": method}), [[[1.0, 1], [2, 5], [3, 1]]])
    assert result.trace("u1").how == expected


def test_a_missing_child_gives_its_weight_to_the_others():
    result = computed(system(["a", "b", "c"]), [[[1.0, 1, NAN], [2, NAN, NAN], [3, 2, 4]]])
    assert result.trace("u0").how == "0.5 × 0.00 + 0.5 × 0.00  (缺 1 项, 权重按其余各项重新分配)"
    lines = list(result.trace("u0").lines())
    assert lines[-3:] == ["└─ 指标c: 没有得分", "   │  = 没有数据", "   └─ 指标c: [缺失]"]


def test_equal_extremes_name_one_unit_and_count_the_others():
    result = computed(system(["a"]), [[[1.0], [1.0], [4.0]]])
    assert result.trace("u2", "a").how == "(4 − 1) / (4 − 1) × 100; 最小 u0 等 2 个 1, 最大 u2 4"
