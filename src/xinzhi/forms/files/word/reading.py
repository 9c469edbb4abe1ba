"""A Word file as a neutral document: its parts opened in turn, within the limits of the package."""

from __future__ import annotations

import re

from xinzhi.forms.document import Document, Paragraph
from xinzhi.forms.files.formats import kind_of
from xinzhi.forms.files.packages import Package, Relation
from xinzhi.forms.files.word.blocks import Box, read_blocks
from xinzhi.forms.files.word.captions import set_captions
from xinzhi.forms.files.word.looks import Looks
from xinzhi.forms.files.word.names import FORM_PROPERTY, UNIT_PROPERTY, Element, R, W
from xinzhi.forms.files.word.story import Framed, Story, fields_match
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile

_PROPERTIES = "docProps/custom.xml"
_USUAL = "word/document.xml"
_ELSEWHERE = re.compile(r"https?:|ftp:|smb:|\\\\|file://[^/]", re.I)
_HARMLESS = {"hyperlink", "image"}  # a linked picture is reported where it stands
_NOTES = {"footnotes": W + "footnote", "endnotes": W + "endnote"}
_REFERENCES = {W + "headerReference": "header", W + "footerReference": "footer"}


def read_word(data: bytes) -> Document:
    """Read a Word file (.docx, .docm, .dotx).

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    Document
        Text as it is shown: tracked insertions read and deletions left, results of fields and not their
        instructions. `lost` names what could not be read, by rules of ``files.toml``.

    Raises
    ------
    HostileFile
        If it is made to cost or to deceive.
    UnreadableFile
        If it is damaged, locked, or no Word file by its content.
    """
    if not data.startswith((b"PK\3\4", b"PK\5\6")):
        raise _other_kind(data)
    package = Package(data)
    main = package.main_part(_USUAL)
    root = package.xml(main)
    if root.tag != W + "document":
        raise _other_kind(data)
    relations = package.relations(main)
    document = Document("docx")
    looks = Looks(_part(package, relations, "styles"), _part(package, relations, "theme"))
    framed: list[Framed] = []
    body = Story(package, looks, document, relations, framed)
    _read_part(body, root, Box(Place(), document.blocks))
    _read_margins(body, root)
    _note_company(body, main)
    set_captions(document, framed)
    document.form, document.unit = _mark(package)
    return document


def _mark(package: Package) -> tuple[str, str]:
    """Return the form and the unit that a file written by us names in its properties."""
    if _PROPERTIES not in package:
        return "", ""
    try:
        listed = package.xml(_PROPERTIES).iterchildren()
        named = {str(each.get("name")): "".join(map(str, each.itertext())).strip() for each in listed}
    except UnreadableFile:
        return "", ""  # nothing of what was filed lies there
    return named.get(FORM_PROPERTY, ""), named.get(UNIT_PROPERTY, "")


def _other_kind(data: bytes) -> UnreadableFile:
    kind = kind_of(data)
    if kind in ("encrypted", "empty"):
        return UnreadableFile(Finding(rule=f"files.{kind}"))
    return UnreadableFile(Finding(rule="files.not_word", facts={"kind": kind}))


def _part(package: Package, relations: dict[str, Relation], kind: str) -> Element | None:
    for relation in relations.values():
        if relation.kind == kind and not relation.external and relation.target in package:
            return package.xml(relation.target)
    return None


def _read_part(story: Story, root: Element, box: Box) -> None:
    if not fields_match(root):
        story.fields_broken = True
        story.lose("broken_field", box.place)
    body = root.find(W + "body")
    read_blocks(story, root if body is None else body, box)
    story.fields.clear()


# --- beside the body --------------------------------------------------------------------------------------------


def _read_margins(body: Story, root: Element) -> None:
    """Read headers and footers that a section uses, footnotes and endnotes."""
    used: dict[str, str] = {}
    for reference in root.iter(*_REFERENCES):
        relation = body.relations.get(reference.get(R + "id", ""))
        if relation is not None and not relation.external:
            used.setdefault(relation.target, _REFERENCES[str(reference.tag)])
    used |= {
        one.target: "footnote" for one in body.relations.values() if one.kind in _NOTES and not one.external
    }
    for part, place in used.items():
        if part in body.package:
            _read_margin(body, part, Place(part=place))


def _read_margin(body: Story, part: str, place: Place) -> None:
    root = body.package.xml(part)
    for note in [note for tag in _NOTES.values() for note in root.findall(tag)]:
        if note.get(W + "type", "normal") != "normal":  # the line that separates notes from the text
            root.remove(note)
    story = Story(body.package, body.looks, body.document, body.package.relations(part), body.framed)
    box = Box(place, [])
    _read_part(story, root, box)
    body.document.margins += [block for block in box.content if isinstance(block, Paragraph)]


def _note_company(story: Story, main: str) -> None:
    """Note macros and addresses to which opening the file would lead."""
    if any(part.endswith("vbaproject.bin") for part in story.package.parts):
        story.lose("macros", Place())
    settings = next((one.target for one in story.relations.values() if one.kind == "settings"), "")
    template = story.package.relations(settings).values() if settings else ()
    outside = [one for one in story.relations.values() if one.external and one.kind not in _HARMLESS]
    outside += [one for one in template if one.external and _ELSEWHERE.match(one.target)]
    if outside:
        story.lose("external", Place())
