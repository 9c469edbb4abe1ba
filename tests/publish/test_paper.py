"""The white paper: PDF and Word from one tree, the same bytes again, and refused where something is wrong."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import docx
import numpy as np
import polars as pl
import pytest
from lxml import etree
from pypdf import PdfReader

import xinzhi
from tests.publish.conftest import CHOICES, SHORT
from tests.publish.papers import outline_of
from xinzhi.errors import CallError, XinzhiError
from xinzhi.language import speaking
from xinzhi.publish.blocks import (
    Column,
    Document,
    Footnote,
    Heading,
    Name,
    Number,
    Paragraph,
    Picture,
    Table,
    Words,
    plain,
)
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.figures import figure
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.outline import OutlineError, editors_texts, load_outline, markdown_blocks
from xinzhi.publish.paper import PARTS, document, require_sound, write_paper
from xinzhi.publish.text.keys import Key
from xinzhi.publish.typst import PaperError, printed
from xinzhi.publish.word import word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
QUICK = Choices(analyses=())
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#0b6e6e"/></svg>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63600000000002000185"
    "e4d8c30000000049454e44ae426082"
)


def tree_of(*blocks, language="zh"):
    return Document("标题", "副题", "编者", language, "1a2b3c4d", blocks, ("演示数据",))


def chapter(*blocks):
    return tree_of(Heading(1, (Words("第一章"),), "one", new_page=True), *blocks)


def text_of(data, tmp_path):
    (tmp_path / "a.pdf").write_bytes(data)
    return "".join(page.extract_text() for page in PdfReader(tmp_path / "a.pdf").pages)


def alternatives(node):
    """The texts for those who cannot see, in the order of the structure tree."""
    node = node.get_object()
    if not isinstance(node, dict):
        return [found for child in node for found in alternatives(child)] if isinstance(node, list) else []
    own = [node["/Alt"]] if node.get("/S") == "/Figure" and "/Alt" in node else []
    return own + (alternatives(node["/K"]) if "/K" in node else [])


# --- the whole paper ---------------------------------------------------------------------------------------


def test_both_files_and_the_bundle_are_the_same_bytes_again(provinces, short_paper, tmp_path):
    again = edition_of([provinces], choices=CHOICES)
    write_paper(again, tmp_path / "again", font_folder(), outline=SHORT)
    names = ("paper.pdf", "paper.docx", "bundle.zip")
    assert sorted(file.name for file in short_paper.iterdir()) == sorted(names)
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (short_paper / name).read_bytes()


def test_the_pdf_says_it_is_archival_and_accessible(paper_folder):
    reader = PdfReader(paper_folder / "paper.pdf")
    metadata = reader.xmp_metadata.stream.get_data().decode()
    assert re.search(r"<pdfaid:part>2</pdfaid:part>.*<pdfaid:conformance>B</pdfaid:conformance>", metadata)
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert (reader.trailer["/Root"]["/Lang"], reader.trailer["/Root"]["/MarkInfo"]["/Marked"]) == (
        "zh-CN",
        True,
    )
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]  # mm, A4


def test_chapters_are_bookmarks_and_portraits_have_a_page_each(provinces, paper_folder):
    reader = PdfReader(paper_folder / "paper.pdf")
    pages, level = {}, reader.outline
    for entry in [e for part in level for e in (part if isinstance(part, list) else [part])]:
        pages[entry.title] = reader.get_destination_page_number(entry)
    assert list(pages)[:4] == ["摘要", "一、背景与内涵", "二、指标体系与方法", "三、区域"]
    portraits = [pages[name] for name in provinces.names]
    assert np.diff(portraits).tolist() == [1] * 30
    assert portraits[-1] == len(reader.pages) - 1


def test_every_font_is_embedded_and_ours(paper_folder):
    reader = PdfReader(paper_folder / "paper.pdf")
    fonts = {
        font.get_object()["/BaseFont"].split("+")[1]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert {name.partition("-")[0] for name in fonts} == {"NotoSerifSC", "NotoSansSC", "NewCMMath"}


def test_the_contents_of_the_word_file_have_the_pages_of_the_pdf(paper_folder):
    reader = PdfReader(paper_folder / "paper.pdf")
    lines = [
        p.text
        for p in docx.Document(paper_folder / "paper.docx").paragraphs
        if p.style.name.startswith("toc")
    ]
    shown = dict(line.split("\t") for line in lines)
    flat = [e for part in reader.outline for e in (part if isinstance(part, list) else [part])]
    assert shown == {e.title: str(reader.get_destination_page_number(e) + 1) for e in flat}


def test_the_word_file_is_well_formed_and_its_controls_are_distinct(paper_folder):
    with zipfile.ZipFile(paper_folder / "paper.docx") as archive:
        roots = {
            n: etree.fromstring(archive.read(n)) for n in archive.namelist() if n.endswith((".xml", ".rels"))
        }
    body = roots["word/document.xml"]
    ids = [element.get(f"{W}val") for element in body.iter(f"{W}id")]
    tags = [element.get(f"{W}val") for element in body.iter(f"{W}tag")]
    assert len(ids) == len(set(ids)) == len(tags) > 3000
    assert max(map(len, tags)) <= 64  # Word refuses longer ones
    used = {e.get(f"{W}val") for e in body.iter(f"{W}pStyle")}
    assert used <= {e.get(f"{W}styleId") for e in roots["word/styles.xml"].iter(f"{W}style")}
    assert body.find(f".//{W}instrText").text.strip() == r'TOC \o "1-2" \h \z \u'


def test_an_editors_text_survives(provinces, paper_folder, tmp_path):
    (tmp_path / "p" / "text").mkdir(parents=True)
    own = tmp_path / "p" / "text" / "advice.md"
    own.write_text("# 第一\n\n增加**投入** 3 倍。\n\n- 甲\n- 乙\n", encoding="utf-8")
    short = outline_of("abstract", "provinces", "advice")
    for _time in range(2):
        write_paper(edition_of([provinces], choices=QUICK), tmp_path / "p", font_folder(), outline=short)
    paragraphs = [p.text for p in docx.Document(tmp_path / "p" / "paper.docx").paragraphs]
    at = paragraphs.index("二、问题与建议")
    assert paragraphs[at + 1 : at + 5] == ["（一）第一", "增加投入 3 倍。", "•\t甲", "•\t乙"]
    assert own.read_text(encoding="utf-8").startswith("# 第一")


def test_a_paper_in_english(provinces, tmp_path):
    few = outline_of("abstract", "background", "method", "regions", "provinces", "dimensions", "trust")
    # The names of Chinese publications are Chinese.
    chapters = tuple(
        c.model_copy(update={"parts": tuple(part for part in c.parts if part != "sources")})
        for c in few.chapters
    )
    few = few.model_copy(update={"chapters": chapters})
    with speaking("en"):
        tree = document(edition_of([provinces], choices=QUICK), few)
        data = printed(tree, font_folder()).data
    text = text_of(data, tmp_path)
    assert "In 2022 the highest Open index is that of Beijing (77.2), followed in order by" in " ".join(
        text.split()
    )
    assert re.findall("[一-鿿]", text) == []


def test_a_paper_of_one_unit_over_years(tmp_path):
    nation = xinzhi.compute("national-open")
    folder = write_paper(edition_of([nation], choices=QUICK), tmp_path / "p", font_folder())
    assert "图 1" in "".join(p.text for p in docx.Document(folder / "paper.docx").paragraphs)
    text = " ".join(p.text for p in docx.Document(folder / "paper.docx").paragraphs)
    assert ("名次" in text, "历年指数" in text) == (False, True)


def test_a_unit_without_any_figure_is_told_of(provinces, tmp_path):
    panel = provinces.panel
    values, status = panel.values.copy(), panel.status.copy()
    values[:, 5], status[:, 5] = np.nan, 0
    result = xinzhi.compute("province-open", panel.with_values(values, status), years=2022)
    tree = document(edition_of([result], choices=QUICK), outline_of("portraits"))
    portrait = tree.blocks.index(next(b for b in tree.blocks if getattr(b, "id", "") == "portraits-210000"))
    assert [span.text for span in tree.blocks[portrait + 1].spans][-2:] == [
        "新质生产力开放指数",
        "得分：数据缺失。",
    ]
    assert printed(tree, font_folder()).pages > 31


def test_a_result_without_scores_makes_no_edition():
    empty = xinzhi.compute("province-open", years=2022)
    nothing = empty.panel.with_values(
        np.full(empty.panel.shape, np.nan), np.zeros(empty.panel.shape, np.uint8)
    )
    with pytest.raises(CallError, match="没有一个单位有得分"):
        edition_of([xinzhi.compute("province-open", nothing, years=2022)])


def test_a_figure_is_the_catalogues_with_its_words(provinces, short_paper):
    drawn = figure("density", provinces)
    root = PdfReader(short_paper / "paper.pdf").trailer["/Root"]["/StructTreeRoot"]
    assert alternatives(root) == [drawn.alt]
    with zipfile.ZipFile(short_paper / "paper.docx") as archive:
        assert archive.read("word/media/image1.png") == drawn.png()


def test_a_figure_that_does_not_apply_is_left_out_and_an_unknown_one_is_named():
    result = xinzhi.compute("province-open", years=2022)
    edition = edition_of([result], choices=QUICK)
    tree = document(edition, outline_of("provinces", figures=("slope",)))
    assert [block for block in tree.blocks if isinstance(block, Picture)] == []
    usual = outline_of("provinces")
    wrong = usual.model_copy(
        update={"chapters": (usual.chapters[0].model_copy(update={"figures": ("mood",)}),)}
    )
    with pytest.raises(CallError, match="没有叫 mood 的图"):
        document(edition, wrong)


# --- what is refused ---------------------------------------------------------------------------------------


def test_a_bare_figure_in_generated_prose_is_refused(provinces):
    edition = edition_of([provinces], choices=QUICK)
    with pytest.raises(PaperError, match="不带键的数字: 有 9 个"):
        require_sound([Paragraph((Words("有 9 个"),))], edition)
    require_sound([Paragraph((Words("有 9 个"),), edited=True), Paragraph((Name("5G 工厂"),))], edition)


@pytest.mark.parametrize(("form", "text", "right"), [("1", "77.3", "77.2"), ("direction.1", "下降", "上升")])
def test_a_number_or_a_word_against_its_figure_is_refused(provinces, form, text, right):
    """The score of 北京 is 77.2; as a figure above zero its word is 上升."""
    edition = edition_of([provinces], choices=QUICK)
    key = Key(edition.main.fingerprint[:8], "score", form, "110000", "nqpf", 2022)
    require_sound([Paragraph((Number(key, right),))], edition)
    with pytest.raises(PaperError, match=f"数字 {text} 与它的键"):
        require_sound([Paragraph((Footnote((Number(key, text),)),))], edition)


def test_a_glyph_that_the_fonts_lack_is_refused():
    with pytest.raises(PaperError, match="排版不能通过"):
        printed(chapter(Paragraph((Words("好🙂"),), edited=True)), font_folder())


def test_a_folder_without_the_fonts_is_refused(tmp_path):
    with pytest.raises(PaperError, match="没有宋体"):
        printed(chapter(), tmp_path)


def test_a_part_that_takes_more_pages_than_it_may_is_refused():
    long = tuple(Paragraph((Words("字" * 400),)) for _n in range(5))
    tree = tree_of(Heading(1, (Words("甲"),), "a", new_page=True, pages=1), *long)
    with pytest.raises(PaperError, match="“甲”应占 1 页, 现占 2 页"):
        printed(tree, font_folder())


def test_what_looks_like_markup_is_text(tmp_path):
    spoken = 'a #strong[b] $x$ \\ "c" <b> {d} <script>alert(1)</script> & é'
    tree = chapter(Paragraph((Words(spoken),), edited=True), Heading(2, (Name(spoken),), "two"))
    pdf = printed(tree, font_folder())
    assert spoken in " ".join(text_of(pdf.data, tmp_path).split())
    (tmp_path / "a.docx").write_bytes(word(tree, pdf.page_of))
    assert [p.text for p in docx.Document(tmp_path / "a.docx").paragraphs][-2:] == [spoken, f"（一）{spoken}"]


def test_pictures_tables_and_footnotes_are_numbered_in_both(tmp_path):
    one = Picture((Words("图题"),), "一块颜色", SVG, PNG, (Words("来源：演示"),), 0.5)
    sheet = Table((Words("表题"),), (Column("甲"), Column("乙", "right")), (((Words("x"),), (Words("y"),)),))
    tree = chapter(Paragraph((Words("文"), Footnote((Words("脚注"),)))), one, sheet, one)
    pdf = printed(tree, font_folder())
    text = "".join(text_of(pdf.data, tmp_path).split())
    assert [mark in text for mark in ("图1图题", "图2图题", "表1表题", "来源：演示", "脚注")] == [True] * 5
    assert alternatives(PdfReader(tmp_path / "a.pdf").trailer["/Root"]["/StructTreeRoot"]) == ["一块颜色"] * 2
    (tmp_path / "a.docx").write_bytes(word(tree, pdf.page_of))
    read = docx.Document(tmp_path / "a.docx")
    assert [p.text for p in read.paragraphs if p.style.name == "Caption"] == [
        "图 1　图题",
        "表 1　表题",
        "图 2　图题",
    ]
    assert len(read.inline_shapes) == 2
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert "脚注" in archive.read("word/footnotes.xml").decode()


def test_a_key_too_long_for_word_is_refused():
    key = Key("1a2b3c4d", "mean", "1", "r" * 60, "n", 2022)
    with pytest.raises(XinzhiError, match="超过 Word 标签的 64 个字符"):
        word(tree_of(Paragraph((Number(key, "1.0"),))), {})


# --- outline and Markdown ----------------------------------------------------------------------------------


def test_the_usual_outline_names_parts_that_there_are():
    outline = load_outline()
    assert {part for chapter in outline.chapters for part in chapter.parts} == set(PARTS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = 3", "own.toml"),
        ('title = { zh = "甲" }\nauthor = { zh = "乙" }\nchapters = []', "不能为空"),
        (
            'title = { zh = "甲" }\nauthor = { zh = "乙" }\n'
            '[[chapters]]\nid = "a"\ntitle = { zh = "丙" }\n[[chapters]]\nid = "a"\ntitle = { zh = "丁" }',
            "两章的标识同为 a",
        ),
        (
            'title = { zh = "甲" }\nauthor = { zh = "乙" }\nbands = ["9"]\n[[chapters]]\nid = "a"\ntitle = { zh = "丙" }',
            "bands",
        ),
    ],
)
def test_an_outline_that_is_wrong(tmp_path, text, message):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(OutlineError, match=message):
        load_outline(file)


def test_an_unknown_part_is_named(provinces):
    usual = load_outline()
    outline = usual.model_copy(
        update={"chapters": (usual.chapters[0].model_copy(update={"parts": ("weather",)}),)}
    )
    with pytest.raises(OutlineError, match="没有叫 weather 的部分") as refusal:
        document(edition_of([provinces], choices=QUICK), outline)
    assert "summary" in refusal.value.remedy


def test_markdown_becomes_blocks():
    text = "## 甲\n\n一 *二* [三](https://example.org)\n\n1. 四\n2. 五\n\n<b>六</b>\n\n| 七 | 八 |\n|---|---|\n| 九 | 十 |\n"
    heading, line, four, five, html, table = markdown_blocks(text, "c")
    assert heading == Heading(2, (Words("甲"),), "c-1")
    assert line.spans == (
        Words("一 "), Words("二", emphatic=True), Words(" "), Words("三"), Words(" (https://example.org)"),
    )  # fmt: skip
    assert [(p.marker, p.spans[0].text, p.edited) for p in (four, five)] == [
        ("1.", "四", True),
        ("2.", "五", True),
    ]
    assert html.spans == (Words("<b>六</b>"),)
    assert ([c.heading for c in table.columns], table.rows) == (
        ["七", "八"],
        (((Words("九"),), (Words("十"),)),),
    )


def test_an_editors_file_that_is_no_text(tmp_path):
    (tmp_path / "abstract.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OutlineError, match=r"abstract\.md: 不是 UTF-8 文本"):
        editors_texts(tmp_path, load_outline())


def test_a_name_of_thirty_characters_and_a_table_of_many_rows_are_set():
    long = Name("示例" * 15)
    sheet = Table(
        (), (Column("名称"), Column("数", "right")), tuple(((long,), (Words("一"),)) for _n in range(300))
    )
    assert printed(chapter(sheet), font_folder()).pages > 8


def test_the_document_is_frozen():
    with pytest.raises(AttributeError):
        tree_of().title = "别的"  # type: ignore[misc]
    assert replace(tree_of(), title="别的").title == "别的"


def test_an_index_without_dimensions_and_of_two_units():
    """The county index hangs its fourteen indicators on the root: no column each in the ranking."""
    result = xinzhi.compute("county-2025", two_counties())
    tree = document(edition_of([result], choices=QUICK), outline_of())
    tables = [b for b in tree.blocks if isinstance(b, Table)]
    (ranking,) = (t for t in tables if caption_of(t) == "2024年县域新质生产力指数排名")
    assert [c.heading for c in ranking.columns] == ["排名", "名称", "区域", "县域新质生产力指数"]
    assert [len(t.columns) for t in tables if caption_of(t).endswith("各指标得分")] == [8, 8]
    said = [plain(b.spans) for b in tree.blocks if isinstance(b, Paragraph)]
    assert "县域新质生产力发展测评 (2025)由14个指标组成，不分维度，覆盖2个单位，2024年。" in said
    assert printed(tree, font_folder()).pages > 4


def caption_of(table):
    return plain(table.caption)


def two_counties():
    """Two counties with a figure for each variable of the county index, the second half of the first."""
    methodology = xinzhi.load_methodology("county-2025")
    names = [name for name, _variable in methodology.variables()]
    rows = [("130121", 40.0), ("130123", 20.0)]
    return pl.DataFrame([{"code": code, "year": 2024} | dict.fromkeys(names, value) for code, value in rows])
