"""Who filed: settled where the delivery settles it, asked where it does not, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.readers import case, indicators, read
from xinzhi.forms import Reading, load_call, message
from xinzhi.geography import Unit, find, units
from xinzhi.intake.gazetteer import Gazetteer, gazetteer
from xinzhi.intake.mail import Address
from xinzhi.intake.matching import Traces, eligibility, match_filer
from xinzhi.intake.subject import read_subject

CALL = load_call()
SENDER = Address("", "a@example.com")


def match(unit="", *, forms=(), forms_in=(), book=None, **traces):
    text = f"数据+{unit}+张三样例+13800000000" if unit else ""
    readings = [form if isinstance(form, Reading) else read(form, "x")[0] for form in forms]
    return match_filer(
        Traces(
            subject=read_subject(text, CALL), subject_text=text, readings=readings, forms=forms_in, **traces
        ),
        address_book=book,
    )


def rules_of(found):
    return [finding.rule for finding in found.findings]


# Codes: GB/T 2260, as in geography/tables/counties.csv.
NAMED = [
    ("昆山市", "320583"), ("昆山市人民政府", "320583"), ("江苏省苏州市昆山市统计局", "320583"), ("昆山发改委", "320583"),
    ("南京市鼓楼区", "320106"), ("江苏南京鼓楼区人民政府", "320106"), ("三江侗族自治县工信局", "450226"),
    ("长沙县", "430121"), ("东莞市人民政府", "441900"), ("北京市朝阳区政府", "110105"), ("城固县人民政府", "610722"),
    ("神农架林区人民政府", "429021"), ("六枝特区统计局", "520203"), ("莫力达瓦达斡尔族自治旗", "150722"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), NAMED)
def test_governments_are_their_unit(text, code):
    found = match(text)
    assert (found.unit, found.body, rules_of(found)) == (code, "", [])


@pytest.mark.parametrize("text", ["鼓楼区", "鼓楼区人民政府", "鼓楼区统计局"])
def test_a_homonym_alone_is_a_question(text):
    found = match(text)
    assert (found.unit, found.confidence, rules_of(found)) == ("", 0.0, ["units.homonyms"])
    assert {candidate.code for candidate in found.candidates} == {"320106", "320302", "350102", "410204"}
    assert "福建省福州市鼓楼区 (350102)" in message(found.findings[0])


SETTLED = {
    "a hidden code": {"forms": [Reading(form="letter-2025/indicators@1", unit_code="350102")]},
    "the heading of the form": {"forms": [indicators("福州市鼓楼区")]},
    "the sender": {"sender": Address("福州市鼓楼区统计局", "a@example.com")},
    "the address book": {"sender": SENDER, "book": {"a@example.com": "350102"}},
    "the name of a file": {"names": ["福建省鼓楼区.zip/附件1.docx"]},
    "the signature": {"text": "您好\n此致\n福建省福州市鼓楼区统计局"},
}


@pytest.mark.parametrize("traces", SETTLED.values(), ids=SETTLED)
def test_a_homonym_is_settled_by_what_else_is_said(traces):
    found = match("鼓楼区", **traces)
    assert (found.unit, rules_of(found)) == ("350102", [])
    assert found.confidence > 0.8 and len(found.reasons) > 1


@pytest.mark.parametrize("evidence", ["南京大学检测报告.pdf", "南京市鼓楼区营业执照.pdf"])
def test_evidence_settles_no_homonym_where_a_form_came(evidence):
    found = match("鼓楼区", names=["附件1.docx", evidence], forms_in=["附件1.docx"])
    assert (found.unit, rules_of(found)) == ("", ["units.homonyms"])
    assert (
        match("鼓楼区", names=["徐州市/附件1.docx", evidence], forms_in=["徐州市/附件1.docx"]).unit
        == "320302"
    )


@pytest.mark.parametrize(
    "mark",
    ["------------------ 原始邮件 ------------------", "> 您好", "在 2025年7月1日, 某某写道:", "On Tue, a@example.com wrote:",
     "发件人: 某某 <a@example.com>", "From: a@example.com", "---- Forwarded Message ----"],
)  # fmt: skip
def test_a_quoted_mail_settles_and_contradicts_nothing(mark):
    text = f"材料已改。\n\n{mark}\n福州市统计局\n太仓市统计局"
    assert rules_of(match("鼓楼区", text=text)) == ["units.homonyms"]
    found = match("昆山市", text=text)
    assert (found.unit, rules_of(found)) == ("320583", [])


def test_two_provinces_settle_nothing():
    assert rules_of(match("鼓楼区", names=["南京市.zip", "福州市.docx"])) == ["units.homonyms"]


def test_a_parent_that_does_not_fit_is_no_unit():
    assert rules_of(match("上海市鼓楼区")) == ["units.unknown"]


@pytest.mark.parametrize("traces", [
    {"forms": [indicators("太仓市")]}, {"sender": SENDER, "book": {"a@example.com": "320585"}},
    {"forms": [Reading(form="letter-2025/indicators@1", unit_code="320585")]},
])  # fmt: skip
def test_sources_that_differ_are_a_question(traces):
    found = match("昆山市", **traces)
    assert (found.unit, rules_of(found)) == ("", ["units.conflict"])


def test_a_weak_source_does_not_outvote_a_strong_one_and_is_said():
    found = match("昆山市", sender=Address("太仓市统计局", "a@example.com"))
    assert (found.unit, rules_of(found)) == ("320583", ["units.conflict"])


def test_a_weak_source_alone_is_said():
    found = match(names=["昆山市.zip/附件1.docx"])
    assert (found.unit, rules_of(found)) == ("320583", ["units.unsure"])


# A bare stem is the prefecture as much as the county in it or elsewhere (GB/T 2260).
@pytest.mark.parametrize(
    "name",
    [
        "长沙",
        "南昌",
        "承德",
        "抚顺",
        "衡阳",
        "新乡",
        "安阳",
        "濮阳",
        "大理",
        "喀什",
        "大同",
        "海南",
        "长沙统计局",
    ],
)
def test_the_stem_of_a_prefecture_is_no_county(name):
    found = match(name)
    assert (found.unit, rules_of(found)) == ("", ["units.homonyms"])


def test_the_prefecture_stands_among_the_candidates():
    assert message(match("长沙").findings[0]) == (
        "叫“长沙”的单位有 2 个: 湖南省长沙市 (430100); 湖南省长沙市长沙县 (430121)"
    )
    assert match("长沙", forms=[indicators("长沙县")]).unit == "430121"
    assert rules_of(match("大同", names=["山西省.zip"])) == ["units.unknown"]


def test_a_form_whose_name_says_another_unit_is_a_question():
    found = match("太仓市", names=["昆山市附件1.docx"], forms_in=["昆山市附件1.docx"])
    assert (found.unit, rules_of(found)) == ("320585", ["units.conflict"])
    assert "江苏省苏州市昆山市 (320583)" in message(found.findings[0])
    assert rules_of(match("太仓市", names=["昆山市报道.pdf"])) == []
    assert rules_of(match("太仓市", text="此致\n昆山市统计局")) == ["units.conflict"]


def test_nothing_known_is_a_question():
    assert rules_of(match()) == ["units.unknown"]
    assert not match().settled


def test_a_body_lies_somewhere_and_is_nobody_elses():
    found = match("昆山市示例科技有限公司", forms=[case("昆山市示例科技有限公司")])
    assert (found.unit, found.body, found.near, rules_of(found)) == (
        "",
        "昆山市示例科技有限公司",
        "320583",
        [],
    )
    assert [str(reason) for reason in found.reasons] == [
        "“昆山市示例科技有限公司”不是县级政府的名称", "名称表明在江苏省苏州市昆山市",
    ]  # fmt: skip


def test_a_body_is_not_swallowed_by_the_place_in_a_file_name():
    found = match(forms=[case("示例科技有限公司")], names=["昆山市绿色工厂案例.docx"])
    assert (found.unit, found.body) == ("", "示例科技有限公司")


def test_a_county_that_sends_the_case_of_a_body():
    found = match("昆山市发改委", forms=[case("示例科技有限公司")])
    assert (found.unit, found.body) == ("320583", "示例科技有限公司")


def test_the_government_of_a_town_is_another_body():
    found = match("昆山市周庄镇人民政府")
    assert (found.unit, found.body, rules_of(found)) == ("", "昆山市周庄镇人民政府", ["units.smaller"])


def test_an_unknown_code_is_said():
    found = match("昆山市", forms=[Reading(form="letter-2025/indicators@1", unit_code="999999")])
    assert (found.unit, rules_of(found)) == ("320583", ["units.unknown_code"])


def test_the_person_is_that_of_the_subject_or_the_sender():
    assert match("昆山市").person.model_dump() == {"name": "张三样例", "phone": "13800000000", "email": ""}
    assert match(sender=Address("李四样例", "b@example.com")).person.name == "李四样例"


ELIGIBLE = [
    ("昆山市", "indicators", (), None), ("北京市朝阳区", "case", (), None), ("东莞市", "indicators", ("441900",), None),
    ("北京市朝阳区", "indicators", (), "units.district_indicators"), ("东莞市", "indicators", (), "units.not_admitted"),
    ("示例科技有限公司", "indicators", (), "units.body_indicators"), ("示例科技有限公司", "case", (), None),
    ("和康县", "indicators", (), "units.not_in_year"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form", "admitted", "rule"), ELIGIBLE)
def test_who_may_file_what(name, form, admitted, rule):
    finding = eligibility(match(name), form, CALL, admitted, gazetteer())
    assert (finding and finding.rule) == rule
    if finding:
        assert message(finding)


def test_units_of_a_fictitious_province():
    own = Gazetteer(
        Unit(code, name, name, "", "county", kind, code[:4] + "00", f"示例省{city}{name}")
        for code, name, kind, city in [
            ("980101", "甲城区", "市辖区", "样例市"),
            ("980121", "乙山县", "县", "样例市"),
            ("980221", "乙山县", "县", "范例市"),
        ]
    )
    subject = read_subject("数据+乙山县人民政府+张三样例+13800000000", CALL, places=own)
    assert rules_of(match_filer(Traces(subject=subject), places=own)) == ["units.homonyms"]
    assert match_filer(Traces(subject=subject, names=["范例市.zip"]), places=own).unit == "980221"


@given(st.sampled_from(units("county", 2022)), st.sampled_from(["", "人民政府", "统计局", "发改委"]))
def test_every_unit_by_its_path_is_found(unit, office):
    assert match(unit.path + office).unit == unit.code


@given(st.sampled_from(units("county", 2022)))
def test_a_name_alone_is_its_unit_only_where_there_is_one(unit):
    found = match(unit.name + "人民政府")
    same = [other for other in units("county") if other.name == unit.name]
    assert found.unit == (unit.code if len(same) == 1 and unit.name not in ("城区", "郊区", "矿区") else "")


@given(st.text(max_size=60))
def test_any_text_has_some_answer(text):
    match(text, names=[text], text=text)


def test_the_table_agrees():
    assert find("江苏省南京市鼓楼区", "county").code == "320106"
