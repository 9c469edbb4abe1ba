"""Quadrants: units by two variables about an origin, numbered as mathematics numbers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import shares, vector
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import TIE, frame, listed, plain, say
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl

QUADRANTS = ("I", "II", "III", "IV")
"""I upper right, then counter-clockwise."""


@dataclass(frozen=True)
class Quadrants(Outcome):
    """Units in the four quadrants about an origin.

    Attributes
    ----------
    names : tuple of str
    x, y : ndarray of float, shape (N,)
    x_name, y_name : str
    origin : tuple of float
    kind : {"mean", "weighted", "given"}
        Where the origin comes from.
    of_units : tuple of str
        The quadrant of each unit; blank on an axis.
    """

    names: tuple[str, ...]
    x: Floats
    y: Floats
    x_name: str
    y_name: str
    origin: tuple[float, float]
    kind: str
    of_units: tuple[str, ...]

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Units by quadrant, in the order I, II, III, IV."""
        return {quadrant: self._in(quadrant) for quadrant in QUADRANTS}

    @property
    def on_axes(self) -> tuple[str, ...]:
        """Units that lie on an axis and so in no quadrant."""
        return self._in("")

    def _in(self, quadrant: str) -> tuple[str, ...]:
        return tuple(name for name, own in zip(self.names, self.of_units, strict=True) if own == quadrant)

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("四象限: {x} 与 {y}, 原点为{kind}").format(
            x=self.x_name, y=self.y_name, kind=_origins()[self.kind]
        )

    def table(self) -> pl.DataFrame:
        """One row a unit; a note where it lies on an axis."""
        return frame({
            "name": self.names, "x": self.x, "y": self.y,
            "quadrant": [own or None for own in self.of_units],
            "note": ["" if own else _("在轴上, 不属任何象限") for own in self.of_units],
        })  # fmt: skip

    def sentence(self) -> str:
        """Say the origin, how many units are in each quadrant and which, and what lies on an axis."""
        x, y = (number(float(f"{value:.4g}")) for value in self.origin)
        clauses = [_("原点 ({x}; {y}), {kind}").format(x=x, y=y, kind=_origins()[self.kind])]
        places = {
            "I": _("第一象限 (两者都高)"),
            "II": _("第二象限 ({x} 低, {y} 高)"),
            "III": _("第三象限 (两者都低)"),
            "IV": _("第四象限 ({x} 高, {y} 低)"),
        }
        for quadrant, members in self.members.items():
            place = places[quadrant].format(x=self.x_name, y=self.y_name)
            clauses.append(
                _("{place} {count} 个: {units}").format(
                    place=place, count=len(members), units=listed(members)
                )
                if members
                else _("{place} 没有单位").format(place=place)
            )
        if self.on_axes:
            clauses.append(_("在轴上, 不属任何象限: {units}").format(units=listed(self.on_axes)))
        return say(*clauses)

    def figure(self) -> dict[str, Any]:
        """Return the points and the origin of a scatter."""
        return {
            "names": list(self.names),
            "x": plain(self.x),
            "y": plain(self.y),
            "x_name": self.x_name,
            "y_name": self.y_name,
            "origin": list(self.origin),
            "quadrants": list(self.of_units),
        }


def quadrants(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    names: Sequence[object] | None = None,
    origin: Literal["mean", "weighted"] | tuple[float, float] = "mean",
    weights: npt.ArrayLike | None = None,
    x_name: str = "x",
    y_name: str = "y",
) -> Quadrants:
    """Sort units into quadrants: I where both are high, then counter-clockwise (II: x low, y high).

    Parameters
    ----------
    x, y : array_like of float, shape (N,)
        The horizontal and the vertical variable.
    names : sequence, length N, optional
    origin : {"mean", "weighted"} or pair of float
        The simple mean of each variable, the mean weighted by `weights`, or a given point.
    weights : array_like of float, shape (N,), optional
        Positive; for the weighted origin only.
    x_name, y_name : str
        What people call the variables.

    Returns
    -------
    Quadrants
        A unit on an axis (to rounding) is in no quadrant and the result says so; if a variable does not
        differ between units, all of them are.
    """
    across, names = vector(x, names)
    up, names = vector(y, names)
    if origin not in ("mean", "weighted") and not isinstance(origin, tuple | list):
        raise CallError(
            _("没有这个选项: {option}").format(option=origin),
            remedy=_("可选: {options}").format(options="mean, weighted, (a, b)"),
        )
    if (origin == "weighted") != (weights is not None):
        raise ComputeError(
            _("加权原点与权重须一起给出"), remedy=_("请用 origin=\"weighted\" 并给出 weights, 或两者都不给")
        )  # fmt: skip
    kind: str
    if isinstance(origin, str):
        share = shares(weights, names)
        kind, centre = origin, (float(share @ across), float(share @ up))
    else:
        if len(origin) != 2 or not np.isfinite(origin).all():
            raise ComputeError(_("原点须是两个有限的数"), remedy=_("例如 origin=(50, 80000)"))
        kind, centre = "given", (float(origin[0]), float(origin[1]))
    right, above = _side(across, centre[0]), _side(up, centre[1])
    of_units = tuple(_PLACES.get((int(r), int(a)), "") for r, a in zip(right, above, strict=True))
    return Quadrants(names, across, up, x_name, y_name, centre, kind, of_units)


def _origins() -> dict[str, str]:
    return {"mean": _("简单均值"), "weighted": _("加权均值"), "given": _("给定")}


_PLACES = {(1, 1): "I", (-1, 1): "II", (-1, -1): "III", (1, -1): "IV"}


def _side(values: Floats, centre: float) -> Floats:
    """1 above the centre, -1 below it, 0 on it; the mean of equal figures may miss them by a rounding."""
    offset = values - centre
    return np.sign(np.where(np.abs(offset) <= TIE * np.abs(values).max(), 0.0, offset))
