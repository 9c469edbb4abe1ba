"""Pictures of Word files: which there are, where they lie, what their captions are."""

from __future__ import annotations

import pytest

from tests.forms.word_files import Rel, docx, p, picture, png, r, style, tbl, tc, tr, vml_picture
from xinzhi.forms.document import Document
from xinzhi.forms.files.word import read_word
from xinzhi.forms.places import Place

IMAGE = {"image1.png": png()}
ELSEWHERE = Rel("rId:x", "image", "https://example.com/x.png", True)


def read(body: str, **given) -> Document:
    return read_word(docx(body, **{"media": IMAGE, **given}))


def captions(body: str, **given) -> list[str]:
    return [one.caption for one in read(body, **given).pictures]


def test_pictures_of_both_makings():
    document = read(p(inside=picture("image1.png", "示意")) + p(inside=vml_picture("image1.png")))
    assert [(one.name, one.data, one.place, one.alternative) for one in document.pictures] == [
        ("image1.png", png(), Place(paragraph=1), "示意"),
        ("image1.png", png(), Place(paragraph=2), "旧图"),
    ]
    assert document.pictures[0].data is document.pictures[1].data
    assert document.drawings == []


def test_a_picture_in_a_cell_has_its_place():
    document = read(tbl(tr("单位盖章", tc(p("(此处为实施单位的公章)") + p(inside=picture("image1.png"))))))
    assert document.pictures[0].place == Place(table=1, row=1, column=2, paragraph=2)


def test_a_shape_in_a_cell_has_its_place():
    shape = r(inside='<w:pict><v:oval style="width:10pt"/></w:pict>')
    assert read(tbl(tr(tc(p(inside=shape))))).drawings == [Place(table=1, row=1, column=1, paragraph=1)]


def test_a_line_across_the_page_is_no_drawing():
    assert read(p(inside=r(inside='<w:pict><v:rect o:hr="t"/></w:pict>'))).drawings == []


@pytest.mark.parametrize(
    ("body", "given", "rule"),
    [
        (p(inside=picture("x", attribute="r:link")), {"rels": [ELSEWHERE]}, "files.linked_picture"),
        (p(inside=picture("absent.png")), {}, "files.missing_picture"),
        (p(inside=picture("x")), {"rels": [Rel("rId:x", "image", "media/gone.png")]}, "files.missing_picture"),
    ],
)  # fmt: skip
def test_pictures_that_are_not_there(body, given, rule):
    document = read(body, **given)
    assert (document.pictures, document.lost) == ([], [(rule, Place(paragraph=1))])


def test_deleted_pictures_and_those_of_headers_are_left():
    deleted = f'<w:del w:id="1">{picture("image1.png")}</w:del>'
    document = read(p(inside=deleted), headers=[p(inside=picture("image1.png"))])
    assert document.pictures == []


PICTURE = p(inside=picture("image1.png"))
CAPTION_STYLE = style("a7", name="caption")


@pytest.mark.parametrize(
    ("body", "caption"),
    [
        (PICTURE + p("图1 样例车间") + p("正文很长。"), "图1 样例车间"),
        (PICTURE + p() + p() + p("图 2：样例车间"), "图 2：样例车间"),
        (p("图1 上图") + PICTURE + p("图2 本图"), "图2 本图"),
        (PICTURE + p("Figure 1 Workshop"), "Figure 1 Workshop"),
        (PICTURE + p("样例说明。") + p("（图三）样例车间"), "（图三）样例车间"),
        (p(inside=picture("image1.png") + r("图1 同段", inside="")), "图1 同段"),
        (PICTURE + p("样例车间", '<w:pStyle w:val="a7"/>'), "样例车间"),
        (p("样例车间", '<w:pStyle w:val="a7"/>') + PICTURE + p("这是一段正文。"), "样例车间"),
        (PICTURE + p("样例车间外景"), "样例车间外景"),
        (p("样例车间外景") + PICTURE, "样例车间外景"),
        (PICTURE + p("（二）案例简介"), ""),
        (
            PICTURE
            + p("图书馆建成后服务能力提升，全年接待读者三十万人次，同比增长百分之十二点五，成效明显。"),
            "",
        ),
        (PICTURE, ""),
    ],
)
def test_captions(body, caption):
    assert captions(body, styles=CAPTION_STYLE) == [caption]


def test_each_of_several_pictures_has_its_own_caption():
    assert captions(PICTURE + p("图1 甲") + PICTURE + p("图2 乙")) == ["图1 甲", "图2 乙"]


def test_pictures_side_by_side_over_their_captions():
    body = tbl(tr(tc(PICTURE), tc(PICTURE)), tr("图1 甲", "图2 乙"))
    assert captions(body) == ["图1 甲", "图2 乙"]
