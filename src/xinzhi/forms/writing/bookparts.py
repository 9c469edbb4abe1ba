"""A workbook as parts to be changed: sheets and remarks are added, everything else goes back as it came."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from posixpath import dirname, relpath
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from xinzhi.forms.files.packages import Package, parse_xml
from xinzhi.forms.files.sheets.grid import letters, position
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "[Content_Types].xml"
_KIND = "application/vnd.openxmlformats-officedocument"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_M, _R = f"{{{MAIN}}}", f"{{{_RELATIONS}}}"
# What stands behind the drawing of the remarks in a sheet, in this order (ECMA-376 part 1, 18.3.1.99).
_BEHIND = (
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "AlternateContent",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_BOX = "_x0000_t202"
_SHAPE = re.compile(rb"<v:shape\b(?:(?!</v:shape>).)*</v:shape>", re.DOTALL)


class BookParts:
    """The parts of a workbook.

    Parameters
    ----------
    data : bytes
        The file, of the usual edition of the standard.

    Raises
    ------
    HostileFile, UnreadableFile
        If it is no workbook that can be changed.
    """

    def __init__(self, data: bytes) -> None:
        package = Package(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self._entries = archive.infolist()
        self._data = {entry.filename: package.read(entry.filename) for entry in self._entries}
        self._roots: dict[str, etree._Element] = {}
        self._package = package
        self._main = self._name(package.main_part("xl/workbook.xml"))
        self.book = self.root(self._main)
        if self.book.tag != f"{_M}workbook" or b"purl.oclc.org" in self._data[self._main]:
            raise UnreadableFile(Finding(rule="files.other_kind", facts={"kind": "Strict OOXML"}))

    def root(self, name: str) -> etree._Element:
        """Return the root of a part, to be changed in place."""
        if name not in self._roots:
            self._roots[name] = parse_xml(self._data[name], name)
        return self._roots[name]

    def sheets(self) -> dict[str, str]:
        """Return the names of the parts of the sheets by title, in their order."""
        related = self._package.relations(self._main)
        listed = (
            (s.get("name", ""), related.get(s.get(f"{_R}id", ""))) for s in self.book.iter(f"{_M}sheet")
        )
        return {title: self._name(r.target) for title, r in listed if r and r.kind == "worksheet"}

    def add_sheet(self, title: str, content: str, *, first: bool = False, hidden: bool = False) -> None:
        """Take in a sheet, before all others or behind them; the one in front is the one that is open."""
        name = self._new_part("worksheet", content, f"{_KIND}.spreadsheetml.worksheet+xml", self._main)
        sheets = next(self.book.iter(f"{_M}sheets"))
        number = 1 + max((int(s.get("sheetId", "0")) for s in sheets), default=0)
        sheet = etree.Element(f"{_M}sheet", {"name": title, "sheetId": str(number), f"{_R}id": name})
        if hidden:
            sheet.set("state", "veryHidden")
        sheets.insert(0 if first else len(sheets), sheet)
        if first:
            self._open_first()

    def replace_part(self, name: str, content: str) -> None:
        """Put something else in the place of a part."""
        self._roots.pop(name, None)
        self._data[name] = content.encode()

    def add_text(self, name: str, row: int, text: str) -> None:
        """Write a text behind the last cell of a row of a sheet."""
        data = next(self.root(name).iter(f"{_M}sheetData"))
        line = next((each for each in data if each.get("r") == str(row)), None)
        if line is None:
            line = etree.Element(f"{_M}row", {"r": str(row)})
            before = sum(int(each.get("r", "0")) < row for each in data)
            data.insert(before, line)
        last = max((at[1] for each in line if (at := position(each.get("r", "")))), default=0)
        cell = etree.SubElement(line, f"{_M}c", {"r": f"{letters(last + 1)}{row}", "t": "inlineStr"})
        etree.SubElement(etree.SubElement(cell, f"{_M}is"), f"{_M}t").text = text

    def wrapped_style(self) -> int:
        """Return the number of a style that breaks lines, made for the purpose."""
        related = self._package.relations(self._main).values()
        name = next(
            (self._name(r.target) for r in related if r.kind == "styles" and r.target in self._package), ""
        )
        formats = self.root(name).find(f"{_M}cellXfs") if name else None
        if formats is None:
            return 0
        own = {
            "numFmtId": "0",
            "fontId": "0",
            "fillId": "0",
            "borderId": "0",
            "xfId": "0",
            "applyAlignment": "1",
        }
        style = etree.SubElement(formats, f"{_M}xf", own)
        etree.SubElement(style, f"{_M}alignment", {"wrapText": "1", "vertical": "top"})
        formats.set("count", str(len(formats)))
        return len(formats) - 1

    def remark(self, sheet: str, texts: dict[str, str], author: str) -> None:
        """Put remarks at cells of a sheet; those that the author left there before go.

        Parameters
        ----------
        sheet : str
            Name of its part.
        texts : dict
            By the address of the cell. Where somebody else left a remark, ours is added to it.
        """
        related = {
            r.kind: self._name(r.target) for r in self._package.relations(sheet).values() if not r.external
        }
        if "comments" in related:
            comments = self.root(related["comments"])
        elif texts:
            blank = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
            kind = f"{_KIND}.spreadsheetml.comments+xml"
            comments = self.root(self._linked("comments", blank, kind, sheet))
        else:
            return
        gone = _drop_remarks(comments, author)
        fresh = _add_remarks(comments, texts, author)
        self._draw(sheet, related.get("vmlDrawing", ""), gone, fresh)

    def packed(self) -> bytes:
        """Return the file: its parts in their order, then the new ones."""
        for name, root in self._roots.items():
            self._data[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._data.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    # --- parts and what leads to them

    def _name(self, part: str) -> str:
        """Return a name as the file writes it; large and small letters are the same there."""
        return next((name for name in self._data if name.lower() == part.lower()), part)

    def _new_part(self, stem: str, content: str, kind: str, source: str, ending: str = "xml") -> str:
        """Take in a part that another one leads to; return the id of the relation, which is its name too."""
        number = next(n for n in range(1, 10_000) if f"xl/xinzhi_{stem}{n}.{ending}" not in self._data)
        name, id = f"xl/xinzhi_{stem}{number}.{ending}", f"xinzhi_{stem}{number}"
        self._data[name] = content.encode()
        folder, _slash, file = source.rpartition("/")
        links = self._name(f"{folder}/_rels/{file}.rels".lstrip("/"))
        if links not in self._data:
            self._data[links] = f'<Relationships xmlns="{_PACKAGE}/relationships"/>'.encode()
        target = relpath(name, dirname(source) or ".")
        link = {"Id": id, "Type": f"{_RELATIONS}/{stem}", "Target": target}
        etree.SubElement(self.root(links), f"{{{_PACKAGE}/relationships}}Relationship", link)
        types = self.root(self._name(_TYPES))
        override = {"PartName": f"/{name}", "ContentType": kind}
        etree.SubElement(types, f"{{{_PACKAGE}/content-types}}Override", override)
        return id

    def _linked(self, stem: str, content: str, kind: str, source: str, ending: str = "xml") -> str:
        """Take in a part; return its name."""
        return f"xl/{self._new_part(stem, content, kind, source, ending)}.{ending}"

    def _open_first(self) -> None:
        """Let the first sheet be the one that is open, and no other be chosen with it."""
        for view in self.book.iter(f"{_M}workbookView"):
            view.attrib.pop("firstSheet", None)
            view.set("activeTab", "0")
        for name in self.book.iter(f"{_M}definedName"):
            if (own := name.get("localSheetId")) is not None:
                name.set("localSheetId", str(int(own) + 1))
        for part in self.sheets().values():
            for view in self.root(part).iter(f"{_M}sheetView"):
                view.attrib.pop("tabSelected", None)

    # --- remarks as they are drawn

    def _draw(self, sheet: str, drawing: str, gone: set[str], fresh: Sequence[str]) -> None:
        if not drawing:
            blank = (
                '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
                ' xmlns:x="urn:schemas-microsoft-com:office:excel"></xml>'
            )
            id = self._new_part("vmlDrawing", blank, f"{_KIND}.vmlDrawing", sheet, "vml")
            drawing = f"xl/{id}.vml"
            link = etree.Element(f"{_M}legacyDrawing", {f"{_R}id": id})
            root = self.root(sheet)
            behind = (at for at, each in enumerate(root) if str(each.tag).rpartition("}")[2] in _BEHIND)
            root.insert(next(behind, len(root)), link)
        # As text, since what Excel writes there need not be XML.
        markup = _SHAPE.sub(
            lambda shape: b"" if _drawn_at(shape[0]) in gone else shape[0], self._data[drawing]
        )
        number = 1 + max((int(n) for n in re.findall(rb"_x0000_s(\d{1,9})\b", markup)), default=1024)
        shapes = "" if _BOX.encode() in markup else _BOX_TYPE
        shapes += "".join(_shape(address, number + at) for at, address in enumerate(fresh))
        head, end, tail = markup.rpartition(b"</xml>")
        self._data[drawing] = head + shapes.encode() + end + tail


def _drop_remarks(comments: etree._Element, author: str) -> set[str]:
    """Take out the remarks of an author; return where they stood."""
    authors = [each.text for each in comments.iter(f"{_M}author")]
    ours = {str(number) for number, name in enumerate(authors) if name == author}
    gone = [each for each in comments.iter(f"{_M}comment") if each.get("authorId") in ours]
    for each in gone:
        each.getparent().remove(each)  # type: ignore[union-attr]
    return {each.get("ref", "") for each in gone}


def _add_remarks(comments: etree._Element, texts: dict[str, str], author: str) -> list[str]:
    """Put remarks in; return the cells that had none before."""
    authors = next(comments.iter(f"{_M}authors"))
    names = [each.text for each in authors]
    if author not in names:
        etree.SubElement(authors, f"{_M}author").text = author
        names.append(author)
    listed = next(comments.iter(f"{_M}commentList"))
    there = {each.get("ref"): each for each in listed}
    for address, text in texts.items():
        known = there.get(address)
        comment = known
        if comment is None:
            number = str(names.index(author))
            comment = etree.SubElement(listed, f"{_M}comment", {"ref": address, "authorId": number})
        body = comment.find(f"{_M}text")
        if body is None:
            body = etree.SubElement(comment, f"{_M}text")
        run = etree.SubElement(etree.SubElement(body, f"{_M}r"), f"{_M}t")
        run.text = f"\n{text}" if known is not None else text
        run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    listed[:] = sorted(listed, key=lambda each: position(each.get("ref", "")) or (0, 0))
    return [address for address in texts if address not in there]


def _drawn_at(shape: bytes) -> str:
    """Return the address of the cell whose remark a shape shows; blank for another shape."""
    row, column = (re.search(rb"<x:%s>\s*(\d{1,7})\s*<" % name, shape) for name in (b"Row", b"Column"))
    if b"Note" not in shape or not row or not column:
        return ""
    return f"{letters(int(column[1]) + 1)}{int(row[1]) + 1}"


_BOX_TYPE = (
    f'<v:shapetype id="{_BOX}" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def _shape(address: str, number: int) -> str:
    row, column = position(address) or (1, 1)
    anchor = f"{column}, 15, {max(row - 2, 0)}, 10, {column + 3}, 40, {row + 3}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#{_BOX}" style="position:absolute;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )


def sheet_of_texts(rows: Sequence[Sequence[str]], widths: Sequence[int] = (), style: int = 0) -> str:
    """Write the part of a sheet that holds texts."""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, start=1)
    )
    lines = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r={quoteattr(f"{letters(column)}{row}")} s="{style}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{escape(_storable(text))}</t></is></c>'
            for column, text in enumerate(texts, start=1)
            if text
        )
        + "</row>"
        for row, texts in enumerate(rows, start=1)
    )
    return (
        f'<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{lines}</sheetData>"
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _storable(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", text)
