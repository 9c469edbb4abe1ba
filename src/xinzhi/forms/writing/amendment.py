"""A Word file amended in a few of its parts; all the others go back as they were."""

from __future__ import annotations

import io
import zipfile
from posixpath import dirname, join, relpath

from lxml import etree

from xinzhi.errors import XinzhiError
from xinzhi.forms.files.packages import Package, parse_xml
from xinzhi.forms.files.word.names import W
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _

# Of both editions of WordprocessingML: where the kinds of its relations begin.
_RELATIONS = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "[Content_Types].xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Amendment:
    """A Word file and what is going to change in it.

    Parameters
    ----------
    data : bytes
        The file.

    Attributes
    ----------
    text, body : lxml element
        Root of the part with the text, and its body, to be changed in place.
    namespace : str
        Of its elements; strict files have another than the usual ones.
    as_read : lxml element
        The body as readers parse it, where strict files look like the usual ones; not to be changed.

    Raises
    ------
    XinzhiError
        If it is no Word file; a Refusal if it is damaged or hostile.
    """

    def __init__(self, data: bytes) -> None:
        self._changed: dict[str, etree._Element] = {}
        try:
            self._package = Package(data)
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                self._entries = archive.infolist()
            self._parts = {entry.filename: self._package.read(entry.filename) for entry in self._entries}
            main = self._package.main_part("word/document.xml")
            self._name = next(name for name in self._parts if name.lower() == main.lower())
            self.text = self._parsed(self._name)
            self.namespace = str(etree.QName(self.text).namespace)
            self._relation = _RELATIONS[self.namespace]
            self.body = next(self.text.iterchildren(f"{{{self.namespace}}}body"))
            as_read = parse_xml(self._parts[self._name], self._name)
            self.as_read = next(as_read.iterchildren(f"{W}body"))
            self._counterparts = dict(zip(as_read.iter("*"), self.text.iter("*"), strict=True))
        except Refusal:
            raise
        except (zipfile.BadZipFile, etree.XMLSyntaxError, LookupError, StopIteration, ValueError) as error:
            raise XinzhiError(_("不是能打开的 Word 文件 (.docx)")) from error

    def counterpart(self, element: etree._Element) -> etree._Element:
        """Return the element of the text that a reader knows as this one."""
        return self._counterparts[element]

    def part(self, kind: str) -> etree._Element | None:
        """Return the root of the part to which the text has a relation of this kind, to be changed in place."""
        for relation in self._package.relations(self._name).values():
            if relation.kind == kind and relation.target in self._parts:
                return self._parsed(relation.target)
        return None

    def add(self, kind: str, content_type: str, root: etree._Element) -> None:
        """Take in a new part, and the links that lead to it."""
        name = join(dirname(self._name), f"{kind}.xml")
        while name in self._parts:
            name = name.replace(".xml", "_.xml")
        self._changed[name] = root
        links = join(dirname(self._name), "_rels", f"{self._name.rpartition('/')[2]}.rels")
        if links not in self._parts:
            self._changed[links] = etree.Element(f"{{{_PACKAGE}/relationships}}Relationships")
        taken = {relation.get("Id") for relation in self._parsed(links)}
        id = next(id for n in range(1, len(taken) + 2) if (id := f"{kind}{n}") not in taken)
        target = relpath(name, dirname(self._name) or ".")
        link = {"Id": id, "Type": f"{self._relation}/{kind}", "Target": target}
        etree.SubElement(self._parsed(links), f"{{{_PACKAGE}/relationships}}Relationship", link)
        override = {"PartName": f"/{name}", "ContentType": content_type}
        etree.SubElement(self._parsed(_TYPES), f"{{{_PACKAGE}/content-types}}Override", override)

    def packed(self) -> bytes:
        """Return the file: its parts in their order, then those that are new."""
        changed = {
            name: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            for name, root in self._changed.items()
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for entry in self._entries:
                part = changed.pop(entry.filename, self._parts[entry.filename])
                archive.writestr(entry, part, entry.compress_type)
            for name, part in changed.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def _parsed(self, name: str) -> etree._Element:
        """Return the root of a part that is going to change, with all that a reader passes over."""
        if name not in self._changed:
            parse_xml(self._parts[name], name)  # refuses what is hostile
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            self._changed[name] = etree.fromstring(self._parts[name], parser)
        return self._changed[name]
