"""A child of the workshop that does to itself what a file says; the tests run it in the place of the real one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from xinzhi.forms.opening.workbench import Outcome, serve
from xinzhi.forms.reading import Finding, Reading
from xinzhi.forms.refusals import HostileFile, UnreadableFile

hoard = []


def said(**facts):
    return Outcome(readings=(Reading(heading=json.dumps(facts)),)), b""


def echo(request, data):
    return Outcome(readings=(Reading(heading=data.decode(), format=request.converted),)), data


def state(request, data):
    folder = Path("/proc/self/fd")
    kinds = [str(link.readlink()) for link in list(folder.iterdir()) if link.exists()]
    return said(
        pid=os.getpid(),
        descriptors=sorted(kind.split(":")[0] for kind in kinds),
        environment=sorted(os.environ),
        folder=[path.name for path in Path().iterdir()],
    )


def hog(request, data):
    hoard.extend(bytearray(10_000_000) for _count in range(100))


def hoard_some(request, data):
    hoard.append(bytearray(60_000_000))
    return said(pid=os.getpid())


def loop(request, data):
    while True:
        pass


def sleep(request, data):
    import time

    time.sleep(60)


def abort(request, data):
    os.abort()


def leave(request, data):
    os._exit(3)


def flood(request, data):
    return Outcome(readings=(Reading(heading="0" * 9_000_000),)), b""


def nonsense(request, data):
    os.write(4, b"\x00\x00\x00\x02{}" if data == b"short" else b"\xff" * 100)
    return said()


def unknown_rule(request, data):
    return Outcome(refusal=Finding(rule="workshop.no_such_rule")), b""


def recurse(request, data):
    return recurse(request, data)


def refuse(request, data):
    raise UnreadableFile(Finding(rule="workshop.too_large", facts={"limit": 64}))


def harm(request, data):
    raise HostileFile(Finding(rule="workshop.answer"))


def chatter(request, data):
    print("noise" * 1000, flush=True)
    os.write(1, b"noise")
    return said(pid=os.getpid())


def write(request, data):
    path = Path(data.decode())
    try:
        path.write_bytes(b"0" * 100)
    except OSError as error:
        return said(errno=error.errno, size=path.stat().st_size)
    return said(errno=0, size=path.stat().st_size)


def start(request, data):
    try:
        os.fork()
    except OSError as error:
        return said(errno=error.errno)
    return said(errno=0)


def connect(request, data):
    import socket

    try:
        socket.create_connection(("127.0.0.1", int(data)), timeout=2)
    except OSError as error:
        return said(errno=error.errno)
    return said(errno=0)


def named(request, data):
    return globals()[request.name](request, data)


if __name__ == "__main__":
    serve(lambda: {"read": named, "annotate": named}, sys.argv[1:])
