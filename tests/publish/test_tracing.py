"""Tracing a paper: every number is read back as a reader sees it, and one changed digit is found."""

from __future__ import annotations

import re
import zipfile

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ByteStringObject, ContentStream, NameObject

import xinzhi
from tests.publish.papers import rewritten
from xinzhi.errors import CallError, XinzhiError
from xinzhi.publish.bundle import write_bundle
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.tracing import numbers_shown, trace_document

KEY = "score/110000/nqpf/2022//1"
"""The total of 北京 in 2022, 77.2: in the ranking it stands on its own in a cell."""


def glyphs_of(font):
    """Signs by glyph, from the font's own map to Unicode."""
    lines = font["/ToUnicode"].get_data().decode("ascii")
    return {
        bytes.fromhex(g): bytes.fromhex(u).decode("utf-16-be")
        for g, u in re.findall(r"<(\w{4})> <(\w+)>", lines)
    }


def with_one_digit_changed(source, target, text, other):
    """Write the PDF with the first piece of text in the ranking that reads `text` showing `other` instead."""
    writer = PdfWriter(clone_from=PdfReader(source))
    reader = PdfReader(source)
    (ranking,) = (e for e in reader.outline if not isinstance(e, list) and e.title.endswith("榜单与档次"))
    first = reader.get_destination_page_number(ranking)
    for page in writer.pages[first : first + 2]:
        content, signs = ContentStream(page.get_contents(), writer), {}
        for operands, operator in content.operations:
            if operator == b"Tf":
                signs = glyphs_of(page["/Resources"]["/Font"][operands[0]])
            if operator != b"TJ" or len(operands[0]) != 1:
                continue
            data = operands[0][0].original_bytes
            pairs = [data[i : i + 2] for i in range(0, len(data), 2)]
            if "".join(signs.get(pair, "?") for pair in pairs) == text:
                glyph = {sign: pair for pair, sign in signs.items()}
                operands[0][0] = ByteStringObject(b"".join(glyph[sign] for sign in other))
                page[NameObject("/Contents")] = writer._add_object(content)
                writer.write(target)
                return target
    raise AssertionError(f"{text} stands nowhere on its own")


def with_text_changed(source, target, key, text, other):
    """Write the Word file with one content control showing another text."""

    def spoil(name, data):
        if name != "word/document.xml":
            return data
        start = data.index(key.encode())
        at = data.index(f">{text}<".encode(), start)
        return data[: at + 1] + other.encode() + data[at + 1 + len(text.encode()) :]

    return rewritten(source, target, spoil)


@pytest.mark.parametrize("name", ["paper.pdf", "paper.docx"])
def test_every_number_agrees(paper_folder, name):
    traced = trace_document(paper_folder / name, paper_folder / "bundle.zip")
    assert traced.mismatches == ()
    assert traced.count == len(list(numbers_shown(paper_folder / "paper.docx"))) > 3000


def test_both_files_show_the_same_numbers(paper_folder):
    shown = [
        sorted((n.key, n.text) for n in numbers_shown(paper_folder / name))
        for name in ("paper.pdf", "paper.docx")
    ]
    assert shown[0] == shown[1]


def test_one_digit_changed_in_the_pdf(short_paper, tmp_path):
    changed = with_one_digit_changed(short_paper / "paper.pdf", tmp_path / "a.pdf", "77.2", "72.2")
    (mismatch,) = trace_document(changed, short_paper / "bundle.zip").mismatches
    assert mismatch.shown.key.endswith(KEY)
    assert re.fullmatch(r"第 \d+ 页: 印的是 72\.2, 数据包里是 77\.\d+ \(xinzhi:\w{8}/.*\)", str(mismatch))


@pytest.mark.parametrize(
    ("key", "text", "other"),
    [
        (KEY, "77.2", "77.3"),
        (KEY, "77.2", "77.20"),
        (KEY, "77.2", ""),
        ("climb/210000/nqpf/2022/2012/direction.0", "下降", "上升"),
    ],
)
def test_one_change_in_the_word_file(short_paper, tmp_path, key, text, other):
    changed = with_text_changed(short_paper / "paper.docx", tmp_path / "a.docx", key, text, other)
    (mismatch,) = trace_document(changed, short_paper / "bundle.zip").mismatches
    assert mismatch.shown.key.endswith(key)
    assert mismatch.why.startswith(f"印的是 {other}, 数据包里是 ")


def test_a_key_moved_to_another_unit_is_found(short_paper, tmp_path):
    def spoil(name, data):
        return data.replace(KEY.encode(), KEY.replace("110000", "120000").encode(), 1)

    changed = rewritten(short_paper / "paper.docx", tmp_path / "a.docx", spoil)
    assert len(trace_document(changed, short_paper / "bundle.zip").mismatches) == 1


def test_the_bundle_of_another_result(short_paper, tmp_path):
    other = write_bundle(
        edition_of([xinzhi.compute("national-open")], choices=Choices(analyses=())),
        tmp_path / "b.zip",
        figures=(),
    )
    traced = trace_document(short_paper / "paper.docx", other)
    assert len(traced.mismatches) == traced.count
    assert "属于另一个结果" in traced.mismatches[0].why


def test_a_bundle_that_was_altered_proves_nothing(short_paper, tmp_path):
    def spoil(name, data):
        return data + b"x" if name == "notes.txt" else data

    altered = rewritten(short_paper / "bundle.zip", tmp_path / "b.zip", spoil)
    with pytest.raises(XinzhiError, match=r"数据包自身不一致: notes\.txt SHA-256"):
        trace_document(short_paper / "paper.pdf", altered)


def test_what_cannot_be_traced(short_paper, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing")
    (tmp_path / "a.docx").write_bytes(b"PK nothing")
    (tmp_path / "a.txt").write_text("77.2")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    for name, message in {
        "a.pdf": "PDF 读不出来",
        "a.docx": "a.docx",
        "a.txt": "只能追溯 PDF 和 Word",
        "b.docx": "b.docx",
        "c.docx": "没有一个数字带键",
        "none.pdf": "文件或文件夹不存在",
    }.items():
        with pytest.raises(CallError, match=message):
            trace_document(tmp_path / name, short_paper / "bundle.zip")
