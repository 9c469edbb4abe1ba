"""Moran's I and spatial weights: exact rationals, full enumeration, esda, Table 3, defined answers."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from itertools import permutations as arrangements

import esda
import libpysal
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.provinces import CODES, NAMES, column
from xinzhi import speaking
from xinzhi.analysis.neighbours import (
    adjacency_weights,
    distance_weights,
    economy_weights,
    given_weights,
    read_weights,
)
from xinzhi.analysis.spatial import moran
from xinzhi.errors import CallError, ComputeError, PanelError
from xinzhi.geography import UnitError, neighbours_of, units

LINE = np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1)  # six units in a row
rng = np.random.default_rng(5)
SOME = rng.uniform(size=(12, 12)) * (rng.uniform(size=(12, 12)) < 0.4)
np.fill_diagonal(SOME, 0)
FIGURES = rng.lognormal(size=12)


def peer(matrix):
    return libpysal.weights.full2W(matrix, silence_warnings=True)


# --- the statistic ---


def by_loops(values, matrix):
    """I, its expectation and variance under normality (Cliff and Ord 1981), by plain loops."""
    n, mean = len(values), sum(values) / len(values)
    z = [v - mean for v in values]
    s0 = sum(map(sum, matrix))
    index = (
        n / s0 * sum(matrix[i][j] * z[i] * z[j] for i in range(n) for j in range(n)) / sum(v * v for v in z)
    )
    s1 = sum((matrix[i][j] + matrix[j][i]) ** 2 for i in range(n) for j in range(n)) / 2
    s2 = sum((sum(matrix[i]) + sum(row[i] for row in matrix)) ** 2 for i in range(n))
    expected = -1 / (n - 1)
    return index, expected, (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0) - expected**2


@settings(max_examples=60)
@given(
    st.lists(st.integers(-9, 9), min_size=4, max_size=8).filter(lambda v: len(set(v)) > 1),
    st.randoms(use_true_random=False),
)
def test_moran_is_its_formula_and_local_ones_add_up(values, random):
    n = len(values)
    matrix = [[random.choice([0, 0, 1, 2]) * (i != j) for j in range(n)] for i in range(n)]
    matrix[0][1] = 3
    found = moran(values, matrix, permutations=0)
    index, expected, variance = by_loops(values, matrix)
    assert (found.index, found.expected) == (pytest.approx(index, abs=1e-12), expected)
    assert found.deviation**2 == pytest.approx(variance)
    assert np.nansum(found.local) == pytest.approx(found.index * np.sum(matrix), abs=1e-10)
    assert found.p_permutation is None


def test_moran_is_that_of_esda_global_and_local():
    for style in ("row", "raw", "binary"):
        weights = given_weights(SOME, style=style)
        found = moran(FIGURES, weights, permutations=0)
        expected = esda.Moran(FIGURES, peer(weights.matrix), transformation="o", permutations=0)
        assert found.index == pytest.approx(expected.I)
        assert (found.expected, found.deviation) == (expected.EI, pytest.approx(expected.seI_norm))
        assert (found.z_score, found.p_normal) == pytest.approx((expected.z_norm, expected.p_norm))
        local = esda.Moran_Local(FIGURES, peer(weights.matrix), transformation="o", permutations=0)
        # esda scales by n - 1 where Anselin (1995) has n, so that its local ones do not add up to S0 I.
        assert found.local * 11 / 12 == pytest.approx(local.Is)
        assert [{"HH": 1, "LH": 2, "LL": 3, "HL": 4}[q] for q in found.quadrants] == local.q.tolist()


@pytest.mark.filterwarnings("ignore:The alternative hypothesis for conditional:DeprecationWarning")
def test_permutation_p_values_are_twice_those_of_esda():
    found = moran(FIGURES, given_weights(SOME), permutations=19999, seed=1)
    expected = esda.Moran_Local(FIGURES, peer(SOME), transformation="r", permutations=9999, seed=1)
    assert np.abs(found.p_local - np.minimum(1, 2 * expected.p_sim)).max() < 0.03
    np.random.seed(1)  # noqa: NPY002 - esda draws from the old generator
    total = esda.Moran(FIGURES, peer(SOME), permutations=4999)
    assert found.p_permutation == pytest.approx(min(1, 2 * total.p_sim), abs=0.03)


def exact(values, matrix, fixed=None):
    """Two-sided p values over all arrangements: of I, or of the lag of unit `fixed` that stays in place."""
    n = len(values)
    mean = Fraction(sum(values), n)

    def statistic(order):
        z = [values[i] - mean for i in order]
        if fixed is not None:
            return sum(Fraction(matrix[fixed][j]) * z[j] for j in range(n))
        return sum(Fraction(matrix[i][j]) * z[i] * z[j] for i in range(n) for j in range(n))

    own = statistic(range(n))
    all_of_them = [statistic(o) for o in arrangements(range(n)) if fixed is None or o[fixed] == fixed]
    upper = sum(s >= own for s in all_of_them) / len(all_of_them)
    lower = sum(s <= own for s in all_of_them) / len(all_of_them)
    return min(1, 2 * min(upper, lower))


@pytest.mark.parametrize("values", [(1, 2, 4, 3, 9, 7), (0, 0, 1, 1, 0, 1), (5, 1, 1, 1, 1, 1)])
def test_permutation_p_values_are_those_of_all_arrangements(values):
    """Ties included; this is also the test of the exchange that makes local tests of global permutations."""
    uneven = LINE.astype(int).copy()
    uneven[0, 3], uneven[4, 1] = 2, 3
    found = moran(values, uneven, permutations=40_000, seed=3)
    assert found.p_permutation == pytest.approx(exact(values, uneven.tolist()), abs=0.015)
    for i in range(6):
        assert found.p_local[i] == pytest.approx(exact(values, uneven.tolist(), i), abs=0.015)


def test_sparse_weights_give_the_exact_p_values_too():
    n = 24
    ring = np.roll(np.eye(n), 1, axis=1)  # one neighbour each: 1 in 24 cells, taken as sparse
    values = np.arange(n, dtype=float)
    found = moran(values, ring, permutations=20_000, seed=4)
    for i in (0, 7, 23):
        neighbour = (i + 1) % n
        others = np.delete(values, i)
        upper, lower = (others >= values[neighbour]).mean(), (others <= values[neighbour]).mean()
        assert found.p_local[i] == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.015)


def test_esda_is_wrong_where_permutations_tie():
    """High and low in turn is the lowest I, which one arrangement in three has; esda counts ties as above."""
    values, line = (1, 0, 1, 0), LINE[:4, :4]
    found = moran(values, line, permutations=9999)
    assert exact(values, line.astype(int).tolist()) == pytest.approx(2 / 3)
    assert found.p_permutation == pytest.approx(2 / 3, abs=0.02)
    np.random.seed(1)  # noqa: NPY002
    assert esda.Moran(np.array(values), peer(line), transformation="o", permutations=999).p_sim < 0.01


def test_st_louis_homicides_as_pysal_prints_them():
    """The example of esda.Moran: HR8893 of 78 counties, row-standardised contiguity, I = 0.2437."""
    with open(libpysal.examples.get_path("stl_hom.csv"), encoding="utf-8") as file:  # noqa: PTH123
        lines = [row for row in csv.reader(file) if len(row) > 5]
    values = [float(row[lines[0].index("HR8893")]) for row in lines[1:]]
    file = libpysal.io.open(libpysal.examples.get_path("stl.gal"))
    matrix, _ids = file.read().full()
    file.close()
    found = moran(values, given_weights(matrix), seed=1)
    assert found.index == pytest.approx(0.24365582621771659, rel=1e-9)
    assert found.p_normal == pytest.approx(0.00027147862770937614, rel=1e-6)
    assert found.p_permutation < 0.01


def test_same_seed_same_answer_and_scale_does_not_matter():
    weights = given_weights(SOME)
    first, again, other = (
        moran(FIGURES * k, weights, permutations=999, seed=s) for k, s in ((1, 7), (3, 7), (1, 8))
    )
    assert first.p_local.tolist() == again.p_local.tolist()
    assert first.p_local.tolist() != other.p_local.tolist()
    tiny = moran(FIGURES, given_weights(SOME * 1e-14, style="raw"), permutations=999, seed=7)
    assert (
        tiny.p_local.tolist()
        == moran(FIGURES, given_weights(SOME, style="raw"), permutations=999, seed=7).p_local.tolist()
    )


def test_independent_figures_are_rarely_significant():
    stream = np.random.default_rng(6)
    weights = distance_weights(stream.uniform(size=(2850, 2)), nearest=6, power=0, metric="plane")
    found = moran(stream.lognormal(size=2850), weights)
    assert 0.02 < np.mean(found.p_local < 0.05) < 0.08


# --- Table 3 ---


@pytest.mark.parametrize(
    ("name", "hainan", "index", "z", "p"),
    # Computed in exact rationals from the printed Table 3 and the table of adjacency.
    [
        ("total", "none", 0.374628, 3.49111, 0.000481),
        ("total", "guangdong", 0.301377, 2.824468, 0.004736),
        ("technology", "none", 0.026055, 0.50821, 0.611306),
        ("technology", "guangdong", -0.027201, 0.051751, 0.958727),
    ],
)
def test_table_3(name, hainan, index, z, p):
    found = moran(column(name), adjacency_weights(CODES, hainan), permutations=999)
    assert (found.index, found.z_score, found.p_normal) == pytest.approx((index, z, p), abs=1e-6)


def test_the_sentence_follows_the_numbers():
    found = moran(column("total"), adjacency_weights(CODES))
    assert found.clusters["HH"] == ("上海", "江苏")
    assert "存在正的空间相关" in found.sentence()
    assert "没有邻居, 滞后按 0 计: 海南" in found.sentence()
    with speaking("en"):
        english = moran(column("total"), adjacency_weights(CODES)).sentence()
    assert english.startswith(
        "Global Moran's I = 0.3746 (expected -0.0333), normal approximation z = 3.49, p = 0.0005;"
    )
    assert "HH: Shanghai, Jiangsu" in english
    assert "看不出空间相关" in moran(column("technology"), adjacency_weights(CODES)).sentence()
    n = 20
    path = np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    assert "存在负的空间相关" in moran([0, 1] * 10, path).sentence()


# --- defined answers ---


def test_an_island_keeps_its_place_but_has_no_local_test():
    found = moran(column("total"), adjacency_weights(CODES), permutations=99)
    hainan = NAMES.index("海南")
    assert found.lag[hainan] == 0
    assert math.isnan(found.local[hainan])
    assert math.isnan(found.p_local[hainan])
    row = found.table().row(hainan, named=True)
    assert (row["local"], row["quadrant"], row["p_value"], row["note"]) == (None, None, None, "没有邻居")
    with_libpysal = esda.Moran(
        column("total"), peer(found.weights.matrix), transformation="o", permutations=0
    )
    assert found.index == pytest.approx(with_libpysal.I)


def test_parts_without_a_link_are_named():
    two = np.zeros((6, 6))
    two[0, 1] = two[1, 0] = two[2, 3] = two[3, 4] = two[4, 2] = 1
    found = moran([1, 2, 3, 4, 5, 7], given_weights(two, list("abcdef")), permutations=99)
    assert found.weights.components == (("c", "d", "e"), ("a", "b"))
    assert found.weights.islands == ("f",)
    assert "权重矩阵分成 2 个互不相连的部分: c、d、e | a、b" in found.sentence()


def test_a_unit_at_the_mean_is_on_an_axis():
    found = moran([1, 2, 3, 2, 2, 2], LINE, list("abcdef"), permutations=99)
    assert found.quadrants[1] == ""
    assert found.table()["note"].to_list()[1] == "在轴上"


BAD = [
    (lambda: moran([1, 1, 1], LINE[:3, :3]), "各单位数值相同"),
    (lambda: moran([1, math.nan, 2], LINE[:3, :3], list("xyz")), "y: 没有数值"),
    (lambda: moran([1, 2], LINE[:2, :2]), "莫兰指数至少需要 3 个单位"),
    (lambda: moran([1, 2, 3], np.zeros((3, 3))), "所有单位都没有邻居"),
    (lambda: moran([1, 2, 3], LINE), "空间权重有 6 个单位, 数值有 3 个"),
    (lambda: moran([1, 2, 3], given_weights(LINE[:3, :3], list("abc")), list("acb")), "单位与数值的单位不同"),
    (lambda: moran([0.1 + 0.2, 0.3, 0.3, 0.3], LINE[:4, :4]), "各单位数值相同"),
    (lambda: given_weights(LINE[:3, :3], list("aab")), "a: 名称重复"),
    (lambda: given_weights(LINE[:3, :3], ["a", "", "b"]), "第 2 项: 没有名称"),
    (lambda: adjacency_weights(["北京", "北京"]), "北京: 名称重复"),
    (lambda: adjacency_weights(["北京市", "110000"]), "北京: 名称重复"),
    (lambda: moran([1, 2, 4], 1 - np.eye(3)), "莫兰指数总是 -0.5000"),
    (lambda: given_weights([[0, 1, 2]]), "应为方阵, 现为 1 x 3"),
    (lambda: given_weights([[0, -1], [1, 0]], list("ab")), "a, b: 空间权重不能为负"),
    (lambda: given_weights([[1, 1], [1, 0]], list("ab")), "a: 单位不能是自己的邻居"),
    (lambda: distance_weights([[1, 1], [2, 2], [1, 1]], list("abc")), "a, c: 两个单位在同一处"),
    (lambda: distance_weights([[30, 120], [2, 2]], list("ab")), "a: 经度应在"),
    (lambda: distance_weights([1, 2]), "坐标应为两列"),
    (lambda: distance_weights([[1, 1], [2, 2]], nearest=2), "最近的 2 个邻居"),
    (lambda: economy_weights([1, 2, 1], list("abc")), "a, c: 两个单位数值相同"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_by_name_with_a_remedy(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "call",
    [
        lambda: adjacency_weights(CODES, "guangxi"),
        lambda: adjacency_weights(CODES, style="columns"),
        lambda: distance_weights([[1, 1], [2, 2]], metric="taxi"),
        lambda: read_weights("/nowhere/w.csv", ["a"]),
        lambda: moran([1, 2, 4], LINE[:3, :3], permutations=-1),
        lambda: moran([1, 2, 4], LINE[:3, :3], permutations=99.5),
        lambda: moran([1, 2, 4], LINE[:3, :3], seed=1.5),
    ],
)
def test_wrong_calls(call):
    with pytest.raises(CallError):
        call()


# --- weights ---


def test_adjacency_of_provinces():
    touching = {unit.code: neighbours_of(unit.code) for unit in units("province")}
    assert sum(map(len, touching.values())) == 2 * 68
    assert all(code in touching[other] for code, others in touching.items() for other in others)
    assert [code for code, others in touching.items() if not others] == ["460000"]
    assert len(touching["150000"]) == len(touching["610000"]) == 8  # 内蒙古 and 陕西 touch the most
    assert neighbours_of("上海") == {"320000", "330000"}
    with pytest.raises(UnitError):
        neighbours_of("110101")


def test_hainan_is_linked_on_request_only():
    none, linked = adjacency_weights(CODES, style="binary"), adjacency_weights(CODES, "guangdong", "binary")
    assert none.islands == ("海南",)
    assert linked.islands == ()
    assert (linked.matrix - none.matrix).sum() == 2
    assert linked.matrix[NAMES.index("海南"), NAMES.index("广东")] == 1
    assert len(none.components) == 1


def test_row_weights_add_up_to_one():
    sums = adjacency_weights(CODES).matrix.sum(axis=1)
    assert sorted(set(np.round(sums, 12).tolist())) == [0, 1]


def test_distances_are_great_circles_and_bands_and_nearest_are_those_of_libpysal():
    beijing, shanghai = (116.4, 39.9), (121.5, 31.2)
    found = 1 / distance_weights([beijing, shanghai], style="raw").matrix[0, 1]
    expected = libpysal.cg.sphere.arcdist(beijing, shanghai, radius=6371.0088)
    assert found == pytest.approx(expected, rel=1e-12)
    points = np.random.default_rng(8).uniform(size=(30, 2))
    nearest = distance_weights(points, nearest=4, metric="plane", style="binary").matrix
    assert (nearest == libpysal.weights.KNN.from_array(points, k=4).full()[0]).all()
    band = distance_weights(points, within=0.3, power=0, metric="plane", style="raw").matrix
    assert (
        band == libpysal.weights.DistanceBand.from_array(points, 0.3, silence_warnings=True).full()[0]
    ).all()


def test_economic_distance():
    assert economy_weights([1, 2, 4], style="raw").matrix[0].tolist() == [0, 1, pytest.approx(1 / 3)]


def test_weights_from_a_file_in_any_order(tmp_path):
    file = tmp_path / "w.csv"
    file.write_text(",c,a,b,x\na,2,0,1,9\nc,0,2,,9\nb,3,1,0,9\n", encoding="utf-8-sig")
    found = read_weights(file, ["a", "b", "c"], style="raw")
    assert found.matrix.tolist() == [[0, 1, 2], [1, 0, 3], [2, 0, 0]]
    assert found.description == "w.csv"
    file.write_bytes(",北京,天津\n北京,,1\n天津,0.5,0\n".encode("gb18030"))
    assert read_weights(file, ["北京", " 天津"], style="raw").matrix.tolist() == [[0, 1], [0.5, 0]]
    file.write_text(',a,b\na,,"1,000"\nb,１,0\n', encoding="utf-8")
    assert read_weights(file, ["a", "b"], style="raw").matrix.tolist() == [[0, 1000], [1, 0]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "w.csv: 空文件"),
        (",a,b\na,0,1\nb,1,0\n", "w.csv: 权重矩阵里没有这些单位: d"),
        (",a,d\na,0,one\nd,1,0\n", "w.csv 第 2 行 d 列 (a): “one”不是数"),
        (",a,d\na,0,1_000\nd,1,0\n", "w.csv 第 2 行 d 列 (a): “1_000”不是数"),
        (",a,d\na,0,٣\nd,1,0\n", "w.csv 第 2 行 d 列 (a): “٣”不是数"),
        (",a,d\na,0,不适用\nd,1,0\n", "w.csv 第 2 行 d 列 (a): “不适用”不是数"),
        (",a,d\na,0\nd,1,0\n", "w.csv 第 2 行: 有 2 格, 表头有 3 格"),
        (",a,d\na,0,1\nd,1,0\na,0,2\n", "w.csv 第 4 行: a 出现两次"),
        (",a,d,a\na,0,1,1\nd,1,0,0\n", "w.csv 首行 列: a 出现两次"),
        (",a,d\na,0,1\n,1,0\nd,0,0\n", "w.csv 第 3 行: 没有单位的名称"),
    ],
)
def test_a_weights_file_is_read_as_any_table(tmp_path, text, told):
    file = tmp_path / "w.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PanelError) as caught:
        read_weights(file, ["a", "d"])
    assert str(caught.value).splitlines()[0] == told
    assert caught.value.remedy
