"""What a part of a paper speaks of: one index of an edition, in one chapter of an outline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from xinzhi.index import Result
from xinzhi.publish.blocks import Block, Name, Paragraph
from xinzhi.publish.edition import Assessment, Edition
from xinzhi.publish.outline import Outline
from xinzhi.publish.text.findings import Writer
from xinzhi.publish.text.standing import Standing


@dataclass(frozen=True)
class Subject:
    """What the parts of a chapter are made from.

    Parameters
    ----------
    edition : Edition
    assessment : Assessment
        The index that the chapter speaks of.
    outline : Outline
    chapter : str
        Id of the chapter: begins the ids of the headings in it.
    """

    edition: Edition
    assessment: Assessment
    outline: Outline
    chapter: str = ""

    @property
    def result(self) -> Result | None:
        """The computed index; None of a printed one."""
        return self.assessment.result

    @cached_property
    def standing(self) -> Standing:
        """Where the units stand."""
        return self.assessment.standing

    @cached_property
    def writer(self) -> Writer:
        """What makes the sentences."""
        return Writer(self.standing)

    @property
    def year(self) -> int:
        """The year that is spoken of."""
        return self.standing.year

    @property
    def children(self) -> tuple[str, ...]:
        """The nodes just below the root, dimensions or indicators."""
        if self.result is None:
            return self.standing.nodes[1:]
        tree = self.result.methodology.tree
        return tree.children[tree.root]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions just below the root; none where the indicators hang on the root itself."""
        if self.result is None:
            return self.children
        return tuple(node for node in self.children if node in self.result.methodology.dimensions)

    @property
    def single(self) -> bool:
        """True where there is one unit only, which has no rank."""
        return len(self.standing.codes) == 1


def quote(text: str) -> Paragraph:
    """Return a text of a source as it is; its figures are the source's own."""
    return Paragraph((Name(text),), marker="※")


def quoted(texts: Sequence[str]) -> Iterator[Block]:
    """Return texts of a source as they are."""
    yield from map(quote, texts)
