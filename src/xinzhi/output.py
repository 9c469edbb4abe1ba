"""Outputs appear whole or not at all: written beside their place, then moved into it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.language import gettext as _


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`; move it there when the block ends without error.

    Raises
    ------
    CallError
        If the folder does not exist or cannot be written.
    """
    target = Path(path)
    with _explained(target):
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
    draft = Path(name)
    try:
        yield draft
        with _explained(target):
            draft.chmod(0o666 & ~_umask())
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path, *, marker: str) -> Iterator[Path]:
    """Give a temporary folder; put it in the place of `path` when the block ends without error.

    A folder that already stands there is replaced only when it is empty or holds the file `marker`, which
    says that an earlier run of the same kind made it.

    Raises
    ------
    CallError
        If `path` is a file, or a folder with something else in it, or cannot be written.
    """
    target = Path(path)
    if target.is_file() or (target.is_dir() and any(target.iterdir()) and not (target / marker).is_file()):
        raise CallError(
            _("这里已有别的内容, 不覆盖"),
            where=str(target),
            remedy=_("请换一个文件夹, 或先移走其中的文件"),
        )
    with _explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
        with _explained(target):
            draft.chmod(0o777 & ~_umask())
            if target.exists():
                old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
                target.replace(old / target.name)
                draft.replace(target)
                shutil.rmtree(old)
            else:
                draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CallError(
            _("写不进去: {reason}").format(reason=error.strerror or error),
            where=str(target),
            remedy=_("请检查文件夹是否存在、是否有写入权限、磁盘是否已满"),
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
