"""docs/methodology.md: its example works, and it leaves out no key and no method."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

import xinzhi
from xinzhi.methodology import check_readings, methods, model, parse_methodology
from xinzhi.methodology.methods import method_names

TEXT = (Path(__file__).parents[2] / "docs" / "methodology.md").read_text(encoding="utf-8")
UNIONS = ("GapRule", "Treatment", "Normalisation", "Weighting", "Aggregation")
pytestmark = pytest.mark.documentation


def block(kind):
    (found,) = re.findall(rf"(?s)```{kind}\n(.*?)```", TEXT)
    return found


def records():
    for module in (methods, model):
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, BaseModel)
                and value.__module__ == module.__name__
            ):
                yield value


def test_the_example_is_good():
    methodology = parse_methodology(block("toml"), name="example")
    check_readings(methodology)
    assert methodology.tree.leaves == ("patents", "intensity", "carbon")


def printed_scores():
    """Return the names and figures of the small table under the example."""
    (heading, figures) = re.search(r"\n\| \|(.*)\|\n\|[-|]*\n\| index \|(.*)\|\n", TEXT).groups()
    names = [name.strip() for name in heading.split("|")]
    return dict(zip(names, (float(figure) for figure in figures.split("|")), strict=True))


def test_the_example_computes(tmp_path):
    (tmp_path / "three.toml").write_text(block("toml"), encoding="utf-8")
    (tmp_path / "three.csv").write_text(block("csv"), encoding="utf-8")
    # By hand. Patents 110, 50 (carried), 30 of 30..110; intensity 3, 2, 1.5 % of 1.5..3;
    # carbon 1, 2, 4 against 0..4, less is better.
    patents, intensity, carbon = [1, 20 / 80, 0], [1, 0.5 / 1.5, 0], [0.75, 0.5, 0]
    by_hand = [40 * p + 20 * i + 40 * c for p, i, c in zip(patents, intensity, carbon, strict=True)]
    assert list(printed_scores().values()) == [round(score, 1) for score in by_hand]
    result = xinzhi.compute(str(tmp_path / "three.toml"), str(tmp_path / "three.csv"))
    scores = result.to_polars().filter(year=2023)
    found = dict(zip(scores["name"], scores["index"], strict=True))
    assert found == pytest.approx(dict(zip("甲乙丙", by_hand, strict=True)))


def test_every_key_is_told():
    keys = {f"{record.__name__}.{key}" for record in records() for key in record.model_fields}
    assert len(keys) > 80
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]*`|\[[a-z_]+\.[A-Z]+\]", TEXT))))
    assert {key for key in keys if key.split(".")[1] not in told} == set()


@pytest.mark.parametrize("union", UNIONS)
def test_every_method_is_told(union):
    rows = set(re.findall(r"(?m)^\| `([\w-]+)` \|", TEXT))
    assert set(method_names(getattr(methods, union))) <= rows


def test_every_literal_is_told():
    told = set(re.findall(r"[\w|-]+", " ".join(re.findall(r"`[^`]*`", TEXT))))
    values = {
        value
        for record in records()
        for field in record.model_fields.values()
        for value in (
            *get_args(field.annotation),
            *(a for b in get_args(field.annotation) for a in get_args(b)),
        )
        if isinstance(value, str)
    }
    assert {"reweight", "best", "first-positive", "inside"} <= values
    assert values - told == set()
