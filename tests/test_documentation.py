"""What the README promises is run, word for word; what the requirements name exists."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from xinzhi.cli import main
from xinzhi.language import speaking

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
# The other README has the same commands, as a test below makes sure: what takes long runs once.
ONCE = ("figure", "paper", "verify", "publish")
pytestmark = pytest.mark.documentation


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    output: str | None


def blocks(name: str) -> Iterator[Block]:
    """Yield the fenced blocks of a document, each with the ``text`` block that follows it."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / name).read_text(encoding="utf-8"), re.S | re.M)
    for position, (kind, text) in enumerate(found):
        if kind != "text":
            follows = found[position + 1] if position + 1 < len(found) else ("", "")
            yield Block(kind, text, follows[1] if follows[0] == "text" else None)


def targets() -> set[str]:
    return set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def run(line: str, exported: dict[str, str]) -> str:
    """Run one line of a shell block and return what it prints; in a process of its own once something is exported."""
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        assert words[1] in targets()
        return ""
    if words[0] == "export":
        exported |= dict(word.split("=", 1) for word in words[1:])
        return apart(["platform", "setup"], exported)  # what `make demo` has done before
    assert words[0] == ".venv/bin/xinzhi"
    if exported and words[1] in ("audit", "backup"):
        return apart(words[1:], exported)
    printed = io.StringIO()
    with speaking("zh"), contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as leaving:
        main(words[1:])
    assert leaving.value.code == 0, line
    return printed.getvalue()


def apart(words: list[str], exported: dict[str, str]) -> str:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("XINZHI_", "DJANGO_"))
    }
    command = [sys.executable, "-m", "xinzhi", *words]
    return subprocess.run(
        command, env=inherited | exported, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("name", READMES)
def test_readme(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    seen, exported = 0, {}
    for block in blocks(name):
        if block.kind == "sh":
            lines = [line for line in block.text.splitlines() if line.strip()]
            if name != READMES[0] and shlex.split(lines[0])[1] in ONCE:
                continue
            printed = "".join(run(line, exported) for line in lines)
        else:
            assert block.kind == "python"
            stream = io.StringIO()
            with contextlib.redirect_stdout(stream):
                exec(compile(block.text, name, "exec"), {})
            printed = stream.getvalue()
        if block.output is not None:
            seen += 1
            # "…" alone on a line stands for lines left out.
            for part in block.output.rstrip("\n").split("\n…\n"):
                assert part in printed
    assert seen == 6


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = (
        [line.replace(" --lang en", "") for block in blocks(name) for line in block.text.splitlines()]
        for name in READMES
    )
    strip = (
        [re.sub(r"\s*#.*$", "", line) for line in english],
        [re.sub(r"\s*#.*$", "", line) for line in chinese],
    )
    assert strip[0] == strip[1]


def test_links_of_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), (document.name, target)


def requirement_rows() -> list[list[str]]:
    text = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return rows[2:]


def test_every_clause_has_its_line() -> None:
    expected = [f"{kind}{n}" for kind, last in (("L", 23), ("P", 16), ("B", 8)) for n in range(1, last + 1)]
    assert [row[0] for row in requirement_rows()] == expected


@pytest.mark.parametrize("row", requirement_rows(), ids=lambda row: row[0])
def test_what_a_clause_names_exists(row: list[str]) -> None:
    from xinzhi.cli.figures import xinzhi

    named = re.findall(r"`([^`]+)`", row[2])
    assert named or "not yet" in row[2]
    for name in named:
        words = name.split()
        if words[0] == "xinzhi":
            command = xinzhi
            for word in words[1:]:
                if word.startswith("--"):
                    assert word in {option for p in command.params for option in p.opts}
                else:
                    command = command.commands[word]
        elif "/" in name:
            assert (ROOT / name).exists(), name


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = {re.split(r"[><=\[;]", requirement)[0] for requirement in project["dependencies"]}
    listed = {n for row in re.findall(r"^\| ([a-z0-9, -]+) \|", table, re.M) for n in row.split(", ")}
    assert names <= listed


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:index|panel|methodology|docs|xinzhi)/[\w./*-]+)`", text):
        places = [*ROOT.glob(path), *(ROOT / "src").glob(path), *(ROOT / "src" / "xinzhi").glob(path)]
        assert places, path
