"""Putting jobs into the table, and working them off under leases; a killed worker's job is taken up again."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

from django.db import IntegrityError, close_old_connections, connections, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.jobs.models import Job
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 4
_WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
_ROUND = 60.0  # seconds between two looks at what recurs
_log = logging.getLogger("xinzhi.jobs")


class Work(Protocol):
    """Does a job; may be called again for the same one, and must then change nothing twice."""

    def __call__(self, payload: Mapping[str, object], report: Callable[[float], None], /) -> object:
        """Do the work, reporting progress from 0 to 1; what is returned is kept as the outcome."""


@dataclass(frozen=True)
class Again:
    """What a work returns whose job is to be done once more: not before when, and what it came to this time."""

    run_at: datetime
    outcome: Mapping[str, object] = field(default_factory=dict)


_kinds: dict[str, str] = {}
_recurring: list[str] = []


def works(kind: str, function: str) -> None:
    """Declare which function (dotted path) does the jobs of a kind; called when an app is ready."""
    _kinds[kind] = function


def recurs(function: str) -> None:
    """Declare a function (dotted path) that puts into the table what recurs and is not there; called likewise."""
    if function not in _recurring:
        _recurring.append(function)


def put_recurring() -> None:
    """Put what recurs into the table; a worker does so as it begins and once a minute."""
    for function in _recurring:
        import_string(function)()


def enqueue(
    actor: Actor, kind: str, payload: Mapping[str, object], *, key: str = "", run_at: datetime | None = None
) -> Job | None:
    """Put a job into the table, in the transaction of the change that asks for it.

    Returns
    -------
    Job or None
        None where a job of this kind and key already waits or runs.
    """
    if kind not in _kinds:
        raise ValueError(f"no work of the kind {kind!r}")
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind,
                key=key,
                payload=dict(payload),
                run_at=run_at or timezone.now(),
                made_at=timezone.now(),
                made_by=actor.user.pk if actor.user else None,
            )
    except IntegrityError:
        return None


def stands(kind: str, key: str) -> bool:
    """Tell whether a job of this kind and key waits or runs."""
    return Job.objects.filter(kind=kind, key=key, state__in=("waiting", "running")).exists()


def hasten(kind: str, key: str) -> None:
    """Let a job that waits for later be done next."""
    now = timezone.now()
    Job.objects.filter(kind=kind, key=key, state="waiting", run_at__gt=now).update(run_at=now)


def work_off(limit: int | None = None) -> int:
    """Do all jobs that are due, one after another; return how many were begun."""
    begun = 0
    while (limit is None or begun < limit) and (job := _leased()) is not None:
        begun += 1
        _do(job)
    return begun


def _leased() -> Job | None:
    """Take the next job that is due, or whose worker has not been heard of; the update decides a race."""
    now = timezone.now()
    due = Q(state="waiting", run_at__lte=now) | Q(state="running", leased_until__lt=now)
    for job in Job.objects.filter(due).order_by("run_at", "pk")[:20]:
        lease = secrets.token_hex(16)
        taken = Job.objects.filter(due, pk=job.pk, lease=job.lease).update(
            state="running", lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
        if taken:
            return Job.objects.get(pk=job.pk)
    return None


def _do(job: Job) -> None:
    def report(progress: float) -> None:
        held = Job.objects.filter(pk=job.pk, lease=job.lease).update(
            progress=min(max(progress, 0.0), 1.0), leased_until=timezone.now() + LEASE
        )
        if not held:
            raise _LostLeaseError

    try:
        work: Work = import_string(_kinds[job.kind])
        outcome = work(job.payload, report)
    except _LostLeaseError:
        _log.warning("lease lost", extra={"job": job.pk})
    except XinzhiError as error:  # it would fail again: people have to see to it
        _settle(job, "failed", str(error))
    except Exception as error:
        _log.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        if job.attempts >= MOST_ATTEMPTS:
            _settle(job, "failed", _("程序内部错误: {kind}").format(kind=type(error).__name__))
        else:
            wait = _WAITS[min(job.attempts, len(_WAITS)) - 1]
            Job.objects.filter(pk=job.pk, lease=job.lease).update(
                state="waiting", lease="", leased_until=None, run_at=timezone.now() + wait
            )
    else:
        if isinstance(outcome, Again):
            _put_back(job, outcome)
        else:
            _settle(job, "done", "", outcome if isinstance(outcome, dict) else {})


def _put_back(job: Job, again: Again) -> None:
    Job.objects.filter(pk=job.pk, lease=job.lease).update(
        state="waiting",
        run_at=again.run_at,
        lease="",
        leased_until=None,
        attempts=0,
        progress=0,
        outcome=dict(again.outcome),
        finished_at=timezone.now(),
    )


def _settle(job: Job, state: str, said: str, outcome: dict[str, object] | None = None) -> None:
    Job.objects.filter(pk=job.pk, lease=job.lease).update(
        state=state,
        said=said,
        outcome=outcome or {},
        progress=1.0 if state == "done" else F("progress"),
        leased_until=None,
        finished_at=timezone.now(),
    )


class _LostLeaseError(Exception):
    """Another worker has taken the job over."""


class Worker(threading.Thread):
    """Works jobs off until it is told to stop; a thread of the web process, or the whole of a worker's."""

    def __init__(self, pause: float = 1.0) -> None:
        super().__init__(name="xinzhi-worker", daemon=True)
        self._pause, self._stopping = pause, threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        round_due = 0.0
        while not self._stopping.is_set():
            close_old_connections()
            try:
                if monotonic() >= round_due:
                    round_due = monotonic() + _ROUND
                    put_recurring()
                busy = work_off(limit=20)
            except Exception:  # the database may be away for a while
                _log.exception("worker cannot reach its table")
                busy = 0
            if not busy:
                self._stopping.wait(self._pause)
        connections.close_all()

    def stop(self) -> None:
        """Finish the job in hand, then end."""
        self._stopping.set()
