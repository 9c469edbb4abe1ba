"""Coupling coordination: how far several systems of a unit are developed, and developed together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import matrix, refuse_cells, shares
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import TIE, alike, frame, leaders, listed, plain, say
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl


def classes() -> tuple[str, ...]:
    """Return the names of the ten classes of D, from [0, 0.1) to [0.9, 1], in the language in force."""
    return (
        _("极度失调"),
        _("严重失调"),
        _("中度失调"),
        _("轻度失调"),
        _("濒临失调"),
        _("勉强协调"),
        _("初级协调"),
        _("中级协调"),
        _("良好协调"),
        _("优质协调"),
    )


@dataclass(frozen=True)
class Coupling(Outcome):
    """Coupling C, development T and coordination D of N units.

    Attributes
    ----------
    names, systems : tuple of str
    form : {"standard", "2021", "old"}
    coupling : ndarray of float, shape (N,)
        C; NaN where all systems are 0, so that there is nothing to couple.
    development : ndarray of float, shape (N,)
        T.
    coordination : ndarray of float, shape (N,)
        D; 0 where all systems are 0.
    weights : ndarray of float, shape (n,)
        Of the systems in T, adding up to 1.
    """

    names: tuple[str, ...]
    systems: tuple[str, ...]
    form: str
    coupling: Floats
    development: Floats
    coordination: Floats
    weights: Floats

    @property
    def classes(self) -> tuple[str, ...]:
        """The class of each unit; a border belongs to the class above it."""
        # 0.3 may come as 0.29999999999999993: a rounding must not change the class.
        positions = np.minimum(np.floor(self.coordination * 10 + TIE), 9).astype(int)
        return tuple(classes()[position] for position in positions)

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("耦合协调度: {systems}").format(systems=listed(self.systems))

    def table(self) -> pl.DataFrame:
        """One row a unit: C, T, D and class; a note where C is not defined."""
        return frame({
            "name": self.names, "coupling": self.coupling, "development": self.development,
            "coordination": self.coordination, "class": self.classes,
            "note": [_("各系统都为零, 耦合度没有定义") if np.isnan(c) else "" for c in self.coupling],
        })  # fmt: skip

    def sentence(self) -> str:
        """Say the mean and range of D, and how many units are in each class."""
        by_name = dict(zip(self.names, self.coordination.tolist(), strict=True))
        counts = Counter(self.classes)
        clauses = [_("耦合协调度平均 {mean:.4f}").format(mean=float(self.coordination.mean()))]
        if len(self.names) > 1:
            low = leaders({name: -value for name, value in by_name.items()})
            clauses.append(
                _("最高: {high} ({highest:.4f}), 最低: {low} ({lowest:.4f})").format(
                    high=listed(leaders(by_name)), highest=float(self.coordination.max()),
                    low=listed(low), lowest=float(self.coordination.min()),
                )
            )  # fmt: skip
        clauses.append(listed([f"{name} {counts[name]}" for name in classes() if counts[name]], limit=10))
        if undefined := [name for name, c in zip(self.names, self.coupling, strict=True) if np.isnan(c)]:
            clauses.append(_("各系统都为零, 耦合度没有定义: {units}").format(units=listed(undefined)))
        return say(*clauses)

    def remarks(self) -> tuple[str, ...]:
        """Say what T is a mean of."""
        if alike(self.weights):
            return (_("发展度 T 是各系统得分的简单平均 (等权), 不用总指数的权重"),)
        parts = [f"{name} {w:.1%}" for name, w in zip(self.systems, self.weights.tolist(), strict=True)]
        return (_("发展度 T 是各系统得分的加权平均: {weights}").format(weights=listed(parts, len(parts))),)

    def figure(self) -> dict[str, Any]:
        """Return C, T and D by unit."""
        return {
            "names": list(self.names),
            "coupling": plain(self.coupling),
            "development": plain(self.development),
            "coordination": plain(self.coordination),
        }


def coupling(
    systems: npt.ArrayLike,
    form: Literal["standard", "2021", "old"] = "standard",
    weights: npt.ArrayLike | None = None,
    names: Sequence[object] | None = None,
    system_names: Sequence[object] | None = None,
) -> Coupling:
    """Return coupling, development and coordination of n systems.

    ``T = sum a_k U_k``, ``D = sqrt(C T)``, and C by form:

    * ``"standard"``: ``C = n (U_1 ... U_n)^(1/n) / (U_1 + ... + U_n)``;
    * ``"2021"``: ``C = sqrt([1 - sum_{k<l} |U_k - U_l| / (n (n-1) / 2)] (prod U_k / max U)^(1/(n-1)))``, which
      uses the whole range from 0 to 1;
    * ``"old"``: ``C = sqrt(U_1 U_2) / (U_1 + U_2)``, two systems only, without the factor 2 and so never above
      0.5: only to reproduce papers that used it.

    Parameters
    ----------
    systems : array_like of float, shape (N, n)
        Scores of n >= 2 systems, each between 0 and 1.
    form : {"standard", "2021", "old"}
    weights : array_like of float, shape (n,), optional
        Weights a of the systems in T, rescaled to add up to 1; equal by default.
    names, system_names : sequence, optional

    Returns
    -------
    Coupling
        With all systems 0, C is not defined (0 / 0) and is NaN with a note; D is 0, as T is.

    Raises
    ------
    ComputeError
        For figures outside 0 to 1 or missing, or fewer than two systems.

    References
    ----------
    廖重斌 (1999), 环境与经济协调发展的定量评判及其分类体系, 热带地理 19(2), for the ten classes;
    王淑佳等 (2021), 国内耦合协调度模型的误区及修正, 自然资源学报 36(3), 793-810, for the second form.
    """
    if form not in _FORMS:
        raise CallError(
            _("没有这个选项: {option}").format(option=form),
            remedy=_("可选: {options}").format(options=", ".join(_FORMS)),
        )
    array, names, system_titles = matrix(systems, names, system_names)
    refuse_cells(
        (array < 0) | (array > 1),
        names,
        system_titles,
        _("耦合协调度要求各系统得分在 0 与 1 之间"),
        _("百分制得分请先除以 100"),
    )
    if array.shape[1] < 2 or (form == "old" and array.shape[1] != 2):
        raise ComputeError(
            _("这种形式不适用于 {count} 个系统").format(count=array.shape[1]),
            remedy=_("standard 与 2021 要两个以上系统, old 恰好两个"),
        )
    share = shares(weights, system_titles)
    development = array @ share
    found = np.full(len(array), np.nan)
    some = array.any(axis=1)
    found[some] = _FORMS[form](array[some])
    coordination = np.sqrt(np.where(some, found, 0.0) * development)
    return Coupling(names, system_titles, form, found, development, coordination, share)


def _standard(systems: Floats) -> Floats:
    n = systems.shape[1]
    # Roots before the product: small scores of many systems would underflow.
    return np.asarray(np.minimum(np.prod(systems ** (1 / n), axis=1) / systems.mean(axis=1), 1.0))


def _of_2021(systems: Floats) -> Floats:
    n = systems.shape[1]
    # Sorted upwards, U_(k) stands in n - 1 pairs: above k of them and below the others.
    pairs = np.sort(systems, axis=1) @ (2 * np.arange(n) - n + 1.0)
    closeness = (1 - pairs / (n * (n - 1) / 2)).clip(0, 1)
    ratio = (systems / systems.max(axis=1, keepdims=True)) ** (1 / (n - 1))
    return np.asarray(np.sqrt(closeness * np.prod(ratio, axis=1)))


def _old(systems: Floats) -> Floats:
    return np.asarray(np.sqrt(np.prod(systems, axis=1)) / systems.sum(axis=1))


_FORMS: dict[str, Callable[[Floats], Floats]] = {"standard": _standard, "2021": _of_2021, "old": _old}
