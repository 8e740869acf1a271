"""What other processes do in the tests: ``python -m tests.faults.processes TASK PATH``.

Each talks on stdout, one line at a time, and waits for lines on stdin where it says so.
"""

from __future__ import annotations

import os
import sys

from minidb.errors import StorageError
from minidb.storage import TableDef, open_store
from minidb.storage.store import Store
from tests.faults.script import COLUMNS, contents_of, rows

EVERY = 5


def say(text: object) -> None:
    print(text, flush=True)  # noqa: T201 - the other process reads it


def insert_forever(store: Store) -> None:
    """Insert one row into two tables per commit, merge now and then, and say each number."""
    with store.begin() as transaction:
        for name in ("left", "right"):
            if ("default", name) not in transaction.tables:
                transaction.create_table(TableDef("default", name, COLUMNS))
        transaction.commit()
    number = len(contents_of(store)[0]["default", "left"])
    while True:
        with store.begin() as transaction:
            for name in ("left", "right"):
                transaction.append("default", name, rows(number, 1))
                if number % EVERY == EVERY - 1:
                    parts = transaction.tables["default", name].parts
                    transaction.replace_parts("default", name, parts, [rows(0, number + 1)])
            transaction.commit()
        say(number)
        number += 1


def hold_a_snapshot(store: Store) -> None:
    """Take a snapshot, and read it only when told."""
    with store.snapshot() as snapshot:
        say(snapshot.version)
        sys.stdin.readline()
        found = {
            key: sum(part.read(["a"]).n_rows for part in table.parts)
            for key, table in snapshot.tables.items()
        }
        say(sorted(found.items()))
    say(sorted((key, len(found)) for key, found in contents_of(store)[0].items()))


def hold_the_lock(store: Store) -> None:
    """Be the writer until told to end; commit a table in between."""
    transaction = store.begin()
    say("locked")
    sys.stdin.readline()
    transaction.create_table(TableDef("default", "made", COLUMNS))
    transaction.commit()
    say("committed")
    sys.stdin.readline()


def fork(store: Store) -> None:
    """Fork while writing: the child must not write, and the parent must go on."""
    transaction = store.begin()
    transaction.create_table(TableDef("default", "made", COLUMNS))
    transaction.append("default", "made", rows(0, 2))
    child = os.fork()
    if child == 0:
        for action in (store.begin, transaction.commit):
            try:
                action()
            except StorageError as error:
                say(error.code.name)
        say(len(contents_of(store)[0]))
        transaction.rollback()
        store.close()
        os._exit(0)
    os.waitpid(child, 0)
    transaction.commit()
    say(len(contents_of(store)[0]["default", "made"]))


TASKS = {task.__name__: task for task in (insert_forever, hold_a_snapshot, hold_the_lock, fork)}

if __name__ == "__main__":
    opened = open_store(sys.argv[2])
    TASKS[sys.argv[1]](opened)
    opened.close()
