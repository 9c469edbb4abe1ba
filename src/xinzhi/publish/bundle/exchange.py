"""Scores for the exchange of statistics: SDMX-CSV 2.0, one observation a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np

from xinzhi.index import Result

AGENCY = "XINZHI"
HEADS = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS",
)  # fmt: skip
_NORMAL, _IMPUTED, _MISSING = "A", "I", "O"  # of the code list CL_OBS_STATUS


def sdmx_csv(result: Result) -> bytes:
    """Return the scores of a result as SDMX-CSV 2.0.

    Areas are the codes of GB/T 2260, indicators the nodes of the index. A score that rests on a filled figure
    is imputed (I), one that is not there is missing (O).
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADS)
    writer.writerows(_observations(result))
    return buffer.getvalue().encode()


def _observations(result: Result) -> Iterator[tuple[str, ...]]:
    methodology = result.methodology
    flow = ("dataflow", f"{AGENCY}:{methodology.id.replace('-', '_').upper()}(1.0)", "I", "A")
    leaves = methodology.tree.leaves
    for node in result.nodes:
        below = [leaves.index(leaf) for leaf in methodology.tree.leaves_under(node)]
        imputed = np.any(result.figures.rests_on_filled[..., below], axis=-1)
        scores = result.scores[node]
        for t, year in enumerate(result.years):
            for n, code in enumerate(result.codes):
                known = bool(np.isfinite(scores[t, n]))
                status = (_IMPUTED if imputed[t, n] else _NORMAL) if known else _MISSING
                yield *flow, code, node, str(year), repr(float(scores[t, n])) if known else "", status
