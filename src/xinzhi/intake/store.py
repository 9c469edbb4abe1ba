"""What has arrived, kept: every file once by its SHA-256, and one record for each delivery.

A kill at any point leaves a store that goes on where it stopped: a file appears whole or not at all, a record is
finished in one transaction, and what was begun and not finished is done again. Two processes may share a store.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from xinzhi.errors import CallError, reason
from xinzhi.intake.records import Return, Status
from xinzhi.intake.sources import DATABASE, Delivery
from xinzhi.language import gettext as _

_VERSION = 1
_PIECE = 1 << 20
_SCHEMA = """
CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    recorded TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'received',
    original TEXT,
    message_id TEXT NOT NULL DEFAULT '',
    contents TEXT NOT NULL DEFAULT '',
    unit TEXT NOT NULL DEFAULT '',
    record TEXT
) STRICT;
CREATE INDEX deliveries_by_bytes ON deliveries (sha256);
CREATE INDEX deliveries_by_unit ON deliveries (unit);
CREATE INDEX deliveries_by_message ON deliveries (message_id, contents);
CREATE TABLE items (
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    position INTEGER NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sort TEXT NOT NULL,
    PRIMARY KEY (delivery, position)
) STRICT;
CREATE INDEX items_by_bytes ON items (sha256);
CREATE TABLE replies (
    delivery TEXT PRIMARY KEY REFERENCES deliveries (id),
    address TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sent TEXT
) STRICT;
"""


class Arrival(NamedTuple):
    """A delivery that is in the store: its receipt number, whether it is still to be read, and what it repeats."""

    id: str
    open: bool
    original: str


class Reply(NamedTuple):
    """A drafted reply: whose delivery it answers, to whom, its file, and when it was sent (blank: not yet)."""

    delivery: str
    address: str
    path: Path
    sent: str


class Store:
    """A folder with ``blobs/``, ``drafts/`` and ``intake.sqlite``; to be used in a ``with`` block.

    Parameters
    ----------
    folder : str or Path
        Made where there is none.

    Raises
    ------
    CallError
        If the folder cannot be written, or was made by a newer version.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            for part in ("blobs", "drafts"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.folder / DATABASE, timeout=60, isolation_level=None)
            with _alone(self.folder):  # to change the journal SQLite waits for nobody
                self._database.execute("PRAGMA journal_mode = WAL")
                self._set_up()
            self._database.execute("PRAGMA synchronous = FULL")
        except OSError as error:
            raise CallError(
                _("写不进去: {reason}").format(reason=reason(error)), where=str(self.folder)
            ) from error
        except sqlite3.Error as error:
            raise CallError(_("不是收件库, 或已损坏"), where=str(self.folder / DATABASE)) from error
        self._settling: dict[str, Future[None]] = {}
        self._settler = ThreadPoolExecutor(1)
        self._lay_out()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the records."""
        self._settler.shutdown()
        self._database.close()

    # --- files --------------------------------------------------------------------------------------------

    def put(self, data: bytes | Path, digest: str = "") -> str:
        """Keep bytes or a copy of a file, and return their SHA-256 in hexadecimal; what is there is not doubled.

        `digest` is their hash where it is known. They are on their way to the disk when this returns, and have
        arrived after :meth:`settle`.
        """
        if isinstance(data, bytes):
            digest = digest or hashlib.sha256(data).hexdigest()
            if digest in self._settling or self.path(digest).exists():
                return digest
        draft = self.folder / "blobs" / f".{secrets.token_hex(8)}"
        try:
            with draft.open("xb") as file:
                if isinstance(data, bytes):
                    file.write(data)
                else:
                    digest = _copied(data, file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        # Waiting for the disk costs as much as reading a picture; both go on at once.
        self._settling[digest] = self._settler.submit(_settled, draft, self.path(digest))
        return digest

    def settle(self) -> None:
        """Wait until all that was put is whole on the disk under its name.

        Raises
        ------
        CallError
            If the disk does not take it.
        """
        while self._settling:
            _digest, settling = self._settling.popitem()
            try:
                settling.result()
            except OSError as error:
                text = _("写不进去: {reason}").format(reason=reason(error))
                raise CallError(text, where=str(self.folder)) from error

    def path(self, digest: str) -> Path:
        """Return where the bytes of a hash lie."""
        return self.folder / "blobs" / digest[:2] / digest

    # --- records ------------------------------------------------------------------------------------------

    def arrive(self, delivery: Delivery, digest: str, now: datetime) -> Arrival:
        """Enter a delivery, once however often it comes.

        Parameters
        ----------
        digest : str
            Hash of its bytes; a delivery of the same bytes under another key repeats the first one.
        now : datetime
            When it is entered.
        """
        id = receipt_number(delivery)
        with self._transaction():
            self._database.execute(
                "INSERT INTO deliveries (id, key, channel, name, sha256, recorded, original)"
                " VALUES (?, ?, ?, ?, ?, ?, (SELECT id FROM deliveries WHERE sha256 = ? AND original IS NULL))"
                " ON CONFLICT (key) DO NOTHING",
                (id, delivery.key, delivery.channel, delivery.name, digest, now.isoformat(), digest),
            )
            row = self._database.execute(
                "SELECT id, status, original FROM deliveries WHERE key = ?", (delivery.key,)
            ).fetchone()
        return Arrival(row[0], row[1] == "received", row[2] or "")

    def finish(self, made: Return, reply: tuple[str, str] | None = None) -> Status:
        """Finish a record in one transaction; of two processes at the same delivery the second changes nothing.

        Parameters
        ----------
        made : Return
            What was made of it. A mail of the same message id and the same files as a finished one becomes its
            duplicate.
        reply : tuple of str, optional
            Address and hash of a drafted reply.

        Returns
        -------
        str
            The status in the store.
        """
        contents = made.contents
        self.settle()
        with self._transaction():
            repeated = self._database.execute(
                "SELECT id FROM deliveries WHERE message_id = ? AND contents = ? AND id <> ? AND message_id <> ''"
                " AND status NOT IN ('received', 'duplicate')",
                (made.message_id, contents, made.id),
            ).fetchone()
            if repeated and made.status != "quarantine":
                made = made.model_copy(update={"status": "duplicate", "original": repeated[0]})
            changed = self._database.execute(
                "UPDATE deliveries SET status = ?, original = ?, message_id = ?, contents = ?, unit = ?, record = ?"
                " WHERE id = ? AND status = 'received'",
                (made.status, made.original or None, made.message_id, contents, made.match.unit,
                 made.model_dump_json(), made.id),
            ).rowcount  # fmt: skip
            if changed:
                self._database.executemany(
                    "INSERT INTO items VALUES (?, ?, ?, ?, ?)",
                    [
                        (made.id, n, item.path, item.sha256, item.sorting.sort)
                        for n, item in enumerate(made.items)
                    ],
                )
                if reply and made.status != "duplicate":
                    self._database.execute(
                        "INSERT INTO replies (delivery, address, sha256) VALUES (?, ?, ?)", (made.id, *reply)
                    )
            (status,) = self._database.execute(
                "SELECT status FROM deliveries WHERE id = ?", (made.id,)
            ).fetchone()
        self._lay_out(made.id)
        kept: Status = status
        return kept

    def amend(self, made: Return, reply: tuple[str, str] | None = None) -> None:
        """Put a record in the place of the finished one; a reply that went out stays as it went.

        A kill leaves the old record with its draft, or the new one with none, which opening the store makes good.
        """
        self.settle()
        with self._transaction():
            self._database.execute(
                "UPDATE deliveries SET record = ? WHERE id = ? AND record IS NOT NULL",
                (made.model_dump_json(), made.id),
            )
            if reply:
                drafted = self._database.execute(
                    "UPDATE replies SET sha256 = ? WHERE delivery = ? AND sent IS NULL", (reply[1], made.id)
                )
                if drafted.rowcount:
                    self._draft(made.id).unlink(missing_ok=True)
        self._lay_out(made.id)

    def get(self, id: str) -> Return | None:
        """Return the finished record of a receipt number."""
        row = self._database.execute("SELECT record FROM deliveries WHERE id = ?", (id,)).fetchone()
        return Return.model_validate_json(row[0]) if row and row[0] else None

    def knows(self, key: str) -> bool:
        """Tell whether the delivery of this key has been taken in to its end."""
        return self.get(_numbered(key)) is not None

    def returns(self) -> Iterator[Return]:
        """Yield the finished records in the order in which they arrived."""
        rows = self._database.execute("SELECT id FROM deliveries WHERE record IS NOT NULL ORDER BY number")
        for (id,) in rows.fetchall():
            if made := self.get(id):
                yield made

    def of_unit(self, code: str) -> Iterator[Return]:
        """Yield the finished returns of a unit that count: no duplicates, nothing in quarantine."""
        rows = self._database.execute(
            "SELECT id FROM deliveries WHERE unit = ? AND status NOT IN ('received', 'duplicate', 'quarantine')"
            " ORDER BY number",
            (code,),
        )
        for (id,) in rows.fetchall():
            if made := self.get(id):
                yield made

    def open_deliveries(self) -> tuple[tuple[str, str], ...]:
        """Return receipt number and name of what was entered and never finished."""
        rows = self._database.execute(
            "SELECT id, name FROM deliveries WHERE status = 'received' ORDER BY number"
        )
        return tuple(rows.fetchall())

    def sent_before(self, digest: str, id: str) -> str:
        """Return the first other delivery that brought a file, blank where none did."""
        row = self._database.execute(
            "SELECT delivery FROM items JOIN deliveries ON id = delivery WHERE items.sha256 = ? AND id <> ?"
            " ORDER BY number LIMIT 1",
            (digest, id),
        ).fetchone()
        return str(row[0]) if row else ""

    # --- replies ------------------------------------------------------------------------------------------

    def replies(self, address: str = "") -> tuple[Reply, ...]:
        """Return the drafted replies in the order of their deliveries; those to one address where it is given."""
        rows = self._database.execute(
            "SELECT delivery, address, sent FROM replies JOIN deliveries ON id = delivery"
            " WHERE ? IN ('', address) ORDER BY number",
            (address,),
        )
        return tuple(Reply(id, to, self._draft(id), sent or "") for id, to, sent in rows)

    def mark_sent(self, id: str, now: datetime) -> bool:
        """Enter that a reply goes out; False where it went before, so that no reply goes twice."""
        with self._transaction():
            done = self._database.execute(
                "UPDATE replies SET sent = ? WHERE delivery = ? AND sent IS NULL", (now.isoformat(), id)
            )
        return done.rowcount == 1

    def _draft(self, id: str) -> Path:
        return self.folder / "drafts" / f"{id}.eml"

    def _lay_out(self, id: str = "") -> None:
        """Put the drafts where people look for them; what a kill left out is made good when the store is opened."""
        rows = self._database.execute("SELECT delivery, sha256 FROM replies WHERE ? IN ('', delivery)", (id,))
        for delivery, digest in rows.fetchall():
            place = self._draft(delivery)
            if not place.exists():
                draft = place.with_name(f".{delivery}-{secrets.token_hex(4)}")
                draft.write_bytes(self.path(digest).read_bytes())
                draft.replace(place)

    # --- database -----------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _set_up(self) -> None:
        with self._transaction(), closing(self._database.cursor()) as cursor:
            (version,) = cursor.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise CallError(
                    _("收件库由更新的版本建立"), where=str(self.folder), remedy=_("请升级后再打开")
                )
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {_VERSION}")


def receipt_number(delivery: Delivery) -> str:
    """Return the number by which office and sender speak of a delivery: the same however often it is taken in."""
    return _numbered(delivery.key)


def _numbered(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:12].upper()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes that open the same store waiting."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _copied(path: Path, target: BinaryIO) -> str:
    """Write a file, piece by piece; return the hash of what was written."""
    taken = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            taken.update(piece)
            target.write(piece)
    return taken.hexdigest()


def _settled(draft: Path, target: Path) -> None:
    """Give a new file its name once its bytes are on the disk, and make the name last as long as they."""
    try:
        with draft.open("rb") as file:
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o444)
        target.parent.mkdir(exist_ok=True)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
