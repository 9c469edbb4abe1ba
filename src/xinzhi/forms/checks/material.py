"""Checks of all that one delivery holds: pictures, evidence, the sealed page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from xinzhi.forms.model import CaseForm
from xinzhi.forms.model import Pictures as Wanted
from xinzhi.forms.reading import Finding, PictureFacts, Reading

ALIKE = 4
"""Most places of 64 in which the difference hashes of two near-duplicates differ."""

UPSCALED = 0.09
"""Detail below which a large picture is taken for one enlarged threefold or more."""

PADDED = 3.0
"""Bytes per pixel above which a JPEG holds something other than its picture."""


_NUMBERED = re.compile(
    r"\s*(?:附件|佐证材料|佐证|证明材料)?\s*\(?(?P<number>[0-9]{1,2}|[一二三四五六七八九十])\)?\s*(?:[、.:_-]|\s|$)"
)


def check_material(
    form: CaseForm,
    reading: Reading,
    attached: Sequence[PictureFacts],
    evidence: Sequence[str],
    *,
    seal_scan: bool,
) -> Iterator[Finding]:
    """Yield what is to be said about the material that comes with a case.

    Parameters
    ----------
    form : CaseForm
    reading : Reading
        Of the form; its own pictures are small, since Word shrinks them on saving.
    attached : sequence of PictureFacts
        Pictures that came as files; where there are any, they count and not those in the form.
    evidence : sequence of str
        Names of the evidence files that came.
    seal_scan : bool
        Whether a scan of a sealed page came.
    """
    yield from _pictures(form.pictures, reading, attached)
    yield from _evidence(reading.evidence, evidence)
    if not (reading.sealed or seal_scan):
        yield Finding(rule="material.no_seal")


def _pictures(wanted: Wanted, reading: Reading, attached: Sequence[PictureFacts]) -> Iterator[Finding]:
    counted = attached or [
        picture for picture in reading.pictures if picture.place.table == 0 or not reading.sealed
    ]
    if len(counted) < wanted.fewest:
        yield Finding(
            rule="pictures.few", facts={"count": len(counted), "fewest": wanted.fewest, "most": wanted.most}
        )
    elif len(counted) > wanted.most:
        yield Finding(
            rule="pictures.many", facts={"count": len(counted), "fewest": wanted.fewest, "most": wanted.most}
        )
    for picture in counted:
        yield from check_picture(wanted, picture, embedded=not attached)
    yield from _alike(counted)


def check_picture(wanted: Wanted, picture: PictureFacts, *, embedded: bool) -> Iterator[Finding]:
    """Yield what is to be said about one picture; `embedded` where it lies in a form and did not come as a file."""
    name, place = picture.name, picture.place
    if picture.fault:
        yield Finding(rule=picture.fault, place=place, facts={"name": name})
        return
    size = f"{picture.bytes / 1e6:.2f}"
    if picture.format not in wanted.formats:
        yield Finding(rule="pictures.format", place=place, facts={"name": name, "format": picture.format})
    if picture.bytes < wanted.least_bytes:
        rule = "pictures.shrunk" if embedded else "pictures.small"
        yield Finding(
            rule=rule,
            place=place,
            facts={"name": name, "size": size, "least": f"{wanted.least_bytes / 1e6:g}"},
        )
    pixels = picture.width * picture.height
    if pixels < wanted.least_pixels and not embedded:
        facts = {"name": name, "width": picture.width, "height": picture.height, "size": size}
        padded = picture.format == "JPEG" and picture.bytes > PADDED * pixels
        yield Finding(rule="pictures.padded" if padded else "pictures.coarse", place=place, facts=facts)
    elif picture.detail < UPSCALED:
        yield Finding(rule="pictures.upscaled", place=place, facts={"name": name})
    if embedded and not picture.caption:
        yield Finding(rule="pictures.no_caption", place=place, facts={"name": name})


def _alike(pictures: Sequence[PictureFacts]) -> Iterator[Finding]:
    for position, one in enumerate(pictures):
        for other in pictures[:position]:
            same = one.sha256 == other.sha256
            near = one.dhash and other.dhash and distance(one.dhash, other.dhash) <= ALIKE
            if same or near:
                rule = "pictures.same" if same else "pictures.alike"
                yield Finding(rule=rule, place=one.place, facts={"name": one.name, "other": other.name})
                break


def _evidence(named: Sequence[str], attached: Sequence[str]) -> Iterator[Finding]:
    stems = [name.rsplit("/", 1)[-1].rsplit(".", 1)[0] for name in attached]
    there = [_plain(stem) for stem in stems]
    numbers = {_number(stem) for stem in stems}
    for position, name in enumerate(named, start=1):
        wanted = _plain(name)
        if (
            wanted
            and position not in numbers
            and not any(wanted in other or (len(other) >= 4 and other in wanted) for other in there)
        ):
            yield Finding(rule="material.evidence_missing", facts={"name": name[:100]})


def _number(stem: str) -> int:
    """Return the entry of the list that a name gives as its number: 附件3, 附件三, 3、检测报告; 0 where it gives none."""
    found = _NUMBERED.match(unicodedata.normalize("NFKC", stem))
    if not found:
        return 0
    number = found["number"]
    return int(number) if number.isdecimal() else "一二三四五六七八九十".index(number) + 1


def _plain(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c)[0] in "LN"
    )


def distance(one: str, other: str) -> int:
    """Return in how many of their 64 places two difference hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
