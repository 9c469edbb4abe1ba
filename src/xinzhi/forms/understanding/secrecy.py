"""Classification marks: what may not travel by open mail, told from the same words in running text.

国家秘密 are marked as 绝密, 机密 or 秘密, in print as ``机密★10年`` (保守国家秘密法实施条例), at the top corner of a page.
Such a mark, with the star or a term or alone in a header, a corner or a title, sends the file to quarantine;
内部资料 in a header is a question to a person; 商业秘密 or 保密协议 in a sentence mean nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from xinzhi.forms.document import Document, Paragraph
from xinzhi.forms.reading import Finding

_LEVEL = r"(?:绝密|机密|秘密)"
_TERM = r"(?:[0-9]{1,2}年|[0-9]{1,2}个月|长期|启封|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日(?:解密)?)"
_OPEN, _CLOSE = r"[(（\[【〔<《「]?", r"[)）\]】〕>》」]?"
_STARRED = re.compile(rf"{_LEVEL}[★☆]{_TERM}?|[★☆]{_LEVEL}")
_TERMED = re.compile(rf"{_OPEN}{_LEVEL}[*＊·]?{_OPEN}{_TERM}{_CLOSE}")
_LABELLED = re.compile(rf"(?:密级|保密等级|保密级别|涉密等级|秘密等级)(?:[:：是为]|标识[:：]?)?{_LEVEL}")
_ALONE = re.compile(rf"{_OPEN}{_LEVEL}(?:文件|资料|级)?{_CLOSE}[:：]?")
_INTERNAL = re.compile(r"内部(?:资料|文件|使用|材料)|不得外传|注意保密|工作秘密")
_RUNNING = re.compile(r"[。；;]|制度|管理|办法|规定|编写|汇编|.{24}")
"""What makes a sentence of it: a full stop inside, talk about such material, or mere length."""

_CORNER = 3
"""Paragraphs of the body that count as the top of the first page."""


def classification_marks(document: Document) -> Iterator[Finding]:
    """Yield a finding for every mark of secrecy that stands where such marks stand.

    Parameters
    ----------
    document : Document

    Yields
    ------
    Finding
        ``secrecy.classified`` (to quarantine) or ``secrecy.internal`` (a person looks).
    """
    body = [paragraph for paragraph in document.paragraphs() if paragraph.text.strip()]
    prominent = [*document.margins, *body[:_CORNER]]
    for paragraph in [*document.margins, *body]:
        text = _plain(paragraph.text)
        # A level and a term without the star are a mark only by themselves: 商业机密5年 is a matter of contracts.
        mark = (
            _STARRED.search(text)
            or _LABELLED.search(text)
            or _TERMED.fullmatch(text)
            or _ALONE.fullmatch(text)
        )
        if mark:
            yield _found("secrecy.classified", paragraph, mark[0])
    for paragraph in prominent:
        text = _plain(paragraph.text)
        if (mark := _INTERNAL.search(text)) and not _RUNNING.search(
            text[: mark.start()] + text[mark.end() :]
        ):
            yield _found("secrecy.internal", paragraph, mark[0])


def _found(rule: str, paragraph: Paragraph, mark: str) -> Finding:
    return Finding(rule=rule, place=paragraph.place, facts={"mark": mark})


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
