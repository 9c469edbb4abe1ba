"""The index at county size: 2,850 units x 14 indicators x 2 years, simulated figures."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import tomli_w
from pymcdm.methods import WSM
from pymcdm.normalizations import minmax_normalization
from skcriteria import mkdm
from skcriteria.agg.simple import WeightedSumModel
from skcriteria.preprocessing.scalers import MinMaxScaler

import xinzhi
from benchmarks.timing import Line, in_turn
from xinzhi.index.pipeline import replicate, run
from xinzhi.methodology import Methodology, methodology_toml, parse_methodology
from xinzhi.panel import Panel

UNITS, YEARS, REPLICATIONS = 2850, (2023, 2024), 10_000


def lines() -> Iterator[Line]:
    """Yield the comparisons, cheapest first."""
    methodology = county_methodology()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counties.csv"
        simulated(methodology).to_csv(file, index=False)
        panel = xinzhi.read_panel(file, methodology)
        yield from start_up()
        yield reading(methodology, file)
        yield from computing(methodology, panel)
        yield from replications(methodology, panel)


def county_methodology() -> Methodology:
    """Return county-2025 for any units: no list of counties, no regions."""
    document = tomllib.loads(methodology_toml(xinzhi.load_methodology("county-2025")))
    document |= {"level": "unit", "regions": "", "ranking": {"ties": "min"}}
    return parse_methodology(tomli_w.dumps(document), name="county-size")


def simulated(methodology: Methodology) -> pd.DataFrame:
    """Return a wide frame of simulated figures."""
    generator = np.random.default_rng(20250603)
    frame = pd.DataFrame(
        {
            "code": [f"u{n:05d}" for n in range(UNITS)] * len(YEARS),
            "year": np.repeat(YEARS, UNITS),
        }
    )
    for name, indicator in methodology.indicators.items():
        limit = 80.0 if indicator.unit == "%" else 5e3
        frame[name] = np.round(np.minimum(generator.lognormal(2, 1, len(frame)), limit), 2)
    return frame


def start_up() -> Iterator[Line]:
    """A process of its own, less the start of Python: what `import xinzhi` costs, and the first use of it."""

    def process(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - start

    bare, ours, first_use, theirs = (
        min(process(code) for _time in range(5))
        for code in (
            "pass",
            "import xinzhi",
            "import xinzhi; xinzhi.compute, xinzhi.read_panel",
            "import pandas",
        )
    )
    yield Line("import xinzhi", ours - bare, theirs - bare, "import pandas", within=0.2)
    yield Line(
        "import xinzhi, compute and read_panel at hand", first_use - bare, theirs - bare, "import pandas"
    )


def reading(methodology: Methodology, file: Path) -> Line:
    """Reading the CSV into a panel."""

    def with_pandas() -> object:
        frame = pd.read_csv(file, dtype={"code": str})
        return frame.set_index(["year", "code"]).to_numpy().reshape(len(YEARS), UNITS, -1)

    ours, theirs = in_turn(lambda: xinzhi.read_panel(file, methodology), with_pandas)
    return Line(
        "reading the CSV (79,800 cells, checked, with places)",
        ours,
        theirs,
        "pandas.read_csv, unchecked",
        0.1,
    )


def computing(methodology: Methodology, panel: Panel) -> Iterator[Line]:
    """Scores and ranks of two years."""
    leaves = methodology.tree.leaves
    columns = [panel.variables.index(leaf) for leaf in leaves]
    cube = np.ascontiguousarray(panel.values[:, :, columns])
    types = np.array([1 if methodology.indicators[leaf].direction == "positive" else -1 for leaf in leaves])
    weights = np.full(len(leaves), 1 / len(leaves))
    frame = pd.DataFrame(cube.reshape(-1, len(leaves)), columns=list(leaves))
    frame["year"] = np.repeat(YEARS, UNITS)

    def ours() -> object:
        result = xinzhi.compute(methodology, panel)
        return result.ranks

    def bare() -> object:
        """The same results, nothing else: min-max, weighted sum, ranks of every indicator and of the total."""
        low, high = cube.min(axis=1, keepdims=True), cube.max(axis=1, keepdims=True)
        share = (cube - low) / (high - low)
        share = 100 * np.where(types < 0, 1 - share, share)
        nodes = np.concatenate([(share @ weights)[..., None], share], axis=2).transpose(2, 0, 1)
        return (-nodes).argsort(axis=2).argsort(axis=2) + 1

    def with_pandas() -> object:
        grouped = frame.groupby("year")[list(leaves)]
        low, high = grouped.transform("min"), grouped.transform("max")
        share = (frame[list(leaves)] - low) / (high - low)
        share[list(np.array(leaves)[types < 0])] = 1 - share[list(np.array(leaves)[types < 0])]
        score = 100 * (share * weights).sum(axis=1)
        return score.groupby(frame["year"]).rank(ascending=False, method="min")

    def with_pymcdm() -> object:
        method = WSM(minmax_normalization)
        return [method.rank(method(matrix, weights, types)) for matrix in cube]

    def with_scikit_criteria() -> object:
        ranks = []
        for matrix in cube:
            # It takes benefits only; min-max of -x is the mirrored min-max of x.
            problem = mkdm(matrix * types, [max] * len(types), weights=weights)
            ranks.append(WeightedSumModel().evaluate(MinMaxScaler(target="matrix").transform(problem)).rank_)
        return ranks

    peers = {
        "bare numpy arithmetic": bare,
        "pandas as a user writes it": with_pandas,
        "pymcdm WSM": with_pymcdm,
        "scikit-criteria WeightedSumModel": with_scikit_criteria,
    }
    our_time, *their_times = in_turn(ours, *peers.values())
    for name, seconds in zip(peers, their_times, strict=True):
        aim = 2.0 if name.startswith("bare") else None
        yield Line(
            "compute: gaps, min-max, scores and ranks of every node", our_time, seconds, name, 0.02, aim
        )


def replications(methodology: Methodology, panel: Panel) -> Iterator[Line]:
    """Ten thousand weight vectors through the pipeline: scores and ranks of every unit and year."""
    figures = xinzhi.compute(methodology, panel).figures
    weights = np.random.default_rng(1).dirichlet(np.ones(len(methodology.tree.leaves)), REPLICATIONS)
    normalised = run(methodology, figures.values[None], figures.years).normalised[0]
    flat = np.ascontiguousarray(normalised.reshape(-1, normalised.shape[-1]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def ours() -> object:
        first = 0.0
        for _scores, ranks in replicate(methodology, figures.values, figures.years, weights):
            first += float((ranks == 1).sum())
        return first

    def bare() -> object:
        first = 0.0
        for chunk in np.array_split(weights, REPLICATIONS // 500):
            scores = (chunk @ flat.T).reshape(-1, UNITS)
            order = np.argsort(-scores, axis=1)
            ranks = np.empty_like(order)
            np.put_along_axis(ranks, order, np.arange(1, UNITS + 1)[None], axis=1)
            first += float((ranks == 1).sum())
        return first

    def arithmetic() -> object:
        return sum(float((chunk @ flat.T).sum()) for chunk in np.array_split(weights, REPLICATIONS // 500))

    our_time, bare_time, product = in_turn(ours, bare, arithmetic, rounds=3)
    grown = max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    note = f"peak memory grew by {grown:.0f} MB"
    yield Line(
        "10,000 weight vectors: scores and ranks",
        our_time,
        bare_time,
        "bare numpy, product and argsort",
        2.0,
        2,
    )
    yield Line("", our_time, product, "the matrix products alone", note=note)
