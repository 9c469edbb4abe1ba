"""Likeness over 5,000 simulated cases of 3,000 characters, against scikit-learn on a part of them."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Mapping

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.timing import Line, in_turn
from xinzhi.intake.likeness import Likeness, alike, alike_pictures, shared_passages

CASES, CHARACTERS, COPIES, PART = 5000, 3000, 500, 500
THRESHOLD = 0.5


def lines() -> Iterator[Line]:
    """Yield the comparisons."""
    cases = simulated(CASES)
    texts = list(cases.values())
    yield everything(cases)  # first, since its peak memory is that of the process
    yield Line(
        "shared passages of two cases", *in_turn(lambda: shared_passages(texts[0], texts[CASES - COPIES]))
    )
    yield pictures()
    yield against_peer(dict(list(cases.items())[-PART:] + list(cases.items())[:PART]))
    yield one_more(cases)


def simulated(count: int) -> Mapping[str, str]:
    """Return cases of invented words with some standing phrases; the last tenth takes 60 % from one of the first."""
    generator = np.random.default_rng(20250603)
    signs = np.array([chr(code) for code in range(0x4E00, 0x4E00 + 2500)])
    words = ["".join(word[: 1 + n % 3]) for n, word in enumerate(generator.choice(signs, size=(8000, 3)))]
    chances = np.cumsum(1 / np.arange(5, 8005) ** 0.9)

    def prose(length: int) -> str:
        drawn = np.searchsorted(chances, generator.uniform(0, chances[-1], length))
        return "".join(words[n] for n in drawn)[:length]

    phrases = [prose(40) for _n in range(20)]
    texts = [prose(CHARACTERS - 120) + "".join(generator.choice(phrases, 3)) for _n in range(count)]
    copies = min(COPIES, count // 10)
    for n in range(copies):
        texts[count - copies + n] = texts[n][: CHARACTERS * 6 // 10] + prose(CHARACTERS * 4 // 10)
    return {f"{n:05}": text for n, text in enumerate(texts)}


def everything(cases: Mapping[str, str]) -> Line:
    """All cases against all."""
    start = time.perf_counter()
    found = alike(cases, THRESHOLD)
    seconds = time.perf_counter() - start
    planted = {(f"{n:05}", f"{CASES - COPIES + n:05}") for n in range(COPIES)}
    met = {(pair.one, pair.other) for pair in found}
    return Line(
        f"likeness of {CASES:,} cases of {CHARACTERS:,} characters",
        seconds,
        within=60,
        note=f"recall {len(met & planted) / COPIES:.3f}, {len(met - planted)} others",
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1e6 if sys.platform == "darwin" else 1e3),
    )


def against_peer(cases: Mapping[str, str]) -> Line:
    """Every pair of a part, exactly, by a sparse product of shingle counts."""
    expected: set[tuple[str, str]] = set()

    def with_scikit_learn() -> None:
        counts = CountVectorizer(analyzer="char", ngram_range=(5, 5), binary=True).fit_transform(
            cases.values()
        )
        shared = (counts.astype(np.float32) @ counts.T.astype(np.float32)).toarray()
        sizes = np.diag(shared)
        near = np.argwhere(np.triu(shared / np.minimum(sizes[:, None], sizes) >= THRESHOLD, 1))
        ids = list(cases)
        expected.update((ids[one], ids[other]) for one, other in near.tolist())

    ours, theirs = in_turn(lambda: alike(cases, THRESHOLD), with_scikit_learn, rounds=3)
    met = {(pair.one, pair.other) for pair in alike(cases, THRESHOLD)}
    recall = len(met & expected) / max(1, len(expected))
    return Line(
        f"likeness of {len(cases):,} cases",
        ours,
        theirs,
        "scikit-learn, every pair exactly",
        note=f"recall {recall:.3f} of {len(expected)} pairs",
    )


def one_more(cases: Mapping[str, str]) -> Line:
    """One case against those that are known."""
    made = Likeness(cases)
    text = next(iter(cases.values()))

    def add() -> None:
        made.add("new", text)
        assert made.like("new", THRESHOLD)

    return Line(f"one more case against {CASES:,}", *in_turn(add), within=0.1)


def pictures() -> Line:
    """Four pictures to a case, all against all."""
    prints = np.random.default_rng(1).integers(1 << 63, size=4 * CASES, dtype=np.uint64)
    dhashes = {str(n): f"{value:016x}" for n, value in enumerate(prints.tolist())}
    (ours,) = in_turn(lambda: alike_pictures(dhashes), rounds=3)
    return Line(f"likeness of {len(dhashes):,} pictures", ours)
