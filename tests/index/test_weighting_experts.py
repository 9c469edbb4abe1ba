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
from xinzhi.index.weights import (
    children_of,
    concordance,
    delphi,
    expert_weights,
    pairwise_matrix,
    pairwise_weights,
)
from xinzhi.index.weights.items import with_children_weighed
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
    ("a,50,30", "x,50,30", f"第 3 行: 没有指标或维度 x\n可用: {KNOWN}",
     f"row 3: There is no indicator or dimension x\nKnown: {KNOWN}"),
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
        "experts.csv: 缺少 指标c\n每一项要有一行",
        "experts.csv: Indicator c is missing\nEvery item needs a row",
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
    # Of three items all judgements are equally far from what they imply: a_12 a_23 a_31 = 2/7 is shared out
    # evenly, (7/2)^(1/3) each. The first is named.
    (expert,) = pairwise_weights([write(MATRIX)], TREE).experts
    implied = expert.weights[:, None] / expert.weights
    off = np.abs(np.log(expert.judgements / implied))[np.triu_indices(3, 1)]
    assert off == pytest.approx([math.log(3.5) / 3] * 3)
    assert (expert.worst.first, expert.worst.second, expert.worst.given) == ("指标a", "指标b", 2)
    assert str(expert.worst) == f"“指标a”比“指标b”判为 2, 由全部判断推出的是 {implied[0, 1]:.3g}"
    with speaking("en"):
        assert str(expert.worst).endswith(f"was judged 2; all judgements together imply {implied[0, 1]:.3g}")


def test_of_four_items_one_judgement_stands_out():
    true = np.array([8.0, 4.0, 2.0, 1.0])
    judgements = true[:, None] / true
    judgements[1, 3], judgements[3, 1] = 9, 1 / 9
    assert (found := pairwise_matrix(judgements, "abcd")).worst.given == 9
    assert (found.worst.first, found.worst.second) == ("b", "d")


JUDGE = (
    "请填写 1/9 到 9 之间的数, 如 3 或 1/3; 在 Excel 中先把单元格设为文本, 否则 1/3 会变成日期",
    "Write a number from 1/9 to 9, such as 3 or 1/3; in Excel make the cell text first, or else 1/3 becomes a date",
)
WRONG_PAIRS = [
    ("b,0.5,1,1", "b,3,1,1",
     "第 2 行 b 列: 判断 2 与第 3 行 a 列的 3 不互为倒数\n请改正其中一格, 或只填一格",
     "row 2 column b: the judgement 2 and that of row 3, column a, 3, are not reciprocals\n"
     "Correct one of the two cells, or fill in one only"),
    ("c,1/7,1,1", "c,1/7,1,2", "第 4 行 c 列: 对角线上应当是 1", "row 4 column c: there should be 1 on the diagonal"),
    ("a,1,2,7", "a,1,2,12", f"第 2 行 c 列: 判断 12 不在 1/9 到 9 之间\n{JUDGE[0]}",
     f"row 2 column c: the judgement 12 is not from 1/9 to 9\n{JUDGE[1]}"),
    ("1,1\nc,1/7,1,", "1,\nc,1/7,,", f"第 3 行 c 列: 没有判断\n{JUDGE[0]}",
     f"row 3 column c: no judgement\n{JUDGE[1]}"),
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


# --- lists of pairs --------------------------------------------------------------------------------------------


def listed(matrix, names):
    """Return a matrix as a list of pairs of one expert, every other one turned round."""
    rows = [(i, j) if (i + j) % 2 else (j, i) for i in range(len(names)) for j in range(i + 1, len(names))]
    return "前项,后项,Saaty\n" + "".join(f"{names[i]},{names[j]},{float(matrix[i, j])!r}\n" for i, j in rows)


def test_saatys_house_as_a_list(write):
    (expert,) = pairwise_weights([write(listed(HOUSE, CRITERIA))], system(CRITERIA)).experts
    same = pairwise_matrix(HOUSE, [f"指标{name}" for name in CRITERIA], "Saaty")
    assert np.allclose(expert.judgements, HOUSE)
    assert np.allclose(expert.weights, same.weights)
    assert (expert.expert, str(expert.worst)) == ("Saaty", str(same.worst))


PAIRS = "前项,后项,王,李\na,b,2,１/３\nb,c,1,2\nc,a,1/7,0.5\n"


def test_a_list_is_its_square_tables(write):
    found = pairwise_weights([write(PAIRS)], TREE)
    square = write(MATRIX, "王.csv")
    other = write("项目,a,b,c\na,1,1/3,\nb,,1,2\nc,1/2,,1\n", "李.csv")
    assert found.weights == pytest.approx(pairwise_weights([square, other], TREE).weights)
    assert [matrix.expert for matrix in found.experts] == ["王", "李"]


WRONG_LISTS = [
    ("b,c,1,2", "b,c,,2", f"第 3 行 王 列: 没有判断\n{JUDGE[0]}",
     f"row 3 column 王: no judgement\n{JUDGE[1]}"),
    ("b,c,1,2", "b,c,1,0", f"第 3 行 李 列: 判断 0 不在 1/9 到 9 之间\n{JUDGE[0]}",
     f"row 3 column 李: the judgement 0 is not from 1/9 to 9\n{JUDGE[1]}"),
    ("b,c,1,2", "b,c,1,1月3日", f"第 3 行 李 列: “1月3日”不是数\n{JUDGE[0]}",
     f"row 3 column 李: “1月3日” is not a number\n{JUDGE[1]}"),
    ("c,a,", "b,a,", "experts.csv 第 4 行: 与第 2 行重复\n请只保留一行", None),
    ("c,a,", "c,c,", "experts.csv 第 4 行: c 与自己比较\n请删去这一行", None),
    ("c,a,1/7,0.5\n", "", "experts.csv: 缺少“指标a”与“指标c”的比较\n每两项要有一行", None),
    ("c,a,", "c,x,", "experts.csv 第 4 行 后项 列: 没有指标或维度 x\n可用: a, b, c", None),
    ("王,李", "王,王", "experts.csv 王 列: 专家出现两次\n请给每位专家不同的名字或代号", None),
    (",王,李", ",王,", "experts.csv 4 列: 没有表头\n请写专家的名字或代号", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "chinese", "english"), WRONG_LISTS)
def test_a_wrong_list_names_the_cell_and_the_remedy(write, old, new, chinese, english):
    assert old in PAIRS
    file, items = write(PAIRS.replace(old, new)), children_of(FLAT, "total")
    if english is not None:
        refused(
            lambda: pairwise_weights([file], items), PanelError,
            f"experts.csv {chinese}", f"experts.csv {english}",
        )  # fmt: skip
        return
    with pytest.raises(PanelError) as error:
        pairwise_weights([file], items)
    lines = str(error.value).split("\n")
    assert set(chinese.split("\n")) <= set(lines)


# --- part of a tree --------------------------------------------------------------------------------------------

FLAT = system(["a", "b", "c"])
DEEP = system(
    {"a": {"parent": "d", "weight": 30}, "b": {"parent": "d", "weight": 10}, "c": {"weight": 60}},
    {"d": {"title": {"zh": "维度", "en": "Part"}}},
    weighting={"method": "given"},
    root={"id": "total", "title": {"zh": "总指数", "en": "Total"}, "weight": 100},
)


def test_children_of_a_node_by_id_or_title():
    assert children_of(DEEP, "d").ids == children_of(DEEP, "维度").ids == ("a", "b")
    assert children_of(DEEP, "total").equal == {"d": 0.5, "c": 0.5}
    refused(
        lambda: children_of(DEEP, "a"), CallError,
        "small: 没有节点 a, 或它没有下级\n可用: total, d",
        "small: There is no node a, or it has no children\nKnown: total, d",
    )  # fmt: skip


def test_weights_of_a_part_leave_the_rest_in_proportion():
    # 60 % for the dimension, shared 3 to 1 as before.
    found = with_children_weighed(DEEP, "total", {"d": 0.6, "c": 0.4})
    assert found == pytest.approx({"a": 0.45, "b": 0.15, "c": 0.4})
    found = with_children_weighed(DEEP, "d", {"a": 0.5, "b": 0.5})
    assert found == pytest.approx({"a": 0.2, "b": 0.2, "c": 0.6})
    # With equal weights 1/2 for c, and 1/2 for the dimension.
    assert with_children_weighed(TREE, "d", {"a": 1, "b": 3}) == pytest.approx(
        {"a": 0.125, "b": 0.375, "c": 0.5}
    )


def test_weights_from_the_data_allow_no_part():
    entropy = load_methodology(DEEP, weights="entropy")
    refused(
        lambda: with_children_weighed(entropy, "d", {"a": 1, "b": 1}), CallError,
        "small: 这个方法的其余权重由 entropy 法从数据算出, 不能只改一个节点\n"
        "请让专家给全部指标打分, 或先把 weighting 改为 given 或 equal",
        "small: the other weights of this methodology are computed from the data by the method entropy, so one node "
        "cannot be weighed alone\nLet the experts weigh all indicators, or set weighting to given or equal first",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("judgements", "told"),
    [
        ([[1]], "王: 判断矩阵应为 2 到 15 项的方阵, 每项一个名称"),
        (np.ones((16, 16)), "王: 判断矩阵应为 2 到 15 项的方阵, 每项一个名称"),
        ([[1, 2, 3], [1 / 2, 1, 4]], "王: 判断矩阵应为 2 到 15 项的方阵, 每项一个名称"),
        ([[1, 3], [3, 1]], "王: “a”比“b”的判断与反过来的不互为倒数, 或不是正数"),
        ([[1, -3], [-1 / 3, 1]], "王: “a”比“b”的判断与反过来的不互为倒数, 或不是正数"),
        ([[1, math.nan], [math.nan, 1]], "王: “a”比“b”的判断与反过来的不互为倒数, 或不是正数"),
        ([[2, 3], [1 / 3, 1]], "王: “a”比“a”的判断与反过来的不互为倒数, 或不是正数"),
    ],
)
def test_what_is_no_matrix_of_judgements(judgements, told):
    names = [chr(ord("a") + n) for n in range(len(judgements))]
    with pytest.raises(ComputeError) as caught:
        pairwise_matrix(np.array(judgements), names, "王")
    assert str(caught.value).splitlines()[0] == told
    assert caught.value.remedy


def test_a_missing_score_leaves_no_concordance():
    with pytest.raises(ComputeError) as caught:
        concordance(np.array([[1.0, 2], [math.nan, 1], [3, 3]]))
    assert caught.value.what == "第 1 位专家没有给第 2 项打分, Kendall 协调系数没有定义"
    assert caught.value.remedy


def test_a_survey_of_no_rounds_is_a_wrong_call():
    with pytest.raises(CallError, match="没有任何一轮的表"):
        delphi([], TREE)
