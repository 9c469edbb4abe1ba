"""From a panel to the figures of a methodology: formulas, statuses, years, units, and its refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

import xinzhi
from tests.index.building import panel, system
from xinzhi import speaking
from xinzhi.errors import ComputeError
from xinzhi.index.figures import assemble
from xinzhi.panel import Status

NAN = math.nan
INPUTS = {"p": {"title": {"zh": "人口"}}, "q": {"title": {"zh": "产值"}, "gap": [{"rule": "linear"}]}}


def derived(use="missing", **indicator):
    return system(
        {"a": {"formula": "q / p", "formula_use": use} | indicator}, years=[2020, 2021, 2022], inputs=INPUTS
    )


def test_a_formula_is_computed_where_no_figure_was_filed():
    values = [[[9.0, 2, 4]], [[NAN, 2, NAN]], [[NAN, 4, 8]]]
    figures = assemble(derived(), panel(values, ["a", "p", "q"], (2020, 2021, 2022)))
    assert figures.values[:, 0, 0].tolist() == [9, 3, 2]
    assert [Status(s).name for s in figures.status[:, 0, 0]] == ["REPORTED", "DERIVED", "DERIVED"]
    # q of 2021 is between 4 and 8, so what is derived from it rests on a filled cell.
    assert figures.rests_on_filled[:, 0, 0].tolist() == [False, True, False]
    assert [(f.year, f.inputs) for f in figures.fills] == [(1, (0, 2))]


def test_a_formula_may_always_take_the_place_of_filed_figures():
    values = [[[9.0, 2, 4]], [[7.0, 0, NAN]], [[NAN, 4, 8]]]
    figures = assemble(derived("always"), panel(values, ["a", "p", "q"], (2020, 2021, 2022)))
    assert np.array_equal(figures.values[:, 0, 0], [2, NAN, 2], equal_nan=True)
    assert [Status(s).name for s in figures.status[:, 0, 0]] == ["DERIVED", "MISSING", "DERIVED"]


@pytest.mark.parametrize(("status", "expected"), [(Status.NOT_ASKED, 2), (Status.NOT_APPLICABLE, NAN)])
def test_what_does_not_apply_is_not_computed(status, expected):
    given = panel([[[NAN, 2, 4]]], ["a", "p", "q"])
    given.status[0, 0, 0] = status
    figures = assemble(derived(), given)
    assert np.array_equal(figures.values[:, 0, 0], [expected], equal_nan=True)


def test_a_gap_rule_of_a_formula_fills_what_the_formula_could_not_give():
    values = [[[NAN, 2, 4]], [[NAN, NAN, 6]], [[NAN, 4, 8]]]
    methodology = derived(gap=[{"rule": "carried"}])
    figures = assemble(methodology, panel(values, ["a", "p", "q"], (2020, 2021, 2022)))
    assert figures.values[:, 0, 0].tolist() == [2, 2, 2]
    assert [Status(s).name for s in figures.status[:, 0, 0]] == ["DERIVED", "CARRIED", "DERIVED"]
    assert figures.rests_on_filled[:, 0, 0].tolist() == [False, True, False]


def test_years_outside_the_methodology_serve_the_gap_rules_only():
    methodology = system({"a": {"gap": [{"rule": "year", "year": 2022, "use": 2023}]}, "b": {}})
    given = panel([[[NAN, 1]], [[5.0, 2]]], ["a", "b"], (2022, 2023))
    figures = assemble(methodology, given)
    assert [figures.years, figures.values.tolist()] == [(2022,), [[[5, 1]]]]
    assert figures.rests_on_filled.tolist() == [[[True, False]]]


def test_indicators_come_in_the_order_of_the_tree_and_absent_ones_are_missing():
    methodology = system({"a": {}, "b": {}, "c": {"parent": "d"}}, {"d": {}})
    figures = assemble(methodology, panel([[[1.0, 2, 3]]], ["other", "c", "a"]))
    assert methodology.tree.leaves == ("c", "a", "b")
    assert np.array_equal(figures.values, [[[2, 3, NAN]]], equal_nan=True)
    assert figures.panel.variables == ("a", "b", "c")


def test_units_of_the_official_list_without_a_row_are_named():
    given = panel([[[5.0]]], ["rd_intensity"], codes=["110000"], names=["北京"])
    figures = assemble(xinzhi.load_methodology("province-2022"), given)
    assert [unit.name for unit in figures.absent[:2]] == ["天津", "河北"]
    assert len(figures.absent) == 30
    assert figures.regions == ("east",)


REFUSED = [
    (
        panel([[[1.0]]], ["z"]),
        "data.csv: 数据里没有这个方法的任何指标\n可用 xinzhi template small -o FILE.xlsx 得到空表",
        "data.csv: The data hold none of the indicators of this methodology\n"
        "xinzhi template small -o FILE.xlsx writes a blank sheet",
    ),
    (
        panel([[[1.0]]] * 3, ["a"], (2015, 2016, 2017)),
        "data.csv: 数据的年份是 2015-2017, 方法要的是 2021, 2022, 没有交集\n"
        "请补充数据, 或用 years 参数 (命令行 --year) 指定年份",
        "data.csv: The data are of 2015-2017, the methodology asks for 2021, 2022: no year in common\n"
        "Add data, or name the years with the years argument (--year on the command line)",
    ),
]


@pytest.mark.parametrize(("given", "chinese", "english"), REFUSED, ids=["variables", "years"])
def test_a_panel_that_shares_nothing_is_refused(given, chinese, english):
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(ComputeError) as error:
            assemble(system(["a"], years=[2021, 2022]), given)
        assert str(error.value) == message
