"""What a white paper holds: chapters by a TOML outline, and what editors wrote for them in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from xinzhi.declarations import Identifier, Record, Text, parse_declaration, read_declaration, validated
from xinzhi.errors import XinzhiError, reason
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Block, Column, Heading, Paragraph, Span, Spans, Table, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

_USUAL = Path(__file__).parent / "outline.toml"
_LARGEST = 2_000_000  # bytes of a chapter

LEVELS = ("nation", "province", "county")
ALL, PRINTED, OTHER = "all", "printed", "other"

Band = Annotated[str, Field(pattern=r"^\d+(\.\d+)?\.\.(\d+(\.\d+)?)?$")]


class OutlineError(XinzhiError):
    """An outline, or an editor's text, that cannot be used as it is written."""


class Chapter(Record):
    """A chapter: `parts` are generated (see :data:`xinzhi.publish.paper.PARTS`), `figures` drawn.

    `index` says of which index of an edition: the main one where it is blank, or :data:`ALL`, the first of a
    level of :data:`LEVELS`, a :data:`PRINTED` one, one of an :data:`OTHER` level, or one by its id.
    """

    id: Identifier
    index: str = ""
    title: Text
    numbered: bool = True
    parts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


class Outline(Record):
    """A white paper."""

    title: Text
    author: Text
    bands: tuple[Band, ...] = ()
    chapters: tuple[Chapter, ...] = Field(min_length=1)

    @property
    def drawn(self) -> tuple[str, ...]:
        """Names of the figures, each once."""
        return tuple(dict.fromkeys(name for chapter in self.chapters for name in chapter.figures))


def load_outline(path: str | Path | None = None) -> Outline:
    """Read an outline; by default the usual one.

    Raises
    ------
    OutlineError
        With file, place and what to do.
    """
    file = Path(path) if path is not None else _USUAL
    return read_outline(read_declaration(file, OutlineError), str(file))


def read_outline(text: str, where: str) -> Outline:
    """Return the outline that a TOML text gives.

    Raises
    ------
    OutlineError
        With place and what to do.
    """
    name = Path(where).name
    outline: Outline = validated(Outline, parse_declaration(text, name, OutlineError), name, OutlineError)
    ids = [chapter.id for chapter in outline.chapters]
    for id in ids:
        if ids.count(id) > 1:
            raise OutlineError(_("两章的标识同为 {id}").format(id=id), where=where)
    return outline


def outline_toml(outline: Outline) -> str:
    """Return an outline as TOML that :func:`read_outline` reads."""
    import tomli_w

    return tomli_w.dumps(outline.model_dump(mode="json", exclude_defaults=True))


def editors_texts(folder: Path, outline: Outline) -> dict[str, str]:
    """Return what editors wrote, by chapter: the files ``<folder>/<chapter>.md`` that there are.

    Raises
    ------
    OutlineError
        If a file is there and cannot be read.
    """
    files = {chapter.id: folder / f"{chapter.id}.md" for chapter in outline.chapters}
    return {id: _read(file) for id, file in files.items() if file.exists()}


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            raise OutlineError(_("一章的文字超过 {limit} MB").format(limit=2), where=str(file))
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OutlineError(_("不是 UTF-8 文本"), where=str(file), remedy=_("请另存为 UTF-8 编码")) from error
    except OSError as error:
        raise OutlineError(_("读不出来: {reason}").format(reason=reason(error)), where=str(file)) from error


def markdown_blocks(text: str, id: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text: headings, paragraphs, lists, tables; HTML stays text.

    Headings lie below that of the chapter, whatever level they are given.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    markers: list[str | int] = []
    marker, count = "", 0
    position = 0
    while position < len(tokens):
        token = tokens[position]
        match token.type:
            case "heading_open":
                count += 1
                level: Literal[2, 3] = 2 if token.tag in ("h1", "h2") else 3
                yield Heading(level, _inline(tokens[position + 1]), f"{id}-{count}")
                position += 2
            case "bullet_list_open":
                markers.append("•")
            case "ordered_list_open":
                markers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                markers.pop()
            case "list_item_open":
                marker = _next_marker(markers)
            case "inline":
                yield Paragraph(_inline(token), edited=True, marker=marker)
                marker = ""
            case "fence" | "code_block":
                yield from (
                    Paragraph((Words(line),), edited=True) for line in token.content.splitlines() if line
                )
            case "table_open":
                end = next(i for i in range(position, len(tokens)) if tokens[i].type == "table_close")
                yield _table(tokens[position:end])
                position = end
        position += 1


def _next_marker(markers: list[str | int]) -> str:
    last = markers[-1]
    if isinstance(last, int):
        markers[-1] = last + 1
        return f"{last}."
    return last


def _inline(token: Token) -> Spans:
    """Return the spans of a line: strong and emphatic words; of a link its words and its address."""
    spans: list[Span] = []
    strong = emphatic = 0
    address = ""
    for child in token.children or ():
        match child.type:
            case "strong_open" | "strong_close":
                strong += child.nesting
            case "em_open" | "em_close":
                emphatic += child.nesting
            case "softbreak" | "hardbreak":
                spans.append(Words(" "))
            case "link_open":
                address = str(child.attrs.get("href", ""))
            case "link_close":
                spans.append(Words(f" ({address})"))
            case _:
                if child.content:
                    spans.append(Words(child.content, bool(strong), bool(emphatic)))
    return tuple(spans)


def _table(tokens: Sequence[Token]) -> Table:
    rows: list[list[Spans]] = []
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(_inline(tokens[place + 1]))
    heads, *body = rows
    columns = tuple(Column("".join(getattr(span, "text", "") for span in head)) for head in heads)
    return Table((), columns, tuple(tuple(row) for row in body))
