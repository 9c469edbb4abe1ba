"""How reports are read and counted, as data: columns, spheres, outlets, reprints."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from xinzhi.declarations import Record, Text, VariableName, parse_declaration, read_declaration, validated
from xinzhi.errors import CallError

Sphere = Literal["domestic", "foreign"]
SPHERES: tuple[Sphere, ...] = get_args(Sphere)
Reprints = Literal["once", "each"]

SPHERE_TITLES: Mapping[str, Text] = {
    "domestic": Text(zh="国内", en="Domestic"),
    "foreign": Text(zh="国外", en="Abroad"),
}
REPRINT_TITLES: Mapping[str, Text] = {
    "once": Text(zh="一篇报道连同它的转载计一条", en="A report and its reprints count as one"),
    "each": Text(zh="每次转载各计一条", en="Every reprint counts"),
}

_FILE = Path(__file__).with_name("rule.toml")


class Rule(Record):
    """The rule; see ``rule.toml`` for what each item means."""

    reprints: Reprints
    days: int = Field(ge=0)
    alike: float = Field(ge=50, le=100)
    fields: Mapping[Sphere, VariableName]
    columns: Mapping[str, tuple[str, ...]]
    spheres: Mapping[Sphere, tuple[str, ...]]
    languages: Mapping[str, tuple[str, ...]]
    outlets: Mapping[Sphere, tuple[str, ...]]


@cache
def rule() -> Rule:
    """Return the rule of the library."""
    return validated(
        Rule,
        parse_declaration(read_declaration(_FILE, CallError), _FILE.name, CallError),
        _FILE.name,
        CallError,
    )


def sphere_of(outlet: str, language: str, link: str, said: str = "") -> Sphere | None:
    """Tell whether a report is domestic or foreign; None where a person has to say.

    What the list itself says comes first, then a known outlet. Without either, a report in Chinese is domestic and
    one in another language foreign, unless the address of the link points the other way.
    """
    known = rule()
    for sphere in SPHERES:
        if said and said.casefold() in known.spheres[sphere]:
            return sphere
    for sphere in SPHERES:
        if outlet.casefold() in known.outlets[sphere]:
            return sphere
    if not language:
        return None
    chinese = language.casefold() in known.languages["chinese"]
    host = link.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    ending = host.rpartition(".")[2]
    if chinese:
        return None if len(ending) == 2 and ending.isalpha() and ending != "cn" else "domestic"
    return None if ending == "cn" else "foreign"
