"""Official, census and earlier figures read from a sheet that the office uploads, all its faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.sheets import SheetFaults, rows_of
from xinzhi.forms import IndicatorForm
from xinzhi.language import gettext as _
from xinzhi.language import half_width

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("单位代码", "unit", "unit code", "code"),
    "field": ("指标", "field", "indicator"),
    "year": ("年份", "year"),
    "value": ("数值", "value"),
    "source": ("来源", "source"),
}
_YEAR = re.compile(r"(19|20)\d\d", re.ASCII)
_FIGURE = re.compile(r"-?\d{1,18}(\.\d{1,6})?", re.ASCII)
_LONGEST_SOURCE = 300

Figures = dict[str, dict[tuple[str, str, int], Decimal]]
"""By source; then by code of unit, field and year."""


def read_figures(upload: UploadedFile[bytes], campaign: Campaign) -> Figures:
    """Read figures in the units of the campaign's indicator form.

    Raises
    ------
    SheetFaults
        If any row cannot be used; every fault is told with its row and column.
    """
    rows = rows_of(upload, COLUMNS, tuple(COLUMNS))
    fields = field_names(campaign.indicators)
    among = Unit.objects.filter(
        demonstration=campaign.demonstration, code__in={row["unit"] for _n, row in rows}
    )
    codes = set(among.values_list("code", flat=True))
    seen: dict[tuple[str, str, int], int] = {}
    figures: Figures = {}
    faults: list[str] = []

    def fault(number: int, column: str, what: str) -> None:
        place = _("第 {row} 行“{column}”").format(row=number, column=COLUMNS[column][0])
        faults.append(f"{place}: {what}")

    for number, row in rows:
        before = len(faults)
        field = fields.get(row["field"].casefold(), "")
        if row["unit"] not in codes:
            fault(number, "unit", _("单位代码“{code}”不在单位表中").format(code=row["unit"]))
        if not field:
            fault(number, "field", _("没有指标“{name}”").format(name=row["field"]))
        if not _YEAR.fullmatch(row["year"]):
            fault(number, "year", _("年份“{text}”不对").format(text=row["year"]))
        if not _FIGURE.fullmatch(row["value"]):
            fault(number, "value", _("“{text}”不是数, 或小数超过六位").format(text=row["value"]))
        if not 0 < len(row["source"]) <= _LONGEST_SOURCE:
            fault(number, "source", _("来源要写, 最多 {n} 个字").format(n=_LONGEST_SOURCE))
        if len(faults) > before:
            continue
        key = row["unit"], field, int(row["year"])
        if key in seen:
            fault(number, "value", _("与第 {row} 行重复").format(row=seen[key]))
        seen[key] = number
        figures.setdefault(row["source"], {})[key] = Decimal(row["value"])
    if faults:
        raise SheetFaults(faults)
    return figures


def field_names(form: IndicatorForm) -> dict[str, str]:
    """Return the field that each name stands for: its id, its title, the label of its row as printed."""
    names = {half_width(row.label).casefold(): id for id, row in form.rows.items()}
    for id, figure in form.figures():
        names |= {half_width(title).casefold(): id for title in (figure.title.zh, figure.title.en) if title}
    return names | {id: id for id, _figure in form.figures()}
