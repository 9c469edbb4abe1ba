"""A case in whatever layout: head by labels, sections by headings, hints apart from what the filer wrote."""

from __future__ import annotations

import hashlib

import pytest

from tests.forms.documents import (
    CASE,
    HEAD,
    INDICATORS,
    SECTIONS,
    case_document,
    case_table,
    cell,
    document,
    indicator_document,
    paragraph,
    rules_of,
    seal_lines,
    section_lines,
    table,
)
from xinzhi.forms import count_characters, load_form, message, remedy, rules
from xinzhi.forms.document import Document, Picture, Run
from xinzhi.forms.places import Place
from xinzhi.forms.rules import facts_of
from xinzhi.forms.understanding.case_reading import date_of, read_case
from xinzhi.forms.understanding.hints import hint_colour
from xinzhi.forms.understanding.section_headings import _further_headings
from xinzhi.forms.understanding.understand import understand
from xinzhi.language import speaking

FORMS = [INDICATORS, CASE]
CHOSEN = {**HEAD, "domain": "high_technology"}


def read(found: Document):
    reading = read_case(found, CASE)
    for finding in reading.findings:
        assert facts_of(rules()[finding.rule]) <= set(finding.facts)
        assert "{" not in message(finding) + remedy(finding)
    assert [value.field for value in reading.values] == [
        *CASE.fields,
        *CASE.sections,
        "seal_date",
        "evidence",
    ]
    return reading


def texts(reading, ids):
    return {id: reading.value(id).text for id in ids}


def with_content(*lines):
    return case_document(HEAD, [*lines, *seal_lines()])


def hints(section):
    headings = CASE.content.headings
    return [
        headings.content + section.content,
        headings.data + section.data,
        headings.advice + section.advice,
    ]


# --- the letter's own layout -------------------------------------------------------------------------------


def test_the_letters_form_reads_back_without_a_finding():
    reading = read(case_document())
    assert texts(reading, HEAD) == CHOSEN
    assert texts(reading, SECTIONS) == SECTIONS
    assert reading.value("seal_date").text == "2025-08-15"
    assert reading.evidence == ("能效检测报告",)
    assert reading.findings == ()
    assert reading.characters == sum(map(count_characters, SECTIONS.values()))
    assert reading.value("domain").status == "choice"
    assert reading.value("summary").place == Place(table=1, row=8, column=1, paragraph=6)


def test_a_blank_form_holds_nothing_but_its_hints():
    head = {id: field.hint for id, field in CASE.fields.items()}
    head["domain"] = "□文化旅游\n□高科技\n□绿色经济\n" + head["domain"]
    sections = section_lines({id: hints(section) for id, section in CASE.sections.items()})
    blank = case_document(
        head,
        [*sections, *seal_lines(CASE.seal.date)],
        [*CASE.evidence.blank, "", CASE.evidence.hint, *CASE.evidence.hints],
    )
    reading = read(blank)
    assert {value.field: value.status for value in reading.values if value.status != "missing"} == {
        "domain": "question"
    }
    assert rules_of(reading) == ["reading.hint_left", "choices.none"]
    counts = {f.field: f.facts["count"] for f in reading.findings if f.rule == "reading.hint_left"}
    assert counts == {**dict.fromkeys(CASE.fields, 1), **dict.fromkeys(CASE.sections, 3), "evidence": 4}
    assert reading.characters == 0
    assert reading.styles == ()


# --- head --------------------------------------------------------------------------------------------------


def test_labels_and_values_in_one_cell():
    rows = [[f"{CASE.fields[id].label}：{HEAD[id]}" for id in line.fields] for line in CASE.head]
    rows = [
        row if len(row) == 2 else [cell(n, 1, row[0], width=2), None] for n, row in enumerate(rows, start=1)
    ]
    assert texts(read(document(table(rows), *section_lines(SECTIONS))), HEAD) == CHOSEN


def test_labels_and_values_in_paragraphs():
    lines = [f"{field.label}：{HEAD[id]}".replace("\n", " ") for id, field in CASE.fields.items()]
    reading = read(document(CASE.title.zh, *lines, CASE.content.label, *section_lines(SECTIONS)))
    assert texts(reading, HEAD) == CHOSEN
    assert texts(reading, SECTIONS) == SECTIONS


def test_two_labels_in_one_line():
    reading = read(
        document(
            "填报单位：示例县人民政府", "联系人：张三样例  联系电话：010-00000000", *section_lines(SECTIONS)
        )
    )
    assert texts(reading, ("unit", "contact", "phone", "recommender_contact")) == {
        "unit": "示例县人民政府",
        "contact": "张三样例",
        "phone": "010-00000000",
        "recommender_contact": "",
    }


def test_units_side_by_side():
    ids = ("unit", "contact", "phone", "address", "email")
    others = (
        "recommender",
        "recommender_contact",
        "recommender_phone",
        "recommender_address",
        "recommender_email",
    )
    rows = [
        [CASE.fields[one].label, HEAD[one], CASE.fields[two].label, HEAD[two]]
        for one, two in zip(ids, others, strict=True)
    ]
    rows = [["案例名称", HEAD["title"], "案例领域", HEAD["domain"]], *rows]
    assert texts(read(document(table(rows), *section_lines(SECTIONS))), HEAD) == CHOSEN


def test_values_under_their_labels():
    rows = [["案例名称", "填报单位", "联系人"], ["示例改造", "示例县人民政府", "张三样例"]]
    reading = read(document(table(rows), *section_lines(SECTIONS)))
    assert texts(reading, ("title", "unit", "contact")) == dict(
        zip(("title", "unit", "contact"), rows[1], strict=True)
    )


def test_a_blank_at_the_end_of_a_line_takes_nothing_from_the_next():
    rows = [
        ["填报单位", "示例县人民政府", "电子邮箱"],
        ["联系人", "张三样例", "联系电话"],
        [CASE.content.label],
    ]
    reading = read(document(table(rows), *section_lines(SECTIONS)))
    assert texts(reading, ("contact", "phone", "email")) == {"contact": "张三样例", "phone": "", "email": ""}


def test_a_contact_under_no_unit_is_asked_about():
    reading = read(document(table([["联系人", "张三样例"]]), *section_lines(SECTIONS)))
    assert reading.value("contact").status == reading.value("recommender_contact").status == "missing"
    assert rules_of(reading) == ["reading.whose"]


@pytest.mark.parametrize(
    "label", ["案例名称", "案例名称：", "案 例 名 称", "案例名称（必填）", "*案例名称", "案例名字"]
)
def test_a_label_of_the_head_in_any_spelling(label):
    reading = read(document(table([[label, "示例改造"]]), *section_lines(SECTIONS)))
    assert reading.value("title").text == "示例改造"
    assert ("reading.label_retyped" in rules_of(reading)) == (label == "案例名字")


def test_a_field_twice_is_a_question():
    reading = read(document(case_table(), case_table({**HEAD, "title": "另一案例"})))
    assert reading.value("title").status == "question"
    assert reading.value("unit").text == HEAD["unit"]
    assert "reading.field_twice" in rules_of(reading)


def test_boxes_and_hint_of_the_domain():
    head = {**HEAD, "domain": HEAD["domain"] + "\n\n此处填写案例所属领域"}
    reading = read(case_document(head))
    assert reading.value("domain").text == "high_technology"
    assert [(f.rule, f.field) for f in reading.findings] == [("reading.hint_left", "domain")]
    boxes = [[Run("□", mark=False), Run("文化旅游")], [Run("☒", mark=True), Run("高科技")]]
    assert read(case_document({**HEAD, "domain": boxes})).value("domain").text == "high_technology"
    several = read(case_document({**HEAD, "domain": "☑文化旅游\n☑高科技"}))
    assert several.value("domain").status == "question"
    assert rules_of(several) == ["choices.several"]


# --- sections ----------------------------------------------------------------------------------------------

HEADINGS = {
    "renumbered": lambda n, name: f"{n}. {name}",
    "chinese": lambda n, name: f"{'一二三四五六七'[n - 1]}、{name}",
    "brackets": lambda n, name: f"({n}) {name}：",
    "decimal": lambda n, name: f"1.{n} {name}",
    "circled": lambda n, name: f"{'①②③④⑤⑥⑦'[n - 1]}{name}",
    "bare": lambda n, name: name,
    "spaced": lambda n, name: " ".join(name),
    "marked": lambda n, name: f"【{name}】",
    "limit": lambda n, name: f"（{n}）{name}（500字以内）",
}


@pytest.mark.parametrize("make", HEADINGS)
def test_headings_renumbered_and_retyped(make):
    lines = []
    for number, (id, section) in enumerate(CASE.sections.items(), start=1):
        lines += [HEADINGS[make](number, section.title.zh), SECTIONS[id]]
    reading = read(with_content(*lines))
    assert texts(reading, SECTIONS) == SECTIONS
    assert reading.findings == ()


@pytest.mark.parametrize("between", ["：", ":", "  ", "。"])
def test_headings_run_into_the_text(between):
    lines = [section.label + between + SECTIONS[id] for id, section in CASE.sections.items()]
    assert texts(read(with_content(*lines)), SECTIONS) == SECTIONS


@pytest.mark.parametrize("between", ["", "：", " "])
def test_sections_that_were_merged_in_one_paragraph(between):
    lines = [line + between if line not in SECTIONS.values() else line for line in section_lines(SECTIONS)]
    parts = {part.title.zh + between for part in CASE.content.parts}
    merged = "".join(
        line if line in parts or between or line in SECTIONS.values() else line + "：" for line in lines
    )
    reading = read(with_content(merged))
    assert texts(reading, SECTIONS) == SECTIONS
    assert reading.findings == ()


def test_automatic_numbers_are_not_in_the_text():
    blocks = []
    for id, section in CASE.sections.items():
        blocks += [paragraph(section.title.zh, numbered=True), SECTIONS[id]]
    assert texts(read(document(*blocks)), SECTIONS) == SECTIONS


@pytest.mark.parametrize(
    "heading", ["（一）实施的创新点", "创新点", "（一）案例实施的创新", "1.案例实施创新点"]
)
def test_another_name_of_a_section_is_said(heading):
    lines = section_lines(SECTIONS)
    lines[lines.index("（一）案例实施的创新点")] = heading
    reading = read(with_content(*lines))
    assert texts(reading, SECTIONS) == SECTIONS
    assert rules_of(reading) == ["reading.heading_retyped"]


OTHER_HEADINGS = {
    "background": "案例背景",
    "details": "具体做法",
    "results": "取得成效",
    "replication": "推广意义",
}


def test_headings_that_people_write_are_those_of_a_section():
    lines = section_lines(SECTIONS)
    for id, heading in OTHER_HEADINGS.items():
        lines[lines.index(CASE.sections[id].label)] = f"（一）{heading}"
    reading = read(with_content(*lines))
    assert texts(reading, SECTIONS) == SECTIONS
    assert [f.field for f in reading.findings] == list(OTHER_HEADINGS)
    assert rules_of(reading) == ["reading.heading_retyped"]
    lines.insert(lines.index(SECTIONS["summary"]), "具体做法")  # also below another heading it is one
    assert "reading.section_repeated" in rules_of(read(with_content(*lines)))


def test_a_further_heading_means_one_section_and_counts_where_the_forms_own_is_missing():
    known = [name for names in _further_headings().values() for name in names]
    own = [name for section in CASE.sections.values() for name in (section.title.zh, *section.aliases)]
    assert set(_further_headings()) <= set(CASE.sections)
    assert len(set(known + own)) == len(known + own)
    lines = section_lines(SECTIONS)
    lines.insert(lines.index(SECTIONS["details"]), "具体做法")
    reading = read(with_content(*lines))
    assert reading.value("details").text == "具体做法\n" + SECTIONS["details"]
    assert reading.findings == ()


@pytest.mark.parametrize("look", [{"colour": "FFFFFF"}, {"points": 1.0}])
def test_text_that_nobody_sees_is_kept_and_said(look):
    text = [Run(SECTIONS["background"]), Run("产值增长九成。", **look)]
    reading = read(case_document(HEAD, [*section_lines({**SECTIONS, "background": [text]}), *seal_lines()]))
    assert reading.value("background").text == SECTIONS["background"] + "产值增长九成。"
    (finding,) = reading.findings
    assert (finding.rule, finding.field) == ("reading.unseen_text", "background")
    assert (finding.facts["count"], finding.facts["text"]) == (7, "产值增长九成。")
    assert rules()[finding.rule].person


def test_a_tick_that_nobody_sees_is_a_question():
    marks = [[Run("□文化旅游 "), Run("☑", colour="FFFFFF"), Run("高科技 □绿色经济")]]
    value = read(case_document({**HEAD, "domain": marks})).value("domain")
    assert (value.status, value.understood) == ("question", "reading.unseen_text")


def test_the_facts_of_a_finding_follow_the_reader():
    (finding,) = read(
        with_content(
            *section_lines(
                {**SECTIONS, "background": [SECTIONS["background"], hints(CASE.sections["background"])[0]]}
            )
        )
    ).findings
    with speaking("en"):
        assert message(finding).startswith(f"“{CASE.sections['background'].title.en}” still holds 1 hints")


def test_the_words_of_a_heading_in_a_sentence_are_none():
    said = {
        **SECTIONS,
        "results": "具体成效明显，能耗下降12.50%。\n推广价值 较高，创新点：两项。\n创新点突出。",
    }
    assert texts(read(with_content(*section_lines(said))), SECTIONS) == said


def test_sections_in_another_order_are_read_by_their_headings():
    lines = [line for id in reversed(CASE.sections) for line in (CASE.sections[id].label, SECTIONS[id])]
    reading = read(with_content(*lines))
    assert texts(reading, SECTIONS) == SECTIONS
    assert rules_of(reading) == ["reading.section_order"]


def test_a_missing_section_is_missing_and_the_others_keep_theirs():
    lines = section_lines(SECTIONS)
    at = lines.index("（二）案例简介")
    reading = read(with_content(*lines[:at], *lines[at + 2 :]))
    assert texts(reading, SECTIONS) == {**SECTIONS, "summary": ""}
    assert reading.value("summary").status == "missing"


def test_a_section_twice_is_read_together():
    reading = read(with_content(*section_lines(SECTIONS), "（二）推广价值", "另有3家。"))
    assert reading.value("replication").text == SECTIONS["replication"] + "\n另有3家。"
    assert rules_of(reading) == ["reading.section_repeated"]


def test_text_under_no_heading_is_kept_and_said():
    reading = read(with_content("本案例介绍示例县的做法。", *section_lines(SECTIONS)))
    assert texts(reading, SECTIONS) == SECTIONS
    assert [(f.rule, f.facts["count"]) for f in reading.findings] == [("reading.stray_text", 12)]
    assert reading.characters == 12 + sum(map(count_characters, SECTIONS.values()))


def test_sections_in_several_cells_and_tables():
    rows = [[section.label, SECTIONS[id]] for id, section in CASE.sections.items()]
    found = document(table([[CASE.content.label, ""], *rows[:3]]), table(rows[3:], number=2))
    assert texts(read(found), SECTIONS) == SECTIONS


def test_text_of_tables_counts_where_it_stands():
    figures = table([["年份", "能耗"], ["2023年", "1.80"], ["2024年", "1.20"]], number=2)
    lines = section_lines(SECTIONS)
    at = lines.index(SECTIONS["results"]) + 1
    expected = "\n".join([SECTIONS["results"], "年份", "能耗", "2023年", "1.80", "2024年", "1.20"])
    reading = read(document(*lines[:at], figures, *lines[at:]))
    assert texts(reading, SECTIONS) == {**SECTIONS, "results": expected}
    outer = case_table(HEAD, [*lines, *seal_lines()])
    figures.inside = Place(table=1, row=8, column=1, paragraph=at + 1)
    reading = read(document(outer, figures))
    assert texts(reading, SECTIONS) == {**SECTIONS, "results": expected}
    assert reading.characters == sum(map(count_characters, {**SECTIONS, "results": expected}.values()))


# --- hints -------------------------------------------------------------------------------------------------


def test_hints_between_the_filers_words():
    background = CASE.sections["background"]
    written = [
        hints(background)[0],
        "【填写内容】" + SECTIONS["background"],
        "①政策文件编号（例：发改高技〔2023〕567号）：示例〔2024〕1号",
        hints(background)[2].replace('"', "”"),
    ]
    reading = read(with_content(*section_lines({**SECTIONS, "background": written})))
    value = reading.value("background")
    assert value.text.split("\n")[0] == SECTIONS["background"]
    assert value.text.endswith("：示例〔2024〕1号")
    assert "发改高技" not in value.text and "发改高技" in value.raw
    assert [(f.rule, f.facts["count"]) for f in reading.findings] == [("reading.hint_left", 4)]
    assert reading.findings[0].place == Place(table=1, row=8, column=1, paragraph=4)


def test_a_hint_in_pieces_or_slightly_edited():
    summary = hints(CASE.sections["summary"])
    pieces = [summary[0][:40], summary[0][40:], summary[1].replace("2023Q2", "2024Q1"), SECTIONS["summary"]]
    reading = read(with_content(*section_lines({**SECTIONS, "summary": pieces})))
    assert texts(reading, SECTIONS) == SECTIONS
    assert rules_of(reading) == ["reading.hint_left"]


def test_coloured_words_of_the_filer_are_kept_and_said():
    red = Run(SECTIONS["details"], colour="FF0000")
    reading = read(with_content(*section_lines({**SECTIONS, "details": [[red, Run("其余。")]]})))
    assert reading.value("details").text == SECTIONS["details"] + "其余。"
    assert [(f.rule, f.field, f.facts["count"]) for f in reading.findings] == [
        ("reading.hint_colour", "details", count_characters(SECTIONS["details"]))
    ]


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        *((code, "red") for code in ("FF0000", "C00000", "ff3333", "E00000", "ED1C24")),
        *((code, "blue") for code in ("0000FF", "0070C0", "00B0F0", "4472C4", "2F5496")),
        *(
            (code, "")
            for code in ("", "000000", "FFFFFF", "808080", "00B050", "FFC000", "7030A0", "1F1F1F", "auto")
        ),
    ],
)
def test_colours_of_hints(colour, name):
    assert hint_colour(colour) == name


def test_the_filers_evidence_is_no_hint_though_the_hint_names_it():
    reading = read(
        case_document(evidence=["1、能效检测报告", "2、第三方审计报告；3、获奖记录", "（4）查新报告", "……"])
    )
    assert reading.evidence == ("能效检测报告", "第三方审计报告", "获奖记录", "查新报告")
    assert reading.value("evidence").text == "\n".join(reading.evidence)
    assert reading.findings == ()


def test_looks_are_those_of_what_the_filer_wrote():
    head = {
        **HEAD,
        "title": Run("示例", font="黑体", points=16),
        "domain": [Run("☑高科技", font="楷体", points=9)],
    }
    sections = {id: Run(text, font="宋体", points=10.5) for id, text in SECTIONS.items()}
    sections["background"] = [
        Run(hints(CASE.sections["background"])[0], font="仿宋", points=14),
        sections["background"],
    ]
    reading = read(case_document(head, section_lines(sections), []))
    looks = {(use.font, use.points): use.characters for use in reading.styles}
    assert looks.pop(("宋体", 10.5)) == reading.characters
    assert looks.pop(("黑体", 16)) == 2
    assert set(looks) == {("", 0)}


# --- seal, date, pictures ----------------------------------------------------------------------------------

DATES = {
    "2025年8月15日": "2025-08-15",
    " 2025 年 08 月 15 日 ": "2025-08-15",
    "２０２５年８月１５日": "2025-08-15",
    "2025.8.15": "2025-08-15",
    "2025-08-15": "2025-08-15",
    "2025/8/15": "2025-08-15",
    "二〇二五年八月十五日": "2025-08-15",
    "二零二五年十二月三十一日": "2025-12-31",
    "二○二五年十月二十日": "2025-10-20",
    "日期：2025年8月15日": "2025-08-15",
}


@pytest.mark.parametrize(("text", "iso"), DATES.items())
def test_the_date_at_the_seal(text, iso):
    reading = read(case_document(HEAD, [*section_lines(SECTIONS), *seal_lines(text)]))
    assert reading.value("seal_date").text == iso
    assert reading.value("seal_date").raw == text.strip()


@pytest.mark.parametrize(
    "text", ["8月15日", "2025年8月", "2025年13月1日", "2025年2月30日", "25年8月15日", "2025年8月15日至20日"]
)
def test_a_date_that_is_none_is_a_question(text):
    reading = read(case_document(HEAD, [*section_lines(SECTIONS), *seal_lines(text)]))
    assert reading.value("seal_date").status == "question"
    assert rules_of(reading) == ["reading.seal_date"]
    assert date_of(text) is None


def picture(paragraph, row=8, caption=""):
    return Picture("image1.jpg", b"jpeg", Place(table=1, row=row, column=1, paragraph=paragraph), caption)


def test_a_picture_at_the_seal():
    lines = len(section_lines(SECTIONS)) + 1
    assert read(case_document(pictures=[picture(lines + 4)])).sealed
    assert not read(case_document(pictures=[picture(6)])).sealed
    assert not read(case_document(pictures=[picture(lines + 4, row=9)])).sealed
    drawn = case_document()
    drawn.drawings.append(picture(lines + 4).place)
    assert read(drawn).sealed
    own_cell = table([[*section_lines(SECTIONS)[:3], ""], [["单位（盖章）", "2025年8月15日"], "", "", ""]])
    found = document(own_cell, pictures=[picture(1, row=2)])
    assert read(found).sealed
    assert read(found).value("seal_date").text == "2025-08-15"


# --- which form it is --------------------------------------------------------------------------------------


def test_a_file_is_known_by_its_labels():
    (indicators,) = understand(indicator_document({"gdp": ("1", "2")}), FORMS)
    assert (indicators.form, indicators.value("gdp", 2024).raw) == (INDICATORS.name, "2")
    (case,) = understand(case_document(), FORMS)
    assert case.form == CASE.name
    assert case.heading == "新质生产力发展研究测评典型案例填报表\n案例名称\n示例县智能工厂改造"
    (other,) = understand(document("关于召开会议的通知", table([["姓名", "电话"]])), FORMS)
    assert (other.form, other.values, other.heading) == ("", (), "关于召开会议的通知\n姓名\n电话")
    (empty,) = understand(document(), FORMS)
    assert (empty.form, empty.heading) == ("", "")


def test_two_forms_in_one_file_are_two_readings():
    both = document(
        *indicator_document({"gdp": ("1", "2")}).blocks, *case_document().blocks, pictures=[picture(6)]
    )
    indicators, case = understand(both, FORMS)
    assert (indicators.form, case.form) == (INDICATORS.name, CASE.name)
    assert rules_of(indicators) == rules_of(case) == ["reading.two_forms"]
    assert (len(indicators.pictures), len(case.pictures)) == (0, 1)
    assert texts(case, SECTIONS) == SECTIONS


def test_a_blank_form_beside_a_filled_one_is_left_out_and_said():
    both = document(*indicator_document({}).blocks, *case_document().blocks)
    (case,) = understand(both, FORMS)
    assert case.form == CASE.name
    assert [(f.rule, f.facts["form"]) for f in case.findings] == [("reading.blank_form", INDICATORS.name)]


def test_what_concerns_the_file_is_said():
    found = indicator_document({"gdp": ("1", "2")})
    found.tracked, found.converted, found.unit = True, "doc", "999999"
    found.lost = [("files.chart", Place(paragraph=3))]
    found.margins = [
        paragraph("2024年为207.46亿元", Place(part="textbox")),
        paragraph("数据来源：统计局", Place(part="footnote")),
        paragraph("第1页", Place(part="footer")),
    ]
    (reading,) = understand(found, FORMS)
    assert rules_of(reading) == [
        "reading.converted",
        "files.tracked",
        "files.chart",
        "reading.text_box",
        "reading.footnote",
    ]
    assert (reading.format, reading.unit_code) == ("doc", "999999")
    assert all(facts_of(rules()[f.rule]) <= set(f.facts) for f in reading.findings)


def test_pictures_are_told_by_whoever_knows_them():
    found = case_document(pictures=[picture(6, caption="图1 车间")])
    (reading,) = understand(found, FORMS)
    (facts,) = reading.pictures
    assert (facts.bytes, facts.sha256, facts.caption) == (4, hashlib.sha256(b"jpeg").hexdigest(), "图1 车间")
    (reading,) = understand(found, FORMS, lambda picture: facts.model_copy(update={"width": 7}))
    assert reading.pictures[0].width == 7


def test_the_hidden_mark_of_a_sheet_tells_the_version():
    found = document(table([["指标", "2023年", "2024年"], ["地区生产总值", "1", "2"]]), form=INDICATORS.name)
    newer = load_form("indicators").model_copy(update={"version": 2})
    assert [reading.form for reading in understand(found, [newer, INDICATORS])] == [INDICATORS.name]
    found.form = ""
    found.blocks += indicator_document({}).blocks
    assert [reading.form for reading in understand(found, [newer, INDICATORS])] == [newer.name]
