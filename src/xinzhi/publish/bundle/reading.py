"""Opening a bundle that anyone may have made: limits first, then its manifest, then what it holds."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xinzhi.errors import XinzhiError, reason
from xinzhi.forms.files.zipped import Limits, check_members, inflate, members_of
from xinzhi.forms.refusals import Refusal
from xinzhi.index import Result, compute
from xinzhi.language import LANGUAGES, Language, speaking
from xinzhi.language import gettext as _
from xinzhi.methodology import load_methodology
from xinzhi.panel import read_panel
from xinzhi.publish.bundle.parts import MANIFEST, METHODOLOGY, PANEL, Choices
from xinzhi.publish.bundle.writing import FORMAT

_MEGABYTE = 1 << 20
_LARGEST = 256 * _MEGABYTE
_LIMITS = Limits(entries=200, part=256 * _MEGABYTE, total=512 * _MEGABYTE)
_MOST_REPLICATIONS = 100_000


class BundleError(XinzhiError):
    """A file that is no bundle, or one that cannot be opened."""


@dataclass(frozen=True)
class Bundle:
    """A bundle as it was found; nothing in it is believed yet.

    Parameters
    ----------
    path : Path
    manifest : dict
        What it says of itself.
    files : dict of str to bytes
        By name, the manifest among them.
    """

    path: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def language(self) -> Language:
        """The language its tables are in."""
        return next((known for known in LANGUAGES if known == self.manifest.get("language")), "zh")

    @cached_property
    def choices(self) -> Choices:
        """What its analyses were made with."""
        told: dict[str, Any] = self.manifest["analysis"]
        try:
            choices = Choices(**(told | {"analyses": tuple(map(str, told["analyses"]))}))
            plain = (choices.seed, choices.replications)
            if not all(isinstance(n, int) and 0 <= n <= _MOST_REPLICATIONS for n in plain):
                raise ValueError
        except (TypeError, KeyError, ValueError) as error:
            raise _wrong(self.path, _("清单里分析的设置读不出来")) from error
        return choices

    @cached_property
    def result(self) -> Result:
        """The index, computed again from the methodology and the figures in the bundle.

        Raises
        ------
        XinzhiError
            If they cannot be read.
        """
        with tempfile.TemporaryDirectory() as folder, speaking(self.language):
            for name in (METHODOLOGY, PANEL):
                if name not in self.files:
                    raise _wrong(self.path, _("数据包里没有 {name}").format(name=name))
                (Path(folder) / name).write_bytes(self.files[name])
            methodology = load_methodology(Path(folder) / METHODOLOGY)
            return compute(methodology, read_panel(Path(folder) / PANEL, methodology))


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
            raise _wrong(source, _("文件超过 {limit} MB").format(limit=_LARGEST // _MEGABYTE))
        data = source.read_bytes()
    except OSError as error:
        raise _wrong(source, _("读不出来: {reason}").format(reason=reason(error))) from error
    try:
        members = members_of(data, most=_LIMITS.entries)
        check_members(data, members, _LIMITS)
        files = {member.text: inflate(data, member) for member in members}
    except Refusal as refusal:
        raise _wrong(source, refusal.what) from refusal
    try:
        manifest = json.loads(files[MANIFEST])
    except (KeyError, ValueError, RecursionError) as error:
        raise _wrong(source, _("没有清单 {name}, 或清单读不出来").format(name=MANIFEST)) from error
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
        or not isinstance(manifest.get("analysis"), dict)
    ):
        raise _wrong(source, _("清单的格式不对"))
    return Bundle(source, manifest, files)


def _wrong(path: Path, what: str) -> BundleError:
    return BundleError(what, where=str(path), remedy=_("数据包由 xinzhi bundle RESULT -o FILE.zip 生成"))
