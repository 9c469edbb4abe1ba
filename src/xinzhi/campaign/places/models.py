"""Units: the administrative ones by code, and the bodies (enterprises and others) that file cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from xinzhi import geography
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

BODY = "body"
LEVELS = ("nation", "province", "city", "county", BODY)


class Unit(models.Model):
    """A unit that files, or one above those that do.

    Attributes
    ----------
    code : str
        Six digits of GB/T 2260; of a body its unified social credit code, 18 characters.
    path : str
        Codes from the province down to itself, each followed by ``/``; a branch shares its beginning.
    valid_from, valid_to : int or None
        First and last year at whose end the unit stood.
    approved_at : datetime or None
        Of a body: since when the office knows that it is what it says. Acceptance waits for it, drafting does not.
    demonstration : bool
        Whether it is fictitious.
    """

    code = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=60, db_index=True)
    valid_from = models.IntegerField(null=True, blank=True)
    valid_to = models.IntegerField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    demonstration = models.BooleanField(default=False)

    children: RelatedManager[Unit]

    class Meta:
        ordering = ("code",)
        constraints = (models.CheckConstraint(condition=models.Q(level__in=LEVELS), name="unit_known_level"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_body(self) -> bool:
        """Whether it is an enterprise or another body, no government."""
        return self.level == BODY

    @property
    def kind_said(self) -> str:
        """The kind in the reader's words."""
        return _("企业或其他单位") if self.is_body else self.kind

    @property
    def administrative(self) -> geography.Unit | None:
        """The unit as the library knows it; None for a body."""
        if self.is_body:
            return None
        return geography.Unit(
            code=self.code,
            name=self.name,
            full_name=self.name,
            english="",
            level=self.level,
            kind=self.kind,
            parent=self.parent.code if self.parent else "",
            path=self.full_name,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    @property
    def full_name(self) -> str:
        """Names from the province down; of a body its name alone."""
        if self.is_body or self.parent is None or self.parent.level == "nation":
            return self.name
        return self.parent.full_name + self.name
