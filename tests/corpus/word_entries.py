"""Indicator forms as Word files: habits of programs and people, spellings of figures, and attacks."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from docx import Document as PythonDocx

from tests.corpus.entries import ASK, COUNTY, Entry, figures, read, refused
from tests.corpus.letters import HEADER, TITLE, form, letter, letter_parts, row, rows
from tests.forms.documents import INDICATORS
from tests.forms.test_word_hostile import in_zip64, raw, streamed
from tests.forms.word_files import (
    DECLARATION,
    MACRO_WORD,
    NAMESPACES,
    Rel,
    dele,
    docx,
    field,
    ins,
    p,
    packed,
    r,
    sdt,
    tbl,
    tc,
    text_box,
    tr,
)
from xinzhi.forms.writing.word import write_word

MAIN = "word/document.xml"
MEGABYTE = 1 << 20
_GDP, _NEXT = COUNTY["gdp"]
DELETED, INSERTED = ('<w:cellDel w:id="4" w:author="样例"/>', '<w:cellIns w:id="5" w:author="样例"/>')
GONE = tc("99.99", DELETED)


def gdp(cell: str) -> Callable[[], bytes]:
    """A form in which the cell of the gross regional product in 2023 is this."""
    return lambda: letter({"gdp": (cell, _NEXT)})


def ours() -> bytes:
    write_word(INDICATORS, figures(), target := io.BytesIO())
    return target.getvalue()


def of_python_docx() -> bytes:
    """As a program writes it that is not ours."""
    document = PythonDocx()
    document.add_heading(INDICATORS.title.zh)
    table = document.add_table(rows=1, cols=5)
    for cell, text in zip(table.rows[0].cells, HEADER, strict=True):
        cell.text = text
    for id, asked in INDICATORS.rows.items():
        texts = ("", asked.label, *COUNTY.get(id, ("", "")), asked.note)
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    document.save(target := io.BytesIO())
    return target.getvalue()


def repeated_section() -> str:
    """Rows in a control for repeated sections, each in a control of its own."""
    inner = "".join(sdt(each) for each in rows()[:3])
    return sdt(
        inner, '<w15:repeatingSection xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>'
    )


def moved() -> str:
    away = '<w:moveFrom w:id="7"><w:r><w:t>99.99</w:t></w:r></w:moveFrom>'
    return f'<w:p>{away}<w:moveTo w:id="8">{r(_GDP)}</w:moveTo></w:p>'


def deleted_row(text: str) -> str:
    """A row that is a tracked deletion."""
    inside = "".join(
        f"<w:tc><w:tcPr/><w:p>{dele(cell)}</w:p></w:tc>" for cell in ("", text, "1.11", "2.22", "")
    )
    return f'<w:tr><w:trPr><w:del w:id="3" w:author="样例"/></w:trPr>{inside}</w:tr>'


def shifted(*cells: str, properties: str = "") -> Callable[[], bytes]:
    """A form whose row of the gross regional product has these cells behind the label."""
    return lambda: letter({"gdp": tr("", tc(INDICATORS.rows["gdp"].label), *cells, properties=properties)})


def split(*texts: str) -> str:
    """A figure in runs of different looks."""
    looks = ("<w:b/>", '<w:sz w:val="20"/>', '<w:color w:val="FF0000"/>', "")
    return f"<w:p>{''.join(r(text, looks[at % 4]) for at, text in enumerate(texts))}</w:p>"


def wrapped() -> str:
    """A cell in custom XML, its paragraph in a smart tag, as WPS and old Word write them."""
    inner = f'<w:p><w:smartTag w:element="chmetcnv" w:uri="urn:x">{r(_GDP)}</w:smartTag></w:p>'
    return f'<w:customXml w:element="cell">{tc(inner)}</w:customXml>'


def beside(properties: str, text: str = "9") -> str:
    """The figure, and right behind it a text of another look."""
    return f"<w:p>{r(_GDP)}{r(text, properties)}</w:p>"


RUBY = r(inside=f"<w:ruby><w:rubyPr/><w:rt>{r('9')}</w:rt><w:rubyBase>{r(_GDP)}</w:rubyBase></w:ruby>")
MARKS = (
    '<w:p><w:bookmarkStart w:id="1" w:name="g"/><w:proofErr w:type="spellStart"/><w:commentRangeStart w:id="1"/>'
    + r("207") + '<w:lastRenderedPageBreak/><w:proofErr w:type="spellEnd"/>' + r(".46")
    + '<w:commentRangeEnd w:id="1"/><w:bookmarkEnd w:id="1"/>' + r(inside='<w:commentReference w:id="1"/>') + "</w:p>"
)  # fmt: skip
NUMBERED = p(properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')


def numbered_rows() -> bytes:
    """The number column is automatic numbering, which is not in the text."""
    return docx(TITLE + tbl(tr(*HEADER), *(row(id, number=NUMBERED) for id in INDICATORS.rows)) + p())


def two_line_header() -> bytes:
    """Merged downwards and across, as in statistical yearbooks."""
    first = tr(
        tc("序号", merge="restart"),
        tc("指标", merge="restart"),
        tc("数据", span=2),
        tc("说明", merge="restart"),
    )
    second = tr(tc(merge="continue"), tc(merge="continue"), "2023年", "2024年", tc(merge="continue"))
    return docx(TITLE + tbl(first, second, *rows()) + p())


def strict() -> bytes:
    """The strict edition of the standard, which Word offers when saving."""
    parts = letter_parts() | {}
    parts[MAIN] = parts[MAIN].replace(
        NAMESPACES["w"].encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    )
    return packed(parts)


def transposed() -> bytes:
    ids = list(COUNTY)
    lines = [tr("指标", *(INDICATORS.rows[id].label for id in ids))]
    lines += [tr(year, *(COUNTY[id][at] for id in ids)) for at, year in enumerate(("2023年", "2024年"))]
    return docx(TITLE + tbl(*lines) + p())


def with_units() -> bytes:
    """A column of units of its own, one of them not the form's."""
    lines = [tr("序号", "指标", "计量单位", "2023年", "2024年")]
    for number, (id, texts) in enumerate(COUNTY.items(), start=1):
        asked = INDICATORS.rows[id]
        name = asked.label.replace(f"（{asked.unit}）", "").replace(f"（{asked.unit})", "")
        unit, cells = asked.unit, texts
        if id == "gdp":
            unit, cells = "万元", ("2074600", "2193800")
        lines.append(tr(str(number), name, unit, *cells))
    return docx(TITLE + tbl(*lines) + p())


SPLIT = rows()
FOOTNOTE = '<w:footnoteReference w:id="1"/>'
FOOTNOTES = f'<w:footnote w:id="1">{p("初步数据，以年报为准")}</w:footnote>'
OTHER_YEARS = (*HEADER[:2], "2022年", "2023年", HEADER[4])
SWAPPED = (*HEADER[:2], "2024年", "2023年", HEADER[4])
BACKWARDS = {id: texts[::-1] for id, texts in COUNTY.items()}
TWENTY = ["指标", *(f"{year}年" for year in range(2005, 2025))]


def twenty_years() -> bytes:
    """A header of twenty years; the figures of all others are 5.55."""
    lines = [tr(*TWENTY), *(tr(INDICATORS.rows[id].label, *["5.55"] * 18, *COUNTY[id]) for id in COUNTY)]
    return docx(TITLE + tbl(*lines) + p())


def grid_before() -> bytes:
    """A row without its first cell, as WPS writes rows that begin further right."""
    cells = (tc(INDICATORS.rows["gdp"].label), _GDP, _NEXT, "")
    return letter({"gdp": tr(*cells, properties='<w:gridBefore w:val="1"/>')})


def table_for_each_year() -> bytes:
    tables = (
        tbl(tr("指标", f"{year}年"), *(tr(INDICATORS.rows[id].label, COUNTY[id][at]) for id in COUNTY)) + p()
        for at, year in enumerate((2023, 2024))
    )
    return docx(TITLE + "".join(tables))


def plan_and_result() -> bytes:
    """Two columns under each year, of which nothing says which is asked for."""
    first = tr("", tc("指标", merge="restart"), tc("2023年", span=2), tc("2024年", span=2))
    second = tr("", tc(merge="continue"), "计划", "实际", "计划", "实际")
    lines = (tr("", INDICATORS.rows[id].label, "1.11", one, "2.22", two) for id, (one, two) in COUNTY.items())
    return docx(TITLE + tbl(first, second, *lines) + p())


def growth_beside_a_blank() -> bytes:
    """Two columns under each year, and of one row only the growth was filled in."""
    first = tr("", tc("指标", merge="restart"), tc("2023年", span=2), tc("2024年", span=2))
    second = tr("", tc(merge="continue"), "绝对值", "增长%", "绝对值", "增长%")
    filled = {id: (one, "", two, "") for id, (one, two) in COUNTY.items()} | {"gdp": ("", "5.20", "", "5.70")}
    lines = (tr("", INDICATORS.rows[id].label, *cells) for id, cells in filled.items())
    return docx(TITLE + tbl(first, second, *lines) + p())


def total_and_growth() -> bytes:
    """One label over two rows, of which the second is another figure."""
    first = tr("", tc(INDICATORS.rows["gdp"].label, merge="restart"), "总量", _GDP, _NEXT)
    second = tr("", tc(merge="continue"), "增速（%）", "5.80", "5.60")
    others = (tr("", tc(INDICATORS.rows[id].label, span=2), *COUNTY[id]) for id in COUNTY if id != "gdp")
    return docx(TITLE + tbl(tr("", tc("指标", span=2), "2023年", "2024年"), first, second, *others) + p())


def placeholder() -> bytes:
    """A control in which nothing was typed yet."""
    words = p(inside=r("单击此处输入", '<w:rStyle w:val="a"/>'))
    name = '<w:style w:type="character" w:styleId="a"><w:name w:val="Placeholder Text"/></w:style>'
    return letter({"gdp": (tc(sdt(words, "<w:showingPlcHdr/>")), _NEXT)}, styles=name)


def same_year_twice() -> bytes:
    return letter(header=(*HEADER[:2], "2024年", "2024年", HEADER[4]))


# Under a caption of 万元: persons and counts say their own unit and a share is none of money, but these may be meant.
_IN_DOUBT = figures(**dict.fromkeys(("gdp", "loans", "cable_density", "carbon_intensity"), (ASK, ASK)))

HABITS = [
    read("accept", "plain.docx", letter, figures()),
    read("accept", "our-own-writer.docx", ours, figures()),
    read("accept", "python-docx.docx", of_python_docx, figures()),
    read("accept", "content-control-round-a-cell.docx", gdp(sdt(tc(_GDP))), figures()),
    read("accept", "content-control-round-a-row.docx", lambda: letter({"gdp": sdt(row("gdp"))}), figures()),
    read("accept", "content-control-in-a-cell.docx", gdp(tc(sdt(sdt(p(_GDP))))), figures()),
    read("accept", "content-control-that-repeats.docx",
         lambda: docx(TITLE + tbl(tr(*HEADER), repeated_section(), *rows()[3:]) + p()), figures()),
    read("accept", "tracked-figure.docx", gdp(f"<w:p>{dele('99.99')}{ins(r(_GDP))}</w:p>"), figures(),
         "files.tracked"),
    read("accept", "tracked-row.docx",
         lambda: letter({"gdp": deleted_row(INDICATORS.rows["gdp"].label) + row("gdp")}), figures(), "files.tracked"),
    read("accept", "tracked-move.docx", gdp(moved()), figures(), "files.tracked"),
    read("accept", "figure-in-four-runs.docx", gdp(split("2", "07", ".", "46")), figures()),
    read("accept", "label-in-three-paragraphs.docx",
         lambda: letter({"gdp": row("gdp", label=p("地区生") + p("产总值") + p("（亿元）"))}), figures()),
    read("accept", "label-with-a-number.docx", lambda: letter({"gdp": row("gdp", label="1、地区生产总值(亿元)")}), figures()),
    read("accept", "automatic-numbering.docx", numbered_rows, figures()),
    read("accept", "custom-xml-and-smart-tags.docx", gdp(wrapped()), figures()),
    read("accept", "bookmarks-comments-spelling.docx", gdp(MARKS), figures()),
    read("accept", "layout-table.docx", lambda: docx(TITLE + tbl(tr(tc(form() + p()))) + p()), figures()),
    read("accept", "header-of-two-lines.docx", two_line_header, figures()),
    read("accept", "header-again-after-a-page.docx",
         lambda: docx(TITLE + tbl(tr(*HEADER), *SPLIT[:5], tr(*HEADER), *SPLIT[5:]) + p()), figures()),
    read("accept", "table-in-two.docx",
         lambda: docx(TITLE + tbl(tr(*HEADER), *SPLIT[:5]) + p("续表") + tbl(*SPLIT[5:]) + p()), figures(),
         "reading.continued"),
    read("accept", "rows-and-columns-changed-over.docx", transposed, figures(),
         "reading.transposed"),
    read("accept", "years-changed-over.docx", lambda: letter(BACKWARDS, header=SWAPPED), figures(),
         "reading.years_swapped"),
    read("accept", "column-of-units.docx", with_units, figures(), "numbers.converted"),
    read("accept", "twenty-years.docx", twenty_years, figures(), "reading.more_years"),
    read("accept", "strict-edition.docx", strict, figures()),
    read("accept", "data-descriptors.docx", lambda: streamed(letter_parts()), figures()),
    read("accept", "zip64.docx", lambda: in_zip64(letter_parts()), figures()),
    read("accept", "footnote-at-a-figure.docx",
         lambda: letter({"gdp": (f'<w:p>{r(_GDP)}{r(inside=FOOTNOTE)}</w:p>', _NEXT)}, footnotes=FOOTNOTES),
         figures(),
         "reading.footnote"),
    read("accept", "formula-field.docx", gdp(f"<w:p>{field('=SUM(ABOVE)', r(_GDP))}</w:p>"), figures()),
    read("accept", "ruby-over-a-figure.docx", gdp(f"<w:p>{RUBY}</w:p>"), figures()),
    read("accept", "media-rows-filled.docx", lambda: letter({"cases": ("3", "4"), "foreign_reports": ("无需填写", "")}),
         figures(cases=("3", "4")), "reading.not_asked", truth=figures(cases=("3", "4"))),
    read("accept", "row-that-begins-further-right.docx", grid_before, figures()),
    read("accept", "table-for-each-year.docx", table_for_each_year, figures(), "reading.several_tables"),
    read("accept", "form-in-a-text-box.docx", lambda: docx(TITLE + p(inside=text_box(form() + p())) + p()),
         figures()),
    read("accept", "figure-as-equation.docx", gdp(f"<w:p><m:oMath><m:r><m:t>{_GDP}</m:t></m:r></m:oMath></w:p>"),
         figures()),
    read("accept", "placeholder-left.docx", placeholder, figures(gdp=(None, _NEXT))),
    read("accept", "tracked-header.docx",
         lambda: letter(header=(*HEADER[:2], f"<w:p>{dele('2022年')}{ins(r('2023年'))}</w:p>", *HEADER[3:])), figures(),
         "files.tracked"),
    read("ask", "blank.docx", lambda: letter(dict.fromkeys(COUNTY, ("", ""))), {}, forms=["indicators"]),
]  # fmt: skip


def merged_years() -> str:
    return tr("", tc(INDICATORS.rows["gdp"].label), tc(_GDP, span=2), "")


# What people write where a figure is asked for, and what it is: a figure, a question, or nothing.
SPELLINGS: list[tuple[str, str, str | None, str]] = [
    ("full-width", "２０７．４６", _GDP, "numbers.wide"),
    ("full-width-point", "207．46", _GDP, "numbers.wide"),
    ("spaces-around", "\u3000 207.46\u00a0", _GDP, ""),
    ("unit-repeated", "207.46亿元", _GDP, "numbers.unit_repeated"),
    ("unit-converted", "2,074,600万元", _GDP, "numbers.converted"),
    ("preliminary", "207.46（快报数）", _GDP, "numbers.vintage"),
    ("dashes", "——", None, "numbers.marked_missing"),
    ("not-yet", "暂无", None, "numbers.marked_missing"),
    ("none", "无", ASK, "numbers.mark"),
    ("see-annex", "见附件", ASK, "numbers.unclear"),
    ("about", "约207.46", ASK, "numbers.approximate"),
    ("asterisk", "207.46*", ASK, "numbers.unit_other"),
    ("two-figures", "207.46、208.00", ASK, "numbers.several"),
    ("range", "207-208", ASK, "numbers.range"),
    ("comma-for-point", "207,46", ASK, "numbers.grouping"),
    ("german", "1.234,56", ASK, "numbers.grouping"),
    ("space-inside", "2 07.46", ASK, "numbers.several"),
    ("chinese-numerals", "二百零七点四六", ASK, "numbers.chinese"),
    ("scale-without-unit", "207.46亿", ASK, "numbers.scale_word"),
    ("dollars", "207.46亿美元", ASK, "numbers.unit_other"),
    ("percent", "207.46%", ASK, "numbers.percent_elsewhere"),
    ("date", "2024-07-01", ASK, "numbers.date"),
    ("bracketed", "（207.46）", ASK, "numbers.bracketed"),
    ("full-stop", "207。46", ASK, "numbers.several"),
]  # fmt: skip
# Spellings that programs take for figures, and signs that show another figure than stands there.
DECEPTIVE: list[tuple[str, str, str | None, str]] = [
    ("not-a-number", "NaN", ASK, "numbers.unclear"),
    ("infinite", "inf", ASK, "numbers.unclear"),
    ("1e400", "1e400", ASK, "numbers.scientific"),
    ("underscore", "1_000", ASK, "numbers.several"),
    ("arabic-digits", "٢٠٧.٤٦", ASK, "numbers.unclear"),
    ("superscript-sign", "207.46¹", ASK, "numbers.unit_other"),
    ("fraction-sign", "207½", ASK, "numbers.unit_other"),
    ("right-to-left", "\u202e64.702\u202c", ASK, "numbers.reversed"),
    ("zero-width", "207\u200b.46", _GDP, ""),
    ("letter-o", "2O7.46", ASK, "numbers.several"),
    ("cyrillic", "207.4б", ASK, "numbers.unit_other"),
    ("hundred-digits", "9" * 100, ASK, "numbers.grouping"),
]


def spelling(slug: str, written: str, meant: str | None, rule: str, *, hostile: bool = False) -> Entry:
    kind = "ask" if meant == ASK else "accept"
    return read(
        kind, f"spelled-{slug}.docx", gdp(written), figures(gdp=(meant, _NEXT)), rule, hostile=hostile
    )


QUESTIONS = [
    *(
        read("ask", f"{slug}.docx", make, figures(gdp=(ASK, ASK)), rules)
        for slug, make, rules in (
            ("tracked-cell-more", shifted(GONE, _GDP, _NEXT, ""), "files.tracked reading.uneven_row"),
            ("tracked-cell-deleted", shifted(tc(_GDP, DELETED), _NEXT, ""), "files.tracked reading.uneven_row"),
            ("tracked-cell-inserted", shifted(tc("", INSERTED), _GDP, _NEXT, ""),
             "files.tracked reading.uneven_row"),
            ("cell-deleted", shifted(_NEXT, ""), "reading.uneven_row"),
            ("cell-deleted-by-word", shifted(_NEXT, "", properties='<w:gridAfter w:val="1"/>'),
             "reading.uneven_row"),
        )
    ),
    read("ask", "enclosed-number.docx", gdp(p(inside=r(_GDP) + field("eq \\o\\ac(○,1)"))),
         figures(gdp=(ASK, _NEXT)), "numbers.unit_other", hostile=True),
    read("ask", "years-merged.docx", lambda: letter({"gdp": merged_years()}), figures(gdp=(ASK, ASK)),
         "reading.merged"),
    read("ask", "rows-merged.docx",
         lambda: letter({
             "gdp": row("gdp", tc(_GDP, merge="restart"), _NEXT),
             "population": row("population", tc(merge="continue"), COUNTY["population"][1]),
         }),
         figures(gdp=(ASK, _NEXT), population=(ASK, COUNTY["population"][1])), "reading.merged"),
    read("ask", "other-years.docx", lambda: letter(header=OTHER_YEARS),
         {(id, 2023): ASK for id in COUNTY}, "reading.other_years"),
    read("ask", "same-year-twice.docx", same_year_twice, {(id, 2024): ASK for id in COUNTY},
         "reading.year_missing reading.year_doubled"),
    read("ask", "no-header.docx", lambda: docx(TITLE + tbl(*rows()) + p()),
         {(id, year): ASK for id in COUNTY for year in (2023, 2024)}, "reading.no_years"),
    read("ask", "row-twice-with-other-figures.docx",
         lambda: letter({"gdp": row("gdp") + row("gdp", "217.46", _NEXT)}),
         figures(gdp=(ASK, _NEXT)), "reading.row_contradicts reading.row_repeated"),
    read("ask", "another-indicator.docx",
         lambda: letter({"gdp": row("gdp", "5.80", "5.60", label="地区生产总值增长率（%）")}),
         figures(gdp=(ASK, ASK)), "reading.label_unclear"),
    read("accept", "another-indicator-beside.docx",
         lambda: letter({"gdp": row("gdp") + row("gdp", "5.80", "5.60", label="地区生产总值增长率（%）")}),
         figures(), "reading.extra_row"),
    read("ask", "dollars-in-the-label.docx", lambda: letter({"gdp": row("gdp", label="地区生产总值（亿美元）")}),
         figures(gdp=(ASK, ASK)), "reading.label_unclear"),
    read("ask", "figure-in-the-notes.docx",
         lambda: letter({"gdp": tr("", tc(INDICATORS.rows["gdp"].label), "", "", "2023年207.46，2024年219.38")}),
         figures(gdp=(None, None)), "reading.figure_in_note"),
    read("ask", "plan-and-result.docx", plan_and_result,
         {(id, year): ASK for id in COUNTY for year in (2023, 2024)}, "reading.year_qualified"),
    read("ask", "total-and-growth.docx", total_and_growth, figures(gdp=(ASK, ASK)), "reading.unit_stated"),
    read("ask", "half-a-year.docx", lambda: letter(header=(*HEADER[:3], "2024年上半年", "说明")),
         {(id, year): value if year == 2023 else ASK for (id, year), value in figures().items()},
         "reading.year_missing reading.year_qualified"),
    read("ask", "unit-in-a-note.docx", lambda: letter(after=p("注：本表金额单位均为万元")), _IN_DOUBT,
         "reading.unit_stated"),
    read("ask", "black-on-black.docx",
         gdp(tc(p(inside=r("999.99", '<w:color w:val="000000"/>')), '<w:shd w:val="clear" w:fill="000000"/>')),
         figures(gdp=(ASK, _NEXT)), "reading.unseen", hostile=True),
    read("ask", "unit-behind-the-year.docx", lambda: letter(header=(*HEADER[:2], "2023年（万元）", "2024年（万元）", "说明")),
         _IN_DOUBT, "reading.unit_stated"),
    read("ask", "unit-above-the-table.docx", lambda: letter(before=TITLE + p("单位：万元")), _IN_DOUBT,
         "reading.unit_stated"),
    read("ask", "growth-beside-a-blank.docx", growth_beside_a_blank, figures(gdp=(ASK, ASK)) | {
         (id, year): ASK for id in COUNTY for year in (2023, 2024)}, "reading.year_doubled reading.year_qualified"),
    read("ask", "form-twice-in-a-file.docx",
         lambda: docx(TITLE + form() + p("修改稿") + form({"gdp": ("217.46", _NEXT)}) + p()),
         figures(gdp=(ASK, _NEXT)), "reading.row_contradicts reading.row_repeated reading.several_tables"),
    read("ask", "table-in-the-cell.docx", gdp(tc(tbl(tr("207.46")) + p())), figures(gdp=(ASK, _NEXT)),
         "reading.nested"),
    read("ask", "fraction-as-equation.docx",
         gdp("<w:p><m:oMath><m:f><m:num><m:r><m:t>207</m:t></m:r></m:num><m:den><m:r><m:t>46</m:t></m:r></m:den></m:f></m:oMath></w:p>"),
         figures(gdp=(ASK, _NEXT)), "numbers.several"),
    read("ask", "two-lines-in-a-cell.docx", gdp(p("207.46") + p("208.00")), figures(gdp=(ASK, _NEXT)),
         "numbers.several"),
    read("ask", "figure-torn-by-a-line.docx", gdp(p("207") + p(".46")), figures(gdp=(ASK, _NEXT)), "numbers.several"),
    read("ask", "struck-out-beside.docx", gdp(beside("<w:strike/>", "9")), figures(), "files.struck_out"),
    read("ask", "raised-digit.docx", gdp(beside('<w:vertAlign w:val="superscript"/>', "1")),
         figures(gdp=(ASK, _NEXT)), "numbers.unit_other"),
    read("ask", "inserted-file.docx", lambda: letter(after='<w:altChunk r:id="x"/>' + p()), figures(),
         "files.inserted_document"),
]  # fmt: skip


# --- to deceive ---------------------------------------------------------------------------------------------


def covered() -> bytes:
    """A second row lies under the first, merged with it and holding another figure."""
    label, note = INDICATORS.rows["gdp"].label, {"merge": "continue"}
    first = tr("", tc(label, merge="restart"), tc(_GDP, merge="restart"), tc(_NEXT, merge="restart"), "")
    second = tr("", tc(**note), tc("999.99", **note), tc(**note), "")
    return letter({"gdp": first + second})


DECEIVERS = [
    read("accept", "hidden-digit.docx", gdp(beside("<w:vanish/>")), figures(), hostile=True),
    read("ask", "white-digit.docx", gdp(beside('<w:color w:val="FFFFFF"/>')), figures(gdp=(ASK, _NEXT)),
         "reading.unseen", hostile=True),
    read("ask", "tiny-digit.docx", gdp(beside('<w:sz w:val="2"/>')), figures(gdp=(ASK, _NEXT)), "reading.unseen",
         hostile=True),
    read("ask", "digit-in-the-background-colour.docx",
         gdp(beside('<w:color w:val="auto" w:themeColor="background1"/>')),
         figures(gdp=(ASK, _NEXT)), "reading.unseen", hostile=True),
    read("ask", "digit-set-higher.docx", gdp(beside('<w:position w:val="10"/><w:sz w:val="12"/>', "1")),
         figures(gdp=(ASK, _NEXT)), "numbers.unit_other", hostile=True),
    read("ask", "text-box-over-the-figure.docx", gdp(f"<w:p>{r(_GDP)}{text_box(p('999.99'))}</w:p>"), figures(),
         "reading.text_box", hostile=True),
    read("accept", "text-under-a-merged-cell.docx",
         covered, figures(), "files.covered", hostile=True),
    read("accept", "macros.docm",
         lambda: letter(more={"word/vbaProject.bin": b"x"}, main_type=MACRO_WORD + "main+xml"), figures(),
         "files.macros",
         hostile=True),
    read("accept", "outside-template.docx",
         lambda: letter(rels=[Rel("t", "attachedTemplate", "https://example.com/t.dotm", external=True)]), figures(),
         "files.external",
         hostile=True),
    read("accept", "dde-field.docx", lambda: letter(after=f"<w:p>{field('DDEAUTO c:/x cmd', r('x'))}</w:p>"),
         figures(),
         "files.external", hostile=True),
    read("accept", "form-in-a-hidden-row.docx",
         lambda: letter({"gdp": row("gdp") + row("gdp", "1.11", "2.22").replace("<w:tr>",
         "<w:tr><w:trPr><w:hidden/></w:trPr>")}),
         figures(), hostile=True),
    read("ask", "embedded-workbook.docx",
         lambda: letter(after=p(inside=r(inside='<w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object>'))),
         figures(), "files.embedded_object", hostile=True),
]  # fmt: skip


# --- to cost ------------------------------------------------------------------------------------------------

ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def with_part(name: str, data: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    """A form with one part more, or another one."""
    return lambda: raw(list((letter_parts() | {name: data() if callable(data) else data}).items()))


def claiming(name: str, data: bytes, size: int) -> Callable[[], bytes]:
    """A form with a part whose size in the directory is a lie."""
    return lambda: raw(list((letter_parts() | {name: data}).items()), claimed={name: size})


def body(xml: str) -> Callable[[], bytes]:
    return lambda: letter(after=xml)


def declaring(document_type: str, reference: str) -> Callable[[], bytes]:
    """A form whose text is in an entity."""

    def make() -> bytes:
        main = letter_parts()[MAIN].decode().removeprefix(DECLARATION)
        main = main.replace(_GDP, reference)
        return packed(letter_parts() | {MAIN: (DECLARATION + document_type + main).encode()})

    return make


def twice() -> bytes:
    other = letter_parts()[MAIN].replace(_GDP.encode(), b"999.99")
    return raw([*letter_parts().items(), ("Word/Document.xml", other)])


def overlapping() -> bytes:
    """The directory points two parts at the same bytes."""
    data = raw([*letter_parts().items(), ("word/other.xml", letter_parts()[MAIN])])
    entry = data.rindex(b"PK\1\2")
    main = data.index(b"PK\3\4", data.index(b"word/document.xml") - 30)
    return data[: entry + 42] + main.to_bytes(4, "little") + data[entry + 46 :]


def locked() -> bytes:
    data = bytearray(packed(letter_parts()))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def flipped() -> bytes:
    """The text was changed behind the checksum."""
    parts = letter_parts()
    changed = zlib.crc32(parts[MAIN]).to_bytes(4, "little")
    return raw(list(parts.items())).replace(changed, b"\1\2\3\4")


COSTLY = [
    refused("billion-laughs.docx", declaring(ENTITIES, "&j;"), "files.entities"),
    refused("outside-entity.docx", declaring(OUTSIDE, "&x;"), "files.entities"),
    refused("deep-xml.docx", body("<w:sdt><w:sdtContent>" * 150 + p() + "</w:sdtContent></w:sdt>" * 150),
         "files.xml_size"),
    refused("million-attributes.docx",
            with_part("word/document.xml", lambda: b"<a " + b" ".join(b'b%d=""' % n for n in range(500_000)) + b"/>"),
            "files.xml_size"),
    refused("million-paragraphs.docx", body("<w:p/>" * 130_000), "files.grid"),
    refused("two-thousand-million-columns.docx", body(tbl(tr(tc("x", span=2_000_000_000)))), "files.grid"),
    refused("long-text.docx", with_part(MAIN, lambda: b"<a>" + b"x" * (17 * MEGABYTE) + b"</a>"), "files.ratio"),
    refused("zip-bomb.docx", with_part("word/media/image1.bmp", lambda: bytes(48 * MEGABYTE)), "files.ratio"),
    refused("many-parts.docx",
            lambda: raw([*letter_parts().items(), *((f"word/{n}.xml", b"") for n in range(3000))]), "files.entries"),
    refused("overlapping-parts.docx", overlapping, "files.overlap"),
    refused("lying-size.docx", claiming("word/document.xml", bytes(60 * MEGABYTE), 10), "files.lying_size"),
    refused("huge-claim.docx", claiming("word/media/image1.bmp", b"x", 65 * MEGABYTE), "files.part_size"),
    refused("main-part-twice.docx", twice, "files.duplicate"),
    refused("absolute-name.docx", with_part("/etc/cron.d/x", b"x"), "files.name"),
    refused("climbing-name.docx", with_part("word/../../x", b"x"), "files.name"),
    refused("locked-parts.docx", locked, "files.encrypted", hostile=False),
    refused("changed-behind-the-checksum.docx", flipped, "files.damaged_part"),
    refused("cut-off.docx", lambda: packed(letter_parts())[:-300], "files.damaged", hostile=False),
    refused("empty.docx", lambda: b"", "files.empty", hostile=False),
    read("accept", "merge-without-beginning.docx",
         lambda: letter({"gdp": row("gdp", tc(_GDP, merge="continue"), tc(_NEXT, merge="continue"))}), figures(),
         hostile=True),
    read("accept", "style-based-on-itself.docx",
         lambda: letter(styles='<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:basedOn w:val="b"/></w:style>'
                               '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/></w:style>'),
         figures(), hostile=True),
    refused("marked-secret.docx", lambda: letter(before=p("机密★10年") + TITLE), "secrecy.classified", hostile=False),
    read("ask", "marked-internal.docx", lambda: letter(headers=[p("内部资料")]), figures(), "secrecy.internal"),
]  # fmt: skip

ENTRIES = [
    *HABITS,
    *(spelling(*each) for each in SPELLINGS),
    *(spelling(*each, hostile=True) for each in DECEPTIVE),
    *QUESTIONS,
    *DECEIVERS,
    *COSTLY,
    read("accept", "shares-with-percent.docx",
         lambda: letter({"non_tax_share": ("38.61%", "36.20％"), "provincial_specialised_firms": ("12家", "15户")}),
         figures(), "numbers.percent numbers.unit_alias"),
    read("accept", "thousands.docx", lambda: letter({"technology_contracts": ("5,210.00", "6'120.50")}), figures(),
         "numbers.grouped"),
    read("accept", "label-in-other-unit.docx",
         lambda: letter({"gdp": row("gdp", "2074600", "2193800", label="地区生产总值（万元）")}), figures(),
         "numbers.converted"),
]  # fmt: skip
