"""Jobs: what is to be done, when, and who has it in hand."""

from __future__ import annotations

from django.db import models

STATES = ("waiting", "running", "done", "failed")


class Job(models.Model):
    """A job.

    Attributes
    ----------
    kind : str
        Which work; see :mod:`xinzhi.campaign.jobs.queue`.
    payload : mapping
        What it works on: ids.
    key : str
        Of jobs with one key, one waits or runs at a time; blank for no such limit.
    run_at : datetime
        Not before.
    leased_until : datetime or None
        Until when a worker has it; one that dies loses it then.
    attempts : int
        How often it was begun.
    progress : float
        From 0 to 1.
    said : str
        What it came to, or why it failed, for people.
    """

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, default="waiting")
    run_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0)
    said = models.TextField(blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="job_known_state"),
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state__in=("waiting", "running")) & ~models.Q(key=""),
                name="job_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
