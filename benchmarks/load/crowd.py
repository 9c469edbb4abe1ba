"""The crowd: what each person does when, how long the answers took, and whether all of it is there afterwards."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.load.campaign import SLUG, Person, Plan

SAVES, SENDS, PAGES = 17.0, 1.0, 4.0  # a second
HANDS = 64  # requests under way at most
FILE = 10_000_000  # bytes
WITHIN = {"save": 0.3, "page": 0.5}  # seconds at p95
_TOKEN = "a" * 32  # of the cross-site check: cookie and header agree


@dataclass
class Report:
    """What came of it."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        slow = any(_p95(self.times[what]) > within for what, within in WITHIN.items())
        return not slow and not self.faults

    def __str__(self) -> str:
        lines = [f"{'':10}{'n':>7}{'p50':>9}{'p95':>9}{'most':>9}"]
        for what, taken in self.times.items():
            ordered = sorted(taken)
            promise = f"  within {WITHIN[what] * 1e3:.0f} ms" if what in WITHIN else ""
            lines.append(
                f"{what:10}{len(taken):7}{statistics.median(ordered) * 1e3:7.0f}ms{_p95(ordered) * 1e3:7.0f}ms"
                f"{ordered[-1] * 1e3:7.0f}ms{promise}"
            )
        lines.append(
            "answers: " + ", ".join(f"{what} {count}" for what, count in sorted(self.answers.items()))
        )
        lines += self.faults or ["nothing lost, nothing doubled: cells, versions, files and audit agree"]
        return "\n".join(lines)


class _Crowd:
    def __init__(self, plan: Plan, port: int) -> None:
        self.plan, self.port = plan, port
        self.report = Report()
        self.lock = threading.Lock()
        self.own = threading.local()
        # What stands in each cell as far as the crowd was told: text and revision.
        self.cells: dict[tuple[str, str], tuple[str, int]] = {}
        self.busy: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def ask(
        self, what: str, method: str, path: str, session: str, body: bytes = b"", kind: str = ""
    ) -> tuple[int, bytes]:
        """Send a request over this thread's connection and note how long it took."""
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={_TOKEN}",
            "X-CSRFToken": _TOKEN,
            "Content-Type": kind or "application/json",
        }
        began = time.perf_counter()
        for last in (False, True):
            connection = getattr(self.own, "connection", None) or http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=60
            )
            self.own.connection = connection
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                self.own.connection = None
                if last:
                    raise
        with self.lock:
            self.report.times[what].append(time.perf_counter() - began)
            self.report.answers[f"{what} {answer.status}"] += 1
        return answer.status, content

    def save(self, person: Person) -> None:
        """Save another figure into one of a person's cells."""
        key = random.choice(person.cells)
        with self.busy[person.filed + key]:  # one person does not type into one cell twice at once
            _text, seen = self.cells.get((person.filed, key), ("", 0))
            text = f"{random.uniform(1, 900):.2f}"
            status, content = self.ask(
                "save", "POST", f"/c/{SLUG}/file/{person.filed}/cell/", person.session,
                json.dumps({"key": key, "text": text, "seen": seen}).encode(),
            )  # fmt: skip
            if status == 200 and (said := json.loads(content))["outcome"] == "saved":
                self.cells[person.filed, key] = (text, said["revision"])
            else:
                self.fault(f"save {status}: {content[:200]!r}")

    def send(self, person: Person) -> None:
        """Send a complete return, twice, as an impatient hand does: one receipt must come of it."""
        body = f"revision={person.revision}&stated=yes".encode()
        for _n in range(2):
            self.ask("send", "POST", f"/c/{SLUG}/file/{person.filed}/send/", person.session, body,
                     "application/x-www-form-urlencoded")  # fmt: skip

    def upload(self, person: Person) -> None:
        """Attach a file of 10 MB."""
        mark = b"--xinzhi"
        data = b"%PDF-1.7\n" + os.urandom(FILE) + b"\n%%EOF\n"
        body = (
            mark + b'\r\nContent-Disposition: form-data; name="sort"\r\n\r\nevidence\r\n'
            + mark + b'\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
            b"Content-Type: application/pdf\r\n\r\n" + data + b"\r\n" + mark + b"--\r\n"
        )  # fmt: skip
        self.ask("upload", "POST", f"/c/{SLUG}/file/{person.filed}/files/", person.session, body,
                 "multipart/form-data; boundary=xinzhi")  # fmt: skip

    def look(self, person: Person) -> None:
        """Look at a page: the form, the task list, or the board."""
        path, session = random.choice(
            [
                (f"/c/{SLUG}/file/{person.filed}/", person.session),
                (f"/c/{SLUG}/file/", person.session),
                (f"/c/{SLUG}/check/board/", self.plan.office),
            ]
        )
        status, _content = self.ask("page", "GET", path, session)
        if status != 200:
            self.fault(f"page {path} {status}")

    def fault(self, what: str) -> None:
        """Keep what went wrong."""
        with self.lock:
            if len(self.report.faults) < 20:
                self.report.faults.append(what)


def run(plan: Plan, port: int, seconds: int) -> Report:
    """Load the platform for so many seconds, then hold its tables against what the crowd was told."""
    crowd = _Crowd(plan, port)
    editing = itertools.cycle(plan.editing)
    sending = iter(plan.sending)
    uploads = iter(plan.uploading)
    with ThreadPoolExecutor(HANDS) as hands:
        began = time.monotonic()
        due = {"save": 0.0, "send": 0.5, "page": 0.1}
        pace = {"save": 1 / SAVES, "send": 1 / SENDS, "page": 1 / PAGES}
        uploaded = False
        while (passed := time.monotonic() - began) < seconds:
            for what in due:
                while due[what] <= passed:
                    due[what] += pace[what]
                    job: Callable[[Person], None] = {
                        "save": crowd.save,
                        "send": crowd.send,
                        "page": crowd.look,
                    }[what]
                    person = next(sending, None) if what == "send" else next(editing)
                    if person is not None:
                        hands.submit(_kept, crowd, job, person)
            if not uploaded and passed > seconds / 2:
                uploaded = True
                for person in uploads:
                    hands.submit(_kept, crowd, crowd.upload, person)
            time.sleep(0.005)
    _hold_against(crowd, plan)
    return crowd.report


def _kept(crowd: _Crowd, job: Callable[[Person], None], person: Person) -> None:
    try:
        job(person)
    except Exception as error:
        crowd.fault(f"{type(error).__name__}: {error}")


def _hold_against(crowd: _Crowd, plan: Plan) -> None:
    """Compare cells, versions, files and the audit with the answers."""
    from xinzhi.campaign.audit.chain import verify
    from xinzhi.campaign.audit.models import Event
    from xinzhi.campaign.returns.models import Attachment, Cell, Version

    stand = {
        (str(c.of_id), c.key): (c.text, c.revision)
        for c in Cell.objects.filter(of__in=[p.filed for p in plan.editing])
    }
    if stand != crowd.cells:
        crowd.fault(f"{len(stand.items() ^ crowd.cells.items())} cells differ from what people were told")
    saved = Event.objects.filter(
        verb="cell.saved", subject__in=[f"return:{p.filed}" for p in plan.editing]
    ).count()
    revisions = sum(revision for _text, revision in stand.values())
    if saved != revisions:
        crowd.fault(f"the audit has {saved} saves, the cells {revisions}")
    sent = crowd.report.answers["send 302"]
    versions = Version.objects.count()
    begun = min(len(plan.sending), len(crowd.report.times["send"]) // 2)
    if versions != begun:
        crowd.fault(f"{begun} returns were sent, {versions} versions made ({sent} redirects)")
    attached = Attachment.objects.filter(sort="evidence").count()
    if attached != crowd.report.answers["upload 302"]:
        crowd.fault(f"{crowd.report.answers['upload 302']} uploads taken, {attached} files attached")
    if fault := verify().fault:
        crowd.fault(fault)


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(0.95 * (len(taken) - 1))] if taken else 0.0
