"""The generated parts of a paper by the name that an outline gives them."""

from collections.abc import Callable, Iterator, Mapping

from xinzhi.publish.blocks import Block
from xinzhi.publish.paper.parts.cases import cases
from xinzhi.publish.paper.parts.data import filled, scores
from xinzhi.publish.paper.parts.method import background, formulas, readings, sources, system
from xinzhi.publish.paper.parts.portraits import portraits
from xinzhi.publish.paper.parts.proof import reproduction, robustness
from xinzhi.publish.paper.parts.standings import dimensions, movers, overall, ranking, regions, summary
from xinzhi.publish.paper.subject import Subject

__all__ = ["PARTS"]

PARTS: Mapping[str, Callable[[Subject], Iterator[Block]]] = {
    "summary": summary,
    "background": background,
    "system": system,
    "formulas": formulas,
    "sources": sources,
    "readings": readings,
    "overall": overall,
    "movers": movers,
    "regions": regions,
    "ranking": ranking,
    "dimensions": dimensions,
    "cases": cases,
    "scores": scores,
    "filled": filled,
    "robustness": robustness,
    "reproduction": reproduction,
    "portraits": portraits,
}
