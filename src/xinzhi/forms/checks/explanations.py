"""Explanations are judged too: an empty, copied or empty-worded one explains nothing."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path

from xinzhi.forms.reading import Finding

SHORTEST = 8
"""Fewest characters in which a cause can be told."""

_FEWEST_DIFFERENT = 5  # characters; aaaaaaaa says nothing
_WORDS = Path(__file__).with_name("affirmation.toml")


def judge_explanation(text: str, *, asked: str = "", others: Collection[str] = ()) -> Finding | None:
    """Return why an explanation is refused, or None when a person may read it as one.

    Parameters
    ----------
    text : str
        What the filer wrote.
    asked : str
        The question it answers; repeating it explains nothing.
    others : collection of str
        Explanations given for other figures of the return or by other units.
    """
    plain = _plain(text)
    if not plain:
        return Finding(rule="explanations.empty")
    if _only_affirms(text, plain):
        return Finding(rule="explanations.affirmed", facts={"text": _short(text)})
    if asked and plain in _plain(asked):
        return Finding(rule="explanations.repeated", facts={"text": _short(text)})
    if len(plain) < SHORTEST or len(set(plain)) < _FEWEST_DIFFERENT:
        return Finding(rule="explanations.short", facts={"text": _short(text), "shortest": SHORTEST})
    if plain in {_plain(other) for other in others}:
        return Finding(rule="explanations.copied", facts={"text": _short(text)})
    return None


def _only_affirms(text: str, plain: str) -> bool:
    chinese, english = _affirmation()
    words = re.findall(r"[a-z]+", text.lower())
    return bool(chinese.fullmatch(plain)) or (text.isascii() and bool(words) and english.issuperset(words))


@cache
def _affirmation() -> tuple[re.Pattern[str], frozenset[str]]:
    words = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    longest_first = sorted(map(re.escape, words["chinese"]), key=len, reverse=True)
    # Atomic, so that a text which divides in many ways is not tried in all of them.
    return re.compile(f"(?>{'|'.join(longest_first)})*+"), frozenset(words["english"])


def _plain(text: str) -> str:
    """Keep letters and digits alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] in "LN")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else text[:30] + "…"
