"""The pages of an edition that every reader begins with: what it says, its table, its cases, its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.template.loader import render_to_string

from xinzhi.language import current_language
from xinzhi.publish.edition import LICENCES, Edition
from xinzhi.publish.text.standing import Standing

_STYLE = Path(__file__).with_name("front.css")


def front_pages(edition: Edition) -> dict[str, str]:
    """Return the pages in the language in force, by name: ``index.html``, ``cases.html`` and one for each case."""
    english = current_language() == "en"
    own = {"edition": edition, "language": current_language(), "licence": LICENCES[edition.imprint.licence]}

    def written(name: str, template: str, **more: object) -> str:
        deep = "../" * name.count("/")
        other = f"{deep}../{name}" if english else f"{deep}en/{name}"
        places = {"root": deep + ("../" if english else ""), "here": deep, "other": other}
        return render_to_string(f"publications/front/{template}.html", own | places | more)

    tables = [(a.title, a.standing.year, a.notes, list(_rows(a.standing))) for a in edition.assessments]
    pages = {"index.html": written("index.html", "index", title=edition.title, tables=tables)}
    for case in edition.cases:
        name = f"cases/{case.id}.html"
        pages[name] = written(name, "case", title=case.title, case=case)
    return pages


def front_material(edition: Edition) -> dict[str, bytes]:
    """Return what the pages of both languages share: the style, and the pictures of the cases."""
    pictures = {
        f"cases/{case.id}-{n}.{picture.suffix}": picture.data
        for case in edition.cases
        for n, picture in enumerate(case.pictures, start=1)
    }
    return {"style.css": _STYLE.read_bytes()} | pictures


def _rows(standing: Standing) -> Iterator[tuple[str, str, str, str]]:
    """Yield rank, name, code and total of every unit in the last year, the best first; those without one last."""
    place = standing.years.index(standing.year)
    scores, ranks = standing.scores[standing.root][place], standing.ranks[standing.root][place]
    known = np.isfinite(ranks)
    for n in sorted(
        range(len(ranks)), key=lambda n: (not known[n], ranks[n] if known[n] else 0, standing.codes[n])
    ):
        rank, score = (f"{ranks[n]:.0f}", f"{scores[n]:.{standing.decimals}f}") if known[n] else ("–", "–")
        yield rank, standing.names[n], standing.codes[n], score
