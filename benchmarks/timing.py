"""How a benchmark times: ours and the peer in turn, the median of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One comparison; times in seconds."""

    what: str
    ours: float
    peer: float | None = None
    against: str = ""
    within: float | None = None
    ratio_below: float | None = None
    note: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promised time, if there is one, was kept."""
        return self.within is None or self.ours <= self.within

    def __str__(self) -> str:
        peer = f"{self.peer * 1e3:8.1f}ms" if self.peer is not None else " " * 10
        ratio = f"{self.ours / self.peer:9.3f}" if self.peer else " " * 9
        promise = f"within {self.within * 1e3:g} ms: {'yes' if self.kept else 'NO'}" if self.within else ""
        if self.ratio_below and self.peer:
            promise = "; ".join(filter(None, (promise, f"aim below {self.ratio_below:g}")))
        tail = "; ".join(part for part in (self.against, promise, self.note) if part)
        return f"{self.what:<58} {self.ours * 1e3:8.1f}ms {peer} {ratio}  {tail}"


def in_turn(*works: Callable[[], object], rounds: int = 7) -> tuple[float, ...]:
    """Run the works in turn, once to warm up and `rounds` times counted; return the median seconds of each."""
    for work in works:
        work()
    seconds: list[list[float]] = [[] for _work in works]
    for _round in range(rounds):
        for work, taken in zip(works, seconds, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return tuple(statistics.median(taken) for taken in seconds)
