"""Points with a name beside each: quadrants and the Moran scatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xinzhi.analysis.quadrant import Quadrants
from xinzhi.analysis.spatial import Moran
from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.language import number
from xinzhi.measures import unit_name
from xinzhi.panel.panel import Floats
from xinzhi.publish.figures.drawing import (
    SIZE,
    WIDTH,
    Drawing,
    legend,
    long_table,
    option,
    round_ends,
    value_axis,
)
from xinzhi.publish.figures.engine import text_width
from xinzhi.publish.figures.labels import REACH, Box, Label, place
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.palette import palette

_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 24, 44, 52
_HEIGHT, _GROWTH, _HIGHEST = 520, 1.25, 4000
_RADIUS = 4.0
_TEXT = 11
#: More points than this are not all named; the caption says how many are.
NAMED = 80


@dataclass(frozen=True)
class Field:
    """Where data lie in a picture.

    Attributes
    ----------
    x, y : tuple of float
        Ends of the axes.
    height : int
        Of the picture.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    height: int

    @property
    def frame(self) -> Box:
        """The plotting area in pixels."""
        return Box(_LEFT, _TOP, WIDTH - _RIGHT, self.height - _BOTTOM)

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the data lies."""
        f = self.frame
        across, up = (x - self.x[0]) / (self.x[1] - self.x[0]), (y - self.y[0]) / (self.y[1] - self.y[0])
        return f.left + across * (f.right - f.left), f.bottom - up * (f.bottom - f.top)

    def data(self, x: float, y: float) -> list[float]:
        """Return the data at a place of the picture."""
        f = self.frame
        across, up = (x - f.left) / (f.right - f.left), (f.bottom - y) / (f.bottom - f.top)
        return [self.x[0] + across * (self.x[1] - self.x[0]), self.y[0] + up * (self.y[1] - self.y[0])]


def label_sizes(names: Sequence[str], size: float = _TEXT) -> list[tuple[float, float]]:
    """Return the room that names take."""
    return [(text_width(name, size) + 3, size + 3) for name in names]


def labelled(
    x: Floats, y: Floats, names: Mapping[int, str], ends: tuple[Any, Any]
) -> tuple[Field, dict[int, Label]]:
    """Return a field high enough for the names of the points (by position), and where they go."""
    height, reach, sizes = _HEIGHT, REACH, label_sizes(list(names.values()))
    # Points without a name are in the way of the others.
    order = [*names, *(n for n in range(len(x)) if n not in names)]
    while height < _HIGHEST:
        field = Field(*ends, height)
        points = [field.pixels(x[n], y[n]) for n in order]
        dots = [Box(p - _RADIUS, q - _RADIUS, p + _RADIUS, q + _RADIUS) for p, q in points[len(names) :]]
        found = place(points[: len(names)], sizes, field.frame, _RADIUS, dots, reach)
        if found is not None:
            return field, dict(zip(names, found, strict=True))
        height, reach = round(height * _GROWTH), reach * _GROWTH
    raise ComputeError(
        _("{count} 个名称在图上放不下").format(count=len(names)), remedy=_("请用 units 或 top 少写几个名称")
    )


def name_series(
    field: Field, names: Mapping[int, str], labels: Mapping[int, Label], x: Any, y: Any
) -> list[Any]:
    """Return the series that write the names and lead from those that lie farther off."""
    texts = [{"value": field.data(label.x, label.y), "name": names[n]} for n, label in labels.items()]
    leads = [
        {"coords": [[float(x[n]), float(y[n])], field.data(label.x, label.y)]}
        for n, label in labels.items() if label.led
    ]  # fmt: skip
    return [
        {
            "type": "lines", "coordinateSystem": "cartesian2d", "silent": True, "z": 1, "data": leads,
            "lineStyle": {"color": palette().muted, "width": 0.6, "opacity": 0.8},
        },
        {
            "type": "scatter", "symbolSize": 0, "silent": True, "z": 6, "data": texts,
            "label": {
                "show": True, "position": "inside", "formatter": "{b}", "fontSize": _TEXT, "color": palette().ink,
                "backgroundColor": palette().ground, "padding": [0, 1],
            },
        },
    ]  # fmt: skip


def quadrant(material: Material) -> Drawing:
    """Units by two variables about their means, every unit named."""
    found = material.outcome("quadrants")
    assert isinstance(found, Quadrants)
    units = [n for n in range(len(material.result.codes)) if np.isfinite(material.values[n])]
    names, remarks = _named(material, units)
    (left, right, _s), (low, high, _t) = _ends(found.x), _ends(found.y)
    field, labels = labelled(found.x, found.y, names, ((left, right), (low, high)))
    x, y = found.origin
    cross = {
        "silent": True, "symbol": "none", "animation": False, "label": {"show": False},
        "lineStyle": {"color": palette().muted, "type": "dashed", "width": 1}, "data": [{"xAxis": x}, {"yAxis": y}],
    }  # fmt: skip
    points = _points(material, units, found.x, found.y)
    points[0]["markLine"] = cross
    unit = _unit_of(material)
    across = f"{found.x_name} ({unit})" if unit else found.x_name
    series = [*points, *name_series(field, names, labels, found.x, found.y)]
    picture = _picture(field, series, material, across, found.y_name)
    counts = {quadrant: len(members) for quadrant, members in found.members.items()}
    title = _("{year} 年 {first} 个单位{y}与{x}都高于平均, {third} 个都低于平均").format(
        year=material.year, first=counts["I"], third=counts["III"], x=found.x_name, y=found.y_name
    )
    alt = _("散点图, 横轴{x}, 纵轴{y}; {sentence}").format(
        x=found.x_name, y=found.y_name, sentence=found.sentence()
    )
    rows = [
        material.row(n, found.y[k]) | {"x": float(found.x[k]), "quadrant": found.of_units[k]}
        for k, n in enumerate(units)
    ]
    return Drawing(
        picture, long_table(rows, x=float, quadrant=str), title, alt, field.height, (material.year,), _("分"),
        (_("虚线是简单平均: {x}, {y}").format(x=number(float(f"{x:.4g}")), y=number(float(f"{y:.4g}"))),
         *remarks, *material.unscored_told),
    )  # fmt: skip


def _unit_of(material: Material) -> str:
    """Return the unit of measure of the horizontal axis; blank for a score."""
    methodology, name = material.result.methodology, material.choices.against
    known = {**methodology.inputs, **methodology.indicators}
    return unit_name(known[name].unit) if name in known else ""


def moran(material: Material) -> Drawing:
    """The Moran scatter: own value and that of the neighbours, the slope being the index."""
    found = material.outcome("moran")
    assert isinstance(found, Moran)
    units = [n for n in range(len(material.result.codes)) if np.isfinite(material.values[n])]
    names, remarks = _named(material, units)
    (left, right, _s), (low, high, _t) = _ends(found.standardised), _ends(found.lag)
    field, labels = labelled(found.standardised, found.lag, names, ((left, right), (low, high)))
    points = _points(material, units, found.standardised, found.lag)
    points[0]["markLine"] = {
        "silent": True, "symbol": "none", "animation": False, "label": {"show": False},
        "lineStyle": {"color": palette().muted, "type": "dashed", "width": 1}, "data": [{"xAxis": 0}, {"yAxis": 0}],
    }  # fmt: skip
    # The fitted line passes the origin: z has mean 0, and for row weights the slope is I.
    steep = [(v, found.index * v) for v in (left, right)]
    line = {
        "type": "lines", "coordinateSystem": "cartesian2d", "silent": True, "z": 1,
        "lineStyle": {"color": palette().accent, "width": 2, "opacity": 1},
        "data": [{"coords": [[float(a), float(b)] for a, b in steep]}],
    }  # fmt: skip
    across, up = _("得分 (标准值)"), _("相邻单位的平均 (标准值)")
    series = [*points, line, *name_series(field, names, labels, found.standardised, found.lag)]
    picture = _picture(field, series, material, across, up)
    title = _("{year} 年全局莫兰指数 {index:.3f} (p = {p:.3f})").format(
        year=material.year,
        index=found.index,
        p=found.p_normal if found.p_permutation is None else found.p_permutation,
    )
    alt = _("莫兰散点图, 横轴{x}, 纵轴{y}; {sentence}").format(x=across, y=up, sentence=found.sentence())
    rows = [
        material.row(n, found.lag[k]) | {"x": float(found.standardised[k]), "quadrant": found.quadrants[k]}
        for k, n in enumerate(units)
    ]
    return Drawing(
        picture, long_table(rows, x=float, quadrant=str), title, alt, field.height, (material.year,), _("标准值"),
        (*remarks, *material.unscored_told),
    )  # fmt: skip


def _named(material: Material, units: Sequence[int]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return the names to write by position among the points, and what is said of the others."""
    if material.choices.units or material.choices.top is not None:
        chosen = set(material.few(NAMED))
    else:
        chosen = set(units if len(units) <= NAMED else material.scored[:NAMED])
    names = {k: material.labels[n] for k, n in enumerate(units) if n in chosen}
    if len(names) == len(units):
        return names, ()
    return names, (_("写出名称的 {named} 个, 共 {count} 个点").format(named=len(names), count=len(units)),)


def _ends(values: Any) -> tuple[float, float, float]:
    """Return round ends with some room beyond the outermost points."""
    low, high = float(np.min(values)), float(np.max(values))
    room = 0.05 * (high - low) or abs(high) or 1.0
    floor = 0.0 if low >= 0 else low - room
    return round_ends(floor if low - room < 0 <= low else low - room, high + room)


def _points(material: Material, units: Sequence[int], x: Any, y: Any) -> list[dict[str, Any]]:
    """Return a series of points for each region, each with a colour and a symbol of its own."""
    regions = list(material.region_colours) or [""]
    return [
        {
            "type": "scatter", "name": region, "symbolSize": 2 * _RADIUS, "z": 4,
            "symbol": palette().symbols[k % 8],
            "itemStyle": {"color": material.region_colours.get(region, palette().accent), "opacity": 1},
            "data": [
                {"value": [float(x[i]), float(y[i])], "name": material.labels[n], "id": str(i)}
                for i, n in enumerate(units) if region in ("", material.result.region_name(n))
            ],
        }
        for k, region in enumerate(regions)
    ]  # fmt: skip


def _picture(field: Field, series: list[Any], material: Material, x_name: str, y_name: str) -> dict[str, Any]:
    (left, right), (low, high) = field.x, field.y
    return option(
        grid={"left": _LEFT, "right": _RIGHT, "top": _TOP, "bottom": _BOTTOM},
        legend=legend(list(material.region_colours), show=bool(material.region_colours), left="right"),
        xAxis=value_axis(left, right, x_name, nameLocation="middle", nameGap=30) | {"min": left, "max": right},
        yAxis=value_axis(low, high, y_name, nameTextStyle={"align": "left", "fontSize": SIZE, "color": palette().muted})
        | {"min": low, "max": high},
        series=series,
    )  # fmt: skip
