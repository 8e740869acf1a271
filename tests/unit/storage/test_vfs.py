"""The one class that touches files: its answers and its errors."""

from __future__ import annotations

import errno

import pytest

from minidb.errors import (
    CORRUPTED_DATA,
    FILE_SYSTEM_ERROR,
    NOT_ENOUGH_SPACE,
    READONLY,
    StorageError,
)
from minidb.storage.vfs import Vfs, storage_error


@pytest.fixture
def vfs() -> Vfs:
    return Vfs()


def test_ranges_of_a_file_are_read(vfs, tmp_path):
    path = str(tmp_path / "file")
    vfs.write_new(path, [b"abc", memoryview(b"defg"), b""])
    assert vfs.read(path, [(0, 7), (5, 2), (2, 0), (1, 3)]) == [b"abcdefg", b"fg", b"", b"bcd"]


def test_reading_past_the_end_is_damage(vfs, tmp_path):
    path = str(tmp_path / "file")
    vfs.write_new(path, [b"abc"])
    with pytest.raises(StorageError, match="has 3 bytes") as caught:
        vfs.read(path, [(1, 1 << 60)])
    assert caught.value.code == CORRUPTED_DATA


def test_a_missing_file_is_damage(vfs, tmp_path):
    with pytest.raises(StorageError, match="nope") as caught:
        vfs.read(str(tmp_path / "nope"), [(0, 1)])
    assert caught.value.code == CORRUPTED_DATA


def test_an_existing_file_is_not_overwritten(vfs, tmp_path):
    path = str(tmp_path / "file")
    vfs.write_new(path, [b"abc"])
    with pytest.raises(StorageError, match="exists") as caught:
        vfs.write_new(path, [b"d"])
    assert caught.value.code == FILE_SYSTEM_ERROR
    assert vfs.read(path, [(0, 3)]) == [b"abc"]


def test_kinds_and_names(vfs, tmp_path):
    folder = str(tmp_path / "folder")
    assert vfs.kind(folder) == "missing"
    assert vfs.names_in(folder) == []
    vfs.make_folder(folder)
    vfs.write_new(folder + "/b", [])
    vfs.write_new(folder + "/a", [])
    assert vfs.kind(folder) == "folder"
    assert vfs.kind(folder + "/a") == "file"
    assert vfs.kind(folder + "/a/b") == "missing"
    assert vfs.names_in(folder) == ["a", "b"]
    vfs.rename(folder + "/a", folder + "/b")
    vfs.sync_folder(folder)
    assert vfs.names_in(folder) == ["b"]
    vfs.remove_folder(folder)
    vfs.remove_folder(folder)
    vfs.remove(folder)
    assert vfs.kind(folder) == "missing"


def test_a_held_file_is_not_removed(vfs, tmp_path):
    path = str(tmp_path / "file")
    assert vfs.hold(path) is None
    assert vfs.remove_unheld(path)
    vfs.write_new(path, [b"abc"])
    first, second = vfs.hold(path), vfs.hold(path)
    assert first is not None
    assert second is not None
    first.close()
    assert not vfs.remove_unheld(path)
    assert second.read() == b"abc"
    second.close()
    second.close()
    assert vfs.remove_unheld(path)
    with pytest.raises(StorageError, match="closed"):
        second.read()


def test_one_writer_has_the_lock(vfs, tmp_path):
    path = str(tmp_path / "lock")
    lock = vfs.lock_writer(path)
    assert lock is not None
    assert vfs.lock_writer(path) is None
    lock.close()
    again = vfs.lock_writer(path)
    assert again is not None
    again.close()


@pytest.mark.parametrize(
    ("action", "number", "code"),
    [
        ("write", errno.ENOSPC, NOT_ENOUGH_SPACE),
        ("sync", errno.EDQUOT, NOT_ENOUGH_SPACE),
        ("create", errno.EACCES, READONLY),
        ("make folder", errno.EROFS, READONLY),
        ("open", errno.EACCES, FILE_SYSTEM_ERROR),
        ("open", errno.ENOENT, CORRUPTED_DATA),
        ("read", errno.EIO, FILE_SYSTEM_ERROR),
        ("open", errno.EMFILE, FILE_SYSTEM_ERROR),
    ],
)
def test_errors_have_codes_and_name_the_file(action, number, code):
    error = storage_error(action, "/some/file", OSError(number, "Reason"))
    assert error.code == code
    assert error.message == f"cannot {action} '/some/file': reason"
