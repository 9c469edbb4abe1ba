"""How far a return is, as those who check speak of it: one list for queues, board, export and mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xinzhi.declarations import Text


@dataclass(frozen=True)
class Stage:
    """A stage: its title, the states of a return in it, and the tag that marks it."""

    title: Text
    states: frozenset[str]
    tag: str


def _stage(zh: str, en: str, states: str, tag: str) -> Stage:
    return Stage(Text(zh=zh, en=en), frozenset(states.split()), tag)


NOT_BEGUN = "none"

STAGES: Mapping[str, Stage] = {
    NOT_BEGUN: _stage("未开始", "Not begun", "", "plain"),
    "filling": _stage("填报中", "Being filled in", "draft confirming withdrawn", "plain"),
    "reviewing": _stage("待市级、省级审核", "Waiting for city or province", "reviewing", "explain"),
    "submitted": _stage("待审核", "Waiting for the office", "submitted", "note"),
    "returned": _stage("已退回", "Returned", "returned", "explain"),
    "accepted": _stage("审核通过", "Accepted", "accepted", "done"),
    "declined": _stage("不予采用", "Declined", "declined", "mend"),
}

SENT_STAGES = ("reviewing", "submitted", "accepted", "declined")
"""Stages in which a version lies with those above the unit; they make the share that has come in."""

UNFINISHED = (NOT_BEGUN, "filling", "returned")
"""Stages in which the unit still has to do something."""


def stage_of(state: str) -> str:
    """Return the stage of a state; blank, where nothing was begun, is a stage too."""
    return next((name for name, stage in STAGES.items() if state in stage.states), NOT_BEGUN)
