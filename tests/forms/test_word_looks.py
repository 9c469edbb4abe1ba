"""Fonts, sizes and colours of Word files after all inheritance."""

from __future__ import annotations

import pytest

from tests.forms.word_files import defaults, docx, fonts, p, r, style, table, tbl, tc, theme, tr
from xinzhi.forms.files.word import read_word
from xinzhi.forms.files.word.looks import font_name


def look(properties: str = "", *, paragraph: str = "", **given) -> tuple[str, float, str]:
    document = read_word(docx(p(properties=paragraph, inside=r("文", properties)), **given))
    run = document.blocks[0].runs[0]
    return run.font, run.points, run.colour


def test_nothing_said():
    assert look() == ("", 0.0, "")


OWN = fonts("SimSun") + '<w:sz w:val="24"/><w:color w:val="auto"/>'
STYLES = (
    defaults(fonts("等线") + '<w:sz w:val="20"/>')
    + style("n", name="Normal", usual=True, run='<w:sz w:val="21"/>')
    + style("b", based="n", run=fonts("楷体"))
    + style("c", based="b", run='<w:color w:val="0000FF"/>')
    + style("x", "character", run=fonts("黑体") + '<w:color w:val="FF0000"/>')
)


@pytest.mark.parametrize(
    ("paragraph", "run", "expected"),
    [
        ("", "", ("等线", 10.5, "")),
        ('<w:pStyle w:val="b"/>', "", ("楷体", 10.5, "")),
        ('<w:pStyle w:val="c"/>', "", ("楷体", 10.5, "0000FF")),
        ('<w:pStyle w:val="c"/>', '<w:rStyle w:val="x"/>', ("黑体", 10.5, "FF0000")),
        ('<w:pStyle w:val="c"/>', '<w:rStyle w:val="x"/>' + OWN, ("宋体", 12.0, "")),
        ('<w:pStyle w:val="absent"/>', '<w:rStyle w:val="absent"/>', ("等线", 10.0, "")),
    ],
)  # fmt: skip
def test_inheritance(paragraph, run, expected):
    assert look(run, paragraph=paragraph, styles=STYLES) == expected


def test_styles_that_bite_their_tail():
    assert look(
        paragraph='<w:pStyle w:val="a"/>',
        styles=style("a", based="b", run='<w:sz w:val="21"/>') + style("b", based="a", run=fonts("宋体")),
    ) == ("宋体", 10.5, "")


def test_the_style_of_a_table():
    styles = (
        defaults('<w:sz w:val="20"/>')
        + style("t", "table", run='<w:sz w:val="18"/><w:color w:val="FF0000"/>')
        + style("u", "table", usual=True, run=fonts("仿宋"))
    )
    styled = tbl(tr(tc("文")), properties='<w:tblStyle w:val="t"/>')
    document = read_word(docx(styled + table([["文"]]), styles=styles))
    first, second = (one.cells[0].paragraphs[0].runs[0] for one in document.tables)
    assert (first.points, first.colour, first.font) == (9.0, "FF0000", "")
    assert (second.points, second.colour, second.font) == (10.0, "", "仿宋")


@pytest.mark.parametrize(
    ("given", "run", "expected"),
    [
        ({"east_asian": "SimSun"}, '<w:rFonts w:eastAsiaTheme="minorEastAsia"/>', "宋体"),
        ({"hans": "等线"}, '<w:rFonts w:eastAsiaTheme="majorEastAsia"/>', "等线"),
        ({}, '<w:rFonts w:eastAsiaTheme="minorEastAsia" w:eastAsia="仿宋"/>', "仿宋"),
        ({"east_asian": "SimSun"}, '<w:rFonts w:eastAsiaTheme="minorEastAsia" w:eastAsia="仿宋"/>', "宋体"),
    ],
)
def test_fonts_of_the_theme(given, run, expected):
    assert look(run, theme=theme(**given))[0] == expected


def test_a_font_of_the_run_goes_before_one_of_the_theme_in_its_style():
    assert (
        look(
            fonts("宋体"),
            theme=theme(hans="等线"),
            styles=defaults('<w:rFonts w:eastAsiaTheme="minorEastAsia"/>'),
        )[0]
        == "宋体"
    )


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('w:val="ff0000"', "FF0000"),
        ('w:val="auto"', ""),
        ('w:val="red"', ""),
        ('w:val="123456" w:themeColor="accent2"', "FF0000"),
        ('w:val="123456" w:themeColor="accent6"', "123456"),
        ('w:val="auto" w:themeColor="text1"', "000000"),
        # Word writes the outcome beside the theme colour: accent1 4F81BD of Office 2007, 40 % lighter, 25 % darker.
        ('w:val="123456" w:themeColor="accent1" w:themeTint="99"', "95B3D7"),
        ('w:val="123456" w:themeColor="accent1" w:themeShade="BF"', "365F91"),
    ],
)
def test_colours(attributes, expected):
    found = look(f"<w:color {attributes}/>", theme=theme())[2]
    assert (
        all(abs(int(found[at : at + 2], 16) - int(expected[at : at + 2], 16)) <= 1 for at in (0, 2, 4))
        if expected
        else found == ""
    )


def test_sizes_of_the_strict_edition():
    assert look('<w:sz w:val="10.5pt"/>')[1] == 10.5
    assert look('<w:sz w:val="big"/>')[1] == 0.0


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("SimSun", "宋体"),
        ("宋体", "宋体"),
        ("宋体;SimSun", "宋体"),
        ("@宋体", "宋体"),
        ("NSimSun", "新宋体"),
        ("Songti SC", "Songti SC"),
        ("仿宋_GB2312", "仿宋_GB2312"),
    ],
)
def test_names_of_fonts(name, known):
    assert font_name(name) == known


def test_runs_of_one_look_are_one():
    runs = r("甲", fonts("宋体")) + r("乙", fonts("SimSun", hint="eastAsia")) + r("丙", fonts("黑体"))
    document = read_word(docx(p(inside=runs)))
    assert [(run.text, run.font) for run in document.blocks[0].runs] == [("甲乙", "宋体"), ("丙", "黑体")]
