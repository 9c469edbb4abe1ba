"""Verifying a bundle: everything in it is computed again, and every figure that differs is named."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xinzhi.errors import XinzhiError
from xinzhi.index import result_hash
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.methodology import methodology_hash
from xinzhi.publish.bundle.parts import MANIFEST, csv_bytes, tables_of
from xinzhi.publish.bundle.reading import Bundle, open_bundle

if TYPE_CHECKING:
    import polars as pl

_TOLERANCE = 1e-9  # relative; another processor may add in another order
_KEYS = ("code", "name", "year", "region", "node", "indicator", "variable")


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


def verify_bundle(path: str | Path) -> list[Difference]:
    """Compute a bundle again and return everything that differs; empty where nothing does.

    Raises
    ------
    BundleError
        If it cannot be opened, as :func:`xinzhi.publish.bundle.open_bundle`.
    XinzhiError
        If its methodology or its figures cannot be read.
    """
    bundle = open_bundle(path)
    with speaking(bundle.language):
        made = tables_of(bundle.result, bundle.choices.report(bundle.result))
        expected = {
            "methodology_sha256": methodology_hash(bundle.result.methodology),
            "result_sha256": result_hash(bundle.result),
        }
    found = list(_altered(bundle))
    for key, value in expected.items():
        if bundle.manifest.get(key) != value:
            found.append(Difference(MANIFEST, key, str(bundle.manifest.get(key))[:80], value))
    for name, frame in made.items():
        if name in bundle.files:
            found += _differing(name, bundle.files[name], frame)
        else:
            found.append(Difference(name, "", _("没有这个文件"), _("{rows} 行").format(rows=len(frame))))
    return found


def _altered(bundle: Bundle) -> Iterator[Difference]:
    """Compare the files with the hashes that the manifest gives."""
    listed = {str(name): str(value) for name, value in bundle.manifest["files"].items()}
    for name in sorted({*listed, *bundle.files} - {MANIFEST}):
        data = bundle.files.get(name)
        actual = _("没有这个文件") if data is None else hashlib.sha256(data).hexdigest()
        if actual != listed.get(name):
            yield Difference(name, "SHA-256", actual, listed.get(name, _("清单里没有")))


def _differing(name: str, data: bytes, frame: pl.DataFrame) -> Iterator[Difference]:
    import polars as pl

    if data == (whole := csv_bytes(frame)):
        return
    made = _read(whole)
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
