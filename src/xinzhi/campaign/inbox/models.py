"""What came by mail or was uploaded by the office: a delivery, and the files in it. What names persons is sealed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import STATES, Outgoing
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.storage.models import Blob
from xinzhi.declarations import Text

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STATUSES: Mapping[str, Text] = {
    "waiting": Text(zh="待读取", en="To be read"),
    "understood": Text(zh="已读取", en="Read"),
    "question": Text(zh="待人核实", en="For a person"),
    "late": Text(zh="逾期", en="Late"),
    "quarantine": Text(zh="隔离", en="Quarantine"),
    "duplicate": Text(zh="重复", en="Duplicate"),
}


class Arrival(models.Model):
    """A delivery.

    Attributes
    ----------
    key : str
        Keyed hash of its bytes: the same delivery again changes nothing.
    contents : str
        Keyed hash over message id and files, by which a mail that was sent again is known; blank before reading.
    sealed : bytes
        The record of intake, which names sender and contact, sealed with the key of the delivery.
    received_at, received_by
        When it came, and whose clock says so (:data:`xinzhi.intake.mail.Clock`).
    brought : list
        What whoever fetched it has to say of it, as findings: that it was too large to be fetched whole.
    mend, explain, note : int
        Findings of each grade.
    handled_at, handled_by
        When nothing more was to be done with it, and who said so; nobody for what needs no person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="arrivals")
    number = models.CharField(max_length=12)
    key = models.CharField(max_length=64)
    contents = models.CharField(max_length=64, blank=True, db_index=True)
    channel = models.CharField(max_length=8)
    name = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, default="waiting")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="arrivals")
    body = models.CharField(max_length=120, blank=True)
    original = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats")
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.CharField(max_length=10, default="file")
    brought: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField(null=True, blank=True)
    mend = models.PositiveIntegerField(default=0)
    explain = models.PositiveIntegerField(default=0)
    note = models.PositiveIntegerField(default=0)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    items: RelatedManager[ArrivedFile]
    reply: Reply

    class Meta:
        ordering = ("-kept_at", "-pk")
        indexes = (models.Index(fields=["campaign", "status"]),)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "key"], name="arrival_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(STATUSES)), name="arrival_known_status"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} · {self.name}"

    @property
    def owner(self) -> str:
        """Whose key seals it."""
        return f"arrival-{self.pk}"

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"arrival:{self.pk}"

    @property
    def status_said(self) -> Text:
        """Its status in words."""
        return STATUSES[self.status]


class Reply(Outgoing):
    """The answer to a delivery, drafted as it was read; there is none where none is due.

    Attributes
    ----------
    sealed : bytes
        The mail without sender and date, sealed with the key of the delivery.
    addressee : str
        Keyed hash of the address, by which those to one address are counted; blank until it was to leave.
    asked_at, asked_by
        When it was last to leave, and who said so; nobody where the campaign lets receipts leave by themselves.
    """

    arrival = models.OneToOneField(Arrival, models.CASCADE, related_name="reply")
    sealed = models.BinaryField()
    addressee = models.CharField(max_length=64, blank=True, db_index=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=sorted(STATES)), name="reply_known_state"),
        )

    def __str__(self) -> str:
        return str(self.arrival)

    @property
    def called(self) -> str:
        """What the audit calls it."""
        return self.arrival.subject

    @property
    def of_campaign(self) -> int:
        """The campaign that it belongs to, by id."""
        return self.arrival.campaign_id


class Mailbox(models.Model):
    """How far the reading of a campaign's mailbox has come; what opens it stands in the environment alone.

    Attributes
    ----------
    read_at : datetime or None
        When it was last read to its end.
    failed_at, failure, remedy
        When it last could not be read, why and what to do; blank once it was.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="mailbox")
    read_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.campaign)


class TakenMail(models.Model):
    """A mail that was taken from the mailbox, so that it is fetched once.

    Attributes
    ----------
    place : str
        Hash of where it lay: server, account, folder, UIDVALIDITY and UID.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="taken_mails")
    place = models.CharField(max_length=64)
    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["campaign", "place"], name="taken_once"),)

    def __str__(self) -> str:
        return self.place


class ArrivedFile(models.Model):
    """A file of a delivery; a form among them may become a return, or stand beside one that is there.

    Attributes
    ----------
    form : str
        Name of the form that it holds; blank where it holds none.
    reading : int
        Which of the forms in the file.
    of : Return or None
        The return that was made of it, or that it was held against.
    """

    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=300)
    sort = models.CharField(max_length=12)
    form = models.CharField(max_length=80, blank=True)
    reading = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=200, blank=True)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="+")
    facts = models.JSONField(default=dict, blank=True)
    of = models.ForeignKey(Return, models.PROTECT, null=True, blank=True, related_name="arrived")

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["arrival", "position"], name="arrived_file_once"),)

    def __str__(self) -> str:
        return self.path
