"""The numbers of a page: elements with a key, and cells of tables whose key is put together from what they lie in.

An element with ``data-key="xinzhi:..."`` is a number. So is one with ``data-measure``: the other parts of its key
(``data-result``, ``data-unit``, ``data-node``, ``data-year``, ``data-more``, ``data-form``) are its own or those of
the nearest element around it that has them, so that a row names its unit once and a table its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.publish.text.keys import SCHEME
from xinzhi.publish.tracing.shown import Shown

_NUMBERS = etree.XPath("//*[@data-key or @data-measure]")
_PARTS = ("result", "measure", "unit", "node", "year", "more", "form")


def in_page(data: bytes) -> Iterator[Shown]:
    """Yield the numbers of an HTML page in its order."""
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise CallError(_("网页读不出来")) from error
    around: dict[Any, dict[str, str]] = {}
    for element in _NUMBERS(root):
        key = element.get("data-key") or _put_together(element, around)
        text = "".join(element.itertext()).strip()
        yield Shown(_("第 {line} 行").format(line=element.sourceline), key, text)


def _put_together(element: Any, around: dict[Any, dict[str, str]]) -> str:
    parent = element.getparent()
    if parent not in around:
        around[parent] = _parts(parent)
    parts = around[parent] | _own(element)
    return SCHEME + "/".join(parts.get(part, "") for part in _PARTS)


def _parts(element: Any) -> dict[str, str]:
    """Return the parts of keys that hold within an element, those of the nearest first."""
    found: dict[str, str] = {}
    while element is not None:
        found = _own(element) | found
        element = element.getparent()
    return found


def _own(element: Any) -> dict[str, str]:
    attributes = element.attrib
    return {part: attributes[f"data-{part}"] for part in _PARTS if f"data-{part}" in attributes}
