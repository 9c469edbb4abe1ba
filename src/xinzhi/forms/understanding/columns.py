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
_QUALIFIED = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})(?:年|[^0-9a-z])(?!.*(?:增|减|比|速|率|幅|差|%|±)).*", re.DOTALL
)
_REMARK = re.compile(
    r"预计|预测|预估|估计|计划|目标|规划|上报|快报|[上下]半年|季|[0-9一二三四五六七八九十]月|增|减|同比|环比|同期|上年|速|率|幅|%"
)
_LONGEST_REMARK = 20
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
    qualified : mapping of int to int
        The year of every column whose heading says more: 2024年（预计）.
    remarks : dict of int to str
        What stands above or below the year of a column and makes another figure of it: 预计.
    unit_above : str
        The unit last stated in the column of units.
    """

    years: Mapping[int, int]
    labels: tuple[int, ...] = ()
    unit: int = 0
    note: int = 0
    total: int = 0
    heads: Mapping[int, Cell] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    units_of: dict[int, tuple[str, ...]] = field(default_factory=dict)
    qualified: Mapping[int, int] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)
    unit_above: str = ""

    def remark(self, cells: Mapping[int, Cell]) -> bool:
        """Take what a row beside the header says of its years; return whether it says anything."""
        names = {cells[column].text for column in self.labels if column in cells}
        said = {
            column: " ".join(cells[column].text.split())
            for column in self.years
            if column in cells and cells[column].text not in names and is_remark(cells[column].text)
        }
        self.remarks.update(said)
        return bool(said)

    def is_dated(self, column: int) -> bool:
        """Whether a column holds the figures of a year."""
        return column in self.years or column in self.qualified

    def is_beyond(self, column: int) -> bool:
        """Whether a column beside the years is none for figures: one there may be the figure of a year."""
        if column in self.heads and plain(self.heads[column].text):
            return column == self.note and column > max(self.years)
        return column > min(self.years)

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
    qualified = {
        column: int(beginning["year"])
        for column, text in texts.items()
        if column not in dated and column not in labelled and (beginning := _QUALIFIED.fullmatch(text))
    }
    others = [column for column in texts if column not in (*dated, *labelled, *qualified)]
    stated = [unit for column in labelled for unit in units_in(heads[column].text)]
    stated += [unit for column in others for unit in units_said(heads[column].text)]
    stated += [unit for cell in heads.values() for unit in units_in(cell.note)]
    noted = _NOTES | {plain(headings.note)}
    return Columns(
        years=years,
        labels=labelled,
        unit=next((c for c in others if is_unit_heading(texts[c]) and not units_said(heads[c].text)), 0),
        note=next((c for c in others if texts[c] in noted), 0),
        total=total,
        heads=heads,
        units=tuple(stated),
        qualified=qualified,
        units_of={column: units for column, (_year, units) in dated.items() if units},
    )


def is_remark(text: str) -> bool:
    """Tell whether a text beside a year says that its figures are others than those of the whole year."""
    spelled = plain(text)
    is_figure = re.fullmatch(r"[-+0-9.,%‰]*", spelled)
    return len(spelled) <= _LONGEST_REMARK and not is_figure and bool(_REMARK.search(spelled))


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
