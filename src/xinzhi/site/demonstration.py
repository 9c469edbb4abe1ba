"""A platform with two campaigns of the fictitious province: last year's frozen, this year's in the middle.

Everything is done by the same operations that people use, each at its own time, so that audit, receipts and
histories are as they would be. Nothing here is real, and every page says 演示数据.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from itertools import islice
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from xinzhi.campaign.acting import Actor, acting_as, the_system
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.operations import clone, import_known_figures, move, open_from_template
from xinzhi.campaign.campaigns.queries import asked_units
from xinzhi.campaign.inbox.models import Reply
from xinzhi.campaign.inbox.operations import keep_upload
from xinzhi.campaign.inbox.replies import send as send_reply
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.opinion.operations import decide as decide_counts
from xinzhi.campaign.opinion.operations import propose as propose_counts
from xinzhi.campaign.opinion.operations import take_in as take_in_reports
from xinzhi.campaign.people.models import User
from xinzhi.campaign.people.operations import approve_body, check_character, give_role, register_body
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.places.operations import load_demonstration_units
from xinzhi.campaign.publications.choosing import Chosen, ChosenCase
from xinzhi.campaign.publications.operations import approve as approve_edition
from xinzhi.campaign.publications.operations import prepare as prepare_edition
from xinzhi.campaign.publications.operations import publish as publish_edition
from xinzhi.campaign.results.operations import computed_anew, freeze, order
from xinzhi.campaign.results.operations import propose as propose_result
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.keys import key_of, keys_of
from xinzhi.campaign.returns.material import look_at
from xinzhi.campaign.returns.models import CASE, INDICATORS, Return
from xinzhi.campaign.review.models import Assignment, BlindView, Case
from xinzhi.campaign.review.operations import (
    answer_conflict,
    answer_consent,
    ask_consent,
    assign_proposed,
    confirm_blind,
    propose_assignments,
    save_scores,
    screen,
    tell,
)
from xinzhi.campaign.review.operations import decide as decide_case
from xinzhi.campaign.review.publishable import as_published, pictures_of, publishable_cases
from xinzhi.campaign.review.rubric import rubric_of
from xinzhi.declarations import Text
from xinzhi.demonstration.mailbox import simulated_mails
from xinzhi.demonstration.returns import simulated_case, simulated_figures, simulated_picture
from xinzhi.forms import IndicatorForm, grade_of
from xinzhi.forms.writing.answers import Answer
from xinzhi.forms.writing.word import write_word
from xinzhi.language import gettext as _
from xinzhi.methodology import load_methodology
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Edition, edition_of

PASSWORD = "demonstration-2025"
"""Of every account of the demonstration, which is reached from this machine alone."""

WINDOW = timedelta(days=90)
PASSED = timedelta(days=60)
"""How much of this year's window has passed on the day on which the demonstration is built."""

_SHOWN = "990121"
"""The county whose reporter and second person are printed."""

_EXPLANATION = (
    "{title}变化较大, 原因是本年统计口径按年报调整, 依据是{unit}{year}年统计年报第{n}表, 已与统计部门逐项核对"
)
_NEWS = (
    "数字工厂投产",
    "举办新质生产力现场会",
    "专精特新企业再添新成员",
    "绿色园区通过验收",
    "科技特派员下乡",
)
_CASES_PUBLISHED = 4
_PICTURES = 24  # different ones; drawing one takes a third of a second
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_TITLES = (
    "轴承套圈智能产线改造", "光伏玻璃窑炉余热利用", "丘陵果园数字化管护", "县域算力中心建设",
    "非遗陶瓷数字工坊", "废旧动力电池梯次利用", "竹纤维模塑餐具量产", "古镇文旅智慧导览",
    "低空巡检无人机研制", "盐碱地耐盐水稻选育", "工业固废制备建材", "中药材溯源平台",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account that the demonstration prints: role, address, and what it is for."""

    role: str
    email: str
    where: str

    @property
    def title(self) -> str:
        """The role in the reader's words."""
        return str(ROLES[self.role].title)


@dataclass(frozen=True)
class Size:
    """How many counties file figures, and how many cases last year and this year's campaign have."""

    counties: int = 69
    last_cases: int = 12
    this_cases: int = 8


@dataclass
class Platform:
    """What was built."""

    last: Campaign
    this: Campaign
    accounts: list[Account] = field(default_factory=list)


class _Year:
    """A campaign at work: its people and the times at which they do things."""

    def __init__(self, campaign: Campaign, people: dict[str, User], random: Random, size: Size) -> None:
        self.campaign, self.people, self.random, self.size = campaign, people, random, size

    def simulated(self) -> Iterator[tuple[Unit, dict[tuple[str, int | None], Answer]]]:
        """Yield the counties that file, each with what it files."""
        return islice(_simulated(self.campaign), self.size.counties)

    def actor(self, who: str, moment: datetime) -> Actor:
        """Return a person at a moment."""
        return acting_as(self.people[who], moment)

    def day(self, day: float) -> datetime:
        """Return a moment so many days after the opening."""
        return self.campaign.opens_at + timedelta(days=day, seconds=self.random.randrange(20_000))


def build(
    today: datetime, progress: Callable[[str], None] = lambda what: None, *, size: Size | None = None
) -> Platform:
    """Build both campaigns in an empty database; the same day gives the same campaigns.

    Parameters
    ----------
    today : datetime
        The day on which this year's campaign stands in its middle.
    progress : callable
        Told what is being done.
    size : Size, optional
        How large; a province's by default.
    """
    size = size or Size()
    random = Random(2025)
    opens = today.replace(hour=0, minute=0, second=0, microsecond=0) - PASSED
    before = (
        opens.replace(year=opens.year - 1)
        if (opens.month, opens.day) != (2, 29)
        else opens - timedelta(days=365)
    )
    system = the_system("command", before - timedelta(days=30))
    progress("示例省")
    load_demonstration_units(system)
    last = open_from_template(
        system, "letter-2025", f"demo-{before.year}", year=before.year,
        title=f"{before.year}年度新质生产力发展研究测评 (示例省)", demonstration=True, window=(before, before + WINDOW),
    )  # fmt: skip
    this = clone(system, last, f"demo-{opens.year}", opens.year, (opens, opens + WINDOW))
    people, accounts = _people(system, last, this)
    for campaign in (last, this):
        _official_figures(system, campaign)
        move(system, campaign, "open", campaign.revision)
    progress(last.title)
    _last_year(_Year(last, people, random, size), progress)
    progress(this.title)
    _this_year(_Year(this, people, random, size), today)
    return Platform(last, this, accounts)


def published(campaign: Campaign) -> Edition:
    """Return what is published of a frozen campaign: the index that was proposed, and the cases whose unit consents.

    Its analyses are left to whoever publishes it.
    """
    result = computed_anew(campaign.computed.get(state="proposed"))
    cases = tuple(as_published(campaign, publishable_cases(campaign)))
    return edition_of([result], cases=cases, choices=Choices(analyses=()))


def _people(system: Actor, last: Campaign, this: Campaign) -> tuple[dict[str, User], list[Account]]:
    """Make an account for each role, and a reporter and a second person for every county of last year."""
    units = {unit.code: unit for unit in Unit.objects.filter(demonstration=True)}
    county = units[_SHOWN]
    shown: list[tuple[str, str, Unit | None]] = [
        ("office", "office", None),
        ("office", "office2", None),
        ("analyst", "analyst", None),
        ("reporter", "reporter", county),
        ("confirmer", "confirmer", county),
        ("reviewer", "city", county.parent),
        ("media", "media", None),
        ("expert", "expert1", None),
        ("expert", "expert2", None),
        ("expert", "expert3", None),
        ("reader", "reader", None),
        ("auditor", "auditor", None),
    ]
    people, accounts = {}, []
    for role, name, unit in shown:
        people[name] = _account(name, str(ROLES[role].title.zh))
        accounts.append(Account(role, people[name].email, unit.name if unit else ""))
        for campaign in (last, this):
            domains = [domain.id for domain in campaign.call.domains] if role == "expert" else []
            give_role(system, people[name], role, campaign, unit, domains)
    for unit in units.values():
        if unit.level == "county" and unit.code != _SHOWN:
            for role in ("reporter", "confirmer"):
                user = people[f"{role}-{unit.code}"] = _account(f"{role}-{unit.code}", unit.name)
                for campaign in (last, this):
                    give_role(system, user, role, campaign, unit)
    people[f"reporter-{_SHOWN}"], people[f"confirmer-{_SHOWN}"] = people["reporter"], people["confirmer"]
    return people, accounts


def _account(name: str, called: str) -> User:
    # One hash for all: scrypt would take minutes for two hundred accounts of which a dozen are ever used.
    user = User(email=f"{name}@demo.example", name=f"{called} (演示)", password=_password())
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@cache
def _password() -> str:
    return make_password(PASSWORD)


def _official_figures(system: Actor, campaign: Campaign) -> None:
    """Import official figures near to what will be filed: of three rows, as statistics offices publish them."""
    figures: dict[tuple[str, str, int], Decimal] = {}
    form = campaign.indicators
    for unit, filed in _simulated(campaign):
        for row in ("gdp", "population"):
            for year in form.years:
                number = filed[row, year]
                assert isinstance(number, Decimal)
                figures[unit.code, row, year] = number
    import_known_figures(system, campaign, "official", figures, "示例省统计年鉴 (演示数据)")


def _simulated(campaign: Campaign) -> Iterator[tuple[Unit, dict[tuple[str, int | None], Answer]]]:
    """Yield the units asked for figures, each with what it will file; the years go on from campaign to campaign."""
    first = (campaign.previous or campaign).indicators.years[0]
    form = campaign.indicators.model_copy(update={"years": (first, first + 1, first + 2)})
    for unit in asked_units(campaign, INDICATORS).select_related("parent__parent").order_by("code"):
        administrative = unit.administrative
        assert administrative is not None
        figures = simulated_figures(form, administrative)
        yield unit, {key: figures[key] for key in figures if key[1] in campaign.indicators.years}


# --- last year -------------------------------------------------------------------------------------------


def _last_year(year: _Year, progress: Callable[[str], None]) -> None:
    """Let every county file and be accepted, a dozen cases too, then freeze."""
    for unit, figures in year.simulated():
        filed = _filled(year, unit, figures, year.random.uniform(3, 70))
        _sent(year, filed, year.random.uniform(71, 84))
        returns.accept(
            year.actor("office", year.day(87)), _fresh(filed), _fresh(filed).revision, 1, seal_seen=True
        )
    progress(_("案例"))
    for n, (who, unit) in enumerate(_case_filers(year, year.size.last_cases)):
        filed = _case(year, who, unit, _TITLES[n % len(_TITLES)], n, year.random.uniform(10, 60))
        _case_sent(year, who, filed, 75)
        office = year.actor("office", year.day(88))
        if unit.is_body:
            approve_body(office, unit, year.campaign)
        returns.accept(office, _fresh(filed), _fresh(filed).revision, 1, seal_seen=True)
    progress(_("舆情和评审"))
    _opinion(year, 90, approve=True)
    _reviewed(year, 92)
    progress(_("冻结和计算"))
    office = year.actor("office", year.day(110))
    snapshot = freeze(office, _fresh_campaign(year.campaign))
    analyst = year.actor("analyst", year.day(111))
    made = order(analyst, snapshot, load_methodology("county-2025"))
    work_off()
    made.refresh_from_db()
    propose_result(analyst, made)
    progress(_("发布"))
    _edition(year, made.number)


def _edition(year: _Year, result: int) -> None:
    """Publish the proposed result with the first cases, approved by two people; not where no fonts are at hand."""
    office, second = year.actor("office", year.day(113)), year.actor("office2", year.day(114))
    chosen = Chosen(
        title=Text(
            zh=year.campaign.title,
            en=f"New quality productive forces of a fictitious province, {year.campaign.year}",
        ),
        results=(result,),
        cases=tuple(
            ChosenCase(id=case.id, version=case.version)
            for case in publishable_cases(year.campaign)[:_CASES_PUBLISHED]
        ),
        licence="CC-BY-4.0",
        publisher="示例省征集办公室 (演示)",
        day=office.now.date(),
    )
    edition = prepare_edition(office, year.campaign, chosen)
    work_off()
    edition.refresh_from_db()
    if edition.state == "built":
        for actor in (office, second):
            approve_edition(actor, edition, edition.digest)
        publish_edition(second, edition, edition.digest)


def _filled(year: _Year, unit: Unit, figures: Mapping[tuple[str, int | None], Answer], day: float) -> Return:
    """Fill the indicator form in, explain what has to be, and state that nothing is secret."""
    actor = year.actor(f"reporter-{unit.code}", year.day(day))
    filed = returns.start(actor, year.campaign, unit, INDICATORS)
    form = filed.declared
    assert isinstance(form, IndicatorForm)
    texts = {
        key_of(row, year_): str(number)
        for (row, year_), number in figures.items()
        if key_of(row, year_) in set(keys_of(form))
    }
    returns.save_cells(actor, filed, texts, {})
    _explained(actor, filed, unit)
    returns.state_not_secret(actor, filed, True)
    return _fresh(filed)


def _explained(actor: Actor, filed: Return, unit: Unit) -> None:
    for n, finding in enumerate(returns.findings_of(filed), start=1):
        if grade_of(finding) == "explain":
            field = filed.campaign.indicators.figure(finding.field) if finding.field else None
            text = _EXPLANATION.format(
                title=field.title.zh if field else "", year=finding.year, unit=unit.full_name, n=n
            )
            returns.explain(actor, filed, finding.rule, returns.finding_key(finding), text)


def _sent(year: _Year, filed: Return, day: float) -> None:
    """Send by the reporter, confirm by the second person."""
    code = filed.unit.code
    filed = returns.send(year.actor(f"reporter-{code}", year.day(day)), filed, _fresh(filed).revision)
    returns.confirm(year.actor(f"confirmer-{code}", year.day(day + 1)), filed, filed.revision)


# --- cases -----------------------------------------------------------------------------------------------


def _case_filers(year: _Year, count: int) -> Iterator[tuple[str, Unit]]:
    """Yield who files cases: by turns a county and an enterprise in it, which registers itself."""
    counties = list(asked_units(year.campaign, CASE).filter(level="county").order_by("code"))[::3]
    for n in range(count):
        county = counties[n // 2 % len(counties)]
        if n % 2 == 0:
            yield f"reporter-{county.code}", county
            continue
        name, who = f"示例省{county.name}样品企业{n:02d}有限公司", f"body-{n}"
        if who not in year.people:
            year.people[who] = _account(who, name)
        actor = year.actor(who, year.day(2))
        yield who, register_body(actor, year.campaign, name, _credit_code(n), county)


def _credit_code(n: int) -> str:
    """Return a credit code of no real body: the code of its place begins with 99."""
    code = f"91990121MA{n:07d}"
    return code + check_character(code)


def _case(year: _Year, who: str, unit: Unit, title: str, n: int, day: float) -> Return:
    """Write a case with three pictures, two pieces of evidence and a scan of the seal."""
    actor = year.actor(who, year.day(day))
    filed = returns.start(actor, year.campaign, unit, CASE)
    form = year.campaign.case
    texts = {field: str(text) for (field, _none), text in simulated_case(form, unit.name, title).items()}
    if unit.is_body and unit.parent:
        texts |= {"recommender": unit.parent.full_name, "recommender_contact": "张三样例",
                  "recommender_phone": "010-00000000", "recommender_address": "示例省样例市样例路1号",
                  "recommender_email": "sample@example.com"}  # fmt: skip
    returns.save_cells(actor, filed, texts, {})
    for k in range(3):
        picture = simulated_picture(1000 + (3 * n + k) % _PICTURES)
        at = replace(
            actor, now=actor.now + timedelta(minutes=k)
        )  # pictures stand in the order of their times
        _attached(at, filed, "picture", f"图{k + 1}.jpg", picture, f"图{k + 1} {title}现场 (演示)")
    for name in texts["evidence"].splitlines():
        _attached(actor, filed, "evidence", f"{name}.pdf", _PDF)
    _attached(actor, filed, "scan", "盖章扫描件.pdf", _PDF)
    returns.state_not_secret(actor, filed, True)
    return _fresh(filed)


def _attached(actor: Actor, filed: Return, sort: str, name: str, data: bytes, caption: str = "") -> None:
    looked = look_at(filed, sort, name, data)
    returns.attach(actor, filed, sort, name, data, caption=caption, kind=looked.kind, facts=looked.facts)


def _case_sent(year: _Year, who: str, filed: Return, day: float) -> None:
    """Send a case; a body files for itself, so its second person is one of its own too."""
    sender = year.actor(who, year.day(day))
    for n, finding in enumerate(returns.findings_of(filed), start=1):
        if grade_of(finding) == "explain":
            text = f"{filed.title}第{n}处: 数据来自{filed.unit.name}的检测记录, 已逐项核对, 依据见附件"
            returns.explain(sender, filed, finding.rule, returns.finding_key(finding), text)
    filed = returns.send(sender, filed, _fresh(filed).revision)
    if filed.state == "confirming":
        second = f"second-{filed.unit.code}"
        if second not in year.people:
            year.people[second] = _account(second, f"{filed.unit.name}复核人")
        give_role(
            the_system("command", sender.now), year.people[second], "confirmer", year.campaign, filed.unit
        )
        returns.confirm(year.actor(second, sender.now + timedelta(days=1)), filed, filed.revision)


# --- opinion, review, mail -------------------------------------------------------------------------------


def _opinion(year: _Year, day: float, *, approve: bool) -> None:
    """Let the media unit hand in a list of reports and propose the counts; last year the office approved them."""
    form = year.campaign.indicators
    lines = ["标题,媒体,日期,语种,链接"]
    for n, unit in enumerate(
        asked_units(year.campaign, INDICATORS).select_related("parent__parent").order_by("code")
    ):
        for k in range(n % 4):
            of, foreign = form.years[k % len(form.years)], k == 2
            outlet, language = ("Demo Tribune", "英文") if foreign else ("示例日报", "中文")
            link = f"https://news.example.org/{of}/{unit.code}-{k}"
            lines.append(
                f"{unit.full_name}{_NEWS[(n + k) % len(_NEWS)]},{outlet},{of}-0{k + 3}-1{n % 9},{language},{link}"
            )
    media = year.actor("media", year.day(day))
    take_in_reports(media, year.campaign, "报道清单.csv", "\n".join(lines).encode())
    if approve:
        proposal = propose_counts(media, year.campaign, complete=True)
        decide_counts(year.actor("office", year.day(day + 1)), proposal, approve=True)


def _reviewed(year: _Year, day: float) -> None:
    """Take the cases through the review: blind, assigned, scored, decided, consented."""
    office = year.actor("office", year.day(day))
    for filed in Return.objects.filter(campaign=year.campaign, sort=CASE, state="accepted").order_by(
        "made_at"
    ):
        screen(office, filed, "in")
    work_off()  # the pictures of the blind views
    for view in BlindView.objects.filter(case__campaign=year.campaign):
        confirm_blind(office, view, view.revision)
    plan = propose_assignments(office, year.campaign)
    assign_proposed(office, year.campaign, [(pair.case, pair.expert) for pair in plan.proposed])
    for assignment in (
        Assignment.objects.filter(case__campaign=year.campaign).select_related("expert").order_by("pk")
    ):
        expert = acting_as(assignment.expert, year.day(day + 3))
        answered = answer_conflict(expert, assignment, False)
        merit = Random(f"merit {assignment.case_id}").randrange(4, 9)
        points = {
            s.id: min(10, max(0, merit + year.random.randrange(-1, 2)))
            for s in rubric_of(year.campaign).sections
        }
        save_scores(expert, answered, points, {}, "数据来源清楚 (演示)", answered.revision, submit=True)
    for n, case in enumerate(Case.objects.filter(campaign=year.campaign).order_by("number")):
        late = year.actor("office", year.day(day + 8))
        if n % 3 == 2:
            decide_case(late, case, "not", "成效部分缺少前后对比的数据")
            continue
        decide_case(late, case, "shortlisted", "路径清楚, 成效有数据", exemplary=n % 4 == 0)
        ask_consent(late, case)
        rights = dict.fromkeys(pictures_of(case), ("own", ""))
        answer_consent(late, case, "given", case.filed.version, rights)
    tell(year.actor("office", year.day(day + 8)), year.campaign)


def _mails(year: _Year, passed: float) -> None:
    """Let mails come in: figures of a county without an online copy and of one with, a late link, a bomb, a mark of
    secrecy. The first is answered; the replies to the others wait as drafts.
    """
    office, form = year.actor("office", year.day(passed - 1)), year.campaign.indicators
    simulated = dict(year.simulated())
    begun = {
        f.unit for f in Return.objects.filter(campaign=year.campaign, state="draft").select_related("unit")
    }
    without = [
        unit for unit in simulated if not Return.objects.filter(campaign=year.campaign, unit=unit).exists()
    ]
    with_copy = [unit for unit in simulated if unit in begun and unit.code != _SHOWN]
    for n, unit in enumerate([without[0], with_copy[0]]):
        file = io.BytesIO()
        write_word(form, dict(simulated[unit]), file, unit=unit.administrative, demonstration=True)
        mail = EmailMessage()
        mail["Subject"] = f"指标数据+{unit.full_name}人民政府+张三样例+010-00000000"
        mail["From"], mail["To"] = f"sample{n}@example.com", "office@demo.example"
        mail["Message-ID"] = f"<demo-{n}@example.com>"
        mail.set_content("演示数据。材料见附件, 请查收。")
        mail.add_attachment(
            file.getvalue(),
            maintype="application",
            subtype="octet-stream",
            filename=f"附件1 {unit.name}.docx",
        )
        received = format_datetime(year.day(passed - 5 + n))
        head = f"Received: from mail.example.com by mx.example.org; {received}\r\n".encode()
        keep_upload(office, year.campaign, f"{n + 1}.eml", head + mail.as_bytes(policy=SMTP))
    for simulated_mail in simulated_mails():
        if simulated_mail.name.startswith(("12-", "14-", "15-")):
            keep_upload(office, year.campaign, f"{simulated_mail.name}.eml", simulated_mail.data)
    work_off()
    reply = Reply.objects.get(arrival__campaign=year.campaign, arrival__name="1.eml")
    send_reply(office, reply, reply.revision)
    work_off()


def _fresh(filed: Return) -> Return:
    return Return.objects.select_related("campaign", "unit").get(pk=filed.pk)


def _fresh_campaign(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign


# --- this year -------------------------------------------------------------------------------------------


# How far the counties are, in the order of their codes, again and again. The shown county comes first and has begun.
_STAGES = (
    "begun", "accepted", "submitted", "accepted", "returned", "confirming", "none", "accepted", "begun", "submitted",
    "accepted", "sent again", "none", "accepted", "submitted", "begun", "declined", "accepted", "withdrawn", "none",
)  # fmt: skip


def _this_year(year: _Year, today: datetime) -> None:
    """Leave returns in every state, so that each page has something to show."""
    passed = (today - year.campaign.opens_at) / timedelta(days=1)
    for n, (unit, figures) in enumerate(year.simulated()):
        stage = _STAGES[n % len(_STAGES)]
        if stage == "none":
            continue
        begun = year.random.uniform(0.1, 0.4) * passed
        if stage == "begun":
            some = dict(list(figures.items())[: year.random.randrange(6, 20)])
            _begun(year, unit, some, begun)
            continue
        filed = _filled(year, unit, figures, begun)
        _moved_on(year, filed, stage, begun, passed)
    _mails(year, passed)
    _opinion(year, passed - 2, approve=False)
    for n, (who, unit) in enumerate(_case_filers(year, year.size.this_cases)):
        filed = _case(year, who, unit, _TITLES[-1 - n % len(_TITLES)], n + 1, passed / 3)
        if n % 4 == 3:
            continue  # still being written
        _case_sent(year, who, filed, passed / 2)
        if n % 4 < 2:
            office = year.actor("office", year.day(passed / 2 + 4))
            if unit.is_body:
                approve_body(office, unit, year.campaign)
            returns.accept(office, _fresh(filed), _fresh(filed).revision, 1, seal_seen=True)


def _begun(year: _Year, unit: Unit, figures: Mapping[tuple[str, int | None], Answer], day: float) -> Return:
    """Begin to fill in; of the shown county two people have typed different figures into one cell."""
    reporter = year.actor(f"reporter-{unit.code}", year.day(day))
    filed = returns.start(reporter, year.campaign, unit, INDICATORS)
    askable = set(keys_of(filed.declared))
    texts = {
        key_of(row, of): str(number) for (row, of), number in figures.items() if key_of(row, of) in askable
    }
    returns.save_cells(reporter, filed, texts, {})
    if unit.code == _SHOWN:
        later = year.actor("reporter", year.day(day + 1))
        key = next(iter(texts))
        returns.save_cell(
            later, filed, key, str(Decimal(texts[key]) * 10), 1
        )  # a slip, which the checks find
        returns.save_cell(later, filed, key, str(Decimal(texts[key]) + 1), 1)  # from another tab: a conflict
    return filed


def _moved_on(year: _Year, filed: Return, stage: str, begun: float, passed: float) -> None:
    """Take a complete draft as far as its stage."""
    code, half = filed.unit.code, begun + (passed - begun) / 2
    reporter = year.actor(f"reporter-{code}", year.day(half))
    if stage == "confirming":
        returns.send(reporter, filed, filed.revision)
        return
    _sent(year, filed, half)
    filed = _fresh(filed)
    office = year.actor("office", year.day(half + 3))
    match stage:
        case "accepted":
            returns.accept(office, filed, filed.revision, 1, seal_seen=True)
        case "returned" | "sent again":
            cell = key_of("technology_contracts", filed.campaign.indicators.years[-1])
            filed = returns.send_back(
                office, filed, filed.revision, {cell: "请核对: 是否包含输出到省外的合同"}
            )
            if stage == "sent again":
                again = year.actor(f"reporter-{code}", year.day(half + 5))
                before = filed.cells.get(key=cell)
                returns.save_cell(again, filed, cell, str(Decimal(before.text) + 12), before.revision)
                _explained(again, filed, filed.unit)
                _sent(year, filed, half + 6)
        case "declined":
            returns.take_step(office, filed, "decline", filed.revision, "与另一份填报重复")
        case "withdrawn":
            later = year.actor(f"reporter-{code}", year.day(half + 2))
            returns.take_step(later, filed, "withdraw", filed.revision, "单位合并, 由新单位填报")
