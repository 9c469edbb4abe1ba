"""Units of measure: what they are called, and which convert into which by a declared factor."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from xinzhi.errors import XinzhiError
from xinzhi.language import current_language
from xinzhi.language import gettext as _

_TABLE = Path(__file__).with_name("measures.toml")


class MeasureError(XinzhiError):
    """A unit of measure that is unknown, or that does not convert into the one needed."""


def conversion(from_unit: str, to_unit: str) -> float:
    """Return the factor by which a figure in one unit becomes a figure in another.

    Parameters
    ----------
    from_unit, to_unit : str
        Units in Chinese or English, simple (万元) or made with strokes (万元/人).

    Returns
    -------
    float
        1.0 for the same unit, even one that the table does not hold.

    Raises
    ------
    MeasureError
        If either unit is unknown or the two are not of one family. A percentage and a ratio are not.
    """
    return float(conversion_factor(from_unit, to_unit))


def conversion_factor(from_unit: str, to_unit: str) -> Fraction:
    """Return the factor of :func:`conversion` exactly.

    Raises
    ------
    MeasureError
        As there.
    """
    if _plain(from_unit) == _plain(to_unit):
        return Fraction(1)
    before, after = _parts(from_unit), _parts(to_unit)
    if [part.family for part in before] != [part.family for part in after]:
        raise MeasureError(
            _("“{before}”不能换算成“{after}”").format(before=from_unit, after=to_unit or _("无单位")),
            remedy=_("请换算好数字, 并写明与方法一致的计量单位"),
        )
    factor = before[0].factor / after[0].factor
    for one, other in zip(before[1:], after[1:], strict=True):
        factor *= other.factor / one.factor
    return factor


def unit_name(unit: str) -> str:
    """Return the name of a unit of measure in the current language; an unknown one as it is written."""
    if current_language() == "zh" or not unit:
        return unit
    try:
        first, *rest = _parts(unit)
    except MeasureError:
        return unit
    return " per ".join([first.english, *(part.each for part in rest)])


@dataclass(frozen=True)
class _Measure:
    family: str
    factor: Fraction
    english: str
    each: str


def _parts(unit: str) -> tuple[_Measure, ...]:
    """Return the measures of a unit, the one before the first stroke first."""
    table = _measures()
    spelled = _plain(unit)
    parts = spelled.replace(" per ", "/").split("/")
    for part in parts:
        if part not in table:
            raise MeasureError(
                _("没有登记过的计量单位“{unit}”").format(unit=unit),
                remedy=_("可用的计量单位: {known}").format(known=", ".join(_symbols())),
            )
    return tuple(table[part] for part in parts)


@cache
def _measures() -> dict[str, _Measure]:
    """Map every spelling to its measure."""
    measures = {}
    for family, symbols in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items():
        for symbol, entry in symbols.items():
            english = entry["english"]
            each = entry.get("each", english)
            measure = _Measure(family, Fraction(entry["factor"]), english, each)
            for spelling in (symbol, english, each, *entry.get("aliases", ())):
                measures[_plain(spelling)] = measure
    return measures


def _symbols() -> tuple[str, ...]:
    families = tomllib.loads(_TABLE.read_text(encoding="utf-8")).values()
    return tuple(symbol for symbols in families for symbol in symbols)


def _plain(unit: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unit).casefold().split())
