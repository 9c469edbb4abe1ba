"""Where the units stand: the whole, regions, ranking, changes of rank, parts of the index."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Block, Column, Heading, Name, Spans, Table, Words
from xinzhi.publish.paper.subject import Subject, quoted
from xinzhi.publish.text.findings import paragraph


def summary(subject: Subject) -> Iterator[Block]:
    """Say the main things, and what a reader must know."""
    w, root, year = subject.writer, subject.standing.root, subject.year
    if subject.single:
        yield paragraph(*w.level(0, root))
        if len(subject.standing.years) > 1 and not subject.standing.relative:
            yield paragraph(w.drivers(0, subject.children))
        yield from quoted(subject.assessment.notes)
        return
    yield paragraph(*w.leaders(root, year), *w.tiers(year))
    yield paragraph(*w.gradient(root, year), w.above_mean(root, year))
    yield from quoted(subject.assessment.notes)


def overall(subject: Subject) -> Iterator[Block]:
    """Say how the units are spread; of one unit its level in each year."""
    w, root = subject.writer, subject.standing.root
    if subject.single:
        yield paragraph(*w.level(0, root))
        for node in subject.dimensions:
            yield paragraph(*w.level(0, node))
        yield _levels_table(subject)
        return
    bands = [w.band(root, subject.year, band) for band in subject.outline.bands]
    yield paragraph(w.above_mean(root, subject.year), *bands)


def _levels_table(subject: Subject) -> Table:
    """Years down, the index and its parts across: for one unit."""
    w, nodes = subject.writer, (subject.standing.root, *subject.dimensions)
    columns = (Column(_("年份")), *(Column(w.title(node).text, "right") for node in nodes))
    rows = (
        ((w.year(year),), *((w.score(0, node, year),) for node in nodes)) for year in subject.standing.years
    )
    return Table((Words(_("历年指数")),), columns, tuple(rows))


def movers(subject: Subject) -> Iterator[Block]:
    """Say whose rank moved furthest."""
    standing = subject.standing
    if len(standing.years) > 1 and not subject.single and standing.years[0] < subject.year:
        sentences = list(subject.writer.climbers(standing.root, standing.years[0], subject.year))
        if sentences:
            yield paragraph(*sentences)


def regions(subject: Subject) -> Iterator[Block]:
    """Say in what order the regions stand, with their means."""
    w, standing, year = subject.writer, subject.standing, subject.year
    if len(standing.region_names) < 2:
        return
    nodes = (standing.root, *subject.dimensions)
    yield paragraph(*w.gradient(standing.root, year), *w.first_places(standing.root, year))
    sentences = [sentence for node in subject.dimensions for sentence in w.gradient(node, year)]
    if sentences:
        yield paragraph(*sentences)
    columns = (
        Column(_("区域")),
        Column(_("单位数"), "right"),
        *(Column(w.title(node).text, "right", 1.4) for node in nodes),
    )
    rows: list[tuple[Spans, ...]] = [
        (
            (w.region(region),),
            (w.number("units", unit=region, year=year),),
            *((w.number("mean", w.decimals, region, node, year),) for node in nodes),
        )
        for region in standing.region_names
    ]
    yield Table(
        w.say("caption", "means", year=w.year(year)), columns, tuple(rows), (Words(_("单位不加权。")),)
    )


def ranking(subject: Subject) -> Iterator[Block]:
    """List all units, best first."""
    w, standing, year, root = subject.writer, subject.standing, subject.year, subject.standing.root
    if subject.single:
        return
    yield paragraph(*w.leaders(root, year), *w.last(root, year), *w.tiers(year))
    examined = standing.robustness is not None
    columns = [
        Column(_("排名"), "right", 0.7),
        Column(_("名称"), "left", 1.5),
        *([Column(_("区域"), "left", 0.9)] if standing.region_names else []),
        *(Column(w.title(node).text, "right", 1.4) for node in (root, *subject.dimensions)),
        *([Column(_("名次区间"), "center", 1.1), Column(_("档次"), "right", 0.7)] if examined else []),
    ]
    note = _("区间为名次的 5% 和 95% 分位; 同档之内的先后不作数。") if examined else ""
    yield Table(
        w.say("caption", "ranking", year=w.year(year), node=w.title(root)),
        tuple(columns),
        tuple(_ranking_row(subject, n, examined) for n in standing.listed(root, year)),
        (Name(note),) if note else (),
    )


def _ranking_row(subject: Subject, n: int, examined: bool) -> tuple[Spans, ...]:
    w, standing, year, root = subject.writer, subject.standing, subject.year, subject.standing.root
    code = standing.codes[n]
    row: list[Spans] = [(w.rank(n, root, year),), (w.name(n),)]
    if standing.region_names:
        row.append((Name(standing.region_names.get(standing.regions[n], "")),))
    row += [(w.score(n, node, year),) for node in (root, *subject.dimensions)]
    if examined:
        low, high = (w.number(end, "0", code, root, year) for end in ("low", "high"))
        row += [(low, Words("-"), high), (w.number("tier", "0", code, root, year),)]
    return tuple(row)


def dimensions(subject: Subject) -> Iterator[Block]:
    """Say who leads and who is last in each part of the index."""
    w, year = subject.writer, subject.year
    if subject.single:
        return
    for node in subject.children:
        yield Heading(2, (w.title(node),), f"{subject.chapter}-{node}")
        yield paragraph(*w.leaders(node, year), w.above_mean(node, year))
        yield paragraph(
            *(w.band(node, year, band) for band in subject.outline.bands),
            *w.first_places(node, year),
            *w.last(node, year),
        )
