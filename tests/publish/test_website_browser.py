"""The public site in a browser: with and without JavaScript, wide and narrow, by axe-core."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to drive"),
    pytest.mark.xdist_group("website"),
]
SHOWN = (
    "index.html", "province-open/index.html", "province-open/map.html",
    "province-open/compare.html?units=110000,310000", "province-open/parts.html", "province-open/method.html",
    "province-open/trust.html", "province-open/units/110000.html", "cases/index.html", "cases/c1.html",
    "downloads.html", "ye-xu-table-3/index.html", "en/index.html", "en/province-open/units/110000.html",
)  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_told: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda m: said.append(m.text) if m.type == "error" and "favicon" not in str(m.location) else None,
    )
    yield page
    context.close()
    assert said == []


def names(page: Page) -> list[str]:
    return page.locator("#ranking tbody tr:visible th").all_inner_texts()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_every_kind_of_page_is_accessible(browser: Browser, address: str, width: int, script: bool):
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, java_script_enabled=script
    )
    page, found = context.new_page(), []
    for path in SHOWN:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth") if script else 0
        if wide > 0:
            found.append((path, f"{wide} px too wide"))
        if script:  # axe-core is a script
            report = Axe().run(page).response
            found += [(path, v["id"], v["nodes"][0]["target"]) for v in report["violations"]]
        else:
            assert page.locator("h1").is_visible()
            assert not page.locator("form").first.is_visible() if page.locator("form").count() else True
    context.close()
    assert found == []


def test_the_ranking_is_searched_filtered_and_sorted_and_the_address_tells(page: Page):
    page.goto("province-open/index.html")
    assert len(names(page)) == 31
    page.select_option("select[name=area]", label="东北")
    assert sorted(names(page)) == ["吉林", "辽宁", "黑龙江"]
    page.fill("input[name=q]", "22000")
    assert names(page) == ["吉林"]
    assert page.locator("#filters output").inner_text() == "1 / 31 个单位"
    page.goto("province-open/index.html?area=%E4%B8%9C%E5%8C%97&sort=3&dir=up")
    assert names(page) == ["吉林", "黑龙江", "辽宁"]
    page.get_by_role("button", name="新质生产力开放指数").click()
    assert names(page) == ["辽宁", "黑龙江", "吉林"]
    assert "dir=down" in page.url


def test_a_number_is_explained_where_it_stands(page: Page):
    page.goto("province-open/index.html")
    page.locator("#ranking tbody tr:first-child td:nth-child(5) a").click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert dialog.locator("h2").inner_text() == "北京"
    assert "技术革命性突破 91." in dialog.locator("summary").first.inner_text()
    page.keyboard.press("Escape")
    assert dialog.count() == 0


def test_weights_are_moved_and_the_ranks_follow(page: Page, provinces):
    """With all weight on one part the ranks are those of the part, which the index computed itself."""
    page.goto("province-open/method.html")
    page.locator("#weights").wait_for()
    assert page.locator("#moved").inner_text() == "名次与公布的相同"
    for k, weight in enumerate((0, 0, 100)):
        page.locator(f"#w-{k}").fill(str(weight))
    shown = {
        row.locator("td").nth(1).inner_text(): int(row.locator("td").first.inner_text())
        for row in page.locator("#recomputed tbody tr").all()
    }
    ranks = dict(zip(provinces.names, provinces.ranks["industry"][-1], strict=True))
    assert shown == ranks
    assert page.url.endswith("?w=0,0,100")
    page.reload()
    page.locator("#weights").wait_for()
    assert page.locator("#recomputed tbody td").nth(1).inner_text() == min(ranks, key=ranks.__getitem__)
    page.get_by_role("button", name="恢复公布的权重").click()
    page.get_by_text("名次与公布的相同").wait_for()


def test_units_are_compared(page: Page):
    page.goto("province-open/compare.html?units=110000,440000")
    page.locator("#compared table").wait_for()
    row = page.locator("#compared tbody tr").first
    assert row.locator("td").all_inner_texts() == ["77.2 (1)", "67.8 (2)"]
    page.fill("input[name=unit]", "无此县")
    page.get_by_role("button", name="加入").click()
    assert page.locator("#compare output").inner_text() == "没有这个单位"
    page.fill("input[name=unit]", "上海")
    page.get_by_role("button", name="加入").click()
    assert page.url.endswith("?units=110000,440000,310000")
    page.get_by_role("button", name="移去 北京").click()
    assert page.url.endswith("?units=440000,310000")


def test_without_a_script_a_number_is_a_link_to_its_explanation(browser: Browser, address: str):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("province-open/index.html")
    assert page.locator("#ranking tbody tr:visible").count() == 31
    assert page.locator("#filters").is_hidden()
    page.locator("#ranking tbody tr:first-child td:nth-child(5) a").click()
    assert page.url.endswith("units/110000.html#x-technology")
    assert page.locator("#x-technology").is_visible()
    context.close()


def test_the_area_of_a_map_leads_to_its_portrait(page: Page):
    page.goto("province-open/map.html")
    page.locator("svg.map a", has_text="北京 77.2").dispatch_event("click")
    page.wait_for_url("**/units/110000.html")
