"""The Word package around the text of a form: styles, theme, page, properties, the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from xinzhi.forms.model import Style
from xinzhi.forms.writing.markup import paragraph, run

LATIN = "Times New Roman"
PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 11906, 16838, 1247  # A4 with 22 mm on every side
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}/relationships"'
_KIND = "application/vnd.openxmlformats-officedocument"


@dataclass(slots=True)
class Shell:
    """A Word file in the making.

    Attributes
    ----------
    title : str
        For the properties of the file, which name no person.
    style : Style
        Font and size of the text.
    header : str
        Paragraphs of the page header.
    properties : mapping
        Custom properties by name.
    pictures : list of (ending, bytes)
        In the order of their relations, which :meth:`picture` gives.
    """

    title: str
    style: Style
    header: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    pictures: list[tuple[str, bytes]] = field(default_factory=list)

    def picture(self, ending: str, data: bytes) -> str:
        """Take a picture into the file; return the id of its relation."""
        self.pictures.append((ending, data))
        return f"picture{len(self.pictures)}"

    def packed(self, body: str) -> bytes:
        """Return the file with this text."""
        relations = [
            (name, f"{_OFFICE}/relationships/{name}", target)
            for name, target in (
                ("styles", "styles.xml"),
                ("settings", "settings.xml"),
                ("numbering", "numbering.xml"),
                ("theme", "theme/theme1.xml"),
                ("header", "header1.xml"),
                ("footer", "footer1.xml"),
            )
        ]
        media = [
            (f"media/image{n}.{ending}", data) for n, (ending, data) in enumerate(self.pictures, start=1)
        ]
        relations += [
            (f"picture{n}", f"{_OFFICE}/relationships/image", target)
            for n, (target, _data) in enumerate(media, start=1)
        ]
        texts = {
            "[Content_Types].xml": _content_types({ending for ending, _data in self.pictures}),
            "_rels/.rels": _relations(
                [
                    ("document", f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
                    ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                    ("custom", f"{_OFFICE}/relationships/custom-properties", "docProps/custom.xml"),
                ]
            ),
            "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}{_SECTION}</w:body></w:document>",
            "word/_rels/document.xml.rels": _relations(relations),
            "word/styles.xml": _styles(self.style),
            "word/settings.xml": _SETTINGS,
            "word/numbering.xml": _NUMBERING,
            "word/theme/theme1.xml": _theme(self.style.font),
            "word/header1.xml": f"<w:hdr {_NAMESPACES}>{self.header or paragraph(style='Header')}</w:hdr>",
            "word/footer1.xml": _FOOTER,
            "docProps/core.xml": _core(self.title),
            "docProps/custom.xml": _custom(self.properties),
        }
        parts = [(name, (_HEAD + text).encode()) for name, text in texts.items()]
        return zipped([*parts, *((f"word/{target}", data) for target, data in media)])


def zipped(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """Pack parts so that the same parts always give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in parts:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # else the bytes tell the operating system
            stored = name.startswith("word/media/")
            archive.writestr(entry, data, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _relations(relations: Sequence[tuple[str, str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="{id}" Type="{kind}" Target="{target}"/>' for id, kind, target in relations
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _content_types(endings: set[str]) -> str:
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        **{ending: f"image/{ending}" for ending in sorted(endings)},
    }
    word = f"{_KIND}.wordprocessingml"
    overrides = {
        "/word/document.xml": f"{word}.document.main+xml",
        **{
            f"/word/{part}{number}.xml": f"{word}.{part}+xml"
            for part, number in (
                ("styles", ""),
                ("settings", ""),
                ("numbering", ""),
                ("header", 1),
                ("footer", 1),
            )
        },
        "/word/theme/theme1.xml": f"{_KIND}.theme+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/custom.xml": f"{_KIND}.custom-properties+xml",
    }
    inside = "".join(f'<Default Extension="{e}" ContentType="{kind}"/>' for e, kind in defaults.items())
    inside += "".join(f'<Override PartName="{p}" ContentType="{kind}"/>' for p, kind in overrides.items())
    return f'<Types xmlns="{_PACKAGE}/content-types">{inside}</Types>'


def _core(title: str) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
        f"<dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


def _custom(properties: Mapping[str, str]) -> str:
    entries = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name={quoteattr(name)}>'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(properties.items(), start=2)
    )
    return (
        f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">'
        f"{entries}</Properties>"
    )


def _styles(style: Style) -> str:
    font, size = quoteattr(style.font), round(style.points * 2)
    fonts = f'w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia={font} w:cs="{LATIN}"'

    def paragraph_style(id: str, name: str, layout: str, look: str = "") -> str:
        return (
            f'<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
            f"<w:qFormat/><w:pPr>{layout}</w:pPr>{f'<w:rPr>{look}</w:rPr>' if look else ''}</w:style>"
        )

    return (
        f'<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {fonts}/><w:kern w:val="2"/>'
        f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        f'<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/>'
        f'</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f'<w:qFormat/><w:pPr><w:spacing w:line="264" w:lineRule="auto"/></w:pPr></w:style>'
        f'<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        f'<w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        + paragraph_style(
            "Annex", "annex", "<w:keepNext/>", f'<w:rFonts w:eastAsia="{ANNEX_FONT}"/><w:sz w:val="32"/>'
        )
        + paragraph_style(
            "Title",
            "Title",
            '<w:keepNext/><w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/><w:outlineLvl w:val="0"/>',
            '<w:b/><w:sz w:val="36"/>',
        )
        + paragraph_style("Caption", "caption", '<w:spacing w:after="160"/><w:jc w:val="center"/>')
        + paragraph_style(
            "Header",
            "header",
            f'<w:tabs><w:tab w:val="right" w:pos="{TEXT_WIDTH}"/></w:tabs>',
            '<w:sz w:val="18"/>',
        )
        + paragraph_style("Footer", "footer", '<w:jc w:val="center"/>', '<w:sz w:val="18"/>')
        + "</w:styles>"
    )


ANNEX_FONT = "黑体"  # GB/T 9704: the word 附件 above an annex

_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" r:id="footer"/>'
    f'<w:pgSz w:w="{PAGE_WIDTH}" w:h="{PAGE_HEIGHT}"/><w:pgMar w:top="{MARGIN}" w:right="{MARGIN}" '
    f'w:bottom="{MARGIN}" w:left="{MARGIN}" w:header="851" w:footer="850" w:gutter="0"/></w:sectPr>'
)

_FOOTER = (
    f'<w:ftr {_NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>{run("— ")}'
    f'<w:fldSimple w:instr=" PAGE ">{run("1")}</w:fldSimple>{run(" —")}</w:p></w:ftr>'
)

_SETTINGS = (
    f'<w:settings {_NAMESPACES}><w:defaultTabStop w:val="420"/>'
    '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:useFELayout/>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
)

_NUMBERING = (
    f'<w:numbering {_NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="nothing"/>'
    '<w:lvlText w:val="%1"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def _theme(font: str) -> str:
    fonts = f'<a:latin typeface="{LATIN}"/><a:ea typeface={quoteattr(font)}/><a:cs typeface=""/>'
    colours = {
        "dk1": "000000",
        "lt1": "FFFFFF",
        "dk2": "1F497D",
        "lt2": "EEECE1",
        "accent1": "4F81BD",
        "accent2": "C0504D",
        "accent3": "9BBB59",
        "accent4": "8064A2",
        "accent5": "4BACC6",
        "accent6": "F79646",
        "hlink": "0000FF",
        "folHlink": "800080",
    }
    scheme = "".join(f'<a:{name}><a:srgbClr val="{rgb}"/></a:{name}>' for name, rgb in colours.items())
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>' * 3
    line = '<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>' * 3
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    return (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="xinzhi"><a:themeElements>'
        f'<a:clrScheme name="xinzhi">{scheme}</a:clrScheme><a:fontScheme name="xinzhi"><a:majorFont>{fonts}'
        f'</a:majorFont><a:minorFont>{fonts}</a:minorFont></a:fontScheme><a:fmtScheme name="xinzhi">'
        f"<a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}</a:lnStyleLst>"
        f"<a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst>"
        "</a:fmtScheme></a:themeElements></a:theme>"
    )
