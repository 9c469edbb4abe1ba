"""From accepted returns to a snapshot, from a snapshot to an index, and what changed since."""

from __future__ import annotations

import io
import json
import zipfile

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

import xinzhi
from tests.campaign.accepted import accepted_case, accepted_figures, corrected, figures_of
from tests.campaign.conftest import World
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.results import operations as results
from xinzhi.campaign.results.models import Computed, Snapshot
from xinzhi.campaign.results.queries import computed_visible_to, differences, snapshots_visible_to
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.operations import send_back
from xinzhi.campaign.storage.files import take
from xinzhi.index import load_result
from xinzhi.methodology import load_methodology

COUNTIES = ("990121", "990122", "990181")


@pytest.fixture
def frozen(world: World) -> Snapshot:
    """The snapshot of three counties, one of which recommends a case and files one."""
    for code in COUNTIES:
        accepted_figures(world, code)
    accepted_case(world, "990121", "甲样县绿色算力")
    accepted_case(world, "990102", "东样区智能制造", recommender="990121")
    return results.freeze(world.office, world.campaign)


def figure(frame: pl.DataFrame, code: str, indicator: str, year: int) -> tuple[float | None, str, str]:
    row = frame.filter(code=code, indicator=indicator, year=year)
    return row["value"].item(), row["status"].item(), row["source"].item()


def test_a_snapshot_holds_what_was_accepted_and_where_it_comes_from(world: World, frozen: Snapshot) -> None:
    filed = figures_of(world, "990181")
    version = world.campaign.returns.get(unit__code="990181").versions.get()
    frame = frozen.figures
    assert figure(frame, "990181", "gdp", 2023) == (
        float(filed["gdp", 2023]), "reported", f"{version.receipt} v1"
    )  # fmt: skip
    # Filed and recommended by 990121: two cases; nobody has counted reports yet.
    assert figure(frame, "990121", "cases", 2024) == (2.0, "reported", "审核通过的案例计数")
    assert figure(frame, "990122", "cases", 2024) == (0.0, "reported", "审核通过的案例计数")
    assert figure(frame, "990121", "domestic_reports", 2024) == (None, "missing", "")
    # Fourteen rows and three working fields of two years.
    assert frame.height == len(COUNTIES) * 17 * 2
    assert frozen.number == 1
    assert frozen.about["states"] == {"accepted": 3}
    world.campaign.refresh_from_db()
    assert world.campaign.state == "frozen"


def test_a_snapshot_has_no_contacts(world: World, frozen: Snapshot) -> None:
    case = world.campaign.returns.get(sort="case", unit__code="990121")
    private = [key for key, field in world.campaign.case.fields.items() if field.private]
    texts = texts_of(case)
    contacts = [texts[key].text for key in private if key in texts]
    assert len(contacts) == 4
    everything = json.dumps(frozen.about, ensure_ascii=False) + frozen.figures.write_csv()
    assert [contact for contact in contacts if contact in everything] == []


def test_the_command_computes_a_snapshot(world: World, frozen: Snapshot, tmp_path) -> None:
    path = tmp_path / "snapshot.parquet"
    path.write_bytes(bytes(frozen.panel))
    result = xinzhi.compute("county-2025", path)
    assert result.codes == COUNTIES
    assert result.years == (2023, 2024)
    assert result.is_scored
    # Nothing but the two rows of the media unit is missing; the province is said to be fictitious.
    assert result.empty_indicators == ("domestic_reports", "foreign_reports")
    assert result.notes[0] == "演示数据: 示例省并不存在, 数字都是虚构的"
    assert {unit.code[:2] for unit in result.figures.absent} == {"99"}
    cell = result.trace("990181", "gdp", 2024)
    version = world.campaign.returns.get(unit__code="990181").versions.get()
    assert f"{version.receipt} v1" in str(cell)


def test_a_correction_makes_a_new_snapshot_with_a_shown_difference(world: World, frozen: Snapshot) -> None:
    with pytest.raises(Refused) as refusal:
        results.freeze(world.office, world.campaign)
    assert refusal.value.what == "与第 1 号快照相比, 数据没有变化"
    filed = world.campaign.returns.get(unit__code="990181")
    before = float(figures_of(world, "990181")["loans", 2024])
    filed = corrected(world, filed, "loans@2024", f"{before + 1:.2f}")
    second = results.freeze(world.office, world.campaign)
    assert (second.number, second.about["previous"]) == (2, {"number": 1, "digest": frozen.digest})
    found = differences(frozen, second)
    assert [(d.code, d.indicator, d.year, d.before, d.after) for d in found.figures] == [
        ("990181", "loans", 2024, before, pytest.approx(before + 1))
    ]
    assert (found.added, found.removed) == ([], [])
    frozen.refresh_from_db()
    assert figure(frozen.figures, "990181", "loans", 2024)[0] == before


def test_a_unit_that_is_sent_back_leaves_the_next_snapshot(world: World, frozen: Snapshot) -> None:
    filed = world.campaign.returns.get(unit__code="990122")
    send_back(world.office, filed, filed.revision, {"": "公章不清楚"})
    found = differences(frozen, results.freeze(world.office, world.campaign))
    assert ([name for _code, name in found.removed], found.added, found.figures) == (["乙样县"], [], [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results_snapshot SET number = 7",
        "UPDATE results_snapshot SET content = ''",
        "DELETE FROM results_snapshot",
    ],
)
def test_a_snapshot_cannot_be_altered(world: World, frozen: Snapshot, statement: str) -> None:
    with pytest.raises(DatabaseError, match="results_snapshot is append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert Snapshot.objects.get().number == 1


@pytest.mark.parametrize("who", ["analyst", "auditor", "reporter", "expert", "media", "city"])
def test_who_may_not_freeze(world: World, who: str) -> None:
    accepted_figures(world, "990121")
    with pytest.raises(Forbidden):
        results.freeze(getattr(world, who), world.campaign)
    assert Snapshot.objects.count() == 0


def test_nothing_accepted_is_nothing_to_freeze(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        results.freeze(world.office, world.campaign)
    assert refusal.value.what == "还没有审核通过的指标填报, 没有可冻结的数据"
    world.campaign.refresh_from_db()
    assert world.campaign.state == "open"


# --- computing -------------------------------------------------------------------------------------------


def computed(world: World, frozen: Snapshot, **more: object) -> Computed:
    made = results.order(world.analyst, frozen, load_methodology("county-2025"), **more)  # type: ignore[arg-type]
    assert work_off() == 1
    made.refresh_from_db()
    return made


def test_a_job_computes_what_the_library_does(world: World, frozen: Snapshot, tmp_path) -> None:
    made = computed(world, frozen, without=["opinion"])
    expected = xinzhi.compute("county-2025", frozen.figures, without=["opinion"])
    assert made.state == "computed"
    assert made.table.equals(expected.to_polars())
    assert made.summary["years"] == [2023, 2024]
    assert made.summary["said"]["zh"]["title"] == expected.title
    assert made.job.progress == 1.0
    with zipfile.ZipFile(io.BytesIO(take(made.folder))) as archive:
        archive.extractall(tmp_path)
    assert load_result(tmp_path / "call-2025-result-1").score("990121") == expected.score("990121")


def test_the_job_done_twice_changes_nothing(world: World, frozen: Snapshot) -> None:
    made = computed(world, frozen)
    events = Event.objects.count()
    results.compute({"computed": made.pk}, lambda _progress: None)
    assert Event.objects.count() == events


def test_weights_of_experts(world: World, frozen: Snapshot) -> None:
    leaves = load_methodology("county-2025").tree.leaves
    weights = {leaf: 1.0 + n for n, leaf in enumerate(leaves)}
    made = computed(world, frozen, weights={"of": weights, "sheet": "experts.csv", "experts": 3})
    assert made.table.equals(xinzhi.compute("county-2025", frozen.figures, weights=weights).to_polars())


def test_a_methodology_that_does_not_fit_fails_with_a_reason(world: World, frozen: Snapshot) -> None:
    made = results.order(world.analyst, frozen, load_methodology("province-open"))
    assert work_off() == 1
    made.refresh_from_db()
    assert made.state == "failed"
    assert Job.objects.get(kind="result.compute").state == "failed"
    assert Job.objects.get(kind="result.compute").said.splitlines()[-1] != ""


def test_weights_that_do_not_fit_are_refused_at_once(world: World, frozen: Snapshot) -> None:
    with pytest.raises(xinzhi.XinzhiError):
        results.order(world.analyst, frozen, load_methodology("county-2025"), {"of": {"gdp": 1.0}})
    assert (Computed.objects.count(), Job.objects.filter(kind="result.compute").count()) == (0, 0)


def test_one_result_is_proposed_at_a_time(world: World, frozen: Snapshot) -> None:
    first, second = computed(world, frozen), computed(world, frozen, without=["opinion"])
    results.propose(world.analyst, first)
    results.propose(world.office, second)
    assert [(c.number, c.state) for c in world.campaign.computed.all()] == [(2, "proposed"), (1, "computed")]
    with pytest.raises(Conflict):
        results.propose(world.office, second)
    with pytest.raises(Forbidden):
        results.propose(world.auditor, first)


def test_who_sees_snapshots_and_results(world: World, frozen: Snapshot) -> None:
    made = computed(world, frozen)
    people = (
        "office", "analyst", "auditor", "reporter", "confirmer", "city", "expert", "media",
    )  # fmt: skip
    seen = {
        who: (
            snapshots_visible_to(getattr(world, who)).filter(pk=frozen.pk).count(),
            computed_visible_to(getattr(world, who)).filter(pk=made.pk).count(),
        )
        for who in people
    }
    assert seen == {
        "office": (1, 1), "analyst": (1, 1), "auditor": (1, 1), "reporter": (0, 0), "confirmer": (0, 0),
        "city": (0, 0), "expert": (0, 0), "media": (0, 0),
    }  # fmt: skip
