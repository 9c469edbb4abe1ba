"""Where what was built lies: packed in the storage, and unpacked beside it to be served.

The packed archive is what counts and what backups hold. A copy is unpacked when a page of it is first asked for, on
whichever machine, each file under the hash of its content. An address is looked up in the list of names and never in
the file system, so that none leads out of it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.storage.files import take
from xinzhi.errors import reason
from xinzhi.forms.writing.shell import zipped
from xinzhi.language import gettext as _

_LIST = "files.json"
_NAME = re.compile(r"(?!\.)[^/\\\x00-\x1f]+(/(?!\.)[^/\\\x00-\x1f]+)*")


class Held(NamedTuple):
    """A file of a site: where it lies, the hash of its content, its size."""

    path: Path
    digest: str
    size: int


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as one archive; the same files give the same bytes.

    Raises
    ------
    Refused
        If a name could not be an address.
    """
    for name in files:
        if not _NAME.fullmatch(name):
            raise Refused(_("这个文件名不能用作网址: {name}").format(name=name[:100]))
    return zipped(sorted(files.items()))


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return SHA-256 over the names of files and the SHA-256 of their contents."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def find(edition: Publication, name: str) -> Held | None:
    """Return a file of what was built for an edition; None where there is none of that name."""
    folder = _folder(edition.digest)
    if not (folder / _LIST).exists():
        _unpack(edition, folder)
    known = _listed(folder).get(name)
    return Held(folder / known[0], *known) if known else None


def unpacked(edition: Publication) -> dict[str, bytes]:
    """Return all files that were built for an edition, by name."""
    assert edition.archive is not None
    with zipfile.ZipFile(io.BytesIO(take(edition.archive))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def clear(edition: Publication) -> None:
    """Take the unpacked copy of an edition off this machine; the packed one stays in the storage."""
    shutil.rmtree(_folder(edition.digest), ignore_errors=True)


@lru_cache(maxsize=16)
def _listed(folder: Path) -> dict[str, tuple[str, int]]:
    return json.loads((folder / _LIST).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _folder(digest: str) -> Path:
    return Path(settings.ENVIRONMENT.home) / "sites" / digest


def _unpack(edition: Publication, folder: Path) -> None:
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    listed = {}
    try:
        draft.mkdir(parents=True)
        for name, data in unpacked(edition).items():
            digest = hashlib.sha256(data).hexdigest()
            listed[name] = (digest, len(data))
            (draft / digest).write_bytes(data)
        (draft / _LIST).write_text(json.dumps(listed), encoding="utf-8")
        draft.rename(folder)
    except OSError as error:
        if not (folder / _LIST).exists():  # else another was faster
            raise Refused(
                _("文件没有存下: {reason}").format(reason=reason(error)), remedy=_("请检查磁盘空间后再试")
            ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
