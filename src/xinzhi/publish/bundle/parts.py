"""The files of one index in a bundle as bytes: what is written, and what is made again to check it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xinzhi.analysis.catalogue import Report
from xinzhi.analysis.report import report_dict
from xinzhi.index import Result
from xinzhi.index.saving import guarded
from xinzhi.index.tables import TABLES
from xinzhi.methodology import methodology_toml
from xinzhi.publish.bundle.exchange import sdmx_csv
from xinzhi.publish.bundle.printed import PRINTED, printed_table
from xinzhi.publish.edition import Assessment

if TYPE_CHECKING:
    import polars as pl

METHODOLOGY, PANEL, NOTES = "methodology.toml", "panel.csv", "notes.txt"
RESULTS, ANALYSIS, FIGURES = "results", "analysis", "figures"
SDMX = f"{RESULTS}/scores.sdmx.csv"


@dataclass
class Made:
    """The files of one index, apart by how they are compared: tables by their figures, the rest as it is.

    Attributes
    ----------
    tables : dict of str to DataFrame
    figures : dict of str to str
        Drawings as SVG.
    texts : dict of str to bytes
        By the name of the file within the folder of the index.
    """

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)

    def contents(self) -> dict[str, bytes]:
        """Return all of them as bytes."""
        return (
            {name: csv_bytes(frame) for name, frame in self.tables.items()}
            | {name: svg.encode() for name, svg in self.figures.items()}
            | self.texts
        )


def files_of(assessment: Assessment, figures: Sequence[str]) -> Made:
    """Make the files of an index, in the language in force.

    Parameters
    ----------
    assessment : Assessment
    figures : sequence of str
        Names of the figures to draw; one that does not apply to the index is left out.
    """
    notes = "\n".join([assessment.title, *assessment.notes, ""]).encode()
    if assessment.printed is not None:
        return Made(tables={PRINTED: printed_table(assessment.printed)}, texts={NOTES: notes})
    assert assessment.result is not None
    result, report = assessment.result, assessment.report
    made = Made(tables={PANEL: panel_table(result)} | tables_of(result, report))
    made.figures = {f"{FIGURES}/{name}.svg": svg for name, svg in _drawn(assessment, figures)}
    made.texts = {
        METHODOLOGY: methodology_toml(result.methodology).encode(),
        SDMX: sdmx_csv(result),
        f"{ANALYSIS}/report.json": json_bytes(_sentences(report)),
        NOTES: notes,
    }
    return made


def panel_table(result: Result) -> pl.DataFrame:
    """Return the figures that the index uses, one row a cell with status, source and place."""
    variables = [name for name, _variable in result.methodology.variables()]
    return result.panel.only(variables).to_polars()


def tables_of(result: Result, report: Report) -> dict[str, pl.DataFrame]:
    """Return every table of an index that is computed, by the name of its file."""
    found = {f"{RESULTS}/{name}.csv": result.table(name) for name in TABLES}
    return found | {f"{ANALYSIS}/{name}.csv": o.table() for name, o in report.outcomes.items()}


def _drawn(assessment: Assessment, names: Sequence[str]) -> list[tuple[str, str]]:
    """Draw figures as the white paper does; one year has no trend, so not every figure applies."""
    drawn = ((name, assessment.figure(name)) for name in dict.fromkeys(names))
    return [(name, found[1]) for name, found in drawn if found]


def _sentences(report: Report) -> dict[str, Any]:
    """Return titles, sentences and remarks of the analyses; their tables lie beside."""
    whole = report_dict(report)
    kept = ("title", "sentence", "remarks")
    analyses = {name: {key: one[key] for key in kept} for name, one in whole["analyses"].items()}
    return whole | {"analyses": analyses}


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Return a table as a CSV file that Excel reads as UTF-8 and finds no formula in."""
    buffer = io.BytesIO()
    guarded(frame).write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def json_bytes(content: Any) -> bytes:
    """Return plain data as a JSON file."""
    return (json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n").encode()
