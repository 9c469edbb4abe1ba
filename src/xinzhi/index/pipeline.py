"""HOW an index is computed: treat, normalise, weigh, aggregate; one pass for one replicate or ten thousand.

Every array has a leading replicate axis R, which is 1 wherever all replicates share it. The nominal result is
the batch of one; uncertainty analysis is a larger batch through the same code.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from xinzhi.index.aggregation import aggregate
from xinzhi.index.normalisation import normalise
from xinzhi.index.treatment import Change, treat
from xinzhi.index.weighting import Weights, from_leaves, weigh
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import Normalisation
from xinzhi.panel.panel import Floats


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
    """Compute scores from complete figures.

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
    """
    treated, changes = _treated(methodology, values)
    normalised = _normalised(methodology, treated, years)
    shares = weigh(methodology, normalised) if weights is None else from_leaves(methodology, weights)
    return Batch(treated, normalised, shares, aggregate_tree(methodology, normalised, shares, nodes), tuple(changes))


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
        if children == tree.leaves:
            stacked = normalised
        else:
            stacked = np.stack(np.broadcast_arrays(*(scores[child] for child in children)), axis=-1)
        rule = (methodology.dimensions[node].aggregation if node in methodology.dimensions else None)
        scores[node] = aggregate(
            stacked, weights.local[node], rule or methodology.aggregation, methodology.scale, policy.policy
        )
    if policy.at_least > 0:
        observed = np.matmul(np.isfinite(normalised), weights.of_leaves()[:, None, :, None])[..., 0]
        enough = observed >= policy.at_least - 1e-12
        scores[tree.root] = np.where(enough, scores[tree.root], np.nan)
    keep = tree.nodes if nodes is None else nodes
    return {node: scores[node] for node in tree.nodes if node in keep}
