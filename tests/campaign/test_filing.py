"""The pages of whoever files, through Django's client: with the script's endpoints and without any script."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.campaign.clients import client_of
from tests.campaign.conftest import BEIJING, World
from tests.campaign.test_returns import filled
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import KnownFigure
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.deadlines import deadline_of
from xinzhi.campaign.returns.models import Return, Version
from xinzhi.campaign.returns.urls import urlpatterns

OURS = ("填报任务", "附件", "声明", "关于整份填报", "状态", "截止时间", "保存", "修改记录", "填报内容")
"""Some of our own Chinese words, none of which an English page shows."""


def address(name: str, filed: Return, **more: object) -> str:
    return reverse(name, kwargs={"slug": filed.campaign.slug, "id": filed.pk, **more})


def begun(world: World, sort: str = "indicators") -> Return:
    return returns.start(world.reporter, world.campaign, world.county, sort)


def post_json(client: Client, to: str, said: object) -> Any:
    return client.post(to, json.dumps(said), content_type="application/json")


def box(page: str, key: str) -> str:
    """Return what the box of a cell holds on a page."""
    found = re.search(rf'<input type="text"[^>]*name="cell:{re.escape(key)}" value="([^"]*)"', page)
    assert found, key
    return html.unescape(found[1])


def seen(page: str, key: str) -> str:
    found = re.search(rf'name="seen:{re.escape(key)}" value="(\d+)"', page)
    assert found, key
    return found[1]


# --- the task list -----------------------------------------------------------------------------------------


def test_the_task_list_says_what_is_asked_and_fills_one_button(world: World) -> None:
    client = client_of(world.reporter)
    home = reverse("filing_home", args=[world.campaign.slug])
    page = client.get(home).content.decode()
    assert "未开始" in page and "2025年8月31日 24:00" in page and "还剩 61 天" in page
    assert re.findall(r'<button type="submit"( class="second")?>([^<]+)</button>', page) == [
        ("", "开始填报"),
        (' class="second"', "新建案例"),
    ]
    answer = client.post(
        reverse("filing_start", args=[world.campaign.slug]),
        {"unit": world.county.code, "sort": "indicators"},
    )
    filed = Return.objects.get(unit=world.county)
    assert answer.headers["Location"] == address("return", filed)
    page = client.get(home).content.decode()
    assert "填报中" in page and "已填 0 格, 共 28 格" in page
    assert len(re.findall(r'class="button"', page)) == 1


def test_days_left_are_counted_on_the_calendar_of_the_call(world: World) -> None:
    """Closing 2025-09-01 00:00, written as the end of 31 August; the days are those of the calendar in Beijing."""
    expected = {
        (2025, 7, 1, 12): (61, "还剩 61 天"),
        (2025, 8, 30, 23, 59): (1, "还剩 1 天"),
        (2025, 8, 31, 0, 0): (0, "今天截止"),
        (2025, 8, 31, 23, 59, 59): (0, "今天截止"),
        (2025, 9, 1, 0, 0): (-1, "已截止"),
    }
    found = {}
    for moment in expected:
        deadline = deadline_of(world.campaign, world.county, datetime(*moment, tzinfo=BEIJING))  # type: ignore[misc]
        assert str(deadline) == "2025年8月31日 24:00"
        found[moment] = (deadline.days, deadline.left)
    assert found == expected


def test_the_second_person_sees_what_waits(world: World) -> None:
    filed = filled(world)
    client = client_of(world.confirmer)
    home = reverse("filing_home", args=[world.campaign.slug])
    assert 'class="button"' not in client.get(home).content.decode()
    returns.send(world.reporter, filed, filed.revision)
    page = client.get(home).content.decode()
    assert re.findall(r'<a class="button( second)?" href="([^"]+)">([^<]+)<', page) == [
        ("", address("return_answers", filed), "复核")
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_task_list_takes_as_many_queries_for_one_return_as_for_three(
    world: World, django_assert_num_queries, count: int
) -> None:
    begun(world)
    for _n in range(count - 1):
        begun(world, "case")
    client = client_of(world.reporter)
    home = reverse("filing_home", args=[world.campaign.slug])
    client.get(home)
    with django_assert_num_queries(HOME_QUERIES):
        client.get(home)


HOME_QUERIES = 12


# --- whose it is -------------------------------------------------------------------------------------------


def every_address(filed: Return) -> dict[str, str]:
    """Return all addresses of a return by name; what else they need is made up."""
    more = {
        "verb": "withdraw",
        "number": 1,
        "attachment": uuid4(),
        "upload": uuid4(),
        "kind": "word",
        "digest": "0",
    }
    found = {}
    for pattern in urlpatterns:
        wanted = set(pattern.pattern.converters)
        if "id" in wanted:
            found[pattern.name] = address(
                str(pattern.name), filed, **{name: more[name] for name in wanted - {"id"}}
            )
    return found


def test_a_foreign_return_is_not_there_under_any_address(world: World) -> None:
    filed = filled(world)
    addresses = every_address(filed)
    assert len(addresses) == len(urlpatterns) - 2
    for name in ("other_reporter", "media", "expert", "analyst"):
        client = client_of(getattr(world, name))
        for at in addresses.values():
            assert {client.get(at).status_code, client.post(at).status_code} <= {404, 405}
    visitor = Client()
    assert {visitor.get(at).status_code for at in addresses.values()} <= {302, 401, 405}
    assert {visitor.post(at).status_code for at in addresses.values()} <= {302, 401, 405}


def test_whoever_only_looks_changes_nothing(world: World) -> None:
    filed = filled(world)
    reading = {"return_answers"}
    for name in ("auditor", "office"):
        client = client_of(getattr(world, name))
        for at_name, at in every_address(filed).items():
            statuses = {client.get(at).status_code, client.post(at).status_code}
            assert statuses == ({200, 405} if at_name in reading else statuses & {404, 405})
    confirmer = client_of(world.confirmer)
    assert confirmer.post(address("return", filed), {"cell:gdp@2023": "1"}).status_code == 404
    assert confirmer.get(address("return", filed)).headers["Location"] == address("return_answers", filed)
    assert post_json(confirmer, address("return_cell", filed), {}).status_code == 404
    assert not filed.entries.filter(by=world.confirmer.user).exists()


def test_a_form_of_another_site_is_refused(world: World) -> None:
    filed = begun(world)
    client = client_of(world.reporter, enforce_csrf_checks=True)
    assert client.post(address("return", filed), {"cell:gdp@2023": "1"}).status_code == 403
    assert post_json(client, address("return_cell", filed), {}).status_code == 403
    assert not filed.entries.exists()


# --- one cell by the script --------------------------------------------------------------------------------


def test_a_cell_saves_by_itself_and_tells_what_is_found(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    to = address("return_cell", filed)
    said = post_json(client, to, {"key": "non_tax_share@2023", "text": "0.35", "seen": 0}).json()
    assert (said["outcome"], said["revision"], said["text"]) == ("saved", 1, "0.35")
    assert {key for key, found in said["findings"].items() if found} == {"non_tax_share@2023"}
    assert "0.35 可能是比值" in said["findings"]["non_tax_share@2023"]
    assert 'name="explain:figures.ratio:non_tax_share@2023"' in said["findings"]["non_tax_share@2023"]
    said = post_json(client, to, {"key": "non_tax_share@2023", "text": "35.00", "seen": 1}).json()
    assert said["revision"] == 2 and not any(said["findings"].values())


def test_two_tabs_are_shown_both_texts_and_choose(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    to = address("return_cell", filed)
    post_json(client, to, {"key": "gdp@2023", "text": "100.00", "seen": 0})
    clash = post_json(client, to, {"key": "gdp@2023", "text": "200.00", "seen": 0}).json()
    assert {k: clash[k] for k in ("outcome", "revision", "text", "by")} == {
        "outcome": "conflict", "revision": 1, "text": "100.00", "by": "reporter",
    }  # fmt: skip
    again = post_json(client, to, {"key": "gdp@2023", "text": "200.00", "seen": 0}).json()
    assert again["outcome"] == "conflict"
    assert [(e.text, e.stood) for e in filed.entries.all()] == [("100.00", True), ("200.00", False)]
    page = client.get(address("return", filed)).content.decode()
    assert box(page, "gdp@2023") == "200.00" and "<strong>100.00</strong>" in page
    kept = post_json(client, to, {"key": "gdp@2023", "text": "100.00", "seen": 1, "keep": True}).json()
    assert kept["outcome"] == "saved"
    page = client.get(address("return", filed)).content.decode()
    assert box(page, "gdp@2023") == "100.00" and 'class="conflict"' not in page
    assert list(Event.objects.filter(verb="cell.settled").values_list("subject", flat=True)) == [
        filed.subject
    ]


@pytest.mark.parametrize(
    ("said", "status", "refusal"),
    [
        ({"key": "gdp@1900", "text": "1", "seen": 0}, 422, "表中没有 gdp@1900 这一格"),
        (
            {"key": "domestic_reports@2023", "text": "1", "seen": 0},
            422,
            "表中没有 domestic_reports@2023 这一格",
        ),
        ({"key": "gdp@2023", "text": "1" * 20_001, "seen": 0}, 422, "内容有 20001 个字, 超过 20000"),
        ({"key": "gdp@2023", "text": 1, "seen": 0}, 422, "保存的请求写法不对"),
        ({"key": "gdp@2023", "text": "1", "seen": True}, 422, "保存的请求写法不对"),
        ([], 422, "保存的请求写法不对"),
    ],
)
def test_what_a_script_may_not_say(world: World, said: object, status: int, refusal: str) -> None:
    answer = post_json(client_of(world.reporter), address("return_cell", begun(world)), said)
    assert (answer.status_code, answer.json()["refusal"]) == (status, refusal)


def test_a_lost_session_is_told_to_the_script(world: World) -> None:
    answer = post_json(Client(), address("return_cell", begun(world)), {})
    assert (answer.status_code, answer.json()["signed_in"]) == (401, False)


def test_a_locked_cell_keeps_what_was_typed(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    client = client_of(world.reporter)
    said = post_json(
        client, address("return_cell", filed), {"key": "gdp@2023", "text": "7", "seen": 1}
    ).json()
    assert said["outcome"] == "locked"
    assert filed.entries.filter(text="7", stood=False).count() == 1
    page = client.get(address("return", filed)).content.decode()
    assert "各格已锁定" in page
    assert "冲突, 待选择" in client.get(address("return_history", filed) + "?open=1").content.decode()


def test_an_explanation_is_judged_at_once(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    returns.save_cell(world.reporter, filed, "non_tax_share@2023", "0.35", 0)
    to = address("return_explanation", filed)
    said = {"rule": "figures.ratio", "key": "non_tax_share@2023", "text": "属实"}
    answer = post_json(client, to, said).json()
    assert answer["refusal_of"] == "“属实”没有说明原因"
    said["text"] = "本县非税收入当年只有三十五万元"
    assert post_json(client, to, said).json()["refusal_of"] == ""
    assert [e.text for e in filed.explanations.all()] == ["本县非税收入当年只有三十五万元"]


# --- the whole form without a script -----------------------------------------------------------------------


def test_without_a_script_the_form_saves_all_cells(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    answer = client.post(
        address("return", filed),
        {"cell:gdp@2023": "100.00", "seen:gdp@2023": "0", "cell:gdp@2024": "110.00", "seen:gdp@2024": "0",
         "statement": "1", "stated": "yes", "then": "check"},
    )  # fmt: skip
    assert answer.headers["Location"] == address("return_answers", filed)
    assert dict(filed.cells.values_list("key", "text")) == {"gdp@2023": "100.00", "gdp@2024": "110.00"}
    filed.refresh_from_db()
    assert filed.stated_not_secret


def test_without_a_script_a_conflict_shows_both_and_a_person_chooses(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    colleague = world.person("colleague", "reporter", world.county)
    returns.save_cell(colleague, filed, "gdp@2023", "100.00", 0)
    typed = {"cell:gdp@2023": "200.00", "seen:gdp@2023": "0", "cell:gdp@2024": "9", "seen:gdp@2024": "0"}
    answer = client.post(address("return", filed), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert box(page, "gdp@2023") == "200.00" and seen(page, "gdp@2023") == "0"
    assert "(colleague): <strong>100.00</strong>" in page and 'href="#cell-gdp-2023"' in page
    assert filed.cells.get(key="gdp@2024").text == "9"
    chosen = typed | {"choice:gdp@2023": "mine", "now:gdp@2023": "1", "seen:gdp@2024": "1"}
    assert client.post(address("return", filed), chosen).status_code == 302
    assert filed.cells.get(key="gdp@2023").text == "200.00"


def test_without_a_script_what_stands_can_be_kept(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    colleague = world.person("colleague", "reporter", world.county)
    returns.save_cell(colleague, filed, "gdp@2023", "100.00", 0)
    typed = {"cell:gdp@2023": "200.00", "seen:gdp@2023": "0"}
    client.post(address("return", filed), typed)
    assert client.post(address("return", filed), typed | {"choice:gdp@2023": "theirs"}).status_code == 302
    assert filed.cells.get(key="gdp@2023").text == "100.00"
    assert box(client.get(address("return", filed)).content.decode(), "gdp@2023") == "100.00"


def test_a_cell_that_was_not_touched_is_no_conflict(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    colleague = world.person("colleague", "reporter", world.county)
    returns.save_cell(colleague, filed, "gdp@2023", "100.00", 0)
    returns.save_cell(colleague, filed, "gdp@2023", "101.00", 1)
    old_page = {"cell:gdp@2023": "100.00", "seen:gdp@2023": "1", "cell:gdp@2024": "", "seen:gdp@2024": "0"}
    assert client.post(address("return", filed), old_page).status_code == 302
    assert filed.cells.get(key="gdp@2023").text == "101.00"
    assert filed.entries.filter(stood=False).count() == 0


def test_what_is_not_taken_is_shown_again_as_it_was_typed(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    long = "1" * 20_001
    answer = client.post(
        address("return", filed),
        {"cell:gdp@2023": long, "seen:gdp@2023": "0", "cell:gdp@2024": "9.00", "seen:gdp@2024": "0"},
    )
    page = answer.content.decode()
    assert answer.status_code == 409 and box(page, "gdp@2023") == long
    assert "内容有 20001 个字, 超过 20000" in page
    assert filed.cells.get(key="gdp@2024").text == "9.00"


def test_each_line_says_unit_last_year_official_figure_and_range(world: World) -> None:
    filed = begun(world)
    peers = [u for u in world.unit.values() if u.kind == world.county.kind and u.pk != world.county.pk][:10]
    assert len(peers) == 10
    rows = [(unit, "official", 2024, 100 + n) for n, unit in enumerate(peers)]
    rows += [(world.county, "official", 2024, 106), (world.county, "earlier", 2022, 95)]
    for unit, sort, year, number in rows:
        KnownFigure.objects.create(
            campaign=world.campaign,
            unit=unit,
            sort=sort,
            field="gdp",
            year=year,
            number=number,
            source="演示",
        )
    page = client_of(world.reporter).get(address("return", filed)).content.decode()
    # Ten peers 100 .. 109: the middle four fifths are 101 .. 108, widened by half their width, 3.5, on each side.
    assert "同类单位通常 97.5 – 111.5" in page
    assert "上年 (2022年): 95 · 官方数据: 无官方数据" in page
    assert "官方数据: 106" in page


# --- sending -----------------------------------------------------------------------------------------------


def test_sending_lists_all_open_points_with_links_to_the_cells(world: World) -> None:
    filed, client = begun(world), client_of(world.reporter)
    returns.save_cell(world.reporter, filed, "population@2023", "0", 0)
    answer = client.post(address("return_send", filed), {"revision": filed.revision, "stated": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 422
    # 22 cells of the unit's eleven rows; the zero has to be mended, the other 21 are missing and to be explained.
    assert "还有 22 处要处理" in page
    assert (
        f'<a href="{address("return", filed)}?all=1#cell-population-2023">常住人口 · 2023年: “常住人口”不能是 0</a>'
        in page
    )
    filed.refresh_from_db()
    assert (filed.state, filed.stated_not_secret) == ("draft", True)


def test_from_the_first_page_to_the_printed_receipt(world: World) -> None:
    filed = filled(world)
    reporter, confirmer = client_of(world.reporter), client_of(world.confirmer)
    page = reporter.get(address("return_answers", filed)).content.decode()
    assert "处要处理" not in page
    answer = reporter.post(address("return_send", filed), {"revision": filed.revision, "stated": "yes"})
    assert answer.headers["Location"] == address("return_answers", filed)
    filed.refresh_from_db()
    assert filed.state == "confirming"
    assert reporter.post(address("return_confirm", filed), {"revision": filed.revision}).status_code == 404
    page = confirmer.get(address("return_answers", filed)).content.decode()
    assert "复核并提交" in page and "交回填报人" in page
    answer = confirmer.post(address("return_confirm", filed), {"revision": filed.revision})
    receipt = address("return_receipt", filed, number=1)
    assert answer.headers["Location"] == receipt
    version = Version.objects.get(of=filed)
    for client in (reporter, confirmer):
        page = client.get(receipt).content.decode()
        assert version.receipt in page and version.digest in page and "2025年7月1日 12:00:00" in page
    assert confirmer.post(address("return_confirm", filed), {"revision": filed.revision}).status_code == 409


def test_hand_back_withdraw_and_resume(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    reporter, confirmer = client_of(world.reporter), client_of(world.confirmer)

    def step(client: Client, verb: str, reason: str = "") -> Any:
        filed.refresh_from_db()
        said = {"revision": filed.revision, "reason": reason}
        return client.post(address("return_step", filed, verb=verb), said)

    assert step(confirmer, "hand_back").status_code == 409
    assert step(confirmer, "hand_back", "请核对人口").status_code == 302
    assert step(reporter, "withdraw", "改由市里填报").status_code == 302
    assert step(confirmer, "resume").status_code == 404
    assert step(reporter, "resume").headers["Location"] == address("return", filed)
    assert [(d.verb, d.after, d.reason) for d in filed.decisions.all()] == [
        ("send", "confirming", ""),
        ("hand_back", "draft", "请核对人口"),
        ("withdraw", "withdrawn", "改由市里填报"),
        ("resume", "draft", ""),
    ]
    assert step(reporter, "accept").status_code == 404


def test_a_reason_is_not_lost_when_the_step_is_refused(world: World) -> None:
    filed = filled(world)
    old = filed.revision
    returns.send(world.reporter, filed, old)
    page = client_of(world.reporter).post(
        address("return_step", filed, verb="withdraw"), {"revision": old, "reason": "改由市里填报"}
    )
    assert page.status_code == 409 and "改由市里填报</textarea>" in page.content.decode()


def test_what_was_sent_back_stands_at_its_cell(world: World) -> None:
    filed = filled(world)
    filed = returns.send(world.reporter, filed, filed.revision)
    filed = returns.confirm(world.confirmer, filed, filed.revision)
    returns.send_back(world.office, filed, filed.revision, {"gdp@2024": "与统计公报不一致", "": "请核对"})
    client = client_of(world.reporter)
    page = client.get(address("return", filed)).content.decode()
    assert page.index("请核对") < page.index("与统计公报不一致")
    home = client.get(reverse("filing_home", args=[world.campaign.slug])).content.decode()
    assert "按意见修改" in home and "2025年7月8日 12:00" in home


def test_a_real_campaign_is_not_changed_on_a_rehearsed_date(world: World) -> None:
    filed = begun(world)
    world.campaign.demonstration = False
    world.campaign.save()
    client = client_of(world.reporter)
    answer = post_json(client, address("return_cell", filed), {"key": "gdp@2023", "text": "1", "seen": 0})
    assert answer.status_code == 422 and "演练" in answer.content.decode()
    assert not filed.entries.exists()


# --- English -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["indicators", "case"])
def test_the_pages_speak_english_too(world: World, sort: str) -> None:
    filed = begun(world, sort)
    client = client_of(world.reporter)
    client.cookies["xinzhi_language"] = "en"
    for name in ("return", "return_answers", "return_history"):
        page = client.get(address(name, filed)).content.decode()
        main = re.sub(
            r"(?s)<aside.*?</aside>|<script.*|<form method=.post. action=./language.*?</form>", "", page
        )
        assert 'lang="en"' in page and not set(OURS) & set(re.findall(r">([^<>]+)<", main))
