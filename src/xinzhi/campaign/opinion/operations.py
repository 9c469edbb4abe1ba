"""The only writes to opinion: lists taken in and withdrawn, questions answered, counts proposed and approved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import asked_units
from xinzhi.campaign.opinion.grouping import Told, grouped
from xinzhi.campaign.opinion.lists import Fault, Listed, read_list
from xinzhi.campaign.opinion.models import ApprovedCount, Counting, Mention, Proposal, Report, ReportList
from xinzhi.campaign.opinion.places import codes_among, names_of, units_named
from xinzhi.campaign.opinion.queries import (
    asked,
    counts_in,
    counts_of,
    heads_of,
    outlets_said,
    reprints_of,
    visible_to,
)
from xinzhi.campaign.opinion.rule import REPRINT_TITLES, SPHERES, rule, sphere_of
from xinzhi.campaign.people.roles import Permission
from xinzhi.campaign.places.models import BODY, Unit
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.storage.files import put
from xinzhi.errors import XinzhiError
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.language import gettext as _

LARGEST_LIST = 10_000_000  # bytes


class FaultyList(Refused):
    """A list with faults, all of them; nothing of it was taken in."""

    def __init__(self, faults: Sequence[Fault], name: str) -> None:
        self.faults = tuple(faults)
        super().__init__(
            _("清单里有 {n} 处要改, 一条也没有收下").format(n=len(faults)),
            where=name,
            remedy=_("改好后重新上传整份清单"),
        )


def take_in(actor: Actor, campaign: Campaign, name: str, data: bytes) -> ReportList:
    """Take in a list of reports (CSV or XLSX), opened in the limited child.

    Raises
    ------
    FaultyList
        If columns or lines are wrong; nothing is taken in.
    Refused
        If the file cannot be read, or the same file is there already.
    """
    _require(actor, campaign, "count_opinion")
    name = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())[:200] or _("未命名")
    if len(data) > LARGEST_LIST:
        raise Refused(_("文件超过 {limit} MB").format(limit=LARGEST_LIST // 1_000_000), where=name)
    try:
        with Workshop() as workshop:
            lines = workshop.lines(data, name)
    except XinzhiError as error:
        raise Refused(error.what, where=name, remedy=_("请上传 CSV 或 XLSX 清单")) from error
    listed, faults = read_list(lines, actor.now.astimezone(campaign.call.zone).date())
    if faults:
        raise FaultyList(faults, name)
    return _stored(actor, campaign, name, data, listed)


@transaction.atomic
def _stored(actor: Actor, campaign: Campaign, name: str, data: bytes, listed: Sequence[Listed]) -> ReportList:
    _hold(campaign)
    try:
        with transaction.atomic():
            made = ReportList.objects.create(
                campaign=campaign, name=name, blob=put(f"campaign-{campaign.pk}", data), size=len(data),
                by=actor.user, at=actor.now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(
            _("这份清单已经上传过"), where=name, remedy=_("要重新上传, 请先撤下原来那份")
        ) from error
    said = outlets_said(campaign)
    reports = Report.objects.bulk_create([_report(made, one, said) for one in listed], batch_size=500)
    Mention.objects.bulk_create(_mentions(campaign, reports), batch_size=500)
    _regroup(campaign)
    record(
        actor, "reports.listed", f"report_list:{made.pk}", campaign=campaign.pk,
        count=len(reports), digest=made.blob.digest,
    )  # fmt: skip
    return made


def _report(made: ReportList, one: Listed, said: dict[str, str]) -> Report:
    told = said.get(one.outlet.casefold(), "")
    found = sphere_of(one.outlet, one.language, one.link, one.sphere)
    return Report(
        of=made, line=one.line, title=one.title, outlet=one.outlet, day=one.day, language=one.language,
        link=one.link, place=one.place, sphere=told or found or "",
    )  # fmt: skip


def _mentions(campaign: Campaign, reports: Iterable[Report]) -> list[Mention]:
    known = names_of(campaign)
    units = Unit.objects.exclude(level=BODY).filter(demonstration=campaign.demonstration)
    stored = dict(units.values_list("code", "pk"))
    made = []
    for report in reports:
        taken: set[str] = set()
        for meant in codes_among(units_named(report.title, report.place, known), stored):
            codes = [code for code in meant.codes if code not in taken]
            taken |= set(codes)
            made += [
                Mention(report=report, name=meant.name, unit_id=stored[code], settled=len(meant.codes) == 1)
                for code in codes
            ]
    return made


@transaction.atomic
def withdraw(actor: Actor, reports: ReportList) -> None:
    """Take a list back: its reports no longer count."""
    _require(actor, reports.campaign, "count_opinion")
    _hold(reports.campaign)
    if not ReportList.objects.filter(pk=reports.pk, withdrawn_at=None).update(withdrawn_at=actor.now):
        raise Conflict(_("这份清单已经撤下"), where=reports.name)
    Report.objects.filter(of=reports).update(first=None, relation="")
    _regroup(reports.campaign)
    record(actor, "reports.withdrawn", f"report_list:{reports.pk}", campaign=reports.campaign_id)


@transaction.atomic
def say_sphere(actor: Actor, report: Report, sphere: str) -> int:
    """Say that an outlet is domestic or foreign; all its reports follow, and those still to come."""
    campaign = report.of.campaign
    _require(actor, campaign, "count_opinion")
    if sphere not in SPHERES:
        raise Refused(_("请选择国内或国外"), where=report.title)
    changed = Report.objects.filter(of__campaign=campaign, outlet__iexact=report.outlet).update(
        sphere=sphere, sphere_said=True
    )
    record(
        actor,
        "reports.sphere_said",
        f"report:{report.pk}",
        campaign=campaign.pk,
        sphere=sphere,
        count=changed,
    )
    return changed


@transaction.atomic
def say_units(actor: Actor, report: Report, units: Sequence[Unit]) -> None:
    """Say which units a report is about: all of them, or none."""
    campaign = report.of.campaign
    _require(actor, campaign, "count_opinion")
    names = {mention.unit_id: mention.name for mention in report.mentions.all()}
    report.mentions.all().delete()
    Mention.objects.bulk_create(
        Mention(report=report, unit=unit, name=names.get(unit.pk, unit.name), settled=True)
        for unit in {unit.pk: unit for unit in units}.values()
    )
    record(
        actor, "reports.units_said", f"report:{report.pk}", campaign=campaign.pk,
        units=sorted(unit.code for unit in units),
    )  # fmt: skip


@transaction.atomic
def set_apart(actor: Actor, report: Report, apart: bool) -> None:
    """Say that a report repeats no other, or take that back."""
    campaign = report.of.campaign
    _require(actor, campaign, "count_opinion")
    _hold(campaign)
    Report.objects.filter(pk=report.pk).update(apart=apart)
    _regroup(campaign)
    record(actor, "reports.set_apart", f"report:{report.pk}", campaign=campaign.pk, apart=apart)


@transaction.atomic
def choose_counting(actor: Actor, campaign: Campaign, reprints: str) -> None:
    """Choose how the campaign counts reprints; a proposal that stands keeps its numbers."""
    _require(actor, campaign, "approve_opinion")
    if reprints not in REPRINT_TITLES:
        raise Refused(_("没有这样的计数规则"))
    Counting.objects.update_or_create(campaign=campaign, defaults={"reprints": reprints})
    record(
        actor, "reports.counting_chosen", f"campaign:{campaign.pk}", campaign=campaign.pk, reprints=reprints
    )


@transaction.atomic
def propose(actor: Actor, campaign: Campaign, *, complete: bool) -> Proposal:
    """Propose the counts as they stand.

    Parameters
    ----------
    complete : bool
        Whether the media unit says that every unit without a report has none; only then is 0 a number.

    Raises
    ------
    Refused
        If questions are open on which a number depends, or there is nothing to propose.
    """
    _require(actor, campaign, "count_opinion")
    _hold(campaign)
    reports = visible_to(actor, campaign)
    if open_ones := {q: n for q in ("unit", "sphere") if (n := asked(reports, q).count())}:
        raise Refused(
            _("还有 {n} 条报道要先确认单位或国内外").format(n=sum(open_ones.values())),
            remedy=_("在报道列表里逐条确认后再提出"),
        )
    counts = dict(counts_of(campaign))
    if complete:
        blanks = {
            (unit, field, year): 0
            for unit in asked_units(campaign, "indicators").values_list("pk", flat=True)
            for field, year in heads_of(campaign)
        }
        counts = blanks | counts
    if not counts:
        raise Refused(_("还没有可以提出的计数"), remedy=_("请先上传报道清单"))
    before = Proposal.objects.filter(campaign=campaign)
    before.filter(state="proposed").update(state="replaced")
    number = (before.values_list("number", flat=True).first() or 0) + 1
    made = Proposal.objects.create(
        campaign=campaign, number=number, complete=complete, reprints=reprints_of(campaign),
        counts=[[*key, count] for key, count in sorted(counts.items())], by=actor.user, at=actor.now,
    )  # fmt: skip
    record(
        actor,
        "opinion.proposed",
        f"proposal:{made.pk}",
        campaign=campaign.pk,
        number=number,
        count=len(counts),
    )
    return made


@transaction.atomic
def decide(actor: Actor, proposal: Proposal, *, approve: bool, reason: str = "") -> None:
    """Approve a proposal, whose numbers then fill the two rows in place of earlier ones; or decline it.

    Raises
    ------
    Conflict
        If it was replaced or decided in between.
    Forbidden
        If the actor proposed it (four eyes).
    """
    campaign = proposal.campaign
    _require(actor, campaign, "approve_opinion")
    if actor.user and proposal.by_id == actor.user.pk:
        raise Forbidden(_("提出计数的人不能自己批准"))
    if not approve and not reason.strip():
        raise Refused(_("请写明不批准的理由"))
    decided = Proposal.objects.filter(pk=proposal.pk, state="proposed").update(
        state="approved" if approve else "declined", decided_by=actor.user, decided_at=actor.now,
        reason=reason.strip()[:2000],
    )  # fmt: skip
    if not decided:
        raise Conflict(_("第 {n} 次提出的计数已被替换或已经决定").format(n=proposal.number))
    if approve:
        ApprovedCount.objects.filter(campaign=campaign).delete()
        ApprovedCount.objects.bulk_create(
            [
                ApprovedCount(
                    campaign=campaign, unit_id=unit, field=field, year=year, number=n, proposal=proposal
                )
                for (unit, field, year), n in counts_in(proposal).items()
            ],
            batch_size=500,
        )
    verb = "opinion.approved" if approve else "opinion.declined"
    record(actor, verb, f"proposal:{proposal.pk}", campaign=campaign.pk, number=proposal.number)


def _regroup(campaign: Campaign) -> None:
    """Group all reports in force anew; what lists came in which order makes no difference."""
    reports = list(Report.objects.filter(of__campaign=campaign, of__withdrawn_at=None))
    found = grouped([Told(r.pk, r.title, r.outlet, r.day, r.link, r.apart) for r in reports], rule())
    changed = []
    for report in reports:
        told = found[report.pk]
        first = None if told.first == report.pk else told.first
        if (report.first_id, report.relation) != (first, told.relation):
            report.first_id, report.relation = first, told.relation
            changed.append(report)
    Report.objects.bulk_update(changed, ["first", "relation"], batch_size=500)


def _hold(campaign: Campaign) -> None:
    """Let one change of a campaign's reports go at a time."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)


def _require(actor: Actor, campaign: Campaign, permission: Permission) -> None:
    if not actor.may(permission, campaign):
        raise Forbidden(_("你没有办理舆情计数的权限"), where=campaign.title)
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))
    if campaign.state == "frozen":
        raise Refused(_("数据已经冻结"), where=campaign.title, remedy=_("要更正, 请先重新开放征集"))
