"""Mails that leave: once, tried again while the server is away, and put before a person where nobody can know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from tests.campaign.conftest import World
from tests.intake.mail_servers import ScriptedSmtp
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.checking import letters
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.checking.post import post_letter
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.posting import WAITS
from xinzhi.campaign.refusals import Conflict

INTERRUPTED = "发送时程序中断, 请向对方核实后再决定是否重发"
BROKEN = "发送时连接中断, 不知道是否已经发出; 请向对方核实后再决定是否重发"


@pytest.fixture
def letter(world: World) -> Letter:
    letters.write_message(world.office, world.campaign, [world.county], "请查收", "内容")
    return Letter.objects.get()


@contextmanager
def smtp(settings, **habits) -> Iterator[ScriptedSmtp]:
    """Serve mail on the loopback and let the platform send by it."""
    with ScriptedSmtp(**habits).running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def settled(letter: Letter) -> tuple[str, str]:
    """Do the jobs that wait, whenever they are due, and return state and reason."""
    Job.objects.filter(kind="letters.post", state="waiting").update(run_at=timezone.now())
    work_off()
    letter.refresh_from_db()
    return letter.state, letter.said


def test_a_letter_leaves_once(world: World, letter: Letter) -> None:
    with pytest.raises(Conflict):
        letters.send(world.office, letter, letter.revision + 1)
    letters.send(world.office, letter, letter.revision)
    assert settled(letter) == ("sent", "")
    assert [(m.subject, m.to) for m in mail.outbox] == [
        ("【演示数据】请查收", ["reporter@example.org", "confirmer@example.org"])
    ]
    post_letter({"id": letter.pk}, lambda _progress: None)
    letter.refresh_from_db()
    assert (letter.state, len(mail.outbox)) == ("sent", 1)
    with pytest.raises(Conflict):
        letters.send(world.office, letter, letter.revision)
    told = Event.objects.filter(verb__startswith="letter.").order_by("sequence")
    assert list(told.values_list("verb", flat=True)) == ["letter.written", "letter.queued", "letter.sent"]


def test_a_letter_goes_through_a_real_server(world: World, letter: Letter, settings) -> None:
    with smtp(settings) as server:
        letters.send(world.office, letter, letter.revision)
        assert settled(letter) == ("sent", "")
    assert server.envelopes == [["office@localhost", "reporter@example.org", "confirmer@example.org"]]
    assert f"Message-ID: <letter-{letter.pk}@xinzhi.invalid>".encode() in server.taken[0]


def test_a_server_that_is_away_delays_a_letter_and_is_told_in_the_end(
    world: World, letter: Letter, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens at the discard port
    letters.send(world.office, letter, letter.revision)
    for wait in WAITS:
        assert settled(letter) == ("queued", "邮件服务器连不上, 稍后再试")
        job = Job.objects.get(kind="letters.post")
        assert job.state == "waiting" and job.finished_at is not None
        assert round((job.run_at - job.finished_at) / wait, 1) == 1.0
    assert settled(letter) == ("failed", "邮件服务器连不上; 试过 8 次")
    assert Event.objects.filter(verb="letter.failed").count() == 1
    with smtp(settings) as server:
        letters.send(world.office, letter, letter.revision)
        assert settled(letter) == ("sent", "")
    assert len(server.taken) == 1


def test_a_server_that_does_not_let_us_in(world: World, letter: Letter, settings) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "office", "secret-code"
    with smtp(settings):  # it knows no AUTH at all
        letters.send(world.office, letter, letter.revision)
        assert settled(letter) == ("queued", "邮件服务器不接受登录, 请管理员核对 XINZHI_MAIL, 稍后再试")


@pytest.mark.parametrize(
    ("habits", "state", "said"),
    [
        (
            {"refused": {"reporter", "confirmer"}, "echo": True},
            "refused",
            "对方不接收这个地址的邮件 (550)",
        ),
        (
            {"refused": {"reporter", "confirmer"}, "refusal": 451},
            "queued",
            "对方不接收这个地址的邮件 (451), 稍后再试",
        ),
        ({"code": 554}, "refused", "邮件服务器不接受这封邮件 (554)"),
        ({"code": 421}, "queued", "邮件服务器不接受这封邮件 (421), 稍后再试"),
        ({"breaks_at": "TEXT"}, "unsure", BROKEN),
        ({"breaks_at": "QUIT"}, "sent", ""),
    ],
)
def test_what_a_server_answers(
    world: World, letter: Letter, settings, habits: dict[str, object], state: str, said: str
) -> None:
    with smtp(settings, **habits):
        letters.send(world.office, letter, letter.revision)
        assert settled(letter) == (state, said)  # in which no address stands
    assert "@" not in "".join(Event.objects.values_list("detail", flat=True))


def test_a_letter_found_half_sent_is_put_before_a_person(world: World, letter: Letter) -> None:
    Letter.objects.update(state="sending")
    post_letter({"id": letter.pk}, lambda _progress: None)
    letter.refresh_from_db()
    assert (letter.state, letter.said, mail.outbox) == ("unsure", INTERRUPTED, [])
    letters.send(world.office, letter, letter.revision)  # the person has asked
    assert settled(letter) == ("sent", "")


class Slow(locmem.EmailBackend):
    """Takes so long that another worker finds the letter half sent."""

    def send_messages(self, messages):
        letter = Letter.objects.get()
        post_letter({"id": letter.pk}, lambda _progress: None)
        assert Letter.objects.get().state == "unsure"
        return super().send_messages(messages)


def test_who_was_slow_and_did_send_is_believed(world: World, letter: Letter, settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    letters.send(world.office, letter, letter.revision)
    assert (settled(letter), len(mail.outbox)) == (("sent", ""), 1)


def test_a_letter_that_was_dropped_stays(world: World, letter: Letter) -> None:
    letters.send(world.office, letter, letter.revision)
    letters.drop(world.office, letter, letter.revision)
    assert (settled(letter), mail.outbox) == (("dropped", ""), [])
    with pytest.raises(Conflict):
        letters.send(world.office, letter, letter.revision)
