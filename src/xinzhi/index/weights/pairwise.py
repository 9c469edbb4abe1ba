"""Weights from comparisons in pairs: the analytic hierarchy process (AHP, Saaty 1977, 1980)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xinzhi.errors import CallError, PanelError
from xinzhi.index.weights.experts import share_of_experts
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.panel.cells import half_width, read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import Floats, Status
from xinzhi.panel.table import Table

#: Mean consistency index of random judgements about n items, n = 1, 2, ... (Saaty 1980).
RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
#: Judgements with a higher consistency ratio ought to be thought over (Saaty).
ACCEPTABLE = 0.10

_GREATEST = 9.0
_SLACK = 0.05  # 0.33 stands for 1/3, 0.13 for 1/8
_FRACTION = re.compile(r"([0-9.]+)\s*/\s*([0-9.]+)")


@dataclass(frozen=True)
class Judgement:
    """A comparison of two items: how many times as important the first is."""

    first: str
    second: str
    given: float
    implied: float

    def __str__(self) -> str:
        return _("“{first}”比“{second}”判为 {given:.3g}, 由全部判断推出的是 {implied:.3g}").format(
            first=self.first, second=self.second, given=self.given, implied=self.implied
        )


@dataclass(frozen=True)
class PairwiseMatrix:
    """The judgements of one expert, or of all together.

    Parameters
    ----------
    expert : str
    judgements : ndarray of float, shape (n, n)
        Reciprocal.
    weights : ndarray of float, shape (n,)
        Principal eigenvector, adding up to 1.
    ratio : float
        Consistency ratio: ``(l - n) / (n - 1)`` over the random index, l the principal eigenvalue; 0 for two
        items, which cannot contradict each other.
    worst : Judgement
        The one furthest from what the weights imply, ``max |ln(a_ij w_j / w_i)|``.
    """

    expert: str
    judgements: Floats
    weights: Floats
    ratio: float
    worst: Judgement

    @property
    def consistent(self) -> bool:
        """Whether the ratio is at most 0.10."""
        return self.ratio <= ACCEPTABLE


@dataclass(frozen=True)
class PairwiseWeights:
    """Weights from the judgements of several experts.

    Parameters
    ----------
    experts : tuple of PairwiseMatrix
    together : PairwiseMatrix
        Of the geometric means of their judgements, which stay reciprocal (Aczel & Saaty 1983).
    weights : dict of str to float
        By node, adding up to 1: `mix` of the experts' weights, the rest equal.
    mix : float
    """

    experts: tuple[PairwiseMatrix, ...]
    together: PairwiseMatrix
    weights: dict[str, float]
    mix: float


def pairwise_weights(sheets: Sequence[Any], methodology: Methodology, *, mix: float = 1.0) -> PairwiseWeights:
    """Return weights from pairwise comparisons, one sheet per expert.

    Parameters
    ----------
    sheets : sequence of str, Path or frame
        CSV or XLSX: a square table whose first column and headings name indicators or dimensions (id or
        title). A cell says how many times as important as the column the row is: 1/9 to 9, decimals or
        fractions. A blank cell is the reciprocal of its mirror image.
    methodology : Methodology
        Whose nodes are compared.
    mix : float
        Share of the experts, from 0 to 1; the rest is equal among the nodes compared.

    Returns
    -------
    PairwiseWeights

    Raises
    ------
    CallError
        If there is no sheet, or `mix` is not a share.
    PanelError
        If a sheet is not square, names something else than the first one or the methodology does, compares
        more than 15 items, or two judgements about a pair are no reciprocals; with file, row and column.
    """
    share_of_experts(mix)
    if not sheets:
        raise CallError(_("没有判断矩阵"), remedy=_("请给出每位专家的一张表"))
    tables = [read_table(sheet) for sheet in sheets]
    names = _node_names(methodology)
    nodes = _nodes(tables[0], names, ())
    experts = []
    for table in tables:
        own = _nodes(table, names, nodes)
        order = [own.index(node) for node in nodes]
        matrix = _judgements(table, own)[np.ix_(order, order)]
        experts.append(pairwise_matrix(matrix, [methodology.node_title(n) for n in nodes], table.name))
    mean = np.exp(np.mean([np.log(expert.judgements) for expert in experts], axis=0))
    together = pairwise_matrix(mean, [methodology.node_title(n) for n in nodes], _("全部专家"))
    weights = mix * together.weights + (1 - mix) / len(nodes)
    return PairwiseWeights(tuple(experts), together, dict(zip(nodes, weights.tolist(), strict=True)), mix)


def pairwise_matrix(judgements: Floats, items: Sequence[str], expert: str = "") -> PairwiseMatrix:
    """Return weights and consistency of one reciprocal matrix of at most 15 items.

    Parameters
    ----------
    judgements : ndarray of float, shape (n, n)
        ``a_ij``: how many times as important as j item i is.
    items : sequence of str, length n
    expert : str, optional
    """
    values, vectors = np.linalg.eig(judgements)
    principal = int(values.real.argmax())
    weights = np.abs(vectors[:, principal].real)
    weights /= weights.sum()
    n = len(judgements)
    random = RANDOM_INDEX[n - 1]
    ratio = max(0.0, float(values[principal].real - n) / (n - 1) / random) if random else 0.0
    implied = weights[:, None] / weights
    off = np.abs(np.log(judgements / implied))
    # A judgement and its mirror image are equally far off: the one in the upper triangle is named.
    i, j = divmod(int(np.triu(off, 1).argmax()) or 1, n)
    worst = Judgement(items[i], items[j], float(judgements[i, j]), float(implied[i, j]))
    return PairwiseMatrix(expert, judgements, weights, ratio, worst)


# --- reading -------------------------------------------------------------------------------------------------


def _node_names(methodology: Methodology) -> dict[str, set[str]]:
    """Return the indicators and dimensions that each name stands for; an id stands for its own only."""
    kinds = (methodology.indicators, methodology.dimensions)
    nodes = {id: node.title for kind in kinds for id, node in kind.items()}
    names: dict[str, set[str]] = {}
    for id, title in nodes.items():
        for name in filter(None, (title.zh, title.en)):
            names.setdefault(name.casefold(), set()).add(id)
    return names | {id.casefold(): {id} for id in nodes}


def _nodes(table: Table, names: dict[str, set[str]], expected: tuple[str, ...]) -> tuple[str, ...]:
    """Return the nodes that a sheet compares, in its order; `expected` are those of the first sheet."""
    findings = Findings(table.name)
    nodes: list[str] = []
    for name in table.headings[1:]:
        ids = names.get(name.casefold(), set())
        if len(ids) != 1:
            what = _("有几个指标或维度叫 {name}, 请写标识") if ids else _("没有指标或维度 {name}")
            known = ", ".join(sorted(ids or set().union(*names.values())))
            findings.add(
                what.format(name=name or _("(空)")), row=1, remedy=_("可用: {known}").format(known=known)
            )
        elif (id := next(iter(ids))) in nodes:
            findings.add(_("指标 {name} 出现两次").format(name=name), row=1)
        else:
            nodes.append(id)
    findings.tell()
    if not 2 <= len(nodes) <= len(RANDOM_INDEX):
        findings.add(
            _("比较 {count} 项, 应当是 2 到 {most} 项").format(count=len(nodes), most=len(RANDOM_INDEX)),
            remedy=_("项目多时请分维度两两比较"),
        )
    elif expected and set(nodes) != set(expected):
        findings.add(
            _("比较的项目与第一张表不同: {names}").format(
                names=", ".join(sorted(set(nodes) ^ set(expected)))
            ),
            remedy=_("每位专家要比较同样的项目"),
        )
    order = _("行和列要按同样的顺序写同样的项目")
    rows = [(cell or "").strip() for cell in table.columns[0]]
    if len(rows) != len(nodes):
        findings.add(
            _("有 {rows} 行 {columns} 列, 不是方阵").format(rows=len(rows), columns=len(nodes)), remedy=order
        )
    for row, name, heading in zip(table.rows.tolist(), rows, table.headings[1:], strict=False):
        if names.get(name.casefold()) != names.get(heading.casefold()):
            findings.add(_("这一行应当是“{name}”").format(name=heading), row=row, remedy=order)
    findings.tell()
    return tuple(nodes)


def _judgements(table: Table, nodes: Sequence[str]) -> Floats:
    """Return the matrix of one sheet, made reciprocal."""
    findings = Findings(table.name)
    n = len(nodes)
    written = np.full((n, n), np.nan)
    for j in range(n):
        for i in range(n):
            try:
                written[i, j] = _judgement(table.columns[j + 1][i])
            except PanelError as error:
                findings.add(
                    error.what, row=int(table.rows[i]), column=table.headings[j + 1], remedy=error.remedy
                )
    findings.tell()
    remedy = _("请填写 1/9 到 9 之间的数, 如 3 或 1/3")
    matrix = np.ones((n, n))
    for i in range(n):
        if abs(written[i, i] - 1) > _SLACK:  # NaN, a blank diagonal, is not.
            findings.add(_("对角线上应当是 1"), row=int(table.rows[i]), column=table.headings[i + 1])
        for j in range(i + 1, n):
            one, other = written[i, j], written[j, i]
            place: dict[str, Any] = {"row": int(table.rows[i]), "column": table.headings[j + 1]}
            if math.isnan(one) and math.isnan(other):
                findings.add(_("没有判断"), **place, remedy=remedy)
                continue
            one, other = (1 / other if math.isnan(one) else one), (1 / one if math.isnan(other) else other)
            if abs(one * other - 1) > _SLACK:
                findings.add(
                    _("判断 {one:.4g} 与第 {row} 行 {column} 列的 {other:.4g} 不互为倒数").format(
                        one=one, row=int(table.rows[j]), column=table.headings[i + 1], other=other
                    ),
                    **place,
                    remedy=_("请改正其中一格, 或只填一格"),
                )
            # Of 3 and 0.33, the 3 was judged and the 0.33 rounded.
            matrix[i, j] = one if one >= 1 else 1 / other
            matrix[j, i] = 1 / matrix[i, j]
    findings.tell()
    return matrix


def _judgement(text: str | None) -> float:
    """Return the number in a cell, NaN where it is blank.

    Raises
    ------
    PanelError
        If it is anything else than a number or a fraction from 1/9 to 9.
    """
    plain = half_width(text or "")
    if not plain:
        return math.nan
    fraction = _FRACTION.fullmatch(plain)
    parts = [read_cell(part) for part in (fraction.groups() if fraction else (plain,))]
    if isinstance(parts[0], Status):
        raise PanelError(_("没有判断"), remedy=_("请填写 1/9 到 9 之间的数, 如 3 或 1/3"))
    top, bottom = parts[0], parts[-1] if fraction else 1.0
    number = top / bottom if bottom else math.inf
    if not (1 - _SLACK) / _GREATEST <= number <= _GREATEST * (1 + _SLACK):
        raise PanelError(
            _("判断 {text} 不在 1/9 到 9 之间").format(text=plain),
            remedy=_("请填写 1/9 到 9 之间的数, 如 3 或 1/3"),
        )
    return number
