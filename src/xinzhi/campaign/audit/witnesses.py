"""What outside of the chain tells that something was taken out of it or that it was written anew.

A chain of hashes tells of every change in its middle. It cannot tell that its end was cut off, nor that somebody
computed all of it again. So others bear witness: heads that were noted in the folder of the keys at earlier
verifications, the heads that snapshots state, and each version and snapshot, whose making must have its event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from xinzhi.campaign.audit.chain import Verified, verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.results.freezing import canonical
from xinzhi.campaign.results.models import Snapshot
from xinzhi.campaign.returns.models import Version
from xinzhi.errors import CallError, reason
from xinzhi.language import gettext as _

NOTED = "audit-heads.txt"
"""In the folder of the keys, which no backup of the data holds: a line for each verification."""


def verify_with_witnesses() -> Verified:
    """Go through the chain, then hear the witnesses; note the head where nothing is wrong."""
    found = verify()
    if not found.fault:
        fault = next(_faults(), "")
        found = Verified(found.events, found.head, fault)
    if not found.fault and found.events:
        _note(found)
    return found


def _faults() -> Iterator[str]:
    for sequence, digest in _noted():
        if not Event.objects.filter(sequence=sequence, digest=digest).exists():
            yield _("上次核对时的第 {n} 条已经不在, 或被改写").format(n=sequence)
    for snapshot in Snapshot.objects.order_by("pk").iterator(20):
        yield from _faults_of_snapshot(snapshot)
    made = {(subject, detail["number"], detail["digest"]) for subject, detail in _details("version.made")}
    versions = Version.objects.order_by("pk").values_list("of_id", "number", "digest", "receipt")
    for of, number, digest, receipt in versions.iterator(2000):
        if (f"return:{of}", number, digest) not in made:
            yield _("回执 {receipt} 没有对应的记录").format(receipt=receipt)
    kept = {(f"return:{of}", number) for of, number in Version.objects.values_list("of_id", "number")}
    for subject, number, _digest in sorted(made, key=str):
        if (subject, number) not in kept:
            yield _("{subject} 第 {n} 版有记录, 填报却不在").format(subject=subject, n=number)


def _faults_of_snapshot(snapshot: Snapshot) -> Iterator[str]:
    stated = snapshot.about["audit"]
    whole = (
        hashlib.sha256(canonical(snapshot.about)).hexdigest() == snapshot.digest
        and hashlib.sha256(bytes(snapshot.panel)).hexdigest() == snapshot.about["panel_sha256"]
    )
    if not whole:
        yield _("快照 {name} 的内容被改过").format(name=snapshot)
    known = Event.objects.filter(sequence=stated["sequence"], digest=stated["digest"]).exists()
    if stated["sequence"] and not known:
        yield _("快照 {name} 写明的第 {n} 条已经不在, 或被改写").format(name=snapshot, n=stated["sequence"])
    events = _details("snapshot.made", f"snapshot:{snapshot.pk}")
    if [detail["digest"] for _subject, detail in events] != [snapshot.digest]:
        yield _("快照 {name} 没有对应的记录").format(name=snapshot)


def _details(verb: str, subject: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    events = Event.objects.filter(verb=verb)
    if subject:
        events = events.filter(subject=subject)
    for of, detail in events.values_list("subject", "detail").iterator(2000):
        yield of, json.loads(detail)


def _noted() -> Iterator[tuple[int, str]]:
    try:
        lines = _place().read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        sequence, digest = line.split()
        yield int(sequence), digest


def _note(found: Verified) -> None:
    line = f"{found.events} {found.head}"
    if line in {f"{sequence} {digest}" for sequence, digest in _noted()}:
        return
    try:
        _place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _place().open("a", encoding="ascii") as file:
            file.write(f"{line}\n")
    except OSError as error:
        raise CallError(
            _("记不下核对的结果: {reason}").format(reason=reason(error)), where=str(_place())
        ) from error


def _place() -> Path:
    return Path(settings.ENVIRONMENT.keys) / NOTED
