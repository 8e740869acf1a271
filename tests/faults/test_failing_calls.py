"""Every call to the operating system fails once, in several ways; nothing committed is lost."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minidb.errors import (
    CORRUPTED_DATA,
    FILE_SYSTEM_ERROR,
    NOT_ENOUGH_SPACE,
    READONLY,
    StorageError,
)
from minidb.storage.disk import UNCERTAIN, DiskStore
from minidb.storage.memory import MemoryStore
from minidb.storage.vfs import CHANGING, Vfs
from tests.faults.faulty_vfs import (
    CountingVfs,
    FailingVfs,
    Fault,
    FullDiskVfs,
    ShortWritingVfs,
)
from tests.faults.script import STEPS, Contents, contents_of, run_step

# The nightly run takes every call of the modes that are least likely to differ.
STRIDES = (7, pytest.param(1, marks=pytest.mark.nightly))
WRITING = frozenset({"create", "write", "make folder"})


@pytest.fixture(scope="module")
def states() -> list[Contents]:
    """What is in the database before the first step and after each."""
    store = MemoryStore()
    found = [contents_of(store)]
    for step in STEPS:
        run_step(store, step)
        found.append(contents_of(store))
    return found


def names_on_disk(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def named_by_manifest(root: Path) -> set[str]:
    store = DiskStore(str(root), Vfs())
    with store.snapshot() as snapshot:
        files = {"minidb.lock"}
        for table in snapshot.tables.values():
            for part in table.parts:
                n_columns = len(table.definition.columns)
                files |= {f"parts/{part.name}/{i:06d}.seg" for i in range(n_columns)}
    store.close()
    manifests = sorted(path.name for path in root.glob("manifest-*"))
    assert len(manifests) == 1
    return files | set(manifests)


def run_with_fault(
    root: Path, vfs: FailingVfs, expected: tuple[type[BaseException], ...], states: list[Contents]
) -> list[BaseException]:
    """Run the script; after each failure look at the database, heal it, and go on."""
    errors: list[BaseException] = []
    store: DiskStore | None = None
    done = 0
    while done < len(STEPS):
        try:
            store = store or DiskStore(str(root), vfs)
            run_step(store, STEPS[done])
            done += 1
        except expected as error:
            errors.append(error)
            assert len(errors) == 1
            vfs.heal()
            store = store or DiskStore(str(root), vfs)
            seen = contents_of(store)
            other = DiskStore(str(root), Vfs())
            assert contents_of(other) == seen
            other.close()
            assert seen in (states[done], states[done + 1])
            if isinstance(error, StorageError) and error.hint != UNCERTAIN:
                assert seen == states[done]
            done += seen == states[done + 1]
    assert store is not None
    fault, vfs.fault = vfs.fault, None
    assert contents_of(store) == states[-1]
    vfs.fault = fault
    try:
        store.close()
    except expected as error:
        errors.append(error)
    again = DiskStore(str(root), CountingVfs())
    assert contents_of(again) == states[-1]
    again.begin().rollback()  # what a failed removal left behind goes now
    again.close()
    assert names_on_disk(root) == named_by_manifest(root)
    return errors


def every_fault(
    tmp_path: Path,
    make_vfs: Callable[[int], FailingVfs],
    expected: tuple[type[BaseException], ...],
    states: list[Contents],
    stride: int = 1,
    n_calls: int = 50,
) -> Iterator[list[BaseException]]:
    """Let the first call fail, then the next but `stride`, until none (of `n_calls`) is left."""
    for at in range(1, 10_000, stride):
        vfs = make_vfs(at)
        root = tmp_path / f"db{at}"
        errors = run_with_fault(root, vfs, expected, states)
        shutil.rmtree(root)
        if not vfs.has_failed:
            assert at > n_calls
            return
        yield errors


@pytest.mark.parametrize(
    ("is_after", "stride"),
    [(False, 1), (True, 3), pytest.param(True, 1, marks=pytest.mark.nightly)],
    ids=["not done", "done", "done, all"],
)
def test_any_call_may_fail(tmp_path, states, is_after, stride):
    def make(at: int) -> FailingVfs:
        return FailingVfs(Fault(at, OSError(errno.EIO, "Input/output error"), is_after))

    for errors in every_fault(tmp_path, make, (StorageError,), states, stride):
        assert len(errors) <= 1
        assert all(e.code in (FILE_SYSTEM_ERROR, CORRUPTED_DATA) for e in errors)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_any_call_may_be_interrupted(tmp_path, states, is_after, stride):
    def make(at: int) -> FailingVfs:
        return FailingVfs(Fault(at, KeyboardInterrupt(), is_after))

    for errors in every_fault(tmp_path, make, (KeyboardInterrupt,), states, stride):
        assert len(errors) <= 1


def test_the_disk_may_run_full_at_any_write(tmp_path, states):
    def make(at: int) -> FailingVfs:
        error = OSError(errno.ENOSPC, "No space left on device")
        return FullDiskVfs(Fault(at, error, is_lasting=True, actions=WRITING))

    for errors in every_fault(tmp_path, make, (StorageError,), states):
        assert [error.code for error in errors] == [NOT_ENOUGH_SPACE]


@pytest.mark.parametrize("stride", STRIDES)
def test_the_disk_may_go_bad_for_good(tmp_path, states, stride):
    def make(at: int) -> FailingVfs:
        error = OSError(errno.EIO, "Input/output error")
        return FailingVfs(Fault(at, error, is_lasting=True, actions=CHANGING))

    for errors in every_fault(tmp_path, make, (StorageError,), states, stride):
        assert len(errors) <= 1


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_short_writes_are_continued(tmp_path, states, limit):
    store = DiskStore(str(tmp_path / "db"), ShortWritingVfs(limit))
    for step in STEPS:
        run_step(store, step)
    assert contents_of(store) == states[-1]
    store.close()


def test_a_folder_without_permission_to_write_can_be_read(tmp_path, states):
    root = tmp_path / "db"
    store = DiskStore(str(root), CountingVfs())
    run_step(store, STEPS[0])
    store.close()
    refused = OSError(errno.EROFS, "Read-only file system")
    vfs = FailingVfs(Fault(1, refused, is_lasting=True, actions=CHANGING))
    store = DiskStore(str(root), vfs)
    assert contents_of(store) == states[1]
    with pytest.raises(StorageError) as caught:
        store.begin()
    assert caught.value.code == READONLY
    assert contents_of(store) == states[1]
    store.close()


def test_a_commit_that_nobody_knows_of_says_so(tmp_path, states):
    def make(at: int) -> FailingVfs:
        error = OSError(errno.EIO, "Input/output error")
        return FailingVfs(Fault(at, error, is_lasting=True, actions=frozenset({"sync folder"})))

    hints = [
        e.hint
        for errors in every_fault(tmp_path, make, (StorageError,), states, 1, 10)
        for e in errors
    ]
    assert hints.count(UNCERTAIN) >= len(STEPS)
