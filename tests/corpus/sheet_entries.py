"""Indicator forms as workbooks and delimited text: Excel's habits with figures, and attacks."""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.corpus.entries import ASK, COUNTY, STORY, figures, read, refused, story
from tests.corpus.letters import HEADER, delimited, letter, number_cell, sheet, sheet_rows, text_cell
from tests.forms import books
from tests.forms.documents import CASE, INDICATORS
from xinzhi.forms.opening.office import installed
from xinzhi.forms.writing.excel import write_excel

_GDP, _NEXT = COUNTY["gdp"]
MEGABYTE = 1 << 20
SECOND = number_cell("{at}", _NEXT)


def gdp(cell: str, **book) -> Callable[[], bytes]:
    """A sheet in which the cell of the gross regional product in 2023 is this."""
    return lambda: sheet({"gdp": (cell, SECOND)}, **book)


def typed(text: str) -> str:
    return text_cell("{at}", text)


def formatted(code: str, stored: str = _GDP) -> Callable[[], bytes]:
    """A figure under a number format."""
    return gdp(number_cell("{at}", stored, 1), styles=books.styled(code))


def computed(formula: str, stored: str = "", kind: str = "") -> str:
    value = f"<v>{stored}</v>" if stored else ""
    return f'<c r="{{at}}"{kind}><f>{formula}</f>{value}</c>'


# Formats that show another figure than is stored, and what is stored.
FORMATS: list[tuple[str, str, str, str, bool]] = [
    ("in-ten-thousands", '0!.0,"万"', "2074600", "scaled", False),
    ("in-thousands", "0.00,", "207460", "scaled", False),
    ("in-hundred-millions", '0!.0000"亿"', "2074600", "scaled", False),
    ("as-fraction", "# ?/?", _GDP, "scaled", False),
    ("with-another-unit", '0.00"万元/人"', _GDP, "unit_other", False),
    ("nothing-shown", ";;;", "999.99", "scaled", True),
    ("digit-before", '"1"0.00', _GDP, "unit_other", True),
    ("digit-behind", '0.00"9"', _GDP, "unit_other", True),
    ("sign-before", "-0.00", _GDP, "scaled", True),
    ("point-that-is-none", "0\\.00", "20746", "scaled", True),
    ("space-inside", "0 00", "20746", "scaled", True),
    ("under-a-condition", "[<1]0.00;0.00,,", "20746", "scaled", True),
    ("quoted-minus", '"-"0.00', _GDP, "scaled", True),
]
LOOKS = '<fonts><font/><font>{}</font></fonts><cellXfs><xf/><xf fontId="1"/></cellXfs>'

SCALED = '<dxfs><dxf><numFmt numFmtId="164" formatCode="0!.0000&quot;亿&quot;"/></dxf></dxfs>'
CONDITION = '<conditionalFormatting sqref="B2 F9:G12"><cfRule type="cellIs" dxfId="0" priority="1"/></conditionalFormatting>'


def rich(properties: str, text: str) -> str:
    """The figure in a cell, and right behind it a text of another look."""
    runs = f"<r><t>{_GDP}</t></r><r><rPr>{properties}</rPr><t>{text}</t></r>"
    return f'<c r="{{at}}" t="inlineStr"><is>{runs}</is></c>'


def ours() -> bytes:
    write_excel(INDICATORS, figures(), target := io.BytesIO())
    return target.getvalue()


def our_case() -> bytes:
    write_excel(CASE, {(id, None): text for id, text in STORY.items()}, target := io.BytesIO())
    return target.getvalue()


def of_openpyxl() -> bytes:
    """As a program writes it that is not ours: title above, merged, a second sheet of notes."""
    book = openpyxl.Workbook()
    page = book.active
    page.append([INDICATORS.title.zh])
    page.merge_cells("A1:D1")
    page.append(HEADER[1:])
    for id, asked in INDICATORS.rows.items():
        page.append(
            [
                asked.label,
                *(float(text) for text in COUNTY.get(id, ())),
                *[None] * (2 - len(COUNTY.get(id, ()))),
                asked.note,
            ]
        )
        for cell in page[page.max_row][1:3]:
            cell.number_format = "#,##0.00"
    book.create_sheet("填报说明").append(["请在8月31日前报送"])
    book.save(target := io.BytesIO())
    return target.getvalue()


RICH = '<si><r><t>207</t></r><r><rPr><b/></rPr><t>.46</t></r><rPh sb="0" eb="1"><t>9</t></rPh></si>'
TWO_SHEETS = {
    "xl/workbook.xml": f'<workbook xmlns="{books.MAIN}" xmlns:r="{books.RELATIONS}"><sheets><sheet name="表" sheetId="1" r:id="r1"/>'
                       '<sheet name="底稿" sheetId="2" {state}r:id="r4"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": books.relations(
        ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "/xl/strings.xml"),
        ("worksheet", "worksheets/sheet2.xml")),
}  # fmt: skip


def two_sheets(state: str, changes: dict | None = None) -> bytes:
    """A second sheet with the same form, hidden or not."""
    extra = {name: text.replace("{state}", state) for name, text in TWO_SHEETS.items()}
    rows = sheet_rows(changes)
    extra["xl/worksheets/sheet2.xml"] = (
        f'<worksheet xmlns="{books.MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    )
    return sheet(extra=extra)


def counties_on_two_sheets() -> bytes:
    """The rows of one county on one sheet, and on another of another name the rest, of a second county."""
    rows = sheet_rows().split("</row>")
    top, rest = (f"{'</row>'.join(part)}</row>" for part in (rows[:6], [rows[0], *rows[6:-1]]))
    extra = {name: text.replace("{state}", "") for name, text in TWO_SHEETS.items()}
    extra["xl/worksheets/sheet2.xml"] = (
        f'<worksheet xmlns="{books.MAIN}"><sheetData>{rest}</sheetData></worksheet>'
    )
    return books.workbook(top, extra=extra)


_SECOND_COUNTY = figures(**dict.fromkeys(list(COUNTY)[5:], (ASK, ASK)))


def old(kind: str) -> Callable[[], bytes | None]:
    """The form as LibreOffice saves it in an old format; None where it is not installed."""

    def make() -> bytes | None:
        if not installed():
            return None
        source, data = ("form.xlsx", ours()) if kind == "xls" else ("form.docx", letter())
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, source).write_bytes(data)
            command = [installed(), f"-env:UserInstallation=file://{folder}/profile", "--headless"]
            command += ["--convert-to", kind, "--outdir", folder, f"{folder}/{source}"]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            return Path(folder, f"form.{kind}").read_bytes()

    return make


def merged_years() -> bytes:
    return sheet(
        {"gdp": (number_cell("{at}", _GDP), "")},
        after='<mergeCells count="1"><mergeCell ref="B2:C2"/></mergeCells>',
    )


def covered() -> bytes:
    """A second row lies under the first, merged with it and holding another figure."""
    areas = "".join(f'<mergeCell ref="{column}15:{column}16"/>' for column in "ABC")
    more = f'<row r="16">{number_cell("B16", "999.99")}</row>'
    return sheet(more=more, after=f"<mergeCells>{areas}</mergeCells>")


def ole(*streams: str) -> bytes:
    """A compound file whose directory names these streams and holds nothing."""
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<3H", 0x3E, 3, 0xFFFE)
        + struct.pack("<2H", 9, 6)
    )
    head += bytes(10) + struct.pack("<4L", 1, 0, 0, 4096) + struct.pack("<4L", 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<L", 1) + b"\xff" * 4 * 108
    entries = b""
    for name in ("Root Entry", *streams):
        wide = name.encode("utf-16-le")
        entries += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, 2, 1) + b"\xff" * 12 + bytes(48)
    table = struct.pack("<2L", 0xFFFFFFFE, 0xFFFFFFFD) + b"\xff" * 4 * 126
    return head[:512].ljust(512, b"\xff") + entries.ljust(512, b"\0")[:512] + table


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """A workbook with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {each: archive.read(each) for each in archive.namelist()}
    return books.packed(parts | {name: content})


def binary() -> bytes:
    """A workbook in the binary format of Excel that calls itself an ordinary one."""
    main = repacked(sheet(), "_rels/.rels", books.relations(("officeDocument", "xl/workbook.bin")).encode())
    return repacked(main, "xl/workbook.bin", bytes(100))


MAIN = f'xmlns="{books.MAIN}"'
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 1000 + '"><!ENTITY c "' + "&b;" * 1000 + '">]>'

HABITS = [
    read("accept", "plain.xlsx", sheet, figures()),
    read("accept", "our-own-writer.xlsx", ours, figures()),
    read("accept", "our-own-case.xlsx", our_case, story()),
    read("accept", "openpyxl.xlsx", of_openpyxl, figures()),
    read("accept", "figures-as-text.xlsx", gdp(typed(_GDP)), figures()),
    read("accept", "figures-in-full-width.xlsx", gdp(typed("２０７．４６")), figures(), "numbers.wide"),
    read("accept", "spaces-in-blank-cells.xlsx",
         lambda: sheet({"gdp": (typed("  \u3000"), SECOND)}), figures(gdp=(None, _NEXT))),
    read("accept", "binary-fraction.xlsx", gdp(number_cell("{at}", "207.46000000000001")), figures()),
    read("accept", "stored-with-exponent.xlsx", gdp(number_cell("{at}", "2.0746E2")), figures()),
    read("accept", "percent-format.xlsx",
         lambda: sheet({"non_tax_share": (number_cell("{at}", "0.3861", 1), number_cell("{at}", "0.362", 1))},
                       styles=books.styled("0.00%")), figures(), "numbers.percent_format"),
    read("accept", "thousands-format.xlsx", formatted("#,##0.00"), figures()),
    read("accept", "unit-in-the-format.xlsx", formatted('0.00"亿元"'), figures(), "numbers.unit_repeated"),
    read("accept", "formula-with-result.xlsx", gdp(computed("200+7.46", _GDP)), figures(), "numbers.formula"),
    read("accept", "rich-text-and-pronunciation.xlsx", gdp('<c r="{at}" t="s"><v>0</v></c>', strings=RICH),
         figures()),
    read("accept", "strict-edition.xlsx", lambda: sheet(namespace="http://purl.oclc.org/ooxml/spreadsheetml/main"),
         figures()),
    read("accept", "two-equal-sheets.xlsx", lambda: two_sheets(""), figures(), "reading.row_repeated"),
    read("accept", "utf-8.csv", lambda: delimited().encode(), figures()),
    read("accept", "utf-8-with-mark.csv", lambda: b"\xef\xbb\xbf" + delimited().encode(), figures()),
    read("accept", "gbk.csv", lambda: delimited().encode("gbk"), figures()),
    read("accept", "unicode-text-of-excel.txt", lambda: b"\xff\xfe" + delimited("\t").encode("utf-16-le"), figures()),
    read("accept", "semicolons.csv", lambda: delimited(";").encode(), figures()),
    read("accept", "quoted-thousands.csv",
         lambda: delimited(changes={"technology_contracts": ('"5,210.00"', '"6,120.50"')}).encode(),
         figures(), "numbers.grouped"),
    *(read("accept", f"libreoffice.{kind}", old(kind), figures(), "reading.converted") for kind in ("xls", "doc",
    "rtf")),
]  # fmt: skip

QUESTIONS = [
    *(
        read("ask", f"format-{slug}.xlsx", formatted(code, stored), figures(gdp=(ASK, _NEXT)), f"numbers.{rule}",
             hostile=hostile)
        for slug, code, stored, rule, hostile in FORMATS
    ),
    read("ask", "figure-in-the-next-cell.csv",
         lambda: delimited(changes={"technology_contracts": ("5,210.00", "6,120.50")}).encode(),
         figures(technology_contracts=(ASK, ASK)), "reading.row_longer"),
    read("ask", "thousands-of-one-year.csv",
         lambda: delimited(changes={"technology_contracts": ("5,210.00", "")}).encode(),
         figures(technology_contracts=(ASK, ASK)), "reading.uneven_row"),
    read("ask", "cell-left-out.csv",
         lambda: delimited().replace("5210.00,6120.50", "6120.50").encode(),
         figures(technology_contracts=(ASK, ASK)), "reading.uneven_row"),
    read("ask", "counties-on-two-sheets.xlsx", counties_on_two_sheets, _SECOND_COUNTY, "reading.other_sheet"),
    read("ask", "figure-as-formula.csv", lambda: delimited(changes={"gdp": ("=207.46", "+219.38")}).encode(),
         figures(gdp=(ASK, ASK)), "numbers.words numbers.plus"),
    read("ask", "raised-digit.xlsx", gdp(rich('<vertAlign val="superscript"/>', "1")), figures(gdp=(ASK, _NEXT)),
         "numbers.unit_other"),
    read("ask", "digit-struck-out.xlsx", gdp(rich("<strike/>", "9")), figures(), "files.struck_out"),
    read("ask", "figure-struck-out.xlsx", gdp(number_cell("{at}", "999.99", 1), styles=LOOKS.format("<strike/>")),
         figures(gdp=(None, _NEXT)), "files.struck_out"),
    read("ask", "white-digit.xlsx", gdp(rich('<color rgb="FFFFFFFF"/>', "9")), figures(gdp=(ASK, _NEXT)),
         "reading.unseen", hostile=True),
    *(
        read("ask", f"white-by-{slug}.xlsx",
             gdp(number_cell("{at}", "999.99", 1), styles=LOOKS.format(f"<color {colour}/>")),
             figures(gdp=(ASK, _NEXT)), "reading.unseen", hostile=True)
        for slug, colour in (("theme", 'theme="0"'), ("number", 'indexed="9"'))
    ),
    read("ask", "date-format.xlsx", formatted("yyyy-mm-dd", "45474"), figures(gdp=(ASK, _NEXT)), "numbers.date"),
    read("ask", "percent-where-none-is-asked.xlsx", formatted("0.00%", "2.0746"), figures(gdp=(ASK, _NEXT)),
         "numbers.percent_elsewhere"),
    read("ask", "reference-error.xlsx", gdp(computed("#REF!", "#REF!", ' t="e"')), figures(gdp=(ASK, _NEXT)),
         "sheets.error numbers.error"),
    read("ask", "formula-without-result.xlsx", gdp(computed("B3*2")), figures(gdp=(ASK, _NEXT)),
         "sheets.no_result numbers.no_value"),
    read("ask", "formula-with-blank-result.xlsx", gdp('<c r="{at}"><f>B3*2</f><v></v></c>'),
         figures(gdp=(ASK, _NEXT)), "sheets.no_result numbers.no_value"),
    read("ask", "formula-never-computed.xlsx", gdp(computed("B3*2", "0")), figures(gdp=(ASK, _NEXT)),
         "numbers.zero_result"),
    read("ask", "yes-or-no.xlsx", gdp('<c r="{at}" t="b"><v>1</v></c>'), figures(gdp=(ASK, _NEXT)),
         "numbers.unclear"),
    read("ask", "years-merged.xlsx", merged_years, figures(gdp=(ASK, ASK)), "reading.merged"),
    read("ask", "two-sheets-that-differ.xlsx",
         lambda: two_sheets("", {"gdp": (number_cell("{at}", "217.46"), SECOND)}),
         figures(gdp=(ASK, _NEXT)), "reading.row_contradicts reading.row_repeated"),
    read("ask", "left-out-on-the-second-sheet.xlsx", lambda: two_sheets("", {"gdp": ("", SECOND)}),
         figures(gdp=(ASK, _NEXT)), "reading.blank_elsewhere reading.row_repeated"),
    read("ask", "zeros-not-shown.xlsx",
         gdp(number_cell("{at}", "0"), before='<sheetViews><sheetView showZeros="0"/></sheetViews>'),
         figures(gdp=(ASK, _NEXT)), "reading.shown_otherwise", hostile=True),
    read("ask", "conditional-format.xlsx",
         gdp(number_cell("{at}", "2074600"), styles=f"{LOOKS.format('')}{SCALED}", after=CONDITION),
         figures(gdp=(ASK, _NEXT)), "reading.shown_otherwise", hostile=True),
    read("ask", "text-that-is-not-there.xlsx", gdp('<c r="{at}" t="s"><v>99</v></c>'), figures(gdp=(ASK, _NEXT)),
         "sheets.error numbers.error", hostile=True),
    read("ask", "year-typed-as-month.csv", lambda: delimited(changes={"gdp": ("2月7日", _NEXT)}).encode(),
         figures(gdp=(ASK, _NEXT)), "numbers.date"),
    read("accept", "hidden-sheet.xlsx",
         lambda: two_sheets('state="hidden" ', {"gdp": (number_cell("{at}", "999.99"), SECOND)}), figures(),
         "sheets.hidden_sheet",
         hostile=True),
    read("ask", "hidden-row.xlsx",
         lambda: sheet(more=f'<row r="16" hidden="1">{text_cell("A16", INDICATORS.rows["gdp"].label)}{number_cell("B16", "999.99")}</row>'),
         figures(gdp=(ASK, _NEXT)), "sheets.hidden_rows reading.hidden_cell", hostile=True),
    read("ask", "hidden-column.xlsx",
         lambda: sheet(before='<cols><col min="3" max="3" hidden="1"/></cols>'),
         figures(**{id: (texts[0], ASK) for id, texts in COUNTY.items()}),
         "sheets.hidden_columns reading.hidden_cell", hostile=True),
    read("accept", "covered-by-a-merge.xlsx", covered, figures(), "files.covered", hostile=True),
    read("ask", "white-figure.xlsx",
         gdp(number_cell("{at}", "999.99", 1), styles=LOOKS.format('<color rgb="FFFFFFFF"/>')),
         figures(gdp=(ASK, _NEXT)), "reading.unseen", hostile=True),
]  # fmt: skip

DECEIVERS = [
    read("ask", f"stored-{slug}.xlsx", gdp(cell), figures(gdp=(ASK, _NEXT)), rule, hostile=True)
    for slug, cell, rule in (
        ("nan", number_cell("{at}", "NaN"), "numbers.unclear"),
        ("infinity", number_cell("{at}", "1E+400"), "numbers.scientific"),
        ("underscore", number_cell("{at}", "1_000"), "numbers.several"),
        ("arabic-digits", number_cell("{at}", "٢٠٧"), "numbers.unclear"),
        ("million-digits", number_cell("{at}", "9" * 1_000_000), "numbers.grouping"),
        ("dde", computed('cmd|" /c calc"!A1', "calc", ' t="str"'), "numbers.unclear"),
    )
]  # fmt: skip

COSTLY = [
    read("accept", "cell-at-xfd1048576.xlsx",
         lambda: sheet(more='<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), figures(),
         "sheets.far", hostile=True),
    read("accept", "everything-merged.xlsx",
         lambda: sheet(after='<mergeCells>' + '<mergeCell ref="F1:XFD1048576"/>' * 2_000 + "</mergeCells>"),
         figures(), hostile=True),
    read("accept", "macros.xlsm", lambda: sheet(extra={"xl/vbaProject.bin": b"x"}), figures(), "files.macros",
         hostile=True),
    refused("too-many-cells.xlsx",
         lambda: books.workbook("".join(f"<row r='{n}'><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>" for n in range(1, 19_000))),
            "sheets.too_large"),
    refused("three-hundred-sheets.xlsx",
            lambda: repacked(sheet(), "xl/workbook.xml",
            f'<workbook {MAIN}><sheets>{"<sheet/>" * 300}</sheets></workbook>'.encode()),
            "sheets.too_large"),
    refused("shared-strings-bomb.xlsx",
         lambda: repacked(sheet(), "xl/strings.xml", b"<sst>" + b" " * (48 * MEGABYTE) + b"</sst>"), "files.ratio"),
    refused("billion-laughs.xlsx",
            lambda: repacked(sheet(), "xl/strings.xml", (LAUGHS + f"<sst {MAIN}><si><t>&c;</t></si></sst>").encode()),
            "files.entities"),
    refused("raised-digit.html", lambda: b"<html><table><tr><td>120<sup>1</sup></td></tr></table></html>",
            "files.lost_looks", hostile=False),
    refused("encrypted.xlsx", lambda: ole("EncryptedPackage", "EncryptionInfo"), "files.encrypted", hostile=False),
    refused("presentation-named-xls.xls", lambda: ole("PowerPoint Document"), "files.other_kind", hostile=False),
    refused("binary.xlsb", binary, "sheets.binary", hostile=False),
    refused("zeros.csv", lambda: bytes(1000), "files.other_kind"),
    refused("million-cells.csv", lambda: b"1,2,3\n" * 60_000, "sheets.too_large"),
    refused("one-long-field.csv", lambda: b'"' + b"x" * 3_000_000, "sheets.encoding"),
]  # fmt: skip

ENTRIES = [*HABITS, *QUESTIONS, *DECEIVERS, *COSTLY]
