"""What the columns of an indicator table are, from the row that heads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xinzhi.forms.document import Cell
from xinzhi.forms.model import Headings
from xinzhi.forms.spelling import plain
from xinzhi.forms.understanding.stated_units import is_unit_heading, units_in, units_said

_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})年?度?(?:数据|数值|数|值)?")
_NOTES = frozenset({"备注", "注", "说明"})
_LONGEST_YEAR = 12


@dataclass(slots=True)
class Columns:
    """The columns of a table.

    Attributes
    ----------
    years : mapping of int to int
        The year of every column that has one.
    labels, unit, note : tuple of int, int, int
        The columns of names, units and notes; 0 for none.
    heads : mapping of int to Cell
        The cells of the header.
    units : tuple of str
        Units that the header states for the whole table.
    units_of : dict of int to tuple of str
        Units stated above single columns.
    """

    years: Mapping[int, int]
    labels: tuple[int, ...] = ()
    unit: int = 0
    note: int = 0
    total: int = 0
    heads: Mapping[int, Cell] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    units_of: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def is_beyond(self, column: int) -> bool:
        """Whether a column behind the years is none for figures: one there means that the row has shifted."""
        headed = column in self.heads and bool(plain(self.heads[column].text))
        return column > max(self.years) and (column == self.note or not headed)

    def repeats(self, column: int) -> bool:
        """Whether a column before has the same year."""
        return any(other < column and self.years[other] == self.years[column] for other in self.years)


def header_of(
    heads: Mapping[int, Cell],
    headings: Headings,
    names_a_row: Callable[[str], bool],
    *,
    total: int,
    first: bool,
) -> Columns | None:
    """Return the columns that a row announces: 指标 and a year, or two years; None where it is no header.

    Parameters
    ----------
    heads : mapping of int to Cell
        The cells of the row by column.
    names_a_row : callable
        Whether a text is the name of a row, which no header has.
    total : int
        Number of columns of the table.
    first : bool
        Whether the table has had no header yet.
    """
    texts = {column: plain(cell.text) for column, cell in heads.items()}
    dated = {column: found for column, text in texts.items() if (found := _year(text))}
    if not dated or any(names_a_row(text) for text in texts.values()):
        return None
    heading = plain(headings.indicator)
    labelled = tuple(column for column, text in texts.items() if _names_indicators(text, heading))
    said = all("年" in texts[column] for column in dated)
    bare = first and not any(text for column, text in texts.items() if column not in dated)
    years = {column: year for column, (year, _units) in dated.items()}
    if not labelled and (len(set(years.values())) < 2 or not (said or bare)):
        return None
    others = [column for column in texts if column not in dated and column not in labelled]
    stated = [unit for column in labelled for unit in units_in(heads[column].text)]
    stated += [unit for column in others for unit in units_said(heads[column].text)]
    noted = _NOTES | {plain(headings.note)}
    return Columns(
        years=years,
        labels=labelled,
        unit=next((c for c in others if is_unit_heading(texts[c]) and not units_said(heads[c].text)), 0),
        note=next((c for c in others if texts[c] in noted), 0),
        total=total,
        heads=heads,
        units=tuple(stated),
        units_of={column: units for column, (_year, units) in dated.items() if units},
    )


def _year(text: str) -> tuple[int, tuple[str, ...]] | None:
    """Return the year of a heading with the units behind it: 2023年, 2023年（万元）."""
    bare = text.translate(_CHINESE_DIGITS) if len(text) <= _LONGEST_YEAR else text
    if len(text) <= _LONGEST_YEAR and (match := _YEAR.fullmatch(bare)):
        return int(match[1]), ()
    match = _YEAR.match(text)
    units = units_in(text[match.end() :].strip(",:")) if match else ()
    return (int(match[1]), units) if match and units and len(text) <= 3 * _LONGEST_YEAR else None


def _names_indicators(text: str, heading: str) -> bool:
    """Whether a text heads the column of names: 指标, 指标名称, 指标（单位：万元）."""
    named = re.sub(r"\([^()]*\)$", "", text)
    return named.startswith(heading) and len(named) <= len(heading) + 4
