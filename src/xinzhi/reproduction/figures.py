"""The named figures of a case, evaluated when a formula first asks for them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from xinzhi.errors import XinzhiError
from xinzhi.formula import Formula
from xinzhi.language import gettext as _
from xinzhi.reproduction.case import Case, CaseError, Sheet, Table, Text, read_sheet
from xinzhi.reproduction.column import FUNCTIONS, Column
from xinzhi.reproduction.interval import Interval, is_numeral

Operand = Interval | Column


class Figures:
    """Every name of a case means one thing: a fact, a column, a mark or a derived figure.

    Parameters
    ----------
    case : Case
        What the names mean.
    path : pathlib.Path
        The file of the case; its tables stand in the same folder.
    exact : bool
        Let every figure stand for itself alone, in place of all that prints as it does.
    """

    def __init__(self, case: Case, path: Path, *, exact: bool = False) -> None:
        self.case, self.path, self._exact = case, path, exact
        self._known: dict[str, Operand] = {}
        self._pending: list[str] = []

    def value(self, formula: str, *, where: str) -> Operand:
        """Return what `formula` gives.

        Raises
        ------
        CaseError
            If the formula is none, uses an unknown name, or has no value; `where` is told.
        """
        try:
            parsed = Formula(formula, frozenset(FUNCTIONS))
            result = parsed.evaluate({name: self[name] for name in sorted(parsed.names)}, FUNCTIONS)
        except CaseError:
            raise
        except XinzhiError as error:
            raise CaseError(error.what, where=where, remedy=error.remedy) from error
        except (TypeError, AttributeError, ArithmeticError, ValueError) as error:
            raise CaseError(
                _("公式算不出来: {reason}").format(reason=error),
                where=where,
                remedy=_("函数 {names} 的参数是列, 用法见 docs/reproduction.md").format(
                    names=", ".join(FUNCTIONS)
                ),
            ) from error
        return result if isinstance(result, Interval | Column) else Interval.exact(result)

    def printed(self, text: str, *, where: str) -> Operand:
        """Return what the numeral `text` stands for, or, where it is none, what it gives as a formula."""
        if is_numeral(text):
            return self.figure(text, exact=False, where=where)
        return self.value(text, where=where)

    @staticmethod
    def figure(text: str, *, exact: bool, where: str) -> Interval:
        """Return what one numeral stands for: itself where it is exact, else all that prints as it does."""
        try:
            return Interval.exact(text) if exact else Interval.printed(text)
        except XinzhiError as error:
            raise CaseError(error.what, where=where, remedy=error.remedy) from error

    def sources(self, formula: str) -> tuple[Text, ...]:
        """Return where the figures of `formula` come from that are not the publication's own."""
        found: dict[Text, None] = {}
        for name in sorted(Formula(formula, frozenset(FUNCTIONS)).names):
            home = self._homes[name]
            if home == "derived":
                found |= dict.fromkeys(self.sources(self.case.derived[name]))
            elif home == "facts":
                found |= dict.fromkeys([source] if (source := self.case.facts[name].source) else [])
            elif home in self.case.tables and name in self.case.tables[home].sources:
                found[self.case.tables[home].sources[name]] = None
        return tuple(found)

    def label(self, column: Column, unit: str) -> Text:
        """Return the name of a unit."""
        for sheet in self._sheets.values():
            if sheet.labels.keys() == column.cells.keys():
                return sheet.labels[unit]
        return Text(zh=unit, en=unit)

    def __getitem__(self, name: str) -> Operand:
        if name not in self._known:
            if name in self._pending:
                raise CaseError(
                    _("公式互相引用: {name}").format(name=name), where=f"{self.path}, derived, {name}"
                )
            self._pending.append(name)
            self._known[name] = self._found(name)
            self._pending.pop()
        return self._known[name]

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {name: read_sheet(table, self.path.parent) for name, table in self.case.tables.items()}

    @cached_property
    def _homes(self) -> dict[str, str]:
        """The part of the case, or the table, in which each name is at home."""
        homes: dict[str, str] = {}
        columns = {
            table: sheet.columns.keys() - _names_of_units(self.case.tables[table])
            for table, sheet in self._sheets.items()
        }
        parts = {"facts": self.case.facts, "marks": self.case.marks, "derived": self.case.derived}
        for home, names in {**parts, **columns}.items():
            for name in sorted(names):
                if name in homes:
                    raise CaseError(
                        _("一个名称有两个意思: {name}").format(name=name),
                        where=f"{self.path}, {homes[name]} / {home}",
                        remedy=_("请改其中一个名称"),
                    )
                homes[name] = home
        return homes

    def _found(self, name: str) -> Operand:
        match self._homes.get(name):
            case None:
                raise XinzhiError(
                    _("没有这个名称: {name}").format(name=name),
                    remedy=_("已有: {names}").format(names=", ".join(sorted(self._homes))),
                )
            case "facts":
                fact = self.case.facts[name]
                exact = fact.exact or self._exact
                return self.figure(fact.value, exact=exact, where=f"{self.path}, facts, {name}")
            case "derived":
                return self.value(self.case.derived[name], where=f"{self.path}, derived, {name}")
            case "marks":
                return self._mark(name)
            case str(table):
                exact = name in self.case.tables[table].exact or self._exact
                file = self.path.parent / self.case.tables[table].file
                return Column(
                    {
                        unit: self.figure(text, exact=exact, where=f"{file}, {name}, {unit}")
                        for unit, text in self._sheets[table].columns[name].items()
                    }
                )

    def _mark(self, name: str) -> Column:
        mark = self.case.marks[name]
        where = f"{self.path}, marks, {name}"
        sheet = self._sheets[mark.table]
        if mark.column not in sheet.columns:
            raise CaseError(
                _("表格没有这一列: {column}").format(column=mark.column),
                where=where,
                remedy=_("现有各列: {columns}").format(columns=", ".join(sheet.columns)),
            )
        texts = sheet.columns[mark.column]
        for value in mark.values:
            if value not in texts.values():
                raise CaseError(
                    _("{column} 列没有 {value}").format(column=mark.column, value=value), where=where
                )
        return Column({unit: Interval.exact(int(text in mark.values)) for unit, text in texts.items()})


def _names_of_units(table: Table) -> set[str]:
    return {table.key, table.label.zh, table.label.en}
