"""Figures for a monitor, as Prometheus reads them: requests, jobs, mails, returns; never a name, never an address.

Each process counts its requests in a small file that it maps into memory, so that whichever answers the monitor tells
of all. The file of a process that ended is removed by the next one that begins.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.inbox.models import Reply
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.people.models import InvitationMail
from xinzhi.campaign.returns.models import Return

METHODS = ("GET", "POST", "other")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.05, 0.1, 0.3, 0.5, 1.0, 3.0, 10.0, float("inf"))
"""Of the seconds that answers take; 0.3 and 0.5 are what saves and pages are held to."""

_CELLS = len(METHODS) * (len(CLASSES) + len(BOUNDS) + 1)
_MAILS = {"letter": Letter, "reply": Reply, "invitation": InvitationMail}


class Counters:
    """What one process counted: for each method its answers by class, by duration, and seconds in all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.counted"):
            if not _is_alive(left.stem):
                left.unlink(missing_ok=True)
        self.process = os.getpid()
        path = folder / f"{self.process}.counted"
        path.write_bytes(bytes(8 * _CELLS))
        with path.open("r+b") as file:
            self._cells = memoryview(mmap.mmap(file.fileno(), 8 * _CELLS)).cast("d")
        self._lock = threading.Lock()

    def count(self, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        begin = METHODS.index(method if method in METHODS else "other") * (_CELLS // len(METHODS))
        answered = min(max(status // 100 - 2, 0), len(CLASSES) - 1)
        took = next(place for place, bound in enumerate(BOUNDS) if seconds <= bound)
        with self._lock:
            self._cells[begin + answered] += 1
            self._cells[begin + len(CLASSES) + took] += 1
            self._cells[begin + len(CLASSES) + len(BOUNDS)] += seconds


class Measured:
    """Counts every answer of this process and how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        begun = monotonic()
        response = self._answer(request)
        _own().count(request.method or "", response.status_code, monotonic() - begun)
        return response


def exposition() -> str:
    """Return all figures in Prometheus's text format."""
    return "\n".join((*_requests(), *_jobs(), *_mails(), *_returns(), ""))


def _requests() -> Iterator[str]:
    _own()  # its file is there from the beginning
    counted = sorted((int(file.stem), file.read_bytes()) for file in _folder().glob("*.counted"))
    processes = [
        (process, struct.unpack(f"{_CELLS}d", told)) for process, told in counted if len(told) == 8 * _CELLS
    ]
    size = _CELLS // len(METHODS)
    yield from _head("xinzhi_requests_total", "counter", "Answers by method and class of status.")
    for process, cells in processes:
        for m, method in enumerate(METHODS):
            for c, kind in enumerate(CLASSES):
                yield _line(
                    "xinzhi_requests_total", cells[m * size + c], process=process, method=method, status=kind
                )
    yield from _head("xinzhi_request_seconds", "histogram", "How long answers took.")
    for process, cells in processes:
        for m, method in enumerate(METHODS):
            took = cells[m * size + len(CLASSES) : (m + 1) * size]
            for bound, below in zip(BOUNDS, accumulate(took[:-1]), strict=True):
                said = "+Inf" if bound == float("inf") else f"{bound:g}"
                yield _line("xinzhi_request_seconds_bucket", below, process=process, method=method, le=said)
            yield _line("xinzhi_request_seconds_sum", took[-1], process=process, method=method)
            yield _line("xinzhi_request_seconds_count", sum(took[:-1]), process=process, method=method)


def _jobs() -> Iterator[str]:
    now = timezone.now()
    due = Job.objects.filter(state="waiting", run_at__lte=now).aggregate(n=Count("pk"), since=Min("run_at"))
    yield from _head("xinzhi_jobs", "gauge", "Jobs by state; due ones wait for a worker.")
    yield _line("xinzhi_jobs", due["n"], state="due")
    for state in ("running", "failed"):
        yield _line("xinzhi_jobs", Job.objects.filter(state=state).count(), state=state)
    yield from _head("xinzhi_jobs_oldest_due_seconds", "gauge", "For how long the oldest due job has waited.")
    yield _line("xinzhi_jobs_oldest_due_seconds", (now - due["since"]).total_seconds() if due["since"] else 0)


def _mails() -> Iterator[str]:
    yield from _head("xinzhi_mails", "gauge", "Mails by kind and state; those not queued wait for a person.")
    for kind, model in _MAILS.items():
        found = dict(model._default_manager.order_by().values_list("state").annotate(n=Count("pk")))
        for state in ("draft", "queued", "sending", "unsure", "refused", "failed", "sent"):
            yield _line("xinzhi_mails", found.get(state, 0), kind=kind, state=state)


def _returns() -> Iterator[str]:
    yield from _head("xinzhi_returns", "gauge", "Returns by campaign, sort and state.")
    found = Return.objects.order_by("campaign__slug", "sort", "state").values_list(
        "campaign__slug", "sort", "state"
    )
    for slug, sort, state, number in found.annotate(n=Count("pk")):
        yield _line("xinzhi_returns", number, campaign=slug, sort=sort, state=state)


def _head(name: str, kind: str, about: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _line(name: str, value: float, **labels: object) -> str:
    told = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}"


def _folder() -> Path:
    folder: Path = settings.ENVIRONMENT.home / "metrics"
    return folder


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass
    return True


_mine: list[Counters] = []
_begin = threading.Lock()


def _own() -> Counters:
    """Return the counters of this process; one that was forked begins its own."""
    with _begin:
        if not _mine or _mine[0].process != os.getpid():
            _mine[:] = [Counters(_folder())]
    return _mine[0]
