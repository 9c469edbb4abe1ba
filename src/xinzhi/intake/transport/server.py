"""A mail server: its address, TLS, and what it says, told without the password."""

from __future__ import annotations

import base64
import imaplib
import ipaddress
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from xinzhi.errors import XinzhiError, reason
from xinzhi.language import gettext as _

TIMEOUT = 60.0
"""Seconds without an answer after which a connection counts as lost."""

_LONGEST_SAID = 200
_PORTS = {"imap": 143, "imaps": 993, "smtp": 587, "smtps": 465}

Security = Literal["tls", "starttls", "none"]


class TransportError(XinzhiError):
    """A mail server that cannot be reached or refuses; `where` is server and folder."""


class MailRefusedError(TransportError):
    """One mail that cannot be sent; others can."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server and an account on it.

    Attributes
    ----------
    host, port, user : str, int, str
    security : {"tls", "starttls", "none"}
        ``"none"`` is possible on this machine itself alone.
    folder : str
        Of a mailbox.
    """

    host: str
    port: int
    user: str
    security: Security
    folder: str = "INBOX"

    def __post_init__(self) -> None:
        if not self.host or any(ord(sign) < 32 for sign in self.host + self.user + self.folder):
            raise TransportError(
                _("邮件服务器的地址不完整"), where=str(self), remedy=_("请写成 imaps://用户@服务器/文件夹")
            )
        if self.security == "none" and not _is_loopback(self.host):
            raise TransportError(
                _("不加密的连接只能用于本机"), where=str(self), remedy=_("请改用 imaps:// 或 smtps://")
            )

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read ``imaps://user@host:port/folder``, ``imap://`` (STARTTLS), ``smtps://`` or ``smtp://`` (STARTTLS).

        Without TLS only this machine itself is spoken to.

        Raises
        ------
        TransportError
            If it is none of them, or holds a password.
        """
        try:
            parts = urlsplit(url)
            host, port, user = parts.hostname or "", parts.port, unquote(parts.username or "")
        except ValueError:
            parts, host, port, user = urlsplit(""), "", None, ""
        if parts.password is not None:
            raise TransportError(
                _("地址里不能写密码"), where=host, remedy=_("请去掉密码; 程序会另外询问或读取密码文件")
            )
        if parts.scheme not in _PORTS:
            raise TransportError(
                _("邮件服务器的地址不完整"), where=host, remedy=_("请写成 imaps://用户@服务器/文件夹")
            )
        plain: Security = "none" if _is_loopback(host) else "starttls"
        return cls(
            host=host,
            port=port or _PORTS[parts.scheme],
            user=user,
            security="tls" if parts.scheme.endswith("s") else plain,
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.lower() == "localhost"


def context_of(server: MailServer, given: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """Return what certificates are checked with, by default those of the system; None without TLS."""
    return None if server.security == "none" else given or ssl.create_default_context()


def unreachable(error: Exception, where: str, said: str) -> TransportError:
    """Say why there is no connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what = _("服务器的证书不可信: {reason}").format(reason=error.verify_message)
        remedy = _("请核对服务器名称; 自建服务器请提供它的 CA 证书")
    elif isinstance(error, TimeoutError):
        what, remedy = _("服务器没有应答"), _("请核对地址和端口, 检查网络后再试")
    else:
        if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):
            # The numbers of the resolver are its own, and negative.
            said = _("找不到这个名称的服务器") if error.errno < 0 else reason(error)
        what = _("连接不上或中断: {reason}").format(reason=said)
        remedy = _("请核对地址和端口, 检查网络后再试")
    return TransportError(what, where=where, remedy=remedy)


def said_by(error: object, password: str) -> str:
    """Return what a server or the system said, without the password, however it is echoed."""
    if isinstance(error, imaplib.IMAP4.error) and error.args:
        error = error.args[0]
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else str(error)
    if password:
        text = text.replace(quoted(password)[1:-1], "***").replace(password, "***")
        text = re.sub(r"[A-Za-z0-9+/=]{8,}", lambda found: _unless_secret(found[0], password), text)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_SAID].strip()


def _unless_secret(text: str, password: str) -> str:
    with suppress(ValueError):
        if password.encode() in base64.b64decode(text):
            return "***"
    return text


def quoted(text: str) -> str:
    """Write a quoted string of IMAP."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def must_be_plain(text: str, where: str) -> None:
    """Refuse what LOGIN cannot carry or would take for another command."""
    if not (text.isascii() and text.isprintable()):
        raise TransportError(
            _("用户名或密码里有这个服务器不接受的字符"),
            where=where,
            remedy=_("请核对密码, 前后不要带空格或换行"),
        )


def login_refused(said: str, where: str) -> TransportError:
    """Say that user or password were not accepted."""
    return TransportError(
        _("登录被拒绝: {said}").format(said=said),
        where=where,
        remedy=_("请核对用户名和密码; 163、126、QQ 等邮箱要在网页设置中开启服务, 并用授权码代替密码"),
    )
