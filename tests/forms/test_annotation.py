"""An annotated file is the file that came, with comments at their places and a first page that lists."""

from __future__ import annotations

import io
import re
import zipfile

import docx
import pytest
from lxml import etree

from tests.forms.filling import CASE, FIGURES, INDICATORS, STORY
from xinzhi.errors import XinzhiError
from xinzhi.forms import Finding, Place, message, remedy, rules
from xinzhi.forms.files.word import read_word
from xinzhi.forms.files.word.names import FINDINGS_TAG
from xinzhi.forms.rules import facts_of
from xinzhi.forms.writing.anchors import Anchors
from xinzhi.forms.writing.remarks import field_title, remarks
from xinzhi.forms.writing.word import write_word
from xinzhi.forms.writing.word_annotation import AUTHOR, annotate_word
from xinzhi.language import speaking

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
W = f"{{{WORD}}}"
RULE = {
    grade: next(id for id, rule in rules().items() if rule.grade == grade)
    for grade in ("mend", "explain", "note")
}


def finding(grade: str, **about) -> Finding:
    rule = RULE[grade]
    return Finding(rule=rule, facts=dict.fromkeys(facts_of(rules()[rule]), "<例&>"), **about)


def form_file(form=INDICATORS, answers=FIGURES) -> bytes:
    buffer = io.BytesIO()
    write_word(form, answers, buffer)
    return buffer.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(data: bytes, **changes: bytes) -> bytes:
    """Return a package with other texts for the parts of the text: document, comments, ..."""
    held = parts(data) | {f"word/{name}.xml": text for name, text in changes.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def canonical(text: bytes) -> bytes:
    return etree.tostring(etree.fromstring(text), method="c14n")


def text_of(element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def commented(data: bytes) -> dict[str, str]:
    """Map the first line of each comment to the text between its marks."""
    held = parts(data)
    body = etree.fromstring(held["word/document.xml"])
    found = {}
    for comment in etree.fromstring(held["word/comments.xml"]):
        id, between, inside = comment.get(f"{W}id"), "", False
        for element in body.iter():
            if element.get(f"{W}id") == id and element.tag == f"{W}commentRangeStart":
                inside = True
            elif element.get(f"{W}id") == id and element.tag == f"{W}commentRangeEnd":
                inside = False
            elif inside and element.tag == f"{W}t":
                between += element.text or ""
        found[text_of(comment[0])] = between
    return found


def test_comments_stand_at_their_cells_and_the_page_lists_all():
    findings = [
        finding("note", field="loans", year=2024, place=Place(table=1, row=4, column=4)),
        finding("mend", field="gdp", year=2023, place=Place(table=1, row=2, column=3)),
        finding("explain", place=Place(part="header", paragraph=1)),
        finding("mend"),
    ]
    data = annotate_word(form_file(), findings, form=INDICATORS)
    what = {grade: message(finding(grade)) for grade in RULE}
    assert commented(data) == {
        f"1. [必须修改] {what['mend']}": "1.23",
        f"4. [提示] {what['note']}": "3.24",
    }
    document = docx.Document(io.BytesIO(data))
    (control,) = document.element.body.iterchildren(f"{W}sdt")
    assert control is document.element.body[0]
    assert control.find(f"{W}sdtPr/{W}tag").get(f"{W}val") == FINDINGS_TAG
    listed = [[text_of(cell) for cell in row.iter(f"{W}tc")] for row in control.iter(f"{W}tr")]
    assert listed == [
        ["", "审核结果", "位置", "问题", "怎样修改"],
        ["1", "必须修改", "地区生产总值 2023 年 (第 1 个表 第 2 行第 3 列)", what["mend"], remedy(findings[1])],
        ["2", "必须修改", "整个文件", what["mend"], remedy(findings[3])],
        ["3", "必须说明", "页眉 第 1 段", what["explain"], remedy(findings[2])],
        [
            "4", "提示", "金融机构本外币各项贷款余额 2024 年 (第 1 个表 第 4 行第 4 列)", what["note"],
            remedy(findings[0]),
        ],
    ]  # fmt: skip
    lines = [text_of(paragraph) for paragraph in control.find(f"{W}sdtContent").iterchildren(f"{W}p")]
    assert lines == ["", "填报审核意见", "共 4 条: 必须修改 2, 必须说明 1, 提示 1", ""]


def test_the_rest_of_the_file_stays_as_it_was():
    before = form_file()
    after = annotate_word(before, [finding("mend", place=Place(table=1, row=2, column=3))])
    changed = {name for name, text in parts(after).items() if parts(before).get(name) != text}
    assert changed == {
        "[Content_Types].xml", "word/document.xml", "word/_rels/document.xml.rels", "word/comments.xml",
    }  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert archive.namelist() == [*parts(before), "word/comments.xml"]
    body = etree.fromstring(parts(after)["word/document.xml"])[0]
    body.remove(body[0])
    etree.strip_elements(body, *(f"{W}{tag}" for tag in ("commentRangeStart", "commentRangeEnd")))
    for reference in list(body.iter(f"{W}commentReference")):
        reference.getparent().getparent().remove(reference.getparent())
    assert etree.tostring(body) == etree.tostring(etree.fromstring(parts(before)["word/document.xml"])[0])


def test_annotating_again_replaces_what_was_there():
    once = annotate_word(form_file(), [finding("mend", place=Place(table=1, row=2, column=3))])
    twice = annotate_word(once, [finding("note", place=Place(table=1, row=3, column=3))])
    assert list(commented(twice)) == [f"1. [提示] {message(finding('note'))}"]
    cleared, first = (parts(data)["word/document.xml"] for data in (annotate_word(once, []), form_file()))
    assert canonical(cleared) == canonical(first)


def test_comments_of_people_stay():
    document = docx.Document(io.BytesIO(form_file()))
    document.add_comment(document.paragraphs[1].runs, text="请核对", author="样例审核人", initials="样")
    buffer = io.BytesIO()
    document.save(buffer)
    place = Place(paragraph=2)
    annotated = annotate_word(buffer.getvalue(), [finding("mend", place=place)])
    title = INDICATORS.title.zh
    assert commented(annotated) == {"请核对": title, f"1. [必须修改] {message(finding('mend'))}": title}
    assert list(commented(annotate_word(annotated, []))) == ["请核对"]
    assert AUTHOR.encode() not in parts(annotate_word(annotated, []))["word/comments.xml"]


def test_same_findings_give_the_same_bytes():
    findings = [finding("mend", place=Place(table=1, row=2, column=3)), finding("note")]
    assert annotate_word(form_file(), findings) == annotate_word(form_file(), findings)


def test_list_speaks_the_language_of_the_reader():
    with speaking("en"):
        data = annotate_word(form_file(CASE, STORY), [finding("mend", field="evidence")], form=CASE)
        assert field_title(CASE, "nothing") == ""
    text = text_of(etree.fromstring(parts(data)["word/document.xml"])[0][0])
    assert text.startswith(
        "Review of the return1 in all: must mend 1GradeWhereWhatHow to mend1must mendList of att"
    )


def test_strict_files_are_annotated_in_their_own_edition():
    before = form_file()
    strict = {
        name: parts(before)[f"word/{name}.xml"].replace(WORD.encode(), STRICT.encode())
        for name in ("document",)
    }
    held = parts(
        annotate_word(repacked(before, **strict), [finding("mend", place=Place(table=1, row=2, column=3))])
    )
    assert etree.QName(etree.fromstring(held["word/comments.xml"])).namespace == STRICT
    assert (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships/comments"
        in held["word/_rels/document.xml.rels"]
    )
    assert WORD.encode() not in held["word/document.xml"]


@pytest.mark.parametrize(
    "data", [b"", b"no zip", form_file()[:-30], repacked(form_file(), document=b"<broken")]
)
def test_what_is_no_word_file_is_refused(data):
    with pytest.raises(XinzhiError):
        annotate_word(data, [finding("mend")])


# --- places -----------------------------------------------------------------------------------------------

NESTED = f"""<w:body xmlns:w="{WORD}">
<w:p><w:r><w:t>one</w:t></w:r></w:p>
<w:tbl>
  <w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc>
    <w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>tall</w:t></w:r></w:p></w:tc></w:tr>
  <w:sdt><w:sdtContent><w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>
    <w:sdt><w:sdtContent><w:tc><w:p><w:r><w:t>first</w:t></w:r></w:p><w:p><w:r><w:t>second</w:t></w:r></w:p>
      <w:tbl><w:tr><w:tc><w:p><w:r><w:t>nested</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:sdtContent></w:sdt>
    <w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:sdtContent></w:sdt>
</w:tbl>
<w:sdt><w:sdtContent><w:p><w:r><w:t>two</w:t></w:r></w:p></w:sdtContent></w:sdt>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>last</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body>"""


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(paragraph=1), "one"),
        (Place(paragraph=2), "two"),
        (Place(table=1), "wide"),
        (Place(table=1, row=1, column=2), "wide"),
        (Place(table=1, row=2, column=3), "tall"),
        (Place(table=1, row=2, column=2), "first"),
        (Place(table=1, row=2, column=2, paragraph=2), "second"),
        (Place(table=2, row=1, column=1), "nested"),
        (Place(table=3, row=1, column=1), "last"),
    ],
)
def test_places_lead_to_their_paragraphs(place, text):
    assert text_of(Anchors(etree.fromstring(NESTED)).at(place)) == text


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place(part="header", paragraph=1),
        Place(table=4),
        Place(table=1, row=9, column=1),
        Place(table=1, row=2, column=1),
        Place(table=1, row=1, column=1, paragraph=2),
        Place(paragraph=3),
    ],
)
def test_places_that_are_not_there_lead_nowhere(place):
    assert Anchors(etree.fromstring(NESTED)).at(place) is None


def test_a_table_that_claims_millions_of_columns_costs_nothing():
    table = re.sub(r'gridSpan w:val="2"', 'gridSpan w:val="99999999"', NESTED)
    assert Anchors(etree.fromstring(table)).at(Place(table=1, row=1, column=100)) is not None
    assert Anchors(etree.fromstring(table)).at(Place(table=1, row=1, column=102)) is None


def test_remarks_are_ordered_by_grade_and_then_as_given():
    findings = [finding(grade, year=year) for grade in ("note", "mend", "explain") for year in (2023, 2024)]
    assert [(remark.number, remark.grade, remark.where) for remark in remarks(findings)] == [
        (1, "mend", "2023 年"),
        (2, "mend", "2024 年"),
        (3, "explain", "2023 年"),
        (4, "explain", "2024 年"),
        (5, "note", "2023 年"),
        (6, "note", "2024 年"),
    ]


# --- beside the reader ------------------------------------------------------------------------------------

BOX = "<w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r>"
ODD = NESTED.replace(
    "</w:body>",
    f"""<w:p>{BOX.format("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:tc></w:tr></w:tbl>")}</w:p>
<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>joined </w:t></w:r></w:p>
<w:p><w:r><w:t>to this</w:t></w:r></w:p>
<w:moveFrom><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:moveFrom>
<w:customXml><w:p><w:r><w:t>wrapped</w:t></w:r></w:p></w:customXml>
<w:tbl>
  <w:tr><w:trPr><w:del w:id="2"/></w:trPr><w:tc><w:p><w:r><w:t>deleted row</w:t></w:r></w:p></w:tc></w:tr>
  <w:tr><w:tc><w:tcPr><w:cellDel w:id="3"/></w:tcPr><w:p><w:r><w:t>deleted cell</w:t></w:r></w:p></w:tc>
    <w:tc><w:p><w:r><w:t>kept</w:t></w:r></w:p></w:tc>
    <w:tc><w:tcPr><w:hMerge/></w:tcPr><w:p/></w:tc></w:tr>
  <w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>narrow</w:t></w:r></w:p></w:tc></w:tr>
  <w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge/></w:tcPr><w:p><w:r><w:t>wider</w:t></w:r></w:p></w:tc></w:tr>
</w:tbl>
<w:p><w:r><w:t>end</w:t></w:r></w:p></w:body>""",
)
ODD_FILE = repacked(form_file(), document=f'<w:document xmlns:w="{WORD}">{ODD}</w:document>'.encode())
FILES = {
    "indicators": form_file(),
    "case": form_file(CASE, STORY),
    "blank case": form_file(CASE, {}),
    "odd": ODD_FILE,
}


@pytest.mark.parametrize("name", FILES)
def test_places_are_counted_as_the_reader_counts_them(name):
    body = etree.fromstring(parts(FILES[name])["word/document.xml"])[0]
    anchors = Anchors(body)
    found = [paragraph for paragraph in read_word(FILES[name]).paragraphs() if not paragraph.place.part]
    etree.strip_elements(body, f"{W}txbxContent")
    texts = [(paragraph.text, text_of(anchors.at(paragraph.place))) for paragraph in found]
    assert [(shown, anchor) for shown, anchor in texts if not shown.startswith(anchor)] == []
    assert len(texts) > 10


@pytest.mark.parametrize("name", FILES)
def test_annotated_file_reads_as_before(name):
    before = read_word(FILES[name])
    findings = [finding("note", place=paragraph.place) for paragraph in before.paragraphs()]
    assert read_word(annotate_word(FILES[name], [*findings, finding("mend")])) == before
