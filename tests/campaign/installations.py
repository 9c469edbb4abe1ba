"""Installations of the platform with a home, keys and a database of their own, each command in a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installation:
    """A platform: its folder and the environment that its processes get."""

    home: Path
    environment: dict[str, str]

    @property
    def keys(self) -> Path:
        return self.home.parent / f"{self.home.name}-keys"

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start Python with these words; a command of ours is ``-m xinzhi ...``."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python with these words to its end."""
        process = self.begin(*words)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of ours."""
        return self.run("-m", "xinzhi", *map(str, words))

    def does(self, *words: str) -> str:
        """Run Python to its good end and return what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def installation(home: Path) -> Iterator[Installation]:
    """Give an installation without tables on the kind of database under test."""
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith(("XINZHI_", "LC_", "LANG"))
    }
    environment |= {
        "XINZHI_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "xinzhi.site.settings",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "error",
    }
    server = os.environ.get("XINZHI_TEST_DATABASE", "")
    if not server:
        yield Installation(home, environment)
        return
    import psycopg

    name = f"xinzhi_{secrets.token_hex(6)}"
    parts = urlsplit(server)
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name}")
        try:
            yield Installation(
                home, environment | {"XINZHI_DATABASE": parts._replace(path=f"/{name}").geturl()}
            )
        finally:
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
