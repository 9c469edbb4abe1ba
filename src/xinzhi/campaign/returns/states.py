"""The way of a return, as data: its states, the steps between them, and who may take each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xinzhi.campaign.people.roles import Permission
from xinzhi.declarations import Text


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


STATES: Mapping[str, Text] = {
    "draft": _text("填报中", "Being filled in"),
    "confirming": _text("待复核", "Waiting for the second person"),
    "reviewing": _text("待市级、省级审核", "Waiting for city or province"),
    "submitted": _text("已提交", "Submitted"),
    "returned": _text("已退回", "Returned"),
    "accepted": _text("审核通过", "Accepted"),
    "declined": _text("不予采用", "Declined"),
    "withdrawn": _text("已撤回", "Withdrawn"),
}

EDITABLE = frozenset({"draft", "returned"})
"""States in which the unit may change what it files."""

SENT = frozenset({"reviewing", "submitted", "accepted", "declined"})
"""States in which a version lies with those above the unit."""


@dataclass(frozen=True)
class Step:
    """A step: from which states, to which, what it takes, and how people call it."""

    title: Text
    before: frozenset[str]
    after: str
    permission: Permission
    reasoned: bool = False


def _step(
    zh: str, en: str, before: str, after: str, permission: Permission, *, reasoned: bool = False
) -> Step:
    return Step(_text(zh, en), frozenset(before.split()), after, permission, reasoned)


STEPS: Mapping[str, Step] = {
    "send": _step("提交", "Send", "draft returned", "submitted", "file"),
    "confirm": _step("复核并提交", "Confirm and send", "confirming", "submitted", "confirm"),
    "hand_back": _step("交回填报人", "Hand back to the reporter", "confirming", "draft", "confirm", reasoned=True),
    "forward": _step("审核后上报", "Forward to the office", "reviewing", "submitted", "review"),
    "send_back": _step("退回", "Return", "reviewing", "returned", "review", reasoned=True),
    "return": _step("退回", "Return", "submitted accepted", "returned", "check", reasoned=True),
    "accept": _step("审核通过", "Accept", "submitted", "accepted", "accept"),
    "decline": _step("不予采用", "Decline", "submitted", "declined", "accept", reasoned=True),
    "reconsider": _step("重新审核", "Reconsider", "declined", "submitted", "accept", reasoned=True),
    "withdraw": _step("撤回", "Withdraw", "draft confirming submitted", "withdrawn", "file", reasoned=True),
    "resume": _step("继续填报", "Resume", "withdrawn", "draft", "file"),
}  # fmt: skip
"""What may happen to a return. Where a campaign has levels, "send" leads to the first of them (see `after_sending`)."""

LEVEL_STATES = {"confirm": "confirming", "city": "reviewing", "province": "reviewing"}


def after_sending(levels: list[str]) -> str:
    """Return the state to which a reporter's sending leads in a campaign with these levels."""
    return LEVEL_STATES[levels[0]] if levels else "submitted"


def after_confirming(levels: list[str]) -> str:
    """Return the state to which the second person's confirmation leads."""
    return "reviewing" if any(level in ("city", "province") for level in levels) else "submitted"
