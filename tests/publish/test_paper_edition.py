"""A paper of an edition: chapters for each index, cases in their own words, what is made up said to be so."""

from __future__ import annotations

import io
import warnings
import zipfile

import docx
import pytest
from PIL import Image
from pypdf import PdfReader

import xinzhi
from tests.publish.papers import outline_of
from xinzhi.declarations import Text
from xinzhi.errors import XinzhiError
from xinzhi.language import speaking
from xinzhi.publish.blocks import Formula, Heading, Name, Paragraph, Picture, Table, plain
from xinzhi.publish.bundle import BundleError, write_bundle
from xinzhi.publish.cases import CasePicture, CaseSection, PublishedCase
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.notation import spoken
from xinzhi.publish.outline import OutlineError, load_outline
from xinzhi.publish.paper import document, rebuild_paper, require_sound, write_paper
from xinzhi.publish.typst import printed
from xinzhi.publish.word import word
from xinzhi.reproduction import printed_index

QUICK = Choices(analyses=())


def photograph(width=40, height=30, kind="JPEG"):
    file = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 60)).save(file, kind)
    return file.getvalue()


def case(id="one", code="990102", text="一段。", pictures=(), title="竹纤维餐具量产", outstanding=False):
    return PublishedCase(
        id, title, Text(zh="绿色产业", en="Green industries"), "甲公司", code, "甲样县",
        (CaseSection("background", Text(zh="背景摘要", en="Background"), text),), pictures, outstanding,
    )  # fmt: skip


def tree_of(edition, *chapters, figures=()):
    return document(edition, outline_of(*chapters, figures=figures))


def headings(tree, level=1):
    return [plain(b.spans) for b in tree.blocks if isinstance(b, Heading) and b.level == level]


def test_chapters_speak_of_the_index_of_their_level(provinces):
    nation = xinzhi.compute("national-open")
    edition = edition_of([provinces, nation], [printed_index()], choices=QUICK)
    tree = tree_of(edition)
    assert headings(tree) == [
        "摘要", "背景与内涵", "指标体系与方法", "全国", "区域", "省级", "分项", "附录：论文印出的指数及其再现",
        "附录：各项得分", "附录：补齐与缺失的数据", "附录：各省画像",
    ]  # fmt: skip
    require_sound(tree.blocks, edition)
    at = {plain(b.spans): i for i, b in enumerate(tree.blocks) if isinstance(b, Heading) and b.level == 1}
    assert "全国新质生产力开放指数为" in plain(tree.blocks[at["全国"] + 1].spans)
    assert tree.notes[-1].startswith("各数为论文所印, 不是本项目计算的")


def test_the_title_is_that_of_the_edition(provinces):
    edition = edition_of([provinces], title=Text(zh="甲省测评", en="Assessment A"))
    assert document(edition, outline_of("method")).title == "甲省测评"
    with speaking("en"):
        assert document(edition, outline_of("method")).title == "Assessment A"


def test_formulas_are_those_of_the_methodology(provinces):
    tree = tree_of(edition_of([provinces], choices=QUICK), "method")
    assert [spoken(b.notation) for b in tree.blocks if isinstance(b, Formula)] == [
        "z_i = (x_i − min x) / (max x − min x) × S",
        "Z = ∑_k w_k z_k",
    ]
    worked = [plain(b.spans) for b in tree.blocks if isinstance(b, Paragraph) and "相加" in plain(b.spans)]
    score = provinces.table("scores").filter(name="北京", year=2022)
    parts = [f"{score[node][0]:.1f}" for node in ("technology", "factors", "industry")]
    assert worked == [
        f"新质生产力开放指数：40.00% × {parts[0]} + 40.00% × {parts[1]} + 20.00% × {parts[2]} = 77.2"
        "（各数按所示小数，相加有舍入之差）"
    ]


def test_formulas_are_in_both_files(provinces, tmp_path):
    tree = tree_of(edition_of([provinces], choices=QUICK), "method")
    pdf = printed(tree, font_folder())
    (tmp_path / "a.docx").write_bytes(word(tree, pdf.page_of))
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert archive.read("word/document.xml").decode().count("<m:oMathPara>") == 2


def test_the_printed_index_is_reported_on_figure_by_figure(provinces):
    """Counts: `xinzhi reproduce` of the paper, 317 reproduced, 20 contradicted, 13 not checkable."""
    tree = tree_of(edition_of([provinces], [printed_index()], choices=QUICK), "printed")
    (table,) = (t for t in tree.blocks if isinstance(t, Table) and "不符" in plain(t.caption))
    assert len(table.rows) == 20
    quotes = [plain(b.spans) for b in tree.blocks if isinstance(b, Paragraph) and b.marker == "※"]
    assert "印出的数 350 行: 复现 317, 矛盾 20, 无法核对 13" in quotes


def test_an_unknown_index_is_named(provinces):
    usual = load_outline()
    wrong = usual.model_copy(update={"chapters": (usual.chapters[1].model_copy(update={"index": "moon"}),)})
    with pytest.raises(OutlineError, match="没有叫 moon 的指数") as refusal:
        document(edition_of([provinces], choices=QUICK), wrong)
    assert "province-open" in refusal.value.remedy


# --- cases -------------------------------------------------------------------------------------------------


def test_outstanding_cases_stand_first_and_all_are_marked_as_made_up(provinces, tmp_path):
    cases = [case("one"), case("two", outstanding=True, pictures=(CasePicture(photograph(), "车间"),))]
    tree = tree_of(edition_of([provinces], choices=QUICK, cases=cases), "cases", "advice", "trust", "tables")
    assert headings(tree, 2)[:2] == ["竹纤维餐具量产（精品案例）", "竹纤维餐具量产"]
    assert [(plain(b.spans), b.running) for b in tree.blocks if isinstance(b, Heading) and b.level == 1] == [
        ("典型案例（演示数据）", "演示数据"),
        ("附录：各项得分", ""),
    ]
    pdf = printed(tree, font_folder())
    (tmp_path / "a.pdf").write_bytes(pdf.data)
    pages = [page.extract_text() for page in PdfReader(tmp_path / "a.pdf").pages]
    first, after = pdf.page_of["cases"], pdf.page_of["tables"]
    heads = [page.strip().startswith("演示数据") for page in pages]
    assert heads == [first <= n < after for n in range(1, len(pages) + 1)]
    (tmp_path / "a.docx").write_bytes(word(tree, pdf.page_of))
    sections = docx.Document(tmp_path / "a.docx").sections
    assert [s.header.paragraphs[0].text for s in sections] == ["", "演示数据", ""]
    assert [s.different_first_page_header_footer for s in sections] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>粗</b> #strong[x] $y$ \\ \"z\"", "<b>粗</b> #strong[x] $y$ \\ \"z\""),
        ("甲\u202e乙\u2066丙\u200f\x07\x1b[31m", "甲乙丙[31m"),
        ("好🙂字𠮷م", "好〓字〓〓"),
        ("{{ 1 }} {% x %} %PDF", "{{ 1 }} {% x %} %PDF"),
    ],
)  # fmt: skip
def test_hostile_text_stays_text(provinces, text, shown):
    tree = tree_of(edition_of([provinces], choices=QUICK, cases=[case(text=text, title=text)]), "cases")
    (said,) = (b for b in tree.blocks if isinstance(b, Paragraph) and b.edited)
    assert said.spans == (Name(shown),)
    assert plain(tree.blocks[1].spans) == shown
    pdf = printed(tree, font_folder())
    assert word(tree, pdf.page_of).startswith(b"PK")


def test_a_long_section_is_cut_at_a_sentence_and_says_so(provinces):
    sentence = "这一句有十个字在里面。"
    tree = tree_of(edition_of([provinces], choices=QUICK, cases=[case(text=sentence * 60)]), "cases")
    said = [b for b in tree.blocks if isinstance(b, Paragraph)]
    assert plain(said[1].spans) == sentence * (420 // len(sentence)) + "……"
    assert plain(said[-1].spans) == "以上各节有删节, 省略处以省略号标出。"


def test_a_picture_of_twelve_thousand_pixels_is_made_smaller(provinces):
    """Its decoder is asked for few pixels at once, so that the whole is never in memory."""
    wide = photograph(12_000, 900)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = tree_of(
            edition_of([provinces], choices=QUICK, cases=[case(pictures=(CasePicture(wide, "长卷"),))]),
            "cases",
        )
    (picture,) = (b for b in tree.blocks if isinstance(b, Picture))
    with Image.open(io.BytesIO(picture.raster)) as image:
        assert (image.format, image.size) == ("JPEG", (1600, 120))


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"\x89PNG\r\nnothing", "第 1 张图片不能用"), (photograph(12_000, 12_000, "PNG"), "第 1 张图片不能用")],
)
def test_a_picture_that_cannot_be_used_is_named(provinces, data, why):
    edition = edition_of([provinces], choices=QUICK, cases=[case(pictures=(CasePicture(data, ""),))])
    with pytest.raises(XinzhiError, match=f"案例 竹纤维餐具量产 的{why}") as refused:
        tree_of(edition, "cases")
    assert refused.value.remedy == "请换一张 JPEG 或 PNG 图片, 不超过 1.2 亿像素"


def test_an_edition_without_cases_has_no_chapter_of_them(provinces):
    assert "典型案例" not in "".join(headings(tree_of(edition_of([provinces], choices=QUICK))))


# --- the same again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_paper_is_built_again_from_its_bundle_alone(provinces, tmp_path, language):
    cases = [case(code="", pictures=(CasePicture(photograph(), "车间"),))]
    with speaking(language):
        nation = xinzhi.compute("national-open")
        edition = edition_of([provinces, nation], [printed_index()], choices=QUICK, cases=cases)
        (tmp_path / "p" / "text").mkdir(parents=True)
        (tmp_path / "p" / "text" / "advice.md").write_text("多看*原文*。<b>x</b>\n", encoding="utf-8")
        chapters = outline_of("method", "nation", "provinces", "cases", "advice", figures=("trend",))
        first = write_paper(edition, tmp_path / "p", font_folder(), outline=chapters)
    again = rebuild_paper(first / "bundle.zip", tmp_path / "again", font_folder())
    for name in ("paper.pdf", "paper.docx", "bundle.zip"):
        assert (again / name).read_bytes() == (first / name).read_bytes(), name


def test_a_bundle_without_an_outline_makes_no_paper(provinces, tmp_path):
    write_bundle(edition_of([provinces], choices=QUICK), tmp_path / "b.zip", figures=())
    with pytest.raises(BundleError, match="数据包里没有白皮书的大纲"):
        rebuild_paper(tmp_path / "b.zip", tmp_path / "p", font_folder())
    assert not (tmp_path / "p").exists()
