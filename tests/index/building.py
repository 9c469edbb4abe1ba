"""Small methodologies and panels for the tests, and the pipeline written again as plain loops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tomli_w
from hypothesis import settings

from xinzhi.index import Result, compute
from xinzhi.methodology import Methodology, parse_methodology
from xinzhi.panel import Panel, Status

#: For a property that is tested once per method.
few = settings(max_examples=25)


def system(
    indicators: Mapping[str, Mapping[str, Any]] | Sequence[str],
    dimensions: Mapping[str, Mapping[str, Any]] | None = None,
    **changes: Any,
) -> Methodology:
    """Return a methodology of the level `firm` (no official list of units) with equal weights."""
    if not isinstance(indicators, Mapping):
        indicators = {name: {} for name in indicators}
    document: dict[str, Any] = {
        "id": "small",
        "title": {"zh": "小例", "en": "Small"},
        "source": {"citation": {"zh": "自拟", "en": "made up"}},
        "level": "firm",
        "years": [2022],
        "weighting": {"method": "equal"},
        "root": {"id": "total", "title": {"zh": "总指数", "en": "Total"}},
        "dimensions": {n: {"title": {"zh": n.upper()}} | dict(d) for n, d in (dimensions or {}).items()},
        "indicators": {
            n: {"title": {"zh": f"指标{n}", "en": f"Indicator {n}"}, "direction": "positive"} | dict(i)
            for n, i in indicators.items()
        },
    }
    return parse_methodology(tomli_w.dumps(document | changes), name="small")


def panel(
    values: Any,
    variables: Sequence[str],
    years: Sequence[int] = (2022,),
    codes: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
) -> Panel:
    """Return a panel of reported figures, shape (T, N, J); NaN is a missing cell."""
    figures = np.array(values, dtype=float)
    known = np.isfinite(figures)
    units = tuple(codes or (f"u{n}" for n in range(figures.shape[1])))
    return Panel(
        tuple(years),
        units,
        tuple(names or units),
        tuple(variables),
        figures,
        np.where(known, Status.REPORTED, Status.MISSING).astype(np.uint8),
        np.where(known, 0, -1).astype(np.int32),
        ("年报",),
        known.astype(np.int32),
        origin="data.csv",
    )


def computed(methodology: Methodology, values: Any, **options: Any) -> Result:
    """Compute figures of shape (T, N, J) whose columns are the indicators in their order."""
    variables = [name for name, _variable in methodology.variables()]
    return compute(methodology, panel(values, variables[: np.shape(values)[2]], methodology.years, **options))


# --- the formulas again, one number at a time (methods.md, 1 and 7) ------------------------------------------


def minmax(column: Sequence[float], scale: float = 100.0, negative: bool = False) -> list[float]:
    """Min-max of one column; the middle where all are equal."""
    known = [x for x in column if not math.isnan(x)]
    scores = []
    for x in column:
        if math.isnan(x):
            scores.append(math.nan)
        elif min(known) == max(known):
            scores.append(scale / 2)
        else:
            share = (x - min(known)) / (max(known) - min(known))
            scores.append(scale * (1 - share if negative else share))
    return scores


def mean(children: Sequence[float], weights: Sequence[float], method: str, exponent: float = 1.0) -> float:
    """A weighted mean of those children that are there."""
    pairs = [(z, w) for z, w in zip(children, weights, strict=True) if not math.isnan(z) and w > 0]
    total = sum(w for _z, w in pairs)
    if total == 0:
        return math.nan
    if method == "arithmetic":
        return sum(w / total * z for z, w in pairs)
    if method == "mpi":
        centre = mean(children, weights, "arithmetic")
        variance = sum(w / total * (z - centre) ** 2 for z, w in pairs)
        return centre - variance / centre
    if method == "geometric":
        return math.prod(z ** (w / total) for z, w in pairs)
    exponent = -1.0 if method == "harmonic" else exponent
    if exponent < 0 and any(z == 0 for z, _w in pairs):
        return 0.0
    return sum(w / total * z**exponent for z, w in pairs) ** (1 / exponent)


def closeness(rows: Sequence[Sequence[float]], weights: Sequence[float], inside: bool) -> list[float]:
    """TOPSIS of units (rows), one at a time."""
    columns = list(zip(*rows, strict=True))
    result = []
    for row in rows:
        distances = []
        for ideal in (max, min):
            total = 0.0
            for z, w, column in zip(row, weights, columns, strict=True):
                known = [x for x in column if not math.isnan(x)]
                if not math.isnan(z):
                    total += (w**2 if inside else w) * (z - ideal(known)) ** 2
            distances.append(math.sqrt(total))
        away, near = distances
        result.append(near / (near + away) if near + away else 0.5)
    return result


#: Every aggregation a methodology can name.
AGGREGATIONS: tuple[dict[str, Any], ...] = (
    {"method": "arithmetic"},
    {"method": "geometric"},
    {"method": "harmonic"},
    {"method": "power", "exponent": 0.5},
    {"method": "power", "exponent": -2.0},
    {"method": "topsis", "weight": "inside"},
    {"method": "topsis", "weight": "outside"},
    {"method": "mpi", "penalty": "down"},
    {"method": "mpi", "penalty": "up"},
)
