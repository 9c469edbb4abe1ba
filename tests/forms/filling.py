"""Answers to both forms, all fictitious, and random ones."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st
from PIL import Image

from xinzhi.forms import CaseForm, IndicatorForm, load_form

INDICATORS = load_form("indicators")
CASE = load_form("case")
assert isinstance(INDICATORS, IndicatorForm)
assert isinstance(CASE, CaseForm)

FIGURES = {
    (id, year): Decimal(f"{number}.{year - 2000}")
    for number, (id, row) in enumerate(INDICATORS.rows.items(), start=1)
    if row.filled_by == "unit"
    for year in INDICATORS.years
}

STORY = {
    ("title", None): "示例县智能工厂改造",
    ("domain", None): "high_technology",
    ("unit", None): "示例省示例县示例科技有限公司",
    ("contact", None): "张三样例",
    ("phone", None): "010-00000000",
    ("address", None): "示例省示例县示例路1号",
    ("email", None): "zhangsan@example.com",
    ("seal_date", None): "2025-07-01",
    ("evidence", None): "审计报告.pdf\n检测报告.pdf",
    **{
        (id, None): f"第{number}阶段, 合格率由 82% 提高到 98.7%。"
        for number, id in enumerate(CASE.sections, start=1)
    },
}


def jpeg(width: int = 60, height: int = 40) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(buffer, "JPEG")
    return buffer.getvalue()


# Signs that people and their programs really write, and signs that trouble XML, tables and readers.
SIGNS = "县示例ＡＢ12３%％<>&\"'“”《》、；—…·①Ω²ß😀𠮷\u200b\u00a0\u3000 \t"
_SIGN = st.sampled_from(SIGNS) | st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Zl", "Zp"]
)
# A line begins and ends with a letter, so that it is neither blank nor numbered like a heading.
LINES = st.text(_SIGN, max_size=60).map(lambda text: f"甲{text}乙")
NAMES = st.text("审计报告检测示例ABC123", min_size=1, max_size=20).map(lambda text: f"甲{text}.pdf")


@st.composite
def figures(draw):
    """Figures of all sizes up to what the reader takes for a figure, some of them missing."""
    numbers = (
        st.decimals(0, 10**12, places=2)
        | st.decimals(0, 1000, places=6)
        | st.integers(0, 10**14).map(Decimal)
    )
    return {
        (id, year): draw(st.none() | numbers)
        for id, row in INDICATORS.rows.items()
        if row.filled_by == "unit"
        for year in INDICATORS.years
    }


@st.composite
def stories(draw):
    """Cases with odd texts, some parts of them missing."""
    answers = {(id, None): draw(st.none() | LINES) for id, field in CASE.fields.items() if not field.options}
    answers["domain", None] = draw(st.sampled_from([None, *CASE.fields["domain"].options]))
    for id in CASE.sections:
        answers[id, None] = draw(st.none() | st.lists(LINES, min_size=1, max_size=4).map("\n".join))
    answers["seal_date", None] = draw(st.none() | st.dates(date(1950, 1, 1), date(2099, 12, 31)).map(str))
    answers["evidence", None] = draw(st.none() | st.lists(NAMES, min_size=1, max_size=4).map("\n".join))
    return answers
