"""Table 3 of the paper, for the tests of what an index says of regions."""

from __future__ import annotations

import csv
from pathlib import Path

import xinzhi

CASE = Path(xinzhi.__file__).parent / "reproduction" / "cases" / "ye-xu-2024"


def rows(name):
    with (CASE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


TABLE = rows("table3.csv")
CODES = [row["code"] for row in TABLE]
NAMES = [row["name"] for row in TABLE]
REGIONS = [row["region"] for row in TABLE]


def column(name):
    return [float(row[name]) for row in TABLE]
