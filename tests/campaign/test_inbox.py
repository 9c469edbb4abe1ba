"""The inbox: kept once, read apart, matched, made a draft or chosen cell by cell; nothing overwrites silently."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.campaign.arrivals import arrived, taken
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.intake.mail_servers import mail
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.inbox import operations, replies
from xinzhi.campaign.inbox.models import Arrival, ArrivedFile
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.storage.vault import vault

CREDIT_CODE = "91990000MA0000001X"


def form_of(arrival: Arrival) -> ArrivedFile:
    return arrival.items.exclude(form="").get()


def address(world: World, rest: str = "") -> str:
    return f"/c/{world.campaign.slug}/inbox/{rest}"


def test_a_mail_becomes_a_draft_and_is_sent_on(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    assert (arrival.status, arrival.unit, arrival.received_at) == (
        "understood", world.county, mails["figures-word"].received,
    )  # fmt: skip
    client = client_of(world.office)
    place = address(world, f"{arrival.pk}/{form_of(arrival).pk}/")
    assert client.post(place, {"do": "draft"}).url == place
    filed = Return.objects.get()
    assert (filed.unit, filed.state, filed.made_by) == (world.county, "draft", world.office.user)
    assert {cell.channel for cell in filed.cells.all()} == {"mail"}
    assert [a.sort for a in filed.attachments.all()] == ["original"]
    without = client.post(f"{place}send/", {"seen": filed.revision})
    assert without.status_code == 422
    sent = client.post(f"{place}send/", {"seen": filed.revision, "stated": "on"})
    filed.refresh_from_db()
    assert (sent.status_code, filed.state, filed.version) == (302, "submitted", 1)
    assert filed.versions.get().channel == "mail"
    filed = returns.accept(world.second_office, filed, filed.revision, 1, seal_seen=True)
    assert filed.state == "accepted"


def test_the_same_mail_again_changes_nothing(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    before = (
        Event.objects.filter(verb__startswith="arrival.").count(),
        Job.objects.count(),
        arrival.revision,
    )
    answer = client_of(world.office).post(
        address(world, "upload/"),
        {"files": SimpleUploadedFile("anders.eml", mails["figures-word"].data)},
        follow=True,
    )
    assert [str(m) for m in answer.context["messages"]] == ["1 件以前收过, 没有改动"]
    work_off()
    arrival.refresh_from_db()
    assert (
        Event.objects.filter(verb__startswith="arrival.").count(),
        Job.objects.count(),
        arrival.revision,
    ) == before
    assert Arrival.objects.count() == 1


def test_a_mail_read_twice_is_one(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    files = arrival.items.count()
    Job.objects.update(state="waiting", lease="", leased_until=None)  # as after a kill at the very end
    work_off()
    arrival.refresh_from_db()
    assert (arrival.items.count(), arrival.revision) == (files, 2)


def test_a_person_chooses_cell_by_cell(world: World, mails) -> None:
    online = returns.start(world.reporter, world.campaign, world.county, "indicators")
    for key in ("gdp@2024", "loans@2024"):
        returns.save_cell(world.reporter, online, key, "1.00", 0)
    arrival = arrived(world, mails, "figures-word")
    item = form_of(arrival)
    client = client_of(world.office)
    place = address(world, f"{arrival.pk}/{item.pk}/")
    assert client.post(place, {"do": "draft"}).status_code == 409
    shown = client.get(place)
    differing = {pair.key: pair for pair, _choice in shown.context["pairs"]}
    assert {key: differing[key].online for key in ("gdp@2024", "loans@2024")} == {
        "gdp@2024": "1.00",
        "loans@2024": "1.00",
    }
    mailed = differing["gdp@2024"].mailed
    stale = client.post(
        place, {"do": "merge", "into": online.pk, "cell:gdp@2024": "mail", "seen:gdp@2024": 0}
    )
    assert stale.status_code == 409
    assert (
        online.cells.get(key="gdp@2024").text == "1.00" and not online.entries.filter(channel="mail").exists()
    )
    told = {
        "do": "merge", "into": online.pk, "cell:gdp@2024": "mail", "seen:gdp@2024": 1, "cell:loans@2024": "online",
        "seen:loans@2024": 1,
    }  # fmt: skip
    assert client.post(place, told).status_code == 302
    assert dict(online.cells.values_list("key", "text")) == {"gdp@2024": mailed, "loans@2024": "1.00"}
    assert client.post(place, told).status_code == 409
    event = Event.objects.get(verb="arrival.merged")
    assert '"kept":["loans@2024"],"taken":["gdp@2024"]' in event.detail


def test_what_was_sent_online_is_not_overwritten(world: World, mails) -> None:
    online = returns.start(world.reporter, world.campaign, world.county, "indicators")
    Return.objects.filter(pk=online.pk).update(state="submitted")
    item = form_of(arrived(world, mails, "figures-word"))
    with pytest.raises(Conflict):
        operations.merge(world.office, item, online, {"gdp@2024": "mail"}, {})
    assert online.entries.count() == 0


def test_a_hostile_archive_is_kept_apart(world: World, mails) -> None:
    arrival = arrived(world, mails, "bomb")
    assert arrival.status == "quarantine"
    client = client_of(world.office)
    assert client.get(address(world, f"{arrival.pk}/")).status_code == 200
    assert client.get(address(world, f"{arrival.pk}/original/")).status_code == 422
    assert not arrival.items.exclude(form="").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("../../etc/passwd.docx", b"PK\x03\x04 broken"),
        ("x.eml", b"From: a\x00b <x@example.com>\r\nSubject: =?gbk?B?/////?=\r\n\r\n"),
        ("<script>.zip", b"\x00" * 100),
    ],
)
def test_whatever_is_uploaded_is_answered(world: World, name: str, data: bytes) -> None:
    client = client_of(world.office)
    assert (
        client.post(address(world, "upload/"), {"files": SimpleUploadedFile(name, data)}).status_code == 302
    )
    work_off()
    arrival = Arrival.objects.get()
    assert arrival.status in ("question", "quarantine", "understood")
    for place in ("", f"{arrival.pk}/"):
        shown = client.get(address(world, place))
        assert shown.status_code == 200 and "<script>." not in shown.content.decode()


def test_nothing_is_uploaded(world: World) -> None:
    client = client_of(world.office)
    assert client.post(address(world, "upload/")).status_code == 422
    assert (
        client.post(address(world, "upload/"), {"files": SimpleUploadedFile("x.eml", b"")}).status_code == 422
    )
    assert Arrival.objects.count() == 0


def test_a_body_that_nobody_knew_is_made_from_its_mail(world: World, mails) -> None:
    arrival = arrived(world, mails, "case")
    assert (arrival.unit, arrival.body) == (None, "示例省甲样县样品轴承有限公司")
    client = client_of(world.office)
    code = credit_code("91990000MA0000001")
    told = {"seen": arrival.revision, "name": arrival.body, "credit_code": code, "place": "990121"}
    wrong = client.post(address(world, f"{arrival.pk}/match/"), told | {"credit_code": code[:-1] + "*"})
    assert (wrong.status_code, wrong.context["typed"]["place"]) == (422, "990121")
    assert client.post(address(world, f"{arrival.pk}/match/"), told).status_code == 302
    arrival.refresh_from_db()
    assert arrival.unit is not None
    assert (arrival.unit.code, arrival.unit.parent, arrival.unit.approved_at) == (code, world.county, None)
    filed = operations.make_draft(world.office, form_of(arrival))
    assert (filed.title, filed.sort) == ("轴承套圈智能产线改造", "case")
    assert sorted(a.sort for a in filed.attachments.all()) == [
        "evidence", "evidence", "original", "picture", "picture", "picture", "scan",
    ]  # fmt: skip
    assert not filed.cells.exclude(sealed=None).exclude(text="").exists()
    assert not client.get(address(world, f"{arrival.pk}/{form_of(arrival).pk}/")).content.count(
        "张三样例".encode()
    )


def credit_code(beginning: str) -> str:
    """Return a code with its check character by GB 32100-2015: weights 3^i mod 31, sum a multiple of 31."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(c) * 3**i for i, c in enumerate(beginning))
    return beginning + letters[-total % 31]


def test_a_late_mail_becomes_no_draft(world: World, mails) -> None:
    arrival = arrived(world, mails, "late")
    assert arrival.status == "late"
    with pytest.raises(Refused) as refusal:
        operations.make_draft(world.office, form_of(arrival))
    assert refusal.value.what == "填报时间是 2025-06-03 00:00 至 2025-09-01 00:00 之前 (北京时间)"


def test_a_mail_in_time_counts_after_the_closing(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    late = world.at(world.office, 2025, 9, 15)
    assert operations.make_draft(late, form_of(arrival)).state == "draft"


def test_a_homonym_is_settled_by_a_person(world: World, mails) -> None:
    arrival = arrived(world, mails, "homonym")
    assert (arrival.status, arrival.unit) == ("question", None)
    with pytest.raises(Refused):
        operations.make_draft(world.office, form_of(arrival))
    client = client_of(world.office)
    place = address(world, f"{arrival.pk}/match/")
    told = {"seen": arrival.revision, "unit": "990224"}
    assert client.post(place, told | {"unit": "南样县"}).status_code == 422
    assert client.post(place, told).status_code == 302
    assert client.post(place, told).status_code == 409
    arrival.refresh_from_db()
    assert arrival.unit == world.unit["990224"]


def test_who_sent_it_is_shown_on_request_and_entered(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-slips")
    client = client_of(world.office)
    assert "sample@example.com" not in client.get(address(world, f"{arrival.pk}/")).content.decode()
    shown = client.post(address(world, f"{arrival.pk}/contacts/"))
    assert shown.context["made"].sender == "sample@example.com"
    assert shown.context["said"].to == "sample@example.com"
    assert Event.objects.filter(verb="contacts.seen").count() == 1
    vault().destroy(arrival.owner)
    assert client.post(address(world, f"{arrival.pk}/contacts/")).status_code == 422


def test_the_inbox_is_the_offices_own(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    for name in ("auditor", "city", "reporter", "expert", "media", "analyst"):
        client = client_of(getattr(world, name))
        for place in (
            "",
            f"{arrival.pk}/",
            f"{arrival.pk}/original/",
            f"{arrival.pk}/{form_of(arrival).pk}/",
        ):
            assert client.get(address(world, place)).status_code == 404
        assert client.post(address(world, "upload/")).status_code == 404
    with pytest.raises(Forbidden):
        operations.keep_upload(world.reporter, world.campaign, "x.eml", b"x")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    world: World, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        operations.keep_upload(world.office, world.campaign, f"{n}.docx", b"%d" % n)
    client = client_of(world.office)
    client.get(address(world))
    with django_assert_num_queries(12):
        assert len(client.get(address(world)).context["shown"].object_list) == count


# --- the list, and what is left to do --------------------------------------------------------------------


def test_the_list_is_searched_and_filtered(world: World, mails) -> None:
    figures, case = arrived(world, mails, "figures-word"), arrived(world, mails, "case")
    plain = taken(world, "a.eml", mail(1))
    replies.drop(world.office, plain.reply, plain.reply.revision)
    operations.handle(world.office, plain, plain.revision)
    client = client_of(world.office)

    def found(query: str) -> set[Arrival]:
        shown = client.get(address(world) + query).context
        assert shown["shown"].paginator.count == shown["tabs"][0][1] or "status" in query
        return set(shown["shown"].object_list)

    assert found("?words=990121") == found("?words=甲样县人民政府") | {figures} == {figures}
    assert found("?words=轴承套圈") == found("?words=样品轴承") == {case}
    assert found(f"?words={plain.number[:6].lower()}") == {plain}
    assert found("?reply=dropped") == {plain}
    assert found("?handled=yes") == {plain}
    assert found("?handled=no&words=甲样") == {figures, case}
    assert found("?reply=draft") == {figures, case}
    assert found("?reply=draft&status=understood") == {figures, case}
    assert found("?reply=sent") == set()
    assert found("?reply=nonsense&status=else") == {figures, case, plain}
    assert "放宽" in client.get(address(world) + "?reply=sent").content.decode()


def test_the_list_says_what_came(world: World, mails) -> None:
    for name in ("figures-word", "case", "link"):
        arrived(world, mails, name)
    taken(world, "方案.docx", b"PK no document")
    shown = client_of(world.office).get(address(world))
    assert {row[0].name: row[1] for row in shown.context["rows"]} == {
        "figures-word.eml": "指标数据", "case.eml": "案例《轴承套圈智能产线改造》", "link.eml": "没有填报表",
        "方案.docx": "其他文件 1",
    }  # fmt: skip
    assert shown.content.decode().count("没有问题") == 2


def test_what_is_done_with_leaves_the_work(world: World, mails) -> None:
    for n in (1, 2):
        taken(world, f"{n}.eml", mail(n))
    second, first = Arrival.objects.all()  # as listed: these came at the same moment
    client = client_of(world.office)
    home = client.get("/").content.decode()
    assert f"/c/{world.campaign.slug}/inbox/?handled=no" in home
    told = {"do": "handle", "seen": second.revision}
    place = address(world, f"{second.pk}/handled/") + "?handled=no"
    done = client.post(place, told)
    assert done.url == address(world, f"{first.pk}/") + "?handled=no"  # the next one of the list
    assert client.post(place, told).status_code == 409
    second.refresh_from_db()
    assert (second.handled_by, second.handled_at) == (world.office.user, world.office.now)
    assert set(client.get(address(world) + "?handled=no").context["shown"].object_list) == {first}
    told = {"do": "handle", "pick": [f"{a.pk}:{a.revision}:0" for a in (first, second)]}
    assert client.post(address(world, "selected/"), told).status_code == 302
    assert client.get(address(world) + "?handled=no").context["shown"].paginator.count == 0
    assert "没有这样的来件" in client.get(address(world) + "?handled=no").content.decode()
    second.refresh_from_db()
    back = client.post(place, {"do": "reopen", "seen": second.revision})
    assert back.url == address(world, f"{second.pk}/") + "?handled=no"
    assert Arrival.objects.get(pk=second.pk).handled_at is None
    verbs = Event.objects.filter(subject=second.subject).order_by("sequence").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["arrival.handled", "arrival.handled", "arrival.reopened"]


def test_what_needs_nobody_is_handled_as_it_is_read(world: World, mails) -> None:
    arrived(world, mails, "automatic")
    taken(world, "1.eml", mail(1))
    taken(world, "2.eml", b"X-Way: another\r\n" + mail(1))
    handled = {arrival.name: arrival.handled_at is not None for arrival in Arrival.objects.all()}
    assert handled == {"automatic.eml": True, "1.eml": False, "2.eml": True}


def test_with_its_last_form_a_delivery_is_handled(world: World, mails) -> None:
    arrival = arrived(world, mails, "figures-word")
    operations.make_draft(world.office, form_of(arrival))
    arrival.refresh_from_db()
    assert (arrival.handled_at, arrival.handled_by) == (world.office.now, world.office.user)


def test_what_is_blank_online_is_taken_from_the_mail_to_begin_with(world: World, mails) -> None:
    online = returns.start(world.reporter, world.campaign, world.county, "indicators")
    returns.save_cell(world.reporter, online, "gdp@2024", "1.00", 0)
    arrival = arrived(world, mails, "figures-word")
    shown = client_of(world.office).get(address(world, f"{arrival.pk}/{form_of(arrival).pk}/"))
    chosen = {pair.key: choice for pair, choice in shown.context["pairs"]}
    assert (chosen.pop("gdp@2024"), set(chosen.values())) == ("online", {"mail"})
    assert shown.content.decode().count('<span class="muted">空</span>') == len(chosen)


def test_what_a_homonym_may_be_is_one_press_away(world: World, mails) -> None:
    arrival = arrived(world, mails, "homonym")
    client = client_of(world.office)
    shown = client.get(address(world, f"{arrival.pk}/"))
    assert {unit.code for unit in shown.context["candidates"]} == {"990224", "990322"}
    told = {"seen": arrival.revision, "unit": "990322"}
    done = client.post(address(world, f"{arrival.pk}/match/") + "?status=question", told)
    assert done.url == address(world, f"{arrival.pk}/") + "?status=question"
