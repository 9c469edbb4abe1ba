"""Every text that users see has its English, and every English text its user."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_file

import xinzhi

PACKAGE = Path(xinzhi.__file__).parent
KEYWORDS = {"_": None, "gettext": None}
# In the platform's templates {% _ "…" %}, in those of the public site {{ _("…") }}.
IN_TEMPLATES = re.compile(r"""\{%\s*_\s+(?:"([^"]*)"|'([^']*)')|\b_\("([^"]*)"\)""")
CATALOGUES = sorted((PACKAGE / "locale" / "en").glob("*.po"))


@cache
def texts() -> dict[str, set[str]]:
    """Map every text in ``_()`` or ``gettext()`` to the places that use it."""
    found = defaultdict(set)
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, text, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
            found[text].add(f"{path.relative_to(PACKAGE)}:{line}")
    for path in sorted([*PACKAGE.rglob("*.html"), *PACKAGE.rglob("templates/**/*.txt")]):
        for line, content in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for match in IN_TEMPLATES.finditer(content):
                found[match[1] or match[2] or match[3]].add(f"{path.relative_to(PACKAGE)}:{line}")
    return found


@cache
def translations() -> dict[str, dict[str, str]]:
    """Map every text to its translations by catalogue."""
    found = defaultdict(dict)
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            if entry.translated():
                found[entry.msgid][path.name] = entry.msgstr
    return found


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^{}]*\}", text))


def test_there_are_texts_and_catalogues():
    assert len(texts()) > 100
    assert {"ground.po", "methodology.po"} <= {path.name for path in CATALOGUES}


def room_of(place: str) -> str:
    return Path(place.split(":")[0]).parts[0]


@pytest.mark.parametrize("room", sorted({room_of(place) for places in texts().values() for place in places}))
def test_every_text_has_its_english(room):
    missing = {
        text: sorted(places)
        for text, places in texts().items()
        if any(room_of(place) == room for place in places) and text not in translations()
    }
    assert missing == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_translation_is_unused_or_undone(path):
    entries = list(polib.pofile(str(path)))
    assert [e.msgid for e in entries if e.msgid not in texts()] == []
    assert [e.msgid for e in entries if not e.translated()] == []
    assert len({e.msgid for e in entries}) == len(entries)


def test_placeholders_agree():
    wrong = {
        text: english
        for text, by_catalogue in translations().items()
        for english in by_catalogue.values()
        if placeholders(text) != placeholders(english)
    }
    assert wrong == {}


def test_one_text_one_translation():
    assert {text: found for text, found in translations().items() if len(set(found.values())) > 1} == {}


def test_english_is_english():
    """Chinese stays only as a name that the Chinese text writes too, such as that of a unit to type."""
    for text, found in translations().items():
        for english in found.values():
            assert all(word in text for word in re.findall("[一-鿿]+", english)), english
