"""The text of Word files as people see it: tracked changes, boxes, fields, symbols, what is hidden and what is lost."""

from __future__ import annotations

import pytest

from tests.forms.word_files import (
    MACRO_WORD,
    NAMESPACES,
    Rel,
    check_box,
    dele,
    docx,
    field,
    ins,
    p,
    packed,
    part,
    parts,
    r,
    relationships,
    sdt,
    style,
    sym,
    table,
    tbl,
    tc,
    text_box,
    tr,
)
from xinzhi.forms.document import Document
from xinzhi.forms.files.word import read_word
from xinzhi.forms.places import Place

FIRST = Place(paragraph=1)
OBJECT = '<w:object><v:shape><v:imagedata r:id="x"/></v:shape><o:OLEObject r:id="y"/></w:object>'


def read(body: str, **given) -> Document:
    return read_word(docx(body, **given))


def lines(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs()]


def margins(document: Document) -> list[tuple[str, str]]:
    return [(paragraph.place.part, paragraph.text) for paragraph in document.margins]


def marks(body: str, **given) -> list[tuple[str, bool | None]]:
    return [(run.text, run.mark) for paragraph in read(body, **given).paragraphs() for run in paragraph.runs]


# --- plain text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r("一") + r("二"), "一二"),
        (r("一", inside="<w:tab/>") + r("二"), "一\t二"),
        (r("一", inside="<w:br/>") + r("二", inside="<w:cr/>"), "一\n二\n"),
        (r(inside="<w:noBreakHyphen/>") + r("5.00"), "-5.00"),
        (r("软", inside="<w:softHyphen/>") + r("连"), "软连"),
        ('<w:hyperlink r:id="x">' + r("链接") + "</w:hyperlink>", "链接"),
        ('<w:smartTag><w:smartTagPr/>' + r("207") + "</w:smartTag>" + r(".46"), "207.46"),
        ("<w:customXml>" + r("207.46") + "</w:customXml>", "207.46"),
        ('<w:bdo w:val="ltr">' + r("文") + "</w:bdo>", "文"),
        (sdt(r("控件")), "控件"),
        (sdt(sdt(r("里"))), "里"),
        ("<w:r><w:t>12<!-- 注 -->34</w:t></w:r>", "1234"),
        ('<w:commentRangeStart w:id="0"/>' + r("正文") + '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>', "正文"),
        ("<w:r><w:ruby><w:rt>" + r("zhāng") + "</w:rt><w:rubyBase>" + r("张") + "</w:rubyBase></w:ruby></w:r>", "张"),
    ],
)  # fmt: skip
def test_text_in_a_paragraph(inside, text):
    document = read(p(inside=inside))
    assert (lines(document), document.lost, document.tracked) == ([text], [], False)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<m:r><m:t>207.46</m:t></m:r>", "207.46"),
        (
            "<m:f><m:fPr/><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>",
            "1/2",
        ),
        (
            "<m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>",
            "10^2",
        ),
    ],
)
def test_a_formula_does_not_run_into_one_number(formula, text):
    assert lines(read(p(inside=f"<m:oMathPara><m:oMath>{formula}</m:oMath></m:oMathPara>"))) == [text]


def test_a_raised_digit_is_no_digit_of_the_number():
    assert lines(read(p(inside=r("10") + r("2", '<w:vertAlign w:val="superscript"/>')))) == ["10²"]


def test_struck_out_text_is_not_shown_and_reported():
    document = read(p(inside=r("101.25", "<w:strike/>") + r("207.46")))
    assert lines(document) == ["207.46"]
    assert [(run.text, run.hidden) for run in document.blocks[0].runs] == [
        ("101.25", True),
        ("207.46", False),
    ]
    assert document.lost == [("files.struck_out", FIRST)]


# --- tracked changes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (dele("101.25") + ins(r("207.46")), "207.46"),
        (ins(r("2") + dele("9") + r("07.46")), "207.46"),
        ('<w:moveFrom w:id="1">' + r("旧处") + "</w:moveFrom>" + r("文"), "文"),
        ('<w:moveTo w:id="1">' + r("新处") + "</w:moveTo>" + r("文"), "新处文"),
        (ins(sdt(r("控件"))), "控件"),
    ],
)
def test_insertions_are_read_and_deletions_left(inside, text):
    document = read(p(inside=inside))
    assert (lines(document), document.tracked) == ([text], True)


def test_inserted_text_says_so():
    (paragraph,) = read(p("甲", inside=ins(r("乙")) + r("丙"))).paragraphs()
    assert [(run.text, run.inserted) for run in paragraph.runs] == [
        ("甲", False),
        ("乙", True),
        ("丙", False),
    ]


def test_a_deleted_end_of_paragraph_joins_it_to_the_next():
    document = read(p("上", '<w:rPr><w:del w:id="1"/></w:rPr>') + p("下") + p("再下"))
    assert (lines(document), document.tracked) == (["上下", "再下"], True)


def test_formatting_changes_are_not_read():
    old = '<w:rPrChange w:id="1"><w:rPr><w:vanish/><w:color w:val="FF0000"/></w:rPr></w:rPrChange>'
    document = read(p(inside=r("文", old)))
    assert (lines(document), document.blocks[0].runs[0].colour, document.tracked) == (["文"], "", False)


# --- hidden -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ("<w:vanish/>", ""),
        ('<w:vanish w:val="0"/>', "文"),
        ("<w:webHidden/>", "文"),
        ('<w:rStyle w:val="hide"/>', ""),
        ('<w:rStyle w:val="hide"/><w:vanish w:val="false"/>', "文"),
    ],
)
def test_hidden_text(properties, shown):
    document = read(p(inside=r("文", properties)), styles=style("hide", "character", run="<w:vanish/>"))
    assert (lines(document), document.blocks[0].runs[0].text) == ([shown], "文")


def test_a_switch_of_two_styles_is_off():
    styles = style("hide", "character", run="<w:vanish/>") + style("p", run="<w:vanish/>")
    document = read(
        p(properties='<w:pStyle w:val="p"/>', inside=r("一") + r("二", '<w:rStyle w:val="hide"/>')),
        styles=styles,
    )
    assert lines(document) == ["二"]


# --- check boxes and symbols ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "mark"),
    [
        (check_box(True), ("☑", True)),
        (check_box(False), ("□", False)),
        (check_box(True, ""), ("☑", True)),
        (check_box(True, "√"), ("☑", True)),
        (sym("Wingdings 2", "F052"), ("☑", True)),
        (sym("Wingdings 2", "0052"), ("☑", True)),
        (sym("Wingdings 2", "F0A3"), ("□", False)),
        (sym("Wingdings 2", "A3"), ("□", False)),
        (sym("Wingdings", "F052"), ("☑", True)),
        (sym("Wingdings", "F0A3"), ("□", False)),
        (sym("Wingdings", "F0FE"), ("☑", True)),
        (sym("Wingdings", "FE"), ("☑", True)),
        (sym("Wingdings", "F0A8"), ("□", False)),
        (sym("Wingdings", "F06F"), ("□", False)),
        (sym("Wingdings", "F0FC"), ("√", None)),
        (sym("Symbol", "F0D6"), ("√", None)),
        (sym("宋体", "2611"), ("☑", None)),
        (r("R", '<w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/>'), ("☑", True)),
        (r("\uf0a3", '<w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/>'), ("□", False)),
        (field("FORMCHECKBOX", form='<w:checkBox><w:sizeAuto/><w:default w:val="0"/><w:checked/></w:checkBox>'), ("☑", True)),
        (field("FORMCHECKBOX", form='<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>'), ("□", False)),
        (field("FORMCHECKBOX", form='<w:checkBox><w:default w:val="1"/></w:checkBox>'), ("☑", True)),
        (field("FORMCHECKBOX", "", form='<w:checkBox><w:default w:val="0"/></w:checkBox>'), ("□", False)),
        (field(r"eq \o\ac(□,√)"), ("☑", True)),
        (field(r" EQ \o\ac(□，✓)"), ("☑", True)),
        (field(r"eq \o\ac(√,□)"), ("☑", True)),
        (field(r"eq \o\ac(\s\do1(□),√)"), ("☑", True)),
        (field(r"eq \o\ac(□, )"), ("□", False)),
        (field(r"eq \o\ac(□,√)", r("□√")), ("☑", True)),
        (f'<w:fldSimple w:instr="eq \\o\\ac(□,√)">{r("√")}</w:fldSimple>', ("☑", True)),
        (field(r'SYMBOL 254 \f "Wingdings" \s 10.5'), ("☑", True)),
    ],
)  # fmt: skip
def test_check_boxes_and_symbols_before_a_label(inside, mark):
    assert marks(p(inside=inside)) == [mark]
    label = [mark, ("高科技", None)] if mark[1] is not None else [(mark[0] + "高科技", None)]
    assert marks(p(inside=inside + r("高科技"))) == label


def test_an_enclosed_character_split_over_runs():
    pieces = "".join(
        f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'
        for text in ("eq \\o\\ac(", "□", ",√", ")")
    )
    body = f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{pieces}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert marks(p(inside=body + r("高科技"))) == [("☑", True), ("高科技", None)]


@pytest.mark.parametrize(
    ("enclosed", "text"),
    [("○,1", "①"), ("1,○", "①"), ("○,20", "⑳"), ("○,21", "(21)"), ("□,1", "①"), ("○,中", "中")],
)
def test_an_enclosed_number_is_no_digit_of_the_figure_beside_it(enclosed, text):
    document = read(p(inside=r("120") + field(rf"eq \o\ac({enclosed})")))
    assert document.blocks[0].text == "120" + text


def test_a_check_box_that_contradicts_itself_says_both():
    document = read(p(inside=check_box(False, "☒") + r("高科技")))
    assert [(run.text, run.mark) for run in document.blocks[0].runs] == [
        ("□", False),
        ("☑", True),
        ("高科技", None),
    ]
    assert document.lost == [("files.doubtful_box", FIRST)]


def test_a_check_box_control_around_a_paragraph_and_around_a_cell():
    state = '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>'
    assert marks(sdt(p("☒"), state)) == [("☑", True)]
    assert marks(tbl(tr(sdt(tc("☒"), state), "高科技"))) == [("☑", True), ("高科技", None)]


def test_text_typed_into_a_check_box_control_stays_text():
    state = '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>'
    assert marks(p(inside=sdt(r("☑高科技"), state))) == [("☑高科技", None)]


def test_a_symbol_that_is_not_known_is_reported():
    document = read(p(inside=r("12") + sym("Wingdings", "F043")))
    assert (lines(document), document.lost) == (["12�"], [("files.symbol", FIRST)])
    document = read(p("12\uf043"))
    assert (lines(document), document.lost) == (["12�"], [("files.symbol", FIRST)])


CHECK_BOX = "{8BD21D40-EC42-11CE-9E0D-00AA006002F3}"


def control(state: str) -> dict:
    xml = f'<ax:ocx xmlns:ax="{NAMESPACES["ax"]}" ax:classid="{CHECK_BOX}">{state}</ax:ocx>'
    return {"rels": [Rel("ax1", "control", "activeX1.xml")], "more": {"word/activeX1.xml": xml}}


@pytest.mark.parametrize(("value", "mark"), [("1", ("☑", True)), ("0", ("□", False))])
def test_a_form_control_that_keeps_its_state_as_text(value, mark):
    inside = r(inside='<w:object><w:control r:id="ax1" w:name="CheckBox1"/></w:object>')
    assert marks(p(inside=inside), **control(f'<ax:ocxPr ax:name="Value" ax:value="{value}"/>')) == [mark]


def test_a_form_control_that_cannot_be_told_is_lost():
    inside = r(inside='<w:object><w:control r:id="ax1" w:name="CheckBox1"/></w:object>')
    document = read(p(inside=inside), **control('<ax:ocxPr ax:name="Caption" ax:value="x"/>'))
    assert (lines(document), document.lost, document.drawings) == ([""], [("files.control", FIRST)], [FIRST])


# --- placeholders ------------------------------------------------------------------------------------------------


def test_a_placeholder_is_not_what_was_filed():
    styles = style("a3", "character", name="Placeholder Text", run='<w:color w:val="808080"/>')
    hint = r("单击此处输入文字。", '<w:rStyle w:val="a3"/>')
    assert lines(read(p(inside=sdt(hint, "<w:showingPlcHdr/>")), styles=styles)) == [""]
    assert lines(read(p(inside=sdt(r("207.46"), "<w:showingPlcHdr/>")), styles=styles)) == ["207.46"]
    assert lines(read(p(inside=sdt(hint)), styles=styles)) == ["单击此处输入文字。"]


# --- fields -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (field("PAGE", r("3")), "3"),
        (field("REF x", r("甲", inside="<w:tab/>") + r("乙")), "甲\t乙"),
        (field(" IF 1 = 1 ", field("DATE", r("2025"))), "2025"),
        (field("FORMTEXT", r("样例县"), form="<w:textInput/>"), "样例县"),
        (field("FORMDROPDOWN", form='<w:ddList><w:result w:val="1"/><w:listEntry w:val="甲"/><w:listEntry w:val="乙"/></w:ddList>'), "乙"),
        ('<w:fldSimple w:instr="SEQ 图">' + r("1") + "</w:fldSimple>", "1"),
        (field("=SUM(ABOVE)", r("308.71")), "308.71"),
        (field("XE 词"), ""),
    ],
)  # fmt: skip
def test_the_result_of_a_field_is_read_and_its_instruction_not(inside, text):
    document = read(p(inside=r("前") + inside + r("后")))
    assert (lines(document), document.lost) == ([f"前{text}后"], [])


def test_a_field_over_paragraphs():
    begin, rest = field("TOC", r("目录一")).split('<w:r><w:t xml:space="preserve">目录一', 1)
    body = p(inside=begin + r("目录一")) + p("目录二") + "<w:p>" + "<w:r><w:t>" + rest + "</w:p>"
    document = read(body)
    assert (lines(document), document.lost) == (["目录一", "目录二", ""], [])


def test_a_field_without_end_hides_nothing():
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>'
    document = read(p(inside=begin + r("207.46")) + p("后"))
    assert (lines(document), document.lost) == (["207.46", "后"], [("files.broken_field", Place())])


def test_a_field_from_one_cell_into_another_hides_nothing():
    begin, end = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
    document = read(tbl(tr(tc(p(inside=begin + r("1.00"))), tc(p(inside=r("2.00") + end)))))
    assert (lines(document), document.lost) == (["1.00", "2.00"], [("files.broken_field", Place())])


def test_a_formula_field_without_result_is_reported():
    document = read(p(inside=field(r"eq \f(1,2)")))
    assert (lines(document), document.lost) == (["�"], [("files.formula", FIRST)])


def test_a_field_that_leads_out_is_reported():
    document = read(p(inside=field(r'DDEAUTO c:\\windows\\system32\\cmd.exe "/k"', r("x"))))
    assert (lines(document), document.lost) == (["x"], [("files.external", FIRST)])


# --- beside the body --------------------------------------------------------------------------------------------


def test_headers_footers_and_notes():
    note = (
        '<w:footnote w:type="separator" w:id="-1">'
        + p("线")
        + '</w:footnote><w:footnote w:id="1">'
        + p("脚注")
        + "</w:footnote>"
    )
    document = read(
        p("正文", inside='<w:r><w:footnoteReference w:id="1"/></w:r>'),
        headers=[p("内部资料") + p("★")],
        footers=[p(inside=field("PAGE", r("1")))],
        footnotes=note,
        endnotes='<w:endnote w:id="1">' + p("尾注") + "</w:endnote>",
    )
    assert lines(document) == ["正文"]
    assert sorted(margins(document)) == [
        ("footer", "1"),
        ("footnote", "尾注"),
        ("footnote", "脚注"),
        ("header", "★"),
        ("header", "内部资料"),
    ]
    assert [one.place for one in document.margins if one.text == "★"] == [Place(part="header", paragraph=2)]


def test_a_header_that_no_section_uses_is_not_read():
    document = read(
        p("文"), rels=[Rel("h9", "header", "old.xml")], more={"word/old.xml": part("w:hdr", p("旧"))}
    )
    assert margins(document) == []


def test_a_text_box_is_read_once_with_the_place_of_its_anchor():
    document = read(
        p("前", inside=text_box(p("框中") + p("第二")) + r("后"))
        + tbl(tr(tc(p(inside=text_box(p("207.46"))))))
    )
    assert lines(document) == ["前后", ""]
    assert [(one.text, one.place) for one in document.margins] == [
        ("框中", Place(part="textbox", paragraph=1)),
        ("第二", Place(part="textbox", paragraph=2)),
        ("207.46", Place(part="textbox", table=1, row=1, column=1, paragraph=1)),
    ]
    assert document.drawings == []


def test_the_old_branch_of_alternatives_is_read_where_there_is_no_new_one():
    inside = (
        "<mc:AlternateContent><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>"
        + p("旧")
        + "</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert margins(read(p(inside=r(inside=inside)))) == [("textbox", "旧")]


def test_a_watermark_of_words_is_text_of_the_header():
    inside = r(
        inside='<w:pict><v:shape><v:textpath style="font-family:宋体" string="机密"/></v:shape></w:pict>'
    )
    assert margins(read(p("文"), headers=[p(inside=inside)])) == [("header", "机密"), ("header", "")]


# --- what is lost or to be known ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "given", "rule", "place"),
    [
        ('<w:altChunk r:id="x"/>', {}, "files.inserted_document", Place()),
        (p(inside=r(inside=OBJECT)), {}, "files.embedded_object", FIRST),
        (p(inside=r(inside='<w:drawing><a:graphic><c:chart r:id="x"/></a:graphic></w:drawing>')), {}, "files.chart", FIRST),
        (p("文"), {"main_type": MACRO_WORD + "main+xml", "more": {"word/vbaProject.bin": b"x"}}, "files.macros", Place()),
        (p("文"), {"rels": [Rel("x", "attachedTemplate", "http://example.com/t.dotm", True)]}, "files.external", Place()),
        (p("文"), {"rels": [Rel("x", "oleObject", "file:///c:/x.xls", True)]}, "files.external", Place()),
    ],
)  # fmt: skip
def test_losses_are_reported(body, given, rule, place):
    assert read(body, **given).lost == [(rule, place)]


def test_a_template_elsewhere_is_reported_and_one_on_the_own_disk_is_not():
    def lost(target: str) -> list:
        more = {
            "word/settings.xml": part("w:settings", ""),
            "word/_rels/settings.xml.rels": relationships([Rel("rId1", "attachedTemplate", target, True)]),
        }
        return read(p("文"), rels=[Rel("s", "settings", "settings.xml")], more=more).lost

    assert lost("https://example.com/t.dotm") == [("files.external", Place())]
    assert lost("\\\\server\\share\\t.dotm") == [("files.external", Place())]
    assert lost("file:///C:\\Users\\a\\Normal.dotm") == []


def test_hyperlinks_are_harmless():
    assert read(p("文"), rels=[Rel("x", "hyperlink", "https://example.com", True)]).lost == []


# --- editions and writers ----------------------------------------------------------------------------------------


def strict(data: bytes) -> bytes:
    return data.replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main").replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"
    )  # fmt: skip


def test_the_strict_edition():
    files = parts(table([["指标", "2023年"]]) + p("后"), headers=[p("头")])
    document = read_word(packed({name: strict(data) for name, data in files.items()}))
    assert (lines(document), margins(document)) == (["指标", "2023年", "后"], [("header", "头")])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(encoding):
    files = parts(p("文"))
    files["word/document.xml"] = (
        files["word/document.xml"].decode().replace("UTF-8", "UTF-16").encode(encoding)
    )
    assert lines(read_word(packed(files))) == ["文"]


def test_a_main_part_of_another_name_and_names_in_other_case():
    files = parts(p("文"))
    files = {name.replace("word/document", "word/document2"): data for name, data in files.items()}
    files["_rels/.rels"] = relationships([Rel("rId1", "officeDocument", "/Word/Document2.xml")]).encode()
    assert lines(read_word(packed(files))) == ["文"]


def test_numbering_alignment_and_style_by_its_name():
    styles = style("1", name="Normal", usual=True, own='<w:jc w:val="both"/>') + style(
        "a5", name="List Paragraph", based="1", own='<w:numPr><w:numId w:val="3"/></w:numPr>'
    )
    body = (
        p("一")
        + p("二", '<w:pStyle w:val="a5"/>')
        + p("三", '<w:pStyle w:val="a5"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + p("四", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:jc w:val="center"/>')
    )
    found = [
        (one.text, one.style, one.numbered, one.alignment) for one in read(body, styles=styles).paragraphs()
    ]
    assert found == [
        ("一", "Normal", False, "both"),
        ("二", "List Paragraph", True, "both"),
        ("三", "List Paragraph", False, "both"),
        ("四", "Normal", True, "center"),
    ]
