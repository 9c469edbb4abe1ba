"""Keys of returns in a folder of their own, and what they seal: contacts and files.

Whoever has a backup of the data without this folder cannot read a contact or an original. Destroying the key of
a return erases its personal data from every copy at once, backups included.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from xinzhi.campaign.refusals import Refused
from xinzhi.errors import reason
from xinzhi.language import gettext as _

_KEY_BYTES = 32
_NONCE_BYTES = 12
_OWNER = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class Erased(Refused):
    """Personal data whose key was destroyed."""


class Vault:
    """Keys by owner, each a file that only this user may read.

    Parameters
    ----------
    folder : Path
        Made at the first key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seal(self, owner: str, data: bytes) -> bytes:
        """Encrypt with the key of `owner` (AES-256-GCM, nonce first), which is made if there is none."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key(owner, make=True)).encrypt(nonce, data, owner.encode())

    def open(self, owner: str, sealed: bytes) -> bytes:
        """Decrypt what was sealed.

        Raises
        ------
        Erased
            If the key is gone, or is not the one.
        """
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key(owner)).decrypt(nonce, content, owner.encode())
        except InvalidTag:
            raise self._erased(owner) from None

    def digest(self, owner: str, data: bytes) -> str:
        """Return a keyed hash: it proves what was there to whoever has it and the key, and tells nobody else."""
        return hmac.new(self._key(owner, make=True), data, hashlib.sha256).hexdigest()

    def holds(self, owner: str) -> bool:
        """Tell whether there is a key."""
        return self._path(owner).exists()

    def destroy(self, owner: str) -> bool:
        """Destroy the key for good; tell whether there was one."""
        path = self._path(owner)
        grave = path.with_suffix(".gone")
        with contextlib.suppress(FileNotFoundError):
            with path.open(
                "r+b"
            ) as file:  # overwritten first; on a disk that copies on write this is no promise
                file.write(bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.rename(grave)
            return True
        return False

    def _key(self, owner: str, *, make: bool = False) -> bytes:
        path = self._path(owner)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            if not make or path.with_suffix(".gone").exists():
                raise self._erased(owner) from None
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # two at once: the first one's key holds
                os.link(draft, path)
        except OSError as error:
            raise Refused(
                _("文件没有存下: {reason}").format(reason=reason(error)),
                remedy=_("请稍后再试; 已填的内容不受影响"),
            ) from error
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return path.read_bytes()

    def _path(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise ValueError(f"not the name of an owner: {owner!r}")
        return self._folder / owner[:2] / f"{owner}.key"

    @staticmethod
    def _erased(owner: str) -> Erased:
        return Erased(
            _("个人信息已经清除, 或密钥不在这台机器上"),
            where=owner,
            remedy=_("如果没有清除过, 请检查密钥文件夹 (XINZHI_KEYS)"),
        )


DESTROY = "storage.destroy_key"
"""Kind of the job that destroys a key."""


def destroy_key(payload: Mapping[str, object], report: Callable[[float], None], /) -> dict[str, object]:
    """Destroy the key of an owner; one that is destroyed already stays so."""
    return {"destroyed": vault().destroy(str(payload["owner"]))}


def vault() -> Vault:
    """Return the vault of this installation."""
    return Vault(settings.ENVIRONMENT.keys)
