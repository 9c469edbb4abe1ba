"""From a delivery to a return: kept, opened, read, classified, matched, judged, answered, and finished once."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from posixpath import dirname
from typing import Protocol

from xinzhi.declarations import Text
from xinzhi.forms.checks import Circumstances
from xinzhi.forms.eligibility import timing
from xinzhi.forms.loading import AnyForm, load_form
from xinzhi.forms.model import Call, CaseForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Fact, Finding, PictureFacts, Reading
from xinzhi.forms.refusals import HostileFile, Refusal
from xinzhi.forms.rules import rules
from xinzhi.geography import Unit
from xinzhi.intake.cases import cases_of_units, states_cases
from xinzhi.intake.classification import PICTURES, SURE, Sorting, classify
from xinzhi.intake.gazetteer import Gazetteer, gazetteer
from xinzhi.intake.mail import Mail
from xinzhi.intake.matching import Traces, eligibility, match_filer
from xinzhi.intake.opening import Opened, Piece, open_delivery
from xinzhi.intake.records import Item, Return, Status
from xinzhi.intake.replies import draft_reply, is_answered
from xinzhi.intake.sources import Delivery
from xinzhi.intake.store import Store, receipt_number
from xinzhi.intake.subject import missing_parts, read_subject

DOCUMENTS = frozenset(
    {"docx", "xlsx", "xlsb", "doc", "wps", "xls", "et", "encrypted", "rtf", "word2003xml", "excel2003xml", "odt", "ods",
     "html", "mht", "text"}
)  # fmt: skip
"""Kinds in which a form may come; PDF is not among them, since what is filed as PDF is a scan or evidence."""

_LOOSE = frozenset({"html", "mht", "text"})
"""Kinds that are read in case they hold a form, and are no fault where they do not."""

_ASKING = frozenset({"units", "timing", "package", "transport"})
"""Subjects of rules about who sent what and when: what is for a person there holds the return up, whatever its grade."""

_UNREAD = frozenset({"files.other_kind", "files.old_format"})
"""What a reader says of a kind it does not read: no fault of pictures, evidence and scans."""


_CASES_DIFFER = "figures.cases_differ"


class Read(Protocol):
    """Reads a file in the limited child process; a refusal comes as a finding or as an error."""

    def __call__(self, data: bytes, name: str, /) -> tuple[Reading, ...]:
        """Return a reading for each form in a file."""


class Check(Protocol):
    """Judges one form: :func:`xinzhi.forms.checks.check`."""

    def __call__(self, form: AnyForm, reading: Reading, known: Circumstances, /) -> Sequence[Finding]:
        """Return what is to be said of a form."""


class CheckDelivery(Protocol):
    """Judges what came with a case: :func:`xinzhi.forms.checks.check_delivery`."""

    def __call__(
        self,
        form: CaseForm,
        reading: Reading,
        pictures: Sequence[PictureFacts],
        evidence: Sequence[str],
        /,
        *,
        seal_scan: bool,
    ) -> Sequence[Finding]:
        """Return what is to be said of what came with a case."""


class Annotate(Protocol):
    """Writes findings into a copy of a file."""

    def __call__(self, data: bytes, name: str, findings: Sequence[Finding], form: str, /) -> bytes:
        """Return a copy of a file with findings in it; `form` is the name of the form that it holds."""


@dataclass(frozen=True)
class Services:
    """What intake is given to work with.

    Attributes
    ----------
    clock : callable
        The time at which a delivery is entered, with a time zone.
    read, check, check_delivery
        Reader and checks.
    annotate : callable, optional
        Without it replies carry no annotated form.
    circumstances : callable
        What is known beside a return of a unit.
    readers : int
        Files of a delivery that are read at the same time.
    """

    clock: Callable[[], datetime]
    read: Read
    check: Check
    check_delivery: CheckDelivery | None = None
    annotate: Annotate | None = None
    circumstances: Callable[[Unit | None], Circumstances] = Circumstances
    readers: int = 1


@dataclass(frozen=True)
class Office:
    """What the office has settled beforehand.

    Attributes
    ----------
    admitted : collection of str
        Codes of units admitted by name.
    extended : mapping
        Code of a unit to the end of its window.
    address_book : mapping
        Addresses in lower case to codes of units.
    trusted : sequence of str
        Names of our own receiving mail servers.
    places : Gazetteer, optional
        The units; those of the country by default.
    english : bool
        Whether replies say everything in English too.
    own_addresses : collection of str
        Of the office, in lower case; what they sent is never answered, and not taken for a return.
    """

    admitted: Collection[str] = ()
    extended: Mapping[str, datetime] = field(default_factory=dict)
    address_book: Mapping[str, str] = field(default_factory=dict)
    trusted: Sequence[str] = ()
    places: Gazetteer | None = None
    english: bool = False
    own_addresses: Collection[str] = ()


@dataclass(frozen=True)
class Summary:
    """What a run did: how many deliveries it met, how many were new, and the status of all it met."""

    met: int
    new: int
    statuses: Mapping[Status, int]


def intake(
    deliveries: Iterable[Delivery],
    *,
    call: Call,
    store: Store,
    services: Services,
    office: Office | None = None,
    replies: bool = True,
    progress: Callable[[Return], None] | None = None,
) -> Summary:
    """Take in deliveries one after another; what the store has finished is left alone.

    Only the cases of a unit are counted again at the end, since they may come after its figures.

    Parameters
    ----------
    replies : bool
        Whether replies are drafted.
    progress : callable, optional
        Called with each return.
    """
    statuses: Counter[Status] = Counter()
    new = 0
    for delivery in deliveries:
        before = store.get(receipt_number(delivery))
        made = before or take_in(
            delivery, call=call, store=store, services=services, office=office, replies=replies
        )
        new += before is None
        statuses[made.status] += 1
        if progress:
            progress(made)
    _count_again(call, store, services, office or Office(), replies)
    return Summary(statuses.total(), new, dict(statuses))


def take_in(
    delivery: Delivery,
    *,
    call: Call,
    store: Store,
    services: Services,
    office: Office | None = None,
    replies: bool = True,
) -> Return:
    """Take in one delivery: there is one record of it whatever happens.

    Returns
    -------
    Return
        As it is in the store; of a delivery that was finished before, that record, unchanged.
    """
    office = office or Office()
    digest = _kept(delivery, store)
    arrival = store.arrive(delivery, digest, services.clock())
    if not arrival.open:
        finished = store.get(arrival.id)
        assert finished  # a record that is not open has been finished
        return finished
    if arrival.original:
        made = _blank(delivery, arrival.id, digest).model_copy(
            update={"status": "duplicate", "original": arrival.original}
        )
        store.finish(made)
    else:
        made = _Assembly(delivery, arrival.id, digest, call, store, services, office).made()
        store.finish(made, _reply(made, call, store, services, office) if replies else None)
    kept = store.get(arrival.id)
    assert kept
    return kept


def _kept(delivery: Delivery, store: Store) -> str:
    """Keep the original bytes; return their hash, of several files that of their list."""
    digests = [(store.put(file.data, file.sha256), file.name) for file in delivery.files]
    if len(digests) == 1:
        return digests[0][0]
    manifest = "".join(f"{digest} {name}\n" for digest, name in digests)
    return hashlib.sha256(manifest.encode("utf-8", "surrogateescape")).hexdigest()


def _blank(delivery: Delivery, id: str, digest: str) -> Return:
    return Return(
        id=id,
        channel=delivery.channel,
        name=delivery.name,
        sha256=digest,
        received=delivery.received,
        received_by=delivery.received_by,
    )


def _reply(
    made: Return, call: Call, store: Store, services: Services, office: Office
) -> tuple[str, str] | None:
    letter = reply_to(made, call=call, store=store, services=services, office=office)
    return (made.sender, store.put(letter)) if letter else None


def reply_to(made: Return, *, call: Call, store: Store, services: Services, office: Office) -> bytes:
    """Draft the reply to a return whose files are in the store, with its annotated forms; blank where none is due."""
    if not is_answered(made):
        return b""
    store.settle()  # the files that are annotated are read from it
    annotated = list(_annotated(made, store, services)) if services.annotate else []
    return draft_reply(
        made,
        call,
        annotated=annotated,
        plain=_not_annotated(made, [path for path, _data in annotated]) if services.annotate else (),
        english=office.english,
        places=office.places,
    )


def _annotated(made: Return, store: Store, services: Services) -> Iterable[tuple[str, bytes]]:
    """Yield the forms with their findings written in; one in which that cannot be done goes without."""
    assert services.annotate
    for item, reading in made.readings():
        if item.findings and item.sorting.kind in ("docx", "xlsx"):
            try:
                data = store.path(item.sha256).read_bytes()
                yield item.path, services.annotate(data, item.path, item.findings, reading.form)
            except Refusal:
                continue


def _not_annotated(made: Return, annotated: Collection[str]) -> Sequence[str]:
    """Return the forms with findings of which no annotated copy could be made."""
    return [item.path for item, _reading in made.readings() if item.findings and item.path not in annotated]


class _Assembly:
    """A return in the making."""

    def __init__(
        self,
        delivery: Delivery,
        id: str,
        digest: str,
        call: Call,
        store: Store,
        services: Services,
        office: Office,
    ) -> None:
        self._delivery, self._call, self._store = delivery, call, store
        self._services, self._office = services, office
        self._places = office.places or gazetteer()
        self._blank = _blank(delivery, id, digest)
        self._opened = Opened()
        self._items: list[Item] = []
        self._stopped: tuple[Finding, ...] = ()

    def made(self) -> Return:
        """Return the return; a hostile file or a fault of ours ends the reading and is its finding."""
        try:
            pieces = open_delivery(
                self._delivery,
                self._call,
                self._opened,
                trusted=self._office.trusted,
                own_addresses=self._office.own_addresses,
            )
            for piece, readings in self._read_ahead(pieces):
                self._items.append(self._item(piece, readings))
        except HostileFile as refusal:
            self._stopped = (refusal.finding,)
        except Exception as error:  # one delivery must not stop the others; a person looks
            facts = {"file": self._delivery.name, "error": type(error).__name__}
            self._stopped = (Finding(rule="package.failed", facts=facts),)
        made = self._identified()
        judged = self._judged(made)
        findings = (*self._opened.findings, *self._stopped, *judged.findings)
        judged = judged.model_copy(update={"findings": findings})
        return judged.model_copy(update={"status": _status(judged)})

    def _read_ahead(self, pieces: Iterator[Piece]) -> Iterator[tuple[Piece, tuple[Reading, ...]]]:
        """Yield the files with what is in them, in their order; some are read while others are being kept."""
        readers = self._services.readers
        waiting: deque[tuple[Piece, Future[tuple[Reading, ...]]]] = deque()
        with ThreadPoolExecutor(readers) as pool:
            try:
                for piece in pieces:
                    waiting.append((piece, pool.submit(self._read, piece)))
                    if len(waiting) > readers:
                        first, reading = waiting.popleft()
                        yield first, reading.result()
            finally:  # what came before a hostile file counts
                yield from ((piece, reading.result()) for piece, reading in waiting)

    def _item(self, piece: Piece, readings: tuple[Reading, ...]) -> Item:
        """Keep a file with what was read in it."""
        if piece.data is None:
            sorting = classify(piece.path, piece.kind)
            return Item(path=piece.path, sha256="", size=0, sorting=sorting, findings=piece.findings)
        digest = self._store.put(piece.data)
        findings = list(piece.findings)
        size = len(piece.data)
        sorting = classify(piece.path, piece.kind, size, readings, inline=piece.inline)
        for reading in readings:
            findings += [f for f in reading.findings if _matters(f, piece.kind, sorting)]
        return Item(
            path=piece.path,
            sha256=digest,
            size=size,
            sorting=sorting,
            readings=readings,
            findings=tuple(_at(finding, piece.path) for finding in findings),
        )

    def _read(self, piece: Piece) -> tuple[Reading, ...]:
        if piece.data is None or piece.ours or piece.kind not in DOCUMENTS | PICTURES:
            return ()
        try:
            readings = self._services.read(piece.data, piece.path)
        except Refusal as refusal:
            return (Reading(format=piece.kind, findings=(refusal.finding,)),)
        return tuple(_with_names(r, piece.path) for r in readings) if piece.kind in PICTURES else readings

    def _identified(self) -> Return:
        """Enter what the mail says, and who filed."""
        blank = self._blank.model_copy(update={"items": tuple(self._items)})
        mail = self._opened.mail
        if mail:
            blank = blank.model_copy(
                update={
                    "received": mail.received or self._delivery.received,
                    "received_by": mail.received_by,
                    "sender": (mail.reply_to.address or mail.sender.address),
                    "sender_name": mail.sender.name,
                    "subject_text": mail.subject,
                    "subject": read_subject(mail.subject, self._call, places=self._places),
                    "message_id": mail.message_id,
                    "automatic": mail.automatic,
                    "from_office": self._opened.ours or _from_office(mail, self._office.own_addresses),
                }
            )
        if self._opened.ours:
            return blank
        names = [item.path for item in self._items if item.sorting.sort != "mail"]
        traces = Traces(
            subject=blank.subject,
            subject_text=blank.subject_text or self._delivery.name,
            sender=mail.sender if mail else Traces().sender,
            readings=[reading for _item, reading in blank.readings()],
            names=names,
            forms=[item.path for item, _reading in blank.readings()],
            text=mail.text if mail else "",
        )
        match = match_filer(traces, address_book=self._office.address_book, places=self._places)
        return blank.model_copy(update={"match": match})

    # --- judging ------------------------------------------------------------------------------------------

    def _judged(self, made: Return) -> Return:
        """Add what the checks find: about each form, and about the whole."""
        if made.automatic and not list(made.readings()):
            note = Finding(rule="mail.automatic", facts={"file": made.name})
            return made.model_copy(update={"findings": (note,)})
        if self._opened.ours:
            return made
        unit = self._places.unit(made.match.unit) if made.match.unit else None
        whole = [*self._timed(made), *made.match.findings]
        if made.channel == "mail":
            whole += missing_parts(made.subject, self._call)
        forms = {load_form(reading.form).id for _item, reading in made.readings()}
        for form in self._call.forms:
            admitted = tuple(self._office.admitted)
            if form in forms and (f := eligibility(made.match, form, self._call, admitted, self._places)):
                whole.append(f)
        if not forms and not self._stopped:
            whole.append(Finding(rule="package.nothing_readable", facts={"file": made.name}))
        whole += _contradictions(made)
        if made.match.unit and (receipts := _filed_otherwise(made, self._store)):
            whole.append(Finding(rule="package.figures_changed", facts={"receipts": "、".join(receipts)}))
        items = tuple(self._item_judged(item, made, unit) for item in made.items)
        judged = made.model_copy(update={"items": items, "findings": _each_once(whole)})
        if unit and any(states_cases(reading) for _item, reading in judged.readings()):
            cases = cases_of_units([*self._store.returns(), judged], self._places)
            judged = _counted(judged, cases.get(unit.code, 0), self._services)
        return judged

    def _timed(self, made: Return) -> list[Finding]:
        if made.received is None:
            return [Finding(rule="timing.unknown")]
        until = self._office.extended.get(made.match.unit)
        when = timing(self._call, made.received, until=until)
        if when == "open":
            return []
        zone, window = self._call.zone, self._call.window
        closes = until.astimezone(zone) if until else window.closes
        facts = {"received": _moment(made.received.astimezone(zone))}
        facts |= {"closes": _moment(closes)} if when == "late" else {"opens": _moment(window.opens)}
        return [Finding(rule=f"timing.{when}", facts=facts)]

    def _item_judged(self, item: Item, made: Return, unit: Unit | None) -> Item:
        findings = [*item.findings, *self._known_before(item, made)]
        for reading in item.readings:
            if reading.form:
                form = load_form(reading.form)
                found = list(self._services.check(form, reading, self._services.circumstances(unit)))
                if isinstance(form, CaseForm) and self._services.check_delivery:
                    found += self._with_material(form, reading, item, made)
                findings += [_at(finding, item.path) for finding in found]
        return item.model_copy(update={"findings": _each_once(findings)})

    def _known_before(self, item: Item, made: Return) -> Iterator[Finding]:
        """Yield what is to be said of a file that came before; of whom else it came nobody but the office learns."""
        before = self._store.get(self._store.sent_before(item.sha256, made.id)) if item.sha256 else None
        if before is None:
            return
        one, other = made.match, before.match
        same = bool((one.unit and one.unit == other.unit) or (one.body and one.body == other.body))
        if same or (made.sender and made.sender == before.sender):
            where = Text(zh=f" {before.id} 号", en=f"under {before.id}")
        else:
            where = Text(zh="先前另一来件", en="in an earlier delivery")
        facts: dict[str, Fact] = {"file": item.path, "receipt": before.id, "where": where}
        yield Finding(rule="package.sent_before", place=Place(file=item.path), facts=facts)
        if not same and one.settled and other.settled and any(reading.form for reading in item.readings):
            facts = {"file": item.path, "receipt": before.id}
            yield Finding(rule="package.form_of_another", place=Place(file=item.path), facts=facts)

    def _with_material(self, form: CaseForm, reading: Reading, item: Item, made: Return) -> Sequence[Finding]:
        """Judge what came with a case: all of it where it is the only one, else what lies in the same folder."""
        assert self._services.check_delivery
        cases = [case for case, read in made.readings() if load_form(read.form).kind == "case"]
        folder = dirname(item.path)
        beside = [i for i in made.items if len(cases) == 1 or dirname(i.path).startswith(folder)]
        pictures = [
            facts for i in beside if i.sorting.sort == "picture" for r in i.readings for facts in r.pictures
        ]
        seals = [i for i in beside if i.sorting.sort == "seal"]
        seal = any(i.sorting.confidence >= SURE for i in seals)
        guessed = [i for i in seals if i.sorting.confidence < SURE]
        evidence = [i.path for i in beside if i.sorting.sort in ("evidence", "other") or i in guessed]
        return self._services.check_delivery(form, reading, pictures, evidence, seal_scan=seal)


# --- the cases of a unit ----------------------------------------------------------------------------------


def _count_again(call: Call, store: Store, services: Services, office: Office, replies: bool) -> None:
    """Judge the stated numbers of cases by all that has come; drafts that have not gone out follow."""
    places = office.places or gazetteer()
    stated: list[str] = []

    def met() -> Iterator[Return]:
        for made in store.returns():
            if made.match.unit and any(states_cases(reading) for _item, reading in made.readings()):
                stated.append(made.id)
            yield made

    cases = cases_of_units(met(), places)
    for made in filter(None, map(store.get, stated)):
        counted = _counted(made, cases.get(made.match.unit, 0), services)
        if counted != made:
            store.amend(counted, _reply(counted, call, store, services, office) if replies else None)


def _counted(made: Return, cases: int, services: Services) -> Return:
    """Judge the number of cases that a unit states by those that it filed or recommended."""
    items = []
    for item in made.items:
        findings = [finding for finding in item.findings if finding.rule != _CASES_DIFFER]
        for reading in filter(states_cases, (reading for reading in item.readings if reading.form)):
            found = services.check(load_form(reading.form), reading, Circumstances(cases=cases))
            findings += [_at(finding, item.path) for finding in found if finding.rule == _CASES_DIFFER]
        items.append(item.model_copy(update={"findings": tuple(findings)}))
    return made.model_copy(update={"items": tuple(items)})


# --- parts of the judgement -------------------------------------------------------------------------------


def _status(made: Return) -> Status:
    found = made.all_findings()
    if any(rules()[finding.rule].hostile for finding in found):
        return "quarantine"
    if any(finding.rule in ("timing.late", "timing.early") for finding in made.findings):
        return "late"
    asked = any(_asks(finding) for finding in found)
    unread = any(value.status == "question" for value, _from in made.values())
    automatic = bool(made.automatic) and not list(made.readings())
    return "question" if (asked or unread or not made.match.settled) and not automatic else "understood"


def _asks(finding: Finding) -> bool:
    rule = rules()[finding.rule]
    return rule.person and (rule.grade == "mend" or finding.rule.partition(".")[0] in _ASKING)


def _from_office(mail: Mail, own: Collection[str]) -> bool:
    """Tell whether a mail comes from the address to which it went, or from one of the office's."""
    addresses = {mail.sender.address, mail.reply_to.address} - {""}
    return bool(addresses & ({to.address for to in mail.to} | set(own)))


def _filed_otherwise(made: Return, store: Store) -> list[str]:
    """Return the receipt numbers of other returns of the unit that hold other figures."""
    figures = _figures(made)
    return [
        other.id
        for other in (store.of_unit(made.match.unit) if figures else ())
        if other.id != made.id
        and any(figures.get(key, said) != said for key, said in _figures(other).items())
    ]


def _figures(made: Return) -> dict[tuple[str, str, int | None], set[object]]:
    """Return what the indicator forms of a return say, by form, row and year."""
    filed: dict[tuple[str, str, int | None], set[object]] = {}
    for _item, reading in made.readings():
        if load_form(reading.form).kind == "indicators":
            for value in reading.values:
                if value.status != "missing":
                    filed.setdefault((reading.form, value.field, value.year), set()).add(value.number)
    return filed


def _contradictions(made: Return) -> Iterable[Finding]:
    """Yield what is to be said of indicator forms that came together and differ: nobody here decides between them."""
    files = [item.path for item, r in made.readings() if load_form(r.form).kind == "indicators"]
    if any(len(numbers) > 1 for numbers in _figures(made).values()):
        yield Finding(rule="package.figures_differ", facts={"files": "、".join(files)})


def _with_names(reading: Reading, path: str) -> Reading:
    """Give a picture that is a file of its own the name of the file; the reader saw bytes only."""
    named = (facts.model_copy(update={"name": path, "place": Place(file=path)}) for facts in reading.pictures)
    return reading.model_copy(update={"pictures": tuple(named)})


def _matters(finding: Finding, kind: str, sorting: Sorting) -> bool:
    """Tell whether what a reader says matters for what the file is: only a form has to be readable."""
    if rules()[finding.rule].hostile or sorting.confidence == 1.0:
        return True
    return kind not in _LOOSE and not (
        finding.rule in _UNREAD and sorting.sort in ("picture", "evidence", "seal")
    )


def _at(finding: Finding, path: str) -> Finding:
    if finding.place.file:
        return finding
    return finding.model_copy(update={"place": finding.place.model_copy(update={"file": path})})


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple({finding.model_dump_json(): finding for finding in findings}.values())


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
