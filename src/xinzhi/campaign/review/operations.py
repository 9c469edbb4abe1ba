"""The only writes to the review: screened, made blind, assigned, scored, decided, consent asked and answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.letters import local_day, write
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import enqueue
from xinzhi.campaign.people.models import User
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.posting import drop
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns.models import CASE, Return
from xinzhi.campaign.review.assigning import Plan, conflict_of, plan
from xinzhi.campaign.review.blinding import (
    Mask,
    blind_texts,
    first_masks,
    id_of,
    masks_in,
    originals,
    with_words,
)
from xinzhi.campaign.review.letters import CONSENT_NEXT, conclusion_of, write_letters
from xinzhi.campaign.review.masking import masked, plain
from xinzhi.campaign.review.models import (
    RIGHTS,
    Assignment,
    BlindPicture,
    BlindView,
    Case,
    PictureRight,
    Score,
)
from xinzhi.campaign.review.publishable import pictures_of
from xinzhi.campaign.review.queries import confirmed_view, experts_of, judged, own_assignments, standing
from xinzhi.campaign.review.rubric import Rubric, rubric_of
from xinzhi.declarations import Text
from xinzhi.language import gettext as _

CONFLICTS: Mapping[str, Text] = {
    "declared": Text(zh="专家声明过利害关系", en="the expert has declared a conflict"),
    "own_unit": Text(zh="专家在填报单位任职", en="the expert belongs to the filing unit"),
    "recommender": Text(zh="专家在推荐单位任职", en="the expert belongs to the recommending unit"),
    "own_region": Text(zh="专家与案例在同一地区", en="expert and case are of one region"),
}

# --- screening and blind views -------------------------------------------------------------------------------


@transaction.atomic
def screen(actor: Actor, filed: Return, verdict: str, reason: str = "") -> Case:
    """Take an accepted case into the review, or leave it out with a reason; a blind view is made of one taken in."""
    campaign = filed.campaign
    _require_office(actor, campaign)
    if verdict not in ("in", "out"):
        raise Refused(_("请选择进入评审或不进入评审"))
    if verdict == "out" and not reason.strip():
        raise Refused(_("不进入评审要写明理由"))
    if filed.sort != CASE or filed.state != "accepted":
        raise Refused(_("只有审核通过的案例才能评审"), where=str(filed))
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    last = Case.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    case, _new = Case.objects.get_or_create(filed=filed, defaults={"campaign": campaign, "number": last + 1})
    if verdict == "out" and case.assignments.exclude(state="ended").exists():
        raise Refused(_("案例 {case} 已经分给专家").format(case=case))
    Case.objects.filter(pk=case.pk).update(screened=verdict, screening_reason=reason.strip()[:2000])
    case.refresh_from_db()
    record(actor, "case.screened", case.subject, campaign=campaign.pk, verdict=verdict, version=filed.version)
    if verdict == "in":
        make_blind(actor, case)
    return case


@transaction.atomic
def make_blind(actor: Actor, case: Case) -> BlindView:
    """Make the blind view of the accepted version if there is none; its pictures follow by a job."""
    _require_office(actor, case.campaign)
    view, new = BlindView.objects.get_or_create(
        case=case, version=case.filed.version, defaults={"texts": {}, "masks": {}, "made_at": actor.now}
    )
    if new:
        view.masks = first_masks(case)
        view.texts = blind_texts(originals(view), masks_in(view))
        view.save(update_fields=["masks", "texts"])
        record(actor, "blind_view.made", case.subject, campaign=case.campaign_id, version=view.version)
        enqueue(actor, "review.pictures", {"view": view.pk}, key=str(view.pk))
    return view


@transaction.atomic
def mask_more(actor: Actor, view: BlindView, words: Iterable[str], seen: int) -> BlindView:
    """Mask more words by hand, wherever they stand; the view has to be confirmed anew.

    Raises
    ------
    Refused
        If a word is shorter than two signs, or stands nowhere.
    """
    _require_office(actor, view.case.campaign)
    wanted = tuple(sorted({word.strip() for word in words if word.strip()}, key=lambda w: (-len(w), w)))
    if not wanted or any(len(plain(word)) < 2 for word in wanted):
        raise Refused(_("请写出要隐去的字词, 每行一个, 至少两个字"))
    texts, before = originals(view), masks_in(view)
    captions = {picture.pk: picture.caption for picture in view.pictures.all()}
    for word in wanted:
        hit = any(with_words(text, before[key], [word]) != before[key] for key, text in texts.items())
        if not hit and all(masked(caption, [word]) == caption for caption in captions.values()):
            raise Refused(
                _("盲审稿里没有“{word}”").format(word=word[:40]), remedy=_("请照原文写, 或它已经隐去")
            )
    for pk, caption in captions.items():
        BlindPicture.objects.filter(pk=pk).update(caption=masked(caption, wanted)[:200])
    after = {key: with_words(text, before[key], wanted) for key, text in texts.items()}
    _change_view(
        view, seen, masks=after, texts=blind_texts(texts, after), confirmed_at=None, confirmed_by=None
    )
    record(actor, "blind_view.masked", view.case.subject, campaign=view.case.campaign_id, words=len(wanted))
    return view


@transaction.atomic
def let_stand(actor: Actor, view: BlindView, reasons: Mapping[str, str], seen: int) -> bool:
    """Let masked pieces stand that are common words there, each with the reason; all others are masked.

    Parameters
    ----------
    reasons : mapping
        By id of a piece, see :func:`xinzhi.campaign.review.blinding.words_in`.

    Returns
    -------
    bool
        Whether that changed anything; the view then has to be confirmed anew.

    Raises
    ------
    Refused
        If a reason is missing.
    Conflict
        If the view was changed since, or has no such piece.
    """
    _require_office(actor, view.case.campaign)
    texts, before = originals(view), masks_in(view)
    known = {
        id_of(key, mask): texts[key][mask.begin : mask.end] for key, masks in before.items() for mask in masks
    }
    if view.revision != seen or not reasons.keys() <= known.keys():
        raise Conflict(_("这份盲审稿刚刚被别人改过"), remedy=_("请刷新后再看"))
    if unsaid := sorted({known[id] for id, reason in reasons.items() if not reason.strip()}):
        raise Refused("\n".join(_("没有写明为什么不隐去“{word}”").format(word=word) for word in unsaid))
    after = {
        key: [Mask(m.begin, m.end, m.sort, reasons.get(id_of(key, m), "").strip()[:200]) for m in masks]
        for key, masks in before.items()
    }
    if after == before:
        return False
    _change_view(
        view, seen, masks=after, texts=blind_texts(texts, after), confirmed_at=None, confirmed_by=None
    )
    case = view.case
    record(actor, "blind_view.let_stand", case.subject, campaign=case.campaign_id, pieces=sorted(reasons))
    return True


@transaction.atomic
def confirm_blind(actor: Actor, view: BlindView, seen: int, shown: Collection[str] = ()) -> BlindView:
    """Confirm that a blind view tells nothing of who filed, and which pictures may be seen (none by default)."""
    case = view.case
    _require_office(actor, case.campaign)
    if case.screened != "in" or view.version != case.filed.version:
        raise Conflict(_("案例 {case} 已有新的版本, 或不再评审").format(case=case))
    _change_view(view, seen, confirmed_at=actor.now, confirmed_by=actor.user)
    for picture in view.pictures.all():
        shows = str(picture.pk) in shown and picture.blob_id is not None
        BlindPicture.objects.filter(pk=picture.pk).update(shown=shows)
    record(
        actor, "blind_view.confirmed", case.subject, campaign=case.campaign_id,
        version=view.version, pictures=len(shown),
    )  # fmt: skip
    return view


def _change_view(view: BlindView, seen: int, **changes: object) -> None:
    changed = BlindView.objects.filter(pk=view.pk, revision=seen).update(**changes, revision=seen + 1)
    if not changed:
        raise Conflict(_("这份盲审稿刚刚被别人改过"), remedy=_("请刷新后再看"))
    view.refresh_from_db()


# --- assignment ----------------------------------------------------------------------------------------------


def propose_assignments(actor: Actor, campaign: Campaign) -> Plan:
    """Propose experts for all cases whose blind view is confirmed; nothing is written."""
    _require_office(actor, campaign)
    rubric = rubric_of(campaign)
    experts = experts_of(campaign, actor)
    cases = _ready(campaign)
    held = list(Assignment.objects.filter(case__campaign=campaign))
    loads = {id: sum(a.expert_id == id and a.state != "ended" for a in held) for id in experts}
    return plan(
        list(experts.values()),
        [judged(case, rubric, [a for a in held if a.case_id == case.pk]) for case in cases],
        experts=rubric.experts, most_cases=rubric.most_cases, region=rubric.region, loads=loads,
    )  # fmt: skip


def _ready(campaign: Campaign) -> list[Case]:
    cases = Case.objects.filter(campaign=campaign, screened="in", decision="", filed__state="accepted")
    views = BlindView.objects.filter(case__campaign=campaign, confirmed_at__isnull=False)
    confirmed = set(views.values_list("case_id", "version"))
    found = cases.select_related("campaign", "filed__unit", "filed__recommender")
    return [case for case in found if (case.pk, case.filed.version) in confirmed]


@transaction.atomic
def assign_proposed(actor: Actor, campaign: Campaign, pairs: Sequence[tuple[int, int]]) -> int:
    """Assign what the office has confirmed of a proposal, all or nothing.

    Raises
    ------
    Conflict
        If the proposal is another one by now.
    """
    wanted = {(one.case, one.expert) for one in propose_assignments(actor, campaign).proposed}
    if not set(pairs) <= wanted:
        raise Conflict(_("分配方案已有变化"), remedy=_("请看过新的方案再确认"))
    cases = {case.pk: case for case in _ready(campaign)}
    users = User.objects.in_bulk([expert for _case, expert in pairs])
    for case, expert in sorted(set(pairs)):
        assign(actor, cases[case], users[expert])
    return len(set(pairs))


@transaction.atomic
def assign(actor: Actor, case: Case, expert: User, *, round: int = 1) -> Assignment:
    """Give a case to an expert.

    Raises
    ------
    Refused
        If the blind view is not confirmed, the account is no expert here, or a conflict stands between them.
    """
    campaign = case.campaign
    _require_office(actor, campaign)
    if case.screened != "in" or confirmed_view(case) is None:
        raise Refused(_("案例 {case} 的盲审稿还没有确认").format(case=case))
    judge = experts_of(campaign, actor).get(expert.pk)
    if judge is None:
        raise Refused(_("这个账号不是本次征集的专家"))
    rubric = rubric_of(campaign)
    found = conflict_of(judge, judged(case, rubric, list(case.assignments.all())), rubric.region)
    if found:
        raise Refused(_("需要回避: {why}").format(why=CONFLICTS[found]), where=f"{case} · {judge.name}")
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                case=case, expert=expert, round=round, made_by=actor.user, made_at=actor.now
            )
    except IntegrityError as error:
        raise Conflict(_("案例 {case} 已经分给这位专家").format(case=case)) from error
    record(actor, "case.assigned", case.subject, campaign=campaign.pk, expert=expert.pk, round=round)
    return made


@transaction.atomic
def discuss(actor: Actor, case: Case) -> int:
    """Open a second round for the experts who scored a case: each sees the others' scores and may change the own."""
    _require_office(actor, case.campaign)
    if case.assignments.filter(round=2).exists():
        raise Conflict(_("案例 {case} 已在第二轮").format(case=case))
    rubric = rubric_of(case.campaign)
    if standing(case.campaign, rubric).spreads.get(str(case.pk), 0.0) <= rubric.differ:
        raise Refused(
            _("案例 {case} 的评分差距没有超过 {limit} 分").format(case=case, limit=f"{rubric.differ:g}")
        )
    first = list(case.assignments.filter(round=1, state="submitted").prefetch_related("scores"))
    for earlier in first:
        again = Assignment.objects.create(
            case=case, expert_id=earlier.expert_id, round=2, conflict="none", conflict_at=earlier.conflict_at,
            comment=earlier.comment, made_by=actor.user, made_at=actor.now,
        )  # fmt: skip
        Score.objects.bulk_create(
            Score(assignment=again, section=s.section, points=s.points, comment=s.comment)
            for s in earlier.scores.all()
        )
    record(actor, "case.discussed", case.subject, campaign=case.campaign_id, experts=len(first))
    return len(first)


# --- scoring -------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_conflict(actor: Actor, assignment: Assignment, declared: bool, reason: str = "") -> Assignment:
    """Answer whether there is a conflict of interests; a declared one ends the assignment."""
    assignment = _own(actor, assignment)
    if assignment.state != "open":
        raise Conflict(_("评分已经提交, 不能再改"))
    if declared and not reason.strip():
        raise Refused(_("请写明是什么利害关系"))
    Assignment.objects.filter(pk=assignment.pk).update(
        conflict="declared" if declared else "none", conflict_reason=reason.strip()[:2000], conflict_at=actor.now,
        state="ended" if declared else "open", revision=assignment.revision + 1,
    )  # fmt: skip
    record(
        actor, "conflict.answered", f"assignment:{assignment.pk}", campaign=assignment.case.campaign_id,
        declared=declared,
    )  # fmt: skip
    assignment.refresh_from_db()
    return assignment


@transaction.atomic
def save_scores(
    actor: Actor,
    assignment: Assignment,
    points: Mapping[str, int | None],
    comments: Mapping[str, str],
    comment: str,
    seen: int,
    *,
    submit: bool = False,
) -> Assignment:
    """Save scores as a draft, or submit them.

    Raises
    ------
    Refused
        If the question of conflicts is not answered, points are off the scale, or some are missing at submitting.
    Conflict
        If they were saved elsewhere since, or are submitted already.
    """
    assignment = _own(actor, assignment)
    rubric = rubric_of(assignment.case.campaign)
    if assignment.conflict != "none":
        raise Refused(_("请先回答有没有利害关系"))
    if assignment.state != "open":
        raise Conflict(_("评分已经提交, 不能再改"))
    if assignment.revision != seen:
        raise Conflict(_("这份评分在别处保存过"), remedy=_("与你填写不同的, 标在各格下面; 请比较后再保存"))
    if faults := _faults(rubric, points, assignment, submit=submit):
        raise Refused("\n".join(faults))
    for section in rubric.sections:
        Score.objects.update_or_create(
            assignment=assignment, section=section.id,
            defaults={"points": points.get(section.id), "comment": comments.get(section.id, "").strip()[:4000]},
        )  # fmt: skip
    Assignment.objects.filter(pk=assignment.pk).update(
        comment=comment.strip()[:4000], revision=seen + 1,
        **({"state": "submitted", "submitted_at": actor.now} if submit else {}),
    )  # fmt: skip
    record(
        actor, "scores.submitted" if submit else "scores.saved", f"assignment:{assignment.pk}",
        campaign=assignment.case.campaign_id, points={s.id: points.get(s.id) for s in rubric.sections},
    )  # fmt: skip
    assignment.refresh_from_db()
    return assignment


def _faults(
    rubric: Rubric, points: Mapping[str, int | None], assignment: Assignment, *, submit: bool
) -> list[str]:
    titles = {id: str(section.title) for id, section in assignment.case.campaign.case.sections.items()}
    faults = []
    for section in rubric.sections:
        given = points.get(section.id)
        if given is None:
            if submit:
                faults.append(_("“{section}”还没有打分").format(section=titles.get(section.id, section.id)))
        elif not rubric.least <= given <= rubric.most:
            faults.append(
                _("“{section}”的分数应当在 {least} 到 {most} 之间").format(
                    section=titles.get(section.id, section.id), least=rubric.least, most=rubric.most
                )
            )
    return faults


def _own(actor: Actor, assignment: Assignment) -> Assignment:
    """Read an assignment anew and hold it; it has to be the actor's own, with a blind view that is confirmed."""
    campaign = assignment.case.campaign
    _require_awake(actor, campaign)
    own = own_assignments(actor, campaign).select_for_update(of=("self",)).filter(pk=assignment.pk).first()
    if own is None:
        raise Forbidden(_("这个案例没有分给你"))
    if confirmed_view(own.case) is None:
        raise Conflict(_("办公室正在重新整理这个案例的盲审稿"), remedy=_("请稍后再评"))
    return own


# --- decisions -----------------------------------------------------------------------------------------------


@transaction.atomic
def decide(actor: Actor, case: Case, decision: str, reason: str, *, exemplary: bool = False) -> Case:
    """Shortlist a case or not, with the reason; flag it as one of the 精品案例."""
    _require_office(actor, case.campaign)
    if decision not in ("shortlisted", "not"):
        raise Refused(_("请选择入选或不入选"))
    if not reason.strip():
        raise Refused(_("请写明理由"))
    if exemplary and decision != "shortlisted":
        raise Refused(_("精品案例应当先入选"))
    if case.screened != "in":
        raise Refused(_("案例 {case} 没有进入评审").format(case=case))
    held = _held(case)
    reason = reason.strip()[:2000]
    if (held.decision, held.decision_reason, held.exemplary) == (decision, reason, exemplary):
        return held
    for letter in Letter.objects.filter(of=held.filed_id, sort="decided", state="draft"):
        drop(actor, letter, letter.revision)
    Case.objects.filter(pk=case.pk).update(
        decision=decision, decision_reason=reason, exemplary=exemplary, told_at=None
    )
    record(
        actor, "case.decided", case.subject, campaign=case.campaign_id, decision=decision, exemplary=exemplary
    )
    case.refresh_from_db()
    return case


@transaction.atomic
def tell(actor: Actor, campaign: Campaign) -> int:
    """Tell units of the decisions that they do not know yet, each once; return how many.

    The unit sees a decision with its return from then on, and a letter is written: a draft in the outbox, unless the
    campaign posts by itself.

    Raises
    ------
    Refused
        If there is none to tell of.
    """
    _require_office(actor, campaign)
    untold = Case.objects.filter(campaign=campaign, told_at=None).exclude(decision="")
    cases = list(untold.select_for_update(of=("self",)).select_related("filed__unit", "filed__campaign"))
    if not cases:
        raise Refused(_("没有还要通知的决定"))
    day = local_day(campaign, actor.now)
    for case in cases:
        facts = {
            "case": case, "conclusion": conclusion_of(case), "reason": case.decision_reason,
            "next": CONSENT_NEXT if case.decision == "shortlisted" else "",
        }  # fmt: skip
        before = Letter.objects.filter(of=case.filed_id, sort="decided").count()
        write(
            actor,
            campaign,
            case.filed.unit,
            "decided",
            f"decided:{case.pk}:{before + 1}",
            day,
            facts,
            case.filed,
        )
        Case.objects.filter(pk=case.pk).update(told_at=actor.now)
        record(actor, "case.told", case.subject, campaign=campaign.pk, decision=case.decision)
    return len(cases)


@transaction.atomic
def ask_consent(actor: Actor, case: Case) -> None:
    """Ask the unit for its consent to the publication of the accepted version, once for each version."""
    _require_office(actor, case.campaign)
    case = _held(case)
    if case.decision != "shortlisted" or case.filed.state != "accepted":
        raise Refused(_("只向入选案例的单位征求发表同意"))
    if case.consent and case.consent_version == case.filed.version:
        raise Conflict(_("案例 {case} 的这一版已经征求过").format(case=case))
    _consented(actor, case, "asked")


@transaction.atomic
def answer_consent(
    actor: Actor,
    case: Case,
    answer: str,
    version: int,
    rights: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Answer for the unit: its reporter does, or the office for a letter on paper.

    Parameters
    ----------
    answer : {"given", "refused", "withdrawn"}
        A consent that was given can be withdrawn at any time.
    version : int
        The version that was looked at; a consent is given for it alone.
    rights : mapping, optional
        With a consent, what :func:`state_rights` takes; pictures that are left out of it are unclear.

    Raises
    ------
    Conflict
        If nobody has asked, or there is a later version.
    """
    _require_answering(actor, case)
    case = _held(case)
    if case.consent not in ANSWERED_AFTER.get(answer, ()):
        raise Conflict(_("案例 {case} 的发表同意现在不能这样改").format(case=case))
    if answer == "given":
        if version != case.filed.version or case.filed.state != "accepted":
            raise Conflict(
                _("案例 {case} 已有新的版本, 或正在修改").format(case=case), remedy=_("请刷新后再看")
            )
        state_rights(actor, case, {**dict.fromkeys(pictures_of(case), ("unclear", "")), **(rights or {})})
    _consented(actor, case, answer)


@transaction.atomic
def state_rights(actor: Actor, case: Case, rights: Mapping[str, tuple[str, str]]) -> None:
    """State whose the pictures are: by picture its right and, where another has permitted it, who.

    Raises
    ------
    Refused
        If a picture is none of the case, the right none of the three, or who permitted it is not said.
    """
    _require_answering(actor, case)
    pictures = pictures_of(case)
    for id, (right, holder) in rights.items():
        if id not in pictures or right not in RIGHTS:
            raise Refused(_("请逐张说明配图的权利"))
        name = pictures[id].caption or pictures[id].name
        if right == "permitted" and not holder.strip():
            raise Refused(_("配图“{name}”取得了谁的许可, 没有写明").format(name=name))
        PictureRight.objects.update_or_create(
            case=case, picture=id,
            defaults={"right": right, "holder": holder.strip()[:200] if right == "permitted" else "",
                      "by": actor.user, "at": actor.now},
        )  # fmt: skip
    stated = {id: right for id, (right, _holder) in sorted(rights.items())}
    record(actor, "pictures.stated", case.subject, campaign=case.campaign_id, rights=stated)


ANSWERED_AFTER: Mapping[str, Collection[str]] = {
    "given": ("asked", "given", "refused", "withdrawn"),
    "refused": ("asked",),
    "withdrawn": ("given",),
}
"""The answers, and after what each can be given."""


def _require_answering(actor: Actor, case: Case) -> None:
    unit: Unit = case.filed.unit
    if not (actor.may("file", case.campaign, unit) or actor.may("manage_review", case.campaign)):
        raise Forbidden(_("只有填报单位或办公室能够答复"))
    _require_awake(actor, case.campaign)


def _held(case: Case) -> Case:
    """Read a case anew and hold it, and its return too, to the end of the transaction."""
    Return.objects.select_for_update().get(pk=case.filed_id)
    held = Case.objects.select_for_update(of=("self",)).select_related("campaign", "filed__unit")
    return held.get(pk=case.pk)


def _consented(actor: Actor, case: Case, after: str) -> None:
    # Whoever withdraws withdraws what was given: that it was for another version makes no difference.
    version = case.consent_version if after == "withdrawn" else case.filed.version
    Case.objects.filter(pk=case.pk).update(
        consent=after, consent_version=version, consent_at=actor.now, consent_by=actor.user
    )
    record(actor, f"consent.{after}", case.subject, campaign=case.campaign_id, version=version)


@transaction.atomic
def letters(actor: Actor, campaign: Campaign) -> bytes:
    """Write the decision letters as one Word file; the audit keeps that it was done."""
    _require_office(actor, campaign)
    cases = list(Case.objects.filter(campaign=campaign).exclude(decision="").select_related("filed__unit"))
    if not cases:
        raise Refused(_("还没有作出决定的案例"))
    local = actor.now.astimezone(campaign.call.zone)
    written = write_letters(campaign, cases, f"{local.year}年{local.month}月{local.day}日")
    record(actor, "letters.written", f"campaign:{campaign.pk}", campaign=campaign.pk, count=len(cases))
    return written


@transaction.atomic
def compare_texts(actor: Actor, campaign: Campaign) -> Job | None:
    """Have all cases compared with each other by a job."""
    _require_office(actor, campaign)
    record(actor, "cases.compared", f"campaign:{campaign.pk}", campaign=campaign.pk)
    return enqueue(actor, "review.likeness", {"campaign": campaign.pk}, key=str(campaign.pk))


def _require_office(actor: Actor, campaign: Campaign) -> None:
    if not actor.may("manage_review", campaign):
        raise Forbidden(_("你没有管理评审的权限"), where=campaign.title)
    _require_awake(actor, campaign)


def _require_awake(actor: Actor, campaign: Campaign) -> None:
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))
