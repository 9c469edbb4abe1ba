"""Workbooks (.xlsx, .xlsm) as neutral documents: figures exactly as stored, merged cells, hidden parts, pictures.

Read straight from the parts of the package and not with openpyxl: one pass gives formula and stored result, the
text of the figure, merged and hidden cells, of which openpyxl's streaming mode lacks some and reads some twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from xinzhi.forms.document import Document, Paragraph, Picture, Run, Table
from xinzhi.forms.files.packages import MOST_NODES, Package, parse_xml
from xinzhi.forms.files.sheets.figures import date_text, format_code, is_date, shown, stored_figure
from xinzhi.forms.files.sheets.grid import (
    COLUMNS,
    MARK,
    MARK_SIGN,
    MOST_CELLS,
    ROWS,
    Area,
    Look,
    SheetCell,
    letters,
    position,
    table_of,
)
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile
from xinzhi.forms.spelling import RAISED

if TYPE_CHECKING:
    from lxml.etree import _Element

_Member = TypeVar("_Member")

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_ART = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WHITE, _BLACK = "FFFFFF", "000000"
_MOST_SHEETS = 100
_LEAST_EXTENT = 1  # points of a row, characters of a column
_MOST_SAID = 50  # places that one rule is said of; a person sees by then that it is everywhere
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PRINT_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|[0-9]+|[A-Z])')


def read_workbook(data: bytes) -> Document:
    """Read a workbook.

    Parameters
    ----------
    data : bytes
        A file of Excel 2007 or later, or of WPS or LibreOffice in that format.

    Returns
    -------
    Document
        A table for each sheet that holds something; headers, footers and text boxes as margins.

    Raises
    ------
    HostileFile
        If the package is made to harm.
    UnreadableFile
        If it is damaged, or holds far more cells than a form.
    """
    return _Workbook(Package(data)).document()


def passed_over(data: bytes) -> set[str]:
    """Return the titles of the sheets that are ours and no part of the form; they need not be there."""
    return _Workbook(Package(data)).mark()[0]


class _Workbook:
    """A workbook while it is read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = package.main_part("xl/workbook.xml")
        if self._main.lower().endswith(".bin"):
            raise UnreadableFile(Finding(rule="sheets.binary"))
        root = package.xml(self._main)
        self._related = package.relations(self._main)
        self._sheets = list(root.iter(f"{_MAIN}sheet"))
        if len(self._sheets) > _MOST_SHEETS:
            raise _too_large()
        properties = root.find(f"{_MAIN}workbookPr")
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._strings = self._shared_strings()
        self._shapers: list[bool] = []
        self._formats, self._looks = self._cell_styles()
        self._left = MOST_CELLS
        self._read = Document(format="xlsx")

    def document(self) -> Document:
        """Read everything."""
        read, (sheets, cells) = self._read, self.mark()
        if any(part.endswith("vbaproject.bin") for part in self._package.parts):
            read.lost.append(("files.macros", Place()))
        for sheet in self._sheets:
            title = sheet.get("name", "")
            if title != MARK and title not in sheets and (part := self._part(sheet)):
                self._read_sheet(title, part, cells, hidden=sheet.get("state", "visible") != "visible")
        self._add_pictures()
        return read

    def _part(self, sheet: _Element) -> str:
        """Return the name of the part of a sheet; blank for one of charts or macros, which holds no cells."""
        relation = self._related.get(sheet.get(f"{_RELATION_ID}id", ""))
        found = relation and relation.kind == "worksheet" and relation.target in self._package
        return relation.target if relation and found else ""

    def mark(self) -> tuple[set[str], set[str]]:
        """Read our own hidden sheet, where there is one; return the sheets and the cells to pass over."""
        sheet = next((sheet for sheet in self._sheets if sheet.get("name") == MARK), None)
        part = self._part(sheet) if sheet is not None else ""
        cells = list(self._cells(self._package.xml(part), Place(part=MARK))) if part else []
        first = {cell.column: cell.text for cell in cells if cell.row == 1}
        if first.get(1) != MARK_SIGN:
            return set(), set()
        self._read.form, self._read.unit = first.get(2, ""), first.get(3, "")
        sheets, single = ({cell.text for cell in cells if cell.row == row} for row in (2, 3))
        return sheets, single

    # --- a sheet

    def _read_sheet(self, title: str, part: str, passed_over: set[str], *, hidden: bool) -> None:
        data = self._package.read(part)
        if data.count(b"<") + data.count(b"=") > MOST_NODES:
            raise _too_large()
        root = parse_xml(data, part)
        place = Place(part=title, table=len(self._read.tables) + 1)
        cells = [cell for cell in self._cells(root, place) if f"{title}!{cell.address}" not in passed_over]
        merged, spilled = _merged(root, cells)
        cells = [cell for cell in cells if cell not in spilled]
        self._lose("files.covered", place, spilled)
        self._add_margins(root)
        comments, drawing = self._around(part, title)
        if cells:
            table = table_of(cells, place, merged=merged, notes=comments, hidden=hidden)
            self._read.blocks.append(table)
            self._mark_hidden(root, table, cells)
            self._mark_reshaped(root, table)
        self._read.margins.extend(drawing)

    def _cells(self, root: _Element, place: Place) -> Iterator[SheetCell]:
        """Yield the cells that hold something; those far out are left and said."""
        row = 0
        far = False
        for line in root.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
            row = _whole(line.get("r"), row + 1)
            column = 0
            for element in line.iterfind(f"{_MAIN}c"):
                at = position(element.get("r", "")) or (row, column + 1)
                column = at[1]
                cell = self._cell(at, element, place)
                if cell is None:
                    continue
                if not (1 <= cell.row <= ROWS and 1 <= cell.column <= COLUMNS):
                    far = True
                    continue
                self._left -= 1
                if self._left < 0:
                    raise _too_large()
                yield cell
        if far:
            self._read.lost.append(("sheets.far", place))

    def _cell(self, at: tuple[int, int], element: _Element, sheet: Place) -> SheetCell | None:
        """Read a cell; None where it is empty."""
        formula = element.find(f"{_MAIN}f")
        stored = element.findtext(f"{_MAIN}v")
        if not stored and formula is not None and element.get("t") != "str":
            stored = None  # openpyxl leaves a blank result; of text a blank one is a result
        style = _whole(element.get("s"), 0)
        cell = SheetCell(*at, "", formula=formula is not None, look=_at(self._looks, style, Look()))
        match element.get("t", "n"):
            case "inlineStr":
                self._take_text(cell, _text(element.find(f"{_MAIN}is")), sheet)
            case _ if stored is None:
                if formula is None:
                    return None
                cell.text = f"={formula.text or ''}"
                self._lose("sheets.no_result", sheet, [cell])
            case "s":
                number = _whole(stored, -1)
                if not 0 <= number < len(self._strings):
                    cell.text = "#VALUE!"
                    self._lose("sheets.error", sheet, [cell])
                else:
                    self._take_text(cell, self._strings[number], sheet)
            case "n":
                self._take_figure(cell, stored, _at(self._formats, style, "General"))
            case "b":
                cell.text = "TRUE" if stored.strip() in ("1", "true") else "FALSE"
            case "e":
                cell.text = stored.strip() or "#VALUE!"
                self._lose("sheets.error", sheet, [cell])
            case _:  # str: what a formula made; d: a date in ISO 8601
                cell.text = _unescaped(stored)
        if cell.look.struck and cell.text.strip():
            self._lose("files.struck_out", sheet, [cell])
            return None
        return cell if cell.text.strip() else None

    def _take_text(self, cell: SheetCell, text: _Text, sheet: Place) -> None:
        cell.text = text.text
        if text.white:
            cell.look = replace(cell.look, colour=_WHITE)
        if text.struck:
            self._lose("files.struck_out", sheet, [cell])

    def _take_figure(self, cell: SheetCell, stored: str, code: str) -> None:
        figure = stored_figure(stored)
        cell.number_format = code
        if figure is None:
            cell.text = stored
        elif is_date(code) and (date := date_text(figure, from_1904=self._from_1904)):
            cell.text = date
        else:
            cell.number, cell.text = figure, shown(figure, code)

    def _lose(self, rule: str, sheet: Place, cells: list[SheetCell]) -> None:
        said = sum(known == rule for known, _place in self._read.lost)
        for cell in cells[: max(_MOST_SAID - said, 0)]:
            place = sheet.model_copy(update={"row": cell.row, "column": cell.column, "cell": cell.address})
            self._read.lost.append((rule, place))

    def _mark_hidden(self, root: _Element, table: Table, cells: list[SheetCell]) -> None:
        """Mark and say what holds something and is not to be seen."""
        if table.hidden:
            self._read.lost.append(("sheets.hidden_sheet", table.place))
        rows, columns = _hidden_rows(root), _hidden_columns(root)
        for cell in table.cells if rows or columns else ():
            across = range(cell.column, cell.column + cell.width)
            if rows.issuperset(range(cell.row, cell.row + cell.height)) or columns.issuperset(across):
                cell.doubt = "reading.hidden_cell"
        if filled := rows & {cell.row for cell in cells}:
            place = table.place.model_copy(update={"row": min(filled), "column": 1})
            self._read.lost.append(("sheets.hidden_rows", place))
        if filled := columns & {cell.column for cell in cells}:
            place = table.place.model_copy(update={"row": 1, "column": min(filled)})
            self._read.lost.append(("sheets.hidden_columns", place))

    def _mark_reshaped(self, root: _Element, table: Table) -> None:
        """Mark the figures that are shown otherwise than they are stored, or not at all."""
        view = root.find(f"{_MAIN}sheetViews/{_MAIN}sheetView")
        no_zeros = view is not None and view.get("showZeros") in ("0", "false")
        areas = list(self._reshaped(root))
        for cell in table.cells if no_zeros or areas else ():
            if cell.number is None:
                continue
            within = any(area.holds(cell.row, cell.column) for area in areas)
            if within or (no_zeros and not cell.number):
                cell.doubt = cell.doubt or "reading.shown_otherwise"

    def _reshaped(self, root: _Element) -> Iterator[Area]:
        """Yield the areas of conditional formats that change or hide a figure."""
        for group in root.iterfind(f"{_MAIN}conditionalFormatting"):
            changed = any(
                _at(self._shapers, _whole(rule.get("dxfId"), -1), False)
                or any(bar.get("showValue") in ("0", "false") for bar in rule)
                for rule in group.iterfind(f"{_MAIN}cfRule")
            )
            for ref in group.get("sqref", "").split() if changed else ():
                first, _colon, last = ref.partition(":")
                begin, end = position(first), position(last or first)
                if begin and end and begin <= end and begin[1] <= end[1]:
                    yield Area(*begin, end[0] - begin[0] + 1, end[1] - begin[1] + 1)

    # --- what is not in cells

    def _add_margins(self, root: _Element) -> None:
        """Take the texts printed above and below a sheet, the letter codes of their lay-out removed."""
        for element in root.iterfind(f"{_MAIN}headerFooter/*"):
            tag = str(element.tag)
            part = "header" if tag.endswith("Header") else "footer"
            if text := _PRINT_CODE.sub("\n", element.text or "").replace("&&", "&").strip():
                place = Place(part=part)
                self._read.margins.append(Paragraph([Run(text)], place))

    def _around(self, part: str, title: str) -> tuple[Mapping[tuple[int, int], str], list[Paragraph]]:
        """Return the remarks at the cells of a sheet, and the texts in its text boxes; place its pictures."""
        notes: dict[tuple[int, int], str] = {}
        texts: list[Paragraph] = []
        for relation in self._package.relations(part).values():
            if relation.external or relation.target not in self._package:
                continue
            if relation.kind == "comments":
                for comment in self._package.xml(relation.target).iter(f"{_MAIN}comment"):
                    if at := position(comment.get("ref", "")):
                        notes[at] = _text(comment.find(f"{_MAIN}text")).text
            elif relation.kind == "drawing":
                texts += self._drawn(relation.target, title)
        return notes, texts

    def _drawn(self, part: str, title: str) -> Iterator[Paragraph]:
        root = self._package.xml(part)
        pictures = self._package.relations(part)
        for anchor in root:
            begins = anchor.find(f"{_DRAWING}from")
            row = 1 + _whole(begins.findtext(f"{_DRAWING}row"), 0) if begins is not None else 0
            column = 1 + _whole(begins.findtext(f"{_DRAWING}col"), 0) if begins is not None else 0
            place = Place(part=title, row=row, column=column, cell=f"{letters(column)}{row}" if row else "")
            for blip in anchor.iter(f"{_ART}blip"):
                relation = pictures.get(blip.get(f"{_RELATION_ID}embed", ""))
                if relation and relation.target in self._package:
                    self._add_picture(relation.target, place)
            for paragraph in anchor.iter(f"{_ART}p"):
                text = "".join(piece.text or "" for piece in paragraph.iter(f"{_ART}t"))
                if text.strip():
                    yield Paragraph([Run(text)], Place(part="textbox"))

    def _add_pictures(self) -> None:
        """Take the pictures that no drawing shows as well: WPS keeps those inside cells apart."""
        known = {picture.name for picture in self._read.pictures}
        for part in self._package.parts:
            if part.startswith("xl/media/") and part.rpartition("/")[2] not in known:
                self._add_picture(part, Place())

    def _add_picture(self, part: str, place: Place) -> None:
        name = part.rpartition("/")[2].lower()
        if name not in {picture.name for picture in self._read.pictures}:
            self._read.pictures.append(Picture(name, self._package.read(part), place))

    # --- what sheets share

    def _shared_strings(self) -> list[_Text]:
        for relation in self._related.values():
            if relation.kind == "sharedStrings" and relation.target in self._package:
                return [_text(item) for item in self._package.xml(relation.target).iterchildren(f"{_MAIN}si")]
        return []

    def _cell_styles(self) -> tuple[list[str], list[Look]]:
        """Return number formats and looks by the style that cells name."""
        for relation in self._related.values():
            if relation.kind == "styles" and relation.target in self._package:
                root = self._package.xml(relation.target)
                own = {
                    _whole(each.get("numFmtId"), -1): each.get("formatCode", "")
                    for each in root.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
                }
                fonts = [_look(font) for font in root.iterfind(f"{_MAIN}fonts/{_MAIN}font")]
                styles = list(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf"))
                formats = [format_code(_whole(style.get("numFmtId"), 0), own) for style in styles]
                self._shapers = [_reshapes(each) for each in root.iterfind(f"{_MAIN}dxfs/{_MAIN}dxf")]
                grounds = [_ground(each) for each in root.iterfind(f"{_MAIN}fills/{_MAIN}fill")]
                return formats, [
                    _on(
                        _at(fonts, _whole(style.get("fontId"), 0), Look()),
                        _at(grounds, _whole(style.get("fillId"), 0), ""),
                    )
                    for style in styles
                ]
        return [], []


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as it is seen: raised digits as such, what is struck out left out; whether some is struck or white."""

    text: str = ""
    struck: bool = False
    white: bool = False


def _text(element: _Element | None) -> _Text:
    """Return a text of one or several looks, without the pronunciation that may stand beside it."""
    pieces: list[str] = []
    struck = white = False
    for child in element if element is not None else ():
        if child.tag == f"{_MAIN}t":
            pieces.append(child.text or "")
        elif child.tag == f"{_MAIN}r":
            text = "".join(piece.text or "" for piece in child.iterchildren(f"{_MAIN}t"))
            properties = child.find(f"{_MAIN}rPr")
            look = Look() if properties is None else _look(properties)
            raised = None if properties is None else properties.find(f"{_MAIN}vertAlign")
            if raised is not None:
                text = text.translate(RAISED.get(raised.get("val", ""), {}))
            struck, white = struck or look.struck, white or look.colour == _WHITE
            pieces += [] if look.struck else [text]
    return _Text(_unescaped("".join(pieces)), struck, white)


def _unescaped(text: str) -> str:
    """Turn _x000D_ into the sign it stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _merged(root: _Element, cells: list[SheetCell]) -> tuple[list[Area], list[SheetCell]]:
    """Return the merged areas, and the cells under them that hold something nobody sees."""
    areas = []
    for element in root.iterfind(f"{_MAIN}mergeCells/{_MAIN}mergeCell"):
        first, _colon, last = element.get("ref", "").partition(":")
        begin, end = position(first), position(last)
        if begin and end and begin <= end and begin[0] <= ROWS and begin[1] <= end[1]:
            areas.append(Area(*begin, end[0] - begin[0] + 1, end[1] - begin[1] + 1))
    covered = [cell for cell in cells if any(area.hides(cell.row, cell.column) for area in areas)]
    return areas, covered


def _hidden_rows(root: _Element) -> set[int]:
    found, row = set(), 0
    for line in root.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
        row = _whole(line.get("r"), row + 1)
        if line.get("hidden") in ("1", "true") or _is_nothing(line.get("ht")):
            found.add(row)
    return found


def _hidden_columns(root: _Element) -> set[int]:
    return {
        column
        for group in root.iterfind(f"{_MAIN}cols/{_MAIN}col")
        if group.get("hidden") in ("1", "true") or _is_nothing(group.get("width"))
        for column in range(_whole(group.get("min"), 1), min(_whole(group.get("max"), 0), COLUMNS) + 1)
    }


def _is_nothing(extent: str | None) -> bool:
    """Tell whether a height or width is too small to see what lies in it."""
    figure = stored_figure(extent or "")
    return figure is not None and figure < _LEAST_EXTENT


def _look(font: _Element) -> Look:
    """Return the look of a font; of the colours of the theme white alone, since most are black."""

    def value(tag: str, attribute: str = "val") -> str:
        element = font.find(f"{_MAIN}{tag}")
        return "" if element is None else element.get(attribute, "")

    size = stored_figure(value("sz"))
    strike = font.find(f"{_MAIN}strike")
    struck = strike is not None and strike.get("val", "1") in ("1", "true")
    white = value("color", "theme") == "0" or value("color", "indexed") in ("1", "9")
    black = font.find(f"{_MAIN}color") is None or value("color", "theme") == "1"
    colour = _WHITE if white and not value("color", "tint") else value("color", "rgb")[-6:].upper()
    colour = _BLACK if black else colour
    return Look(value("name"), float(size or 0), colour, struck)


def _on(look: Look, ground: str) -> Look:
    """Return a look before a colour."""
    return replace(look, ground=ground) if ground else look


def _ground(fill: _Element) -> str:
    """Return the colour of a solid fill; of the colours of the theme white and black alone."""
    pattern = fill.find(f"{_MAIN}patternFill[@patternType='solid']/{_MAIN}fgColor")
    if pattern is None or pattern.get("tint"):
        return ""
    if pattern.get("rgb"):
        return pattern.get("rgb", "")[-6:].upper()
    themed = {"0": _WHITE, "1": _BLACK}.get(pattern.get("theme", ""), "")
    return themed or {"0": _BLACK, "8": _BLACK, "1": _WHITE, "9": _WHITE}.get(pattern.get("indexed", ""), "")


def _reshapes(condition: _Element) -> bool:
    """Tell whether a conditional look changes what figure is seen: a number format, or white digits."""
    font = condition.find(f"{_MAIN}font")
    look = Look() if font is None else _look(font)
    blends = look.colour == _WHITE or look.struck
    return blends or condition.find(f"{_MAIN}numFmt") is not None


def _at(listed: Sequence[_Member], position: int, otherwise: _Member) -> _Member:
    return listed[position] if 0 <= position < len(listed) else otherwise


def _whole(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _too_large() -> UnreadableFile:
    return UnreadableFile(Finding(rule="sheets.too_large", facts={"cells": MOST_CELLS}))
