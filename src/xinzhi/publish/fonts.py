"""The fonts that papers and figures are set in: every place name, and the signs between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xinzhi.publish.assets import asset


@dataclass(frozen=True)
class FontFile:
    """One font file: what it is asked for by, and the package it is made of."""

    family: str
    weight: int
    package: str


SANS, SERIF = "Noto Sans SC", "Noto Serif SC"

#: The font files by name.
FONTS = {
    "NotoSansSC-Regular.ttf": FontFile(SANS, 400, "noto-sans-sc"),
    "NotoSansSC-Bold.ttf": FontFile(SANS, 700, "noto-sans-sc"),
    "NotoSerifSC-Regular.ttf": FontFile(SERIF, 400, "noto-serif-sc"),
    "NotoSerifSC-Bold.ttf": FontFile(SERIF, 700, "noto-serif-sc"),
}


def font_folder() -> Path:
    """Return the folder with the fonts.

    Raises
    ------
    CallError
        If they are not there; the error says what to run.
    """
    return asset("fonts")


def font_files(family: str) -> list[Path]:
    """Return the files of a family, the regular one first."""
    return [asset(f"fonts/{name}") for name, font in FONTS.items() if font.family == family]


def lacking(signs: Iterable[str], family: str) -> frozenset[str]:
    """Return the signs that the regular font of a family has no shape for; blanks are none."""
    from PIL import ImageFont

    font = ImageFont.truetype(font_files(family)[0], 24)
    none = bytes(font.getmask("\uffff"))
    return frozenset(sign for sign in signs if not sign.isspace() and bytes(font.getmask(sign)) == none)
