"""The limited child process: what it withstands, what it costs, and what is said of a file that broke it."""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xinzhi.errors import CallError
from xinzhi.forms.opening.workshop import LARGEST_FILE, Workshop
from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import HostileFile, UnreadableFile
from xinzhi.forms.rules import facts_of, rules

MISBEHAVING = (sys.executable, "-I", "-B", str(Path(__file__).with_name("misbehaving.py")))


@pytest.fixture(scope="module")
def workshop():
    with Workshop(command=MISBEHAVING, seconds=1, memory=200_000_000) as workshop:
        yield workshop


def told(workshop, task, data=b""):
    """Return what the child says of itself."""
    (reading,) = workshop.read(data, task)
    assert reading.findings == ()
    return json.loads(reading.heading)


def finding_of(workshop, task, data=b""):
    (reading,) = workshop.read(data, task)
    (finding,) = reading.findings
    assert set(finding.facts) == facts_of(rules()[finding.rule])
    return finding


def test_a_file_goes_through(workshop):
    (reading,) = workshop.read("内容".encode(), "echo", converted="doc")
    assert (reading.heading, reading.format) == ("内容", "doc")


def test_bytes_come_back(workshop):
    data = os.urandom(3_000_000).hex().encode()
    assert workshop.annotate(data, "echo", []) == data


def test_one_child_reads_many_files(workshop):
    assert len({told(workshop, "state")["pid"] for _file in range(5)}) == 1


def test_nothing_is_inherited(workshop, tmp_path):
    with (tmp_path / "secret").open("wb") as secret, Workshop(command=MISBEHAVING) as workshop:
        os.set_inheritable(secret.fileno(), True)
        state = told(workshop, "state")
    # Three times /dev/null, two pipes, and the folder /proc/self/fd itself while it is listed.
    assert [kind for kind in state["descriptors"] if not kind.startswith("/proc")] == ["/dev/null"] * 3 + [
        "pipe"
    ] * 2
    assert state["folder"] == []
    assert set(state["environment"]) <= {"LC_CTYPE"}  # set by Python itself


@pytest.mark.parametrize(
    ("task", "rule", "facts"),
    [
        ("hog", "workshop.memory", {"megabytes": 200}),
        ("loop", "workshop.time", {"seconds": 1}),
        ("sleep", "workshop.time", {"seconds": 1}),
        ("abort", "workshop.died", {"status": "SIGABRT"}),
        ("leave", "workshop.died", {"status": "3"}),
        ("flood", "workshop.answer", {}),
        ("nonsense", "workshop.answer", {}),
        ("unknown_rule", "workshop.answer", {}),
        ("harm", "workshop.answer", {}),
    ],
)
def test_a_file_that_breaks_the_child_is_a_hostile_finding(workshop, task, rule, facts):
    before = told(workshop, "state")["pid"]
    finding = finding_of(workshop, task)
    assert (finding.rule, dict(finding.facts)) == (rule, facts)
    assert rules()[rule].hostile
    assert told(workshop, "state")["pid"] != before


@pytest.mark.parametrize(
    ("task", "rule"), [("refuse", "workshop.too_large"), ("recurse", "workshop.unexpected")]
)
def test_a_file_that_is_only_refused_leaves_the_child_alone(workshop, task, rule):
    before = told(workshop, "state")["pid"]
    assert finding_of(workshop, task).rule == rule
    assert told(workshop, "state")["pid"] == before


def test_what_nobody_expected_is_logged(workshop, caplog):
    assert finding_of(workshop, "recurse").facts == {"error": "RecursionError"}
    assert "RecursionError" in caplog.text


def test_the_time_is_kept(workshop):
    begun = time.monotonic()
    finding_of(workshop, "sleep")
    assert time.monotonic() - begun < 3


def test_what_earlier_files_left_behind_is_not_held_against_a_file():
    with Workshop(command=MISBEHAVING, memory=200_000_000) as workshop:
        pids = [told(workshop, "hoard_some")["pid"] for _file in range(4)]
    assert len(set(pids)) == 2


def test_a_child_is_replaced_after_so_many_files():
    with Workshop(command=MISBEHAVING, files=3) as workshop:
        pids = [told(workshop, "state")["pid"] for _file in range(9)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3]


def test_what_a_library_prints_does_no_harm(workshop):
    assert told(workshop, "chatter") == told(workshop, "chatter")


def test_the_child_writes_no_file(workshop, tmp_path):
    assert told(workshop, "write", str(tmp_path / "written").encode()) == {"errno": errno.EFBIG, "size": 0}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may start processes whatever the limit")
def test_the_child_starts_no_process(workshop):
    assert told(workshop, "start") == {"errno": errno.EAGAIN}


def test_the_network_is_cut_where_the_log_says_so(caplog):
    caplog.set_level(logging.INFO, "xinzhi.forms")
    with socket.create_server(("127.0.0.1", 0)) as server, Workshop(command=MISBEHAVING) as workshop:
        reached = told(workshop, "connect", str(server.getsockname()[1]).encode())["errno"] == 0
        told(workshop, "state")
    assert caplog.messages == ["network: not cut" if reached else "network: cut"]


def test_threads_share_the_children():
    with Workshop(2, command=MISBEHAVING) as workshop, ThreadPoolExecutor(8) as threads:
        headings = list(threads.map(lambda n: workshop.read(str(n).encode(), "echo")[0].heading, range(100)))
        pids = set(threads.map(lambda _n: told(workshop, "state")["pid"], range(40)))
    assert headings == [str(n) for n in range(100)]
    assert len(pids) <= 2


def test_annotating_what_cannot_be_is_an_error_of_its_kind(workshop):
    finding = Finding(rule="workshop.answer")
    with pytest.raises(UnreadableFile):
        workshop.annotate(b"", "refuse", [finding])
    with pytest.raises(HostileFile) as error:
        workshop.annotate(b"", "harm", [finding])
    assert error.value.finding == finding


def test_a_file_that_is_too_large_is_not_even_sent(workshop):
    assert finding_of(workshop, "abort", bytes(LARGEST_FILE + 1)).facts == {"limit": 64}


def test_a_child_that_does_not_start_is_our_fault_not_the_files():
    with Workshop(command=(sys.executable, "-c", "1")) as workshop, pytest.raises(CallError):
        workshop.read(b"", "echo")


def test_a_closed_workshop_reads_nothing():
    with Workshop(command=MISBEHAVING) as workshop:
        child = told(workshop, "state")["pid"]
    with pytest.raises(ValueError, match="closed"):
        workshop.read(b"", "echo")
    assert not Path(f"/proc/{child}").exists()
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
