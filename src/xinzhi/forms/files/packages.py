"""An Office file as the package it is: its parts, unpacked one by one when they are needed, and their relations.

Word and Excel files alike. A part is XML in UTF-8 or UTF-16 without a document type; names of the strict edition
of the standard are read as those of the usual one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import dirname, normpath
from urllib.parse import unquote

from lxml import etree

from xinzhi.forms.files.zipped import Limits, check_members, damaged, hostile, inflate, members_of
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile

LIMITS = Limits()
LARGEST_XML = 16 << 20  # bytes of a part; the main part of a filled case form has some 200 kB
MOST_NODES = 400_000  # tags and attributes of a part; each costs a tree some 200 bytes
_MARKUP_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: depth over 256, an attribute or text over 10 MB

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_STRICT = b"http://purl.oclc.org/ooxml/"
_EDITIONS = {
    _STRICT + strict: b"http://schemas.openxmlformats.org/" + usual
    for strict, usual in {
        b"wordprocessingml/main": b"wordprocessingml/2006/main",
        b"spreadsheetml/main": b"spreadsheetml/2006/main",
        b"drawingml/": b"drawingml/2006/",
        b"officeDocument/": b"officeDocument/2006/",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to. `kind` is the last word of its type: ``"image"``; `target` a part, or an address."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """A package whose directory has been checked and none of whose parts has been unpacked.

    Parameters
    ----------
    data : bytes
        The file.

    Raises
    ------
    HostileFile
        If the directory is against a rule.
    UnreadableFile
        If it is damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        members = members_of(data, most=LIMITS.entries)
        check_members(data, members, LIMITS)
        self._members = {member.text.replace("\\", "/").lower(): member for member in members}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    @property
    def parts(self) -> list[str]:
        """The names of the parts in small letters, which is how they are compared."""
        return list(self._members)

    def read(self, part: str) -> bytes:
        """Unpack a part.

        Raises
        ------
        KeyError
            If there is none of this name.
        HostileFile, UnreadableFile
            If it is not what the directory says.
        """
        return inflate(self._data, self._members[part.lower()])

    def xml(self, part: str) -> etree._Element:
        """Unpack a part and parse it.

        Raises
        ------
        KeyError
            If there is none of this name.
        HostileFile, UnreadableFile
            If it is against a rule, or no XML.
        """
        if self._members[part.lower()].size > LARGEST_XML:
            raise hostile("xml_size", part=part, most=LARGEST_XML >> 20)
        return parse_xml(self.read(part), part)

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relations of a part by id; ``""`` asks for those of the package."""
        folder, _slash, name = part.rpartition("/")
        source = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if source not in self:
            return {}
        found = (_relation(element, part) for element in self.xml(source).iter(_RELATION))
        return {relation.id: relation for relation in found}

    def main_part(self, usual: str) -> str:
        """Return the name of the main part, or `usual` where the package does not say.

        Raises
        ------
        UnreadableFile
            If there is none.
        """
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        if usual not in self:
            raise UnreadableFile(Finding(rule="files.no_content"))
        return usual


def parse_xml(data: bytes, part: str) -> etree._Element:
    """Parse a part: no document type, no entities, bounded depth and number of nodes.

    Parameters
    ----------
    data : bytes
        XML in UTF-8 or UTF-16.
    part : str
        What errors call it.

    Raises
    ------
    HostileFile
        ``files.entities``, ``files.xml_size``.
    UnreadableFile
        ``files.damaged_part``.
    """
    data = _in_utf8(data, part)
    if _DOCUMENT_TYPE.search(data):
        raise hostile("entities", part=part)
    if data.count(b"<") + data.count(b"=") > MOST_NODES:
        raise hostile("xml_size", part=part, most=LARGEST_XML >> 20)
    if _STRICT in data:
        for strict, usual in _EDITIONS.items():
            data = data.replace(strict, usual)
    # The encoding is set because libxml2 would follow a declaration such as UTF-7, which hides a document type.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if error.code == _MARKUP_LIMIT:
            raise hostile("xml_size", part=part, most=LARGEST_XML >> 20) from error
        raise damaged(part) from error


def _in_utf8(data: bytes, part: str) -> bytes:
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        return data
    wide = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(data[:2], "utf-16")
    try:
        return data.decode(wide).encode()
    except UnicodeError as error:
        raise damaged(part) from error


def _relation(element: etree._Element, part: str) -> Relation:
    target = element.get("Target", "")
    external = element.get("TargetMode") == "External"
    if not external:
        target = unquote(target)
        target = target[1:] if target.startswith("/") else normpath(f"{dirname(part)}/{target}").lstrip("/")
    return Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external)
