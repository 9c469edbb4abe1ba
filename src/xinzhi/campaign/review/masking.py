"""Blind texts: the names, places and contacts of who filed and who recommends, masked however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from xinzhi.intake.gazetteer import Gazetteer

MASK = "▇▇"
_TAKEN = "\0"
"""Stands for every sign of what was found, so that no later search finds it again."""

_ENDS = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "省", "市", "县", "区", "盟", "旗")
_BODY_ENDS = re.compile(
    r"(?:（.{1,8}）|\(.{1,8}\))?(?:集团)?(?:股份有限公司|有限责任公司|有限公司|集团公司|公司|集团|合作社|研究院|研究所|人民政府)$"
)
_GENERAL = (
    re.compile(r"[\w.+-]+\s*[@＠]\s*[\w-]+(?:\s*[.．]\s*[\w-]+)+"),  # e-mail
    re.compile(r"(?:https?://|www\.)[\w./?=&%#:~-]+", re.IGNORECASE),
    re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"),  # mobile
    re.compile(r"(?<!\d)[(（]?0\d{2,3}[)）]?[\s－—-]?\d{7,8}(?!\d)"),  # telephone
    re.compile(
        r"(?<![0-9A-Z])(?=[0-9A-Z]*\d)[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])"
    ),  # credit code, identity card
)
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): within a word they hide it from a search."""
_NEVER = frozenset({"中国", "公司", "集团", "城区", "郊区", "矿区", "人民政府", "有限公司"})


def words_of(names: Iterable[str], contacts: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what has to be masked, the longest first.

    Parameters
    ----------
    names : iterable of str
        Of units and bodies, with those above them; each is also masked without its kind (甲样县, 甲样), without the
        form of a company, and without the places at its beginning.
    contacts : iterable of str
        Persons, telephones, addresses: as they are.
    """
    names = [plain(name) for name in names if name.strip()]
    places = sorted({short for name in names for short in _short(name)}, key=len, reverse=True)
    words = {plain(contact) for contact in contacts} | set(names) | set(places)
    for name in names:
        body = _BODY_ENDS.sub("", name)
        words.add(body)
        for place in places:
            if body.startswith(place) and len(body) - len(place) >= 2:
                words |= {body[len(place) :], name[len(place) :]}
    kept = {word for word in words if len(word) >= 2 and word not in _NEVER and not word.startswith(_ENDS)}
    return tuple(sorted(kept, key=lambda word: (-len(word), word)))


def _short(name: str) -> Iterator[str]:
    yield name
    for end in _ENDS:
        if name.endswith(end) and len(name) - len(end) >= 2:
            yield name.removesuffix(end)
            return


class Found(NamedTuple):
    """A piece of a text that tells who filed: where it stands, and what it was found by.

    `sort` is ``name`` (a word of the filer or recommender), ``place`` (a unit nearby), ``contact`` (the shape of an
    address, a number) or ``hand`` (a word that somebody of the office wrote down).
    """

    begin: int
    end: int
    sort: str


def masked(text: str, words: Sequence[str], places: Gazetteer | None = None, near: str = "") -> str:
    """Return a text with words, contacts of the common shapes, and places near the filer masked.

    Parameters
    ----------
    words : sequence of str
        Longest first; white space, full width and capitals make no difference.
    places : Gazetteer, optional
        Where given, units whose code begins with `near` are masked wherever the text names them.
    """
    text = seen(text)
    return hidden(text, find(text, words, places, near))


def find(
    text: str, words: Sequence[str], places: Gazetteer | None = None, near: str = ""
) -> tuple[Found, ...]:
    """Return what :func:`masked` masks in a text as the eye reads it (:func:`seen`), in order; none lies on another."""
    found: list[Found] = []

    def take(pattern: re.Pattern[str], sort: str) -> None:
        nonlocal text
        found.extend(Found(*match.span(), sort) for match in pattern.finditer(text))
        text = pattern.sub(lambda match: _TAKEN * len(match[0]), text)

    for word in words:
        take(_pattern(word), "name")
    if places and near:
        for mention in places.mentions(text):
            if any(unit.code.startswith(near) for unit in mention.units):
                take(_pattern(mention.name), "place")
    for shape in _GENERAL:
        take(shape, "contact")
    return tuple(sorted(found))


def find_by_hand(text: str, words: Iterable[str], taken: Iterable[tuple[int, int]] = ()) -> tuple[Found, ...]:
    """Return where words stand that somebody wrote down, outside of what is taken already."""
    for begin, end in taken:
        text = text[:begin] + _TAKEN * (end - begin) + text[end:]
    found = []
    for pattern in map(_pattern, sorted(words, key=len, reverse=True)):
        found += [Found(*match.span(), "hand") for match in pattern.finditer(text)]
        text = pattern.sub(lambda match: _TAKEN * len(match[0]), text)
    return tuple(sorted(found))


def hidden(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with pieces of it masked; neighbours become one mask, so that their number tells nothing."""
    for begin, end, _sort in sorted(pieces, reverse=True):
        text = text[:begin] + MASK + text[end:]
    return re.sub(rf"(?:{MASK}\s*)+{MASK}", MASK, text)


def seen(text: str) -> str:
    """Return a text as the eye reads it: without signs of no width, letters of another shape as their own.

    Signs of full width stay as the filer wrote them.
    """
    kept = (c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or not _INVISIBLE.match(c))
    return "".join(c if 0xFF00 <= ord(c) <= 0xFFEF else _plain_letter(c) for c in kept)


def _plain_letter(sign: str) -> str:
    """Return a letter or digit of another shape (⼭, 𝐚) as its own; ① and ² mean something, and stay."""
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isalnum() and unicodedata.category(sign) != "No" else sign


def _pattern(word: str) -> re.Pattern[str]:
    """Return what finds a word in half or full width, with white space or hyphens within."""
    between = r"[\s\-－—·]*"
    return re.compile(between.join(f"[{_either(sign)}]" for sign in plain(word)), re.IGNORECASE)


def _either(sign: str) -> str:
    wide = chr(ord(sign) + 0xFEE0) if 0x21 <= ord(sign) <= 0x7E else ""
    return "".join(re.escape(one) for one in (sign, wide) if one)


def plain(text: str) -> str:
    """Return a text as words are compared: letters of one width, without white space and hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in "-—·")
