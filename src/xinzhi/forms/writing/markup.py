"""WordprocessingML for what a form is made of: runs, paragraphs, table rows, pictures. Widths are in twips."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

POINT = 20  # twips
MILLIMETRE = 36_000  # English metric units, in which drawings are measured

# What XML 1.0 cannot hold. None of it is visible, and no form needs it.
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run differs from the text of the form: weight, colour as RRGGBB, size, font."""

    bold: bool = False
    colour: str = ""
    points: float = 0
    font: str = ""

    @property
    def properties(self) -> str:
        """As ``w:rPr``; blank when nothing differs."""
        font = quoteattr(self.font)
        inside = "".join(
            (
                f"<w:rFonts w:ascii={font} w:hAnsi={font} w:eastAsia={font}/>" if self.font else "",
                "<w:b/>" if self.bold else "",
                f'<w:color w:val="{self.colour}"/>' if self.colour else "",
                f'<w:sz w:val="{self.points * 2:.0f}"/>' if self.points else "",
            )
        )
        return f"<w:rPr>{inside}</w:rPr>" if inside else ""


PLAIN = Look()
BOLD = Look(bold=True)


def lines(text: str) -> list[str]:
    """Split a text where it breaks, and leave out what XML cannot hold."""
    return _UNWRITABLE.sub("", _LINE_END.sub("\n", text)).split("\n")


def run(text: str, look: Look = PLAIN) -> str:
    """Write a stretch of one line of text; a tab in it stays a tab."""
    pieces = escape(_UNWRITABLE.sub("", text)).split("\t")
    inside = "<w:tab/>".join(f'<w:t xml:space="preserve">{piece}</w:t>' if piece else "" for piece in pieces)
    return f"<w:r>{look.properties}{inside}</w:r>" if inside else ""


def paragraph(
    *runs: str,
    style: str = "",
    align: str = "",
    numbered: bool = False,
    keep: bool = False,
    indent: int = 0,
    right: int = 0,
    before: int = 0,
    mark: Look = PLAIN,
) -> str:
    """Write a paragraph.

    Parameters
    ----------
    style : str
        Id of a style of the shell.
    numbered : bool
        Whether it takes the next number of the table's rows.
    keep : bool
        Whether it stays on the page of the next paragraph.
    indent : int
        Indent of the first line in hundredths of a character.
    right, before : int
        Indent at the right and space before, in twips.
    mark : Look
        Look of the paragraph mark: that of what is typed into an empty paragraph.
    """
    indents = f' w:firstLineChars="{indent}" w:firstLine="{indent * 21 // 10}"' if indent else ""
    indents += f' w:right="{right}"' if right else ""
    inside = "".join(
        (
            f'<w:pStyle w:val="{style}"/>' if style else "",
            "<w:keepNext/>" if keep else "",
            '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if numbered else "",
            f'<w:spacing w:before="{before}"/>' if before else "",
            f"<w:ind{indents}/>" if indents else "",
            f'<w:jc w:val="{align}"/>' if align else "",
            mark.properties,
        )
    )
    return f"<w:p>{f'<w:pPr>{inside}</w:pPr>' if inside else ''}{''.join(runs)}</w:p>"


def cell(content: str, width: int, *, span: int = 1, middle: bool = True, shade: str = "") -> str:
    """Write a cell of one or more paragraphs."""
    inside = "".join(
        (
            f'<w:tcW w:w="{width}" w:type="dxa"/>',
            f'<w:gridSpan w:val="{span}"/>' if span > 1 else "",
            f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else "",
            '<w:vAlign w:val="center"/>' if middle else "",
        )
    )
    return f"<w:tc><w:tcPr>{inside}</w:tcPr>{content}</w:tc>"


def row(cells: Iterable[str], *, height: int = 0, whole: bool = True, heading: bool = False) -> str:
    """Write a row of at least `height`; `whole` keeps it on one page, `heading` repeats it on every page."""
    inside = "".join(
        (
            "<w:cantSplit/>" if whole else "",
            f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else "",
            "<w:tblHeader/>" if heading else "",
        )
    )
    return f"<w:tr>{f'<w:trPr>{inside}</w:trPr>' if inside else ''}{''.join(cells)}</w:tr>"


def table(widths: Sequence[int], rows: Iterable[str], *, title: str = "") -> str:
    """Write a bordered table of fixed columns."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
    padding = (("top", 45), ("left", 108), ("bottom", 45), ("right", 108))
    margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in padding)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar>"
        f"{f'<w:tblCaption w:val={quoteattr(title)}/>' if title else ''}</w:tblPr>"
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def picture(relation: str, number: int, name: str, width: int, height: int) -> str:
    """Write a run with an embedded picture; sizes in English metric units."""
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    named = f'id="{number}" name={quoteattr(_UNWRITABLE.sub("", name))}'
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{drawing}/wordprocessingDrawing">'
        f'<wp:extent cx="{width}" cy="{height}"/><wp:docPr {named}/>'
        f'<a:graphic xmlns:a="{drawing}/main"><a:graphicData uri="{drawing}/picture">'
        f'<pic:pic xmlns:pic="{drawing}/picture"><pic:nvPicPr><pic:cNvPr {named}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        f"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
