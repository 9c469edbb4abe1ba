"""Decisions on returns with what follows from them, and several at once, each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.moments import said
from xinzhi.campaign.checking import letters
from xinzhi.campaign.checking.queries import returns_seen_by
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Attachment, Return
from xinzhi.campaign.storage.files import take
from xinzhi.language import gettext as _

REASONED = ("decline", "reconsider")
"""Steps of a checker that need one reason for the whole."""


@dataclass(frozen=True)
class Decision:
    """What somebody decided, on what they saw.

    Attributes
    ----------
    verb : str
        return, send_back, accept, decline, reconsider or forward.
    seen, version : int
        Revision and version that were looked at.
    reasons : mapping
        By cell; blank key for the whole.
    seal_seen : bool
        已核对公章.
    """

    verb: str
    seen: int
    version: int
    reasons: Mapping[str, str]
    seal_seen: bool = False


@transaction.atomic
def decide(actor: Actor, filed: Return, decision: Decision) -> Return:
    """Take a step and write the unit what it has to know.

    Raises
    ------
    Refused, Forbidden, Conflict
        As the step itself; nothing is changed then, and nobody is written to.
    """
    match decision.verb:
        case "return" | "send_back":
            filed = returns.send_back(actor, filed, decision.seen, decision.reasons, decision.verb)
            reasons = sum(bool(text.strip()) for text in decision.reasons.values())
            assert filed.due_at is not None
            due = said(filed.campaign, filed.due_at)
            _notify(actor, filed, "sent_back", reasons=reasons, due=due)
        case "accept":
            filed = returns.accept(
                actor, filed, decision.seen, decision.version, seal_seen=decision.seal_seen
            )
            receipt = filed.versions.get(number=filed.version).receipt
            _notify(actor, filed, "accepted", receipt=receipt)
        case "decline" | "reconsider" | "forward":
            filed = returns.take_step(
                actor, filed, decision.verb, decision.seen, decision.reasons.get("", "")
            )
        case _unknown:
            raise Refused(_("没有这样的决定"))
    return filed


class Pick(NamedTuple):
    """A return that was ticked in a list, with the revision and version that the list showed."""

    id: UUID
    seen: int
    version: int


class Outcome(NamedTuple):
    """What became of one of several: done, or why not."""

    what: str
    done: bool
    why: str = ""


def accept_selected(
    actor: Actor, campaign: Campaign, picks: Iterable[Pick], *, seal_seen: bool
) -> list[Outcome]:
    """Accept several returns, each by itself: one that cannot be accepted holds up no other."""

    def accept(filed: Return, pick: Pick) -> None:
        decide(actor, filed, Decision("accept", pick.seen, pick.version, {}, seal_seen))

    return [_tried(actor, campaign, pick, accept) for pick in picks]


def remind_selected(actor: Actor, campaign: Campaign, picks: Iterable[Pick]) -> list[Outcome]:
    """Write a reminder for several returns, once a day for each."""
    day = letters.local_day(campaign, actor.now)

    def remind(filed: Return, _pick: Pick) -> None:
        letters.require_reminder(actor, campaign, filed.unit)
        if filed.state not in ("draft", "confirming", "returned", "reviewing"):
            raise Refused(_("这份填报不需要单位处理"))
        facts = letters.facts_of(campaign, filed.unit, filed.state, filed.due_at)
        if (
            letters.write(actor, campaign, filed.unit, "asked", f"asked:{filed.pk}", day, facts, filed)
            is None
        ):
            raise Refused(_("今天已经提醒过"))

    return [_tried(actor, campaign, pick, remind) for pick in picks]


def _tried(actor: Actor, campaign: Campaign, pick: Pick, do: object) -> Outcome:
    assert callable(do)
    filed = returns_seen_by(actor, campaign).filter(pk=pick.id).first()
    if filed is None:
        return Outcome(str(pick.id), False, _("没有这份填报"))
    try:
        with transaction.atomic():
            do(filed, pick)
    except Refused as refusal:
        return Outcome(str(filed), False, refusal.what)
    return Outcome(str(filed), True)


@transaction.atomic
def look_at_contacts(actor: Actor, filed: Return) -> None:
    """Enter in the audit that somebody looks at the contacts of a return.

    Raises
    ------
    Forbidden
        Without the permission.
    """
    if not actor.may("see_contacts", filed.campaign, filed.unit):
        raise Forbidden(_("你没有查看联系方式的权限"), where=str(filed))
    record(actor, "contacts.seen", filed.subject, campaign=filed.campaign_id, version=filed.version)


@transaction.atomic
def fetch(actor: Actor, attachment: Attachment) -> bytes:
    """Return the bytes of a file of a return; originals and scans name persons and take the same permission.

    Raises
    ------
    Forbidden
        Without it.
    """
    filed = attachment.of
    if attachment.sort in ("original", "scan") and not actor.may("see_contacts", filed.campaign, filed.unit):
        raise Forbidden(_("原件和盖章扫描件上有联系人, 你没有查看的权限"), where=str(filed))
    data = take(attachment.blob)
    record(actor, "file.fetched", filed.subject, campaign=filed.campaign_id, attachment=str(attachment.pk))
    return data


def _notify(actor: Actor, filed: Return, sort: str, **facts: object) -> None:
    """Write the unit of a decision; its rule names the decision, so that it is written once."""
    decision = filed.decisions.order_by("-pk").values_list("pk", flat=True)[0]
    day = letters.local_day(filed.campaign, actor.now)
    told = {"version": filed.version} | facts
    letters.write(actor, filed.campaign, filed.unit, sort, f"decision:{decision}", day, told, filed)
