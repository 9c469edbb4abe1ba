"""The two forms of the letter as Word XML, with anything in any cell, and the county's indicator form as a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from tests.corpus.entries import COUNTY
from tests.forms import books
from tests.forms.documents import CASE, HEAD, INDICATORS, SECTIONS, seal_lines, section_lines
from tests.forms.word_files import docx, p, parts, tbl, tc, tr

Cells = tuple[str, str] | str
"""The cells of both years, each a text, the content of a cell or a whole one; or one text for whole rows."""

TITLE = p("附件1") + p(INDICATORS.title.zh)
HEADER = ("", "指标", "2023年", "2024年", "说明")


def row(id: str, *cells: str, label: str = "", number: str = "") -> str:
    """A row of the form, with the county's figures unless others are given."""
    asked = INDICATORS.rows[id]
    texts = [each if _is_cell(each) else tc(each) for each in cells or COUNTY.get(id, ("", ""))]
    return tr(number, label or asked.label, *texts, asked.note)


def rows(changes: Mapping[str, Cells] | None = None) -> list[str]:
    """All rows, some of them otherwise."""
    changes = changes or {}
    return [
        change if isinstance(change := changes.get(id, ()), str) else row(id, *change)
        for id in INDICATORS.rows
    ]  # fmt: skip


def form(changes: Mapping[str, Cells] | None = None, header: Sequence[str] = HEADER) -> str:
    """The table of the indicator form."""
    return tbl(tr(*header), *rows(changes))


def letter(
    changes: Mapping[str, Cells] | None = None,
    *,
    header: Sequence[str] = HEADER,
    before: str = TITLE,
    after: str = p("注：填报说明"),
    **package,
) -> bytes:
    """The indicator form as a Word file."""
    return docx(before + form(changes, header) + after, **package)


@cache
def letter_parts() -> dict[str, bytes]:
    """The parts of an indicator form in which nothing is unusual."""
    return parts(TITLE + form() + p("注：填报说明"))


def _is_cell(text: str) -> bool:
    return text.startswith(("<w:tc>", "<w:sdt>", "<w:customXml", "<mc:"))


# --- the case form ------------------------------------------------------------------------------------------


def case(
    domain: str = "□文化旅游\n☑高科技\n□绿色经济",
    *,
    head: Mapping[str, str] = HEAD,
    lines: Sequence[str] | None = None,
    seal: Sequence[str] | None = None,
    evidence: Sequence[str] = ("1、能效检测报告", "2、"),
    after: str = p(),
    **package,
) -> bytes:
    """The case form as a Word file; a text that begins with ``<w:`` is XML."""
    head = {**head, "domain": domain}
    table = []
    for line in CASE.head:
        cells = []
        for id in line.fields:
            cells += [tc(CASE.fields[id].label), tc(xml(head[id]), span=3 if len(line.fields) == 1 else 1)]
        table.append(tr(*cells))
    content = [CASE.content.label, *(lines or section_lines(SECTIONS)), *(seal or seal_lines())]
    table.append(tr(tc("".join(map(xml, content)), span=4)))
    table.append(tr(tc("".join(map(xml, [CASE.evidence.label, *evidence])), span=4)))
    return docx(p("附件2") + p(CASE.title.zh) + tbl(*table) + after, **package)


def xml(text: str) -> str:
    """A text as paragraphs, one a line."""
    return text if text.startswith("<w:") else "".join(p(line) for line in text.split("\n"))


# --- sheets -------------------------------------------------------------------------------------------------


def text_cell(address: str, text: str, style: int = 0) -> str:
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def number_cell(address: str, stored: str, style: int = 0) -> str:
    return f'<c r="{address}" s="{style}"><v>{stored}</v></c>'


def sheet(
    changes: Mapping[str, tuple[str, str]] | None = None,
    *,
    header: Sequence[str] = HEADER[1:],
    more: str = "",
    **book,
) -> bytes:
    """The indicator form as a workbook.

    `changes` give cells by row; ``{at}`` in them is the address. `more` are further rows.
    """
    return books.workbook(sheet_rows(changes, header=header) + more, **book)


def sheet_rows(
    changes: Mapping[str, tuple[str, str]] | None = None, *, header: Sequence[str] = HEADER[1:]
) -> str:
    """The rows of the sheet."""
    lines = ["".join(text_cell(f"{'ABCDEF'[at]}1", text) for at, text in enumerate(header))]
    for number, (id, asked) in enumerate(INDICATORS.rows.items(), start=2):
        cells = text_cell(f"A{number}", asked.label.replace("&", "&amp;"))
        given = (changes or {}).get(id) or [number_cell("{at}", text) for text in COUNTY.get(id, ())]
        for column, cell in zip("BC", given, strict=False):
            cells += cell.replace("{at}", f"{column}{number}")
        lines.append(cells + text_cell(f"D{number}", asked.note))
    return "".join(f'<row r="{at}">{cells}</row>' for at, cells in enumerate(lines, start=1))


def delimited(separator: str = ",", changes: Mapping[str, tuple[str, str]] | None = None) -> str:
    """The indicator form as delimited text."""
    lines = [separator.join(HEADER[1:4])]
    for id, asked in INDICATORS.rows.items():
        cells = (changes or {}).get(id) or COUNTY.get(id, ("", ""))
        lines.append(separator.join((asked.label, *cells)))
    return "\r\n".join(lines) + "\r\n"
