"""A white paper of more than 200 pages, its bundle, and portraits, against what is promised."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.timing import Line, in_turn
from xinzhi.geography import units
from xinzhi.index import Result, compute
from xinzhi.methodology import load_methodology, methodology_toml
from xinzhi.panel import Panel, Status
from xinzhi.publish.bundle import verify_bundle
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.outline import load_outline
from xinzhi.publish.paper import BUNDLE, PDF, portrait_pdf, write_paper, write_portraits
from xinzhi.publish.tracing import numbers_shown

UNITS, PORTRAITS = 180, 2_850
_CHOICES = Choices(analyses=("robustness",), replications=500)


def counties(count: int, *, districts: bool = False) -> Result:
    """Return the county index on figures drawn at random for real names: a load, no finding."""
    methodology = load_methodology("county-2025")
    kinds = set() if districts else set(methodology.ranking.without_kinds)
    if districts:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "all.toml"
            text = methodology_toml(methodology).replace('"市辖区"', "")
            file.write_text(text, encoding="utf-8")
            methodology = load_methodology(file)
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
    yield from apart(_paper)
    yield from apart(_portraits)


def apart(work) -> list[Line]:  # type: ignore[no-untyped-def]
    """Run a work in a process of its own, so that its peak memory is its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work)  # type: ignore[no-any-return]


def _paper() -> list[Line]:
    result, usual = counties(UNITS), load_outline()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "paper"
        start = time.perf_counter()
        write_paper(edition_of([result], choices=_CHOICES), folder, font_folder(), outline=usual)
        taken = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        what = f"white paper of {UNITS} counties, PDF, Word and bundle"
        found = [Line(what, taken, within=15, memory=peak, memory_within=1500)]
        start = time.perf_counter()
        count = sum(1 for _number in numbers_shown(folder / PDF))
        found.append(Line(f"{count:,} numbers read back from it", time.perf_counter() - start))
        start = time.perf_counter()
        assert verify_bundle(folder / BUNDLE) == []
        found.append(Line("verify its bundle", time.perf_counter() - start, within=5))
    return found


def _portraits() -> list[Line]:
    result = counties(PORTRAITS, districts=True)
    assessment = edition_of([result], choices=_CHOICES).main
    codes = iter(assessment.standing.codes)
    portrait_pdf(assessment, next(codes))
    (one,) = in_turn(lambda: portrait_pdf(assessment, next(codes)), rounds=15)
    found = [Line("one portrait on request, analyses and fonts warm", one, within=0.1)]
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        files = write_portraits(assessment, Path(name) / "portraits")
        taken = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = f"{len(result.codes):,} portraits, {len(files)} files by province"
    return [*found, Line(what, taken, within=90, memory=peak)]
