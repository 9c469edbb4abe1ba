"""Several deliveries at once, each by itself: one with which something cannot be done holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.operations import Outcome
from xinzhi.campaign.inbox import replies
from xinzhi.campaign.inbox.models import Arrival, Reply
from xinzhi.campaign.inbox.operations import handle
from xinzhi.campaign.inbox.queries import visible_to
from xinzhi.campaign.inbox.showing import reply_of
from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext as _


class Pick(NamedTuple):
    """A delivery that was ticked in a list, with the revisions that the list showed: its own, and its reply's."""

    arrival: UUID
    seen: int
    reply: int


def _handle(actor: Actor, arrival: Arrival, pick: Pick) -> None:
    handle(actor, arrival, pick.seen)


def _send(actor: Actor, arrival: Arrival, pick: Pick) -> None:
    replies.send(actor, _answer(arrival), pick.reply)


def _drop(actor: Actor, arrival: Arrival, pick: Pick) -> None:
    replies.drop(actor, _answer(arrival), pick.reply)


DEEDS: Mapping[str, Callable[[Actor, Arrival, Pick], None]] = {
    "send": _send,
    "drop": _drop,
    "handle": _handle,
}
"""What can be done with several deliveries: send or drop their replies, or say that they are handled."""


def each(actor: Actor, campaign: Campaign, picks: Iterable[Pick], deed: str) -> list[Outcome]:
    """Do one of :data:`DEEDS` with several deliveries, and tell of each what became of it."""
    picks = list(picks)
    found = visible_to(actor, campaign).in_bulk([pick.arrival for pick in picks])
    outcomes = []
    for pick in picks:
        arrival = found.get(pick.arrival)
        if arrival is None:
            continue
        try:
            DEEDS[deed](actor, arrival, pick)
            outcomes.append(Outcome(str(arrival), True))
        except Refused as refusal:
            outcomes.append(Outcome(str(arrival), False, refusal.what))
    return outcomes


def _answer(arrival: Arrival) -> Reply:
    if reply := reply_of(arrival):
        return reply
    raise Refused(_("这件来件不回复"), where=str(arrival))
