"""Every kind of figure: its words in two languages, its table, its bytes, and what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from fontTools.ttLib import TTFont

import xinzhi as library
from tests.cli.conftest import xinzhi  # noqa: F401, the fixture that runs the command
from xinzhi.errors import CallError, ComputeError
from xinzhi.geography import demonstration_units, units
from xinzhi.language import speaking
from xinzhi.publish.figures import Choices, FigureError, catalogue, figure
from xinzhi.publish.figures.checking import require_drawn
from xinzhi.publish.figures.engine import text_width
from xinzhi.publish.figures.labels import Box
from xinzhi.publish.figures.maps import TILES, _national
from xinzhi.publish.figures.material import Material
from xinzhi.publish.figures.scatter import labelled
from xinzhi.publish.fonts import SANS, SERIF, covered, font_files

KINDS = tuple(catalogue())
CHOICES = {"quadrant": {"against": "gdp_per_resident"}}
KEYS = ["unit", "name", "node", "year", "value"]
CHINESE = re.compile("[一-鿿]")


@pytest.fixture(scope="module")
def provinces():
    return library.compute("province-open")


@pytest.fixture(scope="module")
def drawn(provinces):
    """Give the figure of a name in Chinese; what analyses found is shared."""
    outcomes = {}
    return {name: figure(name, provinces, outcomes, **CHOICES.get(name, {})) for name in KINDS}


METHODOLOGY = """
id = "small"
level = "LEVEL"
years = YEARS
scale = 100.0
title = { zh = "虚构", en = "Invented" }
source = { citation = { zh = "虚构", en = "Invented" } }
normalisation = { method = "minmax", scope = "panel" }
weighting = { method = "equal" }
root = { title = { zh = "总分", en = "Total" } }

[indicators.a]
title = { zh = "甲", en = "A" }
direction = "positive"

[indicators.b]
title = { zh = "乙", en = "B" }
direction = "positive"

[indicators.c]
title = { zh = "丙", en = "C" }
direction = "positive"
"""


@pytest.fixture
def small(tmp_path):
    """Give a result over made-up figures, values[year][unit]; None is missing."""

    def make(values, years=(2023,), level="park", codes=None, names=None):
        count = len(values[0])
        codes = codes or [f"{n:06d}" for n in range(900001, 900001 + count)]
        names = names or [f"虚构{n}区" for n in range(count)]
        file = tmp_path / "small.toml"
        file.write_text(
            METHODOLOGY.replace("LEVEL", level).replace("YEARS", str(list(years))), encoding="utf-8"
        )
        rows = [
            {"code": code, "name": name, "year": year, "a": row[n], "b": row[n], "c": row[n]}
            for year, row in zip(years, values, strict=True)
            for n, (code, name) in enumerate(zip(codes, names, strict=True))
        ]
        return library.compute(file, pl.DataFrame(rows, infer_schema_length=None))

    return make


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_has_words_table_and_json(drawn, name):
    one = drawn[name]
    assert one.table.columns[:5] == KEYS
    assert len(one.table) > 0
    assert json.loads(json.dumps(one.option, allow_nan=False))
    assert one.title and one.alt.endswith("。")
    assert "资料来源: " in one.caption
    assert "方法: province-open" in one.caption


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_is_a_picture_with_words(drawn, name):
    svg = drawn[name].svg()
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert [root[0].text, root[1].text] == [drawn[name].title, drawn[name].alt]
    assert "NaN" not in svg and "undefined" not in svg


@pytest.mark.parametrize("name", ["ranking", "quadrant", "map", "heat"])
def test_the_same_figure_gives_the_same_bytes_whatever_was_drawn_between(drawn, name):
    first, picture = drawn[name].svg(), drawn[name].png(1.0, framed=True)
    drawn["trend"].svg()
    assert drawn[name].svg() == first
    assert drawn[name].png(1.0, framed=True) == picture
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", KINDS)
def test_english_is_english(provinces, name):
    with speaking("en"):
        one = figure(name, provinces, **CHOICES.get(name, {}))
    assert CHINESE.findall(one.title) == []
    assert CHINESE.findall(one.alt) == []
    drawn_texts = [
        t.text or "" for t in ElementTree.fromstring(one.svg()).iter("{http://www.w3.org/2000/svg}text")
    ]
    assert [text for text in drawn_texts if CHINESE.search(text)] == []


def test_the_table_of_the_ranking_is_the_result(drawn, provinces):
    table = drawn["ranking"].table
    expected = sorted((provinces.score(code, year=2022) for code in provinces.codes), reverse=True)
    assert table["value"].to_list() == pytest.approx(expected)
    assert table["year"].unique().to_list() == [2022]


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_drawn_from_other_data_than_its_table_is_refused(provinces, name):
    """One value of the table changed, two rows exchanged, a row too many: each is found and its row named."""
    kind = catalogue()[name]
    drawing = kind.draw(Material(provinces, Choices(**CHOICES.get(name, {}))))
    require_drawn(name, kind.how, drawing)
    values = drawing.table["value"].to_list()
    row = next(k for k, v in enumerate(values) if v is not None)
    other = next(k for k, v in enumerate(values) if v is not None and v != values[row])
    for change in ({row: values[row] + 0.1}, {row: values[other], other: values[row]}):
        changed = pl.Series("value", [change.get(k, v) for k, v in enumerate(values)])
        with pytest.raises(FigureError, match=f"图 {name} 画的不是表里的数: "):
            require_drawn(name, kind.how, replace(drawing, table=drawing.table.with_columns(changed)))
    with pytest.raises(FigureError, match=f"图 {name} 画了"):
        require_drawn(name, kind.how, replace(drawing, table=drawing.table.vstack(drawing.table[row])))


def test_a_sign_that_the_font_lacks_is_refused(small):
    result = small([[1.0, 2.0]], names=["虚构\ue123区", "虚构乙区"])
    with pytest.raises(FigureError, match=r"图 ranking 里有字体 Noto Sans SC 没有的字: .* \(U\+E123\)"):
        figure("ranking", result).svg()


def characters(path):
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def test_the_font_has_the_characters_that_fonttools_finds():
    for family in (SANS, SERIF):
        expected = set.intersection(*map(characters, font_files(family)))
        assert covered(family) - {0xFFFF} == expected  # the sign that ends a table of segments is none


def test_what_is_drawn_is_what_the_table_says(drawn):
    bars = [
        row
        for series in drawn["ranking"].option["series"]
        if series["type"] == "bar"
        for row in series["data"]
    ]
    assert sorted(v for v in bars if v != "-") == sorted(drawn["ranking"].table["value"])
    points = [p["value"] for s in drawn["quadrant"].option["series"][:4] for p in s["data"]]
    assert sorted(points) == sorted(map(list, drawn["quadrant"].table.select("x", "value").iter_rows()))
    areas = {d["name"]: d["value"] for d in drawn["map"].option["series"][0]["data"]}
    assert areas == dict(drawn["map"].table.select("unit", "value").iter_rows())


def test_contributions_add_up_to_the_scores(drawn, provinces):
    sums = drawn["contributions"].table.group_by("unit").agg(pl.col("value").sum())
    for code, total in sums.iter_rows():
        assert total == pytest.approx(provinces.score(code, year=2022), abs=1e-9)


def test_every_unit_of_a_scatter_is_named(drawn, provinces):
    for name in ("quadrant", "moran"):
        texts = [item["name"] for item in drawn[name].option["series"][-1]["data"]]
        assert sorted(texts) == sorted(provinces.names)


# --- maps ------------------------------------------------------------------------------------------------


def test_the_map_has_every_province_the_line_and_the_islands(drawn):
    main, inset, _middles = _national("provinces.json")
    assert sorted(main.shapes) == sorted(TILES)
    assert {unit.code for unit in units("province")} | {"710000", "810000", "820000"} == set(TILES)
    assert len(inset.line) == 10  # the ten dashes
    assert "460000" in inset.shapes and "710000" in inset.shapes
    text = drawn["map"].svg()
    for name in ("台湾 –", "香港 –", "澳门 –", "南海诸岛", "示意图, 不作为划界依据"):
        assert name in text


def test_the_inset_hides_nothing(drawn):
    geo = drawn["map"].option["geo"]
    main, _inset, _middles = _national("provinces.json")
    corner = Box(
        geo[1]["left"], geo[1]["top"], geo[1]["left"] + geo[1]["width"], geo[1]["top"] + geo[1]["height"]
    )
    scale = geo[0]["width"] / (main.ends.right - main.ends.left)
    rings = [r for ps in main.shapes.values() for p in ps for r in p] + main.line
    points = np.concatenate([np.asarray(ring) for ring in rings])
    x = geo[0]["left"] + (points[:, 0] - main.ends.left) * scale
    y = geo[0]["top"] + geo[0]["height"] - (points[:, 1] - main.ends.top) * scale
    assert not ((x > corner.left) & (x < corner.right) & (y > corner.top) & (y < corner.bottom)).any()


def test_the_number_of_the_map_takes_the_place_of_the_sketch(provinces):
    text = figure("map", provinces, map_number="GS(2024)0000号").svg()
    assert "审图号: GS(2024)0000号" in text
    assert "示意图" not in text


def test_tiles_stand_alone():
    assert len(set(TILES.values())) == len(TILES) == 34


# --- calls -----------------------------------------------------------------------------------------------


def test_plot_draws_by_name(provinces):
    assert provinces.plot.radar(units=["北京", "上海"]).table["name"].unique().sort().to_list() == [
        "上海",
        "北京",
    ]
    assert provinces.plot("tiles").name == "tiles"
    assert dir(provinces.plot) == sorted(KINDS)
    with pytest.raises(AttributeError, match="there are trend, ranking"):
        _ = provinces.plot.pie


@pytest.mark.parametrize(
    ("name", "choices", "what"),
    [
        ("pie", {}, "没有叫 pie 的图"),
        ("trend", {"top": 3}, "trend 图没有选项 top"),
        ("ranking", {"year": 1999}, "没有 1999 年的结果"),
        ("ranking", {"top": 0}, "单位个数至少是 1"),
        ("slope", {"since": 2022}, "比较的年份 2022 不早于 2022"),
        ("radar", {"top": 6}, "一幅图最多比较 5 个单位"),
        ("ranking", {"units": ["无此省"]}, "结果里没有单位 无此省"),
    ],
)
def test_wrong_calls_are_told(provinces, name, choices, what):
    with pytest.raises(CallError) as caught:
        figure(name, provinces, **choices)
    assert caught.value.what == what


def test_what_does_not_apply_is_told(provinces, small):
    with pytest.raises(ComputeError) as caught:
        figure("quadrant", provinces)
    assert str(caught.value) == "没有指定横轴 (--against)"
    with pytest.raises(ComputeError) as caught:
        figure("moran", provinces, top=5, outcomes={}) and figure(
            "obstacles", library.compute("national-open")
        )
    assert caught.value.what == "标准化值不在 0 与满分之间, 不能用于这项分析"


# --- hard input ------------------------------------------------------------------------------------------

LONG = "一二三四五六七八九十" * 3  # 30 characters
BY_UNIT = ("ranking", "contributions", "heat", "profile")


@pytest.mark.parametrize("name", (*BY_UNIT, "radar"))
@pytest.mark.parametrize("count", [2, 2850])
def test_few_units_and_very_many(small, name, count):
    result = small([[float(n) for n in range(count)]])
    one = figure(name, result, **({"replications": 20} if name == "ranking" else {}))
    ElementTree.fromstring(one.svg())
    assert one.height < 1200
    if name == "ranking" and count == 2850:
        assert "画出 40 个, 共 2850 个有得分" in one.caption


@pytest.mark.parametrize("name", (*BY_UNIT, "slope", "multiples"))
def test_a_unit_without_data_is_said_and_not_drawn(small, name):
    result = small([[1.0, None, 3.0], [2.0, None, 5.0]], (2022, 2023))
    one = figure(name, result)
    assert "虚构1区" not in one.table["name"].to_list()
    if name != "profile":
        assert "没有得分, 未画: 虚构1区" in one.caption


def test_a_chosen_unit_without_data_is_an_error(small):
    result = small([[1.0, None, 3.0]])
    with pytest.raises(ComputeError) as caught:
        figure("radar", result, units=["虚构1区"])
    assert caught.value.what == "虚构1区 没有得分, 画不出"


@pytest.mark.parametrize("name", (*BY_UNIT, "slope", "multiples", "trend"))
def test_a_name_of_thirty_characters_stays_in_the_picture(small, name):
    result = small([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0]], (2022, 2023), names=["甲区", LONG, "乙区"])
    root = ElementTree.fromstring(figure(name, result).svg())
    assert root.attrib["width"] == "760"
    texts = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert max(text_width(text, 12) for text in texts) < 760 / 2


@pytest.mark.parametrize("name", ["trend", "slope", "multiples"])
def test_one_year_has_no_change(small, name):
    with pytest.raises(ComputeError) as caught:
        figure(name, small([[1.0, 2.0]]))
    assert caught.value.what == "只有 2023 一年, 画不出变化"


@pytest.mark.parametrize("name", ["map", "tiles", "moran"])
def test_what_has_no_place_is_told(small, name):
    with pytest.raises(ComputeError) as caught:
        figure(name, small([[1.0, 2.0]]))
    assert caught.value.what in (
        "park 这一层级没有地图", "方格图只有省级的", "只有省级有邻接表; 其他层级请用表格和权重矩阵"
    )  # fmt: skip


def test_direction_words_follow_the_signs(small):
    assert figure("trend", small([[0.0, 8.0], [2.0, 10.0]], (2022, 2023))).title.endswith("由 40.0 升至 60.0")
    assert figure("trend", small([[2.0, 10.0], [0.0, 8.0]], (2022, 2023))).title.endswith("由 60.0 降至 40.0")
    assert figure("trend", small([[2.0, 10.0], [2.0, 10.0]], (2022, 2023))).title.endswith("持平 (50.0)")


def test_ties_are_said(small):
    alt = figure("ranking", small([[5.0, 5.0, 0.0]]), replications=20).alt
    assert alt == "横条图, 2023 年总分, 从高到低 3 个单位; 虚构0区、虚构1区最高 (100.0), 虚构2区最低 (0.0)。"


def test_the_demonstration_province_has_a_map_and_says_what_it_is(small):
    counties = demonstration_units()
    result = small([[float(n) for n in range(len(counties))]], level="county",
                   codes=[c.code for c in counties], names=[c.name for c in counties])  # fmt: skip
    one = figure("map", result)
    assert one.caption.startswith("演示数据。")
    assert sorted(one.table["unit"]) == sorted(c.code for c in counties)
    texts = [t.text for t in ElementTree.fromstring(one.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert set(texts) >= {counties[0].name, "示意图, 不作为划界依据"}


def test_crowded_points_make_a_higher_picture():
    n = 80
    x, y = np.linspace(0.5, 0.501, n), np.linspace(0.5, 0.501, n)
    field, labels = labelled(x, y, {k: f"虚构第{k}号县" for k in range(n)}, ((0.0, 1.0), (0.0, 1.0)))
    assert len(labels) == n
    assert field.height > 520


# --- command ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(provinces, tmp_path_factory):
    from xinzhi.index import save_folder

    return save_folder(provinces, tmp_path_factory.mktemp("figures") / "result")


def test_the_command_writes_a_figure(xinzhi, folder, tmp_path):  # noqa: F811
    run = xinzhi("figure", "tiles", folder, "-o", tmp_path / "tiles.svg", "--year", "2020")
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[0].startswith("2020 年新质生产力开放指数: 北京最高")
    assert (tmp_path / "tiles.svg").read_text(encoding="utf-8").startswith("<svg role=")


def test_the_command_lists_the_figures(xinzhi):  # noqa: F811
    run = xinzhi("figure", "--list")
    assert run.status == 0
    assert [line.split()[0] for line in run.out.splitlines()] == list(KINDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "缺少图的名称或结果文件夹"),
        (("tiles", "FOLDER"), "请用 -o 给出输出文件 .svg、.png 或 .pdf"),
        (("pie", "FOLDER", "-o", "x.svg"), "没有叫 pie 的图"),
        (("tiles", "FOLDER", "-o", "x.jpg"), "不认识的图片格式 .jpg"),
        (("tiles", "FOLDER", "-o", "x.svg", "--top", "3"), "tiles 图没有选项 top"),
    ],
)
def test_wrong_commands_end_with_two(xinzhi, folder, arguments, message):  # noqa: F811
    run = xinzhi("figure", *(folder if word == "FOLDER" else word for word in arguments))
    assert run.status == 2
    assert message in run.err


def test_files_by_their_ending(drawn, tmp_path):
    for ending, start in ((".svg", b"<svg role="), (".png", b"\x89PNG"), (".pdf", b"%PDF-")):
        file = drawn["dagum"].save(tmp_path / f"dagum{ending}")
        assert file.read_bytes().startswith(start)
    with pytest.raises(CallError) as caught:
        drawn["dagum"].save(tmp_path / "dagum.jpg")
    assert caught.value.what == "不认识的图片格式 .jpg"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dagum.pdf", "dagum.png", "dagum.svg"]


def test_a_figure_is_drawn_while_an_event_loop_runs(provinces):
    """As in a notebook, whose cells run inside of one."""
    import asyncio

    expected = figure("density", provinces).svg()

    async def cell() -> str:
        return figure("density", provinces).svg()

    assert asyncio.run(cell()) == expected


@pytest.mark.parametrize("where", ["", "thread"])
def test_a_process_that_has_drawn_ends_without_a_crash(where):
    """V8 is closed by the thread that made it, whichever asked for figures."""
    work = "import sys, threading, xinzhi\nfrom xinzhi.publish.figures import figure\n"
    work += "draw = lambda: figure('trend', xinzhi.compute('national-open')).svg()\n"
    work += "t = threading.Thread(target=draw)\nt.start()\nt.join()\n" if where else ""
    ended = subprocess.run(
        [sys.executable, "-c", work + "draw()"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
