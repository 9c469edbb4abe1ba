"""Contributions: how much of a node's score each indicator brings; they add up to the score."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from xinzhi.index.aggregation import aggregate
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

    For an arithmetic node a child contributes its share times its score. For any other aggregation it
    contributes its Shapley value in the game whose coalition S is worth the weight of S times the
    aggregate of S alone: continuous with the arithmetic case (there it gives exactly share times score), and
    it adds up to the score by construction. A child's contribution is passed down to the indicators below it
    in proportion to their contributions to the child, or to their weights where the child's score is 0.

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
    tree = methodology.tree
    parts = _parts(methodology, scores, weights, node)
    table = np.zeros((*scores[node].shape[1:], len(tree.leaves)))
    for leaf, part in parts.items():
        table[..., tree.leaves.index(leaf)] = np.nan_to_num(part)
    table[np.isnan(scores[node][0])] = np.nan
    return table


def _parts(
    methodology: Methodology, scores: dict[str, Floats], weights: Weights, node: str
) -> dict[str, Floats]:
    if node in methodology.indicators:
        return {node: scores[node][0]}
    children = methodology.tree.children[node]
    stacked = np.stack([scores[child][0] for child in children], axis=-1)
    rule = methodology.dimensions[node].aggregation if node in methodology.dimensions else None
    values = _child_values(stacked, weights.local[node][0], rule or methodology.aggregation, methodology.scale)
    parts: dict[str, Floats] = {}
    for position, child in enumerate(children):
        value, score = values[..., position], scores[child][0]
        below = _parts(methodology, scores, weights, child)
        share = weights.of_leaves(child)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            for leaf, part in below.items():
                even = share[methodology.tree.leaves.index(leaf)]
                parts[leaf] = value * np.where(score == 0, even, part / score)
    return parts


def _child_values(children: Floats, weights: Floats, rule: Aggregation, scale: float) -> Floats:
    """Return each child's contribution, shape (T, N, C)."""
    known = np.isfinite(children)
    if isinstance(rule, Arithmetic):
        weighted = np.where(known, weights * np.nan_to_num(children), 0.0)
        total = (known * weights).sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0, weighted / total, 0.0)
    return _shapley(children, weights, rule, scale)


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
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(part > 0, np.nan_to_num(score) * part / observed, 0.0)

    values = np.zeros(children.shape)
    if count <= EXACT_CHILDREN:
        worths = {
            members: worth(members) for size in range(count + 1) for members in combinations(range(count), size)
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
