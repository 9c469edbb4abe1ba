"""Quadrants: numbering, origins, axes, and those of the paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.analysis.provinces import NAMES, column, rows
from xinzhi import speaking
from xinzhi.analysis.quadrant import quadrants
from xinzhi.errors import CallError, ComputeError

CORNERS = ([1, -1, -1, 1], [1, 1, -1, -1], ["ne", "nw", "sw", "se"])


def test_numbered_as_mathematics_does():
    found = quadrants(*CORNERS)
    assert found.of_units == ("I", "II", "III", "IV")
    assert found.members == {"I": ("ne",), "II": ("nw",), "III": ("sw",), "IV": ("se",)}
    angles = [math.atan2(y, x) % math.tau for x, y in zip(*CORNERS[:2], strict=True)]
    assert angles == sorted(angles)  # counter-clockwise


def test_the_paper_about_the_simple_means():
    """Both high 9, index high alone 3, both low 17, GDP per head high alone 2 (the paper, part 3 (2), fifth)."""
    official = {row["name"]: row for row in rows("official_2022.csv")}
    wealth = [float(official[name]["gdp"]) / float(official[name]["population"]) for name in NAMES]
    found = quadrants(wealth, column("total"), NAMES, x_name="人均GDP", y_name="指数")
    assert {quadrant: len(units) for quadrant, units in found.members.items()} == {
        "I": 9,
        "II": 3,
        "III": 17,
        "IV": 2,
    }
    assert found.members["II"] == ("安徽", "四川", "陕西")
    assert found.members["IV"] == ("内蒙古", "重庆")
    assert "第二象限 (人均GDP 低, 指数 高) 3 个: 安徽、四川、陕西" in found.sentence()


def test_origins():
    assert quadrants([1, 3], [2, 8]).origin == (2, 5)
    weighted = quadrants([1, 3], [2, 8], origin="weighted", weights=[3, 1])
    assert weighted.origin == (1.5, 3.5)
    assert "加权均值" in weighted.sentence()
    assert quadrants([1, 3], [2, 8], origin=(0, 9)).of_units == ("IV", "IV")


def test_what_lies_on_an_axis_is_said():
    found = quadrants([0, 1, -1], [1, 0, -1], ["x", "y", "z"])
    assert found.of_units == ("", "", "III")
    assert found.on_axes == ("x", "y")
    assert "在轴上, 不属任何象限: x、y" in found.sentence()
    assert found.table()["note"].to_list() == ["在轴上, 不属任何象限", "在轴上, 不属任何象限", ""]
    assert quadrants([0.1] * 3, [1, 2, 4]).of_units == ("", "", "")  # the mean of 0.1 three times is not 0.1
    assert np.mean([0.1] * 3) != 0.1


def test_scale_and_place_do_not_matter():
    y = column("technology")
    x = column("factors")
    plain = quadrants(x, y).of_units
    assert quadrants(np.multiply(x, 1e6) + 7, np.multiply(y, 1e-6)).of_units == plain


def test_english():
    with speaking("en"):
        found = quadrants(*CORNERS, x_name="GDP", y_name="score")
        assert "quadrant II (GDP low, score high), 1: nw" in found.sentence()
        assert found.to_dict()["figure"]["origin"] == [0, 0]
        assert "quadrant I (both high): none" in quadrants([1, 2], [2, 1]).sentence()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quadrants([1, math.nan], [1, 2], ["a", "b"]), "b: 没有数值"),
        (lambda: quadrants([1, 2], [1]), "名称有 2 个, 数值有 1 个"),
        (lambda: quadrants([1, 2], [1, 2], origin="weighted"), "须一起给出"),
        (lambda: quadrants([1, 2], [1, 2], weights=[1, 1]), "须一起给出"),
        (lambda: quadrants([1, 2], [1, 2], origin=(1, math.nan)), "原点须是两个有限的数"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


def test_an_unknown_origin_is_a_wrong_call():
    with pytest.raises(CallError):
        quadrants([1, 2], [1, 2], origin="median")
