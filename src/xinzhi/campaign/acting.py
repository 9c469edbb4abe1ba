"""Who does something, as what, and at what time: the one argument that every operation and query takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from django.utils import timezone

if TYPE_CHECKING:
    from django.http import HttpRequest

    from xinzhi.campaign.campaigns.models import Campaign
    from xinzhi.campaign.people.models import Membership, User
    from xinzhi.campaign.people.roles import Permission
    from xinzhi.campaign.places.models import Unit

Channel = Literal["page", "word", "excel", "mail", "api", "job", "command"]

REHEARSAL_KEY = "rehearsal"  # of the session: the moment that an office member has chosen


@dataclass(frozen=True)
class Actor:
    """Somebody at work.

    Attributes
    ----------
    user : User or None
        None for the platform itself and for a visitor; the two differ in `system`.
    now : datetime
        The time, or the one that is rehearsed.
    memberships : tuple of Membership
        In force at this time, each with its campaign and unit.
    channel : str
        How the person came: page, Word or Excel file, mail, API, job, command.
    rehearsing : bool
        Whether `now` is a rehearsed time; real campaigns can then be looked at and not changed.
    system : bool
        Whether the platform itself acts, for a job or a command of whoever runs the machine.
    """

    user: User | None
    now: datetime
    memberships: tuple[Membership, ...] = ()
    channel: Channel = "page"
    rehearsing: bool = False
    system: bool = False
    second_factor: bool = field(default=False, compare=False)

    def may(self, permission: Permission, campaign: Campaign | None = None, unit: Unit | None = None) -> bool:
        """Tell whether one of the roles held gives a permission in a campaign (None: in any) over a unit."""
        return self.system or any(
            membership.gives(permission, campaign, unit) for membership in self.memberships
        )

    @property
    def needs_second_factor(self) -> bool:
        """Whether a role demands an authenticator that has not been set up yet."""
        return not self.second_factor and any(m.owes_second_factor for m in self.memberships)

    @property
    def name(self) -> str:
        """What others read as the author of a change."""
        return self.user.name if self.user else ""


def the_system(channel: Channel = "job", now: datetime | None = None) -> Actor:
    """Return the platform itself as the actor."""
    return Actor(None, now or timezone.now(), channel=channel, system=True)


def acting_as(user: User, now: datetime | None = None, channel: Channel = "page") -> Actor:
    """Return a user with the roles held at a time (now by default)."""
    moment = now or timezone.now()
    return Actor(user, moment, _memberships(user, moment), channel)


def actor_of(request: HttpRequest) -> Actor:
    """Return who makes a request, at the time that the session rehearses if it does."""
    from allauth.mfa.utils import is_mfa_enabled

    user = request.user
    if not user.is_authenticated:
        return Actor(None, timezone.now())
    moment = timezone.now()
    chosen = request.session.get(REHEARSAL_KEY)
    held = _memberships(user, moment)
    needs = any(membership.owes_second_factor for membership in held)
    return Actor(
        user,
        datetime.fromisoformat(chosen) if chosen else moment,
        held,
        rehearsing=bool(chosen),
        second_factor=needs and is_mfa_enabled(user),
    )


def _memberships(user: User, moment: datetime) -> tuple[Membership, ...]:
    return tuple(
        membership
        for membership in user.memberships.select_related("campaign", "unit")
        if membership.stands_at(moment)
    )
