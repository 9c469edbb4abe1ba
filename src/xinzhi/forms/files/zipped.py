"""The directory of a ZIP file, and its members one by one, within limits that are known before anything is unpacked.

The standard library believes what the directory says: it accepts members that overlap, takes the last of two of
one name, and unpacks what a size field did not announce. Here the directory is only a claim that is checked.
Data descriptors (sizes after the data, as phones and WPS write them) are ordinary.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import HostileFile, UnreadableFile

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_IN_EXTRA_16, _IN_EXTRA_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64 = 1
_ENCRYPTED, _UTF8 = 0x1, 0x800
_STORED, _DEFLATED = 0, 8
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the directory describes it; `packed` and `size` are claims."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int

    @property
    def text(self) -> str:
        """The name; of a document always plain ASCII."""
        return self.name.decode("utf-8" if self.flags & _UTF8 else "cp437", "replace")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may claim, in bytes.

    `ratio` is judged from `small` on, since short repetitive parts pack better. A scanned white page packs 200 to 1,
    zeros 1,000 to 1.
    """

    entries: int = 3000
    part: int = 64 * _MEGABYTE
    total: int = 160 * _MEGABYTE
    ratio: int = 400
    small: int = 4 * _MEGABYTE


def members_of(data: bytes, *, most: int) -> list[Member]:
    """Read the directory.

    Parameters
    ----------
    data : bytes
        The file.
    most : int
        Greatest number of entries.

    Raises
    ------
    UnreadableFile
        If it is cut off or damaged (``files.damaged``).
    HostileFile
        If it has more entries (``files.entries``).
    """
    try:
        return _directory(data, most)
    except struct.error as error:
        raise damaged() from error


def check_members(data: bytes, members: list[Member], limits: Limits) -> None:
    """Check the claims of the directory against each other and against the limits.

    Raises
    ------
    HostileFile
        For names that are absolute, climb or come twice, members that overlap, sizes and ratios beyond the
        limits.
    UnreadableFile
        If members are locked with a password, or lie outside the file.
    """
    seen = set()
    for member in members:
        name = member.text.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
            raise hostile("name", part=name)
        if name.lower() in seen:
            raise hostile("duplicate", part=name)
        seen.add(name.lower())
        if member.flags & _ENCRYPTED:
            raise UnreadableFile(Finding(rule="files.encrypted"))
        if member.size > limits.part:
            raise hostile(
                "part_size", part=name, size=member.size // _MEGABYTE, most=limits.part // _MEGABYTE
            )
        if member.size > limits.small and member.size > limits.ratio * member.packed:
            raise hostile("ratio", part=name, ratio=member.size // max(member.packed, 1))
    total = sum(member.size for member in members)
    if total > limits.total:
        raise hostile("unpacked_size", size=total // _MEGABYTE, most=limits.total // _MEGABYTE)
    _check_apart(data, members)


def inflate(data: bytes, member: Member) -> bytes:
    """Unpack one member; never more than it announces is held.

    Raises
    ------
    HostileFile
        If it holds more than its size field says (``files.lying_size``).
    UnreadableFile
        If it is cut off, damaged or packed by a method that Office does not use.
    """
    start = _start(data, member)
    packed = data[start : start + member.packed]
    if len(packed) < member.packed:
        raise damaged(member.text)
    if member.method == _STORED:
        content, more = packed[: member.size], len(packed) > member.size
    elif member.method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = unpacker.decompress(packed, member.size + 1)
        except zlib.error as error:
            raise damaged(member.text) from error
        more = len(content) > member.size
    else:
        raise damaged(member.text)
    if more:
        raise hostile("lying_size", part=member.text)
    if len(content) < member.size or zlib.crc32(content) != member.crc:
        raise damaged(member.text)
    return content


def damaged(part: str = "") -> UnreadableFile:
    """Return the refusal of a damaged file; `part` is what could not be read, blank for the file itself."""
    return UnreadableFile(
        Finding(rule="files.damaged_part", facts={"part": _shown(part)})
        if part
        else Finding(rule="files.damaged")
    )


def hostile(rule: str, **facts: str | int) -> HostileFile:
    """Return the refusal of a hostile file by a rule of ``files.toml``."""
    shown = {name: _shown(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    return HostileFile(Finding(rule=f"files.{rule}", facts=shown))


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name[:80])


def _directory(data: bytes, most: int) -> list[Member]:
    end = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - _LONGEST_COMMENT))
    if end < 0:
        raise damaged()
    _sign, _disk, _start_disk, _here, count, length, offset, _comment = _END.unpack_from(data, end)
    if count == _IN_EXTRA_16 or _IN_EXTRA_32 in (length, offset):
        count, length, offset, end = _end_64(data, end)
    first = end - length
    if count > most:
        raise hostile("entries", entries=count, most=most)
    if first < 0 or offset > first:
        raise damaged()
    found: list[Member] = []
    position, moved = first, first - offset  # something may stand before the archive
    while position < end:
        if len(found) == most:
            raise hostile("entries", entries=most + 1, most=most)
        member, position = _entry(data, position, moved)
        found.append(member)
    if position != end or len(found) != count:
        raise damaged()
    return found


def _end_64(data: bytes, end: int) -> tuple[int, int, int, int]:
    sign, _disk, place, _disks = _LOCATOR_64.unpack_from(data, end - _LOCATOR_64.size)
    if sign != b"PK\6\7":
        raise damaged()
    record = _END_64.unpack_from(data, place)
    if record[0] != b"PK\6\6":
        raise damaged()
    return record[7], record[8], record[9], place


def _entry(data: bytes, position: int, moved: int) -> tuple[Member, int]:
    fields = _ENTRY.unpack_from(data, position)
    sign, flags, method, crc = fields[0], fields[3], fields[4], fields[7]
    packed, size, name_length, extra_length, comment_length = fields[8:13]
    header = fields[16]
    if sign != b"PK\1\2":
        raise damaged()
    name_at = position + _ENTRY.size
    extra_at = name_at + name_length
    after = extra_at + extra_length + comment_length
    if after > len(data):
        raise damaged()
    if _IN_EXTRA_32 in (size, packed, header):
        size, packed, header = _sizes_64(data[extra_at : extra_at + extra_length], size, packed, header)
    member = Member(data[name_at:extra_at], flags, method, crc, packed, size, header + moved)
    return member, after


def _sizes_64(extra: bytes, *claims: int) -> list[int]:
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == _ZIP64:
            long = list(struct.unpack_from(f"<{length // 8}Q", extra, position + 4))
            try:
                return [long.pop(0) if claim == _IN_EXTRA_32 else claim for claim in claims]
            except IndexError as error:
                raise damaged() from error
        position += 4 + length
    return list(claims)


def _start(data: bytes, member: Member) -> int:
    try:
        fields = _LOCAL.unpack_from(data, member.header)
    except struct.error as error:
        raise damaged(member.text) from error
    name_at = member.header + _LOCAL.size
    if fields[0] != b"PK\3\4" or data[name_at : name_at + fields[9]] != member.name:
        raise damaged(member.text)
    return int(name_at + fields[9] + fields[10])


def _check_apart(data: bytes, members: list[Member]) -> None:
    ordered = sorted(members, key=lambda member: member.header)
    for one, next_one in pairwise(ordered):
        if _start(data, one) + one.packed > next_one.header:
            raise hostile("overlap", part=next_one.text)
    if ordered and _start(data, ordered[-1]) + ordered[-1].packed > len(data):
        raise damaged(ordered[-1].text)
