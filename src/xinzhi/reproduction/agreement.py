"""How far the ranks of a result agree with ranks that a publication prints, node by node."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.index.ranking import rank
from xinzhi.language import gettext as _
from xinzhi.reproduction.case import CaseError, Text, load_case, path_of, read_sheet

if TYPE_CHECKING:
    from xinzhi.index import Result

_FURTHEST = 3
_CLOSE = 3


@dataclass(frozen=True)
class Pair:
    """One unit's rank in the result and in print."""

    code: str
    name: str
    ours: float
    printed: float


@dataclass(frozen=True)
class Agreement:
    """The ranks of one node against the printed ones.

    Attributes
    ----------
    node, title : str
    publication : Text
    year : int
    pairs : tuple of Pair
        Units that both rank, in the order of the printed ranks.
    correlation : float
        Spearman's rank correlation: Pearson's of the two sets of ranks among these units.
    mean_difference : float
        Mean absolute difference of the ranks.
    same, close : int
        Units with the same rank, and with ranks at most three apart.
    """

    node: str
    title: str
    publication: Text
    year: int
    pairs: tuple[Pair, ...]
    correlation: float
    mean_difference: float
    same: int
    close: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return asdict(self) | {"publication": self.publication.model_dump()}

    def __str__(self) -> str:
        furthest = sorted(self.pairs, key=lambda pair: -abs(pair.ours - pair.printed))[:_FURTHEST]
        return _(
            "{title}: 秩相关 {correlation:.2f}, 名次平均相差 {difference:.1f}; {count} 个中 {same} 个相同, "
            "{close} 个相差不超过 3 位; 相差最大 (本结果/印出): {furthest}"
        ).format(
            title=self.title,
            correlation=self.correlation,
            difference=self.mean_difference,
            count=len(self.pairs),
            same=self.same,
            close=self.close,
            furthest=", ".join(f"{pair.name} {pair.ours:g}/{pair.printed:g}" for pair in furthest),
        )


def agreement(
    result: Result, case: str | Path = "ye-xu-2024", *, year: int | None = None
) -> tuple[Agreement, ...]:
    """Compare the ranks of a result with those that a publication prints.

    Parameters
    ----------
    result : Result
    case : str or Path
        A reproduction case that has a table ``[ranking]``: which column holds the printed ranks of which
        node.
    year : int, optional
        Of the result; the last one by default.

    Returns
    -------
    tuple of Agreement
        One for each node that both have.

    Raises
    ------
    CaseError
        If the case prints no ranks, or none of a node or unit of the result.
    """
    path = path_of(case)
    record = load_case(path)
    if record.ranking is None:
        raise CaseError(
            _("这个案例没有印出的名次"),
            where=str(path),
            remedy=_("请在案例里加 [ranking] 表, 见 docs/reproduction.md"),
        )
    sheet = read_sheet(record.tables[record.ranking.table], path.parent)
    t = result.find_year(year)
    found = []
    for node, column in record.ranking.nodes.items():
        if node not in result.nodes or column not in sheet.columns:
            continue
        ranks = dict(zip(result.codes, result.ranks[node][t].tolist(), strict=True))
        names = dict(zip(result.codes, result.names, strict=True))
        pairs = [
            Pair(code, names[code], ranks[code], float(text))
            for code, text in sheet.columns[column].items()
            if code in ranks and np.isfinite(ranks[code])
        ]
        if len(pairs) > 1:
            found.append(_agreement(node, result, record.title, t, pairs))
    if not found:
        raise CaseError(_("结果和案例没有共同的节点和单位"), where=str(path))
    return tuple(found)


def _agreement(node: str, result: Result, publication: Text, t: int, pairs: list[Pair]) -> Agreement:
    ours, printed = (np.array([getattr(pair, side) for pair in pairs]) for side in ("ours", "printed"))
    gap = np.abs(ours - printed)
    one, other = rank(-ours, "average"), rank(-printed, "average")
    return Agreement(
        node=node,
        title=result.methodology.node_title(node),
        publication=publication,
        year=result.years[t],
        pairs=tuple(sorted(pairs, key=lambda pair: pair.printed)),
        correlation=float(np.corrcoef(one, other)[0, 1]),
        mean_difference=float(gap.mean()),
        same=int((gap == 0).sum()),
        close=int((gap <= _CLOSE).sum()),
    )
