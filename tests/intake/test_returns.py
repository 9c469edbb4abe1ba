"""From delivery to return: one record whatever happens, the same however often, and a reply that says what to do."""

from __future__ import annotations

import email
import email.policy
import mailbox
import os
import random
import signal
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.intake import archives, mails
from tests.intake.readers import NOW, case, indicators, services
from xinzhi.errors import CallError
from xinzhi.forms import Finding, load_call
from xinzhi.forms.checks import check as forms_check
from xinzhi.intake.opening import MOST_FILES
from xinzhi.intake.records import Return
from xinzhi.intake.replies import beijing, may_send, reply_texts
from xinzhi.intake.returns import Office, intake, take_in
from xinzhi.intake.sources import Delivery, Incoming, deliveries, mail_delivery, require, upload
from xinzhi.intake.store import Reply, Store

CALL = load_call()
SUBJECT = "数据+昆山市统计局+张三样例+13800000000"
CASE_SUBJECT = "绿色工厂+示例科技有限公司+李四样例+13800000000"
CHINA = timezone(timedelta(hours=8))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store") as store:
        yield store


def taken(store, data, *, name="1.eml", office=None, **changes) -> Return:
    delivery = data if isinstance(data, Delivery) else mail_delivery(data, name)
    return take_in(delivery, call=CALL, store=store, services=services(**changes), office=office)


def rules_of(made):
    return [finding.rule for finding in made.all_findings()]


def letter_of(store, made):
    (reply,) = [reply for reply in store.replies() if reply.delivery == made.id]
    return email.message_from_bytes(reply.path.read_bytes(), policy=email.policy.default)


GOOD = mails.delivery(("附件1.csv", indicators("昆山市")), subject=SUBJECT)


# --- what becomes of a delivery ---------------------------------------------------------------------------


def test_an_ordinary_mail_is_understood(store):
    made = taken(store, GOOD)
    assert (made.status, made.match.unit, rules_of(made)) == ("understood", "320583", [])
    assert [(item.path, item.sorting.sort) for item in made.items] == [
        ("1.eml", "mail"),
        ("附件1.csv", "indicators"),
    ]
    assert made.received == datetime(2025, 7, 1, 10, 0, 5, tzinfo=CHINA)
    value, source = next((value, source) for value, source in made.values() if value.field == "gdp")
    assert (str(value.number), value.place.row) == ("100.50", 2)
    assert store.path(source.sha256).read_bytes() == indicators("昆山市")
    assert (source.delivery, source.path, source.form) == (made.id, "附件1.csv", "letter-2025/indicators@1")


def test_everything_a_case_comes_with(store):
    pack = archives.zipped(
        {"案例/附件2.txt": case(), "案例/图1.jpg": b"\xff\xd8\xff1", "案例/盖章扫描件.pdf": b"%PDF-1.4",
         "案例/检测报告.pdf": b"%PDF-1.5"}, encoding="gbk"
    )  # fmt: skip
    seen = {}

    def check_delivery(form, reading, pictures, evidence, /, *, seal_scan):
        seen.update(evidence=list(evidence), seal=seal_scan)
        return ()

    made = taken(
        store, mails.delivery(("材料.zip", pack), subject=CASE_SUBJECT), check_delivery=check_delivery
    )
    assert [(item.path, item.sorting.sort) for item in made.items] == [
        ("1.eml", "mail"), ("材料.zip", "archive"), ("材料.zip/案例/附件2.txt", "case"),
        ("材料.zip/案例/图1.jpg", "picture"), ("材料.zip/案例/盖章扫描件.pdf", "seal"),
        ("材料.zip/案例/检测报告.pdf", "evidence"),
    ]  # fmt: skip
    assert seen == {"evidence": ["材料.zip/案例/检测报告.pdf"], "seal": True}
    assert (made.status, made.match.body) == ("understood", "示例科技有限公司")


def test_a_form_inside_a_forwarded_mail(store):
    data = mails.mail(
        mails.divided(mails.text_part("转发"), mails.message_part(GOOD, "原件.eml")),
        subject="转发: " + SUBJECT,
    )
    made = taken(store, data)
    assert [item.path for item in made.items] == ["1.eml", "原件.eml", "原件.eml/附件1.csv"]
    assert (made.status, made.match.unit) == ("understood", "320583")


def test_every_mail_of_an_mbox_that_is_attached_is_opened(store):
    box = mails.mbox(GOOD, mails.delivery(("附件2.txt", case()), subject=CASE_SUBJECT))
    made = taken(store, mails.delivery(("a.mbox", box), subject=SUBJECT))
    assert [item.path for item in made.items] == [
        "1.eml", "a.mbox", "a.mbox/1.eml", "a.mbox/1.eml/附件1.csv", "a.mbox/2.eml", "a.mbox/2.eml/附件2.txt",
    ]  # fmt: skip
    assert [item.path for item, _reading in made.readings()] == [
        "a.mbox/1.eml/附件1.csv",
        "a.mbox/2.eml/附件2.txt",
    ]


def test_a_line_of_text_divides_no_mail(store):
    text = "x\n\nFrom sender@example.com Tue Jul  1 10:00:00 2025\n以下为正文"
    plain = mails.header("Content-Type", "text/plain; charset=utf-8") + b"\r\n" + text.encode()
    data = b"From a@example.com Tue Jul  1 10:00:00 2025\n" + mails.mail(
        mails.divided(plain, mails.file_part("附件1.csv", indicators())), subject=SUBJECT
    ).replace(b"\r\n", b"\n")
    made = taken(store, data)
    assert [item.path for item in made.items] == ["1.eml", "附件1.csv"]


def test_mails_in_mails_in_mails(store):
    data = GOOD
    for _level in range(5):
        data = mails.mail(mails.divided(mails.message_part(data)), subject=SUBJECT)
    assert "mail.forwarded_too_deep" in rules_of(taken(store, data))


def sent(*files, unit="昆山市", **options):
    return mails.delivery(*files, **{"subject": SUBJECT.replace("昆山市", unit), **options})


STATUS = {
    "nobody known": (sent(("1.csv", indicators()), subject="数据"), "question", "units.unknown"),
    "a homonym": (sent(("1.csv", indicators()), unit="鼓楼区"), "question", "units.homonyms"),
    "a district": (sent(("1.csv", indicators()), unit="海淀区"), "question", "units.district_indicators"),
    "hostile file": (sent(("1.csv", b"HOSTILE")), "quarantine", "package.ratio"),
    "hostile archive": (sent(("1.zip", archives.lying(1_000_000))), "quarantine", "package.lying_size"),
    "hostile mail": (mails.many_parts(2000), "quarantine", "mail.too_many_parts"),
    "a fault of ours": (sent(("1.csv", b"CRASH")), "quarantine", "package.failed"),
    "late": (sent(("1.csv", indicators()), received="by x; Mon, 01 Sep 2025 00:00:00 +0800"), "late", "timing.late"),
    "early": (sent(("1.csv", indicators()), received="by x; Mon, 02 Jun 2025 23:59:59 +0800"), "late", "timing.early"),
    "no form": (sent(("说明.pdf", b"%PDF-1.4")), "understood", "package.nothing_readable"),
    "rar": (sent(("1.rar", b"Rar!\x1a\x07\x00")), "understood", "package.rar"),
    "7z": (sent(("1.7z", b"7z\xbc\xaf\x27\x1c")), "understood", "package.sevenzip"),
    "tar": (sent(("1.tar", bytes(257) + b"ustar" + bytes(250))), "understood", "package.other_archive"),
    "encrypted": (sent(("1.zip", archives.archive(archives.Entry(b"a", b"1", flags=1)))), "understood", "package.encrypted"),
    "empty file": (sent(("1.docx", b"")), "understood", "package.no_content"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "status", "rule"), STATUS.values(), ids=STATUS)
def test_there_is_one_record_whatever_happens(store, data, status, rule):
    made = taken(store, data)
    assert made.status == status
    assert rule in rules_of(made)
    assert store.get(made.id) == made
    assert [each.id for each in store.returns()] == [made.id]
    assert store.path(made.sha256).read_bytes() == data


def test_the_last_second_of_the_window_is_in_time(store):
    received = "by x; Sun, 31 Aug 2025 23:59:59 +0800"
    assert (
        taken(store, mails.delivery(("1.csv", indicators()), subject=SUBJECT, received=received)).status
        == "understood"
    )


def test_an_extended_window(store):
    received = "by x; Tue, 02 Sep 2025 10:00:00 +0800"
    office = Office(extended={"320583": datetime(2025, 9, 3, tzinfo=CHINA)})
    data = mails.delivery(("1.csv", indicators()), subject=SUBJECT, received=received)
    assert taken(store, data, office=office).status == "understood"


def test_a_damaged_attachment_is_not_read(store):
    part = mails.file_part("1.csv", b"").rstrip() + b"\r\n\r\n" + b"*" + mails.wrapped(indicators())
    made = taken(store, mails.mail(mails.divided(mails.text_part("x"), part), subject=SUBJECT))
    assert list(made.readings()) == []
    assert "mail.damaged_attachment" in rules_of(made)


def test_what_checks_find_has_its_file(store):
    made = taken(store, mails.delivery(("1.csv", indicators("昆山市", "2000")), subject=SUBJECT))
    assert [(f.rule, f.place.file) for f in made.all_findings()] == [("numbers.grouped", "1.csv")]


def test_all_originals_are_kept_even_of_what_is_refused(store):
    for data, _status, _rule in STATUS.values():
        taken(store, data)
        assert data in {path.read_bytes() for path in (store.folder / "blobs").glob("*/*")}


def test_two_attachments_of_one_name_are_two_items(store):
    made = taken(store, mails.delivery(("1.csv", indicators("昆山市")), ("1.csv", b"x"), subject=SUBJECT))
    assert [item.path for item in made.items] == ["1.eml", "1.csv", "1 (2).csv"]


def test_more_files_than_are_read_are_said(store):
    made = taken(
        store, mails.delivery(*[(f"{n}.bin", b"\0%d" % n) for n in range(MOST_FILES)], subject=SUBJECT)
    )
    assert "package.left_unread" in rules_of(made)
    assert (len(made.items), made.status) == (MOST_FILES, "question")


# --- the same again ---------------------------------------------------------------------------------------


def state_of(folder: Path):
    with Store(folder) as store:
        records = [made.model_dump_json() for made in store.returns()]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for part in ("blobs", "drafts")
                 for path in (folder / part).rglob("*") if path.is_file() and not path.name.startswith(".")}  # fmt: skip
        return (
            sorted(records),
            files,
            [reply._replace(path=None) for reply in store.replies()],
            store.open_deliveries(),
        )


def test_the_same_input_changes_nothing(tmp_path):
    box = tmp_path / "box.mbox"
    box.write_bytes(mails.mbox(GOOD, STATUS["a homonym"][0], STATUS["rar"][0]))
    for _time in range(2):
        with Store(tmp_path / "store") as store:
            summary = intake(deliveries(box), call=CALL, store=store, services=services())
    assert (summary.met, summary.new) == (3, 0)
    before = state_of(tmp_path / "store")
    with Store(tmp_path / "store") as store:
        intake(deliveries(box), call=CALL, store=store, services=services())
    assert state_of(tmp_path / "store") == before
    assert len(before[0]) == 3


def test_the_same_mail_from_two_mailboxes_is_one(store):
    first = taken(store, GOOD)
    from_imap = Delivery("mail", "imap:7/12", "12", (Incoming("12.eml", GOOD),), NOW, "transport")
    again = taken(store, from_imap)
    assert (again.status, again.original) == ("duplicate", first.id)
    assert len(store.replies()) == 1


def test_a_mail_without_files_repeats_another_only_with_its_subject(store):
    first = taken(store, mails.mail(subject=SUBJECT))
    again = taken(store, b"X-Folder: 2\r\n" + mails.mail(subject=SUBJECT))
    other = taken(store, mails.mail(subject="更正: " + SUBJECT))
    assert [(each.status, each.original) for each in (first, again, other)] == [
        ("understood", ""),
        ("duplicate", first.id),
        ("understood", ""),
    ]


def test_a_mail_with_other_trace_lines_is_the_same_mail(store):
    first = taken(store, GOOD)
    again = taken(store, b"X-Folder: 2\r\n" + GOOD)
    assert (again.status, again.original) == ("duplicate", first.id)
    changed = taken(store, mails.delivery(("附件1.csv", indicators("昆山市", "7")), subject=SUBJECT))
    assert (changed.status, changed.original, rules_of(changed)) == (
        "question",
        "",
        ["package.figures_changed"],
    )


def test_a_file_that_came_before_is_said_and_kept_once(store):
    first = taken(store, GOOD)
    again = taken(
        store,
        mails.delivery(("附件1.csv", indicators("昆山市")), subject=SUBJECT, message_id="<2@example.com>"),
    )
    (finding,) = again.all_findings()
    assert (finding.rule, finding.facts["receipt"]) == ("package.sent_before", first.id)
    assert again.items[1].sha256 == first.items[1].sha256


def test_the_mail_kept_is_read_only(store):
    taken(store, GOOD)
    assert {path.stat().st_mode & 0o777 for path in (store.folder / "blobs").glob("*/*")} == {0o444}


def start(box, folder) -> int:
    """Take the mailbox in, in a process of its own."""
    child = os.fork()
    if child:
        return child
    try:
        with Store(folder) as store:
            intake(deliveries(box), call=CALL, store=store, services=services())
        os._exit(0)
    except BaseException:
        os._exit(1)


def ended(child: int) -> int:
    """Wait for a process; return what it exited with, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def box(tmp_path):
    path = tmp_path / "box.mbox"
    many = [
        mails.delivery(
            ("附件1.csv", indicators("昆山市", str(number))), ("图1.jpg", b"\xff\xd8\xff" + os.urandom(2_000)),
            subject=SUBJECT, message_id=f"<{number}@example.com>",
        )
        for number in range(16)
    ]  # fmt: skip
    path.write_bytes(mails.mbox(*many))
    return path


def test_a_kill_at_any_point_loses_and_doubles_nothing(tmp_path, box):
    with Store(tmp_path / "whole") as store:
        intake(deliveries(box), call=CALL, store=store, services=services())
    chance = random.Random(7)
    kills = 0
    for _attempt in range(12):
        child = start(box, tmp_path / "killed")
        time.sleep(chance.uniform(0.0, 0.06))
        os.kill(child, signal.SIGKILL)
        kills += ended(child) == -signal.SIGKILL
    assert ended(start(box, tmp_path / "killed")) == 0
    assert kills > 3
    assert state_of(tmp_path / "killed") == state_of(tmp_path / "whole")


def test_two_processes_at_once_make_one_record_each(tmp_path, box):
    with Store(tmp_path / "whole") as store:
        intake(deliveries(box), call=CALL, store=store, services=services())
    children = [start(box, tmp_path / "both") for _process in range(2)]
    assert [ended(child) for child in children] == [0, 0]
    assert state_of(tmp_path / "both") == state_of(tmp_path / "whole")


def test_processes_that_make_a_store_at_once_share_it(tmp_path):
    (tmp_path / "box.mbox").write_bytes(mails.mbox(GOOD))
    for number in range(8):
        children = [start(tmp_path / "box.mbox", tmp_path / str(number)) for _process in range(3)]
        assert [ended(child) for child in children] == [0, 0, 0]


def test_what_is_no_store_is_said(tmp_path):
    (tmp_path / "intake.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(CallError):
        Store(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CallError):
        Store(tmp_path / "file")


# --- several returns of a filer ---------------------------------------------------------------------------


def mail_of(unit, gdp, number, sender="张三样例 <zhangsan@example.com>", name="附件1.csv"):
    return mails.delivery(
        (name, indicators("", gdp)),
        subject=SUBJECT.replace("昆山市", unit), message_id=f"<{number}@example.com>", sender=sender,
    )  # fmt: skip


def test_other_figures_of_the_same_unit_are_a_question_that_names_the_other_return(store):
    first = taken(store, mail_of("昆山市", "1", 1))
    second = taken(store, mail_of("昆山市", "2", 2, "李四样例 <lisi@example.com>"))
    (finding,) = second.all_findings()
    assert (second.status, finding.rule) == ("question", "package.figures_changed")
    assert finding.facts == {"receipts": first.id}
    assert rules_of(taken(store, mail_of("太仓市", "3", 3))) == []


def test_the_form_of_another_unit_is_a_question_and_its_receipt_stays_here(store):
    first = taken(store, mail_of("昆山市", "1", 1))
    second = taken(store, mail_of("太仓市", "1", 2, "李四样例 <lisi@example.com>"))
    assert (second.status, rules_of(second)) == (
        "question",
        ["package.sent_before", "package.form_of_another"],
    )
    assert {finding.facts["receipt"] for finding in second.all_findings()} == {first.id}
    text = letter_of(store, second).get_content()
    assert first.id not in text
    assert "与先前另一来件收到的文件完全相同" in text


def test_a_form_that_is_named_after_another_unit(store):
    made = taken(store, mail_of("太仓市", "1", 1, name="昆山市附件1.csv"))
    assert (made.status, rules_of(made)) == ("question", ["units.conflict"])


@pytest.mark.parametrize("city", ["东莞市", "嘉峪关市"])
def test_a_city_that_is_not_admitted_waits_for_a_person(store, city):
    made = taken(store, mail_of(city, "1", 1))
    assert (made.status, rules_of(made)) == ("question", ["units.not_admitted"])
    admitted = Office(admitted=[made.match.unit])
    assert taken(store, mail_of(city, "1", 2), office=admitted).status == "understood"


def test_a_guessed_seal_is_evidence_and_no_seal(store):
    seen = {}

    def check_delivery(form, reading, pictures, evidence, /, *, seal_scan):
        seen.update(evidence=list(evidence), seal=seal_scan)
        return ()

    data = mails.delivery(
        ("案例.txt", case()),
        ("附件1.pdf", b"%PDF-1"),
        ("典型案例填报表.pdf", b"%PDF-2"),
        subject=CASE_SUBJECT,
    )
    taken(store, data, check_delivery=check_delivery)
    assert seen == {"evidence": ["附件1.pdf", "典型案例填报表.pdf"], "seal": False}


# --- the cases of a unit ----------------------------------------------------------------------------------


def figures_mail(cases, number=""):
    return mails.delivery(
        ("附件1.csv", indicators("昆山市", cases=cases)),
        subject=SUBJECT,
        message_id=f"<f{number}@example.com>",
    )


def case_mail(number, filer="示例科技有限公司", title="绿色工厂", recommender="", unit="", more=()):
    subject = CASE_SUBJECT.replace("示例科技有限公司", unit or filer)
    files = [("附件2.txt", case(filer, title, recommender)), *more]
    return mails.delivery(*files, subject=subject, message_id=f"<{number}@example.com>")


RECOMMENDED = case_mail(1, recommender="昆山市人民政府")
# Mails beside the figures of 昆山市, and how many cases 昆山市 filed or recommended with them: by hand.
COUNTED = {
    "none": ([], 0),
    "recommended": ([RECOMMENDED], 1),
    "filed by the unit": ([case_mail(1, "昆山市人民政府")], 1),
    "of a firm alone": ([case_mail(1)], 0),
    "recommended by another": ([case_mail(1, recommender="太仓市人民政府")], 0),
    "a homonym recommends": ([case_mail(1, recommender="鼓楼区人民政府")], 0),
    "two": ([RECOMMENDED, case_mail(2, "示例材料有限公司", recommender="昆山市人民政府")], 2),
    "two of one firm": ([RECOMMENDED, case_mail(2, title="智能工厂", recommender="昆山市人民政府")], 2),
    "a newer version": ([RECOMMENDED, case_mail(2, title="绿色 工厂", recommender="昆山市")], 1),
    "the same mail again": ([RECOMMENDED, b"X-Folder: 2\r\n" + RECOMMENDED], 1),
    "in quarantine": ([case_mail(1, recommender="昆山市", more=[("2.csv", b"HOSTILE")])], 0),
    "two in one mail": (
        [case_mail(1, recommender="昆山市", more=[("2.txt", case("示例材料有限公司", "节水", "昆山市"))])],
        2,
    ),
}


@pytest.mark.parametrize("first", [True, False], ids=["figures first", "figures last"])
@pytest.mark.parametrize(("others", "count"), COUNTED.values(), ids=COUNTED)
def test_cases_are_counted_in_whatever_order_they_come(store, others, count, first):
    for number, stated in enumerate((count, count + 1)):
        figures = figures_mail(str(stated), number)
        order = [figures, *others] if first else [*others, figures]
        found = [mail_delivery(data, f"{n}.eml") for n, data in enumerate(order)]
        intake(found, call=CALL, store=store, services=services(check=forms_check))
        (made,) = [made for made in store.returns() if made.message_id == f"<f{number}@example.com>"]
        told = [f for f in made.all_findings() if f.rule == "figures.cases_differ"]
        assert [(f.place.file, f.facts) for f in told] == (
            [] if stated == count else [("附件1.csv", {"number": str(stated), "count": count})]
        )
        text = letter_of(store, made).get_content()
        assert (f"填写了 {stated} 个案例，本单位填报或推荐的案例共 {count} 个" in text) == (stated != count)


def test_a_case_that_comes_in_a_later_run_is_counted_and_a_reply_that_went_out_stays(store):
    def run(*order):
        found = [mail_delivery(data, f"{n}.eml") for n, data in enumerate(order)]
        intake(found, call=CALL, store=store, services=services(check=forms_check))
        return {
            each.message_id: (rules_of(each), letter_of(store, each).get_content())
            for each in store.returns()
        }

    rules, text = run(figures_mail("1"))["<f@example.com>"]
    assert "figures.cases_differ" in rules
    (made,) = store.returns()
    store.mark_sent(made.id, NOW)
    later = run(figures_mail("1"), RECOMMENDED)
    assert later["<f@example.com>"] == ([rule for rule in rules if rule != "figures.cases_differ"], text)
    before = state_of(store.folder)
    run(figures_mail("1"), RECOMMENDED)
    assert state_of(store.folder) == before


# --- sources ----------------------------------------------------------------------------------------------


def test_a_folder_with_everything(tmp_path):
    (tmp_path / "1.eml").write_bytes(GOOD)
    (tmp_path / "2.docx").write_bytes(b"x")
    (tmp_path / "3.mbox").write_bytes(mails.mbox(GOOD, mails.mail(subject="b")))
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "empty").mkdir()
    (tmp_path / "昆山市" / "图片").mkdir(parents=True)
    (tmp_path / "昆山市" / "附件2.docx").write_bytes(b"a")
    (tmp_path / "昆山市" / "图片" / "图1.jpg").write_bytes(b"b")
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(mails.mail(subject="c"))
    Store(tmp_path / "store").close()
    found = list(deliveries(tmp_path))
    assert [(d.channel, [f.name for f in d.files]) for d in found[:-2]] == [
        ("mail", ["1.eml"]), ("file", ["2.docx"]), ("mail", ["3.mbox#1"]), ("mail", ["3.mbox#2"]),
    ]  # fmt: skip
    assert found[-2].channel == "mail"
    assert [f.name for f in found[-1].files] == ["图片/图1.jpg", "附件2.docx"]


def test_an_mbox_with_from_in_the_text_is_divided_only_between_mails(tmp_path):
    texts = ["From here on it is text", "x"]
    plain = [
        f"Subject: s\nMessage-ID: <{n}@example.com>\n\na\nFrom b 2025\n\n{text}\n".encode()
        for n, text in enumerate(texts)
    ]
    (tmp_path / "box").write_bytes(mails.mbox(*plain))
    assert [d.files[0].content().rstrip(b"\n") + b"\n" for d in deliveries(tmp_path / "box")] == plain


def test_a_folder_of_one_sender_is_one_return(store, tmp_path):
    (tmp_path / "in" / "昆山市人民政府").mkdir(parents=True)
    (tmp_path / "in" / "昆山市人民政府" / "附件1.csv").write_bytes(indicators())
    (delivery,) = deliveries(tmp_path / "in")
    made = taken(store, replace(delivery, received=NOW))
    assert (made.match.unit, [item.sorting.sort for item in made.items]) == ("320583", ["indicators"])
    assert store.replies() == ()


def test_an_upload_has_the_time_of_the_server(store):
    made = taken(store, upload("昆山市.csv", indicators("昆山市"), NOW))
    assert (made.received, made.received_by, made.status) == (NOW, "transport", "understood")


def test_a_source_that_is_not_there(tmp_path):
    for asked in (require, lambda path: list(deliveries(path))):
        with pytest.raises(CallError):
            asked(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_never_taken_in(tmp_path):
    require(tmp_path, tmp_path / "store")
    with pytest.raises(CallError):
        require(tmp_path, tmp_path / "x" / "..")
    (tmp_path / "昆山市").mkdir()
    (tmp_path / "昆山市" / "附件1.csv").write_bytes(indicators())
    for place in ("store", "昆山市/store"):
        with Store(tmp_path / place) as store:
            taken(store, GOOD)
    assert [[f.name for f in d.files] for d in deliveries(tmp_path)] == [["附件1.csv"]]
    for inside in ("store", "store/blobs", "store/drafts"):
        with pytest.raises(CallError):
            list(deliveries(tmp_path / inside))


def test_names_from_outside_show_all_of_themselves_on_one_line(store):
    name = "表\n共 9 件\x1b[31m\u202ecsv.\ufeff"
    shown = "表 共 9 件\\u001b[31m\\u202ecsv."
    made = taken(store, upload(name, indicators("昆山市"), NOW))
    assert (made.name, made.items[0].path) == (shown, shown)
    mail = taken(store, mails.mail(subject=mails.word("数据\u202e\x07\n状态 已读").encode()), name=name)
    assert (mail.name, mail.subject_text) == (shown, "数据\\u202e\\u0007 状态 已读")


# --- replies ----------------------------------------------------------------------------------------------


def test_the_reply_says_what_came_and_what_to_do(store):
    data = mails.delivery(
        ("附件1.csv", indicators("昆山市", "2000")), ("2.rar", b"Rar!\x1a\x07\x00"), subject="数据+昆山市统计局",
    )  # fmt: skip
    made = taken(store, data)
    letter = letter_of(store, made)
    assert letter["Subject"] == "回复: 数据+昆山市统计局"
    assert (letter["To"], letter["From"], letter["Date"]) == ("zhangsan@example.com", None, None)
    assert (letter["In-Reply-To"], letter["Auto-Submitted"]) == ("<1@example.com>", "auto-replied")
    text = letter.get_content()
    sha = made.items[1].sha256[:12]
    assert text.splitlines() == [
        "张三样例：您好。",
        "",
        f"来件已于2025年7月1日 10:00:05（北京时间）收到，回执编号 {made.id}。",
        "填报单位登记为：江苏省苏州市昆山市。",
        "",
        "一、收到的文件",
        f"1. 附件1.csv（指标数据填报表，25 字节，校验码 {sha}）",
        f"2. 2.rar（压缩包，7 字节，校验码 {made.items[2].sha256[:12]}）",
        "",
        "二、读出的内容",
        "《县域新质生产力发展研究测评指标数据填报表》，见 附件1.csv",
        "   地区生产总值：2023年 2000 亿元；2024年 未填",
        *[line for line in text.splitlines() if line.endswith("：2023年 未填；2024年 未填")],
        "",
        "三、需要处理的问题",
        "（一）须修改或答复，共 1 项",
        "1. “2.rar”是 RAR 压缩包，不能打开，原件已保存。",
        "   办法：解开后压缩成 zip 再发。",
        "（二）提示，不必修改，共 2 项",
        "1. 邮件主题缺少：联系人、联系方式。",
        "2. “2000”按千位分隔读作 1。",
        "   位置：地区生产总值 附件1.csv: 第 1 个表 第 2 行第 3 列",
        "",
        "修改后以答复本邮件的方式发来，主题不必改动。",
        "征集截止时间：2025年8月31日 24:00（北京时间）。",
        "本邮件由程序根据来件起草。",
        "",
        "中国生产力学会",
    ]


def test_the_annotated_form_is_attached(store, monkeypatch):
    monkeypatch.setattr(
        "xinzhi.intake.opening.kind_of", lambda data: "docx" if data.startswith(b"IND") else "eml"
    )
    data = mails.delivery(("附件1.docx", indicators("昆山市", "2000")), subject=SUBJECT)
    made = taken(store, data, annotate=lambda data, name, findings, form: data + b" annotated")
    letter = letter_of(store, made)
    (attached,) = letter.iter_attachments()
    assert attached.get_filename() == "附件1-审核.docx"
    assert attached.get_payload(decode=True) == indicators("昆山市", "2000") + b" annotated"
    assert "随附标注了问题的填报表 1 份" in letter.get_body().get_content()


def test_a_form_without_annotated_copy_says_so(store):
    data = mails.delivery(("附件1.csv", indicators("昆山市", "2000")), subject=SUBJECT)
    made = taken(store, data, annotate=lambda data, name, findings, form: data)
    assert "“附件1.csv”不是 .docx 或 .xlsx 文件" in letter_of(store, made).get_content()


def test_a_mail_without_a_file(store):
    made = taken(store, mails.mail(subject=SUBJECT))
    assert "一、收到的文件\n来件没有附件。" in letter_of(store, made).get_content().replace("\r", "")


def test_the_office_does_not_answer_itself(store):
    to_itself = mails.mail(subject=SUBJECT, sender="office <office@office.example>")
    own = mails.mail(subject=SUBJECT, sender="a <b@office.example>", message_id="<2@example.com>")
    for data in (to_itself, own):
        assert taken(store, data, office=Office(own_addresses=["b@office.example"])).from_office
    assert store.replies() == ()


OFFICE = Office(own_addresses=["office@office.example"])


@pytest.mark.parametrize(
    ("more", "status", "rules"),
    [(b"", "question", []), (b"Auto-Submitted: auto-replied\r\n", "understood", ["mail.automatic"])],
)
def test_what_the_office_sent_is_kept_and_no_return(store, more, status, rules):
    first = taken(store, GOOD)
    own = mails.delivery(
        ("附件1-审核.csv", indicators("昆山市", "7")), subject="回复: " + SUBJECT, more=more,
        sender="办公室 <Office@office.example>", message_id="<2@example.com>",
    )  # fmt: skip
    made = taken(store, own, office=OFFICE)
    assert (made.status, made.match.unit, rules_of(made)) == (status, "", rules)
    assert list(made.readings()) == []
    assert store.path(made.items[1].sha256).read_bytes() == indicators("昆山市", "7")
    assert [made.id for made in store.of_unit("320583")] == [first.id]


def test_a_draft_that_comes_back_is_no_return_in_whatever_it_comes(store):
    first = taken(store, mails.delivery(("附件1.csv", indicators("昆山市", "2000")), subject=SUBJECT))
    (reply,) = store.replies()
    sent = b"From: <sender@example.com>\r\n" + reply.path.read_bytes()
    ours = mails.file_part("附件1-审核.csv", indicators("昆山市", "2000"))
    ours = mails.mail(
        mails.divided(ours), subject=SUBJECT, message_id=f"<{first.id.lower()}.reply@xinzhi.invalid>"
    )
    for number, data in enumerate((sent, ours)):
        made = taken(store, data, name=f"{number}.eml")
        assert (list(made.readings()), made.from_office, made.match.unit) == ([], True, "")
    report = mails.mail(
        mails.divided(mails.text_part("退信"), mails.message_part(ours), kind="report"),
        subject="系统退信", message_id="<9@example.com>",
    )  # fmt: skip
    bounced = taken(store, report)
    assert (list(bounced.readings()), rules_of(bounced)) == ([], ["mail.automatic"])
    answer = mails.mail(
        mails.divided(mails.message_part(ours), mails.file_part("附件1.csv", indicators("昆山市", "20"))),
        subject="答复: 回复: " + SUBJECT, message_id="<10@example.com>",
    )  # fmt: skip
    answered = taken(store, answer)
    assert [(item.path, value.number) for item, r in answered.readings() for value in r.values[:1]] == [
        ("附件1.csv", 20)
    ]


def test_english_follows_when_asked_for(store):
    made = taken(store, STATUS["a homonym"][0], office=Office(english=True))
    chinese, english = letter_of(store, made).get_content().split("-" * 30)
    assert "叫“鼓楼区”的单位有 4 个" in chinese
    assert "4 units are called “鼓楼区”" in english
    assert "The window closes at 2025-08-31 24:00 (Beijing time)." in english


def test_programs_are_not_answered(store):
    for more in (b"Auto-Submitted: auto-replied\r\n", b"Return-Path: <>\r\n", b"List-Id: <x>\r\n"):
        made = taken(store, more + GOOD)
    assert store.replies() == ()
    assert made.status != "received"


def test_where_nobody_reads_is_not_answered(store):
    taken(store, mails.mail(subject=SUBJECT, more=b"Reply-To: noreply@example.com\r\n"))
    assert store.replies() == ()


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@b@c", "x <a@example.com\r\nBcc: b@example.com>", "<a@localhost>"]
)
def test_what_is_no_address_is_not_answered(store, sender):
    taken(store, mails.mail(subject=SUBJECT, sender=sender.encode()))
    assert [reply.address for reply in store.replies()] in ([], ["a@example.com"])


def test_a_subject_cannot_add_headers(store):
    evil = mails.word("数据\r\nBcc: victim@example.com\r\n\r\nbody")
    letter = letter_of(
        store, taken(store, mails.mail(subject=evil.encode(), message_id="<1@example.com>\r\n X: y"))
    )
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("回复: 数据 Bcc")


def test_how_often_an_address_is_answered():
    today = date(2025, 7, 1)
    most = reply_texts().limits.per_address_per_day
    sent = [Reply(str(n), "a@example.com", Path("x"), "2025-07-01T03:00:00+00:00") for n in range(most)]
    draft = Reply("new", "a@example.com", Path("x"), "")
    assert may_send(draft, sent[1:], today)
    assert not may_send(draft, sent, today)
    assert may_send(draft, sent, date(2025, 7, 2))
    assert not may_send(sent[0], [], today)


def test_a_reply_goes_out_once(store):
    made = taken(store, GOOD)
    assert (store.mark_sent(made.id, NOW), store.mark_sent(made.id, NOW)) == (True, False)


def test_midnight_is_the_end_of_the_day_before():
    assert beijing(datetime(2025, 8, 31, 16, tzinfo=UTC), CALL) == "2025年8月31日 24:00"
    assert beijing(datetime(2025, 8, 31, 15, 59, 59, tzinfo=UTC), CALL) == "2025年8月31日 23:59:59"


def test_findings_survive_the_store(store):
    made = taken(store, STATUS["a homonym"][0])
    assert all(isinstance(finding, Finding) for finding in store.get(made.id).all_findings())
