"""The only writes to returns. Each is one transaction: the change, its audit event, and what follows from it."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.db import transaction

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.queue import enqueue
from xinzhi.campaign.people.models import User
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns.drafts import opened, texts_of
from xinzhi.campaign.returns.keys import is_private, keys_of
from xinzhi.campaign.returns.models import (
    CASE,
    INDICATORS,
    Attachment,
    Cell,
    Decision,
    Entry,
    Explanation,
    Note,
    Remark,
    Return,
    Version,
)
from xinzhi.campaign.returns.points import finding_key as finding_key
from xinzhi.campaign.returns.points import findings_of as findings_of
from xinzhi.campaign.returns.points import open_points as open_points
from xinzhi.campaign.returns.points import other_explanations
from xinzhi.campaign.returns.queries import conflicts_of
from xinzhi.campaign.returns.states import EDITABLE, STATES, STEPS, Step, after_confirming, after_sending
from xinzhi.campaign.storage.files import Laid, entered, laid
from xinzhi.campaign.storage.vault import DESTROY, vault
from xinzhi.forms import Finding, may_file, rules
from xinzhi.forms.checks import judge_explanation
from xinzhi.language import gettext as _

LONGEST = 20_000
"""Characters that a cell takes; far more than any section may have, so that nothing pasted is cut."""


_KEY = re.compile(r"([a-z][a-z0-9_]{0,49}(@[0-9]{4})?)?")
MOST_FILES = 40
"""Files that a return holds; a letter asks for four pictures, a scan and some evidence."""


SCANS_REFUSED = frozenset({"accepted", "declined", "withdrawn"})
"""States in which not even a sealed scan is taken any more."""


@dataclass(frozen=True)
class Saved:
    """What became of a save.

    Attributes
    ----------
    outcome : {"saved", "conflict", "locked"}
        "conflict" when somebody else saved in between, "locked" when the return may not be changed any more; the
        text is kept beside the one that stands in both cases.
    revision : int
        Of the cell as it stands now.
    text : str
        What stands in it now.
    by : str
        Who put it there.
    """

    outcome: Literal["saved", "conflict", "locked"]
    revision: int
    text: str
    by: str = ""


# --- beginning -------------------------------------------------------------------------------------------


@transaction.atomic
def start(actor: Actor, campaign: Campaign, unit: Unit, sort: str) -> Return:
    """Begin a return of a unit; the figures of a campaign are begun once, and asking again gives the same.

    Raises
    ------
    Forbidden, Refused
        If the actor does not file for the unit, the unit may not file this form, or the window is closed.
    """
    if not actor.may("file", campaign, unit):
        raise Forbidden(_("你没有为这个单位填报的权限"), where=unit.name)
    _require_present(actor, campaign)
    require_eligible(campaign, unit, sort)
    if sort == INDICATORS and (
        known := Return.objects.filter(campaign=campaign, unit=unit, sort=sort).first()
    ):
        return known
    require_window(actor, campaign, unit)
    filed = Return.objects.create(
        campaign=campaign,
        unit=unit,
        form=campaign.forms[sort],
        sort=sort,
        made_at=actor.now,
        made_by=actor.user,
        changed_at=actor.now,
    )
    record(actor, "return.started", filed.subject, campaign=campaign.pk, unit=unit.code, form=filed.form)
    return filed


def require_eligible(campaign: Campaign, unit: Unit, sort: str) -> None:
    """Refuse a form that the call does not ask of this kind of unit (L2).

    Raises
    ------
    Refused
        Saying who files it.
    """
    if not is_eligible(campaign, unit, sort):
        form = campaign.form(sort).title if sort in campaign.forms else sort
        raise Refused(
            _("{unit} ({kind}) 不在“{form}”的征集范围内").format(
                unit=unit.name, kind=unit.kind_said, form=form
            ),
            remedy=_("市辖区、企业和其他单位只报案例; 如需例外, 请联系征集办公室"),
        )


def is_eligible(campaign: Campaign, unit: Unit, sort: str) -> bool:
    """Tell whether the call asks a unit for a form, or lets it file one (L2)."""
    admitted = {admission.unit.code for admission in campaign.admissions.all()}
    return sort in campaign.forms and may_file(campaign.call, unit.administrative, sort, admitted=admitted)


def require_window(actor: Actor, campaign: Campaign, unit: Unit) -> None:
    """Refuse what comes before or after the window of a unit (L3).

    Raises
    ------
    Refused
        Saying when it is open.
    """
    if campaign.is_open_for(unit, actor.now):
        return
    opens, closes = (
        moment.astimezone(campaign.call.zone) for moment in (campaign.opens_at, campaign.closes_for(unit))
    )
    if campaign.state != "open":
        raise Refused(_("“{campaign}”现在不接收填报").format(campaign=campaign.title))
    raise Refused(
        _("填报时间是 {opens:%Y-%m-%d %H:%M} 至 {closes:%Y-%m-%d %H:%M} 之前 (北京时间)").format(
            opens=opens, closes=closes
        ),
        remedy=_("逾期请联系征集办公室申请延期"),
    )


# --- filling in ------------------------------------------------------------------------------------------


@transaction.atomic
def save_cell(actor: Actor, filed: Return, key: str, text: str, seen: int) -> Saved:
    """Save one cell.

    Parameters
    ----------
    seen : int
        Revision of the cell on which the text builds; 0 for a cell that was empty.

    Returns
    -------
    Saved
        A conflict is no error: both texts are kept and shown, and a person chooses.

    Raises
    ------
    Forbidden, Refused
        If the actor does not file for the unit, or the form has no such cell.
    """
    filed = _locked(filed)
    _require_filer(actor, filed)
    form = filed.declared
    if key not in set(keys_of(form)):
        raise Refused(_("表中没有 {key} 这一格").format(key=key))
    text = _clean(text)
    private = is_private(form, key)
    cell = Cell.objects.filter(of=filed, key=key).select_related("by").first()
    stands = _stands(filed, cell)
    revision = cell.revision if cell else 0
    if text == stands:
        return Saved("saved", revision, stands)
    editable = filed.state in EDITABLE and _in_time(actor, filed)
    stood = editable and seen == revision
    held: dict[str, Any] = {
        "text": "" if private else text,
        "sealed": vault().seal(filed.owner, text.encode()) if private else None,
    }
    if stood or not _is_kept(actor, filed, key, text):
        Entry.objects.create(
            of=filed,
            key=key,
            **held,
            revision=seen + 1,
            stood=stood,
            channel=actor.channel,
            by=actor.user,
            at=actor.now,
        )
    if not stood:
        return Saved(
            "conflict" if editable else "locked", revision, stands, cell.by.name if cell and cell.by else ""
        )
    now = held | {"revision": revision + 1, "channel": actor.channel, "by": actor.user, "at": actor.now}
    if cell:
        Cell.objects.filter(pk=cell.pk).update(**now)
    else:
        Cell.objects.create(of=filed, key=key, **now)
    _follow(filed, key, text, actor)
    record(
        actor, "cell.saved", filed.subject, campaign=filed.campaign_id,
        key=key, revision=revision + 1, digest=vault().digest(filed.owner, text.encode()),
    )  # fmt: skip
    return Saved("saved", revision + 1, text)


@transaction.atomic
def save_cells(
    actor: Actor, filed: Return, texts: Mapping[str, str], seen: Mapping[str, int]
) -> dict[str, Saved]:
    """Save several cells: a page sent without JavaScript, or a file that a person has looked at."""
    return {key: save_cell(actor, filed, key, text, seen.get(key, 0)) for key, text in texts.items()}


@transaction.atomic
def settle(actor: Actor, filed: Return, key: str) -> None:
    """Keep what stands in a cell: what was typed beside it stays in the history and is asked about no more."""
    filed = _locked(filed)
    _require_filer(actor, filed)
    settled = conflicts_of(filed, key).update(settled_at=actor.now)
    if settled:
        record(actor, "cell.settled", filed.subject, campaign=filed.campaign_id, key=key, entries=settled)


@transaction.atomic
def explain(actor: Actor, filed: Return, rule: str, key: str, text: str) -> Finding | None:
    """Keep an explanation of a finding; return why it explains nothing, if so. A blank one takes it back."""
    filed = _locked(filed)
    _require_editable(actor, filed)
    if rule not in rules() or not _KEY.fullmatch(key):  # both go into the audit, which takes no free text
        raise Refused(_("表中没有 {key} 这一格").format(key=_clean(f"{rule} {key}")[:80]))
    text = _clean(text).strip()
    if not text:
        Explanation.objects.filter(of=filed, rule=rule, key=key).delete()
    else:
        Explanation.objects.update_or_create(
            of=filed, rule=rule, key=key, defaults={"text": text, "by": actor.user, "at": actor.now}
        )
    record(
        actor, "explanation.saved", filed.subject, campaign=filed.campaign_id,
        rule=rule, key=key, digest=vault().digest(filed.owner, text.encode()),
    )  # fmt: skip
    return judge_explanation(text, others=other_explanations(filed, rule, key)) if text else None


def attach(
    actor: Actor,
    filed: Return,
    sort: str,
    name: str,
    data: bytes,
    *,
    caption: str = "",
    kind: str = "",
    facts: Mapping[str, object] | None = None,
) -> Attachment:
    """Attach a file whose facts the limited child has established; a sealed scan may also come after sending.

    Raises
    ------
    Forbidden, Refused
        If the return may not be changed, or the disk does not take it.
    """
    require_attachable(actor, filed, sort)
    with laid(filed.owner, data) as file:
        return attach_laid(actor, filed, sort, name, file, caption=caption, kind=kind, facts=facts)


@transaction.atomic
def attach_laid(
    actor: Actor,
    filed: Return,
    sort: str,
    name: str,
    file: Laid,
    *,
    caption: str = "",
    kind: str = "",
    facts: Mapping[str, object] | None = None,
) -> Attachment:
    """Attach a file that lies on the disk already; see :func:`attach`."""
    filed = _locked(filed)
    require_attachable(actor, filed, sort)
    blob = entered(file)
    attachment = Attachment.objects.create(
        of=filed,
        sort=sort,
        name=_file_name(name),
        caption=_clean(caption)[:200],
        kind=kind,
        blob=blob,
        size=file.size,
        facts=dict(facts or {}),
        by=actor.user,
        at=actor.now,
    )
    _touch(filed, actor)
    record(
        actor, "file.attached", filed.subject, campaign=filed.campaign_id,
        attachment=str(attachment.pk), sort=sort, size=file.size, digest=blob.digest,
    )  # fmt: skip
    return attachment


def require_attachable(actor: Actor, filed: Return, sort: str) -> None:
    """Refuse a file that a return does not take from an actor now.

    Raises
    ------
    Forbidden, Refused
        Saying why.
    """
    mailed = sort == "original" and actor.system
    if sort == "scan":
        _require_filer(actor, filed)
        if filed.state in SCANS_REFUSED:
            raise Refused(_("{state}的填报不再接收附件").format(state=STATES[filed.state]))
    elif not mailed:
        _require_editable(actor, filed)
    if not mailed and filed.attachments.filter(removed_at=None).count() >= MOST_FILES:
        raise Refused(
            _("已有 {most} 个附件, 不能再加").format(most=MOST_FILES),
            remedy=_("先去掉不用的, 或合并成一个文件"),
        )


@transaction.atomic
def detach(actor: Actor, filed: Return, attachment: Attachment) -> None:
    """Take a file off a return; versions already sent keep it."""
    filed = _locked(filed)
    _require_editable(actor, filed)
    Attachment.objects.filter(of=filed, pk=attachment.pk, removed_at=None).update(removed_at=actor.now)
    _touch(filed, actor)
    record(actor, "file.removed", filed.subject, campaign=filed.campaign_id, attachment=str(attachment.pk))


@transaction.atomic
def caption(actor: Actor, filed: Return, attachment: Attachment, text: str) -> None:
    """Put a caption under a picture."""
    filed = _locked(filed)
    _require_editable(actor, filed)
    Attachment.objects.filter(of=filed, pk=attachment.pk).update(caption=_clean(text)[:200])
    _touch(filed, actor)
    record(actor, "file.captioned", filed.subject, campaign=filed.campaign_id, attachment=str(attachment.pk))


@transaction.atomic
def state_not_secret(actor: Actor, filed: Return, stated: bool) -> None:
    """Keep the filer's statement that nothing in the return is secret (L6)."""
    filed = _locked(filed)
    _require_editable(actor, filed)
    Return.objects.filter(pk=filed.pk).update(stated_not_secret=stated, changed_at=actor.now)
    record(actor, "return.stated_not_secret", filed.subject, campaign=filed.campaign_id, stated=stated)


# --- sending ---------------------------------------------------------------------------------------------


@transaction.atomic
def send(actor: Actor, filed: Return, seen: int) -> Return:
    """Send a return on: to the second person where the campaign has one, else to the office with a receipt.

    Raises
    ------
    Conflict
        If the return was changed since it was looked at.
    Refused
        If something is still open (all points at once), or the time is over.
    """
    filed = _locked(filed)
    _require_step(actor, filed, "send", seen)
    _require_time(actor, filed)
    findings = findings_of(filed)
    if points := open_points(filed, findings):
        raise Refused("\n".join(points), where=str(filed), remedy=_("处理后再提交"))
    after = after_sending(filed.campaign.levels)
    if after != "confirming":
        _make_version(actor, filed, findings, filled_by=actor.user)
    return _moved(actor, filed, "send", after)


@transaction.atomic
def confirm(actor: Actor, filed: Return, seen: int) -> Return:
    """Confirm as the second person and send to the office (L4).

    Raises
    ------
    Forbidden
        If it is the one who filled it in and sent it on.
    """
    filed = _locked(filed)
    _require_step(actor, filed, "confirm", seen)
    _require_time(actor, filed)
    sender = filed.decisions.filter(verb="send").last()
    if sender and actor.user and sender.by_id == actor.user.pk:
        raise Forbidden(_("填报人不能复核自己的填报"), remedy=_("请由本单位另一人复核后提交"))
    _make_version(actor, filed, findings_of(filed), filled_by=sender.by if sender else None)
    return _moved(actor, filed, "confirm", after_confirming(filed.campaign.levels))


@transaction.atomic
def take_step(actor: Actor, filed: Return, verb: str, seen: int, reason: str = "") -> Return:
    """Take a step that needs nothing but a reason: hand back, forward, withdraw, resume, reconsider, decline."""
    if verb in ("send", "confirm", "accept", "return"):
        raise ValueError(f"{verb} has an operation of its own")
    filed = _locked(filed)
    step = _require_step(actor, filed, verb, seen)
    if step.reasoned and not reason.strip():
        raise Refused(_("请写明理由"), where=str(step.title))
    return _moved(actor, filed, verb, step.after, reason)


# --- checking --------------------------------------------------------------------------------------------


@transaction.atomic
def send_back(
    actor: Actor, filed: Return, seen: int, reasons: Mapping[str, str], verb: str = "return"
) -> Return:
    """Return it to the unit with reasons by cell (blank key: the whole); it gets a due date of its own.

    Raises
    ------
    Refused
        Without a reason.
    """
    filed = _locked(filed)
    step = _require_step(actor, filed, verb, seen)
    given = {key: _clean(text).strip() for key, text in reasons.items() if text.strip()}
    if not given:
        raise Refused(_("请写明退回的理由"), remedy=_("逐格写明, 或写一条总的理由"))
    unknown = set(given) - {"", *keys_of(filed.declared)}
    if unknown:
        raise Refused(_("表中没有 {key} 这一格").format(key=", ".join(sorted(unknown))))
    for key, text in given.items():
        Remark.objects.create(
            of=filed, version=filed.version, key=key, text=text, by=actor.user, at=actor.now
        )
    due = actor.now + timedelta(days=filed.campaign.return_days)
    Return.objects.filter(pk=filed.pk).update(due_at=due, seal_confirmed_at=None, seal_confirmed_by=None)
    return _moved(actor, filed, verb, step.after, keys=sorted(given), due=due.isoformat())


@transaction.atomic
def accept(actor: Actor, filed: Return, seen: int, version: int, *, seal_seen: bool) -> Return:
    """Accept the version that was looked at.

    Raises
    ------
    Conflict
        If it is no longer the last one.
    Forbidden
        If the actor had a hand in filling it in (four eyes).
    Refused
        If the seal has not been checked, or the body is not approved yet.
    """
    filed = _locked(filed)
    step = _require_step(actor, filed, "accept", seen)
    if filed.version != version:
        raise Conflict(
            _("你看的是第 {seen} 版, 现在已是第 {now} 版").format(seen=version, now=filed.version),
            remedy=_("请看过新版再决定"),
        )
    if actor.user and Entry.objects.filter(of=filed, by=actor.user).exclude(channel="mail").exists():
        raise Forbidden(_("参与填写的人不能审核通过"), remedy=_("请由另一名工作人员审核"))
    if not seal_seen:
        raise Refused(_("还没有核对公章"), remedy=_("看过盖章扫描件后勾选“已核对公章”"))
    if filed.unit.is_body and filed.unit.approved_at is None:
        raise Refused(
            _("{unit}还没有通过单位核实").format(unit=filed.unit.name),
            remedy=_("请先核实单位名称和统一社会信用代码"),
        )
    Return.objects.filter(pk=filed.pk).update(
        seal_confirmed_at=actor.now, seal_confirmed_by=actor.user, due_at=None
    )
    return _moved(actor, filed, "accept", step.after, seal=True)


@transaction.atomic
def note(actor: Actor, filed: Return, text: str) -> Note:
    """Keep a note of the office."""
    if not actor.may("check", filed.campaign):
        raise Forbidden(_("你没有审核的权限"))
    made = Note.objects.create(of=filed, text=_clean(text).strip(), by=actor.user, at=actor.now)
    record(actor, "note.kept", filed.subject, campaign=filed.campaign_id, note=made.pk)
    return made


@transaction.atomic
def erase_personal_data(actor: Actor, filed: Return) -> None:
    """Destroy the key of a return: contacts, originals and pictures can be read by nobody any more."""
    if not actor.may("erase", filed.campaign):
        raise Forbidden(_("你没有清除个人信息的权限"))
    filed = _locked(filed)
    Return.objects.filter(pk=filed.pk).update(erased_at=actor.now)
    record(actor, "return.erased", filed.subject, campaign=filed.campaign_id)
    # At once, and by a job that stands or falls with the erasure, should the process be killed in between.
    enqueue(actor, DESTROY, {"owner": filed.owner}, key=filed.owner)
    transaction.on_commit(lambda: vault().destroy(filed.owner))


# --- what they share -------------------------------------------------------------------------------------


def _locked(filed: Return) -> Return:
    """Read the return anew and hold it to the end of the transaction."""
    locked = Return.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=filed.pk)
    locked.unit = filed.unit  # a return never changes its unit
    return locked


def _require_present(actor: Actor, campaign: Campaign) -> None:
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))


def _require_filer(actor: Actor, filed: Return) -> None:
    _require_present(actor, filed.campaign)
    if not actor.may("file", filed.campaign, filed.unit):
        raise Forbidden(_("你没有为这个单位填报的权限"), where=filed.unit.name)


def _require_editable(actor: Actor, filed: Return) -> None:
    _require_filer(actor, filed)
    if filed.state not in EDITABLE:
        raise Refused(_("{state}的填报不能再改").format(state=STATES[filed.state]), where=str(filed))
    _require_time(actor, filed)


def _in_time(actor: Actor, filed: Return) -> bool:
    own = filed.due_at is not None and actor.now < filed.due_at
    return actor.system or own or filed.campaign.is_open_for(filed.unit, actor.now)


def _require_time(actor: Actor, filed: Return) -> None:
    if not _in_time(actor, filed):
        require_window(actor, filed.campaign, filed.unit)


def _require_step(actor: Actor, filed: Return, verb: str, seen: int) -> Step:
    step = STEPS[verb]
    _require_present(actor, filed.campaign)
    if not actor.may(step.permission, filed.campaign, filed.unit):
        raise Forbidden(_("你没有“{step}”的权限").format(step=step.title), where=str(filed))
    if filed.revision != seen:
        raise Conflict(_("这份填报刚刚有了变化"), where=str(filed), remedy=_("请刷新后再决定"))
    if filed.state not in step.before:
        raise Conflict(
            _("这份填报现在是“{state}”, 不能“{step}”").format(state=STATES[filed.state], step=step.title),
            where=str(filed),
        )
    return step


def _moved(actor: Actor, filed: Return, verb: str, after: str, reason: str = "", **detail: object) -> Return:
    """Move a return on; the update decides a race, and its loser is told."""
    moved = Return.objects.filter(pk=filed.pk, state=filed.state, revision=filed.revision).update(
        state=after, revision=filed.revision + 1, changed_at=actor.now
    )
    if not moved:
        raise Conflict(_("这份填报刚刚有了变化"), where=str(filed), remedy=_("请刷新后再决定"))
    Decision.objects.create(
        of=filed,
        verb=verb,
        before=filed.state,
        after=after,
        version=filed.version,
        reason=_clean(reason).strip(),
        by=actor.user,
        at=actor.now,
    )
    record(
        actor, f"return.{verb}", filed.subject, campaign=filed.campaign_id,
        before=filed.state, after=after, version=filed.version, **detail,
    )  # fmt: skip
    filed.refresh_from_db()
    return filed


def _make_version(
    actor: Actor, filed: Return, findings: Sequence[Finding], filled_by: User | None
) -> Version:
    form = filed.declared
    open_values: dict[str, str] = {}
    private: dict[str, str] = {}
    for key, cell in texts_of(filed).items():
        (private if is_private(form, key) else open_values)[key] = cell.text
    explanations = [
        {"rule": e.rule, "key": e.key, "text": e.text} for e in filed.explanations.order_by("rule", "key")
    ]
    files = [
        {
            "id": str(a.pk),
            "sort": a.sort,
            "name": a.name,
            "caption": a.caption,
            "size": a.size,
            "digest": a.blob.digest,
        }
        for a in filed.attachments.filter(removed_at=None).select_related("blob")
    ]
    sealed = vault().seal(filed.owner, _canonical(private))
    number = filed.version + 1
    said = [filed.form, number, open_values, hashlib.sha256(sealed).hexdigest(), explanations, files]
    digest = hashlib.sha256(_canonical(said)).hexdigest()
    version = Version.objects.create(
        of=filed,
        number=number,
        form=filed.form,
        values=open_values,
        sealed=sealed,
        explanations=explanations,
        findings=[finding.model_dump(mode="json") for finding in findings],
        files=files,
        digest=digest,
        receipt=_receipt(filed),
        filled_by=filled_by,
        sent_by=actor.user,
        channel=actor.channel,
        at=actor.now,
    )
    Return.objects.filter(pk=filed.pk).update(version=number)
    filed.version = number
    record(
        actor, "version.made", filed.subject, campaign=filed.campaign_id,
        number=number, receipt=version.receipt, digest=digest,
    )  # fmt: skip
    return version


def _receipt(filed: Return) -> str:
    """Return a new number of a receipt: year, kind of form, six letters and digits that are not mistaken."""
    letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    drawn = "".join(secrets.choice(letters) for _n in range(8))
    return f"XZ{filed.campaign.year}-{'A' if filed.sort == CASE else 'S'}-{drawn[:4]}-{drawn[4:]}"


def _stands(filed: Return, cell: Cell | None) -> str:
    return opened(filed, cell) if cell else ""


def _is_kept(actor: Actor, filed: Return, key: str, text: str) -> bool:
    """Tell whether the same person's same text lies beside the cell already: a resent save adds nothing."""
    last = filed.entries.filter(key=key, stood=False, by=actor.user).last()
    return last is not None and opened(filed, last) == text


def _follow(filed: Return, key: str, text: str, actor: Actor) -> None:
    """Let what lists show follow the cells."""
    changes: dict[str, object] = {"changed_at": actor.now}
    if filed.sort == CASE:
        if key == "title":
            changes["title"] = " ".join(text.split())[:200]
        elif key == "domain":
            changes["domain"] = text[:60]
        elif key == "recommender":
            changes["recommender"] = unit_named(text, filed.campaign)
    Return.objects.filter(pk=filed.pk).update(**changes)


def unit_named(text: str, campaign: Campaign) -> Unit | None:
    """Return the one administrative unit that a text names by code, name or full name; None otherwise."""
    wanted = "".join(unicodedata.normalize("NFKC", text).split()).removesuffix("人民政府")
    if not wanted:
        return None
    units = Unit.objects.exclude(level="body").filter(demonstration=campaign.demonstration)
    found = list(units.filter(code=wanted)) or list(units.filter(name=wanted))
    if not found:
        found = [u for u in units.select_related("parent__parent") if u.full_name == wanted]
    return found[0] if len(found) == 1 else None


def _touch(filed: Return, actor: Actor) -> None:
    Return.objects.filter(pk=filed.pk).update(changed_at=actor.now)


def _clean(text: str) -> str:
    """Drop what no keyboard types (NUL and its like, which PostgreSQL refuses) and keep the rest as it is.

    Raises
    ------
    Refused
        If it is longer than any field.
    """
    if len(text) > LONGEST:
        raise Refused(
            _("内容有 {n} 个字, 超过 {limit}").format(n=len(text), limit=LONGEST),
            remedy=_("请精简, 或把材料放在附件里"),
        )
    kept = (
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return "".join(kept)


def _file_name(name: str) -> str:
    """Return a name without a path or what would lead out of one."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(". ")
    return kept[-200:] or _("未命名")


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()
