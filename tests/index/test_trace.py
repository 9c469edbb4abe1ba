"""The trace of a score: drawn in full for a small case, and each formula with its numbers."""

from __future__ import annotations

import math
import re

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
    (
        MINMAX | {"log": True, "lowest": 60.0},
        "negative",
        "60 + (ln 4 − ln 2) / (ln 4 − ln 1) × (100 − 60); 最小 u0 1, 最大 u2 4",
        "60 + (ln 4 − ln 2) / (ln 4 − ln 1) × (100 − 60); minimum u0 1, maximum u2 4",
    ),
    (
        GOALPOSTS | {"lower": 1, "log": True},
        "positive",
        "(ln 2 − ln 1) / (ln 10 − ln 1) × 100",
        "(ln 2 − ln 1) / (ln 10 − ln 1) × 100",
    ),
    (
        {"method": "base", "year": "first-positive"},
        "positive",
        "2 / 2 × 100 (2022 年为基期)",
        "2 / 2 × 100 (base year 2022)",
    ),
    (
        {"method": "zscore", "mean": 50, "sd": 10},
        "positive",
        "50 + 10 × (2 − 2.33333) / 1.24722; 平均 2.33333, 标准差 1.24722",
        "50 + 10 × (2 − 2.33333) / 1.24722; mean 2.33333, standard deviation 1.24722",
    ),
    (
        {"method": "zscore", "mean": 100, "sd": 10},
        "negative",
        "100 − 10 × (2 − 2.33333) / 1.24722; 平均 2.33333, 标准差 1.24722",
        "100 − 10 × (2 − 2.33333) / 1.24722; mean 2.33333, standard deviation 1.24722",
    ),
    (
        {"method": "rank"},
        "positive",
        "(3 − 2) / (3 − 1) × 100; 3 个数中第 2",
        "(3 − 2) / (3 − 1) × 100; place 2 of 3 figures",
    ),
    (
        {"method": "percentile"},
        "negative",
        "(3 − 2 + 1) / 3 × 100; 3 个数中第 2",
        "(3 − 2 + 1) / 3 × 100; place 2 of 3 figures",
    ),
    (
        {"method": "reference"},
        "positive",
        "2 / 4 × 100; 参照最好的 u2 4",
        "2 / 4 × 100; reference: the best, u2 4",
    ),
    (
        {"method": "reference"},
        "negative",
        "1 / 2 × 100; 参照最好的 u0 1",
        "1 / 2 × 100; reference: the best, u0 1",
    ),
    (
        {"method": "reference", "to": "mean"},
        "positive",
        "2 / 2.33333 × 100; 参照平均数 2.33333",
        "2 / 2.33333 × 100; reference: the mean, 2.33333",
    ),
    (
        {"method": "reference", "to": "median"},
        "positive",
        "2 / 2 × 100; 参照中位数 2",
        "2 / 2 × 100; reference: the median, 2",
    ),
    (
        {"method": "reference", "to": 5.0},
        "negative",
        "5 / 2 × 100; 参照规定的 5",
        "5 / 2 × 100; reference: the stated 5",
    ),
    (
        {"method": "ampi", "year": 2022},
        "negative",
        "100 − (2 − 2.33333) / (4 − 1) × 60; 2022 年平均 2.33333, 最小 u0 1, 最大 u2 4",
        "100 − (2 − 2.33333) / (4 − 1) × 60; mean of 2022 2.33333, minimum u0 1, maximum u2 4",
    ),
    ({"method": "none"}, "positive", "2", "2"),
    ({"method": "none"}, "negative", "−2", "−2"),
]


def by_hand(how: str) -> float:
    """Do what a formula says, as a reader with a pocket calculator would."""
    formula = re.split(r"; | \((?:\d+ 年|base)|  \(", how.split(": ", 1)[-1])[0]
    for written, meant in (("−", "-"), ("×", "*"), ("^", "**"), ("²", "**2")):
        formula = formula.replace(written, meant)
    return float(eval(re.sub(r"ln ([\d.]+)", r"math.log(\1)", formula), {"math": math}))


@pytest.mark.parametrize(("rule", "direction", "chinese", "english"), FORMULAS)
def test_each_normalisation_is_written_with_its_numbers(rule, direction, chinese, english):
    result = computed(system({"a": {"direction": direction}}, normalisation=rule), [[[1.0], [2], [4]]])
    assert result.trace("u1", "a").how == chinese
    with speaking("en"):
        assert result.trace("u1", "a").how == english
    if "端点" not in chinese:
        assert by_hand(chinese) == pytest.approx(result.score("u1", "a"), abs=1e-3)


def test_before_its_first_positive_year_a_unit_has_the_base():
    rule = {"method": "base", "year": "first-positive"}
    methodology = system(["a"], normalisation=rule, years=[2020, 2021, 2022])
    result = computed(methodology, [[[0.0]], [[4.0]], [[6.0]]])
    assert [result.trace("u0", "a", year).how for year in result.years] == [
        "2021 年为首个正值, 此前都得 100",
        "4 / 4 × 100 (2021 年为基期)",
        "6 / 4 × 100 (2021 年为基期)",
    ]


@pytest.mark.parametrize(
    ("rule", "column", "expected"),
    [
        ({"method": "rank"}, [3.0], "只有一个数, 取中点"),
        ({"method": "rank"}, [3.0, 3.0], "(2 − 1.5) / (2 − 1) × 100; 2 个数中第 1.5"),
        ({"method": "zscore", "mean": 50}, [0.1, 0.1, 0.1], "各单位相同 (0.1), 得 50"),
        ({"method": "ampi", "year": 2022}, [3.0, 3.0], "各单位相同 (3), 得 100"),
        (MINMAX, [-3.0, 2.0], "(-3 − (-3)) / (2 − (-3)) × 100; 最小 u0 -3, 最大 u1 2"),
    ],
)
def test_ties_single_and_negative_figures(rule, column, expected):
    result = computed(system(["a"], normalisation=rule), [[[x] for x in column]])
    assert result.trace("u0", "a").how == expected


def test_a_treated_figure_is_shown_as_treated():
    methodology = system({"a": {"treatment": {"r": {"method": "root"}}}})
    result = computed(methodology, [[[1.0], [9.0], [-4.0]]])
    assert result.trace("u1", "a").how == "处理后 3; (3 − 1) / (3 − 1) × 100; 最小 u0 1, 最大 u1 3"
    assert result.trace("u2", "a").how == "没有数据"


CHILDREN = "0.5 × 50.00 + 0.5 × 100.00"
MEANS = [
    ({"method": "arithmetic"}, CHILDREN),
    ({"method": "geometric"}, "加权几何平均: 50.00^0.5 × 100.00^0.5"),
    ({"method": "harmonic"}, "加权调和平均: 1 / (0.5 / 50.00 + 0.5 / 100.00)"),
    (
        {"method": "power", "exponent": 0.5},
        "加权幂平均: (0.5 × 50.00^0.5 + 0.5 × 100.00^0.5)^(1 / 0.5)",
    ),
    (
        {"method": "power", "exponent": -2.0},
        "加权幂平均: (0.5 × 50.00^(-2) + 0.5 × 100.00^(-2))^(1 / (-2))",
    ),
    (
        {"method": "topsis"},
        "TOPSIS 贴近度: 55.9017 / (25 + 55.9017) × 100; "
        "距最好 (100.00, 100.00) 25, 距最差 (0.00, 0.00) 55.9017; 距离 = √Σ(权重 × 差)²",
    ),
    (
        {"method": "topsis", "weight": "outside"},
        "TOPSIS 贴近度: 79.0569 / (35.3553 + 79.0569) × 100; "
        "距最好 (100.00, 100.00) 35.3553, 距最差 (0.00, 0.00) 79.0569; 距离 = √Σ权重 × 差²",
    ),
    (
        {"method": "mpi"},
        f"Mazziotta-Pareto 指数: 75.00 − 25.00² / 75.00; M = {CHILDREN} = 75.00, S = 25.00",
    ),
    (
        {"method": "mpi", "penalty": "up"},
        f"Mazziotta-Pareto 指数: 75.00 + 25.00² / 75.00; M = {CHILDREN} = 75.00, S = 25.00",
    ),
]


@pytest.mark.parametrize(("rule", "expected"), MEANS)
def test_each_aggregation_is_written_with_its_numbers(rule, expected):
    result = computed(system(["a", "b"], aggregation=rule), [[[1.0, 1], [2, 5], [3, 1]]])
    assert result.trace("u1").how == expected
    assert by_hand(expected) == pytest.approx(result.score("u1"), abs=1e-3)


def test_the_distances_are_told_in_english():
    result = computed(system(["a", "b"], aggregation={"method": "topsis"}), [[[1.0, 1], [2, 5], [3, 1]]])
    with speaking("en"):
        assert result.trace("u1").how == (
            "TOPSIS closeness: 55.9017 / (25 + 55.9017) × 100; 25 from the best (100.00, 100.00), "
            "55.9017 from the worst (0.00, 0.00); distance = √Σ(weight × difference)²"
        )


UNEVEN = [[[1.0, NAN], [2, 5], [2, 1]]]
DEFINED = [
    ({"aggregation": {"method": "harmonic"}}, [[[1.0, 1], [2, 5]]],
     "加权调和平均: 1 / (0.5 / 0.00 + 0.5 / 0.00); 有下级为 0, 得 0"),
    ({"aggregation": {"method": "mpi"}}, UNEVEN,
     "Mazziotta-Pareto 指数: 1 × 0.00; S = 0  (缺 1 项, 权重按其余各项重新分配)"),
    ({"aggregation": {"method": "topsis"}}, UNEVEN,
     "TOPSIS 贴近度: 0 / (50 + 0) × 100; 距最好 (100.00) 50, 距最差 (0.00) 0; 距离 = √Σ(权重 × 差)²"
     "  (缺 1 项, 不计入距离)"),
    ({"aggregation": {"method": "topsis"}}, [[[1.0, 1], [1, 1]]], "TOPSIS 贴近度: 最好与最差相同, 取中点"),
    ({"missing": {"policy": "propagate"}}, UNEVEN, "缺 1 项, 按规定不给得分"),
    ({"aggregation": {"method": "geometric"}, "normalisation": {"method": "none"}}, [[[-1.0, 2], [1, 1]]],
     "公式没有定义"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "values", "expected"), DEFINED)
def test_what_is_missing_or_not_defined_is_said(changes, values, expected):
    assert computed(system(["a", "b"], **changes), values).trace("u0").how == expected


def test_a_missing_child_gives_its_weight_to_the_others():
    result = computed(system(["a", "b", "c"]), [[[1.0, 1, NAN], [2, NAN, NAN], [3, 2, 4]]])
    assert result.trace("u0").how == "0.5 × 0.00 + 0.5 × 0.00  (缺 1 项, 权重按其余各项重新分配)"
    lines = list(result.trace("u0").lines())
    assert lines[-3:] == ["└─ 指标c: 没有得分", "   │  = 没有数据", "   └─ 指标c: [缺失]"]


def test_equal_extremes_name_one_unit_and_count_the_others():
    result = computed(system(["a"]), [[[1.0], [1.0], [4.0]]])
    assert result.trace("u2", "a").how == "(4 − 1) / (4 − 1) × 100; 最小 u0 等 2 个 1, 最大 u2 4"


def test_a_filled_cell_shows_the_units_it_was_summarised_from():
    gap = [{"rule": "group", "by": "all", "statistic": "median"}]
    figures = [[NAN], *([float(n)] for n in range(1, 10))]
    result = computed(system({"a": {"gap": gap}}), [figures])
    *_head, cell, origin, _note = str(result.trace("u0")).splitlines()
    assert cell == (
        "   └─ 指标a: 5 [以组内数值代替] 取有数的 9 个单位的中位数: u1 1, u2 2, u3 3, u4 4, u5 5, u6 6, … 等 9 个"
    )
    place = "data.csv 第 1 行 a 列"
    assert origin == f"         年报; {'; '.join([place] * 6)}; … 等 9 处"


def test_a_unit_that_begins_with_a_number_is_multiplied():
    result = computed(system({"a": {"unit": "万元"}}), [[[4706662.0], [1.0]]])
    with speaking("en"):
        assert str(result.trace("u0", "a")).splitlines()[-2] == (
            "└─ Indicator a: 4,706,662 × 10,000 yuan [reported]"
        )
    assert str(result.trace("u0", "a")).splitlines()[-2] == "└─ 指标a: 4,706,662 万元 [填报]"
