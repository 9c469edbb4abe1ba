"""All entries, and how one is read or taken in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.corpus import (
    archive_entries,
    case_entries,
    mail_entries,
    picture_entries,
    sheet_entries,
    word_entries,
)
from tests.corpus.entries import ASK, Entry, Kind, Read, Returned, Values
from xinzhi.forms import Value, load_call, read_all, rules
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.geography import demonstration_units
from xinzhi.intake.gazetteer import Gazetteer
from xinzhi.intake.returns import Office, take_in
from xinzhi.intake.services import standard_services
from xinzhi.intake.sources import mail_delivery, upload
from xinzhi.intake.store import Store

CHANNELS = {
    "word": (*word_entries.ENTRIES, *case_entries.ENTRIES),
    "sheet": tuple(sheet_entries.ENTRIES),
    "picture": tuple(picture_entries.ENTRIES),
    "mail": tuple(mail_entries.ENTRIES),
    "archive": tuple(archive_entries.ENTRIES),
}
ENTRIES: tuple[Entry, ...] = tuple(entry for entries in CHANNELS.values() for entry in entries)

RECEIVED = datetime(2025, 7, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OFFICE = Office(places=Gazetteer(demonstration_units()))


def outcome_of(entry: Entry, data: bytes, workshop: Workshop, folder: Path) -> Read | Returned:
    """Do with a file what the product does; `folder` is a new one for a store."""
    if isinstance(entry.expected, Read):
        return read_entry(entry, data, workshop)
    return take_in_entry(entry, data, workshop, folder)


def read_entry(entry: Entry, data: bytes, workshop: Workshop) -> Read:
    """Read a file as the product does."""
    readings = read_all(data, name=entry.name, workshop=workshop)
    return Read(
        forms=tuple(r.form.removeprefix("letter-2025/").partition("@")[0] for r in readings if r.form),
        values=values_of(value for reading in readings for value in reading.values),
        rules=frozenset(finding.rule for reading in readings for finding in reading.findings),
        pictures=tuple(facts.fault or facts.format for reading in readings for facts in reading.pictures),
    )


def take_in_entry(entry: Entry, data: bytes, workshop: Workshop, folder: Path) -> Returned:
    """Take a mail or an upload in as the product does, into a store of its own."""
    mail = entry.name.endswith(".eml")
    arrived = mail_delivery(data, entry.name) if mail else upload(entry.name, data, RECEIVED)
    services = standard_services(workshop, lambda: RECEIVED)
    with Store(folder) as store:
        made = take_in(
            arrived, call=load_call(), store=store, services=services, office=OFFICE, replies=False
        )
    return Returned(
        status=made.status,
        filer=made.match.unit or made.match.body,
        sorts=tuple(item.sorting.sort for item in made.items),
        rules=frozenset(finding.rule for finding in made.all_findings()),
        values=values_of(value for value, _source in made.values()),
    )


def values_of(values: Iterable[Value]) -> Values:
    """Return what was read, by field and year; what several forms say differently is a question."""
    found: dict[tuple[str, int | None], Decimal | str] = {}
    for value in values:
        if value.status != "missing":
            said = ASK if value.status == "question" else value.text if value.number is None else value.number
            key = (value.field, value.year)
            found[key] = said if found.get(key, said) == said else ASK
    return found


def kind_of(outcome: Read | Returned) -> Kind:
    """Return the kind of what came of a file; the words are explained at :data:`Kind`."""
    if isinstance(outcome, Returned):
        if outcome.status == "quarantine" or not outcome.values:
            return "reject"
        waits = outcome.status != "understood"
    else:
        if not outcome.forms and not any(picture.isalpha() for picture in outcome.pictures):
            return "reject"
        waits = bool(outcome.forms) and not outcome.values
    asked = ASK in outcome.values.values() or any(rules()[rule].grade != "note" for rule in outcome.rules)
    return "ask" if waits or asked else "accept"
