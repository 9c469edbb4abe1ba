"""Tables of strangers, read in a child process with little memory, little time and no network.

The child is that of :mod:`xinzhi.forms.opening.workshop` with another task; run as a module this is the child.
"""

from __future__ import annotations

import sys

import numpy as np
from pydantic import ValidationError

from xinzhi.declarations import Record
from xinzhi.errors import PanelError
from xinzhi.forms.opening.workbench import Outcome, Request, serve
from xinzhi.forms.opening.workshop import MEMORY, Workshop
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import Refusal
from xinzhi.forms.rules import message
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.panel.loading import table_in
from xinzhi.panel.table import Table, text_series

SECONDS = 30
"""For a table; five columns of official figures of every county take three."""

MOST_CELLS = 600_000
"""Of a table; ten figures of every county in two years, with their sources, are 190,000."""

_COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "xinzhi.panel.foreign")


class _Told(Record):
    """A table as the child tells it, or why it is none: what, where, remedy."""

    name: str = ""
    headings: tuple[str, ...] = ()
    columns: tuple[tuple[str | None, ...], ...] = ()
    rows: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    fault: tuple[str, str, str] | None = None


def tables_workshop(*, memory: int = MEMORY, seconds: int = SECONDS) -> Workshop:
    """Return a workshop whose child reads tables; to be closed."""
    return Workshop(memory=memory, seconds=seconds, command=_COMMAND)


def read_foreign(data: bytes, name: str, workshop: Workshop) -> Table:
    """Read a table as :func:`xinzhi.panel.loading.read_table` does, in a child of :func:`tables_workshop`.

    Raises
    ------
    PanelError
        If it is no table, is wrong, has more than :data:`MOST_CELLS`, or the child gave it up.
    """
    try:
        told = _Told.model_validate_json(workshop.table(data, name))
    except (Refusal, ValidationError) as error:
        what = error.what if isinstance(error, Refusal) else message(Finding(rule="workshop.answer"))
        remedy = _("请只保留需要的行和列, 另存为 CSV 再上传")
        raise PanelError(what, where=name, remedy=remedy) from error
    if told.fault:
        what, where, remedy = told.fault
        raise PanelError(what, where=where, remedy=remedy)
    columns = tuple(text_series(column) for column in told.columns)
    return Table(told.name, told.headings, columns, np.array(told.rows, dtype=np.int32), told.labels)


def _told(request: Request, data: bytes) -> tuple[Outcome, bytes]:
    with speaking(request.language):
        try:
            told = _in_words(table_in(data, name=request.name))
        except PanelError as error:
            told = _Told(fault=(error.what, error.where, error.remedy))
    return Outcome(), told.model_dump_json().encode()


def _in_words(table: Table) -> _Told:
    if len(table.columns) * len(table.rows) > MOST_CELLS:
        raise PanelError(
            _("表超过 {cells} 格").format(cells=f"{MOST_CELLS:,}"),
            where=table.name,
            remedy=_("请只保留需要的列, 或拆成几个文件"),
        )
    return _Told(
        name=table.name,
        headings=table.headings,
        columns=tuple(tuple(column.to_list()) for column in table.columns),
        rows=tuple(table.rows.tolist()),
        labels=table.labels,
    )


if __name__ == "__main__":
    import os

    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    pl.thread_pool_size()  # its thread begins here: confined, the child begins none
    serve(lambda: {"table": _told}, sys.argv[1:])
