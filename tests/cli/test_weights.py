"""Weights from the sheets of experts: printed, written, read back; and what docs/methodology.md shows of it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Command
from xinzhi.methodology import load_methodology

ROOTS = ["technology", "factors", "industry"]
#: Siegel (1956), Nonparametric Statistics, p. 231: three executives rank six applicants, W = .16.
SIEGEL = "申请人,X,Y,Z\na,1,1,6\nb,6,5,3\nc,3,6,2\nd,2,4,5\ne,5,2,4\nf,4,3,1\n"
SCORES = "指标,王,李\na,5,1\nb,4,2\nc,1,1\n"
PAIRS = "前项,后项,王\na,b,2\na,c,1/2\nb,c,1/4\n"
REMEDY = "请填写 0 或更大的数字"
JUDGE = "请填写 1/9 到 9 之间的数, 如 3 或 1/3; 在 Excel 中先把单元格设为文本, 否则 1/3 会变成日期"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str) -> str:
    Path(name).write_text(content, encoding="utf-8")
    return name


# --- what is printed -----------------------------------------------------------------------------------------


def test_scores_with_equal_weights_beside_them(xinzhi: Command) -> None:
    run = xinzhi("weights", write("s.csv", SCORES), "--mix", "0.5")
    # 王 gives 5/10, 4/10, 1/10, 李 1/4, 2/4, 1/4. Means 0.375, 0.45, 0.175; half of them, half of 1/3 each.
    # Standard deviations of two: half the difference times the root of 2.
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[:5] == [
        "s.csv: 看来是打分 (用 --kind 可另行指定)",
        "项目  权重%  专家%  等权%  标准差",
        "a     35.42  37.50  33.33   17.68",
        "b     39.17  45.00  33.33    7.07",
        "c     25.42  17.50  33.33   10.61",
    ]


def test_siegels_example_of_kendalls_w(xinzhi: Command) -> None:
    content = json.loads(xinzhi("weights", write("siegel.csv", SIEGEL), "--kind", "score", "--json").out)
    (only,) = content["rounds"]
    assert round(only["w"], 2) == 0.16
    # chi2 = m (n - 1) W, five degrees of freedom.
    assert only["chi_square"] == pytest.approx(15 * only["w"])
    assert (only["experts"], only["df"], content["guessed"]) == (["X", "Y", "Z"], 5, False)


def test_one_expert_has_weights_and_no_agreement(xinzhi: Command) -> None:
    lines = xinzhi("weights", write("p.csv", PAIRS)).out.splitlines()
    # Consistent: 2/7, 1/7, 4/7.
    assert lines == [
        "p.csv: 看来是两两比较 (用 --kind 可另行指定)",
        "项目  权重%  等权%",
        "a     28.57  33.33",
        "b     14.29  33.33",
        "c     57.14  33.33",
        "p.csv: Kendall 协调系数至少需要两位专家和两个指标, 这里是 1 位和 3 个",
        "王: 一致性比率 0.000",
        "全部专家 (几何平均): 一致性比率 0.000",
    ]


def test_square_tables_are_one_round(xinzhi: Command) -> None:
    for name, judgement in (("王.csv", 2), ("李.csv", 8)):
        write(name, f"项目,a,b\na,1,{judgement}\nb,,1\n")
    content = json.loads(xinzhi("weights", "王.csv", "李.csv", "--json").out)
    # The geometric mean of 2 and 8 is 4: 4/5 and 1/5.
    assert [row["weight"] for row in content["weights"]] == pytest.approx([0.8, 0.2])
    assert [r["experts"] for r in content["rounds"]] == [["王.csv", "李.csv"]]
    assert [c["ratio"] for c in content["consistency"]] == [0, 0, 0]


def test_rounds_tell_who_moved(xinzhi: Command) -> None:
    write("1.csv", "指标,王,李\na,60,40\nb,40,60\n")
    write("2.csv", "指标,李,王\nb,45,40\na,55,60\n")
    content = json.loads(xinzhi("weights", "1.csv", "2.csv", "--json").out)
    # 李 moved 15 of 100 points from b to a.
    assert content["moves"] == [{"李": pytest.approx(0.15), "王": 0}]
    assert [r["w"] for r in content["rounds"]] == [0, 1]
    assert [row["weight"] for row in content["weights"]] == pytest.approx([0.575, 0.425])


def test_it_speaks_english(xinzhi: Command) -> None:
    for sheet in (write("s.csv", SCORES), write("p.csv", PAIRS)):
        run = xinzhi("weights", sheet, sheet, "--lang", "en")
        assert not re.search("[一-鿿]", re.sub("王|李", "", run.out)), run.out


# --- what is written -----------------------------------------------------------------------------------------


def test_a_table_of_weights_is_taken_by_compute(xinzhi: Command) -> None:
    ids = load_methodology("province-open").tree.leaves
    rows = [f"{id},{10 if j == 0 else 9}" for j, id in enumerate(ids)]
    write("b.csv", "\n".join(["指标,王", *rows]) + "\n")
    assert xinzhi("weights", "b.csv", "-m", "province-open", "-o", "w.csv").status == 0
    assert Path("w.csv").read_text(encoding="utf-8-sig").splitlines()[:2] == [
        "标识,权重,名称",
        f"{ids[0]},0.1,{load_methodology('province-open').node_title(ids[0])}",
    ]
    assert xinzhi("compute", "province-open", "--weights", "w.csv", "--top", "1").status == 0


def test_a_methodology_with_the_weights_of_a_node(xinzhi: Command) -> None:
    write("b.csv", "指标,王,李\ntechnology,50,60\nfactors,30,30\nindustry,20,10\n")
    run = xinzhi("weights", "b.csv", "-m", "province-open", "-o", "mine.toml")
    assert run.out.splitlines()[-1] == "已写出 mine.toml"
    before, after = load_methodology("province-open"), load_methodology("mine.toml")
    assert (after.id, after.based_on, after.changed.weights) == ("mine", "province-open", True)
    for node, share in zip(ROOTS, (0.55, 0.3, 0.15), strict=True):
        new, old = (
            [m.indicators[leaf].weight for leaf in before.tree.leaves_under(node)] for m in (after, before)
        )
        assert sum(new) == pytest.approx(after.root.weight * share)
        assert [w / sum(new) for w in new] == pytest.approx([w / sum(old) for w in old])
    assert Path("mine.toml").read_text(encoding="utf-8").splitlines()[0] == (
        f"# b.csv: 点数; province-open: “{before.root.title.zh}” [{before.root.id}] 的下级"
    )
    assert xinzhi("methodology", "check", "mine.toml").out == "mine.toml: 没有问题 (11 个指标)\n"
    assert xinzhi("compute", "mine.toml", "--top", "1").status == 0


@pytest.mark.parametrize(("kind", "cell"), [("score", "3"), ("pairwise", "1/3")])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_blank_sheet_reads_back_once_it_is_filled_in(
    xinzhi: Command, kind: str, cell: str, ending: str
) -> None:
    sheet = f"blank.{ending}"
    run = xinzhi(
        "weights", "--new", "2", "-m", "province-2022", "--node", "nqpf", "--kind", kind, "-o", sheet
    )
    assert (run.status, run.out) == (0, f"已写出 {sheet}\n")
    assert xinzhi("weights", sheet, "-m", "province-2022").status == 1
    keys = 2 if kind == "pairwise" else 1
    if ending == "csv":
        text = Path(sheet).read_text(encoding="utf-8-sig")
        assert text.splitlines()[0].endswith(",专家1,专家2")
        write(sheet, text.replace(",,", f",{cell},").replace(",\n", f",{cell}\n"))
    else:
        book = openpyxl.load_workbook(sheet)
        rows = list(book.active.iter_rows(min_row=2))
        for row in rows:
            for column in (1, 2):
                book.active.cell(row[0].row, keys + column, cell)
        book.save(sheet)
    content = json.loads(xinzhi("weights", sheet, "-m", "province-2022", "--json").out)
    assert (content["kind"], content["node"]) == (kind, "nqpf")
    assert {row["id"] for row in content["weights"]} == set(ROOTS)


# --- what is refused -----------------------------------------------------------------------------------------

TREE = "technology,5,1\nfactors,4,2\nindustry,1,1\n"
WRONG_SHEETS = [
    (SCORES.replace("4,2", "4,"), [], f"s.csv 第 3 行 李 列 (b): 没有打分\n{REMEDY}\n"),
    (SCORES.replace("4,2", "4,x"), [], f"s.csv 第 3 行 李 列 (b): “x”不是数\n{REMEDY}\n"),
    (SCORES.replace("b,", "a,"), [], "s.csv 第 3 行: 与第 2 行重复\n请只保留一行\n"),
    (SCORES, ["--kind", "budget", "--budget", "10"],
     "s.csv 李 列: 合计 4, 应当是 10\n请让每位专家把点数正好分完, 或用 budget 说明总点数\n"),
    (f"x,王,李\n{TREE}".replace("industry,1,1\n", ""), ["-m", "province-2022"],
     "s.csv: 缺少 产业深度转型升级\n每一项要有一行\n"),
    (PAIRS.replace("1/4", "12"), [], f"s.csv 第 4 行 王 列: 判断 12 不在 1/9 到 9 之间\n{JUDGE}\n"),
    (PAIRS.replace("1/4", ""), [], f"s.csv 第 4 行 王 列: 没有判断\n{JUDGE}\n"),
    (PAIRS.replace("b,c,1/4\n", ""), [], "s.csv: 缺少“b”与“c”的比较\n每两项要有一行\n"),
    (SCORES + "合计,10,4\n", [], "s.csv 第 5 行: “合计”不是一项\n请删去这一行\n"),
    ("指标,王\n", [], "s.csv: 没有数据行\n请在表头下面填写数据\n"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "options", "message"), WRONG_SHEETS)
def test_a_wrong_sheet_ends_with_1_and_names_the_cell(
    xinzhi: Command, content: str, options: list[str], message: str
) -> None:
    run = xinzhi("weights", write("s.csv", content), *options)
    assert (run.status, run.out, run.err) == (1, "", message)


def test_a_round_about_other_items(xinzhi: Command) -> None:
    run = xinzhi("weights", write("1.csv", SCORES), write("2.csv", SCORES.replace("c,", "d,")))
    message = "2.csv: 缺少 c\n2.csv 第 4 行: 没有指标或维度 d\n可用: a, b, c\n每一项要有一行\n"
    assert (run.status, run.out, run.err) == (1, "", message)


WRONG_CALLS = [
    ([], "请给出专家的表, 或用 --new 写出空白表, 二者之一\n"),
    (["s.csv", "--new", "3"], "请给出专家的表, 或用 --new 写出空白表, 二者之一\n"),
    (["--new", "3"], "--new 要同时用 --methodology 指明方法, 用 -o 指明文件\n"),
    (["none.csv"], "none.csv: 读不出来: 文件或文件夹不存在\n请检查路径和读取权限\n"),
    (["s.csv", "--node", "a"], "--node 要同时用 --methodology 指明方法\n"),
    (["s.csv", "-m", "province-2022", "--node", "a"],
     "province-2022: 没有节点 a, 或它没有下级\n可用: nqpf, technology, factors, industry\n"),
    (["s.csv", "--mix", "2"],
     "mix 是专家权重所占的比例, 应当在 0 到 1 之间, 不能是 2.0\n1 是只用专家权重, 0 是只用等权\n"),
    (["s.csv", "-o", "s.csv"], "s.csv: 文件已经存在, 不覆盖\n请换一个文件名\n"),
    (["s.csv", "-o", "w.toml"], "w.toml: 写出方法要同时用 --methodology 指明原来的方法\n"),
    (["s.csv", "-o", "w.txt"], "w.txt: 不知道写成什么\n请用 .csv (权重表) 或 .toml (换了权重的方法) 结尾的文件名\n"),
    (["--new", "3", "-m", "province-2022", "-o", "w.txt"],
     "w.txt: 空白表只能写成 CSV 或 XLSX\n请用 .csv 或 .xlsx 结尾的文件名\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), WRONG_CALLS)
def test_a_wrong_call_ends_with_2_and_writes_nothing(xinzhi: Command, words: list[str], message: str) -> None:
    write("s.csv", SCORES)
    run = xinzhi("weights", *words)
    assert (run.status, run.out, run.err) == (2, "", message)
    assert [path.name for path in Path().iterdir()] == ["s.csv"]


# --- the document --------------------------------------------------------------------------------------------


@pytest.mark.documentation
def test_what_the_document_shows(xinzhi: Command) -> None:
    text = (Path(__file__).parents[2] / "docs" / "methodology.md").read_text(encoding="utf-8")
    section = text.split("\n## Weights from experts\n")[1].split("\n## ")[0]
    for name, sheet in re.findall(r"`(\w+\.csv)`:\n\n```text\n(.*?)```", section, re.S):
        write(name, sheet)
    shown = re.findall(r"```console\nxinzhi (.*?)\n```(?:\n\n```text\n(.*?)```)?", section, re.S)
    assert [bool(output) for _call, output in shown] == [True, True, False]
    for call, output in shown:
        run = xinzhi(*shlex.split(call, comments=True))
        assert (run.status, run.err) == (0, "")
        assert run.out == (output or run.out)
