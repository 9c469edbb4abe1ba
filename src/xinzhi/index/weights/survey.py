"""From the sheets of experts to weights: what kind of sheets they are, the rounds, agreement and who moved."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from xinzhi.errors import CallError, PanelError
from xinzhi.index.weights.experts import ExpertWeights, delphi
from xinzhi.index.weights.items import (
    Items,
    children_of,
    indicators_of,
    inner_node,
    items_named,
    nodes_of,
    with_children_weighed,
)
from xinzhi.index.weights.pairwise import PairwiseWeights, is_list, pairwise_weights
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.panel.cells import read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import Floats
from xinzhi.panel.table import Table

Kind = Literal["budget", "score", "pairwise"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Round = ExpertWeights | PairwiseWeights
_TOTALS = {"合计", "总计", "小计", "total", "sum"}


@dataclass(frozen=True)
class Survey:
    """What experts said in one or more rounds, and the weights that follow from the last.

    Parameters
    ----------
    kind : {"budget", "score", "pairwise"}
    items : Items
        What was weighed.
    node : str
        The node of the methodology whose children they are; empty for all indicators, or no methodology.
    names : tuple of str
        One per round: its file.
    rounds : tuple of ExpertWeights or PairwiseWeights
        The weights of the last are those of the survey.
    """

    kind: Kind
    items: Items
    node: str
    names: tuple[str, ...]
    rounds: tuple[Round, ...]

    @property
    def weights(self) -> dict[str, float]:
        """The weights by item, adding up to 1."""
        return {id: self.rounds[-1].weights[id] for id in self.items.ids}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield per item: id, title, weight, that of the experts alone, equal weight, spread of the experts."""
        last = self.rounds[-1]
        order = list(last.weights)
        spread = spread_of(last)
        for id, weight in self.weights.items():
            j = order.index(id)
            yield {
                "id": id,
                "title": self.items.title(id),
                "weight": weight,
                "experts": float(last.by_experts[j]),
                "equal": self.items.equal[id],
                "spread": None if spread is None else float(spread[j]),
            }

    def moves(self) -> Iterator[dict[str, float]]:
        """Yield, from each round to the next, the share of their points that each expert moved.

        That is half the sum of the absolute changes of their shares: 0 where nothing changed, 1 where all
        went to other items. Experts who are in one of the two rounds only are left out.
        """
        for before, after in pairwise(self.rounds):
            old, new = shares_by_expert(before), shares_by_expert(after)
            yield {
                expert: sum(abs(new[expert][id] - share) for id, share in old[expert].items()) / 2
                for expert in new
                if expert in old
            }

    def indicator_weights(self, methodology: Methodology) -> dict[str, float]:
        """Return the weight of every indicator once these are put into the methodology.

        Raises
        ------
        CallError
            If only a part was weighed and the other weights come from the data.
        """
        if not self.node:
            return self.weights
        return with_children_weighed(methodology, self.node, self.weights)


def survey(
    sheets: Sequence[Any],
    methodology: Methodology | None = None,
    *,
    node: str = "",
    kind: Kind | None = None,
    budget: float = 100.0,
    mix: float = 1.0,
) -> Survey:
    """Read the sheets of experts and return what follows from them.

    Parameters
    ----------
    sheets : sequence of str, Path, frame or Table
        As :func:`expert_weights` or :func:`pairwise_weights` reads them. One is a survey of one round, several
        are its rounds in order; square tables of judgements, one per expert, are together one round.
    methodology : Methodology, optional
        Whose indicators or dimensions are weighed; without it, the items that the first sheet names.
    node : str, optional
        Id or title of the node whose children are weighed. By default the parent that all items of the first
        sheet have in common or, where there is none, all indicators.
    kind : {"budget", "score", "pairwise"}, optional
        By default as :func:`kind_of` tells from the first sheet.
    budget, mix
        As for :func:`expert_weights`.

    Returns
    -------
    Survey

    Raises
    ------
    CallError
        If there is no sheet, no such file, kind or node, or `mix` is not a share.
    PanelError
        If a sheet is wrong; one error tells all of it, each finding with row and column.
    """
    if not sheets:
        raise CallError(_("没有专家的表"), remedy=_("请给出一张或几张 CSV 或 XLSX"))
    first = read_table(sheets[0])
    kind = kind or kind_of(first, budget)
    if kind not in KINDS:
        raise CallError(
            _("未知的赋权方法 {name}").format(name=kind),
            remedy=_("可用: {known}").format(known=", ".join(KINDS)),
        )
    names = list(_names(first, kind))
    if methodology is None:
        _refuse_totals(first)
        items, node = items_named(names), ""
    else:
        node = inner_node(methodology, node) if node else _common_parent(methodology, names)
        items = children_of(methodology, node) if node else indicators_of(methodology)
    files = tuple(_name(sheet) for sheet in sheets)
    if kind != "pairwise":
        return Survey(kind, items, node, files, delphi(sheets, items, method=kind, budget=budget, mix=mix))
    # Square tables are of one expert each, and together one round.
    groups = [[sheet] for sheet in sheets] if is_list(first) else [list(sheets)]
    rounds = tuple(pairwise_weights(group, items, mix=mix) for group in groups)
    labels = files if len(rounds) == len(files) else (", ".join(files),)
    return Survey(kind, items, node, labels, rounds)


def kind_of(table: Table, budget: float = 100.0) -> Kind:
    """Tell what a sheet holds.

    Pairwise comparisons where its second column names items, or its headings repeat its first column; a
    budget where at least half of the columns add up to one; scores otherwise.
    """
    first = {(cell or "").strip().casefold() for cell in table.columns[0]}
    if is_list(table) or first == {heading.casefold() for heading in table.headings[1:]}:
        return "pairwise"
    totals = [math.fsum(map(_number, column)) for column in table.columns[1:]]
    spent = sum(abs(total - budget) < 1e-6 * budget for total in totals)
    return "budget" if 2 * spent >= len(totals) > 0 else "score"


def shares_by_expert(opinion: Round) -> dict[str, dict[str, float]]:
    """Return what each expert gives each item, adding up to 1."""
    columns = opinion.shares.T.tolist()
    return {
        expert: dict(zip(opinion.weights, column, strict=True))
        for expert, column in zip(experts_of(opinion), columns, strict=True)
    }


def experts_of(opinion: Round) -> tuple[str, ...]:
    """Return the names of the experts of a round."""
    if isinstance(opinion, ExpertWeights):
        return opinion.experts
    return tuple(matrix.expert for matrix in opinion.experts)


def spread_of(opinion: Round) -> Floats | None:
    """Return by item the sample standard deviation of the shares that experts give; None for one expert."""
    if len(experts_of(opinion)) < 2:
        return None
    deviations: Floats = np.std(opinion.shares, axis=1, ddof=1)
    return deviations


def _name(sheet: Any) -> str:
    if isinstance(sheet, Table):
        return sheet.name
    return Path(sheet).name if isinstance(sheet, str | Path) else _("数据框")


def _names(table: Table, kind: Kind) -> Iterator[str]:
    """Yield the names of items in a sheet."""
    columns = table.columns[: 2 if kind == "pairwise" and is_list(table) else 1]
    for column in columns:
        yield from (cell or "" for cell in column)


def _refuse_totals(table: Table) -> None:
    """Refuse a row of totals, which would be weighed as an item where no methodology says what the items are."""
    findings = Findings(table.name)
    for row, cell in zip(table.rows.tolist(), table.columns[0], strict=True):
        if (cell or "").strip().casefold() in _TOTALS:
            findings.add(_("“{name}”不是一项").format(name=cell), row=row, remedy=_("请删去这一行"))
    findings.tell()


def _common_parent(methodology: Methodology, names: Sequence[str]) -> str:
    """Return the only parent of all that are known of these names, or nothing."""
    known = nodes_of(methodology).names
    found = (known.get(name.strip().casefold(), set()) for name in names)
    parents = {methodology.tree.parent[id] for ids in found if len(ids) == 1 for id in ids}
    return parents.pop() if len(parents) == 1 else ""


def _number(text: str | None) -> float:
    """Return the number in a cell, NaN where there is none."""
    try:
        number = read_cell(text or "")
    except PanelError:
        return math.nan
    return number if isinstance(number, float) else math.nan
