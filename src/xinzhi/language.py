"""The language that users read: Chinese in the source, English from the catalogues in ``locale/en``.

A text is written in Chinese where it is used, inside ``_()``, and looked up when it is shown. Each room of
the house keeps a catalogue of its own (``locale/en/<room>.po``). The language is a context variable, so two
threads may speak differently, and the library itself never asks the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_LOCALE = Path(__file__).parent / "locale"
_current: ContextVar[Language] = ContextVar("xinzhi_language", default="zh")

# Full-width forms are the same characters typed with a Chinese keyboard. The rest of NFKC is not wanted:
# it makes 10² into 102.
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def current_language() -> Language:
    """Return the language in force in this context."""
    return _current.get()


def set_language(language: Language) -> None:
    """Speak `language` (``"zh"`` or ``"en"``) from here on in this context.

    Raises
    ------
    ValueError
        If the language is neither of the two.
    """
    _current.set(_known(language))


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` inside a ``with`` block.

    Raises
    ------
    ValueError
        If the language is neither of the two.
    """
    token = _current.set(_known(language))
    try:
        yield
    finally:
        _current.reset(token)


def _known(language: Language) -> Language:
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, got {language!r}")
    return language


@cache
def _catalogue(language: Language) -> dict[str, str]:
    import polib

    entries: dict[str, str] = {}
    for path in sorted((_LOCALE / language).glob("*.po")):
        entries.update({e.msgid: e.msgstr for e in polib.pofile(str(path)) if e.translated()})
    return entries


def gettext(message: str) -> str:
    """Return `message`, a Chinese text of the source, in the current language."""
    language = _current.get()
    return message if language == "zh" else _catalogue(language).get(message, message)


def number(value: float) -> str:
    """Write a figure for people, commas from 1,000 on: six significant digits; from 100,000 two decimals."""
    text = f"{value + 0.0:.6g}"  # + 0.0 takes the sign off a zero
    if abs(float(text)) < 1e5:
        return f"{value + 0.0:,.6g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def half_width(text: str) -> str:
    """Return `text` with full-width letters, digits, brackets and spaces as half-width ones, stripped."""
    return text.translate(_WIDTHS).strip()
