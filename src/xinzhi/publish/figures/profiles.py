"""Units and their parts: radar, the same as bars, the heat table and the obstacles."""

from __future__ import annotations

from typing import Any

import numpy as np

from xinzhi.analysis.obstacle import Obstacles
from xinzhi.analysis.outputs import listed
from xinzhi.errors import CallError
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
    plain,
    round_ends,
    value_axis,
    wrapped,
)
from xinzhi.publish.figures.maps import classes
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.palette import palette

_COMPARED = 5  # units in one radar
_FEWEST_AXES = 3
_TOP = 12  # obstacles
_CELLS = 2000  # of a heat table


def radar(material: Material) -> Drawing:
    """Units as polygons over the parts of the total; :func:`profile` shows the same as bars."""
    shown, parts, scores = _compared(material)
    if len(parts) < _FEWEST_AXES:
        raise CallError(_("雷达图至少要三个方面"), remedy=_("请改用条形的 profile"))
    high = max(material.result.methodology.scale, round_ends(0.0, float(np.nanmax(scores)))[1])
    names = [material.labels[n] for n in shown]
    series = {
        "type": "radar", "silent": True,
        "data": [
            {
                "name": name, "value": [plain(v) if np.isfinite(v) else "-" for v in scores[:, k]],
                "symbol": palette().symbols[k % 8], "symbolSize": 7, "itemStyle": {"color": palette().category(k)},
                "lineStyle": {"width": 2, "type": palette().dashes[k % 8], "color": palette().category(k)},
            }
            for k, name in enumerate(names)
        ],
    }  # fmt: skip
    picture = option(
        legend=legend(names), series=[series],
        radar={
            "center": ["50%", "55%"], "radius": "68%", "splitNumber": 4,
            "indicator": [
                {"name": wrapped(material.title_of(part), 150), "max": high, "min": 0} for part in parts
            ],
            "axisName": {"color": palette().ink, "fontSize": SIZE},
            "splitLine": {"lineStyle": {"color": palette().line}}, "splitArea": {"show": False},
            "axisLine": {"lineStyle": {"color": palette().line}},
        },
    )  # fmt: skip
    return _compared_drawing(material, picture, 460, _("雷达图"), shown, parts, scores)


def profile(material: Material) -> Drawing:
    """Units as bars side by side over the parts of the total: what the radar shows, easier to read."""
    shown, parts, scores = _compared(material)
    titles, left, _step = name_column([material.title_of(part) for part in parts])
    series = [
        {
            "type": "bar", "name": material.labels[n], "itemStyle": {"color": palette().category(k)}, "barGap": "10%",
            "data": [plain(v) if np.isfinite(v) else "-" for v in scores[:, k]],
            "label": {"show": False},
        }
        for k, n in enumerate(shown)
    ]  # fmt: skip
    picture = option(
        grid={"left": left, "right": 24, "top": 62, "bottom": 12}, legend=legend([material.labels[n] for n in shown]),
        xAxis=value_axis(0.0, float(np.nanmax(scores)), position="top"), yAxis=category_axis(titles, inverse=True),
        series=series,
    )  # fmt: skip
    height = 74 + len(parts) * (14 * len(shown) + 14)
    return _compared_drawing(material, picture, height, _("条形图"), shown, parts, scores)


def _compared(material: Material) -> tuple[list[int], tuple[str, ...], Any]:
    """Return the units, the parts of the total and the scores, shape (parts, units)."""
    tree = material.result.methodology.tree
    shown = material.few(3)
    if len(shown) > _COMPARED:
        raise CallError(
            _("一幅图最多比较 {most} 个单位").format(most=_COMPARED), remedy=_("请少选几个, 或用热力表 heat")
        )
    parts = tuple(tree.children.get(material.node, ()))
    if len(parts) < _FEWEST_AXES:
        parts = tuple(tree.leaves_under(material.node))
    return shown, parts, np.stack([material.result.scores[part][material.t, shown] for part in parts])


def _compared_drawing(
    material: Material,
    picture: dict[str, Any],
    height: int,
    form: str,
    shown: list[int],
    parts: Any,
    scores: Any,
) -> Drawing:
    names = [material.labels[n] for n in shown]
    best = [listed([names[k] for k in np.flatnonzero(row == np.nanmax(row))], 3) for row in scores]
    said = ", ".join(
        _("{part}{unit}最高").format(part=material.title_of(part), unit=unit)
        for part, unit in list(zip(parts, best, strict=True))[:6]
    )
    title = (
        _("{year} 年{unit}: {parts}").format(
            year=material.year, unit=names[0],
            parts=", ".join(
                f"{material.title_of(p)} {material.text(v)}" for p, v in list(zip(parts, scores[:, 0], strict=True))[:6]
            ),
        )
        if len(names) == 1
        else _("{year} 年{units}比较: {said}").format(year=material.year, units=listed(names), said=said)
    )  # fmt: skip
    figures = "; ".join(
        f"{name}: "
        + ", ".join(f"{material.title_of(p)} {material.text(v)}" for p, v in zip(parts, column, strict=True))
        for name, column in zip(names, scores.T, strict=True)
    )
    alt = _("{form}, {year} 年; {figures}。").format(form=form, year=material.year, figures=figures)
    rows = [material.row(n, scores[p, k], part) for k, n in enumerate(shown) for p, part in enumerate(parts)]
    return Drawing(picture, long_table(rows), title, alt, height, (material.year,), _("分"))


def heat(material: Material) -> Drawing:
    """A table of the scores of units by indicator, darker for more."""
    leaves = material.result.methodology.tree.leaves_under(material.node)
    shown = material.few(min(40, max(_CELLS // len(leaves), 1)))
    scores = np.stack([material.result.scores[leaf][material.t, shown] for leaf in leaves])
    titles = [material.title_of(leaf) for leaf in leaves]
    names, left, _step = name_column([material.labels[n] for n in shown], 120)
    pieces = classes([float(v) for v in scores[np.isfinite(scores)]], material.result.methodology.scale)
    across = (WIDTH - left - 12) / len(leaves)
    heads = [wrapped(title, 118, SIZE - 1) for title in titles]
    cells, blank = [], []
    for j in range(len(leaves)):
        for k in range(len(shown)):
            known = bool(np.isfinite(scores[j, k]))
            text = material.text(scores[j, k]) if across >= 28 else ""
            cell: dict[str, Any] = {"value": [j, k, float(scores[j, k]) if known else "-"]}
            if not known:
                blank.append({"value": [j, k]})
            else:
                colour = next(
                    p["color"] for p in pieces
                    if p.get("gte", -np.inf) <= scores[j, k] < p.get("lt", np.inf) or "lte" in p
                )  # fmt: skip
                cell["label"] = {
                    "show": True,
                    "formatter": text,
                    "fontSize": SIZE - 3,
                    "color": palette().on(colour),
                }
                cells.append(cell)
    tall = 16 * len(shown)
    picture = option(
        grid={"left": left, "right": 12, "top": 116, "height": tall},
        xAxis=category_axis(heads, position="top", axisLine={"show": False},
                            axisLabel={"rotate": 50, "interval": 0, "fontSize": SIZE - 1, "color": palette().ink}),
        yAxis=category_axis([name.replace("\n", "") for name in names], inverse=True, axisLine={"show": False},
                            axisLabel={"interval": 0, "fontSize": SIZE - 1, "color": palette().ink,
                                       "width": left - 10, "overflow": "truncate"}),
        visualMap={
            "type": "piecewise", "pieces": pieces, "left": 8, "bottom": 6, "orient": "horizontal", "seriesIndex": [0],
            "itemWidth": 16, "itemHeight": 11, "itemGap": 12, "textStyle": {"fontSize": SIZE - 1}, "dimension": 2,
        },
        series=[
            {"type": "heatmap", "data": cells, "silent": True,
             "itemStyle": {"borderColor": palette().ground, "borderWidth": 1}},
            {"type": "scatter", "symbolSize": 0, "silent": True, "data": blank,
             "label": {"show": True, "position": "inside", "formatter": "–", "color": palette().muted}},
        ],
    )  # fmt: skip
    middle = [float(np.median(row[np.isfinite(row)])) if np.isfinite(row).any() else np.nan for row in scores]
    lowest = listed([titles[j] for j in np.flatnonzero(np.asarray(middle) == np.nanmin(middle))], 3)
    title = _("{year} 年得分普遍最低的指标是{indicator} (中位数 {value})").format(
        year=material.year, indicator=lowest, value=material.text(float(np.nanmin(middle)))
    )
    alt = _(
        "热力表, {year} 年 {count} 个单位、{indicators} 个指标的得分; 中位数最低的是{lowest}; 缺 {blank} 格。"
    ).format(year=material.year, count=len(shown), indicators=len(leaves), lowest=lowest, blank=len(blank))
    rows = [material.row(n, scores[j, k], leaf) for j, leaf in enumerate(leaves) for k, n in enumerate(shown)]
    remarks = (_("横线是没有得分的 {count} 格").format(count=len(blank)),) if blank else ()
    return Drawing(
        picture, long_table(rows), title, alt, 116 + tall + 40, (material.year,), _("分"),
        (*remarks, *material.left_out_told(len(shown)), *material.unscored_told),
    )  # fmt: skip


def obstacles(material: Material) -> Drawing:
    """What holds units back: the indicators by their mean share of the shortfall, or those of chosen units."""
    found = material.outcome("obstacles")
    assert isinstance(found, Obstacles)
    chosen = [material.labels[n] for n in material.few(_COMPARED)] if material.choices.units else []
    rows_of = [k for k, name in enumerate(found.names) if not chosen or name in chosen]
    degrees = found.degrees[rows_of]
    mean = np.nanmean(degrees, axis=0)
    order = np.argsort(-mean, kind="stable")[:_TOP].tolist()
    names, left, step = name_column([found.indicators[j] for j in order])
    dimensions = list(dict.fromkeys(found.dimensions)) or [""]
    series = [
        {
            "type": "bar", "name": dimension, "stack": "degree", "barWidth": "62%",
            "itemStyle": {"color": palette().category(k)},
            "data": [
                float(mean[j]) * 100 if not found.dimension_of or found.dimension_of[j] == dimension else "-"
                for j in order
            ],
        }
        for k, dimension in enumerate(dimensions)
    ]  # fmt: skip
    picture = option(
        grid={"left": left, "right": 30, "top": 62, "bottom": 12}, legend=legend(dimensions, show=dimensions != [""]),
        xAxis=value_axis(0.0, float(mean[order].max()) * 100, position="top"),
        yAxis=category_axis(names, inverse=True), series=series,
    )  # fmt: skip
    who = listed(chosen) if chosen else _("{count} 个单位平均").format(count=len(rows_of))
    first = found.indicators[order[0]]
    title = _("{year} 年{who}最大的障碍是{indicator} ({degree:.1f}%)").format(
        year=material.year, who=who, indicator=first, degree=mean[order[0]] * 100
    )
    alt = _("横条图, {who}的障碍度, 前 {count} 项: {list}。").format(
        who=who, count=len(order), list=listed([f"{found.indicators[j]} {mean[j]:.1%}" for j in order], 5)
    )
    leaves = material.result.methodology.tree.leaves
    rows = [
        {"unit": "", "name": who, "node": leaves[j], "year": material.year, "value": float(mean[j])}
        for j in order
    ]
    left_out = len(found.indicators) - len(order)
    remarks = (
        (_("画出前 {drawn} 项, 共 {count} 项").format(drawn=len(order), count=len(mean)),) if left_out else ()
    )
    return Drawing(
        picture,
        long_table(rows),
        title,
        alt,
        74 + step * len(order),
        (material.year,),
        _("障碍度 (%)"),
        remarks,
    )
