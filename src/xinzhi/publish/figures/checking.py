"""What a figure must be before anybody sees it: drawn from its own table, and every sign in the font."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _
from xinzhi.publish.figures.drawing import Drawing
from xinzhi.publish.fonts import SANS, lacking

_TEXT = re.compile(r"<text\b[^>]*>(.*?)</text>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_RANK = re.compile(r"^([\d.]+)  |  ([\d.]+)$")

Option = Mapping[str, Any]
Drawn = list[float]


class FigureError(XinzhiError):
    """A figure that does not show what its table says, or not all of it."""


def require_drawn(name: str, how: str, drawing: Drawing) -> None:
    """Refuse a figure whose series hold other figures than its table, or in another order.

    Parameters
    ----------
    name : str
        Of the kind.
    how : str
        How the kind draws the values of its table: one of :data:`READERS`.
    drawing : Drawing

    Raises
    ------
    FigureError
        With the row of the table.
    """
    drawn = READERS[how](drawing.option)
    rows = [row for row in drawing.table.iter_rows(named=True) if row["value"] is not None]
    if len(drawn) != len(rows):
        raise FigureError(
            _("图 {name} 画了 {drawn} 个数, 表里有 {rows} 个").format(
                name=name, drawn=len(drawn), rows=len(rows)
            )
        )
    for value, row in zip(drawn, rows, strict=True):
        if not math.isclose(value, row["value"], rel_tol=1e-12, abs_tol=1e-12):
            place = " ".join(str(row[key]) for key in ("name", "node", "year") if row[key])
            raise FigureError(
                _("图 {name} 画的不是表里的数: {place} 画的是 {drawn:.6g}, 表里是 {value:.6g}").format(
                    name=name, place=place, drawn=value, value=row["value"]
                )
            )


def require_glyphs(name: str, svg: str) -> None:
    """Refuse a drawing with a sign that the font of figures does not have.

    Raises
    ------
    FigureError
        With the signs.
    """
    signs = set(html.unescape(_TAG.sub("", "".join(_TEXT.findall(svg)))))
    if found := lacking(signs, SANS):
        told = " ".join(f"{sign} (U+{ord(sign):04X})" for sign in sorted(found))
        raise FigureError(
            _("图 {name} 里有字体 {font} 没有的字: {signs}").format(name=name, font=SANS, signs=told),
            remedy=_("请改写这个名称, 或用 make assets 取得完整的字体"),
        )


# --- how the values of a table are drawn -------------------------------------------------------------------


def _series(option: Option, kind: str) -> list[Any]:
    return [series for series in option["series"] if series["type"] == kind]


def _known(values: Any) -> Drawn:
    return [float(value) for value in values if value is not None and value != "-"]


def _along(option: Option) -> Drawn:
    """Lines and bars, one series after the other."""
    return [v for kind in ("line", "bar") for series in _series(option, kind) for v in _known(series["data"])]


def _curves(option: Option) -> Drawn:
    return [float(y) for series in _series(option, "line") for _x, y in series["data"]]


def _across(option: Option) -> Drawn:
    """Stacked bars, one category after the other."""
    columns = zip(*(series["data"] for series in _series(option, "bar")), strict=True)
    return [v for column in columns for v in _known(column)]


def _shares(option: Option) -> Drawn:
    """The same in per cent."""
    return [v / 100 for v in _across(option)]


def _areas(option: Option) -> Drawn:
    """Areas of a map, those of an inset once; the best first, as the table has them."""
    found = {
        area["name"]: float(area["value"]) for series in _series(option, "map") for area in series["data"]
    }
    return sorted(found.values(), reverse=True)


def _cells(option: Option) -> Drawn:
    return [float(cell["value"][2]) for series in _series(option, "heatmap") for cell in series["data"]]


def _points(option: Option) -> Drawn:
    """Points of a scatter in the order of their positions; names are a series of no size."""
    points = [p for series in _series(option, "scatter") if series["symbolSize"] for p in series["data"]]
    return [float(p["value"][1]) for p in sorted(points, key=lambda p: int(p["id"]))]


def _axes(option: Option) -> Drawn:
    return [v for series in _series(option, "radar") for one in series["data"] for v in _known(one["value"])]


def _ranks(option: Option) -> Drawn:
    """Ranks at both ends of a slope, which stand as text beside the names."""
    marks = [mark["name"] for series in _series(option, "scatter") for mark in series["data"]]
    return [float(next(filter(None, found.groups()))) for mark in marks if (found := _RANK.search(mark))]


READERS: Mapping[str, Callable[[Option], Drawn]] = {
    "along": _along,
    "across": _across,
    "shares": _shares,
    "curves": _curves,
    "areas": _areas,
    "cells": _cells,
    "points": _points,
    "axes": _axes,
    "ranks": _ranks,
}
