"""A campaign: one year's call, opened from its template."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from xinzhi.campaign.places.models import Unit
from xinzhi.forms import AnyForm, Call, CaseForm, IndicatorForm, load_call, load_form

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STATES = ("preparing", "open", "closed", "frozen")
LEVELS = ("confirm", "city", "province")
"""Who looks before the office does: a second person of the unit, the city, the province; the 2025 call has none
that is mandatory but its own demand that figures be checked before sending (L4)."""


class Campaign(models.Model):
    """A campaign.

    Attributes
    ----------
    template : str
        Name of the call in the library of forms (``letter-2025``): filers, domains, partners, statement.
    forms : mapping
        Id of each form to the version in use (``{"indicators": "letter-2025/indicators@1"}``).
    opens_at, closes_at : datetime
        The window: from the first on, before the second.
    levels : list of str
        Who looks before the office does, in their order.
    return_days : int
        Days that a return sent back is given, even after the window.
    contacts : mapping
        Mailbox, telephone and address of the office, blank until the office fills them in.
    reminders : mapping
        Days before the closing on which units are reminded, and whether letters and replies leave by themselves.
    rubric : mapping
        How cases are scored.
    """

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200, blank=True)
    template = models.CharField(max_length=60)
    forms = models.JSONField()
    year = models.IntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="preparing")
    state_reason = models.CharField(
        max_length=500, blank=True
    )  # why it was reopened; the audit keeps no free text
    levels = models.JSONField(default=list)
    return_days = models.PositiveSmallIntegerField(default=7)
    contacts = models.JSONField(default=dict, blank=True)
    reminders = models.JSONField(default=dict, blank=True)
    rubric = models.JSONField(default=dict, blank=True)
    demonstration = models.BooleanField(default=False)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="next")
    revision = models.PositiveIntegerField(default=1)

    admissions: RelatedManager[Admission]
    extensions: RelatedManager[Extension]

    class Meta:
        ordering = ("-year", "slug")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="campaign_known_state"),
            models.CheckConstraint(
                condition=models.Q(opens_at__lt=models.F("closes_at")), name="campaign_window"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @cached_property
    def call(self) -> Call:
        """The call as data."""
        return load_call(self.template)

    @property
    def posts_automatically(self) -> bool:
        """Whether letters leave by themselves; otherwise each is a draft until a person sends it."""
        return bool(self.reminders.get("automatic"))

    def form(self, id: str) -> AnyForm:
        """Return the form of this id in the version in use.

        Raises
        ------
        KeyError
            If the campaign has no such form.
        """
        return load_form(self.forms[id])

    @cached_property
    def indicators(self) -> IndicatorForm:
        """The indicator form."""
        form = self.form("indicators")
        assert isinstance(form, IndicatorForm)
        return form

    @cached_property
    def case(self) -> CaseForm:
        """The case form."""
        form = self.form("case")
        assert isinstance(form, CaseForm)
        return form

    def closes_for(self, unit: Unit) -> datetime:
        """Return the end of the window for a unit: its latest extension, or the common one."""
        extended = [e.until for e in self.extensions.all() if e.unit_id == unit.pk]
        return max([self.closes_at, *extended])

    def is_open_for(self, unit: Unit, moment: datetime) -> bool:
        """Tell whether a unit may begin and send at a moment."""
        if self.state != "open" or moment < self.opens_at:
            return False
        return moment < self.closes_at or moment < self.closes_for(unit)  # extensions are seldom looked up


class Admission(models.Model):
    """A unit or a form of a unit that the office admits by name (东莞 and its like)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="admissions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="admissions")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["campaign", "unit"], name="admission_once"),)

    def __str__(self) -> str:
        return f"{self.campaign} · {self.unit}"


class Extension(models.Model):
    """More time for one unit, with the reason."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="extensions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="extensions")
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.unit}: {self.until:%Y-%m-%d %H:%M}"


class KnownFigure(models.Model):
    """A figure that the office holds returns against: official, or of the census; from a panel that it imports."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="known_figures")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="known_figures")
    sort = models.CharField(max_length=10)  # official, census, earlier
    field = models.CharField(max_length=60)
    year = models.IntegerField()
    number = models.DecimalField(max_digits=24, decimal_places=6)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "unit", "sort", "field", "year"], name="known_figure_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit} {self.field} {self.year}: {self.number}"
