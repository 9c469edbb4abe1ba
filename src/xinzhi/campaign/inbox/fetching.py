"""Fetching what comes to a campaign: by IMAP from its mailbox, again and again; from its folder when asked.

What opens a mailbox stands in the environment alone. Nothing is deleted, moved or marked on the server.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

import xinzhi
from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.inbox.models import Mailbox, TakenMail
from xinzhi.campaign.inbox.operations import keep
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import Again, enqueue, hasten, stands
from xinzhi.campaign.refusals import Refused
from xinzhi.errors import XinzhiError
from xinzhi.intake.sources import Delivery, deliveries, mail_delivery, upload
from xinzhi.intake.transport import ImapMailbox, MailServer
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from pydantic import SecretStr

EVERY = timedelta(minutes=5)
"""How often a mailbox is read."""

OVERDUE = timedelta(minutes=30)
"""Without a look at the mailbox for so long, no worker can be at work."""

TURN = 60.0
"""Seconds after which other jobs have their turn while mails are left."""

_FETCH, _POLL = "inbox.fetch", "inbox.poll"
_PAUSES = (1.0, 2.0, 5.0)  # a job does not wait long for a server: what is left comes with the next reading
_TIMEOUT = 30.0
_log = logging.getLogger("xinzhi.inbox")


# --- the mailbox -----------------------------------------------------------------------------------------


def ensure_fetching() -> None:
    """Let a job read each mailbox of the environment from now on; there is one for a campaign at most."""
    for slug in settings.ENVIRONMENT.mailboxes:
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            _warn_of_no_campaign(slug)
        elif not stands(_FETCH, _key(campaign)):
            enqueue(the_system(), _FETCH, {"campaign": campaign.pk}, key=_key(campaign))


def fetch_job(payload: Mapping[str, object], report: Callable[[float], None], /) -> object:
    """Read the mailbox of a campaign; the job comes again while the environment names one."""
    campaign = Campaign.objects.get(pk=str(payload["campaign"]))
    attached = settings.ENVIRONMENT.mailboxes.get(campaign.slug)
    if attached is None:
        return {}
    state, _new = Mailbox.objects.get_or_create(campaign=campaign)
    actor = the_system()
    try:
        came, whole = _fetched(campaign, attached.server, attached.password, report)
    except XinzhiError as error:  # a server that is away or refuses, a disk that is full
        state.failed_at, state.failure, state.remedy = actor.now, error.what, error.remedy
        state.save()
        return Again(actor.now + EVERY)
    if not whole:
        return Again(the_system().now, {"came": came})  # behind the jobs that were asked for meanwhile
    state.read_at, state.failed_at, state.failure, state.remedy = actor.now, None, "", ""
    state.save()
    return Again(actor.now + EVERY, {"came": came})


def _fetched(
    campaign: Campaign, server: MailServer, password: SecretStr, report: Callable[[float], None]
) -> tuple[int, bool]:
    """Keep the mails that were not taken before; return how many are new, and whether that was all.

    Each is kept, and remembered by its place, in one transaction: whatever kills us, it is fetched again or there.
    """
    taken = set(TakenMail.objects.filter(campaign=campaign).values_list("place", flat=True))
    begun, passed, came, moved = time.monotonic(), 0.0, 0, False

    def on_the_way(number: int, listed: int) -> None:
        nonlocal passed
        passed = number / listed

    def sleep(seconds: float) -> None:
        report(passed)
        time.sleep(seconds)

    with ImapMailbox(
        server,
        password.get_secret_value(),
        known=lambda key: _place(key) in taken,
        sleep=sleep,
        pauses=_PAUSES,
        progress=on_the_way,
        version=xinzhi.__version__,
        timeout=_TIMEOUT,
    ) as mailbox:
        for delivery in mailbox:
            place = _place(delivery.key)
            came += keep(the_system(), campaign, _as_mail(delivery), place)[1]
            moved = (
                moved or place not in taken
            )  # a server without UIDVALIDITY hands out the same mails each time
            report(passed)
            if moved and time.monotonic() - begun > TURN:
                return came, False
    return came, True


def _as_mail(delivery: Delivery) -> Delivery:
    """Return a fetched mail as one that was uploaded: known by its bytes, with the time of the receiving server."""
    mail = mail_delivery(delivery.files[0].content(), delivery.name, delivery.received)
    return replace(mail, received_by=delivery.received_by, findings=delivery.findings)


def _place(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _key(campaign: Campaign) -> str:
    return f"campaign:{campaign.pk}"


@cache
def _warn_of_no_campaign(slug: str) -> None:
    """Say once in a process that a mailbox has no campaign; one may yet be made."""
    _log.warning("mailbox of no campaign", extra={"campaign": slug})


# --- the folder ------------------------------------------------------------------------------------------


def folder_of(campaign: Campaign) -> Path:
    """Return the folder into which whoever runs the machine may put what came to a campaign in other ways."""
    return Path(settings.ENVIRONMENT.home) / "mailbox" / campaign.slug


def poll_job(payload: Mapping[str, object], report: Callable[[float], None], /) -> dict[str, object]:
    """Keep what lies in the folder of a campaign; what is there already is passed over, what cannot be kept told."""
    campaign = Campaign.objects.get(pk=str(payload["campaign"]))
    kept, left = 0, []
    for delivery in deliveries(folder_of(campaign)):
        if len(delivery.files) > 1:
            left.append(delivery.name)
            continue
        if delivery.channel != "mail":
            received = delivery.received or the_system().now
            delivery = upload(delivery.name, delivery.files[0].content(), received)
        kept += keep(the_system(), campaign, delivery)[1]
        report(0.5)
    return {"kept": kept, "left": left[:20]}


# --- both ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How the fetching of a campaign stands, for people.

    Attributes
    ----------
    address : str
        Account, server and folder that are read; blank where no mailbox is attached.
    mailbox : Mailbox or None
        None before the first reading.
    share : float or None
        How far a reading under way has come.
    today, all : int
        Mails that came by it.
    overdue : bool
        Whether nobody has looked for a long time.
    folder : str
        The folder of the server, where there is one.
    left : sequence of str
        What lies in it and could not be kept.
    fault : str
        Why it could not be read.
    """

    address: str = ""
    mailbox: Mailbox | None = None
    share: float | None = None
    today: int = 0
    all: int = 0
    overdue: bool = False
    folder: str = ""
    left: Sequence[str] = ()
    fault: str = ""


def standing(campaign: Campaign) -> Standing:
    """Return how the fetching of a campaign stands."""
    found, now = Standing(), the_system().now
    if attached := settings.ENVIRONMENT.mailboxes.get(campaign.slug):
        job = Job.objects.filter(kind=_FETCH, key=_key(campaign)).order_by("-pk").first()
        taken = TakenMail.objects.filter(campaign=campaign)
        zone = campaign.call.zone
        midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
        found = Standing(
            address=f"{attached.server.user}@{attached.server.host}/{attached.server.folder}",
            mailbox=Mailbox.objects.filter(campaign=campaign).first(),
            share=job.progress if job and job.state == "running" else None,
            today=taken.filter(arrival__kept_at__gte=midnight).count(),
            all=taken.count(),
            overdue=job is not None and (job.finished_at or job.made_at) < now - OVERDUE,
        )
    if folder_of(campaign).is_dir():
        job = Job.objects.filter(kind=_POLL, key=_key(campaign)).order_by("-pk").first()
        found = replace(
            found,
            folder=str(folder_of(campaign)),
            left=job.outcome.get("left", ()) if job else (),
            fault=job.said if job and job.state == "failed" else "",
        )
    return found


def fetch_now(actor: Actor, campaign: Campaign) -> None:
    """Let jobs look for what came at once.

    Raises
    ------
    Refused
        Where there is neither a mailbox nor a folder to look into.
    """
    attached, folder = campaign.slug in settings.ENVIRONMENT.mailboxes, folder_of(campaign).is_dir()
    if not attached and not folder:
        raise Refused(
            _("这次征集没有接邮箱"),
            where=campaign.title,
            remedy=_("请管理员在 XINZHI_MAILBOXES 中写明; 或者上传邮件"),
        )
    told = {"campaign": campaign.pk}
    if attached and enqueue(actor, _FETCH, told, key=_key(campaign)) is None:
        hasten(_FETCH, _key(campaign))
    if folder:
        enqueue(actor, _POLL, told, key=_key(campaign))
