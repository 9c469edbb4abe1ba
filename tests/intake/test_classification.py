"""What each file of a delivery is taken for, and why."""

from __future__ import annotations

import pytest

from xinzhi.forms import Reading
from xinzhi.intake.classification import classify

FORM = Reading(form="letter-2025/indicators@1")
CASE = Reading(form="letter-2025/case@1")

SORTED = [
    ("随便.docx", "docx", (FORM,), "indicators", 1.0),
    ("盖章扫描件.docx", "docx", (CASE,), "case", 1.0),
    ("附件1.docx", "docx", (), "indicators", 0.7),
    ("附件2 典型案例填报表.doc", "doc", (), "case", 0.7),
    ("附件3活动介绍.docx", "docx", (), "other", 0.7),
    ("检测报告.docx", "docx", (), "evidence", 0.7),
    ("绿色.docx", "docx", (), "other", 0.3),
    ("图1.jpg", "jpeg", (), "picture", 0.7),
    ("DSC0001.JPG", "jpeg", (), "picture", 0.7),
    ("abc.png", "png", (), "picture", 0.8),
    ("营业执照.jpg", "jpeg", (), "evidence", 0.7),
    ("案例盖章页.jpg", "jpeg", (), "seal", 0.7),
    ("附件2（盖章扫描件）.pdf", "pdf", (), "seal", 0.7),
    ("附件2典型案例填报表.pdf", "pdf", (), "seal", 0.5),
    ("附件1.pdf", "pdf", (), "evidence", 0.4),
    ("材料/附件二.pdf", "pdf", (), "evidence", 0.4),
    ("获奖证书.pdf", "pdf", (), "evidence", 0.7),
    ("1.pdf", "pdf", (), "evidence", 0.4),
    ("佐证材料/1.jpg", "jpeg", (), "evidence", 0.5),
    ("盖章扫描件.zip/1.docx", "docx", (), "seal", 0.5),
    ("a.zip", "zip", (), "archive", 1.0),
    ("a.rar", "rar", (), "archive", 1.0),
    ("a.eml", "eml", (), "mail", 1.0),
    ("a.exe", "unknown", (), "other", 0.3),
]


@pytest.mark.parametrize(("name", "kind", "readings", "sort", "confidence"), SORTED)
def test_what_a_file_is(name, kind, readings, sort, confidence):
    found = classify(name, kind, 5_000_000, readings)
    assert (found.sort, found.kind, found.confidence) == (sort, kind, confidence)
    assert [str(reason) for reason in found.reasons] != []


def test_a_logo_in_the_text_is_no_picture_of_the_case():
    assert classify("logo.png", "png", 3000, inline=True).sort == "other"
    assert classify("图1.png", "png", 3_000_000, inline=True).sort == "picture"


def test_reasons_are_sentences():
    assert str(classify("盖章.pdf", "pdf").reasons[0]) == "文件名写着“盖章”"
    assert (
        str(classify("x.docx", "docx", readings=[FORM]).reasons[0])
        == "内容是《县域新质生产力发展研究测评指标数据填报表》"
    )
