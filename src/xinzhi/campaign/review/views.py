"""The pages of the review: the office's, an expert's own, and the unit's answer about publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.pages import actor_in, campaign_of, number_in, page, paged, require, signed_in, typed_in
from xinzhi.campaign.people.models import User
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.campaign.review import operations
from xinzhi.campaign.review.blinding import Mask, Word, masks_in, originals, words_in
from xinzhi.campaign.review.likeness import LEAST_SHARE, passages_of
from xinzhi.campaign.review.models import Assignment, BlindPicture, BlindView, Case
from xinzhi.campaign.review.publishable import OBSTACLES, obstacle, pictures_of
from xinzhi.campaign.review.queries import (
    accepted_cases,
    cases_visible_to,
    confirmed_view,
    current_view,
    domain_title,
    experts_of,
    likeness_of,
    own_assignments,
    own_unit_cases,
    reads,
    standing,
)
from xinzhi.campaign.review.rubric import Criterion, Rubric, rubric_of
from xinzhi.campaign.storage.files import take
from xinzhi.declarations import Text
from xinzhi.language import gettext as _

HERE = "review_home"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@signed_in
@require_GET
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the office its cases, an expert the own assignments, a unit what it is asked about publication."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if reads(actor, campaign):
        return _office_home(request, actor, campaign)
    if actor.may("score", campaign):
        return _expert_home(request, actor, campaign)
    require(actor, "file", campaign)
    return page(
        request,
        "review/unit.html",
        campaign=campaign,
        here=HERE,
        title=_("案例发表"),
        cases=own_unit_cases(actor, campaign),
    )


def _office_home(request: HttpRequest, actor: Actor, campaign: Campaign) -> HttpResponse:
    everything = accepted_cases(actor, campaign)
    stages = {
        "unseen": Q(review_case=None) | Q(review_case__screened=""),
        "in": Q(review_case__screened="in"),
        "out": Q(review_case__screened="out"),
        "shortlisted": Q(review_case__decision="shortlisted"),
    }
    counts = {name: everything.filter(stage).count() for name, stage in stages.items()}
    stage = request.GET.get("stage", "")
    found = everything.filter(stages[stage]) if stage in stages else everything
    cases = paged(request, found)
    held = Assignment.objects.filter(case__filed__in=[filed.pk for filed in cases]).exclude(state="ended")
    views = BlindView.objects.filter(
        case__filed__in=[filed.pk for filed in cases], confirmed_at__isnull=False
    )
    progress: dict[int, tuple[int, int]] = {}
    for case_id, state in held.values_list("case_id", "state"):
        done, all_ = progress.get(case_id, (0, 0))
        progress[case_id] = done + (state == "submitted"), all_ + 1
    return page(
        request,
        "review/home.html",
        campaign=campaign,
        here=HERE,
        title=_("案例评审"),
        cases=cases,
        stage=stage,
        counts=counts,
        progress=progress,
        blind=set(views.values_list("case__filed_id", "version")),
        untold=Case.objects.filter(campaign=campaign, told_at=None).exclude(decision="").count(),
        may_manage=actor.may("manage_review", campaign),
        domains={filed.pk: domain_title(campaign, filed.domain) for filed in cases},
    )


def _expert_home(request: HttpRequest, actor: Actor, campaign: Campaign) -> HttpResponse:
    assignments = list(own_assignments(actor, campaign))
    views = BlindView.objects.filter(case__in=[a.case_id for a in assignments], confirmed_at__isnull=False)
    texts = {
        view.case_id: view.texts
        for view in views.select_related("case__filed")
        if view.version == view.case.filed.version
    }
    return page(
        request,
        "review/own.html",
        campaign=campaign,
        here=HERE,
        title=_("我的评审"),
        assignments=[
            (assignment, texts.get(assignment.case_id, {}).get("title")) for assignment in assignments
        ],
    )


# --- office --------------------------------------------------------------------------------------------------


@signed_in
@require_POST
def screen(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Take a case into the review or leave it out."""
    actor, campaign = _office(request, slug)
    require(actor, "manage_review", campaign)
    filed = get_object_or_404(accepted_cases(actor, campaign), pk=pk)
    verdict = request.POST.get("verdict", "")
    case = operations.screen(actor, filed, verdict, request.POST.get("reason", ""))
    messages.success(
        request,
        _("案例 {case} 进入评审, 请确认盲审稿").format(case=case)
        if verdict == "in"
        else _("案例 {case} 不进入评审").format(case=case),
    )
    return redirect("review_blind" if verdict == "in" else "review_case", slug, case.number)


@signed_in
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show all that the review knows of a case; take assignments, second rounds and the decision."""
    actor, campaign = _office(request, slug)
    shown = get_object_or_404(cases_visible_to(actor, campaign), number=number)
    if request.method == "POST":
        require(actor, "manage_review", campaign)
        _act_on(request, actor, shown)
        return redirect("review_case", slug, number)
    rubric = rubric_of(campaign)
    found = standing(campaign, rubric)
    key = str(shown.pk)
    assignments = list(shown.assignments.select_related("expert").prefetch_related("scores"))
    return page(
        request,
        "review/case.html",
        campaign=campaign,
        here=HERE,
        title=_("案例 {case}").format(case=shown),
        case=shown,
        domain=domain_title(campaign, shown.filed.domain),
        view=current_view(shown),
        assignments=[
            (a, {s.section: s for s in a.scores.all()}, found.totals.get((key, str(a.expert_id))))
            for a in assignments
        ],
        sections=_sections(campaign, rubric),
        experts=[judge for id, judge in experts_of(campaign, actor).items()],
        mean=found.means.get(key),
        calibrated=found.calibrated.cases.get(key),
        spread=found.spreads.get(key),
        differs=found.spreads.get(key, 0.0) > rubric.differ,
        rubric=rubric,
        obstacle=OBSTACLES.get(obstacle(shown) or ""),
        unclear=_unclear(shown),
        stale=shown.consent_version != shown.filed.version,
        may_manage=actor.may("manage_review", campaign),
    )


def _unclear(shown: Case) -> int:
    """Return how many pictures of a case are not published because nobody has said whose they are."""
    clear = {str(right.picture) for right in shown.rights.all() if right.right != "unclear"}
    return len(pictures_of(shown).keys() - clear)


def _act_on(request: HttpRequest, actor: Actor, shown: Case) -> None:
    post = request.POST
    match post.get("act"):
        case "assign":
            expert = User.objects.filter(pk=number_in(post.get("expert", ""))).first()
            if expert is None:
                raise Refused(_("请选择专家"))
            operations.assign(actor, shown, expert, round=2 if post.get("round") == "2" else 1)
            messages.success(request, _("已分给专家"))
        case "discuss":
            operations.discuss(actor, shown)
            messages.success(request, _("第二轮已开始, 专家会看到彼此的评分"))
        case "decide":
            operations.decide(
                actor,
                shown,
                post.get("decision", ""),
                post.get("reason", ""),
                exemplary=post.get("exemplary") == "yes",
            )
            messages.success(request, _("决定已保存"))
        case "ask":
            operations.ask_consent(actor, shown)
            messages.success(request, _("已向填报单位征求发表同意"))
        case _other:
            raise Refused(_("没有这样的操作"))


@signed_in
@require_http_methods(["GET", "POST"])
def blind(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the blind view beside the original; let words stand, mask more by hand, confirm."""
    actor, campaign = _office(request, slug)
    shown = get_object_or_404(cases_visible_to(actor, campaign), number=number)
    view = current_view(shown)
    if request.method == "GET":
        return _blind_page(request, actor, shown, view)
    require(actor, "manage_review", campaign)
    if view is None:
        operations.make_blind(actor, shown)
        return redirect("review_blind", slug, number)
    try:
        confirmed = _blinded(request, actor, view)
    except Refused as refusal:
        return _blind_page(request, actor, shown, view, refusal)
    return redirect("review_case" if confirmed else "review_blind", slug, number)


def _blinded(request: HttpRequest, actor: Actor, view: BlindView) -> bool:
    """Do what was asked with a blind view; tell whether it is confirmed. Nobody confirms what they have not seen."""
    post = request.POST
    seen = number_in(post.get("seen", ""))
    if post.get("act") == "mask":
        operations.mask_more(actor, view, post.get("words", "").splitlines(), seen)
        messages.success(request, _("已隐去, 请再看一遍后确认"))
        return False
    if operations.let_stand(actor, view, _standing_words(request, words_in(view)), seen):
        messages.success(request, _("已保存, 请再看一遍后确认"))
        return False
    if post.get("act") != "confirm":
        messages.success(request, _("没有变化"))
        return False
    operations.confirm_blind(actor, view, seen, post.getlist("shown"))
    messages.success(request, _("盲审稿已确认, 可以分给专家"))
    return True


def _standing_words(request: HttpRequest, words: tuple[Word, ...]) -> dict[str, str]:
    """Return the reasons by what was ticked to be let stand: single occurrences, or a whole word."""
    post = request.POST
    one, whole = set(post.getlist("stands")), set(post.getlist("stands-all"))
    return {
        place.id: post.get(f"reason-{word.id}", "")
        for word in words
        for place in word.occurrences
        if place.id in one or word.id in whole
    }


def _blind_page(
    request: HttpRequest, actor: Actor, shown: Case, view: BlindView | None, refusal: Refused | None = None
) -> HttpResponse:
    campaign, post = shown.campaign, request.POST
    words, texts = (words_in(view), originals(view)) if view else ((), {})
    masks = masks_in(view) if view else {}
    titles = {"title": _("案例名称")} | _titles(campaign)
    if refusal:
        stands = set(_standing_words(request, words))
        reasons = {word.id: post.get(f"reason-{word.id}", "") for word in words}
        ticked = set(post.getlist("shown"))
    else:
        stands = {place.id for word in words for place in word.occurrences if place.reason}
        reasons = {word.id: word.reason for word in words}
        ticked = {str(picture.pk) for picture in view.pictures.filter(shown=True)} if view else set()
    return page(
        request,
        "review/blind.html",
        campaign=campaign,
        here=HERE,
        status=422 if refusal else 200,
        title=_("案例 {case} 的盲审稿").format(case=shown),
        case=shown,
        view=view,
        texts=[
            (titles[key], _pieces(text, masks.get(key, [])), view.texts.get(key, "") if view else "")
            for key, text in texts.items()
        ],
        words=words,
        sorts=FOUND_BY,
        stands=stands,
        reasons=reasons,
        more=post.get("words", "") if refusal else "",
        pictures=[(one, str(one.pk) in ticked) for one in view.pictures.all()] if view else (),
        working=view is not None and _waits("review.pictures", str(view.pk)),
        may_manage=actor.may("manage_review", campaign),
        refusal=refusal,
        faults=refusal.what.splitlines() if refusal else (),
    )


FOUND_BY: Mapping[str, Text] = {
    "name": Text(zh="填报或推荐单位", en="filing or recommending unit"),
    "place": Text(zh="同省地名", en="place of the same province"),
    "contact": Text(zh="联系方式、代码", en="contact or code"),
    "hand": Text(zh="人工补充", en="added by hand"),
}
"""Why a word is masked."""


def _pieces(text: str, masks: list[Mask]) -> list[tuple[str, str]]:
    """Return a text in pieces: plain ones, ``masked`` ones, and those that are let stand."""
    found, reached = [], 0
    for mask in masks:
        found.append((text[reached : mask.begin], ""))
        found.append((text[mask.begin : mask.end], "stands" if mask.reason else "masked"))
        reached = mask.end
    return [*found, (text[reached:], "")]


@signed_in
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the proposed assignment; write it when the office confirms."""
    actor, campaign = _office(request, slug)
    require(actor, "manage_review", campaign)
    if request.method == "POST":
        pairs = [
            tuple(map(number_in, text.split("-", 1))) for text in request.POST.getlist("pair") if "-" in text
        ]
        count = operations.assign_proposed(actor, campaign, pairs)  # type: ignore[arg-type]
        messages.success(request, _("已分配 {n} 份").format(n=count))
        return redirect("review_assign", slug)
    plan = operations.propose_assignments(actor, campaign)
    experts = experts_of(campaign, actor)
    numbers = {case.pk: case for case in Case.objects.filter(campaign=campaign).select_related("filed")}
    return page(
        request,
        "review/assign.html",
        campaign=campaign,
        here=HERE,
        title=_("分配方案"),
        proposed=[(numbers[one.case], experts[one.expert], one) for one in plan.proposed],
        lacking=[(numbers[id], count) for id, count in plan.lacking.items()],
        rubric=rubric_of(campaign),
    )


@signed_in
@require_GET
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the scores come to: raw means beside calibrated ones, agreement, strictness."""
    actor, campaign = _office(request, slug)
    rubric = rubric_of(campaign)
    found = standing(campaign, rubric)
    calibrated = found.calibrated.cases
    lines = [
        (case, found.means[str(case.pk)], calibrated[str(case.pk)], found.spreads[str(case.pk)])
        for case in cases_visible_to(actor, campaign)
        if str(case.pk) in found.means
    ]
    names = {str(user.pk): user for user in User.objects.filter(pk__in=found.calibrated.leniency)}
    return page(
        request,
        "review/results.html",
        campaign=campaign,
        here=HERE,
        title=_("评分汇总"),
        lines=sorted(lines, key=lambda line: (-line[2], line[0].number)),
        leniency=[(names[id], points) for id, points in sorted(found.calibrated.leniency.items())],
        groups=found.calibrated.groups,
        alpha=found.alpha,
        sections=[(title, found.by_section[s.id], s) for s, title in _sections(campaign, rubric)],
        rubric=rubric,
        may_manage=actor.may("manage_review", campaign),
    )


@signed_in
@require_GET
def rubric(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how cases are scored, to be read before and while scoring, and printed."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if not reads(actor, campaign):
        require(actor, "score", campaign)
    shown = rubric_of(campaign)
    asked = campaign.case.sections
    return page(
        request,
        "review/rubric.html",
        campaign=campaign,
        here=HERE,
        title=_("评分标准"),
        rubric=shown,
        sections=[(s, title, shown.share(s), asked.get(s.id)) for s, title in _sections(campaign, shown)],
        office=reads(actor, campaign),
        own=not campaign.rubric,
    )


@signed_in
@require_POST
def letters(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the decision letters as one Word file."""
    actor, campaign = _office(request, slug)
    require(actor, "manage_review", campaign)
    return HttpResponse(
        operations.letters(actor, campaign),
        content_type=WORD,
        headers={"Content-Disposition": f'attachment; filename="letters-{campaign.slug}.docx"'},
    )


@signed_in
@require_POST
def tell(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell units of the decisions that they do not know yet."""
    actor, campaign = _office(request, slug)
    require(actor, "manage_review", campaign)
    count = operations.tell(actor, campaign)
    messages.success(
        request,
        (
            _("已通知 {n} 个案例的单位, 信在“提醒和通知”里等待发出")
            if not campaign.posts_automatically
            else _("已通知 {n} 个案例的单位")
        ).format(n=count),
    )
    return redirect("review_home", slug)


@signed_in
@require_http_methods(["GET", "POST"])
def likeness(request: HttpRequest, slug: str) -> HttpResponse:
    """List the cases that share text or pictures; have them compared anew."""
    actor, campaign = _office(request, slug)
    if request.method == "POST":
        require(actor, "manage_review", campaign)
        operations.compare_texts(actor, campaign)
        messages.success(request, _("正在比对, 完成后刷新本页"))
        return redirect("review_likeness", slug)
    return page(
        request,
        "review/likeness.html",
        campaign=campaign,
        here=HERE,
        title=_("重复内容"),
        pairs=paged(request, likeness_of(actor, campaign)),
        least=round(LEAST_SHARE * 100),
        working=_waits("review.likeness", str(campaign.pk)),
        compared=Job.objects.filter(kind="review.likeness", key=str(campaign.pk), state="done").last(),
        may_manage=actor.may("manage_review", campaign),
    )


@signed_in
@require_GET
def pair(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show two cases side by side with the passages that they share."""
    actor, campaign = _office(request, slug)
    shown = get_object_or_404(likeness_of(actor, campaign), pk=pk)
    return page(
        request,
        "review/pair.html",
        campaign=campaign,
        here=HERE,
        title=_("案例 {one} 和 {other}").format(one=shown.one, other=shown.other),
        pair=shown,
        sides=passages_of(shown),
    )


# --- experts -------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def score(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Show an expert one own case, blind; ask about conflicts, take scores; what was typed is never lost."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    own = get_object_or_404(own_assignments(actor, campaign), pk=pk)
    if request.method == "GET":
        return _score_page(request, campaign, own)
    post = request.POST
    if post.get("act") == "conflict":
        operations.answer_conflict(actor, own, post.get("conflict") == "yes", post.get("reason", ""))
        if post.get("conflict") == "yes":
            messages.success(request, _("已记下, 这个案例不再由你评审"))
            return redirect("review_home", slug)
        return redirect("review_score", slug, pk)
    submit = post.get("act") == "submit"
    rubric = rubric_of(campaign)
    typed = {s.id: post.get(f"points-{s.id}", "").strip() for s in rubric.sections}
    comments = {s.id: post.get(f"comment-{s.id}", "") for s in rubric.sections}
    try:
        points = {id: _points(text) for id, text in typed.items()}
        seen = number_in(post.get("seen", ""))
        operations.save_scores(actor, own, points, comments, post.get("comment", ""), seen, submit=submit)
    except Refused as refusal:
        sheet = _Sheet(typed, comments, post.get("comment", ""))
        return _score_page(request, campaign, own, refusal, sheet)
    messages.success(request, _("评分已提交") if submit else _("草稿已保存"))
    return redirect("review_home" if submit else "review_score", slug, *(() if submit else (pk,)))


def _score_page(
    request: HttpRequest,
    campaign: Campaign,
    own: Assignment,
    refusal: Refused | None = None,
    typed: _Sheet | None = None,
) -> HttpResponse:
    own.refresh_from_db()
    rubric = rubric_of(campaign)
    view = confirmed_view(own.case)
    kept = {s.section: s for s in own.scores.all()}
    saved = _Sheet(
        {id: "" if s.points is None else str(s.points) for id, s in kept.items()},
        {id: s.comment for id, s in kept.items()},
        own.comment,
    )
    sheet = typed or saved
    clash = isinstance(refusal, Conflict) and typed is not None
    closed = clash and own.state != "open"
    if closed:
        sheet = saved
    elif clash:
        sheet = sheet.filled_up(saved)
    return page(
        request,
        "review/score.html",
        campaign=campaign,
        here=HERE,
        status=refusal.status if refusal else 200,
        title=_("案例 {case}").format(case=own.case),
        assignment=own,
        view=view,
        sections=[
            (
                s,
                title,
                view.texts.get(s.id, "") if view else "",
                sheet.points.get(s.id, ""),
                sheet.comments.get(s.id, ""),
            )
            for s, title in _sections(campaign, rubric)
        ],
        comment=sheet.comment,
        elsewhere=sheet.unlike(saved) if clash and not closed else {},
        unsaved=typed_in(request) if closed else "",
        pictures=view.pictures.filter(shown=True) if view else (),
        rubric=rubric,
        refusal=refusal,
        faults=refusal.what.splitlines() if refusal else (),
        others=_others(own, rubric) if own.round == 2 and own.conflict == "none" else (),
    )


@dataclass(frozen=True)
class _Sheet:
    """Points and comments by section as they are typed, and the comment on the whole."""

    points: Mapping[str, str]
    comments: Mapping[str, str]
    comment: str

    def filled_up(self, saved: _Sheet) -> _Sheet:
        """Return it with what was left blank here and saved elsewhere: nobody has taken that back."""
        return _Sheet(
            {id: text or saved.points.get(id, "") for id, text in self.points.items()},
            {id: text or saved.comments.get(id, "") for id, text in self.comments.items()},
            self.comment or saved.comment,
        )

    def unlike(self, saved: _Sheet) -> dict[str, str]:
        """Return what is saved and differs, by the name of its box."""
        boxes = {f"points-{id}": (text, saved.points.get(id, "")) for id, text in self.points.items()}
        boxes |= {f"comment-{id}": (text, saved.comments.get(id, "")) for id, text in self.comments.items()}
        boxes["comment"] = self.comment, saved.comment
        same = str.maketrans("", "", "\r")
        return {
            name: kept
            for name, (text, kept) in boxes.items()
            if kept and text.translate(same).strip() != kept.translate(same).strip()
        }


def _others(own: Assignment, rubric: Rubric) -> list[tuple[str, float, str]]:
    """Return the other experts' first scores of a case under discussion, without their names."""
    first = Assignment.objects.filter(case=own.case, round=1, state="submitted").exclude(
        expert_id=own.expert_id
    )
    found = []
    for number, other in enumerate(first.order_by("pk").prefetch_related("scores"), start=1):
        points = {s.section: float(s.points or 0) for s in other.scores.all()}
        found.append((_("另一位专家 {n}").format(n=number), rubric.total(points), other.comment))
    return found


@signed_in
@require_GET
def picture(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Give a picture made anew: to the office, and to an expert who has its case and for whom it is shown."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    wanted = BlindPicture.objects.filter(pk=pk, view__case__campaign=campaign, blob__isnull=False)
    if not reads(actor, campaign):
        own = own_assignments(actor, campaign).values("case")
        wanted = wanted.filter(view__case__in=own, shown=True, view__confirmed_at__isnull=False)
    found = get_object_or_404(wanted.select_related("blob"))
    assert found.blob
    return HttpResponse(
        take(found.blob),
        content_type="image/jpeg",
        headers={"Content-Disposition": "inline; filename=picture.jpg"},
    )


# --- units ---------------------------------------------------------------------------------------------------


@signed_in
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take the answer about publication and whose the pictures are: of the unit, or of the office for a letter on paper."""
    actor, campaign = actor_in(request), campaign_of(request, slug)
    office = actor.may("manage_review", campaign)
    cases = cases_visible_to(actor, campaign) if office else own_unit_cases(actor, campaign)
    shown = get_object_or_404(cases.exclude(consent=""), number=number)
    if request.method == "POST":
        _answer_consent(request, actor, shown)
        return redirect("review_case" if office else "review_consent", slug, number)
    stated = {str(right.picture): right for right in shown.rights.all()}
    remade = BlindPicture.objects.filter(view=current_view(shown), blob__isnull=False)
    return page(
        request,
        "review/consent.html",
        campaign=campaign,
        here=HERE,
        title=_("发表同意"),
        case=shown,
        office=office,
        current=shown.consent_version == shown.filed.version and shown.filed.state == "accepted",
        able=operations.ANSWERED_AFTER,
        pictures=[(id, picture, stated.get(id)) for id, picture in pictures_of(shown).items()],
        remade={str(original): pk for original, pk in remade.values_list("original", "pk")},
    )


def _answer_consent(request: HttpRequest, actor: Actor, shown: Case) -> None:
    post, answer = request.POST, request.POST.get("answer", "")
    rights = {
        id: (post.get(f"right-{id}", "unclear"), post.get(f"holder-{id}", "")) for id in pictures_of(shown)
    }
    if answer == "rights":
        operations.state_rights(actor, shown, rights)
    elif answer in operations.ANSWERED_AFTER:
        operations.answer_consent(actor, shown, answer, number_in(post.get("version", "")), rights)
    else:
        raise Refused(_("请选择同意或不同意"))
    messages.success(request, _("答复已记下"))


def _office(request: HttpRequest, slug: str) -> tuple[Actor, Campaign]:
    actor, campaign = actor_in(request), campaign_of(request, slug)
    if not reads(actor, campaign):
        raise Http404
    return actor, campaign


def _titles(campaign: Campaign) -> dict[str, str]:
    return {id: str(section.title) for id, section in campaign.case.sections.items()}


def _sections(campaign: Campaign, rubric: Rubric) -> list[tuple[Criterion, str]]:
    titles = _titles(campaign)
    return [(section, titles.get(section.id, section.id)) for section in rubric.sections]


def _waits(kind: str, key: str) -> bool:
    return Job.objects.filter(kind=kind, key=key, state__in=("waiting", "running")).exists()


def _points(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise Refused(_("分数“{text}”应当是整数").format(text=text[:20]))
    return int(text)
