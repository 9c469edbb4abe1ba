"""What the platform is told from outside, read once and checked; production refuses to start unsafe."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from xinzhi.declarations import Record
from xinzhi.errors import CallError
from xinzhi.intake.transport import MailServer, TransportError
from xinzhi.language import gettext as _

_SHORTEST_SECRET = 50  # as Django itself holds
_SHORTEST_TOKEN = 20
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,40}")


class Mailbox(Record):
    """A folder on a mail server and what opens it; the password shows in no text that is made of this."""

    server: MailServer
    password: SecretStr


class SignInServer(Record):
    """An OpenID Connect server at which people of one's own house already sign in."""

    address: str
    client: str
    secret: SecretStr
    name: str


class Environment(Record):
    """Settings of one installation.

    Attributes
    ----------
    mode : {"development", "production"}
        Development serves on loopback with mail kept in a folder; production demands everything below.
    home : Path
        Folder of the data: database, files, caught mail.
    keys : Path
        Folder of the keys of returns; kept apart from the data and its backups.
    database : mapping
        As Django wants it.
    secret_key : str
        Signs sessions and links.
    hosts : tuple of str
        Names under which the platform is reached.
    mail : str
        ``smtp://user:password@host:port``; blank keeps mails as files in the home.
    sender : str
        Address from which mails are sent.
    mailboxes : mapping
        Slug of a campaign to the mailbox that is read for it.
    metrics_token : str
        What a monitor on another machine shows to read ``/metrics``; blank lets this machine alone read it.
    sign_in_server : SignInServer or None
        Where people may sign in beside the platform's own password.
    """

    mode: Literal["development", "production"]
    home: Path
    keys: Path
    database: Mapping[str, object]
    secret_key: str
    hosts: tuple[str, ...]
    mail: str = ""
    sender: str = "office@localhost"
    mailboxes: Mapping[str, Mailbox] = {}
    metrics_token: str = ""
    sign_in_server: SignInServer | None = None

    @property
    def production(self) -> bool:
        """Whether real people's data is at stake."""
        return self.mode == "production"


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read ``XINZHI_*`` variables.

    Raises
    ------
    CallError
        If one cannot be used, or production would start with something missing or unsafe; every fault at once.
    """
    told = os.environ if variables is None else variables
    mode = told.get("XINZHI_MODE", "development")
    if mode not in ("development", "production"):
        _refuse([_("XINZHI_MODE 应当是 development 或 production, 不能是 {mode}").format(mode=mode)])
    home = Path(told.get("XINZHI_HOME", "platform")).resolve()
    keys = Path(told.get("XINZHI_KEYS", home.parent / f"{home.name}-keys")).resolve()
    hosts = tuple(filter(None, told.get("XINZHI_HOSTS", "").replace(",", " ").split()))
    secret = _secret(told)
    faults = _unsafe(told, home, keys, hosts, secret) if mode == "production" else []
    mailboxes = _mailboxes(told, faults)
    token = told.get("XINZHI_METRICS_TOKEN", "")
    if token and len(token) < _SHORTEST_TOKEN:
        faults.append(_("XINZHI_METRICS_TOKEN 太短: 至少 {least} 个随机字符").format(least=_SHORTEST_TOKEN))
    server = _sign_in_server(told, mode, faults)
    if faults:
        _refuse(faults)
    if mode == "development":
        home.mkdir(parents=True, exist_ok=True)
        secret = secret or _kept_secret(home / "secret.key")
        hosts = hosts or ("127.0.0.1", "localhost", "[::1]")
    return Environment(
        mode=mode,
        home=home,
        keys=keys,
        database=_database(told.get("XINZHI_DATABASE", ""), home),
        secret_key=secret,
        hosts=hosts,
        mail=told.get("XINZHI_MAIL", ""),
        sender=told.get("XINZHI_SENDER", "office@localhost"),
        mailboxes=mailboxes,
        metrics_token=token,
        sign_in_server=server,
    )


def _unsafe(
    told: Mapping[str, str], home: Path, keys: Path, hosts: tuple[str, ...], secret: str
) -> list[str]:
    faults = []
    if len(secret) < _SHORTEST_SECRET or len(set(secret)) < 10:
        faults.append(
            _("XINZHI_SECRET_KEY (或 XINZHI_SECRET_KEY_FILE) 缺少或太短: 至少 {least} 个随机字符").format(
                least=_SHORTEST_SECRET
            )
        )
    if not hosts or "*" in hosts:
        faults.append(_("XINZHI_HOSTS 应当写明网站的域名, 不能为空或 *"))
    if not told.get("XINZHI_HOME"):
        faults.append(_("XINZHI_HOME 应当写明数据文件夹"))
    if keys == home or home in keys.parents:
        faults.append(_("XINZHI_KEYS 不能在数据文件夹里面: 密钥要与数据和备份分开"))
    if not told.get("XINZHI_MAIL", "").startswith(("smtp://", "smtps://")):
        faults.append(_("XINZHI_MAIL 应当是 smtp:// 或 smtps:// 开头的发信服务器地址"))
    if not told.get("XINZHI_SENDER"):
        faults.append(_("XINZHI_SENDER 应当是发信地址"))
    return faults


def _sign_in_server(told: Mapping[str, str], mode: str, faults: list[str]) -> SignInServer | None:
    """Return the server for signing in; half of what it needs is a fault, and so is a connection in clear text."""
    address, client = told.get("XINZHI_OIDC_SERVER", ""), told.get("XINZHI_OIDC_CLIENT", "")
    secret = told.get("XINZHI_OIDC_SECRET", "")
    if file := told.get("XINZHI_OIDC_SECRET_FILE"):
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except OSError:
            faults.append(_("XINZHI_OIDC_SECRET_FILE 读不出来: {file}").format(file=file))
    given = (address, client, secret)
    if not any(given):
        return None
    if not all(given):
        faults.append(
            _(
                "XINZHI_OIDC_SERVER, XINZHI_OIDC_CLIENT 和 XINZHI_OIDC_SECRET (或 XINZHI_OIDC_SECRET_FILE) 要写就都要写"
            )
        )
        return None
    try:
        parts = urlsplit(address)
        near = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        sound = bool(parts.hostname) and not parts.username
    except ValueError:
        near = sound = False
    if not sound or not (parts.scheme == "https" or (near and mode == "development")):
        faults.append(_("XINZHI_OIDC_SERVER 应当是 https:// 开头的地址"))
        return None
    name = told.get("XINZHI_OIDC_NAME", "") or str(parts.hostname)
    return SignInServer(address=address.rstrip("/"), client=client, secret=SecretStr(secret), name=name)


def _mailboxes(told: Mapping[str, str], faults: list[str]) -> dict[str, Mailbox]:
    """Return the mailboxes by the slug of their campaign; faults are told without what may hold a password."""
    found: dict[str, Mailbox] = {}
    read: dict[tuple[str, str, str], str] = {}
    for slug, address in _stated_mailboxes(told, faults):
        parted = _parted(address)
        if not _SLUG.fullmatch(slug) or slug in found or parted is None:
            said = slug if _SLUG.fullmatch(slug) else "?"
            faults.append(
                _(
                    "XINZHI_MAILBOXES 的“{slug}”写法不对: 每个征集一次, 写成 网址标识=imaps://用户:密码@服务器/文件夹, "
                    "用户和密码里的 / 和空格写成 %2F 和 %20"
                ).format(slug=said)
            )
            continue
        try:
            server = MailServer.from_url(parted[0])
        except TransportError as error:
            faults.append(_("XINZHI_MAILBOXES 的“{slug}”: {what}").format(slug=slug, what=error.what))
            continue
        other = read.setdefault((server.host.lower(), server.user, server.folder), slug)
        if other != slug:
            faults.append(
                _("XINZHI_MAILBOXES 的“{slug}”和“{other}”是同一个文件夹: 一封邮件只能属于一个征集").format(
                    slug=slug, other=other
                )
            )
        found[slug] = Mailbox(server=server, password=SecretStr(parted[1]))
    return found


def _stated_mailboxes(told: Mapping[str, str], faults: list[str]) -> Iterator[tuple[str, str]]:
    text = told.get("XINZHI_MAILBOXES", "")
    if file := told.get("XINZHI_MAILBOXES_FILE"):
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            faults.append(_("XINZHI_MAILBOXES_FILE 读不出来: {file}").format(file=file))
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for word in " ".join(lines).split():
        slug, _equals, address = word.partition("=")
        yield slug, address


def _parted(address: str) -> tuple[str, str] | None:
    """Return an address without its password, and the password; None where one of its parts is missing."""
    begin, _at, rest = address.rpartition("@")
    scheme, _slashes, who = begin.partition("://")
    user, _colon, password = who.partition(":")
    if not (scheme in ("imap", "imaps") and user and password and rest) or "/" in who:
        return None
    return f"{scheme}://{user}@{rest}", unquote(password)


def _refuse(faults: list[str]) -> NoReturn:
    raise CallError("\n".join(faults), where=_("平台的设置"), remedy=_("改好环境变量后再启动"))


def _secret(told: Mapping[str, str]) -> str:
    if file := told.get("XINZHI_SECRET_KEY_FILE"):
        try:
            return Path(file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            _refuse([_("XINZHI_SECRET_KEY_FILE 读不出来: {file}").format(file=file)])
    return told.get("XINZHI_SECRET_KEY", "")


def _kept_secret(path: Path) -> str:
    """Return the secret of a development installation, made at its first start."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def _database(address: str, home: Path) -> dict[str, object]:
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "xinzhi.sqlite3",
            "OPTIONS": {
                # Sixteen writers with Django's defaults lose 6 % of their writes to "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        _refuse([_("XINZHI_DATABASE 应当是 postgresql://用户:密码@主机:端口/库名")])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
