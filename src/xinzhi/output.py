"""Outputs appear whole or not at all: written beside their place, then moved into it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from xinzhi.errors import CallError, reason
from xinzhi.language import gettext as _

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})

#: The file in which a whole folder says what it holds.
CONTENTS = ".contents"


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
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder; put it in the place of `path` when the block ends without error.

    A list of what the folder holds is written into it (:data:`CONTENTS`). A folder that already stands there
    is replaced only when it is empty, or holds exactly what such a list in it says: what an earlier run wrote
    and nobody added to.

    Raises
    ------
    CallError
        If `path` is a file, or a folder with something else in it, or the folder one stands in, or cannot be
        written, or the disk is full.
    """
    target = Path(path)
    with _explained(target):
        _require_replaceable(target)
        target = target.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = _beside(target)
        draft.mkdir()
    try:
        with _explained(target, only=_FULL):
            yield draft
            (draft / CONTENTS).write_text("".join(f"{name}\n" for name in _held(draft)), encoding="utf-8")
        with _explained(target):
            _require_replaceable(target)
            _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _require_replaceable(target: Path) -> None:
    if target.is_dir() and Path.cwd().is_relative_to(target.resolve()):
        raise CallError(
            _("不能替换当前所在的文件夹"),
            where=str(target),
            remedy=_("请换一个文件夹, 例如其中的一个新文件夹"),
        )
    ours = target.is_dir() and (not any(target.iterdir()) or _is_ours(target))
    if target.exists() and not ours:
        raise CallError(
            _("这里已有别的内容, 不覆盖"),
            where=str(target),
            remedy=_("请换一个文件夹, 或先移走其中的文件"),
        )


def _is_ours(folder: Path) -> bool:
    try:
        listed = (folder / CONTENTS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return listed == _held(folder)


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
