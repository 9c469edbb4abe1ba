"""The drafted reply: received, understood, what is wrong and where, how to mend it; its texts are in ``reply.toml``.

A draft has no sender and no date; whoever sends it sets both. Mails that no person wrote are never answered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path, PurePosixPath

from pydantic import Field

from xinzhi.declarations import Record, Text, VariableName, parse_declaration, read_declaration, validated
from xinzhi.forms.loading import FormError, forms, load_form
from xinzhi.forms.model import Call, Figure, IndicatorForm
from xinzhi.forms.reading import Finding, Reading, Value
from xinzhi.forms.rules import GRADES, Grade, grade_of, message, remedy
from xinzhi.forms.writing.remarks import field_title
from xinzhi.intake.gazetteer import Gazetteer, gazetteer
from xinzhi.intake.mail import Mail
from xinzhi.intake.records import Item, Return
from xinzhi.intake.store import Reply
from xinzhi.intake.vocabulary import vocabulary
from xinzhi.language import current_language, speaking

_FILE = Path(__file__).with_name("reply.toml")
_HASH_SHOWN = 12
_OURS = ".reply@xinzhi.invalid>"
_CLASSIFIED = "secrecy.classified"
_KEPT_MAIL_ID = re.compile(r"<[\x21-\x3b=\x3f-\x7e]{1,400}>")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


class ReplyLimits(Record):
    """How often an address is answered in a day, and how much a reply shows."""

    per_address_per_day: int = Field(ge=1)
    most_values: int = Field(ge=1)
    most_findings: int = Field(ge=1)


class ReplyTexts(Record):
    """All that a reply says of its own."""

    limits: ReplyLimits
    texts: Mapping[VariableName, Text]
    sorts: Mapping[VariableName, Text]


@cache
def reply_texts() -> ReplyTexts:
    """Return the texts, read once."""
    name = _FILE.name
    return validated(
        ReplyTexts, parse_declaration(read_declaration(_FILE, FormError), name, FormError), name, FormError
    )


def is_ours(mail: Mail, own_addresses: Collection[str]) -> bool:
    """Tell whether the office sent a mail: from one of its addresses, or as a reply that was drafted here."""
    return mail.sender.address in own_addresses or mail.message_id.endswith(_OURS)


def is_answered(made: Return) -> bool:
    """Tell whether a return gets a reply.

    It is a person's mail, no duplicate, with an address at which somebody reads; and nothing in it is marked as
    classified, since what is to be said of that is no matter for open mail.
    """
    written = made.channel == "mail" and not (made.automatic or made.from_office)
    read = made.sender.partition("@")[0] not in vocabulary().mail.automatic_senders
    return (
        written
        and read
        and made.status not in ("duplicate", "received")
        and _ADDRESS.fullmatch(made.sender) is not None
        and not any(finding.rule == _CLASSIFIED for finding in made.all_findings())
    )


def may_send(
    reply: Reply, earlier: Iterable[Reply], today: date, *, limits: ReplyLimits | None = None
) -> bool:
    """Tell whether a draft may go out today: not sent before, and its address not answered too often.

    Parameters
    ----------
    reply : Reply
    earlier : iterable of Reply
        All replies to the same address; when they were sent is read from them.
    today : date
        In the time zone in which they were entered as sent.
    """
    limits = limits or reply_texts().limits
    sent = [datetime.fromisoformat(each.sent).date() for each in earlier if each.sent]
    return not reply.sent and sent.count(today) < limits.per_address_per_day


def draft_reply(
    made: Return,
    call: Call,
    *,
    annotated: Sequence[tuple[str, bytes]] = (),
    plain: Sequence[str] = (),
    english: bool = False,
    places: Gazetteer | None = None,
) -> bytes:
    """Draft the reply to a return.

    Parameters
    ----------
    made : Return
    call : Call
        Whose society signs and in whose time zone times are given.
    annotated : sequence of (str, bytes)
        Forms with their findings written in.
    plain : sequence of str
        Names of the forms with findings of which there is no annotated copy.
    english : bool
        Whether the same follows in English.

    Returns
    -------
    bytes
        A mail as RFC 5322 has it, the same for the same return.
    """
    letter = EmailMessage(policy=SMTP.clone(max_line_length=78))
    texts = reply_texts().texts
    subject = made.subject_text or texts["no_subject"].zh
    letter["To"] = made.sender
    letter["Subject"] = _one_line(texts["subject"].zh.format(subject=subject))
    letter["Message-ID"] = f"<{made.id.lower()}{_OURS}"
    if _KEPT_MAIL_ID.fullmatch(made.message_id):
        letter["In-Reply-To"] = letter["References"] = made.message_id
    letter["Auto-Submitted"] = "auto-replied"
    letter["X-Auto-Response-Suppress"] = "All"
    with speaking("zh"):
        text = _full_width(reply_text(made, call, annotated=len(annotated), plain=plain, places=places))
    if english:
        with speaking("en"):
            text += "\n\n" + "-" * 30 + "\n\n"
            text += reply_text(made, call, annotated=len(annotated), plain=plain, places=places)
    letter.set_content(text, charset="utf-8", cte="base64")
    for path, data in annotated:
        name = PurePosixPath(path)
        letter.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=f"{name.stem}-审核{name.suffix}"
        )
    if annotated:  # the standard library draws a boundary at random
        letter.set_boundary(f"=_{hashlib.sha256(made.id.encode()).hexdigest()[:32]}")
    return letter.as_bytes()


def reply_text(
    made: Return,
    call: Call,
    *,
    annotated: int = 0,
    plain: Sequence[str] = (),
    places: Gazetteer | None = None,
) -> str:
    """Return the text of the reply in the language in force."""
    said = reply_texts().texts
    name = made.match.person.name
    findings = made.all_findings()
    blocks = [
        str(said["greeting"]).format(name=name) if name else str(said["greeting_unknown"]),
        "\n".join(_opening(made, call, places or gazetteer())),
        "\n".join([str(said["files"]), *_files(made.items)]),
        "\n".join([str(said["understood"]), *_understood(made)]),
        "\n".join([str(said["findings"]), *_findings(findings)]),
        "\n".join(_closing(call, findings, annotated, plain)),
        str(call.society),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def beijing(moment: datetime, call: Call) -> str:
    """Write a time in the zone of the call; midnight is the end of the day before: 2025年8月31日 24:00."""
    local = moment.astimezone(call.zone) if moment.tzinfo else moment
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        day, clock = local.date() - timedelta(days=1), "24:00"
    else:
        day, clock = local.date(), f"{local:%H:%M:%S}"
    if current_language() == "en":
        return f"{day:%Y-%m-%d} {clock}"
    return f"{day.year}年{day.month}月{day.day}日 {clock}"


# --- blocks -----------------------------------------------------------------------------------------------


def _opening(made: Return, call: Call, places: Gazetteer) -> Iterator[str]:
    said = reply_texts().texts
    if made.received:
        time = str(said["beijing"]).format(time=beijing(made.received, call))
        yield str(said["received"]).format(time=time, receipt=made.id)
    else:
        yield str(said["received_unknown"]).format(receipt=made.id)
    unit = places.unit(made.match.unit) if made.match.unit else None
    filer = " / ".join(part for part in (unit.path if unit else "", made.match.body) if part)
    yield str(said["filer"]).format(name=filer) if made.match.settled else str(said["filer_asked"])
    if made.status in ("late", "quarantine"):
        yield str(said[made.status])


def _files(items: Sequence[Item]) -> Iterator[str]:
    said = reply_texts()
    shown = [item for number, item in enumerate(items) if number or item.sorting.sort != "mail"]
    if not shown:
        yield str(said.texts["no_files"])
    for number, item in enumerate(shown, start=1):
        if item.sha256:
            yield str(said.texts["file"]).format(
                number=number,
                path=item.path,
                sort=said.sorts[item.sorting.sort],
                size=_size(item.size),
                sha=item.sha256[:_HASH_SHOWN],
            )
        else:
            yield str(said.texts["file_unread"]).format(number=number, path=item.path)


def _understood(made: Return) -> Iterator[str]:
    said = reply_texts().texts
    forms = list(made.readings())
    if not forms:
        yield str(said["nothing_understood"])
    for item, reading in forms:
        form = load_form(reading.form)
        yield str(said["form"]).format(title=form.title, path=item.path)
        lines = list(_figures(form, reading) if isinstance(form, IndicatorForm) else _card(reading))
        most = reply_texts().limits.most_values
        yield from (f"   {line}" for line in lines[:most])
        if len(lines) > most:
            yield "   " + str(said["more"]).format(count=len(lines) - most)


def _figures(form: IndicatorForm, reading: Reading) -> Iterator[str]:
    """Yield a line for each row that the unit fills, its years side by side."""
    said = reply_texts().texts
    for id, figure in form.figures():
        values = [value for value in reading.values if value.field == id]
        row = form.rows.get(id)
        if (row and row.filled_by != "unit") or (row is None and all(v.status == "missing" for v in values)):
            continue
        shown = (
            str(said["year"]).format(
                year=value.year, value=f"{_shown(value)} {_unit_of(value, figure)}".strip()
            )
            for value in values
        )
        yield str(said["value"]).format(title=figure.title, value=str(said["years"]).join(shown))


def _unit_of(value: Value, figure: Figure) -> str:
    return figure.unit if value.status == "number" else ""


def _card(reading: Reading) -> Iterator[str]:
    """Yield what names a case; contacts and the text stay out of a mail that may be passed on."""
    said = reply_texts().texts
    form = load_form(reading.form)
    assert not isinstance(form, IndicatorForm)
    for id, field in form.fields.items():
        value = next((value for value in reading.values if value.field == id), None)
        if value and not field.private:
            text = str(field.options[value.text].zh) if value.status == "choice" else _shown(value)
            yield str(said["value"]).format(title=field.title, value=text)
    yield str(said["characters"]).format(count=reading.characters)


def _shown(value: Value) -> str:
    said = reply_texts().texts
    match value.status:
        case "number":
            return f"{value.number:f}"
        case "missing":
            return str(said["missing"])
        case "question":
            return str(said["question"]).format(raw=_one_line(value.raw)[:60])
        case _:
            return _one_line(value.text)[:100]


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    said, most = reply_texts().texts, reply_texts().limits.most_findings
    if not findings:
        yield str(said["nothing_found"])
    ordinals = iter(str(said["ordinals"]))
    for grade in GRADES:
        graded = _grouped([finding for finding in findings if grade_of(finding) == grade])
        if not graded:
            continue
        yield str(said[f"grade_{grade}"]).format(ordinal=next(ordinals), count=sum(map(len, graded)))
        first = 1
        for group in graded:
            if first > most:
                yield str(said["more"]).format(count=sum(map(len, graded)) - first + 1)
                break
            yield from _group_lines(first, group, grade)
            first += len(group)


def _subject(finding: Finding) -> str:
    """Return what a finding is about, as the form calls it: 地区生产总值 2024年."""
    titles = (field_title(load_form(name), finding.field) for name in forms())
    title = next(filter(None, titles), "") if finding.field else ""
    year = str(reply_texts().texts["of_year"]).format(year=finding.year) if finding.year else ""
    return f"{title} {year}".strip()


def _grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Bring together what the same rule mends in the same way, in the order in which it is first met."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, remedy(finding)), []).append(finding)
    return list(groups.values())


def _group_lines(first: int, group: Sequence[Finding], grade: Grade) -> Iterator[str]:
    """Yield what is wrong and where, a number each, and once how to mend it."""
    said = reply_texts().texts
    for number, finding in enumerate(group, start=first):
        yield str(said["finding"]).format(number=number, what=_one_line(message(finding)).rstrip("。."))
        place = " ".join(part for part in (_subject(finding), str(finding.place)) if part)
        if place and finding.facts.get("file") != place:
            yield str(said["place"]).format(place=_one_line(place))
    if grade != "note":
        text = said["remedy"] if len(group) == 1 else said["remedies"]
        how = _one_line(remedy(group[0])).rstrip("。.")
        yield str(text).format(first=first, last=first + len(group) - 1, remedy=how)


def _closing(call: Call, findings: Sequence[Finding], annotated: int, plain: Sequence[str]) -> Iterator[str]:
    said = reply_texts().texts
    if annotated:
        yield str(said["annotated"]).format(count=annotated)
    elif any(grade_of(finding) == "mend" for finding in findings):
        yield str(said["again"])
    for path in plain:
        yield str(said["not_annotated"]).format(path=_one_line(path))
    closes = str(said["beijing"]).format(time=beijing(call.window.closes, call))
    yield str(said["window"]).format(closes=closes)
    yield str(said["automatic"])


def _size(size: int) -> str:
    if size < 1000:
        return str(reply_texts().texts["bytes"]).format(count=size)
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} KB"


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


_MARKS = {",": "，", ";": "；", ":": "："}


def _full_width(text: str) -> str:
    """Write punctuation between Chinese characters as letters do; programs and rules write it in half width."""
    return re.sub(r"(?<=[一-鿿”》）])([,;:])[ ]?(?=[一-鿿“《（])", lambda found: _MARKS[found[1]], text)
