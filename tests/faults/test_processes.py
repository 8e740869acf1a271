"""Several processes on one folder, some of them killed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minidb.errors import DATABASE_IS_LOCKED, StorageError
from minidb.storage import TableDef, open_store
from tests.faults.script import COLUMNS, contents_of, rows

ROOT = Path(__file__).resolve().parents[2]
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")


def start(task: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.processes", task, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, text=True, **pipes)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def rest_of(process: subprocess.Popen[str]) -> str:
    """Return what is left to read; `communicate` would miss what `readline` has buffered."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    rest = process.stdout.read()
    process.stdout.close()
    process.wait(timeout=60)
    return rest


def finish(process: subprocess.Popen[str]) -> str:
    rest = rest_of(process)
    assert process.returncode == 0
    return rest.strip()


@pytest.mark.parametrize("n_rounds", [12, pytest.param(200, marks=pytest.mark.nightly)])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path, n_rounds):
    chance = random.Random(n_rounds)
    path = tmp_path / "db"
    last = -1
    for _ in range(n_rounds):
        process = start("insert_forever", path)
        last = max(last, int(line_of(process)))  # it has begun: what follows is only commits
        time.sleep(chance.random() * 0.15)
        process.kill()
        rest = rest_of(process)
        last = max([last, *map(int, rest.splitlines())])
        store = open_store(path)
        tables, _ = contents_of(store)
        left, right = tables["default", "left"], tables["default", "right"]
        assert left == right
        numbers = [row[0] for row in left]
        assert numbers == list(range(len(numbers)))
        assert last + 1 <= len(numbers) <= last + 2
        store.close()
    check_nothing_is_left_over(path)


def check_nothing_is_left_over(path: Path) -> None:
    store = open_store(path)
    store.begin().rollback()
    with store.snapshot() as snapshot:
        named = {part.name for table in snapshot.tables.values() for part in table.parts}
    assert {folder.name for folder in (path / "parts").iterdir()} == named
    assert len(list(path.glob("manifest-*"))) == 1
    store.close()


def test_a_reader_in_another_process_keeps_its_parts(tmp_path):
    path = tmp_path / "db"
    store = open_store(path)
    with store.begin() as transaction:
        transaction.create_table(TableDef("default", "t", COLUMNS))
        transaction.append("default", "t", rows(0, 3))
        transaction.append("default", "t", rows(3, 2))
        transaction.commit()
    reader = start("hold_a_snapshot", path)
    line_of(reader)
    old = {folder.name for folder in (path / "parts").iterdir()}
    with store.begin() as transaction:
        parts = transaction.tables["default", "t"].parts
        transaction.replace_parts("default", "t", parts, [rows(0, 1)])
        transaction.commit()
    store.close()
    store = open_store(path)
    store.begin().rollback()  # a new writer tidies up, and must leave the reader's parts too
    assert old < {folder.name for folder in (path / "parts").iterdir()}
    tell(reader)
    assert line_of(reader) == "[(('default', 't'), 5)]"
    assert finish(reader) == "[(('default', 't'), 1)]"
    store.begin().rollback()
    assert len(list((path / "parts").iterdir())) == 1
    store.close()


def test_a_second_writing_process_is_refused_and_reads_on(tmp_path):
    path = tmp_path / "db"
    writer = start("hold_the_lock", path)
    assert line_of(writer) == "locked"
    store = open_store(path)
    with pytest.raises(StorageError, match="another process is writing") as caught:
        store.begin()
    assert caught.value.code == DATABASE_IS_LOCKED
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert contents_of(store) == ({}, {})
    tell(writer)
    assert line_of(writer) == "committed"
    assert contents_of(store) == ({("default", "made"): []}, {})
    with pytest.raises(StorageError):
        store.begin()
    tell(writer)
    finish(writer)
    with store.begin() as transaction:
        transaction.append("default", "made", rows(0, 1))
        transaction.commit()
    assert len(contents_of(store)[0]["default", "made"]) == 1
    store.close()


@POSIX_ONLY
def test_a_forked_child_does_not_write(tmp_path):
    process = start("fork", tmp_path / "db")
    lines = finish(process).splitlines()
    assert lines == ["DATABASE_IS_LOCKED", "CONNECTION_IS_CLOSED", "0", "2"]
    store = open_store(tmp_path / "db")
    assert len(contents_of(store)[0]["default", "made"]) == 2
    store.close()
