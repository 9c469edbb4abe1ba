"""Gap rules against the formulas of the paper (年均增速) and of methods.md 4, one cell at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi import speaking
from xinzhi.methodology.methods import CarriedGap, GroupGap, GrowthGap, LinearGap, OtherYearGap
from xinzhi.panel import Panel, Status
from xinzhi.panel.gaps import fill_gaps

NAN = math.nan
GROWTH = GrowthGap(rule="growth")


def panel(*series, years=None):
    """One variable `x`; a series per unit."""
    values = np.array(series, dtype=float).T[..., None]
    status = np.where(np.isfinite(values), Status.REPORTED, Status.MISSING).astype(np.uint8)
    return Panel(
        tuple(years or range(2012, 2012 + len(values))),
        tuple(f"u{n}" for n in range(len(series))),
        tuple(f"单位{n}" for n in range(len(series))),
        ("x",),
        values,
        status,
        np.zeros(values.shape, dtype=np.int32),
        ("年报",),
        np.ones(values.shape, dtype=np.int32),
    )


def filled(given, *rules, groups=()):
    """Return the series, the names of the statuses and the descriptions."""
    result, fills = fill_gaps(given, {"x": rules}, groups)
    series = result.values[..., 0].T.tolist()
    statuses = [[Status(s).name for s in row] for row in result.status[..., 0].T]
    return series, statuses, [(f.unit, given.years[f.year], f.describe(result)) for f in fills]


def same(found, expected):
    return np.allclose(found, expected, rtol=1e-12, equal_nan=True)


def test_growth_goes_on_beyond_the_observations_and_between_them():
    series, statuses, lines = filled(
        panel([NAN, 4, NAN, 16, NAN], years=[2012, 2014, 2015, 2016, 2019]), GROWTH
    )
    # 4 -> 16 in two years: twofold every year.
    assert same(series, [[1, 4, 8, 16, 128]])
    assert statuses == [["EXTRAPOLATED", "REPORTED", "INTERPOLATED", "REPORTED", "EXTRAPOLATED"]]
    assert lines == [(0, year, "年均增速法, 依据 2014: 4; 2016: 16") for year in (2012, 2015, 2019)]


def test_growth_between_uses_the_neighbours_and_beyond_the_first_and_last():
    series, _statuses, lines = filled(panel([1, NAN, 9, 8, NAN]), GROWTH)
    assert same(series, [[1, 3, 9, 8, 8 * 8 ** (1 / 3)]])
    assert [line for *_cell, line in lines] == [
        "年均增速法, 依据 2012: 1; 2014: 9",
        "年均增速法, 依据 2012: 1; 2015: 8",
    ]


def test_growth_need_not_go_beyond():
    series, *_rest = filled(panel([NAN, 4, NAN, 16, NAN]), GrowthGap(rule="growth", beyond=False))
    assert same(series, [[NAN, 4, 8, 16, NAN]])


@pytest.mark.parametrize("series", [[0, NAN, 4], [4, NAN, 0], [-1, NAN, 4], [NAN, 4, NAN], [NAN, NAN, NAN]])
def test_growth_says_nothing_without_two_positive_figures(series):
    result, statuses, lines = filled(panel(series), GROWTH)
    assert same(result, [series])
    assert statuses == [["MISSING" if math.isnan(x) else "REPORTED" for x in series]]
    assert lines == []


def test_growth_too_steep_for_a_float_leaves_the_cell_missing():
    assert same(filled(panel([1e-300, NAN, 1e300]), GROWTH)[0], [[1e-300, NAN, 1e300]])


@given(
    st.lists(st.sampled_from([NAN, 1.0, 2.0, 5.0, 0.0]), min_size=3, max_size=7),
    st.booleans(),
)
def test_growth_is_its_formula(series, beyond):
    known = [t for t, x in enumerate(series) if not math.isnan(x)]
    expected = []
    for t, x in enumerate(series):
        before, after = [k for k in known if k < t], [k for k in known if k > t]
        if t in known:
            expected.append(x)
            continue
        if before and after:
            a, b = before[-1], after[0]
        elif beyond and len(known) > 1:
            a, b = known[0], known[-1]
        else:
            expected.append(NAN)
            continue
        ya, yb = series[a], series[b]
        expected.append(ya * (yb / ya) ** ((t - a) / (b - a)) if ya > 0 and yb > 0 else NAN)
    assert same(filled(panel(series), GrowthGap(rule="growth", beyond=beyond))[0], [expected])


def test_linear_stays_between_the_observations():
    series, statuses, lines = filled(
        panel([NAN, -2, NAN, 4, NAN], years=[2010, 2012, 2013, 2015, 2016]), LinearGap(rule="linear")
    )
    assert same(series, [[NAN, -2, 0, 4, NAN]])
    assert statuses == [["MISSING", "REPORTED", "INTERPOLATED", "REPORTED", "MISSING"]]
    assert lines == [(0, 2013, "线性内插, 依据 2012: -2; 2015: 4")]


@pytest.mark.parametrize(
    ("source", "expected", "line"),
    [("previous", [NAN, 3, 3, 5, 5], "沿用 2013: 3"), ("next", [3, 3, 5, 5, NAN], "沿用 2013: 3")],
)
def test_carried_takes_the_nearest(source, expected, line):
    series, statuses, lines = filled(panel([NAN, 3, NAN, 5, NAN]), CarriedGap(rule="carried", source=source))
    assert same(series, [expected])
    assert {s for row in statuses for s in row} == {"MISSING", "REPORTED", "CARRIED"}
    assert lines[0][2] == line


def test_another_year_fills_that_year_only():
    rule = OtherYearGap(rule="year", year=2012, use=2014)
    series, statuses, lines = filled(panel([NAN, NAN, 7], [NAN, 1, NAN], [5, NAN, 7]), rule)
    assert same(series, [[7, NAN, 7], [NAN, 1, NAN], [5, NAN, 7]])
    assert statuses[0] == ["SUBSTITUTED", "MISSING", "REPORTED"]
    assert lines == [(0, 2012, "以 2014 年代替, 2014: 7")]


def test_another_year_that_the_data_lack_fills_nothing():
    assert filled(panel([NAN, 7]), OtherYearGap(rule="year", year=2012, use=2030))[2] == []


UNITS = ([1, 4], [3, NAN], [NAN, 8], [NAN, 10], [NAN, NAN])
GROUPS = ("east", "east", "west", "west", "")


def test_the_mean_of_the_region_fills_its_units_and_leaves_those_in_no_region():
    series, statuses, lines = filled(panel(*UNITS), GroupGap(rule="group"), groups=GROUPS)
    assert same(series, [[1, 4], [3, 4], [NAN, 8], [NAN, 10], [NAN, NAN]])
    assert statuses[1] == ["REPORTED", "GROUP"]
    assert lines == [(1, 2013, "取 east 1 个单位的均值: 单位0 4")]


def test_the_region_is_called_by_its_name():
    result, fills = fill_gaps(panel(*UNITS), {"x": [GroupGap(rule="group", statistic="median")]}, GROUPS)
    assert [fill.describe(result, "东部") for fill in fills] == ["取 东部 1 个单位的中位数: 单位0 4"]
    assert fills[0].describe(result, "东部", "ABCDE") == "取 东部 1 个单位的中位数: A 4"
    with speaking("en"):
        assert fills[0].describe(result, "East") == "median of 1 units of East: 单位0 4"


def test_the_units_that_were_summarised_are_recorded_and_six_of_them_listed():
    result, fills = fill_gaps(panel(*([n] for n in range(1, 10)), [NAN]), {"x": [GroupGap(rule="group")]})
    assert [fill.units for fill in fills] == [tuple(range(9))]
    assert fills[0].cells == tuple((0, n) for n in range(9))
    assert fills[0].describe(result) == (
        "取有数的 9 个单位的均值: 单位0 1, 单位1 2, 单位2 3, 单位3 4, 单位4 5, 单位5 6, … 等 9 个"
    )
    with speaking("en"):
        assert fills[0].describe(result, names=[f"u{n}" for n in range(10)]) == (
            "mean of the 9 units that have a figure: u0 1, u1 2, u2 3, u3 4, u4 5, u5 6, … 9 in all"
        )


def test_the_status_of_a_cell_filled_from_the_group_fits_mean_and_median():
    assert Status.GROUP.label == "以组内数值代替"
    with speaking("en"):
        assert Status.GROUP.label == "from the group"


@pytest.mark.parametrize(
    ("by", "groups"), [("all", GROUPS), ("all", ()), ("region", ()), ("region", ("",) * 5)]
)
@pytest.mark.parametrize(("statistic", "of_2012", "of_2013"), [("mean", 2, 22 / 3), ("median", 2, 8)])
def test_all_units_fill_one_where_regions_are_not_asked_for_or_not_known(
    by, groups, statistic, of_2012, of_2013
):
    rule = GroupGap(rule="group", by=by, statistic=statistic)
    series, _statuses, lines = filled(panel(*UNITS), rule, groups=groups)
    a, b = of_2012, of_2013
    assert same(series, [[1, 4], [3, b], [a, 8], [a, 10], [a, b]])
    name = "均值" if statistic == "mean" else "中位数"
    assert lines[0] == (2, 2012, f"取有数的 2 个单位的{name}: 单位0 1, 单位1 3")


def test_rules_are_tried_in_their_order_on_observed_figures_only():
    rules = [LinearGap(rule="linear"), CarriedGap(rule="carried")]
    series, statuses, _lines = filled(panel([0, NAN, 8, NAN, NAN]), *rules)
    assert same(series, [[0, 4, 8, 8, 8]])
    assert statuses == [["REPORTED", "INTERPOLATED", "REPORTED", "CARRIED", "CARRIED"]]


@pytest.mark.parametrize("status", [Status.NOT_APPLICABLE, Status.NOT_ASKED])
def test_what_does_not_apply_or_was_not_asked_is_left_alone(status):
    given = panel([2, NAN, 8])
    given.status[1] = status
    series, statuses, lines = filled(given, GROWTH)
    assert same(series, [[2, NAN, 8]])
    assert statuses == [["REPORTED", status.name, "REPORTED"]]
    assert lines == []


def test_the_given_panel_is_not_changed_and_other_variables_have_no_rule():
    given = panel([2, NAN, 8])
    fill_gaps(given, {"x": [GROWTH]})
    assert same(given.values[:, 0, 0], [2, NAN, 8])
    assert fill_gaps(given, {"y": [GROWTH]})[1] == ()


ENGLISH = [
    (GROWTH, "average annual growth, from 2012: 2; 2014: 8"),
    (LinearGap(rule="linear"), "linear interpolation, from 2012: 2; 2014: 8"),
    (CarriedGap(rule="carried"), "carried from 2012: 2"),
    (OtherYearGap(rule="year", year=2013, use=2014), "2014 in its place, 2014: 8"),
    (GroupGap(rule="group"), "mean of the 1 units that have a figure: 单位1 5"),
    (GroupGap(rule="group", statistic="median"), "median of the 1 units that have a figure: 单位1 5"),
]


@pytest.mark.parametrize(("rule", "expected"), ENGLISH, ids=lambda value: getattr(value, "rule", ""))
def test_fills_are_described_in_english_too(rule, expected):
    with speaking("en"):
        lines = filled(panel([2, NAN, 8], [3, 5, 5]), rule)[2]
    assert lines == [(0, 2013, expected)]
