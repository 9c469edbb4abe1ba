"""A return and all that belongs to it. Nothing that was typed is ever overwritten: every save is an entry."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.states import STATES
from xinzhi.campaign.storage.models import Blob

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from xinzhi.forms import AnyForm

INDICATORS, CASE = "indicators", "case"
CHANNELS = ("page", "word", "excel", "mail", "api", "job", "command")


def _by(**more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    """Return a reference to the account that did something; none where the platform did."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **more)  # type: ignore[arg-type]


class Return(models.Model):
    """What a unit files on one form: its figures of the campaign, or one case.

    Attributes
    ----------
    form : str
        Name of the form with its version.
    sort : {"indicators", "case"}
        The form's kind.
    title, domain : str
        Of a case, as its cells say, for lists.
    state : str
        Where it stands; see :mod:`xinzhi.campaign.returns.states`.
    version : int
        Number of the last version sent; 0 before the first.
    revision : int
        Goes up with every change of state; who acts on an older one is told (409).
    due_at : datetime or None
        Until when a return sent back may be sent again, even after the window.
    recommender : Unit or None
        Who recommends a case; blank where a body files for itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="returns")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="returns")
    form = models.CharField(max_length=80)
    sort = models.CharField(max_length=12)
    title = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, default="draft")
    version = models.PositiveIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(null=True, blank=True)
    recommender = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="recommended_returns"
    )
    stated_not_secret = models.BooleanField(default=False)
    seal_confirmed_at = models.DateTimeField(null=True, blank=True)
    seal_confirmed_by = _by(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = _by()
    changed_at = models.DateTimeField()

    cells: RelatedManager[Cell]
    entries: RelatedManager[Entry]
    explanations: RelatedManager[Explanation]
    versions: RelatedManager[Version]
    remarks: RelatedManager[Remark]
    attachments: RelatedManager[Attachment]
    notes: RelatedManager[Note]
    decisions: RelatedManager[Decision]
    uploads: RelatedManager[Upload]

    class Meta:
        ordering = ("-changed_at",)
        indexes = (models.Index(fields=["campaign", "sort", "state"]),)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=sorted(STATES)), name="return_known_state"),
            models.UniqueConstraint(
                fields=["campaign", "unit"],
                condition=models.Q(sort=INDICATORS),
                name="return_figures_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} · {self.title or self.declared.title}"

    @property
    def declared(self) -> AnyForm:
        """The form as data."""
        from xinzhi.forms import load_form

        return load_form(self.form)

    @property
    def owner(self) -> str:
        """Whose key seals its contacts and files."""
        return str(self.pk)

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"return:{self.pk}"


class Cell(models.Model):
    """What stands in a field now. A private one holds its text sealed, and `text` is blank."""

    of = models.ForeignKey(Return, models.CASCADE, related_name="cells")
    key = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    sealed = models.BinaryField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=8, default="page")
    by = _by()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["of", "key"], name="cell_once"),)

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """What somebody once typed or sent for a field: in force, or beside somebody else's as a conflict.

    `settled_at` tells when a person looked at a conflict and kept what stood.
    """

    of = models.ForeignKey(Return, models.CASCADE, related_name="entries")
    key = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    sealed = models.BinaryField(null=True, blank=True)
    revision = models.PositiveIntegerField()
    stood = models.BooleanField(default=True)
    channel = models.CharField(max_length=8, default="page")
    by = _by()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["of", "key"]),)

    def __str__(self) -> str:
        return f"{self.key} {self.revision}"


class Explanation(models.Model):
    """What the filer says to a finding (上报说明)."""

    of = models.ForeignKey(Return, models.CASCADE, related_name="explanations")
    rule = models.CharField(max_length=60)
    key = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    by = _by()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["of", "rule", "key"], name="explanation_once"),)

    def __str__(self) -> str:
        return f"{self.rule} {self.key}"


class Attachment(models.Model):
    """A file that belongs to a return: picture, evidence, sealed scan, or the original of what came in.

    `facts` is what the limited child found out about it (of a picture: format, pixels, fingerprint, caption).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    of = models.ForeignKey(Return, models.CASCADE, related_name="attachments")
    sort = models.CharField(max_length=10)  # picture, evidence, scan, original
    name = models.CharField(max_length=200)
    caption = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    size = models.PositiveBigIntegerField()
    facts = models.JSONField(default=dict, blank=True)
    by = _by()
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(sort__in=("picture", "evidence", "scan", "original")),
                name="attachment_known_sort",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file on its way, piece by piece; it is gone when all of it has come, or when it is given up.

    `fingerprint` is by what the browser knows the file again after a break: name, size and day of change.
    `pieces` are the names of the sealed pieces on the disk, in their order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    of = models.ForeignKey(Return, models.CASCADE, related_name="uploads")
    sort = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=300)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    pieces = models.JSONField(default=list)
    by = _by()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["of", "by", "sort", "fingerprint"], name="upload_once"),
        )

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A return as it was sent: it never changes.

    Attributes
    ----------
    values : mapping
        Text by key, private fields left out.
    sealed : bytes
        The private fields as JSON, sealed with the key of the return.
    findings : list
        As the checks found them at the time.
    files : list
        Id, sort, name, size and keyed hash of each attachment.
    digest : str
        SHA-256 over all of these: what the receipt states.
    receipt : str
        Number of the receipt.
    """

    of = models.ForeignKey(Return, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    form = models.CharField(max_length=80)
    values = models.JSONField()
    sealed = models.BinaryField()
    explanations = models.JSONField()
    findings = models.JSONField()
    files = models.JSONField()
    digest = models.CharField(max_length=64)
    receipt = models.CharField(max_length=30, unique=True)
    filled_by = _by()
    sent_by = _by()
    channel = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["of", "number"], name="version_once"),)

    def __str__(self) -> str:
        return self.receipt


class Remark(models.Model):
    """Why a return was sent back: about one field, or about the whole."""

    of = models.ForeignKey(Return, models.CASCADE, related_name="remarks")
    version = models.PositiveIntegerField()
    key = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    by = _by()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class Note(models.Model):
    """A note of the office for itself; the unit never sees it."""

    of = models.ForeignKey(Return, models.CASCADE, related_name="notes")
    text = models.TextField()
    by = _by()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text


class Decision(models.Model):
    """A step of a return from one state to the next."""

    of = models.ForeignKey(Return, models.CASCADE, related_name="decisions")
    verb = models.CharField(max_length=20)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    by = _by()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.verb} {self.before} → {self.after}"
