"""Quantified claims: what counts as one, of which kind, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.forms.checks.claims import claims, strongest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("能耗由0.52降至0.38吨标煤", [("comparison", "由0.52降至0.38吨标煤")]),
        ("周期由12个月缩短到7个月", [("comparison", "由12个月缩短到7个月")]),
        ("产品合格率82%→98.7%", [("comparison", "82%→98.7%")]),
        ("产值同比增长32%", [("change", "同比增长32%")]),
        ("单位工时产出较改造前增加40%", [("change", "较改造前增加40%")]),
        ("审批环节缩减60%", [("change", "缩减60%")]),
        ("进入全国前10名", [("rank", "前10名")]),
        ("细分领域Top3", [("rank", "Top3")]),
        ("研发占比62%", [("share", "62%")]),
        ("专项预算1,800万元", [("amount", "1,800万元")]),
        ("申请发明专利23项", [("amount", "23项")]),
        ("投资回收期2.5年", []),  # a span of years is written like a date and not counted
    ],
)
def test_kinds(text, found):
    """The examples are those of the data hints in annex 2."""
    assert [(claim.kind, claim.text) for claim in claims(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "2023年6月，发改高技〔2023〕567号",
        "“十四五”规划",
        "1.规划阶段→2.建设阶段→3.运营阶段",
        "采用5G+MEC技术, V1.0→V4.3",
        "一、案例概况",
        "",
    ],
)
def test_dates_documents_and_lists_are_no_claims(text):
    assert claims(text) == ()


def test_the_strongest_come_first_and_early_ones_among_equals():
    text = "投入1800万元。合格率82%→98.7%。占比62%。能耗由0.52降至0.38吨。同比增长32%。"
    assert [claim.text for claim in strongest(text)] == ["82%→98.7%", "由0.52降至0.38吨", "同比增长32%"]


@given(st.text(alphabet="由从降至到增长同比较0123456789.,%→万元项前名年，。 第Top\0〔〕号", max_size=60))
def test_claims_lie_where_they_say_and_do_not_overlap(text):
    end = 0
    for claim in claims(text):
        assert claim.start >= end
        assert text[claim.start :].lstrip().startswith(claim.text)
        end = claim.start + len(claim.text)
