"""A Dovecot of one's own on the loopback: own configuration, mailbox and certificate in a temporary folder."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else None)
OPENSSL = shutil.which("openssl")
PASSWORD = "示例-secret 7"

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server."""

    plain: int
    tls: int
    authority: Path

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authority)

    def fill(self, folder: str, mails: list[tuple[bytes, str]]) -> None:
        """Put mails with their times of receipt into a folder."""
        with self._connected() as connection:
            connection.create(folder)
            for data, when in mails:
                assert connection.append(folder, "", when, data)[0] == "OK"

    def flags(self, folder: str) -> list[bytes]:
        with self._connected() as connection:
            connection.select(folder, readonly=True)
            return connection.fetch("1:*", "(FLAGS)")[1]

    def _connected(self) -> imaplib.IMAP4:
        connection = imaplib.IMAP4("127.0.0.1", self.plain)
        connection.authenticate("PLAIN", lambda _challenge: f"\0office\0{PASSWORD}".encode())
        return connection


@contextmanager
def running(folder: Path):
    """Start it, and end it."""
    root = os.geteuid() == 0
    me = getpass.getuser()
    # As root Dovecot serves no mail of root's; else everything is the current user.
    owner = pwd.getpwnam("nobody" if root else me)
    plain, tls = _free_port(), _free_port()
    _certificate(folder)
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text(f"office:{{PLAIN}}{PASSWORD}\n", "utf-8")
    internal = "dovecot" if root else me
    (folder / "dovecot.conf").write_text(
        CONFIGURATION.format(
            folder=folder,
            internal=internal,
            login="dovenull" if root else me,
            group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            plain=plain,
            tls=tls,
        )
    )
    command = [PROGRAM, "-F", "-c", str(folder / "dovecot.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _wait(plain, process, folder)
            yield Dovecot(plain, tls, folder / "cert.pem")
        finally:
            process.terminate()
            process.wait(10)
            process.stderr.close()


def _wait(port: int, process: subprocess.Popen, folder: Path) -> None:
    for _try in range(100):
        if process.poll() is not None:
            raise AssertionError(process.stderr.read().decode())
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            if connection.recv(10):
                return
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _certificate(folder: Path) -> None:
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-subj", "/CN=sample",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
