"""What a unit answers, apart from any file: a value for each field and year, to be written into a form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xinzhi.forms.model import CaseField, CaseForm, IndicatorForm
from xinzhi.forms.reading import Reading, Value

Answer = Decimal | str | None
"""A figure in the unit of the form; a text, of a choice the id of the option; None where nothing is answered.

A text in the place of a figure or of a choice is what only a person can settle; it is written as it stands."""

Answers = Mapping[tuple[str, int | None], Answer]
"""Answers by (id of the field, year); the year is None except for figures. A field left out is not answered.

Besides the fields and sections of a case: ``"seal_date"`` (``2025-07-01``), and ``"evidence"`` with a name on each line."""


def answers_of(reading: Reading) -> dict[tuple[str, int | None], Answer]:
    """Return what a file answered, so that it can be written again.

    What needs a person (status ``"question"``) stays the text that stood in the file, but for boxes of which none
    is ticked: they answer nothing.
    """
    answers = {(value.field, value.year): _answer(value) for value in reading.values}
    if reading.evidence:  # its names without the numbers before them, which the form writes itself
        answers["evidence", None] = "\n".join(reading.evidence)
    return answers


def figure_text(number: Decimal, decimals: int) -> str:
    """Write a figure without exponent: with `decimals` decimals, or as many as it has when these are more.

    Raises
    ------
    ValueError
        If it is not finite.
    """
    if not number.is_finite():
        raise ValueError(f"a figure must be finite, got {number}")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{number:.{max(decimals, -exponent)}f}"


def require_known(form: IndicatorForm | CaseForm, answers: Answers) -> None:
    """Refuse answers to fields that the form does not have.

    Raises
    ------
    ValueError
        Naming them.
    """
    known: set[tuple[str, int | None]]
    if isinstance(form, IndicatorForm):
        known = {(id, year) for id, _figure in form.figures() for year in form.years}
    else:
        known = {(id, None) for id in (*form.fields, *form.sections, "seal_date", "evidence")}
    if unknown := sorted(map(str, set(answers) - known)):
        raise ValueError(f"{form.name} has no {', '.join(unknown)}")


def unanswered(form: IndicatorForm | CaseForm, answers: Answers) -> tuple[tuple[str, int | None], ...]:
    """Return what the filing unit still has to fill in: its rows by year, or the fields and sections asked for."""
    asked: list[tuple[str, int | None]]
    if isinstance(form, IndicatorForm):
        asked = [
            (id, year) for id, row in form.rows.items() if row.filled_by == "unit" for year in form.years
        ]
    else:
        fields = (id for id, field in form.fields.items() if _required(field, answers))
        asked = [(id, None) for id in (*fields, *form.sections)]
    return tuple(key for key in asked if answers.get(key) in (None, ""))


def _required(field: CaseField, answers: Answers) -> bool:
    return field.required or bool(field.required_with and answers.get((field.required_with, None)))


def _answer(value: Value) -> Answer:
    match value.status:
        case "number":
            return value.number
        case "missing":
            return None
        case "question":
            return None if value.understood == "choices.none" else value.raw
        case _:
            return value.text
