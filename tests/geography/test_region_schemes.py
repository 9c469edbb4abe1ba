"""Region schemes: every province once, and the sizes their sources give."""

import pytest

from xinzhi.errors import XinzhiError
from xinzhi.geography import load_region_scheme, region_schemes, units
from xinzhi.language import speaking


def members(scheme_id):
    names = {unit.code: unit.name for unit in units("province")}
    return {
        group.name_zh: " ".join(names[code] for code in group.members)
        for group in load_region_scheme(scheme_id).groups
    }


def test_schemes():
    assert [scheme.id for scheme in region_schemes()] == ["nbs-4", "three-belts"]


@pytest.mark.parametrize("scheme", region_schemes(), ids=lambda scheme: scheme.id)
def test_every_province_lies_in_exactly_one_group(scheme):
    listed = [code for group in scheme.groups for code in group.members]
    assert sorted(listed) == [unit.code for unit in units("province")]
    assert len({group.id for group in scheme.groups}) == len(scheme.groups)
    for group in scheme.groups:
        assert list(group.members) == sorted(group.members)


# 国家统计局《东西中部和东北地区划分方法》: 10, 6, 12, 3.
def test_four_regions():
    assert members("nbs-4") == {
        "东部": "北京 天津 河北 上海 江苏 浙江 福建 山东 广东 海南",
        "中部": "山西 安徽 江西 河南 湖北 湖南",
        "西部": "内蒙古 广西 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆",
        "东北": "辽宁 吉林 黑龙江",
    }
    assert [len(group.members) for group in load_region_scheme("nbs-4").groups] == [10, 6, 12, 3]


# Three belts since the development of the west: 11, 8, 12; the northeast is divided.
def test_three_belts():
    groups = load_region_scheme("three-belts").groups
    assert [len(group.members) for group in groups] == [11, 8, 12]
    four = members("nbs-4")
    three = members("three-belts")
    assert set(three["东部"].split()) == {*four["东部"].split(), "辽宁"}
    assert set(three["中部"].split()) == {*four["中部"].split(), "吉林", "黑龙江"}
    assert three["西部"] == four["西部"]


def test_group_of_any_code():
    scheme = load_region_scheme("nbs-4")
    for code, group_id in [
        ("320106", "east"),
        ("429021", "central"),
        ("540000", "west"),
        ("220381", "northeast"),
    ]:
        group = scheme.group_of(code)
        assert group is not None
        assert group.id == group_id
    assert scheme.group_of("100000") is None
    assert all(scheme.group_of(unit.code) for unit in units("county"))


def test_unknown_scheme():
    with pytest.raises(XinzhiError, match="nbs-4, three-belts"):
        load_region_scheme("nbs-5")


def test_names_in_both_languages():
    scheme = load_region_scheme("nbs-4")
    assert (scheme.title, scheme.groups[3].name) == ("四大区域", "东北")
    with speaking("en"):
        assert (scheme.title, scheme.groups[3].name) == ("Four regions", "Northeast")
