"""Replies to what came: drafted, read and changed by a person, sent once, never where nobody is to be answered."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.utils import timezone

from tests.campaign.arrivals import arrived, taken
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.campaign.installations import installation
from tests.intake.mail_servers import ScriptedSmtp, mail
from xinzhi.campaign.acting import the_system
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.inbox import replies
from xinzhi.campaign.inbox.models import Arrival, Reply
from xinzhi.campaign.inbox.operations import keep
from xinzhi.campaign.inbox.reading import read
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.storage.vault import vault
from xinzhi.intake.replies import reply_texts
from xinzhi.intake.sources import mail_delivery

SENDER = "sample@example.com"
"""Who sent the simulated mails."""


@contextmanager
def smtp(settings, **habits) -> Iterator[ScriptedSmtp]:
    """Serve mail on the loopback and let the platform send by it."""
    with ScriptedSmtp(**habits).running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def address(world: World, rest: str = "") -> str:
    return f"/c/{world.campaign.slug}/inbox/{rest}"


def came(world: World, number: int, more: str = "") -> Arrival:
    """Keep and read a small mail of sample<number>@example.com, which asks something of a person."""
    return taken(world, f"{number}.eml", mail(number).replace(b"\r\n\r\n", f"\r\n{more}\r\n".encode(), 1))


def settled(arrival: Arrival) -> tuple[str, str]:
    Job.objects.filter(kind="replies.post", state="waiting").update(run_at=timezone.now())
    work_off()
    reply = Reply.objects.get(arrival=arrival)
    return reply.state, reply.said


# --- what is sent ----------------------------------------------------------------------------------------


def test_a_reply_leaves_once_with_all_that_belongs_to_it(world: World, mails, settings) -> None:
    world.campaign.contacts = {"mailbox": "call@example.org"}
    arrival = arrived(world, mails, "figures-slips")
    drafted = replies.written(arrival.reply)
    assert (arrival.reply.state, arrival.reply.addressee) == ("draft", "")
    client = client_of(world.office)
    with smtp(settings) as server:
        told = {"do": "send", "seen": arrival.reply.revision}
        assert client.post(address(world, f"{arrival.pk}/reply/"), told).status_code == 302
        assert settled(arrival) == ("sent", "")
        assert client.post(address(world, f"{arrival.pk}/reply/"), told).status_code == 409
        replies.post_reply({"id": arrival.reply.pk}, lambda _share: None)
    assert server.envelopes == [["office@localhost", SENDER]]
    sent = message_from_bytes(server.taken[0].replace(b"\r\n", b"\n"), policy=policy.default)
    head = {
        name: sent[name].strip()
        for name in ("From", "To", "Reply-To", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
                     "X-Auto-Response-Suppress", "Subject")
    }  # fmt: skip
    assert head == {
        "From": "office@localhost", "To": SENDER, "Reply-To": "call@example.org",
        "Message-ID": f"<{arrival.number.lower()}.reply@xinzhi.invalid>",
        "In-Reply-To": "<figures-slips@example.com>", "References": "<figures-slips@example.com>",
        "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All",
        "Subject": f"【演示数据】{drafted.subject}",
    }  # fmt: skip
    assert sent["Date"] is not None
    assert sent.get_body(("plain",)).get_content().strip() == drafted.body
    assert [(p.get_filename(), p.get_content()) for p in sent.iter_attachments()] == [
        ("附件1-审核.docx", drafted.files[0][1])
    ]
    reply = Reply.objects.get()
    assert (reply.asked_by, reply.sent_at is not None) == (world.office.user, True)
    shown = client.get(address(world, f"{arrival.pk}/")).content.decode()
    assert "已发送" in shown and "由 office 发出" in shown


def test_no_address_stands_in_the_open(world: World, settings) -> None:
    arrival = came(world, 1)
    with smtp(settings, refused={"sample1@"}, echo=True):
        replies.send(world.office, arrival.reply, arrival.reply.revision)
        assert settled(arrival) == ("refused", "对方不接收这个地址的邮件 (550)")
    told = [str(row) for table in (Job, Event, Reply, Arrival) for row in table.objects.values_list()]
    assert not any("sample1" in row for row in told)
    queued = Event.objects.filter(verb__startswith="reply.").order_by("sequence")
    assert list(queued.values_list("verb", "subject", "detail")) == [
        ("reply.queued", arrival.subject, "{}"),
        ("reply.refused", arrival.subject, "{}"),
    ]


def test_a_server_that_is_away_delays_a_reply(world: World, settings) -> None:
    arrival = came(world, 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens at the discard port
    replies.send(world.office, arrival.reply, arrival.reply.revision)
    assert settled(arrival) == ("queued", "邮件服务器连不上, 稍后再试")
    with smtp(settings) as server:
        assert settled(arrival) == ("sent", "")
    assert len(server.taken) == 1


def test_a_reply_says_nothing_of_cases_that_it_cannot_know(world: World, mails) -> None:
    """One delivery is read at a time: the cases of the unit are counted by the platform, not there."""
    arrival = arrived(world, mails, "figures-word")
    assert "本单位填报或推荐的案例" not in replies.written(arrival.reply).body


# --- a person reads and changes --------------------------------------------------------------------------


def test_a_person_changes_a_reply_and_sends_it(world: World, settings) -> None:
    arrival, client = came(world, 1), client_of(world.office)
    shown = client.post(address(world, f"{arrival.pk}/contacts/"))
    assert "回执编号" in shown.context["body"] and shown.context["said"].to == "sample1@example.com"
    place = address(world, f"{arrival.pk}/reply/")
    told = {
        "seen": arrival.reply.revision,
        "subject": "回复: 请补报",
        "body": "第一行\r\n\r\n请补报<b>附件</b>。",
    }
    assert client.post(place, told | {"do": "save"}).status_code == 302
    again = client.post(place, told | {"do": "send", "body": "另一人写的"})
    assert (again.status_code, again.context["body"]) == (409, "另一人写的")
    arrival = Arrival.objects.get()
    assert replies.written(arrival.reply).body == "第一行\n\n请补报<b>附件</b>。"
    told["seen"] = arrival.reply.revision
    empty = client.post(place, told | {"do": "send", "body": " "})
    assert (empty.status_code, Reply.objects.get().state) == (422, "draft")
    with smtp(settings) as server:
        assert client.post(place, told | {"do": "send"}).status_code == 302  # as it stands
        assert settled(arrival) == ("sent", "")
    sent = message_from_bytes(server.taken[0].replace(b"\r\n", b"\n"), policy=policy.default)
    assert (sent["Subject"], sent.get_content().strip()) == (
        "【演示数据】回复: 请补报", "第一行\n\n请补报<b>附件</b>。",
    )  # fmt: skip
    verbs = Event.objects.filter(verb__startswith="reply.").order_by("sequence")
    assert list(verbs.values_list("verb", flat=True)) == ["reply.edited", "reply.queued", "reply.sent"]
    assert "请补报" not in "".join(Event.objects.values_list("detail", flat=True))


def test_a_subject_carries_no_second_line(world: World) -> None:
    reply = came(world, 1).reply
    replies.edit(world.office, reply, reply.revision, "回复\r\nBcc: x@example.org", "内容")
    assert replies.written(reply).subject == "回复Bcc: x@example.org"


def test_several_leave_at_once_each_by_itself(world: World, settings) -> None:
    first, second, third = (came(world, n) for n in (1, 2, 3))
    replies.edit(world.office, third.reply, third.reply.revision, "改过", "改过")  # since the list was shown
    none = came(world, 4, "Auto-Submitted: auto-replied\r\n")
    picks = [f"{a.pk}:{a.revision}:1" for a in (first, second, third, none)]
    picks += ["x:1:1", f"{first.pk}:1", f"{first.pk}:1:x"]
    client = client_of(world.office)
    with smtp(settings) as server:
        done = client.post(
            address(world, "selected/") + "?reply=draft", {"do": "send", "pick": picks}, follow=True
        )
        work_off()
    assert done.redirect_chain == [(address(world) + "?reply=draft", 302)]
    assert [str(m) for m in done.context["messages"]] == [
        "已完成 2 份",
        f"{third}: 没有完成, 这封信刚刚有了变化",
        f"{none}: 没有完成, 这件来件不回复",
        f"{first}: 没有完成, 这封信刚刚有了变化",
    ]
    assert sorted(to for _from, to in server.envelopes) == ["sample1@example.com", "sample2@example.com"]
    dropped = client.post(address(world, "selected/"), {"do": "drop", "pick": [f"{third.pk}:0:2"]})
    assert (dropped.status_code, Reply.objects.get(arrival=third).state) == (302, "dropped")
    for nothing in ({"do": "send"}, {"do": "else", "pick": picks}):
        assert client.post(address(world, "selected/"), nothing).status_code == 422


def test_replies_are_the_offices_own(world: World) -> None:
    reply = came(world, 1).reply
    for actor in (world.auditor, world.reporter, world.city):
        for do in (replies.send, replies.drop):
            with pytest.raises(Forbidden):
                do(actor, reply, reply.revision)


# --- receipts that leave by themselves -------------------------------------------------------------------


@pytest.fixture
def automatic(world: World) -> None:
    world.campaign.reminders["receipts"] = True
    world.campaign.save()


def read_at(world: World, data: bytes, moment) -> Arrival:
    """Keep and read a mail at a moment."""
    arrival, _new = keep(the_system(now=moment), world.campaign, mail_delivery(data, "a.eml", moment))
    read(the_system(now=moment), arrival)
    return Arrival.objects.get(pk=arrival.pk)


@pytest.mark.usefixtures("automatic")
def test_where_nothing_needs_a_person_receipts_leave_by_themselves(world: World, mails, settings) -> None:
    sample = mails["figures-slips"]
    arrival = read_at(world, sample.data, sample.received + timedelta(hours=1))
    with smtp(settings) as server:
        assert settled(arrival) == ("sent", "")
    assert (len(server.taken), Reply.objects.get().asked_by) == (1, None)
    assert "自动发出" in client_of(world.office).get(address(world, f"{arrival.pk}/")).content.decode()


@pytest.mark.usefixtures("automatic")
@pytest.mark.parametrize(
    ("name", "later", "said"),
    [
        ("homonym", 1, ""),  # somebody has to say which one it is
        ("late", 1, ""),
        ("bomb", 1, ""),
        ("case", 1, ""),  # a body that is no unit of the platform yet
        ("figures-word", 80, "来件已超过 3 天, 没有自动回复"),
    ],
)
def test_the_others_stay_drafts(world: World, mails, name: str, later: int, said: str) -> None:
    arrival = read_at(world, mails[name].data, mails[name].received + timedelta(hours=later))
    assert (arrival.reply.state, arrival.reply.said) == ("draft", said)


def test_the_setting_is_changed_by_the_office(world: World) -> None:
    client = client_of(world.office)
    place = f"/c/{world.campaign.slug}/settings/"
    form = client.get(place).context["form"]
    told = {name: form[name].value() for name in form.fields}
    told |= {
        "opens_at": "2025-06-03T00:00:00",
        "closes_at": "2025-09-01T00:00:00",
        "receipts": "on",
        "automatic": "",
    }
    assert client.post(place, told).status_code == 302
    world.campaign.refresh_from_db()
    assert (replies.is_automatic(world.campaign), world.campaign.reminders["automatic"]) == (True, False)


# --- who is not answered ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    ["Auto-Submitted: auto-replied\r\n", "Reply-To: no-reply@example.com\r\n", "List-Id: <x>\r\n"],
)
def test_where_nobody_reads_there_is_no_reply(world: World, more: str) -> None:
    arrival = came(world, 1, more)
    assert not Reply.objects.exists()
    client = client_of(world.office)
    assert client.post(address(world, f"{arrival.pk}/reply/"), {"do": "send", "seen": 1}).status_code == 422
    assert "这件来件不回复" in client.get(address(world, f"{arrival.pk}/")).content.decode()


def test_nobody_is_answered_about_a_classified_file(world: World, mails) -> None:
    arrival = arrived(world, mails, "classified")
    assert (arrival.status, Reply.objects.count()) == ("quarantine", 0)


def test_a_mail_that_came_again_is_answered_once(world: World) -> None:
    came(world, 1)
    again = taken(world, "again.eml", b"X-Way: another\r\n" + mail(1))
    assert (again.status, Reply.objects.count()) == ("duplicate", 1)


def test_an_address_is_answered_so_often_a_day(world: World) -> None:
    limit = reply_texts().limits.per_address_per_day
    drafts = [
        taken(world, f"{n}.eml", mail(n).replace(b"sample%d@" % n, b"one@")).reply for n in range(limit + 1)
    ]
    for reply in drafts[:-1]:
        replies.send(world.office, reply, reply.revision)
    with pytest.raises(Refused) as refusal:
        replies.send(world.office, drafts[-1], drafts[-1].revision)
    assert refusal.value.what == f"今天已经给这个地址发了 {limit} 封回复"
    tomorrow = world.at(world.office, 2025, 7, 2)
    replies.send(tomorrow, drafts[-1], drafts[-1].revision)
    with pytest.raises(Conflict):
        replies.send(tomorrow, drafts[0], 1)


def test_what_was_erased_is_not_answered(world: World) -> None:
    arrival = came(world, 1)
    replies.send(world.office, arrival.reply, arrival.reply.revision)
    vault().destroy(arrival.owner)
    assert settled(arrival) == ("refused", "个人信息已经清除, 或密钥不在这台机器上")


# --- killed in the middle --------------------------------------------------------------------------------

SCRIPT = """
import sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from datetime import timedelta
from tests.intake.mail_servers import mail
from xinzhi.campaign.acting import the_system
from xinzhi.campaign.campaigns.operations import open_from_template
from xinzhi.campaign.inbox import operations, replies
from xinzhi.campaign.inbox.models import Reply
from xinzhi.campaign.jobs import queue
from xinzhi.campaign.jobs.models import Job

match sys.argv[1]:
    case "put":
        call_command("migrate", interactive=False, verbosity=0)
        campaign = open_from_template(the_system(), "letter-2025", "call-2025", year=2025)
        operations.keep_upload(the_system(), campaign, "1.eml", mail(1))
        queue.work_off()
        reply = Reply.objects.get()
        replies.send(the_system(), reply, reply.revision)
    case "work":
        queue.work_off()
    case "go on":
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        queue.work_off()
print(Reply.objects.get().state)
"""


def test_a_worker_killed_while_a_reply_was_leaving_sends_it_to_nobody_twice(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT)
    with (
        ScriptedSmtp(waits_at="TEXT").running() as server,
        installation(tmp_path / "home") as platform,
    ):
        platform.environment.update(XINZHI_MAIL=f"smtp://127.0.0.1:{server.port}", PYTHONPATH=".")
        assert platform.does(str(script), "put") == "queued\n"
        victim = platform.begin(str(script), "work")
        until = time.monotonic() + 30
        while not server.taken and time.monotonic() < until:
            time.sleep(0.02)
        victim.send_signal(signal.SIGKILL)
        victim.communicate(timeout=30)
        server.waits_at = ""
        assert platform.does(str(script), "go on") == "unsure\n"
    assert len(server.taken) == 1
