"""Lists of reports, the reports with the units they name, and the counts that were proposed and approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.storage.models import Blob

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


def _by(**more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **more)  # type: ignore[arg-type]


class Counting(models.Model):
    """How a campaign counts reprints, where the office has chosen."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="counting")
    reprints = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.reprints


class ReportList(models.Model):
    """A list as it was uploaded."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="report_lists")
    name = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    by = _by()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    reports: RelatedManager[Report]

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "blob"], condition=models.Q(withdrawn_at=None), name="report_list_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """A report of a list.

    Attributes
    ----------
    sphere : str
        ``domestic``, ``foreign``, or blank until a person says which.
    sphere_said : bool
        Whether a person said it.
    first : Report or None
        The report that this one repeats.
    relation : str
        ``duplicate`` or ``reprint`` of `first`; blank for a first one.
    apart : bool
        Whether a person said that it repeats none.
    """

    of = models.ForeignKey(ReportList, models.PROTECT, related_name="reports")
    line = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    outlet = models.CharField(max_length=100)
    day = models.DateField()
    language = models.CharField(max_length=100, blank=True)
    link = models.CharField(max_length=1000, blank=True)
    place = models.CharField(max_length=100, blank=True)
    sphere = models.CharField(max_length=10, blank=True)
    sphere_said = models.BooleanField(default=False)
    first = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="repeats")
    relation = models.CharField(max_length=10, blank=True)
    apart = models.BooleanField(default=False)

    first_id: int | None
    mentions: RelatedManager[Mention]
    repeats: RelatedManager[Report]

    class Meta:
        ordering = ("-day", "pk")
        constraints = (
            models.UniqueConstraint(fields=["of", "line"], name="report_once"),
            models.CheckConstraint(
                condition=models.Q(sphere__in=("", "domestic", "foreign")), name="report_sphere"
            ),
            models.CheckConstraint(
                condition=models.Q(relation__in=("", "duplicate", "reprint")), name="report_relation"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Mention(models.Model):
    """A unit that a report names, or one of those that its name may mean until a person says which."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="mentions")
    name = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    settled = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["report", "unit"], name="mention_once"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.unit}"


class Proposal(models.Model):
    """Counts that the media unit proposes, as they stood when it did.

    `counts` are lists of unit id, field, year and number; `complete` is the media unit's word that units without a
    report have none.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="opinion_proposals")
    number = models.PositiveIntegerField()
    counts = models.JSONField()
    complete = models.BooleanField()
    reprints = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="proposed")
    by = _by()
    at = models.DateTimeField()
    decided_by = _by(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "number"], name="proposal_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("proposed", "approved", "declined", "replaced")),
                name="proposal_known_state",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign} {self.number}"


class ApprovedCount(models.Model):
    """A number of the two rows that nobody else fills."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="approved_counts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    field = models.CharField(max_length=60)
    year = models.IntegerField()
    number = models.PositiveIntegerField()
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="approved")

    unit_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["campaign", "unit", "field", "year"], name="approved_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.field} {self.year}: {self.number}"
