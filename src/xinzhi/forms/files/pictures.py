"""Pictures as facts: format, pixels, fingerprint, detail. A picture is decoded here, so only in the limited child."""

from __future__ import annotations

import hashlib
import io
import warnings

from PIL import Image, ImageChops, ImageFile, ImageOps, ImageStat, UnidentifiedImageError

from xinzhi.forms.document import Picture
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding, PictureFacts
from xinzhi.forms.refusals import HostileFile, UnreadableFile

MOST_PIXELS = 120_000_000
"""A picture with more is not decoded: 108 megapixels is what the largest phone cameras give."""

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF")
"""Formats that are decoded; others are named by their kind and left alone."""

SHOWN_SIDE = 1600  # pixels

_ENOUGH = 600  # pixels; side of what a fingerprint is taken of
_SIDE = 256  # pixels; side of the grey square on which detail is measured


def facts(picture: Picture) -> PictureFacts:
    """Return what is known of a picture after decoding all of it.

    Parameters
    ----------
    picture : Picture
        With its bytes.

    Returns
    -------
    PictureFacts
        `fault` is ``pictures.damaged`` when it breaks off or does not decode, ``pictures.enormous`` above
        :data:`MOST_PIXELS`, ``pictures.kind`` for another kind of file; width and height are then 0 where
        unknown. `dhash` is the 64-bit difference hash as 16 hexadecimal digits; `detail` tells a photograph
        (0.2 and more) from an enlarged picture (near 0).
    """
    found = PictureFacts(
        name=picture.name,
        bytes=len(picture.data),
        sha256=hashlib.sha256(picture.data).hexdigest(),
        caption=picture.caption,
        place=picture.place,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is measured here anyway
            return found.model_copy(update=_decoded(picture.data))
    except Exception:  # decoders raise whatever they like on hostile bytes
        return found.model_copy(update={"fault": "pictures.damaged"})


def _decoded(data: bytes) -> dict[str, object]:
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # judged below, before anything is decoded
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        return {"fault": "pictures.kind"}
    with image:
        width, height = image.size
        found: dict[str, object] = {"format": image.format or "", "width": width, "height": height}
        if width * height > MOST_PIXELS:
            return found | {"fault": "pictures.enormous"}
        image.draft(
            "L", image.size
        )  # of a JPEG brightness alone: every bit is decoded, and it takes a third less
        image.load()
        grey = image.convert("L")
        return found | {"dhash": dhash(grey), "detail": _detail(grey)}


def shown(data: bytes) -> bytes:
    """Return a picture as it may be shown to others: upright, no side above :data:`SHOWN_SIDE`, a new JPEG.

    Nothing that the file said beside its pixels is left: no place, no device, no author, no thumbnail.

    Raises
    ------
    HostileFile, UnreadableFile
        If it does not decode, has too many pixels or is of another kind.
    """
    found = facts(Picture(name="", data=data, place=Place()))
    if found.fault:
        kind = HostileFile if found.fault == "pictures.enormous" else UnreadableFile
        raise kind(Finding(rule=found.fault, facts={"name": found.name}))
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        image.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
        image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    plain = Image.new("RGB", upright.size)
    plain.paste(upright)
    file = io.BytesIO()
    plain.save(file, "JPEG", quality=85)
    return file.getvalue()


def dhash(image: Image.Image) -> str:
    """Return the difference hash of a picture: whether each of 8 x 8 places is brighter than its right neighbour."""
    grey = image.convert("L")
    if (fewer := max(grey.size) // _ENOUGH) > 1:  # every so many pixels say as much as all of them
        grey = grey.resize((grey.width // fewer, grey.height // fewer), Image.Resampling.NEAREST)
    small = grey.resize((9, 8), Image.Resampling.BOX)
    pixels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (pixels[9 * row + column] > pixels[9 * row + column + 1])
    return f"{bits:016x}"


def _detail(grey: Image.Image) -> float:
    """Return how much of what reducing the picture to a thirty-second would lose, a half loses already.

    A photograph has structure at every scale; one that was enlarged fourfold has none below four pixels but
    what the compression left. Measured on the middle; 1 where that is plain or the picture small.
    """
    width, height = grey.size
    if min(width, height) < 2 * _SIDE:
        return 1.0
    left, top = (width - _SIDE) // 2, (height - _SIDE) // 2
    middle = grey.crop((left, top, left + _SIDE, top + _SIDE))
    coarse = _loss(middle, 32)
    return round(_loss(middle, 2) / coarse, 4) if coarse > 1 else 1.0


def _loss(image: Image.Image, factor: int) -> float:
    """Mean absolute difference between a square picture and itself reduced and enlarged again, in grey levels."""
    small = image.resize((_SIDE // factor, _SIDE // factor), Image.Resampling.BOX)
    again = small.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    return float(ImageStat.Stat(ImageChops.difference(image, again)).mean[0])
