"""The decisions as letters: one Word file, a page for each case."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Pt

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.review.models import Case

CONSENT_NEXT = "案例公开发表前, 将征得你单位对发表和著作权使用的同意。"


def conclusion_of(case: Case) -> str:
    """Return the decision in the words of a letter."""
    return f"{'入选' if case.decision == 'shortlisted' else '未入选'}{', 列为精品案例' if case.exemplary else ''}"


def write_letters(campaign: Campaign, cases: Sequence[Case], day: str) -> bytes:
    """Write a letter for each case that was decided; always in Chinese, as they leave the society."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    for number, case in enumerate(cases):
        if number:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _letter(document, campaign, case, day)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _letter(document: Document, campaign: Campaign, case: Case, day: str) -> None:  # type: ignore[valid-type]
    def line(text: str, *, right: bool = False, bold: bool = False) -> None:
        paragraph = document.add_paragraph()  # type: ignore[attr-defined]
        paragraph.add_run(text).bold = bold
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    filed = case.filed
    if campaign.demonstration:
        line("演示数据", bold=True)
    line(f"{filed.unit.name}:", bold=True)
    line(f"你单位在“{campaign.title}”中填报的案例《{filed.title}》(编号 {case}) 已经评审。")
    line(f"评审结论: {conclusion_of(case)}。")
    line(f"理由: {case.decision_reason}")
    if case.decision == "shortlisted":
        line(CONSENT_NEXT)
    line(str(campaign.call.society.zh), right=True)
    line(day, right=True)
