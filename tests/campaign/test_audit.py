"""The chain of events: nothing in it changes, and where somebody gets past the database, it shows."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from tests.campaign.accepted import accepted_figures
from tests.campaign.conftest import World
from xinzhi.campaign.audit.chain import digest_of, record, verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.audit.protection import freeing
from xinzhi.campaign.audit.witnesses import NOTED, verify_with_witnesses
from xinzhi.campaign.results.models import Snapshot
from xinzhi.campaign.results.operations import freeze
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.models import Version
from xinzhi.campaign.returns.operations import attach, erase_personal_data, save_cells, start
from xinzhi.campaign.storage.files import take
from xinzhi.campaign.storage.vault import Erased


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def unprotected(*statements: str, table: str = "audit_event") -> None:
    """Run statements as somebody would who can drop the triggers."""
    run(*freeing(table, connection.vendor), *statements)


REPLACING = {
    "sqlite": "INSERT OR REPLACE INTO audit_event SELECT sequence, at, actor, 'other', subject, campaign, detail,"
    " previous, digest FROM audit_event WHERE sequence = 2",
    "postgresql": "INSERT INTO audit_event SELECT * FROM audit_event WHERE sequence = 2"
    " ON CONFLICT (sequence) DO UPDATE SET verb = 'other'",
}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET verb = 'other' WHERE sequence = 2",
        "UPDATE audit_event SET detail = '{}'",
        "DELETE FROM audit_event WHERE sequence = 2",
        "DELETE FROM audit_event",
        REPLACING,
        {"postgresql": "TRUNCATE audit_event", "sqlite": "DELETE FROM audit_event WHERE 1"},
    ],
)
def test_the_database_refuses_to_change_an_event(world: World, statement: str | dict[str, str]) -> None:
    before = [*Event.objects.values_list()]
    text = statement if isinstance(statement, str) else statement[connection.vendor]
    with pytest.raises(DatabaseError, match="audit_event is append-only"), transaction.atomic():
        run(text)
    assert [*Event.objects.values_list()] == before
    assert verify().fault == ""


def rehashed(first: int) -> None:
    """Compute the chain anew from an event on, as somebody would who knows how it is made."""
    previous = Event.objects.filter(sequence=first - 1).values_list("digest", flat=True).first() or "0" * 64
    for event in Event.objects.filter(sequence__gte=first).order_by("sequence"):
        event.previous = previous
        event.digest = previous = digest_of(event)
        event.save()


LAST = "(SELECT m FROM (SELECT MAX(sequence) AS m FROM audit_event) AS t)"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_event SET at = '2020' WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET actor = 4711 WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET verb = 'other' WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET subject = 'other' WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET campaign = 4711 WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET detail = '[]' WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET digest = previous WHERE sequence = 3", "第 3 条的内容被改过"),
        ("UPDATE audit_event SET previous = digest WHERE sequence = 3", "第 3 条与前一条接不上"),
        ("DELETE FROM audit_event WHERE sequence = 3", "第 2 条之后缺少记录"),
        ("DELETE FROM audit_event WHERE sequence = 1", "第 0 条之后缺少记录"),
        (
            "UPDATE audit_event SET sequence = 999999 WHERE sequence = 3;"
            "UPDATE audit_event SET sequence = 3 WHERE sequence = 4;"
            "UPDATE audit_event SET sequence = 4 WHERE sequence = 999999",
            "第 3 条与前一条接不上",
        ),
    ],
)
def test_whoever_gets_past_the_triggers_is_seen(world: World, statement: str, fault: str) -> None:
    unprotected(*statement.split(";"))
    assert verify().fault == fault


def test_an_event_put_in_is_seen(world: World) -> None:
    count = Event.objects.count()
    Event.objects.create(
        sequence=count + 1, at="2025", verb="x", subject="y", previous="0" * 64, digest="0" * 64
    )
    assert verify().fault == f"第 {count + 1} 条与前一条接不上"


# --- what only witnesses can tell ------------------------------------------------------------------------


def test_an_end_cut_off_is_seen_by_the_head_that_was_noted(world: World) -> None:
    before = verify_with_witnesses()
    assert (before.fault, before.events) == ("", Event.objects.count())
    unprotected(f"DELETE FROM audit_event WHERE sequence = {LAST}")
    assert verify().fault == ""
    assert verify_with_witnesses().fault == f"上次核对时的第 {before.events} 条已经不在, 或被改写"


def test_a_chain_written_anew_is_seen_by_the_head_that_was_noted(world: World) -> None:
    before = verify_with_witnesses()
    unprotected("UPDATE audit_event SET actor = NULL, verb = 'other' WHERE sequence = 3")
    rehashed(3)
    assert verify().fault == ""
    assert verify_with_witnesses().fault == f"上次核对时的第 {before.events} 条已经不在, 或被改写"


def test_a_head_is_noted_once_and_only_of_a_good_chain(world: World, settings) -> None:
    noted = settings.ENVIRONMENT.keys / NOTED
    verify_with_witnesses()
    verify_with_witnesses()
    assert noted.read_text().splitlines() == [f"{verify().events} {verify().head}"]
    unprotected("DELETE FROM audit_event WHERE sequence = 2")
    verify_with_witnesses()
    assert len(noted.read_text().splitlines()) == 1


@pytest.fixture
def frozen(world: World) -> Snapshot:
    accepted_figures(world, "990121")
    return freeze(world.office, world.campaign)


def test_a_chain_written_anew_is_seen_by_a_snapshot(world: World, frozen: Snapshot) -> None:
    unprotected("UPDATE audit_event SET verb = 'other' WHERE sequence = 3")
    rehashed(3)
    stated = frozen.about["audit"]["sequence"]
    assert verify().fault == ""
    assert verify_with_witnesses().fault == f"快照 call-2025-1 写明的第 {stated} 条已经不在, 或被改写"


def test_an_end_cut_off_is_seen_by_a_snapshot_and_by_a_version(world: World, frozen: Snapshot) -> None:
    unprotected(f"DELETE FROM audit_event WHERE sequence > {frozen.about['audit']['sequence']}")
    assert verify_with_witnesses().fault == "快照 call-2025-1 没有对应的记录"
    made = Event.objects.get(verb="version.made")
    unprotected(f"DELETE FROM audit_event WHERE sequence >= {made.sequence}")
    unprotected("DELETE FROM results_snapshot", table="results_snapshot")
    assert verify_with_witnesses().fault == f"回执 {Version.objects.get().receipt} 没有对应的记录"


def test_a_version_taken_away_is_seen(world: World, frozen: Snapshot) -> None:
    Version.objects.all().delete()
    filed = world.campaign.returns.get()
    assert verify_with_witnesses().fault == f"{filed.subject} 第 1 版有记录, 填报却不在"


@pytest.mark.parametrize("column", ["panel", "about"])
def test_an_altered_snapshot_is_seen(world: World, frozen: Snapshot, column: str) -> None:
    unprotected(table="results_snapshot")
    changed = {"panel": b"other", "about": frozen.about | {"states": {}}}
    Snapshot.objects.filter(pk=frozen.pk).update(**{column: changed[column]})
    assert verify_with_witnesses().fault == "快照 call-2025-1 的内容被改过"


# --- what is kept, and what is not -----------------------------------------------------------------------


def test_an_event_stands_or_falls_with_its_change(world: World) -> None:
    count = Event.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(world.office, "campaign.changed", "campaign:1")
        raise ZeroDivisionError
    assert Event.objects.count() == count


def test_the_audit_holds_no_contact_and_no_text(world: World, frozen: Snapshot) -> None:
    filed = start(world.system, world.campaign, world.district, "case")
    save_cells(
        world.system, filed, {"contact": "张三样例", "phone": "010-00000000", "title": "东样区算力"}, {}
    )
    everything = "".join(event.detail + event.subject for event in Event.objects.all())
    people = [world.office, world.reporter, world.analyst]
    said = [person.user.email for person in people if person.user] + ["张三样例", "010-00000000", "东样区"]
    assert [text for text in said if text in everything] == []


def test_erasing_makes_personal_data_unreadable_and_the_chain_still_holds(
    world: World, django_capture_on_commit_callbacks
) -> None:
    filed = start(world.reporter, world.campaign, world.county, "case")
    save_cells(
        world.reporter, filed, {"contact": "张三样例", "phone": "010-00000000", "title": "甲样县算力"}, {}
    )
    original = attach(world.reporter, filed, "original", "原件.docx", b"original")
    assert take(original.blob) == b"original"
    assert texts_of(filed)["phone"].text == "010-00000000"
    with django_capture_on_commit_callbacks(execute=True):
        erase_personal_data(world.office, filed)
    with pytest.raises(Erased):
        take(original.blob)
    with pytest.raises(Erased):
        texts_of(filed)
    assert texts_of(filed, private=False)["title"].text == "甲样县算力"
    assert verify_with_witnesses().fault == ""
    kept = json.loads(Event.objects.filter(verb="cell.saved").first().detail)  # type: ignore[union-attr]
    assert sorted(kept) == ["digest", "key", "revision"]
