"""The built-in methodologies against the two documents they come from, and against each other."""

from __future__ import annotations

import csv
import re
import tomllib

import pytest

from xinzhi.methodology import check_readings, given_weight, load_methodology, methodologies, methodology_toml
from xinzhi.methodology.loading import LIBRARY

# Paper (003_378c40ba7f19b08d.txt), table 1, as printed: 一级指标, 序号, 二级指标, 指标权重, 单位, 指标属性.
TABLE_1 = """
技术革命性突破	1	在Nature和Science发表论文数	10.0	篇	正向
	2	战略性新兴产业发明专利授权量	10.0	件	正向
	3	PCT国际专利申请量	10.0	件	正向
	4	国家科学技术奖数量	10.0	项	正向
生产要素创新性配置	5	R&D经费投入强度	5.0	%	正向
	6	R&D人员全时当量	5.0	万人年	正向
	7	亩均工业增加值	10.0	万元/亩	正向
	8	全员劳动生产率	10.0	万元/人	正向
	9	数据要素市场化配置效率	10.0	分	正向
产业深度转型升级	10	工业战略性新兴产业产值占工业总产值比重	5.0	%	正向
	11	数字经济核心产业营业收入	5.0	亿元	正向
	12	独角兽企业数量	2.5	个	正向
	13	国家先进制造业集群和国家制造业创新中心数量	2.5	个	正向
	14	国家级智能制造示范工厂和5G工厂数量	2.5	个	正向
	15	国家级绿色工厂和绿色园区数量	2.5	个	正向
"""
DIRECTIONS = {"positive": "正向", "negative": "负向"}
# Paper, 权重设定: 本文分别赋予三个一级指标40、40、20的权重.
DIMENSIONS = {"技术革命性突破": 40, "生产要素创新性配置": 40, "产业深度转型升级": 20}
DECADE = tuple(range(2012, 2023))

# Letter (000_7fa373fde6c286b3.txt), annex 1: the first column and the unit in its brackets.
ANNEX_1 = [
    ("地区生产总值", "亿元"),
    ("常住人口", "万人"),
    ("金融机构本外币各项贷款余额", "亿元"),
    ("非税收入占一般公共预算收入的比重", ""),
    ("技术合同成交额", "万元"),
    ("发明专利授权数量", "件"),
    ("省级专精特新企业数量", "个"),
    ("国家级专精特新企业数量", "个"),
    ("每万人单位面积长途光缆线路长度", ""),
    ("规模以上高新技术产业产值占规模以上工业产值比重", ""),
    ("单位地区生产总值二氧化碳排放量", ""),
    ("舆论情况（国内）", "条"),
    ("舆论情况（国外）", "条"),
    ("案例", "个"),
]
# Units that the letter does not print.
OUR_UNITS = {
    "非税收入占一般公共预算收入的比重": "%",
    "规模以上高新技术产业产值占规模以上工业产值比重": "%",
    "单位地区生产总值二氧化碳排放量": "吨/万元",
}


def printed_table(methodology):
    """Return the methodology as the paper prints table 1."""
    rows, tree = [], methodology.tree
    for dimension in tree.children[tree.root]:
        first = str(methodology.dimensions[dimension].title)
        for id in tree.children[dimension]:
            i = methodology.indicators[id]
            cells = (first, len(rows) + 1, i.title, i.weight, i.unit, DIRECTIONS[i.direction])
            rows.append("\t".join(map(str, cells)))
            first = ""
    return "\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("id", ["province-2022", "national-2012-2022"])
def test_table_1(id):
    paper = load_methodology(id)
    assert printed_table(paper) == TABLE_1
    assert {str(d.title): d.weight for d in paper.dimensions.values()} == DIMENSIONS
    assert paper.root.weight == 100
    assert (paper.weighting.method, paper.aggregation.method, paper.scale) == ("given", "arithmetic", 100)
    assert paper.source.doi == "10.13885/j.issn.1000-2804.2024.03.003"


def test_province_2022():
    paper = load_methodology("province-2022")
    assert (paper.level, paper.years, paper.regions, paper.readings) == ("province", (2022,), "nbs-4", {})
    # Paper, 标准化处理: (y - min y) / (max y - min y), all provinces of 2022.
    assert paper.normalisation.model_dump() == {
        "method": "minmax", "scope": "year", "lowest": 0.0, "log": False,
    }  # fmt: skip
    assert all(i.normalisation is None and not i.treatment for i in paper.indicators.values())
    # Paper, 数据说明: awards of 2023 for 2022; growth for what is not complete.
    assert {id: [rule.rule for rule in i.gap] for id, i in paper.indicators.items() if i.gap} == {
        "national_awards": ["year"], "land_productivity": ["growth"], "data_openness": ["growth"],
        "emerging_industry_share": ["growth"], "digital_core_revenue": ["growth"], "unicorns": ["growth"],
    }  # fmt: skip
    (rule,) = paper.indicators["national_awards"].gap
    assert (rule.year, rule.use) == (2022, 2023)


# Paper, 标准化处理: 国家先进制造业集群和国家制造业创新中心、国家级智能制造示范工厂和5G工厂、
# 国家级绿色工厂和绿色园区.
ZERO_START = ("clusters_and_centres", "smart_and_5g_factories", "green_factories_and_parks")
ZERO = {"method": "replace-zero", "value": 1.0}
NONE = {"method": "none"}


def root(order):
    return {"method": "root", "order": order}


@pytest.mark.parametrize(
    ("chosen", "treatment", "normalisation"),
    [
        ({}, {"zero": ZERO, "root": root(2.0)}, None),  # the literal text is the default
        ({"zero_start": "value", "root": "square"}, {"zero": ZERO, "root": root(2.0)}, None),
        ({"root": "none"}, {"zero": ZERO, "root": NONE}, None),
        ({"root": "fifth"}, {"zero": ZERO, "root": root(5.0)}, None),
        ({"zero_start": "normalised"}, {"zero": NONE, "root": root(2.0)}, "first-positive"),
        ({"zero_start": "normalised", "root": "none"}, {"zero": NONE, "root": NONE}, "first-positive"),
        ({"zero_start": "normalised", "root": "fifth"}, {"zero": NONE, "root": root(5.0)}, "first-positive"),
    ],
)
def test_national_readings(chosen, treatment, normalisation):
    paper = load_methodology("national-2012-2022", readings=chosen)
    for id, indicator in paper.indicators.items():
        touched = id in ZERO_START
        steps = {name: step.model_dump() for name, step in indicator.treatment.items()}
        assert list(steps.items()) == (list(treatment.items()) if touched else [])
        year = indicator.normalisation and indicator.normalisation.year
        assert year == (normalisation if touched else None)


def test_national_2012_2022():
    paper = load_methodology("national-2012-2022")
    assert (paper.level, paper.years) == ("nation", DECADE)
    assert paper.normalisation.model_dump() == {"method": "base", "year": 2012}
    assert {id: list(reading.options) for id, reading in paper.readings.items()} == {
        "zero_start": ["value", "normalised"], "root": ["square", "none", "fifth"],
    }  # fmt: skip
    # The passages are the paper's own words.
    assert [reading.passage.zh for reading in paper.readings.values()] == [
        "对以前年度数据为0的标准化处理时用1代替",
        "同时采取开方的方法消减相关指标数据呈指数增长的影响",
    ]
    # Paper, 数据说明: which national series have gaps, all filled by 年均增速.
    assert {id for id, i in paper.indicators.items() if [rule.rule for rule in i.gap] == ["growth"]} == {
        "national_awards", "data_openness", "emerging_industry_share", "digital_core_revenue", "unicorns",
    }  # fmt: skip


# --- the letter ------------------------------------------------------------------------------------------


def test_annex_1():
    letter = load_methodology("county-2025")
    rows = [(str(i.title).replace(" (", "（").replace(")", "）"), i.unit) for i in letter.indicators.values()]
    assert [title for title, _unit in rows] == [title for title, _unit in ANNEX_1]
    assert [unit for _title, unit in rows] == [
        unit or OUR_UNITS.get(title, "") for title, unit in ANNEX_1
    ]  # fmt: skip
    assert [i.tags for i in letter.indicators.values()] == (
        [("statistics",)] * 11 + [("opinion",)] * 2 + [("cases",)]
    )
    assert letter.tree.nodes == ("county_nqpf", *letter.indicators)  # a flat tree
    assert (letter.level, letter.years) == ("county", (2023, 2024))
    assert letter.source.number == "中生综函〔2025〕20号"


def test_what_the_letter_leaves_open_is_said():
    letter = load_methodology("county-2025")
    assert letter.weighting.method == "equal"
    assert all(i.weight is None for i in letter.indicators.values())
    assert {id for id, i in letter.indicators.items() if i.direction == "negative"} == {
        "non_tax_share", "carbon_intensity",
    }  # fmt: skip
    assert all("方向" in i.note.zh for i in letter.indicators.values() if i.direction == "negative")
    assert [statement.zh for statement in letter.statements] == [
        "征集函没有公布权重、维度和方向: 权重和各指标方向是我们的假定, 不是主办方的规定",
        "默认等权重",
        "国家级专精特新企业同时是省级专精特新企业, 两行都计入, 因而重复计算",
        "计量单位 公里、万人、平方公里 和 吨/万元 在函中没有写明, 是本方法的假定",
    ]
    assert letter.ranking.without_kinds == ("市辖区",)


def test_cable_formula():
    literal = load_methodology("county-2025").indicators["cable_density"]
    assert (literal.formula, literal.formula_use) == ("cable_length / population * area", "missing")
    by_name = load_methodology("county-2025", readings={"cable": "by_name"}).indicators["cable_density"]
    assert (by_name.formula, by_name.formula_use) == ("cable_length / (population * area)", "always")
    # paper-audit.md: by the name a typical county comes to about 0.002; by the letter it does not.
    county = {"cable_length": 120.0, "population": 40.0, "area": 1500.0}
    assert by_name.parsed_formula.evaluate(county) == 0.002
    assert literal.parsed_formula.evaluate(county) == 4500.0
    assert load_methodology("county-2025").readings["cable"].passage.zh == (
        "计算公式为：长途光缆线路长度/常住人口*区域面积"
    )
    assert load_methodology("county-2025").indicators["carbon_intensity"].formula == "carbon_dioxide / gdp"


def test_without_opinion_and_cases():
    assert list(load_methodology("county-2025", without=["opinion", "cases"]).indicators) == [
        id for id, i in load_methodology("county-2025").indicators.items() if i.tags == ("statistics",)
    ]


# --- the open ones ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["province-open", "national-open"])
def test_stand_ins(id):
    paper, own = load_methodology("province-2022"), load_methodology(id)
    of_title = {i.title: name for name, i in paper.indicators.items()}
    stands_for = {name: of_title[i.stands_for or i.title] for name, i in own.indicators.items()}
    assert len(set(stands_for.values())) == len(stands_for)
    assert {name: target for name, target in stands_for.items() if not own.indicators[name].stands_for} == {
        "rd_intensity": "rd_intensity", "rd_fte": "rd_personnel",
    }  # fmt: skip
    assert set(paper.indicators) - set(stands_for.values()) == {
        "land_productivity", "clusters_and_centres", "smart_and_5g_factories", "green_factories_and_parks",
    }  # fmt: skip
    for name, target in stands_for.items():
        assert paper.indicators[target].direction == own.indicators[name].direction
        assert paper.tree.parent[target] == own.tree.parent[name]
    for dimension, node in own.dimensions.items():
        assert node.title.zh == paper.dimensions[dimension].title.zh
        assert node.weight / own.root.weight == paper.dimensions[dimension].weight / paper.root.weight
        children = own.tree.children[dimension]
        total = sum(paper.indicators[stands_for[child]].weight for child in children)
        for child in children:
            expected = node.weight * paper.indicators[stands_for[child]].weight / total
            assert own.indicators[child].weight == expected
    assert own.years == DECADE


def test_the_open_ones_are_one_tree():
    provinces, nation = load_methodology("province-open"), load_methodology("national-open")
    assert provinces.tree.nodes == nation.tree.nodes
    assert provinces.inputs == nation.inputs
    assert provinces.indicators == nation.indicators
    assert provinces.dimensions == nation.dimensions
    assert provinces.normalisation.model_dump() == {
        "method": "minmax", "scope": "year", "lowest": 0.0, "log": False,
    }  # fmt: skip
    assert nation.normalisation.model_dump() == {"method": "base", "year": 2012}


@pytest.mark.parametrize("id", ["province-open", "national-open"])
def test_their_sources(id):
    own = load_methodology(id)
    with (LIBRARY / f"{id}.sources.csv").open(encoding="utf-8", newline="") as file:
        sources = list(csv.DictReader(file))
    filed = {name: v.unit for name, v in own.variables() if not getattr(v, "formula", "")}
    assert {row["column"]: row["unit"] for row in sources} == filed
    with (LIBRARY / own.figures).open(encoding="utf-8", newline="") as file:
        headings = next(csv.reader(file))
    assert headings == ["code", "name", "year", *(row["column"] for row in sources)]


# --- all of them -----------------------------------------------------------------------------------------


def test_which_there_are():
    assert methodologies() == (
        "county-2025", "national-2012-2022", "national-open", "province-2022", "province-open",
    )  # fmt: skip


def texts(table, path=""):
    """Yield every text in two languages of a TOML document."""
    if isinstance(table, dict):
        if "zh" in table or "en" in table:
            yield path, table
        else:
            for key, value in table.items():
                yield from texts(value, f"{path}.{key}")
    elif isinstance(table, list):
        for position, value in enumerate(table):
            yield from texts(value, f"{path}.{position}")


@pytest.mark.parametrize("id", methodologies())
def test_each(id):
    methodology = load_methodology(id)
    check_readings(methodology)
    assert methodology.id == id
    document = tomllib.loads(methodology_toml(methodology))
    found = dict(texts(document))
    assert {path for path, text in found.items() if set(text) - {"about"} != {"zh", "en"}} == set()
    assert not [path for path, text in found.items() if re.search("[\u4e00-\u9fff]", text["en"])]
    assert methodology.statements
    assert methodology.source.doi or methodology.source.number or "本项目" in methodology.source.citation.zh
    titles = [v.title.zh for _name, v in methodology.variables()]
    assert len(set(titles)) == len(titles)
    assert all(v.limits != (None, None) for _name, v in methodology.variables())
    if methodology.weighting.method == "given":
        assert all(given_weight(methodology, node) > 0 for node in methodology.tree.nodes)
