"""Workbooks and delimited text as neutral documents: nothing misread, nothing lost without a word."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forms.books import packed, styled, workbook
from xinzhi.forms.document import Document
from xinzhi.forms.files.sheets import read_delimited, read_workbook
from xinzhi.forms.refusals import HostileFile, UnreadableFile
from xinzhi.forms.rules import facts_of, rules


def cell_of(document: Document, address: str, table: int = 0):
    """Return the cell at an address."""
    return next(cell for cell in document.tables[table].cells if cell.place.cell == address)


def lost(document: Document) -> list[tuple[str, str]]:
    """Return what was said to be lost, and where."""
    assert all(not facts_of(rules()[rule]) for rule, _place in document.lost)
    return [(rule, place.cell or place.part) for rule, place in document.lost]


def written(fill) -> bytes:
    """Return what xlsxwriter makes of a workbook filled by a function."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book)
    return buffer.getvalue()


# --- figures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "figure"),
    [
        ("207.46", "207.46"),
        ("207.46000000000001", "207.46"),
        ("0.30000000000000004", "0.3"),  # 0.1 + 0.2 as Excel stores it
        ("1.0000000000000001E-5", "0.00001"),
        ("1E+3", "1000"),
        ("-0.5", "-0.5"),
        ("0", "0"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_a_figure_is_what_excel_shows_to_fifteen_digits(stored, figure):
    cell = cell_of(read_workbook(workbook(f'<row r="1"><c r="A1"><v>{stored}</v></c></row>')), "A1")
    assert (str(cell.number), cell.text) == (figure, figure)


@pytest.mark.parametrize("stored", ["٣", "1_000", "inf", "nan", "1e400", "0x10", "1" * 50])
def test_what_no_sheet_stores_is_text(stored):
    cell = cell_of(read_workbook(workbook(f'<row r="1"><c r="A1"><v>{stored}</v></c></row>')), "A1")
    assert (cell.number, cell.text) == (None, stored)


@given(st.decimals(-(10**12), 10**12, places=2))
def test_two_decimals_come_back_as_they_were(figure):
    data = written(lambda book: book.add_worksheet().write_number(0, 0, figure))
    assert cell_of(read_workbook(data), "A1").number == figure


@pytest.mark.parametrize(
    ("code", "stored", "text"),
    [
        ("0.0%", "0.352", "35.2%"),
        ('0.00"%"', "35.2", "35.20%"),
        ("0.00\\%", "35.2", "35.20%"),
        ('0.00"万元"', "207.46", "207.46万元"),
        ("0.00\\亿元", "207.46", "207.46亿元"),
        ('0"年"', "2023", "2023年"),
        ("#,##0.00", "1234.5", "1234.50"),
        ("¥#,##0.00", "1234.5", "¥1234.50"),
        ("[$¥-804]#,##0.00", "1234.5", "¥1234.50"),
        ("G/通用格式", "12.5", "12.5"),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-12.5", "-12.50"),
        ("0.00_);[Red]\\(0.00\\)", "-12.5", "(-12.50)"),
    ],
)
def test_a_figure_comes_with_what_its_format_shows_beside_it(code, stored, text):
    data = workbook(f'<row r="1"><c r="A1" s="1"><v>{stored}</v></c></row>', styles=styled(code))
    cell = cell_of(read_workbook(data), "A1")
    assert (cell.number, cell.number_format, cell.text) == (Decimal(stored), code, text)


@pytest.mark.parametrize(
    ("code", "serial", "text"),
    [
        ("yyyy/m/d", "45658", "2025-01-01"),  # DATE(2025,1,1) in Excel
        ('yyyy"年"m"月"d"日"', "45658", "2025-01-01"),
        ("yyyy年m月", "45658", "2025-01-01"),
        ("[$-804]yyyy-mm-dd hh:mm", "45658.75", "2025-01-01 18:00:00"),
        ("yyyy/m/d", "59", "1900-02-28"),
        ("yyyy/m/d", "61", "1900-03-01"),
        ("yyyy/m/d", "1", "1900-01-01"),
    ],
)
def test_a_date_is_no_figure(code, serial, text):
    data = workbook(f'<row r="1"><c r="A1" s="1"><v>{serial}</v></c></row>', styles=styled(code))
    cell = cell_of(read_workbook(data), "A1")
    assert (cell.number, cell.text) == (None, text)


def test_dates_may_count_from_1904():
    data = workbook(
        '<row r="1"><c r="A1" s="1"><v>44196</v></c></row>',
        styles=styled("yyyy-mm-dd"),
        properties='<workbookPr date1904="1"/>',
    )
    assert cell_of(read_workbook(data), "A1").text == "2025-01-01"


@pytest.mark.parametrize(
    "code", ["0.00", "#,##0.00_);[Red](#,##0.00)", '0.00"dm"', "[Red]0.0", "General", "@", "0.00E+00"]
)
def test_formats_that_only_look_like_dates(code):
    data = workbook('<row r="1"><c r="A1" s="1"><v>45658</v></c></row>', styles=styled(code))
    assert cell_of(read_workbook(data), "A1").number == 45658


# --- kinds of cells --------------------------------------------------------------------------------------


def test_texts_of_every_kind():
    rich = "<r><t>新质</t></r><r><rPr><b/></rPr><t xml:space='preserve'>生产力 </t></r><rPh sb='0' eb='1'><t>xin</t></rPh>"
    document = read_workbook(
        workbook(
            '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>一行_x000D_\n二行</t></is></c>'
            '<c r="C1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="s"><v>9</v></c>'
            '<c r="F1" t="d"><v>2025-01-01</v></c></row>',
            strings=f"<si>{rich}</si>",
        )
    )
    texts = {address: cell_of(document, address).text for address in ("A1", "B1", "C1", "D1", "F1")}
    assert texts == {"A1": "新质生产力 ", "B1": "一行\n二行", "C1": "ab", "D1": "TRUE", "F1": "2025-01-01"}
    assert [len(cell_of(document, "B1").paragraphs), cell_of(document, "C1").formula] == [2, True]
    assert [cell.number for cell in document.tables[0].cells] == [None] * 6


def test_formulas_with_and_without_a_result_and_errors():
    document = read_workbook(
        workbook(
            '<row r="1"><c r="A1"><f>B1*2</f><v>4.2</v></c><c r="B1"><f>C1</f></c>'
            '<c r="C1" t="e"><f>Z1</f><v>#REF!</v></c></row>'
        )
    )
    cells = [cell_of(document, address) for address in ("A1", "B1", "C1")]
    assert [(cell.text, cell.number, cell.formula) for cell in cells] == [
        ("4.2", Decimal("4.2"), True),
        ("=C1", None, True),
        ("#REF!", None, True),
    ]
    assert lost(document) == [("sheets.no_result", "B1"), ("sheets.error", "C1")]


def test_a_blank_result_is_none_but_for_a_text():
    document = read_workbook(
        workbook(
            '<row r="1"><c r="A1"><f>B1*2</f><v></v></c><c r="B1"><f>C1</f><v/></c>'
            '<c r="C1" t="str"><f>IF(Z1="","",Z1)</f><v></v></c></row>'
        )
    )
    assert [(cell.text, cell.formula) for cell in document.tables[0].cells] == [
        ("=B1*2", True),
        ("=C1", True),
    ]
    assert lost(document) == [("sheets.no_result", "A1"), ("sheets.no_result", "B1")]


@pytest.mark.parametrize(
    ("columns", "row", "hidden"),
    [
        ('<cols><col min="2" max="2" hidden="1" width="9"/></cols>', "", ["B1", "B2"]),
        ('<cols><col min="2" max="2" width="0.1"/></cols>', "", ["B1", "B2"]),
        ("", 'hidden="1"', ["A2", "B2"]),
        ("", 'ht="0.75" customHeight="1"', ["A2", "B2"]),
        ("", 'ht="14.25"', []),
    ],
)
def test_cells_of_hidden_rows_and_columns_are_in_doubt(columns, row, hidden):
    cells = '<c r="A{n}"><v>1</v></c><c r="B{n}"><v>2</v></c>'
    data = f'<row r="1">{cells.format(n=1)}</row><row r="2" {row}>{cells.format(n=2)}</row>'
    (table,) = read_workbook(workbook(data, before=columns)).tables
    assert [cell.place.cell for cell in table.cells if cell.doubt == "reading.hidden_cell"] == hidden


def test_a_merged_cell_is_hidden_only_where_all_of_it_is():
    data = '<row r="1" hidden="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="B2"><v>3</v></c></row>'
    merged = '<mergeCells><mergeCell ref="A1:A2"/></mergeCells>'
    (table,) = read_workbook(workbook(data, after=merged)).tables
    assert [(cell.place.cell, cell.doubt) for cell in table.cells] == [
        ("A1", ""),
        ("B1", "reading.hidden_cell"),
        ("B2", ""),
    ]


def test_cells_without_addresses_stand_one_after_the_other():
    document = read_workbook(workbook("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"))
    assert [(cell.place.cell, cell.text) for cell in document.tables[0].cells] == [
        ("A1", "1"),
        ("B1", "2"),
        ("A2", "3"),
        ("B2", ""),
    ]


def test_strict_files_are_read_too():
    data = workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row>', namespace="http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    assert cell_of(read_workbook(data), "A1").number == 1


# --- tables ----------------------------------------------------------------------------------------------


def test_merged_cells_answer_for_all_they_cover():
    data = workbook(
        '<row r="1"><c r="A1" t="str"><v>标题</v></c><c r="D1"><v>1</v></c></row><row r="2"><c r="D2"><v>2</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:C2"/></mergeCells>',
    )
    (table,) = read_workbook(data).tables
    assert [(c.place.cell, c.width, c.height) for c in table.cells] == [
        ("A1", 3, 2),
        ("D1", 1, 1),
        ("D2", 1, 1),
    ]
    assert table.grid()[2, 3].text == "标题"


def test_merging_whole_columns_costs_nothing():
    data = workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    )
    (cell,) = read_workbook(data).tables[0].cells
    assert (cell.width, cell.height) == (1, 1)


def test_what_lies_under_merged_cells_is_said():
    data = workbook(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
    )
    document = read_workbook(data)
    assert lost(document) == [("files.covered", "B1")]
    assert [cell.text for cell in document.tables[0].cells] == ["1"]


def test_several_sheets_and_what_is_hidden():
    def fill(book):
        for name in ("数据", "旧数据", "空"):
            sheet = book.add_worksheet(name)
            if name != "空":
                sheet.write_column(0, 0, [1, 2, 3])
                sheet.write(0, 2, 4)
        book.worksheets()[0].set_row(1, None, None, {"hidden": True})
        book.worksheets()[0].set_column(2, 2, None, None, {"hidden": True})
        book.worksheets()[1].very_hidden()

    document = read_workbook(written(fill))
    assert [(table.place.part, table.place.table, table.hidden) for table in document.tables] == [
        ("数据", 1, False),
        ("旧数据", 2, True),
    ]
    assert document.lost[0][1].row == 2 and document.lost[1][1].column == 3
    assert [rule for rule, _place in document.lost] == [
        "sheets.hidden_rows",
        "sheets.hidden_columns",
        "sheets.hidden_sheet",
    ]


def test_remarks_headers_text_boxes_and_pictures():
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082"
    )

    def fill(book):
        sheet = book.add_worksheet("表")
        sheet.write(0, 0, "指标")
        sheet.write_comment(0, 0, "单位: 亿元")
        sheet.set_header('&C&"宋体,Bold"&14机密★10年&R第 &P 页')
        sheet.insert_textbox(3, 0, "框里的字")
        sheet.insert_image(5, 1, "a.png", {"image_data": io.BytesIO(png)})

    document = read_workbook(written(fill))
    assert cell_of(document, "A1").note.endswith("单位: 亿元")
    margins = [(paragraph.place.part, paragraph.text.split()) for paragraph in document.margins]
    assert margins == [("header", ["机密★10年", "第", "页"]), ("textbox", ["框里的字"])]
    (picture,) = document.pictures
    assert (picture.data, picture.place.part, picture.place.cell) == (png, "表", "B6")


def test_a_text_has_font_size_and_colour():
    def fill(book):
        look = {"font_name": "宋体", "font_size": 10.5, "font_color": "#FF0000"}
        book.add_worksheet().write(0, 0, "提示", book.add_format(look))

    (run,) = cell_of(read_workbook(written(fill)), "A1").paragraphs[0].runs
    assert (run.font, run.points, run.colour) == ("宋体", 10.5, "FF0000")


def test_macros_are_said():
    data = workbook('<row r="1"><c r="A1"><v>1</v></c></row>', extra={"xl/vbaProject.bin": b"x"})
    assert lost(read_workbook(data)) == [("files.macros", "")]


def test_a_picture_that_no_drawing_shows_is_found():
    data = workbook(extra={"xl/media/image1.png": b"x"})
    assert [(picture.name, picture.data) for picture in read_workbook(data).pictures] == [
        ("image1.png", b"x")
    ]


# --- against openpyxl ------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 4)),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=20
    ),
    st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)


@settings(max_examples=60)
@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_same_as_openpyxl_reads(rows):
    def fill(book):
        sheet = book.add_worksheet()
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, date)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write(row, column, value)

    data = written(fill)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = {
            cell.coordinate: _as_text(cell.value)
            for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()
            for cell in row
            if _as_text(cell.value).strip()
        }
    tables = read_workbook(data).tables
    ours = {cell.place.cell: cell.text for cell in tables[0].cells if cell.text} if tables else {}
    assert {address: text.splitlines() for address, text in theirs.items()} == {
        address: text.splitlines() for address, text in ours.items()
    }


def _as_text(value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case datetime():
            return value.isoformat(" ").removesuffix(" 00:00:00")
        case float():
            return f"{Decimal(repr(value)).normalize():f}" if value else "0"
        case _:
            return str(value)


# --- bad files -------------------------------------------------------------------------------------------


def test_a_cell_at_the_far_end_costs_nothing_and_is_said():
    data = workbook(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    )
    begun = time.perf_counter()
    document = read_workbook(data)
    assert time.perf_counter() - begun < 0.5
    assert lost(document) == [("sheets.far", "表")]
    assert [cell.text for cell in document.tables[0].cells] == ["1"]


@pytest.mark.parametrize("address", ["A0", "XFE1", "ZZZ9999999", "1A", "", "A1:B2", "A" * 500])
def test_addresses_that_are_none(address):
    document = read_workbook(workbook(f'<row r="1"><c r="{address}"><v>1</v></c></row>'))
    assert [cell.text for table in document.tables for cell in table.cells] in ([], ["1"])


def test_a_sheet_of_far_too_many_cells_is_asked_for_again():
    row = "".join(f"<c><v>{number}</v></c>" for number in range(250))
    with pytest.raises(UnreadableFile) as error:
        read_workbook(workbook(f"<row>{row}</row>" * 250))
    assert error.value.finding.rule == "sheets.too_large"


def test_many_formatted_rows_without_content_are_asked_for_again():
    rows = "".join(f'<row r="{number}" spans="1:6" ht="14"/>' for number in range(1, 200_000))
    with pytest.raises(UnreadableFile) as error:
        read_workbook(workbook(rows))
    assert error.value.finding.rule == "sheets.too_large"


def test_too_many_sheets_are_asked_for_again():
    def fill(book):
        for _sheet in range(101):
            book.add_worksheet()

    with pytest.raises(UnreadableFile) as error:
        read_workbook(written(fill))
    assert error.value.finding.rule == "sheets.too_large"


def test_what_is_everywhere_is_said_so_often_and_no_more():
    row = '<row><c t="e"><v>#REF!</v></c></row>'
    assert lost(read_workbook(workbook(row * 200))) == [("sheets.error", f"A{n}") for n in range(1, 51)]


def test_entities_are_hostile():
    data = packed({"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>'})
    with pytest.raises(HostileFile):
        read_workbook(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"no workbook", packed({"a.txt": "b"}), packed({"xl/workbook.xml": "<workbook"})],
    ids=["empty", "cut", "text", "zip", "xml"],
)
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(UnreadableFile):
        read_workbook(data)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data):
    whole = bytearray(workbook('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings="<si><t>a</t></si>"))
    for _time in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(HostileFile, UnreadableFile):
        read_workbook(bytes(whole))


# --- delimited text --------------------------------------------------------------------------------------

TABLE = "指标,2023年,2024年\n地区生产总值（亿元）,207.46,215.30\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(encoding, delimiter, line_end):
    text = TABLE.replace(",", delimiter).replace("\n", line_end)
    (table,) = read_delimited(text.encode(encoding)).tables
    assert [[table.grid()[row, column].text for column in (1, 2, 3)] for row in (1, 2)] == [
        ["指标", "2023年", "2024年"],
        ["地区生产总值（亿元）", "207.46", "215.30"],
    ]
    assert [cell.number for cell in table.cells] == [None] * 6


def test_quotes_and_places():
    (table,) = read_delimited(b'a,"x, ""y""\nz"\n,2\n').tables
    assert [(cell.place.cell, cell.text) for cell in table.cells] == [
        ("A1", "a"),
        ("B1", 'x, "y"\nz'),
        ("A2", ""),
        ("B2", "2"),
    ]


def test_rare_characters_of_gb18030_survive():
    names = "喆,镕,堃,㐂\n"
    (table,) = read_delimited(names.encode("gb18030")).tables
    assert [cell.text for cell in table.cells] == ["喆", "镕", "堃", "㐂"]


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\xff\xff\xff", b"a\x00b", b"\x89PNG\r\n\x1a\n\x00"])
def test_bytes_that_are_no_text(data):
    with pytest.raises(UnreadableFile) as error:
        read_delimited(data)
    assert error.value.finding.rule == "sheets.encoding"


def test_too_much_text_is_asked_for_again():
    with pytest.raises(UnreadableFile) as error:
        read_delimited(b"1,2\n" * 30_000)
    assert error.value.finding.rule == "sheets.too_large"


def test_nothing_is_no_table():
    assert read_delimited(b"").tables == read_delimited(b",,\n\n").tables == []
