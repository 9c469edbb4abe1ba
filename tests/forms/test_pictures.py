"""Pictures as facts: what is measured, and what hostile bytes are told."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from xinzhi.forms.checks.material import UPSCALED, distance
from xinzhi.forms.document import Picture
from xinzhi.forms.files.pictures import dhash, facts
from xinzhi.forms.places import Place


def scene(width: int, height: int, seed: int = 1) -> Image.Image:
    """A picture with detail at every scale."""
    noise = np.random.default_rng(seed)
    image = np.zeros((height, width, 3))
    for scale in (2, 8, 32, 128):
        coarse = noise.uniform(0, 255, (height // scale + 1, width // scale + 1, 3))
        image += np.kron(coarse, np.ones((scale, scale, 1)))[:height, :width] / 4
    return Image.fromarray(image.astype(np.uint8))


def encoded(image: Image.Image, format: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def told(data: bytes):
    return facts(Picture("a.jpg", data, Place(), caption="图1 厂区"))


SCENE = scene(1200, 900)
JPEG = encoded(SCENE, quality=90)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"])
def test_a_picture_is_measured(format):
    found = told(encoded(SCENE, format))
    assert (found.format, found.width, found.height, found.fault) == (format, 1200, 900, "")
    assert found.caption == "图1 厂区"


def test_a_truncated_picture_is_damaged_although_its_head_is_sound():
    assert told(JPEG[: len(JPEG) // 2]).fault == "pictures.damaged"


@pytest.mark.parametrize("data", [b"", b"not a picture", b"%PDF-1.7", b"<svg/>"])
def test_what_is_no_picture_is_said(data):
    assert told(data).fault == "pictures.kind"


def test_a_picture_of_400_megapixels_in_few_bytes_is_not_decoded():
    """A PNG of 20,000 x 20,000 grey pixels whose head alone is read."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )
    found = told(data)
    assert (found.fault, found.width, found.height) == ("pictures.enormous", 20_000, 20_000)


@pytest.mark.parametrize("quality", [60, 75, 95])
def test_detail_tells_an_enlarged_picture(quality):
    large = scene(2400, 1800)
    enlarged = scene(600, 450).resize((2400, 1800), Image.Resampling.BICUBIC)
    assert told(encoded(large, quality=quality)).detail > 2 * UPSCALED
    assert told(encoded(enlarged, quality=quality)).detail < UPSCALED


def test_the_fingerprint_survives_scaling_and_compression_but_not_another_picture():
    one = dhash(SCENE)
    again = dhash(Image.open(io.BytesIO(encoded(SCENE.resize((600, 450)), quality=40))))
    assert distance(one, again) <= 4
    assert distance(one, dhash(scene(1200, 900, seed=2))) > 12
