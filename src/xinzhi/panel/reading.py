"""From a table of text to a panel: every cell is a number, a mark with a declared meaning, or a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.errors import CallError, PanelError, XinzhiError
from xinzhi.geography import units_with
from xinzhi.geography.units import LEVELS
from xinzhi.language import LANGUAGES, speaking
from xinzhi.language import gettext as _
from xinzhi.measures import conversion
from xinzhi.methodology import Methodology, figures_path
from xinzhi.panel.cells import LARGEST, NUMBER, read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.headings import Layout, Vocabulary, lay_out
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import EMPTY, Floats, Panel, Status
from xinzhi.panel.sources import ListedSource, listed_sources
from xinzhi.panel.table import Table
from xinzhi.panel.units import RowUnits, row_years

if TYPE_CHECKING:
    import polars as pl

Integers = npt.NDArray[np.int64]

_WRITTEN = (
    "status",
    "source",
    "file",
    "row",
    "column",
    "remark",
)  # what Panel.to_polars adds to code, year and value


def read_panel(
    data: Any,
    methodology: Methodology | None = None,
    *,
    year: int | None = None,
    sheet: str | None = None,
    origin: str = "",
) -> Panel:
    """Read figures of units over years.

    Parameters
    ----------
    data : str, Path or frame
        A file (CSV, TSV, XLSX, Parquet, JSON) or a frame (pandas, polars, pyarrow). Wide: one row per unit
        and year, one column per variable. Tidy: one row per figure, with the columns indicator and value.
        Headings may be Chinese or English; a variable goes by id, title or alias, optionally with the unit
        of measure in brackets.
    methodology : Methodology, optional
        Says which variables there are, in which units of measure and within which limits, and of which level
        the units are. Without one, headings are taken verbatim as variables and codes as units.
    year : int, optional
        The year of data that has no column of years.
    sheet : str, optional
        Worksheet of an XLSX file; 数据 or else the first one by default.
    origin : str, optional
        What to call the data; the name of the file by default.

    Returns
    -------
    Panel
        Units and variables in the order in which they first appear, years ascending. A figure given in
        another unit of measure is converted by a declared factor, and its source says so. Its status is
        official where the table of sources (sheet 来源, or ``NAME.sources.csv`` beside the file) names a
        publication.

    Raises
    ------
    CallError
        If there is no such file.
    PanelError
        If anything cannot be read without guessing. One error tells all findings, each with file, row,
        column, unit, year and variable, and what to do.

    Notes
    -----
    A blank cell is missing, 不适用 (n/a) not applicable, 未要求 (not asked) not asked. A dash is refused.
    """
    table = read_table(data, sheet=sheet, name=origin)
    findings = Findings(table.name)
    vocabulary = Vocabulary(methodology)
    layout = lay_out(table, vocabulary, findings)
    if not layout.tidy and not layout.variables:
        findings.add(_("没有一列是数据"), remedy=_("请给每个变量一列, 或用“指标”和“数值”两列"))
        findings.tell()
    listed = listed_sources(table.sources, vocabulary, findings)
    units = RowUnits(table, layout, methodology.level if methodology else "", findings)
    years = row_years(table, layout, methodology, year, findings)
    reader = _Reader(table, layout, methodology, vocabulary, listed, units, years, findings)
    return reader.panel()


def understood(panel: Panel, methodology: Methodology) -> Panel:
    """Return a panel that speaks of the variables and units of a methodology by their ids and codes.

    A panel read without a methodology has headings and units as they were written; here they are resolved,
    and units of measure converted, as if it had been read with the methodology. Variables that mean nothing
    to the methodology are left as they are.

    Raises
    ------
    PanelError
        As :func:`read_panel`.
    """
    vocabulary = Vocabulary(methodology)
    meant = [name for name in panel.variables if vocabulary.meaning(name) is not None]
    ids = {name for name, _variable in methodology.variables()}
    coded = methodology.level not in LEVELS or set(panel.codes) <= {
        unit.code for unit in units_with(methodology.level, panel.codes)
    }
    if not meant or (ids.issuperset(meant) and coded):
        return panel
    return read_panel(panel.only(meant).to_polars(), methodology, origin=panel.origin)


def built_in_panel(methodology: Methodology) -> Panel:
    """Read the figures that come with a methodology.

    Raises
    ------
    CallError
        If it comes with none.
    """
    path = figures_path(methodology)
    if path is None:
        raise CallError(
            _("这个方法不附数据"),
            where=methodology.id,
            remedy=_("用 xinzhi template {id} -o FILE.xlsx 生成空白数据表, 填好后再计算").format(
                id=methodology.id
            ),
        )
    return read_panel(path, methodology)


@dataclass(frozen=True)
class _Group:
    """Cells that share everything but the number: variable, unit of measure, source."""

    variable: str
    up: float
    down: float
    percent: bool
    limits: tuple[float | None, float | None]
    source: str
    status: Status
    vintage: str


@dataclass(frozen=True)
class _Cells:
    """K cells of a table: their texts, their rows in it, the column of each and their groups."""

    texts: pl.Series
    row: Integers
    group: Integers
    groups: Sequence[_Group | None]
    labels: Sequence[str]
    """Of each group, the column in which its cells stand."""


class _Reader:
    """One reading of one table."""

    def __init__(
        self,
        table: Table,
        layout: Layout,
        methodology: Methodology | None,
        vocabulary: Vocabulary,
        listed: dict[str, ListedSource],
        units: RowUnits,
        years: Integers,
        findings: Findings,
    ) -> None:
        self.table, self.layout, self.methodology = table, layout, methodology
        self.vocabulary, self.listed = vocabulary, listed
        self.units, self.row_years, self.findings = units, years, findings
        self._measures: dict[str, str] = {}

    def panel(self) -> Panel:
        cells = self._tidy_cells() if self.layout.tidy else self._wide_cells()
        values, status = self._numbers(cells)
        status = self._stated_statuses(cells, values, status)
        self._check_doubles(cells)
        self._check_vintages(cells, values)
        self.findings.tell()
        return self._assembled(cells, values, status)

    # --- cells -------------------------------------------------------------------------------------------

    def _wide_cells(self) -> _Cells:
        import polars as pl

        rows, positions = self.table.rows.size, list(self.layout.variables)
        groups, labels = [], []
        for position in positions:
            variable, measure = self.layout.variables[position]
            labels.append(self.table.labels[position])
            groups.append(self._group(variable, measure, column=labels[-1]))
        return _Cells(
            pl.concat([self.table.columns[position].rename("") for position in positions]),
            np.tile(np.arange(rows), len(positions)),
            np.repeat(np.arange(len(positions)), rows),
            groups,
            labels,
        )

    def _tidy_cells(self) -> _Cells:
        keys, table = self.layout.keys, self.table
        label = table.labels[keys["value"]]
        parts = [self._texts(key) for key in ("indicator", "measure", "source", "vintage")]
        groups: list[_Group | None] = []
        known: dict[tuple[str, ...], int] = {}
        index = np.empty(table.rows.size, dtype=np.int64)
        for i, key in enumerate(zip(*parts, strict=True)):  # indicator, measure, source, vintage
            if key not in known:
                known[key] = len(groups)
                groups.append(self._tidy_group(key, int(table.rows[i])))
            index[i] = known[key]
        return _Cells(
            table.columns[keys["value"]], np.arange(table.rows.size), index, groups, [label] * len(groups)
        )

    def _tidy_group(self, key: tuple[str, ...], row: int) -> _Group | None:
        indicator, measure, source, vintage = key
        label = self.table.labels[self.layout.keys["indicator"]]
        try:
            meaning = self.vocabulary.meaning(indicator) if indicator.strip() else ("", "")
        except PanelError as error:
            self.findings.add(error.what, remedy=error.remedy, row=row, column=label)
            return None
        if meaning is None:
            self.findings.add(
                _("没有叫“{heading}”的指标").format(heading=indicator),
                row=row,
                column=label,
                remedy=self.vocabulary.suggestion(indicator),
            )
            return None
        if not meaning[0]:
            self.findings.add(_("没有写指标"), row=row, column=label, remedy=_("请每行写明指标"))
            return None
        return self._group(meaning[0], measure.strip() or meaning[1], source, vintage, row=row, column=label)

    def _group(
        self, variable: str, measure: str, source: str = "", vintage: str = "", *, row: int = 0, column: str
    ) -> _Group | None:
        listed = self.listed.get(variable, ListedSource("", "", ""))
        described = self.methodology.variable(variable) if self.methodology else None
        up = down = 1.0
        converted = ""
        try:
            if measure and listed.measure and conversion(measure, listed.measure) != 1:
                raise PanelError(
                    _("表头写“{one}”, 来源表写“{other}”").format(one=measure, other=listed.measure),
                    remedy=_("请统一计量单位"),
                )
            measure = measure or listed.measure
            if measure:
                target = described.unit if described else self._measures.setdefault(variable, measure)
                up = conversion(measure, target)
                if up < 1:
                    # A division by 10,000 is rounded once; a product with 0.0001 twice.
                    up, down = 1.0, conversion(target, measure)
                if up != down:
                    converted = _("由{before}换算为{after}").format(before=measure, after=target)
        except XinzhiError as error:
            self.findings.add(error.what, remedy=error.remedy, row=row, column=column, subject=variable)
            return None
        own = ", ".join(part for part in (source, vintage) if part.strip())
        text = own or listed.text or ("" if self._written else self.table.name)
        return _Group(
            variable,
            up,
            down,
            percent=described is not None and described.unit == "%",
            limits=described.limits if described is not None else (None, None),
            source="; ".join(part for part in (text, converted) if part),
            status=Status.OFFICIAL if not own and listed.publication else Status.REPORTED,
            vintage=vintage.strip(),
        )

    # --- numbers -----------------------------------------------------------------------------------------

    def _numbers(self, cells: _Cells) -> tuple[Floats, npt.NDArray[np.uint8]]:
        """Return the figures in the units of the methodology, NaN where there is none, and the statuses."""
        import polars as pl

        texts = cells.texts.str.strip_chars()
        plain = texts.str.contains(NUMBER)
        numbers = texts.set(~plain.fill_null(False), None).cast(pl.Float64, strict=False)
        values: Floats = numbers.fill_null(float("nan")).to_numpy().copy()
        values[np.abs(values) > LARGEST] = np.nan
        filled = (texts.fill_null("") != "").to_numpy()
        stated = np.array([g.status if g else Status.REPORTED for g in cells.groups], dtype=np.uint8)[
            cells.group
        ]
        status = np.where(filled, stated, np.uint8(Status.MISSING))
        for k in np.flatnonzero(filled & np.isnan(values)).tolist():
            group = cells.groups[cells.group[k]]
            try:
                found = read_cell(texts[k], percent=group is not None and group.percent)
            except PanelError as error:
                self._find(cells, k, error.what, error.remedy)
                continue
            if isinstance(found, Status):
                status[k] = found
            else:
                values[k] = found
        if any(group is not None and group.up != group.down for group in cells.groups):
            factors = np.array([(g.up, g.down) if g else (1.0, 1.0) for g in cells.groups])[cells.group]
            values = values * factors[:, 0] / factors[:, 1]
        self._check_limits(cells, values)
        return values, status

    def _check_limits(self, cells: _Cells, values: Floats) -> None:
        bounds = np.array(
            [
                [np.nan if bound is None else bound for bound in (group.limits if group else (None, None))]
                for group in cells.groups
            ]
        )[cells.group]
        for k in np.flatnonzero((values < bounds[:, 0]) | (values > bounds[:, 1])).tolist():
            low, high = bounds[k]
            if values[k] < low:
                what = _("{value:g} 小于可能的最小值 {low:g}").format(value=values[k], low=low)
            else:
                what = _("{value:g} 大于可能的最大值 {high:g}").format(value=values[k], high=high)
            self._find(cells, k, what, _("请检查数字、正负号和计量单位"))

    def _stated_statuses(
        self, cells: _Cells, values: Floats, status: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        if "status" not in self.layout.keys:
            return status
        label = self.table.labels[self.layout.keys["status"]]
        status = status.copy()
        for k, text in enumerate(self._texts("status")):
            if not text.strip():
                continue
            stated = _statuses().get(text.strip().casefold())
            if stated is None:
                self.findings.add(
                    _("没有“{status}”这种状态").format(status=text),
                    row=int(self.table.rows[k]),
                    column=label,
                    remedy=_("可用的状态: {known}").format(known=", ".join(s.name.lower() for s in Status)),
                )
            elif (stated in EMPTY) == bool(np.isfinite(values[k])):
                self._find(
                    cells,
                    k,
                    _("状态是“{status}”, 与数值不符").format(status=text),
                    _("有数的格不能是缺失、不适用或未要求, 没有数的格只能是其中之一"),
                )
            else:
                status[k] = stated
        return status

    # --- checks over cells -------------------------------------------------------------------------------

    def _check_doubles(self, cells: _Cells) -> None:
        units, years = self.units.index, self.row_years
        place = units * 10_000 + years
        valid = (units >= 0) & (years >= 0)
        if self.layout.tidy:
            ids = {g.variable: i for i, g in enumerate(cells.groups) if g}
            variable = np.array([ids[g.variable] if g else -1 for g in cells.groups])[cells.group]
            place = place * (len(cells.groups) + 1) + variable
            valid &= variable >= 0
        rows = np.flatnonzero(valid)
        rows = rows[np.argsort(place[rows], kind="stable")]
        again = np.flatnonzero(place[rows[1:]] == place[rows[:-1]]) + 1
        for first, second in zip(rows[again - 1].tolist(), rows[again].tolist(), strict=True):
            group = cells.groups[cells.group[second]] if self.layout.tidy else None
            self.findings.add(
                _("与第 {row} 行重复").format(row=self.table.rows[first]),
                row=int(self.table.rows[second]),
                subject=self._subject(second, group),
                remedy=_("同一单位同一年只留一个数"),
            )

    def _check_vintages(self, cells: _Cells, values: Floats) -> None:
        if "vintage" not in self.layout.keys:
            return
        known = np.flatnonzero(np.isfinite(values))
        used, first = np.unique(cells.group[known], return_index=True)
        seen: dict[str, dict[str, int]] = {}
        for g, position in sorted(zip(used.tolist(), first.tolist(), strict=True), key=lambda pair: pair[1]):
            group = cells.groups[g]
            if group and group.vintage:
                row = int(self.table.rows[cells.row[known[position]]])
                seen.setdefault(group.variable, {}).setdefault(group.vintage, row)
        for variable, vintages in seen.items():
            if len(vintages) > 1:
                (one, row), (other, second) = list(vintages.items())[:2]
                self.findings.add(
                    _("{variable} 混用两种口径: “{one}” (第 {row} 行) 和“{other}” (第 {second} 行)").format(
                        variable=variable, one=one, row=row, other=other, second=second
                    ),
                    row=second,
                    column=self.table.labels[self.layout.keys["vintage"]],
                    remedy=_("混用口径会造成虚假的增长; 请每个变量只用一种口径的数据"),
                )

    # --- the panel ---------------------------------------------------------------------------------------

    def _assembled(self, cells: _Cells, values: Floats, status: npt.NDArray[np.uint8]) -> Panel:
        groups = [group for group in cells.groups if group is not None]
        variables = tuple(dict.fromkeys(group.variable for group in groups))
        years = np.unique(self.row_years)
        shape = (years.size, len(self.units.codes), len(variables))
        position = {variable: j for j, variable in enumerate(variables)}
        at = (
            np.searchsorted(years, self.row_years)[cells.row],
            self.units.index[cells.row],
            np.array([position[group.variable] for group in groups])[cells.group],
        )
        origin, places, columns = self._places(cells)
        known = np.isfinite(values)
        texts = list(dict.fromkeys(group.source for group in groups))
        position_of = {text: i for i, text in enumerate(texts)}
        source_of_group = np.array([position_of[g.source] if g.source else -1 for g in groups])

        all_values = np.full(shape, np.nan)
        all_status = np.full(shape, Status.MISSING, dtype=np.uint8)
        source = np.full(shape, -1, dtype=np.int32)
        place = np.zeros(shape, dtype=np.int32)
        all_values[at] = values
        all_status[at] = status
        source[at] = np.where(known, source_of_group[cells.group], -1)
        place[at] = places
        source, sources = _in_order(source, texts)
        return Panel(
            years=tuple(years.tolist()),
            codes=tuple(self.units.codes),
            names=tuple(self.units.names),
            variables=variables,
            values=all_values,
            status=all_status,
            source=source,
            sources=sources,
            place=place,
            columns=columns,
            remarks=self._remarks(cells),
            origin=origin,
        )

    def _remarks(self, cells: _Cells) -> dict[str, str]:
        """Return what the table of sources notes about each variable that is read."""
        if self._written:
            return self._by_variable(cells, "remark")
        used = {group.variable for group in cells.groups if group}
        return {
            variable: listed.note
            for variable, listed in self.listed.items()
            if variable in used and listed.note
        }

    def _places(self, cells: _Cells) -> tuple[str, npt.NDArray[np.int32], dict[str, str]]:
        """Return origin, row of each cell and column of each variable, as a written panel names them."""
        if self._written:
            return self._written_places(cells)
        if self.layout.tidy:
            heading = self.table.headings[self.layout.keys["value"]]
            columns = {group.variable: heading for group in cells.groups if group}
        else:
            columns = {id: self.table.headings[at] for at, (id, _measure) in self.layout.variables.items()}
        return self.table.name, self.table.rows[cells.row], columns

    def _written_places(self, cells: _Cells) -> tuple[str, npt.NDArray[np.int32], dict[str, str]]:
        rows = np.array([int(text or 0) for text in self._texts("row")], dtype=np.int32)
        return self._texts("file")[0], rows, self._by_variable(cells, "column")

    def _by_variable(self, cells: _Cells, key: str) -> dict[str, str]:
        """Return the text in the column `key` beside each variable, where there is one."""
        found: dict[str, str] = {}
        for g, text in zip(cells.group.tolist(), self._texts(key), strict=True):
            if text and (group := cells.groups[g]) is not None:
                found.setdefault(group.variable, text)
        return found

    @cached_property
    def _written(self) -> bool:
        """Whether the table is what ``Panel.to_polars`` wrote, about one file."""
        return (
            self.layout.tidy
            and all(key in self.layout.keys for key in _WRITTEN)
            and len(set(self._texts("file"))) == 1
            and all(text.isascii() and text.isdigit() for text in self._texts("row"))
        )

    # --- helpers of findings -----------------------------------------------------------------------------

    def _texts(self, key: str) -> list[str]:
        position = self.layout.keys.get(key)
        if position is None:
            return [""] * self.table.rows.size
        return self.table.columns[position].fill_null("").to_list()

    def _subject(self, row: int, group: _Group | None) -> str:
        year = int(self.row_years[row])
        parts = (self.units.labels[row], str(year) if year >= 0 else "", group.variable if group else "")
        return ", ".join(part for part in parts if part)

    def _find(self, cells: _Cells, k: int, what: str, remedy: str) -> None:
        row, g = int(cells.row[k]), int(cells.group[k])
        self.findings.add(
            what,
            remedy=remedy,
            row=int(self.table.rows[row]),
            column=cells.labels[g],
            subject=self._subject(row, cells.groups[g]),
        )


def _in_order(
    source: npt.NDArray[np.int32], texts: Sequence[str]
) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Number the sources in the order in which the cells of the panel use them, and drop the rest."""
    used, first = np.unique(source[source >= 0], return_index=True)
    order = used[np.argsort(first)]
    renumbered = np.full(len(texts) + 1, -1, dtype=np.int32)
    renumbered[order] = np.arange(order.size)
    return renumbered[source], tuple(texts[i] for i in order)


@cache
def _statuses() -> dict[str, Status]:
    """Map what a column of statuses may say to the status."""
    names = {}
    for status in Status:
        names[status.name.lower()] = names[status.name.lower().replace("_", " ")] = status
        for language in LANGUAGES:
            with speaking(language):
                names[status.label.casefold()] = status
    return names
