"""Characters of symbol fonts, which are numbers in a font and no text: what they show, and which are check boxes."""

from __future__ import annotations

import re
from typing import NamedTuple

TICKED, EMPTY = "☑", "□"
UNKNOWN = "�"


class Sign(NamedTuple):
    """What is shown; `mark` is set for a check box."""

    text: str
    mark: bool | None = None


_BOX, _TICK = Sign(EMPTY, False), Sign(TICKED, True)
_CIRCLED = {0x80 + n: Sign("⓪①②③④⑤⑥⑦⑧⑨⑩"[n]) for n in range(11)}
_ASCII = {code: Sign(chr(code)) for code in range(0x20, 0x40)}

# Unicode's own correspondence tables of the three fonts (L2/11-052), as far as forms use them.
# In plain Wingdings 0x52 is a sun and 0xA3 a circle: whoever sets them before an option has mistaken the font for
# Wingdings 2, where they are the two boxes.
_FONTS = {
    "wingdings": _CIRCLED | {
        0x20: Sign(" "), 0x52: _TICK, 0xA3: _BOX, 0xFE: _TICK, 0xFD: _TICK, 0x78: _TICK,
        0xA8: _BOX, 0x6F: _BOX, 0x70: _BOX, 0x71: _BOX, 0x72: _BOX,
        0xFC: Sign("√"), 0xFB: Sign("×"), 0x6E: Sign("■"), 0x6C: Sign("●"), 0xA1: Sign("○"), 0xA7: Sign("▪"),
        0x75: Sign("◆"), 0x76: Sign("❖"), 0xD8: Sign("➢"), 0xE0: Sign("→"), 0xE8: Sign("➔"), 0xAB: Sign("★"),
        0x28: Sign("☎"), 0x29: Sign("✆"), 0x2A: Sign("✉"),
    },
    "wingdings 2": {
        0x20: Sign(" "), 0x51: _TICK, 0x52: _TICK, 0x53: _TICK, 0x54: _TICK,
        0xA3: _BOX, 0xA4: _BOX, 0x50: Sign("√"), 0x4F: Sign("×"),
        0xA0: Sign("■"), 0xA1: Sign("■"), 0xA2: Sign("■"), 0x98: Sign("●"), 0x99: Sign("○"),
    },
    "webdings": {0x20: Sign(" "), 0x61: Sign("√"), 0x63: _BOX, 0x67: Sign("■"), 0x72: Sign("×"), 0x6E: Sign("●")},
    "symbol": _ASCII | {
        0xD6: Sign("√"), 0xB7: Sign("•"), 0xB4: Sign("×"), 0xB1: Sign("±"), 0xB0: Sign("°"), 0xB8: Sign("÷"),
        0xA3: Sign("≤"), 0xB3: Sign("≥"), 0xAE: Sign("→"), 0x2D: Sign("-"), 0x6D: Sign("μ"), 0x7E: Sign("~"),
        0x22: Sign("∀"), 0x24: Sign("∃"), 0x27: Sign("∋"), 0x2A: Sign("∗"),
    },
    "wingdings 3": {0x20: Sign(" ")},
}  # fmt: skip
_PRIVATE = range(0xF000, 0xF100)
_PRIVATE_SIGN = re.compile("[\uf000-\uf0ff]")


def is_symbol_font(font: str) -> bool:
    """Tell whether the characters of a font are signs by number."""
    return font.lower() in _FONTS


def sign_of(font: str, code: int) -> Sign:
    """Return what a character shows.

    Parameters
    ----------
    font : str
        Its font.
    code : int
        Its number, with or without the F0 that Word puts before those of symbol fonts.
    """
    if code in _PRIVATE:
        code -= _PRIVATE.start
    elif not is_symbol_font(font) and 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000:
        return Sign(chr(code))
    return _FONTS.get(font.lower(), {}).get(code, Sign(UNKNOWN))


def needs_signs(text: str, font: str) -> bool:
    """Tell whether a text of a run holds characters of a symbol font; `font` is blank for an ordinary one."""
    return font != "" or _PRIVATE_SIGN.search(text) is not None


def signs_of(text: str, font: str) -> list[Sign]:
    """Return what each character of a run shows; ordinary ones, which symbol fonts do not have, as they are."""
    return [
        sign_of(font, ord(sign)) if ord(sign) in _PRIVATE or ord(sign) < 0x100 else Sign(sign)
        for sign in text
    ]
