"""The files of a paper: PDF, Word, and the bundle that its numbers are traced in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.output import whole_file
from xinzhi.publish.bundle import BundleError, open_bundle
from xinzhi.publish.bundle.writing import PAPER, write_bundle
from xinzhi.publish.edition import Edition
from xinzhi.publish.outline import Outline, editors_texts, load_outline, outline_toml, read_outline
from xinzhi.publish.paper.document import document, require_sound
from xinzhi.publish.typst import printed
from xinzhi.publish.word import word

PDF, WORD, BUNDLE = "paper.pdf", "paper.docx", "bundle.zip"
_OUTLINE, _TEXTS = f"{PAPER}outline.toml", f"{PAPER}text/"
TEXT = "text"
"""The folder of the editors' own text within that of a paper."""


def write_paper(
    edition: Edition,
    folder: str | Path,
    fonts: Path,
    *,
    outline: Outline | None = None,
    texts: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> Path:
    """Write a white paper: PDF, Word and the bundle that its numbers are traced in.

    The folder is made where it is not there; nothing in it but these three files is touched, so that the
    editors' own text (``text/<chapter>.md``) survives. The bundle holds it too, with the outline, so that
    :func:`rebuild_paper` makes the same files from the bundle alone.

    Parameters
    ----------
    edition : Edition
    folder : str or Path
    fonts : Path
    outline : Outline, optional
        The usual one by default.
    texts : mapping of str to str, optional
        The editors' Markdown by chapter; by default that of the folder ``text`` in the folder.
    progress : callable
        Told the name of each step.

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
    own = editors_texts(target / TEXT, chosen) if texts is None else texts
    tree = document(edition, chosen, own)
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
    extra = {_OUTLINE: outline_toml(chosen)} | {f"{_TEXTS}{id}.md": text for id, text in own.items()}
    write_bundle(
        edition,
        target / BUNDLE,
        figures=chosen.drawn,
        extra={name: text.encode() for name, text in extra.items()},
    )
    return target


def rebuild_paper(bundle: str | Path, folder: str | Path, fonts: Path) -> Path:
    """Write the paper of a bundle again, from what the bundle holds alone: the same bytes.

    Raises
    ------
    BundleError
        If it is no bundle, or not that of a white paper.
    """
    opened = open_bundle(bundle)
    files = {name: data.decode("utf-8", "replace") for name, data in opened.paper.items()}
    if _OUTLINE not in files:
        raise BundleError(
            _("数据包里没有白皮书的大纲"),
            where=str(bundle),
            remedy=_("请给出 xinzhi paper 写出的 bundle.zip"),
        )
    outline = read_outline(files[_OUTLINE], _OUTLINE)
    texts = {
        name.removeprefix(_TEXTS).removesuffix(".md"): text
        for name, text in files.items()
        if name.startswith(_TEXTS)
    }
    with speaking(opened.language):
        return write_paper(opened.edition, folder, fonts, outline=outline, texts=texts)
