"""The one counting rule: every visible sign counts one, white space nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.forms import count_characters


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("新质生产力", 5),
        ("能耗降至0.38吨标煤。", 12),
        ("AI 算法\u3000响应\n≤0.3秒", 11),
        ("\u200b\ufeff\u00ad", 0),
        ("e\u0301", 1),  # a letter and its accent
        ("𠮷", 1),  # beyond the basic plane: two units in UTF-16
        ("——……", 4),
    ],
)
def test_counts(text, count):
    assert count_characters(text) == count


@given(st.text(), st.text())
def test_the_count_of_two_texts_is_the_sum(one, other):
    assert count_characters(one + other) == count_characters(one) + count_characters(other)


@given(st.text())
def test_white_space_does_not_matter(text):
    assert count_characters("".join(text.split())) == count_characters(text)
