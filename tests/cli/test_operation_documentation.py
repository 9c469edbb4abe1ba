"""What docs/operation.md tells an administrator to type and to write exists."""

from __future__ import annotations

import configparser
import importlib
import re
import shlex
from pathlib import Path

import click
import pytest

from xinzhi.cli.platform import xinzhi

TEXT = (Path(__file__).parents[2] / "docs" / "operation.md").read_text(encoding="utf-8")
SOURCE = Path(importlib.import_module("xinzhi.site").__file__ or "").with_name("environment.py")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.S | re.M)


def of_kind(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


def command_lines() -> list[str]:
    """Every call of our command: in shell blocks, in units, in prose."""
    everywhere = "\n".join(text for kind, text in BLOCKS) + "\n".join(re.findall(r"`(xinzhi [^`]+)`", TEXT))
    return sorted(set(re.findall(r"(?:^|/bin/|`)(xinzhi (?!\[)[a-z][^\n'`]*)", everywhere, re.M)))


def test_there_are_commands_to_check() -> None:
    assert {"xinzhi worker", "xinzhi platform setup", "xinzhi audit verify", "xinzhi serve"} <= set(
        command_lines()
    )


@pytest.mark.parametrize("line", command_lines())
def test_every_command_and_option_exists(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = xinzhi
    while isinstance(command, click.Group):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert [word for word in words if word.startswith("-") and word not in options] == []


def test_gunicorn_is_told_what_is_there() -> None:
    calls = re.findall(r"gunicorn\W+(xinzhi[\w.]+)", TEXT)
    assert calls == ["xinzhi.site.wsgi"] * 2
    assert callable(importlib.import_module("xinzhi.site.wsgi").application)
    from gunicorn.config import KNOWN_SETTINGS

    known = {option for setting in KNOWN_SETTINGS for option in setting.cli or ()}
    given = {
        word for line in TEXT.splitlines() if "gunicorn" in line for word in re.findall(r"--[a-z-]+", line)
    }
    assert {"--bind", "--workers"} <= given <= known


def test_the_variables_are_those_that_are_read() -> None:
    read = set(re.findall(r'"(XINZHI_[A-Z_]+)"', SOURCE.read_text(encoding="utf-8")))
    told = set(re.findall(r"^\| `(XINZHI_[A-Z_]+)`", TEXT, re.M))
    used = set(re.findall(r"^(XINZHI_[A-Z_]+)=", of_kind("ini")[0], re.M))
    assert told == read
    assert used <= told


def test_the_environment_of_the_example_starts(tmp_path: Path) -> None:
    from xinzhi.site.environment import read_environment

    told = dict(line.split("=", 1) for line in of_kind("ini")[0].splitlines())
    (tmp_path / "secret.key").write_text("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    told["XINZHI_SECRET_KEY_FILE"] = str(tmp_path / "secret.key")
    environment = read_environment(told)
    assert (environment.production, environment.hosts) == (True, ("nqpf.example.org",))


@pytest.mark.parametrize("text", [text for text in of_kind("systemd") if "[Service]" in text])
def test_units_are_whole(text: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text)
    service = unit["Service"]
    assert service["EnvironmentFile"] == "/etc/xinzhi/environment"
    assert service["User"] == "xinzhi"
    assert service["ExecStart"].startswith(("/srv/xinzhi/venv/bin/", "/bin/sh -c '/srv/xinzhi/venv/bin/"))


def test_nginx_speaks_to_the_socket_of_gunicorn_and_braces_close() -> None:
    (text,) = of_kind("nginx")
    socket = re.search(r"--bind unix:(\S+)", TEXT)
    assert socket is not None
    assert f"proxy_pass http://unix:{socket[1]};" in text
    assert text.count("{") == text.count("}")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert [line for line in lines if line[-1] not in "{};"] == []
