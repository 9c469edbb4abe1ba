"""What comes out of an analysis: words that follow the numbers, and numbers that JSON knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.language import gettext as _

if TYPE_CHECKING:
    import polars as pl

LEVEL = 0.05
"""What is called significant: p below this."""

TIE = 1e-9
"""Figures that differ by less than this share of the larger are tied: rounding tells nothing apart."""

_MANY = 6


def alike(values: npt.NDArray[np.float64], axis: int | None = None) -> Any:
    """Tell whether figures (along an axis) differ by no more than rounding: all are tied with the largest."""
    return np.ptp(values, axis=axis) <= TIE * np.abs(values).max(axis=axis)


def listed(names: Sequence[str], limit: int = _MANY) -> str:
    """Return names as people list them; beyond `limit` their number stands for the rest."""
    text = _("、").join(names[:limit])
    return text if len(names) <= limit else _("{listed} 等 {count} 项").format(listed=text, count=len(names))


def span(years: Sequence[object], value_name: str = "") -> str:
    """Return what a sentence about several years begins with: the first and the last, and of what."""
    text = _("{first} 到 {last} 年").format(first=years[0], last=years[-1])
    return _("{span}, {figures}").format(span=text, figures=value_name) if value_name else text


def say(*clauses: str) -> str:
    """Return clauses as one sentence; empty ones are left out."""
    return _("{sentence}。").format(sentence="; ".join(clause for clause in clauses if clause))


def leaders(figures: Mapping[str, float]) -> list[str]:
    """Return the names of the largest figure, all of them when several are tied."""
    top = max(figures.values())
    return [name for name, figure in figures.items() if figure >= top - TIE * abs(top)]


def p_text(p: float) -> str:
    """Return a p value for people."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def plain(values: npt.ArrayLike) -> list[Any]:
    """Return an array as nested lists, with None where there is no finite number."""
    array = np.asarray(values, dtype=np.float64).astype(object)
    array[~np.isfinite(array.astype(np.float64))] = None
    found: list[Any] = array.tolist()
    return found


def frame(columns: Mapping[str, Iterable[Any]]) -> pl.DataFrame:
    """Return a table; what is no finite number is null."""
    import polars as pl

    return pl.DataFrame(
        {
            name: plain(column)
            if isinstance(column, np.ndarray) and column.dtype.kind == "f"
            else list(column)
            for name, column in columns.items()
        },
        strict=False,
        infer_schema_length=None,
    )
