"""Mails: every habit of mail programs is read, what is missing is said, and hostile ones cost next to nothing."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake import mails
from tests.intake.mails import divided, file_part, header, mail, text_part, word
from xinzhi.forms.refusals import HostileFile
from xinzhi.intake.mail import Address, read_mail
from xinzhi.intake.mime import MOST_LEVELS, MOST_PARTS, decoded, parameters, text_of

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = timezone(timedelta(hours=8))
DATA = bytes(range(256)) * 20


def read(data, **options):
    return read_mail(data, "来件.eml", zone=ZONE, **options)


def rules_of(data, **options):
    return [finding.rule for finding in read(data, **options).findings]


def test_an_ordinary_mail():
    found = read(mails.delivery(("附件1.docx", DATA), ("图1.jpg", b"\xff\xd8\xff")))
    assert found.subject == "数据+示例县统计局+张三样例+13800000000"
    assert found.sender == Address("张三样例", "zhangsan@example.com")
    assert found.to == (Address("", "office@office.example"),)
    assert found.message_id == "<1@example.com>"
    assert found.text == "您好, 附件请查收。"
    assert [(a.name, a.data, a.inline) for a in found.attachments] == [
        ("附件1.docx", DATA, False), ("图1.jpg", b"\xff\xd8\xff", False),
    ]  # fmt: skip
    assert (found.automatic, found.links, found.findings) == ("", (), ())


# --- encodings --------------------------------------------------------------------------------------------

RARE = "喆镕堃"  # in GB 18030 and GBK, not in GB 2312


@pytest.mark.parametrize("label", ["gb2312", "GBK", "gb18030", "x-gbk", "cp936", '"gb2312"'])
def test_gb2312_is_read_as_gb18030(label):
    body = text_part(RARE, label.strip('"'), encoding="gb18030")
    encoded = base64.b64encode(RARE.encode("gb18030")).decode()
    found = read(mail(body, subject=f"=?{label.strip(chr(34))}?B?{encoded}?=".encode()))
    assert (found.text, found.subject) == (RARE, RARE)


@pytest.mark.parametrize("label", ["unknown-8bit", "x-nothing", "zlib", "punycode", "", "utf-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_unknown_charset_is_found_by_trying(label, encoding):
    assert read(mail(text_part("示例县统计局", label, encoding=encoding))).text == "示例县统计局"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_bare_eight_bit_headers(encoding):
    found = read(
        mail(subject="数据+示例县".encode(encoding), sender="张三样例 <a@example.com>".encode(encoding))
    )
    assert (found.subject, found.sender) == ("数据+示例县", Address("张三样例", "a@example.com"))


HEADERS = {
    "one word": (word("示例县数据"), "示例县数据"),
    "Q": (word("示例 县_数据?", encoding="Q"), "示例 县_数据?"),
    "cut in the middle of characters": (mails.folded("示例县发展研究测评", size=7).replace("\r\n", ""), "示例县发展研究测评"),
    "adjacent": (f"{word('示例')} {word('县')}", "示例县"),
    "adjacent in two charsets": (f"{word('示例')} {word('县', 'gb18030')}", "示例县"),
    "text between": (f"{word('示例')} and {word('县')}", "示例 and 县"),
    "not separated": (f"Re:{word('示例')}{word('县')}end", "Re:示例县end"),
    "language": ("=?utf-8*zh?B?56S6?=", "示"),
    "no padding": ("=?utf-8?B?56S65L6L5Y6/?=".replace("=?=", "?="), "示例县"),
    "garbage": ("=?utf-8?B?!!!!?=", ""),
    "not an encoded word": ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    "plain": ("Data 2024", "Data 2024"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), HEADERS.values(), ids=HEADERS)
def test_encoded_words(written, meant):
    assert decoded(written) == meant


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=40), st.integers(1, 30))
def test_encoded_words_cut_anywhere_come_back(text, size):
    written = mails.folded(text, size=size).replace("\r\n", "")
    assert decoded(written) == text


GBK_NAME = base64.b64encode("附件1：填报表.docx".encode("gbk")).decode()
NAMES = {
    "RFC 2231": b"filename*=UTF-8''%E9%99%84%E4%BB%B61.docx",
    "RFC 2231 in GBK": b"filename*=GBK''%B8%BD%BC%FE1.docx",
    "RFC 2231 in pieces": b"filename*0*=UTF-8''%E9%99%84%E4; filename*1*=%BB%B6; filename*2=\"1.docx\"",
    "both": b"filename=\"=?utf-8?B?eA==?=\"; filename*=UTF-8''%E9%99%84%E4%BB%B61.docx",
    "encoded word in quotes": b'filename="=?utf-8?B?6ZmE5Lu2MS5kb2N4?="',
    "encoded word without quotes": b"filename==?utf-8?B?6ZmE5Lu2MS5kb2N4?=",
    "two encoded words": b'filename="=?utf-8?B?6ZmE?= =?utf-8?B?5Lu2MS5kb2N4?="',
    "bare GBK": b'filename="' + "附件1.docx".encode("gbk") + b'"',
    "bare UTF-8": b"filename=" + "附件1.docx".encode(),
    "with a path": b'filename="C:\\\\mine\\\\' + "附件1.docx".encode() + b'"',
    "unclosed": b'filename="' + "附件1.docx".encode(),
}  # fmt: skip


@pytest.mark.parametrize("parameter", NAMES.values(), ids=NAMES)
def test_names_of_attachments(parameter):
    found = read(mail(divided(text_part("x"), file_part(parameter, DATA))))
    assert [(a.name, a.data) for a in found.attachments] == [("附件1.docx", DATA)]


def test_a_name_in_the_content_type_alone():
    kind = f'application/msword; name="=?GBK?B?{GBK_NAME}?="'
    found = read(mail(divided(text_part("x"), file_part(b"size=5", DATA, kind=kind))))
    assert [a.name for a in found.attachments] == ["附件1：填报表.docx"]


def test_parameters():
    assert parameters('text/plain; CHARSET="a;b"; x = y;z="q\\"r"; bad') == {
        "charset": "a;b",
        "x": "y",
        "z": 'q"r',
    }


@pytest.mark.parametrize("charset", ["big5", "shift_jis", "iso-8859-1", "windows-1252", "koi8-r", "utf-16"])
def test_charsets_of_others(charset):
    text = {"big5": "縣", "shift_jis": "県", "koi8-r": "ж"}.get(charset, "e")
    assert text_of(text.encode(charset), charset) == text


# --- structure --------------------------------------------------------------------------------------------


def test_a_page_is_shown_as_text_and_pictures_in_it_are_kept():
    page = "<html><style>p{}</style><script>x<y</script><p>您好&amp;谢谢<br>再见</p><p>统计局</p></html>"
    picture = file_part(
        "图.png", DATA, kind="image/png", disposition="inline", more=header("Content-ID", "<p1>")
    )
    found = read(mail(divided(divided(text_part(page, kind="html"), picture, kind="related", boundary="in"))))
    assert found.text == "您好&谢谢\n再见\n统计局"
    assert [(a.name, a.inline) for a in found.attachments] == [("图.png", True)]


def test_the_plain_text_goes_before_the_page():
    both = divided(text_part("普通"), text_part("<p>网页</p>", kind="html"), kind="alternative")
    assert read(mail(both)).text == "普通"


def test_a_forwarded_mail_is_an_attachment():
    inner = mails.delivery(("附件1.docx", DATA))
    found = read(mail(divided(text_part("转发"), mails.message_part(inner))))
    assert [a.name for a in found.attachments] == ["2.eml"]
    again = read(found.attachments[0].data)
    assert [(a.name, a.data) for a in again.attachments] == [("附件1.docx", DATA)]


@pytest.mark.parametrize(
    "declared", ["multipart/mixed", 'multipart/mixed; boundary="other"', "multipart/mixed; boundary="]
)
def test_a_missing_or_wrong_boundary_is_found(declared):
    content = divided(text_part("x"), file_part("a.docx", DATA)).split(b"\r\n", 1)[1]
    found = read(mail(header("Content-Type", declared) + content))
    assert [(a.name, a.data) for a in found.attachments] == [("a.docx", DATA)]


def test_line_ends_without_returns():
    found = read(mails.delivery(("a.docx", DATA)).replace(b"\r\n", b"\n"))
    assert [(a.name, a.data) for a in found.attachments] == [("a.docx", DATA)]


def test_a_boundary_that_begins_like_another():
    content = divided(divided(text_part("x"), boundary="=_b1_2"), file_part("a.docx", DATA), boundary="=_b1")
    assert [a.name for a in read(mail(content)).attachments] == ["a.docx"]


def test_no_parts_and_no_headers():
    assert read(b"").text == ""
    assert read(b"\r\nhello").text == "hello"
    assert read(b"Subject: x").subject == "x"


def test_a_mail_cut_off_is_said():
    whole = mails.delivery(("a.docx", DATA))
    assert rules_of(whole[:-200]) == ["mail.cut_off"]
    assert [a.name for a in read(whole[:-200]).attachments] == ["a.docx"]


BASE64 = {
    "spaces": (lambda text: text.replace(b"\r\n", b" \t\r\n "), []),
    "no padding": (lambda text: text.rstrip(b"="), []),
    "signs that are none": (lambda text: text[:40] + b"*!*" + text[40:], ["mail.damaged_attachment"]),
    "one sign missing": (lambda text: text.rstrip(b"=")[:-1], ["mail.damaged_attachment"]),
    "two pieces": (lambda text: text + b"\r\nAAAA", ["mail.damaged_attachment"]),
}


@pytest.mark.parametrize(("change", "rules"), BASE64.values(), ids=BASE64)
def test_base64(change, rules):
    data = DATA[:-1]  # ends in padding
    part = file_part("a.docx", b"").rstrip() + b"\r\n\r\n" + change(mails.wrapped(data))
    found = read(mail(divided(text_part("x"), part)))
    assert [finding.rule for finding in found.findings] == rules
    if not rules:
        assert found.attachments[0].data == data


# --- what is not a file -----------------------------------------------------------------------------------

LINKS = [
    "https://mail.163.com/large-attachment-download/index.html?p=X-NETEASE-HUGE",
    "https://dashi.163.com/html/cloud-attachment-download/?key=abc",
    "https://wx.mail.qq.com/ftn/download?func=3&key=abc",
    "http://mail.qq.com/cgi-bin/ftnExs_download?k=abc&t=exs_ftn_download",
    "https://pan.baidu.com/s/1abc",
    "https://share.weiyun.com/abc",
    "https://www.lanzoui.com/abc",
]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_links_to_large_attachments_are_asked_for_again(link, kind):
    text = f"附件: {link}" if kind == "plain" else f'<a href="{link.replace("&", "&amp;")}">下载</a>'
    found = read(mail(text_part(text, kind=kind)))
    assert found.links == (link,)
    assert [f.rule for f in found.findings] == ["mail.linked_attachment"]


def test_a_page_of_the_county_is_no_large_attachment():
    assert (
        rules_of(
            mail(text_part("见 https://www.example.com/pan.html 和 http://gov.example.cn/a?x=pan.baidu.com"))
        )
        == []
    )


def test_the_words_alone_are_enough():
    assert rules_of(mail(text_part("从QQ邮箱发来的超大附件"))) == ["mail.linked_attachment"]


def test_winmail_and_uuencode():
    tnef = file_part("winmail.dat", b"\x78\x9f\x3e\x22" + DATA, kind="application/ms-tnef")
    assert rules_of(mail(divided(text_part("x"), tnef))) == ["mail.winmail"]
    assert rules_of(mail(text_part("begin 644 a.doc\n#0V%T\n`\nend"))) == ["mail.uuencoded"]


# --- time -------------------------------------------------------------------------------------------------


def test_the_receiving_server_counts_and_not_the_sender():
    found = read(mail(date="Mon, 30 Jun 2025 10:00:00 +0800"))
    assert (found.received, found.received_by) == (datetime(2025, 7, 1, 10, 0, 5, tzinfo=CHINA), "server")
    assert found.date == datetime(2025, 6, 30, 10, tzinfo=CHINA)


def test_the_word_of_the_transport_stands():
    moment = datetime(2025, 7, 2, tzinfo=CHINA)
    found = read(mail(), received=moment, received_by="transport")
    assert (found.received, found.received_by) == (moment, "transport")


def test_only_a_header_of_our_own_server_is_trusted():
    forged = header("Received", "from a by evil.example; Mon, 02 Jun 2025 10:00:00 +0800")
    data = forged + mail()
    assert read(data, trusted=["office.example"]).received == datetime(2025, 7, 1, 10, 0, 5, tzinfo=CHINA)
    assert read(data, trusted=["nobody.example"]).received_by == "sender"


def test_a_time_of_the_sender_is_said_and_one_without_zone_too():
    assert rules_of(mail(received=None)) == ["mail.time_from_sender"]
    found = read(mail(received=None, date="Tue, 01 Jul 2025 10:00:00"))
    assert found.received == datetime(2025, 7, 1, 10, tzinfo=ZONE)
    assert [f.rule for f in found.findings] == ["mail.time_from_sender", "mail.no_time_zone"]


@pytest.mark.parametrize(
    ("date", "believed"),
    [
        ("Tue, 01 Jul 2025 10:00:00 +0800", True),
        ("Thu, 03 Jul 2025 07:59:00 +0800", True),  # a day after the file, as a wrong zone makes it
        ("Thu, 03 Jul 2025 08:01:00 +0800", False),
        ("Tue, 01 Jul 2098 10:00:00 +0800", False),
    ],
)
def test_a_date_after_the_file_was_there_is_not_believed(date, believed):
    there = datetime(2025, 7, 2, tzinfo=UTC)
    found = read(mail(received=None, date=date), received=there)
    assert (found.received_by, found.received == there) == (("sender", False) if believed else ("file", True))
    assert [f.rule for f in found.findings] == (["mail.time_from_sender"] if believed else [])


def test_the_time_of_the_file_is_the_last_resort():
    moment = datetime(2025, 7, 3, tzinfo=CHINA)
    found = read(mail(received=None, date=None), received=moment)
    assert (found.received, found.received_by) == (moment, "file")
    assert read(mail(received=None, date="nonsense")).received is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 01 Jul 2025 10:00:00 CST", datetime(2025, 7, 1, 2, tzinfo=UTC)),
        ("Tue, 01 Jul 2025 10:00:00 GMT", datetime(2025, 7, 1, 10, tzinfo=UTC)),
        ("Tue, 01 Jul 2025 10:00:00 -0000", datetime(2025, 7, 1, 10, tzinfo=UTC)),
        ("Sun, 31 Aug 2025 24:00:00 +0800", datetime(2025, 8, 31, 16, tzinfo=UTC)),
    ],
)
def test_zones_and_the_end_of_a_day(written, meant):
    assert read(mail(received=None, date=written)).received == meant


@pytest.mark.parametrize(
    "written", ["Tue, 99 Jul 2025 10:00:00 +0800", "Tue, 01 Jul 99999 10:00:00 +0800", "9" * 5000]
)
def test_impossible_times_are_no_times(written):
    assert read(mail(received=None, date=written)).received is None


# --- programs ---------------------------------------------------------------------------------------------

AUTOMATIC = {
    "auto-submitted": mail(more=header("Auto-Submitted", "auto-replied")),
    "precedence": mail(more=header("Precedence", "bulk")),
    "list-id": mail(more=header("List-Id", "<news.example.com>")),
    "x-autoreply": mail(more=header("X-Autoreply", "yes")),
    "return-path": mail(more=header("Return-Path", "<>")),
    "report": mail(divided(text_part("x"), kind="report; report-type=delivery-status")),
    "sender": mail(sender="Mail <MAILER-DAEMON@example.com>"),
    "subject": mail(subject="自动回复: 数据"),
}


@pytest.mark.parametrize(("mark", "data"), AUTOMATIC.items(), ids=AUTOMATIC)
def test_mails_that_no_person_wrote(mark, data):
    assert read(data).automatic == mark


def test_a_persons_mail_is_not_automatic():
    assert (
        read(mail(more=header("Auto-Submitted", "no") + header("Return-Path", "<a@example.com>"))).automatic
        == ""
    )


# --- hostile ----------------------------------------------------------------------------------------------

HOSTILE = {
    "levels": (lambda: mails.nested(MOST_LEVELS + 1), "mail.too_many_levels"),
    "3,000 levels": (lambda: mails.nested(3000), "mail.too_many_levels"),
    "20,000 parts": (lambda: mails.many_parts(20_000), "mail.too_many_parts"),
    "parts on many levels": (
        lambda: mail(divided(*[divided(*[b"\r\n"] * 99, boundary="in")] * 30)), "mail.too_many_parts"
    ),
    "a huge header": (lambda: b"X: " + b"a" * 5_000_000 + b"\r\n\r\nx", "mail.huge_headers"),
    "many headers": (lambda: b"X: a\r\n" * 500_000 + b"\r\nx", "mail.huge_headers"),
    "a huge header inside": (
        lambda: mail(divided(b"Content-Type: text/plain; " + b"a=b;" * 500_000 + b"\r\n\r\nx")), "mail.huge_headers"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("build", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_mails_are_refused_within_a_second(build, rule):
    data = build()
    began = time.process_time()
    with pytest.raises(HostileFile) as caught:
        read(data)
    assert time.process_time() - began < 1
    assert caught.value.finding.rule == rule


COSTLY = {
    "as many parts as allowed": lambda: mails.many_parts(MOST_PARTS - 1),
    "as many levels as allowed": lambda: mails.nested(MOST_LEVELS),
    "delimiters that are none": lambda: mail(divided(text_part("x"))) + b"\r\n--=_b1x" * 500_000,
    "quotes": lambda: mail(header("Content-Type", 'text/plain; a="' + '\\"' * 60_000) + b"\r\nx"),
    "semicolons": lambda: mail(header("Content-Type", "text/plain" + "; " * 60_000) + b"\r\nx"),
    "encoded words": lambda: mail(subject=b"=?utf-8?B?" * 15_000),
    "addresses": lambda: mail(sender="<" * 100_000 + "@"),
    "tags": lambda: mail(text_part("<" * 400_000, kind="html")),
    "styles": lambda: mail(text_part("<style>" * 60_000, kind="html")),
    "hrefs": lambda: mail(text_part("href=" * 80_000, kind="html")),
    "an address without end": lambda: mail(text_part("http://" + "a" * 400_000)),
    "base64 that is none": lambda: mail(divided(file_part(b'filename="a"', b"")) + b"!" * 10_000_000),
    "begin": lambda: mail(text_part("begin 644 \n" * 20_000)),
}


@pytest.mark.parametrize("build", COSTLY.values(), ids=COSTLY)
def test_nothing_takes_more_than_a_second(build):
    data = build()
    began = time.process_time()
    read(data)
    assert time.process_time() - began < 1


@given(st.data())
def test_no_damage_raises_anything_else(data):
    whole = bytearray(mails.delivery(("a.docx", DATA[:300])))
    for _change in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(whole))


@given(st.binary(max_size=600))
def test_any_bytes_are_some_mail(data):
    read(data)
    read(b"Content-Type: multipart/mixed; boundary=x\n\n" + data)
