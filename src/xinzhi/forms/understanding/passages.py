"""Stretches of a document's text, line by line in reading order, that keep their place and look."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from xinzhi.declarations import Text
from xinzhi.forms.counting import count_characters
from xinzhi.forms.document import Cell, Document, Paragraph, Run, Table
from xinzhi.forms.places import Place
from xinzhi.forms.reading import StyleUse

_LEAST_POINTS = 4.0  # smaller type is not read by eye


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a line of a paragraph, and the cell and table it stands in.

    Attributes
    ----------
    text : str
        Its characters.
    start : int
        Where in the paragraph's shown text it begins.
    line : int
        Line of the paragraph, from 0.
    run, offset : int
        A run not behind its beginning, and where in the shown text that run begins.
    """

    paragraph: Paragraph
    text: str
    start: int = 0
    line: int = 0
    run: int = 0
    offset: int = 0
    cell: Cell | None = None
    table: Table | None = None

    @property
    def place(self) -> Place:
        """Where its paragraph stands."""
        return self.paragraph.place

    def part(self, start: int, end: int | None = None) -> Passage:
        """Return a part of it, counted from its beginning."""
        return replace(self, text=self.text[start:end], start=self.start + start)

    def pieces(self) -> Iterator[tuple[Run, str]]:
        """Yield the runs it touches, each with the text it takes from it."""
        position, end = self.offset, self.start + len(self.text)
        for run in islice(self.paragraph.runs, self.run, None):
            if position >= end:
                return
            if run.hidden:
                continue
            first, last = max(self.start - position, 0), min(end - position, len(run.text))
            if first < last:
                yield run, run.text[first:last]
            position += len(run.text)


def lines(paragraph: Paragraph, cell: Cell | None = None, table: Table | None = None) -> Iterator[Passage]:
    """Yield the lines of a paragraph, blank ones too."""
    start = run = offset = 0
    for number, text in enumerate(re.split(r"[\n\r\v\f]", paragraph.text)):
        while run < len(paragraph.runs) and offset + _length(paragraph.runs[run]) <= start:
            offset += _length(paragraph.runs[run])
            run += 1
        yield Passage(paragraph, text, start, number, run, offset, cell, table)
        start += len(text) + 1


def _length(run: Run) -> int:
    return 0 if run.hidden else len(run.text)


def lines_of(cell: Cell, table: Table | None = None) -> Iterator[Passage]:
    """Yield the lines of a cell."""
    for paragraph in cell.paragraphs:
        yield from lines(paragraph, cell, table)


def reading_order(document: Document) -> Iterator[Passage]:
    """Yield every line of the body as a person reads it, nested tables where they lie, hidden sheets left out."""
    nested: dict[tuple[int, int, int], list[Table]] = defaultdict(list)
    for table in document.tables:
        if table.inside is not None:
            nested[table.inside.table, table.inside.row, table.inside.column].append(table)

    def of_table(table: Table) -> Iterator[Passage]:
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
            waiting = nested.pop((cell.place.table, cell.place.row, cell.place.column), [])
            for paragraph in cell.paragraphs:
                yield from lines(paragraph, cell, table)
                for inner in [
                    t for t in waiting if t.inside and t.inside.paragraph == paragraph.place.paragraph
                ]:
                    waiting.remove(inner)
                    yield from of_table(inner)
            for inner in waiting:
                yield from of_table(inner)

    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield from lines(block)
        elif block.inside is None and not block.hidden:
            yield from of_table(block)
    for left in list(nested.values()):  # lies in a cell that the grid does not have
        for table in left:
            yield from of_table(table)


def text_of(passages: Iterable[Passage]) -> str:
    """Return the text of passages: those of one line together, the lines without white space at their ends."""
    by_line: dict[tuple[int, int], str] = {}
    for passage in passages:
        line = (id(passage.paragraph), passage.line)
        by_line[line] = by_line.get(line, "") + passage.text
    return "\n".join(stripped for text in by_line.values() if (stripped := text.strip()))


def joined(texts: Iterable[Text]) -> Text:
    """Return texts in a row, in both languages."""
    listed = list(texts)
    return Text(zh="、".join(text.zh for text in listed), en=", ".join(text.en or text.zh for text in listed))


def listed(texts: Iterable[str]) -> Text:
    """Return what a file says, in a row as each language writes it."""
    return joined(Text(zh=text) for text in texts)


def is_unseen(run: Run) -> bool:
    """Tell whether text is shown and yet not to be seen: white, of the colour behind it, or tiny."""
    white = len(run.colour) == 6 and all(part in "EF" for part in run.colour[::2])
    blends = bool(run.colour) and run.colour[::2] == run.ground[::2]  # but for shades that no eye tells apart
    return bool(run.text.strip()) and not run.hidden and (white or blends or 0 < run.points < _LEAST_POINTS)


def unseen(passages: Iterable[Passage]) -> list[Passage]:
    """Return the stretches that are shown and yet not to be seen."""
    found = []
    for passage in passages:
        start = 0
        for run, text in passage.pieces():
            if is_unseen(run) and text.strip():
                found.append(passage.part(start, start + len(text)))
            start += len(text)
    return found


def styles_of(passages: Iterable[Passage]) -> tuple[StyleUse, ...]:
    """Return the looks of passages, the most used first."""
    counted: dict[tuple[str, float], int] = defaultdict(int)
    first: dict[tuple[str, float], Place] = {}
    for passage in passages:
        for run, text in passage.pieces():
            if characters := count_characters(text):
                counted[run.font, run.points] += characters
                first.setdefault((run.font, run.points), passage.place)
    return tuple(
        StyleUse(font=look[0], points=look[1], characters=count, place=first[look])
        for look, count in sorted(counted.items(), key=lambda item: -item[1])
    )
