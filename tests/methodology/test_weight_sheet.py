"""Weights from a CSV file."""

from __future__ import annotations

from functools import partial

import pytest

from tests.methodology.conftest import assert_error, spoiled
from xinzhi.errors import CallError, MethodologyError
from xinzhi.methodology import parse_methodology
from xinzhi.methodology.weight_sheet import read_weights

GOOD = "指标,权重\noutput,2\n员工,1.5\n\nTURNOVER , 0 \nOutput per head,1e0,note\n"
REMEDY = "指标: output, staff, turnover, productivity"


@pytest.fixture
def write(tmp_path):
    def written(content, encoding="utf-8"):
        file = tmp_path / "weights.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return file

    return written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_by_id_and_title(small, write, encoding):
    for content in (GOOD, GOOD.replace("\n", "\r\n")):
        assert read_weights(write(content, encoding), small) == {
            "output": 2.0, "staff": 1.5, "turnover": 0.0, "productivity": 1.0,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("员工,1.5", "员工", "weights.csv 第 3 行: 应当有指标和权重两列"),
        ("output,2", "outputs,2", f"weights.csv 第 2 行: 没有指标 outputs\n{REMEDY}"),
        ("员工,1.5", "产值,1.5", "weights.csv 第 3 行: 指标 产值 出现两次"),
        ("员工,1.5", "员工,", "weights.csv 第 3 行: 权重 (空) 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,15%", "weights.csv 第 3 行: 权重 15% 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,-1", "weights.csv 第 3 行: 权重 -1 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,nan", "weights.csv 第 3 行: 权重 nan 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,1e999", "weights.csv 第 3 行: 权重 1e999 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,1_5", "weights.csv 第 3 行: 权重 1_5 不是非负的数\n请改成数字"),
        ("员工,1.5", "员工,１", "weights.csv 第 3 行: 权重 １ 不是非负的数\n请改成数字"),
    ],
)
def test_wrong_rows(small, write, old, new, message):
    file = write(GOOD.replace(old, new))
    assert_error(partial(read_weights, file, small), MethodologyError, message)


def test_a_title_of_two_indicators(write):
    twins = parse_methodology(spoiled(('zh = "员工", en = "Staff"', 'zh = "产值"')), name="small.toml")
    message = "weights.csv 第 2 行: 有几个指标叫 产值, 请写标识\n指标: output, staff"
    assert_error(partial(read_weights, write("a,b\n产值,1\n"), twins), MethodologyError, message)
    assert read_weights(write("a,b\noutput,1\n"), twins) == {"output": 1.0}


def test_wrong_files(small, write, tmp_path):
    file = write(b"\xff\xff\xff")
    message = f"{file}: 编码既不是 UTF-8 也不是 GB18030\n请另存为 UTF-8 编码的 CSV"
    assert_error(partial(read_weights, file, small), MethodologyError, message)
    file = write("a,b\n" + "x" * 200_000)
    message = f"{file}: 不是合法的 CSV\n请另存为 UTF-8 编码的 CSV"
    assert_error(partial(read_weights, file, small), MethodologyError, message)
    with file.open("wb") as handle:
        handle.truncate(2_000_000_000)
    assert_error(partial(read_weights, file, small), MethodologyError, f"{file}: 文件太大, 不会是权重表")
    methods = "given, equal, entropy, critic, variation, pca, factor, scatter"
    remedy = f"--weights 后面是一种赋权方法 ({methods}) 或一个 CSV 文件"
    message = f"none.csv: 读不出来: 文件或文件夹不存在\n{remedy}"
    assert_error(partial(read_weights, "none.csv", small), CallError, message)
    message = f"{tmp_path}: 读不出来: 这是文件夹\n{remedy}"
    assert_error(partial(read_weights, tmp_path, small), CallError, message)


def test_an_empty_file(small, write):
    assert read_weights(write(""), small) == {}
