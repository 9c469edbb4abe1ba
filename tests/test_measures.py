"""Units of measure convert by declared factors or not at all."""

from __future__ import annotations

import pytest

from xinzhi.language import speaking
from xinzhi.measures import MeasureError, conversion, unit_name
from xinzhi.methodology import load_methodology, methodologies


@pytest.mark.parametrize(
    ("before", "after", "factor"),
    [
        ("亿元", "万元", 10_000),
        ("万元", "亿元", 0.0001),
        ("元/人", "万元/人", 0.0001),
        ("元/人", "亿元/万人", 0.0001),
        ("吨/万元", "万吨/亿元", 1),
        ("km", "公里", 1),
        ("km²", "平方公里", 1),
        ("公里", "万公里", 0.0001),
        ("亩", "公顷", 1 / 15),
        ("100 million yuan", "亿元", 1),
        ("万元／人", "10,000 yuan per person", 1),
        ("", "", 1),
        ("某某", "某某", 1),
    ],
)
def test_conversion(before: str, after: str, factor: float) -> None:
    assert conversion(before, after) == factor


@pytest.mark.parametrize(
    ("before", "after"), [("%", ""), ("个", "家"), ("人", "人年"), ("元", "元/人"), ("吨/万元", "万元/吨")]
)
def test_units_of_two_families_do_not_convert(before: str, after: str) -> None:
    with pytest.raises(MeasureError) as caught:
        conversion(before, after)
    assert "请换算好数字" in str(caught.value) or "没有登记过的计量单位" in str(caught.value)


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(MeasureError, match="没有登记过的计量单位“斤”"):
        conversion("斤", "吨")


def test_names_in_both_languages() -> None:
    assert unit_name("万元/人") == "万元/人"
    with speaking("en"):
        assert unit_name("万元/人") == "10,000 yuan per person"
        assert unit_name("吨/万元") == "tonnes per 10,000 yuan"
        assert unit_name("斤") == "斤"


@pytest.mark.parametrize("id", methodologies())
def test_every_unit_of_the_library_is_known(id: str) -> None:
    with speaking("en"):
        for _id, variable in load_methodology(id).variables():
            assert unit_name(variable.unit).isascii() or "²" in unit_name(variable.unit)
