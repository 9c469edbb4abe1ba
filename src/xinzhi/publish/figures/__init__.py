"""The figures: one catalogue, each drawn from a result as one option for page, PDF and Word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from xinzhi.analysis.inputs import require_result
from xinzhi.analysis.outcome import Outcome
from xinzhi.errors import CallError
from xinzhi.geography import demonstration_unit
from xinzhi.index import Result
from xinzhi.language import gettext as _
from xinzhi.publish.figures.checking import FigureError, require_drawn
from xinzhi.publish.figures.drawing import WIDTH, Drawing
from xinzhi.publish.figures.maps import choropleth, tiles
from xinzhi.publish.figures.material import Choices, Material, joiner
from xinzhi.publish.figures.palette import palette
from xinzhi.publish.figures.picture import Figure
from xinzhi.publish.figures.profiles import heat, obstacles, profile, radar
from xinzhi.publish.figures.rows import contributions, ranking, slope
from xinzhi.publish.figures.scatter import moran, quadrant
from xinzhi.publish.figures.years import dagum_stack, density, multiples, trend

__all__ = ["Choices", "Figure", "FigureError", "FigureKind", "Plot", "catalogue", "figure", "palette"]

_SOURCES = 3  # named in a caption


@dataclass(frozen=True)
class FigureKind:
    """A kind of figure.

    Attributes
    ----------
    name : str
        What to type.
    title : str
        What it is called, in the language in force.
    choices : tuple of str
        What of :class:`Choices` applies to it.
    draw : callable
    how : str
        How it draws the values of its table (:data:`xinzhi.publish.figures.checking.READERS`).
    """

    name: str
    title: str
    choices: tuple[str, ...]
    draw: Callable[[Material], Drawing]
    how: str


def catalogue() -> Mapping[str, FigureKind]:
    """Return the kinds of figures by name."""
    year, units = ("year", "node"), ("units", "top")
    kinds = (
        FigureKind("trend", _("走势: 总指数和分项"), ("year", "since", "node", "units"), trend, "along"),
        FigureKind("ranking", _("排名: 横条和区间"), (*year, *units, "replications"), ranking, "across"),
        FigureKind("contributions", _("贡献: 堆叠横条"), (*year, *units), contributions, "across"),
        FigureKind("quadrant", _("四象限散点"), (*units, "against"), quadrant, "points"),
        FigureKind("map", _("分级地图"), (*year, "map_number"), choropleth, "areas"),
        FigureKind("tiles", _("方格图"), year, tiles, "cells"),
        FigureKind("radar", _("雷达图"), (*year, *units), radar, "axes"),
        FigureKind("profile", _("分项条形 (与雷达图等价)"), (*year, *units), profile, "along"),
        FigureKind("slope", _("名次变化"), (*year, "since", *units), slope, "ranks"),
        FigureKind("density", _("核密度"), (), density, "curves"),
        FigureKind("dagum", _("基尼系数分解"), ("node",), dagum_stack, "across"),
        FigureKind("moran", _("莫兰散点"), units, moran, "points"),
        FigureKind("heat", _("热力表"), (*year, *units), heat, "cells"),
        FigureKind("obstacles", _("障碍因素"), ("units",), obstacles, "shares"),
        FigureKind("multiples", _("小型多图"), (*year, "since", *units), multiples, "along"),
    )
    return {kind.name: kind for kind in kinds}


def figure(
    name: str, result: Result, outcomes: MutableMapping[str, Outcome] | None = None, **choices: Any
) -> Figure:
    """Draw a figure of a result, in the language in force.

    Parameters
    ----------
    name : str
        Of :func:`catalogue`.
    result : Result
    outcomes : mutable mapping of str to Outcome, optional
        What analyses found already, by name; what else is needed is computed and put there.
    **choices
        As :class:`Choices` has them and the kind takes them.

    Raises
    ------
    CallError
        If there is no such kind, choice, unit, node or year.
    ComputeError
        If the result has not what the figure shows: one year for a trend, no score at all.
    FigureError
        If it would show other figures than its table, or a sign that the font does not have.

    Examples
    --------
    >>> import xinzhi
    >>> from xinzhi.publish.figures import figure
    >>> drawn = figure("ranking", xinzhi.compute("province-open"))  # doctest: +SKIP
    >>> drawn.save("ranking.png")  # doctest: +SKIP
    """
    require_result(result)
    kinds = catalogue()
    if name not in kinds:
        raise CallError(
            _("没有叫 {name} 的图").format(name=name),
            remedy=_("可用: {known}").format(known=", ".join(kinds)),
        )
    kind = kinds[name]
    for choice in choices:
        if choice not in kind.choices:
            raise CallError(
                _("{figure} 图没有选项 {choice}").format(figure=name, choice=choice),
                remedy=_("可用: {known}").format(known=", ".join(kind.choices) or _("没有")),
            )
    if isinstance(units := choices.get("units"), str):
        choices["units"] = (units,)
    elif units is not None:
        choices["units"] = tuple(units)
    material = Material(result, Choices(**choices), {} if outcomes is None else outcomes)
    drawing = kind.draw(material)
    require_drawn(name, kind.how, drawing)
    return Figure(
        name, drawing.title, _caption(material, drawing), drawing.alt, drawing.option, drawing.table,
        WIDTH, drawing.height, drawing.maps,
    )  # fmt: skip


def _caption(material: Material, drawing: Drawing) -> str:
    """Return the 图注: what it is, source, year, unit, methodology, and what must be said besides."""
    result, years = material.result, drawing.years
    first, last = min(years), max(years)
    span = str(first) if first == last else f"{first}-{last}"
    parts = [
        result.title,
        _("资料来源: {source}").format(source=_source(result)),
        _("年份: {year}").format(year=span),
        _("单位: {unit}").format(unit=drawing.measure),
        _("方法: {id}").format(id=result.methodology.id),
        *drawing.remarks,
    ]
    if any(demonstration_unit(code) for code in result.codes):
        parts.insert(0, _("演示数据"))
    return joiner().join(_("{sentence}。").format(sentence=part) for part in parts)


def _source(result: Result) -> str:
    """Name the first sources of the figures, and how many there are."""
    sources = [source for source in result.panel.sources if source]
    if not sources:
        return str(result.methodology.source.citation)
    named = "; ".join(sources[:_SOURCES])
    return (
        named
        if len(sources) <= _SOURCES
        else _("{named} 等 {count} 种").format(named=named, count=len(sources))
    )


class Plot:
    """The figures of one result as methods: ``result.plot.quadrant(against="gdp_per_resident")``.

    What an analysis found is kept for the next figure.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        self._outcomes: dict[str, dict[str, Outcome]] = {}

    def __call__(self, name: str, **choices: Any) -> Figure:
        """Draw the figure of a name; see :func:`figure`."""
        # An outcome depends on what was chosen for its analysis.
        settings = repr([choices.get(key) for key in ("against", "replications")])
        return figure(name, self._result, self._outcomes.setdefault(settings, {}), **choices)

    def __getattr__(self, name: str) -> Callable[..., Figure]:
        if name.startswith("_") or name not in catalogue():
            raise AttributeError(f"no figure of the name {name!r}; there are {', '.join(catalogue())}")
        return partial(self, name)

    def __dir__(self) -> list[str]:
        return sorted(catalogue())


CHOICES = tuple(field.name for field in fields(Choices))
"""Everything that a reader may choose."""
