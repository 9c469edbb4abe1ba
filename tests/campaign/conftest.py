"""A campaign of the fictitious province with people in it, each as an actor; nothing here is stubbed."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from xinzhi.campaign.acting import Actor, acting_as, the_system
from xinzhi.campaign.campaigns.operations import move, open_from_template
from xinzhi.campaign.people.models import User
from xinzhi.campaign.people.operations import give_role
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.places.operations import load_demonstration_units
from xinzhi.demonstration.mailbox import SimulatedMail, simulated_mails

BEIJING = ZoneInfo("Asia/Shanghai")
NOON = datetime(2025, 7, 1, 12, tzinfo=BEIJING)
"""A day inside the window of the 2025 call."""


class World(SimpleNamespace):
    """The campaign, its units by code, and who acts: ``world.reporter``, ``world.office`` ..."""

    def person(self, name: str, role: str, unit: Unit | None = None, *, everywhere: bool = False) -> Actor:
        """Make an account with a role and return it as an actor at noon of 1 July 2025."""
        user = User.objects.create_user(f"{name}@example.org", "correct horse battery", name=name)
        give_role(the_system(now=NOON), user, role, None if everywhere else self.campaign, unit)
        return acting_as(user, NOON)

    def at(self, actor: Actor, *moment: int) -> Actor:
        """Return an actor at another moment, Beijing time."""
        assert actor.user is not None
        return acting_as(actor.user, datetime(*moment, tzinfo=BEIJING))  # type: ignore[misc]


@pytest.fixture(scope="session")
def mails() -> dict[str, SimulatedMail]:
    """The mails of the demonstration by what they show."""
    return {mail.name[3:]: mail for mail in simulated_mails()}


@pytest.fixture
def world(db: None, settings, tmp_path) -> World:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"home": tmp_path / "home", "keys": tmp_path / "keys"}
    )
    system = the_system(now=NOON)
    load_demonstration_units(system)
    campaign = open_from_template(system, "letter-2025", "call-2025", year=2025, demonstration=True)
    move(system, campaign, "open", campaign.revision)
    world = World(campaign=campaign, unit={u.code: u for u in Unit.objects.all()}, system=system)
    county, district = world.unit["990121"], world.unit["990102"]
    world.county, world.district = county, district
    world.office = world.person("office", "office")
    world.second_office = world.person("office2", "office")
    world.reporter = world.person("reporter", "reporter", county)
    world.confirmer = world.person("confirmer", "confirmer", county)
    world.other_reporter = world.person("other", "reporter", world.unit["990122"])
    world.city = world.person("city", "reviewer", county.parent)
    world.auditor = world.person("auditor", "auditor")
    world.expert = world.person("expert", "expert")
    world.media = world.person("media", "media")
    world.analyst = world.person("analyst", "analyst")
    return world
