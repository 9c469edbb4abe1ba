"""What the review computes: agreement, calibration, masking, assignment; each against an independent value."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.campaign.opinion.places import names_of
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.review.agreement import alpha, calibrate, spread
from xinzhi.campaign.review.assigning import Judge, Judged, Proposed, conflict_of, plan
from xinzhi.campaign.review.masking import MASK, find, hidden, masked, seen, words_of
from xinzhi.campaign.review.rubric import rubric_of
from xinzhi.forms import load_form

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def published() -> dict[tuple[str, str], float]:
    return {
        (str(unit), str(observer)): float(value)
        for observer, row in enumerate(OBSERVERS)
        for unit, value in enumerate(row.split())
        if value != "."
    }


def alpha_by_brute_force(scores) -> float:
    """The same by coincidences, pair by pair."""
    cases = {case for case, _expert in scores}
    values = [[v for (c, _e), v in scores.items() if c == case] for case in cases]
    values = [found for found in values if len(found) > 1]
    every = [v for found in values for v in found]
    n = len(every)
    observed = sum(sum((a - b) ** 2 for a, b in permutations(f, 2)) / (len(f) - 1) for f in values) / n
    expected = sum((a - b) ** 2 for a, b in permutations(every, 2)) / (n * (n - 1))
    return 1 - observed / expected


def test_alpha_of_the_published_example():
    assert round(alpha(published()), 3) == 0.849  # interval, as printed there


def test_alpha_is_that_of_the_pairs():
    noise = np.random.default_rng(7)
    for _time in range(20):
        scores = {
            (str(case), str(expert)): float(noise.integers(0, 11))
            for case in range(9)
            for expert in range(4)
            if noise.random() < 0.7
        }
        assert alpha(scores) == pytest.approx(alpha_by_brute_force(scores), abs=1e-12)


@pytest.mark.parametrize(
    ("scores", "value"),
    [
        ({}, None),
        ({("a", "1"): 5, ("b", "2"): 7}, None),
        ({("a", "1"): 5, ("a", "2"): 5}, None),
        ({("a", "1"): 5, ("a", "2"): 5, ("b", "1"): 7, ("b", "2"): 7}, 1.0),
    ],
)
def test_alpha_at_its_edges(scores, value):
    assert alpha(scores) == value


def test_calibration_finds_what_the_scores_were_made_of():
    cases, strictness = {"a": 70.0, "b": 80.0, "c": 60.0}, {"1": 5.0, "2": -8.0, "3": 3.0}
    pairs = [("a", "1"), ("a", "2"), ("b", "2"), ("b", "3"), ("c", "3"), ("c", "1")]
    found = calibrate({(c, e): cases[c] + strictness[e] for c, e in pairs})
    assert (dict(found.cases), dict(found.leniency)) == (pytest.approx(cases), pytest.approx(strictness))
    assert found.groups == 1


def test_calibration_solves_the_normal_equations():
    noise = np.random.default_rng(3)
    scores = {(c, e): float(noise.uniform(0, 100)) for c in "abcde" for e in "123"}
    found = calibrate(scores)
    rest = {key: score - found.cases[key[0]] - found.leniency[key[1]] for key, score in scores.items()}
    assert [sum(v for (c, _e), v in rest.items() if c == case) for case in "abcde"] == pytest.approx(
        [0] * 5, abs=1e-9
    )
    assert [sum(v for (_c, e), v in rest.items() if e == expert) for expert in "123"] == pytest.approx(
        [0] * 3, abs=1e-9
    )
    # Every expert scored every case, so the plain means are the least squares solution.
    assert found.cases["a"] == pytest.approx(sum(scores["a", e] for e in "123") / 3)


def test_cases_that_no_expert_connects_are_told():
    found = calibrate({("a", "1"): 50.0, ("b", "2"): 90.0})
    assert (found.groups, dict(found.cases)) == (2, pytest.approx({"a": 50, "b": 90}))
    assert dict(found.leniency) == pytest.approx({"1": 0, "2": 0})


def test_spread():
    assert (spread([50.0, 71.5, 60.0]), spread([50.0]), spread([])) == (21.5, 0.0, 0.0)


# --- masking -------------------------------------------------------------------------------------------------

WORDS = words_of(
    ["甲样县", "样例市", "示例省", "示例省样例市甲样县", "甲样县华样轴承有限公司"],
    ["张三样例", "010-00000000", "示例省样例市样例路1号"],
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲样县推进改造", f"{MASK}推进改造"),
        ("甲 样 县的甲样模式", f"{MASK}的{MASK}模式"),
        ("示例省样例市甲样县人民政府", f"{MASK}人民政府"),
        ("华样轴承有限公司(华样轴承)投产", f"{MASK}({MASK})投产"),
        ("联系人张三样例，电话０１０－０００００００0", f"联系人{MASK}，电话{MASK}"),
        ("电话 01000000000", f"电话 {MASK}"),
        ("甲\u200b样\u2060县, 甲\ufe00样\u00ad县", f"{MASK}, {MASK}"),  # signs of no width within
        ("甲样⽰例省", MASK),  # U+2F70, a radical that looks like 示
        ("见 𝐬ample1@example.com ①改造 10 m²", f"见 {MASK} ①改造 10 m²"),
        ("见 sample1@example.com 和 https://example.com/a?b=1", f"见 {MASK} 和 {MASK}"),
        ("手机138 0000 0000", f"手机{MASK}"),
        ("代码91110000MA00000000", f"代码{MASK}"),
        ("产值12.5亿元, 增长 30%, 2024年", "产值12.5亿元, 增长 30%, 2024年"),
        ("本县公司与集团", "本县公司与集团"),
    ],
)
def test_masking(text, expected):
    assert masked(text, WORDS) == expected


def test_places_of_the_same_province_are_masked_too():
    places = names_of(type("Demonstration", (), {"demonstration": True})())  # type: ignore[arg-type]
    assert masked("与丁样市和昆山市合作", (), places, "99") == f"与{MASK}和昆山市合作"


@given(st.text(alphabet="甲样县0139138-@. a.com华轴▇", max_size=60))
def test_nothing_found_lies_on_another_and_all_of_it_is_masked(text):
    found = find(seen(text), WORDS)
    assert hidden(seen(text), found) == masked(text, WORDS)
    assert "甲样" not in masked(text, WORDS)
    assert all(one.end <= other.begin for one, other in pairwise(found))


# --- assignment ----------------------------------------------------------------------------------------------

CASE = Judged(1, frozenset({"digital_economy"}), "990000/990100/990121/", "990000/990200/990221/")


@pytest.mark.parametrize(
    ("paths", "conflict"),
    [
        ((), None),
        (("990000/990100/990121/",), "own_unit"),
        (("990000/990200/990221/",), "recommender"),
        (("990000/990100/990122/",), "own_region"),
        (("990000/990100/",), "own_region"),
        (("990000/",), "own_region"),
        (("990000/990300/990321/",), None),
    ],
)
def test_conflicts(paths, conflict):
    assert conflict_of(Judge(1, "a", paths=frozenset(paths)), CASE, "city") == conflict
    declared = Judged(1, CASE.domains, CASE.path, CASE.recommender, declared=frozenset({1}))
    assert conflict_of(Judge(1, "a", paths=frozenset(paths)), declared, "city") == "declared"


@pytest.mark.parametrize("points", [[0, 11], [4, 4], [7, 4], [-1]])
def test_anchors_lie_on_the_scale_and_go_up(points):
    own = rubric_of(type("Campaign", (), {"rubric": None})()).model_dump()  # type: ignore[arg-type]
    own["anchors"] = [{"points": p, "says": {"zh": "一", "en": "one"}} for p in points]
    with pytest.raises(Refused):
        rubric_of(type("Campaign", (), {"rubric": own, "title": "征集"})())  # type: ignore[arg-type]


def test_region_is_as_wide_as_the_rubric_says():
    judge = Judge(1, "a", paths=frozenset({"990000/990300/990321/"}))
    assert [conflict_of(judge, CASE, region) for region in ("county", "city", "province")] == [
        None,
        None,
        "own_region",
    ]


def test_the_proposal_goes_by_field_then_load_then_account():
    digital, green = frozenset({"digital_economy"}), frozenset({"green_industries"})
    judges = [Judge(1, "a", digital), Judge(2, "b", green), Judge(3, "c"), Judge(4, "d", digital)]
    cases = [Judged(n, digital, f"99000{n}/") for n in (1, 2)] + [
        Judged(3, green, "990003/", holders=frozenset({2}))
    ]
    made = plan(judges, cases, experts=2, most_cases=2, region="city", loads={2: 1})
    assert made.proposed == (
        Proposed(1, 1, True), Proposed(1, 4, True), Proposed(2, 1, True), Proposed(2, 3, True), Proposed(3, 3, True),
    )  # fmt: skip
    assert made.lacking == {}
    assert plan(judges[::-1], cases[::-1], experts=2, most_cases=2, region="city", loads={2: 1}) == made


def test_what_cannot_be_assigned_is_told():
    near = Judge(1, "a", paths=frozenset({CASE.path}))
    made = plan([near, Judge(2, "b")], [CASE], experts=2, most_cases=30, region="city", loads={})
    assert (made.proposed, made.lacking) == ((Proposed(1, 2, True),), {1: 1})
    full = plan([Judge(2, "b")], [CASE], experts=1, most_cases=3, region="city", loads={2: 3})
    assert (full.proposed, full.lacking) == ((), {1: 1})


# --- rubric --------------------------------------------------------------------------------------------------


class Campaign:
    title = "征集"

    def __init__(self, rubric: dict[str, object] | None = None) -> None:
        self.rubric = rubric or {}


def test_the_rubric_holds_to_the_form():
    rubric = rubric_of(Campaign())  # type: ignore[arg-type]
    form = load_form("letter-2025/case@1")
    assert [section.id for section in rubric.sections] == list(form.sections)
    assert set(rubric.domains) == set(form.fields["domain"].options)
    assert sum(section.weight for section in rubric.sections) == 100


def test_a_total_is_the_weighted_mean_of_100():
    rubric = rubric_of(Campaign())  # type: ignore[arg-type]
    points = dict.fromkeys((s.id for s in rubric.sections), 5.0)
    assert rubric.total(points) == 50
    assert rubric.total(points | {"results": 9.0}) == pytest.approx(
        60
    )  # 4 points of 10 at a quarter of the weight


def test_a_rubric_that_is_none_says_what_is_wrong():
    with pytest.raises(Refused) as refusal:
        rubric_of(Campaign({"least": 0}))  # type: ignore[arg-type]
    assert "缺少这一项" in str(refusal.value)
