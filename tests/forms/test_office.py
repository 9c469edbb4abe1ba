"""Old formats through LibreOffice, where it is installed; a clear request where it is not."""

from __future__ import annotations

import io
import time
from decimal import Decimal
from pathlib import Path

import pytest

from xinzhi.errors import CallError
from xinzhi.forms import load_form
from xinzhi.forms.opening.front_door import read, read_all
from xinzhi.forms.opening.office import convert, installed
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.refusals import UnreadableFile
from xinzhi.forms.writing.excel import write_excel

FORM = load_form("letter-2025/indicators@1")
ANSWERS = {
    ("gdp", 2023): Decimal("207.46"),
    ("gdp", 2024): Decimal("215.3"),
    ("population", 2024): Decimal("31.25"),
}
needs_office = pytest.mark.skipif(not installed(), reason="LibreOffice is not installed")

HTML = """<html><head><meta charset="utf-8"></head><body><table>
<tr><td></td><td>指标</td><td>2023年</td><td>2024年</td><td>说明</td></tr>
<tr><td>1</td><td>地区生产总值（亿元）</td><td>207.46</td><td>215.30</td><td></td></tr>
<tr><td>2</td><td>常住人口（万人）</td><td></td><td>31.25</td><td></td></tr>
<tr><td>3</td><td>技术合同成交额（万元）</td><td></td><td></td><td></td></tr>
<tr><td>4</td><td>发明专利授权数量（件）</td><td></td><td></td><td></td></tr>
</table>{more}</body></html>"""


@pytest.fixture(scope="module")
def workshop():
    with Workshop() as workshop:
        yield workshop


@pytest.fixture(scope="module")
def xlsx() -> bytes:
    buffer = io.BytesIO()
    write_excel(FORM, ANSWERS, buffer)
    return buffer.getvalue()


def figures(reading):
    return {(v.field, v.year): v.number for v in reading.values if v.status == "number"}


@pytest.fixture
def fake(tmp_path):
    """A program in the place of LibreOffice that does what a shell script says; $out is the wanted file."""

    def made(script: str) -> str:
        path = tmp_path / "soffice"
        path.write_text(f'#!/bin/sh\nout="$(dirname "$0")"\n{script}\n')
        path.chmod(0o755)
        return str(path)

    return made


@needs_office
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_old_sheets_read_as_the_new_one(kind, xlsx, workshop):
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "form.xlsx").write_bytes(xlsx)
        command = [
            installed(),
            f"-env:UserInstallation=file://{folder}/p",
            "--headless",
            "--convert-to",
            kind,
        ]
        subprocess.run([*command, "--outdir", folder, f"{folder}/form.xlsx"], check=True, capture_output=True)
        data = Path(folder, f"form.{kind}").read_bytes()
    reading = read(data, name=f"form.{kind}", workshop=workshop)
    assert (figures(reading), reading.format, reading.form) == (ANSWERS, kind, FORM.name)
    assert "reading.converted" in [finding.rule for finding in reading.findings]


@needs_office
def test_a_web_page_reads_as_a_form_and_fetches_nothing(workshop):
    more = '<img src="http://127.0.0.1:9/x.png">'
    reading = read(HTML.replace("{more}", more).encode(), workshop=workshop)
    assert (figures(reading), reading.format) == (ANSWERS, "html")


@needs_office
def test_what_is_no_document_is_asked_for_again(workshop):
    reading = read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), workshop=workshop)
    assert [finding.rule for finding in reading.findings] in (["files.old_format"], ["files.other_kind"])


def test_without_libreoffice_the_file_is_asked_for_in_another_format():
    with pytest.raises(UnreadableFile) as error:
        convert(b"", "doc", "docx", program="")
    assert (error.value.finding.rule, error.value.finding.facts) == ("files.old_format", {"kind": "doc"})


def test_what_does_not_end_is_ended_with_all_it_started(fake, tmp_path):
    begun = time.monotonic()
    with pytest.raises(UnreadableFile):
        convert(b"", "doc", "docx", program=fake('sleep 60 & echo $! > "$out/pid"; sleep 60'), seconds=2)
    assert time.monotonic() - begun < 10
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 2
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_the_program_is_confined(fake, tmp_path):
    script = 'ulimit -a > "$out/limits"; env > "$out/env"; pwd > "$out/cwd"'
    with pytest.raises(UnreadableFile):
        convert(b"", "doc", "docx", program=fake(script))
    limits = (tmp_path / "limits").read_text()
    values = {line.split("(")[0].strip(): line.split()[-1] for line in limits.splitlines()}
    data = next(value for name, value in values.items() if "data" in name)
    assert 0 < int(data) * 1024 <= 1_500_000_000
    assert "PYTHON" not in (tmp_path / "env").read_text()
    assert not Path((tmp_path / "cwd").read_text().strip()).exists()


def test_a_link_in_the_place_of_the_result_is_not_followed(fake):
    with pytest.raises(UnreadableFile):
        convert(b"", "doc", "docx", program=fake("mkdir converted; ln -s /etc/passwd converted/file.docx"))


# --- the front door --------------------------------------------------------------------------------------


def test_a_file_is_read_by_its_path_and_says_so(xlsx, workshop, tmp_path):
    path = tmp_path / "填报表.xlsx"
    path.write_bytes(xlsx)
    reading = read(path, workshop=workshop)
    assert figures(reading) == ANSWERS
    assert str(reading.value("gdp", 2023).place) == "填报表.xlsx: 工作表 指标数据 单元格 D4"


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(CallError):
        read(tmp_path / "none.xlsx")


@pytest.mark.parametrize(
    ("data", "rule"),
    [(b"", "files.empty"), (b"%PDF-1.7\n", "files.other_kind"), (b"PK\x03\x04", "files.other_kind")],
)
def test_what_cannot_be_read_is_a_finding(data, rule, workshop):
    (reading,) = read_all(data, name="文件", workshop=workshop)
    assert [(finding.rule, finding.place.file) for finding in reading.findings] == [(rule, "文件")]


def test_a_csv_is_read(workshop):
    text = (
        "指标,2023年,2024年\n地区生产总值（亿元）,207.46,215.30\n常住人口（万人）,,31.25\n"
        "技术合同成交额（万元）,,\n发明专利授权数量（件）,,\n"
    )
    assert figures(read(text.encode("gb18030"), workshop=workshop)) == ANSWERS
