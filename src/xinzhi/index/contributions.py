"""Contributions: how much of a node's score each indicator brings; they add up to the score."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from xinzhi.index.aggregation import aggregate, node_aggregation
from xinzhi.index.weighting import Weights
from xinzhi.methodology import Methodology
from xinzhi.methodology.methods import Aggregation, Arithmetic
from xinzhi.panel.panel import Floats

#: Nodes with more children than this share Shapley values by sampled orders instead of all subsets.
EXACT_CHILDREN = 12
_ORDERS = 256
_SEED = 20240603


def contributions(methodology: Methodology, scores: dict[str, Floats], weights: Weights, node: str) -> Floats:
    """Return what each indicator contributes to the scores of `node`.

    For an arithmetic node a child contributes its share times its score, and so does everything below it. For
    any other aggregation a child contributes its Shapley value in the game whose coalition S is worth the
    weight of S times the aggregate of S alone: continuous with the arithmetic case (there it gives exactly
    share times score), and it adds up to the score by construction. It is passed down to the indicators
    below the child in proportion to the size of their contributions to the child, or to their weights where
    they all are 0.

    Parameters
    ----------
    methodology : Methodology
    scores : dict of str to ndarray, shape (1, T, N)
        By node.
    weights : Weights
    node : str

    Returns
    -------
    ndarray of float, shape (T, N, J)
        In the order of ``methodology.tree.leaves``; 0 for indicators outside `node` and for missing ones;
        NaN where the node has no score.
    """
    table = _parts(methodology, scores, weights, node)
    table[np.isnan(scores[node][0])] = np.nan
    return table


def _parts(methodology: Methodology, scores: dict[str, Floats], weights: Weights, node: str) -> Floats:
    """Return the contributions to `node`, shape (T, N, J); 0 where a score is missing."""
    tree = methodology.tree
    parts = np.zeros((*scores[node].shape[1:], len(tree.leaves)))
    if node in methodology.indicators:
        parts[..., tree.leaves.index(node)] = np.nan_to_num(scores[node][0])
        return parts
    children = tree.children[node]
    stacked = np.stack([scores[child][0] for child in children], axis=-1)
    rule = node_aggregation(methodology, node)
    if isinstance(rule, Arithmetic):
        shares = _observed_shares(stacked, weights.local[node][0])
        for position, child in enumerate(children):
            parts += shares[..., position, None] * _parts(methodology, scores, weights, child)
        return parts
    values = _shapley(stacked, weights.local[node][0], rule, methodology.scale)
    for position, child in enumerate(children):
        proportions = np.abs(_parts(methodology, scores, weights, child))
        even = weights.of_leaves(child)[0] * np.isfinite(_leaf_scores(methodology, scores))
        proportions = np.where(proportions.any(axis=-1, keepdims=True), proportions, even)
        total = proportions.sum(axis=-1, keepdims=True)
        parts += values[..., position, None] * np.divide(
            proportions, total, out=np.zeros_like(proportions), where=total > 0
        )
    return parts


def _leaf_scores(methodology: Methodology, scores: dict[str, Floats]) -> Floats:
    return np.stack([scores[leaf][0] for leaf in methodology.tree.leaves], axis=-1)


def _observed_shares(children: Floats, weights: Floats) -> Floats:
    """Return the shares after those of missing children are given to the others; 0 for the missing ones."""
    observed = np.isfinite(children) * weights
    total = observed.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(observed, total, out=np.zeros_like(observed), where=total > 0)
    return shares


def _shapley(children: Floats, weights: Floats, rule: Aggregation, scale: float) -> Floats:
    count = children.shape[-1]
    known = np.isfinite(children)
    observed = (known * weights).sum(axis=-1)

    def worth(members: tuple[int, ...]) -> Floats:
        """Return weight of the coalition times its aggregate, as a share of the observed weight."""
        chosen = list(members)
        if not chosen:
            return np.zeros(children.shape[:-1])
        total = weights[chosen].sum()
        if total == 0:
            return np.zeros(children.shape[:-1])
        score = aggregate(children[None][..., chosen], (weights[chosen] / total)[None], rule, scale)[0]
        part = (known[..., chosen] * weights[chosen]).sum(axis=-1)
        share = np.divide(part, observed, out=np.zeros_like(part), where=part > 0)
        return np.where(part > 0, np.nan_to_num(score) * share, 0.0)

    values = np.zeros(children.shape)
    if count <= EXACT_CHILDREN:
        worths = {
            members: worth(members)
            for size in range(count + 1)
            for members in combinations(range(count), size)
        }
        for members, value in worths.items():
            size = len(members)
            for child in range(count):
                if child not in members:
                    factor = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
                    gain = worths[tuple(sorted((*members, child)))] - value
                    values[..., child] += factor * gain
        return values
    generator = np.random.default_rng(_SEED)
    for _order in range(_ORDERS // 2):
        order = generator.permutation(count)
        for sequence in (order, order[::-1]):
            before = worth(())
            for position, child in enumerate(sequence):
                after = worth(tuple(sorted(int(c) for c in sequence[: position + 1])))
                values[..., child] += (after - before) / _ORDERS
                before = after
    return values
