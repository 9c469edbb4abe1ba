"""Which cases may be published, and what of them: the one door of publication to the cases of a campaign."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.models import Attachment, Version
from xinzhi.campaign.returns.opening import workshop
from xinzhi.campaign.review.masking import MASK, masked, words_of
from xinzhi.campaign.review.models import Case
from xinzhi.campaign.review.queries import domain_id
from xinzhi.campaign.storage.files import take
from xinzhi.campaign.storage.vault import vault
from xinzhi.declarations import Text
from xinzhi.publish.cases import CasePicture, CaseSection, PublishedCase

LEFT_OUT = "(略)"
"""Stands where a text named a person of contact, a telephone or an address."""

_OTHER = Text(zh="其他", en="Other")  # a field that nobody named

OBSTACLES: Mapping[str, Text] = {
    "not_accepted": Text(zh="没有审核通过, 或正在修改", en="it is not accepted, or being changed"),
    "screened_out": Text(zh="没有进入评审", en="it was not taken into the review"),
    "undecided": Text(zh="还没有决定", en="nothing is decided yet"),
    "not_shortlisted": Text(zh="没有入选", en="it is not shortlisted"),
    "erased": Text(zh="个人信息和原件已经清除", en="its personal data and originals were erased"),
    "not_asked": Text(zh="还没有征求填报单位同意", en="the unit was not asked for its consent"),
    "not_answered": Text(zh="填报单位还没有答复", en="the unit has not answered"),
    "refused": Text(zh="填报单位不同意发表", en="the unit does not consent"),
    "withdrawn": Text(zh="填报单位撤回了同意", en="the unit has withdrawn its consent"),
    "other_version": Text(zh="同意的是以前的版本", en="the consent is for an earlier version"),
}
"""Why a case is not published, in the order in which it is looked at."""


class Section(NamedTuple):
    """A section of a case."""

    id: str
    title: Text
    text: str


@dataclass(frozen=True)
class Picture:
    """A picture whose right is clear."""

    id: UUID
    caption: str

    def jpeg(self) -> bytes:
        """Return it as the limited child has made it anew, without anything its file said beside the pixels."""
        return workshop().show(take(Attachment.objects.select_related("blob").get(pk=self.id).blob))


@dataclass(frozen=True)
class PublishableCase:
    """A case as it may be published: in the version that was accepted and consented to, without contacts.

    Attributes
    ----------
    id : UUID
        Of the return.
    unit_kind : str
        Kind of the filing unit: of a government as the code list says it, or ``body``.
    region, province : str
        Codes of the county, city or province that the filing unit is or lies in, and of its province. A body that
        has stated no place lies where its recommending unit does; blank where nobody says.
    domain : str
        Id of the field on the case form; as it was written where it is none of them.
    exemplary : bool
        Whether it is one of the 精品案例.
    """

    id: UUID
    version: int
    unit_code: str
    unit_name: str
    unit_kind: str
    region: str
    province: str
    title: str
    domain: str
    sections: tuple[Section, ...]
    pictures: tuple[Picture, ...]
    exemplary: bool


class Stated(NamedTuple):
    """A picture as a version states it."""

    name: str
    caption: str


def publishable_cases(campaign: Campaign) -> tuple[PublishableCase, ...]:
    """Return the cases of a campaign that may be published, by the number of the review."""
    cases = Case.objects.filter(campaign=campaign).select_related(
        "campaign", "filed__unit__parent__parent", "filed__recommender__parent__parent"
    )
    able = [case for case in cases.prefetch_related("rights") if obstacle(case) is None]
    versions = _versions(able)
    return tuple(_publishable(case, versions[case.pk]) for case in able)


def as_published(campaign: Campaign, cases: Iterable[PublishableCase]) -> Iterator[PublishedCase]:
    """Yield cases as an edition holds them, their pictures made anew; the id of a case is the same in every edition."""
    kept = tuple(cases)
    units = Unit.objects.filter(code__in={case.region for case in kept}).select_related("parent__parent")
    places = {unit.code: unit.full_name for unit in units}
    fields = campaign.case.fields["domain"].options
    for case in kept:
        yield PublishedCase(
            id=f"case-{case.id.hex[:8]}",
            title=case.title,
            field=fields.get(case.domain) or (Text(zh=case.domain) if case.domain else _OTHER),
            unit=case.unit_name,
            code=case.region,
            place=places.get(case.region, ""),
            sections=tuple(CaseSection(section.id, section.title, section.text) for section in case.sections),
            pictures=tuple(CasePicture(picture.jpeg(), picture.caption) for picture in case.pictures),
            outstanding=case.exemplary,
        )


def obstacle(case: Case) -> str | None:
    """Return what stands against the publication of a case, one of `OBSTACLES`; None for nothing."""
    filed = case.filed
    found = {
        "not_accepted": filed.state != "accepted",
        "screened_out": case.screened != "in",
        "undecided": case.decision == "",
        "not_shortlisted": case.decision == "not",
        "erased": filed.erased_at is not None,
        "not_asked": case.consent == "",
        "not_answered": case.consent == "asked",
        "refused": case.consent == "refused",
        "withdrawn": case.consent == "withdrawn",
        "other_version": case.consent_version != filed.version,
    }
    return next((name for name, stands in found.items() if stands), None)


def pictures_of(case: Case) -> dict[str, Stated]:
    """Return the pictures of the last version that was sent, by id."""
    version = Version.objects.get(of=case.filed_id, number=case.filed.version)
    return dict(_pictures(version))


def _pictures(version: Version) -> Iterable[tuple[str, Stated]]:
    return ((f["id"], Stated(f["name"], f["caption"])) for f in version.files if f["sort"] == "picture")


def _versions(cases: Iterable[Case]) -> dict[int, Version]:
    wanted = {(case.filed_id, case.filed.version): case.pk for case in cases}
    found = Version.objects.filter(of__in=[filed for filed, _number in wanted])
    return {wanted[v.of_id, v.number]: v for v in found if (v.of_id, v.number) in wanted}


def _publishable(case: Case, version: Version) -> PublishableCase:
    filed, form = case.filed, case.campaign.case
    said = _without_contacts(filed.owner, version)
    place = _place(filed.unit) or _place(filed.recommender)
    clear = {str(right.picture) for right in case.rights.all() if right.right != "unclear"}
    return PublishableCase(
        id=filed.pk,
        version=version.number,
        unit_code=filed.unit.code,
        unit_name=filed.unit.name,
        unit_kind=filed.unit.kind,
        region=place.code if place else "",
        province=place.path.split("/")[0] if place else "",
        title=said(version.values.get("title", "")),
        domain=domain_id(case.campaign, version.values.get("domain", "")),
        sections=tuple(
            Section(id, section.title, said(version.values.get(id, "")))
            for id, section in form.sections.items()
        ),
        pictures=tuple(
            Picture(UUID(id), said(picture.caption)) for id, picture in _pictures(version) if id in clear
        ),
        exemplary=case.exemplary,
    )


def _without_contacts(owner: str, version: Version) -> Callable[[str], str]:
    private = json.loads(vault().open(owner, bytes(version.sealed)))
    words = words_of((), private.values())
    return lambda text: masked(text, words).replace(MASK, LEFT_OUT)


def _place(unit: Unit | None) -> Unit | None:
    """Return the administrative unit that a unit is or lies in."""
    return unit.parent if unit and unit.is_body else unit
