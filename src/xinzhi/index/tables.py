"""The tables of a result: polars frames with stable English column names, and headings for people."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from xinzhi.errors import CallError
from xinzhi.geography import load_region_scheme
from xinzhi.index.notes import notes
from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.panel import Status

if TYPE_CHECKING:
    import polars as pl

    from xinzhi.index.computation import Computation


def table(result: Computation, name: str) -> pl.DataFrame:
    """Return the table `name` of a result.

    Raises
    ------
    CallError
        If there is no table of that name; the error lists them.
    """
    if name not in TABLES:
        raise CallError(
            _("没有叫 {name} 的表").format(name=name),
            remedy=_("可用: {known}").format(known=", ".join(TABLES)),
        )
    return TABLES[name](result)


def column_of(node: str) -> str:
    """Return the column of a node: its id, marked where it would be taken for another column."""
    taken = node in ("code", "name", "region", "year", "missing_share", "filled_share", "total")
    return f"{node}_score" if taken or node.endswith(("_rank", "_score")) else node


def _frame(columns: dict[str, Any]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(columns, nan_to_null=True)


def _keys(result: Computation) -> dict[str, Any]:
    years, units = len(result.years), len(result.codes)
    regions = [result.region_name(n) for n in range(units)]
    return {
        "code": list(result.codes) * years,
        "name": list(result.names) * years,
        "region": regions * years,
        "year": np.repeat(np.array(result.years, dtype=np.int64), units),
    }


def scores(result: Computation) -> pl.DataFrame:
    """One row per unit and year: score and rank of every node, shares of missing and filled weight."""
    columns = _keys(result)
    for node in result.nodes:
        columns[column_of(node)] = result.scores[node].reshape(-1)
        columns[f"{column_of(node)}_rank"] = result.ranks[node].reshape(-1)
    columns["missing_share"] = result.missing_share.reshape(-1)
    columns["filled_share"] = result.filled_share.reshape(-1)
    return _frame(columns)


def contributions(result: Computation) -> pl.DataFrame:
    """One row per unit and year: what each indicator brings to the total, and the total."""
    parts = result.contributions()
    columns = _keys(result) | {
        column_of(leaf): parts[..., j].reshape(-1) for j, leaf in enumerate(result.methodology.tree.leaves)
    }
    columns["total"] = result.scores[result.methodology.tree.root].reshape(-1)
    return _frame(columns)


def figures(result: Computation) -> pl.DataFrame:
    """One row per unit and year: the figures of the indicators, gaps filled, before treatment."""
    return _frame(
        _keys(result)
        | {
            column_of(leaf): result.figures.values[..., j].reshape(-1)
            for j, leaf in enumerate(result.methodology.tree.leaves)
        }
    )


def weights(result: Computation) -> pl.DataFrame:
    """One row per node: its place in the tree, share of the total and within its parent."""
    methodology, tree = result.methodology, result.methodology.tree
    of_leaves = result.weights.of_leaves()[0]
    rows = []
    for node in tree.nodes:
        parent = tree.parent.get(node)
        local = (
            1.0
            if parent is None
            else float(result.weights.local[parent][0][tree.children[parent].index(node)])
        )
        below = (of_leaves[tree.leaves.index(leaf)] for leaf in tree.leaves_under(node))
        total = 1.0 if parent is None else math.fsum(below)
        indicator = methodology.indicators.get(node)
        rows.append(
            {
                "node": node,
                "title": methodology.node_title(node),
                "parent": parent or "",
                "depth": tree.depth(node),
                "share_of_total": total,
                "share_in_parent": local,
                "direction": indicator.direction if indicator else "",
                "unit": unit_name(indicator.unit) if indicator else "",
            }
        )
    return _rows(rows)


def descriptive(result: Computation) -> pl.DataFrame:
    """One row per year and indicator: n, mean, population standard deviation, extremes (paper, Table 2)."""
    rows = []
    for t, year in enumerate(result.years):
        for j, leaf in enumerate(result.methodology.tree.leaves):
            values = result.figures.values[t, :, j]
            values = values[np.isfinite(values)]
            indicator = result.methodology.indicators[leaf]
            statistics = (
                (values.mean(), values.std(), values.min(), values.max()) if len(values) else (None,) * 4
            )
            names = ("mean", "sd", "minimum", "maximum")
            rows.append(
                {
                    "year": year,
                    "indicator": leaf,
                    "title": str(indicator.title),
                    "unit": unit_name(indicator.unit),
                    "count": len(values),
                }
                | dict(zip(names, (None if s is None else float(s) for s in statistics), strict=True))
            )
    return _rows(rows)


def groups(result: Computation) -> pl.DataFrame:
    """One row per year, region and node: units with a score, simple mean, minimum and maximum."""
    columns = {
        "year": int,
        "region": str,
        "node": str,
        "title": str,
        "count": int,
        "mean": float,
        "minimum": float,
        "maximum": float,
    }
    if not result.methodology.regions:
        return _rows([], columns)
    labels = np.array(result.figures.regions)
    rows = []
    for t, year in enumerate(result.years):
        for region in load_region_scheme(result.methodology.regions).groups:
            for node in result.methodology.tree.nodes:
                if node in result.methodology.indicators:
                    continue
                values = result.scores[node][t, labels == region.id]
                values = values[np.isfinite(values)]
                if len(values):
                    rows.append(
                        {
                            "year": year,
                            "region": region.name,
                            "node": node,
                            "title": result.methodology.node_title(node),
                            "count": len(values),
                            "mean": float(values.mean()),
                            "minimum": float(values.min()),
                            "maximum": float(values.max()),
                        }
                    )
    return _rows(rows, columns)


def filled(result: Computation) -> pl.DataFrame:
    """One row per filled cell: unit, year, variable, figure, status, rule with its inputs."""
    panel = result.figures.panel
    return _rows(
        [
            {
                "code": panel.codes[fill.unit],
                "name": result.names[fill.unit],
                "year": panel.years[fill.year],
                "variable": panel.variables[fill.variable],
                "title": str(result.methodology.variable(panel.variables[fill.variable]).title),
                "value": float(panel.values[fill.year, fill.unit, fill.variable]),
                "status": Status(int(panel.status[fill.year, fill.unit, fill.variable])).label,
                "rule": fill.describe(panel, result.region_name(fill.unit), result.names),
            }
            for fill in result.fills
        ],
        {
            "code": str,
            "name": str,
            "year": int,
            "variable": str,
            "title": str,
            "value": float,
            "status": str,
            "rule": str,
        },
    )


def missing(result: Computation) -> pl.DataFrame:
    """One row per cell without a figure: unit, year, indicator, status."""
    leaves = result.methodology.tree.leaves
    return _rows(
        [
            {
                "code": result.codes[n],
                "name": result.names[n],
                "year": result.years[t],
                "indicator": leaves[j],
                "title": result.methodology.node_title(leaves[j]),
                "status": status.label,
            }
            for t, n, j, status in result.missing_cells
        ],
        {"code": str, "name": str, "year": int, "indicator": str, "title": str, "status": str},
    )


def _rows(rows: list[dict[str, Any]], columns: dict[str, type] | None = None) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, schema=columns, infer_schema_length=None, orient="row")


#: Tables by name, in the order of the sheets.
TABLES: dict[str, Callable[[Computation], pl.DataFrame]] = {
    "scores": scores,
    "contributions": contributions,
    "groups": groups,
    "weights": weights,
    "descriptive": descriptive,
    "figures": figures,
    "filled": filled,
    "missing": missing,
}


def table_title(name: str) -> str:
    """Return the title of a table in the current language; short enough for a sheet name."""
    return {
        "scores": _("得分与排名"),
        "contributions": _("贡献"),
        "groups": _("区域均值"),
        "weights": _("权重"),
        "descriptive": _("描述性统计"),
        "figures": _("指标数值"),
        "filled": _("补齐的数据"),
        "missing": _("缺失的数据"),
    }[name]


def heading(result: Computation, column: str) -> str:
    """Return the heading of a column for people, in the current language."""
    fixed = {
        "code": _("代码"),
        "name": _("名称"),
        "region": _("区域"),
        "year": _("年份"),
        "missing_share": _("缺失权重占比"),
        "filled_share": _("补齐权重占比"),
        "total": _("合计"),
        "node": _("标识"),
        "title": _("指标"),
        "parent": _("上级"),
        "depth": _("层级"),
        "share_of_total": _("占总权重"),
        "share_in_parent": _("占上级权重"),
        "direction": _("方向"),
        "unit": _("计量单位"),
        "indicator": _("标识"),
        "count": _("个数"),
        "mean": _("平均值"),
        "sd": _("标准差"),
        "minimum": _("最小值"),
        "maximum": _("最大值"),
        "variable": _("变量"),
        "value": _("数值"),
        "status": _("状态"),
        "rule": _("补齐方法"),
    }
    nodes = {column_of(node): node for node in result.nodes}
    if column in nodes:
        return result.methodology.node_title(nodes[column])
    if column.endswith("_rank") and column.removesuffix("_rank") in nodes:
        # The word comes first: cut short, a rank must not look like its score.
        return _("排名") + " " + result.methodology.node_title(nodes[column.removesuffix("_rank")])
    return fixed.get(column, column)


# --- the ranking as text ---------------------------------------------------------------------------------


def headline_nodes(result: Computation) -> tuple[str, ...]:
    """Return the nodes of a ranking: the root and its dimensions."""
    methodology = result.methodology
    first = methodology.tree.children[methodology.tree.root]
    return (methodology.tree.root, *(node for node in first if node in methodology.dimensions))


def ranking_heads(result: Computation) -> list[str]:
    """Return the headings of a ranking: rank, name, total, dimensions, and the trend where there are years."""
    heads = [_("排名"), _("名称"), *(result.methodology.node_title(n) for n in headline_nodes(result))]
    if len(result.years) > 1:
        heads.append(_("{first}-{last} 年").format(first=result.years[0], last=result.years[-1]))
    return heads


def ranking_order(result: Computation, year: int | None = None) -> list[int]:
    """Return the positions of the units in the order of their ranks; units without a rank come last."""
    places = result.ranks[result.methodology.tree.root][result.find_year(year)]
    return sorted(
        range(len(result.codes)), key=lambda n: (np.nan_to_num(places[n], nan=np.inf), result.codes[n])
    )


def ranking_rows(
    result: Computation, year: int | None = None, top: int | None = None
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the ranking of one year as text."""
    t, nodes, names = result.find_year(year), headline_nodes(result), result.names
    decimals = 1 if result.methodology.scale >= 10 else 3
    rows = []
    for n in ranking_order(result, year)[:top]:
        place = result.ranks[nodes[0]][t, n]
        row = [f"{place:g}" if np.isfinite(place) else "–", names[n]]
        row += [_score(result.scores[node][t, n], decimals) for node in nodes]
        if len(result.years) > 1:
            row.append(sparkline(result.scores[nodes[0]][:, n]))
        rows.append(row)
    return ranking_heads(result), rows


def _score(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else "–"


def sparkline(values: Any) -> str:
    """Draw figures over time as block characters, between their own minimum and maximum; a gap is a space."""
    blocks = "▁▂▃▄▅▆▇█"
    known = [v for v in values if np.isfinite(v)]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    return "".join(
        blocks[min(int((v - low) / span * len(blocks)), len(blocks) - 1)] if np.isfinite(v) else " "
        for v in values
    )


def ranking_text(result: Computation, year: int | None = None, top: int | None = 10) -> str:
    """Return the ranking as aligned text with title and notes."""
    heads, rows = ranking_rows(result, year, top)
    widths = [max(display_width(row[c]) for row in [heads, *rows]) for c in range(len(heads))]
    last = len(heads) - 1 if len(result.years) > 1 else -1

    def line(row: list[str]) -> str:
        cells = [
            cell + " " * (width - display_width(cell))
            if c in (1, last)
            else " " * (width - display_width(cell)) + cell
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    more = len(result.codes) - len(rows)
    tail = [_("… 另有 {count} 个单位").format(count=more)] if more > 0 else []
    year = result.years[result.find_year(year)]
    return "\n".join(
        [f"{result.title} · {year}", line(heads), *map(line, rows), *tail, *(f"※ {n}" for n in notes(result))]
    )


def display_width(text: str) -> int:
    """Return the columns a text takes on a terminal: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
