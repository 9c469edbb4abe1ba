"""The chain of events. Triggers in the database refuse every change of a row and its removal."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Something that was done.

    Attributes
    ----------
    sequence : int
        1, 2, 3 ... without a gap.
    at : str
        UTC, ISO 8601 to the microsecond, as it was hashed.
    actor : int or None
        Id of the account; None for the platform itself.
    verb : str
        What was done: ``cell.saved``, ``return.accepted`` ...
    subject : str
        To what: ``return:<id>``, ``user:<id>`` ...
    campaign : int or None
        In which campaign.
    detail : str
        More as canonical JSON: ids, numbers, keyed hashes. Never a name, an address or what somebody wrote.
    previous, digest : str
        Digest of the event before; SHA-256 over all of the above.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)
    actor = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=80, db_index=True)
    campaign = models.BigIntegerField(null=True, db_index=True)
    detail = models.TextField(default="{}")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject}"
