"""Which box of a choice is ticked: exactly one unambiguous mark is an answer, all else a question to a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple

from xinzhi.declarations import Text
from xinzhi.forms.reading import Fact, ValueStatus
from xinzhi.forms.spelling import spaced
from xinzhi.forms.understanding.numbers import shortened
from xinzhi.forms.understanding.passages import joined

Sign = Literal["ticked", "empty", "crossed", "unclear"]
"""`crossed`: a cross in a box, which forms use for a tick and people for a no. `unclear`: a bare cross."""

_SIGNS: Mapping[Sign, str] = {
    "ticked": "☑■√✓✔●◉⊙◼▣🗹✅⬛🗸∨",
    "empty": "□☐▢◻○〇◯⬜❏❑❒▫",
    "crossed": "☒⊠🗷",
    "unclear": "×✗✘✖╳",
}
_SIGN_OF: Mapping[str, Sign] = {sign: name for name, signs in _SIGNS.items() for sign in signs}
_BRACKETED = r"(?P<open>[（(\[【〔［])\s*(?P<inner>[√✓✔vVxX☑■●×✗✘✖]?)\s*[）)\]】〕］]"
_LONGEST = 1_000  # characters of a cell that may be a choice
_VARIATION = "\ufe0e\ufe0f"

Piece = tuple[str, bool | None]
"""Text of a run with its `mark`."""


@dataclass(slots=True)
class _Token:
    """A box, an option, or other text; `before` is what parts it from the one before ("", " ", "," or a line break)."""

    kind: Literal["box", "option", "other"]
    before: str
    text: str = ""
    sign: Sign = "empty"
    signs: list[Sign] = field(default_factory=list)


class Chosen(NamedTuple):
    """What a choice says: status, rule that says how, facts for its sentences, id of the option."""

    status: ValueStatus
    rule: str = ""
    facts: Mapping[str, Fact] = {}
    option: str = ""


def read_choice(pieces: Iterable[Piece], options: Mapping[str, Text], *, boxes: bool = True) -> Chosen:
    """Understand which option is chosen.

    Parameters
    ----------
    pieces : iterable of (str, bool or None)
        Text of the cell in runs, line breaks included, each with its mark: True and False for a check box of the
        file, ticked or not.
    options : mapping of str to Text
        The options by id; they are known by their Chinese titles.
    boxes : bool
        Whether the form offers boxes. Where it offers a list, a bare option is the regular answer.

    Returns
    -------
    Chosen
        Status ``"choice"`` with the id of the option; ``"missing"`` for a blank cell;
        ``"question"`` for all else.
    """
    pieces = list(pieces)
    raw = shortened("".join(text for text, _mark in pieces))
    facts: dict[str, Fact] = {"raw": raw, "options": joined(options.values())}
    if sum(len(text) for text, _mark in pieces) > _LONGEST:
        return Chosen("question", "choices.unclear", facts)
    if any((one[1], two[1]) == (False, True) for one, two in pairwise(pieces)):
        return Chosen("question", "choices.unclear", facts)  # a check box that contradicts itself
    tokens = list(_tokens(pieces, options))
    if not tokens:
        return Chosen("missing")
    _attach(tokens)
    rule, chosen = _chosen(tokens, list(options), boxes)
    rule = rule and f"choices.{rule}"
    if not chosen:
        return Chosen("question", rule, facts)
    return Chosen("choice", rule, {**facts, "label": options[chosen]}, chosen)


def _chosen(tokens: Sequence[_Token], options: Sequence[str], boxes: bool) -> tuple[str, str]:
    """Return rule and option; no option is a question."""
    signs: dict[str, list[Sign]] = {
        option: [s for t in tokens if t.kind == "option" and t.text == option for s in t.signs]
        for option in options
    }
    present = [option for option in options if any(t.kind == "option" and t.text == option for t in tokens)]
    others = [token for token in tokens if token.kind == "other"]
    every = [sign for found in signs.values() for sign in found]
    if any(token.kind == "box" for token in tokens):
        return "unclear", ""  # a mark that belongs to no option
    if any("ticked" in token.signs or "crossed" in token.signs for token in others):
        return "other", ""
    if "unclear" in every or any("unclear" in token.signs for token in others):
        return "cross", ""
    ticked = [option for option in options if "ticked" in signs[option]]
    crossed = [option for option in options if "crossed" in signs[option]]
    if any(not token.signs for token in others):
        return ("unclear" if every else "other"), ""
    if not every:
        if len(present) == 1:
            return ("only_left" if boxes else ""), present[0]
        return ("none" if present else "other"), ""
    if ticked and crossed:
        return "mixed", ""
    if len(ticked) > 1 or len(crossed) > 1:
        return "several", ""
    if ticked:
        return "", ticked[0]
    if crossed and all("empty" in signs[option] for option in options if option != crossed[0]):
        return "crossed_box", crossed[0]
    return ("cross" if crossed else "none"), ""


# --- boxes and labels --------------------------------------------------------------------------------------


def _tokens(pieces: Sequence[Piece], options: Mapping[str, Text]) -> Iterable[_Token]:
    """Yield boxes, options and other text in their order."""
    names = sorted(options, key=lambda option: -len(options[option].zh))
    known = "|".join(f"(?P<o{names.index(option)}>{spaced(options[option].zh)})" for option in names)
    signs = "".join(_SIGN_OF)
    pattern = re.compile(
        rf"(?P<space>\s+)|{_BRACKETED}|(?P<sign>[{re.escape(signs)}])|{known}|(?P<separator>[、,，;；/|:：。.]+)"
    )
    text, marks = _flat(pieces)
    before, position, other = "", 0, ""

    def rest(space: str) -> Iterable[_Token]:
        if other:
            yield _Token("other", space, other)

    while position < len(text):
        match = pattern.match(text, position)
        option = next((names[i] for i in range(len(names)) if match and match[f"o{i}"]), None)
        if match is None or (option and (other or _goes_on(text, match.end(), pattern))):
            other += text[position]
            position += 1
            continue
        yield from rest(before)
        if other:
            before, other = "", ""
        if match["space"] or match["separator"]:
            before = (
                "\n"
                if "\n" in match[0] or before == "\n"
                else ","
                if match["separator"] or before == ","
                else " "
            )
        elif option:
            yield _Token("option", before, option)
            before = ""
        else:
            yield _Token("box", before, sign=_sign(match, marks.get(position)))
            before = ""
        position = match.end()
    yield from rest(before)


def _flat(pieces: Sequence[Piece]) -> tuple[str, dict[int, bool]]:
    """Join the runs; a run that is a box becomes one sign, whose state is kept by its position."""
    text, marks = "", {}
    for piece, mark in pieces:
        if mark is None:
            text += "".join(character for character in piece if character not in _VARIATION)
        else:
            marks[len(text)] = mark
            text += "☑" if mark else "□"
    return text, marks


def _goes_on(text: str, end: int, pattern: re.Pattern[str]) -> bool:
    """Whether a longer word goes on behind an option (高科技产业)."""
    return end < len(text) and pattern.match(text, end) is None


def _sign(match: re.Match[str], mark: bool | None) -> Sign:
    if mark is not None:
        return "ticked" if mark else "empty"
    if match["sign"]:
        return _SIGN_OF[match["sign"]]
    inner = match["inner"]
    if not inner:
        return "empty"
    if inner in "vV":
        return "ticked"
    if inner in "xX":
        return "crossed" if match["open"] in "[［" else "unclear"
    return _SIGN_OF[inner]


def _attach(tokens: list[_Token]) -> None:
    """Give every box to its label, in place; a box that could belong to two stays."""
    line: list[_Token] = []
    lines = [line]
    for token in tokens:
        if token.before == "\n" and line:
            line = []
            lines.append(line)
        line.append(token)
    joined = _joined(lines)
    shared = [token for line in joined for token in _shared_ticks(line)]
    tokens[:] = [*shared, *(token for line in joined for token in _attached(line))]


def _joined(lines: list[list[_Token]]) -> list[list[_Token]]:
    """Put a line of boxes alone to the line behind it, where all such lines stand so and the others have none."""
    bare = [all(token.kind == "box" for token in line) for line in lines]
    if not any(bare) or bare[-1] or any(one and two for one, two in pairwise(bare)):
        return lines
    labelled = [line for line, alone in zip(lines, bare, strict=True) if not alone]
    if any(token.kind == "box" for line in labelled for token in line):
        return lines
    joined: list[list[_Token]] = []
    for line, follows in zip(lines, [False, *bare], strict=False):
        if follows:
            joined[-1].extend(line)
        else:
            joined.append(line)
    return joined


def _shared_ticks(line: list[_Token]) -> Iterable[_Token]:
    """Yield the ticks that may mean several options: before two of them, at the beginning or with 、 between them."""
    for position, (tick, *following) in enumerate(zip(line, line[1:], line[2:], strict=False)):
        if tick.kind != "box" or tick.sign != "ticked" or any(token.kind != "option" for token in following):
            continue
        trailing = position > 0 and not tick.before and following[0].before
        first = all(token.kind == "box" for token in line[:position])
        if not trailing and (first or following[1].before == ","):
            yield tick


def _attached(line: list[_Token]) -> list[_Token]:
    labels = [token for token in line if token.kind != "box"]
    if len(labels) == 1:
        labels[0].signs += [token.sign for token in line if token.kind == "box"]
        return labels
    leading, trailing = line[0].kind == "box", line[-1].kind == "box"
    left: list[_Token] = []
    for position, token in enumerate(line):
        if token.kind != "box":
            left.append(token)
            continue
        behind = _label(line, position, -1)
        ahead = _label(line, position, 1)
        near_behind = behind is not None and not _spaced(line, position, -1)
        near_ahead = ahead is not None and not _spaced(line, position, 1)
        if behind is None or ahead is None:
            owner = ahead or behind
        elif near_behind != near_ahead:
            owner = behind if near_behind else ahead
            if leading and not trailing and near_behind and not _boxed(line, ahead):
                owner = None  # □甲√ 乙 □丙: the style says 乙, the spacing 甲
        elif leading != trailing and not _double(line, position):
            owner = ahead if leading else behind
        else:
            owner = None
        if owner is None:
            left.append(token)
        else:
            owner.signs.append(token.sign)
    return left


def _label(line: list[_Token], position: int, step: int) -> _Token | None:
    """Return the nearest label before (-1) or behind (1) a box."""
    position += step
    while 0 <= position < len(line):
        if line[position].kind != "box":
            return line[position]
        position += step
    return None


def _spaced(line: list[_Token], position: int, step: int) -> bool:
    """Whether white space lies between a box and the nearest label on that side."""
    while line[position].kind == "box":
        if line[position if step < 0 else position + 1].before:
            return True
        position += step
    return False


def _double(line: list[_Token], position: int) -> bool:
    """Whether the box has another beside it."""
    return any(0 <= at < len(line) and line[at].kind == "box" for at in (position - 1, position + 1))


def _boxed(line: list[_Token], label: _Token) -> bool:
    """Whether a box stands directly before a label."""
    at = next(i for i, token in enumerate(line) if token is label)
    return at > 0 and line[at - 1].kind == "box" and not label.before
