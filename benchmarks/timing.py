"""How a benchmark times: ours and the peer in turn, the median of each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One comparison; times in seconds, memory in megabytes, weight in thousands of bytes."""

    what: str
    ours: float
    peer: float | None = None
    against: str = ""
    within: float | None = None
    ratio_below: float | None = None
    note: str = ""
    memory: float | None = None
    memory_within: float | None = None
    weight: float | None = None
    weight_within: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the promised time, memory and weight, if there are any, were kept."""
        return self._in_time and self._in_memory and self._in_weight

    @property
    def _in_time(self) -> bool:
        return self.within is None or self.ours <= self.within

    @property
    def _in_memory(self) -> bool:
        return self.memory is None or self.memory_within is None or self.memory <= self.memory_within

    @property
    def _in_weight(self) -> bool:
        return self.weight is None or self.weight_within is None or self.weight <= self.weight_within

    def __str__(self) -> str:
        peer = f"{self.peer * 1e3:8.1f}ms" if self.peer is not None else " " * 10
        ratio = f"{self.ours / self.peer:9.3f}" if self.peer else " " * 9
        promise = f"within {self.within * 1e3:g} ms: {_yes(self._in_time)}" if self.within else ""
        if self.ratio_below and self.peer:
            promise = "; ".join(filter(None, (promise, f"aim below {self.ratio_below:g}")))
        peak = f"peak memory {self.memory:.0f} MB" if self.memory else ""
        if self.memory and self.memory_within:
            peak += f", within {self.memory_within:g} MB: {_yes(self._in_memory)}"
        heavy = f"{self.weight:.0f} kB" if self.weight else ""
        if self.weight and self.weight_within:
            heavy += f", within {self.weight_within:g} kB: {_yes(self._in_weight)}"
        tail = "; ".join(part for part in (self.against, promise, peak, heavy, self.note) if part)
        return f"{self.what:<58} {self.ours * 1e3:8.1f}ms {peer} {ratio}  {tail}"


def _yes(kept: bool) -> str:
    return "yes" if kept else "NO"


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
