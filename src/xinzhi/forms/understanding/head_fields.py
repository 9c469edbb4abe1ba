"""The head of a case: fields found by their labels, in a table or in lines, and whose contact a contact is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rapidfuzz import fuzz

from xinzhi.forms.document import Cell, Table
from xinzhi.forms.model import CaseForm
from xinzhi.forms.spelling import letters, spaced
from xinzhi.forms.understanding.passages import Passage, lines_of

_ALIKE = 75.0  # likeness in %: one letter of four
_LONGEST = 40  # characters of a cell that may be a label


@dataclass(slots=True)
class FieldText:
    """What stands for a field: the label and the lines of the value.

    `retyped` is the label as written where it is not the form's. `field` is blank where nothing tells to which of
    two units a label belongs; `fields` are those it may mean.
    """

    field: str
    fields: tuple[str, ...]
    label: Passage
    lines: list[Passage]
    retyped: str = ""


class HeadLabels:
    """The labels of a form's head."""

    def __init__(self, form: CaseForm) -> None:
        self._cells: dict[int, tuple[tuple[str, ...], str]] = {}
        self._grids: dict[int, Mapping[tuple[int, int], Cell]] = {}
        self._fields: dict[str, list[str]] = defaultdict(list)
        for id, field in form.fields.items():
            for name in dict.fromkeys((letters(field.label)[0], letters(field.title.zh)[0])):
                self._fields[name].append(id)
        names = "|".join(spaced(name) for name in sorted(self._fields, key=len, reverse=True))
        self._inline = re.compile(
            rf"(?:^|(?<=[\s　。；;，,、）)]))[\s*]*({names})(?:\s*[（(][^（()）]{{1,14}}[)）])?\s*[:：]"
        )

    def of_cell(self, cell: Cell) -> tuple[tuple[str, ...], str]:
        """Return the fields that a cell is the label of, and how it is written where it is retyped."""
        if id(cell) not in self._cells:
            self._cells[id(cell)] = self._of_cell(cell.text)
        return self._cells[id(cell)]

    def grid(self, table: Table) -> Mapping[tuple[int, int], Cell]:
        """Return the grid of a table."""
        if id(table) not in self._grids:
            self._grids[id(table)] = table.grid()
        return self._grids[id(table)]

    def _of_cell(self, text: str) -> tuple[tuple[str, ...], str]:
        if not text.strip() or len(text) > _LONGEST:
            return (), ""
        bare = letters(re.sub(r"[（(][^（()）]*[)）]\s*[:：]?\s*$", "", text))[0]
        if bare in self._fields:
            return tuple(self._fields[bare]), ""
        if not 4 <= len(bare) <= 8:
            return (), ""
        best, second = sorted(((fuzz.ratio(bare, name), name) for name in self._fields), reverse=True)[:2]
        if best[0] >= _ALIKE and best[0] - second[0] >= 10:
            return tuple(self._fields[best[1]]), text.strip()
        return (), ""

    def in_line(self, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return the labels with a colon in a line: where they begin and end, and their fields."""
        if len(text) > 400:
            return []
        return [
            (match.start(1), match.end(), tuple(self._fields[letters(match[1])[0]]))
            for match in self._inline.finditer(text)
        ]


def head_fields(form: CaseForm, lines: Sequence[Passage], before: int) -> tuple[list[FieldText], set[int]]:
    """Find the fields of the head.

    Parameters
    ----------
    lines : sequence of Passage
        The document in reading order.
    before : int
        Number of the line at which the content begins; labels with the value behind a colon count before it only.

    Returns
    -------
    list of FieldText
        In reading order; a field more than once where the document has it so.
    set of int
        Numbers of the lines that belong to the head.
    """
    labels = HeadLabels(form)
    owners = {field.under for field in form.fields.values() if field.under}
    numbers = {(id(line.paragraph), line.start): number for number, line in enumerate(lines)}
    found: list[FieldText] = []
    taken: set[int] = set()
    units: list[_Unit] = []
    for number, line in enumerate(lines):
        if number in taken:
            continue
        for fields, value, retyped in _of_line(labels, lines, number, before):
            field = _whose(form, fields, line, units)
            if field in owners:
                units.append(_Unit(id(line.table), line.cell.column if line.cell else 0, field))
            found.append(FieldText(field, fields, line, value, retyped))
            if line.cell is not None and labels.of_cell(line.cell)[0]:
                value = [*lines_of(line.cell), *value]
            taken |= {numbers.get((id(part.paragraph), part.start), number) for part in (line, *value)}
    return found, taken


@dataclass(frozen=True, slots=True)
class _Unit:
    """Where the label of a unit stands, under which contacts belong to it."""

    table: int
    column: int
    field: str


def _of_line(
    labels: HeadLabels, lines: Sequence[Passage], number: int, before: int
) -> Iterator[tuple[tuple[str, ...], list[Passage], str]]:
    """Yield what a line labels: possible fields, lines of the value, the label as written where retyped."""
    line = lines[number]
    if line.cell is not None and line.table is not None and line.text.strip():
        fields, retyped = labels.of_cell(line.cell)
        if fields:
            value = _value_cell(labels, labels.grid(line.table), line.cell)
            yield fields, list(lines_of(value, line.table)) if value else [], retyped
            return
    if number >= before:
        return
    inline = labels.in_line(line.text)
    for (_start, end, fields), following in zip_longest(inline, inline[1:]):
        value_line = line.part(end, following[0] if following else None)
        rest = [value_line]
        if following is None and (line.cell is not None or not value_line.text.strip()):
            rest += _below(labels, lines, number, before)
        yield fields, rest, ""


def _below(labels: HeadLabels, lines: Sequence[Passage], number: int, before: int) -> list[Passage]:
    """Return the lines below that belong to a label: the rest of its cell, or the next line outside tables."""
    line, found = lines[number], []
    for other in lines[number + 1 : before]:
        if other.cell is not line.cell or labels.in_line(other.text):
            break
        found.append(other)
        if line.cell is None and other.text.strip():
            break
    return found


def _value_cell(labels: HeadLabels, grid: Mapping[tuple[int, int], Cell], cell: Cell) -> Cell | None:
    """Return the cell to the right of a label, or the one below where labels stand side by side."""
    right = grid.get((cell.row, cell.column + cell.width))
    if right is not None and not _is_label(labels, right):
        return right
    left = grid.get((cell.row, cell.column - 1))
    below = grid.get((cell.row + cell.height, cell.column))
    abreast = right is not None or (left is not None and _is_label(labels, left))
    return below if abreast and below is not None and not _is_label(labels, below) else None


def _is_label(labels: HeadLabels, cell: Cell) -> bool:
    """Whether a cell is a label, or begins with one and its colon."""
    first = cell.paragraphs[0].text if cell.paragraphs else ""
    return bool(labels.of_cell(cell)[0]) or any(start == 0 for start, _end, _fields in labels.in_line(first))


def _whose(form: CaseForm, fields: tuple[str, ...], label: Passage, units: Sequence[_Unit]) -> str:
    """Return the field a label means: of the last unit before it, or of the one above it where two stand abreast."""
    if len(fields) == 1:
        return fields[0]
    by_unit = {form.fields[field].under: field for field in fields}
    before = [unit for unit in units if unit.field in by_unit]
    here = [unit for unit in before if label.cell is not None and unit.table == id(label.table)]
    if len({unit.column for unit in here}) > 1 and label.cell is not None:
        before = sorted((u for u in here if u.column <= label.cell.column), key=lambda unit: unit.column)
    return by_unit[before[-1].field] if before else ""
