"""The commands: bundle, verify, paper, and trace of a paper."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import xinzhi  # noqa: F401, the fixture that runs the command
from tests.publish.papers import rewritten
from xinzhi.index import save_folder
from xinzhi.index.result import compute


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    return save_folder(compute("province-open", years=[2022]), tmp_path_factory.mktemp("r") / "result")


@pytest.fixture(scope="module")
def outline(tmp_path_factory):
    file = tmp_path_factory.mktemp("o") / "own.toml"
    file.write_text(
        'title = { zh = "甲" }\nauthor = { zh = "乙" }\n'
        '[[chapters]]\nid = "a"\ntitle = { zh = "丙" }\nparts = ["ranking"]\n',
        encoding="utf-8",
    )
    return file


def test_a_bundle_is_written_and_verified(xinzhi, result, tmp_path):  # noqa: F811
    file = tmp_path / "b.zip"
    run = xinzhi("bundle", result, "-o", file, "--replications", 50)
    assert (run.status, run.out) == (0, f"已写出 {file}\n")
    run = xinzhi("verify", file)
    assert (run.status, run.out, run.err) == (0, f"{file}: 重算的每个数都一致\n", "")
    assert json.loads(xinzhi("verify", file, "--json").out) == {"file": str(file), "differences": []}


def test_a_changed_digit_fails_the_verification(xinzhi, result, tmp_path):  # noqa: F811
    file = tmp_path / "b.zip"
    xinzhi("bundle", result, "-o", file, "--replications", 50)

    def spoil(name, data):
        return (
            data.replace("北京,东部,2022,7".encode(), "北京,东部,2022,6".encode())
            if "scores" in name
            else data
        )

    run = xinzhi("verify", rewritten(file, tmp_path / "bad.zip", spoil))
    assert run.status == 1
    assert run.out.splitlines()[1].startswith("results/scores.csv [110000 北京 2022 东部] nqpf: 包里是 67.")
    assert run.err == f"{tmp_path / 'bad.zip'}: 3 处不一致\n"


def test_a_file_that_is_no_bundle(xinzhi, tmp_path):  # noqa: F811
    (tmp_path / "a.zip").write_bytes(b"nothing")
    run = xinzhi("verify", tmp_path / "a.zip")
    assert run.status == 1
    assert "Traceback" not in run.err and "请" not in run.out


def test_a_paper_is_written_and_traced(xinzhi, result, outline, tmp_path):  # noqa: F811
    folder = tmp_path / "paper"
    run = xinzhi("paper", result, "-o", folder, "--replications", 50, "--outline", outline)
    assert (run.status, run.out) == (0, f"已写出 {folder}\n")
    run = xinzhi("trace", folder / "paper.pdf", "--bundle", folder / "bundle.zip")
    assert (run.status, run.out.endswith("个数, 0 个与数据包不符\n")) == (0, True)

    run = xinzhi("paper", folder / "bundle.zip", "-o", tmp_path / "again")
    assert (run.status, run.out) == (0, f"已写出 {tmp_path / 'again'}\n")
    assert (tmp_path / "again" / "paper.docx").read_bytes() == (folder / "paper.docx").read_bytes()
    run = xinzhi("paper", folder / "bundle.zip", "-o", tmp_path / "again", "--printed", "ye-xu-2024")
    assert (run.status, "由数据包重做时不用其他的结果" in run.err) == (2, True)

    def spoil(name, data):
        return data.replace(b">77.2<", b">77.3<", 1)

    changed = rewritten(folder / "paper.docx", tmp_path / "a.docx", spoil)
    run = xinzhi("trace", changed, "--bundle", folder / "bundle.zip")
    assert (run.status, len(run.out.splitlines())) == (1, 2)
    found = json.loads(xinzhi("trace", changed, "--bundle", folder / "bundle.zip", "--json").out)
    assert [m["shown"]["text"] for m in found["mismatches"]] == ["77.3"]


def test_the_trace_of_a_score_goes_on_working(xinzhi, result):  # noqa: F811
    assert xinzhi("trace", result, "北京", "technology", "--year", 2022).out.startswith("北京 · 2022\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a.pdf",), "核对白皮书和网页要用 --bundle 指明数据包"),
        (("a.html",), "核对白皮书和网页要用 --bundle 指明数据包"),
        (("result",), "追溯结果文件夹要给出 UNIT"),
        (("result", "北京", "--bundle", "b.zip"), "用 --bundle 核对时不要给出 UNIT"),
    ],
)
def test_a_trace_that_lacks_something(xinzhi, arguments, message):  # noqa: F811
    run = xinzhi("trace", *arguments)
    assert (run.status, message in run.err) == (2, True)
