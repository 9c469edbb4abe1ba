"""What PDF/A-2b (ISO 19005-2) and PDF/UA-1 (ISO 14289-1) ask of the file, as far as its objects show it.

Looked at once with outloud 0.2.1 (Matterhorn protocol, 174 pages of the demonstration): no error. veraPDF was not tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader

PRINTED = 4  # the flag of annotations that PDF/A asks for, alone: neither hidden nor invisible
PLACES = {  # what may stand directly in what
    "/TR": {"/Table", "/THead", "/TBody"},
    "/TH": {"/TR"},
    "/TD": {"/TR"},
    "/TOCI": {"/TOC"},
}


@pytest.fixture(scope="module")
def reader(short_paper) -> PdfReader:
    return PdfReader(short_paper / "paper.pdf")


@pytest.fixture(scope="module")
def elements(reader) -> list[tuple[str, str, dict[str, Any]]]:
    """The elements of the structure tree in their order: tag, tag of what it stands in, the element."""
    return list(below(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], ""))


def below(node: Any, parent: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from below(child, parent)
    elif isinstance(node, dict):
        tag = node.get("/S", parent)
        if "/S" in node:
            yield tag, parent, node
        if "/K" in node:
            yield from below(node["/K"], tag)


def test_nothing_acts_and_nothing_is_attached(reader):
    """No OpenAction, no AA, no JavaScript, no form, no file; and nothing is encrypted."""
    assert set(reader.trailer["/Root"]) == {
        "/Type", "/Pages", "/Metadata", "/OutputIntents", "/Lang", "/StructTreeRoot", "/MarkInfo",
        "/ViewerPreferences", "/Outlines",
    }  # fmt: skip
    assert "/Encrypt" not in reader.trailer
    assert len(reader.trailer["/ID"]) == 2
    assert reader.pdf_header == "%PDF-1.7"


def test_colours_have_one_profile_and_the_title_is_shown(reader):
    (intent,) = reader.trailer["/Root"]["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object()["/N"] == 3
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True


def test_every_page_is_tagged_and_every_link_is_told(reader):
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", [])]
    assert {page["/Tabs"] for page in reader.pages} == {"/S"}
    assert all("/StructParents" in page for page in reader.pages)
    assert len(links) > 100
    assert {(link["/Subtype"], link["/F"]) for link in links} == {("/Link", PRINTED)}
    assert all(link["/Contents"] and "/StructParent" in link for link in links)


def test_every_font_is_embedded_with_its_signs(reader):
    fonts = [
        font.get_object() for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()
    ]
    assert all("/ToUnicode" in font for font in fonts)
    inner = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in inner)


def test_what_cannot_be_read_has_words(elements):
    figures = [element for tag, _parent, element in elements if tag == "/Figure"]
    assert len(figures) == 1
    assert all(element["/Alt"].strip() for element in figures)


def test_headings_skip_no_level(elements):
    levels = [int(tag[2]) for tag, _parent, _element in elements if tag[:2] == "/H" and tag[2:].isdigit()]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise([0, *levels])) == 1


def test_tables_and_contents_are_built_as_they_must_be(elements):
    stray = [(tag, parent) for tag, parent, _element in elements if parent not in PLACES.get(tag, {parent})]
    assert stray == []
    heads = [element for tag, _parent, element in elements if tag == "/TH"]
    scopes = {entry["/Scope"] for head in heads for entry in head["/A"] if "/Scope" in entry}
    assert (len(heads) >= 5, scopes) == (True, {"/Column"})
    known = {
        "/Document", "/H1", "/H2", "/H3", "/P", "/Span", "/Strong", "/Em", "/Link", "/Reference", "/TOC", "/TOCI", "/Table",
        "/THead", "/TBody", "/TR", "/TH", "/TD", "/Caption", "/Figure", "/Div", "/Formula", "/Note", "/Lbl",
    }  # fmt: skip
    assert {tag for tag, _parent, _element in elements} <= known
