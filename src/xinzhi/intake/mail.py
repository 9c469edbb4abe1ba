"""A mail as people send it: who, when, text and attachments, and the marks of what no person wrote."""

from __future__ import annotations

import email.utils
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import HostileFile
from xinzhi.intake.encodings import legible
from xinzhi.intake.mime import Part, decoded, header, parameters, parts_of, text_of
from xinzhi.intake.vocabulary import vocabulary
from xinzhi.language import half_width

LARGEST = 150_000_000
DEEPEST = 3
"""Mails inside mails that are opened."""

_ASTRAY = timedelta(days=1)
"""How much a sender's clock and zone may be wrong."""

_LONGEST_TEXT = 100_000
_TAG = re.compile(r"<[^<>]*>")
_BREAKING = re.compile(r"<(?:br|p|div|tr|li|h\d)\b", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{8,2000})""", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"'，。；）)]{4,2000}")
_UUENCODED = re.compile(r"^begin [0-7]{3} (\S.{0,100})$", re.MULTILINE)
_ZONE = re.compile(r"[+-][0-9]{4}\b|\b(?:GMT|UTC?|Z)\b")
_TNEF = b"\x78\x9f\x3e\x22"

Clock = Literal["transport", "server", "sender", "file"]
"""Who says when a mail came: the transport that took it in, a Received header, the Date header, or the file."""


@dataclass(frozen=True, slots=True)
class Address:
    """A person and an address, the latter in lower case."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; `inline` where the text shows it."""

    name: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail.

    Attributes
    ----------
    received, received_by
        When it came, and who says so; None where nothing says it.
    date : datetime or None
        What the sender's Date header says.
    automatic : str
        The mark by which a program wrote it (``"auto-submitted"``), blank for a person's; never answered.
    text : str
        The text a person reads, plain, at most 100,000 characters.
    attachments : tuple of Attachment
        Its files in their order, a forwarded mail as ``.eml`` among them.
    links : tuple of str
        Addresses of pages that hold large attachments.
    findings : tuple of Finding
        What could not be read, or only with a doubt.
    """

    message_id: str
    subject: str
    sender: Address
    reply_to: Address
    to: tuple[Address, ...]
    received: datetime | None
    received_by: Clock
    date: datetime | None
    in_reply_to: str
    automatic: str
    text: str
    attachments: tuple[Attachment, ...]
    links: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_mail(
    data: bytes,
    name: str = "",
    *,
    zone: ZoneInfo,
    received: datetime | None = None,
    received_by: Clock = "file",
    trusted: Sequence[str] = (),
) -> Mail:
    """Read a mail.

    Parameters
    ----------
    data : bytes
        As the server hands it out.
    name : str
        What findings call it.
    zone : ZoneInfo
        In which a time without zone is meant, which is then said.
    received : datetime, optional
        When it came: of the transport, whose word stands, or of the file, used where the mail says nothing.
    trusted : sequence of str
        Ends of the names of our own receiving servers. With them only a Received header that one of these wrote
        counts; without, the topmost, which the last server wrote.

    Raises
    ------
    HostileFile
        If it is larger or more divided than anything that people send.
    """
    if len(data) > LARGEST:
        raise HostileFile(_finding("too_large", name, limit=LARGEST // 1_000_000))
    begin = data.find(b"\n") + 1 if data.startswith(b"From ") else 0
    whole, parts = parts_of(data, begin, name=name)
    findings: list[Finding] = []
    when, by, date = _times(whole, zone, received, received_by, trusted, name, findings)
    text, page, attachments = _sorted_out(parts, name, findings)
    links = _links(text, page)
    if links or any(word in half_width(text) for word in vocabulary().mail.link_words):
        findings.append(_finding("linked_attachment", name, link=links[0][:120] if links else "-"))
    subject = legible(decoded(header(whole, "subject")))
    return Mail(
        message_id=header(whole, "message-id")[:500],
        subject=subject[:1000],
        sender=_address(header(whole, "from")),
        reply_to=_address(header(whole, "reply-to")),
        to=tuple(_addresses(header(whole, "to"))),
        received=when,
        received_by=by,
        date=date,
        in_reply_to=header(whole, "in-reply-to")[:500],
        automatic=_automatic(whole, subject),
        text=text,
        attachments=tuple(attachments),
        links=links,
        findings=tuple(findings),
    )


# --- time -------------------------------------------------------------------------------------------------


def _times(
    whole: Part,
    zone: ZoneInfo,
    received: datetime | None,
    received_by: Clock,
    trusted: Sequence[str],
    name: str,
    findings: list[Finding],
) -> tuple[datetime | None, Clock, datetime | None]:
    date, date_zoned = _moment(header(whole, "date"), zone)
    if received is not None and received_by == "transport":
        return received, "transport", date
    for line in whole.headers.get("received", ()):
        if trusted and not _written_by(line, trusted):
            continue
        moment, zoned = _moment(line.rpartition(";")[2], zone)
        if moment:
            if not zoned:
                findings.append(_finding("no_time_zone", name, zone=zone.key))
            return moment, "server", date
        if not trusted:
            break
    if date and not (received and date > received + _ASTRAY):  # nobody receives what is yet to be written
        findings.append(_finding("time_from_sender", name, time=_shown(date, zone)))
        if not date_zoned:
            findings.append(_finding("no_time_zone", name, zone=zone.key))
        return date, "sender", date
    return received, received_by, date


def _written_by(line: str, trusted: Sequence[str]) -> bool:
    found = re.search(r"\bby\s+([\w.-]+)", line[:2000])
    host = found[1].lower() if found else ""
    return any(host == name.lower() or host.endswith("." + name.lower()) for name in trusted)


def _moment(text: str, zone: ZoneInfo) -> tuple[datetime | None, bool]:
    """Return a time of a header, and whether it names its zone."""
    try:
        fields = email.utils.parsedate_tz(text.strip()[:100])
        if fields is None:
            return None, False
        # An hour of 24 or a second of 60 is an hour or a minute of the clock that runs on.
        moment = datetime(*fields[:3]) + timedelta(hours=fields[3], minutes=fields[4], seconds=fields[5])
        # CST is not a zone here: in China it means +0800, to the parser -0600.
        if not _ZONE.search(text):
            return moment.replace(tzinfo=zone), False
        return moment.replace(tzinfo=timezone(timedelta(seconds=fields[9] or 0))), True
    except (ValueError, OverflowError, TypeError, IndexError):
        return None, False


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


# --- people -----------------------------------------------------------------------------------------------


def _address(value: str) -> Address:
    return next(_addresses(value), Address())


def _addresses(value: str) -> Iterator[Address]:
    """Yield the addresses of a header; names are decoded after the split, since they may hold commas."""
    for name, address in email.utils.getaddresses([value[:4000]]):
        if "@" in address:
            yield Address(decoded(name).strip("\"' "), decoded(address).strip().lower())


def _automatic(whole: Part, subject: str) -> str:
    """Return the mark of a mail that a program wrote."""
    words = vocabulary().mail
    submitted = header(whole, "auto-submitted").split(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return "auto-submitted"
    if header(whole, "precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply"):
        return "precedence"
    for mark in (
        "list-id",
        "list-unsubscribe",
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply",
        "x-failed-recipients",
        "feedback-id",
    ):
        if mark in whole.headers:
            return mark
    if "return-path" in whole.headers and header(whole, "return-path").replace(" ", "") in ("<>", ""):
        return "return-path"
    if "multipart/report" in whole.type:
        return "report"
    local = _address(header(whole, "from")).address.partition("@")[0]
    if local in words.automatic_senders:
        return "sender"
    start = half_width(subject).lower()
    return "subject" if start.startswith(words.automatic_subjects) else ""


# --- content ----------------------------------------------------------------------------------------------


def _sorted_out(parts: list[Part], name: str, findings: list[Finding]) -> tuple[str, str, list[Attachment]]:
    """Return the text, the web page beside it, and the files."""
    texts: list[str] = []
    pages: list[str] = []
    attachments: list[Attachment] = []
    if any(part.cut for part in parts):
        findings.append(_finding("cut_off", name))
    for number, part in enumerate(parts, start=1):
        disposition = header(part, "content-disposition")
        written = _file_name(part, disposition)
        data, whole = part.body()
        attached = disposition.split(";")[0].strip().lower() == "attachment"
        if not written and not attached and part.type in ("text/plain", "text/html"):
            charset = parameters(header(part, "content-type")).get("charset", "")
            (texts if part.type == "text/plain" else pages).append(
                text_of(data[: 4 * _LONGEST_TEXT], charset)
            )
            continue
        if not data and not written:
            continue
        file = written or _made_up(part, number)
        if not whole:
            findings.append(_finding("damaged_attachment", f"{name}/{file}" if name else file))
        if data.startswith(_TNEF) or part.type == "application/ms-tnef":
            findings.append(_finding("winmail", f"{name}/{file}" if name else file))
        attachments.append(Attachment(file, data, bool(header(part, "content-id")) and not attached))
    page = "\n".join(pages)[:_LONGEST_TEXT]
    text = "\n".join(texts)[:_LONGEST_TEXT]
    if not text.strip():
        text = _plain(page)
    findings += [_finding("uuencoded", name, attachment=each) for each in _UUENCODED.findall(text)[:5]]
    return text.strip(), page, attachments


def _file_name(part: Part, disposition: str) -> str:
    name = parameters(disposition).get("filename") or parameters(header(part, "content-type")).get("name", "")
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200]


def _made_up(part: Part, number: int) -> str:
    if part.type == "message/rfc822":
        return f"{number}.eml"
    ending = {"jpeg": "jpg", "plain": "txt"}.get(part.type.partition("/")[2], part.type.partition("/")[2])
    return f"{number}.{ending}" if re.fullmatch(r"[a-z0-9]{2,5}", ending) else f"{number}"


def _plain(page: str) -> str:
    """Return the text of a web page; each step takes time in proportion to its length."""
    text: list[str] = []
    place, hidden = 0, ""
    for tag in _TAG.finditer(page):
        if not hidden:
            text.append(page[place : tag.start()])
        place = tag.end()
        word = tag[0][1:].split(None, 1)[0].rstrip(">").lower() if tag[0][1:].split() else ""
        if word in ("style", "script", "head", "title"):
            hidden = hidden or word
        elif hidden and word == "/" + hidden:
            hidden = ""
        elif _BREAKING.match(tag[0]):
            text.append("\n")
    if not hidden:
        text.append(page[place:])
    lines = (" ".join(line.split()) for line in html.unescape("".join(text)).splitlines())
    return "\n".join(line for line in lines if line)


def _links(text: str, page: str) -> tuple[str, ...]:
    hosts = vocabulary().mail.link_hosts
    found = [*_URL.findall(text), *(html.unescape(link) for link in _HREF.findall(page))]
    return tuple(dict.fromkeys(link for link in found if _leads_to(link, hosts)))[:20]


def _leads_to(link: str, hosts: Sequence[str]) -> bool:
    where = "." + re.sub(r"^https?://", "", link.lower()).partition("?")[0]
    return any(f".{host}" in where for host in hosts)


def _finding(rule: str, file: str, **facts: str | int) -> Finding:
    return Finding(rule=f"mail.{rule}", place=Place(file=file), facts={"file": file, **facts})
