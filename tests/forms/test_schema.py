"""The JSON Schema of a return: the same numbers, limits and fields as the declaration, and it judges returns."""

from __future__ import annotations

import json

import pytest

from tests.forms.filling import CASE, FIGURES, INDICATORS, STORY
from xinzhi.forms.writing.schema import json_schema

FORMS = [INDICATORS, CASE]


def indicator_return() -> dict:
    answers: dict = {}
    for (id, year), figure in FIGURES.items():
        answers.setdefault(id, {})[str(year)] = float(figure)
    return {"form": INDICATORS.name, "unit": "320106", "answers": answers}


def case_return() -> dict:
    answers = {id: text for (id, _year), text in STORY.items()}
    return {"form": CASE.name, "answers": answers | {"evidence": answers["evidence"].split("\n")}}


RETURNS = {INDICATORS.name: indicator_return, CASE.name: case_return}


def valid(form, data) -> bool:
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(json_schema(form)).is_valid(data)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_schema_is_the_same_json_every_time(form):
    assert json.dumps(json_schema(form)) == json.dumps(json_schema(form))
    assert json_schema(form)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_schema_is_a_schema(form):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema(form))


def test_a_row_says_all_that_the_declaration_says():
    answers = json_schema(INDICATORS)["properties"]["answers"]
    assert list(answers["properties"]) == [*INDICATORS.rows, *INDICATORS.working]
    assert answers["required"] == [id for id, row in INDICATORS.rows.items() if row.filled_by == "unit"]
    number = {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 10000}
    assert answers["properties"]["population"] == {
        "title": "常住人口",
        "x-title-en": "Resident population",
        "type": "object",
        "properties": {"2023": number, "2024": number},
        "required": ["2023", "2024"],
        "additionalProperties": False,
        "x-unit": "万人",
        "x-decimals": 2,
        "x-whole": False,
        "x-filled-by": "unit",
        "x-share": False,
    }
    assert answers["properties"]["national_specialised_firms"]["x-within"] == "provincial_specialised_firms"
    assert list(answers["properties"]["cable_density"]["x-formula"]) == ["literal", "by_name"]
    assert answers["properties"]["area"]["x-working"] is True


def test_a_field_says_all_that_the_declaration_says():
    answers = json_schema(CASE)["properties"]["answers"]
    assert list(answers["properties"]) == [*CASE.fields, *CASE.sections, "seal_date", "evidence"]
    assert answers["properties"]["domain"]["enum"] == ["culture_tourism", "high_technology", "green_economy"]
    assert answers["properties"]["email"] == {
        "title": "填报单位电子邮箱",
        "x-title-en": "E-mail of the filing unit",
        "type": "string",
        "minLength": 1,
        "maxLength": 100,
        "format": "email",
        "description": "此处填写实施单位联系人邮箱",
        "x-private": True,
    }
    assert answers["dependentRequired"] == {
        "recommender": [id for id, field in CASE.fields.items() if field.required_with == "recommender"]
    }
    assert answers["x-most-characters"] == 3000  # 3000字以内, annex 2 of the call


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_return_is_valid(form):
    assert valid(form, RETURNS[form.name]())


@pytest.mark.parametrize(
    ("form", "path", "value"),
    [
        (INDICATORS, ["form"], "letter-2025/case@1"),
        (INDICATORS, ["unit"], "南京市"),
        (INDICATORS, ["answers", "gdp", "2023"], "12.5"),
        (INDICATORS, ["answers", "gdp", "2023"], -1),
        (INDICATORS, ["answers", "population", "2024"], 0),
        (INDICATORS, ["answers", "gdp", "2022"], 1),
        (INDICATORS, ["answers", "wealth"], {"2023": 1, "2024": 1}),
        (CASE, ["answers", "domain"], "高科技"),
        (CASE, ["answers", "title"], "长" * 101),
        (CASE, ["answers", "background"], ""),
        (CASE, ["answers", "recommender"], "示例县人民政府"),
        (CASE, ["answers", "evidence"], "一份"),
    ],
)
def test_what_the_form_does_not_allow_is_invalid(form, path, value):
    data = RETURNS[form.name]()
    inside = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    assert not valid(form, data)


def test_a_missing_figure_is_null_and_a_missing_row_is_not_allowed():
    data = indicator_return()
    data["answers"]["gdp"]["2023"] = None
    assert valid(INDICATORS, data)
    del data["answers"]["gdp"]
    assert not valid(INDICATORS, data)
