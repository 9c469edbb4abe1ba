"""Returns that went all the way to acceptance, by the platform's own hand and quickly."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from tests.campaign.conftest import World
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Return
from xinzhi.demonstration.returns import simulated_case, simulated_figures
from xinzhi.geography import demonstration_unit


def figures_of(world: World, code: str) -> dict[tuple[str, int], Decimal]:
    """What the unit of a code files, by row and year."""
    unit = demonstration_unit(code)
    assert unit is not None
    return simulated_figures(world.campaign.indicators, unit)  # type: ignore[return-value]


def accepted_figures(world: World, code: str, **changes: str) -> Return:
    """The accepted figures of a county; `changes` are texts by ``row_year``."""
    unit = world.unit[code]
    filed = returns.start(world.system, world.campaign, unit, "indicators")
    texts = {f"{row}@{year}": f"{number:.2f}" for (row, year), number in figures_of(world, code).items()}
    texts |= {"@".join(key.rsplit("_", 1)): text for key, text in changes.items()}
    returns.save_cells(world.system, filed, texts, {})
    return sent_and_accepted(world, filed)


def corrected(world: World, filed: Return, key: str, text: str) -> Return:
    """The return, sent back, changed in one cell and accepted again."""
    filed.refresh_from_db()
    returns.send_back(world.system, filed, filed.revision, {key: "与统计公报不一致"})
    seen = filed.cells.get(key=key).revision
    assert returns.save_cell(world.system, filed, key, text, seen).outcome == "saved"
    return sent_and_accepted(world, filed)


def accepted_case(world: World, code: str, title: str, recommender: str = "") -> Return:
    """An accepted case of a unit; whether its pictures are there is not asked here."""
    unit = world.unit[code]
    filed = returns.start(world.system, world.campaign, unit, "case")
    answers = simulated_case(world.campaign.case, unit.name, title)
    texts = {field: str(text) for (field, _year), text in answers.items()}
    texts["recommender"] = recommender
    returns.save_cells(world.system, filed, texts, {})
    filed.refresh_from_db()
    with transaction.atomic():
        version = returns._make_version(world.system, filed, (), filled_by=None)
    Return.objects.filter(pk=filed.pk).update(state="accepted", version=version.number)
    filed.refresh_from_db()
    return filed


def sent_and_accepted(world: World, filed: Return) -> Return:
    """Sent, confirmed, accepted."""
    returns.state_not_secret(world.system, filed, True)
    filed.refresh_from_db()
    filed = returns.send(world.system, filed, filed.revision)
    filed = returns.confirm(world.system, filed, filed.revision)
    return returns.accept(world.system, filed, filed.revision, filed.version, seal_seen=True)
