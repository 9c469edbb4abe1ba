"""Weights from a CSV file: one row per indicator, by id or title, as a panel of experts hands them in."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from xinzhi.errors import CallError, MethodologyError, reason
from xinzhi.language import gettext as _
from xinzhi.methodology.methods import Weighting, method_names
from xinzhi.methodology.model import Methodology

_LARGEST = 1_000_000  # bytes


def read_weights(path: str | Path, methodology: Methodology) -> dict[str, float]:
    """Read weights by indicator.

    Parameters
    ----------
    path : str or Path
        UTF-8 or GB18030 CSV with two columns and a heading line: indicator (id or title) and weight. Any
        positive total.
    methodology : Methodology
        Whose indicators are weighed.

    Returns
    -------
    dict of str to float

    Raises
    ------
    CallError
        If the file does not exist.
    MethodologyError
        If a row does not name an indicator, names one twice, or has no weight; with file and row.
    """
    file = Path(path)
    known = indicator_names(methodology)
    weights: dict[str, float] = {}
    for row, cells in enumerate(_rows(file), start=1):
        where = _("{file} 第 {row} 行").format(file=file.name, row=row)
        if row == 1 or not any(cell.strip() for cell in cells):
            continue
        if len(cells) < 2:
            raise MethodologyError(_("应当有指标和权重两列"), where=where)
        name, figure = cells[0].strip(), cells[1].strip()
        ids = known.get(name.casefold(), set())
        if len(ids) != 1:
            what = _("有几个指标叫 {name}, 请写标识") if ids else _("没有指标 {name}")
            raise MethodologyError(
                what.format(name=name),
                where=where,
                remedy=_("指标: {ids}").format(ids=", ".join(sorted(ids) or methodology.indicators)),
            )
        (id,) = ids
        if id in weights:
            raise MethodologyError(_("指标 {name} 出现两次").format(name=name), where=where)
        weights[id] = _weight(figure, where)
    return weights


def indicator_names(methodology: Methodology) -> dict[str, set[str]]:
    """Return the indicators that each name stands for; an id stands for its own only."""
    names: dict[str, set[str]] = {}
    for id, indicator in methodology.indicators.items():
        for title in filter(None, (indicator.title.zh, indicator.title.en)):
            names.setdefault(title.casefold(), set()).add(id)
    return names | {id: {id} for id in methodology.indicators}


def _rows(file: Path) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(_text(file), newline=""))
    except csv.Error as error:
        raise MethodologyError(
            _("不是合法的 CSV"), where=str(file), remedy=_("请另存为 UTF-8 编码的 CSV")
        ) from error


def _weight(figure: str, where: str) -> float:
    try:
        weight = float(figure) if figure.isascii() and "_" not in figure else math.nan
    except ValueError:
        weight = math.nan
    if not math.isfinite(weight) or weight < 0:
        raise MethodologyError(
            _("权重 {figure} 不是非负的数").format(figure=figure or _("(空)")),
            where=where,
            remedy=_("请改成数字"),
        )
    return weight


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            raise MethodologyError(_("文件太大, 不会是权重表"), where=str(file))
        content = file.read_bytes()
    except OSError as error:
        raise CallError(
            _("读不出来: {reason}").format(reason=reason(error)),
            where=str(file),
            remedy=_("--weights 后面是一种赋权方法 ({known}) 或一个 CSV 文件").format(
                known=", ".join(method_names(Weighting))
            ),
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MethodologyError(
        _("编码既不是 UTF-8 也不是 GB18030"), where=str(file), remedy=_("请另存为 UTF-8 编码的 CSV")
    )
