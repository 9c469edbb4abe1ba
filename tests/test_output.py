"""Outputs appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from functools import partial
from pathlib import Path

import pytest

from tests.methodology.conftest import assert_error
from xinzhi.errors import CallError, reason
from xinzhi.language import speaking
from xinzhi.output import CONTENTS, whole_file, whole_folder

REMEDY = "请检查文件夹是否存在、是否有写入权限、磁盘是否已满"
FOREIGN = "这里已有别的内容, 不覆盖\n请换一个文件夹, 或先移走其中的文件"
MARKER = "made.txt"


def write_file(path, text="new", error=None):
    with whole_file(path) as draft:
        assert draft.parent == Path(path).parent
        assert draft.suffix == Path(path).suffix
        draft.write_text(text)
        if error:
            raise error


def write_folder(path, text="new", error=None, kind="report", inputs=()):
    with whole_folder(path, kind, inputs) as draft:
        (draft / MARKER).write_text(text)
        (draft / "sub").mkdir()
        if error:
            raise error


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


# --- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [False, True])
def test_a_file_appears_whole(tmp_path, there):
    file = tmp_path / "a.csv"
    if there:
        file.write_text("old")
    with whole_file(file) as draft:
        draft.write_text("new")
        assert file.exists() == there
    assert file.read_text() == "new"
    assert listing(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt(), OSError(errno.EPIPE, "pipe")])
@pytest.mark.parametrize("there", [False, True])
def test_no_half_written_file(tmp_path, error, there):
    file = tmp_path / "a.csv"
    if there:
        file.write_text("old")
    with pytest.raises(type(error)) as caught:
        write_file(file, error=error)
    assert caught.value is error
    assert listing(tmp_path) == (["a.csv"] if there else [])
    assert not there or file.read_text() == "old"


def test_a_block_that_leaves_no_draft(tmp_path):
    def removed():
        with whole_file(tmp_path / "a.csv") as draft:
            draft.unlink()

    message = f"{tmp_path / 'a.csv'}: 写不进去: 文件或文件夹不存在\n{REMEDY}"
    assert_error(removed, CallError, message)


def test_a_full_disk_is_told(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    message = f"{tmp_path / 'a'}: 写不进去: 磁盘已满\n{REMEDY}"
    assert_error(partial(write_file, tmp_path / "a", error=full), CallError, message)
    assert_error(partial(write_folder, tmp_path / "a", error=full), CallError, message)
    assert listing(tmp_path) == []


def test_no_folder_for_the_file(tmp_path):
    message = f"{tmp_path / 'none' / 'a.csv'}: 写不进去: 文件或文件夹不存在\n{REMEDY}"
    assert_error(partial(write_file, tmp_path / "none" / "a.csv"), CallError, message)


def test_a_folder_where_the_file_should_be(tmp_path):
    message = f"{tmp_path}: 这里已有的不是普通文件, 不能替换\n请写一个文件名"
    assert_error(partial(write_file, tmp_path), CallError, message)


def test_a_device_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    message = f"{tmp_path / 'pipe'}: 这里已有的不是普通文件, 不能替换\n请写一个文件名"
    assert_error(partial(write_file, tmp_path / "pipe"), CallError, message)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_long_names(tmp_path):
    write_file(tmp_path / f"{'a' * 250}.csv")
    assert listing(tmp_path) == [f"{'a' * 250}.csv"]
    long = tmp_path / ("a" * 300)
    assert_error(partial(write_file, long), CallError, f"{long}: 写不进去: 名称太长\n{REMEDY}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("write", [write_file, write_folder])
def test_no_permission(tmp_path, write):
    tmp_path.chmod(0o500)
    try:
        assert_error(
            partial(write, tmp_path / "a"), CallError, f"{tmp_path / 'a'}: 写不进去: 没有权限\n{REMEDY}"
        )
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path, umask, mask):
    umask(mask)
    write_file(tmp_path / "file")
    write_folder(tmp_path / "folder")
    assert mode(tmp_path / "file") == 0o666 & ~mask
    assert mode(tmp_path / "folder") == 0o777 & ~mask


# --- folders ---------------------------------------------------------------------------------------------


def test_a_folder_appears_whole(tmp_path):
    folder = tmp_path / "deep" / "out"
    with whole_folder(folder, "report") as draft:
        (draft / MARKER).write_text("new")
        assert not folder.exists()
    assert listing(tmp_path) == ["deep", "deep/out", f"deep/out/{CONTENTS}", f"deep/out/{MARKER}"]
    assert (folder / CONTENTS).read_text() == f"kind: report\n{MARKER}\n"


def test_an_empty_folder_and_our_own_are_replaced(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    write_folder(folder, "first")
    write_folder(folder, "second")
    assert listing(tmp_path) == ["out", f"out/{CONTENTS}", f"out/{MARKER}", "out/sub"]
    assert (folder / MARKER).read_text() == "second"


@pytest.mark.parametrize("spoil", ["added", "nested", "removed", "no list", "no text"])
def test_a_folder_that_is_no_longer_as_we_left_it_is_not_replaced(tmp_path, spoil):
    folder = tmp_path / "out"
    write_folder(folder, "first")
    match spoil:
        case "added":
            (folder / "thesis.docx").write_text("years of work")
        case "nested":
            (folder / "sub" / "thesis.docx").write_text("years of work")
        case "removed":
            (folder / "sub").rmdir()
        case "no list":
            (folder / CONTENTS).unlink()
        case "no text":
            (folder / CONTENTS).write_bytes(b"\xff")
    before = listing(tmp_path)
    with pytest.raises(CallError) as caught:
        write_folder(folder, "second")
    assert caught.value.what == "这里已有别的内容, 不覆盖"
    assert listing(tmp_path) == before
    assert (folder / MARKER).read_text() == "first"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("result", "这里已有一个结果文件夹, 不覆盖"),
        ("demonstration", "这里已有一份演示, 不覆盖"),
        ("poem", "这里已有别的内容, 不覆盖"),
        (None, "这里已有早先版本写出的文件夹, 没有写明种类, 不覆盖"),
    ],
)
def test_only_the_same_kind_is_replaced(tmp_path, kind, told):
    folder = tmp_path / "out"
    write_folder(folder, "first", kind="result")
    contents = folder / CONTENTS
    first, *listed = contents.read_text().splitlines()
    assert first == "kind: result"
    # The first versions wrote the list alone.
    contents.write_text("".join(f"{line}\n" for line in ([f"kind: {kind}"] if kind else []) + listed))
    with pytest.raises(CallError) as caught:
        write_folder(folder, "second", kind="report")
    assert str(caught.value) == f"{folder}: {told}\n请换一个文件夹, 或先移走其中的文件"
    assert (folder / MARKER).read_text() == "first"


@pytest.mark.parametrize("place", ["in", "in/deep/out", "."])
def test_an_output_that_overlaps_with_its_input_is_refused(tmp_path, place):
    write_folder(tmp_path / "in", "first")
    out = tmp_path / place
    with pytest.raises(CallError) as caught:
        write_folder(out, "second", inputs=[tmp_path / "in"])
    assert caught.value.what == f"输出文件夹与输入 {tmp_path / 'in'} 重叠, 会毁掉输入"
    assert (tmp_path / "in" / MARKER).read_text() == "first"
    write_folder(tmp_path / "beside", "second", inputs=[tmp_path / "in", "province-open", "no-such-file"])


def test_a_file_of_the_folder_as_input(tmp_path):
    write_folder(tmp_path / "out", "first")
    with pytest.raises(CallError, match="重叠"):
        write_folder(tmp_path / "out", "second", inputs=[tmp_path / "out" / MARKER])
    (tmp_path / "data.csv").touch()
    write_folder(tmp_path / "out", "second", inputs=[tmp_path / "data.csv"])
    assert (tmp_path / "out" / MARKER).read_text() == "second"


def test_a_link_to_our_own_stays_a_link(tmp_path):
    write_folder(tmp_path / "out", "first")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    write_folder(tmp_path / "link", "second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "out" / MARKER).read_text() == "second"


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt()])
@pytest.mark.parametrize("there", [False, True])
def test_no_half_written_folder(tmp_path, error, there):
    folder = tmp_path / "out"
    if there:
        write_folder(folder, "old")
    before = listing(tmp_path)
    with pytest.raises(type(error)):
        write_folder(folder, error=error)
    assert listing(tmp_path) == before
    assert not there or (folder / MARKER).read_text() == "old"


def test_the_old_folder_comes_back_when_the_new_one_cannot_move(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    write_folder(folder, "old")
    moved = []
    replace = Path.replace

    def second_fails(self, target):
        moved.append(self)
        if len(moved) == 2:
            raise OSError(errno.EIO, "I/O error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", second_fails)
    with pytest.raises(CallError) as caught:
        write_folder(folder)
    assert caught.value.what == "写不进去: I/O error"
    assert listing(tmp_path) == ["out", f"out/{CONTENTS}", f"out/{MARKER}", "out/sub"]
    assert (folder / MARKER).read_text() == "old"


def test_foreign_folders_and_files_are_refused(tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.docx").write_text("years of work")
    (tmp_path / "file").write_text("mine")
    for name in ("foreign", "file"):
        assert_error(partial(write_folder, tmp_path / name), CallError, f"{tmp_path / name}: {FOREIGN}")
    assert listing(tmp_path) == ["file", "foreign", "foreign/thesis.docx"]


def test_what_someone_put_there_meanwhile_stays(tmp_path):
    folder = tmp_path / "out"

    def meanwhile():
        with whole_folder(folder, "report"):
            folder.mkdir(exist_ok=True)
            (folder / "thesis.docx").touch()

    with pytest.raises(CallError) as caught:
        meanwhile()
    assert str(caught.value) == f"{folder}: {FOREIGN}"
    assert listing(tmp_path) == ["out", "out/thesis.docx"]


def test_the_folder_one_stands_in(tmp_path, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    message = ".: 不能替换当前所在的文件夹\n请换一个文件夹, 例如其中的一个新文件夹"
    assert_error(partial(write_folder, "."), CallError, message)


def test_a_file_on_the_way(tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "out"
    assert_error(partial(write_folder, path), CallError, f"{path}: 写不进去: 已有同名的文件\n{REMEDY}")


# --- reasons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        (errno.ENOENT, "文件或文件夹不存在", "there is no such file or folder"),
        (errno.EPERM, "没有权限", "permission denied"),
        (errno.EROFS, "磁盘是只读的", "the disk is read-only"),
        (errno.EFBIG, "文件太大", "the file is too large"),
        (errno.ELOOP, "链接绕成了圈", "the links lead round in a circle"),
        (errno.EIO, "words of the system", "words of the system"),
    ],
)
def test_reasons(number, chinese, english):
    error = OSError(number, "words of the system")
    assert reason(error) == chinese
    with speaking("en"):
        assert reason(error) == english
    assert reason(OSError("plain")) == "plain"
