"""The Word form: all that the letter prints, answers at their places, and the same bytes every time."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal

import docx
import pytest
from lxml import etree

from tests.forms.filling import CASE, FIGURES, INDICATORS, STORY, jpeg
from xinzhi.errors import CallError
from xinzhi.forms.files.word import read_word
from xinzhi.forms.loading import LIBRARY, parse_form
from xinzhi.forms.reading import Reading, Value
from xinzhi.forms.writing.answers import answers_of, figure_text, unanswered
from xinzhi.forms.writing.markup import lines
from xinzhi.forms.writing.word import write_word
from xinzhi.geography import demonstration_units, find

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLANK = [(INDICATORS, {}), (CASE, {})]
FILLED = [(INDICATORS, FIGURES), (CASE, STORY)]


def written(form, answers, **options) -> bytes:
    buffer = io.BytesIO()
    write_word(form, answers, buffer, **options)
    return buffer.getvalue()


def opened(form, answers, **options):
    return docx.Document(io.BytesIO(written(form, answers, **options)))


def part(data: bytes, name: str):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read(name))


def rows(document) -> list[list[str]]:
    (table,) = document.tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def coloured(document) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for run in document.element.body.iter(f"{W}r"):
        colour = run.find(f"{W}rPr/{W}color")
        if colour is not None:
            found.setdefault(colour.get(f"{W}val"), []).append(
                "".join(text.text for text in run.iter(f"{W}t"))
            )
    return found


# --- what is printed --------------------------------------------------------------------------------------


def test_blank_indicator_form_is_annex_1_of_the_letter():
    document = opened(INDICATORS, {})
    # Annex 1 of 中生综函〔2025〕20号: number column without text, 14 rows, two years, notes.
    assert rows(document) == [
        ["", "指标", "2023年", "2024年", "说明"],
        *(["", row.label, "", "", row.note] for row in INDICATORS.rows.values()),
    ]
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "附件1",
        "县域新质生产力发展研究测评指标数据填报表",
        "注：填报说明",
        *(note.zh.replace("{mailbox}", "_" * 20) for note in INDICATORS.notes),
    ]


def test_rows_are_numbered_by_word_itself():
    document = opened(INDICATORS, {})
    numbered = [
        row.cells[0].paragraphs[0]._p.find(f"{W}pPr/{W}numPr") is not None for row in document.tables[0].rows
    ]
    assert numbered == [False] + [True] * 14


def test_blank_case_form_is_annex_2_of_the_letter():
    document = opened(CASE, {}, mailbox="forms@example.com")
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "附件2",
        "新质生产力发展研究测评典型案例填报表",
        "注：填报说明",
        *(note.zh.replace("{mailbox}", "forms@example.com") for note in CASE.notes),
    ]
    head = rows(document)[:7]
    assert head[0] == [
        "案例名称",
        "此处填写案例名称",
        "案例领域",
        "□文化旅游\n□高科技\n□绿色经济\n此处填写案例所属领域",
    ]
    assert [row[0] for row in head] == [
        "案例名称", "填报单位", "联 系 人", "联系地址", "推荐单位", "联 系 人", "联系地址",
    ]  # fmt: skip
    content, seal, evidence = (row[0].split("\n") for row in rows(document)[7:])
    assert content[:3] == ["案例内容(此栏为必填项，3000字以内):", "一、案例概况", "（一）背景摘要"]
    assert seal == ["此处由案例实施单位填写", "", "单位盖章", "(此处为实施单位的公章)", "", "年    月    日"]
    assert evidence == [
        "附件目录(此栏为选填项)",
        "1、",
        "2、",
        "……",
        CASE.evidence.hint,
        *CASE.evidence.hints,
    ]


def test_hints_are_red_and_advice_is_blue():
    advice = [CASE.content.headings.advice + section.advice for section in CASE.sections.values()]
    found = coloured(opened(CASE, {}))
    assert found["0000FF"] == advice
    assert sorted([*found["FF0000"], *advice]) == sorted(CASE.hints())
    assert coloured(opened(INDICATORS, {})) == {
        "FF0000": ["无需填写，由媒体单位采集", "无需填写，由媒体单位采集", "请填写附件2"]
    }


@pytest.mark.parametrize(("form", "answers"), FILLED)
def test_filled_form_has_no_hint_left(form, answers):
    document = opened(form, answers)
    assert coloured(document) == {}
    if form is CASE:
        text = "".join(text.text for text in document.element.body.iter(f"{W}t"))
        assert [hint for hint in CASE.hints() if hint in text] == []


def test_only_what_is_blank_keeps_its_hint():
    found = coloured(opened(CASE, {key: STORY[key] for key in STORY if key[0] != "phone"}))
    assert "此处填写实施单位联系人电话" in found["FF0000"]
    assert "此处填写实施单位联系人姓名" not in found["FF0000"]
    assert "0000FF" not in found


# --- answers ----------------------------------------------------------------------------------------------


def test_figures_have_the_decimals_of_the_form_or_more():
    answers = {
        ("gdp", 2023): Decimal("5"),
        ("gdp", 2024): Decimal("5.125"),
        ("loans", 2023): Decimal("1E+3"),
        ("loans", 2024): None,
        ("carbon_intensity", 2023): "约 0.5",
    }
    found = {row[1]: row[2:4] for row in rows(opened(INDICATORS, answers))}
    assert found["地区生产总值（亿元）"] == ["5.00", "5.125"]
    assert found["金融机构本外币各项贷款余额（亿元）"] == ["1000.00", ""]
    assert found["单位地区生产总值二氧化碳排放量"] == ["约 0.5", ""]
    assert found["常住人口（万人）"] == ["", ""]


def test_figure_text_refuses_what_is_no_figure():
    assert figure_text(Decimal("123456789012345678901234567890.1"), 2) == "123456789012345678901234567890.10"
    with pytest.raises(ValueError, match="finite"):
        figure_text(Decimal("NaN"), 2)


def test_one_box_is_ticked():
    assert rows(opened(CASE, STORY))[0][3] == "□文化旅游\n■高科技\n□绿色经济"
    # What only a person can settle is written as it stood.
    assert rows(opened(CASE, {("domain", None): "√文化旅游√高科技"}))[0][3] == "√文化旅游√高科技"


def test_case_is_filled_in_at_its_places():
    found = rows(opened(CASE, STORY))
    assert found[1] == ["填报单位", *["示例省示例县示例科技有限公司"] * 3]
    assert found[2] == ["联 系 人", "张三样例", "联系电话", "010-00000000"]
    assert found[7][0].split("\n")[:4] == [
        "案例内容(此栏为必填项，3000字以内):", "一、案例概况", "（一）背景摘要", STORY["background", None],
    ]  # fmt: skip
    assert found[8][0].split("\n") == ["", "", "单位盖章", "", "", "2025年7月1日"]
    assert found[9][0] == "附件目录(此栏为选填项)\n1、审计报告.pdf\n2、检测报告.pdf"


def test_lines_of_a_text_are_paragraphs_and_unwritable_signs_are_left_out():
    assert lines("一\r\n二\r三\x00\x0b\ufffe四") == ["一", "二", "三四"]
    answers = {("background", None): 'a <b> & "c"\t甲\n\n乙\x07'}
    assert '（一）背景摘要\na <b> & "c"\t甲\n\n乙\n（二）案例简介' in rows(opened(CASE, answers))[7][0]


def test_answers_to_nothing_are_refused():
    with pytest.raises(ValueError, match=r"letter-2025/indicators@1 has no \('gdp', 1999\)"):
        written(INDICATORS, {("gdp", 1999): Decimal(1)})
    # Working figures belong to the form, only not to the letter's Word file.
    assert written(INDICATORS, {("area", 2023): Decimal(1)}) != written(
        INDICATORS, {("gdp", 2023): Decimal(1)}
    )


def test_what_is_still_to_fill_in():
    assert unanswered(INDICATORS, FIGURES) == ()
    assert len(unanswered(INDICATORS, {})) == 11 * 2  # fourteen rows, of which three are others'
    assert unanswered(CASE, STORY) == ()
    assert unanswered(CASE, {**STORY, ("recommender", None): "示例县人民政府"}) == tuple(
        (id, None) for id in CASE.fields if CASE.fields[id].required_with == "recommender"
    )


def test_answers_of_a_reading():
    values = (
        Value(field="gdp", year=2023, raw="1,000.5", status="number", number=Decimal("1000.5")),
        Value(field="gdp", year=2024, raw="——", status="missing"),
        Value(field="loans", year=2023, raw="涉密", status="question"),
        Value(field="domain", raw="☑高科技", status="choice", text="high_technology"),
        Value(field="unit", raw=" 示例 ", status="text", text="示例"),
        Value(field="evidence", raw="1、甲\n2、乙", status="text", text="1、甲\n2、乙"),
    )
    assert answers_of(Reading(values=values, evidence=("甲", "乙"))) == {
        ("gdp", 2023): Decimal("1000.5"),
        ("gdp", 2024): None,
        ("loans", 2023): "涉密",
        ("domain", None): "high_technology",
        ("unit", None): "示例",
        ("evidence", None): "甲\n乙",
    }


# --- the file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "answers"), BLANK + FILLED)
def test_same_answers_give_the_same_bytes(form, answers, tmp_path):
    first = written(form, answers)
    write_word(form, answers, tmp_path / "form.docx")
    assert (tmp_path / "form.docx").read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("form", "answers"), BLANK + FILLED)
def test_fonts_widths_and_page_are_those_of_the_letter(form, answers):
    data = written(form, answers)
    defaults = part(data, "word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    fonts = defaults.find(f"{W}rFonts")
    assert (fonts.get(f"{W}eastAsia"), fonts.get(f"{W}ascii")) == ("宋体", "Times New Roman")
    assert defaults.find(f"{W}sz").get(f"{W}val") == "21"  # 五号 is 10.5 pt, in half points
    assert defaults.find(f"{W}lang").get(f"{W}eastAsia") == "zh-CN"
    theme = etree.tostring(part(data, "word/theme/theme1.xml"), encoding="unicode")
    assert theme.count('<a:latin typeface="Times New Roman"/><a:ea typeface="宋体"/>') == 2

    body = part(data, "word/document.xml").find(f"{W}body")
    page = body.find(f"{W}sectPr/{W}pgSz")
    assert (page.get(f"{W}w"), page.get(f"{W}h")) == ("11906", "16838")  # A4: 210 x 297 mm in twips
    table = body.find(f"{W}tbl")
    assert table.getnext().tag == f"{W}p"
    assert table.find(f"{W}tblPr/{W}tblLayout").get(f"{W}type") == "fixed"
    columns = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
    for row in table.iter(f"{W}tr"):
        widths = [int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for cell in row.iter(f"{W}tc")]
        assert sum(widths) == sum(columns)


def test_header_row_repeats_and_short_rows_stay_whole():
    for form, heads, split in ((INDICATORS, 1, 0), (CASE, 0, 1)):
        body = part(written(form, {}), "word/document.xml")
        found = list(body.iter(f"{W}tr"))
        assert len(list(body.iter(f"{W}tblHeader"))) == heads
        assert len(found) - len(list(body.iter(f"{W}cantSplit"))) == split


def test_properties_name_form_and_unit_and_no_person():
    unit = find("江苏省南京市鼓楼区", "county", year=2022)
    data = written(INDICATORS, {}, unit=unit)
    custom = {entry.get("name"): "".join(entry.itertext()) for entry in part(data, "docProps/custom.xml")}
    assert custom == {"xinzhi-form": "letter-2025/indicators@1", "xinzhi-unit": unit.code}
    core = {etree.QName(entry).localname: entry.text for entry in part(data, "docProps/core.xml")}
    assert core == {"title": INDICATORS.title.zh, "language": "zh-CN"}


def test_demonstration_and_unit_stand_in_the_header():
    unit = find("江苏省南京市鼓楼区", "county", year=2022)

    def header(**options) -> str:
        return opened(INDICATORS, FIGURES, **options).sections[0].header.paragraphs[0].text

    assert header() == ""
    assert header(demonstration=True) == "演示数据"
    assert header(unit=unit) == "\t江苏省南京市鼓楼区 (320106)"
    assert header(unit=unit, demonstration=True) == "演示数据\t江苏省南京市鼓楼区 (320106)"


def test_pictures_go_in_as_they_are_with_their_captions():
    pictures = [("厂房.jpg", jpeg(), "图1 厂房"), ("a<b>.jpg", jpeg(40, 80), "图2 设备")]
    data = written(CASE, STORY, pictures=pictures)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(f"word/media/image{n}.jpeg") for n in (1, 2)] == [jpeg(), jpeg(40, 80)]
    document = docx.Document(io.BytesIO(data))
    assert [shape.width / shape.height for shape in document.inline_shapes] == pytest.approx(
        [60 / 40, 40 / 80]
    )
    assert [p.text for p in document.paragraphs][2:6] == ["", "图1 厂房", "", "图2 设备"]


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg()[:20]])
def test_picture_that_word_does_not_show_is_named(data):
    with pytest.raises(CallError, match=r"厂房\.webp"):
        written(CASE, STORY, pictures=[("厂房.webp", data, "图1")])


def test_form_of_no_call_has_no_annex_number():
    text = (LIBRARY / "letter-2025" / "indicators.v1.toml").read_text("utf-8")
    own = parse_form(text.replace('template = "letter-2025"', 'template = "own-2026"'), name="own.toml")
    assert opened(own, {}).paragraphs[0].text == own.title.zh


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_keeps_every_word(tmp_path):
    write_word(CASE, STORY, tmp_path / "case.docx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "txt:Text (encoded):UTF8", "case.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    text = re.sub(r"\s", "", (tmp_path / "case.txt").read_text("utf-8-sig"))
    wanted = [value for (id, _year), value in STORY.items() if id not in ("domain", "seal_date", "evidence")]
    assert [value for value in wanted if re.sub(r"\s", "", value) not in text] == []
    assert re.sub(r"\s", "", CASE.notes[1].zh) in text


def test_a_file_names_its_form_and_its_unit_to_the_reader():
    (unit, *_rest) = demonstration_units()
    file = io.BytesIO()
    write_word(INDICATORS, {}, file, unit=unit)
    document = read_word(file.getvalue())
    assert (document.form, document.unit) == ("letter-2025/indicators@1", unit.code)
