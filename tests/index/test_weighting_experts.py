"""Experts: budgets, scores, Delphi rounds, comparisons in pairs; the examples of Saaty and Siegel."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare

from tests.index.building import system
from xinzhi import speaking
from xinzhi.errors import CallError, ComputeError, PanelError
from xinzhi.index.weights import concordance, delphi, expert_weights, pairwise_matrix, pairwise_weights
from xinzhi.methodology import load_methodology

TREE = system({"a": {"parent": "d"}, "b": {"parent": "d"}, "c": {}}, {"d": {}})
BUDGET = "指标,王,李\n指标b,30,20\na,50,30\nIndicator c,20,50\n"


@pytest.fixture
def write(tmp_path):
    def written(content, name="experts.csv"):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8")
        return file

    return written


def refused(call, kind, chinese, english):
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(kind) as error:
            call()
        assert str(error.value) == message


# --- budgets and scores ----------------------------------------------------------------------------------------


def test_budgets_are_averaged_and_mixed_with_equal_weights(write):
    found = expert_weights(write(BUDGET), TREE, mix=0.5)
    assert found.experts == ("王", "李")
    assert found.scores.tolist() == [[50, 30], [30, 20], [20, 50]]
    # Experts 0.40, 0.25, 0.35; equal at every node 0.25, 0.25, 0.50.
    assert found.weights == pytest.approx({"a": 0.325, "b": 0.25, "c": 0.425})
    chosen = load_methodology(TREE, weights=found.weights)
    assert chosen.weighting.method == "given"
    assert chosen.indicators["a"].weight == pytest.approx(32.5)


def test_a_mix_has_experts_at_one_end_and_equal_weights_at_the_other(write):
    file = write(BUDGET)
    assert expert_weights(file, TREE).weights == pytest.approx({"a": 0.4, "b": 0.25, "c": 0.35})
    assert expert_weights(file, TREE, mix=0).weights == {"a": 0.25, "b": 0.25, "c": 0.5}


def test_scores_of_generous_experts_count_no_more(write):
    scores = "指标,王,李\na,5,1\nb,4,2\nc,1,1\n"
    found = expert_weights(write(scores), TREE, method="score")
    assert found.weights == pytest.approx({"a": 0.375, "b": 0.45, "c": 0.175})


def test_a_worksheet_and_a_frame_are_read_alike(tmp_path, write):
    frame = pd.DataFrame({"指标": ["a", "b", "c"], "王": [50, 30, 20], "李": [30, 20, 50]})
    frame.to_excel(tmp_path / "experts.xlsx", sheet_name="第一轮", index=False)
    expected = expert_weights(write(BUDGET), TREE).weights
    assert expert_weights(frame, TREE).weights == expected
    assert expert_weights(tmp_path / "experts.xlsx", TREE, worksheet="第一轮").weights == expected


KNOWN = "a, b, c"
WRONG = [
    ("指标b,30,20", "指标b,30,15", "李 列: 合计 95, 应当是 100\n请让每位专家把点数正好分完, 或用 budget 说明总点数",
     "column 李: adds up to 95, not to 100\nLet every expert spend all points exactly, or state their number as budget"),
    ("a,50,30", "a,,30", "第 3 行 王 列 (a): 没有打分\n请填写 0 或更大的数字",
     "row 3 column 王 (a): no score\nWrite a number of 0 or more"),
    ("a,50,30", "a,-50,30", "第 3 行 王 列 (a): 分数 -50 小于 0\n请填写 0 或更大的数字",
     "row 3 column 王 (a): the score -50 is below 0\nWrite a number of 0 or more"),
    ("a,50,30", "a,很多,30", "第 3 行 王 列 (a): “很多”不是数\n请填写 0 或更大的数字",
     "row 3 column 王 (a): “很多” is not a number\nWrite a number of 0 or more"),
    ("a,50,30", "b,50,30", "第 3 行: 与第 2 行重复\n请只保留一行", None),
    ("a,50,30", "x,50,30", f"第 3 行: 没有指标 x\n指标: {KNOWN}", f"row 3: There is no indicator x\nIndicators: {KNOWN}"),
    ("王,李", "王,王", "王 列: 专家出现两次\n请给每位专家不同的名字或代号",
     "column 王: the expert appears twice\nGive every expert a name or code of their own"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "chinese", "english"), WRONG)
def test_a_wrong_sheet_names_the_cell_and_the_remedy(write, old, new, chinese, english):
    file = write(BUDGET.replace(old, new))
    for language, expected in (("zh", chinese), ("en", english)):
        if expected is None:
            continue
        with speaking(language), pytest.raises(PanelError) as error:
            expert_weights(file, TREE)
        line, remedy = expected.split("\n")
        lines = str(error.value).split("\n")
        assert f"experts.csv {line}" in lines
        assert remedy in lines


def test_a_missing_indicator_or_expert_and_scores_of_nothing(write):
    refused(
        lambda: expert_weights(write("指标,王\na,50\nb,50\n"), TREE), PanelError,
        "experts.csv: 缺少指标 指标c\n每个指标要有一行",
        "experts.csv: the indicator Indicator c is missing\nEvery indicator needs a row",
    )  # fmt: skip
    refused(
        lambda: expert_weights(write("指标\na\nb\nc\n"), TREE), PanelError,
        "experts.csv: 没有专家的列\n请在指标一列右边给每位专家一列",
        "experts.csv: no column of an expert\nGive every expert a column to the right of the indicators",
    )  # fmt: skip
    refused(
        lambda: expert_weights(write("指标,王\na,0\nb,0\nc,0\n"), TREE, method="score"), PanelError,
        "experts.csv 王 列: 所有分数都是 0\n请至少给一个指标打分",
        "experts.csv column 王: all scores are 0\nScore at least one indicator",
    )  # fmt: skip


def test_a_wrong_call(write):
    file = write(BUDGET)
    refused(
        lambda: expert_weights(file, TREE, mix=50), CallError,
        "mix 是专家权重所占的比例, 应当在 0 到 1 之间, 不能是 50\n1 是只用专家权重, 0 是只用等权",
        "mix is the share of the experts' weights, from 0 to 1; 50 is not\n"
        "1 takes the experts' weights alone, 0 equal weights alone",
    )  # fmt: skip
    refused(
        lambda: expert_weights(file, TREE, method="ahp"), CallError,
        "未知的赋权方法 ahp\n可用: budget, score", "Unknown weighting ahp\nKnown: budget, score",
    )  # fmt: skip


# --- agreement -------------------------------------------------------------------------------------------------


def test_siegels_examples_of_kendalls_w():
    """Siegel (1956), Nonparametric Statistics, pp. 231 and 236: three rankings, without and with ties."""
    plain = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]], dtype=float)
    assert round(concordance(plain.T).w, 2) == 0.16
    tied = np.array(
        [
            [1, 4.5, 2, 4.5, 3, 7.5, 6, 9, 7.5, 10],
            [2.5, 1, 2.5, 4.5, 4.5, 8, 9, 6.5, 10, 6.5],
            [2, 1, 4.5, 4.5, 4.5, 4.5, 8, 8, 8, 10],
        ]
    )
    assert concordance(tied.T).w == pytest.approx(591 / (9 * 990 / 12 - 3 * 9.5))
    assert round(concordance(tied.T).w, 3) == 0.828


def test_chi_square_is_that_of_friedman():
    scores = np.random.default_rng(1).integers(1, 6, size=(8, 5)).astype(float)
    found = concordance(scores)
    statistic, p = friedmanchisquare(*scores)
    assert found.chi_square == pytest.approx(statistic)
    assert found.p == pytest.approx(p)


def test_full_agreement_is_one_and_no_ranking_is_refused():
    assert concordance(np.array([[1.0, 10], [2, 20], [3, 30]])).w == 1
    assert concordance(np.array([[1.0, 3], [2, 2], [3, 1]])).w == 0
    refused(
        lambda: concordance(np.ones((3, 2))), ComputeError,
        "每位专家给所有指标的分都相同, Kendall 协调系数没有定义",
        "Every expert scores all indicators alike, so Kendall's W is not defined",
    )  # fmt: skip
    refused(
        lambda: concordance(np.ones((3, 1))), ComputeError,
        "Kendall 协调系数至少需要两位专家和两个指标, 这里是 1 位和 3 个",
        "Kendall's W needs at least two experts and two indicators; here are 1 and 3",
    )  # fmt: skip


def test_rounds_of_a_delphi_survey(write):
    first = write("指标,王,李,张\na,5,1,3\nb,3,3,1\nc,1,5,5\n", "1.csv")
    second = write("指标,王,李,张\na,5,4,5\nb,3,2,3\nc,1,1,2\n", "2.csv")
    rounds = delphi([first, second], TREE)
    assert [r.concordance.w for r in rounds] == pytest.approx([1 / 9, 1])
    assert rounds[1].weights == expert_weights(second, TREE, method="score").weights


# --- comparisons in pairs ----------------------------------------------------------------------------------------

# Saaty (1990), How to make a decision: the analytic hierarchy process, EJOR 48, Table 2: buying a house.
CRITERIA = ("size", "transport", "neighbourhood", "age", "yard", "modern", "condition", "financing")
HOUSE = np.array(
    [
        [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
        [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
        [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
        [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
        [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
        [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
        [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
        [4, 7, 5, 8, 6, 6, 2, 1],
    ]
)


def test_saatys_house():
    found = pairwise_matrix(HOUSE, CRITERIA)
    printed = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert found.weights.round(3).tolist() == printed
    assert round(found.ratio, 3) == 0.169
    assert not found.consistent
    far = {
        (i, j): abs(math.log(HOUSE[i, j] * found.weights[j] / found.weights[i]))
        for i in range(8)
        for j in range(i + 1, 8)
    }
    worst = max(far, key=far.get)
    assert (found.worst.first, found.worst.second) == tuple(CRITERIA[k] for k in worst)
    assert (found.worst.first, found.worst.second) == ("neighbourhood", "condition")


def test_consistent_judgements_give_back_their_weights():
    weights = np.array([0.5, 0.3, 0.2])
    found = pairwise_matrix(weights[:, None] / weights, ["a", "b", "c"])
    assert np.allclose(found.weights, weights)
    assert found.ratio == pytest.approx(0, abs=1e-12)
    assert pairwise_matrix(np.array([[1, 3], [1 / 3, 1]]), ["a", "b"]).ratio == 0


MATRIX = "项目,a,b,c\na,1,2,7\nb,0.5,1,1\nc,1/7,1,1\n"


def test_experts_are_joined_by_geometric_means(write):
    other = write("x,指标c,指标a,Indicator b\n指标c,,0.33,\na,3,1,1\nb,2,,1\n", "李.csv")
    found = pairwise_weights([write(MATRIX, "王.csv"), other], TREE, mix=0.5)
    assert [e.expert for e in found.experts] == ["王.csv", "李.csv"]
    # 0.33 is the rounded reciprocal of 3; the blank cells are those of their mirror images.
    assert np.allclose(found.experts[1].judgements, [[1, 1, 3], [1, 1, 2], [1 / 3, 1 / 2, 1]])
    mean = np.sqrt(found.experts[0].judgements * found.experts[1].judgements)
    v = np.ones(3)
    for _ in range(200):
        v = mean @ v / (mean @ v).sum()
    assert np.allclose(found.together.weights, v)
    assert found.weights == pytest.approx(dict(zip("abc", v / 2 + 1 / 6, strict=True)))


def test_the_most_inconsistent_judgement_is_named(write):
    (expert,) = pairwise_weights([write(MATRIX)], TREE).experts
    assert (expert.worst.first, expert.worst.second, expert.worst.given) == ("指标b", "指标c", 1)
    implied = expert.weights[1] / expert.weights[2]
    assert str(expert.worst) == f"“指标b”比“指标c”判为 1, 由全部判断推出的是 {implied:.3g}"
    with speaking("en"):
        assert str(expert.worst).endswith(f"was judged 1; all judgements together imply {implied:.3g}")


WRONG_PAIRS = [
    ("b,0.5,1,1", "b,3,1,1",
     "第 2 行 b 列: 判断 2 与第 3 行 a 列的 3 不互为倒数\n请改正其中一格, 或只填一格",
     "row 2 column b: the judgement 2 and that of row 3, column a, 3, are not reciprocals\n"
     "Correct one of the two cells, or fill in one only"),
    ("c,1/7,1,1", "c,1/7,1,2", "第 4 行 c 列: 对角线上应当是 1", "row 4 column c: there should be 1 on the diagonal"),
    ("a,1,2,7", "a,1,2,12", "第 2 行 c 列: 判断 12 不在 1/9 到 9 之间\n请填写 1/9 到 9 之间的数, 如 3 或 1/3",
     "row 2 column c: the judgement 12 is not from 1/9 to 9\nWrite a number from 1/9 to 9, such as 3 or 1/3"),
    ("1,1\nc,1/7,1,", "1,\nc,1/7,,", "第 3 行 c 列: 没有判断\n请填写 1/9 到 9 之间的数, 如 3 或 1/3",
     "row 3 column c: no judgement\nWrite a number from 1/9 to 9, such as 3 or 1/3"),
    ("b,0.5", "c,0.5", "第 3 行: 这一行应当是“b”\n行和列要按同样的顺序写同样的项目",
     "row 3: this row should be “b”\nRows and columns name the same items in the same order"),
    ("目,a,b", "目,a,x", "第 1 行: 没有指标或维度 x\n可用: a, b, c, d",
     "row 1: There is no indicator or dimension x\nKnown: a, b, c, d"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "chinese", "english"), WRONG_PAIRS)
def test_a_wrong_matrix_names_the_cell_and_the_remedy(write, old, new, chinese, english):
    assert old in MATRIX
    file = write(MATRIX.replace(old, new), "王.csv")
    refused(lambda: pairwise_weights([file], TREE), PanelError, f"王.csv {chinese}", f"王.csv {english}")


def test_a_table_that_is_not_square(write):
    refused(
        lambda: pairwise_weights([write("项目,a,b\na,1,2\n", "王.csv")], TREE), PanelError,
        "王.csv: 有 1 行 2 列, 不是方阵\n行和列要按同样的顺序写同样的项目",
        "王.csv: 1 rows and 2 columns are no square\nRows and columns name the same items in the same order",
    )  # fmt: skip


def test_more_than_fifteen_items_and_other_items_than_the_first(write):
    names = [f"v{k}" for k in range(16)]
    many = pd.DataFrame({"项目": names} | {name: [1] * 16 for name in names})
    refused(
        lambda: pairwise_weights([many], system(names)), PanelError,
        "数据框: 比较 16 项, 应当是 2 到 15 项\n项目多时请分维度两两比较",
        "data frame: 16 items are compared; there should be 2 to 15\nCompare the items of one dimension at a time",
    )  # fmt: skip
    fewer = write("项目,a,b\na,1,2\nb,,1\n", "李.csv")
    refused(
        lambda: pairwise_weights([write(MATRIX), fewer], TREE), PanelError,
        "李.csv: 比较的项目与第一张表不同: c\n每位专家要比较同样的项目",
        "李.csv: Other items are compared than in the first sheet: c\nEvery expert has to compare the same items",
    )  # fmt: skip
    refused(
        lambda: pairwise_weights([], TREE), CallError,
        "没有判断矩阵\n请给出每位专家的一张表", "There is no matrix of judgements\nGive one sheet per expert",
    )  # fmt: skip
