"""Formulas: what they may hold, what they give, and that nothing else of Python can be reached."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.methodology.conftest import assert_error
from xinzhi.errors import MethodologyError
from xinzhi.methodology import Formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a / b * c", 6 / 4 * 10),  # left to right, as the letter's formula reads
        ("a / (b * c)", 6 / 40),
        (" -a ** 2 + 1 ", -35.0),
        ("(a - b) ** 0.5", 2**0.5),
        ("2 ** 3 ** 2 * a", 512 * 6.0),
        ("1e3 * a", 6000.0),
        ("3", 3),
    ],
)
def test_values(text, value):
    assert Formula(text).evaluate({"a": 6.0, "b": 4.0, "c": 10.0}) == value


def test_arrays():
    result = Formula("a / b").evaluate({"a": np.array([1.0, 2.0]), "b": np.array([4.0, 4.0])})
    assert result.tolist() == [0.25, 0.5]


def test_names_and_functions():
    assert Formula("a / b + a * 2").names == frozenset({"a", "b"})
    formula = Formula("largest(a, b)", frozenset({"largest"}))
    assert formula.names == frozenset({"a", "b"})
    assert formula.evaluate({"a": 1, "b": 3}, {"largest": max}) == 3


REFUSED = [
    "", "   ", "a +", "a b", "a = 1", "a, b", "a; b", "a\nb",
    "a.real", "a.__class__", "().__class__", "a[0]", "f(a)", "abs(a)", "__import__('os')", "(lambda: 1)()",
    "[x for x in a]", "{x for x in a}", "(x for x in a)", "a if b else c", "a and b", "not a", "a < b",
    "a := 1", "*a", "'a'", "b'a'", "f'{a}'", "True", "None", "...", "1j", "~a", "+a", "a // b", "a % b",
    "a @ b", "a & b", "await a", "yield a", "1_0if a else b", "a\0b", "(" * 300, "1if a else 2",
]  # fmt: skip

# Constants that have no value, or one that would take for ever.
WITHOUT_VALUE = [
    "a + 1 / 0", "a * 9 ** 9 ** 9 ** 9", "a + (-8) ** 0.5", "a * 1e999", "a * (1e200 * 1e200)", "0 ** -1",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text):
    start = time.monotonic()
    message = f"公式写法不对: {text[:80]}\n公式只能由变量名、数字、+ - * / ** 和括号组成"
    assert_error(partial(Formula, text), MethodologyError, message)
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("text", WITHOUT_VALUE)
def test_without_value(text):
    start = time.monotonic()
    message = f"公式算不出来: {text}\n其中只有常数的一部分没有值, 或者超出了范围"
    assert_error(partial(Formula, text), MethodologyError, message)
    assert time.monotonic() - start < 1


def test_too_long():
    assert Formula("+".join(["a"] * 250)).evaluate({"a": 1}) == 250
    message = f"公式写法不对: {'a+' * 40}\n公式最长 500 个字符"
    assert_error(partial(Formula, "+".join(["a"] * 251)), MethodologyError, message)


@pytest.mark.parametrize("text", ["-" * 490 + "a", "(" * 150 + "a" + ")" * 150])
def test_deep_but_short(text):
    assert Formula(text).evaluate({"a": 2.0}) == 2.0


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_clear_error(text):
    try:
        formula = Formula(text)
    except MethodologyError:
        return
    assert all(name.isidentifier() for name in formula.names)
