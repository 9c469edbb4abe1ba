"""The paper's printed Table 3 as a standing, and what a test does to a file to spoil it."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

from xinzhi.methodology import Text
from xinzhi.publish.outline import Outline, load_outline
from xinzhi.publish.text.standing import Standing, standing_in_table
from xinzhi.reproduction import regional_table

NODES = {
    "total": Text(zh="新质生产力总指数", en="total index"),
    "technology": Text(zh="技术革命性突破指数", en="technology index"),
    "factors": Text(zh="生产要素创新性配置指数", en="factors index"),
    "industry": Text(zh="产业深度转型升级指数", en="industry index"),
    "income": Text(zh="人均GDP", en="GDP per head"),
}


@cache
def table_3() -> Standing:
    """Table 3 as Ye & Xu (2024) print it, beside GDP per head as the reproduction case computes it."""
    table = files("xinzhi.reproduction") / "cases" / "ye-xu-2024" / "table3.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    income = regional_table()
    assert income.codes == tuple(row["code"] for row in rows)
    scores = {node: [float(row[node]) for row in rows] for node in NODES if node != "income"}
    return standing_in_table(
        "表3",
        2022,
        [row["code"] for row in rows],
        [row["name"] for row in rows],
        NODES,
        scores | {"income": income.against.values.tolist()},
        regions="nbs-4",
    )


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write a zip with its members changed; a member changed to None is left out."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            data = change(name, before.read(name))
            if data is not None:
                after.writestr(name, data)
    return target


def outline_of(*ids: str, figures: tuple[str, ...] = ()) -> Outline:
    """The usual outline with those of its chapters (all by default), and of its figures only those named."""
    usual = load_outline()
    chapters = tuple(
        chapter.model_copy(update={"figures": tuple(name for name in chapter.figures if name in figures)})
        for chapter in usual.chapters
        if not ids or chapter.id in ids
    )
    return usual.model_copy(update={"chapters": chapters})
