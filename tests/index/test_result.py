"""The result: finding, shares, what is undefined, tables and how it shows itself."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

import xinzhi
from tests.index.building import computed, panel, system
from xinzhi import speaking
from xinzhi.errors import CallError
from xinzhi.index.tables import TABLES, heading, sparkline, table_title

NAN = math.nan
VALUES = [[[1.0, 2], [3.0, NAN], [2.0, 0]]]
NAMES = ["鼓楼区", "鼓楼区", "台江区"]


def small(**changes):
    return computed(system(["a", "b"], **changes), VALUES, codes=["1", "2", "3"], names=NAMES)


def test_units_are_found_by_code_or_name():
    result = small()
    assert [result.find_unit("2"), result.find_unit("台江区")] == [1, 2]


def test_provinces_are_found_by_their_full_and_english_names():
    result = xinzhi.compute("province-open")
    assert [result.find_unit(name) for name in ("北京市", "内蒙古自治区", "Beijing", "110000")] == [
        0,
        4,
        0,
        0,
    ]


def test_nodes_are_found_by_id_or_title():
    result = small()
    assert [result.find_node(name) for name in (None, "a", "指标b", "总指数")] == ["total", "a", "b", "total"]
    with speaking("en"):
        assert result.find_node("Indicator b") == "b"


def test_the_year_by_default_is_the_last_with_a_total():
    years = (2022, 2023, 2024)
    values = [[[1.0, 2], [3.0, 4]], [[2.0, 3], [1.0, 4]], [[NAN, NAN], [NAN, NAN]]]
    result = computed(system(["a", "b"], years=list(years)), values)
    assert [result.find_year(None), result.find_year(2024)] == [1, 2]
    assert str(result).splitlines()[0] == "小例 · 2023"
    blank = computed(system(["a", "b"]), [[[NAN, NAN], [NAN, NAN]]])
    assert blank.find_year(None) == 0


def test_names_follow_the_language_where_the_list_of_units_has_them():
    result = xinzhi.compute("province-open")
    assert result.names[0] == "北京"
    with speaking("en"):
        assert result.names[0] == "Beijing"
        assert result.trace("北京", "rd_intensity").unit == "Beijing"
        assert result.table("scores")["name"][0] == "Beijing"
        assert small().names == tuple(NAMES)


SAME_TITLE = {"a": {"title": {"zh": "产值"}}, "b": {"title": {"zh": "产值"}}}
WRONG = [
    (
        lambda r: r.find_unit("鼓楼区"),
        "有 2 个单位叫 鼓楼区\n请用代码: 1, 2",
        "2 units are called 鼓楼区\nUse the code: 1, 2",
    ),
    (
        lambda r: r.find_unit("台江"),
        "结果里没有单位 台江\n是否指: 台江区",
        "The result has no unit 台江\nDid you mean: 台江区",
    ),
    (lambda r: r.find_unit("xyz"), "结果里没有单位 xyz", "The result has no unit xyz"),
    (
        lambda r: r.find_node("产值"),
        "有 2 个指标或维度叫 产值\n请用标识: a, b",
        "2 indicators or dimensions are called 产值\nUse the id: a, b",
    ),
    (
        lambda r: r.find_node("totl"),
        "没有指标或维度 totl\n是否指: total",
        "There is no indicator or dimension totl\nDid you mean: total, Total",
    ),
    (
        lambda r: r.find_year(1999),
        "没有 1999 年的结果\n可用: 2022",
        "There is no result for 1999\nKnown: 2022",
    ),
    (
        lambda r: r.table("x"),
        "没有叫 x 的表\n可用: scores, contributions, groups, weights, descriptive, figures, filled, missing",
        "There is no table x\nKnown: scores, contributions, groups, weights, descriptive, figures, filled, missing",
    ),
]


@pytest.mark.parametrize(("call", "chinese", "english"), WRONG)
def test_what_does_not_exist_is_refused_with_what_does(call, chinese, english):
    result = computed(system(SAME_TITLE), VALUES, codes=["1", "2", "3"], names=NAMES)
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(CallError) as error:
            call(result)
        assert str(error.value) == message


def test_scores_and_ranks_by_name():
    result = small()
    assert [result.score("台江区"), result.score("2"), result.rank("2"), result.rank("1", "a")] == [
        25,
        100,
        1,
        3,
    ]


def test_missing_weight_is_reported_by_unit():
    result = small()
    assert [result.missing_share.tolist(), result.filled_share.tolist()] == [[[0, 0.5, 0]], [[0, 0, 0]]]
    assert result.missing_weight == 0


def test_filled_weight_is_reported_by_unit():
    methodology = system({"a": {"gap": [{"rule": "carried"}]}, "b": {}}, years=[2021, 2022])
    result = computed(methodology, [[[1.0, 2], [3.0, 4]], [[NAN, 2], [3.0, 4]]])
    assert result.filled_share.tolist() == [[0, 0], [0.5, 0]]


# --- undefined ---------------------------------------------------------------------------------------------


def undefined(methodology, values):
    result = computed(methodology, values)
    return [(result.years[t], result.codes[n], node) for t, n, node in result.undefined]


def test_a_negative_base_is_undefined_and_a_missing_figure_is_not():
    methodology = system({"a": {}}, years=[2021, 2022], normalisation={"method": "base", "year": 2021})
    values = [[[-1.0], [2.0], [4.0]], [[3.0], [NAN], [8.0]]]
    assert undefined(methodology, values) == [(2021, "u0", "a"), (2022, "u0", "a")]


def test_a_mean_that_its_children_do_not_define_is_undefined_beside_a_missing_child_too():
    methodology = system(["a", "b"], normalisation={"method": "none"}, aggregation={"method": "geometric"})
    values = [[[-1.0, 2], [-1.0, NAN], [NAN, NAN], [1.0, 2]]]
    assert undefined(methodology, values) == [(2022, "u0", "total"), (2022, "u1", "total")]


@pytest.mark.parametrize("missing", [{"at_least": 0.9}, {"policy": "propagate"}], ids=str)
def test_a_score_that_the_policy_withholds_is_not_undefined(missing):
    assert undefined(system(["a", "b"], missing=missing), VALUES) == []


# --- tables ------------------------------------------------------------------------------------------------


def test_the_scores_table_has_a_row_per_unit_and_year():
    frame = small().to_polars()
    expected = pl.DataFrame(
        {
            "code": ["1", "2", "3"],
            "name": NAMES,
            "region": [""] * 3,
            "year": [2022] * 3,
            "total": [50.0, 100.0, 25.0],
            "total_rank": [2.0, 1.0, 3.0],
            "a": [0.0, 100.0, 50.0],
            "a_rank": [3.0, 1.0, 2.0],
            "b": [100.0, None, 0.0],
            "b_rank": [1.0, None, 2.0],
            "missing_share": [0.0, 0.5, 0.0],
            "filled_share": [0.0] * 3,
        }
    ).rename({"total": "total_score", "total_rank": "total_score_rank"})
    assert frame.equals(expected)


def test_ids_that_look_like_other_columns_do_not_overwrite_them():
    methodology = system({"name": {}, "year": {}, "x": {}, "x_rank": {}})
    result = computed(methodology, [[[1.0, 2, 3, 4], [2.0, 1, 5, 0]]], names=["甲", "乙"])
    frame = result.to_polars()
    assert frame["name"].to_list() == ["甲", "乙"]
    assert frame["name_score"].to_list() == [0, 100]
    assert frame["x_rank"].to_list() == [2, 1]
    assert frame["x_rank_score"].to_list() == [100, 0]
    assert [heading(result, c) for c in ("name", "name_score", "x_rank", "x_rank_score_rank")] == [
        "名称", "指标name", "排名 指标x", "排名 指标x_rank",
    ]  # fmt: skip


def test_contributions_weights_and_missing_cells_as_tables():
    result = small()
    assert result.table("contributions").select("a", "b", "total").rows() == [
        (0, 50, 50),
        (100, 0, 100),
        (25, 0, 25),
    ]
    assert result.table("weights").select("node", "parent", "share_of_total", "share_in_parent").rows() == [
        ("total", "", 1, 1), ("a", "total", 0.5, 0.5), ("b", "total", 0.5, 0.5),
    ]  # fmt: skip
    assert result.table("missing").rows() == [("2", "鼓楼区", 2022, "b", "指标b", "缺失")]
    assert result.table("filled").schema["year"] == pl.Int64


def test_descriptive_statistics_are_those_of_table_2():
    # n, mean, population standard deviation, minimum, maximum.
    rows = (
        small().table("descriptive").select("indicator", "count", "mean", "sd", "minimum", "maximum").rows()
    )
    assert rows == [("a", 3, 2, math.sqrt(2 / 3), 1, 3), ("b", 2, 1, 1, 0, 2)]


def test_regional_means_leave_out_units_without_a_score():
    methodology = system(["a"], level="province", regions="nbs-4")
    codes, names = ["110000", "120000", "140000"], ["北京", "天津", "山西"]
    result = xinzhi.compute(methodology, panel([[[1.0], [NAN], [3.0]]], ["a"], codes=codes, names=names))
    rows = result.table("groups").select("region", "node", "count", "mean").rows()
    assert rows == [("东部", "total", 1, 0), ("中部", "total", 1, 100)]


def test_pandas_gets_the_same_rows():
    frame = small().to_pandas()
    assert [frame.shape, frame["total_score"].tolist()] == [(3, 12), [50, 100, 25]]


def test_sheet_names_and_headings_are_short_and_different_in_both_languages():
    for language in ("zh", "en"):
        with speaking(language):
            titles = [table_title(name) for name in TABLES]
            assert [t for t in titles if len(t) > 31 or set(t) & set("[]:*?/\\'")] == []
            assert len({t.casefold() for t in titles}) == len(TABLES)


# --- how it shows itself -----------------------------------------------------------------------------------


def test_the_ranking_as_text():
    result = computed(system(["a"]), [[[1.0], [3.0], [NAN]]], names=["甲", "乙丙", "丁"])
    assert str(result) == (
        "小例 · 2022\n"
        "排名  名称  总指数\n"
        "   1  乙丙   100.0\n"
        "   2  甲       0.0\n"
        "   –  丁         –\n"
        "※ 仍缺 1 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出"
    )
    assert result._repr_html_() == (
        "<table><caption>小例 · 2022</caption><thead><tr><th>排名</th><th>名称</th><th>总指数</th></tr></thead><tbody>"
        "<tr><td>1</td><td>乙丙</td><td>100.0</td></tr><tr><td>2</td><td>甲</td><td>0.0</td></tr>"
        "<tr><td>–</td><td>丁</td><td>–</td></tr></tbody></table>"
        "<ul><li>仍缺 1 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出</li></ul>"
    )


def test_a_scale_of_one_shows_three_decimals():
    result = computed(system(["a"], scale=1.0), [[[1.0], [3.0], [1.5]]])
    assert str(result).splitlines()[2:] == ["   1  u1     1.000", "   2  u2     0.250", "   3  u0     0.000"]


@pytest.mark.parametrize(
    ("values", "drawn"), [([0, 50, 100], "▁▅█"), ([7, NAN, 7], "▁ ▁"), ([NAN], ""), ([], "")]
)
def test_a_trend_is_drawn_between_its_own_ends(values, drawn):
    assert sparkline(np.array(values, dtype=float)) == drawn
