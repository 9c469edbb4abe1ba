"""The analyses fed from a result and from a table, and the report they make."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import xinzhi
from xinzhi import speaking
from xinzhi.analysis import headings
from xinzhi.analysis.catalogue import ANALYSES, Report, Settings, analyse, usual_factors
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
    return analyse(result, settings=Settings(replications=500, against="gdp_per_resident"))


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
        "quadrants": "没有指定横轴 (--against 指标)",
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
    assert dict(found.skipped) == {"moran": "没有空间权重矩阵"}
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


def test_every_column_has_a_heading_in_both_languages(report: Report) -> None:
    columns = {column for outcome in report.outcomes.values() for column in outcome.table().columns}
    assert columns == set(headings._CHINESE)
    with speaking("en"):
        assert headings.heading("rank_median") == "rank median"


def test_the_text_shows_the_last_year_in_the_order_of_ranks(report: Report) -> None:
    lines = report_markdown(report).splitlines()
    start = lines.index(next(line for line in lines if line.startswith("| 代码 | 名称 | 年份")))
    assert [line.split(" | ")[1:3] for line in lines[start + 2 : start + 4]] == [
        ["北京", "2022"],
        ["广东", "2022"],
    ]
    assert "表中列出 31 行, 共 341 行; 全表见 robustness.csv" in lines


def test_the_report_speaks_one_language(report: Report) -> None:
    markdown = report_markdown(report)
    assert [line.split(" | ")[0] for line in markdown.splitlines() if "| 0.464 |" in line] == ["| 合计"]
    with speaking("en"):
        assert "| within |" in report_markdown(report)


def test_intervals_of_mixed_scores_are_told(report: Report) -> None:
    assert report.notes[0] == "稳健性的得分区间混有不同标准化的得分, 尺度不同; 请看名次区间和档次"
    assert analyse(xinzhi.compute("province-open", years=2022), ["dagum"]).notes[0] != report.notes[0]
