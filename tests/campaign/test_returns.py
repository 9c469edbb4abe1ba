"""Returns: begun, filled in, sent, sent back, accepted; who may, when, and what is never lost."""

from __future__ import annotations

import pytest

from tests.campaign.conftest import World
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Return, Version
from xinzhi.campaign.returns.queries import visible_to
from xinzhi.demonstration.returns import simulated_figures
from xinzhi.geography import demonstration_units


def filled(world: World) -> Return:
    """Return a complete draft of the county, explained where it has to be."""
    filed = returns.start(world.reporter, world.campaign, world.county, "indicators")
    unit = next(u for u in demonstration_units() if u.code == world.county.code)
    figures = simulated_figures(world.campaign.indicators, unit)
    for (row, year), number in figures.items():
        if (
            world.campaign.indicators.rows.get(row)
            and world.campaign.indicators.rows[row].filled_by == "unit"
        ):
            saved = returns.save_cell(world.reporter, filed, f"{row}@{year}", f"{number:.2f}", 0)
            assert saved.outcome == "saved"
    returns.state_not_secret(world.reporter, filed, True)
    filed.refresh_from_db()
    return filed


def test_from_the_first_cell_to_acceptance(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    assert (filed.state, filed.version) == ("confirming", 0)
    filed = returns.confirm(world.confirmer, filed, filed.revision)
    assert (filed.state, filed.version) == ("submitted", 1)
    version = Version.objects.get(of=filed)
    assert (version.filled_by, version.sent_by) == (world.reporter.user, world.confirmer.user)
    filed = returns.send_back(world.office, filed, filed.revision, {"gdp@2024": "与统计公报不一致"})
    assert filed.state == "returned" and filed.due_at is not None
    assert [(r.key, r.text, r.version) for r in filed.remarks.all()] == [("gdp@2024", "与统计公报不一致", 1)]
    filed = returns.send(world.reporter, filed, filed.revision)
    filed = returns.confirm(world.confirmer, filed, filed.revision)
    filed = returns.accept(world.office, filed, filed.revision, 2, seal_seen=True)
    assert (filed.state, filed.version) == ("accepted", 2)
    assert verify().fault == "" and verify().events == Event.objects.count()


def test_two_tabs_keep_both_texts(world: World) -> None:
    filed = returns.start(world.reporter, world.campaign, world.county, "indicators")
    assert returns.save_cell(world.reporter, filed, "gdp@2023", "100.00", 0).revision == 1
    clash = returns.save_cell(world.reporter, filed, "gdp@2023", "200.00", 0)
    assert (clash.outcome, clash.revision, clash.text, clash.by) == ("conflict", 1, "100.00", "reporter")
    assert [(e.text, e.stood) for e in filed.entries.all()] == [("100.00", True), ("200.00", False)]
    assert returns.save_cell(world.reporter, filed, "gdp@2023", "200.00", 1).outcome == "saved"


def test_whose_return_it_is(world: World) -> None:
    filed = filled(world)
    with pytest.raises(Forbidden):
        returns.save_cell(world.other_reporter, filed, "gdp@2023", "1", 1)
    seen = {
        name: visible_to(getattr(world, name)).count()
        for name in (
            "office",
            "auditor",
            "reporter",
            "confirmer",
            "other_reporter",
            "city",
            "expert",
            "media",
            "analyst",
        )
    }
    assert seen == {
        "office": 1, "auditor": 1, "reporter": 1, "confirmer": 1, "other_reporter": 0, "city": 0, "expert": 0,
        "media": 0, "analyst": 0,
    }  # fmt: skip


def test_who_may_not_file_what_and_when(world: World) -> None:
    district = world.person("district", "reporter", world.district)
    with pytest.raises(Refused) as refusal:
        returns.start(district, world.campaign, world.district, "indicators")
    assert refusal.value.what == "东样区 (市辖区) 不在“县域新质生产力发展研究测评指标数据填报表”的征集范围内"
    late = world.at(world.reporter, 2025, 9, 1)
    with pytest.raises(Refused) as refusal:
        returns.start(late, world.campaign, world.county, "indicators")
    assert refusal.value.what == "填报时间是 2025-06-03 00:00 至 2025-09-01 00:00 之前 (北京时间)"
    last_second = world.at(world.reporter, 2025, 8, 31, 23, 59, 59)
    assert returns.start(last_second, world.campaign, world.county, "indicators").state == "draft"


def test_the_second_person_is_another_one(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    both = world.person("both", "confirmer", world.county)
    filed.decisions.update(by=both.user)
    with pytest.raises(Forbidden):
        returns.confirm(both, filed, filed.revision)


def test_the_loser_of_a_race_is_told(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    seen = returns.confirm(world.confirmer, filed, filed.revision).revision
    filed.refresh_from_db()
    returns.accept(world.office, filed, seen, 1, seal_seen=True)
    with pytest.raises(Conflict):
        returns.accept(world.second_office, filed, seen, 1, seal_seen=True)
