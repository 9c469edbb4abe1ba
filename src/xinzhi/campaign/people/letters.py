"""Letters of invitation as one Word file, a page each; the codes exist nowhere else."""

from __future__ import annotations

import io
from collections.abc import Iterable
from copy import deepcopy
from datetime import datetime
from zoneinfo import ZoneInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.models import Invitation
from xinzhi.language import gettext as _

_BEIJING = ZoneInfo("Asia/Shanghai")


def write_letters(campaign: Campaign, invited: Iterable[tuple[Invitation, str]], address: str) -> bytes:
    """Write the letters.

    Parameters
    ----------
    invited : iterable of (Invitation, str)
        Each with its code.
    address : str
        Of the page that takes a code.
    """
    document = Document()
    style = document.styles["Normal"]
    style.font.size = Pt(14)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    if campaign.demonstration:
        header = document.sections[0].header.paragraphs[0]
        header.text, header.alignment = "演示数据", WD_ALIGN_PARAGRAPH.RIGHT
    # One page is made with the library's words; the others are copies of it with other texts, a hundred times faster.
    pattern = [document.add_paragraph() for _n in range(7)]
    title, *_body, code = pattern
    title.alignment = code.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.page_break_before = True
    for paragraph, points in ((title, 20), (code, 26)):
        run = paragraph.add_run("")
        run.bold, run.font.size = True, Pt(points)
    for paragraph in _body:
        paragraph.add_run("")
    elements = [paragraph._p for paragraph in pattern]
    end = document.element.body.sectPr
    for element in elements:
        document.element.body.remove(element)
    for invitation, secret in invited:
        for element, text in zip(elements, _texts(campaign, invitation, secret, address), strict=True):
            copy = deepcopy(element)
            copy.r_lst[0].text = text
            end.addprevious(copy)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _texts(campaign: Campaign, invitation: Invitation, code: str, address: str) -> list[str]:
    return [
        campaign.title,
        _("{unit} {name}:").format(unit=invitation.unit or "", name=invitation.name).strip(),
        _("邀请你作为“{role}”参加本次征集。").format(role=invitation.declared.title),
        _("填报时间: {opens} 至 {closes} (北京时间)").format(
            opens=_written(campaign.opens_at), closes=_written(campaign.closes_at)
        ),
        _("请打开 {address}, 填入下面的邀请码, 注册或登录后即可开始。").format(address=address),
        _("邀请码只能使用一次, {until} 前有效, 请勿转给他人。").format(until=_written(invitation.expires_at)),
        code,
    ]


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(_BEIJING):%Y-%m-%d %H:%M}"
