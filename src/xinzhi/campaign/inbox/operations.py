"""The only writes to the inbox: kept, matched, made a draft, compared cell by cell, sent on for the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from posixpath import dirname

from django.db import IntegrityError, transaction
from django.db.models import F

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.beside import mailed_texts, reading_in
from xinzhi.campaign.inbox.models import Arrival, ArrivedFile, TakenMail
from xinzhi.campaign.jobs.queue import enqueue
from xinzhi.campaign.people.operations import require_credit_code
from xinzhi.campaign.places.models import BODY, Unit
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns import inside
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import CASE, INDICATORS, Attachment, Return
from xinzhi.campaign.returns.states import EDITABLE, STATES
from xinzhi.campaign.storage.files import put, take
from xinzhi.campaign.storage.vault import vault
from xinzhi.forms import load_form
from xinzhi.intake.sources import Delivery, mail_delivery, mails_of, upload
from xinzhi.intake.store import receipt_number
from xinzhi.language import gettext as _

LARGEST = 100_000_000
"""Bytes of an upload."""

_ATTACHED = {"picture": "picture", "evidence": "evidence", "seal": "scan"}


def keep_upload(actor: Actor, campaign: Campaign, name: str, data: bytes) -> list[tuple[Arrival, bool]]:
    """Keep what the office uploads: a mail, several in one mbox file, an archive or a form.

    Raises
    ------
    Refused
        If it is empty or too large.
    """
    if not data:
        raise Refused(_("文件是空的"), where=name)
    if len(data) > LARGEST:
        limit = LARGEST // 1_000_000
        raise Refused(_("文件超过 {limit} MB").format(limit=limit), where=name, remedy=_("请分几次上传"))
    several = list(mails_of(data)) if data.startswith(b"From ") else [data]
    kept = []
    for n, one in enumerate(several, start=1):
        mail = len(several) > 1 or name.lower().endswith(".eml")
        called = f"{name}#{n}" if len(several) > 1 else name
        delivery = mail_delivery(one, called, actor.now) if mail else upload(called, one, actor.now)
        kept.append(keep(actor, campaign, delivery))
    return kept


@transaction.atomic
def keep(actor: Actor, campaign: Campaign, delivery: Delivery, place: str = "") -> tuple[Arrival, bool]:
    """Keep the original of a delivery and let a job read it.

    Parameters
    ----------
    place : str
        Where a mail lay in the mailbox; that it was taken is kept in the same transaction.

    Returns
    -------
    (Arrival, bool)
        False where it is there already: nothing is changed then.
    """
    _require_office(actor, campaign)
    data = delivery.files[0].content()
    key = vault().digest(f"campaign-{campaign.pk}", data)
    arrival = Arrival.objects.filter(campaign=campaign, key=key).first()
    known = arrival is not None
    if arrival is None:
        arrival, known = _kept(actor, campaign, delivery, key, data)
    if place:
        TakenMail.objects.get_or_create(campaign=campaign, place=place, defaults={"arrival": arrival})
    return arrival, not known


def _kept(
    actor: Actor, campaign: Campaign, delivery: Delivery, key: str, data: bytes
) -> tuple[Arrival, bool]:
    """Keep a delivery that is new; return it, and whether somebody else kept the same one just now."""
    arrival = Arrival(
        campaign=campaign,
        number=receipt_number(delivery),
        key=key,
        channel="mail" if delivery.channel == "mail" else "upload",
        name=delivery.name[-200:],
        received_at=delivery.received or actor.now,
        received_by=delivery.received_by,
        brought=[finding.model_dump(mode="json") for finding in delivery.findings],
        kept_at=actor.now,
        kept_by=actor.user,
    )
    arrival.blob = put(arrival.owner, data)
    try:
        with transaction.atomic():
            arrival.save(force_insert=True)
    except IntegrityError:
        return Arrival.objects.get(campaign=campaign, key=key), True
    record(
        actor, "arrival.kept", arrival.subject, campaign=campaign.pk,
        number=arrival.number, size=len(data), digest=arrival.blob.digest,
    )  # fmt: skip
    enqueue(actor, "inbox.read", {"arrival": str(arrival.pk)}, key=f"arrival:{arrival.pk}")
    return arrival, False


@transaction.atomic
def match(actor: Actor, arrival: Arrival, seen: int, unit: Unit) -> Arrival:
    """Say who filed, where the mail did not tell.

    Raises
    ------
    Conflict
        If somebody else changed it, or something in it was taken over already.
    """
    _require_office(actor, arrival.campaign)
    if unit.demonstration != arrival.campaign.demonstration:
        raise Refused(_("这个单位不在这次征集里"), where=unit.name)
    if arrival.items.exclude(of=None).exists():
        raise Conflict(_("来件已经采用, 不能再换单位"), where=str(arrival))
    _moved(arrival, seen, unit=unit)
    record(actor, "arrival.matched", arrival.subject, campaign=arrival.campaign_id, unit=unit.code)
    return arrival


@transaction.atomic
def register_body(
    actor: Actor, arrival: Arrival, seen: int, name: str, credit_code: str, place: Unit | None
) -> Unit:
    """Make the body that filed by mail a unit, known by its credit code; its approval comes apart."""
    _require_office(actor, arrival.campaign)
    code = require_credit_code(credit_code)
    name = " ".join(name.split())
    if not 4 <= len(name) <= 80:
        raise Refused(_("请填写单位全称"), where=_("单位名称"))
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        unit = Unit.objects.create(
            code=code, name=name, level=BODY, kind=BODY, parent=place,
            path=f"{place.path if place else ''}{code}/", demonstration=arrival.campaign.demonstration,
        )  # fmt: skip
        record(actor, "body.registered", f"unit:{unit.pk}", campaign=arrival.campaign_id, code=code)
    match(actor, arrival, seen, unit)
    return unit


@transaction.atomic
def handle(actor: Actor, arrival: Arrival, seen: int, *, done: bool = True) -> None:
    """Say that nothing more is to be done with a delivery, or that something is after all.

    Raises
    ------
    Conflict
        If somebody else changed it since it was looked at.
    """
    _require_office(actor, arrival.campaign)
    if arrival.status == "waiting":
        raise Refused(_("来件还没有读取"), where=str(arrival))
    who = (
        {"handled_at": actor.now, "handled_by": actor.user}
        if done
        else {"handled_at": None, "handled_by": None}
    )
    _moved(arrival, seen, **who)
    record(
        actor,
        "arrival.handled" if done else "arrival.reopened",
        arrival.subject,
        campaign=arrival.campaign_id,
    )


@transaction.atomic
def make_draft(actor: Actor, item: ArrivedFile) -> Return:
    """Make a return of a form that came by mail, where the unit has no online copy of it.

    The time of the mail counts, not that of its processing.

    Raises
    ------
    Refused
        If the unit is not known, may not file this form, or sent it outside of its window.
    Conflict
        If it was taken over already, or there is an online copy: then a person chooses cell by cell.
    """
    arrival = _ready(actor, item)
    campaign, unit = arrival.campaign, arrival.unit
    assert unit is not None
    sort = load_form(item.form).kind
    if sort == INDICATORS and Return.objects.filter(campaign=campaign, unit=unit, sort=sort).exists():
        raise Conflict(_("这个单位已经在线填报, 请逐格比对"), where=unit.name)
    returns.require_eligible(campaign, unit, sort)
    received = arrival.received_at or arrival.kept_at
    returns.require_window(replace(actor, now=received), campaign, unit)
    filed = Return.objects.create(
        campaign=campaign, unit=unit, form=campaign.forms[sort], sort=sort,
        made_at=actor.now, made_by=actor.user, changed_at=actor.now,
    )  # fmt: skip
    mail = _by_mail(actor)
    record(
        mail, "return.started", filed.subject, campaign=campaign.pk,
        unit=unit.code, form=filed.form, arrival=str(arrival.pk),
    )  # fmt: skip
    returns.save_cells(mail, filed, {key: text for key, text in mailed_texts(item).items() if text}, {})
    _attach_material(mail, item, filed)
    _taken(actor, item, filed)
    filed.refresh_from_db()
    return filed


@transaction.atomic
def merge(
    actor: Actor, item: ArrivedFile, filed: Return, choices: Mapping[str, str], seen: Mapping[str, int]
) -> Return:
    """Take the mailed text of the cells that a person chose into the online copy; the others stay as they are.

    Parameters
    ----------
    choices : mapping
        Key of a cell to "mail" or "online".
    seen : mapping
        Key of a cell to its revision as it was shown.

    Raises
    ------
    Conflict
        If the online copy may not be changed, or a chosen cell was changed since it was shown; nothing is taken.
    """
    arrival = _ready(actor, item)
    if filed.unit_id != arrival.unit_id or filed.campaign_id != arrival.campaign_id:
        raise Forbidden(_("来件和填报不是同一个单位的"), where=str(filed))
    if filed.state not in EDITABLE:
        raise Conflict(
            _("{state}的填报不能再改").format(state=STATES[filed.state]),
            where=str(filed),
            remedy=_("要采用来件, 请先退回"),
        )
    mail = _by_mail(actor)
    mailed = mailed_texts(item)
    chosen = {key: mailed[key] for key, choice in choices.items() if choice == "mail" and key in mailed}
    saved = returns.save_cells(mail, filed, chosen, seen)
    if clashes := [key for key, outcome in saved.items() if outcome.outcome != "saved"]:
        raise Conflict(
            _("这几格刚刚有了变化: {keys}").format(keys=", ".join(clashes)), remedy=_("请看过再选")
        )
    _attach_material(mail, item, filed)
    _taken(actor, item, filed)
    record(
        mail, "arrival.merged", filed.subject, campaign=filed.campaign_id, arrival=str(arrival.pk),
        taken=sorted(chosen), kept=sorted(set(choices) - set(chosen)),
    )  # fmt: skip
    filed.refresh_from_db()
    return filed


@transaction.atomic
def send_for_unit(
    actor: Actor, filed: Return, seen: int, explanations: Mapping[tuple[str, str], str], *, stated: bool
) -> Return:
    """Send a return that came by mail on to checking, with the explanations that the mail gives.

    Where the campaign asks for a second person, the unit's seal on the mailed original stands for that one.

    Raises
    ------
    Refused
        While points are open; all at once.
    """
    _require_office(actor, filed.campaign)
    if not ArrivedFile.objects.filter(of=filed).exists():
        raise Refused(_("这份填报不是来件"), where=str(filed), remedy=_("请由单位自己提交"))
    mail = _by_mail(actor)
    for (rule, key), text in explanations.items():
        if text.strip():
            returns.explain(mail, filed, rule, key, text)
    if stated != filed.stated_not_secret:
        returns.state_not_secret(mail, filed, stated)
    filed = returns.send(mail, filed, seen)
    if filed.state == "confirming":
        filed = returns.confirm(the_system("mail", actor.now), filed, filed.revision)
    return filed


@transaction.atomic
def look_at_contacts(actor: Actor, arrival: Arrival) -> None:
    """Enter in the audit that somebody looks at who sent a delivery, and at the reply to them."""
    if not actor.may("see_contacts", arrival.campaign):
        raise Forbidden(_("你没有查看联系方式的权限"), where=str(arrival))
    record(actor, "contacts.seen", arrival.subject, campaign=arrival.campaign_id)


@transaction.atomic
def fetch_original(actor: Actor, arrival: Arrival) -> bytes:
    """Return the original; what lies in quarantine is given to nobody."""
    if not actor.may("see_contacts", arrival.campaign):
        raise Forbidden(_("你没有查看联系方式的权限"), where=str(arrival))
    if arrival.status in ("quarantine", "waiting"):
        raise Refused(_("隔离或未读取的来件不能下载"), where=str(arrival))
    record(actor, "file.fetched", arrival.subject, campaign=arrival.campaign_id)
    return take(arrival.blob)


def take_pictures(
    actor: Actor, filed: Return, original: Attachment, digests: Sequence[str]
) -> list[Attachment]:
    """Attach the pictures of a mailed Word form that the office chose for the unit.

    Raises
    ------
    Forbidden, Refused
        If the draft may not be changed, or one of them is no picture that is taken.
    """
    _require_office(actor, filed.campaign)
    return inside.take_out(_by_mail(actor), filed, original, digests)


def _ready(actor: Actor, item: ArrivedFile) -> Arrival:
    """Hold the delivery to the end of the transaction and refuse what cannot be taken over."""
    arrival = (
        Arrival.objects.select_for_update(of=("self",))
        .select_related("campaign", "unit")
        .get(pk=item.arrival_id)
    )
    _require_office(actor, arrival.campaign)
    item.refresh_from_db()
    if item.of_id is not None:
        raise Conflict(_("来件已经采用"), where=str(arrival))
    if not item.form or arrival.status in ("waiting", "quarantine", "duplicate"):
        raise Refused(_("这件来件不能采用"), where=str(arrival))
    if arrival.unit is None:
        raise Refused(_("还不知道是哪个单位报的"), where=str(arrival), remedy=_("请先指定单位"))
    return arrival


def _attach_material(mail: Actor, item: ArrivedFile, filed: Return) -> None:
    """Attach the form as it came, and what came with it: all where it is the only form, else what lies beside it."""
    forms = item.arrival.items.exclude(form="").count()
    if item.blob:
        returns.attach(mail, filed, "original", item.path, take(item.blob), facts=_pictures_in(item, filed))
    for other in item.arrival.items.filter(form="").select_related("blob"):
        sort = _ATTACHED.get(other.sort)
        beside = forms == 1 or dirname(other.path) == dirname(item.path)
        if other.blob is None or sort is None or not beside or (filed.sort != CASE and sort != "scan"):
            continue
        returns.attach(mail, filed, sort, other.path, take(other.blob), facts=other.facts)


def _pictures_in(item: ArrivedFile, filed: Return) -> dict[str, object]:
    return inside.facts_of(reading_in(item).pictures) if filed.sort == CASE else {}


def _taken(actor: Actor, item: ArrivedFile, filed: Return) -> None:
    """Enter what became of a form; with the last one the delivery is handled."""
    ArrivedFile.objects.filter(pk=item.pk, of=None).update(of=filed)
    if not ArrivedFile.objects.filter(arrival=item.arrival_id, of=None).exclude(form="").exists():
        Arrival.objects.filter(pk=item.arrival_id, handled_at=None).update(
            handled_at=actor.now, handled_by=actor.user, revision=F("revision") + 1
        )


def _by_mail(actor: Actor) -> Actor:
    """Return the office member as the one who writes down what the unit mailed."""
    return replace(actor, system=True, channel="mail")


def _require_office(actor: Actor, campaign: Campaign) -> None:
    if not actor.may("check", campaign):
        raise Forbidden(_("你没有处理来件的权限"))
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))


def _moved(arrival: Arrival, seen: int, **changes: object) -> None:
    if not Arrival.objects.filter(pk=arrival.pk, revision=seen).update(**changes, revision=seen + 1):
        raise Conflict(_("这件来件刚刚有了变化"), where=str(arrival), remedy=_("请刷新后再决定"))
    arrival.refresh_from_db()
