"""Opening by path: what becomes a database, what is refused, and who shares."""

from __future__ import annotations

import os
import sys

import pytest

from minidb.errors import (
    CONNECTION_IS_CLOSED,
    DATABASE_IS_NEWER,
    FILE_DOESNT_EXIST,
    FILE_SYSTEM_ERROR,
    NOT_A_DATABASE,
    READONLY,
    StorageError,
)
from minidb.storage import MemoryStore, TableDef, open_store
from minidb.storage.manifest import Manifest, encode_manifest
from tests.faults.script import COLUMNS, T, contents_of, create_t, rows, run_step

MEMORY_TABLE = TableDef("default", "m", COLUMNS, "Memory")


def refused(path) -> StorageError:
    with pytest.raises(StorageError) as caught:
        open_store(path)
    return caught.value


def test_memory_is_a_new_database_each_time():
    first, second = open_store(":memory:"), open_store(":memory:")
    assert isinstance(first, MemoryStore)
    assert first is not second


def test_reading_creates_nothing(tmp_path):
    store = open_store(tmp_path / "db")
    assert contents_of(store) == ({}, {})
    store.close()
    assert not (tmp_path / "db").exists()


def test_the_first_write_creates_the_folder(tmp_path):
    store = open_store(tmp_path / "db")
    run_step(store, create_t)
    store.close()
    names = sorted(path.name for path in (tmp_path / "db").iterdir())
    assert names == ["manifest-000000000002", "minidb.lock", "parts"]
    assert (tmp_path / "db" / "minidb.lock").read_bytes() == b""


def test_an_empty_folder_becomes_a_database(tmp_path):
    store = open_store(tmp_path)
    run_step(store, create_t)
    assert len(contents_of(store)[0][T]) == 3
    store.close()


def test_a_path_without_parent_is_refused(tmp_path):
    error = refused(tmp_path / "no" / "db")
    assert error.code == FILE_DOESNT_EXIST
    assert error.hint == "create the parent folder first"


def test_a_file_is_no_database(tmp_path):
    path = tmp_path / "file"
    path.write_text("text")
    assert refused(path).code == NOT_A_DATABASE
    assert path.read_text() == "text"


def test_a_foreign_folder_is_no_database_and_stays_untouched(tmp_path):
    (tmp_path / "letter.txt").write_text("text")
    error = refused(tmp_path)
    assert error.code == NOT_A_DATABASE
    assert "letter.txt" in error.message
    assert os.listdir(tmp_path) == ["letter.txt"]


@pytest.mark.parametrize("path", ["", "a\0b", "\ud800", "x" * 5000], ids=ascii)
def test_what_cannot_be_a_path_is_refused(path):
    assert refused(path).code in (NOT_A_DATABASE, FILE_SYSTEM_ERROR, FILE_DOESNT_EXIST)


def test_a_newer_database_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("minidb.storage.manifest.MANIFEST_FORMAT", 2)
    content = encode_manifest(Manifest(3, 1))
    monkeypatch.undo()
    (tmp_path / "manifest-000000000003").write_bytes(content)
    error = refused(tmp_path)
    assert error.code == DATABASE_IS_NEWER
    assert "manifest-000000000003" in error.message


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user"
)
def test_a_folder_that_cannot_be_written_can_be_read(tmp_path):
    root = tmp_path / "db"
    store = open_store(root)
    run_step(store, create_t)
    store.close()
    root.chmod(0o555)
    store = open_store(root)
    assert len(contents_of(store)[0][T]) == 3
    (root / "minidb.lock").chmod(0o444)
    with pytest.raises(StorageError) as caught:
        store.begin()
    assert caught.value.code == READONLY
    store.close()
    root.chmod(0o755)


def test_handles_on_one_folder_share_a_store(tmp_path):
    (tmp_path / "sub").mkdir()
    first = open_store(tmp_path / "db")
    second = open_store(str(tmp_path / "sub" / ".." / "db"))
    assert first.shared is second.shared
    run_step(first, create_t)
    first.close()
    first.close()
    assert len(contents_of(second)[0][T]) == 3
    second.close()
    with pytest.raises(StorageError) as caught:
        second.snapshot()
    assert caught.value.code == CONNECTION_IS_CLOSED


def test_a_snapshot_outlives_the_handle(tmp_path):
    store = open_store(tmp_path / "db")
    run_step(store, create_t)
    snapshot = store.snapshot()
    store.close()
    assert snapshot.tables[T].parts[0].read(["a"]).columns[0].to_pylist() == [0, 1, 2]
    snapshot.release()


def test_a_transaction_does_not_outlive_the_store(tmp_path):
    store = open_store(tmp_path / "db")
    transaction = store.begin()
    transaction.create_table(TableDef(*T, COLUMNS))
    store.close()
    with pytest.raises(StorageError) as caught:
        transaction.append(*T, rows(0, 1))
    assert caught.value.code == CONNECTION_IS_CLOSED
    with pytest.raises(StorageError) as caught:
        transaction.commit()
    assert caught.value.code == CONNECTION_IS_CLOSED
    store = open_store(tmp_path / "db")
    assert contents_of(store) == ({}, {})
    store.close()


def test_rows_of_engine_memory_last_as_long_as_the_store(tmp_path):
    store = open_store(tmp_path / "db")
    with store.begin() as transaction:
        transaction.create_table(MEMORY_TABLE)
        transaction.commit()
    before = sorted(os.listdir(tmp_path / "db"))
    version = store.snapshot().version
    with store.begin() as transaction:
        transaction.append(*MEMORY_TABLE.key, rows(0, 3))
        transaction.commit()
    assert store.snapshot().version > version
    assert sorted(os.listdir(tmp_path / "db")) == before
    run_step(store, create_t)
    assert len(contents_of(store)[0][MEMORY_TABLE.key]) == 3
    store.close()
    store = open_store(tmp_path / "db")
    assert contents_of(store)[0][MEMORY_TABLE.key] == []
    assert len(contents_of(store)[0][T]) == 3
    store.close()


def test_dropped_parts_are_removed_when_the_last_snapshot_goes(tmp_path):
    store = open_store(tmp_path / "db")
    run_step(store, create_t)
    snapshot = store.snapshot()
    with store.begin() as transaction:
        transaction.drop_table(*T)
        transaction.commit()
    assert len(os.listdir(tmp_path / "db" / "parts")) == 1
    snapshot.release()
    store.begin().rollback()
    assert os.listdir(tmp_path / "db" / "parts") == []
    store.close()
