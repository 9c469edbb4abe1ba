"""The built-in case: every verdict, and the important figures by an independent calculation."""

from __future__ import annotations

import csv
import statistics
from itertools import pairwise
from pathlib import Path

import pytest

from xinzhi.language import speaking
from xinzhi.reproduction import reproduce

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
TABLES = ROOT / "src" / "xinzhi" / "reproduction" / "cases" / "ye-xu-2024"


def read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"not here: {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def report():
    return reproduce()


@pytest.fixture(scope="module")
def rows(report):
    return {row.id: row for row in report.rows}


def test_every_verdict_is_the_expected_one(report):
    assert [row.id for row in report.rows if not row.as_expected] == []
    assert report.as_expected
    assert report.counts() == {"reproduced": 317, "contradicted": 20, "not_checkable": 13}
    assert report.counts(in_print=False) == {"reproduced": 84, "contradicted": 0, "not_checkable": 0}


def test_contradictions_are_these(report):
    assert {row.id for row in report.rows if row.verdict == "contradicted"} == {
        "awards-share", "base-of-sub-index", "basic-twice", "green-share-nation", "green-sum",
        "industry-no-root", "industry-root-2", "industry-root-3", "industry-root-4",
        "innovation-rank-rise", "intensity-gain-first", "pct-sample-deviation", "quadrant-nation-index",
        "quadrant-weighted-index",
        "smart-sum", "sub-index-ceiling", "technology-from-parts", "text-jiangsu", "text-shanghai",
        "unicorns-two",
    }  # fmt: skip


def test_all_sixteen_audit_points_appear(report):
    assert {row.audit for row in report.rows if row.audit} == set(range(1, 17))


def test_every_row_speaks_both_languages(report):
    for row in report.rows:
        for text in (row.where, row.statement, row.why, *row.sources):
            assert text is None or (text.zh and text.en and text.zh != text.en)
            assert text is None or not any("\u4e00" <= letter <= "\u9fff" for letter in text.en)


def test_official_figures_name_publication_and_vintage(rows):
    assert [source.en for source in rows["labour-mean"].sources] == [
        "China Statistical Yearbook 2023, end of 2022, 10,000 persons",
        "China Statistical Yearbook 2023 (2022, preliminary), 100 million yuan",
    ]
    assert rows["technology-mean"].sources == ()


def test_ids_are_unique(report):
    assert len({row.id for row in report.rows}) == len(report.rows)


def test_rows_of_each_table(report):
    def number(check: str) -> int:
        return sum(row.id.startswith(f"{check}.") for row in report.rows)

    assert [number(f"rank-{c}") for c in ("total", "technology", "factors", "industry")] == [31] * 4
    assert number("total") == number("unknown-factors") == number("unknown-technology") == 31


# Expected middles are computed here by plain arithmetic on the printed figures.
@pytest.mark.parametrize(
    ("row", "value", "verdict"),
    [
        ("nation-total", 0.4 * 291.0 + 0.4 * 202.5 + 0.2 * 256.3, "reproduced"),
        ("gain-total", 14.87, "reproduced"),
        ("gain-technology", 19.10, "reproduced"),
        ("gain-factors", 10.25, "reproduced"),
        ("gain-industry", 15.63, "reproduced"),
        ("pct-growth", 100 * ((68046 / 17528) ** 0.1 - 1), "reproduced"),
        ("productivity-growth", 100 * ((16.5 / 7.1) ** 0.1 - 1), "reproduced"),
        ("basic-growth", 100 * ((1951 / 499) ** 0.1 - 1), "reproduced"),
        ("technology-from-parts", 25 * (5.3 + 3.7 + 68046 / 17528), "contradicted"),
        ("technology-if-increase", 25 * (4.3 + 2.7 + 68046 / 17528), "reproduced"),
        ("industry-root-2", 12.5 * (71**0.5 + 515**0.5 + 3883**0.5), "contradicted"),
        ("industry-root-4", 12.5 * (71**0.25 + 515**0.25 + 3883**0.25) + 67.5, "contradicted"),
        ("industry-root-5", 12.5 * (71**0.2 + 515**0.2 + 3883**0.2) + 67.5, "reproduced"),
        ("intensity-gain", 2.54 - 1.91, "reproduced"),
        ("intensity-gain-first", 2.54 - 1.98, "contradicted"),
        ("unicorns-two", 100 * (66 + 59) / 316, "contradicted"),
        ("unicorns-three", 100 * (66 + 59 + 79) / 316, "reproduced"),
        ("smart-sum", 31 * 33, "contradicted"),
        ("green-sum", 31 * 176, "contradicted"),
        ("clusters-sum", 31 * 2, "reproduced"),
        ("awards-share", 100 * 56 / 250, "contradicted"),
        ("text-jiangsu", 53.3, "contradicted"),
        ("text-shanghai", 54.5, "contradicted"),
        ("weight-of-totals", 60, "reproduced"),
        ("technology-second", 59.4, "reproduced"),
        ("technology-median", 4.0, "reproduced"),
        ("technology-above", 9, "reproduced"),
        ("factors-low", 17, "reproduced"),
        ("industry-low", 15, "reproduced"),
    ],
)
def test_important_figures(rows, row, value, verdict):
    found = rows[row]
    assert found.verdict == verdict
    assert (found.lo + found.hi) / 2 == pytest.approx(value, rel=2e-3)
    assert found.lo - 1e-9 <= value <= found.hi + 1e-9


def test_text_and_table_have_two_totals_swapped(rows):
    assert (rows["text-jiangsu"].printed, rows["text-shanghai"].printed) == ("54.5", "53.3")


def test_equal_scores_leave_two_ranks_open(rows):
    for unit, printed in (("220000", "28"), ("230000", "29")):  # Jilin and Heilongjiang, both 6.0
        row = rows[f"rank-total.{unit}"]
        assert (row.printed, row.lo, row.hi, row.verdict) == (printed, 28, 29, "reproduced")


def test_means_and_groups_from_table_3(rows):
    table = read(TABLES / "table3.csv")
    for name, printed in (("technology", 11.5), ("factors", 31.8), ("industry", 26.8)):
        mean = statistics.mean(float(line[name]) for line in table)
        assert rows[f"{name}-mean"].lo <= mean <= rows[f"{name}-mean"].hi
        assert mean == pytest.approx(printed, abs=0.1)
    for mark, region in (("east", "东部"), ("centre", "中部"), ("west", "西部"), ("northeast", "东北")):
        mean = statistics.mean(float(line["total"]) for line in table if line["region"] == region)
        assert rows[f"mean-{mark}"].lo <= mean <= rows[f"mean-{mark}"].hi
        members = sum(line["region"] == region and int(line["rank_total"]) <= 10 for line in table)
        assert rows[f"top-ten-{mark}"].lo == rows[f"top-ten-{mark}"].hi == members


def test_hidden_scores_of_a_province(rows):
    official = {line["code"]: line for line in read(TABLES / "official_2022.csv")}

    def scaled(values: dict[str, float], code: str) -> float:
        low, high = min(values.values()), max(values.values())
        return (values[code] - low) / (high - low)

    pct, intensity, personnel = (
        {code: float(line[name]) for code, line in official.items()}
        for name in ("pct_applications", "rd_intensity", "rd_fte")
    )
    labour = {code: float(line["gdp"]) / float(line["employment"]) for code, line in official.items()}
    for line in read(TABLES / "table3.csv"):
        code = line["code"]
        known = 500 * scaled(intensity, code) + 500 * scaled(personnel, code) + 1000 * scaled(labour, code)
        for row, value in (
            ("unknown-factors", (40 * float(line["factors"]) - known) / 20),
            ("unknown-technology", (40 * float(line["technology"]) - 1000 * scaled(pct, code)) / 30),
        ):
            found = rows[f"{row}.{code}"]
            assert found.lo <= value <= found.hi
            assert found.hi - found.lo < 0.5
    beijing = (4 * 83.2 - 200 - 100 * scaled(pct, "110000")) / 100
    assert rows["patents-beijing"].lo <= 29 + beijing * (42767 - 29) <= rows["patents-beijing"].hi


def test_national_openness_follows_from_the_factors_index(rows):
    hidden = (40 * 202.5 - 500 * 2.54 / 1.91 - 500 * 2.0 - 1000 * 1.5 - 1000 * 16.5 / 7.1) / 1000
    assert rows["openness-ratio"].lo <= hidden <= rows["openness-ratio"].hi
    assert rows["openness-level"].lo <= 17 * hidden / (hidden - 1) <= rows["openness-level"].hi


def test_table_3_is_that_of_the_shared_data():
    ours = [list(line.values()) for line in read(TABLES / "table3.csv")]
    theirs = [list(line.values()) for line in read(SHARED / "paper" / "table3.csv")]
    assert [[line[1], *line[4:]] for line in ours] == theirs


def test_official_figures_are_those_of_the_shared_data():
    shared = {line["adcode"]: line for line in read(SHARED / "province" / "official_2022.csv")}
    ours = read(TABLES / "official_2022.csv")
    assert len(ours) == len(shared) == 31
    for line in ours:
        other = shared[line["code"]]
        assert line["name"] == other["province"]
        for mine, theirs in (
            ("pct_applications", "pct_applications"),
            ("rd_intensity", "rd_intensity"),
            ("rd_fte", "rd_fte"),
            ("gdp", "gdp_yearbook2023"),
            ("employment", "employment"),
            ("population", "population_yearend"),
        ):
            assert float(line[mine]) == float(other[theirs]), (line["name"], mine)
        assert float(line["gdp"]) / float(line["employment"]) == pytest.approx(
            float(other["labour_productivity_wan_per_person"]), abs=1e-4
        )
        assert 1e4 * float(line["gdp"]) / float(line["population"]) == pytest.approx(
            float(other["gdp_per_capita_yuan"]), abs=1
        )


def test_printed_ranks_are_a_ranking():
    for name in ("total", "technology", "factors", "industry"):
        table = sorted(read(TABLES / "table3.csv"), key=lambda line: int(line[f"rank_{name}"]))
        assert [int(line[f"rank_{name}"]) for line in table] == list(range(1, 32))
        assert all(float(a[name]) >= float(b[name]) for a, b in pairwise(table))


def test_summary_in_both_languages(report):
    assert report.summary().startswith("叶振宇、徐鹏程 (2024)")
    with speaking("en"):
        told = report.summary()
    assert "350 rows of what is printed: reproduced 317, contradicted 20, not checkable 13" in told
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in told)
