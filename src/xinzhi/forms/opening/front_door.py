"""The front door: a file, by its path or its bytes, as what it says."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from xinzhi.errors import CallError, reason
from xinzhi.forms.opening.office import OLD_KINDS, convert
from xinzhi.forms.opening.workshop import LARGEST_FILE, Workshop
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding, PictureFacts, Reading, StyleUse, Value
from xinzhi.forms.refusals import UnreadableFile
from xinzhi.language import gettext as _


def read(
    source: str | Path | bytes,
    *,
    name: str = "",
    forms: Sequence[str] = (),
    workshop: Workshop | None = None,
) -> Reading:
    """Read a file that holds one form.

    Parameters
    ----------
    source : str, Path or bytes
        The file: .docx, .xlsx or .csv, whatever its name ends in; older formats where LibreOffice is installed.
    name : str
        What places and findings call it; by default the name of the file.
    forms : sequence of str
        Names of the forms it may be; all of the library's by default.
    workshop : Workshop, optional
        Where it is opened. Without one a child process is started for this file alone, which takes longer than
        the reading.

    Returns
    -------
    Reading
        Values with their places, what was understood and how, and findings. A file that is no form, cannot be
        read or was made to harm gives a reading without a form whose findings say so.

    Raises
    ------
    CallError
        If there is no such file, or it holds more than one form (see :func:`read_all`).
    """
    readings = read_all(source, name=name, forms=forms, workshop=workshop)
    if len(readings) > 1:
        names = ", ".join(reading.form for reading in readings)
        raise CallError(
            _("文件里有几份表: {names}").format(names=names),
            where=name or ("" if isinstance(source, bytes) else str(source)),
            remedy=_("请用 read_all 逐份读取"),
        )
    return readings[0]


def read_all(
    source: str | Path | bytes,
    *,
    name: str = "",
    forms: Sequence[str] = (),
    workshop: Workshop | None = None,
) -> tuple[Reading, ...]:
    """Read a file that may hold several forms: a reading for each, at least one. See :func:`read`."""
    data, name = _opened(source, name)
    with nullcontext(workshop) if workshop else Workshop() as place:
        readings = place.read(data, name, forms)
        if into := _conversion(readings):
            readings = _read_converted(place, data, readings, into, name, forms)
    return tuple(_placed(reading, name) for reading in readings)


def picture_in(data: bytes, digest: str, *, name: str, workshop: Workshop) -> bytes:
    """Return a picture that :func:`read_all` found in a Word file; `digest` is its SHA-256.

    Raises
    ------
    HostileFile, UnreadableFile
        If the file cannot be read, or has no such picture.
    """
    try:
        return workshop.picture(data, name, digest)
    except UnreadableFile as refusal:
        kind = str(refusal.finding.facts.get("kind", ""))
        if refusal.finding.rule != "files.old_format" or OLD_KINDS.get(kind) != "docx":
            raise
        return workshop.picture(convert(data, kind, "docx"), name, digest)


def _opened(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name
    path = Path(source)
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise CallError(_("这不是普通文件"), where=str(path))
        with path.open("rb") as file:  # one byte more than a workshop takes, so that it says how large it is
            return file.read(LARGEST_FILE + 1), name or path.name
    except OSError as error:
        raise CallError(_("读不出来: {reason}").format(reason=reason(error)), where=str(path)) from error


def _conversion(readings: Sequence[Reading]) -> str:
    """Return what an old file has to become before it can be read; blank for any other."""
    old = any(finding.rule == "files.old_format" for reading in readings for finding in reading.findings)
    return OLD_KINDS.get(readings[0].format, "") if old else ""


def _read_converted(
    workshop: Workshop, data: bytes, old: tuple[Reading, ...], into: str, name: str, forms: Sequence[str]
) -> tuple[Reading, ...]:
    """Read what LibreOffice makes of a file; where it makes nothing of it, what is known stays as it is."""
    kind = old[0].format
    try:
        converted = convert(data, kind, into)
    except UnreadableFile:
        return old
    return workshop.read(converted, name, forms, converted=kind)


def _placed(reading: Reading, name: str) -> Reading:
    """Return a reading whose places say in which file they are."""
    if not name:
        return reading

    def at(place: Place) -> Place:
        return place.model_copy(update={"file": name})

    def placed(parts: Sequence[Value | Finding | StyleUse | PictureFacts]) -> tuple[object, ...]:
        return tuple(part.model_copy(update={"place": at(part.place)}) for part in parts)

    named = [picture.model_copy(update={"name": picture.name or name}) for picture in reading.pictures]
    kinds = {kind: placed(getattr(reading, kind)) for kind in ("values", "findings", "styles")}
    return reading.model_copy(update={**kinds, "pictures": placed(named)})
