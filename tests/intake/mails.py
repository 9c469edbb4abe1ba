"""Mails as people's programs write them, and as no program would."""

from __future__ import annotations

import base64
import hashlib
import textwrap

RECEIVED = (
    "from mail.example.com (unknown [192.0.2.1]) by mx.office.example (Postfix) with ESMTP id 1;\r\n"
    " Tue, 01 Jul 2025 10:00:05 +0800 (CST)"
)


def word(text: str, charset: str = "utf-8", encoding: str = "B") -> str:
    """One encoded word of RFC 2047."""
    raw = text.encode(charset)
    if encoding == "B":
        return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
    return f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in raw)}?="


def header(name: str, value: str | bytes) -> bytes:
    return name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"


def text_part(text: str, charset: str = "utf-8", kind: str = "plain", encoding: str | None = None) -> bytes:
    body = base64.encodebytes(text.encode(encoding or charset)).replace(b"\n", b"\r\n")
    return header("Content-Type", f'text/{kind}; charset="{charset}"') + header(
        "Content-Transfer-Encoding", "base64"
    ) + b"\r\n" + body  # fmt: skip


def file_part(
    name: str | bytes, data: bytes, *, kind: str = "application/octet-stream", disposition: str = "attachment",
    more: bytes = b"",
) -> bytes:  # fmt: skip
    """A part with a file; `name` stands in the header as it is given, parameter and all, if it is bytes."""
    parameter = name if isinstance(name, bytes) else f'filename="{word(name)}"'.encode()
    return (
        header("Content-Type", kind) + header("Content-Transfer-Encoding", "base64")
        + header("Content-Disposition", disposition.encode() + b"; " + parameter) + more
        + b"\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n")
    )  # fmt: skip


def message_part(mail: bytes, name: str = "") -> bytes:
    """A forwarded mail."""
    kind = "message/rfc822" + (f'; name="{name}"' if name else "")
    return header("Content-Type", kind) + b"\r\n" + mail


def divided(*parts: bytes, kind: str = "mixed", boundary: str = "", closed: bool = True) -> bytes:
    boundary = boundary or f"=_{hashlib.sha256(b''.join(parts)).hexdigest()[:16]}"
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return header("Content-Type", f'multipart/{kind}; boundary="{boundary}"') + b"\r\n" + body + (
        line + b"--\r\n" if closed else b""
    )  # fmt: skip


def mail(
    content: bytes = b"",
    *,
    subject: str | bytes = "数据+示例县统计局+张三样例+13800000000",
    sender: str | bytes = "张三样例 <zhangsan@example.com>",
    received: str | None = RECEIVED,
    date: str | None = "Tue, 01 Jul 2025 10:00:00 +0800",
    message_id: str = "<1@example.com>",
    more: bytes = b"",
) -> bytes:
    """A whole mail; `content` begins with its own Content-Type."""
    lines = [header("Received", received)] if received else []
    lines += [header("Message-ID", message_id)] if message_id else []
    lines += [
        header("From", sender if isinstance(sender, bytes) else _encoded(sender)),
        header("To", "office@office.example"),
        header("Subject", subject if isinstance(subject, bytes) else word(subject)),
    ]
    lines += [header("Date", date)] if date else []
    return b"".join(lines) + more + header("MIME-Version", "1.0") + (content or text_part("您好"))


def delivery(*files: tuple[str, bytes], text: str = "您好, 附件请查收。", **options: object) -> bytes:
    """What most people send: a text and its attachments."""
    parts = [text_part(text), *(file_part(name, data) for name, data in files)]
    return mail(divided(*parts), **options)  # type: ignore[arg-type]


def nested(levels: int) -> bytes:
    content = text_part("x")
    for level in range(levels):
        content = divided(content, boundary=f"b{level}")
    return mail(content)


def many_parts(count: int) -> bytes:
    return mail(divided(*[b"\r\n"] * count))


def mbox(*mails: bytes) -> bytes:
    return b"".join(
        b"From sender@example.com Tue Jul  1 10:00:00 2025\n" + each.replace(b"\r\n", b"\n") + b"\n"
        for each in mails
    )


def folded(text: str, charset: str = "utf-8", size: int = 20) -> str:
    """Encoded words cut at bytes, in the middle of characters, as some programs do."""
    encoded = base64.b64encode
    raw = text.encode(charset)
    pieces = [raw[start : start + size] for start in range(0, len(raw), size)]
    return "\r\n ".join(f"=?{charset}?B?{encoded(piece).decode()}?=" for piece in pieces)


def _encoded(sender: str) -> str:
    name, _space, address = sender.rpartition(" ")
    return f"{word(name)} {address}" if name else address


def wrapped(data: bytes, width: int = 60) -> bytes:
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode(), width)).encode()
