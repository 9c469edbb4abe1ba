"""Checks of the indicator form: each figure, its neighbours in time, and what is known from elsewhere."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Literal

from xinzhi.declarations import Record, Text
from xinzhi.forms.checks.circumstances import Circumstances
from xinzhi.forms.model import Figure, IndicatorForm, Row
from xinzhi.forms.reading import Fact, Finding, Reading, Value
from xinzhi.language import half_width

OFFICIAL_TOLERANCE = Decimal("0.01")
"""Relative difference from the official figure up to which nothing is said: rounding and late revisions."""

CENSUS_TOLERANCE = Decimal("0.15")
"""Relative difference from the census population up to which nothing is said."""

SLIPS = (Decimal(10), Decimal(100), Decimal(1000), Decimal(10_000), Decimal(100_000_000))
"""Factors by which a slip of the decimal point or of the unit (万, 亿) moves a figure."""

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.([0-9]*))?")
_SLIP_WIDTH = Decimal("0.15")


class Recomputed(Record):
    """What a formula gives for a row and year.

    `status` is ``"not checkable"`` where a working field is missing: then no finding is made of it.
    """

    row: str
    year: int
    status: Literal["agrees", "differs", "not filed", "not checkable"]
    readings: Mapping[str, Decimal] = {}
    agreeing: tuple[str, ...] = ()


def check_figures(form: IndicatorForm, reading: Reading, known: Circumstances) -> Iterator[Finding]:
    """Yield what is to be said about the figures of an indicator form."""
    filed = {(v.field, v.year): v for v in reading.values}
    for id, row in form.rows.items():
        values = [filed[id, year] for year in form.years if (id, year) in filed]
        if row.filled_by == "cases":
            yield from _counted_cases(values, known)
        if row.filled_by != "unit":
            continue
        for value in values:
            yield from _one_figure(row, value)
            if value.number is not None:
                yield from _against_known(id, row, value, known)
        yield from _through_time(id, row, values, known)
    for id, figure in form.working.items():
        for year in form.years:
            if (id, year) in filed and filed[id, year].number is not None:
                yield from _possible(figure, filed[id, year])
    yield from _decimals_as_asked(form, filed)
    yield from _parts_within_wholes(form, filed)
    yield from _population_by_census(form, filed, known)
    yield from _same_every_year(form, filed)
    yield from _formulas(form, reading)


# --- one figure ------------------------------------------------------------------------------------------


def _one_figure(row: Row, value: Value) -> Iterator[Finding]:
    if value.status == "missing":
        yield _about("figures.missing", value, indicator=row.title)
    if value.number is None:
        return
    yield from _possible(row, value)
    if row.share and 0 < abs(value.number) <= 1:
        yield _about("figures.ratio", value, number=_shown(value.number), percent=_shown(value.number * 100))
    if row.zero_explained and value.number == 0:
        yield _about("figures.zero", value, indicator=row.title)


def _possible(figure: Figure, value: Value) -> Iterator[Finding]:
    number, (least, largest) = value.number, figure.limits
    assert number is not None
    shown = _shown(number)
    if least is not None and number < least:
        yield _about("figures.too_small", value, number=shown, limit=_shown(least))
    elif largest is not None and number > largest:
        yield _about("figures.too_large", value, number=shown, limit=_shown(largest))
    elif figure.positive and number == 0:
        yield _about("figures.not_positive", value, indicator=figure.title)
    if figure.whole and number != number.to_integral_value():
        yield _about("figures.fraction", value, number=shown, unit=figure.unit)


def _decimals_as_asked(
    form: IndicatorForm, filed: Mapping[tuple[str, int | None], Value]
) -> Iterator[Finding]:
    """Say once for the whole form which figures have other decimals than asked for; a count needs none."""
    for rule, wrong in (
        ("figures.more_decimals", operator.gt),
        ("figures.fewer_decimals", operator.lt),
    ):
        odd = [
            value
            for id, figure in form.figures()
            for year in form.years
            if (value := filed.get((id, year))) is not None
            and not figure.whole
            and (had := _decimals(value)) is not None
            and wrong(had, figure.decimals)
        ]
        if odd:
            asked = form.figure(odd[0].field).decimals
            yield _about(rule, odd[0], number=odd[0].raw, decimals=asked, count=len(odd))


def _decimals(value: Value) -> int | None:
    """Return the decimals as written; None where the number was understood in another way than by its digits."""
    if value.understood or not (written := _PLAIN.fullmatch(half_width(value.raw))):
        return None
    return len(written[1] or "")


# --- against what is known -------------------------------------------------------------------------------


def _against_known(id: str, row: Row, value: Value, known: Circumstances) -> Iterator[Finding]:
    assert value.year is not None and value.number is not None
    official = known.official.get((id, value.year))
    if official is not None and _apart(value.number, official) > OFFICIAL_TOLERANCE:
        slip = _slip(value.number, official)
        facts = {"number": _shown(value.number), "official": _shown(official), "unit": row.unit}
        if slip:
            yield _about("figures.official_slip", value, factor=slip, **facts)
        else:
            yield _about("figures.official", value, **facts)
    low, high = known.peers.get(id, (None, None))
    if low is not None and high is not None and not low <= value.number <= high:
        yield _about(
            "figures.unlike_peers", value, number=_shown(value.number), low=_shown(low), high=_shown(high)
        )


def _through_time(id: str, row: Row, values: list[Value], known: Circumstances) -> Iterator[Finding]:
    series = {year: number for (name, year), number in known.earlier.items() if name == id}
    series |= {v.year: v.number for v in values if v.year is not None and v.number is not None}
    for value in values:
        if value.year is None or value.number is None:
            continue
        before = series.get(value.year - 1)
        if not before or row.change is None:
            continue
        change = value.number / before - 1
        if slip := _slip(value.number, before):
            yield _about(
                "figures.slip", value, number=_shown(value.number), before=_shown(before), factor=slip
            )
        elif not Decimal(str(row.change[0])) <= change <= Decimal(str(row.change[1])):
            yield _about(
                "figures.change",
                value,
                before=_shown(before),
                number=_shown(value.number),
                change=f"{change * 100:+.1f}",
                low=f"{row.change[0] * 100:+.0f}",
                high=f"{row.change[1] * 100:+.0f}",
            )


def _slip(number: Decimal, other: Decimal) -> str:
    """Return the factor of a slip that would explain two figures of one thing; blank for none."""
    if not number or not other:
        return ""
    ratio = max(abs(number / other), abs(other / number))
    return next((str(f) for f in SLIPS if f > 10 and _apart(ratio, f) <= _SLIP_WIDTH), "")


def _population_by_census(
    form: IndicatorForm, filed: Mapping[tuple[str, int | None], Value], known: Circumstances
) -> Iterator[Finding]:
    if not known.census:
        return
    for year in form.years:
        value = filed.get(("population", year))
        if value is None or value.number is None or _slip(value.number, known.census):
            continue  # a slip is told by the comparison through time or with the official figure
        if _apart(value.number, known.census) > CENSUS_TOLERANCE:
            yield _about(
                "figures.census",
                value,
                number=_shown(value.number),
                census=_shown(known.census),
                census_year=known.census_year,
            )


# --- across rows -----------------------------------------------------------------------------------------


def _parts_within_wholes(
    form: IndicatorForm, filed: Mapping[tuple[str, int | None], Value]
) -> Iterator[Finding]:
    for id, row in form.rows.items():
        for year in form.years if row.within else ():
            part, whole = filed.get((id, year)), filed.get((row.within, year))
            if part is None or whole is None or part.number is None or whole.number is None:
                continue
            if part.number > whole.number:
                yield _about(
                    "figures.part_exceeds_whole",
                    part,
                    part=row.title,
                    number=_shown(part.number),
                    whole=form.rows[row.within].title,
                    total=_shown(whole.number),
                )


def _same_every_year(form: IndicatorForm, filed: Mapping[tuple[str, int | None], Value]) -> Iterator[Finding]:
    """A whole column copied: single figures may stand still, four or more that are not zero do not."""
    first, *others = form.years
    for year in others:
        pairs = [
            (filed[id, first], filed[id, year])
            for id, row in form.rows.items()
            if row.filled_by == "unit" and (id, first) in filed and (id, year) in filed
        ]
        both = [(a.number, b) for a, b in pairs if a.number and b.number]
        if len(both) >= 4 and all(number == other.number for number, other in both):
            yield Finding(
                rule="figures.same_years",
                year=year,
                place=both[0][1].place,
                facts={"year": year, "first": first, "count": len(both)},
            )


def _counted_cases(values: list[Value], known: Circumstances) -> Iterator[Finding]:
    for value in values:
        if known.cases is not None and value.number is not None and value.number != known.cases:
            yield _about("figures.cases_differ", value, number=_shown(value.number), count=known.cases)


# --- formulas --------------------------------------------------------------------------------------------


def recompute(form: IndicatorForm, reading: Reading) -> tuple[Recomputed, ...]:
    """Recompute the rows that have a printed formula, in every reading of it.

    Parameters
    ----------
    form : IndicatorForm
    reading : Reading
        Its working fields are used where all that a formula needs are filed.

    Returns
    -------
    tuple of Recomputed
        One for each formula row and year. A filed figure agrees with a reading when both are the same after
        rounding to the decimals that were filed.
    """
    filed = {(v.field, v.year): v for v in reading.values}
    found = []
    for id, row in form.rows.items():
        for year in form.years if row.formula else ():
            operands = {
                name: v.number for (name, y), v in filed.items() if y == year and v.number is not None
            }
            found.append(_recomputed(id, row, year, filed.get((id, year)), operands))
    return tuple(found)


def _recomputed(
    id: str, row: Row, year: int, value: Value | None, operands: Mapping[str, Decimal]
) -> Recomputed:
    results = {}
    for name, formula in row.formula.items():
        if formula.parsed.names <= set(operands):
            with localcontext(prec=30):
                try:
                    results[name] = Decimal(formula.parsed.evaluate(dict(operands)))
                except ArithmeticError:  # a denominator of zero, which has a finding of its own
                    continue
    if not results:
        return Recomputed(row=id, year=year, status="not checkable")
    if value is None or value.number is None:
        return Recomputed(row=id, year=year, status="not filed", readings=results)
    exponent = value.number.as_tuple().exponent
    unit = Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)
    agreeing = tuple(name for name, result in results.items() if abs(result - value.number) <= unit / 2)
    return Recomputed(
        row=id,
        year=year,
        status="agrees" if agreeing else "differs",
        readings=results,
        agreeing=agreeing,
    )


def _formulas(form: IndicatorForm, reading: Reading) -> Iterator[Finding]:
    filed = {(v.field, v.year): v for v in reading.values}
    for outcome in recompute(form, reading):
        if outcome.status == "differs":
            value = filed[outcome.row, outcome.year]
            assert value.number is not None
            formulas = form.rows[outcome.row].formula
            readings = [(formulas[name].title, _shown(result)) for name, result in outcome.readings.items()]
            computed = Text(
                zh="; ".join(f"{title.zh}: {result}" for title, result in readings),
                en="; ".join(f"{title.en}: {result}" for title, result in readings),
            )
            yield _about("figures.formula", value, number=_shown(value.number), computed=computed)


# --- saying ----------------------------------------------------------------------------------------------


def _about(rule: str, value: Value, **facts: Fact) -> Finding:
    return Finding(rule=rule, field=value.field, year=value.year, place=value.place, facts=facts)


def _apart(one: Decimal, other: Decimal) -> Decimal:
    """Relative difference of `one` from `other`; infinite where that is zero."""
    return abs(one - other) / abs(other) if other else Decimal("Infinity") if one else Decimal(0)


def _shown(number: Decimal) -> str:
    """Write a figure for people: never in powers of ten, at most four decimals more than needed."""
    rounded = round(number, 6).normalize() if number else Decimal(0)
    return f"{rounded:,f}"
