"""Mail over the network, against scripted servers on the loopback that behave as badly as real ones."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.mail_servers import ScriptedImap, ScriptedSmtp, mail
from xinzhi import intake
from xinzhi.forms.rules import message, rules
from xinzhi.intake.store import Reply, Store
from xinzhi.intake.transport import (
    ImapMailbox,
    MailServer,
    NullMailbox,
    NullSender,
    SmtpSender,
    TransportError,
    from_utf7,
    send_replies,
    utf7,
)

WHEN = datetime(2025, 8, 18, 9, 30, tzinfo=timezone(timedelta(hours=8)))
DRAFT = (
    b"To: sample@example.com\r\nSubject: reply\r\nMessage-ID: <1.reply@xinzhi.invalid>\r\n\r\n.dot\r\nend\r\n"
)


def server(box, scheme: str = "imap", folder: str = "INBOX") -> MailServer:
    return MailServer.from_url(f"{scheme}://office%40example.com@127.0.0.1:{box.port}/{folder}")


def mailbox(
    box, *, known=lambda _key: False, password: str = "secret-code", folder: str = "INBOX", **options
):
    options = {"sleep": lambda _seconds: None, "timeout": 5, **options}
    return ImapMailbox(server(box, folder=folder), password, known=known, **options)


def taken(box, **options) -> list:
    with mailbox(box, **options) as opened:
        return list(opened)


def contents(deliveries) -> list[bytes]:
    return [delivery.files[0].content() for delivery in deliveries]


MAILS = {uid: mail(uid) for uid in (3, 7, 8, 20)}


# --- receiving --------------------------------------------------------------------------------------------


def test_every_mail_comes_once_with_its_key_and_the_servers_time():
    passed = []
    with ScriptedImap(MAILS).running() as box:
        found = taken(box, progress=lambda number, total: passed.append((number, total)))
        key = "imap:office@example.com@127.0.0.1/INBOX:77:7"
        assert contents(found) == list(MAILS.values())
        assert found[1].key == key
        assert {(d.channel, d.received, d.received_by) for d in found} == {("mail", WHEN, "transport")}
        assert [d.name for d in found] == ["3.eml", "7.eml", "8.eml", "20.eml"]
        assert passed == [(1, 4), (2, 4), (3, 4), (4, 4)]
        assert contents(taken(box, known=lambda each: each == key)) == [MAILS[3], MAILS[8], MAILS[20]]
        assert not any(c.startswith(("SELECT", "UID STORE")) or "BODY[" in c for c in box.commands)


def test_an_empty_folder_gives_nothing():
    with ScriptedImap({}).running() as box:
        assert taken(box) == []


def test_mails_are_marked_only_when_told_and_only_after_they_were_taken():
    with ScriptedImap(MAILS).running() as box, mailbox(box, mark_seen=True) as opened:
        mails = iter(opened)
        next(mails)
        assert not [c for c in box.commands if "STORE" in c]
        next(mails)
        assert [c for c in box.commands if "STORE" in c] == [r"UID STORE 3 +FLAGS.SILENT (\Seen)"]


def test_163_opens_the_folder_to_a_client_that_says_who_it_is():
    with ScriptedImap(MAILS, wants_id=True).running() as box:
        assert contents(taken(box)) == list(MAILS.values())
        sent = [c.split()[0] for c in box.commands]
        assert sent.index("ID") < sent.index("EXAMINE")
        assert 'ID ("name" "xinzhi" "version" "1" "vendor" "xinzhi")' in box.commands


def test_unsafe_login_is_recognised():
    """A server that takes no ID and still asks for one."""
    with (
        ScriptedImap(MAILS, wants_id=True, knows_id=False).running() as box,
        pytest.raises(TransportError) as caught,
    ):
        taken(box)
    assert caught.value.where == f"office@example.com@127.0.0.1:{box.port}/INBOX"
    assert caught.value.what == (
        "邮件服务商认为登录不安全, 没有打开文件夹: EXAMINE Unsafe Login. Please contact kefu@188.com for help"
    )
    assert "授权码" in caught.value.remedy


def test_a_server_without_id_is_fine():
    with ScriptedImap(MAILS, knows_id=False).running() as box:
        assert contents(taken(box)) == list(MAILS.values())


def test_a_lost_connection_is_made_anew_and_no_mail_lost_or_doubled():
    pauses = []
    with ScriptedImap(MAILS, drops={3: 1, 8: 2}).running() as box:
        assert contents(taken(box, sleep=pauses.append)) == list(MAILS.values())
    assert pauses == [1.0, 1.0, 5.0]


def test_a_mail_that_always_breaks_the_connection_does_not_stop_the_others_and_is_said():
    found = []
    said = pytest.raises(TransportError, match=r"有 2 封邮件取不下来 \(UID 7, 8\)")
    with ScriptedImap(MAILS, drops={7: 99}, withheld={8}).running() as box, mailbox(box) as opened, said:
        found.extend(opened)
    assert contents(found) == [MAILS[3], MAILS[20]]


def test_a_server_that_is_gone_is_said():
    with ScriptedImap(MAILS).running() as box:
        opened = mailbox(box)
        opened.__enter__()
        mails = iter(opened)
        next(mails)
        opened._close()
    with pytest.raises(TransportError, match="连接不上或中断"):
        list(mails)


def test_keys_change_with_uidvalidity_in_the_middle_of_a_run():
    """The numbers mean other mails then, so all are fetched anew; the store knows the bytes."""
    with ScriptedImap(MAILS, drops={7: 1}, renumbered=78).running() as box:
        found = taken(box)
    assert [d.key.split(":")[-2:] for d in found] == [
        ["77", "3"], ["78", "3"], ["78", "7"], ["78", "8"], ["78", "20"],
    ]  # fmt: skip


def test_without_uidvalidity_nothing_counts_as_known():
    with ScriptedImap(MAILS, validity=None).running() as box:
        assert contents(taken(box, known=lambda _key: True)) == list(MAILS.values())


@pytest.mark.parametrize("lie", ["sizes", "literals"])
def test_an_overlong_mail_is_not_fetched_and_recorded(lie):
    """Whether the list says so or only the answer."""
    with ScriptedImap(MAILS, **{lie: {7: 900_000_000}}).running() as box:
        found = taken(box)
    head = MAILS[7].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert contents(found) == [MAILS[3], head, MAILS[8], MAILS[20]]
    assert message(found[1].findings[0]) == "邮件“7.eml”有 900 MB, 超过 60 MB, 只取了邮件头"
    assert not rules()[found[1].findings[0].rule].hostile


def test_a_wrong_size_in_the_list_changes_nothing():
    with ScriptedImap(MAILS, sizes={3: 1, 7: 59_000_000}).running() as box:
        assert contents(taken(box)) == list(MAILS.values())


def test_a_folder_that_does_not_exist_names_those_that_do():
    with ScriptedImap(MAILS).running() as box, pytest.raises(TransportError) as caught:
        taken(box, folder="%E5%BE%81%E9%9B%86")
    assert caught.value.where.endswith("/征集")
    assert caught.value.remedy == "请从这些文件夹中选一个: INBOX、垃圾箱"


@pytest.mark.parametrize("password", ["wrong-password", 'qu"ote\\d'])
def test_no_password_stands_in_an_error(password):
    with ScriptedImap(MAILS, echo=True).running() as box, pytest.raises(TransportError) as caught:
        taken(box, password=password)
    assert caught.value.what.startswith("登录被拒绝: LOGIN failed")
    assert password not in str(caught.value)
    assert '"***"' in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("password", ["密码", "line\nbreak"])
def test_a_password_that_login_cannot_carry(password):
    with ScriptedImap(MAILS).running() as box, pytest.raises(TransportError, match="不接受的字符"):
        taken(box, password=password)


def test_nobody_listens():
    with ScriptedImap(MAILS).running() as box:
        pass
    with pytest.raises(TransportError, match="连接不上或中断") as caught:
        taken(box)
    assert str(box.port) in caught.value.where


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("imap://u:pass-word@mail.example.com", "地址里不能写密码"),
        ("http://mail.example.com", "邮件服务器的地址不完整"),
        ("imaps://", "邮件服务器的地址不完整"),
        ("imaps://u@mail.example.com:99999/", "邮件服务器的地址不完整"),
        ("imaps://u%0d%0aX@mail.example.com/", "邮件服务器的地址不完整"),
    ],
)
def test_addresses_that_are_refused(url, wrong):
    with pytest.raises(TransportError, match=wrong) as caught:
        MailServer.from_url(url)
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imaps://u@mail.example.com", ("mail.example.com", 993, "u", "tls", "INBOX")),
        ("imap://u%40x@mail.example.com/a/b", ("mail.example.com", 143, "u@x", "starttls", "a/b")),
        ("imap://u@127.0.0.1:1143/", ("127.0.0.1", 1143, "u", "none", "INBOX")),
        ("imap://u@[::1]/", ("::1", 143, "u", "none", "INBOX")),
        ("smtp://u@mail.example.com", ("mail.example.com", 587, "u", "starttls", "INBOX")),
        ("smtps://u@localhost", ("localhost", 465, "u", "tls", "INBOX")),
    ],
)
def test_addresses(url, expected):
    made = MailServer.from_url(url)
    assert (made.host, made.port, made.user, made.security, made.folder) == expected


def test_without_tls_only_this_machine_is_spoken_to():
    with pytest.raises(TransportError, match="不加密的连接只能用于本机"):
        MailServer("mail.example.com", 143, "u", "none")


def test_a_server_without_starttls_gets_no_password():
    """It would be asked for at any other host; the loopback plays one here."""
    with ScriptedImap(MAILS).running() as box:
        asked = MailServer("127.0.0.1", box.port, "u", "starttls")
        with pytest.raises(TransportError, match="服务器不提供加密"):
            ImapMailbox(asked, "secret-code", known=bool, sleep=lambda _s: None).__enter__()
        assert not any("secret" in c or "LOGIN" in c for c in box.commands)


def test_utf7_of_folders():
    """The example of RFC 3501, 5.1.3, and the folder names of Chinese mail services."""
    assert utf7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    assert (utf7("垃圾箱"), utf7("A&B"), from_utf7("A&-B")) == ("&V4NXPnux-", "A&-B", "A&B")
    assert from_utf7("&not base64-") == "&not base64-"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_utf7_reads_back(name):
    assert utf7(name).isascii()
    assert from_utf7(utf7(name)) == name


def test_a_mailbox_without_network():
    with ScriptedImap(MAILS).running() as box:
        found = taken(box)
    with NullMailbox(found, known=lambda key: key.endswith(":7")) as rehearsal:
        assert [d.name for d in rehearsal] == ["3.eml", "8.eml", "20.eml"]


# --- a kill at any point ----------------------------------------------------------------------------------

TAKER = """
import sys
from datetime import datetime, timezone
from xinzhi.forms import load_call
from xinzhi.intake.returns import Services, intake
from xinzhi.intake.sources import Delivery
from xinzhi.intake.store import Store, receipt_number
from xinzhi.intake.transport import ImapMailbox, MailServer

port, folder = sys.argv[1:]
now = datetime(2025, 8, 18, 10, 0, tzinfo=timezone.utc)
services = Services(clock=lambda: now, read=lambda data, name: (), check=lambda form, reading, known: ())
with Store(folder) as store:
    def known(key):
        return store.get(receipt_number(Delivery("mail", key, "", ()))) is not None
    server = MailServer.from_url(f"imap://office@127.0.0.1:{port}/INBOX")
    with ImapMailbox(server, "secret-code", known=known, sleep=lambda seconds: None) as mailbox:
        intake(mailbox, call=load_call("letter-2025"), store=store, services=services,
               progress=lambda made: print(made.id, flush=True))
"""


def test_a_kill_at_any_point_loses_and_doubles_nothing(tmp_path):
    """Killed after 1, 5 and 12 records, and once before the first; the last run ends by itself."""
    mails = {uid: mail(uid) for uid in range(1, 41)}
    with ScriptedImap(mails, drops={17: 1}).running() as box:
        command = [sys.executable, "-c", TAKER, str(box.port), str(tmp_path)]
        for lines in (1, 5, 0, 12):
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                for _line in range(lines):
                    assert process.stdout.readline()
                os.kill(process.pid, signal.SIGKILL)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
        fetched = len([c for c in box.commands if "BODY.PEEK" in c])
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)
        assert len([c for c in box.commands if "BODY.PEEK" in c]) == fetched
    with Store(tmp_path) as store:
        returns = list(store.returns())
        assert store.open_deliveries() == ()
        assert sorted(int(made.name.removesuffix(".eml")) for made in returns) == list(range(1, 41))
        assert {made.status for made in returns} == {"question"}
        assert all(
            store.path(hashlib.sha256(data).hexdigest()).read_bytes() == data for data in mails.values()
        )


# --- sending ----------------------------------------------------------------------------------------------


def smtp(box, **options) -> SmtpSender:
    options = {"sender": "测评办公室 <office@example.com>", "clock": lambda: WHEN, "timeout": 5, **options}
    return SmtpSender(server(box, "smtp"), "", **options)


def test_a_draft_goes_out_with_sender_and_date():
    with ScriptedSmtp().running() as box, smtp(box) as sender:
        assert sender.send(DRAFT, lambda: True)
    assert box.envelopes == [["office@example.com", "sample@example.com"]]
    assert box.taken == [
        b"From: =?utf-8?b?5rWL6K+E5Yqe5YWs5a6k?= <office@example.com>\r\n"
        b"Date: Mon, 18 Aug 2025 09:30:00 +0800\r\n" + DRAFT
    ]


def test_what_the_caller_holds_back_does_not_go_out():
    with ScriptedSmtp().running() as box, smtp(box) as sender:
        assert not sender.send(DRAFT, lambda: False)
        assert sender.send(DRAFT, lambda: True)
    assert len(box.taken) == 1


@pytest.mark.parametrize(
    ("habits", "committed", "said"),
    [
        ({"refused": {"sample@example.com"}}, False, "邮件服务器不接受这封邮件: no such user"),
        ({"breaks_at": "MAIL"}, False, "连接不上或中断"),
        ({"breaks_at": "TEXT"}, True, "不知道是否已经发出"),
        ({"code": 554}, True, "邮件服务器不接受这封邮件: said"),
    ],
)
def test_what_fails_is_recorded_as_sent_only_where_it_may_have_been(habits, committed, said):
    recorded = []
    with (
        ScriptedSmtp(**habits).running() as box,
        smtp(box) as sender,
        pytest.raises(TransportError, match=said) as caught,
    ):
        sender.send(DRAFT, lambda: recorded.append(1) is None)
    assert bool(recorded) == committed
    assert f"127.0.0.1:{box.port}" in caught.value.where


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (b"Subject: x\r\n\r\n", "草稿没有可用的收件人"),
        ("To: 张三样例@例子.中国\r\n\r\n".encode(), "草稿没有可用的收件人"),
        (b"To: a@example.com\r\nFrom: b@example.com\r\n\r\n", "草稿已经写有发件人或日期"),
    ],
)
def test_drafts_that_cannot_be_sent(draft, said):
    with ScriptedSmtp().running() as box, smtp(box) as sender, pytest.raises(TransportError, match=said):
        sender.send(draft, lambda: True)
    with pytest.raises(TransportError, match=said):
        NullSender().send(draft, lambda: True)


def test_replies_go_out_once_and_within_the_limit(tmp_path):
    marked = set()
    replies = [Reply(f"R{n}", "a@example.com", tmp_path / f"{n}.eml", "") for n in range(4)]
    for n, reply in enumerate(replies):
        reply.path.write_bytes(DRAFT.replace(b"sample@", b"sample%d@" % n))

    def mark(id: str) -> bool:
        return id not in marked and not marked.add(id)

    with ScriptedSmtp(refused={"sample1@"}).running() as box, smtp(box) as sender:
        allowed = {"may_send": lambda reply: reply.delivery != "R2", "mark_sent": mark}
        first = send_replies(replies, sender, **allowed)
        again = send_replies(replies, sender, **allowed)
    assert [r.delivery for r in first.sent] == ["R0", "R3"]
    assert [r.delivery for r in first.held] == ["R2"]
    assert [(r.delivery, e.what) for r, e in first.refused] == [
        ("R1", "邮件服务器不接受这封邮件: no such user")
    ]
    assert [r.delivery for r in again.held] == ["R0", "R2", "R3"]
    assert again.sent == ()
    assert len(box.taken) == 2


def test_a_rehearsal_keeps_what_it_would_send():
    sender = NullSender()
    assert sender.send(DRAFT, lambda: True)
    assert not sender.send(DRAFT, lambda: False)
    assert sender.sent == [DRAFT]


def test_a_sender_needs_an_address():
    with pytest.raises(TransportError, match="发件人不是电子邮箱地址"):
        SmtpSender(MailServer("127.0.0.1", 25, "", "none"), "", sender="办公室", clock=lambda: WHEN)


def test_sockets_live_in_transport_alone():
    others = Path(intake.__file__).parent.glob("*.py")
    wanted = ("import socket", "import imaplib", "import smtplib", "import ssl")
    assert [p.name for p in others if any(word in p.read_text("utf-8") for word in wanted)] == []
