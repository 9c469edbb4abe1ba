"""Tables of strangers: read as any other, or refused in words; what is made to harm costs the child alone."""

from __future__ import annotations

import io

import pytest

from tests.panel.swollen import swollen_workbook
from xinzhi.errors import PanelError
from xinzhi.language import speaking
from xinzhi.panel import foreign
from xinzhi.panel.foreign import read_foreign, tables_workshop
from xinzhi.panel.loading import read_table
from xinzhi.panel.table import Table


@pytest.fixture(scope="module")
def workshop():
    with tables_workshop() as workshop:
        yield workshop


def book(rows) -> bytes:
    from openpyxl import Workbook

    made, file = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    made.save(file)
    return file.getvalue()


def same(one: Table, other: Table) -> bool:
    return (
        (one.name, one.headings, one.labels) == (other.name, other.headings, other.labels)
        and one.rows.tolist() == other.rows.tolist()
        and all(a.equals(b) for a, b in zip(one.columns, other.columns, strict=True))
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "代码,数值\n990121,1.5\n\n990122,\n".encode("gb18030")),
        ("a.xlsx", book([["代码", "数值"], ["990121", 0.1], [], ["990122", None]])),
        ("a.json", b'[{"code": "990121", "value": 1.50}]'),
    ],
)
def test_a_table_comes_out_of_the_child_as_it_is_read_here(workshop, tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    found = read_foreign(data, name, workshop)
    assert same(found, read_table(path))
    assert read_table(found) is found


def test_what_is_wrong_is_said_in_the_language_of_whoever_asks(workshop):
    with pytest.raises(PanelError) as chinese:
        read_foreign(b"PK\x03\x04 none", "a.xlsx", workshop)
    with speaking("en"), pytest.raises(PanelError) as english:
        read_foreign(b"PK\x03\x04 none", "a.xlsx", workshop)
    assert (chinese.value.what, chinese.value.where) == ("工作簿损坏, 读不出来", "a.xlsx")
    assert english.value.what.isascii() and english.value.where == "a.xlsx"


def test_a_workbook_that_swells_costs_the_child_alone():
    """150 MB of text in half a megabyte, within every limit of sizes, where the child has 220 MB."""
    with tables_workshop(memory=220_000_000, seconds=60) as small:
        with pytest.raises(PanelError) as refusal:
            read_foreign(swollen_workbook(150), "a.xlsx", small)
        assert read_foreign(b"a,b\n1,2\n", "a.csv", small).headings == ("a", "b")
    assert refusal.value.what == "读取文件需要的内存超过 220 MB"


def test_a_table_that_takes_too_long_is_given_up():
    with tables_workshop(seconds=1) as hurried:
        read_foreign(b"a,b\n1,2\n", "a.csv", hurried)  # the child is there
        rows = b"a,b\n" + b"1,2\n" * 4_000_000
        with pytest.raises(PanelError) as refusal:
            read_foreign(rows, "a.csv", hurried)
    assert refusal.value.what == "文件在 1 秒内没有读完"


def test_a_table_of_too_many_cells_is_refused(workshop):
    assert foreign.MOST_CELLS == 600_000
    with pytest.raises(PanelError, match="表超过 600,000 格"):
        read_foreign(b"a,b,c\n" + b"1,2,3\n" * 200_001, "a.csv", workshop)
