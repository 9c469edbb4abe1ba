"""A real browser walks through the platform as its people do: from the first invitation to the frozen data.

Whatever a page writes to the console as a fault, every breach of the content security policy and every barrier that
axe-core finds (WCAG 2 A and AA) fails the walk. ``XINZHI_PICTURES=docs/pictures`` makes the pictures of the guide.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from PIL import Image

from tests.site.serving import ACCEPTED, COUNTY, MAILING, PASSWORD, PHONE, SLUG, Site, served
from xinzhi.demonstration.returns import simulated_case, simulated_figures, simulated_picture
from xinzhi.forms import CaseForm, IndicatorForm, load_form
from xinzhi.forms.writing.word import write_word
from xinzhi.geography import demonstration_unit

pytest.importorskip("playwright", reason="playwright is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to drive"),
    pytest.mark.xdist_group("walk"),
]

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
GUIDE = Path(__file__).parents[2] / "docs" / "campaign.md"
TITLE = "轴承套圈智能产线改造"
RETURNED = "technology_contracts@2024"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("walk")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, site: Site, browser: Browser, *, width: int = 1200, scripts: bool = True) -> None:
        self.site, self.width = site, width
        self.faults: list[str] = []
        self.page = self._page(browser, scripts)
        self.eyes = self.page if scripts else self._page(browser, True)  # axe-core is a script

    def _page(self, browser: Browser, scripts: bool) -> Page:
        context = browser.new_context(
            locale="zh-CN",
            viewport={"width": self.width, "height": 900},
            java_script_enabled=scripts,
            reduced_motion="reduce",  # a colour half-way through a transition has no contrast
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self.page.url}: {message.text}")

    def goes(self, path: str) -> None:
        """Open a page of the campaign, or of the platform where the path begins with a slash."""
        place = path if path.startswith("/") else f"/c/{SLUG}/{path}"
        answer = self.page.goto(self.site.address + place)
        assert answer is not None and answer.status == 200, (place, answer and answer.status)

    def signs_in(self, name: str) -> None:
        self.goes("/accounts/login/")
        self.page.get_by_label("电子邮件").fill(f"{name}@example.org")
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.presses("登录", within="main")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("我的征集")

    def presses(self, name: str, within: str = "body") -> None:
        """Press the button of this name, of which there has to be one."""
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()

    def follows(self, name: str, within: str = "main") -> None:
        self.page.locator(within).get_by_role("link", name=name).first.click()

    def reads(self, text: str) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(text)

    def waits_for(self, text: str, within: str = "main") -> None:
        """Load the page again until a job has done its work."""
        for _try in range(60):
            if self.page.locator(within).get_by_text(text).count():
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise AssertionError((self.page.url, text))

    def looks(self, picture: str = "") -> None:
        """Find nothing in the way of anybody on this page; picture it for the guide where it is wanted."""
        if self.eyes is not self.page:
            self.eyes.context.add_cookies(self.page.context.cookies())  # type: ignore[arg-type]
            self.eyes.goto(self.page.url)
        violations = Axe().run(self.eyes, options=WCAG).response["violations"]
        told = [
            (v["id"], [(node["html"], node["failureSummary"]) for node in v["nodes"][:3]]) for v in violations
        ]
        assert told == [], (self.page.url, told)
        wide = self.eyes.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, (self.page.url, wide)
        if picture and (folder := os.environ.get("XINZHI_PICTURES")):
            take_picture(self.page, Path(folder) / f"{picture}.png")


def take_picture(page: Page, path: Path) -> None:
    """Keep what is seen of a page, in a palette of 64 colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < 150_000


# --- what is filed -----------------------------------------------------------------------------------------


def figures_of(code: str) -> dict[str, str]:
    """Return what a county files, by cell: sound by every rule, but for the last product, which leaps."""
    form, unit = load_form("letter-2025/indicators"), demonstration_unit(code)
    assert isinstance(form, IndicatorForm) and unit is not None
    figures = {f"{row}@{year}": number for (row, year), number in simulated_figures(form, unit).items()}
    figures["gdp@2024"] = Decimal(str(figures["gdp@2024"])) * 2
    return {key: str(number) for key, number in figures.items()}


def explanation_of(code: str) -> str:
    """Return why the product leaps; the same words of two counties would be refused."""
    unit = demonstration_unit(code)
    assert unit is not None
    return f"{unit.path}年内有两个园区由市直管划归本县统计, 依据是2024年统计年报第3表, 已逐项核对"


def mail_of(code: str) -> bytes:
    """Return a mail with the form filled in as its attachment."""
    form, unit = load_form("letter-2025/indicators"), demonstration_unit(code)
    assert isinstance(form, IndicatorForm) and unit is not None
    file = io.BytesIO()
    write_word(form, simulated_figures(form, unit), file, unit=unit, demonstration=True)
    mail = EmailMessage()
    mail["Subject"] = f"指标数据+{unit.path}人民政府+张三样例+010-00000000"
    mail["From"], mail["To"] = "sample@example.com", "office@example.org"
    mail["Message-ID"] = "<walk@example.com>"
    mail.set_content("演示数据。材料见附件, 请查收。")
    mail.add_attachment(
        file.getvalue(), maintype="application", subtype="octet-stream", filename="附件1.docx"
    )
    return mail.as_bytes(policy=SMTP)


def reports() -> bytes:
    """Return a list of the media unit: two at home and one abroad for the county that files online."""
    unit = demonstration_unit(COUNTY)
    assert unit is not None
    rows = [("数字工厂投产", "示例日报", "中文", 2024), ("举办现场会", "示例日报", "中文", 2023)]
    rows.append(("绿色园区通过验收", "Demo Tribune", "英文", 2024))
    lines = [
        f"{unit.path}{what},{outlet},{year}-05-1{n},{language},https://news.example.org/{n}"
        for n, (what, outlet, language, year) in enumerate(rows)
    ]
    return "\n".join(["标题,媒体,日期,语种,链接", *lines]).encode()


def case_of(code: str) -> Mapping[str, str]:
    """Return what a county writes about a case, by cell."""
    form, unit = load_form("letter-2025/case"), demonstration_unit(code)
    assert isinstance(form, CaseForm) and unit is not None
    written = simulated_case(form, unit.name, TITLE)
    return {field: str(text) for (field, _year), text in written.items()}


# --- the office invites, the reporter comes -----------------------------------------------------------------


def invites(office: Person) -> str:
    """Invite a reporter; the code is told once."""
    office.goes("people/")
    office.follows("邀请一人")
    office.page.get_by_label("角色").select_option(label="填报人")
    office.page.get_by_label("单位").fill(COUNTY)
    office.page.get_by_label("姓名").fill("张三样例")
    office.presses("生成邀请码")
    code = office.page.locator(".code code").inner_text()
    office.looks()
    office.goes("people/?show=invited")
    office.looks("people")
    return code


def joins(reporter: Person, code: str) -> None:
    """Take the code up: sign up, confirm the address by mail, sign in, accept."""
    page = reporter.page
    reporter.goes("/join/")
    page.get_by_label("邀请码").fill(code.lower())
    reporter.presses("继续")
    reporter.looks()
    reporter.follows("注册")
    page.get_by_label("电子邮件").fill("reporter@example.org")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("密码（重复）").fill(PASSWORD)
    reporter.looks()
    reporter.presses("注册", within="main")
    expect(page).to_have_url(re.compile("confirm-email"))
    (link,) = re.findall(r"http://\S+/accounts/confirm-email/\S+", reporter.site.mails()[-1])
    page.goto(link)
    page.locator("main button[type=submit]").click()
    reporter.signs_in("reporter")
    reporter.goes("/join/")
    reporter.presses("接受邀请")
    reporter.goes("file/")


# --- filing ------------------------------------------------------------------------------------------------


def cells(page: Page) -> Locator:
    """Return the boxes of a form that are open to the eye."""
    return page.locator("[data-filing] [data-cell]:visible")


def saved(box: Locator) -> None:
    """Wait until a box says that it is saved."""
    expect(box.locator("xpath=ancestor::*[@data-box][1]").locator("[data-state]")).to_have_text("已保存")


def fills(person: Person, given: Mapping[str, str]) -> None:
    """Fill the boxes in one by one; each saves by itself when it is left."""
    expect(cells(person.page).first).to_be_visible()
    boxes = {box.get_attribute("data-cell"): box for box in cells(person.page).all()}
    for key, box in boxes.items():
        assert key is not None
        if box.get_attribute("type") == "radio":
            box = person.page.locator(f"[data-cell='{key}'][value='{given[key]}']")
            box.check()
        elif key in given:
            box.fill(given[key])
            box.blur()
        else:
            continue
        saved(box)


def attaches(person: Person, sort: str, name: str, data: bytes) -> None:
    """Upload a file; it is listed once the server has looked at it."""
    card = person.page.locator("#files .card", has=person.page.locator(f"#file-{sort}"))
    card.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": data})
    card.get_by_role("button", name=re.compile("^上传")).click()
    expect(card.locator(".files").get_by_role("link", name=name, exact=True)).to_be_visible()


def sends(person: Person) -> None:
    """Save and check, then send to the second person."""
    person.presses("保存并检查")
    person.looks()
    person.page.locator("#stated input").check()
    person.page.locator("main form.card").get_by_role("button").first.click()
    person.reads("待复核")


def confirms(person: Person, what: str) -> None:
    """Look at what the reporter sends and confirm it."""
    person.goes("file/")
    person.page.locator("li", has_text=what).get_by_role("link", name=re.compile("^复核")).click()
    person.presses("复核并提交")
    person.reads("回执编号")


def files_figures(reporter: Person) -> None:
    """Fill the figures in, explain the one that leaps, and send them."""
    page = reporter.page
    reporter.goes("file/")
    reporter.looks()
    reporter.presses("开始填报")
    fills(reporter, figures_of(COUNTY))
    explanation = page.locator("[data-explain][data-key='gdp@2024']")
    explanation.fill(explanation_of(COUNTY))
    explanation.blur()
    expect(page.locator("[data-explain-state]")).to_have_text("已保存")
    page.evaluate("scrollTo(0, 0)")
    reporter.looks("indicators")
    sends(reporter)


def files_case(reporter: Person) -> None:
    """Write a case, attach its pictures, evidence and the scan with the seal, and send it."""
    reporter.goes("file/")
    reporter.presses("新建案例")
    given = case_of(COUNTY)
    fills(reporter, given)
    for n in range(3):
        attaches(reporter, "picture", f"图{n + 1}.jpg", simulated_picture(n))
    for name in given["evidence"].splitlines():
        attaches(reporter, "evidence", f"{name}.pdf", PDF)
    attaches(reporter, "scan", "盖章扫描件.pdf", PDF)
    for n in range(3):
        reporter.page.get_by_label("图注").nth(n).fill(f"图{n + 1} {TITLE}现场 (演示)")
        reporter.page.get_by_role("button", name="保存图注").nth(n).click()
    reporter.page.evaluate("scrollTo(0, 0)")
    reporter.looks("case")
    sends(reporter)


def test_filing_without_scripts_on_a_phone(site: Site, browser: Browser) -> None:
    """The same form, saved as a whole: what is open is listed, explained, sent."""
    person = Person(site, browser, width=360, scripts=False)
    page = person.page
    person.signs_in("phone")
    person.goes("file/")
    person.looks()
    person.presses("开始填报")
    given = figures_of(PHONE)
    for box in cells(page).all():
        box.fill(given[box.get_attribute("data-cell") or ""])
    person.presses("保存并检查")
    person.reads("还有 2 处要处理")  # the leap, and the statement
    person.looks()
    person.follows("地区生产总值 · 2024年", within=".summary")
    page.locator("[data-explain][data-key='gdp@2024']").fill(explanation_of(PHONE))
    person.looks()
    sends(person)
    assert person.faults == []


# --- the office takes in, returns, accepts -----------------------------------------------------------------


def takes_mail_in(office: Person) -> None:
    """Take a mail in, answer it, make a return of it, and send it for the county that mailed it."""
    page = office.page
    office.goes("inbox/")
    office.looks()
    mail = {"name": "来件.eml", "mimeType": "message/rfc822", "buffer": mail_of(MAILING)}
    page.get_by_label("邮件、压缩包或填报表").set_input_files(mail)
    office.presses("收下")
    office.waits_for("已读取", within="tbody tr")
    office.looks()
    office.follows("指标数据", within="#queue")
    office.looks()
    office.presses("查看发件人, 修改回复")
    page.get_by_label("内容").fill(f"{page.get_by_label('内容').input_value()}\n请在七月底前补来盖章页。")
    office.presses("发出回复")
    office.waits_for("已发送")
    office.follows("附件1.docx")
    office.presses("转为填报草稿")
    page.get_by_label("来件已声明").check()
    office.looks("inbox")
    office.presses("代单位提交")
    office.reads("审核决定")


def returns_a_cell(office: Person) -> None:
    """Look at the queue, the board and the return, and send one cell back."""
    page = office.page
    office.goes("check/board/")
    office.looks("board")
    office.goes("check/?stage=submitted&sort=indicators")
    office.looks()
    office.follows("甲样县", within="#queue")
    page.locator("details", has=page.locator(f"[name='reason:{RETURNED}']")).locator("summary").click()
    page.locator(f"[name='reason:{RETURNED}']").fill("请核对: 是否包含输出到省外的合同")
    page.get_by_role("heading", name="填报内容").scroll_into_view_if_needed()
    office.looks("return")
    office.presses("退回")
    office.reads("已退回")
    office.looks()


def corrects(reporter: Person) -> None:
    """Read what the office asks, correct the cell and send again."""
    reporter.goes("file/")
    reporter.follows("按意见修改")
    box = reporter.page.locator(f"[data-cell='{RETURNED}']")
    expect(reporter.page.locator("[data-box]", has=box)).to_contain_text("是否包含输出到省外的合同")
    reporter.looks()
    box.fill(str(Decimal(figures_of(COUNTY)[RETURNED]) + 12))
    box.blur()
    saved(box)
    sends(reporter)


def accepts(office: Person) -> None:
    """Accept all that is sent, each after a look."""
    queue = office.page.locator("#queue tbody tr")
    for left in (3, 2, 1):
        office.goes("check/?stage=submitted")
        expect(queue).to_have_count(left)
        queue.first.get_by_role("link").click()
        office.page.get_by_label("已核对公章").check()
        office.page.get_by_role("button", name="审核通过第").click()
        expect(office.page.locator("dl.facts .tag")).to_have_text("审核通过")
    office.looks()


# --- media and experts -------------------------------------------------------------------------------------


def counts(media: Person, office: Person) -> None:
    """Let the media unit hand in its reports and propose the counts, the office approve them."""
    media.goes("opinion/")
    file = {"name": "报道清单.csv", "mimeType": "text/csv", "buffer": reports()}
    media.page.get_by_label("CSV 或 XLSX 文件").set_input_files(file)
    media.presses("上传")
    media.reads("已收下 3 条报道")
    media.page.get_by_label("清单是完整的").check()
    media.looks("opinion")
    media.presses("提出计数, 请办公室批准")
    office.goes("opinion/")
    office.looks()
    office.follows("查看并决定")
    office.looks()
    office.presses("批准, 填入舆论情况两行")
    county = office.page.locator("tbody tr", has_text=COUNTY)
    expect(county.locator("td")).to_have_text(["1", "1", "0", "1"])  # at home, then abroad, each by year


def reviews(office: Person, experts: list[Person]) -> None:
    """Screen the case, confirm its blind view, assign it, let it be scored, shortlist it."""
    page = office.page
    office.goes("review/")
    office.looks()
    office.presses("进入评审")
    office.waits_for("给专家看这张")
    for box in page.locator("[name=shown]").all():
        box.check()
    office.looks()
    office.presses("确认盲审稿")
    office.goes("review/assign/")
    office.looks()
    office.presses("确认分配")
    for expert in experts:
        scores(expert)
    office.goes("review/results/")
    office.looks()
    office.follows("001")
    page.get_by_label("入选", exact=True).check()
    page.get_by_label("理由").fill("路径清楚, 成效有数据")
    office.presses("保存决定")
    office.reads("入选")
    office.looks()


def scores(expert: Person) -> None:
    """Score the one case that was assigned; nothing on its page says whose it is."""
    page = expert.page
    expert.goes("review/")
    expert.looks()
    expert.follows("评审")
    page.get_by_label("没有", exact=True).check()
    expert.presses("回答")
    for n, box in enumerate(page.locator("[name^='points-']").all()):
        box.fill(str(7 + n % 2))
    page.get_by_label("总的意见").fill("数据来源清楚 (演示)")
    page.evaluate("scrollTo(0, 0)")
    expert.looks("score")
    assert "甲样" not in page.content() and COUNTY not in page.content()
    expert.presses("提交评分")
    expert.reads("已提交")


# --- freeze ------------------------------------------------------------------------------------------------


def closes(office: Person) -> None:
    """Take no more returns."""
    office.goes("settings/")
    office.looks()
    office.presses("停止接收填报")
    expect(office.page.locator("main .tag").first).to_have_text("已截止")


def freezes(office: Person, folder: Path) -> Path:
    """Freeze, compute on the platform, and take the data along."""
    page = office.page
    office.goes("results/")
    office.presses("冻结")
    office.looks()
    with page.expect_download() as download:
        office.follows("下载数据 (Parquet)")
    panel = folder / download.value.suggested_filename
    download.value.save_as(panel)
    office.goes("results/")
    page.get_by_label("方法", exact=True).select_option("county-2025")
    office.presses("开始计算")
    office.waits_for("已算出")
    page.locator("table", has_text="已算出").get_by_role("link", name="第 1 号").first.click()
    expect(page.locator("tbody tr", has_text=COUNTY).first).to_be_visible()
    office.looks("results")
    office.goes("results/audit/")
    office.looks()
    return panel


def computes(site: Site, panel: Path) -> None:
    """Verify the audit and compute the index of the frozen data, by the commands of the guide."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.S | re.M)
    audit, index = (shlex.split(line, comments=True)[1:] for line in block.splitlines())
    assert "没有改动" in site.platform.does("-m", "xinzhi", *audit)
    assert index.pop() == panel.name
    said = site.platform.does("-m", "xinzhi", *index, str(panel))
    ranked = re.findall(r"^ *(\d+)  (\S+) ", said, re.M)
    counties = [demonstration_unit(code) for code in (COUNTY, MAILING, *ACCEPTED)]
    assert [rank for rank, _name in ranked] == ["1", "2", "3", "4", "5"]
    assert {name for _rank, name in ranked} == {unit.name for unit in counties if unit}


# --- the walk ----------------------------------------------------------------------------------------------


def test_from_invitation_to_freeze(site: Site, browser: Browser, tmp_path: Path) -> None:
    people = {name: Person(site, browser) for name in
              ("office", "office2", "reporter", "confirmer", "media", "expert1", "expert2")}  # fmt: skip
    office, reporter, confirmer = people["office"], people["reporter"], people["confirmer"]
    office.goes("/accounts/login/")
    office.looks()
    for name, person in people.items():
        if name != "reporter":
            person.signs_in(name)
    joins(reporter, invites(office))
    files_figures(reporter)
    files_case(reporter)
    for what in ("指标数据", TITLE):
        confirms(confirmer, what)
    confirmer.looks("receipt")
    takes_mail_in(office)
    returns_a_cell(office)
    corrects(reporter)
    confirms(confirmer, "指标数据")
    accepts(people["office2"])
    counts(people["media"], office)
    reviews(office, [people["expert1"], people["expert2"]])
    closes(office)
    panel = freezes(office, tmp_path)
    for name, person in people.items():
        assert person.faults == [], name
    computes(site, panel)


# --- passkeys ------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_alone_and_after_the_password(site: Site, browser: Browser) -> None:
    person = Person(site, browser)
    # Browsers keep passkeys for names, and not for numbers.
    person.site = Site(site.address.replace("127.0.0.1", "localhost"), site.platform)
    page = person.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    authenticator = device.send("WebAuthn.addVirtualAuthenticator", {"options": key})["authenticatorId"]
    person.signs_in("media")
    person.goes("/account/")
    person.page.get_by_role("listitem").filter(has_text="通行密钥").get_by_role("link").click()
    person.looks()
    person.follows("添加通行密钥")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    person.presses("确认", within="main")
    person.looks()
    page.get_by_label("名称").fill("办公室的电脑")
    person.presses("添加通行密钥", within="main")
    person.reads("恢复码")
    person.goes("/accounts/2fa/webauthn/")
    person.reads("办公室的电脑")
    person.looks()

    # In place of the password; after it, not without it; and not by somebody else's finger.
    person.presses("退出")
    person.goes("/accounts/login/?next=/account/")
    person.looks()
    person.presses("用通行密钥", within="main")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的账号")
    person.presses("退出")
    person.goes("/accounts/login/")
    page.get_by_label("电子邮件").fill("media@example.org")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    person.presses("登录", within="main")
    expect(page.get_by_role("heading", level=1)).to_have_text("第二步验证")
    person.looks()
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    person.presses("用通行密钥", within="main")
    person.reads("没有成功")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    person.presses("用通行密钥", within="main")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的征集")
    device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})
    assert person.faults == []
