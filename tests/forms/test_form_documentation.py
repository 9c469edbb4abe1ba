"""docs/forms.md and docs/rules.md say what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forms.filling import CASE, INDICATORS
from xinzhi.forms import rules
from xinzhi.forms.rules import subjects
from xinzhi.forms.writing.documentation import form_page, pages, rules_page, write_pages

pytestmark = pytest.mark.documentation
DOCS = Path(__file__).parents[2] / "docs"
COMMAND = "python -c \"from xinzhi.forms.writing.documentation import write_pages; write_pages('docs')\""


@pytest.mark.parametrize("name", sorted(pages()))
def test_page_is_up_to_date(name):
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], f"run: {COMMAND}"


def test_pages_are_written_where_they_are_wanted(tmp_path):
    write_pages(tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == pages()


def test_every_rule_has_its_place_with_all_its_words():
    page = rules_page()
    assert [line for line in page.splitlines() if line.startswith("### ")] == [
        f"### `{id}`" for id in rules()
    ]
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        f"## {title.zh} / {title.en}" for title in subjects().values()
    ]
    said = page.replace("\\|", "|")
    for rule in rules().values():
        for text in (rule.what, rule.why, rule.mend):
            assert f"| {text.zh} | {text.en} |" in said


def test_every_row_field_and_section_has_its_place():
    page = form_page(INDICATORS)
    assert [id for id in (*INDICATORS.rows, *INDICATORS.working) if f"| `{id}` |" not in page] == []
    assert "| 2 | `population` | 常住人口（万人）<br>Resident population | 万人 | 2 | > 0, ≤ 10,000 |" in page
    page = form_page(CASE)
    assert [id for id in CASE.fields if f"| `{id}` |" not in page] == []
    assert [id for id in CASE.sections if f"`{id}`\n" not in page] == []
