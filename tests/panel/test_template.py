"""The blank data sheet reads back, blank and filled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from xinzhi.geography import units
from xinzhi.language import Language, speaking
from xinzhi.methodology import Methodology, load_methodology, methodologies
from xinzhi.panel import Status, read_panel, write_template


@pytest.fixture
def template(tmp_path: Path, provinces: Methodology) -> Path:
    write_template(provinces, tmp_path / "blank.xlsx")
    return tmp_path / "blank.xlsx"


def test_the_sheets_and_their_headings(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    assert book.sheetnames == ["数据", "来源", "说明"]
    data = book["数据"]
    headings = [cell.value for cell in data[1]]
    assert headings == ["代码", "名称", "年份", "地区生产总值（亿元）", "研发强度（%）", "人口（万人）"]
    assert [cell.value for cell in data[2]] == ["110000", "北京", 2021, None, None, None]
    assert data.max_row == 1 + 31 * 2
    assert data.freeze_panes == "D2"
    assert data.protection.sheet
    assert data["A2"].protection.locked
    assert not data.column_dimensions["D"].protection.locked
    assert data.column_dimensions["D"].number_format == "#,##0.00"
    gdp = next(rule for rule in data.data_validations.dataValidation if "D2" in rule.sqref)
    assert (float(gdp.formula1), float(gdp.formula2)) == (0, 1e9)
    assert [cell.value for cell in book["来源"][2]][:2] == ["地区生产总值（亿元）", "亿元"]


def test_blank_it_reads_back_as_all_missing(template: Path, provinces: Methodology) -> None:
    panel = read_panel(template, provinces)
    assert panel.shape == (2, 31, 3)
    assert panel.codes == tuple(unit.code for unit in units("province"))
    assert (panel.status == Status.MISSING).all()


def test_filled_in_it_reads_back_exactly(template: Path, provinces: Methodology) -> None:
    blank = read_panel(template, provinces)
    figures = np.arange(blank.values.size).reshape(blank.shape) / 10
    book = openpyxl.load_workbook(template)
    for t in range(2):
        for n in range(31):
            for j in range(3):
                book["数据"].cell(2 + 31 * t + n, 4 + j, figures[t, n, j])
    book["数据"]["F2"] = "不适用"
    book["来源"]["C2"], book["来源"]["D2"] = "中国统计年鉴", "2023"
    book.save(template)
    panel = read_panel(template, provinces)
    figures[0, 0, 2] = np.nan
    np.testing.assert_array_equal(panel.values, figures)
    assert panel.status[0, 0].tolist() == [Status.OFFICIAL, Status.REPORTED, Status.NOT_APPLICABLE]
    assert panel.source_of(1, 30, 0) == "中国统计年鉴, 2023"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("id", methodologies())
def test_every_built_in_methodology_has_one(tmp_path: Path, id: str, language: Language) -> None:
    methodology = load_methodology(id)
    with speaking(language):
        write_template(methodology, tmp_path / "blank.xlsx")
        panel = read_panel(tmp_path / "blank.xlsx", methodology)
    kinds = {unit.code: unit.kind for unit in units(methodology.level)}
    assert not {kinds[code] for code in panel.codes} & set(methodology.ranking.without_kinds)
    assert panel.years == methodology.years
    assert (panel.status == Status.MISSING).all()


def test_units_that_no_list_names_leave_the_keys_open(tmp_path: Path, firms: Methodology) -> None:
    write_template(firms, tmp_path / "blank.xlsx")
    book = openpyxl.load_workbook(tmp_path / "blank.xlsx")
    assert not book["数据"].column_dimensions["A"].protection.locked
    book["数据"].append(["f1", "甲公司", 2022, 1.5])
    book.save(tmp_path / "blank.xlsx")
    assert read_panel(tmp_path / "blank.xlsx", firms).values[0, 0].tolist()[0] == 1.5


def test_the_same_methodology_gives_the_same_bytes(
    tmp_path: Path, template: Path, provinces: Methodology
) -> None:
    write_template(provinces, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()
