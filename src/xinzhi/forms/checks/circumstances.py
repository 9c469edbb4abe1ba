"""What is known beside a return and needed to judge it: who filed, earlier and official figures, the count of cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from xinzhi.geography import Unit

Figures = Mapping[tuple[str, int], Decimal]
"""Figures by row and year, in the units of the form."""


@dataclass(frozen=True)
class Circumstances:
    """What a return is held against; everything may be absent, and what is absent is not checked.

    Attributes
    ----------
    unit : Unit or None
        The administrative unit that filed.
    earlier : mapping
        Figures of former years, (row, year) to figure.
    official : mapping
        Official figures of the years of the form.
    peers : mapping
        Row to the usual range among units of the same kind and province: least and largest.
    census : Decimal or None
        Resident population in 万人 by the latest census.
    census_year : int
        Year of that census.
    cases : int or None
        How many cases this unit filed or recommended.
    """

    unit: Unit | None = None
    earlier: Figures = field(default_factory=dict)
    official: Figures = field(default_factory=dict)
    peers: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    census: Decimal | None = None
    census_year: int = 2020
    cases: int | None = None
