"""The analyses at county size: 2,850 units, simulated figures; peers in the same run where there are any."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
import tomllib
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import tomli_w

import xinzhi
from benchmarks.index import UNITS, county_methodology, simulated
from benchmarks.timing import Line, in_turn
from xinzhi.analysis import dagum, distance_weights, moran, robustness, sensitivity
from xinzhi.analysis.factors import (
    AggregationChoice,
    LeaveOneOut,
    NormalisationChoice,
    TreatmentChoice,
    WeightBand,
)
from xinzhi.analysis.sensitivity import sobol_indices
from xinzhi.index.weights.benefit import benefit_of_the_doubt
from xinzhi.methodology import Methodology, methodology_toml, parse_methodology
from xinzhi.methodology.methods import MinMax, Power, RankScore, Winsorise
from xinzhi.panel import Panel

GROUPS = 31
SMALL = (51, 49, 8, 2)  # units, indicators, pillars, sub-indices: the size of COINr's example, ASEM
MEMORY = 1000.0  # MB


def lines() -> Iterator[Line]:
    """Yield the comparisons, cheapest first."""
    generator = np.random.default_rng(20250603)
    values = generator.lognormal(2, 1, UNITS)
    yield inequality(values, [f"g{n % GROUPS}" for n in range(UNITS)])
    yield error_of_sobol()
    yield space(values, generator.uniform(0, 1, (UNITS, 2)))
    yield small()
    yield apart("robustness: 10,000 x 2,850 x 14, ranks, intervals, tiers", "of_ranks", 5.0)
    yield apart("Sobol' indices: d = 5 factors, N = 1,024, 2,850 x 14", "of_factors", 5.0)
    methodology, panel = counties()
    scores = xinzhi.compute(methodology, panel).batch.normalised[0, 0]
    yield once("benefit of the doubt: 2,850 linear programs", lambda: benefit_of_the_doubt(scores), 10.0)


def counties() -> tuple[Methodology, Panel]:
    """Return 2,850 simulated units x 14 indicators of one year."""
    methodology = _one_year(county_methodology())
    frame = simulated(methodology)
    return methodology, xinzhi.read_panel(frame[frame["year"] == methodology.years[0]], methodology)


def of_ranks() -> Callable[[], object]:
    """Ten thousand replications."""
    methodology, panel = counties()
    return lambda: robustness(methodology, panel, replications=10_000, seed=1, workers=2)


def of_factors() -> Callable[[], object]:
    """Sobol' indices of five factors."""
    methodology, panel = counties()
    factors = [
        WeightBand(share=0.25),
        NormalisationChoice(alternatives=(RankScore(method="rank"), MinMax(method="minmax", lowest=1.0))),
        AggregationChoice(alternatives=(Power(method="power", exponent=0.5),)),
        LeaveOneOut(),
        TreatmentChoice(alternatives=((Winsorise(method="winsorise"),),)),
    ]
    return lambda: sensitivity(methodology, panel, n=1024, factors=factors, workers=2)


def apart(what: str, work: str, within: float) -> Line:
    """Time a function of this module in a process of its own, so that its peak memory is that of the work.

    Linux counts what the parent held when it started the child; a small process in between holds little.
    """
    child = f"from benchmarks.analysis import measured; measured({work!r})"
    between = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {child!r}]))"
    ran = subprocess.run([sys.executable, "-c", between], check=True, capture_output=True, text=True)
    seconds, peak = map(float, ran.stdout.split())
    return Line(what, seconds, within=within, memory=peak, memory_within=MEMORY)


def measured(work: str) -> None:
    """Run a function of this module; print the seconds and the peak memory of the process in MB."""
    prepared = globals()[work]()
    start = time.perf_counter()
    prepared()
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def small() -> Line:
    """A thousand replications at the size of COINr's example: four levels with the index."""
    units, indicators, pillars, halves = SMALL
    generator = np.random.default_rng(20250603)
    names = [f"i{n:02}" for n in range(indicators)]
    document = {
        "id": "small",
        "level": "unit",
        "years": [2022],
        "title": _titled("small"),
        "source": {"citation": _titled("simulated")},
        "normalisation": {"method": "minmax"},
        "weighting": {"method": "equal"},
        "aggregation": {"method": "arithmetic"},
        "root": {"id": "all", "title": _titled("all")},
        "dimensions": {f"half{n}": {"title": _titled(f"half {n}")} for n in range(halves)}
        | {
            f"pillar{n}": {"title": _titled(f"pillar {n}"), "parent": f"half{n % halves}"}
            for n in range(pillars)
        },
        "indicators": {
            name: {
                "title": _titled(name),
                "parent": f"pillar{n % pillars}",
                "unit": "%",
                "direction": "positive",
            }
            for n, name in enumerate(names)
        },
    }
    methodology = parse_methodology(tomli_w.dumps(document), name="small")
    frame = pd.DataFrame(generator.lognormal(0, 1, (units, indicators)), columns=names)
    frame.insert(0, "code", [f"u{n:02}" for n in range(units)])
    frame["year"] = 2022
    panel = xinzhi.read_panel(frame, methodology)
    factors = [WeightBand(share=0.25), NormalisationChoice(alternatives=(RankScore(method="rank"),))]
    (ours,) = in_turn(lambda: robustness(methodology, panel, replications=1000, seed=1, factors=factors))
    note = "COINr 1.1.14 took 145 s, measured elsewhere and not run here"
    return Line("robustness: 1,000 x 51 x 49, four levels", ours, within=0.1, note=note)


def _titled(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


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
