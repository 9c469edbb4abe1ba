"""Checks of annex 2, of what comes with it, of explanations and of marks of secrecy."""

from __future__ import annotations

import pytest

from tests.forms.readings import CASE, SENTENCE, case, rules_of
from xinzhi.forms import Place, message
from xinzhi.forms.checks import check, check_delivery, judge_explanation
from xinzhi.forms.checks.case import promotional
from xinzhi.forms.document import Document, Paragraph, Run
from xinzhi.forms.reading import PictureFacts, StyleUse
from xinzhi.forms.understanding.secrecy import classification_marks


def found(reading):
    return rules_of(check(CASE, reading))


def test_a_sound_case_has_no_findings():
    assert found(case()) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": None}, [("case.field_missing", "title", None)]),
        ({"title": "例" * 101}, [("case.field_too_long", "title", None)]),
        ({"recommender_contact": None, "recommender": None}, []),
        (
            {"recommender": "样例县发展和改革局", "recommender_contact": "李四样例", "recommender_phone": "010-00000000",
             "recommender_address": "样例路2号"},
            [("case.field_missing", "recommender_email", None)],
        ),
        ({"phone": "办公室"}, [("case.phone", "phone", None)]),
        ({"phone": "010-00000000、13800000000"}, []),
        ({"phone": "400-000-0000"}, []),
        ({"email": "sample.example.com"}, [("case.email", "email", None)]),
        ({"results": None}, [("case.section_missing", "results", None)]),
        ({"results": "成效已经显现。" * 20}, [("case.results_without_figures", "results", None)]),
        ({"innovation": "建立了新的机制。" * 20}, [("case.no_figures", "innovation", None)]),
        ({"innovation": "申请专利23项。"}, [("case.section_short", "innovation", None)]),
        ({"summary": SENTENCE + "国际领先，成效显著。"}, [("case.promotional", "summary", None)]),
        ({"seal_date": None}, [("case.no_date", "seal_date", None)]),
    ],
)  # fmt: skip
def test_one_slip_one_rule(changes, expected):
    assert found(case(**changes)) == expected


def test_length_counts_from_the_limit_on():
    assert found(case().model_copy(update={"characters": 3000})) == []
    (finding,) = check(CASE, case().model_copy(update={"characters": 3001}))
    assert message(finding) == "案例内容共 3001 字, 超过 3000 字"


@pytest.mark.parametrize(
    ("styles", "told"),
    [
        ([("宋体", 10.5, 900)], []),
        ([("", 0.0, 900)], []),
        ([("宋体", 10.5, 900), ("仿宋", 16.0, 100)], ["1000 字中有 100 字不是宋体 10.5磅, 如 仿宋 16 磅"]),
        ([("宋体", 12.0, 40)], ["40 字中有 40 字不是宋体 10.5磅, 如 宋体 12 磅"]),
    ],
)
def test_looks(styles, told):
    uses = tuple(StyleUse(font=f, points=p, characters=c, place=Place()) for f, p, c in styles)
    assert [message(f) for f in check(CASE, case().model_copy(update={"styles": uses}))] == told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("达到国际领先水平，成效显著", ("国际领先", "成效显著")),
        ("建设世界一流大学和一流学科", ()),
        ("龙头企业第一阶段投入1800万元", ()),
        ("能耗下降12%", ()),
        ("技术革命性突破、颠覆性技术、卓越级智能工厂、最佳可行技术", ()),
    ],
)
def test_promotional_wording_by_the_lexicon(text, words):
    assert promotional(text) == words


# --- material --------------------------------------------------------------------------------------------


def picture(name="a.jpg", **changes) -> PictureFacts:
    number = sum(name.encode())
    return PictureFacts(
        **{
            "name": name,
            "bytes": 3_000_000,
            "sha256": f"{number:064x}",
            "format": "JPEG",
            "width": 4000,
            "height": 3000,
            "dhash": f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
            "detail": 0.2,
            **changes,
        }
    )


THREE = (picture("a.jpg"), picture("b.jpg"), picture("c.jpg"))


def delivered(pictures=THREE, evidence=(), *, seal=True, reading=None):
    found = check_delivery(CASE, reading or case(), pictures, evidence, seal_scan=seal)
    return [finding.rule for finding in found]


def test_sound_material_has_no_findings():
    assert delivered() == []


@pytest.mark.parametrize(
    ("pictures", "rules"),
    [
        (THREE[:2], ["pictures.few"]),
        ((*THREE, picture("d.jpg")), []),
        ((*THREE, picture("d.jpg"), picture("e.jpg")), ["pictures.many"]),
        ((*THREE[:2], picture(bytes=1_999_999, name="x")), ["pictures.small"]),
        ((*THREE[:2], picture(bytes=2_000_000, name="x")), []),
        ((*THREE[:2], picture(width=100, height=100, name="x")), ["pictures.padded"]),
        ((*THREE[:2], picture(width=1400, height=1000, name="x")), ["pictures.coarse"]),
        ((*THREE[:2], picture(detail=0.01, name="x")), ["pictures.upscaled"]),
        ((*THREE[:2], picture(format="GIF", name="x")), ["pictures.format"]),
        ((*THREE[:2], picture(fault="pictures.damaged", name="x")), ["pictures.damaged"]),
        ((*THREE[:2], THREE[0].model_copy(update={"name": "x"})), ["pictures.same"]),
        (
            (*THREE[:2], picture(name="x", dhash=f"{int(THREE[0].dhash, 16) ^ 0b1111:016x}")),
            ["pictures.alike"],
        ),
        ((*THREE[:2], picture(name="x", dhash=f"{int(THREE[0].dhash, 16) ^ 0b11111:016x}")), []),
    ],
)
def test_pictures(pictures, rules):
    assert delivered(pictures) == rules


def test_pictures_in_the_form_count_when_none_are_attached_and_only_lose_a_note():
    inside = tuple(p.model_copy(update={"bytes": 90_000, "caption": "图1"}) for p in THREE)
    reading = case().model_copy(update={"pictures": inside})
    assert delivered((), reading=reading) == ["pictures.shrunk"] * 3


@pytest.mark.parametrize(
    ("named", "attached", "rules"),
    [
        (("能效检测报告",), ("佐证/能效检测报告.pdf",), []),
        (("能效检测报告（2024）",), ("能效检测报告.PDF",), []),
        (("能效检测报告", "获奖证书"), ("能效检测报告.pdf",), ["material.evidence_missing"]),
        (("第三方审计报告", "获奖证书"), ("附件1.pdf", "二、证书.pdf"), []),
        (("第三方审计报告", "获奖证书"), ("2.jpg", "2024年报告.pdf"), ["material.evidence_missing"]),
        ((), ("别的.pdf",), []),
    ],
)
def test_evidence_named_is_evidence_attached(named, attached, rules):
    assert delivered(evidence=attached, reading=case().model_copy(update={"evidence": named})) == rules


def test_the_seal_is_in_the_form_or_on_a_scan():
    assert delivered(seal=False) == ["material.no_seal"]
    assert delivered(seal=False, reading=case().model_copy(update={"sealed": True})) == []


# --- explanations ----------------------------------------------------------------------------------------

CAUSE = "新建园区二期于2024年投产，工业增加值增加12.30亿元"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (CAUSE, None),
        ("", "explanations.empty"),
        ("  。 ", "explanations.empty"),
        ("核实无误", "explanations.affirmed"),
        ("经我县统计局核实，数据真实准确无误。", "explanations.affirmed"),
        ("情况属实！", "explanations.affirmed"),
        ("企业搬迁", "explanations.short"),
        ("aaaaaaaaaa", "explanations.short"),
        ("1111111111", "explanations.short"),
        ("同意同意同意同意", "explanations.affirmed"),
        ("经与统计局核对无误", "explanations.affirmed"),
        ("经反复核实，该数据无误", "explanations.affirmed"),
        ("我县数据经核实确认无误，无需修改", "explanations.affirmed"),
        ("经核实数据无异常", "explanations.affirmed"),
        ("数据无误，特此说明", "explanations.affirmed"),
        ("以统计局数据为准", "explanations.affirmed"),
        ("确认过了没有任何问题", "explanations.affirmed"),
        ("The figure is correct.", "explanations.affirmed"),
        ("统计口径由法人改为在地", None),
        ("2024年撤并两个乡镇，人口减少0.17万人", None),
        ("由 207.46 变为 330, 变动 +59.1%", "explanations.repeated"),
    ],
)
def test_an_explanation_is_judged(text, rule):
    refused = judge_explanation(text, asked="由 207.46 变为 330, 变动 +59.1%, 在通常的 -30% 到 +50% 之外")
    assert (refused.rule if refused else None) == rule


def test_a_copied_explanation_is_refused():
    assert judge_explanation(CAUSE + "。", others=[CAUSE]).rule == "explanations.copied"
    assert judge_explanation(CAUSE, others=["别的原因"]) is None


# --- secrecy ---------------------------------------------------------------------------------------------


def document(*body: str, header: str = "") -> Document:
    def paragraph(text, part=""):
        return Paragraph([Run(text)], Place(part=part))

    return Document(
        format="docx",
        blocks=[paragraph(text) for text in body],
        margins=[paragraph(header, "header")] if header else [],
    )


@pytest.mark.parametrize(
    ("body", "header", "rules"),
    [
        (["机密★10年", "案例"], "", ["secrecy.classified"]),
        (["案例", "正文", "三", "四", "秘密 ★ 5年"], "", ["secrecy.classified"]),
        (["案例"], "秘密", ["secrecy.classified"]),
        (["绝 密", "案例"], "", ["secrecy.classified"]),
        (["密级：机密", "案例"], "", ["secrecy.classified"]),
        (["【秘密】"], "", ["secrecy.classified"]),
        (["案例"], "内部资料 注意保存", ["secrecy.internal"]),
        (["内部文件", "案例"], "", ["secrecy.internal"]),
        (["案例", "与合作方签订商业秘密10年保密协议"], "", []),
        (["案例", "公司与客户签订商业机密5年保护协议。"], "", []),
        (["军工秘密2年复审，秘密5年计划"], "", []),
        (["案例"], "〔秘密〕", ["secrecy.classified"]),
        (["秘密："], "", ["secrecy.classified"]),
        (["保密级别：秘密"], "", ["secrecy.classified"]),
        (["（机密5年）"], "", ["secrecy.classified"]),
        (["案例"], "内部资料，注意保存", ["secrecy.internal"]),
        (["案例"], "内部资料，不得外传", ["secrecy.internal"]),
        (["完善内部管理，编写内部资料管理制度"], "", []),
        (["案例", "正文", "三", "四", "内部资料"], "", []),
        (["加强保密工作，严守国家秘密"], "", []),
        (["解开成功的秘密"], "", []),
    ],
)
def test_marks_of_secrecy_by_where_they_stand(body, header, rules):
    assert [finding.rule for finding in classification_marks(document(*body, header=header))] == rules
