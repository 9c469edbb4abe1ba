"""WHAT is asked: forms and the call they belong to, as frozen records, each read from one TOML file.

The Word file, the Excel file, the web page, the reader, the checks and their messages all derive from these
records; there is no second list of rows, fields or sections anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from xinzhi.declarations import Identifier, Record, Text, VariableName
from xinzhi.formula import Formula

Year = Annotated[int, Field(ge=1949, le=2100)]
Filler = Literal["unit", "media", "cases"]
"""Who fills a row: the filing unit, the media unit, or the count of the cases filed."""


class Style(Record):
    """How text has to look: the East Asian font and its size in points (五号 is 10.5)."""

    font: str = Field(min_length=1)
    points: float = Field(gt=0)
    note: Text | None = None


class Form(Record):
    """What every form has. A published version never changes; what changes is a new version."""

    id: Identifier
    template: Identifier
    version: int = Field(ge=1)
    title: Text
    source: Text
    style: Style
    notes: tuple[Text, ...] = ()

    @property
    def name(self) -> str:
        """``letter-2025/indicators@1``: template, form and version."""
        return f"{self.template}/{self.id}@{self.version}"


# --- the indicator form ----------------------------------------------------------------------------------


class RowFormula(Record):
    """One reading of the formula printed beside a row."""

    text: str = Field(min_length=1)
    title: Text

    @cached_property
    def parsed(self) -> Formula:
        """The formula, parsed."""
        return Formula(self.text)


class Figure(Record):
    """A figure that is asked for.

    Attributes
    ----------
    unit : str
        Unit of measure; blank where the letter names none and none is assumed.
    unit_aliases : tuple of str
        Counters that people write in its place without a change of meaning (家 for 个).
    decimals : int
        Decimals the form asks for.
    whole : bool
        Whether the figure counts things, so that a fraction is a slip.
    limits : tuple
        Least and largest possible figure, both included.
    positive : bool
        Whether zero is impossible too.
    """

    title: Text
    unit: str = ""
    unit_aliases: tuple[str, ...] = ()
    decimals: int = Field(2, ge=0, le=6)
    whole: bool = False
    limits: tuple[Decimal | None, Decimal | None] = (None, None)
    positive: bool = False


class Row(Figure):
    """A row of the indicator form.

    Attributes
    ----------
    label : str
        As the form prints it, brackets and unit included.
    unit_printed : bool
        False where the unit is ours and the letter prints none.
    note : str
        What the form prints in the last column.
    filled_by : {"unit", "media", "cases"}
        Who fills it. A figure that a unit writes into another's row is kept apart and said.
    share : bool
        Whether it is a share, which people file as 0.35 and as 35.
    within : str
        Id of a row that this one is a part of and cannot exceed.
    zero_explained : bool
        Whether a filed 0.00 must be explained.
    change : tuple
        Usual range of the change from year to year as ratios (-0.3 is 30 % less); outside it is explained.
    formula : mapping
        Readings of the formula printed beside it, the literal one first.
    """

    label: str = Field(min_length=1)
    unit_printed: bool = True
    note: str = ""
    filled_by: Filler = "unit"
    share: bool = False
    within: str = ""
    zero_explained: bool = False
    change: tuple[float, float] | None = None
    formula: Mapping[Identifier, RowFormula] = Field(default_factory=dict)


class Headings(Record):
    """Headings of the columns of the printed table; ``{year}`` stands for the year."""

    number: str = ""
    indicator: str
    year: str
    note: str

    def of_year(self, year: int) -> str:
        """Return the heading of the column of `year`."""
        return self.year.format(year=year)


class Marks(Record):
    """Marks that stand in the place of a figure, by meaning; compared in half width and lower case."""

    missing: tuple[str, ...]
    question: tuple[str, ...]


class IndicatorForm(Form):
    """A table of rows by years.

    Attributes
    ----------
    working : mapping
        Optional figures from which the formula rows recompute.
    later : int
        By how many years a campaign asks later than the form was published for; see :meth:`asked_later`.
    """

    kind: Literal["indicators"]
    later: int = Field(0, ge=0, le=50)
    years: tuple[Year, ...] = Field(min_length=1)
    headings: Headings
    rows: Mapping[VariableName, Row] = Field(min_length=1)
    working: Mapping[VariableName, Figure] = Field(default_factory=dict)
    marks: Marks

    @property
    def name(self) -> str:
        """``letter-2025/indicators@1``; asked a year later ``letter-2025/indicators@1+1``."""
        return f"{super().name}+{self.later}" if self.later else super().name

    def asked_later(self, years: int) -> IndicatorForm:
        """Return the same version asked `years` later: next year's campaign needs no new form, only other years."""
        moved = tuple(year + years for year in self.years)
        return self.model_copy(update={"years": moved, "later": self.later + years})

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Yield the rows, then the working fields, each with its id."""
        yield from self.rows.items()
        yield from self.working.items()

    def figure(self, id: str) -> Figure:
        """Return the row or working field `id`."""
        return self.rows[id] if id in self.rows else self.working[id]


# --- the case form ---------------------------------------------------------------------------------------


class CaseField(Record):
    """A field of the head.

    Attributes
    ----------
    label, hint : str
        As the form prints them; the hint is to be overwritten.
    under : str
        Id of the unit's field to which it belongs, where the label comes more than once.
    options : mapping
        The boxes of a choice; exactly one is ticked.
    required_with : str
        Id of a field: required when that one is filled.
    private : bool
        Whether it is about a person and never shown in public.
    pattern : {"", "phone", "email"}
        What the text has to look like.
    longest : int
        Most characters.
    """

    label: str = Field(min_length=1)
    title: Text
    hint: str = ""
    under: str = ""
    options: Mapping[VariableName, Text] = Field(default_factory=dict)
    required: bool = False
    required_with: str = ""
    private: bool = False
    pattern: Literal["", "phone", "email"] = ""
    longest: int = Field(200, ge=1)


class HeadLine(Record):
    """Fields side by side in one line of the head."""

    fields: tuple[VariableName, ...] = Field(min_length=1)


class Section(Record):
    """A section of the case: required content, data hints and writing advice as the form prints them."""

    id: VariableName
    label: str = Field(min_length=1)
    title: Text
    content: str
    data: str
    advice: str
    aliases: tuple[str, ...] = ()


class Part(Record):
    """A part of the case with its sections."""

    title: Text
    sections: tuple[Section, ...] = Field(min_length=1)


class HintHeadings(Record):
    """What stands before the three hints of a section."""

    content: str
    data: str
    advice: str


class Content(Record):
    """The text of the case; `most_characters` counted by :func:`xinzhi.forms.count_characters`."""

    label: str
    most_characters: int = Field(ge=1)
    parts: tuple[Part, ...] = Field(min_length=1)
    headings: HintHeadings


class Pictures(Record):
    """How many pictures, and of what kind; `formats` are the names Pillow gives."""

    fewest: int = Field(ge=0)
    most: int = Field(ge=0)
    least_bytes: int = Field(ge=0)
    least_pixels: int = Field(ge=0)
    formats: tuple[str, ...]
    preferred: str
    note: Text


class Seal(Record):
    """The cell of the seal and the date."""

    label: str
    hint: str
    above: str
    date: str


class Evidence(Record):
    """The optional list of attachments."""

    label: str
    hint: str
    blank: tuple[str, ...]
    hints: tuple[str, ...]


class CaseForm(Form):
    """A case: head, sections in parts, pictures, seal, evidence."""

    kind: Literal["case"]
    head: tuple[HeadLine, ...]
    fields: Mapping[VariableName, CaseField]
    content: Content
    pictures: Pictures
    seal: Seal
    evidence: Evidence

    @cached_property
    def sections(self) -> Mapping[str, Section]:
        """The sections by id, in their order."""
        return {section.id: section for part in self.content.parts for section in part.sections}

    def hints(self) -> Iterator[str]:
        """Yield every text that the form prints for the filer to overwrite."""
        for field in self.fields.values():
            if field.hint:
                yield field.hint
        for section in self.sections.values():
            headings = self.content.headings
            yield headings.content + section.content
            yield headings.data + section.data
            yield headings.advice + section.advice
        yield from (self.seal.above, self.seal.hint, self.evidence.hint, *self.evidence.hints)


# --- the call --------------------------------------------------------------------------------------------


class Window(Record):
    """From `opens` on, up to but not including `closes`, in the time zone of the call."""

    opens: datetime
    closes: datetime


class Subject(Record):
    """The subject of a mail as the call wants it, and the order of its parts."""

    pattern: str
    parts: tuple[Literal["name", "unit", "contact", "phone"], ...]


class Filers(Record):
    """Who may file what. `kinds` and `codes` name governments; `bodies` are enterprises and all others."""

    id: Identifier
    title: Text
    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    bodies: bool = False
    forms: tuple[Identifier, ...]
    admitted_by_name: bool = False


class Domain(Record):
    """One of the domains of which the call wants cases."""

    id: Identifier
    title: Text
    about: Text


class Partner(Record):
    """A body that takes part, and what it does."""

    id: Identifier
    name: Text
    duty: Text
    role: Literal["office", "media", "analyst"]


class Call(Record):
    """A call letter as data: forms, filers, window, subject, domains, partners."""

    id: Identifier
    number: str
    date: date
    title: Text
    society: Text
    forms: tuple[Identifier, ...] = Field(min_length=1)
    time_zone: str
    units_year: Year
    window: Window
    subject: Subject
    statement: Text
    filers: tuple[Filers, ...]
    domains: tuple[Domain, ...]
    partners: tuple[Partner, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which its dates are meant."""
        return ZoneInfo(self.time_zone)
