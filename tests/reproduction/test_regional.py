"""The regional analyses of a printed index: the paper's Table 3 beside GDP per head."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.reproduction.test_case import HEAD, TABLE, check

from xinzhi.analysis.column import analyse_file
from xinzhi.language import speaking
from xinzhi.reproduction import regional, regional_table
from xinzhi.reproduction.case import CaseError, path_of

REGIONAL = """
[regional]
title = { zh = "小例", en = "A tiny case" }
regions = "nbs-4"
value = { figure = "score", title = { zh = "得分", en = "Score" } }
against = { figure = "twice", title = { zh = "两倍", en = "Twice" } }
origin_weights = { figure = "place", title = { zh = "位次", en = "Place" } }
"""


@pytest.fixture
def write(tmp_path: Path):
    def written(regional: str) -> Path:
        (tmp_path / "table1.csv").write_text(TABLE, encoding="utf-8")
        path = tmp_path / "tiny.toml"
        text = HEAD + regional + check("statement", why='{ zh = "无", en = "none" }')
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_figures_stand_as_they_are_printed():
    folder = path_of("ye-xu-2024").with_suffix("")
    with (folder / "official_2022.csv").open(encoding="utf-8") as file:
        official = {row["code"]: row for row in csv.DictReader(file)}
    table = regional_table()
    for code, wealth in zip(table.codes, table.against.values, strict=True):
        row = official[code]
        assert wealth == pytest.approx(1e4 * float(row["gdp"]) / float(row["population"]), rel=1e-15)
    assert table.regions[table.names.index("辽宁")] == "东北"
    assert table.sources == (
        "中国统计年鉴 2023 (2022 年初步核算), 亿元",
        "中国统计年鉴 2023, 2022 年末常住人口, 万人",
    )


def test_members_of_the_paper_and_of_the_weighted_origin():
    """9, 3, 17, 2 in print (part 3 (2), fifth); about the weighted means 7, 0, 20, 4 (test_report_figures)."""
    outcomes = regional().outcomes
    found = [
        {place: len(members) for place, members in outcomes[name].members.items()}
        for name in ("quadrants", "quadrants-weighted")
    ]
    assert found == [{"I": 9, "II": 3, "III": 17, "IV": 2}, {"I": 7, "II": 0, "III": 20, "IV": 4}]


def test_the_command_gives_the_same_from_the_table(tmp_path: Path):
    for language in ("zh", "en"):
        with speaking(language):  # type: ignore[arg-type]
            table, report = regional_table(), regional()
            file = tmp_path / f"{language}.csv"
            table.table().write_csv(file, include_bom=True)
            again = analyse_file(
                file,
                table.value.title,
                group={"zh": "地区", "en": "Region"}[language],
                against=table.against.title,
                origin_weights=table.origin_weights.title,
            )
            assert again.skipped == report.skipped == {}
            for name, outcome in report.outcomes.items():
                assert again.outcomes[name].sentence() == outcome.sentence()


def test_english_has_no_chinese():
    with speaking("en"):
        report = regional()
        told = [report.title, *report.notes, *(str(o.to_dict()) for o in report.outcomes.values())]
    assert not any("\u4e00" <= letter <= "\u9fff" for text in told for letter in text)


def test_a_case_without_regions(write):
    with pytest.raises(CaseError, match="这个案例没有写明区域分析用哪些列"):
        regional(write(""))


def test_what_is_wrong_is_named(write):
    with pytest.raises(CaseError, match="regional, half: 这是一个数, 不是一列"):
        regional(write(REGIONAL.replace('"twice"', '"half"')))
    with pytest.raises(CaseError, match="没有这个名称: nothing"):
        regional(write(REGIONAL.replace('"twice"', '"nothing"')))
    with pytest.raises(CaseError, match="regional, where: 没有这个出处: p9"):
        regional(write(REGIONAL + 'where = ["p9"]\n'))


def test_units_of_no_region_are_skipped_with_their_reason(write):
    report = regional(write(REGIONAL))
    assert set(report.skipped) == {"dagum", "theil", "moran"}
    assert report.skipped["moran"] == "没有空间权重矩阵"
    assert report.outcomes["quadrants"].x_name == "两倍"
