"""Who is whose neighbour: spatial weights by adjacency, distance or economy, or as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import figures, matrix, refuse, refuse_cells, vector
from xinzhi.analysis.outputs import listed
from xinzhi.errors import CallError, ComputeError, PanelError
from xinzhi.geography import find, neighbours_of
from xinzhi.language import gettext as _
from xinzhi.panel.cells import read_cell
from xinzhi.panel.findings import Findings
from xinzhi.panel.loading import read_table
from xinzhi.panel.panel import Floats, Status

Style = Literal["row", "binary", "raw"]

EARTH = 6371.0088
"""Mean radius of the earth in kilometres (IUGG)."""


@dataclass(frozen=True)
class SpatialWeights:
    """How much each unit looks to each other one.

    Attributes
    ----------
    matrix : ndarray of float, shape (N, N)
        Row i: the weights of the neighbours of unit i; not negative, 0 on the diagonal.
    names : tuple of str, length N
    description : str
        How the weights came about.
    """

    matrix: Floats
    names: tuple[str, ...]
    description: str

    @property
    def islands(self) -> tuple[str, ...]:
        """Units without neighbours."""
        return tuple(name for name, row in zip(self.names, self.matrix, strict=True) if not row.any())

    @property
    def components(self) -> tuple[tuple[str, ...], ...]:
        """Parts of two or more units without a link to the rest, largest first."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        count, part = connected_components(csr_array(self.matrix), directed=False)
        sizes = np.bincount(part, minlength=count)
        order = [int(k) for k in np.argsort(-sizes, kind="stable") if sizes[k] > 1]
        return tuple(tuple(self.names[i] for i in np.flatnonzero(part == k)) for k in order)

    def styled(self, style: Style) -> SpatialWeights:
        """Return the same neighbours with rows that add up to 1, all weights 1, or weights as they are.

        A unit without neighbours keeps its row of zeros.
        """
        if style not in ("row", "binary", "raw"):
            raise CallError(
                _("没有这个选项: {option}").format(option=style),
                remedy=_("可选: {options}").format(options="row, binary, raw"),
            )
        if style == "raw":
            return self
        if style == "binary":
            return replace(self, matrix=(self.matrix > 0).astype(np.float64))
        sums = self.matrix.sum(axis=1, keepdims=True)
        return replace(self, matrix=self.matrix / np.where(sums > 0, sums, 1.0))


def given_weights(
    table: npt.ArrayLike, names: Sequence[object] | None = None, description: str = "", style: Style = "row"
) -> SpatialWeights:
    """Return weights from any square matrix, shape (N, N), that is not negative and 0 on the diagonal.

    Raises
    ------
    ComputeError
        For a matrix that is not square, negative or missing weights, or a unit that is its own neighbour.
    """
    array = figures(table, 2)
    if array.shape[0] != array.shape[1]:
        raise ComputeError(
            _("空间权重矩阵应为方阵, 现为 {shape}").format(shape=" x ".join(map(str, array.shape))),
            remedy=_("每个单位一行一列, 次序相同"),
        )
    array, units, _units = matrix(array, names, names)
    refuse_cells(array < 0, units, units, _("空间权重不能为负"), _("请改正权重矩阵"))
    refuse(np.diag(array) != 0, units, _("单位不能是自己的邻居"), _("请把对角线改为 0"))
    return SpatialWeights(array, units, description or _("给定的权重矩阵")).styled(style)


def read_weights(path: str | Path, names: Sequence[object], style: Style = "row") -> SpatialWeights:
    """Return weights from a table: unit names in the first row and the first column, in any order.

    Parameters
    ----------
    path : path-like
        Read as any other table (:func:`xinzhi.panel.loading.read_table`); a blank cell is 0. Units of the file
        that are not in `names` are left out.
    names : sequence of str, length N
        The units wanted, as the file writes them, in the order wanted.
    style : {"row", "binary", "raw"}

    Raises
    ------
    CallError
        If there is no such file.
    PanelError
        If a row or column has no name or one that another has, a unit is missing, or a cell is no number,
        with file, row and column.
    """
    import polars as pl

    table = read_table(path)
    findings, units = Findings(table.name), [str(name).strip() for name in names]
    rows = _positions([text or "" for text in table.columns[0]], table.rows.tolist(), findings, column="")
    columns = _positions(table.headings[1:], range(2, len(table.headings) + 1), findings, column=_("首行"))
    absent = [unit for unit in units if unit not in rows or unit not in columns]
    if absent:
        findings.add(
            _("权重矩阵里没有这些单位: {units}").format(units=listed(absent)),
            remedy=_("首行首列须写出所有单位的名称"),
        )
    findings.tell()
    wanted = [rows[unit] for unit in units]
    cells = np.zeros((len(units), len(units)))
    for j, unit in enumerate(units):
        column = table.columns[columns[unit] + 1].gather(wanted)
        plain = column.str.contains(_PLAIN).fill_null(value=False)
        cells[:, j] = column.set(~plain, "0").cast(pl.Float64).to_numpy()
        for i in np.flatnonzero(~plain.to_numpy()):
            cells[i, j] = _weight(column[int(i)], findings, int(table.rows[wanted[i]]), unit, units[i])
    findings.tell()
    return given_weights(cells, units, table.name, style)


#: A decimal that needs no second look: :func:`read_cell` reads the others.
_PLAIN = r"^[0-9]{1,12}(?:\.[0-9]+)?$"


def _positions(
    texts: Sequence[str], places: Sequence[int], findings: Findings, column: str
) -> dict[str, int]:
    """Return the position of each name, noting blank ones and those that come twice."""
    found: dict[str, int] = {}
    for position, (text, place) in enumerate(zip(texts, places, strict=True)):
        name, row = text.strip(), 0 if column else place
        if not name:
            findings.add(_("没有单位的名称"), row=row, column=column, remedy=_("每行每列须有一个单位的名称"))
        elif name in found:
            findings.add(
                _("{name} 出现两次").format(name=name), row=row, column=column, remedy=_("请只保留一个")
            )
        found.setdefault(name, position)
    return found


def _weight(text: str | None, findings: Findings, row: int, column: str, unit: str) -> float:
    """Return the weight in a cell, 0 where it is blank, noting what is none."""
    try:
        found = read_cell(text or "")
        if found is Status.MISSING:
            return 0.0
        if isinstance(found, Status):
            raise PanelError(_("“{text}”不是数").format(text=text), remedy=_("不相邻请写 0 或留空"))
    except PanelError as error:
        findings.add(error.what, remedy=error.remedy, row=row, column=column, subject=unit)
        return 0.0
    return found


def adjacency_weights(
    codes: Sequence[str], hainan: Literal["none", "guangdong"] = "none", style: Style = "row"
) -> SpatialWeights:
    """Return weights of provinces that touch (first-order contiguity).

    Parameters
    ----------
    codes : sequence of str, length N
        Codes or names of provinces.
    hainan : {"none", "guangdong"}
        海南 touches no province: it has no neighbours, or 广东 across the strait.
    style : {"row", "binary", "raw"}

    Raises
    ------
    UnitError
        If a unit is no province.
    ComputeError
        If a province comes twice.
    """
    if hainan not in ("none", "guangdong"):
        raise CallError(
            _("没有这个选项: {option}").format(option=hainan),
            remedy=_("可选: {options}").format(options="none, guangdong"),
        )
    provinces = [find(str(code), "province") for code in codes]
    touching = {province.code: neighbours_of(province.code) for province in provinces}
    strait = {"440000", "460000"} if hainan == "guangdong" else set()
    table = [
        [
            float(b.code in touching[a.code] or (a.code != b.code and {a.code, b.code} == strait))
            for b in provinces
        ]
        for a in provinces
    ]
    text = _("省界相邻, 海南与广东视为相邻") if strait else _("省界相邻, 海南没有邻居")
    return given_weights(table, [province.label for province in provinces], text, style)


def distance_weights(
    coordinates: npt.ArrayLike,
    names: Sequence[object] | None = None,
    power: float = 1.0,
    within: float | None = None,
    nearest: int | None = None,
    metric: Literal["sphere", "plane"] = "sphere",
    style: Style = "row",
) -> SpatialWeights:
    """Return weights ``d_ij^-power``, of all units, those within a distance, or the nearest k.

    Parameters
    ----------
    coordinates : array_like of float, shape (N, 2)
        Longitude and latitude in degrees, or x and y.
    names : sequence, length N, optional
    power : float
        0 makes all neighbours equal.
    within : float, optional
        Only units up to this distance, in kilometres on the sphere.
    nearest : int, optional
        Only the k nearest; all that tie with the k-th are in.
    metric : {"sphere", "plane"}
        Great circles (haversine) or straight lines.
    style : {"row", "binary", "raw"}

    Raises
    ------
    ComputeError
        For two units in one place, whose weight would be infinite, or coordinates that are none.
    """
    if metric not in ("sphere", "plane"):
        raise CallError(
            _("没有这个选项: {option}").format(option=metric),
            remedy=_("可选: {options}").format(options="sphere, plane"),
        )
    array = np.asarray(coordinates, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ComputeError(_("坐标应为两列: 经度与纬度, 或 x 与 y"), remedy=_("形状见函数的说明"))
    array, units, _axes = matrix(array, names, ("x", "y"))
    if metric == "sphere":
        wrong = (np.abs(array[:, 0]) > 180) | (np.abs(array[:, 1]) > 90)
        refuse(wrong, units, _("经度应在 ±180 之内, 纬度在 ±90 之内"), _("请核对坐标的次序, 或用 metric=\"plane\""))  # fmt: skip
    distance = _great_circles(array) if metric == "sphere" else _straight_lines(array)
    np.fill_diagonal(distance, np.inf)
    _told_apart(distance == 0, units, _("两个单位在同一处, 距离为零"))
    near = np.isfinite(distance)
    text = _("距离的 {power:g} 次方的倒数").format(power=power)
    if within is not None:
        near &= distance <= within
        text = _("{rule}, {within:g} 以内").format(rule=text, within=within)
    if nearest is not None:
        if not 1 <= nearest < len(units):
            raise ComputeError(
                _("最近的 {nearest} 个邻居: 应在 1 与单位数减 1 之间").format(nearest=nearest),
                remedy=_("请改正 nearest"),
            )
        near &= distance <= np.partition(distance, nearest - 1, axis=1)[:, nearest - 1 : nearest]
        text = _("{rule}, 最近的 {nearest} 个").format(rule=text, nearest=nearest)
    weight = np.zeros_like(distance)
    np.power(distance, -power, out=weight, where=near)
    return given_weights(weight, units, text, style)


def economy_weights(
    values: npt.ArrayLike, names: Sequence[object] | None = None, style: Style = "row"
) -> SpatialWeights:
    """Return weights by economic distance, ``1 / |y_i - y_j|``, such as of mean GDP per head.

    Parameters
    ----------
    values : array_like of float, shape (N,)
    names : sequence, length N, optional
    style : {"row", "binary", "raw"}

    Raises
    ------
    ComputeError
        For two units with the same figure, whose weight would be infinite.

    References
    ----------
    林光平, 龙志和, 吴梅 (2005), 我国地区经济收敛的空间计量实证分析, 经济学(季刊) 4(S1).
    """
    array, units = vector(values, names)
    distance = np.abs(array[:, None] - array)
    np.fill_diagonal(distance, np.inf)
    _told_apart(distance == 0, units, _("两个单位数值相同, 经济距离为零"))
    return given_weights(1 / distance, units, _("经济距离的倒数"), style)


def _told_apart(same: npt.NDArray[np.bool_], units: Sequence[str], what: str) -> None:
    refuse_cells(np.triu(same), units, units, what, _("请核对数据, 或合并这些单位, 或自己给出权重矩阵"))


def _great_circles(degrees: Floats) -> Floats:
    longitude, latitude = np.radians(degrees).T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(half.clip(0, 1))))


def _straight_lines(points: Floats) -> Floats:
    x, y = points.T
    return np.asarray(np.hypot(x[:, None] - x, y[:, None] - y))
