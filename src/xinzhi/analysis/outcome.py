"""What every analysis gives: a table, a sentence made from its numbers, and the data a figure needs."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


class Outcome(ABC):
    """The result of one analysis; its subclasses are frozen dataclasses that hold the numbers."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What was analysed, in the language in force."""

    @abstractmethod
    def table(self) -> pl.DataFrame:
        """Return the numbers as a table with stable English column names."""

    @abstractmethod
    def sentence(self) -> str:
        """Say in one sentence, in the language in force, what the numbers say; ties and doubt included."""

    def shown(self) -> pl.DataFrame:
        """Return the table as a report shows it: the whole one, unless another form reads better."""
        return self.table()

    def remarks(self) -> tuple[str, ...]:
        """Say, in the language in force, what must be known to read the numbers; nothing by default."""
        return ()

    def figure(self) -> dict[str, Any]:
        """Return the data a figure needs, as plain lists by name."""
        return self.table().to_dict(as_series=False)

    def to_dict(self) -> dict[str, Any]:
        """Return title, sentence, remarks, table and figure data as JSON knows them."""
        return {
            "title": self.title,
            "sentence": self.sentence(),
            "remarks": list(self.remarks()),
            "table": self.table().to_dicts(),
            "figure": self.figure(),
        }

    def __str__(self) -> str:
        return f"{self.title}\n{self.sentence()}\n{self.table()}"

    def _repr_html_(self) -> str:
        frame = self.table()
        head = "".join(f"<th>{html.escape(name)}</th>" for name in frame.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape('' if v is None else str(v))}</td>" for v in row) + "</tr>"
            for row in frame.iter_rows()
        )
        caption = f"{html.escape(self.title)}. {html.escape(self.sentence())}"
        return (
            f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
