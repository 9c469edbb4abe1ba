"""The Excel form and the annotated workbook: what is written reads back the same, whatever it is."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forms.books import workbook
from xinzhi.errors import CallError
from xinzhi.forms import Finding, Place, count_characters, load_form
from xinzhi.forms.files.sheets import read_workbook
from xinzhi.forms.reading import Value
from xinzhi.forms.understanding.understand import understand
from xinzhi.forms.writing.excel import NOTES, write_excel
from xinzhi.forms.writing.sheet_annotation import annotate_workbook
from xinzhi.geography import Unit
from xinzhi.language import speaking

INDICATORS = load_form("letter-2025/indicators@1")
CASE = load_form("letter-2025/case@1")
UNIT = Unit(
    code="990101",
    name="样例县",
    full_name="样例县",
    english="",
    level="county",
    kind="县",
    parent="990100",
    path="示例省样例市样例县",
)


def written(form, answers, **options) -> bytes:
    buffer = io.BytesIO()
    write_excel(form, answers, buffer, **options)
    return buffer.getvalue()


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def read(data):
    (reading,) = understand(read_workbook(data), [INDICATORS, CASE])
    return reading


def answer_of(value: Value):
    return {"number": value.number, "missing": None, "question": value.raw}.get(value.status, value.text)


# --- round trip ------------------------------------------------------------------------------------------


def _figures(row) -> st.SearchStrategy[Decimal | None]:
    least, most = row.limits
    return st.none() | st.decimals(least or 0, most or 10**9, places=row.decimals)


RETURNS = st.fixed_dictionaries(
    {
        (id, year): _figures(figure)
        for id, figure in INDICATORS.figures()
        if getattr(figure, "filled_by", "unit") == "unit"
        for year in INDICATORS.years
    }
)
LINES = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"]
    ),
    min_size=1,
    max_size=40,
).map(lambda line: f"本县样例{line}")


@settings(max_examples=40)
@given(RETURNS)
def test_figures_read_back_exactly(answers):
    reading = read(written(INDICATORS, answers, unit=UNIT))
    found = {(value.field, value.year): answer_of(value) for value in reading.values}
    assert {key: found[key] for key in answers} == answers
    assert (reading.form, reading.unit_code, reading.findings) == (INDICATORS.name, "990101", ())


@settings(max_examples=25)
@given(
    st.fixed_dictionaries(
        {(id, None): st.lists(LINES, min_size=1, max_size=3).map("\n".join) for id in CASE.sections}
    ),
    st.sampled_from(sorted(CASE.fields["domain"].options)),
)
def test_cases_read_back_exactly(sections, domain):
    head = {
        ("title", None): "样例案例",
        ("unit", None): "示例省样例公司",
        ("contact", None): "张三样例",
        ("phone", None): "010-00000000",
        ("address", None): "示例省样例县样例路 1 号",
        ("email", None): "sample@example.com",
        ("recommender", None): "样例县样例局",
        ("domain", None): domain,
    }
    answers = {**head, **sections}
    reading = read(written(CASE, answers))
    found = {(value.field, value.year): answer_of(value) for value in reading.values}
    assert {key: found[key] for key in answers} == answers
    assert reading.characters == sum(map(count_characters, sections.values()))


def test_evidence_and_the_date_of_the_seal_read_back():
    reading = read(
        written(
            CASE,
            {
                ("evidence", None): "检测报告\n获奖证书",
                ("seal_date", None): "2025年7月1日",
                ("title", None): "样例",
            },
        )
    )
    assert reading.evidence == ("检测报告", "获奖证书")
    assert reading.value("seal_date").text == "2025-07-01"


@pytest.mark.parametrize("text", ["=1+1", "+1", "@SUM(A1)", "_x0041_", "{=1}", "http://example.com", "0012"])
def test_a_text_stays_a_text(text):
    cell = opened(written(CASE, {("title", None): text}))["案例"]["B2"]
    assert (
        cell.data_type,
        read(written(CASE, {("title", None): text, ("unit", None): "样例"})).value("title").text,
    ) == ("s", text)


def test_a_figure_of_more_digits_than_a_cell_holds_is_written_as_text():
    figure = Decimal("1234567890123.4567")
    value = read_workbook(written(INDICATORS, {("gdp", 2023): figure})).tables[0].grid()[4, 4]
    assert (value.text, value.number) == ("1234567890123.4567", None)


def test_what_needs_a_person_is_written_as_it_stood():
    reading = read(written(INDICATORS, {("gdp", 2023): "约 200", ("population", 2024): Decimal("31.25")}))
    assert [(v.status, v.raw) for v in reading.values if v.field == "gdp"] == [
        ("question", "约 200"),
        ("missing", ""),
    ]


# --- the file --------------------------------------------------------------------------------------------


def test_the_same_answers_give_the_same_bytes():
    answers = {("gdp", 2023): Decimal("207.46")}
    assert written(INDICATORS, answers, unit=UNIT) == written(INDICATORS, answers, unit=UNIT)
    with speaking("en"):
        assert written(CASE, {}) == written(CASE, {})


def test_only_answers_can_be_typed_over():
    sheet = opened(written(INDICATORS, {}, unit=UNIT))["指标数据"]
    assert sheet.protection.sheet and not sheet.protection.password
    free = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    asked = {f"{column}{row}" for row in (*range(4, 15), *range(20, 23)) for column in "DE"}
    assert free - {"C2", "D2", "E2", "F2"} == asked


def test_figures_have_limits_and_hints_and_units():
    sheet = opened(written(INDICATORS, {}))["指标数据"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    gdp, density = rules["D4"], rules["D12"]
    assert (gdp.type, gdp.formula1, gdp.formula2, gdp.errorStyle) == ("decimal", "0", "100000", "warning")
    assert (gdp.promptTitle, gdp.prompt) == ("地区生产总值", "计量单位：亿元；保留 2 位小数")
    assert "长途光缆线路长度/常住人口*区域面积" in density.prompt
    assert [sheet["C4"].value, sheet["B20"].value] == ["亿元", "长途光缆线路长度（公里）"]


def test_the_choice_is_a_list_from_a_hidden_range():
    book = opened(written(CASE, {}))
    (rule,) = [rule for rule in book["案例"].data_validations.dataValidation if rule.type == "list"]
    assert (str(rule.sqref), rule.formula1) == ("D2", "_xinzhi!$A$4:$A$6")
    titles = [option.zh for option in CASE.fields["domain"].options.values()]
    assert [book["_xinzhi"][f"A{row}"].value for row in (4, 5, 6)] == titles
    assert book["_xinzhi"].sheet_state == "veryHidden"


def test_the_length_of_a_section_stands_beside_it_and_is_not_read():
    data = written(CASE, {("background", None): "样例 12\n三"})
    assert opened(data)["案例"]["E11"].value.startswith("=LEN(SUBSTITUTE(")
    assert openpyxl.load_workbook(io.BytesIO(data), data_only=True)["案例"]["E11"].value == 5  # 样例12三
    assert all(cell.column < 5 for table in read_workbook(data).tables for cell in table.cells)


def test_page_and_font():
    sheet = opened(written(INDICATORS, {}))["指标数据"]
    setup = sheet.page_setup
    assert (
        setup.paperSize,
        setup.orientation,
        sheet.sheet_properties.pageSetUpPr.fitToPage,
        setup.fitToHeight,
    ) == (9, "portrait", True, 0)
    assert {(c.font.name, c.font.sz) for row in sheet.iter_rows(min_row=2) for c in row if c.value} == {
        ("宋体", 10.5)
    }


def test_demonstration_data_say_so_on_every_page():
    plain, shown = written(INDICATORS, {}), written(INDICATORS, {}, demonstration=True)
    assert [margin.text for margin in read_workbook(plain).margins] == []
    assert {margin.text for margin in read_workbook(shown).margins} == {"演示数据"}
    assert read(written(INDICATORS, {("gdp", 2023): Decimal(1)}, demonstration=True)).findings == ()


def test_notes_stand_on_a_sheet_of_their_own():
    texts = [
        row[0].value for row in opened(written(CASE, {}, mailbox="sample@example.com"))[NOTES].iter_rows()
    ]
    assert any("sample@example.com" in text for text in texts)
    assert all(any(section.advice in text for text in texts) for section in CASE.sections.values())


def test_what_cannot_be_written_is_an_error():
    with pytest.raises(CallError) as error:
        written(CASE, {("background", None): "字" * 32_768})
    assert error.value.where == "案例 B11"
    with pytest.raises(ValueError, match="gdq"):
        written(INDICATORS, {("gdq", 2023): Decimal(1)})


def test_a_file_appears_where_it_is_wanted(tmp_path):
    write_excel(INDICATORS, {}, tmp_path / "表.xlsx")
    assert (tmp_path / "表.xlsx").read_bytes() == written(INDICATORS, {})


# --- annotated -------------------------------------------------------------------------------------------

ERROR = Finding(
    rule="sheets.error", field="gdp", year=2023, place=Place(part="指标数据", row=4, column=4, cell="D4")
)
WHOLE = Finding(rule="sheets.far")


def same_content(one, other) -> bool:
    return [
        [(cell.place.cell, cell.text, cell.number, cell.formula) for cell in table.cells]
        for table in read_workbook(one).tables
    ] == [
        [(cell.place.cell, cell.text, cell.number, cell.formula) for cell in table.cells]
        for table in read_workbook(other).tables
    ]


@pytest.fixture
def own():
    return written(INDICATORS, {("gdp", 2023): Decimal("207.46")}, unit=UNIT)


@pytest.fixture
def foreign():
    """A workbook of somebody's own making, with a formula, a remark, a text box and a name."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("指标数据")
        other = book.add_worksheet("别的")
        sheet.write_formula("D4", "=1+1", None, 2)
        sheet.write_comment("D4", "统计局提供", {"author": "填报人"})
        sheet.write_comment("A1", "另一条", {"author": "填报人"})
        sheet.insert_textbox("G1", "框里的字")
        other.activate()
        book.define_name("别的!本表", "=别的!$A$1")
    return buffer.getvalue()


def test_findings_come_as_remarks_and_as_a_first_sheet(own):
    book = opened(annotate_workbook(own, [WHOLE, ERROR], form=INDICATORS))
    assert book.sheetnames[0] == "审核意见"
    assert [[cell.value for cell in row][:3] for row in book["审核意见"].iter_rows(min_row=3)] == [
        ["1", "必须修改", "地区生产总值 2023 年 (工作表 指标数据 单元格 D4)"],
        ["2", "提示", "整个文件"],
    ]
    remark = book["指标数据"]["D4"].comment
    assert (remark.author, remark.text.split("\n")[0]) == ("xinzhi", "1. [必须修改] 单元格里是错误值")
    assert [cell.coordinate for row in book["指标数据"].iter_rows() for cell in row if cell.comment] == ["D4"]


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_an_annotated_workbook_reads_as_the_one_before(kind, request):
    before = request.getfixturevalue(kind)
    once = annotate_workbook(before, [ERROR, WHOLE])
    assert same_content(before, once)
    assert same_content(before, annotate_workbook(once, [ERROR]))
    one, other = read_workbook(before), read_workbook(once)
    assert (one.form, one.unit, one.lost) == (other.form, other.unit, other.lost)
    assert [margin.text for margin in one.margins] == [margin.text for margin in other.margins]


def test_annotating_again_replaces_what_was_said(own):
    twice = opened(annotate_workbook(annotate_workbook(own, [ERROR, WHOLE]), [WHOLE]))
    assert twice.sheetnames == opened(annotate_workbook(own, [WHOLE])).sheetnames
    assert twice["指标数据"]["D4"].comment is None
    assert len(list(twice["审核意见"].iter_rows(min_row=3))) == 1


def test_remarks_of_people_stay(foreign):
    sheet = opened(annotate_workbook(foreign, [ERROR]))["指标数据"]
    assert "统计局提供" in sheet["D4"].comment.text and "单元格里是错误值" in sheet["D4"].comment.text
    assert "另一条" in sheet["A1"].comment.text


def test_the_list_is_open_and_no_other_sheet_is_chosen_with_it(foreign):
    book = opened(annotate_workbook(foreign, [ERROR]))
    assert book.active.title == "审核意见"
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == []
    assert list(book["别的"].defined_names) == ["本表"]


def test_the_same_findings_give_the_same_bytes(foreign):
    assert annotate_workbook(foreign, [ERROR]) == annotate_workbook(foreign, [ERROR])


def test_without_findings_a_workbook_goes_back_as_it_came(own):
    assert annotate_workbook(own, []) == own


def test_a_sheet_of_the_same_name_is_left_alone():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("审核意见").write(0, 0, "县里的意见")
    data = annotate_workbook(buffer.getvalue(), [WHOLE])
    assert opened(data).sheetnames == ["审核意见 2", "审核意见", "_xinzhi"]
    assert same_content(buffer.getvalue(), data)


def test_a_workbook_made_by_hand_can_be_annotated():
    place = Place(part="表", cell="A1")
    data = workbook('<row r="1"><c r="A1"><v>1</v></c></row>', after="<pageMargins/><extLst/>")
    annotated = annotate_workbook(data, [Finding(rule="sheets.error", place=place)])
    assert read_workbook(annotated).tables[0].cells[0].note.startswith("1. [必须修改]")
