"""Frozen data sets, and what was computed from them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.storage.models import Blob
from xinzhi.declarations import Text
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    import polars as pl
    from django.db.models.fields.related_descriptors import RelatedManager

STATES: Mapping[str, Text] = {
    "waiting": Text(zh="正在计算", en="Being computed"),
    "computed": Text(zh="已算出", en="Computed"),
    "failed": Text(zh="没有算出", en="Failed"),
    "proposed": Text(zh="已提议发布", en="Proposed for publication"),
}


class Snapshot(models.Model):
    """The data set of a campaign as it stood when it was frozen; triggers refuse to alter or remove it.

    Attributes
    ----------
    number : int
        1, 2, 3 ... within the campaign.
    panel : bytes
        Parquet: one row per figure, as :func:`xinzhi.read_panel` takes it.
    about : mapping
        Where it comes from: see :mod:`xinzhi.campaign.results.freezing`.
    content : str
        SHA-256 over figures, units and cases; equal for equal data.
    digest : str
        SHA-256 over the Parquet file and all that `about` says.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    panel = models.BinaryField()
    about = models.JSONField()
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    results: RelatedManager[Computed]

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["campaign", "number"], name="snapshot_once"),)

    def __str__(self) -> str:
        return f"{self.campaign.slug}-{self.number}"

    @property
    def name(self) -> str:
        """Name of its files, without the ending."""
        return f"{self.campaign.slug}-snapshot-{self.number}"

    @cached_property
    def figures(self) -> pl.DataFrame:
        """The figures, one row each."""
        import polars as pl

        return pl.read_parquet(io.BytesIO(bytes(self.panel)))


class Computed(models.Model):
    """An index computed from a snapshot.

    Attributes
    ----------
    number : int
        1, 2, 3 ... within the campaign.
    methodology : str
        Its id; `methodology_text` is its TOML as it was chosen or uploaded.
    weights : mapping
        ``{"method": ...}``, or ``{"of": {indicator: weight}, "sheet": name, "experts": count}``; blank for the
        methodology's own.
    without : list of str
        Indicators or tags left out.
    summary : mapping
        Title, notes, years, hash of the result.
    scores : bytes
        Parquet: scores and ranks, one row per unit and year.
    folder : Blob
        The result folder, zipped: ``xinzhi trace`` and ``xinzhi analyse`` take it.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="computed")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="results")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default="waiting")
    methodology = models.CharField(max_length=80)
    methodology_text = models.TextField()
    weights = models.JSONField(default=dict, blank=True)
    without = models.JSONField(default=list, blank=True)
    summary = models.JSONField(default=dict, blank=True)
    scores = models.BinaryField(null=True, blank=True)
    folder = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "number"], name="computed_once"),
            models.CheckConstraint(condition=models.Q(state__in=sorted(STATES)), name="computed_known_state"),
            models.UniqueConstraint(
                fields=["campaign"], condition=models.Q(state="proposed"), name="computed_one_proposed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.snapshot} {self.methodology}"

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"result:{self.pk}"

    @property
    def done(self) -> bool:
        """Whether there are scores."""
        return self.scores is not None

    @cached_property
    def table(self) -> pl.DataFrame:
        """Scores and ranks, one row per unit and year."""
        import polars as pl

        return pl.read_parquet(io.BytesIO(bytes(self.scores or b"")))

    @property
    def stuck(self) -> bool:
        """Whether the job gave up, so that nothing will come."""
        return self.job is not None and self.job.state == "failed"

    @property
    def weights_said(self) -> str:
        """Where the weights come from, in the reader's words."""
        from xinzhi.campaign.results.choosing import OWN, WEIGHTS

        kept: dict[str, Any] = self.weights
        if "of" in kept:
            return _("{sheet} ({n} 位专家)").format(sheet=kept["sheet"], n=kept["experts"])
        return str(WEIGHTS[kept.get("method", OWN)])

    @property
    def state_said(self) -> Text:
        """The state in words."""
        return STATES["failed" if self.stuck else self.state]
