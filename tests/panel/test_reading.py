"""Good data in every form it may come in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.errors import PanelError
from xinzhi.language import speaking
from xinzhi.methodology import Methodology, load_methodology
from xinzhi.panel import Panel, Status, built_in_panel, read_panel, understood

WIDE = """代码,名称,年份,地区生产总值（亿元）,研发强度,人口
110000,北京,2021,40269.6,6.53,2188.6
110000,北京,2022,41610.9,6.83,2184.3
310000,上海市,2021,43214.9,,2489
310000,上海市,2022,44652.8,不适用,未要求
"""


def same(one: Panel, other: Panel) -> None:
    for name in ("years", "codes", "names", "variables", "sources", "columns", "origin"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("values", "status", "source", "place"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_wide_file_becomes_years_by_units_by_variables(tmp_path: Path, provinces: Methodology) -> None:
    panel = read_panel(saved(tmp_path / "data.csv", WIDE), provinces)
    assert panel.years == (2021, 2022)
    assert panel.codes == ("110000", "310000")
    assert panel.names == ("北京", "上海")
    assert panel.variables == ("gdp", "rd", "people")
    nan = np.nan
    np.testing.assert_array_equal(
        panel.values,
        [
            [[40269.6, 6.53, 2188.6], [43214.9, nan, 2489]],
            [[41610.9, 6.83, 2184.3], [44652.8, nan, nan]],
        ],
    )
    assert panel.status[:, 1, 1].tolist() == [Status.MISSING, Status.NOT_APPLICABLE]
    assert panel.status[1, 1, 2] == Status.NOT_ASKED
    assert panel.status[0, 0, 0] == Status.REPORTED
    assert panel.sources == ("data.csv",)
    assert panel.place_of(1, 1, 0) == "data.csv 第 5 行 地区生产总值（亿元） 列"
    assert (panel.source[1, 1] == [0, -1, -1]).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_make_no_difference(
    tmp_path: Path, provinces: Methodology, encoding: str, delimiter: str
) -> None:
    good = read_panel(saved(tmp_path / "data.csv", WIDE), provinces)
    path = saved(tmp_path / "data.csv", WIDE.replace(",", delimiter).replace("\n", "\r\n"), encoding)
    panel = read_panel(path, provinces)
    # Other legacy encodings decode as GB18030 too, so the name says which one was taken.
    assert panel.origin == ("data.csv [GB18030]" if encoding == "gb18030" else "data.csv")
    same(replace(panel, origin=good.origin, sources=good.sources), good)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("40269.6", 40269.6),
        ("４０２６９．６", 40269.6),
        ("+4.02696E4", 40269.6),
        (" 40269.6 ", 40269.6),
        ('"40,269.6"', 40269.6),
        ('"４０，２６９．６"', 40269.6),
        ("0", 0.0),
    ],
)
def test_numbers_as_people_write_them(
    tmp_path: Path, provinces: Methodology, cell: str, number: float
) -> None:
    path = saved(tmp_path / "data.csv", WIDE.replace("40269.6", cell))
    assert read_panel(path, provinces).values[0, 0, 0] == number


def test_a_percent_sign_says_nothing_new_where_the_unit_is_percent(
    tmp_path: Path, provinces: Methodology
) -> None:
    path = saved(tmp_path / "data.csv", WIDE.replace("6.53", "6.53%"))
    assert read_panel(path, provinces).values[0, 0, 1] == 6.53


@pytest.mark.parametrize(
    "heading", ["gdp", "GDP", "国内生产总值", "地区生产总值 (亿元)", "GDP（100 million yuan）"]
)
def test_a_variable_goes_by_id_title_or_alias(tmp_path: Path, provinces: Methodology, heading: str) -> None:
    path = saved(tmp_path / "data.csv", WIDE.replace("地区生产总值（亿元）", heading))
    panel = read_panel(path, provinces)
    assert panel.variables[0] == "gdp"
    assert panel.columns["gdp"] == heading


def test_a_declared_factor_converts_and_the_source_says_so(tmp_path: Path, provinces: Methodology) -> None:
    text = WIDE.replace("（亿元）", "（万元）").replace("40269.6", "402696000")
    panel = read_panel(saved(tmp_path / "data.csv", text), provinces)
    assert panel.values[0, 0, 0] == 40269.6
    assert panel.source_of(0, 0, 0) == "data.csv; 由万元换算为亿元"


def test_the_companion_file_names_publication_vintage_and_unit(
    tmp_path: Path, provinces: Methodology
) -> None:
    saved(
        tmp_path / "data.sources.csv",
        "column,unit,publication,vintage,note\ngdp,亿元,中国统计年鉴,2023,\n人口,人,公报,,\n",
    )
    panel = read_panel(saved(tmp_path / "data.csv", WIDE), provinces)
    assert panel.source_of(0, 0, 0) == "中国统计年鉴, 2023"
    assert panel.source_of(0, 0, 1) == "data.csv"
    assert panel.source_of(0, 0, 2) == "公报; 由人换算为万人"
    assert panel.values[0, 0, 2] == 0.21886
    assert panel.status[0, 0].tolist() == [Status.OFFICIAL, Status.REPORTED, Status.OFFICIAL]


def test_the_year_may_be_given_or_be_the_only_one(tmp_path: Path, provinces: Methodology) -> None:
    path = saved(tmp_path / "data.csv", "省份,gdp\n北京,1\n上海,2\n")
    assert read_panel(path, provinces, year=2022).years == (2022,)
    one_year = load_methodology(provinces, years=[2021])
    assert read_panel(path, one_year).years == (2021,)


def test_without_a_methodology_headings_and_codes_are_taken_verbatim() -> None:
    frame = pl.DataFrame({"code": ["a", "b"], "year": [2020, 2020], "Some Thing (x)": [1.0, None]})
    panel = read_panel(frame)
    assert panel.variables == ("Some Thing (x)",)
    assert panel.codes == panel.names == ("a", "b")
    assert panel.origin == "数据框"


def test_notes_regions_and_blank_columns_are_left_aside(tmp_path: Path, provinces: Methodology) -> None:
    text = "省份,年份,gdp,备注,region4,\n北京,2022年,1,首次发布,东部,\n\n上海,2022,2,,东部,\n"
    panel = read_panel(saved(tmp_path / "data.csv", text), provinces)
    assert panel.variables == ("gdp",)
    assert panel.place[0, :, 0].tolist() == [2, 4]


def test_a_parent_settles_homonyms() -> None:
    county = load_methodology("county-2025")
    frame = pl.DataFrame({"city": ["南京市", "徐州市"], "县": ["鼓楼区", "鼓楼区"], "gdp": [1.0, 2.0]})
    assert read_panel(frame, load_methodology(county, years=[2024])).codes == ("320106", "320302")


def test_a_national_table_needs_no_unit() -> None:
    nation = load_methodology("national-open")
    assert read_panel(pl.DataFrame({"year": [2012], "gdp": [1.0]}), nation).codes == ("100000",)


def test_one_row_a_figure_with_unit_source_and_vintage(tmp_path: Path, provinces: Methodology) -> None:
    text = (
        "地区,年份,指标,数值,计量单位,资料来源,口径,状态\n"
        "北京,2022,GDP,416109000,万元,年鉴,2023,official\n"
        "北京,2022,研发强度（%）,,,,,not applicable\n"
    )
    panel = read_panel(saved(tmp_path / "tidy.csv", text), provinces)
    assert panel.values[0, 0, 0] == 41610.9
    assert panel.status[0, 0].tolist() == [Status.OFFICIAL, Status.NOT_APPLICABLE]
    assert panel.sources == ("年鉴, 2023; 由万元换算为亿元",)
    assert panel.columns == {"gdp": "数值", "rd": "数值"}


def test_unit_is_a_measure_beside_a_name(tmp_path: Path, provinces: Methodology) -> None:
    text = "province,year,indicator,value,unit\n北京,2022,gdp,10000,万元\n"
    assert read_panel(saved(tmp_path / "a.csv", text), provinces).values[0, 0, 0] == 1
    text = "unit,year,indicator,value\n北京,2022,gdp,10000\n"
    assert read_panel(saved(tmp_path / "b.csv", text), provinces).names == ("北京",)


@pytest.mark.parametrize("id", ["province-open", "national-open"])
def test_the_figures_of_a_built_in_methodology_read(id: str) -> None:
    methodology = load_methodology(id)
    panel = built_in_panel(methodology)
    assert set(methodology.years) <= set(panel.years)
    assert set(np.unique(panel.status)) <= {Status.OFFICIAL, Status.MISSING}


# --- workbooks -------------------------------------------------------------------------------------------


def workbook(path: Path, rows: list[list[Any]], sheet: str = "Sheet1") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    book.save(path)
    return book


def test_a_percentage_is_read_as_it_is_shown(tmp_path: Path, provinces: Methodology) -> None:
    book = workbook(tmp_path / "data.xlsx", [["code", "year", "rd"], [110000, 2022, 0.0683]])
    book.active["C2"].number_format = "0.00%"
    book.save(tmp_path / "data.xlsx")
    assert read_panel(tmp_path / "data.xlsx", provinces).values[0, 0, 0] == 6.83


def test_sheets_are_chosen_by_name_and_sources_read(tmp_path: Path, provinces: Methodology) -> None:
    book = workbook(tmp_path / "data.xlsx", [["nothing here"]], "封面")
    figures, sources = book.create_sheet("数据"), book.create_sheet("来源")
    for row in (["代码", "年份", "gdp"], [None, None, None], ["110000", 2022, 1.5]):
        figures.append(row)
    for row in (["列", "单位", "出版物", "口径"], ["gdp", "亿元", "年鉴", 2023]):
        sources.append(row)
    book.save(tmp_path / "data.xlsx")
    panel = read_panel(tmp_path / "data.xlsx", provinces)
    assert panel.source_of(0, 0, 0) == "年鉴, 2023"
    assert panel.status[0, 0, 0] == Status.OFFICIAL
    assert panel.place_of(0, 0, 0) == "data.xlsx[数据] 第 3 行 gdp 列"
    same(read_panel(tmp_path / "data.xlsx", provinces, sheet="数据"), panel)


# --- read(write(x)) = x ----------------------------------------------------------------------------------

Figure = float | str | None
LETTERS = st.text("abXY019甲乙丙丁-", min_size=1, max_size=6)
FIGURES: st.SearchStrategy[Figure] = st.one_of(
    st.none(), st.floats(-1e15, 1e15), st.sampled_from(["不适用", "not asked"])
)


@st.composite
def wide_frames(draw: st.DrawFn) -> pl.DataFrame:
    codes = draw(st.lists(LETTERS, min_size=1, max_size=4, unique=True))
    years = draw(st.lists(st.integers(1949, 2049), min_size=1, max_size=3, unique=True))
    names = draw(st.lists(LETTERS, min_size=len(codes), max_size=len(codes)))
    rows = [(code, name, year) for code, name in zip(codes, names, strict=True) for year in years]
    rows = draw(st.permutations(rows))
    columns: dict[str, list[Figure]] = {
        id: draw(st.lists(FIGURES, min_size=len(rows), max_size=len(rows))) for id in ("rd", "people")
    }
    keys = dict(zip(("code", "name", "year"), map(list, zip(*rows, strict=True)), strict=True))
    return pl.DataFrame(keys | {id: typed(column) for id, column in columns.items()})


def typed(column: list[Figure]) -> pl.Series:
    if any(isinstance(figure, str) for figure in column):
        return pl.Series([f if f is None or isinstance(f, str) else repr(f) for f in column], dtype=pl.String)
    return pl.Series(column, dtype=pl.Float64)


def fifteen_digits(frame: pl.DataFrame) -> pl.DataFrame:
    """Round to what a workbook holds: its writers print sixteen digits, Excel itself fifteen."""

    def to_fifteen(figure: float) -> float:
        return float(f"{figure:.15g}")

    floats = [column.name for column in frame if column.dtype == pl.Float64]
    return frame.with_columns(pl.col(name).map_elements(to_fifteen, pl.Float64) for name in floats)


def as_xlsx(frame: pl.DataFrame, folder: Path) -> Path:
    workbook(folder / "data.xlsx", [frame.columns, *map(list, frame.iter_rows())])
    return folder / "data.xlsx"


def as_json(frame: pl.DataFrame, folder: Path) -> Path:
    return saved(folder / "data.json", json.dumps(frame.to_dicts(), ensure_ascii=False))


def as_csv(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_csv(folder / "data.csv")
    return folder / "data.csv"


def as_parquet(frame: pl.DataFrame, folder: Path) -> Path:
    frame.write_parquet(folder / "data.parquet")
    return folder / "data.parquet"


WRITERS: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "json": as_json,
    "parquet": as_parquet,
    "columnar json": lambda f, folder: saved(folder / "data.json", json.dumps(f.to_dict(as_series=False))),
    "polars": lambda frame, _folder: frame,
    "lazy polars": lambda frame, _folder: frame.lazy(),
    "pandas": lambda frame, _folder: frame.to_pandas(),
    "pandas without arrow": lambda frame, _folder: frame.to_pandas().astype(object),
    "pyarrow": lambda frame, _folder: frame.to_arrow(),
}

many = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("writer", WRITERS)
@many
@given(frame=wide_frames())
def test_a_wide_table_reads_back(
    tmp_path: Path, firms: Methodology, writer: str, frame: pl.DataFrame
) -> None:
    if writer == "xlsx":
        frame = fifteen_digits(frame)
    panel = read_panel(WRITERS[writer](frame, tmp_path), firms)
    assert panel.shape == (frame["year"].n_unique(), frame["code"].n_unique(), 2)
    marks = {None: Status.MISSING, "不适用": Status.NOT_APPLICABLE, "not asked": Status.NOT_ASKED}
    for row in frame.to_dicts():
        t, n = panel.years.index(row["year"]), panel.codes.index(row["code"])
        assert panel.names[n] == row["name"]
        for j, variable in enumerate(panel.variables):
            figure, found = row[variable], panel.values[t, n, j]
            if figure in marks:
                assert np.isnan(found)
                assert panel.status[t, n, j] == marks[figure]
            else:
                assert found == float(figure)
                assert panel.status[t, n, j] == Status.REPORTED


@pytest.mark.parametrize("writer", WRITERS)
@many
@given(frame=wide_frames())
def test_a_written_panel_reads_back_to_the_last_bit(
    tmp_path: Path, firms: Methodology, writer: str, frame: pl.DataFrame
) -> None:
    panel = read_panel(frame, firms, origin="first.csv")
    if writer == "xlsx":
        panel = read_panel(fifteen_digits(panel.to_polars()), firms)
    same(read_panel(WRITERS[writer](panel.to_polars(), tmp_path), firms), panel)


@many
@given(frame=wide_frames(), data=st.data())
def test_the_order_of_rows_and_columns_does_not_matter(
    firms: Methodology, frame: pl.DataFrame, data: st.DataObject
) -> None:
    shuffled = frame[data.draw(st.permutations(range(frame.height)))]
    shuffled = shuffled.select(data.draw(st.permutations(frame.columns)))
    keys = ["code", "year", "indicator"]
    one, other = (read_panel(f, firms).to_polars().drop("row").sort(keys) for f in (frame, shuffled))
    assert one.equals(other)


def test_32_bit_figures_keep_their_exact_value(firms: Methodology) -> None:
    frame = pl.DataFrame({"code": ["a"], "year": [2021], "rd": pl.Series([0.1], dtype=pl.Float32)})
    assert read_panel(frame, firms).values[0, 0, 0] == float(np.float32(0.1))
    assert read_panel(frame.to_pandas(), firms).values[0, 0, 0] == float(np.float32(0.1))


def test_findings_and_reprs_speak_english(tmp_path: Path, provinces: Methodology) -> None:
    with speaking("en"):
        panel = read_panel(saved(tmp_path / "data.csv", WIDE), provinces)
        assert repr(panel) == "Panel data.csv: 2 years × 2 units × 3 variables, 9 figures, 3 gaps"
        assert panel.place_of(0, 0, 1) == "data.csv row 2 column 研发强度"


@pytest.mark.parametrize("layout", ["wide", "tidy"])
def test_a_panel_read_without_a_methodology_is_understood_by_one(tmp_path: Path, layout: str) -> None:
    """What `read_panel(path)` took verbatim gives the same panel as `read_panel(path, methodology)`."""
    methodology = load_methodology("province-open")
    texts = {
        "wide": "名称,年份,SCI 收录科技论文数,地区生产总值（万元）\n北京,2022,91634,415409000\n内蒙古自治区,2022,,\n",
        "tidy": "名称,年份,指标,数值\n北京,2022,SCI 收录科技论文数,91634\n西藏,2022,SCI 收录科技论文数,188\n",
    }
    path = tmp_path / "figures.csv"
    path.write_text(texts[layout], encoding="utf-8")
    verbatim, direct = read_panel(path), read_panel(path, methodology)
    assert verbatim.codes[0] == "北京"
    resolved = understood(verbatim, methodology)
    assert resolved.codes == direct.codes
    assert resolved.variables == direct.variables
    assert np.array_equal(resolved.values, direct.values, equal_nan=True)
    assert np.array_equal(resolved.status, direct.status)
    assert resolved.place_of(0, 0, 0) == direct.place_of(0, 0, 0)
    assert understood(direct, methodology) is direct


def test_an_unknown_unit_of_a_verbatim_panel_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("名称,年份,papers_sci\n东京,2022,1\n", encoding="utf-8")
    with pytest.raises(PanelError) as error:
        understood(read_panel(path), load_methodology("province-open"))
    assert "东京" in str(error.value)
