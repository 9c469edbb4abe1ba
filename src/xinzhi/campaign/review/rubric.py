"""How cases are scored, as data: of the library, or as a campaign has set it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.refusals import Refused
from xinzhi.declarations import Record, Text, VariableName, parse_declaration, read_declaration, validated

_FILE = Path(__file__).with_name("rubric.toml")


class Criterion(Record):
    """A section of the case with its weight and what the call asks of it."""

    id: VariableName
    weight: float = Field(gt=0)
    asks: Text


class Anchor(Record):
    """What points mean."""

    points: int = Field(ge=0)
    says: Text


class Rubric(Record):
    """The rubric; see ``rubric.toml`` for what each item means."""

    least: int = Field(ge=0)
    most: int = Field(gt=0, le=100)
    differ: float = Field(gt=0)
    experts: int = Field(ge=1, le=9)
    most_cases: int = Field(ge=1)
    region: Literal["county", "city", "province"]
    domains: Mapping[str, tuple[str, ...]]
    anchors: tuple[Anchor, ...] = ()
    sections: tuple[Criterion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _scale_goes_up(self) -> Self:
        if self.least >= self.most:
            raise ValueError("most must be above least")
        points = [anchor.points for anchor in self.anchors]
        if points != sorted(set(points)) or not all(self.least <= p <= self.most for p in points):
            raise ValueError("anchors must go up and lie on the scale")
        return self

    def share(self, section: Criterion) -> float:
        """Return what a section weighs of 100."""
        return 100 * section.weight / sum(one.weight for one in self.sections)

    def total(self, points: Mapping[str, float]) -> float:
        """Return the total of 100: the weighted mean of the points, where the scale runs from 0 to 100."""
        weights = sum(section.weight for section in self.sections)
        got = sum(section.weight * (points[section.id] - self.least) for section in self.sections)
        return 100 * got / (weights * (self.most - self.least))


@cache
def _of_library() -> Rubric:
    return validated(
        Rubric, parse_declaration(read_declaration(_FILE, Refused), _FILE.name, Refused), _FILE.name, Refused
    )


def rubric_of(campaign: Campaign) -> Rubric:
    """Return the rubric of a campaign.

    Raises
    ------
    Refused
        If the campaign's own is not one; the message names what is wrong.
    """
    if not campaign.rubric:
        return _of_library()
    return validated(Rubric, campaign.rubric, campaign.title, Refused)
