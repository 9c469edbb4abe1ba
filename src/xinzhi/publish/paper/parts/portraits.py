"""A page for each unit."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.index import Result
from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.publish.blocks import Block, Column, Heading, Name, Span, Spans, Table, Words
from xinzhi.publish.paper.parts.data import MOST_DECIMALS
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.text.findings import paragraph

_ROWS = 26


def portraits(subject: Subject) -> Iterator[Block]:
    """Give every unit a page; an index of one unit has no portrait."""
    if not subject.single:
        for n in range(len(subject.standing.codes)):
            yield from portrait(subject, n)


def portrait(subject: Subject, n: int) -> Iterator[Block]:
    """Give the page of the unit at position `n`: where it stands, in words and in figures."""
    w, code = subject.writer, subject.standing.codes[n]
    id = f"{subject.chapter}-{code}"
    yield Heading(2, (w.name(n),), id, new_page=True, pages=1, numbered=False)
    yield paragraph(*w.portrait(n, subject.year))
    yield table(subject, n)


def table(subject: Subject, n: int, *, every: bool = False) -> Table:
    """Return where a unit stands in each node: what a page has room for, or `every` one."""
    w, standing = subject.writer, subject.standing
    peers = standing.regions[n]
    nodes, left = (list(standing.nodes), 0) if every else _nodes(subject)
    columns = [
        Column(_("指标"), width=3.6),
        *([Column(_("数值"), "right", 1.7)] if subject.result else []),
        Column(_("得分"), "right", 0.9),
        Column(_("排名"), "right", 0.8),
        Column(_("与{peers}平均之差").format(peers=w.peers(peers).text), "right", 1.4),
    ]
    note: Spans = (Words(_("只列权重较大的指标, 其余见附录各表。")),) if left else ()
    caption = w.say("caption", "portrait", year=w.year(subject.year), unit=w.name(n))
    return Table(caption, tuple(columns), tuple(_row(subject, n, node) for node in nodes), note)


def _row(subject: Subject, n: int, node: str) -> tuple[Spans, ...]:
    w, standing, year = subject.writer, subject.standing, subject.year
    code, result = standing.codes[n], subject.result
    depth = result.methodology.tree.depth(node) if result else int(node != standing.root)
    inner = node in result.methodology.tree.inner if result else node == standing.root
    title: Span = Words(w.title(node).text, strong=True) if inner else w.title(node)
    return (
        (Words("　" * depth), title),
        *([_figure(subject, result, node, code)] if result else []),
        (w.score(n, node, year),),
        (w.rank(n, node, year),),
        (w.number("gap", f"+{w.decimals}", code, node, year, standing.regions[n]),),
    )


def _figure(subject: Subject, result: Result, node: str, code: str) -> Spans:
    indicator = result.methodology.indicators.get(node)
    if indicator is None:
        return ()
    decimals = str(min(indicator.decimals, MOST_DECIMALS))
    figure = subject.writer.number("figure", decimals, code, node, subject.year)
    return (figure, Words(" "), Name(unit_name(indicator.unit)))


def _nodes(subject: Subject) -> tuple[list[str], int]:
    """Return what a page has room for, in the order of the index, and how many indicators are left out."""
    if subject.result is None:
        return list(subject.standing.nodes), 0
    tree = subject.result.methodology.tree
    shares = dict(zip(tree.leaves, subject.result.weights.of_leaves()[0].tolist(), strict=True))
    leaves = sorted(tree.leaves, key=lambda leaf: -shares[leaf])
    kept = {*leaves[: _ROWS - len(tree.inner)], *tree.inner}
    return [node for node in tree.nodes if node in kept], len(tree.nodes) - len(kept)
