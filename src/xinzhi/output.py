"""Outputs appear whole or not at all: written beside their place, then moved into it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

from xinzhi.errors import CallError, reason
from xinzhi.language import gettext as _

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

#: The file in which a whole folder says of what kind it is, in the first line, and what it holds.
CONTENTS = ".contents"
#: What a folder may be.
Kind = Literal["result", "report", "demonstration", "portraits", "site"]

_KIND = "kind: "


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`; move it there when the block ends without error.

    Raises
    ------
    CallError
        If `path` is something other than a file, its folder does not exist or cannot be written, or the disk
        is full.
    """
    target = Path(path)
    with _explained(target):
        if target.exists() and not target.is_file():
            raise CallError(
                _("这里已有的不是普通文件, 不能替换"), where=str(target), remedy=_("请写一个文件名")
            )
        draft = _beside(target, target.suffix)
        # The mode of a new file follows the umask by itself.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        with _explained(target, only=_FULL):
            yield draft
        with _explained(target):
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> Iterator[Path]:
    """Give a temporary folder; put it in the place of `path` when the block ends without error.

    Its kind and a list of what it holds are written into it (:data:`CONTENTS`). What stands there already is
    replaced only as :func:`require_replaceable` allows.

    Raises
    ------
    CallError
        As :func:`require_replaceable` does, or if the folder cannot be written, or the disk is full.
    """
    target, inputs = Path(path), tuple(inputs)
    require_replaceable(target, kind, inputs)
    with _explained(target):
        target = target.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = _beside(target)
        draft.mkdir()
    try:
        with _explained(target, only=_FULL):
            yield draft
            lines = [_KIND + kind, *_held(draft)]
            (draft / CONTENTS).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        require_replaceable(target, kind, inputs)
        with _explained(target):
            _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def require_replaceable(path: str | Path, kind: Kind, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse a place for a whole folder in which something would be lost.

    A folder that already stands there may be replaced when it is empty, or is of the same kind and holds
    exactly what the list in it says: what an earlier run wrote and nobody added to. A list without a kind,
    as the first versions wrote them, might be of anything, and its folder stays.

    Parameters
    ----------
    path : path-like
    kind : {"result", "report", "demonstration", "portraits", "site"}
        Of what is going to be written.
    inputs : iterable of path-like
        What it is made from: none of it may be, hold or lie in the place. What is not there is no file.

    Raises
    ------
    CallError
        If `path` is a file, or a folder with something else in it, or the folder one stands in, or overlaps
        with an input.
    """
    target = Path(path)
    with _explained(target):
        place = target.resolve()
        for source in (Path(some).resolve() for some in inputs):
            if source.exists() and (source.is_relative_to(place) or place.is_relative_to(source)):
                raise CallError(
                    _("输出文件夹与输入 {source} 重叠, 会毁掉输入").format(source=source),
                    where=str(target),
                    remedy=_("请换一个文件夹"),
                )
        if target.is_dir() and Path.cwd().is_relative_to(place):
            raise CallError(
                _("不能替换当前所在的文件夹"),
                where=str(target),
                remedy=_("请换一个文件夹, 例如其中的一个新文件夹"),
            )
        if not target.exists() or (target.is_dir() and not any(target.iterdir())):
            return
        found = _kind_of(target)
    if found != kind:
        what = {
            "result": _("这里已有一个结果文件夹, 不覆盖"),
            "report": _("这里已有一份分析报告, 不覆盖"),
            "demonstration": _("这里已有一份演示, 不覆盖"),
            "portraits": _("这里已有一份画像, 不覆盖"),
            "site": _("这里已有一个网站, 不覆盖"),
            "": _("这里已有早先版本写出的文件夹, 没有写明种类, 不覆盖"),
        }.get("?" if found is None else found, _("这里已有别的内容, 不覆盖"))
        raise CallError(what, where=str(target), remedy=_("请换一个文件夹, 或先移走其中的文件"))


def _kind_of(folder: Path) -> str | None:
    """Return the kind of a folder that is as we left it; blank without one, None if it is not ours."""
    try:
        first, *listed = (folder / CONTENTS).read_text(encoding="utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError):
        return None
    held, kind = _held(folder), first.removeprefix(_KIND)
    if listed == held and first != kind and kind in get_args(Kind):
        return kind
    return "" if [first, *listed] == held else None


def _held(folder: Path) -> list[str]:
    """Return every file and folder below `folder` but the list of contents, as relative paths."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(path for path in paths if path != CONTENTS)


def _put_in_place(draft: Path, target: Path) -> None:
    """Move the draft to its place; an earlier folder there goes only once the new one stands."""
    if not target.exists():
        draft.replace(target)
        return
    old = _beside(target)
    target.replace(old)
    try:
        draft.replace(target)
    except BaseException:
        old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path, suffix: str = "") -> Path:
    return target.parent / f".{target.stem[:40]}-{secrets.token_hex(4)}{suffix}"


@contextmanager
def _explained(target: Path, only: Collection[int] = ()) -> Iterator[None]:
    """Turn what the operating system refuses into a message; with `only`, these errors alone."""
    try:
        yield
    except OSError as error:
        if only and error.errno not in only:
            raise
        raise CallError(
            _("写不进去: {reason}").format(reason=reason(error)),
            where=str(target),
            remedy=_("请检查文件夹是否存在、是否有写入权限、磁盘是否已满"),
        ) from error
