"""Pictures that come as files of their own: what cameras and phones make, and what only looks like a picture."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

from PIL import Image, PngImagePlugin

from tests.corpus.entries import read, refused

HEIC = struct.pack(">L", 24) + b"ftypheic" + struct.pack(">L", 0) + b"mif1heic" + bytes(200)


@cache
def jpeg(width: int = 640, height: int = 480, colour: str = "navy", mode: str = "RGB", **options) -> bytes:
    picture = Image.new("RGB", (width, height), colour).convert(mode)
    picture.save(target := io.BytesIO(), options.pop("format", "JPEG"), **options)
    return target.getvalue()


@cache
def noise(seed: int) -> bytes:
    """A picture of two megapixels and two megabytes, different for each seed."""
    grain = Image.effect_noise((2000, 1500), 60 + seed).convert("RGB")
    shade = Image.linear_gradient("L").rotate(90 * seed).resize(grain.size).convert("RGB")
    Image.blend(grain, shade, 0.5).save(target := io.BytesIO(), "JPEG", quality=98)
    return target.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def enormous(width: int = 20_000, height: int = 20_000) -> bytes:
    """A white picture of one bit a pixel: 400 megapixels in 50 kB."""
    line = b"\0" + b"\xff" * -(-width // 8)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(line * 100) for _block in range(height // 100)) + packer.compress(
        line * (height % 100)
    )
    return png(width, height, rows + packer.flush())


def png(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def pixel_bomb() -> bytes:
    """It claims four pixels and unpacks to 100 MB."""
    packer = zlib.compressobj(9)
    return png(2, 2, b"".join(packer.compress(bytes(1 << 20)) for _part in range(100)) + packer.flush())


def text_bomb() -> bytes:
    """A comment that unpacks to 100 MB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(b"a" * (1 << 20)) for _part in range(100)) + packer.flush()
    whole = enormous(40, 30)
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + text) + whole[33:]


def with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "样例相机")
    Image.new("RGB", (64, 48)).save(target := io.BytesIO(), "PNG", pnginfo=info)
    return target.getvalue()


def winding_tiff() -> bytes:
    """A directory that names itself as the next one."""
    tags = b"".join(
        struct.pack("<2HLL", tag, 4, 1, value)
        for tag, value in ((256, 8), (257, 8), (258, 8), (259, 1), (262, 1), (273, 8), (278, 8), (279, 64))
    )
    return b"II*\0" + struct.pack("<LH", 8, 8) + tags + struct.pack("<L", 8) + bytes(64)


def large_bmp() -> bytes:
    """A head that claims a million times a million pixels."""
    return (
        b"BM"
        + struct.pack("<LHHLLllHHLLllLL", 62, 0, 0, 54, 40, 1_000_000, 1_000_000, 1, 24, 0, 0, 0, 0, 0, 0)
        + b"\0" * 8
    )


ENTRIES = [
    read("accept", "photo.jpg", jpeg, {}, pictures=["JPEG"]),
    read("accept", "progressive-cmyk.jpg", lambda: jpeg(mode="CMYK", progressive=True), {}, pictures=["JPEG"]),
    read("accept", "screenshot.png", with_text, {}, pictures=["PNG"]),
    read("accept", "named-png-but-jpeg.png", jpeg, {}, pictures=["JPEG"]),
    read("accept", "scan.tif", lambda: jpeg(format="TIFF", compression="tiff_lzw"), {}, pictures=["TIFF"]),
    read("accept", "phone.webp", lambda: jpeg(format="WEBP"), {}, pictures=["WEBP"]),
    read("accept", "padded-to-two-megabytes.jpg", lambda: jpeg(100, 100) + bytes(2_000_000), {}, pictures=["JPEG"],
         hostile=True),
    read("accept", "page-behind-the-picture.jpg", lambda: jpeg() + b"<html><script>alert(1)</script></html>", {},
         pictures=["JPEG"], hostile=True),
    read("reject", "iphone.heic", lambda: HEIC, {}, pictures=["pictures.kind"]),
    read("reject", "cut-off.jpg", lambda: jpeg(1600, 1200)[:-2000], {}, pictures=["pictures.damaged"]),
    read("reject", "no-picture.jpg", lambda: b"\xff\xd8\xff\xe0" + b"<html></html>" * 9, {},
         pictures=["pictures.damaged"],
         hostile=True),
    read("reject", "four-hundred-megapixels.png", enormous, {}, "pictures.enormous", pictures=["pictures.enormous"],
         hostile=True),
    read("reject", "million-times-a-million.bmp", large_bmp, {}, "pictures.enormous", pictures=["pictures.enormous"],
         hostile=True),
    read("accept", "unpacks-to-more-than-it-shows.png", pixel_bomb, {}, pictures=["PNG"], hostile=True),
    read("reject", "comment-of-a-hundred-megabytes.png", text_bomb, {}, pictures=["pictures.damaged"], hostile=True),
    read("accept", "winding-directory.tif", winding_tiff, {}, pictures=["TIFF"], hostile=True),
    refused("drawing.svg", lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
            ""),
]  # fmt: skip
