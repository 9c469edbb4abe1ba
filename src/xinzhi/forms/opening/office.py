"""Old formats, turned by LibreOffice into those that we read; in a process with limits, where it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from xinzhi.forms.reading import Finding
from xinzhi.forms.refusals import UnreadableFile

OLD_KINDS: Mapping[str, str] = {
    "doc": "docx",
    "wps": "docx",
    "rtf": "docx",
    "word2003xml": "docx",
    "odt": "docx",
    "html": "docx",
    "mht": "docx",
    "xls": "xlsx",
    "et": "xlsx",
    "excel2003xml": "xlsx",
    "xlsb": "xlsx",
    "ods": "xlsx",
}
"""Kinds that have to be converted before they are read, and into what."""

MEMORY = 1_500_000_000  # bytes LibreOffice may use
SECONDS = 60  # for a file
LARGEST_RESULT = 64_000_000  # bytes

_PLACES = (
    "/usr/bin",
    "/usr/local/bin",
    "/opt/libreoffice/program",
    "/snap/bin",
    "/usr/lib/libreoffice/program",
)
_MAC = "/Applications/LibreOffice.app/Contents/MacOS"
_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
_ENDINGS = {"word2003xml": "xml", "excel2003xml": "xml", "wps": "doc", "et": "xls"}
_IMPORTS = {"html": "HTML (StarWriter)", "mht": "HTML (StarWriter)"}


@cache
def installed() -> str:
    """Return the path of LibreOffice, looked for where it is usually installed; blank where there is none."""
    return shutil.which("soffice", path=os.pathsep.join((*_PLACES, _MAC))) or ""


def convert(
    data: bytes, kind: str, into: str, *, program: str | None = None, seconds: int = SECONDS
) -> bytes:
    """Convert a file.

    Parameters
    ----------
    data : bytes
        The file.
    kind : str
        What it is (:data:`xinzhi.forms.files.formats.Kind`).
    into : {"docx", "xlsx"}
        What it shall become.
    program : str, optional
        Path of LibreOffice; by default where it is installed.
    seconds : int
        After which it is given up.

    Raises
    ------
    UnreadableFile
        If there is no LibreOffice, or it does not come to an end or to a result; the finding asks for the file
        in a format that needs no conversion.
    """
    office = installed() if program is None else program
    unread = UnreadableFile(Finding(rule="files.old_format", facts={"kind": kind}))
    if not office:
        raise unread
    with tempfile.TemporaryDirectory(prefix="xinzhi-") as folder:
        source = Path(folder, f"file.{_ENDINGS.get(kind, kind)}")
        source.write_bytes(data)
        # A profile of its own: nothing is kept from file to file, and several can run at once.
        profile = Path(folder, "profile").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nologo"]
        if filter := _IMPORTS.get(kind):
            command.append(f"--infilter={filter}")
        command += ["--convert-to", _FILTERS[into], "--outdir", f"{folder}/converted", str(source)]
        _run(command, folder, seconds)
        result = Path(folder, "converted", f"file.{into}")
        # It follows no link: what LibreOffice leaves there is a stranger's work.
        if result.is_symlink() or not result.is_file() or result.stat().st_size > LARGEST_RESULT:
            raise unread
        return result.read_bytes()


def _run(command: Sequence[str], folder: str, seconds: int) -> None:
    """Run a program confined, with everything it starts, and wait for its end."""
    limits = [str(MEMORY), str(2 * LARGEST_RESULT), str(seconds)]
    confined = [sys.executable, "-I", "-B", "-m", "xinzhi.forms.opening.confinement", *limits]
    process = subprocess.Popen(
        [*confined, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(folder),
        close_fds=True,
        start_new_session=True,
    )
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
    finally:
        _end_group(process)


def _environment(folder: str) -> Mapping[str, str]:
    return {"HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started, which may outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
