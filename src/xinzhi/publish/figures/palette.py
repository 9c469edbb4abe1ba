"""The colours, dashes and symbols of the figures, kept as data in ``palette.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    ink, muted, line, ground, wash, accent : str
        Text, lesser text, rules, the ground, what has no figure, the one accent.
    categories : tuple of str
        Of regions, dimensions and lines, in this order.
    sequential : tuple of str
        From little to much.
    diverging : tuple of str
        From below to above a middle.
    dashes, symbols : tuple of str
        One for each category.
    """

    ink: str
    muted: str
    line: str
    ground: str
    wash: str
    accent: str
    categories: tuple[str, ...]
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]
    dashes: tuple[str, ...]
    symbols: tuple[str, ...]

    def category(self, position: int) -> str:
        """Return the colour of a category; beyond the eighth they begin again."""
        return self.categories[position % len(self.categories)]

    def on(self, background: str) -> str:
        """Return the colour of text on a background: ink, or the ground where that is easier to read."""
        return max((self.ink, self.ground), key=lambda colour: contrast(colour, background))


@cache
def palette() -> Palette:
    """Return the palette."""
    with (Path(__file__).parent / "palette.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    for key, value in table.items():
        if isinstance(value, list):
            table[key] = tuple(value)
    return Palette(**table)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[k : k + 2], 16) / 255) for k in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
