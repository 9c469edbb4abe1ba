"""Coupling coordination: the formulas as printed, known values, classes and defined answers."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xinzhi import speaking
from xinzhi.analysis.coupling import classes, coupling
from xinzhi.errors import CallError, ComputeError

LEVELS = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
systems = hnp.arrays(float, st.tuples(st.integers(1, 5), st.integers(2, 4)), elements=LEVELS)


def by_loops(row, form):
    n = len(row)
    if form == "standard":
        return n * math.prod(row) ** (1 / n) / sum(row)
    gaps = sum(math.sqrt((a - b) ** 2) for a, b in combinations(row, 2)) / sum(range(1, n))
    return math.sqrt((1 - gaps) * math.prod(u / max(row) for u in row) ** (1 / (n - 1)))


@pytest.mark.parametrize("form", ["standard", "2021"])
@given(table=systems)
def test_coupling_is_its_formula(form, table):
    found = coupling(table, form)
    for i, row in enumerate(table.tolist()):
        if not any(row):
            assert math.isnan(found.coupling[i])
            assert found.coordination[i] == 0
            continue
        c, t = by_loops(row, form), sum(row) / len(row)
        assert found.coupling[i] == pytest.approx(c, abs=1e-7)
        assert found.development[i] == pytest.approx(t)
        assert found.coordination[i] ** 2 == pytest.approx(c * t, abs=1e-7)
    known = found.coupling[np.isfinite(found.coupling)]
    assert ((known >= 0) & (known <= 1)).all()


def test_two_systems_in_closed_form():
    u = [[0.2, 0.8]]
    assert coupling(u).coupling[0] == pytest.approx(2 * math.sqrt(0.16) / 1.0)
    assert coupling(u, "2021").coupling[0] == pytest.approx(math.sqrt((1 - 0.6) * 0.2 / 0.8))
    assert coupling(u, "old").coupling[0] == pytest.approx(0.4)
    assert coupling(u, weights=[3, 1]).development[0] == pytest.approx(0.35)


def test_equal_systems_are_fully_coupled_and_coordinated_as_far_as_developed():
    for form in ("standard", "2021"):
        found = coupling([[0.49] * 3], form)
        assert (found.coupling[0], found.coordination[0]) == pytest.approx((1, 0.7))


def test_classes_and_their_borders():
    degrees = [0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
    found = coupling([[d, d] for d in np.square(degrees) ** 0.5])  # D = sqrt(u)
    assert len(classes()) == 10
    exact = coupling([[d**2, d**2] for d in degrees])
    assert [classes().index(c) for c in exact.classes] == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    assert found.classes[-1] == "优质协调"
    with speaking("en"):
        assert coupling([[0.01, 0.01]]).classes == ("severe imbalance",)
        assert "severe imbalance 1" in coupling([[0.01, 0.01]]).sentence()


def test_nothing_to_couple_is_said():
    found = coupling([[0, 0], [0.5, 0.5]], names=["x", "y"])
    assert "各系统都为零, 耦合度没有定义: x" in found.sentence()
    assert found.table().row(0, named=True) == {
        "name": "x", "coupling": None, "development": 0, "coordination": 0, "class": "极度失调",
        "note": "各系统都为零, 耦合度没有定义",
    }  # fmt: skip
    assert found.to_dict()["figure"]["coupling"] == [None, pytest.approx(1)]


def test_ties_are_said():
    assert (
        "最高: x、y (0.7071), 最低: x、y (0.7071)" in coupling([[0.5, 0.5]] * 2, names=["x", "y"]).sentence()
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: coupling([[50, 80]], names=["x"], system_names=["a", "b"]), "x, a、x, b: 耦合协调度要求"),
        (lambda: coupling([[0.1, -0.1]]), "耦合协调度要求"),
        (lambda: coupling([[0.1, math.nan]], names=["x"], system_names=["a", "b"]), "x, b: 没有数值"),
        (lambda: coupling([[0.1]]), "不适用于 1 个系统"),
        (lambda: coupling([[0.1, 0.2, 0.3]], "old"), "不适用于 3 个系统"),
        (lambda: coupling([[0.1, 0.2]], weights=[1, 0], system_names=["a", "b"]), "b: 权重须为正数"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ComputeError) as caught:
        call()
    assert message in str(caught.value)
    assert caught.value.remedy


def test_an_unknown_form_is_a_wrong_call():
    with pytest.raises(CallError):
        coupling([[0.1, 0.2]], "2022")


def test_what_the_development_is_a_mean_of_is_said():
    even, uneven = (coupling([[0.2, 0.4]], weights=w, system_names=["a", "b"]) for w in (None, [3, 1]))
    assert even.remarks() == ("发展度 T 是各系统得分的简单平均 (等权), 不用总指数的权重",)
    assert uneven.remarks() == ("发展度 T 是各系统得分的加权平均: a 75.0%、b 25.0%",)
    assert uneven.development[0] == pytest.approx(0.25)
