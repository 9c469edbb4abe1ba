"""The tree of a document: blocks made of spans, in which every number carries the key it can be checked by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from xinzhi.publish.notation import Notation
from xinzhi.publish.text.keys import Key


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a template or of an editor."""

    text: str
    strong: bool = False
    emphatic: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A name from the data: of a unit, an indicator, a publication. It may hold digits, which are no figure."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A figure, or a word that follows a figure (rose, fell), as it is shown, and its key."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note at the foot of the page, marked at this place."""

    spans: tuple[Span, ...]


Span = Words | Name | Number | Footnote
Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3.

    Parameters
    ----------
    id : str
        Unique within the document.
    new_page : bool
        Whether it begins a page.
    pages : int
        How many pages there must be from this one to the next that begins a page; 0 where nobody minds.
    numbered : bool
        Whether it takes a number.
    running : str
        Of a heading of level 1: what stands at the head of the pages from here on.
    """

    level: Literal[1, 2, 3]
    spans: Spans
    id: str
    new_page: bool = False
    pages: int = 0
    numbered: bool = True
    running: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; with a marker, an item of a list.

    `edited` is true for what an editor wrote: its figures are the editor's own and carry no key.
    """

    spans: Spans
    edited: bool = False
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, how its cells stand, and its share of the width."""

    heading: str
    align: Literal["left", "center", "right"] = "left"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table; `note` stands below it."""

    caption: Spans
    columns: tuple[Column, ...]
    rows: tuple[tuple[Spans, ...], ...]
    note: Spans = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A numbered figure, with a text for those who cannot see it.

    Parameters
    ----------
    svg : bytes
        The drawing; of a photograph there is none.
    raster : bytes
        The same as PNG; a photograph may be a JPEG.
    width : float
        The share of the measure it takes.
    """

    caption: Spans
    alt: str
    svg: bytes
    raster: bytes
    note: Spans = ()
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula on lines of its own, in symbols."""

    notation: Notation


Block = Heading | Paragraph | Table | Picture | Formula


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Parameters
    ----------
    title, subtitle, author : str
    language : {"zh", "en"}
    result : str
        Fingerprint of the result that its numbers come from.
    blocks : tuple of Block
    notes : tuple of str
        Lines of the title page: what the document is and is not.
    leaf : bool
        Whether it is without title page and contents, for a page that stands alone.
    """

    title: str
    subtitle: str
    author: str
    language: Literal["zh", "en"]
    result: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = field(default=())
    leaf: bool = False


def spans_of(block: Block) -> Iterator[Span]:
    """Yield the spans of a block, those within footnotes too."""
    match block:
        case Heading() | Paragraph():
            yield from _within(block.spans)
        case Table():
            yield from _within([*block.caption, *block.note])
            for row in block.rows:
                for cell in row:
                    yield from _within(cell)
        case Picture():
            yield from _within([*block.caption, *block.note])
        case Formula():
            pass


def numbers_of(blocks: Iterable[Block]) -> Iterator[Number]:
    """Yield every number of some blocks, in the order in which they stand."""
    for block in blocks:
        yield from (span for span in spans_of(block) if isinstance(span, Number))


def plain(spans: Sequence[Span]) -> str:
    """Return spans as plain text, without the footnotes."""
    return "".join(span.text for span in spans if not isinstance(span, Footnote))


def bare_figures(block: Block) -> list[str]:
    """Return the words of a generated block that hold a digit without being a number or a name."""
    if isinstance(block, Paragraph) and block.edited:
        return []
    words = (span.text for span in spans_of(block) if isinstance(span, Words))
    return [text for text in words if any(sign.isdigit() for sign in text)]


def heading_numbers(document: Document) -> dict[str, str]:
    """Return what stands before each heading, by its id: 一、（一）1. or 1, 1.1, 1.1.1."""
    counts = [0, 0, 0]
    found: dict[str, str] = {}
    for block in document.blocks:
        if not isinstance(block, Heading) or not block.numbered:
            continue
        level = block.level
        counts[level - 1] += 1
        counts[level:] = [0] * (3 - level)
        if document.language == "en":
            found[block.id] = ".".join(map(str, counts[:level])) + " "
        else:
            numeral = chinese_numeral(counts[level - 1])
            found[block.id] = (f"{numeral}、", f"（{numeral}）", f"{counts[2]}. ")[level - 1]
    return found


def chinese_numeral(number: int) -> str:
    """Write a number from 1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    digits = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")
    return f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones]}"


def _within(spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        if isinstance(span, Footnote):
            yield from _within(span.spans)
        else:
            yield span
