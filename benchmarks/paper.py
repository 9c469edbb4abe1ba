"""A white paper of more than 300 pages and its bundle, against the times that are promised."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.timing import Line
from xinzhi.geography import units
from xinzhi.index import Result, compute
from xinzhi.methodology import load_methodology
from xinzhi.panel import Panel, Status
from xinzhi.publish.bundle import verify_bundle
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.paper import BUNDLE, PDF, write_paper
from xinzhi.publish.tracing import numbers_shown

UNITS = 180  # which make some 300 pages


def counties(count: int) -> Result:
    """Return the county index on figures drawn at random for real names: a load, no finding."""
    methodology = load_methodology("county-2025")
    kinds = set(methodology.ranking.without_kinds)
    listed = [unit for unit in units("county", 2024) if unit.kind not in kinds][:count]
    variables = tuple(name for name, _variable in methodology.variables())
    shape = (1, len(listed), len(variables))
    panel = Panel(
        years=methodology.years[:1],
        codes=tuple(unit.code for unit in listed),
        names=tuple(unit.name for unit in listed),
        variables=variables,
        values=np.random.default_rng(0).uniform(1, 100, shape).round(2),
        status=np.full(shape, Status.REPORTED, dtype=np.uint8),
        source=np.full(shape, -1, dtype=np.int32),
        sources=(),
        place=np.zeros(shape, dtype=np.int32),
        origin="random",
    )
    return compute(methodology, panel)


def lines() -> Iterator[Line]:
    """Yield the lines of the benchmark."""
    result, choices = counties(UNITS), Choices(analyses=("robustness",), replications=500)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "paper"
        start = time.perf_counter()
        write_paper(edition_of([result], choices=choices), folder, font_folder())
        taken = time.perf_counter() - start
        yield Line(f"white paper of {UNITS} counties, PDF, Word and bundle", taken, within=15)
        start = time.perf_counter()
        count = sum(1 for _number in numbers_shown(folder / PDF))
        yield Line(f"{count:,} numbers read back from it", time.perf_counter() - start)
        start = time.perf_counter()
        assert verify_bundle(folder / BUNDLE) == []
        yield Line("verify its bundle", time.perf_counter() - start, within=5)
