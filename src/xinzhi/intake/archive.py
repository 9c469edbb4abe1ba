"""Zip archives opened under guard: what a directory claims is checked before a byte of it is unpacked.

The standard library takes overlapping entries, returns the last of two of one name and unpacks some methods
without bound; so the directory is read here. Nothing is ever written under a name that an archive brings.
"""

from __future__ import annotations

import bz2
import lzma
import mmap
import stat
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import HostileFile, UnreadableFile
from xinzhi.intake.encodings import guessed
from xinzhi.intake.vocabulary import vocabulary

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may cost, with everything nested in it: entries, bytes, ratio, levels.

    An entry of at least `ratio_from` bytes may be at most `ratio` times as large as it is packed; smaller ones
    cost too little to matter.
    """

    entries: int = 500
    single: int = 100_000_000
    total: int = 500_000_000
    ratio: int = 200
    ratio_from: int = 10_000_000
    depth: int = 1


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive; `data` is None where it was not unpacked, and `findings` say why."""

    name: str
    data: bytes | None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Archive:
    """An opened archive: findings about the whole of it, and its members one at a time.

    Attributes
    ----------
    findings : tuple of Finding
        What the directory shows: system files left out, names that come twice, nothing inside.
    """

    data: Bytes
    name: str
    entries: tuple[_Entry, ...]
    findings: tuple[Finding, ...]
    limits: Limits = LIMITS
    depth: int = 0
    spent: Spent = field(default_factory=lambda: Spent())

    def members(self) -> Iterator[Member]:
        """Yield the members, those of an archive inside this one in its place.

        One member is in memory at a time.

        Raises
        ------
        HostileFile
            When an entry turns out to be other than it claims, or the limits are reached.
        """
        for entry in self.entries:
            path = f"{self.name}/{entry.name}" if self.name else entry.name
            refusal = entry.refusal(path, self.limits)
            if refusal:
                yield Member(path, None, (*entry.findings(path), refusal))
                continue
            data = self._unpacked(entry, path)
            if data is None:
                yield Member(path, None, (*entry.findings(path), _finding("damaged_member", path)))
            elif is_archive(data):
                yield from self._nested(path, data, entry.findings(path))
            else:
                yield Member(path, data, entry.findings(path))

    def _unpacked(self, entry: _Entry, path: str) -> bytes | None:
        packed = self.data[entry.start : entry.start + entry.packed]
        try:
            data = _DECODERS[entry.method](packed, entry.size + 1)
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
            return None
        if len(data) > entry.size:
            raise HostileFile(_finding("lying_size", path, declared=entry.size))
        self.spent.take(len(data), path, self.limits)
        return data if len(data) == entry.size and zlib.crc32(data) == entry.crc else None

    def _nested(self, path: str, data: bytes, findings: tuple[Finding, ...]) -> Iterator[Member]:
        if self.depth >= self.limits.depth:
            yield Member(path, None, (*findings, _finding("too_deep", path)))
            return
        try:
            inner = open_archive(data, path, limits=self.limits, depth=self.depth + 1, spent=self.spent)
        except UnreadableFile as refusal:
            yield Member(path, None, (*findings, refusal.finding))
            return
        if findings or inner.findings:
            yield Member(path, None, (*findings, *inner.findings))
        yield from inner.members()


@dataclass(slots=True)
class Spent:
    """What an archive and all in it have cost so far."""

    entries: int = 0
    size: int = 0

    def enter(self, count: int, path: str, limits: Limits) -> None:
        """Count the entries of an archive, or refuse it."""
        self.entries += count
        if self.entries > limits.entries:
            raise HostileFile(_finding("too_many_entries", path, limit=limits.entries))

    def take(self, size: int, path: str, limits: Limits) -> None:
        """Count the bytes of a member, or refuse the archive."""
        self.size += size
        if self.size > limits.total:
            raise HostileFile(_finding("too_large", path, limit=limits.total // 1_000_000))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the directory; `start` and `header` are where its data and its own header begin."""

    name: str
    written: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int
    start: int
    mode: int
    renamed: bool

    def refusal(self, path: str, limits: Limits) -> Finding | None:
        """Return why the entry is not unpacked."""
        if self.flags & _LOCKED or self.method == _AES:
            return _finding("encrypted", path)
        if stat.S_ISLNK(self.mode):
            return _finding("link", path)
        if self.method not in _DECODERS:
            return _finding("method", path, method=self.method)
        if self.size > limits.single:
            return _finding("member_too_large", path, limit=limits.single // 1_000_000)
        return None

    def findings(self, path: str) -> tuple[Finding, ...]:
        """Return what is odd about the entry, and harmless."""
        found = []
        if self.written != self.name:
            found.append(_finding("name_changed", path, written=_visible(self.written)))
        if self.renamed:
            found.append(_finding("two_names", path))
        return tuple(found)


# --- opening ----------------------------------------------------------------------------------------------


def is_archive(data: Bytes) -> bool:
    """Tell whether bytes are a zip of files, rather than an Office document, which is a zip too."""
    from xinzhi.forms.files.formats import kind_of

    return kind_of(bytes(data) if isinstance(data, mmap.mmap) else data) == "zip"


def open_archive(
    data: bytes | Path,
    name: str = "",
    *,
    limits: Limits = LIMITS,
    depth: int = 0,
    spent: Spent | None = None,
) -> Archive:
    """Open a zip archive, after its directory has been checked as a whole.

    Parameters
    ----------
    data : bytes or Path
        The archive; a file is mapped, not loaded.
    name : str
        What findings call it, and what stands before the names of its members.
    limits : Limits
        What it may cost.
    depth, spent
        Of an archive inside another one.

    Raises
    ------
    HostileFile
        Too many entries, too large, packed too well, entries that share bytes, names that climb out of a folder.
    UnreadableFile
        Cut off, damaged, or one volume of several.
    """
    content = data if isinstance(data, bytes) else _mapped(data)
    spent = spent or Spent()
    count, begin, end, shift = _directory(content, name)
    spent.enter(count, name, limits)
    entries = tuple(_entries(content, begin, end, shift, count, name))
    _require_apart(entries, begin, name)
    _require_plausible(entries, spent, name, limits)
    for entry in entries:
        if ".." in entry.written.replace("\\", "/").split("/"):
            raise HostileFile(_finding("parent_name", name, name=_visible(entry.written)))
    files = [entry for entry in entries if not entry.written.endswith(("/", "\\"))]
    wanted = [entry for entry in files if not _is_junk(entry.name)]
    findings = []
    if junk := len(files) - len(wanted):
        findings.append(_finding("junk", name, count=junk))
    if not wanted:
        findings.append(_finding("empty", name))
    named, twice = _told_apart(wanted)
    findings += [_finding("same_name", name, name=each, count=times) for each, times in twice.items()]
    return Archive(content, name, named, tuple(findings), limits, depth, spent)


def _mapped(path: Path) -> Bytes:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""


def _directory(data: Bytes, name: str) -> tuple[int, int, int, int]:
    """Return the number of entries, where the directory begins and ends, and the bytes before the archive."""
    place = _end_record(data, name)
    disk, first_disk, here, count, size, offset = struct.unpack_from("<4H2I", data, place + 4)
    locator = place - 20
    if locator >= 0 and data[locator : locator + 4] == b"PK\x06\x07":
        wide = struct.unpack_from("<Q", data, locator + 8)[0]
        # The record lies right before its locator, wherever a prefix has moved it.
        for at in (locator - 56, wide):
            if 0 <= at <= locator - 56 and data[at : at + 4] == b"PK\x06\x06":
                disk, first_disk, here, count, size, offset = struct.unpack_from("<2I4Q", data, at + 16)
                place = at
                break
        else:
            raise UnreadableFile(_finding("damaged", name))
    if disk or first_disk or here != count:
        raise UnreadableFile(_finding("split", name))
    begin = place - size
    if begin < 0 or offset > begin:
        raise UnreadableFile(_finding("damaged", name))
    return count, begin, place, begin - offset


def _end_record(data: Bytes, name: str) -> int:
    end = len(data)
    least = max(0, end - 22 - 0xFFFF)
    loose, place = -1, end
    while (place := data.rfind(b"PK\x05\x06", least, place)) >= 0:
        if place + 22 <= end:
            comment = struct.unpack_from("<H", data, place + 20)[0]
            if place + 22 + comment == end:
                return place
            if place + 22 + comment < end and loose < 0:
                loose = place  # some gateways append bytes
    if loose < 0:
        raise UnreadableFile(_finding("truncated", name))
    return loose


def _entries(data: Bytes, place: int, end: int, shift: int, count: int, name: str) -> Iterator[_Entry]:
    for _number in range(count):
        if place + 46 > end or data[place : place + 4] != b"PK\x01\x02":
            raise UnreadableFile(_finding("damaged", name))
        fields = struct.unpack_from("<6H3I5H2I", data, place + 4)
        made, _need, flags, method, _time, _date, crc, packed, size = fields[:9]
        name_length, extra_length, comment_length, disk, _inner, outer, header = fields[9:]
        raw = data[place + 46 : place + 46 + name_length]
        after = place + 46 + name_length
        extra = dict(_extra(data[after : after + extra_length]))
        if 1 in extra:
            size, packed, header = _wide(extra[1], size, packed, header, name)
        place = after + extra_length + comment_length
        start, renamed, local_flags = _local(data, header + shift, raw, name)
        if disk or place > end or start + packed > len(data):
            raise UnreadableFile(_finding("damaged", name))
        written = _decoded(raw, flags, extra.get(0x7075, b""))
        mode = outer >> 16 if made >> 8 in (3, 19) else 0
        yield _Entry(
            _trimmed(written), written, flags | (local_flags & 1), method, crc, packed, size, header + shift,
            start, mode, renamed,
        )  # fmt: skip
    if place != end:
        raise UnreadableFile(_finding("damaged", name))


def _local(data: Bytes, header: int, raw: bytes, name: str) -> tuple[int, bool, int]:
    """Return where the data of an entry begins, whether its own header calls it otherwise, and its flags."""
    if header + 30 > len(data) or data[header : header + 4] != b"PK\x03\x04":
        raise UnreadableFile(_finding("damaged", name))
    flags = struct.unpack_from("<H", data, header + 6)[0]
    name_length, extra_length = struct.unpack_from("<2H", data, header + 26)
    own = data[header + 30 : header + 30 + name_length]
    return header + 30 + name_length + extra_length, own != raw, flags


def _extra(block: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(block):
        id, length = struct.unpack_from("<2H", block, place)
        yield id, block[place + 4 : place + 4 + length]
        place += 4 + length


def _wide(block: bytes, size: int, packed: int, header: int, name: str) -> tuple[int, int, int]:
    """Return the three numbers, those that do not fit 32 bits from the zip64 field."""
    numbers = iter(struct.unpack(f"<{len(block) // 8}Q", block[: len(block) // 8 * 8]))
    try:
        return (
            next(numbers) if size == 0xFFFFFFFF else size,
            next(numbers) if packed == 0xFFFFFFFF else packed,
            next(numbers) if header == 0xFFFFFFFF else header,
        )
    except StopIteration:
        raise UnreadableFile(_finding("damaged", name)) from None


# --- guards -----------------------------------------------------------------------------------------------


def _require_apart(entries: tuple[_Entry, ...], directory: int, name: str) -> None:
    """Refuse entries that share bytes with each other or with the directory."""
    spans = sorted((entry.header, entry.start + entry.packed) for entry in entries)
    spans.append((directory, directory))
    for (_begin, end), (begin, _end) in pairwise(spans):
        if begin < end:
            raise HostileFile(_finding("overlap", name))


def _require_plausible(entries: tuple[_Entry, ...], spent: Spent, name: str, limits: Limits) -> None:
    """Refuse what is packed too well or claims more than the limits before anything is unpacked."""
    for entry in entries:
        if entry.size >= limits.ratio_from and entry.size > limits.ratio * max(entry.packed, 1):
            path = f"{name}/{entry.name}" if name else entry.name
            raise HostileFile(_finding("ratio", path, limit=limits.ratio))
    claimed = sum(entry.size for entry in entries if entry.size <= limits.single)
    if spent.size + claimed > limits.total:
        raise HostileFile(_finding("too_large", name, limit=limits.total // 1_000_000))


def _told_apart(entries: list[_Entry]) -> tuple[tuple[_Entry, ...], dict[str, int]]:
    """Number the entries of one name from the second on; return them all, and how often a name comes."""
    times = Counter(entry.name for entry in entries)
    taken, named = set(times), []
    met: Counter[str] = Counter()
    for entry in entries:
        met[entry.name] += 1
        if (number := met[entry.name]) > 1:
            path = PurePosixPath(entry.name)
            while (name := str(path.with_name(f"{path.stem} ({number}){path.suffix}"))) in taken:
                number += 1
            taken.add(name)
            entry = replace(entry, name=name, written=name)
        named.append(entry)
    return tuple(named), {name: count for name, count in times.items() if count > 1}


# --- names ------------------------------------------------------------------------------------------------


def _decoded(raw: bytes, flags: int, unicode_path: bytes) -> str:
    """Decode a name: its Unicode field, UTF-8 where it says so, UTF-8 or GB 18030, code page 437."""
    if unicode_path[:1] == b"\x01" and unicode_path[1:5] == struct.pack("<I", zlib.crc32(raw)):
        raw, flags = unicode_path[5:], _UTF8
    if flags & _UTF8:
        with suppress(UnicodeDecodeError):
            return raw.decode("utf-8")
    text = guessed(raw)
    return text if "\ufffd" not in text else raw.decode("cp437")


def _trimmed(written: str) -> str:
    """Return a name as a relative path of visible characters."""
    path = written.replace("\\", "/")
    if path[1:2] == ":":
        path = path[2:]
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return _visible("/".join(parts)) or "-"


def _visible(text: str) -> str:
    """Return a text without controls and without the signs that turn the direction of writing."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def _is_junk(name: str) -> bool:
    words = vocabulary().archives
    *folders, last = name.split("/")
    return (
        last.casefold() in words.junk_names
        or last.startswith(words.junk_prefixes)
        or any(folder in words.junk_folders for folder in folders)
    )


# --- methods ----------------------------------------------------------------------------------------------

_AES = 99
_UTF8 = 0x800
_LOCKED = 0x41


def _stored(packed: bytes, most: int) -> bytes:
    return packed[:most]


def _deflated(packed: bytes, most: int) -> bytes:
    return zlib.decompressobj(-15).decompress(packed, most)


def _bzip2(packed: bytes, most: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(packed, most)


def _lzma(packed: bytes, most: int) -> bytes:
    """Unpack by way of the .lzma format, which differs only in its header, with a bound on memory."""
    (length,) = struct.unpack_from("<H", packed, 2)
    header = packed[4 : 4 + length] + b"\xff" * 8
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=64_000_000)
    return unpacker.decompress(header + packed[4 + length :], most)


_DECODERS = {0: _stored, 8: _deflated, 12: _bzip2, 14: _lzma}


def _finding(rule: str, file: str, **facts: str | int) -> Finding:
    return Finding(rule=f"package.{rule}", place=Place(file=file), facts={"file": file, **facts})
