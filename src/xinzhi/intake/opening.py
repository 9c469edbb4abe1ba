"""A delivery unfolded: the mail, its attachments, what lies in archives and in forwarded mails, one file at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from xinzhi.forms.files.formats import kind_of
from xinzhi.forms.model import Call
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile
from xinzhi.intake.archive import Spent, open_archive
from xinzhi.intake.encodings import legible
from xinzhi.intake.mail import DEEPEST, Mail, read_mail
from xinzhi.intake.replies import is_ours
from xinzhi.intake.sources import Delivery, mails_of

MOST_FILES = 600
"""Files of one delivery that are read, whatever they lie in."""

LARGEST = 150_000_000
"""Bytes of a file that is loaded."""

_REFUSED = {
    "rar": "rar",
    "7z": "sevenzip",
    "gz": "other_archive",
    "tar": "other_archive",
    "empty": "no_content",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a delivery.

    `data` is None where it could not be had, and `findings` say why. What came back in a mail that the office sent
    (`ours`) is nobody's return.
    """

    path: str
    kind: str
    data: bytes | None
    findings: tuple[Finding, ...] = ()
    inline: bool = False
    ours: bool = False


@dataclass(slots=True)
class Opened:
    """What opening a delivery has brought so far: the mail that brought it, and findings about the whole."""

    mail: Mail | None = None
    ours: bool = False
    findings: list[Finding] = field(default_factory=list)


class _EnoughError(Exception):
    """More files than are read."""


def open_delivery(
    delivery: Delivery,
    call: Call,
    opened: Opened,
    *,
    trusted: Sequence[str] = (),
    own_addresses: Collection[str] = (),
) -> Iterator[Piece]:
    """Yield the files of a delivery, containers before what is in them.

    Parameters
    ----------
    delivery : Delivery
    call : Call
        In whose time zone a time without zone is meant.
    opened : Opened
        Receives the mail and what is to be said about the whole.
    trusted : sequence of str
        Names of our own receiving servers.
    own_addresses : collection of str
        Addresses of the office, in lower case.

    Raises
    ------
    HostileFile
        When something in it was made to harm.
    """
    opener = _Opener(delivery, call, opened, trusted, own_addresses)
    opened.findings.extend(delivery.findings)
    try:
        for file in delivery.files:
            if file.size() > LARGEST:
                yield Piece(file.name, "unknown", None, (_too_large(file.name, file.size()),))
            else:
                posted = delivery.channel == "mail"
                yield from opener.unfold(file.name, file.content(), mails=0, posted=posted)
    except _EnoughError as enough:
        facts: dict[str, str | int] = {"file": str(enough), "limit": MOST_FILES}
        opened.findings.append(
            Finding(rule="package.left_unread", place=Place(file=str(enough)), facts=facts)
        )


class _Opener:
    def __init__(
        self,
        delivery: Delivery,
        call: Call,
        opened: Opened,
        trusted: Sequence[str],
        own_addresses: Collection[str],
    ) -> None:
        self._delivery, self._call, self._opened = delivery, call, opened
        self._trusted, self._own_addresses = trusted, own_addresses
        self._spent = Spent()
        self._paths: set[str] = set()

    def unfold(
        self,
        path: str,
        data: bytes,
        *,
        mails: int,
        findings: tuple[Finding, ...] = (),
        inline: bool = False,
        posted: bool = False,
    ) -> Iterator[Piece]:
        """Yield a file, and what is in it; what was `posted` is a mail however its header begins."""
        kind = "tar" if data[257:262] == b"ustar" else kind_of(data)
        kind = "eml" if posted and kind in ("text", "unknown") else kind
        path = self._own_path(path)
        if kind == "eml":
            yield from self._mail(path, data, mails, findings)
        elif kind == "zip":
            yield from self._archive(path, data, mails, findings)
        elif kind in _REFUSED:
            refusal = Finding(
                rule=f"package.{_REFUSED[kind]}", place=Place(file=path), facts={"file": path, "kind": kind}
            )
            yield Piece(path, kind, data, (*findings, refusal), inline)
        else:
            yield Piece(path, kind, data, findings, inline)

    def _archive(self, path: str, data: bytes, mails: int, findings: tuple[Finding, ...]) -> Iterator[Piece]:
        try:
            archive = open_archive(data, path, spent=self._spent)
        except UnreadableFile as refusal:
            yield Piece(path, "zip", data, (*findings, refusal.finding))
            return
        yield Piece(path, "zip", data, (*findings, *archive.findings))
        for member in archive.members():
            if member.data is None:
                yield Piece(self._own_path(member.name), "unknown", None, member.findings)
            else:
                yield from self.unfold(member.name, member.data, mails=mails, findings=member.findings)

    def _mail(self, path: str, data: bytes, mails: int, findings: tuple[Finding, ...]) -> Iterator[Piece]:
        if mails > DEEPEST:
            deep = Finding(
                rule="mail.forwarded_too_deep", place=Place(file=path), facts={"file": path, "limit": DEEPEST}
            )
            yield Piece(path, "eml", data, (*findings, deep))
            return
        several = list(mails_of(data)) if data.startswith(b"From ") else []
        if len(several) > 1 and all(kind_of(one) == "eml" for one in several):
            yield Piece(path, "eml", data, findings)
            for number, one in enumerate(several, start=1):
                yield from self.unfold(f"{path}/{number}.eml", one, mails=mails, posted=True)
            return
        first = self._delivery.channel == "mail" and self._opened.mail is None
        mail = read_mail(
            data,
            path,
            zone=self._call.zone,
            received=self._delivery.received if first else None,
            received_by=self._delivery.received_by if first else "file",
            trusted=self._trusted,
        )
        ours = is_ours(mail, self._own_addresses)
        if first:
            self._opened.mail, self._opened.ours = mail, ours
        yield Piece(path, "eml", data, (*findings, *(mail.findings if first else _of_content(mail.findings))))
        damaged = {f.place.file: f for f in mail.findings if f.rule == "mail.damaged_attachment"}
        for attachment in mail.attachments:
            inside = attachment.name if first else f"{path}/{attachment.name}"
            if f"{path}/{attachment.name}" in damaged:
                yield Piece(self._own_path(inside), "unknown", None)
            else:
                pieces = self.unfold(inside, attachment.data, mails=mails + 1, inline=attachment.inline)
                yield from (replace(piece, ours=piece.ours or ours) for piece in pieces)

    def _own_path(self, path: str) -> str:
        """Return a path that no other file of the delivery has."""
        if len(self._paths) >= MOST_FILES:
            raise _EnoughError(path)
        path = legible(path) or "-"
        plain, number = PurePosixPath(path), 1
        while path in self._paths:
            number += 1
            path = str(plain.with_name(f"{plain.stem} ({number}){plain.suffix}"))
        self._paths.add(path)
        return path


def _of_content(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is to be said of a forwarded mail: when it was written does not matter."""
    return tuple(f for f in findings if f.rule not in ("mail.time_from_sender", "mail.no_time_zone"))


def _too_large(name: str, size: int) -> Finding:
    facts: dict[str, str | int] = {"file": name, "size": size // 1_000_000, "limit": LARGEST // 1_000_000}
    return Finding(rule="package.file_too_large", place=Place(file=name), facts=facts)
