"""A figure: one option for page and paper, the table it is drawn from, its words, and its pictures."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.output import whole_file
from xinzhi.publish.figures.checking import require_glyphs
from xinzhi.publish.figures.drawing import wrapped
from xinzhi.publish.figures.engine import render
from xinzhi.publish.figures.palette import palette
from xinzhi.publish.fonts import SANS, font_files, font_folder

if TYPE_CHECKING:
    import polars as pl

_MARGIN = 12
_TITLE, _CAPTION = 16, 11
_OPENING = re.compile(r"<svg [^>]*>")


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes
    ----------
    name : str
        Of the kind.
    title : str
        The finding.
    caption : str
        图注: source, year, unit, methodology, and what must be said besides.
    alt : str
        For a person who does not see the figure.
    option : mapping
        For ECharts; JSON throughout.
    table : DataFrame
        What is drawn: unit (code), name, node, year, value, and further columns.
    width, height : int
        In pixels.
    maps : mapping of str to GeoJSON
        To be registered with ECharts before the option is set.
    """

    name: str
    title: str
    caption: str
    alt: str
    option: Mapping[str, Any]
    table: pl.DataFrame
    width: int
    height: int
    maps: Mapping[str, Any] = field(default_factory=dict)

    def svg(self, framed: bool = False) -> str:
        """Return the figure as SVG: the same bytes from the same figure.

        Parameters
        ----------
        framed : bool
            With title and caption, for a file that stands alone; a paper and a page set them as text.

        Raises
        ------
        FigureError
            If the font does not have a sign in it.
        """
        drawn = render(self.option, self.width, self.height, self.maps, self.name)
        words = f"<title>{html.escape(self.title)}</title><desc>{html.escape(self.alt)}</desc>"
        if not framed:
            require_glyphs(self.name, drawn)
            opening = _OPENING.search(drawn)
            assert opening is not None
            start = opening[0].replace("<svg ", '<svg role="img" ', 1)
            return drawn[: opening.start()] + start + words + drawn[opening.end() :]
        room = self.width - 2 * _MARGIN
        head = wrapped(self.title, room, _TITLE, "bold").split("\n")
        foot = wrapped(self.caption, room, _CAPTION).split("\n")
        top = 14 + len(head) * (_TITLE + 8)
        below = top + self.height + 4
        height = below + len(foot) * (_CAPTION + 6) + 10
        inner = _OPENING.sub(lambda m: m[0].replace("<svg ", f'<svg y="{top}" ', 1), drawn, count=1)
        lines = [
            _line(text, 12 + (k + 1) * (_TITLE + 8) - 8, _TITLE, palette().ink, 700)
            for k, text in enumerate(head)
        ]
        lines += [
            _line(text, below + (k + 1) * (_CAPTION + 6) - 4, _CAPTION, palette().muted)
            for k, text in enumerate(foot)
        ]
        require_glyphs(self.name, drawn + "".join(lines))
        return (
            f'<svg role="img" xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}">{words}'
            f'<rect width="100%" height="100%" fill="{palette().ground}"/>{"".join(lines)}{inner}</svg>'
        )

    def png(self, scale: float = 2.0, framed: bool = False) -> bytes:
        """Return the figure as PNG, `scale` pixels of it for one of the SVG."""
        return raster(self.svg(framed), scale)

    def pdf(self) -> bytes:
        """Return the framed figure as a PDF of one page that fits it."""
        import typst

        source = "#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), alt: sys.inputs.alt)"
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[font_folder()]
        )
        made = typst.compile(
            source.encode(),
            font_paths=fonts,
            timestamp=0,
            sys_inputs={"svg": self.svg(framed=True), "alt": self.alt},
        )
        assert isinstance(made, bytes)
        return made

    def save(self, path: str | Path) -> Path:
        """Write the figure with title and caption, by the ending of the name: .svg, .png or .pdf.

        Raises
        ------
        CallError
            If the ending is another one, or the place cannot be written.
        """
        target = Path(path)
        writers = {
            ".svg": lambda: self.svg(True).encode(),
            ".png": lambda: self.png(2.0, True),
            ".pdf": self.pdf,
        }
        writer = writers.get(target.suffix.lower())
        if writer is None:
            raise CallError(
                _("不认识的图片格式 {suffix}").format(suffix=target.suffix or target.name),
                where=str(target),
                remedy=_("可用: {known}").format(known=" ".join(writers)),
            )
        content = writer()
        with whole_file(target) as draft:
            draft.write_bytes(content)
        return target

    def _repr_svg_(self) -> str:
        return self.svg(framed=True)


def _line(text: str, y: float, size: int, colour: str, weight: int = 400) -> str:
    return (
        f'<text x="{_MARGIN}" y="{y}" font-family="{SANS}" font-size="{size}" font-weight="{weight}" '
        f'fill="{colour}">{html.escape(text)}</text>'
    )


def raster(svg: str, scale: float = 2.0) -> bytes:
    """Return the SVG of a figure as PNG, `scale` pixels of it for one of the SVG."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=svg, zoom=scale, skip_system_fonts=True, font_family=SANS,
            sans_serif_family=SANS, font_files=[str(path) for path in font_files(SANS)],
        )
    )  # fmt: skip
