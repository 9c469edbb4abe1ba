"""How far the ranks can be trusted, and whether the figures that a publication prints can be found again."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Block, Column, Name, Spans, Table, Words
from xinzhi.publish.paper.subject import Subject, quote, quoted
from xinzhi.publish.text.findings import paragraph
from xinzhi.reproduction import reproduce


def robustness(subject: Subject) -> Iterator[Block]:
    """Say what was varied, how wide the ranks spread, and which of them can be told apart."""
    w, standing, found = subject.writer, subject.standing, subject.standing.robustness
    if subject.single or found is None or not found.tiers[standing.years.index(subject.year)].order:
        return
    code = standing.codes[standing.order(standing.root, subject.year)[0]]
    yield paragraph(
        w.say(
            "trust",
            "plain",
            year=w.year(subject.year),
            replications=w.number("replications"),
            width=w.number("width", "1", year=subject.year),
            leader=w.name(standing.positions[code]),
            low=w.number("low", "0", code, standing.root, subject.year),
            high=w.number("high", "0", code, standing.root, subject.year),
        ),
        *w.tiers(subject.year),
    )
    yield from quoted(found.remarks())


def reproduction(subject: Subject) -> Iterator[Block]:
    """Report on the printed index: how many of its figures are found again, and each that is not."""
    if subject.assessment.printed is None:
        return
    report = reproduce()
    yield from quoted(report.summary().splitlines()[:3])
    rows: tuple[tuple[Spans, ...], ...] = tuple(
        (
            (Name(str(row.where)),),
            (Name(str(row.statement)),),
            (Name(row.printed),),
            (Name(row.recomputed),),
        )
        for row in report.rows
        if row.in_print and row.verdict == "contradicted"
    )
    columns = (
        Column(_("出处"), width=1.5),
        Column(_("说法"), width=4),
        Column(_("印刷"), "right", 1),
        Column(_("重算"), "right", 1.6),
    )
    if rows:
        yield Table((Words(_("与重算不符的印刷数字")),), columns, rows)
    yield quote(_("重算所用的各数和出处见 xinzhi reproduce 的全文。"))
