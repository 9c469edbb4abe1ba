"""Every analysis of the two demonstration reports once more, each figure by its formula.

One function an analysis, given the units of a report; it returns the columns of the table and the Chinese
sentence, both computed here: from definitions in plain numpy, or by scipy, SALib, esda. What each column is
computed from, and where that stands in print, is in :data:`SOURCES`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import esda
import numpy as np
from libpysal.weights import W
from SALib.analyze import sobol
from scipy import stats
from scipy.optimize import brentq
from scipy.signal import find_peaks

from tests.analysis import open_index as index
from tests.analysis.provinces import CODES, NAMES, REGIONS, column, rows
from xinzhi.geography import neighbours_of

REPLICATIONS, SEED, PERMUTATIONS = 10_000, 0, 9999


@dataclass(frozen=True)
class Subject:
    """The units of a report, and the figures that its regional analyses are of."""

    name: str
    values: np.ndarray
    against: np.ndarray
    against_title: str
    population: np.ndarray
    series: np.ndarray  # (T, N), the last row being the values
    years: list
    p_local: list = field(default_factory=list)  # of the report: checked apart, then used in the sentence

    @property
    def span(self):
        """What sentences about several years begin with: scores of the open index are min-max of each year."""
        assert index.METHOD["normalisation"]["scope"] == "year"
        return f"{self.years[0]} 到 {self.years[-1]} 年, 相对得分 (各年之内标准化)"


def open_index():
    scores = index.nominal()
    wealth = index.figures()[-1, :, index.LEAVES.index("gdp_per_resident")]
    assert index.CODES == CODES
    population = index.printed("population")[-1]
    return Subject(
        "新质生产力开放指数", scores[-1], wealth, "人均地区生产总值", population, scores, index.YEARS
    )


def table3():
    official = {row["code"]: row for row in rows("official_2022.csv")}
    gdp, population = (
        np.array([float(official[code][name]) for code in CODES]) for name in ("gdp", "population")
    )
    totals = np.array(column("total"))
    return Subject("总指数", totals, 1e4 * gdp / population, "人均 GDP (元)", population, totals[None], [""])


def people(value):
    """A figure as sentences write it: up to six significant digits, commas from 1,000 on."""
    return f"{value:,.6g}"


def several(names, limit=6):
    text = "、".join(names[:limit])
    return text if len(names) <= limit else f"{text} 等 {len(names)} 项"


def p_told(p):
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


# --- what the index can bear -------------------------------------------------------------------------------


def tiers(probability):
    """The fewest consecutive groups in which nobody is told apart, by dynamic programming; the longest first."""
    n = len(probability)
    apart = np.abs(probability - 0.5) >= 0.45 - 1e-9
    fine = [
        [not apart[i : k + 1, i : k + 1][np.triu_indices(k + 1 - i, 1)].any() for k in range(n)]
        for i in range(n)
    ]
    fewest = [0] * (n + 1)
    for i in range(n - 1, -1, -1):
        fewest[i] = 1 + min(fewest[k + 1] for k in range(i, n) if fine[i][k])
    starts, at = [], 0
    while at < n:
        starts.append(at)
        at = max(k + 1 for k in range(at, n) if fine[at][k] and fewest[k + 1] == fewest[at] - 1)
    return starts, apart


def robustness(_subject):
    scores = index.replicates(index.random_uniforms(REPLICATIONS, SEED))
    ranks, nominal = index.ranks(scores), index.ranks(index.nominal())
    years, units = nominal.shape
    low, median, high = np.quantile(scores, (0.05, 0.5, 0.95), axis=0)
    rank_low, rank_median, rank_high = np.quantile(ranks, (0.05, 0.5, 0.95), axis=0, method="inverted_cdf")
    tier, border = np.zeros((years, units), dtype=int), np.full((years, units), None)
    for t in range(years):
        mean = ranks[:, t].mean(axis=0)
        order = sorted(range(units), key=lambda n: (rank_median[t, n], mean[n], CODES[n]))
        own = ranks[:, t][:, order]
        ahead = np.array([[(np.sign(b - a).mean() + 1) / 2 for b in own.T] for a in own.T])
        starts, apart = tiers(ahead)
        for k, (start, stop) in enumerate(zip(starts, [*starts[1:], units], strict=True), 1):
            tier[t, order[start:stop]] = k
            if stop < units:
                border[t, order[stop - 1]] = bool(apart[stop - 1, stop])
    shift = np.abs(ranks - nominal).mean(axis=0)
    columns = {
        "code": CODES * years,
        "name": NAMES * years,
        "year": np.repeat(index.YEARS, units),
        "score": index.nominal().ravel(),
        "score_median": median.ravel(),
        "score_low": low.ravel(),
        "score_high": high.ravel(),
        "rank": nominal.ravel(),
        "rank_median": rank_median.ravel(),
        "rank_low": rank_low.ravel(),
        "rank_high": rank_high.ravel(),
        "rank_shift": shift.ravel(),
        "tier": tier.ravel(),
        "told_apart_from_next_tier": border.ravel(),
        "scored_share": np.ones(shift.size),
        "note": [""] * shift.size,
    }
    moved = np.abs(ranks[:, -1] - nominal[-1]).mean(axis=1)
    ends = np.quantile(moved, (0.05, 0.95))
    first = int(np.argmin(nominal[-1]))
    sentence = (
        f"2022 年: 名次平均变动 {people(round(moved.mean(), 2))} 位 (5-95% 区间 {people(round(ends[0], 2))}-"
        f"{people(round(ends[1], 2))}); {units} 个单位分为 {tier[-1].max()} 档, 同档之内分不出先后; "
        f"{NAMES[first]}居首, 在 {(ranks[:, -1, first] == 1).mean():.1%} 的重复中仍是第 1 位"
    )
    return columns, sentence


FACTORS = {
    "weight-band": "权重 (上下 25%)",
    "normalisation": "标准化方法",
    "aggregation": "合成方法",
    "leave-one-out": "去掉一个指标",
}


def first_order(a, b, mixed, t):
    """(b) and (c) of table 2 in Saltelli et al. (2010), mixed by the total index."""
    variance = np.concatenate([a, b]).var()
    share = t / (t + (1 - t) ** 2)
    return (1 - share) * np.mean(b * (mixed - a)) / variance + share * (
        1 - np.mean((b - mixed) ** 2) / 2 / variance
    )


def sensitivity(_subject):
    last = slice(-1, None)
    nominal = index.ranks(index.nominal())[-1]
    points = index.sobol_uniforms(seed=SEED)
    ranks = [index.ranks(index.replicates(uniforms, last))[:, 0] for uniforms in points]
    shifts = [np.abs(own - nominal).mean(axis=1) for own in ranks]
    centre = (shifts[0].mean() + shifts[1].mean()) / 2
    a, b, *mixed = (shift - centre for shift in shifts)
    total = np.array([sobol.total_order(a, own, b) for own in mixed])
    first = np.array([first_order(a, b, own, min(t, 1.0)) for own, t in zip(mixed, total, strict=True)])
    # Resamples of the points: multinomial counts. The mixing shares stay those of the sample.
    resamples = np.random.default_rng([SEED, 1]).multinomial(len(a), np.full(len(a), 1 / len(a)), 500)
    firsts, totals = np.empty((500, 4)), np.empty((500, 4))
    for r, times in enumerate(resamples):
        again = np.repeat(np.arange(len(a)), times)
        variance = np.concatenate([a[again], b[again]]).var()
        for i, own in enumerate(mixed):
            share = total[i] / (total[i] + (1 - total[i]) ** 2)
            c, d, e = a[again], b[again], own[again]
            totals[r, i] = np.mean((c - e) ** 2) / 2 / variance
            firsts[r, i] = share + np.mean((1 - share) * d * (e - c) - share * (d - e) ** 2 / 2) / variance
    of_units = np.array([sobol.total_order(ranks[0], own, ranks[1]) for own in ranks[2:]])
    deviation = np.concatenate(ranks[:2]).std(axis=0)
    leading = np.where(deviation > 0, of_units.argmax(axis=0), -1)
    first_ends, total_ends = (np.quantile(table, (0.05, 0.95), axis=0) for table in (firsts, totals))
    titles = list(FACTORS.values())
    columns = {
        "factor": list(FACTORS),
        "title": titles,
        "first": first,
        "first_low": first_ends[0],
        "first_high": first_ends[1],
        "total": total,
        "total_low": total_ends[0],
        "total_high": total_ends[1],
        "units_led": [(leading == i).sum() for i in range(4)],
        "note": [""] * 4,
    }
    top, second = np.argsort(-total)[:2]
    low, high = total_ends[:, top]
    overlap = f"与{titles[second]}的区间重叠, 分不出主次; " if total_ends[1, second] >= low else ""
    unit = int(deviation.argmax())
    sentence = (
        f"2022 年: 对名次影响最大的是{titles[top]}, 总效应指数 {people(round(total[top], 3))} (5-95% 区间 "
        f"{people(round(low, 3))}-{people(round(high, 3))}); {overlap}因素之间的交互占方差的 "
        f"{1 - first.sum():.0%}; 名次最不稳的是{NAMES[unit]} (标准差 {people(round(deviation[unit], 2))} 位), "
        f"主要来自{titles[leading[unit]]}"
    )
    return columns, sentence


def correlation_ratio(x, y):
    """Kelley's epsilon squared of sqrt(n) groups of neighbours; no two figures are equal here."""
    n, k = len(x), int(np.sqrt(len(x)))
    place = stats.rankdata(x, method="min").astype(int) - 1
    groups = [y[place * k // n == g] for g in range(k)]
    between = sum(len(g) * (g.mean() - y.mean()) ** 2 for g in groups) / ((y - y.mean()) ** 2).sum()
    return max(0.0, 1 - (1 - between) * (n - 1) / (n - len(groups)))


def structure(subject):
    z, y = index.normalised("year")[-1], subject.values
    assert np.isfinite(z).all()
    count = z.shape[1]
    with_index = np.array([stats.pearsonr(own, y).statistic for own in z.T])
    ranks = index.ranks(y)
    shifts = np.abs(
        [
            index.ranks(index.totals(index.normalised("year")[-1:], index.without(j)[None])[0, 0]) - ranks
            for j in range(count)
        ]
    )
    effective = with_index**2 / (with_index**2).sum()
    columns = {
        "indicator": index.LEAVES,
        "title": index.TITLES,
        "weight": index.WEIGHTS,
        "effective_weight": effective,
        "correlation_with_index": with_index,
        "squared_correlation": with_index**2,
        "correlation_ratio": [correlation_ratio(own, y) for own in z.T],
        "contribution_share": (index.WEIGHTS * z / y[:, None]).mean(axis=0),
        "left_out_mean_shift": shifts.mean(axis=1),
        "left_out_largest_shift": shifts.max(axis=1),
        "left_out_unit": [NAMES[n] for n in shifts.argmax(axis=1)],
        "note": [""] * count,
    }
    explained = np.linalg.eigvalsh(np.corrcoef(z.T)).max() / count
    alpha = count / (count - 1) * (1 - z.var(axis=0, ddof=1).sum() / z.sum(axis=1).var(ddof=1))
    top = int(effective.argmax())
    sentence = (
        f"2022 年: 实际影响最大的指标是{index.TITLES[top]}, 有效权重 {effective[top]:.1%}, 名义权重 "
        f"{index.WEIGHTS[top]:.1%}; 第一主成分解释 {explained:.1%} 的方差; 克朗巴哈系数 {people(round(alpha, 3))}"
    )
    return columns, sentence


# --- inequality --------------------------------------------------------------------------------------------


def groups_of(values):
    return {region: values[[own == region for own in REGIONS]] for region in dict.fromkeys(REGIONS)}


def mean_difference(a, b):
    return np.abs(a[:, None] - b).mean()


def dagum(subject):
    y, n = subject.values, len(subject.values)
    gini = mean_difference(y, y) / 2 / y.mean()
    groups = list(groups_of(y).items())
    inner = {name: mean_difference(own, own) / 2 / own.mean() for name, own in groups}
    pairs, between, overlap = {}, 0.0, 0.0
    for i, (one, a) in enumerate(groups):
        for other, b in groups[i + 1 :]:
            g = mean_difference(a, b) / (a.mean() + b.mean())
            above = np.maximum(a[:, None] - b, 0).mean(), np.maximum(b - a[:, None], 0).mean()
            d = (max(above) - min(above)) / sum(above)
            weight = len(a) / n * b.sum() / y.sum() + len(b) / n * a.sum() / y.sum()
            between, overlap = between + g * d * weight, overlap + g * (1 - d) * weight
            pairs[one, other] = (g, d)
    within = sum(inner[name] * len(own) / n * own.sum() / y.sum() for name, own in groups)
    parts = [within, between, overlap]
    assert np.isclose(sum(parts), gini)
    columns = {
        "part": ["total", "within", "between", "transvariation", *["group"] * 4, *["pair"] * 6],
        "group": [None] * 4 + list(inner) + [a for a, _b in pairs],
        "other": [None] * 8 + [b for _a, b in pairs],
        "gini": [gini, *parts, *inner.values(), *[g for g, _d in pairs.values()]],
        "share": [1.0, *[part / gini for part in parts], *[None] * 10],
        "distance": [None] * 8 + [d for _g, d in pairs.values()],
    }
    words = ["组内差异", "组间净差异", "组间交叠 (超变密度)"]
    worst, (one, other) = max(inner, key=inner.get), max(pairs, key=lambda pair: pairs[pair][0])
    sentence = (
        f"Dagum 基尼系数 {gini:.4f}: 组内 {within:.4f} ({within / gini:.1%}), 组间净值 {between:.4f} "
        f"({between / gini:.1%}), 超变密度 {overlap:.4f} ({overlap / gini:.1%}); "
        f"差异的最大来源: {words[int(np.argmax(parts))]}; 组内差异最大: {worst} ({inner[worst]:.4f}); "
        f"组间差异最大: {one}-{other} ({pairs[one, other][0]:.4f})。"
    )
    return columns, sentence


def theil(subject):
    y = subject.values
    groups = groups_of(y)
    rows_, clauses = [], []
    for name, of in (
        ("T", lambda own: np.mean(own / own.mean() * np.log(own / own.mean()))),
        ("L", lambda own: np.mean(np.log(own.mean() / own))),
    ):
        total, inner = of(y), {region: of(own) for region, own in groups.items()}
        share = {
            region: own.sum() / y.sum() if name == "T" else len(own) / len(y)
            for region, own in groups.items()
        }
        within = sum(share[region] * inner[region] for region in groups)
        between = of(np.concatenate([np.full(len(own), own.mean()) for own in groups.values()]))
        assert np.isclose(within + between, total)
        rows_ += [(name, "total", None, total, 1.0), (name, "within", None, within, within / total)]
        rows_ += [(name, "between", None, between, between / total)]
        rows_ += [(name, "group", region, value, None) for region, value in inner.items()]
        clauses.append(
            f"泰尔 {name} 指数 {total:.4f}: 组内 {within:.4f} ({within / total:.1%}), 组间 {between:.4f} "
            f"({between / total:.1%}), 主要来自{'组内' if within > between else '组间'}"
        )
    columns = dict(zip(("index", "part", "group", "value", "share"), zip(*rows_, strict=True), strict=True))
    return columns | {"note": [""] * len(rows_)}, "; ".join(clauses) + "。"


def atkinson(subject):
    y = subject.values
    equivalent = np.mean(np.sqrt(y)) ** 2
    found = 1 - equivalent / y.mean()
    columns = {"epsilon": [0.5], "index": [found], "mean": [y.mean()], "equivalent": [equivalent]}
    return columns, f"阿特金森指数 (ε = 0.5) 为 {found:.4f}: 平均分配时, 现有均值的 {1 - found:.1%} 就够。"


def variation(subject):
    y = subject.values
    found = stats.variation(y)
    columns = {"coefficient": [found], "mean": [y.mean()], "deviation": [y.std()], "sample": [False]}
    return columns, f"变异系数 {found:.4f} (总体标准差 {y.std():.4g}, 均值 {y.mean():.4g})。"


# --- distribution and convergence --------------------------------------------------------------------------


def highest(y, width, grid, curve):
    """Where the slope of a kernel density is 0 beside the highest point of a grid, and the density there."""

    def slope(x):
        return ((y - x) * stats.norm.pdf((x - y) / width)).sum()

    k = curve.argmax()
    place = brentq(slope, grid[k - 1], grid[k + 1], xtol=1e-13)
    return place, stats.norm.pdf((place - y) / width).mean() / width


def density(subject):
    widths = np.array(
        [0.9 * min(y.std(ddof=1), stats.iqr(y) / 1.34) * len(y) ** -0.2 for y in subject.series]
    )
    low, high = subject.series.min() - 4 * widths.max(), subject.series.max() + 4 * widths.max()
    grid = np.linspace(low, high, max(512, int(np.ceil((high - low) / widths.min() * 2)) + 1))
    curves = [
        stats.gaussian_kde(y, h / y.std(ddof=1))(grid) for y, h in zip(subject.series, widths, strict=True)
    ]
    peaks = [len(find_peaks(curve)[0]) for curve in curves]
    modes, heights = zip(*map(highest, subject.series, widths, [grid] * len(widths), curves), strict=True)
    columns = {
        "year": list(map(str, subject.years)),
        "units": [len(y) for y in subject.series],
        "bandwidth": widths,
        "peaks": peaks,
        "mode": modes,
        "height": heights,
    }
    if len(curves) == 1:
        return columns, f"{subject.name}: 主峰在 {modes[0]:.4g}, 共 {peaks[0]} 个峰。"
    rise = heights[-1] / heights[0] - 1
    sentence = (
        f"{subject.span}: 主峰{'右' if modes[-1] > modes[0] else '左'}移 "
        f"({modes[0]:.4g} 到 {modes[-1]:.4g}); 峰高{'上升' if rise > 0 else '下降'} {abs(rise):.1%}, "
        f"分布更{'集中' if rise > 0 else '分散'}; 峰数由 {peaks[0]} 变为 {peaks[-1]}。"
    )
    return columns, sentence


def sigma(subject):
    groups = {"全部": np.ones(len(NAMES), dtype=bool)}
    groups |= {region: np.array(REGIONS) == region for region in dict.fromkeys(REGIONS)}
    columns = {name: [] for name in ("group", "units", "year", "sigma", "trend", "p_value", "note")}
    lines = {}
    for name, members in groups.items():
        series = stats.variation(subject.series[:, members], axis=1)
        line = lines[name] = stats.linregress(subject.years, series)
        for year, value in zip(subject.years, series, strict=True):
            row = (name, members.sum(), year, value, line.slope, line.pvalue, "")
            for heading, cell in zip(columns, row, strict=True):
                columns[heading].append(cell)
    first, last = columns["sigma"][0], columns["sigma"][len(subject.years) - 1]
    line = lines.pop("全部")
    assert line.pvalue < 0.05
    assert line.slope < 0
    told = [f"σ 由 {first:.4f} {'降' if last < first else '升'}到 {last:.4f}"]
    told.append(f"趋势显著向下, 存在 σ 收敛 ({p_told(line.pvalue)})")
    for word, sign in (("收敛", -1), ("发散", 1)):
        names = [name for name, own in lines.items() if own.pvalue < 0.05 and np.sign(own.slope) == sign]
        told += [f"组内显著{word}: {several(names)}"] if names else []
    return columns, f"{subject.span}: {'; '.join(told)}。"


def beta(subject):
    start, end = subject.series[0], subject.series[-1]
    span, n = subject.years[-1] - subject.years[0], len(start)
    x = np.column_stack([np.ones(n), np.log(start)])
    growth = np.log(end / start) / span
    fit = stats.linregress(x[:, 1], growth)
    b = np.array([fit.intercept, fit.slope])
    bread = np.linalg.inv(x.T @ x)
    meat = x.T @ np.diag((growth - x @ b) ** 2) @ x
    errors = np.sqrt(np.diag(bread @ meat @ bread) * n / (n - 2))
    p = 2 * stats.t.sf(np.abs(b / errors), n - 2)
    speed = -np.log(1 + b[1] * span) / span
    columns = {
        "model": ["absolute"] * 2,
        "term": ["常数项", "ln y0"],
        "coefficient": b,
        "standard_error": errors,
        "p_value": p,
        "speed": [None, speed],
        "half_life": [None, np.log(2) / speed],
        "r_squared": [None, fit.rvalue**2],
        "note": ["", ""],
    }
    assert p[1] < 0.05
    assert b[1] < 0
    sentence = (
        f"{subject.span}: 绝对 β 收敛: 起点低的增长更快, 年收敛速度 {speed:.2%}, 半衰期 {np.log(2) / speed:.1f} "
        f"年 (b = {b[1]:.4f}, HC1 标准误 {errors[1]:.4f}, {p_told(p[1])}); "
        f"对数的标准差由 {np.log(start).std():.4f} 降到 {np.log(end).std():.4f}, 差距缩小。"
    )
    assert np.log(end).std() < np.log(start).std()
    return columns, sentence


# --- space -------------------------------------------------------------------------------------------------


def neighbours():
    return {code: sorted(neighbours_of(code) & set(CODES)) for code in CODES}


def permuted(subject):
    """Two-sided pseudo p values by permutations of our own: of I, and of each local I given its unit."""
    generator, z = np.random.default_rng(20240603), stats.zscore(subject.values)
    near = [[CODES.index(other) for other in others] for others in neighbours().values()]

    def doubled(drawn, observed):
        more, fewer = (drawn >= observed - 1e-9).sum(), (drawn <= observed + 1e-9).sum()
        return min(1.0, 2 * (1 + min(more, fewer)) / (PERMUTATIONS + 1))

    shuffled = generator.permuted(np.tile(z, (PERMUTATIONS, 1)), axis=1)
    lags = np.stack(
        [shuffled[:, own].mean(axis=1) if own else np.zeros(PERMUTATIONS) for own in near], axis=1
    )
    lag = np.array([z[own].mean() if own else 0.0 for own in near])
    everywhere = doubled((shuffled * lags).sum(axis=1), z @ lag)
    local = []
    for n, own in enumerate(near):
        others = generator.permuted(np.tile(np.delete(z, n), (PERMUTATIONS, 1)), axis=1)[:, : len(own)]
        local.append(doubled(others.mean(axis=1), lag[n]) if own else None)
    return everywhere, local


def moran(subject, p_global, p_local):
    """With the p values of the report for the words of the sentence; the test compares them with `permuted`."""
    weights = W(neighbours(), silence_warnings=True)
    weights.transform = "r"
    found = esda.Moran(subject.values, weights, permutations=0)
    z = stats.zscore(subject.values)
    alone = np.array([not others for others in neighbours().values()])
    lag = np.array(
        [np.mean([z[CODES.index(o)] for o in others]) if others else 0 for others in neighbours().values()]
    )
    places = np.select(
        [(z > 0) & (lag > 0), (z < 0) & (lag > 0), (z < 0) & (lag < 0)], ["HH", "LH", "LL"], "HL"
    )
    # All rows but those of units alone add up to 1, so I is the mean of z times lag over the linked units.
    assert np.isclose(found.I, (z @ lag) / (~alone).sum())
    columns = {
        "name": NAMES,
        "z": z,
        "lag": lag,
        "local": [None if a else value for a, value in zip(alone, z * lag, strict=True)],
        "quadrant": [None if a else place for a, place in zip(alone, places.tolist(), strict=True)],
        "p_value": p_local,
        "note": ["没有邻居" if a else "" for a in alone],
    }
    assert p_global < 0.05
    assert found.p_norm < 0.05
    clusters = [
        (
            place,
            [n for n, own, p in zip(NAMES, places, p_local, strict=True) if own == place and p and p < 0.05],
        )
        for place in ("HH", "LH", "LL", "HL")
    ]
    told = ", ".join(f"{place}: {several(names)}" for place, names in clusters if names)
    sentence = (
        f"全局莫兰指数 I = {found.I:.4f} (期望 {found.EI:.4f}), 正态近似 z = {found.z_norm:.2f}, "
        f"{p_told(2 * stats.norm.sf(abs(found.z_norm)))}; 置换 {PERMUTATIONS} 次, {p_told(p_global)}; "
        f"存在正的空间相关, 相近的聚在一起; 局部显著 (未校正多重检验) {told}; 没有邻居, 滞后按 0 计: 海南。"
    )
    return columns, sentence


# --- coupling, obstacles, quadrants ------------------------------------------------------------------------

CLASSES = [
    "极度失调",
    "严重失调",
    "中度失调",
    "轻度失调",
    "濒临失调",
    "勉强协调",
    "初级协调",
    "中级协调",
    "良好协调",
    "优质协调",
]


def coupling(_subject):
    u = index.dimensions(index.normalised("year")[-1:], index.WEIGHTS[None])[0, 0] / 100
    c, t = stats.gmean(u, axis=1) / u.mean(axis=1), u.mean(axis=1)
    d = np.sqrt(c * t)
    classes = [CLASSES[int(value * 10)] for value in d]
    columns = {
        "name": NAMES,
        "coupling": c,
        "development": t,
        "coordination": d,
        "class": classes,
        "note": [""] * len(d),
    }
    counts = Counter(classes)
    sentence = (
        f"耦合协调度平均 {d.mean():.4f}; 最高: {NAMES[d.argmax()]} ({d.max():.4f}), 最低: {NAMES[d.argmin()]} "
        f"({d.min():.4f}); " + "、".join(f"{name} {counts[name]}" for name in CLASSES if counts[name]) + "。"
    )
    return columns, sentence


def obstacles(_subject):
    short = index.WEIGHTS * (100 - index.normalised("year")[-1])
    degrees = short / short.sum(axis=1, keepdims=True)
    columns = {name: [] for name in ("name", "rank", "indicator", "dimension", "degree", "note")}
    for name, row in zip(NAMES, degrees, strict=True):
        places = stats.rankdata(-np.round(row, 12), method="min")
        for j in sorted(range(len(row)), key=lambda j: (places[j], j)):
            if places[j] <= 3 and row[j] > 0:
                cells = (
                    name,
                    places[j],
                    index.TITLES[j],
                    index.DIMENSION_TITLES[index.OF_LEAF[j]],
                    row[j],
                    "",
                )
                for heading, cell in zip(columns, cells, strict=True):
                    columns[heading].append(cell)
    means = degrees.mean(axis=0)
    firsts = Counter(degrees.argmax(axis=1).tolist())
    first, times = firsts.most_common(1)[0]
    sums = [means[d == index.OF_LEAF].sum() for d in range(3)]
    sentence = (
        f"平均障碍度最大的指标: {index.TITLES[means.argmax()]} ({means.max():.1%}); "
        f"最常为首要障碍: {index.TITLES[first]} ({times}/{len(NAMES)} 个单位); "
        f"平均障碍度最大的维度: {index.DIMENSION_TITLES[int(np.argmax(sums))]} ({max(sums):.1%})。"
    )
    return columns, sentence


def sorted_about(subject, weights, kind):
    x, y = subject.against, subject.values
    a, b = np.average(x, weights=weights), np.average(y, weights=weights)
    places = np.select([(x > a) & (y > b), (x < a) & (y > b), (x < a) & (y < b)], ["I", "II", "III"], "IV")
    columns = {"name": NAMES, "x": x, "y": y, "quadrant": places.tolist(), "note": [""] * len(x)}
    words = {
        "I": "第一象限 (两者都高)",
        "II": f"第二象限 ({subject.against_title} 低, {subject.name} 高)",
        "III": "第三象限 (两者都低)",
        "IV": f"第四象限 ({subject.against_title} 高, {subject.name} 低)",
    }
    told = [f"原点 ({people(float(f'{a:.4g}'))}; {people(float(f'{b:.4g}'))}), {kind}"]
    for place, text in words.items():
        names = [name for name, own in zip(NAMES, places, strict=True) if own == place]
        told.append(f"{text} {len(names)} 个: {several(names)}" if names else f"{text} 没有单位")
    return columns, "; ".join(told) + "。"


def quadrants(subject):
    return sorted_about(subject, None, "简单均值")


def quadrants_weighted(subject):
    return sorted_about(subject, subject.population, "加权均值")


RECOMPUTED = {
    "robustness": robustness,
    "sensitivity": sensitivity,
    "structure": structure,
    "dagum": dagum,
    "theil": theil,
    "atkinson": atkinson,
    "variation": variation,
    "density": density,
    "sigma": sigma,
    "beta": beta,
    "moran": moran,
    "coupling": coupling,
    "obstacles": obstacles,
    "quadrants": quadrants,
    "quadrants-weighted": quadrants_weighted,
}

_UNIT = "the list of the units, GB/T 2260"
_REPLICATES = (
    "quantiles and shares of 10,000 replicates recomputed in open_index; Saisana et al. (2005), JRSS A 168"
)
_SALTELLI = "Saltelli et al. (2010), CPC 181, table 2, (b) and (c), and Jansen (1999), CPC 117"
_BOOTSTRAP = "5-95 % of 500 multinomial resamples; Efron and Tibshirani (1993), ch. 13"
_DAGUM = "all pairs of units; Dagum (1997), Empirical Economics 22, 515-531"
_THEIL = "Theil (1967); decomposition: Shorrocks (1980), Econometrica 48, 613-625"
_ORIGIN = "sides of the (weighted) means, numbered counter-clockwise; the paper, part 3 (2), fifth"
_NONE = "blank: no reason for a gap is due"

#: Analysis, column, and what its figures are recomputed from.
SOURCES = {
    "robustness": {
        "code": _UNIT,
        "name": _UNIT,
        "year": "years of the file",
        "score": "0.4 T + 0.4 F + 0.2 I of min-max scores; the paper, part 2 (3), with the weights of province-open.toml",
        "score_median": _REPLICATES,
        "score_low": _REPLICATES,
        "score_high": _REPLICATES,
        "rank": "scipy.stats.rankdata of the scores",
        "rank_median": _REPLICATES,
        "rank_low": _REPLICATES,
        "rank_high": _REPLICATES,
        "rank_shift": "mean |rank - nominal rank|; Saisana et al. (2005)",
        "tier": "fewest fine intervals by dynamic programming; docs/analysis-robustness.md",
        "told_apart_from_next_tier": "P(ahead) >= 0.95, ties counting half",
        "scored_share": "every replicate has a score",
        "note": _NONE,
    },
    "sensitivity": {
        "factor": "docs/analysis-robustness.md",
        "title": "docs/analysis-robustness.md",
        "first": _SALTELLI,
        "first_low": _BOOTSTRAP,
        "first_high": _BOOTSTRAP,
        "total": f"SALib.analyze.sobol.total_order; {_SALTELLI}",
        "total_low": _BOOTSTRAP,
        "total_high": _BOOTSTRAP,
        "units_led": "largest SALib total index of the rank of each unit",
        "note": _NONE,
    },
    "structure": {
        "indicator": "province-open.toml",
        "title": "province-open.toml",
        "weight": "province-open.toml",
        "effective_weight": "share of the squared correlations; Paruolo et al. (2013), JRSS A 176, 609-634",
        "correlation_with_index": "scipy.stats.pearsonr",
        "squared_correlation": "scipy.stats.pearsonr",
        "correlation_ratio": "epsilon squared; Kelley (1935), PNAS 21, 554-559",
        "contribution_share": "mean of w z / sum(w z)",
        "left_out_mean_shift": "index recomputed without the indicator, siblings sharing its weight",
        "left_out_largest_shift": "index recomputed without the indicator, siblings sharing its weight",
        "left_out_unit": "index recomputed without the indicator, siblings sharing its weight",
        "note": _NONE,
    },
    "dagum": dict.fromkeys(("part", "group", "other", "gini", "share", "distance"), _DAGUM),
    "theil": dict.fromkeys(("index", "part", "group", "value", "share"), _THEIL) | {"note": _NONE},
    "atkinson": dict.fromkeys(
        ("epsilon", "index", "mean", "equivalent"),
        "1 - (mean sqrt y)^2 / mean y; Atkinson (1970), JET 2, 244-263",
    ),
    "variation": dict.fromkeys(("coefficient", "mean", "deviation", "sample"), "scipy.stats.variation"),
    "density": {
        "year": "years of the file",
        "units": _UNIT,
        "bandwidth": "0.9 min(sd, IQR / 1.34) n^(-1/5); Silverman (1986), 3.4",
        "peaks": "scipy.signal.find_peaks of scipy.stats.gaussian_kde",
        "mode": "root of the slope by scipy.optimize.brentq, beside the largest of gaussian_kde on a grid",
        "height": "mean of scipy.stats.norm.pdf there",
    },
    "sigma": {
        "group": "four regions of the National Bureau of Statistics, as in Table 3",
        "units": _UNIT,
        "year": "years of the file",
        "sigma": "scipy.stats.variation; Barro and Sala-i-Martin (1992), JPE 100",
        "trend": "scipy.stats.linregress",
        "p_value": "scipy.stats.linregress",
        "note": _NONE,
    },
    "beta": {
        "model": "Barro and Sala-i-Martin (1992), JPE 100",
        "term": "Barro and Sala-i-Martin (1992), JPE 100",
        "coefficient": "scipy.stats.linregress",
        "standard_error": "sandwich, n / (n - k): MacKinnon and White (1985), J. of Econometrics 29, HC1",
        "p_value": "scipy.stats.t",
        "speed": "-ln(1 + b T) / T; Barro and Sala-i-Martin (1992)",
        "half_life": "ln 2 / speed",
        "r_squared": "scipy.stats.linregress",
        "note": _NONE,
    },
    "moran": {
        "name": _UNIT,
        "z": "scipy.stats.zscore",
        "lag": "mean z of the neighbours, geography/tables/adjacency.csv",
        "local": "z times lag; Anselin (1995), Geographical Analysis 27; their sum by esda.Moran",
        "quadrant": "signs of z and lag; Anselin (1995)",
        "p_value": "9,999 permutations of our own, within five standard errors",
        "note": "海南 touches no province",
    },
    "coupling": {
        "name": _UNIT,
        "coupling": "scipy.stats.gmean over mean; 廖重斌 (1999), 热带地理 19(2)",
        "development": "mean of the dimensions",
        "coordination": "sqrt(C T); 廖重斌 (1999)",
        "class": "tenths of D; 廖重斌 (1999)",
        "note": _NONE,
    },
    "obstacles": dict.fromkeys(
        ("name", "rank", "indicator", "dimension", "degree"),
        "w (1 - z) / sum w (1 - z); docs/analysis-regions.md",
    )
    | {"note": _NONE},
    "quadrants": dict.fromkeys(("name", "x", "y", "quadrant"), _ORIGIN) | {"note": _NONE},
    "quadrants-weighted": dict.fromkeys(("name", "x", "y", "quadrant"), _ORIGIN) | {"note": _NONE},
}
