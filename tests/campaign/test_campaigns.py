"""A campaign: what everybody reads of it, and what the office sets, moves, clones and imports."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.campaign.clients import client_of
from tests.campaign.conftest import BEIJING, World
from xinzhi.campaign.acting import acting_as
from xinzhi.campaign.campaigns.models import Campaign, KnownFigure
from xinzhi.campaign.campaigns.operations import change, extend, move, open_from_template
from xinzhi.campaign.people.models import Membership
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.tasks import days_left, tasks_of
from xinzhi.forms import read

SETTINGS = {
    "title": "征集 2025", "title_en": "Call 2025", "opens_at": "2025-06-03T00:00:00",
    "closes_at": "2025-09-08T12:00:01", "levels": ["province", "confirm"], "return_days": "10",
    "mailbox": "call@example.org", "phone": "000", "address": "", "days_before": "3、14, 7",
}  # fmt: skip


def errors(response) -> list[str]:
    return [error for listed in response.context["form"].errors.values() for error in listed]


# --- what everybody reads ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["office", "reporter", "confirmer", "city", "auditor", "expert", "media", "analyst"]
)
def test_everybody_in_it_reads_the_call(world: World, who: str) -> None:
    response = client_of(getattr(world, who)).get("/c/call-2025/")
    text = response.content.decode()
    # The letter: number, window, five domains, five bodies with their duties.
    assert response.status_code == 200 and "中生综函〔2025〕20号" in text
    assert "2025年8月31日 24:00" in text
    assert [domain.title.zh for domain in world.campaign.call.domains if domain.title.zh not in text] == []
    assert [
        p.id for p in world.campaign.call.partners if p.name.zh not in text or p.duty.zh not in text
    ] == []
    assert ("/c/call-2025/settings/" in text) is (who == "office")


def test_others_do_not(world: World) -> None:
    other = open_from_template(world.system, "letter-2025", "other", year=2025, demonstration=True)
    assert client_of(world.reporter).get(f"/c/{other.slug}/").status_code == 404
    assert Client().get("/c/call-2025/").headers["Location"] == "/accounts/login/?next=/c/call-2025/"


@pytest.mark.parametrize("form", ["indicators", "case"])
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_blank_forms_are_downloaded_and_read_back(world: World, tmp_path, form: str, kind: str) -> None:
    response = client_of(world.reporter).get(f"/c/call-2025/forms/{form}.{kind}")
    file = tmp_path / f"blank.{kind}"
    file.write_bytes(response.content)
    assert response["Content-Disposition"] == f'attachment; filename="call-2025-{form}.{kind}"'
    reading = read(file)
    assert reading.form == world.campaign.forms[form]


def test_other_forms_are_not_there(world: World) -> None:
    client = client_of(world.reporter)
    assert client.get("/c/call-2025/forms/other.docx").status_code == 404
    assert client.get("/c/call-2025/forms/case.pdf").status_code == 404


# --- tasks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ((2025, 8, 1, 12), 30),  # 31 August is the last day
        ((2025, 8, 31, 0, 0, 0), 0),
        ((2025, 8, 31, 23, 59, 59), 0),
        ((2025, 9, 1, 0, 0, 0), -1),
    ],
)
def test_days_left_are_counted_by_the_calendar(world: World, now: tuple[int, ...], days: int) -> None:
    closes = datetime(2025, 9, 1, tzinfo=BEIJING)
    assert days_left(closes, datetime(*now, tzinfo=BEIJING), world.campaign) == days  # type: ignore[misc]


def test_a_reporter_is_told_what_to_do_until_when(world: World) -> None:
    tasks = tasks_of(world.reporter, world.campaign)
    assert [(t.what, t.state, t.days, t.step) for t in tasks] == [
        (f"{world.county.name} · 县域新质生产力发展研究测评指标数据填报表", "尚未开始", 61, "开始填报"),
        (f"{world.county.name} · {world.campaign.form('case').title}", "尚未开始", 61, "开始填报"),
    ]
    returns.start(world.reporter, world.campaign, world.county, "indicators")
    assert [(t.state, t.step) for t in tasks_of(world.reporter, world.campaign)] == [
        ("填报中", "继续填报"), ("尚未开始", "开始填报"),
    ]  # fmt: skip
    extend(world.office, world.campaign, world.county, datetime(2025, 9, 11, tzinfo=BEIJING), "汛期")
    world.campaign.refresh_from_db()
    assert [t.days for t in tasks_of(world.reporter, world.campaign)] == [71, 71]
    late = world.at(world.reporter, 2025, 9, 12)
    assert [(t.days, t.step) for t in tasks_of(late, world.campaign)] == [(-1, "继续填报"), (-1, "")]


def test_a_district_is_asked_for_cases_alone(world: World) -> None:
    district = world.person("district", "reporter", world.district)
    assert [t.what for t in tasks_of(district, world.campaign)] == [
        f"{world.district.name} · {world.campaign.form('case').title}"
    ]


def test_the_others_are_told_theirs(world: World) -> None:
    def told(who: str) -> list[tuple[str, str]]:
        return [(t.what, t.state) for t in tasks_of(getattr(world, who), world.campaign)]

    assert told("confirmer") == [("复核", "没有待复核的填报")]
    assert told("city") == [("待市级、省级审核", "0"), ("本级进度", "")]
    assert told("office") == [
        ("待审核的填报", "0"), ("待核实的单位", "0"), ("还没有使用的邀请", "0"),
        ("进度", "审核通过 0 份, 已退回 0 份"), ("待处理的来件", "0"),
    ]  # fmt: skip
    assert [told(who) for who in ("expert", "media", "analyst", "auditor")] == [
        [("评审分给你的案例", "")], [("统计媒体报道", "")], [("快照和计算结果", "")], [("审计记录", "")],
    ]  # fmt: skip


def test_home_has_one_filled_button_and_as_many_queries_for_three_returns_as_for_one(
    world: World, django_assert_num_queries
) -> None:
    returns.start(world.reporter, world.campaign, world.county, "case")
    client = client_of(world.reporter)
    assert client.get("/").content.decode().count('class="button"') == 1
    with django_assert_num_queries(16):
        client.get("/")
    for _n in range(2):
        returns.start(world.reporter, world.campaign, world.county, "case")
    with django_assert_num_queries(16):
        client.get("/")


# --- what the office does ------------------------------------------------------------------------------------


def test_settings_are_changed_to_the_second(world: World) -> None:
    office = client_of(world.office)
    response = office.post("/c/call-2025/settings/", SETTINGS | {"seen": world.campaign.revision})
    assert response.status_code == 302
    changed = Campaign.objects.get(slug="call-2025")
    assert changed.closes_at == datetime(2025, 9, 8, 12, 0, 1, tzinfo=BEIJING)
    assert (changed.title, changed.levels, changed.return_days) == ("征集 2025", ["confirm", "province"], 10)
    assert changed.contacts == {"mailbox": "call@example.org", "phone": "000", "address": ""}
    assert changed.reminders == {"days_before": [14, 7, 3], "automatic": False, "receipts": False}


def test_the_slower_of_two_keeps_what_they_typed(world: World) -> None:
    seen = world.campaign.revision
    change(world.second_office, world.campaign, seen, {"title": "先改的"})
    response = client_of(world.office).post("/c/call-2025/settings/", SETTINGS | {"seen": seen})
    assert errors(response) == ["先改的: 这次征集刚刚被别人改过\n请刷新后再改"]
    assert 'value="征集 2025"' in response.content.decode()
    assert Campaign.objects.get(slug="call-2025").title == "先改的"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"closes_at": "2025-06-01T00:00:00"}, "截止时间应当在开始时间之后"),
        ({"days_before": "七天"}, "请写 1 至 365 的整数, 用逗号隔开"),
        ({"days_before": "0"}, "请写 1 至 365 的整数, 用逗号隔开"),
    ],
)
def test_wrong_settings_are_told_at_the_field(world: World, wrong: dict[str, str], said: str) -> None:
    response = client_of(world.office).post(
        "/c/call-2025/settings/", SETTINGS | {"seen": world.campaign.revision} | wrong
    )
    assert (response.status_code, errors(response)) == (422, [said])


def test_it_is_closed_and_opened_again_with_a_reason(world: World) -> None:
    office = client_of(world.office)

    def state() -> tuple[str, int]:
        found = Campaign.objects.get(slug="call-2025")
        return found.state, found.revision

    revision = world.campaign.revision
    assert office.post("/c/call-2025/settings/move/close/", {"seen": revision}).status_code == 302
    assert state() == ("closed", revision + 1)
    assert office.post("/c/call-2025/settings/move/close/", {"seen": revision}).status_code == 409
    response = office.post("/c/call-2025/settings/reopen/", {"seen": revision + 1, "reason": ""})
    assert response.status_code == 422
    office.post("/c/call-2025/settings/reopen/", {"seen": revision + 1, "reason": "汛期"})
    assert state() == ("open", revision + 2)
    assert office.post("/c/call-2025/settings/move/freeze/", {"seen": revision + 2}).status_code == 404


def test_one_unit_is_given_more_time(world: World) -> None:
    office = client_of(world.office)
    given = {"unit": world.county.code, "until": "2025-09-06T00:00:00", "reason": "汛期"}
    assert office.post("/c/call-2025/settings/extend/", given).status_code == 302
    world.campaign.refresh_from_db()
    assert world.campaign.closes_for(world.county) == datetime(2025, 9, 6, tzinfo=BEIJING)
    assert world.campaign.closes_for(world.district) == datetime(2025, 9, 1, tzinfo=BEIJING)
    response = office.post("/c/call-2025/settings/extend/", given)
    assert errors(response) == [f"{world.county.name}: 延期后的时间应当晚于现在的截止时间"]


def test_a_unit_is_admitted_by_name(world: World) -> None:
    city = world.county.parent
    assert city is not None
    office = client_of(world.office)
    response = office.post("/c/call-2025/settings/admit/", {"unit": city.name, "reason": "不设县级政区"})
    assert response.status_code == 302
    assert [(a.unit, a.reason) for a in world.campaign.admissions.all()] == [(city, "不设县级政区")]


def test_next_years_is_made_from_this_ones(world: World) -> None:
    office = client_of(world.office)
    shown = office.get("/c/call-2025/settings/clone/").context["form"].initial
    assert (shown["slug"], shown["year"], shown["closes_at"]) == (
        "call-2026", 2026, datetime(2026, 9, 1, tzinfo=BEIJING),
    )  # fmt: skip
    given = {
        "slug": "call-2026", "year": "2026", "opens_at": "2026-06-01T00:00:00", "closes_at": "2026-09-01T00:00:00",
    }  # fmt: skip
    assert office.post("/c/call-2025/settings/clone/", given).headers["Location"] == "/c/call-2026/settings/"
    made = Campaign.objects.get(slug="call-2026")
    assert (made.previous, made.state, made.levels) == (world.campaign, "preparing", world.campaign.levels)
    # Whoever makes a campaign manages it.
    assert Membership.objects.get(campaign=made).user == world.office.user
    response = office.post("/c/call-2025/settings/clone/", given)
    assert errors(response) == ["已有标识为 call-2026 的征集, 或时间窗不对"]


def test_a_campaign_is_made_from_a_template(world: World) -> None:
    office = client_of(acting_as(world.office.user))
    given = {
        "template": "letter-2025", "slug": "another", "year": "2026",
        "opens_at": "2026-06-01T00:00:00", "closes_at": "2026-09-01T00:00:00",
    }  # fmt: skip
    assert office.post("/campaigns/new/", given).headers["Location"] == "/c/another/settings/"
    assert Campaign.objects.get(slug="another").demonstration is False
    assert client_of(acting_as(world.reporter.user)).get("/campaigns/new/").status_code == 404


@pytest.mark.parametrize("who", ["reporter", "city", "auditor", "expert", "media", "analyst"])
def test_settings_are_the_offices_alone(world: World, who: str) -> None:
    client = client_of(getattr(world, who))
    paths = ("", "reopen/", "extend/", "admit/", "clone/", "figures/")
    statuses = [client.get(f"/c/call-2025/settings/{path}").status_code for path in paths]
    assert [*statuses, client.post("/c/call-2025/settings/move/close/").status_code] == [404] * 7


# --- figures -------------------------------------------------------------------------------------------------


def imported(world: World, text: str, sort: str = "official"):
    file = SimpleUploadedFile("official.csv", text.encode("gb18030"))
    return client_of(world.office).post("/c/call-2025/settings/figures/", {"sort": sort, "file": file})


def test_official_figures_are_imported_by_id_or_title_and_replaced(world: World) -> None:
    title = world.campaign.indicators.rows["gdp"].title.zh
    text = (
        "单位代码,指标,年份,数值,来源\n990121,gdp,2023,120.5,示例统计年鉴\n990122,{},2023,80,示例统计年鉴\n"
    )
    assert imported(world, text.format(title)).status_code == 302
    known = KnownFigure.objects.order_by("unit__code").values_list(
        "unit__code", "field", "year", "number", "source"
    )
    assert list(known) == [
        ("990121", "gdp", 2023, Decimal("120.5"), "示例统计年鉴"),
        ("990122", "gdp", 2023, Decimal(80), "示例统计年鉴"),
    ]
    imported(world, "unit,field,year,value,source\n990121,GDP,2023,121,示例统计公报\n")
    assert KnownFigure.objects.get(unit=world.county).number == 121
    assert KnownFigure.objects.count() == 2


def test_every_wrong_row_is_named_and_nothing_is_imported(world: World) -> None:
    text = (
        "单位代码,指标,年份,数值,来源\n990121,gdp,2023,1,甲\n110101,gdp,2023,1,甲\n990121,幸福感,2023,1,甲\n"
        "990121,gdp,23,1,甲\n990121,gdp,2024,约三,甲\n990121,gdp,2022,1,\n990121,gdp,2023,2,乙\n"
    )
    assert errors(imported(world, text)) == [
        "第 3 行“单位代码”: 单位代码“110101”不在单位表中",
        "第 4 行“指标”: 没有指标“幸福感”",
        "第 5 行“年份”: 年份“23”不对",
        "第 6 行“数值”: “约三”不是数, 或小数超过六位",
        "第 7 行“来源”: 来源要写, 最多 300 个字",
        "第 8 行“数值”: 与第 2 行重复",
    ]
    assert KnownFigure.objects.count() == 0


def test_at_most_a_hundred_faults_are_listed(world: World) -> None:
    text = "单位代码,指标,年份,数值,来源\n" + "110101,gdp,2023,1,甲\n" * 130
    told = errors(imported(world, text))
    assert (len(told), told[-1]) == (101, "还有 30 处")


# --- rules of the operations ---------------------------------------------------------------------------------


def test_a_move_out_of_turn_or_on_an_old_state_is_refused(world: World) -> None:
    with pytest.raises(Conflict):
        move(world.office, world.campaign, "open", world.campaign.revision)
    with pytest.raises(Conflict):
        move(world.office, world.campaign, "close", world.campaign.revision - 1)
    with pytest.raises(Refused):
        window = (world.office.now, world.office.now - timedelta(days=1))
        open_from_template(world.system, "letter-2025", "wrong", year=2025, window=window)
