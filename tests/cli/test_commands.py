"""Each command as a user calls it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Command
from xinzhi import methodology as methodology_room
from xinzhi.methodology import methodologies


def test_methodology_list_names_every_built_in(xinzhi: Command) -> None:
    run = xinzhi("methodology", "list")
    assert (run.status, run.err) == (0, "")
    assert [line.split()[0] for line in run.out.splitlines()] == list(methodologies())


def test_methodology_list_as_json(xinzhi: Command) -> None:
    listed = json.loads(xinzhi("methodology", "list", "--json").out)
    assert [entry["id"] for entry in listed] == list(methodologies())
    assert set(listed[0]["title"]) == {"zh", "en"}


def test_methodology_show_draws_the_tree_with_weights(xinzhi: Command) -> None:
    lines = xinzhi("methodology", "show", "province-2022").out.splitlines()
    assert lines[3] == "新质生产力总指数 [nqpf] 100"
    assert lines[4] == "  技术革命性突破 [technology] 40"  # Table 1 of the paper
    assert lines[5] == "    在Nature和Science发表论文数 [nature_science_papers] 10  (篇; +)"


def test_methodology_show_tells_what_a_stand_in_stands_for(xinzhi: Command) -> None:
    run = xinzhi("--lang", "en", "methodology", "show", "province-open")
    assert (
        "    Papers in SCI journals [papers_sci] 12  (papers; +; stands for Papers in Nature and Science)"
        in (run.out.splitlines())
    )


def test_methodology_copy_then_check(xinzhi: Command, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    assert xinzhi("methodology", "copy", "province-open", copy).status == 0
    assert copy.read_text(encoding="utf-8").count('\nid = "mine"\nbased_on = "province-open"\n') == 1
    run = xinzhi("methodology", "check", copy)
    assert (run.status, run.out) == (0, f"{copy}: 没有问题 (11 个指标)\n")
    # The copy finds the figures of the original.
    assert xinzhi("compute", copy, "--top", "1").status == 0


def test_methodology_copy_does_not_overwrite(xinzhi: Command, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text("mine", encoding="utf-8")
    run = xinzhi("methodology", "copy", "province-open", copy)
    assert (run.status, run.err) == (2, f"{copy}: 文件已经存在, 不覆盖\n请换一个文件名\n")
    assert copy.read_text(encoding="utf-8") == "mine"


def test_methodology_check_has_findings(xinzhi: Command, tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    xinzhi("methodology", "copy", "province-2022", copy)
    copy.write_text(
        copy.read_text(encoding="utf-8").replace("weight = 10\n", "weight = 9\n", 1), encoding="utf-8"
    )
    run = xinzhi("methodology", "check", copy)
    assert run.status == 1
    assert (
        run.err.splitlines()[0]
        == "mine.toml [dimensions.technology] weight: 下级权重合计 39, 与本级权重 40 不符"
    )


def test_template_is_a_workbook_that_reads_back(xinzhi: Command, tmp_path: Path) -> None:
    sheet = tmp_path / "blank.xlsx"
    assert xinzhi("template", "province-2022", "-o", sheet).status == 0
    assert openpyxl.load_workbook(sheet).sheetnames == ["数据", "来源", "说明"]
    run = xinzhi("compute", "province-2022", sheet)
    assert (run.status, run.err) == (1, "没有一个单位有得分: 数据是空的, 或缺得太多\n")
    assert "权重的 100.0% 没有数据, 不是该指数本身" in run.out.splitlines()[0]


def test_compute_writes_a_result_folder_that_trace_reads(xinzhi: Command, tmp_path: Path) -> None:
    folder = tmp_path / "result"
    run = xinzhi("compute", "province-open", "-o", folder, "--year", "2022", "--top", "3")
    assert run.status == 0
    assert run.out.splitlines()[-1] == f"结果在 {folder}"
    assert sorted(p.name for p in folder.glob("*.json")) == ["everything.json", "result.json"]
    traced = xinzhi("trace", folder, "北京")
    assert traced.status == 0
    assert traced.out.splitlines()[0] == "北京 · 2022"


def test_compute_again_replaces_its_own_folder_only(xinzhi: Command, tmp_path: Path) -> None:
    folder = tmp_path / "result"
    for _time in range(2):
        assert xinzhi("compute", "province-open", "-o", folder).status == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("keep me", encoding="utf-8")
    run = xinzhi("compute", "province-open", "-o", other)
    assert (run.status, run.err) == (
        2,
        f"{other}: 这里已有别的内容, 不覆盖\n请换一个文件夹, 或先移走其中的文件\n",
    )
    assert [p.name for p in other.iterdir()] == ["letter.txt"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other", "result"]


def test_compute_as_json(xinzhi: Command) -> None:
    content = json.loads(xinzhi("compute", "province-open", "--year", "2022", "--json").out)
    assert len(content["scores"]) == 31
    assert content["scores"][0]["name"] == "北京"


@pytest.mark.parametrize("weights", ["equal", "entropy"])
def test_compute_with_other_weights(xinzhi: Command, weights: str) -> None:
    run = xinzhi("compute", "province-open", "--weights", weights, "--year", "2022")
    assert run.status == 0
    assert run.out != xinzhi("compute", "province-open", "--year", "2022").out


def test_compute_with_a_file_of_expert_weights(xinzhi: Command, tmp_path: Path) -> None:
    from xinzhi.methodology import load_methodology

    ids = list(load_methodology("province-open").indicators)
    sheet = tmp_path / "weights.csv"
    sheet.write_text(
        "指标,权重\n" + "".join(f"{id},{i == 0:d}\n" for i, id in enumerate(ids)), encoding="utf-8"
    )
    run = xinzhi("compute", "province-open", "--weights", sheet, "--year", "2022", "--json")
    scores = {row["name"]: row["nqpf"] for row in json.loads(run.out)["scores"]}
    # All weight on SCI papers: the index is their min-max score, 100 for 北京 which has most.
    assert scores["北京"] == 100.0


def test_compute_with_a_bad_weight(xinzhi: Command, tmp_path: Path) -> None:
    sheet = tmp_path / "weights.csv"
    sheet.write_text("指标,权重\npapers_sci,多\n", encoding="utf-8")
    run = xinzhi("compute", "province-open", "--weights", sheet)
    assert (run.status, run.err) == (1, "weights.csv 第 2 行: 权重 多 不是非负的数\n请改成数字\n")


def test_compute_without_some_indicators(xinzhi: Command) -> None:
    content = json.loads(xinzhi("compute", "province-open", "--without", "papers_sci,rd_basic", "--json").out)
    assert "papers_sci" not in content["scores"][0]
    assert "rd_fte" in content["scores"][0]


def test_compute_tells_findings_of_the_data_with_status_1(xinzhi: Command, tmp_path: Path) -> None:
    data = tmp_path / "figures.csv"
    data.write_text("代码,名称,年份,papers_sci\n110000,北京,2022,许多\n", encoding="utf-8")
    run = xinzhi("compute", "province-open", data)
    assert run.status == 1
    assert "figures.csv" in run.err
    assert "北京" in run.err
    assert "许多" in run.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["compute", "nothing"], "nothing: 没有这个方法, 也没有这个文件"),
        (["compute", "province-open", "--reading", "x"], "x: --reading 要写成 读法=选项"),
        (["compute", "province-open", "--reading", "x=y"], "province-open: 没有这个读法: x"),
        (["compute", "province-open", "--without", "x"], "province-open: 没有叫 x 的指标或标签"),
        (
            ["compute", "county-2025", "x.csv", "--weights", "given"],
            "county-2025: 这个方法没有写权重, 不能用 given",
        ),
        (["reproduce", "nothing"], "没有这个复现案例: nothing"),
        (["trace", "nowhere", "北京"], "nowhere: 不是结果文件夹"),
        (["template", "province-open"], "用法: xinzhi template [OPTIONS] ID"),
        (["nothing"], "用法: xinzhi [OPTIONS] COMMAND [ARGS]..."),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_clear_message(xinzhi: Command, words: list[str], what: str) -> None:
    run = xinzhi(*words)
    assert (run.status, run.out, run.err.splitlines()[0]) == (2, "", what)


def test_trace_to_the_raw_figures(xinzhi: Command, result_folder: Path) -> None:
    content = json.loads(
        xinzhi("trace", result_folder, "北京", "R&D经费投入强度", "--year", "2022", "--json").out
    )
    (cell,) = content["cells"]
    # 6.83 %: Communiqué on National Expenditures on Science and Technology 2022; also named in the paper's text.
    assert (cell["value"], cell["unit"], cell["status"]) == (6.83, "%", "official")
    assert cell["place"] == "province-open.csv 第 12 行 rd_intensity 列"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["东京"], "结果里没有单位 东京"),
        (["北京", "nqp"], "没有指标或维度 nqp"),
        (["北京", "--year", "1999"], "没有 1999 年的结果"),
    ],
)
def test_trace_of_what_is_not_there(
    xinzhi: Command, result_folder: Path, words: list[str], what: str
) -> None:
    run = xinzhi("trace", result_folder, *words)
    assert (run.status, run.out, run.err.splitlines()[0]) == (2, "", what)


def test_trace_of_a_folder_that_is_no_result(xinzhi: Command, tmp_path: Path) -> None:
    run = xinzhi("trace", tmp_path, "北京")
    assert (run.status, run.err.splitlines()[0]) == (2, f"{tmp_path}: 不是结果文件夹")


def test_reproduce_ends_well_and_speaks_both_languages(xinzhi: Command) -> None:
    chinese, english = xinzhi("reproduce", "--summary"), xinzhi("--lang", "en", "reproduce", "--summary")
    assert (chinese.status, english.status) == (0, 0)
    assert "叶振宇" in chinese.out.splitlines()[0]
    assert not any("\u4e00" <= c <= "\u9fff" for c in english.out)


def test_reproduce_as_json_has_every_audit_point(xinzhi: Command) -> None:
    rows = json.loads(xinzhi("reproduce", "--json").out)["rows"]
    assert {row["audit"] for row in rows} - {None} == set(range(1, 17))


def test_demo_leaves_files_and_says_where(
    xinzhi: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", [".venv/bin/xinzhi"])
    run = xinzhi("demo", "--no-platform", "--out", tmp_path / "demo")
    assert run.status == 0
    assert sorted(p.name for p in (tmp_path / "demo").iterdir()) == [
        ".contents",
        "DEMO.txt",
        "agreement.json",
        "analysis",
        "bundle.zip",
        "intake",
        "national-open",
        "province-open",
        "province-open.csv",
        "province-open.json",
        "province-open.xlsx",
        "reproduction.json",
        "reproduction.txt",
        "site",
        "table3",
        "white-paper",
    ]
    assert sorted(p.name for p in (tmp_path / "demo" / "white-paper").iterdir()) == [
        "white-paper-en.docx",
        "white-paper-en.pdf",
        "white-paper.docx",
        "white-paper.pdf",
    ]
    for report in ("analysis", "table3"):
        names = {p.stem for p in (tmp_path / "demo" / report).iterdir()}
        assert {"report", "dagum", "moran", "quadrants", "quadrants-weighted"} <= names
        assert "未做" not in (tmp_path / "demo" / report / "report.md").read_text(encoding="utf-8")
    assert (tmp_path / "demo" / "table3" / "table3.csv").is_file()
    assert "共 16 件: 已读 11, 待人核实 2, 隔离 2, 逾期 1" in run.out.splitlines()
    assert (
        run.out.splitlines()[-1]
        == f"下一步: .venv/bin/xinzhi trace {tmp_path / 'demo' / 'province-open'} 北京 --year 2022"
    )


def test_an_unforeseen_error_is_one_message(xinzhi: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(methodology_room, "methodologies", broken)
    run = xinzhi("methodology", "list")
    assert (run.status, run.err.splitlines()[0]) == (1, "程序内部错误 RuntimeError: boom")
    assert "Traceback" not in run.err


def test_analyse_lists_its_names(xinzhi: Command) -> None:
    from xinzhi.analysis.catalogue import ANALYSES, USUAL_FACTORS

    lines = xinzhi("analyse", "--list").out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith(" ")] == [*ANALYSES, *USUAL_FACTORS]
    assert "  leave-one-out        去掉一个指标" in lines


def test_analyse_writes_tables_and_a_report(xinzhi: Command, result_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "analysis"
    run = xinzhi("analyse", result_folder, "-o", folder, "--what", "dagum,sigma,quadrants")
    assert (run.status, run.out.splitlines()[-1]) == (1, f"报告在 {folder / 'report.html'}")
    assert run.err.splitlines() == ["未做 四象限 (quadrants): 没有指定横轴 (--against)"]
    assert sorted(p.name for p in folder.iterdir()) == [
        ".contents",
        "dagum.csv",
        "report.html",
        "report.json",
        "report.md",
        "sigma.csv",
    ]


def test_analyse_as_json(xinzhi: Command, result_folder: Path) -> None:
    content = json.loads(xinzhi("analyse", result_folder, "--what", "moran,atkinson", "--json").out)
    assert [list(content), list(content["analyses"])] == [
        ["title", "notes", "analyses", "skipped"],
        ["atkinson", "moran"],
    ]


def test_analyse_a_table(xinzhi: Command) -> None:
    from xinzhi.reproduction.case import path_of

    table = path_of("ye-xu-2024").with_suffix("") / "table3.csv"
    words = ["analyse", "--table", table, "--value", "total", "--group", "region", "--name", "name", "--json"]
    analyses = json.loads(xinzhi(*words).out)["analyses"]
    # Four-region Dagum of Table 3, computed in exact rationals in tests/analysis/test_inequality.py.
    assert analyses["dagum"]["sentence"].startswith("Dagum 基尼系数 0.3880: 组内 0.0791")
    # Moran's I of Table 3 with 海南 alone, see tests/analysis/test_spatial.py.
    assert analyses["moran"]["sentence"].startswith("全局莫兰指数 I = 0.3746")


def test_analyse_with_chosen_factors(xinzhi: Command, result_folder: Path) -> None:
    words = ["--what", "robustness,sensitivity", "--factors", "weight-band,leave-one-out", "--json"]
    run = xinzhi("analyse", result_folder, *words, "--replications", "200", "--seed", "3")
    analyses = json.loads(run.out)["analyses"]
    assert analyses["robustness"]["title"].endswith("200 次重复")
    assert [row["factor"] for row in analyses["sensitivity"]["table"]] == ["weight-band", "leave-one-out"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "请给出结果文件夹, 或用 --table 给出一张表, 二者之一"),
        (["--table", "x.csv"], "--table 要同时用 --value 指明数值列"),
        (["--table", "x.csv", "--value", "y"], "x.csv: 读不出来: 文件或文件夹不存在"),
        (["RESULT", "--what", "nothing"], "没有叫 nothing 的分析"),
        (["RESULT", "--factors", "nothing"], "没有叫 nothing 的因素"),
        (["RESULT", "--what", "quadrants", "--against", "nothing"], "没有指标或维度 nothing"),
        (
            ["--table", "x.csv", "--value", "y", "--factors", "weight-band"],
            "--factors 用于结果文件夹, 不用于表",
        ),
    ],
)
def test_a_wrong_call_of_analyse(xinzhi: Command, result_folder: Path, words: list[str], what: str) -> None:
    run = xinzhi("analyse", *(result_folder if word == "RESULT" else word for word in words))
    assert (run.status, run.out, run.err.splitlines()[0]) == (2, "", what)


# --- what an analysis may not destroy, drop or hide ------------------------------------------------------


def test_an_analysis_spares_its_result(xinzhi: Command, tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "result"
    assert xinzhi("compute", "province-open", "-o", folder).status == 0
    before = sorted(p.name for p in folder.iterdir())
    for place in (folder, folder / "deep" / "report", tmp_path / "demo"):
        run = xinzhi("analyse", folder, "--what", "dagum", "-o", place)
        assert (run.status, run.out) == (2, "")
        assert run.err.splitlines()[0] == f"{place}: 输出文件夹与输入 {folder} 重叠, 会毁掉输入"
    other = tmp_path / "other"
    assert xinzhi("compute", "national-open", "-o", other).status == 0
    run = xinzhi("--lang", "en", "analyse", folder, "--what", "dagum", "-o", other)
    assert run.status == 2
    assert run.err.splitlines() == [
        f"{other}: There is a result folder here; it is not overwritten",
        "Choose another folder, or move its files away first",
    ]
    assert sorted(p.name for p in folder.iterdir()) == before
    assert xinzhi("trace", folder, "北京").status == 0
    assert xinzhi("compute", "province-open", folder / "panel.parquet", "-o", folder).status == 2
    report = tmp_path / "report"
    for _again in range(2):
        assert xinzhi("analyse", folder, "--what", "dagum", "-o", report).status == 0
    assert (report / ".contents").read_text().startswith("kind: report\n")
    words = ["--table", report / "dagum.csv", "--value", "gini", "-o", report]
    assert "重叠" in xinzhi("analyse", *words).err
    assert xinzhi("compute", "province-open", "-o", report).status == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["RESULT", "--weights-matrix", "nope.csv", "--group", "zz"],
            "--group, --weights-matrix 用于表, 不用于结果文件夹",
        ),
        (["RESULT", "--value", "y", "--name", "n"], "--value, --name 用于表, 不用于结果文件夹"),
        (
            ["--table", "x.csv", "--value", "y", "--replications", "200"],
            "--replications 用于结果文件夹, 不用于表",
        ),
    ],
)
def test_options_of_the_other_kind_are_refused(
    xinzhi: Command, result_folder: Path, words: list[str], told: str
) -> None:
    run = xinzhi("analyse", *(result_folder if word == "RESULT" else word for word in words))
    assert (run.status, run.out, run.err.splitlines()[0]) == (2, "", told)


def test_what_was_asked_for_and_not_done_is_told(
    xinzhi: Command, result_folder: Path, tmp_path: Path
) -> None:
    told = "未做 四象限 (quadrants): 没有指定横轴 (--against)"
    run = xinzhi("analyse", result_folder, "--what", "dagum,quadrants")
    assert (run.status, run.err.splitlines()) == (1, [told])
    assert told not in run.out
    run = xinzhi("analyse", result_folder, "--what", "dagum,quadrants", "--json")
    assert (run.status, run.err.splitlines()) == (1, [told])
    assert list(json.loads(run.out)["skipped"]) == ["quadrants"]
    table = tmp_path / "t.csv"
    table.write_text("市,值,片\n甲,1,a\n乙,2,\n", encoding="utf-8")
    run = xinzhi("analyse", "--table", table, "--value", "值", "--group", "片", "--what", "dagum")
    assert (run.status, run.err.splitlines()) == (
        1,
        ["t.csv 第 3 行 片 列 (乙): 空白", "请补上, 或删去这一行"],
    )
    run = xinzhi("analyse", "--table", table, "--value", "值")
    assert (run.status, run.err) == (0, "")
    assert "未做 基尼系数 (dagum): 没有分组列" in run.out.splitlines()


def test_the_seed_of_a_table(xinzhi: Command) -> None:
    from xinzhi.reproduction.case import path_of

    table = path_of("ye-xu-2024").with_suffix("") / "table3.csv"
    words = ["analyse", "--table", table, "--value", "total", "--name", "name", "--what", "moran"]
    assert xinzhi(*words).out == xinzhi(*words, "--seed", "0").out != xinzhi(*words, "--seed", "7").out


def test_nothing_far_from_what_was_typed_is_suggested(xinzhi: Command, result_folder: Path) -> None:
    words = ["analyse", result_folder, "--what", "quadrants", "--against"]
    assert xinzhi(*words, "open_index").err.splitlines() == ["没有指标或维度 open_index"]
    near = xinzhi(*words, "gdp_per_residents").err.splitlines()
    assert near[1] == "是否指: gdp_per_resident"
