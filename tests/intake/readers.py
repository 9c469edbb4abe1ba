"""Readers and checks small enough to see through, in the place of those of :mod:`xinzhi.forms`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from xinzhi.forms import Finding, Place, Reading, Value, load_form
from xinzhi.forms.refusals import HostileFile
from xinzhi.intake.returns import Services

NOW = datetime(2025, 7, 1, 3, tzinfo=UTC)
INDICATORS, CASE = "letter-2025/indicators@1", "letter-2025/case@1"


def indicators(unit: str = "", gdp: str = "100.50", cases: str = "") -> bytes:
    """A text that stands for the indicator form; `cases` is typed where nothing is asked."""
    return "|".join(["INDICATORS", unit, gdp, *filter(None, [cases])]).encode()


def case(unit: str = "示例科技有限公司", title: str = "绿色工厂", recommender: str = "") -> bytes:
    return "|".join(["CASE", unit, title, *filter(None, [recommender])]).encode()


def read(data: bytes, name: str, /) -> tuple[Reading, ...]:
    kind, *fields = data.decode("utf-8", "replace").split("|")
    if kind == "HOSTILE":
        raise HostileFile(Finding(rule="package.ratio", facts={"file": name, "limit": 200}))
    if kind == "CRASH":
        raise RuntimeError("a fault of ours")
    if kind == "INDICATORS":
        form = load_form(INDICATORS)
        place = Place(table=1, row=2, column=3)
        gdp = Value(
            field="gdp", year=2023, raw=fields[1], status="number", number=Decimal(fields[1]), place=place
        )
        rest = [
            Value(field=id, year=year, status="missing")
            for id, _row in form.figures() for year in form.years if (id, year) != ("gdp", 2023)
        ]  # fmt: skip
        typed = [
            Value(field="cases", year=2024, raw=text, status="number", number=Decimal(text))
            for text in fields[2:]
        ]
        heading = f"{fields[0]}县域新质生产力发展研究测评指标数据填报表"
        return (Reading(form=INDICATORS, format="text", heading=heading, values=(gdp, *rest, *typed)),)
    if kind == "CASE":
        values = tuple(
            Value(field=id, status="text", text=text)
            for id, text in zip(("unit", "title", "recommender"), fields, strict=False)
        )
        return (Reading(form=CASE, format="text", values=values, characters=1234, sealed=True),)
    return (Reading(format="text"),)


def check(form, reading, known, /):
    return [
        Finding(
            rule="numbers.grouped",
            field=value.field,
            place=value.place,
            facts={"raw": value.raw, "number": "1"},
        )
        for value in reading.values
        if value.status == "number" and value.number > 1000
    ]


def services(**changes) -> Services:
    return Services(**({"clock": lambda: NOW, "read": read, "check": check} | changes))
