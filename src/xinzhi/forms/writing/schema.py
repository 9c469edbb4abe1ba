"""The answers of a form as JSON Schema 2020-12, so that other systems can file without a document.

A return is ``{"form": name, "unit": code, "answers": {...}}``: figures by id and year, fields and sections by id.
What JSON Schema has no word for stands in keywords that begin with ``x-``; validators pass them over.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xinzhi.declarations import Text
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.model import CaseField, CaseForm, Figure, IndicatorForm, Row, Section

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(form: AnyForm) -> dict[str, Any]:
    """Return the JSON Schema of a return of a form.

    Parameters
    ----------
    form : IndicatorForm or CaseForm

    Returns
    -------
    dict
        The same for the same form, keys in the order of the form. Titles are Chinese, with the English in
        ``x-title-en``; units, decimals, who fills and how characters are counted in ``x-`` keywords. Limits are
        those beyond which a figure is impossible; what is merely unusual is left to the checks.
    """
    indicators = isinstance(form, IndicatorForm)
    return {
        "$schema": DIALECT,
        "$id": f"urn:xinzhi:form:{form.name}",
        **_titles(form.title),
        "type": "object",
        "properties": {
            "form": {"const": form.name},
            "unit": {"type": "string", "pattern": "^[0-9]{6}$", "x-scheme": "GB/T 2260"},
            "answers": _indicators(form) if isinstance(form, IndicatorForm) else _case(form),
        },
        # A body that files a case has no code.
        "required": ["form", "unit", "answers"] if indicators else ["form", "answers"],
        "additionalProperties": False,
    }


def _titles(title: Text) -> dict[str, Any]:
    return {"title": title.zh, "x-title-en": title.en or title.zh}


# --- figures ---------------------------------------------------------------------------------------------


def _indicators(form: IndicatorForm) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            **{id: _by_year(form, row, _row_keywords(row)) for id, row in form.rows.items()},
            **{id: _by_year(form, figure, {"x-working": True}) for id, figure in form.working.items()},
        },
        "required": [id for id, row in form.rows.items() if row.filled_by == "unit"],
        "additionalProperties": False,
    }


def _by_year(form: IndicatorForm, figure: Figure, keywords: dict[str, Any]) -> dict[str, Any]:
    years = [str(year) for year in form.years]
    return {
        **_titles(figure.title),
        "type": "object",
        "properties": {year: _number(figure) for year in years},
        "required": years,
        "additionalProperties": False,
        "x-unit": figure.unit,
        "x-decimals": figure.decimals,
        "x-whole": figure.whole,
        **keywords,
    }


def _row_keywords(row: Row) -> dict[str, Any]:
    keywords: dict[str, Any] = {"x-filled-by": row.filled_by, "x-share": row.share}
    if row.within:
        keywords["x-within"] = row.within
    if row.formula:
        keywords["x-formula"] = {id: formula.text for id, formula in row.formula.items()}
    if row.note:
        keywords["description"] = row.note
    return keywords


def _number(figure: Figure) -> dict[str, Any]:
    """Write the type of a figure. Decimals are no ``multipleOf``: 0.07 is none of 0.01 in binary arithmetic."""
    least, most = figure.limits
    number: dict[str, Any] = {"type": ["number", "null"]}
    if least is not None:
        number["exclusiveMinimum" if figure.positive and least == 0 else "minimum"] = _json(least)
    if most is not None:
        number["maximum"] = _json(most)
    return number


def _json(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


# --- a case ----------------------------------------------------------------------------------------------


def _case(form: CaseForm) -> dict[str, Any]:
    together: dict[str, list[str]] = {}
    for id, field in form.fields.items():
        if field.required_with:
            together.setdefault(field.required_with, []).append(id)
    return {
        "type": "object",
        "properties": {
            **{id: _field(field) for id, field in form.fields.items()},
            **{id: _section(form, section) for id, section in form.sections.items()},
            "seal_date": {"type": "string", "title": form.seal.label},
            "evidence": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "title": form.evidence.label,
            },
        },
        "required": [*(id for id, field in form.fields.items() if field.required), *form.sections],
        "dependentRequired": together,
        "additionalProperties": False,
        "x-most-characters": form.content.most_characters,
        "x-pictures": form.pictures.model_dump(mode="json", exclude={"note"}),
    }


def _field(field: CaseField) -> dict[str, Any]:
    schema: dict[str, Any] = {**_titles(field.title), "type": "string"}
    if field.options:
        schema["enum"] = list(field.options)
        schema["x-options"] = {id: text.model_dump() for id, text in field.options.items()}
    else:
        schema |= {"minLength": 1, "maxLength": field.longest}
    if field.pattern == "email":
        schema["format"] = "email"
    if field.hint:
        schema["description"] = field.hint
    return schema | {"x-private": field.private}


def _section(form: CaseForm, section: Section) -> dict[str, Any]:
    headings = form.content.headings
    return {
        **_titles(section.title),
        "type": "string",
        "minLength": 1,
        "description": "\n".join(
            (
                headings.content + section.content,
                headings.data + section.data,
                headings.advice + section.advice,
            )
        ),
    }
