"""What a file is, by its bytes and never by its name; nothing is unpacked but the list of content types."""

from __future__ import annotations

import re
import struct
from typing import Literal

from xinzhi.forms.files.zipped import Member, inflate, members_of
from xinzhi.forms.refusals import Refusal

Kind = Literal[
    "docx", "xlsx", "xlsb", "pptx", "doc", "wps", "xls", "et", "ppt", "encrypted", "rtf", "word2003xml", "excel2003xml",
    "odt", "ods", "ofd", "html", "mht", "pdf", "jpeg", "png", "gif", "bmp", "tiff", "webp", "heif",
    "zip", "rar", "7z", "gz", "eml", "text", "empty", "unknown",
]  # fmt: skip
"""``"docx"`` and ``"xlsx"`` include templates and files with macros. WPS writes the streams of Word and Excel, so
a ``.wps`` or ``.et`` file is ``"doc"`` or ``"xls"`` unless its directory names it otherwise."""

_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b\x08", "gz"),
    (b"{\\rtf", "rtf"),
)
_MAIN_TYPES: tuple[tuple[bytes, Kind], ...] = (
    (rb"wordprocessingml\.(document|template)\.main\+xml|ms-word\.(document|template)\.macroEnabled", "docx"),
    (
        rb"spreadsheetml\.(sheet|template)\.main\+xml|ms-excel\.(sheet|template)\.macroEnabled\.main\+xml",
        "xlsx",
    ),
    (rb"ms-excel\.sheet\.binary\.macroEnabled\.main", "xlsb"),
    (rb"presentationml\.(presentation|template|slideshow)\.main\+xml|ms-powerpoint", "pptx"),
)
_MAIN_PARTS: tuple[tuple[str, Kind], ...] = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("ppt/presentation.xml", "pptx"),
    ("ofd.xml", "ofd"),
)
_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}

_HEAD = 4096  # bytes in which text formats show themselves
_MOST_ENTRIES = 20_000
_LARGEST_TYPES = 1 << 20
_MOST_OLE_SECTORS = 256  # of the directory: 1,024 to 8,192 streams
_END_OF_CHAIN = 0xFFFFFFFA


def kind_of(data: bytes) -> Kind:
    """Tell what a file is.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    str
        One of :data:`Kind`. A file that is cut off is what its beginning says.
    """
    if not data:
        return "empty"
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_kind(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"BM") and data[14:18] in (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return "bmp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return "heif"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    return _text_kind(data)


# --- zip ----------------------------------------------------------------------------------------------------


def _zip_kind(data: bytes) -> Kind:
    try:
        members = {
            member.text.replace("\\", "/").lower(): member for member in members_of(data, most=_MOST_ENTRIES)
        }
    except Refusal:
        # Cut off or hostile: whoever opens it says so; here only whether it was meant as a document.
        return next((kind for part, kind in _MAIN_PARTS if part.encode() in data[: 1 << 16].lower()), "zip")
    if "[content_types].xml" in members:
        types = _small(data, members["[content_types].xml"])
        for pattern, kind in _MAIN_TYPES:
            if re.search(pattern, types):
                return kind
    for part, kind in _MAIN_PARTS:
        if part in members:
            return kind
    if "mimetype" in members:
        purpose = _small(data, members["mimetype"])
        if purpose.startswith(b"application/vnd.oasis.opendocument.text"):
            return "odt"
        if purpose.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
    return "zip"


def _small(data: bytes, member: Member) -> bytes:
    if member.size > _LARGEST_TYPES:
        return b""
    try:
        return inflate(data, member)
    except Refusal:
        return b""


# --- OLE ----------------------------------------------------------------------------------------------------


def _ole_kind(data: bytes) -> Kind:
    try:
        names = _ole_names(data)
    except struct.error:
        return "unknown"
    return next((kind for stream, kind in _STREAMS if stream in names), "unknown")


def _ole_names(data: bytes) -> set[str]:
    """Read the names in the directory of a compound file; chains that wind are cut."""
    (shift,) = struct.unpack_from("<H", data, 30)
    if shift not in (9, 12):
        return set()
    size = 1 << shift
    (sector,) = struct.unpack_from("<L", data, 48)
    tables = struct.unpack_from("<109L", data, 76)
    names = set()
    for _turn in range(_MOST_OLE_SECTORS):
        if sector >= _END_OF_CHAIN:
            break
        directory = data[(sector + 1) * size : (sector + 2) * size]
        for start in range(0, len(directory) - 127, 128):
            (length,) = struct.unpack_from("<H", directory, start + 64)
            if 2 <= length <= 64:
                names.add(directory[start : start + length - 2].decode("utf-16-le", "replace"))
        table, place = divmod(sector, size // 4)
        if table >= len(tables) or tables[table] >= _END_OF_CHAIN:
            break
        (sector,) = struct.unpack_from("<L", data, (tables[table] + 1) * size + 4 * place)
    return names


# --- text ---------------------------------------------------------------------------------------------------

_XML_ROOTS: tuple[tuple[str, Kind], ...] = (
    ("schemas.microsoft.com/office/word/2003/wordml", "word2003xml"),
    ('progid="word.document"', "word2003xml"),
    ("schemas.microsoft.com/office/2006/xmlpackage", "word2003xml"),
    ("urn:schemas-microsoft-com:office:spreadsheet", "excel2003xml"),
)
_HTML = re.compile(r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body|table|meta)\b", re.S)
_HEADER = re.compile(r"^([a-z][a-z0-9-]*):", re.M)
_OF_MAIL = {"received", "return-path", "message-id", "to", "delivered-to", "dkim-signature"}


def _text_kind(data: bytes) -> Kind:
    # Mails go first, and as bytes: their parts may be in as many encodings as they like.
    if letter := _letter_kind(data[:_HEAD].decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n").lower()):
        return letter
    head = _decoded(data[:_HEAD])
    if head is None:
        return "unknown"
    head = head.lstrip("\ufeff \t\r\n").lower()
    if head.startswith("<"):
        for mark, kind in _XML_ROOTS:
            if mark in head:
                return kind
        if _HTML.match(head):
            return "html"
    return "text"


def _letter_kind(head: str) -> Literal["eml", "mht"] | None:
    """Tell a mail and a web archive by the fields of their header."""
    if not re.match(r"from |[a-z][a-z0-9-]*:", head):
        return None
    fields = set(_HEADER.findall(re.split(r"\r?\n\r?\n", head, maxsplit=1)[0]))
    if "mime-version" in fields and "multipart/related" in head and not fields & _OF_MAIL:
        return "mht"
    if fields & _OF_MAIL and len(fields & {*_OF_MAIL, "from", "date", "subject", "mime-version"}) > 1:
        return "eml"
    return None


def _decoded(head: bytes) -> str | None:
    """Decode the beginning of a text as UTF-8, UTF-16 with its mark, or GB 18030; None for what is no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head):
        return None
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # a character may be cut at the end of what is looked at
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None
