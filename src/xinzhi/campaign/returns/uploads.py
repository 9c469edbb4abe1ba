"""Files that come piece by piece, so that a lost network costs a piece and not the file.

A piece is sealed with the key of the return and lies on the disk until the last one has come. Which piece is
the next is decided by one conditional update: of two that come at once, one is told where the file really stands.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns.material import look_at, require_size
from xinzhi.campaign.returns.models import Attachment, Return, Upload
from xinzhi.campaign.returns.operations import attach_laid, require_attachable
from xinzhi.campaign.storage.files import laid
from xinzhi.campaign.storage.vault import vault
from xinzhi.errors import reason
from xinzhi.language import gettext as _

LARGEST_PIECE = 2_000_000  # bytes
MOST_UNDER_WAY = 8
KEPT = timedelta(days=3)
"""How long an upload that broke off waits to be resumed."""


def begin(actor: Actor, filed: Return, sort: str, name: str, fingerprint: str, size: int) -> Upload:
    """Begin an upload, or find the one that broke off: the same person, return, sort and file.

    Raises
    ------
    Forbidden, Refused
        If the actor does not file for the unit, the file is too large, or too many are under way.
    """
    if not actor.may("file", filed.campaign, filed.unit):
        raise Forbidden(_("你没有为这个单位填报的权限"), where=filed.unit.name)
    require_size(filed, sort, name, size)
    for old in filed.uploads.filter(at__lt=actor.now - KEPT):
        give_up(old)
    known = filed.uploads.filter(by=actor.user, sort=sort, fingerprint=fingerprint[:300], size=size).first()
    if known:
        return known
    if filed.uploads.count() >= MOST_UNDER_WAY:
        raise Refused(
            _("已有 {most} 个文件正在上传").format(most=MOST_UNDER_WAY), remedy=_("等它们传完, 或稍后再试")
        )
    upload, _new = Upload.objects.get_or_create(
        of=filed,
        by=actor.user,
        sort=sort,
        fingerprint=fingerprint[:300],
        defaults={"name": name[:200], "size": size, "at": actor.now},
    )
    return upload


def receive(upload: Upload, offset: int, data: bytes) -> Upload:
    """Take the piece that begins at `offset`.

    Raises
    ------
    Conflict
        If the file stands elsewhere; the sender asks where, and goes on from there.
    Refused
        If the piece is too large, or the disk does not take it.
    """
    if offset != upload.received:
        raise Conflict(_("文件已收到 {n} 字节").format(n=upload.received), where=upload.name)
    if not data or len(data) > LARGEST_PIECE or offset + len(data) > upload.size:
        raise Refused(_("这一段的大小不对"), where=upload.name)
    name = f"{offset}-{secrets.token_hex(4)}"
    _write(_folder(upload) / name, vault().seal(upload.of.owner, data))
    moved = Upload.objects.filter(pk=upload.pk, received=offset).update(
        received=offset + len(data), pieces=[*upload.pieces, name]
    )
    if not moved:
        (_folder(upload) / name).unlink(missing_ok=True)
        raise Conflict(_("文件刚刚从另一处续传"), where=upload.name)
    upload.refresh_from_db()
    return upload


def finish(actor: Actor, upload: Upload) -> Attachment:
    """Look at a file that is all there, and attach it; what is refused is not kept.

    Raises
    ------
    Refused
        If the return takes no such file.
    """
    filed = upload.of
    data = b"".join(
        vault().open(filed.owner, (_folder(upload) / name).read_bytes()) for name in upload.pieces
    )
    try:
        looked = look_at(filed, upload.sort, upload.name, data)
    except Refused:
        give_up(upload)
        raise
    require_attachable(actor, filed, upload.sort)
    with laid(filed.owner, data) as file, transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk).delete()[0]:
            raise Conflict(_("这个文件已经收下"), where=upload.name)
        attached = attach_laid(
            actor, filed, upload.sort, upload.name, file, kind=looked.kind, facts=looked.facts
        )
        transaction.on_commit(lambda: _clear(upload))
    return attached


def give_up(upload: Upload) -> None:
    """Drop an upload with its pieces."""
    Upload.objects.filter(pk=upload.pk).delete()
    _clear(upload)


def _folder(upload: Upload) -> Path:
    return Path(settings.ENVIRONMENT.home) / "pieces" / str(upload.pk)


def _clear(upload: Upload) -> None:
    folder = _folder(upload)
    for piece in folder.glob("*"):
        piece.unlink(missing_ok=True)
    if folder.exists():
        folder.rmdir()


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        with suppress(OSError):  # the disk may refuse this too
            path.unlink(missing_ok=True)
        raise Refused(
            _("文件没有存下: {reason}").format(reason=reason(error)),
            remedy=_("请稍后再试; 已填的内容不受影响"),
        ) from error
