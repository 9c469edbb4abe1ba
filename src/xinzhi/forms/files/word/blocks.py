"""Paragraphs and tables in their order; tables as grids with merged cells, rows and cells in whatever wrapping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from xinzhi.forms.document import Cell, Paragraph, Table
from xinzhi.forms.files.word.controls import content_of
from xinzhi.forms.files.word.lines import Line, read_line
from xinzhi.forms.files.word.looks import shading
from xinzhi.forms.files.word.names import (
    DELETED,
    INSERTED,
    MC,
    PROPERTIES,
    Element,
    W,
    chosen,
    number_of,
    switched,
    value_of,
)
from xinzhi.forms.files.word.story import Content, Story
from xinzhi.forms.files.zipped import hostile
from xinzhi.forms.places import Place

MOST_PIECES = 120_000  # paragraphs and grid places of all tables; a paragraph costs some 800 bytes

_PARAGRAPH, _TABLE, _ROW, _CELL = W + "p", W + "tbl", W + "tr", W + "tc"
_CONTROL, _ALTERNATIVES = W + "sdt", MC + "AlternateContent"
_CHUNKS = {W + "altChunk", W + "subDoc"}
_CELL_CHANGES = (W + "cellIns", W + "cellDel", W + "cellMerge")
_LEAST_HEIGHT = 60  # of a row in twentieths of a point


@dataclass(slots=True)
class Box:
    """Where paragraphs go: the body, a cell, a text box, a header.

    `joined` is a paragraph whose end is a tracked deletion: the next one continues it.
    """

    place: Place
    content: Content
    table_style: str = ""
    hidden: bool = False
    inserted: bool = False
    ground: str = ""
    paragraphs: int = 0
    joined: Paragraph | None = None

    @property
    def of_margin(self) -> bool:
        """Whether only text is wanted: headers, footers and notes have no tables of a form."""
        return self.place.part in ("header", "footer", "footnote")


class _Shape(NamedTuple):
    """Where the last cell of a row begins and ends, and the columns at which cells are tracked changes."""

    last: int
    end: int
    changed: tuple[tuple[str, int], ...]


def read_blocks(story: Story, parent: Element, box: Box) -> None:
    """Read the paragraphs and tables under an element into a box."""
    for child in _inside(story, parent, (_PARAGRAPH, _TABLE), box):
        if child.tag == _PARAGRAPH:
            _read_paragraph(story, child, box)
        else:
            box.joined = None
            _read_table(story, child, box)


def _inside(story: Story, parent: Element, wanted: tuple[str, ...], box: Box) -> Iterator[Element]:
    """Yield the children of some kinds, through content controls and other wrappers; what is deleted is left."""
    for child in parent:
        tag = child.tag
        if tag in wanted:
            yield child
        elif tag in PROPERTIES:
            continue
        elif tag == _CONTROL:
            content, doubtful = content_of(child, story.looks)
            if doubtful:
                story.lose("doubtful_box", box.place)
            if content is not None:
                yield from _inside(story, content, wanted, box)
        elif tag in DELETED:
            story.document.tracked = True
        elif tag == _ALTERNATIVES:
            branch = chosen(child)
            if branch is not None:
                yield from _inside(story, branch, wanted, box)
        elif tag in _CHUNKS:
            story.lose("inserted_document", box.place)
        elif len(child):
            story.document.tracked |= tag in INSERTED
            yield from _inside(story, child, wanted, box)


# --- paragraphs -----------------------------------------------------------------------------------------------


def _read_paragraph(story: Story, element: Element, box: Box) -> None:
    properties = element.find(W + "pPr")
    style = story.looks.paragraph_style(value_of(properties, "pStyle"))
    paragraph = box.joined
    _count(story, 1)
    if paragraph is None:
        box.paragraphs += 1
        place = box.place.model_copy(update={"paragraph": box.paragraphs})
        numbering = value_of(None if properties is None else properties.find(W + "numPr"), "numId")
        numbered = style.numbered if numbering is None else numbering != "0"
        alignment = value_of(properties, "jc") or style.alignment
        paragraph = Paragraph([], place, style.name, numbered, alignment)
        box.content.append(paragraph)
    ground = shading(None if properties is None else properties.find(W + "shd")) or box.ground
    line = Line(paragraph, box.content, box.table_style, style.id, box.hidden, box.inserted, ground)
    read_line(story, element, line)
    box.joined = paragraph if _end_deleted(story, properties) else None
    while story.boxes:
        _read_box(story, *story.boxes.pop(0))


def _end_deleted(story: Story, properties: Element | None) -> bool:
    mark = None if properties is None else properties.find(W + "rPr")
    if mark is None:
        return False
    story.document.tracked |= any(mark.find(tag) is not None for tag in INSERTED | DELETED)
    return any(mark.find(tag) is not None for tag in DELETED)


def _read_box(story: Story, element: Element, anchor: Place) -> None:
    """Read a text box: its paragraphs stand in the margins, its tables among those of the document."""
    place = anchor.model_copy(update={"part": anchor.part or "textbox", "paragraph": 0})
    waiting, story.boxes = story.boxes, []
    fields, story.fields = story.fields, []
    box = Box(place, [])
    read_blocks(story, element, box)
    story.document.margins += [block for block in box.content if isinstance(block, Paragraph)]
    story.boxes, story.fields = waiting, fields


# --- tables ---------------------------------------------------------------------------------------------------


def _read_table(story: Story, element: Element, box: Box) -> None:
    style = story.looks.table_style(value_of(element.find(W + "tblPr"), "tblStyle"))
    rows = _inside(story, element, (_ROW,), box)
    if box.of_margin:
        for row in rows:
            for cell in _inside(story, row, (_CELL,), box):
                read_blocks(story, cell, box)
        return
    story.tables += 1
    inside = box.place.model_copy(update={"paragraph": box.paragraphs}) if box.place.row else None
    table = Table(Place(part=box.place.part, table=story.tables), [], rows=0, columns=0, inside=inside)
    story.document.blocks.append(table)
    above: dict[int, Cell] = {}
    shapes: dict[int, _Shape] = {}
    flat: set[int] = set()
    for row in rows:
        properties = row.find(W + "trPr")
        if _dropped(story, properties):
            continue
        table.rows += 1
        within = Box(
            table.place.model_copy(update={"row": table.rows}),
            [],
            style,
            box.hidden or switched(properties, "hidden"),
            box.inserted or (properties is not None and properties.find(W + "ins") is not None),
        )
        above, shapes[table.rows] = _read_row(story, row, table, within, above)
        flat |= {table.rows} if _is_flat(properties) else set()
    _doubt_uneven(table, shapes)
    for known in table.cells:
        if flat.issuperset(range(known.row, known.row + known.height)):
            known.doubt = "reading.hidden_cell"


def _is_flat(properties: Element | None) -> bool:
    """Tell whether a row is held to a height in which nothing can be seen."""
    height = None if properties is None else properties.find(W + "trHeight")
    if height is None or height.get(W + "hRule") != "exact":
        return False
    value = height.get(W + "val", "")
    return value.isascii() and value.isdigit() and int(value) < _LEAST_HEIGHT


def _doubt_uneven(table: Table, shapes: Mapping[int, _Shape]) -> None:
    """Doubt the rows that have cells less or more than most: a deleted cell moves those behind it.

    The right edge alone says nothing; dragging it makes columns of the grid that no one sees.
    """
    if not shapes:
        return
    lasts, ends, changes = (Counter(each) for each in zip(*shapes.values(), strict=True))
    last = max(lasts, key=lambda column: (lasts[column], column))
    end = max(ends, key=lambda column: (ends[column], -column))
    changed = max(changes, key=lambda columns: (changes[columns], not columns))
    uneven = {
        row
        for row, shape in shapes.items()
        if shape.end < last or shape.last > end or shape.changed != changed
    }
    for cell in table.cells:
        if cell.row in uneven:
            cell.doubt = "reading.uneven_row"


def _dropped(story: Story, properties: Element | None) -> bool:
    """Tell whether a row or cell is a tracked deletion, noting tracked changes."""
    if properties is None:
        return False
    story.document.tracked |= any(
        properties.find(W + name) is not None for name in ("ins", "del", "cellIns", "cellDel", "cellMerge")
    )
    return properties.find(W + "del") is not None or properties.find(W + "cellDel") is not None


def _read_row(
    story: Story, row: Element, table: Table, within: Box, above: dict[int, Cell]
) -> tuple[dict[int, Cell], _Shape]:
    """Read a row; return the cells that the next one may continue, by the column where they begin, and its shape."""
    properties = row.find(W + "trPr")
    column = last = 1 + number_of(properties, "gridBefore", 0)
    changed: list[tuple[str, int]] = []
    below: dict[int, Cell] = {}
    previous: Cell | None = None
    for element in _inside(story, row, (_CELL,), within):
        own = element.find(W + "tcPr")
        if own is not None:
            changed += [(tag, column) for tag in _CELL_CHANGES if own.find(tag) is not None]
        if _dropped(story, own):
            continue
        last = column
        width = max(1, number_of(own, "gridSpan", 1))
        merged = value_of(own, "vMerge")
        upper = above.get(column)
        if merged is not None and merged != "restart" and upper is not None and upper.width == width:
            upper.height += 1
            below[column] = upper
            _note_covered(story, element, upper)
        elif previous is not None and value_of(own, "hMerge") in ("", "continue"):
            previous.width += width
            _note_covered(story, element, previous)
        else:
            previous = _read_cell(story, element, table, within, column, width)
            if merged is not None:
                below[column] = previous
        column += width
        _check_grid(story, table, width, column - 1 + number_of(properties, "gridAfter", 0))
    return below, _Shape(last, column - 1, tuple(changed))


def _read_cell(story: Story, element: Element, table: Table, within: Box, column: int, width: int) -> Cell:
    place = within.place.model_copy(update={"column": column})
    cell = Cell(within.place.row, column, place, width=width)
    table.cells.append(cell)
    own = element.find(W + "tcPr")
    ground = shading(None if own is None else own.find(W + "shd")) or within.ground
    box = Box(place, [], within.table_style, within.hidden, within.inserted, ground)
    read_blocks(story, element, box)
    cell.paragraphs += [block for block in box.content if isinstance(block, Paragraph)]
    return cell


def _note_covered(story: Story, element: Element, cell: Cell) -> None:
    if any(text.text and text.text.strip() for text in element.iter(W + "t")):
        story.lose("covered", cell.place)


def _check_grid(story: Story, table: Table, width: int, columns: int) -> None:
    table.columns = max(table.columns, columns)
    _count(story, width, table.rows * table.columns)


def _count(story: Story, pieces: int, at_once: int = 0) -> None:
    story.pieces += pieces
    if max(story.pieces, at_once) > MOST_PIECES:
        raise hostile("grid", most=MOST_PIECES)
