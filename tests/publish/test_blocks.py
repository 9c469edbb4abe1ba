"""The tree: numbers are found wherever they stand, headings get their numbers."""

from __future__ import annotations

import pytest

from xinzhi.publish.blocks import (
    Column,
    Document,
    Footnote,
    Heading,
    Name,
    Number,
    Paragraph,
    Picture,
    Table,
    Words,
    bare_figures,
    chinese_numeral,
    heading_numbers,
    numbers_of,
    plain,
)
from xinzhi.publish.text.keys import Key

ONE, TWO, THREE = (Number(Key("1a2b3c4d", "score", "1", str(n), "a", 2022), str(n)) for n in (1, 2, 3))


def test_numbers_are_found_in_every_kind_of_block_and_in_footnotes():
    blocks = [
        Heading(1, (ONE,), "h"),
        Paragraph((Words("a"), Footnote((TWO,)))),
        Table((THREE,), (Column("c"),), (((ONE,),), ((TWO,),)), (THREE,)),
        Picture((ONE,), "", b"", b"", (TWO,)),
    ]
    assert list(numbers_of(blocks)) == [ONE, TWO, THREE, THREE, ONE, TWO, ONE, TWO]


@pytest.mark.parametrize(
    ("spans", "edited", "bare"),
    [
        ((Words("第3名"),), False, ["第3名"]),
        ((Words("三"), ONE, Name("5G")), False, []),
        ((Footnote((Words("4"),)),), False, ["4"]),
        ((Words("第3名"),), True, []),
        ((Words("٣"),), False, ["٣"]),
    ],
)
def test_bare_figures(spans, edited, bare):
    assert bare_figures(Paragraph(spans, edited=edited)) == bare


def test_plain_text_leaves_footnotes_out():
    assert plain((Words("得分"), ONE, Footnote((Words("注"),)))) == "得分1"


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五")]
)
def test_chinese_numerals(number, text):
    assert chinese_numeral(number) == text


@pytest.mark.parametrize(
    ("language", "numbers"),
    [
        ("zh", {"a": "一、", "b": "（一）", "c": "1. ", "d": "（二）", "f": "二、", "g": "（一）"}),
        ("en", {"a": "1 ", "b": "1.1 ", "c": "1.1.1 ", "d": "1.2 ", "f": "2 ", "g": "2.1 "}),
    ],
)
def test_headings_are_numbered_within_their_parents(language, numbers):
    levels = [("a", 1), ("b", 2), ("c", 3), ("d", 2), ("e", 1), ("f", 1), ("g", 2)]
    blocks = tuple(Heading(level, (), id, numbered=id != "e") for id, level in levels)
    assert heading_numbers(Document("t", "", "", language, "", blocks)) == numbers
