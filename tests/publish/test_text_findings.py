"""Findings: on the paper's Table 3 they state what the paper states, and get right what the paper got wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import xinzhi
from tests.publish.papers import table_3
from xinzhi.analysis.catalogue import Settings, analyse
from xinzhi.language import speaking
from xinzhi.publish.blocks import Number, plain
from xinzhi.publish.text.findings import Writer
from xinzhi.publish.text.keys import Key, NumberError, read_key
from xinzhi.publish.text.measures import is_shown, value_of, written
from xinzhi.publish.text.standing import standing_of


def told(sentences):
    return [plain(sentence) for sentence in sentences]


@pytest.fixture(scope="module")
def paper():
    return Writer(table_3())


@pytest.fixture(scope="module")
def open_index():
    result = xinzhi.compute("province-open")
    return standing_of(
        result, analyse(result, ["robustness"], Settings(replications=500)).outcomes["robustness"]
    )


# --- Ye & Xu (2024), section 3.2, first to fifth -----------------------------------------------------------


def test_first_the_regions(paper):
    """Printed: 39.9, 19.7, 13.3, 8.5; of the first ten 8, 1 and 1; the first seven all in the east."""
    assert told(paper.gradient("total", 2022)) == [
        "2022年各区域新质生产力总指数的简单平均由高到低依次为东部、中部、西部和东北，分别为39.9、19.7、13.3和8.5。"
    ]
    assert told(paper.first_places("total", 2022)) == [
        "2022年新质生产力总指数前10名中，东部、中部和西部分别有8、1和1个，且前7名均在东部。"
    ]


def test_the_leaders_stand_in_the_order_of_the_table_not_of_the_text(paper):
    """The text gives 江苏 54.5 and 上海 53.3; Table 3 has them the other way round (audit, line 1)."""
    assert told(paper.leaders("total", 2022)) == [
        "2022年新质生产力总指数得分居首的是北京（69.8），其后依次为广东、上海、江苏和浙江，"
        "分别为59.7、54.5、53.3和43.9。"
    ]


def test_a_tie_in_the_printed_decimals_is_said(paper):
    """吉林 and 黑龙江 are both printed as 6.0."""
    order = paper.standing.order("total", 2022)
    assert told(paper._ties(order[-5:], "total", 2022)) == ["吉林和黑龙江按所示小数得分相同，同为6.0。"]


def test_second_technology(paper):
    """Printed: mean 11.5; nine above it."""
    assert plain(paper.above_mean("technology", 2022)) == (
        "2022年31个单位技术革命性突破指数的简单平均为11.5，在平均之上的有9个："
        "北京、广东、江苏、上海、浙江、湖北、山东、陕西和安徽。"
    )


def test_third_factors(paper):
    """Printed: mean 31.8; 17 between 0 and 30; two above 60, 上海 and 北京."""
    assert plain(paper.above_mean("factors", 2022)).startswith(
        "2022年31个单位生产要素创新性配置指数的简单平均为31.8，"
    )
    assert [plain(paper.band("factors", 2022, band)) for band in ("0..30", "60..")] == [
        "生产要素创新性配置指数在0至30之间（不含30）的有17个单位。",
        "生产要素创新性配置指数达到60的有2个单位：上海和北京。",
    ]


def test_fourth_industry(paper):
    """Printed: mean 26.8; 15 between 0 and 20; two above 60, 江苏 (82.2) first."""
    assert "简单平均为26.8，" in plain(paper.above_mean("industry", 2022))
    assert [plain(paper.band("industry", 2022, band)) for band in ("0..20", "60..")] == [
        "产业深度转型升级指数在0至20之间（不含20）的有15个单位。",
        "产业深度转型升级指数达到60的有2个单位：江苏和广东。",
    ]


def test_fifth_the_quadrants_have_their_right_names(paper):
    """Members as printed (9, 3, 17, 2); the paper calls II what is IV and IV what is II (audit, line 2)."""
    first, second, third, fourth = told(paper.quadrants("total", 2022, "income"))
    assert first.startswith("人均GDP与新质生产力总指数都在平均之上（第一象限）的有9个：北京、广东、上海")
    assert second == "新质生产力总指数在平均之上而人均GDP不在（第二象限）的有3个：陕西、安徽和四川。"
    assert "（第三象限）的有17个：" in third
    assert fourth == "人均GDP在平均之上而新质生产力总指数不在（第四象限）的有2个：重庆和内蒙古。"


def test_in_english():
    with speaking("en"):
        writer = Writer(replace(table_3(), region_names={"east": "East", "central": "Central"}))
        assert told(writer.gradient("total", 2022)) == [
            "In 2022 the simple means of the total index by region are, from high to low, "
            "East and Central with 39.9 and 19.7."
        ]


# --- words follow figures ----------------------------------------------------------------------------------


def moved(series, *, relative=False):
    """A standing of one unit with these totals in 2012, 2013, ..."""
    years = tuple(range(2012, 2012 + len(series)))
    table = np.array(series, dtype=float)[:, None]
    one = replace(
        table_3(), years=years, codes=("100000",), names=("全国",), regions=("",), region_names={},
        scores={"total": table}, ranks={"total": np.ones_like(table)}, titles={"total": table_3().titles["total"]},
        relative=relative,
    )  # fmt: skip
    return told(Writer(one).level(0, "total"))


@pytest.mark.parametrize(
    ("series", "sentence"),
    [
        ([100, 248.7], "2013年，全国新质生产力总指数为248.7，较2012年的100.0上升148.7，年均上升148.7。"),
        ([100, 90, 80], "2014年，全国新质生产力总指数为80.0，较2012年的100.0下降20.0，年均下降10.0。"),
        ([100, 100.04], "2013年，全国新质生产力总指数为100.0，与2012年持平。"),
        ([5, 5.05, 5.1], "2014年，全国新质生产力总指数为5.1，较2012年的5.0上升0.1。"),
        ([7], "2012年，全国新质生产力总指数为7.0。"),
    ],
)
def test_a_direction_word_follows_the_sign_of_the_figure_as_shown(series, sentence):
    assert moved(series) == [sentence]


def test_yearly_changes_that_grow_are_said_to_grow():
    assert moved([100, 101, 103, 106])[1:] == ["2012至2015年间，新质生产力总指数每年的变动一年大于一年。"]
    assert moved([100, 101, 103, 104])[1:] == []


def test_relative_scores_tell_no_growth():
    assert moved([10, 20], relative=True) == ["2013年，全国新质生产力总指数为20.0。"]


def test_a_unit_without_figures_has_no_level():
    assert moved([np.nan, np.nan]) == []


def test_a_difference_inside_the_interval_is_not_called_a_lead(open_index):
    """Whether two units are told apart is the analysis's own answer: ahead in 95 of 100 replicates or not."""
    apart = {
        year: open_index.told_apart(*open_index.order(open_index.root, year)[:2], year)
        for year in open_index.years
    }
    assert set(apart.values()) == {True, False}
    for year, sure in apart.items():
        (sentence,) = told(Writer(open_index).leaders(open_index.root, year))
        assert ("按名次的区间领先" in sentence, "未能区分于" in sentence) == (sure, not sure)


def test_a_shared_first_place_is_said():
    standing = table_3()
    tied = standing.scores["total"].copy()
    tied[0, standing.names.index("广东")] = 69.84
    sentences = told(
        Writer(replace(standing, scores={**standing.scores, "total": tied})).leaders("total", 2022)
    )
    assert sentences[0] == "2022年新质生产力总指数得分居首的有北京和广东，并列，同为69.8。"


def test_strengths_and_weaknesses_against_peers():
    """天津 against the mean of the ten eastern provinces, from the printed columns."""
    standing = table_3()
    keep = ("total", "technology", "factors", "industry")
    writer = Writer(replace(standing, titles={node: standing.titles[node] for node in keep}))
    east = standing.members("east")
    gaps = {node: standing.row(node, 2022)[1] - standing.row(node, 2022)[east].mean() for node in keep[1:]}
    assert {node: round(gap, 1) for node, gap in gaps.items()} == {
        "technology": -21.2, "factors": -7.7, "industry": -16.9,
    }  # fmt: skip
    assert told(writer.strengths(1, 2022)) == [
        "没有一项在东部的平均之上。",
        "与东部的平均相比，短板是技术革命性突破指数、产业深度转型升级指数和生产要素创新性配置指数，"
        "得分相差−21.2、−16.9和−7.7。",
    ]


def test_every_number_is_what_its_key_stands_for(open_index):
    writer, year = Writer(open_index), open_index.year
    sentences = [
        *writer.leaders(open_index.root, year),
        *writer.tiers(year),
        *writer.climbers(open_index.root, 2012, year),
        *writer.portrait(3, year),
    ]
    numbers = [span for sentence in sentences for span in sentence if isinstance(span, Number)]
    assert len(numbers) > 30
    assert [n for n in numbers if not is_shown(open_index, read_key(str(n.key)), n.text)] == []


# --- keys and forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1234.56, "1", "1,234.6"),
        (-0.04, "1", "0.0"),
        (-3.25, "m1", "3.2"),  # binary 3.25 is exact, and rounds half to even
        (3.0, "+1", "+3.0"),
        (-3.0, "+1", "−3.0"),
        (2022.0, "year", "2022"),
        (float("nan"), "1", "–"),
        (-0.04, "direction.1", "持平"),
        (-0.06, "direction.1", "下降"),
        (1.0, "places", "位"),
    ],
)
def test_how_a_figure_is_written(value, form, text):
    assert written(value, form) == text


def test_a_key_is_read_as_it_is_written():
    key = Key("1a2b3c4d", "change", "m1", "110000", "technology", 2022, "2012")
    assert str(key) == "xinzhi:1a2b3c4d/change/110000/technology/2022/2012/m1"
    assert read_key(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", "xinzhi:", "http:1a2b3c4d/score/1/n/2022//1", "xinzhi:a/b/c/d/x/f/g", "xinzhi:" + "a/" * 300]
)
def test_what_is_no_key(text):
    with pytest.raises(NumberError, match="读不出数字的键"):
        read_key(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"result": "00000000"}, "属于另一个结果"),
        ({"result": ""}, "属于另一个结果"),
        ({"measure": "beauty"}, "没有叫 beauty 的量"),
        ({"unit": "999999"}, "结果里没有这个数"),
        ({"node": "~99"}, "结果里没有这个数"),
        ({"year": 1949}, "结果里没有这个数"),
    ],
)
def test_a_key_of_what_is_not_there(change, message):
    standing = table_3()
    good = Key(standing.fingerprint[:8], "score", "1", "110000", "total", 2022)
    assert value_of(standing, good) == 69.8
    with pytest.raises(NumberError, match=message):
        value_of(standing, replace(good, **change))
