"""The demonstration's platform: every state, every role, nothing failed, an audit that verifies, and what it publishes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from tests.publish.papers import outline_of, rewritten
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.inbox.models import Reply
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.publications import building
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.results.models import Computed
from xinzhi.campaign.returns.models import Return
from xinzhi.publish.bundle import open_bundle, verify_bundle, write_bundle
from xinzhi.publish.demonstration import demonstration_edition
from xinzhi.publish.edition import Edition
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.paper import BUNDLE, PDF, WORD, write_paper
from xinzhi.publish.tracing import trace_document
from xinzhi.site.demonstration import Size, build, published


@pytest.mark.django_db
def test_two_campaigns_with_everything_in_them(settings, tmp_path, monkeypatch) -> None:
    # What is really built is looked at in tests/campaign/test_publications.py.
    monkeypatch.setattr(
        building, "files_of", lambda edition, _report: {"index.html": edition.title.zh.encode()}
    )
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
    edition = Publication.objects.get()
    assert (edition.campaign, edition.state, len(edition.approved_by)) == (built.last, "published", 2)
    assert len(edition.chosen.cases) == 2
    assert verify().fault == ""
    publishable(published(built.last), tmp_path)


def publishable(campaign: Edition, folder: Path) -> None:
    """Of two cases both are shortlisted and consented to; the white paper shows them beside the index of 20 counties,
    every number is found in its bundle, and one digit changed is found out.
    """
    assert [(a.id, a.fictitious, len(a.standing.codes)) for a in campaign.assessments] == [
        ("county-2025", True, 20)
    ]
    assert [(case.outstanding, case.code[:2], len(case.pictures)) for case in campaign.cases] == [
        (True, "99", 3),
        (False, "99", 3),
    ]
    assert [p.caption[:2] for case in campaign.cases for p in case.pictures] == 2 * ["图1", "图2", "图3"]
    handed = write_bundle(campaign, folder / "campaign.zip", figures=())
    edition = demonstration_edition(open_bundle(handed).edition)
    assert edition.cases == campaign.cases
    outline = outline_of("counties", "cases")
    write_paper(edition, folder / "paper", font_folder(), outline=outline)
    for name in (PDF, WORD):
        traced = trace_document(folder / "paper" / name, folder / "paper" / BUNDLE)
        assert traced.mismatches == () and traced.count > 3 * 20
    spoilt = rewritten(folder / "paper" / BUNDLE, folder / "spoilt.zip", with_another_score)
    # The description of the data names the hash of the table.
    assert {d.file for d in verify_bundle(spoilt)} == {"county-2025/results/scores.csv", "datapackage.json"}


def with_another_score(name: str, data: bytes) -> bytes:
    """Change the last digit of the last score of the counties."""
    if name != "county-2025/results/scores.csv":
        return data
    at = max(place for place, sign in enumerate(data) if chr(sign) in "123456789")
    return data[:at] + b"0" + data[at + 1 :]
