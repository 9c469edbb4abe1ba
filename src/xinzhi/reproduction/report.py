"""The reproduction of a publication: one row for each printed figure, with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, get_args

from xinzhi.language import gettext as _
from xinzhi.reproduction.case import (
    Case,
    CaseError,
    Check,
    Comparison,
    Range,
    Statement,
    Text,
    Verdict,
    load_case,
    path_of,
)
from xinzhi.reproduction.column import Column
from xinzhi.reproduction.figures import Figures, Operand
from xinzhi.reproduction.interval import Interval


@dataclass(frozen=True)
class Row:
    """One printed figure beside what was recomputed.

    Attributes
    ----------
    id : str
        The check, and the unit after a full stop where there is one.
    where, statement, why : Text
        Place in the publication, what is checked, and the explanation, if any.
    kind : str
        ``equals``, ``at_least`` and ``at_most`` (the printed figure against the recomputed one), ``within``
        or ``statement``.
    printed, recomputed : str
        As printed, and as an interval, rounded outward.
    lo, hi : float or None
        The ends of the recomputed interval.
    difference, tolerance : float or None
        Printed less recomputed, middle to middle, and the sum of the two half widths; of ``equals`` alone.
    verdict, expected : str
        ``reproduced``, ``contradicted`` or ``not_checkable``: found, and stated by the case.
    sources : tuple of Text
        Publication and vintage of each figure in the formula that is not the publication's own.
    audit : int or None
        The point of the review that the row settles.
    in_print : bool
        Whether the publication prints the figure; otherwise it is a bound or a trial of the reviewer.
    """

    id: str
    where: Text
    statement: Text
    kind: str
    printed: str
    recomputed: str
    lo: float | None
    hi: float | None
    difference: float | None
    tolerance: float | None
    verdict: Verdict
    expected: Verdict
    why: Text | None
    sources: tuple[Text, ...]
    audit: int | None
    in_print: bool

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the case states."""
        return self.verdict == self.expected

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON knows it."""
        texts = {name: getattr(self, name) for name in ("where", "statement", "why")}
        return {
            **vars(self),
            **{name: text and text.model_dump() for name, text in texts.items()},
            "sources": [source.model_dump() for source in self.sources],
        }

    def line(self) -> str:
        """Return the row as a line of the full report."""
        parts = [f"{_SIGNS[self.verdict]} {verdict_name(self.verdict)}", f"{self.where}", f"{self.statement}"]
        if self.kind != "statement":
            parts += self._sides()
        if self.difference is not None and self.tolerance is not None:
            parts.append(
                _("差 {difference:.4g}, 容许 {tolerance:.4g}").format(
                    difference=self.difference, tolerance=self.tolerance
                )
            )
        return " | ".join(parts)

    def _sides(self) -> list[str]:
        """Return what is compared, with the relation that should hold."""
        recomputed = _("重算 {value}").format(value=self.recomputed)
        if self.kind == "within":
            return [recomputed, _("应在 {range} 之内").format(range=self.printed)]
        given = _("印刷 {printed}") if self.in_print else _("设定 {printed}")
        sign = {"at_least": "≥ ", "at_most": "≤ "}.get(self.kind, "")
        return [given.format(printed=self.printed), sign + recomputed]

    def __str__(self) -> str:
        if self.kind == "statement":
            return f"{self.id}: {self.statement}"
        return f"{self.id}: {self.statement}: {', '.join(self._sides())}"


@dataclass(frozen=True)
class Reproduction:
    """The report on one publication; obtained from :func:`reproduce`."""

    case: str
    title: Text
    citation: Text
    rows: tuple[Row, ...]

    def counts(self, *, in_print: bool = True) -> dict[Verdict, int]:
        """Return the number of rows by verdict: of what is printed, or of the reviewer's bounds and trials."""
        found = Counter(row.verdict for row in self.rows if row.in_print == in_print)
        return {verdict: found[verdict] for verdict in get_args(Verdict)}

    @property
    def as_expected(self) -> bool:
        """Whether every verdict is the one that the case states."""
        return all(row.as_expected for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the whole report as JSON knows it."""
        return {
            "case": self.case,
            "title": self.title.model_dump(),
            "citation": self.citation.model_dump(),
            "as_expected": self.as_expected,
            "counts": self.counts(),
            "counts_not_in_print": self.counts(in_print=False),
            "rows": [row.to_dict() for row in self.rows],
        }

    def summary(self) -> str:
        """Return a short text: how many rows of each verdict, and every contradiction in a line."""
        lines = [str(self.title), *self._counts_told()]
        if contradictions := [row for row in self.rows if row.verdict == "contradicted"]:
            lines += ["", _("与印刷不符:"), *(f"  {row}" for row in contradictions)]
        if surprises := [row for row in self.rows if not row.as_expected]:
            lines += ["", _("判定与案例的预期不同:"), *(f"  {row}" for row in surprises)]
        else:
            lines += ["", _("每一判定都与案例的预期相同。")]
        return "\n".join(lines)

    def _counts_told(self) -> list[str]:
        """Return a line for what is printed and one for the reviewer's own rows, where there are any."""
        told = []
        for in_print, text in (
            (True, _("印出的数 {n} 行: {counts}")),
            (False, _("复核者的界限和试算 {n} 行 (论文没有印出): {counts}")),
        ):
            counts = self.counts(in_print=in_print)
            if total := sum(counts.values()):
                listed = ", ".join(f"{verdict_name(verdict)} {n}" for verdict, n in counts.items())
                told.append(text.format(n=total, counts=listed))
        return told

    def lines(self) -> Iterator[str]:
        """Yield one row a line (place, statement, printed, recomputed, difference, verdict), reasons below it."""
        for row in self.rows:
            yield row.line()
            if row.why is not None:
                yield f"    {row.why}"

    def __str__(self) -> str:
        return "\n".join([str(self.title), *self.lines(), "", self.summary()])

    def _repr_html_(self) -> str:
        heads = (_("原文位置"), _("核对"), _("印刷"), _("重算"), _("判定"), _("说明"))
        body = "".join(
            "<tr>"
            + "".join(
                f"<td>{escape(str(cell))}</td>"
                for cell in (
                    row.where,
                    row.statement,
                    row.printed,
                    row.recomputed,
                    verdict_name(row.verdict),
                    row.why or "",
                )
            )
            + "</tr>"
            for row in self.rows
        )
        head = "".join(f"<th>{escape(text)}</th>" for text in heads)
        caption = f"{self.title}. {' '.join(self._counts_told())}"
        return (
            f"<table><caption>{escape(caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


_SIGNS: dict[Verdict, str] = {"reproduced": "=", "contradicted": "≠", "not_checkable": "?"}


def verdict_name(verdict: Verdict) -> str:
    """Return a verdict in the language of the reader."""
    return {"reproduced": _("复现"), "contradicted": _("矛盾"), "not_checkable": _("无法核对")}[verdict]


def reproduce(case: str | Path = "ye-xu-2024") -> Reproduction:
    """Recompute every figure that a publication prints and that can be recomputed.

    A printed figure x with d decimals stands for [x - u/2, x + u/2], u = 10^-d. It is *reproduced* when some
    values inside the rounding of all figures involved give it, *contradicted* when none do.

    Parameters
    ----------
    case : str or pathlib.Path
        A built-in case (:func:`cases`), or the path of a case file; ``docs/reproduction.md`` tells how to
        write one.

    Returns
    -------
    Reproduction
        One row for each figure.

    Raises
    ------
    XinzhiError
        If the case cannot be read, or one of its formulas has no value.

    Examples
    --------
    >>> reproduce().as_expected
    True
    """
    path = path_of(case)
    record = load_case(path)
    figures = Figures(record, path)
    rows = tuple(row for check in record.checks for row in _rows(check, record, figures))
    return Reproduction(record.id, record.title, record.citation, rows)


def _rows(check: Check, case: Case, figures: Figures) -> Iterator[Row]:
    if isinstance(check, Statement):
        yield _row(check, case)
        return
    where = f"{figures.path}, checks, {check.id}"
    printed = _printed(check, figures, where)
    recomputed = figures.value(check.formula, where=f"{where}, formula")
    sources = figures.sources(check.formula)
    if isinstance(printed, Interval) and isinstance(recomputed, Interval):
        yield _compared(check, case, printed, recomputed, sources=sources)
        return
    column = recomputed if isinstance(recomputed, Column) else printed
    assert isinstance(column, Column)
    if isinstance(printed, Column) and isinstance(recomputed, Column):
        printed.require_units_of(recomputed)
    for unit in column.cells:
        yield _compared(
            check,
            case,
            printed.cells[unit] if isinstance(printed, Column) else printed,
            recomputed.cells[unit] if isinstance(recomputed, Column) else recomputed,
            sources=sources,
            unit=unit,
            label=figures.label(column, unit),
        )


def _printed(check: Comparison | Range, figures: Figures, where: str) -> Operand:
    if isinstance(check, Comparison):
        return figures.printed(check.printed, where=f"{where}, printed")
    low, high = (figures.figure(end, exact=True, where=f"{where}, range") for end in check.range)
    if low.lo > high.hi:
        raise CaseError(_("区间的下端大于上端: {lo} > {hi}").format(lo=low, hi=high), where=f"{where}, range")
    return Interval(low.lo, high.hi, text=" – ".join(check.range))


def _compared(
    check: Comparison | Range,
    case: Case,
    printed: Interval,
    recomputed: Interval,
    *,
    sources: tuple[Text, ...],
    unit: str = "",
    label: Text | None = None,
) -> Row:
    holds = {
        "equals": printed.meets(recomputed),
        "within": printed.meets(recomputed),
        "at_least": printed.hi >= recomputed.lo,
        "at_most": printed.lo <= recomputed.hi,
    }[check.kind]
    measured = check.kind == "equals"
    return _row(
        check,
        case,
        id=f"{check.id}.{unit}" if unit else check.id,
        statement=check.statement
        if label is None
        else Text(zh=f"{label.zh}: {check.statement.zh}", en=f"{label.en}: {check.statement.en}"),
        printed=printed.text or str(printed),
        recomputed=str(recomputed),
        lo=float(recomputed.lo),
        hi=float(recomputed.hi),
        difference=float(printed.middle - recomputed.middle) if measured else None,
        tolerance=float(printed.radius + recomputed.radius) if measured else None,
        verdict="reproduced" if holds else "contradicted",
        sources=sources,
    )


def _row(check: Check, case: Case, **found: Any) -> Row:
    row: dict[str, Any] = {
        "id": check.id,
        "where": case.places[check.where],
        "statement": check.statement,
        "kind": check.kind,
        "printed": "",
        "recomputed": "",
        "lo": None,
        "hi": None,
        "difference": None,
        "tolerance": None,
        "verdict": "not_checkable",
        "expected": check.expected,
        "why": check.why,
        "sources": (),
        "audit": check.audit,
        "in_print": check.where not in case.unprinted,
    }
    return Row(**(row | found))
