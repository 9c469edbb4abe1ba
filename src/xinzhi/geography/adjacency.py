"""Which provinces touch.

``tables/adjacency.csv`` is our own: 68 pairs of codes, each pair once, computed from the boundaries of the
31 provinces (two touch where their boundaries share a line). 海南 is an island and touches none; to link it
to 广东 across the strait is the choice of an analysis, not a fact of the table.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from xinzhi.geography.units import find

_TABLE = Path(__file__).parent / "tables" / "adjacency.csv"


def neighbours_of(province: str) -> frozenset[str]:
    """Return the codes of the provinces that touch the one of this code or name.

    Raises
    ------
    UnitError
        If there is no such province.
    """
    return _neighbours().get(find(province, "province").code, frozenset())


@cache
def _neighbours() -> Mapping[str, frozenset[str]]:
    touching: defaultdict[str, set[str]] = defaultdict(set)
    with _TABLE.open(encoding="utf-8", newline="") as file:
        for pair in csv.DictReader(file):
            touching[pair["a"]].add(pair["b"])
            touching[pair["b"]].add(pair["a"])
    return {code: frozenset(others) for code, others in touching.items()}
