"""Principal components, rotated factors, 纵横向拉开档次法: the OECD/JRC example, brute force, invariances."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from sklearn.decomposition import PCA, FactorAnalysis

from xinzhi import speaking
from xinzhi.errors import ComputeError
from xinzhi.index.weights import factor, from_loadings, pca, scatter, varimax

# Technology Achievement Index, 23 countries: patents, royalties, internet, exports, telephones, electricity,
# schooling, university (OECD/JRC 2008, Handbook, Table A.1).
TAI = np.array(
    [
        [187, 125.6, 200.2, 50.7, 3.08, 4.15, 10, 27.4],
        [289, 130, 179.1, 66.2, 3, 4.07, 12, 13.9],
        [271, 156.6, 125.8, 59.7, 3.1, 4.14, 11.4, 15.3],
        [994, 64.6, 49, 80.8, 3, 3.86, 9.5, 10],
        [779, 9.8, 4.8, 66.7, 2.97, 3.65, 10.8, 23.2],
        [189, 151.2, 136, 50.9, 3.02, 3.77, 9.4, 9.5],
        [82, 134, 57.4, 61.9, 3.02, 3.73, 9.4, 14.9],
        [31, 38.6, 108, 48.7, 2.94, 4.18, 11.6, 14.2],
        [75, 18.2, 125.9, 16.2, 2.94, 3.94, 10.9, 25.3],
        [8, 25.5, 72.3, 74.9, 2.95, 3.83, 7.1, 24.2],
        [235, 36.8, 41.2, 64.2, 2.94, 3.75, 10.2, 14.4],
        [103, 20.2, 193.6, 19, 3.12, 4.39, 11.9, 11.2],
        [106, 110.3, 48.6, 53.6, 2.97, 3.68, 9.4, 12.3],
        [72, 73.9, 58.9, 47.6, 2.91, 3.86, 9.3, 13.6],
        [103, 13, 146.7, 15.4, 2.86, 3.91, 11.7, 13.1],
        [165, 14.8, 84.2, 50.3, 2.99, 3.79, 8.4, 13.6],
        [205, 33.6, 36.4, 58.9, 2.97, 3.8, 7.9, 12.6],
        [74, 43.6, 43.2, 45, 2.96, 3.74, 9.6, 11],
        [42, 8.6, 21, 53.4, 2.86, 3.62, 7.3, 15.6],
        [13, 9.8, 30.4, 51, 3, 3.65, 7.2, 13],
        [28, 4.2, 25, 51.7, 2.75, 3.68, 9.5, 8.2],
        [26, 6.2, 21.6, 63.5, 2.73, 3.46, 9.1, 7.7],
        [105, 4, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6],
    ]
)
RNG = np.random.default_rng(11)
COMMON = RNG.normal(size=(40, 2))
MATRIX = COMMON @ RNG.normal(size=(2, 6)) + 0.8 * RNG.normal(size=(40, 6))
PANEL = RNG.uniform(size=(1, 3, 15, 5)) + RNG.uniform(
    size=(1, 3, 15, 1)
)  # what all share: no negative weight


def one(method, matrix, *options):
    return method(np.array(matrix, dtype=float)[None, None], *options)[0]


def components(matrix, count):
    values, vectors = np.linalg.eigh(np.corrcoef(matrix.T))
    return vectors[:, -count:] * np.sqrt(values[-count:])


# --- components and factors ------------------------------------------------------------------------------------


def test_pca_is_the_formula():
    model = PCA().fit((MATRIX - MATRIX.mean(axis=0)) / MATRIX.std(axis=0))
    values = model.explained_variance_ * 39 / 40
    kept = [k for k in range(6) if values[k] >= 1]
    assert len(kept) == 2
    expected = [
        sum(values[k] * model.components_[k, j] ** 2 for k in kept) / sum(values[k] for k in kept)
        for j in range(6)
    ]
    assert np.allclose(one(pca, MATRIX), expected)


def test_the_factors_of_the_handbook():
    """OECD/JRC (2008), Tables 16 and 17: variances and rotated loadings of four components."""
    shares = np.linalg.eigvalsh(np.corrcoef(TAI.T))[::-1] / 8
    assert np.allclose(100 * shares[:4], [41.9, 21.8, 12.3, 11.1], atol=0.08)
    rotated = varimax(components(TAI, 4))
    rotated = rotated[:, [int(np.abs(rotated[row]).argmax()) for row in (6, 0, 7, 1)]]
    rotated *= np.sign(rotated[[6, 0, 7, 1], range(4)])
    printed = [
        [0.07, 0.97, 0.06, 0.06],
        [0.13, 0.07, -0.07, 0.93],
        [0.79, -0.21, 0.21, 0.42],
        [-0.64, 0.56, -0.04, 0.36],
        [0.37, 0.17, 0.38, 0.68],
        [0.82, -0.04, 0.25, 0.35],
        [0.88, 0.23, -0.09, 0.09],
        [0.08, 0.04, 0.96, 0.04],
    ]
    assert np.allclose(rotated, printed, atol=0.02)
    assert np.allclose((rotated**2).sum(axis=0), [2.64, 1.39, 1.19, 1.76], atol=0.03)


def test_factor_weights_are_highest_squared_loadings_scaled_by_explained_variance():
    rotated = varimax(components(MATRIX, 2))
    squares = rotated**2
    explained = squares.sum(axis=0)
    raw = [max(range(2), key=lambda k, j=j: squares[j, k]) for j in range(6)]
    nicoletti = [squares[j, k] / explained[k] * (explained[k] / explained.sum()) for j, k in enumerate(raw)]
    assert np.allclose(one(factor, MATRIX), np.array(nicoletti) / sum(nicoletti))


def test_varimax_leaves_communalities_and_finds_the_best_angle():
    loadings = components(MATRIX, 2)
    rotated = varimax(loadings)
    assert np.allclose((rotated**2).sum(axis=1), (loadings**2).sum(axis=1))
    kaiser = loadings / np.linalg.norm(loadings, axis=1, keepdims=True)

    def simplicity(angle):
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        return ((kaiser @ turn) ** 2).var(axis=0).sum()

    found = ((rotated / np.linalg.norm(loadings, axis=1, keepdims=True)) ** 2).var(axis=0).sum()
    best = max(simplicity(angle) for angle in np.linspace(0, math.pi / 2, 20_001))
    assert best <= found + 1e-12
    assert found - best < 1e-6


def test_varimax_is_that_of_scikit_learn_after_kaisers_normalisation():
    # scikit-learn turns rows as they are (raw varimax); on rows of one length the two are the same.
    loadings = components(TAI, 4)
    length = np.linalg.norm(loadings, axis=1, keepdims=True)
    raw = FactorAnalysis(rotation="varimax", tol=1e-12)._rotate((loadings / length).T, tol=1e-12).T
    squares = varimax(loadings) ** 2 / length**2
    order = [int(np.abs(squares - column[:, None] ** 2).sum(axis=0).argmin()) for column in raw.T]
    assert sorted(order) == [0, 1, 2, 3]
    assert np.allclose(squares[:, order], raw**2, atol=1e-4)


def test_varimax_recovers_a_simple_structure():
    simple = np.zeros((9, 3))
    simple[range(9), [0, 0, 0, 1, 1, 1, 2, 2, 2]] = [0.9, 0.8, 0.7, 0.9, 0.6, 0.5, 0.8, 0.8, 0.4]
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    assert np.allclose(np.sort(np.abs(varimax(simple @ turn))), np.sort(simple), atol=1e-6)
    assert np.allclose(from_loadings(simple @ turn), simple.max(axis=1) ** 2 / (simple**2).sum())


def test_perfectly_collinear_indicators_weigh_alike():
    line = np.arange(6.0)
    collinear = np.column_stack([line, 2 * line, -line])
    for method in (pca, factor):
        assert np.allclose(one(method, collinear), 1 / 3)


def test_uncorrelated_indicators_weigh_alike():
    design = np.array(list(itertools.product([-1.0, 1.0], repeat=3)))
    for method in (pca, factor):
        assert np.allclose(one(method, design), 1 / 3)
    assert np.allclose(scatter(design[None, None]).weights, 1 / 3)


def all_methods():
    return [pca, factor, lambda z: scatter(z).weights, lambda z: scatter(z, "panel").weights]


@pytest.mark.parametrize("method", all_methods(), ids=["pca", "factor", "scatter", "scatter-panel"])
class TestEach:
    def test_order_of_units_and_scale_of_columns_mean_nothing(self, method):
        assert np.allclose(method(PANEL), method(PANEL[:, ::-1, ::-1]))
        assert np.allclose(method(PANEL), method(PANEL * [1, 10, 0.1, 7, 2] + [5, 0, 0, 1, 0]))

    def test_a_constant_or_empty_indicator_has_weight_zero_and_no_influence(self, method):
        shape = (*PANEL.shape[:3], 1)
        padded = np.concatenate([PANEL, np.full(shape, 0.1), np.full(shape, math.nan)], axis=3)
        assert np.allclose(method(padded), np.append(method(PANEL), [[0, 0]], axis=1))

    def test_a_row_with_a_gap_is_left_out(self, method):
        gap = PANEL.copy()
        gap[0, :, 4, 2] = math.nan
        assert np.allclose(method(gap), method(np.delete(PANEL, 4, axis=2)))

    def test_replicates_are_weighed_each_by_itself(self, method):
        both = method(np.concatenate([PANEL, PANEL**2]))
        assert np.allclose(both, np.concatenate([method(PANEL), method(PANEL**2)]))
        assert np.allclose(both.sum(axis=1), 1)


# --- 纵横向拉开档次法 -------------------------------------------------------------------------------------------


def gram(panel, standardise):
    """H = sum_t A_t'A_t, year by year."""
    whole = panel.reshape(-1, panel.shape[-1])
    total = 0
    for year in panel:
        origin = {"year": year, "panel": whole, "none": None}[standardise]
        a = year if origin is None else (year - origin.mean(axis=0)) / origin.std(axis=0)
        total = total + a.T @ a
    return total


@pytest.mark.parametrize("standardise", ["year", "panel", "none"])
def test_scatter_is_the_largest_eigenvector(standardise):
    h = gram(PANEL[0], standardise)
    v = np.ones(5)
    for _ in range(5000):  # power iteration
        v = h @ v / np.linalg.norm(h @ v)
    found = scatter(PANEL, standardise)
    assert (v > 0).all()
    assert not found.constrained.any()
    assert np.allclose(found.weights[0], v / v.sum())


@pytest.mark.parametrize("seed", range(20))
def test_where_the_eigenvector_is_negative_no_non_negative_weights_scatter_more(seed):
    rng = np.random.default_rng(seed)
    panel = rng.normal(size=(1, 2, 9, 6)) @ rng.normal(size=(6, 6))
    h = gram(panel[0], "panel")
    best = 0.0
    for size in range(1, 7):  # the maximum is a positive eigenvector of the indicators it uses
        for used in itertools.combinations(range(6), size):
            values, vectors = np.linalg.eigh(h[np.ix_(used, used)])
            v = vectors[:, -1]
            if (v >= -1e-12).all() or (v <= 1e-12).all():
                best = max(best, values[-1])
    found = scatter(panel, "panel")
    w = found.weights[0]
    assert (w >= 0).all()
    assert w @ h @ w / (w @ w) == pytest.approx(best)
    assert found.constrained[0] == (np.linalg.eigvalsh(h)[-1] > best + 1e-9)


def test_two_opposed_indicators_leave_one():
    line = np.array([0.0, 1.0, 3.0, 2.0])
    found = scatter(np.column_stack([line, -line])[None, None])
    assert found.weights.tolist() == [[1, 0]]
    assert found.constrained.tolist() == [True]


FLAT = np.ones((1, 1, 4, 2))
SHORT = np.array([[[[1.0, 2], [2, 1], [3, math.nan], [math.nan, 4]]]])


@pytest.mark.parametrize("name", ["pca", "factor", "scatter"])
def test_what_is_not_defined_is_refused(name):
    method = {"pca": pca, "factor": factor, "scatter": scatter}[name]
    for figures, chinese, english in (
        (FLAT, f"所有指标都没有差异, {name} 没有定义\n请改用 given 或 equal 赋权",
         f"No indicator tells the units apart, so {name} is not defined\nUse given or equal weights"),
        (SHORT, f"{name} 至少需要 3 行没有缺失的数据 (一个单位一年为一行), 只有 2 行\n"
         "请补齐缺失, 增加单位或年份, 或改用其他赋权方法",
         f"{name} needs at least 3 rows without gaps (one unit in one year is a row); there are 2\n"
         "Fill the gaps, add units or years, or weigh in another way"),
    ):  # fmt: skip
        for language, message in (("zh", chinese), ("en", english)):
            with speaking(language), pytest.raises(ComputeError) as error:
                method(figures)
            assert str(error.value) == message


@pytest.mark.parametrize("loadings", [np.zeros((3, 2)), np.zeros((3, 1)), np.ones((3, 1)), np.zeros((3, 0))])
def test_nothing_to_rotate(loadings):
    assert np.array_equal(varimax(loadings), loadings)
    assert from_loadings(loadings).sum() == (1 if loadings.any() else 0)


def test_a_constant_indicator_weighs_exactly_nothing():
    table = np.column_stack([MATRIX, np.full(len(MATRIX), 0.1 + 0.2)])
    for method in (pca, factor):
        weights = one(method, table)
        assert weights[-1] == 0
        assert np.allclose(weights[:-1], one(method, MATRIX))
