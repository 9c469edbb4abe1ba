"""The pages of results and of the audit: who sees them, what they do, and what they say when they cannot."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import quote

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.campaign.accepted import accepted_figures
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.operations import clone, move
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.results import operations as results
from xinzhi.campaign.results.alerts import alerts_of, alerts_of_ranks
from xinzhi.campaign.results.models import Computed, Snapshot
from xinzhi.geography import demonstration_units
from xinzhi.methodology import copied_text, load_methodology

HOME = "/c/call-2025/results/"
CODES = ("990121", "990122", "990181")
COUNTIES = sum(unit.kind != "市辖区" for unit in demonstration_units())


@pytest.fixture
def frozen(world: World) -> Snapshot:
    for code in CODES:
        accepted_figures(world, code)
    return results.freeze(world.office, world.campaign)


def computed(world: World, frozen: Snapshot) -> Computed:
    made = results.order(world.analyst, frozen, load_methodology("county-2025"), without=["opinion"])
    assert work_off() == 1
    made.refresh_from_db()
    return made


def texts(response) -> str:
    assert response.headers["Content-Type"].startswith("text/html")
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", response.content.decode()))


def test_from_freezing_to_a_proposal(world: World) -> None:
    for code in CODES:
        accepted_figures(world, code)
    office, analyst = client_of(world.office), client_of(world.analyst)
    assert "还没有快照。" in texts(office.get(HOME))
    assert office.post(f"{HOME}freeze/").headers["Location"] == f"{HOME}snapshots/1/"
    assert f"3 个审核通过, 应报 {COUNTIES} 个" in texts(analyst.get(f"{HOME}snapshots/1/"))
    ordered = {"snapshot": "1", "methodology": "county-2025", "weights": "equal", "without": "opinion"}
    assert analyst.post(f"{HOME}order/", ordered).status_code == 302
    assert "正在计算; 可以离开这一页" in texts(analyst.get(f"{HOME}1/"))
    assert work_off() == 1
    made = Computed.objects.get()
    first = made.table.filter(year=2024).sort("county_nqpf_rank")["name"][0]
    page = texts(analyst.get(f"{HOME}1/"))
    assert f"1 {first}" in page
    assert "演示数据: 示例省并不存在, 数字都是虚构的" in page
    assert analyst.post(f"{HOME}1/propose/").headers["Location"] == f"{HOME}1/"
    assert "已提议发布" in texts(analyst.get(HOME))
    assert analyst.post(f"{HOME}1/propose/").status_code == 409


def test_what_an_analyst_uploads_is_used(world: World, frozen: Snapshot) -> None:
    analyst = client_of(world.analyst)
    leaves = load_methodology("county-2025").tree.leaves
    lines = ["指标,张三样例,李四样例"] + [f"{leaf},{10 + n},{20 - n}" for n, leaf in enumerate(leaves)]
    sheet = SimpleUploadedFile("experts.csv", "\n".join(lines).encode())
    own = SimpleUploadedFile("mine.toml", copied_text("county-2025", "mine").encode())
    told = {"snapshot": "1", "methodology_file": own, "weights": "sheet", "sheet": sheet}
    assert analyst.post(f"{HOME}order/", told).status_code == 302
    made = Computed.objects.get()
    assert (made.methodology, made.weights["experts"], made.weights_said) == (
        "mine",
        2,
        "experts.csv (2 位专家)",
    )
    assert "样例" not in json.dumps(made.weights, ensure_ascii=False)
    assert work_off() == 1
    made.refresh_from_db()
    assert made.state == "computed"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"methodology": "none-2025"}, "没有这个内置方法"),
        ({"methodology": "county-2025", "weights": "sheet"}, "请上传专家打分表"),
        ({"methodology": "county-2025", "weights": "luck"}, "没有这种赋权方法"),
        ({"methodology": "county-2025", "without": "gpd"}, "gpd"),
        ({"methodology_file": ("x.toml", b"id = ")}, "x.toml"),
        ({"methodology_file": ("x.toml", b"\xff\xfe")}, "方法文件应当是 UTF-8 编码的 TOML"),
        (
            {"methodology": "county-2025", "weights": "sheet", "sheet": ("s.csv", b"a,b\ngdp,x\n")},
            "s.csv",
        ),
        ({"methodology_file": ("x.toml", b"#" * 2_000_001)}, "文件超过 2 MB"),
    ],
)
def test_what_cannot_be_computed_is_said_and_nothing_is_ordered(
    world: World, frozen: Snapshot, told: dict, said: str
) -> None:
    files = {k: SimpleUploadedFile(*v) if isinstance(v, tuple) else v for k, v in told.items()}
    response = client_of(world.analyst).post(f"{HOME}order/", {"snapshot": "1"} | files)
    assert response.status_code == 422
    assert said in texts(response)
    assert Computed.objects.count() == 0


def test_the_files_are_what_was_frozen_and_taking_them_is_audited(world: World, frozen: Snapshot) -> None:
    analyst = client_of(world.analyst)
    panel = analyst.get(f"{HOME}snapshots/1/panel.parquet")
    assert panel.headers["Content-Disposition"] == 'attachment; filename="call-2025-snapshot-1.parquet"'
    assert pl.read_parquet(io.BytesIO(panel.content)).equals(frozen.figures)
    about = analyst.get(f"{HOME}snapshots/1/about.json")
    assert json.loads(about.content) == frozen.about | {"digest": frozen.digest}
    computed(world, frozen)
    assert analyst.get(f"{HOME}1/folder.zip").content[:2] == b"PK"
    taken = Event.objects.filter(verb="export.taken").values_list("actor", "detail")
    assert [*taken] == [
        (world.analyst.user.pk, f'{{"file":"{file}"}}')
        for file in ("panel.parquet", "about.json", "folder.zip")
    ]


PAGES = ("", "snapshots/1/", "snapshots/1/panel.parquet", "snapshots/1/about.json", "1/", "1/folder.zip",
         "compare/?before=1&after=1")  # fmt: skip
POSTS = ("freeze/", "order/", "1/propose/")


@pytest.mark.parametrize("who", ["reporter", "confirmer", "city", "expert", "media"])
def test_nothing_is_here_for_others(world: World, frozen: Snapshot, who: str) -> None:
    computed(world, frozen)
    client = client_of(getattr(world, who))
    assert {client.get(HOME + page).status_code for page in (*PAGES, "audit/")} == {404}
    assert {client.post(HOME + page).status_code for page in POSTS} == {404}


def test_what_is_not_there_is_not_there(world: World, frozen: Snapshot) -> None:
    client = client_of(world.office)
    wrong = (
        "snapshots/2/",
        "snapshots/2/panel.parquet",
        "7/",
        "7/folder.zip",
        "compare/?before=9&after=x",
        "compare/",
    )
    assert {client.get(HOME + page).status_code for page in wrong} == {404}
    assert Client().get(HOME).headers["Location"].startswith("/accounts/login/")


def test_the_auditor_reads_and_changes_nothing(world: World, frozen: Snapshot) -> None:
    made = computed(world, frozen)
    auditor = client_of(world.auditor)
    assert "第 1 号" in texts(auditor.get(HOME))
    assert "提议发布这个结果" not in texts(auditor.get(f"{HOME}1/"))
    assert [auditor.post(HOME + page, {"snapshot": "1"}).status_code for page in POSTS] == [404, 404, 404]
    made.refresh_from_db()
    assert made.state == "computed"


def test_two_results_side_by_side(world: World, frozen: Snapshot) -> None:
    first = computed(world, frozen)
    second = results.order(
        world.analyst, frozen, load_methodology("county-2025"), {"method": "entropy"}, ["opinion"]
    )
    assert work_off() == 1
    page = texts(client_of(world.analyst).get(f"{HOME}compare/?before={first.pk}&after={second.pk}"))
    assert "3 个共同单位" in page
    assert "熵权法" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(
    world: World, frozen: Snapshot, django_assert_num_queries, count: int
) -> None:
    for _n in range(count):
        computed(world, frozen)
    client = client_of(world.analyst)
    client.get(HOME)  # The first visit makes the entry in the list of sessions.
    # Session, user, its entry there looked up and renewed (with savepoints), roles; campaign; snapshots; results.
    with django_assert_num_queries(LIST_QUERIES):
        client.get(HOME)


LIST_QUERIES = 11


# --- alerts ----------------------------------------------------------------------------------------------


def test_what_changed_more_than_expected_since_the_last_campaign(world: World, frozen: Snapshot) -> None:
    made = computed(world, frozen)
    campaign = clone(
        world.system, world.campaign, "call-2026", 2026, (world.campaign.opens_at, world.campaign.closes_at)
    )
    move(world.system, campaign, "open", campaign.revision)
    last, world.campaign = world.campaign, campaign
    assert campaign.indicators.years == (2024, 2025)
    then = frozen.figures.filter(year=2024).drop_nulls("value")
    stood: dict[str, dict[str, float]] = {code: {} for code in CODES}
    for code, row, value in then.select("code", "indicator", "value").iter_rows():
        growth = 1.02 if row in ("loans", "technology_contracts", "non_tax_share", "high_tech_share") else 1
        stood[code] |= {f"{row}_2024": value, f"{row}_2025": value * growth}
    county = stood["990121"]
    # 20 % more for the same year is beyond the 10 % of thresholds.toml; 5 % is not; 60 % growth is beyond its 50 %,
    # and the form states no range for the share of high technology.
    loans, share = county["loans_2024"], county["high_tech_share_2024"]
    county |= {"loans_2024": loans * 1.2, "loans_2025": loans * 1.2, "high_tech_share_2025": share * 1.6}
    stood["990122"]["loans_2024"] *= 1.05
    for code, figures in stood.items():
        accepted_figures(
            world, code, **{key: f"{value:.2f}" for key, value in figures.items() if "cases" not in key}
        )
    snapshot = results.freeze(world.system, campaign)
    assert [(a.sort, a.code, a.title, a.years, a.before, a.after) for a in alerts_of(snapshot)] == [
        ("revised", "990121", "金融机构本外币各项贷款余额", (2024, 2024), loans, round(loans * 1.2, 2)),
        (
            "grown",
            "990121",
            "规模以上高新技术产业产值占规模以上工业产值比重",
            (2024, 2025),
            share,
            round(share * 1.6, 2),
        ),
    ]
    assert alerts_of(frozen) == []
    # Three units cannot move five ranks, the fewest that count.
    now = results.order(world.system, snapshot, load_methodology("county-2025"), without=["opinion"])
    assert work_off() == 1
    now.refresh_from_db()
    assert now.summary["years"] == [2024, 2025]
    shown = texts(client_of(world.person("office3", "office")).get("/c/call-2026/results/snapshots/1/"))
    assert "xinzhi compute county-2025 call-2026-snapshot-1.parquet --year 2024 --year 2025" in shown
    assert "2 处变动超出预期" in shown
    assert (now.campaign.previous, alerts_of_ranks(now), alerts_of_ranks(made)) == (last, [], [])


# --- audit -----------------------------------------------------------------------------------------------


def test_the_audit_is_filtered_by_verb_subject_and_day(world: World, frozen: Snapshot) -> None:
    auditor = client_of(world.auditor)
    filed = world.campaign.returns.get(unit__code="990121")
    pages = {
        "": Event.objects.filter(campaign=world.campaign.pk).count(),
        "?verb=version.made": 3,
        f"?subject={quote(filed.subject)}": Event.objects.filter(subject=filed.subject).count(),
        "?day=2025-07-01": Event.objects.filter(campaign=world.campaign.pk).count(),
        "?day=2025-07-02": 0,
        f"?verb=version.made&subject={quote(filed.subject)}": 1,
    }
    found = {
        query: int(re.search(r"(\d+) 条记录", texts(auditor.get(f"{HOME}audit/{query}")))[1])  # type: ignore[index]
        for query in pages
    }
    assert found == pages
    wrong = auditor.get(f"{HOME}audit/?day=31.8.2025")
    assert (wrong.status_code, "不是日期, 请写成 2025-08-31" in texts(wrong)) == (422, True)
    assert client_of(world.analyst).get(f"{HOME}audit/").status_code == 404
