"""How far a published index can be reproduced: every printed figure, recomputed, with a verdict.

A case is data: a TOML file with the printed figures and what is checked about them, and CSV tables beside it
(``docs/reproduction.md``). The code knows intervals, columns and formulas, and no indicator or place.
"""

from __future__ import annotations

from xinzhi.reproduction.agreement import Agreement, agreement
from xinzhi.reproduction.case import cases
from xinzhi.reproduction.interval import Interval
from xinzhi.reproduction.printed import PrintedIndex, printed_index
from xinzhi.reproduction.regional import RegionalTable, regional, regional_table
from xinzhi.reproduction.report import Reproduction, Row, reproduce

__all__ = [
    "Agreement",
    "Interval",
    "PrintedIndex",
    "RegionalTable",
    "Reproduction",
    "Row",
    "agreement",
    "cases",
    "printed_index",
    "regional",
    "regional_table",
    "reproduce",
]
