"""Weights: from a methodology (and the normalised figures, where it asks for them) to a share for every node.

The methods that take weights from the figures are in :mod:`xinzhi.index.weights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xinzhi.index.weights import critic, entropy, factor, pca, scatter, variation
from xinzhi.methodology import Methodology, given_weight
from xinzhi.methodology.methods import Critic, DataWeighting, Entropy, Factor, Pca, Scatter, Variation
from xinzhi.panel.panel import Floats


@dataclass(frozen=True)
class Weights:
    """Shares of the nodes of a tree.

    Parameters
    ----------
    local : dict of str to ndarray, shape (R, C)
        For each inner node the shares of its C children, adding up to 1; R is 1 when all replicates share
        them.
    constrained : tuple of str
        Inner nodes among whose indicators ``scatter`` had to rule out negative weights.
    """

    methodology: Methodology
    local: dict[str, Floats]
    constrained: tuple[str, ...] = ()

    def of_leaves(self, node: str | None = None) -> Floats:
        """Return the shares of all indicators in `node` (default: the root), shape (R, J); 0 outside it."""
        tree = self.methodology.tree
        node = node or tree.root
        share: dict[str, Floats] = {node: np.ones(1)}
        for inner in tree.inner:
            if inner in share:
                for position, child in enumerate(tree.children[inner]):
                    share[child] = share[inner] * self.local[inner][:, position]
        replicates = max((len(s) for s in share.values()), default=1)
        table = np.zeros((replicates, len(tree.leaves)))
        for position, leaf in enumerate(tree.leaves):
            if leaf in share:
                table[:, position] = share[leaf]
        return table


def weigh(methodology: Methodology, normalised: Floats) -> Weights:
    """Return the weights that a methodology asks for.

    Parameters
    ----------
    methodology : Methodology
    normalised : ndarray of float, shape (R, T, N, J)
        Used by data-driven weighting only.

    Notes
    -----
    Children that all weigh nothing share their node evenly: it has a score, though it counts for nothing.
    """
    tree, rule = methodology.tree, methodology.weighting
    if isinstance(rule, DataWeighting) and rule.among == "all":
        weights, constrained = _from_figures(methodology, rule, normalised, tree.leaves)
        return replace(from_leaves(methodology, weights), constrained=(tree.root,) if constrained else ())
    local: dict[str, Floats] = {}
    held: list[str] = []
    for node in tree.inner:
        children = tree.children[node]
        indicators = all(child in methodology.indicators for child in children)
        if isinstance(rule, DataWeighting) and indicators and len(children) > 1:
            local[node], constrained = _from_figures(methodology, rule, normalised, children)
            held += [node] if constrained else []
        elif rule.method == "equal":
            local[node] = np.full((1, len(children)), 1 / len(children))
        else:
            written = np.array([[given_weight(methodology, child) for child in children]])
            if not written.sum() > 0:
                written = np.ones((1, len(children)))
            local[node] = written / written.sum()
    return Weights(methodology, local, tuple(held))


def _from_figures(
    methodology: Methodology, rule: DataWeighting, normalised: Floats, leaves: Sequence[str]
) -> tuple[Floats, bool]:
    """Return weights of `leaves`, shape (R, C), and whether any had to be kept from falling below 0."""
    # A shift is stated for figures between 0 and 1, not for those on the display scale.
    figures = normalised[..., [methodology.tree.leaves.index(leaf) for leaf in leaves]] / methodology.scale
    names = [methodology.node_title(leaf) for leaf in leaves]
    match rule:
        case Entropy(shift=shift):
            return entropy(figures, shift, names), False
        case Critic(conflict=conflict):
            return critic(figures, conflict, names), False
        case Variation():
            return variation(figures, names), False
        case Pca():
            return pca(figures), False
        case Factor():
            return factor(figures), False
        case Scatter(standardise=standardise):
            found = scatter(figures, standardise)
            return found.weights, bool(found.constrained.any())
    raise AssertionError(rule)


def from_leaves(methodology: Methodology, weights: Floats) -> Weights:
    """Return the weights of all nodes from those of the indicators.

    Parameters
    ----------
    weights : ndarray of float, shape (R, J)
        In the order of ``methodology.tree.leaves``; any positive total.
    """
    tree = methodology.tree
    total: dict[str, Floats] = {leaf: weights[:, i] for i, leaf in enumerate(tree.leaves)}
    for node in reversed(tree.inner):
        total[node] = np.sum([total[child] for child in tree.children[node]], axis=0)
    local = {}
    for node in tree.inner:
        members = np.stack([total[child] for child in tree.children[node]], axis=1)
        sums = members.sum(axis=1, keepdims=True)
        even = np.full(members.shape, 1 / members.shape[1])
        local[node] = np.divide(members, sums, out=even, where=sums > 0)
    return Weights(methodology, local)
