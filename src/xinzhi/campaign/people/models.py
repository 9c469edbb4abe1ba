"""Accounts, and the roles they hold in campaigns and units."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.roles import ROLES, Permission, Role
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import STATES, Outgoing

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class UserManager(BaseUserManager["User"]):
    """Accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **given: Any) -> User:
        """Make an account; without a password nobody can sign in until one is set."""
        user = self.model(email=email.strip().lower(), **given)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account by its address in any case."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """An account. What it may do comes from its memberships alone; there is no superuser."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)

    memberships: RelatedManager[Membership]
    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A role held in a campaign (none: in all) over a unit (none: over all that the role reaches)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, blank=True, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="memberships")
    domains = models.JSONField(default=list, blank=True)  # of an expert: the domains of the call
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=sorted(ROLES)), name="membership_known_role"),
            models.UniqueConstraint(
                fields=["user", "role", "campaign", "unit"],
                condition=models.Q(until=None),
                nulls_distinct=False,
                name="membership_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.declared.title}"

    @property
    def declared(self) -> Role:
        """What the role is."""
        return ROLES[self.role]

    @property
    def owes_second_factor(self) -> bool:
        """Whether the role demands an authenticator; in a campaign of demonstration data nothing is worth one."""
        return self.declared.second_factor and not (self.campaign and self.campaign.demonstration)

    def stands_at(self, moment: datetime) -> bool:
        """Tell whether it is in force."""
        return self.since <= moment and (self.until is None or moment < self.until)

    def gives(self, permission: Permission, campaign: Campaign | None, unit: Unit | None) -> bool:
        """Tell whether it gives a permission in a campaign (None: any) over a unit (None: any)."""
        if permission not in self.declared.permissions:
            return False
        if campaign is not None and self.campaign_id not in (None, campaign.pk):
            return False
        if unit is None or self.declared.reach == "campaign":
            return True
        if self.unit is None:
            return False
        if self.declared.reach == "branch":
            return unit.path.startswith(self.unit.path)
        return unit.pk == self.unit.pk


class Invitation(models.Model):
    """An invitation to a role, by link or printed code; of the code only a hash is kept."""

    code_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=20)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="invitations")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="invitations")
    domains = models.JSONField(default=list, blank=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=60, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    hands_over = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=sorted(ROLES)), name="invitation_known_role"),
        )

    def __str__(self) -> str:
        return f"{self.declared.title} · {self.unit or self.campaign}"

    @property
    def declared(self) -> Role:
        """What the role is."""
        return ROLES[self.role]

    def stands_at(self, moment: datetime) -> bool:
        """Tell whether it can still be taken up."""
        return self.used_at is None and self.revoked_at is None and moment < self.expires_at


class InvitationMail(Outgoing):
    """The mail of an invitation that has an address; who is invited, and to what, is read when it leaves.

    Attributes
    ----------
    address : str
        Of the page at which an invitation is taken up.
    """

    invitation = models.OneToOneField(Invitation, models.CASCADE, related_name="mail")
    address = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(STATES)), name="invitation_mail_known_state"
            ),
        )

    def __str__(self) -> str:
        return str(self.invitation)

    @property
    def called(self) -> str:
        """What the audit calls it."""
        return f"invitation_mail:{self.pk}"

    @property
    def of_campaign(self) -> int:
        """The campaign that it belongs to, by id."""
        return self.invitation.campaign_id
