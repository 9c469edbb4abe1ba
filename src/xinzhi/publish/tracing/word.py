"""The numbers of a Word file: each content control whose tag is a key, with its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from xinzhi.forms.files.packages import Package
from xinzhi.forms.files.zipped import damaged, hostile
from xinzhi.language import gettext as _
from xinzhi.publish.text.keys import SCHEME
from xinzhi.publish.tracing.shown import Shown

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def in_word(data: bytes) -> Iterator[Shown]:
    """Yield the numbers of a Word file: the content controls whose tag is a key, with their text."""
    package = Package(data)
    for part in ("word/document.xml", "word/footnotes.xml"):
        if part in package:
            yield from _controls(_parsed(package.read(part), part))


def _parsed(data: bytes, part: str) -> Any:
    """Parse a part that may be as long as a book; its size has been checked with the directory."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise hostile("entities", part=part)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(part) from error


def _controls(root: Any) -> Iterator[Shown]:
    paragraphs = 0
    for element in root.iter(f"{_W}p", f"{_W}sdt"):
        if element.tag == f"{_W}p":
            paragraphs += 1
            continue
        tag = element.find(f"{_W}sdtPr/{_W}tag")
        key = SCHEME + tag.get(f"{_W}val", "") if tag is not None else ""
        if key.count("/") == 6:
            # What was deleted with changes tracked is no longer shown.
            gone = {id(t) for mark in element.iter(f"{_W}del") for t in mark.iter(f"{_W}t")}
            text = "".join(t.text or "" for t in element.iter(f"{_W}t") if id(t) not in gone)
            yield Shown(_("第 {paragraph} 段").format(paragraph=paragraphs), key, text.strip())
