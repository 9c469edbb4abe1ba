"""What checking keeps besides the returns: counts of findings, and the letters that leave for units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import STATES, Outgoing
from xinzhi.campaign.returns.models import Return, Version
from xinzhi.declarations import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class FindingCount(models.Model):
    """How many findings of each grade a version was sent with; made with the version, so that queues can filter."""

    version = models.OneToOneField(Version, models.CASCADE, primary_key=True, related_name="counted")
    mend = models.PositiveIntegerField()
    explain = models.PositiveIntegerField()
    note = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.mend} / {self.explain} / {self.note}"


LETTER_SORTS: Mapping[str, Text] = {
    "closing": Text(zh="截止提醒", en="Reminder of the closing"),
    "due": Text(zh="退回后到期提醒", en="Reminder of a returned return"),
    "asked": Text(zh="催报", en="Reminder asked for"),
    "sent_back": Text(zh="退回通知", en="Notice of return"),
    "accepted": Text(zh="审核通过通知", en="Notice of acceptance"),
    "decided": Text(zh="评审决定函", en="Decision of the review"),
    "message": Text(zh="一次性通知", en="Message"),
}


class Letter(Outgoing):
    """A mail of the office to a unit; whoever reports for the unit when it leaves receives it.

    Attributes
    ----------
    rule : str
        Why it was written (``closing:7``); with unit and day it comes into being once.
    recipients : list
        Ids of the accounts to which it went.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="letters")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="letters")
    of = models.ForeignKey(Return, models.PROTECT, null=True, blank=True, related_name="letters")
    sort = models.CharField(max_length=10)
    rule = models.CharField(max_length=80)
    day = models.DateField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    recipients: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["campaign", "state"]),)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "unit", "rule", "day"], name="letter_once"),
            models.CheckConstraint(condition=models.Q(state__in=sorted(STATES)), name="letter_known_state"),
            models.CheckConstraint(
                condition=models.Q(sort__in=sorted(LETTER_SORTS)), name="letter_known_sort"
            ),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def called(self) -> str:
        """What the audit calls it."""
        return f"letter:{self.pk}"

    @property
    def of_campaign(self) -> int:
        """The campaign that it belongs to, by id."""
        return self.campaign_id

    @property
    def sort_said(self) -> Text:
        """Its kind in words."""
        return LETTER_SORTS[self.sort]
