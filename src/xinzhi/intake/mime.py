"""A mail split into its parts by offsets, at the speed of searching bytes and with bounds on depth and number.

The parser of the standard library reads line by line (half a second for ten megabytes), recurses, and fails or
slows down on what strangers send; what is needed of MIME is little.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import HostileFile
from xinzhi.intake.encodings import guessed

MOST_PARTS = 1000
MOST_LEVELS = 20
LONGEST_HEADER = 256_000
"""Bytes of all header lines of one part together."""

_GB = "gb18030"
_CHARSETS = {
    "gb2312": _GB, "gbk": _GB, "gb18030": _GB, "gb2312-80": _GB, "gb_2312-80": _GB, "x-gbk": _GB, "cp936": _GB,
    "936": _GB, "ms936": _GB, "windows-936": _GB, "euc-cn": _GB, "x-euc-cn": _GB, "chinese": _GB, "hz-gb-2312": "hz",
    "utf8": "utf-8", "utf-8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "utf-16": "utf-16", "utf-7": "utf-7",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cp950": "cp950", "shift_jis": "cp932", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "koi8-r": "koi8_r",
}  # fmt: skip
_WESTERN = re.compile(r"(iso-8859-\d{1,2}|windows-125\d)")

_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\t ")
)
_FIRST_DELIMITER = re.compile(rb"--([^\r\n]{1,200}?)[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail that is not divided further.

    Attributes
    ----------
    headers : dict
        Unfolded header lines by lower-case name, each name with all its values as text.
    begin, end : int
        Where its body lies in the mail.
    levels : int
        How many multiparts it lies in.
    cut : bool
        Whether a multipart around it lacks its end.
    """

    mail: bytes
    headers: dict[str, list[str]]
    begin: int
    end: int
    levels: int = 0
    cut: bool = False

    @property
    def type(self) -> str:
        """Declared type, ``text/plain`` where there is none."""
        declared = header(self, "content-type").split(";")[0].strip().lower()
        return declared if "/" in declared else "text/plain"

    def body(self) -> tuple[bytes, bool]:
        """Return the decoded bytes, and whether the encoding was whole."""
        raw = self.mail[self.begin : self.end]
        match header(self, "content-transfer-encoding").strip().lower():
            case "base64":
                return _from_base64(raw)
            case "quoted-printable":
                return binascii.a2b_qp(raw), True
            case _:
                return raw, True


def header(part: Part, name: str) -> str:
    """Return the first header of a name, as it was written; blank where there is none."""
    return part.headers.get(name, [""])[0]


def parts_of(
    mail: bytes, begin: int = 0, end: int | None = None, *, name: str = ""
) -> tuple[Part, list[Part]]:
    """Split a mail: return its own headers as a part of the whole, and the parts that are not divided.

    Raises
    ------
    HostileFile
        More parts, levels or header bytes than any mail a person sends.
    """
    whole = _part(mail, begin, len(mail) if end is None else end, 0, False, name)
    leaves: list[Part] = []
    waiting = [whole]
    count = 0
    while waiting:
        part = waiting.pop()
        count += 1
        if count > MOST_PARTS:
            raise HostileFile(_finding("too_many_parts", name, limit=MOST_PARTS))
        if not part.type.startswith("multipart/"):
            leaves.append(part)
            continue
        if part.levels >= MOST_LEVELS:
            raise HostileFile(_finding("too_many_levels", name, limit=MOST_LEVELS))
        waiting.extend(reversed(list(_divided(part, name))))
    return whole, leaves


def _divided(part: Part, name: str) -> Iterator[Part]:
    """Yield the parts of a multipart; without its boundary, those of the first line that looks like one."""
    boundary = parameters(header(part, "content-type")).get("boundary", "").encode("utf-8", "surrogateescape")
    if not boundary or _delimiter(part.mail, boundary, part.begin, part.end) is None:
        found = _FIRST_DELIMITER.search(part.mail, part.begin, min(part.end, part.begin + 2000))
        if not found:
            yield Part(part.mail, {"content-type": ["text/plain"]}, part.begin, part.end, part.levels + 1)
            return
        boundary = found[1]
    here = _delimiter(part.mail, boundary, part.begin, part.end)
    count = 0
    while here and not here[2]:
        count += 1
        if count > MOST_PARTS:
            raise HostileFile(_finding("too_many_parts", name, limit=MOST_PARTS))
        begin = here[1]
        here = _delimiter(part.mail, boundary, begin, part.end)
        end = here[0] if here else part.end
        yield _part(part.mail, begin, max(begin, end), part.levels + 1, part.cut or here is None, name)


def _delimiter(mail: bytes, boundary: bytes, begin: int, end: int) -> tuple[int, int, bool] | None:
    """Return where the next delimiter line begins and ends, and whether it closes; the line break before it goes."""
    line = b"--" + boundary
    place = begin
    while (place := mail.find(line, place, end)) >= 0:
        after = place + len(line)
        if place == begin or mail[place - 1 : place] == b"\n":
            stop = mail.find(b"\n", after, end)
            stop = end if stop < 0 else stop
            if stop - after < 80:
                rest = mail[after:stop].strip()
                if rest in (b"", b"--"):
                    start = place - 1 if place > begin else place
                    if mail[start - 1 : start] == b"\r" and start > begin:
                        start -= 1
                    return start, min(stop + 1, end), rest == b"--"
        place = after
    return None


def _part(mail: bytes, begin: int, end: int, levels: int, cut: bool, name: str) -> Part:
    """Read the header lines of a part."""
    limit = min(end, begin + LONGEST_HEADER)
    if mail[begin : begin + 1] in (b"\n", b"\r"):
        return Part(mail, {}, mail.find(b"\n", begin, end) + 1 or end, end, levels, cut)
    blanks = [(mail.find(blank, begin, limit), len(blank)) for blank in (b"\n\r\n", b"\n\n")]
    found = min((blank for blank in blanks if blank[0] >= 0), default=None)
    if found is None and limit < end:
        raise HostileFile(_finding("huge_headers", name, limit=LONGEST_HEADER // 1000))
    stop, body = (found[0], found[0] + found[1]) if found else (end, end)
    return Part(mail, _headers(mail[begin:stop]), body, end, levels, cut)


def _headers(block: bytes) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    current: list[str] | None = None
    folded: list[bytes] = []

    def finish() -> None:
        if current is not None:
            current.append(guessed(b"".join(folded)).strip())

    for line in block.split(b"\n"):
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t") and current is not None:
            folded.append(b" " + line.lstrip())
            continue
        finish()
        current = None
        label, colon, value = line.partition(b":")
        if colon and label.strip().isascii():
            current = headers.setdefault(label.strip().decode("ascii").lower(), [])
            folded = [value]
    finish()
    return headers


# --- text -------------------------------------------------------------------------------------------------


def text_of(data: bytes, charset: str) -> str:
    """Decode bytes by a declared charset; one that is unknown or does not fit is found by trying.

    What is labelled gb2312 or gbk often holds characters of GB 18030 only, which contains both.
    """
    declared = charset.strip().strip("\"'").lower()
    known = _CHARSETS.get(declared) or (declared if _WESTERN.fullmatch(declared) else "")
    if known:
        try:
            return data.decode(known)
        except (UnicodeDecodeError, LookupError):
            pass
        if known == _GB:
            return data.decode(_GB, "replace")
    return guessed(data)


def decoded(value: str) -> str:
    """Decode the encoded words of a header; a character split between two adjacent words is put together."""
    pieces: list[str] = []
    pending, charset, place = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[place : word.start()]
        place = word.end()
        if between.strip() or (pending and word[1].lower() != charset):
            pieces.append(text_of(pending, charset))
            pending = b""
        if between.strip() or not charset:
            pieces.append(between)
        charset = word[1].lower()
        pending += _word(word[2], word[3])
    pieces.append(text_of(pending, charset) if pending else "")
    pieces.append(value[place:])
    return "".join(pieces).strip()


def _word(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8")
    if encoding in "bB":
        return _from_base64(raw)[0]
    return binascii.a2b_qp(raw.replace(b"_", b" "), header=True)


def _from_base64(raw: bytes) -> tuple[bytes, bool]:
    """Decode base64 as far as it goes; say whether it was whole."""
    strange = raw.translate(None, _NOT_BASE64)
    whole = len(strange) == len(raw)
    signs = strange.translate(None, b"\r\n\t ")
    content = signs.rstrip(b"=")
    if b"=" in content:
        whole = False
        content = content.partition(b"=")[0]
    if len(content) % 4 == 1:
        whole, content = False, content[:-1]
    return binascii.a2b_base64(content + b"=" * (-len(content) % 4)), whole


# --- parameters -------------------------------------------------------------------------------------------


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a header, decoded.

    RFC 2231 (pieces, charset and percent signs) and what mailers write in its place: encoded words inside or
    outside quotes, and bare bytes.
    """
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(value[: LONGEST_HEADER // 8]):
        key, text = found[1].lower(), _unquoted(found[2].strip())
        name, star, rest = key.partition("*")
        if not star:
            plain.setdefault(key, decoded(text))
            continue
        number, encoded = rest.removesuffix("*"), rest.endswith("*") or not rest
        if not number or (number.isascii() and number.isdigit() and len(number) < 4):
            pieces.setdefault(name, {}).setdefault(int(number or 0), (text, encoded))
    for name, numbered in pieces.items():
        plain[name] = _joined([numbered[number] for number in sorted(numbered)]) or plain.get(name, "")
    return plain


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
    return text


def _joined(pieces: list[tuple[str, bool]]) -> str:
    charset, raw = "utf-8", b""
    for number, (text, encoded) in enumerate(pieces):
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        data = text.encode("utf-8")
        raw += _percent(data) if encoded else data
    return decoded(text_of(raw, charset))


def _percent(data: bytes) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)


def _finding(rule: str, file: str, **facts: str | int) -> Finding:
    return Finding(rule=f"mail.{rule}", place=Place(file=file), facts={"file": file, **facts})
