"""The fonts hold every place name and the signs that papers use; a missing one is a clear error."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from xinzhi.errors import CallError
from xinzhi.geography import demonstration_units, load_region_scheme, units
from xinzhi.language import speaking
from xinzhi.publish import assets
from xinzhi.publish.fonts import FONTS, font_files, font_folder

# 仫沚瀍猇 stand in names of counties and are missing from the package's single file, as are the signs.
SIGNS = "→≤≥①②□√■‰℃×±–—…“”《》、。²³"
RARE = "仫沚瀍猇"


def names() -> str:
    written = [unit.path for level in ("province", "county") for unit in units(level)]
    written += [unit.name for unit in demonstration_units()]
    written += [group.name for group in load_region_scheme("nbs-4").groups]
    return "".join(written)


@pytest.mark.parametrize("name", FONTS)
def test_every_place_name_and_sign_has_an_outline(name):
    wanted = set(names() + SIGNS + RARE)
    assert len(wanted) > 1200
    with TTFont(font_folder() / name) as font:
        characters, outlines = font.getBestCmap(), font["glyf"]
        assert sorted(c for c in wanted if ord(c) not in characters) == []
        assert [c for c in sorted(wanted) if outlines[characters[ord(c)]].numberOfContours <= 0] == []


@pytest.mark.parametrize("name", FONTS)
def test_a_font_is_called_as_it_is_asked_for(name):
    with TTFont(font_folder() / name) as font:
        assert str(font["name"].getDebugName(1)) == FONTS[name].family
        assert font["OS/2"].usWeightClass == FONTS[name].weight


def test_files_of_a_family():
    assert [path.name for path in font_files("Noto Serif SC")] == [
        "NotoSerifSC-Regular.ttf",
        "NotoSerifSC-Bold.ttf",
    ]


def test_missing_fonts_say_what_to_run(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    with speaking("zh"), pytest.raises(CallError) as caught:
        font_folder()
    assert caught.value.where == str(tmp_path / "fonts")
    assert caught.value.what == "缺少作图和排版用的文件"
    assert caught.value.remedy == "请在项目目录运行 make assets; 或重新安装 xinzhi[publish]"
