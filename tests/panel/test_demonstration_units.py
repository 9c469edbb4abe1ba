"""The units of 示例省 are read by their codes, never mixed with real ones, and said to be fictitious."""

from __future__ import annotations

import pytest

import xinzhi
from xinzhi.errors import PanelError
from xinzhi.geography import demonstration_unit, demonstration_units, find, units, units_with

HEAD = "代码,名称,年份,地区生产总值\n"
INVENTED = "990121,甲样县,2024,100\n990122,乙样县,2024,200\n990102,东样区,2024,300\n"


def test_a_panel_of_the_fictitious_province(tmp_path) -> None:
    file = tmp_path / "panel.csv"
    file.write_text(HEAD + INVENTED, encoding="utf-8")
    result = xinzhi.compute("county-2025", file)
    assert result.codes == ("990121", "990122")
    assert result.figures.excluded == ("东样区",)
    assert {unit.code[:2] for unit in result.figures.absent} == {"99"}
    assert len(result.figures.absent) == sum(unit.kind != "市辖区" for unit in demonstration_units()) - 2
    assert result.notes[0] == "演示数据: 示例省并不存在, 数字都是虚构的"


def test_real_and_fictitious_units_are_not_mixed(tmp_path) -> None:
    file = tmp_path / "panel.csv"
    real = units("county", 2024)[0]
    file.write_text(f"{HEAD}{INVENTED}{real.code},{real.name},2024,5\n", encoding="utf-8")
    with pytest.raises(PanelError) as refusal:
        xinzhi.compute("county-2025", file)
    assert refusal.value.what == "panel.csv: 甲样县 是示例省的单位, 与真实的单位混在一张表里"


def test_a_name_alone_leads_to_no_fictitious_unit(tmp_path) -> None:
    file = tmp_path / "panel.csv"
    file.write_text("名称,年份,地区生产总值\n甲样县,2024,100\n", encoding="utf-8")
    with pytest.raises(PanelError, match="没有行政区“甲样县”"):
        xinzhi.compute("county-2025", file)


def test_a_wrong_name_beside_a_fictitious_code_is_said(tmp_path) -> None:
    file = tmp_path / "panel.csv"
    file.write_text(HEAD + "990121,乙样县,2024,100\n", encoding="utf-8")
    with pytest.raises(PanelError, match="代码 990121 是“甲样县”, 名称却写“乙样县”"):
        xinzhi.compute("county-2025", file)


def test_the_list_that_codes_are_from() -> None:
    assert units_with("county", ["990121"]) == demonstration_units()
    assert units_with("county", []) == units("county")
    assert units_with("county", ["990121", "110101"], 2024) == units("county", 2024)
    assert units_with("province", ["110000"]) == units("province")
    assert demonstration_unit("110101") is None
    assert find("北京", "province").code == "110000"
