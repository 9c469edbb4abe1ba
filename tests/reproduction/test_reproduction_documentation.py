"""What docs/reproduction.md promises: its example case runs, and it names every kind and function."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xinzhi.reproduction import reproduce
from xinzhi.reproduction.column import FUNCTIONS

pytestmark = pytest.mark.documentation
TEXT = (Path(__file__).parents[2] / "docs" / "reproduction.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)[0]


def test_example_case_runs(tmp_path):
    (tmp_path / "case.toml").write_text(block("toml"), encoding="utf-8")
    (tmp_path / "table1.csv").write_text(block("csv"), encoding="utf-8")
    report = reproduce(tmp_path / "case.toml")
    assert [(row.id, row.verdict) for row in report.rows] == [
        ("mean", "reproduced"),
        ("rank.a", "reproduced"),
        ("rank.b", "reproduced"),
        ("north", "contradicted"),
    ]
    assert report.as_expected


def test_example_code_runs(capsys):
    exec(block("python"), {})
    assert "350" in capsys.readouterr().out


def test_every_function_is_explained():
    assert {name for name in FUNCTIONS if f"`{name}" not in TEXT} == set()
