"""Putting files away and taking them out again."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.storage.models import Blob
from xinzhi.campaign.storage.vault import vault
from xinzhi.errors import reason
from xinzhi.language import gettext as _


@dataclass(frozen=True)
class Laid:
    """A file that lies sealed on the disk and is nobody's yet."""

    address: str
    owner: str
    digest: str
    size: int


def put(owner: str, data: bytes) -> Blob:
    """Store a file of an owner and return it; the same bytes again are the same blob.

    Raises
    ------
    Refused
        If the disk does not take it; nothing is left behind.
    """
    with laid(owner, data) as file:
        return entered(file)


@contextmanager
def laid(owner: str, data: bytes) -> Iterator[Laid]:
    """Seal a file and lay it on the disk, before the transaction that enters it: others need not wait meanwhile.

    What the block does not enter, because it failed, is taken off the disk again.

    Raises
    ------
    Refused
        If the disk does not take it.
    """
    digest = vault().digest(owner, data)
    if known := Blob.objects.filter(owner=owner, digest=digest).first():
        yield Laid(known.address, owner, digest, len(data))
        return
    sealed = vault().seal(owner, data)
    file = Laid(hashlib.sha256(sealed).hexdigest(), owner, digest, len(data))
    _write(_path(file.address), sealed)
    try:
        yield file
    except BaseException:
        _path(file.address).unlink(missing_ok=True)
        raise


def entered(file: Laid) -> Blob:
    """Enter a file that was laid on the disk, in the transaction of what it belongs to."""
    if known := Blob.objects.filter(owner=file.owner, digest=file.digest).first():
        if known.address != file.address:  # the same file came twice at once
            _path(file.address).unlink(missing_ok=True)
        return known
    try:
        with transaction.atomic():
            return Blob.objects.create(
                address=file.address, owner=file.owner, digest=file.digest, size=file.size
            )
    except IntegrityError:
        _path(file.address).unlink(missing_ok=True)
        return Blob.objects.get(owner=file.owner, digest=file.digest)


def take(blob: Blob) -> bytes:
    """Return the bytes of a stored file.

    Raises
    ------
    Erased
        If its key was destroyed.
    Refused
        If it is not on the disk, or not what was put there.
    """
    try:
        sealed = _path(blob.address).read_bytes()
    except OSError as error:
        raise Refused(_("文件读不出来: {reason}").format(reason=reason(error)), where=blob.address) from error
    if hashlib.sha256(sealed).hexdigest() != blob.address:
        raise Refused(_("文件与存入时不一致"), where=blob.address, remedy=_("请从备份恢复"))
    return vault().open(blob.owner, sealed)


def _path(address: str) -> Path:
    return Path(settings.ENVIRONMENT.home) / "files" / address[:2] / address


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):  # the disk may refuse this too
            draft.unlink(missing_ok=True)
        raise Refused(
            _("文件没有存下: {reason}").format(reason=reason(error)),
            remedy=_("请稍后再试; 已填的内容不受影响"),
        ) from error
