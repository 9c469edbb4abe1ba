"""Weights: from a methodology (and, for entropy, the normalised figures) to a share for every node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology, given_weight
from xinzhi.methodology.methods import Entropy
from xinzhi.panel.panel import Floats


@dataclass(frozen=True)
class Weights:
    """Shares of the nodes of a tree.

    Parameters
    ----------
    local : dict of str to ndarray, shape (R, C)
        For each inner node the shares of its C children, adding up to 1; R is 1 when all replicates share
        them.
    """

    methodology: Methodology
    local: dict[str, Floats]

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
    if isinstance(rule, Entropy) and rule.among == "all":
        return from_leaves(methodology, _entropy(methodology, normalised, tree.leaves))
    local: dict[str, Floats] = {}
    for node in tree.inner:
        children = tree.children[node]
        indicators = all(child in methodology.indicators for child in children)
        if isinstance(rule, Entropy) and indicators and len(children) > 1:
            local[node] = _entropy(methodology, normalised, children)
        elif rule.method == "equal":
            local[node] = np.full((1, len(children)), 1 / len(children))
        else:
            written = np.array([[given_weight(methodology, child) for child in children]])
            if not written.sum() > 0:
                written = np.ones((1, len(children)))
            local[node] = written / written.sum()
    return Weights(methodology, local)


def _entropy(methodology: Methodology, normalised: Floats, leaves: Sequence[str]) -> Floats:
    rule = methodology.weighting
    assert isinstance(rule, Entropy)
    columns = [methodology.tree.leaves.index(leaf) for leaf in leaves]
    # The shift is stated for figures between 0 and 1, not for those on the display scale.
    shares = normalised[..., columns] / methodology.scale
    return entropy(shares, rule.shift, [methodology.node_title(leaf) for leaf in leaves])


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


def entropy(normalised: Floats, shift: float = 0.0, names: Sequence[str] = ()) -> Floats:
    """Return entropy weights.

    With shares ``p_i = z_i / sum(z)`` over the n observed cells of an indicator,
    ``e = -sum(p ln p) / ln n`` and the weight is proportional to ``1 - e``. ``0 ln 0`` is 0, so that
    ``0 <= e <= 1`` always holds. (Scripts that divide by ``ln T`` of a panel get ``e > 1``.)

    Parameters
    ----------
    normalised : ndarray of float, shape (R, T, N, J)
        Non-negative; all years and units of a replicate are pooled.
    shift : float
        Added to every cell first, as many papers do; it changes the weights.
    names : sequence of str, optional
        Named in errors.

    Returns
    -------
    ndarray of float, shape (R, J)
        Rows add up to 1. A constant indicator has weight 0.

    Raises
    ------
    ComputeError
        If a cell is negative, fewer than two cells are observed, or every indicator is constant.
    """
    rows = normalised.reshape(len(normalised), -1, normalised.shape[-1])
    known = np.isfinite(rows)
    z = np.where(known, rows + shift, 0.0)
    if (z < 0).any():
        worst = int(np.argwhere(z < 0)[0][2])
        raise ComputeError(
            _("熵权法要求标准化值不为负"),
            where=names[worst] if names else "",
            remedy=_("请改用 minmax 等不产生负值的标准化方法"),
        )
    count = known.sum(axis=1)
    if not (count >= 2).any():
        raise ComputeError(_("熵权法至少需要两个观测"), remedy=_("请增加单位或年份, 或改用其他赋权方法"))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = z / z.sum(axis=1, keepdims=True)
        information = np.where(p > 0, p * np.log(p), 0.0).sum(axis=1)
        e = -information / np.log(count)
    informative = (count >= 2) & np.isfinite(e) & (z.sum(axis=1) > 0)
    spread = np.where(informative, np.clip(1 - e, 0, 1), 0.0)
    spread = np.where(spread < 1e-12, 0.0, spread)  # a constant indicator, up to rounding
    total = spread.sum(axis=1, keepdims=True)
    if not (total > 0).all():
        raise ComputeError(_("所有指标都没有差异, 熵权法没有定义"), remedy=_("请改用 given 或 equal 赋权"))
    weights: Floats = spread / total
    return weights
