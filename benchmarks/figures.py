"""Figures: every kind of the catalogue in turn, drawn from a result to SVG."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle, islice

import xinzhi
from benchmarks.timing import Line
from xinzhi.publish.figures import catalogue

COUNT = 300
CHOICES = {"quadrant": {"against": "gdp_per_resident"}}


def lines() -> Iterator[Line]:
    """Yield the promise: 300 figures within 10 s; what the analyses find is found once, as in a paper."""
    plot = xinzhi.compute("province-open").plot
    start = time.perf_counter()
    size = sum(len(plot(name, **CHOICES.get(name, {})).svg()) for name in islice(cycle(catalogue()), COUNT))
    seconds = time.perf_counter() - start
    yield Line(
        f"{COUNT} figures as SVG, one process", seconds, within=10.0, note=f"{size / 1e6:.0f} MB of SVG"
    )
