"""Who may file what, and when: clauses L2 and L3 of the call."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest

from xinzhi.forms import asked, filers_of, load_call, may_file, timing
from xinzhi.geography import Unit, find, units

CALL = load_call()
DONGGUAN = Unit("441900", "东莞", "东莞市", "", "prefecture", "地级市", "440000", "广东省东莞市")
ZHUHAI = Unit("440400", "珠海", "珠海市", "", "prefecture", "地级市", "440000", "广东省珠海市")


def test_every_county_but_districts_is_asked_for_figures():
    """2,843 units of 2022, 977 of them 市辖区 (民政部 list of 2022): 1,866 file figures and cases."""
    assert len(asked(CALL, "indicators")) == 1866
    assert len(asked(CALL, "case")) == 2843
    kinds = Counter(unit.kind for unit in asked(CALL, "indicators"))
    assert set(kinds) == {"县", "县级市", "自治县", "旗", "自治旗", "林区", "特区"}


@pytest.mark.parametrize(
    ("name", "parent", "filers", "indicators"),
    [
        ("正定县", "河北", "county", True),
        ("神农架林区", "湖北", "county", True),
        ("六枝特区", "贵州", "county", True),
        ("海淀区", "北京", "district", False),
    ],
)
def test_the_kind_decides(name, parent, filers, indicators):
    unit = find(name, "county", parent, 2022)
    assert filers_of(CALL, unit).id == filers
    assert may_file(CALL, unit, "indicators") is indicators
    assert may_file(CALL, unit, "case") is True


def test_a_city_without_counties_files_when_the_office_admits_it_by_name():
    assert filers_of(CALL, DONGGUAN).id == "city_without_counties"
    assert may_file(CALL, DONGGUAN, "indicators") is False
    assert may_file(CALL, DONGGUAN, "indicators", admitted={"441900"}) is True
    assert filers_of(CALL, ZHUHAI) is None
    assert may_file(CALL, ZHUHAI, "case", admitted={"440400"}) is False


def test_bodies_file_cases_only():
    assert filers_of(CALL, None).id == "body"
    assert (may_file(CALL, None, "case"), may_file(CALL, None, "indicators")) == (True, False)


def test_a_province_is_not_asked():
    (beijing, *_rest) = units("province")
    assert may_file(CALL, beijing, "case") is False


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2025, 6, 2, 15, 59, 59, tzinfo=UTC), "early"),
        (datetime(2025, 6, 2, 16, 0, 0, tzinfo=UTC), "open"),
        (datetime(2025, 8, 31, 15, 59, 59, tzinfo=UTC), "open"),
        (datetime(2025, 8, 31, 16, 0, 0, tzinfo=UTC), "late"),
        (datetime(2025, 8, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=8))), "open"),
        (datetime(2025, 9, 1, 0, 0, 0, tzinfo=timezone(timedelta(hours=9))), "open"),
    ],
)
def test_the_window_is_meant_in_shanghai(moment, expected):
    """From 2025-06-03 00:00 to before 2025-09-01 00:00, UTC+8."""
    assert timing(CALL, moment) == expected


def test_an_extension_moves_the_end_for_one_unit():
    until = datetime(2025, 9, 8, tzinfo=CALL.zone)
    assert timing(CALL, datetime(2025, 9, 7, 23, 59, tzinfo=CALL.zone), until=until) == "open"
    assert timing(CALL, datetime(2025, 9, 8, tzinfo=CALL.zone), until=until) == "late"


def test_a_moment_without_time_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="moment needs a time zone"):
        timing(CALL, datetime(2025, 7, 1))
