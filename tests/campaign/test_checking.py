"""Checking: queues whose counts agree, decisions bound to what was seen, several at once, the board, letters."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator

import openpyxl
import pytest
from django.core import mail
from django.db import IntegrityError, connection, connections, transaction

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.campaign.test_returns import filled
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.queries import asked_units
from xinzhi.campaign.checking import board as boards
from xinzhi.campaign.checking import letters, operations
from xinzhi.campaign.checking.models import FindingCount, Letter
from xinzhi.campaign.checking.operations import Decision, Pick
from xinzhi.campaign.checking.queries import Filters, queue, stage_counts
from xinzhi.campaign.checking.reminders import draft_reminders
from xinzhi.campaign.checking.showing import differences
from xinzhi.campaign.checking.stages import STAGES
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.returns.states import STATES


def submitted(world: World) -> Return:
    """Return the figures of the county, sent and confirmed."""
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    return returns.confirm(world.confirmer, filed, filed.revision)


def submitted_by(world: World, code: str) -> Return:
    """Return figures of another county that were put in the queue at once; their content does not matter."""
    filed = returns.start(world.system, world.campaign, world.unit[code], "indicators")
    returns._make_version(world.system, filed, (), None)
    Return.objects.filter(pk=filed.pk).update(state="submitted")
    filed.refresh_from_db()
    return filed


def address(world: World, rest: str = "") -> str:
    return f"/c/{world.campaign.slug}/check/{rest}"


# --- the queue -------------------------------------------------------------------------------------------


def test_every_state_has_one_stage() -> None:
    assert sorted(state for stage in STAGES.values() for state in stage.states) == sorted(STATES)


def test_counts_of_stages_agree_with_the_rows(world: World) -> None:
    submitted(world)
    submitted_by(world, "990122")
    returns.start(world.system, world.campaign, world.unit["990123"], "indicators")
    for filters in (
        Filters(),
        Filters(branch="990100"),
        Filters(sort="case"),
        Filters(grade="clean"),
        Filters(words="甲"),
    ):
        counts = stage_counts(world.office, world.campaign, filters)
        for stage, count in counts.items():
            chosen = Filters(**{**filters.__dict__, "stage": stage})
            assert queue(world.office, world.campaign, chosen).count() == count
    assert stage_counts(world.office, world.campaign, Filters()) == {
        "": 3, "filling": 1, "reviewing": 0, "submitted": 2, "returned": 0, "accepted": 0, "declined": 0,
    }  # fmt: skip


def test_findings_are_counted_with_the_version(world: World) -> None:
    filed = submitted(world)
    version = filed.versions.get()
    counted = FindingCount.objects.get(version=version)
    assert counted.mend + counted.explain + counted.note == len(version.findings)


@pytest.mark.parametrize("count", [1, 3])
def test_a_queue_takes_as_many_queries_for_three_as_for_one(
    world: World, count: int, django_assert_num_queries
) -> None:
    for code in ("990121", "990122", "990123")[:count]:
        submitted_by(world, code)
    client = client_of(world.office)
    client.get(address(world))
    with django_assert_num_queries(12):
        page = client.get(address(world, "?stage=submitted"))
    assert (
        sorted(filed.unit.code for filed, _stage in page.context["rows"])
        == ["990121", "990122", "990123"][:count]
    )


def test_who_opens_the_pages_of_checking(world: World) -> None:
    filed = submitted(world)
    pages = ("", "board/", "board/csv/", "letters/", f"{filed.pk}/")
    opened = {
        name: [client_of(getattr(world, name)).get(address(world, page)).status_code for page in pages]
        for name in ("office", "auditor", "city", "reporter", "confirmer", "expert", "media", "analyst")
    }
    nothing = [404] * 5
    assert opened == {
        "office": [200] * 5, "auditor": [200] * 5, "city": [200] * 5, "reporter": nothing, "confirmer": nothing,
        "expert": nothing, "media": nothing, "analyst": nothing,
    }  # fmt: skip


def test_a_reviewer_sees_the_own_branch_alone(world: World) -> None:
    filed, elsewhere = submitted(world), submitted_by(world, "990223")
    client = client_of(world.city)
    found = [client.get(address(world, f"{each.pk}/")).status_code for each in (filed, elsewhere)]
    assert found == [200, 404]
    assert boards.board(world.city, world.campaign).total.asked == sum(
        unit.path.startswith("990000/990100/") for unit in asked_units(world.campaign, "indicators")
    )


# --- decisions -------------------------------------------------------------------------------------------


def test_a_cell_is_sent_back_and_the_unit_is_written_to(world: World) -> None:
    filed = submitted(world)
    client = client_of(world.office)
    shown = client.get(address(world, f"{filed.pk}/"))
    assert shown.context["version"].number == 1
    told = {"verb": "return", "seen": filed.revision, "version": 1, "reason:gdp@2024": "与统计公报不一致"}
    answer = client.post(address(world, f"{filed.pk}/decide/"), told)
    assert (answer.status_code, answer.url) == (302, address(world, f"{filed.pk}/"))
    filed.refresh_from_db()
    assert filed.state == "returned"
    assert [(r.key, r.text) for r in filed.remarks.all()] == [("gdp@2024", "与统计公报不一致")]
    letter = Letter.objects.get()
    assert (letter.sort, letter.state, letter.unit) == ("sent_back", "draft", world.county)
    assert letter.body == (
        "甲样县:\n\n贵单位的“县域新质生产力发展研究测评指标数据填报表” (第 1 版) 已退回, 共 1 条理由。请登录平台逐条查看, "
        "修改或说明后, 在2025年7月8日 12:00 (北京时间)前再次提交。"
    )
    assert mail.outbox == []


def test_a_refused_decision_keeps_what_was_typed(world: World) -> None:
    filed = submitted(world)
    client = client_of(world.office)
    place = address(world, f"{filed.pk}/decide/")
    whole = {"verb": "accept", "seen": filed.revision, "version": 1, "reason:gdp@2024": "请核对甲乙丙"}
    without_seal = client.post(place, whole)
    assert without_seal.status_code == 422
    assert without_seal.content.decode().count("请核对甲乙丙") == 1
    stale = client.post(place, whole | {"verb": "return", "seen": filed.revision - 1})
    assert stale.status_code == 409
    assert stale.content.decode().count("请核对甲乙丙") == 1
    other_version = client.post(place, whole | {"version": 2, "seal": "on"})
    assert other_version.status_code == 409
    assert client_of(world.auditor).post(place, whole | {"seal": "on"}).status_code == 404
    filed.refresh_from_db()
    assert filed.state == "submitted" and Letter.objects.count() == 0


def test_of_two_acceptances_one_is_told(world: World) -> None:
    filed = submitted(world)
    told = {"verb": "accept", "seen": filed.revision, "version": 1, "seal": "on"}
    place = address(world, f"{filed.pk}/decide/")
    answers = [
        client_of(actor).post(place, told).status_code for actor in (world.office, world.second_office)
    ]
    assert answers == [302, 409]
    assert [d.by for d in filed.decisions.filter(verb="accept")] == [world.office.user]
    assert Letter.objects.filter(sort="accepted").count() == 1


def test_several_at_once_each_by_itself(world: World) -> None:
    good, stale = submitted_by(world, "990122"), submitted_by(world, "990123")
    picks = [Pick(good.pk, good.revision, 1), Pick(stale.pk, stale.revision + 1, 1)]
    report = operations.accept_selected(world.office, world.campaign, picks, seal_seen=True)
    assert [(o.what, o.done, o.why) for o in report] == [
        (str(good), True, ""),
        (str(stale), False, "这份填报刚刚有了变化"),
    ]
    states = dict(Return.objects.values_list("unit__code", "state"))
    assert states == {"990122": "accepted", "990123": "submitted"}
    unsealed = operations.accept_selected(
        world.office, world.campaign, [Pick(stale.pk, 1, 1)], seal_seen=False
    )
    assert [(o.done, o.why) for o in unsealed] == [(False, "还没有核对公章")]


def test_a_page_of_several_tells_what_was_not_done(world: World) -> None:
    good, stale = submitted_by(world, "990122"), submitted_by(world, "990123")
    told = {
        "do": "accept",
        "seal": "on",
        "address": "stage=submitted&x=%22",
        "pick": [f"{good.pk}:1:1", f"{stale.pk}:9:1", "junk"],
    }
    answer = client_of(world.office).post(address(world, "selected/"), told, follow=True)
    assert answer.redirect_chain == [(address(world, "?stage=submitted"), 302)]
    assert [str(m) for m in answer.context["messages"]] == [
        "已完成 1 份",
        f"{stale}: 没有完成, 这份填报刚刚有了变化",
    ]


def test_a_reminder_is_asked_for_once_a_day(world: World) -> None:
    filed = returns.start(world.reporter, world.campaign, world.county, "indicators")
    pick = [Pick(filed.pk, filed.revision, 0)]
    twice = [operations.remind_selected(world.office, world.campaign, pick)[0] for _n in range(2)]
    assert [(o.done, o.why) for o in twice] == [(True, ""), (False, "今天已经提醒过")]


def test_contacts_are_shown_to_whom_they_concern_and_each_look_is_entered(world: World) -> None:
    filed = submitted(world)
    place = address(world, f"{filed.pk}/contacts/")
    shown = client_of(world.office).post(place)
    assert shown.status_code == 200 and "reporter@example.org" in shown.content.decode()
    assert client_of(world.auditor).post(place).status_code == 404
    assert client_of(world.city).post(place).status_code == 404
    assert client_of(world.office).get(place).status_code == 405
    looks = Event.objects.filter(verb="contacts.seen")
    assert [event.actor for event in looks] == [world.office.user.pk]
    assert "reporter@example.org" not in "".join(Event.objects.values_list("detail", flat=True))
    page = client_of(world.office).get(address(world, f"{filed.pk}/")).content.decode()
    assert "reporter@example.org" not in page


def test_a_scan_is_a_download_for_whom_contacts_concern(world: World) -> None:
    filed = filled(world)
    scan = returns.attach(world.reporter, filed, "scan", "盖章页.html", b"<script>alert(1)</script>")
    filed = returns.send(world.reporter, filed, filed.revision)
    returns.confirm(world.confirmer, filed, filed.revision)
    place = address(world, f"{filed.pk}/files/{scan.pk}/")
    answer = client_of(world.office).get(place)
    assert answer.content == b"<script>alert(1)</script>"
    assert {
        name: answer[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")
    } == {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment; filename*=UTF-8''%E7%9B%96%E7%AB%A0%E9%A1%B5.html",
        "X-Content-Type-Options": "nosniff",
    }
    assert client_of(world.auditor).get(place).status_code == 403


def test_notes_are_for_the_office(world: World) -> None:
    filed = submitted(world)
    place = address(world, f"{filed.pk}/")
    assert client_of(world.office).post(f"{place}note/", {"text": "已电话核实"}).status_code == 302
    assert client_of(world.city).post(f"{place}note/", {"text": "x"}).status_code == 404
    seen = {
        name: "已电话核实" in client_of(getattr(world, name)).get(place).content.decode()
        for name in ("office", "auditor", "city")
    }
    assert seen == {"office": True, "auditor": True, "city": False}


def test_versions_stand_beside_each_other(world: World) -> None:
    filed = submitted(world)
    filed = returns.send_back(world.office, filed, filed.revision, {"gdp@2024": "请核对"})
    cell = filed.cells.get(key="gdp@2024")
    returns.save_cell(world.reporter, filed, "gdp@2024", f"{float(cell.text) + 1:.2f}", cell.revision)
    filed = returns.send(world.reporter, filed, filed.revision)
    filed = returns.confirm(world.confirmer, filed, filed.revision)
    page = client_of(world.office).get(address(world, f"{filed.pk}/"))
    changed = [c.key for line in page.context["content"].lines for c in line.cells if c.changed]
    assert changed == ["gdp@2024"]
    earlier = client_of(world.office).get(address(world, f"{filed.pk}/?version=1"))
    assert (earlier.context["version"].number, earlier.context["steps"]) == (1, {})


def test_differences_are_told_by_sentence() -> None:
    assert differences("一。二。三。", "一。两。三。四。") == [
        ("same", "一。"), ("gone", "二。"), ("new", "两。"), ("same", "三。"), ("new", "四。"),
    ]  # fmt: skip
    assert differences("甲", "甲") == [("same", "甲")]


# --- the board -------------------------------------------------------------------------------------------


def test_the_board_agrees_with_queue_and_export(world: World) -> None:
    submitted(world)
    submitted_by(world, "990122")
    board = boards.board(world.office, world.campaign)
    asked = asked_units(world.campaign, "indicators").count()
    assert (board.total.asked, sum(board.total.stages.values())) == (asked, asked)
    counts = stage_counts(world.office, world.campaign, Filters(sort="indicators"))
    assert {name: n for name, n in board.total.stages.items() if name != "none"} == {
        n: c for n, c in counts.items() if n
    }
    (province, cities) = board.provinces[0]
    assert (province.asked, sum(city.asked for city in cities)) == (asked, asked)
    lines = list(csv.reader(io.StringIO(boards.as_csv(world.office, world.campaign).decode("utf-8-sig"))))
    assert len(lines) == asked + 1
    assert [line for line in lines if line[0] == "990121"] == [
        ["990121", "示例省", "样例市", "甲样县", "待审核", "1", ""]
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(boards.as_xlsx(world.office, world.campaign))).active
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == [
        ["演示数据"] + [""] * 6,
        *lines,
    ]


def test_a_city_of_the_board(world: World) -> None:
    submitted(world)
    total = boards.board(world.office, world.campaign, "990100").total
    within = [u for u in asked_units(world.campaign, "indicators") if u.path.startswith("990000/990100/")]
    assert (total.asked, total.sent, total.stages["submitted"]) == (len(within), 1, 1)
    assert round(total.share, 6) == round(100 / len(within), 6)
    districts = boards.tiles(world.office, world.campaign, "990100")
    assert [(d.name, len(d.tiles)) for d in districts] == [("样例市", len(within))]
    assert {t.stage for d in districts for t in d.tiles if t.name == "甲样县"} == {"submitted"}


def test_the_board_is_counted_in_three_queries(world: World, django_assert_num_queries) -> None:
    submitted_by(world, "990122")
    with django_assert_num_queries(3):  # units by place and state; cases; names of places
        boards.board(world.office, world.campaign)


# --- letters ---------------------------------------------------------------------------------------------


def test_reminders_come_once_by_rule_unit_and_day(world: World) -> None:
    submitted(world)
    week = world.at(world.office, 2025, 8, 25, 9)  # the window ends with 31 August: six days
    assert draft_reminders(week, world.campaign) == 0
    week = world.at(world.office, 2025, 8, 24, 9)
    asked = asked_units(world.campaign, "indicators").count()
    assert draft_reminders(week, world.campaign) == asked - 1
    assert draft_reminders(week, world.campaign) == 0
    letter = Letter.objects.get(unit__code="990122")
    assert (letter.rule, f"{letter.day}", letter.state) == ("closing:7", "2025-08-24", "draft")
    assert letter.subject == f"请及时填报: {world.campaign.title}"
    assert "将于2025年8月31日 24:00 (北京时间)截止, 还有7天" in letter.body
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(
            campaign=world.campaign, unit=letter.unit, rule=letter.rule, day=letter.day, sort="closing",
            subject="x", body="x", made_at=week.now,
        )  # fmt: skip


def test_what_was_sent_back_is_reminded_by_its_own_date(world: World) -> None:
    filed = submitted(world)
    returns.send_back(
        world.office, filed, filed.revision, {"": "请核对"}
    )  # at noon of 1 July: due at noon of 8 July
    draft_reminders(world.at(world.office, 2025, 7, 5, 9), world.campaign)
    assert list(Letter.objects.values_list("rule", "unit__code")) == [("due:3", "990121")]


def test_a_reviewer_reminds_the_own_branch(world: World) -> None:
    draft_reminders(world.at(world.city, 2025, 8, 24, 9), world.campaign)
    assert {path[:14] for path in Letter.objects.values_list("unit__path", flat=True)} == {"990000/990100/"}
    with pytest.raises(Forbidden):
        draft_reminders(world.auditor, world.campaign)


def test_automatic_letters_leave_by_themselves(world: World) -> None:
    world.campaign.reminders["automatic"] = True
    world.campaign.save()
    filed = submitted(world)
    operations.decide(world.office, filed, Decision("accept", filed.revision, 1, {}, seal_seen=True))
    work_off()
    assert [m.subject for m in mail.outbox] == [
        "【演示数据】填报审核通过: 县域新质生产力发展研究测评指标数据填报表"
    ]


def test_letters_by_page(world: World) -> None:
    client = client_of(world.office)
    told = {
        "do": "write",
        "branch": "990100",
        "stage": "unfinished",
        "subject": "请填报",
        "body": "第一行\n第二行",
    }
    assert client.post(address(world, "letters/message/"), told).status_code == 302
    letter = Letter.objects.get(unit=world.county)
    place = address(world, f"letters/{letter.pk}/")
    changed = {"seen": letter.revision, "subject": "新标题", "body": "新内容"}
    assert client.post(place, changed).status_code == 302
    stale = client.post(place, changed | {"body": "另一人写的"})
    assert (stale.status_code, stale.content.decode().count("另一人写的")) == (409, 1)
    empty = client.post(address(world, "letters/message/"), told | {"subject": " "})
    assert (empty.status_code, empty.content.decode().count("第一行")) == (422, 1)
    letter.refresh_from_db()
    sent = client.post(
        address(world, "letters/selected/"),
        {"do": "send", "pick": [f"{letter.pk}:{letter.revision}"]},
        follow=True,
    )
    assert [str(m) for m in sent.context["messages"]][-1] == "已完成 1 份"
    nobody = Letter.objects.get(unit__code="990123")
    refused = client.post(
        address(world, "letters/selected/"), {"do": "send", "pick": [f"{nobody.pk}:1"]}, follow=True
    )
    assert [str(m) for m in refused.context["messages"]][
        -1
    ] == "丙样县 · 请填报: 没有完成, 这个单位还没有人注册"
    assert client_of(world.auditor).post(address(world, "letters/today/")).status_code == 404


def test_a_heading_carries_no_second_line(world: World) -> None:
    letters.write_message(world.office, world.campaign, [world.county], "甲\nBcc: x@example.org", "内容")
    assert Letter.objects.get().subject == "甲Bcc: x@example.org"
    with pytest.raises(Refused):
        letters.write_message(world.office, world.campaign, [], "甲", "乙")


# --- two at once -----------------------------------------------------------------------------------------


@pytest.fixture
def real_transactions(transactional_db: None) -> Iterator[None]:
    """Emptying the tables afterwards is what the triggers of the audit refuse: this connection ignores them."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_that_accept_at_the_same_moment_one_is_told(real_transactions: None, world: World) -> None:
    filed = submitted(world)
    start, outcomes = threading.Barrier(2), []
    decision = Decision("accept", filed.revision, 1, {}, seal_seen=True)

    def accept(actor: Actor) -> None:
        try:
            start.wait(10)
            operations.decide(actor, filed, decision)
            outcomes.append("accepted")
        except Conflict:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=accept, args=(actor,)) for actor in (world.office, world.second_office)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["accepted", "told"]
    assert (
        filed.decisions.filter(verb="accept").count() == Letter.objects.filter(sort="accepted").count() == 1
    )
