"""A checked Word file goes back in the layout in which it came: comments at their places, a first page that lists.

Only the text, the comments and what links them are touched. The first page lies in a content control with the
tag ``xinzhi-findings``, which the reader of forms passes over, so that an annotated file reads as the file before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import quoteattr

from lxml import etree

from xinzhi.forms.files.word.names import FINDINGS_TAG, W
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.reading import Finding
from xinzhi.forms.rules import GRADES
from xinzhi.forms.writing.amendment import Amendment
from xinzhi.forms.writing.anchors import Anchors, is_ours
from xinzhi.forms.writing.markup import BOLD, POINT, Look, cell, lines, paragraph, row, run, table
from xinzhi.forms.writing.remarks import Remark, grade_title, remarks
from xinzhi.language import gettext as _

AUTHOR = "xinzhi 填报审核"  # of our comments; no name that a person has

_COMMENTS = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_MARKS = ("commentRangeStart", "commentRangeEnd", "commentReference")
_LOOKS = {
    "mend": Look(bold=True, colour="C00000", points=9),
    "explain": Look(bold=True, colour="B45F06", points=9),
    "note": Look(points=9),
}
_TINY, _SMALL, _TITLE = Look(points=1), Look(points=9), Look(bold=True, points=16)
_SHARES = (6, 12, 24, 32, 26)  # of the width of the list, in percent
_USUAL_PAGE, _USUAL_MARGIN = 11906, 1800  # of A4 in Word, in twips


def annotate_word(
    data: bytes, findings: Sequence[Finding], *, form: AnyForm | None = None, title: str = ""
) -> bytes:
    """Return a Word file with findings as comments at their places, and a first page that lists them all.

    What an earlier annotation left is replaced; comments of people stay.

    Parameters
    ----------
    data : bytes
        The file (.docx) as it was read.
    findings : sequence of Finding
        Those without a place in the text (whole file, header, footnote) stand in the list alone. Without any, the
        file goes back with nothing added.
    form : IndicatorForm or CaseForm, optional
        For the names of its fields in the list.
    title : str
        Heading of the first page; 填报审核意见 where blank.

    Raises
    ------
    XinzhiError
        If the bytes are no Word file that can be opened.
    """
    file = Amendment(data)
    _clear(file)
    if said := remarks(findings, form):
        _comment(file, said)
        page = _first_page(title or _("填报审核意见"), said, _text_width(file))
        file.body.insert(0, _element(file, page))
    return file.packed()


def _clear(file: Amendment) -> None:
    """Take out what an earlier annotation put in."""
    for control in file.as_read.iter(f"{W}sdt"):
        if is_ours(control):
            _drop(file.counterpart(control))
    comments = file.part("comments")
    if comments is None:
        return
    w = f"{{{file.namespace}}}"
    ours = [comment for comment in comments if comment.get(f"{w}author") == AUTHOR]
    numbers = {comment.get(f"{w}id") for comment in ours}
    for mark in [mark for name in _MARKS for mark in file.text.iter(f"{w}{name}")]:
        if mark.get(f"{w}id") in numbers:
            _drop(mark.getparent() if mark.tag == f"{w}commentReference" else mark)
    for comment in ours:
        comments.remove(comment)


def _drop(element: etree._Element | None) -> None:
    if element is not None and (parent := element.getparent()) is not None:
        parent.remove(element)


# --- comments at their places ----------------------------------------------------------------------------


def _comment(file: Amendment, said: Sequence[Remark]) -> None:
    anchors = Anchors(file.as_read)
    found = ((anchors.at(remark.place), remark) for remark in said)
    placed = [(file.counterpart(anchor), remark) for anchor, remark in found if anchor is not None]
    if not placed:
        return
    comments = file.part("comments")
    if comments is None:
        comments = _element(file, "<w:comments/>")
        file.add("comments", _COMMENTS, comments)
    for id, (anchor, remark) in enumerate(placed, start=_first_free(file, comments)):
        text = "".join(paragraph(run(line)) for line in lines(remark.comment))
        heading = f'w:id="{id}" w:author="{AUTHOR}" w:initials="审"'
        comments.append(_element(file, f"<w:comment {heading}>{text}</w:comment>"))
        has_properties = len(anchor) > 0 and anchor[0].tag == f"{{{file.namespace}}}pPr"
        anchor.insert(int(has_properties), _element(file, f'<w:commentRangeStart w:id="{id}"/>'))
        anchor.append(_element(file, f'<w:commentRangeEnd w:id="{id}"/>'))
        anchor.append(_element(file, f'<w:r><w:commentReference w:id="{id}"/></w:r>'))


def _first_free(file: Amendment, comments: etree._Element) -> int:
    """Return a number from which on no comment is numbered, nor a mark that lost its comment."""
    w = f"{{{file.namespace}}}"
    marks = (mark for tag in _MARKS for mark in file.text.iter(f"{w}{tag}"))
    return max((_number(element, f"{w}id", 0) for element in (*comments, *marks)), default=0) + 1


# --- the first page --------------------------------------------------------------------------------------


def _first_page(title: str, said: Sequence[Remark], width: int) -> str:
    """Write the list of all remarks, and a break so that the form begins on a page of its own."""
    counts = [(grade_title(grade), sum(remark.grade == grade for remark in said)) for grade in GRADES]
    summary = _("共 {count} 条: {grades}").format(
        count=len(said), grades=", ".join(f"{name} {number}" for name, number in counts if number)
    )
    widths = [width * share // 100 for share in _SHARES]
    headings = ("", _("审核结果"), _("位置"), _("问题"), _("怎样修改"))
    rows = [row(_cells(headings, widths, [BOLD] * len(widths)), heading=True)]
    for remark in said:
        texts = (str(remark.number), grade_title(remark.grade), remark.where, remark.what, remark.mend)
        rows.append(row(_cells(texts, widths, [_SMALL, _LOOKS[remark.grade], _SMALL, _SMALL, _SMALL])))
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val={quoteattr(title)}/><w:tag w:val="{FINDINGS_TAG}"/></w:sdtPr><w:sdtContent>'
        + paragraph(mark=_TINY)  # LibreOffice drops the look of the first paragraph in a control
        + paragraph(run(title, _TITLE), align="center")
        + paragraph(run(summary, _SMALL), before=6 * POINT)
        + table(widths, rows, title=title)
        + paragraph('<w:r><w:br w:type="page"/></w:r>', mark=_TINY)
        + "</w:sdtContent></w:sdt>"
    )


def _cells(texts: Sequence[str], widths: Sequence[int], looks: Sequence[Look]) -> Iterator[str]:
    for text, width, look in zip(texts, widths, looks, strict=True):
        yield cell("".join(paragraph(run(line, look)) for line in lines(text)), width)


def _text_width(file: Amendment) -> int:
    """Return the width of the text in the first section."""
    w = f"{{{file.namespace}}}"
    section = next(file.body.iter(f"{w}sectPr"), None)
    size = None if section is None else section.find(f"{w}pgSz")
    margins = None if section is None else section.find(f"{w}pgMar")
    page = _number(size, f"{w}w", _USUAL_PAGE)
    width = page - _number(margins, f"{w}left", _USUAL_MARGIN) - _number(margins, f"{w}right", _USUAL_MARGIN)
    return width if width > page // 3 else page - 2 * _USUAL_MARGIN


def _element(file: Amendment, markup: str) -> etree._Element:
    """Parse markup into an element of the edition in which the file is written."""
    return etree.fromstring(f'<markup xmlns:w="{file.namespace}">{markup}</markup>')[0]


def _number(element: etree._Element | None, attribute: str, otherwise: int) -> int:
    """Return the number in an attribute, or `otherwise` where none of a sensible length stands."""
    text = "" if element is None else str(element.get(attribute))
    return int(text) if text.isdecimal() and len(text) < 9 else otherwise
