"""The picture that stands for a page where it is shared: title and the first units."""

from __future__ import annotations

import html

from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.publish.figures.drawing import wrapped
from xinzhi.publish.figures.palette import palette
from xinzhi.publish.figures.picture import raster
from xinzhi.publish.fonts import SANS
from xinzhi.publish.website.exhibit import Exhibit

_WIDE, _HIGH = 1200, 630
_SHOWN = 5


def share_card(title: str, exhibit: Exhibit, fictitious: bool) -> bytes:
    """Return a PNG of 1200 x 630 pixels."""
    colours = palette()
    lines: list[tuple[int, int, str, str, int]] = []
    y = 110
    for line in wrapped(title, _WIDE - 160, 52, "bold").split("\n"):
        lines.append((y, 52, line, colours.ink, 700))
        y += 68
    lines.append((y, 30, f"{exhibit.title} · {exhibit.year}", colours.muted, 400))
    y += 64
    for n in exhibit.standing.order(exhibit.root, exhibit.year)[:_SHOWN]:
        rank, score = (
            make(n, exhibit.root, exhibit.year).text for make in (exhibit.writer.rank, exhibit.writer.score)
        )
        lines.append((y, 34, f"{rank}  {exhibit.standing.labels[n]}  {score}", colours.ink, 400))
        y += 50
    if fictitious:
        lines.append((_HIGH - 40, 28, _("含演示数据"), colours.accent, 700))
    drawn = "".join(
        f'<text x="80" y="{y}" font-family="{SANS}" font-size="{size}" font-weight="{weight}" fill="{colour}">'
        f"{html.escape(text)}</text>"
        for y, size, text, colour, weight in lines
    )
    return raster(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_HIGH}" lang="{current_language()}">'
        f'<rect width="100%" height="100%" fill="{colours.ground}"/><rect width="24" height="100%" fill="{colours.accent}"/>'
        f"{drawn}</svg>",
        1.0,
    )
