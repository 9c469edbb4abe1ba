"""Figures known beforehand, from one table: of earlier years, official, of the census, and the range of peers."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from xinzhi.errors import CallError, XinzhiError, reason
from xinzhi.forms.checks.circumstances import Circumstances
from xinzhi.forms.model import IndicatorForm
from xinzhi.geography import Unit
from xinzhi.language import gettext as _
from xinzhi.language import half_width

COLUMNS = ("unit", "kind", "indicator", "year", "value")
KINDS = ("earlier", "official", "census", "least", "most")
_MOST_ROWS = 1_000_000
_EVERY = "*"
_FIGURE = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?")
_YEAR = re.compile(r"(?:[0-9]{4})?")
_UNIT = re.compile(r"[0-9]{6}|\*")


class KnownFigures:
    """What is known of each unit; units and rows without an entry are not checked against anything.

    Parameters
    ----------
    rows : iterable of tuple
        Code of the unit (``*`` for every unit), kind, row of the form, year (0 for none) and figure.
    """

    def __init__(self, rows: Iterator[tuple[str, str, str, int, Decimal]]) -> None:
        self._by_unit: defaultdict[str, Circumstances] = defaultdict(Circumstances)
        for code, kind, indicator, year, value in rows:
            self._by_unit[code] = _with(self._by_unit[code], kind, indicator, year, value)

    def of(self, unit: Unit | None) -> Circumstances:
        """Return what is known of a unit; of none what holds for every unit."""
        every = self._by_unit.get(_EVERY, Circumstances())
        own = self._by_unit.get(unit.code if unit else _EVERY, Circumstances())
        return replace(
            own,
            unit=unit,
            earlier={**every.earlier, **own.earlier},
            official={**every.official, **own.official},
            peers={**every.peers, **own.peers},
        )


def read_known_figures(path: str | Path, form: IndicatorForm) -> KnownFigures:
    """Read a table of known figures.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with the columns ``unit`` (code, or ``*``), ``kind`` (``earlier``, ``official``, ``census``, or
        ``least`` and ``most`` of similar units), ``indicator`` (row of the form), ``year`` and ``value`` in the
        unit of the form.
    form : IndicatorForm

    Raises
    ------
    CallError
        If the file cannot be read.
    XinzhiError
        If a line is wrong; the error names it.
    """
    name = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise XinzhiError(_("不是 UTF-8 文本"), where=name, remedy=_("请另存为 UTF-8 编码")) from error
    except OSError as error:
        raise CallError(_("读不出来: {reason}").format(reason=reason(error)), where=name) from error
    table = csv.DictReader(io.StringIO(text))
    if missing := [column for column in COLUMNS if column not in (table.fieldnames or ())]:
        raise XinzhiError(_("缺少这些列: {columns}").format(columns=", ".join(missing)), where=name)
    return KnownFigures(_rows(table, form, name))


def _rows(
    table: csv.DictReader[str], form: IndicatorForm, name: str
) -> Iterator[tuple[str, str, str, int, Decimal]]:
    for number, row in enumerate(table, start=2):
        where = f"{name} " + _("第 {row} 行").format(row=number)
        if number > _MOST_ROWS:
            raise XinzhiError(_("行数太多"), where=where)
        fields = {column: half_width(row[column] or "") for column in COLUMNS}
        if fields["kind"] not in KINDS:
            raise XinzhiError(
                _("kind 不能是 {kind}").format(kind=fields["kind"] or "–"),
                where=where,
                remedy=_("可用: {names}").format(names=", ".join(KINDS)),
            )
        if fields["indicator"] not in form.rows:
            raise XinzhiError(
                _("表中没有这一行: {indicator}").format(indicator=fields["indicator"] or "–"),
                where=where,
                remedy=_("可用: {names}").format(names=", ".join(form.rows)),
            )
        if not (_FIGURE.fullmatch(fields["value"]) and _YEAR.fullmatch(fields["year"])):
            raise XinzhiError(
                _("不是数: {value}").format(value=f"{fields['year']} {fields['value']}".strip()), where=where
            )
        if not _UNIT.fullmatch(fields["unit"]):
            raise XinzhiError(
                _("unit 不能是 {unit}").format(unit=fields["unit"] or "–"),
                where=where,
                remedy=_("请写六位行政区划代码或 *"),
            )
        year = int(fields["year"] or "0")
        yield fields["unit"], fields["kind"], fields["indicator"], year, Decimal(fields["value"])


def _with(known: Circumstances, kind: str, indicator: str, year: int, value: Decimal) -> Circumstances:
    match kind:
        case "earlier":
            return replace(known, earlier={**known.earlier, (indicator, year): value})
        case "official":
            return replace(known, official={**known.official, (indicator, year): value})
        case "census":
            return replace(known, census=value, census_year=year or known.census_year)
        case _:
            low, high = known.peers.get(indicator, (Decimal("-Infinity"), Decimal("Infinity")))
            span = (value, high) if kind == "least" else (low, value)
            return replace(known, peers={**known.peers, indicator: span})
