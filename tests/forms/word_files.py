"""Word files from snippets of XML, as small as a test needs them.

The snippets use the prefixes of :data:`NAMESPACES`. What a program would write besides (themes, settings, empty
styles) is left out unless it is asked for.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "ax": "http://schemas.microsoft.com/office/2006/activeX",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled."


@dataclass(frozen=True)
class Rel:
    """A relation of the main part; its target a part or, external, an address."""

    id: str
    kind: str
    target: str
    external: bool = False

    def xml(self) -> str:
        mode = ' TargetMode="External"' if self.external else ""
        kind = self.kind if "://" in self.kind else _RELATIONS + self.kind
        return f'<Relationship Id="{self.id}" Type="{kind}" Target="{escape(self.target)}"{mode}/>'


# --- packages -------------------------------------------------------------------------------------------------


def parts(
    body: str,
    *,
    styles: str = "",
    theme: str = "",
    headers: list[str] | None = None,
    footers: list[str] | None = None,
    footnotes: str = "",
    endnotes: str = "",
    rels: list[Rel] | None = None,
    media: dict[str, bytes] | None = None,
    more: dict[str, bytes | str] | None = None,
    main_type: str = WORD + "document.main+xml",
    background: str = "",
) -> dict[str, bytes]:
    """Return the parts of a document by name; `media` are related as ``rId:NAME``, names without folder."""
    found: dict[str, bytes | str] = {}
    relations = list(rels or ())
    references = ""
    for kind, texts in (("header", headers or []), ("footer", footers or [])):
        for number, text in enumerate(texts, 1):
            id = f"{kind}{number}"
            found[f"word/{id}.xml"] = part({"header": "w:hdr", "footer": "w:ftr"}[kind], text)
            relations.append(Rel(id, kind, f"{id}.xml"))
            references += f'<w:{kind}Reference w:type="default" r:id="{id}"/>'
    single = {
        "styles": part("w:styles", styles),
        "theme": theme,
        "footnotes": part("w:footnotes", footnotes),
        "endnotes": part("w:endnotes", endnotes),
    }
    for kind, wanted in (
        ("styles", styles),
        ("theme", theme),
        ("footnotes", footnotes),
        ("endnotes", endnotes),
    ):
        if wanted:
            found[f"word/{kind}.xml"] = single[kind]
            relations.append(Rel(kind, kind, f"{kind}.xml"))
    for name, data in (media or {}).items():
        found[f"word/media/{name}"] = data
        relations.append(Rel(f"rId:{name}", "image", f"media/{name}"))
    section = f"<w:sectPr>{references}</w:sectPr>" if references else ""
    document = part("w:document", f"{background}<w:body>{body}{section}</w:body>")
    found = {
        "[Content_Types].xml": content_types(main_type),
        "_rels/.rels": relationships([Rel("rId1", "officeDocument", "word/document.xml")]),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": relationships(relations),
        **found,
        **(more or {}),
    }
    return {name: data.encode() if isinstance(data, str) else data for name, data in found.items()}


def docx(body: str, **given) -> bytes:
    """Return a document; keywords as of :func:`parts`."""
    return packed(parts(body, **given))


def packed(files: dict[str, bytes]) -> bytes:
    """Pack parts as Word does."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def part(root: str, content: str) -> str:
    return f"{DECLARATION}<{root} {DECLARED}>{content}</{root}>"


def relationships(relations: list[Rel]) -> str:
    inside = "".join(relation.xml() for relation in relations)
    return f'{DECLARATION}<Relationships xmlns="{_PACKAGE_RELATIONS}">{inside}</Relationships>'


def content_types(main_type: str, main_part: str = "/word/document.xml") -> str:
    return (
        f'{DECLARATION}<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="{main_part}" ContentType="{main_type}"/></Types>'
    )


# --- text -----------------------------------------------------------------------------------------------------


def r(text: str = "", properties: str = "", inside: str = "") -> str:
    """A run."""
    own = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    words = f'<w:t xml:space="preserve">{escape(text)}</w:t>' if text else ""
    return f"<w:r>{own}{words}{inside}</w:r>"


def p(text: str = "", properties: str = "", inside: str = "") -> str:
    """A paragraph; `inside` follows its text."""
    own = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{own}{r(text) if text else ''}{inside}</w:p>"


def sdt(content: str, properties: str = "") -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def check_box(ticked: bool, shown: str | None = None) -> str:
    """A check box as a content control; `shown` where its sign disagrees."""
    sign = shown if shown is not None else "☒" if ticked else "☐"
    state = (
        f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
        '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
    )
    return sdt(r(sign), state)


def sym(font: str, char: str) -> str:
    """A symbol."""
    return r(inside=f'<w:sym w:font="{font}" w:char="{char}"/>')


def field(instruction: str, result: str | None = None, form: str = "") -> str:
    """A complex field; without `result` it has none."""
    data = f"<w:ffData>{form}</w:ffData>" if form else ""
    told = f'<w:instrText xml:space="preserve">{escape(instruction)}</w:instrText>'
    begin = r(inside=f'<w:fldChar w:fldCharType="begin">{data}</w:fldChar>')
    between = "" if result is None else r(inside='<w:fldChar w:fldCharType="separate"/>') + result
    return begin + r(inside=told) + between + r(inside='<w:fldChar w:fldCharType="end"/>')


def ins(content: str) -> str:
    return f'<w:ins w:id="1" w:author="样例">{content}</w:ins>'


def dele(text: str) -> str:
    return f'<w:del w:id="2" w:author="样例"><w:r><w:delText>{escape(text)}</w:delText></w:r></w:del>'


# --- tables ---------------------------------------------------------------------------------------------------


def tc(content: str = "", properties: str = "", *, span: int = 1, merge: str = "") -> str:
    """A cell; text becomes a paragraph. `merge` is ``"restart"`` or ``"continue"``."""
    inside = content if content.startswith("<w:") else p(content)
    own = properties
    own += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    own += {"restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>", "": ""}[merge]
    return f"<w:tc><w:tcPr>{own}</w:tcPr>{inside}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    """A row of cells, or of texts."""
    own = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    inside = "".join(
        cell if cell.startswith("<w:") and not cell.startswith("<w:p>") else tc(cell) for cell in cells
    )
    return f"<w:tr>{own}{inside}</w:tr>"


def tbl(*rows: str, properties: str = "") -> str:
    """A table of rows."""
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(rows)}</w:tbl>"


def table(texts: list[list[str]]) -> str:
    """A plain table."""
    return tbl(*(tr(*row) for row in texts))


# --- drawings -------------------------------------------------------------------------------------------------


def picture(name: str, description: str = "", attribute: str = "r:embed") -> str:
    """A run with a picture of `media`."""
    return r(
        inside=(
            f'<w:drawing><wp:inline><wp:docPr id="1" name="图片" descr="{escape(description)}"/><a:graphic>'
            f'<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:blipFill>'
            f'<a:blip {attribute}="rId:{name}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
            "</w:drawing>"
        )
    )


def vml_picture(name: str) -> str:
    """A run with a picture as old Word and WPS write it."""
    return r(inside=f'<w:pict><v:shape alt="旧图"><v:imagedata r:id="rId:{name}"/></v:shape></w:pict>')


def text_box(content: str) -> str:
    """A run with a text box as Word writes it: twice, for new and old readers."""
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    new = f"<w:drawing><wp:anchor><a:graphic><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    branches = f'<mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
    return r(inside=f"<mc:AlternateContent>{branches}</mc:AlternateContent>")


def png(width: int = 2, height: int = 2) -> bytes:
    """A white picture, made without Pillow."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff" * width) * height
    head = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


# --- styles ---------------------------------------------------------------------------------------------------


def style(
    id: str,
    kind: str = "paragraph",
    *,
    name: str = "",
    based: str = "",
    usual: bool = False,
    run: str = "",
    own: str = "",
) -> str:
    """A style with run properties and, of a paragraph, its own."""
    inside = f'<w:name w:val="{name or id}"/>' + (f'<w:basedOn w:val="{based}"/>' if based else "")
    inside += f"<w:pPr>{own}</w:pPr>" if own else ""
    inside += f"<w:rPr>{run}</w:rPr>" if run else ""
    default = ' w:default="1"' if usual else ""
    return f'<w:style w:type="{kind}"{default} w:styleId="{id}">{inside}</w:style>'


def defaults(run: str) -> str:
    """The defaults of a document."""
    return f"<w:docDefaults><w:rPrDefault><w:rPr>{run}</w:rPr></w:rPrDefault></w:docDefaults>"


def fonts(east_asian: str, **others: str) -> str:
    return (
        f'<w:rFonts w:eastAsia="{east_asian}"'
        + "".join(f' w:{name}="{font}"' for name, font in others.items())
        + "/>"
    )


def theme(*, east_asian: str = "", hans: str = "", accent1: str = "4F81BD", accent2: str = "FF0000") -> str:
    """A theme of two fonts and the colours that tests use."""
    font = f'<a:latin typeface="Calibri"/><a:ea typeface="{east_asian}"/><a:font script="Hans" typeface="{hans}"/>'
    return part(
        "a:theme",
        '<a:themeElements><a:clrScheme name="样例"><a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1>'
        f'<a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1><a:accent1><a:srgbClr val="{accent1}"/></a:accent1>'
        f'<a:accent2><a:srgbClr val="{accent2}"/></a:accent2></a:clrScheme><a:fontScheme name="样例">'
        f"<a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme></a:themeElements>",
    )
