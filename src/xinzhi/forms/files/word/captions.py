"""The caption of each picture: what stands below it, above it, or in the cell below it."""

from __future__ import annotations

import re

from xinzhi.forms.document import Document, Paragraph, Table
from xinzhi.forms.files.word.story import Framed

_BEGINNING = re.compile(
    r"\s*[（(【\[]?\s*(?:图\s*[片表示]?\s*[0-9０-９一二三四五六七八九十①-⑩A-Za-z:：.．、\-—]|(?:figure|fig\.)\s*\w)",
    re.I,
)
_HEADING = re.compile(r"\s*[（(]?[一二三四五六七八九十0-9]+[)）、.．]")
_STYLES = {"caption", "题注", "图注"}
_NEAR = 3  # paragraphs with text
_WINDOW = 20  # paragraphs, with or without text, that are looked at
_SHORT = 40  # characters; a title, not a text
_SENTENCE = "。；;！!？?"


def set_captions(document: Document, framed: list[Framed]) -> None:
    """Find the captions of the pictures of a document.

    A paragraph that begins as captions do goes before one in the style of captions, and that before a short text;
    each is looked for in the paragraph of the picture, below it, in the cell below, and above.
    """
    pictured = {id(one.paragraph) for one in framed}
    contents = {id(one.content): one.content for one in framed}.values()
    places = {id(block): n for content in contents for n, block in enumerate(content)}
    below_cells = _cells_below(document, pictured)
    for one in framed:
        place = places[id(one.paragraph)]
        below = _texts(one.content[place + 1 : place + 1 + _WINDOW], pictured)[:_NEAR]
        above = _texts(one.content[max(0, place - _WINDOW) : place][::-1], pictured)[:1]
        one.picture.caption = _caption(
            [one.paragraph, *(below or below_cells.get(id(one.paragraph), []))], above
        )


def _caption(below: list[Paragraph], above: list[Paragraph]) -> str:
    for paragraph in below:
        if _BEGINNING.match(paragraph.text):
            return paragraph.text.strip()
    for paragraph in below + above:
        if paragraph.style.lower() in _STYLES and paragraph.text.strip():
            return paragraph.text.strip()
    for paragraph in [one for one in below if one.text.strip()][:1] + above:
        text = paragraph.text.strip()
        if len(text) <= _SHORT and not _HEADING.match(text) and not any(sign in text for sign in _SENTENCE):
            return text
    return ""


def _texts(blocks: list[Paragraph | Table], pictured: set[int]) -> list[Paragraph]:
    """Return the paragraphs with text up to a table, or to the next picture after some text."""
    found: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Table) or (found and id(block) in pictured):
            break
        if block.text.strip():
            found.append(block)
    return found


def _cells_below(document: Document, pictured: set[int]) -> dict[int, list[Paragraph]]:
    """Map each pictured paragraph in a table to the first text of the cell below."""
    found = {}
    for table in document.tables:
        cells = [cell for cell in table.cells if any(id(one) in pictured for one in cell.paragraphs)]
        grid = table.grid() if cells else {}
        for cell in cells:
            below = grid.get((cell.row + cell.height, cell.column))
            if below is not None:
                texts = [paragraph for paragraph in below.paragraphs if paragraph.text.strip()][:1]
                found.update(dict.fromkeys((id(one) for one in cell.paragraphs), texts))
    return found
