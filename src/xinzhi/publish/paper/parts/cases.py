"""The cases that may be shown to everybody: what they are, where, in their own words, with their pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from xinzhi.errors import XinzhiError
from xinzhi.forms.files.pictures import shown
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Block, Heading, Name, Paragraph, Picture, Words
from xinzhi.publish.cases import CasePicture, PublishedCase
from xinzhi.publish.fonts import SERIF, lacking
from xinzhi.publish.paper.subject import Subject

_LONGEST = 420  # characters of a section, cut at the end of a sentence
_PICTURES = 3
_WIDTH = 0.55
_NUMBERED = re.compile(
    r"^[图圖]\s*\d+\s*[-:：.、．]?\s*"
)  # by the filer; the paper numbers its figures itself
_GETA = "〓"  # printers' sign for a type that is not in the case


def cases(subject: Subject) -> Iterator[Block]:
    """Show every case of the edition, the outstanding ones first."""
    ordered = sorted(subject.edition.cases, key=lambda case: not case.outstanding)
    for case in ordered:
        yield from _case(case, f"{subject.chapter}-{case.id}")


def _case(case: PublishedCase, id: str) -> Iterator[Block]:
    mark = _("（精品案例）") if case.outstanding else ""
    yield Heading(2, (Name(_readable(case.title) + mark),), id)
    about = [_("领域: {field}").format(field=case.field), _("填报单位: {unit}").format(unit=case.unit)]
    if case.place:
        about.append(_("所在地: {place}").format(place=case.place))
    yield Paragraph((Name(_readable(_("；").join(about))),), marker="※")
    whole = True
    for section in case.sections:
        text = _readable(section.text.strip())
        if not text:
            continue
        shortened = _abridged(text)
        whole = whole and shortened == text
        yield Heading(3, (Name(_readable(str(section.title))),), f"{id}-{section.id}", numbered=False)
        yield from (Paragraph((Name(line),), edited=True) for line in shortened.splitlines() if line.strip())
    if not whole:
        yield Paragraph((Words(_("以上各节有删节, 省略处以省略号标出。")),), marker="※")
    for number, picture in enumerate(case.pictures[:_PICTURES], start=1):
        yield _picture(case, picture, number)


def _picture(case: PublishedCase, picture: CasePicture, number: int) -> Picture:
    """Return a picture, made smaller where it is larger than a page can show.

    Raises
    ------
    XinzhiError
        If it cannot be decoded, or has more pixels than memory is kept for.
    """
    try:
        data = shown(picture.data)
    except Refusal as refusal:
        raise XinzhiError(
            _("案例 {case} 的第 {number} 张图片不能用: {why}").format(
                case=case.title, number=number, why=refusal.what
            ),
            remedy=_("请换一张 JPEG 或 PNG 图片, 不超过 1.2 亿像素"),
        ) from refusal
    caption = _NUMBERED.sub("", _readable(picture.caption)) or _readable(case.title)
    return Picture((Name(caption),), caption, b"", data, width=_WIDTH)


def _abridged(text: str) -> str:
    """Return a text, cut at the end of a sentence where it is too long."""
    if len(text) <= _LONGEST:
        return text
    head = text[:_LONGEST]
    end = max(head.rfind(stop) for stop in "。！？；\n")
    return head[: end + 1 if end > _LONGEST // 2 else _LONGEST].rstrip() + "……"


def _readable(text: str) -> str:
    """Return what a filer wrote without signs that only steer, and with 〓 for a sign that no font has.

    A sign that turns the direction of writing could make a reader see another text than the one that was
    judged; a missing glyph would stop the whole paper.
    """
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", text).replace("\r\n", "\n")
        if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cn", "Cs")
    )
    missing = _lacking(frozenset(kept))
    return "".join(_GETA if sign in missing else sign for sign in kept)


@cache
def _lacking(signs: frozenset[str]) -> frozenset[str]:
    return lacking(signs, SERIF)
