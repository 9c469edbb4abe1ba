"""Every spelling of a figure has its declared meaning, and none a wrong number."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.forms import Finding, load_form, message, remedy, rules
from xinzhi.forms.rules import facts_of
from xinzhi.forms.understanding.numbers import read_figure

FORM = load_form("letter-2025/indicators@1")


def read(text, row="gdp", **stored):
    return read_figure(text, FORM.figure(row), FORM.marks, **stored)


def outcome(text, row="gdp", **stored):
    understood = read(text, row, **stored)
    number = None if understood.number is None else format(understood.number, "f")
    return understood.status, number, understood.rule.removeprefix("numbers.")


# (text, row, figure in the row's unit, rule): the row of gdp is in 亿元, of technology_contracts in 万元.
UNDERSTOOD = [
    ("207.46", "gdp", "207.46", ""),
    ("207.40", "gdp", "207.40", ""),
    ("0", "gdp", "0", ""),
    ("0.00", "cable_density", "0.00", ""),
    ("-5.20", "gdp", "-5.20", ""),
    (" 207.46\n", "gdp", "207.46", ""),
    ("\u200b207.46\ufeff", "gdp", "207.46", ""),
    ("２０７．４６", "gdp", "207.46", "wide"),
    ("－5", "gdp", "-5", "wide"),
    ("−5", "gdp", "-5", "minus"),
    ("–5", "gdp", "-5", "minus"),
    ("﹣5", "gdp", "-5", "minus"),
    (".5", "gdp", "0.5", "point_first"),
    ("1,234.56", "gdp", "1234.56", "grouped"),
    ("1，234.56", "gdp", "1234.56", "grouped"),
    ("1,234,567", "gdp", "1234567", "grouped"),
    ("1\u2009234.56", "gdp", "1234.56", "grouped"),
    ("1\u202f234\u202f567.8", "gdp", "1234567.8", "grouped"),
    ("1'234.56", "gdp", "1234.56", "grouped"),
    ("207.46亿元", "gdp", "207.46", "unit_repeated"),
    ("207.46 亿元", "gdp", "207.46", "unit_repeated"),
    ("207.46（亿元）", "gdp", "207.46", "unit_repeated"),
    ("1,207.46亿元", "gdp", "1207.46", "unit_repeated"),
    ("2074600万元", "gdp", "207.46", "converted"),
    ("20746000000元", "gdp", "207.46", "converted"),
    ("1.2亿元", "technology_contracts", "12000", "converted"),
    ("356000人", "population", "35.6", "converted"),
    ("12家", "national_specialised_firms", "12", "unit_alias"),
    ("12户", "national_specialised_firms", "12", "unit_alias"),
    ("12个", "national_specialised_firms", "12", "unit_repeated"),
    ("1.2万个", "national_specialised_firms", "12000", "converted"),
    ("35%", "non_tax_share", "35", "percent"),
    ("35.50％", "non_tax_share", "35.50", "percent"),
    ("35.5﹪", "non_tax_share", "35.5", "percent"),
    ("355‰", "non_tax_share", "35.5", "converted"),
    ("0.35", "non_tax_share", "0.35", ""),
    ("0.5吨/万元", "carbon_intensity", "0.5", "unit_repeated"),
    ("500千克/万元", "carbon_intensity", "0.5", "converted"),
    ("207.46（初步数）", "gdp", "207.46", "vintage"),
    ("207.46亿元（快报数）", "gdp", "207.46", "vintage"),
]


@pytest.mark.parametrize(("text", "row", "number", "rule"), UNDERSTOOD)
def test_a_figure_is_understood_and_said(text, row, number, rule):
    assert outcome(text, row) == ("number", number, rule)


MISSING = [
    "-",
    "－",
    "−",
    "--",
    "—",
    "——",
    "———————",
    "/",
    "……",
    "暂无",
    "暂 无",
    "（暂无）",
    "暂无。",
    "N/A",
    "ｎ／ａ",
    "尚未公布",
]


@pytest.mark.parametrize("text", MISSING)
def test_a_mark_of_the_form_is_missing_and_said(text):
    assert outcome(text) == ("missing", None, "marked_missing")


@pytest.mark.parametrize("text", ["", "  ", "\n\n", "\u200b", "　"])
def test_a_blank_cell_is_missing(text):
    assert outcome(text) == ("missing", None, "")


QUESTIONS = {
    "mark": ["无", "没有", "不适用", "涉密", "***", "*******", "×", "（无）"],
    "unclear": ["见附件", "٣", "正在统计", "nan", "inf", "∞", "TRUE", "?", "。"],
    "words": ["全年207.46", "5٣", "见附件2"],
    "remark": ["207.46（含市本级）", "207.46（不变价）", "207.46亿元（预计）"],
    "several": [
        "207.46（2022年）",
        "207.46\n208.10",
        "1 234.56",
        "207\n.46",
        "1_000",
        "207.46，其中一产20",
        "207.46/210.30",
    ],
    "range": ["10-20", "10~20", "10～20", "10—20", "10至20", "5%-8%", "2023-2024"],
    "approximate": ["约207.46", "近10", "10余", "10多个", "207.46左右", "超过200亿元", "~10", "≥10", "<0.01"],
    "grouping": [
        "5.",
        "05",
        "00.35",
        "1,23",
        "1.234,56",
        "1,2345.67",
        "1,234,5",
        "12,34,567",
        "1.2.3",
        "0,123",
        "1，23",
    ],
    "plus": ["+5.2", "＋5.2", "+5.2%"],
    "bracketed": ["(12.50)", "（12.50）", "—5", "- 5", "△5", "▲5"],
    "chinese": ["十二", "二百零七", "三成", "百分之三十五", "壹佰", "零", "一万二"],
    "date": ["2024-05-01", "2024年5月", "2024/5", "5月3日", "12:30"],
    "error": ["#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?"],
    "scientific": ["2.07e2", "1e400", "1E+05", "2.07×10^2"],
    "too_long": ["1234567890123456", "0.1234567890123"],
    "scale_word": ["12.3万", "12.3亿", "1.2千", "3百万"],
    "unit_other": [
        "207.46美元",
        "207.46公里",
        "2024年",
        "207.46*",
        "5-",
        "10²",
        "207.46亿美元",
        "207.46亿元亿元",
    ],
    "percent_elsewhere": ["7.5%", "7.5％"],
}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, texts in QUESTIONS.items() for text in texts]
)
def test_a_doubtful_spelling_is_a_question(rule, text):
    assert outcome(text) == ("question", None, rule)


@pytest.mark.parametrize("text", ["12.3万", "12.3 万"])
def test_a_scale_word_alone_may_count_twice(text):
    assert outcome(text, "technology_contracts") == ("question", None, "scale_word")


def test_a_row_without_unit_takes_none():
    assert outcome("5公里", "cable_density") == ("question", None, "unit_other")


def test_a_conversion_that_does_not_come_out_even_is_a_question():
    assert outcome("1亩", "area") == ("question", None, "inexact")  # 1 mu = 2000/3 m2
    assert outcome("3亩", "area") == ("number", "0.002", "converted")


# (stored, format, row, status, figure, rule): what a sheet stores and how it shows it.
STORED = [
    ("207.46", "General", "gdp", "number", "207.46", ""),
    ("207.4567", "0.00", "gdp", "number", "207.4567", ""),
    ("35.630000000000003", "General", "gdp", "number", "35.63", ""),  # how Excel writes 35.63
    ("0.30000000000000004", "General", "gdp", "number", "0.3", ""),  # 0.1 + 0.2
    ("1E+5", "0.00E+00", "gdp", "number", "100000", ""),
    ("1234.5", "#,##0.00", "gdp", "number", "1234.5", ""),
    ("-3", "#,##0.00_);[Red](#,##0.00)", "gdp", "number", "-3", ""),
    ("5", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "gdp", "number", "5", ""),
    ("0.35", "0.00%", "non_tax_share", "number", "35", "percent_format"),
    ("0.35", "0.00", "non_tax_share", "number", "0.35", ""),
    ("0.35", "0.00%", "gdp", "question", None, "percent_elsewhere"),
    ("207.46", '0.00"亿元"', "gdp", "number", "207.46", "unit_repeated"),
    ("2074600", '0"万元"', "gdp", "number", "207.46", "converted"),
    ("2074600", "0!.0,", "gdp", "question", None, "scaled"),
    ("2074600", "#,##0.00,,", "gdp", "question", None, "scaled"),
    ("45123", "yyyy/m/d", "gdp", "question", None, "date"),
    ("45123", '[$-804]yyyy"年"m"月"', "gdp", "question", None, "date"),
    ("45123", "m/d/yy h:mm", "gdp", "question", None, "date"),
    ("207.46", "[$$-409]#,##0.00", "gdp", "question", None, "unit_other"),
    ("1e15", "General", "gdp", "question", None, "too_long"),
    # What is seen follows from the format codes of Excel: conditions, signs, sections for negatives and zero.
    ("35.2", '[<=1]0.00%;0.00"%"', "non_tax_share", "question", None, "scaled"),
    ("0.352", '[>1]0.00"%";0.00%', "non_tax_share", "question", None, "scaled"),
    ("20746", "[<1]0.00;0.00,,", "gdp", "question", None, "scaled"),
    ("207.46", "[Red][>=100]0.00;0.00", "gdp", "question", None, "scaled"),
    ("35.2", '0.00"%"', "non_tax_share", "number", "35.2", "percent"),
    ("35.2", "0.00\\%", "non_tax_share", "number", "35.2", "percent"),
    ("0.352", '0.00%"%"', "non_tax_share", "question", None, "scaled"),
    ("207.46", '"-"0.00', "gdp", "question", None, "scaled"),
    ("207.46", '[Red]"－"0.00', "gdp", "question", None, "scaled"),
    ("207.46", '0.00"-"', "gdp", "question", None, "scaled"),
    ("207.46", '"("0.00")"', "gdp", "question", None, "scaled"),
    ("207.46", "+0.00;-0.00", "gdp", "question", None, "scaled"),
    ("207.46", "*10.00", "gdp", "question", None, "scaled"),
    ("207.46", "10.00", "gdp", "question", None, "scaled"),
    ("207.46", '"约"0.00', "gdp", "question", None, "approximate"),
    ("207.46", "0.00万", "gdp", "question", None, "scale_word"),
    ("207.46", '"万"0.00"元"', "gdp", "question", None, "scaled"),
    ("20746", "0\\ 00", "gdp", "question", None, "scaled"),
    ("-5", "0.00;0.00", "gdp", "question", None, "scaled"),
    ("-5", "0.00_ ;[Red]0.00", "gdp", "question", None, "scaled"),
    ("-5", '0.00;"-"0.00', "gdp", "number", "-5", ""),
    ("-5", "-0.00", "gdp", "question", None, "scaled"),
    ("5", ";-0.00", "gdp", "question", None, "scaled"),
    ("0", "0.00;-0.00;;@", "gdp", "question", None, "scaled"),
    ("0", '0.00;-0.00;"-"', "gdp", "question", None, "scaled"),
    ("0", "0.00;-0.00", "gdp", "number", "0", ""),
    ("12.5", "G/通用格式", "gdp", "number", "12.5", ""),
    ("12.5", 'G/通用格式"亿元"', "gdp", "number", "12.5", "unit_repeated"),
    ("NaN", "General", "gdp", "question", None, "too_long"),
]


@pytest.mark.parametrize(("stored", "code", "row", "status", "number", "rule"), STORED)
def test_a_stored_figure_counts_as_far_as_its_format_shows_it(stored, code, row, status, number, rule):
    assert outcome("shown", row, number=Decimal(stored), number_format=code) == (status, number, rule)


def test_a_formula_is_read_by_its_stored_value_alone():
    assert outcome("3", number=Decimal(3), formula=True) == ("number", "3", "formula")
    assert outcome("", formula=True) == ("question", None, "no_value")
    assert outcome("0", number=Decimal(0), formula=True) == ("question", None, "zero_result")
    assert outcome("0.00", number=Decimal("0.00"), formula=True) == ("question", None, "zero_result")
    assert outcome("#REF!", formula=True) == ("question", None, "error")


def test_a_bare_number_is_in_the_unit_that_the_label_states():
    assert outcome("2074600", stated="万元") == ("number", "207.46", "converted")
    assert outcome("207.46亿元", stated="万元") == ("number", "207.46", "unit_repeated")
    assert outcome("207.46", stated="亿元") == ("number", "207.46", "")
    assert outcome("207.46", stated="公里") == ("question", None, "unit_other")


def test_every_outcome_has_its_words():
    texts = (
        [text for text, *_rest in UNDERSTOOD] + MISSING + [t for found in QUESTIONS.values() for t in found]
    )
    for understood in (
        read(text, row) for text in texts for row in ("gdp", "non_tax_share", "cable_density")
    ):
        if understood.rule:
            assert facts_of(rules()[understood.rule]) <= set(understood.facts)
            finding = Finding(rule=understood.rule, facts=understood.facts)
            assert "{" not in message(finding) + remedy(finding)


def test_what_is_a_question_needs_a_person():
    for texts in QUESTIONS.values():
        for text in texts:
            understood = read(text)
            assert rules()[understood.rule].person == (understood.status == "question")


DECIMALS = st.decimals(
    min_value=-(10**10), max_value=10**10, allow_nan=False, allow_infinity=False, places=None
).map(
    lambda number: (
        Decimal(f"{number:.4f}") if abs(number.as_tuple().exponent) > 10 else Decimal(f"{number:f}")
    )
)
WIDE = str.maketrans("0123456789.,-%", "０１２３４５６７８９．，－％")


def grouped(number: Decimal, sign: str) -> str:
    return f"{number:,f}".replace(",", sign)


SPELLINGS = [
    lambda n: f"{n:f}",
    lambda n: f"  {n:f}\n",
    lambda n: f"{n:f}".translate(WIDE),
    lambda n: grouped(n, ","),
    lambda n: grouped(n, "，"),
    lambda n: grouped(n, "\u2009"),
    lambda n: f"{n:f}".replace("-", "−"),
    lambda n: f"{n:f}亿元",
    lambda n: f"{grouped(n, ',')} 亿元",
    lambda n: f"{n:f}（亿元）",
    lambda n: f"{n:f}（初步数）",
    lambda n: f"{n * 10000:f}万元",
]


@given(DECIMALS, st.sampled_from(SPELLINGS))
def test_a_decimal_in_any_allowed_spelling_reads_back_exactly(number, spell):
    understood = read(spell(number))
    assert (understood.status, understood.number) == ("number", number)


@given(st.text(max_size=80))
def test_garbage_never_raises_and_is_no_number(text):
    understood = read(text)
    if understood.status == "number":
        assert re.search(r"[0-9０-９]", text)
        assert set(format(understood.number, "f")) <= set("-.0123456789")


CELLISH = st.text(
    alphabet="0123456789.,，-－—+eE%％‰亿万元人家个约近余()（） \u2009\n/~年月日无暂_٣²①", max_size=12
)


@given(CELLISH, st.sampled_from([*FORM.rows, *FORM.working]))
def test_no_two_runs_of_digits_make_one_number(text, row):
    understood = read(text, row)
    if understood.status == "number" and understood.rule != "numbers.converted":
        digits = "".join(
            re.findall("[0-9]", text.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
        )
        assert "".join(re.findall("[0-9]", f"{understood.number:f}")).lstrip("0") == digits.lstrip("0")
