"""From single cells to a table of the neutral document."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from xinzhi.forms.document import Cell, Paragraph, Run, Table
from xinzhi.forms.places import Place

ROWS, COLUMNS = 20_000, 1_000
"""How far the cells of a sheet may reach; a form has some thirty rows and six columns."""

MARK, MARK_SIGN = "_xinzhi", "xinzhi"
"""The hidden sheet of our own workbooks and what its A1 says; B1 is the form and C1 the code of the unit, row 2
names the sheets to pass over and row 3 the cells (表!C5) that are no part of the form."""

LIST = "审核意见"
"""The sheet of an annotated workbook that lists the findings."""

MOST_CELLS = 50_000
LARGEST_TEXT = 20_000_000  # bytes of delimited text

_MOST_BLANKS = 5_000  # up to this size of table blank cells are there as well, as they are in Word
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Look:
    """Font, size in points, colour (``RRGGBB``) of a cell and of what lies behind, blank and 0 where the file does
    not say; if struck out.
    """

    font: str = ""
    points: float = 0.0
    colour: str = ""
    struck: bool = False
    ground: str = ""


@dataclass(slots=True)
class SheetCell:
    """What a sheet says of one cell, counted from 1."""

    row: int
    column: int
    text: str
    number: Decimal | None = None
    number_format: str = ""
    formula: bool = False
    look: Look = Look()

    @property
    def address(self) -> str:
        """Its address as a person finds it: C5."""
        return f"{letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of merged cells."""

    row: int
    column: int
    height: int
    width: int

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell lies in it."""
        return self.row <= row < self.row + self.height and self.column <= column < self.column + self.width

    def hides(self, row: int, column: int) -> bool:
        """Tell whether a cell lies under it and is not its first."""
        return self.holds(row, column) and (row, column) != (self.row, self.column)


def letters(column: int) -> str:
    """Return the letters of a column: 28 is AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position(address: str) -> tuple[int, int] | None:
    """Return row and column of an address (C5); None where it is none."""
    found = _ADDRESS.fullmatch(address)
    if not found:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def table_of(
    cells: Collection[SheetCell],
    place: Place,
    *,
    merged: Iterable[Area] = (),
    notes: Mapping[tuple[int, int], str] | None = None,
    hidden: bool = False,
) -> Table:
    """Build a table up to the last row and column that hold something; `notes` are remarks at cells."""
    rows = max((cell.row for cell in cells), default=0)
    columns = max((cell.column for cell in cells), default=0)
    known = {(cell.row, cell.column): cell for cell in cells}
    spans = {(area.row, area.column): area for area in merged if area.row <= rows and area.column <= columns}
    covered = _covered(spans.values(), rows, columns)
    if rows * columns <= _MOST_BLANKS:
        positions = [(row, column) for row in range(1, rows + 1) for column in range(1, columns + 1)]
    else:
        positions = sorted(known)
    return Table(
        place=place,
        cells=[
            _cell(at, known.get(at), spans.get(at), place, (notes or {}).get(at, ""), rows, columns)
            for at in positions
            if at not in covered
        ],
        rows=rows,
        columns=columns,
        hidden=hidden,
    )


def _cell(
    at: tuple[int, int],
    known: SheetCell | None,
    span: Area | None,
    table: Place,
    note: str,
    rows: int,
    columns: int,
) -> Cell:
    row, column = at
    place = Place(part=table.part, table=table.table, row=row, column=column, cell=f"{letters(column)}{row}")
    cell = Cell(row, column, place, note=note)
    if span:
        # Not beyond the last cell that holds something: people merge whole rows and columns.
        cell.height, cell.width = min(span.height, rows - row + 1), min(span.width, columns - column + 1)
    if known:
        look = known.look
        cell.paragraphs = [
            Paragraph([Run(line, look.font, look.points, look.colour, ground=look.ground)], place)
            for line in known.text.splitlines()
        ]
        cell.number, cell.number_format, cell.formula = known.number, known.number_format, known.formula
    return cell


def _covered(areas: Iterable[Area], rows: int, columns: int) -> set[tuple[int, int]]:
    """Return the positions that a merged cell answers for, but for its first."""
    return {
        (row, column)
        for area in areas
        for row in range(area.row, min(area.row + area.height, rows + 1))
        for column in range(area.column, min(area.column + area.width, columns + 1))
        if (row, column) != (area.row, area.column)
    }
