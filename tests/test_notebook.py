"""The notebook is run cell by cell, and says what it said when it was written."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[1] / "examples" / "province_open.ipynb"
pytestmark = pytest.mark.documentation


def run(source: str, names: dict[str, Any]) -> tuple[str, str]:
    """Run a cell as a kernel does; return what it prints and the text of its last expression."""
    *body, last = ast.parse(source).body
    shown = isinstance(last, ast.Expr) and not ast.unparse(last).startswith("print(")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body if shown else [*body, last], []), "cell", "exec"), names)
        value = repr(eval(compile(ast.Expression(last.value), "cell", "eval"), names)) if shown else ""
    return printed.getvalue(), value


def test_every_cell_gives_what_is_stored() -> None:
    names: dict[str, Any] = {}
    cells = [c for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        stored = {output["output_type"]: output for output in cell["outputs"]}
        printed, value = run("".join(cell["source"]), names)
        assert printed == "".join(stored.get("stream", {}).get("text", []))
        assert value == "".join(stored.get("execute_result", {}).get("data", {}).get("text/plain", []))
