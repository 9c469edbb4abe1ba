"""The devices somebody is signed in with, as that person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, ip_address

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from xinzhi.campaign.acting import Actor
from xinzhi.language import gettext as _

_BROWSERS = (
    # Most call themselves what others are too, so the first that fits is the one.
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("QQBrowser", "QQ浏览器"), ("UCBrowser", "UC浏览器"),
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class Device:
    """A browser somebody is signed in with.

    Attributes
    ----------
    id : int
        Names it in the address at which it is signed out; never the key of its session.
    what : str
        Browser and system, as far as the browser says.
    address : str
        Where it was last seen from, without the part that names one machine.
    begun, seen : datetime
        When it signed in, and when it was last seen, to within ten minutes.
    here : bool
        Whether it is the one that asks.
    """

    id: int
    what: str
    address: str
    begun: datetime
    seen: datetime
    here: bool


def standing(actor: Actor) -> QuerySet[UserSession]:
    """Return the sessions of an actor that have neither ended nor expired."""
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    found: QuerySet[UserSession] = UserSession.objects.filter(Exists(alive), user=actor.user)
    return found


def devices_of(actor: Actor, key: str | None) -> list[Device]:
    """Return the devices of an actor, the one whose session has this key first, then the last seen."""
    found = [
        Device(
            id=session.pk,
            what=browser_said(session.user_agent),
            address=shortened(session.ip),
            begun=session.created_at,
            seen=session.last_seen_at,
            here=session.session_key == key,
        )
        for session in standing(actor).order_by("-last_seen_at", "-pk")
    ]
    return sorted(found, key=lambda device: not device.here)


def browser_said(agent: str) -> str:
    """Name browser and system by what a browser sends about itself."""
    browser = next((name for word, name in _BROWSERS if word in agent), _("不认得的浏览器"))
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    return f"{browser} · {system}" if system else browser


def shortened(address: str) -> str:
    """Write a network address without its last part: 203.0.113.*, 2001:db8:0:1:*."""
    known = ip_address(address)
    if isinstance(known, IPv4Address):
        return f"{str(known).rpartition('.')[0]}.*"
    if known.ipv4_mapped:
        return shortened(str(known.ipv4_mapped))
    return ":".join(f"{int(part, 16):x}" for part in known.exploded.split(":")[:4]) + ":*"
