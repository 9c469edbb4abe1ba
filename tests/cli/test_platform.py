"""The commands of the platform, each in a process of its own with a home of its own."""

from __future__ import annotations

import http.client
import json
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.campaign.installations import Installation, installation


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A platform that was set up."""
    with installation(tmp_path_factory.mktemp("platform") / "home") as made:
        done = made.command("platform", "setup")
        assert (done.returncode, done.stdout) == (0, "数据表已就绪; 县级行政区 2846 个\n"), done.stderr
        yield made


def served(platform: Installation, *words: str) -> Iterator[http.client.HTTPConnection]:
    # Threads of requests keep their connections to PostgreSQL until the process ends, which Python remarks on.
    quiet = {name: text for name, text in platform.environment.items() if name != "PYTHONWARNINGS"}
    server = replace(platform, environment=quiet).begin("-m", "xinzhi", "serve", *words)
    connection = http.client.HTTPConnection("127.0.0.1", int(words[words.index("--port") + 1]), timeout=30)
    for _try in range(300):
        try:
            connection.connect()
            break
        except OSError:
            assert server.poll() is None, server.communicate()[1]
            time.sleep(0.1)
    try:
        yield connection
    finally:
        connection.close()
        server.send_signal(signal.SIGTERM)
        _out, err = server.communicate(timeout=60)
    assert "Traceback" not in err


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_set_up_again_changes_nothing(platform: Installation) -> None:
    assert platform.command("platform", "setup").stdout == "数据表已就绪; 县级行政区 2846 个\n"


def test_serve_answers_and_does_jobs(platform: Installation, unused_port: int) -> None:
    link = platform.command(
        "platform", "office", "Office@example.org", "--name", "办公室"
    ).stdout.splitlines()[-1]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/accounts/password/reset/key/[0-9a-z]+-[0-9a-z-]+/", link)
    for connection in served(platform, "--port", str(unused_port)):
        status, text = get(connection, "/healthz")
        assert (status, json.loads(text)["database"]) == (200, "ok")
        assert get(connection, "/static/xinzhi/site.css")[0] == 200
        status, _text = get(connection, urlsplit(link).path)
        assert status in (200, 302)
        assert get(connection, "/c/none/")[0] in (302, 404)


def test_the_account_of_the_office_is_made_once_and_audited(platform: Installation) -> None:
    platform.command("platform", "office", "second@example.org")
    platform.command("platform", "office", "SECOND@example.org")
    said = platform.does(
        "-c",
        "import django; django.setup(); from xinzhi.campaign.people.models import User, Membership;"
        "from xinzhi.campaign.audit.models import Event;"
        "u = User.objects.get(email='second@example.org');"
        "print([(m.role, m.campaign, m.unit) for m in u.memberships.all()], u.has_usable_password(),"
        " list(Event.objects.filter(subject=f'user:{u.pk}').values_list('verb', flat=True)))",
    )
    assert said == "[('office', None, None)] False ['user.made', 'role.given']\n"


def test_what_is_no_address(platform: Installation) -> None:
    done = platform.command("platform", "office", "nobody")
    assert (done.returncode, done.stderr) == (2, "nobody: 不是电子邮箱地址\n")


def test_a_worker_does_what_is_due(platform: Installation) -> None:
    assert platform.command("worker", "--once").stdout == "做了 0 个任务\n"
    worker = platform.begin("-m", "xinzhi", "worker")
    assert worker.stdout is not None
    assert worker.stdout.readline() == "等待任务 (Ctrl+C 结束)\n"
    worker.send_signal(signal.SIGTERM)
    _out, err = worker.communicate(timeout=60)
    assert (worker.returncode, err) == (0, "")


def test_verify_says_what_it_found(platform: Installation) -> None:
    good = platform.command("audit", "verify", "--json")
    found = json.loads(good.stdout)
    assert (good.returncode, found["fault"], len(found["head"])) == (0, "", 64)
    assert f"{found['events']} 条记录, 首尾相接" in platform.command("audit", "verify").stdout
    platform.does(
        "-c",
        "import django; django.setup(); from django.db import connection;"
        "from xinzhi.campaign.audit.protection import freeing;"
        "cursor = connection.cursor();"
        "[cursor.execute(s) for s in freeing('audit_event', connection.vendor)];"
        "cursor.execute(\"UPDATE audit_event SET verb = 'other' WHERE sequence = 1\")",
    )
    bad = platform.command("audit", "verify")
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", "审计记录有问题: 第 1 条的内容被改过\n")


def test_a_wrong_environment_is_said_without_a_traceback(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as empty:
        empty.environment["XINZHI_MODE"] = "production"
        empty.environment.pop("XINZHI_HOME")
        for words in (("serve",), ("worker",), ("audit", "verify"), ("platform", "setup")):
            done = empty.command(*words)
            assert done.returncode == 2
            assert "XINZHI_SECRET_KEY" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
