"""A whole site as files: its pages in both languages, drawings, tables, cases and the bundle that proves it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xinzhi.language import LANGUAGES, Language, speaking
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder
from xinzhi.panel import Status
from xinzhi.publish.bundle import write_bundle
from xinzhi.publish.edition import Edition
from xinzhi.publish.paper import write_portraits
from xinzhi.publish.website.data import FORMATS, encoded
from xinzhi.publish.website.markup import page_parts, words
from xinzhi.publish.website.pages import FIGURES, Page, Pages
from xinzhi.publish.website.share import share_card

_HERE = Path(__file__).parent
BUNDLE = "bundle.zip"
_NO_PAPERS: Mapping[str, bytes] = MappingProxyType({})


def write_site(
    edition: Edition,
    folder: str | Path,
    *,
    papers: Mapping[str, bytes] = _NO_PAPERS,
    bundle: bytes = b"",
    portraits: bool = True,
    progress: Callable[[str], None] = lambda _name: None,
) -> Path:
    """Write the public site of an edition.

    Parameters
    ----------
    edition : Edition
    folder : path-like
        Where it is written; it appears whole or not at all, and replaces a site alone.
    papers : mapping of str to bytes
        The white paper's files by name (``white-paper.pdf``), to be downloaded.
    bundle : bytes
        The bundle of the edition where it is there already, that of its white paper; else it is made.
    portraits : bool
        Whether the portraits are there as PDF too, a file for each province.
    progress : callable
        Told the address of each page that was written.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CallError
        If the place cannot be written or holds something else.
    """
    target = Path(folder)
    with whole_folder(target, "site") as draft:
        shutil.copytree(_HERE / "static", draft / "static")
        if bundle:
            (draft / BUNDLE).write_bytes(bundle)
        else:
            with speaking(LANGUAGES[0]):
                write_bundle(edition, draft / BUNDLE, figures=FIGURES)
        _write_papers(papers, draft)
        _write_cases(edition, draft)
        for language in LANGUAGES:
            with speaking(language):
                _write_language(Pages(edition, tuple(papers), portraits), language, draft, progress)
    return target


def _write_papers(papers: Mapping[str, bytes], draft: Path) -> None:
    for name, data in papers.items():
        place = draft / "papers" / Path(name).name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)


def _write_cases(edition: Edition, draft: Path) -> None:
    for case in edition.cases:
        for k, picture in enumerate(case.pictures, start=1):
            place = draft / "cases" / f"{case.id}-{k}.{picture.suffix}"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(picture.data)


def _write_language(book: Pages, language: Language, draft: Path, progress: Callable[[str], None]) -> None:
    """Write the pages of one language; what both share is written with the first."""
    first, base = language == LANGUAGES[0], draft if language == LANGUAGES[0] else draft / language
    for exhibit in book.exhibits.values():
        place = base / exhibit.id
        place.mkdir(parents=True, exist_ok=True)
        content = json.dumps(exhibit.data(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        (place / "data.json").write_text(content, encoding="utf-8")
        if book.portraits and not exhibit.single:
            write_portraits(exhibit.assessment, place / "portraits")
        for name in FIGURES:
            if drawn := exhibit.assessment.figure(name):
                (place / f"{name}.svg").write_text(drawn[1], encoding="utf-8")
        if first:
            for table in book.tables[exhibit.id]:
                home = draft / "data" / exhibit.id
                home.mkdir(parents=True, exist_ok=True)
                for format in FORMATS:
                    (home / f"{table.name}.{format}").write_bytes(encoded(table.frame, format))
    (base / "share.png").write_bytes(share_card(book.title, book.main, book.edition.fictitious))
    render = Renderer(language)
    for page in book.pages():
        place = base / page.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(render(page, book), encoding="utf-8")
        progress(page.path if first else f"{language}/{page.path}")


class Renderer:
    """Makes HTML of the pages of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals |= {
            "_": _, "keyed": words, "status": _status,
            "score": "{:.2f}".format, "percent": "{:.1%}".format,
        }  # fmt: skip

    def __call__(self, page: Page, book: Pages) -> str:
        """Return the HTML of a page."""
        up = "../" * page.path.count("/")
        deeper = "" if self.language == LANGUAGES[0] else "../"
        other = f"{up}en/{page.path}" if self.language == "zh" else f"{up}../{page.path}"
        explained = partial(book.explanation, up)
        context: dict[str, Any] = dict(page.context) | {
            "words": partial(words, explained=explained), "page_parts": partial(page_parts, explained=explained),
            "page": page, "book": book, "edition": book.edition, "language": self.language,
            "up": up, "root": up + deeper, "other": other,
        }  # fmt: skip
        return self.environment.get_template(page.template).render(context)


def _status(name: str) -> str:
    return Status[name.upper()].label
