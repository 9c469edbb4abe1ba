"""The front door: a path or bytes in, readings out, pictures and marks of secrecy included."""

from __future__ import annotations

import io

import pytest

from tests.forms.word_files import docx, p
from xinzhi.demonstration import simulated_case, simulated_picture
from xinzhi.errors import CallError
from xinzhi.forms import load_form, read
from xinzhi.forms.opening.workshop import LARGEST_FILE, Workshop
from xinzhi.forms.writing.word import write_word

CASE = load_form("case")


@pytest.fixture(scope="module")
def workshop():
    with Workshop() as workshop:
        yield workshop


def filled(**changes) -> bytes:
    answers = simulated_case(CASE, "示例省样品有限公司", "样品改造")
    file = io.BytesIO()
    write_word(CASE, answers | {(id, None): text for id, text in changes.items()}, file)
    return file.getvalue()


def test_a_path_gives_the_same_as_its_bytes(tmp_path, workshop):
    file = tmp_path / "案例.docx"
    file.write_bytes(filled())
    assert read(file, workshop=workshop) == read(file.read_bytes(), name="案例.docx", workshop=workshop)


def test_a_picture_is_measured_under_its_own_name(workshop):
    (picture,) = read(simulated_picture(1), name="图1.jpg", workshop=workshop).pictures
    assert (picture.name, picture.format, picture.width, picture.height) == ("图1.jpg", "JPEG", 1920, 1280)


def test_a_classified_file_is_not_read(workshop):
    reading = read(filled(title="机密★10年"), workshop=workshop)
    assert [(f.rule, f.facts["mark"]) for f in reading.findings] == [("secrecy.classified", "机密★10年")]
    assert (reading.form, reading.values) == ("", ())


def test_an_internal_header_is_asked_about_and_the_file_read(workshop):
    reading = read(docx(p("正文"), headers=[p("内部资料")]), workshop=workshop)
    assert "secrecy.internal" in [finding.rule for finding in reading.findings]


def test_a_file_beyond_the_limit_is_never_loaded_whole(tmp_path, workshop):
    file = tmp_path / "a.docx"
    with file.open("wb") as out:
        out.truncate(40 * LARGEST_FILE)  # a hole: 2.5 GB that take no room
    (finding,) = read(file, workshop=workshop).findings
    assert (finding.rule, finding.facts["limit"]) == ("workshop.too_large", LARGEST_FILE // 1_000_000)


def test_what_is_not_there_is_told(tmp_path, workshop):
    with pytest.raises(CallError) as raised:
        read(tmp_path / "no.docx", workshop=workshop)
    assert str(raised.value) == f"{tmp_path / 'no.docx'}: 读不出来: 文件或文件夹不存在"
