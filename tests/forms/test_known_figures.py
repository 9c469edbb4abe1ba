"""Known figures from a table: what a return is held against, and what a wrong table is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.forms.readings import INDICATORS, figures, rules_of
from xinzhi.errors import CallError, XinzhiError
from xinzhi.forms.checks import check
from xinzhi.forms.checks.known_figures import read_known_figures
from xinzhi.geography import demonstration_units

UNIT = demonstration_units()[1]
HEAD = "unit,kind,indicator,year,value\n"
TABLE = (
    HEAD
    + f"""{UNIT.code},official,gdp,2024,240.00
{UNIT.code},earlier,gdp,2022,100.00
{UNIT.code},census,population,2020,30.00
*,least,high_tech_share,,5
*,most,high_tech_share,,22
"""
)


def known(tmp_path, text=TABLE):
    file = tmp_path / "known.csv"
    file.write_text(text, encoding="utf-8")
    return read_known_figures(file, INDICATORS)


def test_each_kind_is_held_against_the_return(tmp_path):
    """219.38 filed against 240.00; 207.46 is 107 % above 100; 42 against 30 of the census; 23.10 above 22."""
    found = rules_of(check(INDICATORS, figures(), known(tmp_path).of(UNIT)))
    assert sorted(found) == [
        ("figures.census", "population", 2023),
        ("figures.census", "population", 2024),
        ("figures.change", "gdp", 2023),
        ("figures.official", "gdp", 2024),
        ("figures.unlike_peers", "high_tech_share", 2024),
    ]


def test_other_units_are_held_against_what_holds_for_all(tmp_path):
    table = known(tmp_path)
    for unit in (demonstration_units()[2], None):
        circumstances = table.of(unit)
        assert circumstances.peers == {"high_tech_share": (Decimal(5), Decimal(22))}
        assert (circumstances.official, circumstances.earlier, circumstances.census) == ({}, {}, None)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("990121,guess,gdp,2024,1", "kind 不能是 guess\n可用: earlier, official, census, least, most"),
        ("990121,official,gdpp,2024,1", "表中没有这一行: gdpp"),
        ("990121,official,gdp,2024,abc", "不是数: 2024 abc"),
        ("990121,official,gdp,2024,NaN", "不是数: 2024 NaN"),
        ("990121,official,gdp,2024,1_000", "不是数: 2024 1_000"),
        ("990121,official,gdp,24,1", "不是数: 24 1"),
        ("甲样县,official,gdp,2024,1", "unit 不能是 甲样县\n请写六位行政区划代码或 *"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, told):
    with pytest.raises(XinzhiError) as raised:
        known(tmp_path, HEAD + line + "\n")
    assert str(raised.value).startswith(f"{tmp_path / 'known.csv'} 第 2 行: {told}")


def test_a_table_of_another_shape_is_told(tmp_path):
    with pytest.raises(XinzhiError) as raised:
        known(tmp_path, "code,value\n1,2\n")
    assert raised.value.what == "缺少这些列: unit, kind, indicator, year"
    with pytest.raises(CallError):
        read_known_figures(tmp_path / "no.csv", INDICATORS)
