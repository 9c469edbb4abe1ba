"""Weights from experts: budget allocation or scores, one column per expert; rounds of a Delphi survey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from xinzhi.errors import CallError, PanelError
from xinzhi.index.weights.concordance import Concordance, concordance
from xinzhi.index.weights.items import Items, indicators_of
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.panel.cells import read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import Floats, Status
from xinzhi.panel.table import Table

_TOLERANCE = 1e-6  # of the budget, for points written as decimals


@dataclass(frozen=True)
class ExpertWeights:
    """What experts make of the indicators.

    Parameters
    ----------
    experts : tuple of str
        E names.
    scores : ndarray of float, shape (J, E)
        As they were given, in the order of the items.
    weights : dict of str to float
        Of the items, adding up to 1; those of all indicators ``load_methodology(..., weights=...)`` takes.
    mix : float
        Share of the experts in the weights; the rest is the equal weights of the method ``equal``.
    """

    experts: tuple[str, ...]
    scores: Floats
    weights: dict[str, float]
    mix: float

    @property
    def shares(self) -> Floats:
        """What each expert gives each item, columns adding up to 1; shape (J, E)."""
        shares: Floats = self.scores / self.scores.sum(axis=0)
        return shares

    @property
    def by_experts(self) -> Floats:
        """Weights of the experts alone, shape (J,)."""
        means: Floats = self.shares.mean(axis=1)
        return means

    @cached_property
    def concordance(self) -> Concordance:
        """How far the experts agree."""
        return concordance(self.scores)


def expert_weights(
    sheet: Any,
    items: Methodology | Items,
    *,
    method: Literal["budget", "score"] = "budget",
    budget: float = 100.0,
    mix: float = 1.0,
    worksheet: str | None = None,
) -> ExpertWeights:
    """Return the weights that experts give, mixed with equal weights if so stated.

    ``w_j = mix * mean_e(s_je / sum_j s_je) + (1 - mix) * q_j``: every expert counts alike, however generous,
    and q are equal weights, for a methodology among the children of every node.

    Parameters
    ----------
    sheet : str, Path or frame
        CSV or XLSX: one row per item (id or title) in the first column, one further column per expert.
    items : Methodology or Items
        What is weighed, each exactly once; of a methodology the indicators.
    method : {"budget", "score"}
        Points of a budget, which each expert spends to the last one; or scores of 0 or more (Likert).
    budget : float
        Points that each expert has.
    mix : float
        Share of the experts, from 0 to 1.
    worksheet : str, optional
        Of an XLSX file.

    Returns
    -------
    ExpertWeights

    Raises
    ------
    CallError
        If there is no such file or method, or `mix` is not a share.
    PanelError
        If a row names no item, a score is missing or no number of 0 or more, an item is missing or twice
        there, or an expert's points do not add up; one error tells all, each with row and column.
    """
    if method not in ("budget", "score"):
        raise CallError(
            _("未知的赋权方法 {name}").format(name=method),
            remedy=_("可用: {known}").format(known="budget, score"),
        )
    share_of_experts(mix)
    items = indicators_of(items) if isinstance(items, Methodology) else items
    table = read_table(sheet, sheet=worksheet)
    findings = Findings(table.name)
    experts = expert_names(table, findings)
    findings.tell()
    scores = _scores(table, items, findings)
    findings.tell()
    for column, expert in enumerate(experts):
        total = float(scores[:, column].sum())
        if method == "budget" and not abs(total - budget) <= _TOLERANCE * budget:
            findings.add(
                _("合计 {total:.10g}, 应当是 {budget:.10g}").format(total=total, budget=budget),
                column=expert,
                remedy=_("请让每位专家把点数正好分完, 或用 budget 说明总点数"),
            )
        elif not total > 0:
            findings.add(_("所有分数都是 0"), column=expert, remedy=_("请至少给一个指标打分"))
    findings.tell()
    by_experts = (scores / scores.sum(axis=0)).mean(axis=1)
    weights = mix * by_experts + (1 - mix) * np.array([items.equal[id] for id in items.ids])
    return ExpertWeights(experts, scores, dict(zip(items.ids, weights.tolist(), strict=True)), mix)


def delphi(
    rounds: Sequence[Any],
    items: Methodology | Items,
    *,
    method: Literal["budget", "score"] = "score",
    budget: float = 100.0,
    mix: float = 1.0,
) -> tuple[ExpertWeights, ...]:
    """Return the weights of each round of a Delphi survey, the last being the outcome.

    Parameters
    ----------
    rounds : sequence of str, Path or frame
        One sheet per round, as :func:`expert_weights` reads it. Their ``concordance`` tells whether the
        experts draw nearer.
    items, method, budget, mix
        As for :func:`expert_weights`.

    Raises
    ------
    CallError
        If there is no round.
    """
    if not rounds:
        raise CallError(_("没有任何一轮的表"), remedy=_("请给出每轮一张表"))
    return tuple(expert_weights(sheet, items, method=method, budget=budget, mix=mix) for sheet in rounds)


# --- reading -------------------------------------------------------------------------------------------------


def share_of_experts(mix: float) -> None:
    """Refuse a mix that is not a share.

    Raises
    ------
    CallError
    """
    if not 0 <= mix <= 1:
        raise CallError(
            _("mix 是专家权重所占的比例, 应当在 0 到 1 之间, 不能是 {mix}").format(mix=mix),
            remedy=_("1 是只用专家权重, 0 是只用等权"),
        )


def expert_names(table: Table, findings: Findings, before: int = 1) -> tuple[str, ...]:
    """Return the headings of the experts' columns: all but those `before` them."""
    experts = table.headings[before:]
    if not experts:
        findings.add(_("没有专家的列"), remedy=_("请在指标一列右边给每位专家一列"))
    for position, expert in enumerate(experts):
        if not expert:
            findings.add(
                _("没有表头"),
                column=table.labels[before + position] or str(before + position + 1),
                remedy=_("请写专家的名字或代号"),
            )
        elif expert in experts[:position]:
            findings.add(_("专家出现两次"), column=expert, remedy=_("请给每位专家不同的名字或代号"))
    return experts


def _scores(table: Table, items: Items, findings: Findings) -> Floats:
    """Return the scores, shape (J, E), noting what is wrong with them."""
    scores = np.full((len(items.ids), len(table.headings) - 1), np.nan)
    seen: dict[str, int] = {}
    for position, row in enumerate(table.rows.tolist()):
        name = (table.columns[0][position] or "").strip()
        id = items.find(name, findings, row=row)
        if id is None:
            continue
        if id in seen:
            findings.add(_("与第 {row} 行重复").format(row=seen[id]), row=row, remedy=_("请只保留一行"))
            continue
        seen[id] = row
        for column, cells in enumerate(table.columns[1:]):
            scores[items.ids.index(id), column] = _score(
                cells[position], findings, row, table.headings[column + 1], name
            )
    for id in items.ids:
        if id not in seen:
            findings.add(_("缺少 {name}").format(name=items.title(id)), remedy=_("每一项要有一行"))
    return scores


def _score(text: str | None, findings: Findings, row: int, column: str, name: str) -> float:
    try:
        number = read_cell(text or "")
    except PanelError as error:
        findings.add(error.what, row=row, column=column, subject=name, remedy=_("请填写 0 或更大的数字"))
        return math.nan
    if isinstance(number, Status) or number < 0:
        what = _("没有打分") if isinstance(number, Status) else _("分数 {score} 小于 0").format(score=text)
        findings.add(what, row=row, column=column, subject=name, remedy=_("请填写 0 或更大的数字"))
        return math.nan
    return number
