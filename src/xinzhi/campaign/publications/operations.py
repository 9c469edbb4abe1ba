"""The only writes to publications: prepare, build, approve, publish, withdraw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.queue import enqueue
from xinzhi.campaign.publications import shelf
from xinzhi.campaign.publications.building import made
from xinzhi.campaign.publications.choosing import Chosen
from xinzhi.campaign.publications.models import Approval, Publication
from xinzhi.campaign.publications.queries import not_publishable
from xinzhi.campaign.publications.steps import STEPS, UNPUBLISHED
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.storage.files import entered, laid
from xinzhi.declarations import Text
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _

KIND = "publication.build"


@transaction.atomic
def prepare(actor: Actor, campaign: Campaign, chosen: Chosen, seen: int = 0) -> Publication:
    """Prepare the next edition of a campaign, or change the one that is prepared; a job builds it.

    Parameters
    ----------
    seen : int
        The revision that was looked at; 0 where none was prepared.

    Raises
    ------
    Conflict
        If somebody else prepared it meanwhile.
    Refused
        If an edition is out and this one does not say what it corrects, or a case may not be published.
    """
    _require(actor, campaign)
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    known = campaign.publications.filter(state__in=UNPUBLISHED).first()
    if seen != (known.revision if known else 0):
        raise Conflict(_("另一个人刚准备过这一版"), remedy=_("请重新打开这一页, 看过现在的内容再改"))
    last = campaign.publications.exclude(state__in=UNPUBLISHED).aggregate(n=Max("number"))["n"] or 0
    if last and chosen.notice is None:
        raise Refused(_("没有更正说明"), remedy=_("已有发布的版本; 请写明这一版更正了什么"))
    edition = known or Publication(campaign=campaign, number=last + 1, revision=0)
    edition.choices = chosen.model_dump(mode="json")
    edition.__dict__.pop("chosen", None)
    _require_cases(edition)
    edition.revision += 1
    edition.state, edition.archive, edition.digest = STEPS["prepare"].after, None, ""
    edition.made_at, edition.made_by = actor.now, actor.user
    edition.save()
    order = {"publication": edition.pk, "revision": edition.revision}
    edition.job = enqueue(actor, KIND, order, key=f"{edition.pk}-{edition.revision}")
    edition.save(update_fields=["job"])
    record(
        actor, "publication.prepared", edition.subject, campaign=campaign.pk, number=edition.number,
        revision=edition.revision, results=list(chosen.results), cases=[str(case.id) for case in chosen.cases],
    )  # fmt: skip
    return edition


def build(payload: Mapping[str, Any], report: Callable[[float], None]) -> None:
    """Do the job: build all files and keep them. Done a second time, or too late, it changes nothing."""
    ordered = Publication.objects.select_related("campaign").filter(
        pk=payload["publication"], revision=payload["revision"], state="building"
    )
    edition = ordered.first()
    if edition is None:
        return
    try:
        built = made(edition, report)
    except XinzhiError:
        ordered.update(state="failed")
        raise
    archive = shelf.packed(built)
    digest = shelf.digest_of(built)
    with laid(f"campaign-{edition.campaign_id}", archive) as file, transaction.atomic():
        held = ordered.select_for_update(of=("self",)).first()
        if held is None:
            return
        held.archive, held.digest, held.state = entered(file), digest, "built"
        held.save(update_fields=["archive", "digest", "state"])
        record(
            the_system(now=timezone.now()), "publication.built", held.subject, campaign=held.campaign_id,
            number=held.number, revision=held.revision, digest=digest, files=len(built),
        )  # fmt: skip


@transaction.atomic
def approve(actor: Actor, edition: Publication, seen: str) -> Approval:
    """Approve what was built.

    Parameters
    ----------
    seen : str
        Digest of what was looked at.

    Raises
    ------
    Conflict
        If it was built anew since, is published already, or this person has approved it.
    Refused
        If one of its cases may no longer be published.
    """
    held = _held(actor, edition, "approve", seen)
    assert actor.user is not None
    if any(approval.by_id == actor.user.pk for approval in held.approved_by):
        raise Conflict(_("你已经批准过这一版"), remedy=_("还需要另一位办公室人员批准"))
    _require_cases(held)
    given = Approval.objects.create(of=held, digest=seen, by=actor.user, at=actor.now)
    record(
        actor, "publication.approved", held.subject, campaign=held.campaign_id, number=held.number, digest=seen
    )  # fmt: skip
    return given


@transaction.atomic
def publish(actor: Actor, edition: Publication, seen: str) -> Publication:
    """Publish what two people have approved.

    Raises
    ------
    Conflict
        If it was built anew since, or is published already.
    Refused
        If too few have approved it, or one of its cases may no longer be published.
    """
    held = _held(actor, edition, "publish", seen)
    if not held.approved:
        raise Refused(
            _("要有 {most} 位不同的人批准, 现有 {n} 位").format(
                most=STEPS["publish"].approvals, n=len(held.approved_by)
            ),
            where=_("第 {n} 版").format(n=held.number),
            remedy=_("请另一位办公室人员看过预览后批准"),
        )
    _require_cases(held)
    held.state, held.published_at, held.published_by = STEPS["publish"].after, actor.now, actor.user
    held.save(update_fields=["state", "published_at", "published_by"])
    record(
        actor, "publication.published", held.subject, campaign=held.campaign_id, number=held.number, digest=seen,
        approved_by=sorted(approval.by_id for approval in held.approved_by),
    )  # fmt: skip
    return held


@transaction.atomic
def withdraw(actor: Actor, edition: Publication, reason: Text) -> Publication:
    """Take a published edition down at once; it stays listed, with the reason.

    Raises
    ------
    Conflict
        If it is not out.
    """
    held = _held(actor, edition, "withdraw", edition.digest)
    held.state, held.withdrawn_at, held.withdrawn_by = STEPS["withdraw"].after, actor.now, actor.user
    held.reason = reason.model_dump()
    held.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "reason"])
    record(
        actor, "publication.withdrawn", held.subject, campaign=held.campaign_id, number=held.number,
        reason=reason.zh,
    )  # fmt: skip
    return held


def _held(actor: Actor, edition: Publication, step: str, seen: str) -> Publication:
    """Return the edition, held to the end of the transaction, if the step can be taken with what was seen."""
    _require(actor, edition.campaign)
    Campaign.objects.select_for_update().get(pk=edition.campaign_id)
    held = Publication.objects.select_related("campaign").get(pk=edition.pk)
    if held.state not in STEPS[step].before:
        raise Conflict(
            _("这一版现在是“{state}”, 做不了这一步").format(state=held.standing.title),
            where=_("第 {n} 版").format(n=held.number),
            remedy=_("请重新打开这一页"),
        )
    if held.digest != seen:
        raise Conflict(
            _("这一版在你看过之后重新制作过"),
            where=_("第 {n} 版").format(n=held.number),
            remedy=_("请看过新的预览再批准"),
        )
    return held


def _require(actor: Actor, campaign: Campaign) -> None:
    if not actor.may("publish", campaign):
        raise Forbidden(_("你没有这项权限"), where=campaign.title)
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))


def _require_cases(edition: Publication) -> None:
    if missing := not_publishable(edition):
        raise Refused(
            _("有 {n} 个案例现在不能发表").format(n=len(missing)),
            where="、".join(missing),
            remedy=_("同意已撤回, 或案例有了新的版本; 请去掉它们, 重新准备这一版"),
        )
