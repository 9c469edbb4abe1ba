"""The blank data sheet reads back, blank and filled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from xinzhi import compute
from xinzhi.errors import CallError
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
    lent = (2023,) if id == "province-2022" else ()
    assert panel.years == (*methodology.years, *lent)
    assert (panel.status == Status.MISSING).all()


def test_the_year_that_a_gap_rule_takes_has_rows_and_is_named(tmp_path: Path) -> None:
    methodology = load_methodology("province-2022")
    write_template(methodology, tmp_path / "blank.xlsx")
    book = openpyxl.load_workbook(tmp_path / "blank.xlsx")
    data, notes = book["数据"], book["说明"]
    award = next(i for i in methodology.indicators.values() if i.gap and i.gap[0].rule == "year")
    lines = [row for row in notes.iter_rows(values_only=True) if row[0] in ("其他年份", "2023 年")]
    assert lines == [
        ("其他年份", "补齐需要的其他年份请写在“数据”表已有各行的下面, 代码、名称和年份都要写"),
        ("2023 年", f"只用于补齐: {award.title}"),
    ]
    column = next(c.column for c in data[1] if str(c.value).startswith(str(award.title)))
    for row in data.iter_rows(min_row=2):
        if row[2].value == 2023:
            row[column - 1].value = 7
    book.save(tmp_path / "blank.xlsx")
    result = compute(methodology, tmp_path / "blank.xlsx")
    assert {(fill.inputs, result.figures.panel.years[fill.year]) for fill in result.figures.fills} == {
        ((1,), 2022)
    }


def test_further_years_may_be_written_below_the_protected_rows(
    template: Path, provinces: Methodology
) -> None:
    book = openpyxl.load_workbook(template)
    data = book["数据"]
    assert [data[cell].protection.locked for cell in ("A2", "B63", "C63")] == [True] * 3
    assert not any(data.column_dimensions[column].protection.locked for column in "ABCDEF")
    assert not data.protection.insertRows  # False says that the lock does not cover it
    data.append(["110000", "北京", 2020, 36000])
    book.save(template)
    panel = read_panel(template, provinces)
    assert (panel.years, panel.values[0, 0, 0]) == ((2020, 2021, 2022), 36000)


def test_a_blank_sheet_is_an_xlsx_file(tmp_path: Path, provinces: Methodology) -> None:
    for language, message in (
        ("zh", "空表只能写成 XLSX 工作簿\n请用 .xlsx 结尾的文件名"),
        ("en", "a blank sheet is written as an XLSX workbook only\nUse a file name that ends in .xlsx"),
    ):
        with speaking(language), pytest.raises(CallError) as error:  # type: ignore[arg-type]
            write_template(provinces, tmp_path / "x.csv")
        assert str(error.value) == f"{tmp_path / 'x.csv'}: {message}"
    assert list(tmp_path.iterdir()) == []
    write_template(provinces, tmp_path / "X.XLSX")


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
