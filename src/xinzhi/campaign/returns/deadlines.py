"""Until when a unit has time, as people say it: a date and the days left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import Return
from xinzhi.language import current_language
from xinzhi.language import gettext as _


@dataclass(frozen=True)
class Deadline:
    """The end of the time, exclusive, in the time zone of the call; and how many days are left on the wall."""

    until: datetime
    days: int
    over: bool

    def __str__(self) -> str:
        """Say midnight as the end of a day: 2025年8月31日 24:00."""
        day, hour = self.until, f"{self.until:%H:%M}"
        if hour == "00:00":
            day, hour = day - timedelta(days=1), "24:00"
        if current_language() == "en":
            return f"{day.day} {day:%B %Y} {hour}"
        return f"{day.year}年{day.month}月{day.day}日 {hour}"

    @property
    def left(self) -> str:
        """Days left, in words."""
        if self.over:
            return _("已截止")
        return _("还剩 {n} 天").format(n=self.days) if self.days else _("今天截止")


def deadline_of(campaign: Campaign, unit: Unit, now: datetime, filed: Return | None = None) -> Deadline:
    """Return until when a unit has time: its window, or the due date of a return sent back.

    The due date is what the office asks for, be it earlier or later; when it has passed, the window still counts.
    """
    due = filed.due_at if filed else None
    until = (due if due and now < due else campaign.closes_for(unit)).astimezone(campaign.call.zone)
    last_day = (until - timedelta(microseconds=1)).date()
    return Deadline(until, (last_day - now.astimezone(campaign.call.zone).date()).days, now >= until)
