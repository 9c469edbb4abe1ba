"""Files of a result: what they hold, that they read back, and that an altered folder is refused."""

from __future__ import annotations

import csv
import json
import math
import shutil

import numpy as np
import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import xinzhi
from tests.index.building import AGGREGATIONS, computed, system
from xinzhi import speaking
from xinzhi.errors import CallError, ComputeError, XinzhiError
from xinzhi.index import load_result, result_hash, save_folder
from xinzhi.index.folder import MANIFEST, STEPS
from xinzhi.index.saving import write_csv
from xinzhi.index.tables import TABLES, ranking_order
from xinzhi.output import CONTENTS

NAN = math.nan
VALUES = [[[1.0, 2], [3.0, NAN], [NAN, NAN]], [[1.0, 4], [NAN, 5], [NAN, NAN]]]


def small(**changes):
    methodology = system(
        {"a": {"parent": "d", "gap": [{"rule": "carried"}]}, "b": {"direction": "negative"}},
        {"d": {}},
        years=[2021, 2022],
        **changes,
    )
    return computed(methodology, VALUES, codes=["001", "002", "003"], names=["甲", "=乙", "丙"])


@pytest.fixture
def folder(tmp_path):
    return save_folder(small(), tmp_path / "out")


def test_csv_has_a_mark_for_excel_and_blank_cells_for_missing_scores(tmp_path):
    path = small().save(tmp_path / "r.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [rows[0]["code"], rows[2]["total_score"], rows[2]["total_score_rank"]] == ["001", "", ""]


def test_parquet_reads_back(tmp_path):
    result = small()
    assert pl.read_parquet(result.save(tmp_path / "r.parquet")).equals(result.to_polars())


def test_json_holds_every_table_and_null_for_what_is_missing(tmp_path):
    result = small()

    def refuse(constant):
        raise AssertionError(f"not JSON: {constant}")

    content = json.loads(result.save(tmp_path / "r.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert content["tables"] == {name: result.table(name).to_dicts() for name in TABLES}
    assert content["tables"]["scores"][2]["total_score"] is None
    assert [content["title"], content["notes"]] == [result.title, list(result.notes)]
    assert content["result_sha256"] == result_hash(result)


@pytest.mark.parametrize(
    ("language", "sheets", "heads"),
    [
        ("zh", ["封面", "结果说明", "2022 年榜单",
         "得分与排名", "贡献", "区域均值", "权重", "描述性统计", "指标数值", "补齐的数据", "缺失的数据"],
         ["代码", "名称", "区域", "年份", "总指数", "排名 总指数"]),
        ("en", ["Cover", "Notes", "Ranking 2022", "Scores and ranks", "Contributions", "Regional means", "Weights",
                "Descriptive statistics", "Figures", "Filled cells", "Missing cells"],
         ["Code", "Name", "Region", "Year", "Total", "Rank Total"]),
    ],
)  # fmt: skip
def test_a_workbook_has_a_cover_the_notes_and_a_table_a_sheet(tmp_path, language, sheets, heads):
    with speaking(language):
        result = small()
        book = openpyxl.load_workbook(result.save(tmp_path / "r.xlsx"))
        assert book.sheetnames == sheets
        assert book.worksheets[0]["A1"].value == result.title
        assert [row[0].value for row in book.worksheets[1].iter_rows()] == list(result.notes)
        ranking = [row[:3] for row in book.worksheets[2].iter_rows(min_row=2, values_only=True)]
        root = result.methodology.tree.root
        assert ranking == [
            tuple(None if isinstance(v, float) and math.isnan(v) else v for v in row)
            for row in (
                (result.ranks[root][-1, n], result.names[n], result.scores[root][-1, n])
                for n in ranking_order(result)
            )
        ]
        scores = list(book.worksheets[3].iter_rows(values_only=True))
        assert list(scores[0][:6]) == heads
        assert [row[:6] for row in scores[1:]] == [row[:6] for row in result.to_polars().rows()]
        assert book.worksheets[3]["B3"].data_type == "s"  # "=乙" is a name, not a formula


def test_headings_have_the_height_of_their_longest_and_the_cover_that_of_its_texts(tmp_path):
    methodology = system({"a": {"title": {"zh": "高技术产业营业收入与地区生产总值之比"}}, "b": {}})
    methodology_source = {"citation": {"zh": "很长的出处" * 30}}
    short = computed(methodology, [[[1.0, 2], [3, 4]]])
    long = computed(system(["a", "b"], source=methodology_source), [[[1.0, 2], [3, 4]]])
    book = openpyxl.load_workbook(short.save(tmp_path / "r.xlsx"))
    # The word for rank takes the longest heading of the first sheet to a sixth line.
    assert [book["得分与排名"].row_dimensions[1].height, book["贡献"].row_dimensions[1].height] == [90, 75]
    cover = openpyxl.load_workbook(long.save(tmp_path / "l.xlsx"))["封面"]
    assert [cover.row_dimensions[row].height for row in (4, 5)] == [60, None]


def test_the_cover_is_wide_enough_for_its_labels(tmp_path):
    with speaking("en"):
        cover = openpyxl.load_workbook(small().save(tmp_path / "r.xlsx"))["Cover"]
    assert cover.column_dimensions["A"].width >= len("Methodology SHA-256") + 2


def test_wide_sheets_print_as_many_pages_wide_as_stay_readable(tmp_path):
    few, many = small(), computed(system([f"i{n}" for n in range(12)]), np.arange(36.0).reshape(1, 3, 12))
    more = computed(system([f"i{n}" for n in range(27)]), np.arange(81.0).reshape(1, 3, 27))
    for result, pages in ((few, 1), (many, 2), (more, 4)):
        book = openpyxl.load_workbook(result.save(tmp_path / "r.xlsx"))
        sheet = book["得分与排名"]
        page = sheet.page_setup
        assert [page.orientation, page.fitToWidth or 1, page.fitToHeight] == ["landscape", pages, 0]
        assert book["权重"].page_setup.fitToWidth is None  # one page


def test_only_shares_are_written_as_percentages(tmp_path):
    result = computed(system(["market_share", "b"]), [[[1.0, 2], [3, 4]]])
    book = openpyxl.load_workbook(result.save(tmp_path / "r.xlsx"))
    formats = {
        cell.value: book["得分与排名"].cell(2, cell.column).number_format for cell in book["得分与排名"][1]
    }
    assert [formats["指标market_share"], formats["缺失权重占比"]] == ["0.00", "0.0%"]


def test_an_unknown_ending_is_refused_and_nothing_written(tmp_path):
    for language, message in (
        ("zh", "不认识的结果格式 .pdf\n可用: .csv .xlsx .json .parquet"),
        ("en", ".pdf is not a known format for results\nKnown: .csv .xlsx .json .parquet"),
    ):
        with speaking(language), pytest.raises(CallError) as error:
            small().save(tmp_path / "r.pdf")
        assert str(error.value) == f"{tmp_path / 'r.pdf'}: {message}"
    assert list(tmp_path.iterdir()) == []


# --- the folder --------------------------------------------------------------------------------------------


def test_a_folder_reads_back_as_the_same_result(folder):
    stored, result = load_result(folder), small()
    assert result_hash(stored) == result_hash(result)
    assert stored.to_polars().equals(result.to_polars())
    assert stored.notes == result.notes
    assert str(stored.trace("001")) == str(result.trace("001"))


def test_the_manifest_lists_every_file_with_its_hash(folder):
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {"methodology.toml", "panel.parquet", "result.xlsx", "everything.json", "notes.txt"}
    assert set(manifest["files"]) == files | {f"{name}.csv" for name in TABLES}
    assert {file.name for file in folder.iterdir()} == {*manifest["files"], MANIFEST, CONTENTS}
    assert [manifest["years"], manifest["units"], manifest["title"]] == [[2021, 2022], 3, "小例"]


def test_progress_is_told_as_often_as_promised(tmp_path):
    told: list[str] = []
    save_folder(small(), tmp_path / "out", told.append)
    assert len(told) == STEPS


def test_changes_to_the_methodology_and_formulas_survive_the_folder(tmp_path):
    result = xinzhi.compute("province-open", weights="equal", years=[2021, 2022], without=["rd_basic"])
    stored = load_result(save_folder(result, tmp_path / "out"))
    assert result_hash(stored) == result_hash(result)
    assert str(stored.trace("北京")) == str(result.trace("北京"))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=hnp.arrays(float, (2, 3, 2), elements=st.sampled_from([NAN, 0.0, 1.0, 2.5, -3.125, 1e9])),
    rule=st.sampled_from(AGGREGATIONS),
)
def test_whatever_is_saved_is_loaded(tmp_path, values, rule):
    methodology = system({"a": {}, "b": {"direction": "negative"}}, years=[2021, 2022], aggregation=rule)
    result = computed(methodology, values)
    stored = load_result(save_folder(result, tmp_path / "out"))
    assert result_hash(stored) == result_hash(result)
    assert np.array_equal(stored.panel.values, result.panel.values, equal_nan=True)
    assert np.array_equal(stored.panel.status, result.panel.status)


def altered(folder):
    (folder / "scores.csv").write_text("code\n", encoding="utf-8")
    return (
        folder / "scores.csv",
        "文件缺失或已被改动\n请用 xinzhi compute 重新计算, 或取回原文件",
        (
            "The file is missing or was altered\nCompute again with xinzhi compute, or bring back the original file"
        ),
    )


def removed(folder):
    (folder / "panel.parquet").unlink()
    return folder / "panel.parquet", *altered(folder)[1:]


def unlisted(folder):
    """Leave out of the manifest what was altered."""
    path, *messages = altered(folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["files"][path.name]
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return path, *messages


MADE_BY = ("\n结果文件夹由 xinzhi compute -o 文件夹 生成", "\nxinzhi compute -o FOLDER makes a result folder")


def no_manifest(folder):
    (folder / MANIFEST).unlink()
    return folder, "不是结果文件夹" + MADE_BY[0], "This is no result folder" + MADE_BY[1]


def broken_manifest(folder):
    (folder / MANIFEST).write_text("{", encoding="utf-8")
    return folder / MANIFEST, "清单读不出来" + MADE_BY[0], "The manifest cannot be read" + MADE_BY[1]


def other_manifest(folder):
    (folder / MANIFEST).write_text('{"format": 99}', encoding="utf-8")
    return (
        folder / MANIFEST,
        "清单的格式不对" + MADE_BY[0],
        "The manifest is not of the right form" + MADE_BY[1],
    )


def with_scores(folder, old, new):
    """Change the stored scores and the hash with them, as another version of the program might."""
    import hashlib

    path = folder / "scores.csv"
    path.write_bytes(path.read_bytes().replace(old, new))
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["scores.csv"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return path


AGAIN = ("\n请核对 xinzhi 的版本, 或重新计算", "\nCompare the versions of xinzhi, or compute again")


def other_score(folder):
    path = with_scores(folder, b",2021,25.0,", b",2021,25.5,")
    return (
        path,
        f"重算的 总指数 与存下的不一致 (甲 2021){AGAIN[0]}",
        (f"The recomputed Total differs from the one stored (甲 2021){AGAIN[1]}"),
    )


def other_unit(folder):
    path = with_scores(folder, b"003,", b"004,")
    return (
        path,
        f"重算的单位、年份或指标与存下的不一致{AGAIN[0]}",
        (f"The recomputed units, years or indicators are not those stored{AGAIN[1]}"),
    )


def other_hash(folder):
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | {"result_sha256": "0"}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return (
        folder / MANIFEST,
        f"清单里的 result_sha256 与重算的不一致{AGAIN[0]}",
        f"the manifest states another result_sha256 than is recomputed{AGAIN[1]}",
    )


@pytest.mark.parametrize(
    "harm",
    [
        altered,
        removed,
        unlisted,
        no_manifest,
        broken_manifest,
        other_manifest,
        other_score,
        other_unit,
        other_hash,
    ],
)
def test_a_folder_that_does_not_hold_what_was_saved_is_refused(folder, harm):
    where, chinese, english = harm(folder)
    for language, message in (("zh", chinese), ("en", english)):
        with speaking(language), pytest.raises(XinzhiError) as error:
            load_result(folder)
        assert str(error.value) == f"{where}: {message}"


def test_a_missing_score_must_be_missing_again(folder):
    with_scores(folder, b",2021,,", b",2021,7.0,")
    with pytest.raises(ComputeError) as error:
        load_result(folder)
    assert error.value.what == "重算的 总指数 与存下的不一致 (丙 2021)"


def test_a_difference_of_rounding_is_accepted(folder):
    with_scores(folder, b",2021,25.0,", b",2021,25.00000000001,")
    assert load_result(folder).score("001", year=2021) == 25


def test_a_folder_is_replaced_whole_but_other_things_are_left_alone(tmp_path):
    target = save_folder(small(), tmp_path / "out")
    save_folder(small(), target)
    (target / "notes.md").write_text("years of work")
    with pytest.raises(CallError):
        save_folder(small(), target)
    assert (target / "notes.md").read_text() == "years of work"
    shutil.rmtree(target)
    target.mkdir()
    (target / "mine.txt").write_text("x")
    with pytest.raises(CallError):
        save_folder(small(), target)
    assert [file.name for file in target.iterdir()] == ["mine.txt"]


def test_no_text_of_a_table_is_a_formula_to_a_spreadsheet(tmp_path):
    frame = pl.DataFrame({"a": ["=1+1", "+x", "-y", "@z", "北京", "", None, "1-2"], "b": [-1.0] * 8})
    write_csv(frame, tmp_path / "t.csv")
    found = pl.read_csv(tmp_path / "t.csv")
    assert found["a"].to_list() == ["'=1+1", "'+x", "'-y", "'@z", "北京", "", None, "1-2"]
    assert found["b"].to_list() == [-1.0] * 8
    assert frame["a"][0] == "=1+1"
