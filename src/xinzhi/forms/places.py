"""Where in a file something stands, said as a person would look for it."""

from __future__ import annotations

from xinzhi.declarations import Record
from xinzhi.language import gettext as _


class Place(Record):
    """A place in a file: all numbers count from 1, and 0 means not known or not meant.

    Attributes
    ----------
    file : str
        Name of the file, inside an archive with the archive before it; filled in by whoever opened it.
    part : str
        Of a workbook the sheet; of a document "header", "footer", "textbox", "footnote" or blank for the body.
    table, row, column : int
        Table in the order of the document, row and column of the grid with merged cells expanded.
    cell : str
        Address of the cell of a sheet (C5).
    paragraph : int
        Paragraph of the document, or of the cell where there is one.
    """

    file: str = ""
    part: str = ""
    table: int = 0
    row: int = 0
    column: int = 0
    cell: str = ""
    paragraph: int = 0

    def __str__(self) -> str:
        parts = []
        if self.part:
            parts.append(
                _PARTS[self.part]() if self.part in _PARTS else _("工作表 {name}").format(name=self.part)
            )
        if self.table and not self.cell:
            parts.append(_("第 {n} 个表").format(n=self.table))
        if self.cell:
            parts.append(_("单元格 {cell}").format(cell=self.cell))
        elif self.row:
            parts.append(_("第 {row} 行第 {column} 列").format(row=self.row, column=self.column))
        if self.paragraph:
            parts.append(_("第 {n} 段").format(n=self.paragraph))
        place = " ".join(parts)
        return f"{self.file}: {place}" if self.file and place else self.file or place


_PARTS = {
    "header": lambda: _("页眉"),
    "footer": lambda: _("页脚"),
    "textbox": lambda: _("文本框"),
    "footnote": lambda: _("脚注"),
}
