"""Small drawings of the pages, by hand: where a rank lies, a line over years, bars, and a map whose areas are links.

No style attributes, which the content security policy of the pages forbids; colours are classes or attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from xinzhi.errors import ComputeError
from xinzhi.panel.panel import Floats
from xinzhi.publish.figures.maps import MapPart, class_colour, classes, map_parts

_WIDE, _HIGH = 220, 56
_MAP = 1000
_INSET = 150


def whisker(rank: float, low: float, high: float, count: int) -> Markup:
    """Draw the interval of a rank as a line with a dot on a scale of `count` places."""
    if not np.isfinite(rank) or count < 2:
        return Markup("")
    at = [round(2 + 96 * (place - 1) / (count - 1), 1) for place in (rank, low, high)]
    line = f'<path d="M{at[1]:g} 5H{at[2]:g}"/>' if np.isfinite(low) and np.isfinite(high) else ""
    return Markup(
        f'<svg class="whisker" viewBox="0 0 100 10" aria-hidden="true">{line}<circle cx="{at[0]:g}" cy="5" r="2"/></svg>'
    )


def sparkline(years: Sequence[int], values: Floats, told: str) -> Markup:
    """Draw the scores of one unit over the years; a year without one leaves a gap."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return Markup("")
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span, steps = (high - low) or 1.0, max(len(years) - 1, 1)
    points = [
        (
            round(6 + (_WIDE - 12) * t / steps, 1),
            round(_HIGH - 8 - (_HIGH - 16) * (values[t] - low) / span, 1),
        )
        for t in known
    ]
    path = "".join(
        f"{'L' if k and known[k] == known[k - 1] + 1 else 'M'}{x:g} {y:g}" for k, (x, y) in enumerate(points)
    )
    x, y = points[-1]
    return Markup('<svg class="sparkline" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDE,
        _HIGH,
        told,
        Markup(f'<path d="{path}"/><circle cx="{x:g}" cy="{y:g}" r="3"/>'),
    )


def bar(share: float) -> Markup:
    """Draw a bar of a share between 0 and 1."""
    if not np.isfinite(share):
        return Markup("")
    return Markup(
        f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="8" class="ground"/><rect width="{100 * min(max(share, 0.0), 1.0):.1f}" height="8"/></svg>'
    )


@dataclass(frozen=True)
class LinkedMap:
    """A map whose areas lead to portraits, and the colours and words of its classes."""

    svg: Markup
    legend: tuple[tuple[str, str], ...]
    invented: bool
    missing: int


def linked_map(
    level: str,
    codes: Sequence[str],
    names: Sequence[str],
    values: Floats,
    texts: Sequence[str],
    scale: float,
    address: Callable[[str], str],
    about: str,
) -> LinkedMap | None:
    """Draw the map of a level in classes of a value; None where there is no map of it.

    Parameters
    ----------
    codes, names, texts : sequence of str
        Of N units: code, name, and the value as it is shown.
    values : ndarray, shape (N,)
    scale : float
        A full score.
    address : callable
        From a code to where its area leads.
    about : str
        What the map shows, for those who cannot see it.
    """
    try:
        main, inset, _middles, invented = map_parts(level, codes)
    except ComputeError:
        return None
    known = {code: float(v) for code, v in zip(codes, values, strict=True) if np.isfinite(v)}
    drawn = {code: v for code, v in known.items() if code in main.shapes}
    if not drawn:
        return None
    pieces = classes(list(drawn.values()), scale)
    words = dict(zip(codes, zip(names, texts, strict=True), strict=True))
    colours = {code: class_colour(v, pieces) for code, v in drawn.items()}
    ends = main.ends
    factor = _MAP / (ends.right - ends.left)
    height = round((ends.bottom - ends.top) * factor)
    body = _areas(main, colours, words, address, factor, ends.left, ends.bottom)
    if inset:
        e = inset.ends
        shrink = _INSET / (e.right - e.left)
        tall = round((e.bottom - e.top) * shrink)
        place = f"{_MAP - _INSET - 2},{height - tall - 2}"
        inside = _areas(inset, colours, {}, address, shrink, e.left, e.bottom)
        body += Markup(
            f'<svg x="{place.split(",")[0]}" y="{place.split(",")[1]}" width="{_INSET}" height="{tall}" '
            f'viewBox="0 0 {_INSET} {tall}"><rect width="{_INSET}" height="{tall}" class="frame"/>{inside}</svg>'
        )
    svg = Markup('<svg class="map" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        _MAP, height, about, body
    )
    legend = tuple((str(piece["color"]), str(piece["label"])) for piece in pieces)
    return LinkedMap(svg, legend, invented, len(main.shapes) - len(drawn))


def _areas(
    part: MapPart,
    colours: Mapping[str, str],
    words: Mapping[str, tuple[str, str]],
    address: Callable[[str], str],
    factor: float,
    left: float,
    bottom: float,
) -> Markup:
    made: list[Markup] = []
    for code, polygons in part.shapes.items():
        path = "".join(_ring(ring, factor, left, bottom) for polygon in polygons for ring in polygon)
        colour = colours.get(code)
        if colour is None:
            made.append(Markup('<path class="blank" d="{}"/>').format(path))
        elif code not in words:
            made.append(Markup('<path fill="{}" d="{}"/>').format(colour, path))
        else:
            name, text = words[code]
            told = Markup('<a href="{}"><title>{} {}</title><path fill="{}" d="{}"/></a>\n')
            made.append(told.format(address(code), name, text, colour, path))
    dashes = (_ring(dash, factor, left, bottom, "") for dash in part.line)
    made += (Markup('<path class="dash" d="{}"/>').format(dash) for dash in dashes)
    return Markup("").join(made)


def _ring(ring: Sequence[Sequence[float]], factor: float, left: float, bottom: float, end: str = "z") -> str:
    """Return a ring as a path of whole steps, each from the point before."""
    points = np.round(
        np.column_stack([(np.asarray(ring)[:, 0] - left), (bottom - np.asarray(ring)[:, 1])]) * factor * 2
    ).astype(int)
    kept = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    points = points[kept]
    steps = np.diff(points, axis=0)
    return (
        f"M{points[0][0] / 2:g} {points[0][1] / 2:g}l"
        + " ".join(f"{x / 2:g} {y / 2:g}" for x, y in steps.tolist())
        + end
        if len(points) > 1
        else ""
    )
