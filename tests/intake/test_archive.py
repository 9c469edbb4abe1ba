"""Archives: what people send is opened, what is made to harm is refused by name and costs next to nothing."""

from __future__ import annotations

import stat
import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake import archives
from tests.intake.archives import Entry, archive, zipped
from xinzhi.forms.refusals import HostileFile, Refusal, UnreadableFile
from xinzhi.forms.rules import message, remedy
from xinzhi.intake.archive import Limits, open_archive

FILES = {"附件1.docx": b"one", "图片/图1.jpg": b"two" * 1000}


def opened(data, name="材料.zip", **options):
    return list(open_archive(data, name, **options).members())


def contents(data):
    return {member.name.removeprefix("材料.zip/"): member.data for member in opened(data)}


def rules_of(data):
    members = opened(data)
    return {member.name.removeprefix("材料.zip/"): [f.rule for f in member.findings] for member in members}


ORDINARY = {
    "utf-8 without the flag, as macOS": zipped(FILES),
    "gbk, as Windows": zipped(FILES, encoding="gbk"),
    "stored": zipped(FILES, method=archives.STORED),
    "bzip2": zipped(FILES, method=archives.BZIP2),
    "lzma": zipped(FILES, method=archives.LZMA),
    "data descriptors, as phones": archives.phone_zip(FILES),
    "zip64": archives.wide_zip(FILES),
    "something before it": archive(*(Entry(n.encode(), d) for n, d in FILES.items()), prefix=b"MZ" * 100),
    "a comment": archive(*(Entry(n.encode(), d) for n, d in FILES.items()), comment="说明".encode("gbk")),
    "bytes behind it": zipped(FILES) + b"\r\n\r\n",
}


@pytest.mark.parametrize("data", ORDINARY.values(), ids=ORDINARY)
def test_what_people_send_is_opened(data):
    assert contents(data) == FILES


def test_the_standard_library_writes_what_we_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, data in FILES.items():
            writer.writestr(name, data)
    assert {m.name: m.data for m in open_archive(path).members()} == FILES
    assert contents(path.read_bytes()) == FILES


def test_lzma_of_the_standard_library():
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as writer:
        writer.writestr("a.txt", b"abc" * 500)
    assert contents(buffer.getvalue()) == {"a.txt": b"abc" * 500}


def test_rare_characters_of_gb18030_and_the_unicode_field():
    raw = "表.docx".encode("gb18030")
    assert contents(archive(Entry("喆镕堃.docx".encode("gb18030"), b"x"))) == {"喆镕堃.docx": b"x"}
    assert contents(archive(Entry(raw, b"x", extra=archives.unicode_path(raw, "填报表.docx")))) == {
        "填报表.docx": b"x"
    }
    stale = archives.unicode_path(b"other", "别的.docx")
    assert contents(archive(Entry(raw, b"x", extra=stale))) == {"表.docx": b"x"}
    assert contents(archive(Entry(b"\xff\xff.txt", b"x"))) == {"\xa0\xa0.txt": b"x"}


@pytest.mark.parametrize("name", ["图1.jpg", "目录.docx", "联通.docx", "表.docx"])
def test_short_names_in_gbk_that_look_like_utf8(name):
    assert contents(archive(Entry(name.encode("gbk"), b"x"))) == {name: b"x"}


def test_two_of_one_name_are_both_kept_and_said():
    found = open_archive(
        archive(Entry(b"a.docx", b"1"), Entry(b"a.docx", b"2"), Entry(b"a (2).docx", b"3")), "z.zip"
    )
    assert {m.name: m.data for m in found.members()} == {
        "z.zip/a.docx": b"1", "z.zip/a (3).docx": b"2", "z.zip/a (2).docx": b"3",
    }  # fmt: skip
    assert [(f.rule, dict(f.facts)) for f in found.findings] == [
        ("package.same_name", {"file": "z.zip", "name": "a.docx", "count": 2})
    ]


def test_what_systems_leave_is_passed_over_with_its_number():
    junk = ["__MACOSX/._a.docx", ".DS_Store", "sub/Thumbs.db", "~$a.docx", "desktop.ini"]
    found = open_archive(zipped({"a.docx": b"1", **dict.fromkeys(junk, b"x"), "folder/": b""}), "z.zip")
    assert [m.name for m in found.members()] == ["z.zip/a.docx"]
    assert [(f.rule, f.facts["count"]) for f in found.findings] == [("package.junk", 5)]


def test_an_archive_with_nothing_in_it():
    assert [f.rule for f in open_archive(archive(), "z.zip").findings] == ["package.empty"]


def test_one_archive_inside_another_is_opened_and_a_third_is_asked_for():
    inner = zipped({"a.docx": b"1", "third.zip": zipped({"b.docx": b"2"})})
    found = {
        m.name: (m.data, [f.rule for f in m.findings]) for m in opened(zipped({"inner.zip": inner}), "z.zip")
    }
    assert found == {
        "z.zip/inner.zip/a.docx": (b"1", []),
        "z.zip/inner.zip/third.zip": (None, ["package.too_deep"]),
    }


def test_a_broken_archive_inside_does_not_hide_its_neighbours():
    data = zipped({"inner.zip": zipped({"a.docx": b"1"})[:-30], "b.docx": b"2"})
    assert rules_of(data) == {"inner.zip": ["package.truncated"], "b.docx": []}


LEFT_OUT = {
    "encrypted": (Entry(b"a.docx", b"1", flags=1), "package.encrypted"),
    "AES": (Entry(b"a.docx", b"1", method=archives.AES), "package.encrypted"),
    "deflate64": (Entry(b"a.docx", b"1", method=archives.DEFLATE64), "package.method"),
    "a link": (Entry(b"a.docx", b"/etc/passwd", mode=stat.S_IFLNK | 0o777, made_by=3), "package.link"),
    "wrong checksum": (Entry(b"a.docx", b"1", crc=7), "package.damaged_member"),
    "cut deflate": (Entry(b"a.docx", b"1" * 99, claimed_packed=3), "package.damaged_member"),
    "smaller than said": (Entry(b"a.docx", b"1", claimed_size=50), "package.damaged_member"),
}


@pytest.mark.parametrize(("entry", "rule"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_cannot_be_unpacked_is_said_and_the_rest_read(entry, rule):
    data = archive(entry, Entry(b"b.docx", b"2"))
    assert rules_of(data) == {"a.docx": [rule], "b.docx": []}
    assert contents(data) == {"a.docx": None, "b.docx": b"2"}


def test_a_member_beyond_the_limit_is_left_out():
    limits = Limits(single=1000, ratio_from=10**9)
    found = opened(zipped({"a.bin": bytes(1001), "b.bin": bytes(1000)}), "z.zip", limits=limits)
    assert [(m.name, m.data, [f.rule for f in m.findings]) for m in found] == [
        ("z.zip/a.bin", None, ["package.member_too_large"]), ("z.zip/b.bin", bytes(1000), []),
    ]  # fmt: skip


def test_names_are_made_relative_and_visible():
    data = archive(
        Entry(b"C:\\Users\\me\\a.docx", b"1"),
        Entry(b"/root/b.docx", b"2"),
        Entry("c\u202exod.docx".encode(), b"3"),
    )
    assert rules_of(data) == {
        "Users/me/a.docx": ["package.name_changed"],
        "root/b.docx": ["package.name_changed"],
        "cxod.docx": ["package.name_changed"],
    }


def test_a_name_that_differs_in_its_two_places_is_said():
    assert rules_of(archive(Entry(b"a.docx", b"1", local_name=b"b.docx"))) == {
        "a.docx": ["package.two_names"]
    }


HOSTILE = {
    "entries": (lambda: zipped({f"{n}.txt": b"" for n in range(501)}), "package.too_many_entries"),
    "entries claimed": (lambda: archive(Entry(b"a", b""), count=60_000), "package.too_many_entries"),
    "ratio": (archives.bomb, "package.ratio"),
    "lying size": (archives.lying, "package.lying_size"),
    "lying size, bzip2": (
        lambda: archive(Entry(b"a", bytes(40_000_000), archives.BZIP2, claimed_size=10)), "package.lying_size"
    ),
    "lying size, lzma": (
        lambda: archive(Entry(b"a", bytes(40_000_000), archives.LZMA, claimed_size=10)), "package.lying_size"
    ),
    "lying size, stored": (lambda: archive(Entry(b"a", b"12345", 0, claimed_size=2)), "package.lying_size"),
    "overlap": (archives.overlapping, "package.overlap"),
    "climbing": (lambda: zipped({"../../etc/passwd": b"x"}), "package.parent_name"),
    "climbing backwards": (lambda: zipped({"..\\..\\a.docx": b"x"}), "package.parent_name"),
    "total": (
        lambda: archive(*(Entry(b"%d" % n, b"", claimed_size=90_000_000, claimed_packed=0, method=0) for n in range(9))),
        "package.ratio",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("build", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_archives_are_refused_at_little_cost(build, rule):
    data = build()
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(HostileFile) as caught:
            opened(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.finding.rule == rule
    assert time.process_time() - began < 1
    assert peak < 10_000_000


def test_the_total_counts_over_archives_inside():
    limits = Limits(total=2500, ratio_from=10**9)
    data = zipped({"1.bin": bytes(1000), "in.zip": zipped({"2.bin": bytes(1000), "3.bin": bytes(1000)})})
    with pytest.raises(HostileFile) as caught:
        opened(data, limits=limits)
    assert caught.value.finding.rule == "package.too_large"


UNREADABLE = {
    "nothing": (b"", "package.truncated"),
    "cut off": (zipped(FILES)[:-40], "package.truncated"),
    "a hole in the directory": (zipped(FILES).replace(b"PK\1\2", b"PK\1\3", 1), "package.damaged"),
    "a volume": (zipped(FILES)[:-18] + b"\1\0" + zipped(FILES)[-16:], "package.split"),
    "the beginning is missing": (zipped(FILES)[20:], "package.damaged"),
    "fewer than said": (archive(Entry(b"a", b"1"), count=2), "package.damaged"),
}


@pytest.mark.parametrize(("data", "rule"), UNREADABLE.values(), ids=UNREADABLE)
def test_damaged_archives_are_asked_for_again(data, rule):
    with pytest.raises(UnreadableFile) as caught:
        opened(data)
    assert caught.value.finding.rule == rule
    assert message(caught.value.finding) and remedy(caught.value.finding)


NAMES = st.text(st.characters(categories=["Lo", "Nd"]), min_size=1, max_size=20)
PLAIN = st.binary(max_size=200).filter(lambda data: not data.startswith(b"PK"))


@given(st.dictionaries(st.text("数据表案例材料012", min_size=1, max_size=9), PLAIN, min_size=1, max_size=8))
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_chinese_names_come_back_in_every_encoding(encoding, files):
    assert {m.name: m.data for m in open_archive(zipped(files, encoding=encoding)).members()} == files


@given(
    st.dictionaries(
        NAMES.filter(lambda name: name.isascii() or max(name) >= "\u0800"), PLAIN, min_size=1, max_size=8
    )
)
def test_any_names_and_contents_come_back(files):
    assert {m.name: m.data for m in open_archive(zipped(files)).members()} == files


@given(st.data())
def test_no_damage_gives_other_bytes_or_another_error(data):
    whole = bytearray(archives.phone_zip(FILES))
    for _change in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        members = opened(bytes(whole))
    except Refusal:
        return
    assert {m.data for m in members if m.data is not None} <= set(FILES.values())
