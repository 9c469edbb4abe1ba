"""What is made of a delivery and kept: a return with its items, values, findings and their places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from xinzhi.declarations import Record
from xinzhi.forms.reading import Finding, Reading, Value
from xinzhi.intake.classification import Sorting
from xinzhi.intake.mail import Clock
from xinzhi.intake.matching import Match
from xinzhi.intake.sources import Channel
from xinzhi.intake.subject import Subject

Status = Literal["received", "understood", "question", "quarantine", "duplicate", "late"]
"""`received`: entered and not yet read. `question`: a person has to settle something. `late`: came outside the
window and waits for the office to admit it; what is in it has been read like everything else."""


class Item(Record):
    """A file of a delivery. `sha256` is blank where its bytes could not be had apart from what it lay in."""

    path: str
    sha256: str
    size: int
    sorting: Sorting
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()


class Provenance(NamedTuple):
    """Where a value comes from: the delivery, the file by hash and path, the form; its place is in the value."""

    delivery: str
    sha256: str
    path: str
    form: str


class Return(Record):
    """A delivery as it was understood.

    Attributes
    ----------
    id : str
        Receipt number.
    sha256 : str
        Hash of the bytes as they came; of several files that of their list.
    received, received_by
        When it came, and who says so.
    sender, sender_name, subject_text, subject, message_id, in_reply_to, automatic
        Of a mail; blank otherwise.
    from_office : bool
        Whether it came from the office's own address, or from the one to which it went.
    match : Match
        Who filed.
    items : tuple of Item
        The files, containers before what was in them.
    findings : tuple of Finding
        About the whole: time, filer, eligibility, material.
    original : str
        Receipt number of what it repeats.
    """

    id: str
    channel: Channel
    name: str
    sha256: str
    received: datetime | None
    received_by: Clock
    sender: str = ""
    sender_name: str = ""
    subject_text: str = ""
    subject: Subject = Subject()
    message_id: str = ""
    automatic: str = ""
    from_office: bool = False
    match: Match = Match()
    items: tuple[Item, ...] = ()
    findings: tuple[Finding, ...] = ()
    status: Status = "received"
    original: str = ""

    @property
    def contents(self) -> str:
        """A hash over the files, whatever mail brought them; over the subject where none came."""
        digests = sorted(item.sha256 for item in self.items if item.sorting.sort != "mail" and item.sha256)
        return hashlib.sha256(
            "\n".join(digests or [self.subject_text]).encode("utf-8", "replace")
        ).hexdigest()

    def all_findings(self) -> tuple[Finding, ...]:
        """Return the findings about the whole and about each file."""
        return (*self.findings, *(finding for item in self.items for finding in item.findings))

    def readings(self) -> Iterator[tuple[Item, Reading]]:
        """Yield the forms in it, each with its file."""
        for item in self.items:
            for reading in item.readings:
                if reading.form:
                    yield item, reading

    def values(self) -> Iterator[tuple[Value, Provenance]]:
        """Yield every value that was filed, with where it comes from."""
        for item, reading in self.readings():
            for value in reading.values:
                yield value, Provenance(self.id, item.sha256, item.path, reading.form)
