"""Dagum, Theil, Atkinson, variation: exact rationals, identities, peers, Table 3, defined answers."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from itertools import combinations

import inequality.atkinson
import inequality.gini
import inequality.theil
import libpysal
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.provinces import NAMES, REGIONS, TABLE, column
from xinzhi import speaking
from xinzhi.analysis.inequality import atkinson, dagum, theil, variation
from xinzhi.errors import CallError, ComputeError


def by_loops(values, groups, weights=None):
    """Dagum (1997) as printed, over all pairs of units, in exact rationals: d, p, D, G_jj, G_jh."""
    y = [Fraction(v) for v in values]
    v = [Fraction(w) for w in weights or [1] * len(y)]
    total = sum(v)
    mu = sum(a * b for a, b in zip(v, y, strict=True)) / total
    of = {g: [i for i, own in enumerate(groups) if own == g] for g in dict.fromkeys(groups)}
    n = {g: sum(v[i] for i in members) for g, members in of.items()}
    mean = {g: sum(v[i] * y[i] for i in members) / n[g] for g, members in of.items()}
    p = {g: n[g] / total for g in of}
    s = {g: p[g] * mean[g] / mu for g in of}

    def gap(j, h, sign=0):
        pairs = ((v[i] * v[r], y[i] - y[r]) for i in of[j] for r in of[h])
        return sum(w * abs(d) for w, d in pairs if d * sign >= 0) / (n[j] * n[h])

    everyone = sum(v[i] * v[r] * abs(y[i] - y[r]) for i in range(len(y)) for r in range(len(y))) / (
        2 * mu * total**2
    )
    inside = {g: gap(g, g) / (2 * mean[g]) if mean[g] else Fraction(0) for g in of}
    within = sum(inside[g] * p[g] * s[g] for g in of)
    between = transvariation = Fraction(0)
    beside, distance = {}, {}
    for j, h in combinations(of, 2):
        rich, poor = (j, h) if mean[j] >= mean[h] else (h, j)
        d, back = gap(rich, poor, 1), gap(rich, poor, -1)
        both = mean[j] + mean[h]
        g = gap(j, h) / both if both else Fraction(0)
        relative = (d - back) / (d + back) if d + back else Fraction(0)
        beside[j, h], distance[j, h] = g, relative
        between += g * relative * (p[j] * s[h] + p[h] * s[j])
        transvariation += g * (1 - relative) * (p[j] * s[h] + p[h] * s[j])
    assert within + between + transvariation == everyone
    return everyone, within, between, transvariation, inside, beside, distance


def parts(found):
    return (found.gini, found.within, found.between, found.transvariation)


units = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("abcd"), st.integers(1, 5)), min_size=1, max_size=25
).filter(lambda rows: any(value for value, _group, _weight in rows))


@settings(max_examples=150)
@given(units, st.booleans())
def test_dagum_is_the_formula_over_all_pairs_and_adds_up(rows, weighted):
    values, groups, weights = (list(column) for column in zip(*rows, strict=True))
    found = dagum(values, groups, weights=weights if weighted else None)
    *expected, inside, beside, distance = by_loops(values, groups, weights if weighted else None)
    assert parts(found) == pytest.approx(tuple(map(float, expected)), abs=1e-13)
    assert found.within + found.between + found.transvariation == pytest.approx(found.gini, abs=1e-13)
    at = {g: k for k, g in enumerate(found.groups)}
    for g, expected_gini in inside.items():
        assert found.coefficients[at[g], at[g]] == pytest.approx(float(expected_gini), abs=1e-12)
    for (j, h), expected_gini in beside.items():
        assert found.coefficients[at[j], at[h]] == pytest.approx(float(expected_gini), abs=1e-12)
        assert found.distances[at[j], at[h]] == pytest.approx(float(distance[j, h]), abs=1e-9)


@given(units, st.floats(0.01, 1000), st.randoms())
def test_dagum_knows_no_unit_of_measure_no_order_and_no_replication(rows, scale, random):
    values, groups, weights = (list(column) for column in zip(*rows, strict=True))
    expected = pytest.approx(parts(dagum(values, groups, weights=weights)), abs=1e-12)
    assert parts(dagum([v * scale for v in values], groups, weights=weights)) == expected
    shuffled = random.sample(rows, len(rows))
    assert (
        parts(dagum(*list(zip(*shuffled, strict=True))[:2], weights=[w for *_row, w in shuffled])) == expected
    )
    repeated = [row for row in rows for _copy in range(row[2])]
    assert parts(dagum([v for v, *_r in repeated], [g for _v, g, _w in repeated])) == expected


def test_gini_of_one_to_n_has_a_closed_form():
    for n in (2, 5, 100):
        assert dagum(range(1, n + 1), ["a"] * n).gini == pytest.approx((n - 1) / (3 * n), rel=1e-13)
        unbiased = dagum(range(1, n + 1), ["a"] * n, denominator="n(n-1)")
        assert unbiased.gini == pytest.approx(1 / 3, rel=1e-13)
        assert unbiased.coefficients[0, 0] == pytest.approx(1 / 3, rel=1e-13)


def test_gini_is_that_of_the_peer():
    y = np.random.default_rng(1).lognormal(size=200)
    assert dagum(y, ["a"] * 200).gini == pytest.approx(inequality.gini.Gini(y).g, rel=1e-12)


def test_the_other_denominator_keeps_the_identity():
    y, groups = column("total"), REGIONS
    found, plain = dagum(y, groups, denominator="n(n-1)"), dagum(y, groups)
    assert sum(found.parts.values()) == pytest.approx(found.gini, abs=1e-14)
    assert parts(found) == pytest.approx([x * 31 / 30 for x in parts(plain)])
    assert found.coefficients[0, 0] == pytest.approx(plain.coefficients[0, 0] * 10 / 9)
    assert found.coefficients[0, 1] == pytest.approx(plain.coefficients[0, 1])


def test_disjoint_groups_do_not_overlap_and_identical_ones_do_not_differ():
    disjoint = dagum([1.1, 2.3, 3.7, 5.9, 6.1, 7.7], list("aabbcc"))
    assert disjoint.transvariation == 0.0
    assert disjoint.distances[0, 1] == 1.0
    identical = dagum([1.1, 2.3, 3.7] * 2, list("aaabbb"))
    assert identical.between == 0.0
    assert identical.distances[0, 1] == 0.0


# Computed in exact rationals from the printed Table 3; within + between + transvariation = G exactly.
TABLE3 = {
    "total": (0.387988, 0.079101, 0.284113, 0.024775),
    "technology": (0.667999, 0.157257, 0.456673, 0.054069),
}
PAIRS = {
    ("东部", "中部"): (0.378111, 0.893507),
    ("东部", "西部"): (0.523681, 0.956037),
    ("东部", "东北"): (0.653091, 0.993036),
    ("中部", "西部"): (0.257492, 0.761033),
    ("中部", "东北"): (0.397875, 1.0),
    ("西部", "东北"): (0.340735, 0.642697),
}
INSIDE = {"东部": 0.263983, "中部": 0.097128, "西部": 0.305905, "东北": 0.196078}


@pytest.mark.parametrize("name", TABLE3)
def test_table_3_in_four_regions(name):
    found = dagum(column(name), REGIONS, NAMES)
    assert parts(found) == pytest.approx(TABLE3[name], abs=5e-7)
    exact = by_loops([row[name] for row in TABLE], REGIONS)
    assert parts(found) == pytest.approx(tuple(map(float, exact[:4])), abs=1e-14)


def test_pairs_and_sentence_of_table_3():
    found = dagum(column("total"), REGIONS, NAMES)
    table = found.table()
    for (j, h), (gini, distance) in PAIRS.items():
        [row] = [r for r in table.to_dicts() if r["part"] == "pair" and {r["group"], r["other"]} == {j, h}]
        assert (row["gini"], row["distance"]) == (
            pytest.approx(gini, abs=5e-7),
            pytest.approx(distance, abs=5e-7),
        )
    inside = {r["group"]: r["gini"] for r in table.to_dicts() if r["part"] == "group"}
    assert inside == pytest.approx(INSIDE, abs=5e-7)
    assert found.sentence() == (
        "Dagum 基尼系数 0.3880: 组内 0.0791 (20.4%), 组间净值 0.2841 (73.2%), 超变密度 0.0248 (6.4%); "
        "差异的最大来源: 组间净差异; 组内差异最大: 西部 (0.3059); 组间差异最大: 东部-东北 (0.6531)。"
    )
    with speaking("en"):
        assert "largest source of inequality: net differences between groups" in found.sentence()


def test_equal_units_have_nothing_to_decompose():
    found = dagum([0.1] * 7, list("aabbccc"))
    assert parts(found) == (0, 0, 0, 0)
    assert set(found.shares.values()) == {None}
    assert found.sentence() == "各单位没有差异, 基尼系数为 0, 没有可分解的。"
    assert found.table()["share"].to_list()[:4] == [None] * 4


def test_groups_of_one_and_of_zeros_and_ties_are_said():
    found = dagum([0, 0, 3, 3], ["a", "b", "c", "d"])
    assert np.diag(found.coefficients).tolist() == [0] * 4
    assert found.coefficients[0, 1] == found.distances[0, 1] == 0  # nothing beside nothing
    assert "只有一个单位的组, 组内系数按定义为 0: a、b、c、d" in found.sentence()
    assert "组间差异最大: a-c、a-d、b-c、b-d (1.0000)" in found.sentence()
    tied = dagum([1, 3, 1, 3], ["a", "a", "b", "b"])
    assert "差异的最大来源: 组内差异、组间交叠 (超变密度);" in tied.sentence()


BAD = [
    (lambda: dagum([1, -2, 3], list("aab"), list("xyz")), "y: 不平等指数要求数值不为负"),
    (lambda: dagum([1, math.nan, 3], list("aab"), list("xyz")), "y: 没有数值或不是有限的数"),
    (lambda: dagum([1, 2, 3], ["a", None, " "], list("xyz")), "y、z: 没有所属的组"),
    (lambda: dagum([1, 2, 3], ["a", "b"]), "分组有 2 个, 数值有 3 个"),
    (lambda: dagum([1, 2, 3], list("abc"), ["x"]), "名称有 1 个, 数值有 3 个"),
    (lambda: dagum([1, 2], list("ab"), list("xy"), weights=[1, 0]), "y: 权重须为正数"),
    (lambda: dagum([0, 0], list("ab")), "数值全为零"),
    (lambda: dagum([], []), "至少需要 1 个单位"),
    (lambda: dagum([[1]], ["a"]), "数组应为 1 维, 现为 2 维"),
    (lambda: dagum([1], ["a"], denominator="n(n-1)"), "至少需要 2 个单位"),
    (lambda: dagum([1, 2], list("ab"), weights=[1, 2], denominator="n(n-1)"), "只用于不加权"),
    (lambda: theil([1, -2], names=list("xy")), "y: 不平等指数要求"),
    (lambda: atkinson([1, 2], -1), "ε 应为不小于 0"),
    (lambda: atkinson([1, 2], math.inf), "ε 应为不小于 0"),
    (lambda: variation([1, -1]), "变异系数要求均值为正"),
    (lambda: variation([1], sample=True), "样本标准差至少需要 2 个单位"),
    (lambda: variation([1, 2], sample=True, weights=[1, 2]), "样本标准差只用于不加权"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_by_name_with_a_remedy(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


def test_an_unknown_denominator_is_a_wrong_call():
    with pytest.raises(CallError):
        dagum([1, 2], list("ab"), denominator="n")


# --- Theil ---


def test_theil_of_two_units_has_a_closed_form():
    found = theil([1, 3], list("ab"))
    t = (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2
    deviation = -(math.log(0.5) + math.log(1.5)) / 2
    assert (found.t.total, found.t.between, found.t.within) == (pytest.approx(t), pytest.approx(t), 0)
    assert (found.l.total, found.l.between, found.l.within) == (
        pytest.approx(deviation),
        pytest.approx(deviation),
        0,
    )


@given(units)
def test_theil_adds_up_and_is_its_definition(rows):
    values, groups, weights = (np.array(column) for column in zip(*rows, strict=True))
    values = values.astype(float)
    found = theil(values, groups, weights=weights)
    share, mean = weights / weights.sum(), np.average(values, weights=weights)
    ratio = values / mean
    t = sum(w * r * math.log(r) for w, r in zip(share, ratio, strict=True) if r > 0)
    assert found.t.total == pytest.approx(t, abs=1e-12)
    assert found.t.within + found.t.between == pytest.approx(t, abs=1e-12)
    if (values > 0).all():
        deviation = -float(share @ np.log(ratio))
        assert found.l.total == pytest.approx(deviation, abs=1e-12)
        assert found.l.within == pytest.approx(
            sum(found.population_shares[k] * found.l.of_groups[k] for k in range(len(found.groups))),
            abs=1e-12,
        )
    else:
        assert found.l is None
        assert len(found.zeros) == int((values == 0).sum())


def test_theil_of_mexico_as_pysal_prints_it():
    """Rey and Sastré Gutiérrez (2010), as in the documentation of inequality.theil: 1940, five regions."""
    with open(libpysal.examples.get_path("mexico.csv"), encoding="utf-8") as file:  # noqa: PTH123
        rows = list(csv.DictReader(file))
    y = np.array([float(row["pcgdp1940"]) for row in rows])
    groups = [row["hanson98"] for row in rows]
    found = theil(y, groups)
    assert found.t.total == pytest.approx(0.20894344, abs=5e-9)
    assert found.t.between == pytest.approx(0.0345889, abs=5e-9)
    assert found.t.within == pytest.approx(0.17435454, abs=5e-9)
    peer = inequality.theil.TheilD(y, np.array(groups))
    assert (found.t.between, found.t.within) == pytest.approx((float(peer.bg[0]), float(peer.wg[0])))


def test_theil_leaves_l_without_a_number_where_a_figure_is_zero_and_says_whose():
    found = theil(column("technology"), REGIONS, NAMES)
    assert found.l is None
    assert found.zeros == ("西藏", "青海")
    assert "有零值 (西藏、青海), L 指数无定义" in found.sentence()
    [row] = [r for r in found.table().to_dicts() if r["index"] == "L"]
    assert (row["value"], row["note"]) == (None, "有零值 (西藏、青海), L 指数无定义")


def test_theil_of_equal_units_is_zero():
    found = theil([0.1] * 5, list("aabbb"))
    assert (found.t.total, found.l.total, found.sentence()) == (0, 0, "各单位没有差异, 泰尔指数为 0。")


def test_theil_says_when_both_parts_are_equal():
    within = theil([1, 3] * 2, list("abab"))
    assert "主要来自组间" in within.sentence()
    assert "主要来自组内" in theil([1, 3, 1, 3], list("aabb")).sentence()
    assert "泰尔 T 指数" in theil([1, 3]).sentence()


# --- Atkinson, variation ---


@pytest.mark.parametrize("epsilon", [0, 0.5, 1, 2, 5])
def test_atkinson_is_that_of_the_peer(epsilon):
    y = np.random.default_rng(3).lognormal(size=50)
    assert atkinson(y, epsilon).index == pytest.approx(inequality.atkinson.Atkinson(y, epsilon).A, abs=1e-12)


def test_atkinson_as_printed_and_its_limits():
    found = atkinson([10, 20, 30, 40, 50], 0.5)  # the example of inequality.atkinson
    assert (round(found.index, 5), round(found.equivalent, 4)) == (0.06315, 28.1054)
    assert round(atkinson([10, 20, 30, 40, 50], 1).index, 5) == 0.13161
    assert atkinson([1, 2], 1 + 1e-7).index == pytest.approx(atkinson([1, 2], 1).index, abs=1e-6)
    assert atkinson([1, 100], 2000).index == pytest.approx(
        1 - 1 / 50.5, abs=1e-3
    )  # the minimum over the mean
    assert atkinson([0.1] * 3, 1).index == 0
    assert atkinson([1, 3], 0.5, weights=[2, 1]).index == pytest.approx(atkinson([1, 1, 3], 0.5).index)


def test_atkinson_with_zeros_is_one_from_epsilon_one_on():
    found = atkinson([0, 2], 1, ["x", "y"])
    assert found.index == 1
    assert "ε 不小于 1 时有零值即为 1: x" in found.sentence()
    assert atkinson([0, 2], 0.5).index == pytest.approx(0.5)  # 1 - (sqrt(2)/2)^2 with mean 1


def test_variation_population_and_sample():
    y = [2, 4, 4, 4, 5, 5, 7, 9]  # deviation 2, mean 5: the textbook example
    assert variation(y).coefficient == pytest.approx(0.4)
    assert variation(y, sample=True).coefficient == pytest.approx(np.std(y, ddof=1) / 5)
    assert variation([1, 3], weights=[3, 1]).coefficient == pytest.approx(variation([1, 1, 1, 3]).coefficient)
    assert variation([0.1] * 3).sentence() == "各单位没有差异, 变异系数为 0。"
    assert "样本标准差" in variation(y, sample=True).sentence()


def test_all_outcomes_are_json_and_text():
    for found in (dagum([1, 2], list("ab")), theil([0, 2]), atkinson([1, 2]), variation([1, 2])):
        assert set(found.to_dict()) == {"title", "sentence", "remarks", "table", "figure"}
        assert found.title in str(found)
        assert found.sentence() in found._repr_html_()


# --- rounding and labels ---------------------------------------------------------------------------------


def test_a_mean_that_is_rounding_is_no_mean():
    """.1 + .2 - .3 is 5.6e-17 in floats; the exact mean is 0."""
    for values in ([0.1, 0.2, -0.3], [1e9 + 0.1, -1e9, -0.1]):
        with pytest.raises(ComputeError, match="变异系数要求均值为正"):
            variation(values)
    assert variation([1e-9, 3e-9]).coefficient == pytest.approx(0.5)


def test_rounding_is_no_inequality():
    values, groups = [0.1 + 0.2, 0.3, 0.3, 0.3], list("aabb")
    found = dagum(values, groups)
    assert (found.gini, found.within, found.between, found.transvariation) == (0, 0, 0, 0)
    assert found.sentence() == "各单位没有差异, 基尼系数为 0, 没有可分解的。"
    assert [variation(values).coefficient, atkinson(values).index, theil(values).t.total] == [0, 0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dagum([1, 2, 3, 4], list("ggkk"), ["a", "a", "b", "c"]), "a: 名称重复"),
        (lambda: dagum([1, 2, 3, 4], list("ggkk"), ["a", " ", "b", None]), "第 2 项、第 4 项: 没有名称"),
        (lambda: dagum(["1", "b", 3, 4], list("ggkk")), "“1”不是数"),
        (lambda: variation([1, "b"]), "“1”不是数"),
        (lambda: variation(np.array([1, "b"], dtype=object)), "“b”不是数"),
        (lambda: variation([[1, 2], [3]]), "不是一组数, 或各行长短不一"),
    ],
)
def test_labels_and_figures_are_checked(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert str(caught.value).startswith(message)
    assert caught.value.remedy


def test_blanks_around_groups_do_not_count():
    assert dagum([1, 2, 3], ["东部 ", "东部", "西部"]).groups == ("东部", "西部")
