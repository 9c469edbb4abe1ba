"""The way of an edition as data: its states, which step leads from where to where, and how many eyes it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xinzhi.declarations import Text


@dataclass(frozen=True)
class State:
    """A state: its name, how it is marked, and whether readers know of the edition."""

    title: Text
    tone: str
    public: bool = False


@dataclass(frozen=True)
class Step:
    """A step: from which states, to which one, and how many people must have approved what was built."""

    before: frozenset[str]
    after: str
    approvals: int = 0


STATES: Mapping[str, State] = {
    "building": State(Text(zh="正在制作", en="Being built"), "explain"),
    "failed": State(Text(zh="没有做成", en="Not built"), "mend"),
    "built": State(Text(zh="待批准和发布", en="Waiting for approval and publication"), "note"),
    "published": State(Text(zh="已发布", en="Published"), "done", public=True),
    "withdrawn": State(Text(zh="已撤下", en="Withdrawn"), "mend", public=True),
}
UNPUBLISHED = frozenset(name for name, state in STATES.items() if not state.public)
PUBLIC = frozenset(STATES) - UNPUBLISHED

STEPS: Mapping[str, Step] = {
    "prepare": Step(UNPUBLISHED, "building"),
    "approve": Step(frozenset({"built"}), "built"),
    "publish": Step(frozenset({"built"}), "published", approvals=2),
    "withdraw": Step(frozenset({"published"}), "withdrawn"),
}
"""Two different people approve one and the same build; whoever prepared it may be one of the two. To take an
edition down one person is enough, since it cannot wait."""
