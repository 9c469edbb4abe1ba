"""Files of strangers are opened here: in child processes with little memory, little time and no network.

A child is reused, because starting one costs more than reading a form; it is replaced after a file that was
made to harm, and after so many files. One that dies is a finding about the file, never a crash.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from xinzhi.errors import CallError
from xinzhi.forms.opening.workbench import OUT_OF_MEMORY, Greeting, Outcome, Request, read_frame, write_frame
from xinzhi.forms.reading import Finding, Reading
from xinzhi.forms.refusals import HostileFile, UnreadableFile
from xinzhi.forms.rules import rules
from xinzhi.language import current_language
from xinzhi.language import gettext as _

MEMORY = 400_000_000  # bytes a child may use
SECONDS = 10  # for a file
FILES = 200  # for a child
LARGEST_FILE = 64_000_000  # bytes; mailboxes refuse attachments above 50 MB
LARGEST_ANSWER = 8_000_000  # bytes of what was understood
_START = 60  # seconds until a new child must have said something
_COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "xinzhi.forms.opening.workbench")

_log = logging.getLogger("xinzhi.forms")


class Workshop:
    """Children that read files, as many as there are threads that want them; to be used in a ``with`` block.

    Parameters
    ----------
    children : int
        How many work at the same time.
    memory, seconds, files : int
        Bytes of memory a child may use, seconds it has for a file, and files after which it is replaced.
    command : sequence of str
        Program that answers as :mod:`xinzhi.forms.opening.workbench` does.
    """

    def __init__(
        self,
        children: int = 1,
        *,
        memory: int = MEMORY,
        seconds: int = SECONDS,
        files: int = FILES,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._command = [*command, str(memory), str(seconds)]
        self._memory, self._seconds, self._files = memory, seconds, files
        self._folder = tempfile.TemporaryDirectory(prefix="xinzhi-")
        self.children = children
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _place in range(children):
            self._places.put(None)
        self._told = self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wait for the files under way, then end the children."""
        if self._closed:
            return
        self._closed = True
        for _place in range(self.children):
            if child := self._places.get():
                child.end()
        for _place in range(self.children):
            self._places.put(None)  # whoever still waits for one is told
        self._folder.cleanup()

    def read(
        self, data: bytes, name: str, forms: Sequence[str] = (), *, converted: str = ""
    ) -> tuple[Reading, ...]:
        """Read a file in a child.

        Parameters
        ----------
        data : bytes
            The file.
        name : str
            What it is called; nothing is concluded from it.
        forms : sequence of str
            Names of the forms it may be; all of the library's by default.
        converted : str
            The kind it had before it was converted.

        Returns
        -------
        tuple of Reading
            One for each form in it; one without a form where there is none, where the file was refused or the
            child died over it: then the finding says so.
        """
        request = Request(task="read", name=name, forms=tuple(forms), converted=converted)
        outcome, _nothing = self._ask(request, data)
        return (Reading(findings=(outcome.refusal,)),) if outcome.refusal else outcome.readings

    def annotate(self, data: bytes, name: str, findings: Sequence[Finding], form: str = "") -> bytes:
        """Write findings into a copy of a Word file or workbook, in a child; `form` is the name of its form.

        Raises
        ------
        HostileFile, UnreadableFile
            If it cannot be done with this file.
        """
        request = Request(task="annotate", name=name, findings=tuple(findings), forms=(form,) if form else ())
        return self._made(request, data)

    def lines(self, data: bytes, name: str = "") -> list[list[str]]:
        """Return the lines of a list (CSV or XLSX) as texts: what no form describes.

        Raises
        ------
        HostileFile, UnreadableFile
            If it is of another kind, too large or made to harm.
        """
        found: list[list[str]] = json.loads(self._made(Request(task="lines", name=name), data))
        return found

    def picture(self, data: bytes, name: str, digest: str) -> bytes:
        """Return a picture that lies in a Word file, as it lies there; `digest` is its SHA-256.

        Raises
        ------
        HostileFile, UnreadableFile
            If the file is of another kind, made to harm, or has no such picture.
        """
        return self._made(Request(task="picture", name=name, digest=digest), data)

    def show(self, data: bytes, name: str = "") -> bytes:
        """Return a picture to be shown: a JPEG made anew, without anything that the file said beside it.

        Raises
        ------
        HostileFile, UnreadableFile
            If it cannot be decoded.
        """
        return self._made(Request(task="show", name=name), data)

    def table(self, data: bytes, name: str) -> bytes:
        """Return what the children of :mod:`xinzhi.panel.foreign` make of a table; others know no such task."""
        return self._made(Request(task="table", name=name, language=current_language()), data)

    def _made(self, request: Request, data: bytes) -> bytes:
        outcome, output = self._ask(request, data)
        if outcome.refusal:
            kind = HostileFile if rules()[outcome.refusal.rule].hostile else UnreadableFile
            raise kind(outcome.refusal)
        return output

    def _ask(self, request: Request, data: bytes) -> tuple[Outcome, bytes]:
        if len(data) > LARGEST_FILE:
            sizes = {"limit": LARGEST_FILE // 1_000_000}
            return Outcome(refusal=Finding(rule="workshop.too_large", facts=sizes)), b""
        child = self._places.get()
        try:
            if self._closed:
                raise ValueError("this workshop is closed")
            child, outcome, output = self._answered(child, request, data)
        except BaseException:
            self._places.put(None)
            raise
        if child and (child.files >= self._files or _hostile(outcome)):
            child.end()
            child = None
        self._places.put(child)
        if outcome.trouble:
            _log.error("unexpected while reading a file:\n%s", outcome.trouble)
        return outcome, output

    def _answered(
        self, child: _Child | None, request: Request, data: bytes
    ) -> tuple[_Child | None, Outcome, bytes]:
        """Let a child do it; one that dies of what earlier files left behind is replaced by a fresh one."""
        reused = child is not None
        child = child or self._new_child()
        try:
            return child, *child.ask(request, data)
        except _LostError as lost:
            if lost.settled or not reused:
                return None, Outcome(refusal=lost.finding), b""
        return self._answered(None, request, data)

    def _new_child(self) -> _Child:
        child = _Child(self._command, self._folder.name, self._memory, self._seconds)
        if not self._told:
            self._told = True
            if child.network_cut:
                _log.info("network: cut")
            else:
                _log.warning("network: not cut")
        return child


class _LostError(Exception):
    """A child is lost over a file; `settled` where a fresh child would fare no better."""

    def __init__(self, rule: str, *, settled: bool, **facts: str | int) -> None:
        self.finding, self.settled = Finding(rule=rule, facts=facts), settled
        super().__init__(rule)


class _Child:
    """One child and the pipes to it. It has been ended before any error leaves it."""

    def __init__(self, command: Sequence[str], folder: str, memory: int, seconds: int) -> None:
        self.files = 0
        self._megabytes, self._seconds = memory // 1_000_000, seconds
        try:
            self._start(command, folder)
            with self._watched(_START):
                greeting = Greeting.model_validate_json(self._received(LARGEST_ANSWER))
        except (OSError, _LostError) as error:
            raise CallError(
                _("读取文件的子进程启动不了"),
                where=" ".join(command),
                remedy=_("请检查安装是否完整; 内存上限至少要有 {megabytes} MB").format(megabytes=200),
            ) from error
        self.network_cut = greeting.network_cut

    def _start(self, command: Sequence[str], folder: str) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={},
            close_fds=True,
            start_new_session=True,
        )
        assert self._process.stdin and self._process.stdout
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def ask(self, request: Request, data: bytes) -> tuple[Outcome, bytes]:
        """Have a file done.

        Raises
        ------
        _LostError
            If the child dies, is late or talks nonsense.
        """
        self.files += 1
        with self._watched(self._seconds):
            write_frame(self._requests, request.model_dump_json().encode())
            write_frame(self._requests, data)
            outcome = Outcome.model_validate_json(self._received(LARGEST_ANSWER))
            output = self._received(LARGEST_FILE)
            if not all(finding.rule in rules() for finding in _findings(outcome)):
                raise OverflowError
        return outcome, output

    def end(self) -> None:
        """End it at once; it has nothing to put away."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):  # what was not sent yet has nowhere to go
                pipe.close()

    def _received(self, most: int) -> bytes:
        content = read_frame(self._answers, most)
        if content is None:
            raise EOFError
        return content

    @contextlib.contextmanager
    def _watched(self, seconds: int) -> Iterator[None]:
        """Kill the child when a block takes longer; say what became of it when the block fails."""
        late = threading.Event()
        timer = threading.Timer(seconds, self._kill_late, [late])
        timer.start()
        fault = None
        try:
            yield
        except (EOFError, OSError):
            fault = self._death()
        except (OverflowError, ValidationError):
            fault = _LostError("workshop.answer", settled=True)
        except BaseException:
            self.end()
            raise
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():
            fault = _LostError("workshop.time", settled=True, seconds=seconds)
        if fault:
            self.end()
            raise fault

    def _kill_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _death(self) -> _LostError:
        """Tell from its end what it died of; its pipes are closed, so it is dead or about to be."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        match self._process.returncode:
            case _status if _status == OUT_OF_MEMORY or _status == -signal.SIGKILL:
                return _LostError("workshop.memory", settled=False, megabytes=self._megabytes)
            case _status if _status == -signal.SIGXCPU:
                return _LostError("workshop.time", settled=True, seconds=self._seconds)
            case status:
                return _LostError("workshop.died", settled=False, status=_named(status))


def _named(status: int | None) -> str:
    """Write how a process ended as a programmer looks it up: SIGSEGV, or its exit status."""
    if status is not None and status < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
    return str(status)


def _findings(outcome: Outcome) -> Iterator[Finding]:
    if outcome.refusal:
        yield outcome.refusal
    for reading in outcome.readings:
        yield from reading.findings


def _hostile(outcome: Outcome) -> bool:
    return any(rules()[finding.rule].hostile for finding in _findings(outcome))
