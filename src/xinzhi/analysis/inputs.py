"""What comes into an analysis: plain arrays with names, checked, so that an error names the unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.outputs import listed
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import Result
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

Bools = npt.NDArray[np.bool_]


def whole(value: object, name: str, least: int) -> int:
    """Return a whole number of at least `least`; `name` is that of the parameter."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise CallError(
            _("{name} 应为不小于 {least} 的整数, 现为 {value!r}").format(name=name, least=least, value=value)
        )
    return int(value)


def require_result(value: object) -> None:
    """Refuse what is no result."""
    if not isinstance(value, Result):
        raise CallError(
            _("不是结果: {kind}").format(kind=type(value).__name__),
            remedy=_("请给出 xinzhi.compute 或 xinzhi.load_result 的结果"),
        )


def labels(names: Sequence[object] | None, count: int, *, distinct: bool = True) -> tuple[str, ...]:
    """Return `count` names without blanks around them: those given, or “no. 1”, “no. 2” and so on.

    Unless told that they need not be, they are required to be different, and none to be blank.
    """
    if names is None:
        text = _("第 {n} 项")
        return tuple(text.format(n=n + 1) for n in range(count))
    if len(names) != count:
        raise ComputeError(
            _("名称有 {names} 个, 数值有 {values} 个").format(names=len(names), values=count),
            remedy=_("每个数值须有一个名称, 次序相同"),
        )
    found = tuple("" if name is None or name != name else str(name).strip() for name in names)
    if distinct:
        blank = [_("第 {n} 项").format(n=n + 1) for n, name in enumerate(found) if not name]
        twice = [name for name, times in Counter(found).items() if times > 1 and name]
        for bad, what in ((blank, _("没有名称")), (twice, _("名称重复"))):
            if bad:
                raise ComputeError(what, where=listed(bad), remedy=_("每项须有一个名称, 各不相同"))
    return found


def ascending(years: Sequence[object]) -> tuple[int, ...]:
    """Return years as whole numbers, which have to be in order and different."""
    wrong = [year for year in years if isinstance(year, bool) or not isinstance(year, Integral)]
    if wrong:
        raise ComputeError(
            _("年份须是整数"), where=listed(list(map(str, wrong))), remedy=_("请写成 2012, 2013 这样")
        )
    found = tuple(int(year) for year in years if isinstance(year, Integral))
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise ComputeError(
            _("年份须由早到晚, 不重复"), where=listed(list(map(str, found))), remedy=_("请按年份排好各行")
        )
    return found


def refuse(bad: Bools, names: Sequence[str], what: str, remedy: str) -> None:
    """Raise an error that names the units marked as bad, if there is one."""
    if bad.any():
        raise ComputeError(what, where=listed([names[int(i)] for i in np.flatnonzero(bad)]), remedy=remedy)


def refuse_cells(
    bad: Bools, rows: Sequence[object], columns: Sequence[object], what: str, remedy: str
) -> None:
    """Raise an error that names the cells marked as bad, shape (rows, columns), if there is one."""
    if bad.any():
        places = [f"{rows[i]}, {columns[j]}" for i, j in np.argwhere(bad)]
        raise ComputeError(what, where=listed(places), remedy=remedy)


def at_least(count: int, least: int, what: str) -> None:
    """Require `least` observations; `what` says for which purpose."""
    if count < least:
        raise ComputeError(
            _("{what}至少需要 {least} 个单位, 现有 {count} 个").format(what=what, least=least, count=count),
            remedy=_("请增加单位"),
        )


def vector(values: npt.ArrayLike, names: Sequence[object] | None = None) -> tuple[Floats, tuple[str, ...]]:
    """Return one finite figure a unit, shape (N,), and the names of the units."""
    array = figures(values, 1)
    names = labels(names, len(array))
    at_least(len(array), 1, _("分析"))
    refuse(~np.isfinite(array), names, *_missing())
    return array, names


def matrix(
    values: npt.ArrayLike, rows: Sequence[object] | None, columns: Sequence[object] | None
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """Return finite figures, shape (rows, columns), and the names of rows and columns."""
    array = figures(values, 2)
    row_names, column_names = labels(rows, array.shape[0]), labels(columns, array.shape[1])
    at_least(array.size, 1, _("分析"))
    refuse_cells(~np.isfinite(array), row_names, column_names, *_missing())
    return array, row_names, column_names


def shares(weights: npt.ArrayLike | None, names: Sequence[str]) -> Floats:
    """Return the shares of the units, shape (N,), adding up to 1; equal when no weights are given."""
    if weights is None:
        return np.full(len(names), 1 / len(names))
    array, _names = vector(weights, names)
    refuse(array <= 0, names, _("权重须为正数"), _("请改正权重, 或去掉这些单位"))
    found: Floats = array / array.sum()
    return found


def membership(
    groups: Sequence[object], names: Sequence[str]
) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    """Return the groups in the order of their first unit, and the position of each unit's group, shape (N,)."""
    if len(groups) != len(names):
        raise ComputeError(
            _("分组有 {groups} 个, 数值有 {values} 个").format(groups=len(groups), values=len(names)),
            remedy=_("每个单位须有一个组"),
        )
    bad = np.array([group is None or group != group or str(group).strip() == "" for group in groups])
    refuse(bad, names, _("没有所属的组"), _("请补上组, 或去掉这些单位"))
    titles = [str(group).strip() for group in groups]
    order = {group: position for position, group in enumerate(dict.fromkeys(titles))}
    return tuple(order), np.array([order[group] for group in titles], dtype=np.intp)


def figures(values: npt.ArrayLike, dimensions: int) -> Floats:
    """Return numbers, missing ones too, as an array of that many dimensions."""
    try:
        array = np.asarray(values)
        for cell in () if array.dtype.kind in "biuf" else array.ravel().tolist():
            if isinstance(cell, str | complex):
                raise ComputeError(_("“{text}”不是数").format(text=cell), remedy=_("请只给出数字"))
        array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, ComputeError):
            raise
        raise ComputeError(_("不是一组数, 或各行长短不一"), remedy=_("形状见函数的说明")) from error
    if array.ndim != dimensions:
        raise ComputeError(
            _("数组应为 {expected} 维, 现为 {found} 维").format(expected=dimensions, found=array.ndim),
            remedy=_("形状见函数的说明"),
        )
    return array


def _missing() -> tuple[str, str]:
    return _("没有数值或不是有限的数"), _("请补上数值, 或去掉这些单位后再分析")
