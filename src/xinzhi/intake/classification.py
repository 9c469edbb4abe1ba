"""What each file of a delivery is: a form, a picture, evidence, a scan of the sealed page, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from xinzhi.declarations import Record
from xinzhi.forms.loading import load_form
from xinzhi.forms.reading import Reading
from xinzhi.intake.reasons import Reason, reason
from xinzhi.intake.vocabulary import vocabulary
from xinzhi.language import half_width

Sort = Literal["indicators", "case", "picture", "evidence", "seal", "archive", "mail", "other"]

PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "webp", "heif"})
ARCHIVES = frozenset({"zip", "rar", "7z", "gz", "tar"})
_SCANS = frozenset({"pdf", "ofd"})
_BARE_NUMBER = re.compile(r"附件\s*[0-9一二三四五六七八九十]{1,2}\.\w+")
_SMALL_INLINE = 100_000
"""Bytes below which a picture in the text of a mail is a logo or a signature."""


SURE = 0.7
"""Confidence from which a scan counts as the sealed page; below it is a guess, and may be evidence."""


class Sorting(Record):
    """What a file is taken for.

    Attributes
    ----------
    sort : str
        One of :data:`Sort`.
    kind : str
        Kind of the bytes, as :func:`xinzhi.forms.files.formats.kind_of` says.
    confidence : float
        From 0 to 1; 1 where the content says it.
    reasons : tuple of Reason
        What it rests on.
    """

    sort: Sort
    kind: str
    confidence: float
    reasons: tuple[Reason, ...]


def classify(
    name: str, kind: str, size: int = 0, readings: Sequence[Reading] = (), *, inline: bool = False
) -> Sorting:
    """Say what a file is, from what was read in it, the kind of its bytes and its name, in this order.

    Parameters
    ----------
    name : str
        With the archives and folders before it.
    kind : str
        Kind of the bytes.
    size : int
        Number of bytes.
    readings : sequence of Reading
        What a reader understood.
    inline : bool
        Whether the text of a mail shows it.
    """
    for reading in readings:
        if reading.form:
            form = load_form(reading.form)
            sort: Sort = "indicators" if form.kind == "indicators" else "case"
            return Sorting(
                sort=sort, kind=kind, confidence=1.0, reasons=(reason("class.form", title=form.title),)
            )
    if kind in ARCHIVES:
        return _by_kind("archive", kind)
    if kind == "eml":
        return _by_kind("mail", kind)
    if kind in PICTURES:
        if inline and size < _SMALL_INLINE:
            return _by_kind("other", kind, 0.8)
        return _by_name(name, kind, ("seal", "evidence", "picture")) or _by_kind("picture", kind, 0.8)
    if kind in _SCANS:
        named = _by_name(name, kind, ("seal", "evidence", "case", "indicators", "other"))
        if named and _BARE_NUMBER.fullmatch(half_width(name).rpartition("/")[2]):
            # 附件1.pdf is the first of its evidence as well as the first annex of the call.
            return _by_kind("evidence", kind, 0.4)
        if named and named.sort in ("case", "indicators"):
            # A form as PDF cannot be read; as a rule it is the sealed page, scanned.
            return named.model_copy(update={"sort": "seal", "confidence": 0.5})
        return named or _by_kind("evidence", kind, 0.4)
    return _by_name(name, kind, ("seal", "evidence", "case", "indicators", "other")) or Sorting(
        sort="other", kind=kind, confidence=0.3, reasons=(reason("class.nothing"),)
    )


def _by_kind(sort: Sort, kind: str, confidence: float = 1.0) -> Sorting:
    return Sorting(sort=sort, kind=kind, confidence=confidence, reasons=(reason("class.kind", kind=kind),))


def _by_name(name: str, kind: str, sorts: Iterable[Sort]) -> Sorting | None:
    """Return the first sort of which a word stands in the name of the file, then in that of its folder."""
    folder, _slash, last = half_width(name).lower().replace(" ", "").rpartition("/")
    sorts = tuple(sorts)
    for text, code, confidence in (
        (last, "class.word", 0.7),
        (folder.rpartition("/")[2], "class.folder", 0.5),
    ):
        for sort in sorts:
            for word in vocabulary().classes[sort].words:
                if word in text:
                    return Sorting(
                        sort=sort, kind=kind, confidence=confidence, reasons=(reason(code, word=word),)
                    )
    return None
