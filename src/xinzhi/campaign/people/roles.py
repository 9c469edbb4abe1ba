"""Who may do what, as data: roles, the permissions they give, and how far they reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from xinzhi.declarations import Text

Permission = Literal[
    "manage",  # open, change, close and clone campaigns, extend, admit
    "invite",  # people and units
    "see_returns",
    "see_contacts",
    "file",  # fill in, attach, send
    "confirm",  # the second person before sending
    "review",  # a city's or province's own branch, before the office
    "check",  # return, ask, note
    "accept",
    "remind",
    "count_opinion",
    "approve_opinion",
    "manage_review",  # screen, confirm blind views, assign, shortlist
    "score",
    "freeze",
    "see_snapshots",
    "compute",
    "propose",
    "publish",
    "audit",
    "erase",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

Reach = Literal["campaign", "branch", "unit"]
"""How far a role reaches: all of its campaign, a unit with all below it, or one unit alone."""


@dataclass(frozen=True)
class Role:
    """A role.

    Attributes
    ----------
    title : Text
        As people call it.
    permissions : frozenset of str
        What it gives.
    reach : {"campaign", "branch", "unit"}
        Over what.
    second_factor : bool
        Whether an authenticator is required.
    """

    title: Text
    permissions: frozenset[Permission]
    reach: Reach = "campaign"
    second_factor: bool = False


def _role(zh: str, en: str, *permissions: Permission, reach: Reach = "campaign", totp: bool = False) -> Role:
    return Role(Text(zh=zh, en=en), frozenset(permissions), reach, totp)


ROLES: Mapping[str, Role] = {
    "office": _role(
        "征集办公室", "Campaign office",
        "manage", "invite", "see_returns", "see_contacts", "check", "accept", "remind", "approve_opinion",
        "manage_review", "freeze", "see_snapshots", "compute", "propose", "publish", "audit", "erase",
        totp=True,
    ),
    "analyst": _role("分析人员", "Analyst", "see_snapshots", "compute", "propose"),
    "reporter": _role("填报人", "Reporter", "see_returns", "see_contacts", "file", reach="unit"),
    "confirmer": _role("复核人", "Second person", "see_returns", "see_contacts", "confirm", reach="unit"),
    "reviewer": _role("市级、省级审核人", "City or province reviewer", "see_returns", "review", "remind", reach="branch"),
    "media": _role("舆情单位", "Media unit", "count_opinion"),
    "expert": _role("专家", "Expert", "score"),
    "reader": _role("读者", "Reader"),
    "auditor": _role("审计人员", "Auditor", "see_returns", "see_snapshots", "audit"),
}  # fmt: skip
"""The letter's division of labour (L23); a reporter and a second person confirm before sending (L4)."""
