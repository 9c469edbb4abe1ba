"""The administrative units that a text names, and whether it names a government or a body that lies in one."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from xinzhi.geography import Unit, units
from xinzhi.intake.vocabulary import vocabulary

Bearer = Literal["government", "body", "smaller", "place", ""]
"""What a name belongs to: a county government or a department of it, another body, the government of something
smaller, a unit named without more, or nothing that is known."""

_ABOVE = re.compile(r"(?P<province>.*?(?:特别行政区|自治区|省|市))?(?P<prefecture>.*)")
_GOVERNMENT_ENDS = ("局", "委员会", "委", "办公室", "办", "政府")
_TOO_COMMON = frozenset({"城区", "郊区", "矿区"})
"""Words as much as names: they count only behind the name of their city."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text where a name stands, and the units that bear it there."""

    name: str
    units: tuple[Unit, ...]
    begin: int
    end: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Named:
    """What the name of a filer says.

    Attributes
    ----------
    name : str
        As written, without white space.
    bearer : str
        What it belongs to.
    units : tuple of Unit
        The unit whose government it is, or in which the body says it lies; several where they are homonyms.
    """

    name: str
    bearer: Bearer = ""
    units: tuple[Unit, ...] = ()


class Gazetteer:
    """The units of a call by name.

    Parameters
    ----------
    units : iterable of Unit
        County-level units and the cities that a call may admit.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = {unit.code: unit for unit in units}
        self._names: defaultdict[str, tuple[Unit, ...]] = defaultdict(tuple)
        self._stems: defaultdict[str, tuple[Unit, ...]] = defaultdict(tuple)
        self._above: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for unit in self._units.values():
            self._names[unit.name] += (unit,)
            if stem := _stem(unit):
                self._stems[stem] += (unit,)
        # 长沙 alone is the city as much as 长沙县; the city then stands beside the county as one it may be.
        for parent in _parent_units(self._units.values()):
            for stem in {parent.name[:length] for length in range(2, len(parent.name))} & self._stems.keys():
                self._stems[stem] += (parent,)
        for name, prefix in _parents(self._units.values()):
            if prefix not in self._above[name]:
                self._above[name] += (prefix,)
        # A city without counties is a unit itself, and 东莞 no place above one.
        for known in (self._names, self._stems):
            for name in known:
                self._above.pop(name, None)
        self._longest = max(map(len, [*self._names, *self._above, "x"]))

    def unit(self, code: str) -> Unit | None:
        """Return the unit of a code."""
        return self._units.get(code)

    def above(self, text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the provinces and prefectures that a text names, each with the beginnings of the codes in it."""
        return tuple(
            (name, self._above[name]) for name, _begin in self._walk(plain(text)) if name in self._above
        )

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the units that a text names, from left to right.

        What stands right before a name narrows it: 南京市鼓楼区 is one unit, 鼓楼区 four. A short name (昆山)
        counts only where it stands alone or a department follows it.
        """
        text = plain(text)
        found: list[Mention] = []
        within: list[tuple[str, ...]] = []
        reached = 0
        for name, begin in self._walk(text):
            if begin != reached:
                within = []
            reached = begin + len(name)
            if name in self._above:
                within.append(self._above[name])
            elif within or name not in _TOO_COMMON:
                named = (u for u in self._names[name] if all(u.code.startswith(p) for p in within))
                found.append(Mention(name, tuple(named), begin, reached, whole=True))
                within = []
        return tuple(found) or tuple(self._short(text))

    def _short(self, text: str) -> Iterator[Mention]:
        """Yield the unit of a short name that is all of a text, or has a department behind it."""
        begin = max((text.find(name) + len(name) for name, _p in self.above(text)), default=0)
        for length in range(min(10, len(text) - begin), 1, -1):
            stem, rest = text[begin : begin + length], text[begin + length :]
            if stem in self._stems and (not rest or rest in vocabulary().units.government):
                prefixes = [p for _name, ps in self.above(text[:begin]) for p in ps]
                named = self._stems[stem]
                if prefixes:
                    named = tuple(u for u in named if u.code.startswith(tuple(prefixes)))
                yield Mention(stem, named, begin, begin + length, whole=False)
                return

    def _walk(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the names in a text, the longest at each place."""
        place = 0
        while place < len(text):
            for length in range(min(self._longest, len(text) - place), 1, -1):
                name = text[place : place + length]
                if name in self._names or name in self._above:
                    yield name, place
                    place += length
                    break
            else:
                place += 1

    def named(self, text: str) -> Named:
        """Say what the name of a filer means."""
        name = plain(text)
        words = vocabulary().units
        mentions = self.mentions(name)
        if not mentions:
            return Named(name, "body" if name.endswith(words.body) and len(name) > 3 else "")
        last = mentions[-1]
        rest = name[last.end :]
        if not rest:
            return Named(name, "place", last.units)
        if rest in words.government:
            return Named(name, "government", last.units)
        if any(sign in rest for sign in words.smaller) and rest.endswith("政府"):
            return Named(name, "smaller", last.units)
        if rest.endswith(words.body) or not rest.endswith(_GOVERNMENT_ENDS) or len(rest) > 20:
            return Named(name, "body" if rest.endswith(words.body) else "", last.units)
        return Named(name, "government", last.units)


@cache
def gazetteer() -> Gazetteer:
    """Return the names of all county-level units of any year, and of the cities that a call may admit.

    Whether a unit stands in the year of a call, and may file, is another question.
    """
    return Gazetteer((*units("county"), *_cities()))


def _cities() -> Iterator[Unit]:
    for code, path in vocabulary().cities.items():
        name = re.sub(r"^.*?省", "", path)
        yield Unit(code, name, name, "", "prefecture", "地级市", code[:2] + "0000", path)


def plain(text: str) -> str:
    """Return a text in half width without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _stem(unit: Unit) -> str:
    """Return a name without its kind where that leaves two characters; never of an autonomous county."""
    for kind in ("县", "市", "区"):
        if unit.name.endswith(kind) and not unit.name.endswith(("自治县", "林区", "特区")):
            stem = unit.name.removesuffix(kind)
            return stem if len(stem) > 1 else ""
    return ""


def _parent_units(known: Iterable[Unit]) -> Iterator[Unit]:
    """Yield the provinces and prefectures above units, each once."""
    seen: set[str] = set()
    for unit in known:
        parts = _ABOVE.fullmatch(unit.path.removesuffix(unit.name))
        if unit.level == "prefecture" or not parts:
            continue
        province, prefecture = parts["province"] or "", parts["prefecture"]
        for path, name, level, code in (
            (province, province, "province", unit.code[:2] + "0000"),
            (province + prefecture, prefecture, "prefecture", unit.code[:4] + "00"),
        ):
            if name and path not in seen:
                seen.add(path)
                yield Unit(code, name, name, "", level, "", "", path)


def _parents(known: Iterable[Unit]) -> Iterator[tuple[str, str]]:
    """Yield the names of provinces and prefectures, full and short, with the digits of the codes in them."""
    short = {unit.full_name: unit.name for unit in units("province")}
    for unit in known:
        if unit.level == "prefecture":
            continue
        parts = _ABOVE.fullmatch(unit.path.removesuffix(unit.name))
        assert parts  # the pattern fits any text
        if province := parts["province"]:
            yield province, unit.code[:2]
            yield short.get(province, province.removesuffix("省").removesuffix("市")), unit.code[:2]
        if prefecture := parts["prefecture"]:
            yield prefecture, unit.code[:4]
            for suffix in ("市", "地区", "盟"):
                if prefecture.endswith(suffix) and len(prefecture) - len(suffix) > 1:
                    yield prefecture.removesuffix(suffix), unit.code[:4]
