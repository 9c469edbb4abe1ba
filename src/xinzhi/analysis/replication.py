"""Replications: an index computed again and again, its choices drawn anew, through the one pipeline.

Discrete factors make a small set of variants of the methodology; each is assembled, treated and normalised
once, and the replicates that fall on it run as one batch of weight vectors. A replicate is a row of uniform
numbers, one for each choice and each weight, and a number of its own from which noise is drawn: what it gives
depends on neither the size of the batches nor the number of workers.
"""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xinzhi.analysis import factors as _factors
from xinzhi.analysis.factors import (
    Choice,
    Factor,
    LeaveOneOut,
    Noise,
    ReadingChoice,
    WeightBand,
    WeightDirichlet,
)
from xinzhi.analysis.inputs import whole
from xinzhi.errors import ComputeError
from xinzhi.index import Result
from xinzhi.index.figures import Figures, assemble
from xinzhi.index.pipeline import aggregate_tree, run
from xinzhi.index.ranking import rank
from xinzhi.index.weighting import Weights, from_leaves
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology
from xinzhi.methodology.checking import CHECKS
from xinzhi.panel.panel import Floats

Integers = npt.NDArray[np.int64]
Progress = Callable[[int, int], object]
Cancelled = Callable[[], bool]
#: Takes where a chunk of replicates begins, their scores and their ranks, both of shape (r, T, N).
Write = Callable[[int, Floats, Floats], None]

_FIGURES_BY = ("gaps", "reading")  # the factors that change the figures,
_TREATED_BY = (*_FIGURES_BY, "treatment")  # and those that change the treated ones
_BLOCK = 512  # Replicates that share one stream of random numbers; part of what a seed means.
_CELLS = 2**18  # Scores at a time.
_FIGURES = 2**21  # Noisy figures at a time.


class CancelledError(ComputeError):
    """The caller asked to stop."""


@dataclass(frozen=True)
class Draws:
    """What tells replicates apart.

    Parameters
    ----------
    uniforms : ndarray of float, shape (R, D)
        Between 0 and 1.
    noise : ndarray of int, shape (R, F)
        For every factor the number of the stream its noise is drawn from.
    """

    uniforms: Floats
    noise: Integers


@dataclass(frozen=True)
class Variant:
    """A methodology with its discrete choices made, and its figures normalised.

    Parameters
    ----------
    values : ndarray of float, shape (T, N, J)
    normalised : ndarray of float, shape (1, T, N, J)
    weights : Weights
        Before they are moved.
    columns : ndarray of int, shape (J,)
        Position of each of its indicators among those of the nominal methodology; -1 for one of its own.
    """

    methodology: Methodology
    values: Floats
    normalised: Floats
    weights: Weights
    columns: Integers


class Design:
    """A nominal result, the factors that move it, and how a row of uniform numbers becomes a replicate.

    Parameters
    ----------
    nominal : Result
    factors : sequence of factor records
    seed : int
        Of the noise; see :meth:`random`.
    """

    def __init__(self, nominal: Result, factors: tuple[Factor, ...], seed: int) -> None:
        self.nominal, self.factors, self.seed = nominal, factors, whole(seed, "seed", 0)
        self.choices: tuple[tuple[Choice, ...], ...] = tuple(_factors.choices(f, nominal) for f in factors)
        self._nodes = {
            f: _factors.weighted_nodes(factor, nominal.methodology)
            for f, factor in enumerate(factors)
            if isinstance(factor, WeightBand | WeightDirichlet)
        }
        self._noisy = {f: self._noisy_cells(x) for f, x in enumerate(factors) if isinstance(x, Noise)}
        sizes = [len(self._nodes[f]) if f in self._nodes else bool(c) for f, c in enumerate(self.choices)]
        ends = np.cumsum(sizes, dtype=int)
        #: Columns of the uniform numbers that belong to each factor.
        self.columns = tuple(slice(int(e - s), int(e)) for s, e in zip(sizes, ends, strict=True))
        #: D, the number of uniform numbers that a replicate takes.
        self.dimension = int(ends[-1])
        self._methodologies: dict[tuple[int, ...], Methodology] = {}
        self._figures: dict[tuple[int, ...], Figures] = {}
        self._treated: dict[tuple[int, ...], Floats] = {}

    @cached_property
    def _leaf_weights(self) -> Floats:
        weights: Floats = self.nominal.weights.of_leaves()[0]
        return weights

    def _noisy_cells(self, factor: Noise) -> npt.NDArray[np.bool_]:
        figures = self.nominal.figures
        chosen = np.zeros(figures.values.shape, dtype=bool)
        chosen[..., _factors.noisy_indicators(factor, self.nominal.methodology)] = True
        if factor.cells == "filled":
            if not (figures.rests_on_filled & chosen).any():
                raise _factors.nothing_to_move(factor, _("没有一格数据是补齐的"))
            chosen &= figures.rests_on_filled | np.isnan(figures.values)
        return chosen

    # --- drawing -----------------------------------------------------------------------------------------

    def random(self, count: int) -> Draws:
        """Return `count` independent replicates; the first of them are the same however many there are.

        The stream of a block of replicates is a counter-based generator keyed by seed and block.
        """
        uniforms = np.empty((count, self.dimension))
        for start in range(0, count, _BLOCK):
            key = np.random.SeedSequence(self.seed, spawn_key=(start // _BLOCK,))
            block = np.random.Generator(np.random.Philox(key)).random((_BLOCK, self.dimension))
            uniforms[start : start + _BLOCK] = block[: count - start]
        numbers = np.repeat(np.arange(count)[:, None], len(self.factors), axis=1)
        return Draws(uniforms, numbers)

    def options(self, uniforms: Floats) -> Integers:
        """Return the position of the choice that each replicate makes of each factor, shape (R, F)."""
        chosen = np.zeros((len(uniforms), len(self.factors)), dtype=np.int64)
        for f, (choices, columns) in enumerate(zip(self.choices, self.columns, strict=True)):
            if choices:
                share = uniforms[:, columns.start] * len(choices)
                chosen[:, f] = np.minimum(share.astype(np.int64), len(choices) - 1)
        return chosen

    def multipliers(self, uniforms: Floats) -> Floats | None:
        """Return what the weights of the indicators are multiplied by, shape (R, J); None if they stay."""
        if not self._nodes:
            return None
        table = np.ones((len(uniforms), len(self._leaf_weights)))
        for f, nodes in self._nodes.items():
            factor, u = self.factors[f], uniforms[:, self.columns[f]]
            if isinstance(factor, WeightBand):
                moved = 1 + factor.share * (2 * u - 1)
            else:
                assert isinstance(factor, WeightDirichlet)
                from scipy.special import gammaincinv

                alpha = factor.concentration * np.array([self._leaf_weights[m].sum() for m in nodes.values()])
                moved = np.ones(u.shape)
                some = alpha > 0
                moved[:, some] = gammaincinv(alpha[some], u[:, some]) / alpha[some]
            for k, members in enumerate(nodes.values()):
                table[:, members] *= moved[:, k, None]
        return table

    # --- variants ----------------------------------------------------------------------------------------

    def variant(self, options: tuple[int, ...]) -> Variant:
        """Return the variant in which these choices are made, one position for each factor.

        Raises
        ------
        ComputeError
            If it scores no unit, or not the same units and years.
        """
        methodology = self._methodology(options)
        for check in CHECKS:
            check(methodology, methodology._name)
        figures = self._assembled(options)
        nominal = self.nominal
        if figures.years != nominal.years or figures.panel.codes != nominal.codes:
            raise ComputeError(
                _("这一组选择下的单位或年份与原方法不同"),
                where=self._labels(options),
                remedy=_("请去掉改变单位或年份的选项"),
            )
        leaves, whole = (
            methodology.tree.leaves,
            self._methodology(self._among(options, _FIGURES_BY)).tree.leaves,
        )
        kept = [whole.index(leaf) for leaf in leaves]
        values, treated = (np.ascontiguousarray(x[..., kept]) for x in (figures.values, self._after(options)))
        batch = run(_untreated(methodology), treated[None], figures.years, nodes=[methodology.tree.root])
        scored = np.isfinite(nominal.scores[nominal.methodology.tree.root])
        lost = scored.any(axis=1) & ~np.isfinite(batch.scores[methodology.tree.root][0]).any(axis=1)
        if lost.any():
            raise ComputeError(
                _("这一组选择下没有一个单位有得分 ({year} 年)").format(
                    year=figures.years[int(lost.argmax())]
                ),
                where=self._labels(options),
                remedy=_(
                    "几何平均等要求标准化值为正; 请改用不产生零和负值的标准化方法, 例如 minmax 加 lowest"
                ),
            )
        known = {leaf: j for j, leaf in enumerate(nominal.methodology.tree.leaves)}
        columns = np.array([known.get(leaf, -1) for leaf in leaves])
        return Variant(methodology, values, batch.normalised, batch.weights, columns)

    def _labels(self, options: tuple[int, ...]) -> str:
        return "; ".join(
            f"{_factors.title(factor)}: {choices[option].label}"
            for factor, choices, option in zip(self.factors, self.choices, options, strict=True)
            if choices
        )

    def _among(self, options: tuple[int, ...], kinds: tuple[str, ...]) -> tuple[int, ...]:
        """Return the options of the factors of some kinds, all others at their nominal one."""
        return tuple(o if f.factor in kinds else 0 for f, o in zip(self.factors, options, strict=True))

    def _methodology(self, options: tuple[int, ...]) -> Methodology:
        if options not in self._methodologies:
            # Readings and what is left out change the tables; the others are laid over the outcome.
            order = sorted(
                range(len(options)),
                key=lambda f: (
                    not isinstance(self.factors[f], ReadingChoice),
                    not isinstance(self.factors[f], LeaveOneOut),
                ),
            )
            methodology = self.nominal.methodology
            so_far = [0] * len(options)
            for f in order:
                if options[f]:
                    so_far[f] = options[f]
                    known = self._methodologies.get(tuple(so_far))
                    methodology = known or self.choices[f][options[f]].change(methodology)
                    self._methodologies[tuple(so_far)] = methodology
            self._methodologies[options] = methodology
        return self._methodologies[options]

    def _assembled(self, options: tuple[int, ...]) -> Figures:
        key = self._among(options, _FIGURES_BY)
        if not any(key):
            return self.nominal.figures
        if key not in self._figures:
            self._figures[key] = assemble(self._methodology(key), self.nominal.panel)
        return self._figures[key]

    def _after(self, options: tuple[int, ...]) -> Floats:
        """Return the treated figures; treatment is of one indicator at a time, whatever is left out."""
        key = self._among(options, _TREATED_BY)
        if key not in self._treated:
            methodology, figures = self._methodology(key), self._assembled(key)
            batch = run(methodology, figures.values[None], figures.years, nodes=[methodology.tree.root])
            self._treated[key] = batch.treated[0]
        return self._treated[key]

    # --- computing ---------------------------------------------------------------------------------------

    def order(self, draws: Draws) -> tuple[Integers, list[tuple[tuple[int, ...], int, int]]]:
        """Return the replicates sorted by variant, and for each variant its options, start and stop."""
        options = self.options(draws.uniforms)
        order = np.lexsort(options.T[::-1])
        ordered = options[order]
        starts = np.flatnonzero(np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)])
        stops = [*starts[1:].tolist(), len(order)]
        return order, [
            (tuple(ordered[a].tolist()), a, b) for a, b in zip(starts.tolist(), stops, strict=True)
        ]

    def evaluate(
        self,
        draws: Draws,
        write: Write,
        *,
        years: slice = slice(None),
        workers: int = 1,
        batch: int | None = None,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> Integers:
        """Compute all replicates of some years, a chunk at a time; return the order they were written in.

        Parameters
        ----------
        draws : Draws
        write : callable
            Given the position of the first of some replicates in the order returned, their scores and ranks.
            Called from several threads, never twice for one position.
        batch : int, optional
            Replicates at a time; by memory by default.
        """
        order, variants = self.order(draws)
        total, done = len(order), 0
        waiting: deque[tuple[int, Future[None]]] = deque()

        def finish() -> None:
            nonlocal done
            count, future = waiting.popleft()
            future.result()
            done += count
            if progress:
                progress(done, total)

        with ThreadPoolExecutor(max(workers, 1)) as pool:
            try:
                for start, stop, task in self._tasks(draws, order, variants, write, years, batch):
                    if cancelled and cancelled():
                        raise CancelledError(_("已按要求停止"))
                    waiting.append((stop - start, pool.submit(contextvars.copy_context().run, task)))
                    while len(waiting) > workers:
                        finish()
                while waiting:
                    finish()
            finally:
                for _count, future in waiting:
                    future.cancel()
        return order

    def _tasks(
        self,
        draws: Draws,
        order: Integers,
        variants: list[tuple[tuple[int, ...], int, int]],
        write: Write,
        years: slice,
        batch: int | None,
    ) -> Iterator[tuple[int, int, Callable[[], None]]]:
        for options, first, last in variants:
            variant = self.variant(options)
            cells = variant.normalised[0, years, :, 0].size
            step = max(1, _CELLS // cells)
            if self._noisy:
                step = max(1, _FIGURES // variant.values.size)
            elif not self._nodes:
                step = last - first  # they are all alike
            step = min(batch or step, step) if self._noisy or self._nodes else step
            for start in range(first, last, step):
                stop = min(start + step, last)
                rows = order[start:stop]
                yield start, stop, _Task(self, variant, draws, rows, years, write, start)

    def scores(self, variant: Variant, draws: Draws, rows: Integers, years: slice) -> Floats:
        """Return the scores of some replicates of one variant, shape (r, T, N) or (1, T, N) if all alike."""
        methodology, root = variant.methodology, variant.methodology.tree.root
        normalised, weights = variant.normalised[:, years], variant.weights
        if self._noisy:
            noisy = self._with_noise(variant, draws.noise[rows])
            run_again = run(methodology, noisy, self.nominal.years, nodes=[root])
            normalised, weights = run_again.normalised[:, years], run_again.weights
        multipliers = self.multipliers(draws.uniforms[rows])
        if multipliers is not None:
            moved = np.where(variant.columns >= 0, multipliers[:, variant.columns], 1.0)
            weights = from_leaves(methodology, weights.of_leaves() * moved)
        return aggregate_tree(methodology, normalised, weights, [root])[root]

    def _with_noise(self, variant: Variant, numbers: Integers) -> Floats:
        """Return the figures of some replicates with noise, shape (r, T, N, J)."""
        values = np.repeat(variant.values[None], len(numbers), axis=0)
        kept = np.flatnonzero(variant.columns >= 0)
        for f, cells in self._noisy.items():
            factor = self.factors[f]
            assert isinstance(factor, Noise)
            count = int(cells.sum())
            error = np.ones(cells.shape)
            for row, number in zip(values, numbers[:, f].tolist(), strict=True):
                key = np.random.SeedSequence(self.seed, spawn_key=(f, number, 1))
                e = np.random.Generator(np.random.Philox(key)).standard_normal(count)
                error[cells] = 1 + factor.sd * e
                row[..., kept] *= error[..., variant.columns[kept]]
        return values


@dataclass(frozen=True)
class _Task:
    """A chunk of replicates of one variant."""

    design: Design
    variant: Variant
    draws: Draws
    rows: Integers
    years: slice
    write: Write
    start: int

    def __call__(self) -> None:
        scores = self.design.scores(self.variant, self.draws, self.rows, self.years)
        ranks = rank(scores, self.variant.methodology.ranking.ties)
        if len(scores) < len(self.rows):
            shape = (len(self.rows), *scores.shape[1:])
            scores, ranks = np.broadcast_to(scores, shape), np.broadcast_to(ranks, shape)
        self.write(self.start, scores, ranks)


def _untreated(methodology: Methodology) -> Methodology:
    indicators = {id: i.model_copy(update={"treatment": {}}) for id, i in methodology.indicators.items()}
    return methodology.model_copy(update={"indicators": indicators})


def rank_dtype(units: int) -> type[np.int16] | type[np.int32]:
    """Return the integer that holds twice the rank of the last of `units`."""
    return np.int16 if 2 * units < 2**15 else np.int32


def doubled(ranks: Floats) -> Floats:
    """Return ranks times two, whole also where tied units share the mean; 0 for no rank."""
    twice: Floats = np.where(np.isnan(ranks), 0.0, 2.0 * ranks)
    return twice
