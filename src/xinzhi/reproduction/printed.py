"""An index as a publication prints it: scores of units in one year, without the figures they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xinzhi.declarations import Text
from xinzhi.language import gettext as _
from xinzhi.reproduction.case import CaseError, load_case, path_of, read_sheet


@dataclass(frozen=True)
class PrintedIndex:
    """Scores of N units in one year, as they are printed.

    Attributes
    ----------
    id : str
        Of the index, for addresses and file names.
    title, citation : Text
    year : int
    regions : str
        The region scheme that the codes belong to; blank where there is none.
    codes : tuple of str
    names : tuple of Text
    nodes : mapping of str to Text
        Titles of the index and its parts, the index itself first.
    cells : mapping of str to tuple of str
        By node, the N scores as they are printed.
    """

    id: str
    title: Text
    citation: Text
    year: int
    regions: str
    codes: tuple[str, ...]
    names: tuple[Text, ...]
    nodes: Mapping[str, Text]
    cells: Mapping[str, tuple[str, ...]]

    @property
    def decimals(self) -> int:
        """With how many decimals the scores are printed."""
        return max(len(cell.partition(".")[2]) for cells in self.cells.values() for cell in cells)

    def scores(self, node: str) -> list[float]:
        """Return the scores of a node, NaN where none is printed."""
        return [float(cell) if cell else math.nan for cell in self.cells[node]]


def printed_index(case: str | Path = "ye-xu-2024") -> PrintedIndex:
    """Return the index that a reproduction case says is printed in one of its tables.

    Raises
    ------
    CaseError
        If the case has no table ``[printed]``, or the table has not what it names.
    """
    path = path_of(case)
    record = load_case(path)
    printed = record.printed
    if printed is None:
        raise CaseError(
            _("这个案例没有写明印出的指数在哪张表"),
            where=str(path),
            remedy=_("请在案例里加 [printed] 表, 见 docs/reproduction.md"),
        )
    sheet = read_sheet(record.tables[printed.table], path.parent)
    codes = tuple(sheet.labels)
    cells = {}
    for node, titled in printed.nodes.items():
        column = sheet.columns.get(titled.figure)
        if column is None:
            raise CaseError(
                _("表格没有这一列: {column}").format(column=titled.figure), where=f"{path}, printed, {node}"
            )
        cells[node] = tuple(_score(column[code], f"{path}, {titled.figure}, {code}") for code in codes)
    return PrintedIndex(
        id=printed.id,
        title=printed.title,
        citation=record.citation,
        year=printed.year,
        regions=printed.regions,
        codes=codes,
        names=tuple(sheet.labels.values()),
        nodes={node: titled.title for node, titled in printed.nodes.items()},
        cells=cells,
    )


def _score(cell: str, where: str) -> str:
    """Return a printed score without blanks; what is no number is refused."""
    text = cell.strip()
    try:
        if text and not math.isfinite(float(text)):
            raise ValueError
    except ValueError as error:
        raise CaseError(_("不是数: {text}").format(text=text), where=where) from error
    return text
