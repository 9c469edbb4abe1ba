"""Whatever happens to a file on its way, the reader gets figures or one clear error."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.errors import PanelError
from xinzhi.methodology import Methodology
from xinzhi.panel import Panel, read_panel

FRAME = pl.DataFrame(
    {"代码": ["110000", "310000"], "年份": [2022, 2022], "gdp": [41610.9, 44652.8], "rd": [6.83, None]}
)


def _xlsx() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in (FRAME.columns, *FRAME.iter_rows()):
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def _parquet() -> bytes:
    stream = io.BytesIO()
    FRAME.write_parquet(stream)
    return stream.getvalue()


FILES = {
    "csv": FRAME.write_csv().encode(),
    "json": FRAME.write_json().encode(),
    "xlsx": _xlsx(),
    "parquet": _parquet(),
}


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_reads_or_is_refused(
    tmp_path: Path, provinces: Methodology, kind: str, data: st.DataObject
) -> None:
    content = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path / "data"
    path.write_bytes(bytes(content))
    try:
        assert isinstance(read_panel(path, provinces), Panel)
    except PanelError as error:
        assert "data" in str(error)
        assert error.remedy
