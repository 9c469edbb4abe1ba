"""The open index of the provinces once more, in plain numpy from its CSV and TOML: an oracle for the report.

Formulas: `methodology/library/province-open.toml`, `docs/methodology.md`, `docs/analysis-robustness.md`.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import qmc, rankdata

import xinzhi

LIBRARY = Path(xinzhi.__file__).parent / "methodology" / "library"
METHOD = tomllib.loads((LIBRARY / "province-open.toml").read_text(encoding="utf-8"))
LEAVES = list(METHOD["indicators"])
TITLES = [METHOD["indicators"][leaf]["title"]["zh"] for leaf in LEAVES]
DIMENSIONS = list(METHOD["dimensions"])
DIMENSION_TITLES = [METHOD["dimensions"][name]["title"]["zh"] for name in DIMENSIONS]
OF_LEAF = np.array([DIMENSIONS.index(METHOD["indicators"][leaf]["parent"]) for leaf in LEAVES])
WEIGHTS = np.array([METHOD["indicators"][leaf]["weight"] for leaf in LEAVES]) / METHOD["root"]["weight"]
NORMALISATIONS = ("year", "rank", "panel")
EXPONENTS = (1.0, 0.5)

with (LIBRARY / "province-open.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
YEARS = sorted({int(row["year"]) for row in ROWS})
CODES = list(dict.fromkeys(row["code"] for row in ROWS))
NAMES = list(dict.fromkeys(row["name"] for row in ROWS))


def printed(name):
    """Figures as they stand in the file, shape (T, N); NaN where blank."""
    table = np.full((len(YEARS), len(CODES)), np.nan)
    for row in ROWS:
        if row[name]:
            table[YEARS.index(int(row["year"])), CODES.index(row["code"])] = float(row[name])
    return table


def filled(name):
    """The one missing year between two others by the growth rate between them: their geometric mean."""
    table = printed(name)
    t = YEARS.index(2017)
    table[t] = np.sqrt(table[t - 1] * table[t + 1])
    return table


@cache
def figures():
    """The indicators, shape (T, N, J)."""
    revenue, gdp = filled("hightech_industry_revenue"), printed("gdp")
    computed = {
        "gdp_per_resident": gdp / printed("population"),
        "technology_market_share": printed("tech_contract_value_sold") / gdp / 100,
        "hightech_revenue_share": revenue / gdp * 100,
        "hightech_industry_revenue": revenue,
        "hightech_industry_firms": filled("hightech_industry_firms"),
    }
    return np.stack([computed[leaf] if leaf in computed else printed(leaf) for leaf in LEAVES], axis=-1)


@cache
def normalised(rule):
    """Scores of the indicators, shape (T, N, J): min-max of the year or the panel, or share that is behind."""
    x = figures()
    if rule == "rank":
        places = rankdata(-x, axis=1, nan_policy="omit")
        count = np.isfinite(x).sum(axis=1, keepdims=True)
        return 100 * (count - places) / (count - 1)
    axes = 1 if rule == "year" else (0, 1)
    low, high = np.nanmin(x, axis=axes, keepdims=True), np.nanmax(x, axis=axes, keepdims=True)
    return 100 * (x - low) / (high - low)


def dimensions(z, weights, exponent=1.0):
    """Scores of the dimensions, shape (R, T, N, D), from weights of shape (R, J); what is missing is left out."""
    raised, known = np.nan_to_num(z) ** exponent, np.isfinite(z).astype(float)
    parts = []
    for d in range(len(DIMENSIONS)):
        own = np.where(d == OF_LEAF, weights, 0.0)
        parts.append(np.einsum("rj,tnj->rtn", own, raised) / np.einsum("rj,tnj->rtn", own, known))
    return np.stack(parts, axis=-1) ** (1 / exponent)


def totals(z, weights, exponent=1.0):
    """Scores of the index, shape (R, T, N)."""
    shares = np.stack([weights[:, d == OF_LEAF].sum(axis=1) for d in range(len(DIMENSIONS))], axis=1)
    parts = dimensions(z, weights, exponent) ** exponent
    return (np.einsum("rd,rtnd->rtn", shares, parts) / shares.sum(axis=1)[:, None, None]) ** (1 / exponent)


def ranks(scores):
    """Ranks along the last axis, largest first; what agrees to nine decimals shares the best of the places."""
    return rankdata(-np.round(scores, 9), method="min", axis=-1)


@cache
def nominal():
    """Scores of the index, shape (T, N)."""
    return totals(normalised("year"), WEIGHTS[None])[0]


def without(leaf):
    """Weights when an indicator is left out: its siblings share its weight in proportion."""
    weights = np.where(np.arange(len(LEAVES)) == leaf, 0.0, WEIGHTS)
    siblings = OF_LEAF[leaf] == OF_LEAF
    weights[siblings] *= WEIGHTS[siblings].sum() / weights[siblings].sum()
    return weights


def replicates(uniforms, years=slice(None)):
    """Scores of replicates, shape (R, T, N).

    A row of uniform numbers holds one for the weight of each indicator, evenly within a quarter of it, then
    one for the normalisation, the aggregation and the indicator that is left out, each choice equally likely.
    """
    j = len(LEAVES)
    moved = 1 + 0.25 * (2 * uniforms[:, :j] - 1)
    sizes = (len(NORMALISATIONS), len(EXPONENTS), j + 1)
    chosen = [np.minimum((uniforms[:, j + f] * size).astype(int), size - 1) for f, size in enumerate(sizes)]
    out = np.empty((len(uniforms), len(YEARS[years]), len(CODES)))
    for choice in product(*map(range, sizes)):
        rows = np.flatnonzero(np.all([c == own for c, own in zip(chosen, choice, strict=True)], axis=0))
        weights = (without(choice[2] - 1) if choice[2] else WEIGHTS) * moved[rows]
        z = normalised(NORMALISATIONS[choice[0]])[years]
        out[rows] = totals(z, weights, EXPONENTS[choice[1]])
    return out


def random_uniforms(count, seed=0, block=512):
    """The numbers of a seed: blocks of 512 rows, each from a Philox stream keyed by seed and block."""
    blocks = [
        np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(k,)))).random(
            (block, len(LEAVES) + 3)
        )
        for k in range(-(-count // block))
    ]
    return np.concatenate(blocks)[:count]


def sobol_uniforms(n=1024, seed=0):
    """The samples A, B and AB_i of the four factors: the first moves all weights together."""
    d = len(LEAVES) + 3
    points = qmc.Sobol(2 * d, seed=np.random.default_rng(seed)).random(n)
    a, b = points[:, :d], points[:, d:]
    mixed = []
    for columns in (slice(0, d - 3), slice(d - 3, d - 2), slice(d - 2, d - 1), slice(d - 1, d)):
        points = a.copy()
        points[:, columns] = b[:, columns]
        mixed.append(points)
    return [a, b, *mixed]
