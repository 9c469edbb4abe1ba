r"""Fields: of most the result is read and the instruction not; some show what only their instruction says.

Those are check boxes and lists of the old form fields, the enclosed character ``eq \o\ac(□,√)``, and SYMBOL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from xinzhi.forms.files.word.names import Element, W, is_on, number_of
from xinzhi.forms.files.word.symbols import EMPTY, TICKED, UNKNOWN, Sign, sign_of

_OPERANDS = re.compile(r"\\o\s*(?:\\a[lcrLCR])?\s*\((.*)\)", re.S | re.I)
_SHIFTED = re.compile(r"\\[a-z]+(?:\s*\\[a-z]+)*\s*\d*\s*\(([^()]*)\)", re.I)
_SYMBOL = re.compile(r"symbol\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s*\"?([^\"\\]+))?", re.I | re.S)
_FRAMES = set("□☐◻▢○〇◯")
_TICKS = set("√✓✔☑×✕✗✘")
_OUTSIDE = ("DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "LINK", "IMPORT", "INCLUDE")


@dataclass(slots=True)
class Field:
    """A field that has begun: its instruction grows until the result begins."""

    form: Element | None = None
    instruction: list[str] = field(default_factory=list)
    in_result: bool = False
    settled: bool = False

    @property
    def text(self) -> str:
        """The instruction."""
        return "".join(self.instruction).strip()

    @property
    def name(self) -> str:
        """Its first word."""
        return self.text.split(None, 1)[0].upper() if self.text else ""

    @property
    def leads_out(self) -> bool:
        """Whether it fetches from another file or program."""
        return self.name in _OUTSIDE

    def shown(self) -> Sign | None:
        """Return what the instruction alone shows; None where the result is to be read."""
        match self.name:
            case "FORMCHECKBOX":
                return _check_box(self.form)
            case "FORMDROPDOWN":
                return _drop_down(self.form)
            case "EQ":
                return _equation(self.text)
            case "SYMBOL":
                found = _SYMBOL.match(self.text)
                return sign_of((found[2] or "").strip(), int(found[1], 0)) if found else None
        return None


def _check_box(form: Element | None) -> Sign:
    box = None if form is None else form.find(W + "checkBox")
    if box is None:
        return Sign(UNKNOWN)
    state = box.find(W + "checked")
    if state is None:
        state = box.find(W + "default")
    ticked = state is not None and is_on(state)
    return Sign(TICKED if ticked else EMPTY, ticked)


def _drop_down(form: Element | None) -> Sign | None:
    choices = None if form is None else form.find(W + "ddList")
    if choices is None:
        return None
    entries = [entry.get(W + "val", "") for entry in choices.findall(W + "listEntry")]
    number = number_of(choices, "result", number_of(choices, "default", 0))
    return Sign(entries[number]) if number < len(entries) else None


def _equation(text: str) -> Sign:
    found = _OPERANDS.search(text)
    if not found:
        return Sign(UNKNOWN)
    inner = found[1]
    while (plain := _SHIFTED.sub(r"\1", inner)) != inner:
        inner = plain
    operands = [part.strip() for part in re.split("[,，;；]", inner)]
    framed = any(part in _FRAMES for part in operands)
    signs = [part for part in operands if part and part not in _FRAMES]
    if framed and not signs:
        return Sign(EMPTY, False)
    if framed and len(signs) == 1 and signs[0] in _TICKS:
        return Sign(TICKED, True)
    if framed and "\\" not in inner:
        return Sign(_enclosed("".join(signs)))
    return Sign(UNKNOWN)


def _enclosed(text: str) -> str:
    """Write a number in a frame so that it is no digit of the number beside it: ①, or (21)."""
    if not any(character.isdecimal() for character in text):
        return text
    number = int(text) if text.isdecimal() and len(text) < 3 else 0
    return chr(ord("①") + number - 1) if 1 <= number <= 20 else f"({text})"
