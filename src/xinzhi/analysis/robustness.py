"""Robustness: how far scores and ranks move when the choices behind an index are made otherwise.

Formulas
--------
Over R replicates, for every unit and year: the median and the 5-95 % interval of score and rank, the
probability of each rank, the probability of being ahead of others (ties count half), and the mean shift of
the rank from the nominal one. ``R_S`` of a replicate is the mean over the units of |rank - nominal rank|.

Sources: Saisana, Saltelli & Tarantola (2005), Journal of the Royal Statistical Society A 168, 307-323;
OECD & JRC (2008), Handbook on Constructing Composite Indicators, step 7.

Defined answers
---------------
* **No score**: a unit that has no score in some replicates is judged by the others, and the share of them is
  stated; one without a score in any, or in the nominal index, has no figures and a note that says so.
* **One unit**: rank 1 always, one tier.
* **Nothing moves** (all units alike): everybody shares a rank, intervals have no length, one tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.factors import Factor, NormalisationChoice, read_factors, untouched_told, varied_told
from xinzhi.analysis.inputs import whole
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.replication import (
    Cancelled,
    Design,
    Draws,
    Progress,
    doubled,
    rank_dtype,
)
from xinzhi.analysis.tiers import Ahead, Duels, Tiers
from xinzhi.errors import ComputeError
from xinzhi.index import Result, compute
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

#: The interval given beside every median.
INTERVAL = (0.05, 0.95)
FEWEST_REPLICATIONS = 20  # below it the 5 % end of an interval is not even one replicate
EVERY_PAIR = 500  # up to so many units, each is compared with each other
NEIGHBOURS = 50  # beyond that, with so many, half of them ahead and half behind
_HELD = 60_000_000  # scores held at a time: 480 MB, and for their ranks a quarter of that, or half of it
_KEPT = 30_000_000  # ranks that occur, with their counts, of all years: 240 MB at most
_ROWS = 2**20  # scores sorted or counted at a time


@dataclass(frozen=True)
class RankCounts:
    """How often each of N units has each rank in a year; the K ranks that occur alone are held.

    Parameters
    ----------
    starts : ndarray of int, shape (N + 1,)
        Where the ranks of each unit begin, and at last K.
    places : ndarray of int, shape (K,)
        Twice the ranks, ascending within a unit.
    counts : ndarray of int, shape (K,)
        Replicates.
    """

    starts: npt.NDArray[np.int64]
    places: npt.NDArray[Any]
    counts: npt.NDArray[np.int32]

    def of(self, unit: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
        """Return the doubled ranks of a unit, given by position, and how often it has each."""
        own = slice(int(self.starts[unit]), int(self.starts[unit + 1]))
        return self.places[own], self.counts[own]

    def times(self, unit: int, rank: float) -> int:
        """Return how often a unit has a rank."""
        places, counts = self.of(unit)
        return int(counts[places == round(2 * rank)].sum())


@dataclass(frozen=True)
class Robustness(Outcome):
    """What replications say about scores and ranks; all arrays are of T years and N units.

    Parameters
    ----------
    nominal : Result
    factors : tuple of factor records
    replications, seed : int
    score : dict of str to ndarray, shape (T, N)
        ``median``, ``low``, ``high``.
    rank : dict of str to ndarray, shape (T, N)
        ``median``, ``low``, ``high`` and ``shift``, the mean of |rank - nominal rank|. The first three are
        ranks that occur: the smallest that at least that share of the replicates does not exceed.
    scored : ndarray of float, shape (T, N)
        Share of the replicates that give the unit a score.
    rank_counts : tuple of RankCounts
        Per year.
    shifts : ndarray of float, shape (T, R)
        R_S of every replicate.
    aheads : tuple of Ahead
        Per year.
    tiers : tuple of Tiers
        Per year.
    """

    nominal: Result
    factors: tuple[Factor, ...]
    replications: int
    seed: int
    score: dict[str, Floats]
    rank: dict[str, Floats]
    scored: Floats
    rank_counts: tuple[RankCounts, ...]
    shifts: Floats
    aheads: tuple[Ahead, ...]
    tiers: tuple[Tiers, ...]

    @property
    def title(self) -> str:
        """The index and how often it was computed."""
        return _("稳健性: {index}, {count} 次重复").format(
            index=self.nominal.methodology.title, count=self.replications
        )

    @property
    def nominal_score(self) -> Floats:
        """Scores of the index as it is, shape (T, N)."""
        return self.nominal.scores[self.nominal.methodology.tree.root]

    @property
    def nominal_rank(self) -> Floats:
        """Ranks of the index as it is, shape (T, N)."""
        return self.nominal.ranks[self.nominal.methodology.tree.root]

    def tier_of(self, year: int) -> npt.NDArray[np.int64]:
        """Return the tier of every unit, 1 the best, shape (N,); 0 for a unit without one."""
        tiers = np.zeros(len(self.nominal.codes), dtype=np.int64)
        for k, members in enumerate(self.tiers[self.nominal.find_year(year)].members, start=1):
            tiers[list(members)] = k
        return tiers

    def rank_probability(self, unit: str, rank: float, year: int | None = None) -> float:
        """Return the share of the replicates in which a unit has a rank."""
        t, n = self.nominal.find_year(year), self.nominal.find_unit(unit)
        return self.rank_counts[t].times(n, rank) / self.replications

    def ahead(self, unit: str, other: str, year: int | None = None) -> float:
        """Return the probability that a unit is ahead of another, ties counting half.

        NaN when the pair was not compared: see :data:`EVERY_PAIR`, or name both in `pairs`.
        """
        find = self.nominal.find_unit
        return self.aheads[self.nominal.find_year(year)].of(find(unit), find(other))

    def table(self) -> pl.DataFrame:
        """Return one row per unit and year: nominal, median and interval of score and rank, and the tier."""
        import polars as pl

        names, codes, years = self.nominal.names, self.nominal.codes, self.nominal.years
        whole = len(years) * len(codes)
        columns: dict[str, Any] = {
            "code": codes * len(years),
            "name": names * len(years),
            "year": np.repeat(years, len(codes)),
            "score": self.nominal_score.reshape(-1),
            **{f"score_{key}": self.score[key].reshape(-1) for key in ("median", "low", "high")},
            "rank": self.nominal_rank.reshape(-1),
            **{f"rank_{key}": self.rank[key].reshape(-1) for key in ("median", "low", "high", "shift")},
            "tier": np.concatenate([self.tier_of(year) for year in years]) if whole else [],
            "told_apart_from_next_tier": [b for t in range(len(years)) for b in self._borders(t)],
            "scored_share": self.scored.reshape(-1),
            "note": [self._note(t, n) for t in range(len(years)) for n in range(len(codes))],
        }
        frame = pl.DataFrame(columns, strict=False).fill_nan(None)
        return frame.with_columns(pl.when(pl.col("tier") > 0).then(pl.col("tier")).alias("tier"))

    def shown(self) -> pl.DataFrame:
        """Return the rows of the last scored year in the order of their ranks."""
        import polars as pl

        year = self.nominal.years[self.nominal.find_year(None)]
        return self.table().filter(pl.col("year") == year).sort("rank", nulls_last=True)

    def remarks(self) -> tuple[str, ...]:
        """Say what was varied, and that scores of several normalisations have no scale in common."""
        varied = varied_told(self.factors, self.nominal)
        if any(isinstance(factor, NormalisationChoice) for factor in self.factors):
            return (*varied, _("得分区间混有不同标准化的得分, 尺度不同; 请看名次区间和档次"))
        return varied

    def _borders(self, t: int) -> list[bool | None]:
        """Return for the last unit of each tier whether it is told apart from the next; None elsewhere."""
        found: list[bool | None] = [None] * len(self.nominal.codes)
        for members, apart in zip(self.tiers[t].members, self.tiers[t].borders, strict=False):
            found[members[-1]] = apart
        return found

    def _note(self, t: int, n: int) -> str:
        if np.isnan(self.nominal_score[t, n]):
            return _("原方法下没有得分")
        if self.scored[t, n] == 0:
            return _("没有一次重复给出得分")
        if self.scored[t, n] < 1:
            return _("{share:.1%} 的重复没有得分, 未计入").format(share=1 - self.scored[t, n])
        return ""

    def rank_table(self, year: int | None = None) -> pl.DataFrame:
        """Return one row per unit and rank that occurs in a year, with its probability."""
        import polars as pl

        t = self.nominal.find_year(year)
        found = self.rank_counts[t]
        n = np.repeat(np.arange(len(self.nominal.codes)), np.diff(found.starts)).tolist()
        names = self.nominal.names
        return pl.DataFrame(
            {
                "code": [self.nominal.codes[i] for i in n],
                "name": [names[i] for i in n],
                "rank": found.places / 2,
                "probability": found.counts / self.replications,
            }
        )

    def ahead_table(self, year: int | None = None) -> pl.DataFrame:
        """Return one row per pair that was compared in a year: how surely the first is ahead."""
        import polars as pl

        ahead = self.aheads[self.nominal.find_year(year)]
        k, d = np.nonzero(np.isfinite(ahead.probability))
        order = np.array(ahead.order, dtype=np.int64)
        first, second = order[k].tolist(), order[k + d + 1].tolist() if len(k) else []
        codes, names = self.nominal.codes, self.nominal.names
        return pl.DataFrame(
            {
                "code": [codes[i] for i in first],
                "name": [names[i] for i in first],
                "other_code": [codes[i] for i in second],
                "other_name": [names[i] for i in second],
                "probability": ahead.probability[k, d],
            }
        )

    def sentence(self) -> str:
        """Say for the last scored year how far ranks move, who is first how surely, and how many tiers."""
        t = self.nominal.find_year(None)
        tiers = self.tiers[t]
        if not tiers.order:
            return _("没有一个单位有得分, 无从比较")
        low, high = np.quantile(self.shifts[t], INTERVAL)
        parts = [
            _("{year} 年: 名次平均变动 {shift} 位 (5-95% 区间 {low}-{high})").format(
                year=self.nominal.years[t],
                shift=number(round(float(self.shifts[t].mean()), 2)),
                low=number(round(float(low), 2)),
                high=number(round(float(high), 2)),
            ),
            _("{count} 个单位分为 {tiers} 档, 同档之内分不出先后").format(
                count=len(tiers.order), tiers=len(tiers.starts)
            ),
        ]
        first = np.flatnonzero(self.nominal_rank[t] == np.nanmin(self.nominal_rank[t])).tolist()
        if len(first) == 1:
            share = self.rank_counts[t].times(first[0], 1) / self.replications
            parts.append(
                _("{name}居首, 在 {share:.1%} 的重复中仍是第 1 位").format(
                    name=self.nominal.names[first[0]], share=share
                )
            )
        else:
            parts.append(_("{count} 个单位并列居首").format(count=len(first)))
        if (short := int((self.scored[t][list(tiers.order)] < 1).sum())) > 0:
            parts.append(_("{count} 个单位在部分重复中没有得分").format(count=short))
        parts += untouched_told(self.factors, self.nominal, t)
        return "; ".join(parts)

    def figure(self) -> dict[str, Any]:
        """Return, for the last scored year and best first, ranks with their intervals and tiers."""
        t = self.nominal.find_year(None)
        order = list(self.tiers[t].order)
        return {
            "year": self.nominal.years[t],
            "name": [self.nominal.names[n] for n in order],
            "rank": self.nominal_rank[t, order].tolist(),
            **{key: self.rank[key][t, order].tolist() for key in ("median", "low", "high")},
            "tier": self.tier_of(self.nominal.years[t])[order].tolist(),
        }


def robustness(
    methodology: Any,
    panel: Any = None,
    *,
    replications: int = 10_000,
    seed: int = 0,
    factors: Iterable[Any] | None = None,
    pairs: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    workers: int = 1,
    batch: int | None = None,
) -> Robustness:
    """Compute an index many times with its choices drawn anew.

    Parameters
    ----------
    methodology, panel : optional
        As for :func:`xinzhi.compute`.
    replications : int
    seed : int
        The same seed gives the same answer to the last digit, whatever `workers` and `batch`.
    factors : iterable of factor records or tables, optional
        See :mod:`xinzhi.analysis.factors`; weights within 25 % by default.
    pairs : sequence of str, optional
        Codes or names of the units to compare with each other, in place of all (up to 500) or neighbours.
    progress : callable, optional
        Called with replicates done and in all.
    cancelled : callable, optional
        Asked before every chunk whether to stop.
    workers : int
        Threads.
    batch : int, optional
        Most replicates at a time.

    Returns
    -------
    Robustness

    Raises
    ------
    ComputeError
        If a factor targets what is not there, a variant scores no unit, or replications are too few.
    CallError
        If a number is none, or not whole, or too small.
    CancelledError
        If `cancelled` said so.
    """
    replications, workers = whole(replications, "replications", 1), whole(workers, "workers", 1)
    batch = None if batch is None else whole(batch, "batch", 1)
    if replications < FEWEST_REPLICATIONS:
        raise ComputeError(
            _("replications={count} 太少, 得不出 5-95% 区间").format(count=replications),
            remedy=_("至少 {least} 次, 通常 1000 次以上").format(least=FEWEST_REPLICATIONS),
        )
    nominal = compute(methodology, panel)
    design = Design(nominal, read_factors(factors), seed)
    chosen = None if pairs is None else {nominal.find_unit(unit) for unit in pairs}
    units, years = len(nominal.codes), len(nominal.years)
    if units * replications > _HELD:
        raise ComputeError(
            _("{units} 个单位、{count} 次重复超出内存上限").format(units=units, count=replications),
            remedy=_("请把 replications 减到 {most} 以下").format(most=_HELD // units + 1),
        )
    draws = design.random(replications)
    step = max(1, _HELD // (units * replications))
    parts: list[_Year] = []
    for start in range(0, years, step):
        some = slice(start, min(start + step, years))

        def report(done: int, total: int, before: int = start, now: int = some.stop - start) -> None:
            if progress:
                progress((before * total + now * done) // years, total)

        parts += _years(design, draws, some, chosen, workers, batch, report, cancelled)
        if sum(len(part.counts.counts) for part in parts) > _KEPT:
            raise ComputeError(
                _("{years} 年的名次概率超出内存上限").format(years=years),
                remedy=_("请减少 replications, 或分几次计算各年"),
            )
    return Robustness(
        nominal,
        design.factors,
        replications,
        seed,
        {key: np.stack([p.score[key] for p in parts]) for key in ("median", "low", "high")},
        {key: np.stack([p.rank[key] for p in parts]) for key in ("median", "low", "high", "shift")},
        np.stack([p.scored for p in parts]),
        tuple(p.counts for p in parts),
        np.stack([p.shifts for p in parts]),
        tuple(p.ahead for p in parts),
        tuple(p.tiers for p in parts),
    )


@dataclass(frozen=True)
class _Year:
    """What the replicates of one year come to."""

    score: dict[str, Floats]
    rank: dict[str, Floats]
    scored: Floats
    counts: RankCounts
    shifts: Floats
    ahead: Ahead
    tiers: Tiers


def _years(
    design: Design,
    draws: Draws,
    years: slice,
    chosen: set[int] | None,
    workers: int,
    batch: int | None,
    progress: Progress,
    cancelled: Cancelled | None,
) -> list[_Year]:
    nominal = design.nominal
    count, units, replications = years.stop - years.start, len(nominal.codes), len(draws.uniforms)
    scores = np.empty((count, units, replications))
    places = np.empty(scores.shape, dtype=rank_dtype(units))

    def write(start: int, some: Floats, ranks: Floats) -> None:
        stop = start + len(some)
        scores[:, :, start:stop] = some.transpose(1, 2, 0)
        places[:, :, start:stop] = doubled(ranks).transpose(1, 2, 0)

    order = design.evaluate(
        draws, write, years=years, workers=workers, batch=batch, progress=progress, cancelled=cancelled
    )
    root = nominal.methodology.tree.root
    return [
        _summary(
            nominal,
            scores[i],
            places[i],
            doubled(nominal.ranks[root][years.start + i]),
            order,
            chosen,
            workers,
        )
        for i in range(count)
    ]


def _summary(
    nominal: Result,
    scores: Floats,
    places: npt.NDArray[Any],
    nominal_places: Floats,
    order: npt.NDArray[np.int64],
    chosen: set[int] | None,
    workers: int,
) -> _Year:
    """Summarise the scores (sorted in place) and doubled ranks of one year, both of shape (N, R)."""
    units, replications = places.shape
    shift = np.full(units, np.nan)
    total, judged, squares = (np.zeros(replications, dtype=np.int64) for _k in range(3))
    for n, row in enumerate(places):
        wide = row.astype(np.int64)
        squares += wide * wide
        if nominal_places[n] > 0:
            moved = np.abs(wide - int(nominal_places[n]))
            known = row > 0
            moved *= known
            total += moved
            judged += known
            if known.any():
                shift[n] = moved.sum() / 2 / known.sum()
    shifts = np.full(replications, np.nan)
    np.divide(total / 2, judged, out=shifts, where=judged > 0)
    unsorted = np.empty(replications)
    unsorted[order] = shifts
    # A permutation of 1 ... N has the largest sum of squares; ties of any kind make it smaller.
    all_different = bool((squares == 4 * sum(k * k for k in range(1, units + 1))).all())
    counts = _counted(places)
    rank, mean = _rank_quantiles(counts)
    rank["shift"] = shift
    absent = nominal_places == 0
    score = _score_quantiles(scores, workers)
    for values in (*rank.values(), *score.values()):
        values[absent] = np.nan
    known = np.flatnonzero(np.isfinite(rank["median"])).tolist()
    ordered = tuple(sorted(known, key=lambda n: (rank["median"][n], mean[n], nominal.codes[n])))
    duels = Duels(places, ordered, may_tie=not all_different)
    tiers = duels.tiers(ordered)
    if chosen is not None:
        some = tuple(n for n in ordered if n in chosen)
        ahead = Duels(places, some, may_tie=not all_different).banded(some, len(some))
    else:
        ahead = duels.banded(ordered, len(ordered) if len(ordered) <= EVERY_PAIR else NEIGHBOURS // 2)
    scored = np.count_nonzero(places, axis=1) / replications
    return _Year(score, rank, scored, counts, unsorted, ahead, tiers)


def _counted(places: npt.NDArray[Any]) -> RankCounts:
    """Return how often each doubled rank occurs in each row of (N, R); 0, no rank, is left out."""
    occurring, counts = [], []
    for row in places:
        times = np.bincount(row)
        own = np.flatnonzero(times[1:]) + 1
        occurring.append(own.astype(places.dtype))
        counts.append(times[own].astype(np.int32))
    starts = np.cumsum([0, *map(len, occurring)])
    return RankCounts(starts, np.concatenate(occurring), np.concatenate(counts))


def _rank_quantiles(counts: RankCounts) -> tuple[dict[str, Floats], Floats]:
    """Return quantiles of the ranks, each the smallest that at least that share does not exceed; and the means."""
    units = len(counts.starts) - 1
    shares = {"median": 0.5, "low": INTERVAL[0], "high": INTERVAL[1]}
    found, mean = {key: np.full(units, np.nan) for key in shares}, np.full(units, np.nan)
    for n in range(units):
        places, times = counts.of(n)
        if len(places):
            below = np.cumsum(times)
            mean[n] = places @ times.astype(float) / below[-1] / 2
            for key, share in shares.items():
                found[key][n] = places[np.argmax(below >= share * below[-1] - 1e-9)] / 2
    return found, mean


def _score_quantiles(scores: Floats, workers: int) -> dict[str, Floats]:
    """Sort each row in place and return its quantiles, interpolated linearly; NaN for an empty row."""
    from concurrent.futures import ThreadPoolExecutor

    units, replications = scores.shape
    step = max(1, _ROWS // replications)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda at: scores[at : at + step].sort(axis=1), range(0, units, step)))
    last = replications - np.isnan(scores).sum(axis=1) - 1  # NaN sorts last
    rows = np.arange(units)
    found = {}
    for key, share in (("median", 0.5), ("low", INTERVAL[0]), ("high", INTERVAL[1])):
        at = share * np.maximum(last, 0)
        floor = np.floor(at).astype(int)
        a, b = scores[rows, floor], scores[rows, np.minimum(floor + 1, np.maximum(last, 0))]
        found[key] = np.where(last >= 0, a + (b - a) * (at - floor), np.nan)
    return found
