"""Portraits by themselves: the page of one unit on request, and a file for each province."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.geography import province_of
from xinzhi.language import current_language, speaking
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder
from xinzhi.publish.blocks import Block, Document, Heading
from xinzhi.publish.edition import Assessment, Edition
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.outline import load_outline
from xinzhi.publish.paper.document import captioned, require_sound
from xinzhi.publish.paper.parts.portraits import portrait
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.typst import printed

_AT_ONCE = 2  # files that are set while the next are written


def portrait_pdf(assessment: Assessment, code: str, fonts: Path | None = None) -> bytes:
    """Return the page of a unit as PDF.

    The analyses of the index are made with its first portrait; from then on a page takes some tens of
    milliseconds.

    Raises
    ------
    CallError
        If the index has no unit of that code.
    """
    n = assessment.standing.positions.get(code)
    if n is None:
        raise CallError(_("没有代码为 {code} 的单位").format(code=code), where=assessment.title)
    return printed(_leaf(assessment, [n]), fonts or font_folder()).data


def write_portraits(
    assessment: Assessment,
    folder: str | Path,
    fonts: Path | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> list[Path]:
    """Write the portraits of all units, a PDF for each province, named by its code.

    Raises
    ------
    CallError
        If the place cannot be written.
    """
    target, shelf, language = Path(folder), fonts or font_folder(), current_language()
    parts = by_province(assessment)

    def one(province: str) -> tuple[str, bytes]:
        with speaking(language):
            return province, printed(_leaf(assessment, parts[province]), shelf).data

    with whole_folder(target, "portraits") as draft, ThreadPoolExecutor(_AT_ONCE) as pool:
        for province, data in pool.map(one, parts):
            (draft / f"{province}.pdf").write_bytes(data)
            progress(province)
    return [target / f"{province}.pdf" for province in parts]


def by_province(assessment: Assessment) -> Mapping[str, list[int]]:
    """Return the positions of the units by the code of their province."""
    found: dict[str, list[int]] = {}
    for n, code in enumerate(assessment.standing.codes):
        found.setdefault(province_of(code), []).append(n)
    return found


def _leaf(assessment: Assessment, units: Sequence[int]) -> Document:
    """Return the pages of some units as a document, every number checked."""
    edition = Edition(load_outline().title, (assessment,))
    subject = Subject(edition, assessment, load_outline(), "portrait")
    fictitious = assessment.fictitious
    running = _("演示数据") if fictitious else ""
    blocks: list[Block] = []
    for n in units:
        for block in portrait(subject, n):
            if isinstance(block, Heading):
                block = replace(block, level=1, running=running)
            blocks.append(captioned(block) if fictitious else block)
    require_sound(blocks, edition)
    return Document(
        title=assessment.title,
        subtitle="",
        author=str(load_outline().author),
        language=current_language(),
        result=assessment.fingerprint,
        blocks=tuple(blocks),
        leaf=True,
    )
