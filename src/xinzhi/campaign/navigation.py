"""The places of a campaign that the navigation leads to, and who sees each link."""

from __future__ import annotations

from dataclasses import dataclass

from xinzhi.campaign.people.roles import PERMISSIONS, Permission
from xinzhi.declarations import Text


@dataclass(frozen=True)
class Place:
    """A page of a campaign: its title, the name of its address, and the permissions one of which it takes."""

    title: Text
    view: str
    permissions: tuple[Permission, ...]


PLACES: tuple[Place, ...] = (
    Place(Text(zh="征集", en="Campaign"), "campaign", PERMISSIONS),
    Place(Text(zh="人员和单位", en="People and units"), "people", ("invite",)),
    Place(Text(zh="填报", en="Filing"), "filing_home", ("file", "confirm")),
    Place(Text(zh="收件", en="Inbox"), "inbox", ("check",)),
    Place(Text(zh="审核", en="Checking"), "checking_queue", ("check", "review", "audit")),
    Place(Text(zh="进度", en="Progress"), "board", ("check", "review", "audit")),
    Place(Text(zh="舆情", en="Opinion"), "opinion", ("count_opinion", "approve_opinion", "audit")),
    Place(Text(zh="案例评审", en="Case review"), "review_home", ("manage_review", "score", "file", "audit")),
    Place(Text(zh="结果", en="Results"), "results", ("see_snapshots",)),
    Place(Text(zh="发布", en="Publication"), "publications", ("see_snapshots",)),
    Place(Text(zh="审计", en="Audit"), "audit", ("audit",)),
)
"""In the order of the work, from the invitation to the published edition."""
