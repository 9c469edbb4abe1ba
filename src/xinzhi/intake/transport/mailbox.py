"""A mailbox read by IMAP: each mail once, with the receiving server's time, whatever breaks on the way."""

from __future__ import annotations

import base64
import email.utils
import imaplib
import re
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.intake.sources import Delivery, Incoming
from xinzhi.intake.transport.server import (
    TIMEOUT,
    MailServer,
    TransportError,
    context_of,
    login_refused,
    must_be_plain,
    quoted,
    said_by,
    unreachable,
)
from xinzhi.language import gettext as _

LARGEST = 60_000_000
"""Bytes of a mail that is fetched; mail services take 50 MB."""

PAUSES = (1.0, 5.0, 15.0, 60.0)
"""Seconds before each new attempt to connect where nothing else is said."""

_TRIES = 3  # of one mail on which the connection breaks


class Listed(NamedTuple):
    """A mail as the server lists it."""

    key: str
    uid: int
    size: int
    received: datetime | None


class _Limited:
    """A connection that takes no more at once than a mail may have; `overlong` is what the server would have sent."""

    overlong = 0

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            self.overlong = size
            raise imaplib.IMAP4.abort("overlong")
        data: bytes = super().read(size)  # type: ignore[misc]
        if len(data) < size:
            raise imaplib.IMAP4.abort("EOF")
        return data


class _OpenImap(_Limited, imaplib.IMAP4):
    pass


class _TlsImap(_Limited, imaplib.IMAP4_SSL):
    pass


class ImapMailbox:
    """A folder of a mailbox as deliveries, to be used in a ``with`` block and iterated.

    Nothing is deleted or moved, and nothing marked unless told to. Of every mail the receiving server's time is
    taken. One mail is in memory at a time. Lost connections are made anew; each mail is yielded once, and one
    that was yielded counts as taken when the next is asked for.

    Parameters
    ----------
    server : MailServer
    password : str
        Of mail services often an authorisation code.
    known : callable
        Whether a key is in the store, finished; then the mail is not fetched.
    sleep : callable
        Waits so many seconds.
    pauses : sequence of float
        Seconds before each new attempt to connect; an answer with a mail in it starts them anew. Three at least,
        or a mail on which the connection breaks each time holds up those behind it.
    mark_seen : bool
        Whether mails are marked as read on the server when they were taken.
    progress : callable, optional
        Called with the number of mails passed and of all.
    version : str
        Ours, told to the server.
    context : ssl.SSLContext, optional
        By default certificates are checked against those of the system.

    Raises
    ------
    TransportError
        On entering and iterating: with server, folder and what to do.
    """

    def __init__(
        self,
        server: MailServer,
        password: str,
        *,
        known: Callable[[str], bool],
        sleep: Callable[[float], None],
        pauses: Sequence[float] = PAUSES,
        mark_seen: bool = False,
        progress: Callable[[int, int], None] | None = None,
        version: str = "1",
        context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.server, self._password = server, password
        self._known, self._sleep, self._pauses, self._progress = known, sleep, pauses, progress
        self._mark_seen, self._version, self._timeout = mark_seen, version, timeout
        self._tls = context_of(server, context)
        self._where = f"{server}/{server.folder}"
        self._connection: _OpenImap | _TlsImap | None = None
        self._validity, self._empty = "", False

    def __enter__(self) -> Self:
        try:
            self._open()
        except (OSError, imaplib.IMAP4.abort) as error:
            self._close()
            raise unreachable(error, self._where, said_by(error, self._password)) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection:
            with suppress(OSError, imaplib.IMAP4.error):
                self._connection.logout()
        self._close()

    def __iter__(self) -> Iterator[Delivery]:
        taken: set[str] = set()
        broken: Counter[str] = Counter()
        attempt, at = 0, ""
        while True:
            try:
                listed = self._listed()
                for number, mail in enumerate(listed, start=1):
                    if mail.key not in taken and broken[mail.key] < _TRIES and not self._has(mail):
                        at = mail.key
                        delivery = self._delivered(mail)
                        attempt, at = 0, ""
                        if delivery is None:
                            broken[mail.key] = _TRIES
                        else:
                            taken.add(mail.key)
                            yield delivery
                            self._marked(mail)
                    if self._progress:
                        self._progress(number, len(listed))
                if broken:
                    self._must_be_complete([m.uid for m in self._listed() if broken[m.key] >= _TRIES])
                return
            except (OSError, imaplib.IMAP4.abort) as error:
                self._close()
                broken[at] += bool(at)
                if attempt == len(self._pauses):
                    raise unreachable(error, self._where, said_by(error, self._password)) from None
                at = ""
                self._sleep(self._pauses[attempt])
                attempt += 1
            except imaplib.IMAP4.error as error:
                raise self._not_listed(error) from None

    def _has(self, mail: Listed) -> bool:
        # Without UIDVALIDITY a number may come to mean another mail: then the bytes decide, in the store.
        return bool(self._validity) and self._known(mail.key)

    def _not_listed(self, error: Exception) -> TransportError:
        return TransportError(
            _("服务器列不出邮件: {said}").format(said=said_by(error, self._password)),
            where=self._where,
            remedy=_("请再收取一次; 已收下的不会重复"),
        )

    def _must_be_complete(self, left: list[int]) -> None:
        if left:
            raise TransportError(
                _("有 {count} 封邮件取不下来 (UID {uids}); 其余都已收下").format(
                    count=len(left), uids=", ".join(map(str, left[:20]))
                ),
                where=self._where,
                remedy=_("请再收取一次; 仍取不下来的, 请在邮箱网页中下载为 .eml 后收取"),
            )

    # --- connecting ---------------------------------------------------------------------------------------

    def _open(self) -> _OpenImap | _TlsImap:
        if self._connection is None:
            self._connection = self._connected()
            self._log_in(self._connection)
            self._introduce(self._connection)
            self._select(self._connection)
        return self._connection

    def _connected(self) -> _OpenImap | _TlsImap:
        host, port = self.server.host, self.server.port
        if self.server.security == "tls":
            return _TlsImap(host, port, ssl_context=self._tls, timeout=self._timeout)
        connection = _OpenImap(host, port, timeout=self._timeout)
        if self.server.security == "starttls":
            try:
                if "STARTTLS" not in connection.capabilities:
                    raise TransportError(
                        _("服务器不提供加密 (STARTTLS)"),
                        where=self._where,
                        remedy=_("请改用 imaps:// 或 smtps://"),
                    )
                connection.starttls(self._tls)
            except BaseException:
                with suppress(OSError):
                    connection.shutdown()
                raise
        return connection

    def _log_in(self, connection: imaplib.IMAP4) -> None:
        user, password = self.server.user, self._password
        try:
            if "AUTH=PLAIN" in connection.capabilities:
                connection.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
            elif "LOGINDISABLED" in connection.capabilities:
                raise imaplib.IMAP4.error("LOGINDISABLED")
            else:
                must_be_plain(user + password, self._where)
                connection.login(quoted(user), password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise login_refused(said_by(error, password), self._where) from None

    def _introduce(self, connection: imaplib.IMAP4) -> None:
        """Say who we are: 163 and 126 open no folder to a client that does not (RFC 2971)."""
        try:
            connection.xatom("ID", f'("name" "xinzhi" "version" {quoted(self._version)} "vendor" "xinzhi")')
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return  # a server that does not know ID does not ask for it

    def _select(self, connection: imaplib.IMAP4) -> None:
        try:
            status, data = connection.select(quoted(utf7(self.server.folder)), readonly=not self._mark_seen)
        except imaplib.IMAP4.readonly:
            raise TransportError(
                _("文件夹是只读的, 不能标记已读"), where=self._where, remedy=_("请不要要求标记已读")
            ) from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            status, data = "NO", [str(error).encode()]
        if status != "OK":
            raise self._not_opened(connection, said_by(data[-1] or b"", self._password))
        validity = connection.response("UIDVALIDITY")[1][0]
        self._validity = validity.decode("ascii", "replace") if validity else ""
        self._empty = data[0] == b"0"

    def _not_opened(self, connection: imaplib.IMAP4, said: str) -> TransportError:
        if "unsafe login" in said.lower():
            return TransportError(
                _("邮件服务商认为登录不安全, 没有打开文件夹: {said}").format(said=said),
                where=self._where,
                remedy=_("请在邮箱网页的设置中开启 IMAP, 用授权码登录; 仍不行的, 请联系服务商"),
            )
        folders = "、".join(_folders(connection)) or "-"
        return TransportError(
            _("打不开文件夹: {said}").format(said=said),
            where=self._where,
            remedy=_("请从这些文件夹中选一个: {folders}").format(folders=folders),
        )

    def _close(self) -> None:
        if self._connection:
            with suppress(OSError, imaplib.IMAP4.error):
                self._connection.shutdown()
        self._connection = None

    # --- mails --------------------------------------------------------------------------------------------

    def _listed(self) -> list[Listed]:
        """Return the mails of the folder by their UID, with size and time of receipt."""
        connection = self._open()
        if self._empty:
            return []
        status, data = connection.uid("FETCH", "1:*", "(UID RFC822.SIZE INTERNALDATE)")
        if status != "OK":
            raise self._not_listed(imaplib.IMAP4.error(said_by(data[-1] or b"", self._password)))
        found = {}
        for line in data:
            head = line[0] if isinstance(line, tuple) else line
            uid = _attribute(head, rb"\bUID (\d+)")
            if uid:
                size = int(_attribute(head, rb"\bRFC822\.SIZE (\d+)") or 0)
                received = _moment(_attribute(head, rb'\bINTERNALDATE "([^"]+)"'))
                found[int(uid)] = Listed(self._key(int(uid)), int(uid), size, received)
        return [found[uid] for uid in sorted(found)]

    def _key(self, uid: int) -> str:
        server = self.server
        return f"imap:{server.user}@{server.host}/{server.folder}:{self._validity or '-'}:{uid}"

    def _delivered(self, mail: Listed) -> Delivery | None:
        """Fetch a mail; None where the server does not hand it out."""
        if mail.size > LARGEST:
            return self._head_alone(mail, mail.size)
        try:
            data = self._fetched(mail, "BODY.PEEK[]")
        except imaplib.IMAP4.abort:
            overlong = self._open().overlong
            if not overlong:
                raise
            self._close()
            return self._head_alone(mail, overlong)
        if data is None:
            return None
        name = f"{mail.uid}.eml"
        return Delivery("mail", mail.key, name, (Incoming(name, data),), mail.received, _by(mail))

    def _head_alone(self, mail: Listed, size: int) -> Delivery | None:
        head = self._fetched(mail, "BODY.PEEK[HEADER]")
        if head is None:
            return None
        name = f"{mail.uid}.eml"
        finding = Finding(
            rule="transport.too_large",
            place=Place(file=name),
            facts={"file": name, "size": size // 1_000_000, "limit": LARGEST // 1_000_000},
        )
        files = (Incoming(name, head),)
        return Delivery("mail", mail.key, name, files, mail.received, _by(mail), (finding,))

    def _fetched(self, mail: Listed, part: str) -> bytes | None:
        connection = self._open()
        if mail.key != self._key(mail.uid):
            raise imaplib.IMAP4.abort("UIDVALIDITY")  # numbers were given anew while we were away: list again
        try:
            status, data = connection.uid("FETCH", str(mail.uid), f"(UID {part})")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None
        if status != "OK":
            return None
        for answer in data:
            if isinstance(answer, tuple) and _attribute(answer[0], rb"\bUID (\d+)") in (
                b"",
                b"%d" % mail.uid,
            ):
                body: bytes = answer[1]
                return body
        return None

    def _marked(self, mail: Listed) -> None:
        if self._mark_seen and self._connection:
            self._connection.uid("STORE", str(mail.uid), "+FLAGS.SILENT", r"(\Seen)")


class NullMailbox:
    """A mailbox without a network: given deliveries, less those that are known. For rehearsals."""

    def __init__(
        self, deliveries: Iterable[Delivery], *, known: Callable[[str], bool] = lambda _key: False
    ) -> None:
        self._deliveries, self._known = deliveries, known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def __iter__(self) -> Iterator[Delivery]:
        return (delivery for delivery in self._deliveries if not self._known(delivery.key))


def utf7(folder: str) -> str:
    """Write the name of a folder as IMAP has it: modified UTF-7 (RFC 3501, 5.1.3)."""

    def encoded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        return (
            "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
        )

    return re.sub(r"&|[^\x20-\x7e]+", encoded, folder)


def from_utf7(name: str) -> str:
    """Read the name of a folder; one that is wrongly written stays as it is."""

    def decoded(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        text = found[1].replace(",", "/")
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")

    with suppress(ValueError):
        return re.sub(r"&([A-Za-z0-9+,]*)-", decoded, name)
    return name


def _folders(connection: imaplib.IMAP4) -> list[str]:
    with suppress(OSError, imaplib.IMAP4.error):
        lines: list[Any] = connection.list()[1]
        names = [re.search(rb'"([^"]*)"\s*$|(\S+)\s*$', line) for line in lines if isinstance(line, bytes)]
        return [from_utf7((name[1] or name[2] or b"").decode("utf-8", "replace")) for name in names if name][
            :20
        ]
    return []


def _attribute(line: bytes | None, pattern: bytes) -> bytes:
    found = re.search(pattern, line or b"", re.IGNORECASE)
    return found[1] if found else b""


def _moment(text: bytes) -> datetime | None:
    with suppress(ValueError, TypeError, IndexError):
        moment = email.utils.parsedate_to_datetime(text.decode("ascii").strip())
        return moment if moment.tzinfo else None
    return None


def _by(mail: Listed) -> Literal["transport", "file"]:
    return "transport" if mail.received else "file"
