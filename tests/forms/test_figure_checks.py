"""Checks of annex 1: each rule fires on its own slip and on nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.readings import INDICATORS, SOUND, figures, rules_of
from xinzhi.forms import message
from xinzhi.forms.checks import Circumstances, check, recompute
from xinzhi.language import speaking

D = Decimal


def found(reading, **known):
    return check(INDICATORS, reading, Circumstances(**known))


def test_a_sound_form_has_no_findings():
    assert found(figures()) == ()


@pytest.mark.parametrize(
    ("row", "texts", "expected"),
    [
        ("gdp", ("207.46", None), [("figures.missing", "gdp", 2024)]),
        ("gdp", ("-1.00", "219.38"), [("figures.too_small", "gdp", 2023), ("figures.change", "gdp", 2024)]),
        ("loans", ("318.20", "2000000.00"), [("figures.too_large", "loans", 2024), ("figures.change", "loans", 2024)]),
        ("population", ("42.15", "0.00"), [("figures.not_positive", "population", 2024), ("figures.change", "population", 2024)]),
        ("invention_patents", ("41.00", "52.50"), [("figures.fraction", "invention_patents", 2024)]),
        ("gdp", ("207.4", "219.38"), [("figures.fewer_decimals", "gdp", 2023)]),
        ("gdp", ("207", "219.38"), [("figures.fewer_decimals", "gdp", 2023)]),
        ("gdp", ("207.463", "219.38"), [("figures.more_decimals", "gdp", 2023)]),
        ("invention_patents", ("41", "52"), []),
        ("non_tax_share", ("0.39", "36.20"), [("figures.ratio", "non_tax_share", 2023)]),
        ("non_tax_share", ("0.00", "36.20"), []),
        ("cable_density", ("0.00", "12.90"), [("figures.zero", "cable_density", 2023)]),
        ("gdp", ("207.46", "2193800.00"), [("figures.too_large", "gdp", 2024), ("figures.slip", "gdp", 2024)]),
        ("gdp", ("207.46", "20746.00"), [("figures.slip", "gdp", 2024)]),
        ("gdp", ("207.46", "330.00"), [("figures.change", "gdp", 2024)]),
        ("national_specialised_firms", ("2.00", "16.00"), [("figures.part_exceeds_whole", "national_specialised_firms", 2024)]),
    ],
)  # fmt: skip
def test_one_slip_one_rule(row, texts, expected):
    assert sorted(rules_of(found(figures(**{row: texts})))) == sorted(expected)


def test_mend_comes_before_explain_before_note():
    slips = figures(gdp=("207.4", None), invention_patents=("41.00", "52.50"))
    assert [finding.rule for finding in found(slips)] == [
        "figures.fraction",
        "figures.missing",
        "figures.fewer_decimals",
    ]


def test_decimals_are_told_once_for_all():
    (finding,) = found(figures(gdp=("207.4", "219"), loans=("318", "341.75")))
    assert message(finding) == "3 个数的小数不足 2 位, 如 207.4"


def test_words_carry_the_figures():
    (finding,) = found(figures(gdp=("207.46", "330.00")))
    assert message(finding) == "由 207.46 变为 330, 变动 +59.1%, 在通常的 -30% 到 +50% 之外"


def test_facts_in_two_languages_follow_the_reader():
    (finding,) = found(figures(gdp=("207.46", None)))
    again = type(finding).model_validate_json(finding.model_dump_json())
    assert message(again) == "“地区生产总值”没有数字"
    with speaking("en"):
        assert message(again) == "“Gross regional product” has no figure"


def test_rows_of_others_are_not_asked_of_the_unit():
    assert found(figures(domestic_reports=("12.00", "10.00"))) == ()


# --- against what is known -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("official", "rules"),
    [
        ("219.38", []),
        ("221.00", []),  # 0.7 % apart
        ("240.00", ["figures.official"]),
        ("2193800.00", ["figures.official_slip"]),
    ],
)
def test_against_the_official_figure(official, rules):
    known = {("gdp", 2024): D(official)}
    assert [finding.rule for finding in found(figures(), official=known)] == rules


def test_against_the_year_before_the_form():
    """2022 came from the year before; 2023 is then 50.4 % more."""
    known = {("gdp", 2022): D("137.90")}
    assert rules_of(found(figures(), earlier=known)) == [("figures.change", "gdp", 2023)]


def test_against_peers():
    known = {"high_tech_share": (D("5"), D("22"))}
    assert rules_of(found(figures(), peers=known)) == [("figures.unlike_peers", "high_tech_share", 2024)]


@pytest.mark.parametrize(("census", "count"), [("42.00", 0), ("36.00", 2), ("421500", 0)])
def test_against_the_census(census, count):
    """42.15 is 17 % above 36; a factor of 10,000 is a matter of the unit, not of people."""
    rules = [finding.rule for finding in found(figures(), census=D(census))]
    assert rules == ["figures.census"] * count


def test_a_copied_column_is_told_once():
    copied = {row: (texts[0], texts[0]) for row, texts in SOUND.items()}
    assert [finding.rule for finding in found(figures(**copied))] == ["figures.same_years"]


@pytest.mark.parametrize(
    ("typed", "count", "rules"), [("2.00", 2, []), ("2.00", 3, ["figures.cases_differ"])]
)
def test_cases_are_counted_not_typed(typed, count, rules):
    reading = figures(cases=(None, typed))
    assert [finding.rule for finding in found(reading, cases=count)] == rules


# --- formulas --------------------------------------------------------------------------------------------


def outcome(**rows):
    return {(r.row, r.year): (r.status, r.agreeing) for r in recompute(INDICATORS, figures(**rows))}


def test_without_working_figures_a_formula_is_not_checkable_and_no_finding():
    assert set(outcome().values()) == {("not checkable", ())}
    assert found(figures()) == ()


def test_each_reading_of_the_formula_is_tried():
    """1,200 km / 40 (10,000 persons) x 2 km² = 60; by the name 1,200 / (40 x 2) = 15."""
    working = {"cable_length": ("1200", "1200"), "population": ("40.00", "40.00"), "area": ("2.00", "2.00")}
    results = outcome(cable_density=("60.00", "15.00"), **working)
    assert results["cable_density", 2023] == ("agrees", ("literal",))
    assert results["cable_density", 2024] == ("agrees", ("by_name",))


def test_a_figure_that_no_reading_gives_must_be_mended():
    """1.32 is filed; 27,385 / 207.46 = 132.00 when tonnes are not ten thousand."""
    reading = figures(carbon_dioxide=("27385", None))
    (finding,) = [f for f in found(reading) if f.rule == "figures.formula"]
    assert (finding.field, finding.year) == ("carbon_intensity", 2023)
    assert message(finding) == "填报 1.32, 由原始数计算得 排放量 (万吨) / 地区生产总值 (亿元): 132.00135"


def test_rounding_to_the_decimals_filed_agrees():
    """273.85 / 207.46 = 1.32001..."""
    assert outcome(carbon_dioxide=("273.85", None))["carbon_intensity", 2023] == ("agrees", ("literal",))


def test_a_denominator_of_zero_is_not_checkable():
    rows = {"cable_length": ("1200", "1200"), "population": ("0.00", "0.00"), "area": ("2.00", "2.00")}
    assert outcome(**rows)["cable_density", 2023] == ("not checkable", ())


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=3), st.decimals(min_value=0, max_value=10**9)
)
def test_no_figure_breaks_a_check(number, other):
    reading = figures(gdp=(str(number), str(other)), cable_length=(str(other), "0"), area=(str(number), "0"))
    known = {("gdp", 2023): other, ("gdp", 2022): number}
    for finding in found(reading, official=known, earlier=known, census=other):
        assert message(finding)
