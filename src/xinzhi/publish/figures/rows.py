"""Units one below the other: ranked bars with intervals, stacked contributions, changes of rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from xinzhi.analysis.outputs import listed
from xinzhi.analysis.robustness import Robustness
from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.publish.figures.drawing import (
    SIZE,
    WIDTH,
    Drawing,
    category_axis,
    legend,
    long_table,
    name_column,
    option,
    shortened,
    value_axis,
)
from xinzhi.publish.figures.engine import text_width
from xinzhi.publish.figures.labels import spread
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.palette import palette


def ranking(material: Material) -> Drawing:
    """Bars in the order of the ranks; beside them each rank with the interval within which choices move it."""
    shown, values = material.shown, material.values
    names, left, step = name_column([material.labels[n] for n in shown])
    ranks = material.result.ranks[material.node][material.t]
    lows, highs, remarks, title = _intervals(material)
    with_intervals = bool(np.isfinite(lows[shown]).any())
    regions = list(material.region_colours) or [""]
    bars = [
        {
            "type": "bar", "name": region, "stack": "score", "barWidth": "62%",
            "itemStyle": {"color": material.region_colours.get(region, palette().accent)},
            "data": [float(values[n]) if region in ("", material.result.region_name(n)) else "-" for n in shown],
        }
        for region in regions
    ]  # fmt: skip
    numbers = {
        "type": "scatter", "symbolSize": 0, "silent": True, "z": 6,
        "data": [{"value": [max(0.0, float(values[n])), k], "name": material.text(values[n])}
                 for k, n in enumerate(shown)],
        "label": {"show": True, "position": "right", "formatter": "{b}", "color": palette().ink, "fontSize": SIZE},
    }  # fmt: skip
    scored = [float(values[n]) for n in shown]
    top = 62 if material.region_colours else 40
    height = top + step * len(shown) + 12
    beside = _RANKS if with_intervals else 0
    grids = [{"left": left, "right": 50 + beside, "top": top, "bottom": 12}]
    across = [value_axis(min(0.0, *scored), max(0.0, *scored), position="top")]
    down = [category_axis(names, inverse=True)]
    series = [*bars, numbers]
    if with_intervals:
        grids.append({"left": WIDTH - _RANKS, "right": 16, "top": top, "bottom": 12})
        last = float(np.nanmax([*highs[shown], *ranks[shown]]))
        across.append(
            value_axis(1, last, _("名次"), position="top", gridIndex=1, nameGap=22, nameLocation="middle")
            | {"min": 1, "max": last, "interval": max(1, round(last / 4))}
        )
        down.append(category_axis(names, inverse=True, gridIndex=1, show=False))
        series += _rank_series(shown, ranks, lows, highs)
    picture = option(
        grid=grids,
        legend=legend(regions, show=bool(material.region_colours)),
        xAxis=across,
        yAxis=down,
        series=series,
    )
    rows = [material.row(n, values[n]) | {"rank": ranks[n], "low": lows[n], "high": highs[n]} for n in shown]
    alt = _("横条图, {year} 年{node}, 从高到低 {count} 个单位; {extremes}。").format(
        year=material.year, node=material.node_title, count=len(shown),
        extremes=material.extremes({n: values[n] for n in material.scored}),
    )  # fmt: skip
    return Drawing(
        picture, long_table(rows, rank=float, low=float, high=float), title, alt, height, (material.year,), _("分"),
        (*remarks, *material.left_out_told(len(shown)), *material.unscored_told),
    )  # fmt: skip


_RANKS = 190  # pixels of the panel of ranks


def _rank_series(shown: list[int], ranks: Any, lows: Any, highs: Any) -> list[dict[str, Any]]:
    """Return a dot for each rank and a whisker for its interval, in the second grid."""
    axes = {"xAxisIndex": 1, "yAxisIndex": 1, "silent": True}
    known = [(k, n) for k, n in enumerate(shown) if np.isfinite(lows[n])]
    return [
        axes | {
            "type": "lines", "coordinateSystem": "cartesian2d", "z": 4,
            "lineStyle": {"color": palette().muted, "width": 3, "opacity": 0.55},
            "data": [{"coords": [[float(lows[n]), k], [float(highs[n]), k]]} for k, n in known],
        },
        axes | {
            "type": "scatter", "symbolSize": 7, "z": 5, "itemStyle": {"color": palette().ink, "opacity": 1},
            "data": [[float(ranks[n]), k] for k, n in enumerate(shown)],
        },
    ]  # fmt: skip


def _intervals(material: Material) -> tuple[Any, Any, tuple[str, ...], str]:
    """Return lower and upper ends of the ranks, what to say of them, and the title that they allow."""
    none = np.full(len(material.result.codes), np.nan)
    extremes = material.extremes({n: material.values[n] for n in material.scored})
    plain_title = _("{year} 年{node}: {extremes}").format(
        year=material.year, node=material.node_title, extremes=extremes
    )
    if material.node != material.result.methodology.tree.root:
        return none, none, (_("只有总指数的名次有区间"),), plain_title
    try:
        found = material.outcome("robustness")
    except ComputeError as error:
        return none, none, (_("没有名次的区间: {reason}").format(reason=error.what),), plain_title
    assert isinstance(found, Robustness)
    tiers = found.tier_of(material.year)
    first = [material.labels[n] for n in material.scored if tiers[n] == 1]
    borders = found.tiers[material.t].borders
    if len(first) > 1:
        text = _("{year} 年{unit}同在第一档, 分不出先后")
    elif borders and borders[0]:
        text = _("{year} 年{unit}居首, 权重和方法变动时也在其后的单位之前")
    else:
        text = _("{year} 年{unit}得分最高, 但与其后的单位分不出先后")
    title = text.format(year=material.year, unit=listed(first, 4)) if first else plain_title
    told = _("右边的点是名次, 横线是权重和方法变动时名次的 5-95% 区间 ({count} 次重复)").format(
        count=found.replications
    )
    return found.rank["low"][material.t], found.rank["high"][material.t], (told,), title


def contributions(material: Material) -> Drawing:
    """Stacked bars: what each part of the tree brings to the total."""
    tree = material.result.methodology.tree
    shown, parts = material.shown, tree.children.get(material.node, ()) or (material.node,)
    of_leaves = material.result.contributions(material.node)[material.t]
    amounts = {
        part: of_leaves[:, [tree.leaves.index(leaf) for leaf in tree.leaves_under(part)]].sum(axis=1)
        for part in parts
    }
    names, left, step = name_column([material.labels[n] for n in shown])
    titles = [material.title_of(part) for part in parts]
    series = [
        {
            "type": "bar", "name": title, "stack": "parts", "barWidth": "66%",
            "itemStyle": {"color": palette().category(k), "borderColor": palette().ground, "borderWidth": 0.5},
            "data": [float(np.nan_to_num(amounts[part][n])) for n in shown],
        }
        for k, (part, title) in enumerate(zip(parts, titles, strict=True))
    ]  # fmt: skip
    most = {title: float(np.nanmean(amounts[part][shown])) for part, title in zip(parts, titles, strict=True)}
    whole = float(np.mean(material.values[shown])) or 1.0
    largest = max(most, key=lambda title: most[title])
    title = _("{year} 年{node}平均有 {share:.0%} 来自{part}").format(
        year=material.year, node=material.node_title, share=most[largest] / whole, part=largest
    )
    alt = _("堆叠横条图, {year} 年 {count} 个单位的{node}由各部分相加; 平均: {parts}。").format(
        year=material.year, count=len(shown), node=material.node_title,
        parts=listed([f"{name} {material.text(value)}" for name, value in most.items()], 9),
    )  # fmt: skip
    negative = sum(np.minimum(np.nan_to_num(amounts[part][shown]), 0) for part in parts)
    positive = sum(np.maximum(np.nan_to_num(amounts[part][shown]), 0) for part in parts)
    room = _legend_rows(titles)
    picture = option(
        grid={"left": left, "right": 24, "top": 34 + 20 * room, "bottom": 12},
        legend=legend(titles), series=series,
        xAxis=value_axis(float(np.min(negative)), float(np.max(positive)), position="top"),
        yAxis=category_axis(names, inverse=True),
    )  # fmt: skip
    rows = [material.row(n, float(np.nan_to_num(amounts[part][n])), part) for n in shown for part in parts]
    return Drawing(
        picture, long_table(rows), title, alt, 46 + 20 * room + step * len(shown), (material.year,), _("分"),
        (*material.left_out_told(len(shown)), *material.unscored_told),
    )  # fmt: skip


def _legend_rows(titles: list[str]) -> int:
    """Return how many lines a legend takes, about."""
    return 1 + int(sum(text_width(title, SIZE) + 36 for title in titles) // (WIDTH - 16))


def slope(material: Material) -> Drawing:
    """Lines from the rank in one year to the rank in another."""
    since, until = material.two_years()
    ranks = material.result.ranks[material.node]
    both = [n for n in material.few(ROWS_OF_SLOPE) if np.isfinite(ranks[since, n])]
    if not both:
        raise ComputeError(_("没有一个单位两年都有名次"), remedy=_("请换一个年份"))
    years, place = (material.result.years[since], material.year), {n: ranks[[since, until], n] for n in both}
    height = 60 + 19 * len(both)
    left, right = (
        dict(zip(both, spread([place[n][e] for n in both], *_room(place, both)), strict=True)) for e in (0, 1)
    )
    names = {n: shortened(material.labels[n], 190) for n in both}
    series, marks = [], []
    for n in both:
        move = place[n][0] - place[n][1]
        colour = palette().accent if move > 0 else palette().categories[1] if move < 0 else palette().muted
        series.append({
            "type": "line", "symbol": "circle", "symbolSize": 7, "silent": True,
            "lineStyle": {"color": colour, "width": 2 if move else 1.2, "type": "solid" if move >= 0 else "dashed"},
            "itemStyle": {"color": colour}, "data": [[0, left[n]], [1, right[n]]],
        })  # fmt: skip
        for x, at, side, end in ((0, left[n], "left", 0), (1, right[n], "right", 1)):
            text = f"{place[n][end]:g}  {names[n]}" if end else f"{names[n]}  {place[n][end]:g}"
            marks.append({"value": [x, at], "name": text, "label": {"position": side}})
    labels = {
        "type": "scatter", "symbolSize": 8, "itemStyle": {"opacity": 0}, "silent": True, "data": marks,
        "label": {"show": True, "formatter": "{b}", "color": palette().ink, "fontSize": SIZE, "opacity": 1},
    }  # fmt: skip
    margin = max(text_width(names[n], SIZE) for n in both) + 44
    low, high = _ends(place, both)
    hidden = {"show": False, "type": "value"}
    heads = [
        {"text": str(year), "left": x, "top": 8, "textAlign": "center", "textStyle": {"fontSize": 14}}
        for year, x in zip(years, (margin, WIDTH - margin), strict=True)
    ]
    picture = option(
        grid={"left": margin, "right": margin, "top": 40, "bottom": 14}, title=heads,
        xAxis=hidden | {"min": 0, "max": 1}, yAxis=hidden | {"min": low, "max": high, "inverse": True},
        series=[*series, labels],
    )  # fmt: skip
    moves = {n: float(place[n][0] - place[n][1]) for n in both}
    title = _("{first}-{last} 年{node}名次: {moves}").format(
        first=years[0], last=years[1], node=material.node_title, moves=_moves(material, moves)
    )
    alt = _("斜线图, {count} 个单位 {first} 年和 {last} 年的名次; {moves}。").format(
        count=len(both), first=years[0], last=years[1], moves=_moves(material, moves)
    )
    rows = [material.row(n, place[n][e], year=years[e]) for n in both for e in (0, 1)]
    return Drawing(
        picture, long_table(rows), title, alt, height, years, _("名次"),
        (*material.left_out_told(len(both)), *material.unscored_told),
    )  # fmt: skip


ROWS_OF_SLOPE = 40


def _ends(place: Any, units: list[int]) -> tuple[float, float]:
    ranks = [rank for n in units for rank in place[n]]
    return float(min(ranks)) - 0.7, float(max(ranks)) + 0.7


def _room(place: Any, units: list[int]) -> tuple[float, float, float]:
    """Return the step that keeps labels apart, and the ends between which they lie, in ranks."""
    low, high = _ends(place, units)
    return (high - low) * 15.5 / (19 * len(units) + 6), low + 0.3, high - 0.3


def _moves(material: Material, moves: dict[int, float]) -> str:
    """Say who rose and who fell most; ties are named together."""
    up, down = max(moves.values()), min(moves.values())
    said = []
    if up > 0:
        names = listed([material.labels[n] for n, move in moves.items() if move == up], 3)
        said.append(_("{units}上升最多 ({count:g} 位)").format(units=names, count=up))
    if down < 0:
        names = listed([material.labels[n] for n, move in moves.items() if move == down], 3)
        said.append(_("{units}下降最多 ({count:g} 位)").format(units=names, count=-down))
    return ", ".join(said) or _("都没有变化")
