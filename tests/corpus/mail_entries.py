"""Mails: habits of programs and people, mails that need an answer, and mails made to harm."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.corpus.entries import ASK, Entry, Kind, Values, figures, returned, story
from tests.corpus.letters import TITLE, case, delimited, letter
from tests.corpus.picture_entries import jpeg, noise
from tests.corpus.sheet_entries import ours as our_sheet
from tests.corpus.word_entries import ours as our_letter
from tests.forms.documents import HEAD, SECTIONS, section_lines
from tests.forms.readings import SENTENCE
from tests.forms.word_files import p
from tests.intake import archives, mails
from tests.intake.mails import delivery, divided, file_part, header, mail, message_part, text_part, word

COUNTY = figures()
SUBJECT = "数据+示例省样例市甲样县统计局+张三样例+13800000000"
FIRM = "示例省样例市甲样县样品轴承有限公司"
CASE_SUBJECT = f"示例县智能工厂改造+{FIRM}+张三样例+13800000000"
FORM = cache(our_letter)


def sent(*files: tuple[str, bytes], **options) -> bytes:
    """A mail about the county, with its form unless other files are given."""
    return delivery(*(files or (("附件1.docx", FORM()),)), **{"subject": SUBJECT, **options})


def parted(*parts: bytes, **options) -> bytes:
    return mail(divided(text_part("您好, 附件请查收。"), *parts), **{"subject": SUBJECT, **options})


def attached(parameter: bytes) -> Callable[[], bytes]:
    """The form under a name that is written so."""
    return lambda: parted(file_part(parameter, FORM()))


def forwarded(levels: int = 1) -> bytes:
    data = sent()
    for _level in range(levels):
        data = parted(message_part(data, "原件.eml"), subject="转发: " + SUBJECT)
    return data


SOUND = dict.fromkeys(SECTIONS, SENTENCE)  # long enough and with figures


def case_pack() -> dict[str, bytes]:
    """What a case comes with: form, pictures, sealed page, evidence."""
    return {
        "案例材料/附件2 案例.docx": case(head={**HEAD, "unit": FIRM}, lines=section_lines(SOUND)),
        **{f"案例材料/图{n}.jpg": noise(n) for n in (1, 2, 3)},
        "案例材料/盖章扫描件.pdf": b"%PDF-1.4\n1",
        "案例材料/能效检测报告.pdf": b"%PDF-1.4\n2",
    }


def in_html() -> bytes:
    """A page with a logo in it, as most programs write."""
    page = text_part("<html><style>p{}</style><p>您好&amp;谢谢</p><img src='cid:p1'></html>", kind="html")
    logo = file_part(
        "logo.png", jpeg(40, 20), kind="image/png", disposition="inline", more=header("Content-ID", "<p1>")
    )
    related = divided(page, logo, kind="related", boundary="inner")
    return mail(divided(related, file_part("附件1.docx", FORM()), boundary="outer"), subject=SUBJECT)


def damaged() -> bytes:
    part = file_part("附件1.docx", b"").rstrip() + b"\r\n\r\n" + b"*!*" + mails.wrapped(FORM())
    return parted(part)


def winmail() -> bytes:
    return parted(file_part("winmail.dat", b"\x78\x9f\x3e\x22" + bytes(500), kind="application/ms-tnef"))


def entry(
    kind: Kind, name: str, make: Callable[[], bytes], status: str, sorts: str = "mail indicators", rules: str = "",
    values: Values | None = COUNTY, **more,
) -> Entry:  # fmt: skip
    return returned(kind, f"{name}.eml", make, status, sorts, rules, values=values, **more)


NO_FORM = "package.nothing_readable"
UNKNOWN = "timing.unknown units.unknown units.subject_incomplete"
HABITS = [
    entry("accept", "ordinary", sent, "understood"),
    entry("accept", "workbook", lambda: sent(("甲样县.xlsx", our_sheet())), "understood"),
    entry("accept", "csv-in-gbk", lambda: sent(("附件1.csv", delimited().encode("gbk"))), "understood"),
    entry("accept", "subject-with-other-signs", lambda: sent(subject="RE: 转发：数据＿甲样县人民政府－张三样例 13800000000"),
         "understood"),
    entry("accept", "subject-in-bare-gbk", lambda: sent(subject=SUBJECT.encode("gbk")), "understood"),
    entry("accept", "gb2312-that-is-gb18030",
          lambda: sent(subject=word("数据+甲样县统计局+张喆镕+13800000000", "gb18030").replace("gb18030", "gb2312").encode()),
          "understood"),
    entry("accept", "subject-cut-inside-characters", lambda: sent(subject=mails.folded(SUBJECT, size=7).encode()),
         "understood"),
    entry("accept", "subject-only-the-unit", lambda: sent(subject="甲样县"), "understood",
         rules="units.subject_incomplete"),
    entry("accept", "name-in-bare-gbk", attached(b'filename="' + "附件1.docx".encode("gbk") + b'"'), "understood"),
    entry("accept", "name-by-rfc-2231", attached(b"filename*=GBK''%B8%BD%BC%FE1.docx"), "understood"),
    entry("accept", "name-in-two-words", attached(b'filename="=?utf-8?B?6ZmE?= =?utf-8?B?5Lu2MS5kb2N4?="'),
         "understood"),
    entry("accept", "unknown-charset",
         lambda: mail(divided(text_part("您好", "x-nothing", encoding="gb18030"), file_part("附件1.docx", FORM())),
         subject=SUBJECT),
          "understood"),
    entry("accept", "html-with-logo", in_html, "understood", "mail other indicators"),
    entry("accept", "unix-line-ends", lambda: sent().replace(b"\r\n", b"\n"), "understood"),
    entry("accept", "forwarded", forwarded, "understood", "mail mail indicators"),
    entry("accept", "forwarded-as-file", lambda: sent(("原件.eml", sent())), "understood", "mail mail indicators"),
    entry("accept", "form-in-a-zip", lambda: sent(("甲样县.zip", archives.zipped({"附件1.docx": FORM()}, encoding="gbk"))),
          "understood", "mail archive indicators"),
    entry("accept", "time-of-the-sender", lambda: sent(received=None), "understood", rules="mail.time_from_sender"),
    entry("accept", "last-second", lambda: sent(received="by x; Sun, 31 Aug 2025 23:59:59 +0800"), "understood"),
    entry("accept", "automatic-answer-with-the-form", lambda: sent(more=header("Auto-Submitted", "auto-generated")),
         "understood"),
    entry("accept", "case-and-all-that-belongs-to-it",
          lambda: delivery(("案例材料.zip", archives.phone_zip(case_pack())), subject=CASE_SUBJECT), "understood",
          "mail archive case picture picture picture seal evidence", values=story(unit=FIRM, **SOUND), filer=FIRM),
]  # fmt: skip

QUESTIONS = [
    entry("ask", "late", lambda: sent(received="by x; Mon, 01 Sep 2025 00:00:00 +0800"), "late", rules="timing.late"),
    entry("ask", "homonym", lambda: sent(subject="数据+南样县统计局+张三样例+13800000000"), "question", rules="units.homonyms",
         filer=""),
    entry("accept", "homonym-with-its-prefecture", lambda: sent(subject="数据+样本盟南样县统计局+张三样例+13800000000"),
         "understood",
          filer="990322"),
    entry("ask", "no-unit", lambda: sent(subject="数据"), "question", rules="units.unknown units.subject_incomplete",
         filer=""),
    entry("ask", "city-district", lambda: sent(subject="数据+东样区统计局+张三样例+13800000000"), "question",
          rules="units.district_indicators", filer="990102"),
    entry("ask", "doubtful-figure", lambda: sent(("附件1.docx", letter({"gdp": ("约207.46", "219.38")}))), "question",
          rules="numbers.approximate", values=figures(gdp=(ASK, "219.38"))),
    entry("ask", "figure-missing", lambda: sent(("附件1.docx", letter({"gdp": ("", "219.38")}))), "understood",
          rules="figures.missing", values=figures(gdp=(None, "219.38"))),
    entry("ask", "two-forms-that-differ",
         lambda: sent(("旧.docx", FORM()), ("新.docx", letter({"gdp": ("217.46", "219.38")}))), "question",
          "mail indicators indicators", "package.figures_differ", figures(gdp=(ASK, "219.38"))),
    entry("accept", "form-as-word-and-excel", lambda: sent(("附件1.docx", FORM()), ("附件1.xlsx", our_sheet())),
         "understood",
          "mail indicators indicators"),
    entry("reject", "cut-off", lambda: sent()[:-200], "question", "mail indicators",
          f"mail.cut_off files.damaged {NO_FORM}", None),
    entry("reject", "large-attachment-as-link",
          lambda: mail(text_part("附件: https://wx.mail.qq.com/ftn/download?func=3&key=abc"), subject=SUBJECT),
          "understood", "mail",
          f"mail.linked_attachment {NO_FORM}", None),
    entry("reject", "damaged-attachment", damaged, "understood", "mail indicators",
         f"mail.damaged_attachment {NO_FORM}", None),
    entry("reject", "winmail", winmail, "understood", "mail other", f"mail.winmail {NO_FORM}", None),
    entry("reject", "uuencoded", lambda: mail(text_part("begin 644 a.doc\n#0V%T\n`\nend"), subject=SUBJECT),
         "understood", "mail",
          f"mail.uuencoded {NO_FORM}", None),
    entry("reject", "scan-only", lambda: sent(("附件1盖章.pdf", b"%PDF-1.4\n")), "understood", "mail seal", NO_FORM,
         None),
    entry("reject", "rar", lambda: sent(("材料.rar", b"Rar!\x1a\x07\x00")), "understood", "mail archive",
         f"package.rar {NO_FORM}", None),
    entry("reject", "nothing-attached", lambda: mail(text_part("数据见附件"), subject=SUBJECT), "understood", "mail",
         NO_FORM, None),
    entry("reject", "out-of-office", lambda: mail(text_part("我在休假"), subject="自动回复: 数据"), "understood", "mail",
         "mail.automatic", None,
          filer=""),
]  # fmt: skip


def traversing() -> bytes:
    return parted(file_part(b'filename="../../../../etc/cron.d/x"', FORM()))


def reversed_name() -> bytes:
    return parted(file_part("附件1\u202excod.exe", FORM()))


ATTACKS = [
    entry("accept", "name-that-climbs", traversing, "understood", hostile=True),
    entry("accept", "name-shown-backwards", reversed_name, "understood", hostile=True),
    entry("accept", "subject-with-headers",
          lambda: sent(subject=word(SUBJECT + "\r\nBcc: victim@example.com\r\n\r\n").encode()), "understood",
          hostile=True),
    entry("accept", "forged-received",
         lambda: sent(more=header("Received", "from a by evil.example; Mon, 02 Jun 2025 10:00:00 +0800")),
         "understood", hostile=True),
    entry("accept", "encoded-words-without-end",
         lambda: sent(subject=SUBJECT.encode() + b" " + b"=?utf-8?B?" * 5_000), "understood",
          hostile=True),
    entry("reject", "three-thousand-levels", lambda: mails.nested(3000), "quarantine", "",
         f"mail.too_many_levels {UNKNOWN}", None, filer="", hostile=True),
    entry("reject", "twenty-thousand-parts", lambda: mails.many_parts(20_000), "quarantine", "",
         f"mail.too_many_parts {UNKNOWN}", None, filer="",
          hostile=True),
    entry("reject", "header-of-five-megabytes", lambda: b"X: " + b"a" * 5_000_000 + b"\r\n" + sent(), "quarantine",
         "", f"mail.huge_headers {UNKNOWN}",
          None, filer="", hostile=True),
    entry("reject", "half-a-million-headers", lambda: b"X: a\r\n" * 500_000 + sent(), "quarantine", "",
         f"mail.huge_headers {UNKNOWN}", None, filer="",
          hostile=True),
    entry("reject", "forwarded-six-times", lambda: forwarded(6), "understood", "mail mail mail mail mail",
          f"mail.forwarded_too_deep {NO_FORM}", None, hostile=True),
    entry("reject", "bomb-attached", lambda: sent(("附件1.zip", archives.bomb())), "quarantine", "mail",
         "package.ratio", None, hostile=True),
    entry("reject", "document-bomb-attached", lambda: sent(("附件1.docx", document_bomb())), "quarantine",
         "mail indicators",
          f"files.ratio {NO_FORM}", None, hostile=True),
    entry("reject", "program-named-docx", lambda: sent(("附件1.docx", b"MZ" + bytes(2000))), "understood",
         "mail indicators", NO_FORM, None,
          hostile=True),
    entry("reject", "marked-secret", lambda: sent(("附件1.docx", letter(before=p("秘密★5年") + TITLE))), "quarantine",
         "mail indicators",
          f"secrecy.classified {NO_FORM}", None),
    entry("reject", "garbage-for-base64", lambda: parted(file_part(b'filename="1.docx"', b"") + b"!" * 5_000_000),
         "understood", "mail other",
          f"mail.damaged_attachment {NO_FORM}", None, hostile=True),
]  # fmt: skip


def document_bomb() -> bytes:
    from tests.corpus.word_entries import with_part

    return with_part("word/media/image1.bmp", bytes(48 << 20))()


ENTRIES = [*HABITS, *QUESTIONS, *ATTACKS]
