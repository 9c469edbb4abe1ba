"""The demonstration's platform: every state, every role, nothing failed, and an audit that verifies."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.inbox.models import Reply
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.results.models import Computed
from xinzhi.campaign.returns.models import Return
from xinzhi.site.demonstration import Size, build


@pytest.mark.django_db
def test_two_campaigns_with_everything_in_them(settings, tmp_path) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"home": tmp_path / "home", "keys": tmp_path / "keys"}
    )
    today = datetime(2026, 11, 22, tzinfo=ZoneInfo("Asia/Shanghai"))
    built = build(today, size=Size(counties=20, last_cases=2, this_cases=1))
    assert (built.last.slug, built.this.slug) == ("demo-2025", "demo-2026")
    assert (built.last.indicators.years, built.this.indicators.years) == ((2023, 2024), (2024, 2025))
    assert {account.role for account in built.accounts} == set(ROLES)
    states = Counter(Return.objects.filter(sort="indicators").values_list("campaign__slug", "state"))
    # The twenty stages of this year, none of which is left out.
    assert states == {
        ("demo-2025", "accepted"): 20,
        ("demo-2026", "accepted"): 6,
        ("demo-2026", "submitted"): 4,
        ("demo-2026", "draft"): 3,
        ("demo-2026", "confirming"): 1,
        ("demo-2026", "returned"): 1,
        ("demo-2026", "declined"): 1,
        ("demo-2026", "withdrawn"): 1,
    }
    # One mail has been answered; of the others that are answered, each has its draft.
    assert Counter(Reply.objects.values_list("arrival__status", "state")) == {
        ("understood", "sent"): 1,
        ("understood", "draft"): 1,
        ("late", "draft"): 1,
        ("quarantine", "draft"): 1,
    }
    assert [message.to for message in mail.outbox] == [["sample0@example.com"]]
    # Tomorrow's reminders of this year's campaign wait; all else is done.
    left = Job.objects.exclude(state="done").values_list("kind", "state").distinct()
    assert set(left) == {("letters.daily", "waiting")}
    assert [made.state for made in Computed.objects.all()] == ["proposed"]
    assert verify().fault == ""
