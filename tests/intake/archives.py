"""Zip archives made byte by byte, so that they can be wrong in exactly one way."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from dataclasses import dataclass, replace

STORED, DEFLATED, DEFLATE64, BZIP2, LZMA, AES = 0, 8, 9, 12, 14, 99


@dataclass(frozen=True)
class Entry:
    """An entry as it is to be written; None means what is true."""

    name: bytes
    data: bytes = b""
    method: int = DEFLATED
    flags: int = 0
    local_name: bytes | None = None
    claimed_size: int | None = None
    claimed_packed: int | None = None
    crc: int | None = None
    extra: bytes = b""
    mode: int = 0
    made_by: int = 0
    offset: int | None = None
    descriptor: bool = False
    wide: bool = False


def packed(entry: Entry) -> bytes:
    match entry.method:
        case 8:
            squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
            return squeezer.compress(entry.data) + squeezer.flush()
        case 12:
            return bz2.compress(entry.data)
        case 14:
            alone = lzma.compress(entry.data, lzma.FORMAT_ALONE)
            return b"\x09\x04\x05\x00" + alone[:5] + alone[13:]
        case _:
            return entry.data


def archive(*entries: Entry, comment: bytes = b"", prefix: bytes = b"", count: int | None = None) -> bytes:
    body, directory = bytearray(prefix), bytearray()
    for entry in entries:
        content = packed(entry)
        size = len(entry.data) if entry.claimed_size is None else entry.claimed_size
        length = len(content) if entry.claimed_packed is None else entry.claimed_packed
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        flags = entry.flags | (8 if entry.descriptor else 0)
        offset = len(body) - len(prefix) if entry.offset is None else entry.offset
        local_name = entry.name if entry.local_name is None else entry.local_name
        known = (0, 0, 0) if entry.descriptor else (crc, length & 0xFFFFFFFF, size & 0xFFFFFFFF)
        if entry.offset is None:
            body += struct.pack(
                "<4s5H3I2H", b"PK\3\4", 20, flags, entry.method, 0, 33, *known, len(local_name), 0
            )
            body += local_name + content
            if entry.descriptor:
                body += struct.pack("<4s3I", b"PK\7\x08", crc, length, size)
        extra = entry.extra
        numbers = (length, size, offset)
        if entry.wide:
            extra += struct.pack("<2H3Q", 1, 24, size, length, offset)
            numbers = (0xFFFFFFFF,) * 3
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20 | entry.made_by << 8, 20, flags, entry.method, 0, 33, crc,
            numbers[0], numbers[1], len(entry.name), len(extra), 0, 0, 0, entry.mode << 16, numbers[2],
        )  # fmt: skip
        directory += entry.name + extra
    number = len(entries) if count is None else count
    end = struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, number, number, len(directory), len(body) - len(prefix), len(comment)
    )
    return bytes(body + directory) + end + comment


def zipped(files: dict[str, bytes], *, encoding: str = "utf-8", method: int = DEFLATED) -> bytes:
    """An ordinary archive; `encoding` is what the names are in, without a flag that says so."""
    return archive(*(Entry(name.encode(encoding), data, method) for name, data in files.items()))


def phone_zip(files: dict[str, bytes]) -> bytes:
    """As phones and WPS write: sizes after the data."""
    return archive(
        *(Entry(name.encode(), data, flags=0x800, descriptor=True) for name, data in files.items())
    )


def wide_zip(files: dict[str, bytes]) -> bytes:
    """As zip64, with its own end record."""
    plain = archive(*(Entry(name.encode(), data, wide=True) for name, data in files.items()))
    end = plain.rindex(b"PK\5\6")
    _s, _d, _f, _h, count, size, offset, _c = struct.unpack_from("<4s4H2IH", plain, end)
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:end] + record + locator + last


def unicode_path(raw: bytes, name: str) -> bytes:
    """The extra field by which Info-ZIP gives the name in UTF-8."""
    content = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<2H", 0x7075, len(content)) + content


def bomb(size: int = 60_000_000) -> bytes:
    return archive(Entry(b"zeros.bin", bytes(size)))


def lying(size: int = 40_000_000, claimed: int = 10) -> bytes:
    return archive(Entry(b"form.docx", bytes(size), claimed_size=claimed))


def overlapping(copies: int = 30) -> bytes:
    """Many lines of the directory for one and the same data."""
    first = Entry(b"a.txt", b"x" * 1000)
    return archive(first, *(replace(first, offset=0) for _copy in range(copies)))
