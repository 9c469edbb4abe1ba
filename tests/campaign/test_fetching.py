"""Mails fetched from a mailbox: each once, whatever breaks on the way, and the office is told how it stands."""

from __future__ import annotations

import logging
import signal
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pydantic import SecretStr

from tests.campaign.clients import client_of
from tests.campaign.conftest import BEIJING, World
from tests.campaign.installations import installation
from tests.intake import dovecot
from tests.intake.mail_servers import ScriptedImap, mail
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.operations import open_from_template
from xinzhi.campaign.inbox import fetching, operations
from xinzhi.campaign.inbox.fetching import EVERY, ensure_fetching, fetch_job
from xinzhi.campaign.inbox.models import Arrival, Mailbox, TakenMail
from xinzhi.campaign.inbox.queries import record_of
from xinzhi.campaign.inbox.reading import read_job
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.storage.files import take
from xinzhi.intake.transport import MailServer
from xinzhi.site import environment

PASSWORD = "secret-code"
RECEIVED = datetime(2025, 8, 18, 9, 30, tzinfo=BEIJING)
"""What the scripted server says of each mail."""


def attach(world: World, settings, port: int, password: str = PASSWORD, **server) -> None:
    """Let the environment name the mailbox of the campaign."""
    where = MailServer(**{"host": "127.0.0.1", "user": "office", "security": "none"} | server, port=port)
    box = environment.Mailbox(server=where, password=SecretStr(password))
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"mailboxes": {world.campaign.slug: box}})


@pytest.fixture
def fetch(world: World, settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bytes]]:
    """Read a scripted mailbox once; return what the campaign has then, in the order in which it came."""
    monkeypatch.setattr(fetching, "_PAUSES", (0.0,) * len(fetching._PAUSES))

    def fetched(box: ScriptedImap, **told) -> list[bytes]:
        with box.running():
            attach(world, settings, box.port, **told)
            fetch_job({"campaign": world.campaign.pk}, lambda _share: None)
        return kept()

    return fetched


def kept() -> list[bytes]:
    return [take(arrival.blob) for arrival in Arrival.objects.order_by("kept_at", "pk")]


def failure() -> tuple[str, str]:
    state = Mailbox.objects.get()
    assert (state.failed_at is not None) == bool(state.failure)
    return state.failure, state.remedy


def written() -> str:
    """All that the database says of jobs, mailbox and audit."""
    return "\n".join(str(row) for table in (Job, Mailbox, Event) for row in table.objects.values_list())


# --- each once -------------------------------------------------------------------------------------------


def test_each_mail_is_kept_once_with_the_time_of_the_server(world: World, fetch) -> None:
    box = ScriptedImap(mails={n: mail(n) for n in (3, 4)}, wants_id=True)
    assert fetch(box) == [mail(3), mail(4)]
    assert set(Arrival.objects.values_list("received_at", flat=True)) == {RECEIVED}
    assert failure() == ("", "")
    box.mails[9] = mail(9)
    box.commands.clear()
    assert fetch(box) == [mail(3), mail(4), mail(9)]
    assert [c for c in box.commands if "BODY" in c] == ["UID FETCH 9 (UID BODY.PEEK[])"]
    assert not any(c.split()[0] in ("STORE", "COPY", "EXPUNGE", "SELECT") for c in box.commands)
    arrival = Arrival.objects.order_by("kept_at")[0]
    read_job({"arrival": arrival.pk}, lambda _share: None)
    arrival.refresh_from_db()
    made = record_of(arrival)
    assert made is not None
    assert (made.id, made.received_by, made.received) == (arrival.number, "transport", RECEIVED)
    assert list(Event.objects.filter(verb="arrival.kept").values_list("actor", flat=True)) == [None] * 3


def test_what_was_uploaded_before_is_not_doubled(world: World, fetch) -> None:
    operations.keep_upload(world.office, world.campaign, "a.eml", mail(1))
    box = ScriptedImap(mails={1: mail(1), 2: mail(1)})
    assert fetch(box) == [mail(1)]
    box.commands.clear()
    fetch(box)
    assert [c for c in box.commands if "BODY" in c] == []


def test_new_numbers_bring_nothing_twice(world: World, fetch) -> None:
    mails = {n: mail(n) for n in (1, 2)}
    assert fetch(ScriptedImap(mails=mails)) == fetch(ScriptedImap(mails=mails, validity=78))
    assert TakenMail.objects.count() == 4


def test_a_server_without_lasting_numbers_is_read_to_its_end(world: World, fetch, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "TURN", -1.0)  # every turn is over after one mail that is new
    box = ScriptedImap(mails={n: mail(n) for n in (1, 2, 3)}, validity=None)
    assert [len(fetch(box)) for _turn in range(5)] == [1, 2, 3, 3, 3]


def test_other_jobs_have_their_turn(world: World, settings, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "TURN", -1.0)
    with ScriptedImap(mails={n: mail(n) for n in (1, 2)}).running() as box:
        attach(world, settings, box.port)
        ensure_fetching()
        work_off(limit=2)  # the first mail, and its reading
    assert [a.status != "waiting" for a in Arrival.objects.all()] == [True]
    assert Mailbox.objects.get().read_at is None
    assert Job.objects.get(kind="inbox.fetch").state == "waiting"


# --- what breaks -----------------------------------------------------------------------------------------


def test_a_connection_that_breaks_loses_and_doubles_nothing(world: World, fetch) -> None:
    box = ScriptedImap(mails={n: mail(n) for n in range(1, 7)}, drops={2: 1, 5: 2})
    assert fetch(box) == [mail(n) for n in range(1, 7)]


def test_what_came_before_the_connection_broke_for_good_stays(world: World, fetch) -> None:
    box = ScriptedImap(mails={n: mail(n) for n in (1, 2, 3)}, drops={2: 99})
    assert fetch(box) == [mail(1), mail(3)]
    assert failure() == (
        "有 1 封邮件取不下来 (UID 2); 其余都已收下",
        "请再收取一次; 仍取不下来的, 请在邮箱网页中下载为 .eml 后收取",
    )
    box.drops.clear()
    assert sorted(fetch(box)) == [mail(1), mail(2), mail(3)]
    assert failure() == ("", "")


def test_a_server_that_is_down(world: World, settings, fetch) -> None:
    fetch(ScriptedImap(mails={1: mail(1)}))
    was_read = Mailbox.objects.get().read_at
    attach(world, settings, 9)  # nobody listens at the discard port
    again = fetch_job({"campaign": world.campaign.pk}, lambda _share: None)
    remedy = "请核对地址和端口, 检查网络后再试"
    assert failure() == ("连接不上或中断: 对方没有在这个端口接受连接", remedy)
    assert (Mailbox.objects.get().read_at, kept()) == (was_read, [mail(1)])
    assert abs(again.run_at - timezone.now() - EVERY) < timedelta(seconds=20)
    shown = client_of(world.office).get(f"/c/{world.campaign.slug}/inbox/").content.decode()
    assert "收取失败: 连接不上或中断" in shown and remedy in shown


def test_a_server_of_a_name_that_nobody_bears(world: World, settings) -> None:
    attach(world, settings, 993, host="imap.example.invalid", security="tls")
    fetch_job({"campaign": world.campaign.pk}, lambda _share: None)
    assert failure()[0] == "连接不上或中断: 找不到这个名称的服务器"


def test_a_wrong_password_is_told_and_stays_secret(world: World, fetch, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    box = ScriptedImap(mails={1: mail(1)}, echo=True)  # a server that repeats what it was told
    assert fetch(box, password="another-secret") == []
    what, remedy = failure()
    assert what.startswith("登录被拒绝: LOGIN failed")
    assert remedy == "请核对用户名和密码; 163、126、QQ 等邮箱要在网页设置中开启服务, 并用授权码代替密码"
    shown = client_of(world.office).get(f"/c/{world.campaign.slug}/inbox/").content.decode()
    assert "another-secret" not in shown + written() + caplog.text


def test_a_mail_that_is_too_large_is_told_of_and_not_lost(world: World, fetch) -> None:
    box = ScriptedImap(mails={1: mail(1), 2: mail(2)}, sizes={1: 75_000_000})
    head = mail(1).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert sorted(fetch(box)) == sorted([head, mail(2)])
    arrival = next(a for a in Arrival.objects.all() if take(a.blob) == head)
    read_job({"arrival": arrival.pk}, lambda _share: None)
    arrival.refresh_from_db()
    shown = client_of(world.office).get(f"/c/{world.campaign.slug}/inbox/{arrival.pk}/").content.decode()
    assert arrival.status == "question"
    assert "邮件“1.eml”有 75 MB, 超过 60 MB, 只取了邮件头" in shown


def test_a_disk_that_is_full_loses_nothing(world: World, settings, fetch) -> None:
    home = Path(settings.ENVIRONMENT.home)
    home.mkdir(exist_ok=True)
    (home / "files").write_text("no folder")  # nothing can be stored below it
    box = ScriptedImap(mails={1: mail(1)})
    assert fetch(box) == []
    assert failure()[0].startswith("文件没有存下")
    (home / "files").unlink()
    assert fetch(box) == [mail(1)]


def test_a_mailbox_that_is_taken_off_is_left_alone(world: World, settings) -> None:
    attach(world, settings, 9)
    ensure_fetching()
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"mailboxes": {}})
    work_off()
    assert [job.state for job in Job.objects.filter(kind="inbox.fetch")] == ["done"]
    ensure_fetching()
    assert Job.objects.filter(kind="inbox.fetch").count() == 1


def test_a_mailbox_of_no_campaign_waits_for_it(world: World, settings, caplog) -> None:
    attach(world, settings, 9)
    fetching._warn_of_no_campaign.cache_clear()
    boxes = {"call-2031": settings.ENVIRONMENT.mailboxes[world.campaign.slug]}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"mailboxes": boxes})
    for _round in range(2):
        ensure_fetching()
    assert [(r.message, r.campaign) for r in caplog.records] == [("mailbox of no campaign", "call-2031")]
    made = open_from_template(world.system, "letter-2025", "call-2031", year=2025)
    ensure_fetching()
    assert [job.key for job in Job.objects.filter(kind="inbox.fetch")] == [f"campaign:{made.pk}"]


# --- the page --------------------------------------------------------------------------------------------


def test_the_office_sees_how_it_stands_and_asks_for_a_look(world: World, settings) -> None:
    client, place = client_of(world.office), f"/c/{world.campaign.slug}/inbox/"
    assert "没有接邮箱" in client.get(place).content.decode()
    refused = client.post(f"{place}fetch/")
    assert (refused.status_code, "XINZHI_MAILBOXES" in refused.content.decode()) == (422, True)
    with ScriptedImap(mails={1: mail(1), 2: mail(2)}).running() as box:
        attach(world, settings, box.port)
        assert "还没有收取过" in client.get(place).content.decode()
        assert client.post(f"{place}fetch/").status_code == 302
        work_off()
        shown = client.get(place).content.decode()
        assert "office@127.0.0.1/INBOX" in shown and "今天新到 2 件, 一共 2 件。" in shown
        box.mails[3] = mail(3)
        assert work_off() == 0  # five minutes have not passed
        assert client.post(f"{place}fetch/").status_code == 302
        work_off()
    assert Arrival.objects.count() == 3
    assert Job.objects.filter(kind="inbox.fetch").count() == 1
    Job.objects.filter(kind="inbox.fetch").update(finished_at=timezone.now() - timedelta(hours=2))
    assert "后台任务可能没有运行" in client.get(place).content.decode()


def test_what_lies_in_the_folder_and_cannot_be_kept_is_told(world: World, settings) -> None:
    folder = fetching.folder_of(world.campaign)
    (folder / "一个单位").mkdir(parents=True)
    (folder / "a.mbox").write_bytes(
        b"".join(b"From a Mon Aug 18 09:00:00 2025\n" + mail(n) + b"\n" for n in (1, 2))
    )
    for name in ("1.docx", "2.pdf"):
        (folder / "一个单位" / name).write_bytes(b"x")
    client, place = client_of(world.office), f"/c/{world.campaign.slug}/inbox/"
    for _n in range(2):
        assert client.post(f"{place}fetch/").status_code == 302
        work_off()
    assert (Arrival.objects.count(), Arrival.objects.filter(status="waiting").count()) == (2, 0)
    assert "子文件夹没有收下, 请打成一个压缩包再放进去: 一个单位" in client.get(place).content.decode()
    assert all(a.number == record_of(a).id for a in Arrival.objects.all())


# --- a real server ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not dovecot.PROGRAM, reason="Dovecot is not installed (apt install dovecot-imapd)")
@pytest.mark.skipif(not dovecot.OPENSSL, reason="openssl is not installed")
def test_a_real_server_over_tls(world: World, settings, monkeypatch) -> None:
    with tempfile.TemporaryDirectory(prefix="xz") as name:
        Path(name).chmod(0o755)
        with dovecot.running(Path(name)) as server:
            server.fill(
                "INBOX",
                [(mail(1), '"31-Aug-2025 23:59:59 +0800"'), (mail(2), '"01-Sep-2025 00:00:00 +0800"')],
            )
            monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
            attach(world, settings, server.tls, dovecot.PASSWORD, security="tls")
            ensure_fetching()
            work_off()
            fetch_job({"campaign": world.campaign.pk}, lambda _share: None)
            flags = server.flags("INBOX")
            attach(world, settings, server.tls, "falsch", security="tls")
            fetch_job({"campaign": world.campaign.pk}, lambda _share: None)
    assert failure()[0].startswith("登录被拒绝")
    assert [b"Seen" in line or b"Deleted" in line for line in flags] == [False, False]
    # The time at which the server took them in counts, whatever their heads say.
    assert list(Arrival.objects.order_by("received_at").values_list("status", "received_at")) == [
        ("question", datetime(2025, 8, 31, 23, 59, 59, tzinfo=BEIJING)),
        ("late", datetime(2025, 9, 1, tzinfo=BEIJING)),
    ]


# --- killed in the middle --------------------------------------------------------------------------------

SCRIPT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from datetime import datetime, timedelta
from xinzhi.campaign.acting import the_system
from xinzhi.campaign.campaigns.operations import open_from_template
from xinzhi.campaign.inbox import fetching, operations
from xinzhi.campaign.inbox.models import Arrival, TakenMail
from xinzhi.campaign.jobs import queue
from xinzhi.campaign.jobs.models import Job

match sys.argv[1]:
    case "set up":
        call_command("migrate", interactive=False, verbosity=0)
        open_from_template(the_system(), "letter-2025", "call-2025", year=2025)
    case "killed":
        enqueue, kept = operations.enqueue, []
        def deadly(*told, **more):  # the last step of keeping a mail, before it is committed
            kept.append(1)
            if len(kept) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return enqueue(*told, **more)
        operations.enqueue = deadly
        fetching.ensure_fetching()
        queue.work_off(limit=1)
    case "expire":
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
print(Arrival.objects.count(), TakenMail.objects.count(), Job.objects.filter(kind="inbox.read").count())
"""


def test_a_worker_killed_between_fetching_and_keeping_loses_and_doubles_nothing(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(SCRIPT)
    with (
        ScriptedImap(mails={n: mail(n) for n in (1, 2, 3)}).running() as box,
        installation(tmp_path / "home") as platform,
    ):
        platform.environment["XINZHI_MAILBOXES"] = (
            f"call-2025=imap://office:{PASSWORD}@127.0.0.1:{box.port}/INBOX"
        )
        platform.does(str(script), "set up")
        assert platform.run(str(script), "killed").returncode == -signal.SIGKILL
        assert platform.does(str(script), "expire") == "1 1 1\n"
        done = platform.command("worker", "--once")
        assert (done.returncode, PASSWORD in done.stdout + done.stderr) == (0, False)
        assert platform.does(str(script), "look") == "3 3 3\n"
