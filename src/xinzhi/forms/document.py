"""A file as the form readers see it: paragraphs, tables as grids, pictures; the same for Word, Excel and CSV.

These are plain objects that never leave the process in which the file was parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from xinzhi.forms.places import Place


@dataclass(slots=True)
class Run:
    """A stretch of text of one look, after all inheritance.

    Attributes
    ----------
    font : str
        Effective East Asian font; blank where the file does not say.
    points : float
        Effective size; 0 where the file does not say.
    colour : str
        Effective colour as ``RRGGBB``; blank for automatic.
    ground : str
        Colour of what lies behind it; blank where the file does not say.
    hidden : bool
        Whether the text is set hidden.
    inserted : bool
        Whether it is a tracked insertion.
    mark : bool or None
        True and False for a check box, ticked or not, of whatever making (content control, legacy field, symbol,
        enclosed character); `text` is then ☑ or □.
    """

    text: str
    font: str = ""
    points: float = 0.0
    colour: str = ""
    hidden: bool = False
    inserted: bool = False
    mark: bool | None = None
    ground: str = ""


@dataclass(slots=True)
class Paragraph:
    """A paragraph with its runs."""

    runs: list[Run]
    place: Place
    style: str = ""
    numbered: bool = False
    alignment: str = ""

    @property
    def text(self) -> str:
        """The text as shown: no hidden text."""
        return "".join(run.text for run in self.runs if not run.hidden)


@dataclass(slots=True)
class Cell:
    """A cell of a grid. `row` and `column` are where it begins, counted from 1.

    `number` is the figure that a sheet stores, `number_format` how it shows it; both None and blank in Word.
    `formula` is True where a sheet holds a formula, whose stored figure may be stale or absent.
    `doubt` is the rule by which a figure there is a question whatever it says.
    """

    row: int
    column: int
    place: Place
    paragraphs: list[Paragraph] = field(default_factory=list)
    width: int = 1
    height: int = 1
    number: Decimal | None = None
    number_format: str = ""
    formula: bool = False
    note: str = ""
    doubt: str = ""

    @property
    def text(self) -> str:
        """The text of its paragraphs, a line each."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(slots=True)
class Table:
    """A table as a grid; a merged cell stands at its first place and answers for all it covers.

    `inside` is, of a nested table, the place of the paragraph in another table's cell after which it lies.
    `lengths` are, of delimited text, how many fields each record has.
    """

    place: Place
    cells: list[Cell]
    rows: int
    columns: int
    hidden: bool = False
    inside: Place | None = None
    lengths: tuple[int, ...] = ()

    def grid(self) -> dict[tuple[int, int], Cell]:
        """Map every (row, column), merged ones expanded, to its cell."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.height)
            for column in range(cell.column, cell.column + cell.width)
        }


@dataclass(slots=True)
class Picture:
    """A picture as it lies in the file; `caption` is the paragraph below it (or above, where none below)."""

    name: str
    data: bytes
    place: Place
    caption: str = ""
    alternative: str = ""


@dataclass(slots=True)
class Document:
    """What a file holds.

    Attributes
    ----------
    format : str
        ``"docx"``, ``"xlsx"``, ``"csv"`` ... the kind of the bytes, not the ending of the name.
    blocks : list
        Paragraphs and tables of the body in their order; nested tables follow the one they lie in.
    margins : list of Paragraph
        Text of headers, footers, text boxes, footnotes and endnotes; the place says which.
    drawings : list of Place
        Where shapes, charts, embedded objects and form controls lie, which are no pictures; a seal may be one.
    tracked : bool
        Whether it has tracked changes. Insertions are read, deletions left.
    converted : str
        The original kind, where LibreOffice converted it.
    lost : list of str
        Rule ids of what was there and could not be read, each with its place.
    form, unit : str
        What the hidden mark of our own Excel form says: name of the form (``letter-2025/indicators@1``), code.
    """

    format: str
    blocks: list[Paragraph | Table] = field(default_factory=list)
    margins: list[Paragraph] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    drawings: list[Place] = field(default_factory=list)
    tracked: bool = False
    converted: str = ""
    lost: list[tuple[str, Place]] = field(default_factory=list)
    form: str = ""
    unit: str = ""

    @property
    def tables(self) -> list[Table]:
        """The tables in their order."""
        return [block for block in self.blocks if isinstance(block, Table)]

    def paragraphs(self) -> Iterator[Paragraph]:
        """Yield every paragraph of the body once, those in tables at the place of the table."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block
            else:
                for cell in block.cells:
                    yield from cell.paragraphs
