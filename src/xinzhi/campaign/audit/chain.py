"""Appending to the chain, and telling whether anything in it was altered since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from django.db import connection

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.models import Event
from xinzhi.language import gettext as _

START = "0" * 64
_LOCK = 0x58494E5A  # of PostgreSQL, held to the end of the transaction


@dataclass(frozen=True)
class Verified:
    """What a look at the whole chain found: how many events, the last digest, and the first fault if any."""

    events: int
    head: str
    fault: str = ""


def record(actor: Actor, verb: str, subject: str, *, campaign: int | None = None, **detail: object) -> Event:
    """Append an event, in the transaction of the change that it tells of, as late in it as can be.

    Raises
    ------
    RuntimeError
        Outside of a transaction: a change and its event stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded in the transaction of its change")
    _one_at_a_time()
    last = head()
    event = Event(
        sequence=last[0] + 1,
        at=actor.now.astimezone(UTC).isoformat(timespec="microseconds"),
        actor=actor.user.pk if actor.user else None,
        verb=verb,
        subject=subject,
        campaign=campaign,
        detail=_canonical(detail),
        previous=last[1],
    )
    event.digest = digest_of(event)
    event.save(force_insert=True)
    return event


def head() -> tuple[int, str]:
    """Return sequence and digest of the last event."""
    return Event.objects.order_by("-sequence").values_list("sequence", "digest").first() or (0, START)


def digest_of(event: Event) -> str:
    """Return SHA-256 over all that an event says and the digest before it."""
    said = [
        event.sequence,
        event.at,
        event.actor,
        event.verb,
        event.subject,
        event.campaign,
        event.detail,
        event.previous,
    ]
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


def verify(events: Iterable[Event] | None = None) -> Verified:
    """Go through the chain from its beginning and stop at the first event that is not as it was written."""
    count, head = 0, START
    for event in Event.objects.order_by("sequence").iterator(2000) if events is None else events:
        if event.sequence != count + 1:
            return Verified(count, head, _("第 {n} 条之后缺少记录").format(n=count))
        if event.previous != head:
            return Verified(count, head, _("第 {n} 条与前一条接不上").format(n=event.sequence))
        if digest_of(event) != event.digest:
            return Verified(count, head, _("第 {n} 条的内容被改过").format(n=event.sequence))
        count, head = event.sequence, event.digest
    return Verified(count, head)


def _one_at_a_time() -> None:
    # SQLite's transactions are IMMEDIATE: whoever is inside one is alone already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
