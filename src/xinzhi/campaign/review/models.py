"""Cases under review: screened, made blind, assigned, scored, decided; and which share text or pictures."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.storage.models import Blob

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

CONSENTS = ("", "asked", "given", "refused", "withdrawn")
RIGHTS = ("own", "permitted", "unclear")


def _by(**more: object) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", **more)  # type: ignore[arg-type]


class Case(models.Model):
    """An accepted case as the review knows it.

    Attributes
    ----------
    number : int
        By which experts know it; it says nothing of who filed.
    screened : str
        ``in``, ``out``, or blank until the office has looked.
    decision : str
        ``shortlisted``, ``not``, or blank.
    exemplary : bool
        Whether it is one of the 精品案例.
    told_at : datetime, optional
        When the unit was told of the decision as it stands; a decision that is changed has to be told anew.
    consent : str
        Of the unit to publication with its copyright: blank before it was ``asked``, then ``given`` or ``refused``;
        one that was given can be ``withdrawn``.
    consent_version : int
        The version that was asked about or answered for; a later one needs a consent of its own.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="review_cases")
    filed = models.OneToOneField(Return, models.PROTECT, related_name="review_case")
    number = models.PositiveIntegerField()
    screened = models.CharField(max_length=4, blank=True)
    screening_reason = models.TextField(blank=True)
    decision = models.CharField(max_length=12, blank=True)
    decision_reason = models.TextField(blank=True)
    exemplary = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)
    consent = models.CharField(max_length=10, blank=True)
    consent_version = models.PositiveIntegerField(default=0)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_by = _by(blank=True)

    blind_views: RelatedManager[BlindView]
    assignments: RelatedManager[Assignment]
    rights: RelatedManager[PictureRight]

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "number"], name="review_case_number_once"),
            models.CheckConstraint(
                condition=models.Q(screened__in=("", "in", "out")), name="review_case_screened"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=("", "shortlisted", "not")), name="review_case_decision"
            ),
            models.CheckConstraint(condition=models.Q(consent__in=CONSENTS), name="review_case_consent"),
        )

    def __str__(self) -> str:
        return f"{self.number:03d}"

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"case:{self.pk}"


class PictureRight(models.Model):
    """Whose a picture of a case is: the unit's ``own``, another's who ``permitted`` it, or ``unclear``."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="rights")
    picture = models.UUIDField()
    right = models.CharField(max_length=10)
    holder = models.CharField(max_length=200, blank=True)
    by = _by()
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["case", "picture"], name="picture_right_once"),
            models.CheckConstraint(condition=models.Q(right__in=RIGHTS), name="picture_right_known"),
            models.CheckConstraint(
                condition=~models.Q(right="permitted", holder=""), name="picture_right_names_holder"
            ),
        )

    def __str__(self) -> str:
        return f"{self.picture}: {self.right}"


class BlindView(models.Model):
    """What experts see of a version of a case, after somebody of the office has confirmed it.

    Attributes
    ----------
    masks : dict
        By field what is masked: begin and end in the text as the eye reads it, what it was found by, and, where
        somebody lets it stand, the reason. The words themselves are in the version alone.
    texts : dict
        The masked texts by field.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="blind_views")
    version = models.PositiveIntegerField()
    texts = models.JSONField()
    masks = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = _by(blank=True)

    pictures: RelatedManager[BlindPicture]

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["case", "version"], name="blind_view_once"),)

    def __str__(self) -> str:
        return f"{self.case} v{self.version}"


class BlindPicture(models.Model):
    """A picture made anew in the limited child, without what its file said beside the pixels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    view = models.ForeignKey(BlindView, models.CASCADE, related_name="pictures")
    original = models.UUIDField()
    caption = models.CharField(max_length=200, blank=True)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    fault = models.CharField(max_length=200, blank=True)
    shown = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["view", "original"], name="blind_picture_once"),)

    def __str__(self) -> str:
        return str(self.pk)


class Assignment(models.Model):
    """A case given to an expert.

    Attributes
    ----------
    round : int
        1, or 2 for those who look again where scores differ.
    conflict : str
        Blank: never asked. ``none``: asked, and there is none. ``declared``: asked, and there is one.
    state : str
        ``open``, ``submitted``, or ``ended`` by a conflict.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="assignments")
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="review_assignments")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, default="open")
    conflict = models.CharField(max_length=10, blank=True)
    conflict_reason = models.TextField(blank=True)
    conflict_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    made_by = _by()
    made_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    scores: RelatedManager[Score]
    expert_id: int

    class Meta:
        ordering = ("case__number", "round", "made_at")
        constraints = (
            models.UniqueConstraint(fields=["case", "expert", "round"], name="assignment_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "submitted", "ended")), name="assignment_state"
            ),
            models.CheckConstraint(
                condition=models.Q(conflict__in=("", "none", "declared")), name="assignment_conflict"
            ),
        )

    def __str__(self) -> str:
        return f"{self.case} · {self.expert} · {self.round}"


class Score(models.Model):
    """Points for a section with a comment; points are missing until they are given."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="scores")
    section = models.CharField(max_length=60)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assignment", "section"], name="score_once"),)

    def __str__(self) -> str:
        return f"{self.section}: {self.points}"


class LikePair(models.Model):
    """Two cases that share text (`share` of the shorter one) or a picture (bits in which they differ)."""

    one = models.ForeignKey(Case, models.CASCADE, related_name="+")
    other = models.ForeignKey(Case, models.CASCADE, related_name="+")
    sort = models.CharField(max_length=8)  # text, picture
    share = models.FloatField()

    class Meta:
        ordering = ("sort", "-share", "pk")
        constraints = (models.UniqueConstraint(fields=["one", "other", "sort"], name="like_pair_once"),)

    def __str__(self) -> str:
        return f"{self.one} ~ {self.other}"
