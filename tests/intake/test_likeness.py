"""Likeness: exact against brute force, planted copies found, unrelated cases left in peace, passages where they say."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.forms.checks.material import distance
from xinzhi.intake.likeness import (
    Likeness,
    PicturePair,
    Segment,
    alike,
    alike_pictures,
    shared_passages,
    side_by_side,
)
from xinzhi.language import speaking

SIGNS = np.array([chr(code) for code in range(0x4E00, 0x4E00 + 1500)])
WORDS = ["".join(signs) for signs in np.random.default_rng(7).choice(SIGNS, size=(4000, 3))]
CHANCES = np.cumsum(1 / np.arange(8, 4008))


@cache
def prose(seed: int, length: int = 3000) -> str:
    """Words of one to three characters, drawn as unevenly as in a language; a comma after every twelve."""
    drawn = np.searchsorted(CHANCES, np.random.default_rng(seed).uniform(0, CHANCES[-1], length))
    text = "".join(WORDS[n][: 1 + n % 3] for n in drawn)[:length]
    return "，".join(text[n : n + 12] for n in range(0, len(text), 12))


def shingles(text: str) -> set[str]:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
    return {plain[n : n + 5] for n in range(len(plain) - 4)}


def brute_force(cases: dict[str, str]) -> dict[tuple[str, str], tuple[float, float]]:
    """Jaccard and containment of every pair by sets."""
    sets = {id: shingles(text) for id, text in cases.items()}
    found = {}
    for one, other in combinations(cases, 2):
        shared, a, b = len(sets[one] & sets[other]), len(sets[one]), len(sets[other])
        if a and b:
            found[one, other] = (shared / (a + b - shared), shared / min(a, b))
    return found


# --- cases ------------------------------------------------------------------------------------------------


@given(st.lists(st.text(alphabet="甲乙丙丁，Ａa 1", max_size=60), max_size=6))
def test_what_is_found_is_exact(texts):
    cases = {str(n): text for n, text in enumerate(texts)}
    expected = brute_force(cases)
    for pair in alike(cases, 0.3):
        assert (pair.jaccard, pair.containment) == expected[pair.one, pair.other]
        assert pair.containment >= 0.3


@given(st.lists(st.text(alphabet="甲乙丙丁戊己，庚", min_size=5, max_size=80), min_size=1, max_size=6))
def test_one_case_against_all_finds_what_all_against_all_finds(texts):
    cases = {str(n): text for n, text in enumerate(texts)}
    made = Likeness(cases)
    pairs = {frozenset((pair.one, pair.other)): pair.containment for pair in made.pairs(0.8)}
    single = {
        frozenset((pair.one, pair.other)): pair.containment for id in cases for pair in made.like(id, 0.8)
    }
    assert pairs.items() <= single.items()
    assert {key for key, share in single.items() if share == 1 and len(shingles(cases[min(key)])) > 3} <= {
        frozenset(key) for key, (_j, share) in brute_force(cases).items() if share == 1
    }


def copied(share: float, one: str, other: str) -> str:
    """`other` with a share of `one` written over its beginning."""
    cut = int(share * len(one))
    return one[:cut] + other[cut:]


@pytest.mark.parametrize(("share", "recall"), [(1.0, 1.0), (0.3, 0.95), (0.1, 0.9)])
def test_planted_copies_are_found(share, recall):
    """60 copies among 240 cases, looked for at nine tenths of the planted share; nothing else is found."""
    cases = {f"{n:03}": prose(n) for n in range(180)}
    planted = {(f"{n:03}", f"copy {n}") for n in range(60)}
    cases |= {f"copy {n}": copied(share, cases[f"{n:03}"], prose(1000 + n)) for n in range(60)}
    found = {(pair.one, pair.other) for pair in alike(cases, 0.9 * share)}
    assert found <= planted
    assert len(found) >= recall * len(planted)


@pytest.mark.parametrize(
    ("change", "containment"),
    [
        (lambda text: text, 1.0),
        (lambda text: "".join(chr(ord(s) + 0xFEE0) if "!" <= s <= "~" else s for s in text), 1.0),
        (lambda text: re.sub("，", "。\n  ", text), 1.0),
        (lambda text: text.upper(), 1.0),
        (lambda text: "，".join(sorted(text.split("，"))), 0.6),
        (lambda text: "".join(text[n : n + 300] for n in (2700, 900, 0, 1800, 300, 2400, 600, 1500, 1200, 2100)), 0.9),
        (lambda text: re.sub(r"\d", "7", text), 0.75),
        (lambda text: text[:1500], 1.0),
        (lambda text: prose(5, 1500) + text + prose(6, 1500), 0.99),
    ],
    ids=["same", "full width", "signs", "capitals", "clauses", "paragraphs", "numbers", "half", "enclosed"],
)  # fmt: skip
def test_a_changed_copy_is_found(change, containment):
    """Clauses of twelve shuffled keep 8 of 12 shingles each; a changed digit loses five of them."""
    text = "，".join(
        f"{clause}{n % 97}%a" if n % 6 == 0 else clause for n, clause in enumerate(prose(1).split("，"))
    )
    cases = {"one": text, "other": change(text), **{str(n): prose(n + 10) for n in range(20)}}
    (pair,) = alike(cases, 0.5)
    assert (pair.one, pair.other) == ("one", "other")
    assert containment <= pair.containment <= 1


def test_what_many_cases_say_is_nobodys():
    phrase = prose(99, 600)
    cases = {str(n): phrase + prose(n, 600) for n in range(40)}
    assert alike(cases, 0.3) == ()
    few = dict(list(cases.items())[:10])
    assert len(alike(few, 0.3)) == 45  # ten cases are too few to call a phrase common


def test_many_copies_of_one_case_are_not_hidden_by_their_number():
    cases = {str(n): prose(1, 900) for n in range(15)} | {f"own {n}": prose(n + 2, 900) for n in range(15)}
    assert len(alike(cases, 0.9)) == 15 * 14 // 2


def test_what_the_form_prints_is_nobodys():
    hint = prose(50, 500)
    cases = {"one": prose(1, 300) + hint, "other": hint + prose(2, 300)}
    assert [pair.one for pair in alike(cases, 0.5)] == ["one"]
    assert alike(cases, 0.1, printed=[hint]) == ()


def test_cases_are_added_and_replaced():
    made = Likeness({str(n): prose(n) for n in range(3)})
    for n in range(100):
        made.add(f"new {n}", prose(100 + n, 300))
    assert made.pairs() == ()
    made.add("copy", prose(1))
    assert [(p.one, p.other, p.containment) for p in made.like("copy")] == [("copy", "1", 1.0)]
    assert [(p.one, p.other) for p in made.pairs()] == [("1", "copy")]
    made.add("copy", prose(500))
    assert made.pairs() == ()
    assert len(made) == 104


@pytest.mark.parametrize("cases", [{}, {"a": ""}, {"a": "", "b": ""}, {"a": "，。", "b": "样例"}])
def test_without_text_nothing_is_alike(cases):
    assert alike(cases, 0.0) == ()


# --- passages ---------------------------------------------------------------------------------------------


def test_passages_lie_where_they_say_whatever_their_width_and_signs():
    one = "甲" * 3 + "样例企业投入1800万元，建成3条Ａ级生产线。" + prose(1, 40)
    other = prose(2, 40) + "样例企业，投入１８００万元 建成３条a级生产线" + prose(3, 30)
    (passage,) = shared_passages(one, other)
    assert passage.text == "样例企业投入1800万元，建成3条Ａ级生产线"
    assert passage.length == 21
    assert one[passage.start_one :][: passage.length_one] == passage.text
    assert (
        other[passage.start_other :][: passage.length_other] == "样例企业，投入１８００万元 建成３条a级生产线"
    )


def test_the_longest_passage_is_taken_first_and_none_overlaps():
    a, b = prose(1, 60).replace("，", ""), prose(2, 40).replace("，", "")
    found = shared_passages(a + "与" + b, b + "和" + a + "和" + a[:30])
    assert [(p.start_one, p.start_other, p.length) for p in found] == [(0, 41, 60), (61, 0, 40)]


def test_common_shingles_alone_make_no_passage():
    phrase = prose(99, 60)
    made = Likeness({str(n): phrase + prose(n, 600) for n in range(40)})
    one, other = phrase + prose(0, 600), phrase + prose(1, 600)
    assert [p.text for p in shared_passages(one, other, 40)] == [phrase]
    assert shared_passages(one, other, 40, common=made.common) == ()


def longest_common(one: str, other: str) -> int:
    return max(
        (n for i in range(len(one)) for n in range(1, len(one) - i + 1) if one[i : i + n] in other), default=0
    )


@given(st.text(alphabet="甲乙丙", max_size=25), st.text(alphabet="甲乙丙", max_size=25))
def test_passages_share_text_and_begin_with_the_longest(one, other):
    found = shared_passages(one, other, 3)
    assert max((p.length for p in found), default=0) == (
        longest_common(one, other) if longest_common(one, other) >= 3 else 0
    )
    for p in found:
        assert one[p.start_one :][: p.length] == other[p.start_other :][: p.length] == p.text
    for spans in ([(p.start_one, p.length) for p in found], [(p.start_other, p.length) for p in found]):
        ends = [0, *(start + length for start, length in sorted(spans))]
        assert all(start >= end for (start, _length), end in zip(sorted(spans), ends, strict=False))


@pytest.mark.parametrize("text", ["甲" * 6000, "甲乙" * 3000, prose(1, 6000)])
def test_long_and_monotonous_texts_cost_no_more(text):
    (passage,) = shared_passages(text, text)
    assert passage.length == len(re.sub(r"\W", "", text))


def test_side_by_side():
    one, other = "甲乙丙。共同的段落在这里, 一共十五个字吧", "丁：共同的段落在这里，一共十五个字吧。戊"
    compared = side_by_side(one, other, shared_passages(one, other))
    assert compared.one == (Segment("甲乙丙。"), Segment("共同的段落在这里, 一共十五个字吧", 1))
    assert compared.other == (
        Segment("丁："),
        Segment("共同的段落在这里，一共十五个字吧", 1),
        Segment("。戊"),
    )
    assert [s.shared for s in compared.other] == [False, True, False]
    assert str(compared).splitlines() == [
        "共同的段落: 1",
        "甲乙丙。【1 共同的段落在这里, 一共十 │ 丁：【1 共同的段落在这里，一共十五个",
        "五个字吧】                           │ 字吧】。戊",
    ]
    with speaking("en"):
        assert str(compared).splitlines()[0] == "Passages in common: 1"


@given(st.text(alphabet="甲乙丙，\n", max_size=40), st.text(alphabet="甲乙丙，\n", max_size=40))
def test_segments_are_the_whole_text(one, other):
    compared = side_by_side(one, other, shared_passages(one, other, 3))
    assert "".join(segment.text for segment in compared.one) == one
    assert "".join(segment.text for segment in compared.other) == other


# --- pictures ---------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(0, 3))
def test_pictures_alike(prints, flips):
    """Every pair by the distance of the checks; flat ones left out."""
    prints += [value ^ ((1 << flips) - 1) for value in prints]
    dhashes = {str(n): f"{value:016x}" for n, value in enumerate(prints)} | {"undecoded": ""}
    uneven = [id for id, value in dhashes.items() if value and 4 < int(value, 16).bit_count() < 60]
    expected = {
        PicturePair(one, other, distance(dhashes[one], dhashes[other]))
        for one, other in combinations(uneven, 2)
        if distance(dhashes[one], dhashes[other]) <= 4
    }
    found = alike_pictures(dhashes)
    assert set(found) == expected
    assert [pair.distance for pair in found] == sorted(pair.distance for pair in found)


def test_a_flat_picture_is_like_none():
    assert alike_pictures({"sky": "0" * 16, "wall": "0" * 15 + "1", "night": "f" * 16, "fog": "f" * 16}) == ()
