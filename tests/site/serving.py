"""A platform in processes of its own for a browser to walk through: ``python -m tests.site.serving`` fills it.

Its campaign is open today, asks the fictitious province for figures and cases, and holds the accepted figures of a few
counties, so that an index can be computed of what the walk adds. Everybody but the reporters, who come by invitation,
has an account.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.campaign.installations import ROOT, Installation, installation

SLUG = "walk-2025"
PASSWORD = "correct horse battery"
ACCEPTED = ("990123", "990181", "990221")
"""The counties whose figures are accepted before the walk begins."""

COUNTY, MAILING, PHONE = "990121", "990122", "990222"
"""The counties of the walk: the one that files online, the one that mails, the one that files by phone."""

STAFF = (
    ("office", "office", None),
    ("office", "office2", None),
    ("confirmer", "confirmer", COUNTY),
    ("reporter", "phone", PHONE),
    ("media", "media", None),
    ("expert", "expert1", None),
    ("expert", "expert2", None),
)


@dataclass(frozen=True)
class Site:
    """A platform that is served."""

    address: str
    platform: Installation

    def mails(self) -> list[str]:
        """Return the mails that the platform wrote, the last one last."""
        files = sorted((self.platform.home / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text(encoding="utf-8") for file in files]


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Fill a platform and serve it as ``xinzhi serve`` does, jobs included; it has to end without a traceback."""
    with installation(folder / "home") as platform:
        platform.does("-m", "tests.site.serving")
        port = _free_port()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as log:  # a pipe that nobody reads would stall it
            server = subprocess.Popen(
                [sys.executable, "-m", "xinzhi", "serve", "--port", str(port)],
                cwd=ROOT, env=platform.environment, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _wait_for(port, server)
                yield Site(f"http://127.0.0.1:{port}", platform)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(60)
            log.seek(0)
            said = log.read()
        assert "Traceback" not in said, said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def populate() -> None:
    """Make tables, the campaign, its people and the figures that are accepted already."""
    from datetime import timedelta

    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from tests.campaign.accepted import accepted_figures
    from tests.campaign.conftest import World
    from xinzhi.campaign.acting import the_system
    from xinzhi.campaign.campaigns.operations import move, open_from_template
    from xinzhi.campaign.people.models import User
    from xinzhi.campaign.people.operations import give_role
    from xinzhi.campaign.places.models import Unit
    from xinzhi.campaign.places.operations import load_demonstration_units

    system = the_system(now=timezone.localtime())
    load_demonstration_units(system)
    window = (system.now - timedelta(days=30), system.now + timedelta(days=60))
    campaign = open_from_template(system, "letter-2025", SLUG, year=2025, demonstration=True, window=window)
    move(system, campaign, "open", campaign.revision)
    world = World(campaign=campaign, unit={u.code: u for u in Unit.objects.all()}, system=system)
    password = make_password(PASSWORD)
    for role, name, code in STAFF:
        user = User.objects.create(email=f"{name}@example.org", name=name, password=password)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        give_role(system, user, role, campaign, world.unit[code] if code else None)
    for code in ACCEPTED:
        accepted_figures(world, code)


if __name__ == "__main__":
    import django

    django.setup()
    populate()
