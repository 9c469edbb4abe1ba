"""The files of a paper: PDF, Word, and the bundle that its numbers are traced in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.output import whole_file
from xinzhi.publish.bundle.writing import write_bundle
from xinzhi.publish.edition import Edition
from xinzhi.publish.outline import Outline, load_outline
from xinzhi.publish.paper.document import document, require_sound
from xinzhi.publish.typst import printed
from xinzhi.publish.word import word

PDF, WORD, BUNDLE = "paper.pdf", "paper.docx", "bundle.zip"
TEXT = "text"
"""The folder of the editors' own text within that of a paper."""


def write_paper(
    edition: Edition,
    folder: str | Path,
    fonts: Path,
    *,
    outline: Outline | None = None,
    text: Path | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> Path:
    """Write a white paper: PDF, Word and the bundle that its numbers are traced in.

    The folder is made where it is not there; nothing in it but these three files is touched, so that the
    editors' own text (``text/<chapter>.md``) survives.

    Raises
    ------
    CallError, OutlineError, PaperError
        If the place cannot be written, the outline is wrong, or the paper cannot be set as it ought to be.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise CallError(_("这里已有的不是文件夹"), where=str(target), remedy=_("请换一个文件夹"))
    progress("analysis")
    chosen = outline or load_outline()
    tree = document(edition, chosen, text if text is not None else target / TEXT)
    require_sound(tree.blocks, edition)
    progress(PDF)
    pdf = printed(tree, fonts)
    progress(WORD)
    docx = word(tree, pdf.page_of)
    target.mkdir(parents=True, exist_ok=True)
    for name, data in ((PDF, pdf.data), (WORD, docx)):
        with whole_file(target / name) as draft:
            draft.write_bytes(data)
    progress(BUNDLE)
    write_bundle(edition, target / BUNDLE, figures=chosen.drawn)
    return target
