"""Weights from comparisons in pairs: the analytic hierarchy process (AHP, Saaty 1977, 1980).

A sheet is either a square table of one expert, or a list of pairs with a column for every expert.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from xinzhi.errors import CallError, ComputeError, PanelError
from xinzhi.index.ranking import TIE_DECIMALS
from xinzhi.index.weights.concordance import Concordance, concordance
from xinzhi.index.weights.experts import expert_names, share_of_experts
from xinzhi.index.weights.items import Items, nodes_of
from xinzhi.language import gettext as _
from xinzhi.language import half_width
from xinzhi.methodology import Methodology
from xinzhi.panel.cells import read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import Floats, Status
from xinzhi.panel.table import Table

#: Mean consistency index of random judgements about n items, n = 1, 2, ... (Saaty 1980).
RANDOM_INDEX = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
#: Judgements with a higher consistency ratio ought to be thought over (Saaty).
ACCEPTABLE = 0.10

_GREATEST = 9.0
_SAME = 1e-9  # relative difference between judgements that are equally far off
_RECIPROCAL = 1e-9  # how far a product of mirror images may be from 1
_SLACK = 0.05  # 0.33 stands for 1/3, 0.13 for 1/8
_FRACTION = re.compile(r"([0-9.]+)\s*/\s*([0-9.]+)")
_FIGURE = re.compile(r"[0-9./\s]*")


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

    @property
    def shares(self) -> Floats:
        """Weights of each expert, columns adding up to 1; shape (J, E)."""
        return np.column_stack([matrix.weights for matrix in self.experts])

    @property
    def by_experts(self) -> Floats:
        """Weights of the experts alone, shape (J,)."""
        return self.together.weights

    @cached_property
    def concordance(self) -> Concordance:
        """How far the weights of the experts rank the items alike."""
        # Items judged alike have weights that differ in the last digits only.
        return concordance(np.round(self.shares, TIE_DECIMALS))


def pairwise_weights(
    sheets: Sequence[Any], items: Methodology | Items, *, mix: float = 1.0
) -> PairwiseWeights:
    """Return weights from pairwise comparisons by the experts of all sheets.

    Parameters
    ----------
    sheets : sequence of str, Path or frame
        CSV or XLSX, in either of two layouts. Of one expert, a square table whose first column and headings
        name the items (id or title); a blank cell is the reciprocal of its mirror image. Of several, a list:
        two columns name the items of a pair, one further column per expert. A cell says how many times as
        important as the column (as the second item) the row (the first item) is: 1/9 to 9, decimals or
        fractions.
    items : Methodology or Items
        What is compared; of a methodology any indicators or dimensions.
    mix : float
        Share of the experts, from 0 to 1; the rest is equal among the items compared.

    Returns
    -------
    PairwiseWeights

    Raises
    ------
    CallError
        If there is no sheet, or `mix` is not a share.
    PanelError
        If a sheet is neither layout, names something else than the first one or `items` do, compares more
        than 15 items, leaves out a pair, or two judgements about a pair contradict; with file, row and column.
    """
    share_of_experts(mix)
    if not sheets:
        raise CallError(_("没有判断矩阵"), remedy=_("请给出每位专家的一张表"))
    items = nodes_of(items) if isinstance(items, Methodology) else items
    nodes: tuple[str, ...] = ()
    experts: list[PairwiseMatrix] = []
    for table in map(read_table, sheets):
        read = _of_list if is_list(table) else _of_square
        own, matrices = read(table, items, nodes)
        nodes = nodes or own
        order = [own.index(node) for node in nodes]
        titles = [items.title(node) for node in nodes]
        experts += [pairwise_matrix(m[np.ix_(order, order)], titles, name) for name, m in matrices.items()]
    mean = np.exp(np.mean([np.log(expert.judgements) for expert in experts], axis=0))
    together = pairwise_matrix(mean, [items.title(n) for n in nodes], _("全部专家"))
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

    Raises
    ------
    ComputeError
        If it is no square of 2 to 15 items with as many names, or a judgement is not positive, or not the
        reciprocal of its mirror image.
    """
    _require_reciprocal(judgements, items, expert)
    values, vectors = np.linalg.eig(judgements)
    principal = int(values.real.argmax())
    weights = np.abs(vectors[:, principal].real)
    weights /= weights.sum()
    n = len(judgements)
    random = RANDOM_INDEX[n - 1]
    ratio = max(0.0, float(values[principal].real - n) / (n - 1) / random) if random else 0.0
    implied = weights[:, None] / weights
    off = np.abs(np.log(judgements / implied))
    # A judgement and its mirror image are equally far off, and of three items all three judgements are; the first
    # is named, whatever the last bit of the machine's arithmetic.
    above = np.triu(off, 1)
    i, j = divmod(int(np.argmax(above >= above.max() * (1 - _SAME))) or 1, n)
    worst = Judgement(items[i], items[j], float(judgements[i, j]), float(implied[i, j]))
    return PairwiseMatrix(expert, judgements, weights, ratio, worst)


def _require_reciprocal(judgements: Floats, items: Sequence[str], expert: str) -> None:
    n = len(items)
    if np.shape(judgements) != (n, n) or not 2 <= n <= len(RANDOM_INDEX):
        raise ComputeError(
            _("判断矩阵应为 2 到 {most} 项的方阵, 每项一个名称").format(most=len(RANDOM_INDEX)),
            where=expert,
            remedy=_("请核对矩阵的形状和名称的个数"),
        )
    with np.errstate(invalid="ignore"):
        fine = np.isfinite(judgements) & (np.asarray(judgements) > 0)
        fine &= np.abs(np.asarray(judgements) * np.transpose(judgements) - 1) <= _RECIPROCAL
    if not fine.all():
        i, j = np.argwhere(~fine)[0].tolist()
        raise ComputeError(
            _("“{first}”比“{second}”的判断与反过来的不互为倒数, 或不是正数").format(
                first=items[i], second=items[j]
            ),
            where=expert,
            remedy=_("每对判断须是正数, 互为倒数; 与自己比是 1"),
        )


# --- reading -------------------------------------------------------------------------------------------------


def is_list(table: Table) -> bool:
    """Tell whether a sheet lists pairs: most of its second column names items, and no judgements."""
    if len(table.headings) < 2:
        return False
    cells = [half_width(cell or "") for cell in table.columns[1]]
    return 2 * sum(not _FIGURE.fullmatch(cell) for cell in cells) > len(cells)


def _of_square(
    table: Table, items: Items, expected: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """Return the items that a square table compares, and its matrix by the name of the table."""
    nodes = _nodes(table, items, expected)
    return nodes, {table.name: _judgements(table, nodes)}


def _of_list(
    table: Table, items: Items, expected: tuple[str, ...]
) -> tuple[tuple[str, ...], dict[str, Floats]]:
    """Return the items that a list of pairs compares, and the matrix of each expert."""
    findings = Findings(table.name)
    experts = expert_names(table, findings, before=2)
    findings.tell()
    pairs = _pairs(table, items, findings)
    compared = set().union(*map(set, pairs))
    nodes = tuple(id for id in items.ids if id in compared)
    _require_same(nodes, items, expected, findings)
    for pair in combinations(nodes, 2):
        if pair not in pairs and pair[::-1] not in pairs:
            first, second = map(items.title, pair)
            findings.add(
                _("缺少“{first}”与“{second}”的比较").format(first=first, second=second),
                remedy=_("每两项要有一行"),
            )
    findings.tell()
    matrices = {expert: np.ones((len(nodes), len(nodes))) for expert in experts}
    for (first, second), position in pairs.items():
        i, j = nodes.index(first), nodes.index(second)
        for expert, column in zip(experts, table.columns[2:], strict=True):
            number = _noted(column[position], findings, int(table.rows[position]), expert, blank=False)
            matrices[expert][i, j], matrices[expert][j, i] = number, 1 / number
    findings.tell()
    return nodes, matrices


def _pairs(table: Table, items: Items, findings: Findings) -> dict[tuple[str, str], int]:
    """Return the pairs that a list compares, each with the position of its row."""
    pairs: dict[tuple[str, str], int] = {}
    for position, row in enumerate(table.rows.tolist()):
        names = [(column[position] or "").strip() for column in table.columns[:2]]
        first, second = (
            items.find(name, findings, row=row, column=label)
            for name, label in zip(names, table.labels, strict=False)
        )
        if first is None or second is None:
            continue
        earlier = pairs.get((first, second), pairs.get((second, first)))
        if first == second:
            findings.add(_("{name} 与自己比较").format(name=names[0]), row=row, remedy=_("请删去这一行"))
        elif earlier is not None:
            findings.add(
                _("与第 {row} 行重复").format(row=int(table.rows[earlier])),
                row=row,
                remedy=_("请只保留一行"),
            )
        else:
            pairs[first, second] = position
    return pairs


def _require_same(nodes: Sequence[str], items: Items, expected: tuple[str, ...], findings: Findings) -> None:
    """Note a sheet that compares too few or too many items, or others than it should."""
    missing = [items.title(id) for id in items.ids if id not in nodes] if items.complete else []
    if expected and set(nodes) != set(expected):
        findings.add(
            _("比较的项目与第一张表不同: {names}").format(
                names=", ".join(sorted(set(nodes) ^ set(expected)))
            ),
            remedy=_("每位专家要比较同样的项目"),
        )
    elif missing:
        findings.add(_("缺少 {name}").format(name=", ".join(missing)), remedy=_("每位专家要比较同样的项目"))
    elif not 2 <= len(nodes) <= len(RANDOM_INDEX):
        findings.add(
            _("比较 {count} 项, 应当是 2 到 {most} 项").format(count=len(nodes), most=len(RANDOM_INDEX)),
            remedy=_("项目多时请分维度两两比较"),
        )


def _nodes(table: Table, items: Items, expected: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items that a square table compares, in its order; `expected` are those of the first sheet."""
    findings = Findings(table.name)
    nodes: list[str] = []
    for name in table.headings[1:]:
        id = items.find(name, findings, row=1)
        if id in nodes:
            findings.add(_("{name} 出现两次").format(name=name), row=1, remedy=_("请只保留一列"))
        elif id is not None:
            nodes.append(id)
    findings.tell()
    _require_same(nodes, items, expected, findings)
    order = _("行和列要按同样的顺序写同样的项目")
    rows = [(cell or "").strip() for cell in table.columns[0]]
    if len(rows) != len(nodes):
        findings.add(
            _("有 {rows} 行 {columns} 列, 不是方阵").format(rows=len(rows), columns=len(nodes)), remedy=order
        )
    for row, name, heading in zip(table.rows.tolist(), rows, table.headings[1:], strict=False):
        if items.names.get(name.casefold()) != items.names.get(heading.casefold()):
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
            cell, column = table.columns[j + 1][i], table.headings[j + 1]
            written[i, j] = _noted(cell, findings, int(table.rows[i]), column)
    findings.tell()
    remedy = _remedy()
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


def _remedy() -> str:
    return _("请填写 1/9 到 9 之间的数, 如 3 或 1/3; 在 Excel 中先把单元格设为文本, 否则 1/3 会变成日期")


def _noted(text: str | None, findings: Findings, row: int, column: str, *, blank: bool = True) -> float:
    """Return the number in a cell, NaN where it is `blank` and may be; 1, with a finding, where it is wrong."""
    try:
        number = _judgement(text)
        if math.isnan(number) and not blank:
            raise PanelError(_("没有判断"))
    except PanelError as error:
        findings.add(error.what, row=row, column=column, remedy=_remedy())
        return 1.0
    return number


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
        raise PanelError(_("没有判断"))
    top, bottom = parts[0], parts[-1] if fraction else 1.0
    number = top / bottom if bottom else math.inf
    if not (1 - _SLACK) / _GREATEST <= number <= _GREATEST * (1 + _SLACK):
        raise PanelError(_("判断 {text} 不在 1/9 到 9 之间").format(text=plain))
    return number
