"""An edition is prepared, built, approved by two people, published, corrected and withdrawn; and every way it is not."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import quote, unquote

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from django.test import Client

from tests.campaign.accepted import accepted_figures
from tests.campaign.clients import client_of
from tests.campaign.conftest import NOON, World
from tests.campaign.test_publishable import OWN, answered, asked
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.jobs.models import Job
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.publications import building, operations, shelf
from xinzhi.campaign.publications.models import Approval, Publication
from xinzhi.campaign.publications.serving import POLICY, TYPES
from xinzhi.campaign.publications.taking import write_published
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.results import operations as results
from xinzhi.campaign.review import operations as review
from xinzhi.campaign.tasks import tasks_of
from xinzhi.cli.figures import xinzhi
from xinzhi.declarations import Text
from xinzhi.errors import CallError
from xinzhi.methodology import load_methodology
from xinzhi.output import CONTENTS
from xinzhi.publish.edition import Edition, Notice

HOME, PUBLIC = "/c/call-2025/publish/", "/p/call-2025/"
FORM = {
    "title_zh": "甲省测评", "title_en": "Assessment", "result": ["1"], "licence": "CC-BY-4.0", "publisher": "学会",
    "day": "2025-12-01", "seen": "0",
}  # fmt: skip
NOTICE = {"notice_zh": "更正甲样县的数", "notice_en": "A figure of 甲样县 is corrected"}
REASON = Text(zh="甲样县的数有误", en="A figure is wrong")


def fake_files(edition: Edition, report: Callable[[float], None]) -> dict[str, bytes]:
    """Pages that tell what an edition holds, without the paper and the drawings, which take seconds."""
    imprint = edition.imprint
    told = {
        "title": edition.title.zh, "number": imprint.number, "day": str(imprint.day), "licence": imprint.licence,
        "publisher": imprint.publisher, "notices": [notice.text.zh for notice in imprint.notices],
        "assessments": [a.id for a in edition.assessments], "cases": [case.title for case in edition.cases],
    }  # fmt: skip
    report(0.5)
    return {
        "index.html": f"<html><body class='a'><h1>{edition.title.zh}</h1></body></html>".encode(),
        "en/index.html": b"<html><body>in English</body></html>",
        "data/told.json": json.dumps(told, ensure_ascii=False).encode(),
        "style.css": b"p { color: red }",
        "bundle.zip": b"PK",
        "strange.xyz": b"?",
    }


@pytest.fixture
def proposed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A campaign with a proposed result; what takes long is faked."""
    monkeypatch.setattr(building, "files_of", fake_files)
    for code in ("990121", "990122", "990181"):
        accepted_figures(world, code)
    snapshot = results.freeze(world.system, world.campaign)
    made = results.order(world.analyst, snapshot, load_methodology("county-2025"), without=["opinion"])
    assert work_off() == 1
    made.refresh_from_db()
    results.propose(world.analyst, made)
    return world


def prepared(world: World, **changes: object) -> Publication:
    """What the office prepared by the form, built."""
    answer = client_of(world.office).post(f"{HOME}prepare/", FORM | changes)
    assert answer.status_code == 302, texts(answer)
    work_off()
    return Publication.objects.latest("number")


def published(world: World, **changes: object) -> Publication:
    """What two people approved and one published."""
    edition = prepared(world, **changes)
    for actor in (world.office, world.second_office):
        operations.approve(actor, edition, edition.digest)
    return operations.publish(world.office, edition, edition.digest)


def told_of(edition: Publication) -> dict[str, object]:
    return json.loads(shelf.unpacked(Publication.objects.get(pk=edition.pk))["data/told.json"])


def content(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def texts(answer) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def consented(world: World) -> review.Case:
    case = asked(world)
    answered(world, case, p0=OWN)
    return case


# --- the way to the reader ------------------------------------------------------------------------------------


def test_from_a_proposed_result_to_the_readers(proposed: World) -> None:
    world, visitor = proposed, Client()
    case = consented(world)
    office, second = client_of(world.office), client_of(world.second_office)
    assert visitor.get(PUBLIC).status_code == 404
    form = office.get(f"{HOME}prepare/").content.decode()
    assert f'value="{world.campaign.title}"' in form and f'value="{case.filed_id}" checked' in form
    answer = office.post(f"{HOME}prepare/", FORM | {"case": [str(case.filed_id)], "printed": "on"})
    assert answer.headers["Location"] == f"{HOME}1/"
    assert "正在制作; 可以离开这一页" in texts(office.get(f"{HOME}1/"))
    assert office.get(f"{HOME}1/preview/").status_code == 404
    work_off()
    edition = Publication.objects.get()
    assert told_of(edition) == {
        "title": "甲省测评", "number": 1, "day": "2025-12-01", "licence": "CC-BY-4.0", "publisher": "学会",
        "notices": [], "assessments": ["county-2025", "ye-xu-table-3"], "cases": [case.filed.title],
    }  # fmt: skip
    page = office.get(f"{HOME}1/preview/")
    assert b"Preview: not public" in page.content and "甲省测评".encode() in page.content
    assert page.headers["Cache-Control"] == "private, no-store"
    assert visitor.get(PUBLIC).status_code == visitor.get(f"{PUBLIC}1/").status_code == 404
    seen = {"seen": edition.digest}
    assert office.post(f"{HOME}1/publish/", seen).status_code == 422
    assert office.post(f"{HOME}1/approve/", seen).status_code == 302
    assert office.post(f"{HOME}1/publish/", seen).status_code == 422
    assert second.post(f"{HOME}1/approve/", seen).status_code == 302
    assert visitor.get(PUBLIC).status_code == 404
    assert second.post(f"{HOME}1/publish/", seen).headers["Location"] == f"{HOME}1/"
    shown = visitor.get(PUBLIC)
    assert content(shown) == "<html><body class='a'><h1>甲省测评</h1></body></html>".encode()
    assert content(visitor.get(f"{PUBLIC}1/")) == content(visitor.get(PUBLIC))
    assert "甲省测评" in texts(visitor.get("/"))
    assert [e.verb for e in Event.objects.filter(subject=edition.subject).order_by("sequence")] == [
        "publication.prepared", "publication.built", "publication.approved", "publication.approved",
        "publication.published",
    ]  # fmt: skip
    last = Event.objects.get(verb="publication.published")
    assert json.loads(last.detail) == {
        "number": 1,
        "digest": edition.digest,
        "approved_by": sorted([world.office.user.pk, world.second_office.user.pk]),
    }
    assert verify().fault == ""


def test_the_same_choices_give_the_same_build(proposed: World) -> None:
    first = prepared(proposed)
    again = prepared(proposed, seen="1")
    assert (again.pk, again.revision) == (first.pk, 2)
    assert again.digest == first.digest
    other = prepared(proposed, seen="2", title_zh="另一个标题")
    assert other.digest != first.digest


def test_what_is_wrong_in_the_form_is_said_and_nothing_is_prepared(proposed: World) -> None:
    office = client_of(proposed.office)
    for change, said in (
        ({"title_en": " "}, "标题 (英文) 没有填写"),
        ({"title_zh": "长" * 121}, "标题 (中文) 有 121 字, 最多 120 字"),
        ({"result": []}, "没有选已提议发布的结果"),
        ({"result": ["7", "x"]}, "没有选已提议发布的结果"),
        ({"licence": "GPL"}, "没有这种许可"),
        ({"publisher": ""}, "发布者 没有填写"),
        ({"day": "1.12.2025"}, "发布日期 “1.12.2025”不是日期"),
    ):
        answer = office.post(f"{HOME}prepare/", FORM | change)
        assert answer.status_code == 422
        assert said in texts(answer)
    assert 'value="1.12.2025"' in answer.content.decode()  # what was typed stays
    assert not Publication.objects.exists() and not Job.objects.filter(kind="publication.build").exists()


def test_a_result_that_is_not_proposed_is_not_published(world: World) -> None:
    accepted_figures(world, "990121")
    accepted_figures(world, "990122")
    snapshot = results.freeze(world.system, world.campaign)
    results.order(world.analyst, snapshot, load_methodology("county-2025"), without=["opinion"])
    work_off()
    office = client_of(world.office)
    assert "先在“结果”里提议一个结果发布" in texts(office.get(HOME))
    assert office.post(f"{HOME}prepare/", FORM).status_code == 422


def test_two_results_of_one_methodology_do_not_go_into_one_edition(proposed: World) -> None:
    snapshot = proposed.campaign.snapshots.get()
    results.order(
        proposed.analyst, snapshot, load_methodology("county-2025"), {"method": "equal"}, ["opinion"]
    )
    work_off()
    answer = client_of(proposed.office).post(f"{HOME}prepare/", FORM | {"result": ["1", "2"]})
    assert "有两个结果用的是同一个方法 county-2025" in texts(answer)


def test_two_tabs_prepare_one_edition(proposed: World) -> None:
    first, second = client_of(proposed.office), client_of(proposed.second_office)
    assert first.post(f"{HOME}prepare/", FORM).status_code == 302
    late = second.post(f"{HOME}prepare/", FORM | {"title_zh": "另一个标题"})
    assert late.status_code == 409
    assert "另一个人刚准备过这一版" in texts(late) and 'value="另一个标题"' in late.content.decode()
    replayed = first.post(f"{HOME}prepare/", FORM)
    assert replayed.status_code == 409
    assert Publication.objects.get().chosen.title.zh == "甲省测评"


def test_the_database_keeps_one_prepared_edition(proposed: World) -> None:
    edition = prepared(proposed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(
            campaign=proposed.campaign, number=2, choices=edition.choices, made_at=NOON, made_by=None
        )


# --- the job ---------------------------------------------------------------------------------------------------


def test_an_order_that_was_overtaken_keeps_nothing(proposed: World) -> None:
    office = client_of(proposed.office)
    office.post(f"{HOME}prepare/", FORM)
    office.post(f"{HOME}prepare/", FORM | {"seen": "1", "title_zh": "第二个标题"})
    assert work_off() == 2
    edition = Publication.objects.get()
    assert told_of(edition)["title"] == "第二个标题"
    assert Event.objects.filter(verb="publication.built").count() == 1
    operations.build({"publication": edition.pk, "revision": 2}, lambda _share: None)  # a second time
    assert Event.objects.filter(verb="publication.built").count() == 1


def test_why_it_was_not_built_is_said(proposed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_fonts(_edition: Edition, _report: Callable[[float], None]) -> dict[str, bytes]:
        raise CallError("没有字体", remedy="请运行 make assets")

    monkeypatch.setattr(building, "files_of", without_fonts)
    edition = prepared(proposed)
    assert edition.state == "failed"
    page = texts(client_of(proposed.office).get(f"{HOME}1/"))
    assert "没有做成" in page and "没有字体 请运行 make assets" in page
    assert ("发布: 第 1 版", "没有做成") in told(proposed, "office")
    with pytest.raises(Conflict):
        operations.approve(proposed.office, edition, "")
    monkeypatch.setattr(building, "files_of", fake_files)
    assert prepared(proposed, seen="1").state == "built"


def test_a_result_that_computes_otherwise_now_is_not_published(proposed: World) -> None:
    made = proposed.campaign.computed.get()
    made.summary["digest"] = "0" * 64
    made.save()
    edition = prepared(proposed)
    assert edition.state == "failed" and edition.job is not None
    assert "重算的结果与算出时的不一致" in edition.job.said


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", ".a", "a/.b", "a//b", "a\\b", "", "a\nb"])
def test_a_name_that_leads_out_is_not_packed(name: str) -> None:
    with pytest.raises(Refused):
        shelf.packed({name: b""})


# --- four eyes -------------------------------------------------------------------------------------------------


def test_nobody_counts_twice(proposed: World) -> None:
    edition = prepared(proposed)
    operations.approve(proposed.office, edition, edition.digest)
    with pytest.raises(Conflict) as refusal:
        operations.approve(proposed.office, edition, edition.digest)
    assert refusal.value.what == "你已经批准过这一版"
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(of=edition, digest=edition.digest, by=proposed.office.user, at=NOON)
    with pytest.raises(Refused) as too_few:
        operations.publish(proposed.second_office, edition, edition.digest)
    assert too_few.value.what == "要有 2 位不同的人批准, 现有 1 位"


def test_an_approval_is_for_what_was_seen(proposed: World) -> None:
    edition = prepared(proposed)
    before = edition.digest
    operations.approve(proposed.office, edition, before)
    edition = prepared(proposed, seen="1", title_zh="另一个标题")
    with pytest.raises(Conflict) as refusal:
        operations.approve(proposed.second_office, edition, before)
    assert (refusal.value.status, refusal.value.what) == (409, "这一版在你看过之后重新制作过")
    operations.approve(proposed.second_office, edition, edition.digest)
    with pytest.raises(Refused):  # the first approval was for another build
        operations.publish(proposed.office, edition, edition.digest)
    operations.approve(proposed.office, edition, edition.digest)
    with pytest.raises(Conflict):
        operations.publish(proposed.office, edition, before)
    assert operations.publish(proposed.office, edition, edition.digest).state == "published"


def test_who_may_not_publish(proposed: World) -> None:
    edition = prepared(proposed)
    for actor in (proposed.analyst, proposed.auditor, proposed.reporter):
        for step in (operations.approve, operations.publish):
            with pytest.raises(Forbidden):
                step(actor, edition, edition.digest)
    # They look at it; others do not know that it is there.
    assert client_of(proposed.analyst).get(f"{HOME}1/preview/style.css").status_code == 200
    assert client_of(proposed.auditor).get(f"{HOME}1/preview/").status_code == 200
    for actor in (proposed.reporter, proposed.expert, proposed.media, proposed.city):
        assert client_of(actor).get(f"{HOME}1/preview/").status_code == 404


def test_a_step_is_taken_once(proposed: World) -> None:
    edition = published(proposed)
    with pytest.raises(Conflict):
        operations.publish(proposed.second_office, edition, edition.digest)
    with pytest.raises(Conflict):
        operations.approve(proposed.second_office, edition, edition.digest)
    operations.withdraw(proposed.office, edition, REASON)
    with pytest.raises(Conflict):
        operations.withdraw(proposed.office, edition, REASON)


# --- corrections -----------------------------------------------------------------------------------------------


def test_a_correction_says_what_it_corrects_and_the_earlier_edition_stays(proposed: World) -> None:
    published(proposed)
    office, visitor = client_of(proposed.office), Client()
    silent = office.post(f"{HOME}prepare/", FORM)
    assert (silent.status_code, "更正说明 (中文) 没有填写" in texts(silent)) == (422, True)
    second = published(proposed, title_zh="甲省测评 (更正)", **NOTICE)
    assert (second.number, told_of(second)["notices"]) == (2, ["更正甲样县的数"])
    third = published(proposed, notice_zh="再更正", notice_en="Once more")
    assert told_of(third)["notices"] == ["再更正", "更正甲样县的数"]
    first = visitor.get(f"{PUBLIC}1/")
    assert "这是第 1 版, 已有更新的第 3 版".encode() in first.content
    assert b'<div class="page" role="note"><p class="mark"><a href="/p/call-2025/"' in first.content
    assert first.headers["Link"] == '</p/call-2025/>; rel="latest-version"'
    assert b"there is a newer one" not in content(visitor.get(f"{PUBLIC}3/"))
    assert json.loads(content(visitor.get(f"{PUBLIC}1/data/told.json")))["number"] == 1
    assert json.loads(content(visitor.get(f"{PUBLIC}data/told.json")))["number"] == 3
    listed = texts(visitor.get(f"{PUBLIC}editions/"))
    assert "更正说明: 更正甲样县的数" in listed and "Correction: Once more" in listed


def test_notices_are_those_up_to_the_edition(proposed: World) -> None:
    published(proposed)
    second = prepared(proposed, **NOTICE)
    (notice,) = building.edition_for(second).imprint.notices
    assert notice == Notice(
        second.chosen.day, Text(zh="更正甲样县的数", en="A figure of 甲样县 is corrected")
    )


def test_a_withdrawn_edition_says_why(proposed: World) -> None:
    published(proposed)
    published(proposed, **NOTICE)
    office, visitor = client_of(proposed.office), Client()
    address = f"{HOME}1/withdraw/"
    silent = office.post(address, {"reason_zh": "有误"})
    assert (silent.status_code, "撤下的原因 (英文) 没有填写" in texts(silent)) == (422, True)
    assert office.post(address, {"reason_zh": "<b>有误</b>", "reason_en": "wrong"}).status_code == 302
    for name in ("", "style.css", "data/told.json", "nothing.html"):
        gone = visitor.get(f"{PUBLIC}1/{name}")
        assert gone.status_code == 410
        assert (
            "演示数据" in texts(gone)
            and "第 1 版已撤下" in texts(gone)
            and "&lt;b&gt;有误" in gone.content.decode()
        )
        assert "Read the newest one, edition 2" in texts(gone)
    assert "已于" in texts(visitor.get(f"{PUBLIC}editions/"))
    assert visitor.get(PUBLIC).status_code == 200
    # The newest one gone, no earlier one takes its place silently.
    operations.withdraw(proposed.office, Publication.objects.get(number=2), REASON)
    assert visitor.get(PUBLIC).status_code == 410
    assert Event.objects.filter(verb="publication.withdrawn").count() == 2
    assert prepared(proposed, **NOTICE).number == 3


# --- cases whose unit changes its mind --------------------------------------------------------------------------


def told(world: World, who: str) -> list[tuple[str, str]]:
    return [(t.what, t.state) for t in tasks_of(getattr(world, who), world.campaign) if "第" in t.what]


def test_a_consent_withdrawn_before_publication_stops_it(proposed: World) -> None:
    case = consented(proposed)
    edition = prepared(proposed, case=[str(case.filed_id)])
    operations.approve(proposed.office, edition, edition.digest)
    answered(proposed, review.Case.objects.get(pk=case.pk), "withdrawn")
    with pytest.raises(Refused) as refusal:
        operations.approve(proposed.second_office, edition, edition.digest)
    assert (refusal.value.what, refusal.value.where) == ("有 1 个案例现在不能发表", case.filed.title)
    assert "这些案例现在不能发表:" in texts(client_of(proposed.office).get(f"{HOME}1/"))
    edition = prepared(proposed, seen="1", case=[str(case.filed_id)])  # it is no longer among those to tick
    assert edition.chosen.cases == ()


def test_a_consent_withdrawn_before_the_build_fails_it(proposed: World) -> None:
    case = consented(proposed)
    client_of(proposed.office).post(f"{HOME}prepare/", FORM | {"case": [str(case.filed_id)]})
    answered(proposed, review.Case.objects.get(pk=case.pk), "withdrawn")
    work_off()
    assert Publication.objects.get().state == "failed"


def test_the_office_is_told_of_a_consent_withdrawn_after_publication(proposed: World) -> None:
    case = consented(proposed)
    published(proposed, case=[str(case.filed_id)])
    assert told(proposed, "office") == []
    answered(proposed, review.Case.objects.get(pk=case.pk), "withdrawn")
    assert told(proposed, "office") == [("发布: 第 1 版", "1 个案例的同意已撤回: 请发布新的一版")]
    assert told(proposed, "analyst") == []
    assert "第 1 版里有案例的单位已撤回同意:" in texts(client_of(proposed.office).get(HOME))
    published(proposed, **NOTICE)
    operations.withdraw(proposed.office, Publication.objects.get(number=1), REASON)
    assert told(proposed, "office") == []


def test_tasks_lead_from_one_person_to_the_next(proposed: World) -> None:
    edition = prepared(proposed)
    waits = [("发布: 第 1 版", "等你批准")]
    assert told(proposed, "office") == told(proposed, "second_office") == waits
    operations.approve(proposed.office, edition, edition.digest)
    assert told(proposed, "office") == [("发布: 第 1 版", "等另一位批准")]
    assert told(proposed, "second_office") == waits
    operations.approve(proposed.second_office, edition, edition.digest)
    assert told(proposed, "office") == [("发布: 第 1 版", "两人已批准, 可以公开")]
    operations.publish(proposed.office, edition, edition.digest)
    assert told(proposed, "office") == []


# --- what readers get ------------------------------------------------------------------------------------------


def test_what_the_headers_say(proposed: World) -> None:
    edition, visitor = published(proposed), Client()
    kinds = {
        "": "text/html; charset=utf-8",
        "en/": "text/html; charset=utf-8",
        "data/told.json": "application/json",
        "style.css": "text/css; charset=utf-8",
        "bundle.zip": "application/zip",
        "strange.xyz": "application/octet-stream",
    }
    for name, kind in kinds.items():
        answer = visitor.get(PUBLIC + name)
        body = content(answer)
        headers = answer.headers
        assert headers["Content-Type"] == kind
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "public, max-age=60"
        assert headers["Content-Length"] == str(len(body))
        assert headers["Last-Modified"] == "Tue, 01 Jul 2025 04:00:00 GMT"  # noon in Beijing
        assert "Set-Cookie" not in headers
        head = visitor.head(PUBLIC + name)
        assert (head.status_code, content(head)) == (200, b"")
        assert {k: head.headers[k] for k in ("ETag", "Content-Length", "Content-Type")} == {
            k: headers[k] for k in ("ETag", "Content-Length", "Content-Type")
        }
        same = visitor.get(PUBLIC + name, headers={"If-None-Match": headers["ETag"]})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", headers["ETag"])
        since = visitor.get(PUBLIC + name, headers={"If-Modified-Since": headers["Last-Modified"]})
        assert since.status_code == 304
        assert visitor.get(PUBLIC + name, headers={"If-None-Match": '"other"'}).status_code == 200
        assert visitor.post(PUBLIC + name).status_code == 405
    assert visitor.get(f"{PUBLIC}en/").headers["Content-Language"] == "en"
    assert visitor.get(PUBLIC).headers["Content-Language"] == "zh-Hans"
    assert "'unsafe" not in POLICY and "script-src 'self'" in POLICY
    assert edition.published_at == NOON


def test_an_address_of_a_folder_leads_into_it(proposed: World) -> None:
    published(proposed)
    visitor = Client()
    assert visitor.get(f"{PUBLIC}en").headers["Location"] == f"{PUBLIC}en/"
    assert visitor.get(f"{PUBLIC}1").headers["Location"] == f"{PUBLIC}1/"
    assert visitor.get(f"{PUBLIC}1/en").headers["Location"] == f"{PUBLIC}1/en/"


def test_no_address_leads_out(proposed: World) -> None:
    published(proposed)
    for name in (
        "../", "../../etc/passwd", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/", "data", "data/", "files.json", "index.html/",
        "\\..\\..", "en/../index.html", ".contents", "//", "data/told.json/", "x" * 3000,
    ):  # fmt: skip
        assert Client().get(PUBLIC + quote(name, safe="/%.")).status_code == 404, name
    assert Client().get(f"{PUBLIC}1/../../2/").status_code == 404
    assert Client().get(f"{PUBLIC}%00").status_code in (400, 404)


def test_every_type_of_text_names_its_signs() -> None:
    assert [kind for kind in TYPES.values() if kind.startswith("text/") and "charset=utf-8" not in kind] == []


def test_the_unpacked_copy_is_made_again_where_it_is_missing(proposed: World, settings) -> None:
    edition = published(proposed)
    visitor = Client()
    page = content(visitor.get(PUBLIC))
    shelf.clear(edition)
    assert content(visitor.get(PUBLIC)) == page
    home = Path(settings.ENVIRONMENT.home) / "sites"
    assert [folder.name for folder in home.iterdir()] == [edition.digest]  # no draft is left
    operations.withdraw(proposed.office, edition, REASON)


def test_a_copy_that_another_process_unpacked_meanwhile_is_taken(
    proposed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = published(proposed)
    whole = shelf.unpacked

    def slow(asked: Publication) -> dict[str, bytes]:
        monkeypatch.setattr(shelf, "unpacked", whole)
        assert shelf.find(edition, "style.css") is not None  # the other one
        return whole(asked)

    monkeypatch.setattr(shelf, "unpacked", slow)
    assert content(Client().get(f"{PUBLIC}style.css")) == b"p { color: red }"


def test_signed_in_people_read_what_everybody_reads(proposed: World) -> None:
    published(proposed)
    assert content(client_of(proposed.expert).get(PUBLIC)) == content(Client().get(PUBLIC))


# --- how often the database is asked ----------------------------------------------------------------------------

# Session, user, its entry there looked up and renewed (with savepoints), roles; campaign; editions, their approvals
# with names; results; cases of those that are out.
LIST_QUERIES = 12


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(
    proposed: World, django_assert_num_queries, count: int
) -> None:
    published(proposed)
    for _n in range(count - 1):
        published(proposed, **NOTICE)
    client = client_of(proposed.office)
    client.get(HOME)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(HOME)
    with django_assert_num_queries(1):
        Client().get(f"{PUBLIC}style.css")


# --- the whole, once ---------------------------------------------------------------------------------------------


def test_what_is_really_built(world: World) -> None:
    pytest.importorskip("typst")
    for code in ("990121", "990122", "990181"):
        accepted_figures(world, code)
    case = consented(world)
    snapshot = results.freeze(world.system, world.campaign)
    made = results.order(world.analyst, snapshot, load_methodology("county-2025"), without=["opinion"])
    work_off()
    made.refresh_from_db()
    results.propose(world.analyst, made)
    edition = prepared(world, case=[str(case.filed_id)])
    assert edition.job is not None
    assert (edition.state, edition.job.said) == ("built", "")
    files = shelf.unpacked(edition)
    assert {"index.html", "en/index.html", "static/site.css", "bundle.zip"} <= set(files)
    for language in ("zh", "en"):
        assert files[f"papers/white-paper-{language}.pdf"].startswith(b"%PDF-")
    with zipfile.ZipFile(io.BytesIO(files["bundle.zip"])) as bundle:
        assert json.loads(bundle.read("bundle.json"))["imprint"]["number"] == 1
    page = client_of(world.office).get(f"{HOME}1/preview/").content.decode()
    assert "演示数据" in page and case.filed.title in page
    # Every link leads to a file, from where a page is served.
    pages = {name: data.decode() for name, data in files.items() if name.endswith(".html")}
    broken = [
        (name, link)
        for name, text in pages.items()
        for link in re.findall(r'(?:href|src)="([^"#?:]+)', text)
        if normpath(unquote(f"{dirname(name)}/{link}")).lstrip("/") not in files
    ]
    assert broken == []


def test_the_newest_edition_is_written_to_a_folder(
    proposed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    with pytest.raises(CallError) as nothing:
        write_published("call-2025", folder)
    assert nothing.value.what == "没有已发布的版本"
    edition = published(proposed)
    assert write_published("call-2025", folder) == edition
    monkeypatch.setenv("XINZHI_HOME", str(tmp_path))
    named = CliRunner().invoke(xinzhi, ["publish", "call-2025", "-o", str(tmp_path / "named")])
    assert (named.exit_code, named.output) == (0, f"已写出 {tmp_path / 'named'}: 第 1 版\n")
    assert (tmp_path / "named" / "en" / "index.html").is_file()
    files = [path for path in folder.rglob("*") if path.is_file()]
    written = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    del written[CONTENTS]
    monkeypatch.setenv("XINZHI_HOME", str(tmp_path / "nowhere"))
    monkeypatch.delenv("XINZHI_DATABASE", raising=False)
    result = CliRunner().invoke(xinzhi, ["publish", "call-2025", "-o", str(tmp_path / "none")])
    assert result.exit_code != 0 and not (tmp_path / "nowhere").exists()
    assert written == shelf.unpacked(edition)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(CallError):  # somebody's own file would be lost
        write_published("call-2025", folder)
    operations.withdraw(proposed.office, edition, REASON)
    with pytest.raises(CallError) as gone:
        write_published("call-2025", tmp_path / "other")
    assert gone.value.what == "最新的第 1 版已撤下: 甲样县的数有误"
