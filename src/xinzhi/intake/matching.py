"""Who filed: unit, body and person from form, subject, sender and names; what cannot be told is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xinzhi.declarations import Record
from xinzhi.forms.eligibility import filers_of, may_file
from xinzhi.forms.model import Call
from xinzhi.forms.reading import Finding, Reading
from xinzhi.geography import Unit
from xinzhi.intake.gazetteer import Gazetteer, Named, gazetteer
from xinzhi.intake.mail import Address
from xinzhi.intake.reasons import Reason, reason
from xinzhi.intake.subject import Subject

WEIGHTS = {
    "code": 0.98, "address": 0.9, "form": 0.8, "subject": 0.8, "title": 0.5, "sender": 0.4, "file": 0.4,
    "signature": 0.3,
}  # fmt: skip
"""How much the word of each source counts; two that agree count as 1 - (1 - a)(1 - b)."""

_STRONG = 0.6
_SURE = 0.5
_SHOWN = 6
_SIGNATURE = 8
"""Lines at the end of a mail that may be its signature."""

_QUOTED = re.compile(
    r"^[ \t]*(?:>|[-_—*=]{2,}.{0,20}(?:原始邮件|原邮件|转发|Original Message|Forwarded)|(?:发件人|寄件者|From)[ \t]*[:：]"
    r"|.{0,120}(?:写道|wrote)[ \t]*[:：])",
    re.MULTILINE | re.IGNORECASE,
)


class Candidate(Record):
    """A unit that may have filed."""

    code: str
    path: str
    score: float


class Person(Record):
    """Whom to answer."""

    name: str = ""
    phone: str = ""
    email: str = ""


class Match(Record):
    """Who filed.

    Attributes
    ----------
    unit : str
        Code of the administrative unit; blank for a body of its own, and where it has to be asked.
    body : str
        Name of the body whose case it is, as written.
    near : str
        Code of the county in which the body's name says it lies: a hint and nothing more.
    recommender : str
        Code of the unit that the form names as recommending it.
    person : Person
        The contact.
    candidates : tuple of Candidate
        The units considered, the likeliest first.
    confidence : float
        From 0 to 1.
    reasons : tuple of Reason
        What it rests on.
    findings : tuple of Finding
        Doubts, and questions where neither unit nor body can be told.
    """

    unit: str = ""
    body: str = ""
    near: str = ""
    recommender: str = ""
    person: Person = Person()
    candidates: tuple[Candidate, ...] = ()
    confidence: float = 0.0
    reasons: tuple[Reason, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether unit or body are known."""
        return bool(self.unit or self.body)


@dataclass(frozen=True, slots=True)
class Traces:
    """What of a delivery may tell who filed.

    `names` are those of its files, archives and folders; `forms` those among them that hold a form, and so name who
    files where those of evidence may name anybody: these count only where there is no form.
    """

    subject: Subject = field(default_factory=Subject)
    subject_text: str = ""
    sender: Address = field(default_factory=Address)
    readings: Sequence[Reading] = ()
    names: Sequence[str] = ()
    forms: Sequence[str] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Clue:
    """What one source says: the units it may mean, or a body."""

    source: str
    named: Named
    reason: Reason

    @property
    def text(self) -> str:
        return str(self.reason.facts.get("text", ""))

    @property
    def weight(self) -> float:
        return WEIGHTS[self.source]

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.named.units if self.named.bearer in ("government", "place") else ()


def match_filer(
    traces: Traces, *, address_book: Mapping[str, str] | None = None, places: Gazetteer | None = None
) -> Match:
    """Tell who filed, or ask.

    Homonyms are settled by a code, by what else in the delivery names their province or prefecture, and by the
    sender's entry in the address book; otherwise they are a question. Sources that differ are a question too.

    Parameters
    ----------
    traces : Traces
        What the delivery says.
    address_book : mapping, optional
        Addresses in lower case to codes of units.
    places : Gazetteer, optional
        The units to look for; those of the country by default.
    """
    places = places or gazetteer()
    clues = list(_clues(traces, address_book or {}, places))
    unknown = tuple(
        Finding(rule="units.unknown_code", facts={"code": reading.unit_code})
        for reading in traces.readings
        if reading.unit_code and not places.unit(reading.unit_code)
    )
    above = _above(traces, places)
    narrowed = [_narrowed(clue, above) for clue in clues]
    scores = _scores(clues, narrowed)
    candidates = tuple(
        Candidate(code=unit.code, path=unit.path, score=round(score, 2))
        for unit, score in sorted(scores.items(), key=lambda item: (-item[1], item[0].code))
    )[:_SHOWN]
    found, findings = _decided(clues, narrowed, scores, places)
    findings += _contradicted(found, clues, narrowed, traces)
    body = _body(traces, places)
    if body.name and not any(clue.weight >= _STRONG for clue in clues):
        return _of_body(body, traces, places, unknown)
    reasons = tuple(
        clue.reason for clue, units in zip(clues, narrowed, strict=True) if found in units or not found
    )
    if found and not any(clue.units == (found,) for clue in clues):
        reasons += (_settled_by(found, above),)
    return Match(
        unit=found.code if found else "",
        body=body.name,
        recommender=_recommender(traces, places),
        person=_person(traces),
        candidates=candidates,
        confidence=round(scores[found], 2) if found else 0.0,
        reasons=reasons,
        findings=(*unknown, *findings),
    )


def _of_body(body: Named, traces: Traces, places: Gazetteer, findings: tuple[Finding, ...]) -> Match:
    near = body.units[0] if len(body.units) == 1 else None
    reasons = (reason("unit.body", name=body.name), *([reason("unit.near", place=near.path)] if near else []))
    smaller = Finding(rule="units.smaller", facts={"name": body.name})
    return Match(
        body=body.name,
        near=near.code if near else "",
        recommender=_recommender(traces, places),
        person=_person(traces),
        confidence=0.8,
        reasons=reasons,
        findings=(*findings, smaller) if body.bearer == "smaller" else findings,
    )


def eligibility(
    match: Match, form: str, call: Call, admitted: Sequence[str], places: Gazetteer
) -> Finding | None:
    """Return the finding that who was matched may not file a form, or only once admitted.

    Parameters
    ----------
    form : str
        Id of the form (``"indicators"``).
    admitted : sequence of str
        Codes of units that the office admitted by name.
    """
    unit = places.unit(match.unit) if match.unit else None
    if match.unit == "" and match.body == "":
        return None
    if may_file(call, unit, form, admitted=admitted):
        if unit and not unit.stands_in(call.units_year):
            return Finding(rule="units.not_in_year", facts={"name": unit.path, "year": call.units_year})
        return None
    filers = filers_of(call, unit)
    if unit is None:
        return Finding(rule="units.body_indicators", facts={"name": match.body})
    if filers is not None and filers.admitted_by_name:
        return Finding(rule="units.not_admitted", facts={"name": unit.path})
    return Finding(rule="units.district_indicators", facts={"name": unit.path})


def recommender_of(reading: Reading, places: Gazetteer) -> str:
    """Return the code of the unit that a form names as recommending it; blank where it names none, or several."""
    named = places.named(filed_text(reading, "recommender"))
    return named.units[0].code if named.bearer in ("government", "place") and len(named.units) == 1 else ""


def filed_text(reading: Reading, field: str) -> str:
    """Return what stands in a field of a form, blank where nothing does."""
    return next((v.text for v in reading.values if v.field == field and v.status == "text"), "")


# --- clues ------------------------------------------------------------------------------------------------


def _clues(traces: Traces, address_book: Mapping[str, str], places: Gazetteer) -> Iterator[_Clue]:
    """Yield what each source says about a unit."""
    for reading in traces.readings:
        if unit := places.unit(reading.unit_code):
            yield _of_unit("code", unit, reading.unit_code)
        yield from _named("form", filed_text(reading, "unit"), places)
        if "unit" not in {value.field for value in reading.values}:
            for line in reading.heading.splitlines():
                yield from _mentioned("form", line, places)
    if (code := address_book.get(traces.sender.address)) and (unit := places.unit(code)):
        yield _of_unit("address", unit, traces.sender.address)
    if traces.subject.unit:
        yield from _named("subject", traces.subject.unit, places)
    else:
        yield from _mentioned("title", traces.subject_text, places)
    yield from _named("sender", traces.sender.name, places)
    for name in traces.forms or traces.names:
        for part in name.split("/"):
            yield from _mentioned("file", _base(part), places)
    for line in _signature(traces.text):
        yield from _named("signature", line, places)


def _of_unit(source: str, unit: Unit, text: str) -> _Clue:
    return _Clue(source, Named(text, "government", (unit,)), reason(f"unit.{source}", text=text))


def _named(source: str, text: str, places: Gazetteer) -> Iterator[_Clue]:
    if not text or len(text) > 60:
        return
    named = places.named(text)
    if named.bearer in ("government", "place") and named.units:
        yield _Clue(source, named, reason(f"unit.{source}", text=named.name))


def _mentioned(source: str, text: str, places: Gazetteer) -> Iterator[_Clue]:
    """Yield the unit of a longer text, if its names belong to no body: 昆山市指标数据填报表."""
    if not text or len(text) > 120 or places.named(text).bearer in ("body", "smaller"):
        return
    for mention in places.mentions(text)[:1]:
        if mention.units:
            yield _Clue(
                source, Named(mention.name, "place", mention.units), reason(f"unit.{source}", text=text)
            )


def _above(traces: Traces, places: Gazetteer) -> dict[str, tuple[str, ...]]:
    """Return the provinces and prefectures that the delivery names outside the text of its case."""
    texts = [traces.subject_text, traces.subject.unit, traces.sender.name, *(traces.forms or traces.names)]
    texts += _signature(traces.text)
    for reading in traces.readings:
        texts += [
            filed_text(reading, field) for field in ("unit", "address", "recommender", "recommender_address")
        ]
        if "unit" not in {value.field for value in reading.values}:
            texts.append(reading.heading)
    return {name: prefixes for text in texts for name, prefixes in places.above(text[:2000])}


def _signature(text: str) -> list[str]:
    """Return the last lines of what the sender wrote, without the mail that is quoted below: it may name anybody."""
    return _QUOTED.split(text, maxsplit=1)[0].rstrip().splitlines()[-_SIGNATURE:]


# --- decision ---------------------------------------------------------------------------------------------


def _narrowed(clue: _Clue, above: Mapping[str, tuple[str, ...]]) -> tuple[Unit, ...]:
    """Return the units of a clue that lie where the delivery says; all of them where it says nothing."""
    if len(clue.units) < 2:
        return clue.units
    prefixes = tuple(prefix for each in above.values() for prefix in each)
    prefectures = tuple(prefix for prefix in prefixes if len(prefix) == 4)
    for given in (prefectures, prefixes):
        if within := tuple(unit for unit in clue.units if given and unit.code.startswith(given)):
            return within
    return clue.units


def _scores(clues: Sequence[_Clue], narrowed: Sequence[tuple[Unit, ...]]) -> dict[Unit, float]:
    doubt: defaultdict[Unit, float] = defaultdict(lambda: 1.0)
    for source in WEIGHTS:  # a source counts once however often it says the same
        best: dict[Unit, float] = {}
        for clue, units in zip(clues, narrowed, strict=True):
            if clue.source == source:
                for unit in units:
                    best[unit] = max(best.get(unit, 0.0), clue.weight / len(units))
        for unit, weight in best.items():
            doubt[unit] *= 1 - weight
    return {unit: 1 - left for unit, left in doubt.items()}


def _decided(
    clues: Sequence[_Clue],
    narrowed: Sequence[tuple[Unit, ...]],
    scores: Mapping[Unit, float],
    places: Gazetteer,
) -> tuple[Unit | None, tuple[Finding, ...]]:
    """Return the one unit that all strong sources allow, or the question."""
    said = [(clue, units) for clue, units in zip(clues, narrowed, strict=True) if units]
    strong = [(clue, units) for clue, units in said if clue.weight >= _STRONG] or said
    if not strong:
        return None, (Finding(rule="units.unknown"),)
    common = set(strong[0][1]).intersection(*(units for _clue, units in strong))
    if not common:
        different = dict.fromkeys(unit for _clue, units in strong for unit in units)
        return None, (Finding(rule="units.conflict", facts={"candidates": _listed(list(different))}),)
    if len(common) > 1:
        for _clue, units in said:  # a weak source may settle what the strong ones leave open
            common = common & set(units) or common
    if all(unit.code.endswith("00") and not places.unit(unit.code) for unit in common):
        return None, (Finding(rule="units.unknown"),)  # a city above counties files nothing
    if len(common) > 1:
        ordered = sorted(common, key=lambda unit: unit.code)
        alike = len({unit.name for unit in ordered}) == 1
        name = ordered[0].name if alike else strong[0][0].named.name
        facts: dict[str, str | int] = {
            "name": name, "count": len(ordered), "candidates": _listed(ordered),
        }  # fmt: skip
        return None, (Finding(rule="units.homonyms", facts=facts),)
    (unit,) = common
    if scores[unit] < _SURE:
        ground = "; ".join(dict.fromkeys(clue.named.name for clue, units in said if unit in units))
        return unit, (Finding(rule="units.unsure", facts={"name": unit.path, "ground": ground}),)
    return unit, ()


def _contradicted(
    found: Unit | None,
    clues: Sequence[_Clue],
    narrowed: Sequence[tuple[Unit, ...]],
    traces: Traces,
) -> tuple[Finding, ...]:
    """Return the question that a weak source names another unit than was found.

    The name of a file speaks of its filer only where it holds a form: evidence may show anybody.
    """
    different = [
        unit
        for clue, units in zip(clues, narrowed, strict=True)
        if found and units and found not in units and (clue.source != "file" or traces.forms)
        for unit in units
    ]
    if not (found and different):
        return ()
    return (
        Finding(
            rule="units.conflict", facts={"candidates": _listed(list(dict.fromkeys([found, *different])))}
        ),
    )


def _base(name: str) -> str:
    return name.rpartition(".")[0] or name


def _settled_by(unit: Unit, above: Mapping[str, tuple[str, ...]]) -> Reason:
    for name, prefixes in above.items():
        if unit.code.startswith(prefixes):
            return reason("unit.within", place=name)
    return reason("unit.shared")


def _listed(units: Sequence[Unit]) -> str:
    return "; ".join(f"{unit.path} ({unit.code})" for unit in units[:_SHOWN])


def _body(traces: Traces, places: Gazetteer) -> Named:
    """Return the body whose case it is: of the form, else of the subject."""
    texts = [filed_text(reading, "unit") for reading in traces.readings]
    for text in (*texts, traces.subject.unit):
        if text and (named := places.named(text)).bearer not in ("government", "place"):
            return Named(text.strip(), named.bearer or "body", named.units)
    return Named("")


def _recommender(traces: Traces, places: Gazetteer) -> str:
    return next(filter(None, (recommender_of(reading, places) for reading in traces.readings)), "")


def _person(traces: Traces) -> Person:
    """Return the contact of the form, else of the subject, else the sender."""
    for reading in traces.readings:
        if name := filed_text(reading, "contact"):
            return Person(name=name, phone=filed_text(reading, "phone"), email=filed_text(reading, "email"))
    name = traces.subject.contact or traces.sender.name
    return Person(name=name, phone=traces.subject.phone, email=traces.sender.address)
