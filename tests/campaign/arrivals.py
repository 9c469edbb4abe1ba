"""Simulated mails that came to the campaign and were read."""

from __future__ import annotations

from collections.abc import Mapping

from tests.campaign.conftest import World
from xinzhi.campaign.inbox import operations
from xinzhi.campaign.inbox.models import Arrival
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.demonstration.mailbox import SimulatedMail


def arrived(world: World, mails: Mapping[str, SimulatedMail], name: str) -> Arrival:
    """Keep and read one of the simulated mails."""
    world.campaign.contacts |= {"mail_servers": ["mx.example.org"]}
    world.campaign.save()
    return taken(world, f"{name}.eml", mails[name].data)


def taken(world: World, name: str, data: bytes) -> Arrival:
    """Keep and read a mail."""
    ((arrival, _new),) = operations.keep_upload(world.office, world.campaign, name, data)
    work_off()
    return Arrival.objects.get(pk=arrival.pk)
