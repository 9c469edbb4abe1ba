"""A result as one file: a table as CSV or Parquet, a workbook, or everything as JSON."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xinzhi.errors import CallError
from xinzhi.index.notes import notes
from xinzhi.index.tables import TABLES, table
from xinzhi.index.workbook import write_workbook
from xinzhi.language import gettext as _
from xinzhi.methodology import methodology_hash
from xinzhi.output import whole_file

if TYPE_CHECKING:
    import polars as pl

    from xinzhi.index.computation import Computation


def save(result: Computation, path: Path) -> Path:
    """Write `result` to one file, by its ending."""
    writers = {".csv": _scores_csv, ".xlsx": write_xlsx, ".json": write_json, ".parquet": _parquet}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise CallError(
            _("不认识的结果格式 {suffix}").format(suffix=path.suffix or path.name),
            where=str(path),
            remedy=_("可用: {known}").format(known=" ".join(writers)),
        )
    with whole_file(path) as draft:
        writer(result, draft)
    return path


def result_hash(result: Computation) -> str:
    """Return the SHA-256 of methodology, units, years and scores (to nine decimals of the scale)."""
    digest = hashlib.sha256(methodology_hash(result.methodology).encode())
    digest.update(json.dumps([result.codes, result.years, result.nodes]).encode())
    for node in result.nodes:
        rounded = np.round(result.scores[node] / result.methodology.scale, 9) + 0.0  # no negative zero
        digest.update(np.where(np.isnan(rounded), np.nan, rounded).astype("<f8").tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions a result depends on."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("xinzhi", "numpy", "polars", "scipy")
    }


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write one table as CSV."""
    guarded(frame).write_csv(path, include_bom=True)  # so that Excel reads it as UTF-8


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table in whose texts no spreadsheet finds a formula: an apostrophe before =, +, - and @.

    OWASP, CSV injection. Figures are no texts and stay as they are.
    """
    import polars as pl

    texts = pl.col(pl.String)
    return frame.with_columns(
        pl.when(texts.str.contains(r"^[=+\-@\t\r]")).then("'" + texts).otherwise(texts).name.keep()
    )


def _scores_csv(result: Computation, path: Path) -> None:
    write_csv(table(result, "scores"), path)


def _parquet(result: Computation, path: Path) -> None:
    table(result, "scores").write_parquet(path)


def write_json(result: Computation, path: Path) -> None:
    """Write title, hashes, notes and every table as JSON."""
    content = {
        "methodology": result.methodology.id,
        "title": result.title,
        "methodology_sha256": methodology_hash(result.methodology),
        "result_sha256": result_hash(result),
        "readings": result.methodology.chosen_readings,
        "versions": versions(),
        "notes": list(notes(result)),
        "tables": {name: table(result, name).to_dicts() for name in TABLES},
    }
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )


def write_xlsx(result: Computation, path: Path) -> None:
    """Write the workbook."""
    write_workbook(result, path, _about(result))


def _about(result: Computation) -> list[tuple[str, str]]:
    """Return what the cover of the workbook says."""
    methodology = result.methodology
    source = methodology.source
    return [
        (_("方法"), f"{methodology.id} · {methodology.title}"),
        (_("方法出处"), " ".join(filter(None, (str(source.citation), source.doi, source.number)))),
        (_("年份"), ", ".join(map(str, result.years))),
        (_("单位数"), str(len(result.codes))),
        (_("数据"), result.panel.origin),
        (_("方法指纹"), methodology_hash(methodology)),
        (_("结果指纹"), result_hash(result)),
        (_("软件"), ", ".join(f"{name} {number}" for name, number in versions().items())),
    ]
