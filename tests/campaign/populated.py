"""Fills an empty installation: ``python -m tests.campaign.populated``; a campaign frozen, a case with a scan."""

from __future__ import annotations

import django


def populate() -> None:
    """Make tables, a campaign of the fictitious province, accepted figures of two counties, a case, a snapshot."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from tests.campaign.accepted import accepted_case, accepted_figures
    from tests.campaign.conftest import NOON, World
    from xinzhi.campaign.acting import the_system
    from xinzhi.campaign.campaigns.operations import move, open_from_template
    from xinzhi.campaign.places.models import Unit
    from xinzhi.campaign.places.operations import load_demonstration_units
    from xinzhi.campaign.results.operations import freeze
    from xinzhi.campaign.returns.operations import attach

    system = the_system(now=NOON)
    load_demonstration_units(system)
    campaign = open_from_template(system, "letter-2025", "call-2025", year=2025, demonstration=True)
    move(system, campaign, "open", campaign.revision)
    world = World(campaign=campaign, unit={u.code: u for u in Unit.objects.all()}, system=system)
    for code in ("990121", "990122"):
        accepted_figures(world, code)
    case = accepted_case(world, "990121", "甲样县绿色算力")
    attach(system, case, "original", "原件.docx", b"original of the case")
    freeze(system, campaign)


if __name__ == "__main__":
    django.setup()
    populate()
