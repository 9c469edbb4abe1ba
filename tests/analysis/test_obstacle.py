"""Obstacle degrees: the formula, sums, ties, and units without shortfall."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xinzhi import speaking
from xinzhi.analysis.obstacle import obstacles
from xinzhi.errors import CallError, ComputeError

INDICATORS, DIMENSIONS = ["a", "b", "c"], ["one", "one", "two"]


@given(hnp.arrays(float, (4, 3), elements=st.sampled_from([0.0, 0.2, 0.5, 1.0])), st.floats(0.1, 50))
def test_degrees_are_the_formula_and_add_up(shortfalls, scale):
    weights = [0.5, 0.3, 0.2]
    found = obstacles(shortfalls, weights, indicators=INDICATORS, dimensions=DIMENSIONS)
    for i, row in enumerate(shortfalls.tolist()):
        total = sum(w * s for w, s in zip(weights, row, strict=True))
        if total == 0:
            assert np.isnan(found.degrees[i]).all()
            continue
        expected = [w * s / total for w, s in zip(weights, row, strict=True)]
        assert found.degrees[i] == pytest.approx(expected)
        assert found.of_dimensions[i] == pytest.approx([expected[0] + expected[1], expected[2]])
    scaled = obstacles(shortfalls, [w * scale for w in weights])
    assert np.allclose(scaled.degrees, found.degrees, equal_nan=True)


def test_the_largest_are_listed_ties_share_a_rank_and_nothing_is_no_obstacle():
    found = obstacles([[0.5, 0.5, 0.2], [1, 0, 0]], [1, 1, 1], ["x", "y"], INDICATORS, DIMENSIONS, top=1)
    rows = [(r["name"], r["rank"], r["indicator"], r["dimension"]) for r in found.table().to_dicts()]
    assert rows == [("x", 1, "a", "one"), ("x", 1, "b", "one"), ("y", 1, "a", "one")]
    assert found.of("y") == {"a": 1, "b": 0, "c": 0}
    assert found.sentence() == (
        "平均障碍度最大的指标: a (70.8%); 最常为首要障碍: a (2/2 个单位); 平均障碍度最大的维度: one (91.7%)。"
    )
    with speaking("en"):
        assert "most often the first obstacle: a (2/2 units)" in found.sentence()


def test_a_unit_at_the_top_has_no_obstacles_and_a_reason():
    found = obstacles([[0, 0], [0.5, 0]], [1, 1], ["x", "y"])
    assert found.unhindered == ("x",)
    assert found.of("x") == {}
    assert "没有短板的单位: x" in found.sentence()
    row = found.table().row(0, named=True)
    assert (row["degree"], row["note"]) == (None, "没有短板, 障碍度没有定义")
    assert obstacles([[0, 0]], [1, 1]).sentence() == "各单位都没有短板, 障碍度没有定义。"
    assert found.to_dict()["figure"]["degrees"] == [[None, None], [1, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: obstacles([[0.1, -0.1]], [1, 1], ["x"], ["a", "b"]), "x, b: 短板 1 - z 不在 0 与 1 之间"),
        (lambda: obstacles([[0.1, math.nan]], [1, 1], ["x"], ["a", "b"]), "x, b: 没有数值"),
        (lambda: obstacles([[0.1, 0.1]], [1, -1], ["x"], ["a", "b"]), "b: 权重不能为负"),
        (lambda: obstacles([[0.1, 0.1]], [0, 0]), "权重全为零"),
        (lambda: obstacles([[0.1, 0.1]], [1, 1, 1]), "名称有 2 个, 数值有 3 个"),
        (
            lambda: obstacles([[0.1, 0.1]], [1, 1], indicators=["a", "b"], dimensions=["d", None]),
            "b: 没有所属的组",
        ),
        (lambda: obstacles([[0.1, 5]], [1, 1], ["x"], ["a", "b"]), "x, b: 短板 1 - z 不在 0 与 1 之间"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("top", [0, 1.5, "3", True])
def test_how_many_is_a_whole_number(top):
    with pytest.raises(CallError, match="top 应为不小于 1 的整数"):
        obstacles([[0.1, 0.1]], [1, 1], top=top)


def test_rounding_beyond_the_ends_is_allowed():
    found = obstacles([[1 + 1e-12, -1e-12]], [1, 1], ["x"], ["a", "b"])
    assert found.of("x") == {"a": 1, "b": 0}


def test_one_wide_row_a_unit():
    shown = obstacles([[0.6, 0.2, 0.2], [0, 0, 0]], [1, 1, 1], ["x", "y"], ["a", "b", "c"]).shown()
    assert shown.rows() == [
        ("x", "a (60.0%)", "b (20.0%)、c (20.0%)", "", ""),
        ("y", "", "", "", "没有短板, 障碍度没有定义"),
    ]
    with speaking("en"):
        assert obstacles([[0.6, 0.2]], [1, 1], top=1).shown().columns == ["name", "obstacle 1", "note"]
