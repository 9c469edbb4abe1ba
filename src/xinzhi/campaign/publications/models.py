"""Editions of a campaign, and who approved which build of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.publications.choosing import Chosen
from xinzhi.campaign.publications.steps import STATES, STEPS, UNPUBLISHED, State
from xinzhi.campaign.storage.models import Blob
from xinzhi.declarations import Text

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


def _by(**more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **more)  # type: ignore[arg-type]


class Publication(models.Model):
    """An edition; a campaign has at most one that is not published yet.

    Attributes
    ----------
    number : int
        1, 2, 3 ... within the campaign; what readers know it by.
    revision : int
        Counts how often it was prepared.
    choices : mapping
        What goes in: :class:`xinzhi.campaign.publications.choosing.Chosen`.
    archive : Blob
        All that was built, zipped.
    digest : str
        SHA-256 over the names and contents of what was built; approvals are for it.
    reason : mapping
        Why it was withdrawn, in both languages.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="publications")
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, default="building")
    choices = models.JSONField()
    archive = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = _by()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = _by(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = _by(blank=True)
    reason = models.JSONField(default=dict, blank=True)

    approvals: RelatedManager[Approval]

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "number"], name="publication_once"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=models.Q(state__in=sorted(UNPUBLISHED)),
                name="publication_one_prepared",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(STATES)), name="publication_known_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign.slug}-{self.number}"

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"publication:{self.pk}"

    @cached_property
    def chosen(self) -> Chosen:
        """What goes in."""
        return Chosen.model_validate(self.choices)

    @property
    def why(self) -> Text:
        """Why it was withdrawn."""
        return Text(**self.reason)

    @property
    def stuck(self) -> bool:
        """Whether the job gave up, so that nothing will come."""
        return self.state == "building" and self.job is not None and self.job.state == "failed"

    @property
    def standing(self) -> State:
        """The state."""
        return STATES["failed" if self.stuck else self.state]

    @property
    def approved_by(self) -> list[Approval]:
        """The approvals of what is built now; those of an earlier build count no more."""
        return [approval for approval in self.approvals.all() if approval.digest == self.digest]

    @property
    def approved(self) -> bool:
        """Whether enough people have approved it."""
        return len({approval.by_id for approval in self.approved_by}) >= STEPS["publish"].approvals


class Approval(models.Model):
    """That a person approved a build."""

    of = models.ForeignKey(Publication, models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["of", "digest", "by"], name="publication_approved_once"),
        )

    def __str__(self) -> str:
        return f"{self.of}: {self.digest[:12]}"
