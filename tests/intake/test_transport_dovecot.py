"""The mailbox against a real IMAP server, Dovecot, over TLS, where it is installed."""

from __future__ import annotations

import ssl
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.intake import dovecot
from tests.intake.mail_servers import mail
from xinzhi.intake.transport import ImapMailbox, MailServer, TransportError, utf7

pytestmark = [
    pytest.mark.skipif(not dovecot.PROGRAM, reason="Dovecot is not installed (apt install dovecot-imapd)"),
    pytest.mark.skipif(not dovecot.OPENSSL, reason="openssl is not installed"),
]
FOLDER = "征集/2025 & 案例"
EAST = timezone(timedelta(hours=8))
TIMES = [datetime(2025, 8, 31, 23, 59, 59, tzinfo=EAST), datetime(2025, 9, 1, 0, 0, 0, tzinfo=EAST)]
MAILS = [mail(number) for number in range(1, 31)] + [mail(31) + b"z" * 3_000_000 + b"\r\n"]


@pytest.fixture(scope="module")
def server():
    # A short path that the server's own user may enter; sockets take 108 characters.
    with tempfile.TemporaryDirectory(prefix="xz") as folder:
        Path(folder).chmod(0o755)
        with dovecot.running(Path(folder)) as running:
            running.fill(
                f'"{utf7(FOLDER)}"',
                [(data, f'"{TIMES[n % 2]:%d-%b-%Y %H:%M:%S %z}"') for n, data in enumerate(MAILS)],
            )
            yield running


def mailbox(
    server, *, security="tls", password=dovecot.PASSWORD, folder=FOLDER, known=lambda _key: False, **options
):
    port = server.tls if security == "tls" else server.plain
    where = MailServer("127.0.0.1", port, "office", security, folder)
    options = {"context": server.context(), "timeout": 20, **options}
    return ImapMailbox(where, password, known=known, sleep=lambda _seconds: None, **options)


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_mails_come_whole_with_the_servers_time(server, security):
    with mailbox(server, security=security) as opened:
        found = list(opened)
    assert [delivery.files[0].content() for delivery in found] == MAILS
    assert [delivery.received for delivery in found] == [TIMES[n % 2] for n in range(len(MAILS))]
    assert len({delivery.key for delivery in found}) == len(MAILS)
    assert not any(b"Seen" in line for line in server.flags(f'"{utf7(FOLDER)}"'))


def test_what_is_known_is_not_fetched_and_keys_last(server):
    with mailbox(server) as opened:
        mails = iter(opened)
        keys = {next(mails).key for _n in range(12)}
    with mailbox(server, known=keys.__contains__) as opened:
        assert [delivery.files[0].content() for delivery in opened] == MAILS[12:]


def test_marking_as_read(server):
    server.fill("marked", [(mail(1), '"01-Sep-2025 00:00:00 +0800"')])
    with mailbox(server, folder="marked", mark_seen=True) as opened:
        assert len(list(opened)) == 1
    assert [b"Seen" in line for line in server.flags("marked")] == [True]


def test_an_empty_folder(server):
    server.fill("empty", [])
    with mailbox(server, folder="empty") as opened:
        assert list(opened) == []


def test_a_certificate_that_nobody_vouches_for(server):
    for security in ("tls", "starttls"):
        with pytest.raises(TransportError, match="证书不可信"):
            mailbox(server, security=security, context=ssl.create_default_context()).__enter__()


def test_a_certificate_of_another_server(server):
    where = MailServer("localhost", server.tls, "office", "tls")
    with pytest.raises(TransportError, match=r"证书不可信.*localhost"):
        ImapMailbox(where, "x", known=bool, sleep=lambda _s: None, context=server.context()).__enter__()


def test_a_wrong_password(server):
    with pytest.raises(TransportError, match="登录被拒绝") as caught:
        mailbox(server, password="密码 wrong").__enter__()
    assert "wrong" not in str(caught.value)


def test_a_folder_that_does_not_exist(server):
    with pytest.raises(TransportError, match="打不开文件夹") as caught:
        mailbox(server, folder="没有").__enter__()
    assert FOLDER in caught.value.remedy
