"""Maps: provinces with the South China Sea in an inset, counties, and the tile grid that needs no map.

The shapes are sketches. Until a 审图号 is given the picture says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from xinzhi.errors import ComputeError
from xinzhi.geography import demonstration_boundaries, demonstration_unit, find, province_of
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats
from xinzhi.publish.assets import asset
from xinzhi.publish.figures.drawing import SIZE, WIDTH, Drawing, figure_text, long_table, option, wrapped
from xinzhi.publish.figures.labels import Box, place
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.palette import palette
from xinzhi.publish.figures.scatter import NAMED, label_sizes

_PAD = 12.0
_INSET_WIDTH = 112.0
_INSET_ROOM = 560.0  # kilometres of sea added in the east, where the inset hides nothing
_DEMONSTRATION = 1000.0  # kilometres for the unit square, so that rounding is the same for all maps
#: Where provinces stand in the tile grid: column and row. Neighbours stay near each other, north is up.
TILES = {
    "650000": (0, 2), "540000": (0, 4), "620000": (1, 2), "630000": (1, 3), "640000": (2, 2), "510000": (2, 4),
    "530000": (2, 5), "150000": (4, 1), "610000": (3, 3), "500000": (3, 4), "520000": (3, 5), "450000": (4, 6),
    "140000": (4, 2), "110000": (5, 1), "130000": (5, 2), "120000": (6, 2), "410000": (4, 3), "420000": (4, 4),
    "430000": (4, 5), "370000": (6, 3), "320000": (6, 4), "340000": (5, 4), "310000": (7, 4), "330000": (6, 5),
    "360000": (5, 5), "350000": (6, 6), "440000": (5, 6), "460000": (4, 8), "230000": (8, 0), "220000": (8, 1),
    "210000": (7, 1), "710000": (7, 6), "810000": (6, 7), "820000": (5, 7),
}  # fmt: skip
# Provinces that the assessment does not rank, and which no map of the country leaves out.
_UNRANKED = {
    "710000": ("台湾", "Taiwan"),
    "810000": ("香港", "Hong Kong"),
    "820000": ("澳门", "Macao"),
}

Shapes = Mapping[str, Any]


@dataclass(frozen=True)
class MapPart:
    """A map or its inset: shapes by code, dashes of the line, ends in kilometres."""

    shapes: Shapes
    line: list[Any]
    ends: Box

    def geojson(self) -> dict[str, Any]:
        """Return the shapes as the chart library takes them."""
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": code},
                    "geometry": {"type": "MultiPolygon", "coordinates": polygons},
                }
                for code, polygons in self.shapes.items()
            ],
        }

    def geo(self, name: str, box: Box) -> dict[str, Any]:
        """Return the coordinates of the map in a box of pixels that has its proportions."""
        e = self.ends
        return {
            "map": name, "left": box.left, "top": box.top, "width": box.right - box.left,
            "height": box.bottom - box.top, "aspectScale": 1, "silent": True,
            "boundingCoords": [[e.left, e.bottom], [e.right, e.top]],
            "itemStyle": {"areaColor": palette().wash, "borderColor": palette().muted, "borderWidth": 0.5},
            "label": {"show": False}, "emphasis": {"disabled": True},
        }  # fmt: skip


def choropleth(material: Material) -> Drawing:
    """A map in classes of the score; areas without one stay grey."""
    main, inset, middles, demonstration = map_parts(material.result.methodology.level, material.result.codes)
    values = {
        code: float(v)
        for code, v in zip(material.result.codes, material.values, strict=True)
        if np.isfinite(v)
    }
    drawn = {code: v for code, v in values.items() if code in main.shapes or (inset and code in inset.shapes)}
    if not drawn:
        raise ComputeError(
            _("没有一个单位在地图上"), remedy=_("单位代码须是六位行政区划代码; 或改用横条图 ranking")
        )
    pieces = classes(list(drawn.values()), material.result.methodology.scale)
    across = main.ends.right - main.ends.left
    box_height = (WIDTH - 2 * _PAD) * (main.ends.bottom - main.ends.top) / across
    frame = Box(_PAD, _PAD, WIDTH - _PAD, _PAD + box_height)
    name = "demonstration" if demonstration else f"{material.result.methodology.level}-{len(main.shapes)}"
    geos, maps = [main.geo(name, frame)], {name: main.geojson()}
    parts = [(main, 0)]
    graphic: list[dict[str, Any]] = []
    height = round(frame.bottom + 44)
    if inset:
        tall = _INSET_WIDTH * (inset.ends.bottom - inset.ends.top) / (inset.ends.right - inset.ends.left)
        corner = Box(frame.right - _INSET_WIDTH, frame.bottom - tall, frame.right, frame.bottom)
        geos.append(inset.geo(f"{name}-inset", corner))
        maps[f"{name}-inset"] = inset.geojson()
        parts.append((inset, 1))
        graphic += _inset_frame(corner)
    series = [_areas(part, index, drawn) for part, index in parts] + [
        _dashes(part, index) for part, index in parts
    ]
    series.append(_names(material, main, middles, frame, drawn))
    told = (
        _("审图号: {number}").format(number=material.choices.map_number)
        if material.choices.map_number
        else _("示意图, 不作为划界依据")
    )
    graphic.append({
        "type": "text", "right": _PAD, "bottom": 12, "silent": True,
        "style": {"text": told, "fill": palette().ink, "fontSize": SIZE},
    })  # fmt: skip
    picture = option(
        geo=geos, series=series, graphic=graphic,
        visualMap={
            "type": "piecewise", "pieces": [*pieces], "left": 8, "bottom": 8, "orient": "horizontal",
            "itemWidth": 16, "itemHeight": 11, "itemGap": 12, "seriesIndex": [k for _p, k in parts],
            "textStyle": {"color": palette().ink, "fontSize": SIZE - 1}, "outOfRange": {"color": palette().wash},
        },
    )  # fmt: skip
    lacking = [code for code in main.shapes if code not in drawn]
    remarks = [_("灰色的 {count} 个地区没有得分").format(count=len(lacking))] if lacking else []
    lost = len(values) - len(drawn)
    if lost:
        remarks.append(_("有得分而地图上没有的单位 {count} 个").format(count=lost))
    positions = {n: float(material.values[n]) for n in material.scored if material.result.codes[n] in drawn}
    extremes = material.extremes(positions)
    title = _("{year} 年{node}: {extremes}").format(
        year=material.year, node=material.node_title, extremes=extremes
    )
    alt = _("分级地图, {year} 年 {count} 个地区的{node}, 分 {classes} 级; {extremes}。").format(
        year=material.year, count=len(drawn), node=material.node_title, classes=len(pieces), extremes=extremes
    )
    rows = [material.row(n, v) for n, v in positions.items()]
    return Drawing(
        picture, long_table(rows), title, alt, height, (material.year,), _("分"), tuple(remarks), maps
    )


def tiles(material: Material) -> Drawing:
    """Provinces as squares of one size, in about their places."""
    positions = {code: n for n, code in enumerate(material.result.codes) if code in TILES}
    if not positions:
        raise ComputeError(_("方格图只有省级的"), remedy=_("县级请用地图 map 或横条图 ranking"))
    scored = {n: float(material.values[n]) for n in positions.values() if np.isfinite(material.values[n])}
    if not scored:
        material.scored_in(material.t)
    pieces, side = classes(list(scored.values()), material.result.methodology.scale), 66
    cells: list[dict[str, Any]] = []
    blank: list[dict[str, Any]] = []
    for code, (column, row) in TILES.items():
        n = positions.get(code, -1)
        value = scored.get(n)
        name = wrapped(material.labels[n] if n >= 0 else _unranked(code), side - 6, SIZE - 2)
        text = f"{name}\n{material.text(value) if value is not None else '–'}"
        colour = palette().wash if value is None else class_colour(value, pieces)
        cell = {
            "value": [column, row, value if value is not None else "-"], "name": code,
            "itemStyle": {"color": colour},
            "label": {"show": True, "formatter": text, "color": palette().on(colour), "fontSize": SIZE - 2},
        }  # fmt: skip
        (cells if value is not None else blank).append(cell)
    columns, rows_down = 1 + max(c for c, _r in TILES.values()), 1 + max(r for _c, r in TILES.values())
    grid = {
        "left": (WIDTH - columns * side) // 2,
        "top": 8,
        "width": columns * side,
        "height": rows_down * side * 0.72,
    }
    hidden = {"type": "category", "show": False}
    picture = option(
        grid=grid, xAxis=hidden | {"data": [str(k) for k in range(columns)]},
        yAxis=hidden | {"data": [str(k) for k in range(rows_down)], "inverse": True},
        visualMap={
            "type": "piecewise", "pieces": pieces, "left": 8, "bottom": 8, "orient": "horizontal", "seriesIndex": [0],
            "itemWidth": 16, "itemHeight": 11, "itemGap": 12, "textStyle": {"fontSize": SIZE - 1}, "dimension": 2,
        },
        series=[
            {
                "type": "heatmap", "data": cells, "silent": True,
                "itemStyle": {"borderColor": palette().ground, "borderWidth": 3},
            },
            {
                # A heat map draws nothing where there is no figure; a square does.
                "type": "scatter", "symbol": "rect", "symbolSize": [side - 3, side * 0.72 - 3], "silent": True,
                "data": [cell | {"value": cell["value"][:2]} for cell in blank],
            },
        ],
    )  # fmt: skip
    extremes = material.extremes(scored)
    title = _("{year} 年{node}: {extremes}").format(
        year=material.year, node=material.node_title, extremes=extremes
    )
    alt = _("方格图, 每格一个省, {count} 个省有 {year} 年的{node}; {extremes}。").format(
        year=material.year, count=len(scored), node=material.node_title, extremes=extremes
    )
    drawn = [positions[code] for code in TILES if code in positions]
    rows = [material.row(n, scored[n]) for n in drawn if n in scored]
    height = round(8 + rows_down * side * 0.72 + 40)
    remarks = (_("灰色的 {count} 个地区没有得分").format(count=len(blank)),) if blank else ()
    return Drawing(picture, long_table(rows), title, alt, height, (material.year,), _("分"), remarks)


def classes(values: list[float], scale: float) -> list[dict[str, Any]]:
    """Return up to five classes of about as many units each, with their colours, the lowest first.

    Borders are rounded as the figures are shown, so that what the legend says is what the map does.
    """
    decimals = 1 if scale >= 10 else 3
    ramp = palette().sequential
    inner = np.unique(np.round(np.quantile(values, np.linspace(0, 1, len(ramp) + 1)[1:-1]), decimals))
    borders = [float(b) for b in inner if min(values) < b <= max(values)]
    ends = [None, *borders, None]
    shades = [ramp[round(k * (len(ramp) - 1) / max(len(borders), 1))] for k in range(len(borders) + 1)]
    pieces = []
    for low, high, colour in zip(ends[:-1], ends[1:], shades, strict=True):
        piece: dict[str, Any] = {"color": colour}
        if low is not None:
            piece["gte"] = low
        if high is not None:
            piece["lt"] = high
        label = (
            figure_text(min(values), scale) + "–" + figure_text(max(values), scale) if low is None and high is None
            else f"< {figure_text(high, scale)}" if low is None and high is not None
            else f"≥ {figure_text(low, scale)}" if high is None and low is not None
            else f"{figure_text(low or 0.0, scale)}–{figure_text(high or 0.0, scale)}"
        )  # fmt: skip
        pieces.append(piece | {"label": label})
    if not borders:
        pieces = [{"gte": min(values), "lte": max(values), "color": ramp[2], "label": pieces[0]["label"]}]
    return pieces


def class_colour(value: float, pieces: Iterable[Mapping[str, Any]]) -> str:
    """Return the colour of the class in which a value lies."""
    return next(
        str(p["color"])
        for p in pieces
        if p.get("gte", -np.inf) <= value and value < p.get("lt", np.inf) and value <= p.get("lte", np.inf)
    )


# --- parts of a map --------------------------------------------------------------------------------------


def _areas(part: MapPart, index: int, values: Mapping[str, float]) -> dict[str, Any]:
    return {
        "type": "map", "geoIndex": index, "silent": True,
        "data": [{"name": code, "value": values[code]} for code in part.shapes if code in values],
    }  # fmt: skip


def _dashes(part: MapPart, index: int) -> dict[str, Any]:
    return {
        "type": "lines", "coordinateSystem": "geo", "geoIndex": index, "polyline": True, "silent": True, "z": 3,
        "lineStyle": {"color": palette().ink, "width": 1.4, "opacity": 1},
        "data": [{"coords": line} for line in part.line],
    }  # fmt: skip


def _inset_frame(corner: Box) -> list[dict[str, Any]]:
    shape = {"x": corner.left, "y": corner.top, "width": corner.right - corner.left,
             "height": corner.bottom - corner.top}  # fmt: skip
    told = wrapped(_("南海诸岛"), shape["width"] - 8, SIZE - 2)
    lines = told.count("\n") + 1
    return [
        {"type": "rect", "silent": True, "z": 10, "shape": shape,
         "style": {"fill": "none", "stroke": palette().muted, "lineWidth": 1}},
        {"type": "text", "silent": True, "z": 11, "left": corner.left + 4, "top": corner.bottom - 3 - 13 * lines,
         "style": {"text": told, "fill": palette().ink, "fontSize": SIZE - 2}},
    ]  # fmt: skip


def _names(
    material: Material, main: MapPart, middles: Mapping[str, Any], frame: Box, values: Mapping[str, float]
) -> dict[str, Any]:
    """Return the names of the areas, each as near to its place as there is room; none beyond :data:`NAMED`."""
    labels = dict(zip(material.result.codes, material.labels, strict=True))
    codes = [code for code in main.shapes if code in labels or code in _UNRANKED]
    if len(codes) > NAMED:
        codes = []
    names = [(labels.get(code) or _unranked(code)) + ("" if code in values else " –") for code in codes]
    across = frame.right - frame.left
    scale = across / (main.ends.right - main.ends.left)
    points = [
        (
            frame.left + (middles[c][0] - main.ends.left) * scale,
            frame.bottom - (middles[c][1] - main.ends.top) * scale,
        )
        for c in codes
    ]
    sizes = label_sizes(names, SIZE - 2)
    found = place(points, sizes, frame, 0.0) or place(points, sizes, frame, 0.0, reach=across)
    if found is None:
        raise ComputeError(_("{count} 个名称在图上放不下").format(count=len(names)))
    return {
        "type": "scatter", "coordinateSystem": "geo", "geoIndex": 0, "symbolSize": 0, "silent": True, "z": 8,
        "data": [
            {
                "name": name,
                "value": [
                    main.ends.left + (label.x - frame.left) / scale, main.ends.top + (frame.bottom - label.y) / scale,
                ],
            }
            for name, label in zip(names, found, strict=True)
        ],
        "label": {
            "show": True, "position": "inside", "formatter": "{b}", "fontSize": SIZE - 2, "color": palette().ink,
            "textBorderColor": palette().ground, "textBorderWidth": 2,
        },
    }  # fmt: skip


def _unranked(code: str) -> str:
    chinese, english = _UNRANKED.get(code, ("", ""))
    if chinese:
        return chinese if current_language() == "zh" else english
    return find(code, "province").label


# --- shapes ----------------------------------------------------------------------------------------------


def map_parts(level: str, codes: Sequence[str]) -> tuple[MapPart, MapPart | None, Mapping[str, Any], bool]:
    """Return the map for the units of a level: the main part, its inset, the middles, and if it is invented.

    Raises
    ------
    ComputeError
        If there is no map of the level, or none of the units is on it.
    """
    if level == "province":
        main, inset, middles = _national("provinces.json")
        return main, inset, middles, False
    if level != "county":
        raise ComputeError(
            _("{level} 这一层级没有地图").format(level=level), remedy=_("请改用横条图 ranking")
        )
    if any(demonstration_unit(code) for code in codes):
        rings = {
            code: [[[[x * _DEMONSTRATION, y * _DEMONSTRATION] for x, y in (*ring, ring[0])]]]
            for code, ring in demonstration_boundaries().items()
        }
        return MapPart(rings, [], _ends(rings, [], 0.55)), None, {c: _mean(r) for c, r in rings.items()}, True
    main, inset, middles = _national("counties.json")
    provinces = {province_of(code) for code in codes}
    if len(provinces) > 1:
        return main, inset, middles, False
    own = {code: shape for code, shape in main.shapes.items() if province_of(code) in provinces}
    if not own:
        raise ComputeError(_("没有一个单位在地图上"), remedy=_("请改用横条图 ranking"))
    return MapPart(own, [], _ends(own, [], 0.8)), None, middles, False


@cache
def _national(name: str) -> tuple[MapPart, MapPart, Mapping[str, Any]]:
    table = json.loads(asset(name).read_text(encoding="utf-8"))
    main, inset = table["main"], table["inset"]
    left, low, right, high = table["box"]
    ends = _ends(main["shapes"], main["line"])
    return (
        MapPart(main["shapes"], main["line"], replace(ends, right=ends.right + _INSET_ROOM)),
        MapPart(inset["shapes"], inset["line"], Box(left, low, right, high)),
        table["middles"],
    )


def _ends(shapes: Shapes, line: list[Any], tallest: float = 1.0) -> Box:
    """Return the ends of shapes and line, widened so that the map is at most `tallest` times as high as wide."""
    rings = [ring for polygons in shapes.values() for polygon in polygons for ring in polygon]
    points: Floats = np.concatenate([np.asarray(ring, dtype=float) for ring in [*rings, *line]])
    (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
    lack = max((high - low) / tallest - (right - left), 0.0) / 2
    return Box(float(left - lack), float(low), float(right + lack), float(high))


def _mean(polygons: Any) -> list[float]:
    corners = np.asarray(polygons[0][0][:-1])
    return [float(v) for v in corners.mean(axis=0)]
