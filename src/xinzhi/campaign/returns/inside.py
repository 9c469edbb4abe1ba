"""Pictures inside a Word form: listed beside the attachments with what is to be said of each, taken by a person.

The form itself is kept as an original, so that nothing of it is lost, and its facts tell what pictures it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns.material import look_at
from xinzhi.campaign.returns.models import CASE, Attachment, Return
from xinzhi.campaign.returns.opening import workshop
from xinzhi.campaign.returns.operations import attach
from xinzhi.campaign.storage.files import take
from xinzhi.campaign.storage.vault import vault
from xinzhi.forms import CaseForm, Finding, message, remedy
from xinzhi.forms.checks import check_picture
from xinzhi.forms.opening.front_door import picture_in
from xinzhi.forms.reading import PictureFacts
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _


@dataclass(frozen=True)
class Inside:
    """A picture in a Word form, what is to be said of it and what to do, and whether it was taken already."""

    facts: PictureFacts
    said: tuple[tuple[str, str], ...]
    taken: bool

    @property
    def offered(self) -> bool:
        """Whether it can be taken: it decodes and is not attached yet."""
        return not self.taken and not self.facts.fault


@dataclass(frozen=True)
class Holder:
    """A Word form that is kept with a return, and the pictures in it."""

    original: Attachment
    pictures: tuple[Inside, ...]

    @property
    def offers(self) -> bool:
        """Whether any of them can still be taken."""
        return any(picture.offered for picture in self.pictures)


def holders_of(form: object, attachments: Sequence[Attachment]) -> list[Holder]:
    """Return the Word forms among the attachments of a case that hold pictures."""
    if not isinstance(form, CaseForm):
        return []
    attached = {a.facts.get("sha256") for a in attachments if a.sort == "picture"}
    found = []
    for original in attachments:
        known = [PictureFacts.model_validate(facts) for facts in original.facts.get("pictures", ())]
        if known:
            found.append(
                Holder(original, tuple(Inside(f, _said(form, f), f.sha256 in attached) for f in known))
            )
    return found


def _said(form: CaseForm, facts: PictureFacts) -> tuple[tuple[str, str], ...]:
    findings = check_picture(form.pictures, facts, embedded=True)
    return tuple((message(finding), remedy(finding)) for finding in findings)


def facts_of(pictures: Sequence[PictureFacts]) -> dict[str, object]:
    """Return what an original keeps of the pictures in it, each once."""
    once = {picture.sha256: picture for picture in reversed(pictures)}
    kept = [p.model_dump(mode="json", exclude={"place"}) for p in reversed(once.values())]
    return {"pictures": kept} if kept else {}


def keep(
    actor: Actor, filed: Return, name: str, data: bytes, pictures: Sequence[PictureFacts]
) -> Attachment | None:
    """Keep a Word form that was held against a case where it has pictures; the same file is kept once.

    Raises
    ------
    Forbidden, Refused
        If the return may not be changed, or holds too many files.
    """
    if filed.sort != CASE or not pictures:
        return None
    digest = vault().digest(filed.owner, data)
    known = filed.attachments.filter(sort="original", removed_at=None, blob__digest=digest).first()
    return known or attach(actor, filed, "original", name, data, facts=facts_of(pictures))


def shown(original: Attachment, digest: str) -> bytes:
    """Return a picture of a Word form made anew, as it may be shown.

    Raises
    ------
    Refused
        If it cannot be taken out or does not decode.
    """
    data = _out_of(original, digest)
    try:
        return workshop().show(data)
    except Refusal as refusal:
        raise _refused(refusal.finding, original) from refusal


def take_out(actor: Actor, filed: Return, original: Attachment, digests: Sequence[str]) -> list[Attachment]:
    """Attach the pictures of a Word form that a person chose, looked at like every picture; none comes twice.

    Raises
    ------
    Forbidden, Refused
        If the return may not be changed, or one of them is no picture that is taken.
    """
    here = list(filed.attachments.filter(removed_at=None))
    holders = [h for h in holders_of(filed.declared, here) if h.original.pk == original.pk]
    offered = (picture.facts for holder in holders for picture in holder.pictures if picture.offered)
    made = []
    for facts in [facts for facts in offered if facts.sha256 in digests]:
        data = _out_of(original, facts.sha256)
        looked = look_at(filed, "picture", facts.name, data)
        called = f"{PurePath(original.name).stem}-{facts.name}"
        taken = attach(
            actor,
            filed,
            "picture",
            called,
            data,
            caption=facts.caption,
            kind=looked.kind,
            facts=looked.facts,
        )
        made.append(taken)
    return made


def _out_of(original: Attachment, digest: str) -> bytes:
    try:
        return picture_in(take(original.blob), digest, name=original.name, workshop=workshop())
    except Refusal as refusal:
        raise _refused(refusal.finding, original) from refusal


def _refused(finding: Finding, original: Attachment) -> Refused:
    return Refused(message(finding), where=original.name, remedy=remedy(finding) or _("请另行上传图片"))
