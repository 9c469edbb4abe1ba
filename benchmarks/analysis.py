"""The analyses at county size: 2,850 units, simulated figures; peers in the same run where there are any."""

from __future__ import annotations

import time
import tomllib
import warnings
from collections.abc import Iterator

import numpy as np
import tomli_w

import xinzhi
from benchmarks.index import UNITS, county_methodology, simulated
from benchmarks.timing import Line, in_turn
from xinzhi.analysis import dagum, distance_weights, moran, robustness, sensitivity
from xinzhi.analysis.factors import LeaveOneOut, NormalisationChoice, WeightBand
from xinzhi.analysis.sensitivity import sobol_indices
from xinzhi.index.weights.benefit import benefit_of_the_doubt
from xinzhi.methodology import Methodology, methodology_toml, parse_methodology
from xinzhi.methodology.methods import MinMax, RankScore

GROUPS = 31


def lines() -> Iterator[Line]:
    """Yield the comparisons, cheapest first."""
    generator = np.random.default_rng(20250603)
    values = generator.lognormal(2, 1, UNITS)
    yield inequality(values, [f"g{n % GROUPS}" for n in range(UNITS)])
    yield error_of_sobol()
    yield space(values, generator.uniform(0, 1, (UNITS, 2)))
    methodology = _one_year(county_methodology())
    frame = simulated(methodology)
    panel = xinzhi.read_panel(frame[frame["year"] == methodology.years[0]], methodology)
    yield once(
        "robustness: 10,000 x 2,850 x 14, ranks, intervals, tiers",
        lambda: robustness(methodology, panel, replications=10_000, seed=1, workers=2),
        5.0,
    )
    factors = [
        WeightBand(share=0.25),
        NormalisationChoice(alternatives=(RankScore(method="rank"), MinMax(method="minmax", lowest=1.0))),
        LeaveOneOut(),
    ]
    yield once(
        "Sobol' indices: three factors, N = 1,024, 2,850 x 14",
        lambda: sensitivity(methodology, panel, n=1024, factors=factors, workers=2),
        5.0,
    )
    scores = xinzhi.compute(methodology, panel).batch.normalised[0, 0]
    yield once("benefit of the doubt: 2,850 linear programs", lambda: benefit_of_the_doubt(scores), 10.0)


def _one_year(methodology: Methodology) -> Methodology:
    document = tomllib.loads(methodology_toml(methodology)) | {"years": [methodology.years[0]]}
    return parse_methodology(tomli_w.dumps(document), name="one-year")


def once(what: str, work: object, within: float) -> Line:
    """Time one run of something that takes seconds."""
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return Line(what, time.perf_counter() - start, within=within)


def inequality(values: np.ndarray, groups: list[str]) -> Line:
    """Dagum's decomposition against the definition with all pairs."""

    def all_pairs() -> float:
        return float(np.abs(values[:, None] - values[None]).mean() / 2 / values.mean())

    ours, theirs = in_turn(lambda: dagum(values, groups), all_pairs)
    return Line("Dagum: 2,850 units in 31 groups", ours, theirs, "Gini by all pairs, undecomposed", 0.02)


def error_of_sobol() -> Line:
    """Mean absolute error of first-order indices on Ishigami, ours beside SALib's (shown as milli-units)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze import sobol
        from SALib.sample.sobol import sample
        from SALib.test_functions import Ishigami
    truth, n, seeds = np.array([0.3139, 0.4424, 0.0]), 1024, range(150)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}

    def ishigami(points: np.ndarray) -> np.ndarray:
        return Ishigami.evaluate(points * 2 * np.pi - np.pi)

    def theirs(seed: int) -> np.ndarray:
        outputs = Ishigami.evaluate(sample(problem, n, calc_second_order=False, seed=seed))
        return sobol.analyze(problem, outputs, calc_second_order=False, num_resamples=10, seed=seed)["S1"]

    our_error = np.mean(
        [
            np.abs(sobol_indices(ishigami, 3, n, seed, bootstrap=10).first[:, 0] - truth).mean()
            for seed in seeds
        ]
    )
    their_error = np.mean([np.abs(theirs(seed) - truth).mean() for seed in seeds])
    return Line(
        "error of S1 on Ishigami, N = 1,024 (thousandths, not ms)",
        float(our_error),
        float(their_error),
        "SALib",
        ratio_below=1,
    )


def space(values: np.ndarray, points: np.ndarray) -> Line:
    """Global and local Moran with 9,999 permutations against esda's two."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda import Moran, Moran_Local
        from libpysal.weights import KNN
    weights = distance_weights(points, power=0, nearest=6, metric="plane")
    theirs = KNN.from_array(points, k=6)
    theirs.transform = "r"
    start = time.perf_counter()
    moran(values, weights, permutations=9999)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    Moran(values, theirs, permutations=9999)
    Moran_Local(values, theirs, permutations=9999, n_jobs=1)
    return Line(
        "Moran, global and local: 2,850 units, 9,999 permutations",
        ours,
        time.perf_counter() - start,
        "esda",
        2.0,
    )
