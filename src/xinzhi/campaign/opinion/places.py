"""The units that a title names, with homonyms settled by what else it says of their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.geography import demonstration_units
from xinzhi.intake.gazetteer import Gazetteer, gazetteer


@dataclass(frozen=True)
class Meant:
    """A name in a title and the codes of the units that it may mean; one where it is certain."""

    name: str
    codes: tuple[str, ...]


def names_of(campaign: Campaign) -> Gazetteer:
    """Return the names of a campaign's units: the country's, or those of the fictitious province."""
    return _fictitious() if campaign.demonstration else gazetteer()


@cache
def _fictitious() -> Gazetteer:
    return Gazetteer(demonstration_units())


def units_named(title: str, place: str, known: Gazetteer) -> tuple[Meant, ...]:
    """Return the units that a title names.

    Parameters
    ----------
    title : str
        What stands right before a name narrows it (样例市南样县); else a province or prefecture anywhere in it.
    place : str
        What the list says of the place; it settles what the title leaves open.
    """
    above: tuple[str, ...] = tuple(
        p for text in (title, place) for _name, ps in known.above(text) for p in ps
    )
    narrow = tuple(p for p in above if len(p) == 4)
    found: dict[str, Meant] = {}
    for mention in known.mentions(title):
        codes = tuple(unit.code for unit in mention.units)
        for prefixes in (narrow, above):
            if len(codes) > 1 and prefixes:
                codes = tuple(code for code in codes if code.startswith(prefixes)) or codes
        if codes:
            found[mention.name] = _fewer(found.get(mention.name), Meant(mention.name, codes))
    return tuple(found.values())


def _fewer(one: Meant | None, other: Meant) -> Meant:
    return other if one is None or len(other.codes) < len(one.codes) else one


def codes_among(meant: tuple[Meant, ...], stored: Mapping[str, int]) -> tuple[Meant, ...]:
    """Keep of what is meant the units that the platform knows."""
    kept = (Meant(m.name, tuple(code for code in m.codes if code in stored)) for m in meant)
    return tuple(m for m in kept if m.codes)
