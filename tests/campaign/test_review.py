"""The review from screening to the letters; what experts never see; who may do what."""

from __future__ import annotations

import io
import json
from html import unescape

import pytest
from django.test import Client
from docx import Document
from PIL import Image

from tests.campaign.accepted import accepted_case
from tests.campaign.clients import client_of
from tests.campaign.conftest import NOON, World
from xinzhi.campaign.acting import Actor, acting_as, the_system
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.people.models import User
from xinzhi.campaign.people.operations import give_role
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns.models import Attachment, Return, Version
from xinzhi.campaign.review import operations, queries
from xinzhi.campaign.review.blinding import words_in
from xinzhi.campaign.review.models import Assignment, BlindPicture, BlindView, Case, LikePair
from xinzhi.campaign.review.rubric import rubric_of
from xinzhi.campaign.storage.files import put
from xinzhi.campaign.storage.vault import vault
from xinzhi.demonstration.returns import simulated_picture

HOME = "/c/call-2025/review/"


def expert(world: World, name: str, code: str = "", domains: tuple[str, ...] = ()) -> Actor:
    user = User.objects.create_user(f"{name}@example.org", "correct horse battery", name=name)
    give_role(the_system(now=NOON), user, "expert", world.campaign, world.unit.get(code), domains)
    return acting_as(user, NOON)


def with_picture(filed: Return) -> Attachment:
    """A picture whose file says where it was taken, attached without asking whether the return may be changed."""
    image, file, said = Image.open(io.BytesIO(simulated_picture(1))), io.BytesIO(), Image.Exif()
    said[0x010E] = "甲样县政府大楼 secret"  # ImageDescription
    image.save(file, "JPEG", exif=said)
    data = file.getvalue()
    return Attachment.objects.create(
        of=filed, sort="picture", name="甲样县大楼.jpg", caption="图1 甲样县生产线", blob=put(filed.owner, data),
        size=len(data), at=NOON,
    )  # fmt: skip


def screened(world: World, code: str = "990121", title: str = "甲样县轴承套圈数字化改造") -> Case:
    filed = accepted_case(world, code, title, recommender="乙样县人民政府")
    filed.refresh_from_db()
    return operations.screen(world.office, filed, "in")


def ready(world: World, code: str = "990121", title: str = "甲样县轴承套圈数字化改造") -> Case:
    """A case whose blind view is confirmed."""
    case = screened(world, code, title)
    view = queries.current_view(case)
    assert view
    operations.confirm_blind(world.office, view, view.revision)
    return case


def scored(case: Case, actor: Actor, points: int, world: World) -> Assignment:
    assert actor.user
    assignment = operations.assign(world.office, case, actor.user)
    assignment = operations.answer_conflict(actor, assignment, declared=False)
    given = dict.fromkeys((s.id for s in rubric_of(world.campaign).sections), points)
    return operations.save_scores(
        actor, assignment, given, {}, f"意见{points}", assignment.revision, submit=True
    )


def test_from_the_accepted_case_to_the_letter(world: World):
    case = ready(world)
    one, other = expert(world, "one"), expert(world, "peer")
    scored(case, one, 8, world)
    scored(case, other, 6, world)
    found = queries.standing(world.campaign, rubric_of(world.campaign))
    assert (dict(found.means), dict(found.spreads)) == ({str(case.pk): 70.0}, {str(case.pk): 20.0})
    operations.decide(world.office, case, "shortlisted", "成效有数据", exemplary=True)
    letter = Document(io.BytesIO(operations.letters(world.office, world.campaign)))
    assert [p.text for p in letter.paragraphs] == [
        "演示数据",
        "甲样县:",
        f"你单位在“{world.campaign.title}”中填报的案例《甲样县轴承套圈数字化改造》(编号 001) 已经评审。",
        "评审结论: 入选, 列为精品案例。",
        "理由: 成效有数据",
        "案例公开发表前, 将征得你单位对发表和著作权使用的同意。",
        "中国生产力学会",
        "2025年7月1日",
    ]
    operations.ask_consent(world.office, case)
    operations.answer_consent(world.reporter, case, "given", case.filed.version)
    case.refresh_from_db()
    assert (case.consent, case.consent_at, case.consent_by) == ("given", NOON, world.reporter.user)
    assert verify().fault == ""


def test_a_case_left_out_needs_a_reason(world: World):
    filed = accepted_case(world, "990121", "案例")
    with pytest.raises(Refused) as refusal:
        operations.screen(world.office, filed, "out")
    assert refusal.value.what == "不进入评审要写明理由"
    case = operations.screen(world.office, filed, "out", "与主题不符")
    assert (case.screened, case.screening_reason, case.blind_views.count()) == ("out", "与主题不符", 0)
    Return.objects.filter(pk=filed.pk).update(state="submitted")
    filed.refresh_from_db()
    with pytest.raises(Refused):
        operations.screen(world.office, filed, "in")


# --- blind ---------------------------------------------------------------------------------------------------


def secrets_of(case: Case) -> list[str]:
    """All that tells who filed: names with their short forms, contacts, and ids that lead to the return."""
    filed = case.filed
    version = Version.objects.get(of=filed, number=filed.version)
    private = json.loads(vault().open(filed.owner, bytes(version.sealed)))
    contacts = [text for text in private.values() if text]
    assert len(contacts) >= 4
    return [
        *contacts, "甲样", "乙样", "样例市", "示例省", filed.unit.code, "990122", str(filed.pk), "大楼", "secret",
        *(str(pk) for pk in filed.attachments.values_list("pk", flat=True)),
    ]  # fmt: skip


def test_no_page_of_an_expert_tells_who_filed(world: World):
    case = screened(world)
    with_picture(case.filed)
    assert work_off() == 1
    view = queries.current_view(case)
    assert view
    picture = view.pictures.get()
    operations.confirm_blind(world.office, view, view.revision, [str(picture.pk)])
    one, other = expert(world, "one"), expert(world, "peer")
    scored(case, other, 2, world)
    first = scored(case, one, 9, world)
    operations.discuss(world.office, case)
    again = Assignment.objects.get(expert=one.user, round=2)
    client = client_of(one)
    pages = [HOME, f"{HOME}score/{first.pk}/", f"{HOME}score/{again.pk}/"]
    for page in pages:
        answer = client.get(page)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert [secret for secret in secrets_of(case) if secret in html] == []
    assert "peer" not in client.get(pages[2]).content.decode()  # the other expert is not named either
    shown = client.get(f"{HOME}picture/{picture.pk}/")
    assert (shown.status_code, shown["Content-Type"], shown["X-Content-Type-Options"]) == (
        200,
        "image/jpeg",
        "nosniff",
    )
    assert [s for s in ("secret", "甲样") if s.encode() in shown.content] == []
    assert dict(Image.open(io.BytesIO(shown.content)).getexif()) == {}


def test_an_expert_sees_own_assignments_alone(world: World):
    case = ready(world)
    one, other = expert(world, "one"), expert(world, "peer")
    assert one.user
    own = operations.assign(world.office, case, one.user)
    page = f"{HOME}score/{own.pk}/"
    assert [client_of(who).get(page).status_code for who in (one, other, world.office, world.media, world.reporter)] == [
        200, 404, 404, 404, 404,
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        operations.answer_conflict(other, own, declared=False)
    office_pages = ["cases/1/", "cases/1/blind/", "assign/", "results/", "likeness/"]
    assert {client_of(one).get(HOME + page).status_code for page in office_pages} == {404}


def test_pictures_are_hidden_until_somebody_ticks_them(world: World):
    case = screened(world)
    with_picture(case.filed)
    work_off()
    view = queries.current_view(case)
    assert view
    picture = view.pictures.get()
    assert (picture.shown, "甲样" in picture.caption) == (False, False)
    operations.confirm_blind(world.office, view, view.revision)
    one = expert(world, "one")
    assert one.user
    own = operations.assign(world.office, case, one.user)
    client = client_of(one)
    assert client.get(f"{HOME}picture/{picture.pk}/").status_code == 404
    assert str(picture.pk) not in client.get(f"{HOME}score/{own.pk}/").content.decode()
    assert client_of(world.office).get(f"{HOME}picture/{picture.pk}/").status_code == 200


def test_a_picture_that_cannot_be_made_anew_is_left_out_and_says_why(world: World):
    case = screened(world)
    attachment = with_picture(case.filed)
    Attachment.objects.filter(pk=attachment.pk).update(blob=put(case.filed.owner, b"\xff\xd8\xff broken"))
    work_off()
    picture = BlindPicture.objects.get()
    assert (picture.blob, picture.fault) == (None, "不是能打开的图片")
    assert work_off() == 0


def test_words_masked_by_hand_have_to_be_confirmed_again(world: World):
    case = ready(world)
    view = queries.current_view(case)
    assert view and view.confirmed_at
    assert "轴承套圈" in view.texts["title"]
    operations.mask_more(world.office, view, ["轴承套圈", " "], view.revision)
    assert view.texts["title"] == "▇▇数字化改造"
    assert queries.confirmed_view(case) is None
    with pytest.raises(Conflict):
        operations.confirm_blind(world.second_office, view, view.revision - 1)
    one = expert(world, "one")
    assert one.user
    with pytest.raises(Refused) as refusal:
        operations.assign(world.office, case, one.user)
    assert refusal.value.what == "案例 001 的盲审稿还没有确认"


def test_a_word_that_is_common_in_its_place_is_let_stand_with_a_reason(world: World):
    case = ready(world, title="甲样县的甲样模式, 见 https://example.com/a")
    view = queries.current_view(case)
    assert view and view.texts["title"] == "▇▇的▇▇模式, 见 ▇▇"
    words = {word.text: word for word in words_in(view)}
    assert (words["甲样县"].sort, words["甲样"].sort, words["https://example.com/a"].sort) == (
        "name", "name", "contact",
    )  # fmt: skip
    mode = words["甲样"].occurrences[0]
    assert (mode.section, mode.before, mode.after) == ("案例名称", "甲样县的", "模式, 见 https:")
    with pytest.raises(Refused) as refusal:
        operations.let_stand(world.office, view, {mode.id: " "}, view.revision)
    assert refusal.value.what == "没有写明为什么不隐去“甲样”"
    with pytest.raises(Conflict):
        operations.let_stand(world.office, view, {"title:999": "理由"}, view.revision)
    seen = view.revision
    assert operations.let_stand(world.office, view, {mode.id: "通用说法"}, seen)
    assert view.texts["title"] == "▇▇的甲样模式, 见 ▇▇"
    assert queries.confirmed_view(case) is None
    with pytest.raises(Conflict):
        operations.let_stand(world.second_office, view, {}, seen)
    assert not operations.let_stand(world.office, view, {mode.id: "通用说法"}, view.revision)
    operations.mask_more(
        world.office, view, ["甲样模式"], view.revision
    )  # written down by hand, it no longer stands
    assert view.texts["title"] == "▇▇的▇▇, 见 ▇▇"
    assert {word.text: word.sort for word in words_in(view)}["甲样模式"] == "hand"


def test_a_word_to_be_masked_has_to_stand_somewhere(world: World):
    case = ready(world)
    view = queries.current_view(case)
    assert view
    for word, what in (
        ("没有的词", "盲审稿里没有“没有的词”"),
        ("甲样县", "盲审稿里没有“甲样县”"),  # it is masked already
        ("--", "请写出要隐去的字词, 每行一个, 至少两个字"),
    ):
        with pytest.raises(Refused) as refusal:
            operations.mask_more(world.office, view, ["轴承套圈", word], view.revision)
        assert refusal.value.what == what
    view.refresh_from_db()
    assert view.confirmed_at and "轴承套圈" in view.texts["title"]


def test_words_masked_by_hand_are_masked_in_captions_made_later(world: World):
    case = screened(world)
    with_picture(case.filed)  # 图1 甲样县生产线
    view = queries.current_view(case)
    assert view
    Version.objects.filter(of=case.filed).update(
        values=Version.objects.get(of=case.filed).values | {"summary": "一条生产线投产"}
    )
    operations.mask_more(world.office, view, ["生产线"], view.revision)
    work_off()
    assert view.pictures.get().caption == "图1 ▇▇"


def test_nobody_confirms_a_choice_that_was_not_looked_at(world: World):
    case = screened(world, title="甲样县的甲样模式")
    office, page = client_of(world.office), f"{HOME}cases/1/blind/"
    view = queries.current_view(case)
    assert view
    mode = next(word for word in words_in(view) if word.text == "甲样")
    choice = {"act": "confirm", "seen": view.revision, "stands": mode.id}
    refused = office.post(page, choice | {"shown": "x"})
    assert refused.status_code == 422 and f'value="{mode.id}" checked' in refused.content.decode()
    choice |= {f"reason-{mode.id}": "通用说法"}
    assert office.post(page, choice)["Location"] == page
    view.refresh_from_db()
    assert (view.confirmed_at, view.texts["title"]) == (None, "▇▇的甲样模式")
    assert "<mark>甲样县</mark>的<ins>甲样</ins>模式" in office.get(page).content.decode()
    assert office.post(page, choice | {"seen": view.revision})["Location"] == f"{HOME}cases/1/"
    assert queries.confirmed_view(case)


def test_a_new_version_needs_a_new_blind_view(world: World):
    case = ready(world)
    Return.objects.filter(pk=case.filed.pk).update(version=2)
    case = Case.objects.get(pk=case.pk)
    assert queries.confirmed_view(case) is None
    assert BlindView.objects.count() == 1


# --- assignment ----------------------------------------------------------------------------------------------


def test_the_office_confirms_the_proposal(world: World):
    case = ready(world)
    one, near = expert(world, "one"), expert(world, "near", "990122")
    plan = operations.propose_assignments(world.office, world.campaign)
    assert one.user and near.user and world.expert.user
    pairs = [(proposed.case, proposed.expert) for proposed in plan.proposed]
    assert pairs == [(case.pk, world.expert.user.pk), (case.pk, one.user.pk)]  # who recommends is kept out
    assert Assignment.objects.count() == 0
    with pytest.raises(Conflict):
        operations.assign_proposed(world.office, world.campaign, [(case.pk, near.user.pk)])
    with pytest.raises(Refused) as refusal:
        operations.assign(world.office, case, near.user)
    assert refusal.value.what == "需要回避: 专家在推荐单位任职"
    assert operations.assign_proposed(world.office, world.campaign, pairs) == 2
    assert operations.propose_assignments(world.office, world.campaign).proposed == ()


def test_a_declared_conflict_ends_the_assignment_and_keeps_the_expert_out(world: World):
    case = ready(world)
    one = expert(world, "one")
    assert one.user
    own = operations.assign(world.office, case, one.user)
    assert own.conflict == ""  # never asked is not asked and answered
    with pytest.raises(Refused) as refusal:
        operations.save_scores(one, own, {}, {}, "", own.revision)
    assert refusal.value.what == "请先回答有没有利害关系"
    with pytest.raises(Refused):
        operations.answer_conflict(one, own, declared=True)
    own = operations.answer_conflict(one, own, declared=True, reason="曾任顾问")
    assert (own.conflict, own.state) == ("declared", "ended")
    assert client_of(one).get(f"{HOME}score/{own.pk}/").status_code == 404
    with pytest.raises(Refused) as refusal:
        operations.assign(world.office, case, one.user)
    assert refusal.value.what == "需要回避: 专家声明过利害关系"


# --- scoring -------------------------------------------------------------------------------------------------


def test_drafts_are_kept_and_nothing_typed_is_lost(world: World):
    case = ready(world)
    one = expert(world, "one")
    assert one.user
    own = operations.assign(world.office, case, one.user)
    client, page = client_of(one), f"{HOME}score/{own.pk}/"
    assert client.post(page, {"act": "conflict", "conflict": "no"}).status_code == 302
    own.refresh_from_db()
    draft = {
        "act": "save",
        "seen": own.revision,
        "points-results": "7",
        "comment-results": "有对比",
        "comment": "总",
    }
    assert client.post(page, draft).status_code == 302
    assert [(s.section, s.points, s.comment) for s in own.scores.exclude(points=None)] == [
        ("results", 7, "有对比")
    ]
    late = client.post(page, draft | {"comment": "另一处"})
    assert late.status_code == 409 and "另一处" in late.content.decode()
    own.refresh_from_db()
    for wrong in ("11", "7.5", "很好"):
        answer = client.post(page, draft | {"seen": own.revision, "points-summary": wrong})
        assert answer.status_code == 422 and f'value="{wrong}"' in answer.content.decode()
    answer = client.post(page, draft | {"act": "submit", "seen": own.revision})
    assert (answer.status_code, len(answer.context["faults"])) == (422, 6)
    full = {f"points-{s.id}": "6" for s in rubric_of(world.campaign).sections}
    assert client.post(page, draft | full | {"act": "submit", "seen": own.revision}).status_code == 302
    own.refresh_from_db()
    assert own.state == "submitted"
    with pytest.raises(Conflict):
        operations.save_scores(one, own, {}, {}, "", own.revision)


def test_two_tabs_show_both_values_and_lose_nothing(world: World):
    case = ready(world)
    one = expert(world, "one")
    assert one.user
    own = operations.answer_conflict(one, operations.assign(world.office, case, one.user), declared=False)
    client, page, opened = client_of(one), f"{HOME}score/{own.pk}/", own.revision
    here = {
        "act": "save",
        "seen": opened,
        "points-results": "7",
        "comment-results": "有对比",
        "comment": "总",
    }
    there = {"act": "save", "seen": opened, "points-results": "5", "points-summary": "8", "comment": "总"}
    assert client.post(page, here).status_code == 302
    late = client.post(page, there)
    assert late.status_code == 409
    assert late.context["elsewhere"] == {"points-results": "7"}  # the rest is the same, or was blank here
    assert late.content.decode().count("现在存着的: 7") == 1
    shown = {s.id: (points, comment) for s, _n, _t, points, comment in late.context["sections"]}
    assert (shown["results"], shown["summary"]) == (("5", "有对比"), ("8", ""))
    own.refresh_from_db()
    assert {s.section: s.points for s in own.scores.exclude(points=None)} == {"results": 7}
    whole = {f"points-{s.id}": "6" for s in rubric_of(world.campaign).sections}
    assert client.post(page, there | whole | {"seen": own.revision, "act": "submit"}).status_code == 302
    closed = client.post(page, there | {"comment": "晚到的话"})
    assert closed.status_code == 409 and "comment: 晚到的话" in closed.content.decode()


def test_what_was_typed_comes_back_when_the_session_is_lost(world: World):
    page = f"{HOME}score/{Assignment().pk}/"
    typed = {"act": "save", "comment": "写了半天的<意见>", "password": "secret"}
    lost = Client().post(page, typed, headers={"Accept": "text/html"})
    html = lost.content.decode()
    assert lost.status_code == 401 and "comment: 写了半天的&lt;意见&gt;" in html and "secret" not in html
    assert Client().post(page, typed).status_code == 302  # a program is sent to sign in
    strict = Client(enforce_csrf_checks=True)
    for origin, given_back in (("http://testserver", True), ("https://elsewhere.example", False)):
        expired = strict.post(page, typed, headers={"Accept": "text/html", "Origin": origin})
        assert (expired.status_code, "写了半天" in expired.content.decode()) == (403, given_back)


def test_a_second_round_replaces_the_first(world: World):
    case = ready(world)
    one, other = expert(world, "one"), expert(world, "peer")
    scored(case, one, 9, world)
    with pytest.raises(Refused) as refusal:
        operations.discuss(world.office, case)
    assert refusal.value.what == "案例 001 的评分差距没有超过 15 分"
    scored(case, other, 5, world)
    assert operations.discuss(world.office, case) == 2
    again = Assignment.objects.get(expert=one.user, round=2)
    given = dict.fromkeys((s.id for s in rubric_of(world.campaign).sections), 6)
    operations.save_scores(one, again, given, {}, "", again.revision, submit=True)
    found = queries.standing(world.campaign, rubric_of(world.campaign))
    assert sorted(found.totals.values()) == [50.0, 60.0]
    with pytest.raises(Conflict):
        operations.discuss(world.office, case)


def test_the_rubric_is_read_by_who_scores_and_by_the_office(world: World):
    for who, status in (
        ("expert", 200),
        ("office", 200),
        ("auditor", 200),
        ("reporter", 404),
        ("media", 404),
    ):
        assert client_of(getattr(world, who)).get(HOME + "rubric/").status_code == status
    shown = client_of(world.expert).get(HOME + "rubric/")
    html = unescape(shown.content.decode())
    rubric, asked = rubric_of(world.campaign), world.campaign.case.sections
    # The weights of rubric.toml come to 100, so that each is its share.
    assert [round(share, 9) for _s, _name, share, _asked in shown.context["sections"]] == [
        10, 10, 20, 25, 15, 15, 5,
    ]  # fmt: skip
    for section in rubric.sections:
        assert section.asks.zh in html and asked[section.id].advice.splitlines()[0] in html
    assert [anchor.points for anchor in rubric.anchors] == [0, 4, 7, 10]
    assert all(anchor.says.zh in html for anchor in rubric.anchors)


def test_units_are_told_of_a_decision_once_and_again_when_it_changes(world: World):
    case = ready(world)
    answers = f"/c/call-2025/file/{case.filed.pk}/answers/"
    reporter, office = client_of(world.reporter), client_of(world.office)
    with pytest.raises(Refused) as refusal:
        operations.tell(world.office, world.campaign)
    assert refusal.value.what == "没有还要通知的决定"
    operations.decide(world.office, case, "not", "缺少前后对比的数据")
    assert "缺少前后对比的数据" not in reporter.get(answers).content.decode()
    assert "1 个决定还没有通知单位" in office.get(HOME).content.decode()
    assert office.post(HOME + "tell/").status_code == 302
    first = Letter.objects.get(sort="decided")
    assert (first.state, first.unit, first.of, first.subject) == (
        "draft", case.filed.unit, case.filed, "评审结论: 甲样县轴承套圈数字化改造",
    )  # fmt: skip
    assert "(编号 001) 已经评审。\n\n评审结论: 未入选。\n\n理由: 缺少前后对比的数据" in first.body
    page = reporter.get(answers).content.decode()
    assert "评审结论" in page and "缺少前后对比的数据" in page
    assert "缺少前后对比的数据" in office.get(f"/c/call-2025/check/{case.filed.pk}/").content.decode()
    operations.decide(world.office, case, "not", "缺少前后对比的数据")  # the same again is no new decision
    with pytest.raises(Refused):
        operations.tell(world.office, world.campaign)
    operations.decide(world.office, case, "shortlisted", "补充了数据")
    first.refresh_from_db()
    assert first.state == "dropped"  # a letter that is no longer true does not leave
    assert "评审结论" not in reporter.get(answers).content.decode()
    Campaign.objects.filter(pk=world.campaign.pk).update(reminders={"automatic": True})
    assert operations.tell(world.office, Campaign.objects.get(pk=world.campaign.pk)) == 1
    second = Letter.objects.exclude(pk=first.pk).get(sort="decided")
    assert second.state == "queued"
    assert "评审结论: 入选。" in second.body and "将征得你单位对发表和著作权使用的同意" in second.body


# --- likeness ------------------------------------------------------------------------------------------------


def test_copied_cases_are_found_by_the_job_and_shown_side_by_side(world: World):
    one = screened(world)
    other = screened(world, "990123", "丙样县竹纤维板材改造")
    copied = Version.objects.get(of=one.filed).values["details"]
    version = Version.objects.get(of=other.filed)
    values = dict.fromkeys(world.campaign.case.sections, "") | {
        "title": "丙样县竹纤维板材改造",
        "details": copied,
    }
    Version.objects.filter(pk=version.pk).update(values=values)
    operations.compare_texts(world.office, world.campaign)
    assert operations.compare_texts(world.office, world.campaign) is None  # one waits already
    work_off()
    pair = LikePair.objects.get()
    assert (pair.one, pair.other, pair.sort, pair.share) == (one, other, "text", 1.0)
    client = client_of(world.office)
    assert client.get(HOME + "likeness/").status_code == 200
    shown = client.get(f"{HOME}likeness/{pair.pk}/")
    assert [segment.text for segment in shown.context["sides"].other if segment.shared] == [
        copied.rstrip("。\n")
    ]


# --- who may do what -----------------------------------------------------------------------------------------

OPERATIONS = {
    "screen": lambda actor, case: operations.screen(actor, case.filed, "out", "理由"),
    "make_blind": lambda actor, case: operations.make_blind(actor, case),
    "propose": lambda actor, case: operations.propose_assignments(actor, case.campaign),
    "assign": lambda actor, case: operations.assign(actor, case, actor.user),
    "discuss": lambda actor, case: operations.discuss(actor, case),
    "decide": lambda actor, case: operations.decide(actor, case, "not", "理由"),
    "ask": lambda actor, case: operations.ask_consent(actor, case),
    "tell": lambda actor, case: operations.tell(actor, case.campaign),
    "letters": lambda actor, case: operations.letters(actor, case.campaign),
    "compare": lambda actor, case: operations.compare_texts(actor, case.campaign),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_only_the_office_manages_the_review(world: World, name):
    case = ready(world)
    for who in ("expert", "reporter", "media", "auditor", "analyst", "city"):
        with pytest.raises(Forbidden):
            OPERATIONS[name](getattr(world, who), case)


def test_who_answers_for_the_unit(world: World):
    case = ready(world)
    operations.decide(world.office, case, "shortlisted", "理由")
    page, given = f"{HOME}cases/1/consent/", {"answer": "given", "version": "1"}
    assert client_of(world.reporter).post(page, given).status_code == 404  # nobody has asked yet
    operations.ask_consent(world.office, case)
    for who, status in (
        ("other_reporter", 404),
        ("expert", 404),
        ("media", 404),
        ("auditor", 404),
        ("reporter", 302),
    ):
        assert client_of(getattr(world, who)).post(page, given).status_code == status
    assert client_of(world.reporter).get(HOME).status_code == 200
    with pytest.raises(Forbidden):
        operations.answer_consent(world.other_reporter, case, "refused", 1)
    with pytest.raises(Conflict):
        operations.ask_consent(world.office, Case.objects.get(pk=case.pk))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("office", 200),
        ("auditor", 200),
        ("media", 404),
        ("analyst", 404),
        ("city", 404),
        ("expert", 404),
        ("reporter", 404),
    ],
)
def test_who_sees_the_pages_of_the_office(world: World, who, status):
    ready(world)
    client = client_of(getattr(world, who))
    pages = ["cases/1/", "cases/1/blind/", "results/", "likeness/"]
    assert [client.get(HOME + page).status_code for page in pages] == [status] * 4
    assert client.get(HOME).status_code == (
        200 if who in ("office", "auditor", "expert", "reporter") else 404
    )


def test_the_auditor_changes_nothing(world: World):
    case = ready(world)
    client = client_of(world.auditor)
    posts = [f"screen/{case.filed.pk}/", "cases/1/", "cases/1/blind/", "assign/", "letters/", "likeness/"]
    statuses = [client.post(HOME + page, {"verdict": "out", "reason": "理由"}).status_code for page in posts]
    assert statuses == [404] * 6


def test_the_pages_lead_from_screening_to_the_letters(world: World):
    filed = accepted_case(world, "990121", "甲样县轴承套圈数字化改造")
    office = client_of(world.office)
    assert "等待筛选" in office.get(HOME).content.decode()
    answer = office.post(f"{HOME}screen/{filed.pk}/", {"verdict": "in"})
    assert answer["Location"] == f"{HOME}cases/1/blind/"
    view = BlindView.objects.get()
    masked = office.post(f"{HOME}cases/1/blind/", {"act": "mask", "seen": view.revision, "words": "数字化"})
    assert masked.status_code == 302
    view.refresh_from_db()
    assert office.post(f"{HOME}cases/1/blind/", {"act": "confirm", "seen": view.revision}).status_code == 302
    assert world.expert.user
    pair = f"{Case.objects.get().pk}-{world.expert.user.pk}"
    assert pair in office.get(f"{HOME}assign/").content.decode()
    assert office.post(f"{HOME}assign/", {"pair": pair}).status_code == 302
    assert office.get(f"{HOME}cases/1/").status_code == 200
    decided = {"act": "decide", "decision": "not", "reason": "数据不足"}
    assert office.post(f"{HOME}cases/1/", decided).status_code == 302
    assert office.post(f"{HOME}cases/1/", decided | {"reason": ""}).status_code == 422
    letters = office.post(f"{HOME}letters/")
    assert letters["Content-Disposition"] == 'attachment; filename="letters-call-2025.docx"'


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_cases(world: World, django_assert_num_queries, count):
    one = expert(world, "one")
    assert one.user
    for number in range(count):
        case = ready(world, f"99012{number + 1}", f"案例{number}的轴承套圈改造")
        if number != 1:  # 乙样县 recommends its own
            operations.assign(world.office, case, one.user)
    office, own = client_of(world.office), client_of(one)
    office.get(HOME)
    with django_assert_num_queries(QUERIES["office"]):
        office.get(HOME)
    with django_assert_num_queries(QUERIES["results"]):
        office.get(HOME + "results/")
    with django_assert_num_queries(QUERIES["expert"]):
        own.get(HOME)


QUERIES = {"office": 17, "results": 10, "expert": 11}
