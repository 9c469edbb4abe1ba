"""A file from its bytes to its readings: what the limited child does with each one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from xinzhi.forms.document import Document, Picture, Table
from xinzhi.forms.files.formats import Kind, kind_of
from xinzhi.forms.files.pictures import facts
from xinzhi.forms.files.sheets import read_delimited, read_workbook
from xinzhi.forms.files.webpages import has_lost_looks
from xinzhi.forms.files.word import read_word
from xinzhi.forms.loading import forms, load_form
from xinzhi.forms.opening.office import OLD_KINDS
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding, Reading
from xinzhi.forms.refusals import Refusal, UnreadableFile
from xinzhi.forms.rules import rules
from xinzhi.forms.understanding.secrecy import classification_marks
from xinzhi.forms.understanding.understand import understand
from xinzhi.forms.writing.sheet_annotation import annotate_workbook
from xinzhi.forms.writing.word_annotation import annotate_word

_READERS: Mapping[Kind, Callable[[bytes], Document]] = {
    "docx": read_word,
    "xlsx": read_workbook,
    "text": read_delimited,
}
PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "webp", "heif"})
"""Kinds of files that are taken as pictures; HEIF is not decoded, and that is said."""

_UNREAD: Mapping[Kind, str] = {"encrypted": "files.encrypted", "empty": "files.empty"}


def peruse(data: bytes, names: Sequence[str] = (), converted: str = "") -> tuple[Reading, ...]:
    """Read a file by what it is; one that is refused gives a reading with the finding.

    Parameters
    ----------
    data : bytes
        The file.
    names : sequence of str
        Forms it may be, all by default.
    converted : str
        The kind it had before it was converted.
    """
    kind = kind_of(data)
    if reader := _READERS.get(kind):
        try:
            document = reader(data)
        except Refusal as refusal:
            return (Reading(format=converted or kind, findings=(refusal.finding,)),)
        document.converted = converted
        marks = tuple(classification_marks(document))
        if any(rules()[mark.rule].hostile for mark in marks):  # nothing more of it is read
            return (Reading(format=converted or kind, findings=marks),)
        first, *others = understand(document, [load_form(name) for name in names or forms()], facts)
        return first.model_copy(update={"findings": (*marks, *first.findings)}), *others
    if kind in PICTURES:
        return (_picture(data, kind),)
    if kind in ("html", "mht", "excel2003xml") and has_lost_looks(data, kind):
        unread = Finding(rule="files.lost_looks", facts={"kind": kind})
    elif kind in OLD_KINDS:
        unread = Finding(rule="files.old_format", facts={"kind": kind})
    elif rule := _UNREAD.get(kind):
        unread = Finding(rule=rule)
    else:
        unread = Finding(rule="files.other_kind", facts={"kind": kind})
    return (Reading(format=kind, findings=(unread,)),)


def _picture(data: bytes, kind: str) -> Reading:
    """Decode a picture that came as a file of its own; what is wrong with it is in its facts."""
    found = facts(Picture(name="", data=data, place=Place()))
    hostile = found.fault and rules()[found.fault].hostile
    findings = (Finding(rule=found.fault, facts={"name": found.name}),) if hostile else ()
    return Reading(format=kind, pictures=(found,), findings=findings)


def annotated(data: bytes, findings: Sequence[Finding], names: Sequence[str] = ()) -> bytes:
    """Return a copy of a Word file or workbook with findings written into it.

    Parameters
    ----------
    data : bytes
        The file.
    findings : sequence of Finding
        What is to be said, and where.
    names : sequence of str
        The form it is, for the names of its fields.

    Raises
    ------
    HostileFile, UnreadableFile
        If it is of another kind, or cannot be changed.
    """
    form = load_form(names[0]) if names else None
    match kind := kind_of(data):
        case "docx":
            return annotate_word(data, findings, form=form)
        case "xlsx":
            return annotate_workbook(data, findings, form=form)
        case _:
            raise UnreadableFile(Finding(rule="files.other_kind", facts={"kind": kind}))


def picture_in(data: bytes, digest: str) -> bytes:
    """Return a picture that lies in a Word file, as it lies there; `digest` is its SHA-256.

    Raises
    ------
    HostileFile, UnreadableFile
        If the file is of another kind, made to harm, or has no such picture.
    """
    kind = kind_of(data)
    if kind != "docx":
        rule = "files.old_format" if kind in OLD_KINDS else "files.other_kind"
        raise UnreadableFile(Finding(rule=rule, facts={"kind": kind}))
    for picture in read_word(data).pictures:
        if hashlib.sha256(picture.data).hexdigest() == digest:
            return picture.data
    raise UnreadableFile(Finding(rule="files.missing_picture"))


def lines_of(data: bytes) -> list[list[str]]:
    """Return the lines of a list, delimited text or the first visible sheet of a workbook; blank lines stay.

    Raises
    ------
    HostileFile, UnreadableFile
        If it is of another kind, too large or made to harm.
    """
    kind = kind_of(data)
    if kind not in ("text", "xlsx"):
        rule = _UNREAD.get(kind, "files.other_kind")
        raise UnreadableFile(Finding(rule=rule, facts={} if kind in _UNREAD else {"kind": kind}))
    tables = [b for b in _READERS[kind](data).blocks if isinstance(b, Table) and not b.hidden]
    if not tables:
        return []
    lines = [[""] * tables[0].columns for _row in range(tables[0].rows)]
    for cell in tables[0].cells:
        lines[cell.row - 1][cell.column - 1] = cell.text.strip()
    return lines
