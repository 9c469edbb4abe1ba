"""The subject of a mail: 数据/案例名称+单位+联系人+联系方式, however it was separated, ordered and shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from xinzhi.declarations import Record, Text
from xinzhi.forms.model import Call
from xinzhi.forms.reading import Finding
from xinzhi.intake.gazetteer import Gazetteer, gazetteer
from xinzhi.intake.reasons import Reason, reason
from xinzhi.intake.vocabulary import vocabulary
from xinzhi.language import half_width

PartName = Literal["name", "unit", "contact", "phone"]

_LONGEST = 400
_TITLES: Mapping[PartName, Text] = {
    "name": Text(zh="数据/案例名称", en="name of data or case"),
    "unit": Text(zh="填报单位", en="filing unit"),
    "contact": Text(zh="联系人", en="contact"),
    "phone": Text(zh="联系方式", en="telephone"),
}
_SEPARATORS = ("+", "|", "_", "/", "、", "——", "--", "—", ";", ",", "-", " ")
"""Those that hardly ever stand inside a name come first."""

_PLUS_SIGNS = str.maketrans(dict.fromkeys("➕✚✛✜⁺₊﹢⊕＋", "+"))

_ANY = re.compile(r"[+|_/、;,\s]+|—+|-+")
_EXTENSION = r"(?:\s*(?:转|分机|ext\.?|[-—#])\s*\d{1,5})?"
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}(?!\d)"
    rf"|(?<!\d)\(?0\d{{2,3}}\)?\s?[-—]?\s?\d{{7,8}}{_EXTENSION}(?!\d)"
    rf"|(?<!\d)400[- ]?\d{{3,4}}[- ]?\d{{3,4}}(?!\d)"
    rf"|(?<!\d)[2-8]\d{{6,7}}(?!\d)",
    re.IGNORECASE,
)
_DATE = re.compile(r"20[0-3]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_CHINESE_NAME = re.compile(r"[㐀-鿿·]{2,15}")


class Subject(Record):
    """The parts of a subject; blank where a part is missing or cannot be told.

    Attributes
    ----------
    name, unit, contact, phone : str
        The parts the call asks for.
    confidence : float
        From 0 to 1: how sure the division is.
    reasons : tuple of Reason
        What it rests on.
    """

    name: str = ""
    unit: str = ""
    contact: str = ""
    phone: str = ""
    confidence: float = 0.0
    reasons: tuple[Reason, ...] = ()


def read_subject(text: str, call: Call, *, places: Gazetteer | None = None) -> Subject:
    """Divide a subject into its parts.

    A telephone is known by its form, a unit by its place or its ending, a person by surname and length; what is
    left is the name. A separator that also stands inside the name does no harm as long as another one divides.

    Parameters
    ----------
    text : str
        The subject, decoded.
    call : Call
        Whose order of parts decides where nothing else does.
    places : Gazetteer, optional
        The units to look for; those of the country by default.

    Returns
    -------
    Subject
    """
    cleaned = without_prefixes(text)
    rest, phones = _without_phones(cleaned)
    divisions = [_divided(rest, separator, places or gazetteer()) for separator in _separators_in(rest)]
    best = max(divisions, key=lambda division: division.score)
    reasons = [reason("subject.phone")] if phones else []
    if best.separator:
        reasons.append(reason("subject.separator", separator=best.separator.replace(" ", "␣")))
    if best.unit:
        reasons.append(reason("subject.unit", text=best.unit))
    if best.contact:
        reasons.append(reason("subject.contact", text=best.contact))
    parts = {"name": best.name, "unit": best.unit, "contact": best.contact, "phone": "、".join(phones)}
    found = sum(bool(parts[part]) for part in call.subject.parts)
    confidence = found / len(call.subject.parts) * (0.6 if best.doubtful else 1.0)
    return Subject(
        **parts, confidence=round(confidence, 2), reasons=tuple(reasons) or (reason("subject.nothing"),)
    )


def missing_parts(subject: Subject, call: Call) -> tuple[Finding, ...]:
    """Return the finding that parts of the subject are missing, if any are."""
    missing = [_TITLES[part] for part in call.subject.parts if not getattr(subject, part)]
    if not missing:
        return ()
    # In both languages: it is kept, and read by people who may speak either.
    named = Text(zh="、".join(title.zh for title in missing), en=", ".join(title.en for title in missing))
    facts = {"missing": named, "pattern": call.subject.pattern}
    return (Finding(rule="units.subject_incomplete", facts=facts),)


def without_prefixes(text: str) -> str:
    """Return a subject in half width without Re:, 答复:, 转发: and what mail systems set before it."""
    text = half_width(text[:_LONGEST].translate(_PLUS_SIGNS))
    words = "|".join(map(re.escape, sorted(vocabulary().mail.reply_prefixes, key=len, reverse=True)))
    system = r"\[[^\[\]]{0,12}\]|【(?:外部|外来|External)[^】]{0,8}】"
    prefix = re.compile(rf"^\s*(?:(?:{words})\s*(?:\[\d+\])?\s*:|{system})\s*", re.IGNORECASE)
    while (shorter := prefix.sub("", text, count=1)) != text:
        text = shorter
    return text.strip()


# --- telephones -------------------------------------------------------------------------------------------


def _without_phones(text: str) -> tuple[str, list[str]]:
    """Take the telephones out; each leaves a plus sign, since it ends a part wherever it stands."""
    phones: list[str] = []

    def take(found: re.Match[str]) -> str:
        if _DATE.fullmatch(found[0]):
            return found[0]
        phones.append(" ".join(found[0].split()))
        return "\0"

    rest = _PHONE.sub(take, text)
    separator = next((sign for sign in _SEPARATORS if sign in rest.strip("\0 ")), "+")
    return rest.replace("\0", separator if separator != " " else " "), list(dict.fromkeys(phones))


# --- division ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Division:
    separator: str
    name: str = ""
    unit: str = ""
    contact: str = ""
    score: float = 0.0
    doubtful: bool = False


def _separators_in(text: str) -> list[str]:
    """Return the single separators that stand in a text, any of them together, and none."""
    single = [separator for separator in _SEPARATORS if separator in text]
    return [*single, *(["*"] if len(single) > 1 else []), ""]


def _divided(text: str, separator: str, places: Gazetteer) -> _Division:
    pieces = [piece for piece in _pieces(text, separator) if piece]
    division = _Division(separator)
    units = [number for number, piece in enumerate(pieces) if _is_unit(piece, places)]
    people = [number for number, piece in enumerate(pieces) if _is_person(piece) and number not in units]
    if not units:
        _divide_glued(pieces, division, places)
        units = [number for number, piece in enumerate(pieces) if piece == division.unit and piece]
    # A person follows the unit; of several, the last.
    person = next((number for number in reversed(people) if not units or number > units[0]), None)
    person = people[-1] if person is None and people else person
    before = [number for number in units if person is None or number < person] or units
    unit = before[-1] if before else None
    left = [piece for number, piece in enumerate(pieces) if number not in (unit, person)]
    division.unit = division.unit or (pieces[unit] if unit is not None else "")
    division.contact = division.contact or (_bare_person(pieces[person]) if person is not None else "")
    division.name = _joined(left, separator)
    division.doubtful = len(units) > 1 or (person is not None and len(people) > 1)
    division.score = (
        3.0 * bool(division.unit) + 2.0 * bool(division.contact) + bool(division.name)
        - 0.3 * max(0, len(left) - 1) - (0.2 if separator == "*" else 0.0)
        - 0.01 * (_SEPARATORS.index(separator) if separator in _SEPARATORS else len(_SEPARATORS))
    )  # fmt: skip
    return division


def _pieces(text: str, separator: str) -> Iterator[str]:
    labels = "|".join(map(re.escape, sorted(vocabulary().subject.labels, key=len, reverse=True)))
    label = re.compile(rf"^(?:{labels})\s*:\s*", re.IGNORECASE)
    parts = [text] if not separator else _ANY.split(text) if separator == "*" else text.split(separator)
    for part in parts:
        piece = label.sub("", part.strip(" \t+|_/、;,-—:。.")).strip(" :")
        if piece.lower() not in vocabulary().subject.labels:
            yield piece


def _joined(pieces: list[str], separator: str) -> str:
    return (" " if separator == "*" else separator).join(pieces)


def _is_unit(piece: str, places: Gazetteer) -> bool:
    words = vocabulary().subject.name_words
    if len(piece) > 60 or any(word in piece for word in words if not piece.endswith("局")):
        return False
    named = places.named(piece)
    if named.bearer == "place":
        return named.name.endswith(tuple(mention.name for mention in places.mentions(piece)))
    return named.bearer != ""


def _is_person(piece: str) -> bool:
    """Tell whether a piece looks like a name: a surname and one to three characters, a title allowed."""
    words = vocabulary().subject
    name = _bare_person(piece)
    if not _CHINESE_NAME.fullmatch(name) or any(word in piece for word in words.name_words):
        return False
    if "·" in name:
        return len(name) <= 15
    if name != piece and len(name) == 1:
        return name in words.single_surnames
    if name[:2] in words.double_surnames:
        return 3 <= len(name) <= 5
    return name[0] in words.single_surnames and 2 <= len(name) <= 4


def _bare_person(piece: str) -> str:
    """Return a piece without a title behind it, unless only the surname would be left."""
    for title in vocabulary().subject.person_titles:
        if piece.endswith(title) and len(piece) - len(title) >= 2:
            return piece.removesuffix(title).strip()
    return piece


def _divide_glued(pieces: list[str], division: _Division, places: Gazetteer) -> None:
    """Find unit and person written without a separator: 示例县统计局张三."""
    for number, piece in enumerate(pieces):
        for length in (2, 3, 4):
            unit, person = piece[:-length], piece[-length:]
            if len(unit) > 3 and _is_person(person) and _is_unit(unit, places):
                division.unit, division.contact = unit, person
                pieces[number] = unit
                return
