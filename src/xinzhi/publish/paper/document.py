"""The tree of a paper: the chapters of an outline, filled for the indices that they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from xinzhi.geography import demonstration_unit
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import (
    Block,
    Document,
    Heading,
    Name,
    Picture,
    Span,
    Table,
    Words,
    bare_figures,
    numbers_of,
)
from xinzhi.publish.edition import Assessment, Edition
from xinzhi.publish.figures.picture import raster
from xinzhi.publish.outline import (
    ALL,
    LEVELS,
    OTHER,
    PRINTED,
    Chapter,
    Outline,
    OutlineError,
    markdown_blocks,
)
from xinzhi.publish.paper.parts import PARTS
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.text.measures import is_shown
from xinzhi.publish.typst import PaperError

_FRONT_NOTES = 3
_TALLEST = 1.2  # of a figure, in widths of the text


def document(edition: Edition, outline: Outline, texts: Mapping[str, str] = MappingProxyType({})) -> Document:
    """Return the tree of a paper.

    Parameters
    ----------
    edition : Edition
    outline : Outline
    texts : mapping of str to str
        The editors' Markdown by chapter.

    Raises
    ------
    CallError, OutlineError
        If the outline names an index, a part or a figure that does not exist.
    """
    blocks = [block for chapter in outline.chapters for block in _chapter(edition, outline, chapter, texts)]
    standing = edition.main.standing
    years = sorted({standing.years[0], standing.years[-1]})
    return Document(
        title=str(edition.title),
        subtitle="-".join(map(str, years)),
        author=str(outline.author),
        language=current_language(),
        result=edition.main.fingerprint,
        blocks=tuple(blocks),
        notes=tuple(_front(edition)),
    )


def _front(edition: Edition) -> Iterator[str]:
    """Yield the lines of the title page: every index, and the first things that must be said of it."""
    most = _FRONT_NOTES if len(edition.assessments) == 1 else 1
    for assessment in edition.assessments:
        yield assessment.result.title if assessment.result else assessment.title
        yield from assessment.notes[:most]
    if edition.fictitious and not any(a.fictitious for a in edition.assessments):
        yield _("案例是演示数据: 示例省是虚构的")


def _chapter(
    edition: Edition, outline: Outline, chapter: Chapter, texts: Mapping[str, str]
) -> Iterator[Block]:
    """Yield a chapter: what an editor wrote, then what is generated; nothing where there is neither."""
    for part in chapter.parts:
        if part not in PARTS:
            raise OutlineError(
                _("没有叫 {part} 的部分").format(part=part),
                remedy=_("可用: {known}").format(known=", ".join(PARTS)),
            )
    about = assessments_of(edition, chapter)
    inside: list[Block] = list(markdown_blocks(texts.get(chapter.id, ""), chapter.id))
    several = len(about) > 1
    for assessment in about:
        id = f"{chapter.id}-{assessment.id}" if several else chapter.id
        made = _about(Subject(edition, assessment, outline, id), chapter)
        if several and made:
            words = (Name(assessment.title), *([_mark()] if assessment.fictitious else []))
            inside.append(Heading(2, words, id, numbered=chapter.numbered))
        inside += made
    if not inside:
        return
    # A chapter is marked as a whole where all of it is made up, else as one that holds such.
    marks = [assessment.fictitious for assessment in about if chapter.parts or chapter.figures]
    if "cases" in chapter.parts:
        marks = [bool(demonstration_unit(case.code)) for case in edition.cases if case.code]
    whole, some = bool(marks) and all(marks), any(marks)
    title = (Words(str(chapter.title)), *([_mark()] if whole else []))
    running = _("演示数据") if whole else _("含演示数据") if some else ""
    numbered = chapter.numbered
    yield Heading(1, title, chapter.id, new_page=True, numbered=numbered, running=running)
    yield from inside


def assessments_of(edition: Edition, chapter: Chapter) -> list[Assessment]:
    """Return the indices that a chapter speaks of; none where the edition has no index of its level.

    Raises
    ------
    OutlineError
        If the chapter names an index that the edition has not.
    """
    chosen, known = chapter.index, edition.assessments
    if chosen in ("", ALL):
        real = [a for a in known if not a.fictitious] or list(known)
        # Of what is made up a summary says nothing beside what is not.
        return [edition.main] if not chosen else real if "summary" in chapter.parts else list(known)
    if chosen == PRINTED:
        return [a for a in known if a.printed]
    if chosen == OTHER:
        return [a for a in known[:1] if a.result and a.standing.level not in LEVELS]
    if chosen in LEVELS:
        return [a for a in known if a.result and a.standing.level == chosen][:1]
    named = [a for a in known if a.id == chosen]
    if not named:
        raise OutlineError(
            _("没有叫 {index} 的指数").format(index=chosen),
            where=chapter.id,
            remedy=_("可用: {known}").format(
                known=", ".join([*(a.id for a in known), *LEVELS, PRINTED, OTHER, ALL])
            ),
        )
    return named


def _about(subject: Subject, chapter: Chapter) -> list[Block]:
    """Return the parts and the figures of a chapter for one index."""
    made = [block for part in chapter.parts for block in PARTS[part](subject)]
    if made or not chapter.parts:  # no figure stands for parts that do not apply
        made += [picture for name in chapter.figures if (picture := _drawn(subject, name))]
    return [captioned(block) for block in made] if subject.assessment.fictitious else made


def captioned(block: Block) -> Block:
    """Return a table or a figure of made-up figures with a caption that says so."""
    if isinstance(block, Table | Picture) and block.caption:
        return replace(block, caption=(*block.caption, _mark()))
    return block


def _mark() -> Span:
    return Words(_("（演示数据）"))


def _drawn(subject: Subject, name: str) -> Picture | None:
    """Draw a figure; None where the index has not what it shows, one year for a trend."""
    drawing = subject.assessment.figure(name)
    if drawing is None:
        return None
    drawn, svg = drawing
    width = min(1.0, _TALLEST * drawn.width / drawn.height)
    return Picture((Name(drawn.title),), drawn.alt, svg.encode(), raster(svg), (Name(drawn.caption),), width)


def require_sound(blocks: Iterable[Block], edition: Edition) -> None:
    """Refuse blocks in which a number is not what its key stands for, or a figure has no key.

    Raises
    ------
    PaperError
        With the sentence.
    """
    kept = tuple(blocks)
    standings = {a.fingerprint[:8]: a.standing for a in edition.assessments}
    for number in numbers_of(kept):
        standing = standings.get(number.key.result)
        if standing is None or not is_shown(standing, number.key, number.text):
            raise PaperError(_("数字 {text} 与它的键 {key} 不符").format(text=number.text, key=number.key))
    for block in kept:
        for words in bare_figures(block):
            raise PaperError(_("生成的文字里有不带键的数字: {words}").format(words=words))
