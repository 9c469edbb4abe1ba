"""The files of a bundle as bytes: what is written, and what is made again to check it."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from xinzhi.analysis.catalogue import ANALYSES, Report, Settings, analyse
from xinzhi.index import Result
from xinzhi.index.saving import guarded
from xinzhi.index.tables import TABLES

if TYPE_CHECKING:
    import polars as pl

    from xinzhi.analysis.robustness import Robustness

MANIFEST, METHODOLOGY, PANEL = "bundle.json", "methodology.toml", "panel.csv"
RESULTS, ANALYSIS = "results", "analysis"

#: Licences that results may be given, with the address of their text (SPDX identifiers).
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}

#: Sensitivity takes as long as all others together and leaves no figure that a paper shows.
USUAL_ANALYSES = tuple(name for name in ANALYSES if name != "sensitivity")


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for the analyses of a bundle, so that they can be made again.

    Attributes
    ----------
    analyses : tuple of str
        Names in the catalogue.
    seed, replications, against, origin_weights
        As in :class:`xinzhi.analysis.catalogue.Settings`.
    """

    analyses: tuple[str, ...] = USUAL_ANALYSES
    seed: int = 0
    replications: int = 2_000
    against: str = ""
    origin_weights: str = ""

    def report(self, result: Result) -> Report:
        """Run the analyses."""
        if not self.analyses:
            return Report(result.title, result.notes, {}, {})
        settings = Settings(self.seed, self.replications, self.against, self.origin_weights)
        return analyse(result, self.analyses, settings)

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as JSON knows them."""
        return asdict(self) | {"analyses": list(self.analyses)}


def robustness_in(report: Report) -> Robustness | None:
    """Return the robustness analysis of a report; None where it was not made."""
    from xinzhi.analysis.robustness import Robustness

    found = report.outcomes.get("robustness")
    return found if isinstance(found, Robustness) else None


def panel_table(result: Result) -> pl.DataFrame:
    """Return the figures that the index uses, one row a cell with status, source and place."""
    variables = [name for name, _variable in result.methodology.variables()]
    return result.panel.only(variables).to_polars()


def tables_of(result: Result, report: Report) -> dict[str, pl.DataFrame]:
    """Return every table of a bundle that is computed, by the name of its file."""
    found = {f"{RESULTS}/{name}.csv": result.table(name) for name in TABLES}
    return found | {f"{ANALYSIS}/{name}.csv": o.table() for name, o in report.outcomes.items()}


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Return a table as a CSV file that Excel reads as UTF-8 and finds no formula in."""
    buffer = io.BytesIO()
    guarded(frame).write_csv(buffer, include_bom=True)
    return buffer.getvalue()


def json_bytes(content: Any) -> bytes:
    """Return plain data as a JSON file."""
    return (json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n").encode()
