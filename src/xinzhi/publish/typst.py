"""A document as PDF, set by Typst: PDF/A-2b and PDF/UA-1, the same bytes each time, no warning let pass."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import (
    Document,
    Footnote,
    Formula,
    Heading,
    Number,
    Paragraph,
    Picture,
    Span,
    Table,
    Words,
    heading_numbers,
    plain,
)
from xinzhi.publish.notation import spoken, typst_math

if TYPE_CHECKING:
    import typst

_LOOK = Path(__file__).parent / "paper.typ"
_EPOCH = 315_532_800  # 1 January 1980, as in our zip files: the same bytes on any day
_SERIF = ("Noto Serif SC", "Noto Serif CJK SC")
_SANS = ("Noto Sans SC", "Noto Sans CJK SC")


class PaperError(XinzhiError):
    """A document that cannot be set as it ought to be."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and where its headings are.

    Attributes
    ----------
    data : bytes
    pages : int
    page_of : dict of str to int
        Page of each heading by its id, from 1.
    """

    data: bytes
    pages: int
    page_of: dict[str, int]


def printed(document: Document, fonts: Path) -> Printed:
    """Set a document.

    Parameters
    ----------
    document : Document
    fonts : Path
        A folder with Noto Serif SC (and Noto Sans SC) of weights 400 and 700.

    Raises
    ------
    PaperError
        If Typst refuses or warns (a missing font or glyph), or a part takes other than its pages.
    """
    data = _compiled(document, fonts)
    pages, entries = _bookmarks(data)
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    if len(entries) != len(headings):
        raise PaperError(
            _("书签 {found} 个, 标题 {expected} 个").format(found=len(entries), expected=len(headings))
        )
    page_of = {block.id: page for block, page in zip(headings, entries, strict=True)}
    _require_pages(headings, page_of, pages)
    return Printed(data, pages, page_of)


def source(document: Document, serif: Sequence[str], sans: Sequence[str]) -> str:
    """Return the document in Typst's language; every text is a string literal, so none is taken for markup."""
    numbers = heading_numbers(document)
    lines = [
        '#import "paper.typ": *',
        f"#show: setup.with(title: {_text(document.title)}, author: {_text(document.author)}, "
        f"lang: {_text(document.language)}, serif: {_array(map(_text, serif))}, "
        f"sans: {_array(map(_text, sans))})",
    ]
    if not document.leaf:
        lines += [
            f"#front({_text(document.title)}, {_text(document.subtitle)}, {_text(document.author)}, "
            f"{_array(map(_text, document.notes))}, {_array(map(_text, sans))})",
            f"#contents({_text(_('目录'))}, {_array(map(_text, sans))})",
        ]
    pictures, running = 0, ""
    for block in document.blocks:
        match block:
            case Heading():
                lines += ["#pagebreak(weak: true)"] if block.new_page else []
                if (block.level == 1 or document.leaf) and block.running != running:
                    running = block.running
                    lines.append(f"#runs({_text(running)})")
                words = (Words(numbers.get(block.id, "")), *block.spans)
                lines.append(f"#heading(level: {block.level}, {_text(plain(words))})")
            case Paragraph(marker=""):
                lines.append(f"#p({_spans(block.spans)})")
            case Paragraph():
                lines.append(f"#item({_text(block.marker)}, {_spans(block.spans)})")
            case Table():
                lines.append(_table(block))
            case Picture():
                pictures += 1
                lines.append(
                    f"#drawing({_text(_file(block, pictures))}, {_text(block.alt)}, {block.width * 100:g}%, "
                    f"{_content(block.caption)}, {_below(block.note)})"
                )
            case Formula():
                notation = block.notation
                lines.append(f"#formula({_text(spoken(notation))}, ${typst_math(notation)}$)")
    return "\n".join(lines) + "\n"


def typeset(text: str, files: Mapping[str, bytes], fonts: Path) -> bytes:
    """Set a text in Typst's language as PDF/A-2b and PDF/UA-1, the same bytes each time.

    Parameters
    ----------
    text : str
        What is set.
    files : mapping of str to bytes
        What it reads, by name.
    fonts : Path
        A folder with all the fonts that it asks for.

    Raises
    ------
    PaperError
        If Typst refuses or warns (a missing font or glyph).
    """
    import typst

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        main = folder / "main.typ"
        main.write_text(text, encoding="utf-8")
        compiler = typst.Compiler(main, root=folder, font_paths=_fonts(fonts), ignore_system_fonts=True)
        try:
            data, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=["a-2b", "ua-1"], timestamp=_EPOCH
            )
        except typst.TypstError as error:
            raise PaperError(_told(error.message, error.diagnostic)) from error
    if warnings:
        raise PaperError(_told(warnings[0].message, warnings[0].diagnostic))
    assert isinstance(data, bytes)
    return data


def families(fonts: Path) -> tuple[list[str], list[str]]:
    """Return the serif and the sans family of a folder of fonts, each in a list as Typst takes them.

    Raises
    ------
    PaperError
        If there is no serif.
    """
    found = _fonts(fonts).families()
    serif = [name for name in _SERIF if name in found][:1]
    sans = [name for name in _SANS if name in found][:1] or serif
    if not serif:
        raise PaperError(
            _("没有宋体 (Noto Serif SC)"),
            where=str(fonts),
            remedy=_("请运行 make assets 取得字体"),
        )
    return serif, sans


def _compiled(document: Document, fonts: Path) -> bytes:
    serif, sans = families(fonts)
    pictures = (block for block in document.blocks if isinstance(block, Picture))
    files = {
        _file(picture, number): picture.svg or picture.raster
        for number, picture in enumerate(pictures, start=1)
    }
    return typeset(source(document, serif, sans), files | {_LOOK.name: _LOOK.read_bytes()}, fonts)


def _file(picture: Picture, number: int) -> str:
    """Return the name of a picture's file, which ends as its kind does."""
    raster = "png" if picture.raster.startswith(b"\x89PNG") else "jpg"
    return f"{number}.{'svg' if picture.svg else raster}"


def _told(message: str, diagnostic: str) -> str:
    """Return what Typst says with the line it means; the place is that of a file that is gone."""
    lines = [line for line in diagnostic[:2000].splitlines() if message not in line and "┌─" not in line]
    return _("排版不能通过: {message}").format(message="\n".join([message, *lines]).rstrip())


@cache
def _fonts(folder: Path) -> typst.Fonts:
    """Return the fonts of a folder, and those that Typst brings, of which formulas need one."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def _bookmarks(data: bytes) -> tuple[int, list[int]]:
    """Return how many pages a PDF has, and the page of each bookmark."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        places = [entry.get_dest() for entry in pdf.get_toc()]
        return len(pdf), [1 + place.get_index() for place in places]


def _require_pages(headings: Sequence[Heading], page_of: dict[str, int], pages: int) -> None:
    """Refuse parts that do not take the pages that they must."""
    beginnings = [heading for heading in headings if heading.new_page]
    ends = [page_of[heading.id] for heading in beginnings[1:]] + [pages + 1]
    for heading, end in zip(beginnings, ends, strict=True):
        taken = end - page_of[heading.id]
        if heading.pages and taken != heading.pages:
            raise PaperError(
                _("“{heading}”应占 {expected} 页, 现占 {taken} 页").format(
                    heading=plain(heading.spans), expected=heading.pages, taken=taken
                ),
                remedy=_("请缩短其中的名称或表格"),
            )


# --- Typst's language --------------------------------------------------------------------------------------


def _text(text: str) -> str:
    plain_text = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + plain_text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array(parts: Iterable[str]) -> str:
    return "(" + "".join(f"{part}, " for part in parts) + ")"


def _spans(spans: Sequence[Span]) -> str:
    return ", ".join(_span(span) for span in spans) or '""'


def _span(span: Span) -> str:
    match span:
        case Number():
            return f"n({_text(str(span.key))}, {_text(span.text)})"
        case Footnote():
            return f"footnote({_content(span.spans)})"
        case Words(strong=True):
            return f"strong({_text(span.text)})"
        case Words(emphatic=True):
            return f"emph({_text(span.text)})"
        case _:
            return _text(span.text)


def _content(spans: Sequence[Span]) -> str:
    """Return spans as one piece of content."""
    return "[" + "".join(f"#{_span(span)};" for span in spans) + "]"


def _below(note: Sequence[Span]) -> str:
    return f"below({_spans(note)})" if note else "none"


def _table(block: Table) -> str:
    widths = _array(f"{column.width:g}fr" for column in block.columns)
    align = _array(column.align for column in block.columns)
    heads = _array(_text(column.heading) for column in block.columns)
    cells = _array(_content(cell) for row in block.rows for cell in row)
    return f"#sheet({widths}, {align}, {heads}, {cells}, {_content(block.caption)}, {_below(block.note)})"
