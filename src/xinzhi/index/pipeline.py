"""HOW an index is computed: treat, normalise, weigh, aggregate; one pass for one replicate or ten thousand.

Every array has a leading replicate axis R, which is 1 wherever all replicates share it. The nominal result is
the batch of one; uncertainty analysis is a larger batch through the same code. Thousands of weight vectors go
through :func:`replicate`, which keeps only a few of them in memory at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xinzhi.index.aggregation import aggregate, node_aggregation, weighted_sum
from xinzhi.index.normalisation import normalise
from xinzhi.index.ranking import rank
from xinzhi.index.treatment import Change, treat
from xinzhi.index.weighting import Weights, from_leaves, weigh
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import Normalisation
from xinzhi.panel.panel import Floats

#: How far a sum of shares may miss its bound by rounding.
ROUNDING = 1e-12
_CHUNK = 2**18  # Scores at a time (2 MB): a chunk passes from the product to the sort within a core's cache.


@dataclass(frozen=True)
class Batch:
    """What one pass of the pipeline gives.

    Parameters
    ----------
    treated, normalised : ndarray of float, shape (R, T, N, J)
    weights : Weights
    scores : dict of str to ndarray, shape (R, T, N)
        By node, for the nodes that were asked for.
    changes : tuple of Change
        What the treatments did.
    """

    treated: Floats
    normalised: Floats
    weights: Weights
    scores: dict[str, Floats]
    changes: tuple[Change, ...]


def run(
    methodology: Methodology,
    values: Floats,
    years: Sequence[int],
    *,
    weights: Floats | None = None,
    nodes: Collection[str] | None = None,
) -> Batch:
    """Compute scores from figures whose gaps are filled.

    Parameters
    ----------
    methodology : Methodology
    values : ndarray of float, shape (R, T, N, J)
        Indicators in the order of ``methodology.tree.leaves``; NaN where missing.
    years : sequence of int, length T
    weights : ndarray of float, shape (R, J), optional
        Weights of the indicators in place of the methodology's own.
    nodes : collection of str, optional
        Keep the scores of these nodes only; all by default.

    Returns
    -------
    Batch
        With R replicates of the scores. Figures and their normalised values are never repeated for the
        replicates of `weights`; the scores of one node take ``8 R T N`` bytes (see :func:`replicate`).
    """
    treated, changes = _treated(methodology, values)
    normalised = _normalised(methodology, treated, years)
    shares = weigh(methodology, normalised) if weights is None else from_leaves(methodology, weights)
    return Batch(
        treated, normalised, shares, aggregate_tree(methodology, normalised, shares, nodes), tuple(changes)
    )


def replicate(
    methodology: Methodology,
    values: Floats,
    years: Sequence[int],
    weights: Floats,
    node: str | None = None,
) -> Iterator[tuple[Floats, Floats]]:
    """Yield scores and ranks of one node under each of many weight vectors, a chunk of vectors at a time.

    Memory stays bounded however many vectors there are: figures are treated and normalised once, and each
    chunk is forgotten when the next one is asked for.

    Parameters
    ----------
    methodology : Methodology
    values : ndarray of float, shape (T, N, J)
        Indicators in the order of ``methodology.tree.leaves``; NaN where missing.
    years : sequence of int, length T
    weights : ndarray of float, shape (R, J)
        Weights of the indicators in place of the methodology's own; any positive total.
    node : str, optional
        The root by default.

    Yields
    ------
    scores, ranks : ndarray of float, shape (r, T, N)
        Of the next r vectors, in the order of `weights`; together R.

    Examples
    --------
    How often each unit is first, without ever holding all scores::

        first = sum((ranks == 1).sum(axis=0) for _scores, ranks in replicate(m, values, years, weights))
    """
    node = node or methodology.tree.root
    treated, _changes = _treated(methodology, values[None])
    normalised = _normalised(methodology, treated, years)
    step = max(1, _CHUNK // max(values.shape[0] * values.shape[1], 1))
    for start in range(0, len(weights), step):
        some = weights[start : start + step]
        scores = aggregate_tree(methodology, normalised, from_leaves(methodology, some), [node])[node]
        if node in methodology.indicators:  # The same under all weights.
            scores = np.repeat(scores, len(some), axis=0)
        yield scores, rank(scores, methodology.ranking.ties)


def _treated(methodology: Methodology, values: Floats) -> tuple[Floats, list[Change]]:
    changes: list[Change] = []
    treated = values
    for j, leaf in enumerate(methodology.tree.leaves):
        rules = tuple(methodology.indicators[leaf].treatment.values())
        if rules:
            if treated is values:
                treated = values.copy()
            treated[..., j], done = treat(values[..., j], rules, leaf)
            changes += done
    return treated, changes


def _normalised(methodology: Methodology, treated: Floats, years: Sequence[int]) -> Floats:
    leaves = [methodology.indicators[leaf] for leaf in methodology.tree.leaves]
    by_rule: dict[Normalisation, list[int]] = {}
    for j, indicator in enumerate(leaves):
        by_rule.setdefault(indicator.normalisation or methodology.normalisation, []).append(j)
    if len(by_rule) == 1:
        rule = next(iter(by_rule))
        negative = [i.direction == "negative" for i in leaves]
        return normalise(treated, rule, negative, years, methodology.scale)
    normalised = np.empty_like(treated)
    for rule, columns in by_rule.items():
        negative = [leaves[j].direction == "negative" for j in columns]
        normalised[..., columns] = normalise(treated[..., columns], rule, negative, years, methodology.scale)
    return normalised


def aggregate_tree(
    methodology: Methodology, normalised: Floats, weights: Weights, nodes: Collection[str] | None = None
) -> dict[str, Floats]:
    """Return the scores of the nodes, children before parents, from normalised indicators.

    The root has no score where less than ``missing.at_least`` of the weight is observed.
    """
    tree, policy = methodology.tree, methodology.missing
    scores: dict[str, Floats] = {leaf: normalised[..., j] for j, leaf in enumerate(tree.leaves)}
    for node in reversed(tree.inner):
        children = tree.children[node]
        flat = children == tree.leaves
        stacked = normalised if flat else _stacked([scores[child] for child in children])
        scores[node] = aggregate(
            stacked,
            weights.local[node],
            node_aggregation(methodology, node),
            methodology.scale,
            policy.policy,
        )
    if policy.at_least > 0:
        observed = weighted_sum(np.isfinite(normalised).astype(float), weights.of_leaves())
        enough = observed >= policy.at_least - ROUNDING
        scores[tree.root] = np.where(enough, scores[tree.root], np.nan)
    keep = tree.nodes if nodes is None else nodes
    return {node: scores[node] for node in tree.nodes if node in keep}


def _stacked(scores: Sequence[Floats]) -> Floats:
    """Put the scores of children side by side; what all replicates share is repeated where others differ."""
    return np.stack(np.broadcast_arrays(*scores), axis=-1)
