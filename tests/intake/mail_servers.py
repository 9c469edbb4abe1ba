"""Mail servers on the loopback, made for tests: just enough IMAP and SMTP to misbehave like real ones."""

from __future__ import annotations

import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

DATE = "18-Aug-2025 09:30:00 +0800"


def mail(number: int) -> bytes:
    return (
        f"From: sample{number}@example.com\r\nTo: office@example.com\r\nSubject: sample {number}\r\n"
        f"Message-ID: <{number}@example.com>\r\nDate: Mon, 18 Aug 2025 09:00:00 +0800\r\n\r\n"
        f"mail {number}\r\n{'x' * 70}\r\n"
    ).encode()


@dataclass
class ScriptedImap:
    """A mailbox and its habits.

    `drops` maps a UID to how often the connection breaks in the middle of it; `sizes` are what RFC822.SIZE claims,
    `literals` what the literal claims; `renumbered` is a UIDVALIDITY taken on after the first drop.
    """

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int | None = 77
    password: str = "secret-code"
    wants_id: bool = False
    knows_id: bool = True
    drops: dict[int, int] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    literals: dict[int, int] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    renumbered: int | None = None
    starttls: bool = False
    echo: bool = False
    commands: list[str] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def running(self):
        with _served(_ImapHandler, self):
            yield self


class _ImapHandler(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.introduced = False
            self.say("* OK scripted")
            while line := self.rfile.readline():
                tag, _space, command = line.decode().strip().partition(" ")
                self.box.commands.append(command)
                if self.answered(tag, command) is False:
                    return
        except (ConnectionError, BrokenPipeError):
            return

    def answered(self, tag: str, command: str) -> bool | None:
        word = command.split()[0].upper()
        if word == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1" + (" STARTTLS" if self.box.starttls else ""))
        elif word == "ID":
            if not self.box.knows_id:
                self.say(f"{tag} BAD unknown command")
                return None
            self.introduced = True
            self.say('* ID ("name" "scripted")')
        elif word == "LOGIN" and f'"{self.box.password}"' not in command:
            self.say(f"{tag} NO LOGIN failed" + (f" for {command}" if self.box.echo else ""))
            return None
        elif word in ("SELECT", "EXAMINE"):
            return self.selected(tag, command)
        elif word == "LIST":
            self.say('* LIST (\\HasNoChildren) "/" "INBOX"')
            self.say('* LIST (\\HasNoChildren) "/" "&V4NXPnux-"')
        elif word == "LOGOUT":
            self.say("* BYE")
            self.say(f"{tag} OK")
            return False
        elif command.upper().startswith("UID FETCH 1:*"):
            self.listed()
        elif command.upper().startswith("UID FETCH"):
            return self.fetched(tag, command)
        self.say(f"{tag} OK done")
        return None

    def selected(self, tag: str, command: str) -> None:
        if self.box.wants_id and not self.introduced:
            self.say(f"{tag} NO {command.split()[0]} Unsafe Login. Please contact kefu@188.com for help")
        elif '"INBOX"' not in command:
            self.say(f"{tag} NO no such folder")
        else:
            self.say(f"* {len(self.box.mails)} EXISTS")
            if self.box.validity:
                self.say(f"* OK [UIDVALIDITY {self.box.validity}] valid")
            self.say(f"{tag} OK [{'READ-ONLY' if command.startswith('EXAMINE') else 'READ-WRITE'}] selected")

    def listed(self) -> None:
        for number, (uid, data) in enumerate(self.box.mails.items(), start=1):
            size = self.box.sizes.get(uid, len(data))
            self.say(f'* {number} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{DATE}")')

    def fetched(self, tag: str, command: str) -> bool | None:
        uid = int(command.split()[2])
        data = self.box.mails[uid]
        part = re.search(r"BODY\.PEEK(\[[A-Z]*\])", command)[1]
        if part == "[HEADER]":
            data = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        if uid in self.box.withheld:
            self.say(f"{tag} NO internal error")
            return None
        claimed = len(data) if part == "[HEADER]" else self.box.literals.get(uid, len(data))
        self.wfile.write(f"* 1 FETCH (UID {uid} BODY{part} {{{claimed}}}\r\n".encode())
        if self.box.drops.get(uid, 0):
            self.box.drops[uid] -= 1
            self.wfile.write(data[: len(data) // 2])
            if self.box.renumbered:
                self.box.validity, self.box.renumbered = self.box.renumbered, None
            return False
        self.wfile.write(data + b")\r\n")
        self.say(f"{tag} OK done")
        return None


@dataclass
class ScriptedSmtp:
    """An SMTP server: what it took, whom it refuses and how, and where it breaks off or waits for ever."""

    refused: set[str] = field(default_factory=set)
    refusal: int = 550
    breaks_at: str = ""
    waits_at: str = ""
    echo: bool = False
    code: int = 250
    taken: list[bytes] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def running(self):
        with _served(_SmtpHandler, self):
            yield self


class _SmtpHandler(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.say("220 scripted")
            envelope: list[str] = []
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == self.box.breaks_at:
                    return
                if word in ("EHLO", "HELO"):
                    self.say("250-scripted")
                    self.say("250 8BITMIME")
                elif word == "RCPT" and any(address in line for address in self.box.refused):
                    self.say(f"{self.box.refusal} no such user" + (f": {line}" if self.box.echo else ""))
                elif word == "DATA":
                    self.data(envelope)
                    if self.box.waits_at == "TEXT":
                        self.rfile.read()
                    if self.box.breaks_at == "TEXT" or self.box.waits_at == "TEXT":
                        return
                    self.say(f"{self.box.code} said")
                    envelope = []
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    if word in ("MAIL", "RCPT"):
                        envelope.append(re.search(r"<(.*?)>", line)[1])
                    self.say("250 fine")
        except (ConnectionError, BrokenPipeError):
            return

    def data(self, envelope: list[str]) -> None:
        self.say("354 go on")
        text = []
        while (line := self.rfile.readline()) != b".\r\n":
            text.append(line[1:] if line.startswith(b".") else line)
        if self.box.code == 250:
            self.box.taken.append(b"".join(text))
            self.box.envelopes.append(envelope)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def _served(handler, box):
    bound = type(handler.__name__, (handler,), {"box": box})
    with _Server(("127.0.0.1", 0), bound) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join()
