"""The built-in methodologies on figures whose answers are known: the paper's formulas, by hand."""

from __future__ import annotations

import csv
import math
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import xinzhi
from tests.index.building import minmax, panel
from xinzhi import reproduction
from xinzhi.errors import ComputeError
from xinzhi.panel import Panel, Status

NAN = math.nan
OFFICIAL = Path(reproduction.__file__).parent / "cases" / "ye-xu-2024" / "official_2022.csv"


# --- the paper, provinces ----------------------------------------------------------------------------------


def official() -> Panel:
    """The four of the paper's indicators whose official figures are public."""
    with OFFICIAL.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    columns = {
        "pct_applications": [float(r["pct_applications"]) for r in rows],
        "rd_intensity": [float(r["rd_intensity"]) for r in rows],
        "rd_personnel": [float(r["rd_fte"]) / 1e4 for r in rows],
        "labour_productivity": [float(r["gdp"]) / float(r["employment"]) for r in rows],
    }
    values = np.array(list(columns.values())).T[None]
    return panel(values, list(columns), codes=[r["code"] for r in rows], names=[r["name"] for r in rows])


def test_four_of_the_papers_fifteen_indicators_are_not_its_index():
    result = xinzhi.compute("province-2022", official())
    assert math.isclose(result.missing_weight, 0.7)  # weights 10 + 5 + 5 + 10 of 100 are there
    assert result.title == "中国新质生产力指数 (省级, 2022) (部分指标: 权重的 70.0% 没有数据, 不是该指数本身)"
    assert not result.is_whole
    with xinzhi.speaking("en"):
        assert result.title == (
            "China's New Quality Productive Forces Index (provinces, 2022) "
            "(some indicators only: 70.0% of the weight has no data; not the index itself)"
        )


def test_entropy_weights_do_not_make_a_part_the_whole():
    # The indicators without data get the weight 0; the title still says that they are missing.
    result = xinzhi.compute("province-2022", official(), weights="entropy")
    assert result.missing_weight == 0
    assert (
        result.title == "中国新质生产力指数 (省级, 2022) (有改动) (部分指标: 11 项没有数据, 不是该指数本身)"
    )
    assert [result.lacks_indicators, result.is_whole] == [True, False]
    with xinzhi.speaking("en"):
        assert result.title.endswith(" (some indicators only: 11 have no data; not the index itself)")


def test_a_changed_methodology_says_what_was_changed_and_nothing_untrue():
    weights = dict.fromkeys(xinzhi.load_methodology("province-open").indicators, 1.0)
    cases = {
        "without": (
            {"without": ["rd_basic", "rd_intensity"]},
            "与原方法不同: 去掉 2 个指标: 基础研究经费, R&D经费投入强度",
        ),
        "user": ({"weights": weights}, "与原方法不同: 权重由使用者给定"),
        "equal": ({"weights": "equal"}, "与原方法不同: 赋权方法改为 equal"),
    }
    plain = xinzhi.compute("province-open")
    counted = "两个指标与论文相同, 九个是替代指标, 四个没有替代"
    assert counted in plain.notes
    for name, (change, note) in cases.items():
        result = xinzhi.compute("province-open", **change)
        assert result.title == f"{plain.title} (有改动)"
        assert [n for n in result.notes if n.startswith("与原方法不同")] == [note]
        assert (counted in result.notes) == (name != "without")


def test_statements_about_the_figures_are_not_said_of_other_figures():
    frame = {"code": ["110000", "120000"], "year": [2022, 2022], "rd_intensity": [6.83, 3.49]}
    own = xinzhi.compute("province-open", pl.DataFrame(frame))
    assert [note for note in own.notes if "2017" in note and "31 格" in note] == []


def test_only_fills_of_computed_years_are_counted():
    # High-tech industry has no 2017 alone: 31 provinces, two columns.
    assert len(xinzhi.compute("province-open").table("filled")) == 62
    of_2022 = xinzhi.compute("province-open", years=[2022])
    assert [len(of_2022.table("filled")), [n for n in of_2022.notes if "补齐 " in n]] == [0, []]


def test_the_papers_formula_on_public_figures():
    given = official()
    result = xinzhi.compute("province-2022", given)
    pct, intensity, personnel, productivity = (minmax(given.values[0, :, j].tolist()) for j in range(4))
    technology = pct
    factors = [
        (5 * a + 5 * b + 10 * c) / 20 for a, b, c in zip(intensity, personnel, productivity, strict=True)
    ]
    total = [(40 * a + 40 * b) / 80 for a, b in zip(technology, factors, strict=True)]
    assert np.allclose(result.scores["technology"][0], technology)
    assert np.allclose(result.scores["factors"][0], factors)
    assert np.isnan(result.scores["industry"]).all()
    assert np.allclose(result.scores["nqpf"][0], total)
    assert result.rank("北京市") == 1 + sum(score > result.score("110000") for score in total)


# --- the paper, nation -------------------------------------------------------------------------------------

ROOTED = ("clusters_and_centres", "smart_and_5g_factories", "green_factories_and_parks")


def national(zero_start: str, root: str) -> xinzhi.index.Result:
    """Twelve series that double from 2012 to 2022; three that start at 0, reach 4 in 2017 and 64 in 2022."""
    methodology = xinzhi.load_methodology("national-2012-2022")
    years = methodology.years
    values = np.full((len(years), 1, 15), NAN)
    for j, leaf in enumerate(methodology.indicators):
        values[:, 0, j] = (
            [0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 64] if leaf in ROOTED else np.linspace(10, 20, len(years))
        )
    data = panel(values, list(methodology.indicators), years, codes=["100000"], names=["全国"])
    return xinzhi.compute(methodology, data, readings={"zero_start": zero_start, "root": root})


# 2022 against the base, by hand. Literal: 0 becomes 1, then the root: 64 ** (1/k) / 1 ** (1/k).
# Normalised: the base is 2017: (64 / 4) ** (1/k).
MULTIPLES = {
    ("value", "square"): 8.0,
    ("value", "none"): 64.0,
    ("value", "fifth"): 64 ** (1 / 5),
    ("normalised", "square"): 4.0,
    ("normalised", "none"): 16.0,
    ("normalised", "fifth"): 16 ** (1 / 5),
}


@pytest.mark.parametrize(
    ("zero_start", "root"), list(product(["value", "normalised"], ["square", "none", "fifth"]))
)
def test_every_reading_of_the_national_index_by_hand(zero_start, root):
    result = national(zero_start, root)
    multiple = MULTIPLES[zero_start, root]
    assert math.isclose(result.score("全国", year=2012), 100)
    for leaf in ROOTED:
        assert math.isclose(result.score("全国", leaf, 2022), 100 * multiple)
    # The three weigh 7.5 of 20 in industry, which weighs 20 of 100; everything else doubles.
    assert math.isclose(result.score("全国", "industry", 2022), 100 * (12.5 * 2 + 7.5 * multiple) / 20)
    assert math.isclose(result.score("全国", year=2022), 100 * (92.5 * 2 + 7.5 * multiple) / 100)
    assert result.methodology.chosen_readings == {"zero_start": zero_start, "root": root}


def test_the_literal_text_is_the_default():
    assert xinzhi.load_methodology("national-2012-2022").chosen_readings == {
        "zero_start": "value",
        "root": "square",
    }


def test_without_the_base_year_there_is_no_national_index():
    methodology = xinzhi.load_methodology("national-2012-2022")
    data = panel(np.ones((1, 1, 15)), list(methodology.indicators), [2022], codes=["100000"], names=["全国"])
    for language, message in (
        ("zh", "data.csv: 缺少基期 2012 年的数据, 在Nature和Science发表论文数 无法标准化\n请补充基期数据"),
        (
            "en",
            "data.csv: The base year 2012 is not in the data, so Papers in Nature and Science cannot be "
            "normalised\nAdd the data of the base year",
        ),
    ):
        with xinzhi.speaking(language), pytest.raises(ComputeError) as error:
            xinzhi.compute(methodology, data)
        assert str(error.value) == message


# --- counties ----------------------------------------------------------------------------------------------

COUNTIES = {"110101": "东城区", "330111": "富阳区", "330122": "桐庐县", "330182": "建德市"}


def county(**options):
    """Two counties and two districts; cable figures for one as filed, for the other as its three inputs."""
    methodology = xinzhi.load_methodology("county-2025")
    variables = [name for name, _variable in methodology.variables()]
    values = np.random.default_rng(3).uniform(1, 90, size=(2, 4, len(variables)))
    where = {name: j for j, name in enumerate(variables)}
    values[..., where["cable_density"]] = NAN
    values[:, 2, where["cable_density"]] = 3.25
    for name, figure in (("cable_length", 500.0), ("population", 40.0), ("area", 1800.0)):
        values[:, 3, where[name]] = figure
    values[1, 3, where["cases"]] = NAN
    values[..., [where["carbon_dioxide"], where["carbon_intensity"]]] = NAN
    return xinzhi.compute(
        methodology,
        panel(values, variables, (2023, 2024), codes=list(COUNTIES), names=list(COUNTIES.values())),
        **options,
    )


def test_the_fourteen_rows_weigh_the_same():
    result = county()
    assert len(result.methodology.tree.leaves) == 14
    assert result.weights.of_leaves().tolist() == [[1 / 14] * 14]


def test_without_opinion_and_cases_eleven_rows_weigh_the_same():
    result = county(without=["opinion", "cases"])
    assert result.weights.of_leaves().tolist() == [[1 / 11] * 11]
    assert not {"domestic_reports", "foreign_reports", "cases"} & set(result.methodology.tree.leaves)


def test_districts_are_left_out_and_counted():
    result = county()
    assert result.names == ("桐庐县", "建德市")
    assert result.figures.excluded == ("东城区", "富阳区")
    assert [note for note in result.notes if "不参加排名" in note] == ["不参加排名的单位 2 个 (市辖区)"]


def test_the_cable_figure_is_the_filed_one_or_the_literal_formula():
    result = county()
    j = result.methodology.tree.leaves.index("cable_density")
    assert result.figures.values[0, :, j].tolist() == [3.25, 500 / 40 * 1800]
    assert [Status(s).name for s in result.figures.status[0, :, j]] == ["REPORTED", "DERIVED"]


def test_the_other_reading_of_the_cable_formula_uses_the_inputs_only():
    result = county(readings={"cable": "by_name"})
    j = result.methodology.tree.leaves.index("cable_density")
    assert result.figures.values[0, 1, j] == 500 / (40 * 1800)
    # 桐庐县 has filed inputs as well, so its filed 3.25 is not used.
    where = {name: i for i, name in enumerate(result.panel.variables)}
    length, people, area = (
        result.panel.values[0, 2, where[n]] for n in ("cable_length", "population", "area")
    )
    assert math.isclose(result.figures.values[0, 0, j], length / (people * area))


def test_missing_cells_are_listed_and_are_no_error():
    result = county()
    leaves = result.methodology.tree.leaves
    listed = [(result.years[t], result.names[n], leaves[j], s.name) for t, n, j, s in result.missing_cells]
    assert listed == [
        (2023, "桐庐县", "carbon_intensity", "MISSING"),
        (2023, "建德市", "carbon_intensity", "MISSING"),
        (2024, "桐庐县", "carbon_intensity", "MISSING"),
        (2024, "建德市", "carbon_intensity", "MISSING"),
        (2024, "建德市", "cases", "MISSING"),
    ]
    assert np.allclose(result.missing_share, [[1 / 14, 1 / 14], [1 / 14, 2 / 14]])


def test_only_districts_make_no_county_index():
    methodology = xinzhi.load_methodology("county-2025")
    data = panel(
        np.ones((1, 1, 14)), list(methodology.indicators), [2024], codes=["110101"], names=["东城区"]
    )
    with pytest.raises(ComputeError) as error:
        xinzhi.compute(methodology, data)
    assert str(error.value) == "data.csv: 数据里只有不参加排名的单位 (市辖区)"
    with xinzhi.speaking("en"), pytest.raises(ComputeError) as error:
        xinzhi.compute(methodology, data)
    assert str(error.value) == "data.csv: The data hold only units that take no part in the ranking (市辖区)"


# --- the open index ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened():
    return xinzhi.compute("province-open")


def test_the_open_index_is_whole_and_says_what_was_filled(opened):
    assert opened.title == "省级新质生产力开放指数 (2012-2022)"
    assert opened.is_whole
    # 11 years x 31 provinces x 11 columns; two columns lack 2017.
    assert [len(opened.figures.fills), opened.panel.values.size] == [62, 3751]
    assert f"{62 / 3751:.1%}" == "1.7%"
    assert {(f.year, f.rule.rule) for f in opened.figures.fills} == {(opened.years.index(2017), "growth")}


def test_the_trace_of_beijing_2022_reaches_raw_figures_with_source_and_place(opened):
    trace = opened.trace("北京", year=2022)
    cells = [cell for node in trace.walk() for cell in node.cells]
    assert len(cells) == 11 + 6  # eleven indicators; three formulas of two inputs each
    for cell in cells:
        if cell.status == "derived":
            assert [cell.rule.startswith("按公式 "), cell.source] == [True, ""]
        else:
            assert [cell.status, bool(cell.source), "province-open.csv 第 12 行" in cell.place] == [
                "official",
                True,
                True,
            ]
    leaves = [node for node in trace.walk() if not node.children]
    assert math.isclose(sum(node.contribution for node in leaves), trace.score)
    assert math.isclose(trace.score, opened.score("110000", year=2022))
