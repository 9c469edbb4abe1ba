"""What a reader understood of a file: values with their places, findings, and what checks need to judge."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from xinzhi.declarations import Record, Text
from xinzhi.forms.places import Place

ValueStatus = Literal["number", "text", "choice", "missing", "question"]
"""`missing`: left blank or marked as missing. `question`: something stands there that only a person can settle;
it never counts as a number."""

Fact = Text | str | int


class Value(Record):
    """One value of a form as it was filed.

    Attributes
    ----------
    field : str
        Id of the row, working field, head field or section; ``"seal_date"`` and ``"evidence"`` besides.
    year : int or None
        Of a figure.
    raw : str
        As it stands in the file.
    status : {"number", "text", "choice", "missing", "question"}
        What it is.
    number : Decimal or None
        The figure in the unit of the form, exactly as filed.
    text : str
        The text, white space at the ends and hints of the form removed; of a choice the id of the option.
    understood : str
        Rule id of how it was understood where that took more than reading (``"numbers.grouped"``), else blank.
    place : Place
        Where it stands.
    """

    field: str
    year: int | None = None
    raw: str = ""
    status: ValueStatus
    number: Decimal | None = None
    text: str = ""
    understood: str = ""
    place: Place = Place()


class Finding(Record):
    """Something a person has to know, mend or explain: a rule, a place and the facts.

    Attributes
    ----------
    rule : str
        Id of the rule, which owns grade and wording in both languages.
    field, year : str, int or None
        What it is about; blank for the whole file.
    place : Place
        Where.
    facts : mapping
        What the rule's sentences say in their braces; a text in two languages follows the reader's.
    """

    rule: str
    field: str = ""
    year: int | None = None
    place: Place = Place()
    facts: Mapping[str, Fact] = {}


class StyleUse(Record):
    """Filled-in characters of one look: East Asian font, size in points, how many, and where first."""

    font: str
    points: float
    characters: int
    place: Place


class PictureFacts(Record):
    """What is known of a picture without showing it; `fault` is a rule id where it does not decode."""

    name: str
    bytes: int
    sha256: str
    format: str = ""
    width: int = 0
    height: int = 0
    caption: str = ""
    dhash: str = ""
    detail: float = 0.0
    fault: str = ""
    place: Place = Place()


class Reading(Record):
    """A file as it was understood.

    Attributes
    ----------
    form : str
        Name of the form (``letter-2025/case@1``); blank when the file is none.
    format : str
        Kind of the bytes: ``"docx"``, ``"xlsx"``, ``"csv"``, ``"doc"`` ...
    unit_code : str
        Code in the hidden mark of an Excel form; blank elsewhere.
    heading : str
        First lines of the text, for a person who sorts.
    values : tuple of Value
        Every row and year, field or section of the form, each once; absent ones as missing without a place.
    findings : tuple of Finding
        What the reader itself met.
    styles : tuple of StyleUse
        Fonts and sizes of what the filer wrote.
    pictures : tuple of PictureFacts
        Pictures in the file.
    characters : int
        Length of the case's text by :func:`xinzhi.forms.count_characters`.
    evidence : tuple of str
        Names in the list of attachments.
    sealed : bool
        Whether a picture or drawing lies in the cell of the seal.
    """

    form: str = ""
    format: str = ""
    unit_code: str = ""
    heading: str = ""
    values: tuple[Value, ...] = ()
    findings: tuple[Finding, ...] = ()
    styles: tuple[StyleUse, ...] = ()
    pictures: tuple[PictureFacts, ...] = ()
    characters: int = 0
    evidence: tuple[str, ...] = ()
    sealed: bool = False

    def value(self, field: str, year: int | None = None) -> Value:
        """Return the value of a field.

        Raises
        ------
        KeyError
            If the form has no such field and year.
        """
        for value in self.values:
            if value.field == field and value.year == year:
                return value
        raise KeyError((field, year))
