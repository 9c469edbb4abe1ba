"""What :func:`xinzhi.compute` gives: a computation that can be traced, shown, tabulated and saved."""

from __future__ import annotations

import html
import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.index import notes, tables
from xinzhi.index.computation import Computation
from xinzhi.index.figures import assemble
from xinzhi.index.pipeline import run
from xinzhi.index.saving import save
from xinzhi.index.trace import Trace, trace
from xinzhi.methodology import Methodology, load_methodology
from xinzhi.panel import Panel, built_in_panel, read_panel, understood

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def compute(
    methodology: str | Path | Methodology,
    panel: Any = None,
    *,
    readings: Mapping[str, str] | None = None,
    without: Iterable[str] = (),
    weights: str | Mapping[str, float] | None = None,
    years: int | Iterable[int] | None = None,
) -> Result:
    """Compute an index.

    Parameters
    ----------
    methodology : str, Path or Methodology
        Id of a built-in methodology, a TOML file, or what :func:`load_methodology` gave.
    panel : Panel, path or data frame, optional
        The figures; anything :func:`xinzhi.read_panel` takes. Left out, the figures that come with the
        methodology, if it brings any.
    readings, without, weights, years : optional
        Changes to the methodology, as in :func:`xinzhi.load_methodology`.

    Returns
    -------
    Result

    Raises
    ------
    CallError, MethodologyError, PanelError, ComputeError
        With file, unit, year, cell and what to do.

    Examples
    --------
    >>> import xinzhi
    >>> result = xinzhi.compute("province-open")
    >>> result.score("北京", year=2022) > result.score("西藏", year=2022)
    True
    """
    base = load_methodology(methodology)
    chosen = load_methodology(base, readings=readings, without=without, weights=weights, years=years)
    # The data may hold more than the changed methodology uses, so it is read by the unchanged one.
    if panel is None:
        panel = built_in_panel(base)
    elif isinstance(panel, Panel):
        panel = understood(panel, base)
    else:
        panel = read_panel(panel, base)
    figures = assemble(chosen, panel)
    return Result(chosen, panel, figures, run(chosen, figures.values[None], figures.years))


class Result(Computation):
    """Scores of units over years, with everything they rest on, and every way to look at them.

    Obtained from :func:`xinzhi.compute` or :func:`xinzhi.load_result`.
    """

    def trace(self, unit: str, node: str | None = None, year: int | None = None) -> Trace:
        """Return the tree from a score down to raw cells, sources and rules; it prints well.

        Parameters
        ----------
        unit : str
            Code or name.
        node : str, optional
            Id or title of a node; the root by default.
        year : int, optional
            The last year by default.
        """
        return trace(self, self.find_unit(unit), self.find_node(node), self.find_year(year))

    @property
    def notes(self) -> tuple[str, ...]:
        """Everything a reader has to be told beside the numbers, one sentence each."""
        return notes.notes(self)

    def table(self, name: str = "scores") -> pl.DataFrame:
        """Return one table: see :data:`xinzhi.index.tables.TABLES` for the names."""
        return tables.table(self, name)

    def to_polars(self) -> pl.DataFrame:
        """Return one row per unit and year: code, name, region, scores and ranks of every node, shares."""
        return self.table("scores")

    def to_pandas(self) -> pd.DataFrame:
        """Return :meth:`to_polars` as a pandas frame (pandas must be installed)."""
        import pandas as pd

        return pd.DataFrame(self.table("scores").to_dict(as_series=False))

    @property
    def plot(self) -> Any:
        """The figures of the result: ``result.plot.quadrant(against="gdp_per_resident").save("q.svg")``.

        See :func:`xinzhi.publish.figures.catalogue` for the names.
        """
        # Publication lies above the index and is an extra: it is looked up by name, and only when asked for.
        return importlib.import_module("xinzhi.publish.figures").Plot(self)

    def save(self, path: str | Path) -> Path:
        """Write the result to one file, by its ending: .csv, .xlsx, .json or .parquet.

        csv and parquet hold the scores table; xlsx has a cover, a notes sheet, a ranking and one table a
        sheet; json has everything. The file appears whole or not at all.

        Raises
        ------
        CallError
            If the ending is another one, or the place cannot be written.
        """
        return save(self, Path(path))

    def __str__(self) -> str:
        return tables.ranking_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from xinzhi.index.tables import ranking_rows

        heads, rows = ranking_rows(self)
        head = "".join(f"<th>{html.escape(h)}</th>" for h in heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
        )
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        caption = f"{html.escape(self.title)} · {self.years[self.find_year(None)]}"
        return (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"<ul>{notes}</ul>"
        )
