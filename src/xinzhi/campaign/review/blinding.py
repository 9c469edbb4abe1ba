"""Making a case blind: its masked texts at once and word by word, its pictures by a job in the limited child."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from xinzhi.campaign.opinion.places import names_of
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import Attachment, Version
from xinzhi.campaign.review.masking import Found, find, find_by_hand, hidden, masked, plain, seen, words_of
from xinzhi.campaign.review.models import BlindPicture, BlindView, Case
from xinzhi.campaign.storage.files import put, take
from xinzhi.campaign.storage.vault import vault
from xinzhi.errors import XinzhiError
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.language import gettext as _

_NAMED = ("unit", "recommender")
"""Fields of the case form whose text is a name; the private ones are all masked."""


class Mask(NamedTuple):
    """A piece of a text that is masked; one with a reason stands for everybody to read, as somebody has decided."""

    begin: int
    end: int
    sort: str
    reason: str = ""


class Occurrence(NamedTuple):
    """Where a masked word stands: its id, its section, what is before and behind it, why it is let stand."""

    id: str
    section: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Word:
    """A word that tells who filed, as it stands in the case, with everywhere it stands."""

    text: str
    sort: str
    occurrences: tuple[Occurrence, ...]

    @property
    def id(self) -> str:
        """The id of where it stands first."""
        return self.occurrences[0].id

    @property
    def reason(self) -> str:
        """Why it is let stand, where it is."""
        return next((one.reason for one in self.occurrences if one.reason), "")


Masks = Mapping[str, Sequence[Mask]]


def originals(view: BlindView) -> dict[str, str]:
    """Return title and sections of the version that a view is of, as the eye reads them."""
    return _originals(view.case, Version.objects.get(of=view.case.filed_id, number=view.version))


def first_masks(case: Case) -> dict[str, list[Mask]]:
    """Return what the program masks of the accepted version."""
    version = _version(case)
    find_in = _finder(case, version)
    texts = _originals(case, version)
    return {key: [Mask(*found) for found in find_in(text)] for key, text in texts.items()}


def blind_texts(texts: Mapping[str, str], masks: Masks) -> dict[str, str]:
    """Return texts masked, except what stands by a reason."""
    return {
        key: hidden(text, ((m.begin, m.end, m.sort) for m in masks.get(key, ()) if not m.reason))
        for key, text in texts.items()
    }


def masks_in(view: BlindView) -> dict[str, list[Mask]]:
    """Return the masks of a view by field."""
    return {key: [Mask(*mask) for mask in masks] for key, masks in view.masks.items()}


def with_words(text: str, masks: Sequence[Mask], words: Sequence[str]) -> list[Mask]:
    """Return masks with those of words written down by hand; what was let stand and is such a word, no longer is."""
    found = find_by_hand(text, words, ((m.begin, m.end) for m in masks if not m.reason))
    kept = [m for m in masks if not m.reason or all(f.end <= m.begin or m.end <= f.begin for f in found)]
    return sorted([*kept, *(Mask(*f) for f in found)])


def words_in(view: BlindView, around: int = 12) -> tuple[Word, ...]:
    """Return the words that are masked in a view or let stand, each with where it stands."""
    texts, titles = originals(view), view.case.campaign.case.sections
    grouped: defaultdict[tuple[str, str], list[Occurrence]] = defaultdict(list)
    first: dict[tuple[str, str], str] = {}
    for key, masks in masks_in(view).items():
        for mask in masks:
            text, word = texts[key], texts[key][mask.begin : mask.end]
            which = plain(word).casefold(), mask.sort
            first.setdefault(which, word)
            grouped[which].append(
                Occurrence(
                    id_of(key, mask), str(titles[key].title) if key in titles else _("案例名称"),
                    text[max(0, mask.begin - around) : mask.begin], text[mask.end : mask.end + around], mask.reason,
                )
            )  # fmt: skip
    return tuple(Word(first[which], which[1], tuple(found)) for which, found in grouped.items())


def id_of(key: str, mask: Mask) -> str:
    """Return the id of a mask within its view."""
    return f"{key}:{mask.begin}"


def _originals(case: Case, version: Version) -> dict[str, str]:
    return {key: seen(version.values.get(key, "")) for key in ("title", *case.campaign.case.sections)}


def _version(case: Case) -> Version:
    return Version.objects.get(of=case.filed, number=case.filed.version)


def _finder(case: Case, version: Version) -> Callable[[str], tuple[Found, ...]]:
    filed = case.filed
    private = json.loads(vault().open(filed.owner, bytes(version.sealed)))
    units = [unit for unit in (filed.unit, filed.recommender) if unit]
    names = [name for unit in units for name in _names(unit)]
    words = words_of([*names, *(version.values.get(key, "") for key in _NAMED)], private.values())
    places, near = names_of(case.campaign), _province(filed.unit)
    return lambda text: find(text, words, places, near)


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
    find_in = _finder(case, _version(case))
    texts = originals(view)
    by_hand = [
        texts[key][m.begin : m.end]
        for key, masks in masks_in(view).items()
        for m in masks
        if m.sort == "hand"
    ]
    with Workshop() as workshop:
        for number, attachment in enumerate(left, start=1):
            blob, fault = None, ""
            try:
                blob = put(case.filed.owner, workshop.show(take(attachment.blob)))
            except XinzhiError as error:
                fault = error.what.strip()[:200]
            caption = seen(attachment.caption)
            caption = masked(hidden(caption, find_in(caption)), by_hand)
            with transaction.atomic():
                BlindPicture.objects.get_or_create(
                    view=view, original=attachment.pk,
                    defaults={"blob": blob, "fault": fault, "caption": caption[:200]},
                )  # fmt: skip
            report(number / len(left))
    return {"pictures": len(left)}
