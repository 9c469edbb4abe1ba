"""The edition of the demonstration: real figures, the paper's table, and a campaign that is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.publish.papers import outline_of
from tests.publish.test_paper_edition import case
from tests.publish.test_portraits import QUICK, made_up_counties
from xinzhi.index import compute
from xinzhi.publish.blocks import Paragraph, plain
from xinzhi.publish.choices import Choices
from xinzhi.publish.demonstration import demonstration_edition
from xinzhi.publish.edition import edition_of
from xinzhi.publish.paper import document


def test_what_is_real_comes_first_and_the_campaign_is_marked():
    campaign = edition_of([compute("county-2025", made_up_counties())], cases=[case()], choices=QUICK)
    edition = demonstration_edition(campaign)
    assert [(a.id, a.fictitious) for a in edition.assessments] == [
        ("province-open", False),
        ("national-open", False),
        ("county-2025", True),
        ("ye-xu-table-3", False),
    ]
    assert edition.main.choices.against == "gdp_per_resident"
    assert edition.assessments[2].choices == Choices()
    assert (edition.fictitious, edition.cases) == (True, campaign.cases)


@pytest.mark.parametrize("given", [True, False])
def test_without_a_campaign_nothing_is_made_up(provinces, given):
    edition = demonstration_edition(provinces=provinces if given else None)
    assert (edition.fictitious, edition.cases, len(edition.assessments)) == (False, (), 3)
    assert edition.main.fingerprint == edition_of([provinces]).main.fingerprint


def test_of_many_sources_a_few_are_named(provinces):
    """Every return is a source of its own: eight are named, and how many there are."""
    panel = replace(provinces.panel, sources=tuple(f"receipt {n}" for n in range(71)))
    edition = edition_of([compute("province-open", panel, years=2022)], choices=QUICK)
    said = [
        plain(b.spans) for b in document(edition, outline_of("method")).blocks if isinstance(b, Paragraph)
    ]
    assert [text for text in said if text.startswith("receipt")] == [f"receipt {n}" for n in range(8)]
    assert "等 71 种; 每个数的来源见数据包的 panel.csv" in said
