"""Every figure of the reports that `xinzhi demo` leaves: recomputed by `recomputed`, with a source for each.

Tolerance: a relative 1e-8 (1e-9 of the scale near 0) in the tables; words and rounded figures of the sentences
agree letter by letter; p values by permutation are within five standard errors of permutations of our own.
"""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

import xinzhi
from tests.analysis import open_index, recomputed
from tests.analysis.recomputed import PERMUTATIONS, RECOMPUTED, SOURCES
from xinzhi.analysis.catalogue import ANALYSES, Settings, analyse
from xinzhi.analysis.headings import heading
from xinzhi.analysis.report import report_markdown
from xinzhi.reproduction import regional

TABLE3 = ["dagum", "theil", "atkinson", "variation", "density", "moran", "quadrants", "quadrants-weighted"]
CELLS = [("analysis", name) for name in ANALYSES] + [("table3", name) for name in TABLE3]
SUBJECTS = {"analysis": recomputed.open_index, "table3": recomputed.table3}


@pytest.fixture(scope="session")
def reports():
    """The two reports of the demonstration, with its settings."""
    settings = Settings(against="gdp_per_resident", origin_weights="population")
    return {"analysis": analyse(xinzhi.compute("province-open"), settings=settings), "table3": regional()}


@functools.cache
def permuted(report):
    return recomputed.permuted(SUBJECTS[report]())


def again(reports, report, name):
    """Return the columns and the sentence of an analysis, recomputed."""
    subject = SUBJECTS[report]()
    if name != "moran":
        return RECOMPUTED[name](subject)
    outcome = reports[report].outcomes["moran"]
    return RECOMPUTED[name](subject, outcome.p_permutation, outcome.table()["p_value"].to_list())


def same(cell, expected):
    if isinstance(expected, float | np.floating) and isinstance(cell, int | float):
        return np.isclose(cell, expected, rtol=1e-8, atol=1e-9)
    return cell == expected


def test_every_column_has_a_source(reports):
    assert [(report, name) for report, found in reports.items() for name in found.outcomes] == CELLS
    assert list(RECOMPUTED) == list(SOURCES) == list(ANALYSES)
    for found in reports.values():
        assert found.skipped == {}
        for name, outcome in found.outcomes.items():
            assert list(SOURCES[name]) == outcome.table().columns, name
            assert all(SOURCES[name].values())


@pytest.mark.parametrize(("report", "name"), CELLS)
def test_every_cell_and_sentence(reports, report, name):
    outcome = reports[report].outcomes[name]
    columns, sentence = again(reports, report, name)
    table = outcome.table()
    assert list(columns) == table.columns
    for column, expected in columns.items():
        cells = table[column].to_list()
        assert len(cells) == len(expected), column
        wrong = [(cell, other) for cell, other in zip(cells, expected, strict=True) if not same(cell, other)]
        assert wrong == [], column
    assert outcome.sentence() == sentence


@pytest.mark.parametrize("report", SUBJECTS)
def test_p_values_by_permutation(reports, report):
    outcome = reports[report].outcomes["moran"]
    everywhere, local = permuted(report)
    pairs = [(outcome.p_permutation, everywhere), *zip(outcome.table()["p_value"], local, strict=True)]
    for found, expected in pairs:
        if expected is None:
            assert found is None
            continue
        one_sided = max(found, expected) / 2
        # Twice a share of 9,999 draws, and the difference of two such.
        error = 2 * np.sqrt(2 * one_sided * (1 - one_sided) / PERMUTATIONS)
        assert abs(found - expected) <= 5 * error + 2 / PERMUTATIONS


@pytest.mark.parametrize("report", SUBJECTS)
def test_titles(reports, report):
    dimensions = "、".join(open_index.DIMENSION_TITLES)
    subject = SUBJECTS[report]()
    expected = {
        "robustness": "稳健性: 省级新质生产力开放指数 (2012-2022), 10000 次重复",
        "sensitivity": "敏感性: 省级新质生产力开放指数 (2012-2022), 2022 年",
        "structure": "指标结构: 省级新质生产力开放指数 (2012-2022), 2022 年",
        "coupling": f"耦合协调度: {dimensions}",
        "quadrants": f"四象限: {subject.against_title} 与 {subject.name}, 原点为简单均值",
        "quadrants-weighted": f"四象限: {subject.against_title} 与 {subject.name}, 原点为加权均值",
    }
    for name, outcome in reports[report].outcomes.items():
        assert outcome.title == expected.get(name, outcome.title)
        assert name in expected or not re.search(r"\d", outcome.title)


def test_remarks_beside_the_tables(reports):
    """The usual factors of docs/analysis-robustness.md; the indicators of province-open.toml."""
    varied = (
        "变动的因素: 权重 (上下 25%)",
        "变动的因素: 标准化方法: 本来是 minmax, 也试 rank、minmax (scope=panel)",
        "变动的因素: 合成方法: 本来是 arithmetic, 也试 power (exponent=0.5)",
        f"变动的因素: 去掉一个指标: 全部指标, 或去掉 {len(open_index.LEAVES)} 个中的任一个",
    )
    expected = {
        "robustness": (*varied, "得分区间混有不同标准化的得分, 尺度不同; 请看名次区间和档次"),
        "sensitivity": varied,
        "coupling": ("发展度 T 是各系统得分的简单平均 (等权), 不用总指数的权重",),
    }
    for found in reports.values():
        for name, outcome in found.outcomes.items():
            assert outcome.remarks() == expected.get(name, ())
        text = report_markdown(found)
        for section, name in zip(text.split("\n## ")[1:], found.outcomes, strict=True):
            assert all(f"- {remark}" in section for remark in expected.get(name, ()))


def rows_shown(name, columns):
    """What a report shows of a table: ranks of the last year, sigma by year, the obstacles of a unit in a row."""
    columns = {key: list(column) for key, column in columns.items()}
    if name == "robustness":
        last = np.flatnonzero(np.array(columns["year"]) == 2022)
        chosen = last[np.argsort(np.array(columns["rank"])[last], kind="stable")]
        return {key: [column[n] for n in chosen] for key, column in columns.items()}
    if name == "sigma":
        count = len(set(columns["year"]))
        by_year = {str(year): columns["sigma"][t::count] for t, year in enumerate(columns["year"][:count])}
        once = {key: columns[key][::count] for key in ("group", "units", "trend", "p_value")}
        return once | by_year
    if name == "obstacles":
        cells = {}
        for own, rank, title, degree in zip(
            *(columns[key] for key in ("name", "rank", "indicator", "degree")), strict=True
        ):
            cells.setdefault((own, rank), []).append(f"{title} ({degree:.1%})")
        names = list(dict.fromkeys(columns["name"]))
        wide = {"name": names}
        wide |= {f"第 {k} 障碍": ["、".join(cells.get((own, k), [])) for own in names] for k in (1, 2, 3)}
        return wide
    return columns


@pytest.mark.parametrize("report", SUBJECTS)
def test_the_text_shows_the_recomputed_figures(reports, report):
    """The tables of report.md, rounded to four significant digits, against the same of the recomputed ones."""
    text = report_markdown(reports[report])
    for section, name in zip(text.split("\n## ")[1:], reports[report].outcomes, strict=True):
        columns, _sentence = again(reports, report, name)
        lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
        headings, shown = [cell.strip() for cell in lines[0]], lines[2:]
        for column, expected in rows_shown(name, columns).items():
            assert len(shown) == len(expected)
            if heading(column) not in headings or column in ("title", "factor", "indicator", "year"):
                continue
            place = headings.index(heading(column))
            for row, value in zip(shown, expected, strict=True):
                cell = row[place].strip()
                if isinstance(value, float | np.floating):
                    assert float(cell.replace(",", "")) == pytest.approx(value, rel=5.001e-4, abs=1e-12)
                elif column.endswith("障碍"):
                    assert cell == value


def test_figures_in_the_remarks_of_the_open_index(reports):
    """Counted in the file of figures and in the methodology; the paper has fifteen indicators (Table 1)."""
    columns = [name for name in open_index.ROWS[0] if name not in ("code", "name", "year")]
    blank = {name: int(np.isnan(open_index.printed(name)).sum()) for name in columns}
    assert {name: count for name, count in blank.items() if count} == {
        "tech_contract_value_sold": 5,
        "hightech_industry_revenue": 31,
        "hightech_industry_firms": 31,
    }
    cells = len(open_index.ROWS)
    stand_ins = sum("stands_for" in indicator for indicator in open_index.METHOD["indicators"].values())
    assert (len(open_index.LEAVES) - stand_ins, stand_ins, 15 - len(open_index.LEAVES)) == (2, 9, 4)
    assert list(reports["analysis"].notes)[1:] == [
        "两个指标与论文相同, 九个是替代指标, 四个没有替代",
        reports["analysis"].notes[2],  # names, no figures
        "每年内部做极差标准化, 因此同一省份不同年份的得分反映相对位置, 不是绝对增长",
        f"高技术产业的两列没有 2017 年数 (各 31 格, 占该列 {31 / cells:.1%}, 占全部数据 "
        f"{62 / cells / len(columns):.1%}), 以前后两年的年均增速补齐",
        f"按规则补齐 {31 + 31} 格, 见补齐表",
        "仍缺 5 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出",
    ]


def test_verdicts_beside_table_3(reports):
    """Counts by numpy from Table 3 and the official figures, in the order of the statements."""
    subject = recomputed.table3()
    y, x, people = subject.values, subject.against, subject.population
    strong, rich, wealthy = y > y.mean(), x > x.mean(), x > 85_698
    counts = [(strong & rich).sum(), (strong & ~rich).sum(), (~strong & ~rich).sum(), (~strong & rich).sum()]
    named = [9, 3, 3, 2]
    nation = [(strong & a).sum() for a in (wealthy, ~wealthy)] + [
        (~strong & a).sum() for a in (~wealthy, wealthy)
    ]
    others = [
        (y > 248.7).sum(),
        (x > np.average(x, weights=people)).sum(),
        (y > np.average(y, weights=people)).sum(),
    ]
    expected = [n for pair in zip(counts, named, strict=True) for n in pair] + nation + others
    printed = [9, 9, 3, 3, 17, 3, 2, 2, 9, 3, 17, 2, 12, 11, 12]
    lines = [line for line in reports["table3"].notes if "印刷" in line]
    found = [tuple(map(int, re.search(r"印刷 (\d+) \| 重算 (\d+)", line).groups())) for line in lines]
    assert found == list(zip(printed, expected, strict=True))
    assert [line[0] for line in lines] == ["=" if p == n else "≠" for p, n in found]
