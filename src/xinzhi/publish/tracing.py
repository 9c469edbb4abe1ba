"""Reading the numbers back out of a PDF or a Word file, and comparing each with the bundle it comes from."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from xinzhi.errors import CallError, XinzhiError, reason
from xinzhi.forms.files.packages import Package
from xinzhi.forms.files.zipped import damaged, hostile
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.publish.bundle import open_bundle, verify_bundle
from xinzhi.publish.text.keys import SCHEME, NumberError, read_key
from xinzhi.publish.text.measures import is_shown, value_of
from xinzhi.publish.text.standing import Standing

_LARGEST = 256 << 20
_LONGEST_LINK = 2000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as a document shows it: where, under which key, and the text that a reader sees."""

    place: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A number that is not what its key stands for, and why."""

    shown: Shown
    why: str

    def __str__(self) -> str:
        return f"{self.shown.place}: {self.why} ({self.shown.key})"


@dataclass(frozen=True, slots=True)
class Traced:
    """What was found in a document.

    Attributes
    ----------
    count : int
        Numbers with a key.
    mismatches : tuple of Mismatch
    """

    count: int
    mismatches: tuple[Mismatch, ...]


def trace_document(path: str | Path, bundle: str | Path) -> Traced:
    """Compare every number of a document with a bundle.

    Parameters
    ----------
    path : str or Path
        A PDF or a Word file that :mod:`xinzhi.publish` wrote, perhaps edited since.
    bundle : str or Path
        The bundle of the same result.

    Raises
    ------
    BundleError, ComputeError
        If the bundle cannot be opened, or is not what it says.
    CallError
        If the document cannot be read, or holds no number with a key.
    """
    source = Path(path)
    found = list(numbers_shown(source))
    if not found:
        raise CallError(
            _("没有一个数字带键"),
            where=str(source),
            remedy=_("只能追溯 xinzhi paper 写出的 PDF 和 Word 文件"),
        )
    opened = open_bundle(bundle)
    differences = verify_bundle(opened)
    if differences:
        raise XinzhiError(
            _("数据包自身不一致: {difference}").format(difference=differences[0]),
            where=str(bundle),
            remedy=_("请用 xinzhi verify 查看全部"),
        )
    with speaking(opened.language):
        standings = [assessment.standing for assessment in opened.edition.assessments]
    return Traced(len(found), tuple(mismatches(found, standings)))


def mismatches(found: Iterable[Shown], standings: Sequence[Standing]) -> Iterator[Mismatch]:
    """Yield the numbers that are not what their keys stand for; a key names its standing by the fingerprint."""
    for shown in found:
        try:
            key = read_key(shown.key)
            standing = next((s for s in standings if s.fingerprint.startswith(key.result)), standings[0])
            if not is_shown(standing, key, shown.text):
                value = value_of(standing, key)
                yield Mismatch(
                    shown, _("印的是 {text}, 数据包里是 {value:.6g}").format(text=shown.text, value=value)
                )
        except NumberError as error:
            yield Mismatch(shown, error.what)


def numbers_shown(path: Path) -> Iterator[Shown]:
    """Yield the numbers of a document that carry a key, in its order.

    Raises
    ------
    CallError
        If the file cannot be read, or is of neither kind.
    """
    readers = {".pdf": _in_pdf, ".docx": _in_word}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CallError(_("只能追溯 PDF 和 Word (.docx) 文件"), where=str(path))
    try:
        if path.stat().st_size > _LARGEST:
            raise CallError(_("文件超过 {limit} MB").format(limit=_LARGEST >> 20), where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise CallError(_("读不出来: {reason}").format(reason=reason(error)), where=str(path)) from error
    try:
        yield from reader(data)
    except Refusal as refusal:
        raise CallError(refusal.what, where=str(path)) from refusal


# --- PDF ---------------------------------------------------------------------------------------------------


def _in_pdf(data: bytes) -> Iterator[Shown]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as pdf:
            for number in range(len(pdf)):
                yield from _on_page(pdf, number)
    except pypdfium2.PdfiumError as error:
        raise CallError(_("PDF 读不出来, 可能已损坏")) from error


def _on_page(pdf: Any, number: int) -> Iterator[Shown]:
    """Yield the numbers of one page: each link of our scheme with the signs that stand in its rectangle."""
    links = list(_links(pdf, pdf[number]))
    if not links:
        return
    signs, x, y = _signs(pdf[number])
    for uri, (left, bottom, right, top) in links:
        inside = np.flatnonzero((left <= x) & (x <= right) & (bottom <= y) & (y <= top))
        text = "".join(signs[i] for i in inside).strip()
        yield Shown(_("第 {page} 页").format(page=number + 1), uri, text)


def _links(pdf: Any, page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    from pypdfium2 import raw

    position, link, rectangle = ctypes.c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
    while raw.FPDFLink_Enumerate(page, position, link):
        buffer = ctypes.create_string_buffer(_LONGEST_LINK)
        raw.FPDFAction_GetURIPath(pdf, raw.FPDFLink_GetAction(link), buffer, _LONGEST_LINK)
        uri = buffer.value.decode("utf-8", "replace")
        if uri.startswith(SCHEME) and raw.FPDFLink_GetAnnotRect(link, rectangle):
            yield uri, (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _signs(page: Any) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the signs of a page in the order of its text, and where their middles are."""
    from pypdfium2 import raw

    text = page.get_textpage()
    count = text.count_chars()
    signs, middles = [], np.full((2, count), np.nan)
    left, right, bottom, top = (ctypes.c_double() for _side in range(4))
    for i in range(count):
        signs.append(chr(raw.FPDFText_GetUnicode(text, i)))
        if raw.FPDFText_GetCharBox(text, i, left, right, bottom, top):
            middles[:, i] = (left.value + right.value) / 2, (bottom.value + top.value) / 2
    return signs, middles[0], middles[1]


# --- Word --------------------------------------------------------------------------------------------------


def _in_word(data: bytes) -> Iterator[Shown]:
    """Yield the numbers of a Word file: the content controls whose tag is a key, with their text."""
    package = Package(data)
    for part in ("word/document.xml", "word/footnotes.xml"):
        if part in package:
            yield from _controls(_parsed(package.read(part), part))


def _parsed(data: bytes, part: str) -> Any:
    """Parse a part that may be as long as a book; its size has been checked with the directory."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise hostile("entities", part=part)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise damaged(part) from error


def _controls(root: Any) -> Iterator[Shown]:
    paragraphs = 0
    for element in root.iter(f"{_W}p", f"{_W}sdt"):
        if element.tag == f"{_W}p":
            paragraphs += 1
            continue
        tag = element.find(f"{_W}sdtPr/{_W}tag")
        key = SCHEME + tag.get(f"{_W}val", "") if tag is not None else ""
        if key.count("/") == 6:
            # What was deleted with changes tracked is no longer shown.
            gone = {id(t) for mark in element.iter(f"{_W}del") for t in mark.iter(f"{_W}t")}
            text = "".join(t.text or "" for t in element.iter(f"{_W}t") if id(t) not in gone)
            yield Shown(_("第 {paragraph} 段").format(paragraph=paragraphs), key, text.strip())
