"""Figures over years: trends, small multiples, densities and the parts of the Gini coefficient."""

from __future__ import annotations

from typing import Any

import numpy as np

from xinzhi.analysis.density import KernelDensity
from xinzhi.analysis.inequality import Dagum, dagum
from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _
from xinzhi.publish.figures.drawing import (
    SIZE,
    WIDTH,
    Drawing,
    category_axis,
    legend,
    long_table,
    option,
    plain,
    round_ends,
    shortened,
    value_axis,
)
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.palette import palette

_CELLS = 6  # small multiples side by side


def trend(material: Material) -> Drawing:
    """Lines of the total and its parts over the years: of one unit, or of the mean of all."""
    result, tree = material.result, material.result.methodology.tree
    since, until = material.two_years()
    nodes = [
        material.node,
        *(n for n in tree.children.get(material.node, ()) if n in result.methodology.dimensions),
    ]
    one = len(result.codes) == 1 or len(material.choices.units) == 1
    unit = (material.few(1)[0] if material.choices.units else 0) if one else -1
    who = material.labels[unit] if one else _("各单位的简单平均")
    years = list(range(since, until + 1))
    lines = {node: _line(material, node, unit, years) for node in nodes}
    series = [
        {
            "type": "line", "name": material.title_of(node), "data": [plain(v) for v in lines[node]],
            "symbol": palette().symbols[k % 8], "symbolSize": 7, "connectNulls": False,
            "lineStyle": {
                "width": 3 if k == 0 else 1.8, "type": palette().dashes[k % 8], "color": palette().category(k),
            },
            "itemStyle": {"color": palette().category(k)},
        }
        for k, node in enumerate(nodes)
    ]  # fmt: skip
    known = [v for line in lines.values() for v in line if np.isfinite(v)]
    total = [v for v in lines[material.node] if np.isfinite(v)]
    if len(total) < 2:
        raise ComputeError(_("{unit} 有得分的年份不到两年, 画不出走势").format(unit=who))
    seen = [result.years[t] for t, v in zip(years, lines[material.node], strict=True) if np.isfinite(v)]
    moved = _moved(material, total[0], total[-1])
    title = _("{who}: {first}-{last} 年{node}{moved}").format(
        who=who, first=seen[0], last=seen[-1], node=material.node_title, moved=moved
    )
    alt = _("折线图, {who} {first}-{last} 年; {lines}。").format(
        who=who, first=seen[0], last=seen[-1],
        lines=", ".join(
            f"{material.title_of(node)} {material.text(line[0])} → {material.text(line[-1])}"
            for node, line in lines.items()
        ),
    )  # fmt: skip
    picture = option(
        grid={"left": 52, "right": 24, "top": 52, "bottom": 34},
        legend=legend([material.title_of(node) for node in nodes]),
        xAxis=category_axis([str(result.years[t]) for t in years], boundaryGap=False),
        yAxis=value_axis(min(0.0, *known), max(known)), series=series,
    )  # fmt: skip
    rows = [
        {
            "unit": result.codes[unit] if one else "", "name": who, "node": node, "year": result.years[t], "value": v,
        }
        for node in nodes for t, v in zip(years, lines[node], strict=True)
    ]  # fmt: skip
    drawn = tuple(result.years[t] for t in years)
    return Drawing(picture, long_table(rows), title, alt, 360, drawn, _("分"))


def _line(material: Material, node: str, unit: int, years: list[int]) -> list[float]:
    """Return the scores of a unit, or with -1 the mean of the units that are scored in every year."""
    scores = material.result.scores[node][years]
    if unit >= 0:
        return [float(v) for v in scores[:, unit]]
    whole = np.isfinite(scores).all(axis=0)
    if not whole.any():
        raise ComputeError(_("没有一个单位年年有得分"), where=material.title_of(node))
    return [float(v) for v in scores[:, whole].mean(axis=1)]


def _moved(material: Material, first: float, last: float) -> str:
    """Say from where to where a figure went, in a word that follows the sign."""
    start, end = material.text(first), material.text(last)
    if start == end:
        return _("持平 ({end})").format(end=end)
    word = _("由 {start} 升至 {end}") if last > first else _("由 {start} 降至 {end}")
    return word.format(start=start, end=end)


def multiples(material: Material) -> Drawing:
    """A small line for every unit, all on one scale."""
    result, (since, until) = material.result, material.two_years()
    shown, years = material.shown, list(range(since, until + 1))
    scores = result.scores[material.node][years]
    low, high, _step = round_ends(min(0.0, float(np.nanmin(scores))), float(np.nanmax(scores)))
    rows_down = -(-len(shown) // _CELLS)
    across, down, top = WIDTH / _CELLS, 86, 8
    grids, xs, ys, lines, heads = [], [], [], [], []
    for k, n in enumerate(shown):
        left, upper = (k % _CELLS) * across + 10, top + (k // _CELLS) * down
        grids.append({"left": left, "top": upper + 22, "width": across - 22, "height": 48})
        xs.append({"type": "category", "gridIndex": k, "show": False, "boundaryGap": False,
                   "data": [str(result.years[t]) for t in years]})  # fmt: skip
        ys.append({"type": "value", "gridIndex": k, "min": low, "max": high, "axisLabel": {"show": False},
                   "splitNumber": 2, "splitLine": {"lineStyle": {"color": palette().line}}})  # fmt: skip
        colour = material.colour(n)
        lines.append({
            "type": "line", "xAxisIndex": k, "yAxisIndex": k, "symbol": "none",
            "lineStyle": {"color": colour, "width": 2}, "data": [plain(v) for v in scores[:, n]],
        })  # fmt: skip
        text = f"{shortened(material.labels[n], across - 62, SIZE - 1)} {material.text(scores[-1, n])}"
        heads.append({"text": text, "left": left, "top": upper, "padding": 0,
                      "textStyle": {"fontSize": SIZE - 1, "fontWeight": "normal", "color": palette().ink}})  # fmt: skip
    change = {n: float(scores[-1, n] - scores[0, n]) for n in shown if np.isfinite(scores[[0, -1], n]).all()}
    up = sum(material.text(abs(v)) != material.text(0) and v > 0 for v in change.values())
    down_count = sum(material.text(abs(v)) != material.text(0) and v < 0 for v in change.values())
    ends = {"first": result.years[since], "last": result.years[until]}
    said = _("{up} 个单位上升, {down} 个下降").format(up=up, down=down_count)
    title = _("{first}-{last} 年{node}: {said}").format(**ends, node=material.node_title, said=said)
    alt = _("{count} 幅小折线图, 纵轴都从 {low:g} 到 {high:g}; {first}-{last} 年{said}。").format(
        count=len(shown), low=low, high=high, **ends, said=said
    )
    picture = option(grid=grids, xAxis=xs, yAxis=ys, series=lines, title=heads)
    rows = [material.row(n, scores[k, n], year=result.years[t]) for n in shown for k, t in enumerate(years)]
    return Drawing(
        picture, long_table(rows), title, alt, top + rows_down * down + 6, tuple(result.years[t] for t in years),
        _("分"), (*material.left_out_told(len(shown)), *material.unscored_told),
    )  # fmt: skip


def density(material: Material) -> Drawing:
    """The kernel density of the scores, one curve a year, early years light and late ones dark."""
    found = material.outcome("density")
    assert isinstance(found, KernelDensity)
    colours, dark = palette(), len(found.years) - 1
    series = [
        {
            "type": "line", "name": year, "symbol": "none", "smooth": False,
            "lineStyle": {"color": _between(k / max(dark, 1)), "width": 2.6 if k in (0, dark) else 1.3,
                          "type": "dashed" if k == 0 and dark else "solid"},
            "itemStyle": {"color": _between(k / max(dark, 1))},
            "data": [[float(x), float(y)] for x, y in zip(found.grid, curve, strict=True)],
        }
        for k, (year, curve) in enumerate(zip(found.years, found.densities, strict=True))
    ]  # fmt: skip
    picture = option(
        grid={"left": 62, "right": 30, "top": 66, "bottom": 46}, legend=legend(found.years), series=series,
        xAxis=value_axis(float(found.grid.min()), float(found.grid.max()), found.value_name or _("得分"),
                         nameLocation="middle", nameGap=28),
        yAxis=value_axis(0.0, float(found.densities.max()), _("密度"), nameTextStyle={"color": colours.muted}),
    )  # fmt: skip
    rows = [
        {"unit": "", "name": "", "node": material.node, "year": int(year), "value": float(y), "x": float(x)}
        for year, curve in zip(found.years, found.densities, strict=True)
        for x, y in zip(found.grid, curve, strict=True)
    ]
    modes = (material.text(found.modes[0]), material.text(found.modes[-1]))
    if not dark:
        title = _("{year} 年得分的主峰在 {mode}").format(year=found.years[0], mode=modes[0])
    elif modes[0] == modes[1]:
        title = _("{first}-{last} 年主峰都在 {mode}").format(
            first=found.years[0], last=found.years[-1], mode=modes[0]
        )
    else:
        word = (
            _("{first}-{last} 年主峰由 {start} 右移到 {end}") if found.modes[-1] > found.modes[0]
            else _("{first}-{last} 年主峰由 {start} 左移到 {end}")
        )  # fmt: skip
        title = word.format(first=found.years[0], last=found.years[-1], start=modes[0], end=modes[1])
    alt = _("核密度曲线, {count} 年; {sentence}").format(count=len(found.years), sentence=found.sentence())
    years = tuple(int(year) for year in found.years)
    return Drawing(picture, long_table(rows, x=float), title, alt, 380, years, _("密度"))


def _between(share: float) -> str:
    """Return a colour of the sequential ramp, its lightest step left out for lines."""
    ramp = palette().sequential[1:]
    place = share * (len(ramp) - 1)
    k = min(int(place), len(ramp) - 2)
    parts = [
        round(int(ramp[k][c : c + 2], 16) * (1 - place + k) + int(ramp[k + 1][c : c + 2], 16) * (place - k))
        for c in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def dagum_stack(material: Material) -> Drawing:
    """The Gini coefficient of every year, stacked: within regions, between them, and their overlap."""
    result, found = material.result, _dagums(material)
    names = {
        "within": _("组内"),
        "between": _("组间"),
        "transvariation": _("超变密度"),
    }
    series: list[dict[str, Any]] = [
        {
            "type": "bar", "name": name, "stack": "gini", "barMaxWidth": 46,
            "itemStyle": {"color": palette().category(k), "borderColor": palette().ground, "borderWidth": 0.5},
            "data": [float(one.parts[part]) for one in found.values()],
        }
        for k, (part, name) in enumerate(names.items())
    ]  # fmt: skip
    years, first, last = tuple(found), next(iter(found.values())), list(found.values())[-1]
    largest = max(names, key=lambda part: last.parts[part])
    share = last.parts[largest] / last.gini if last.gini else 0.0
    title = _("{year} 年基尼系数 {gini:.3f}, 其中{part}占 {share:.0%}").format(
        year=years[-1], gini=last.gini, part=names[largest], share=share
    )
    alt = _(
        "堆叠柱图, {first}-{last} 年基尼系数分为组内、组间和超变密度; 由 {start:.3f} 到 {end:.3f}。"
    ).format(first=years[0], last=years[-1], start=first.gini, end=last.gini)
    picture = option(
        grid={"left": 52, "right": 24, "top": 48, "bottom": 34}, legend=legend(list(names.values())),
        xAxis=category_axis([str(year) for year in years]),
        yAxis=value_axis(0.0, max(one.gini for one in found.values())), series=series,
    )  # fmt: skip
    rows = [
        {"unit": "", "name": part, "node": material.node, "year": year, "value": float(one.parts[part])}
        for year, one in found.items() for part in names
    ]  # fmt: skip
    skipped = [str(year) for year in result.years if year not in found]
    remarks = (_("没有画的年份: {years}").format(years=", ".join(skipped)),) if skipped else ()
    return Drawing(picture, long_table(rows), title, alt, 340, years, _("基尼系数"), remarks)


def _dagums(material: Material) -> dict[int, Dagum]:
    """Return the decomposition of every year in which it is defined."""
    result, found, why = material.result, {}, ""
    for t, year in enumerate(result.years):
        values = result.scores[material.node][t]
        units = np.flatnonzero(np.isfinite(values)).tolist()
        regions = [result.region_name(n) for n in units]
        try:
            if not units or not all(regions):
                raise ComputeError(_("方法没有区域划分, 或有单位不属于任何区域"))
            found[year] = dagum(values[units], regions, [material.labels[n] for n in units])
        except ComputeError as error:
            why = error.what
    if not found:
        raise ComputeError(why)
    return found
