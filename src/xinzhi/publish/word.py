"""A document as an editable Word file: styles, captions, footnotes, numbers in content controls with their keys."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from xml.sax.saxutils import quoteattr

from xinzhi.errors import XinzhiError
from xinzhi.forms.writing.markup import BOLD, Look, run
from xinzhi.forms.writing.shell import zipped
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import (
    Block,
    Document,
    Footnote,
    Formula,
    Heading,
    Number,
    Paragraph,
    Picture,
    Span,
    Spans,
    Table,
    Words,
    heading_numbers,
    plain,
)
from xinzhi.publish.notation import word_math
from xinzhi.publish.text.keys import SCHEME

_TWIPS = 56.693  # to the millimetre
_TOP, _BOTTOM, _LEFT, _RIGHT = (round(mm * _TWIPS) for mm in (37, 35, 28, 26))  # GB/T 9704
_PAGE_WIDTH, _PAGE_HEIGHT = 11906, 16838
_MEASURE = _PAGE_WIDTH - _LEFT - _RIGHT
_EMU = 635  # English metric units to the twip
_LONGEST_TAG = 64

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_KIND = "application/vnd.openxmlformats-officedocument"
_NAMESPACES = (
    f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}/relationships" '
    f'xmlns:m="{_OFFICE}/math" xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" xmlns:pic="{_DRAWING}/picture"'
)
_ITALIC = "<w:rPr><w:i/></w:rPr>"


def word(document: Document, page_of: Mapping[str, int]) -> bytes:
    """Return a document as a .docx file; the same document gives the same bytes.

    Parameters
    ----------
    document : Document
    page_of : dict of str to int
        Pages of the headings by id, as the PDF of the same document has them: what the table of contents
        shows until Word counts its own.

    Raises
    ------
    XinzhiError
        If a key is longer than Word allows.
    """
    return _Writer(document, page_of).packed()


@dataclass
class _Writer:
    """A Word file in the making."""

    document: Document
    page_of: Mapping[str, int]
    controls: int = 0
    tables: int = 0
    pictures: list[bytes] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    running: str = ""
    sections: int = 0

    @cached_property
    def headings(self) -> dict[str, int]:
        """Places of the headings by id, from 1."""
        headings = (block for block in self.document.blocks if isinstance(block, Heading))
        return {heading.id: place for place, heading in enumerate(headings, start=1)}

    @cached_property
    def numbers(self) -> dict[str, str]:
        """What stands before each heading."""
        return heading_numbers(self.document)

    @cached_property
    def heads(self) -> list[str]:
        """The different running heads; none where no chapter has one."""
        found = {block.running: None for block in self.document.blocks if isinstance(block, Heading)}
        return list({"": None} | found) if any(found) else []

    def packed(self) -> bytes:
        """Return the file."""
        body = "".join([self._front(), self._contents(), *map(self._block, self.document.blocks)])
        media = [
            (f"word/media/image{n}.{_suffix(data)}", data) for n, data in enumerate(self.pictures, start=1)
        ]
        texts = {
            "[Content_Types].xml": _content_types(len(self.heads)),
            "_rels/.rels": _relations(
                [
                    ("rId1", f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
                    ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                    ("rId3", f"{_OFFICE}/relationships/custom-properties", "docProps/custom.xml"),
                ]
            ),
            "docProps/core.xml": self._core(),
            "docProps/custom.xml": self._custom(),
            "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}{self._section()}</w:body></w:document>",
            "word/_rels/document.xml.rels": _relations(
                [
                    (name, f"{_OFFICE}/relationships/{kind}", target)
                    for name, kind, target in (
                        ("styles", "styles", "styles.xml"),
                        ("settings", "settings", "settings.xml"),
                        ("footnotes", "footnotes", "footnotes.xml"),
                        ("footer", "footer", "footer1.xml"),
                        *((f"header{n}", "header", f"header{n}.xml") for n in range(1, len(self.heads) + 1)),
                        *(
                            (f"picture{n}", "image", name.removeprefix("word/"))
                            for n, (name, _data) in enumerate(media, start=1)
                        ),
                    )
                ]
            ),
            "word/styles.xml": _styles(self.document.language),
            "word/settings.xml": _SETTINGS,
            "word/footnotes.xml": (
                f"<w:footnotes {_NAMESPACES}>{_SEPARATORS}{''.join(self.footnotes)}</w:footnotes>"
            ),
            "word/footer1.xml": _FOOTER,
        } | {
            f"word/header{n}.xml": f"<w:hdr {_NAMESPACES}>{_paragraph('Header', run(text))}</w:hdr>"
            for n, text in enumerate(self.heads, start=1)
        }
        parts = [(name, (_HEAD + text).encode()) for name, text in texts.items()]
        return zipped([*parts, *media])

    # --- blocks ------------------------------------------------------------------------------------------

    def _front(self) -> str:
        document = self.document
        return "".join(
            [
                _paragraph("Title", run(document.title)),
                _paragraph("Subtitle", run(document.subtitle)),
                *(_paragraph("Front", run(note)) for note in document.notes),
                _paragraph("Front", run(document.author)),
            ]
        )

    def _contents(self) -> str:
        """Return the table of contents: a field whose entries are there before Word has made them again."""
        title = _paragraph("ContentsTitle", run(_("目录")))
        blocks = [b for b in self.document.blocks if isinstance(b, Heading) and b.level <= 2]
        lines = []
        for place, block in enumerate(blocks):
            text = run(self.numbers.get(block.id, "") + plain(block.spans)) + "<w:r><w:tab/></w:r>"
            mark = _bookmark(self.headings[block.id])
            page = _field(f" PAGEREF {mark} \\h ", str(self.page_of[block.id]))
            line = f'<w:hyperlink w:anchor="{mark}" w:history="1">{text}{page}</w:hyperlink>'
            start = _BEGIN_CONTENTS if place == 0 else ""
            end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if place == len(blocks) - 1 else ""
            lines.append(_paragraph(f"TOC{block.level}", start + line + end))
        return title + "".join(lines)

    def _block(self, block: Block) -> str:
        match block:
            case Heading():
                return self._heading(block)
            case Paragraph(marker=""):
                return _paragraph("BodyText", self._spans(block.spans))
            case Paragraph():
                return _paragraph("ListItem", run(block.marker + "\t") + self._spans(block.spans))
            case Table():
                return self._table(block)
            case Picture():
                return self._picture(block)
            case Formula(notation):
                return f"<w:p><m:oMathPara><m:oMath>{word_math(notation)}</m:oMath></m:oMathPara></w:p>"

    def _heading(self, block: Heading) -> str:
        number, id = self.numbers.get(block.id, ""), self.headings[block.id]
        inside = (
            f'<w:bookmarkStart w:id="{id}" w:name="{_bookmark(id)}"/>{run(number)}{self._spans(block.spans)}'
            f'<w:bookmarkEnd w:id="{id}"/>'
        )
        before = ""
        if block.level == 1 and block.running != self.running:
            before = f'<w:p><w:pPr><w:pStyle w:val="Last"/>{self._section()}</w:pPr></w:p>'
            self.running = block.running
        # A section begins a page by itself.
        apart = "<w:pageBreakBefore/>" if block.new_page and not before else ""
        return before + _paragraph(f"Heading{block.level}", inside, apart)

    def _section(self) -> str:
        """Return what ends a section: its size, its margins, and what stands at the head of its pages."""
        head = self.heads.index(self.running) + 1 if self.heads else 0
        header = f'<w:headerReference w:type="default" r:id="header{head}"/>' if head else ""
        title = "" if self.sections else "<w:titlePg/>"
        self.sections += 1
        return _SECTION.format(header=header, title=title)

    def _table(self, block: Table) -> str:
        self.tables += 1
        caption = self._caption(_("表"), "Table", self.tables, block.caption, keep=True)
        whole = sum(column.width for column in block.columns)
        widths = [round(_MEASURE * column.width / whole) for column in block.columns]
        heads = [run(column.heading, BOLD) for column in block.columns]
        rows = [self._row(block, widths, heads, head=True)]
        rows += [self._row(block, widths, [self._spans(cell) for cell in row]) for row in block.rows]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        return (
            f'{caption}<w:tbl><w:tblPr><w:tblStyle w:val="Sheet"/><w:tblW w:w="{_MEASURE}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
            f'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
            f"{''.join(rows)}</w:tbl>{_paragraph('Note', self._spans(block.note))}"
        )

    def _row(self, block: Table, widths: Sequence[int], cells: Sequence[str], head: bool = False) -> str:
        inside = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
            + _paragraph("Cell", cell, f'<w:jc w:val="{column.align}"/>')
            + "</w:tc>"
            for cell, width, column in zip(cells, widths, block.columns, strict=True)
        )
        look = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
        return f"<w:tr><w:trPr>{look}</w:trPr>{inside}</w:tr>"

    def _picture(self, block: Picture) -> str:
        self.pictures.append(block.raster)
        number = len(self.pictures)
        width = round(_MEASURE * block.width * _EMU)
        across, down = _pixels(block.raster)
        height = round(width * down / across)
        named = f'id="{number}" name="picture{number}" descr={quoteattr(block.alt)}'
        drawing = (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr {named}/><a:graphic><a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="picture{number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:embed="picture{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
            f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            f"</wp:inline></w:drawing></w:r>"
        )
        below = _paragraph("Note", self._spans(block.note), "<w:keepNext/>") if block.note else ""
        caption = self._caption(_("图"), "Figure", number, block.caption)
        return _paragraph("Drawing", drawing) + below + caption

    def _caption(self, word: str, sequence: str, number: int, spans: Spans, keep: bool = False) -> str:
        label = run(f"{word} ") + _field(f" SEQ {sequence} \\* ARABIC ", str(number)) + run("　")
        return _paragraph("Caption", label + self._spans(spans), "<w:keepNext/>" if keep else "")

    # --- spans -------------------------------------------------------------------------------------------

    def _spans(self, spans: Sequence[Span]) -> str:
        return "".join(self._span(span) for span in spans)

    def _span(self, span: Span) -> str:
        match span:
            case Number():
                return self._control(span)
            case Footnote():
                return self._footnote(span)
            case Words(emphatic=True):
                return run(span.text).replace("<w:r>", f"<w:r>{_ITALIC}", 1)
            case Words():
                return run(span.text, BOLD if span.strong else Look())
            case _:
                return run(span.text)

    def _control(self, number: Number) -> str:
        tag = str(number.key).removeprefix(SCHEME)
        if len(tag) > _LONGEST_TAG:
            raise XinzhiError(
                _("数字的键超过 Word 标签的 {most} 个字符: {key}").format(most=_LONGEST_TAG, key=tag),
                remedy=_("请缩短方法里区域划分的标识"),
            )
        self.controls += 1
        return (
            f'<w:sdt><w:sdtPr><w:tag w:val={quoteattr(tag)}/><w:id w:val="{self.controls}"/><w:text/></w:sdtPr>'
            f"<w:sdtContent>{run(number.text)}</w:sdtContent></w:sdt>"
        )

    def _footnote(self, note: Footnote) -> str:
        number = len(self.footnotes) + 1
        mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        self.footnotes.append(
            f'<w:footnote w:id="{number}">'
            f"{_paragraph('FootnoteText', mark + run(' ') + self._spans(note.spans))}</w:footnote>"
        )
        return f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>'

    # --- properties --------------------------------------------------------------------------------------

    def _core(self) -> str:
        texts = {
            "dc:title": self.document.title,
            "dc:creator": self.document.author,
            "dc:language": "zh-CN" if self.document.language == "zh" else "en",
        }
        inside = "".join(f"<{name}>{_escaped(text)}</{name}>" for name, text in texts.items())
        return (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/">{inside}</cp:coreProperties>'
        )

    def _custom(self) -> str:
        return (
            f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">'
            f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="xinzhi-result">'
            f"<vt:lpwstr>{_escaped(self.document.result)}</vt:lpwstr></property></Properties>"
        )


# --- markup ------------------------------------------------------------------------------------------------


def _paragraph(style: str, inside: str, layout: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{layout}</w:pPr>{inside}</w:p>'


def _field(instruction: str, shown: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _bookmark(place: int) -> str:
    """Return the bookmark of a heading; Word wants letters, digits and underscores, at most 40."""
    return f"_Toc{place:06d}"


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape(text)


def _pixels(raster: bytes) -> tuple[int, int]:
    """Return width and height from the header of a picture."""
    from PIL import Image

    with Image.open(io.BytesIO(raster), formats=("PNG", "JPEG")) as image:
        return image.size


def _suffix(raster: bytes) -> str:
    return "png" if raster.startswith(b"\x89PNG") else "jpeg"


def _relations(relations: Sequence[tuple[str, str, str]]) -> str:
    entries = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{t}"/>' for i, kind, t in relations)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


_BEGIN_CONTENTS = (
    '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)
_SECTION = (
    f'<w:sectPr>{{header}}<w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="{_PAGE_WIDTH}" '
    f'w:h="{_PAGE_HEIGHT}"/><w:pgMar w:top="{_TOP}" w:right="{_RIGHT}" w:bottom="{_BOTTOM}" w:left="{_LEFT}" '
    f'w:header="851" w:footer="1417" w:gutter="0"/>{{title}}</w:sectPr>'
)
_FOOTER = (
    f"<w:ftr {_NAMESPACES}>{_paragraph('Footer', run('— ') + _field(' PAGE ', '1') + run(' —'))}</w:ftr>"
)
_SETTINGS = (
    f'<w:settings {_NAMESPACES}><w:defaultTabStop w:val="420"/>'
    '<w:characterSpacingControl w:val="compressPunctuation"/><w:updateFields w:val="true"/>'
    '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
)
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{id}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
    for kind, id, mark in (
        ("separator", -1, "separator"),
        ("continuationSeparator", 0, "continuationSeparator"),
    )
)


def _content_types(heads: int) -> str:
    headers = {f"word/header{n}.xml": f"{_KIND}.wordprocessingml.header" for n in range(1, heads + 1)}
    overrides = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}+xml"/>'
        for part, kind in (_PARTS | headers).items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="png" ContentType="image/png"/>'
        f'<Default Extension="jpeg" ContentType="image/jpeg"/>{overrides}</Types>'
    )


_PARTS = {
    "word/document.xml": f"{_KIND}.wordprocessingml.document.main",
    "word/styles.xml": f"{_KIND}.wordprocessingml.styles",
    "word/settings.xml": f"{_KIND}.wordprocessingml.settings",
    "word/footnotes.xml": f"{_KIND}.wordprocessingml.footnotes",
    "word/footer1.xml": f"{_KIND}.wordprocessingml.footer",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties",
    "docProps/custom.xml": f"{_KIND}.custom-properties",
}


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style: id, name in Word, layout and look."""

    id: str
    name: str
    layout: str = ""
    look: str = ""


_SANS = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="黑体"/>'
_CENTRE = '<w:jc w:val="center"/>'
_TABS = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{_MEASURE}"/></w:tabs>'


def _paragraph_styles(language: str) -> Iterator[_Style]:
    indent = '<w:ind w:firstLineChars="200" w:firstLine="480"/>' if language == "zh" else ""
    yield _Style("BodyText", "Body Text", f'<w:spacing w:after="80"/>{indent}<w:jc w:val="both"/>')
    yield _Style(
        "Title", "Title", f'<w:spacing w:before="3600" w:after="240"/>{_CENTRE}', f"{_SANS}{_size(26)}"
    )
    yield _Style("Subtitle", "Subtitle", f'<w:spacing w:after="2400"/>{_CENTRE}', _size(15))
    yield _Style("Front", "Front Matter", _CENTRE, _size(10.5))
    yield _Style(
        "ContentsTitle",
        "Contents Title",
        f'<w:pageBreakBefore/><w:spacing w:after="240"/>{_CENTRE}',
        f"{_SANS}{_size(18)}",
    )
    yield _Style("TOC1", "toc 1", _TABS, "<w:b/>")
    yield _Style("TOC2", "toc 2", f'{_TABS}<w:ind w:left="360"/>')
    for level, points in ((1, 18.0), (2, 14.0), (3, 12.0)):
        yield _Style(
            f"Heading{level}",
            f"heading {level}",
            f'<w:keepNext/><w:spacing w:before="280" w:after="160"/>{_CENTRE if level == 1 else ""}'
            f'<w:outlineLvl w:val="{level - 1}"/>',
            f"{_SANS.replace('/>', '/><w:b/>')}{_size(points)}",
        )
    yield _Style(
        "Caption", "caption", f'<w:spacing w:before="120" w:after="80"/>{_CENTRE}', f"{_SANS}{_size(10.5)}"
    )
    yield _Style("Drawing", "Drawing", f"<w:keepNext/>{_CENTRE}")
    yield _Style("Note", "Table Note", '<w:spacing w:before="40" w:after="160"/>', _size(9))
    yield _Style(
        "Cell",
        "Table Cell",
        '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>',
        _size(9.5),
    )
    yield _Style(
        "ListItem",
        "List Item",
        '<w:tabs><w:tab w:val="left" w:pos="480"/></w:tabs><w:ind w:left="480" w:hanging="480"/>',
    )
    yield _Style("FootnoteText", "footnote text", "", _size(9))
    yield _Style("Footer", "footer", _CENTRE, _size(10.5))
    yield _Style("Header", "header", _CENTRE, f"{_SANS}{_size(9)}")
    yield _Style("Last", "Section End", '<w:spacing w:line="20" w:lineRule="exact"/>', _size(1))


def _size(points: float) -> str:
    return f'<w:sz w:val="{points * 2:.0f}"/><w:szCs w:val="{points * 2:.0f}"/>'


def _styles(language: str) -> str:
    fonts = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/>'
    lang = '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{s.id}"><w:name w:val="{s.name}"/><w:basedOn w:val="Normal"/>'
        f"<w:qFormat/><w:pPr>{s.layout}</w:pPr><w:rPr>{s.look}</w:rPr></w:style>"
        for s in _paragraph_styles(language)
    )
    line = 'w:val="single" w:space="0" w:color="000000"'
    return (
        f"<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{fonts}{_size(12)}{lang}</w:rPr>"
        '</w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:line="360" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f"<w:qFormat/></w:style>{styles}"
        '<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
        '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="80" w:type="dxa"/>'
        '<w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="Sheet"><w:name w:val="Sheet"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:top {line} w:sz="8"/>'
        f'<w:bottom {line} w:sz="8"/></w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:tblPr/>'
        f'<w:tcPr><w:tcBorders><w:bottom {line} w:sz="4"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
        "</w:styles>"
    )
