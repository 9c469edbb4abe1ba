from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from xinzhi.cli import main
from xinzhi.language import speaking


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def xinzhi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in this process; Chinese unless the arguments say otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path) -> Run:
        words: Sequence[str] = [str(argument) for argument in arguments]
        with speaking("zh"), pytest.raises(SystemExit) as leaving:
            main(words)
        out, err = capsys.readouterr()
        return Run(int(leaving.value.code or 0), out, err)

    return run


@pytest.fixture(scope="session")
def result_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder of province-open, made once."""
    from xinzhi.index import compute, save_folder

    return save_folder(compute("province-open"), tmp_path_factory.mktemp("results") / "province-open")
