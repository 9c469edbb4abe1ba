"""Portraits by themselves: one page on request, a file for each province."""

from __future__ import annotations

import io
from itertools import groupby

import numpy as np
import pytest
from pypdf import PdfReader

import xinzhi
from tests.cli.conftest import xinzhi as command  # noqa: F401, the fixture that runs the command
from tests.publish.test_paper import two_counties
from xinzhi.errors import CallError
from xinzhi.geography import demonstration_units
from xinzhi.index import save_folder
from xinzhi.language import speaking
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.paper import portrait_pdf, write_portraits
from xinzhi.reproduction import printed_index

QUICK = Choices(analyses=())


def made_up_counties():
    """Figures of two counties of 示例省."""
    codes = [unit.code for unit in demonstration_units() if unit.kind == "县"][:2]
    return two_counties().with_columns(code=np.array(codes))


def text_of(data):
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def test_one_page_on_request_and_the_same_bytes_again(provinces):
    assessment = edition_of([provinces], choices=QUICK).main
    data = portrait_pdf(assessment, "110000")
    (page,) = text_of(data)
    words = "".join(page.split())
    assert "2022年，北京新质生产力开放指数为77.2，在31个单位中居第1位。" in words
    assert portrait_pdf(assessment, "110000") == data
    assert b"<pdfuaid:part>1</pdfuaid:part>" in PdfReader(io.BytesIO(data)).xmp_metadata.stream.get_data()


def test_a_portrait_by_a_printed_index(provinces):
    assessment = edition_of([provinces], [printed_index()]).assessments[1]
    with speaking("en"):
        (page,) = text_of(portrait_pdf(assessment, "110000"))
    assert "Beijing" in page and "69.8" in page


def test_a_unit_that_is_not_there(provinces):
    with pytest.raises(CallError, match="没有代码为 130121 的单位"):
        portrait_pdf(edition_of([provinces], choices=QUICK).main, "130121")


def test_a_unit_without_any_figure_says_so(provinces):
    values, status = provinces.panel.values.copy(), provinces.panel.status.copy()
    values[:, 5], status[:, 5] = np.nan, 0
    result = xinzhi.compute("province-open", provinces.panel.with_values(values, status), years=2022)
    (page,) = text_of(portrait_pdf(edition_of([result], choices=QUICK).main, "210000"))
    assert "得分：数据缺失" in "".join(page.split())


def test_a_file_for_each_province_with_a_page_for_each_unit(tmp_path):
    """Two counties of 河北, whose code is 130000."""
    assessment = edition_of([xinzhi.compute("county-2025", two_counties())], choices=QUICK).main
    (file,) = write_portraits(assessment, tmp_path / "p")
    assert (file.name, len(text_of(file.read_bytes()))) == ("130000.pdf", 2)
    assert write_portraits(assessment, tmp_path / "p") == [file]


def test_made_up_units_are_marked_on_every_page(tmp_path):
    assessment = edition_of([xinzhi.compute("county-2025", made_up_counties())], choices=QUICK).main
    (file,) = write_portraits(assessment, tmp_path / "p")
    assert [page.strip().startswith("演示数据") for page in text_of(file.read_bytes())] == [True, True]


def test_the_command(command, provinces, tmp_path):  # noqa: F811
    save_folder(xinzhi.compute("province-open", years=[2022]), tmp_path / "result")
    run = command(
        "portraits", tmp_path / "result", "-o", tmp_path / "p", "--by", "province", "--replications", 50
    )
    assert (run.status, run.out) == (0, f"已写出 31 个文件, 31 个单位: {tmp_path / 'p'}\n")
    codes = [code for code, _same in groupby(provinces.codes)]
    assert sorted(f.name for f in (tmp_path / "p").glob("*.pdf")) == [f"{code}.pdf" for code in codes]
