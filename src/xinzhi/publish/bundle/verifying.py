"""Verifying a bundle: everything in it is computed again, and every figure that differs is named."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.publish.bundle.describing import descriptions
from xinzhi.publish.bundle.manifest import MANIFEST, manifest_of, seal_of
from xinzhi.publish.bundle.parts import csv_bytes
from xinzhi.publish.bundle.reading import Bundle, open_bundle
from xinzhi.publish.bundle.writing import computed_files

if TYPE_CHECKING:
    import polars as pl

_TOLERANCE = 1e-9  # relative; another processor may add in another order
_PIXELS = 2e-4  # a drawing has four decimals
_KEYS = ("code", "name", "year", "region", "node", "indicator", "variable")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)")
_UNCOMPARED = ("versions", "files", "seal")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in a bundle that is not as it is when made again.

    Attributes
    ----------
    file, place : str
        The file, and the row and column in it; the place is blank where the whole file is meant.
    stored, made : str
        What the bundle holds, and what it ought to hold.
    """

    file: str
    place: str
    stored: str
    made: str

    def __str__(self) -> str:
        where = f"{self.file} {self.place}".strip()
        return _("{where}: 包里是 {stored}, 重算是 {made}").format(
            where=where, stored=self.stored, made=self.made
        )


def verify_bundle(bundle: str | Path | Bundle) -> list[Difference]:
    """Compute a bundle again and return everything that differs; empty where nothing does.

    Parameters
    ----------
    bundle : str, Path or Bundle
        A file, or a bundle that was opened.

    Raises
    ------
    BundleError
        If it cannot be opened, as :func:`xinzhi.publish.bundle.open_bundle`.
    XinzhiError
        If its methodologies or its figures cannot be read.
    """
    opened = bundle if isinstance(bundle, Bundle) else open_bundle(bundle)
    with speaking(opened.language):
        return [*_altered(opened), *_differing(opened)]


def _altered(bundle: Bundle) -> Iterator[Difference]:
    """Compare the files with the hashes that the manifest gives, and the manifest with its seal."""
    listed = bundle.manifest.files
    for name in sorted({*listed, *bundle.files} - {MANIFEST}):
        data = bundle.files.get(name)
        actual = _("没有这个文件") if data is None else hashlib.sha256(data).hexdigest()
        if actual != listed.get(name):
            yield Difference(name, "SHA-256", actual, listed.get(name, _("清单里没有")))
    if (seal := seal_of(bundle.manifest)) != bundle.manifest.seal:
        yield Difference(MANIFEST, "seal", bundle.manifest.seal[:80], seal)


def _differing(bundle: Bundle) -> Iterator[Difference]:
    """Make everything again and compare it."""
    edition, figures = bundle.edition, bundle.figures
    made = computed_files(edition, figures)
    stored = {name: bundle.files[name] for name in made.contents if name in bundle.files}
    described = descriptions(edition, made.tables, stored)
    again = manifest_of(edition, figures, {}).model_dump(mode="json")
    yield from _unlike(bundle.manifest.model_dump(mode="json"), again)
    for name, data in (made.contents | described).items():
        kept = bundle.files.get(name)
        if kept == data:
            continue
        if kept is None:
            yield Difference(name, "", _("没有这个文件"), _("{size} 字节").format(size=len(data)))
        elif name in made.tables:
            yield from _figures_differing(name, kept, made.tables[name])
        elif name in made.figures:
            yield from _drawing_differing(name, kept, data)
        else:
            yield _first_line_differing(name, kept, data)
    yield from _unexpected(bundle, {*made.contents, *described, *bundle.paper, MANIFEST})


def _unexpected(bundle: Bundle, known: set[str]) -> Iterator[Difference]:
    """Yield what the manifest lists and nothing makes."""
    for name in sorted({*bundle.files, *bundle.manifest.files} - known):
        if name in bundle.manifest.files:
            yield Difference(name, "", _("有这个文件"), _("没有这个文件"))


def _unlike(stored: Any, made: Any, place: str = "") -> Iterator[Difference]:
    """Compare two manifests entry by entry."""
    if isinstance(stored, Mapping) and isinstance(made, Mapping):
        for key in dict.fromkeys([*made, *stored]):
            if place or key not in _UNCOMPARED:
                yield from _unlike(stored.get(key), made.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(stored, list) and isinstance(made, list) and len(stored) == len(made):
        for number, (one, other) in enumerate(zip(stored, made, strict=True), start=1):
            yield from _unlike(one, other, f"{place}[{number}]")
    elif stored != made:
        yield Difference(MANIFEST, place, str(stored)[:80], str(made)[:80])


def _figures_differing(name: str, data: bytes, frame: pl.DataFrame) -> Iterator[Difference]:
    """Compare a table figure by figure."""
    import polars as pl

    made = _read(csv_bytes(frame))
    try:
        stored = _read(data)
    except (pl.exceptions.PolarsError, XinzhiError):
        yield Difference(name, "", _("读不出来"), _("{rows} 行").format(rows=len(made)))
        return
    if stored.columns != made.columns or len(stored) != len(made):
        shapes = [_("{rows} 行 {columns} 列").format(rows=len(f), columns=f.width) for f in (stored, made)]
        yield Difference(name, "", *shapes)
        return
    keys = [column for column in _KEYS if column in made.columns]
    for column in made.columns:
        pairs = zip(stored[column].to_list(), made[column].to_list(), strict=True)
        for row, (one, other) in enumerate(pairs):
            if not _same(one, other):
                at = " ".join(str(made[key][row]) for key in keys) or str(row + 1)
                yield Difference(name, f"[{at}] {column}", str(one)[:80], str(other)[:80])


def _read(data: bytes) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), infer_schema=False)


def _same(one: str | None, other: str | None) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one or ""), float(other or ""), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    except ValueError:
        return False


def _drawing_differing(name: str, data: bytes, made: bytes) -> Iterator[Difference]:
    """Compare a drawing: every text as it is, every place to what a reader could see."""
    stored, again = (_NUMBER.split(drawing.decode("utf-8", "replace")) for drawing in (data, made))
    if len(stored) != len(again):
        yield _first_line_differing(name, data, made)
        return
    for number, (one, other) in enumerate(zip(stored, again, strict=True)):
        close = number % 2 == 1 and abs(float(one) - float(other)) <= _PIXELS
        if one != other and not close:
            start = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            yield Difference(name, "", one[max(0, start - 30) :][:80], other[max(0, start - 30) :][:80])
            return


def _first_line_differing(name: str, data: bytes, made: bytes) -> Difference:
    """Name the first line of a text that is not as it is made."""
    stored, again = (text.decode("utf-8", "replace").splitlines() for text in (data, made))
    most = max(len(stored), len(again))
    pairs = zip(stored + [""] * (most - len(stored)), again + [""] * (most - len(again)), strict=True)
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            return Difference(name, _("第 {line} 行").format(line=number), one[:80], other[:80])
    return Difference(name, "", hashlib.sha256(data).hexdigest(), hashlib.sha256(made).hexdigest())
