"""Writing a bundle: the same edition gives the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from xinzhi.errors import CallError
from xinzhi.forms.writing.shell import zipped
from xinzhi.index import Result
from xinzhi.language import gettext as _
from xinzhi.output import whole_file
from xinzhi.publish.bundle.casebook import case_files
from xinzhi.publish.bundle.describing import descriptions
from xinzhi.publish.bundle.manifest import MANIFEST, folder_of, manifest_of
from xinzhi.publish.bundle.parts import files_of, json_bytes
from xinzhi.publish.edition import Edition, edition_of
from xinzhi.publish.outline import load_outline

if TYPE_CHECKING:
    import polars as pl

PAPER = "paper/"
"""The folder of what the white paper is made from besides: its outline, the editors' own text."""

_EXTRA = re.compile(r"paper/([\w-]+/)*[\w-]+\.(toml|md)")


@dataclass
class Computed:
    """Every file of an edition that is computed from it: tables, drawings and texts by name.

    The names are those in the bundle.
    """

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)


def write_bundle(
    edition: Edition | Result,
    path: str | Path,
    *,
    figures: Sequence[str] | None = None,
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """Write an edition with everything it rests on to one zip file.

    Nothing of a campaign but figures and published cases goes in: there is no contact, no name of a person and
    no file in an edition.

    Parameters
    ----------
    edition : Edition or Result
        A result alone is an edition of it with the usual imprint.
    path : str or Path
    figures : sequence of str, optional
        Names of the figures to draw; by default those of the usual outline. One that does not apply to an
        index is left out.
    extra : mapping of str to bytes, optional
        What the white paper is made from besides: ``paper/outline.toml``, ``paper/text/<chapter>.md``.

    Raises
    ------
    CallError
        If a name among the extra files is another, the id of a case cannot name a file, or the place cannot be
        written.
    """
    if isinstance(edition, Result):
        edition = edition_of([edition], title=edition.methodology.title)
    chosen = tuple(dict.fromkeys(usual_figures() if figures is None else figures))
    files = bundle_files(edition, chosen, extra or {})
    target = Path(path)
    with whole_file(target) as draft:
        draft.write_bytes(zipped(sorted(files.items())))
    return target


def bundle_files(edition: Edition, figures: tuple[str, ...], extra: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a bundle by name."""
    for name in extra:
        if not _EXTRA.fullmatch(name):
            raise CallError(
                _("数据包不收名为 {name} 的文件").format(name=name),
                remedy=_("可用: {known}").format(known="paper/outline.toml, paper/text/<chapter>.md"),
            )
    computed = computed_files(edition, figures)
    contents = computed.contents | dict(extra)
    contents |= descriptions(edition, computed.tables, contents)
    manifest = manifest_of(edition, figures, contents)
    return contents | {MANIFEST: json_bytes(manifest.model_dump(mode="json"))}


def computed_files(edition: Edition, figures: tuple[str, ...]) -> Computed:
    """Return every file that is computed from an edition, in the language in force."""
    found = Computed()
    for assessment in edition.assessments:
        folder = folder_of(edition, assessment)
        made = files_of(assessment, figures)
        found.tables |= {folder + name: frame for name, frame in made.tables.items()}
        found.figures |= {folder + name: svg for name, svg in made.figures.items()}
        found.contents |= {folder + name: data for name, data in made.contents().items()}
    found.contents |= case_files(edition.cases)
    return found


def usual_figures() -> tuple[str, ...]:
    """Return the names of the figures of the usual outline."""
    return tuple(name for chapter in load_outline().chapters for name in chapter.figures)
