"""What a file is, by its bytes: the name never counts."""

from __future__ import annotations

import gzip
import struct
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from PIL import Image

from tests.forms.word_files import MACRO_WORD, WORD, content_types, docx, p, packed, png
from xinzhi.forms.files.formats import kind_of


def compound(*streams: str, chained: bool = False) -> bytes:
    """An OLE file of nothing but its header, one table of sectors, and a directory of some streams."""
    names = ["Root Entry", *streams]
    entries = [
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2) + bytes(62)
        for name in names
    ]
    directory = [b"".join(entries[at : at + 4]).ljust(512, b"\0") for at in range(0, len(entries), 4)]
    links = [0xFFFFFFFD] + [n + 2 for n in range(len(directory) - 1)] + [1 if chained else 0xFFFFFFFE]
    table = struct.pack(f"<{len(links)}L", *links).ljust(512, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
    head = head.ljust(44, b"\0") + struct.pack("<2L", 1, 1)
    head = head.ljust(76, b"\0") + struct.pack("<L", 0) + b"\xff" * (108 * 4)
    return head + table + b"".join(directory)


def image(format: str) -> bytes:
    Image.new("RGB", (4, 4)).save(target := BytesIO(), format)
    return target.getvalue()


def workbook() -> bytes:
    openpyxl.Workbook().save(target := BytesIO())
    return target.getvalue()


def zipped(**files: bytes) -> bytes:
    with ZipFile(target := BytesIO(), "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return target.getvalue()


def of_types(main_type: str, part: str) -> bytes:
    return packed({"[Content_Types].xml": content_types(main_type, "/" + part).encode(), part: b"<a/>"})


EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml."
MAIL = "Received: from a.example.com\r\nFrom: 张三样例 <a@example.com>\r\nSubject: 数据\r\n\r\n正文"
MHT = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'

FILES = {
    "empty": b"",
    "docx": docx(p("文")),
    "docx/macros": docx(p("文"), main_type=MACRO_WORD + "main+xml"),
    "docx/template": docx(p("文"), main_type=WORD + "template.main+xml"),
    "docx/other part": of_types(WORD + "document.main+xml", "word/document2.xml"),
    "docx/no types": packed({"word/document.xml": b"<a/>"}),
    "docx/cut": docx(p("文"))[:700],
    "xlsx": workbook(),
    "xlsx/macros": of_types("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml"),
    "xlsx/in word": of_types(EXCEL + "sheet.main+xml", "xl/workbook.xml"),
    "xlsb": of_types("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin"),
    "pptx": packed({"ppt/presentation.xml": b"<a/>"}),
    "odt": zipped(mimetype=b"application/vnd.oasis.opendocument.text"),
    "ods": zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "ofd": zipped(OFD_xml=b"<a/>"),
    "zip": zipped(案例_txt="案例".encode()),
    "zip/of a document": zipped(案例_docx=docx(p("文"))),
    "zip/empty": zipped(),
    "zip/cut": zipped(案例_txt=b"1" * 1000)[:500],
    "doc": compound("1Table", "WordDocument", "Data"),
    "doc/long directory": compound(*(f"s{n}" for n in range(9)), "WordDocument"),
    "xls": compound("Workbook"),
    "xls/old": compound("Book"),
    "ppt": compound("PowerPoint Document"),
    "encrypted": compound("EncryptionInfo", "EncryptedPackage"),
    "unknown/ole": compound("Contents"),
    "unknown/ole that winds": compound("Contents", chained=True),
    "unknown/ole that is cut": compound("WordDocument")[:600],
    "rtf": rb"{\rtf1\ansi 1}",
    "word2003xml": b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>',
    "excel2003xml": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "html": b"\xef\xbb\xbf <!DOCTYPE html><html></html>",
    "html/of an export": b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table></table></html>",
    "html/table": "<!-- 导出 --><table><tr><td>指标</td></tr></table>".encode("gbk"),
    "mht": MHT.encode(),
    "pdf": b"%PDF-1.7\n",
    "pdf/after junk": b"\r\n%PDF-1.4\n",
    "jpeg": image("JPEG"),
    "jpeg/and html": image("JPEG") + b"<html><script></script></html>",
    "jpeg/and zip": image("JPEG") + zipped(a=b"1"),
    "png": png(),
    "gif": image("GIF"),
    "bmp": image("BMP"),
    "tiff": image("TIFF"),
    "webp": image("WEBP"),
    "heif": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "rar": b"Rar!\x1a\x07\x01\0",
    "7z": b"7z\xbc\xaf\x27\x1c\0\x04",
    "gz": gzip.compress(b"1"),
    "eml": MAIL.encode(),
    "eml/gb": MAIL.encode("gb18030"),
    "eml/mbox": b"From a@example.com Mon Jun  2 00:00:00 2025\n" + MAIL.encode(),
    "text": "指标,2023年,2024年\n".encode(),
    "text/gb": "指标,2023年,2024年\n".encode("gb18030"),
    "text/utf-16": "指标\t2023年".encode("utf-16"),
    "text/cut inside a character": ("字" * 2000).encode(),
    "text/with a colon": "Subject: 会议\n地点: 样例县\n".encode(),
    "unknown": b"\0\1\2\3" * 20,
    "unknown/bitmap by two letters": b"BM\0\0" * 20,
}


@pytest.mark.parametrize("name", FILES)
def test_kinds(name):
    assert kind_of(FILES[name]) == name.split("/")[0]


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_of_some_kind(name):
    data = FILES[name]
    for length in range(0, len(data), max(1, len(data) // 40)):
        assert kind_of(data[:length])


def test_a_large_list_of_types_is_not_unpacked():
    types = content_types(WORD + "document.main+xml").encode() + b" " * (64 << 20)
    assert kind_of(packed({"[Content_Types].xml": types, "xl/workbook.xml": b"<a/>"})) == "xlsx"


def test_a_mail_may_be_in_as_many_encodings_as_it_has_parts():
    head = "To: a@example.org\r\nSubject: 数据\r\n\r\n".encode("gbk")
    assert kind_of(head + "材料见附件".encode()) == "eml"
