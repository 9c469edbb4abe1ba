"""A result folder: methodology, panel, every table and a manifest with hashes; read back, it is recomputed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from xinzhi.errors import CallError, ComputeError
from xinzhi.index.figures import assemble
from xinzhi.index.pipeline import run
from xinzhi.index.result import Result
from xinzhi.index.saving import guarded, result_hash, versions, write_csv, write_json, write_xlsx
from xinzhi.index.tables import TABLES, column_of
from xinzhi.language import gettext as _
from xinzhi.methodology import load_methodology, methodology_hash, methodology_toml
from xinzhi.output import whole_folder
from xinzhi.panel import read_panel

MANIFEST = "result.json"
#: How many files :func:`save_folder` reports.
STEPS = len(TABLES) + 2
_FORMAT = 1
_NEEDED = ("methodology.toml", "panel.parquet", *(f"{name}.csv" for name in TABLES))
_AGREEMENT = 1e-9  # of the scale; another processor may add in another order


def save_folder(
    result: Result,
    path: str | Path,
    progress: Callable[[str], None] = lambda _name: None,
    inputs: Iterable[str | Path] = (),
) -> Path:
    """Write a result folder: methodology, panel, every table, the workbook, and a manifest with hashes.

    :func:`load_result` reads it back and checks it. The folder appears whole or not at all; an earlier
    result folder in its place is replaced.

    Parameters
    ----------
    result : Result
    path : str or Path
    progress : callable, optional
        Called with the name of each file before it is written, :data:`STEPS` times in all.
    inputs : iterable of path-like, optional
        Files the result was made from, which the folder may not replace.
    """
    target = Path(path)
    with whole_folder(target, "result", inputs) as draft:
        (draft / "methodology.toml").write_text(methodology_toml(result.methodology), encoding="utf-8")
        variables = [name for name, _variable in result.methodology.variables()]
        result.panel.only(variables).to_polars().write_parquet(draft / "panel.parquet")
        for name in TABLES:
            progress(f"{name}.csv")
            write_csv(result.table(name), draft / f"{name}.csv")
        for name, writer in (("result.xlsx", write_xlsx), ("everything.json", write_json)):
            progress(name)
            writer(result, draft / name)
        (draft / "notes.txt").write_text("\n".join([result.title, *result.notes, ""]), encoding="utf-8")
        files = sorted(file.name for file in draft.iterdir())
        manifest = {
            "format": _FORMAT,
            "methodology": result.methodology.id,
            "title": result.title,
            "years": list(result.years),
            "units": len(result.codes),
            "methodology_sha256": methodology_hash(result.methodology),
            "result_sha256": result_hash(result),
            "versions": versions(),
            "files": {name: _sha256(draft / name) for name in files},
        }
        (draft / MANIFEST).write_text(
            json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    return target


def load_result(path: str | Path) -> Result:
    """Read a result folder and recompute it.

    Raises
    ------
    CallError
        If it is no result folder.
    ComputeError
        If a file in it was altered or is missing, or what is recomputed differs from what is stored.
    """
    folder = Path(path)
    manifest = _manifest(folder)
    for name in (*_NEEDED, *manifest["files"]):
        file = folder / name
        if not file.is_file() or _sha256(file) != manifest["files"].get(name):
            raise ComputeError(
                _("文件缺失或已被改动"),
                where=str(file),
                remedy=_("请用 xinzhi compute 重新计算, 或取回原文件"),
            )
    methodology = load_methodology(folder / "methodology.toml")
    panel = read_panel(folder / "panel.parquet", methodology)
    figures = assemble(methodology, panel)
    result = Result(methodology, panel, figures, run(methodology, figures.values[None], figures.years))
    _require_agreement(result, folder)
    hashes = {"methodology_sha256": methodology_hash(methodology), "result_sha256": result_hash(result)}
    told = {"methodology": methodology.id, "years": list(result.years), "units": len(result.codes)}
    for key, value in (hashes | told).items():
        if manifest.get(key) != value:
            raise ComputeError(
                _("清单里的 {key} 与重算的不一致").format(key=key),
                where=str(folder / MANIFEST),
                remedy=_remedy(),
            )
    return result


def _manifest(folder: Path) -> dict[str, Any]:
    remedy = _("结果文件夹由 xinzhi compute -o 文件夹 生成")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise CallError(_("不是结果文件夹"), where=str(folder), remedy=remedy) from error
    except (ValueError, RecursionError) as error:
        raise ComputeError(_("清单读不出来"), where=str(folder / MANIFEST), remedy=remedy) from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != _FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        raise ComputeError(_("清单的格式不对"), where=str(folder / MANIFEST), remedy=remedy)
    return manifest


def _require_agreement(result: Result, folder: Path) -> None:
    import polars as pl

    file = folder / "scores.csv"
    remedy = _remedy()
    stored = pl.read_csv(file, schema_overrides={"code": pl.String, "name": pl.String})
    recomputed = guarded(result.table("scores"))
    keys = ["code", "year"]
    if stored.columns != recomputed.columns or not stored.select(keys).equals(recomputed.select(keys)):
        raise ComputeError(_("重算的单位、年份或指标与存下的不一致"), where=str(file), remedy=remedy)
    for node in result.nodes:
        values = stored[column_of(node)].cast(pl.Float64).to_numpy()
        gap = np.abs(values - result.scores[node].reshape(-1))
        gap = np.where(np.isnan(values) & np.isnan(result.scores[node].reshape(-1)), 0.0, gap)
        if not (gap <= _AGREEMENT * result.methodology.scale).all():
            row = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
            raise ComputeError(
                _("重算的 {node} 与存下的不一致 ({name} {year})").format(
                    node=result.methodology.node_title(node),
                    name=stored["name"][row],
                    year=stored["year"][row],
                ),
                where=str(file),
                remedy=remedy,
            )


def _remedy() -> str:
    return _("请核对 xinzhi 的版本, 或重新计算")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
