"""What only a process of its own can show: help in both languages, start-up, exit status, broken pipes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_COMMANDS = [
    [],
    ["methodology"],
    ["methodology", "list"],
    ["methodology", "show"],
    ["methodology", "copy"],
    ["methodology", "check"],
    ["template"],
    ["compute"],
    ["trace"],
    ["analyse"],
    ["reproduce"],
    ["demo"],
]


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", "xinzhi", *words],
        capture_output=True,
        encoding="utf-8",
        env=inherited | {"PYTHONIOENCODING": "utf-8"} | environment,
        timeout=60,
        check=False,
    )


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
def test_help_is_complete_in_english(words: list[str]) -> None:
    run = _run(*words, "--help", LC_ALL="en_GB.UTF-8")
    assert run.returncode == 0
    assert not _chinese(run.stdout)


@pytest.mark.parametrize("words", _COMMANDS, ids=" ".join)
def test_help_is_complete_in_chinese(words: list[str]) -> None:
    run = _run(*words, "--help", LC_ALL="C.UTF-8")
    assert run.returncode == 0
    assert run.stdout.splitlines()[0].startswith("用法: xinzhi")
    described = [line for line in run.stdout.splitlines() if "--help" in line]
    assert described[0].split() == ["--help", "显示本说明并退出。"]


def test_lang_overrides_the_locale() -> None:
    assert _chinese(_run("--lang", "zh", "--help", LC_ALL="en_US.UTF-8").stdout)
    assert not _chinese(_run("--lang=en", "--help", LC_ALL="zh_CN.UTF-8").stdout)
    assert not _chinese(_run("compute", "--help", "--lang", "en").stdout)


def test_unknown_language_is_a_wrong_call() -> None:
    run = _run("--lang", "fr", "methodology", "list")
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == "错误: '--lang' 的值不对: 'fr' 不在可选值 'zh', 'en' 之内。"


def test_version() -> None:
    from xinzhi import __version__

    assert _run("--version").stdout == f"xinzhi, 版本 {__version__}\n"


def test_a_reader_that_leaves_early_is_no_error() -> None:
    # `true` reads nothing, so the very first line finds the pipe closed.
    command = f"{sys.executable} -m xinzhi reproduce | true; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(
        ["bash", "-c", command], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("0\n", "")


def test_import_is_light() -> None:
    """`import xinzhi` pulls in no third-party package; the library as a whole no Django."""
    code = "import sys, xinzhi; print(sorted({m.partition('.')[0] for m in sys.modules} & {'numpy','polars','pydantic','django'}))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert run.stdout == "[]\n"
    code = "import sys, xinzhi; xinzhi.compute; print('django' in sys.modules, 'scipy' in sys.modules, 'polars' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert run.stdout == "False False False\n"
