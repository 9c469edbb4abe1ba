"""Run every benchmark and print one line each: our time, the peer's, the ratio, the promise."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from itertools import chain

from benchmarks import analysis, figures, index, intake, likeness, paper, website


def main() -> None:
    peers = ", ".join(
        f"{name} {version(name)}"
        for name in (
            "numpy",
            "pandas",
            "pymcdm",
            "scikit-criteria",
            "polars",
            "SALib",
            "esda",
            "scikit-learn",
        )
    )
    print(f"Python {platform.python_version()}, {peers}")
    print(f"{'what':<58} {'ours':>10} {'peer':>10} {'ours/peer':>9}  against; promised")
    failed = 0
    # Likeness goes first: its peak memory is that of the whole process.
    for line in chain(
        likeness.lines(),
        index.lines(),
        analysis.lines(),
        intake.lines(),
        figures.lines(),
        paper.lines(),
        website.lines(),
    ):
        print(line, flush=True)
        failed += not line.kept
    sys.exit(1 if failed else 0)


main()
