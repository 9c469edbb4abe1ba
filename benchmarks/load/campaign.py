"""A campaign of the whole country for the crowd: a reporter with a session and a return for each person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from xinzhi.campaign.acting import acting_as, the_system  # noqa: E402
from xinzhi.campaign.campaigns.models import Campaign  # noqa: E402
from xinzhi.campaign.campaigns.operations import move, open_from_template  # noqa: E402
from xinzhi.campaign.campaigns.queries import asked_units  # noqa: E402
from xinzhi.campaign.people.models import User  # noqa: E402
from xinzhi.campaign.people.operations import give_role  # noqa: E402
from xinzhi.campaign.places.models import Unit  # noqa: E402
from xinzhi.campaign.places.operations import load_units  # noqa: E402
from xinzhi.campaign.returns import operations as returns  # noqa: E402
from xinzhi.campaign.returns.keys import key_of, keys_of  # noqa: E402
from xinzhi.demonstration.returns import simulated_figures  # noqa: E402

SLUG = "load"
UPLOADS = 20


@dataclass(frozen=True)
class Person:
    """Somebody with a session, a return and the cells of its form."""

    session: str
    filed: str
    revision: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Who edits, who sends, who uploads; whose session looks at the board."""

    editing: list[Person]
    sending: list[Person]
    uploading: list[Person]
    office: str


def build(people: int, seconds: int) -> Plan:
    """Build the campaign: the code list's units, `people` who edit, and one who sends for each second."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    now = timezone.now()
    system = the_system("command", now)
    load_units(system, 2022)
    campaign = open_from_template(
        system, "letter-2025", SLUG, year=2025, levels=(), window=(now - timedelta(1), now + timedelta(1))
    )
    move(system, campaign, "open", campaign.revision)
    units = list(asked_units(campaign, "indicators").select_related("parent__parent"))
    sending = min(seconds, len(units) - people - UPLOADS)
    filers = [_person(campaign, unit, complete=False) for unit in units[:people]]
    senders = [_person(campaign, unit, complete=True) for unit in units[people : people + sending]]
    uploading = [_person(campaign, unit, sort="case") for unit in units[people + sending :][:UPLOADS]]
    auditor = User.objects.create_user("auditor@example.org", name="auditor")
    give_role(system, auditor, "auditor", campaign)
    return Plan(filers, senders, uploading, _session(auditor))


def _person(campaign: Campaign, unit: Unit, *, complete: bool = False, sort: str = "indicators") -> Person:
    user = User(email=f"{unit.code}@example.org", name=unit.name, password="!")
    user.save()
    give_role(the_system("command"), user, "reporter", campaign, unit)
    actor = acting_as(user)
    filed = returns.start(actor, campaign, unit, sort)
    cells = tuple(keys_of(filed.declared))
    if complete:
        administrative = unit.administrative
        assert administrative is not None
        figures = simulated_figures(campaign.indicators, administrative)
        texts = {key_of(*key): str(figure) for key, figure in figures.items() if key_of(*key) in cells}
        returns.save_cells(actor, filed, texts, {})
        returns.state_not_secret(actor, filed, True)
        filed.refresh_from_db()
    return Person(_session(user), str(filed.pk), filed.revision, cells)


def _session(user: User) -> str:
    """Return the key of a session, as signing in makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key
    return session.session_key
