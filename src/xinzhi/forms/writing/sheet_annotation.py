"""A checked workbook goes back as it came: each finding as a remark at its cell, and a first sheet that lists them.

The hidden sheet tells our readers to pass over the list, so that an annotated workbook reads as the one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from xinzhi.forms.files.sheets.grid import LIST, MARK, MARK_SIGN, position
from xinzhi.forms.files.sheets.workbook import passed_over
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.writing.bookparts import BookParts, sheet_of_texts
from xinzhi.forms.writing.remarks import Remark, grade_title, remarks
from xinzhi.language import gettext as _

AUTHOR = "xinzhi"  # of our remarks; no person's name

_WIDTHS = (5, 12, 30, 50, 50)


def annotate_workbook(
    data: bytes, findings: Sequence[Finding], *, form: AnyForm | None = None, title: str = ""
) -> bytes:
    """Return a workbook with findings as remarks at their cells, and a first sheet that lists them all.

    What an earlier annotation left is replaced; remarks of people stay.

    Parameters
    ----------
    data : bytes
        The file (.xlsx) as it was read.
    findings : sequence of Finding
        Those without a cell stand in the list alone. Without any, the file goes back as it came.
    form : IndicatorForm or CaseForm, optional
        For the names of its fields in the list.
    title : str
        Heading of the list; 填报审核意见 where blank.

    Raises
    ------
    HostileFile, UnreadableFile
        If the bytes are no workbook that can be changed.
    """
    said = remarks(findings, form)
    book = BookParts(data)
    sheets, ours = book.sheets(), passed_over(data)
    earlier = LIST in sheets and LIST in ours
    if not said and not earlier:
        return data
    for name, texts in _texts(said, sheets).items():
        book.remark(sheets[name], texts, AUTHOR)
    listed = sheet_of_texts(_lines(said, title or _("填报审核意见")), _WIDTHS, book.wrapped_style())
    if earlier:
        book.replace_part(sheets[LIST], listed)
        return book.packed()
    name = (
        LIST if LIST not in sheets else next(n for k in range(2, 200) if (n := f"{LIST} {k}") not in sheets)
    )
    if MARK in sheets and name not in ours:
        book.add_text(sheets[MARK], 2, name)
    elif MARK not in sheets:
        book.add_sheet(MARK, sheet_of_texts([[MARK_SIGN], [name]]), hidden=True)
    book.add_sheet(name, listed, first=True)
    return book.packed()


def _texts(said: Sequence[Remark], sheets: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the remarks by sheet and cell; every sheet is there, so that what is out of date goes."""
    found: dict[str, dict[str, str]] = {name: {} for name in sheets}
    by_cell: dict[tuple[str, str], list[str]] = defaultdict(list)
    for remark in said:
        if at := _cell_of(remark.place, sheets):
            by_cell[at].append(remark.comment)
    for (name, address), comments in by_cell.items():
        found[name][address] = "\n".join(comments)
    return found


def _cell_of(place: Place, sheets: dict[str, str]) -> tuple[str, str] | None:
    """Return sheet and address of a place; None where it is no cell."""
    if place.part in sheets and position(place.cell):
        return place.part, place.cell
    return None


def _lines(said: Sequence[Remark], title: str) -> list[list[str]]:
    heads = ["", _("审核结果"), _("位置"), _("问题"), _("怎样修改")]
    return [
        ["", "", title],
        heads,
        *([str(r.number), grade_title(r.grade), r.where, r.what, r.mend] for r in said),
    ]
