"""What checking keeps besides the returns: counts of findings, and the letters that leave for units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
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


LETTER_STATES: Mapping[str, Text] = {
    "draft": Text(zh="草稿", en="Draft"),
    "queued": Text(zh="待发送", en="To be sent"),
    "sending": Text(zh="发送中", en="Being sent"),
    "sent": Text(zh="已发送", en="Sent"),
    "unsure": Text(zh="可能已发出", en="Perhaps sent"),
    "refused": Text(zh="对方拒收", en="Refused"),
    "dropped": Text(zh="不发", en="Not to be sent"),
}

LETTER_SORTS: Mapping[str, Text] = {
    "closing": Text(zh="截止提醒", en="Reminder of the closing"),
    "due": Text(zh="退回后到期提醒", en="Reminder of a returned return"),
    "asked": Text(zh="催报", en="Reminder asked for"),
    "sent_back": Text(zh="退回通知", en="Notice of return"),
    "accepted": Text(zh="审核通过通知", en="Notice of acceptance"),
    "message": Text(zh="一次性通知", en="Message"),
}


class Letter(models.Model):
    """A mail of the office to a unit; whoever reports for the unit when it leaves receives it.

    Attributes
    ----------
    rule : str
        Why it was written (``closing:7``); with unit and day it comes into being once.
    state : str
        ``unsure`` where the platform was killed while it was leaving: a person decides, it never leaves twice
        by itself.
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
    state = models.CharField(max_length=10, default="draft")
    revision = models.PositiveIntegerField(default=1)
    recipients: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    said = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["campaign", "state"]),)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "unit", "rule", "day"], name="letter_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(LETTER_STATES)), name="letter_known_state"
            ),
            models.CheckConstraint(
                condition=models.Q(sort__in=sorted(LETTER_SORTS)), name="letter_known_sort"
            ),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def state_said(self) -> Text:
        """Its state in words."""
        return LETTER_STATES[self.state]

    @property
    def sort_said(self) -> Text:
        """Its kind in words."""
        return LETTER_SORTS[self.sort]
