"""Kernel densities: scipy, R's bandwidths, known shapes, defined answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gaussian_kde

from xinzhi import speaking
from xinzhi.analysis.density import kernel_density
from xinzhi.errors import CallError, ComputeError

SAMPLE = np.random.default_rng(1).lognormal(size=60)


def test_the_curve_is_that_of_scipy_at_equal_bandwidth_and_its_area_is_one():
    found = kernel_density([SAMPLE])
    peer = gaussian_kde(SAMPLE, bw_method=found.bandwidths[0] / SAMPLE.std(ddof=1))
    assert np.allclose(found.densities[0], peer(found.grid), rtol=1e-9, atol=1e-300)
    assert np.trapezoid(found.densities[0], found.grid) == pytest.approx(1, abs=1e-4)


def test_bandwidths_are_those_stated():
    y = np.arange(1.0, 11)  # sd 3.02765, IQR 4.5
    assert kernel_density([y]).bandwidths[0] == pytest.approx(
        0.9 * math.sqrt(55 / 6) * 10**-0.2
    )  # R: bw.nrd0(1:10)
    assert kernel_density([y], bandwidth="normal").bandwidths[0] == pytest.approx(
        1.06 * math.sqrt(55 / 6) * 10**-0.2
    )
    assert kernel_density([y], bandwidth=2).bandwidths[0] == 2
    peaked = np.array([0, 4, 5, 5, 5, 5, 6, 20.0])
    assert kernel_density([peaked]).bandwidths[0] == pytest.approx(0.9 * (0.5 / 1.34) * 8**-0.2)


def test_scipy_calls_another_rule_silverman():
    factor = gaussian_kde(SAMPLE, bw_method="silverman").factor
    ours = kernel_density([SAMPLE], bandwidth="normal").bandwidths[0] / SAMPLE.std(ddof=1)
    assert factor == pytest.approx(ours, rel=0.002)
    assert abs(kernel_density([SAMPLE]).bandwidths[0] / SAMPLE.std(ddof=1) / factor - 1) > 0.1


def test_ties_leave_the_standard_deviation_where_the_quartiles_are_equal():
    y = np.array([1.0] * 8 + [5.0])
    assert kernel_density([y]).bandwidths[0] == pytest.approx(0.9 * y.std(ddof=1) * 9**-0.2)


def test_two_normal_curves_have_two_peaks_from_two_standard_deviations_on():
    """f = (phi(x - a) + phi(x + a)) / 2 has two modes exactly when a > 1."""
    assert kernel_density([[-0.95, 0.95]], bandwidth=1).peaks == (1,)
    assert kernel_density([[-1.05, 1.05]], bandwidth=1).peaks == (2,)
    assert kernel_density([[0, 10, 20.0]], bandwidth=1).peaks == (3,)


@given(
    st.lists(st.integers(-50, 50), min_size=3, max_size=20).filter(lambda v: len(set(v)) > 1),
    st.floats(0.1, 100),
)
def test_scale_and_place_do_not_change_the_shape(values, scale):
    y = np.array(values, dtype=float)
    one, other = kernel_density([y], points=4096), kernel_density([y * scale + 3], points=4096)
    assert np.allclose(one.densities / scale, other.densities, rtol=1e-6, atol=1e-12 / scale)


def test_all_years_share_a_grid_and_the_sentence_follows_the_shift():
    low, high = np.array([1.0, 2, 3, 4]), np.array([11.0, 13, 15, 17])
    found = kernel_density([low, high], [2012, 2022])
    assert found.densities.shape == (2, len(found.grid))
    assert "2012 到 2022 年: 主峰右移 (" in found.sentence()
    assert "峰高下降 50.0%, 分布更分散" in found.sentence()
    back = kernel_density([high, low], [2012, 2022])
    assert "主峰左移" in back.sentence()
    assert "峰高上升 100.0%, 分布更集中" in back.sentence()
    same = kernel_density([low, low], [2012, 2022])
    assert (
        same.sentence().endswith("主峰没有移动 (2.5); 峰高不变; 峰数不变 (1)。")
        or "没有移动" in same.sentence()
    )
    with speaking("en"):
        assert "the main peak moved right" in kernel_density([low, high], [2012, 2022]).sentence()
    split = kernel_density([[4.9, 5.1, 5], [0, 10, 5.0]], [1, 2], bandwidth=1)
    assert "峰数由 1 变为 3" in split.sentence()
    assert "共 1 个峰" in kernel_density([low], [2012]).sentence()
    assert found.table()["year"].to_list() == ["2012", "2022"]
    assert set(found.to_dict()["figure"]) == {"years", "grid", "densities"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel_density([[1, 1, 1]], [2012]), "2012: 各单位没有差异, 带宽会是零"),
        (lambda: kernel_density([[1]]), "带宽至少需要 2 个单位"),
        (lambda: kernel_density([[1, math.nan]], names=["a", "b"]), "b: 没有数值"),
        (lambda: kernel_density([]), "没有任何年份"),
        (lambda: kernel_density([[1, 2]], bandwidth=0), "带宽须为正数"),
        (lambda: kernel_density([[0, 1000]], bandwidth=0.01), "网格看不清"),
        (lambda: kernel_density([[0, 100]], bandwidth=1, points=50), "points=217"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


def test_an_unknown_bandwidth_is_a_wrong_call():
    with pytest.raises(CallError):
        kernel_density([[1, 2]], bandwidth="scott")


def test_a_number_serves_where_the_data_give_no_bandwidth():
    found = kernel_density([[1, 1, 1]], bandwidth=1)
    assert found.heights[0] == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-3)


def test_the_peak_is_not_read_off_the_grid():
    """Of two units 2a apart, a < h, the one peak is in the middle: (phi(a) + phi(a)) / 2h there."""
    for points in (40, 64, 512):
        found = kernel_density([[-0.5, 0.6], [1, 3.0]], [1, 2], bandwidth=2, points=points)
        assert found.modes == pytest.approx([0.05, 2], abs=1e-12)
        heights = [math.exp(-((a / 2) ** 2) / 2) / math.sqrt(2 * math.pi) / 2 for a in (0.55, 1)]
        assert found.heights == pytest.approx(heights, rel=1e-12)
    fine = np.linspace(*np.quantile(SAMPLE, (0, 1)), 2_000_001)
    found = kernel_density([SAMPLE])
    curve = gaussian_kde(SAMPLE, bw_method=found.bandwidths[0] / SAMPLE.std(ddof=1))
    near = fine[np.abs(fine - found.modes[0]) < found.bandwidths[0]]
    assert near[curve(near).argmax()] == pytest.approx(found.modes[0], abs=2 * (fine[1] - fine[0]))


def test_of_equal_peaks_the_leftmost():
    assert kernel_density([[0, 10.0]], bandwidth=1).modes[0] == pytest.approx(0, abs=1e-9)


def test_a_sample_of_no_year_has_none():
    found = kernel_density([[1, 2, 4]], value_name="得分")
    assert found.sentence().startswith("得分: 主峰在 ")
    assert found.table()["year"].to_list() == [""]
    assert kernel_density([[1, 2, 4]]).sentence().startswith("主峰在 ")
    assert kernel_density([[1, 2, 4]], [2012], value_name="得分").sentence().startswith("2012, 得分: 主峰在 ")


@pytest.mark.parametrize("years", [[2010, 2010], [2011, 2010], ["a", "a"], [2010.5, 2011]])
def test_years_come_once_and_in_order(years):
    with pytest.raises(ComputeError) as caught:
        kernel_density([[1, 2, 4], [1, 2, 5]], years)
    assert caught.value.remedy
