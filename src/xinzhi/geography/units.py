"""Administrative units, and how a name or a code that someone wrote leads to one of them.

The tables are our own. ``provinces.csv`` follows GB/T 2260. ``counties.csv`` holds the 2,843 county-level
units of the end of 2022, after 民政部《2022年中华人民共和国县以上行政区划代码》, and the changes after it:
米林市, 错那市 (in the place of 米林县, 错那县) and 白杨市 in 2023, 和康县 and 和安县 in 2024. A year is
counted by the list in force at its end; ``valid_from`` is the first such year and ``valid_to`` the last,
blank where open.
"""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xinzhi.errors import XinzhiError
from xinzhi.language import current_language
from xinzhi.language import gettext as _

LEVELS = ("nation", "province", "county")
FIRST_YEAR = 2022
"""The first year for which the county table is a complete list."""

DEMONSTRATION_PROVINCE = "示例省"

_TABLES = Path(__file__).parent / "tables"
_SUGGESTIONS = 3


class UnitError(XinzhiError):
    """A code or a name that does not lead to exactly one unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One administrative unit.

    Attributes
    ----------
    code : str
        Six digits of GB/T 2260.
    name, full_name : str
        The short name (北京, 内蒙古) and the full one (北京市, 内蒙古自治区). A county has only the full one.
    english : str
        English name; blank for counties.
    level : str
        ``"nation"``, ``"province"`` or ``"county"``.
    kind : str
        ``"nation"``, ``"province"``, or of a county 县, 县级市, 自治县, 旗, 自治旗, 林区, 特区, 市辖区.
    parent : str
        Code of the unit directly above: of a county its prefecture, or its province where it has none.
    path : str
        Full names from the province down: 江苏省南京市鼓楼区.
    valid_from, valid_to : int or None
        First and last year at whose end the unit stood; None where the table sets no limit.
    prefecture : str
        Full name of the prefecture in which a county lies; blank where there is none.
    """

    code: str
    name: str
    full_name: str
    english: str
    level: str
    kind: str
    parent: str
    path: str
    valid_from: int | None = None
    valid_to: int | None = None
    prefecture: str = ""

    @property
    def province(self) -> str:
        """Code of the province that the unit is or lies in."""
        return province_of(self.code)

    @property
    def label(self) -> str:
        """The short name in the language in force; the Chinese one where there is no English."""
        return self.english if self.english and current_language() == "en" else self.name

    def stands_in(self, year: int) -> bool:
        """Tell whether the unit stood at the end of `year`, as far as the table reaches back."""
        return (self.valid_from or year) <= year <= (self.valid_to or year)


def province_of(code: str) -> str:
    """Return the code of the province in which the unit of this code lies."""
    return code[:2] + "0000"


@cache
def units(level: str, year: int | None = None) -> tuple[Unit, ...]:
    """Return the units of a level in the order of their codes.

    Parameters
    ----------
    level : {"nation", "province", "county"}
        Which units.
    year : int, optional
        Only units that stood at the end of that year. By default all of the table, former ones too.

    Raises
    ------
    UnitError
        If the level is unknown, or counties are asked for before 2022, where the table is no complete list.
    """
    if level not in LEVELS:
        raise UnitError(
            _("没有“{level}”这一行政层级").format(level=level),
            remedy=_("可用的层级: {known}").format(known=", ".join(LEVELS)),
        )
    if level != "county":
        return tuple(unit for unit in _provinces() if unit.level == level)
    if year is None:
        return tuple(_counties())
    if year < FIRST_YEAR:
        raise UnitError(
            _("没有 {year} 年的县级行政区名单").format(year=year),
            remedy=_("名单从 {first} 年起").format(first=FIRST_YEAR),
        )
    return tuple(unit for unit in units(level) if unit.stands_in(year))


@cache
def demonstration_units() -> tuple[Unit, ...]:
    """Return the county-level units of 示例省, a province that does not exist, for demonstrations and rehearsals.

    They are never among :func:`units`; 南样县 stands for homonyms.
    """
    return tuple(
        Unit(
            code=row["code"],
            name=row["name"],
            full_name=row["name"],
            english="",
            level="county",
            kind=row["kind"],
            parent=row["code"][:4] + "00",
            path=DEMONSTRATION_PROVINCE + row["prefecture"] + row["name"],
            prefecture=row["prefecture"],
        )
        for row in _rows("demonstration.csv")
    )


def units_with(level: str, codes: Iterable[str], year: int | None = None) -> tuple[Unit, ...]:
    """Return the list that codes are taken from: that of 示例省 if all are its own, else the official one.

    Parameters
    ----------
    level, year
        As for :func:`units`.
    codes : iterable of str
        Of the units that somebody has figures for.
    """
    known = {unit.code for unit in demonstration_units()}
    own = set(codes)
    return demonstration_units() if level == "county" and own and own <= known else units(level, year)


def demonstration_unit(code: str) -> Unit | None:
    """Return the unit of 示例省 of a code; its units go by code alone, so that no real name leads there."""
    return _demonstration_index().get(code)


@cache
def _demonstration_index() -> Mapping[str, Unit]:
    return {unit.code: unit for unit in demonstration_units()}


def find(text: str, level: str, parent: str = "", year: int | None = None) -> Unit:
    """Return the one unit that `text` means.

    Parameters
    ----------
    text : str
        A code, or a full name; for a province also its short or English name; for a county also its name
        behind that of its province, its prefecture or both: 江苏省南京市鼓楼区, 江苏南京鼓楼区, 南京市鼓楼区.
        White space and the width of characters do not matter.
    level : {"nation", "province", "county"}
        Among which units.
    parent : str, optional
        Code or name of the province or prefecture in which the unit lies; it settles homonyms.
    year : int, optional
        Only units that stood at the end of that year.

    Raises
    ------
    UnitError
        If no unit answers, or more than one: the reader is shown the candidates, never given one of them.
    """
    answering = _index(level, year).get(_plain(text), ())
    if not answering:
        raise _unknown(text, level, year)
    if parent:
        above = _above(parent)
        within = tuple(unit for unit in answering if unit.code.startswith(above))
        if not within:
            raise UnitError(
                _("“{text}”不在“{parent}”").format(text=text, parent=parent),
                remedy=_("叫这个名称或代码的有: {units}").format(units=_listed(answering)),
            )
        answering = within
    if len(answering) > 1:
        raise UnitError(
            _("“{text}”有 {count} 个: {units}").format(
                text=text, count=len(answering), units=_listed(answering)
            ),
            remedy=_("请写行政区划代码, 或写明所在的省、市"),
        )
    return answering[0]


@cache
def _provinces() -> tuple[Unit, ...]:
    nation, *provinces = _rows("provinces.csv")
    return tuple(
        Unit(
            code=row["code"],
            name=row["name"],
            full_name=row["full_name"],
            english=row["english"],
            level=row["kind"],
            kind=row["kind"],
            parent="" if row is nation else nation["code"],
            path=row["full_name"],
        )
        for row in (nation, *provinces)
    )


def _counties() -> Iterator[Unit]:
    provinces = {unit.code: unit for unit in units("province")}
    for row in _rows("counties.csv"):
        code, name, prefecture = row["code"], row["name"], row["prefecture"]
        province = provinces[province_of(code)]
        yield Unit(
            code=code,
            name=name,
            full_name=name,
            english="",
            level="county",
            kind=row["kind"],
            parent=code[:4] + "00" if prefecture else province.code,
            path=province.full_name + prefecture + name,
            valid_from=int(row["valid_from"]) if row["valid_from"] else None,
            valid_to=int(row["valid_to"]) if row["valid_to"] else None,
            prefecture=prefecture,
        )


def _rows(table: str) -> Iterator[dict[str, str]]:
    with (_TABLES / table).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _index(level: str, year: int | None) -> Mapping[str, tuple[Unit, ...]]:
    index: defaultdict[str, tuple[Unit, ...]] = defaultdict(tuple)
    for unit in units(level, year):
        for key in {unit.code, *_spellings(unit)}:
            index[key] += (unit,)
    return dict(index)


def _spellings(unit: Unit) -> Iterator[str]:
    if unit.level != "county":
        yield from (unit.name, unit.full_name, _plain(unit.english))
        return
    province = _index("province", None)[unit.province][0]
    for first in ("", province.name, province.full_name):
        for second in ("", _short(unit.prefecture), unit.prefecture):
            yield first + second + unit.name


def _short(prefecture: str) -> str:
    # An autonomous prefecture keeps its full name: where its people's name begins is not for a rule to guess.
    for suffix in ("市", "地区", "盟"):
        if prefecture.endswith(suffix):
            return prefecture.removesuffix(suffix)
    return prefecture


@cache
def _prefixes() -> Mapping[str, str]:
    """Map every spelling of a province or prefecture to the digits with which the codes in it begin."""
    prefixes: dict[str, str] = {}
    provinces = _index("province", None)
    for unit in units("county"):
        province = provinces[unit.province][0]
        if unit.parent == province.code:
            continue
        prefecture = unit.path.removeprefix(province.full_name).removesuffix(unit.name)
        prefixes[unit.parent] = unit.parent[:4]
        for first in ("", province.name, province.full_name):
            for second in (_short(prefecture), prefecture):
                prefixes[first + second] = unit.parent[:4]
    # Last, so that 吉林 is the province and 吉林市 the city in it.
    prefixes.update({key: province.code[:2] for key, (province,) in provinces.items()})
    return prefixes


def _above(parent: str) -> str:
    key = _plain(parent)
    prefixes = _prefixes()
    if key not in prefixes:
        raise UnitError(
            _("没有“{parent}”这个省或市").format(parent=parent),
            remedy=_suggestion(difflib.get_close_matches(key, prefixes, _SUGGESTIONS)),
        )
    return prefixes[key]


def _unknown(text: str, level: str, year: int | None) -> UnitError:
    key = _plain(text)
    if year is not None and (others := _index(level, None).get(key)):
        return UnitError(
            _("{year} 年末没有“{text}”").format(year=year, text=text),
            remedy=_("别的年份有: {units}").format(units=_listed(others)),
        )
    index = _index(level, year)
    close = difflib.get_close_matches(key, _names(level, year), _SUGGESTIONS)
    meant = dict.fromkeys(unit for name in close for unit in index[name])
    return UnitError(
        _("没有行政区“{text}”").format(text=text),
        remedy=_suggestion([_label(unit) for unit in meant][:_SUGGESTIONS]),
    )


@cache
def _names(level: str, year: int | None) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            name
            for unit in units(level, year)
            for name in (unit.name, unit.full_name, _plain(unit.english), unit.path)
            if name
        )
    )


def _suggestion(names: Iterable[str]) -> str:
    joined = "; ".join(names)
    return _("是不是: {names}").format(names=joined) if joined else _("请核对名称或行政区划代码")


def _listed(candidates: Iterable[Unit]) -> str:
    return "; ".join(_label(unit) for unit in candidates)


def _label(unit: Unit) -> str:
    return f"{unit.code} {unit.path}"


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
