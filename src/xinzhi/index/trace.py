"""From a score down to the cells it came from: weights, formulas with their numbers, sources, rules."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.index.formulas import indicator_formula, node_formula
from xinzhi.index.notes import notes
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.measures import unit_name
from xinzhi.methodology import Indicator
from xinzhi.panel import Status
from xinzhi.panel.gaps import LISTED

if TYPE_CHECKING:
    from xinzhi.index.computation import Computation


@dataclass(frozen=True)
class Cell:
    """A figure of the data: where a trace ends.

    Attributes
    ----------
    variable, title, unit : str
    year : int
    value : float or None
    status : str
        Name of a :class:`xinzhi.panel.Status`, lower case.
    source, place : str
        Publication and vintage; file, row and column. Of a filled cell, those of the figures used. Empty
        where unknown.
    remark : str
        What the table of sources notes about the variable: breaks, doubtful figures.
    rule : str
        How a filled cell was filled, with the figures used; empty otherwise.
    """

    variable: str
    title: str
    unit: str
    year: int
    value: float | None
    status: str
    source: str
    place: str
    rule: str
    remark: str = ""


@dataclass(frozen=True)
class Trace:
    """One node of the tree of a score.

    Attributes
    ----------
    unit, node, title : str
    year : int
    score, rank : float or None
    ranked : int
        How many units have a rank.
    share : float
        Share within the parent; 1 for the node the trace starts at.
    contribution : float or None
        What the node brings to the score the trace starts at.
    how : str
        The formula with its numbers.
    children : tuple of Trace
    cells : tuple of Cell
        For an indicator: its own cell, or the inputs of its formula.
    notes : tuple of str
        For the start of a trace only: what must be said beside the result.
    """

    unit: str
    node: str
    title: str
    year: int
    score: float | None
    rank: float | None
    ranked: int
    share: float
    contribution: float | None
    how: str
    children: tuple[Trace, ...] = ()
    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the tree as plain dicts and lists."""
        from dataclasses import asdict

        return asdict(self)

    def walk(self) -> Iterator[Trace]:
        """Yield this node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def lines(self, prefix: str = "") -> Iterator[str]:
        """Yield the lines of the drawn tree."""
        yield _headline(self)
        inner: list[Trace | Cell] = [*self.children, *self.cells]
        if self.how:
            yield f"{prefix}{'│' if inner else ' '}  = {self.how}"
        for position, item in enumerate(inner):
            last = position == len(inner) - 1
            branch, indent = ("└─ ", "   ") if last else ("├─ ", "│  ")
            if isinstance(item, Trace):
                below = item.lines(prefix + indent)
                yield f"{prefix}{branch}{next(below)}"
                yield from below
            else:
                head, *rest = _cell_lines(item)
                yield f"{prefix}{branch}{head}"
                yield from (f"{prefix}{indent}{line}" for line in rest)

    def __str__(self) -> str:
        start = f"{self.unit} · {self.year}\n"
        return start + "\n".join([*self.lines(), *(f"※ {note}" for note in self.notes)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


#: Statuses of a formula's cell below which its inputs are shown: what it was made of, or what it lacks.
_BY_FORMULA = (Status.DERIVED.name.lower(), Status.MISSING.name.lower())


def trace(result: Computation, unit: int, node: str, year: int) -> Trace:
    """Return the trace of one score; unit and year are positions in the result."""
    table = result.contributions(node)[year, unit]
    return _node(result, unit, node, year, 1.0, table, notes=notes(result))


def _node(
    result: Computation,
    unit: int,
    node: str,
    year: int,
    share: float,
    table: Any,
    notes: tuple[str, ...] = (),
) -> Trace:
    methodology = result.methodology
    tree = methodology.tree
    ranks = result.ranks[node][year]
    positions = [tree.leaves.index(leaf) for leaf in tree.leaves_under(node)]
    children: tuple[Trace, ...] = ()
    cells: tuple[Cell, ...] = ()
    if node in methodology.indicators:
        how = indicator_formula(result, unit, node, year)
        cells = _cells(result, unit, node, year)
    else:
        shares = result.weights.local[node][0]
        children = tuple(
            _node(result, unit, child, year, float(shares[i]), table)
            for i, child in enumerate(tree.children[node])
        )
        how = node_formula(result, unit, node, year)
    return Trace(
        unit=result.names[unit],
        node=node,
        title=methodology.node_title(node),
        year=result.years[year],
        score=_number(result.scores[node][year, unit]),
        rank=_number(ranks[unit]),
        ranked=int(np.isfinite(ranks).sum()),
        share=share,
        contribution=_number(table[positions].sum()),
        how=how,
        children=children,
        cells=cells,
        notes=notes,
    )


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _cells(result: Computation, unit: int, leaf: str, year: int) -> tuple[Cell, ...]:
    """Return the cell of an indicator, or those of the inputs it was derived from."""
    panel = result.figures.panel
    t = panel.years.index(result.years[year])
    indicator = result.methodology.indicators[leaf]
    own = _cell(result, t, unit, leaf)
    if indicator.parsed_formula is not None and own.status in _BY_FORMULA:
        used = sorted(indicator.parsed_formula.names, key=panel.variables.index)
        return (_derived(own, indicator), *(_cell(result, t, unit, name) for name in used))
    return (own,)


def _derived(cell: Cell, indicator: Indicator) -> Cell:
    from dataclasses import replace

    return replace(cell, rule=_("按公式 {formula}").format(formula=indicator.formula))


def _cell(result: Computation, t: int, unit: int, variable: str) -> Cell:
    panel = result.figures.panel
    j = panel.variables.index(variable)
    fill = result.figures.filled_cells.get((t, unit, j))
    about = result.methodology.variable(variable)
    # What a filled cell came from are the figures its rule used, not the blank it stands in.
    origins = fill.cells if fill else ((t, unit),)
    return Cell(
        variable=variable,
        title=str(about.title),
        unit=unit_name(about.unit),
        year=panel.years[t],
        value=_number(panel.values[t, unit, j]),
        status=Status(int(panel.status[t, unit, j])).name.lower(),
        source="; ".join(dict.fromkeys(filter(None, (panel.source_of(y, n, j) for y, n in origins)))),
        place=_places([panel.place_of(y, n, j) for y, n in origins]),
        rule=fill.describe(panel, result.region_name(unit), result.names) if fill else "",
        remark=panel.remarks.get(variable, ""),
    )


def _places(places: list[str]) -> str:
    known = list(filter(None, places))
    listed = "; ".join(known[:LISTED])
    return (
        listed
        if len(known) <= LISTED
        else _("{listed}; … 等 {count} 处").format(listed=listed, count=len(known))
    )


def _headline(node: Trace) -> str:
    if node.score is None:
        return f"{node.title}: " + _("没有得分")
    place = _("第 {rank:g} / {count}").format(rank=node.rank, count=node.ranked) if node.ranked > 1 else ""
    share = _("权重 {share:.4g}").format(share=node.share) if node.share < 1 else ""
    brings = (
        _("贡献 {value:.2f}").format(value=node.contribution)
        if node.contribution is not None and node.share < 1
        else ""
    )
    details = ", ".join(part for part in (place, share, brings) if part)
    return f"{node.title} {node.score:.2f}" + (f" ({details})" if details else "")


def _cell_lines(cell: Cell) -> Iterator[str]:
    figure = _quantity(cell.value, cell.unit) if cell.value is not None else ""
    status = Status[cell.status.upper()].label
    yield " ".join(part for part in (f"{cell.title}:", figure, f"[{status}]", cell.rule) if part)
    origin = "; ".join(part for part in (cell.source, cell.place) if part)
    if origin:
        yield f"   {origin}"
    if cell.remark:
        yield "   " + _("注: {remark}").format(remark=cell.remark)


def _quantity(value: float, unit: str) -> str:
    # "4,706,662 10,000 yuan" would run two numbers into one.
    times = "× " if unit[:1].isdigit() else ""
    return f"{number(value)} {times}{unit}".strip()
