"""Threads that read while another one commits, merges and drops."""

from __future__ import annotations

import threading

import pytest

from minidb.errors import DATABASE_IS_LOCKED, StorageError
from minidb.storage import MemoryStore, TableDef, open_store
from minidb.storage.turn import Turn
from tests.faults.script import COLUMNS, contents_of, rows

LEFT, RIGHT = ("default", "left"), ("default", "right")


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    opened = MemoryStore() if request.param == "memory" else open_store(tmp_path / "db")
    yield opened
    opened.close()


def test_readers_see_whole_commits_only(store):
    with store.begin() as transaction:
        for key in (LEFT, RIGHT):
            transaction.create_table(TableDef(*key, COLUMNS))
        transaction.commit()
    problems: list[str] = []
    is_over = threading.Event()

    def read() -> None:
        version = -1
        while not is_over.is_set():
            with store.snapshot() as snapshot:
                if snapshot.version < version:
                    problems.append("a version went back")
                version = snapshot.version
                counts = [
                    [
                        v
                        for p in snapshot.tables[key].parts
                        for v in p.read(["a"]).columns[0].to_pylist()
                    ]
                    for key in (LEFT, RIGHT)
                ]
                if counts[0] != counts[1] or counts[0] != list(range(len(counts[0]))):
                    problems.append(f"{counts}")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in range(40):
            with store.begin() as transaction:
                for key in (LEFT, RIGHT):
                    transaction.append(*key, rows(number, 1))
                    if number % 7 == 6:
                        parts = transaction.tables[key].parts
                        transaction.replace_parts(*key, parts, [rows(0, number + 1)])
                transaction.commit()
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
    assert not problems
    assert len(contents_of(store)[0][LEFT]) == 40


def test_writers_take_turns(store):
    with store.begin() as transaction:
        transaction.create_table(TableDef(*LEFT, COLUMNS))
        transaction.commit()

    def write(first: int) -> None:
        for number in range(first, first + 10):
            with store.begin() as transaction:
                transaction.append(*LEFT, rows(number, 1))
                transaction.commit()

    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 10, 20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(row[0] for row in contents_of(store)[0][LEFT]) == list(range(30))


def test_one_thread_cannot_begin_twice(store):
    with store.begin(), pytest.raises(StorageError) as caught:
        store.begin()
    assert caught.value.code == DATABASE_IS_LOCKED
    store.begin().rollback()


def test_a_thread_does_not_wait_for_ever():
    turn = Turn("the database", wait_s=0.01)
    taker = threading.Thread(target=turn.take)
    taker.start()
    taker.join()
    with pytest.raises(StorageError, match="another thread") as caught:
        turn.take()
    assert caught.value.code == DATABASE_IS_LOCKED
