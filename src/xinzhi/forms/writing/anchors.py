"""The paragraphs of a Word text by the places that its reader gives, so that a comment can be set at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xinzhi.forms.files.word.names import (
    DELETED,
    FINDINGS_TAG,
    MC,
    PROPERTIES,
    Element,
    W,
    chosen,
    number_of,
    value_of,
)
from xinzhi.forms.places import Place

_PARAGRAPH, _TABLE, _ROW, _CELL = W + "p", W + "tbl", W + "tr", W + "tc"
_BOX, _ALTERNATIVES = W + "txbxContent", MC + "AlternateContent"
_MOST_COLUMNS = 100  # a form has five; what claims millions is not worth their memory

_Grid = dict[tuple[int, int], list[Element]]
_Row = dict[
    int, tuple[list[Element], int]
]  # of the cells that the next row may continue: paragraphs and width


class Anchors:
    """The paragraphs of a text by their places, counted as :func:`xinzhi.forms.files.word.read_word` counts.

    Tables count in the order of the document, one that is nested after the one it lies in; rows and columns are
    those of the grid with merged cells expanded; paragraphs count within their cell, or in the body outside of
    tables. What is deleted and what an annotation added does not count.

    Parameters
    ----------
    body : lxml element
        As the reader parses it.
    """

    def __init__(self, body: Element) -> None:
        self._grids: list[_Grid] = []
        self._body = self._read(body)

    def at(self, place: Place) -> Element | None:
        """Return the paragraph at a place, of a cell the first unless it says which; None where there is none."""
        if place.part or not (place.table or place.paragraph):
            return None
        if not place.table:
            paragraphs = self._body
        elif place.table > len(self._grids):
            return None
        else:
            cell = max(place.row, 1), max(place.column, 1)
            paragraphs = self._grids[place.table - 1].get(cell, [])
        position = max(place.paragraph, 1) - 1
        return paragraphs[position] if position < len(paragraphs) else None

    def _read(self, parent: Element) -> list[Element]:
        """Return the paragraphs of a body, cell or text box; take in the tables on the way."""
        paragraphs: list[Element] = []
        joined = False  # to the paragraph before, whose end is a tracked deletion
        for child in _within(parent, (_PARAGRAPH, _TABLE)):
            if child.tag == _TABLE:
                joined = False
                self._read_table(child)
                continue
            if not joined:
                paragraphs.append(child)
            joined = _end_deleted(child)
            for box in _boxes(child):
                self._read(box)
        return paragraphs

    def _read_table(self, table: Element) -> None:
        grid: _Grid = {}
        self._grids.append(grid)
        above: _Row = {}
        rows = (row for row in _within(table, (_ROW,)) if not _dropped(row.find(W + "trPr")))
        for number, row in enumerate(rows, start=1):
            column = 1 + number_of(row.find(W + "trPr"), "gridBefore", 0)
            below: _Row = {}
            for cell in _within(row, (_CELL,)):
                properties = cell.find(W + "tcPr")
                if _dropped(properties):
                    continue
                width = min(max(1, number_of(properties, "gridSpan", 1)), _MOST_COLUMNS)
                merged = value_of(properties, "vMerge")
                paragraphs, tall = above.get(column, ([], 0))
                if merged in (None, "restart") or tall != width:
                    beside = value_of(properties, "hMerge") in ("", "continue")
                    before = grid.get((number, column - 1)) if beside else None
                    paragraphs = self._read(cell) if before is None else before
                if merged is not None:
                    below[column] = paragraphs, width
                grid |= {(number, at): paragraphs for at in range(column, column + width)}
                column += width
            above = below


def _within(parent: Element, wanted: Sequence[str]) -> Iterator[Element]:
    """Yield the parts of an element with these tags, also those in controls and other wrappers."""
    for child in parent:
        if child.tag in wanted:
            yield child
        elif child.tag == _ALTERNATIVES:
            if (branch := chosen(child)) is not None:
                yield from _within(branch, wanted)
        elif child.tag not in PROPERTIES | DELETED and not is_ours(child):
            yield from _within(child, wanted)


def is_ours(element: Element) -> bool:
    """Tell whether an element is the content control of an annotation."""
    return element.tag == W + "sdt" and value_of(element.find(W + "sdtPr"), "tag") == FINDINGS_TAG


def _boxes(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag == _BOX:
            yield child
        elif child.tag == _ALTERNATIVES:
            if (branch := chosen(child)) is not None:
                yield from _boxes(branch)
        elif child.tag not in DELETED:
            yield from _boxes(child)


def _dropped(properties: Element | None) -> bool:
    return properties is not None and any(properties.find(W + tag) is not None for tag in ("del", "cellDel"))


def _end_deleted(paragraph: Element) -> bool:
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    return mark is not None and any(mark.find(tag) is not None for tag in DELETED)
