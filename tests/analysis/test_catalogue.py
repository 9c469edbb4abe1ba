"""The analyses fed from a result and from a table, and the report they make."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import xinzhi
from tests.index.building import system
from xinzhi import speaking
from xinzhi.analysis import headings
from xinzhi.analysis.catalogue import (
    ANALYSES,
    USUAL_FACTORS,
    Axis,
    Report,
    Settings,
    analyse,
    analyse_table,
    analysis_titles,
    called,
    factor_titles,
    usual_factors,
)
from xinzhi.analysis.column import analyse_file
from xinzhi.analysis.inequality import dagum
from xinzhi.analysis.report import report_html, report_json, report_markdown, save_report
from xinzhi.errors import CallError, PanelError
from xinzhi.index import Result
from xinzhi.output import CONTENTS


@pytest.fixture(scope="module")
def result() -> Result:
    return xinzhi.compute("province-open")


@pytest.fixture(scope="module")
def report(result: Result) -> Report:
    return analyse(
        result, settings=Settings(replications=500, against="gdp_per_resident", origin_weights="population")
    )


def test_every_analysis_applies_to_the_open_index(report: Report) -> None:
    assert [list(report.outcomes), dict(report.skipped)] == [list(ANALYSES), {}]


def test_a_result_is_fed_as_its_arrays(result: Result, report: Report) -> None:
    totals = result.scores["nqpf"][-1]
    regions = [result.region_name(n) for n in range(31)]
    assert report.outcomes["dagum"].table().equals(dagum(totals, regions, result.names).table())


def test_the_usual_factors_are_those_the_methodology_has() -> None:
    found = {
        name: [factor.factor for factor in usual_factors(xinzhi.load_methodology(name))]
        for name in ("province-open", "national-open")
    }
    assert found == {
        "province-open": ["weight-band", "normalisation", "aggregation", "leave-one-out"],
        "national-open": ["weight-band", "aggregation", "leave-one-out"],
    }


def test_what_does_not_apply_is_skipped_with_its_reason(result: Result) -> None:
    nation = analyse(xinzhi.compute("national-open"), ["robustness", "dagum", "beta", "moran", "quadrants"])
    assert dict(nation.outcomes) == {}
    assert dict(nation.skipped) == {
        "robustness": "只有一个单位有得分",
        "dagum": "只有一个单位有得分",
        "beta": nation.skipped["beta"],
        "moran": "只有省级有邻接表; 其他层级请用表格和权重矩阵",
        "quadrants": "没有指定横轴 (--against)",
    }
    one_year = analyse(xinzhi.compute("province-open", years=2022), ["sigma"])
    assert one_year.skipped == {"sigma": "只有一年, 或没有一个单位年年有得分"}


def test_an_unknown_analysis_is_refused(result: Result) -> None:
    with pytest.raises(CallError) as error:
        analyse(result, ["gini"])
    assert str(error.value) == f"没有叫 gini 的分析\n可用: {', '.join(ANALYSES)}"


def test_progress_names_each_analysis(result: Result) -> None:
    told: list[str] = []
    analyse(result, ["theil", "dagum"], progress=told.append)
    assert told == ["dagum", "theil"]


def test_the_report_is_complete_in_both_languages(result: Result, report: Report) -> None:
    for language, heading in (("zh", "稳健性"), ("en", "Robustness")):
        with speaking(language):  # type: ignore[arg-type]
            markdown, page = report_markdown(report), report_html(report)
        for outcome in report.outcomes.values():
            with speaking(language):  # type: ignore[arg-type]
                assert f"## {outcome.title}\n\n{outcome.sentence()}\n" in markdown
        assert heading in page
        assert page.count("<section") == len(ANALYSES)
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page
    assert list(json.loads(report_json(report))["analyses"]) == list(ANALYSES)


def test_a_saved_report_has_a_table_for_each_analysis(report: Report, tmp_path: Path) -> None:
    folder = save_report(report, tmp_path / "out")
    files = {"report.md", "report.html", "report.json", CONTENTS}
    assert {p.name for p in folder.iterdir()} == files | {f"{name}.csv" for name in ANALYSES}
    table = report.outcomes["robustness"].table()
    assert pl.read_csv(folder / "robustness.csv").height == table.height


def test_a_column_of_a_table(tmp_path: Path) -> None:
    file = tmp_path / "cities.csv"
    file.write_text("市,值,片\n甲,1,a\n乙,2,a\n丙,5,b\n丁,6,b\n", encoding="utf-8")
    found = analyse_file(file, "值", group="片")
    assert dict(found.skipped) == {
        "moran": "cities.csv: 没有空间权重矩阵; 请用 --weights-matrix 给出",
        "quadrants": "没有指定横轴 (--against)",
        "quadrants-weighted": "没有指定加权原点的权重 (--origin-weights)",
    }
    expected = dagum(np.array([1.0, 2, 5, 6]), ["a", "a", "b", "b"], ["甲", "乙", "丙", "丁"])
    assert found.outcomes["dagum"].table().equals(expected.table())
    with pytest.raises(CallError) as call:
        analyse_file(file, "数")
    assert str(call.value) == "cities.csv: 表里没有 数 这一列\n现有各列: 市, 值, 片"
    file.write_text("市,值\n甲,1\n乙,二\n丙,\n", encoding="utf-8")
    with pytest.raises(PanelError) as findings:
        analyse_file(file, "值")
    assert str(findings.value).splitlines()[:2] == [
        "cities.csv 第 3 行 值 列 (乙): “二”不是数",
        "cities.csv 第 4 行 值 列 (丙): 没有数",
    ]


def test_quadrants_of_a_table(tmp_path: Path) -> None:
    file = tmp_path / "cities.csv"
    file.write_text("市,值,富,人\n甲,1,9,1\n乙,2,8,1\n丙,6,1,2\n", encoding="utf-8")
    found = analyse_file(file, "值", what=["quadrants"], against="富").outcomes["quadrants"].figure()
    assert found["origin"] == pytest.approx([6, 3])
    assert [found["quadrants"], found["x_name"]] == [["IV", "IV", "II"], "富"]
    weighted = analyse_file(file, "值", what=["quadrants-weighted"], against="富", origin_weights="人")
    assert weighted.outcomes["quadrants-weighted"].figure()["origin"] == [19 / 4, 15 / 4]
    with pytest.raises(CallError, match="表里没有 贫 这一列"):
        analyse_file(file, "值", against="贫")


def test_neighbours_are_found_in_either_language(tmp_path: Path) -> None:
    file = tmp_path / "provinces.csv"
    file.write_text("name,y\n北京,1\n天津,2\n河北,4\n山西,8\n", encoding="utf-8")
    for language in ("zh", "en"):
        with speaking(language):  # type: ignore[arg-type]
            assert analyse_file(file, "y", what=["moran"]).outcomes["moran"].table()["name"][0] == "北京"


def test_chosen_factors_and_how_far_they_are(result: Result) -> None:
    told: list[tuple[int, int]] = []
    settings = Settings(replications=100, factors=("leave-one-out",), progress=lambda *at: told.append(at))
    report = analyse(result, ["robustness", "sensitivity"], settings)
    assert report.outcomes["sensitivity"].table()["factor"].to_list() == ["leave-one-out"]
    assert (100, 100) in told
    assert told[-1][0] == told[-1][1] == 3 * 1024
    assert not any("标准化" in note for note in report.notes[:1])


def test_factors_that_are_not_there(result: Result) -> None:
    with pytest.raises(CallError) as error:
        analyse(result, ["dagum"], Settings(factors=("weights",)))
    known = "weight-band, normalisation, aggregation, leave-one-out"
    assert str(error.value) == f"没有叫 weights 的因素\n可用: {known}"
    nation = xinzhi.load_methodology("national-open")
    with pytest.raises(CallError, match="这个方法没有可变的 normalisation"):
        usual_factors(nation, ["normalisation"])


def test_names_of_analyses_and_factors() -> None:
    assert list(analysis_titles()) == list(ANALYSES)
    assert list(factor_titles()) == list(USUAL_FACTORS)
    assert called("dagum") == "基尼系数 (dagum)"
    with speaking("en"):
        assert [called("robustness"), called("moran")] == ["Robustness", "Moran's I (moran)"]


def test_every_column_has_a_heading_in_both_languages(report: Report) -> None:
    columns = {column for outcome in report.outcomes.values() for column in outcome.table().columns}
    assert columns == set(headings._CHINESE)
    assert headings.heading("2012") == "2012"
    with speaking("en"):
        assert headings.heading("rank_median") == "rank median"


def test_the_text_shows_the_last_year_in_the_order_of_ranks(report: Report) -> None:
    lines = report_markdown(report).splitlines()
    start = lines.index(next(line for line in lines if line.startswith("| 代码 | 名称 | 年份")))
    assert [line.split(" | ")[1:3] for line in lines[start + 2 : start + 4]] == [
        ["北京", "2022"],
        ["广东", "2022"],
    ]
    assert "全部数字见 robustness.csv" in lines


def test_the_report_speaks_one_language(report: Report) -> None:
    markdown = report_markdown(report)
    assert [line.split(" | ")[0] for line in markdown.splitlines() if "| 0.464 |" in line] == ["| 合计"]
    assert "| 标准化方法 [normalisation] |" in markdown
    with speaking("en"):
        english = report_markdown(report)
    assert "| within |" in english
    assert "| normalisation [normalisation] |" in english


def test_every_obstacle_of_the_provinces_is_shown(report: Report) -> None:
    table, section = report.outcomes["obstacles"].table(), section_of(report, "obstacles")
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in section.splitlines()}
    for name, indicator, degree in table.select("name", "indicator", "degree").iter_rows():
        assert f"{indicator} ({degree:.1%})" in rows[name]
    assert "| 名称 | 第 1 障碍 | 第 2 障碍 | 第 3 障碍 |" in section
    assert len(table) == 95  # ties share a rank
    assert "全部数字见 obstacles.csv" in section


def section_of(report: Report, name: str) -> str:
    """Return the section of an analysis in report.md."""
    return report_markdown(report).split("\n## ")[1 + list(report.outcomes).index(name)]


def test_sigma_is_shown_by_year_with_every_region(report: Report) -> None:
    lines = [line for line in section_of(report, "sigma").splitlines() if line.startswith("| ")]
    assert lines[0].startswith("| 组 | 单位数 | 2012 | 2013 | ")
    assert lines[0].endswith(" | 2022 | 趋势 | p 值 |")
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| 全部", "| 东部", "| 中部", "| 西部", "| 东北"]


def test_tables_are_cut_above_a_hundred_rows_only() -> None:
    for count, told in ((100, False), (101, True)):
        names = [f"u{n}" for n in range(count)]
        report = analyse_table("t", np.arange(1.0, count + 1), names, what=["quadrants"], against=axis(count))
        rows = [line for line in report_markdown(report).splitlines() if line.startswith("| u")]
        assert len(rows) == 100
        assert (f"表中列出 100 行, 共 {count} 行; 全表见 quadrants.csv" in report_markdown(report)) == told


def axis(count: int) -> Axis:
    return Axis("x", np.arange(count, 0.0, -1))


def test_intervals_of_mixed_scores_are_told_in_their_section(report: Report, result: Result) -> None:
    told = "- 得分区间混有不同标准化的得分, 尺度不同; 请看名次区间和档次"
    assert told in section_of(report, "robustness")
    assert told.removeprefix("- ") not in report.notes
    settings = Settings(replications=100, factors=("weight-band",))
    assert told not in report_markdown(analyse(result, ["robustness"], settings))


def test_a_report_says_what_was_varied(report: Report, result: Result) -> None:
    section = section_of(report, "robustness")
    assert "- 变动的因素: 合成方法: 本来是 arithmetic, 也试 power (exponent=0.5)\n" in section
    assert "- 变动的因素: 标准化方法: 本来是 minmax, 也试 rank、minmax (scope=panel)\n" in section
    assert json.loads(report_json(report))["analyses"]["coupling"]["remarks"] == [
        "发展度 T 是各系统得分的简单平均 (等权), 不用总指数的权重"
    ]


def test_indicators_of_a_flat_methodology_are_no_dimensions() -> None:
    flat = xinzhi.load_methodology("county-2025")
    root = flat.tree.root
    assert all(child in flat.indicators for child in flat.tree.children[root])
    leaves = flat.tree.leaves
    rows = [
        {"code": code, "name": name, "year": flat.years[-1]}
        | {variable: float(k + n) for n, (variable, _v) in enumerate(flat.variables(), 1)}
        for k, (code, name) in enumerate([("320583", "昆山市"), ("320582", "张家港市"), ("330782", "义乌市")])
    ]
    found = analyse(xinzhi.compute(flat, pl.DataFrame(rows)), ["obstacles"]).outcomes["obstacles"]
    assert len(leaves) == 14
    assert "维度" not in found.sentence()
    assert found.table()["dimension"].to_list() == [""] * len(found.table())


def test_markup_in_names_stays_text(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "[x](javascript:y)", "=1+1", "a|b", "-2"]
    values = [1.0, 2, 4, 8, 16]
    report = analyse_table("t <b>", values, names, what=["quadrants"], against=Axis("x", np.array(values)))
    markdown = report_markdown(report)
    assert "<script" not in markdown and "](java" not in markdown
    assert "# t &lt;b>" in markdown and "| a\\|b |" in markdown
    folder = save_report(report, tmp_path / "out")
    told = pl.read_csv(folder / "quadrants.csv")["name"].to_list()
    assert told == [names[0], names[1], "'=1+1", "a|b", "'-2"]


def test_units_of_one_name_are_told_apart() -> None:
    frame = pl.DataFrame({"code": ["u1", "u2", "u3"], "name": ["鼓楼", "鼓楼", "海淀"], "year": 2022})
    frame = frame.with_columns(pl.Series("a", [1.0, 2, 4]), pl.Series("b", [3.0, 1, 2]))
    result = xinzhi.compute(system(["a", "b"]), frame)
    table = analyse(result, ["obstacles"]).outcomes["obstacles"].table()
    assert set(table["name"]) == {"鼓楼 [u1]", "鼓楼 [u2]", "海淀"}


def test_an_analysis_of_what_is_no_result() -> None:
    with pytest.raises(CallError, match="不是结果: str"):
        analyse("x")  # type: ignore[arg-type]


# --- tables that are not clean ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "kind", "first"),
    [
        ("市,值\n北京,1\n上海,2\n北京,3\n", {}, PanelError, "t.csv 第 4 行 市 列 (北京): 与第 2 行重复"),
        ("市,值\n北京,1\n北京 ,2\n", {}, PanelError, "t.csv 第 3 行 市 列 (北京): 与第 2 行重复"),
        ("市,值\n北京,1\n ,2\n", {}, PanelError, "t.csv 第 3 行 市 列: 空白"),
        ("市,值,片\n甲,1,a\n乙,2,\n", {"group": "片"}, PanelError, "t.csv 第 3 行 片 列 (乙): 空白"),
        ("市,值,值\n甲,1,2\n", {}, CallError, "t.csv: 表里有几列叫 值"),
    ],
)
def test_labels_are_checked(tmp_path: Path, text: str, options: dict, kind: type, first: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(kind) as error:
        analyse_file(file, "值", **options)
    assert str(error.value).splitlines()[0] == first
    assert error.value.remedy  # type: ignore[attr-defined]


def test_blanks_around_labels_do_not_count(tmp_path: Path) -> None:
    clean, dirty = tmp_path / "a.csv", tmp_path / "b.csv"
    clean.write_text("市,值,片\n甲,1,东部\n乙,2,东部\n丙,5,西部\n", encoding="utf-8")
    dirty.write_text("市,值,片\n甲,1,东部 \n 乙,2,东部\n丙\u3000,5,西部\n", encoding="utf-8")
    one, other = (analyse_file(f, "值", group="片", what=["dagum"]).outcomes["dagum"] for f in (clean, dirty))
    assert one.table().equals(other.table())


@pytest.mark.parametrize(
    "names", ["北京 天津 河北 山西", "北京市 天津市 河北省 山西省", "110000 120000 130000 140000"]
)
def test_neighbours_by_name_full_name_and_code(tmp_path: Path, names: str) -> None:
    file = tmp_path / "t.csv"
    rows = "".join(f"{name},{2**n}\n" for n, name in enumerate(names.split()))
    file.write_text("省,值\n" + rows, encoding="utf-8")
    found = analyse_file(file, "值", what=["moran"]).outcomes["moran"].figure()
    # 北京 touches 天津 and 河北, 天津 the same, 河北 all of them, 山西 河北 only: by hand from the map.
    z = (np.array([1.0, 2, 4, 8]) - 3.75) / np.array([1.0, 2, 4, 8]).std()
    lag = [(z[1] + z[2]) / 2, (z[0] + z[2]) / 2, (z[0] + z[1] + z[3]) / 3, z[2]]
    assert found["index"] == pytest.approx(z @ lag / 4)


def test_a_name_that_is_no_province_is_told(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("省,值\n北京,1\n天津,2\n火星,4\n", encoding="utf-8")
    assert analyse_file(file, "值", what=["moran"]).skipped == {
        "moran": "t.csv: 火星 不是省级单位, 没有邻接关系; "
        "请改正名称, 去掉这些单位, 或用 --weights-matrix 给出空间权重矩阵"
    }


def test_a_seed_is_heeded_with_a_table(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("省,值\n北京,1\n天津,2\n河北,4\n山西,7\n内蒙古,9\n辽宁,3\n", encoding="utf-8")
    p = [
        analyse_file(file, "值", what=["moran"], seed=seed).outcomes["moran"].figure()["p_permutation"]
        for seed in (0, 0, 1)
    ]
    assert p[0] == p[1] != p[2]


def test_the_value_is_no_year(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("市,值\n甲,1\n乙,2\n丙,4\n", encoding="utf-8")
    found = analyse_file(file, "值", what=["density"])
    assert found.outcomes["density"].sentence().startswith("值: 主峰在 ")
    assert "年份" not in report_markdown(found)
