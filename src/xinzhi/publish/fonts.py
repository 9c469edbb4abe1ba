"""The fonts that papers and figures are set in: every place name, and the signs between them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
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
    """Return the signs that a file of a family has no shape for; blanks are none."""
    return frozenset(sign for sign in signs if not sign.isspace() and ord(sign) not in covered(family))


@cache
def covered(family: str) -> frozenset[int]:
    """Return the characters (code points) that every file of a family has a shape for."""
    return frozenset.intersection(*(_characters(path.read_bytes()) for path in font_files(family)))


def _characters(font: bytes) -> frozenset[int]:
    """Read the character map of an OpenType font: its subtables of segments (format 4) or of groups (format 12)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * k) for k in range(tables))
    start = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for k in range(subtables):
        (offset,) = struct.unpack_from(">L", font, start + 8 + 8 * k)
        for first, last in _ranges(font, start + offset):
            found.update(range(first, last + 1))
    return frozenset(found)


def _ranges(font: bytes, at: int) -> list[tuple[int, int]]:
    """Return the first and the last character of every range in a subtable; none in other formats."""
    (kind,) = struct.unpack_from(">H", font, at)
    if kind == 4:
        (twice,) = struct.unpack_from(">H", font, at + 6)
        ends = struct.unpack_from(f">{twice // 2}H", font, at + 14)
        return list(zip(struct.unpack_from(f">{twice // 2}H", font, at + 16 + twice), ends, strict=True))
    if kind == 12:
        (count,) = struct.unpack_from(">L", font, at + 12)
        return [struct.unpack_from(">LL", font, at + 16 + 12 * k) for k in range(count)]
    return []
