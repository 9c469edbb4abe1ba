"""Figures for a monitor: what they count, who may read them, and that they name nobody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.campaign.accepted import accepted_figures
from tests.campaign.conftest import World
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.people import mails, operations
from xinzhi.site import metrics
from xinzhi.site.environment import read_environment

TOKEN = "a-token-of-twenty-characters"
LINE = re.compile(r'^(xinzhi_[a-z_]+)(?:\{((?:[a-z]+="[^"]*",?)+)\})? (\S+)$')


@pytest.fixture(autouse=True)
def own_counters():
    metrics._mine.clear()
    yield
    metrics._mine.clear()


def told(client: Client | None = None, **headers: str) -> dict[str, float]:
    response = (client or Client()).get("/metrics", headers=headers)
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    found = [LINE.fullmatch(line) for line in lines]
    assert None not in found, lines
    return {f"{m[1]}{{{m[2] or ''}}}": float(m[3]) for m in found if m}


def test_answers_are_counted_by_method_class_and_time(world: World) -> None:
    Client().get("/")
    Client().get("/nowhere/")
    Client().post("/join/", {"code": "x"})
    Client().put("/join/")
    found, process = told(), os.getpid()
    for method, kind, number in [
        ("GET", "2xx", 1),
        ("GET", "4xx", 1),
        ("POST", "4xx", 1),
        ("other", "4xx", 1),
    ]:
        key = f'xinzhi_requests_total{{process="{process}",method="{method}",status="{kind}"}}'
        assert found[key] == number, key
    assert found[f'xinzhi_request_seconds_count{{process="{process}",method="GET"}}'] == 2
    assert found[f'xinzhi_request_seconds_bucket{{process="{process}",method="GET",le="+Inf"}}'] == 2
    buckets = [v for k, v in found.items() if k.startswith("xinzhi_request_seconds_bucket") and '"GET"' in k]
    assert buckets == sorted(buckets) and len(buckets) == len(metrics.BOUNDS)


@pytest.mark.parametrize(
    ("seconds", "below"), [(0.05, 8), (0.051, 7), (0.3, 6), (0.31, 5), (10.0, 2), (99.0, 1)]
)
def test_an_answer_stands_in_every_bucket_above_it(world: World, seconds: float, below: int) -> None:
    metrics._own().count("POST", 200, seconds)
    found = told()
    assert sum(v for k, v in found.items() if "_bucket" in k and '"POST"' in k) == below
    assert sum(v for k, v in found.items() if "_sum" in k and '"POST"' in k) == seconds


def test_all_processes_are_told_of_and_those_that_ended_are_forgotten(world: World, settings) -> None:
    folder = settings.ENVIRONMENT.home / "metrics"
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        metrics.Counters(folder).count("GET", 200, 0.1)
        (folder / f"{os.getpid()}.counted").rename(folder / f"{other.pid}.counted")
        metrics._mine.clear()
        found = told()
        assert found[f'xinzhi_requests_total{{process="{other.pid}",method="GET",status="2xx"}}'] == 1
    finally:
        other.communicate(b"\n")
    metrics._mine.clear()
    assert [key for key in told() if f'"{other.pid}"' in key] == []


def test_jobs_mails_and_returns_are_counted_and_nobody_is_named(world: World) -> None:
    accepted_figures(world, "990121")
    Job.objects.all().delete()
    now = timezone.now()
    for state, minutes in (("waiting", -5), ("waiting", 5), ("failed", -9)):
        Job.objects.create(
            kind="letters.daily",
            payload={},
            state=state,
            made_at=now,
            run_at=now + timedelta(minutes=minutes),
        )
    invitation, _code = operations.invite(
        world.office, "expert", world.campaign, name="某专家", email="expert@example.org"
    )
    mails.write(world.office, [invitation], "http://testserver/join/", leaves=False)
    text = Client().get("/metrics").content.decode()
    found = told()
    assert {key: value for key, value in found.items() if key.startswith("xinzhi_jobs{")} == {
        'xinzhi_jobs{state="due"}': 1, 'xinzhi_jobs{state="running"}': 0, 'xinzhi_jobs{state="failed"}': 1,
    }  # fmt: skip
    assert 300 <= found["xinzhi_jobs_oldest_due_seconds{}"] < 400
    assert found['xinzhi_mails{kind="invitation",state="draft"}'] == 1
    assert {key: value for key, value in found.items() if key.startswith("xinzhi_returns")} == {
        'xinzhi_returns{campaign="call-2025",sort="indicators",state="accepted"}': 1
    }
    assert re.findall("[一-鿿]|@|9901", text) == []


def test_others_need_the_token(world: World, settings) -> None:
    away = Client(REMOTE_ADDR="203.0.113.9")
    assert away.get("/metrics").status_code == 404
    assert away.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"metrics_token": TOKEN})
    assert away.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 404
    assert told(away, Authorization=f"Bearer {TOKEN}")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # as behind nginx: what it saw counts, not its own address
    behind = Client(REMOTE_ADDR="127.0.0.1")
    assert behind.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert behind.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200


def test_a_short_token_stops_the_start(tmp_path) -> None:
    from xinzhi.errors import CallError

    with pytest.raises(CallError) as error:
        read_environment({"XINZHI_HOME": str(tmp_path), "XINZHI_METRICS_TOKEN": "short"})
    assert "XINZHI_METRICS_TOKEN 太短: 至少 20 个随机字符" in str(error.value)
