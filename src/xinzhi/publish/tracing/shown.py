"""A number as a document shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as a document shows it: where, under which key, and the text that a reader sees."""

    place: str
    key: str
    text: str
