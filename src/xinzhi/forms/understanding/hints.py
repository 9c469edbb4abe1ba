"""Hints of a form that the filer left in: found by likeness to the form's own words, and by their colour."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable
from typing import Literal

from rapidfuzz import fuzz

from xinzhi.forms.counting import count_characters
from xinzhi.forms.model import CaseForm
from xinzhi.forms.spelling import letters
from xinzhi.forms.understanding.passages import Passage

Colour = Literal["red", "blue", ""]

_SHORTEST = 8  # letters of a hint that are recognised on their own; fewer may be the filer's words
_END = 12  # letters at the beginning or end of a hint that broke in two
_LONG = 24  # letters of a hint's middle that no filer writes by chance
_ALIKE = 85.0  # likeness in % from which an edited hint is still one


class Hints:
    """The hints of a form, ready to be found in a line.

    Parameters
    ----------
    texts : iterable of str
        Every text that the form prints to be overwritten.
    markers : iterable of str
        Short texts before a hint (【填写内容】), found in exactly this spelling.
    """

    def __init__(self, texts: Iterable[str], markers: Iterable[str] = ()) -> None:
        whole = []
        for text in texts:
            for marker in markers:
                text = text.removeprefix(marker)
            whole.append(text)
        pieces = [piece for text in whole for piece in (text, *re.split("[①-⑳]", text))]
        found = {letters(piece)[0].removesuffix("等") for piece in pieces}
        self._pieces = sorted((p for p in found if len(p) >= _SHORTEST), key=len, reverse=True)
        self._whole = sorted({letters(text)[0] for text in whole}, key=len, reverse=True)
        self._markers = re.compile("|".join(re.escape(marker) for marker in markers) or r"(?!)")

    def split(self, line: Passage) -> tuple[list[Passage], list[Passage]]:
        """Return what of a line the filer wrote and what are hints."""
        text = line.text
        plain, positions = letters(text)
        hint = [False] * len(text)
        for match in self._markers.finditer(text):
            hint[match.start() : match.end()] = [True] * (match.end() - match.start())
        if len(plain) >= _SHORTEST:
            if self._is_hint(letters(self._markers.sub("", text))[0] if any(hint) else plain):
                return [], [line]
            for piece in self._pieces:
                at = plain.find(piece)
                while at >= 0:
                    first, last = positions[at], positions[at + len(piece) - 1]
                    hint[first : last + 1] = [True] * (last + 1 - first)
                    at = plain.find(piece, at + len(piece))
        if not any(hint):
            return ([line] if text.strip() else []), []
        own = {c for c, hinted in zip(text, hint, strict=True) if not hinted and count_characters(c)}
        if not letters("".join(own - set("①②③④⑤⑥⑦⑧⑨⑩等")))[0]:
            return [], [line]
        spans = re.finditer(r"(0+)|1+", "".join("1" if hinted else "0" for hinted in hint))
        kept: list[Passage] = []
        hints: list[Passage] = []
        for span in spans:
            part = line.part(*span.span())
            (kept if span[1] and part.text.strip() else hints).append(part)
        return kept, hints

    def _is_hint(self, plain: str) -> bool:
        if len(plain) < _SHORTEST:
            return False
        for whole in self._whole:
            at_end = len(plain) >= _END and (whole.startswith(plain) or whole.endswith(plain))
            if plain in whole and (at_end or len(plain) >= _LONG or 2 * len(plain) >= len(whole)):
                return True
            if len(whole) <= 2 * len(plain) <= 4 * len(whole) and fuzz.ratio(
                plain, whole, score_cutoff=_ALIKE
            ):
                return True
        return False


def hints_of(form: CaseForm) -> Hints:
    """Return the hints of a form."""
    headings = form.content.headings
    return Hints(form.hints(), (headings.content, headings.data, headings.advice))


def hint_colour(colour: str) -> Colour:
    """Tell whether a colour ``RRGGBB`` is red or blue, as the hints are, or a near shade."""
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return ""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < 0.5 or value < 0.45:
        return ""
    if hue <= 20 / 360 or hue >= 340 / 360:
        return "red"
    return "blue" if 190 / 360 <= hue <= 260 / 360 else ""


def coloured(passages: Iterable[Passage]) -> tuple[list[Passage], int]:
    """Return the passages that hold text in the colour of hints, and how many such characters there are."""
    found, characters = [], 0
    for passage in passages:
        count = sum(count_characters(text) for run, text in passage.pieces() if hint_colour(run.colour))
        if count:
            found.append(passage)
            characters += count
    return found, characters
