"""Opinion: lists read, reports grouped, units and spheres told or asked, counts proposed and approved."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.opinion import operations, queries
from xinzhi.campaign.opinion.grouping import Grouped, Told, grouped
from xinzhi.campaign.opinion.lists import Fault, Listed, day_of, read_list
from xinzhi.campaign.opinion.models import ApprovedCount, Mention, Proposal, Report, ReportList
from xinzhi.campaign.opinion.places import Meant, names_of, units_named
from xinzhi.campaign.opinion.rule import rule, sphere_of
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.forms import load_form

HEADINGS = "标题,媒体,日期,语言,链接,地区"
TODAY = date(2025, 7, 1)


def csv(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *lines]).encode()


LINES = (
    "甲样县数字经济提速,样例报,2024-03-05,中文,https://a.example.cn/1,",
    "甲样县数字经济提速,样例晚报,2024-03-06,中文,https://b.example.cn/9,",  # a reprint
    "甲样县数字经济提速,样例报,2024-03-05,中文,https://a.example.cn/1?,",  # the same once more
    "Digital growth in 甲样县,Reuters,2024-04-01,English,https://r.example.com/2,",
    "乙样县与丁样市共建园区,样例报,2023年5月6日,中文,,",
    "范例市南样县发展林下经济,样例报,2024/7/8,中文,,",
    "南样县发展渔业,样例报,2024.9.10,中文,,样本盟",
    "县域发展新观察,样例报,2024-10-01,中文,,",
)
"""甲样县: at home 2024 one report with one reprint, abroad one; 南样县 is two counties, 990224 in 范例市, 990322 in 样本盟."""

COUNTS = {
    ("990121", "domestic_reports", 2024): 1,
    ("990121", "foreign_reports", 2024): 1,
    ("990122", "domestic_reports", 2023): 1,
    ("990181", "domestic_reports", 2023): 1,
    ("990224", "domestic_reports", 2024): 1,
    ("990322", "domestic_reports", 2024): 1,
}


def by_code(world: World, counts) -> dict[tuple[str, str, int], int]:
    codes = {unit.pk: code for code, unit in world.unit.items()}
    return {(codes[unit], field, year): number for (unit, field, year), number in counts.items()}


def taken_in(world: World, *lines: str, name: str = "报道.csv") -> ReportList:
    return operations.take_in(world.media, world.campaign, name, csv(*lines))


# --- reading a list ------------------------------------------------------------------------------------------


def test_columns_are_known_by_their_headings_in_both_languages():
    lines = [
        ["2024 reports"],
        ["Headline", "Source", "Published", "URL"],
        ["A title", "BBC", "20240305", "https://x.org/1"],
    ]
    assert read_list(lines, TODAY) == (
        [Listed(3, "A title", "BBC", date(2024, 3, 5), link="https://x.org/1")],
        [],
    )
    same = [["新闻标题", "媒体名称", "发布日期", "网址"], *lines[2:]]
    assert read_list(same, TODAY)[0] == [
        Listed(2, "A title", "BBC", date(2024, 3, 5), link="https://x.org/1")
    ]


def test_all_faults_are_told_at_once_each_with_its_line():
    lines = [
        ["标题", "媒体", "日期", "链接", "国内外"],
        ["", "样例报", "2024-03-05", "", ""],
        ["甲", "样例报", "2024-13-05", "ftp://x", ""],
        [],
        ["乙", "", "2026-01-01", "", "哪里"],
        ["长" * 301, "样例报", "", "", ""],
    ]
    assert read_list(lines, TODAY) == (
        [],
        [
            Fault(2, "缺少标题"),
            Fault(3, "日期“2024-13-05”读不懂, 请写成 2024-03-05"),
            Fault(3, "链接应当以 http:// 或 https:// 开头"),
            Fault(5, "缺少媒体"),
            Fault(5, "日期 2026-01-01 不对"),
            Fault(5, "“国内外”只能写国内或国外, 写的是“哪里”"),
            Fault(6, "缺少日期"),
            Fault(6, "标题超过 300 个字"),
        ],
    )


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([], "没有找到表头; 至少要有这些列: 标题、媒体、日期"),
        ([["姓名", "年龄"]], "没有找到表头; 至少要有这些列: 标题、媒体、日期"),
        ([["标题", "媒体"]], "表头缺少“日期”一列"),
        ([["标题", "媒体", "日期"]], "表头下面没有报道"),
    ],
)
def test_a_list_without_headings_or_reports(lines, what):
    reports, faults = read_list(lines, TODAY)
    assert (reports, [fault.what for fault in faults]) == ([], [what])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("2024/3/5 08:30", date(2024, 3, 5)),
        ("２０２４．３．５", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("3月5日", None),
        ("2024-02-30", None),
        ("45356", None),
    ],
)
def test_days(text, day):
    assert day_of(text) == day


# --- grouping ------------------------------------------------------------------------------------------------


def test_duplicates_and_reprints():
    title = "甲样县数字经济核心产业提速"
    told = [
        Told(1, title, "样例报", date(2024, 3, 5), "https://a.cn/1"),
        Told(2, "甲样县：数字经济核心产业提速！", "样例报", date(2024, 3, 5)),  # title, outlet and day
        Told(3, "改了题目的同一篇", "样例报", date(2024, 3, 9), "http://www.a.cn/1/"),  # the link
        Told(4, title, "晚报", date(2024, 3, 12)),  # on the seventh day
        Told(5, title, "早报", date(2024, 3, 13)),  # on the eighth
        Told(6, title + "快", "网", date(2024, 3, 6)),  # nearly the same title
        Told(7, title, "样例报", date(2024, 3, 6)),  # the same outlet again: another report
        Told(8, title, "台", date(2024, 3, 6), apart=True),
        Told(
            9, title, "晚报", date(2024, 3, 12), "https://a.cn/"
        ),  # repeats the reprint; a front page is no link
    ]
    expected = {
        1: Grouped(1), 2: Grouped(1, "duplicate"), 3: Grouped(1, "duplicate"), 4: Grouped(1, "reprint"),
        5: Grouped(7, "reprint"), 6: Grouped(1, "reprint"), 7: Grouped(7), 8: Grouped(8), 9: Grouped(1, "duplicate"),
    }  # fmt: skip
    assert grouped(told, rule()) == expected
    assert grouped(told[::-1], rule()) == expected


def test_short_titles_have_to_be_equal():
    told = [Told(1, "甲样县简讯", "报", date(2024, 1, 1)), Told(2, "乙样县简讯", "网", date(2024, 1, 1))]
    assert grouped(told, rule()) == {1: Grouped(1), 2: Grouped(2)}


# --- spheres and units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outlet", "language", "link", "said", "sphere"),
    [
        ("样例报", "中文", "", "", "domestic"),
        ("样例报", "zh", "https://a.cn/1", "", "domestic"),
        ("Sample Post", "English", "https://a.com/1", "", "foreign"),
        ("China Daily", "English", "", "", "domestic"),
        ("联合早报", "中文", "", "", "foreign"),
        ("样例报", "中文", "https://a.sg/1", "", None),
        ("Sample Post", "English", "https://a.cn/1", "", None),
        ("样例报", "", "", "", None),
        ("样例报", "中文", "", "国外", "foreign"),
    ],
)
def test_spheres(outlet, language, link, said, sphere):
    assert sphere_of(outlet, language, link, said) == sphere


def test_homonyms_are_settled_by_their_place_or_asked(world: World):
    known = names_of(world.campaign)
    both = Meant("南样县", ("990224", "990322"))
    assert units_named("南样县发展渔业", "", known) == (both,)
    assert units_named("范例市南样县发展渔业", "", known) == (Meant("南样县", ("990224",)),)
    assert units_named("范例市：南样县发展渔业", "", known) == (Meant("南样县", ("990224",)),)
    assert units_named("南样县发展渔业", "样本盟", known) == (Meant("南样县", ("990322",)),)
    assert units_named("南样县发展渔业", "示例省", known) == (both,)


def test_the_rule_fills_the_rows_that_the_form_leaves_to_the_media_unit():
    form = load_form("letter-2025/indicators@1")
    assert set(rule().fields.values()) == {id for id, row in form.rows.items() if row.filled_by == "media"}


# --- counting ------------------------------------------------------------------------------------------------


def test_from_the_list_to_the_two_rows(world: World):
    taken_in(world, *LINES)
    assert by_code(world, queries.counts_of(world.campaign)) == COUNTS
    assert queries.questions_of(world.media, world.campaign) == {
        "unit": 0,
        "sphere": 0,
        "nobody": 1,
        "repeat": 2,
    }
    proposal = operations.propose(world.media, world.campaign, complete=False)
    assert queries.approved_counts(world.campaign) == {}
    operations.decide(world.office, proposal, approve=True)
    approved = queries.approved_counts(world.campaign)
    assert by_code(world, approved) == {key: Decimal(n) for key, n in COUNTS.items()}
    assert verify().fault == ""


def test_reprints_count_where_the_office_says_so(world: World):
    taken_in(world, *LINES)
    operations.choose_counting(world.office, world.campaign, "each")
    counted = by_code(world, queries.counts_of(world.campaign))
    assert counted == COUNTS | {("990121", "domestic_reports", 2024): 2}
    with pytest.raises(Forbidden):
        operations.choose_counting(world.media, world.campaign, "once")


def test_a_reprint_in_the_new_year_belongs_to_the_year_of_the_first(world: World):
    taken_in(
        world, "甲样县迎来新年新变化,样例报,2023-12-31,中文,,", "甲样县迎来新年新变化,晚报,2024-01-02,中文,,"
    )
    assert by_code(world, queries.counts_of(world.campaign)) == {("990121", "domestic_reports", 2023): 1}
    operations.choose_counting(world.office, world.campaign, "each")
    assert by_code(world, queries.counts_of(world.campaign)) == {
        ("990121", "domestic_reports", 2023): 1,
        ("990121", "domestic_reports", 2024): 1,
    }


def test_nothing_is_none_only_where_the_media_unit_says_so(world: World):
    taken_in(world, *LINES)
    proposal = operations.propose(world.media, world.campaign, complete=True)
    counts = by_code(world, queries.counts_in(proposal))
    asked = 80 - sum(unit.kind == "市辖区" for unit in world.unit.values())  # districts file no figures
    assert len(counts) == asked * 4
    assert {key: n for key, n in counts.items() if n} == COUNTS


def test_questions_stand_in_the_way_until_a_person_answers(world: World):
    taken_in(world, "南样县发展渔业,样例报,2024-09-10,中文,,", "甲样县观察,Sample Post,2024-09-11,,,")
    assert queries.questions_of(world.media, world.campaign) == {
        "unit": 1,
        "sphere": 1,
        "nobody": 0,
        "repeat": 0,
    }
    with pytest.raises(Refused) as refusal:
        operations.propose(world.media, world.campaign, complete=False)
    assert refusal.value.what == "还有 2 条报道要先确认单位或国内外"
    fishing, watched = Report.objects.order_by("day")
    operations.say_units(world.media, fishing, [world.unit["990322"]])
    operations.say_sphere(world.media, watched, "foreign")
    assert by_code(world, queries.counts_of(world.campaign)) == {
        ("990322", "domestic_reports", 2024): 1,
        ("990121", "foreign_reports", 2024): 1,
    }
    taken_in(world, "甲样县再观察,SAMPLE POST,2023-09-11,,,", name="又一份.csv")
    assert Report.objects.get(title="甲样县再观察").sphere == "foreign"  # what was said of the outlet holds


def test_a_report_that_repeats_none_is_counted_by_itself(world: World):
    taken_in(world, *LINES)
    operations.set_apart(world.media, Report.objects.get(relation="reprint"), True)
    assert by_code(world, queries.counts_of(world.campaign))["990121", "domestic_reports", 2024] == 2


def test_a_list_counts_once_and_not_after_it_is_withdrawn(world: World):
    made = taken_in(world, *LINES)
    with pytest.raises(Refused) as refusal:
        taken_in(world, *LINES, name="改名.csv")
    assert refusal.value.what == "这份清单已经上传过"
    later = taken_in(world, "甲样县数字经济提速,样例周刊,2024-03-07,中文,,", name="补.csv")
    assert later.reports.get().relation == "reprint"
    operations.withdraw(world.media, made)
    assert by_code(world, queries.counts_of(world.campaign)) == {("990121", "domestic_reports", 2024): 1}
    assert later.reports.get().relation == ""
    with pytest.raises(Conflict):
        operations.withdraw(world.media, ReportList.objects.get(pk=made.pk))
    taken_in(world, *LINES)
    assert by_code(world, queries.counts_of(world.campaign)) == COUNTS


def test_a_faulty_or_hostile_list_leaves_nothing(world: World):
    with pytest.raises(operations.FaultyList) as refusal:
        taken_in(world, "甲样县,样例报,昨天,中文,,", ",样例报,2024-01-01,中文,,")
    assert [(fault.line, fault.what) for fault in refusal.value.faults] == [
        (2, "日期“昨天”读不懂, 请写成 2024-03-05"),
        (3, "缺少标题"),
    ]
    for data in (b"", b"%PDF-1.4", b"PK\3\4 cut off", b"\xff\xd8\xff\xe0"):
        with pytest.raises(Refused):
            operations.take_in(world.media, world.campaign, "x.xlsx", data)
    assert (ReportList.objects.count(), Report.objects.count(), Mention.objects.count()) == (0, 0, 0)


def test_a_workbook_is_read_as_a_list(world: World):
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["标题", "媒体", "日期"])
        sheet.write_row(1, 0, ["甲样县观察", "人民网"])
        sheet.write_datetime(1, 2, date(2024, 3, 5), book.add_format({"num_format": "yyyy/m/d"}))
    made = operations.take_in(world.media, world.campaign, "C:\\报道\\清单.xlsx", file.getvalue())
    report = made.reports.get()
    assert (made.name, report.title, report.day, report.sphere) == (
        "清单.xlsx", "甲样县观察", date(2024, 3, 5), "domestic",
    )  # fmt: skip


# --- who decides ---------------------------------------------------------------------------------------------


def test_who_may_propose_and_decide(world: World):
    taken_in(world, *LINES)
    for other in ("office", "reporter", "expert", "analyst", "auditor"):
        with pytest.raises(Forbidden):
            operations.propose(getattr(world, other), world.campaign, complete=False)
    proposal = operations.propose(world.media, world.campaign, complete=False)
    for other in ("media", "reporter", "expert", "analyst", "auditor"):
        with pytest.raises(Forbidden):
            operations.decide(getattr(world, other), proposal, approve=True)
    with pytest.raises(Refused):
        operations.decide(world.office, proposal, approve=False)
    operations.decide(world.office, proposal, approve=False, reason="转载没有归并")
    with pytest.raises(Conflict):
        operations.decide(world.second_office, proposal, approve=True)
    assert ApprovedCount.objects.count() == 0


def test_a_later_proposal_replaces_the_earlier_one(world: World):
    taken_in(world, *LINES)
    first = operations.propose(world.media, world.campaign, complete=False)
    second = operations.propose(world.media, world.campaign, complete=False)
    assert list(Proposal.objects.values_list("number", "state")) == [(2, "proposed"), (1, "replaced")]
    with pytest.raises(Conflict):
        operations.decide(world.office, first, approve=True)
    operations.decide(world.office, second, approve=True)
    taken_in(world, "丙样县观察,样例报,2024-05-05,中文,,", name="补.csv")
    third = operations.propose(world.media, world.campaign, complete=False)
    assert len(queries.approved_counts(world.campaign)) == len(COUNTS)  # until the office approves again
    operations.decide(world.office, third, approve=True)
    assert len(queries.approved_counts(world.campaign)) == len(COUNTS) + 1


def test_who_proposed_does_not_approve(world: World):
    taken_in(world, *LINES)
    proposal = operations.propose(world.media, world.campaign, complete=False)
    Proposal.objects.update(by=world.office.user)
    proposal.refresh_from_db()
    with pytest.raises(Forbidden) as refusal:
        operations.decide(world.office, proposal, approve=True)
    assert refusal.value.what == "提出计数的人不能自己批准"


def test_nothing_changes_once_frozen(world: World):
    world.campaign.state = "frozen"
    with pytest.raises(Refused) as refusal:
        taken_in(world, *LINES)
    assert refusal.value.what == "数据已经冻结"


# --- pages ---------------------------------------------------------------------------------------------------

HOME = "/c/call-2025/opinion/"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("office", 200),
        ("media", 200),
        ("auditor", 200),
        ("reporter", 404),
        ("expert", 404),
        ("analyst", 404),
        ("city", 404),
    ],
)
def test_who_sees_the_pages(world: World, who, status):
    made = taken_in(world, *LINES)
    operations.propose(world.media, world.campaign, complete=False)
    client = client_of(getattr(world, who))
    pages = ["", "reports/", f"reports/{made.reports.first().pk}/", "proposals/1/"]
    assert [client.get(HOME + page).status_code for page in pages] == [status] * 4


@pytest.mark.parametrize(
    ("who", "page", "status"),
    [
        ("office", "upload/", 404), ("office", "propose/", 404), ("media", "counting/", 404), ("media", "proposals/1/", 404),
        ("auditor", "propose/", 404), ("auditor", "proposals/1/", 404), ("reporter", "upload/", 404),
    ],
)  # fmt: skip
def test_who_may_post(world: World, who, page, status):
    taken_in(world, *LINES)
    operations.propose(world.media, world.campaign, complete=False)
    assert client_of(getattr(world, who)).post(HOME + page).status_code == status


def test_the_pages_lead_from_the_upload_to_the_approval(world: World):
    media, office = client_of(world.media), client_of(world.office)
    faulty = media.post(
        HOME + "upload/", {"file": SimpleUploadedFile("a.csv", csv("甲样县,样例报,昨天,中文,,"))}
    )
    assert faulty.status_code == 422
    assert "日期“昨天”读不懂, 请写成 2024-03-05" in faulty.content.decode()
    assert media.post(HOME + "upload/").status_code == 422
    sent = media.post(HOME + "upload/", {"file": SimpleUploadedFile("a.csv", csv(*LINES))})
    assert (sent.status_code, sent["Location"]) == (302, HOME)
    drilled = media.get(HOME + "reports/?unit=990121&sphere=domestic&year=2024")
    assert [report.line for report in drilled.context["reports"]] == [3, 2, 4]
    assert media.post(HOME + "propose/").status_code == 302
    assert "查看并决定" in office.get(HOME).content.decode()
    decided = office.post(HOME + "proposals/1/", {"decision": "approve"})
    assert decided.status_code == 302
    assert len(queries.approved_counts(world.campaign)) == len(COUNTS)
    assert office.post(HOME + "proposals/1/", {"decision": "approve"}).status_code == 409


def test_questions_are_answered_on_the_page_of_the_report(world: World):
    taken_in(world, "南样县发展渔业,样例报,2024-09-10,,,")
    media, report = client_of(world.media), Report.objects.get()
    page = f"{HOME}reports/{report.pk}/"
    assert media.post(page, {"question": "units", "unit": "990224", "other": "没有这个县"}).status_code == 422
    assert (
        media.post(page, {"question": "units", "unit": "990224", "other": "示例省样例市甲样县"}).status_code
        == 302
    )
    assert media.post(page, {"question": "sphere", "sphere": "domestic"}).status_code == 302
    assert media.post(page, {"question": "sphere", "sphere": "moon"}).status_code == 422
    assert by_code(world, queries.counts_of(world.campaign)) == {
        ("990121", "domestic_reports", 2024): 1,
        ("990224", "domestic_reports", 2024): 1,
    }


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_lists(world: World, django_assert_num_queries, count):
    names = ("甲样县", "乙样县", "丙样县")[:count]
    taken_in(world, *(f"{name}观察,样例报,2024-03-05,中文,," for name in names))
    client = client_of(world.media)
    client.get(HOME)
    with django_assert_num_queries(19):
        client.get(HOME)
    with django_assert_num_queries(13):
        client.get(HOME + "reports/")
