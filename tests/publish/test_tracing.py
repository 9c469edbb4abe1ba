"""Tracing a paper: every number is read back as a reader sees it, and one changed digit is found."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ByteStringObject, ContentStream, NameObject

import xinzhi
from tests.cli.conftest import xinzhi as xinzhi_command  # noqa: F401, the fixture that runs the command
from tests.publish.papers import rewritten
from xinzhi.errors import CallError, XinzhiError
from xinzhi.index import result_hash
from xinzhi.publish.bundle import open_bundle, write_bundle
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.tracing import Traced, numbers_shown, trace_document
from xinzhi.publish.tracing.comparing import pages_in

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
    (ranking,) = (e for e in reader.outline if not isinstance(e, list) and e.title.endswith("省级"))
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
    (tmp_path / "d.html").write_bytes(b"")
    (tmp_path / "e.html").write_text("<p>77.2</p>")
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    for name, message in {
        "a.pdf": "PDF 读不出来",
        "a.docx": "a.docx",
        "a.txt": "只能追溯 PDF、Word (.docx)、网页 (.html) 和网站文件夹",
        "e.html": "没有一个数字带键",
        "d.html": "网页读不出来",
        "b.docx": "b.docx",
        "c.docx": "没有一个数字带键",
        "none.pdf": "文件或文件夹不存在",
    }.items():
        with pytest.raises(CallError, match=re.escape(message)):
            trace_document(tmp_path / name, short_paper / "bundle.zip")


# --- pages -------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>榜单</title><body>
<p>北京得分 <b data-key="xinzhi:{result}/score/110000/nqpf/2022//1">77.2</b>, 共
<span data-key="xinzhi:{result}/units///2022//0">31</span> 个</p>
<table data-result="{result}" data-year="2022">
<tr data-unit="110000"><td>北京</td><td data-measure="rank" data-node="nqpf" data-form="0"><i>1</i></td>
<td data-measure="score" data-node="nqpf" data-form="1"> 77.2 </td>
<td data-measure="climb" data-node="nqpf" data-more="2012" data-form="direction.0">{climb}</td></tr>
</table></body></html>
"""


@pytest.fixture
def site(short_paper, tmp_path):
    """A folder of two pages, one in each language, and what is no page."""
    result = result_hash(open_bundle(short_paper / "bundle.zip").result)[:8]
    for folder, climb in (("zh", "持平"), ("en", "held steady")):
        (tmp_path / "site" / folder).mkdir(parents=True)
        text = PAGE.format(result=result, climb=climb)
        (tmp_path / "site" / folder / "index.html").write_text(text, encoding="utf-8")
    (tmp_path / "site" / "scores.csv").write_text("77.2")
    return tmp_path / "site"


def test_every_number_of_a_site_agrees(site, short_paper):
    assert trace_document(site, short_paper / "bundle.zip") == Traced(10, ())


def test_keys_of_a_table_are_put_together(site):
    numbers = [(n.place, n.key.partition("/")[2], n.text) for n in numbers_shown(site / "zh" / "index.html")]
    assert numbers == [
        ("第 2 行", "score/110000/nqpf/2022//1", "77.2"),
        ("第 3 行", "units///2022//0", "31"),
        ("第 5 行", "rank/110000/nqpf/2022//0", "1"),
        ("第 6 行", "score/110000/nqpf/2022//1", "77.2"),
        ("第 7 行", "climb/110000/nqpf/2022/2012/direction.0", "持平"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "why"),
    [
        ("<b data-key", "<b hidden data-key", None, ""),
        (">77.2</b>", ">77.3</b>", "第 2 行", "印的是 77.3, 数据包里是 77."),
        (">31<", ">13<", "第 3 行", "印的是 13, 数据包里是 31"),
        ("<i>1</i>", "<i>1</i>2", "第 5 行", "印的是 12, 数据包里是 1"),
        (" 77.2 ", " 72.2 ", "第 6 行", "印的是 72.2, 数据包里是 77."),
        ("持平", "上升", "第 7 行", "印的是 上升, 数据包里是 0"),
        ('data-unit="110000"', 'data-unit="none"', "第 5 行", "结果里没有这个数: "),
        ('data-node="nqpf" data-more', 'data-node="~99" data-more', "第 7 行", "结果里没有这个数: "),
        ('data-form="1"', 'data-form="x"', "第 6 行", "没有叫 x 的写法"),
        ('data-measure="climb" data-node="nqpf" data-more="2012"',
         'data-measure="pace" data-node="nqpf" data-more="2022"', "第 7 行", "结果里没有这个数: "),
        ("xinzhi:", "xinzhu:", "第 2 行", "读不出数字的键: "),
    ],
)  # fmt: skip
def test_one_change_on_a_page(site, short_paper, old, new, place, why):
    page = site / "zh" / "index.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = trace_document(site, short_paper / "bundle.zip").mismatches
    if place is None:
        assert found == ()
        return
    assert found[0].shown.place == f"zh/index.html {place}"
    assert found[0].why.startswith(why)


def test_a_folder_without_pages_cannot_be_traced(short_paper, tmp_path):
    with pytest.raises(CallError, match="文件夹里没有网页"):
        trace_document(tmp_path, short_paper / "bundle.zip")


def test_a_link_out_of_the_site_is_not_followed(site, tmp_path):
    (tmp_path / "other.html").write_text("<p>")
    (site / "link.html").symlink_to(tmp_path / "other.html")
    assert [page.name for page in pages_in(site)] == ["index.html", "index.html"]


def test_the_command_traces_a_site(xinzhi_command, site, short_paper):  # noqa: F811
    bundle = short_paper / "bundle.zip"
    run = xinzhi_command("trace", site, "--bundle", bundle)
    assert (run.status, run.out) == (0, f"{site}: 10 个数, 0 个与数据包不符\n")
    page = site / "en" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("77.2", "77.9", 1), encoding="utf-8")
    run = xinzhi_command("trace", site, "--bundle", bundle, "--json")
    told = json.loads(run.out)
    assert (run.status, told["count"], len(told["mismatches"])) == (1, 10, 1)
    assert told["mismatches"][0]["shown"]["place"] == "en/index.html 第 2 行"
