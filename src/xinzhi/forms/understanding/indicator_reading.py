"""The indicator form in a document: header and rows found by what they say, every figure with its place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from xinzhi.forms.document import Cell, Document, Paragraph, Table
from xinzhi.forms.model import IndicatorForm, Row
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Fact, Finding, Reading, Value
from xinzhi.forms.spelling import plain
from xinzhi.forms.understanding.columns import Columns, header_of
from xinzhi.forms.understanding.numbers import Understood, read_figure, shortened
from xinzhi.forms.understanding.passages import is_unseen, lines_of, listed, styles_of
from xinzhi.forms.understanding.row_labels import RowLabels, RowMatch
from xinzhi.forms.understanding.stated_units import (
    contradicts,
    converts,
    is_but_a_unit,
    is_note,
    other_unit,
    units_in,
    units_said,
)

_BARE_FIGURE = re.compile(r"[0-9][0-9.,]*")
_LONGEST_CAPTION = 100  # characters of a line beside a table

Key = tuple[str, int]
"""Row or working field, and year."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as rows of cells; the transposed one has rows and columns changed over."""

    cells: Mapping[tuple[int, int], Cell]
    rows: int
    columns: int
    place: Place
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, table: Table) -> _Grid:
        return cls(table.grid(), table.rows, table.columns, table.place, table.lengths)

    def transposed(self) -> _Grid:
        return _Grid(
            {(c, r): cell for (r, c), cell in self.cells.items()},
            self.columns,
            self.rows,
            self.place,
            self.lengths,
        )

    def is_even(self, *cells: Cell) -> bool:
        """Whether cells stand in records of the same number of fields."""
        return not self.lengths or len({self.lengths[cell.row - 1] for cell in cells}) == 1

    def row(self, row: int) -> dict[int, Cell]:
        """Return the cells of a row by column."""
        return {
            column: self.cells[row, column]
            for column in range(1, self.columns + 1)
            if (row, column) in self.cells
        }


@dataclass(slots=True)
class _Candidate:
    """A cell that may hold a figure, and the column it was found in.

    `doubt` is the rule by which it is a question whatever it holds; `stated` are the units it may be in.
    """

    cell: Cell
    match: RowMatch
    label: str
    doubt: str = ""
    column: int = 0
    stated: Fact = ""

    def doubted(self, rule: str, stated: Iterable[str] = ()) -> None:
        """Make it a question, unless it is one already."""
        if not self.doubt:
            said = list(dict.fromkeys(stated))
            self.doubt, self.stated = rule, listed(said) if said else ""


def rows_found(document: Document, form: IndicatorForm) -> int:
    """Return how many rows of the form a document names."""
    labels = RowLabels(form)
    named = (labels.match(cell.text) for table in document.tables if not table.hidden for cell in table.cells)
    return len(
        {match.id for match in named if match and match.likeness != "unclear" and match.id in form.rows}
    )


def is_indicator_table(table: Table, form: IndicatorForm) -> bool:
    """Tell whether a table names two rows of the form or more."""
    labels = RowLabels(form)
    named = (labels.match(cell.text) for cell in table.cells)
    return len({match.id for match in named if match and match.likeness != "unclear"}) > 1


def read_indicators(document: Document, form: IndicatorForm) -> Reading:
    """Read the indicator form in a document.

    Returns
    -------
    Reading
        Values of every row and working field by year, findings, styles.
    """
    reader = _Reader(form)
    for block in document.blocks:
        if isinstance(block, Paragraph):
            reader.caption(block.text)
        elif not block.hidden:
            reader.read(block)
    for margin in document.margins:
        reader.caption(margin.text)
    reader.judge_captions()
    values = tuple(reader.values())
    filled = [candidate.cell for found in reader.found.values() for candidate in found]
    passages = [line for cell in {id(cell): cell for cell in filled}.values() for line in lines_of(cell)]
    return Reading(form=form.name, values=values, findings=tuple(reader.findings), styles=styles_of(passages))


class _Reader:
    """Goes through the tables and gathers candidates for every figure, then decides."""

    def __init__(self, form: IndicatorForm) -> None:
        self.form = form
        self.labels = RowLabels(form)
        self.found: dict[Key, list[_Candidate]] = defaultdict(list)
        self.uses: dict[int, set[Key]] = defaultdict(set)
        self.findings: list[Finding] = []
        self.last: Columns | None = None
        self.said: set[str] = set()
        self.headers: list[Columns] = []
        self.nests: set[tuple[int, int, int]] = set()
        self.captions: list[str] = []
        self.known: set[tuple[int, Key]] = set()
        self.here: list[_Candidate] = []
        self.above: list[_Candidate] = []
        self.filled: dict[int, Place] = {}

    def say(
        self,
        rule: str,
        place: Place,
        facts: Mapping[str, Fact] | None = None,
        id: str = "",
        year: int | None = None,
    ) -> None:
        """Keep a finding of the reader's own rules."""
        self.findings.append(
            Finding(rule=f"reading.{rule}", field=id, year=year, place=place, facts=facts or {})
        )

    # --- tables

    def caption(self, text: str) -> None:
        """Keep the units that a text beside the tables states, for the table that follows."""
        if len(text) <= _LONGEST_CAPTION:
            self.captions += units_in(text)
        elif is_note(text):
            self.captions += units_said(text)

    def judge_captions(self) -> None:
        """Hold every figure against the units stated below the last table, or outside the body."""
        self._judge_units([c for found in self.found.values() for c in found], self.captions)

    def _judge_units(self, candidates: Iterable[_Candidate], stated: Iterable[str]) -> None:
        """Doubt the figures that units stated for more than their row contradict."""
        stated = tuple(dict.fromkeys(stated))
        for candidate in candidates:
            match = candidate.match
            figure = self.form.figure(match.id)
            own = match.unit or plain(figure.unit)
            if stated and contradicts(stated, figure, own, printed=match.printed):
                candidate.doubted("reading.unit_stated", stated)

    def read(self, table: Table) -> None:
        """Read a table in whichever direction it has a header; without one, as the continuation of the last."""
        if table.inside and any(_holds(cell) for cell in table.cells):
            self.nests.add(_position(table.inside))
        self.caption(table.place.part)  # the name of a sheet
        grid = _Grid.of(table)
        matches = [match for cell in table.cells if (match := self.labels.match(cell.text))]
        firm = sum(match.likeness != "unclear" for match in matches)
        if self._is_headed(grid, bool(matches)):
            self._rows(grid, None)
        elif self._is_headed(grid.transposed(), bool(firm)) and firm:
            self.say("transposed", table.place)
            self._rows(grid.transposed(), None)
        elif firm and self.last is not None and self.last.total == grid.columns:
            self.say("continued", table.place)
            self.captions += self.last.units
            self._rows(grid, self.last)
        elif firm > 1:
            self.say("no_years", table.place)
            self._rows(grid, None)

    def _is_headed(self, grid: _Grid, labelled: bool) -> bool:
        """Whether a table has a header and rows of the form below it, or is a header cut off from its rows."""
        rows = range(1, grid.rows + 1) if labelled else range(grid.rows, grid.rows + 1)
        return any(self._header(grid, row, None) for row in rows)

    def _rows(self, grid: _Grid, columns: Columns | None) -> None:
        begun: list[_Candidate] = []
        self.here = []
        for row in range(1, grid.rows + 1):
            header = self._header(grid, row, columns)
            if header is not None:
                header.remark(grid.row(row - 1))
                if columns is not None:
                    self._judge_columns(columns)
                begun, self.here = begun + self.here, []
                columns = self.last = header
                self.headers.append(header)
            else:
                self._row(grid, grid.row(row), columns)
        if columns is not None:
            self._judge_columns(columns)
            self.captions += columns.units
            self._judge_units(begun + self.here, self.captions)
            columns.units = tuple(self.captions)  # for the continuation of the table
        self.captions = []

    def _judge_columns(self, columns: Columns) -> None:
        """Doubt the figures below a header that states other units for a year, or has a year twice."""
        for column, stated in columns.units_of.items():
            self._judge_units([c for c in self.here if c.column == column], stated)
        for candidate in self.here:
            if candidate.column in columns.remarks:
                candidate.doubted("reading.year_qualified", [columns.remarks[candidate.column]])
        if any(columns.repeats(candidate.column) and _holds(candidate.cell) for candidate in self.here):
            for candidate in self.here:
                candidate.doubted("reading.year_doubled")

    def _header(self, grid: _Grid, row: int, before: Columns | None) -> Columns | None:
        return header_of(
            grid.row(row),
            self.form.headings,
            self._names_a_row,
            total=grid.columns,
            first=before is None,
        )

    def _names_a_row(self, text: str) -> bool:
        match = self.labels.match(text)
        return match is not None and match.likeness != "unclear"

    def _judge_years(self, columns: Columns) -> None:
        """Say once what is unusual about the years of a header."""
        years, asked = list(dict.fromkeys(columns.years.values())), list(self.form.years)
        every = {year for header in self.headers for year in header.years.values()}
        place = columns.heads[min(columns.years)].place
        facts: dict[str, Fact] = {"years": listed(map(str, years)), "asked": listed(map(str, asked))}
        if self._other_years(columns):
            rule = "other_years"
        elif set(asked) - every:
            rule = "year_missing"
        elif set(years) - set(asked):
            rule = "more_years"
        elif years != [year for year in asked if year in years]:
            rule = "years_swapped"
        else:
            return
        if rule not in self.said:
            self.said.add(rule)
            self.say(rule, place, facts)

    def _other_years(self, columns: Columns) -> bool:
        years, asked = set(columns.years.values()), set(self.form.years)
        return bool(years - asked) and bool(asked - years)

    # --- rows

    def _row(self, grid: _Grid, cells: Mapping[int, Cell], columns: Columns | None) -> None:
        years = columns.years if columns else {}
        beside = {
            c: cell for c, cell in cells.items() if c not in years and not (columns and c == columns.note)
        }
        named = [cells[c] for c in (columns.labels if columns else ()) if c in cells and _holds(cells[c])]
        matches = [
            (match, cell) for cell in named or beside.values() if (match := self.labels.match(cell.text))
        ]
        match, label = min(matches, key=lambda pair: pair[0].likeness == "unclear", default=(None, None))
        if match is None and columns is not None:
            match, label = self._split_label(grid, cells, columns)
        filled = {c: cells[c] for c in years if c in cells and cells[c] is not label and _holds(cells[c])}
        if match is None or label is None:
            self._unnamed(beside, filled, columns)
        elif columns is None:
            self._unplaced(match, label, beside)
        else:
            self._named(grid, cells, columns, match, label)
            self._note(match, cells.get(columns.note), filled)

    def _split_label(
        self, grid: _Grid, cells: Mapping[int, Cell], columns: Columns
    ) -> tuple[RowMatch, Cell] | tuple[None, None]:
        """Return the row whose name a comma of delimited text has parted into two cells."""
        parted = list(cells.values())[:2]
        if len(parted) < 2 or grid.is_even(parted[0], *columns.heads.values()):
            return None, None
        match = self.labels.match("".join(cell.text for cell in parted))
        return (match, parted[0]) if match else (None, None)

    def _named(
        self, grid: _Grid, cells: Mapping[int, Cell], columns: Columns, match: RowMatch, label: Cell
    ) -> None:
        """Keep the cells of a row as candidates, with all that is doubtful about the row."""
        filled = [cells[c] for c in columns.years if c in cells and _holds(cells[c])]
        doubt = "reading.other_years" if self._other_years(columns) else ""
        self.above = []
        match, unclear, stated = self._with_unit(match, label, cells, columns)
        shifted = any(cell.doubt == "reading.uneven_row" for cell in filled)
        if any(_BARE_FIGURE.fullmatch(plain(cells[c].text)) for c in cells if columns.is_beyond(c)):
            doubt = doubt or ("" if shifted else "reading.row_longer")
        for column, year in columns.qualified.items():
            self._qualified(cells.get(column), match, label, year, columns.heads[column])
        for column, year in columns.years.items():
            cell = cells.get(column)
            uneven = any(not grid.is_even(found, label, columns.heads[column]) for found in filled)
            if (shifted or uneven) and filled and (cell is None or not _holds(cell)):
                cell = filled[0]  # what stands beside it may belong here
            if cell is None or cell is label or year not in self.form.years:
                continue
            key = (match.id, year)
            if (id(cell), key) not in self.known:
                self.known.add((id(cell), key))
                candidate = _Candidate(cell, match, label.text, doubt, column)
                if uneven:
                    candidate.doubted("reading.uneven_row")
                if unclear:
                    candidate.doubted(unclear, stated)
                self.found[key].append(candidate)
                self.here.append(candidate)
                self.above.append(candidate)
            if _holds(cell):
                self.uses[id(cell)].add(key)
                self.filled.setdefault(cell.place.table, cell.place)

    def _qualified(self, cell: Cell | None, match: RowMatch, label: Cell, year: int, head: Cell) -> None:
        """Keep a figure below a year that says more, 2024年（预计）, as a question."""
        if cell is not None and _holds(cell) and year in self.form.years:
            doubtful = _Candidate(cell, match, label.text)
            doubtful.doubted("reading.year_qualified", [shortened(head.text)])
            self.found[match.id, year].append(doubtful)
            self.filled.setdefault(cell.place.table, cell.place)

    def _with_unit(
        self, match: RowMatch, label: Cell, cells: Mapping[int, Cell], columns: Columns
    ) -> tuple[RowMatch, str, tuple[str, ...]]:
        """Take the unit that a row states beside its name; return the rule of a doubt, too, and the units stated.

        Only its cell under 单位 and a note that is nothing but a unit speak for the figures; what else names a
        unit can confirm that of the form or leave a doubt.
        """
        if match.likeness == "unclear":
            return match, "", ()
        figure = self.form.figure(match.id)
        own = {match.unit: match.unit or plain(figure.unit)} if match.printed else {}
        column, note = cells.get(columns.unit), self._note_of(match, cells.get(columns.note))
        firm = [column.text] if column and column.text.strip() else []
        above, columns.unit_above = columns.unit_above, plain(firm[0]) if firm else columns.unit_above
        left_out = column is not None and above and not firm and not match.printed
        if left_out and above != plain(figure.unit) and converts(above, figure.unit):
            return match, "reading.unit_stated", (above,)
        if is_but_a_unit(note) and cells[columns.note].height == cells[columns.note].width == 1:
            firm += units_in(note)
            note = ""
        for text in firm:
            if (unit := other_unit(text, figure)) is None:
                return match, "reading.unit_unclear", ()
            own[unit] = plain(text)
        if len(own) > 1:
            return match, "reading.unit_unclear", ()
        match = replace(match, unit=next(iter(own), ""), printed=bool(own))
        loose = [note, *(cell.note for cell in cells.values())]
        loose += [
            cell.text
            for c, cell in cells.items()
            if not columns.is_dated(c) and c not in (columns.unit, columns.note) and cell is not label
        ]
        stated = tuple(unit for text in loose for unit in units_in(text))
        wanted = match.unit or plain(figure.unit)
        if any(unit != wanted and (match.unit or unit not in figure.unit_aliases) for unit in stated):
            return match, "reading.unit_stated", stated
        return match, "", ()

    def _unnamed(
        self, beside: Mapping[int, Cell], filled: Mapping[int, Cell], columns: Columns | None
    ) -> None:
        """A row that is none of the form's: a caption, units or remarks below the years, or another indicator."""
        if columns is not None and not self.here and columns.remark(filled):
            return
        units = {column: units_in(cell.text) for column, cell in filled.items()}
        if columns is not None and any(units.values()) and not any(map(_has_digits, filled.values())):
            for column, stated in units.items():
                columns.units_of[column] = columns.units_of.get(column, ()) + stated
            return
        if not filled:
            self._caption(beside, columns)
            return
        label = " ".join(cell.text for cell in {id(cell): cell for cell in beside.values()}.values())
        cell = next(iter(filled.values()))
        raw = " / ".join(shortened(_raw(found)) for found in filled.values())
        self.say("extra_row", cell.place, {"label": shortened(label), "raw": raw})

    def _caption(self, beside: Mapping[int, Cell], columns: Columns | None) -> None:
        """Units in a row without figures: of the row above where nothing else stands there, else of the table."""
        for cell in {id(cell): cell for cell in beside.values()}.values():
            if columns is None:
                self.caption(cell.text)
            elif self.here and is_but_a_unit(cell.text) and not units_said(cell.text):
                self._judge_units(self.above, units_in(cell.text))
            else:
                self.captions += units_said(cell.text) or (units_in(cell.text) if not self.here else ())

    def _unplaced(self, match: RowMatch, label: Cell, beside: Mapping[int, Cell]) -> None:
        """A row in a table without years: what it holds is a question for every year."""
        for cell in beside.values():
            if cell is not label and re.search(r"\d", _raw(cell)):
                for year in self.form.years:
                    self.found[match.id, year].append(_Candidate(cell, match, label.text, "reading.no_years"))

    def _note(self, match: RowMatch, cell: Cell | None, filled: Mapping[int, Cell]) -> None:
        """Words of the filer in the column of notes, where they may be the figures themselves."""
        if cell is None or cell.doubt or any(cell is value for value in filled.values()):
            return
        figure = self.form.figure(match.id)
        written = self._note_of(match, cell)
        if written and not is_but_a_unit(written):
            rule = "figure_in_note" if re.search(r"\d", written) and not filled else "remark"
            facts: dict[str, Fact] = {"label": figure.title, "raw": shortened(cell.text)}
            self.say(rule, cell.place, facts, match.id)

    def _note_of(self, match: RowMatch, cell: Cell | None) -> str:
        """Return what the filer wrote in the column of notes, without what the form prints there."""
        figure = self.form.figure(match.id)
        printed = plain(figure.note) if isinstance(figure, Row) else ""
        written = plain(cell.text) if cell else ""
        return written.replace(printed, "") if printed else written

    # --- decisions

    def _home(self) -> str:
        """Return the sheet on which the figures begin; blank in a document."""
        return next(iter(self.filled.values())).part if self.filled else ""

    def _judge_tables(self) -> None:
        """Say once where figures were gathered from more than one table of a sheet or document."""
        places = [place for place in self.filled.values() if place.part == self._home()]
        if len(places) > 1 and all(finding.rule != "reading.continued" for finding in self.findings):
            self.say("several_tables", places[1], {"count": len(places)})

    def values(self) -> Iterator[Value]:
        """Yield the value of every row and working field in every year."""
        retyped = set()
        for header in self.headers:
            self._judge_years(header)
        self._judge_tables()
        for id, figure in self.form.figures():
            named = [c for year in self.form.years for c in self.found.get((id, year), ())]
            firm = [c for c in named if c.match.likeness != "unclear"]
            if not named and id in self.form.rows and self.form.rows[id].filled_by == "unit":
                self.say("missing_row", Place(), {"label": figure.title}, id)
            for candidate in firm:
                if candidate.match.likeness == "retyped" and (id, candidate.label) not in retyped:
                    retyped.add((id, candidate.label))
                    facts: dict[str, Fact] = {"raw": shortened(candidate.label), "label": figure.title}
                    self.say("label_retyped", candidate.cell.place, facts, id)
            for year in self.form.years:
                yield self._value(id, year)

    def _value(self, id: str, year: int) -> Value:
        every = self.found.get((id, year), [])
        firm = [candidate for candidate in every if candidate.match.likeness != "unclear"]
        for extra in every if firm else ():
            if extra.match.likeness == "unclear" and _holds(extra.cell):
                facts = {"label": shortened(extra.label), "raw": shortened(_raw(extra.cell))}
                self.say("extra_row", extra.cell.place, facts)
        candidates = firm or every
        if not candidates:
            return Value(field=id, year=year, status="missing")
        filled = [candidate for candidate in candidates if _holds(candidate.cell)]
        if nests := [candidate for candidate in candidates if _position(candidate.cell.place) in self.nests]:
            return self._question("reading.nested", id, year, nests)
        if not filled:
            return Value(field=id, year=year, status="missing", place=candidates[0].cell.place)
        if self.form.rows.get(id) and self.form.rows[id].filled_by != "unit":
            return self._not_asked(id, year, filled[0])
        if doubt := self._doubt(filled):
            return self._question(doubt, id, year, filled)
        if self._is_blank_elsewhere(candidates):
            return self._question("reading.blank_elsewhere", id, year, filled)
        read = [self._understood(candidate, id) for candidate in filled]
        if len({(understood.status, understood.number) for understood in read}) > 1:
            return self._question("reading.row_contradicts", id, year, filled)
        if len(read) > 1:
            self.say("row_repeated", filled[1].cell.place, {"label": self.form.figure(id).title}, id, year)
        return self._settled(id, year, filled[0].cell, read[0])

    def _is_blank_elsewhere(self, candidates: list[_Candidate]) -> bool:
        """Tell whether a figure is left out in one of two filled tables: deleted there, or forgotten."""
        held: dict[int, bool] = defaultdict(bool)
        for candidate in candidates:
            held[candidate.cell.place.table] |= _holds(candidate.cell)
        return any(table in self.filled and not holds for table, holds in held.items())

    def _doubt(self, filled: list[_Candidate]) -> str:
        first = filled[0]
        if doubted := next((candidate for candidate in filled if candidate.doubt), None):
            return doubted.doubt
        if all(candidate.cell.place.part != self._home() for candidate in filled):
            return "reading.other_sheet"
        if doubt := next((candidate.cell.doubt for candidate in filled if candidate.cell.doubt), ""):
            return doubt
        if first.match.likeness == "unclear":
            return "reading.label_unclear"
        paragraphs = [paragraph for candidate in filled for paragraph in candidate.cell.paragraphs]
        if any(is_unseen(run) for paragraph in paragraphs for run in paragraph.runs):
            return "reading.unseen"
        if any(paragraph.numbered and paragraph.text.strip() for paragraph in paragraphs):
            return "reading.shown_otherwise"  # 1. before 5 is seen as 1.5
        return "reading.merged" if any(len(self.uses[id(c.cell)]) > 1 for c in filled) else ""

    def _understood(self, candidate: _Candidate, id: str) -> Understood:
        cell = candidate.cell
        return read_figure(
            cell.text,
            self.form.figure(id),
            self.form.marks,
            number=cell.number,
            number_format=cell.number_format,
            formula=cell.formula,
            stated=candidate.match.unit,
        )

    def _settled(self, id: str, year: int, cell: Cell, understood: Understood) -> Value:
        if understood.rule:
            self.findings.append(
                Finding(rule=understood.rule, field=id, year=year, place=cell.place, facts=understood.facts)
            )
        return Value(
            field=id,
            year=year,
            raw=_raw(cell),
            status=understood.status,
            number=understood.number,
            understood=understood.rule,
            place=cell.place,
        )

    def _question(self, rule: str, id: str, year: int, filled: list[_Candidate]) -> Value:
        raws = dict.fromkeys(_raw(candidate.cell) for candidate in filled)
        raw, place = " / ".join(raws), filled[0].cell.place
        facts: dict[str, Fact] = {
            "raw": shortened(raw),
            "label": self.form.figure(id).title,
            "written": shortened(filled[0].label),
            "year": year,
            "stated": filled[0].stated,
            "sheet": place.part,
        }
        if rule not in ("reading.no_years", "reading.other_years"):  # said once for the table
            self.findings.append(Finding(rule=rule, field=id, year=year, place=place, facts=facts))
        return Value(field=id, year=year, raw=raw, status="question", understood=rule, place=place)

    def _not_asked(self, id: str, year: int, candidate: _Candidate) -> Value:
        """A row that others fill: a figure there is kept and said, words are taken for what they are."""
        cell = candidate.cell
        understood = self._understood(candidate, id)
        if understood.status == "number" and not self._doubt([candidate]):
            facts: dict[str, Fact] = {"label": self.form.figure(id).title, "raw": shortened(_raw(cell))}
            self.say("not_asked", cell.place, facts, id, year)
            return self._settled(id, year, cell, understood)
        return Value(field=id, year=year, raw=_raw(cell), status="missing", place=cell.place)


def _position(place: Place) -> tuple[int, int, int]:
    return place.table, place.row, place.column


def _holds(cell: Cell) -> bool:
    return bool(cell.text.strip()) or cell.number is not None or cell.formula


def _has_digits(cell: Cell) -> bool:
    return cell.number is not None or bool(re.search(r"\d", cell.text))


def _raw(cell: Cell) -> str:
    return cell.text.strip() or _shown(cell.number)


def _shown(number: Decimal | None) -> str:
    return "" if number is None else format(number, "f")
