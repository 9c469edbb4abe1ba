"""Backup and restore on the kind of database under test: what comes back, what does not, what is refused."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.installations import Installation, installation

# In one worker, so that the installation that is backed up is filled once.
pytestmark = pytest.mark.xdist_group("backup")

CONTACT = (
    "import django; django.setup();"
    "from xinzhi.campaign.returns.models import Return; from xinzhi.campaign.returns.drafts import texts_of;"
    "from xinzhi.campaign.storage.files import take;"
    "case = Return.objects.get(sort='case'); print(texts_of(case)['phone'].text);"
    "print(take(case.attachments.get().blob).decode())"
)
"""Prints a contact and an original, which takes the key."""

COUNTED = (
    "import django; django.setup(); from django.apps import apps;"
    "print({m._meta.label: m.objects.count() for m in apps.get_models()})"
)
ERASE = (
    "import django; django.setup();"
    "from xinzhi.campaign.acting import the_system; from xinzhi.campaign.returns.models import Return;"
    "from xinzhi.campaign.returns.operations import erase_personal_data;"
    "erase_personal_data(the_system(), Return.objects.get(sort='case'))"
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a frozen campaign."""
    with installation(tmp_path_factory.mktemp("full") / "home") as made:
        made.does("-m", "tests.campaign.populated")
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """An installation without tables."""
    with installation(tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="module")
def data(full: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of the full installation."""
    file = tmp_path_factory.mktemp("backup") / "data.tar"
    done = full.command("backup", "-o", file)
    assert (done.returncode, done.stdout) == (0, f"已写出 {file}: 数据库和 1 个文件\n"), done.stderr
    return file


def test_all_comes_back_and_contacts_only_with_the_keys(
    full: Installation, empty: Installation, data: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.tar"
    done = full.command("backup", "--keys", "-o", keys)
    assert (done.returncode, done.stdout) == (0, f"已写出 {keys}: 3 个密钥\n")
    assert keys.stat().st_mode & 0o777 == 0o600
    with tarfile.open(data) as archive:
        assert [name for name in archive.getnames() if "key" in name] == []

    restored = empty.command("restore", data)
    assert restored.returncode == 0, restored.stderr
    assert "1 个文件" in restored.stdout
    assert empty.does("-c", COUNTED) == full.does("-c", COUNTED)
    assert empty.command("audit", "verify").returncode == 0
    without = empty.run("-c", CONTACT)
    assert without.returncode == 1 and "Erased: " in without.stderr

    assert empty.command("restore", keys).stdout == "恢复了 3 个密钥\n"
    assert empty.does("-c", CONTACT) == full.does("-c", CONTACT) == "010-00000000\noriginal of the case\n"


def test_an_erased_key_does_not_come_back_and_the_audit_still_holds(
    full: Installation, empty: Installation, data: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.tar"
    full.command("backup", "--keys", "-o", keys)
    assert empty.command("restore", data).returncode == 0
    assert empty.command("restore", keys).returncode == 0
    empty.does("-c", ERASE)
    gone = empty.run("-c", CONTACT)
    assert gone.returncode == 1 and "个人信息已经清除" in gone.stderr
    verified = empty.command("audit", "verify")
    assert (verified.returncode, verified.stderr) == (0, "")
    # A backup of the keys from before does not bring it back, even where the grave is gone.
    for grave in empty.keys.rglob("*.gone"):
        grave.unlink()
    assert empty.command("restore", keys).stdout == "恢复了 0 个密钥\n"
    assert empty.run("-c", CONTACT).returncode == 1


def test_a_platform_with_data_is_not_replaced(full: Installation, data: Path) -> None:
    counted = full.does("-c", COUNTED)
    done = full.command("restore", data)
    assert done.returncode == 2
    assert "这里的数据库不是空的, 不覆盖" in done.stderr
    assert full.does("-c", COUNTED) == counted


def rewritten(data: Path, target: Path, change) -> Path:
    """The backup with each member (name, content) changed; None leaves it out."""
    with tarfile.open(data) as before, tarfile.open(target, "w") as after:
        for member in before:
            changed = change(member.name, before.extractfile(member).read())  # type: ignore[union-attr]
            if changed is not None:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                after.addfile(info, io.BytesIO(changed[1]))
    return target


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda name, content: (name, content[:-1] + b"x" if name.startswith("files/") else content),
            "备份里的文件已损坏",
        ),
        (
            lambda name, content: None if name.startswith("files/") else (name, content),
            "备份里有 0 个文件, 清单写 1 个",
        ),
        (
            lambda name, content: (name, content + b"x" if name == "database" else content),
            "备份里的数据库与清单不符",
        ),
        (
            lambda name, content: (f"../{name}" if name.startswith("files/") else name, content),
            "备份里有不该有的内容",
        ),
        (lambda name, content: None if name == "database" else (name, content), "不是备份文件, 或已损坏"),
        (
            lambda name, content: (name, b"{}" if name == "manifest.json" else content),
            "不是备份文件, 或已损坏",
        ),
    ],
    ids=[
        "damaged file",
        "lost file",
        "damaged database",
        "path that leads out",
        "no database",
        "no manifest",
    ],
)
def test_a_damaged_backup_is_refused_and_nothing_is_changed(
    empty: Installation, data: Path, tmp_path: Path, change, said: str
) -> None:
    done = empty.command("restore", rewritten(data, tmp_path / "bad.tar", change))
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [*(empty.home / "files").glob("**/*")] == []
    assert empty.run("-c", "import django; django.setup(); from django.db import connection;"
                     "print(connection.introspection.table_names())").stdout == "[]\n"  # fmt: skip


def test_what_is_no_backup(empty: Installation, tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("no archive")
    assert "不是备份文件, 或已损坏" in empty.command("restore", tmp_path / "text.tar").stderr
    missing = empty.command("restore", tmp_path / "none.tar")
    assert (missing.returncode, "文件或文件夹不存在" in missing.stderr) == (2, True)


def test_a_backup_does_not_replace_a_file(full: Installation, data: Path) -> None:
    before = data.read_bytes()
    assert full.command("backup", "-o", data).returncode == 2
    assert data.read_bytes() == before


def test_a_file_that_is_missing_on_the_disk_stops_the_backup(
    empty: Installation, data: Path, tmp_path: Path
) -> None:
    assert empty.command("restore", data).returncode == 0
    (lost,) = (empty.home / "files").glob("*/*")
    lost.unlink()
    done = empty.command("backup", "-o", tmp_path / "second.tar")
    assert (done.returncode, f"files/{lost.parent.name}/{lost.name}" in done.stderr) == (1, True)
    assert not (tmp_path / "second.tar").exists()
