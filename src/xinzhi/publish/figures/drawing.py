"""What a kind of figure gives back, and the parts that their options share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Any

from xinzhi.publish.figures.engine import text_width
from xinzhi.publish.figures.palette import palette
from xinzhi.publish.fonts import SANS

if TYPE_CHECKING:
    import polars as pl

WIDTH = 760
SIZE = 12  # of the text, in pixels


@dataclass(frozen=True)
class Drawing:
    """A figure before its caption: what a kind draws from a result.

    Attributes
    ----------
    option : dict
        For ECharts, JSON throughout.
    table : DataFrame
        What is drawn: columns unit (code), name, node, year, value, and what else the kind has.
    title : str
        The finding.
    alt : str
        What a person who does not see the figure has to be told.
    height : int
        In pixels.
    years : tuple of int
        That are drawn.
    measure : str
        Unit of the figures.
    remarks : tuple of str
        What the caption must say besides.
    maps : mapping of str to GeoJSON
        That the option names.
    """

    option: dict[str, Any]
    table: pl.DataFrame
    title: str
    alt: str
    height: int
    years: tuple[int, ...]
    measure: str
    remarks: tuple[str, ...] = ()
    maps: Mapping[str, Any] = field(default_factory=dict)


def long_table(rows: Iterable[Mapping[str, Any]], **more: Any) -> pl.DataFrame:
    """Return rows with the keys of every figure: unit, name, node, year, value, and further columns."""
    import polars as pl

    columns = {"unit": pl.String, "name": pl.String, "node": pl.String, "year": pl.Int64, "value": pl.Float64}
    return pl.DataFrame(list(rows), schema=columns | more, orient="row", nan_to_null=True)


def option(**parts: Any) -> dict[str, Any]:
    """Return an option with what all figures share."""
    colours = palette()
    return {
        "animation": False,
        "backgroundColor": colours.ground,
        "color": list(colours.categories),
        "textStyle": {"fontFamily": SANS, "fontSize": SIZE, "color": colours.ink},
        "aria": {"enabled": False},  # the text beside the figure is written from its data
    } | parts


def value_axis(low: float, high: float, name: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis of figures that ends on round ones."""
    start, end, step = round_ends(low, high)
    colours = palette()
    return {
        "type": "value",
        "min": start,
        "max": end,
        "interval": step,
        "name": name,
        "nameTextStyle": {"color": colours.muted, "fontSize": SIZE},
        "axisLabel": {"color": colours.muted, "fontSize": SIZE - 1},
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": colours.line}},
    } | more


def category_axis(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return an axis of names, every one of them written."""
    colours = palette()
    return {
        "type": "category",
        "data": list(names),
        "axisLabel": {"color": colours.ink, "fontSize": SIZE, "interval": 0},
        "axisLine": {"lineStyle": {"color": colours.muted}},
        "axisTick": {"show": False},
    } | more


def legend(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return a legend above the figure."""
    return {
        "show": True,
        "top": 4,
        "left": 8,
        "itemWidth": 18,
        "itemHeight": 10,
        "data": list(names),
        "textStyle": {"color": palette().ink, "fontSize": SIZE},
    } | more


def round_ends(low: float, high: float, count: int = 6) -> tuple[float, float, float]:
    """Return round ends about a range, and the step between the lines."""
    if not high > low:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    rough = (high - low) / count
    power: float = 10.0 ** floor(log10(rough))
    step = next(power * k for k in (1, 2, 2.5, 5, 10) if power * k >= rough * 0.999)
    return round(floor(low / step + 1e-9) * step, 10), round(ceil(high / step - 1e-9) * step, 10), step


def figure_text(value: float, scale: float = 100.0) -> str:
    """Return a score for people, one decimal on a scale of 10 or more, three below; a dash for none."""
    return f"{value:.{1 if scale >= 10 else 3}f}" if isfinite(value) else "–"


def plain(value: float) -> float | None:
    """Return a figure as JSON knows it."""
    return float(value) if isfinite(value) else None


def wrapped(text: str, width: float, size: float = SIZE, weight: str = "regular") -> str:
    """Return a text in lines no wider than `width`; words of Latin letters stay whole where they fit."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width(line + piece.rstrip(), size, weight) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while text_width(line.rstrip(), size, weight) > width and len(line) > 1:
            cut = next(
                k for k in range(len(line), 0, -1) if k == 1 or text_width(line[:k], size, weight) <= width
            )
            lines.append(line[:cut])
            line = line[cut:]
    return "\n".join([*lines, line.rstrip()] if line.strip() or not lines else lines)


def shortened(text: str, width: float, size: float = SIZE) -> str:
    """Return a text on one line no wider than `width`, with a sign where it was cut; tables have it whole."""
    if text_width(text, size) <= width:
        return text
    cut = next(k for k in range(len(text), 0, -1) if k == 1 or text_width(text[:k] + "…", size) <= width)
    return text[:cut] + "…"


_CLOSING = frozenset(",.;:!?)]}%,。;:!?、)》”’")


def _pieces(text: str) -> list[str]:
    """Return what may stand on a line of its own: a Latin word, or a character with the sign that closes it."""
    pieces: list[str] = []
    for character in text:
        latin = character.isascii() and character != " "
        if pieces and (
            character in _CLOSING
            or character == " "
            or (latin and pieces[-1].isascii() and pieces[-1][-1] != " ")
        ):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def name_column(names: Sequence[str], most: float = 190.0) -> tuple[list[str], int, int]:
    """Return the names of rows, wrapped, the room they need at the left, and the height of a row."""
    lines = [wrapped(name, most) for name in names]
    widest = max((text_width(part, SIZE) for name in lines for part in name.split("\n")), default=0.0)
    deepest = max((name.count("\n") + 1 for name in lines), default=1)
    return lines, ceil(widest) + 14, max(20, 15 * deepest + 6)
