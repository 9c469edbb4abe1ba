"""Archives as they are uploaded: of Windows, macOS, phones and WPS, damaged ones, and those made to harm."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace

from tests.corpus.entries import ASK, COUNTY, Entry, Kind, Values, figures, returned
from tests.corpus.letters import letter
from tests.corpus.mail_entries import FORM, NO_FORM
from tests.corpus.picture_entries import jpeg
from tests.intake import archives
from tests.intake.archives import Entry as Member
from tests.intake.archives import archive, phone_zip, wide_zip, zipped

NAME = "示例省样例市甲样县"


def files() -> dict[str, bytes]:
    return {"附件1.docx": FORM(), "图片/图1.jpg": jpeg()}


def beside(*members: Member, count: int | None = None, **options) -> bytes:
    """An archive with the form and these."""
    return archive(Member("附件1.docx".encode(), FORM(), flags=0x800), *members, count=count, **options)


def entry(
    kind: Kind, name: str, make: Callable[[], bytes], status: str, sorts: str, rules: str = "",
    values: Values | None = None, **more,
) -> Entry:  # fmt: skip
    return returned(kind, f"{NAME}-{name}.zip", make, status, sorts, rules, values=values, **more)


def good(
    name: str, make: Callable[[], bytes], sorts: str = "archive indicators picture", rules: str = "", **more
) -> Entry:
    return entry("accept", name, make, "understood", sorts, rules, figures(), **more)


def bad(name: str, make: Callable[[], bytes], rule: str, sorts: str = "") -> Entry:
    """Made to harm: into quarantine, nothing of it read."""
    return entry("reject", name, make, "quarantine", sorts, rule, hostile=True)


HABITS = [
    good("windows-in-gbk", lambda: zipped(files(), encoding="gbk")),
    good("macos-without-flag", lambda: zipped({**files(), "__MACOSX/._附件1.docx": b"x", ".DS_Store": b"x"}),
         rules="package.junk"),
    good("phone", lambda: phone_zip(files())),
    good("zip64", lambda: wide_zip(files())),
    good("stored", lambda: zipped(files(), method=archives.STORED)),
    good("bzip2", lambda: zipped(files(), method=archives.BZIP2)),
    good("lzma", lambda: zipped(files(), method=archives.LZMA)),
    good("zip-in-zip", lambda: zipped({"材料.zip": zipped(files())})),
    good("comment-and-bytes-behind", lambda: beside(comment="说明".encode("gbk")) + b"\r\n", "archive indicators"),
    entry("reject", "self-extracting", lambda: beside(prefix=b"MZ" * 300), "understood", "other", NO_FORM),
    good("name-of-windows-folders", lambda: archive(Member(r"数据\附件1.docx".encode("gbk"), FORM())),
         "archive indicators",
         "package.name_changed"),
]  # fmt: skip

QUESTIONS = [
    entry("ask", "password", lambda: beside(Member(b"a.docx", b"1", flags=1)), "understood",
         "archive indicators other",
          "package.encrypted", figures()),
    entry("ask", "aes", lambda: beside(Member(b"a.docx", b"1", method=archives.AES)), "understood",
         "archive indicators other",
          "package.encrypted", figures()),
    entry("ask", "deflate64", lambda: beside(Member(b"a.docx", b"1", method=archives.DEFLATE64)), "understood",
          "archive indicators other", "package.method", figures()),
    entry("ask", "wrong-checksum", lambda: beside(Member(b"a.docx", b"1", crc=7)), "understood",
         "archive indicators other",
          "package.damaged_member", figures()),
    entry("ask", "zip-in-zip-in-zip",
         lambda: zipped({**files(), "1.zip": zipped({"2.zip": zipped({"a.docx": b"1"})})}), "understood",
          "archive indicators picture other", "package.too_deep", figures()),
    entry("reject", "nothing-inside", archive, "understood", "archive", f"package.empty {NO_FORM}"),
    entry("reject", "cut-off", lambda: zipped(files())[:-40], "understood", "archive",
         f"package.truncated {NO_FORM}"),
    entry("reject", "first-volume", lambda: zipped(files())[:-18] + b"\1\0" + zipped(files())[-16:], "understood",
         "archive",
          f"package.split {NO_FORM}"),
    entry("reject", "directory-with-a-hole", lambda: zipped(files()).replace(b"PK\1\2", b"PK\1\3", 1), "understood",
         "archive",
          f"package.damaged {NO_FORM}"),
]  # fmt: skip


def overlapping() -> bytes:
    first = Member(b"a.docx", FORM())
    return archive(first, *(replace(first, name=b"%d.docx" % n, offset=0) for n in range(30)))


def twice() -> bytes:
    """Two forms of one name with different figures; the standard library returns the last."""
    other = letter({"gdp": ("999.99", COUNTY["gdp"][1])})
    return archive(Member(b"a.docx", FORM()), Member(b"a.docx", other))


ATTACKS = [
    bad("bomb", archives.bomb, "package.ratio"),
    entry("reject", "bomb-in-zip", lambda: zipped({"附件1.docx": FORM(), "材料.zip": archives.bomb()}), "quarantine",
         "archive indicators",
          "package.ratio", figures(), hostile=True),
    bad("six-hundred-files", lambda: zipped({f"{n}.txt": b"" for n in range(600)}), "package.too_many_entries"),
    bad("count-that-lies", lambda: beside(count=60_000), "package.too_many_entries"),
    bad("size-that-lies", archives.lying, "package.lying_size", "archive"),
    bad("size-that-lies-in-bzip2", lambda: archive(Member(b"a", bytes(40_000_000), archives.BZIP2, claimed_size=10)),
         "package.lying_size", "archive"),
    bad("overlap", overlapping, "package.overlap"),
    bad("climbing", lambda: beside(Member(b"../../etc/cron.d/x", b"x")), "package.parent_name"),
    bad("climbing-backwards", lambda: beside(Member(b"..\\..\\x.docx", b"x")), "package.parent_name"),
    good("absolute-name", lambda: archive(Member(b"/etc/cron.d/x.docx", FORM())), "archive indicators",
         "package.name_changed", hostile=True),
    good("name-shown-backwards", lambda: archive(Member("附件1\u202excod.exe".encode(), FORM(), flags=0x800)),
         "archive indicators",
         "package.name_changed", hostile=True),
    good("two-names", lambda: archive(Member(b"a.docx", FORM(), local_name=b"b.docx")), "archive indicators",
         "package.two_names",
         hostile=True),
    entry("reject", "picture-that-is-an-archive-too", lambda: beside(prefix=jpeg()), "understood", "picture", NO_FORM,
         hostile=True),
    entry("ask", "link", lambda: beside(Member(b"a.docx", b"/etc/passwd", mode=stat.S_IFLNK | 0o777, made_by=3)),
         "understood",
          "archive indicators other", "package.link", figures(), hostile=True),
    entry("ask", "same-name-twice", twice, "question", "archive indicators indicators",
         "package.same_name package.figures_differ figures.change", figures(gdp=(ASK, COUNTY["gdp"][1])),
         hostile=True),
    entry("reject", "locked-and-empty", lambda: archive(Member(b"a", b"", flags=1)), "understood", "archive other",
          f"package.encrypted {NO_FORM}", hostile=True),
]  # fmt: skip

ENTRIES = [*HABITS, *QUESTIONS, *ATTACKS]
