"""Drafts sent by SMTP, each once at most."""

from __future__ import annotations

import email.utils
import re
import smtplib
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from xinzhi.intake.store import Reply
from xinzhi.intake.transport.server import (
    TIMEOUT,
    MailRefusedError,
    MailServer,
    TransportError,
    context_of,
    login_refused,
    must_be_plain,
    said_by,
    unreachable,
)
from xinzhi.language import gettext as _


class Sender(Protocol):
    """Sends drafts."""

    def send(self, draft: bytes, commit: Callable[[], bool]) -> bool:
        """Send a draft; True where it went out."""


class SmtpSender:
    """Sends drafts by SMTP, to be used in a ``with`` block.

    Parameters
    ----------
    server : MailServer
    password : str
        Blank where the server asks for none.
    sender : str
        Whose name and address the mails bear: ``办公室 <office@example.com>``.
    clock : callable
        The time in their Date.

    Raises
    ------
    TransportError
        On entering and sending: with server and what to do.
    """

    def __init__(
        self,
        server: MailServer,
        password: str,
        *,
        sender: str,
        clock: Callable[[], datetime],
        context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.server, self._password, self._clock = server, password, clock
        self._sender = email.utils.parseaddr(sender)
        self._tls, self._timeout = context_of(server, context), timeout
        self._where = str(server)
        self._connection: smtplib.SMTP | None = None
        if "@" not in self._sender[1] or not self._sender[1].isascii():
            raise TransportError(
                _("发件人不是电子邮箱地址: {address}").format(address=sender),
                where=self._where,
                remedy=_("请写成: 办公室 <office@example.com>"),
            )

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
        self._close()

    def send(self, draft: bytes, commit: Callable[[], bool]) -> bool:
        """Send a draft, once at most.

        Parameters
        ----------
        draft : bytes
            A mail with recipient, without sender and date.
        commit : callable
            Called when the server has accepted sender and recipients, right before the text goes out, to record
            that it does; when it gives False the draft is held back. What fails before was not sent and may be
            tried again. What fails afterwards may have been sent, and stays recorded.

        Returns
        -------
        bool
            Whether it went out.
        """
        recipients = _recipients(draft, self._where)
        connection = self._open()
        try:
            self._accepted(connection.mail(self._sender[1]))
            for recipient in recipients:
                self._accepted(connection.rcpt(recipient), recipient)
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise unreachable(error, self._where, said_by(error, self._password)) from None
        if not commit():
            connection.rset()
            return False
        try:
            code, answer = connection.data(self._with_head(draft))
        except smtplib.SMTPDataError as error:  # an answer: it was not taken
            connection.rset()
            raise self._refused(_bytes(error.smtp_error), ", ".join(recipients)) from None
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise TransportError(
                _("发送时连接中断, 不知道是否已经发出: {reason}").format(
                    reason=said_by(error, self._password)
                ),
                where=f"{self._where} → {', '.join(recipients)}",
                remedy=_("请在邮箱的“已发送”中核对, 没有发出的由人工发送"),
            ) from None
        if code != 250:
            raise self._refused(answer, ", ".join(recipients))
        return True

    def _with_head(self, draft: bytes) -> bytes:
        head = EmailMessage(policy=SMTP)
        head["From"] = email.utils.formataddr(self._sender)
        head["Date"] = email.utils.format_datetime(self._clock())
        lines = head.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n"
        return lines + re.sub(rb"\r?\n", b"\r\n", draft)

    def _accepted(self, answer: tuple[int, bytes], recipient: str = "") -> None:
        if answer[0] not in (250, 251):
            if self._connection:
                self._connection.rset()
            raise self._refused(answer[1], recipient)

    def _refused(self, answer: bytes, recipient: str) -> MailRefusedError:
        return MailRefusedError(
            _("邮件服务器不接受这封邮件: {said}").format(said=said_by(answer, self._password)),
            where=f"{self._where} → {recipient}" if recipient else self._where,
            remedy=_("请核对收件人地址和发件人, 或由人工发送"),
        )

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connected()
                self._secured(self._connection)
            except (OSError, smtplib.SMTPException) as error:
                self._close()
                if isinstance(error, smtplib.SMTPAuthenticationError):
                    raise login_refused(said_by(error.smtp_error, self._password), self._where) from None
                raise unreachable(error, self._where, said_by(error, self._password)) from None
            except BaseException:
                self._close()
                raise
        return self._connection

    def _connected(self) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        if self.server.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=self._tls)
        return smtplib.SMTP(host, port, timeout=self._timeout)

    def _secured(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self.server.security == "starttls":
            if not connection.has_extn("starttls"):
                raise TransportError(
                    _("服务器不提供加密 (STARTTLS)"),
                    where=self._where,
                    remedy=_("请改用 imaps:// 或 smtps://"),
                )
            connection.starttls(context=self._tls)
        if self._password:
            must_be_plain(self.server.user + self._password, self._where)
            connection.login(self.server.user, self._password)

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class NullSender:
    """Sends nothing and keeps what would have gone out. For rehearsals."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, draft: bytes, commit: Callable[[], bool]) -> bool:
        """Keep a draft, as :meth:`SmtpSender.send` would send it."""
        _recipients(draft, "-")
        if not commit():
            return False
        self.sent.append(draft)
        return True


def _recipients(draft: bytes, where: str) -> list[str]:
    """Return the addresses a draft goes to."""
    head = BytesHeaderParser().parsebytes(draft)
    lines = [str(line) for name in ("To", "Cc") for line in head.get_all(name, [])]
    found = [address for _name, address in email.utils.getaddresses(lines) if address]
    if not found or any("@" not in address or not address.isascii() for address in found):
        raise MailRefusedError(
            _("草稿没有可用的收件人: {to}").format(to=", ".join(found) or "-"),
            where=where,
            remedy=_("请核对收件人地址和发件人, 或由人工发送"),
        )
    if "From" in head or "Date" in head:
        raise MailRefusedError(
            _("草稿已经写有发件人或日期"), where=where, remedy=_("请由人工发送, 或重新生成草稿")
        )
    return list(dict.fromkeys(found))


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of replies: sent, held back, and refused with the reason."""

    sent: tuple[Reply, ...]
    held: tuple[Reply, ...]
    refused: tuple[tuple[Reply, MailRefusedError], ...]


def send_replies(
    replies: Iterable[Reply],
    sender: Sender,
    *,
    may_send: Callable[[Reply], bool],
    mark_sent: Callable[[str], bool],
) -> Sending:
    """Send the drafted replies that may go out, each once at most.

    Parameters
    ----------
    may_send : callable
        Whether a reply may go out now (:func:`xinzhi.intake.replies.may_send`).
    mark_sent : callable
        Records that the reply to a receipt number goes out; False where it went before
        (:meth:`xinzhi.intake.store.Store.mark_sent`).

    Raises
    ------
    TransportError
        When the connection is lost; what was sent before is recorded.
    """
    sent: list[Reply] = []
    held: list[Reply] = []
    refused: list[tuple[Reply, MailRefusedError]] = []
    for reply in replies:
        if not may_send(reply):
            held.append(reply)
            continue
        try:
            went = sender.send(reply.path.read_bytes(), partial(mark_sent, reply.delivery))
        except MailRefusedError as error:
            refused.append((reply, error))
        else:
            (sent if went else held).append(reply)
    return Sending(tuple(sent), tuple(held), tuple(refused))
