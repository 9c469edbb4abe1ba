"""The tables of open official figures: complete, free of slips, and equal to their sources."""

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import xinzhi
from xinzhi.geography import units

LIBRARY = Path(xinzhi.__file__).parent / "methodology" / "library"
SHARED = Path(__file__).resolve().parents[3] / "shared"
YEARS = [str(year) for year in range(2012, 2023)]
PROVINCES = [unit.code for unit in units("province")]
FIGURES = [
    "papers_sci",
    "invention_patents_granted",
    "invention_patents_valid",
    "rd_basic",
    "rd_intensity",
    "rd_fte",
    "tech_contract_value_sold",
    "hightech_industry_revenue",
    "hightech_industry_firms",
    "gdp",
    "population",
]
TABLES = ["province-open", "national-open"]


@cache
def rows(table):
    with (LIBRARY / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figure(table, code, year, column):
    (row,) = (row for row in rows(table) if (row["code"], row["year"]) == (code, str(year)))
    return row[column]


@pytest.mark.parametrize(("table", "codes"), [("province-open", PROVINCES), ("national-open", ["100000"])])
def test_shape(table, codes):
    assert list(rows(table)[0]) == ["code", "name", "year", *FIGURES]
    assert [(row["code"], row["year"]) for row in rows(table)] == [(c, y) for c in codes for y in YEARS]
    names = {unit.code: unit.name for unit in units("province") + units("nation")}
    assert all(row["name"] == names[row["code"]] for row in rows(table))


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_is_a_plain_positive_number_or_a_known_gap(table):
    gaps = set()
    for row in rows(table):
        for column in FIGURES:
            if not row[column]:
                gaps.add((column, row["code"], row["year"]))
                continue
            assert re.fullmatch(r"\d+(\.\d*[1-9])?", row[column]), (row["name"], row["year"], column)
            assert Decimal(row[column]) > 0
            assert len(row[column].replace(".", "").lstrip("0")) <= 15
    codes = PROVINCES if table == "province-open" else ["100000"]
    hightech = {
        (column, code, "2017")
        for column in ("hightech_industry_revenue", "hightech_industry_firms")
        for code in codes
    }
    tibet = {("tech_contract_value_sold", "540000", year) for year in YEARS[:5]}
    assert gaps == (hightech | tibet if table == "province-open" else hightech)


@pytest.mark.parametrize("table", TABLES)
def test_every_figure_column_names_its_source(table):
    sources = rows(f"{table}.sources")
    assert [source["column"] for source in sources] == FIGURES
    for source in sources:
        assert all(source[part] for part in ("unit", "publication", "vintage", "note"))
    summed = {source["column"] for source in sources if "31省（区、市）" in source["note"]}
    assert summed == ({"gdp", "population"} if table == "national-open" else set())


@pytest.mark.parametrize("year", YEARS)
def test_sums_over_the_provinces(year):
    provinces = [row for row in rows("province-open") if row["year"] == year]
    gdp = sum(Decimal(row["gdp"]) for row in provinces)
    assert Decimal(figure("national-open", "100000", year, "gdp")) == gdp
    assert Decimal(figure("national-open", "100000", year, "population")) == sum(
        Decimal(row["population"]) for row in provinces
    )


# What the national row of the source differs by from the sum of the provinces, and why, stands in the notes.
@pytest.mark.parametrize(
    ("column", "least", "most"),
    [
        ("papers_sci", 0, 15),
        ("invention_patents_granted", 4885, 8117),
        ("invention_patents_valid", 38036, 71606),
        ("rd_basic", -2, 2),
        ("rd_fte", -5, 1),
        ("hightech_industry_revenue", -3, 2),
        ("hightech_industry_firms", 0, 0),
    ],
)
def test_national_rows_against_the_sum(column, least, most):
    differences = []
    for year in YEARS:
        nation = figure("national-open", "100000", year, column)
        if nation:
            provinces = (Decimal(row[column]) for row in rows("province-open") if row["year"] == year)
            differences.append(Decimal(nation) - sum(provinces))
    assert (min(differences), max(differences)) == (least, most)


@pytest.mark.parametrize(
    ("table", "code", "year", "column", "value"),
    [
        # 《2022年全国科技经费投入统计公报》: 北京 6.83 %, 上海 4.44 %, 西藏 0.33 %, 全国 2.54 %.
        ("province-open", "110000", 2022, "rd_intensity", "6.83"),
        ("province-open", "310000", 2022, "rd_intensity", "4.44"),
        ("province-open", "540000", 2022, "rd_intensity", "0.33"),
        ("national-open", "100000", 2022, "rd_intensity", "2.54"),
        # 《2012年全国科技经费投入统计公报》, as first published; revised since to 1.91.
        ("national-open", "100000", 2012, "rd_intensity", "1.98"),
        # 国家统计局国家数据 before the fifth economic census; after it 45222.4, in the yearbook 41610.9.
        ("province-open", "110000", 2022, "gdp", "41540.9"),
        # 《中国统计年鉴2023》.
        ("province-open", "440000", 2022, "population", "12657"),
        # 《中国科技统计年鉴2023》.
        ("province-open", "110000", 2022, "papers_sci", "91634"),
        ("province-open", "440000", 2022, "invention_patents_granted", "115080"),
        ("national-open", "100000", 2022, "tech_contract_value_sold", "477910166"),
        ("national-open", "100000", 2022, "rd_fte", "6353570"),
    ],
)
def test_anchors(table, code, year, column, value):
    assert figure(table, code, year, column) == value


def test_same_figures_as_the_shared_ones():
    path = SHARED / "data" / "province" / "official_long.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    columns = {column: column for column in FIGURES}
    columns |= {"gdp": "gdp_v2024mid", "population": "population_yearend"}
    with path.open(encoding="utf-8", newline="") as file:
        theirs = {
            ("100000" if row["adcode"] == "0" else row["adcode"], row["year"], row["indicator"]): row
            for row in csv.DictReader(file)
        }
    summed = {"gdp", "population"}
    for table in TABLES:
        for row in rows(table):
            for column, indicator in columns.items():
                source = theirs.get((row["code"], row["year"], indicator))
                if row["code"] == "100000" and column in summed:
                    assert source is None
                elif source is None:
                    assert row[column] == ""
                else:
                    assert Decimal(row[column]) == Decimal(source["value"])
    units_of = {row["indicator"]: row["unit"] for row in theirs.values()}
    for table in TABLES:
        for source in rows(f"{table}.sources"):
            assert source["unit"] == units_of[columns[source["column"]]]
