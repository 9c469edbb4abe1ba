"""Counting the findings of a version when it is made, in the same transaction."""

from __future__ import annotations

from collections import Counter
from typing import Any

from xinzhi.campaign.checking.models import FindingCount
from xinzhi.campaign.returns.models import Version
from xinzhi.forms import Finding, grade_of


def count_findings(sender: type[Version], instance: Version, created: bool, **_more: Any) -> None:
    """Keep how many findings of each grade a new version has."""
    if created:
        count = Counter(grade_of(Finding.model_validate(each)) for each in instance.findings)
        FindingCount.objects.create(
            version=instance, mend=count["mend"], explain=count["explain"], note=count["note"]
        )
