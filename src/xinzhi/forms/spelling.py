"""When two spellings of a label are the same, and where in a text the characters of its plain spelling stand."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

NUMBERING = (
    r"(?:第\s*[一二三四五六七八九十0-9]{1,3}\s*[部章节条点]分?"
    r"|[（(]\s*[一二三四五六七八九十0-9０-９]{1,3}\s*[）)]"
    r"|[一二三四五六七八九十]{1,3}(?=[、.．，,:：\s])"
    r"|[0-9０-９]{1,2}(?:[.．][0-9０-９]{1,2})*(?=[^0-9０-９.．%％]|[.．][^0-9０-９])"
    r"|[①-⑳]|[IVXⅠ-Ⅻ]{1,4}(?=[、.．\s])|[●■◆▪►※*#•·\-]{1,3})[、.．，,:：)）\s]*"
)
"""A number, letter or bullet before a heading or an entry of a list, whatever its making."""

# A raised digit is no digit of the number beside it: 10 and a raised 2 must not become 102.
RAISED = {
    "superscript": str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"),
    "subscript": str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
}
"""The signs that text set as superscript or subscript is read as."""

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+")
_NUMBERED = re.compile(r"\s*" + NUMBERING)


def plain(text: str) -> str:
    """Return a label in half width and lower case, without white space and invisible signs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _INVISIBLE.sub("", "".join(folded.split()))


def letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text as :func:`plain` writes them, and where each stands in it."""
    kept = [_letters_of(character) for character in text]
    positions = [position for position, folded in enumerate(kept) for _letter in folded]
    return "".join(kept), positions


@lru_cache(maxsize=20_000)
def _letters_of(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LN")


def without_number(text: str) -> str:
    """Return a text without the numbering before it."""
    match = _NUMBERED.match(text)
    return text[match.end() :] if match else text


def spaced(name: str) -> str:
    """Return a pattern for a name in whatever spacing."""
    return r"\s*".join(re.escape(character) for character in name if not character.isspace())
