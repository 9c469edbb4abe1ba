"""Blocks as HTML: the third writer, beside Typst and Word. A number is an element with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

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
)
from xinzhi.publish.notation import mathml, spoken
from xinzhi.publish.text.keys import Key

Explained = Callable[[Key], str]
"""From the key of a number to the address that explains it; blank where none does."""


def words(spans: Sequence[Span], explained: Explained = lambda _key: "") -> Markup:
    """Return spans as HTML; a footnote stands in brackets."""
    return Markup("").join(_span(span, explained) for span in spans)


def _span(span: Span, explained: Explained) -> Markup:
    match span:
        case Number(key, text):
            if address := explained(key):
                return Markup('<a class="number" href="{}" data-key="{}">{}</a>').format(
                    address, str(key), text
                )
            return Markup('<span data-key="{}">{}</span>').format(str(key), text)
        case Words(text, strong, emphatic):
            shown = escape(text)
            shown = Markup("<strong>{}</strong>").format(shown) if strong else shown
            return Markup("<em>{}</em>").format(shown) if emphatic else shown
        case Name(text):
            return escape(text)
        case Footnote(spans):
            return Markup("（{}）").format(words(spans, explained))


def page_parts(blocks: Iterable[Block], explained: Explained = lambda _key: "") -> Markup:
    """Return blocks as HTML; paragraphs with a marker that follow each other are a list."""
    made: list[Markup] = []
    items: list[Markup] = []
    for block in blocks:
        if isinstance(block, Paragraph) and block.marker:
            items.append(Markup("<li>{}</li>\n").format(words(block.spans, explained)))
            continue
        made += _list(items)
        items = []
        made.append(_block(block, explained))
    return Markup("").join([*made, *_list(items)])


def _list(items: Sequence[Markup]) -> list[Markup]:
    return [Markup("<ul>\n{}</ul>\n").format(Markup("").join(items))] if items else []


def _block(block: Block, explained: Explained) -> Markup:
    match block:
        case Heading(level, spans, id):
            return Markup('<h{n} id="{id}">{words}</h{n}>\n').format(
                n=level, id=id, words=words(spans, explained)
            )
        case Paragraph(spans):
            return Markup("<p>{}</p>\n").format(words(spans, explained))
        case Formula(notation):
            told = Markup(
                '<p class="formula" tabindex="0"><math display="block" aria-label="{}">{}</math></p>\n'
            )
            return told.format(spoken(notation), Markup(mathml(notation)))
        case Table():
            return _table(block, explained)
        case Picture(caption):
            return Markup("<p>{}</p>\n").format(words(caption, explained))


def _table(table: Table, explained: Explained) -> Markup:
    sides = {"left": "", "center": ' class="c"', "right": ' class="r"'}
    around = [Markup(sides[column.align]) for column in table.columns]
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(side, column.heading)
        for side, column in zip(around, table.columns, strict=True)
    )
    rows = Markup("").join(
        Markup("<tr>{}</tr>\n").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(side, words(cell, explained))
                for side, cell in zip(around, row, strict=True)
            )
        )
        for row in table.rows
    )
    note = (
        Markup('<p class="note">{}</p>\n').format(words(table.note, explained)) if table.note else Markup("")
    )
    return Markup(
        '<div class="wide" tabindex="0" role="region" aria-label="{about}"><table><caption>{caption}</caption>'
        "<thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n{note}"
    ).format(
        about="".join(span.text for span in table.caption if not isinstance(span, Footnote)),
        caption=words(table.caption, explained),
        head=head,
        rows=rows,
        note=note,
    )
