"""Comparison of two results: which ranks moved, and which indicators moved them.

A rank moves by what changes more, or less, for a unit than for the others. So beside the difference of the
contributions of each indicator (they add up to the difference of the scores, see
:mod:`xinzhi.index.contributions`) stands the same less its mean over the units in common: the part that can
move a rank. Scores are compared as shares of their scales, times 100.

Defined answers
---------------
A unit in only one of the results is listed with a note and not compared, and neither is one without a score
in either. An indicator in only one of them contributes 0 to the other. No unit in common is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.analysis.inputs import require_result
from xinzhi.analysis.outcome import Outcome
from xinzhi.errors import ComputeError
from xinzhi.index import Result
from xinzhi.index.ranking import rank
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

_NO_CHANGE = 1e-9  # of 100, as scores tie


@dataclass(frozen=True)
class Comparison(Outcome):
    """Two results side by side; n units with a score in both, K indicators in either.

    Parameters
    ----------
    before, after : Result
    years : tuple of int
        The year of each that is compared.
    codes, names : tuple of str
        Units in common.
    only_before, only_after : tuple of str
        Names of the units that one of them lacks, or does not score.
    indicators : tuple of str
    titles : tuple of str
    scores, ranks : ndarray of float, shape (2, n)
        Scores out of 100; ranks among the units in common.
    differences : ndarray of float, shape (n, K)
        Of the contributions; they add up to the difference of the scores.
    """

    before: Result
    after: Result
    years: tuple[int, int]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    indicators: tuple[str, ...]
    titles: tuple[str, ...]
    scores: Floats
    ranks: Floats
    differences: Floats

    @property
    def title(self) -> str:
        """The two indices and their years."""
        return _("比较: {before} ({first}) 与 {after} ({second})").format(
            before=self.before.methodology.title,
            first=self.years[0],
            after=self.after.methodology.title,
            second=self.years[1],
        )

    @property
    def moved(self) -> Floats:
        """Ranks gained by each unit, shape (n,); negative where it fell."""
        gained: Floats = self.ranks[0] - self.ranks[1]
        return gained

    @property
    def relative(self) -> Floats:
        """Differences of the contributions less their means over the units, shape (n, K)."""
        centred: Floats = self.differences - self.differences.mean(axis=0)
        return centred

    def table(self) -> pl.DataFrame:
        """Return one row per unit: scores, ranks, ranks gained, and the indicator that moved it most."""
        import polars as pl

        relative = self.relative
        # Of a unit that rose, the indicator that lifted it most; of one that fell, the one that lowered it.
        sign = np.sign(self.moved)[:, None]
        reason = np.where(sign == 0, np.abs(relative), relative * sign).argmax(axis=1)
        rows = np.arange(len(self.codes))
        amount = relative[rows, reason]
        named = np.abs(amount) > _NO_CHANGE
        frame = pl.DataFrame(
            {
                "code": self.codes,
                "name": self.names,
                "score_before": self.scores[0],
                "score_after": self.scores[1],
                "rank_before": self.ranks[0],
                "rank_after": self.ranks[1],
                "ranks_gained": self.moved,
                "main_reason": [
                    self.titles[k] if some else None
                    for k, some in zip(reason.tolist(), named.tolist(), strict=True)
                ],
                "reason_relative_change": np.where(named, amount, 0.0),
                "note": [""] * len(self.codes),
            }
        )
        missing = [(name, _("只在前一个结果中有得分")) for name in self.only_before]
        missing += [(name, _("只在后一个结果中有得分")) for name in self.only_after]
        if missing:
            names, notes = zip(*missing, strict=True)
            frame = pl.concat([frame, pl.DataFrame({"name": names, "note": notes})], how="diagonal")
        return frame

    def reasons(self) -> pl.DataFrame:
        """Return one row per unit and indicator: difference of the contributions, and beyond the mean."""
        import polars as pl

        count = len(self.indicators)
        return pl.DataFrame(
            {
                "code": np.repeat(self.codes, count),
                "name": np.repeat(self.names, count),
                "indicator": list(self.indicators) * len(self.codes),
                "title": list(self.titles) * len(self.codes),
                "difference": self.differences.reshape(-1),
                "relative_difference": self.relative.reshape(-1),
            }
        )

    def sentence(self) -> str:
        """Say how many ranks moved, how far, who moved furthest and why, and who could not be compared."""
        moved = self.moved
        count = int((moved != 0).sum())
        if not count:
            text = _("{count} 个共同单位的名次全部相同").format(count=len(self.codes))
        else:
            text = _("{count} 个共同单位中 {moved} 个名次变动, 平均 {mean} 位").format(
                count=len(self.codes), moved=count, mean=number(round(float(np.abs(moved).mean()), 2))
            )
            furthest = np.flatnonzero(np.abs(moved) == np.abs(moved).max()).tolist()
            if len(furthest) == 1:
                row = self.table().row(furthest[0], named=True)
                change = number(abs(float(moved[furthest[0]])))
                template = (
                    _("变动最大的是{name}, 上升 {change} 位, 主要因为{reason}")
                    if moved[furthest[0]] > 0
                    else _("变动最大的是{name}, 下降 {change} 位, 主要因为{reason}")
                )
                reason = row["main_reason"] or _("没有哪个指标")
                text += "; " + template.format(name=row["name"], change=change, reason=reason)
            else:
                text += "; " + _("{count} 个单位变动最大, 都是 {change} 位").format(
                    count=len(furthest), change=number(float(np.abs(moved).max()))
                )
        if self.only_before or self.only_after:
            text += "; " + _("只在一个结果中有得分的单位: {count} 个").format(
                count=len(self.only_before) + len(self.only_after)
            )
        return text

    def figure(self) -> dict[str, Any]:
        """Return the ranks before and after, for a slope chart."""
        return {"name": list(self.names), "before": self.ranks[0].tolist(), "after": self.ranks[1].tolist()}


def compare(before: Result, after: Result, *, year: int | None = None) -> Comparison:
    """Compare two results, for instance of two methodologies, of two vintages of the data.

    Parameters
    ----------
    before, after : Result
    year : int, optional
        Of both; by default the last scored year of each.

    Returns
    -------
    Comparison

    Raises
    ------
    CallError
        If one of them is no result.
    ComputeError
        If no unit has a score in both.
    """
    require_result(before)
    require_result(after)
    t = (before.find_year(year), after.find_year(year))
    results = (before, after)
    scored = [
        {code: n for n, code in enumerate(r.codes) if np.isfinite(r.scores[r.methodology.tree.root][k, n])}
        for r, k in zip(results, t, strict=True)
    ]
    common = [code for code in scored[0] if code in scored[1]]
    if not common:
        raise ComputeError(
            _("两个结果没有共同的有得分的单位"), remedy=_("请比较同一级别、单位代码一致的结果")
        )
    rows = [[known[code] for code in common] for known in scored]
    indicators = tuple(dict.fromkeys((*before.methodology.tree.leaves, *after.methodology.tree.leaves)))
    scores, contributions = [], []
    for r, k, units in zip(results, t, rows, strict=True):
        share = 100 / r.methodology.scale
        scores.append(r.scores[r.methodology.tree.root][k, units] * share)
        parts = np.zeros((len(common), len(indicators)))
        own = [indicators.index(leaf) for leaf in r.methodology.tree.leaves]
        parts[:, own] = r.contributions()[k, units] * share
        contributions.append(parts)
    titles = tuple(
        (after if id in after.methodology.indicators else before).methodology.node_title(id)
        for id in indicators
    )
    return Comparison(
        before,
        after,
        (before.years[t[0]], after.years[t[1]]),
        tuple(common),
        tuple(before.names[n] for n in rows[0]),
        tuple(before.names[n] for code, n in scored[0].items() if code not in scored[1]),
        tuple(after.names[n] for code, n in scored[1].items() if code not in scored[0]),
        indicators,
        titles,
        np.stack(scores),
        np.stack([rank(s, r.methodology.ranking.ties) for s, r in zip(scores, results, strict=True)]),
        contributions[1] - contributions[0],
    )
