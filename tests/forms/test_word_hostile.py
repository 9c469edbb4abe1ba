"""Word files made to cost or to deceive, and damaged ones: the rule each meets, and what memory it is allowed."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from tests.forms.word_files import (
    DECLARATION,
    Rel,
    defaults,
    docx,
    p,
    packed,
    part,
    parts,
    picture,
    style,
    table,
    tbl,
    tc,
    tr,
)
from xinzhi.forms import message, remedy
from xinzhi.forms.files.packages import LARGEST_XML, LIMITS, MOST_NODES, parse_xml
from xinzhi.forms.files.word import read_word
from xinzhi.forms.files.word.blocks import MOST_PIECES
from xinzhi.forms.refusals import HostileFile, Refusal, UnreadableFile
from xinzhi.language import speaking

MEGABYTE = 1 << 20
STYLES = [Rel("s", "styles", "s.xml")]
GOOD = parts(p("正文"))
MAIN = "word/document.xml"


def with_main(content: str | bytes) -> bytes:
    return packed(GOOD | {MAIN: content.encode() if isinstance(content, str) else content})


def raw(members: list[tuple[str, bytes]], *, claimed: dict[str, int] | None = None) -> bytes:
    """A ZIP written by hand, all deflated, in which the directory may claim other sizes."""
    body, directory = b"", b""
    for name, data in members:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = packer.compress(data) + packer.flush()
        size = (claimed or {}).get(name, len(data))
        sizes = struct.pack("<3L", zlib.crc32(data), len(content), size)
        names = struct.pack("<2H", len(name), 0)
        directory += b"PK\1\2" + struct.pack("<6H", 20, 20, 0, 8, 0, 0) + sizes + names
        directory += struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + struct.pack("<5H", 20, 0, 8, 0, 0) + sizes + names + name.encode() + content
    count = len(members)
    return (
        body + directory + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, len(directory), len(body), 0)
    )


def overlapping() -> bytes:
    """A member that lies inside the stored data of another."""
    inner = raw([("word/b.xml", b"b")])
    inner = inner[: inner.index(b"PK\1\2")]
    with ZipFile(target := BytesIO(), "w", ZIP_STORED) as archive:
        for name, data in (GOOD | {"word/a.xml": inner, "word/b.xml": b"b"}).items():
            archive.writestr(name, data)
    data = target.getvalue()
    entry = data.rindex(b"PK\1\2")
    return data[: entry + 42] + struct.pack("<L", data.index(inner)) + data[entry + 46 :]


def duplicated() -> bytes:
    return raw([*GOOD.items(), ("Word/Document.xml", GOOD[MAIN].replace("正文".encode(), "另文".encode()))])


def many_entries() -> bytes:
    return raw([*GOOD.items(), *((f"x{n}", b"") for n in range(LIMITS.entries))])


def named(name: str) -> Callable[[], bytes]:
    return lambda: raw([*GOOD.items(), (name, b"x")])


def bomb() -> bytes:
    return packed(GOOD | {"word/media/bomb.bmp": bytes(48 * MEGABYTE)})


def large_part() -> bytes:
    return raw([*GOOD.items(), ("word/media/a.bmp", b"x")], claimed={"word/media/a.bmp": LIMITS.part + 1})


def large_sum() -> bytes:
    names = [f"word/media/{n}.bmp" for n in range(60)]
    return raw([*GOOD.items(), *((name, b"x") for name in names)], claimed=dict.fromkeys(names, 3 * MEGABYTE))


def lying() -> bytes:
    return raw(
        [
            *((name, data) for name, data in GOOD.items() if name != MAIN),
            (MAIN, b"<a/>" + bytes(100 * MEGABYTE)),
        ],
        claimed={MAIN: 10},
    )


def lying_picture() -> bytes:
    files = parts(p(inside=picture("a.png")), media={"a.png": bytes(100 * MEGABYTE)})
    return raw(list(files.items()), claimed={"word/media/a.png": 10})


def body_of(xml: str) -> Callable[[], bytes]:
    return lambda: with_main(part("w:document", f"<w:body>{xml}</w:body>"))


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


HOSTILE = {
    "overlap": (overlapping, "files.overlap"),
    "duplicate": (duplicated, "files.duplicate"),
    "entries": (many_entries, "files.entries"),
    "absolute": (named("/etc/x"), "files.name"),
    "climbing": (named("word/../../x"), "files.name"),
    "climbing-windows": (named("word\\..\\..\\x"), "files.name"),
    "drive": (named("C:/x"), "files.name"),
    "bomb": (bomb, "files.ratio"),
    "part": (large_part, "files.part_size"),
    "sum": (large_sum, "files.unpacked_size"),
    "lying": (lying, "files.lying_size"),
    "lying-picture": (lying_picture, "files.lying_size"),
    "entities": (lambda: with_main(DECLARATION + ENTITIES + "<a>&j;</a>"), "files.entities"),
    "outside-entity": (lambda: with_main(DECLARATION + OUTSIDE + "<a>&x;</a>"), "files.entities"),
    "entities-utf-16": (lambda: with_main((ENTITIES + "<a>&j;</a>").encode("utf-16")), "files.entities"),
    "entities-in-styles": (lambda: docx(p("文"), rels=STYLES, more={"word/s.xml": OUTSIDE + "<a/>"}), "files.entities"),
    "depth": (body_of("<w:sdt><w:sdtContent>" * 150 + p("文") + "</w:sdtContent></w:sdt>" * 150), "files.xml_size"),
    "nested-tables": (body_of("<w:tbl><w:tr><w:tc>" * 100 + p("文") + "</w:tc></w:tr></w:tbl>" * 100), "files.xml_size"),
    "nodes": (body_of("<w:p/>" * (MOST_NODES + 1)), "files.xml_size"),
    "attributes": (lambda: with_main("<a " + " ".join(f'b{n}=""' for n in range(MOST_NODES + 1)) + "/>"), "files.xml_size"),
    "paragraphs": (body_of("<w:p/>" * (MOST_PIECES + 1)), "files.grid"),
    "wide-grid": (lambda: docx(tbl(tr(tc("x", span=2_000_000_000)))), "files.grid"),
    "wide-gap": (lambda: docx(tbl(tr("x", properties='<w:gridBefore w:val="999999999"/>'))), "files.grid"),
    "large-grid": (lambda: docx(tbl(*(tr(tc("", span=1000)) for _n in range(MOST_PIECES // 1000 + 1)))), "files.grid"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_by_rule(name):
    make, rule = HOSTILE[name]
    with pytest.raises(HostileFile) as refused:
        read_word(make())
    assert refused.value.finding.rule == rule
    told = message(refused.value.finding) + remedy(refused.value.finding)
    with speaking("en"):
        assert "{" not in told + message(refused.value.finding) + remedy(refused.value.finding)


def test_xml_beyond_the_limit_is_refused_before_it_is_unpacked():
    with ZipFile(target := BytesIO(), "w", ZIP_STORED) as archive:
        for name, data in (GOOD | {MAIN: b"<a>" + b"x" * LARGEST_XML + b"</a>"}).items():
            archive.writestr(name, data)
    with pytest.raises(HostileFile) as refused:
        read_word(target.getvalue())
    assert refused.value.finding.rule == "files.xml_size"


MEASURED = """
import resource, sys
from tests.forms import test_word_hostile as hostile
data = hostile.HOSTILE[sys.argv[1]][0]()
read = hostile.read_word
read(hostile.packed(hostile.GOOD))
before = int(open('/proc/self/statm').read().split()[1]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (int(open('/proc/self/statm').read().split()[0]) * 4096 + 200 * 2**20, -1))
try:
    read(data)
except hostile.HostileFile as refused:
    print(refused.finding.rule)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of address space are those of Linux")
@pytest.mark.parametrize("name", ["lying", "lying-picture", "paragraphs", "attributes", "entities"])
def test_hostile_files_stay_within_200_megabytes(name):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, name], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (HOSTILE[name][1], "")


@pytest.mark.parametrize("xml", ['<a b="{}"/>', "<a>{}</a>"])
def test_an_attribute_or_text_of_eleven_megabytes_is_refused(xml):
    with pytest.raises(HostileFile) as refused:
        parse_xml(xml.format("x" * 11_000_000).encode(), "a.xml")
    assert refused.value.finding.rule == "files.xml_size"


def test_other_encodings_do_not_hide_a_document_type():
    """UTF-7 spells a document type without a bracket; the declaration of the encoding is not followed."""
    root = parse_xml(b'<?xml version="1.0" encoding="UTF-7"?><a>+ADwAIQ-DOCTYPE</a>', "a.xml")
    assert root.text == "+ADwAIQ-DOCTYPE"


# --- damaged ----------------------------------------------------------------------------------------------------


def cut() -> bytes:
    whole = packed(GOOD)
    return whole[: len(whole) // 2]


def flipped() -> bytes:
    """A document whose checksum does not fit."""
    data = raw(list(GOOD.items()))
    at = data.index(b"word/document.xml") + len(MAIN) + 20
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def locked() -> bytes:
    with ZipFile(target := BytesIO(), "w", ZIP_DEFLATED) as archive:
        for name, data in GOOD.items():
            archive.writestr(name, data)
    data = bytearray(target.getvalue())
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


DAMAGED = {
    "empty": (lambda: b"", "files.empty"),
    "cut": (cut, "files.damaged"),
    "flipped": (flipped, "files.damaged_part"),
    "locked": (locked, "files.encrypted"),
    "no-main": (
        lambda: packed({name: data for name, data in GOOD.items() if name != MAIN}),
        "files.no_content",
    ),
    "no-xml": (lambda: with_main("正文"), "files.damaged_part"),
    "cut-xml": (lambda: with_main(GOOD[MAIN][:-20]), "files.damaged_part"),
    "no-word": (lambda: with_main(part("w:styles", "")), "files.not_word"),
    "text": (lambda: "案例".encode(), "files.not_word"),
    "pdf": (lambda: b"%PDF-1.7\n", "files.not_word"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_asked_for_again(name):
    make, rule = DAMAGED[name]
    with pytest.raises(UnreadableFile) as refused:
        read_word(make())
    assert refused.value.finding.rule == rule
    assert str(refused.value) == f"{message(refused.value.finding)}\n{remedy(refused.value.finding)}"


def test_a_file_cut_anywhere_is_refused():
    whole = packed(GOOD)
    for length in range(0, len(whole), 5):
        with pytest.raises(Refusal):
            read_word(whole[:length])


def test_a_flipped_byte_gives_the_text_or_a_refusal():
    whole = packed(GOOD)
    for place in range(0, len(whole), 5):
        data = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        try:
            document = read_word(data)
        except Refusal:
            continue
        assert [paragraph.text for paragraph in document.paragraphs()] == ["正文"], place


def test_a_damaged_picture_does_not_lose_the_form():
    files = parts(p("正文") + p(inside=picture("a.png")), media={"a.png": b"picture"})
    data = raw(list(files.items())).replace(zlib.compress(b"picture", 9)[2:-4], b"\xff" * 9)
    document = read_word(data)
    assert [paragraph.text for paragraph in document.paragraphs()] == ["正文", ""]
    assert (document.pictures, [rule for rule, _place in document.lost]) == ([], ["files.missing_picture"])


# --- what is no attack --------------------------------------------------------------------------------------------


def streamed(files: dict[str, bytes]) -> bytes:
    """A package as phones and WPS write it: sizes follow the data."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

        def seek(self, *_place: int) -> int:
            raise OSError

    with ZipFile(target := Pipe(), "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def in_zip64(files: dict[str, bytes]) -> bytes:
    with ZipFile(target := BytesIO(), "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            with archive.open(ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    return target.getvalue()


@pytest.mark.parametrize(
    "make",
    [packed, streamed, in_zip64, lambda files: raw(list(files.items()))],
    ids=["word", "data descriptors", "zip64", "raw"],
)
def test_ordinary_packages_are_read(make):
    assert [paragraph.text for paragraph in read_word(make(GOOD)).paragraphs()] == ["正文"]


def test_a_long_document_is_read():
    """A hundred pages: 3,000 paragraphs and a table of 500 rows."""
    body = p("新质生产力" * 10) * 3000 + table([["甲", "乙", "丙"]] * 500)
    document = read_word(docx(body, styles=defaults("") + style("n", usual=True)))
    assert len(list(document.paragraphs())) == 3000 + 1500
