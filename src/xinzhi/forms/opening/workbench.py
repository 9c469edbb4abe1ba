"""What happens inside the limited child process: one stranger's file after another, until the pipe closes.

A request is two frames, JSON and the bytes of the file; so is the answer. A frame is its length in four bytes
and its content. Run as a module this is the child that :mod:`xinzhi.forms.opening.workshop` keeps.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Literal

from xinzhi.declarations import Record
from xinzhi.forms.opening.confinement import Limits, allow_seconds, confine
from xinzhi.forms.reading import Finding, Reading
from xinzhi.forms.refusals import Refusal
from xinzhi.language import Language

OUT_OF_MEMORY = 71
"""What the child exits with when it cannot even say that its memory is used up."""


class Request(Record):
    """What is to be done with a file.

    Attributes
    ----------
    forms : tuple of str
        Names of the forms it may be.
    converted : str
        The kind it had before LibreOffice converted it.
    findings : tuple of Finding
        To be written into it.
    digest : str
        SHA-256 of the picture that is wanted out of it.
    language : {"zh", "en"}
        In which a refusal in words is given.
    """

    task: Literal["read", "annotate", "lines", "picture", "show", "table"]
    name: str
    forms: tuple[str, ...] = ()
    converted: str = ""
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    language: Language = "zh"


class Outcome(Record):
    """What came of it: readings, or the finding for which the file was refused; `trouble` is for the log."""

    readings: tuple[Reading, ...] = ()
    refusal: Finding | None = None
    trouble: str = ""


class Greeting(Record):
    """The first thing a child says: whether it is cut off from the network."""

    network_cut: bool


Task = Callable[[Request, bytes], tuple[Outcome, bytes]]


def serve(prepare: Callable[[], Mapping[str, Task]], arguments: Sequence[str]) -> None:
    """Confine this process, then carry out tasks until there are no more.

    Parameters
    ----------
    prepare : callable
        Returns the tasks by the names that requests give; called once, already confined.
    arguments : sequence of str
        Bytes of memory, and seconds of processor time for a file.
    """
    memory, seconds = map(int, arguments)
    requests, answers = _private_pipes()
    cut = confine(Limits(memory, written=0, seconds=seconds))
    tasks = prepare()
    write_frame(answers, Greeting(network_cut=cut).model_dump_json().encode())
    while (head := read_frame(requests)) is not None:
        data = read_frame(requests) or b""
        allow_seconds(seconds)
        outcome, output = _carried_out(tasks, Request.model_validate_json(head), data)
        write_frame(answers, outcome.model_dump_json().encode())
        write_frame(answers, output)


def _carried_out(tasks: Mapping[str, Task], request: Request, data: bytes) -> tuple[Outcome, bytes]:
    try:
        return tasks[request.task](request, data)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Refusal as refusal:
        return Outcome(refusal=refusal.finding), b""
    except Exception as error:  # a fault of ours in the face of one file must not stop the others
        finding = Finding(rule="workshop.unexpected", facts={"error": type(error).__name__})
        return Outcome(refusal=finding, trouble=traceback.format_exc()[-4000:]), b""


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Take the pipes out of the way, so that nothing a library prints gets between the frames."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


# --- frames ----------------------------------------------------------------------------------------------


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write one frame."""
    stream.write(len(content).to_bytes(4, "big"))
    stream.write(content)
    stream.flush()


def read_frame(stream: IO[bytes], most: int = 1 << 32) -> bytes | None:
    """Read one frame; None at the end of the stream.

    Raises
    ------
    OverflowError
        If it says that it is longer than `most`.
    EOFError
        If the stream ends inside it.
    """
    length = stream.read(4)
    if not length:
        return None
    size = int.from_bytes(length, "big")
    if size > most:
        raise OverflowError
    content = stream.read(size)
    if len(length) < 4 or len(content) < size:
        raise EOFError
    return content


# --- tasks -----------------------------------------------------------------------------------------------


def _tasks() -> Mapping[str, Task]:
    # Imported once here, and so paid for once, not with every file.
    from xinzhi.forms.files.pictures import shown
    from xinzhi.forms.opening.perusal import annotated, lines_of, peruse, picture_in

    def read(request: Request, data: bytes) -> tuple[Outcome, bytes]:
        return Outcome(readings=peruse(data, request.forms, request.converted)), b""

    def annotate(request: Request, data: bytes) -> tuple[Outcome, bytes]:
        return Outcome(), annotated(data, request.findings, request.forms)

    def lines(_request: Request, data: bytes) -> tuple[Outcome, bytes]:
        return Outcome(), json.dumps(lines_of(data), ensure_ascii=False).encode()

    def picture(request: Request, data: bytes) -> tuple[Outcome, bytes]:
        return Outcome(), picture_in(data, request.digest)

    def show(_request: Request, data: bytes) -> tuple[Outcome, bytes]:
        return Outcome(), shown(data)

    return {"read": read, "annotate": annotate, "lines": lines, "picture": picture, "show": show}


if __name__ == "__main__":
    serve(_tasks, sys.argv[1:])
