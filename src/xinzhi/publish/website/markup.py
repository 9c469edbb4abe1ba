"""Blocks as HTML: the third writer, beside Typst and Word. A number is an element with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import groupby

from markupsafe import Markup

from xinzhi.publish.blocks import (
    Block,
    Footnote,
    Formula,
    Heading,
    Name,
    Number,
    Paragraph,
    Picture,
    Span,
    Table,
    Words,
    plain,
)
from xinzhi.publish.notation import mathml, spoken
from xinzhi.publish.text.keys import Key

Explained = Callable[[Key], str]
"""From the key of a number to the address that explains it; blank where none does."""


def words(spans: Sequence[Span], explained: Explained = lambda _key: "") -> Markup:
    """Return spans as HTML; a footnote stands in brackets."""
    return Markup(_spans(spans, explained))


def page_parts(blocks: Iterable[Block], explained: Explained = lambda _key: "") -> Markup:
    """Return blocks as HTML; paragraphs with a marker that follow each other are a list."""
    made = []
    for listed, run in groupby(blocks, lambda block: isinstance(block, Paragraph) and bool(block.marker)):
        if listed:
            items = (f"<li>{_spans(b.spans, explained)}</li>\n" for b in run if isinstance(b, Paragraph))
            made.append(f"<ul>\n{''.join(items)}</ul>\n")
        else:
            made += (_block(block, explained) for block in run)
    return Markup("".join(made))


def _spans(spans: Sequence[Span], explained: Explained) -> str:
    return "".join([_span(span, explained) for span in spans])


def _span(span: Span, explained: Explained) -> str:
    match span:
        case Number(key, text):
            shown, told = escape(str(key)), escape(text)
            if address := explained(key):
                return f'<a class="number" href="{escape(address)}" data-key="{shown}">{told}</a>'
            return f'<span data-key="{shown}">{told}</span>'
        case Words(text, strong, emphatic):
            told = escape(text)
            whole = f"<strong>{told}</strong>" if strong else told
            return f"<em>{whole}</em>" if emphatic else whole
        case Name(text):
            return escape(text)
        case Footnote(spans):
            return f"（{_spans(spans, explained)}）"


def _block(block: Block, explained: Explained) -> str:
    match block:
        case Heading(level, spans, id):
            return f'<h{level} id="{escape(id)}">{_spans(spans, explained)}</h{level}>\n'
        case Formula(notation):
            about = escape(spoken(notation))
            return f'<p class="formula" tabindex="0"><math display="block" aria-label="{about}">{mathml(notation)}</math></p>\n'
        case Table():
            return _table(block, explained)
        case Paragraph(spans) | Picture(spans):  # drawings are files of their own; a page names them alone
            return f"<p>{_spans(spans, explained)}</p>\n"


def _table(table: Table, explained: Explained) -> str:
    sides = {"left": "", "center": ' class="c"', "right": ' class="r"'}
    around = [sides[column.align] for column in table.columns]
    head = "".join(
        f'<th scope="col"{side}>{escape(column.heading)}</th>'
        for side, column in zip(around, table.columns, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            [f"<td{side}>{_spans(cell, explained)}</td>" for side, cell in zip(around, row, strict=True)]
        )
        + "</tr>\n"
        for row in table.rows
    )
    note = f'<p class="note">{_spans(table.note, explained)}</p>\n' if table.note else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(plain(table.caption))}"><table>'
        f"<caption>{_spans(table.caption, explained)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n{note}"
    )
