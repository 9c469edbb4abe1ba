"""Which cases share text or pictures: computed as a job, shown side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.returns.models import Attachment, Version
from xinzhi.campaign.review.models import Case, LikePair
from xinzhi.intake.likeness import SideBySide, alike, alike_pictures, shared_passages, side_by_side

LEAST_SHARE = 0.3
"""Share of the shorter text from which on a pair is shown."""


def text_of(case: Case) -> str:
    """Return the sections of the accepted version as one text."""
    values = Version.objects.get(of=case.filed, number=case.filed.version).values
    return "\n".join(values.get(id, "") for id in case.campaign.case.sections)


def compare(payload: Mapping[str, object], report: Callable[[float], None]) -> object:
    """Compare all cases of a campaign with each other and keep the pairs; earlier ones are replaced."""
    campaign = Campaign.objects.get(pk=str(payload["campaign"]))
    cases = {
        str(case.pk): case
        for case in Case.objects.filter(campaign=campaign).select_related("campaign", "filed")
    }
    found = alike(
        {id: text_of(case) for id, case in cases.items()}, LEAST_SHARE, printed=campaign.case.hints()
    )
    report(0.6)
    pairs = {(pair.one, pair.other, "text"): pair.containment for pair in found}
    owners = {case.filed_id: id for id, case in cases.items()}
    pictures = Attachment.objects.filter(of__in=owners, sort="picture", removed_at=None)
    prints = {f"{owners[a.of_id]} {a.pk}": str(a.facts.get("dhash", "")) for a in pictures}
    for near in alike_pictures(prints):
        one, other = near.one.split()[0], near.other.split()[0]
        if one != other:
            lower, higher = sorted((one, other), key=int)
            key = lower, higher, "picture"
            pairs[key] = max(pairs.get(key, 0.0), 1 - near.distance / 64)
    with transaction.atomic():
        LikePair.objects.filter(one__campaign=campaign).delete()
        LikePair.objects.bulk_create(
            LikePair(one=cases[one], other=cases[other], sort=sort, share=share)
            for (one, other, sort), share in pairs.items()
        )
    return {"pairs": len(pairs)}


def passages_of(pair: LikePair) -> SideBySide:
    """Return the texts of a pair with what they share."""
    one, other = text_of(pair.one), text_of(pair.other)
    return side_by_side(one, other, shared_passages(one, other))
