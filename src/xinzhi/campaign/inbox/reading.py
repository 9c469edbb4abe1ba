"""Reading what came: intake works in a store for one delivery, and what it makes is kept sealed.

The store of intake keeps originals in the clear, and so lives in a temporary folder only as long as one delivery is
read. What it would know of earlier deliveries is known here by keyed hashes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import cast

from django.conf import settings
from django.db import transaction

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.models import Arrival, ArrivedFile
from xinzhi.campaign.inbox.replies import keep_draft
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.circumstances import circumstances_of
from xinzhi.campaign.returns.models import INDICATORS, Return
from xinzhi.campaign.returns.operations import unit_named
from xinzhi.campaign.storage.files import put, take
from xinzhi.campaign.storage.vault import vault
from xinzhi.forms import grade_of, load_form
from xinzhi.forms.checks import Circumstances
from xinzhi.forms.model import Call, Window
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.reading import Finding, Reading
from xinzhi.geography import Unit as KnownUnit
from xinzhi.geography import demonstration_units
from xinzhi.intake import records
from xinzhi.intake.gazetteer import Gazetteer, gazetteer
from xinzhi.intake.mail import Clock
from xinzhi.intake.returns import Office, reply_to, take_in
from xinzhi.intake.services import standard_services
from xinzhi.intake.sources import Delivery, mail_delivery, upload
from xinzhi.intake.store import Store

_KEPT = frozenset({"indicators", "case", "picture", "evidence", "seal", "other"})
"""Sorts of files that are kept apart; mails and archives are in the original."""

_COUNTED_HERE = frozenset({"figures.cases_differ"})
"""What intake can only say from a store of all deliveries; the draft is judged by the cases of the platform."""


def read_job(payload: Mapping[str, object], report: Callable[[float], None], /) -> dict[str, object]:
    """Read a delivery; one that was read is left alone."""
    arrival = Arrival.objects.select_related("campaign", "blob").get(pk=str(payload["arrival"]))
    if arrival.status == "waiting":
        read(the_system(), arrival)
    report(1.0)
    return {"status": arrival.status}


def read(actor: Actor, arrival: Arrival) -> None:
    """Read a delivery in the limited children and keep what was understood."""
    made, files, reply = _taken_in(arrival)
    _keep_record(actor, arrival, made, files, reply)


def _taken_in(arrival: Arrival) -> tuple[records.Return, dict[str, bytes], bytes]:
    campaign = arrival.campaign
    with (
        tempfile.TemporaryDirectory(prefix="xinzhi-inbox-") as folder,
        Store(folder) as store,
        Workshop() as shop,
    ):
        services = standard_services(
            shop,
            lambda: arrival.kept_at,
            circumstances=_circumstances(campaign),
            forms=tuple(campaign.forms.values()),
        )
        call, office = call_of(campaign), _office(campaign)
        taken = take_in(
            _delivery(arrival), call=call, store=store, services=services, office=office, replies=False
        )
        made = _without_counts(taken)  # before it is answered
        reply = reply_to(made, call=call, store=store, services=services, office=office)
        kept = {item.sha256 for item in made.items if item.sha256 and item.sorting.sort in _KEPT}
        files = {digest: store.path(digest).read_bytes() for digest in kept}
    return made, files, reply


@transaction.atomic
def _keep_record(
    actor: Actor, arrival: Arrival, made: records.Return, files: Mapping[str, bytes], reply: bytes
) -> None:
    held = Arrival.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=arrival.pk)
    if held.status != "waiting":
        return
    campaign = held.campaign
    told = f"{made.message_id}\n{made.contents}".encode()
    contents = vault().digest(f"campaign-{campaign.pk}", told) if made.message_id else ""
    original = Arrival.objects.filter(campaign=campaign, contents=contents).first() if contents else None
    status = "duplicate" if original and made.status != "quarantine" else made.status
    if status != "duplicate":
        _keep_files(held, made, files)
    count = Counter(grade_of(finding) for finding in made.all_findings())
    held.status, held.contents, held.original = status, contents, original
    held.unit = _unit(campaign, made)
    held.body, held.received_at = made.match.body[:120], made.received
    held.sealed = vault().seal(held.owner, made.model_dump_json().encode())
    held.mend, held.explain, held.note = count["mend"], count["explain"], count["note"]
    if status == "duplicate" or (made.automatic and not list(made.readings())):
        held.handled_at = actor.now  # nothing is to be done with it
    held.revision += 1
    held.save()
    record(
        actor, "arrival.read", held.subject, campaign=campaign.pk, status=status,
        unit=held.unit.code if held.unit else "", files=len(made.items),
    )  # fmt: skip
    if reply and status != "duplicate":
        keep_draft(actor, held, made, reply)
    arrival.refresh_from_db()


def _keep_files(arrival: Arrival, made: records.Return, files: Mapping[str, bytes]) -> None:
    position = 0
    for item in made.items:
        if item.sorting.sort not in _KEPT:
            continue
        blob = put(arrival.owner, files[item.sha256]) if item.sha256 in files else None
        forms: list[tuple[int, Reading | None]] = [
            (n, reading) for n, reading in enumerate(item.readings) if reading.form
        ]
        pictures = [facts for reading in item.readings for facts in reading.pictures]
        common = {"arrival": arrival, "path": item.path[-300:], "sort": item.sorting.sort, "blob": blob}
        for n, reading in forms or [(0, None)]:
            position += 1
            title = next((v.text for v in reading.values if v.field == "title"), "") if reading else ""
            ArrivedFile.objects.create(
                **common,
                position=position,
                form=reading.form if reading else "",
                reading=n,
                title=title[:200],
                facts=pictures[0].model_dump(mode="json")
                if item.sorting.sort == "picture" and pictures
                else {},
            )


def call_of(campaign: Campaign) -> Call:
    """Return the call with the window of the campaign."""
    opens, closes = (
        moment.astimezone(campaign.call.zone).replace(tzinfo=None)
        for moment in (campaign.opens_at, campaign.closes_at)
    )
    return campaign.call.model_copy(update={"window": Window(opens=opens, closes=closes)})


def _delivery(arrival: Arrival) -> Delivery:
    data, name, received = take(arrival.blob), arrival.name, arrival.received_at or arrival.kept_at
    return replace(
        mail_delivery(data, name, received) if arrival.channel == "mail" else upload(name, data, received),
        received_by=cast(Clock, arrival.received_by),
        findings=tuple(map(Finding.model_validate, arrival.brought)),
    )


def _office(campaign: Campaign) -> Office:
    extended: dict[str, datetime] = {}
    for extension in campaign.extensions.select_related("unit"):
        known = extended.get(extension.unit.code, extension.until)
        extended[extension.unit.code] = max(known, extension.until)
    read = settings.ENVIRONMENT.mailboxes.get(campaign.slug)
    own = {
        parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower(),
        str(campaign.contacts.get("mailbox", "")).lower(),
        read.server.user.lower() if read else "",
    } - {""}
    return Office(
        admitted=list(campaign.admissions.values_list("unit__code", flat=True)),
        extended=extended,
        trusted=tuple(campaign.contacts.get("mail_servers", ())),
        places=Gazetteer(demonstration_units()) if campaign.demonstration else gazetteer(),
        own_addresses=own,
    )


def _circumstances(campaign: Campaign) -> Callable[[KnownUnit | None], Circumstances]:
    def known(unit: KnownUnit | None) -> Circumstances:
        found = Unit.objects.filter(code=unit.code).first() if unit else None
        if found is None:
            return Circumstances(unit=unit)
        form = campaign.forms[INDICATORS]
        return circumstances_of(Return(campaign=campaign, unit=found, sort=INDICATORS, form=form))

    return known


def _unit(campaign: Campaign, made: records.Return) -> Unit | None:
    """Return the unit that filed where the platform knows it; a body by its name alone is asked about."""
    if made.match.body:
        named = Unit.objects.filter(level="body", name=made.match.body, demonstration=campaign.demonstration)
        found = list(named[:2])
        return found[0] if len(found) == 1 else None
    return unit_named(made.match.unit, campaign) if made.match.unit else None


def _without_counts(made: records.Return) -> records.Return:
    items = tuple(
        item.model_copy(update={"findings": tuple(f for f in item.findings if f.rule not in _COUNTED_HERE)})
        for item in made.items
    )
    return made.model_copy(update={"items": items})


def form_sort(name: str) -> str:
    """Return what a form files: "indicators" or "case"."""
    return load_form(name).kind
