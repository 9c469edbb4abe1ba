"""``python -m benchmarks.load [--seconds 600] [--database postgresql://...]``: one command, on either database.

500 people edit (17 cell saves a second), 60 returns are sent a minute, 20 files of 10 MB come at once, and pages
are looked at all the while. gunicorn serves from processes of its own; afterwards every answer is held against the
cells and the audit.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path


def main() -> None:
    """Build a campaign, serve it, load it, and say how it went; exit 1 when a promise is broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--people", type=int, default=500)
    options.add_argument("--database", default="", help="postgresql://...; SQLite when left out")
    options.add_argument("--port", type=int, default=8765)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="xinzhi-load-") as folder:
        os.environ |= {
            "XINZHI_HOME": f"{folder}/home",
            "XINZHI_KEYS": f"{folder}/keys",
            "XINZHI_DATABASE": _fresh_database(chosen.database),
            "XINZHI_SECRET_KEY": secrets.token_hex(32),
            "DJANGO_SETTINGS_MODULE": "xinzhi.site.settings",
        }
        from benchmarks.load.campaign import build  # reads the variables above

        print(f"building: {chosen.people} people", flush=True)
        plan = build(chosen.people, chosen.seconds)
        server = _served(chosen.port, Path(folder))
        try:
            from benchmarks.load.crowd import run

            print(f"loading for {chosen.seconds} s", flush=True)
            report = run(plan, chosen.port, chosen.seconds)
        finally:
            server.terminate()
            server.wait(30)
        print(report)
        for fault, count in _faults_of(Path(folder)).items():
            print(f"{count} x {fault}")
        sys.exit(0 if report.kept else 1)


def _fresh_database(address: str) -> str:
    """Make a database of our own beside the one named, so that nothing of anybody's is touched."""
    if not address:
        return ""
    import psycopg

    name = f"xinzhi_load_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address.rsplit('/', 1)[0]}/{name}"


def _served(port: int, folder: Path) -> subprocess.Popen[bytes]:
    log = (folder / "gunicorn.log").open("wb")
    command = [sys.executable, "-m", "gunicorn", "xinzhi.site.wsgi", "--bind", f"127.0.0.1:{port}"]
    # SQLite lets one writer in at a time, and not in turn: more who wait only wait longer.
    threads = "16" if os.environ["XINZHI_DATABASE"] else "8"
    server = subprocess.Popen(
        [*command, "--workers", "2", "--threads", threads, "--timeout", "60"], stderr=log
    )
    deadline = time.monotonic() + 30
    import http.client

    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise SystemExit((folder / "gunicorn.log").read_text())


def _faults_of(folder: Path) -> Counter[str]:
    """Count what the server logged as errors, by the last line of each traceback."""
    faults: Counter[str] = Counter()
    for line in (folder / "gunicorn.log").read_text(errors="replace").splitlines():
        if line.startswith("{") and (said := json.loads(line))["level"] == "error":
            faults[(said.get("traceback") or said["message"]).strip().splitlines()[-1]] += 1
    return faults


if __name__ == "__main__":
    main()
