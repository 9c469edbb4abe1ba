"""Opening a bundle that anyone may have made: limits first, then its manifest, then what it holds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xinzhi.declarations import validated
from xinzhi.errors import reason
from xinzhi.forms.files.zipped import Limits, check_members, inflate, members_of
from xinzhi.forms.refusals import Refusal
from xinzhi.index import Result, compute
from xinzhi.language import Language, speaking
from xinzhi.language import gettext as _
from xinzhi.methodology import load_methodology
from xinzhi.panel import read_panel
from xinzhi.publish.bundle.casebook import CASES, cases_in
from xinzhi.publish.bundle.manifest import (
    FORMAT,
    MANIFEST,
    IndexRecord,
    Manifest,
    choices_of,
    imprint_of,
)
from xinzhi.publish.bundle.parts import METHODOLOGY, PANEL
from xinzhi.publish.bundle.printed import PRINTED, read_printed
from xinzhi.publish.bundle.refusing import BundleError
from xinzhi.publish.bundle.writing import PAPER
from xinzhi.publish.edition import Assessment, Edition

_MEGABYTE = 1 << 20
_LARGEST = 256 * _MEGABYTE
_LIMITS = Limits(entries=5000, part=256 * _MEGABYTE, total=512 * _MEGABYTE)
# What is read as JSON takes a dozen times its size in memory.
_LARGEST_JSON = {MANIFEST: 4 * _MEGABYTE, CASES: 32 * _MEGABYTE}
_MOST_DRAWN = (
    200_000_000  # repetitions times units times indicators: twice 2,850 counties with the usual analyses
)


@dataclass(frozen=True)
class Bundle:
    """A bundle as it was found; nothing in it is believed yet.

    Parameters
    ----------
    path : Path
    manifest : Manifest
        What it says of itself.
    files : dict of str to bytes
        By name, the manifest among them.
    """

    path: Path
    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def language(self) -> Language:
        """The language its tables are in."""
        return self.manifest.language

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that were to be drawn of every computed index."""
        return next((index.figures for index in self.manifest.indices if index.printed is None), ())

    @property
    def paper(self) -> dict[str, bytes]:
        """What the white paper is made from besides the edition, by name."""
        return {name: data for name, data in self.files.items() if name.startswith(PAPER)}

    @property
    def result(self) -> Result:
        """The first index that is computed.

        Raises
        ------
        XinzhiError
            If there is none, or its files cannot be read.
        """
        found = next((a.result for a in self.edition.assessments if a.result), None)
        if found is None:
            raise self._wrong(_("数据包里只有印出的指数"))
        return found

    @cached_property
    def edition(self) -> Edition:
        """The edition, its indices computed again from the methodologies and the figures in the bundle.

        Raises
        ------
        XinzhiError
            If they cannot be read.
        """
        manifest = self.manifest
        with speaking(self.language):
            assessments = tuple(self._assessment(record) for record in manifest.indices)
            if sum(map(_drawn, assessments)) > _MOST_DRAWN:
                raise self._wrong(
                    _("清单要求的重复次数、单位和指标太多, 重算起来没有尽头: 至多 {most:,}").format(
                        most=_MOST_DRAWN
                    )
                )
            return Edition(
                manifest.title,
                assessments,
                cases_in(self.files, str(self.path)),
                imprint_of(manifest.imprint),
            )

    def _assessment(self, record: IndexRecord) -> Assessment:
        if record.printed is not None:
            name = record.folder + PRINTED
            printed = read_printed(self._file(name), record, record.printed, f"{self.path} {name}")
            return Assessment(record.id, None, printed)
        if record.analysis is None:
            raise self._wrong(_("指数 {id} 没有分析的设置").format(id=record.id))
        return Assessment(record.id, self._computed(record), None, choices_of(record.analysis))

    def _computed(self, record: IndexRecord) -> Result:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for file in (METHODOLOGY, PANEL):
                (folder / file).write_bytes(self._file(record.folder + file))
            methodology = load_methodology(folder / METHODOLOGY)
            return compute(methodology, read_panel(folder / PANEL, methodology))

    def _file(self, name: str) -> bytes:
        if name not in self.files:
            raise self._wrong(_("数据包里没有 {name}").format(name=name))
        return self.files[name]

    def _wrong(self, what: str) -> BundleError:
        return wrong(self.path, what)


def _drawn(assessment: Assessment) -> int:
    """Return how much the analyses of an index draw: what the time of a verification goes with."""
    result, choices = assessment.result, assessment.choices
    if result is None or not choices.analyses:
        return 0
    return choices.replications * len(result.codes) * len(result.methodology.indicators)


def open_bundle(path: str | Path) -> Bundle:
    """Open a bundle.

    Raises
    ------
    BundleError
        If it cannot be read, is no bundle, or goes beyond a limit.
    """
    source = Path(path)
    try:
        if source.stat().st_size > _LARGEST:
            raise wrong(source, _("文件超过 {limit} MB").format(limit=_LARGEST // _MEGABYTE))
        data = source.read_bytes()
    except OSError as error:
        raise wrong(source, _("读不出来: {reason}").format(reason=reason(error))) from error
    try:
        members = members_of(data, most=_LIMITS.entries)
        check_members(data, members, _LIMITS)
        for member in members:
            if member.size > _LARGEST_JSON.get(member.text, _LARGEST):
                limit = _LARGEST_JSON[member.text] // _MEGABYTE
                raise wrong(source, _("{name} 超过 {limit} MB").format(name=member.text, limit=limit))
        files = {member.text: inflate(data, member) for member in members}
    except Refusal as refusal:
        raise wrong(source, refusal.what) from refusal
    try:
        told = json.loads(files[MANIFEST])
    except (KeyError, ValueError, RecursionError) as error:
        raise wrong(source, _("没有清单 {name}, 或清单读不出来").format(name=MANIFEST)) from error
    if not isinstance(told, dict):
        raise wrong(source, _("清单的格式不对"))
    if told.get("format") != FORMAT:
        found = str(told.get("format"))[:20]
        raise wrong(source, _("数据包是格式 {found}, 这里只读格式 {known}").format(found=found, known=FORMAT))
    manifest = validated(Manifest, told, f"{source} {MANIFEST}", BundleError)
    return Bundle(source, manifest, files)


def wrong(path: Path, what: str) -> BundleError:
    """Return the error of a file that is no bundle, with where a bundle comes from."""
    return BundleError(what, where=str(path), remedy=_("数据包由 xinzhi bundle RESULT -o FILE.zip 生成"))
