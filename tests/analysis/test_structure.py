"""Structure: closed forms, plain loops, scipy and numpy as oracles, and what is not defined."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.stats import pearsonr

from tests.index.building import computed, panel, system
from xinzhi.analysis.structure import correlation_ratio, cronbach_alpha, structure
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import compute
from xinzhi.language import speaking

NAN = math.nan
VALUES = np.random.default_rng(2).lognormal(size=(1, 40, 3)) + np.random.default_rng(3).lognormal(
    size=(1, 40, 1)
)


def of(values, names="abc", **changes):
    return structure(computed(system(list(names), **changes), values))


def test_correlations_are_those_of_scipy():
    found = of(VALUES)
    z = found.result.batch.normalised[0, 0]
    for i in range(3):
        assert np.isclose(found.with_index[i], pearsonr(z[:, i], found.result.scores["total"][0])[0])
        for j in range(3):
            assert np.isclose(found.correlations[i, j], pearsonr(z[:, i], z[:, j])[0])
    assert np.isclose(found.effective.sum(), 1)
    assert np.allclose(found.effective, found.with_index**2 / (found.with_index**2).sum())


def test_components_are_the_singular_values_of_the_standardised_scores():
    found = of(VALUES)
    z = found.result.batch.normalised[0, 0]
    standard = (z - z.mean(axis=0)) / z.std(axis=0)
    singular = np.linalg.svd(standard, compute_uv=False)
    assert np.allclose(found.eigenvalues, singular**2 / 40)
    assert np.isclose(found.eigenvalues.sum(), 3) and np.isclose(found.explained.sum(), 1)
    assert np.allclose(found.loadings @ found.loadings.T, found.correlations)


def test_alpha_by_hand():
    # Variances 1 and 4 (n - 1), covariance 2: alpha = 2 (1 - 5 / 9).
    assert np.isclose(cronbach_alpha(np.array([[1.0, 2], [2, 4], [3, 6]])), 2 * (1 - 5 / 9))
    assert np.isclose(cronbach_alpha(np.array([[1.0, 1, 1], [2, 2, 2], [4, 4, 4]])), 1)
    assert math.isnan(cronbach_alpha(np.ones((5, 1)))) and math.isnan(cronbach_alpha(np.ones((5, 2))))
    assert math.isnan(cronbach_alpha(np.array([[1.0, -1], [2, -2], [3, -3]])))


def test_correlation_ratio_sees_what_a_line_does_not():
    x = np.linspace(-1, 1, 2000)
    noise = np.random.default_rng(1).normal(size=2000)
    assert abs(np.corrcoef(x, x**2)[0, 1]) < 1e-9 and correlation_ratio(x, x**2) > 0.9
    assert correlation_ratio(x, noise) < 0.02
    assert math.isnan(correlation_ratio(x[:9], noise[:9])) and math.isnan(correlation_ratio(x * 0, noise))
    # Three groups by hand: means 1, 2, 3 of three each, spread 2/3 within; equal figures are one group.
    groups = np.repeat([0.0, 1, 2], 4)
    y = np.array([0.0, 1, 1, 2, 1, 2, 2, 3, 2, 3, 3, 4])
    eta = 8 / (8 + 6)
    assert np.isclose(correlation_ratio(groups, y), 1 - (1 - eta) * 11 / 9)


def test_leaving_out_is_computing_without():
    found = of(VALUES)
    nominal = found.result
    for j, leaf in enumerate("abc"):
        other = compute(nominal.methodology, nominal.panel, without=[leaf])
        shift = np.abs(other.ranks["total"][0] - nominal.ranks["total"][0])
        assert found.shift[j] == shift.mean() and found.largest_shift[j] == shift.max()
        assert shift[found.most_shifted[j]] == shift.max()


def test_contributions_are_mean_shares():
    found = of(VALUES)
    parts = found.result.contributions()[0]
    with np.errstate(invalid="ignore"):
        shares = np.nan_to_num(parts / parts.sum(axis=1, keepdims=True))
    assert np.allclose(found.contributions, shares.mean(axis=0))


def test_constant_and_collinear_indicators_say_so():
    values = np.concatenate([VALUES, 2 * VALUES[..., :1] + 1, np.ones((1, 40, 1))], axis=2)
    found = of(values, "abcde")
    notes = found.table()["note"].to_list()
    assert notes == ["与 指标d 完全共线", "", "", "与 指标a 完全共线", "各单位相同或缺失, 没有相关系数"]
    assert found.collinear_pairs() == ((0, 3),)
    assert len(found.eigenvalues) == 4 and abs(found.eigenvalues[-1]) < 1e-9
    assert found.table()["correlation_with_index"].null_count() == 1
    assert "1 对指标完全共线; 1 个指标没有差异" in found.sentence()


def test_missing_figures_are_left_out_pair_by_pair():
    values = VALUES.copy()
    values[0, :5, 0] = NAN
    found = of(values)
    z = found.result.batch.normalised[0, 0]
    assert np.isclose(found.correlations[0, 1], pearsonr(z[5:, 0], z[5:, 1])[0]) and found.complete == 35


def test_nobody_has_all_indicators():
    values = VALUES.copy()
    values[0, :20, 0], values[0, 20:, 1] = NAN, NAN
    found = of(values)
    assert (
        len(found.component_table()) == 0 and math.isnan(found.alpha) and math.isnan(found.correlations[0, 1])
    )
    assert "指标齐全的单位只有 0 个, 不做主成分" in found.sentence()


def test_a_single_indicator_and_few_units():
    found = of(VALUES[:, :4, :1], "a")
    assert found.table()["note"].to_list() == ["不足 10 个单位, 不算相关比; 不能去掉这个指标"]
    assert [*found.eigenvalues, *found.effective] == pytest.approx([1.0, 1.0], abs=1e-15)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (VALUES[:, :2], "2022 年只有 2 个单位有得分, 看不出指标结构\n至少需要 3 个单位"),
        (np.full((1, 4, 3), NAN), "2022 年只有 0 个单位有得分, 看不出指标结构\n至少需要 3 个单位"),
        (np.ones((1, 4, 3)), "2022 年各单位的总指数相同, 看不出指标结构\n请换一个年份, 或检查数据"),
    ],
    ids=["two", "none", "alike"],
)
def test_too_little_to_see_is_an_error(values, message):
    with pytest.raises(ComputeError) as caught:
        of(values)
    assert str(caught.value) == message


def test_units_in_another_order_have_the_same_structure():
    shuffled = np.random.default_rng(9).permutation(40)
    one, other = of(VALUES), of(VALUES[:, shuffled])
    for name in ("correlations", "with_index", "ratio", "eigenvalues", "shift", "contributions"):
        assert np.allclose(getattr(one, name), getattr(other, name))


def test_both_languages_and_json():
    result = computed(system({"a": {}, "b": {}, "c": {"direction": "negative"}}), VALUES)
    found = structure(result)
    assert found.title == "指标结构: 小例, 2022 年"
    assert (
        found.sentence().startswith("2022 年: 实际影响最大的指标是") and len(found.correlation_table()) == 3
    )
    with speaking("en"):
        assert found.sentence().startswith("2022: the indicator of most effect is Indicator ")
        assert not any("一" <= x <= "鿿" for x in found.sentence())
    json.dumps(found.to_dict(), allow_nan=False)
    assert structure(compute(system(["a", "b"]), panel(VALUES[..., :2], "ab")), year=2022).year == 2022


def test_what_is_no_result_is_a_wrong_call():
    with pytest.raises(CallError) as caught:
        structure("x")
    assert str(caught.value) == "不是结果: str\n请给出 xinzhi.compute 或 xinzhi.load_result 的结果"
