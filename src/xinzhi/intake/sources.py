"""Where deliveries come from: a folder, a mail, an mbox file, a Maildir or one uploaded file; one at a time.

In a folder each file is a delivery, each mail of an mbox file one, and each sub-folder one with all that lies in
it: what one sender handed over on a stick. Names that begin with a dot and links are passed over.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from xinzhi.errors import CallError, reason
from xinzhi.forms.reading import Finding
from xinzhi.intake.encodings import legible
from xinzhi.intake.mail import Clock
from xinzhi.language import gettext as _

DATABASE = "intake.sqlite"
"""The file by which the folder of a store is known, and passed over."""

Channel = Literal["mail", "file", "upload"]

_FROM_LINE = re.compile(rb"^From \S+[^\r\n]*\d{4}[^\r\n]*\r?\n", re.MULTILINE)
_FROM = b"From "


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it came; a path where it lies on disk and is loaded only when its turn comes.

    `sha256` is the hash of its bytes where these are at hand and were hashed already.
    """

    name: str
    data: bytes | Path
    sha256: str = ""

    def content(self) -> bytes:
        """Return its bytes."""
        return self.data.read_bytes() if isinstance(self.data, Path) else self.data

    def size(self) -> int:
        """Return the number of its bytes without loading it."""
        return self.data.stat().st_size if isinstance(self.data, Path) else len(self.data)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one sender handed over at one time.

    Attributes
    ----------
    channel : {"mail", "file", "upload"}
        How it came.
    key : str
        By which it is known again: the place in a mailbox (UIDVALIDITY and UID), or the hash of its bytes with
        its path.
    name : str
        What people call it.
    files : tuple of Incoming
        Of a mail the mail itself.
    received : datetime or None
        With a time zone.
    received_by : str
        Who says so.
    findings : tuple of Finding
        What its bringer has to say of it, such as that not all of it was fetched.
    """

    channel: Channel
    key: str
    name: str
    files: tuple[Incoming, ...]
    received: datetime | None = None
    received_by: Clock = "file"
    findings: tuple[Finding, ...] = ()


def deliveries(source: str | Path) -> Iterator[Delivery]:
    """Yield the deliveries of a source in the order of their names, or as they lie in a mailbox.

    Parameters
    ----------
    source : str or Path
        A folder, a Maildir, an mbox file, a mail, or any other file.

    Raises
    ------
    CallError
        If there is nothing at this path, or it cannot be read.
    """
    path = Path(source)
    require(path)
    try:
        if path.is_dir():
            yield from _of_maildir(path) if _is_maildir(path) else _of_folder(path)
        elif path.is_file():
            yield from _of_file(path, path.name)
    except OSError as error:
        where = str(error.filename or path)
        raise CallError(_("读不出来: {reason}").format(reason=reason(error)), where=where) from error


def require(source: str | Path, store: str | Path | None = None) -> None:
    """Make sure that there is something to take in, and that it is not the store itself.

    Parameters
    ----------
    source : str or Path
        As :func:`deliveries` takes it.
    store : str or Path, optional
        The folder that shall be the store, which need not exist yet; asked before it is made, so that a slip of the
        pen leaves no store behind.

    Raises
    ------
    CallError
        If there is no such file or folder, or it is the store or a part of it.
    """
    path = Path(source)
    if not (path.is_file() or path.is_dir()):
        raise CallError(_("没有这个文件或文件夹"), where=str(path), remedy=_("请核对路径"))
    whole = path.resolve()
    kept = [Path(store).resolve()] if store is not None else []
    kept += [each for each in (whole, *whole.parents) if (each / DATABASE).is_file()]
    if any(
        whole == each or whole.is_relative_to(each / "blobs") or whole.is_relative_to(each / "drafts")
        for each in kept
    ):
        raise CallError(
            _("来件文件夹就是收件库"), where=str(path), remedy=_("请把来件和收件库放在不同的文件夹")
        )


def mail_delivery(data: bytes, name: str, received: datetime | None = None) -> Delivery:
    """Return a mail taken from a file as a delivery; the same bytes are the same mail wherever they lie."""
    name, digest = legible(name), hashlib.sha256(data).hexdigest()
    return Delivery("mail", f"mail:{digest}", name, (Incoming(name, data, digest),), received)


def upload(name: str, data: bytes, received: datetime, key: str = "") -> Delivery:
    """Return a file uploaded to a server as a delivery; the server's time counts."""
    name, digest = legible(name), hashlib.sha256(data).hexdigest()
    key = key or f"upload:{name}:{digest}"
    return Delivery("upload", key, name, (Incoming(name, data, digest),), received, "transport")


def _of_folder(folder: Path) -> Iterator[Delivery]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink() or (path / DATABASE).is_file():
            continue
        if path.is_file():
            yield from _of_file(path, path.name)
        elif path.is_dir():
            yield from _of_maildir(path) if _is_maildir(path) else _of_one_sender(path)


def _of_one_sender(folder: Path) -> Iterator[Delivery]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    paths = [path for path in paths if not any(p.startswith(".") for p in path.relative_to(folder).parts)]
    paths = [path for path in paths if not _in_store(path, folder)]
    if not paths:
        return
    names = [legible(path.relative_to(folder).as_posix()) for path in paths]
    called = legible(folder.name)
    manifest = "".join(f"{_digest(path)} {name}\n" for path, name in zip(paths, names, strict=True))
    key = f"file:{called}/:{hashlib.sha256(manifest.encode('utf-8', 'surrogateescape')).hexdigest()}"
    files = tuple(Incoming(name, path) for path, name in zip(paths, names, strict=True))
    yield Delivery("file", key, called, files, max(map(_changed, paths)))


def _of_file(path: Path, name: str) -> Iterator[Delivery]:
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(_FROM) and _FROM_LINE.match(start):
        yield from _of_mbox(path)
    elif _is_mail(start):
        yield mail_delivery(path.read_bytes(), name, _changed(path))
    else:
        name = legible(name)
        yield Delivery("file", f"file:{name}:{_digest(path)}", name, (Incoming(name, path),), _changed(path))


def _of_mbox(path: Path) -> Iterator[Delivery]:
    """Yield the mails of an mbox file; the file is mapped, and one mail at a time is in memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for number, mail in enumerate(mails_of(mapped), start=1):
            yield mail_delivery(mail, f"{path.name}#{number}", _changed(path))


def mails_of(mbox: bytes | mmap.mmap) -> Iterator[bytes]:
    """Yield the mails of an mbox file; a mail alone is one, with a From line before it or without."""
    begin = 0
    while begin < len(mbox):
        here = _FROM_LINE.match(mbox, begin)
        content = here.end() if here else begin
        following = _next_mail(mbox, content)
        yield bytes(mbox[content:following])
        begin = following


def _next_mail(mapped: bytes | mmap.mmap, begin: int) -> int:
    """Return where the next mail begins: a From line behind a blank one."""
    place = begin
    while (place := mapped.find(b"\n" + _FROM, place)) >= 0:
        place += 1
        if mapped[max(0, place - 3) : place].endswith((b"\n\n", b"\n\r\n")) and _FROM_LINE.match(
            mapped, place
        ):
            return place
    return len(mapped)


def _of_maildir(folder: Path) -> Iterator[Delivery]:
    """Yield the mails of a Maildir by their unique names, whatever their flags."""
    paths = [
        path for part in ("new", "cur") if (folder / part).is_dir() for path in (folder / part).iterdir()
    ]
    for path in sorted(paths, key=lambda path: path.name):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield mail_delivery(path.read_bytes(), path.name.partition(":")[0], _changed(path))


def _in_store(path: Path, folder: Path) -> bool:
    within = (parent for parent in path.parents if parent.is_relative_to(folder))
    return any((parent / DATABASE).is_file() for parent in within)


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_mail(start: bytes) -> bool:
    from xinzhi.forms.files.formats import kind_of

    return kind_of(start) == "eml"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
