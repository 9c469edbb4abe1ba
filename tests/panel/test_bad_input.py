"""One good file, and one thing spoilt at a time: each has its message with place and remedy."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

from xinzhi.errors import CallError, PanelError, XinzhiError
from xinzhi.language import speaking
from xinzhi.methodology import Methodology
from xinzhi.panel import Panel, built_in_panel, read_panel

WIDE = """代码,名称,年份,gdp,rd,人口
110000,北京,2021,40269.6,6.53,2188.6
110000,北京,2022,41610.9,6.83,2184.3
310000,上海,2021,43214.9,4.21,2489
310000,上海,2022,44652.8,4.44,2475.9
"""
TIDY = """code,year,indicator,value,measure,status,vintage
110000,2021,gdp,40269.6,亿元,,2022
110000,2022,gdp,41610.9,亿元,,2022
310000,2022,gdp,44652.8,亿元,,2022
310000,2022,rd,4.44,%,,2023
"""

Read = Callable[[str], Panel]


@pytest.fixture
def read(tmp_path: Path, provinces: Methodology) -> Read:
    def read(text: str) -> Panel:
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        return read_panel(path, provinces)

    return read


def told(read: Callable[[], object], kind: type[XinzhiError] = PanelError) -> str:
    with pytest.raises(kind) as caught:
        read()
    return str(caught.value)


def cell(what: str, remedy: str) -> str:
    return f"data.csv 第 3 行 gdp 列 (北京, 2022, gdp): {what}\n{remedy}"


UNCLEAR = "缺失请留空; 数值为零请写 0; 不适用请写“不适用”"
NUMBER = "请填写数字, 单位写在表头里"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("约4万", cell("“约4万”不是数", NUMBER)),
        ("4.1万", cell("“4.1万”不是数", NUMBER)),
        ("1_000", cell("“1_000”不是数", NUMBER)),
        ("٣", cell("“٣”不是数", NUMBER)),
        ("10²", cell("“10²”不是数", NUMBER)),
        ("①", cell("“①”不是数", NUMBER)),
        ("0x10", cell("“0x10”不是数", NUMBER)),
        ("=A1+B1", cell("“=A1+B1”不是数", NUMBER)),
        ("1 000", cell("“1 000”不是数", NUMBER)),
        ("NaN", cell("“NaN”不是有限的数", "缺失请留空")),
        ("-inf", cell("“-inf”不是有限的数", "缺失请留空")),
        ("1e400", cell("“1e400”太大", "请检查数字和计量单位")),
        ("4e15", cell("“4e15”太大", "请检查数字和计量单位")),
        ('"1,23"', cell("“1,23”的千分位不对", "请去掉数字里的逗号")),
        ('"12,345,6"', cell("“12,345,6”的千分位不对", "请去掉数字里的逗号")),
        ("35.2%", cell("“35.2%”带百分号, 而这一项的单位不是 %", "请按方法规定的计量单位填写, 不带百分号")),
        ("-5", cell("-5 小于可能的最小值 0", "请检查数字、正负号和计量单位")),
        ("2e9", cell("2e+09 大于可能的最大值 1e+09", "请检查数字、正负号和计量单位")),
        ("TRUE", cell("“TRUE”是逻辑值, 不是数", "请填写数字, 或留空")),
        ("2022-12-31", cell("“2022-12-31”是日期, 不是数", "请把单元格改为数字格式")),
        ("#REF!", cell("公式出错: #REF!", "请改正公式, 或填写数字")),
        ("-", cell("“-”的意思不明确", UNCLEAR)),
        ("——", cell("“——”的意思不明确", UNCLEAR)),
        ("...", cell("“...”的意思不明确", UNCLEAR)),
        ("……", cell("“……”的意思不明确", UNCLEAR)),
        ("暂无", cell("“暂无”的意思不明确", UNCLEAR)),
        ("NA", cell("“NA”的意思不明确", UNCLEAR)),
    ],
)
def test_a_cell_that_is_neither_number_nor_mark(read: Read, written: str, message: str) -> None:
    assert told(lambda: read(WIDE.replace("41610.9", written))) == message


@pytest.mark.parametrize(
    ("good", "spoilt", "message"),
    [
        (
            "110000,北京,2022", ",,2022",
            "data.csv 第 3 行: 没有单位: 代码和名称都是空的\n请写明代码或名称, 或删去这一行",
        ),
        (
            "110000,北京,2022", "110000,天津,2022",
            "data.csv 第 3 行 (天津): 代码 110000 是“北京市”, 名称却写“天津”\n请核对代码和名称",
        ),
        (
            "110000,北京,2022", "110000,北京,2021",
            "data.csv 第 3 行 (北京, 2021): 与第 2 行重复\n同一单位同一年只留一个数",
        ),
        (
            "110000,北京,2022", "110000,北京,去年",
            "data.csv 第 3 行 年份 列: “去年”不是年份\n年份请写四位数字, 如 2022",
        ),
        (
            "110000,北京,2022", "110000,北京,",
            "data.csv 第 3 行 年份 列: 没有年份\n年份请写四位数字, 如 2022",
        ),
        (
            "gdp,rd", "gdp,rdd",
            "data.csv rdd 列: 没有叫“rdd”的指标\n“rdd”是不是: rd",
        ),
        (
            "gdp,rd", "gdp,地区生产总值",
            "data.csv 地区生产总值 列: 与 gdp 列都是 gdp\n同一项只留一列",
        ),
        (
            "gdp,rd", "gdp,年度",
            "data.csv 年度 列: 与 年份 列都是 年度\n同一项只留一列",
        ),
        (
            "gdp,rd", "gdp,",
            "data.csv 5 列: 有数据, 没有表头\n请给这一列写上表头",
        ),
        (
            "gdp,rd", "gdp（斤）,rd",
            "data.csv gdp（斤） 列 (gdp): 没有登记过的计量单位“斤”\n可用的计量单位: ",
        ),
        (
            "gdp,rd", "gdp,rd（万元）",
            "data.csv rd（万元） 列 (rd): “万元”不能换算成“%”\n请换算好数字, 并写明与方法一致的计量单位",
        ),
        (
            "代码,名称", "note,备注",
            "data.csv: 没有代码列, 也没有名称列\n"
            "请加一列“代码”或“名称”, 现有表头: note, 备注, 年份, gdp, rd, 人口",
        ),
        (
            "年份", "备注",
            "data.csv: 没有年份列\n请加一列“年份”, 或用 year= 说明是哪一年的数据",
        ),
        (
            "gdp,rd,人口", "备注,note,说明",
            "data.csv: 没有一列是数据\n请给每个变量一列, 或用“指标”和“数值”两列",
        ),
        (
            "41610.9,", "41610.9,1,",
            "data.csv 第 3 行: 有 7 格, 表头有 6 格\n请检查这一行的分隔符和引号",
        ),
        (
            "41610.9", '"41610.9',
            "data.csv 第 3 行: 引号没有成对, 或一格过长\n请检查这一行起的引号; 格内的引号要写两遍",
        ),
    ],
)  # fmt: skip
def test_a_wide_table_with_one_thing_spoilt(read: Read, good: str, spoilt: str, message: str) -> None:
    assert read(WIDE).shape == (2, 2, 3)
    assert told(lambda: read(WIDE.replace(good, spoilt, 1))).startswith(message)


@pytest.mark.parametrize(
    ("good", "spoilt", "message"),
    [
        (
            "110000,2022,gdp", "110000,2022,GPD",
            "data.csv 第 3 行 indicator 列: 没有叫“GPD”的指标\n“GPD”是不是: gdp",
        ),
        (
            "110000,2022,gdp", "110000,2022,",
            "data.csv 第 3 行 indicator 列: 没有写指标\n请每行写明指标",
        ),
        (
            "110000,2022,gdp", "110000,2021,gdp",
            "data.csv 第 3 行 (110000, 2021, gdp): 与第 2 行重复\n同一单位同一年只留一个数",
        ),
        (
            "41610.9,亿元", "41610.9,斤",
            "data.csv 第 3 行 indicator 列 (gdp): 没有登记过的计量单位“斤”\n可用的计量单位: ",
        ),
        (
            "41610.9,亿元,", "41610.9,亿元,很好",
            "data.csv 第 3 行 status 列: 没有“很好”这种状态\n可用的状态: missing, reported, ",
        ),
        (
            "41610.9,亿元,", "41610.9,亿元,missing",
            "data.csv 第 3 行 value 列 (110000, 2022, gdp): 状态是“missing”, 与数值不符\n"
            "有数的格不能是缺失、不适用或未要求, 没有数的格只能是其中之一",
        ),
        (
            "41610.9,亿元,,2022", "41610.9,亿元,,2024",
            "data.csv 第 3 行 vintage 列: gdp 混用两种口径: “2022” (第 2 行) 和“2024” (第 3 行)\n"
            "混用口径会造成虚假的增长; 请每个变量只用一种口径的数据",
        ),
        (
            "measure", "rd",
            "data.csv rd 列: 不认得这一列: “rd”\n一行一个数的表里请删去这一列; 备注写在“备注”列",
        ),
    ],
)  # fmt: skip
def test_a_tidy_table_with_one_thing_spoilt(read: Read, good: str, spoilt: str, message: str) -> None:
    assert read(TIDY).shape == (2, 2, 2)
    assert told(lambda: read(TIDY.replace(good, spoilt, 1))).startswith(message)


def test_an_unknown_unit_is_told_with_what_geography_suggests(read: Read) -> None:
    message = told(lambda: read(WIDE.replace("310000,上海", ",黑龙")))
    assert message.startswith("data.csv 第 4 行 (黑龙): ")
    assert "黑龙江" in message


def test_homonyms_are_refused_by_name(provinces: Methodology) -> None:
    county = provinces.model_copy(update={"level": "county"})
    frame = pl.DataFrame({"name": ["鼓楼区"], "year": [2022], "gdp": [1.0]})
    message = told(lambda: read_panel(frame, county, origin="f"))
    assert message.startswith("f 第 1 行 (鼓楼区): “鼓楼区”有 4 个")
    assert "请写行政区划代码, 或写明所在的省、市" in message


def test_free_units_keep_one_name_and_one_code(firms: Methodology) -> None:
    frame = pl.DataFrame({"code": ["1", "1"], "name": ["甲", "乙"], "year": [2021, 2022], "gdp": [1.0, 2.0]})
    assert told(lambda: read_panel(frame, firms)) == (
        "数据框 第 2 行 (乙): 代码 1 有两个名称: “甲”和“乙”\n同一代码请用同一名称"
    )
    frame = frame.with_columns(code=pl.Series(["1", ""]), name=pl.Series(["甲", "甲"]))
    assert told(lambda: read_panel(frame, firms)) == (
        "数据框 第 2 行 (甲): “甲”在别的行有代码, 这一行没有\n请每行都写代码"
    )


def test_all_findings_are_told_together_in_the_order_of_rows(read: Read) -> None:
    spoilt = WIDE.replace("2184.3", "abc").replace("44652.8", "-1").replace("rd", "what")
    assert told(lambda: read(spoilt)).splitlines()[:3] == [
        "data.csv what 列: 没有叫“what”的指标",
        "data.csv 第 3 行 人口 列 (北京, 2022, people): “abc”不是数",
        "data.csv 第 5 行 gdp 列 (上海, 2022, gdp): -1 小于可能的最小值 0",
    ]


def test_twenty_findings_are_spelt_out_and_the_rest_counted(firms: Methodology) -> None:
    frame = pl.DataFrame({"code": [str(i) for i in range(50)], "year": [2021] * 50, "gdp": ["x"] * 50})
    lines = told(lambda: read_panel(frame, firms)).splitlines()
    assert len(lines) == 22
    assert lines[19] == "数据框 第 20 行 gdp 列 (19, 2021, gdp): “x”不是数"
    assert lines[20:] == ["另有 30 处", NUMBER]


def test_after_twenty_unknown_units_the_rest_is_not_looked_up(provinces: Methodology) -> None:
    frame = pl.DataFrame(
        {"code": [f"9{i:05}" for i in range(3000)], "year": [2022] * 3000, "gdp": [1.0] * 3000}
    )
    lines = told(lambda: read_panel(frame, provinces)).splitlines()
    assert lines[19].startswith("数据框 第 20 行 (900019): ")
    assert lines[20] == "此外 2980 个单位没有再核对"


def test_errors_speak_english(read: Read) -> None:
    with speaking("en"):
        message = told(lambda: read(WIDE.replace("41610.9", "-")))
    assert message == (
        "data.csv row 3 column gdp (北京, 2022, gdp): it is not clear what “-” means\n"
        "Leave the cell blank when the figure is missing; write 0 for zero, n/a for not applicable"
    )


def test_a_year_beside_a_column_of_years(tmp_path: Path, provinces: Methodology) -> None:
    (tmp_path / "data.csv").write_text(WIDE, encoding="utf-8")
    assert told(lambda: read_panel(tmp_path / "data.csv", provinces, year=2022)) == (
        "data.csv: 表里有年份列, 又另外给了年份 2022\n请去掉 year=, 或删去年份列"
    )


def test_two_measures_without_a_methodology_convert_only_within_a_family() -> None:
    frame = pl.DataFrame(
        {
            "code": ["a", "b"],
            "year": [1, 1],
            "indicator": ["x", "x"],
            "value": [2.0, 3.0],
            "measure": ["亿元", "万元"],
        }
    ).with_columns(year=2022)
    assert read_panel(frame).values[0, :, 0].tolist() == [2, 0.0003]
    spoilt = frame.with_columns(measure=pl.Series(["亿元", "%"]))
    assert told(lambda: read_panel(spoilt)).startswith(
        "数据框 第 2 行 indicator 列 (x): “%”不能换算成“亿元”\n"
    )


# --- the table of sources --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ("column,publication\nrdd,年鉴\n", "data.sources.csv 第 2 行: 没有叫“rdd”的指标\n“rdd”是不是: rd"),
        (
            "column,unit\nrd,%\n研发强度,%\n",
            "data.sources.csv 第 3 行: rd 的来源写了两次\n每个变量的来源只写一行",
        ),
        ("publication\n年鉴\n", "data.sources.csv: 来源表缺 column 一列\n来源表的列是: column, unit, "),
        ("column,who\nrd,me\n", "data.sources.csv who 列: 不认得这一列: “who”\n来源表的列是: column, unit, "),
        ("column,unit\ngdp（亿元）,%\n", "data.csv gdp 列 (gdp): “%”不能换算成“亿元”\n"),
    ],
)
def test_a_bad_table_of_sources(tmp_path: Path, read: Read, sources: str, message: str) -> None:
    (tmp_path / "data.sources.csv").write_text(sources, encoding="utf-8")
    assert told(lambda: read(WIDE)).startswith(message)


# --- whole files -----------------------------------------------------------------------------------------

SAVE_AS = "请另存为 UTF-8 编码的 CSV, 或直接给出 XLSX 文件"
RECORDS = '请给出记录的列表: [{"code": ..., "year": ...}, ...]'
DAMAGED = "data.csv: 工作簿损坏, 读不出来\n请在 Excel 或 WPS 中打开并另存为 .xlsx"


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "data.csv: 空文件\n请给出有表头和数据的表"),
        (b"\n \n", "data.csv: 空文件\n请给出有表头和数据的表"),
        ("代码,年份,gdp\n".encode(), "data.csv: 没有数据行\n请在表头下面填写数据"),
        (WIDE.encode("utf-16"), f"data.csv: 编码是 UTF-16\n{SAVE_AS}"),
        (WIDE.encode("utf-16-le"), f"data.csv: 不是文本, 也不是认得的数据文件\n{SAVE_AS}"),
        (WIDE.encode() + b"\xff\xff", f"data.csv: 编码既不是 UTF-8 也不是 GB18030\n{SAVE_AS}"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "data.csv: 是旧版 Excel 文件 (.xls)\n请另存为 .xlsx"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "data.csv: 工作簿设了密码\n请去掉密码后另存",
        ),
        (b"PK\x03\x04 no archive", DAMAGED),
        (zipped(a=b"x"), "data.csv: 是压缩文件, 不是 XLSX 工作簿\n请解压后给出里面的数据文件"),
        (zipped(**{"[Content_Types].xml": b"<x", "xl/workbook.xml": b"<x"}), DAMAGED),
        (
            zipped(**{"[Content_Types].xml": b"", "xl/workbook.xml": bytes(400_000_000)}),
            "data.csv: 工作簿解压后有 400 MB, 不正常\n请把数据复制到新的工作簿, 或改用 CSV",
        ),
        (b"PAR1 no parquet PAR1", "data.csv: Parquet 文件损坏\n请重新导出这个文件"),
        (b'[{"code": 1,}]', f"data.csv: 不是合法的 JSON (1:13)\n{RECORDS}"),
        (b'[{"code": 1, "code": 2}]', f"data.csv: 不是合法的 JSON\n{RECORDS}"),
        (b"[" * 200_000, f"data.csv: 不是合法的 JSON\n{RECORDS}"),
        (b'[{"code": [1]}]', f"data.csv: 不是记录的列表\n{RECORDS}"),
        (b'{"code": [1], "year": []}', f"data.csv: 不是记录的列表\n{RECORDS}"),
        (b"[]", "data.csv: 没有数据行\n请在表头下面填写数据"),
    ],
)
def test_a_file_that_is_no_table(
    tmp_path: Path, provinces: Methodology, content: bytes, message: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    assert told(lambda: read_panel(path, provinces)) == message


def test_a_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path, provinces: Methodology) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    start = time.perf_counter()
    message = told(lambda: read_panel(path, provinces))
    assert time.perf_counter() - start < 2
    assert message == "huge.csv: 文件有 2,000 MB, 超过 200 MB\n请只保留需要的年份和指标, 或拆成几个文件"


def test_a_path_that_leads_to_no_file(tmp_path: Path, provinces: Methodology) -> None:
    nowhere = tmp_path / "nowhere.csv"
    assert told(lambda: read_panel(nowhere, provinces), CallError) == (
        f"{nowhere}: 读不出来: 文件或文件夹不存在\n请检查路径和读取权限"
    )
    assert (
        told(lambda: read_panel(tmp_path, provinces), CallError)
        == f"{tmp_path}: 不是文件\n请给出数据文件的路径"
    )
    (tmp_path / "data.csv").write_text(WIDE, encoding="utf-8")
    assert told(lambda: read_panel(tmp_path / "data.csv", provinces, sheet="数据")) == (
        "data.csv: 只有 XLSX 工作簿才有工作表\n请去掉 sheet, 或给出 XLSX 文件"
    )


def test_a_methodology_without_figures(provinces: Methodology) -> None:
    assert told(lambda: built_in_panel(provinces), CallError) == (
        "small: 这个方法不附数据\n用 xinzhi template small -o FILE.xlsx 生成空白数据表, 填好后再计算"
    )


# --- frames ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pl.Series([1.0, float("inf")]), "“inf”不是有限的数"),
        (pl.Series([True, None]), "“true”是逻辑值, 不是数"),
        (pl.Series([None, date(2022, 12, 31)]), "“2022-12-31”是日期, 不是数"),
    ],
)
def test_typed_columns_that_hold_no_figures(provinces: Methodology, column: pl.Series, what: str) -> None:
    frame = pl.DataFrame({"code": [110000, 310000], "year": [2022, 2022], "gdp": column})
    assert what in told(lambda: read_panel(frame, provinces))


@pytest.mark.parametrize(
    "data", [42, None, [1, 2], {"a": [1]}, pd.DataFrame([[1, 2]], columns=["gdp", "gdp"])]
)
def test_what_is_no_frame(provinces: Methodology, data: Any) -> None:
    assert told(lambda: read_panel(data, provinces)).startswith("数据框: 不是能读的文件路径或数据框: ")


def test_nested_columns_and_empty_frames(provinces: Methodology) -> None:
    nested = pl.DataFrame({"code": ["110000"], "gdp": [[1.0]]})
    assert told(lambda: read_panel(nested, provinces)).startswith("数据框: “gdp”一列不是单个的值")
    assert told(lambda: read_panel(nested.clear(1).drop("gdp").head(0), provinces)).startswith(
        "数据框: 没有数据行"
    )


# --- workbooks -------------------------------------------------------------------------------------------


@pytest.fixture
def book() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in (["代码", "年份", "gdp"], ["110000", 2022, 41610.9], ["310000", 2022, 44652.8]):
        book.active.append(row)
    return book


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.xlsx"


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("=A1+1", "公式没有算出的值\n请在 Excel 或 WPS 中打开并保存一次, 或把公式粘贴为数值"),
        ("#REF!", "公式出错: #REF!\n请改正公式, 或填写数字"),
        (True, "“True”是逻辑值, 不是数\n请填写数字, 或留空"),
        (date(2022, 1, 1), "“2022-01-01 00:00:00”是日期, 不是数\n请把单元格改为数字格式"),
    ],
)
def test_a_bad_cell_of_a_workbook_is_told_by_its_letter(
    path: Path, book: openpyxl.Workbook, provinces: Methodology, cell: Any, what: str
) -> None:
    book.active["C3"] = cell
    book.save(path)
    message = told(lambda: read_panel(path, provinces))
    assert message == f"data.xlsx 第 3 行 C 列 (310000, 2022, gdp): {what}"


def test_a_percentage_where_the_unit_is_none(
    path: Path, book: openpyxl.Workbook, provinces: Methodology
) -> None:
    book.active["C3"].number_format = "0.0%"
    book.save(path)
    assert "“4465280%”带百分号" in told(lambda: read_panel(path, provinces))


def test_a_sheet_that_is_not_there(path: Path, book: openpyxl.Workbook, provinces: Methodology) -> None:
    book.save(path)
    assert told(lambda: read_panel(path, provinces, sheet="二月")) == (
        "data.xlsx: 没有工作表“二月”\n现有工作表: Sheet"
    )


@pytest.mark.parametrize(
    ("far", "message"),
    [
        ("XFD1048576", "data.xlsx: 工作表太大: 超过 1,000,000 行或 5,000,000 格\n"),
        ("A1048576", "data.xlsx: 工作表太大: 超过 1,000,000 行或 5,000,000 格\n"),
        ("XFD3", "data.xlsx: 第 3 行超过 2000 列\n"),
        ("E3", "data.xlsx 第 3 行: 有 5 格, 表头有 3 格\n"),
    ],
)
def test_cells_far_out_cost_nothing(
    path: Path, book: openpyxl.Workbook, provinces: Methodology, far: str, message: str
) -> None:
    book.active[far] = 1
    book.save(path)
    start = time.perf_counter()
    assert told(lambda: read_panel(path, provinces)).startswith(message)
    assert time.perf_counter() - start < 2


def spoilt(path: Path, book: openpyxl.Workbook, part: str, change: Callable[[bytes], bytes]) -> None:
    """Save `book` with one part changed."""
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path.write_bytes(zipped(**(parts | {part: change(parts[part])})))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_not_expanded(
    path: Path, book: openpyxl.Workbook, provinces: Methodology, encoding: str
) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'

    def spoil(xml: bytes) -> bytes:
        return (bomb + xml.decode().replace('name="Sheet"', 'name="&b;"')).encode(encoding)

    spoilt(path, book, "xl/workbook.xml", spoil)
    assert told(lambda: read_panel(path, provinces)).startswith("data.xlsx: 工作簿损坏")


def test_a_size_field_that_lies(path: Path, book: openpyxl.Workbook, provinces: Methodology) -> None:
    spoilt(path, book, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 10_000_000)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    assert told(lambda: read_panel(path, provinces)).startswith("data.xlsx: 工作簿损坏")
