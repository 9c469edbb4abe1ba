"""Jobs: done once, taken up again after a worker died, failed with a reason."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from tests.campaign.conftest import World
from tests.campaign.installations import installation
from xinzhi.campaign.acting import the_system
from xinzhi.campaign.checking.reminders import ensure_daily
from xinzhi.campaign.jobs import queue
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import (
    LEASE,
    MOST_ATTEMPTS,
    Again,
    enqueue,
    hasten,
    put_recurring,
    recurs,
    stands,
    work_off,
    works,
)
from xinzhi.campaign.refusals import Refused

pytestmark = pytest.mark.django_db
DONE: list[str] = []


def good(payload: Mapping[str, object], report) -> dict[str, object]:
    report(0.5)
    DONE.append(str(payload["name"]))
    return {"said": payload["name"]}


def broken(payload: Mapping[str, object], report) -> None:
    raise ZeroDivisionError


def refused(payload: Mapping[str, object], report) -> None:
    raise Refused("没有这样的表")


def robbed(payload: Mapping[str, object], report) -> None:
    Job.objects.update(lease="another")
    report(0.5)
    DONE.append("after the lease was lost")


def again(payload: Mapping[str, object], report) -> Again:
    DONE.append(str(payload["name"]))
    return Again(timezone.now() + timedelta(hours=1), {"turn": len(DONE)})


def put_one() -> None:
    if not stands("again", "k"):
        put("again", key="k")


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_kinds", dict(queue._kinds))
    monkeypatch.setattr(queue, "_recurring", [])
    for name in ("good", "broken", "refused", "robbed", "again"):
        works(name, f"{__name__}.{name}")
    DONE.clear()


def put(kind: str, **more) -> Job | None:
    return enqueue(the_system(), kind, {"name": "x"}, **more)


def test_a_job_is_done_once() -> None:
    job = put("good")
    assert (work_off(), work_off(), DONE) == (1, 0, ["x"])
    assert job is not None
    job.refresh_from_db()
    assert (job.state, job.progress, job.attempts, job.outcome) == ("done", 1.0, 1, {"said": "x"})


def test_of_one_key_one_waits_at_a_time() -> None:
    assert put("good", key="k") is not None
    assert put("good", key="k") is None
    assert put("good", key="other") is not None
    assert work_off() == 2
    assert put("good", key="k") is not None


def test_what_is_due_later_waits() -> None:
    put("good", run_at=timezone.now() + timedelta(hours=1))
    assert work_off() == 0


def test_a_job_falls_with_the_change_that_asked_for_it() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put("good")
        raise ZeroDivisionError
    assert work_off() == 0


def test_a_refusal_is_final_and_says_why() -> None:
    job = put("refused")
    assert (work_off(), work_off()) == (1, 0)
    assert job is not None
    job.refresh_from_db()
    assert job.state == "failed" and "没有这样的表" in job.said


def test_a_fault_is_tried_again_and_given_up(caplog: pytest.LogCaptureFixture) -> None:
    job = put("broken")
    assert job is not None
    states = []
    for _attempt in range(MOST_ATTEMPTS):
        Job.objects.filter(state="waiting").update(run_at=timezone.now())
        assert work_off() == 1
        job.refresh_from_db()
        states.append(job.state)
    assert states == ["waiting"] * (MOST_ATTEMPTS - 1) + ["failed"]
    assert job.said == "程序内部错误: ZeroDivisionError"


def test_a_lease_that_ran_out_is_taken_over() -> None:
    job = put("good")
    assert job is not None
    Job.objects.update(state="running", lease="dead", leased_until=timezone.now() + LEASE)
    assert work_off() == 0
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert (work_off(), DONE) == (1, ["x"])


def test_who_lost_the_lease_stops_and_settles_nothing() -> None:
    job = put("robbed")
    assert job is not None
    assert work_off() == 1
    job.refresh_from_db()
    assert (job.state, job.lease, DONE) == ("running", "another", [])


def test_a_job_that_comes_again_is_one_job() -> None:
    job = put("again", key="k")
    assert job is not None
    assert (work_off(), work_off(), DONE) == (1, 0, ["x"])
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease, job.outcome) == ("waiting", 0, "", {"turn": 1})
    assert job.finished_at is not None and job.run_at > job.finished_at
    hasten("again", "other")
    assert work_off() == 0
    hasten("again", "k")
    assert (work_off(), DONE) == (1, ["x", "x"])
    assert Job.objects.count() == 1


def test_what_recurs_is_put_once_and_again_after_it_failed() -> None:
    recurs(f"{__name__}.put_one")
    recurs(f"{__name__}.put_one")
    for _round in range(2):
        put_recurring()
    assert [job.state for job in Job.objects.all()] == ["waiting"]
    Job.objects.update(state="failed")
    put_recurring()
    assert sorted(job.state for job in Job.objects.all()) == ["failed", "waiting"]


def test_reminders_of_the_mornings_are_one_job(world: World) -> None:
    for _morning in range(3):
        hasten("letters.daily", f"campaign:{world.campaign.pk}")
        work_off()
        ensure_daily(world.system, world.campaign)
    assert [job.state for job in Job.objects.filter(kind="letters.daily")] == ["waiting"]


# --- a worker killed in the middle -----------------------------------------------------------------------

SLOW = """
import sys, time
import django
django.setup()
from django.core.management import call_command
from xinzhi.campaign.acting import the_system
from xinzhi.campaign.jobs import queue
from xinzhi.campaign.jobs.models import Job

def work(payload, report):
    report(0.25)
    print("in the middle", flush=True)
    if payload["slow"] and Job.objects.get().attempts == 1:
        time.sleep(60)
    return {"attempts": Job.objects.get().attempts}

sys.modules["slow"] = sys.modules["__main__"]
queue.works("slow", "slow.work")
if sys.argv[1] == "put":
    call_command("migrate", interactive=False, verbosity=0)
    queue.enqueue(the_system(), "slow", {"slow": True})
elif sys.argv[1] == "expire":
    from datetime import timedelta
    from django.utils import timezone
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
else:
    print(queue.work_off(), Job.objects.values_list("state", "progress", "attempts", "outcome").get())
"""


def test_a_worker_killed_in_the_middle_loses_its_lease_and_the_job_is_done_once_more(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    with installation(tmp_path / "home") as platform:
        platform.does(str(script), "put")
        victim = platform.begin(str(script), "work")
        assert victim.stdout is not None
        assert victim.stdout.readline() == "in the middle\n"
        victim.send_signal(signal.SIGKILL)
        victim.communicate(timeout=30)
        # Its lease still stands: nobody else takes the job before it runs out.
        assert platform.does(str(script), "work").startswith("0 ('running', 0.25, 1,")
        platform.does(str(script), "expire")
        assert platform.does(str(script), "work") == "in the middle\n1 ('done', 1.0, 2, {'attempts': 2})\n"
