"""An edition: what is published together, one or several indices with their analyses, cases, and an imprint."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from xinzhi.declarations import Text
from xinzhi.errors import CallError, ComputeError
from xinzhi.geography import demonstration_unit
from xinzhi.index import Result, result_hash
from xinzhi.language import Language, current_language
from xinzhi.language import gettext as _
from xinzhi.publish.cases import PublishedCase
from xinzhi.publish.choices import Choices, robustness_in
from xinzhi.publish.text.standing import Standing, standing_in_table, standing_of

if TYPE_CHECKING:
    from xinzhi.analysis.catalogue import Report
    from xinzhi.publish.figures import Figure
    from xinzhi.reproduction import PrintedIndex

#: Licences that results may be given, with the address of their text (SPDX identifiers).
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}

_USUAL = Choices()
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Assessment:
    """One index: computed from figures, or as a publication prints it.

    Parameters
    ----------
    id : str
        Of lower-case letters, digits and hyphens: in addresses and file names.
    result : Result, optional
    printed : PrintedIndex, optional
        One of the two.
    choices : Choices
        Of the analyses of a result.
    """

    id: str
    result: Result | None = None
    printed: PrintedIndex | None = None
    choices: Choices = _USUAL
    _made: dict[tuple[str, Language], object] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse an id that cannot stand in an address, and what is both or neither."""
        if not _ID.fullmatch(self.id):
            raise CallError(
                _("指数的标识 {id} 不能用在网址里").format(id=self.id),
                remedy=_("请用小写字母、数字和连字符, 例如 county-2025"),
            )
        if (self.result is None) == (self.printed is None):
            raise CallError(_("一个指数要么有结果, 要么有印出的表"))
        if self.result is not None and not self.result.is_scored:
            raise CallError(_("没有一个单位有得分, 不能发布"), where=self.id)

    @property
    def report(self) -> Report:
        """The analyses of the result in the language in force; they are made once."""
        assert self.result is not None
        key = ("report", current_language())
        if key not in self._made:
            self._made[key] = self.choices.report(self.result)
        return self._made[key]  # type: ignore[return-value]

    @property
    def standing(self) -> Standing:
        """Where the units stand, in the language in force."""
        key = ("standing", current_language())
        if key not in self._made:
            self._made[key] = (
                printed_standing(self.printed)
                if self.printed
                else standing_of(self.result, robustness_in(self.report))  # type: ignore[arg-type]
            )
        return self._made[key]  # type: ignore[return-value]

    def figure(self, name: str) -> tuple[Figure, str] | None:
        """Return a figure of the result and its SVG; it is drawn once. None where it does not apply.

        Raises
        ------
        CallError
            If there is no such figure.
        """
        from xinzhi.publish.figures import figure

        if self.result is None:
            return None
        key = (f"figure {name}", current_language())
        if key not in self._made:
            try:
                drawn = figure(name, self.result, dict(self.report.outcomes))
                self._made[key] = (drawn, drawn.svg())
            except ComputeError:  # one year has no trend
                self._made[key] = None
        return self._made[key]  # type: ignore[return-value]

    @property
    def title(self) -> str:
        """Its title in the language in force."""
        return str(self.printed.title) if self.printed else str(self.result.methodology.title)  # type: ignore[union-attr]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what it rests on: the first eight digits stand in every key."""
        return self.standing.fingerprint if self.printed else result_hash(self.result)  # type: ignore[arg-type]

    @cached_property
    def fictitious(self) -> bool:
        """Whether its units do not exist."""
        return self.result is not None and any(demonstration_unit(code) for code in self.result.codes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it: that it is a demonstration, as printed, and what was left out."""
        if self.printed:
            return (_("各数为论文所印, 不是本项目计算的: {citation}").format(citation=self.printed.citation),)
        assert self.result is not None
        return (
            (_("演示数据: 示例省是虚构的, 各数都不是真的"),) if self.fictitious else ()
        ) + self.result.notes


def printed_standing(printed: PrintedIndex) -> Standing:
    """Return where units stand by a printed index; its fingerprint is the same in every language."""
    content = [printed.id, printed.year, list(printed.codes), {n: list(c) for n, c in printed.cells.items()}]
    return standing_in_table(
        str(printed.title),
        printed.year,
        printed.codes,
        [str(name) for name in printed.names],
        printed.nodes,
        {node: printed.scores(node) for node in printed.nodes},
        regions=printed.regions,
        decimals=printed.decimals,
        fingerprint=hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """A correction that was made after publication."""

    day: date
    text: Text


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who publishes, under which licence, when, as which edition."""

    publisher: str = "新质 (Xinzhi)"
    licence: str = "CC-BY-4.0"
    day: date | None = None
    number: int = 1
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a licence that nobody knows."""
        if self.licence not in LICENCES:
            raise CallError(
                _("不认识的许可 {licence}").format(licence=self.licence),
                remedy=_("可用: {known}").format(known=", ".join(LICENCES)),
            )


@dataclass(frozen=True)
class Edition:
    """What is published together.

    Parameters
    ----------
    title : Text
    assessments : tuple of Assessment
        The one that the edition is about first.
    cases : tuple of PublishedCase
    imprint : Imprint
    """

    title: Text
    assessments: tuple[Assessment, ...]
    cases: tuple[PublishedCase, ...] = ()
    imprint: Imprint = Imprint()

    def __post_init__(self) -> None:
        """Refuse an edition without an index, and ids that are given twice."""
        if not self.assessments:
            raise CallError(_("没有指数, 不能发布"))
        for ids in ([a.id for a in self.assessments], [case.id for case in self.cases]):
            for id, times in Counter(ids).items():
                if times > 1:
                    raise CallError(_("标识 {id} 有 {times} 次").format(id=id, times=times))

    @property
    def main(self) -> Assessment:
        """The index that the edition is about."""
        return self.assessments[0]

    @cached_property
    def fictitious(self) -> bool:
        """Whether anything in it is made up, so that every page must say so."""
        return any(a.fictitious for a in self.assessments) or any(
            demonstration_unit(case.code) for case in self.cases if case.code
        )

    def standing(self, fingerprint: str) -> Standing | None:
        """Return the standing whose fingerprint begins so; None where there is none."""
        return next((a.standing for a in self.assessments if a.fingerprint.startswith(fingerprint)), None)

    def cases_of(self, code: str) -> Iterator[PublishedCase]:
        """Yield the cases that lie in a unit."""
        return (case for case in self.cases if case.code == code)


def edition_of(
    results: Sequence[Result],
    printed: Sequence[PrintedIndex] = (),
    *,
    title: Text | None = None,
    choices: Choices | None = None,
    cases: Sequence[PublishedCase] = (),
    imprint: Imprint | None = None,
) -> Edition:
    """Return an edition of results and printed indices, each under the id of its methodology.

    Raises
    ------
    CallError
        If there is none, one has no score, or two have the same methodology.
    """
    chosen = choices or Choices()
    assessments = [
        Assessment(result.methodology.id.replace("_", "-"), result, None, chosen) for result in results
    ]
    assessments += [Assessment(index.id, None, index) for index in printed]
    usual = Text(zh="中国新质生产力发展测评", en="Assessment of New Quality Productive Forces in China")
    return Edition(title or usual, tuple(assessments), tuple(cases), imprint or Imprint())
