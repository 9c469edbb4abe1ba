"""Rows by name, years by header: a figure is read where it belongs or it is a question."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forms.documents import (
    HEADER,
    INDICATORS,
    case_document,
    cell,
    document,
    indicator_document,
    indicator_rows,
    rules_of,
    table,
)
from xinzhi.forms import message, remedy, rules
from xinzhi.forms.document import Document
from xinzhi.forms.files.sheets.delimited import read_delimited
from xinzhi.forms.places import Place
from xinzhi.forms.rules import facts_of
from xinzhi.forms.understanding.indicator_reading import read_indicators, rows_found
from xinzhi.language import speaking

GDP = ("200.10", "207.46")
FIGURES = {
    "gdp": GDP,
    "population": ("35.60", "35.20"),
    "loans": ("310.00", "322.50"),
    "technology_contracts": ("5000.00", "6100.00"),
    "foreign_reports": ("", ""),
}
QUIET = {id: figures for id, figures in FIGURES.items() if figures[0]}


def read(found: Document):
    reading = read_indicators(found, INDICATORS)
    for finding in reading.findings:
        assert facts_of(rules()[finding.rule]) <= set(finding.facts)
        assert "{" not in message(finding) + remedy(finding)
    keys = [(value.field, value.year) for value in reading.values]
    assert keys == [(id, year) for id, _figure in INDICATORS.figures() for year in INDICATORS.years]
    return reading


def numbers(reading):
    """Figures by row, as text, without the rows that have none."""
    shown = {}
    for value in reading.values:
        if value.number is not None:
            shown.setdefault(value.field, {})[value.year] = format(value.number, "f")
    return shown


def expected(figures):
    return {id: dict(zip(INDICATORS.years, pair, strict=True)) for id, pair in figures.items()}


def statuses(reading, id):
    return [reading.value(id, year).status for year in INDICATORS.years]


def test_the_letters_form_reads_back_without_a_finding():
    reading = read(indicator_document(QUIET))
    assert numbers(reading) == expected(QUIET)
    assert reading.findings == ()
    assert reading.value("gdp", 2024).place == Place(table=1, row=2, column=4)
    assert {value.status for value in reading.values} == {"number", "missing"}
    assert reading.value("area", 2023).place == Place()


def test_fonts_are_those_of_the_figures():
    reading = read(indicator_document(QUIET))
    assert [(use.font, use.characters) for use in reading.styles] == [
        ("", sum(len(text) for pair in QUIET.values() for text in pair))
    ]


def with_labels(labels, pair=GDP, header=HEADER):
    return document(table([header, *(["", label, *pair, ""] for label in labels)]))


SAME_LABELS = [
    "地区生产总值（亿元）",
    "地区生产总值(亿元)",
    "地区生产总值",
    "1、地区生产总值（亿元）",
    "1.地区生产总值",
    "（1）地区生产总值（亿元）",
    "一、地区生产总值（亿元）",
    "地区\n生产总值\n（亿元）",
    " 地 区 生 产 总 值 （ 亿 元 ） ",
    "地区生产总值（单位：亿元）",
    "地区生产总值（亿元，现价）",
    "地区生产总值（GDP）（亿元）",
    "地区生产总值，亿元",
]


@pytest.mark.parametrize("label", SAME_LABELS)
def test_a_label_is_the_same_in_any_spelling(label):
    reading = read(with_labels([label]))
    assert numbers(reading) == expected({"gdp": GDP})
    assert "reading.label_retyped" not in rules_of(reading)


RETYPED = {
    "发明专利授权量": "invention_patents",
    "发明专利授权数（件）": "invention_patents",
    "金融机构本外币贷款余额（亿元）": "loans",
    "规模以上高新技术产业产值占规模以上工业总产值的比重": "high_tech_share",
    "舆论情况—国内（条）": "domestic_reports",
}


@pytest.mark.parametrize(("label", "id"), RETYPED.items())
def test_particles_make_no_other_indicator(label, id):
    reading = read(with_labels([label], ("10", "20")))
    assert numbers(reading) == expected({id: ("10", "20")})
    assert "reading.label_retyped" in rules_of(reading)


UNCLEAR = {
    "金融机构本外币各项存款余额（亿元）": "loans",  # deposits, not loans
    "非税收入占一般公共预算支出的比重": "non_tax_share",  # of expenditure, not revenue
    "地区生产总值（增速）": "gdp",
    "地区生产总值（亿美元）": "gdp",
    "地区生产总值（2020年不变价）": "gdp",
    "常住人口（公里）": "population",
    "地区生产总值增长率": "gdp",
    "人均地区生产总值（元）": "gdp",
}


@pytest.mark.parametrize(("label", "id"), UNCLEAR.items())
def test_a_label_that_is_merely_alike_is_a_question(label, id):
    reading = read(with_labels([label]))
    assert numbers(reading) == {}
    assert statuses(reading, id) == ["question", "question"]
    assert [reading.value(id, year).raw for year in (2023, 2024)] == list(GDP)
    assert "reading.label_unclear" in rules_of(reading)


OTHERS = ["常住人口城镇化率", "户籍人口（万人）", "案例名称", "工业增加值（亿元）", "市级专精特新数"]


@pytest.mark.parametrize("label", OTHERS)
def test_another_indicator_is_reported_and_not_read(label):
    reading = read(with_labels([label]))
    assert numbers(reading) == {}
    assert {value.status for value in reading.values} == {"missing"}


def test_alike_beside_the_real_row_is_another_row():
    reading = read(
        document(
            table(
                [
                    HEADER,
                    ["", "金融机构本外币各项存款余额（亿元）", "1", "2", ""],
                    ["", "金融机构本外币各项贷款余额（亿元）", "3", "4", ""],
                ]
            )
        )
    )
    assert numbers(reading) == expected({"loans": ("3", "4")})
    assert [f.rule for f in reading.findings if f.rule == "reading.extra_row"] == ["reading.extra_row"] * 2


def test_national_and_provincial_are_told_apart():
    reading = read(with_labels(["国家级专精特新企业数量（个)", "省级专精特新企业数量（个）"], ("7", "8")))
    assert set(numbers(reading)) == {"national_specialised_firms", "provincial_specialised_firms"}


def test_another_unit_in_the_label_converts_exactly():
    reading = read(with_labels(["地区生产总值（万元）"], ("2001000", "2074600.5")))
    assert numbers(reading) == expected({"gdp": ("200.1", "207.46005")})
    assert [f.rule for f in reading.findings if f.rule.startswith("numbers")] == ["numbers.converted"] * 2


def test_a_column_of_units_counts():
    header = ["序号", "指标名称", "计量单位", "2023年", "2024年", "备注"]
    rows = [
        ["1", "地区生产总值", "万元", "2001000", "2074600", ""],
        ["2", "常住人口", "万人", "35.6", "35.2", ""],
    ]
    reading = read(document(table([header, *rows])))
    assert numbers(reading) == expected({"gdp": ("200.1", "207.46"), "population": ("35.6", "35.2")})
    rows[0][2] = "美元"
    reading = read(document(table([header, *rows])))
    assert statuses(reading, "gdp") == ["question", "question"]
    assert "reading.unit_unclear" in rules_of(reading)


@pytest.mark.parametrize(
    "years",
    [
        ("2023", "2024"),
        ("2023年度", "2024年度"),
        ("２０２３年", "２０２４年"),
        ("二〇二三年", "二〇二四年"),
        ("2023 年", "2024\n年"),
    ],
)
def test_years_in_any_spelling(years):
    reading = read(with_labels(["地区生产总值"], header=["", "指标", *years, "说明"]))
    assert numbers(reading) == expected({"gdp": GDP})


def test_years_swapped_are_read_by_the_header():
    reading = read(with_labels(["地区生产总值"], header=["", "指标", "2024年", "2023年", "说明"]))
    assert numbers(reading) == expected({"gdp": GDP[::-1]})
    assert "reading.years_swapped" in rules_of(reading)


def test_the_form_of_other_years_is_a_question():
    reading = read(with_labels(["地区生产总值"], header=["", "指标", "2022年", "2023年", "说明"]))
    assert numbers(reading) == {}
    assert statuses(reading, "gdp") == ["question", "missing"]
    assert [f.rule for f in reading.findings].count("reading.other_years") == 1


def test_one_year_more_or_less():
    header = ["", "指标", "2022年", "2023年", "2024年"]
    reading = read(document(table([header, ["", "地区生产总值", "1", "2", "3"]])))
    assert numbers(reading) == expected({"gdp": ("2", "3")})
    assert "reading.more_years" in rules_of(reading)
    reading = read(document(table([["指标", "2023年"], ["地区生产总值", "2"], ["常住人口", "3"]])))
    assert numbers(reading) == {"gdp": {2023: "2"}, "population": {2023: "3"}}
    assert "reading.year_missing" in rules_of(reading)


def test_figures_that_look_like_years_are_figures():
    figures = {**QUIET, "invention_patents": ("2023", "2024")}
    assert numbers(read(indicator_document(figures))) == expected(figures)


def test_only_the_column_of_names_names_a_row():
    header = ["指标", "所属", "2023年", "2024年"]
    reading = read(
        document(table([header, ["工业增加值", "地区生产总值", "1", "2"], ["常住人口", "人口", "3", "4"]]))
    )
    assert numbers(reading) == expected({"population": ("3", "4")})
    assert "reading.extra_row" in rules_of(reading)


def test_a_row_of_figures_like_years_is_no_header():
    reading = read(
        document(table([["工业企业数", "2023", "2024"], ["地区生产总值", "1", "2"], ["常住人口", "3", "4"]]))
    )
    assert numbers(reading) == {}
    reading = read(document(table([["", "2023", "2024"], ["地区生产总值", "1", "2"]])))
    assert numbers(reading) == expected({"gdp": ("1", "2")})


def test_without_years_all_is_a_question():
    reading = read(document(table([["地区生产总值", "1", "2"], ["常住人口", "3", "4"]])))
    assert numbers(reading) == {}
    assert statuses(reading, "gdp") == ["question", "question"]
    assert reading.value("gdp", 2023).raw == "1 / 2"
    assert [f.rule for f in reading.findings].count("reading.no_years") == 1


def test_a_title_above_the_header_and_a_second_line_of_headings():
    rows = [
        [cell(1, 1, "示例县数据", width=4), None, None, None],
        [cell(2, 1, "指标", height=2), cell(2, 2, "数据", width=2), None, cell(2, 4, "说明", height=2)],
        [None, "2023年", "2024年", None],
        ["地区生产总值", *GDP, ""],
    ]
    assert numbers(read(document(table(rows)))) == expected({"gdp": GDP})


def test_the_header_comes_again_after_a_page():
    rows = indicator_rows(QUIET)
    reading = read(document(table([HEADER, *rows[:5], HEADER, *rows[5:]])))
    assert numbers(reading) == expected(QUIET)
    swapped = ["", "指标", "2024年", "2023年", "说明"]
    reading = read(document(table([HEADER, *rows[:1], swapped, *rows[1:]])))
    assert numbers(reading)["gdp"] == expected(QUIET)["gdp"]
    assert numbers(reading)["population"] == {2023: "35.20", 2024: "35.60"}


def test_a_table_split_in_two():
    rows = indicator_rows(QUIET)
    first, second = table([HEADER, *rows[:2]]), table(rows[2:], number=2)
    reading = read(document(first, "续表", second))
    assert numbers(reading) == expected(QUIET)
    assert "reading.continued" in rules_of(reading)
    narrower = table([row[1:] for row in rows[2:]], number=2)
    reading = read(document(first, narrower))
    assert set(numbers(reading)) == {"gdp", "population"}
    assert statuses(reading, "loans") == ["question", "question"]


def test_rows_and_columns_changed_over():
    rows = [
        ["指标", "地区生产总值（亿元）", "常住人口（万人）"],
        ["2023年", "200.10", "35.60"],
        ["2024年", "207.46", "35.20"],
    ]
    reading = read(document(table(rows)))
    assert numbers(reading) == expected({id: QUIET[id] for id in ("gdp", "population")})
    assert "reading.transposed" in rules_of(reading)
    assert reading.value("population", 2023).place == Place(table=1, row=2, column=3)


def test_a_row_twice():
    same = read(with_labels(["地区生产总值", "地区生产总值（亿元）"]))
    assert numbers(same) == expected({"gdp": GDP})
    assert "reading.row_repeated" in rules_of(same)
    rows = [["", "地区生产总值", "1", "2", ""], ["", "地区生产总值（亿元）", "1", "3", ""]]
    different = read(document(table([HEADER, *rows])))
    assert numbers(different) == {"gdp": {2023: "1"}}
    assert different.value("gdp", 2024).raw == "2 / 3"
    assert "reading.row_contradicts" in rules_of(different)
    rows[1][2:4] = ["", ""]
    assert numbers(read(document(table([HEADER, *rows])))) == expected({"gdp": ("1", "2")})


def test_one_cell_for_two_figures_is_a_question():
    row = ["", "地区生产总值", cell(2, 3, "207.46", width=2), None, ""]
    reading = read(document(table([HEADER, row])))
    assert statuses(reading, "gdp") == ["question", "question"]
    assert "reading.merged" in rules_of(reading)
    rows = [["", "地区生产总值", cell(2, 3, "207.46", height=2), "1", ""], ["", "常住人口", None, "2", ""]]
    reading = read(document(table([HEADER, *rows])))
    assert numbers(reading) == {"gdp": {2024: "1"}, "population": {2024: "2"}}
    assert reading.value("population", 2023).status == "question"
    blank = ["", "地区生产总值", cell(2, 3, "", width=2), None, ""]
    assert statuses(read(document(table([HEADER, blank]))), "gdp") == ["missing", "missing"]


def test_a_row_that_may_have_shifted_is_a_question_in_every_year():
    def shifted(row):
        found = table([HEADER, *indicator_rows(QUIET)[1:], row])
        for at in found.cells:
            at.doubt = "reading.uneven_row" if at.row == found.rows else ""
        return read(document(found))

    for row in (["", "地区生产总值", "207.46", ""], ["", "地区生产总值", "", "200.10", "207.46"]):
        reading = shifted(row)
        assert statuses(reading, "gdp") == ["question", "question"]
        found = [(finding.rule, finding.year) for finding in reading.findings if finding.field == "gdp"]
        assert [pair for pair in found if pair[0] == "reading.uneven_row"] == [
            ("reading.uneven_row", year) for year in INDICATORS.years
        ]
        assert numbers(reading) == {id: pair for id, pair in expected(QUIET).items() if id != "gdp"}
    assert statuses(shifted(["", "地区生产总值", "", "", ""]), "gdp") == ["missing", "missing"]


def test_a_hidden_figure_is_a_question_and_a_visible_one_not():
    row = ["", "地区生产总值", cell(2, 3, "200.10", doubt="reading.hidden_cell"), "207.46", ""]
    reading = read(document(table([HEADER, row])))
    assert numbers(reading) == {"gdp": {2024: "207.46"}}
    assert (reading.value("gdp", 2023).status, reading.value("gdp", 2023).understood) == (
        "question",
        "reading.hidden_cell",
    )


def test_a_deleted_row_is_said_and_the_others_stay_where_they_belong():
    rows = [row for row in indicator_rows(QUIET) if not row[1].startswith("常住人口")]
    reading = read(document(table([HEADER, *rows])))
    assert numbers(reading) == {id: years for id, years in expected(QUIET).items() if id != "population"}
    assert [f.field for f in reading.findings if f.rule == "reading.missing_row"] == ["population"]


def test_a_figure_in_the_notes_is_not_read():
    rows = [["", "地区生产总值", "", "", "2024年为207.46亿元"], ["", "常住人口", "35.6", "35.2", "公安口径"]]
    reading = read(document(table([HEADER, *rows])))
    assert numbers(reading) == expected({"population": ("35.6", "35.2")})
    assert [f.rule for f in reading.findings if f.field in ("gdp", "population")] == [
        "reading.figure_in_note",
        "reading.remark",
    ]


def test_rows_that_others_fill():
    figures = {
        "domestic_reports": ("5", "无"),
        "foreign_reports": ("无需填写", ""),
        "cases": ("见附件2", "3"),
    }
    reading = read(indicator_document(figures))
    assert numbers(reading) == {"domestic_reports": {2023: "5"}, "cases": {2024: "3"}}
    assert [f.rule for f in reading.findings] == ["reading.not_asked"] * 2
    assert {value.status for value in reading.values} == {"number", "missing"}


def test_working_fields_are_rows_too():
    rows = [["", "长途光缆线路长度（公里）", "120", "130", ""], ["", "区域面积", "1500", "1500平方公里", ""]]
    reading = read(document(table([HEADER, *rows])))
    assert numbers(reading) == expected({"cable_length": ("120", "130"), "area": ("1500", "1500")})


def test_stored_figures_of_a_sheet():
    found = table(
        [HEADER, ["", "地区生产总值", "", "", ""], ["", "非税收入占一般公共预算收入的比重", "", "", ""]]
    )
    for grid_cell, number, code in zip(
        found.cells[7:9], ("200.1", "207.46"), ("General", "0.00"), strict=True
    ):
        grid_cell.number, grid_cell.number_format = Decimal(number), code
    share = found.cells[12]
    share.number, share.number_format = Decimal("0.35"), "0.00%"
    reading = read(document(found))
    assert numbers(reading) == {"gdp": {2023: "200.1", 2024: "207.46"}, "non_tax_share": {2023: "35"}}
    assert reading.value("gdp", 2023).raw == "200.1"
    found.cells[8].number, found.cells[8].formula = None, True
    assert read(document(found)).value("gdp", 2024).understood == "numbers.no_value"


def test_findings_of_figures_name_row_and_year():
    reading = read(indicator_document({**QUIET, "gdp": ("约200", "207.46亿元")}))
    assert [(f.rule, f.field, f.year) for f in reading.findings] == [
        ("numbers.approximate", "gdp", 2023),
        ("numbers.unit_repeated", "gdp", 2024),
    ]
    assert reading.value("gdp", 2023).raw == "约200"


def test_hidden_sheets_and_other_tables_are_left_alone():
    hidden = table([HEADER, ["", "地区生产总值", "1", "2", ""]], hidden=True)
    other = table([["姓名", "电话"], ["张三样例", "010-00000000"]], number=2)
    assert numbers(
        read(document(hidden, other, table([HEADER, *indicator_rows(QUIET)], number=3)))
    ) == expected(QUIET)
    assert rows_found(case_document(), INDICATORS) == 0


# --- units stated elsewhere than in the label ------------------------------------------------------------

NAMED, BARE = ("地区生产总值（亿元）", "常住人口（万人）"), ("地区生产总值", "常住人口")
WIDE = [cell(1, 1, "单位：万元", width=4), None, None, None]


def stated(where, labels):
    """The document in which 万元 is stated at this place, above figures in 万元."""
    header = ["指标", "2023年", "2024年", "说明"]
    rows = [[labels[0], "2074600", "2193800", ""], [labels[1], "42.15", "41.98", ""]]
    made = {
        "paragraph above": lambda: ("单位：万元", [header, *rows]),
        "bracketed paragraph": lambda: ("（万元）", [header, *rows]),
        "title above": lambda: ("示例县数据表（单位：万元）", [header, *rows]),
        "paragraph below": lambda: ([header, *rows], "注：数据单位为万元"),
        "row above": lambda: ([WIDE, header, *rows],),
        "corner above": lambda: ([["", "", "", "金额单位：万元"], header, *rows],),
        "heading of names": lambda: ([["指标（单位：万元）", *header[1:]], *rows],),
        "heading of notes": lambda: ([[*header[:3], "单位：万元"], *rows],),
        "headings of years": lambda: ([["指标", "2023年（万元）", "2024年(万元)", "说明"], *rows],),
        "row below the years": lambda: ([header, ["", "万元", "（万元）", ""], *rows],),
    }[where]()
    return read(document(*(part if isinstance(part, str) else table(part) for part in made)))


PLACES = [
    "paragraph above",
    "bracketed paragraph",
    "title above",
    "paragraph below",
    "row above",
    "corner above",
    "heading of names",
    "heading of notes",
    "headings of years",
    "row below the years",
]


@pytest.mark.parametrize("where", PLACES)
def test_no_figure_is_read_against_a_unit_stated_for_the_table(where):
    named = stated(where, NAMED)
    assert numbers(named) == expected({"population": ("42.15", "41.98")})  # 万元 cannot mean its persons
    assert statuses(named, "gdp") == ["question", "question"]
    assert "reading.unit_stated" in rules_of(named)
    assert numbers(stated(where, BARE)) == {}


@pytest.mark.parametrize("labels", [NAMED, BARE])
def test_a_caption_that_names_the_units_of_the_form_confirms_them(labels):
    rows = [[labels[0], *GDP], [labels[1], "42.15", "41.98"]]
    reading = read(
        document("填报单位：示例县", "单位：亿元、万人", table([["指标", "2023年", "2024年"], *rows]))
    )
    assert numbers(reading) == expected({"gdp": GDP, "population": ("42.15", "41.98")})


HEADINGS = [
    "单位",
    "计量单位",
    "金额单位",
    "数据单位",
    "计算单位",
    "单位名称",
    "单位（计量）",
    "量纲",
    "Unit",
]


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_column_of_units_under_any_heading(heading):
    def beside(label):
        return read(
            document(table([["指标", heading, "2023年", "2024年"], [label, "万元", "2074600", "2193800"]]))
        )

    assert numbers(beside(BARE[0])) == expected({"gdp": ("207.46", "219.38")})
    contradiction = beside(NAMED[0])
    assert statuses(contradiction, "gdp") == ["question", "question"]
    assert "reading.unit_unclear" in rules_of(contradiction)


@pytest.mark.parametrize("heading", ["", "填报单位"])
def test_a_unit_in_a_column_of_another_heading_is_a_question(heading):
    rows = [["指标", heading, "2023年", "2024年"], ["地区生产总值", "万元", "2074600", "2193800"]]
    reading = read(document(table(rows)))
    assert statuses(reading, "gdp") == ["question", "question"]
    assert "reading.unit_stated" in rules_of(reading)


CARBON, SHARE = "单位地区生产总值二氧化碳排放量", "非税收入占一般公共预算收入的比重"


@pytest.mark.parametrize(
    ("label", "note", "id", "read_as"),
    [
        (CARBON, "千克/万元", "carbon_intensity", "0.385"),
        (CARBON, "单位：千克/万元", "carbon_intensity", "0.385"),
        (CARBON, INDICATORS.rows["carbon_intensity"].note + "（吨/万元）", "carbon_intensity", "385"),
        (CARBON, "按千克/万元填报", "carbon_intensity", ""),
        (CARBON, "全市口径（千克/万元）", "carbon_intensity", ""),
        (SHARE, "‰", "non_tax_share", "38.5"),
        (SHARE, "%", "non_tax_share", "385"),
        ("每万人单位面积长途光缆线路长度", "公里", "cable_density", ""),
        ("地区生产总值（亿元）", "万元", "gdp", ""),
        ("地区生产总值（亿元）", "公安口径", "gdp", "385"),
    ],
)
def test_a_note_that_is_a_unit_speaks_for_its_row(label, note, id, read_as):
    reading = read(document(table([HEADER, ["", label, "385", "385", note]])))
    assert numbers(reading) == (expected({id: (read_as, read_as)}) if read_as else {})
    assert statuses(reading, id) == (["number"] if read_as else ["question"]) * 2


def test_a_unit_below_the_label_belongs_to_the_row_above():
    rows = [
        ["", "地区生产总值", *GDP, ""],
        ["", "（{}）", "", "", ""],
        ["", "常住人口", "42.15", "41.98", ""],
    ]
    population = {"population": ("42.15", "41.98")}
    for unit, figures in (("亿元", {"gdp": GDP}), ("万元", {})):
        below = [text.format(unit) for text in rows[1]]
        reading = read(document(table([HEADER, rows[0], below, rows[2]])))
        assert numbers(reading) == expected(figures | population)


def test_the_continuation_of_a_table_keeps_its_caption():
    header = ["指标", "2023年", "2024年"]
    first = [header, ["地区生产总值（亿元）", *GDP]]
    second = [["金融机构本外币各项贷款余额（亿元）", "1", "2"]]
    reading = read(document("单位：万元", table(first), "续表", table(second, number=2)))
    assert numbers(reading) == {}


# --- tables that belong together or do not -----------------------------------------------------------------

TWO_COLUMNS = [["指标", cell(1, 2, "2023年", width=2), None, "2024年"], ["", "绝对值", "增长%", ""]]


def test_two_columns_under_a_year_are_a_question_unless_the_second_is_empty():
    rows = [["地区生产总值", "", "5.2", "219.38"], ["常住人口", "42.15", "", "41.98"]]
    reading = read(document(table([*TWO_COLUMNS, *rows])))
    assert numbers(reading) == {}
    assert statuses(reading, "population") == ["question", "question"]
    assert "reading.year_doubled" in rules_of(reading)
    rows[0][1:3] = ["207.46", ""]
    reading = read(document(table([*TWO_COLUMNS, *rows])))
    assert numbers(reading) == expected({"gdp": ("207.46", "219.38"), "population": ("42.15", "41.98")})


def on_sheets(*names):
    """A row of the form on each of these sheets."""
    tables = []
    for number, (name, label) in enumerate(zip(names, ("地区生产总值", "常住人口"), strict=True), start=1):
        found = table([["指标", "2023年", "2024年"], [label, "1", "2"]], number=number)
        for held in (found, *found.cells):
            held.place = held.place.model_copy(update={"part": name})
        tables.append(found)
    return read(document(*tables))


def test_rows_on_sheets_of_two_names_are_not_put_together():
    reading = on_sheets("示例甲市", "示例乙市")
    assert numbers(reading) == expected({"gdp": ("1", "2")})
    assert [f.facts["sheet"] for f in reading.findings if f.rule == "reading.other_sheet"] == ["示例乙市"] * 2
    reading = on_sheets("示例甲市", "示例甲市")
    assert numbers(reading) == expected({"gdp": ("1", "2"), "population": ("1", "2")})
    assert [f.rule for f in reading.findings].count("reading.several_tables") == 1


UNEVEN = [
    "技术合同成交额（万元）,1,234.56,1,345.67,",
    "技术合同成交额（万元）,5,210.00,,",
    "技术合同成交额（万元）,221.35",
    "技术合同,成交额（万元）,207.46,219.38,",
    "技术合同成交额（万元,含税）,207.46,219.38,",
]


@pytest.mark.parametrize("line", UNEVEN)
def test_a_record_of_another_length_than_the_header_is_a_question(line):
    lines = ["指标,2023年,2024年,说明", "常住人口（万人）,42.15,41.98,", line]
    reading = read(read_delimited("\n".join(lines).encode()))
    assert numbers(reading) == expected({"population": ("42.15", "41.98")})
    assert statuses(reading, "technology_contracts") == ["question", "question"]


def test_the_facts_of_a_finding_follow_the_reader():
    rows = [row for row in indicator_rows(QUIET) if not row[1].startswith("常住人口")]
    (finding,) = read(document(table([HEADER, *rows]))).findings
    with speaking("en"):
        assert message(finding) == "The table has no row “Resident population”"


CELLS = st.decimals(min_value=0, max_value=99999, places=2).map(str)
ANY = st.fixed_dictionaries(
    {id: st.tuples(CELLS, CELLS) for id, row in INDICATORS.rows.items() if row.filled_by == "unit"}
)


@settings(max_examples=50)
@given(ANY, st.permutations(range(len(INDICATORS.rows))), st.booleans(), st.integers(0, 12))
def test_figures_stay_with_their_row_and_year_in_any_order(figures, order, swapped, split):
    rows = [indicator_rows(figures)[position] for position in order]
    header = [*HEADER[:2], *HEADER[2:4][:: -1 if swapped else 1], HEADER[4]]
    rows = [[*row[:2], *row[2:4][:: -1 if swapped else 1], row[4]] for row in rows]
    parts = [[header, *rows[:split]], rows[split:]]
    tables = [table(part, number=number) for number, part in enumerate(parts, start=1)]
    assert numbers(read(document(*tables))) == expected(figures)


# --- years and figures that may be others than those asked for ------------------------------------------------


@pytest.mark.parametrize("head", ["2024年预计", "2024年(实际)", "2024年上半年", "2024年1-6月"])
def test_a_year_that_says_more_is_a_question(head):
    reading = read(
        document(table([["指标", "2023年", head], ["地区生产总值", *GDP], ["常住人口", "1", "2"]]))
    )
    assert numbers(reading) == {"gdp": {2023: GDP[0]}, "population": {2023: "1"}}
    assert (reading.value("gdp", 2024).raw, reading.value("gdp", 2024).understood) == (
        GDP[1],
        "reading.year_qualified",
    )


@pytest.mark.parametrize("head", ["2024年同比增长", "增长%", "2024年增速"])
def test_a_column_of_growth_beside_the_year_is_left_alone(head):
    rows = [["指标", "2023年", "2024年", head], ["地区生产总值", *GDP, "5.2"]]
    assert numbers(read(document(table(rows)))) == expected({"gdp": GDP})


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("remark", ["预计", "上半年", "1—6月", "计划数"])
def test_a_remark_above_or_below_a_year_makes_it_a_question(above, remark):
    head, said = ["指标", "2023年", "2024年"], ["", "实际", remark]
    rows = [*([said, head] if above else [head, said]), ["地区生产总值", *GDP]]
    reading = read(document(table(rows)))
    assert numbers(reading) == {"gdp": {2023: GDP[0]}}
    assert reading.value("gdp", 2024).understood == "reading.year_qualified"


def test_figures_of_another_row_are_no_remark():
    rows = [["指标", "2023年", "2024年"], ["工业增速", "5.2%", "5.3%"], ["地区生产总值", *GDP]]
    assert numbers(read(document(table(rows)))) == expected({"gdp": GDP})


def test_a_figure_in_a_column_without_heading_between_the_years_is_a_question():
    rows = [["指标", "2023年", "", "2024年"], ["地区生产总值", "1", "2", "3"]]
    assert statuses(read(document(table(rows))), "gdp") == ["question", "question"]


def test_a_figure_left_out_in_another_filled_table_is_a_question():
    first = table([HEADER, *indicator_rows(QUIET)])
    second = table([HEADER, *indicator_rows({**QUIET, "gdp": ("", GDP[1])})], number=2)
    reading = read(document(first, "定稿", second))
    assert numbers(reading)["gdp"] == {2024: GDP[1]}
    assert reading.value("gdp", 2023).understood == "reading.blank_elsewhere"
    blank = table([HEADER, *indicator_rows({})], number=2)
    assert numbers(read(document(first, blank))) == expected(QUIET)


NOTES = [
    "注：本表金额单位均为万元",
    "注：数据单位：GDP为万元，人口为人",
    "注：地区生产总值为万元",
    "金额：万元",
]


@pytest.mark.parametrize("note", [*NOTES, NOTES[0].rjust(150, "注")])
def test_a_note_that_gives_another_unit_is_believed(note):
    reading = read(document(table([HEADER, ["", "地区生产总值", *GDP, ""]]), note))
    assert statuses(reading, "gdp") == ["question", "question"]
    assert "reading.unit_stated" in rules_of(reading)


def test_a_unit_in_the_name_of_the_sheet_or_a_remark_at_the_header():
    rows = [["指标", "2023年", "2024年"], ["地区生产总值", *GDP]]
    for part, note in (("万元", ""), ("表", "单位为万元")):
        found = table(rows)
        found.place = found.place.model_copy(update={"part": part})
        found.cells[1].note = note
        assert statuses(read(document(found)), "gdp") == ["question", "question"]


def test_a_blank_below_another_unit_is_a_question():
    header = ["指标", "单位", "2023年", "2024年"]
    rows = [["地区生产总值", "万元", "2074600", "2193800"], ["金融机构本外币各项贷款余额", "", "1", "2"]]
    reading = read(document(table([header, *rows, ["常住人口", "", "3", "4"]])))
    assert numbers(reading) == expected({"gdp": ("207.46", "219.38"), "population": ("3", "4")})
    assert statuses(reading, "loans") == ["question", "question"]


def test_an_automatic_number_before_a_figure_makes_it_a_question():
    found = table([HEADER, ["", "地区生产总值", *GDP, ""]])
    found.cells[7].paragraphs[0].numbered = True
    assert numbers(read(document(found))) == {"gdp": {2024: GDP[1]}}


def test_what_a_file_says_is_listed_as_the_language_does():
    reading = read(with_labels(["地区生产总值"], header=["", "指标", "2024年", "2023年", "说明"]))
    (finding,) = (found for found in reading.findings if found.rule == "reading.years_swapped")
    assert "2024、2023" in message(finding)
    with speaking("en"):
        assert message(finding) == "The years stand in the order 2024, 2023 and were read by the header"
