"""The white paper: the blocks of each part from where the units stand, and both files from the same tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xinzhi.analysis.catalogue import Report
from xinzhi.errors import CallError, ComputeError
from xinzhi.index import Result
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.measures import unit_name
from xinzhi.output import whole_file
from xinzhi.publish.blocks import (
    Block,
    Column,
    Document,
    Heading,
    Name,
    Paragraph,
    Picture,
    Span,
    Spans,
    Table,
    Words,
    bare_figures,
    numbers_of,
)
from xinzhi.publish.bundle.writing import write_bundle
from xinzhi.publish.choices import Choices, robustness_in
from xinzhi.publish.edition import edition_of
from xinzhi.publish.figures import figure
from xinzhi.publish.outline import Outline, OutlineError, edited, load_outline
from xinzhi.publish.text.findings import Writer, paragraph
from xinzhi.publish.text.measures import is_shown
from xinzhi.publish.text.standing import Standing, standing_of
from xinzhi.publish.typst import PaperError, printed
from xinzhi.publish.word import word

PDF, WORD, BUNDLE = "paper.pdf", "paper.docx", "bundle.zip"
TEXT = "text"
"""The folder of the editors' own text within that of a paper."""

_MOST_DECIMALS = 6
_ROWS_OF_PORTRAIT = 26
_FRONT_NOTES = 3
_COLUMNS = 7  # of scores in a table
_TALLEST = 1.2  # of a figure, in widths of the text


@dataclass(frozen=True)
class Paper:
    """What the parts of a paper are made from.

    Parameters
    ----------
    result : Result
    report : Report
        Its analyses.
    outline : Outline
    """

    result: Result
    report: Report
    outline: Outline

    @cached_property
    def standing(self) -> Standing:
        """Where the units stand."""
        return standing_of(self.result, robustness_in(self.report))

    @cached_property
    def writer(self) -> Writer:
        """What makes the sentences."""
        return Writer(self.standing)

    @property
    def year(self) -> int:
        """The year the paper is about."""
        return self.standing.year

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions just below the root; none where the indicators hang on the root itself."""
        return tuple(node for node in self.children if node in self.result.methodology.dimensions)

    @property
    def children(self) -> tuple[str, ...]:
        """The nodes just below the root, dimensions or indicators."""
        tree = self.result.methodology.tree
        return tree.children[tree.root]

    @property
    def single(self) -> bool:
        """True where there is one unit only, which has no rank."""
        return len(self.standing.codes) == 1


# --- parts -------------------------------------------------------------------------------------------------


def _summary(paper: Paper) -> Iterator[Block]:
    w, root, year = paper.writer, paper.standing.root, paper.year
    if paper.single:
        yield paragraph(*w.level(0, root))
        if len(paper.standing.years) > 1 and not paper.standing.relative:
            yield paragraph(w.drivers(0, paper.children))
        return
    yield paragraph(*w.leaders(root, year), *w.tiers(year))
    yield paragraph(*w.gradient(root, year), w.above_mean(root, year))
    yield from _quoted(paper.result.notes)


def _system(paper: Paper) -> Iterator[Block]:
    w, methodology, standing = paper.writer, paper.result.methodology, paper.standing
    case = ("years" if len(standing.years) > 1 else "year") + ("" if paper.dimensions else "_flat")
    yield paragraph(
        w.say(
            "system",
            case,
            title=Name(str(methodology.title)),
            names=[w.title(node) for node in paper.dimensions],
            dimensions=w.number("dimensions"),
            indicators=w.number("indicators"),
            count=w.number("units", year=paper.year),
            since=w.year(standing.years[0]),
            year=w.year(standing.years[-1]),
        )
    )
    columns = (
        Column(_("指标"), width=3.4),
        Column(_("权重") + " (%)", "right", 1),
        Column(_("方向"), "center", 0.8),
        Column(_("计量单位"), "left", 1.2),
        Column(_("代替的指标"), "left", 2.6),
    )
    rows = [_system_row(paper, node) for node in methodology.tree.nodes[1:]]
    yield Table((Words(_("指标、权重与计量单位")),), columns, tuple(rows))
    yield _quote(_("出处: {source}").format(source=methodology.source.citation))


def _system_row(paper: Paper, node: str) -> tuple[Spans, ...]:
    methodology = paper.result.methodology
    indicator = methodology.indicators.get(node)
    indent = "　" * (methodology.tree.depth(node) - 1)
    weight = paper.writer.number("weight", "2", node=node)
    if indicator is None:
        return (Words(indent), Words(methodology.node_title(node), strong=True)), (weight,), (), (), ()
    return (
        (Words(indent), Name(str(indicator.title))),
        (weight,),
        (Words("+" if indicator.direction == "positive" else "−"),),
        (Name(unit_name(indicator.unit)),),
        (Name(str(indicator.stands_for or "")),),
    )


def _readings(paper: Paper) -> Iterator[Block]:
    methodology = paper.result.methodology
    for id, option in methodology.chosen_readings.items():
        reading = methodology.readings[id]
        yield _quote(
            _("读法 {reading}: {option}").format(reading=reading.title, option=reading.options[option].title)
        )


def _overall(paper: Paper) -> Iterator[Block]:
    w, root = paper.writer, paper.standing.root
    if paper.single:
        yield paragraph(*w.level(0, root))
        for node in paper.dimensions:
            yield paragraph(*w.level(0, node))
        yield _levels_table(paper)
        return
    bands = [w.band(root, paper.year, band) for band in paper.outline.bands]
    yield paragraph(w.above_mean(root, paper.year), *bands)


def _levels_table(paper: Paper) -> Table:
    """Years down, the index and its parts across: for one unit."""
    w, nodes = paper.writer, (paper.standing.root, *paper.dimensions)
    columns = (Column(_("年份")), *(Column(w.title(node).text, "right") for node in nodes))
    rows = (
        ((w.year(year),), *((w.score(0, node, year),) for node in nodes)) for year in paper.standing.years
    )
    return Table((Words(_("历年指数")),), columns, tuple(rows))


def _movers(paper: Paper) -> Iterator[Block]:
    standing = paper.standing
    if len(standing.years) > 1 and not paper.single and standing.years[0] < paper.year:
        sentences = list(paper.writer.climbers(standing.root, standing.years[0], paper.year))
        if sentences:
            yield paragraph(*sentences)


def _regions(paper: Paper) -> Iterator[Block]:
    w, standing, year = paper.writer, paper.standing, paper.year
    if len(standing.region_names) < 2:
        return
    nodes = (standing.root, *paper.dimensions)
    yield paragraph(*w.gradient(standing.root, year), *w.first_places(standing.root, year))
    sentences = [sentence for node in paper.dimensions for sentence in w.gradient(node, year)]
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


def _ranking(paper: Paper) -> Iterator[Block]:
    w, standing, year, root = paper.writer, paper.standing, paper.year, paper.standing.root
    if paper.single:
        return
    yield paragraph(*w.leaders(root, year), *w.last(root, year), *w.tiers(year))
    examined = standing.robustness is not None
    columns = [
        Column(_("排名"), "right", 0.7),
        Column(_("名称"), "left", 1.5),
        *([Column(_("区域"), "left", 0.9)] if standing.region_names else []),
        *(Column(w.title(node).text, "right", 1.4) for node in (root, *paper.dimensions)),
        *([Column(_("名次区间"), "center", 1.1), Column(_("档次"), "right", 0.7)] if examined else []),
    ]
    note = _("区间为名次的 5% 和 95% 分位; 同档之内的先后不作数。") if examined else ""
    order = standing.order(root, year)
    order += [n for n in range(len(standing.codes)) if n not in set(order)]
    yield Table(
        w.say("caption", "ranking", year=w.year(year), node=w.title(root)),
        tuple(columns),
        tuple(_ranking_row(paper, n, examined) for n in order),
        (Name(note),) if note else (),
    )


def _ranking_row(paper: Paper, n: int, examined: bool) -> tuple[Spans, ...]:
    w, standing, year, root = paper.writer, paper.standing, paper.year, paper.standing.root
    code = standing.codes[n]
    row: list[Spans] = [(w.rank(n, root, year),), (w.name(n),)]
    if standing.region_names:
        row.append((Name(standing.region_names.get(standing.regions[n], "")),))
    row += [(w.score(n, node, year),) for node in (root, *paper.dimensions)]
    if examined:
        low, high = (w.number(end, "0", code, root, year) for end in ("low", "high"))
        row += [(low, Words("-"), high), (w.number("tier", "0", code, root, year),)]
    return tuple(row)


def _dimensions(paper: Paper) -> Iterator[Block]:
    w, year = paper.writer, paper.year
    if paper.single:
        return
    for node in paper.children:
        yield Heading(2, (w.title(node),), f"dimension-{node}")
        yield paragraph(*w.leaders(node, year), w.above_mean(node, year))
        yield paragraph(
            *(w.band(node, year, band) for band in paper.outline.bands),
            *w.first_places(node, year),
            *w.last(node, year),
        )


def _scores(paper: Paper) -> Iterator[Block]:
    tree = paper.result.methodology.tree
    for node in paper.dimensions or (tree.root,):
        leaves = tree.leaves_under(node)
        for start in range(0, len(leaves), _COLUMNS):
            yield _scores_table(paper, node, leaves[start : start + _COLUMNS])


def _scores_table(paper: Paper, node: str, leaves: Sequence[str]) -> Table:
    w, year = paper.writer, paper.year
    columns = (Column(_("名称"), "left", 1.2), *(Column(w.title(leaf).text, "right") for leaf in leaves))
    rows: tuple[tuple[Spans, ...], ...] = tuple(
        ((w.name(n),), *((w.score(n, leaf, year),) for leaf in leaves))
        for n in range(len(paper.standing.codes))
    )
    return Table(w.say("caption", "scores", year=w.year(year), node=w.title(node)), columns, rows)


def _filled(paper: Paper) -> Iterator[Block]:
    w, result = paper.writer, paper.result
    count = len(result.fills)
    yield paragraph(w.say("filled", "some" if count else "none", cells=w.number("fills")))
    if count:
        columns = [
            Column(_("名称"), width=1),
            Column(_("年份"), "center", 0.7),
            Column(_("指标"), width=1.8),
            Column(_("数值"), "right", 1.1),
            Column(_("补齐方法"), width=3.4),
        ]
        rows = tuple(_filled_row(paper, place) for place in range(count))
        yield Table((Words(_("补齐的数据")),), tuple(columns), rows)
    if result.missing_cells:
        yield _missing(paper)


def _missing(paper: Paper) -> Table:
    columns = (
        Column(_("名称")),
        Column(_("年份"), "center", 0.7),
        Column(_("指标"), width=2),
        Column(_("状态")),
    )
    cells = paper.result.table("missing").select("name", "year", "title", "status")
    rows: Iterator[tuple[Spans, ...]] = (
        ((Name(name),), (paper.writer.year(year),), (Name(title),), (Name(status),))
        for name, year, title, status in cells.iter_rows()
    )
    return Table((Words(_("缺失的数据")),), columns, tuple(rows))


def _filled_row(paper: Paper, place: int) -> tuple[Spans, ...]:
    w, result = paper.writer, paper.result
    panel, fill = result.figures.panel, result.fills[place]
    about = result.methodology.variable(panel.variables[fill.variable])
    decimals = str(min(about.decimals, _MOST_DECIMALS))
    year, code = panel.years[fill.year], panel.codes[fill.unit]
    return (
        (Name(result.names[fill.unit]),),
        (w.year(year),),
        (Name(str(about.title)),),
        (w.number("cell", decimals, code, "", year, str(fill.variable)),),
        (Name(fill.describe(panel, result.region_name(fill.unit), result.names)),),
    )


def _portraits(paper: Paper) -> Iterator[Block]:
    w, standing = paper.writer, paper.standing
    if paper.single:
        return
    for n, code in enumerate(standing.codes):
        yield Heading(2, (w.name(n),), f"portrait-{code}", new_page=True, pages=1, numbered=False)
        yield paragraph(*w.portrait(n, paper.year))
        yield _portrait_table(paper, n)


def _portrait_table(paper: Paper, n: int) -> Table:
    w, standing, tree = paper.writer, paper.standing, paper.result.methodology.tree
    year, code, peers = paper.year, standing.codes[n], standing.regions[n]
    leaves = sorted(tree.leaves, key=lambda leaf: -_share(paper, leaf))
    kept = set(leaves[: _ROWS_OF_PORTRAIT - len(tree.inner)])
    nodes = [node for node in tree.nodes if node in kept or node in tree.inner]
    rows = []
    for node in nodes:
        indicator = paper.result.methodology.indicators.get(node)
        figure: Spans = ()
        if indicator is not None:
            decimals = str(min(indicator.decimals, _MOST_DECIMALS))
            figure = (
                w.number("figure", decimals, code, node, year),
                Words(" "),
                Name(unit_name(indicator.unit)),
            )
        title: Span = w.title(node) if indicator else Words(w.title(node).text, strong=True)
        rows.append(
            (
                (Words("　" * tree.depth(node)), title),
                figure,
                (w.score(n, node, year),),
                (w.rank(n, node, year),),
                (w.number("gap", f"+{w.decimals}", code, node, year, peers),),
            )
        )
    columns = (
        Column(_("指标"), width=3),
        Column(_("数值"), "right", 2),
        Column(_("得分"), "right", 0.9),
        Column(_("排名"), "right", 0.8),
        Column(_("与{peers}平均之差").format(peers=w.peers(peers).text), "right", 1.4),
    )
    left = len(tree.leaves) - len(kept)
    note: Spans = (Words(_("只列权重较大的指标, 其余见附录各表。")),) if left else ()
    return Table(w.say("caption", "portrait", year=w.year(year), unit=w.name(n)), columns, tuple(rows), note)


def _share(paper: Paper, leaf: str) -> float:
    leaves = paper.result.methodology.tree.leaves
    return float(paper.result.weights.of_leaves()[0][leaves.index(leaf)])


def _quote(text: str) -> Paragraph:
    """Return a text of the methodology or of the result as it is; its figures are the source's own."""
    return Paragraph((Name(text),), marker="※")


def _quoted(texts: Sequence[str]) -> Iterator[Block]:
    yield from map(_quote, texts)


def _drawn(paper: Paper, name: str) -> Picture | None:
    """Draw a figure; None where the result has not what it shows, one year for a trend."""
    try:
        drawn = figure(name, paper.result, dict(paper.report.outcomes))
    except ComputeError:
        return None
    width = min(1.0, _TALLEST * drawn.width / drawn.height)
    return Picture(
        (Name(drawn.title),), drawn.alt, drawn.svg().encode(), drawn.png(), (Name(drawn.caption),), width
    )


#: Generated parts by the name that an outline gives them.
PARTS: Mapping[str, Callable[[Paper], Iterator[Block]]] = {
    "summary": _summary,
    "system": _system,
    "readings": _readings,
    "overall": _overall,
    "movers": _movers,
    "regions": _regions,
    "ranking": _ranking,
    "dimensions": _dimensions,
    "scores": _scores,
    "filled": _filled,
    "portraits": _portraits,
}


# --- the whole ---------------------------------------------------------------------------------------------


def document(paper: Paper, text: Path | None = None) -> Document:
    """Return the tree of a paper.

    Parameters
    ----------
    paper : Paper
    text : Path, optional
        Folder of the editors' Markdown, a file ``<chapter>.md`` for each chapter that has some.

    Raises
    ------
    CallError, OutlineError
        If the outline names a part or a figure that does not exist, or an editor's text cannot be read.
    """
    blocks: list[Block] = []
    for chapter in paper.outline.chapters:
        inside = edited(text, chapter)
        for part in chapter.parts:
            if part not in PARTS:
                raise OutlineError(
                    _("没有叫 {part} 的部分").format(part=part),
                    remedy=_("可用: {known}").format(known=", ".join(PARTS)),
                )
            inside += PARTS[part](paper)
        if inside or not chapter.parts:  # no figure stands for parts that do not apply
            inside += [picture for name in chapter.figures if (picture := _drawn(paper, name))]
        if inside:
            title = (Words(str(chapter.title)),)
            blocks += [Heading(1, title, chapter.id, new_page=True, numbered=chapter.numbered), *inside]
    years = sorted({paper.standing.years[0], paper.standing.years[-1]})
    return Document(
        title=str(paper.outline.title),
        subtitle="-".join(map(str, years)),
        author=str(paper.outline.author),
        language=current_language(),
        result=paper.standing.fingerprint,
        blocks=tuple(blocks),
        notes=(paper.result.title, *paper.result.notes[:_FRONT_NOTES]),
    )


def require_sound(tree: Document, standing: Standing) -> None:
    """Refuse a document in which a number is not what its key stands for, or a figure has no key.

    Raises
    ------
    PaperError
        With the sentence.
    """
    for number in numbers_of(tree.blocks):
        if not is_shown(standing, number.key, number.text):
            raise PaperError(_("数字 {text} 与它的键 {key} 不符").format(text=number.text, key=number.key))
    for block in tree.blocks:
        for words in bare_figures(block):
            raise PaperError(_("生成的文字里有不带键的数字: {words}").format(words=words))


def write_paper(
    result: Result,
    folder: str | Path,
    fonts: Path,
    *,
    outline: Outline | None = None,
    text: Path | None = None,
    choices: Choices | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> Path:
    """Write a white paper: PDF, Word and the bundle that its numbers are traced in.

    The folder is made where it is not there; nothing in it but these three files is touched, so that the
    editors' own text (``text/<chapter>.md``) survives.

    Raises
    ------
    CallError, OutlineError, PaperError
        If the place cannot be written, the outline is wrong, or the paper cannot be set as it ought to be.
    """
    target = Path(folder)
    if not result.is_scored:
        raise CallError(_("没有一个单位有得分, 写不成白皮书"))
    if target.exists() and not target.is_dir():
        raise CallError(_("这里已有的不是文件夹"), where=str(target), remedy=_("请换一个文件夹"))
    progress("analysis")
    edition = edition_of([result], title=result.methodology.title, choices=choices)
    paper = Paper(result, edition.main.report, outline or load_outline())
    tree = document(paper, text if text is not None else target / TEXT)
    require_sound(tree, paper.standing)
    progress(PDF)
    pdf = printed(tree, fonts)
    progress(WORD)
    docx = word(tree, pdf.page_of)
    target.mkdir(parents=True, exist_ok=True)
    for name, data in ((PDF, pdf.data), (WORD, docx)):
        with whole_file(target / name) as draft:
            draft.write_bytes(data)
    progress(BUNDLE)
    write_bundle(edition, target / BUNDLE)
    return target
