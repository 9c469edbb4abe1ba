"""Sigma and beta convergence: exact paths, plain matrix algebra, forms that agree, defined answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xinzhi import speaking
from xinzhi.analysis.convergence import beta_convergence, sigma_convergence
from xinzhi.errors import CallError, ComputeError

rng = np.random.default_rng(4)
YEARS = list(range(2012, 2023))
START = rng.lognormal(size=20)


def path(speed, noise=0.0):
    """Gaps of logarithms to 0 that close at a given speed a year."""
    logs = np.log(START) * np.exp(-speed * np.arange(11))[:, None]
    return np.exp(logs + noise * rng.normal(size=logs.shape))


def ols_by_hand(design, y):
    """OLS with HC1 errors, written out: (X'X)^-1 X' diag(e^2) X (X'X)^-1 n / (n - k)."""
    n, k = design.shape
    bread = np.linalg.inv(design.T @ design)
    b = bread @ design.T @ y
    e = y - design @ b
    cover = bread @ (design.T * e**2) @ design @ bread * n / (n - k)
    error = np.sqrt(np.diag(cover))
    return b, error, 2 * stats.t.sf(np.abs(b / error), n - k)


# --- sigma ---


def test_sigma_of_logs_falls_at_the_speed_of_the_gaps():
    found = sigma_convergence(path(0.05), YEARS, measure="log")
    assert found.sigma[0, 10] / found.sigma[0, 0] == pytest.approx(math.exp(-0.5))
    assert found.sigma[0, 0] == pytest.approx(np.log(START).std())


def test_sigma_is_the_population_coefficient_of_variation_in_all_and_in_groups():
    values, groups = path(0.05, 0.1), ["a"] * 8 + ["b"] * 12
    found = sigma_convergence(values, YEARS, groups=groups)
    assert found.groups == ("全部", "a", "b")
    assert np.allclose(found.sigma[0], values.std(axis=1) / values.mean(axis=1))
    assert np.allclose(found.sigma[2], values[:, 8:].std(axis=1) / values[:, 8:].mean(axis=1))
    peer = stats.linregress(YEARS, found.sigma[0])
    assert (found.trends[0].slope, found.trends[0].p_value) == pytest.approx((peer.slope, peer.pvalue))


def test_sentences_of_sigma_follow_the_signs():
    assert "趋势显著向下, 存在 σ 收敛" in sigma_convergence(path(0.05), YEARS).sentence()
    apart = sigma_convergence(path(0.05)[::-1], YEARS, groups=["a", "b"] * 10)
    assert "趋势显著向上, 是发散" in apart.sentence()
    assert "组内显著发散: a、b" in apart.sentence()
    together = sigma_convergence(path(0.05), YEARS, groups=["a", "b"] * 10)
    assert "组内显著收敛: a、b" in together.sentence()
    restless = sigma_convergence([[1, 2], [1, 3], [1, 2.01]], [1, 2, 3])
    assert "不显著, 不能断定收敛或发散" in restless.sentence()
    still = sigma_convergence([[1, 2]] * 3, [1, 2, 3])
    assert "σ 不变 (0.3333)" in still.sentence()
    assert (still.trends[0].slope, still.trends[0].p_value) == (0, 1)
    two = sigma_convergence([[1, 2], [1, 3]], [2012, 2013])
    assert "σ 由 0.3333 升到 0.5000; 只有两年, 趋势无从检验" in two.sentence()
    with speaking("en"):
        assert "there is sigma convergence (p < 0.0001)" in sigma_convergence(path(0.05), YEARS).sentence()


def test_a_group_of_one_has_a_reason_in_the_place_of_a_figure():
    found = sigma_convergence([[1, 2, 3], [1, 2, 4]], [1, 2], groups=["a", "a", "b"])
    rows = [row for row in found.table().to_dicts() if row["group"] == "b"]
    assert {(row["sigma"], row["trend"], row["note"]) for row in rows} == {(None, None, "只有一个单位")}
    assert "只有一个单位, 没有 σ: b" in found.sentence()
    assert found.to_dict()["figure"]["sigma"][2] == [None, None]


# --- beta ---


@pytest.mark.parametrize("form", ["rate", "total"])
def test_an_exact_path_has_its_own_speed_and_half_life(form):
    found = beta_convergence(path(0.03), YEARS, form=form).absolute
    assert found.speed == pytest.approx(0.03)
    assert found.half_life == pytest.approx(math.log(2) / 0.03)
    total = math.exp(-0.3) - 1
    assert found.beta == pytest.approx(total / 10 if form == "rate" else total)


def test_beta_is_ols_with_hc1_errors_absolute_and_conditional():
    values, control = path(0.03, 0.2), rng.normal(size=20) * 1e12
    found = beta_convergence(values, YEARS, controls={"x": control})
    growth = np.log(values[-1] / values[0]) / 10
    for model, columns in ((found.absolute, ()), (found.conditional, (control / 1e12,))):
        design = np.column_stack([np.ones(20), np.log(values[0]), *columns])
        b, error, p = ols_by_hand(design, growth)
        assert model.beta == pytest.approx(b[1])
        assert model.errors[1] == pytest.approx(error[1])
        assert model.p_values == pytest.approx(p, rel=1e-6)
    assert found.conditional.terms == ("常数项", "ln y0", "x")
    assert found.absolute.r_squared == pytest.approx(stats.linregress(np.log(values[0]), growth).rvalue ** 2)


@given(st.floats(0.01, 100), st.integers(0, 999))
def test_forms_agree_and_units_of_measure_do_not_matter(scale, seed):
    stream = np.random.default_rng(seed)
    values = stream.lognormal(size=(2, 12))
    rate, total = (
        beta_convergence(values * scale, [2000, 2007], form=form).absolute for form in ("rate", "total")
    )
    plain = beta_convergence(values, [2000, 2007]).absolute
    assert rate.beta * 7 == pytest.approx(total.beta, rel=1e-9)
    assert rate.p_value == pytest.approx(total.p_value, rel=1e-6)
    assert rate.beta == pytest.approx(plain.beta, rel=1e-9)
    assert (rate.speed is None) == (total.speed is None)
    if rate.speed is not None:
        assert rate.speed == pytest.approx(total.speed, rel=1e-7)


def test_gaps_between_the_first_and_the_last_year_do_not_matter():
    values = path(0.03)
    values[5] = math.nan
    assert beta_convergence(values, YEARS).absolute.speed == pytest.approx(0.03)


def test_sentences_of_beta_follow_sign_and_significance():
    together = beta_convergence(path(0.03), YEARS)
    assert "起点低的增长更快, 年收敛速度 3.00%, 半衰期 23.1 年" in together.sentence()
    apart = beta_convergence(path(-0.03), YEARS)
    assert "差距缩小。" in together.sentence()
    assert "起点高的增长更快 (" in apart.sentence()
    assert apart.sentence().endswith(", 差距扩大。")
    assert apart.absolute.speed == pytest.approx(-0.03)
    assert (apart.absolute.half_life, apart.absolute.note) == (None, "不收敛, 没有半衰期")
    unrelated = beta_convergence([[1, 2, 3, 4], [2, 3.9, 6.1, 8]], [1, 2])
    assert "不显著, 不能断定收敛或发散" in unrelated.sentence()
    given_x = beta_convergence(path(0.03, 0.01), YEARS, controls={"x": rng.normal(size=20)})
    assert "条件 β 收敛 (控制 x)" in given_x.sentence()
    with speaking("en"):
        assert (
            "units that began low grew faster, speed 3.00% a year, half-life 23.1 years"
            in beta_convergence(path(0.03), YEARS).sentence()
        )


def test_low_units_that_grow_faster_may_leave_gaps_wider():
    """Galton's fallacy: pop. sd of 1 ... 5 is sqrt 2, of 6.5, 4, 3, 1, -.5 it is sqrt(29.3 / 5) = 2.4207."""
    logs = [[1, 2, 3, 4, 5], [6.5, 4, 3, 1, -0.5]]
    for form in ("rate", "total"):
        found = beta_convergence(np.exp(logs), [2010, 2020], "abcde", form=form)
        assert found.spreads == pytest.approx((math.sqrt(2), math.sqrt(29.3 / 5)))
        assert found.absolute.beta < 0 and found.absolute.p_value < 0.05
        assert "差距在缩小" not in found.sentence()
        assert found.sentence().endswith(
            "但对数的标准差由 1.4142 升到 2.4207, 差距扩大: b 为负是差距缩小的必要条件, 不是充分条件。"
        )
    same = beta_convergence([[1, 2, 4], [2, 4, 1]], [1, 2])
    assert "对数的标准差不变 (0.5660)" in same.sentence()  # ln 2 sqrt(2 / 3)


def test_figures_are_called_what_they_are():
    for found in (
        beta_convergence(path(0.03), YEARS, value_name="相对得分"),
        sigma_convergence(path(0.03), YEARS, value_name="相对得分"),
    ):
        assert found.sentence().startswith("2012 到 2022 年, 相对得分: ")


def test_rounding_is_no_trend():
    """All units grow alike, so sigma is the same in every year, to rounding."""
    for seed in range(400):
        own = np.random.default_rng(seed)
        values = own.lognormal(size=12) * own.uniform(0.5, 2, 8)[:, None]
        for measure in ("cv", "log"):
            trend = sigma_convergence(values, list(range(8)), measure=measure).trends[0]
            assert (trend.slope, trend.p_value) == (0, 1)


def test_units_that_did_not_grow_at_all_have_beta_zero():
    start = np.array([0.1, 0.2, 0.3, 0.7])
    found = beta_convergence([start, (start * 3 - start) / 2], [2000, 2010])
    assert (found.absolute.beta, found.absolute.p_value) == (0, 1)


@pytest.mark.parametrize("years", [["a", "b"], [2010.5, 2011.5], [1, 1, 3], [3, 2, 1], [True, 2]])
def test_years_are_whole_and_in_order(years):
    values = [[1.0, 2, 4], [2, 3, 5], [3, 4, 6]][: len(years)]
    for function in (beta_convergence, sigma_convergence):
        with pytest.raises(ComputeError, match="年份须"):
            function(values, years)


def test_sigma_by_year():
    shown = sigma_convergence([[1, 3, 5], [2, 3, 4]], [2010, 2011], "abc", ["x", "x", "y"]).shown()
    assert shown.columns == ["group", "units", "2010", "2011", "trend", "p_value", "note"]
    assert shown.rows() == [
        ("全部", 3, pytest.approx(math.sqrt(8 / 3) / 3), pytest.approx(math.sqrt(2 / 3) / 3),
         pytest.approx((math.sqrt(2 / 3) - math.sqrt(8 / 3)) / 3), None, ""),
        ("x", 2, 0.5, pytest.approx(0.2), pytest.approx(-0.3), None, ""),
        ("y", 1, None, None, None, None, "只有一个单位"),
    ]  # fmt: skip


def test_overshooting_has_no_speed_and_says_so():
    values = np.vstack([START, START**-0.5])
    found = beta_convergence(values, [2000, 2010])
    assert (found.absolute.speed, found.absolute.half_life) == (None, None)
    assert "速度没有定义" in found.sentence()
    assert "速度没有定义" in found.table()["note"].to_list()[1]


def test_units_that_grew_alike_have_beta_zero():
    found = beta_convergence(np.vstack([START, START * 1.7]), [2000, 2010])
    assert (found.absolute.beta, found.absolute.p_value, found.absolute.speed) == (0, 1, 0)
    assert found.absolute.coefficients[0] == pytest.approx(math.log(1.7) / 10)
    assert (found.absolute.r_squared, found.absolute.half_life) == (None, None)


GROWN = path(0.03, 0.1)
NAMES = [f"u{i}" for i in range(20)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sigma_convergence([[1, 2]], [2012]), "2012: 只有一年, 收敛至少要两年"),
        (lambda: sigma_convergence([[1], [2]], [1, 2]), "σ 收敛至少需要 2 个单位"),
        (lambda: sigma_convergence([[1, 2], [3, 4]], [2, 1]), "年份须由早到晚"),
        (lambda: sigma_convergence([[1, 2], [3, math.nan]], [1, 2], ["a", "b"]), "2, b: 没有数值"),
        (lambda: sigma_convergence([[1, 2], [-3, 1]], [1, 2]), "全部, 2: 均值不是正数"),
        (
            lambda: sigma_convergence([[1, 2], [0, 1]], [1, 2], ["a", "b"], measure="log"),
            "2, a: 取对数要求数值为正",
        ),
        (lambda: beta_convergence([[1, 2, 3], [2, 0, 4]], [1, 2], list("abc")), "2, b: 取对数要求数值为正"),
        (lambda: beta_convergence([[1, 2], [2, 3]], [1, 2]), "2 个系数的回归至少需要 3 个单位, 现有 2 个"),
        (lambda: beta_convergence([[5, 5, 5], [1, 2, 3]], [1, 2]), "ln y0: 各单位相同"),
        (lambda: beta_convergence(GROWN, YEARS, controls={"x": np.ones(20)}), "x: 各单位相同"),
        (
            lambda: beta_convergence(GROWN, YEARS, controls={"x": 3 - 2 * np.log(GROWN[0])}),
            "x: 各单位相同, 或可由前面",
        ),
        (lambda: beta_convergence(GROWN, YEARS, NAMES, {"x": [math.nan] + [1.0] * 19}), "u0: 没有数值"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


def test_unknown_options_are_wrong_calls():
    with pytest.raises(CallError):
        sigma_convergence(GROWN, YEARS, measure="range")
    with pytest.raises(CallError):
        beta_convergence(GROWN, YEARS, form="annual")


def test_outcomes_are_json():
    for found in (sigma_convergence(GROWN, YEARS), beta_convergence(GROWN, YEARS)):
        assert found.title in str(found)
        assert set(found.to_dict()) == {"title", "sentence", "remarks", "table", "figure"}
