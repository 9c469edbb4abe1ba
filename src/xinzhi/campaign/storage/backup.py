"""A backup of the platform: the database as it stands at one moment, and the files it names; never the keys.

A backup is one TAR: ``manifest.json``, ``database``, then ``files/..``. Files are stored under the hash of their
encrypted bytes before the database names them and never change, so a copy made after the database is complete.
The keys are a TAR of their own (``xinzhi backup --keys``): who finds the one cannot read contacts without the other.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from xinzhi.campaign.audit.chain import head
from xinzhi.campaign.audit.witnesses import NOTED
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.storage.models import Blob
from xinzhi.errors import CallError, XinzhiError, reason
from xinzhi.language import gettext as _
from xinzhi.output import whole_file

FORMAT = 1
DATA, KEYS = "xinzhi-data", "xinzhi-keys"
_FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_KEY = re.compile(r"keys/([a-z0-9-]{2}/[a-z0-9-]{1,80}\.(?:key|gone)|" + re.escape(NOTED) + ")")


def back_up(path: Path) -> int:
    """Write database and files into one TAR; return the number of files.

    Raises
    ------
    CallError
        If the place cannot be written, or a program that is needed is missing.
    """
    with whole_file(path) as draft, TemporaryDirectory() as folder, tarfile.open(draft, "w") as archive:
        dump = Path(folder) / "database"
        _dump(dump)
        addresses = sorted(Blob.objects.values_list("address", flat=True))
        sequence, digest = head()
        manifest = {
            "kind": DATA,
            "format": FORMAT,
            "at": timezone.now().isoformat(timespec="seconds"),
            "database": connection.vendor,
            "database_sha256": _sha256(dump),
            "files": len(addresses),
            "audit": {"sequence": sequence, "digest": digest},
        }
        _add_text(archive, "manifest.json", json.dumps(manifest, indent=1))
        archive.add(dump, "database")
        for address in addresses:
            name = f"files/{address[:2]}/{address}"
            try:
                archive.add(_home() / name, name)
            except OSError as error:
                raise XinzhiError(
                    _("数据库里有, 磁盘上读不出来: {reason}").format(reason=reason(error)),
                    where=name,
                    remedy=_("备份没有写出; 请从以前的备份取回这个文件"),
                ) from error
    return len(addresses)


def back_up_keys(path: Path) -> int:
    """Write the keys of returns into a TAR that only this user may read; return how many there are."""
    count = 0
    with whole_file(path) as draft:
        draft.chmod(0o600)
        with tarfile.open(draft, "w") as archive:
            _add_text(archive, "manifest.json", json.dumps({"kind": KEYS, "format": FORMAT}))
            for file in sorted(_keys().rglob("*")):
                name = f"keys/{file.relative_to(_keys()).as_posix()}"
                if file.is_file() and _KEY.fullmatch(name):
                    archive.add(file, name)
                    count += file.suffix == ".key"
    return count


def restore(path: Path) -> dict[str, Any]:
    """Put a backup into an empty platform on the same kind of database; return its manifest.

    Raises
    ------
    CallError
        If the file is no backup, is of another kind of database, or the platform is not empty.
    XinzhiError
        If the backup is damaged; nothing is changed then.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        if manifest["kind"] == KEYS:
            return manifest | {"keys": _restore_keys(archive)}
        if manifest.get("database") != connection.vendor:
            raise CallError(
                _("备份来自 {theirs}, 这里是 {ours}").format(
                    theirs=manifest.get("database"), ours=connection.vendor
                ),
                where=str(path),
                remedy=_("请把 XINZHI_DATABASE 设为同一种数据库"),
            )
        _require_empty()
        with TemporaryDirectory() as folder:
            dump = Path(folder) / "database"
            with dump.open("wb") as target:
                shutil.copyfileobj(_member(archive, "database", path), target)
            if _sha256(dump) != manifest["database_sha256"]:
                raise XinzhiError(_("备份里的数据库与清单不符"), where=str(path), remedy=_("请换一份备份"))
            _check_files(archive, manifest, path)
            _restore_files(archive)
            _load(dump)
    return manifest


# --- databases -------------------------------------------------------------------------------------------


def _dump(target: Path) -> None:
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    with copy:
        connection.connection.backup(copy)
    copy.close()


def _load(dump: Path) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        _run(
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(dump),
        )
        return
    place = Path(str(connection.settings_dict["NAME"]))
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.restored")
    shutil.copyfile(dump, draft)
    for leftover in ("-wal", "-shm"):
        place.with_name(place.name + leftover).unlink(missing_ok=True)
    draft.replace(place)


def _require_empty() -> None:
    if connection.introspection.table_names():
        raise CallError(
            _("这里的数据库不是空的, 不覆盖"),
            where=str(connection.settings_dict["NAME"]),
            remedy=_("请新建一个空的数据库 (SQLite: 换一个 XINZHI_HOME) 再恢复"),
        )


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL against our database; the password goes by the environment, not the command line."""
    told = connection.settings_dict
    if shutil.which(program) is None:
        raise CallError(
            _("没有 {program}").format(program=program),
            remedy=_("请安装 PostgreSQL 的客户端程序 (postgresql-client)"),
        )
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    environment = os.environ | {name: str(told[key]) for name, key in names.items() if told[key]}
    database = f"--dbname={told['NAME']}"
    done = subprocess.run(  # a fixed program with our own arguments
        [program, database, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise XinzhiError(
            _("{program} 没有完成").format(program=program),
            where=str(told["NAME"]),
            remedy=done.stderr.strip()[-500:],
        )


# --- files and keys --------------------------------------------------------------------------------------


def _check_files(archive: tarfile.TarFile, manifest: dict[str, Any], path: Path) -> None:
    """Read every file once before anything is changed: each has to be what its name says."""
    count = 0
    for member in archive:
        if member.name in ("manifest.json", "database"):
            continue
        match = _FILE.fullmatch(member.name)
        content = archive.extractfile(member) if match and member.isreg() else None
        if match is None or content is None:
            raise XinzhiError(
                _("备份里有不该有的内容: {name}").format(name=member.name[:100]), where=str(path)
            )
        if hashlib.file_digest(content, "sha256").hexdigest() != match[2]:  # type: ignore[arg-type]
            raise XinzhiError(
                _("备份里的文件已损坏: {name}").format(name=match[2]),
                where=str(path),
                remedy=_("请换一份备份"),
            )
        count += 1
    if count != manifest["files"]:
        raise XinzhiError(
            _("备份里有 {n} 个文件, 清单写 {stated} 个").format(n=count, stated=manifest["files"]),
            where=str(path),
            remedy=_("请换一份备份"),
        )


def _restore_files(archive: tarfile.TarFile) -> None:
    for member in archive:
        content = archive.extractfile(member) if _FILE.fullmatch(member.name) else None
        if content is not None:
            _write(_home() / member.name, content)


def _restore_keys(archive: tarfile.TarFile) -> int:
    """Put keys back that are missing; never one that was destroyed, here or by what the database says."""
    erased = {str(pk) for pk in Return.objects.exclude(erased_at=None).values_list("pk", flat=True)}
    count = 0
    for member in archive:
        match = _KEY.fullmatch(member.name)
        content = archive.extractfile(member) if match and member.isreg() else None
        if match is None or content is None:
            continue
        place = _keys() / match[1]
        gone = place.suffix == ".key" and (place.stem in erased or place.with_suffix(".gone").exists())
        if gone or place.exists():
            continue
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, content, 0o600)
        count += place.suffix == ".key"
    return count


def _write(place: Path, content: IO[bytes], mode: int = 0o644) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.restored")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as target:
        shutil.copyfileobj(content, target)
    draft.replace(place)


# --- the archive -----------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except tarfile.TarError as error:
        raise CallError(_("不是备份文件, 或已损坏"), where=str(path)) from error
    except OSError as error:
        raise CallError(_("读写不成: {reason}").format(reason=reason(error)), where=str(path)) from error


def _manifest(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(_member(archive, "manifest.json", path).read(100_000))
    except ValueError as error:
        raise CallError(_("不是备份文件, 或已损坏"), where=str(path)) from error
    if not isinstance(manifest, dict) or manifest.get("kind") not in (DATA, KEYS):
        raise CallError(_("不是备份文件, 或已损坏"), where=str(path))
    if manifest.get("format") != FORMAT:
        raise CallError(
            _("备份的格式 {n} 是这个版本不认得的").format(n=manifest.get("format")), where=str(path)
        )
    return manifest


def _member(archive: tarfile.TarFile, name: str, path: Path) -> IO[bytes]:
    try:
        content = archive.extractfile(name)
    except KeyError:
        content = None
    if content is None:
        raise CallError(_("不是备份文件, 或已损坏"), where=str(path))
    return content


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mtime = int(timezone.now().timestamp())
    archive.addfile(member, io.BytesIO(content))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _home() -> Path:
    return Path(settings.ENVIRONMENT.home)


def _keys() -> Path:
    return Path(settings.ENVIRONMENT.keys)
