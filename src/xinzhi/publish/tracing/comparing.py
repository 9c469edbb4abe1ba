"""Comparing what a document, or every page of a site, shows with the bundle it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from xinzhi.errors import CallError, XinzhiError, reason
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _
from xinzhi.language import speaking
from xinzhi.publish.bundle import open_bundle, verify_bundle
from xinzhi.publish.text.keys import Key, NumberError, read_key
from xinzhi.publish.text.measures import texts_of, value_of
from xinzhi.publish.text.standing import Standing
from xinzhi.publish.tracing.page import in_page
from xinzhi.publish.tracing.pdf import in_pdf
from xinzhi.publish.tracing.shown import Shown
from xinzhi.publish.tracing.word import in_word

_LARGEST = 256 << 20
_READERS = {".pdf": in_pdf, ".docx": in_word, ".html": in_page, ".htm": in_page}
_PAGES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A number that is not what its key stands for, and why."""

    shown: Shown
    why: str

    def __str__(self) -> str:
        return f"{self.shown.place}: {self.why} ({self.shown.key})"


@dataclass(frozen=True, slots=True)
class Traced:
    """What was found in a document.

    Attributes
    ----------
    count : int
        Numbers with a key.
    mismatches : tuple of Mismatch
    """

    count: int
    mismatches: tuple[Mismatch, ...]


def trace_document(path: str | Path, bundle: str | Path) -> Traced:
    """Compare every number of a document, or of every page in a folder, with a bundle.

    Parameters
    ----------
    path : str or Path
        A PDF, a Word file or a page that :mod:`xinzhi.publish` wrote, perhaps edited since; or the folder of a
        site.
    bundle : str or Path
        The bundle of the same edition.

    Raises
    ------
    BundleError, ComputeError
        If the bundle cannot be opened, or is not what it says.
    CallError
        If the document cannot be read, or holds no number with a key.
    """
    source = Path(path)
    require_traceable(source)
    opened = open_bundle(bundle)
    differences = verify_bundle(opened)
    if differences:
        raise XinzhiError(
            _("数据包自身不一致: {difference}").format(difference=differences[0]),
            where=str(bundle),
            remedy=_("请用 xinzhi verify 查看全部"),
        )
    with speaking(opened.language):
        standings = [assessment.standing for assessment in opened.edition.assessments]
    count, wrong = 0, []
    judge = Judge(standings)
    for shown in numbers_shown(source):
        count += 1
        if why := judge.fault(shown.key, shown.text):
            wrong.append(Mismatch(shown, why))
    if not count:
        raise CallError(
            _("没有一个数字带键"),
            where=str(source),
            remedy=_("只能追溯 xinzhi 写出的 PDF、Word 文件和网页"),
        )
    return Traced(count, tuple(wrong))


class Judge:
    """Tells what is wrong with a shown number; a number that stands on many pages is judged once.

    Parameters
    ----------
    standings : sequence of Standing
        A key names its own by the fingerprint.
    """

    def __init__(self, standings: Sequence[Standing]) -> None:
        self._standings = tuple(standings)
        self._expected = cache(self._texts)

    def fault(self, key: str, text: str) -> str:
        """Return why a text is not what its key stands for; blank where it is."""
        expected, why, value = self._expected(key)
        if why or text in expected:
            return why
        return _("印的是 {text}, 数据包里是 {value:.6g}").format(text=text, value=value)

    def _texts(self, text: str) -> tuple[tuple[str, ...], str, float]:
        try:
            key = read_key(text)
            value = value_of(self._standing(key), key)
            return texts_of(value, key.form), "", value
        except NumberError as error:
            return (), error.what, 0.0

    def _standing(self, key: Key) -> Standing:
        found = (s for s in self._standings if s.fingerprint.startswith(key.result))
        return next(found, self._standings[0])


def mismatches(found: Iterable[Shown], standings: Sequence[Standing]) -> Iterator[Mismatch]:
    """Yield the numbers that are not what their keys stand for."""
    judge = Judge(standings)
    for shown in found:
        if why := judge.fault(shown.key, shown.text):
            yield Mismatch(shown, why)


def require_traceable(path: Path) -> None:
    """Refuse what is neither a document nor a folder with a page.

    Raises
    ------
    CallError
        If it is of no kind that can be read, or not there.
    """
    if path.is_dir():
        if next(pages_in(path), None) is None:
            raise CallError(
                _("文件夹里没有网页"), where=str(path), remedy=_("请给出 xinzhi publish 写出的文件夹")
            )
    elif path.suffix.lower() not in _READERS:
        raise CallError(_("只能追溯 PDF、Word (.docx)、网页 (.html) 和网站文件夹"), where=str(path))


def pages_in(folder: Path) -> Iterator[Path]:
    """Yield the pages of a site in the order of their names; a link that leads elsewhere is not followed."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in _PAGES)
    return (path for path in sorted(found) if path.is_file() and not path.is_symlink())


def numbers_shown(path: Path) -> Iterator[Shown]:
    """Yield the numbers of a document, or of every page in a folder, that carry a key.

    Raises
    ------
    CallError
        If a file cannot be read, or is of no kind that can be.
    """
    if not path.is_dir():
        yield from _in_file(path)
        return
    for page in pages_in(path):
        name = page.relative_to(path).as_posix()
        for shown in _in_file(page):
            yield replace(shown, place=f"{name} {shown.place}")


def _in_file(path: Path) -> Iterator[Shown]:
    require_traceable(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise CallError(_("文件超过 {limit} MB").format(limit=_LARGEST >> 20), where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise CallError(_("读不出来: {reason}").format(reason=reason(error)), where=str(path)) from error
    try:
        yield from _READERS[path.suffix.lower()](data)
    except Refusal as refusal:
        raise CallError(refusal.what, where=str(path)) from refusal
    except CallError as error:
        raise CallError(error.what, where=str(path), remedy=error.remedy) from error
