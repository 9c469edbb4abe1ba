"""Letters of invitation, a page each, as one Word file or one PDF; the codes exist nowhere else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.moments import said
from xinzhi.campaign.people.models import Invitation
from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _
from xinzhi.language import speaking

_LOOK = Path(__file__).with_name("letters.typ")


@dataclass(frozen=True)
class InvitationLetter:
    """What one letter says: heading, whom it greets, its paragraphs, the code alone on its line, who signs."""

    title: str
    greeting: str
    body: tuple[str, ...]
    code: str
    contact: str
    signed: str
    dated: str


def letters_of(
    campaign: Campaign, invited: Iterable[tuple[Invitation, str]], address: str
) -> list[InvitationLetter]:
    """Word the letters, in Chinese as the call is.

    Parameters
    ----------
    invited : iterable of (Invitation, str)
        Each with its code.
    address : str
        Of the page that takes a code; with the code behind it, the link.
    """
    with speaking("zh"):
        return [_worded(campaign, invitation, code, address) for invitation, code in invited]


def as_word(campaign: Campaign, letters: Sequence[InvitationLetter]) -> bytes:
    """Write the letters as a Word file."""
    document = Document()
    style = document.styles["Normal"]
    style.font.size = Pt(14)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if campaign.demonstration:
        header = document.sections[0].header.paragraphs[0]
        header.text, header.alignment = "演示数据", WD_ALIGN_PARAGRAPH.RIGHT
    # One page is made with the library's words; the others are copies of it with other texts, a hundred times faster.
    lines = len(_lines(letters[0]))
    pattern = [document.add_paragraph() for _n in range(lines)]
    title, code, (signed, dated) = pattern[0], pattern[-4], pattern[-2:]
    title.alignment = code.alignment = WD_ALIGN_PARAGRAPH.CENTER
    signed.alignment = dated.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    title.paragraph_format.page_break_before = True
    for paragraph in pattern:
        paragraph.add_run("")
    for paragraph, points in ((title, 20), (code, 26)):
        paragraph.runs[0].bold, paragraph.runs[0].font.size = True, Pt(points)
    elements = [paragraph._p for paragraph in pattern]
    end = document.element.body.sectPr
    for element in elements:
        document.element.body.remove(element)
    for letter in letters:
        for element, text in zip(elements, _lines(letter), strict=True):
            copy = deepcopy(element)
            copy.r_lst[0].text = text
            end.addprevious(copy)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def as_pdf(campaign: Campaign, letters: Sequence[InvitationLetter]) -> bytes:
    """Set the letters as PDF/A-2b and PDF/UA-1.

    Raises
    ------
    XinzhiError
        If what sets papers or its fonts are not installed, or a name has a character that no font has.
    """
    try:
        from xinzhi.publish.fonts import font_folder
        from xinzhi.publish.typst import families, typeset
    except ModuleNotFoundError as error:
        raise XinzhiError(_("这里没有安装排版部件"), remedy=_("请改选 Word")) from error
    fonts = font_folder()
    serif, sans = families(fonts)
    told = {
        "title": campaign.title,
        "mark": "演示数据" if campaign.demonstration else "",
        "serif": serif,
        "sans": sans,
        "letters": [asdict(letter) for letter in letters],
    }
    files = {"letters.json": json.dumps(told, ensure_ascii=False).encode()}
    return typeset(_LOOK.read_text(encoding="utf-8"), files, fonts)


def contact_of(campaign: Campaign) -> str:
    """Return how the office is reached, as the campaign states it; blank where it states nothing."""
    titles = {"mailbox": _("邮箱"), "phone": _("电话"), "address": _("通信地址")}
    return _("; ").join(
        f"{title}: {campaign.contacts[name]}" for name, title in titles.items() if campaign.contacts.get(name)
    )


def _worded(campaign: Campaign, invitation: Invitation, code: str, address: str) -> InvitationLetter:
    contact = contact_of(campaign)
    return InvitationLetter(
        title=campaign.title,
        greeting=_("{unit} {name}:").format(unit=invitation.unit or "", name=invitation.name).strip(),
        body=(
            _("邀请你作为“{role}”参加本次征集。").format(role=invitation.declared.title.zh),
            _("填报时间: {opens} 至 {closes}").format(
                opens=said(campaign, campaign.opens_at), closes=said(campaign, campaign.closes_at)
            ),
            _("请打开链接 {link} , 或者打开 {address} 填入下面的邀请码。注册或登录后即可开始。").format(
                link=f"{address}{code}/", address=address
            ),
            _("邀请码只能使用一次, {until} 前有效, 请勿转给他人。").format(
                until=said(campaign, invitation.expires_at)
            ),
        ),
        code=code,
        contact=_("联系我们: {contact}").format(contact=contact) if contact else "",
        signed=campaign.call.society.zh,
        dated=said(campaign, invitation.made_at).split()[0],
    )


def _lines(letter: InvitationLetter) -> list[str]:
    return [
        letter.title, letter.greeting, *letter.body, letter.code, letter.contact, letter.signed, letter.dated,
    ]  # fmt: skip
