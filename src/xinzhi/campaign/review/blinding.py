"""Making a case blind: its masked texts at once, its pictures by a job in the limited child."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from django.db import transaction

from xinzhi.campaign.opinion.places import names_of
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import Attachment, Version
from xinzhi.campaign.review.masking import masked, words_of
from xinzhi.campaign.review.models import BlindPicture, BlindView, Case
from xinzhi.campaign.storage.files import put, take
from xinzhi.campaign.storage.vault import vault
from xinzhi.errors import XinzhiError
from xinzhi.forms.opening.workshop import Workshop

_NAMED = ("unit", "recommender")
"""Fields of the case form whose text is a name; the private ones are all masked."""


def blind_texts(case: Case) -> dict[str, str]:
    """Return title and sections of the accepted version, masked."""
    version = _version(case)
    mask = _mask_of(case, version)
    form = case.campaign.case
    return {key: mask(version.values.get(key, "")) for key in ("title", *form.sections)}


def _version(case: Case) -> Version:
    return Version.objects.get(of=case.filed, number=case.filed.version)


def _mask_of(case: Case, version: Version) -> Callable[[str], str]:
    filed = case.filed
    private = json.loads(vault().open(filed.owner, bytes(version.sealed)))
    units = [unit for unit in (filed.unit, filed.recommender) if unit]
    names = [name for unit in units for name in _names(unit)]
    words = words_of([*names, *(version.values.get(key, "") for key in _NAMED)], private.values())
    places, near = names_of(case.campaign), _province(filed.unit)
    return lambda text: masked(text, words, places, near)


def _names(unit: Unit) -> list[str]:
    """Return the names of a unit and of all above it, each alone."""
    found, here = [], unit
    while True:
        found.append(here.name)
        if here.parent is None:
            return [*found, unit.full_name]
        here = here.parent


def _province(unit: Unit) -> str:
    """Return the digits of the province that a unit lies in; blank for a body without a place."""
    first = unit.path.split("/")[0]
    return first[:2] if len(first) == 6 else ""


def make_pictures(payload: Mapping[str, object], report: Callable[[float], None]) -> object:
    """Make the pictures of a blind view anew; one that cannot be made is left out and says why."""
    view = BlindView.objects.select_related("case__filed").get(pk=str(payload["view"]))
    case = view.case
    done = set(view.pictures.values_list("original", flat=True))
    wanted = Attachment.objects.filter(of=case.filed, sort="picture", removed_at=None).select_related("blob")
    left = [attachment for attachment in wanted if attachment.pk not in done]
    if not left:
        return {"pictures": 0}
    mask = _mask_of(case, _version(case))
    with Workshop() as workshop:
        for number, attachment in enumerate(left, start=1):
            blob, fault = None, ""
            try:
                blob = put(case.filed.owner, workshop.show(take(attachment.blob)))
            except XinzhiError as error:
                fault = error.what.strip()[:200]
            with transaction.atomic():
                BlindPicture.objects.get_or_create(
                    view=view, original=attachment.pk,
                    defaults={"blob": blob, "fault": fault, "caption": mask(attachment.caption)[:200]},
                )  # fmt: skip
            report(number / len(left))
    return {"pictures": len(left)}
