"""The figures in full: scores of every indicator, cells filled and missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xinzhi.index import Result
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Block, Column, Name, Spans, Table, Words
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.text.findings import paragraph

MOST_DECIMALS = 6
_COLUMNS = 7  # of scores in a table


def scores(subject: Subject) -> Iterator[Block]:
    """Tabulate the scores of every unit, a table for each part of the index."""
    if subject.result is None:
        nodes = subject.standing.nodes
        for start in range(0, len(nodes), _COLUMNS):
            yield _scores_table(subject, nodes[0], nodes[start : start + _COLUMNS])
        return
    tree = subject.result.methodology.tree
    for node in subject.dimensions or (tree.root,):
        leaves = tree.leaves_under(node)
        for start in range(0, len(leaves), _COLUMNS):
            yield _scores_table(subject, node, leaves[start : start + _COLUMNS])


def _scores_table(subject: Subject, node: str, leaves: Sequence[str]) -> Table:
    w, year = subject.writer, subject.year
    columns = (Column(_("名称"), "left", 1.2), *(Column(w.title(leaf).text, "right") for leaf in leaves))
    rows: tuple[tuple[Spans, ...], ...] = tuple(
        ((w.name(n),), *((w.score(n, leaf, year),) for leaf in leaves))
        for n in range(len(subject.standing.codes))
    )
    return Table(w.say("caption", "scores", year=w.year(year), node=w.title(node)), columns, rows)


def filled(subject: Subject) -> Iterator[Block]:
    """List every cell that was filled, with its rule, and every cell that is missing."""
    w, result = subject.writer, subject.result
    if result is None:
        return
    count = len(result.fills)
    yield paragraph(w.say("filled", "some" if count else "none", cells=w.number("fills")))
    if count:
        columns = [
            Column(_("名称"), width=1),
            Column(_("年份"), "center", 0.7),
            Column(_("指标"), width=1.8),
            Column(_("数值"), "right", 1.1),
            Column(_("补齐方法"), width=3.4),
        ]
        rows = tuple(_filled_row(subject, result, place) for place in range(count))
        yield Table((Words(_("补齐的数据")),), tuple(columns), rows)
    if result.missing_cells:
        yield _missing(subject, result)


def _missing(subject: Subject, result: Result) -> Table:
    columns = (
        Column(_("名称")),
        Column(_("年份"), "center", 0.7),
        Column(_("指标"), width=2),
        Column(_("状态")),
    )
    cells = result.table("missing").select("name", "year", "title", "status")
    rows: Iterator[tuple[Spans, ...]] = (
        ((Name(name),), (subject.writer.year(year),), (Name(title),), (Name(status),))
        for name, year, title, status in cells.iter_rows()
    )
    return Table((Words(_("缺失的数据")),), columns, tuple(rows))


def _filled_row(subject: Subject, result: Result, place: int) -> tuple[Spans, ...]:
    w = subject.writer
    panel, fill = result.figures.panel, result.fills[place]
    about = result.methodology.variable(panel.variables[fill.variable])
    decimals = str(min(about.decimals, MOST_DECIMALS))
    year, code = panel.years[fill.year], panel.codes[fill.unit]
    return (
        (Name(result.names[fill.unit]),),
        (w.year(year),),
        (Name(str(about.title)),),
        (w.number("cell", decimals, code, "", year, str(fill.variable)),),
        (Name(fill.describe(panel, result.region_name(fill.unit), result.names)),),
    )
