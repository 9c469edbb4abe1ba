"""Tables of Word files as grids, whatever their rows and cells are wrapped in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forms.word_files import docx, ins, p, r, sdt, table, tbl, tc, text_box, tr
from xinzhi.forms.document import Document, Table
from xinzhi.forms.files.word import read_word
from xinzhi.forms.places import Place

FIGURES = [["指标", "2023年", "2024年"], ["地区生产总值（亿元）", "101.25", "207.46"]]


def read(body: str, **given) -> Document:
    return read_word(docx(body, **given))


def texts(table: Table) -> list[list[str]]:
    grid = table.grid()
    return [
        [grid[row, column].text if (row, column) in grid else None for column in range(1, table.columns + 1)]
        for row in range(1, table.rows + 1)
    ]


def only(document: Document) -> Table:
    (found,) = document.tables
    return found


def test_a_plain_table():
    document = read(p("附件1") + table(FIGURES) + p())
    assert texts(only(document)) == FIGURES
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Table", "Paragraph"]
    cell = only(document).grid()[2, 3]
    assert cell.place == Place(table=1, row=2, column=3)
    assert cell.paragraphs[0].place == Place(table=1, row=2, column=3, paragraph=1)
    assert document.blocks[2].place == Place(paragraph=2)
    assert (document.tracked, document.lost, document.format) == (False, [], "docx")


def test_a_cell_in_a_content_control_keeps_its_column():
    """Measured with python-docx: the 2024 figure is read as 2023 (traps.md)."""
    row = tr(tc("地区生产总值（亿元）"), sdt(tc("101.25")), tc("207.46"))
    assert texts(only(read(tbl(tr(*FIGURES[0]), row)))) == FIGURES


def test_rows_tables_and_paragraphs_in_content_controls():
    rows = tr(*FIGURES[0]) + sdt(
        sdt(tr("地区生产总值（亿元）", tc(sdt(p("101.25"))), tc(p(inside=sdt(r("207.46"))))))
    )
    assert texts(only(read(sdt(tbl(rows))))) == FIGURES


def test_rows_and_cells_in_custom_xml_and_unknown_wrappers():
    rows = (
        tr(*FIGURES[0])
        + "<w:customXml><w:customXmlPr/>"
        + tr(
            "地区生产总值（亿元）",
            "<w:customXml>" + tc("101.25") + "</w:customXml>",
            "<w:novelty>" + tc("207.46") + "</w:novelty>",
        )
        + "</w:customXml>"
    )
    assert texts(only(read(tbl(rows)))) == FIGURES


def test_merged_cells():
    body = tbl(
        tr(tc("甲", merge="restart"), tc("乙", span=2)),
        tr(tc(merge="continue"), tc("丙"), tc("丁")),
        tr(tc(merge="continue"), tc("戊"), tc("己")),
    )
    found = only(read(body))
    assert texts(found) == [["甲", "乙", "乙"], ["甲", "丙", "丁"], ["甲", "戊", "己"]]
    assert [(cell.text, cell.row, cell.column, cell.width, cell.height) for cell in found.cells[:2]] == [
        ("甲", 1, 1, 1, 3),
        ("乙", 1, 2, 2, 1),
    ]


def test_merges_that_wps_and_old_word_write():
    body = tbl(
        tr(tc("甲", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), tc("乙")),
        tr(tc("丙", '<w:vMerge w:val="restart"/>'), tc("丁"), tc("戊")),
        tr(tc("", '<w:vMerge w:val="continue"/>'), tc("己"), tc("庚")),
    )
    assert texts(only(read(body))) == [["甲", "甲", "乙"], ["丙", "丁", "戊"], ["丙", "己", "庚"]]


def test_a_continued_cell_with_nothing_above_stands_for_itself():
    body = tbl(tr(tc("甲"), tc("乙")), tr(tc("丙", merge="continue"), tc("丁")))
    assert texts(only(read(body))) == [["甲", "乙"], ["丙", "丁"]]


def test_two_merges_below_each_other_stay_apart():
    body = tbl(
        tr(tc("甲", merge="restart")),
        tr(tc(merge="continue")),
        tr(tc("乙", merge="restart")),
        tr(tc(merge="continue")),
    )
    assert texts(only(read(body))) == [["甲"], ["甲"], ["乙"], ["乙"]]


def test_text_under_a_merged_cell_is_reported():
    document = read(tbl(tr(tc("甲", merge="restart")), tr(tc("旧", merge="continue"))))
    assert texts(only(document)) == [["甲"], ["甲"]]
    assert document.lost == [("files.covered", Place(table=1, row=1, column=1))]


def test_rows_that_begin_and_end_inside_the_grid():
    body = tbl(tr("甲", "乙", "丙"), tr("丁", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'))
    assert texts(only(read(body))) == [["甲", "乙", "丙"], [None, "丁", None]]


def test_nested_tables_follow_the_one_they_lie_in():
    document = read(tbl(tr(tc(p("外") + table([["内"]]) + p("尾")), "旁")) + table([["后"]]))
    outer, inner, last = document.tables
    assert texts(outer) == [["外\n尾", "旁"]]
    assert (texts(inner), inner.place) == ([["内"]], Place(table=2))
    assert (texts(last), last.place) == ([["后"]], Place(table=3))


def test_a_label_split_over_paragraphs_and_breaks():
    cell = tc(p("地区生产") + p(inside=r("总值") + r(inside="<w:br/>") + r("（亿元）")))
    assert texts(only(read(tbl(tr(cell))))) == [["地区生产\n总值\n（亿元）"]]


def test_tracked_rows_and_cells():
    inserted = '<w:ins w:id="1" w:author="样例"/>'
    deleted = '<w:del w:id="2" w:author="样例"/>'
    body = tbl(
        tr("甲", "乙"),
        tr("旧行", "旧", properties=deleted),
        tr("新行", "新", properties=inserted),
        tr(
            tc("丙"),
            tc("旧格", '<w:cellDel w:id="3" w:author="样例"/>'),
            tc("新格", '<w:cellIns w:id="4" w:author="样例"/>'),
        ),
    )
    document = read(body)
    assert texts(only(document)) == [["甲", "乙"], ["新行", "新"], ["丙", "新格"]]
    assert document.tracked
    assert [run.inserted for run in only(document).grid()[2, 1].paragraphs[0].runs] == [True]


DELETED_CELL = '<w:cellDel w:id="3" w:author="样例"/>'
INSERTED_CELL = '<w:cellIns w:id="4" w:author="样例"/>'
FULL = [tr("指标", "2023", "2024", "说明"), tr("甲", "1", "2", ""), tr("乙", "3", "4", "")]
WIDER = tr("指标", "2023", "2024", tc("说明", span=2))


@pytest.mark.parametrize(
    ("rows", "uneven"),
    [
        ([*FULL, tr("丙", "5", "6", "")], []),
        ([*FULL, tr("丙", tc("5", DELETED_CELL), "6", "")], [4]),
        ([*FULL, tr("丙", tc("", INSERTED_CELL), "5", "6", "")], [4]),
        ([*FULL, tr("丙", tc("5", DELETED_CELL), "6", tc("", INSERTED_CELL), "")], [4]),
        ([*FULL, tr("丙", "6", "")], [4]),
        ([*FULL, tr("丙", "6", "", properties='<w:gridAfter w:val="1"/>')], [4]),
        ([tr(tc("表", span=4)), *FULL[:2]], []),
        ([tr(tc("表", span=4)), FULL[0], tr("甲", "2", "")], [3]),
        ([WIDER, WIDER, tr("丙", "5", "6", "", properties='<w:gridAfter w:val="1"/>')], []),  # edge dragged
        ([tr("甲", tc("1", DELETED_CELL), "2"), tr("乙", tc("3", DELETED_CELL), "4")], []),  # a whole column
    ],
)
def test_a_row_of_more_or_fewer_cells_than_the_others_is_in_doubt(rows, uneven):
    table = only(read(tbl(*rows)))
    assert sorted({cell.row for cell in table.cells if cell.doubt == "reading.uneven_row"}) == uneven


def test_a_table_in_a_text_box_is_a_table_of_the_document():
    document = read(p(inside=text_box(table(FIGURES) + p("注"))))
    assert texts(only(document)) == FIGURES
    assert only(document).place == Place(part="textbox", table=1)
    assert [(one.text, one.place.part) for one in document.margins] == [("注", "textbox")]


def test_a_table_of_a_header_is_text():
    document = read(p("文"), headers=[table([["单位", "样例"]]) + p("头")])
    assert document.tables == []
    assert [(one.text, one.place.part) for one in document.margins] == [
        ("单位", "header"),
        ("样例", "header"),
        ("头", "header"),
    ]


def test_hidden_rows_are_not_shown():
    document = read(tbl(tr("甲", properties="<w:hidden/>"), tr("乙")))
    assert texts(only(document)) == [[""], ["乙"]]
    assert [run.hidden for run in only(document).cells[0].paragraphs[0].runs] == [True]


def test_inserted_text_in_a_cell_counts_and_deleted_does_not():
    row = tr(
        "地区生产总值（亿元）",
        "101.25",
        tc(
            p(inside=r("20") + '<w:del w:id="1"><w:r><w:delText>9</w:delText></w:r></w:del>' + ins(r("7.46")))
        ),
    )
    document = read(tbl(tr(*FIGURES[0]), row))
    assert texts(only(document)) == FIGURES
    assert document.tracked


@st.composite
def tilings(draw) -> list[tuple[int, int, int, int]]:
    """Cells (row, column, height, width) that fill a small grid."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            room = 1
            while column + room < columns and (row, column + room) not in taken:
                room += 1
            width, height = draw(st.integers(1, room)), draw(st.integers(1, rows - row))
            cells.append((row, column, height, width))
            taken |= {(row + down, column + right) for down in range(height) for right in range(width)}
    return cells


def written(cells: list[tuple[int, int, int, int]], wrapped: set[int]) -> str:
    """Write a tiling as Word does; cells whose number is in `wrapped` lie in a content control."""
    rows = []
    for row in range(max(top + height for top, _left, height, _width in cells)):
        line = []
        for number, (top, left, height, width) in enumerate(cells):
            if top <= row < top + height:
                merge = "" if height == 1 else "restart" if row == top else "continue"
                xml = tc(f"格{number}" if row == top else "", span=width, merge=merge)
                line.append((left, sdt(xml) if number in wrapped else xml))
        rows.append(tr(*(xml for _left, xml in sorted(line))))
    return tbl(*rows)


@settings(max_examples=150, deadline=None)
@given(tilings(), st.sets(st.integers(0, 24)))
def test_any_grid_with_spans_reads_back(cells, wrapped):
    grid = only(read(written(cells, wrapped))).grid()
    assert {place: cell.text for place, cell in grid.items()} == {
        (top + down + 1, left + right + 1): f"格{number}"
        for number, (top, left, height, width) in enumerate(cells)
        for down in range(height)
        for right in range(width)
    }


def test_a_nested_table_knows_after_which_paragraph_it_lies():
    inner = table([["内"]])
    outer = tbl(tr(tc(p("一") + p("二") + inner + p("三"))))
    first, second = read_word(docx(outer)).tables
    assert first.inside is None
    assert second.inside == Place(table=1, row=1, column=1, paragraph=2)


def test_a_row_in_which_nothing_can_be_seen_is_in_doubt():
    flat = '<w:trHeight w:val="{}" w:hRule="{}"/>'
    kinds = [("20", "exact"), ("20", "atLeast"), ("400", "exact")]
    made = docx(tbl(*(tr("甲", properties=flat.format(*kind)) for kind in kinds)))
    (found,) = read_word(made).tables
    assert [cell.doubt for cell in found.cells] == ["reading.hidden_cell", "", ""]
