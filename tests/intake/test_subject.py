"""The subject of a mail in every variation of separators, order and prefixes, and with parts missing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.declarations import Text
from xinzhi.forms import load_call, message
from xinzhi.intake.subject import missing_parts, read_subject, without_prefixes
from xinzhi.language import speaking

CALL = load_call()


def test_what_is_missing_is_kept_in_both_languages():
    with speaking("en"):
        (finding,) = missing_parts(read_subject("数据+昆山市统计局", CALL), CALL)
    assert finding.facts["missing"] == Text(zh="联系人、联系方式", en="contact, telephone")


def parts(text):
    found = read_subject(text, CALL)
    return found.name, found.unit, found.contact, found.phone


UNIT, PERSON, PHONE = "昆山市人民政府", "张三样例", "13800000000"
WHOLE = ("数据", UNIT, PERSON, PHONE)


@pytest.mark.parametrize(
    "separator",
    [
        "+",
        "＋",
        "﹢",
        "➕",
        "⁺",
        " + ",
        "-",
        "－",
        "_",
        "＿",
        "、",
        " ",
        "　",
        "/",
        "／",
        "|",
        "——",
        "—",
        "，",
        ",",
        "；",
        "--",
    ],
)
def test_every_separator(separator):
    assert parts(separator.join(WHOLE)) == WHOLE


@pytest.mark.parametrize(
    "prefix",
    [
        "Re:",
        "RE：",
        "re: ",
        "答复:",
        "答复：",
        "回复：",
        "转发:",
        "转发: ",
        "Fw:",
        "FWD：",
        "Re[2]:",
        "【外部】",
        "[SPAM]",
        "转发: Re: 答复：",
    ],
)
def test_every_prefix(prefix):
    assert parts(prefix + "+".join(WHOLE)) == WHOLE


def test_a_title_that_begins_like_a_prefix_stays():
    assert without_prefixes("转型升级+示例县") == "转型升级+示例县"


PHONES = [
    "13800000000",
    "138 0000 0000",
    "138-0000-0000",
    "+86 13800000000",
    "8613800000000",
    "0512-57000000",
    "(0512)57000000",
    "051257000000",
    "010-57000000转8001",
    "0512-57000000-801",
    "400-800-0000",
    "57000000",
]


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("separator", ["+", "-", " ", "、"])
def test_every_telephone(phone, separator):
    *others, found = parts(separator.join(["数据", UNIT, PERSON, phone]))
    assert (*others, found.removeprefix("+")) == ("数据", UNIT, PERSON, phone.removeprefix("+"))


def test_two_telephones_and_a_date_that_is_none():
    assert parts("数据+昆山市+张三样例+13800000000/0512-57000000")[3] == "13800000000、0512-57000000"
    assert parts("数据20250831+昆山市+张三样例+13800000000") == ("数据20250831", "昆山市", PERSON, PHONE)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 0, 2, 3), (2, 3, 1, 0), (1, 2, 3, 0), (0, 2, 1, 3)])
def test_another_order(order):
    assert parts("+".join(WHOLE[each] for each in order)) == WHOLE


@pytest.mark.parametrize("missing", range(4))
def test_a_part_missing(missing):
    kept = [*WHOLE]
    kept[missing] = ""
    assert parts("+".join(part for part in kept if part)) == tuple(kept)


UNITS = [
    "昆山市",
    "昆山市统计局",
    "昆山发改委",
    "江苏省苏州市昆山市工信局",
    "南京市鼓楼区人民政府",
    "东莞市人民政府",
    "示例智能科技有限公司",
    "示例集团股份有限公司",
    "示例大学",
    "昆山高新区管委会",
    "三江侗族自治县科工信局",
    "昆山市周庄镇人民政府",
]


@pytest.mark.parametrize("unit", UNITS)
def test_every_kind_of_unit(unit):
    assert parts(f"绿色工厂案例+{unit}+{PERSON}+{PHONE}") == ("绿色工厂案例", unit, PERSON, PHONE)


NAMES = [
    "数字赋能-低空经济——打造新高地", "“5G+工业互联网”赋能制造", "以科技引领, 建设产业体系", "A/B 双链融合", "2024_绿色工厂 (二期)",
    "昆山市推动低空经济高质量发展",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_separators_in_it(name):
    assert parts(f"{name}+示例制造有限公司+{PERSON}+{PHONE}") == (name, "示例制造有限公司", PERSON, PHONE)


def test_labels_titles_and_parts_written_together():
    assert parts("案例名称：绿色工厂 单位：示例绿源有限公司 联系人：李四样例 电话：13800000000") == (
        "绿色工厂", "示例绿源有限公司", "李四样例", PHONE,
    )  # fmt: skip
    assert parts("数据+昆山市+张三主任+13800000000")[2] == "张三"
    assert parts("数据+昆山市+张女士+13800000000")[2] == "张女士"
    assert parts("昆山市统计局张三13800000000") == ("", "昆山市统计局", "张三", PHONE)
    assert parts("数据+昆山市+阿依古丽·样例+13800000000")[2] in ("阿依古丽·样例", "")


def test_confidence_falls_with_what_is_missing():
    whole, half, none = (read_subject(text, CALL).confidence for text in ("+".join(WHOLE), "数据+昆山市", ""))
    assert (whole, half, none) == (1.0, 0.5, 0.0)


def test_what_is_missing_is_said():
    (finding,) = missing_parts(read_subject("数据+昆山市", CALL), CALL)
    assert message(finding) == "邮件主题缺少: 联系人、联系方式"
    assert missing_parts(read_subject("+".join(WHOLE), CALL), CALL) == ()


def test_reasons_are_sentences():
    assert [str(reason) for reason in read_subject("+".join(WHOLE), CALL).reasons] == [
        "号码的写法是电话", "以“+”分开", "“昆山市人民政府”是单位名称", "“张三样例”是姓名",
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_any_text_has_some_reading(text):
    found = read_subject(text, CALL)
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    ["+" * 100_000, "张" * 100_000, "1" * 100_000, "Re:" * 50_000, "昆山市 " * 30_000, "0512-" * 20_000],
)
def test_hostile_subjects_cost_little(text):
    began = time.process_time()
    read_subject(text, CALL)
    assert time.process_time() - began < 0.5
